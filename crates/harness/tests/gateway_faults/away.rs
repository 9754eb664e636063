//! A live world in which nothing answers: for what the shell does before it asks anybody.

use super::world::Scene;
use node::delivery::Shelves;
use node::gateway::live::{House, Live, Logs, MemberHeads};
use node::log::client::{LogReader, OrdersSubmitter, SubmitterConfig};
use node::segment_store::SegmentStore;
use node::vault::Vault;
use seal::entropy::SeededEntropy;
use standards::package::PackageKey;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub fn live(scene: &Scene, folder: &Path) -> Live {
    let limit = Duration::from_millis(200);
    // Port 9 of this machine: nobody listens.
    let url = "http://127.0.0.1:9";
    let reader = || LogReader::new(url, limit).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["gateway.example".to_owned()]).unwrap().self_signed(&key).unwrap();
    let (certificate_file, private_key_file) = (folder.join("submit.crt"), folder.join("submit.key"));
    std::fs::write(&certificate_file, certificate.pem()).unwrap();
    std::fs::write(&private_key_file, key.serialize_pem()).unwrap();
    let submit = SubmitterConfig {
        address: "127.0.0.1:9".to_owned(),
        server_certificate_sha256: "00".repeat(32),
        certificate_file,
        private_key_file,
        timeout_ms: 200,
    };
    let logs = Logs {
        orders: reader(),
        public: reader(),
        submitter: OrdersSubmitter::new(submit).unwrap(),
        poll: limit,
        patience: limit,
        view: Default::default(),
    };
    let provider = scene.rules.policy.parts().provider;
    let vault = Vault::init(&folder.join("vault"), provider, &mut SeededEntropy::new([91; 32])).unwrap();
    std::fs::create_dir(folder.join("segments")).unwrap();
    let store = SegmentStore::local(&folder.join("segments")).unwrap();
    let (package_key, _) = PackageKey::generate("Example Messenger", 1_767_000_000, 1_800_000_000).unwrap();
    Live {
        rules: Arc::clone(&scene.rules),
        logs,
        provider: Arc::new(House::of(vault, store)),
        engine: scene.engine(),
        trustees: Vec::new(),
        trustee_limit: limit,
        member_heads: MemberHeads::open(&folder.join("member-heads"), Default::default()).unwrap(),
        shown_heads: Default::default(),
        shelves: Shelves::open(&folder.join("workshop"), &folder.join("outbox")).unwrap(),
        package_key,
        timestamp_argv: None,
        recipients: Default::default(),
        heavy: tokio::sync::Semaphore::new(1),
    }
}
