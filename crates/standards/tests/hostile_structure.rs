//! Packages whose container is sound and whose parts do not fit: each case breaks one rule of PKG-10 to PKG-36.

mod container;
mod sample;

use container::{Files, code, files, refresh, refresh_asic, refresh_tags, replace, structure, zip_in_order};
use verify::package::digest::sha256;
use verify::package::json::{JsonError, LINE_LEN_MAX, Object, Value};
use verify::package::{Refusal, layout};

const TRAFFIC: &str = "data/records/traffic.jsonl";
const TRAFFIC_CSV: &str = "data/records/traffic.csv";

fn good() -> Files {
    static GOOD: std::sync::OnceLock<Files> = std::sync::OnceLock::new();
    GOOD.get_or_init(|| files(&sample::package().0)).clone()
}

/// The verdict after a change, with bag and ASiC manifest made to fit again.
fn after(change: impl FnOnce(&mut Files)) -> &'static str {
    code(refusal_after(change))
}

fn refusal_after(change: impl FnOnce(&mut Files)) -> Result<(), Refusal> {
    let mut changed = good();
    change(&mut changed);
    refresh(&mut changed);
    structure(&zip_in_order(&changed))
}

fn edit(files: &mut Files, name: &str, from: &str, to: &str) {
    replace(files.get_mut(name).unwrap(), from, to);
}

/// A document changed as a value and written canonically again.
fn with_members(files: &mut Files, name: &str, change: impl FnOnce(&mut Object)) {
    let Value::Object(mut members) = Value::parse_document(&files[name]).unwrap() else { panic!("an object") };
    change(&mut members);
    files.insert(name.into(), Value::Object(members).to_document());
}

#[test]
fn refreshing_alone_changes_nothing() {
    let mut changed = good();
    refresh(&mut changed);
    assert_eq!(
        changed,
        good()
            .into_iter()
            .map(|(name, content)| (name.clone(), if name == layout::SIGNATURE { changed[&name].clone() } else { content }))
            .collect()
    );
    assert_eq!(code(structure(&zip_in_order(&changed))), "accepted");
}

#[test]
fn pkg_10_to_13_a_bag_that_does_not_fit_is_refused() {
    let cases: [(&str, &str, &str, &str); 8] = [
        (layout::BAGIT, "1.0", "0.97", "PKG-10"),
        (layout::BAGIT, "UTF-8\n", "UTF-8\r\n", "PKG-10"),
        (layout::BAG_INFO, "Example Provider", "Example Providers", "PKG-11"),
        (layout::BAG_INFO, "Payload-Oxum: ", "Payload-Oxum: 1", "PKG-11"),
        (layout::BAG_INFO, "Bagging-Date", "Bag-Size: 1 GB\nBagging-Date", "PKG-11"),
        (layout::MANIFEST_256, "  data/case.jsonld", " data/case.jsonld", "PKG-12"),
        (layout::MANIFEST_512, "data/order/epoc.xml", "data/order/EPOC.xml", "PKG-12"),
        (layout::MANIFEST_256, "data/statement.json\n", "data/statement.json\r\n", "PKG-12"),
    ];
    for (name, from, to, expected) in cases {
        let mut changed = good();
        edit(&mut changed, name, from, to);
        refresh_tags(&mut changed);
        assert_eq!(code(structure(&zip_in_order(&changed))), expected, "{name} {from:?}");
    }
    for name in [layout::TAG_MANIFEST_256, layout::TAG_MANIFEST_512] {
        let mut changed = good();
        changed.get_mut(name).unwrap()[0] ^= 1;
        refresh_asic(&mut changed);
        assert_eq!(code(structure(&zip_in_order(&changed))), "PKG-13", "{name}");
    }
    // A manifest without one of the files: the signer left it out.
    let mut changed = good();
    let text = String::from_utf8(changed[layout::MANIFEST_256].clone()).unwrap();
    changed.insert(layout::MANIFEST_256.into(), text.lines().skip(1).map(|line| format!("{line}\n")).collect::<String>().into_bytes());
    refresh_tags(&mut changed);
    assert_eq!(code(structure(&zip_in_order(&changed))), "PKG-12");
}

