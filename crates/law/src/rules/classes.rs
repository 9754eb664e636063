//! Field × purpose × direction in time gives a class in each body of law; the stricter wins, the difference is shown (RUL-03).

use serde::Deserialize;

use crate::received::words::word_list;
use crate::received::{DataOption, Purpose};

word_list! {
    Regime {
        Eu = "eu";
        Nl = "nl";
        Us = "us";
    }
}

word_list! {
    /// A purpose in a rule, or any.
    PurposeRule {
        Identify = "IDENTIFY";
        Pattern = "PATTERN";
        Any = "any";
    }
}

impl PurposeRule {
    fn covers(self, purpose: Purpose) -> bool {
        match self {
            PurposeRule::Any => true,
            PurposeRule::Identify => purpose == Purpose::Identify,
            PurposeRule::Pattern => purpose == Purpose::Pattern,
        }
    }
}

word_list! {
    /// Data held when the order arrives, or that will come.
    Direction {
        Past = "past";
        Future = "future";
        Any = "any";
    }
}

/// One field of the catalogue.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldRow {
    pub field: String,
    pub en: String,
    pub nl: String,
    /// Boxes of the forms that ask for it. None: it can not be asked for.
    pub options: Vec<DataOption>,
    pub classes: Vec<ClassRow>,
}

/// What one body of law calls it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassRow {
    pub regime: Regime,
    pub purpose: PurposeRule,
    pub time: Direction,
    pub class: String,
    /// 1 identity ... 4 content, 9 nobody may have it.
    pub rank: u8,
    pub article: String,
    pub check: bool,
}

/// The classes of one field for one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification<'r> {
    pub field: &'r str,
    pub rows: Vec<&'r ClassRow>,
}

impl<'r> Classification<'r> {
    /// What decides: the highest rank.
    pub fn strictest(&self) -> Option<&'r ClassRow> {
        self.rows.iter().copied().max_by_key(|row| row.rank)
    }

    /// The bodies of law do not agree on how strict it is.
    pub fn is_conflict(&self) -> bool {
        let ranks = || self.rows.iter().map(|row| row.rank);
        ranks().min() != ranks().max()
    }

    pub fn of(&self, regime: Regime) -> Option<&'r ClassRow> {
        self.rows.iter().copied().find(|row| row.regime == regime)
    }
}

impl FieldRow {
    /// Its class in each of these bodies of law.
    pub fn classify(&self, purpose: Purpose, direction: Direction, regimes: &[Regime]) -> Classification<'_> {
        let fits = |row: &&ClassRow| {
            regimes.contains(&row.regime) && row.purpose.covers(purpose) && (row.time == Direction::Any || row.time == direction)
        };
        Classification { field: &self.field, rows: self.classes.iter().filter(fits).collect() }
    }
}
