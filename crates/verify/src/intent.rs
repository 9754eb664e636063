//! The intent: which identities of an order are to be opened now, under which salts, and which segments (kind 12).
//!
//! The gateway writes it after approval 1; members derive every identity from it themselves (SEA-55). `docs/spec/intent.md`,
//! INT-01 to INT-05. It names people and carries the days' secrets: for members only.

use std::collections::{BTreeMap, BTreeSet};

use seal::digest::sha256;
use seal::entropy::Entropy;
use seal::identity::{Category, Identity, KeyId, ProviderId, Salt, Slot, SlotLen};
use seal::labels;
use seal::merkle;
use seal::salt_map::SaltProof;
use seal::selector::Selector;

use crate::calendar::Day;
use crate::document::{DocumentError, Reader, Words, Writer, canonical};
use crate::log::note::Signer;
use crate::names::DirectoryId;
use crate::record::{Digest, DraftRecord, Kind, Parent, Record, RecordError, SignedRecord, Value};
use crate::spelling::{base64, from_base64, from_hex_exact, hex};

/// Why an intent document is none, or does not hang together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntentError {
    /// INT-01: the spelling of the document or its record.
    Record(RecordError),
    /// INT-02: not a record of kind 12.
    Kind,
    /// INT-03: an identity that cannot exist (salt and selector do not fit), or not strictly ascending by leaf hash.
    Identities,
    /// INT-03: the identities do not give ids_root.
    IdsRoot,
    /// INT-04: the segments are not strictly ascending or do not give release_set.
    ReleaseSet,
    /// INT-05: a salt proof for a day without secret, or twice for one selector and day.
    Salts,
}

impl IntentError {
    pub fn code(&self) -> &'static str {
        match self {
            IntentError::Record(_) => "INT-01",
            IntentError::Kind => "INT-02",
            IntentError::Identities | IntentError::IdsRoot => "INT-03",
            IntentError::ReleaseSet => "INT-04",
            IntentError::Salts => "INT-05",
        }
    }
}

impl std::fmt::Display for IntentError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = match self {
            IntentError::Record(e) => return write!(f, "INT-01: {e}"),
            IntentError::Kind => "not an intent",
            IntentError::Identities => "an identity cannot exist, or they are not in their order",
            IntentError::IdsRoot => "the identities do not give ids_root",
            IntentError::ReleaseSet => "the segments do not give release_set",
            IntentError::Salts => "a salt proof is given twice or for a day without a secret",
        };
        write!(f, "{}: {text}", self.code())
    }
}

impl std::error::Error for IntentError {}

impl From<RecordError> for IntentError {
    fn from(e: RecordError) -> IntentError {
        IntentError::Record(e)
    }
}

impl From<DocumentError> for IntentError {
    fn from(e: DocumentError) -> IntentError {
        IntentError::Record(RecordError::Document(e))
    }
}

/// One identity asked for: the order's (selector, category, slot) and the account's salt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityRow {
    pub eta: [u8; 32],
    pub salt: Salt,
    pub category: Category,
    pub slot: Slot,
    pub selector: Selector,
}

impl IdentityRow {
    /// The identity under a key; none if salt and selector do not fit (SEA-04).
    pub fn identity(&self, key_id: KeyId, provider: ProviderId) -> Option<Identity> {
        Identity::new(key_id, provider, self.category, self.slot, self.selector.clone(), self.salt).ok()
    }
}

/// The leaf of one identity (without the tree's own prefix).
pub fn identity_leaf(eta: &[u8; 32], identity: &Identity) -> Vec<u8> {
    [labels::IDENTITY_LEAF, eta.as_slice(), &identity.digest()].concat()
}

/// The salt map's word about one selector on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaltRow {
    pub day: Day,
    pub selector: Selector,
    pub proof: SaltProof,
}

impl SaltRow {
    /// A selector may stand there with several proofs: absent from the maps before the order, present later (REL-19).
    fn order(&self) -> (Day, Selector, Vec<u8>) {
        (self.day, self.selector.clone(), self.proof.to_bytes())
    }
}