#[test]
fn pkg_20_an_asic_manifest_in_another_spelling_is_refused() {
    let cases = [
        ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<?xml version='1.0' encoding='UTF-8'?>"),
        ("?>\n", "?>\n<!DOCTYPE asic [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n"),
        ("</asic:ASiCManifest>", "<!-- a comment --></asic:ASiCManifest>"),
        ("</asic:ASiCManifest>\n", "</asic:ASiCManifest>"),
        ("URI=\"data/case.jsonld\" ", "URI=\"data/case.jsonld\"  "),
        ("URI=\"data/case.jsonld\"", "URI=\"./data/case.jsonld\""),
        ("URI=\"data/case.jsonld\"", "URI=\"data/c\u{e4}se.jsonld\""),
        ("URI=\"data/case.jsonld\"", "URI=\"file:///etc/passwd\""),
        ("MimeType=\"application/ld+json\"", "MimeType=\"text/plain\""),
        ("<asic:SigReference URI=\"META-INF/signature.p7s\"", "<asic:SigReference URI=\"META-INF/signature2.p7s\""),
        ("xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\"", "xmlns:asic=\"http://uri.etsi.org/02918/v1.1.1#\""),
    ];
    for (from, to) in cases {
        let mut changed = good();
        edit(&mut changed, layout::ASIC_MANIFEST, from, to);
        assert_eq!(code(structure(&zip_in_order(&changed))), "PKG-20", "{to}");
    }
    // Two lines exchanged, and one line twice.
    for twice in [false, true] {
        let mut changed = good();
        let text = String::from_utf8(changed[layout::ASIC_MANIFEST].clone()).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        if twice {
            lines.insert(4, lines[4])
        } else {
            lines.swap(4, 5)
        };
        changed.insert(layout::ASIC_MANIFEST.into(), (lines.join("\n") + "\n").into_bytes());
        assert_eq!(code(structure(&zip_in_order(&changed))), "PKG-20");
    }
}

#[test]
fn pkg_21_unlisted_and_absent_files_are_refused() {
    for name in ["data/order/more.pdf", "data/evidence/traffic-1.wbe"] {
        let mut changed = good();
        changed.insert(name.into(), b"not listed".to_vec());
        assert_eq!(code(structure(&zip_in_order(&changed))), "PKG-21", "{name}");
    }
    let mut changed = good();
    changed.remove("data/order/epoc.xml");
    assert_eq!(code(structure(&zip_in_order(&changed))), "PKG-21");
    // A line taken out of the manifest, the file left in.
    let mut changed = good();
    let text = String::from_utf8(changed[layout::ASIC_MANIFEST].clone()).unwrap();
    let without: String = text.lines().filter(|line| !line.contains("waarborg-log")).map(|line| format!("{line}\n")).collect();
    changed.insert(layout::ASIC_MANIFEST.into(), without.into_bytes());
    assert_eq!(code(structure(&zip_in_order(&changed))), "PKG-21");
}

#[test]
fn pkg_22_every_signed_file_is_held_by_its_digest() {
    for name in good().keys().filter(|name| layout::is_signed(name)) {
        let mut changed = good();
        let content = changed.get_mut(name).unwrap();
        let place = content.len() / 2;
        content[place] ^= 1;
        assert_eq!(code(structure(&zip_in_order(&changed))), "PKG-22", "{name}");
    }
}

