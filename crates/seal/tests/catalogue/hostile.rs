//! T31: hostile values come back raw, and do no harm in JSON lines, CSV or a terminal.

use proptest::prelude::*;
use seal::catalogue::*;

use super::samples::*;

const HOSTILE: [&str; 10] = [
    "=HYPERLINK(\"http://x\",\"y\")",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "a\0b",
    "\u{202e}gpj.exe",
    "\u{9b}31mred\u{1b}[2J",
    "\"quoted\", and, \\back\n{\"a\":1}",
];

fn labelled(label: &str) -> Record {
    record(Device { label: Some(label.into()), ..device() })
}

#[test]
fn t31_a_line_keeps_the_raw_value_and_shows_no_hidden_character() {
    for label in HOSTILE {
        let line = labelled(label).json_line();
        assert!(!line.chars().any(is_hidden), "{line:?}");
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["label"], label);
    }
}

#[test]
fn t31_a_cell_is_never_a_formula_and_never_breaks_its_row() {
    for label in HOSTILE {
        let row = labelled(label).csv_row();
        let cells = split(&row);
        assert_eq!(cells.len(), RecordType::Device.columns().len(), "{row:?}");
        for cell in &cells {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
            assert!(!cell.chars().any(is_hidden));
        }
    }
    assert_eq!(csv_cell("=1"), "'=1");
    assert_eq!(csv_cell("\t1"), "'<U+0009>1");
    assert_eq!(csv_cell("a\0b"), "a<U+0000>b");
    assert_eq!(csv_cell("a\"b,c"), "\"a\"\"b,c\"");
    assert_eq!(csv_cell("a\nb"), "a<U+000A>b");
}

#[test]
fn a_negative_number_is_no_formula() {
    assert!(record(location()).csv_row().contains(",-520907000,"));
}

#[test]
fn every_row_has_a_cell_for_every_column_and_every_shown_key_a_column() {
    for record in one_of_each() {
        let columns = record.record_type().columns();
        assert_eq!(split(&record.csv_row()).len(), columns.len());
        assert_eq!(csv_header(record.record_type()).trim_end().split(',').count(), columns.len());
        for key in record.shown().keys() {
            assert!(columns.contains(key), "{key}");
        }
    }
}

proptest! {
    #[test]
    fn t31_any_value_keeps_the_shape_of_the_row(record in any_record()) {
        let cells = split(&record.csv_row());
        let columns = record.record_type().columns();
        prop_assert_eq!(cells.len(), columns.len());
        for (cell, column) in cells.iter().zip(&columns) {
            let shown = record.shown();
            let is_text = matches!(shown.get(column), Some(Shown::Text(_) | Shown::List(_)));
            prop_assert!(!is_text || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']));
            prop_assert!(!cell.chars().any(is_hidden));
        }
    }
}

/// RFC 4180, read independently of the writer.
fn split(row: &str) -> Vec<String> {
    let row = row.strip_suffix("\r\n").expect("a row ends with CR LF");
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = row.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => cell.push(chars.next().unwrap()),
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    cells.push(cell);
    cells
}
