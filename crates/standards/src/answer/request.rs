//! A request of ours to an authority's own system, and what its answer says of each action (STD-88).

use crate::etsi::codec::Some1;
use crate::etsi::core::*;
use crate::etsi::message::{Message, Received, Signatures};
use crate::etsi::object::{Kind, Object};
use crate::etsi::time::{QualifiedMicrosecondDateTime, UnixSeconds};
use crate::etsi::values::Uuid;

/// From whom to whom, under which transaction, made when.
#[derive(Clone, Debug)]
pub struct Parties {
    pub sender: EndpointId,
    pub receiver: EndpointId,
    pub transaction: Uuid,
    pub at: UnixSeconds,
}

/// Deliveries are delivered, everything else is created. `None`: nothing to send.
pub fn request(parties: &Parties, objects: Vec<Object>) -> Option<Message> {
    let action = |(identifier, object): (u64, Object)| {
        let request = match &object.kind {
            Kind::Delivery(_) => Request::Deliver(DeliverRequest { identifier: object.base.identifier.clone(), object }),
            _ => Request::Create(CreateRequest { object }),
        };
        ActionRequest { identifier, request }
    };
    let header = Header {
        sender: parties.sender.clone(),
        receiver: parties.receiver.clone(),
        transaction: parties.transaction.clone(),
        timestamp: QualifiedMicrosecondDateTime::from_unix(parties.at),
        version: Version::of_eu_profile(),
        workflow: None,
    };
    let actions = ActionRequests { actions: Some1::new((0..).zip(objects).map(action).collect())? };
    Some(Message { header, payload: Payload::Request(RequestPayload { actions }), signatures: Signatures::default() })
}

/// What an answer has to be about.
#[derive(Clone, Debug)]
pub struct Expected {
    header: Header,
    /// Number, object, and whether it is delivered.
    actions: Vec<(u64, Uuid, bool)>,
}

/// What the other side says of one action: taken, or why not in its words.
pub type Said = Result<(), String>;

impl Expected {
    pub fn of(request: &Message) -> Expected {
        let actions = if let Payload::Request(request) = &request.payload { &request.actions.actions[..] } else { &[] };
        let named = |action: &ActionRequest| match &action.request {
            Request::Deliver(deliver) => Some((action.identifier, deliver.identifier.clone(), true)),
            Request::Create(create) => Some((action.identifier, create.object.base.identifier.clone(), false)),
            _ => None,
        };
        Expected { header: request.header.clone(), actions: actions.iter().filter_map(named).collect() }
    }

    /// STD-88: one word for each action, in their order. `Err`: this is no answer to the request, and nothing follows from it.
    pub fn read(&self, octets: &[u8]) -> Result<Vec<Said>, String> {
        let received = Received::parse(octets).map_err(|refusal| format!("the answer does not read: {refusal}"))?;
        let broken = |findings: Vec<crate::refusal::Finding>| {
            findings
                .first()
                .map_or_else(|| "the answer breaks the schema".to_owned(), |first| format!("the answer breaks the schema: {first}"))
        };
        let message = received.schema().map_err(broken)?;
        let (own, said) = (&self.header, &message.header);
        if (&own.sender, &own.receiver, &own.transaction) != (&said.sender, &said.receiver, &said.transaction) {
            return Err("the answer echoes another sender, receiver or transaction".to_owned());
        }
        match &message.payload {
            Payload::Request(_) => Err("a request as an answer".to_owned()),
            Payload::Response(ResponsePayload::Error(error)) => Ok(self.actions.iter().map(|_| Err(words(error))).collect()),
            Payload::Response(ResponsePayload::Actions(given)) => {
                Ok(self.actions.iter().map(|action| one(action, &given.actions)).collect())
            }
        }
    }
}

fn words(error: &ErrorInformation) -> String {
    format!("{} {}", error.code, error.description.as_str())
}

/// An action that is not answered, twice answered, or answered as another one was not taken.
fn one((number, object, is_delivery): &(u64, Uuid, bool), given: &[ActionResponse]) -> Said {
    let mut own = given.iter().filter(|answer| answer.identifier == *number);
    let (Some(answer), None) = (own.next(), own.next()) else { return Err("no single answer to this action".to_owned()) };
    match (&answer.response, is_delivery) {
        (Response::Deliver(done), true) if done.identifier == *object => Ok(()),
        (Response::Create(done), false) if done.identifier == *object => Ok(()),
        (Response::Error(error), _) => Err(words(error)),
        _ => Err("the answer is about something else".to_owned()),
    }
}
