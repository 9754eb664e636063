//! The order document: a record of kind 1, 2 or 3 with everything its hashes stand for.
//!
//! [`OrderDraft`] is what an authority writes and a court reads; signing makes it an [`OrderDocument`]; [`CheckedOrder`] is one whose
//! hashes were recomputed (`docs/spec/order.md`, ORD-01 to ORD-08). It names people and stays between authority, court, provider and
//! members.

mod draft;
mod frame;
mod scope;

use std::collections::BTreeMap;

use seal::digest::sha256;

pub use draft::{OrderDraft, OrderTerms};
pub use frame::{count_commitment, frame_field_digest, frame_octets, frame_values, order_commitment};
pub use scope::{Scope, ScopeItem, scope_leaf};

use crate::document::{DocumentError, Reader, Words, Writer, canonical};
use crate::record::{Assurance, Digest, Kind, Record, RecordError, SignedRecord};
use crate::spelling::base64;

/// Why an order document is none, or does not hang together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderError {
    /// ORD-01: the spelling of the document or its record.
    Record(RecordError),
    /// ORD-02: not a record of kind 1, 2 or 3.
    Kind,
    /// ORD-03: the scope is empty, too long, not strictly ascending by leaf hash, overlaps itself, or has another root.
    Scope,
    /// ORD-04: the frame with these salts does not give C_ord.
    Frame,
    /// ORD-05: the number of identities does not give n_ids_commit.
    Count,
    /// ORD-06: the original is missing, too much, or another one.
    Original,
    /// ORD-07: the record's categories, selectors or period are not those of the scope.
    ScopeOfOtherOrder,
    /// ORD-08: notice is due after the seal ends (LOG-43).
    NoticeAfterSeal,
}

impl OrderError {
    pub fn code(&self) -> &'static str {
        match self {
            OrderError::Record(_) => "ORD-01",
            OrderError::Kind => "ORD-02",
            OrderError::Scope => "ORD-03",
            OrderError::Frame => "ORD-04",
            OrderError::Count => "ORD-05",
            OrderError::Original => "ORD-06",
            OrderError::ScopeOfOtherOrder => "ORD-07",
            OrderError::NoticeAfterSeal => "ORD-08",
        }
    }
}

impl std::fmt::Display for OrderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = match self {
            OrderError::Record(e) => return write!(f, "{e}"),
            OrderError::Kind => "not an order, an emergency order or a preservation order",
            OrderError::Scope => "the scope is not that of the record, not in order, or overlaps itself",
            OrderError::Frame => "the order frame does not give the commitment in the record",
            OrderError::Count => "the number of identities does not give the commitment in the record",
            OrderError::Original => "the original document is missing or another one",
            OrderError::ScopeOfOtherOrder => "categories, selectors or period of the record are not those of the scope",
            OrderError::NoticeAfterSeal => "notice would be due after the seal ends",
        };
        write!(f, "{}: {text}", self.code())
    }
}

impl std::error::Error for OrderError {}

impl From<RecordError> for OrderError {
    fn from(e: RecordError) -> OrderError {
        OrderError::Record(e)
    }
}

impl From<DocumentError> for OrderError {
    fn from(e: DocumentError) -> OrderError {
        OrderError::Record(RecordError::Document(e))
    }
}

/// What the hashes in an order's record stand for, draft or signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Enclosures {
    rho: [u8; 32],
    count_salt: [u8; 32],
    frame_salts: BTreeMap<u16, [u8; 32]>,
    scope: Scope,
    original: Option<Vec<u8>>,
}

const HEADER: &str = "waarborg-order/v1";

impl Enclosures {
    fn write(&self, record: &[u8]) -> Vec<u8> {
        let mut w = Writer::new(HEADER);
        w.part("record", record).bytes("rho", &self.rho).bytes("count-salt", &self.count_salt);
        for (number, salt) in &self.frame_salts {
            w.line("frame", format_args!("{number} {}", base64(salt)));
        }
        self.scope.write(&mut w);
        if let Some(original) = &self.original {
            w.part("original", original);
        }
        w.finish()
    }

