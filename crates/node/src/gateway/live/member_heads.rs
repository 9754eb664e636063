//! Each member's newest known head of each log, so that a member whose folder was put back to an older copy is noticed (GWY-42): it
//! has forgotten intents and counters, and cannot see that from inside (TRU-05).
//!
//! Trusted for: that alone. Who can change it can hide that a member went back; losing it begins the watch anew.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use verify::document::{Reader, Words, Writer, canonical};
use verify::spelling;

const HEADER: &str = "waarborg-member-heads/v1";
/// 64 members of two committees and a few years of logs need 20 KiB.
const LEN_MAX: usize = 1 << 20;

/// Receipt key (SHA-256 of its vkey) and origin.
type Place = ([u8; 32], String);

/// GWY-42: a member tells an older head than it had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetBack {
    origin: String,
    told: u64,
    had: u64,
}

impl std::fmt::Display for SetBack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let SetBack { origin, told, had } = self;
        write!(f, "GWY-42: its head of {origin} is {told} and was {had}: its folder was put back to an older copy; it is not asked")
    }
}

/// What is known of every member. Pure: reading and writing is [`MemberHeads`]'s.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptHeads(BTreeMap<Place, u64>);

impl KeptHeads {
    /// `None`: not the one spelling of what was kept.
    pub fn parse(octets: &[u8]) -> Option<KeptHeads> {
        let mut reader = Reader::open(octets, HEADER, LEN_MAX).ok()?;
        let heads = reader.all("head", read_head).ok()?;
        reader.end().ok()?;
        let known = KeptHeads(heads.into_iter().collect());
        canonical(octets, &known.to_bytes()).ok()?;
        Some(known)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new(HEADER);
        for ((member, origin), size) in &self.0 {
            out.line("head", format_args!("{} {origin} {size}", spelling::hex(member)));
        }
        out.finish()
    }

    /// Holds what a member tells against what it had, for these logs. Of a log that is told twice the larger counts, as it is kept.
    pub fn check(&self, member: [u8; 32], heads: &[(String, u64)], origins: &BTreeSet<String>) -> Result<(), SetBack> {
        let told = |origin: &str| heads.iter().filter(|(of, _)| of == origin).map(|(_, size)| *size).max().unwrap_or(0);
        for ((_, origin), had) in self.0.iter().filter(|((of, origin), _)| *of == member && origins.contains(origin)) {
            if told(origin) < *had {
                return Err(SetBack { origin: origin.clone(), told: told(origin), had: *had });
            }
        }
        Ok(())
    }

    /// Takes in heads of these logs; never a smaller one.
    pub fn grow(&mut self, member: [u8; 32], heads: &[(String, u64)], origins: &BTreeSet<String>) {
        for (origin, size) in heads.iter().filter(|(origin, _)| origins.contains(origin)) {
            let had = self.0.entry((member, origin.clone())).or_default();
            *had = (*size).max(*had);
        }
    }
}

/// The file and what stands in it.
pub struct MemberHeads {
    path: PathBuf,
    /// Of the policy's logs. A member's word for any other is not kept: it could be a text that no restart reads.
    origins: BTreeSet<String>,
    known: Mutex<KeptHeads>,
}

impl MemberHeads {
    pub fn open(path: &Path, origins: BTreeSet<String>) -> io::Result<MemberHeads> {
        let known = match std::fs::read(path) {
            Ok(octets) => KeptHeads::parse(&octets).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "does not read"))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => KeptHeads::default(),
            Err(error) => return Err(error),
        };
        Ok(MemberHeads { path: path.to_owned(), origins, known: Mutex::new(known) })
    }

    /// Takes in what a member has by its own word. On the disk before it returns.
    pub fn has(&self, member: [u8; 32], heads: &[(String, u64)]) -> io::Result<Result<(), SetBack>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.check(member, heads, &self.origins) {
            Ok(()) => self.keep(&mut known, member, heads).map(Ok),
            Err(back) => Ok(Err(back)),
        }
    }

    /// Takes in a head that a member signed a receipt under: it had stored it before.
    pub fn signed(&self, member: [u8; 32], origin: &str, size: u64) -> io::Result<()> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        self.keep(&mut known, member, &[(origin.to_owned(), size)])
    }

    fn keep(&self, known: &mut KeptHeads, member: [u8; 32], heads: &[(String, u64)]) -> io::Result<()> {
        let mut grown = known.clone();
        grown.grow(member, heads, &self.origins);
        if grown != *known {
            crate::private_file::write_whole(&self.path, &grown.to_bytes())?;
            *known = grown;
        }
        Ok(())
    }
}

fn read_head(line: &str) -> Option<(Place, u64)> {
    let mut words = Words::new(line);
    let (member, origin, size) = (words.hex()?, words.word()?.to_owned(), words.decimal()?);
    words.end(((member, origin), size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads(orders: u64, public: u64) -> Vec<(String, u64)> {
        vec![("x/orders".to_owned(), orders), ("x/public".to_owned(), public)]
    }

    fn open(path: &Path) -> io::Result<MemberHeads> {
        MemberHeads::open(path, ["x/orders".to_owned(), "x/public".to_owned()].into())
    }

    #[test]
    fn gwy_42_a_member_can_not_spoil_the_file_with_origins_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("member-heads");
        let kept = open(&path).unwrap();
        let mut told = heads(10, 5);
        told.extend([("x/\u{1b}[2J".to_owned(), 1), ("x/".repeat(LEN_MAX), 1), ("x/other".to_owned(), 1)]);
        assert_eq!(kept.has([1; 32], &told).unwrap(), Ok(()));
        kept.signed([1; 32], "x/other", 9).unwrap();
        let kept = open(&path).expect("reads after a restart");
        assert_eq!(kept.known.lock().unwrap().0.len(), 2);
        // A log of last year's policy is not asked about any more.
        let renewed = MemberHeads::open(&path, ["x/public".to_owned()].into()).unwrap();
        assert_eq!(renewed.has([1; 32], &[("x/public".to_owned(), 5)]).unwrap(), Ok(()));
    }

    #[test]
    fn gwy_42_a_member_that_went_back_is_named_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("member-heads");
        let kept = open(&path).unwrap();
        assert_eq!(kept.has([1; 32], &heads(10, 5)).unwrap(), Ok(()));
        assert_eq!(kept.has([1; 32], &heads(12, 5)).unwrap(), Ok(()));
        let kept = open(&path).unwrap();
        let back = SetBack { origin: "x/orders".to_owned(), told: 10, had: 12 };
        assert_eq!(kept.has([1; 32], &heads(10, 5)).unwrap(), Err(back));
        // An empty folder under the same key is the oldest copy of all; another member has a past of its own.
        assert!(kept.has([1; 32], &[]).unwrap().is_err());
        assert_eq!(kept.has([2; 32], &heads(1, 1)).unwrap(), Ok(()));
        assert_eq!(kept.has([1; 32], &heads(12, 5)).unwrap(), Ok(()));
        kept.signed([1; 32], "x/orders", 13).unwrap();
        assert!(kept.has([1; 32], &heads(12, 5)).unwrap().is_err(), "it signed under 13");
    }

    #[test]
    fn a_damaged_file_is_no_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("member-heads");
        std::fs::write(&path, "waarborg-member-heads/v1\nhead nobody\n").unwrap();
        assert!(open(&path).is_err());
    }
}