#[test]
fn pkg_30_json_that_is_not_canonical_is_refused() {
    for name in [layout::STATEMENT, layout::QUERIES, layout::LOG_FILE, layout::CASE] {
        for to in ["{ ", "{\n", "\u{feff}{"] {
            let change = |files: &mut Files| {
                let text = String::from_utf8(files[name].clone()).unwrap();
                files.insert(name.into(), text.replacen('{', to, 1).into_bytes());
            };
            assert_eq!(after(change), "PKG-30", "{name} {to:?}");
        }
        assert_eq!(after(|files| files.get_mut(name).unwrap().push(b'\n')), "PKG-30", "{name}");
        let deep = format!("{}{}\n", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(after(|files| drop(files.insert(name.into(), deep.clone().into_bytes()))), "PKG-30", "{name}");
    }
    assert_eq!(after(|files| edit(files, layout::STATEMENT, "\"demo\":true", "\"demo\":true,\"demo\":true")), "PKG-30");
    assert_eq!(after(|files| edit(files, TRAFFIC, "\"row_id\":2", "\"row_id\":2.0")), "PKG-30");
    let without_end = |files: &mut Files| {
        files.get_mut(TRAFFIC).unwrap().pop();
    };
    assert_eq!(after(without_end), "PKG-30", "no last line feed");
    let long = format!("{{\"a\":\"{}\"}}\n", "x".repeat(2 << 20));
    assert_eq!(after(|files| files.get_mut(TRAFFIC).unwrap().extend(long.bytes())), "PKG-30", "a line of 2 MiB");
    // Said before the end of the line is looked for: such a line may have none, and the file may be large.
    let endless = refusal_after(|files| files.get_mut(TRAFFIC).unwrap().extend(vec![b'x'; LINE_LEN_MAX + 1]));
    let error = JsonError::TooLong { len_max: LINE_LEN_MAX };
    assert_eq!(endless, Err(Refusal::Json { file: TRAFFIC.into(), error }));
}

#[test]
fn pkg_31_rows_without_their_keys_are_refused() {
    let cases = [("\"row_id\":2", "\"row_id\":3"), ("\"row_id\":2", "\"row_id\":\"2\""), ("\"row_id\":1", "\"row_id\":0")];
    for (from, to) in cases {
        assert_eq!(after(|files| edit(files, TRAFFIC, from, to)), "PKG-31", "{to}");
    }
    for key in ["datetime", "message", "timestamp_desc", "item", "row_id"] {
        let change = |files: &mut Files| rows(files, |number, row| drop((number == 2).then(|| row.remove(key))));
        let verdict = after(change);
        assert!(matches!(verdict, "PKG-31" | "PKG-32"), "{key}: {verdict}");
    }
    for key in ["datetime", "message", "timestamp_desc"] {
        let change = |files: &mut Files| rows(files, |_, row| drop(row.insert(key.into(), Value::Int(7))));
        assert_eq!(after(change), "PKG-31", "{key}");
    }
    let nested = |files: &mut Files| rows(files, |_, row| drop(row.insert("route".into(), Value::Object(Object::new()))));
    assert_eq!(after(nested), "PKG-31");
    for items in [vec![Value::Int(7)], vec!["a".into(), Value::Null], vec![Value::List(vec![])]] {
        let of_numbers = |files: &mut Files| rows(files, |_, row| drop(row.insert("route".into(), Value::List(items.clone()))));
        assert_eq!(after(of_numbers), "PKG-31", "{items:?}");
    }
    let many = |files: &mut Files| {
        rows(files, |_, row| drop(row.insert("item".into(), Value::Int(4097))));
        remake_csv(files);
        refresh_query(files);
    };
    assert_eq!(after(many), "PKG-31", "an item beyond the statement's limit");
    assert_eq!(after(|files| drop(files.insert(TRAFFIC.into(), b"[]\n".to_vec()))), "PKG-31");
    for time in ["2026-11-21T20:00:10.007", "2026-11-21 20:00:10.007+00:00", "2026-11-21T08:00:10.007 PM"] {
        let change = |files: &mut Files| {
            rows(files, |_, row| drop(row.insert("datetime".into(), time.into())));
            remake_csv(files);
        };
        assert_eq!(after(change), "PKG-31", "{time}");
    }
}

/// Changes each traffic row as an object.
fn rows(files: &mut Files, change: impl Fn(usize, &mut Object)) {
    let text = String::from_utf8(files[TRAFFIC].clone()).unwrap();
    let mut out = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let Value::Object(mut row) = Value::parse(line.as_bytes(), LINE_LEN_MAX).unwrap() else { panic!("an object") };
        change(number, &mut row);
        out.extend(Value::Object(row).to_document());
    }
    files.insert(TRAFFIC.into(), out);
}

