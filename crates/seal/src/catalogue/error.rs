//! Every way in which a record is refused. Codes are part of the public format: never renumber, never reuse.

use std::fmt;

/// Why bytes, or given values, are not a record of the catalogue. Safe to show: names fields, never their values.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordError {
    /// CAT-01: longer than [`super::RECORD_LEN_MAX`] octets.
    TooLong { len: usize },
    /// CAT-02: no such record type, or not in this version.
    UnknownType,
    /// CAT-03: the bytes end early or go on after the record.
    WrongLength,
    /// CAT-04: a second spelling of the same record.
    NotCanonical,
    /// CAT-05: text that is not UTF-8.
    NotUtf8,
    /// CAT-06: a required field is absent or empty.
    Missing { field: &'static str },
    /// CAT-07: a text or list longer than its field allows.
    FieldTooLong { field: &'static str, max: usize },
    /// CAT-08: a number outside its field's range.
    OutOfRange { field: &'static str },
    /// CAT-09: a word that is not in the field's closed list.
    UnknownWord { field: &'static str },
    /// CAT-10: a time outside 1990..2100 when read in its declared unit, so the unit is probably wrong.
    ImplausibleTime { field: &'static str },
    /// CAT-11: a time text that is not RFC 3339 with an explicit offset (no zone, 12-hour clock, leap second).
    BadTimeText { field: &'static str },
    /// CAT-12: an identifier without a known kind, or empty.
    BadParty { field: &'static str },
    /// CAT-13: a given field that this record type does not have.
    UnknownField { name: String },
    /// CAT-14: a given value of another type than the field's.
    WrongKind { field: &'static str },
    /// CAT-15: a given derived value that differs from what the record says.
    Disagrees { field: String },
    /// CAT-16: a text that breaks its field's own form.
    BadForm { field: &'static str },
}

impl RecordError {
    /// The stable code, for example `CAT-10`.
    pub fn code(&self) -> &'static str {
        match self {
            RecordError::TooLong { .. } => "CAT-01",
            RecordError::UnknownType => "CAT-02",
            RecordError::WrongLength => "CAT-03",
            RecordError::NotCanonical => "CAT-04",
            RecordError::NotUtf8 => "CAT-05",
            RecordError::Missing { .. } => "CAT-06",
            RecordError::FieldTooLong { .. } => "CAT-07",
            RecordError::OutOfRange { .. } => "CAT-08",
            RecordError::UnknownWord { .. } => "CAT-09",
            RecordError::ImplausibleTime { .. } => "CAT-10",
            RecordError::BadTimeText { .. } => "CAT-11",
            RecordError::BadParty { .. } => "CAT-12",
            RecordError::UnknownField { .. } => "CAT-13",
            RecordError::WrongKind { .. } => "CAT-14",
            RecordError::Disagrees { .. } => "CAT-15",
            RecordError::BadForm { .. } => "CAT-16",
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.code())?;
        match self {
            RecordError::TooLong { len } => write!(f, "the record has {len} octets, more than allowed"),
            RecordError::UnknownType => f.write_str("no such record type"),
            RecordError::WrongLength => f.write_str("the record ends early or goes on after its end"),
            RecordError::NotCanonical => f.write_str("not the canonical spelling of the record"),
            RecordError::NotUtf8 => f.write_str("a text is not UTF-8"),
            RecordError::Missing { field } => write!(f, "required field {field} is absent or empty"),
            RecordError::FieldTooLong { field, max } => write!(f, "field {field} is longer than {max}"),
            RecordError::OutOfRange { field } => write!(f, "field {field} is outside its range"),
            RecordError::UnknownWord { field } => write!(f, "field {field} has a word outside its list"),
            RecordError::ImplausibleTime { field } => {
                write!(f, "field {field} is not between 1990 and 2100 in the declared unit")
            }
            RecordError::BadTimeText { field } => {
                write!(f, "field {field} is not an RFC 3339 time with an explicit offset")
            }
            RecordError::BadParty { field } => write!(f, "field {field} is not kind:value of a known kind"),
            RecordError::UnknownField { name } => {
                write!(f, "no field {:?} in this record type", name.chars().take(64).collect::<String>())
            }
            RecordError::WrongKind { field } => write!(f, "field {field} has the wrong type of value"),
            RecordError::Disagrees { field } => write!(f, "field {field} differs from what it is derived from"),
            RecordError::BadForm { field } => write!(f, "field {field} does not have its form"),
        }
    }
}

impl std::error::Error for RecordError {}
