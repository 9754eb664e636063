//! Who speaks in a form. What stands here is the sender's word: whom to call is taken from the registry, never from here.

use super::{AuthorityKind, Marked, Moment};

/// Country and identifier, as messages name an office.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Office {
    /// ISO 3166 alpha-2, as written.
    pub country: String,
    pub id: String,
}

/// Post, telephone and languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    pub person: Option<Marked<String>>,
    pub post: Option<Marked<String>>,
    pub address: Option<Marked<String>>,
    pub telephone: Option<Marked<String>>,
    pub fax: Option<Marked<String>>,
    pub email: Option<Marked<String>>,
    /// ISO 639-1, as written.
    pub languages: Vec<Marked<String>>,
}

/// I: issuing authority. J: validating authority. A: name and file number of both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    pub kind: Option<Marked<AuthorityKind>>,
    pub name: Option<Marked<String>>,
    /// AuthorityTechnicalIdentifier.
    pub office: Option<Marked<Office>>,
    pub file_number: Option<Marked<String>>,
    /// Its representative (person, post) and where to reach it.
    pub contact: Contact,
    /// A contact point other than the representative.
    pub contact_point: Option<Contact>,
    /// Date beside the signature.
    pub signed_on: Option<Marked<Moment>>,
    /// What stands in the signature field: a name, a stamp. The cryptographic signature is in the envelope.
    pub signature_text: Option<Marked<String>>,
}

/// K.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnforcingAuthority {
    pub name: Option<Marked<String>>,
    pub office: Option<Marked<Office>>,
    pub file_number: Option<Marked<String>>,
    pub contact: Contact,
}
