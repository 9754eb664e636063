//! Reads and checks the documents of a case with `verify`'s own types. Pure; the core calls it for what comes in, and
//! `recheck` calls it again for what was stored.

use super::leaves::Under;
use super::rules::Rules;
use crate::cases::state::{Anchor, Batch, Case, CaseId, File, Heads, Logged, Mandate};
use crate::cases::{Digest32, Octets};
use verify::intent::{IntentDocument, IntentError};
use verify::log::proof::TlogProof;
use verify::names::DirectoryId;
use verify::order::{OrderDocument, OrderError};
use verify::policy::Role;
use verify::record::{Kind, Parent, SignedRecord};

/// A refusal for people: stable code, what happened, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub code: String,
    pub text: String,
    pub hint: String,
}

impl Refused {
    pub fn new(code: &str, text: impl Into<String>, hint: impl Into<String>) -> Refused {
        Refused { code: code.to_owned(), text: text.into(), hint: hint.into() }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.text)
    }
}

impl From<OrderError> for Refused {
    fn from(error: OrderError) -> Refused {
        Refused::new(error.code(), error.to_string(), "the document has to come from waarborg order draft and sign, unchanged")
    }
}

/// An order with what the core asks of it most.
pub struct Order {
    pub document: OrderDocument,
    pub commitment: [u8; 32],
    pub d: [u8; 32],
    pub emergency: bool,
    /// Kind 3: nothing is opened for it.
    pub preserves: bool,
    pub authority: DirectoryId,
    /// Half-open, POSIX seconds.
    pub validity: (u64, u64),
    pub period: (u64, u64),
    /// The slots that its items name, from the first of all to the last of all.
    pub first_slot: u64,
    pub last_slot: u64,
}

impl Order {
    pub fn id(&self) -> CaseId {
        Digest32(self.d)
    }

    /// Identities (at one salt each) in the slots `first` to `last`.
    pub fn identities(&self, first: u64, last: u64) -> u64 {
        let count = |item: &verify::order::ScopeItem| {
            let (from, until) = (item.first().max(first), item.last().min(last));
            (until + 1).saturating_sub(from)
        };
        self.document.scope().items().map(count).sum()
    }

    /// The last slot of the longest run from `first` to at most `last` that stays within `limit` identities; at least `first`.
    pub fn cut(&self, first: u64, last: u64, limit: u64) -> u64 {
        let (mut low, mut high) = (first, last);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            if self.identities(first, middle) <= limit { low = middle } else { high = middle - 1 }
        }
        low
    }
}

/// Reads an order and recomputes its hashes (REL-01, REL-07). Says nothing yet of who signed it.
pub fn parse_order(bytes: &[u8]) -> Result<Order, OrderError> {
    let document = OrderDocument::parse(bytes)?;
    document.check()?;
    let signed = document.record();
    let record = signed.record();
    let (Some(authority), Some(validity), Some(period)) = (record.authority(), record.validity(), record.period()) else {
        return Err(OrderError::Kind);
    };
    let first_slot = document.scope().items().map(|item| item.first()).min().ok_or(OrderError::Scope)?;
    let last_slot = document.scope().items().map(|item| item.last()).max().ok_or(OrderError::Scope)?;
    Ok(Order {
        commitment: signed.commitment(),
        d: signed.d(),
        emergency: signed.kind() == Kind::Emergency,
        preserves: signed.kind() == Kind::Preservation,
        authority: authority.clone(),
        validity: (validity.from(), validity.until()),
        period: (period.from(), period.until()),
        first_slot,
        last_slot,
        document,
    })
}

/// D of an order document, whatever else is to be said of it.
pub fn order_id(bytes: &[u8]) -> Result<CaseId, Refused> {
    Ok(Digest32(OrderDocument::parse(bytes)?.record().d()))
}

/// R of an order document: what its signer signed.
pub fn signed_id(bytes: &[u8]) -> Option<Digest32> {
    Some(Digest32(OrderDocument::parse(bytes).ok()?.record().record().hash()))
}

