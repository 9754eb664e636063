//! Judging a notice: with the provider's policy and the file alone (NOT-19).

use std::collections::BTreeSet;

use seal::identity::{Identity, KeyId};
use seal::merkle;
use seal::selector::Selector;

use super::{FrameField, IntentPart, Notice, OwnIdentity, Proven, SignedNotice};
use crate::document::DocumentError;
use crate::intent::identity_leaf;
use crate::log;
use crate::log::proof::TlogProof;
use crate::order::{ScopeItem, frame_field_digest, frame_octets, order_commitment, scope_leaf};
use crate::policy::Policy;
use crate::record::{Digest, Kind, Opening, Parent, Value};

/// Frame field numbers and the record field that has the same octets.
pub(super) const SAME: [(u16, u8); 8] = [(1, 22), (2, 18), (3, 3), (4, 4), (5, 5), (6, 6), (7, 7), (9, 9)];
const FRAME_SELECTOR: u16 = 0x100;
/// Selectors of others, case reference, members (NOT-11).
pub(super) const NEVER_SHOWN: [u8; 3] = [8, 9, 24];

/// Why a notice is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeError {
    Document(DocumentError),
    /// NOT-01: the frame does not give the order's commitment, or contradicts the opened leaf.
    Frame,
    /// NOT-08: not signed by the authority that the order names.
    NotByAuthority,
    /// NOT-11: it names somebody else, a member or a case.
    NamesOthers,
    /// NOT-12: the due quarter has not begun.
    BeforeDue,
    /// NOT-19: a leaf does not stand in the log as it says.
    NotLogged(log::Refusal),
    /// NOT-19: something in it does not belong to the order.
    NotOfOrder {
        what: &'static str,
    },
    /// NOT-19: it names nothing about the person.
    Empty,
}

impl NoticeError {
    pub fn code(&self) -> &'static str {
        match self {
            NoticeError::Document(error) => error.code(),
            NoticeError::Frame => "NOT-01",
            NoticeError::NotByAuthority => "NOT-08",
            NoticeError::NamesOthers => "NOT-11",
            NoticeError::BeforeDue => "NOT-12",
            NoticeError::NotLogged(_) | NoticeError::NotOfOrder { .. } | NoticeError::Empty => "NOT-19",
        }
    }
}

impl std::fmt::Display for NoticeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoticeError::Document(error) => return error.fmt(f),
            NoticeError::NotLogged(refusal) => return write!(f, "NOT-19: {refusal}"),
            NoticeError::NotOfOrder { what } => return write!(f, "NOT-19: {what} does not belong to the order"),
            _ => {}
        }
        let text = match self {
            NoticeError::Frame => "the fields do not give the order's commitment",
            NoticeError::NotByAuthority => "not signed by the authority that the order names",
            NoticeError::NamesOthers => "it names somebody else, a member or a case",
            NoticeError::BeforeDue => "the quarter in which notice is due has not begun",
            _ => "it says nothing about this person",
        };
        write!(f, "{}: {text}", self.code())
    }
}

impl std::error::Error for NoticeError {}

impl From<DocumentError> for NoticeError {
    fn from(error: DocumentError) -> NoticeError {
        NoticeError::Document(error)
    }
}

/// A notice whose every statement follows from the log and the order. Made only by [`SignedNotice::check`].
///
/// ```compile_fail
/// let notice: &verify::notice::Notice = todo!();
/// let checked = verify::notice::CheckedNotice { notice, place: todo!(), origin: String::new(), index: 0 };
/// ```
#[derive(Debug)]
pub struct CheckedNotice<'n> {
    notice: &'n Notice,
    place: Parent,
    origin: String,
    index: u64,
}

impl<'n> CheckedNotice<'n> {
    pub fn notice(&self) -> &'n Notice {
        self.notice
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub fn index(&self) -> u64 {
        self.index
    }

    /// D of the order's leaf; what the code on the letter is of.
    pub fn d(&self) -> Digest {
        self.notice.order.d()
    }

    /// Fields of the notice leaf (kind 5): C_ord and ids_root, and nothing of the person (NOT-13, NOT-20).
    pub fn leaf_values(&self) -> Vec<Value> {
        let shown = |id| self.notice.order.shown(id).cloned();
        let of_intent = self.notice.intents.first().and_then(|intent| intent.opening.shown(25).cloned());
        let ids_root = of_intent.unwrap_or(Value::IdsRoot(merkle::empty_root()));
        let copied = [5, 18, 19].into_iter().filter_map(shown);
        copied.chain([Value::Kind(Kind::Notice), Value::Parent(self.place), ids_root]).collect()
    }
}

