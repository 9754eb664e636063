//! The journal of a member: the kept state of REL-27 and the own log, written in the order of the rules.
//!
//! Each change is on the disk before [`Journal::store`] returns; the judge asks for the next one only then. So a kill between
//! any two changes leaves: a head without a release, a used intent without a release, counters raised without a release, a
//! line in the log without a release, and never a release without one of them.

use verify::document::{DocumentError, Reader, Writer, canonical};
use verify::policy::MemberId;
use verify::release::{Kept, KeptChange};

use crate::audit::{self, Audit};
use crate::clock::Reading;
use crate::disk::Disk;
use crate::state::StateError;

/// The kept state, with its two counters.
pub const FILE: &str = "kept";
/// The last time in which the witnesses agreed with this member's clock.
pub const SEEN: &str = "seen";
const HEADER: &str = "waarborg-kept-file/v1";
const LEN_MAX: usize = 257 << 20;

/// Kept state and own log of one member, opened together.
pub struct Journal<'a, D: Disk> {
    disk: &'a D,
    kept: Kept,
    changes: u64,
    audit: Audit,
    reading: Reading,
    // The time is kept once a run, when the first rule after REL-05 writes.
    time_kept: bool,
}

/// The files of a new member, for `init`.
pub fn empty_files(kept: &Kept, reading: &Reading) -> Vec<(&'static str, Vec<u8>)> {
    vec![(audit::FILE, audit::empty()), (SEEN, reading.to_bytes()), (FILE, encode(kept, 0, 0))]
}

/// The kept state without the journal, for looking at it.
pub fn look(disk: &impl Disk) -> Result<Kept, StateError> {
    Ok(read(disk)?.0)
}

/// The time kept last (REL-05).
pub fn last_seen(disk: &impl Disk) -> Result<Reading, StateError> {
    let bytes = disk.read(SEEN)?.ok_or(StateError::Missing { file: SEEN.to_owned() })?;
    Reading::parse(&bytes).map_err(|_| StateError::Damaged { file: SEEN.to_owned() })
}

fn read(disk: &impl Disk) -> Result<(Kept, u64, u64), StateError> {
    let bytes = disk.read(FILE)?.ok_or(StateError::Missing { file: FILE.to_owned() })?;
    decode(&bytes).map_err(|_| StateError::Damaged { file: FILE.to_owned() })
}

fn encode(kept: &Kept, changes: u64, lines: u64) -> Vec<u8> {
    Writer::new(HEADER).line("changes", changes).line("log-lines", lines).part("kept", &kept.to_bytes()).finish()
}

fn decode(bytes: &[u8]) -> Result<(Kept, u64, u64), DocumentError> {
    let mut reader = Reader::open(bytes, HEADER, LEN_MAX)?;
    let (changes, lines) = (reader.decimal("changes")?, reader.decimal("log-lines")?);
    let kept = Kept::parse(reader.part("kept")?)?;
    reader.end()?;
    canonical(bytes, &encode(&kept, changes, lines))?;
    Ok((kept, changes, lines))
}

impl<'a, D: Disk> Journal<'a, D> {
    /// Opens both files and compares their counters (TRU-05): each knows how far the other was.
    pub fn open(disk: &'a D, member: MemberId, reading: Reading) -> Result<Journal<'a, D>, StateError> {
        let (kept, changes, lines) = read(disk)?;
        let audit = Audit::open(disk)?;
        let known = audit.entries().len() as u64;
        if kept.member() != member || changes < audit.kept() {
            return Err(StateError::Damaged { file: FILE.to_owned() });
        }
        if known < lines {
            return Err(StateError::Damaged { file: audit::FILE.to_owned() });
        }
        Ok(Journal { disk, kept, changes, audit, reading, time_kept: false })
    }

    /// The kept state as it is on the disk.
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// The own log.
    pub fn audit(&self) -> &Audit {
        &self.audit
    }

    /// Makes one change durable.
    pub fn store(&mut self, change: &KeptChange) -> Result<(), StateError> {
        match change {
            KeptChange::Audit { line } => return self.note(line),
            KeptChange::Stopped { evidence, .. } => self.store_evidence(evidence)?,
            // Both stand after REL-05 in the list: the witnesses agree with this clock.
            KeptChange::Head { .. } | KeptChange::Used { .. } => self.keep_time()?,
            _ => {}
        }
        let mut kept = self.kept.clone();
        kept.apply(change);
        self.replace(kept)
    }

    /// One line of the own log, on the disk when this returns (REL-25).
    pub fn note(&mut self, line: &str) -> Result<(), StateError> {
        self.audit.append(self.disk, self.reading.wall, self.changes, line)
    }

    /// A person looked at the evidence of two histories and takes the stop back (REL-06).
    pub fn resume(&mut self, reason: &str) -> Result<(), StateError> {
        self.note(&format!("resumed: {reason}"))?;
        let mut kept = self.kept.clone();
        kept.resume();
        self.replace(kept)
    }

    fn replace(&mut self, kept: Kept) -> Result<(), StateError> {
        let changes = self.changes.saturating_add(1);
        self.disk.replace(FILE, &encode(&kept, changes, self.audit.entries().len() as u64))?;
        (self.kept, self.changes) = (kept, changes);
        Ok(())
    }

    fn keep_time(&mut self) -> Result<(), StateError> {
        if !self.time_kept {
            self.disk.replace(SEEN, &self.reading.to_bytes())?;
            self.time_kept = true;
        }
        Ok(())
    }

    /// LOG-87: evidence is never overwritten; the same evidence twice is one file.
    fn store_evidence(&self, evidence: &[Vec<u8>]) -> Result<(), StateError> {
        for bytes in evidence {
            let hash = verify::spelling::hex(&crate::signing::file_hash(bytes)[..8]);
            let name = format!("evidence-{hash}.txt");
            if self.disk.read(&name)?.is_none() {
                self.disk.create(&name, bytes)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seal::entropy::SeededEntropy;
    use verify::policy::CommitteeName;

    #[test]
    fn rel_27_the_kept_state_has_one_spelling_and_an_end() {
        let id = MemberId { committee: CommitteeName::Guardians, index: 2 };
        let good = encode(&Kept::at_ceremony(id, &mut SeededEntropy::new([1; 32])), 7, 5);
        let read = |bytes: &[u8]| decode(bytes).map(|(kept, changes, lines)| (kept.member(), changes, lines)).map_err(|error| error.code());
        assert_eq!(read(&good), Ok((id, 7, 5)));
        for more in ["changes 8\n", "\n", "x"] {
            assert_eq!(read(&[&good[..], more.as_bytes()].concat()), Err("DOC-05"), "{more:?}");
        }
        assert_eq!(read(&good[..good.len() - 1]), Err("DOC-04"));
        let text = String::from_utf8(good).unwrap();
        assert_eq!(read(text.replacen("changes 7", "changes 07", 1).as_bytes()), Err("DOC-04"));
        assert_eq!(read(text.replacen("log-lines 5", "log-lines +5", 1).as_bytes()), Err("DOC-04"));
    }
}
