//! The queue in the desk's database: rows for what is to be told, one row for a message that is not answered yet.

use std::collections::BTreeSet;

use law::received::Office;
use law::registry::{Endpoint, Standing};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use seal::entropy::SystemEntropy;
use standards::answer::{Expected, Parties, Said, request};
use standards::etsi::approval::DictionaryEntry;
use standards::etsi::codec::Some1;
use standards::etsi::core::{ActionRequest, Payload, Request};
use standards::etsi::delivery::Delivered;
use standards::etsi::desk::Store;
use standards::etsi::message::{Message, Received};
use standards::etsi::object::{Kind, Object};
use standards::etsi::values::{Base64, Uuid};
use verify::spelling::{base64, from_base64};

use super::core::{Dispatch, Effect, Ending, Input, Item, Line, handle};
use crate::desk::core::Desk;
use crate::desk::deliver::{Shelf, endpoint, is_past, without_octets};
use crate::desk::hi1::{keep, object};
use crate::desk::judging::Setup;
use crate::desk::store::DeskFault;
use crate::desk::work::Work;
use crate::gateway::rules::Settings;

/// A message to be sent, and what its answer has to be about.
pub struct Letter {
    pub owner: String,
    pub transaction: Uuid,
    pub endpoint: Endpoint,
    pub octets: Vec<u8>,
    pub expected: Expected,
}

/// What became of one object that was to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub at: u64,
    pub object: String,
    /// `acknowledged`, `refused ...` or `over`; none: it waits, or is under way.
    pub ended: Option<String>,
    /// How often its message was sent.
    pub tries: u32,
}

/// Where the registry says that this office takes what we send.
fn address(setup: &Setup, owner: &str, now: u64) -> Option<Endpoint> {
    let (country, id) = owner.split_once('/')?;
    let office = Office { country: country.to_owned(), id: id.to_owned() };
    let Standing::InForce(authority) = setup.registry.by_office(&office, now) else { return None };
    authority.deliver.clone()
}

/// DSK-24: to be told, in the transaction that made it. Whoever has no address polls.
pub(in crate::desk) fn queue(work: &Work, owner: &str, object: &Object, number: u64, now: u64) -> Result<(), DeskFault> {
    if address(work.setup, owner, now).is_some() {
        let insert = "INSERT OR IGNORE INTO outgoing (owner, object, number, at) VALUES (?1, ?2, ?3, ?4)";
        work.db.prepare_cached(insert)?.execute(params![owner, object.base.identifier.as_str(), number, now])?;
    }
    Ok(())
}

fn broken(text: &str) -> DeskFault {
    DeskFault::Row { number: 0, text: text.to_owned() }
}

fn item(work: &Work, id: &str, now: u64) -> Result<Item, DeskFault> {
    let (_, object, _) = object(work.db, work.sealing, id)?.ok_or_else(|| broken("what is to be told does not exist"))?;
    let (is_delivery, is_over) = match &object.kind {
        Kind::Delivery(body) => {
            let has_ended = body.status.as_ref().is_none_or(|status| status.value.as_str() != "Available");
            let is_late = matches!(&body.delivery, Some(Delivered::Url(url)) if is_past(url, now));
            (true, has_ended || is_late)
        }
        _ => (false, false),
    };
    Ok(Item { object: object.base.identifier, is_delivery, is_over })
}

/// Before the sealed words of a refusal.
const REFUSED: &str = "refused ";

/// More than one message takes is not looked at.
const AHEAD: u32 = 65;

fn line(work: &Work, owner: &str, now: u64) -> Result<Line, DeskFault> {
    let mut query = work.db.prepare_cached("SELECT txn, at, tries, next FROM dispatches WHERE owner = ?1")?;
    let row: Option<(String, u64, u32, u64)> =
        query.query_row([owner], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).optional()?;
    let open = match row {
        Some((txn, at, tries, next)) => {
            let transaction = Uuid::parse(&txn).ok_or_else(|| broken("a message's transaction does not read"))?;
            Some(Dispatch { transaction, at, items: items(work, owner, Some(&txn), now)?, tries, next })
        }
        None => None,
    };
    Ok(Line { open, waiting: items(work, owner, None, now)? })
}

fn items(work: &Work, owner: &str, txn: Option<&str>, now: u64) -> Result<Vec<Item>, DeskFault> {
    let select = "SELECT object FROM outgoing WHERE owner = ?1 AND txn IS ?2 AND ended IS NULL ORDER BY seq LIMIT ?3";
    let mut query = work.db.prepare_cached(select)?;
    let ids: Vec<String> = query.query_map(params![owner, txn, AHEAD], |row| row.get(0))?.collect::<Result<_, _>>()?;
    ids.iter().map(|id| item(work, id, now)).collect()
}