/// What a gateway asks for.
#[derive(Clone, Debug)]
pub struct IntentTerms {
    pub provider: ProviderId,
    pub authority: DirectoryId,
    /// Where the order's leaf stands.
    pub order: Parent,
    pub key_id: KeyId,
    /// (salt, category, slot, selector).
    pub identities: Vec<(Salt, Category, Slot, Selector)>,
    /// SHA-256 of the segment leaves to be opened.
    pub release: BTreeSet<Digest>,
    /// The salt maps' secrets.
    pub days: BTreeMap<Day, [u8; 32]>,
    pub salts: Vec<SaltRow>,
}

/// A signed intent with what its hashes stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntentDocument {
    record: SignedRecord,
    identities: Vec<IdentityRow>,
    release: Vec<Digest>,
    days: Vec<(Day, [u8; 32])>,
    salts: Vec<SaltRow>,
}

const HEADER: &str = "waarborg-intent/v1";

impl IntentDocument {
    /// 64 MiB: 2^16 identities and a salt proof each.
    pub const LEN_MAX: usize = 64 << 20;

    /// Draws the salts, makes the record, signs it with the gateway's key.
    pub fn draw(terms: IntentTerms, gateway: &Signer, entropy: &mut dyn Entropy) -> Result<IntentDocument, IntentError> {
        let mut leaves = Vec::with_capacity(terms.identities.len());
        for (salt, category, slot, selector) in terms.identities {
            let mut eta = [0u8; 32];
            entropy.fill(&mut eta);
            let row = IdentityRow { eta, salt, category, slot, selector };
            let identity = row.identity(terms.key_id, terms.provider).ok_or(IntentError::Identities)?;
            leaves.push((merkle::leaf_hash(&identity_leaf(&eta, &identity)), row));
        }
        leaves.sort_by_key(|(hash, _)| *hash);
        let hashes: Vec<Digest> = leaves.iter().map(|(hash, _)| *hash).collect();
        let release: Vec<Digest> = terms.release.into_iter().collect();
        let record = Record::draw(
            vec![
                Value::Kind(Kind::Intent),
                Value::Provider(terms.provider),
                Value::ReleaseSet(release_root(&release)),
                Value::Parent(terms.order),
                Value::Authority(terms.authority),
                Value::IdsRoot(merkle::root(&hashes)),
            ],
            entropy,
        )?;
        let draft = DraftRecord::draw(record, entropy);
        let signature = gateway.sign_message(&draft.record.message()).to_vec();
        let mut salts = terms.salts;
        salts.sort_by_cached_key(SaltRow::order);
        let document = IntentDocument {
            record: draft.signed(signature),
            identities: leaves.into_iter().map(|(_, row)| row).collect(),
            release,
            days: terms.days.into_iter().collect(),
            salts,
        };
        document.check(terms.key_id)?;
        Ok(document)
    }

    /// INT-01.
    pub fn parse(bytes: &[u8]) -> Result<IntentDocument, IntentError> {
        let mut r = Reader::open(bytes, HEADER, IntentDocument::LEN_MAX)?;
        let record = SignedRecord::parse(r.part("record")?)?;
        let identities = r.all("identity", |v| {
            let mut w = Words::new(v);
            let (eta, salt) = (w.bytes::<32>()?, Salt(w.bytes::<16>()?));
            let category = Category::new(w.small::<u16>()?).ok()?;
            let slot = Slot::new(SlotLen::new(w.small::<u32>()?).ok()?, w.decimal()?).ok()?;
            Some(IdentityRow { eta, salt, category, slot, selector: Selector::from_text(w.rest()?).ok()? })
        })?;
        let release = r.all("release", from_hex_exact::<32>)?;
        let days = r.all("day", |v| {
            let mut w = Words::new(v);
            let row = (Day::parse(w.word()?)?, w.bytes::<32>()?);
            w.end(row)
        })?;
        let salts = r.all("salt", |v| {
            let mut w = Words::new(v);
            let day = Day::parse(w.word()?)?;
            let proof = SaltProof::parse(&from_base64(w.word()?)?).ok()?;
            Some(SaltRow { day, selector: Selector::from_text(w.rest()?).ok()?, proof })
        })?;
        r.end()?;
        let document = IntentDocument { record, identities, release, days, salts };
        canonical(bytes, &document.to_bytes())?;
        Ok(document)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new(HEADER);
        w.part("record", &self.record.to_bytes());
        for row in &self.identities {
            let (category, len) = (row.category.number(), row.slot.len().seconds());
            let place = format!("{category} {len} {}", row.slot.no());
            w.line("identity", format_args!("{} {} {place} {}", base64(&row.eta), base64(&row.salt.0), row.selector));
        }
        for segment in &self.release {
            w.line("release", hex(segment));
        }
        for (day, secret) in &self.days {
            w.line("day", format_args!("{day} {}", base64(secret)));
        }
        for row in &self.salts {
            w.line("salt", format_args!("{} {} {}", row.day, base64(&row.proof.to_bytes()), row.selector));
        }
        w.finish()
    }

