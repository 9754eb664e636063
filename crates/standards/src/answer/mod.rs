//! Answers in the forms that authorities' systems read: HI-1 deliveries and notifications, the manifest for a file that is
//! fetched, TS 103 707 hand-over items. The package itself is `package`; its rows are Timesketch's JSON lines, and its
//! `case.jsonld` is CASE.

mod deliver;
mod handover;
mod manifest;
mod request;

pub use deliver::{Delivery, Parcel, deliver, delivery, existence, notify, wrapped};
pub use handover::{HandoverItem, Row, handover};
pub use manifest::{File, Manifest, Means, Route, Transmission};
pub use request::{Expected, Parties, Said, request};

/// Why an answer is not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerRefusal {
    /// STD-80: more than the system carries; it has to be fetched.
    TooLargeToPush { size: u64, most: u64 },
    /// STD-81: shorter or longer than the law lets a file stand ready.
    Window { days: u32, least: u32, most: u32 },
    /// STD-82: a manifest without files, or with a name twice or none.
    Files,
    /// STD-83: a text that HI-1 cannot carry, such as an address with spaces.
    Text { what: &'static str },
    /// STD-84: only traffic records are messaging metadata.
    NotTraffic,
    /// STD-89: a row of a package that is not what the catalogue would show of a record.
    Row { text: String },
}

impl AnswerRefusal {
    pub fn code(&self) -> &'static str {
        match self {
            AnswerRefusal::TooLargeToPush { .. } => "STD-80",
            AnswerRefusal::Window { .. } => "STD-81",
            AnswerRefusal::Files => "STD-82",
            AnswerRefusal::Text { .. } => "STD-83",
            AnswerRefusal::NotTraffic => "STD-84",
            AnswerRefusal::Row { .. } => "STD-89",
        }
    }
}

impl std::fmt::Display for AnswerRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            AnswerRefusal::TooLargeToPush { size, most } => write!(f, "{size} octets, and the system carries {most}: let it be fetched"),
            AnswerRefusal::Window { days, least, most } => write!(f, "{days} days, and a file stands ready for {least} to {most}"),
            AnswerRefusal::Files => f.write_str("a manifest names at least one file, and each once"),
            AnswerRefusal::Text { what } => write!(f, "{what} cannot be said in HI-1"),
            AnswerRefusal::NotTraffic => f.write_str("not a traffic record"),
            AnswerRefusal::Row { text } => write!(f, "a row is no record of the catalogue: {text}"),
        }
    }
}
impl std::error::Error for AnswerRefusal {}
