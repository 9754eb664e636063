//! TS 103 120 at the desk: one message in, one message out, everything stored before the answer (DSK-10 to DSK-14).
//!
//! `standards::etsi::desk` judges a message against the objects that it is about; this module finds those objects in the database, takes
//! the order in that a message carries, and writes status and notifications as the order moves.

use std::collections::{BTreeMap, BTreeSet};

use law::received::Body;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use seal::entropy::Entropy;
use standards::epoc::hi1;
use standards::etsi::approval::DictionaryEntry;
use standards::etsi::codec::Some1;
use standards::etsi::core::{AssociatedObjects, EndpointId, ListRequest, Payload, Request};
use standards::etsi::desk::{self as etsi, ActionError, Handled, PAGE, Store};
use standards::etsi::message::{Format, Message, Received};
use standards::etsi::notification::{AssociatedStatus, AssociatedStatuses, Notification};
use standards::etsi::object::{Base, Kind, Object};
use standards::etsi::profile::Profiles;
use standards::etsi::time::QualifiedDateTime;
use standards::etsi::values::{IsoCountryCode, LongString, Uuid};

use super::core::{Arrival, Desk, NotTaken, Taken};
use super::deliver::{Filled, Shelf};
use super::judging::Read;
use super::store::{DeskFault, Head, Sealing};
use super::wishes::Asked;
use super::work::Work;
use crate::cases::Digest32;
use crate::gateway::papers::Refused;

/// DSK-12: how long an answer to a transaction is kept. After that its objects still exist, so that it cannot be done twice (STD-53).
pub const ANSWERS_KEPT_DAYS: u64 = 90;

/// The answer in the form of the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub format: Format,
    pub text: String,
}

impl Desk {
    /// `offices`: those of the authority whose certificate the connection has. A refusal here has no header that could be echoed.
    pub fn hi1(
        &mut self,
        now: u64,
        offer: &etsi::Desk,
        offices: &[EndpointId],
        octets: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<Answer, NotTaken> {
        let no_office = || Refused::new("DSK-10", "this certificate belongs to no office", "have the office entered in the registry");
        let first = offices.first().ok_or_else(no_office)?;
        let digest = Digest32::of(octets);
        let (received, message) = match well_formed(octets, &self.setup.etsi.profiles) {
            Ok(read) => read,
            Err(refused) => {
                let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
                refuse(&tx, now, &etsi::key(first), &digest, octets.len(), &refused.code)?;
                tx.commit()?;
                return Err(refused.into());
            }
        };
        // An authority may have several offices. A sender that is none of them is STD-50's matter, under the first.
        let connected = offices.iter().find(|office| **office == message.header.sender).unwrap_or(first);
        let owner = etsi::key(connected);
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let setup = std::sync::Arc::clone(&self.setup);
        let work = Work { db: &tx, setup: &setup, sealing: &self.sealing, books: &self.books, keeper: self.keeper.as_deref(), entropy };
        let shelf = self.shelf.as_ref();
        let mut turn = Turn { work, now, next: self.next_number, owner, digest, octets, format: received.format, message: &message, shelf };
        let (text, used) = turn.answer(offer, connected, &received)?;
        tx.commit()?;
        self.next_number = self.next_number.max(used + 1);
        Ok(Answer { format: received.format, text })
    }

    /// Drops answers that are older than [`ANSWERS_KEPT_DAYS`]; gives how many.
    pub fn forget_answers(&mut self, now: u64) -> Result<usize, DeskFault> {
        let before = now.saturating_sub(ANSWERS_KEPT_DAYS * 86_400);
        Ok(self.db.execute("DELETE FROM answers WHERE at < ?1", [before])?)
    }
}

/// One message that has a header.
struct Turn<'t> {
    work: Work<'t>,
    now: u64,
    next: u64,
    owner: String,
    digest: Digest32,
    octets: &'t [u8],
    format: Format,
    message: &'t Message,
    shelf: Option<&'t Shelf>,
}

