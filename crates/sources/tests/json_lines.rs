//! JSON lines: what is taken, what is refused, and that nothing is lost.

use std::fs;
use std::future::Future;
use std::io::Write;
use std::path::PathBuf;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;
use sources::json_lines::line::{LINE_LEN_MAX, parse};
use sources::json_lines::{JsonLines, JsonLinesConfig};
use sources::{Batch, Position, Source, SourceError};

const NOW: u64 = 1_795_296_330_000;
const GOOD: &str = r#"{"account":"account:@alice:x","action":"login","address":"203.0.113.7","address_trust":"peer","category":"ip-session","clock":"server","index":["account:@alice:x","ip:203.0.113.7"],"t_event_raw":"1795296325","t_event_unit":"s"}"#;

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new(text: &[u8]) -> Place {
        let place = Place { dir: tempfile::tempdir().unwrap() };
        fs::write(place.path(), text).unwrap();
        place
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("records.jsonl")
    }

    fn named(&self, number: usize) -> PathBuf {
        self.dir.path().join(format!("records.jsonl.{number}"))
    }

    fn append(&self, text: &[u8]) {
        fs::OpenOptions::new().append(true).open(self.path()).unwrap().write_all(text).unwrap();
    }

    fn letters(&self) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.dir.path().join("dead.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn source(&self) -> JsonLines {
        JsonLines::new(JsonLinesConfig {
            path: self.path(),
            dead_letters: self.dir.path().join("dead.jsonl"),
            source: "mediation".into(),
            history: false,
        })
    }

    fn read(&self, after: &Position) -> Result<Batch, SourceError> {
        now(self.source().next(after, NOW))
    }
}

/// The future of this source is ready at once.
fn now<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("reading a file does not wait"),
    }
}

fn code_of(line: &str) -> &'static str {
    match parse(line.as_bytes(), "mediation", NOW) {
        Ok(_) => "accepted",
        Err(error) => error.code,
    }
}

fn changed(from: &str, to: &str) -> &'static str {
    let line = GOOD.replace(from, to);
    assert_ne!(line, GOOD, "the change changes nothing");
    code_of(&line)
}

