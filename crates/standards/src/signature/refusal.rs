//! Why a signature, its signer or the signer's competence is refused: one variant a rule of docs/spec/signatures-in.md.

/// A broken rule. Codes are part of the public format: never renumbered, never reused. Texts inside hold no control characters.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// SIG-01: larger, deeper or more than the limits.
    Size { what: &'static str },
    /// SIG-02: not a document of this format.
    Form { what: &'static str },
    /// SIG-03: a document type, an entity, a processing instruction, another encoding.
    Forbidden { what: &'static str },
    /// SIG-04: there is no signature.
    Unsigned,
    /// SIG-05: an algorithm or key that is too weak, secret-key, or not known here.
    Algorithm { name: String },
    /// SIG-06: the signer's certificate is missing or cannot be read.
    Certificate { what: &'static str },
    /// SIG-07: the signature value does not fit the key.
    Value,
    /// SIG-08: the document is not the one that was signed.
    Digest,
    /// SIG-09: the signature names another certificate than the one whose key fits.
    OtherCertificate,
    /// SIG-10: the signature structure has another shape than the allowed one.
    Shape { what: &'static str },
    /// SIG-11: it signs something else than the whole document.
    Reference { uri: String },
    /// SIG-12: one identifier stands on two elements.
    DoubleId { id: String },
    /// SIG-13: a transform that is not on the list.
    Transform { name: String },
    /// SIG-14: the signature does not have exactly one reference to the document.
    References { count: usize },
    /// SIG-15: the signature does not stand inside the document it signs.
    Place,
    /// SIG-20: CMS without signed attributes, or with one missing, doubled or of another type.
    SignedAttributes { what: &'static str },
    /// SIG-21: content both inside and beside a CMS signature, or neither.
    Content,
    /// SIG-30: the byte range is not the whole file but for the signature itself.
    ByteRange,
    /// SIG-31: the file goes on behind what was signed.
    ChangedAfterSigning { signed: usize, of: usize },
    /// SIG-32: the place of the signature holds something beside it.
    Gap,
    /// SIG-33: a kind of PDF signature that is not on the list.
    SubFilter,
    /// SIG-34: a PDF that can look different from how it was signed.
    ActiveContent { name: &'static str },
    /// SIG-40: the JWS header has a field that is not on the list, or a key of its own.
    Header { name: String },
    /// SIG-41: JSON with a name twice, or a number that has several spellings.
    Json { what: &'static str },
    /// SIG-50: no path from the signer to anybody who is pinned.
    NoPath { issuer: String },
    /// SIG-51: outside the certificate's validity.
    Validity { from: u64, until: u64 },
    /// SIG-52: revoked.
    Revoked,
    /// SIG-53: no current revocation list says anything about it.
    RevocationUnknown,
    /// SIG-54: a certificate for something else.
    KeyUsage { what: &'static str },
    /// SIG-55: the claimed signing time is later than receipt, or outside the certificate's validity.
    SigningTime { claimed: u64 },
    /// SIG-56: the service that issued it was not granted at that time.
    ServiceNotGranted { service: String },
    /// SIG-57: the trusted list is not signed by the pinned operator, is out of date, or is not readable.
    TrustedList { what: &'static str },
}

impl Refusal {
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Size { .. } => "SIG-01",
            Refusal::Form { .. } => "SIG-02",
            Refusal::Forbidden { .. } => "SIG-03",
            Refusal::Unsigned => "SIG-04",
            Refusal::Algorithm { .. } => "SIG-05",
            Refusal::Certificate { .. } => "SIG-06",
            Refusal::Value => "SIG-07",
            Refusal::Digest => "SIG-08",
            Refusal::OtherCertificate => "SIG-09",
            Refusal::Shape { .. } => "SIG-10",
            Refusal::Reference { .. } => "SIG-11",
            Refusal::DoubleId { .. } => "SIG-12",
            Refusal::Transform { .. } => "SIG-13",
            Refusal::References { .. } => "SIG-14",
            Refusal::Place => "SIG-15",
            Refusal::SignedAttributes { .. } => "SIG-20",
            Refusal::Content => "SIG-21",
            Refusal::ByteRange => "SIG-30",
            Refusal::ChangedAfterSigning { .. } => "SIG-31",
            Refusal::Gap => "SIG-32",
            Refusal::SubFilter => "SIG-33",
            Refusal::ActiveContent { .. } => "SIG-34",
            Refusal::Header { .. } => "SIG-40",
            Refusal::Json { .. } => "SIG-41",
            Refusal::NoPath { .. } => "SIG-50",
            Refusal::Validity { .. } => "SIG-51",
            Refusal::Revoked => "SIG-52",
            Refusal::RevocationUnknown => "SIG-53",
            Refusal::KeyUsage { .. } => "SIG-54",
            Refusal::SigningTime { .. } => "SIG-55",
            Refusal::ServiceNotGranted { .. } => "SIG-56",
            Refusal::TrustedList { .. } => "SIG-57",
        }
    }
}

/// A text of the sender's for showing: at most 80 characters, hidden ones replaced.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(80).map(|c| if seal::catalogue::is_hidden(c) { '\u{FFFD}' } else { c }).collect()
}
