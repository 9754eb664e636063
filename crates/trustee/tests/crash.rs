//! Killed between any two writes: what the folder is worth afterwards.

mod support;

use seal::ceremony::dealt_committee;
use seal::entropy::SeededEntropy;
use seal::signature::SigningKey;
use support::paper::{DEATHS, Paper};
use trustee::audit::{self, Audit};
use trustee::clock::Reading;
use trustee::disk::Disk;
use trustee::documents::card::Card;
use trustee::kept::{self, Journal};
use trustee::state::{Laid, State, StateError, key_name};
use verify::committee_record::{CommitteeRecord, RecordedMember};
use verify::log::origin::Origin;
use verify::log::vkey::{KeyKind, VerifierKey};
use verify::names::DirectoryId;
use verify::policy::{CommitteeName, MemberId};
use verify::record::{Kind, Parent};
use verify::release::{Account, Kept, KeptChange, KeptHead};

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

/// One line as somebody writes it: its number, what it says of the kept state, and the words of the line.
type Line = (u64, u64, &'static str);

/// A log with these lines, each chained to the one before as the program does it.
fn chained_log(lines: &[Line]) -> Paper {
    let mut text = String::from_utf8(audit::empty()).unwrap();
    let header = text.clone();
    let chained = |line: &str| verify::spelling::hex(&trustee::signing::file_hash(&[header.as_bytes(), line.as_bytes()].concat())[..16]);
    let mut chain = chained("");
    for (number, kept, words) in lines {
        chain = chained(&format!("{chain} {number} 100 {kept} {words}"));
        text.push_str(&format!("{number} 100 {kept} {chain} {words}\n"));
    }
    let paper = Paper::default();
    paper.set(audit::FILE, text.as_bytes());
    paper
}

#[test]
fn tru_05_and_06_lines_that_are_chained_rightly_must_also_be_in_order() {
    let good: [Line; 3] = [(1, 0, "first"), (2, 4, "second"), (3, 4, "third")];
    let read = Audit::open(&chained_log(&good)).unwrap();
    assert_eq!((read.entries().len(), read.kept(), read.entries()[1].text.as_str()), (3, 4, "second"));
    for (wrong, lines) in [
        ("begins at 2", vec![(2, 0, "first")]),
        ("begins at 0", vec![(0, 0, "first")]),
        ("a number is left out", vec![good[0], (3, 4, "second")]),
        ("a number stands there twice", vec![good[0], good[1], (2, 4, "third")]),
        ("the kept state went back", vec![good[0], good[1], (3, 3, "third")]),
    ] {
        let refused = Audit::open(&chained_log(&lines)).err();
        assert!(matches!(refused, Some(StateError::Damaged { file }) if file == audit::FILE), "{wrong}");
    }
}

/// The changes of one release, in the order of the list.
fn changes(n: u8) -> Vec<KeptChange> {
    let name = |text| DirectoryId::parse(text).unwrap();
    let order = Parent::new("log.example/orders/2026", u64::from(n));
    let account = Account {
        d: [n; 32],
        record: [n; 32],
        frame: [1; 32],
        court: None,
        kind: Kind::Order,
        authority: name("nl.politie"),
        unit: name("nl.politie"),
        first: 1_000,
        identities: 3,
        slots: 3,
        deadline: 9_000,
        notice_due: 9_000,
        notice_from: 0,
        confirm_due: None,
        is_released: false,
        is_noticed: false,
        is_opened: false,
        is_confirmed: false,
    };
    let head = KeptHead { size: u64::from(n), root: [n; 32], note: vec![n; 70] };
    vec![
        KeptChange::Head { origin: Origin::parse("log.example/orders/2026").unwrap(), head },
        KeptChange::Used { intent: [n; 32] },
        KeptChange::Counted { day: 0, order, account, links: vec![([n; 32], 3)], now: 1_000, identities: 3 },
        KeptChange::Released { order },
        KeptChange::Audit { line: format!("released {n}") },
    ]
}

fn journal_paper() -> Paper {
    let paper = Paper::default();
    let reading = Reading { wall: 1_000, machine: None };
    for (file, bytes) in kept::empty_files(&Kept::at_ceremony(ID, &mut SeededEntropy::new([3; 32])), &reading) {
        paper.set(file, &bytes);
    }
    paper
}

fn now(wall: u64) -> Reading {
    Reading { wall, machine: None }
}

fn store_all(paper: &Paper, n: u8) -> Result<(), StateError> {
    let mut journal = Journal::open(paper, ID, now(1_000 + u64::from(n)))?;
    changes(n).iter().try_for_each(|change| journal.store(change))
}

#[test]
fn rel_25_killed_between_any_two_writes_there_is_no_release_without_trace_and_no_counter_lost() {
    let paper = journal_paper();
    store_all(&paper, 1).unwrap();
    let rehearsal = paper.restarted();
    store_all(&rehearsal, 2).unwrap();
    let writes = rehearsal.writes();
    assert_eq!(writes, 6, "head, time, intent, counters, debt, log line");
    for at in 0..writes {
        for death in DEATHS {
            let dying = paper.restarted().dying(at, death);
            // The permit is handed out only after Ok: whoever dies here released nothing.
            assert!(store_all(&dying, 2).is_err(), "{at} {death:?}");
            let after = dying.restarted();
            let journal = Journal::open(&after, ID, now(2_000)).unwrap();
            // What is there is a beginning of the list: nothing later without everything earlier.
            let parent = Parent::new("log.example/orders/2026", 2);
            let kept = journal.kept();
            let steps = [
                kept.heads().any(|(_, head)| head.size == 2),
                kept.to_bytes().windows(64).any(|w| w == "02".repeat(32).as_bytes()),
                kept.account(&parent).is_some(),
                kept.account(&parent).is_some_and(|account| account.is_released),
                journal.audit().entries().len() == 2,
            ];
            assert!(steps.is_sorted_by(|a, b| a >= b), "{at} {death:?}: {steps:?}");
            // Nothing of the first release was lost.
            assert!(kept.account(&Parent::new("log.example/orders/2026", 1)).is_some_and(|account| account.is_released));
            assert_eq!(journal.audit().entries()[0].text, "released 1");
            let reached_log = steps[4];
            drop(journal);
            store_all(&after, 3).unwrap();
            let journal = Journal::open(&after, ID, now(3_000)).unwrap();
            assert_eq!(journal.audit().entries().len(), if reached_log { 3 } else { 2 });
        }
    }
}

#[test]
fn tru_05_one_of_the_two_files_set_back_alone_is_refused() {
    let paper = journal_paper();
    store_all(&paper, 1).unwrap();
    let (kept, log) = (paper.get(kept::FILE), paper.get(audit::FILE));
    store_all(&paper, 2).unwrap();
    let (newer_kept, newer_log) = (paper.get(kept::FILE), paper.get(audit::FILE));
    paper.set(kept::FILE, &kept);
    assert!(matches!(Journal::open(&paper, ID, now(5_000)), Err(StateError::Damaged { file }) if file == kept::FILE));
    paper.set(kept::FILE, &newer_kept);
    // The kept state was written before the second line, so it knows of one.
    paper.set(audit::FILE, &audit::empty());
    assert!(matches!(Journal::open(&paper, ID, now(5_000)), Err(StateError::Damaged { file }) if file == audit::FILE));
    paper.set(audit::FILE, &newer_log);
    assert!(Journal::open(&paper, ID, now(5_000)).is_ok());
    paper.set(audit::FILE, &log);
    store_all(&paper, 3).unwrap();
    // Another member's state is not ours either.
    let other = MemberId { index: 3, ..ID };
    assert!(Journal::open(&paper, other, now(5_000)).is_err());
}

#[test]
fn tru_04_and_rel_27_a_missing_file_of_the_journal_is_refused() {
    for file in [kept::FILE, audit::FILE] {
        let paper = journal_paper();
        paper.take(file);
        assert!(matches!(Journal::open(&paper, ID, now(5_000)), Err(StateError::Missing { .. })));
    }
    let paper = journal_paper();
    paper.take(kept::SEEN);
    assert!(kept::last_seen(&paper).is_err());
}

#[test]
fn rel_05_the_time_is_kept_with_the_first_head_and_not_before() {
    let paper = journal_paper();
    let mut journal = Journal::open(&paper, ID, now(7_000)).unwrap();
    journal.store(&KeptChange::Audit { line: "refused REL-05".to_owned() }).unwrap();
    assert_eq!(kept::last_seen(&paper).unwrap().wall, 1_000, "a clock that runs ahead must not lock the member out");
    journal.store(&changes(1)[0]).unwrap();
    assert_eq!(kept::last_seen(&paper).unwrap().wall, 7_000);
}

#[test]
fn rel_06_evidence_is_written_with_the_stop_and_a_person_takes_it_back() {
    let paper = journal_paper();
    let mut journal = Journal::open(&paper, ID, now(7_000)).unwrap();
    let stop = KeptChange::Stopped { reason: "two histories".to_owned(), evidence: vec![b"one".to_vec(), b"two".to_vec()] };
    journal.store(&stop).unwrap();
    journal.store(&stop).unwrap();
    let journal = Journal::open(&paper, ID, now(7_001)).unwrap();
    assert_eq!(journal.kept().stopped(), Some("two histories"));
    for bytes in [b"one", b"two"] {
        let name = format!("evidence-{}.txt", verify::spelling::hex(&trustee::signing::file_hash(bytes)[..8]));
        assert_eq!(paper.get(&name), bytes);
    }
    let mut journal = Journal::open(&paper, ID, now(7_002)).unwrap();
    journal.resume("seen by all").unwrap();
    assert_eq!(Journal::open(&paper, ID, now(7_003)).unwrap().kept().stopped(), None);
}

#[test]
fn rel_27_a_card_of_somebody_else_under_the_same_names_is_seen() {
    let state = init(Paper::default()).unwrap();
    let own = Card::parse(&state.card().unwrap()).unwrap();
    let stranger = SigningKey::generate(&mut SeededEntropy::new([8; 32])).unwrap();
    let name = own.receipt_key.name().clone();
    let foreign = || Card { receipt_key: VerifierKey::new(name.clone(), KeyKind::Ed25519, stranger.verifying_key()), ..own.clone() };
    let other = MemberId { index: 3, ..ID };
    let key = state.receipt_key().unwrap();
    let paper = state.into_disk();
    let opened = |card: Vec<u8>| {
        let paper = paper.restarted();
        paper.set("card", &card);
        State::open(paper).map(|_| ()).map_err(|error| format!("{error:?}"))
    };
    assert_eq!(opened(own.sign(&key)), Ok(()));
    for (what, card) in [
        ("a key", foreign().sign(&stranger)),
        ("a number", Card { member: other, ..own.clone() }.sign(&key)),
        ("a name", Card { name: "Anna".to_owned(), ..own.clone() }.sign(&key)),
        ("a body", Card { organisation: "Court".to_owned(), ..own.clone() }.sign(&key)),
    ] {
        assert_eq!(opened(card), Err("Damaged { file: \"card\" }".to_owned()), "{what}");
    }
}

#[test]
fn rel_27_a_receipt_key_of_somebody_else_is_seen() {
    let stranger = State::init(Paper::default(), ID, "Bram", "Notary", &files(), &mut SeededEntropy::new([8; 32])).unwrap().into_disk();
    let paper = init(Paper::default()).unwrap().into_disk();
    assert!(State::open(paper.restarted()).is_ok());
    paper.set("receipt.key", &stranger.get("receipt.key"));
    let error = State::open(paper).map(|_| ()).map_err(|error| format!("{error:?}"));
    assert_eq!(error, Err("Damaged { file: \"receipt.key\" }".to_owned()));
}

#[test]
fn rel_27_the_newest_generation_is_one_number_within_bounds() {
    let paper = init(Paper::default()).unwrap().into_disk();
    let newest = |text: &str| {
        let paper = paper.restarted();
        paper.set("newest", text.as_bytes());
        State::open(paper).unwrap().newest().map_err(|error| format!("{error:?}"))
    };
    assert_eq!(newest("waarborg-newest/v1\ngeneration 4096\n"), Ok(Some(4096)));
    let damaged = Err("Damaged { file: \"newest\" }".to_owned());
    for text in ["4097\n", "4294967296\n", "01\n", "1\ngeneration 2\n", "1\n\n", "1"] {
        assert_eq!(newest(&format!("waarborg-newest/v1\ngeneration {text}")), damaged, "{text:?}");
    }
    assert_eq!(newest("waarborg-newest/v2\ngeneration 1\n"), damaged);
}

#[test]
fn a_key_is_named_after_its_person_without_what_a_name_of_a_key_cannot_hold() {
    let named = |name: &str| key_name(ID, name).map(|name| name.as_str().to_owned());
    assert_eq!(named("Anna+Bram de\u{a0}Wit").as_deref(), Some("approvers-2/Anna-Bram-de-Wit"));
    assert_eq!(named("Ren\u{e9}e"), None);
}
