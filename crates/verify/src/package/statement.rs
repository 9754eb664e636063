//! `data/statement.json`: the answer to every ordered item, also to those without a row.

use super::json::{Object, Value, object};
use super::members::{Members, is_plain};
use super::{Refusal, layout};
use crate::spelling;
use seal::catalogue::{RecordType, format_rfc3339};
use std::collections::BTreeSet;

/// First line of meaning of the document: its name and version.
pub const FORMAT: &str = "waarborg-statement/v1";
/// 2^12 items and 2^18 slots: the limits of a document that is read at once.
pub const ITEMS_MAX: usize = 1 << 12;
const SLOTS_MAX: usize = 1 << 18;

/// One ordered item and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Rows were found; the count may still be zero in some slots.
    Rows,
    /// Nothing is held for this item, with the reason in words.
    NoDataHeld { reason: String },
    /// The period lies before what is kept.
    OutsideRetention,
    /// Not handed over, with the ground (the article) in words.
    Refused { ground: String },
}

/// A time span without rows although rows were expected, both ends in seconds since 1970 UTC, half open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    pub from: u64,
    pub until: u64,
    pub reason: String,
}

/// An ordered item: one selector, one category, one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// As in the order: `phone:+31…`, `account:@a:b`.
    pub selector: String,
    /// Slug of the category; its rows are in `data/records/<category>.jsonl`.
    pub category: String,
    /// The ordered period, seconds since 1970 UTC, half open.
    pub from: u64,
    pub until: u64,
    pub outcome: Outcome,
    /// Rows handed over, as the exporter counted.
    pub rows: u64,
    /// The same, counted by the path that does not share code with the exporter.
    pub rows_counted_again: u64,
    /// Opened but outside the order, not handed over.
    pub held_back: u64,
    /// `datetime` of the first and last row, as in the rows.
    pub first: Option<String>,
    pub last: Option<String>,
    pub gaps: Vec<Gap>,
}

/// One slot that the order touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotAnswer {
    pub category: String,
    pub slot_len: u32,
    pub slot_no: u64,
    /// True: an evidence file is there. False: inside this slot the trimming is the provider's word.
    pub is_covered_wholly: bool,
    /// Epochs under the `slot-close`.
    pub epochs: u32,
    /// Late epochs that cover the slot and were closed before the intent.
    pub late_epochs: u32,
}

/// Retention honesty (SEA-79).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryAnswer {
    pub category: String,
    /// None: only sealed. Some(n): also readable at its source for n days.
    pub readable_days: Option<u32>,
}

/// The completeness statement `waarborg-statement/v1` of a production.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletenessStatement {
    /// The production's id, `[a-z0-9-]{1,64}`, also in the file name.
    pub production: String,
    /// True: the key or the data is a demonstration.
    pub is_demo: bool,
    /// R of the order record.
    pub order: [u8; 32],
    /// R of the intent record.
    pub intent: [u8; 32],
    /// SHA-256 of the order as received, which lies in `data/order/`; None for a native order.
    pub original: Option<[u8; 32]>,
    /// The authority's own reference.
    pub case_reference: String,
    /// Names of sender (provider) and recipient (authority).
    pub sender: String,
    pub recipient: String,
    /// When the production was written, seconds since 1970 UTC.
    pub written: u64,
    pub categories: Vec<CategoryAnswer>,
    pub items: Vec<Item>,
    pub slots: Vec<SlotAnswer>,
}

impl CompletenessStatement {
    /// Reads the document. Refuses PKG-30 (spelling) and PKG-34 (shape, limits, contradictions inside it).
    pub fn parse(bytes: &[u8]) -> Result<CompletenessStatement, Refusal> {
        let value = Value::parse_document(bytes).map_err(|error| Refusal::Json { file: layout::STATEMENT.to_owned(), error })?;
        let shape = Refusal::Statement { what: "not of the required shape" };
        let statement = CompletenessStatement::from_value(&value).ok_or(shape.clone())?;
        // Another format, unknown members and what follows from others (`only_sealed`) were not looked at; they show here.
        if statement.to_value() != value {
            return Err(shape);
        }
        statement.check()?;
        Ok(statement)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_value().to_document()
    }

