//! REL-25, CER-14: a disk that takes one write less and stays alive. Whatever was being done says that it failed.

#[path = "../../verify/tests/support/mod.rs"]
mod fixture;
#[path = "support/paper.rs"]
mod paper;
#[path = "support/seat.rs"]
mod seat;

use std::cell::Cell;
use std::io::{Error, ErrorKind, Result};

use fixture::{Good, Plan};
use paper::Paper;
use seal::ceremony::dealt_committee;
use seal::entropy::SeededEntropy;
use seat::{ID, at, furnish, good, sit};
use trustee::audit::{self, Audit};
use trustee::disk::Disk;
use trustee::issue;
use trustee::kept::Journal;
use trustee::state::{Laid, State, StateError};
use verify::committee_record::{CommitteeRecord, RecordedMember};
use verify::release::KeptChange;

/// Paper that refuses one write, the `refuses`th from 0, and goes on.
struct Full {
    paper: Paper,
    writes: Cell<usize>,
    refuses: usize,
}

impl Full {
    fn write(&self, write: impl FnOnce(&Paper) -> Result<()>) -> Result<()> {
        let number = self.writes.replace(self.writes.get() + 1);
        if number == self.refuses { Err(Error::from(ErrorKind::StorageFull)) } else { write(&self.paper) }
    }
}

impl Disk for Full {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.paper.read(name)
    }
    fn create(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.write(|paper| paper.create(name, bytes))
    }
    fn replace(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.write(|paper| paper.replace(name, bytes))
    }
    fn append(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.write(|paper| paper.append(name, bytes))
    }
    fn erase(&self, name: &str) -> Result<()> {
        self.write(|paper| paper.erase(name))
    }
}

/// What is done with the whole disk is done; with each write refused in turn, it is told. `done`: how many writes it takes.
fn each_refused_write_is_told(paper: &Paper, what: impl Fn(&Full) -> bool) -> usize {
    let with = |refuses: usize| {
        let disk = Full { paper: paper.restarted(), writes: Cell::new(0), refuses };
        (what(&disk), disk.writes.get())
    };
    let (done, writes) = with(usize::MAX);
    assert!(done);
    for refuses in 0..writes {
        assert!(!with(refuses).0, "write {refuses} of {writes} failed unseen");
    }
    writes
}

/// A state on a disk that is only lent.
struct Lent<'a>(&'a Full);

impl Disk for Lent<'_> {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.0.read(name)
    }
    fn create(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.0.create(name, bytes)
    }
    fn replace(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.0.replace(name, bytes)
    }
    fn append(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.0.append(name, bytes)
    }
    fn erase(&self, name: &str) -> Result<()> {
        self.0.erase(name)
    }
}

fn init(disk: impl Disk) -> std::result::Result<(), StateError> {
    let files = [(audit::FILE, audit::empty())];
    State::init(disk, ID, "Bram", "Notary", &files, &mut SeededEntropy::new([1; 32])).map(|_| ())
}

#[test]
fn rel_25_a_member_that_could_not_be_written_is_not_made() {
    // Told as what it is, at the write that failed, and not as a file that is missing later on.
    let goes_on = |disk: &Full| !matches!(init(Lent(disk)), Err(StateError::Fault(_)));
    assert!(6 <= each_refused_write_is_told(&Paper::default(), goes_on));
}

