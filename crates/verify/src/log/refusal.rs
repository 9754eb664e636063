//! Everything that can be wrong with what a log, a witness or a policy file says, one variant per broken rule.

use super::vkey::KeyHash;

/// A broken rule of `docs/spec/log.md`. Codes are part of the public format: never renumbered, never reused.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// LOG-03: the bytes are not the one legal spelling of their meaning.
    NotCanonical,
    /// LOG-03: bytes that are no UTF-8, a control character, or a text without its last newline.
    NotText,
    /// LOG-03: a decimal with a sign, a leading zero, or past 2^64.
    BadNumber,
    /// LOG-03: base64 of RFC 4648 section 4 with padding, of the length that belongs here.
    BadBase64,
    /// LOG-04: no blank line between text and signatures, or no signature line after it.
    NoSignatures,
    /// LOG-04: a line after the last blank line that is not "— name base64".
    BadSignatureLine,
    /// LOG-05: a key name that is empty, longer than 255 bytes, or outside 0x21-0x7E without `+`.
    BadKeyName,
    /// LOG-06: a vkey that is not name+hash+key, or whose key has the wrong length or is no usable point.
    BadKey,
    /// LOG-06: the hash inside a vkey is not that of its name and key.
    WrongKeyHash,
    /// LOG-06: a key type that is not in the table of section 2.1.
    UnknownKeyType { kind: u8 },
    /// LOG-98: an ML-DSA key (`0x06`), reserved and not in version 1.
    ReservedKeyType,
    /// LOG-07: a line of a known key does not verify.
    BadSignature { name: String, key_hash: KeyHash },
    /// LOG-07: no line of a known key.
    NoKnownSignature,
    /// LOG-08: more than 65,536 bytes.
    NoteTooLong,
    /// LOG-08: more than 32 signature lines.
    TooManySignatures,
    /// LOG-09: a checkpoint with more than its three lines.
    ExtensionLine,
    /// LOG-03: a checkpoint with fewer than three lines.
    MissingLine,
    /// LOG-10: size 0 with another root than SHA-256 of nothing.
    WrongEmptyRoot,
    /// LOG-11: an origin that is not `<host>/<log>/<year>` in `a-z 0-9 . -`.
    BadOrigin,
    /// LOG-11: the key name of a log is not the origin it signs for.
    KeyNotOfOrigin,
    /// LOG-13: a key asked to sign what it is not for.
    WrongSigner,
    /// LOG-14: a cosignature time past 2^63 - 1.
    TimeTooLarge,
    /// LOG-17: a path that names no resource of a log, or not in its one spelling.
    BadPath,
    /// LOG-16: a bundle of entries with a wrong count, a cut entry, or bytes left over.
    BadBundle,
    /// LOG-22, LOG-24: a request or proof whose first lines are not the format's.
    WrongHeader,
    /// LOG-24: more than 63 hashes in a proof (REL-02).
    TooManyHashes,
    /// LOG-25: a policy line that is not of the grammar; counted from 1.
    BadPolicyLine { line: usize },
    /// LOG-25: an octet that no policy file may contain.
    BadPolicyOctet,
    /// LOG-25: a name used before it is defined.
    UndefinedName { line: usize },
    /// LOG-25: a name defined twice, or `none` as a name.
    NameTaken { line: usize },
    /// LOG-25: a member of two groups, or twice of one.
    MemberTwice { line: usize },
    /// LOG-25: a threshold below one or above the number of members.
    BadThreshold { line: usize },
    /// LOG-25: no quorum line, or a second one.
    NotOneQuorum,
    /// LOG-25: more logs, witnesses or groups than this program takes.
    PolicyTooLarge,
    /// LOG-26: two lines with one underlying public key.
    DuplicateKey { line: usize },
    /// LOG-26: a `0x01` key on a witness line, or anything but `0x01` on a log line.
    WrongKeyUse { line: usize },
    /// LOG-26: `quorum none`.
    NoQuorum,
    /// REL-03: the origin is no log of the policy.
    UnknownOrigin,
    /// REL-03: a tree without leaves proves nothing.
    EmptyTree,
    /// REL-03: no pinned key of this origin signed.
    NotSignedByLog,
    /// REL-04: the lines that count do not meet the quorum.
    QuorumShort,
    /// REL-05: the quorum is not met by lines within the window alone.
    NotFresh,
    /// REL-08: the path does not lead from this leaf at this index to the root.
    NotIncluded,
    /// REL-06: the path does not lead from the old root to the new one.
    NotConsistent,
    /// REL-06: a head smaller than the one already seen.
    WentBack,
    /// LOG-77: an answer of a witness that holds no line of its key within its times.
    NoUsableCosignature,
    /// LOG-87: an evidence file of an unknown kind.
    UnknownEvidence,
    /// LOG-87: the two sides do not contradict each other as the kind says.
    NoContradiction,
}

