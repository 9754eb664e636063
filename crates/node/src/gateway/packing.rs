//! What goes into the package: statement, rows, evidence, and the very parts that the members judged.
//!
//! Pure, so that packing again after a restart gives the same files: everything comes from the stored case, the bundle's fixed
//! heads and the production; the time in it is the second officer's.

use super::opening::SlotOpening;
use super::papers::{Order, parse_order};
use super::production::{ItemRows, Production};
use super::public_view::Placed;
use super::work::Fault;
use crate::cases::state::{Asking, CaseId, Packing};
use seal::catalogue::{RecordType, format_rfc3339};
use seal::committee::IdentityKey;
use seal::identity::{Category, Slot};
use standards::package::{Action, Content, EvidenceFile, OrderFile, PackageDraft, QueryRun, Row, Table};
use std::collections::{BTreeMap, BTreeSet};
use verify::bundle::{Bundle, Place};
use verify::evidence::{self, EpochPart, IdentityPart, ProvenStatement, ShownKey};
use verify::intent::IntentDocument;
use verify::log::note::SignedNote;
use verify::log::proof::TlogProof;
use verify::package::statement::{CategoryAnswer, CompletenessStatement, Item, Outcome, SlotAnswer};
use verify::package::{LogFile, LoggedDocument};
use verify::policy::{Policy, Source};
use verify::receipt::ReleaseAnswer;
use verify::statement::Statement;

/// What a case's files in workshop and outbox begin with: its id, never a name.
pub fn prefix(case: &CaseId) -> String {
    format!("production-{}-", short(case))
}

fn short(case: &CaseId) -> String {
    let mut text = case.to_string();
    text.truncate(16);
    text
}

/// Of case and sequence number only: the same for every attempt and every repetition, so (order, batch) has one production.
pub fn production_id(asking: &Asking) -> String {
    format!("{}-{}", short(&asking.mandate().file.id), asking.batch().sequence)
}

fn fault(error: impl std::fmt::Display) -> Fault {
    Fault(error.to_string())
}

/// Order and intent of a batch, parsed.
pub struct Papers {
    pub order: Order,
    pub intent: IntentDocument,
}

impl Papers {
    pub fn of(asking: &Asking) -> Result<Papers, Fault> {
        let order = parse_order(&asking.mandate().file.order.0).map_err(|error| Fault(error.to_string()))?;
        let intent = IntentDocument::parse(&asking.soaked.intended.intent.0).map_err(|error| Fault(error.to_string()))?;
        Ok(Papers { order, intent })
    }
}

/// Everything that a package is made of, but its rows.
pub struct Parts<'a> {
    pub policy: &'a Policy,
    pub packing: &'a Packing,
    pub papers: &'a Papers,
    /// The bundle as the members judged it.
    pub bundle: &'a Bundle,
    /// Paths of auditors' statements under the bundle's PUBLIC head: trustees do not ask for them.
    pub sorted: BTreeMap<u64, Vec<[u8; 32]>>,
}

/// Places of the auditors' statements that a production could carry.
pub fn sorted_places(production: &Production) -> BTreeSet<u64> {
    let openings = production.slots.values().flat_map(|(_, opening)| &opening.epochs);
    openings.flat_map(|epoch| &epoch.statements.sorted).map(|placed| placed.index).collect()
}

/// The draft that the package writer takes.
pub fn draft(parts: &Parts<'_>, production: Production) -> Result<PackageDraft, Fault> {
    let log = parts.log_file(&production)?;
    let evidence = parts.evidence(&production)?;
    Ok(parts.draft(production, evidence, log))
}