/// A leaf is in ORDERS: its proof verifies under the pinned log policy, and origin and index are the ones it claims.
pub(super) fn included(rules: &Rules, d: [u8; 32], leaf: &Logged) -> Result<(), Refused> {
    let bad = |text: String| Refused::new("GWY-31", text, "the log is asked again");
    let proof = TlogProof::parse(&leaf.proof.0).map_err(|error| bad(error.to_string()))?;
    let logged = proof.verify(verify::log::leaf::leaf_hash(&d), rules.policy.orders(), None);
    let logged = logged.map_err(|error| bad(error.to_string()))?;
    if logged.leaf().index() != leaf.index || logged.head().head().origin.as_str() != leaf.origin {
        return Err(bad("the proof is of another place than the one it came with".to_owned()));
    }
    Ok(())
}

/// Field 15 of records that hang on this leaf.
pub fn place(leaf: &Logged) -> Parent {
    Parent::new(&leaf.origin, leaf.index)
}

/// Where records under the order hang.
pub(super) fn under_order<'a>(order: &'a Order, leaf: &Logged) -> Under<'a> {
    Under { parent: place(leaf), authority: &order.authority }
}

/// Both heads verify, and the one of PUBLIC reaches as far as the one before the intent, or what the intent asks for would not stand
/// under it (GWY-33); the size of ORDERS.
pub(super) fn heads_size(rules: &Rules, before: &Anchor, heads: &Heads) -> Result<u64, Refused> {
    let bad = |error: verify::log::Refusal| Refused::new("GWY-32", error.to_string(), "the logs are asked again");
    let size = |note: &Octets| Ok::<u64, Refused>(rules.policy.public().check(&note.0, None).map_err(bad)?.head().size);
    let (shown, needed) = (size(&heads.public)?, size(&before.public)?);
    if shown < needed {
        let text = format!("PUBLIC shows {shown} leaves, the intent was drawn under {needed}");
        return Err(Refused::new("GWY-33", text, "an older state was shown: the log is asked again"));
    }
    Ok(rules.policy.orders().check(&heads.orders.0, None).map_err(bad)?.head().size)
}

/// Both heads of an anchor verify, and the one of ORDERS is no older than the one of PUBLIC.
pub fn check_anchor(rules: &Rules, anchor: &Anchor) -> Result<(), Refused> {
    let bad = |text: String| Refused::new("GWY-32", text, "the logs are asked again");
    let public = rules.policy.public().check(&anchor.public.0, None).map_err(|error| bad(error.to_string()))?;
    let orders = rules.policy.orders().check(&anchor.orders.0, None).map_err(|error| bad(error.to_string()))?;
    if orders.not_before() < public.not_after() {
        return Err(bad("the head of ORDERS is older than the one of PUBLIC".to_owned()));
    }
    Ok(())
}

/// GWY-35: under these heads PUBLIC has closed every slot that it should have told of by then. A provider that is late must not be
/// able to say that somebody was unknown, so an order counts as later than what should have been told, and not than what was (decision
/// 0012): one that comes while PUBLIC is behind could never be answered.
pub(super) fn check_told(rules: &Rules, order: &Order, anchor: &Anchor, closed: u64) -> Result<(), Refused> {
    let bad = |text: String| Refused::new("GWY-35", text, "the order is logged when PUBLIC has caught up");
    let orders = rules.policy.orders().check(&anchor.orders.0, None).map_err(|error| bad(error.to_string()))?;
    let told = rules.last_told(orders.not_before().max(order.validity.0));
    // Later slots than the ordered ones too: in them end the late epochs of those.
    match told.filter(|slot| rules.ends(order).0 <= *slot && closed < *slot) {
        Some(slot) => Err(bad(format!("PUBLIC has closed slots up to {closed} and should have told of {slot}"))),
        None => Ok(()),
    }
}

/// C and D of an intent.
pub(super) fn intent_leaf(intent: &Octets) -> Result<([u8; 32], [u8; 32]), IntentError> {
    let document = IntentDocument::parse(&intent.0)?;
    Ok((document.record().commitment(), document.record().d()))
}

