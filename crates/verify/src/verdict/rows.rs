//! Rows against evidence: in an hour that the order covers wholly, the files hold exactly the records that the evidence opens,
//! row for row; no row lies outside the order (SEA-53, SEA-65).

use std::collections::BTreeMap;

use seal::catalogue::{Record, Shown, parse_rfc3339};
use seal::selector::Selector;

use super::contents::Contents;
use super::failure::{Failure, What};
use super::report::Place;
use crate::package::json::{Object, Value};
use crate::package::layout;
use crate::package::statement::{CompletenessStatement, Item};
use crate::package::table::{ITEM, ROW_ID};

/// 2^40: rows are bounded by the container; the file is read whole.
const FILE_LEN_MAX: usize = 1 << 40;

/// Rows of one category: (selector as in the statement, slot number) to the rows' texts, sorted.
pub(super) struct Rows {
    by_place: BTreeMap<(String, u64), Vec<String>>,
    pub count: u64,
}

impl Rows {
    /// Reads the JSONL file of a category. Every row must lie in the period of its item and in a slot of the statement.
    pub(super) fn read(contents: &dyn Contents, category: &str) -> Result<Rows, Failure> {
        let file = contents.file(&layout::records_jsonl(category), FILE_LEN_MAX);
        let file = file.map_err(|e| Failure::inner("PKG-31", Place::Package, "rows", e))?;
        let statement = contents.statement();
        let outside = || Failure::new("SEA-53", Place::Package, What::RowOutside);
        let mut rows = Rows { by_place: BTreeMap::new(), count: 0 };
        for line in file.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            let Ok(Value::Object(mut row)) = Value::parse(line, line.len()) else { return Err(outside()) };
            let (item, time) = (item(statement, &row, category), slot_time(&row));
            let (Some(item), Some(time)) = (item, time) else { return Err(outside()) };
            let slot = slot_of(statement, category, time).filter(|_| item.from <= time && time < item.until).ok_or(outside())?;
            row.remove(ROW_ID);
            row.remove(ITEM);
            rows.by_place.entry((item.selector.clone(), slot)).or_default().push(Value::Object(row).to_text());
            rows.count += 1;
        }
        rows.by_place.values_mut().for_each(|texts| texts.sort_unstable());
        Ok(rows)
    }

    /// Whose rows lie in one slot.
    pub(super) fn people(&self, slot: u64) -> impl Iterator<Item = &str> {
        self.by_place.keys().filter(move |(_, no)| *no == slot).map(|(selector, _)| selector.as_str())
    }

    /// The rows of one slot are those of the records opened there: per selector the same multiset, and no other selector has any.
    pub(super) fn are(&self, slot: u64, opened: &[(Selector, Vec<Record>)]) -> bool {
        let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (selector, records) in opened.iter().filter(|(_, records)| !records.is_empty()) {
            expected.entry(selector.to_string()).or_default().extend(records.iter().map(text_of));
        }
        expected.values_mut().for_each(|texts| texts.sort_unstable());
        let found = self.by_place.iter().filter(|((_, no), _)| *no == slot).map(|((selector, _), texts)| (selector, texts));
        found.eq(expected.iter())
    }
}

fn item<'s>(statement: &'s CompletenessStatement, row: &Object, category: &str) -> Option<&'s Item> {
    let number = usize::try_from(row.get(ITEM)?.as_u64()?).ok()?;
    statement.items.get(number.checked_sub(1)?).filter(|item| item.category == category)
}

/// SEA-08: the second whose slot the record was sealed under.
fn slot_time(row: &Object) -> Option<u64> {
    let ms = |key: &str| parse_rfc3339(row.get(key)?.as_text()?);
    Some(ms("datetime")?.min(ms("received_at")?) / 1_000)
}

fn slot_of(statement: &CompletenessStatement, category: &str, time: u64) -> Option<u64> {
    let holds = |len: u64, no: u64| time.checked_div(len) == Some(no);
    let mut slots = statement.slots.iter().filter(|slot| slot.category == category);
    slots.find(|slot| holds(u64::from(slot.slot_len), slot.slot_no)).map(|slot| slot.slot_no)
}

/// The row that a record must have become: its JSON line in the package's spelling.
fn text_of(record: &Record) -> String {
    let value = |shown: Shown| match shown {
        Shown::Text(text) => Value::Text(text),
        Shown::Number(n) => Value::Int(i128::from(n)),
        Shown::Flag(yes) => Value::Bool(yes),
        Shown::List(items) => Value::List(items.into_iter().map(Value::Text).collect()),
    };
    Value::Object(record.shown().into_iter().map(|(key, shown)| (key, value(shown))).collect()).to_text()
}
