//! From rows to records: a pure function of one answer. No database, no clock.
//!
//! SEA-38: a traffic record is made once for the sender and once for each local member of the room at that moment. The
//! sender's copy names who could receive it; a recipient's copy names the sender and that recipient only, so that an
//! order for one member of a group does not hand over the others.

use std::collections::{BTreeMap, BTreeSet};

use seal::catalogue::*;
use seal::selector::Selector;

use super::rows::{Answer, Ask, ContactRow, DeviceKeysRow, EventRow, UserRow};
use crate::source::{Indexed, Refused, SourceError};

/// Recipients of one part, and the octets of their names: with the longest other fields a record stays below its limit.
const PART_RECIPIENTS_MAX: usize = 32;
const PART_OCTETS_MAX: usize = 2_400;
const CONTACTS_MAX: usize = 8;

/// What does not change from batch to batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The records' field `source`.
    pub source: String,
    /// `waarborg.test`: accounts that end in `:waarborg.test` are the provider's own.
    pub server_name: String,
}

/// The records of one batch, and what could not become one.
#[derive(Default, Debug)]
pub struct Made {
    pub records: Vec<Indexed>,
    pub refused: Vec<Refused>,
}

/// Makes the records. `now_ms` becomes `t_rx`, and the event time of the monthly copies.
pub fn make(provider: &Provider, ask: &Ask, answer: &Answer, now_ms: u64) -> Result<Made, SourceError> {
    let mut maker = Maker { provider, now_ms, made: Made::default() };
    let mut rooms = Rooms::new(answer);
    let mut counted = 0;
    for event in &answer.events {
        // SRC-21: the second filter. What the query should have left out is not taken on its word.
        if event.stream_ordering <= ask.events_after && !ask.gaps.contains(&event.stream_ordering) {
            return Err(stop("SRC-21", "the database returned an event outside the range that was asked for"));
        }
        rooms.advance(event.stream_ordering);
        if event.counted {
            counted += 1;
            maker.event(event, &rooms)?;
        }
    }
    // SRC-20
    if counted != answer.events_counted {
        return Err(stop("SRC-20", "the events read and the events counted differ"));
    }
    answer.users.iter().try_for_each(|user| maker.registered(user))?;
    answer.contacts.iter().for_each(|contact| maker.contact(contact));
    answer.device_keys.iter().for_each(|device| maker.device_keys(device));
    answer.census.iter().try_for_each(|user| maker.observed(user, &answer.census_contacts))?;
    Ok(maker.made)
}

fn stop(code: &'static str, reason: &str) -> SourceError {
    SourceError::Refusal { code, reason: reason.into() }
}

/// Who is in each room, at the event that is being looked at. Changes are replayed in stream order, so a batch never
/// sees the present: the members of last year's message are last year's members.
struct Rooms<'a> {
    changes: std::iter::Peekable<std::vec::IntoIter<&'a super::rows::MembershipRow>>,
    joined: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Rooms<'a> {
    fn new(answer: &'a Answer) -> Rooms<'a> {
        let mut changes: Vec<_> = answer.memberships.iter().collect();
        changes.sort_by_key(|change| change.stream_ordering);
        Rooms { changes: changes.into_iter().peekable(), joined: BTreeMap::new() }
    }

    /// Replays every change up to and including this event.
    fn advance(&mut self, stream_ordering: i64) {
        while let Some(change) = self.changes.next_if(|change| change.stream_ordering <= stream_ordering) {
            let members = self.joined.entry(&change.room_id).or_default();
            if change.joined {
                members.insert(&change.user_id);
            } else {
                members.remove(change.user_id.as_str());
            }
        }
    }

    fn members(&self, room_id: &str) -> impl Iterator<Item = &'a str> {
        self.joined.get(room_id).into_iter().flatten().copied()
    }
}

struct Maker<'a> {
    provider: &'a Provider,
    now_ms: u64,
    made: Made,
}

