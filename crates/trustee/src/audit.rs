//! The member's own log: one line for everything it did, each chained to the one before (REL-25).
//!
//! Trusted for: showing that nothing was released without a trace. It is written before a share is used, so a line may
//! stand there for a release that a power cut prevented; a release without a line cannot be.
//! A line also says how many changes of the kept state came before it, so that one of the two files cannot be set back
//! alone (TRU-05). Both set back together cannot be noticed from inside: never restore a backup (docs/operate/trustee.md).

use seal::digest::sha256;
use verify::spelling::{decimal, hex};

use crate::disk::Disk;
use crate::state::StateError;

/// The file's name in the state folder.
pub const FILE: &str = "audit";
const HEADER: &str = "waarborg-audit/v1\n";

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Position, from 1.
    pub number: u64,
    /// Unix seconds by the member's clock.
    pub time: u64,
    /// Changes of the kept state before this line.
    pub kept: u64,
    /// What happened.
    pub text: String,
}

/// The log as read, ready to be continued.
pub struct Audit {
    entries: Vec<Entry>,
    chain: String,
    // The whole lines of a file whose last line is torn: put back before the next line is added.
    repair: Option<Vec<u8>>,
}

/// What an empty log is: the file that `init` makes.
pub fn empty() -> Vec<u8> {
    HEADER.as_bytes().to_vec()
}

impl Audit {
    /// Reads the log and checks the chain. TRU-06: a torn last line, left by a power cut, does not count: nothing was released
    /// after it, because releasing waits for the whole line.
    pub fn open(disk: &impl Disk) -> Result<Audit, StateError> {
        let bytes = disk.read(FILE)?.ok_or(StateError::Missing { file: FILE.to_owned() })?;
        let damaged = || StateError::Damaged { file: FILE.to_owned() };
        let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let text = std::str::from_utf8(&bytes[..whole]).map_err(|_| damaged())?;
        let mut audit = Audit { entries: Vec::new(), chain: start(), repair: None };
        for line in text.strip_prefix(HEADER).ok_or(damaged())?.lines() {
            let entry = audit.read_line(line).ok_or(damaged())?;
            audit.chain = link(&audit.chain, &entry);
            audit.entries.push(entry);
        }
        if whole != bytes.len() {
            audit.repair = Some(bytes[..whole].to_vec());
        }
        Ok(audit)
    }

    fn read_line(&self, line: &str) -> Option<Entry> {
        let mut parts = line.splitn(5, ' ');
        let (number, time, kept) = (decimal(parts.next()?)?, decimal(parts.next()?)?, decimal(parts.next()?)?);
        let (chain, text) = (parts.next()?, parts.next()?);
        let entry = Entry { number, time, kept, text: text.to_owned() };
        let in_order = number == self.next_number() && self.entries.last().is_none_or(|last| last.kept <= kept);
        (in_order && link(&self.chain, &entry) == chain).then_some(entry)
    }

    fn next_number(&self) -> u64 {
        self.entries.len() as u64 + 1
    }

    /// All lines.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Changes of the kept state that this log knows of.
    pub fn kept(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.kept)
    }

    /// Adds a line; when this returns it is on the disk (REL-25). `text` is one line.
    pub fn append(&mut self, disk: &impl Disk, time: u64, kept: u64, text: &str) -> Result<(), StateError> {
        if let Some(whole) = &self.repair {
            disk.replace(FILE, whole)?;
            self.repair = None;
        }
        // A line break would forge further lines.
        let text = text.replace(['\n', '\r'], " ");
        let entry = Entry { number: self.next_number(), time, kept, text };
        let chain = link(&self.chain, &entry);
        disk.append(FILE, format!("{} {time} {kept} {chain} {}\n", entry.number, entry.text).as_bytes())?;
        self.chain = chain;
        self.entries.push(entry);
        Ok(())
    }
}

fn start() -> String {
    hex(&sha256(&[HEADER.as_bytes()])[..16])
}

fn link(before: &str, entry: &Entry) -> String {
    let line = format!("{before} {} {} {} {}", entry.number, entry.time, entry.kept, entry.text);
    hex(&sha256(&[HEADER.as_bytes(), line.as_bytes()])[..16])
}
