//! An object store that fails where it is told to: before writing, or after it has written.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use futures::stream::{BoxStream, StreamExt};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions,
    PutPayload, PutResult, Result,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    NotWritten,
    WrittenAnyway,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Put,
    Delete,
    Get,
}

/// The next operation of this kind on a path with this prefix fails, once.
#[derive(Clone, Debug)]
pub struct Plan {
    pub operation: Operation,
    pub prefix: &'static str,
    pub failure: Failure,
}

#[derive(Clone, Debug)]
pub struct Faulty {
    inner: Arc<dyn ObjectStore>,
    plan: Arc<Mutex<Option<Plan>>>,
}

impl Faulty {
    pub fn new(inner: Arc<dyn ObjectStore>) -> Faulty {
        Faulty { inner, plan: Arc::default() }
    }
    pub fn fail(&self, plan: Plan) {
        *self.plan.lock().unwrap() = Some(plan);
    }
    /// True once the planned failure has happened.
    pub fn failed(&self) -> bool {
        self.plan.lock().unwrap().is_none()
    }
    fn strike(&self, operation: Operation, path: &Path) -> Option<Failure> {
        let mut plan = self.plan.lock().unwrap();
        let hit = plan.as_ref().is_some_and(|plan| plan.operation == operation && path.as_ref().starts_with(plan.prefix));
        if hit { plan.take().map(|plan| plan.failure) } else { None }
    }
}

fn broken() -> Error {
    Error::Generic { store: "faulty", source: "planned failure".into() }
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("faulty")
    }
}

type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

impl ObjectStore for Faulty {
    fn put_opts<'s, 'l, 'f>(&'s self, location: &'l Path, payload: PutPayload, options: PutOptions) -> Later<'f, PutResult>
    where
        's: 'f,
        'l: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            match self.strike(Operation::Put, location) {
                Some(Failure::NotWritten) => Err(broken()),
                Some(Failure::WrittenAnyway) => {
                    self.inner.put_opts(location, payload, options).await?;
                    Err(broken())
                }
                None => self.inner.put_opts(location, payload, options).await,
            }
        })
    }

    fn put_multipart_opts<'s, 'l, 'f>(&'s self, location: &'l Path, options: PutMultipartOptions) -> Later<'f, Box<dyn MultipartUpload>>
    where
        's: 'f,
        'l: 'f,
        Self: 'f,
    {
        self.inner.put_multipart_opts(location, options)
    }

    fn get_opts<'s, 'l, 'f>(&'s self, location: &'l Path, options: GetOptions) -> Later<'f, GetResult>
    where
        's: 'f,
        'l: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            match self.strike(Operation::Get, location) {
                Some(_) => Err(broken()),
                None => self.inner.get_opts(location, options).await,
            }
        })
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let this = self.clone();
        let each = locations.then(move |location| {
            let this = this.clone();
            async move {
                let location = location?;
                let struck = this.strike(Operation::Delete, &location);
                if struck != Some(Failure::NotWritten) {
                    let one = futures::stream::once(futures::future::ready(Ok(location.clone()))).boxed();
                    this.inner.delete_stream(one).next().await.unwrap()?;
                }
                if struck.is_some() { Err(broken()) } else { Ok(location) }
            }
        });
        each.boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_delimiter<'s, 'l, 'f>(&'s self, prefix: Option<&'l Path>) -> Later<'f, ListResult>
    where
        's: 'f,
        'l: 'f,
        Self: 'f,
    {
        self.inner.list_with_delimiter(prefix)
    }

    fn copy_opts<'s, 'a, 'b, 'f>(&'s self, from: &'a Path, to: &'b Path, options: CopyOptions) -> Later<'f, ()>
    where
        's: 'f,
        'a: 'f,
        'b: 'f,
        Self: 'f,
    {
        self.inner.copy_opts(from, to, options)
    }
}