/// The intent is ours, hangs on this order, and names nothing outside the order or the batch.
pub(super) fn check_intent(rules: &Rules, mandate: &Mandate, batch: Batch, intent: &Octets) -> Result<(), Refused> {
    let bad = |text: String| Refused::new("GWY-30", text, "the case is tried again with a new intent");
    let document = IntentDocument::parse(&intent.0).map_err(|error| bad(error.to_string()))?;
    document.check(rules.policy.key_id()).map_err(|error| bad(error.to_string()))?;
    document.record().verify_native(rules.signer.vkey().key()).map_err(|error| bad(error.to_string()))?;
    let order = parse_order(&mandate.file.order.0)?;
    if document.record().record().parent() != Some(place(&mandate.leaf)) {
        return Err(bad("the intent hangs on another order".to_owned()));
    }
    for row in document.identities() {
        let in_batch = (batch.first_slot..=batch.last_slot).contains(&row.slot.no());
        if !in_batch || !order.document.scope().names(&row.selector, row.category, row.slot) {
            return Err(bad("the intent asks for what the order does not name".to_owned()));
        }
    }
    Ok(())
}

/// What approval 1 signs for a case.
pub fn understanding(file: &File) -> Result<Digest32, Refused> {
    Ok(understanding_of(&file.id, &parse_order(&file.order.0)?.document))
}

/// What approval 1 signs: label, case, and the order as the program understands it, line by line. Public, because an officer's
/// own program computes it from the order that it shows.
pub fn understanding_of(case: &CaseId, order: &OrderDocument) -> Digest32 {
    let text = crate::cases::understanding::lines(order.record().record(), order.scope()).join("\n");
    Digest32(seal::digest::sha256(&[&b"waarborg-understanding/v1\n"[..], &case.0, text.as_bytes()]))
}

/// The order that a withdrawal hangs on.
pub fn withdrawal_parent(document: &[u8]) -> Result<Parent, Refused> {
    let record = read_withdrawal(document)?;
    record.record().parent().ok_or_else(|| Refused::new("LOG-39", "the withdrawal names no order", ""))
}

fn read_withdrawal(document: &[u8]) -> Result<SignedRecord, Refused> {
    let refuse = |text: String| Refused::new("CASE-08", text, "waarborg order withdraw makes withdrawals");
    let record = SignedRecord::parse(document).map_err(|error| refuse(error.to_string()))?;
    if record.kind() != Kind::Withdrawal {
        return Err(refuse("this record is no withdrawal".to_owned()));
    }
    Ok(record)
}

/// Kind 10, as trustees will read it (REL-12): by the court that it names, which is the order's, or, naming none, by the
/// order's authority. Gives the signer's directory id.
pub(super) fn check_withdrawal(rules: &Rules, mandate: &Mandate, document: &[u8], now: u64) -> Result<String, Refused> {
    let record = read_withdrawal(document)?;
    let order = parse_order(&mandate.file.order.0)?;
    if record.record().parent() != Some(place(&mandate.leaf)) || record.record().authority() != Some(&order.authority) {
        return Err(Refused::new("CASE-08", "the withdrawal hangs on another order", ""));
    }
    let court = order.document.record().record().court();
    let signer = match record.record().court() {
        Some(id) if Some(id) == court => rules.policy.authority(id).filter(|entry| entry.role == Role::Court),
        Some(_) => None,
        None => rules.policy.authority(&order.authority),
    };
    match signer.filter(|entry| entry.in_force.from() <= now) {
        Some(entry) if record.verify_native(entry.key.key()).is_ok() => Ok(entry.id.as_str().to_owned()),
        _ => Err(Refused::new(
            "LOG-43",
            "neither the order's court nor its issuing authority signed the withdrawal",
            "let one of them sign it",
        )),
    }
}

/// The leaf of the case's order, once it is in the log.
pub fn order_leaf(case: &Case) -> Option<&Logged> {
    match case {
        Case::AwaitingApproval(s) => Some(&s.leaf),
        Case::Closing(s) => Some(&s.leaf),
        Case::Closed(s) => Some(&s.leaf),
        other => other.mandate().map(|mandate| &mandate.leaf),
    }
}
