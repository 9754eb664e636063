//! A checked record: its octets, its line, and the times that the sealer asks for.

use std::collections::BTreeMap;

use super::body::Fields;
use super::error::RecordError;
use super::field::{FieldDef, Given, Givens, Shown};
use super::json::push_object;
use super::stamp::{PLAUSIBLE_MS, format_rfc3339};
use super::types::{Common, Device, Identification, IpSession, Location, Subscriber, Traffic};
use super::wire::{Reader, write_number};
use crate::identity::Category;

/// 4 096 octets. SEA-37 asks registered schemas to stay below this; the sealed entry could take 65 470.
pub const RECORD_LEN_MAX: usize = 4_096;

/// Version of the record layouts, the second octet of every record.
const VERSION: u8 = 1;

/// The types, each in one category of the sealing specification, section 3.7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordType {
    Traffic,
    IpSession,
    Device,
    Subscriber,
    Location,
    Identification,
}

impl RecordType {
    pub const ALL: [RecordType; 6] = [
        RecordType::Traffic,
        RecordType::IpSession,
        RecordType::Device,
        RecordType::Subscriber,
        RecordType::Location,
        RecordType::Identification,
    ];

    /// The category number that goes into an identity.
    pub fn category(self) -> Category {
        match self {
            RecordType::Traffic => Category::TRAFFIC,
            RecordType::IpSession => Category::IP,
            RecordType::Device => Category::DEVICE,
            RecordType::Subscriber => Category::SUBSCRIBER,
            RecordType::Location => Category::LOCATION,
            RecordType::Identification => Category::IDENTIFICATION,
        }
    }

    /// The first octet of a record: the category number, all of which are below 256.
    fn octet(self) -> u8 {
        self.category().number() as u8
    }

    /// The slug: name of files and the value of the JSON key `category`.
    pub fn slug(self) -> &'static str {
        match self {
            RecordType::Traffic => "traffic",
            RecordType::IpSession => "ip-session",
            RecordType::Device => "device",
            RecordType::Subscriber => "subscriber",
            RecordType::Location => "location",
            RecordType::Identification => "identification",
        }
    }

    pub fn of_category(category: Category) -> Option<RecordType> {
        RecordType::ALL.into_iter().find(|t| t.category() == category)
    }

    pub fn of_slug(slug: &str) -> Option<RecordType> {
        RecordType::ALL.into_iter().find(|t| t.slug() == slug)
    }

    /// How many of the rows of [`RecordType::fields`] are in every type.
    pub const COMMON_FIELDS: usize = Common::FIELDS.len();

    /// The rows of the dictionary: first the common fields, then the type's own.
    pub fn fields(self) -> impl Iterator<Item = &'static FieldDef> {
        let own = match self {
            RecordType::Traffic => Traffic::FIELDS,
            RecordType::IpSession => IpSession::FIELDS,
            RecordType::Device => Device::FIELDS,
            RecordType::Subscriber => Subscriber::FIELDS,
            RecordType::Location => Location::FIELDS,
            RecordType::Identification => Identification::FIELDS,
        };
        Common::FIELDS.iter().chain(own)
    }
}

/// The fields of one type, not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    Traffic(Traffic),
    IpSession(IpSession),
    Device(Device),
    Subscriber(Subscriber),
    Location(Location),
    Identification(Identification),
}

macro_rules! each_body {
    ($body:expr, $inner:ident => $do:expr) => {
        match $body {
            Body::Traffic($inner) => $do,
            Body::IpSession($inner) => $do,
            Body::Device($inner) => $do,
            Body::Subscriber($inner) => $do,
            Body::Location($inner) => $do,
            Body::Identification($inner) => $do,
        }
    };
}

macro_rules! body_from {
    ($($name:ident),+) => { $(impl From<$name> for Body {
        fn from(inner: $name) -> Body { Body::$name(inner) }
    })+ };
}
body_from!(Traffic, IpSession, Device, Subscriber, Location, Identification);

impl Body {
    pub fn record_type(&self) -> RecordType {
        match self {
            Body::Traffic(_) => RecordType::Traffic,
            Body::IpSession(_) => RecordType::IpSession,
            Body::Device(_) => RecordType::Device,
            Body::Subscriber(_) => RecordType::Subscriber,
            Body::Location(_) => RecordType::Location,
            Body::Identification(_) => RecordType::Identification,
        }
    }