impl Turn<'_> {
    /// The answer, and the highest number that was given.
    fn answer(&mut self, offer: &etsi::Desk, connected: &EndpointId, received: &Received) -> Result<(String, u64), NotTaken> {
        let (mut store, transaction) = (Store::default(), &self.message.header.transaction);
        match stored_answer(self.work.db, self.work.sealing, &self.owner, transaction)? {
            // DSK-11: as the first time, to the octet.
            Some((before, text)) if before == self.digest => return Ok((text, 0)),
            Some((before, text)) => {
                let answer = well_formed(text.as_bytes(), &self.work.setup.etsi.profiles).map(|(_, answer)| answer);
                let answer = answer.map_err(|_| DeskFault::Row { number: 0, text: "a stored answer does not read".to_owned() })?;
                store.remember(self.owner.clone(), transaction.clone(), before.0, answer);
            }
            None => {}
        }
        self.fill(&mut store)?;
        let handled = offer.handle(self.now as i64, connected, &mut store, received, self.digest.0);
        let Some(Handled { response, touched, .. }) = handled else {
            let hint = "validate it against the schemas of TS 103 120";
            return Err(Refused::new("STD-10", "the message does not follow its schema", hint).into());
        };
        if touched.is_empty() {
            // DSK-12: reading again is harmless and tells the present state: only what changed something is remembered.
            return Ok((written(&response, self.format), 0));
        }
        self.act(store, &touched, received, response)
    }

    /// The objects that the message names, whoever owns them, and those of its own that a list may show. Octets of a delivery only where
    /// it is got (DSK-22), and as many as one answer has room for (STD-86).
    fn fill(&mut self, store: &mut Store) -> Result<(), DeskFault> {
        let (db, sealing) = (self.work.db, self.work.sealing);
        let mentions = etsi::mentions(self.message);
        let mut wanted: BTreeSet<String> = mentions.objects.iter().map(|id| id.as_str().to_owned()).collect();
        for list in &mentions.lists {
            wanted.extend(listed(db, &self.owner, list)?);
        }
        let (got, actions) = got(self.message);
        let mut room = if actions == 1 { etsi::ANSWER_OF_ONE_MAX } else { etsi::ANSWER_MAX };
        for id in wanted {
            let Some((owner, mut object, _)) = object(db, sealing, &id)? else { continue };
            if owner == self.owner && got.contains(&object.base.identifier) {
                match self.shelf.map_or(Filled::AsItIs, |shelf| shelf.complete(&mut object, self.now, room)) {
                    Filled::AsItIs => {}
                    Filled::With(octets) => room = room.saturating_sub(octets),
                    Filled::NoRoom => store.withhold(object.base.identifier.clone()),
                }
            }
            store.put(owner, object);
        }
        Ok(())
    }

    /// What the message creates goes the way of every arrival; what it updates acts on each order that it names (DSK-20).
    fn act(&mut self, mut store: Store, touched: &[Uuid], received: &Received, mut response: Message) -> Result<(String, u64), NotTaken> {
        let read = self.work.setup.read(self.octets, None, self.now);
        let said = read.as_ref().ok().map(|read| read.received.clone());
        let new = created(self.message);
        let (mut created, updated): (Vec<Uuid>, Vec<Uuid>) = touched.iter().cloned().partition(|id| new.contains(id));
        let wishes: Vec<_> = hi1::wishes(received, self.message).into_iter().filter(|(id, _)| updated.contains(id)).collect();
        let (mut used, mut filed) = (0, None);
        if !created.is_empty() {
            match self.file(read, &created, &wishes) {
                Ok(found) => (filed, used) = found,
                Err(NotTaken::Refused(refused)) => {
                    // What it wanted to create stands nowhere; the refusal does. What else it asks is done all the same (STD-59).
                    let text = format!("{}: {}", refused.code, refused.text);
                    etsi::refuse_creates(&mut response, self.message, &created, ActionError::Refused, &text);
                    created.clear();
                }
                Err(fault) => return Err(fault),
            }
        }
        // DSK-14: whoever names another's order files nothing under it, and hears nothing of it.
        let own = filed.map(|number| super::store::by_number(self.work.db, number)).transpose()?.flatten();
        let own = own.filter(|head| head.door == "etsi" && head.sender == self.owner);
        for object in created.iter().filter_map(|identifier| store.object(identifier)) {
            keep(&self.work, &self.owner, object, own.as_ref().map(|head| head.number))?;
        }
        if let Some(head) = own {
            self.work.file_receipt(&head, self.now)?;
            tell(&mut self.work, &head, self.now)?;
        }
        let asked = self.settle(&mut store, &updated, wishes)?;
        // What was created may have left a paper under the hash of the message.
        let first = u32::from(!new.is_empty());
        super::wishes::act(&mut self.work, self.now, (&self.owner, self.octets), said.as_ref(), (first, asked))?;
        let text = written(&response, self.format);
        if !created.is_empty() || !updated.is_empty() {
            remember(&mut self.work, &self.owner, &self.message.header.transaction, self.now, &self.digest, &text)?;
        }
        Ok((text, used))
    }

    /// The order that what was created belongs to, and the number that was given to it.
    fn file(
        &mut self,
        read: Result<Read, Refused>,
        created: &[Uuid],
        wishes: &[(Uuid, Option<Body>)],
    ) -> Result<(Option<u64>, u64), NotTaken> {
        let orders = authorisations(self.message);
        // The authorisation was refused, and with it the order: what else was created would belong to nothing.
        if !orders.is_empty() && !orders.iter().any(|id| created.contains(id)) {
            return Err(Refused::new("STD-56", "its authorisation was not accepted", "send the order again, as it should be").into());
        }
        let is_form = read.as_ref().is_ok_and(|read| matches!(read.received.body, Body::FollowUp(_) | Body::Withdrawal(_)));
        if is_form && let Some((asked, _)) = wishes.iter().find(|(_, body)| body.is_some()) {
            // The form of what the updates ask.
            return Ok((about(self.work.db, asked)?, 0));
        }
        let (sender, original) = (self.owner.clone(), self.octets.to_vec());
        let arrival = Arrival { door: "etsi", sender, original, transcription: None, about: None };
        Ok(match self.work.arrival(self.now, self.next, &arrival, read)? {
            Taken::Order(receipt) => (Some(receipt.number), receipt.number),
            Taken::Paper { number, .. } => (number, 0),
        })
    }

    /// Keeps what was updated, and tells by order what is asked of it.
    fn settle(
        &mut self,
        store: &mut Store,
        updated: &[Uuid],
        wishes: Vec<(Uuid, Option<Body>)>,
    ) -> Result<BTreeMap<Option<u64>, Asked>, NotTaken> {
        let mut asked: BTreeMap<Option<u64>, Asked> = BTreeMap::new();
        for id in updated {
            let is_done = super::deliver::acknowledge(store, id, self.now);
            if let Some(object) = store.object(id) {
                keep(&self.work, &self.owner, object, None)?;
            }
            let of_order = asked.entry(about(self.work.db, id)?).or_default();
            let bodies = wishes.iter().filter(|(wished, _)| wished == id).map(|(_, body)| body);
            bodies.for_each(|body| of_order.take(body.as_ref(), is_done));
        }
        Ok(asked)
    }
}