    /// PKG-34: what the statement must fulfil by itself. The writer asks before it writes, the reader after it has read.
    pub fn check(&self) -> Result<(), Refusal> {
        let refuse = |what| Err(Refusal::Statement { what });
        if !layout::is_slug(&self.production) {
            return refuse("the production id is not a slug");
        }
        if ![&self.case_reference, &self.sender, &self.recipient].into_iter().all(|text| is_plain(text)) {
            return refuse("a text is empty, too long or has hidden characters");
        }
        if self.items.is_empty() || ITEMS_MAX < self.items.len() || SLOTS_MAX < self.slots.len() {
            return refuse("no item, or too many items or slots");
        }
        let names: Vec<&str> = self.categories.iter().map(|c| c.category.as_str()).collect();
        if !names.windows(2).all(|pair| pair[0] < pair[1]) || !names.iter().all(|name| RecordType::of_slug(name).is_some()) {
            return refuse("the categories are not those of the catalogue, once each, in order");
        }
        let names: BTreeSet<&str> = names.into_iter().collect();
        let mut answered = BTreeSet::new();
        for item in &self.items {
            item.check(&names)?;
            answered.insert(item.category.as_str());
        }
        if answered != names {
            return refuse("a category without an item");
        }
        let keys: Vec<(&str, u64)> = self.slots.iter().map(|s| (s.category.as_str(), s.slot_no)).collect();
        if !keys.windows(2).all(|pair| pair[0] < pair[1]) || !keys.iter().all(|(category, _)| names.contains(category)) {
            return refuse("the slots are not in order, once each");
        }
        Ok(())
    }

    fn from_value(value: &Value) -> Option<CompletenessStatement> {
        let members = Members::of(value)?;
        Some(CompletenessStatement {
            production: members.text("production")?,
            is_demo: members.flag("demo")?,
            order: members.hash("order")?,
            intent: members.hash("intent")?,
            original: members.optional("original", |v| spelling::from_hex_exact(v.as_text()?))?,
            case_reference: members.text("case_reference")?,
            sender: members.text("sender")?,
            recipient: members.text("recipient")?,
            written: members.time("written")?,
            categories: members.list("categories", CategoryAnswer::from_value)?,
            items: members.list("items", Item::from_value)?,
            slots: members.list("slots", SlotAnswer::from_value)?,
        })
    }

    fn to_value(&self) -> Value {
        let mut out = object([
            ("format", FORMAT.into()),
            ("production", self.production.as_str().into()),
            ("demo", self.is_demo.into()),
            ("order", spelling::hex(&self.order).into()),
            ("intent", spelling::hex(&self.intent).into()),
            ("case_reference", self.case_reference.as_str().into()),
            ("sender", self.sender.as_str().into()),
            ("recipient", self.recipient.as_str().into()),
            ("written", time(self.written)),
            ("categories", Value::List(self.categories.iter().map(CategoryAnswer::to_value).collect())),
            ("items", Value::List(self.items.iter().map(Item::to_value).collect())),
            ("slots", Value::List(self.slots.iter().map(SlotAnswer::to_value).collect())),
        ]);
        insert(&mut out, "original", self.original.map(|digest| spelling::hex(&digest).into()));
        Value::Object(out)
    }
}

impl Item {
    fn check(&self, categories: &BTreeSet<&str>) -> Result<(), Refusal> {
        let refuse = |what| Err(Refusal::Statement { what });
        if !categories.contains(self.category.as_str()) {
            return refuse("an item of a category that is not listed");
        }
        if self.until <= self.from || !is_plain(&self.selector) {
            return refuse("an item without a period or a selector");
        }
        let reason = match &self.outcome {
            Outcome::NoDataHeld { reason } => Some(reason),
            Outcome::Refused { ground } => Some(ground),
            Outcome::Rows | Outcome::OutsideRetention => None,
        };
        if reason.is_some_and(|text| !is_plain(text)) || !self.gaps.iter().all(|gap| gap.from < gap.until && is_plain(&gap.reason)) {
            return refuse("a reason is missing or has hidden characters");
        }
        if self.rows != self.rows_counted_again {
            return refuse("the two counts of an item differ");
        }
        if self.rows != 0 && self.outcome != Outcome::Rows {
            return refuse("rows although the outcome says none");
        }
        let has_ends = [self.first.is_some(), self.last.is_some()];
        if has_ends != [self.rows != 0; 2] {
            return refuse("first and last do not fit the count");
        }
        Ok(())
    }

