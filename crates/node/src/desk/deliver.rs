//! What was produced, for whoever sent the order through the door of TS 103 120 (DSK-22): a Delivery object for each production, pushed
//! as octets in a GET's answer up to the law's size, above it fetched from the same door until its window ends.
//!
//! The octets are not in the database: the object names the package in the outbox, which is encrypted to the authority, and the file is
//! read when it is got. Objects follow from the case's state, so a gateway that was killed before it offered one offers it when it starts.

use std::io::Read;
use std::path::PathBuf;

use law::received::Order;
use law::rules::Delivery as Rules;
use standards::answer::{AnswerRefusal, Delivery, File, Manifest, Means, Parcel, Route, delivery};
use standards::etsi::approval::DictionaryEntry;
use standards::etsi::core::EndpointId;
use standards::etsi::delivery::{BinaryData, Delivered, DeliveryObject, UrlObject};
use standards::etsi::desk::Store;
use standards::etsi::notification::AssociatedStatus;
use standards::etsi::object::{Kind, Object};
use standards::etsi::time::QualifiedMicrosecondDateTime;
use standards::etsi::values::{Base64, IsoCountryCode, Ldid, LongString, Uuid};
use verify::calendar::Day;
use verify::package::digest::{RunningSums, Sums};

use super::core::{Desk, NotTaken};
use super::dispatch::line::queue;
use super::hi1::{keep, notification, object};
use super::store::{DeskFault, Head};
use super::work::Work;
use crate::cases::CaseId;
use crate::cases::state::{Batch, Case, PackageFacts};
use crate::gateway::papers::{self, Refused};

/// Where packages stand ready, and how they are reached.
#[derive(Clone, Debug)]
pub struct Shelf {
    pub outbox: PathBuf,
    /// Ours, as messages name us.
    pub own: EndpointId,
    /// Where authorities reach our door, and for how many days a package waits there; none: a package that is too large to push is
    /// delivered by people.
    pub fetch: Option<(String, u32)>,
}

/// What [`Shelf::complete`] did.
pub enum Filled {
    /// No delivery of octets, or one that is handed over no more.
    AsItIs,
    /// As many octets of XML.
    With(usize),
    NoRoom,
}

/// A package to be fetched.
pub struct Fetch {
    pub path: PathBuf,
    pub size: u64,
}

const READ_BYTES: usize = 256 << 10;
/// What stands before a delivery's identifier in the address at which it is fetched.
pub const ROUTE: &str = "/deliveries/";
const BY_HAND: &str = "deliver it by hand";

/// In these states of an order what was produced is handed over, be it the proof that nothing is there; a withdrawal, an objection or a
/// refusal ends it.
pub fn is_handed_over_in(state: &str) -> bool {
    matches!(state, "producing" | "partly-produced" | "answered" | "not-held")
}

/// The authority has it, or has read that it is there: `DesiredStatus` becomes `Status`. False: this wish is a person's, or no delivery's.
pub fn acknowledge(store: &mut Store, identifier: &Uuid, now: u64) -> bool {
    let Some(Kind::Delivery(body)) = store.object(identifier).map(|object| &object.kind) else { return false };
    let wished = body.desired_status.as_ref().map(|entry| entry.value.as_str().to_owned());
    let Some(wished) = wished.filter(|wished| matches!(wished.as_str(), "Acknowledged" | "Received")) else { return false };
    // What has ended does not begin again.
    let is_over = body.status.as_ref().is_some_and(|status| matches!(status.value.as_str(), "Expired" | "Error"));
    let status = DictionaryEntry::etsi("DeliveryStatus", &wished);
    is_over || status.is_some_and(|status| store.set_status(now as i64, identifier, status, None).is_ok())
}

/// As it is kept.
pub fn without_octets(object: &Object) -> Object {
    let mut kept = object.clone();
    if let Kind::Delivery(DeliveryObject { delivery: Some(Delivered::Binary(data)), .. }) = &mut kept.kind {
        data.data = Base64(Vec::new());
    }
    kept
}

