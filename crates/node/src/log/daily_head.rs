//! The daily `head` statement: ORDERS anchored in PUBLIC, so that every index has a date that a late monitor can compute
//! (LOG-45).

use std::time::Duration;

use verify::calendar::Day;
use verify::log::note::Signer;
use verify::statement::{SignedStatement, Statement};

use super::client::PublicSubmitter;
use super::config::DailyHead;
use super::store::Store;

/// Looks this often whether a new day has a published head; far below a tick, far above what costs anything.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Publishes the first checkpoint that stands after each midnight.
pub struct Anchor {
    signer: Signer,
    public: PublicSubmitter,
    store: Store,
}

impl Anchor {
    pub fn new(config: &DailyHead, store: Store) -> Result<Anchor, String> {
        let signer = super::keys::load(&config.statement_key_file).map_err(|error| error.to_string())?;
        let public = PublicSubmitter::new(&config.public_url, Duration::from_secs(10)).map_err(|error| error.to_string())?;
        Ok(Anchor { signer, public, store })
    }

    /// Until dropped. A start anchors at once: one head too many dates nothing wrongly, one too few would.
    pub async fn run(self) {
        let mut last = None;
        loop {
            let today = Day::containing(super::unix_now());
            if last != Some(today) && self.publish().await.is_some() {
                last = Some(today);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// `None`: nothing published yet, or PUBLIC does not answer; tried again.
    async fn publish(&self) -> Option<()> {
        let note = self.store.read("checkpoint").await.ok()??;
        let signed = SignedStatement::sign(Statement::Head(note.to_vec()), &[&self.signer]).ok()?;
        self.public.submit(&signed.to_bytes()).await.ok().map(drop)
    }
}
