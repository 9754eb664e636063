//! Cases of cosigned checkpoints, proofs, the witness protocol, and evidence of split views.

use seal::merkle;
use verify::log::checkpoint::Checkpoint;
use verify::log::note::{NoteSignature, SignedNote, Signer};
use verify::log::origin::Origin;
use verify::log::proof::TlogProof;
use verify::log::split::{Evidence, Kind, Side};
use verify::log::vkey::{KeyKind, VerifierKey};
use verify::log::witness::Request;
use verify::spelling::{base64, hex};

use super::super::loader::Vector;
use super::{ORIGIN, TICK, World, case, entries, head, key, leaves, raw_line, signer, spoiled, swap, unknown_line, window};

pub fn all() -> Vec<Vector> {
    [cosigned(), freshness(), proofs(), requests(), answers(), contradictions(), witnesses_convicted(), shapes()]
        .into_iter()
        .flatten()
        .collect()
}

fn accepted(not_before: u64, not_after: u64) -> String {
    format!("accepted {} {}", TICK + not_before, TICK + not_after)
}

fn cosigned() -> Vec<Vector> {
    let world = World::new();
    let policy = world.policy();
    let text = head(7, 0);
    let c = |n: &str, expect: &str, why: &str, payload: Vec<u8>| case("cosigned-checkpoint", n, expect, why, &policy, payload);
    let note = |text: &str, lines: Vec<NoteSignature>| SignedNote::new(text.to_owned(), lines).unwrap().to_bytes();
    let log = world.log.sign(&text).unwrap();
    let by = |n: usize, after: u64| world.witnesses[n - 1].cosign(&text, TICK + after).unwrap();
    let three = || vec![log.clone(), by(1, 1), by(2, 2), by(3, 3)];
    let with = |line: NoteSignature| [three(), vec![line]].concat();
    let at_zero = at_time_zero(&world.witnesses[2], &text);
    let retimed =
        NoteSignature::new(by(3, 3).name().clone(), by(3, 3).key_hash(), [&(TICK + 9).to_be_bytes(), &by(3, 3).payload()[8..]].concat());
    let late = NoteSignature::new(by(3, 3).name().clone(), by(3, 3).key_hash(), [&[0xff; 8], &by(3, 3).payload()[8..]].concat());
    let other = |origin: &str| text.replace(ORIGIN, origin);
    let stranger_log = signer(ORIGIN, KeyKind::Ed25519, 77);
    let other_log = signer("log.example/orders/2028", KeyKind::Ed25519, 1);
    let empty = Checkpoint { origin: Origin::parse(ORIGIN).unwrap(), size: 0, root: merkle::empty_root() }.to_text();
    let extended = format!("{text}extra\n");
    let extended_lines = vec![world.log.sign(&extended).unwrap(), world.witnesses[0].cosign(&extended, TICK).unwrap()];
    let other_lines = vec![other_log.sign(&other("log.example/orders/2028")).unwrap()];
    vec![
        c("good", &accepted(1, 3), "three of four witnesses", note(&text, three())),
        c("good-all", &accepted(2, 3), "four witnesses: the quorum's times without its outliers", note(&text, with(by(4, 900)))),
        c("good-strangers", &accepted(1, 3), "unknown lines are ignored", note(&text, with(unknown_line(4)))),
        c("good-repeated", &accepted(1, 3), "a witness twice: its earlier time counts", note(&text, with(by(3, 500)))),
        c("origin-unknown", "refused REL-03", "a log that is not in the policy", note(&other("log.example/orders/2028"), other_lines)),
        c("empty-tree", "refused REL-03", "no leaves", world.cosigned(&empty, &[(1, 1), (2, 2), (3, 3)]).to_bytes()),
        c("log-line-missing", "refused REL-03", "witnesses only", note(&text, three()[1..].to_vec())),
        c(
            "log-line-of-stranger",
            "refused REL-03",
            "the log's name, another key",
            note(&text, [vec![stranger_log.sign(&text).unwrap()], three()[1..].to_vec()].concat()),
        ),
        c(
            "log-line-fails",
            "refused LOG-07",
            "the log's line is spoiled",
            note(&text, [vec![spoiled(&log)], three()[1..].to_vec()].concat()),
        ),
        c(
            "witness-line-fails",
            "refused LOG-07",
            "a quorum and one spoiled line of a known witness",
            note(&text, with(spoiled(&by(4, 4)))),
        ),
        c(
            "witness-time-changed",
            "refused LOG-07",
            "a time that was not signed",
            note(&text, vec![log.clone(), by(1, 1), by(2, 2), retimed]),
        ),
        c("witness-time-past-limit", "refused LOG-14", "a time past 2^63 - 1", note(&text, vec![log.clone(), by(1, 1), by(2, 2), late])),
        c("quorum-short", "refused REL-04", "two of four", note(&text, three()[..3].to_vec())),
        c(
            "quorum-short-repeated",
            "refused REL-04",
            "two of four, one of them twice",
            note(&text, vec![log.clone(), by(1, 1), by(2, 2), by(2, 3)]),
        ),
        c("quorum-time-zero", "refused REL-04", "the third has time 0", note(&text, vec![log.clone(), by(1, 1), by(2, 2), at_zero])),
        c("extension-line", "refused LOG-09", "a fourth line, signed by all", note(&extended, extended_lines)),
        c("text-of-another-head", "refused LOG-07", "lines moved from one head to another", swap(&note(&text, three()), "\n7\n", "\n8\n")),
    ]
}

