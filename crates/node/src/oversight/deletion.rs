//! The end of a committee key: who of its members said in PUBLIC that their share is destroyed (SEA-49). From n - t + 1 of one
//! committee on nobody can make a key of that period any more, whatever else is kept.

use std::collections::BTreeSet;

use verify::policy::{CommitteeName, Policy};
use verify::statement::{SignedStatement, Statement};

use crate::log::client::{ClientError, LogReader};

/// What was heard about the key of one policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// (committee, index) of each member that said so under its own key.
    members: BTreeSet<(CommitteeName, u8)>,
}

impl Deleted {
    pub async fn read(public: &LogReader, policy: &Policy) -> Result<Deleted, ClientError> {
        let head = public.head().await?;
        policy.public().check(&head.note, None).map_err(|_| ClientError::Inconsistent("the head has no quorum of the policy"))?;
        let mut deleted = Deleted::default();
        public.replay(&head, &mut |_, entry| deleted.hear(entry, policy)).await?;
        Ok(deleted)
    }

    /// One entry of PUBLIC. Nobody destroys for another, and a statement about another key or period says nothing here.
    pub fn hear(&mut self, entry: &[u8], policy: &Policy) {
        let Ok(signed) = SignedStatement::parse(entry) else { return };
        let Statement::ShareDeletion(said) = signed.statement() else { return };
        let is_ours = said.key_id == policy.key_id().0 && said.period == policy.parts().key.period;
        let parts = policy.committee_parts(said.committee);
        let own = parts.members.iter().find(|member| member.index == said.index);
        if is_ours && own.is_some_and(|member| signed.verify(&[&member.receipt_key], 1).is_ok()) {
            self.members.insert((said.committee, said.index));
        }
    }

    /// How many members of a committee still have to, until it cannot act: 0, and the key is dead.
    pub fn missing(&self, policy: &Policy, name: CommitteeName) -> usize {
        let committee = &policy.committee_parts(name).committee;
        let needed = usize::from(committee.of) + 1 - usize::from(committee.need);
        needed.saturating_sub(self.members.iter().filter(|(of, _)| *of == name).count())
    }

    /// One committee is enough (SEA-49).
    pub fn is_dead(&self, policy: &Policy) -> bool {
        [CommitteeName::Approvers, CommitteeName::Guardians].into_iter().any(|name| self.missing(policy, name) == 0)
    }
}