/// The CSV that follows from the changed rows.
fn remake_csv(files: &mut Files) {
    let record_type = seal::catalogue::RecordType::of_slug("traffic").unwrap();
    let columns = verify::package::table::columns(record_type);
    let mut csv = verify::package::table::csv_header(record_type);
    for line in String::from_utf8(files[TRAFFIC].clone()).unwrap().lines() {
        let Value::Object(row) = Value::parse(line.as_bytes(), LINE_LEN_MAX).unwrap() else { panic!("an object") };
        csv.push_str(&verify::package::table::csv_row(&columns, &row).unwrap());
    }
    files.insert(TRAFFIC_CSV.into(), csv.into_bytes());
}

#[test]
fn pkg_32_a_csv_that_differs_from_its_jsonl_is_refused() {
    let cases: [fn(&mut Vec<u8>); 6] = [
        |csv| csv.extend_from_slice(b"4,1\r\n"),
        |csv| csv.truncate(csv.len() - 1),
        |csv| csv.truncate(csv.len() - 40),
        |csv| csv.clear(),
        |csv| csv.splice(0..0, *b"\xEF\xBB\xBF").for_each(drop),
        |csv| replace(csv, "'=cmd", "=cmd"),
    ];
    for (number, change) in cases.into_iter().enumerate() {
        assert_eq!(after(|files| change(files.get_mut(TRAFFIC_CSV).unwrap())), "PKG-32", "case {number}");
    }
}

#[test]
fn pkg_32_a_csv_ends_with_its_last_row_also_where_a_piece_of_reading_ends() {
    const PIECE_LEN: usize = 64 * 1024;
    let with_conversation = |files: &mut Files, len: usize| {
        rows(files, |number, row| drop((number == 1).then(|| row.insert("conversation".into(), "x".repeat(len).into()))));
        remake_csv(files);
        refresh_query(files);
    };
    let mut measured = good();
    with_conversation(&mut measured, 1);
    let len = 1 + PIECE_LEN - measured[TRAFFIC_CSV].len();
    let exactly_one_piece = |files: &mut Files| {
        with_conversation(files, len);
        assert_eq!(files[TRAFFIC_CSV].len(), PIECE_LEN);
    };
    assert_eq!(after(exactly_one_piece), "accepted");
    let and_more = |files: &mut Files| {
        exactly_one_piece(files);
        files.get_mut(TRAFFIC_CSV).unwrap().extend(b"4,1\r\n");
    };
    assert_eq!(after(and_more), "PKG-32");
}

#[test]
fn pkg_32_a_category_without_rows_has_a_csv_header() {
    use standards::package::Table;
    use verify::package::statement::{CategoryAnswer, Item, Outcome};
    let mut draft = sample::draft();
    draft.statement.categories.insert(0, CategoryAnswer { category: "device".into(), readable_days: None });
    draft.statement.items.push(Item { category: "device".into(), outcome: Outcome::OutsideRetention, ..draft.statement.items[1].clone() });
    draft.tables.push(Table { record_type: seal::catalogue::RecordType::of_slug("device").unwrap(), rows: vec![] });
    let mut files = files(&draft.assemble().unwrap().sign(&sample::key(), sample::SIGNED).unwrap().to_bytes().unwrap());
    assert!(files["data/records/device.jsonl"].is_empty() && !files["data/records/device.csv"].is_empty());
    files.get_mut("data/records/device.csv").unwrap().clear();
    refresh(&mut files);
    assert_eq!(code(structure(&zip_in_order(&files))), "PKG-32");
}

