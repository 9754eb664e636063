//! Every kind comes back, and nothing has a second spelling.

use super::*;
use crate::log::note::Signer;
use crate::log::vkey::{KeyKind, KeyName};
use crate::record::{DraftRecord, Kind, Parent, Record, Value};

const LOG: &str = "a.example/orders/2026";

fn signer(name: &str) -> Signer {
    let mut entropy = seal::entropy::SeededEntropy::new([name.len() as u8; 32]);
    let key = seal::signature::SigningKey::generate(&mut entropy).unwrap();
    Signer::new(KeyName::parse(name).unwrap(), KeyKind::Ed25519, key)
}

fn opening() -> Opening {
    let mut entropy = seal::entropy::SeededEntropy::new([4; 32]);
    let values = vec![
        Value::Kind(Kind::Refusal),
        Value::Provider(ProviderId([1; 16])),
        Value::Parent(Parent::new(LOG, 7)),
        Value::Authority(DirectoryId::parse("nl.om").unwrap()),
        Value::Reason(3),
    ];
    DraftRecord::draw(Record::draw(values, &mut entropy).unwrap(), &mut entropy).signed(vec![9; 64]).opening(&[18])
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn all() -> Vec<Statement> {
    let span = Span::new(3_600, 7_200).unwrap();
    let id = |text: &str| DirectoryId::parse(text).unwrap();
    let leaf = SegmentLeaf { epoch_hash: [1; 32], n_records: 0, first: [0; 32], last: [0; 32], root: seal::merkle::empty_root() };
    vec![
        Statement::Ceremony(Ceremony {
            committee: CommitteeName::Guardians,
            need: 2,
            of: 3,
            generation: 4,
            period: span,
            polynomial: vec![[1; 96], [2; 96]],
            possession: [3; 48],
            transcript: [4; 32],
            members: vec![signer("g-1").vkey().clone()],
        }),
        Statement::Policy(PolicyNotice {
            policy_hash: [1; 32],
            from_tick: 300,
            tick: 300,
            batch: 16,
            freshness: 900,
            max_seal: 86_400,
            remark: Some("recovered".into()),
        }),
        Statement::Registry(RegistryNotice { registry_hash: [5; 32], wait_hours: 72 }),
        Statement::Segment(leaf),
        Statement::SlotClose(SlotClose { provider: ProviderId([1; 16]), slot: span, epochs: 2, root: [2; 32] }),
        Statement::SegmentSorted(vec![[1; 32], [2; 32]]),
        Statement::SaltMap(SaltMapRoot { provider: ProviderId([1; 16]), day: day("2026-11-21"), through: 9, leaves: 3, root: [2; 32] }),
        Statement::EmergencyCount(EmergencyCount {
            day: day("2026-11-21"),
            emergencies: 3,
            unconfirmed: 1,
            overdue: 0,
            suspended: vec![id("unit.a"), id("unit.b")],
        }),
        Statement::Shred(Shred { retention_id: [1; 16], category: 1, day: day("2026-01-01"), receipt_hash: [2; 32] }),
        Statement::ShareDeletion(ShareDeletion { key_id: [1; 32], committee: CommitteeName::Approvers, index: 2, period: span }),
        Statement::Open(Open { log: LOG.into(), index: 7, opening: opening() }),
        Statement::Dummy(Dummies { log: LOG.into(), rows: vec![(1, [1; 32]), (2, [2; 32])] }),
        Statement::Renew(Renewals { log: LOG.into(), rows: vec![(1, day("2027-01-01"))] }),
        Statement::Default(LateSubmitter { log: LOG.into(), index: 9, submitter: id("gateway") }),
        Statement::Statistics(Statistics {
            year: 2027,
            log: LOG.into(),
            range: span,
            openings: 1,
            dummies: 2,
            overdue: 0,
            rows: vec!["nl.om 1 native 1 2026 1".into()],
        }),
        Statement::Head(b"note".to_vec()),
        Statement::ShardEnd(b"note".to_vec()),
        Statement::Unknown { kind: "weather json".into(), text: "{}\n".into() },
    ]
}

#[test]
fn log_44_every_kind_comes_back_from_its_text() {
    for statement in all() {
        let text = statement.to_text();
        assert_eq!(Statement::parse(&text), Ok(statement), "{text}");
        assert!(text.starts_with("waarborg-public/v1 "));
    }
}

#[test]
fn log_03_a_statement_has_one_spelling() {
    for statement in all().into_iter().filter(|s| !matches!(s, Statement::Unknown { .. })) {
        let text = statement.to_text();
        assert!(Statement::parse(&format!("{text}\n")).is_err(), "{text}");
        assert!(Statement::parse(&format!("{text}more 1\n")).is_err(), "{text}");
        assert!(Statement::parse(&text[..text.len() - 1]).is_err(), "{text}");
        assert!(Statement::parse(&text.replacen(' ', "  ", 2)).is_err(), "{text}");
    }
    // A number with a word behind it reads well; the whole spelling shows it.
    let notice = Statement::Registry(RegistryNotice { registry_hash: [5; 32], wait_hours: 72 }).to_text();
    let wordy = notice.replace("wait-hours 72", "wait-hours 72 hours");
    assert_eq!(Statement::parse(&wordy), Err(DocumentError::NotCanonical));
    for bad in ["", "waarborg-public/v1\n", "waarborg-public/v1 \n", "waarborg-public/v2 shred\n", "waarborg-public/v1 a  b\n"] {
        assert!(Statement::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn log_44_lists_ascend_and_end() {
    let unsorted = Statement::SegmentSorted(vec![[2; 32], [1; 32]]).to_text();
    assert!(Statement::parse(&unsorted).is_err());
    let twice = Statement::Dummy(Dummies { log: LOG.into(), rows: vec![(1, [1; 32]), (1, [2; 32])] }).to_text();
    assert!(Statement::parse(&twice).is_err());
    let many: Vec<(u64, Day)> = (0..1_001).map(|n| (n, Day(400))).collect();
    assert!(Statement::parse(&Statement::Renew(Renewals { log: LOG.into(), rows: many }).to_text()).is_err());
    assert!(Statement::parse("waarborg-public/v1 segment-sorted\n").is_err());
    for kind in ["dummy", "renew"] {
        assert!(Statement::parse(&format!("waarborg-public/v1 {kind}\nlog {LOG}\n")).is_err(), "{kind}");
    }
    // Lines of another kind, short enough that a statement could hold more of them than it may.
    let suspended = |lines: u64| {
        let suspended = (0..lines).map(|n| DirectoryId::parse(&format!("unit.n{n:04}")).unwrap()).collect();
        let count = EmergencyCount { day: day("2026-11-21"), emergencies: 0, unconfirmed: 0, overdue: 0, suspended };
        Statement::parse(&Statement::EmergencyCount(count).to_text()).map_err(|e| e.code())
    };
    assert!(suspended(1_000).is_ok());
    assert_eq!(suspended(1_001), Err("DOC-04"));
    assert!(Statement::parse("waarborg-public/v1 dummy\nlog nonsense\nleaf 1 x\n").is_err());
}

#[test]
fn log_44_a_statement_counts_only_with_the_keys_of_its_kind() {
    let (a, b, c) = (signer("a"), signer("bb"), signer("ccc"));
    let signed = SignedStatement::sign(all().remove(0), &[&a, &b]).unwrap();
    let again = SignedStatement::parse(&signed.to_bytes()).unwrap();
    assert_eq!(again, signed);
    assert_eq!(again.leaf_hash(), seal::merkle::leaf_hash(&signed.to_bytes()));
    let keys = [a.vkey(), b.vkey(), c.vkey()];
    assert_eq!(signed.verify(&keys, 2), Ok(()));
    assert_eq!(signed.verify(&keys, 3), Err(StatementError::NotSigned { need: 3, got: 2 }));
    assert_eq!(signed.verify(&[c.vkey()], 1), Err(StatementError::NotSigned { need: 1, got: 0 }));
    assert_eq!(signed.verify(&keys, 0).map_err(|e| e.code()), Err("LOG-44"));
    let long = Statement::Head(vec![0; 60_000]);
    assert_eq!(SignedStatement::sign(long, &[&a]).map_err(|e| e.code()), Err("LOG-08"));
    assert_eq!(SignedStatement::parse(&vec![b'a'; 65_536]).map_err(|e| e.code()), Err("LOG-44"));
}

/// A note may have one octet more (LOG-08).
#[test]
fn log_44_a_statement_has_65_535_octets_at_most() {
    let a = signer("a");
    let unknown = |len: usize| Statement::Unknown { kind: "weather".into(), text: format!("{}\n", "x".repeat(len)) };
    let around = SignedStatement::sign(unknown(0), &[&a]).unwrap().to_bytes().len();
    let longest = SignedStatement::sign(unknown(65_535 - around), &[&a]).unwrap();
    assert_eq!(longest.to_bytes().len(), Statement::LEN_MAX);
    assert_eq!(SignedStatement::parse(&longest.to_bytes()), Ok(longest));
    assert_eq!(SignedStatement::sign(unknown(65_536 - around), &[&a]), Err(StatementError::TooLong));
    // The text alone, as it comes from elsewhere than a note.
    let text = |len: usize| unknown(len - "waarborg-public/v1 weather\n\n".len()).to_text();
    assert_eq!(text(Statement::LEN_MAX).len(), Statement::LEN_MAX);
    assert!(Statement::parse(&text(Statement::LEN_MAX)).is_ok());
    assert_eq!(Statement::parse(&text(Statement::LEN_MAX + 1)), Err(DocumentError::TooLong { len_max: Statement::LEN_MAX }));
}