impl Parts<'_> {
    /// Openings, proofs and receipts: why keys could be made at all. The very parts that the members judged, under their heads.
    fn log_file(&self, production: &Production) -> Result<LogFile, Fault> {
        let (bundle, papers, asking) = (self.bundle, self.papers, &self.packing.asked);
        let orders = SignedNote::parse(&bundle.orders_head.note).map_err(fault)?;
        let orders = |place: &Place| TlogProof::new(place.index, place.path.clone(), orders.clone()).to_bytes();
        // Salt proofs go along (decision 0073): without them P3 rests on the members' word that the salt is the right one.
        let intent = &papers.intent;
        let partly = self.of_partly_covered(production);
        let proofs = PublicProofs::of(self)?;
        let mut statements = Vec::new();
        for part in &bundle.statements {
            let carried = match part.statement.statement() {
                Statement::Policy(_) | Statement::Ceremony(_) | Statement::SaltMap(_) => true,
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
            related: bundle
                .related
                .iter()
                .map(|part| LoggedDocument { document: part.record.to_bytes(), proof: orders(&part.place) })
                .collect(),
            statements,
            order_anchor: bundle.order_anchor.clone(),
            intent_anchor: bundle.intent_anchor.clone(),
            receipts: receipts.iter().map(|answer| answer.without_keys().to_bytes()).collect(),
        })
    }

    /// Places in PUBLIC of what a reader needs for slots that have no evidence file.
    fn of_partly_covered(&self, production: &Production) -> BTreeSet<u64> {
        let mut places = BTreeSet::new();
        for ((_, number), (_, opening)) in &production.slots {
            if is_whole(self.papers, self.policy.times().slot_len, *number) {
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
    fn evidence(&self, production: &Production) -> Result<Vec<EvidenceFile>, Fault> {
        let proofs = PublicProofs::of(self)?;
        let mut files = Vec::new();
        for ((category, number), (keys, opening)) in &production.slots {
            if is_whole(self.papers, self.policy.times().slot_len, *number) {
                let slot = Slot::new(self.policy.slot_len(), *number).map_err(fault)?;
                let file = evidence_file(*category, slot, keys, opening, &proofs)?;
                file.check().map_err(fault)?;
                files.push(EvidenceFile { category: slug(*category), slot_no: *number, content: Content::Bytes(file.to_bytes()) });
            }
        }
        Ok(files)
    }

    fn draft(&self, production: Production, evidence: Vec<EvidenceFile>, log: LogFile) -> PackageDraft {
        let (packing, papers) = (self.packing, self.papers);
        let statement = self.statement(&production);
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
        let mut order =
            vec![OrderFile { name: "order.txt".to_owned(), content: Content::Bytes(packing.asked.mandate().file.order.0.clone()) }];
        order.extend(
            papers
                .order
                .document
                .original()
                .map(|original| OrderFile { name: "original.bin".to_owned(), content: Content::Bytes(original.to_vec()) }),
        );
        PackageDraft { statement, order, tables: tables.into_values().collect(), evidence, queries, actions: actions(packing), log }
    }

    fn statement(&self, production: &Production) -> CompletenessStatement {
        let (policy, packing, papers) = (self.policy, self.packing, self.papers);
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
    fn of(parts: &Parts<'_>) -> Result<PublicProofs, Fault> {
        let head = SignedNote::parse(&parts.bundle.public_head.note).map_err(fault)?;
        let mut paths = parts.sorted.clone();
        paths.extend(parts.bundle.statements.iter().map(|part| (part.place.index, part.place.path.clone())));
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
        let sorted = found.sorted.iter().filter(|placed| proofs.paths.contains_key(&placed.index));
        epochs.push(EpochPart {
            header: found.epoch.says.clone(),
            leaf: found.segment.says,
            epoch: proofs.proven(&found.epoch)?,
            segment: proofs.proven(&found.segment)?,
            sorted: sorted.map(|placed| proofs.proven(placed)).collect::<Result<_, _>>()?,
            parts: parts.collect(),
        });
    }
    let identities = keys.iter().map(|key| ShownKey { identity: key.identity().clone(), key: key.to_bytes() });
    Ok(evidence::EvidenceFile {
        category,
        slot,
        identities: identities.collect(),
        slot_close: proofs.proven(&opening.statements.close)?,
        epochs,
    })
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
    let action =
        |name: &str, performer: &str, from: u64, until: u64| Action { name: name.to_owned(), performer: performer.to_owned(), from, until };
    vec![
        action("order received", "provider", mandate.file.received, mandate.file.received),
        action("keys given by trustees", "trustees", packing.asked.heads.taken, packing.asked.heads.taken),
        action("approval 2", "provider", packing.approved, packing.approved),
    ]
}