/// A line whose signature holds for time 0, which no signer of ours would make.
fn at_time_zero(witness: &Signer, text: &str) -> NoteSignature {
    let signature = witness.sign_message(&[b"cosignature/v1\ntime 0\n", text.as_bytes()].concat());
    NoteSignature::new(witness.vkey().name().clone(), witness.vkey().hash(), [&[0; 8], &signature[..]].concat())
}

fn freshness() -> Vec<Vector> {
    let world = World::new();
    let text = head(7, 0);
    let f = |n: &str, expect: &str, why: &str, from: u64, until: u64, cosigners: &[(usize, u64)]| {
        let headers = [world.policy(), window(from, until)].concat();
        case("cosigned-checkpoint", n, expect, why, &headers, world.cosigned(&text, cosigners).to_bytes())
    };
    let three = [(1, 100), (2, 200), (3, 300)];
    vec![
        f("fresh", &accepted(100, 300), "all within the window", 0, 960, &three),
        f("fresh-edge-from", &accepted(100, 300), "the earliest stands on the edge", 100, 960, &three),
        f("fresh-edge-until", &accepted(100, 300), "the latest stands on the edge", 0, 300, &three),
        f("fresh-beside-old", &accepted(100, 200), "an old fourth line does not matter", 50, 960, &[(1, 100), (2, 200), (3, 300), (4, 1)]),
        f("stale-by-a-second", "refused REL-05", "the earliest is a second too old", 101, 960, &three),
        f("early-by-a-second", "refused REL-05", "the latest is a second too far ahead", 0, 299, &three),
        f("fresh-minority", "refused REL-05", "the quorum is met, but fresh are only two", 150, 960, &three),
    ]
}

