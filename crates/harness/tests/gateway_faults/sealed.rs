//! The provider's real vault and segment store, with the scene's segments in it, and the sealer's hands beside them.

use super::world::Scene;
use harness::fixture::Plan;
use harness::fixture::world::World;
use node::gateway::opening::Cabinet;
use node::gateway::preserving;
use node::gateway::work::{Done, Fault};
use node::sealer::Hands;
use node::sealer::commit::CommittedEpoch;
use node::sealer::core::{Effect, Input};
use node::sealer::periods::KeyPeriods;
use node::sealer::publish::Signers;
use node::segment_store::SegmentStore;
use node::vault::{HoldPaper, Vault};
use seal::entropy::SeededEntropy;
use seal::epoch::{EpochHeader, Timing};
use seal::identity::{Category, SlotLen};
use seal::retention::BucketProof;
use seal::segment::EntryBlocks;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::runtime::Runtime;
use verify::policy::Policy;

pub struct SealedHouse {
    /// As the gateway has it open.
    pub vault: Vault,
    pub hands: Hands,
    pub runtime: Runtime,
    _folder: tempfile::TempDir,
}

/// Draws what was drawn before.
struct Given(seal::identity::Salt);

impl seal::entropy::Entropy for Given {
    fn fill(&mut self, octets: &mut [u8]) {
        octets.copy_from_slice(&self.0.0);
    }
}

impl SealedHouse {
    pub fn new(scene: &Scene) -> SealedHouse {
        let folder = tempfile::tempdir().unwrap();
        let (path, segments) = (folder.path().join("vault"), folder.path().join("store"));
        let good = &scene.good;
        let first = &good.closed[0].header;
        let (category, day) = (Category::TRAFFIC, first.start / 86_400);
        let vault = Vault::init(&path, first.provider, &mut SeededEntropy::new([71; 32])).unwrap();
        let key_folder = path.join("retention").join(category.number().to_string());
        std::fs::create_dir_all(&key_folder).unwrap();
        good.retention.expose(|octets| std::fs::write(key_folder.join(format!("{day}.key")), octets)).unwrap();
        let key = vault.retention_for_sealing(category, day, &mut SeededEntropy::new([72; 32])).unwrap();
        assert_eq!(key.id(), first.retention_id, "the scene's key is the vault's");
        let subjects: Vec<_> = scene.people().subjects.iter().cloned().collect();
        for (selector, salt) in &subjects {
            assert_eq!(vault.salt(selector, first.start, &mut Given(*salt)).unwrap(), *salt, "the scene's salts are the vault's");
        }
        vault.note_salts(day, &subjects, &mut SeededEntropy::new([73; 32])).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        std::fs::create_dir(&segments).unwrap();
        let (publish, _) = tokio::sync::mpsc::unbounded_channel();
        let (policy, seed) = (&scene.rules.policy, Plan::default().seed);
        let mut hands = Hands {
            vault: Vault::open(&path).unwrap(),
            store: SegmentStore::local(&segments).unwrap(),
            keys: Arc::new(KeyPeriods::new([(policy.parts().key.period, policy.public_key().clone())]).unwrap()),
            timing: Timing::new(SlotLen::HOUR, 900, 1_800).unwrap(),
            signers: Signers { sealer: World::own_signer(seed, "sealer"), provider: World::own_signer(seed, "provider") },
            retention_days: policy.parts().categories.iter().map(|rule| (rule.category, rule.retention_days)).collect(),
            entropy: Box::new(SeededEntropy::new([74; 32])),
            leases: BTreeMap::new(),
            blocks: EntryBlocks::default(),
            publish,
        };
        assert_eq!(hands.signers.provider.vkey(), &policy.parts().provider_key, "another seed than the scene's");
        for closed in &good.closed {
            let tree = scene.trees.iter().find(|tree| (tree.lease(), tree.start()) == (closed.header.lease, closed.header.start)).unwrap();
            let effect = Effect::KeepEpoch {
                epoch: CommittedEpoch { category, header: closed.header.clone(), leaf: closed.leaf },
                segment: closed.segment.clone(),
                runs: closed.runs.clone(),
                crown: tree.crown(),
            };
            runtime.block_on(hands.perform(closed.header.end, &effect)).unwrap();
        }
        SealedHouse { vault, hands, runtime, _folder: folder }
    }

    /// Asks as the gateway does, then the sealer has its turn: its answer is heard at the next time.
    pub fn ask(&mut self, paper: &HoldPaper, policy: &Policy, now: u64) -> Result<Done, Fault> {
        let said = self.vault.hold_ask(paper, &mut SeededEntropy::new([65; 32])).map_err(|error| Fault(error.to_string()))?;
        self.runtime.block_on(self.hands.serve_holds(policy, now)).map_err(|error| Fault(error.to_string()))?;
        Ok(preserving::answered(said))
    }

    /// The sealer's daily round.
    pub fn expire(&mut self, now: u64) {
        let answer = self.runtime.block_on(self.hands.perform(now, &Effect::Expire { today: now / 86_400 })).unwrap();
        let Some(Input::Shredded(keys)) = answer else { panic!("another answer") };
        for key in keys {
            self.runtime.block_on(self.hands.perform(now, &Effect::NoteShredded(key))).unwrap();
        }
    }

    pub fn cabinet(&self, now: u64) -> impl Cabinet {
        At { house: self, now }
    }
}

/// As `gateway::live::House`, at the story's time.
struct At<'h> {
    house: &'h SealedHouse,
    now: u64,
}

impl Cabinet for At<'_> {
    fn segment(&self, epoch: &[u8; 32]) -> Result<Option<Vec<u8>>, Fault> {
        let found = self.house.runtime.block_on(self.house.hands.store.segment(epoch)).unwrap();
        Ok(found.map(|octets| octets.to_vec()))
    }

    fn bucket(&self, header: &EpochHeader, bucket: u16) -> Result<Option<BucketProof>, Fault> {
        if let Some(proof) = self.house.vault.bucket_proof(header, bucket, None).unwrap() {
            return Ok(Some(proof));
        }
        Ok(self.house.vault.hold_get(&header.hash(), bucket, self.now).unwrap())
    }
}
