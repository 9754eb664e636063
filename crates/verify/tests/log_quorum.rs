//! What quorums, signers and witnesses guarantee together (LOG-08, LOG-13, LOG-22, section 8 of the log's specification).

use seal::merkle::{self, Hash};
use seal::secret::Secret;
use seal::signature::SigningKey;
use verify::log::Refusal;
use verify::log::checkpoint::Checkpoint;
use verify::log::note::{NoteSignature, SignedNote, Signer};
use verify::log::origin::Origin;
use verify::log::proof::TlogProof;
use verify::log::quorum::Window;
use verify::log::split::{Evidence, Kind, Side};
use verify::log::tile::{Resource, bundle};
use verify::log::tlog_policy::{TlogPolicy, least_safe_quorum};
use verify::log::vkey::{KeyKind, KeyName, VerifierKey};
use verify::log::witness::{Config, Request, Stored, Verdict, judge, usable_lines};

const ORIGIN: &str = "log.example/orders/2027";
const NOW: u64 = 1_800_000_000;

fn signer(name: &str, kind: KeyKind, seed: u8) -> Signer {
    Signer::new(KeyName::parse(name).unwrap(), kind, SigningKey::from_seed(Secret::new([seed; 32])).unwrap())
}

fn log() -> Signer {
    signer(ORIGIN, KeyKind::Ed25519, 1)
}

fn witnesses(n: u8) -> Vec<Signer> {
    (0..n).map(|i| signer(&format!("w{i}.example"), KeyKind::Cosignature, 10 + i)).collect()
}

fn policy(n: u8, k: usize) -> TlogPolicy {
    let mut text = format!("log {}\n", log().vkey());
    for (i, witness) in witnesses(n).iter().enumerate() {
        text.push_str(&format!("witness w{i} {}\n", witness.vkey()));
    }
    let members: String = (0..n).map(|i| format!(" w{i}")).collect();
    TlogPolicy::parse(format!("{text}group W {k}{members}\nquorum W\n").as_bytes()).unwrap()
}

fn leaves(size: usize, twist: u8) -> Vec<Hash> {
    (0..size).map(|i| merkle::leaf_hash(&[i as u8, if i < 3 { 0 } else { twist }])).collect()
}

fn head(size: usize, twist: u8) -> String {
    Checkpoint { origin: Origin::parse(ORIGIN).unwrap(), size: size as u64, root: merkle::root(&leaves(size, twist)) }.to_text()
}

fn cosigned(text: &str, by: &[Signer]) -> SignedNote {
    let mut lines = vec![log().sign(text).unwrap()];
    lines.extend(by.iter().map(|w| w.cosign(text, NOW).unwrap()));
    SignedNote::new(text.to_owned(), lines).unwrap()
}

/// Section 16 no. 8. The log shows one half of the honest witnesses one view and the other half another; the dishonest sign both.
#[test]
fn log_68_a_split_view_needs_2k_minus_n_bad_witnesses_and_convicts_them() {
    for n in 1..=10u8 {
        let k = least_safe_quorum(usize::from(n));
        let policy = policy(n, k);
        for bad in 0..=n {
            let honest = n - bad;
            let all = witnesses(n);
            let side = |twist: u8| -> Vec<Signer> {
                let mine = |i: u8| i < bad || ((i - bad) < honest / 2) == (twist == 0);
                all.iter()
                    .zip(0..)
                    .filter(|(_, i)| mine(*i))
                    .map(|(w, i)| signer(w.vkey().name().as_str(), KeyKind::Cosignature, 10 + i))
                    .collect()
            };
            let notes = [cosigned(&head(7, 0), &side(0)), cosigned(&head(7, 1), &side(1))];
            let both = notes.iter().all(|note| policy.check(&note.to_bytes(), None).is_ok());
            // n - k is what the quorum tolerates; up to there no split view may succeed.
            assert!(!(both && usize::from(bad) <= usize::from(n) - k), "{bad} bad of {n}, quorum {k}");
            let shared = (2 * k).saturating_sub(usize::from(n));
            assert!(!(both && usize::from(bad) < shared), "fewer than 2k - n bad ones");
            if both {
                let keys: Vec<VerifierKey> = all.iter().map(|w| w.vkey().clone()).collect();
                let [left, right] = notes;
                let evidence = Evidence { kind: Kind::WitnessFork, sides: [Side::Note(left), Side::Note(right)] };
                assert_eq!(evidence.judge(&keys).unwrap().culprits.len(), usize::from(bad));
            }
        }
    }
    let table: Vec<usize> = (1..=10).map(least_safe_quorum).collect();
    assert_eq!(table, [1, 2, 3, 3, 4, 5, 5, 6, 7, 7]);
}

