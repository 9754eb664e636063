//! A record: what a leaf of ORDERS commits to (log.md section 4).
//!
//! Every field has its own salt, so that each can be shown or withheld alone. [`Record`] is complete for its kind;
//! [`DraftRecord`] has its commitment key, [`SignedRecord`] its signature and thereby its leaf. An [`Opening`] is what
//! the public sees of it later, with the withheld fields as hashes.

mod opening;
mod signature;
mod value;

use std::collections::BTreeMap;

use seal::entropy::Entropy;
use seal::identity::{Category, ProviderId};
use seal::selector::Selector;

pub use opening::{Opening, OpeningLine};
pub use signature::{attestation_bytes, key_digest};
pub use value::{Assurance, Digest, Parent, Value};

use crate::document::{DocumentError, Reader, Words, Writer, canonical};
use crate::log::leaf;
use crate::names::{DirectoryId, Instrument, Span};
use crate::spelling::{base64, from_base64};

/// What a record is about. Numbers as in sealing.md 3.5; 7 never appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Order,
    Emergency,
    Preservation,
    Extension,
    Notice,
    Refusal,
    Consensual,
    Confirmation,
    Withdrawal,
    Outcome,
    Intent,
    Release,
    Receipt,
}

impl Kind {
    pub const ALL: [Kind; 13] = [
        Kind::Order,
        Kind::Emergency,
        Kind::Preservation,
        Kind::Extension,
        Kind::Notice,
        Kind::Refusal,
        Kind::Consensual,
        Kind::Confirmation,
        Kind::Withdrawal,
        Kind::Outcome,
        Kind::Intent,
        Kind::Release,
        Kind::Receipt,
    ];

    pub fn number(self) -> u8 {
        match self {
            Kind::Order => 1,
            Kind::Emergency => 2,
            Kind::Preservation => 3,
            Kind::Extension => 4,
            Kind::Notice => 5,
            Kind::Refusal => 6,
            Kind::Consensual => 8,
            Kind::Confirmation => 9,
            Kind::Withdrawal => 10,
            Kind::Outcome => 11,
            Kind::Intent => 12,
            Kind::Release => 13,
            Kind::Receipt => 14,
        }
    }

    pub fn from_number(number: u8) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.number() == number)
    }

    /// Fields without which a record of this kind is none (the second table of log.md section 4).
    pub fn required(self) -> &'static [u8] {
        match self {
            // NOT-02: no order without a notice date.
            Kind::Order | Kind::Emergency | Kind::Preservation => &[1, 2, 4, 5, 6, 7, 10, 11, 12, 14, 16, 17, 18, 19, 20, 22, 23],
            Kind::Extension => &[1, 3, 5, 11, 12, 15, 18],
            Kind::Confirmation => &[1, 3, 5, 15, 18],
            Kind::Withdrawal => &[1, 5, 15, 18],
            Kind::Notice => &[1, 5, 15, 18, 19, 25],
            Kind::Refusal => &[1, 5, 15, 18, 21],
            Kind::Outcome => &[1, 5, 15, 17, 18],
            Kind::Consensual => &[1, 5, 13],
            Kind::Intent => &[1, 5, 13, 15, 18, 25],
            Kind::Release | Kind::Receipt => &[1, 5, 13, 15, 18],
        }
    }

    /// Fields that it may have besides.
    pub fn optional(self) -> &'static [u8] {
        match self {
            Kind::Order | Kind::Emergency | Kind::Preservation => &[3, 8, 9, 24],
            Kind::Withdrawal => &[3],
            Kind::Outcome => &[13],
            _ => &[],
        }
    }
}

/// What is wrong with a record or its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordError {
    /// The text around it is misspelled.
    Document(DocumentError),
    /// LOG-39: more than 32 fields.
    TooManyFields,
    /// LOG-39: an id that is not in the table, or the value is none of its kind.
    BadField { id: u8 },
    /// LOG-39: a value above 4,096 octets.
    ValueTooLong { id: u8 },
    /// LOG-39: the same id twice, or ids not ascending.
    FieldOrder { id: u8 },
    /// LOG-39: the kind needs it.
    MissingField { id: u8 },
    /// LOG-39: the kind has no such field.
    FieldNotOfKind { id: u8 },
    /// LOG-100: the signature does not fit key and record.
    BadSignature,
    /// LOG-101: not the list of exactly the named attesters' signatures, or one of them does not fit.
    BadAttestation,
}

