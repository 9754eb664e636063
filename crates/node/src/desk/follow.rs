//! Joins a received order with the native cases that answer it. The order allows or stops the cases (DSK-08); what the cases do moves
//! the order (DSK-09). Derived from states on both sides, so that a gateway that was killed between the two says it after its restart.

use std::collections::BTreeMap;

use law::import::terms;
use law::life::{Case as Life, Outcome};
use law::received::{Order, Reason};
use rusqlite::{OptionalExtension, TransactionBehavior, params};
use seal::entropy::Entropy;
use serde::{Deserialize, Serialize};

use super::core::{Desk, Loaded, NotTaken};
use super::entry::{Entry, Fate};
use super::store::DeskFault;
use super::work::Work;
use crate::cases::state::{Case, Ending, NOT_HELD, Served};
use crate::cases::{CaseId, Digest32};
use crate::gateway::papers::{self, Refused};
use crate::gateway::work::Done;

/// One person in one category, from second to second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    selector: String,
    category: u16,
    from: u64,
    until: u64,
}

/// What the desk keeps of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    /// What its native order asks for.
    asks: Vec<Asked>,
    /// Rows out by production and selector, as two officers approved them.
    rows: BTreeMap<u32, BTreeMap<String, u64>>,
    ended: Option<Ended>,
}