#[test]
fn log_13_a_key_signs_only_what_it_is_for() {
    let witness = signer("w.example", KeyKind::Cosignature, 3);
    assert_eq!(witness.sign("text\n").unwrap_err(), Refusal::WrongSigner);
    assert_eq!(log().cosign(&head(1, 0), NOW).unwrap_err(), Refusal::WrongSigner);
    assert_eq!(witness.cosign(&head(1, 0), 0).unwrap_err(), Refusal::WrongSigner);
    assert_eq!(witness.cosign(&head(1, 0), u64::MAX).unwrap_err(), Refusal::TimeTooLarge);
    assert_eq!(log().sign("no newline").unwrap_err(), Refusal::NotText);
    assert_eq!(witness.cosign("tab\t\n", NOW).unwrap_err(), Refusal::NotText);
}

#[test]
fn log_08_writers_publish_16_lines_at_most() {
    let text = head(1, 0);
    let lines = |count: u8| SignedNote::new(text.clone(), witnesses(count).iter().map(|w| w.cosign(&text, NOW).unwrap()).collect());
    assert!(lines(16).is_ok());
    assert_eq!(lines(17).unwrap_err(), Refusal::TooManySignatures);
    assert_eq!(lines(0).unwrap_err(), Refusal::NoSignatures);
    let long = format!("{}\n", "x".repeat(65_530));
    assert_eq!(log().sign_note(&long).unwrap_err(), Refusal::NoteTooLong);
}

#[test]
fn rel_05_the_window_is_applied_with_the_policy_that_witnessed() {
    let (mine, other) = (policy(4, 3), policy(4, 4));
    let note = cosigned(&head(7, 0), &witnesses(3)).to_bytes();
    let window = Window::around(NOW + 900, 900);
    assert!(mine.check(&note, None).unwrap().fresh(&mine, window).is_ok());
    assert_eq!(mine.check(&note, None).unwrap().fresh(&other, window).unwrap_err(), Refusal::NotFresh);
    assert_eq!(Window::around(NOW, 900), Window { from: NOW - 900, until: NOW + 60 });
    assert_eq!(Window::around(5, 900).from, 0);
    assert_eq!(mine.check(&note, Some(Window::around(NOW + 901, 900))).unwrap_err(), Refusal::NotFresh);
    assert_eq!(mine.check(&note, Some(Window::around(NOW - 61, 900))).unwrap_err(), Refusal::NotFresh);
}

#[test]
fn rel_13_included_leaves_name_their_head() {
    let head7 = policy(4, 3).check(&cosigned(&head(7, 0), &witnesses(3)).to_bytes(), None).unwrap();
    let all = leaves(7, 0);
    let included = head7.include(4, all[4], &merkle::inclusion_path(&all, 4)).unwrap();
    assert_eq!((included.head(), included.index(), included.leaf_hash()), (head7.head(), 4, all[4]));
    assert_eq!(head7.include(4, all[5], &merkle::inclusion_path(&all, 4)).unwrap_err(), Refusal::NotIncluded);
    let old = merkle::root(&all[..5]);
    assert!(head7.extends(5, old, &merkle::consistency_path(&all, 5)).is_ok());
    assert_eq!(head7.extends(8, old, &[]).unwrap_err(), Refusal::WentBack);
}