impl Refusal {
    /// The number of the rule that was broken.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NotCanonical | Refusal::NotText | Refusal::BadNumber => "LOG-03",
            Refusal::BadBase64 | Refusal::MissingLine => "LOG-03",
            Refusal::NoSignatures | Refusal::BadSignatureLine => "LOG-04",
            Refusal::BadKeyName => "LOG-05",
            Refusal::BadKey | Refusal::WrongKeyHash | Refusal::UnknownKeyType { .. } => "LOG-06",
            Refusal::BadSignature { .. } | Refusal::NoKnownSignature => "LOG-07",
            Refusal::NoteTooLong | Refusal::TooManySignatures => "LOG-08",
            Refusal::ExtensionLine => "LOG-09",
            Refusal::WrongEmptyRoot => "LOG-10",
            Refusal::BadOrigin | Refusal::KeyNotOfOrigin => "LOG-11",
            Refusal::WrongSigner => "LOG-13",
            Refusal::TimeTooLarge => "LOG-14",
            Refusal::BadBundle => "LOG-16",
            Refusal::BadPath => "LOG-17",
            Refusal::WrongHeader | Refusal::TooManyHashes => "LOG-24",
            Refusal::BadPolicyLine { .. } | Refusal::BadPolicyOctet => "LOG-25",
            Refusal::UndefinedName { .. } | Refusal::NameTaken { .. } => "LOG-25",
            Refusal::MemberTwice { .. } | Refusal::BadThreshold { .. } => "LOG-25",
            Refusal::NotOneQuorum | Refusal::PolicyTooLarge => "LOG-25",
            Refusal::DuplicateKey { .. } | Refusal::WrongKeyUse { .. } | Refusal::NoQuorum => "LOG-26",
            Refusal::UnknownOrigin | Refusal::EmptyTree | Refusal::NotSignedByLog => "REL-03",
            Refusal::QuorumShort => "REL-04",
            Refusal::NotFresh => "REL-05",
            Refusal::NotConsistent | Refusal::WentBack => "REL-06",
            Refusal::NotIncluded => "REL-08",
            Refusal::NoUsableCosignature => "LOG-77",
            Refusal::UnknownEvidence | Refusal::NoContradiction => "LOG-87",
            Refusal::ReservedKeyType => "LOG-98",
        }
    }

    /// One sentence for people; the code says which rule, this says what was seen.
    fn sentence(&self) -> &'static str {
        match self {
            Refusal::NotCanonical => "not the one legal spelling",
            Refusal::NotText => "not UTF-8 text that ends in a newline, or a control character in it",
            Refusal::BadNumber => "not a plain decimal number",
            Refusal::BadBase64 => "not padded base64 of the right length",
            Refusal::NoSignatures => "no blank line followed by signature lines",
            Refusal::BadSignatureLine => "a signature line is malformed",
            Refusal::BadKeyName => "a key name is empty, too long, or has a character that names cannot have",
            Refusal::BadKey => "not a usable verifier key",
            Refusal::WrongKeyHash => "the hash in the verifier key is not that of its name and key",
            Refusal::UnknownKeyType { .. } => "unknown key type",
            Refusal::ReservedKeyType => "ML-DSA keys are reserved and not in version 1",
            Refusal::BadSignature { .. } => "the signature line of a known key does not verify",
            Refusal::NoKnownSignature => "no signature line of a known key",
            Refusal::NoteTooLong => "a note is longer than 65,536 bytes",
            Refusal::TooManySignatures => "more than 32 signature lines",
            Refusal::ExtensionLine => "a checkpoint with extension lines",
            Refusal::MissingLine => "a line is missing",
            Refusal::WrongEmptyRoot => "size 0 with another root than that of nothing",
            Refusal::BadOrigin => "the origin is not <host>/<log>/<year>",
            Refusal::KeyNotOfOrigin => "the log's key has another name than the origin",
            Refusal::WrongSigner => "this key does not sign this",
            Refusal::TimeTooLarge => "a cosignature time past 2^63 - 1",
            Refusal::BadBundle => "a bundle of entries is malformed",
            Refusal::BadPath => "no resource of a log has this path",
            Refusal::WrongHeader => "the first lines are not those of the format",
            Refusal::TooManyHashes => "more than 63 hashes in a proof",
            Refusal::BadPolicyLine { .. } => "a policy line is malformed",
            Refusal::BadPolicyOctet => "a policy file holds an octet that it may not hold",
            Refusal::UndefinedName { .. } => "a name is used before it is defined",
            Refusal::NameTaken { .. } => "a name is defined twice",
            Refusal::MemberTwice { .. } => "a name is a member more than once",
            Refusal::BadThreshold { .. } => "a threshold is not between one and the number of members",
            Refusal::NotOneQuorum => "not exactly one quorum line",
            Refusal::PolicyTooLarge => "more logs, witnesses or groups than are taken",
            Refusal::DuplicateKey { .. } => "two lines with one public key",
            Refusal::WrongKeyUse { .. } => "a key of the wrong type for its line",
            Refusal::NoQuorum => "a policy without a quorum",
            Refusal::UnknownOrigin => "the origin is not a log of the policy",
            Refusal::EmptyTree => "the tree is empty",
            Refusal::NotSignedByLog => "no pinned key of the log signed",
            Refusal::QuorumShort => "too few witnesses cosigned",
            Refusal::NotFresh => "too few witnesses cosigned recently",
            Refusal::NotConsistent => "the new head does not extend the old one",
            Refusal::WentBack => "the head is smaller than one already seen",
            Refusal::NotIncluded => "the leaf is not in the tree at this index",
            Refusal::NoUsableCosignature => "the witness gave no usable cosignature",
            Refusal::UnknownEvidence => "unknown kind of evidence",
            Refusal::NoContradiction => "the two sides do not contradict each other",
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code(), self.sentence())?;
        match self {
            Refusal::BadSignature { name, key_hash } => write!(f, " ({name}+{key_hash})"),
            Refusal::BadPolicyLine { line }
            | Refusal::UndefinedName { line }
            | Refusal::NameTaken { line }
            | Refusal::MemberTwice { line }
            | Refusal::BadThreshold { line }
            | Refusal::DuplicateKey { line }
            | Refusal::WrongKeyUse { line } => write!(f, " (line {line})"),
            Refusal::UnknownKeyType { kind } => write!(f, " ({kind:#04x})"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}
