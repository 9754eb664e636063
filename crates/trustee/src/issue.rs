//! `issue`: the one use of a share (SEA-18, SEA-56). Bundle in, signed answer out.
//!
//! The order of this file is the order of the rules: judge; store each change durably, the line of the own log last
//! (REL-06, REL-15, REL-23, REL-25); only then load the share, multiply, seal, sign. There is no other way to a multiplication:
//! it takes the permit by value, and only the judge makes one (TRU-09).

use seal::committee::{CommitteeError, Share};
use seal::entropy::Entropy;
use seal::hpke::{self, HpkeError};
use verify::log::note::Signer;
use verify::policy::Policy;
use verify::receipt::{PartialKeys, ReceiptError, RefusalAnswer, ReleaseAnswer, ReleaseReceipt, SignedReceipt};
use verify::release::{Clock, Judgement, Member, Permit, judge};
use zeroize::Zeroize;

use crate::clock::{self, Reading};
use crate::disk::{Disk, SecretBytes};
use crate::kept::{self, Journal};
use crate::state::{State, StateError};

/// A signed answer (TRU-10).
pub struct Answer {
    /// `waarborg-release/v1` or `waarborg-refusal/v1`.
    pub bytes: Vec<u8>,
    /// Which of the two.
    pub is_released: bool,
}

/// Why there is no answer. The intent may be used up by then (TRU, section 2).
#[derive(Debug)]
pub enum IssueError {
    /// The state folder.
    State(StateError),
    /// This member has no share yet.
    NoShare,
    /// A bug of ours: a permit for somebody else, or a point that cannot be.
    Bug(&'static str),
}

impl From<StateError> for IssueError {
    fn from(error: StateError) -> Self {
        IssueError::State(error)
    }
}

impl From<CommitteeError> for IssueError {
    fn from(_: CommitteeError) -> Self {
        IssueError::Bug("a derived identity has no partial key")
    }
}

impl From<ReceiptError> for IssueError {
    fn from(_: ReceiptError) -> Self {
        IssueError::Bug("an answer could not be written")
    }
}

/// Judges one bundle and answers it.
///
/// `policy` is the adopted one. `reading` is this run's time. What the journal stored stays stored, whatever fails after it.
pub fn answer<D: Disk>(
    state: &State<D>,
    policy: &Policy,
    bundle: &[u8],
    reading: &Reading,
    entropy: &mut dyn Entropy,
) -> Result<Answer, IssueError> {
    let generation = state.newest()?.ok_or(IssueError::NoShare)?;
    let id = state.member().id;
    let mut journal = Journal::open(state.disk(), id, reading.clone())?;
    let clock = match clock::now(reading, &kept::last_seen(state.disk())?) {
        Ok(now) => Clock::Sure(now),
        // REL-05: unsure, refuse. The judge names the rule; the own log says which clock, for whoever repairs it.
        Err(why) => {
            journal.note(&why.to_string())?;
            Clock::Unsure
        }
    };
    match judge(bundle, policy, Member { id, generation }, journal.kept(), clock) {
        Judgement::Refused(refused) => {
            let (bundle, order_d) = (*refused.bundle_digest(), refused.order_d().copied());
            let refusal = refused.store(|change| journal.store(change))?;
            let answer = RefusalAnswer { member: id, time: reading.wall, bundle, order_d, rule: refusal.rule(), text: refusal.to_string() };
            Ok(Answer { bytes: answer.sign(&signer(state)?)?, is_released: false })
        }
        Judgement::Granted(pending) => {
            let permit = pending.store(|change| journal.store(change))?;
            let (_, committee) = state.record(generation)?;
            let share = state.share(generation, &committee)?;
            let answer = multiply(permit, share, state, entropy)?;
            Ok(Answer { bytes: answer.to_bytes(), is_released: true })
        }
    }
}

fn signer(state: &State<impl Disk>) -> Result<Signer, StateError> {
    let key = &state.member().receipt_key;
    Ok(Signer::new(key.name().clone(), key.kind(), state.receipt_key()?))
}

/// SEA-60: the share is here for this call alone. Permit and share are taken by value and gone afterwards.
fn multiply(permit: Permit, share: Share, state: &State<impl Disk>, entropy: &mut dyn Entropy) -> Result<ReleaseAnswer, IssueError> {
    let id = state.member().id;
    if permit.member() != Some(id) || share.index() != id.index {
        return Err(IssueError::Bug("a permit for another member"));
    }
    let mut partials = PartialKeys { leaf_index: permit.order_index(), member: id, keys: Vec::with_capacity(permit.identities().len()) };
    for identity in permit.identities() {
        let partial = share.partial_key(identity)?;
        partials.keys.push((identity.digest(), partial.point.to_bytes()));
    }
    drop(share);
    let plaintext = SecretBytes(partials.encode());
    // SEA-57: partial keys test guesses of an identity; no copy of them stays.
    partials.keys.iter_mut().for_each(|(_, point)| point.zeroize());
    // SEA-58: one receipt for each release. Info is the order leaf, so that an envelope cannot be passed off as one of another order.
    let sealed = hpke::seal(&hpke::PublicKey(*permit.requester()), permit.order_leaf(), b"", &plaintext.0, entropy)
        .map_err(|_: HpkeError| IssueError::Bug("the pinned requester key takes no message"))?;
    let receipt = SignedReceipt::sign(ReleaseReceipt::of(&permit, id, &sealed), &signer(state)?)?;
    Ok(ReleaseAnswer { receipt, sealed: Some(sealed) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Plan;
    use crate::paper::Paper;
    use crate::seat::{ID, at, furnish, good, sit};
    use seal::entropy::SeededEntropy;
    use seal::points::Scalar;
    use verify::policy::MemberId;
    use verify::release::Kept;

    #[test]
    fn tru_09_a_share_multiplies_only_what_was_judged_for_its_own_member() {
        let good = good(Plan::default());
        let paper = Paper::default();
        furnish(&paper, &good, &at(good.now - 600));
        let state = sit(paper);
        let (_, committee) = state.record(good.member.generation).unwrap();
        // `answer` cannot mix members up; nor shall whoever changes it.
        let used = |judged_for: u8, share_of: u8| {
            let own = String::from_utf8(good.kept.to_bytes()).unwrap();
            let kept = own.replacen("member guardians 2\n", &format!("member guardians {judged_for}\n"), 1);
            let member = Member { id: MemberId { index: judged_for, ..ID }, ..good.member };
            let kept = Kept::parse(kept.as_bytes()).unwrap();
            let judged = judge(&good.bundle.to_bytes(), &good.policy, member, &kept, Clock::Sure(good.now));
            let Judgement::Granted(pending) = judged else { panic!("refused") };
            let permit = pending.store(|_| Ok::<(), StateError>(())).unwrap();
            let secret = good.world.shares[&ID.committee][usize::from(share_of) - 1].secret().to_secret();
            let share = Share::new(share_of, secret.expose(Scalar::parse).unwrap(), &committee).unwrap();
            multiply(permit, share, &state, &mut SeededEntropy::new([5; 32])).map(|answer| answer.receipt.receipt().member)
        };
        assert_eq!(used(2, 2).unwrap(), ID);
        assert!(matches!(used(3, 2), Err(IssueError::Bug("a permit for another member"))));
        assert!(matches!(used(2, 3), Err(IssueError::Bug("a permit for another member"))));
    }
}
