//! From the terms of an order to a draft that can be read and signed.

use std::collections::BTreeMap;

use seal::digest::sha256;
use seal::entropy::Entropy;
use seal::identity::ProviderId;

use super::{Enclosures, OrderDocument, OrderError, Scope, ScopeItem, count_commitment, frame_values};
use crate::log::note::Signer;
use crate::names::{DirectoryId, Instrument, Span};
use crate::record::{Assurance, Digest, DraftRecord, Kind, Record, Value, attestation_bytes};

/// What an authority asks for, in words; everything else is drawn or computed.
#[derive(Clone, Debug)]
pub struct OrderTerms {
    /// Order, Emergency or Preservation.
    pub kind: Kind,
    pub instrument: Instrument,
    pub court: Option<DirectoryId>,
    pub legal_basis: String,
    pub authority: DirectoryId,
    pub provider: ProviderId,
    pub period: Span,
    pub case_ref: Option<String>,
    pub validity: Span,
    pub seal_until: u64,
    /// 00:00 UTC of a day.
    pub notice_due: u64,
    pub policy_hash: Digest,
    pub items: Vec<ScopeItem>,
    /// The outside document this was translated from.
    pub original: Option<Vec<u8>>,
    /// Digests of the attesters' keys (`record::key_digest`); none for a native order.
    pub attesters: Option<Vec<Digest>>,
}

/// An order nobody has signed yet: same file format, the record inside without its signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderDraft {
    record: DraftRecord,
    enclosures: Enclosures,
}

impl OrderDraft {
    /// Draws every salt, each for itself (sealing.md 3.5), and makes the record.
    pub fn draw(terms: OrderTerms, entropy: &mut dyn Entropy) -> Result<OrderDraft, OrderError> {
        let mut draw = || {
            let mut salt = [0u8; 32];
            entropy.fill(&mut salt);
            salt
        };
        let scope = Scope::new(terms.items.into_iter().map(|item| (draw(), item)).collect())?;
        let (rho, count_salt) = (draw(), draw());
        let count = u32::try_from(scope.identity_count()).map_err(|_| OrderError::Count)?;
        let attested = terms.attesters.is_some();
        let mut values = vec![
            Value::Kind(terms.kind),
            Value::Instrument(terms.instrument),
            Value::LegalBasis(terms.legal_basis),
            Value::Provider(terms.provider),
            Value::Categories(scope.categories()),
            Value::Period(terms.period),
            Value::Selectors(scope.selectors()),
            Value::Validity(terms.validity),
            Value::SealUntil(terms.seal_until),
            Value::NoticeDue(terms.notice_due),
            Value::PolicyHash(terms.policy_hash),
            Value::ScopeRoot(scope.root()),
            Value::StatHash,
            Value::Authority(terms.authority),
            Value::OrderFrame([0; 32]),
            Value::IdentityCount(count_commitment(&count_salt, count)),
            Value::OriginalHash(terms.original.as_ref().map_or([0; 32], |octets| sha256(&[octets]))),
            Value::Assurance(if attested { Assurance::Attested } else { Assurance::Native }),
        ];
        values.extend(terms.court.map(Value::Court));
        values.extend(terms.case_ref.map(Value::CaseRef));
        values.extend(terms.attesters.map(|mut list| {
            list.sort_unstable();
            Value::Attesters(list)
        }));
        // A long list of selectors does not fit into one field; the scope names them all in any case, field 8 is for readers.
        values.retain(|v| !matches!(v, Value::Selectors(_)) || v.to_bytes().len() <= Value::LEN_MAX);
        let blank = Record::draw(values.clone(), entropy)?;
        let mut salts = BTreeMap::new();
        for number in frame_values(&blank, &scope).into_keys() {
            let mut salt = [0u8; 32];
            entropy.fill(&mut salt);
            salts.insert(number, salt);
        }
        let enclosures = Enclosures { rho, count_salt, frame_salts: salts, scope, original: terms.original };
        let commitment = enclosures.frame_commitment(&blank).ok_or(OrderError::Frame)?;
        values.retain(|v| !matches!(v, Value::OrderFrame(_)));
        values.push(Value::OrderFrame(commitment));
        let record = DraftRecord::draw(Record::draw(values, entropy)?, entropy);
        let draft = OrderDraft { record, enclosures };
        draft.check()?;
        Ok(draft)
    }

    pub fn parse(bytes: &[u8]) -> Result<OrderDraft, OrderError> {
        let (record, enclosures) = Enclosures::read(bytes)?;
        Ok(OrderDraft { record: DraftRecord::parse(record)?, enclosures })
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        self.enclosures.write(&self.record.to_bytes())
    }

    pub fn record(&self) -> &Record {
        &self.record.record
    }

    pub fn scope(&self) -> &Scope {
        &self.enclosures.scope
    }

    pub fn original(&self) -> Option<&[u8]> {
        self.enclosures.original.as_deref()
    }

    /// ORD-02 to ORD-08. A court's program runs it before it signs what it shows.
    pub fn check(&self) -> Result<(), OrderError> {
        self.enclosures.check(self.record())
    }

    /// Native: the court or authority signs (LOG-34). Refused if the hashes do not stand for what the draft shows.
    pub fn sign(self, signer: &Signer) -> Result<OrderDocument, OrderError> {
        self.check()?;
        let signature = signer.sign_message(&self.record().message());
        Ok(self.signed(signature.to_vec()))
    }

    /// Attested: signatures in the order of field 24 (LOG-101).
    pub fn attest(self, signatures: &[[u8; 64]]) -> Result<OrderDocument, OrderError> {
        self.check()?;
        Ok(self.signed(attestation_bytes(signatures)))
    }

    fn signed(self, signature: Vec<u8>) -> OrderDocument {
        OrderDocument { record: self.record.signed(signature), enclosures: self.enclosures }
    }
}