/// LOG-22: two requests race, N and N + K. Whichever is stored first, the other one is judged against the new row.
#[test]
fn log_22_of_two_racing_requests_only_one_fits_the_row() {
    let all = leaves(9, 0);
    let config = Config { logs: [(Origin::parse(ORIGIN).unwrap(), vec![log().vkey().clone()])].into() };
    let request = |old: usize, new: usize| {
        let note = log().sign_note(&head(new, 0)).unwrap();
        Request::new(old as u64, merkle::consistency_path(&all[..new], old), note).unwrap()
    };
    let (short, long) = (request(5, 6), request(5, 9));
    let mut row = Stored { size: 5, root: merkle::root(&all[..5]) };
    let Verdict::Cosign { old, head } = judge(row, &long, &config) else { panic!("the long one fits") };
    assert_eq!(old, row);
    row = Stored { size: head.size, root: head.root };
    assert_eq!(judge(row, &short, &config), Verdict::OtherSize { stored: 9 });
    assert_eq!(judge(row, &long, &config), Verdict::OtherSize { stored: 9 });
}

#[test]
fn log_76_only_a_typed_409_is_acted_on() {
    use verify::log::witness::{SIZE_CONTENT_TYPE, stored_size};
    assert_eq!(stored_size(SIZE_CONTENT_TYPE, b"42\n"), Some(42));
    for (kind, body) in [("text/plain", "42\n"), (SIZE_CONTENT_TYPE, "42"), (SIZE_CONTENT_TYPE, "042\n"), (SIZE_CONTENT_TYPE, "x\n")] {
        assert_eq!(stored_size(kind, body.as_bytes()), None, "{kind} {body:?}");
    }
    let other = Verdict::OtherSize { stored: 42 };
    assert_eq!((other.status(), other.body()), (409, (SIZE_CONTENT_TYPE, "42\n".to_owned())));
}

#[test]
fn log_87_a_file_longer_than_any_evidence_is_not_read() {
    assert_eq!(Evidence::parse(&vec![b'x'; Evidence::LEN_MAX + 1]).unwrap_err().code(), "LOG-08");
}

/// Both with the seed of the log's key, so that only the name tells them apart.
#[test]
fn log_11_a_line_under_another_name_is_another_keys() {
    let text = head(4, 0);
    let line = log().sign(&text).unwrap();
    assert_eq!(line.verify(log().vkey(), &text), Ok(None));
    assert!(line.verify(signer("other.example", KeyKind::Ed25519, 1).vkey(), &text).is_err());
}

#[test]
fn log_08_a_note_is_text_that_ends_with_a_line() {
    let text = head(4, 0);
    let line = log().sign(&text).unwrap();
    assert!(SignedNote::new(text.clone(), vec![line.clone()]).is_ok());
    assert!(SignedNote::new(text.trim_end().to_owned(), vec![line.clone()]).is_err());
    assert!(SignedNote::new(text.replace(ORIGIN, "a\tb"), vec![line]).is_err());
}

/// A cosignature of any time, as no honest witness writes it.
fn line_at(witness: &Signer, text: &str, time: u64) -> NoteSignature {
    let message = format!("cosignature/v1\ntime {time}\n{text}");
    let payload = [time.to_be_bytes().as_slice(), &witness.sign_message(message.as_bytes())].concat();
    NoteSignature::new(witness.vkey().name().clone(), witness.vkey().hash(), payload)
}

#[test]
fn log_14_a_time_of_zero_or_past_every_readers_numbers_is_no_time() {
    let (text, witness) = (head(4, 0), &witnesses(1)[0]);
    let window = Window { from: 0, until: u64::MAX };
    let usable = |time: u64| usable_lines(line_at(witness, &text, time).to_line().as_bytes(), &text, witness.vkey(), window);
    assert!(usable(NOW).is_ok() && usable(1).is_ok() && usable(i64::MAX as u64).is_ok());
    assert!(usable(0).is_err() && usable(i64::MAX as u64 + 1).is_err());
    // Nor does it convict of going back.
    let smaller = cosigned(&head(3, 0), &witnesses(1));
    let larger = |time| SignedNote::new(head(5, 0), vec![log().sign(&head(5, 0)).unwrap(), line_at(witness, &head(5, 0), time)]).unwrap();
    let keys = [log().vkey().clone(), witness.vkey().clone()];
    let judged = |note: SignedNote, other: &SignedNote| {
        Evidence { kind: Kind::WitnessRollback, sides: [Side::Note(note), Side::Note(other.clone())] }.judge(&keys)
    };
    assert!(judged(larger(NOW - 1), &smaller).is_ok());
    assert!(judged(larger(0), &smaller).is_err());
    // Two logs, each with its own size: nobody went back.
    let other = head(3, 0).replace(ORIGIN, "other.example/log");
    let other = SignedNote::new(other.clone(), vec![witness.cosign(&other, NOW).unwrap()]).unwrap();
    assert!(judged(larger(NOW - 1), &other).is_err());
}