fn proofs() -> Vec<Vector> {
    let world = World::new();
    let leaves7 = leaves(7, 0);
    let note = world.cosigned(&head(7, 0), &[(1, 1), (2, 2), (3, 3)]);
    let path = merkle::inclusion_path(&leaves7, 4);
    let good = TlogProof::new(4, path.clone(), note.clone()).to_bytes();
    let entry = |index: usize| ("entry", hex(&entries(7, 0)[index]));
    let p = |n: &str, expect: &str, why: &str, payload: Vec<u8>| {
        case("tlog-proof", n, expect, why, &[world.policy(), vec![entry(4)]].concat(), payload)
    };
    let of = |index: u64, path: &[merkle::Hash]| TlogProof::new(index, path.to_vec(), note.clone()).to_bytes();
    let swapped = |from: &str, to: &str| swap(&good, from, to);
    let single = world.cosigned(&head(1, 0), &[(1, 1), (2, 2), (3, 3)]);
    let aged = [world.policy(), vec![entry(4)], window(5, 900)].concat();
    vec![
        p("good", "accepted", "the fifth of seven", good.clone()),
        case(
            "tlog-proof",
            "good-single",
            "accepted",
            "the only leaf: no hashes",
            &[world.policy(), vec![entry(0)]].concat(),
            TlogProof::new(0, Vec::new(), single).to_bytes(),
        ),
        p("good-extra", "accepted", "extra is ignored when read (LOG-24)", swapped("index", "extra AAAA\nindex")),
        p("header-missing", "refused LOG-24", "no first line", swapped("c2sp.org/tlog-proof@v1\n", "")),
        p("header-version", "refused LOG-24", "another version", swapped("@v1", "@v2")),
        p("index-missing", "refused LOG-24", "no index line", swapped("index 4\n", "")),
        p("index-leading-zero", "refused LOG-03", "index 04", swapped("index 4", "index 04")),
        p("extra-after-index", "refused LOG-03", "extra in the wrong place", swapped("index 4", "index 4\nextra AAAA")),
        p("extra-twice", "refused LOG-24", "two extra lines", swapped("index", "extra AAAA\nextra AAAA\nindex")),
        p("extra-not-base64", "refused LOG-03", "extra that is no base64", swapped("index", "extra AAA\nindex")),
        p(
            "blank-line-missing",
            "refused LOG-03",
            "hashes run into the checkpoint",
            swapped(&format!("\n\n{ORIGIN}"), &format!("\n{ORIGIN}")),
        ),
        p("hash-short", "refused LOG-03", "a hash of 31 octets", swapped(&base64(&path[0]), &base64(&path[0][..31]))),
        p("hashes-64", "refused LOG-24", "64 hashes", of(4, &[[1; 32]; 64])),
        p("hashes-63", "refused REL-08", "63 hashes are a legal file, and wrong here", of(4, &[[1; 32]; 63])),
        p("path-short", "refused REL-08", "a hash too few", of(4, &path[..path.len() - 1])),
        p("path-long", "refused REL-08", "a hash too many", of(4, &[&path[..], &[[1; 32]]].concat())),
        p("path-of-another", "refused REL-08", "the path of the sixth", of(4, &merkle::inclusion_path(&leaves7, 5))),
        p("index-of-another", "refused REL-08", "the sixth's index with the fifth's path", of(5, &path)),
        p("index-outside", "refused REL-08", "index 7 of 7", of(7, &path)),
        case(
            "tlog-proof",
            "entry-of-another",
            "refused REL-08",
            "the sixth entry under the fifth's proof",
            &[world.policy(), vec![entry(5)]].concat(),
            good.clone(),
        ),
        p(
            "quorum-short",
            "refused REL-04",
            "two witnesses",
            TlogProof::new(4, path.clone(), world.cosigned(&head(7, 0), &[(1, 1), (2, 2)])).to_bytes(),
        ),
        case("tlog-proof", "stale", "refused REL-05", "older than the window", &aged, good.clone()),
        p("too-long", "refused LOG-08", "more than 64 KiB", swapped("index", &format!("extra {}\nindex", base64(&vec![7; 50_000])))),
        p(
            "root-of-another-tree",
            "refused REL-08",
            "signed and cosigned, another tree",
            TlogProof::new(4, path, world.cosigned(&head(7, 1), &[(1, 1), (2, 2), (3, 3)])).to_bytes(),
        ),
    ]
}

