//! Whoever is corrupt, all in one head: what it has seen, whose shares it holds, and what it tries with them.

use super::World;
use super::cast::{Cast, SLOT, signer};
use super::fault::{Attack, Forgery, Which};
use super::interpolation;
use super::invariant::Invariant;
use super::sabotage::Sabotage;
use crate::oracle::Ordered;
use seal::identity::{Category, Identity, Slot};
use seal::points::G1Point;
use seal::selector::Selector;
use std::collections::{BTreeMap, BTreeSet};
use verify::bundle::Bundle;
use verify::policy::{CommitteeName, MemberId};

#[derive(Default)]
pub struct Adversary {
    bundles: Vec<Vec<u8>>,
    /// Partial keys by identity and member: whatever a corrupt gateway reads in the members' answers.
    partials: BTreeMap<[u8; 32], BTreeMap<MemberId, G1Point>>,
    pub shares: BTreeSet<MemberId>,
}

impl Adversary {
    pub fn saw(&mut self, bundle: &[u8]) {
        if !self.bundles.iter().any(|seen| seen == bundle) {
            self.bundles.push(bundle.to_vec());
        }
    }

    /// What an honest member gave under a permit.
    pub fn heard(&mut self, member: MemberId, points: Vec<([u8; 32], G1Point)>) {
        for (identity, point) in points {
            self.partials.entry(identity).or_default().insert(member, point);
        }
    }

    /// The key of an identity from everything at hand, if that is enough.
    fn key(&self, cast: &Cast, identity: &Identity) -> bool {
        let mut given = self.partials.get(&identity.digest()).cloned().unwrap_or_default();
        for member in &self.shares {
            if let Ok(partial) = cast.share(*member).partial_key(identity) {
                given.insert(*member, partial.point);
            }
        }
        interpolation::finds_key(&given, identity, cast.policy.public_key())
    }
}

impl World<'_> {
    pub(super) fn attack(&mut self, attack: Attack) {
        match attack {
            Attack::Forge { forgery } => self.gateway.forges = Some(forgery),
            Attack::Replay => {
                if !self.adversary.bundles.is_empty() {
                    self.bites("corrupt-gateway");
                }
                for bundle in self.adversary.bundles.clone() {
                    for id in self.trustees.keys().copied().collect::<Vec<_>>() {
                        drop(self.member_answers(id, &bundle));
                    }
                }
            }
        }
    }

    /// A bundle that no honest member may take, out of a good one. None: there is nothing to forge it with.
    pub(super) fn forge(&self, forgery: Forgery, bundle: &Bundle) -> Option<Vec<u8>> {
        let mut forged = Bundle::parse(&bundle.to_bytes()).ok()?;
        match forgery {
            Forgery::OtherOrder => forged.order = self.order_by_an_officer()?,
            Forgery::OtherIntent => {
                let other = |seen: &Vec<u8>| Bundle::parse(seen).ok().filter(|seen| seen.intent.record().d() != bundle.intent.record().d());
                forged.intent = self.adversary.bundles.iter().find_map(other)?.intent;
            }
            Forgery::OtherRequester => {
                let own = seal::hpke::PrivateKey::from_bytes(seal::secret::Secret::new([94; 32]));
                forged.requester = own.public_key().ok()?.0;
            }
            Forgery::OtherHead => {
                let store = node::log::store::Store::new(std::sync::Arc::new(self.fork(Which::Orders)?));
                forged.orders_head.note = super::block(store.read("checkpoint")).ok()??.to_vec();
            }
            Forgery::OtherPlace => forged.order_place.index ^= 1,
            Forgery::NoStatements => forged.statements.clear(),
            Forgery::NoAnchors => (forged.order_anchor, forged.intent_anchor) = (None, None),
            Forgery::Bit { at } => {
                let mut bytes = bundle.to_bytes();
                let place = at as usize % bytes.len();
                bytes[place] ^= 1 << (at >> 29);
                return Some(bytes);
            }
        }
        Some(forged.to_bytes())
    }

    /// What the court's hand would make a genuine order of.
    fn order_by_an_officer(&self) -> Option<verify::order::OrderDocument> {
        let slot = (self.begin + SLOT) / SLOT;
        let item = Ordered {
            selector: self.story.accounts[0].clone(),
            category: crate::traffic::TRAFFIC,
            from: slot * SLOT,
            until: (slot + 1) * SLOT,
        };
        let valid = (self.now - 600, self.now + 86_400);
        super::script::draft(&self.cast.policy, super::script::Plot::Past, &[item], (slot, slot), valid, 99).sign(&signer("officer-1")).ok()
    }

    /// With the shares of fewer than a threshold of one committee, all of the other, and every answer that ever went by: no key of
    /// anything that no order named (P6).
    pub(super) fn fewer_than_threshold_learn_nothing(&mut self) {
        let whole = if self.plan.seed % 2 == 0 { CommitteeName::Approvers } else { CommitteeName::Guardians };
        for name in [CommitteeName::Approvers, CommitteeName::Guardians] {
            let parts = self.cast.policy.committee_parts(name);
            let leaks = self.sabotage.is(Sabotage::SharesLeak);
            let need = usize::from(parts.committee.need);
            let count = match (name == whole, leaks) {
                (true, _) => parts.members.len(),
                // Just enough: what below it fails must succeed here.
                (false, true) => need,
                (false, false) => need - 1,
            };
            self.adversary.shares.extend(parts.members.iter().take(count).map(|row| MemberId { committee: name, index: row.index }));
        }
        let Ok(vault) = node::vault::Vault::open(&self.sealer.vault_path()) else { return };
        let released: BTreeSet<_> = self.seen.releases.iter().flat_map(|release| release.items.iter().cloned()).collect();
        let mut tried = BTreeSet::new();
        for row in self.story.rows.iter().take(self.rows_written()) {
            let item = (row.subjects[0].clone(), row.category(), row.event_ms / 1_000 / super::cast::SLOT);
            if released.contains(&item) || 3 <= tried.len() || !tried.insert(item.clone()) {
                continue;
            }
            let (Ok(selector), Ok(category)) = (Selector::from_text(&item.0), Category::new(item.1)) else { continue };
            let Ok(slot) = Slot::new(self.cast.policy.slot_len(), item.2) else { continue };
            let Ok(Some(salt)) = vault.known_salt(&selector, slot.start()) else { continue };
            let key_id = self.cast.policy.key_id();
            let Ok(identity) = Identity::new(key_id, super::cast::PROVIDER, category, slot, selector, salt) else { continue };
            if self.adversary.key(self.cast, &identity) {
                return self.breaks(Invariant::FewerThanThresholdLearnNothing, format!("a key for category {} of hour {}", item.1, item.2));
            }
        }
    }
}
