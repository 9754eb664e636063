//! The package: the same production again, compared with what was approved, then written, signed and encrypted.

use super::Live;
use super::asking::Stored;
use super::opening::Made;
use crate::cases::Digest32;
use crate::cases::state::{Asking, PackageFacts, Packing};
use crate::gateway::packing::{self, Papers, Parts};
use crate::gateway::production::Production;
use crate::gateway::self_check;
use crate::gateway::work::{Done, Fault};
use crate::log::client::Head;
use crate::relay::{self, Frame, MemberCommand};
use seal::entropy::{Entropy, SystemEntropy};
use standards::package::Signed;
use std::collections::BTreeMap;
use std::time::Duration;
use verify::bundle::Bundle;

/// How long a time-stamp authority may take.
const STAMP_LIMIT: Duration = Duration::from_secs(30);

fn fault(error: impl std::fmt::Display) -> Fault {
    Fault(error.to_string())
}

impl Live {
    pub(super) async fn pack(&self, packing: &Packing) -> Result<Done, Fault> {
        let asking = &packing.asked;
        let papers = Papers::of(asking)?;
        let production = match self.produce(asking, &papers).await? {
            Made::Production(production) => *production,
            Made::Stopped { code, text } => return Ok(Done::Stopped { code, text }),
        };
        // What two people approved is what goes out, row for row.
        if production.scope != packing.scope {
            let text = "opening again gave other rows than those that were approved".to_owned();
            return Ok(Done::Stopped { code: "GWY-19".to_owned(), text });
        }
        let bundle = self.bundle(asking, &Stored::new()).await?;
        let sorted = self.sorted(&bundle, &production).await?;
        let parts = Parts { policy: &self.rules.policy, packing, papers: &papers, bundle: &bundle, sorted };
        let draft = packing::draft(&parts, production)?;
        let signed = tokio::task::block_in_place(|| draft.assemble().and_then(|made| Ok(made.sign(&self.package_key, packing.approved)?)));
        let signed = self.stamped(signed.map_err(fault)?).await?;
        self.shelve(asking, &papers, &signed)
    }

    fn shelve(&self, asking: &Asking, papers: &Papers, signed: &Signed) -> Result<Done, Fault> {
        let authority = papers.order.authority.as_str();
        let recipient = self.recipients.get(authority).ok_or_else(|| fault(format!("no certificate for {authority} is configured")))?;
        let (manifest, signature) = signed.digests();
        let package = signed.to_bytes().map_err(fault)?;
        tokio::task::block_in_place(|| self_check::accepts(&self.rules.policy, &package))?;
        let encrypted = tokio::task::block_in_place(|| standards::delivery::encrypt(package, recipient)).map_err(fault)?;
        let name = format!("production-{}{}", packing::production_id(asking), crate::delivery::SUFFIX);
        self.shelves.put(&name, &encrypted).map_err(|error| fault(format!("workshop: {error}")))?;
        Ok(Done::Packed(PackageFacts {
            name,
            size: encrypted.len() as u64,
            encrypted: Digest32::of(&encrypted),
            manifest: Digest32(manifest),
            signature: Digest32(signature),
        }))
    }

    async fn stamped(&self, signed: Signed) -> Result<Signed, Fault> {
        let Some(argv) = &self.timestamp_argv else { return Ok(signed) };
        let mut nonce = [0; 8];
        SystemEntropy.fill(&mut nonce);
        let request = signed.stamp_request(u64::from_be_bytes(nonce));
        let command = MemberCommand { member: "time stamp".to_owned(), argv: argv.clone() };
        match relay::ask(vec![(command, request.bytes.clone())], STAMP_LIMIT).await.pop() {
            Some((_, Frame::Answer(reply))) => signed.with_stamp(&request, &reply).map_err(fault),
            Some((_, Frame::Fault(text))) => Err(fault(format!("time stamp: {text}"))),
            None => Err(fault("time stamp: no answer")),
        }
    }

    /// Paths of auditors' statements under the bundle's PUBLIC head.
    async fn sorted(&self, bundle: &Bundle, production: &Production) -> Result<BTreeMap<u64, Vec<[u8; 32]>>, Fault> {
        let head = Head::parse(&bundle.public_head.note)?;
        let mut paths = BTreeMap::new();
        for index in packing::sorted_places(production).into_iter().filter(|index| *index < head.size) {
            paths.insert(index, self.logs.place(&self.logs.public, index, &head).await?.path);
        }
        Ok(paths)
    }
}