#[test]
fn log_88_only_the_log_whose_name_it_is_is_convicted() {
    let other = signer("other.example", KeyKind::Ed25519, 2);
    let keys = [log().vkey().clone(), other.vkey().clone()];
    let by_both = |text: String| SignedNote::new(text.clone(), vec![log().sign(&text).unwrap(), other.sign(&text).unwrap()]).unwrap();
    let convicted = |kind, left: SignedNote, right: SignedNote| {
        Evidence { kind, sides: [Side::Note(left), Side::Note(right)] }.judge(&keys).map(|c| c.culprits)
    };
    assert_eq!(convicted(Kind::SameSize, by_both(head(5, 0)), by_both(head(5, 1))), Ok(vec![ORIGIN.to_owned()]));
    let extended = || by_both(head(5, 0) + "one more line\n");
    assert_eq!(convicted(Kind::Extension, extended(), extended()), Ok(vec![ORIGIN.to_owned()]));
}

#[test]
fn log_88_an_entry_that_its_proof_does_not_prove_contradicts_nothing() {
    let side = |twist: u8, entry: [u8; 2]| {
        let hashes = leaves(5, twist);
        let path = merkle::inclusion_path(&hashes, 4);
        let note = cosigned(&head(5, twist), &[]);
        Side::Proof { entry: entry.to_vec(), proof: TlogProof::new(4, path, note) }
    };
    let judged = |left, right| Evidence { kind: Kind::SameIndex, sides: [left, right] }.judge(&[log().vkey().clone()]).is_ok();
    assert!(judged(side(0, [4, 0]), side(1, [4, 1])));
    assert!(!judged(side(0, [9, 9]), side(1, [4, 1])) && !judged(side(0, [4, 0]), side(1, [9, 9])));
}

#[test]
fn log_35_tiles_have_digits_and_bundles_256_entries() {
    assert!(Resource::parse("tile/0/001").is_ok());
    for bad in ["tile/0/0-1", "tile/0/00a", "tile/0/x00!/001"] {
        assert!(Resource::parse(bad).is_err(), "{bad}");
    }
    let entries = |count: usize| bundle(&vec![vec![7; 49]; count]);
    assert!(entries(256).is_some() && entries(257).is_none());
}

#[test]
fn rel_08_a_path_has_at_most_63_hashes() {
    let policy = policy(4, 3);
    let head = policy.check(&cosigned(&head(5, 0), &witnesses(4)).to_bytes(), None).unwrap();
    assert_eq!(head.include(4, [1; 32], &[[0; 32]; 63]).err(), Some(Refusal::NotIncluded));
    assert_eq!(head.include(4, [1; 32], &[[0; 32]; 64]).err(), Some(Refusal::TooManyHashes));
}

#[test]
fn log_39_names_are_narrow_and_codes_are_read_as_people_type_them() {
    use verify::names::{DirectoryId, Instrument};
    assert!(DirectoryId::parse("nl.om-2").is_some() && DirectoryId::parse("nl.Om").is_none());
    assert!(Instrument::parse("national/nl/126n").is_some());
    assert!(
        Instrument::parse("").is_none() && Instrument::parse(&"a".repeat(65)).is_none() && Instrument::parse(&"a".repeat(64)).is_some()
    );
    // NOT-08: each of the letters that are not in the alphabet is the digit that it looks like.
    let with_a_one = (0..=255u8).map(|n| [n; 32]).find(|d| verify::notice::code(d).contains('1')).unwrap();
    let code = verify::notice::code(&with_a_one);
    for letter in ["1", "I", "L", "i", "l"] {
        assert!(verify::notice::same_code(&code.replace('1', letter), &with_a_one), "{letter}");
    }
    assert!(!verify::notice::same_code(&code.replace('1', "7"), &with_a_one));
}
