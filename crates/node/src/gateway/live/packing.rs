//! The package: the same production again, compared with what was approved, then written, signed and encrypted.

use super::Live;
use super::asking::Stored;
use super::opening::{Made, Papers};
use crate::cases::Digest32;
use crate::cases::state::{Asking, CaseId, PackageFacts, Packing};
use crate::gateway::opening::SlotOpening;
use crate::gateway::production::{ItemRows, Production};
use crate::gateway::public_view::Placed;
use crate::gateway::work::{Done, Fault};
use crate::log::client::Head;
use crate::relay::{self, Frame, MemberCommand};
use seal::catalogue::{RecordType, format_rfc3339};
use seal::committee::IdentityKey;
use seal::entropy::{Entropy, SystemEntropy};
use seal::identity::{Category, Slot};
use seal::salt_map::SaltProof;
use standards::package::{Action, Content, EvidenceFile, OrderFile, PackageDraft, QueryRun, Row, Signed, Table};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use verify::bundle::{Bundle, Place};
use verify::evidence::{self, EpochPart, IdentityPart, ProvenStatement, ShownKey};
use verify::log::note::SignedNote;
use verify::log::proof::TlogProof;
use verify::package::{LogFile, LoggedDocument};
use verify::package::statement::{CategoryAnswer, CompletenessStatement, Item, Outcome, SlotAnswer};
use verify::policy::Source;
use verify::receipt::ReleaseAnswer;
use verify::statement::Statement;

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
        let bundle = self.bundle(asking, &Stored::new()).await?;
        let log = self.log_file(asking, &bundle, &production, &papers)?;
        let evidence = self.evidence(&bundle, &production, &papers).await?;
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

    /// Openings, proofs and receipts: why keys could be made at all. The very parts that the members judged, under their heads.
    fn log_file(&self, asking: &Asking, bundle: &Bundle, production: &Production, papers: &Papers) -> Result<LogFile, Fault> {
        let orders = SignedNote::parse(&bundle.orders_head.note).map_err(fault)?;
        let orders = |place: &Place| TlogProof::new(place.index, place.path.clone(), orders.clone()).to_bytes();
        // The salt maps' secrets go along only where an absence has to be shown.
        let has_absence = papers.intent.salts().iter().any(|row| matches!(row.proof, SaltProof::Absent(_)));
        let intent = if has_absence { papers.intent.clone() } else { papers.intent.without_salts() };
        let partly = self.of_partly_covered(production, papers);
        let proofs = PublicProofs::of(bundle)?;
        let mut statements = Vec::new();
        for part in &bundle.statements {
            let carried = match part.statement.statement() {
                Statement::Policy(_) | Statement::Ceremony(_) => true,
                Statement::SaltMap(_) => has_absence,
                _ => partly.contains(&part.place.index),
            };
            if carried {
                let document = part.statement.to_bytes();
                statements.push(LoggedDocument { document, proof: proofs.proof(part.place.index)?.to_bytes() });
            }
        }
        let mut receipts: Vec<ReleaseAnswer> =
            asking.answers.values().map(|answer| ReleaseAnswer::parse(&answer.0)).collect::<Result<_, _>>().map_err(fault)?;
        receipts.sort_by_key(|answer| answer.receipt.receipt().member);
        Ok(LogFile {
            order: LoggedDocument { document: bundle.order.to_bytes(), proof: orders(&bundle.order_place) },
            intent: LoggedDocument { document: intent.to_bytes(), proof: orders(&bundle.intent_place) },
            related: Vec::new(),
            statements,
            order_anchor: bundle.order_anchor.clone(),
            intent_anchor: bundle.intent_anchor.clone(),
            receipts: receipts.iter().map(|answer| answer.without_keys().to_bytes()).collect(),
        })
    }

    /// Places in PUBLIC of what a reader needs for slots that have no evidence file.
    fn of_partly_covered(&self, production: &Production, papers: &Papers) -> BTreeSet<u64> {
        let mut places = BTreeSet::new();
        for ((_, number), (_, opening)) in &production.slots {
            if is_whole(papers, self.rules.policy.times().slot_len, *number) {
                continue;
            }
            let found = &opening.statements;
            places.insert(found.close.index);
            for epoch in found.epochs.iter().chain(&found.late) {
                places.extend([epoch.epoch.index, epoch.segment.index]);
            }
        }
        places
    }

    /// SEA-64: one file for each (category, slot) that the order covers wholly and that has identities.
    async fn evidence(&self, bundle: &Bundle, production: &Production, papers: &Papers) -> Result<Vec<EvidenceFile>, Fault> {
        let mut proofs = PublicProofs::of(bundle)?;
        self.prove_sorted(&mut proofs, bundle, production).await?;
        let mut files = Vec::new();
        for ((category, number), (keys, opening)) in &production.slots {
            if is_whole(papers, self.rules.policy.times().slot_len, *number) {
                let slot = Slot::new(self.rules.policy.slot_len(), *number).map_err(fault)?;
                let file = evidence_file(*category, slot, keys, opening, &proofs)?;
                file.check().map_err(fault)?;
                files.push(EvidenceFile { category: slug(*category), slot_no: *number, content: Content::Bytes(file.to_bytes()) });
            }
        }
        Ok(files)
    }

    /// Auditors' statements are not in the bundle: trustees do not ask for them.
    async fn prove_sorted(&self, proofs: &mut PublicProofs, bundle: &Bundle, production: &Production) -> Result<(), Fault> {
        let head = Head::parse(&bundle.public_head.note)?;
        let openings = production.slots.values().flat_map(|(_, opening)| &opening.epochs);
        let sorted: BTreeSet<u64> = openings.flat_map(|epoch| &epoch.statements.sorted).map(|placed| placed.index).collect();
        for index in sorted.into_iter().filter(|index| *index < head.size) {
            let place = self.logs.place(&self.logs.public, index, &head).await?;
            proofs.paths.insert(index, place.path);
        }
        Ok(())
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

/// Proofs of PUBLIC entries, all under the one head that the members judged.
struct PublicProofs {
    head: SignedNote,
    paths: BTreeMap<u64, Vec<[u8; 32]>>,
}

impl PublicProofs {
    fn of(bundle: &Bundle) -> Result<PublicProofs, Fault> {
        let head = SignedNote::parse(&bundle.public_head.note).map_err(fault)?;
        let paths = bundle.statements.iter().map(|part| (part.place.index, part.place.path.clone())).collect();
        Ok(PublicProofs { head, paths })
    }

    fn proof(&self, index: u64) -> Result<TlogProof, Fault> {
        let path = self.paths.get(&index).ok_or_else(|| fault(format!("no path for entry {index} of PUBLIC")))?;
        Ok(TlogProof::new(index, path.clone(), self.head.clone()))
    }

    fn proven<T>(&self, placed: &Placed<T>) -> Result<ProvenStatement, Fault> {
        ProvenStatement::parse(&placed.entry, &self.proof(placed.index)?.to_bytes()).map_err(fault)
    }
}

fn evidence_file(
    category: Category,
    slot: Slot,
    keys: &[IdentityKey],
    opening: &SlotOpening,
    proofs: &PublicProofs,
) -> Result<evidence::EvidenceFile, Fault> {
    let mut epochs = Vec::new();
    for epoch in &opening.epochs {
        let found = &epoch.statements;
        let parts = epoch.parts.iter().map(|part| {
            part.as_ref().map(|(bucket, opened)| IdentityPart {
                bucket: bucket.clone(),
                entries: opened.records.iter().map(|record| record.proven.clone()).collect(),
                absence: opened.absence.clone(),
            })
        });
        epochs.push(EpochPart {
            header: found.epoch.says.clone(),
            leaf: found.segment.says,
            epoch: proofs.proven(&found.epoch)?,
            segment: proofs.proven(&found.segment)?,
            sorted: found.sorted.iter().filter(|placed| proofs.paths.contains_key(&placed.index)).map(|placed| proofs.proven(placed)).collect::<Result<_, _>>()?,
            parts: parts.collect(),
        });
    }
    let identities = keys.iter().map(|key| ShownKey { identity: key.identity().clone(), key: key.to_bytes() });
    Ok(evidence::EvidenceFile { category, slot, identities: identities.collect(), slot_close: proofs.proven(&opening.statements.close)?, epochs })
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
