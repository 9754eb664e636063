//! Making the intent of a batch.

use super::Live;
use crate::cases::Octets;
use crate::cases::state::{Anchor, Batch, Logged};
use crate::gateway::drafting::{self, BeforeOrder, Sources};
use crate::gateway::papers::parse_order;
use crate::gateway::work::{Done, Fault};
use crate::log::client::Head;
use seal::entropy::SystemEntropy;

impl Live {
    pub(super) async fn draft(&self, order: &Octets, leaf: &Logged, order_anchor: &Anchor, batch: Batch) -> Result<Done, Fault> {
        let order = parse_order(&order.0).map_err(|error| Fault(error.to_string()))?;
        let anchor = self.logs.anchor(&self.rules).await?;
        let limit = Head::parse(&anchor.public.0)?.size;
        self.logs.follow_to(&self.rules, limit).await?;
        let view = self.logs.view.lock().await;
        let before = BeforeOrder::of(&self.rules, &order, order_anchor)?;
        let sources = Sources { rules: &self.rules, view: &view, limit, before, salts: &*self.provider };
        // Vault and store answer on this thread.
        let drawn = tokio::task::block_in_place(|| drafting::draw(&sources, &order, leaf, batch, &mut SystemEntropy))?;
        Ok(match drawn {
            Some(intent) => Done::Drafted { intent: Octets(intent.to_bytes()), anchor },
            None => Done::NothingThere,
        })
    }
}