impl Maker<'_> {
    fn is_local(&self, user: &str) -> bool {
        user.split_once(':').is_some_and(|(_, host)| host == self.provider.server_name)
    }

    fn common(&self, t_event: Stamp, clock: Clock, row: Option<i64>) -> Common {
        let source_row = row.and_then(|row| u64::try_from(row).ok());
        Common { t_event, clock, source: self.provider.source.clone(), source_row }
    }

    fn refuse(&mut self, place: &str, code: &'static str, reason: String) {
        self.made.refused.push(Refused { place: place.to_owned(), code, reason });
    }

    /// Adds one record under one selector, or says why it cannot be.
    fn add(&mut self, place: &str, selector: &str, common: Common, body: impl Into<Body>) {
        // SEA-03, SRC-23: a non-canonical account is not bent into one that is.
        let Ok(selector) = Selector::from_text(selector) else {
            return self.refuse(place, "SRC-23", "the identifier is not a canonical selector".into());
        };
        match Record::new(common, self.now_ms, body) {
            Ok(record) => self.made.records.push(Indexed { record, selectors: vec![selector] }),
            Err(error) => self.refuse(place, error.code(), error.to_string()),
        }
    }

    fn event(&mut self, event: &EventRow, rooms: &Rooms<'_>) -> Result<(), SourceError> {
        let place = format!("event {}", event.stream_ordering);
        // SRC-22: a word that the view cannot give means that the view is not ours.
        let unknown = || stop("SRC-22", "the view of events gives an unknown word");
        let interaction = Interaction::from_word(&event.interaction).ok_or_else(unknown)?;
        let wrapping = Wrapping::from_word(&event.wrapping).ok_or_else(unknown)?;
        // SRC-24: the slot follows the server's own clock; without it there is no slot.
        let (Some(received), Some(sender)) = (event.received_ts.and_then(|at| u64::try_from(at).ok()), &event.sender) else {
            self.refuse(&place, "SRC-24", "the event has no sender or no time of the server's own clock".into());
            return Ok(());
        };
        let membership = event.membership.as_deref().and_then(Membership::from_word);
        let recipients: Vec<&str> = match interaction {
            Interaction::Membership => event.target.iter().map(String::as_str).filter(|t| t != sender).collect(),
            Interaction::Settings => Vec::new(),
            _ => rooms.members(&event.room_id).filter(|member| member != sender).collect(),
        };
        let base = Traffic {
            interaction,
            direction: Direction::Sent,
            sender: account(sender),
            recipients: None,
            recipients_total: None,
            part: None,
            parts: None,
            membership: if interaction == Interaction::Membership { membership } else { None },
            conversation: Some(event.room_id.clone()),
            message_id: Some(event.event_id.clone()),
            wrapping: Some(wrapping),
            size: None,
            duration: None,
            protocol: Some("matrix".into()),
            route: None,
            claimed: None,
            claimed_implausible: None,
        };
        let base = with_claimed(base, event.origin_server_ts);
        let common = self.common(Stamp::Milliseconds(received), Clock::Server, Some(event.stream_ordering));
        if self.is_local(sender) {
            self.sent(&place, &common, &base, sender, &recipients);
        }
        for recipient in recipients.into_iter().filter(|user| self.is_local(user)).collect::<Vec<_>>() {
            let copy = Traffic { direction: Direction::Received, recipients: Some(vec![account(recipient)]), ..base.clone() };
            self.add(&place, &format!("account:{recipient}"), common.clone(), copy);
        }
        Ok(())
    }

    /// The sender's copy, in as many parts as the recipients need.
    fn sent(&mut self, place: &str, common: &Common, base: &Traffic, sender: &str, recipients: &[&str]) {
        let parts = split(recipients);
        let (count, total) = (parts.len() as u64, recipients.len() as u64);
        let selector = format!("account:{sender}");
        if parts.is_empty() {
            return self.add(place, &selector, common.clone(), base.clone());
        }
        for (at, part) in parts.into_iter().enumerate() {
            let copy = Traffic {
                recipients: Some(part.iter().map(|user| account(user)).collect()),
                recipients_total: Some(total),
                part: (count > 1).then_some(at as u64 + 1),
                parts: (count > 1).then_some(count),
                ..base.clone()
            };
            self.add(place, &selector, common.clone(), copy);
        }
    }

    fn registered(&mut self, user: &UserRow) -> Result<(), SourceError> {
        let Some(created) = user.creation_ts.and_then(|at| u64::try_from(at).ok()) else { return Ok(()) };
        // Only what was true at that moment: the row's name and state are today's.
        let body = Subscriber {
            account_kind: Some(kind_of(user)?),
            registered: Some(Stamp::Seconds(created)),
            ..subscriber(SubscriberAction::Registered, &user.name)
        };
        let common = self.common(Stamp::Seconds(created), Clock::Server, None);
        self.add("registration", &format!("account:{}", user.name), common, body);
        Ok(())
    }

    fn contact(&mut self, contact: &ContactRow) {
        let place = format!("contact added at {}", contact.added_at);
        let (Some(party), Ok(added)) = (party_of(contact), u64::try_from(contact.added_at)) else {
            return self.refuse(&place, "SRC-22", "unknown kind of contact".into());
        };
        let common = self.common(Stamp::Milliseconds(added), Clock::Server, None);
        let changed = Subscriber {
            contacts: Some(vec![party.clone()]),
            contacts_confirmed: confirmed(contact),
            ..subscriber(SubscriberAction::Changed, &contact.user_id)
        };
        self.add(&place, &format!("account:{}", contact.user_id), common.clone(), changed);
        let held = Identification {
            action: HoldAction::Assigned,
            identifier: party.clone(),
            holder: account(&contact.user_id),
            until: None,
            port_first: None,
            port_last: None,
        };
        self.add(&place, &party.text(), common, held);
    }

    fn device_keys(&mut self, row: &DeviceKeysRow) {
        let place = format!("device keys stored at {}", row.ts_added_ms);
        let Ok(stored) = u64::try_from(row.ts_added_ms) else {
            return self.refuse(&place, "CAT-10", "time before 1970".into());
        };
        // Foreign users' device keys are cached in the same table.
        if !self.is_local(&row.user_id) {
            return;
        }
        let body = Device {
            action: DeviceAction::KeysStored,
            account: account(&row.user_id),
            device: row.device_id.clone(),
            label: None,
            model: None,
            system: None,
            application: None,
        };
        let common = self.common(Stamp::Milliseconds(stored), Clock::Server, None);
        self.add(&place, &format!("account:{}", row.user_id), common, body);
    }

    /// The monthly copy: the state that the ingest node sees now, under its own clock.
    fn observed(&mut self, user: &UserRow, contacts: &[ContactRow]) -> Result<(), SourceError> {
        let base = Subscriber {
            account_kind: Some(kind_of(user)?),
            display_name: user.display_name.clone().filter(|name| !name.is_empty()),
            registered: user.creation_ts.and_then(|at| u64::try_from(at).ok()).map(Stamp::Seconds),
            closed: Some(user.closed),
            ..subscriber(SubscriberAction::Observed, &user.name)
        };
        let mut own: Vec<Party> = contacts.iter().filter(|c| c.user_id == user.name).filter_map(party_of).collect();
        own.sort();
        let common = self.common(Stamp::Milliseconds(self.now_ms), Clock::Ingest, None);
        let selector = format!("account:{}", user.name);
        if own.is_empty() {
            self.add("monthly copy", &selector, common, base);
            return Ok(());
        }
        for some in own.chunks(CONTACTS_MAX) {
            let copy = Subscriber { contacts: Some(some.to_vec()), ..base.clone() };
            self.add("monthly copy", &selector, common.clone(), copy);
        }
        Ok(())
    }
}