    fn read(bytes: &[u8]) -> Result<(&[u8], Enclosures), DocumentError> {
        let mut r = Reader::open(bytes, HEADER, OrderDocument::LEN_MAX)?;
        let record = r.part("record")?;
        let (rho, count_salt) = (r.bytes("rho")?, r.bytes("count-salt")?);
        let rows = r.all("frame", |v| {
            let mut w = Words::new(v);
            let row = (w.small::<u16>()?, w.bytes::<32>()?);
            w.end(row)
        })?;
        if !rows.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(r.bad("frame"));
        }
        let scope = Scope::read(&mut r)?;
        let original = r.part_if("original")?.map(<[u8]>::to_vec);
        r.end()?;
        let enclosures = Enclosures { rho, count_salt, frame_salts: rows.into_iter().collect(), scope, original };
        canonical(bytes, &enclosures.write(record))?;
        Ok((record, enclosures))
    }

    /// C_ord; none if a salt is missing or too much.
    fn frame_commitment(&self, record: &Record) -> Option<Digest> {
        let values = frame_values(record, &self.scope);
        if !values.keys().eq(self.frame_salts.keys()) {
            return None;
        }
        let digests =
            values.iter().zip(self.frame_salts.values()).map(|((number, value), eta)| (*number, frame_field_digest(eta, *number, value)));
        Some(order_commitment(&self.rho, &frame_octets(&digests.collect())))
    }

    /// ORD-02 to ORD-08 (REL-07).
    fn check(&self, record: &Record) -> Result<(), OrderError> {
        if !matches!(record.kind(), Kind::Order | Kind::Emergency | Kind::Preservation) {
            return Err(OrderError::Kind);
        }
        self.scope.check()?;
        if record.scope_root() != Some(self.scope.root()) {
            return Err(OrderError::Scope);
        }
        if record.order_frame() != self.frame_commitment(record) || record.order_frame().is_none() {
            return Err(OrderError::Frame);
        }
        let count = u32::try_from(self.scope.identity_count()).map_err(|_| OrderError::Count)?;
        if record.identity_count() != Some(count_commitment(&self.count_salt, count)) {
            return Err(OrderError::Count);
        }
        let shown = self.original.as_ref().map_or([0; 32], |octets| sha256(&[octets]));
        let attested = record.assurance() == Some(Assurance::Attested);
        if record.original_hash() != Some(shown) || (attested && self.original.is_none()) {
            return Err(OrderError::Original);
        }
        self.check_agreement(record)
    }

    fn check_agreement(&self, record: &Record) -> Result<(), OrderError> {
        let categories = record.categories() == Some(self.scope.categories().as_slice());
        let selectors = record.selectors().is_none_or(|list| list == self.scope.selectors());
        // SEA-53: nothing is rounded outward. The slots at the two ends may stick out, a slot outside may not be named.
        let inside = record.period().is_some_and(|period| {
            self.scope.items().all(|item| {
                let len = u64::from(item.slot_len().seconds());
                period.from() < item.start() + len && item.end() - len < period.until()
            })
        });
        if !(categories && selectors && inside) {
            return Err(OrderError::ScopeOfOtherOrder);
        }
        match (record.notice_due(), record.seal_until()) {
            (Some(due), Some(until)) if due <= until => Ok(()),
            _ => Err(OrderError::NoticeAfterSeal),
        }
    }
}

/// A signed order, as a court sends it. Its hashes have not been recomputed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderDocument {
    record: SignedRecord,
    enclosures: Enclosures,
}

impl OrderDocument {
    /// 16 MiB: an original with annexes.
    pub const LEN_MAX: usize = 16 << 20;

    /// ORD-01.
    pub fn parse(bytes: &[u8]) -> Result<OrderDocument, OrderError> {
        let (record, enclosures) = Enclosures::read(bytes)?;
        Ok(OrderDocument { record: SignedRecord::parse(record)?, enclosures })
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        self.enclosures.write(&self.record.to_bytes())
    }

    pub fn record(&self) -> &SignedRecord {
        &self.record
    }

    pub fn scope(&self) -> &Scope {
        &self.enclosures.scope
    }

    pub fn original(&self) -> Option<&[u8]> {
        self.enclosures.original.as_deref()
    }

    /// ρ and the salts of the frame's fields, for a notice.
    pub fn frame_salts(&self) -> (&[u8; 32], &BTreeMap<u16, [u8; 32]>) {
        (&self.enclosures.rho, &self.enclosures.frame_salts)
    }

    /// Recomputes every hash (REL-07).
    pub fn check(&self) -> Result<CheckedOrder<'_>, OrderError> {
        self.enclosures.check(self.record.record())?;
        Ok(CheckedOrder { document: self, d: self.record.d() })
    }
}

/// An order document whose hashes all stand for what it shows.
///
/// ```compile_fail
/// let document: &verify::order::OrderDocument = todo!();
/// let order = verify::order::CheckedOrder { document, d: [0; 32] };
/// ```
#[derive(Debug)]
pub struct CheckedOrder<'o> {
    document: &'o OrderDocument,
    d: Digest,
}

impl<'o> CheckedOrder<'o> {
    pub fn document(&self) -> &'o OrderDocument {
        self.document
    }

    /// D of its leaf.
    pub fn d(&self) -> &Digest {
        &self.d
    }
}

#[cfg(test)]
mod tests;
