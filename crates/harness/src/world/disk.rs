//! Disks that die and lie: for a trustee's folder, and for whatever speaks to an object store.
//!
//! A write that kills its process fails like one (`Err`), and everything after it fails too until the process is started again on
//! what is really there. Reading back other bytes than were written is the store's other sin.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use futures::stream::{BoxStream, StreamExt};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions,
    PutPayload, PutResult, Result,
};
use trustee::disk::Disk;

/// How a write dies: each step has to bear it unwritten, and written all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Death {
    NotWritten,
    WrittenAnyway,
    /// Half of an appended line. Other writes are whole or absent by their nature.
    Torn,
}

/// What is to happen to the writes of one process.
#[derive(Clone, Copy, Debug, Default)]
struct Fate {
    /// Writes from now until one kills the process.
    dies: Option<(u64, Death)>,
    /// Writes from now until one fails and the process lives on.
    fails: Option<(u64, Death)>,
    dead: bool,
    /// The next object read back has a bit turned over.
    garbles: bool,
    /// Every bundle of entries read has one.
    alters_entries: bool,
    /// Writes from now until one is acknowledged and lost when the process dies.
    forgets: Option<u64>,
    struck: Struck,
}

/// What came to pass of it, over all lives of the process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Struck {
    pub died: bool,
    pub failed: bool,
    pub garbled: bool,
}

enum Outcome {
    Done,
    /// Done, until the process dies.
    Forgotten,
    Fails(Death),
}

impl Fate {
    fn write(&mut self) -> Outcome {
        if self.dead {
            return Outcome::Fails(Death::NotWritten);
        }
        let struck = |plan: &mut Option<(u64, Death)>| match plan {
            Some((0, death)) => {
                let death = *death;
                *plan = None;
                Some(death)
            }
            Some((left, _)) => {
                *left -= 1;
                None
            }
            None => None,
        };
        if let Some(death) = struck(&mut self.dies) {
            (self.dead, self.struck.died) = (true, true);
            return Outcome::Fails(death);
        }
        if let Some(death) = struck(&mut self.fails) {
            self.struck.failed = true;
            return Outcome::Fails(death);
        }
        match &mut self.forgets {
            Some(0) => {
                self.forgets = None;
                Outcome::Forgotten
            }
            Some(left) => {
                *left -= 1;
                Outcome::Done
            }
            None => Outcome::Done,
        }
    }
}

/// A trustee's folder in memory. Clones are the same folder.
#[derive(Clone, Default)]
pub struct Paper {
    files: Rc<RefCell<BTreeMap<String, Vec<u8>>>>,
    fate: Rc<Cell<Fate>>,
    /// What the disk really holds, once it has lied.
    held: Rc<RefCell<Option<BTreeMap<String, Vec<u8>>>>>,
}

impl Paper {
    /// Another folder with the same files.
    pub fn copy(&self) -> Paper {
        Paper { files: Rc::new(RefCell::new(self.files.borrow().clone())), ..Paper::default() }
    }

    /// The same files, alive: what the next process finds. True: what was acknowledged is not there.
    pub fn restart(&self) -> bool {
        self.fate.set(Fate::default());
        let held = self.held.take();
        let forgot = held.is_some();
        held.into_iter().for_each(|held| *self.files.borrow_mut() = held);
        forgot
    }

    /// From that write on nothing reaches the disk until the process is started again: a cache that was never flushed.
    pub fn forgets_from(&self, write: u64) {
        self.fate.set(Fate { forgets: Some(write), dies: Some((write + 5, Death::NotWritten)), ..self.fate.get() });
    }

    pub fn dies_at(&self, write: u64, death: Death) {
        self.fate.set(Fate { dies: Some((write, death)), ..self.fate.get() });
    }

    pub fn is_dead(&self) -> bool {
        self.fate.get().dead
    }

    /// Sets all files back to an older copy.
    pub fn restore(&self, older: &Paper) {
        *self.files.borrow_mut() = older.files.borrow().clone();
    }

