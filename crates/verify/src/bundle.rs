//! The bundle: everything a member reads before its share is used, in one strict container (`docs/spec/bundle.md`, BUN-01 to BUN-03).
//!
//! Reading it is rule REL-01 for everything inside. Nothing in it is believed yet.

use seal::merkle::Hash;

use crate::document::{DocumentError, Reader, Writer, canonical};
use crate::intent::{IntentDocument, IntentError};
use crate::log::note::SignedNote;
use crate::log::proof::TlogProof;
use crate::log::quorum::HASHES_MAX;
use crate::log::{self};
use crate::order::{OrderDocument, OrderError};
use crate::record::{RecordError, SignedRecord};
use crate::spelling::from_base64_exact;
use crate::statement::{SignedStatement, StatementError};

/// Why octets are no bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BundleError {
    /// BUN-01: the container.
    Document(DocumentError),
    /// BUN-02: a part that is not what its name says.
    Order(OrderError),
    Intent(IntentError),
    Note(log::Refusal),
    Statement {
        number: usize,
        why: StatementError,
    },
    Related {
        number: usize,
        why: RecordError,
    },
    /// BUN-03: a path of more than 63 hashes.
    TooManyHashes,
    /// BUN-03: more statements or related leaves than are taken.
    TooManyParts,
}

impl BundleError {
    pub fn code(&self) -> &'static str {
        match self {
            BundleError::Document(_) => "BUN-01",
            BundleError::TooManyHashes | BundleError::TooManyParts => "BUN-03",
            _ => "BUN-02",
        }
    }

    /// Is it a limit that was passed (REL-02), or does it not read at all (REL-01)?
    pub fn is_limit(&self) -> bool {
        let record = |e: &RecordError| {
            use RecordError::*;
            matches!(e, TooManyFields | ValueTooLong { .. } | Document(DocumentError::TooLong { .. }))
        };
        match self {
            BundleError::Document(e) => matches!(e, DocumentError::TooLong { .. }),
            BundleError::Order(OrderError::Record(e)) | BundleError::Intent(IntentError::Record(e)) => record(e),
            BundleError::Related { why, .. } => record(why),
            BundleError::Note(e) => matches!(e, log::Refusal::NoteTooLong | log::Refusal::TooManySignatures),
            BundleError::Statement { why, .. } => matches!(why, StatementError::TooLong),
            BundleError::TooManyHashes | BundleError::TooManyParts => true,
            _ => false,
        }
    }
}

impl From<DocumentError> for BundleError {
    fn from(e: DocumentError) -> BundleError {
        BundleError::Document(e)
    }
}

impl std::fmt::Display for BundleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: ", self.code())?;
        match self {
            BundleError::Document(e) => write!(f, "{e}"),
            BundleError::Order(e) => write!(f, "{e}"),
            BundleError::Intent(e) => write!(f, "{e}"),
            BundleError::Note(e) => write!(f, "{e}"),
            BundleError::Statement { number, why } => write!(f, "statement {number}: {why}"),
            BundleError::Related { number, why } => write!(f, "related leaf {number}: {why}"),
            BundleError::TooManyHashes => f.write_str("a path has more than 63 hashes"),
            BundleError::TooManyParts => f.write_str("more statements or related leaves than are taken"),
        }
    }
}

impl std::error::Error for BundleError {}

/// Where a leaf stands under a head, and the siblings that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub index: u64,
    pub path: Vec<Hash>,
}

/// A checkpoint with the consistency proofs that lead to it from the sizes that members stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadPart {
    /// The signed note, octet for octet.
    pub note: Vec<u8>,
    /// Ascending by old size.
    pub from: Vec<(u64, Vec<Hash>)>,
}

/// Two earlier checkpoints that show what stood in PUBLIC before a leaf of ORDERS did (LOG-46).
///
/// The ORDERS checkpoint is too small to hold that leaf; the PUBLIC one is no younger than it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    pub public: Vec<u8>,
    /// From the PUBLIC anchor to the bundle's PUBLIC head.
    pub public_path: Vec<Hash>,
    pub orders: Vec<u8>,
    /// From the ORDERS anchor to the bundle's ORDERS head.
    pub orders_path: Vec<Hash>,
}

/// A statement and its place under the PUBLIC head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementPart {
    pub statement: SignedStatement,
    pub place: Place,
}