fn requests() -> Vec<Vector> {
    let world = World::new();
    let keys = [key(world.log.vkey())];
    let stored = |size: usize, twist: u8| ("stored", format!("{size} {}", base64(&merkle::root(&leaves(size, twist)))));
    let (l5, l7) = (leaves(5, 0), leaves(7, 0));
    let consistency = merkle::consistency_path(&l7, 5);
    assert_eq!(merkle::root(&l5), merkle::root(&l7[..5]));
    let note = |size: usize, twist: u8| world.log.sign_note(&head(size, twist)).unwrap();
    let request = |old: u64, path: &[merkle::Hash], note: SignedNote| Request::new(old, path.to_vec(), note).unwrap().to_bytes();
    let r = |n: &str, expect: &str, why: &str, at: usize, payload: Vec<u8>| {
        let headers = if at == 0 { keys.to_vec() } else { [keys.to_vec(), vec![stored(at, 0)]].concat() };
        case("witness-request", n, expect, why, &headers, payload)
    };
    let good = request(5, &consistency, note(7, 0));
    let swapped = |from: &str, to: &str| swap(&good, from, to);
    let unsigned = SignedNote::new(head(7, 0), vec![unknown_line(1)]).unwrap();
    let failing = SignedNote::new(head(7, 0), vec![spoiled(&world.log.sign(&head(7, 0)).unwrap())]).unwrap();
    let unknown = signer("log.example/other/2027", KeyKind::Ed25519, 5).sign_note(&head(7, 0).replace("orders", "other")).unwrap();
    let empty_head = Checkpoint { origin: Origin::parse(ORIGIN).unwrap(), size: 0, root: merkle::empty_root() }.to_text();
    let empty = world.log.sign_note(&empty_head).unwrap();
    let extended = format!("{}extra\n", head(7, 0));
    let extended = format!("old 0\n\n{extended}\n{}", raw_line(&world.log, &extended)).into_bytes();
    let wrong_empty = empty_head.replace("47DEQ", "57DEQ");
    let wrong_empty = format!("old 0\n\n{wrong_empty}\n{}", raw_line(&world.log, &wrong_empty)).into_bytes();
    let padded = format!("{}\n", "x".repeat(66_000));
    vec![
        r("good-first", "answer 200", "the first head of a log", 0, request(0, &[], note(7, 0))),
        r("good-next", "answer 200", "five leaves to seven", 5, good.clone()),
        r("good-same", "answer 200", "the same head again, for a new time", 7, request(7, &[], note(7, 0))),
        r("good-empty", "answer 200", "an empty log", 0, request(0, &[], empty)),
        r("origin-unknown", "answer 404", "no log of ours", 0, request(0, &[], unknown.clone())),
        r("origin-unknown-first", "answer 404", "404 stands before 403 and 400 in the table", 5, request(9, &[], unknown)),
        r("log-line-missing", "answer 403", "no trusted key signed", 5, request(5, &consistency, unsigned.clone())),
        r("log-line-fails", "answer 403", "the trusted key's line fails", 5, request(5, &consistency, failing)),
        r("log-line-missing-first", "answer 403", "403 stands before 400 in the table", 5, request(9, &[], unsigned)),
        r("old-above-size", "answer 400", "old 9, size 7", 9, request(9, &[], note(7, 0))),
        r("old-above-size-first", "answer 400", "400 stands before 409 in the table", 5, request(9, &[], note(7, 0))),
        r("old-below-stored", "answer 409 5", "we have five leaves, they say three", 5, request(3, &[], note(7, 0))),
        r("old-above-stored", "answer 409 5", "we have five leaves, they say six", 5, request(6, &[], note(7, 0))),
        r("rollback", "answer 400", "a head smaller than the stored one", 7, request(7, &[], note(5, 0))),
        r("proof-fails", "answer 422", "another log with the same beginning", 5, request(5, &consistency, note(7, 1))),
        r("proof-missing", "answer 422", "no hashes", 5, request(5, &[], note(7, 0))),
        r("proof-long", "answer 422", "a hash too many", 5, request(5, &[&consistency[..], &[[1; 32]]].concat(), note(7, 0))),
        r("proof-at-zero", "answer 422", "a proof from nothing", 0, request(0, &[[1; 32]], note(7, 0))),
        r("proof-at-same-size", "answer 422", "a proof of standing still", 7, request(7, &[[1; 32]], note(7, 0))),
        r("same-size-other-root", "answer 422", "a split view", 7, request(7, &[], note(7, 1))),
        r("old-missing", "refused LOG-24", "no old line", 5, swapped("old 5\n", "")),
        r("old-leading-zero", "refused LOG-03", "old 05", 5, swapped("old 5", "old 05")),
        r("hash-not-base64", "refused LOG-03", "a hash that is no base64", 5, swapped(&base64(&consistency[0]), "AAAA")),
        r("hashes-64", "refused LOG-24", "64 hashes", 5, request(5, &[[1; 32]; 64], note(7, 0))),
        r("extension-line", "refused LOG-09", "a fourth line in the checkpoint", 0, extended),
        r("empty-root-wrong", "refused LOG-10", "size 0 with another root", 0, wrong_empty),
        r("checkpoint-missing", "refused LOG-24", "no checkpoint", 5, b"old 5\n".to_vec()),
        r("too-long", "refused LOG-08", "more than 64 KiB", 5, format!("old 5\n\n{padded}").into_bytes()),
        r("not-utf8", "refused LOG-03", "an octet that is no UTF-8", 5, [&good[..], &[0xff]].concat()),
    ]
}

