//! From a note to a head that may be relied on: REL-03, REL-04, REL-05, then inclusion and consistency under it.
//!
//! Each step takes the proof value of the step before, so leaving one out does not compile:
//!
//! ```compile_fail
//! // A witnessed head is made by `Identified::witnessed` only.
//! let head = verify::log::quorum::Witnessed { policy: [0; 32], head: todo!(), votes: Vec::new(), not_before: 0, not_after: 0 };
//! ```

use std::collections::BTreeSet;

use seal::merkle::{self, Hash};

use super::checkpoint::Checkpoint;
use super::note::SignedNote;
use super::tlog_policy::TlogPolicy;
use super::{Refusal, vkey::VerifierKey};

/// At most this many hashes in any path (REL-02, LOG-24): a tree has at most 2^63 leaves.
pub const HASHES_MAX: usize = 63;

/// Seconds that a cosigner's clock may be ahead of ours (REL-05, LOG-77).
pub const CLOCK_AHEAD: u64 = 60;

/// The times that count, both ends included (REL-05).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub from: u64,
    pub until: u64,
}

impl Window {
    /// [now - freshness, now + 60 s] (REL-05).
    pub fn around(now: u64, freshness: u64) -> Window {
        Window { from: now.saturating_sub(freshness), until: now.saturating_add(CLOCK_AHEAD) }
    }

    fn holds(self, time: u64) -> bool {
        self.from <= time && time <= self.until
    }
}

/// A witness of the policy that cosigned this head, and when it says it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    /// The witness's name in the policy file.
    pub witness: String,
    pub time: u64,
    position: usize,
}

/// A head that a pinned log key signed (REL-03). Made only by [`TlogPolicy::identify`].
#[derive(Debug)]
pub struct Identified<'p> {
    policy: &'p TlogPolicy,
    head: Checkpoint,
    note: SignedNote,
}

/// A head that a pinned log key signed and a quorum of pinned witnesses cosigned (REL-03, REL-04).
///
/// Made only by [`Identified::witnessed`]. Says nothing about now: that is [`Witnessed::fresh`].
#[derive(Debug)]
pub struct Witnessed {
    /// Digest of the policy that judged it, so that no other policy's windows are applied to these votes.
    policy: [u8; 32],
    head: Checkpoint,
    votes: Vec<Vote>,
    not_before: u64,
    not_after: u64,
}

/// A witnessed head whose quorum is met by lines within a window alone (REL-05). Made only by [`Witnessed::fresh`].
#[derive(Debug)]
pub struct Fresh {
    head: Witnessed,
}

/// A leaf at an index under a witnessed head (REL-08, REL-13). Made only by [`Witnessed::include`].
#[derive(Debug)]
pub struct Included {
    head: Checkpoint,
    index: u64,
    leaf_hash: Hash,
}

impl TlogPolicy {
    /// REL-03: the origin is exactly one of the policy, no extension lines, at least one leaf, a pinned key of that origin
    /// verifies and none fails.
    pub fn identify(&self, note: &[u8]) -> Result<Identified<'_>, Refusal> {
        let note = SignedNote::parse(note)?;
        let head = Checkpoint::of_note(&note)?;
        let keys = self.log_keys(&head.origin);
        if keys.is_empty() {
            return Err(Refusal::UnknownOrigin);
        }
        if head.size < 1 {
            return Err(Refusal::EmptyTree);
        }
        if note.verify_known(&keys)?.is_empty() {
            return Err(Refusal::NotSignedByLog);
        }
        Ok(Identified { policy: self, head, note })
    }

    /// REL-03 and REL-04, and with a window REL-05, in this order.
    pub fn check(&self, note: &[u8], window: Option<Window>) -> Result<Witnessed, Refusal> {
        let witnessed = self.identify(note)?.witnessed()?;
        match window {
            Some(window) => Ok(witnessed.fresh(self, window)?.into_witnessed()),
            None => Ok(witnessed),
        }
    }
}