    pub fn record(&self) -> &SignedRecord {
        &self.record
    }

    pub fn identities(&self) -> &[IdentityRow] {
        &self.identities
    }

    /// SHA-256 of each segment leaf to be opened, strictly ascending once checked.
    pub fn release(&self) -> &[Digest] {
        &self.release
    }

    /// The secret of a day's salt map.
    pub fn day_secret(&self, day: Day) -> Option<&[u8; 32]> {
        self.days.iter().find(|(d, _)| *d == day).map(|(_, secret)| secret)
    }

    pub fn salts(&self) -> &[SaltRow] {
        &self.salts
    }

    /// Without the days' secrets and salt proofs: the form that may leave the provider, in packages.
    pub fn without_salts(&self) -> IntentDocument {
        IntentDocument { days: Vec::new(), salts: Vec::new(), ..self.clone() }
    }

    /// INT-02 to INT-05.
    pub fn check(&self, key_id: KeyId) -> Result<Vec<Identity>, IntentError> {
        let identities = self.derive(key_id)?;
        self.check_release()?;
        self.check_salts()?;
        Ok(identities)
    }

    /// Derives every identity under this key and recomputes ids_root (INT-02, INT-03).
    pub fn derive(&self, key_id: KeyId) -> Result<Vec<Identity>, IntentError> {
        let record = self.record.record();
        if record.kind() != Kind::Intent {
            return Err(IntentError::Kind);
        }
        let provider = record.provider().ok_or(IntentError::Kind)?;
        let derived: Option<Vec<Identity>> = self.identities.iter().map(|row| row.identity(key_id, provider)).collect();
        let derived = derived.ok_or(IntentError::Identities)?;
        let leaf = |(row, id): (&IdentityRow, &Identity)| merkle::leaf_hash(&identity_leaf(&row.eta, id));
        let hashes: Vec<Digest> = self.identities.iter().zip(&derived).map(leaf).collect();
        let distinct: BTreeSet<&Identity> = derived.iter().collect();
        if hashes.is_empty() || !hashes.is_sorted_by(|a, b| a < b) || distinct.len() != derived.len() {
            return Err(IntentError::Identities);
        }
        if record.ids_root() != Some(merkle::root(&hashes)) {
            return Err(IntentError::IdsRoot);
        }
        Ok(derived)
    }

    /// INT-04.
    pub fn check_release(&self) -> Result<(), IntentError> {
        let named = self.record.record().release_set() == Some(release_root(&self.release));
        if named && self.release.is_sorted_by(|a, b| a < b) { Ok(()) } else { Err(IntentError::ReleaseSet) }
    }

    /// INT-05.
    pub fn check_salts(&self) -> Result<(), IntentError> {
        let ordered = self.salts.is_sorted_by(|a, b| a.order() < b.order());
        let days = self.days.is_sorted_by(|a, b| a.0 < b.0);
        if !ordered || !days || self.salts.iter().any(|row| self.day_secret(row.day).is_none()) {
            return Err(IntentError::Salts);
        }
        Ok(())
    }
}

/// release_set, field 13: RFC 6962 root over the ascending ids.
pub fn release_root(ids: &[Digest]) -> Digest {
    let leaves: Vec<Digest> = ids.iter().map(|id| merkle::leaf_hash(id)).collect();
    merkle::root(&leaves)
}

/// The id of a segment in a release set: SHA-256 of its leaf of 144 octets.
pub fn segment_id(leaf: &[u8; 144]) -> Digest {
    sha256(&[leaf])
}

#[cfg(test)]
mod tests;
