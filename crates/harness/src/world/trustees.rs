//! Eight members: the product's judge, journal and shares on disks of paper. A corrupt one is the adversary's hand.

use super::World;
use super::cast::receipt_signer;
use super::disk::{Death, Paper};
use super::fault::Lie;
use super::invariant::Invariant;
use super::sabotage::Sabotage;
use super::seen::Release;
use seal::entropy::SeededEntropy;
use seal::hpke;
use seal::points::G1Point;
use std::collections::BTreeSet;
use trustee::audit::Audit;
use trustee::clock::Reading;
use trustee::issue;
use trustee::kept;
use trustee::state::State;
use verify::bundle::Bundle;
use verify::log::checkpoint::Checkpoint;
use verify::log::note::SignedNote;
use verify::policy::MemberId;
use verify::receipt::{PartialKeys, RefusalAnswer, ReleaseAnswer, ReleaseReceipt, SignedReceipt};

pub struct TrusteeRole {
    pub paper: Paper,
    pub away_until: u64,
    pub lie: Option<Lie>,
    /// Its disk has lied: what it promised is no better than that.
    pub is_unreliable: bool,
    /// Rest after a crash that a write brings about.
    pub rest: u64,
}

impl TrusteeRole {
    pub fn new(paper: Paper) -> TrusteeRole {
        TrusteeRole { paper, away_until: 0, lie: None, is_unreliable: false, rest: 0 }
    }

    pub fn kept_sizes(&self, origin: &str) -> Vec<u64> {
        let Ok(kept) = kept::look(&self.paper) else { return Vec::new() };
        kept.heads().filter(|(name, _)| name.as_str() == origin).map(|(_, head)| head.size).collect()
    }

    /// Lines of the own log that tell of a release.
    pub fn lines(&self) -> usize {
        Audit::open(&self.paper).map_or(0, |audit| audit.entries().len())
    }
}

/// What a bundle asks for, as (selector, category, slot).
pub fn asked(bundle: &Bundle) -> BTreeSet<(String, u16, u64)> {
    bundle.intent.identities().iter().map(|row| (row.selector.to_string(), row.category.number(), row.slot.no())).collect()
}