#[test]
fn pkg_33_a_column_for_content_cannot_be_added() {
    let with_body = |files: &mut Files| rows(files, |_, row| drop(row.insert("body".into(), "hello".into())));
    assert_eq!(after(with_body), "PKG-33");
    // Also not with a schema that allows it.
    let widened = |files: &mut Files| {
        with_body(files);
        edit(files, "data/schema/traffic.json", "\"properties\": {\n", "\"properties\": {\n    \"body\": {\"type\":\"string\"},\n");
    };
    assert_eq!(after(widened), "PKG-33");
    // Nor a schema that allows it for later.
    assert_eq!(
        after(|files| edit(files, "data/schema/traffic.json", "\"properties\": {\n", "\"properties\": {\n    \"body\": {},\n")),
        "PKG-33"
    );
    assert_eq!(after(|files| edit(files, "data/schema/traffic.dictionary.json", "\"name\":\"row_id\"", "\"name\":\"row_no\"")), "PKG-33");
    // A category that the catalogue does not have.
    let renamed = |files: &mut Files| {
        for name in [TRAFFIC, TRAFFIC_CSV, "data/schema/traffic.json", "data/schema/traffic.dictionary.json"] {
            let content = files.remove(name).unwrap();
            files.insert(name.replace("traffic", "messages"), content);
        }
    };
    assert_eq!(after(renamed), "PKG-34");
}

#[test]
fn pkg_34_a_statement_that_does_not_fit_is_refused() {
    let change = |from: &'static str, to: &'static str| after(move |files| edit(files, layout::STATEMENT, from, to));
    let cases = [
        ("\"format\":\"waarborg-statement/v1\"", "\"format\":\"waarborg-statement/v2\""),
        ("\"production\":\"2026-0001\"", "\"production\":\"../../x\""),
        ("\"demo\":true", "\"demo\":1"),
        ("\"demo\":true", "\"demo\":true,\"extra\":1"),
        ("\"sender\":\"Example Provider\"", "\"sender\":\"Example\\u202eProvider\""),
        ("\"sender\":\"Example Provider\"", "\"sender\":\"\""),
        ("\"written\":\"2026-11-21T22:00:00.000+00:00\"", "\"written\":\"2026-11-21T22:00:00\""),
        ("\"only_sealed\":true", "\"only_sealed\":false"),
        ("\"only_sealed\":false", "\"only_sealed\":0"),
        ("\"readable_days\":30", "\"readable_days\":4294967296"),
        ("\"outcome\":\"no-data-held\"", "\"outcome\":\"rows\""),
        ("\"covered\":\"partly\"", "\"covered\":\"wholly\""),
        ("\"covered\":\"partly\"", "\"covered\":\"mostly\""),
    ];
    for (from, to) in cases {
        assert_eq!(change(from, to), "PKG-34", "{to}");
    }
    assert_eq!(after(|files| drop(files.remove("data/evidence/traffic-498692.wbe"))), "PKG-34");
    assert_eq!(after(|files| drop(files.insert("data/evidence/traffic-498693.wbe".into(), vec![]))), "PKG-34");
    assert_eq!(
        after(|files| with_members(files, layout::STATEMENT, |members| drop(members.insert("items".into(), Value::List(vec![]))))),
        "PKG-34"
    );
    // Rows that the statement does not count: one taken away on all sides but in the statement.
    let shortened = |files: &mut Files| {
        let text = String::from_utf8(files[TRAFFIC].clone()).unwrap();
        let kept: String = text.lines().take(2).map(|line| format!("{line}\n")).collect();
        files.insert(TRAFFIC.into(), kept.into_bytes());
        remake_csv(files);
        with_members(files, layout::QUERIES, |members| {
            let Value::List(queries) = members.get_mut("queries").unwrap() else { panic!("a list") };
            queries.remove(2);
        });
    };
    assert_eq!(after(shortened), "PKG-34");
    // A row moved to an item of another category.
    let moved = |files: &mut Files| {
        rows(files, |number, row| drop((number == 1).then(|| row.insert("item".into(), Value::Int(3)))));
        remake_csv(files);
        refresh_query(files);
    };
    assert_eq!(after(moved), "PKG-34");
    // The same with a statement that counts the rows which are left: the moved one is no item's of its category.
    for item in [3, 4] {
        let unclaimed = |files: &mut Files| {
            rows(files, |number, row| drop((number == 1).then(|| row.insert("item".into(), Value::Int(item)))));
            remake_csv(files);
            refresh_query(files);
            in_first(files, layout::STATEMENT, "items", |members| counted(members, 2));
        };
        assert_eq!(after(unclaimed), "PKG-34", "item {item}");
    }
}