    fn write(&self, change: impl FnOnce(&mut BTreeMap<String, Vec<u8>>, Option<Death>)) -> io::Result<()> {
        let mut fate = self.fate.get();
        let outcome = fate.write();
        self.fate.set(fate);
        if let Outcome::Forgotten = outcome {
            self.held.replace(Some(self.files.borrow().clone()));
        }
        match outcome {
            Outcome::Done | Outcome::Forgotten => {
                change(&mut self.files.borrow_mut(), None);
                Ok(())
            }
            Outcome::Fails(death) => {
                if death != Death::NotWritten {
                    change(&mut self.files.borrow_mut(), Some(death));
                }
                Err(io::Error::from(ErrorKind::BrokenPipe))
            }
        }
    }
}

impl Disk for Paper {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        if self.is_dead() {
            return Err(io::Error::from(ErrorKind::BrokenPipe));
        }
        Ok(self.files.borrow().get(name).cloned())
    }

    fn create(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if self.files.borrow().contains_key(name) {
            return Err(io::Error::from(ErrorKind::AlreadyExists));
        }
        self.replace(name, bytes)
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.write(|files, death| {
            if death != Some(Death::Torn) {
                files.insert(name.to_owned(), bytes.to_vec());
            }
        })
    }

    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.write(|files, death| {
            let length = if death == Some(Death::Torn) { bytes.len() / 2 } else { bytes.len() };
            if let Some(file) = files.get_mut(name) {
                file.extend_from_slice(&bytes[..length]);
            }
        })
    }

    fn erase(&self, name: &str) -> io::Result<()> {
        if !self.files.borrow().contains_key(name) {
            return Ok(());
        }
        self.write(|files, death| {
            if death != Some(Death::Torn) {
                files.remove(name);
            }
        })
    }
}

/// An object store in memory that dies, fails and garbles as it is told.
#[derive(Clone, Debug)]
pub struct Objects {
    inner: Arc<Mutex<Arc<InMemory>>>,
    fate: Arc<Mutex<Fate>>,
    /// The object that the disk will have lost, and what it holds in its place.
    lost: Arc<Mutex<Option<Lost>>>,
}

#[derive(Clone, Debug)]
struct Lost {
    location: Path,
    written: Vec<u8>,
    before: Option<Vec<u8>>,
}

impl Default for Objects {
    fn default() -> Objects {
        Objects { inner: Arc::new(Mutex::new(Arc::new(InMemory::new()))), fate: Arc::default(), lost: Arc::default() }
    }
}

impl Objects {
    fn now(&self) -> Arc<InMemory> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn fate<R>(&self, with: impl FnOnce(&mut Fate) -> R) -> R {
        with(&mut self.fate.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// True: what was acknowledged is not there.
    pub fn restart(&self) -> bool {
        self.fate(|fate| *fate = Fate { struck: fate.struck, ..Fate::default() });
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner).take();
        lost.is_some_and(|lost| super::block(self.loses(lost)))
    }

    /// A later write to the same place was kept, and there is nothing to lose.
    async fn loses(&self, lost: Lost) -> bool {
        if self.bytes(&lost.location).await.as_ref() != Some(&lost.written) {
            return false;
        }
        let done = match lost.before {
            Some(before) => self.now().put_opts(&lost.location, PutPayload::from(before), PutOptions::default()).await.map(drop),
            None => {
                let one = futures::stream::once(std::future::ready(Ok(lost.location))).boxed();
                self.now().delete_stream(one).next().await.map_or(Ok(()), |deleted| deleted.map(drop))
            }
        };
        done.is_ok()
    }

    async fn bytes(&self, location: &Path) -> Option<Vec<u8>> {
        Some(self.now().get_opts(location, GetOptions::default()).await.ok()?.bytes().await.ok()?.to_vec())
    }

    pub fn forgets_at(&self, write: u64) {
        self.fate(|fate| fate.forgets = Some(write));
    }

    /// The same objects through other eyes: entries are not what was written.
    pub fn with_other_entries(&self) -> Objects {
        let other = Objects { fate: Arc::default(), lost: Arc::default(), ..self.clone() };
        other.fate(|fate| fate.alters_entries = true);
        other
    }

    pub fn dies_at(&self, write: u64, death: Death) {
        self.fate(|fate| fate.dies = Some((write, death)));
    }

    pub fn fails_at(&self, write: u64, death: Death) {
        self.fate(|fate| fate.fails = Some((write, death)));
    }

    pub fn garbles_next_read(&self) {
        self.fate(|fate| fate.garbles = true);
    }

    pub fn is_dead(&self) -> bool {
        self.fate(|fate| fate.dead)
    }

    pub fn struck(&self) -> Struck {
        self.fate(|fate| fate.struck)
    }

    /// A copy of everything, to be restored later.
    pub fn image(&self) -> Arc<InMemory> {
        Arc::new(self.now().fork())
    }

    pub fn restore(&self, image: &Arc<InMemory>) {
        *self.inner.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(image.fork());
    }
}

fn broken() -> Error {
    Error::Generic { store: "paper", source: "planned failure".into() }
}

impl fmt::Display for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("paper")
    }
}

