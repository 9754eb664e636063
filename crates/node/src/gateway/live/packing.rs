//! The package: the same production again, compared with what was approved, then written, signed and encrypted.

use super::Live;
use super::opening::{Made, Papers};
use crate::cases::Digest32;
use crate::cases::state::{Asking, CaseId, PackageFacts, Packing};
use crate::gateway::opening::SlotOpening;
use crate::gateway::production::{ItemRows, Production};
use crate::gateway::public_view::Placed;
use crate::gateway::work::{Done, Fault};
use crate::relay::{self, Frame, MemberCommand};
use seal::catalogue::{RecordType, format_rfc3339};
use seal::committee::IdentityKey;
use seal::entropy::{Entropy, SystemEntropy};
use seal::identity::{Category, Slot};
use seal::salt_map::SaltProof;
use standards::package::{Action, Content, EvidenceFile, OrderFile, PackageDraft, QueryRun, Row, Signed, Table};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use verify::evidence::{self, EpochPart, IdentityPart, ProvenStatement, ShownKey};
use verify::package::{LogFile, LoggedDocument};
use verify::package::statement::{CategoryAnswer, CompletenessStatement, Item, Outcome, SlotAnswer};
use verify::policy::Source;
use verify::receipt::ReleaseAnswer;

/// How long a time-stamp authority may take.
const STAMP_LIMIT: Duration = Duration::from_secs(30);

/// What a case's files in the workshop begin with: its id, never a name.
pub(super) fn prefix(case: &CaseId) -> String {
    format!("production-{}-", short(case))
}

fn short(case: &CaseId) -> String {
    let mut text = case.to_string();
    text.truncate(16);
    text
}

