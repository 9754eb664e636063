//! Statutory counters (Art. 28 of Regulation (EU) 2023/1543; DSA Art. 10 and 15; national): from facts of cases to rows, with small
//! numbers banded, as CSV and JSON (CNT-01 to CNT-06).

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::received::words::word_list;
use crate::received::{DataClass, Reason};

word_list! {
    /// Under which law an order came.
    Basis {
        EEvidence = "e-evidence";
        National = "national";
        Dsa10 = "dsa-10";
        Other = "other";
    }
}

word_list! {
    CountedType {
        Production = "production";
        Preservation = "preservation";
        Extension = "extension";
        SubsequentProduction = "subsequent-production";
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    Open,
    Full,
    Partial,
    NotHeld,
    /// With the first ground of Form 3 D.
    Refused(Reason),
    EnforcingRefused {
        partly: bool,
    },
    Withdrawn,
}

impl Ending {
    pub fn code(self) -> String {
        match self {
            Ending::Open => "open".into(),
            Ending::Full => "full".into(),
            Ending::Partial => "partial".into(),
            Ending::NotHeld => "not-held".into(),
            Ending::Refused(reason) => format!("refused-{}", reason.number()),
            Ending::EnforcingRefused { partly: false } => "refused-by-enforcing".into(),
            Ending::EnforcingRefused { partly: true } => "refused-by-enforcing-partly".into(),
            Ending::Withdrawn => "withdrawn".into(),
        }
    }
}

/// One order for the counters. No names, no references: nothing here says whose order or about whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFacts {
    pub received_at: u64,
    /// Issuing State, ISO 3166 alpha-2.
    pub state: String,
    pub basis: Basis,
    /// National: the article; DSA: the type of illegal content.
    pub article: String,
    pub kind: CountedType,
    pub is_emergency: bool,
    /// Each class asked for; an order counts once in each.
    pub classes: Vec<DataClass>,
    pub identifiers: u64,
    /// Accounts of which something was handed over.
    pub accounts: u64,
    pub ending: Ending,
    pub acknowledged_at: Option<u64>,
    pub provided_at: Option<u64>,
    pub later_not_validated: bool,
    pub secrecy_active: bool,
    pub linkage_escalations: u64,
    pub overrides: u64,
}

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowKey {
    /// `2026` or `2026-H2`.
    pub period: String,
    pub state: String,
    pub basis: Basis,
    pub article: String,
    pub kind: CountedType,
    pub class: DataClass,
    pub is_emergency: bool,
}

/// Exact numbers: for the authority and the sealed statistics, never for the public as they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub received: u64,
    pub identifiers: u64,
    pub accounts: u64,
    pub endings: BTreeMap<String, u64>,
    acknowledged: Vec<u64>,
    provided: Vec<u64>,
    pub later_not_validated: u64,
    pub secrecy_active: u64,
    pub linkage_escalations: u64,
    pub overrides: u64,
}

/// CNT-03: below this a number is a band.
pub const BAND: u64 = 10;

/// A number as the public sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Banded {
    Zero,
    /// 1 to 9.
    Few,
    Exactly(u64),
}

impl Banded {
    pub fn of(number: u64) -> Banded {
        match number {
            0 => Banded::Zero,
            1..BAND => Banded::Few,
            _ => Banded::Exactly(number),
        }
    }
}

impl std::fmt::Display for Banded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Banded::Zero => f.write_str("0"),
            Banded::Few => f.write_str("1-9"),
            Banded::Exactly(number) => write!(f, "{number}"),
        }
    }
}

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    Year,
    HalfYear,
}

/// Counts. An order counts in the period in which it was received (CNT-01), once in each class it asks for (CNT-02).
pub fn count(cases: &[CaseFacts], every: Every) -> BTreeMap<RowKey, Row> {
    let mut rows: BTreeMap<RowKey, Row> = BTreeMap::new();
    for case in cases {
        let (year, month, _) = verify::calendar::Day::containing(case.received_at).civil();
        let period = match every {
            Every::Year => format!("{year}"),
            Every::HalfYear => format!("{year}-H{}", if month <= 6 { 1 } else { 2 }),
        };
        let mut classes = case.classes.clone();
        classes.sort_unstable();
        classes.dedup();
        for class in classes {
            let key = RowKey {
                period: period.clone(),
                state: case.state.clone(),
                basis: case.basis,
                article: case.article.clone(),
                kind: case.kind,
                class,
                is_emergency: case.is_emergency,
            };
            rows.entry(key).or_default().add(case);
        }
    }
    rows
}

impl Row {
    fn add(&mut self, case: &CaseFacts) {
        self.received += 1;
        self.identifiers += case.identifiers;
        self.accounts += case.accounts;
        *self.endings.entry(case.ending.code()).or_default() += 1;
        self.acknowledged.extend(case.acknowledged_at.map(|at| at.saturating_sub(case.received_at)));
        self.provided.extend(case.provided_at.map(|at| at.saturating_sub(case.received_at)));
        self.later_not_validated += u64::from(case.later_not_validated);
        self.secrecy_active += u64::from(case.secrecy_active);
        self.linkage_escalations += case.linkage_escalations;
        self.overrides += case.overrides;
    }