impl Shelf {
    /// Puts the octets of the package into a delivery that is got, if it is still handed over and `room` octets of XML hold it.
    pub fn complete(&self, object: &mut Object, now: u64, room: usize) -> Filled {
        let Kind::Delivery(body) = &mut object.kind else { return Filled::AsItIs };
        if let Some(Delivered::Url(url)) = &body.delivery
            && is_past(url, now)
        {
            body.status = DictionaryEntry::etsi("DeliveryStatus", "Expired");
        }
        let is_over = body.status.as_ref().is_none_or(|status| matches!(status.value.as_str(), "Expired" | "Error"));
        let Some(Delivered::Binary(data)) = body.delivery.as_mut().filter(|_| !is_over) else { return Filled::AsItIs };
        let size = usize::try_from(data.content_length.unwrap_or(0)).unwrap_or(usize::MAX);
        // Base 64, and two kilobytes for everything around it.
        let written = size.div_ceil(3).saturating_mul(4).saturating_add(2_048);
        if room < written {
            return Filled::NoRoom;
        }
        match self.octets(data) {
            Ok(Some(octets)) => {
                data.data = Base64(octets);
                Filled::With(written)
            }
            // Another time it may be read; who gets it asks again.
            Err(error) => {
                eprintln!("desk: delivery {}: its package can not be read now: {error}", object.base.identifier.as_str());
                Filled::NoRoom
            }
            Ok(None) => {
                // Somebody cleared the outbox, or the file is another one: never hand over what is not what was offered.
                eprintln!("desk: delivery {}: its package is not in the outbox as it was offered", object.base.identifier.as_str());
                body.status = DictionaryEntry::etsi("DeliveryStatus", "Error");
                Filled::AsItIs
            }
        }
    }

    /// `None`: it is not there as it was offered, and will not be. `Err`: it can not be read now.
    pub(super) fn octets(&self, data: &BinaryData) -> std::io::Result<Option<Vec<u8>>> {
        let checksum = data.checksums.as_ref().and_then(|all| all.checksums.first());
        let (Some(name), Some(said)) = (&data.original_filename, checksum) else { return Ok(None) };
        let octets = match std::fs::read(self.outbox.join(name.as_str())) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            read => read?,
        };
        Ok((verify::spelling::hex(&seal::digest::sha256(&[&octets])) == said.checksum.as_str()).then_some(octets))
    }

    /// Pushed as far as the law lets it, else to be fetched, with the manifest of Implementing Regulation (EU) 2025/1550.
    fn parcel(&self, rules: &Rules, about: &Delivery, package: &PackageFacts, parties: Parties) -> Result<Object, Refused> {
        let wrong = |error: AnswerRefusal| Refused::new(error.code(), error.to_string(), BY_HAND);
        let gone = |_| Refused::new("DSK-22", "its package is not in the outbox", BY_HAND);
        let is_it = |sha256: [u8; 32]| match sha256 == package.encrypted.0 {
            true => Ok(()),
            false => Err(Refused::new("DSK-22", "the file in the outbox is another one", "keep it: it is evidence")),
        };
        let at = u64::try_from(about.at).unwrap_or(0);
        let days = self.fetch.as_ref().map_or(rules.pull_days_min, |(_, days)| *days);
        let name = package.name.as_str();
        match Route::of(rules, package.size, Day::containing(at), days).map_err(wrong)? {
            Route::Push => {
                let octets = std::fs::read(self.outbox.join(name)).map_err(gone)?;
                is_it(seal::digest::sha256(&[&octets]))?;
                delivery(rules, about, &Parcel::Push { name, octets: &octets }, None).map_err(wrong)
            }
            Route::Pull { until } => {
                let unset = || Refused::new("STD-80", "too large to push, and [desk.etsi.fetch] is not set", BY_HAND);
                let (address, _) = self.fetch.as_ref().ok_or_else(unset)?;
                let sums = self.sums(name).map_err(gone)?;
                is_it(sums.sha256)?;
                let address = format!("{}{ROUTE}{}", address.trim_end_matches('/'), about.object.as_str());
                let Parties { sender, recipient, order, order_hash } = parties;
                let means = Means::Link { address: address.clone(), until };
                let files = vec![File { name: name.to_owned(), sums: sums.clone() }];
                let manifest = Manifest { sender, recipient, order, order_hash, at, means, files }.to_json().map_err(wrong)?;
                delivery(rules, about, &Parcel::Pull { name, address: &address, sums: &sums, until }, Some(manifest)).map_err(wrong)
            }
        }
    }

    fn sums(&self, name: &str) -> std::io::Result<Sums> {
        let mut file = std::fs::File::open(self.outbox.join(name))?;
        let (mut sums, mut chunk) = (RunningSums::new(), vec![0; READ_BYTES]);
        loop {
            match file.read(&mut chunk)? {
                0 => return Ok(sums.finish()),
                len => sums.update(&chunk[..len]),
            }
        }
    }
}

