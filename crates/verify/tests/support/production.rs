//! From a good case to the contents of a package: evidence opened from the sealed segments, rows, statement, receipts.

use std::collections::BTreeMap;
use std::sync::Arc;

use seal::catalogue::{Record, RecordType, format_rfc3339};
use seal::committee::{IdentityKey, Partials, combine};
use seal::digest::sha256;
use seal::epoch::{ClosedEpoch, STRAGGLING_MAX};
use seal::identity::{Category, Identity, Slot};
use seal::open::open_identity;
use seal::retention::RetentionKey;
use seal::segment::Segment;
use verify::evidence::{EpochPart, EvidenceFile, IdentityPart, ProvenStatement, ShownKey};
use verify::log::note::{SignedNote, Signer};
use verify::log::proof::TlogProof;
use verify::package::statement::{CategoryAnswer, CompletenessStatement, Item, Outcome, SlotAnswer};
use verify::package::{self, LogFile, LoggedDocument, layout};
use verify::policy::{CommitteeName, MemberId, Source};
use verify::receipt::{ReleaseAnswer, ReleaseReceipt, SignedReceipt};
use verify::statement::{SignedStatement, Statement};
use verify::verdict::{Contents, PublicTiles, Segments, Signature};

use super::case::{Good, bucket_proof};
use super::world::{PROVIDER, PUBLIC, at};

/// An epoch beside those of the case, with the key that its records are locked with.
pub struct Extra {
    pub closed: ClosedEpoch,
    pub retention: Arc<RetentionKey>,
}

/// What of a case goes into its package.
pub struct Shape {
    /// An auditor's `segment-sorted` for every segment.
    pub sorted: bool,
    /// Receipts of these members' committees: how many approvers, how many guardians.
    pub receipts: (u8, u8),
    /// Seconds after the head's time at which members released.
    pub released_after: u64,
    /// The intent with salts and day secrets.
    pub salts: bool,
    /// Evidence also for hours that the order covers only in part.
    pub too_much: bool,
    pub extras: Vec<Extra>,
}

impl Default for Shape {
    fn default() -> Shape {
        Shape { sorted: false, receipts: (2, 3), released_after: 2, salts: true, too_much: false, extras: Vec::new() }
    }
}

/// A package's contents in memory; every field may be changed before it is judged.
#[derive(Clone)]
pub struct Production {
    pub statement: CompletenessStatement,
    pub log: LogFile,
    pub orders: Vec<[u8; 32]>,
    pub files: BTreeMap<String, Vec<u8>>,
    pub evidence: BTreeMap<String, EvidenceFile>,
    /// Segments by epoch hash, for readers that have copies.
    pub segments: BTreeMap<[u8; 32], Vec<u8>>,
    /// PUBLIC as it stands after the production.
    pub public: BTreeMap<String, Vec<u8>>,
    /// The records behind the files, in their order.
    pub rows: Vec<Row>,
}

impl Contents for Production {
    fn statement(&self) -> &CompletenessStatement {
        &self.statement
    }
    fn log(&self) -> &LogFile {
        &self.log
    }
    fn evidence(&self) -> Vec<String> {
        self.evidence.keys().cloned().collect()
    }
    fn orders(&self) -> Vec<[u8; 32]> {
        self.orders.clone()
    }
    fn rows(&self, category: &str) -> Option<u64> {
        let file = self.files.get(&layout::records_jsonl(category))?;
        Some(file.iter().filter(|b| **b == b'\n').count() as u64)
    }
    fn file(&self, name: &str, _len_max: usize) -> Result<Vec<u8>, package::Refusal> {
        let made = self.evidence.get(name).map(EvidenceFile::to_bytes);
        made.or_else(|| self.files.get(name).cloned()).ok_or(package::Refusal::Unreadable)
    }
}

impl Segments for Production {
    fn segment(&self, epoch_hash: &[u8; 32]) -> Option<Vec<u8>> {
        self.segments.get(epoch_hash).cloned()
    }
}

impl PublicTiles for Production {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.public.get(path).cloned()
    }
}

/// Who signed the package, as `package` would say it.
pub fn signature() -> Signature {
    Signature {
        signer: package::Signer { certificate: [0xcc; 32], subject: "CN=Example Messenger".to_owned(), signing_time: at(14, 30) },
        stamp: None,
    }
}

