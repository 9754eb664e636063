//! CSV rows with the same values as the JSON lines, safe to open in a spreadsheet.

use super::field::Shown;
use super::json::{is_hidden, push_list};
use super::record::{Record, RecordType};

impl RecordType {
    /// The columns of the type, in the order of the file: the timeline keys first, then the dictionary's order.
    /// A time has three columns: normalised, original value, unit.
    pub fn columns(self) -> Vec<String> {
        let mut columns: Vec<String> = ["datetime", "timestamp_desc", "message", "category", "received_at"].map(str::to_owned).to_vec();
        for def in self.fields() {
            if def.kind != super::Kind::Time {
                columns.push(def.name.to_owned());
                continue;
            }
            if def.name != "t_event" {
                columns.push(def.name.to_owned());
            }
            columns.push(format!("{}_raw", def.name));
            columns.push(format!("{}_unit", def.name));
        }
        columns
    }
}

/// The header row with its `\r\n`.
pub fn csv_header(record_type: RecordType) -> String {
    record_type.columns().join(",") + "\r\n"
}

/// One text as a cell. Hidden characters become `<U+202E>`. A text that a spreadsheet would take for a formula (it
/// starts with `=`, `+`, `-` or `@`; tab and carriage return are hidden characters and so are gone already) gets a
/// leading apostrophe. Then RFC 4180: quotes doubled, the cell quoted where it must be.
pub fn csv_cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len() + 2);
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        cell.push('\'');
    }
    for c in text.chars() {
        if is_hidden(c) { cell.push_str(&format!("<U+{:04X}>", u32::from(c))) } else { cell.push(c) }
    }
    if cell.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

impl Record {
    /// The row under [`csv_header`] with its `\r\n`. An absent field is an empty cell; no present field is ever empty.
    /// Numbers are written as they are: they are ours, not text, and a negative latitude is no formula.
    pub fn csv_row(&self) -> String {
        let shown = self.shown();
        let cells: Vec<String> = self
            .record_type()
            .columns()
            .iter()
            .map(|name| match shown.get(name) {
                None => String::new(),
                Some(Shown::Text(text)) => csv_cell(text),
                Some(Shown::Number(n)) => n.to_string(),
                Some(Shown::Flag(yes)) => yes.to_string(),
                Some(Shown::List(items)) => {
                    let mut list = String::new();
                    push_list(&mut list, items);
                    csv_cell(&list)
                }
            })
            .collect();
        cells.join(",") + "\r\n"
    }
}
