//! The provider's end of HI-1: one message in, one message out. Pure: the store is a value, time is an argument, and the
//! network with its mutual TLS is the node's.
//!
//! The authority writes what it wants (`DesiredStatus`), the provider what is (`Status`); each action stands for itself; a
//! transaction that comes twice is answered as it was the first time.

use super::approval::DictionaryEntry;
use super::codec::Some1;
use super::config::CspConfig;
use super::core::*;
use super::message::{Message, Received, Signatures};
use super::object::{Kind, Object};
use super::time::{QualifiedDateTime, QualifiedMicrosecondDateTime, UnixSeconds};
use super::values::*;
use super::verdict::{Setting, Verdicts, judge, place};
use crate::refusal::{Finding, Rule};
use crate::tree::{Element, write_xml};
use std::collections::{BTreeMap, BTreeSet};

/// Codes of `ErrorInformation`. Ours: TS 103 120 leaves them to the profile \[check TS 104 144].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionError {
    /// STD-50: the sender in the header is not who is connected.
    NotTheSender = 450,
    /// STD-51: the same transaction with another content.
    OtherContent = 451,
    /// STD-52: no such object, or not the sender's: both look the same.
    NoSuchObject = 452,
    /// STD-53: an object of this identifier exists.
    Exists = 453,
    /// STD-54: a field that the other side writes.
    NotYours = 454,
    /// STD-55: an UPDATE of another generation, or of another kind of object.
    Stale = 455,
    /// STD-56: the message, or this action, failed a verdict; the description begins with its number.
    Refused = 456,
    /// STD-57: this action is the provider's to send.
    NotFromYou = 457,
    /// STD-85: more actions than one message has.
    TooMany = 485,
    /// STD-86: the answer would be too large.
    TooLarge = 486,
    /// STD-87: a second order in one message.
    SecondOrder = 487,
}

impl ActionError {
    pub fn rule(self) -> &'static str {
        match self {
            ActionError::NotTheSender => "STD-50",
            ActionError::OtherContent => "STD-51",
            ActionError::NoSuchObject => "STD-52",
            ActionError::Exists => "STD-53",
            ActionError::NotYours => "STD-54",
            ActionError::Stale => "STD-55",
            ActionError::Refused => "STD-56",
            ActionError::NotFromYou => "STD-57",
            ActionError::TooMany => "STD-85",
            ActionError::TooLarge => "STD-86",
            ActionError::SecondOrder => "STD-87",
        }
    }

    pub fn information(self, text: &str) -> ErrorInformation {
        let text: String = format!("{}: {text}", self.rule()).chars().take(2000).collect();
        ErrorInformation { code: self as u64, description: LongString::parse(&text).unwrap_or_else(|| LongString::known("")) }
    }
}

/// What the desk keeps. A value; the node stores it, and stores it before it answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Store {
    objects: BTreeMap<Uuid, Stored>,
    /// Sender and transaction, the digest of what came, and what was answered.
    answered: BTreeMap<(String, Uuid), ([u8; 32], Message)>,
    /// Objects that are too large to be given beside others.
    withheld: BTreeSet<Uuid>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Stored {
    /// `country/unique` of who created it.
    owner: String,
    object: Object,
}

/// Who we are and what we offer.
#[derive(Clone, Debug)]
pub struct Desk {
    own: EndpointId,
    config: CspConfig,
    setting: Setting,
}

/// The answer, and what a person or the node has to look at.
#[derive(Clone, Debug)]
pub struct Handled {
    pub response: Message,
    /// Objects that this message created or changed: the node acts on these, and on nothing if there are none.
    pub touched: Vec<Uuid>,
    pub verdicts: Verdicts,
}

/// `country/unique`: how the store names an endpoint.
pub fn key(endpoint: &EndpointId) -> String {
    format!("{}/{}", endpoint.country.as_str(), endpoint.unique.as_str())
}

