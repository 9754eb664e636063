//! A disk of paper: in memory, and it dies at a chosen write, in each way in which a real one does.
#![allow(dead_code)]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};

use trustee::disk::Disk;

/// How a write dies: each step has to bear it unwritten, and written all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// Nothing was written.
    NotWritten,
    /// It was written, and nobody heard of it.
    WrittenAnyway,
    /// Half of an appended line was written. Other writes are whole or absent by their nature.
    Torn,
}

pub const DEATHS: [Death; 3] = [Death::NotWritten, Death::WrittenAnyway, Death::Torn];

#[derive(Default)]
pub struct Paper {
    files: RefCell<BTreeMap<String, Vec<u8>>>,
    writes: Cell<usize>,
    dies: Cell<Option<(usize, Death)>>,
    dead: Cell<bool>,
}

impl Paper {
    /// The same files on a disk that is alive again.
    pub fn restarted(&self) -> Paper {
        Paper { files: RefCell::new(self.files.borrow().clone()), ..Paper::default() }
    }

    /// Dies at the `number`th write from now, from 0.
    pub fn dying(self, number: usize, death: Death) -> Paper {
        self.dies.set(Some((number, death)));
        self
    }

    pub fn is_dead(&self) -> bool {
        self.dead.get()
    }

    pub fn writes(&self) -> usize {
        self.writes.get()
    }

    pub fn has(&self, name: &str) -> bool {
        self.files.borrow().contains_key(name)
    }

    pub fn set(&self, name: &str, bytes: &[u8]) {
        self.files.borrow_mut().insert(name.to_owned(), bytes.to_vec());
    }

    pub fn get(&self, name: &str) -> Vec<u8> {
        self.files.borrow().get(name).cloned().unwrap_or_default()
    }

    pub fn take(&self, name: &str) {
        self.files.borrow_mut().remove(name);
    }

    fn write(&self, whole: impl FnOnce(&mut BTreeMap<String, Vec<u8>>), torn: impl FnOnce(&mut BTreeMap<String, Vec<u8>>)) -> Result<()> {
        if self.dead.get() {
            return Err(Error::from(ErrorKind::BrokenPipe));
        }
        let number = self.writes.replace(self.writes.get() + 1);
        let death = self.dies.get().filter(|(at, _)| *at == number).map(|(_, death)| death);
        match death {
            None | Some(Death::WrittenAnyway) => whole(&mut self.files.borrow_mut()),
            Some(Death::Torn) => torn(&mut self.files.borrow_mut()),
            Some(Death::NotWritten) => {}
        }
        self.dead.set(death.is_some());
        if death.is_some() { Err(Error::from(ErrorKind::BrokenPipe)) } else { Ok(()) }
    }
}

impl Disk for Paper {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        if self.dead.get() {
            return Err(Error::from(ErrorKind::BrokenPipe));
        }
        Ok(self.files.borrow().get(name).cloned())
    }

    fn create(&self, name: &str, bytes: &[u8]) -> Result<()> {
        if self.has(name) {
            return Err(Error::from(ErrorKind::AlreadyExists));
        }
        self.replace(name, bytes)
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let (name, bytes) = (name.to_owned(), bytes.to_vec());
        self.write(|files| drop(files.insert(name, bytes)), |_| {})
    }

    fn append(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let half = bytes.len() / 2;
        let add = |files: &mut BTreeMap<String, Vec<u8>>, bytes: &[u8]| {
            if let Some(file) = files.get_mut(name) {
                file.extend_from_slice(bytes);
            }
        };
        self.write(|files| add(files, bytes), |files| add(files, &bytes[..half]))
    }

    fn erase(&self, name: &str) -> Result<()> {
        if !self.has(name) {
            return Ok(());
        }
        self.write(|files| drop(files.remove(name)), |_| {})
    }
}