impl Good {
    fn keys(&mut self, identities: &[Identity]) -> Vec<IdentityKey> {
        let mut partials = BTreeMap::new();
        for (name, shares) in &self.world.shares {
            let need = usize::from(self.policy.committee(*name).need());
            let of = |share: &seal::committee::Share| {
                let points = identities.iter().map(|id| share.partial_key(id).expect("a partial key").point).collect();
                (share.index(), points)
            };
            let of_committee: Partials = shares.iter().take(need).map(of).collect();
            partials.insert(*name, of_committee);
        }
        let side = |name| (self.policy.committee(name), &partials[&name]);
        let (a, g) = (side(CommitteeName::Approvers), side(CommitteeName::Guardians));
        combine(a, g, self.policy.public_key(), identities, &mut self.world.entropy).expect("keys")
    }

    fn proven(&self, index: u64, statement: &SignedStatement) -> ProvenStatement {
        let note = SignedNote::parse(&self.bundle.public_head.note).expect("a note");
        let size = verify::log::checkpoint::Checkpoint::of_note(&note).expect("a head").size;
        let place = self.public.place(index, size);
        ProvenStatement { statement: statement.clone(), proof: TlogProof::new(place.index, place.path, note) }
    }

    fn found(&self, is: impl Fn(&Statement) -> bool) -> ProvenStatement {
        let part = self.bundle.statements.iter().rev().find(|part| is(part.statement.statement())).expect("a statement");
        self.proven(part.place.index, &part.statement)
    }

    /// A note of PUBLIC as it stands now, ten minutes after the case's head.
    fn later_head(&self) -> SignedNote {
        let witnesses: Vec<(&Signer, u64)> = self.world.witnesses().into_iter().map(|w| (w, at(14, 30))).collect();
        SignedNote::parse(&self.public.note(self.public.size(), self.world.signer(PUBLIC), &witnesses)).expect("a note")
    }

    /// The package of this case.
    pub fn production(&mut self, shape: Shape) -> Production {
        let sorted = shape.sorted.then(|| self.publish_sorted(&shape));
        let mut slots: Vec<(Category, Slot)> = self.identities.iter().map(|id| (id.category(), id.slot())).collect();
        slots.sort_unstable_by_key(|(category, slot)| (category.number(), slot.no()));
        slots.dedup();
        let period = self.order.record().record().period().expect("a period");
        let mut made = Production {
            statement: self.statement(&slots),
            log: self.log_file(&shape),
            orders: self.order.original().map(|octets| sha256(&[octets])).into_iter().collect(),
            files: BTreeMap::new(),
            evidence: BTreeMap::new(),
            segments: BTreeMap::new(),
            public: BTreeMap::new(),
            rows: Vec::new(),
        };
        let mut rows: Vec<Row> = Vec::new();
        for (category, slot) in slots {
            let (file, lines) = self.evidence(category, slot, &shape, sorted.as_ref());
            let slug = RecordType::of_category(category).expect("a type").slug();
            let late = file.epochs.iter().filter(|e| file.is_later(&e.header)).count() as u32;
            let wholly = shape.too_much || period.holds(slot.start(), slot.end());
            made.statement.slots.push(SlotAnswer {
                category: slug.to_owned(),
                slot_len: slot.len().seconds(),
                slot_no: slot.no(),
                is_covered_wholly: wholly,
                epochs: file.epochs.len() as u32 - late,
                late_epochs: late,
            });
            let item = |selector: &str| {
                let of = |item: &Item| item.selector == selector && item.category == slug;
                made.statement.items.iter().position(of).expect("an item") as u64 + 1
            };
            rows.extend(lines.into_iter().map(|(selector, record)| Row { category: slug.to_owned(), item: item(&selector), record }));
            if wholly {
                made.evidence.insert(layout::evidence(slug, slot.no()), file);
            } else {
                // Statements of an hour covered in part lie in the log file (REL-17).
                let part = |shown: &ProvenStatement| logged(&shown.statement.to_bytes(), &shown.proof);
                made.log.statements.push(part(&file.slot_close));
                made.log.statements.extend(file.epochs.iter().flat_map(|e| [part(&e.epoch), part(&e.segment)]));
            }
        }
        for slug in made.statement.categories.iter().map(|c| c.category.clone()) {
            let of = rows.iter().filter(|row| row.category == slug).zip(1..);
            let text: String = of.map(|(row, number)| format!("{}\n", with_numbers(&row.record.json_line(), row.item, number))).collect();
            made.files.insert(layout::records_jsonl(&slug), text.into_bytes());
        }
        for (item, number) in made.statement.items.iter_mut().zip(1..) {
            item.rows = rows.iter().filter(|row| row.item == number).count() as u64;
            item.rows_counted_again = item.rows;
            let times = || rows.iter().filter(|row| row.item == number).map(|row| row.record.t_event_ms());
            (item.first, item.last) = (times().min().map(format_rfc3339), times().max().map(format_rfc3339));
        }
        made.rows = rows;
        let all = self.closed.iter().chain(shape.extras.iter().map(|extra| &extra.closed));
        made.segments = all.map(|closed| (closed.leaf.epoch_hash, closed.segment.clone())).collect();
        made.public = self.tiles();
        made
    }