/// Changes the first member of a document's list.
fn in_first(files: &mut Files, name: &str, list: &str, change: impl FnOnce(&mut Object)) {
    with_members(files, name, |members| {
        let Value::List(items) = members.get_mut(list).unwrap() else { panic!("a list") };
        let Value::Object(first) = &mut items[0] else { panic!("an object") };
        change(first);
    });
}

/// Both counts of an item, so that they are equal.
fn counted(item: &mut Object, rows: i128) {
    for key in ["rows", "rows_counted_again"] {
        item.insert(key.into(), Value::Int(rows));
    }
}

#[test]
fn pkg_34_count_first_and_last_of_an_item_are_those_of_its_rows() {
    let cases: [fn(&mut Object); 4] = [
        |item| counted(item, 2),
        |item| counted(item, 4),
        |item| drop(item.insert("first".into(), "2026-11-21T20:00:05.006+00:00".into())),
        |item| drop(item.insert("last".into(), "2026-11-21T20:00:20.008+00:00".into())),
    ];
    assert_eq!(after(|files| in_first(files, layout::STATEMENT, "items", |item| counted(item, 3))), "accepted");
    for (number, change) in cases.into_iter().enumerate() {
        assert_eq!(after(|files| in_first(files, layout::STATEMENT, "items", change)), "PKG-34", "case {number}");
    }
}

#[test]
fn pkg_34_a_statement_must_not_contradict_itself() {
    use verify::package::statement::{CategoryAnswer, CompletenessStatement, Outcome};
    type Change = fn(&mut CompletenessStatement);
    let rename = |s: &mut CompletenessStatement, to: &str| {
        let names = s.categories.iter_mut().map(|c| &mut c.category);
        let names = names.chain(s.items.iter_mut().map(|i| &mut i.category)).chain(s.slots.iter_mut().map(|slot| &mut slot.category));
        names.filter(|name| *name == "traffic").for_each(|name| *name = to.into());
    };
    let mut renamed = sample::draft().statement;
    rename(&mut renamed, "traffic");
    assert!(renamed.check().is_ok());
    rename(&mut renamed, "unheard-of");
    assert!(renamed.check().is_err(), "a category that the catalogue does not have, with items and slots");
    let cases: [Change; 21] = [
        |s| s.production = "UPPER".into(),
        |s| s.production = "-".into(),
        |s| s.case_reference = " padded".into(),
        |s| s.recipient = "x".repeat(501),
        |s| s.items.clear(),
        |s| s.categories.swap(0, 1),
        |s| s.categories.push(CategoryAnswer { category: "unheard-of".into(), readable_days: None }),
        |s| s.categories.insert(0, CategoryAnswer { category: "device".into(), readable_days: None }),
        |s| s.items[0].category = "device".into(),
        |s| s.items[0].until = s.items[0].from,
        |s| s.items[0].selector.clear(),
        |s| s.items[0].rows_counted_again += 1,
        |s| s.items[0].outcome = Outcome::OutsideRetention,
        |s| s.items[0].last = None,
        |s| s.items[1].first = s.items[0].first.clone(),
        |s| s.items[1].outcome = Outcome::Refused { ground: String::new() },
        |s| s.items[0].gaps[0].until = 0,
        |s| s.slots.swap(1, 2),
        |s| s.slots[2].category = "unheard-of".into(),
        |s| s.items[0].gaps[0].reason.clear(),
        |s| {
            s.items.clear();
            s.categories.clear();
            s.slots.clear();
        },
    ];
    for (number, change) in cases.into_iter().enumerate() {
        let mut statement = sample::draft().statement;
        assert!(statement.check().is_ok());
        change(&mut statement);
        assert!(statement.check().is_err(), "case {number}");
        assert!(CompletenessStatement::parse(&statement.to_bytes()).is_err(), "case {number}");
    }
}

