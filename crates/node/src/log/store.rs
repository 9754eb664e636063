//! The log's objects, in a directory or in anything else `object_store` speaks to.
//!
//! Not trusted for what it returns: tiles are checked against signed roots. Trusted for one thing, that of two creations of
//! one name one fails (LOG-55).

use std::path::Path as FsPath;
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use futures::stream::StreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};

/// Our surroundings failed; `what` names object and cause for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub what: String,
}

/// Outcome of a creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    New,
    /// The name was taken.
    Exists,
}

/// Outcome of a write that may happen twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The store holds exactly these bytes.
    Same,
    /// LOG-19: it holds others, and keeps them.
    Differs,
}

#[derive(Clone, Debug)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
}

fn fault(path: &str, error: &object_store::Error) -> Fault {
    Fault { what: format!("{path}: {error}") }
}

impl Store {
    pub fn new(objects: Arc<dyn ObjectStore>) -> Store {
        Store { objects }
    }

    /// An existing directory. LOG-67: every write is fsynced, file and directory.
    pub fn local(directory: &FsPath) -> Result<Store, Fault> {
        let objects = object_store::local::LocalFileSystem::new_with_prefix(directory)
            .map_err(|error| fault(&directory.display().to_string(), &error))?
            .with_fsync(true)
            .with_automatic_cleanup(true);
        Ok(Store::new(Arc::new(objects)))
    }

    pub async fn read(&self, path: &str) -> Result<Option<Bytes>, Fault> {
        let got = match self.objects.get(&Path::from(path)).await {
            Ok(found) => found.bytes().await,
            Err(error) => Err(error),
        };
        match got {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(fault(path, &error)),
        }
    }

    /// Part of an object; `None` if there is no such object or it ends before the range does.
    pub async fn read_range(&self, path: &str, range: std::ops::Range<u64>) -> Result<Option<Bytes>, Fault> {
        let (len, end) = (range.end.saturating_sub(range.start), range.end);
        match self.objects.get_range(&Path::from(path), range).await {
            Ok(bytes) => Ok((bytes.len() as u64 == len).then_some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            // Each kind of store has its own error for an object that is shorter: look whether that is why.
            Err(error) => match self.objects.head(&Path::from(path)).await {
                Ok(meta) if meta.size < end => Ok(None),
                _ => Err(fault(path, &error)),
            },
        }
    }

    pub async fn create(&self, path: &str, bytes: Vec<u8>) -> Result<Created, Fault> {
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.objects.put_opts(&Path::from(path), PutPayload::from(bytes), options).await {
            Ok(_) => Ok(Created::New),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(Created::Exists),
            Err(error) => Err(fault(path, &error)),
        }
    }

    /// Creates, or finds what is there; never rewrites.
    pub async fn keep(&self, path: &str, bytes: &[u8]) -> Result<Kept, Fault> {
        if self.create(path, bytes.to_vec()).await? == Created::New {
            return Ok(Kept::Same);
        }
        let held = self.read(path).await?;
        Ok(if held.as_deref() == Some(bytes) { Kept::Same } else { Kept::Differs })
    }

    /// `checkpoint` is the only object ever replaced.
    pub async fn replace(&self, path: &str, bytes: Vec<u8>) -> Result<(), Fault> {
        let put = self.objects.put(&Path::from(path), PutPayload::from(bytes)).await;
        put.map(|_| ()).map_err(|error| fault(path, &error))
    }

    /// An absent object counts as deleted.
    pub async fn delete(&self, path: &str) -> Result<(), Fault> {
        match self.objects.delete(&Path::from(path)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(fault(path, &error)),
        }
    }

    /// All paths below `prefix`, sorted.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, Fault> {
        let found = self.objects.list(Some(&Path::from(prefix))).map(|meta| meta.map(|meta| meta.location.to_string()));
        let mut paths: Vec<String> = found.try_collect().await.map_err(|error| fault(prefix, &error))?;
        paths.sort();
        Ok(paths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn log_19_a_name_keeps_its_first_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::local(dir.path()).unwrap();
        assert_eq!(store.keep("tile/0/x001/000.p/7", b"one").await, Ok(Kept::Same));
        assert_eq!(store.keep("tile/0/x001/000.p/7", b"one").await, Ok(Kept::Same));
        assert_eq!(store.keep("tile/0/x001/000.p/7", b"two").await, Ok(Kept::Differs));
        assert_eq!(store.read("tile/0/x001/000.p/7").await.unwrap().as_deref(), Some(&b"one"[..]));
        assert_eq!(store.list("tile").await.unwrap(), ["tile/0/x001/000.p/7"]);
        store.delete("tile/0/x001/000.p/7").await.unwrap();
        store.delete("tile/0/x001/000.p/7").await.unwrap();
        assert_eq!(store.read("tile/0/x001/000.p/7").await, Ok(None));
    }

    #[tokio::test]
    async fn log_55_one_of_eight_creators_wins() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::local(dir.path()).unwrap();
        for seq in 0..20 {
            let path = format!("state/{seq:020}");
            let tries = (0..8u8).map(|writer| store.create(&path, vec![writer]));
            let won = futures::future::join_all(tries).await.into_iter().filter(|made| *made == Ok(Created::New)).count();
            assert_eq!(won, 1);
        }
    }
}