impl RecordError {
    pub fn code(&self) -> &'static str {
        match self {
            RecordError::Document(e) => e.code(),
            RecordError::BadSignature => "LOG-100",
            RecordError::BadAttestation => "LOG-101",
            _ => "LOG-39",
        }
    }
}

impl From<DocumentError> for RecordError {
    fn from(e: DocumentError) -> RecordError {
        RecordError::Document(e)
    }
}

impl std::fmt::Display for RecordError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RecordError::Document(e) => e.fmt(f),
            RecordError::TooManyFields => write!(f, "LOG-39: more than {} fields", Record::FIELDS_MAX),
            RecordError::BadField { id } => write!(f, "LOG-39: field {id} is unknown or its value is none"),
            RecordError::ValueTooLong { id } => write!(f, "LOG-39: the value of field {id} is longer than {}", Value::LEN_MAX),
            RecordError::FieldOrder { id } => write!(f, "LOG-39: field {id} stands twice or out of order"),
            RecordError::MissingField { id } => write!(f, "LOG-39: field {id} is missing"),
            RecordError::FieldNotOfKind { id } => write!(f, "LOG-39: a record of this kind has no field {id}"),
            RecordError::BadSignature => f.write_str("LOG-100: the signature does not fit key and record"),
            RecordError::BadAttestation => f.write_str("LOG-101: the attestation does not fit its attesters"),
        }
    }
}

impl std::error::Error for RecordError {}

/// One field with its salt. The salt stays secret until the field is shown (LOG-35).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub salt: [u8; 32],
    pub value: Value,
}

/// All fields that its kind needs, and none that it has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    kind: Kind,
    fields: BTreeMap<u8, Field>,
}

impl Record {
    /// LOG-39.
    pub const FIELDS_MAX: usize = 32;

    /// Draws a salt for each value. Each is drawn for itself, never derived from r or another salt (LOG-35).
    pub fn draw(values: Vec<Value>, entropy: &mut dyn Entropy) -> Result<Record, RecordError> {
        let mut fields = Vec::with_capacity(values.len());
        for value in values {
            let mut salt = [0u8; 32];
            entropy.fill(&mut salt);
            fields.push(Field { salt, value });
        }
        fields.sort_by_key(|f| f.value.id());
        Record::from_fields(fields)
    }