impl Desk {
    /// Refused are configurations that offer content (STD-42) or anything of interception (STD-41): what cannot be had here
    /// must not be offered.
    pub fn new(own: EndpointId, config: CspConfig, setting: Setting) -> Result<Desk, Rule> {
        let targets = &config.targeting.configurations;
        let types = targets.iter().flat_map(|one| one.ld_types.iter().chain(&one.lp_types)).flat_map(|all| &all.entries);
        if types.into_iter().any(|entry| entry.value.as_str().contains("Content")) {
            return Err(Rule::Content);
        }
        let services = targets.iter().filter_map(|one| one.li_service_types.as_ref()).any(|all| !all.entries.is_empty());
        if services || config.li_endpoints.as_ref().is_some_and(|all| !all.endpoints.is_empty()) {
            return Err(Rule::Interception);
        }
        Ok(Desk { own, config, setting })
    }

    /// `connected`: the endpoint that the connection's certificate belongs to. `digest`: SHA-256 of the octets received.
    /// `None`: the message has no header that could be echoed (its schema is bad): answer with a transport error.
    pub fn handle(
        &self,
        now: UnixSeconds,
        connected: &EndpointId,
        store: &mut Store,
        received: &Received,
        digest: [u8; 32],
    ) -> Option<Handled> {
        let mut setting = Setting { own: Some(self.own.clone()), ..self.setting.clone() };
        setting.dictionaries.add_config(&self.config);
        let owner = key(connected);
        setting.on_file.extend(store.authorisations(&owner));
        let (message, verdicts) = judge(received, &setting);
        let message = message?;
        let sender = key(&message.header.sender);
        let whole = |error: ActionError, text: &str| ResponsePayload::Error(error.information(text));
        let transaction = (owner.clone(), message.header.transaction.clone());
        let (payload, touched) = match (store.answered.get(&transaction), &message.payload) {
            // STD-50
            _ if sender != owner => (whole(ActionError::NotTheSender, "the sender is not who is connected"), Vec::new()),
            // STD-51
            (Some((before, answer)), _) if *before == digest => {
                return Some(Handled { response: answer.clone(), touched: Vec::new(), verdicts });
            }
            (Some(_), _) => (whole(ActionError::OtherContent, "this transaction was used for another message"), Vec::new()),
            (None, Payload::Response(_)) => (whole(ActionError::NotFromYou, "a response to nothing"), Vec::new()),
            (None, Payload::Request(request)) if ACTIONS_MAX < request.actions.actions.len() => {
                (whole(ActionError::TooMany, "at most 64 actions: send several messages"), Vec::new())
            }
            (None, Payload::Request(request)) => {
                let room = if request.actions.actions.len() == 1 { ANSWER_OF_ONE_MAX } else { ANSWER_MAX };
                let mut turn = Turn::new(self, store, owner, (now, room), (received, &verdicts));
                let answers = request.actions.actions.iter().map(|action| turn.action(action)).collect();
                let touched = turn.touched;
                let actions = Some1::new(answers)?;
                (ResponsePayload::Actions(ActionResponses { actions }), touched)
            }
        };
        let response = self.response(now, &message, payload);
        if sender == transaction.0 {
            store.answered.entry(transaction).or_insert_with(|| (digest, response.clone()));
        }
        Some(Handled { response, touched, verdicts })
    }

    /// STD-58: sender, receiver and transaction of the request, and the time of the answer.
    fn response(&self, now: UnixSeconds, request: &Message, payload: ResponsePayload) -> Message {
        let header = Header { timestamp: QualifiedMicrosecondDateTime::from_unix(now), ..request.header.clone() };
        Message { header, payload: Payload::Response(payload), signatures: Signatures::default() }
    }
}

impl Store {
    fn authorisations(&self, owner: &str) -> impl Iterator<Item = (Uuid, Option<QualifiedDateTime>, Option<QualifiedDateTime>)> {
        self.objects.iter().filter(move |(_, stored)| stored.owner == owner).filter_map(|(identifier, stored)| match &stored.object.kind {
            Kind::Authorisation(body) => {
                let span = body.timespan.clone();
                Some((identifier.clone(), span.as_ref().and_then(|span| span.start.clone()), span.and_then(|span| span.end)))
            }
            _ => None,
        })
    }

    /// An object as it was kept. The node keeps objects in a database and gives the desk those that a message is about
    /// ([`mentions`]): a desk that has taken a million orders has not a million objects in memory.
    pub fn put(&mut self, owner: String, object: Object) {
        self.objects.insert(object.base.identifier.clone(), Stored { owner, object });
    }