    fn publish_sorted(&mut self, shape: &Shape) -> ProvenStatement {
        let all = self.closed.iter().chain(shape.extras.iter().map(|extra| &extra.closed));
        let mut ids: Vec<[u8; 32]> = all.map(|closed| closed.leaf.digest()).collect();
        ids.sort_unstable();
        let signed = SignedStatement::sign(Statement::SegmentSorted(ids), &[self.world.signer("auditor")]).expect("a statement");
        let index = self.public.push(&signed.to_bytes());
        let place = self.public.place(index, self.public.size());
        ProvenStatement { statement: signed, proof: TlogProof::new(place.index, place.path, self.later_head()) }
    }

    /// The evidence of a slot, and the JSON lines of its records with their selectors.
    fn evidence(
        &mut self,
        category: Category,
        slot: Slot,
        shape: &Shape,
        sorted: Option<&ProvenStatement>,
    ) -> (EvidenceFile, Vec<(String, Record)>) {
        let mut ids: Vec<Identity> = self.identities.iter().filter(|id| id.category() == category && id.slot() == slot).cloned().collect();
        ids.sort_by_key(Identity::digest);
        let keys = self.keys(&ids);
        let own = self.closed.iter().map(|closed| (closed, &self.retention));
        let extra = shape.extras.iter().map(|extra| (&extra.closed, &extra.retention));
        let takes = |closed: &ClosedEpoch| {
            closed.header.admits(slot).is_ok() || (slot.start() < closed.header.end && closed.header.end <= slot.end())
        };
        let mut epochs: Vec<(&ClosedEpoch, &Arc<RetentionKey>)> = own.chain(extra).filter(|(closed, _)| takes(closed)).collect();
        epochs.sort_by_key(|(closed, _)| (slot.end() < closed.header.end, closed.leaf.epoch_hash));
        let mut lines = Vec::new();
        let mut parts = Vec::new();
        for (closed, retention) in epochs {
            let segment = Segment::parse(closed.segment.clone()).expect("a segment");
            let mut of_ids = Vec::new();
            for key in &keys {
                if closed.header.admits(slot).is_err() {
                    of_ids.push(None);
                    continue;
                }
                let bucket = bucket_proof(retention, closed.header.lease, closed.header.start, key.identity().bucket());
                let opened = open_identity(key, &closed.header, &bucket, &segment, STRAGGLING_MAX).expect("an opening");
                let selector = key.identity().selector().to_string();
                lines.extend(opened.records.iter().map(|record| (selector.clone(), record.record.clone())));
                let entries = opened.records.into_iter().map(|record| record.proven).collect();
                of_ids.push(Some(IdentityPart { bucket, entries, absence: opened.absence }));
            }
            parts.push(EpochPart {
                header: closed.header.clone(),
                leaf: closed.leaf,
                epoch: self.found(|s| *s == Statement::Epoch(closed.header.clone())),
                segment: self.found(|s| *s == Statement::Segment(closed.leaf)),
                sorted: sorted.into_iter().cloned().collect(),
                parts: of_ids,
            });
        }
        let of_slot = |s: &Statement| matches!(s, Statement::SlotClose(c) if c.slot.from() == slot.start());
        let shown = ids.into_iter().zip(&keys).map(|(identity, key)| ShownKey { identity, key: key.to_bytes() });
        let file = EvidenceFile { category, slot, identities: shown.collect(), slot_close: self.found(of_slot), epochs: parts };
        file.check().expect("a good file");
        (file, lines)
    }