type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

impl ObjectStore for Objects {
    fn put_opts<'s, 'l, 'f>(&'s self, location: &'l Path, payload: PutPayload, options: PutOptions) -> Later<'f, PutResult>
    where
        's: 'f,
        'l: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            match self.fate(Fate::write) {
                Outcome::Done => self.now().put_opts(location, payload, options).await,
                Outcome::Forgotten => {
                    let written = payload.iter().flat_map(|part| part.to_vec()).collect();
                    let before = self.bytes(location).await;
                    let done = self.now().put_opts(location, payload, options).await?;
                    let lost = Lost { location: location.clone(), written, before };
                    *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(lost);
                    Ok(done)
                }
                Outcome::Fails(Death::WrittenAnyway) => {
                    self.now().put_opts(location, payload, options).await?;
                    Err(broken())
                }
                Outcome::Fails(_) => Err(broken()),
            }
        })
    }

    fn put_multipart_opts<'s, 'l, 'f>(&'s self, _: &'l Path, _: PutMultipartOptions) -> Later<'f, Box<dyn MultipartUpload>>
    where
        's: 'f,
        'l: 'f,
        Self: 'f,
    {
        Box::pin(std::future::ready(Err(broken())))
    }

    fn get_opts<'s, 'l, 'f>(&'s self, location: &'l Path, options: GetOptions) -> Later<'f, GetResult>
    where
        's: 'f,
        'l: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let alters = location.as_ref().contains("entries");
            let (dead, garbles) = self.fate(|fate| {
                let garbles = !fate.dead && std::mem::take(&mut fate.garbles);
                fate.struck.garbled |= garbles;
                (fate.dead, garbles || (alters && fate.alters_entries))
            });
            if dead {
                return Err(broken());
            }
            if !garbles {
                return self.now().get_opts(location, options).await;
            }
            // What comes back is another object's bytes: the real ones with one bit turned over, from a store of its own.
            let mut bytes = self.now().get_opts(location, GetOptions::default()).await?.bytes().await?.to_vec();
            if let Some(last) = bytes.last_mut() {
                *last ^= 1;
            }
            let garbled = InMemory::new();
            garbled.put_opts(location, PutPayload::from(bytes), PutOptions::default()).await?;
            garbled.get_opts(location, options).await
        })
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let this = self.clone();
        let each = locations.then(move |location| {
            let this = this.clone();
            async move {
                let location = location?;
                let outcome = this.fate(Fate::write);
                if !matches!(outcome, Outcome::Fails(Death::NotWritten | Death::Torn)) {
                    let one = futures::stream::once(std::future::ready(Ok(location.clone()))).boxed();
                    if let Some(deleted) = this.now().delete_stream(one).next().await {
                        deleted?;
                    }
                }
                if matches!(outcome, Outcome::Done | Outcome::Forgotten) { Ok(location) } else { Err(broken()) }
            }
        });
        each.boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.now().list(prefix)
    }

    fn list_with_delimiter<'s, 'l, 'f>(&'s self, prefix: Option<&'l Path>) -> Later<'f, ListResult>
    where
        's: 'f,
        'l: 'f,
        Self: 'f,
    {
        Box::pin(async move { self.now().list_with_delimiter(prefix).await })
    }

    fn copy_opts<'s, 'a, 'b, 'f>(&'s self, _: &'a Path, _: &'b Path, _: CopyOptions) -> Later<'f, ()>
    where
        's: 'f,
        'a: 'f,
        'b: 'f,
        Self: 'f,
    {
        Box::pin(std::future::ready(Err(broken())))
    }
}
