//! Killed between any two writes: what the folder is worth afterwards.

mod support;

use seal::ceremony::dealt_committee;
use seal::entropy::SeededEntropy;
use support::paper::{DEATHS, Paper};
use trustee::audit::{self, Audit};
use trustee::clock::Reading;
use trustee::disk::Disk;
use trustee::state::{Laid, State, StateError};
use verify::committee_record::{CommitteeRecord, RecordedMember};
use verify::policy::{CommitteeName, MemberId};

const ID: MemberId = MemberId { committee: CommitteeName::Approvers, index: 2 };

fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![(audit::FILE, audit::empty())]
}

fn init(paper: Paper) -> Result<State<Paper>, StateError> {
    State::init(paper, ID, "Bram", "Notary", &files(), &mut SeededEntropy::new([1; 32]))
}

/// A record in which this member is number 2, and its share.
fn ceremony(state: &State<Paper>, generation: u32) -> (CommitteeRecord, seal::committee::Share) {
    let (committee, mut shares) = dealt_committee(2, 3, &mut SeededEntropy::new([2; 32])).unwrap();
    let member =
        RecordedMember { receipt_key: state.member().receipt_key.clone(), name: "Bram".to_owned(), organisation: "Notary".to_owned() };
    let record = CommitteeRecord {
        committee: ID.committee,
        provider: [7; 16],
        generation,
        key: committee.committee().clone(),
        members: vec![member; 3],
        transcript: [9; 32],
    };
    (record, shares.remove(1))
}

#[test]
fn an_init_that_was_cut_off_is_no_member_or_a_whole_one() {
    let writes = init(Paper::default()).unwrap().disk().writes();
    for at in 0..writes {
        for death in DEATHS {
            let paper = Paper::default().dying(at, death);
            let rest = std::rc::Rc::new(paper);
            assert!(init_shared(&rest).is_err());
            match State::open(rest.restarted()) {
                Err(StateError::Missing { .. }) => {}
                Ok(state) => assert!(state.box_key().unwrap().is_some() && state.disk().has("audit"), "{at} {death:?}"),
                Err(other) => panic!("{at} {death:?}: {other:?}"),
            }
        }
    }
}

/// `init` on a disk that the test can still look at afterwards.
fn init_shared(paper: &std::rc::Rc<Paper>) -> Result<(), StateError> {
    struct Shared(std::rc::Rc<Paper>);
    impl Disk for Shared {
        fn read(&self, name: &str) -> std::io::Result<Option<Vec<u8>>> {
            self.0.read(name)
        }
        fn create(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
            self.0.create(name, bytes)
        }
        fn replace(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
            self.0.replace(name, bytes)
        }
        fn append(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
            self.0.append(name, bytes)
        }
        fn erase(&self, name: &str) -> std::io::Result<()> {
            self.0.erase(name)
        }
    }
    State::init(Shared(paper.clone()), ID, "Bram", "Notary", &files(), &mut SeededEntropy::new([1; 32])).map(|_| ())
}

#[test]
fn cer_14_a_share_survives_a_kill_at_any_write_and_the_box_key_goes_in_the_end() {
    let member = init(Paper::default()).unwrap();
    member.lay(Laid::Dealing, b"dealing").unwrap();
    member.lay(Laid::Acceptance, b"acceptance").unwrap();
    let (record, share) = ceremony(&member, 0);
    let before = member.disk().writes();
    let rehearsal = State::open(member.disk().restarted()).unwrap();
    rehearsal.store_share(&record, &share).unwrap();
    for at in 0..rehearsal.disk().writes() {
        for death in DEATHS {
            let state = State::open(member.disk().restarted().dying(at, death)).unwrap();
            assert!(state.store_share(&record, &share).is_err() || !state.disk().is_dead());
            let again = State::open(state.disk().restarted()).unwrap();
            // Never without both: as long as the share does not count, the box key is there to repeat `finish`.
            let counts = again.newest().unwrap().is_some();
            assert!(counts || again.box_key().unwrap().is_some(), "{at} {death:?}");
            again.store_share(&record, &share).unwrap();
            let (_, committee) = again.record(0).unwrap();
            assert_eq!(again.share(0, &committee).unwrap().index(), 2);
            assert!(again.box_key().unwrap().is_none());
            assert!(!again.disk().has("dealing") && !again.disk().has("acceptance"));
        }
    }
    assert!(0 < before);
}

#[test]
fn tru_06_a_torn_line_of_the_log_does_not_count_and_is_replaced() {
    let paper = Paper::default();
    paper.set(audit::FILE, &audit::empty());
    let mut log = Audit::open(&paper).unwrap();
    log.append(&paper, 100, 1, "first").unwrap();
    for death in DEATHS {
        let dying = paper.restarted().dying(0, death);
        let mut log = Audit::open(&dying).unwrap();
        assert!(log.append(&dying, 101, 2, "second").is_err());
        let after = dying.restarted();
        let mut log = Audit::open(&after).unwrap();
        let written = log.entries().len();
        assert_eq!(written == 2, death == support::paper::Death::WrittenAnyway);
        log.append(&after, 102, 3, "third\n4 0 0 x forged").unwrap();
        let log = Audit::open(&after).unwrap();
        assert_eq!(log.entries().len(), written + 1);
        assert_eq!(log.entries().last().unwrap().text, "third 4 0 0 x forged");
    }
}

#[test]
fn tru_06_every_changed_or_missing_line_of_the_log_is_seen() {
    let paper = Paper::default();
    paper.set(audit::FILE, &audit::empty());
    let mut log = Audit::open(&paper).unwrap();
    for n in 0..4 {
        log.append(&paper, 100 + n, n, &format!("line {n}")).unwrap();
    }
    let good = String::from_utf8(paper.get(audit::FILE)).unwrap();
    let lines: Vec<&str> = good.lines().collect();
    for n in 0..lines.len() {
        let mut without = lines.clone();
        // The last line may go: nobody can tell it from one that was never written, but for the kept state (TRU-05).
        if n + 1 < lines.len() {
            without.remove(n);
            paper.set(audit::FILE, (without.join("\n") + "\n").as_bytes());
            assert!(Audit::open(&paper).is_err(), "line {n} removed");
        }
        let mut changed = good.clone().into_bytes();
        let at = lines[..n].iter().map(|line| line.len() + 1).sum::<usize>() + lines[n].len() - 1;
        changed[at] ^= 1;
        paper.set(audit::FILE, &changed);
        assert!(Audit::open(&paper).is_err(), "line {n} changed");
    }
}

#[test]
fn a_reading_of_the_clock_is_kept_whole() {
    let reading = Reading { wall: 5, machine: None };
    assert_eq!(Reading::parse(&reading.to_bytes()).unwrap(), reading);
}