pub(super) fn is_past(url: &UrlObject, now: u64) -> bool {
    url.expiry.as_ref().map(QualifiedMicrosecondDateTime::unix).is_none_or(|end| end <= now as i64)
}

impl Desk {
    /// With deliveries through the door.
    pub fn with_shelf(self, shelf: Shelf) -> Desk {
        Desk { shelf: Some(shelf), ..self }
    }

    /// The package behind a delivery that is fetched, for who sent the order, until its window ends (DSK-22). Absent and another's look the same.
    pub fn fetch(&self, now: u64, offices: &[EndpointId], identifier: &str) -> Result<Option<Fetch>, DeskFault> {
        let (Some(shelf), Some(identifier)) = (&self.shelf, Uuid::parse(identifier)) else { return Ok(None) };
        let Some((owner, object, _)) = object(&self.db, &self.sealing, identifier.as_str())? else { return Ok(None) };
        let is_own = offices.iter().any(|office| standards::etsi::desk::key(office) == owner);
        let Kind::Delivery(DeliveryObject { delivery: Some(Delivered::Url(url)), status, .. }) = &object.kind else { return Ok(None) };
        let is_over = status.as_ref().is_none_or(|status| matches!(status.value.as_str(), "Expired" | "Error"));
        let name = url.original_filename.as_ref().filter(|_| is_own && !is_over && !is_past(url, now));
        let size = url.content_length.unwrap_or(0);
        Ok(name.map(|name| Fetch { path: shelf.outbox.join(name.as_str()), size }))
    }
}

/// A package in the outbox: which batch, which file, since when.
type Ready<'a> = (Batch, &'a PackageFacts, u64);

/// Who hands over to whom, about which order.
struct Parties {
    sender: String,
    recipient: String,
    order: String,
    order_hash: [u8; 32],
}

/// `country/unique` as a sender is kept.
pub(super) fn endpoint(sender: &str) -> Option<EndpointId> {
    let (country, unique) = sender.split_once('/')?;
    Some(EndpointId { country: IsoCountryCode::parse(country)?, unique: LongString::parse(unique)? })
}

/// The packages of a case that are in the outbox.
fn published(case: &Case) -> Vec<Ready<'_>> {
    let served = match case {
        Case::Closing(s) => &s.served[..],
        Case::Closed(s) => &s.served[..],
        other => other.mandate().map_or(&[][..], |mandate| &mandate.served[..]),
    };
    let mut found: Vec<_> = served.iter().map(|one| (one.batch, &one.package, one.delivered)).collect();
    if let Case::Reporting(s) = case {
        found.push((s.batch, &s.package, s.delivered));
    }
    found
}

/// Of case and batch only: offered twice is offered once.
fn identifier(sealing: &super::store::Sealing, case: &CaseId, what: &str, sequence: u32) -> Option<Uuid> {
    sealing.uuid("waarborg/v1/delivery", &format!("{} {what} {sequence}", verify::spelling::hex(&case.0)))
}

/// A name that follows from these parts.
pub(super) fn own_uuid(parts: &[&[u8]]) -> Option<Uuid> {
    let digest = seal::digest::sha256(parts);
    let mut octets = [0; 16];
    octets.copy_from_slice(&digest[..16]);
    // Version 8 of RFC 9562: our own making.
    octets[6] = octets[6] & 0x0f | 0x80;
    octets[8] = octets[8] & 0x3f | 0x80;
    super::hi1::uuid(&octets)
}

