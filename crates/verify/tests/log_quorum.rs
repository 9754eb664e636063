//! What quorums, signers and witnesses guarantee together (LOG-08, LOG-13, LOG-22, section 8 of the log's specification).

use seal::merkle::{self, Hash};
use seal::secret::Secret;
use seal::signature::SigningKey;
use verify::log::Refusal;
use verify::log::checkpoint::Checkpoint;
use verify::log::note::{SignedNote, Signer};
use verify::log::origin::Origin;
use verify::log::quorum::Window;
use verify::log::split::{Evidence, Kind, Side};
use verify::log::tlog_policy::{TlogPolicy, least_safe_quorum};
use verify::log::vkey::{KeyKind, KeyName, VerifierKey};
use verify::log::witness::{Config, Request, Stored, Verdict, judge};

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