/// Makes the message once; what is kept has no octets of a package.
fn open(work: &mut Work, shelf: &Shelf, owner: &str, dispatch: &Dispatch) -> Result<(), DeskFault> {
    let receiver = endpoint(owner).ok_or_else(|| broken("an office without a name in HI-1"))?;
    let (transaction, at) = (dispatch.transaction.clone(), i64::try_from(dispatch.at).unwrap_or(i64::MAX));
    let parties = Parties { sender: shelf.own.clone(), receiver, transaction, at };
    let mut objects = Vec::new();
    for item in &dispatch.items {
        let found = object(work.db, work.sealing, item.object.as_str())?;
        objects.push(found.map(|(_, object, _)| without_octets(&object)).ok_or_else(|| broken("what is to be told does not exist"))?);
    }
    let message = request(&parties, objects).ok_or_else(|| broken("a message without actions"))?;
    let txn = dispatch.transaction.as_str();
    let sealed = work.sealing.seal(&format!("dispatch/{txn}"), message.to_xml().as_bytes(), work.entropy)?;
    let insert = "INSERT INTO dispatches (txn, owner, at, tries, next, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    work.db.prepare_cached(insert)?.execute(params![txn, owner, dispatch.at, dispatch.tries, dispatch.next, sealed])?;
    for item in &dispatch.items {
        work.db.prepare_cached("UPDATE outgoing SET txn = ?1 WHERE object = ?2")?.execute(params![txn, item.object.as_str()])?;
    }
    Ok(())
}

/// Words of an authority: what it quotes may be an identifier, and it may quote without end.
const WORDS_MAX: usize = 500;

