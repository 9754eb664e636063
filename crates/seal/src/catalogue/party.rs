//! A counterpart or holder as a source knows it: kind and value, not normalised.

use super::error::RecordError;

/// Who or what an identifier names. The octet in a record is the position in [`PartyKind::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartyKind {
    Account,
    Phone,
    Email,
    Ip,
    Other,
}

impl PartyKind {
    pub const ALL: [PartyKind; 5] = [PartyKind::Account, PartyKind::Phone, PartyKind::Email, PartyKind::Ip, PartyKind::Other];

    /// The word before the colon; the same words as in a selector's text form where both exist.
    pub fn word(self) -> &'static str {
        match self {
            PartyKind::Account => "account",
            PartyKind::Phone => "phone",
            PartyKind::Email => "email",
            PartyKind::Ip => "ip",
            PartyKind::Other => "other",
        }
    }
}

/// One person's or endpoint's identifier inside a record, `account:@bob:waarborg.test` in text.
///
/// Not a [`crate::selector`]: a selector is canonical or refused (SEA-03) because keys hang on it. A counterpart may
/// be somebody else's customer with an identifier that no rule of ours governs, and must be handed over as it was
/// stored. 1 to 255 octets; refused: empty (CAT-12), longer (CAT-07), an unknown kind (CAT-12).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Party {
    pub kind: PartyKind,
    pub value: String,
}

impl Party {
    pub const VALUE_LEN_MAX: usize = 255;

    pub fn new(kind: PartyKind, value: impl Into<String>) -> Party {
        Party { kind, value: value.into() }
    }

    /// Reads `kind:value`. The length is checked with the record.
    pub fn from_text(text: &str, field: &'static str) -> Result<Party, RecordError> {
        let (word, value) = text.split_once(':').ok_or(RecordError::BadParty { field })?;
        let kind = PartyKind::ALL.into_iter().find(|k| k.word() == word);
        Ok(Party::new(kind.ok_or(RecordError::BadParty { field })?, value))
    }

    pub fn text(&self) -> String {
        format!("{}:{}", self.kind.word(), self.value)
    }
}