fn account(user: &str) -> Party {
    Party::new(PartyKind::Account, user)
}

/// The claimed time as a time where it is one, and as text where it is not: a forged time must neither move the record
/// nor make it vanish.
fn with_claimed(base: Traffic, origin_server_ts: Option<i64>) -> Traffic {
    let Some(given) = origin_server_ts else { return base };
    match u64::try_from(given).map(Stamp::Milliseconds) {
        Ok(stamp) if stamp.ms("claimed").is_ok() => Traffic { claimed: Some(stamp), ..base },
        _ => Traffic { claimed_implausible: Some(given.to_string()), ..base },
    }
}

fn kind_of(user: &UserRow) -> Result<AccountKind, SourceError> {
    AccountKind::from_word(&user.account_kind).ok_or_else(|| stop("SRC-22", "the view of users gives an unknown word"))
}

fn party_of(contact: &ContactRow) -> Option<Party> {
    match contact.medium.as_str() {
        "email" => Some(Party::new(PartyKind::Email, &contact.address)),
        // Matrix stores E.164 without its plus.
        "msisdn" => Some(Party::new(PartyKind::Phone, format!("+{}", contact.address))),
        _ => None,
    }
}

fn confirmed(contact: &ContactRow) -> Option<Stamp> {
    let stamp = Stamp::Milliseconds(u64::try_from(contact.validated_at).ok()?);
    stamp.ms("contacts_confirmed").is_ok().then_some(stamp)
}

fn subscriber(action: SubscriberAction, user: &str) -> Subscriber {
    Subscriber {
        action,
        account: account(user),
        account_kind: None,
        display_name: None,
        name: None,
        birth_date: None,
        postal_address: None,
        contacts: None,
        contacts_confirmed: None,
        payment: None,
        service: None,
        registered: None,
        closed: None,
    }
}

/// Cuts the recipients into parts that fit into a record; in their order, none left out.
fn split<'a>(recipients: &[&'a str]) -> Vec<Vec<&'a str>> {
    let mut parts: Vec<Vec<&str>> = Vec::new();
    let mut octets = 0;
    for recipient in recipients {
        match parts.last_mut() {
            Some(part) if part.len() < PART_RECIPIENTS_MAX && octets + recipient.len() <= PART_OCTETS_MAX => {
                part.push(recipient);
                octets += recipient.len();
            }
            _ => {
                parts.push(vec![recipient]);
                octets = recipient.len();
            }
        }
    }
    parts
}
