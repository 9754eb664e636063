//! The two logs as the gateway needs them: submit and wait, heads, anchors, paths, and the view of PUBLIC.

use crate::cases::state::{Anchor, Heads, Logged};
use crate::cases::{Digest32, Octets};
use crate::gateway::papers::check_anchor;
use crate::gateway::public_view::PublicView;
use crate::gateway::rules::Rules;
use crate::gateway::shell::now;
use crate::gateway::work::Fault;
use crate::log::client::{ClientError, Head, LogReader, OrdersSubmitter, Urgency};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use verify::bundle::{self, HeadPart, Place};
use verify::log::checkpoint::Checkpoint;
use verify::log::leaf::d_of_entry;
use verify::log::proof::TlogProof;
use verify::log::tlog_policy::TlogPolicy;

/// Entries fetched in one go: four bundles, a few hundred kilobytes.
const ENTRIES_AT_ONCE: u64 = 1024;

impl From<ClientError> for Fault {
    fn from(error: ClientError) -> Fault {
        Fault(error.to_string())
    }
}

/// Clients of ORDERS and PUBLIC, and how patient to be with them.
pub struct Logs {
    pub orders: LogReader,
    pub public: LogReader,
    pub submitter: OrdersSubmitter,
    pub poll: Duration,
    /// How long one task waits for a tick before it reports a fault and is handed out again.
    pub patience: Duration,
    pub view: Mutex<PublicView>,
}

impl Logs {
    /// Hands C in and waits for the receipt of D. Idempotent: the log knows a C that it has (LOG-29).
    pub async fn log(&self, commitment: &[u8; 32], d: &[u8; 32], urgent: bool) -> Result<Logged, Fault> {
        // Asked first: after a restart the leaf is usually there, and a queue's memory may be shorter than ours.
        let proof = match self.orders.receipt(d).await? {
            Some(proof) => proof,
            None => {
                let urgency = if urgent { Urgency::Urgent } else { Urgency::Normal };
                self.submitter.submit(commitment, urgency).await?;
                self.await_receipt(d).await?
            }
        };
        let parsed = TlogProof::parse(&proof).map_err(|error| Fault(error.to_string()))?;
        let head = Checkpoint::of_note(&parsed.checkpoint).map_err(|error| Fault(error.to_string()))?;
        Ok(Logged { origin: head.origin.as_str().to_owned(), index: parsed.index, proof: Octets(proof) })
    }

    async fn await_receipt(&self, d: &[u8; 32]) -> Result<Vec<u8>, Fault> {
        let started = Instant::now();
        while started.elapsed() < self.patience {
            if let Some(proof) = self.orders.receipt(d).await? {
                return Ok(proof);
            }
            tokio::time::sleep(self.poll).await;
        }
        Err(Fault("the log has not published the leaf yet".to_owned()))
    }

    /// The newest head of PUBLIC, and a head of ORDERS that is no older: usually of the same tick.
    pub async fn anchor(&self, rules: &Rules) -> Result<Anchor, Fault> {
        let public = Octets(self.public.head().await?.note);
        let started = Instant::now();
        loop {
            let orders = Octets(self.orders.head().await?.note);
            let anchor = Anchor { public: public.clone(), orders };
            match check_anchor(rules, &anchor) {
                Ok(()) => return Ok(anchor),
                Err(refused) if self.patience <= started.elapsed() => return Err(Fault(refused.to_string())),
                Err(_) => tokio::time::sleep(self.poll).await,
            }
        }
    }

    /// Cosigned heads, ORDERS with at least `size_min` leaves.
    pub async fn heads(&self, size_min: u64) -> Result<Heads, Fault> {
        let started = Instant::now();
        loop {
            let orders = self.orders.head().await?;
            if size_min <= orders.size {
                let public = self.public.head().await?;
                return Ok(Heads { orders: Octets(orders.note), public: Octets(public.note), taken: now() });
            }
            if self.patience <= started.elapsed() {
                return Err(Fault(format!("ORDERS has {} leaves, {size_min} are waited for", orders.size)));
            }
            tokio::time::sleep(self.poll).await;
        }
    }

    /// Reads PUBLIC up to its newest head.
    pub async fn follow(&self, rules: &Rules) -> Result<(), Fault> {
        let head = self.public.head().await?;
        rules.policy.public().check(&head.note, None).map_err(|error| Fault(error.to_string()))?;
        let mut view = self.view.lock().await;
        while view.size() < head.size {
            let until = head.size.min(view.size() + ENTRIES_AT_ONCE);
            for entry in self.public.entries(view.size(), until, &head).await? {
                view.push(&rules.policy, entry);
            }
        }
        Ok(())
    }

    /// As [`Logs::follow`], and not content with less than a case has seen (GWY-33).
    pub async fn follow_to(&self, rules: &Rules, size: u64) -> Result<(), Fault> {
        self.follow(rules).await?;
        self.view.lock().await.reaches(size)
    }

    /// Which of these PUBLIC opens.
    pub async fn opened(&self, rules: &Rules, kept: &[Digest32]) -> Result<Vec<Digest32>, Fault> {
        self.follow(rules).await?;
        opened(&self.orders, rules.policy.orders(), &*self.view.lock().await, kept).await
    }

    /// A statement's or leaf's place under a head.
    pub async fn place(&self, log: &LogReader, index: u64, head: &Head) -> Result<Place, Fault> {
        Ok(Place { index, path: log.inclusion(index, head).await? })
    }

    /// A head with the proofs that lead to it from each of these sizes, ascending, without repetition. Sizes that the head
    /// does not reach are left out: that member has seen more and will say so.
    pub async fn head_part(&self, log: &LogReader, head: &Head, mut sizes: Vec<u64>) -> Result<HeadPart, Fault> {
        sizes.sort_unstable();
        sizes.dedup();
        let mut from = Vec::new();
        for size in sizes.into_iter().filter(|size| *size <= head.size) {
            from.push((size, log.consistency(size, head).await?));
        }
        Ok(HeadPart { note: head.note.clone(), from })
    }

    /// A stored anchor with its proofs to the present heads.
    pub async fn anchor_part(&self, anchor: &Anchor, public: &Head, orders: &Head) -> Result<bundle::Anchor, Fault> {
        let (old_public, old_orders) = (Head::parse(&anchor.public.0)?, Head::parse(&anchor.orders.0)?);
        Ok(bundle::Anchor {
            public: anchor.public.0.clone(),
            public_path: self.public.consistency(old_public.size, public).await?,
            orders: anchor.orders.0.clone(),
            orders_path: self.orders.consistency(old_orders.size, orders).await?,
        })
    }
}

/// Which of these records PUBLIC opens, by this view: an `open` names a leaf, and the leaf itself has this D (LOG-48). Of the present
/// origin only: an earlier year's log is read by people.
pub async fn opened(orders: &LogReader, policy: &TlogPolicy, view: &PublicView, kept: &[Digest32]) -> Result<Vec<Digest32>, Fault> {
    let head = orders.head().await?;
    policy.check(&head.note, None).map_err(|error| Fault(error.to_string()))?;
    let mut found = Vec::new();
    for d in kept {
        for index in view.opened_at(&d.0, &head.origin).filter(|index| *index < head.size) {
            let leaf = orders.entries(index, index + 1, &head).await?;
            if leaf.first().and_then(|entry| d_of_entry(entry)) == Some(d.0) {
                found.push(*d);
            }
        }
    }
    Ok(found)
}
