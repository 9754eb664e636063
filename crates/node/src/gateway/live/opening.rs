//! Opening a batch: keys from the answers, statements from PUBLIC, rows from the segments.

use super::Live;
use crate::cases::state::Asking;
use crate::gateway::bundling;
use crate::gateway::keys;
use crate::gateway::opening::Unopened;
use crate::gateway::packing::Papers;
use crate::gateway::production::{self, Given, Production, Unproduced};
use crate::gateway::work::{Done, Fault};
use crate::log::client::Head;
use seal::entropy::SystemEntropy;
use seal::epoch::STRAGGLING_MAX;

/// A production, or why there is none for good.
pub(super) enum Made {
    Production(Box<Production>),
    Stopped { code: String, text: String },
}

impl Live {
    pub(super) async fn open(&self, asking: &Asking) -> Result<Done, Fault> {
        let papers = Papers::of(asking)?;
        Ok(match self.produce(asking, &papers).await? {
            Made::Production(production) => Done::Opened(production.scope),
            Made::Stopped { code, text } => Done::Stopped { code, text },
        })
    }

    /// Combines the keys and opens everything. Called twice for a batch, before and after approval 2, with the same result.
    pub(super) async fn produce(&self, asking: &Asking, papers: &Papers) -> Result<Made, Fault> {
        let limit = Head::parse(&asking.soaked.intended.anchor.public.0)?.size;
        self.logs.follow_to(&self.rules, limit).await?;
        let statements = {
            let view = self.logs.view.lock().await;
            bundling::slots(&self.rules.policy, &view, &papers.intent, asking.batch(), limit)
        };
        let statements = match statements {
            Ok(statements) => statements,
            Err(incomplete) => return Ok(Made::Stopped { code: "GWY-10".to_owned(), text: incomplete.to_string() }),
        };
        let times = self.rules.policy.times();
        let given = Given {
            order: &papers.order,
            intent: &papers.intent,
            batch: asking.batch(),
            slot_len: u64::from(times.slot_len),
            straggling: STRAGGLING_MAX.min(times.grace),
        };
        // Pairings and decryption: seconds of computing for a large order, on a thread of its own.
        tokio::task::block_in_place(|| {
            let keys = match keys::combined(&self.rules, &self.engine, asking, &mut SystemEntropy) {
                Ok(keys) => keys,
                Err(none) => return Ok(Made::Stopped { code: none.code().to_owned(), text: none.to_string() }),
            };
            match production::produce(&given, keys, statements, &*self.provider) {
                Ok(production) => Ok(Made::Production(Box::new(production))),
                Err(Unproduced::Unopened(Unopened::Fault(fault))) => Err(fault),
                Err(other) => {
                    let (code, text) = other.stop().unwrap_or(("BUG", String::new()));
                    Ok(Made::Stopped { code: code.to_owned(), text })
                }
            }
        })
    }
}
