//! From the members' sealed answers to the keys of the batch: open the envelopes, combine, name culprits (SEA-62).

use super::answers::member_id;
use super::papers::parse_order;
use super::rules::Rules;
use crate::cases::state::Asking;
use seal::committee::{CombineError, IdentityKey, Partials, combine};
use seal::entropy::Entropy;
use seal::hpke::{self, PrivateKey};
use seal::points::G1Point;
use std::collections::BTreeMap;
use verify::intent::IntentDocument;
use verify::policy::{CommitteeName, MemberId};
use verify::receipt::{PartialKeys, ReleaseAnswer};
use verify::release::order_leaf;
use zeroize::Zeroizing;

/// Why there are no keys. None of these gets better by trying again with the same answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoKeys {
    /// GWY-17: too few members gave keys that hold; these did not.
    Culprits(Vec<String>),
    /// GWY-18: order, intent or answers are not what was stored.
    Documents(String),
}

impl NoKeys {
    pub fn code(&self) -> &'static str {
        match self {
            NoKeys::Culprits(_) => "GWY-17",
            NoKeys::Documents(_) => "GWY-18",
        }
    }
}

impl std::fmt::Display for NoKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoKeys::Culprits(names) => write!(f, "these members gave keys that do not hold: {}", names.join(", ")),
            NoKeys::Documents(text) => f.write_str(text),
        }
    }
}

/// Partial keys by committee and Shamir index.
type Given = BTreeMap<MemberId, Vec<G1Point>>;

/// Opens and combines. A member whose envelope or keys do not hold is left out and named; the others suffice if they are enough.
pub fn combined(rules: &Rules, engine: &PrivateKey, asking: &Asking, entropy: &mut dyn Entropy) -> Result<Vec<IdentityKey>, NoKeys> {
    let bad = |error: &dyn std::fmt::Display| NoKeys::Documents(error.to_string());
    let order = parse_order(&asking.mandate().file.order.0).map_err(|error| bad(&error))?;
    let intent = IntentDocument::parse(&asking.soaked.intended.intent.0).map_err(|error| bad(&error))?;
    let identities = intent.derive(rules.policy.key_id()).map_err(|error| bad(&error))?;
    let digests: Vec<[u8; 32]> = identities.iter().map(|identity| identity.digest()).collect();
    let index = asking.mandate().leaf.index;
    let info = order_leaf(order.document.record().record(), index).ok_or_else(|| bad(&"the order has no order leaf"))?;
    let (mut given, mut culprits) = (Given::new(), Vec::new());
    for (name, document) in &asking.answers {
        let member = member_id(rules, name).ok_or_else(|| bad(&"an answer of no member"))?;
        match open(engine, &info, index, member, &digests, &document.0) {
            Some(points) => drop(given.insert(member, points)),
            None => culprits.push(name.clone()),
        }
    }
    loop {
        let of = |committee: CommitteeName| -> Partials {
            given.iter().filter(|(id, _)| id.committee == committee).map(|(id, points)| (id.index, points.clone())).collect()
        };
        let (approvers, guardians) = (of(CommitteeName::Approvers), of(CommitteeName::Guardians));
        let approver_side = (rules.policy.committee(CommitteeName::Approvers), &approvers);
        let guardian_side = (rules.policy.committee(CommitteeName::Guardians), &guardians);
        match combine(approver_side, guardian_side, rules.policy.public_key(), &identities, entropy) {
            Ok(keys) => return Ok(keys),
            Err(CombineError::Culprits(found)) => {
                let before = given.len();
                let wrong = |id: &MemberId| match id.committee {
                    CommitteeName::Approvers => found.approvers.contains(&id.index),
                    CommitteeName::Guardians => found.guardians.contains(&id.index),
                };
                culprits.extend(given.keys().filter(|id| wrong(id)).map(|id| name(rules, *id)));
                given.retain(|id, _| !wrong(id));
                if given.len() == before {
                    return Err(NoKeys::Culprits(culprits));
                }
            }
            Err(_) => return Err(NoKeys::Culprits(culprits)),
        }
    }
}

fn name(rules: &Rules, id: MemberId) -> String {
    rules.policy.member(id).map_or_else(|| id.to_string(), |row| row.receipt_key.name().as_str().to_owned())
}

fn open(engine: &PrivateKey, info: &[u8], index: u64, member: MemberId, digests: &[[u8; 32]], document: &[u8]) -> Option<Vec<G1Point>> {
    let sealed = ReleaseAnswer::parse(document).ok()?.sealed?;
    // Partial keys are secrets: they test a guessed identity (SEA-57).
    let octets = Zeroizing::new(hpke::open(engine, info, &[], &sealed).ok()?);
    let keys = PartialKeys::decode(&octets, index, member, digests).ok()?;
    keys.keys.iter().map(|(_, point)| G1Point::parse(point).ok()).collect()
}
