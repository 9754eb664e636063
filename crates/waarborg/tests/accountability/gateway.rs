//! A gateway's case database and door, as the process has them: the cases of one order that was served and closed.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use node::cases::body::BodyKey;
use node::cases::change::{Change, Event};
use node::cases::happening::Happening;
use node::cases::related::{Related, RelatedChange};
use node::cases::state::*;
use node::cases::store::CaseStore;
use node::cases::{Digest32, Octets};
use node::gateway::live::opened;
use node::gateway::public_view::PublicView;
use node::gateway::shell::{Message, inbox};
use node::http::{Door, serve};
use node::log::client::LogReader;
use seal::entropy::SeededEntropy;
use seal::secret::Secret;
use verify::order::OrderDocument;
use verify::policy::Policy;

use crate::Papers;

pub struct Gateway {
    pub address: String,
    store: Arc<Mutex<CaseStore>>,
    _runtime: tokio::runtime::Runtime,
}

const TOKEN: [u8; 32] = [7; 32];

fn octets(bytes: &[u8]) -> Octets {
    Octets(bytes.to_vec())
}

/// Every state that a served order leaves in the database, in its order; the last one holds none of intent, release and receipt.
fn cases(papers: &Papers) -> Vec<Case> {
    let order = OrderDocument::parse(&papers.order).unwrap();
    let file = File { id: Digest32(order.record().d()), number: 1, received: 1, order: octets(&papers.order) };
    let leaf = Logged { origin: String::new(), index: 0, proof: octets(b"") };
    let anchor = Anchor { public: octets(b""), orders: octets(b"") };
    let batch = Batch { sequence: 1, attempt: 1, first_slot: 1, last_slot: 2 };
    let mandate = Mandate {
        file: file.clone(),
        anchor: anchor.clone(),
        leaf: leaf.clone(),
        approvals: vec![octets(b""), octets(b"")],
        served: Vec::new(),
        next_slot: 1,
        owed: Vec::new(),
        withdrawal: None,
    };
    let none = Digest32([0; 32]);
    let package = PackageFacts { name: "production-1".into(), size: 1, encrypted: none, manifest: none, signature: none };
    let (release, receipt) = (octets(&papers.release.to_bytes()), octets(&papers.receipt.to_bytes()));
    let leaves = LeafQueue::new(vec![octets(&papers.outcome.to_bytes())]);
    vec![
        Case::Received(Received { file: file.clone() }),
        Case::Intended(Intended { mandate: mandate.clone(), batch, intent: octets(&papers.intent), anchor }),
        Case::Delivering(Delivering { mandate, batch, package, release, receipt }),
        Case::Closed(Closed { file, leaf, served: Vec::new(), ending: Ending::Completed, leaves, at: 2 }),
    ]
}

impl Gateway {
    pub fn start(folder: &Path, papers: &Papers, policy: &[u8], logs: (&str, &str)) -> Gateway {
        let entropy = &mut SeededEntropy::new([61; 32]);
        let mut store = CaseStore::create(&folder.join("cases.db"), BodyKey::generate(entropy)).unwrap();
        for (version, case) in (1..).zip(cases(papers)) {
            let event = Event { at: version, what: Happening::Received, by: "gateway".into() };
            store.apply(&Change { case, version, event }, entropy).unwrap();
        }
        for record in [&papers.extension, &papers.notice] {
            let related = Related::Submitted { document: Octets(record.to_bytes()) };
            store.apply_related(&RelatedChange { id: Digest32(record.d()), related, at: 9 }, entropy).unwrap();
        }
        std::fs::write(folder.join("desk.token"), format!("{}\n", Digest32(TOKEN))).unwrap();
        let store = Arc::new(Mutex::new(store));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (inbox, mut messages) = inbox();
        let readers = [logs.0, logs.1].map(|address| LogReader::new(address, Duration::from_secs(60)).unwrap());
        let (kept, policy) = (store.clone(), Policy::parse(policy).unwrap());
        runtime.spawn(async move {
            // As the shell does: what PUBLIC opens is looked up first.
            while let Some(message) = messages.recv().await {
                let Message::Records { reply } = message else { continue };
                let [orders, public] = &readers;
                let mut view = PublicView::default();
                let head = public.head().await.unwrap();
                for entry in public.entries(0, head.size, &head).await.unwrap() {
                    view.push(&policy, entry);
                }
                let ds: Vec<Digest32> = kept.lock().unwrap().records().unwrap().iter().map(|record| Digest32(record.d())).collect();
                let found = opened(orders, policy.orders(), &view, &ds).await.unwrap();
                let mut store = kept.lock().unwrap();
                store.opened(&found, 10).unwrap();
                let _ = reply.send(store.records().unwrap());
            }
        });
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let door = Door::new(inbox, Secret::new(TOKEN), folder.join("outbox"), Vec::new());
        runtime.spawn(serve(door, listener, std::future::pending()));
        Gateway { address, store, _runtime: runtime }
    }

    /// How many it still has the values of.
    pub fn records(&self) -> usize {
        self.store.lock().unwrap().records().unwrap().len()
    }
}
