//! Cases of keys, notes, checkpoints, policy files, paths and bundles.

use verify::log::note::{NoteSignature, SignedNote};
use verify::log::vkey::KeyKind;
use verify::spelling::base64;

use super::super::loader::Vector;
use super::{ORIGIN, TICK, World, case, head, key, name, raw_line, signer, spoiled, swap, unknown_line, vkey_text};

pub fn all() -> Vec<Vector> {
    [vkeys(), notes(), notes_of_keys(), checkpoints(), policies(), policies_of_keys(), paths(), bundles()].into_iter().flatten().collect()
}

fn vkeys() -> Vec<Vector> {
    let good = signer("witness.example", KeyKind::Cosignature, 3);
    let octets = *good.vkey().key().as_bytes();
    let text = good.vkey().to_string();
    let v = |n: &str, expect: &str, why: &str, text: &str| case("vkey", n, expect, why, &[], format!("{text}\n"));
    let spelled_with = |hash: &str| {
        let parts: Vec<&str> = text.splitn(3, '+').collect();
        format!("{}+{hash}+{}", parts[0], parts[2])
    };
    let hash = good.vkey().hash().to_string();
    let mut small_order = [0u8; 32];
    small_order[0] = 1;
    vec![
        v("good", "accepted", "a 0x04 key", &text),
        v(
            "good-ed25519",
            "accepted",
            "a 0x01 key: the example of signed-note",
            "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        ),
        v("name-empty", "refused LOG-05", "no name", &vkey_text("", 4, &octets)),
        v("name-with-space", "refused LOG-05", "a space in the name", &vkey_text("a b", 4, &octets)),
        v("name-not-ascii", "refused LOG-05", "a name that could look like another", &vkey_text("wïtness.example", 4, &octets)),
        v("name-control", "refused LOG-05", "an escape character in the name", &vkey_text("a\u{1b}b", 4, &octets)),
        v("name-too-long", "refused LOG-05", "256 octets of name", &vkey_text(&"a".repeat(256), 4, &octets)),
        v("hash-wrong", "refused LOG-06", "the hash of another key", &spelled_with("00000000")),
        v("hash-upper-case", "refused LOG-06", "the hash in upper case", &spelled_with(&hash.to_uppercase())),
        v("hash-short", "refused LOG-06", "the hash with seven digits", &spelled_with(&hash[..7])),
        v("no-key", "refused LOG-06", "two parts", "witness.example+00000000"),
        v("key-short", "refused LOG-06", "31 octets of key", &vkey_text("a", 4, &octets[..31])),
        v("key-long", "refused LOG-06", "33 octets of key", &vkey_text("a", 4, &[&octets[..], &[0]].concat())),
        v("key-empty", "refused LOG-06", "not even a type", "a+00000000+"),
        v("key-small-order", "refused LOG-06", "a key under which one signature fits many messages", &vkey_text("a", 4, &small_order)),
        v("key-base64-unpadded", "refused LOG-03", "base64 without its padding", &vkey_text("a", 4, &octets[..31]).replace('=', "")),
        v("key-base64-url", "refused LOG-03", "the other alphabet of RFC 4648", "a+00000000+BP__"),
        v("type-ecdsa", "refused LOG-06", "0x02 is of no use here", &vkey_text("a", 2, &octets)),
        v("type-private", "refused LOG-06", "0xff is of no use here", &vkey_text("a", 0xff, &octets)),
        v("type-ml-dsa", "refused LOG-98", "0x06 is reserved", &vkey_text("a", 6, &[9; 1312])),
        v("too-long", "refused LOG-06", "more text than any key has", &vkey_text("a", 6, &[9; 4000])),
    ]
}

fn notes() -> Vec<Vector> {
    let one = signer("one.example", KeyKind::Ed25519, 1);
    let keys = [key(one.vkey())];
    let text = "waarborg\nsecond line\n";
    let good = one.sign_note(text).unwrap().to_bytes();
    let line = one.sign(text).unwrap();
    let n = |name: &str, expect: &str, why: &str, bytes: Vec<u8>| case("note", name, expect, why, &keys, bytes);
    let long = |len: usize| {
        let body = format!("{}\n", "x".repeat(len));
        one.sign_note(&body).map(|note| note.to_bytes()).unwrap_or_else(|_| {
            let line = one.sign(&body).unwrap().to_line();
            format!("{body}\n{line}").into_bytes()
        })
    };
    let rest = long(1).len() - 1;
    let lines = |count: usize| format!("{text}\n{}{}", line.to_line(), unknown_line(1).to_line().repeat(count - 1)).into_bytes();
    let signed = |text: &str| format!("{text}\n{}", raw_line(&one, text)).into_bytes();
    let spelled = |from: &str, to: &str| swap(&good, from, to);
    let hash_only = NoteSignature::new(line.name().clone(), line.key_hash(), Vec::new());
    let mut not_utf8 = good.clone();
    not_utf8[0] = 0xff;
    vec![
        n("good", "accepted", "one line of the known key", good.clone()),
        case(
            "note",
            "good-c2sp-example",
            "accepted",
            "the example of signed-note",
            &[("key", "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k".to_owned())],
            "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n",
        ),
        n("good-blank-line-in-text", "accepted", "text and signatures part at the last blank line (LOG-04)", signed("a\n\nb\n")),
        n(
            "good-text-like-signatures",
            "accepted",
            "signature lines above the last blank line are text",
            signed(&format!("a\n\n{}", line.to_line())),
        ),
        n("no-blank-line", "refused LOG-04", "text runs into its signature", spelled("line\n\n", "line\n")),
        n("no-signatures", "refused LOG-04", "a blank line and nothing after it", format!("{text}\n").into_bytes()),
        n("last-newline-missing", "refused LOG-04", "the last line does not end", good[..good.len() - 1].to_vec()),
        n("dash-ascii", "refused LOG-04", "a hyphen for the dash", spelled("\u{2014} one", "- one")),
        n("dash-without-space", "refused LOG-04", "no space after the dash", spelled("\u{2014} one", "\u{2014}one")),
        n("signature-without-name", "refused LOG-04", "a dash and base64 only", spelled("one.example ", "")),
        n(
            "signature-of-hash-only",
            "refused LOG-04",
            "a key hash and no signature",
            format!("{text}\n{}", hash_only.to_line()).into_bytes(),
        ),
        n(
            "signature-of-three-octets",
            "refused LOG-04",
            "not even a key hash",
            format!("{text}\n\u{2014} one.example AAAA\n").into_bytes(),
        ),
        n("two-spaces", "refused LOG-03", "two spaces before the base64", spelled("example ", "example  ")),
        n("space-at-the-end", "refused LOG-03", "a space after the base64", swap(&good, "=\n", "= \n")),
        n("base64-without-padding", "refused LOG-03", "the padding left out", swap(&good, "=\n", "\n")),
        n("carriage-return", "refused LOG-03", "lines that end in CR LF", spelled("waarborg\n", "waarborg\r\n")),
        n("tab", "refused LOG-03", "a control character in the text", signed("a\tb\n")),
        n("not-utf8", "refused LOG-03", "an octet that is no UTF-8", not_utf8),
        n("name-with-plus", "refused LOG-05", "a plus in a signature's name", spelled("one.example ", "one+example ")),
        n("length-at-limit", "accepted", "65,536 octets", long(65_536 - rest)),
        n("length-past-limit", "refused LOG-08", "65,537 octets", long(65_537 - rest)),
        n("lines-at-limit", "accepted", "32 signature lines", lines(32)),
        n("lines-past-limit", "refused LOG-08", "33 signature lines", lines(33)),
    ]
}

fn notes_of_keys() -> Vec<Vector> {
    let one = signer("one.example", KeyKind::Ed25519, 1);
    let two = signer("two.example", KeyKind::Ed25519, 2);
    let witness = signer("one.example", KeyKind::Cosignature, 1);
    let both = [key(one.vkey()), key(two.vkey())];
    let text = "waarborg\n";
    let (a, b) = (one.sign(text).unwrap(), two.sign(text).unwrap());
    let n = |name: &str, expect: &str, why: &str, lines: &[NoteSignature]| {
        let payload = SignedNote::new(text.to_owned(), lines.to_vec()).unwrap().to_bytes();
        case("note", name, expect, why, &both, payload)
    };
    let renamed = NoteSignature::new(name("two.example"), a.key_hash(), a.payload().to_vec());
    let as_witness = witness.cosign(text, TICK).unwrap();
    let with_time = NoteSignature::new(a.name().clone(), a.key_hash(), as_witness.payload().to_vec());
    let short = NoteSignature::new(a.name().clone(), a.key_hash(), a.payload()[..63].to_vec());
    vec![
        n("keys-both", "accepted", "two known keys", &[a.clone(), b.clone()]),
        n("keys-one-of-two", "accepted", "one of the known keys is enough", &[b.clone()]),
        n(
            "keys-unknown-ignored",
            "accepted",
            "lines of unknown keys and types are ignored",
            &[unknown_line(1), a.clone(), unknown_line(2), unknown_line(6)],
        ),
        n("keys-repeated", "accepted", "a repeated line counts once", &[a.clone(), a.clone()]),
        n("keys-none-known", "refused LOG-07", "no line of a known key", &[unknown_line(1)]),
        n("keys-one-fails", "refused LOG-07", "one known key verifies, the other's line fails", &[a.clone(), spoiled(&b)]),
        n("keys-repeated-one-fails", "refused LOG-07", "the same key again, and now it fails", &[a.clone(), spoiled(&a)]),
        n("keys-first-fails", "refused LOG-07", "the same key, and first it fails", &[spoiled(&a), a.clone()]),
        n("keys-name-of-another", "refused LOG-07", "a good signature under another's name is an unknown key", &[renamed]),
        n("keys-cosignature-for-signature", "refused LOG-07", "time and cosignature under a 0x01 key", &[with_time]),
        n("keys-signature-short", "refused LOG-07", "63 octets of signature", &[short]),
    ]
}

fn checkpoints() -> Vec<Vector> {
    let good = head(7, 0);
    let root = good.split('\n').nth(2).unwrap().to_owned();
    let c = |n: &str, expect: &str, why: &str, text: String| case("checkpoint", n, expect, why, &[], text);
    let swapped = |from: &str, to: &str| String::from_utf8(swap(good.as_bytes(), from, to)).unwrap();
    let of = |origin: &str| swapped(ORIGIN, origin);
    let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    vec![
        c("good", "accepted", "seven leaves", good.clone()),
        c("good-empty", "accepted", "no leaves", format!("{ORIGIN}\n0\n{empty}\n")),
        c("good-largest", "accepted", "2^64 - 1 leaves", swapped("\n7\n", "\n18446744073709551615\n")),
        c("extension-line", "refused LOG-09", "a fourth line", format!("{good}extra\n")),
        c("extension-line-empty", "refused LOG-09", "a fourth line with nothing in it", format!("{good}\n")),
        c("line-missing", "refused LOG-03", "two lines", format!("{ORIGIN}\n7\n")),
        c("last-newline-missing", "refused LOG-03", "the root's line does not end", good.trim_end().to_owned()),
        c("size-leading-zero", "refused LOG-03", "07 leaves", swapped("\n7\n", "\n07\n")),
        c("size-signed", "refused LOG-03", "+7 leaves", swapped("\n7\n", "\n+7\n")),
        c("size-empty", "refused LOG-03", "no size", swapped("\n7\n", "\n\n")),
        c("size-too-large", "refused LOG-03", "2^64 leaves", swapped("\n7\n", "\n18446744073709551616\n")),
        c("root-short", "refused LOG-03", "31 octets of root", swapped(&root, &base64(&[1; 31]))),
        c("root-long", "refused LOG-03", "33 octets of root", swapped(&root, &base64(&[1; 33]))),
        c("root-stray-bits", "refused LOG-03", "bits beyond the last octet", format!("{ORIGIN}\n7\n{}F=\n", "A".repeat(42))),
        c("root-of-nothing-wrong", "refused LOG-10", "size 0 with another root", swapped("\n7\n", "\n0\n")),
        c("origin-empty", "refused LOG-11", "no origin", of("")),
        c("origin-upper-case", "refused LOG-11", "a capital letter", of("Log.example/orders/2027")),
        c("origin-underscore", "refused LOG-11", "an octet outside the set", of("log_x.example/orders/2027")),
        c("origin-two-parts", "refused LOG-11", "no year", of("log.example/orders")),
        c("origin-four-parts", "refused LOG-11", "one slash too many", of("log.example/orders/nl/2027")),
        c("origin-host-empty", "refused LOG-11", "no host", of("/orders/2027")),
        c("origin-log-empty", "refused LOG-11", "no log", of("log.example//2027")),
        c("origin-year-not-a-number", "refused LOG-11", "a year with a letter", of("log.example/orders/202x")),
        c("origin-year-short", "refused LOG-11", "a year with three digits", of("log.example/orders/207")),
        c("origin-too-long", "refused LOG-11", "256 octets", of(&format!("{}/orders/2027", "a".repeat(244)))),
        c("origin-at-limit", "accepted", "255 octets", of(&format!("{}/orders/2027", "a".repeat(243)))),
    ]
}

fn policies() -> Vec<Vector> {
    let world = World::new();
    let good: String = world.policy().into_iter().map(|(_, line)| format!("{line}\n")).collect();
    let p = |n: &str, expect: &str, why: &str, bytes: Vec<u8>| case("tlog-policy", n, expect, why, &[], bytes);
    let plus = |line: &str| format!("{good}{line}\n").into_bytes();
    let swapped = |from: &str, to: &str| swap(good.as_bytes(), from, to);
    let before_group = |line: &str| swapped("group W", &format!("{line}\ngroup W"));
    let w1 = world.witnesses[0].vkey();
    let fifth = signer("w5.example/witness", KeyKind::Cosignature, 15);
    vec![
        p("good", "accepted", "one log, three of four witnesses", good.clone().into_bytes()),
        p(
            "good-spaces-and-comments",
            "accepted",
            "tabs, spaces, blank lines, comments and octets above 7F",
            swapped("group W 3", "# één\n \t\n\t# two\ngroup\t W   3"),
        ),
        p("good-urls", "accepted", "an address after a key", swapped(&w1.to_string(), &format!("{w1} https://w1.example/"))),
        p(
            "good-group-of-groups",
            "accepted",
            "all and any",
            plus(&format!("witness w5 {}\ngroup G any w5\ngroup A all W G", fifth.vkey())),
        ),
        p("good-quorum-before-more-groups", "accepted", "lines after the quorum line", plus(&format!("witness w5 {}", fifth.vkey()))),
        p(
            "good-two-log-keys",
            "accepted",
            "old and new key of one log (LOG-96)",
            plus(&format!("log {}", signer(ORIGIN, KeyKind::Ed25519, 2).vkey())),
        ),
        p("octet-control", "refused LOG-25", "a carriage return", swapped("quorum W\n", "quorum W\r\n")),
        p("octet-delete", "refused LOG-25", "7F", swapped("group W", "group\u{7f} W")),
        p("octets-not-utf8", "refused LOG-25", "names are printed, so they are UTF-8 here", [b"# \xff\n", good.as_bytes()].concat()),
        p("last-newline-missing", "refused LOG-03", "the last line does not end", good.trim_end().as_bytes().to_vec()),
        p("word-unknown", "refused LOG-25", "a line of no known kind", plus("mirror m")),
        p("log-with-too-much", "refused LOG-25", "an item too many", plus("log a b c")),
        p("group-without-members", "refused LOG-25", "nobody in it", before_group("group E any")),
        p("group-threshold-not-a-number", "refused LOG-25", "k with a leading zero", swapped("group W 3", "group W 03")),
        p("group-threshold-zero", "refused LOG-25", "k = 0", swapped("group W 3", "group W 0")),
        p("group-threshold-too-large", "refused LOG-25", "k = 5 of 4", swapped("group W 3", "group W 5")),
        p("group-member-undefined", "refused LOG-25", "a name that comes later", swapped("w3 w4\n", "w3 w4 w5\n")),
        p("group-member-none", "refused LOG-25", "none is no member", swapped("w3 w4\n", "w3 none\n")),
        p("group-member-twice", "refused LOG-25", "one witness twice in a group", swapped("w3 w4\n", "w3 w3\n")),
        p("group-member-of-two", "refused LOG-25", "one witness in two groups", before_group("group E any w1")),
        p("name-taken-by-witness", "refused LOG-25", "two witnesses with one name", plus(&format!("witness w1 {}", fifth.vkey()))),
        p("name-taken-by-group", "refused LOG-25", "a group with a witness's name", swapped("group W 3 w1", "group w4 3 w1")),
        p("name-none", "refused LOG-25", "a witness called none", before_group(&format!("witness none {}", fifth.vkey()))),
    ]
}

fn policies_of_keys() -> Vec<Vector> {
    let world = World::new();
    let good: String = world.policy().into_iter().map(|(_, line)| format!("{line}\n")).collect();
    let p = |n: &str, expect: &str, why: &str, bytes: Vec<u8>| case("tlog-policy", n, expect, why, &[], bytes);
    let plus = |line: &str| format!("{good}{line}\n").into_bytes();
    let swapped = |from: &str, to: &str| swap(good.as_bytes(), from, to);
    let before_group = |line: &str| swapped("group W", &format!("{line}\ngroup W"));
    let w1 = world.witnesses[0].vkey();
    let as_log = signer("w1.example/log/2027", KeyKind::Ed25519, 11);
    let no_origin = signer("log.example", KeyKind::Ed25519, 20);
    let as_signature = signer("w1.example/witness", KeyKind::Ed25519, 11);
    let renamed = signer("w9.example/witness", KeyKind::Cosignature, 11);
    let log_as_witness = signer("w9.example/witness", KeyKind::Cosignature, 1);
    let ml_dsa = vkey_text("w5.example/ml", 6, &[9; 1312]);
    let many: String = (0..33u8).map(|n| format!("witness x{n} {}\n", signer("x", KeyKind::Cosignature, 100 + n).vkey())).collect();
    let groups: String =
        (0..33).map(|n| format!("group g{n} any {}\n", if n == 0 { "w1".to_owned() } else { format!("g{}", n - 1) })).collect();
    let logs: String = (0..32u8).map(|n| format!("log {}\n", signer(ORIGIN, KeyKind::Ed25519, 100 + n).vkey())).collect();
    vec![
        p("quorum-missing", "refused LOG-25", "no quorum line", swapped("quorum W\n", "")),
        p("quorum-twice", "refused LOG-25", "two quorum lines", plus("quorum W")),
        p("quorum-undefined", "refused LOG-25", "a quorum that is nobody", swapped("quorum W\n", "quorum V\n")),
        p("quorum-none", "refused LOG-26", "no quorum at all", swapped("quorum W\n", "quorum none\n")),
        p(
            "key-twice-witness",
            "refused LOG-26",
            "one key under two names and two key hashes",
            before_group(&format!("witness w9 {}", renamed.vkey())),
        ),
        p(
            "key-twice-log-and-witness",
            "refused LOG-26",
            "a log that is its own witness",
            before_group(&format!("witness w9 {}", log_as_witness.vkey())),
        ),
        p("key-twice-witness-and-log", "refused LOG-26", "a witness's key as a log's", plus(&format!("log {}", as_log.vkey()))),
        p(
            "witness-with-signature-key",
            "refused LOG-26",
            "a 0x01 key on a witness line",
            swapped(&w1.to_string(), &as_signature.vkey().to_string()),
        ),
        p(
            "log-with-witness-key",
            "refused LOG-26",
            "a 0x04 key on a log line",
            plus(&format!("log {}", signer("w7.example/log/2027", KeyKind::Cosignature, 17).vkey())),
        ),
        p("log-name-no-origin", "refused LOG-11", "a log's key whose name is no origin", plus(&format!("log {}", no_origin.vkey()))),
        p("witness-ml-dsa", "refused LOG-98", "a reserved key type", plus(&format!("witness w5 {ml_dsa}"))),
        p("witness-key-wrong-hash", "refused LOG-06", "the hash of another key", plus("witness w5 w5.example/witness+00000000+BAEB")),
        p("witnesses-past-limit", "refused LOG-25", "37 witnesses", plus(many.trim_end())),
        p(
            "groups-past-limit",
            "refused LOG-25",
            "33 groups",
            format!("{}{groups}quorum g32\n", good.split("group").next().unwrap()).into_bytes(),
        ),
        p("logs-past-limit", "refused LOG-25", "33 logs", plus(logs.trim_end())),
        p("too-long", "refused LOG-25", "65,537 octets", plus(&format!("#{}", "x".repeat(65_535 - good.len())))),
    ]
}

fn paths() -> Vec<Vector> {
    let p = |n: &str, expect: &str, why: &str, path: &str| case("log-path", n, expect, why, &[], format!("{path}\n"));
    let bad = |n: &str, why: &str, path: &str| p(n, "refused LOG-17", why, path);
    vec![
        p("good-checkpoint", "accepted", "the head", "checkpoint"),
        p("good-tile", "accepted", "a full tile", "tile/0/x001/x234/067"),
        p("good-tile-partial", "accepted", "a partial tile", "tile/1/000.p/17"),
        p("good-tile-level", "accepted", "the highest level", "tile/63/000.p/1"),
        p("good-entries", "accepted", "a full bundle", "tile/entries/273"),
        p("good-entries-partial", "accepted", "a partial bundle", "tile/entries/273.p/112"),
        p("good-largest", "accepted", "the last number", "tile/0/x018/x446/x744/x073/x709/x551/615"),
        bad("empty", "nothing", ""),
        bad("leading-slash", "a slash before it", "/checkpoint"),
        bad("other-word", "no resource", "checkpoints"),
        bad("go-height", "the path of Go's tile, with its height", "tile/8/0/000.p/0"),
        bad("go-data", "the path of Go's bundle", "tile/8/data/000"),
        bad("level-too-high", "level 64", "tile/64/000"),
        bad("level-leading-zero", "level 00", "tile/00/000"),
        bad("level-signed", "level -1", "tile/-1/000"),
        bad("width-zero", "an empty tile", "tile/0/000.p/0"),
        bad("width-full", "a full tile as a partial one", "tile/0/000.p/256"),
        bad("width-leading-zero", "width 07", "tile/0/000.p/07"),
        bad("width-empty", "no width", "tile/0/000.p/"),
        bad("number-short", "two digits", "tile/0/00"),
        bad("number-long", "four digits", "tile/0/0000"),
        bad("number-without-x", "a group without x that is not the last", "tile/0/001/234"),
        bad("number-with-last-x", "the last group with x", "tile/0/x001/x234"),
        bad("number-leading-group", "a group of zeros first", "tile/0/x000/001"),
        bad("number-too-large", "past 2^64", "tile/0/x018/x446/x744/x073/x709/x551/616"),
        bad("number-dots", "a step upwards", "tile/0/../000"),
        bad("slash-at-end", "a slash after it", "tile/0/000/"),
        bad("too-long", "more groups than a number has", &format!("tile/0/{}000", "x000/".repeat(40))),
    ]
}

fn bundles() -> Vec<Vector> {
    let good = verify::log::tile::bundle(&[b"one".to_vec(), Vec::new(), b"three".to_vec()]).unwrap();
    let b = |n: &str, expect: &str, why: &str, width: u16, bytes: &[u8]| {
        case("entry-bundle", n, expect, why, &[("width", width.to_string())], bytes)
    };
    vec![
        b("good", "accepted", "three entries, one of them empty", 3, &good),
        b("octets-left-over", "refused LOG-16", "an octet after the last entry", 3, &[&good[..], &[0]].concat()),
        b("entry-cut", "refused LOG-16", "the last entry is cut", 3, &good[..good.len() - 1]),
        b("length-cut", "refused LOG-16", "half a length", 1, &[0]),
        b("entry-missing", "refused LOG-16", "four were promised", 4, &good),
        b("entry-too-many", "refused LOG-16", "two were promised", 2, &good),
        b("width-zero", "refused LOG-16", "no entry at all", 0, &[]),
        b("width-past-full", "refused LOG-16", "257 entries", 257, &[0; 514]),
    ]
}