#[test]
fn pkg_34_items_and_slots_are_counted() {
    use verify::package::statement::{CompletenessStatement, ITEMS_MAX, SlotAnswer};
    let with = |items: usize, slots: u64| {
        let mut statement = sample::draft().statement;
        let item = statement.items[0].clone();
        statement.items.resize(items, item);
        let slot = statement.slots[2].clone();
        statement.slots = (0..slots).map(|slot_no| SlotAnswer { slot_no, ..slot.clone() }).collect();
        statement
    };
    let is_sound = |statement: CompletenessStatement| statement.check().is_ok();
    assert!(is_sound(with(ITEMS_MAX, 1)) && !is_sound(with(ITEMS_MAX + 1, 1)));
    assert!(is_sound(with(3, 1 << 18)) && !is_sound(with(3, (1 << 18) + 1)));
}

/// The digests of the traffic queries made to fit the changed rows.
fn refresh_query(files: &mut Files) {
    let text = String::from_utf8(files[TRAFFIC].clone()).unwrap();
    let lines: Vec<String> = text.lines().map(|line| format!("{line}\n")).collect();
    let runs = [lines[..2].concat(), String::new(), lines[2..].concat()];
    with_members(files, layout::QUERIES, |members| {
        let Value::List(queries) = members.get_mut("queries").unwrap() else { panic!("a list") };
        for (query, run) in queries.iter_mut().zip(runs) {
            let Value::Object(query) = query else { panic!("an object") };
            query.insert("rows_sha256".into(), verify::spelling::hex(&sha256(&[run.as_bytes()])).into());
        }
    });
}

#[test]
fn pkg_35_queries_that_do_not_fit_the_rows_are_refused() {
    let with_first = |change: fn(&mut Object)| {
        after(move |files| {
            with_members(files, layout::QUERIES, |members| {
                let Value::List(queries) = members.get_mut("queries").unwrap() else { panic!("a list") };
                let Value::Object(query) = &mut queries[0] else { panic!("an object") };
                change(query);
            });
        })
    };
    let cases: [fn(&mut Object); 8] = [
        |query| drop(query.insert("rows".into(), Value::Int(1))),
        |query| drop(query.insert("rows".into(), Value::Int(u64::MAX.into()))),
        |query| drop(query.insert("first_row".into(), Value::Int(2))),
        |query| drop(query.insert("rows_sha256".into(), verify::spelling::hex(&[0; 32]).into())),
        |query| drop(query.insert("category".into(), "device".into())),
        |query| drop(query.insert("category".into(), "subscriber".into())),
        |query| drop(query.insert("connector".into(), "\u{202e}".into())),
        |query| drop(query.insert("more".into(), Value::Null)),
    ];
    for (number, change) in cases.into_iter().enumerate() {
        assert_eq!(with_first(change), "PKG-35", "case {number}");
    }
    // A query without rows, of a category that the package does not have.
    let elsewhere = |files: &mut Files| {
        with_members(files, layout::QUERIES, |members| {
            let Value::List(queries) = members.get_mut("queries").unwrap() else { panic!("a list") };
            let Value::Object(query) = &mut queries[1] else { panic!("an object") };
            query.insert("category".into(), "device".into());
        });
    };
    assert_eq!(after(elsewhere), "PKG-35");
    assert_eq!(after(|files| edit(files, layout::QUERIES, "waarborg-queries/v1", "waarborg-queries/v2")), "PKG-35");
    // A query without rows that names a first one.
    let from_nowhere = |files: &mut Files| {
        with_members(files, layout::QUERIES, |members| {
            let Value::List(queries) = members.get_mut("queries").unwrap() else { panic!("a list") };
            let Value::Object(query) = &mut queries[1] else { panic!("an object") };
            assert_eq!(query.insert("first_row".into(), Value::Int(3)), Some(Value::Int(0)));
        });
    };
    assert_eq!(after(from_nowhere), "PKG-35");
}

#[test]
fn pkg_36_a_log_file_of_another_shape_is_refused() {
    let cases: [fn(&mut Object); 4] = [
        |members| drop(members.remove("intent")),
        |members| drop(members.insert("more".into(), Value::Null)),
        |members| drop(members.insert("receipts".into(), Value::List(vec!["not base64".into()]))),
        |members| drop(members.insert("format".into(), "waarborg-log/v2".into())),
    ];
    for (number, change) in cases.into_iter().enumerate() {
        assert_eq!(after(|files| with_members(files, layout::LOG_FILE, change)), "PKG-36", "case {number}");
    }
}
