//! One production, computed: every ordered item of a batch opened, trimmed, counted, and answered.
//!
//! Pure over keys, PUBLIC's statements and the provider's cabinet, so that opening again after a restart gives the same rows in
//! the same order, and `ScopeDiff` of approval 2 is compared octet for octet before anything is packed.

use super::opening::{self, Cabinet, SlotOpening, Stop, Unopened};
use super::papers::Order;
use super::public_view::SlotStatements;
use super::trim::{self, Bounds, OpenedSlot, Stray};
use crate::cases::state::Batch;
use crate::cases::{Digest32, ItemDiff, ScopeDiff};
use seal::catalogue::Record;
use seal::committee::IdentityKey;
use seal::identity::{Category, Slot};
use seal::salt_map::SaltProof;
use std::collections::BTreeMap;
use verify::calendar::Day;
use verify::intent::IntentDocument;
use verify::order::ScopeItem;

/// What a batch is opened with.
pub struct Given<'a> {
    pub order: &'a Order,
    pub intent: &'a IntentDocument,
    pub batch: Batch,
    pub slot_len: u64,
    /// Seconds after a slot's end in which its last epoch still took records.
    pub straggling: u64,
}

/// One answered item: rows in order of time.
pub struct ItemRows {
    pub item: ScopeItem,
    /// Half-open: the ordered period, cut to the batch.
    pub from: u64,
    pub until: u64,
    pub rows: Vec<Record>,
    pub diff: ItemDiff,
    /// SHA-256 over the identities opened for it, as `queries.json` names them.
    pub query: [u8; 32],
}

/// Everything that one batch gives.
pub struct Production {
    pub scope: ScopeDiff,
    pub items: Vec<ItemRows>,
    /// By (category, slot): the openings that evidence files are made of, with the keys in their order.
    pub slots: BTreeMap<(Category, u64), (Vec<IdentityKey>, SlotOpening)>,
}

/// Why there is no production.
#[derive(Debug)]
pub enum Unproduced {
    Unopened(Unopened),
    Stray(Stray),
    /// GWY-16: an ordered identity is neither in the intent nor shown to be absent.
    Unanswered {
        slot: u64,
    },
}

impl From<Unopened> for Unproduced {
    fn from(unopened: Unopened) -> Unproduced {
        Unproduced::Unopened(unopened)
    }
}

impl Unproduced {
    /// Code and text of those that no repetition cures; `None`: our surroundings failed.
    pub fn stop(&self) -> Option<(&'static str, String)> {
        match self {
            Unproduced::Unopened(Unopened::Fault(_)) => None,
            Unproduced::Unopened(Unopened::Stop(stop)) => Some((stop.code(), stop.to_string())),
            Unproduced::Stray(stray) => Some((stray.code(), stray.to_string())),
            Unproduced::Unanswered { slot } => Some(("GWY-16", format!("slot {slot} has an ordered identity that nobody answers for"))),
        }
    }
}

/// Opens, trims and counts a batch. `keys`: as combined, in any order; `statements`: of every slot that the intent asks for.
pub fn produce(
    given: &Given<'_>,
    keys: Vec<IdentityKey>,
    statements: Vec<SlotStatements>,
    cabinet: &dyn Cabinet,
) -> Result<Production, Unproduced> {
    let slots = open_slots(given, keys, statements, cabinet)?;
    let mut items: Vec<&ScopeItem> = given.order.document.scope().items().collect();
    items.sort();
    let mut answered = Vec::new();
    for item in items {
        if let Some(rows) = answer(given, item, &slots)? {
            answered.push(rows);
        }
    }
    let records = digests(&answered);
    let diffs = answered.iter().map(|rows| rows.diff.clone()).collect();
    let scope = ScopeDiff { sequence: given.batch.sequence, items: diffs, records };
    Ok(Production { scope, items: answered, slots })
}

type Opened = BTreeMap<(Category, u64), (Vec<IdentityKey>, SlotOpening)>;