    /// (median, mean) in seconds; the lower of the two middle ones.
    fn spread(times: &[u64]) -> Option<(u64, u64)> {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        let median = *sorted.get(sorted.len().checked_sub(1)? / 2)?;
        Some((median, sorted.iter().sum::<u64>() / sorted.len() as u64))
    }

    /// CNT-04: a time over fewer than ten orders is the time of somebody's order.
    fn public_spread(times: &[u64]) -> (Option<u64>, Option<u64>) {
        if (times.len() as u64) < BAND {
            return (None, None);
        }
        Row::spread(times).map_or((None, None), |(median, mean)| (Some(median), Some(mean)))
    }

    pub fn acknowledged(&self) -> Option<(u64, u64)> {
        Row::spread(&self.acknowledged)
    }

    pub fn provided(&self) -> Option<(u64, u64)> {
        Row::spread(&self.provided)
    }

    /// Columns after those of the key, as the public sees them.
    fn columns(&self) -> Vec<(String, String)> {
        let band = |number: u64| Banded::of(number).to_string();
        let mut columns: Vec<(String, String)> = vec![
            ("received".into(), band(self.received)),
            ("identifiers".into(), band(self.identifiers)),
            ("accounts".into(), band(self.accounts)),
        ];
        for ending in endings() {
            columns.push((ending.clone(), band(self.endings.get(&ending).copied().unwrap_or(0))));
        }
        let time = |value: Option<u64>| value.map_or_else(String::new, |seconds| seconds.to_string());
        let (median, mean) = Row::public_spread(&self.acknowledged);
        columns.extend([("acknowledged_median_s".into(), time(median)), ("acknowledged_mean_s".into(), time(mean))]);
        let (median, mean) = Row::public_spread(&self.provided);
        columns.extend([("provided_median_s".into(), time(median)), ("provided_mean_s".into(), time(mean))]);
        columns.extend([
            ("later_not_validated".into(), band(self.later_not_validated)),
            ("secrecy_active".into(), band(self.secrecy_active)),
            ("linkage_escalations".into(), band(self.linkage_escalations)),
            ("overrides".into(), band(self.overrides)),
        ]);
        columns
    }
}

fn endings() -> Vec<String> {
    let fixed = [Ending::Full, Ending::Partial, Ending::NotHeld, Ending::Open, Ending::Withdrawn];
    let enforcing = [false, true].map(|partly| Ending::EnforcingRefused { partly });
    let refused = Reason::ALL.iter().map(|reason| Ending::Refused(*reason));
    fixed.into_iter().chain(refused).chain(enforcing).map(Ending::code).collect()
}

fn key_columns(key: &RowKey) -> [(&'static str, String); 7] {
    [
        ("period", key.period.clone()),
        ("state", key.state.clone()),
        ("basis", key.basis.code().into()),
        ("article", key.article.clone()),
        ("type", key.kind.code().into()),
        ("data", key.class.code().into()),
        ("emergency", if key.is_emergency { "yes".into() } else { "no".into() }),
    ]
}

/// CNT-05: RFC 4180, one header, no cell that a spreadsheet would calculate (T31).
pub fn csv(rows: &BTreeMap<RowKey, Row>) -> String {
    let mut out = String::new();
    let names = key_columns_names().chain(Row::default().columns().into_iter().map(|(name, _)| name)).collect::<Vec<_>>();
    let _ = writeln!(out, "{}\r", names.join(","));
    for (key, row) in rows {
        let cells = key_columns(key).into_iter().map(|(_, cell)| cell).chain(row.columns().into_iter().map(|(_, cell)| cell));
        let line: Vec<_> = cells.map(|cell| csv_cell(&cell)).collect();
        let _ = writeln!(out, "{}\r", line.join(","));
    }
    out
}

fn key_columns_names() -> impl Iterator<Item = String> {
    ["period", "state", "basis", "article", "type", "data", "emergency"].into_iter().map(str::to_owned)
}

fn csv_cell(cell: &str) -> String {
    let harmless = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() };
    if harmless.contains([',', '"', '\n', '\r']) { format!("\"{}\"", harmless.replace('"', "\"\"")) } else { harmless }
}

/// CNT-06: one object `waarborg-counters/v1`; bands are text, so that nobody adds them up.
pub fn json(rows: &BTreeMap<RowKey, Row>, rule_version: &str) -> String {
    let mut out = format!("{{\"schema\":\"waarborg-counters/v1\",\"band\":{BAND},\"rules\":{},\"rows\":[", json_text(rule_version));
    for (at, (key, row)) in rows.iter().enumerate() {
        let keys = key_columns(key).into_iter().map(|(name, cell)| (name.to_owned(), cell));
        let members: Vec<_> = keys.chain(row.columns()).map(|(name, cell)| format!("{}:{}", json_text(&name), json_text(&cell))).collect();
        let _ = write!(out, "{}{{{}}}", if at == 0 { "" } else { "," }, members.join(","));
    }
    out.push_str("]}\n");
    out
}

fn json_text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