fn well_formed(octets: &[u8], profiles: &Profiles) -> Result<(Received, Message), Refused> {
    let refused = |refusal: standards::refusal::Refusal| Refused::new(refusal.code(), refusal.to_string(), refusal.hint().en);
    let received = Received::parse(octets).map_err(refused)?;
    let message = received.schema_under(profiles).map_err(|findings| {
        let first = findings.into_iter().next();
        first.map_or_else(|| Refused::new("STD-10", "no message of TS 103 120", "send an HI1Message"), refused)
    })?;
    Ok((received, message))
}

fn creates(message: &Message) -> impl Iterator<Item = &Object> {
    let actions = if let Payload::Request(request) = &message.payload { &request.actions.actions[..] } else { &[] };
    actions.iter().filter_map(|action| if let Request::Create(create) = &action.request { Some(&create.object) } else { None })
}

/// What it asks to get, and how many actions it has.
fn got(message: &Message) -> (BTreeSet<Uuid>, usize) {
    let actions = if let Payload::Request(request) = &message.payload { &request.actions.actions[..] } else { &[] };
    let got = actions.iter().filter_map(|action| if let Request::Get(get) = &action.request { Some(get.identifier.clone()) } else { None });
    (got.collect(), actions.len())
}

fn created(message: &Message) -> BTreeSet<Uuid> {
    creates(message).map(|object| object.base.identifier.clone()).collect()
}