    fn statement(&self, slots: &[(Category, Slot)]) -> CompletenessStatement {
        let record = self.order.record().record();
        let period = record.period().expect("a period");
        let mut categories: Vec<Category> = slots.iter().map(|(category, _)| *category).collect();
        categories.sort_unstable_by_key(|c| RecordType::of_category(*c).map(RecordType::slug));
        categories.dedup();
        let answer = |category: &Category| CategoryAnswer {
            category: RecordType::of_category(*category).expect("a type").slug().to_owned(),
            readable_days: match self.policy.category(*category).expect("a category").source {
                Source::OnlySealed => None,
                Source::Readable { days } => Some(days),
            },
        };
        let item = |item: &verify::order::ScopeItem| Item {
            selector: item.selector().to_string(),
            category: RecordType::of_category(item.category()).expect("a type").slug().to_owned(),
            from: period.from(),
            until: period.until(),
            outcome: Outcome::Rows,
            rows: 0,
            rows_counted_again: 0,
            held_back: 0,
            first: None,
            last: None,
            gaps: Vec::new(),
        };
        CompletenessStatement {
            production: "fixture-1".to_owned(),
            is_demo: self.policy.is_demo(),
            order: record.hash(),
            intent: self.intent.record().record().hash(),
            original: self.order.original().map(|octets| sha256(&[octets])),
            case_reference: "2026-001".to_owned(),
            sender: "Example Messenger".to_owned(),
            recipient: "nl.om".to_owned(),
            written: at(14, 30),
            categories: categories.iter().map(answer).collect(),
            items: self.order.scope().items().map(item).collect(),
            slots: Vec::new(),
        }
    }

    fn log_file(&self, shape: &Shape) -> LogFile {
        let orders = SignedNote::parse(&self.bundle.orders_head.note).expect("a note");
        let under = |place: &verify::bundle::Place| TlogProof::new(place.index, place.path.clone(), orders.clone());
        let intent = if shape.salts { self.intent.clone() } else { self.intent.without_salts() };
        let general = self
            .bundle
            .statements
            .iter()
            .filter(|part| matches!(part.statement.statement(), Statement::Policy(_) | Statement::Ceremony(_) | Statement::SaltMap(_)));
        LogFile {
            order: logged(&self.order.to_bytes(), &under(&self.bundle.order_place)),
            intent: logged(&intent.to_bytes(), &under(&self.bundle.intent_place)),
            related: self.bundle.related.iter().map(|part| logged(&part.record.to_bytes(), &under(&part.place))).collect(),
            statements: general
                .map(|part| logged(&part.statement.to_bytes(), &self.proven(part.place.index, &part.statement).proof))
                .collect(),
            order_anchor: self.bundle.order_anchor.clone(),
            intent_anchor: self.bundle.intent_anchor.clone(),
            receipts: self.receipts(shape),
        }
    }

    fn receipts(&self, shape: &Shape) -> Vec<Vec<u8>> {
        let head = SignedNote::parse(&self.bundle.orders_head.note).expect("a note");
        let head = verify::log::checkpoint::Checkpoint::of_note(&head).expect("a head");
        let mut receipts = Vec::new();
        for (committee, count) in [(CommitteeName::Approvers, shape.receipts.0), (CommitteeName::Guardians, shape.receipts.1)] {
            for (signer, index) in self.world.receipt_signers(committee).into_iter().zip(1..=count) {
                let receipt = ReleaseReceipt {
                    member: MemberId { committee, index },
                    time: at(14, 20) + shape.released_after,
                    is_demo: self.policy.is_demo(),
                    head: head.clone(),
                    order_d: self.order.record().d(),
                    order_index: self.bundle.order_place.index,
                    intent_d: self.intent.record().d(),
                    sealed_hash: [index; 32],
                };
                let receipt = SignedReceipt::sign(receipt, signer).expect("a receipt");
                receipts.push(ReleaseAnswer { receipt, sealed: None }.to_bytes());
            }
        }
        receipts
    }

    /// PUBLIC as it stands now: the checkpoint and its bundles.
    pub fn tiles(&self) -> BTreeMap<String, Vec<u8>> {
        let mut tiles = BTreeMap::from([("checkpoint".to_owned(), self.later_head().to_bytes())]);
        for (entries, number) in self.public.entries.chunks(256).zip(0..) {
            let resource = verify::log::tile::Resource::Entries { number, width: entries.len() as u16 };
            tiles.insert(resource.to_string(), verify::log::tile::bundle(entries).expect("a bundle"));
        }
        tiles
    }
}

fn logged(document: &[u8], proof: &TlogProof) -> LoggedDocument {
    LoggedDocument { document: document.to_vec(), proof: proof.to_bytes() }
}

/// A record that answers an item.
#[derive(Clone)]
pub struct Row {
    pub category: String,
    pub item: u64,
    pub record: Record,
}

/// A record's JSON line as a row: `item` and `row_id` stand where canonical order puts them.
pub fn with_numbers(line: &str, item: u64, row: u64) -> String {
    use verify::package::json::Value;
    let Ok(Value::Object(mut members)) = Value::parse(line.as_bytes(), line.len()) else { panic!("a record's line: {line}") };
    members.insert("row_id".to_owned(), row.into());
    members.insert("item".to_owned(), item.into());
    Value::Object(members).to_text()
}
