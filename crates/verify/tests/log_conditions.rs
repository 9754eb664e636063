//! What is asked of logs, notes, policies and evidence, one condition at a time (REL-03, REL-05, LOG-08, LOG-17, LOG-25, LOG-87, LOG-88).

use seal::merkle::{self, Hash};
use seal::secret::Secret;
use seal::signature::SigningKey;
use verify::log::Refusal;
use verify::log::checkpoint::{Checkpoint, empty_root};
use verify::log::note::{NoteSignature, SignedNote, Signer};
use verify::log::origin::Origin;
use verify::log::proof::TlogProof;
use verify::log::quorum::{Window, check_extension};
use verify::log::split::{Evidence, Kind, Side};
use verify::log::tile::Resource;
use verify::log::tlog_policy::TlogPolicy;
use verify::log::vkey::{KeyKind, KeyName, VerifierKey};
use verify::log::witness::Request;

const ORIGIN: &str = "log.example/orders/2027";
const OTHER: &str = "other.example/orders/2027";
const NOW: u64 = 1_800_000_000;

fn signer(name: &str, kind: KeyKind, seed: u8) -> Signer {
    Signer::new(KeyName::parse(name).unwrap(), kind, SigningKey::from_seed(Secret::new([seed; 32])).unwrap())
}

fn log() -> Signer {
    signer(ORIGIN, KeyKind::Ed25519, 1)
}

fn other_log() -> Signer {
    signer(OTHER, KeyKind::Ed25519, 2)
}

fn witness(number: u8) -> Signer {
    signer(&format!("w{number}.example"), KeyKind::Cosignature, 10 + number)
}

/// Two logs and four witnesses, of which `need` are enough.
fn policy(need: u8) -> TlogPolicy {
    let mut text = format!("log {}\nlog {}\n", log().vkey(), other_log().vkey());
    (0..4).for_each(|n| text.push_str(&format!("witness w{n} {}\n", witness(n).vkey())));
    TlogPolicy::parse(format!("{text}group W {need} w0 w1 w2 w3\nquorum W\n").as_bytes()).unwrap()
}

fn leaves(size: usize, twist: u8) -> Vec<Hash> {
    (0..size).map(|i| merkle::leaf_hash(&[i as u8, twist])).collect()
}

fn head(origin: &str, size: usize, twist: u8) -> String {
    Checkpoint { origin: Origin::parse(origin).unwrap(), size: size as u64, root: merkle::root(&leaves(size, twist)) }.to_text()
}

/// Signed by a log, cosigned by the first witnesses at a time.
fn note(text: &str, log: &Signer, witnesses: u8, time: u64) -> SignedNote {
    let mut lines = vec![log.sign(text).unwrap()];
    lines.extend((0..witnesses).map(|n| witness(n).cosign(text, time).unwrap()));
    SignedNote::new(text.to_owned(), lines).unwrap()
}

#[test]
fn rel_03_a_head_is_of_a_pinned_origin_under_that_origins_own_key() {
    let identified = |origin: &str, log: &Signer| policy(3).identify(&note(&head(origin, 5, 0), log, 3, NOW).to_bytes()).err();
    assert_eq!((identified(ORIGIN, &log()), identified(OTHER, &other_log())), (None, None));
    assert_eq!(identified(OTHER, &log()), Some(Refusal::NotSignedByLog), "pinned, but for another origin");
    assert_eq!(identified("third.example/orders/2027", &log()), Some(Refusal::UnknownOrigin));
}

#[test]
fn rel_05_votes_are_not_counted_under_another_policy() {
    let head = |need: u8| policy(need).check(&note(&head(ORIGIN, 5, 0), &log(), 3, NOW).to_bytes(), None).unwrap();
    let window = Window::around(NOW, 900);
    assert!(head(3).fresh(&policy(3), window).is_ok());
    assert_eq!(head(3).fresh(&policy(2), window).err(), Some(Refusal::NotFresh), "it asks for less, and is another one all the same");
}