impl Note {
    /// It ended with something that the issuing authority can be told: rows, "not held" or a ground of Form 3 D.
    fn answers(&self) -> bool {
        match &self.ended {
            Some(Ended::Refused { reason }) => *reason == NOT_HELD || ground(*reason).is_some(),
            Some(Ended::Completed { .. }) => true,
            Some(Ended::Withdrawn {}) | None => false,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum Ended {
    /// With the productions that were delivered.
    Completed {
        served: Vec<u32>,
    },
    Refused {
        reason: u16,
    },
    Withdrawn {},
}

/// SHA-256 of the original that a native order was transcribed from; none for one that a court signed natively.
pub fn original(order: &[u8]) -> Option<Digest32> {
    let order = verify::order::OrderDocument::parse(order).ok()?;
    let record = order.record().record();
    record.attesters()?;
    record.original_hash().filter(|hash| *hash != [0; 32]).map(Digest32)
}

/// Kind 3: it only keeps.
fn preserves(order: &[u8]) -> bool {
    papers::parse_order(order).is_ok_and(|order| order.preserves)
}

/// Period, persons and categories of a native order against those of the received one (IMP-01 to IMP-05): not even two attesters ask
/// for more than the original.
fn lies_within(native: &[u8], received: &Order) -> bool {
    let (Ok(native), Ok(terms)) = (papers::parse_order(native), terms(received)) else { return false };
    let (from, until) = native.period;
    let allowed = |term: &law::import::NativeTerms| {
        let asks = |selector: &str, category: u16| {
            term.items.iter().any(|(named, categories)| named.to_string() == selector && categories.contains(&category))
        };
        let mut items = native.document.scope().items();
        term.period.from() <= from
            && until <= term.period.until()
            && items.all(|item| asks(&item.selector().to_string(), item.category().number()))
    };
    terms.iter().any(allowed)
}

impl Desk {
    /// DSK-08: an attested order goes on only while the received order that it transcribes is produced, one that preserves while it is
    /// preserved, and each for what that one asks.
    pub fn may_go_on(&self, order: &[u8]) -> Result<(), NotTaken> {
        let Some(hash) = original(order) else { return Ok(()) };
        let hint = "waarborg desk show tells what it waits for";
        let Some(head) = self.by_hash(&hash)? else {
            let text = "the original of this order was never received here";
            return Err(Refused::new("DSK-08", text, "hand it in first: waarborg desk take").into());
        };
        // To preserve, an order has to stand; to produce, the gates have to have admitted it.
        let stands = if preserves(order) { head.preserves } else { matches!(head.state.as_str(), "producing" | "partly-produced") };
        if !stands {
            return Err(Refused::new("DSK-08", format!("received order {} is {}", head.number, head.state), hint).into());
        }
        let entropy = &mut seal::entropy::SystemEntropy;
        let work =
            Work { db: &self.db, setup: &self.setup, sealing: &self.sealing, books: &self.books, keeper: self.keeper.as_deref(), entropy };
        let loaded = work.load(head.number, head.at)?.ok_or_else(super::core::unknown)?;
        if loaded.received.order().is_some_and(|received| lies_within(order, received)) {
            return Ok(());
        }
        let text = format!("the native order asks for what received order {} does not", head.number);
        Err(Refused::new("DSK-08", text, "waarborg order import writes what it asks for").into())
    }

    /// Until when a received order lets the hold of its native one last; none: there is no received order. A hold that nothing ends but the
    /// answer lasts as long as two persons signed for.
    pub fn preserves_until(&self, order: &[u8], now: u64) -> Result<Option<u64>, DeskFault> {
        let Some(hash) = original(order) else { return Ok(None) };
        let Some(head) = self.by_hash(&hash)? else { return Ok(Some(now)) };
        Ok(Some(match (head.preserves, head.state.as_str(), head.due) {
            (false, ..) => now,
            (true, "preserving", Some(until)) => until,
            (true, ..) => u64::MAX,
        }))
    }

    /// What stops a production that is under way, asked before each of its tasks.
    pub fn stops(&self, case: &Case) -> Result<Option<Done>, DeskFault> {
        let is_under_way = matches!(
            case,
            Case::Drafting(_)
                | Case::Intended(_)
                | Case::Soaking(_)
                | Case::Asking(_)
                | Case::Opening(_)
                | Case::Packing(_)
                | Case::Delivering(_)
                | Case::Preserving(_)
                | Case::Announcing(_)
                | Case::Preserved(_)
        );
        if !is_under_way {
            return Ok(None);
        }
        match self.may_go_on(&case.file().order.0) {
            Ok(()) => Ok(None),
            Err(NotTaken::Refused(Refused { code, text, .. })) => Ok(Some(Done::Stopped { code, text })),
            Err(NotTaken::Fault(fault)) => Err(fault),
        }
    }

    /// Takes note of a case's state; gives the order's number where it belongs to one.
    pub fn follow(&mut self, now: u64, case: &Case, entropy: &mut dyn Entropy) -> Result<Option<u64>, DeskFault> {
        let Some(hash) = original(&case.file().order.0) else { return Ok(None) };
        let Some(head) = self.by_hash(&hash)? else { return Ok(None) };
        if preserves(&case.file().order.0) {
            // What it keeps answers nobody.
            return Ok(Some(head.number));
        }
        let setup = std::sync::Arc::clone(&self.setup);
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut work = Work { db: &tx, setup: &setup, sealing: &self.sealing, books: &self.books, keeper: self.keeper.as_deref(), entropy };
        // Before the conclusion: while the order is being produced it is seen that it stands.
        let is_offered = match &self.shelf {
            Some(shelf) => work.offer(shelf, case, head.number, now)?,
            None => false,
        };
        let is_new = work.note(case, head.number)?;
        if is_new {
            work.conclude(head.number, now)?;
        }
        if is_new || is_offered {
            tx.commit()?;
        }
        Ok(Some(head.number))
    }

    /// The native cases of an order: id, and how it ended.
    pub fn cases_of(&self, number: u64) -> Result<Vec<(CaseId, Option<String>)>, DeskFault> {
        let mut query = self.db.prepare_cached("SELECT id, ended FROM cases WHERE number = ?1 ORDER BY id")?;
        let rows = query.query_map([number], |row| Ok((Digest32(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Work<'_> {
    /// False: nothing new.
    fn note(&mut self, case: &Case, number: u64) -> Result<bool, DeskFault> {
        let file = case.file();
        let place = format!("case/{}", file.id);
        let mut query = self.db.prepare_cached("SELECT body FROM cases WHERE id = ?1")?;
        let sealed: Option<Vec<u8>> = query.query_row([&file.id.0[..]], |row| row.get(0)).optional()?;
        let before: Option<Note> = match &sealed {
            Some(sealed) => self.sealing.open_json(&place, sealed)?,
            None => None,
        };
        let order =
            papers::parse_order(&file.order.0).map_err(|error| DeskFault::Row { number, text: format!("case {}: {error}", file.id) })?;
        let mut note = before.clone().unwrap_or_default();
        let (from, until) = order.period;
        // What a lapsed case did not come to, nobody was asked.
        let reached = match ending(case) {
            Some(Ending::Lapsed { from }) => *from,
            _ => u64::MAX,
        };
        let asked = |item: &verify::order::ScopeItem| Asked {
            selector: item.selector().to_string(),
            category: item.category().number(),
            from: from.max(item.start()),
            until: until.min(item.end()).min(reached),
        };
        note.asks = order.document.scope().items().map(asked).filter(|asked| asked.from < asked.until).collect();
        if let Case::Packing(packing) = case {
            let rows = note.rows.entry(packing.scope.sequence).or_default();
            rows.clear();
            for item in &packing.scope.items {
                *rows.entry(item.selector.clone()).or_default() += item.slots.iter().map(|slot| slot.rows_out).sum::<u64>();
            }
        }
        match case {
            Case::Closing(s) => note.ended = Some(ended(&s.ending, &s.served)),
            Case::Closed(s) => note.ended = Some(ended(&s.ending, &s.served)),
            _ => {}
        }
        if before.as_ref() == Some(&note) {
            return Ok(false);
        }
        let word = note.ended.as_ref().map(|ended| match ended {
            Ended::Completed { .. } => "completed",
            Ended::Refused { .. } => "refused",
            Ended::Withdrawn {} => "withdrawn",
        });
        let sealed = self.sealing.seal_json(&place, &note, self.entropy)?;
        self.db
            .prepare_cached(
                "INSERT INTO cases (id, number, ended, body) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE SET ended = ?3, body = ?4",
            )?
            .execute(params![&file.id.0[..], number, word, sealed])?;
        Ok(true)
    }

    fn notes(&self, number: u64) -> Result<Vec<Note>, DeskFault> {
        let mut query = self.db.prepare_cached("SELECT id, body FROM cases WHERE number = ?1")?;
        let rows: Vec<([u8; 32], Vec<u8>)> = query.query_map([number], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let read = |(id, sealed): ([u8; 32], Vec<u8>)| {
            let note = self.sealing.open_json(&format!("case/{}", Digest32(id)), &sealed)?;
            note.ok_or_else(|| DeskFault::Row { number, text: "a case's note does not read".to_owned() })
        };
        rows.into_iter().map(read).collect()
    }

    /// What the ended cases say together.
    fn conclude(&mut self, number: u64, now: u64) -> Result<(), DeskFault> {
        let fault = |error: NotTaken| match error {
            NotTaken::Fault(fault) => fault,
            NotTaken::Refused(refused) => DeskFault::Row { number, text: refused.to_string() },
        };
        let Some(loaded) = self.load(number, now).map_err(fault)? else { return Ok(()) };
        let notes = self.notes(number)?;
        let Some(entry) = conclusion(&loaded, &notes) else { return Ok(()) };
        // A step that the law does not have there (withdrawn meanwhile) changes nothing: what left is in the case.
        self.try_enter(loaded, entry, "case", now).map(drop)
    }
}

fn ending(case: &Case) -> Option<&Ending> {
    match case {
        Case::Closing(s) => Some(&s.ending),
        Case::Closed(s) => Some(&s.ending),
        _ => None,
    }
}

fn ended(ending: &Ending, served: &[Served]) -> Ended {
    match ending {
        Ending::Completed | Ending::Lapsed { .. } => Ended::Completed { served: served.iter().map(|one| one.batch.sequence).collect() },
        Ending::Refused { reason } => Ended::Refused { reason: *reason },
        Ending::NotHeld => Ended::Refused { reason: NOT_HELD },
        Ending::Withdrawn { .. } => Ended::Withdrawn {},
    }
}

/// DSK-09. A reason that is neither "not held" nor a ground of Form 3 D leaves the answer to a person.
fn conclusion(loaded: &Loaded, notes: &[Note]) -> Option<Entry> {
    if notes.iter().any(|note| note.ended == Some(Ended::Withdrawn {})) {
        return Some(Entry::Withdraw {});
    }
    let known: BTreeMap<String, Outcome> = match &loaded.life {
        Life::Producing(_) => BTreeMap::new(),
        Life::PartlyProduced(at) => at.state().outcomes.clone(),
        _ => return None,
    };
    let order = loaded.received.order()?;
    let mut new = fates(order, notes);
    new.retain(|id, _| !known.contains_key(id));
    if new.is_empty() {
        return None;
    }
    let produced = |fate: &Fate| matches!(fate, Fate::Produced { .. });
    let is_whole = loaded.life.file().identifiers.iter().all(|id| known.contains_key(id) || new.contains_key(id));
    let any = new.values().any(produced) || known.values().any(|outcome| matches!(outcome, Outcome::Produced { .. }));
    match (is_whole, any) {
        (true, true) => Some(Entry::Answer { fates: new }),
        (true, false) if new.values().all(|fate| *fate == Fate::NotHeld) => Some(Entry::NothingHeld {}),
        (true, false) => {
            let number = |fate: &Fate| if let Fate::Refused { ground } = fate { *ground } else { Reason::NotStored.number() };
            Some(Entry::Refuse { grounds: new.iter().map(|(id, fate)| (id.clone(), vec![number(fate)])).collect() })
        }
        (false, _) => new.values().any(produced).then_some(Entry::Partly { fates: new }),
    }
}

/// Outcomes of the identifiers of which all that the received order asks for has been asked by native orders that ended.
fn fates(order: &Order, notes: &[Note]) -> BTreeMap<String, Fate> {
    let Ok(terms) = terms(order) else { return BTreeMap::new() };
    let mut found = BTreeMap::new();
    for (at, identifier) in order.identifiers.iter().enumerate() {
        let Some(selector) = law::native::selector(identifier).map(|selector| selector.to_string()) else { continue };
        let id = identifier.id.as_ref().map_or_else(|| (at + 1).to_string(), |id| id.value.clone());
        let is_about = |note: &&Note| note.answers() && note.asks.iter().any(|asked| asked.selector == selector);
        let ended: Vec<&Note> = notes.iter().filter(is_about).collect();
        if is_all_asked(&wanted(&terms, &selector), &ended)
            && let Some(fate) = fate(&selector, &ended)
        {
            found.insert(id, fate);
        }
    }
    found
}

/// What the received order asks for about this person.
fn wanted(terms: &[law::import::NativeTerms], selector: &str) -> Vec<Asked> {
    let mut wanted = Vec::new();
    for term in terms {
        let of_person = term.items.iter().filter(|(named, _)| named.to_string() == selector);
        wanted.extend(of_person.flat_map(|(_, categories)| categories).map(|category| Asked {
            selector: selector.to_owned(),
            category: *category,
            from: term.period.from(),
            until: term.period.until(),
        }));
    }
    wanted
}

/// A case that produced one hour of five has not answered the five.
fn is_all_asked(wanted: &[Asked], ended: &[&Note]) -> bool {
    let is_asked = |want: &Asked| {
        let same = |asked: &&Asked| asked.selector == want.selector && asked.category == want.category;
        let mut spans: Vec<(u64, u64)> = ended.iter().flat_map(|note| &note.asks).filter(same).map(|a| (a.from, a.until)).collect();
        spans.sort_unstable();
        let reached =
            spans.into_iter().fold(want.from, |reached, (from, until)| if from <= reached { reached.max(until) } else { reached });
        want.until <= reached
    };
    !wanted.is_empty() && wanted.iter().all(is_asked)
}

fn fate(selector: &str, ended: &[&Note]) -> Option<Fate> {
    let (mut rows, mut refused) = (0, None);
    for note in ended {
        match note.ended.as_ref()? {
            Ended::Completed { served } => {
                let delivered = note.rows.iter().filter(|(sequence, _)| served.contains(sequence));
                rows += delivered.filter_map(|(_, rows)| rows.get(selector)).sum::<u64>();
            }
            Ended::Refused { reason: NOT_HELD } => {}
            Ended::Refused { reason } => refused = Some(ground(*reason)?),
            Ended::Withdrawn {} => return None,
        }
    }
    Some(match (rows, refused) {
        (0, None) => Fate::NotHeld,
        (0, Some(ground)) => Fate::Refused { ground },
        (rows, _) => Fate::Produced { rows },
    })
}

/// Reasons of field 21 from 201 to 210 are the grounds of Form 3 D; 1 to 25 are the trustees' rules.
fn ground(reason: u16) -> Option<u8> {
    let number = reason.checked_sub(200)?;
    u8::try_from(number).ok().filter(|number| (1..=10).contains(number))
}