impl World<'_> {
    /// One run of the program: bundle in, answer out, or nothing.
    pub(super) fn member_answers(&mut self, id: MemberId, bundle: &[u8]) -> Option<Vec<u8>> {
        let now = self.now;
        let role = self.trustees.get(&id)?;
        if now < role.away_until {
            self.bites("trustee-away");
            return None;
        }
        if let Some(lie) = role.lie {
            self.bites("corrupt-trustee");
            return self.member_lies(id, lie, bundle);
        }
        let paper = role.paper.clone();
        let (lines, before) = (role.lines(), paper.copy());
        let reading = Reading { wall: now, machine: Some(("boot".to_owned(), now)) };
        let entropy = &mut SeededEntropy::new(self.draw());
        let answered =
            State::open(paper.clone()).ok().and_then(|state| issue::answer(&state, &self.cast.policy, bundle, &reading, entropy).ok());
        if paper.is_dead() {
            self.member_dies(id);
            return None;
        }
        let mut answer = answered?;
        match self.sabotage {
            Sabotage::MembersBelieve if !answer.is_released => {
                let parsed = Bundle::parse(bundle).ok()?;
                answer.bytes = self.keys_unasked(id, &parsed, false)?;
                answer.is_released = true;
            }
            Sabotage::MembersWriteNothing => paper.restore(&before),
            Sabotage::AnswersAreTorn => drop(answer.bytes.pop()),
            _ => {}
        }
        if answer.is_released {
            self.saw_release(id, bundle, &answer.bytes, lines);
        }
        Some(answer.bytes)
    }

    /// Folders as they were before anything was asked.
    pub(super) fn members_forget(&mut self) {
        for (id, role) in &self.trustees {
            role.paper.restore(&self.cast.members[id]);
        }
    }

    fn member_dies(&mut self, id: MemberId) {
        let now = self.now;
        if let Some(role) = self.trustees.get_mut(&id) {
            let forgot = role.paper.restart();
            role.away_until = now + role.rest;
            self.bites(if forgot { "forget-trustee" } else { "crash-trustee" });
        }
    }

    /// What it writes from then on is in a cache that never reaches the disk; a little later it dies.
    pub(super) fn member_forgets_from(&mut self, id: MemberId, write: u64, rest: u64) {
        if let Some(role) = self.trustees.get_mut(&id) {
            (role.rest, role.is_unreliable) = (rest, true);
            role.paper.forgets_from(write);
        }
    }

    pub(super) fn member_dies_at(&mut self, id: MemberId, write: u64, death: Death, rest: u64) {
        if let Some(role) = self.trustees.get_mut(&id) {
            role.rest = rest;
            role.paper.dies_at(write, death);
        }
    }

    /// What an honest member gave, opened with the engine's key as the gateway will.
    fn saw_release(&mut self, id: MemberId, bundle: &[u8], answer: &[u8], lines_before: usize) {
        let (at, lines) = (self.now, self.trustees.get(&id).map_or(0, TrusteeRole::lines));
        let broken = |what: &'static str| format!("{id}: {what}");
        let Ok(parsed) = Bundle::parse(bundle) else { return self.breaks(Invariant::AnswersOpen, broken("for no bundle")) };
        let points = self.opened_answer(id, &parsed, answer);
        let release = Release {
            member: id,
            at,
            order_d: parsed.order.record().d(),
            intent_d: parsed.intent.record().d(),
            items: asked(&parsed),
            orders_head: parsed.orders_head.note.clone(),
            public_head: parsed.public_head.note.clone(),
            was_written_down: lines_before < lines,
        };
        match points {
            Some(points) => self.adversary.heard(id, points),
            None => self.breaks(Invariant::AnswersOpen, broken("an answer that the engine cannot open")),
        }
        self.check_release(release);
    }

    fn opened_answer(&self, id: MemberId, bundle: &Bundle, answer: &[u8]) -> Option<Vec<([u8; 32], G1Point)>> {
        let answer = ReleaseAnswer::parse(answer).ok()?;
        let identities = bundle.intent.derive(self.cast.policy.key_id()).ok()?;
        let digests: Vec<[u8; 32]> = identities.iter().map(|identity| identity.digest()).collect();
        let index = answer.receipt.receipt().order_index;
        let info = verify::release::order_leaf(bundle.order.record().record(), index)?;
        let octets = hpke::open(&self.cast.engine(), &info, &[], answer.sealed.as_ref()?).ok()?;
        let keys = PartialKeys::decode(&octets, index, id, &digests).ok()?;
        keys.keys.iter().map(|(digest, point)| Some((*digest, G1Point::parse(point).ok()?))).collect()
    }

    fn member_lies(&mut self, id: MemberId, lie: Lie, bundle: &[u8]) -> Option<Vec<u8>> {
        let signer = receipt_signer(&self.trustees.get(&id)?.paper);
        let parsed = Bundle::parse(bundle).ok()?;
        match lie {
            Lie::Noise => Some(b"waarborg-release/v1\nnoise\n".to_vec()),
            Lie::Refuses => {
                let order_d = Some(parsed.order.record().d());
                let bundle = seal::digest::sha256(&[bundle]);
                let text = "not today".to_owned();
                RefusalAnswer { member: id, time: self.now, bundle, order_d, rule: 22, text }.sign(&signer).ok()
            }
            Lie::WrongKeys => self.keys_unasked(id, &parsed, true),
        }
    }

    /// A receipt that holds, without any judgement, over the keys that were asked for; or over others, as a liar gives them.
    fn keys_unasked(&mut self, id: MemberId, bundle: &Bundle, wrong: bool) -> Option<Vec<u8>> {
        let signer = receipt_signer(&self.trustees.get(&id)?.paper);
        let identities = bundle.intent.derive(self.cast.policy.key_id()).ok()?;
        let share = self.cast.share(id);
        let key = |identity: &seal::identity::Identity| {
            let point = share.partial_key(identity).ok()?.point;
            let point = if wrong { point.add(&G1Point::generator()).ok()? } else { point };
            Some((identity.digest(), point.to_bytes()))
        };
        let index = bundle.order_place.index;
        let keys = identities.iter().map(key).collect::<Option<Vec<_>>>()?;
        let partial = PartialKeys { leaf_index: index, member: id, keys };
        let info = verify::release::order_leaf(bundle.order.record().record(), index)?;
        let entropy = &mut SeededEntropy::new(self.draw());
        let sealed = hpke::seal(&hpke::PublicKey(bundle.requester), &info, &[], &partial.encode(), entropy).ok()?;
        let head = Checkpoint::of_note(&SignedNote::parse(&bundle.orders_head.note).ok()?).ok()?;
        let receipt = ReleaseReceipt {
            member: id,
            time: self.now,
            is_demo: false,
            head,
            order_d: bundle.order.record().d(),
            order_index: index,
            intent_d: bundle.intent.record().d(),
            sealed_hash: seal::digest::sha256(&[&sealed]),
        };
        let receipt = SignedReceipt::sign(receipt, &signer).ok()?;
        Some(ReleaseAnswer { receipt, sealed: Some(sealed) }.to_bytes())
    }

    /// The same bundle again, late, from the network or from somebody who kept it. The answer goes to nobody.
    pub(super) fn bundle_again(&mut self, id: MemberId, bundle: &[u8]) {
        if self.sabotage.is(Sabotage::MembersForget) {
            self.members_forget();
        }
        drop(self.member_answers(id, bundle));
    }
}