#[test]
fn rel_06_nothing_has_one_root_and_takes_the_empty_path() {
    let new = merkle::root(&leaves(5, 0));
    assert_eq!(check_extension(0, empty_root(), 5, new, &[]), Ok(()));
    assert_eq!(check_extension(0, new, 5, new, &[]), Err(Refusal::NotConsistent));
    assert_eq!(check_extension(0, empty_root(), 5, new, &[new]), Err(Refusal::NotConsistent));
    assert_eq!(
        (check_extension(5, new, 5, new, &[]), check_extension(5, new, 5, empty_root(), &[])),
        (Ok(()), Err(Refusal::NotConsistent))
    );
}

fn judged(kind: Kind, left: Side, right: Side, keys: &[&Signer]) -> Result<Vec<String>, Refusal> {
    let keys: Vec<VerifierKey> = keys.iter().map(|key| key.vkey().clone()).collect();
    Evidence { kind, sides: [left, right] }.judge(&keys).map(|conviction| conviction.culprits)
}

#[test]
fn log_88_two_entries_contradict_each_other_at_one_index_only() {
    let side = |twist: u8, index: usize| {
        let hashes = leaves(5, twist);
        let proof = TlogProof::new(index as u64, merkle::inclusion_path(&hashes, index), note(&head(ORIGIN, 5, twist), &log(), 0, NOW));
        Side::Proof { entry: vec![index as u8, twist], proof }
    };
    let between = |left, right| judged(Kind::SameIndex, side(0, left), side(1, right), &[&log()]);
    assert_eq!((between(3, 3), between(3, 4)), (Ok(vec![ORIGIN.to_owned()]), Err(Refusal::NoContradiction)));
}

#[test]
fn log_88_a_witness_of_two_logs_contradicts_nobody() {
    let witness = witness(0);
    let between =
        |kind, right: SignedNote| judged(kind, Side::Note(note(&head(ORIGIN, 5, 0), &log(), 1, NOW)), Side::Note(right), &[&witness]);
    let convicted = Ok(vec!["w0.example".to_owned()]);
    assert_eq!(between(Kind::WitnessFork, note(&head(ORIGIN, 5, 1), &log(), 1, NOW)), convicted);
    assert_eq!(between(Kind::WitnessFork, note(&head(OTHER, 5, 1), &other_log(), 1, NOW)), Err(Refusal::NoContradiction));
    assert_eq!(between(Kind::WitnessRollback, note(&head(ORIGIN, 4, 0), &log(), 1, NOW + 1)), convicted);
    assert_eq!(between(Kind::WitnessRollback, note(&head(OTHER, 4, 0), &other_log(), 1, NOW + 1)), Err(Refusal::NoContradiction));
    // The same head cosigned again is no way back.
    for time in [NOW - 1, NOW + 1] {
        assert_eq!(between(Kind::WitnessRollback, note(&head(ORIGIN, 5, 0), &log(), 1, time)), Err(Refusal::NoContradiction));
    }
}

#[test]
fn log_88_a_rollback_is_about_cosignatures_alone() {
    let spoiled = |size: usize, time: u64| {
        let note = note(&head(ORIGIN, size, 0), &log(), 1, time);
        let mut lines = note.signatures().to_vec();
        let mut payload = lines[0].payload().to_vec();
        payload[0] ^= 1;
        lines[0] = NoteSignature::new(lines[0].name().clone(), lines[0].key_hash(), payload);
        Side::Note(SignedNote::new(note.text().to_owned(), lines).unwrap())
    };
    let convicted = judged(Kind::WitnessRollback, spoiled(5, NOW), spoiled(4, NOW + 1), &[&log(), &witness(0)]);
    assert_eq!(convicted, Ok(vec!["w0.example".to_owned()]), "whatever becomes of the log's own lines");
}