impl Work<'_> {
    /// DSK-22. True: something is offered that was not.
    pub fn offer(&mut self, shelf: &Shelf, case: &Case, number: u64, now: u64) -> Result<bool, DeskFault> {
        let Some(head) = super::store::by_number(self.db, number)? else { return Ok(false) };
        if head.door != "etsi" || !is_handed_over_in(&head.state) {
            return Ok(false);
        }
        let mut is_new = false;
        for (batch, package, at) in published(case) {
            let Some(id) = identifier(self.sealing, &case.file().id, "object", batch.sequence) else { continue };
            if object(self.db, self.sealing, id.as_str())?.is_some() {
                continue;
            }
            match self.made(shelf, case, &head, (batch, package, at), id) {
                Ok(object) => {
                    is_new = true;
                    keep(self, &head.sender, &object, Some(number))?;
                    queue(self, &head.sender, &object, number, now)?;
                    self.announce(&head, &object, now)?;
                }
                Err(NotTaken::Fault(fault)) => return Err(fault),
                Err(NotTaken::Refused(refused)) => eprintln!("desk: received order {number}: {} is not offered: {refused}", package.name),
            }
        }
        Ok(is_new)
    }

    fn announce(&mut self, head: &Head, object: &Object, now: u64) -> Result<(), DeskFault> {
        let Some(status) = DictionaryEntry::etsi("DeliveryStatus", "Available") else { return Ok(()) };
        let said = vec![AssociatedStatus { object: object.base.identifier.clone(), status, details: None }];
        let text = format!("received order {}: a delivery stands ready", head.number);
        match notification(self, &head.sender, &text, said, now) {
            Some(told) => {
                keep(self, &head.sender, &told, Some(head.number))?;
                queue(self, &head.sender, &told, head.number, now)
            }
            None => Ok(()),
        }
    }

    fn made(&mut self, shelf: &Shelf, case: &Case, head: &Head, (batch, package, at): Ready<'_>, id: Uuid) -> Result<Object, NotTaken> {
        let broken = |error: verify::order::OrderError| DeskFault::Row { number: head.number, text: error.to_string() };
        let native = papers::parse_order(&case.file().order.0).map_err(broken)?;
        let selectors: Vec<String> = native.document.scope().items().map(|item| item.selector().to_string()).collect();
        let loaded = self.load(head.number, at)?;
        let order = loaded.as_ref().and_then(|loaded| loaded.received.order());
        let (tasks, ldid) = self.tasks(head, order, &selectors)?;
        let (Some(receiver), Some(delivery_id)) = (endpoint(&head.sender), identifier(self.sealing, &case.file().id, "delivery", 0)) else {
            return Err(Refused::new("DSK-22", "its sender has no name in HI-1", BY_HAND).into());
        };
        let about = Delivery {
            sender: shelf.own.clone(),
            receiver,
            // Of an object that is got, none is sent.
            transaction: id.clone(),
            at: at as i64,
            object: id,
            delivery_id,
            tasks,
            ldid,
            sequence: u64::from(batch.sequence),
            is_last: native.last_slot <= batch.last_slot,
        };
        let said = |text: Option<&law::received::Marked<String>>, or: &str| text.map_or_else(|| or.to_owned(), |said| said.value.clone());
        let parties = Parties {
            sender: self.setup.provider.names.first().cloned().unwrap_or_else(|| shelf.own.unique.as_str().to_owned()),
            recipient: said(order.and_then(|order| order.issuing.name.as_ref()), &head.sender),
            order: said(order.and_then(|order| order.issuing.file_number.as_ref()), &head.number.to_string()),
            order_hash: head.hash.0,
        };
        Ok(shelf.parcel(&self.setup.book.delivery, &about, package, parties)?)
    }

    /// The disclosure tasks that a native order answers: those whose identifier it names, or all where none says which it is about.
    fn tasks(&self, head: &Head, order: Option<&Order>, selectors: &[String]) -> Result<(Vec<Uuid>, Option<Ldid>), DeskFault> {
        let identifiers = order.map_or(&[][..], |order| &order.identifiers);
        let named =
            |one: &law::received::Identifier| law::native::selector(one).is_some_and(|selector| selectors.contains(&selector.to_string()));
        let ids: Vec<String> = identifiers
            .iter()
            .enumerate()
            .filter(|(_, one)| named(one))
            .map(|(at, one)| one.id.as_ref().map_or_else(|| (at + 1).to_string(), |id| id.value.clone()))
            .collect();
        let mut query =
            self.db.prepare_cached("SELECT id FROM objects WHERE number = ?1 AND owner = ?2 AND kind = 'LDTask' ORDER BY id")?;
        let rows: Vec<String> =
            query.query_map(rusqlite::params![head.number, head.sender], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let (mut all, mut own) = (Vec::new(), Vec::new());
        for id in rows {
            let Some((_, object, _)) = object(self.db, self.sealing, &id)? else { continue };
            let Kind::Disclosure(task) = object.kind else { continue };
            let one = (object.base.identifier, task.reference);
            if object.base.external.as_ref().is_some_and(|external| ids.iter().any(|id| id == external.as_str())) {
                own.push(one.clone());
            }
            all.push(one);
        }
        let found = if own.is_empty() { all } else { own };
        let ldid = found.iter().find_map(|(_, ldid)| ldid.clone());
        Ok((found.into_iter().map(|(id, _)| id).collect(), ldid))
    }
}