fn open_slots(
    given: &Given<'_>,
    keys: Vec<IdentityKey>,
    statements: Vec<SlotStatements>,
    cabinet: &dyn Cabinet,
) -> Result<Opened, Unproduced> {
    let by_slot: BTreeMap<u64, SlotStatements> =
        statements.into_iter().map(|found| (found.close.says.slot.from() / given.slot_len, found)).collect();
    let mut groups: BTreeMap<(Category, u64), Vec<IdentityKey>> = BTreeMap::new();
    for key in keys {
        let place = (key.identity().category(), key.identity().slot().no());
        groups.entry(place).or_default().push(key);
    }
    let mut opened = Opened::new();
    for (place, mut keys) in groups {
        keys.sort_by_key(|key| key.identity().digest());
        let missing = Unopened::Stop(Stop::Incomplete(super::public_view::Incomplete::SlotClose { slot: place.1, found: 0 }));
        let found = by_slot.get(&place.1).ok_or(missing)?.clone();
        let opening = opening::slot(cabinet, found, &keys, given.straggling)?;
        opened.insert(place, (keys, opening));
    }
    Ok(opened)
}

/// The item's answer in this batch; `None` if the batch has no slot of it.
fn answer(given: &Given<'_>, item: &ScopeItem, opened: &Opened) -> Result<Option<ItemRows>, Unproduced> {
    let (first, last) = (item.first().max(given.batch.first_slot), item.last().min(given.batch.last_slot));
    if last < first {
        return Ok(None);
    }
    let from = given.order.period.0.max(first * given.slot_len);
    let until = given.order.period.1.min((last + 1) * given.slot_len);
    let bounds = Bounds { from, until, category: item.category(), slot_len: given.slot_len };
    let (mut rows, mut slots, mut identities) = (Vec::new(), Vec::new(), Vec::new());
    for slot in first..=last {
        let opened = open_item(given, item, slot, opened, &mut identities)?;
        let trimmed = trim::slot(&bounds, opened).map_err(Unproduced::Stray)?;
        slots.push(trimmed.diff);
        rows.extend(trimmed.rows);
    }
    let diff = ItemDiff { selector: item.selector().to_string(), category: item.category().number(), slots };
    let parts: Vec<&[u8]> = identities.iter().map(|digest: &[u8; 32]| &digest[..]).collect();
    let query = seal::digest::sha256(&parts);
    Ok(Some(ItemRows { item: item.clone(), from, until, rows, diff, query }))
}

fn open_item(
    given: &Given<'_>,
    item: &ScopeItem,
    slot: u64,
    opened: &Opened,
    identities: &mut Vec<[u8; 32]>,
) -> Result<OpenedSlot, Unproduced> {
    let group = opened.get(&(item.category(), slot));
    let position = group.and_then(|(keys, _)| keys.iter().position(|key| key.identity().selector() == item.selector()));
    let (Some((keys, opening)), Some(position)) = (group, position) else {
        return match shows_absence(given.intent, item, slot) {
            true => Ok(OpenedSlot { slot, epochs: 0, late_epochs: 0, absent: true, records: Vec::new() }),
            false => Err(Unproduced::Unanswered { slot }),
        };
    };
    identities.push(keys[position].identity().digest());
    let mut records = Vec::new();
    for epoch in &opening.epochs {
        if let Some((_, found)) = &epoch.parts[position] {
            records.extend(found.records.iter().map(|opened| opened.record.clone()));
        }
    }
    let count = |list: &[super::public_view::EpochStatements]| u32::try_from(list.len()).unwrap_or(u32::MAX);
    let (epochs, late_epochs) = (count(&opening.statements.epochs), count(&opening.statements.late));
    Ok(OpenedSlot { slot, epochs, late_epochs, absent: false, records })
}

/// The intent carries the salt map's word that this selector did not exist on the slot's day.
fn shows_absence(intent: &IntentDocument, item: &ScopeItem, slot: u64) -> bool {
    let Ok(slot) = Slot::new(item.slot_len(), slot) else { return false };
    let day = Day::containing(slot.start());
    intent.salts().iter().any(|row| row.day == day && row.selector == *item.selector() && matches!(row.proof, SaltProof::Absent(_)))
}

/// SHA-256 over the rows of each category as they will stand in the package: item number and JSON line, one a line.
fn digests(items: &[ItemRows]) -> Vec<(u16, Digest32)> {
    let mut texts: BTreeMap<u16, String> = BTreeMap::new();
    for (number, item) in (1u32..).zip(items) {
        let text = texts.entry(item.item.category().number()).or_default();
        for row in &item.rows {
            text.push_str(&format!("{number} {}\n", row.json_line()));
        }
    }
    texts.into_iter().map(|(category, text)| (category, Digest32::of(text.as_bytes()))).collect()
}
