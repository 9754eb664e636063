//! What the gates are told beside the order itself. Everything is an argument: no gate asks a clock, a disk or a network.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use verify::names::Span;

use crate::received::{DataClass, DataOption, DataRole, IdentifierKind, Received};
use crate::registry::{CalledBack, Editions};
use crate::rules::RuleBook;

/// Everything that gates 1 to 14 and 16 look at.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'f> {
    pub received: &'f Received,
    pub book: &'f RuleBook,
    pub registry: &'f Editions,
    pub provider: &'f Provider,
    pub history: &'f History,
    /// A call to the sender, if there was one (RGY-05).
    pub called_back: Option<&'f CalledBack>,
    pub received_at: u64,
    pub now: u64,
}

/// Who we are and what we publish that we can answer (ETSI GETCSPCONFIG). A file; sample: docs/samples/provider.toml.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Names under which orders address us.
    pub names: Vec<String>,
    /// Technical identifiers.
    pub identifiers: Vec<String>,
    /// The enforcing State, ISO 3166 alpha-2.
    pub state: String,
    /// Services that are ours.
    pub services: Vec<String>,
    /// Boxes of the forms that we can answer. Content is never among them.
    pub answers: BTreeSet<DataOption>,
    pub identifier_kinds: BTreeSet<IdentifierKind>,
    pub role: DataRole,
    /// Accounts of which we know immunity, privilege or press: an extra person looks (T28). Canonical spelling.
    #[serde(default)]
    pub flagged: BTreeSet<String>,
}

impl Provider {
    /// Strict; a published content box is refused: there is no record type for it (P5).
    pub fn parse(text: &str) -> Result<Provider, String> {
        let provider: Provider = toml::from_str(text).map_err(|error| error.to_string())?;
        match provider.answers.iter().find(|option| option.class() == DataClass::Content) {
            Some(option) => Err(format!("answers: {} is content, which is never answered", option.code())),
            None => Ok(provider),
        }
    }

    /// Nobody said who we are: gates 11 and 14 are then a person's.
    pub fn unknown(state: &str) -> Provider {
        Provider {
            names: Vec::new(),
            identifiers: Vec::new(),
            state: state.to_owned(),
            services: Vec::new(),
            answers: BTreeSet::new(),
            identifier_kinds: IdentifierKind::ALL.iter().copied().collect(),
            role: DataRole::Controller,
            flagged: BTreeSet::new(),
        }
    }

    pub(super) fn is_unknown(&self) -> bool {
        self.names.is_empty() && self.identifiers.is_empty()
    }

    pub(super) fn is_called(&self, name: &str) -> bool {
        let same = |own: &String| own.eq_ignore_ascii_case(name.trim());
        self.names.iter().any(same) || self.identifiers.iter().any(same)
    }

    pub(super) fn serves(&self, name: &str) -> bool {
        self.services.iter().any(|own| own.eq_ignore_ascii_case(name.trim())) || self.is_called(name)
    }
}

/// How far an order with this number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    Open,
    Withdrawn,
    Refused,
    Expired,
    Executed,
}

/// What the enforcing authority said about an order of which it was notified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnforcingAnswer {
    /// It will not refuse.
    Consents { at: u64 },
    /// It refuses, wholly or in part.
    Refuses { at: u64 },
}

/// What happened before.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// By transaction id, or by the hash of the document: how far that order is.
    pub orders: BTreeMap<String, Course>,
    /// By reference: until when a preservation order received earlier runs.
    pub preservations: BTreeMap<String, u64>,
    /// By person (canonical identifier): when orders named it, this one not counted.
    pub linkage: BTreeMap<String, Vec<u64>>,
    pub enforcing: Option<EnforcingAnswer>,
}

/// What gates 13, 15, 17 and 18 look at, after the data were opened and before they leave.
#[derive(Clone, Debug)]
pub struct Execution {
    pub extracted: Vec<Extracted>,
    pub package_bytes: u64,
    pub route: Route,
    /// The order stands in the log under a cosigned checkpoint: (index, size), from a checked proof.
    pub logged: Option<(u64, u64)>,
}

/// Rows of one identifier and class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extracted {
    /// As the order spells it.
    pub identifier: String,
    pub option: DataOption,
    /// From the first row to after the last one; none for rows without a time.
    pub span: Option<Span>,
    pub rows: u64,
}

/// How the package goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    Push,
    /// Manifest of Impl. Reg. (EU) 2025/1550 with a pull window of so many days.
    Pull {
        days: u32,
    },
}