fn answers() -> Vec<Vector> {
    let world = World::new();
    let text = head(7, 0);
    let mine = &world.witnesses[0];
    let headers = |w: Vec<(&'static str, String)>| {
        let lines = text.trim_end().split('\n').map(|line| ("checkpoint", line.to_owned()));
        [vec![key(mine.vkey())], lines.collect(), w].concat()
    };
    let a = |n: &str, expect: &str, why: &str, payload: String| case("witness-answer", n, expect, why, &headers(window(0, 100)), payload);
    let line = |after: u64| mine.cosign(&text, TICK + after).unwrap().to_line();
    let other = world.witnesses[1].cosign(&text, TICK + 5).unwrap().to_line();
    let moved = mine.cosign(&head(7, 1), TICK + 5).unwrap().to_line();
    let past = mine.cosign(&text, TICK - 1).unwrap().to_line();
    vec![
        a("good", "accepted 1", "one line", line(5)),
        a("good-edges", "accepted 2", "both ends of the window count", format!("{}{}", line(0), line(100))),
        a("good-with-strangers", "accepted 1", "unknown keys are dropped", format!("{}{other}{}", line(5), unknown_line(6).to_line())),
        a("good-beside-late", "accepted 1", "lines outside the window are dropped", format!("{}{}", line(101), line(5))),
        a("other-witness-only", "refused LOG-77", "a line of another witness", other),
        a("too-late", "refused LOG-77", "a time past the window", line(101)),
        a("too-early", "refused LOG-77", "a time before the tick", past),
        a("of-another-head", "refused LOG-07", "a cosignature of another head", moved),
        a("spoiled", "refused LOG-07", "one octet changed", spoiled(&mine.cosign(&text, TICK + 5).unwrap()).to_line()),
        a("not-a-line", "refused LOG-04", "some text", "hello\n".to_owned()),
        a("empty", "refused LOG-03", "nothing", String::new()),
        a("last-newline-missing", "refused LOG-03", "the line does not end", line(5).trim_end().to_owned()),
        a("too-long", "refused LOG-08", "more than 64 KiB", line(5).repeat(600)),
    ]
}

/// The keys of an evidence file's judge: the log's and all witnesses'.
fn judge_keys(world: &World) -> Vec<(&'static str, String)> {
    let vkeys: Vec<&VerifierKey> = [&world.log].into_iter().chain(&world.witnesses).map(|s| s.vkey()).collect();
    vkeys.into_iter().map(key).collect()
}

fn note_side(note: &SignedNote) -> Side {
    Side::Note(note.clone())
}

fn proof_side(world: &World, size: usize, twist: u8, index: usize, cosigners: &[(usize, u64)]) -> Side {
    let path = merkle::inclusion_path(&leaves(size, twist), index);
    let note = world.cosigned(&head(size, twist), cosigners);
    Side::Proof { entry: entries(size, twist)[index].clone(), proof: TlogProof::new(index as u64, path, note) }
}

fn file(kind: Kind, left: Side, right: Side) -> Vec<u8> {
    Evidence { kind, sides: [left, right] }.to_bytes()
}

