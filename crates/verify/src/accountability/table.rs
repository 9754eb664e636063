//! The public counts of a year, derived from openings (STA-19 to STA-23).
//!
//! Two parts that have different denominators and are never mixed. The numbers of the first line are about deadlines: of all
//! leaves dated within the year or earlier, those past their deadline are openings, dummies or overdue. The rows that begin with
//! other words than `state` and `overdue` are about disclosures: what was first opened within the year.

use std::collections::BTreeMap;

use super::{Disclosure, Ledger};
use crate::calendar::Day;
use crate::names::Span;
use crate::record::{Assurance, Kind, Opening, Value};
use crate::statement::{Statement, Statistics};

/// Why there is no table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableError {
    /// The ledger was not closed at the end of this year.
    NotClosed,
    /// No `head` dates any leaf within the year: there is nothing to count.
    Empty,
    /// More rows than a statement holds.
    TooManyRows { rows: usize },
}

impl std::fmt::Display for TableError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TableError::NotClosed => f.write_str("STA-20: the ledger was not closed with the year"),
            TableError::Empty => f.write_str("STA-20: no leaf is dated in the year or before it"),
            TableError::TooManyRows { rows } => write!(f, "STA-22: {rows} rows, a statement holds {}", Statement::ROWS_MAX),
        }
    }
}

impl std::error::Error for TableError {}

/// What a published table says and what the logs give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub what: String,
    pub said: String,
    pub derived: String,
}

/// The first day after a year; `None` for years before 1970 or after 9999.
pub fn end_of(year: u32) -> Option<Day> {
    Day::parse(&format!("{:04}-01-01", year.checked_add(1)?))
}

impl Ledger {
    /// The table of `year`, from a ledger that was closed with it.
    pub fn statistics(&self, year: u32) -> Result<Statistics, TableError> {
        let end = end_of(year).filter(|end| self.terms.until == Some(*end)).ok_or(TableError::NotClosed)?;
        let range = Span::new(0, self.calendar.dated().min(self.size)).ok_or(TableError::Empty)?;
        let mut table = Statistics { year, log: self.terms.origin.clone(), range, openings: 0, dummies: 0, overdue: 0, rows: Vec::new() };
        let mut rows = self.disclosed_rows(year);
        let mut past = 0u64;
        for index in 0..range.until() {
            if self.deadline(index).is_none_or(|due| end <= due) {
                continue;
            }
            // STA-21: each of them is one of three things.
            past += 1;
            match self.shown.get(&index) {
                Some(Disclosure { opening: Some(_), .. }) => table.openings += 1,
                Some(_) => table.dummies += 1,
                None => table.overdue += 1,
            }
        }
        rows.insert("state past-deadline".to_owned(), past);
        rows.insert("state before-deadline".to_owned(), range.until() - past);
        let mut lines: Vec<String> = rows.into_iter().map(|(cells, count)| format!("{cells} {count}")).collect();
        lines.extend(self.overdue_rows(end));
        lines.extend(self.median_rows(year));
        lines.sort();
        if Statement::ROWS_MAX < lines.len() {
            return Err(TableError::TooManyRows { rows: lines.len() });
        }
        table.rows = lines;
        Ok(table)
    }

    /// The tables that PUBLIC has for a year, in its order.
    pub fn published(&self, year: u32) -> impl Iterator<Item = &Statistics> {
        self.tables.iter().filter(move |table| table.year == year)
    }

    /// STA-20: first disclosed within the year.
    fn of_year(&self, year: u32) -> impl Iterator<Item = (u64, &Disclosure)> {
        let within = move |shown: &Disclosure| shown.day.is_some_and(|day| day.civil().0 == year);
        self.shown.iter().filter(move |(_, shown)| within(shown)).map(|(index, shown)| (*index, shown))
    }

    /// The leaf by which an order is counted: the first of its leaves that was disclosed on a day, so that a copy that is opened in a
    /// later year counts in none. Its dates are those of the first leaf that stands in the log ([`Ledger::logged_on`]).
    fn counts_order(&self, index: u64, opening: &Opening) -> bool {
        let disclosed = |leaf: &&u64| self.shown.get(leaf).and_then(|shown| shown.day).map(|day| (day, **leaf));
        self.copies(opening).iter().filter(|leaf| disclosed(leaf).is_some()).min_by_key(disclosed) == Some(&index)
    }

    /// Day of the first open leaf of an order: logging it again makes it no younger.
    pub(super) fn logged_on(&self, opening: &Opening) -> Option<Day> {
        self.calendar.day_of(*self.copies(opening).first()?)
    }

    fn disclosed_rows(&self, year: u32) -> BTreeMap<String, u64> {
        let mut rows = BTreeMap::new();
        let mut count = |cells: String| *rows.entry(cells).or_insert(0) += 1;
        for (index, shown) in self.of_year(year) {
            let Some(opening) = shown.opening.as_deref() else {
                count("disclosed dummies".to_owned());
                continue;
            };
            count("disclosed openings".to_owned());
            let Some(Value::Kind(kind)) = opening.shown(1) else { continue };
            count(format!("leaves {}", word(*kind)));
            if !matches!(kind, Kind::Order | Kind::Emergency | Kind::Preservation) || !self.counts_order(index, opening) {
                continue;
            }
            let own_year = self.logged_on(opening).map_or("-".to_owned(), |day| day.civil().0.to_string());
            count(format!("orders {} {own_year}", cells(*kind, opening)));
            count(format!("outcomes {} {} {}", authority(opening), word(*kind), self.outcome(opening)));
            if *kind == Kind::Emergency {
                count(format!("confirmations {} {}", authority(opening), self.confirmation(opening)));
            }
        }
        rows
    }