fn cut(words: &str) -> String {
    words.chars().take(WORDS_MAX).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn end(work: &mut Work, owner: &str, id: &Uuid, ending: &Ending, now: u64) -> Result<(), DeskFault> {
    let word = match ending {
        Ending::Acknowledged => "acknowledged".to_owned(),
        // Sealed as all that came from outside is (DSK-01).
        Ending::Refused(text) => {
            let sealed = work.sealing.seal(&format!("ended/{}", id.as_str()), cut(text).as_bytes(), work.entropy)?;
            format!("{REFUSED}{}", base64(&sealed))
        }
        Ending::Over => "over".to_owned(),
    };
    work.db.prepare_cached("UPDATE outgoing SET ended = ?1 WHERE object = ?2")?.execute(params![word, id.as_str()])?;
    if *ending != Ending::Acknowledged {
        return Ok(());
    }
    // What the authority has is a delivery acknowledged, unless it said more meanwhile or its order fell.
    let Some((_, found, number)) = object(work.db, work.sealing, id.as_str())? else { return Ok(()) };
    let is_new =
        matches!(&found.kind, Kind::Delivery(body) if body.status.as_ref().is_some_and(|status| status.value.as_str() == "Available"));
    let Some(status) = DictionaryEntry::etsi("DeliveryStatus", "Acknowledged").filter(|_| is_new) else { return Ok(()) };
    let mut store = Store::default();
    store.put(owner.to_owned(), found);
    if store.set_status(now as i64, id, status, None).is_ok()
        && let Some(object) = store.object(id)
    {
        keep(work, owner, object, number)?;
    }
    Ok(())
}

/// Storage effects; gives the message that is to be sent, if one is.
fn perform(work: &mut Work, shelf: &Shelf, owner: &str, effects: &[Effect], now: u64) -> Result<Option<Uuid>, DeskFault> {
    let mut send = None;
    for effect in effects {
        match effect {
            Effect::Open(dispatch) => open(work, shelf, owner, dispatch)?,
            Effect::Later { transaction, tries, next } => {
                let update = "UPDATE dispatches SET tries = ?2, next = ?3 WHERE txn = ?1";
                work.db.prepare_cached(update)?.execute(params![transaction.as_str(), tries, next])?;
            }
            Effect::End { object, ending } => end(work, owner, object, ending, now)?,
            Effect::Close { transaction } => {
                work.db.prepare_cached("DELETE FROM dispatches WHERE txn = ?1")?.execute([transaction.as_str()])?;
            }
            Effect::Send { transaction } => send = Some(transaction.clone()),
            Effect::Complain(text) => eprintln!("desk: to {owner}: {}", cut(text)),
        }
    }
    Ok(send)
}

/// Owners who have something waiting, and no message that waits for its time.
fn owners(db: &Connection, now: u64) -> Result<Vec<String>, DeskFault> {
    let mut query = db.prepare_cached(
        "SELECT DISTINCT o.owner FROM outgoing o LEFT JOIN dispatches d ON d.owner = o.owner
         WHERE o.ended IS NULL AND (d.next IS NULL OR d.next <= ?1) ORDER BY o.owner",
    )?;
    Ok(query.query_map([now], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

impl Desk {
    /// DSK-25: what is to be sent now, to whom nothing is under way, at most `room` messages. A fault with what one office is to be told
    /// keeps nobody else's back.
    pub fn due(&mut self, now: u64, settings: &Settings, busy: &BTreeSet<String>, room: usize) -> Result<Vec<Letter>, DeskFault> {
        let Some(shelf) = self.shelf.clone() else { return Ok(Vec::new()) };
        let mut letters = Vec::new();
        // One message at a time to an address, however many offices have it: who does not answer keeps one place and no more.
        let mut taken: Vec<Endpoint> = busy.iter().filter_map(|owner| address(&self.setup, owner, now)).collect();
        for owner in owners(&self.db, now)? {
            // Asked at every try: who left the registry, or its address there, is sent nothing; what waits is there to be got.
            let Some(endpoint) =
                address(&self.setup, &owner, now).filter(|at| letters.len() < room && !busy.contains(&owner) && !taken.contains(at))
            else {
                continue;
            };
            match self.next(now, settings, &shelf, &owner) {
                Ok(Some((transaction, message))) => {
                    let (expected, octets) = (Expected::of(&message), message.to_xml().into_bytes());
                    taken.push(endpoint.clone());
                    letters.push(Letter { owner, transaction, endpoint, octets, expected });
                }
                Ok(None) => {}
                Err(fault) => eprintln!("desk: to {owner}: {fault}"),
            }
        }
        Ok(letters)
    }

    /// The message to this office that is to go out now. One whose package is another than was offered ends; one whose package can
    /// not be read now waits.
    fn next(&mut self, now: u64, settings: &Settings, shelf: &Shelf, owner: &str) -> Result<Option<(Uuid, Message)>, DeskFault> {
        let Some(transaction) = self.turn(now, settings, shelf, owner, Input::Look)? else { return Ok(None) };
        if let Some(message) = self.letter(shelf, &transaction)? {
            return Ok(Some((transaction, message)));
        }
        let said = Ok(vec![Err("DSK-22: its package is not in the outbox as it was offered".to_owned())]);
        self.turn(now, settings, shelf, owner, Input::Back { transaction, said })?;
        Ok(None)
    }

    /// What came back of a message; without an answer it is sent again later.
    pub fn came_back(
        &mut self,
        now: u64,
        settings: &Settings,
        owner: &str,
        transaction: Uuid,
        said: Result<Vec<Said>, String>,
    ) -> Result<(), DeskFault> {
        let Some(shelf) = self.shelf.clone() else { return Ok(()) };
        self.turn(now, settings, &shelf, owner, Input::Back { transaction, said }).map(drop)
    }

    fn turn(&mut self, now: u64, settings: &Settings, shelf: &Shelf, owner: &str, input: Input) -> Result<Option<Uuid>, DeskFault> {
        let setup = std::sync::Arc::clone(&self.setup);
        let entropy = &mut SystemEntropy;
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut work = Work { db: &tx, setup: &setup, sealing: &self.sealing, books: &self.books, keeper: self.keeper.as_deref(), entropy };
        let line = line(&work, owner, now)?;
        let effects = handle(now, &line, settings, input);
        let send = perform(&mut work, shelf, owner, &effects, now)?;
        tx.commit()?;
        Ok(send)
    }

    /// The stored message with the octets of its package; none: the file is not the one that was offered.
    fn letter(&self, shelf: &Shelf, transaction: &Uuid) -> Result<Option<Message>, DeskFault> {
        let txn = transaction.as_str();
        let sealed: Vec<u8> = self.db.prepare_cached("SELECT body FROM dispatches WHERE txn = ?1")?.query_row([txn], |row| row.get(0))?;
        let xml = self.sealing.open(&format!("dispatch/{txn}"), &sealed)?;
        let message = Received::parse(&xml).ok().and_then(|received| received.schema().ok());
        let mut message = message.ok_or_else(|| broken("a message of ours does not read"))?;
        let Payload::Request(payload) = &mut message.payload else { return Err(broken("a message of ours is no request")) };
        let mut actions: Vec<ActionRequest> = payload.actions.actions.to_vec();
        for action in &mut actions {
            if let Request::Deliver(deliver) = &mut action.request
                && let Kind::Delivery(body) = &mut deliver.object.kind
                && let Some(Delivered::Binary(data)) = &mut body.delivery
            {
                let Some(octets) = shelf.octets(data).map_err(DeskFault::File)? else { return Ok(None) };
                data.data = Base64(octets);
            }
        }
        payload.actions.actions = Some1::new(actions).ok_or_else(|| broken("a message without actions"))?;
        Ok(Some(message))
    }

    /// What of this order was told to the authority's own system, and what is still to be.
    pub fn told(&self, number: u64) -> Result<Vec<Told>, DeskFault> {
        let mut query = self.db.prepare_cached(
            "SELECT o.at, o.object, o.ended, coalesce(d.tries, 0) FROM outgoing o LEFT JOIN dispatches d ON d.txn = o.txn
             WHERE o.number = ?1 ORDER BY o.seq",
        )?;
        let told = |row: &rusqlite::Row<'_>| Ok(Told { at: row.get(0)?, object: row.get(1)?, ended: row.get(2)?, tries: row.get(3)? });
        let mut told = query.query_map([number], told)?.collect::<Result<Vec<_>, _>>()?;
        for one in &mut told {
            if let Some(sealed) = one.ended.as_deref().and_then(|word| word.strip_prefix(REFUSED)) {
                let sealed = from_base64(sealed).ok_or_else(|| broken("the words of a refusal do not read"))?;
                let words = self.sealing.open(&format!("ended/{}", one.object), &sealed)?;
                one.ended = Some(format!("{REFUSED}{}", String::from_utf8_lossy(&words)));
            }
        }
        Ok(told)
    }
}