fn contradictions() -> Vec<Vector> {
    let world = World::new();
    let keys = judge_keys(&world);
    let e = |n: &str, expect: &str, why: &str, payload: Vec<u8>| case("split-view", n, expect, why, &keys, payload);
    let log_convicted = format!("accepted {ORIGIN} {ORIGIN}");
    let by_log = |size: usize, twist: u8| note_side(&world.log.sign_note(&head(size, twist)).unwrap());
    let proof = |size: usize, twist: u8, index: usize| proof_side(&world, size, twist, index, &[]);
    let twin = signer("log.example/public/2027", KeyKind::Ed25519, 1);
    let other_origin = note_side(&twin.sign_note(&head(7, 1).replace("orders", "public")).unwrap());
    let unsigned = note_side(&SignedNote::new(head(7, 1), vec![unknown_line(1)]).unwrap());
    let failing = note_side(&SignedNote::new(head(7, 1), vec![spoiled(&world.log.sign(&head(7, 1)).unwrap())]).unwrap());
    let same_entry = Side::Proof {
        entry: entries(7, 0)[1].clone(),
        proof: TlogProof::new(1, merkle::inclusion_path(&leaves(7, 1), 1), world.cosigned(&head(7, 1), &[])),
    };
    let not_proven = Side::Proof {
        entry: b"other".to_vec(),
        proof: TlogProof::new(5, merkle::inclusion_path(&leaves(7, 1), 5), world.cosigned(&head(7, 1), &[])),
    };
    let extended = format!("{}extra\n", head(7, 0));
    let extended_note = world.log.sign_note(&extended).unwrap();
    let extended_unsigned = SignedNote::new(extended, vec![unknown_line(1)]).unwrap();
    let none = "refused LOG-87";
    vec![
        e("same-size", &log_convicted, "one size, two roots", file(Kind::SameSize, by_log(7, 0), by_log(7, 1))),
        e("same-size-same-root", none, "the same head twice", file(Kind::SameSize, by_log(7, 0), by_log(7, 0))),
        e("same-size-other-size", none, "two sizes prove nothing by themselves", file(Kind::SameSize, by_log(7, 0), by_log(6, 1))),
        e("same-size-other-origin", none, "two logs", file(Kind::SameSize, by_log(7, 0), other_origin)),
        e("same-size-one-unsigned", none, "the log signed only one of them", file(Kind::SameSize, by_log(7, 0), unsigned)),
        e(
            "same-size-one-fails",
            "refused LOG-87",
            "the one signature on a side is spoiled: that side nobody signed",
            file(Kind::SameSize, by_log(7, 0), failing),
        ),
        e("same-size-with-proofs", none, "two proofs are not what the kind says", file(Kind::SameSize, proof(7, 0, 5), proof(7, 1, 5))),
        e("same-size-mixed", none, "a note and a proof", file(Kind::SameSize, by_log(7, 0), proof(7, 1, 5))),
        e("same-index", &log_convicted, "one index, two entries, across sizes", file(Kind::SameIndex, proof(7, 0, 5), proof(6, 1, 5))),
        e("same-index-other-index", none, "two indexes", file(Kind::SameIndex, proof(7, 0, 5), proof(7, 1, 4))),
        e("same-index-same-entry", none, "the entry is the same", file(Kind::SameIndex, proof(7, 0, 1), same_entry)),
        e("same-index-not-proven", none, "one entry is not in the tree", file(Kind::SameIndex, proof(7, 0, 5), not_proven)),
        e("same-index-with-notes", none, "two notes are not what the kind says", file(Kind::SameIndex, by_log(7, 0), by_log(7, 1))),
        e(
            "extension",
            &log_convicted,
            "the log signed an extension line",
            file(Kind::Extension, note_side(&extended_note), note_side(&extended_note)),
        ),
        e("extension-none", none, "an ordinary head", file(Kind::Extension, by_log(7, 0), by_log(7, 0))),
        e(
            "extension-unsigned",
            none,
            "the log did not sign it",
            file(Kind::Extension, note_side(&extended_unsigned), note_side(&extended_unsigned)),
        ),
        e("extension-two-notes", none, "the second side is another note", file(Kind::Extension, note_side(&extended_note), by_log(7, 0))),
    ]
}