    /// This object is larger than what can be given beside others: a GET says so (STD-86).
    pub fn withhold(&mut self, identifier: Uuid) {
        self.withheld.insert(identifier);
    }

    /// What this transaction was answered the first time.
    pub fn remember(&mut self, owner: String, transaction: Uuid, digest: [u8; 32], answer: Message) {
        self.answered.insert((owner, transaction), (digest, answer));
    }

    /// Every object with its owner.
    pub fn objects(&self) -> impl Iterator<Item = (&str, &Object)> {
        self.objects.values().map(|stored| (stored.owner.as_str(), &stored.object))
    }

    pub fn object(&self, identifier: &Uuid) -> Option<&Object> {
        self.objects.get(identifier).map(|stored| &stored.object)
    }

    /// The provider's own word about an object: status, and what it adds. Not for the authority's fields (STD-54).
    pub fn set_status(
        &mut self,
        now: UnixSeconds,
        identifier: &Uuid,
        status: DictionaryEntry,
        reason: Option<ErrorInformation>,
    ) -> Result<(), ActionError> {
        let stored = self.objects.get_mut(identifier).ok_or(ActionError::NoSuchObject)?;
        match &mut stored.object.kind {
            Kind::Authorisation(body) => (body.status, body.invalid_reason) = (Some(status), reason),
            Kind::Document(body) => (body.status, body.invalid_reason) = (Some(status), reason),
            Kind::Disclosure(body) => (body.status, body.status_reason) = (Some(status), reason),
            Kind::Preservation(body) => (body.status, body.status_reason) = (Some(status), reason),
            Kind::Delivery(body) => body.status = Some(status),
            Kind::Notification(_) | Kind::Refused(_) => return Err(ActionError::Stale),
        }
        stored.object.changed(now);
        Ok(())
    }

    /// An object of the provider's own for this authority to fetch: a delivery or a notification.
    pub fn offer(&mut self, now: UnixSeconds, to: &EndpointId, mut object: Object) -> Result<(), ActionError> {
        if self.objects.contains_key(&object.base.identifier) {
            return Err(ActionError::Exists);
        }
        object.base.last_changed = Some(QualifiedDateTime::from_unix(now));
        object.base.generation = Some(0);
        self.objects.insert(object.base.identifier.clone(), Stored { owner: key(to), object });
        Ok(())
    }
}

/// What a message is about: objects that it names, and lists that it asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    pub objects: Vec<Uuid>,
    pub lists: Vec<ListRequest>,
}

/// Everything that [`Desk::handle`] may look at for this message, beside the transaction itself.
pub fn mentions(message: &Message) -> Mentions {
    let mut found = Mentions::default();
    let Payload::Request(request) = &message.payload else { return found };
    for action in request.actions.actions.iter() {
        let object = match &action.request {
            Request::Get(get) => {
                found.objects.push(get.identifier.clone());
                None
            }
            Request::List(list) => {
                found.lists.push(list.clone());
                None
            }
            Request::Create(create) => Some(&create.object),
            Request::Update(update) => Some(&update.object),
            Request::Deliver(_) | Request::GetCspConfig(_) => None,
        };
        if let Some(object) = object {
            found.objects.push(object.base.identifier.clone());
            found.objects.extend_from_slice(object.associated());
        }
    }
    found.objects.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
    found.objects.dedup();
    found
}

/// What was created on paper only: the caller could not take it, so the answer to each of these CREATEs is an error (STD-59).
pub fn refuse_creates(response: &mut Message, request: &Message, created: &[Uuid], error: ActionError, text: &str) {
    let (Payload::Request(request), Payload::Response(ResponsePayload::Actions(given))) = (&request.payload, &mut response.payload) else {
        return;
    };
    let is_refused = |action: &ActionRequest| match &action.request {
        Request::Create(create) => created.contains(&create.object.base.identifier),
        _ => false,
    };
    let answers = request.actions.actions.iter().zip(given.actions.iter()).map(|(action, answer)| match &answer.response {
        Response::Create(_) if is_refused(action) => {
            ActionResponse { identifier: answer.identifier, response: Response::Error(error.information(text)) }
        }
        _ => answer.clone(),
    });
    if let Some(actions) = Some1::new(answers.collect()) {
        given.actions = actions;
    }
}

