//! Why a production package is refused: one variant a rule of docs/spec/package.md.

use std::fmt;

/// A broken rule of the package format. The codes are part of the public format: never renumbered, never reused.
///
/// `file` is a name inside the container after the name rules were applied to it, or a fixed label; it holds no
/// control characters and is safe to print. Where the name itself is at fault only its position is given.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The caller's storage failed or changed while it was read. Not a rule: our surroundings, not the sender's fault.
    Unreadable,
    /// PKG-01: the container, an entry or the number of entries is larger than the format allows, or is too small to be one.
    Size { what: &'static str },
    /// PKG-02: an entry is compressed, encrypted, has a data descriptor, an extra field or another header spelling.
    Header { entry: usize },
    /// PKG-03: central directory, local headers and file length do not tile the file: gap, overlap, prefix or trailing bytes.
    Tiling,
    /// PKG-04: an entry's name is not of the allowed form.
    Name { entry: usize },
    /// PKG-05: two entries of one name (letter case aside), or entries out of the fixed order.
    Order { file: String },
    /// PKG-06: the CRC-32 does not fit the bytes.
    Crc { file: String },
    /// PKG-07: the first entry is not `mimetype` with exactly the ASiC-E media type.
    MimeType,
    /// PKG-08: a file that the layout does not know, or a required file is missing.
    Layout { file: String },
    /// PKG-10: `bagit.txt` is not the one fixed text.
    BagDeclaration,
    /// PKG-11: `bag-info.txt` has another spelling, lacks a field, or its Payload-Oxum does not fit.
    BagInfo,
    /// PKG-12: a payload manifest does not list exactly the files of `data/` with their digests.
    PayloadManifest { file: String },
    /// PKG-13: a tag manifest does not list exactly the tag files with their digests.
    TagManifest { file: String },
    /// PKG-20: the ASiC manifest is not in its one spelling.
    AsicSpelling { file: &'static str },
    /// PKG-21: the ASiC manifest omits a file or names one that is absent.
    AsicListing { file: String },
    /// PKG-22: a file's digest differs from the one in the ASiC manifest.
    AsicDigest { file: String },
    /// PKG-30: a JSON document is not canonical, too deep or too large.
    Json { file: String, error: super::json::JsonError },
    /// PKG-31: a row lacks a mandatory key, has a wrong form, or the row numbers do not run from 1.
    Row { file: String, line: u64 },
    /// PKG-32: the CSV is not exactly the CSV of the JSONL rows.
    CsvDiffers { file: String },
    /// PKG-33: a row has a column that the schema file of its category does not name, or there is no schema file.
    Column { file: String, line: u64 },
    /// PKG-34: `statement.json` has another shape, or its counts differ from the rows.
    Statement { what: &'static str },
    /// PKG-35: `queries.json` has another shape, or its digests or counts differ from the files.
    Queries { what: &'static str },
    /// PKG-36: `META-INF/waarborg-log.json` has another shape.
    LogFile { what: &'static str },
    /// PKG-40: bytes that must be DER are not, or not in the one spelling.
    Der { file: &'static str },
    /// PKG-41: the signature structure uses a version, algorithm or field that is not allowed.
    SignatureShape { file: &'static str, what: &'static str },
    /// PKG-42: the signed attributes are not exactly the required ones.
    SignedAttributes { file: &'static str },
    /// PKG-43: the signed message digest is not that of the signed file.
    MessageDigest { file: &'static str },
    /// PKG-44: the signing-certificate attribute names another certificate.
    SigningCertificate { file: &'static str },
    /// PKG-45: the signature value does not verify under the signer's certificate.
    SignatureValue { file: &'static str },
    /// PKG-46: the signer's certificate is not the one the policy pins.
    SignerNotPinned { certificate: [u8; 32] },
    /// PKG-47: the signing time lies outside the certificate's validity.
    SigningTime { file: &'static str },
    /// PKG-48: the certificate may not be used for this (key usage, extended key usage).
    KeyUsage { file: &'static str },
    /// PKG-50: the time stamp's own manifest does not name exactly the ASiC manifest and the signature.
    StampManifest,
    /// PKG-51: the time-stamp token is over other bytes.
    StampImprint,
    /// PKG-52: the token's certificate is not the pinned one.
    StampNotPinned { certificate: [u8; 32] },
    /// PKG-53: the token's time lies before the signing time by more than the allowed clock difference.
    StampTime,
    /// PKG-60: the delivery envelope has another shape or algorithm.
    EnvelopeShape { what: &'static str },
    /// PKG-61: the envelope is for another recipient.
    OtherRecipient,
    /// PKG-62: the envelope does not decrypt: wrong key or changed bytes. One answer for both.
    EnvelopeOpen,
}

impl Refusal {
    /// The rule's number in docs/spec/package.md.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Unreadable => "FAULT",
            Refusal::Size { .. } => "PKG-01",
            Refusal::Header { .. } => "PKG-02",
            Refusal::Tiling => "PKG-03",
            Refusal::Name { .. } => "PKG-04",
            Refusal::Order { .. } => "PKG-05",
            Refusal::Crc { .. } => "PKG-06",
            Refusal::MimeType => "PKG-07",
            Refusal::Layout { .. } => "PKG-08",
            Refusal::BagDeclaration => "PKG-10",
            Refusal::BagInfo => "PKG-11",
            Refusal::PayloadManifest { .. } => "PKG-12",
            Refusal::TagManifest { .. } => "PKG-13",
            Refusal::AsicSpelling { .. } => "PKG-20",
            Refusal::AsicListing { .. } => "PKG-21",
            Refusal::AsicDigest { .. } => "PKG-22",
            Refusal::Json { .. } => "PKG-30",
            Refusal::Row { .. } => "PKG-31",
            Refusal::CsvDiffers { .. } => "PKG-32",
            Refusal::Column { .. } => "PKG-33",
            Refusal::Statement { .. } => "PKG-34",
            Refusal::Queries { .. } => "PKG-35",
            Refusal::LogFile { .. } => "PKG-36",
            Refusal::Der { .. } => "PKG-40",
            Refusal::SignatureShape { .. } => "PKG-41",
            Refusal::SignedAttributes { .. } => "PKG-42",
            Refusal::MessageDigest { .. } => "PKG-43",
            Refusal::SigningCertificate { .. } => "PKG-44",
            Refusal::SignatureValue { .. } => "PKG-45",
            Refusal::SignerNotPinned { .. } => "PKG-46",
            Refusal::SigningTime { .. } => "PKG-47",
            Refusal::KeyUsage { .. } => "PKG-48",
            Refusal::StampManifest => "PKG-50",
            Refusal::StampImprint => "PKG-51",
            Refusal::StampNotPinned { .. } => "PKG-52",
            Refusal::StampTime => "PKG-53",
            Refusal::EnvelopeShape { .. } => "PKG-60",
            Refusal::OtherRecipient => "PKG-61",
            Refusal::EnvelopeOpen => "PKG-62",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Unreadable => write!(f, "the package could not be read, or changed while it was read"),
            Refusal::Size { what } => write!(f, "{what} is outside the allowed size"),
            Refusal::Header { entry } => write!(f, "entry {entry} of the ZIP file has a header that is not allowed"),
            Refusal::Tiling => write!(f, "the ZIP file has gaps, overlaps, or bytes before or after it"),
            Refusal::Name { entry } => write!(f, "entry {entry} of the ZIP file has a name that is not allowed"),
            Refusal::Order { file } => write!(f, "{file} is there twice or in the wrong place"),
            Refusal::Crc { file } => write!(f, "{file}: wrong CRC-32"),
            Refusal::MimeType => write!(f, "the first entry is not the ASiC-E media type"),
            Refusal::Layout { file } => write!(f, "{file} does not belong in a package, or is missing"),
            Refusal::BagDeclaration => write!(f, "bagit.txt is not the fixed text"),
            Refusal::BagInfo => write!(f, "bag-info.txt is wrong or incomplete"),
            Refusal::PayloadManifest { file } => write!(f, "{file} does not fit the files of data/"),
            Refusal::TagManifest { file } => write!(f, "{file} does not fit the tag files"),
            Refusal::AsicSpelling { file } => write!(f, "{file} is not in its one spelling"),
            Refusal::AsicListing { file } => write!(f, "{file} is listed and absent, or present and not listed"),
            Refusal::AsicDigest { file } => write!(f, "{file} differs from its digest in the signed manifest"),
            Refusal::Json { file, error } => write!(f, "{file}: {error}"),
            Refusal::Row { file, line } => write!(f, "{file} line {line}: the row lacks a mandatory key or has a wrong form"),
            Refusal::CsvDiffers { file } => write!(f, "{file} does not have the rows of its JSONL twin"),
            Refusal::Column { file, line } => write!(f, "{file} line {line}: a column that the schema does not name"),
            Refusal::Statement { what } => write!(f, "data/statement.json: {what}"),
            Refusal::Queries { what } => write!(f, "data/queries.json: {what}"),
            Refusal::LogFile { what } => write!(f, "META-INF/waarborg-log.json: {what}"),
            Refusal::Der { file } => write!(f, "{file} is not canonical DER"),
            Refusal::SignatureShape { file, what } => write!(f, "{file}: {what}"),
            Refusal::SignedAttributes { file } => write!(f, "{file}: the signed attributes are not the required ones"),
            Refusal::MessageDigest { file } => write!(f, "{file} signs other bytes"),
            Refusal::SigningCertificate { file } => write!(f, "{file} names another signing certificate"),
            Refusal::SignatureValue { file } => write!(f, "{file}: the signature does not verify"),
            Refusal::SignerNotPinned { .. } => write!(f, "the signer's certificate is not the one in the policy"),
            Refusal::SigningTime { file } => write!(f, "{file}: signed outside the certificate's validity"),
            Refusal::KeyUsage { file } => write!(f, "{file}: the certificate is not for this use"),
            Refusal::StampManifest => write!(f, "the time stamp's manifest names other files"),
            Refusal::StampImprint => write!(f, "the time stamp is over other bytes"),
            Refusal::StampNotPinned { .. } => write!(f, "the time stamp's certificate is not the one in the policy"),
            Refusal::StampTime => write!(f, "the time stamp is older than the signature"),
            Refusal::EnvelopeShape { what } => write!(f, "delivery envelope: {what}"),
            Refusal::OtherRecipient => write!(f, "the delivery envelope is for another recipient"),
            Refusal::EnvelopeOpen => write!(f, "the delivery envelope does not open with this key"),
        }
    }
}

impl std::error::Error for Refusal {}