/// `[a-z0-9-]`, from case and sequence number only: the same for every attempt and every repetition.
fn production_id(asking: &Asking) -> String {
    format!("{}-{}", short(&asking.mandate().file.id), asking.batch().sequence)
}

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
        let log = self.log_file(asking, &papers).await?;
        let evidence = self.evidence(&production, &papers).await?;
        let draft = self.package_draft(packing, &papers, production, evidence, log);
        let signed = tokio::task::block_in_place(|| draft.assemble().and_then(|made| Ok(made.sign(&self.package_key, packing.approved)?)));
        let signed = self.stamped(signed.map_err(fault)?).await?;
        self.shelve(asking, &papers, &signed)
    }

    fn shelve(&self, asking: &Asking, papers: &Papers, signed: &Signed) -> Result<Done, Fault> {
        let authority = papers.order.authority.as_str();
        let recipient = self.recipients.get(authority).ok_or_else(|| fault(format!("no certificate for {authority} is configured")))?;
        let (manifest, signature) = signed.digests();
        let package = signed.to_bytes().map_err(fault)?;
        let encrypted = tokio::task::block_in_place(|| standards::delivery::encrypt(package, recipient)).map_err(fault)?;
        let name = format!("production-{}{}", production_id(asking), crate::delivery::SUFFIX);
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

    /// Openings, proofs and receipts: why keys could be made at all.
    async fn log_file(&self, asking: &Asking, papers: &Papers) -> Result<LogFile, Fault> {
        let mandate = asking.mandate();
        let absent = papers.intent.salts().iter().any(|row| matches!(row.proof, SaltProof::Absent(_)));
        // The salt maps' secrets go along only where an absence has to be shown.
        let intent = if absent { papers.intent.clone() } else { papers.intent.without_salts() };
        let mut statements = Vec::new();
        for (index, entry) in self.foundations(papers).await {
            statements.push(LoggedDocument { proof: self.public_proof(index, &entry).await?, document: entry });
        }
        let mut receipts: Vec<ReleaseAnswer> =
            asking.answers.values().map(|answer| ReleaseAnswer::parse(&answer.0)).collect::<Result<_, _>>().map_err(fault)?;
        receipts.sort_by_key(|answer| answer.receipt.receipt().member);
        Ok(LogFile {
            order: LoggedDocument { document: mandate.file.order.0.clone(), proof: mandate.leaf.proof.0.clone() },
            intent: LoggedDocument { document: intent.to_bytes(), proof: asking.soaked.leaf.proof.0.clone() },
            related: Vec::new(),
            statements,
            receipts: receipts.iter().map(|answer| answer.without_keys().to_bytes()).collect(),
        })
    }

    /// Policy, ceremonies, and the salt maps of the days used.
    async fn foundations(&self, papers: &Papers) -> BTreeMap<u64, Vec<u8>> {
        let view = self.logs.view.lock().await;
        let limit = view.size();
        let mut found: BTreeMap<u64, Vec<u8>> = view.foundations(&self.rules.policy, limit).into_iter().collect();
        for row in papers.intent.salts() {
            found.extend(view.salt_maps(row.day, limit).map(|map| (map.index, map.entry.clone())));
        }
        found
    }

    /// The proof of a PUBLIC entry as it was published, so that its checkpoint is as early as can be (LOG-46).
    async fn public_proof(&self, index: u64, entry: &[u8]) -> Result<Vec<u8>, Fault> {
        let hash = seal::merkle::leaf_hash(entry);
        let proof = self.logs.public.receipt(&hash).await?;
        proof.ok_or_else(|| fault(format!("PUBLIC has no receipt for its entry {index}")))
    }

    async fn proven<T>(&self, placed: &Placed<T>) -> Result<ProvenStatement, Fault> {
        let proof = self.public_proof(placed.index, &placed.entry).await?;
        ProvenStatement::parse(&placed.entry, &proof).map_err(fault)
    }

    /// SEA-64: one file for each (category, slot) that the order covers wholly and that has identities.
    async fn evidence(&self, production: &Production, papers: &Papers) -> Result<Vec<EvidenceFile>, Fault> {
        let mut files = Vec::new();
        for ((category, number), (keys, opening)) in &production.slots {
            if is_whole(papers, self.rules.policy.times().slot_len, *number) {
                let file = self.evidence_file(*category, *number, keys, opening).await?;
                file.check().map_err(fault)?;
                files.push(EvidenceFile { category: slug(*category), slot_no: *number, content: Content::Bytes(file.to_bytes()) });
            }
        }
        Ok(files)
    }

    async fn evidence_file(&self, category: Category, number: u64, keys: &[IdentityKey], opening: &SlotOpening) -> Result<evidence::EvidenceFile, Fault> {
        let slot = Slot::new(self.rules.policy.slot_len(), number).map_err(fault)?;
        let mut epochs = Vec::new();
        for epoch in &opening.epochs {
            let mut sorted = Vec::new();
            for placed in &epoch.statements.sorted {
                sorted.push(self.proven(placed).await?);
            }
            let parts = epoch.parts.iter().map(|part| {
                part.as_ref().map(|(bucket, opened)| IdentityPart {
                    bucket: bucket.clone(),
                    entries: opened.records.iter().map(|record| record.proven.clone()).collect(),
                    absence: opened.absence.clone(),
                })
            });
            epochs.push(EpochPart {
                header: epoch.statements.epoch.says.clone(),
                leaf: epoch.statements.segment.says,
                epoch: self.proven(&epoch.statements.epoch).await?,
                segment: self.proven(&epoch.statements.segment).await?,
                sorted,
                parts: parts.collect(),
            });
        }
        let identities = keys.iter().map(|key| ShownKey { identity: key.identity().clone(), key: key.to_bytes() });
        Ok(evidence::EvidenceFile {
            category,
            slot,
            identities: identities.collect(),
            slot_close: self.proven(&opening.statements.close).await?,
            epochs,
        })
    }

    fn package_draft(&self, packing: &Packing, papers: &Papers, production: Production, evidence: Vec<EvidenceFile>, log: LogFile) -> PackageDraft {
        let statement = self.statement(packing, papers, &production);
        let snapshot = verify::spelling::hex(&verify::intent::release_root(papers.intent.release()));
        let mut queries = Vec::new();
        let mut tables: BTreeMap<String, Table> = BTreeMap::new();
        let categories: BTreeSet<Category> = papers.order.document.scope().items().map(|item| item.category()).collect();
        for category in categories {
            let Some(record_type) = RecordType::of_category(category) else { continue };
            tables.insert(slug(category), Table { record_type, rows: Vec::new() });
        }
        for (number, answered) in (1u32..).zip(production.items) {
            let category = slug(answered.item.category());
            queries.push(QueryRun {
                category: category.clone(),
                query_sha256: answered.query,
                connector: "waarborg-sealed-segments".to_owned(),
                connector_version: env!("CARGO_PKG_VERSION").to_owned(),
                snapshot: snapshot.clone(),
                rows: answered.rows.len() as u64,
            });
            if let Some(table) = tables.get_mut(&category) {
                table.rows.extend(answered.rows.into_iter().map(|record| Row { item: number, record }));
            }
        }
        let mut order = vec![OrderFile { name: "order.txt".to_owned(), content: Content::Bytes(packing.asked.mandate().file.order.0.clone()) }];
        order.extend(papers.order.document.original().map(|original| OrderFile {
            name: "original.bin".to_owned(),
            content: Content::Bytes(original.to_vec()),
        }));
        PackageDraft { statement, order, tables: tables.into_values().collect(), evidence, queries, actions: actions(packing), log }
    }

    fn statement(&self, packing: &Packing, papers: &Papers, production: &Production) -> CompletenessStatement {
        let policy = &self.rules.policy;
        let record = papers.order.document.record().record();
        let slot_len = policy.times().slot_len;
        let categories: BTreeSet<Category> = papers.order.document.scope().items().map(|item| item.category()).collect();
        let mut answers: Vec<CategoryAnswer> = categories
            .iter()
            .map(|category| CategoryAnswer {
                category: slug(*category),
                readable_days: match policy.category(*category).map(|rule| rule.source) {
                    Some(Source::Readable { days }) => Some(days),
                    _ => None,
                },
            })
            .collect();
        answers.sort_by(|a, b| a.category.cmp(&b.category));
        CompletenessStatement {
            production: production_id(&packing.asked),
            is_demo: policy.is_demo(),
            order: record.hash(),
            intent: papers.intent.record().record().hash(),
            original: papers.order.document.original().map(|original| seal::digest::sha256(&[original])),
            case_reference: record.case_ref().unwrap_or("-").to_owned(),
            sender: policy.parts().provider_name.clone(),
            recipient: papers.order.authority.as_str().to_owned(),
            written: packing.approved,
            categories: answers,
            items: production.items.iter().map(item).collect(),
            slots: slots(production, papers, slot_len),
        }
    }
}

