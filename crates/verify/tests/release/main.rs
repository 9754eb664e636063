//! The one list, from outside (TSE-28, TSE-29, section 5 of release.md). Each test changes one thing of one good case.

mod budgets;
mod conditions;
mod each;
mod late;
mod memory;
mod order_facts;
mod pairs;
mod rules;
mod salts;
mod signing;
mod slots;
#[path = "../support/mod.rs"]
mod support;

use support::{Plan, World};
use verify::names::DirectoryId;
use verify::record::{DraftRecord, Kind, Parent, Record, SignedRecord, Value};

/// The rule that refuses the plan with this change.
fn refused(change: impl FnOnce(&mut Plan)) -> Option<u8> {
    let mut plan = Plan::default();
    change(&mut plan);
    plan.build().verdict()
}

fn id(text: &str) -> DirectoryId {
    DirectoryId::parse(text).unwrap()
}

/// A record of another kind, signed.
fn related(world: &World, signer: &str, values: Vec<Value>) -> SignedRecord {
    let mut entropy = seal::entropy::SeededEntropy::new([3; 32]);
    let draft = DraftRecord::draw(Record::draw(values, &mut entropy).unwrap(), &mut entropy);
    let signature = world.signer(signer).sign_message(&draft.record.message());
    draft.signed(signature.to_vec())
}

/// The fields that every record under an order has, and more.
fn under(kind: Kind, order: Parent, more: Vec<Value>) -> Vec<Value> {
    let provider = Value::Provider(support::world::PROVIDER);
    let mut values = vec![Value::Kind(kind), provider, Value::Parent(order), Value::Authority(id("nl.om"))];
    values.extend(more);
    values
}