impl Identified<'_> {
    pub fn head(&self) -> &Checkpoint {
        &self.head
    }

    /// REL-04: every line of a known witness verifies, time 0 never counts (LOG-14), each counts once, the quorum is met.
    pub fn witnessed(self) -> Result<Witnessed, Refusal> {
        let witnesses = self.policy.witnesses();
        let keys: Vec<&VerifierKey> = witnesses.iter().map(|w| &w.vkey).collect();
        let mut votes = Vec::new();
        for line in self.note.verify_known(&keys)? {
            // A 0x04 line always has a time; 0 marks a subtree's cosignature or a clockless cosigner.
            let Some(time) = line.time.filter(|time| *time != 0) else { continue };
            let Some(witness) = witnesses.get(line.key) else { continue };
            votes.push(Vote { witness: witness.name.clone(), time, position: line.key });
        }
        if !meets(self.policy, votes.iter()) {
            return Err(Refusal::QuorumShort);
        }
        let mut times: Vec<u64> = votes.iter().map(|v| v.time).collect();
        times.sort_unstable();
        // Monotone in the bound, so the first that meets the quorum from either side is the one wanted. The whole set
        // met it, so neither search can come back empty; the fallbacks are the safe ends.
        let met_by = |from: u64, until: u64| meets(self.policy, votes.iter().filter(|v| Window { from, until }.holds(v.time)));
        let not_before = times.iter().rev().copied().find(|t| met_by(*t, u64::MAX)).unwrap_or(0);
        let not_after = times.iter().copied().find(|t| met_by(0, *t)).unwrap_or(u64::MAX);
        Ok(Witnessed { policy: self.policy.digest(), head: self.head, votes, not_before, not_after })
    }
}

fn meets<'v>(policy: &TlogPolicy, votes: impl Iterator<Item = &'v Vote>) -> bool {
    let cosigners: BTreeSet<usize> = votes.map(|v| v.position).collect();
    policy.is_met_by(&cosigners)
}

impl Witnessed {
    pub fn head(&self) -> &Checkpoint {
        &self.head
    }

    /// Who cosigned, in the order of the lines.
    pub fn votes(&self) -> &[Vote] {
        &self.votes
    }

    /// The latest time T such that lines of T or later meet the quorum alone: "the log stood like this at T or after".
    /// What REL-17 compares a slot's end with: a minority with fast clocks cannot move it.
    pub fn not_before(&self) -> u64 {
        self.not_before
    }

    /// The earliest time T such that lines of T or earlier meet the quorum alone: "the log stood like this by T".
    /// What LOG-46 compares: something was in the log before another thing.
    pub fn not_after(&self) -> u64 {
        self.not_after
    }

    /// REL-05: the quorum is met by lines in the window alone. `policy` is the one that witnessed this head.
    pub fn fresh(self, policy: &TlogPolicy, window: Window) -> Result<Fresh, Refusal> {
        let same_policy = self.policy == policy.digest();
        if !same_policy || !meets(policy, self.votes.iter().filter(|v| window.holds(v.time))) {
            return Err(Refusal::NotFresh);
        }
        Ok(Fresh { head: self })
    }

    /// REL-08: this leaf hash stands at this index under this head.
    pub fn include(&self, index: u64, leaf_hash: Hash, path: &[Hash]) -> Result<Included, Refusal> {
        if HASHES_MAX < path.len() {
            return Err(Refusal::TooManyHashes);
        }
        merkle::verify_inclusion(index, self.head.size, &leaf_hash, path, &self.head.root).map_err(|_| Refusal::NotIncluded)?;
        Ok(Included { head: self.head.clone(), index, leaf_hash })
    }

    /// REL-06: this head extends an older one of the same log. Size 0 of old: any head extends it, with an empty path.
    pub fn extends(&self, old_size: u64, old_root: Hash, path: &[Hash]) -> Result<(), Refusal> {
        check_extension(old_size, old_root, self.head.size, self.head.root, path)
    }
}

/// REL-06, LOG-22: RFC 6962 consistency, with the cases that the RFC leaves open settled in [`merkle::verify_consistency`]: an
/// empty old tree (LOG-10: of the one root that it has) and an unchanged tree both take the empty path only.
pub fn check_extension(old_size: u64, old_root: Hash, new_size: u64, new_root: Hash, path: &[Hash]) -> Result<(), Refusal> {
    if HASHES_MAX < path.len() {
        return Err(Refusal::TooManyHashes);
    }
    if new_size < old_size {
        return Err(Refusal::WentBack);
    }
    merkle::verify_consistency(old_size, &old_root, new_size, &new_root, path).map_err(|_| Refusal::NotConsistent)
}

impl Fresh {
    pub fn witnessed(&self) -> &Witnessed {
        &self.head
    }

    fn into_witnessed(self) -> Witnessed {
        self.head
    }
}

impl Included {
    /// The head that it was proven under. Two leaves under one checkpoint have equal heads (REL-13).
    pub fn head(&self) -> &Checkpoint {
        &self.head
    }

    pub fn index(&self) -> u64 {
        self.index
    }

    pub fn leaf_hash(&self) -> Hash {
        self.leaf_hash
    }
}