#[test]
fn log_88_an_extension_line_convicts_who_signs_as_the_log() {
    let text = head(ORIGIN, 5, 0) + "one more line\n";
    // A cosigner under the log's name says nothing as the log.
    let cosigner = signer(ORIGIN, KeyKind::Cosignature, 3);
    let by = |lines: Vec<NoteSignature>| Side::Note(SignedNote::new(text.clone(), lines).unwrap());
    let convicted = |lines: Vec<NoteSignature>| judged(Kind::Extension, by(lines.clone()), by(lines), &[&log(), &cosigner]);
    assert_eq!(convicted(vec![log().sign(&text).unwrap()]), Ok(vec![ORIGIN.to_owned()]));
    assert_eq!(convicted(vec![cosigner.cosign(&text, NOW).unwrap()]), Err(Refusal::NoContradiction));
}

/// Whoever lied adds a line that does not verify, in its own name or in another's, and keeps its own.
#[test]
fn log_88_a_line_that_somebody_wrote_in_a_keys_name_acquits_nobody() {
    let spoiled = |text: &str, by: &Signer| {
        let line = by.sign(text).unwrap();
        let mut payload = line.payload().to_vec();
        payload[9] ^= 1;
        NoteSignature::new(line.name().clone(), line.key_hash(), payload)
    };
    let with = |note: SignedNote, line: NoteSignature| {
        let lines = [&[line], note.signatures()].concat();
        SignedNote::new(note.text().to_owned(), lines).unwrap()
    };
    let keys = [&log(), &witness(0), &witness(1)];
    let of = |kind, size: usize, twist: u8, time: u64, forged: Option<&NoteSignature>| {
        let plain = |size, twist, time| note(&head(ORIGIN, size, twist), &log(), 1, time);
        let left = forged.map_or(plain(5, 0, NOW), |line| with(plain(5, 0, NOW), line.clone()));
        judged(kind, Side::Note(left), Side::Note(plain(size, twist, time)), &keys)
    };
    let text = head(ORIGIN, 5, 0);
    let cosigned = |n: u8| {
        let line = witness(n).cosign(&text, NOW - 5).unwrap();
        let mut payload = line.payload().to_vec();
        payload[20] ^= 1;
        NoteSignature::new(line.name().clone(), line.key_hash(), payload)
    };
    for forged in [None, Some(spoiled(&text, &log())), Some(cosigned(0)), Some(cosigned(1))] {
        let of = |kind, size, twist, time| of(kind, size, twist, time, forged.as_ref());
        assert_eq!(of(Kind::SameSize, 5, 1, NOW), Ok(vec![ORIGIN.to_owned()]));
        assert_eq!(of(Kind::WitnessFork, 5, 1, NOW), Ok(vec!["w0.example".to_owned()]));
        assert_eq!(of(Kind::WitnessRollback, 4, 0, NOW + 1), Ok(vec!["w0.example".to_owned()]));
        assert_eq!(of(Kind::WitnessRollback, 6, 0, NOW), Err(Refusal::NoContradiction), "a spoiled line has no time");
    }
    let text = text + "one more line\n";
    let lines = vec![spoiled(&text, &log()), log().sign(&text).unwrap()];
    let side = Side::Note(SignedNote::new(text.clone(), lines).unwrap());
    assert_eq!(judged(Kind::Extension, side.clone(), side, &[&log()]), Ok(vec![ORIGIN.to_owned()]));
    let side = Side::Note(SignedNote::new(text.clone(), vec![spoiled(&text, &log())]).unwrap());
    assert_eq!(judged(Kind::Extension, side.clone(), side, &[&log()]), Err(Refusal::NoContradiction), "and it is no signature either");
}

#[test]
fn log_88_two_kinds_are_about_witnesses_and_all_others_about_the_log() {
    let of_log: Vec<&str> = Kind::ALL.into_iter().filter(|kind| kind.convicts_log()).map(Kind::as_str).collect();
    assert_eq!(of_log, ["same-size", "same-index", "extension"]);
}