/// STD-85, of one message.
pub const ACTIONS_MAX: usize = 64;
/// STD-86: what is given in one answer, as XML. A thousand records of a list are about half a megabyte.
pub const ANSWER_MAX: usize = 16 << 20;
/// The answer to a message of one action, which may ask for a delivery of 25 MB: in base 64 that is 34 MB.
pub const ANSWER_OF_ONE_MAX: usize = 40 << 20;

/// A list is a page of this many, those whose change is oldest first.
pub const PAGE: usize = LIST_MAX;

/// Dictionary name and value of an object's status, as a list filters by it.
pub fn status_word(object: &Object) -> Option<String> {
    status_of(object).map(status_text)
}

/// One text for an entry of a dictionary.
pub fn status_text(entry: &DictionaryEntry) -> String {
    format!("{}/{}/{}", entry.owner.as_str(), entry.name.as_str(), entry.value.as_str())
}

impl Object {
    fn changed(&mut self, now: UnixSeconds) {
        self.base.generation = Some(self.base.generation.unwrap_or(0).saturating_add(1));
        self.base.last_changed = Some(QualifiedDateTime::from_unix(now));
    }
}

/// One message being worked off.
struct Turn<'a> {
    desk: &'a Desk,
    store: &'a mut Store,
    owner: String,
    now: UnixSeconds,
    received: &'a Received,
    verdicts: &'a Verdicts,
    touched: Vec<Uuid>,
    /// What a CREATE of this message wanted and did not get.
    refused: BTreeSet<Uuid>,
    /// STD-87: an order was among the actions, accepted or not.
    has_order: bool,
    /// Octets of the answer that are left.
    room: usize,
}

type Outcome = Result<Response, (ActionError, String)>;

impl<'a> Turn<'a> {
    fn new(
        desk: &'a Desk,
        store: &'a mut Store,
        owner: String,
        (now, room): (UnixSeconds, usize),
        (received, verdicts): (&'a Received, &'a Verdicts),
    ) -> Turn<'a> {
        let (touched, refused) = (Vec::new(), BTreeSet::new());
        Turn { desk, store, owner, now, received, verdicts, touched, refused, has_order: false, room }
    }
}