    fn outcome(&self, order: &Opening) -> &'static str {
        let has = |kind| self.children_of_order(order, kind).next().is_some();
        match () {
            () if has(Kind::Withdrawal) => "withdrawn",
            () if has(Kind::Outcome) => "answered",
            () if has(Kind::Refusal) => "refused",
            () => "none-open",
        }
    }

    /// Each run of overdue indexes with one due day: `overdue <from> <until> <due>`.
    fn overdue_rows(&self, end: Day) -> Vec<String> {
        let mut runs: Vec<(u64, u64, Day)> = Vec::new();
        for (index, due) in self.overdue(end) {
            match runs.last_mut().filter(|(_, until, day)| *until == index && *day == due) {
                Some((_, until, _)) => *until = index + 1,
                None => runs.push((index, index + 1, due)),
            }
        }
        runs.into_iter().map(|(from, until, due)| format!("overdue {from} {until} {due}")).collect()
    }

    /// `days-to-outcome <authority> <orders> <median>`, by the days of LOG-45; the lower median.
    fn median_rows(&self, year: u32) -> Vec<String> {
        let mut times: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (index, shown) in self.of_year(year) {
            let Some(opening) = shown.opening.as_deref() else { continue };
            let asked = matches!(opening.shown(1), Some(Value::Kind(Kind::Order | Kind::Emergency)));
            let end = self.children_of_order(opening, Kind::Outcome).map(|(leaf, _)| leaf).min();
            let (Some(own), Some(end)) = (self.logged_on(opening), end.and_then(|leaf| self.calendar.day_of(leaf))) else { continue };
            if asked && self.counts_order(index, opening) {
                times.entry(authority(opening)).or_default().push(end.0.saturating_sub(own.0));
            }
        }
        let row = |(authority, mut days): (String, Vec<u32>)| {
            days.sort_unstable();
            let median = days.get((days.len() - 1) / 2).copied().unwrap_or_default();
            format!("days-to-outcome {authority} {} {median}", days.len())
        };
        times.into_iter().map(row).collect()
    }
}

fn authority(opening: &Opening) -> String {
    match opening.shown(18) {
        Some(Value::Authority(id)) => id.to_string(),
        _ => "-".to_owned(),
    }
}

/// STA-19: authority, kind, instrument, categories, assurance; `-` for what is withheld.
fn cells(kind: Kind, opening: &Opening) -> String {
    let instrument = match opening.shown(2) {
        Some(Value::Instrument(instrument)) => instrument.to_string(),
        _ => "-".to_owned(),
    };
    let categories = match opening.shown(6) {
        Some(Value::Categories(list)) => list.iter().map(|c| c.number().to_string()).collect::<Vec<_>>().join(","),
        _ => "-".to_owned(),
    };
    let assurance = match opening.shown(23) {
        Some(Value::Assurance(Assurance::Native)) => "native",
        Some(Value::Assurance(Assurance::Attested)) => "attested",
        _ => "-",
    };
    format!("{} {} {instrument} {categories} {assurance}", authority(opening), word(kind))
}

/// The word of a kind in tables.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Order => "order",
        Kind::Emergency => "emergency",
        Kind::Preservation => "preservation",
        Kind::Extension => "extension",
        Kind::Notice => "notice",
        Kind::Refusal => "refusal",
        Kind::Consensual => "consensual",
        Kind::Confirmation => "confirmation",
        Kind::Withdrawal => "withdrawal",
        Kind::Outcome => "outcome",
        Kind::Intent => "intent",
        Kind::Release => "release",
        Kind::Receipt => "receipt",
    }
}

/// STA-22: every place where the two tables differ; empty if they say the same.
pub fn compare(said: &Statistics, derived: &Statistics) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut differ = |what: &str, said: String, derived: String| {
        if said != derived {
            found.push(Difference { what: what.to_owned(), said, derived });
        }
    };
    let span = |table: &Statistics| format!("{} {}", table.range.from(), table.range.until());
    differ("log", said.log.clone(), derived.log.clone());
    differ("year", said.year.to_string(), derived.year.to_string());
    differ("range", span(said), span(derived));
    differ("openings", said.openings.to_string(), derived.openings.to_string());
    differ("dummies", said.dummies.to_string(), derived.dummies.to_string());
    differ("overdue", said.overdue.to_string(), derived.overdue.to_string());
    for row in said.rows.iter().filter(|row| !derived.rows.contains(row)) {
        differ("row", row.clone(), "-".to_owned());
    }
    for row in derived.rows.iter().filter(|row| !said.rows.contains(row)) {
        differ("row", "-".to_owned(), row.clone());
    }
    found
}
