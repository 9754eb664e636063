//! The loop: looks what is due, sends, and hands back what was answered. One message at a time to each office, a few to all.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::line::Letter;
use super::post::Post;
use crate::desk::listen::{SharedDesk, lock};
use crate::gateway::rules::Settings;
use crate::gateway::shell::now;

/// How often the queue is asked: an index look-up.
const LOOK: Duration = Duration::from_secs(1);
/// Messages under way at once: of the largest, as octets and as XML, about 250 MB.
const PARALLEL: usize = 4;

/// Runs until it is dropped.
pub async fn run(desk: SharedDesk, post: Post, settings: Settings) {
    let post = Arc::new(post);
    let mut under_way = JoinSet::new();
    let mut busy: BTreeSet<String> = BTreeSet::new();
    loop {
        let (own, taken, room) = (Arc::clone(&desk), busy.clone(), PARALLEL - busy.len());
        let due = tokio::task::spawn_blocking(move || lock(&own).due(now(), &settings, &taken, room)).await;
        let letters = match due {
            Ok(Ok(letters)) => letters,
            Ok(Err(fault)) => {
                eprintln!("desk: {fault}");
                Vec::new()
            }
            Err(error) => {
                eprintln!("desk: bug: {error}");
                Vec::new()
            }
        };
        for letter in letters {
            busy.insert(letter.owner.clone());
            let post = Arc::clone(&post);
            under_way.spawn(async move {
                let Letter { owner, transaction, endpoint, octets, expected } = letter;
                let said = post.send(&endpoint, octets).await.and_then(|answer| expected.read(&answer));
                (owner, transaction, said)
            });
        }
        let back = tokio::select! {
            Some(back) = under_way.join_next(), if !under_way.is_empty() => back,
            () = tokio::time::sleep(LOOK) => continue,
        };
        match back {
            Ok((owner, transaction, said)) => {
                busy.remove(&owner);
                let own = Arc::clone(&desk);
                let noted = tokio::task::spawn_blocking(move || lock(&own).came_back(now(), &settings, &owner, transaction, said));
                if let Ok(Err(fault)) = noted.await {
                    // Nothing is lost: the message stands, and is sent again.
                    eprintln!("desk: {fault}");
                }
            }
            Err(error) => {
                eprintln!("desk: bug: {error}");
                // Who it was is not known any more; what was stored says when each is tried again.
                busy.clear();
            }
        }
    }
}