#[test]
fn rel_25_cer_14_a_card_and_a_share_that_could_not_be_written_are_not_there() {
    let paper = Paper::default();
    let files = [(audit::FILE, audit::empty())];
    let state = State::init(paper, ID, "Bram", "Notary", &files, &mut SeededEntropy::new([1; 32])).unwrap();
    state.lay(Laid::Dealing, b"dealing").unwrap();
    state.lay(Laid::Acceptance, b"acceptance").unwrap();
    let (committee, mut shares) = dealt_committee(2, 3, &mut SeededEntropy::new([2; 32])).unwrap();
    let member =
        RecordedMember { receipt_key: state.member().receipt_key.clone(), name: "Bram".to_owned(), organisation: "Notary".to_owned() };
    let record = |generation| CommitteeRecord {
        committee: ID.committee,
        provider: [7; 16],
        generation,
        key: committee.committee().clone(),
        members: vec![member.clone(); 3],
        transcript: [9; 32],
    };
    let share = shares.remove(1);
    let paper = state.into_disk();
    let card = |disk: &Full| State::open(Lent(disk)).unwrap().make_card(&mut SeededEntropy::new([3; 32])).is_ok();
    assert_eq!(each_refused_write_is_told(&paper, card), 4);
    let stored = |disk: &Full| State::open(Lent(disk)).unwrap().store_share(&record(0), &share).is_ok();
    assert_eq!(each_refused_write_is_told(&paper, stored), 6);
    let state = State::open(paper).unwrap();
    state.store_share(&record(0), &share).unwrap();
    state.store_share(&record(1), &share).unwrap();
    let paper = state.into_disk();
    let erased = |disk: &Full| State::open(Lent(disk)).unwrap().erase_shares_before(2).is_ok();
    assert_eq!(each_refused_write_is_told(&paper, erased), 2);
}

fn furnished(good: &Good) -> Paper {
    let paper = Paper::default();
    furnish(&paper, good, &at(good.now - 600));
    paper
}

#[test]
fn rel_25_no_answer_without_all_that_has_to_be_written() {
    let answered = |good: &Good, now: u64| {
        let bundle = good.bundle.to_bytes();
        let answer = |disk: &Full| issue::answer(&sit(Lent(disk)), &good.policy, &bundle, &at(now), &mut SeededEntropy::new([5; 32]));
        each_refused_write_is_told(&furnished(good), |disk| answer(disk).is_ok())
    };
    let granted = good(Plan::default());
    assert!(5 <= answered(&granted, granted.now));
    // Refused: heads, and the time.
    let short = good(Plan { soak: Some(3), ..Plan::default() });
    assert!(3 <= answered(&short, short.now));
    // A clock that went back is written down too.
    assert!(1 <= answered(&granted, granted.now - 4_000));
}

#[test]
fn rel_06_rel_25_evidence_and_resuming_are_written_or_told() {
    let good = good(Plan::default());
    let stop = KeptChange::Stopped { reason: "two histories".to_owned(), evidence: vec![b"one".to_vec(), b"two".to_vec()] };
    let stopped = |disk: &Full| {
        let lent = Lent(disk);
        let mut journal = Journal::open(&lent, ID, at(good.now)).unwrap();
        journal.store(&stop).is_ok()
    };
    assert_eq!(each_refused_write_is_told(&furnished(&good), stopped), 3);
    let resumed = |disk: &Full| {
        let lent = Lent(disk);
        let mut journal = Journal::open(&lent, ID, at(good.now)).unwrap();
        journal.resume("looked at").is_ok()
    };
    assert_eq!(each_refused_write_is_told(&furnished(&good), resumed), 2);
}

#[test]
fn tru_06_nothing_is_added_behind_a_torn_line_that_could_not_be_taken_away() {
    let paper = Paper::default();
    paper.set(audit::FILE, &audit::empty());
    Audit::open(&paper).unwrap().append(&paper, 100, 0, "first").unwrap();
    paper.set(audit::FILE, &[&paper.get(audit::FILE)[..], b"2 100 0 abcd half of a li"].concat());
    let appended = |disk: &Full| {
        let mut log = Audit::open(disk).unwrap();
        let done = log.append(disk, 101, 0, "second").is_ok();
        assert_eq!(Audit::open(disk).unwrap().entries().len(), if done { 2 } else { 1 });
        if !done {
            // The disk takes writes again: the same log goes on where it was.
            log.append(disk, 102, 0, "third").unwrap();
            assert_eq!(Audit::open(disk).unwrap().entries(), log.entries());
        }
        done
    };
    assert_eq!(each_refused_write_is_told(&paper, appended), 2);
}