impl SignedNotice {
    /// Everything that the file claims, from the policy alone.
    pub fn check(&self, policy: &Policy) -> Result<CheckedNotice<'_>, NoticeError> {
        let notice = &self.notice;
        let not_of = |what| NoticeError::NotOfOrder { what };
        // NOT-08
        let Some(Value::Authority(authority)) = notice.order.shown(18) else { return Err(NoticeError::NotByAuthority) };
        let key = policy.authority(authority).map(|entry| entry.key.key()).ok_or(NoticeError::NotByAuthority)?;
        key.verify(notice.to_text().as_bytes(), &self.signature).map_err(|_| NoticeError::NotByAuthority)?;
        // The leaf of the order, and that it is one of this provider.
        let is_order = matches!(notice.order.shown(1), Some(Value::Kind(Kind::Order | Kind::Emergency | Kind::Preservation)));
        let ours = notice.order.shown(5) == Some(&Value::Provider(policy.parts().provider));
        if !is_order || !ours {
            return Err(not_of("the opened leaf"));
        }
        let (origin, index) = logged(policy, &notice.order, &notice.order_proof)?;
        check_frame(notice)?;
        check_persons(notice)?;
        let Some(Value::ScopeRoot(root)) = notice.order.shown(16) else { return Err(not_of("the scope")) };
        for proven in &notice.scope {
            in_tree(proven, &scope_leaf(&proven.eta, &proven.leaf), root).ok_or(not_of("a scope item"))?;
        }
        let place = Parent::new(&origin, index);
        for intent in &notice.intents {
            check_intent(notice, intent, policy, place, &origin)?;
        }
        Ok(CheckedNotice { notice, place, origin, index })
    }
}

fn logged(policy: &Policy, opening: &Opening, proof: &TlogProof) -> Result<(String, u64), NoticeError> {
    let logged = proof.verify(opening.leaf_hash(), policy.orders(), None).map_err(NoticeError::NotLogged)?;
    Ok((logged.head().head().origin.to_string(), logged.leaf().index()))
}

fn in_tree<T>(proven: &Proven<T>, leaf: &[u8], root: &Digest) -> Option<()> {
    merkle::verify_inclusion(proven.index, proven.size, &merkle::leaf_hash(leaf), &proven.path, root).ok()
}

/// NOT-01: shown fields and digests give C_ord, and no field says otherwise than the opened leaf.
fn check_frame(notice: &Notice) -> Result<(), NoticeError> {
    let digest = |(number, field): (&u16, &FrameField)| match field {
        FrameField::Shown { eta, value } => (*number, frame_field_digest(eta, *number, value)),
        FrameField::Withheld(digest) => (*number, *digest),
    };
    let digests = notice.frame.iter().map(digest).collect();
    let commitment = order_commitment(&notice.rho, &frame_octets(&digests));
    let agrees = |(number, id): (u16, u8)| match (notice.frame.get(&number), notice.order.shown(id)) {
        (Some(FrameField::Shown { value, .. }), Some(shown)) => *value == shown.to_bytes(),
        _ => true,
    };
    let given = notice.order.shown(19) == Some(&Value::OrderFrame(commitment));
    if given && SAME.into_iter().all(agrees) { Ok(()) } else { Err(NoticeError::Frame) }
}

/// NOT-11.
fn check_persons(notice: &Notice) -> Result<(), NoticeError> {
    let own: BTreeSet<&Selector> = notice.scope.iter().map(|proven| proven.leaf.selector()).collect();
    if own.is_empty() {
        return Err(NoticeError::Empty);
    }
    let openings = notice.intents.iter().map(|intent| &intent.opening).chain([&notice.order]);
    let hidden = openings.into_iter().all(|opening| NEVER_SHOWN.iter().all(|id| opening.shown(*id).is_none()));
    let of_own = |value: &[u8]| own.iter().any(|selector| Value::Selectors(vec![(*selector).clone()]).to_bytes() == value);
    let frame = notice.frame.iter().all(|(number, field)| match field {
        FrameField::Shown { value, .. } => *number != 9 && (*number < FRAME_SELECTOR || of_own(value)),
        FrameField::Withheld(_) => true,
    });
    let identities = notice.intents.iter().flat_map(|intent| &intent.identities);
    let asked = identities.into_iter().all(|proven| own.contains(proven.leaf.item.selector()));
    if hidden && frame && asked { Ok(()) } else { Err(NoticeError::NamesOthers) }
}

fn check_intent(notice: &Notice, intent: &IntentPart, policy: &Policy, order: Parent, origin: &str) -> Result<(), NoticeError> {
    let not_of = |what| NoticeError::NotOfOrder { what };
    let is_intent = intent.opening.shown(1) == Some(&Value::Kind(Kind::Intent));
    if !is_intent || intent.opening.shown(15) != Some(&Value::Parent(order)) {
        return Err(not_of("an intent"));
    }
    if logged(policy, &intent.opening, &intent.proof)?.0 != origin {
        return Err(not_of("an intent"));
    }
    let Some(Value::IdsRoot(root)) = intent.opening.shown(25) else { return Err(not_of("an intent")) };
    for proven in &intent.identities {
        let identity = identity(notice, &proven.leaf, policy).ok_or(not_of("an identity"))?;
        in_tree(proven, &identity_leaf(&proven.eta, &identity), root).ok_or(not_of("an identity"))?;
        let item = &proven.leaf.item;
        let slot = seal::identity::Slot::new(item.slot_len(), item.first()).map_err(|_| not_of("an identity"))?;
        // What was asked for and not ordered would be the scandal that this letter is for.
        if !notice.scope.iter().any(|proven| proven.leaf.names(item.selector(), item.category(), slot)) {
            return Err(not_of("an identity"));
        }
    }
    Ok(())
}

fn identity(notice: &Notice, own: &OwnIdentity, policy: &Policy) -> Option<Identity> {
    let item: &ScopeItem = &own.item;
    let slot = seal::identity::Slot::new(item.slot_len(), item.first()).ok().filter(|_| item.count() == 1)?;
    let (key_id, provider) = (KeyId(notice.key_id), policy.parts().provider);
    Identity::new(key_id, provider, item.category(), slot, item.selector().clone(), own.salt).ok()
}
