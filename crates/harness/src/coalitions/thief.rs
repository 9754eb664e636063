//! Everybody who is up to no good, with what they have: takes keys, values and segments together in every way that it can think of.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use node::vault::Vault;
use seal::committee::IdentityKey;
use seal::identity::{Identity, Salt};
use seal::merkle::Hash;
use verify::policy::{CommitteeName, MemberId};

use super::house::{Copied, Held, House, Package, identity, is_of, opened, selector, value};
use super::{CATEGORIES, Coalition, Flaw, SUBJECTS};
use crate::world::cast::{Cast, DAY_ZERO};
use crate::world::interpolation::{finds_key, key_of_all};

/// Below a threshold every subset of the shares is tried for so many identities; for the others, all shares together.
const THOROUGHLY: usize = 2;

type Known = BTreeMap<([u8; 32], u8, u8), Option<Rc<IdentityKey>>>;

pub struct Thief<'c> {
    cast: &'c Cast,
    flaw: Flaw,
    segments: BTreeMap<Hash, Held>,
    keys: Vec<Copied>,
    salts: Vec<Copied>,
    pub packages: Vec<Package>,
    /// Keys by identity and number of shares, worked out once.
    worked_out: RefCell<Known>,
}

impl<'c> Thief<'c> {
    pub fn new(cast: &'c Cast, flaw: Flaw) -> Thief<'c> {
        let (segments, keys, salts, packages) = (BTreeMap::new(), Vec::new(), Vec::new(), Vec::new());
        Thief { cast, flaw, segments, keys, salts, packages, worked_out: RefCell::default() }
    }

    pub fn takes_store(&mut self, house: &House) {
        self.segments.extend(house.held().into_iter().map(|held| (held.epoch.leaf.epoch_hash, held)));
    }

    pub fn takes_keys(&mut self, house: &House) {
        self.keys.push(house.copy_of_vault());
    }

    pub fn takes_salts(&mut self, house: &House) {
        self.salts.push(house.copy_of_vault());
    }

    /// The rows that this coalition opens.
    pub fn opens(&self, house: &House, who: &Coalition) -> BTreeSet<u64> {
        let mut rows: BTreeSet<u64> = self.packages_of(who).flat_map(|package| &package.rows).copied().collect();
        let mut segments = if who.stolen_store { self.segments.clone() } else { BTreeMap::new() };
        if who.store {
            segments.extend(house.held().into_iter().map(|held| (held.epoch.leaf.epoch_hash, held)));
        }
        let salts = self.salts_of(house, who);
        for held in segments.values() {
            for identity in self.identities(held, &salts) {
                let Some(key) = self.key(&identity, who) else { continue };
                for value in self.values(house, who, held, &identity) {
                    rows.extend(opened(&key, held, &value));
                }
            }
        }
        rows
    }

    fn packages_of(&self, who: &Coalition) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|_| who.packages)
    }

    /// Every salt that anybody of them knows, by person.
    fn salts_of(&self, house: &House, who: &Coalition) -> BTreeSet<(u8, Salt)> {
        let mut vaults: Vec<&Vault> = if who.stolen_salts { self.salts.iter().map(|copied| &copied.vault).collect() } else { Vec::new() };
        vaults.extend(who.salts.then_some(house.vault()));
        let ask = |vault: &Vault, subject| vault.known_salt(&selector(subject), DAY_ZERO).expect("a vault").map(|salt| (subject, salt));
        let mut salts: BTreeSet<(u8, Salt)> = vaults.iter().flat_map(|vault| (0..SUBJECTS).filter_map(|s| ask(vault, s))).collect();
        for key in self.packages_of(who).flat_map(|package| &package.keys) {
            let subject = (0..SUBJECTS).find(|subject| selector(*subject) == *key.identity().selector()).expect("one of the three");
            salts.insert((subject, key.identity().salt()));
        }
        salts
    }

    fn identities(&self, held: &Held, salts: &BTreeSet<(u8, Salt)>) -> Vec<Identity> {
        let hour = held.epoch.header.start.saturating_sub(DAY_ZERO) / 3_600;
        let all = (0..CATEGORIES).flat_map(|category| salts.iter().map(move |(subject, salt)| (category, *subject, *salt)));
        let of = |(category, subject, salt)| identity(self.cast, category, &selector(subject), salt, hour);
        all.map(of).filter(|identity| is_of(identity, &held.epoch)).collect()
    }

    fn key(&self, identity: &Identity, who: &Coalition) -> Option<Rc<IdentityKey>> {
        let mut given = self.packages_of(who).flat_map(|package| &package.keys);
        if let Some(key) = given.find(|key| key.identity() == identity) {
            return Some(Rc::clone(key));
        }
        let place = (identity.digest(), who.approvers, who.guardians);
        if let Some(known) = self.worked_out.borrow().get(&place) {
            return known.clone();
        }
        let key = self.work_out(identity, who);
        self.worked_out.borrow_mut().insert(place, key.clone());
        key
    }

    fn work_out(&self, identity: &Identity, who: &Coalition) -> Option<Rc<IdentityKey>> {
        let more = u8::from(self.flaw == Flaw::SharesAreWorthMore);
        let members = [(CommitteeName::Approvers, who.approvers + more), (CommitteeName::Guardians, who.guardians)];
        let ids = members.into_iter().flat_map(|(committee, count)| (1..=count).map(move |index| MemberId { committee, index }));
        let ids = ids.filter(|id| self.cast.policy.member(*id).is_some());
        let given: BTreeMap<_, _> = ids.map(|id| (id, self.cast.share(id).partial_key(identity).expect("a partial key").point)).collect();
        let public = self.cast.policy.public_key();
        let so_far = self.worked_out.borrow().keys().filter(|(_, a, g)| (*a, *g) == (who.approvers, who.guardians)).count();
        if !who.has_both_thresholds() && so_far < THOROUGHLY {
            assert!(more == 1 || !finds_key(&given, identity, public), "{who:?} puts a key together");
        }
        let point = key_of_all(&given, identity, public)?;
        IdentityKey::check(&point.to_bytes(), identity, public).ok().map(Rc::new)
    }

    fn values(&self, house: &House, who: &Coalition, held: &Held, identity: &Identity) -> Vec<seal::retention::BucketProof> {
        let mut vaults: Vec<&Vault> = if who.stolen_keys { self.keys.iter().map(|copied| &copied.vault).collect() } else { Vec::new() };
        if who.keys {
            vaults.push(house.vault());
            vaults.extend(house.backups.iter().map(|copied| &copied.vault));
        }
        let mut values: Vec<_> = vaults.iter().filter_map(|vault| value(vault, held, identity, 0)).collect();
        let disclosed = self.packages_of(who).flat_map(|package| &package.values);
        values.extend(disclosed.filter(|(epoch, _)| *epoch == held.epoch.leaf.epoch_hash).map(|(_, value)| value.clone()));
        values
    }
}
