//! What the gateway checks when an order comes in: the order's part of the trustees' list (REL-07 to REL-12, REL-22, limits of
//! REL-02 and REL-23), with the same policy. It spares people and the log an order that no trustee would serve; trustees judge
//! the whole bundle again and trust nothing of this.

use super::papers::{Order, Refused, parse_order};
use super::rules::Rules;
use verify::policy::{AssuranceRule, DirectoryEntry, Policy};
use verify::record::{Assurance, Record};

/// The REL numbers above.
pub fn order(rules: &Rules, bytes: &[u8], now: u64) -> Result<Order, Refused> {
    let order = parse_order(bytes)?;
    let policy = &rules.policy;
    let signed = order.document.record();
    let record = signed.record();
    if record.provider() != Some(policy.parts().provider) {
        return Err(Refused::new("REL-20", "the order is addressed to another provider", "send it to the provider that it names"));
    }
    if record.policy_hash().is_none_or(|hash| !policy.answers_for(&hash)) {
        return Err(Refused::new(
            "REL-22",
            "the order names another policy than ours",
            "draft it again under the provider's present policy",
        ));
    }
    if !policy.parts().in_force.covers(now) {
        return Err(Refused::new("REL-22", "our policy is not in force now", "the provider has to put a new policy in force"));
    }
    let len = policy.slot_len();
    if order.document.scope().items().any(|item| item.slot_len() != len) {
        return Err(Refused::new(
            "REL-14",
            "the order names slots of another length",
            "draft it again under the provider's present policy",
        ));
    }
    if rules.own_slots(order.first_slot, order.last_slot).is_none() {
        return Err(Refused::new(
            "REL-20",
            "none of the ordered hours lies in the period of our committee key",
            "send it to the gateway of the period in which they lie; its policy names the period",
        ));
    }
    signer(policy, &order, now)?;
    if !record.validity().is_some_and(|span| span.covers(now)) {
        return Err(Refused::new("REL-12", "the order is not valid now", "ask the court for an order that is valid"));
    }
    // LOG-43
    let latest = now.saturating_add(policy.times().max_seal);
    if record.seal_until().is_none_or(|until| latest < until) {
        return Err(Refused::new(
            "LOG-43",
            "the order would stay sealed for longer than the policy allows",
            "choose an earlier seal_until",
        ));
    }
    purpose(policy, &order)?;
    limits(policy, &order)?;
    Ok(order)
}

/// REL-10, REL-11: in force, competent for every category, and the signature fits.
fn signer(policy: &Policy, order: &Order, now: u64) -> Result<(), Refused> {
    let signed = order.document.record();
    let record = signed.record();
    let categories = record.categories().unwrap_or(&[]);
    if record.assurance() == Some(Assurance::Attested) && !order.emergency {
        return attested(policy, order, now);
    }
    // Who signs natively: the court if one is named, else the authority itself (a prosecutor, where law.md says so).
    let id = match order.emergency {
        true => &order.authority,
        false => record.court().unwrap_or(&order.authority),
    };
    let Some(entry) = policy.authority(id) else {
        return Err(Refused::new(
            "REL-10",
            format!("{} does not stand in the policy", id.as_str()),
            "sign with a key that the provider's policy names",
        ));
    };
    let competent = match order.emergency {
        true => entry.may_sign_emergency(categories, order.validity.0),
        false => entry.may_sign(categories, order.validity.0),
    };
    in_time(policy, order, entry, now)?;
    if !competent {
        return Err(Refused::new(
            "REL-10",
            format!("{} may not sign an order for these categories now", id.as_str()),
            "let a court that the policy names for every category sign it",
        ));
    }
    signed
        .verify_native(entry.key.key())
        .map_err(|_| Refused::new("REL-11", format!("the signature is not {}'s", id.as_str()), "sign the order again, unchanged"))
}

/// REL-10, T9: the signature has no time of its own, so the signer has to be in force when the order begins and now.
fn in_time(policy: &Policy, order: &Order, entry: &DirectoryEntry, now: u64) -> Result<(), Refused> {
    let times = policy.times();
    if [order.validity.0, now].into_iter().all(|at| entry.is_usable(at, times)) {
        return Ok(());
    }
    Err(Refused::new(
        "REL-10",
        format!("{} was not in force from the beginning of validity until now, or its key is too new", entry.id.as_str()),
        format!("a new key waits {} s; an order of an office that is over has to be signed again by its successor", times.key_waiting),
    ))
}

fn attested(policy: &Policy, order: &Order, now: u64) -> Result<(), Refused> {
    let signed = order.document.record();
    if let Some(entry) = policy.authority(&order.authority) {
        in_time(policy, order, entry, now)?;
    }
    for category in signed.record().categories().unwrap_or(&[]) {
        let suffices = policy.category(*category).is_some_and(|rule| rule.assurance == AssuranceRule::AttestedToo);
        if !suffices {
            return Err(Refused::new(
                "REL-11",
                format!("category {} needs a natively signed order", category.number()),
                "ask the court to sign natively",
            ));
        }
    }
    let attesters = &policy.parts().attesters;
    let keys: Vec<_> = attesters.keys.iter().map(|vkey| vkey.key()).collect();
    signed
        .verify_attested(&keys, attesters.need)
        .map_err(|error| Refused::new("REL-11", error.to_string(), "let the approvers compare and sign again"))
}

/// REL-22: category × authority × purpose.
fn purpose(policy: &Policy, order: &Order) -> Result<(), Refused> {
    let record: &Record = order.document.record().record();
    let categories = record.categories().unwrap_or(&[]);
    let authority = policy.authority(&order.authority).filter(|entry| entry.may_request(categories));
    if authority.is_none() {
        return Err(Refused::new("REL-22", format!("{} may not receive these categories", order.authority.as_str()), "narrow the order"));
    }
    let allowed = record.instrument().and_then(|name| policy.instrument(name));
    if !allowed.is_some_and(|rule| categories.iter().all(|category| rule.categories.contains(category))) {
        return Err(Refused::new(
            "REL-22",
            "the instrument does not allow these categories",
            "use an instrument that does, or narrow the order",
        ));
    }
    Ok(())
}

/// REL-02 and the parts of REL-23 that one order can break by itself.
fn limits(policy: &Policy, order: &Order) -> Result<(), Refused> {
    let limits = policy.limits();
    let scope = order.document.scope();
    if limits.identities_per_order < scope.identity_count() {
        return Err(Refused::new("REL-23", "the order names more identities than one order may", "narrow it, or ask in several orders"));
    }
    if limits.slots_per_order < order.last_slot - order.first_slot + 1 {
        return Err(Refused::new("REL-23", "the order spans more slots than one order may", "narrow it, or ask in several orders"));
    }
    // One slot of all selectors has to fit into one intent, else the order could never be served.
    let widest = scope.items().map(|item| order.identities(item.first(), item.first())).max().unwrap_or(0);
    if limits.identities_per_intent < widest {
        return Err(Refused::new(
            "REL-02",
            "one slot of the order has more identities than one intent may",
            "name fewer selectors in one order",
        ));
    }
    Ok(())
}