fn authorisations(message: &Message) -> Vec<Uuid> {
    let orders = creates(message).filter(|object| matches!(object.kind, Kind::Authorisation(_)));
    orders.map(|object| object.base.identifier.clone()).collect()
}

fn written(message: &Message, format: Format) -> String {
    match format {
        Format::Xml => message.to_xml(),
        // Foreign XML inside has no JSON: the caller reads XML then, which every HI-1 endpoint has.
        Format::Json => message.to_json().unwrap_or_else(|| message.to_xml()),
    }
}

fn refuse(db: &Connection, now: u64, owner: &str, hash: &Digest32, octets: usize, code: &str) -> Result<(), DeskFault> {
    db.prepare_cached("INSERT INTO refusals (at, door, sender, hash, octets, code) VALUES (?1, 'etsi', ?2, ?3, ?4, ?5)")?
        .execute(params![now, owner, &hash.0[..], octets, code])?;
    Ok(())
}

fn stored_answer(db: &Connection, sealing: &Sealing, owner: &str, txn: &Uuid) -> Result<Option<(Digest32, String)>, DeskFault> {
    let mut query = db.prepare_cached("SELECT digest, body FROM answers WHERE owner = ?1 AND txn = ?2")?;
    let row: Option<([u8; 32], Vec<u8>)> =
        query.query_row(params![owner, txn.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((digest, sealed)) = row else { return Ok(None) };
    let text = sealing.open(&format!("answer/{owner}/{}", txn.as_str()), &sealed)?;
    let text = String::from_utf8(text).map_err(|_| DeskFault::Row { number: 0, text: "a stored answer is not text".to_owned() })?;
    Ok(Some((Digest32(digest), text)))
}

fn remember(work: &mut Work, owner: &str, txn: &Uuid, now: u64, digest: &Digest32, text: &str) -> Result<(), DeskFault> {
    let sealed = work.sealing.seal(&format!("answer/{owner}/{}", txn.as_str()), text.as_bytes(), work.entropy)?;
    work.db.prepare_cached("INSERT INTO answers (owner, txn, at, digest, body) VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
        owner,
        txn.as_str(),
        now,
        &digest.0[..],
        sealed
    ])?;
    Ok(())
}

/// DSK-13: a page holds the oldest changes first, so that who asks again from the last change on sees everything.
fn listed(db: &Connection, owner: &str, list: &ListRequest) -> Result<Vec<String>, DeskFault> {
    let span = list.last_changed_timespan.as_ref();
    let since = list.last_changed.as_ref().or(span.and_then(|span| span.start.as_ref())).map_or(0, QualifiedDateTime::unix);
    let until = span.and_then(|span| span.end.as_ref()).map_or(i64::MAX, QualifiedDateTime::unix);
    let kind = list.object_type.as_ref().map_or("", |kind| kind.value.as_str());
    let status = list.status.as_ref().map(etsi::status_text).unwrap_or_default();
    let most = list.maximum.unwrap_or(PAGE as u64).min(PAGE as u64);
    let mut query = db.prepare_cached(
        "SELECT id FROM objects WHERE owner = ?1 AND ?2 <= changed AND changed <= ?3 AND (?4 = '' OR kind = ?4)
         AND (?5 = '' OR status = ?5) ORDER BY changed, id LIMIT ?6",
    )?;
    let rows = query.query_map(params![owner, since, until, kind, status, most], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

type OwnedObject = (String, Object, Option<u64>);

pub(super) fn object(db: &Connection, sealing: &Sealing, id: &str) -> Result<Option<OwnedObject>, DeskFault> {
    let mut query = db.prepare_cached("SELECT owner, number, body FROM objects WHERE id = ?1")?;
    let row: Option<(String, Option<u64>, Vec<u8>)> =
        query.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
    let Some((owner, number, sealed)) = row else { return Ok(None) };
    let xml = sealing.open(&format!("object/{id}"), &sealed)?;
    let object =
        Object::from_xml(&xml).ok_or_else(|| DeskFault::Row { number: number.unwrap_or(0), text: format!("object {id} does not read") })?;
    Ok(Some((owner, object, number)))
}

pub(super) fn keep(work: &Work, owner: &str, object: &Object, number: Option<u64>) -> Result<(), DeskFault> {
    let id = object.base.identifier.as_str();
    let mut entropy = seal::entropy::SystemEntropy;
    let xml = super::deliver::without_octets(object).to_xml();
    let sealed = work.sealing.seal(&format!("object/{id}"), xml.as_bytes(), &mut entropy)?;
    let changed = object.base.last_changed.as_ref().map_or(0, QualifiedDateTime::unix);
    let status = etsi::status_word(object).unwrap_or_default();
    work.db
        .prepare_cached(
            "INSERT INTO objects (id, owner, kind, status, changed, number, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET status = ?4, changed = ?5, number = coalesce(number, ?6), body = ?7",
        )?
        .execute(params![id, owner, object.kind.object_type(), status, changed, number, sealed])?;
    Ok(())
}

/// The order that an object belongs to.
fn about(db: &Connection, id: &Uuid) -> Result<Option<u64>, DeskFault> {
    let mut query = db.prepare_cached("SELECT number FROM objects WHERE id = ?1")?;
    let number: Option<Option<u64>> = query.query_row([id.as_str()], |row| row.get(0)).optional()?;
    Ok(number.flatten())
}

/// What the authority reads of a state: authorisation, disclosure task, preservation task.
fn statuses(state: &str) -> (&'static str, &'static str, &'static str) {
    match state {
        "received" => ("SubmittedToCSP", "AwaitingApproval", "AwaitingPreservation"),
        "clarifying" | "on-hold" | "conflicted" => ("Suspended", "AwaitingApproval", "AwaitingPreservation"),
        "producing" | "partly-produced" => ("Approved", "AwaitingDisclosure", "AwaitingPreservation"),
        "answered" | "recalled" => ("Approved", "Disclosed", "Preserved"),
        "not-held" => ("Approved", "DisclosureNotAvailable", "PreservationNotAvailable"),
        "withdrawn" | "lifted" | "validation-refused" => ("Cancelled", "Cancelled", "Cancelled"),
        "preserving" | "preserving-for-production" => ("Approved", "AwaitingDisclosure", "Preserved"),
        "preservation-ended" => ("Expired", "Disclosed", "Expired"),
        "enforcing" | "disputed" => ("Suspended", "Rejected", "Rejected"),
        _ => ("Rejected", "Rejected", "Rejected"),
    }
}

/// DSK-14: the order's objects carry its state, and a notification says that it changed. Nothing for orders of other doors, and no
/// object of anybody but who sent the order.
pub(super) fn tell(work: &mut Work, head: &Head, now: u64) -> Result<(), DeskFault> {
    if head.door != "etsi" {
        return Ok(());
    }
    let Head { number, sender: owner, state, .. } = head;
    let ids: Vec<String> = {
        let mut query = work.db.prepare_cached("SELECT id FROM objects WHERE number = ?1 AND owner = ?2")?;
        query.query_map(params![number, owner], |row| row.get(0))?.collect::<Result<_, _>>()?
    };
    let (mut store, mut said) = (Store::default(), Vec::new());
    let (authorisation, disclosure, preservation) = statuses(state);
    for id in &ids {
        let Some((_, object, _)) = object(work.db, work.sealing, id)? else { continue };
        let (name, value) = match &object.kind {
            Kind::Authorisation(_) => ("AuthorisationStatus", authorisation),
            Kind::Disclosure(_) => ("LDTaskStatus", disclosure),
            Kind::Preservation(_) => ("LPTaskStatus", preservation),
            // DSK-22: of an order that does not stand any more nothing is handed over any more.
            Kind::Delivery(_) if !super::deliver::is_handed_over_in(state) => ("DeliveryStatus", "Expired"),
            _ => continue,
        };
        let Some(status) = DictionaryEntry::etsi(name, value) else { continue };
        let identifier = object.base.identifier.clone();
        let same = etsi::status_word(&object) == Some(etsi::status_text(&status));
        said.push(AssociatedStatus { object: identifier.clone(), status: status.clone(), details: None });
        store.put(owner.clone(), object);
        if !same && store.set_status(now as i64, &identifier, status, None).is_ok() {
            keep_changed(work, owner, &store, &identifier, *number)?;
        }
    }
    if said.is_empty() {
        return Ok(());
    }
    let text = format!("received order {number}: {state}");
    let Some(notification) = notification(work, owner, &text, said, now) else { return Ok(()) };
    keep(work, owner, &notification, Some(*number))?;
    super::dispatch::line::queue(work, owner, &notification, *number, now)
}

fn keep_changed(work: &Work, owner: &str, store: &Store, identifier: &Uuid, number: u64) -> Result<(), DeskFault> {
    store.object(identifier).map_or(Ok(()), |object| keep(work, owner, object, Some(number)))
}

/// Names no person: number and state only.
pub(super) fn notification(work: &mut Work, owner: &str, text: &str, said: Vec<AssociatedStatus>, now: u64) -> Option<Object> {
    let (country, _) = owner.split_once('/')?;
    let about = said.iter().map(|one| one.object.clone()).collect();
    let at = QualifiedDateTime::from_unix(now as i64);
    let body = Notification {
        details: LongString::parse(text),
        notification_type: DictionaryEntry::etsi("NotificationType", "General"),
        is_new: Some(true),
        timestamp: Some(at.clone()),
        statuses: Some1::new(said).map(|statuses| AssociatedStatuses { statuses }),
        national: None,
    };
    let base = Base {
        identifier: random_uuid(work.entropy)?,
        country: IsoCountryCode::parse(country),
        owner: None,
        generation: Some(0),
        external: None,
        associated: Some(AssociatedObjects { objects: about }),
        last_changed: Some(at),
        national: None,
    };
    Some(Object { base, kind: Kind::Notification(body) })
}

/// Version 4.
fn random_uuid(entropy: &mut dyn Entropy) -> Option<Uuid> {
    let mut octets = [0; 16];
    entropy.fill(&mut octets);
    octets[6] = octets[6] & 0x0f | 0x40;
    octets[8] = octets[8] & 0x3f | 0x80;
    uuid(&octets)
}

pub(super) fn uuid(octets: &[u8; 16]) -> Option<Uuid> {
    let hex = verify::spelling::hex(octets);
    Uuid::parse(&format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]))
}