impl Turn<'_> {
    /// STD-59: an action that fails says why and leaves the others alone.
    fn action(&mut self, action: &ActionRequest) -> ActionResponse {
        let outcome = match &action.request {
            Request::Get(get) => self.get(&get.identifier),
            Request::Create(create) => self.create(&create.object).inspect_err(|_| {
                self.refused.insert(create.object.base.identifier.clone());
            }),
            Request::Update(update) => self.update(&update.object),
            Request::List(list) => self.fitting(Response::List(self.list(list))),
            Request::Deliver(_) => Err((ActionError::NotFromYou, "deliveries go from the provider to the authority".to_owned())),
            Request::GetCspConfig(_) => Ok(Response::GetCspConfig(self.desk.config.clone())),
        };
        let response = outcome.unwrap_or_else(|(error, text)| Response::Error(error.information(&text)));
        ActionResponse { identifier: action.identifier, response }
    }

    fn get(&mut self, identifier: &Uuid) -> Outcome {
        let object = self.own(identifier)?;
        if self.store.withheld.contains(identifier) {
            return Err((ActionError::TooLarge, "ask for it in a message of its own".to_owned()));
        }
        self.fitting(Response::Get(GetResponse { object }))
    }

    /// STD-86: what was read is given while there is room; whoever gets an error here asks again for less.
    fn fitting(&mut self, response: Response) -> Outcome {
        let mut element = Element::new(super::names::CORE, "ActionResponse");
        super::codec::Complex::write_fields(&response, &mut element);
        let size = write_xml(&element, super::names::PREFIXES).len();
        match self.room.checked_sub(size) {
            Some(room) => {
                self.room = room;
                Ok(response)
            }
            None => Err((ActionError::TooLarge, "the answer is full: ask for the rest in another message".to_owned())),
        }
    }

    fn own(&self, identifier: &Uuid) -> Result<Object, (ActionError, String)> {
        let stored = self.store.objects.get(identifier).filter(|stored| stored.owner == self.owner);
        stored.map(|stored| stored.object.clone()).ok_or((ActionError::NoSuchObject, "no such object".to_owned()))
    }

    /// STD-56: no object enters that failed the dictionary's or the scope's verdict.
    fn is_good(&self, object: &Object) -> Result<(), (ActionError, String)> {
        let (at, _) = place(self.received.root(), object.base.identifier.as_str(), "");
        let next = self.next_object_after(at);
        let is_inside = |finding: &&Finding| at <= finding.at && next.is_none_or(|next| finding.at < next);
        let findings = self.verdicts.scope.findings().iter().chain(self.verdicts.dictionary.findings());
        match findings.into_iter().find(is_inside) {
            Some(finding) => Err((ActionError::Refused, format!("{} {finding}; {}", finding.code(), finding.hint().en))),
            None => Ok(()),
        }
    }

    fn next_object_after(&self, at: crate::tree::Position) -> Option<crate::tree::Position> {
        let mut next = None;
        self.received.root().walk(&mut |element| {
            if element.name.local == "HI1Object" && at < element.at && next.is_none() {
                next = Some(element.at);
            }
        });
        next
    }

    fn create(&mut self, object: &Object) -> Outcome {
        let identifier = object.base.identifier.clone();
        // STD-87: a message is one signed document, and that document is the order whose hash people compare and attest. The first
        // one counts, refused or not: what is read out of the message is the first.
        if matches!(object.kind, Kind::Authorisation(_)) && std::mem::replace(&mut self.has_order, true) {
            return Err((ActionError::SecondOrder, "one order a message: send this one in a message of its own".to_owned()));
        }
        if self.store.objects.contains_key(&identifier) {
            // Also when it is another's: an identifier is not free because one may not see who has it.
            return Err((ActionError::Exists, "an object of this identifier exists".to_owned()));
        }
        if object.associated().iter().any(|other| self.refused.contains(other)) {
            return Err((ActionError::NoSuchObject, "what it belongs to was not accepted".to_owned()));
        }
        self.is_good(object)?;
        if has_status(object) || matches!(object.kind, Kind::Delivery(_)) {
            return Err((ActionError::NotYours, "Status and deliveries are written by the provider".to_owned()));
        }
        // The scope verdict saw the authorisation in the message; here it must also have been accepted.
        let is_on_file = |id: &Uuid| self.own(id).is_ok_and(|other| matches!(other.kind, Kind::Authorisation(_)));
        if matches!(object.kind, Kind::Disclosure(_)) && !object.associated().iter().any(is_on_file) {
            return Err((ActionError::NoSuchObject, "its authorisation was not accepted".to_owned()));
        }
        let mut object = object.clone();
        object.base.generation = Some(0);
        object.base.last_changed = Some(QualifiedDateTime::from_unix(self.now));
        self.touched.push(identifier.clone());
        self.store.objects.insert(identifier.clone(), Stored { owner: self.owner.clone(), object });
        Ok(Response::Create(ObjectResponse { identifier, object: None }))
    }

    /// The authority changes its own fields only: desired status, the expiry it wishes, the expiry of an authorisation.
    fn update(&mut self, wish: &Object) -> Outcome {
        let mut object = self.own(&wish.base.identifier)?;
        if wish.base.generation.is_some() && wish.base.generation != object.base.generation {
            return Err((ActionError::Stale, "another generation: GET it and decide again".to_owned()));
        }
        if has_status(wish) {
            return Err((ActionError::NotYours, "Status is written by the provider".to_owned()));
        }
        self.has_known_words(wish)?;
        match (&mut object.kind, &wish.kind) {
            (Kind::Authorisation(body), Kind::Authorisation(wish)) => {
                take(&mut body.desired_status, &wish.desired_status);
                take(&mut body.manual, &wish.manual);
            }
            (Kind::Document(body), Kind::Document(wish)) => take(&mut body.desired_status, &wish.desired_status),
            (Kind::Disclosure(body), Kind::Disclosure(wish)) => take(&mut body.desired_status, &wish.desired_status),
            (Kind::Preservation(body), Kind::Preservation(wish)) => {
                take(&mut body.desired_status, &wish.desired_status);
                take(&mut body.desired_expiration, &wish.desired_expiration);
            }
            (Kind::Delivery(body), Kind::Delivery(wish)) => take(&mut body.desired_status, &wish.desired_status),
            _ => return Err((ActionError::Stale, "an object keeps its kind".to_owned())),
        }
        object.changed(self.now);
        let identifier = object.base.identifier.clone();
        self.touched.push(identifier.clone());
        self.store.objects.insert(identifier.clone(), Stored { owner: self.owner.clone(), object });
        Ok(Response::Update(ObjectResponse { identifier, object: None }))
    }

    /// An update says only what changes, so the scope verdict, which wants whole tasks, is not asked; the dictionary's is.
    fn has_known_words(&self, object: &Object) -> Result<(), (ActionError, String)> {
        let (at, _) = place(self.received.root(), object.base.identifier.as_str(), "");
        let next = self.next_object_after(at);
        let found =
            self.verdicts.dictionary.findings().iter().find(|finding| at <= finding.at && next.is_none_or(|next| finding.at < next));
        found.map_or(Ok(()), |finding| Err((ActionError::Refused, format!("{} {finding}", finding.code()))))
    }

    fn list(&self, filter: &ListRequest) -> ListResponse {
        let most = filter.maximum.and_then(|most| usize::try_from(most).ok()).unwrap_or(LIST_MAX).min(LIST_MAX);
        let own = self.store.objects.values().filter(|stored| stored.owner == self.owner).map(|stored| &stored.object);
        let records = own.filter(|object| is_listed(object, filter)).take(most).filter_map(record);
        ListResponse { records: records.collect() }
    }
}