fn witnesses_convicted() -> Vec<Vector> {
    let world = World::new();
    let keys = judge_keys(&world);
    let e = |n: &str, expect: &str, why: &str, payload: Vec<u8>| case("split-view", n, expect, why, &keys, payload);
    let at = |size: usize, twist: u8, cosigners: &[(usize, u64)]| note_side(&world.cosigned(&head(size, twist), cosigners));
    let proof = |size: usize, twist: u8, cosigners: &[(usize, u64)]| proof_side(&world, size, twist, 5, cosigners);
    let fork = format!("accepted {ORIGIN} w2.example/witness");
    let at_zero = {
        let text = head(7, 1);
        let lines = vec![world.log.sign(&text).unwrap(), at_time_zero(&world.witnesses[1], &text)];
        note_side(&SignedNote::new(text, lines).unwrap())
    };
    let none = "refused LOG-87";
    vec![
        e(
            "witness-fork",
            &fork,
            "w2 on both of two views",
            file(Kind::WitnessFork, at(7, 0, &[(1, 1), (2, 2)]), at(7, 1, &[(2, 3), (3, 4)])),
        ),
        e("witness-fork-by-index", &fork, "w2 on both proofs", file(Kind::WitnessFork, proof(7, 0, &[(2, 2)]), proof(6, 1, &[(2, 3)]))),
        e("witness-fork-none-on-both", none, "no witness on both", file(Kind::WitnessFork, at(7, 0, &[(1, 1)]), at(7, 1, &[(2, 3)]))),
        e("witness-fork-same-root", none, "one view", file(Kind::WitnessFork, at(7, 0, &[(1, 1)]), at(7, 0, &[(1, 3)]))),
        e("witness-fork-time-zero", none, "time 0 is no statement about a head", file(Kind::WitnessFork, at(7, 0, &[(2, 1)]), at_zero)),
        e(
            "witness-rollback",
            &fork,
            "w2: seven leaves, and later five",
            file(Kind::WitnessRollback, at(7, 0, &[(2, 10)]), at(5, 0, &[(2, 11)])),
        ),
        e(
            "witness-rollback-turned",
            &fork,
            "the sides may stand either way",
            file(Kind::WitnessRollback, at(5, 0, &[(2, 11)]), at(7, 0, &[(2, 10)])),
        ),
        e(
            "witness-rollback-same-second",
            none,
            "the same second has no order",
            file(Kind::WitnessRollback, at(7, 0, &[(2, 10)]), at(5, 0, &[(2, 10)])),
        ),
        e("witness-rollback-forward", none, "as it should be", file(Kind::WitnessRollback, at(7, 0, &[(2, 11)]), at(5, 0, &[(2, 10)]))),
        e(
            "witness-rollback-two-witnesses",
            none,
            "two witnesses, each forward",
            file(Kind::WitnessRollback, at(7, 0, &[(1, 10)]), at(5, 0, &[(2, 11)])),
        ),
        e("witness-rollback-same-size", none, "one size", file(Kind::WitnessRollback, at(7, 0, &[(2, 10)]), at(7, 1, &[(2, 11)]))),
    ]
}

fn shapes() -> Vec<Vector> {
    let world = World::new();
    let keys = judge_keys(&world);
    let note = world.log.sign_note(&head(7, 0)).unwrap();
    let other = world.log.sign_note(&head(7, 1)).unwrap();
    let good = file(Kind::SameSize, note_side(&note), note_side(&other));
    let text = String::from_utf8(good.clone()).unwrap();
    let len = note.to_bytes().len();
    let e = |n: &str, expect: &str, why: &str, payload: Vec<u8>| case("split-view", n, expect, why, &keys, payload);
    vec![
        e("shape-kind-unknown", "refused LOG-87", "a kind that is none", text.replace("same-size", "same").into_bytes()),
        e("shape-header", "refused LOG-24", "another header", text.replace("waarborg-evidence", "evidence").into_bytes()),
        e(
            "shape-one-side",
            "refused LOG-24",
            "one side only",
            format!("waarborg-evidence/v1 same-size\nnote {len}\n{}", String::from_utf8(note.to_bytes()).unwrap()).into_bytes(),
        ),
        e("shape-left-over", "refused LOG-03", "octets after the second side", format!("{text}\n").into_bytes()),
        e(
            "shape-length-leading-zero",
            "refused LOG-03",
            "a length with a leading zero",
            text.replace(&format!("note {len}\n"), &format!("note 0{len}\n")).into_bytes(),
        ),
        e(
            "shape-length-too-large",
            "refused LOG-24",
            "a length past the end",
            text.replace(&format!("note {len}\n"), "note 99999\n").into_bytes(),
        ),
        e("shape-not-utf8", "refused LOG-03", "an octet that is no UTF-8", [&good[..], &[0xff]].concat()),
    ]
}