fn refused_with(result: Result<Batch, SourceError>) -> &'static str {
    match result {
        Err(SourceError::Refusal { code, .. }) => code,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_line_becomes_a_record_with_its_selectors() {
    let read = parse(GOOD.as_bytes(), "mediation", NOW).unwrap();
    let selectors: Vec<String> = read.selectors.iter().map(ToString::to_string).collect();
    assert_eq!(selectors, ["account:@alice:x", "ip:203.0.113.7"]);
    assert_eq!(read.record.t_event(), 1_795_296_325);
    assert_eq!(read.record.t_rx_ms(), NOW);
    assert_eq!(read.record.common().source, "mediation");
}

#[test]
fn src_01_what_is_not_a_flat_object_is_refused() {
    assert_eq!(code_of(GOOD), "accepted");
    assert_eq!(code_of(""), "SRC-01");
    assert_eq!(code_of("[1]"), "SRC-01");
    assert_eq!(code_of(&GOOD[..GOOD.len() - 1]), "SRC-01");
    assert_eq!(code_of(&format!("{GOOD}{GOOD}")), "SRC-01");
    assert_eq!(changed(r#""clock":"server""#, r#""clock":null"#), "SRC-01");
    assert_eq!(changed(r#""clock":"server""#, r#""clock":"server","port":1.5"#), "SRC-01");
    assert_eq!(changed(r#""clock":"server""#, r#""clock":"server","port":1e3"#), "SRC-01");
    assert_eq!(changed(r#""clock":"server""#, r#""clock":"server","clock":"server""#), "SRC-01");
    assert_eq!(changed(r#""clock":"server""#, r#""clock":{"a":1}"#), "SRC-01");
    assert_eq!(changed(r#""index":["#, r#""index":[["a"],"#), "SRC-01");
    assert_eq!(changed(r#""clock":"server""#, r#""clock":"server","port":18446744073709551615"#), "SRC-01");
    let not_utf8 = [GOOD.as_bytes(), b"\xff"].concat();
    assert_eq!(parse(&not_utf8, "mediation", NOW).unwrap_err().code, "SRC-01");
    let lone_surrogate = changed("@alice:x\",\"action", "\\ud800\",\"action");
    assert_eq!(lone_surrogate, "SRC-01");
}

#[test]
fn src_02_a_line_beyond_the_limit_is_refused_and_the_next_one_is_read() {
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(LINE_LEN_MAX * 3));
    assert_eq!(code_of(&long), "SRC-02");
    let place = Place::new(format!("{long}\n{GOOD}\n").as_bytes());
    let batch = place.read(&Position::default()).unwrap();
    assert_eq!((batch.records.len(), batch.refused.len()), (1, 1));
    assert_eq!((batch.refused[0].place.as_str(), batch.refused[0].code), ("line 1", "SRC-02"));
    assert_eq!(place.letters()[0]["octets"], long.len() + 1);
}

#[test]
fn src_03_the_selectors_must_be_there_and_canonical() {
    let index = r#""index":["account:@alice:x","ip:203.0.113.7"]"#;
    for bad in [
        r#""index":[]"#,
        r#""index":"account:@alice:x""#,
        r#""port":1"#,
        r#""index":["account:@alice:x","account:@alice:x"]"#,
        r#""index":["phone:0612345678"]"#,
        r#""index":["phone:+31 6 12345678"]"#,
        r#""index":["ip:203.0.113.07"]"#,
        r#""index":["email:alice@EXAMPLE.org"]"#,
        r#""index":["nick:alice"]"#,
        r#""index":["account:"]"#,
    ] {
        assert_eq!(changed(index, bad), "SRC-03", "{bad}");
    }
    let many: Vec<String> = (0..33).map(|n| format!("\"account:@u{n}:x\"")).collect();
    assert_eq!(changed(index, &format!(r#""index":[{}]"#, many.join(","))), "SRC-03");
}

#[test]
fn sea_03_an_account_in_another_normal_form_is_refused_and_not_bent() {
    let nfc = "account:@andr\u{e9}:x";
    let nfd = "account:@andre\u{301}:x";
    let with = |selector: &str| changed("account:@alice:x\",\"ip:", &format!("{selector}\",\"ip:"));
    assert_eq!(with(nfc), "accepted");
    assert_eq!(with(nfd), "SRC-03");
    assert_eq!(with("account:@a\\u0000b:x"), "SRC-03");
}

#[test]
fn src_04_a_position_of_another_source_is_refused() {
    let place = Place::new(format!("{GOOD}\n").as_bytes());
    let good = place.read(&Position::default()).unwrap().position;
    assert!(place.read(&good).is_ok());
    for bad in ["waarborg-synapse/v1 {}", "17", &format!("{} ", good.0), &good.0.replace(" 1", " 01"), &good.0.to_uppercase()] {
        assert_eq!(refused_with(place.read(&Position(bad.to_owned()))), "SRC-04", "{bad}");
    }
}

#[test]
fn src_05_a_file_that_shrank_or_was_rewritten_is_refused() {
    let place = Place::new(format!("{GOOD}\n{GOOD}\n").as_bytes());
    let end = place.read(&Position::default()).unwrap().position;
    fs::write(place.path(), format!("{GOOD}\n")).unwrap();
    assert_eq!(refused_with(place.read(&end)), "SRC-05");
    fs::write(place.path(), format!("{GOOD}\n {GOOD}\n")).unwrap();
    assert_eq!(refused_with(place.read(&end)), "SRC-05");
}

#[test]
fn src_06_another_file_at_the_path_is_refused() {
    let place = Place::new(format!("{GOOD}\n").as_bytes());
    let end = place.read(&Position::default()).unwrap().position;
    let other = GOOD.replace("1795296325", "1795296326");
    fs::write(place.path(), format!("{other}\n{other}\n")).unwrap();
    assert_eq!(refused_with(place.read(&end)), "SRC-06");
    fs::write(place.path(), "").unwrap();
    assert_eq!(refused_with(place.read(&end)), "SRC-06");
}

/// A second file, whose first line differs.
fn other() -> String {
    GOOD.replace("1795296325", "1795296326")
}

#[test]
fn src_06_a_rotated_file_is_read_to_its_end_before_the_new_one() {
    let place = Place::new(format!("{GOOD}\n").as_bytes());
    let begun = place.read(&Position::default()).unwrap().position;
    // The writer renames and still writes there until it opens the new file; between the two nothing stands at the path.
    fs::rename(place.path(), place.named(1)).unwrap();
    assert!(place.read(&begun).unwrap().records.is_empty());
    fs::OpenOptions::new().append(true).open(place.named(1)).unwrap().write_all(format!("{GOOD}\n").as_bytes()).unwrap();
    fs::write(place.path(), "").unwrap();
    let last = place.read(&begun).unwrap();
    assert_eq!((last.records.len(), last.more), (1, false), "an empty new file: the old one may still grow");
    assert!(place.source().place(&last.position).unwrap().behind.is_empty());
    fs::write(place.path(), format!("{}\n{}\n", other(), other())).unwrap();
    let gone_over = place.read(&begun).unwrap();
    assert_eq!((gone_over.records.len(), gone_over.more), (1, true), "what was left in the old one");
    let new = place.read(&gone_over.position).unwrap();
    assert_eq!((new.records.len(), new.more), (2, false));
    // From here on nothing asks for the old file.
    assert_eq!(place.source().place(&gone_over.position).unwrap().behind, [place.named(1)]);
    fs::remove_file(place.named(1)).unwrap();
    assert_eq!(place.read(&gone_over.position).unwrap(), new);
    let standing = place.source().place(&new.position).unwrap();
    assert_eq!((standing.file, standing.lines, standing.behind.len()), (place.path(), 2, 0));
}

#[test]
fn src_06_several_rotations_while_the_sealer_was_away() {
    let place = Place::new(format!("{GOOD}\n").as_bytes());
    let mut position = place.read(&Position::default()).unwrap().position;
    for number in [3, 2, 1, 0] {
        let first = GOOD.replace("1795296325", &format!("17952963{number}0"));
        let text = if number == 3 { format!("{GOOD}\n{first}\n") } else { format!("{first}\n{first}\n") };
        fs::write(if number == 0 { place.path() } else { place.named(number) }, text).unwrap();
    }
    let mut counts = Vec::new();
    loop {
        let batch = place.read(&position).unwrap();
        counts.push(batch.records.len());
        position = batch.position;
        if !batch.more {
            break;
        }
    }
    assert_eq!(counts, [1, 2, 2, 2]);
    assert_eq!(place.source().place(&position).unwrap().behind, [place.named(1), place.named(2), place.named(3)]);
}

#[test]
fn src_06_a_rotated_file_that_is_gone_too_early_is_refused() {
    let place = Place::new(format!("{GOOD}\n").as_bytes());
    let begun = place.read(&Position::default()).unwrap().position;
    fs::write(place.path(), format!("{}\n", other())).unwrap();
    fs::write(place.named(1), format!("{}\n", GOOD.replace("1795296325", "1795296327"))).unwrap();
    assert_eq!(refused_with(place.read(&begun)), "SRC-06");
    fs::remove_file(place.path()).unwrap();
    assert!(matches!(place.read(&begun), Err(SourceError::Fault(_))), "nothing at the path: it may come back");
}

#[test]
fn src_08_a_line_without_end_in_a_rotated_file_is_a_dead_letter() {
    let place = Place::new(format!("{GOOD}\n{{\"cut").as_bytes());
    let begun = place.read(&Position::default()).unwrap();
    assert_eq!((begun.records.len(), begun.refused.len()), (1, 0), "still being written");
    fs::rename(place.path(), place.named(1)).unwrap();
    fs::write(place.path(), format!("{}\n", other())).unwrap();
    let last = place.read(&begun.position).unwrap();
    assert_eq!(last.refused.iter().map(|refused| refused.code).collect::<Vec<_>>(), ["SRC-08"]);
    assert_eq!(place.letters()[0]["raw"], "{\"cut");
    assert_eq!(place.read(&last.position).unwrap().records.len(), 1);
}

#[test]
fn src_07_a_line_in_another_sources_name_is_refused() {
    assert_eq!(changed(r#""index""#, r#""source":"mediation","index""#), "accepted");
    assert_eq!(changed(r#""index""#, r#""source":"synapse","index""#), "SRC-07");
    assert_eq!(changed(r#""index""#, r#""source":7,"index""#), "SRC-07");
}

#[test]
fn t16_times_are_right_or_refused() {
    let at = |raw: &str, unit: &str| {
        changed(r#""t_event_raw":"1795296325","t_event_unit":"s""#, &format!(r#""t_event_raw":"{raw}","t_event_unit":"{unit}""#))
    };
    assert_eq!(at("1795296325", "ms"), "CAT-10");
    assert_eq!(at("1795296325000", "s"), "CAT-10");
    assert_eq!(at("1795296325000", "us"), "CAT-10");
    assert_eq!(at("1795296325000000", "ms"), "CAT-10");
    assert_eq!(at("1795296325000", "ms"), "accepted");
    assert_eq!(at("2026-11-21T21:25:25", "rfc3339"), "CAT-11");
    assert_eq!(at("2026-11-21T09:25:25 PM", "rfc3339"), "CAT-11");
    assert_eq!(at("2026-10-25T02:30:00+02:00", "rfc3339"), "accepted");
    assert_eq!(at("2026-10-25T02:30:00", "rfc3339"), "CAT-11");
    assert_eq!(changed(r#","t_event_unit":"s""#, ""), "CAT-06");
}

#[test]
fn no_content_has_a_place_to_go() {
    for field in ["content", "body", "text", "message_text", "key", "token", "password"] {
        assert_eq!(changed(r#""index""#, &format!(r#""{field}":"SECRET-PLAINTEXT","index""#)), "CAT-13", "{field}");
    }
}

#[test]
fn refused_lines_are_kept_with_number_and_rule_and_the_rest_is_read() {
    let hostile = GOOD.replace("@alice:x\",\"action", "a\\u0000\\u202e=1\",\"action");
    let text = [GOOD.as_bytes(), b"\nnonsense\n", hostile.as_bytes(), b"\n\xff\xfe\n", GOOD.as_bytes(), b"\n"].concat();
    let place = Place::new(&text);
    let batch = place.read(&Position::default()).unwrap();
    assert_eq!(batch.records.len(), 3);
    let refused: Vec<_> = batch.refused.iter().map(|r| (r.place.as_str(), r.code)).collect();
    assert_eq!(refused, [("line 2", "SRC-01"), ("line 4", "SRC-01")]);
    let letters = place.letters();
    assert_eq!((&letters[0]["raw"], &letters[0]["line"]), (&"nonsense".into(), &2.into()));
    assert_eq!(letters[1]["raw_hex"], "fffe");
    assert!(!batch.refused[0].reason.contains("nonsense"), "the reason does not quote the line");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(place.dir.path().join("dead.jsonl")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "nobody else reads the dead letters");
    }
}

#[test]
fn a_look_reports_and_leaves_nothing_behind() {
    let place = Place::new(b"{\"category\":\"traffic\"}\n");
    let batch = now(place.source().without_dead_letters().next(&Position::default(), NOW)).unwrap();
    assert_eq!((batch.records.len(), batch.refused.len()), (0, 1));
    assert!(!place.dir.path().join("dead.jsonl").exists());
}

#[test]
fn without_a_dead_letter_file_nothing_moves() {
    let place = Place::new(format!("nonsense\n{GOOD}\n").as_bytes());
    fs::create_dir(place.dir.path().join("dead.jsonl")).unwrap();
    assert!(matches!(place.read(&Position::default()), Err(SourceError::Fault(_))));
}

#[test]
fn a_growing_file_is_followed_line_by_line() {
    let place = Place::new(b"");
    let mut position = place.read(&Position::default()).unwrap().position;
    assert_eq!(position, Position::default());
    let (head, tail) = GOOD.split_at(40);
    place.append(head.as_bytes());
    let batch = place.read(&position).unwrap();
    assert_eq!((batch.records.len(), &batch.position), (0, &position), "half a line is not a line");
    place.append(format!("{tail}\n{head}").as_bytes());
    let batch = place.read(&position).unwrap();
    assert_eq!(batch.records.len(), 1);
    position = batch.position;
    place.append(format!("{tail}\n").as_bytes());
    let batch = place.read(&position).unwrap();
    assert_eq!(batch.records.len(), 1);
    assert!(place.read(&batch.position).unwrap().records.is_empty());
}

#[test]
fn small_batches_give_the_same_records_as_one() {
    let lines: Vec<String> = (0..25).map(|n| GOOD.replace("1795296325", &format!("17952963{n:02}"))).collect();
    let place = Place::new((lines.join("\n") + "\n").as_bytes());
    let whole = place.read(&Position::default()).unwrap();
    let (mut position, mut records, mut batches) = (Position::default(), Vec::new(), 0);
    loop {
        let batch = now(place.source().with_lines_max(4).next(&position, NOW)).unwrap();
        records.extend(batch.records);
        position = batch.position;
        batches += 1;
        if !batch.more {
            break;
        }
    }
    assert_eq!(batches, 7);
    assert!(records == whole.records);
    assert_eq!(position, whole.position);
}

proptest! {
    /// Whatever the bytes: every line is a record or a dead letter, none is both or neither.
    #[test]
    fn every_line_ends_somewhere(lines in prop::collection::vec(prop_oneof![
        Just(GOOD.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>().prop_filter("line end", |b| *b != b'\n'), 0..80),
    ], 0..20)) {
        let mut text = lines.join(&b'\n');
        text.push(b'\n');
        let place = Place::new(&text);
        let batch = place.read(&Position::default()).unwrap();
        let count = lines.len().max(1);
        prop_assert_eq!(batch.records.len() + batch.refused.len(), count);
        prop_assert_eq!(place.letters().len(), batch.refused.len());
    }
}