    fn read(record_type: RecordType, from: &mut Reader<'_>) -> Result<Body, RecordError> {
        Ok(match record_type {
            RecordType::Traffic => Traffic::read(from)?.into(),
            RecordType::IpSession => IpSession::read(from)?.into(),
            RecordType::Device => Device::read(from)?.into(),
            RecordType::Subscriber => Subscriber::read(from)?.into(),
            RecordType::Location => Location::read(from)?.into(),
            RecordType::Identification => Identification::read(from)?.into(),
        })
    }

    fn take(record_type: RecordType, from: &mut Givens) -> Result<Body, RecordError> {
        Ok(match record_type {
            RecordType::Traffic => Traffic::take(from)?.into(),
            RecordType::IpSession => IpSession::take(from)?.into(),
            RecordType::Device => Device::take(from)?.into(),
            RecordType::Subscriber => Subscriber::take(from)?.into(),
            RecordType::Location => Location::take(from)?.into(),
            RecordType::Identification => Identification::take(from)?.into(),
        })
    }
}

/// One record that keeps every rule of its type. Made only by [`Record::new`], [`Record::decode`] and
/// [`Record::from_givens`]; so a value of this type may be sealed without another look.
///
/// Personal data. Shown to the engine that opened it and in the package of the order that named it.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    common: Common,
    t_event_ms: u64,
    t_rx_ms: u64,
    body: Body,
    /// Its one spelling: made to know its length, and asked for again with each copy that is sealed.
    octets: Vec<u8>,
}

impl Record {
    /// Checks every field. `t_rx_ms`: when the ingest node received it, milliseconds since 1970 by its own clock.
    pub fn new(common: Common, t_rx_ms: u64, body: impl Into<Body>) -> Result<Record, RecordError> {
        let body = body.into();
        common.check()?;
        each_body!(&body, inner => inner.check())?;
        let t_event_ms = common.t_event.ms("t_event")?;
        if !PLAUSIBLE_MS.contains(&t_rx_ms) {
            return Err(RecordError::ImplausibleTime { field: "t_rx" });
        }
        let mut octets = Vec::with_capacity(256);
        octets.extend_from_slice(&[body.record_type().octet(), VERSION]);
        write_number(&mut octets, t_rx_ms);
        common.write(&mut octets);
        each_body!(&body, inner => inner.write(&mut octets));
        // CAT-01
        if octets.len() > RECORD_LEN_MAX {
            return Err(RecordError::TooLong { len: octets.len() });
        }
        Ok(Record { common, t_event_ms, t_rx_ms, body, octets })
    }

    /// The same record as received at another moment: the sealer stamps the time at which it takes the record into
    /// an epoch, because that time must lie in the epoch (SEA-40).
    pub fn received_at(self, t_rx_ms: u64) -> Result<Record, RecordError> {
        Record::new(self.common, t_rx_ms, self.body)
    }

    /// Category octet, version octet, t_rx in milliseconds, common fields, own fields.
    pub fn encode(&self) -> Vec<u8> {
        self.octets.clone()
    }

    /// As [`Record::encode`], lent.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Reads what [`Record::encode`] wrote; refuses every other spelling, every unknown type and every broken rule.
    pub fn decode(bytes: &[u8]) -> Result<Record, RecordError> {
        // CAT-01
        if bytes.len() > RECORD_LEN_MAX {
            return Err(RecordError::TooLong { len: bytes.len() });
        }
        let mut from = Reader::new(bytes);
        // CAT-02
        let octet = from.byte()?;
        let record_type = RecordType::ALL.into_iter().find(|t| t.octet() == octet).ok_or(RecordError::UnknownType)?;
        if from.byte()? != VERSION {
            return Err(RecordError::UnknownType);
        }
        let t_rx_ms = from.number()?;
        let common = Common::read(&mut from)?;
        let body = Body::read(record_type, &mut from)?;
        from.end()?;
        let record = Record::new(common, t_rx_ms, body)?;
        // CAT-04: longer numbers, presence bits without a field and whatever else the reader overlooks.
        if record.octets == bytes { Ok(record) } else { Err(RecordError::NotCanonical) }
    }