    fn from_value(value: &Value) -> Option<Item> {
        let members = Members::of(value)?;
        let outcome = match members.text("outcome")?.as_str() {
            "rows" => Outcome::Rows,
            "no-data-held" => Outcome::NoDataHeld { reason: members.text("reason")? },
            "outside-retention" => Outcome::OutsideRetention,
            "refused" => Outcome::Refused { ground: members.text("reason")? },
            _ => return None,
        };
        Some(Item {
            selector: members.text("selector")?,
            category: members.text("category")?,
            from: members.time("from")?,
            until: members.time("until")?,
            outcome,
            rows: members.number("rows")?,
            rows_counted_again: members.number("rows_counted_again")?,
            held_back: members.number("held_back")?,
            first: members.optional("first", |v| v.as_text().map(str::to_owned))?,
            last: members.optional("last", |v| v.as_text().map(str::to_owned))?,
            gaps: members.list("gaps", Gap::from_value)?,
        })
    }

    fn to_value(&self) -> Value {
        let (outcome, reason) = match &self.outcome {
            Outcome::Rows => ("rows", None),
            Outcome::NoDataHeld { reason } => ("no-data-held", Some(reason)),
            Outcome::OutsideRetention => ("outside-retention", None),
            Outcome::Refused { ground } => ("refused", Some(ground)),
        };
        let mut out = object([
            ("selector", self.selector.as_str().into()),
            ("category", self.category.as_str().into()),
            ("from", time(self.from)),
            ("until", time(self.until)),
            ("outcome", outcome.into()),
            ("rows", self.rows.into()),
            ("rows_counted_again", self.rows_counted_again.into()),
            ("held_back", self.held_back.into()),
            ("gaps", Value::List(self.gaps.iter().map(Gap::to_value).collect())),
        ]);
        insert(&mut out, "reason", reason.map(|text| text.as_str().into()));
        insert(&mut out, "first", self.first.as_deref().map(Value::from));
        insert(&mut out, "last", self.last.as_deref().map(Value::from));
        Value::Object(out)
    }
}

impl Gap {
    fn from_value(value: &Value) -> Option<Gap> {
        let members = Members::of(value)?;
        Some(Gap { from: members.time("from")?, until: members.time("until")?, reason: members.text("reason")? })
    }
    fn to_value(&self) -> Value {
        object([("from", time(self.from)), ("until", time(self.until)), ("reason", self.reason.as_str().into())]).into()
    }
}

impl SlotAnswer {
    fn from_value(value: &Value) -> Option<SlotAnswer> {
        let members = Members::of(value)?;
        let is_covered_wholly = match members.text("covered")?.as_str() {
            "wholly" => true,
            "partly" => false,
            _ => return None,
        };
        Some(SlotAnswer {
            category: members.text("category")?,
            slot_len: members.number("slot_len")?.try_into().ok()?,
            slot_no: members.number("slot_no")?,
            is_covered_wholly,
            epochs: members.number("epochs")?.try_into().ok()?,
            late_epochs: members.number("late_epochs")?.try_into().ok()?,
        })
    }
    fn to_value(&self) -> Value {
        object([
            ("category", self.category.as_str().into()),
            ("slot_len", u64::from(self.slot_len).into()),
            ("slot_no", self.slot_no.into()),
            ("covered", if self.is_covered_wholly { "wholly" } else { "partly" }.into()),
            ("epochs", u64::from(self.epochs).into()),
            ("late_epochs", u64::from(self.late_epochs).into()),
        ])
        .into()
    }
}

impl CategoryAnswer {
    fn from_value(value: &Value) -> Option<CategoryAnswer> {
        let members = Members::of(value)?;
        let readable_days = members.optional("readable_days", |v| u32::try_from(v.as_u64()?).ok())?;
        Some(CategoryAnswer { category: members.text("category")?, readable_days })
    }
    fn to_value(&self) -> Value {
        let mut out = object([("category", self.category.as_str().into()), ("only_sealed", self.readable_days.is_none().into())]);
        insert(&mut out, "readable_days", self.readable_days.map(|days| u64::from(days).into()));
        Value::Object(out)
    }
}

/// Whole seconds as RFC 3339 with explicit offset.
fn time(seconds: u64) -> Value {
    format_rfc3339(seconds.saturating_mul(1000)).into()
}

fn insert(out: &mut Object, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        out.insert(key.to_owned(), value);
    }
}
