//! The live world: performs the core's tasks against logs, trustees, vault, store and disk.
//!
//! Every task is idempotent. Keys exist inside `open` and `pack` only: each combines them anew from the members' sealed
//! answers, uses them, and drops them (SEA-66); nothing of them is written anywhere.

mod asking;
mod drafting;
mod logs;
mod member_heads;
mod opening;
mod packing;
mod provider;
mod shown;

pub use asking::told_heads;
pub use logs::{Logs, opened};
pub use member_heads::{KeptHeads, MemberHeads, SetBack};
pub use provider::House;
pub use shown::{OlderCopy, ShownHeads};

use super::config::TrusteeConfig;
use super::drafting::Salts;
use super::opening::Cabinet;
use super::preserving::{self, Holds};
use super::rules::Rules;
use super::work::{Done, Fault, Task, Work};
use crate::cases::Octets;
use crate::cases::state::{CaseId, PackageFacts};
use crate::delivery::Shelves;
use crate::log::client::Head;
use seal::hpke::PrivateKey;
use standards::delivery::Recipient;
use standards::package::PackageKey;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// The provider's own things: segments, retention values, salts.
pub trait Provider: Cabinet + Salts + Holds + Send + Sync {}

impl<P: Cabinet + Salts + Holds + Send + Sync> Provider for P {}

/// Everything outside of the core, for real.
pub struct Live {
    pub rules: Arc<Rules>,
    pub logs: Logs,
    pub provider: Arc<dyn Provider>,
    /// Private half of the policy's engine key.
    pub engine: PrivateKey,
    pub trustees: Vec<TrusteeConfig>,
    pub trustee_limit: Duration,
    pub member_heads: MemberHeads,
    pub shown_heads: ShownHeads,
    pub shelves: Shelves,
    pub package_key: PackageKey,
    /// Of an RFC 3161 client; none: packages are not time-stamped, and their cover says so.
    pub timestamp_argv: Option<Vec<String>>,
    /// By directory id of the authority.
    pub recipients: BTreeMap<String, Recipient>,
    /// Rounds of trustees, openings and packages at a time: each takes processes, processors or memory (R8).
    pub heavy: Semaphore,
}

/// Rounds of trustees, openings and packages that run at the same time; further cases wait their turn.
pub const HEAVY_MAX: usize = 4;

impl Live {
    /// Performs one task. A fault is worth trying again; what no repetition cures comes back as `Done::Stopped`.
    pub async fn perform(&self, work: Work) -> Result<Done, Fault> {
        let is_heavy = matches!(work.task, Task::Ask(_) | Task::Open(_) | Task::Pack(_));
        let _turn = match is_heavy {
            true => Some(self.heavy.acquire().await.map_err(|_| Fault("stopping".to_owned()))?),
            false => None,
        };
        match work.task {
            Task::Log { commitment, d, urgent } => Ok(Done::Logged(self.logs.log(&commitment, &d, urgent).await?)),
            Task::Anchor => self.anchor().await,
            Task::Slots { from, through } => self.closed(from, through).await,
            Task::Draft { order, order_leaf, order_anchor, batch } => self.draft(&order, &order_leaf, &order_anchor, batch).await,
            Task::Heads { size_min } => Ok(Done::Heads(self.logs.heads(size_min).await?)),
            Task::Ask(asking) => self.ask(&asking).await,
            Task::Open(asking) => self.open(&asking).await,
            Task::Pack(packing) => self.pack(&packing).await,
            Task::Publish(package) => self.publish(&package),
            Task::Hold { order, leaf, until } => {
                let paper = preserving::paper(&work.case, &order, &leaf, until);
                Ok(preserving::answered(tokio::task::block_in_place(|| self.provider.ask_hold(&paper))?))
            }
            Task::EndHold => tokio::task::block_in_place(|| self.end_hold(&work.case)).map(|()| Done::HoldEnded),
        }
    }

    async fn anchor(&self) -> Result<Done, Fault> {
        let anchor = self.logs.anchor(&self.rules).await?;
        let limit = Head::parse(&anchor.public.0)?.size;
        self.logs.follow_to(&self.rules, limit).await?;
        let closed = self.logs.view.lock().await.last_closed(u64::from(self.rules.policy.times().slot_len), limit);
        Ok(Done::Anchored(anchor, closed))
    }

    async fn closed(&self, from: u64, through: u64) -> Result<Done, Fault> {
        self.logs.follow(&self.rules).await?;
        let len = u64::from(self.rules.policy.times().slot_len);
        Ok(Done::Slots(self.logs.view.lock().await.closed_through(len, from, through)))
    }

    /// LIF-01: kept before anybody asks whether it is valid.
    pub fn keep(&self, case: &CaseId, order: &Octets, until: u64) -> Result<(), Fault> {
        self.provider.keep(&case.0, &preserving::items(order), until)
    }

    pub fn end_hold(&self, case: &CaseId) -> Result<(), Fault> {
        self.provider.end_hold(&case.0)
    }

    fn publish(&self, package: &PackageFacts) -> Result<Done, Fault> {
        self.shelves.publish(&package.name, &package.encrypted.0).map_err(|error| Fault(format!("outbox: {error}")))?;
        Ok(Done::Published { at: super::shell::now() })
    }

    /// SEA-66: removes what a case left in the workshop. Answers with keys were in the case's body and are gone with its new state.
    pub fn erase(&self, case: &CaseId) {
        if let Err(error) = self.shelves.sweep(&super::packing::prefix(case)) {
            eprintln!("gateway: workshop: {error}");
        }
    }
}
