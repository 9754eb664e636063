//! The body of oversight: an account that nobody else knows to be its own, notes of what that account did, one order about it.
//!
//! It has what an overseer has, and no more: its notes, and what left the house under its order. The comparison is the product's.

use super::World;
use super::cast::SLOT;
use super::invariant::Invariant;
use super::script::Plot;
use crate::chance::Chance;
use crate::traffic::{Kind, Story, TRAFFIC};
use node::oversight::canary::{Answer, Asked, Sent, Subject, judge};
use seal::catalogue::RecordType;
use serde_json::{Map, json};
use verify::package::RawPackage;

/// One account among all, of those that have at least two records.
pub fn account(story: &Story, chance: &mut Chance) -> String {
    let of = |account: &&String| story.rows.iter().filter(|row| row.category() == TRAFFIC && row.subjects.contains(account)).count();
    let busy: Vec<&String> = story.accounts.iter().filter(|account| 2 <= of(account)).collect();
    if busy.is_empty() { story.accounts[0].clone() } else { (*chance.pick(&busy)).clone() }
}

impl World<'_> {
    /// What the overseer wrote down while its account was in use.
    fn notes(&self, account: &str) -> Vec<Sent> {
        let own = self.story.rows.iter().filter(|row| row.subjects.iter().any(|subject| subject == account));
        let note = |row: &crate::traffic::Row| {
            let Kind::Message { sender, recipients, sent, size } = &row.kind else { return None };
            let fields = json!({
                "direction": if *sent { "sent" } else { "received" }, "sender": sender, "recipients": recipients, "size": size,
            });
            let fields: Map<_, _> = fields.as_object().cloned().unwrap_or_default();
            Some(Sent { at_ms: row.event_ms, fields })
        };
        own.filter_map(note).collect()
    }

    /// SEA-74: everything that it sent, and nothing else.
    pub(super) fn canary_comes_back(&mut self) {
        let (Some(account), false) = (self.canary.clone(), self.stands_still()) else { return };
        let Some(order) = self.script.iter().find(|scripted| scripted.plot == Plot::Canary) else { return };
        let subject = Subject { selector: account.clone(), category: RecordType::Traffic };
        let mut answers = Vec::new();
        for octets in self.gateway.outbox.values() {
            let Ok(package) = RawPackage::read(octets).and_then(RawPackage::check) else { continue };
            let document = verify::order::OrderDocument::parse(&package.log().order.document);
            if document.is_ok_and(|document| document.record().d() == order.d) {
                answers.extend(Answer::of_package(&package, &subject));
            }
        }
        let (from, until) = (self.begin + SLOT, self.begin + (1 + self.plan.shape.hours) * SLOT);
        let (notes, asked) = (self.notes(&account), Asked { from, until, tolerance_ms: 0 });
        let faults = judge(&notes, &answers, asked);
        self.canary_rows = notes.len();
        if let Some(fault) = faults.first() {
            let what = format!("{} alarms about {account}, first: {fault}", faults.len());
            self.breaks(Invariant::CanariesComeBack, what);
        }
    }
}