/// A key's line under another name is a line of nobody.
#[test]
fn log_88_a_line_under_another_name_is_not_the_keys() {
    let renamed = |twist: u8| {
        let note = note(&head(ORIGIN, 5, twist), &log(), 0, NOW);
        let line = &note.signatures()[0];
        let line = NoteSignature::new(KeyName::parse(OTHER).unwrap(), line.key_hash(), line.payload().to_vec());
        Side::Note(SignedNote::new(note.text().to_owned(), vec![line]).unwrap())
    };
    assert_eq!(judged(Kind::SameSize, renamed(0), renamed(1), &[&log()]), Err(Refusal::NoContradiction));
}

#[test]
fn log_87_evidence_has_two_sides_and_nothing_behind_them() {
    let evidence = Evidence { kind: Kind::SameSize, sides: [0, 1].map(|twist| Side::Note(note(&head(ORIGIN, 5, twist), &log(), 0, NOW))) };
    let bytes = evidence.to_bytes();
    assert_eq!(Evidence::parse(&bytes), Ok(evidence));
    assert_eq!(Evidence::parse(&[&bytes[..], b"\n"].concat()), Err(Refusal::NotCanonical));
}

#[test]
fn log_17_a_tiles_number_stands_in_groups_of_three_digits() {
    assert!(Resource::parse("tile/0/x001/234").is_ok());
    for bad in ["tile/0/1", "tile/0/01", "tile/0/0001", "tile/0/x1/234", "tile/0/99999999999999999999999999999999"] {
        assert_eq!(Resource::parse(bad), Err(Refusal::BadPath), "{bad}");
    }
    assert_eq!(Resource::parse(&format!("tile/0/{}001", "x000/".repeat(40))), Err(Refusal::BadPath), "nor longer than any number is");
}

#[test]
fn log_25_a_policy_has_printable_octets_and_groups_have_members() {
    let text = format!("log {}\nwitness w0 {}\n", log().vkey(), witness(0).vkey());
    let read = |rest: &str| TlogPolicy::parse(format!("{text}{rest}").as_bytes()).err();
    assert_eq!(read("# a comment\ngroup W any w0\nquorum\tW\n"), None);
    for octet in ["\r", "\0", "\x0b", "\x7f"] {
        assert_eq!(read(&format!("# a comment{octet}\ngroup W any w0\nquorum W\n")), Some(Refusal::BadPolicyOctet), "{octet:?}");
    }
    assert_eq!(read("group W any\nquorum w0\n"), Some(Refusal::BadPolicyLine { line: 3 }));
}

#[test]
fn log_25_a_group_takes_no_name_that_is_another_s() {
    let text = format!("log {}\nwitness w0 {}\nwitness w1 {}\n", log().vkey(), witness(0).vkey(), witness(1).vkey());
    let read = |group: &str| TlogPolicy::parse(format!("{text}group V any w0\n{group}quorum V\n").as_bytes()).err();
    assert_eq!(read("group W any w1\n"), None);
    for taken in ["V", "w0", "none"] {
        assert_eq!(read(&format!("group {taken} any w1\n")), Some(Refusal::NameTaken { line: 5 }), "{taken}");
    }
}

#[test]
fn log_73_a_request_is_not_longer_than_64_kib() {
    assert_eq!(Request::parse(&vec![b'x'; Request::LEN_MAX]).err(), Some(Refusal::WrongHeader));
    assert_eq!(Request::parse(&vec![b'x'; Request::LEN_MAX + 1]).err(), Some(Refusal::NoteTooLong));
}

#[test]
fn log_07_a_signature_line_has_exactly_the_octets_of_its_kind() {
    let text = head(ORIGIN, 5, 0);
    for (key, line) in [(log(), log().sign(&text).unwrap()), (witness(0), witness(0).cosign(&text, NOW).unwrap())] {
        let verified =
            |payload: &[u8]| NoteSignature::new(line.name().clone(), line.key_hash(), payload.to_vec()).verify(key.vkey(), &text).is_ok();
        let payload = line.payload();
        assert!(verified(payload));
        assert!(!verified(&payload[1..]) && !verified(&payload[..payload.len() - 1]) && !verified(&[payload, &[0]].concat()));
        assert!(!verified(&payload[..5]));
    }
}