    /// From fields with ascending ids.
    pub fn from_fields(list: Vec<Field>) -> Result<Record, RecordError> {
        if Record::FIELDS_MAX < list.len() {
            return Err(RecordError::TooManyFields);
        }
        let mut fields: BTreeMap<u8, Field> = BTreeMap::new();
        for field in list {
            let id = field.value.id();
            if fields.last_key_value().is_some_and(|(last, _)| id <= *last) {
                return Err(RecordError::FieldOrder { id });
            }
            if Value::LEN_MAX < field.value.to_bytes().len() {
                return Err(RecordError::ValueTooLong { id });
            }
            // A typed value can still be longer than a record may hold, or carry a list that is not ascending.
            if Value::parse(id, &field.value.to_bytes()).as_ref() != Some(&field.value) {
                return Err(RecordError::BadField { id });
            }
            fields.insert(id, field);
        }
        let kind = match fields.get(&1).map(|f| &f.value) {
            Some(Value::Kind(kind)) => *kind,
            _ => return Err(RecordError::MissingField { id: 1 }),
        };
        if let Some(id) = kind.required().iter().find(|id| !fields.contains_key(id)) {
            return Err(RecordError::MissingField { id: *id });
        }
        let allowed = |id: &u8| kind.required().contains(id) || kind.optional().contains(id);
        if let Some(id) = fields.keys().find(|id| !allowed(id)) {
            return Err(RecordError::FieldNotOfKind { id: *id });
        }
        let record = Record { kind, fields };
        match (record.assurance(), record.attesters()) {
            (Some(Assurance::Attested), None) => Err(RecordError::MissingField { id: 24 }),
            (Some(Assurance::Native), Some(_)) => Err(RecordError::FieldNotOfKind { id: 24 }),
            _ => Ok(record),
        }
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub fn fields(&self) -> &BTreeMap<u8, Field> {
        &self.fields
    }

    pub fn value(&self, id: u8) -> Option<&Value> {
        self.fields.get(&id).map(|f| &f.value)
    }

    /// R.
    pub fn hash(&self) -> Digest {
        let hash = |(id, f): (&u8, &Field)| (*id, leaf::field_hash(*id, &f.salt, &f.value.to_bytes()));
        ascending_root(&self.fields.iter().map(hash).collect::<Vec<_>>())
    }

    /// What the signer signs.
    pub fn message(&self) -> Vec<u8> {
        leaf::signed_message(&self.hash())
    }

    fn write(&self, w: &mut Writer) {
        for (id, field) in &self.fields {
            w.line("field", format_args!("{id} {} {}", base64(&field.salt), base64(&field.value.to_bytes())));
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Record, RecordError> {
        let rows = r.all("field", |v| {
            let mut w = Words::new(v);
            let row = (w.small::<u8>()?, w.bytes::<32>()?, from_base64(w.rest()?)?);
            Some(row)
        })?;
        if Record::FIELDS_MAX < rows.len() {
            return Err(RecordError::TooManyFields);
        }
        let mut fields = Vec::with_capacity(rows.len());
        for (id, salt, bytes) in rows {
            if Value::LEN_MAX < bytes.len() {
                return Err(RecordError::ValueTooLong { id });
            }
            let value = Value::parse(id, &bytes).ok_or(RecordError::BadField { id })?;
            fields.push(Field { salt, value });
        }
        Record::from_fields(fields)
    }
}

macro_rules! typed_fields {
    ($($(#[$doc:meta])* $name:ident = $id:literal $variant:ident -> $out:ty, $bind:ident => $give:expr;)*) => {
        impl Record {
            $($(#[$doc])*
            pub fn $name(&self) -> Option<$out> {
                match self.value($id) {
                    Some(Value::$variant($bind)) => Some($give),
                    _ => None,
                }
            })*
        }
    };
}

typed_fields! {
    /// Field 2.
    instrument = 2 Instrument -> &Instrument, v => v;
    /// Field 3.
    court = 3 Court -> &DirectoryId, v => v;
    /// Field 4.
    legal_basis = 4 LegalBasis -> &str, v => v;
    /// Field 5.
    provider = 5 Provider -> ProviderId, v => *v;
    /// Field 6.
    categories = 6 Categories -> &[Category], v => v;
    /// Field 7.
    period = 7 Period -> Span, v => *v;
    /// Field 8.
    selectors = 8 Selectors -> &[Selector], v => v;
    /// Field 9.
    case_ref = 9 CaseRef -> &str, v => v;
    /// Field 10.
    validity = 10 Validity -> Span, v => *v;
    /// Field 11.
    seal_until = 11 SealUntil -> u64, v => *v;
    /// Field 12.
    notice_due = 12 NoticeDue -> u64, v => *v;
    /// Field 13.
    release_set = 13 ReleaseSet -> Digest, v => *v;
    /// Field 14.
    policy_hash = 14 PolicyHash -> Digest, v => *v;
    /// Field 15.
    parent = 15 Parent -> Parent, v => *v;
    /// Field 16.
    scope_root = 16 ScopeRoot -> Digest, v => *v;
    /// Field 18.
    authority = 18 Authority -> &DirectoryId, v => v;
    /// Field 19.
    order_frame = 19 OrderFrame -> Digest, v => *v;
    /// Field 20.
    identity_count = 20 IdentityCount -> Digest, v => *v;
    /// Field 21.
    reason = 21 Reason -> u16, v => *v;
    /// Field 22.
    original_hash = 22 OriginalHash -> Digest, v => *v;
    /// Field 23.
    assurance = 23 Assurance -> Assurance, v => *v;
    /// Field 24.
    attesters = 24 Attesters -> &[Digest], v => v;
    /// Field 25.
    ids_root = 25 IdsRoot -> Digest, v => *v;
}

/// A record with its commitment key, before anybody signed it. File `waarborg-record/v1` without a signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRecord {
    pub record: Record,
    /// r: the key of the commitment, secret until the leaf is opened.
    pub r: [u8; 32],
}

/// A record that somebody signed, and so a leaf of ORDERS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRecord {
    record: Record,
    r: [u8; 32],
    /// 64 octets, or the list of LOG-101.
    signature: Vec<u8>,
}

const HEADER: &str = "waarborg-record/v1";
/// 32 fields of 4,096 octets in base64, and room for 255 attestations.
pub(crate) const RECORD_LEN_MAX: usize = 256 * 1024;

impl DraftRecord {
    /// Draws r.
    pub fn draw(record: Record, entropy: &mut dyn Entropy) -> DraftRecord {
        let mut r = [0u8; 32];
        entropy.fill(&mut r);
        DraftRecord { record, r }
    }

    pub fn parse(bytes: &[u8]) -> Result<DraftRecord, RecordError> {
        let mut reader = Reader::open(bytes, HEADER, RECORD_LEN_MAX)?;
        let r = reader.bytes::<32>("r")?;
        let draft = DraftRecord { record: Record::read(&mut reader)?, r };
        reader.end()?;
        canonical(bytes, &draft.to_bytes())?;
        Ok(draft)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new(HEADER);
        w.bytes("r", &self.r);
        self.record.write(&mut w);
        w.finish()
    }

    /// With the signature's exact octets (native: 64; attested: [`attestation_bytes`]).
    pub fn signed(self, signature: Vec<u8>) -> SignedRecord {
        SignedRecord { record: self.record, r: self.r, signature }
    }
}

impl SignedRecord {
    pub fn record(&self) -> &Record {
        &self.record
    }

    pub fn kind(&self) -> Kind {
        self.record.kind
    }

    pub fn r(&self) -> &[u8; 32] {
        &self.r
    }

    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// C: what the gateway submits.
    pub fn commitment(&self) -> Digest {
        leaf::commitment(&self.r, &self.record.hash(), &self.signature)
    }

    /// D: what the log shows.
    pub fn d(&self) -> Digest {
        leaf::commitment_d(&self.commitment())
    }

    /// The 49 bytes of the leaf.
    pub fn entry(&self) -> [u8; 49] {
        leaf::entry(&self.d())
    }

    pub fn leaf_hash(&self) -> Digest {
        seal::merkle::leaf_hash(&self.entry())
    }

    pub fn parse(bytes: &[u8]) -> Result<SignedRecord, RecordError> {
        let mut reader = Reader::open(bytes, HEADER, RECORD_LEN_MAX)?;
        let r = reader.bytes::<32>("r")?;
        let signature = reader.parsed("signature", from_base64)?;
        let record = Record::read(&mut reader)?;
        reader.end()?;
        let signed = SignedRecord { record, r, signature };
        canonical(bytes, &signed.to_bytes())?;
        Ok(signed)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new(HEADER);
        w.bytes("r", &self.r).bytes("signature", &self.signature);
        self.record.write(&mut w);
        w.finish()
    }

    /// What everyone may see of it: all fields but these, which become hashes.
    pub fn opening(&self, withheld: &[u8]) -> Opening {
        Opening::of(self, withheld)
    }
}

/// R over fields from an ordered map of at most 32 entries.
fn ascending_root(hashes: &[(u8, Digest)]) -> Digest {
    // Maps are ordered and the constructors count, so there always is a root; the dummy's stands for the case that cannot be,
    // and no signature of ours fits it.
    leaf::record_root(hashes).unwrap_or_else(leaf::dummy_record_root)
}

#[cfg(test)]
mod tests;