    /// Reads the ingest form: the keys of the JSON line, of which the derived ones may be left out and, where given,
    /// must agree (CAT-15). `received_at` is never given: the ingest node writes it.
    pub fn from_givens(mut given: Givens, t_rx_ms: u64) -> Result<Record, RecordError> {
        let slug = match given.remove("category") {
            Some(Given::Text(slug)) => slug,
            Some(_) => return Err(RecordError::WrongKind { field: "category" }),
            None => return Err(RecordError::Missing { field: "category" }),
        };
        let record_type = RecordType::of_slug(&slug).ok_or(RecordError::UnknownType)?;
        let common = Common::take(&mut given)?;
        let body = Body::take(record_type, &mut given)?;
        let record = Record::new(common, t_rx_ms, body)?;
        let shown = record.shown();
        for (name, value) in given {
            match (shown.get(&name), value) {
                (Some(_), _) if name == "received_at" => return Err(RecordError::Disagrees { field: name }),
                (Some(Shown::Text(ours)), Given::Text(theirs)) if *ours == theirs => {}
                (Some(_), _) => return Err(RecordError::Disagrees { field: name }),
                // CAT-13
                (None, _) => return Err(RecordError::UnknownField { name }),
            }
        }
        Ok(record)
    }

    pub fn record_type(&self) -> RecordType {
        self.body.record_type()
    }

    /// The category number of the identity that it is sealed under.
    pub fn category(&self) -> Category {
        self.record_type().category()
    }

    pub fn common(&self) -> &Common {
        &self.common
    }

    pub fn body(&self) -> &Body {
        &self.body
    }

    /// When it happened, by the source's clock, milliseconds since 1970 UTC.
    pub fn t_event_ms(&self) -> u64 {
        self.t_event_ms
    }

    /// When it happened, whole seconds.
    pub fn t_event(&self) -> u64 {
        self.t_event_ms / 1_000
    }

    /// When the ingest node received it, milliseconds since 1970 UTC.
    pub fn t_rx_ms(&self) -> u64 {
        self.t_rx_ms
    }

    /// When the ingest node received it, whole seconds.
    pub fn t_rx(&self) -> u64 {
        self.t_rx_ms / 1_000
    }

    /// SEA-08: the second whose slot the record is sealed under: t_event, or t_rx if the event claims to be later.
    pub fn slot_time(&self) -> u64 {
        self.t_event().min(self.t_rx())
    }

    /// SEA-08: the event claims to have happened after its receipt. To be counted.
    pub fn is_event_after_receipt(&self) -> bool {
        self.t_event_ms > self.t_rx_ms
    }

    /// Every key of the JSON line with its value, sorted.
    pub fn shown(&self) -> BTreeMap<String, Shown> {
        let mut to = BTreeMap::new();
        let mut text = |key: &str, value: String| to.insert(key.to_owned(), Shown::Text(value));
        text("category", self.record_type().slug().to_owned());
        text("datetime", format_rfc3339(self.t_event_ms));
        text("message", self.message());
        text("received_at", format_rfc3339(self.t_rx_ms));
        text("timestamp_desc", self.timestamp_desc());
        self.common.show(&mut to);
        each_body!(&self.body, inner => inner.show(&mut to));
        to
    }

    /// One canonical JSON object without line end: keys sorted, no spaces, whole numbers only.
    pub fn json_line(&self) -> String {
        let mut out = String::with_capacity(512);
        push_object(&mut out, &self.shown());
        out
    }

    /// A sentence for timeline tools, made from the fields; nothing in it that is not in them.
    fn message(&self) -> String {
        let first = |list: &Option<Vec<super::Party>>| match list.as_deref() {
            Some([only]) => only.text(),
            Some([first, more @ ..]) => format!("{} and {} more", first.text(), more.len()),
            _ => "nobody named".to_owned(),
        };
        match &self.body {
            Body::Traffic(t) => {
                format!("{} {}: {} to {}", t.interaction.word(), t.direction.word(), t.sender.text(), first(&t.recipients))
            }
            Body::IpSession(s) => format!("{} of {} from {}", s.action.word(), s.account.text(), s.address),
            Body::Device(d) => format!("device {} {}: {}", d.device, d.action.word(), d.account.text()),
            Body::Subscriber(s) => format!("account {}: {}", s.action.word(), s.account.text()),
            Body::Location(l) => format!("location of {} by {}", l.account.text(), l.method.word()),
            Body::Identification(i) => {
                format!("{} {} to {}", i.identifier.text(), i.action.word(), i.holder.text())
            }
        }
    }

    fn timestamp_desc(&self) -> String {
        let what = match &self.body {
            Body::Traffic(t) => t.interaction.word(),
            Body::IpSession(s) => s.action.word(),
            Body::Device(d) => d.action.word(),
            Body::Subscriber(s) => s.action.word(),
            Body::Location(_) => "located",
            Body::Identification(i) => i.action.word(),
        };
        format!("{what}, by the {} clock", self.common.clock.word())
    }
}

impl std::fmt::Debug for Record {
    /// The type only: a record must not reach a log line by accident.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Record({}, ..)", self.record_type().slug())
    }
}