/// A leaf of kind 4, 5, 9 or 10 and its place under the ORDERS head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelatedPart {
    pub record: SignedRecord,
    pub place: Place,
}

/// A hold that keeps slots past their retention (SEA-68): the preservation order, and the outcome leaf that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldPart {
    pub order: OrderDocument,
    pub order_place: Place,
    /// The order's leaf under the head that first held it: by when it stood in the log (REL-18).
    pub logged: TlogProof,
    pub outcome: SignedRecord,
    pub outcome_place: Place,
    /// When the hold ends, and how many w_b were copied: what field 13 of the outcome commits to.
    pub expiry: u64,
    pub copied: u64,
}

/// What a member judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    pub order: OrderDocument,
    pub order_place: Place,
    pub intent: IntentDocument,
    pub intent_place: Place,
    pub orders_head: HeadPart,
    pub public_head: HeadPart,
    /// Before the order; needed if the order names slots that were closed by then.
    pub order_anchor: Option<Anchor>,
    /// Before the intent.
    pub intent_anchor: Option<Anchor>,
    pub statements: Vec<StatementPart>,
    pub related: Vec<RelatedPart>,
    pub holds: Vec<HoldPart>,
    /// HPKE key that the partial keys are to be sealed to.
    pub requester: [u8; 32],
}

const HEADER: &str = "waarborg-bundle/v1";

impl Bundle {
    /// 64 MiB: a quarter of hourly slots with 96 epochs a day is about 26 MiB of statements and paths.
    pub const LEN_MAX: usize = 64 << 20;
    pub const STATEMENTS_MAX: usize = 1 << 17;
    pub const RELATED_MAX: usize = 4_096;

    /// REL-01: the container and every object in it, one spelling each.
    pub fn parse(bytes: &[u8]) -> Result<Bundle, BundleError> {
        let mut r = Reader::open(bytes, HEADER, Bundle::LEN_MAX)?;
        let order = OrderDocument::parse(r.part("order")?).map_err(BundleError::Order)?;
        let order_place = place(&mut r)?;
        let intent = IntentDocument::parse(r.part("intent")?).map_err(BundleError::Intent)?;
        let intent_place = place(&mut r)?;
        let orders_head = head(&mut r, "orders-head")?;
        let public_head = head(&mut r, "public-head")?;
        let order_anchor = anchor(&mut r, "order-anchor-public", "order-anchor-orders")?;
        let intent_anchor = anchor(&mut r, "intent-anchor-public", "intent-anchor-orders")?;
        let mut statements = Vec::new();
        while r.at_part("statement") {
            let number = statements.len();
            let statement = SignedStatement::parse(r.part("statement")?).map_err(|why| BundleError::Statement { number, why })?;
            statements.push(StatementPart { statement, place: place(&mut r)? });
            if Bundle::STATEMENTS_MAX < statements.len() {
                return Err(BundleError::TooManyParts);
            }
        }
        let related = related(&mut r)?;
        let holds = holds(&mut r)?;
        let requester = r.bytes("requester")?;
        r.end()?;
        let bundle = Bundle {
            order,
            order_place,
            intent,
            intent_place,
            orders_head,
            public_head,
            order_anchor,
            intent_anchor,
            statements,
            related,
            holds,
            requester,
        };
        canonical(bytes, &bundle.to_bytes())?;
        Ok(bundle)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new(HEADER);
        w.part("order", &self.order.to_bytes());
        write_place(&mut w, &self.order_place);
        w.part("intent", &self.intent.to_bytes());
        write_place(&mut w, &self.intent_place);
        write_head(&mut w, "orders-head", &self.orders_head);
        write_head(&mut w, "public-head", &self.public_head);
        write_anchor(&mut w, "order-anchor-public", "order-anchor-orders", &self.order_anchor);
        write_anchor(&mut w, "intent-anchor-public", "intent-anchor-orders", &self.intent_anchor);
        for part in &self.statements {
            w.part("statement", &part.statement.to_bytes());
            write_place(&mut w, &part.place);
        }
        for part in &self.related {
            w.part("related", &part.record.to_bytes());
            write_place(&mut w, &part.place);
        }
        for hold in &self.holds {
            w.part("hold-order", &hold.order.to_bytes());
            write_place(&mut w, &hold.order_place);
            w.part("hold-logged", &hold.logged.to_bytes());
            w.part("hold-outcome", &hold.outcome.to_bytes());
            write_place(&mut w, &hold.outcome_place);
            w.line("expiry", hold.expiry).line("copied", hold.copied);
        }
        w.bytes("requester", &self.requester);
        w.finish()
    }
}