/// An order covers a slot wholly if the period does; a slot at either end may stick out of it.
fn is_whole(papers: &Papers, slot_len: u32, slot: u64) -> bool {
    let (start, end) = (slot * u64::from(slot_len), (slot + 1) * u64::from(slot_len));
    papers.order.period.0 <= start && end <= papers.order.period.1
}

fn slug(category: Category) -> String {
    RecordType::of_category(category).map_or_else(|| category.number().to_string(), |found| found.slug().to_owned())
}

fn item(answered: &ItemRows) -> Item {
    let (rows, held_back) = answered.diff.slots.iter().fold((0, 0), |(out, held), slot| (out + slot.rows_out, held + slot.rows_held_back));
    let time = |ms: Option<u64>| ms.map(format_rfc3339);
    let times = || answered.rows.iter().map(|row| row.t_event_ms());
    let absent = answered.diff.slots.iter().all(|slot| slot.absent);
    Item {
        selector: answered.diff.selector.clone(),
        category: slug(answered.item.category()),
        from: answered.from,
        until: answered.until,
        outcome: match absent {
            true => Outcome::NoDataHeld { reason: "no such selector on the ordered days".to_owned() },
            false => Outcome::Rows,
        },
        rows: answered.rows.len() as u64,
        // `trim` compared both paths slot by slot; this is the sum of the second one.
        rows_counted_again: rows,
        held_back,
        first: time(times().min()),
        last: time(times().max()),
        gaps: Vec::new(),
    }
}

/// One line for each (category, slot) of the batch: what was opened, and what the salt map shows not to exist.
fn slots(production: &Production, papers: &Papers, slot_len: u32) -> Vec<SlotAnswer> {
    let mut answers: BTreeMap<(String, u64), SlotAnswer> = BTreeMap::new();
    for answered in &production.items {
        let category = slug(answered.item.category());
        for diff in &answered.diff.slots {
            let opened = production.slots.contains_key(&(answered.item.category(), diff.slot));
            let fresh = SlotAnswer {
                category: category.clone(),
                slot_len,
                slot_no: diff.slot,
                is_covered_wholly: opened && is_whole(papers, slot_len, diff.slot),
                epochs: diff.epochs,
                late_epochs: diff.late_epochs,
            };
            let answer = answers.entry((category.clone(), diff.slot)).or_insert(fresh);
            // Two selectors in one slot, one of them absent: the counts are those of the one that was opened.
            answer.epochs = answer.epochs.max(diff.epochs);
            answer.late_epochs = answer.late_epochs.max(diff.late_epochs);
        }
    }
    answers.into_values().collect()
}

fn actions(packing: &Packing) -> Vec<Action> {
    let mandate = packing.asked.mandate();
    let action = |name: &str, performer: &str, from: u64, until: u64| Action { name: name.to_owned(), performer: performer.to_owned(), from, until };
    vec![
        action("order received", "provider", mandate.file.received, mandate.file.received),
        action("keys given by trustees", "trustees", packing.asked.heads.taken, packing.asked.heads.taken),
        action("approval 2", "provider", packing.approved, packing.approved),
    ]
}