/// A list is a page, not a store: whoever wants more filters by the time of change.
const LIST_MAX: usize = 1000;

fn take<T: Clone>(field: &mut Option<T>, wish: &Option<T>) {
    if let Some(wish) = wish {
        *field = Some(wish.clone());
    }
}

/// STD-54: what only the provider writes.
fn has_status(object: &Object) -> bool {
    match &object.kind {
        Kind::Authorisation(body) => body.status.is_some() || body.invalid_reason.is_some(),
        Kind::Document(body) => body.status.is_some() || body.invalid_reason.is_some(),
        Kind::Disclosure(body) => body.status.is_some() || body.status_reason.is_some(),
        Kind::Preservation(body) => body.status.is_some() || body.status_reason.is_some() || body.expiration.is_some(),
        Kind::Delivery(body) => body.status.is_some(),
        Kind::Notification(_) | Kind::Refused(_) => false,
    }
}

fn status_of(object: &Object) -> Option<&DictionaryEntry> {
    match &object.kind {
        Kind::Authorisation(body) => body.status.as_ref(),
        Kind::Document(body) => body.status.as_ref(),
        Kind::Disclosure(body) => body.status.as_ref(),
        Kind::Preservation(body) => body.status.as_ref(),
        Kind::Delivery(body) => body.status.as_ref(),
        Kind::Notification(_) | Kind::Refused(_) => None,
    }
}

fn is_listed(object: &Object, filter: &ListRequest) -> bool {
    let changed = object.base.last_changed.as_ref().map_or(0, QualifiedDateTime::unix);
    let span = filter.last_changed_timespan.as_ref();
    filter.object_type.as_ref().is_none_or(|kind| kind.is("ETSI", "ObjectType", object.kind.object_type()))
        && filter.last_changed.as_ref().is_none_or(|since| since.unix() <= changed)
        && span.and_then(|span| span.start.as_ref()).is_none_or(|start| start.unix() <= changed)
        && span.and_then(|span| span.end.as_ref()).is_none_or(|end| changed <= end.unix())
        && filter.status.as_ref().is_none_or(|status| status_of(object) == Some(status))
        && filter.country.as_ref().is_none_or(|country| object.base.country.as_ref() == Some(country))
}

fn record(object: &Object) -> Option<ListRecord> {
    Some(ListRecord {
        object_type: DictionaryEntry::etsi("ObjectType", object.kind.object_type())?,
        identifier: object.base.identifier.clone(),
        country: object.base.country.clone(),
        owner: object.base.owner.clone(),
        generation: object.base.generation.unwrap_or(0),
        external: object.base.external.clone(),
        last_changed: object.base.last_changed.clone(),
    })
}