fn paths(r: &mut Reader<'_>) -> Result<Vec<Hash>, BundleError> {
    let path = r.all("path", from_base64_exact::<32>)?;
    // BUN-03
    if HASHES_MAX < path.len() { Err(BundleError::TooManyHashes) } else { Ok(path) }
}

fn write_paths(w: &mut Writer, path: &[Hash]) {
    for hash in path {
        w.bytes("path", hash);
    }
}

fn place(r: &mut Reader<'_>) -> Result<Place, BundleError> {
    Ok(Place { index: r.decimal("index")?, path: paths(r)? })
}

fn write_place(w: &mut Writer, place: &Place) {
    w.line("index", place.index);
    write_paths(w, &place.path);
}

fn note(bytes: &[u8]) -> Result<Vec<u8>, BundleError> {
    SignedNote::parse(bytes).map_err(BundleError::Note)?;
    Ok(bytes.to_vec())
}

fn head(r: &mut Reader<'_>, name: &'static str) -> Result<HeadPart, BundleError> {
    let note = note(r.part(name)?)?;
    let mut from: Vec<(u64, Vec<Hash>)> = Vec::new();
    while r.at("from") {
        let size = r.decimal("from")?;
        if from.last().is_some_and(|(last, _)| size <= *last) {
            return Err(r.bad("from").into());
        }
        from.push((size, paths(r)?));
    }
    Ok(HeadPart { note, from })
}

fn write_head(w: &mut Writer, name: &str, head: &HeadPart) {
    w.part(name, &head.note);
    for (size, path) in &head.from {
        w.line("from", size);
        write_paths(w, path);
    }
}

fn anchor(r: &mut Reader<'_>, public: &'static str, orders: &'static str) -> Result<Option<Anchor>, BundleError> {
    let Some(first) = r.part_if(public)? else { return Ok(None) };
    let (public, public_path) = (note(first)?, paths(r)?);
    let (orders, orders_path) = (note(r.part(orders)?)?, paths(r)?);
    Ok(Some(Anchor { public, public_path, orders, orders_path }))
}

fn write_anchor(w: &mut Writer, public: &str, orders: &str, anchor: &Option<Anchor>) {
    if let Some(anchor) = anchor {
        w.part(public, &anchor.public);
        write_paths(w, &anchor.public_path);
        w.part(orders, &anchor.orders);
        write_paths(w, &anchor.orders_path);
    }
}

fn related(r: &mut Reader<'_>) -> Result<Vec<RelatedPart>, BundleError> {
    let mut parts = Vec::new();
    while r.at_part("related") {
        let number = parts.len();
        let record = SignedRecord::parse(r.part("related")?).map_err(|why| BundleError::Related { number, why })?;
        parts.push(RelatedPart { record, place: place(r)? });
        if Bundle::RELATED_MAX < parts.len() {
            return Err(BundleError::TooManyParts);
        }
    }
    Ok(parts)
}

fn holds(r: &mut Reader<'_>) -> Result<Vec<HoldPart>, BundleError> {
    let mut parts: Vec<HoldPart> = Vec::new();
    while r.at_part("hold-order") {
        let number = parts.len();
        let order = OrderDocument::parse(r.part("hold-order")?).map_err(BundleError::Order)?;
        let order_place = place(r)?;
        let logged = TlogProof::parse(r.part("hold-logged")?).map_err(BundleError::Note)?;
        let outcome = SignedRecord::parse(r.part("hold-outcome")?).map_err(|why| BundleError::Related { number, why })?;
        let outcome_place = place(r)?;
        let (expiry, copied) = (r.decimal("expiry")?, r.decimal("copied")?);
        parts.push(HoldPart { order, order_place, logged, outcome, outcome_place, expiry, copied });
        if Bundle::RELATED_MAX < parts.len() {
            return Err(BundleError::TooManyParts);
        }
    }
    Ok(parts)
}
