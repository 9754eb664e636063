//! TS 103 707: a record of messaging traffic as a hand-over item. Everything is filled **except** content; the address of
//! binary data is never given, because behind it would be content.
//!
//! The shape is that of an open chat server \[check against the schema, which is not among our copies; `testdata/handover` has ours].

use super::AnswerRefusal;
use crate::tree::{Attribute, Element, Name, Node, write_xml};
use seal::catalogue::{Body, Given, Givens, Party, Record, Traffic, parse_rfc3339};
use verify::package::json::{LINE_LEN_MAX, Value};
use verify::package::table::{ITEM, ROW_ID};

const SPACE: &str = "http://uri.etsi.org/03707/2020/02";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// Our own part, beside ETSI's.
const OWN: &str = "urn:waarborg:traffic:1";

/// One record of a delivery.
#[derive(Clone, Copy, Debug)]
pub struct HandoverItem<'a> {
    pub record: &'a Record,
    /// Of the delivery; the same in all its items.
    pub application_id: &'a str,
    /// From 1, in the order of the delivery.
    pub number: u64,
}

/// A row of an opened package.
#[derive(Clone, Debug)]
pub struct Row {
    /// From 1, in its file.
    pub number: u64,
    /// Of the ordered item that it answers, from 1.
    pub item: u64,
    pub record: Record,
}

impl Row {
    /// STD-89: one line of `records/*.jsonl`, as the record that it shows; what the record would show otherwise is refused.
    pub fn read(line: &[u8]) -> Result<Row, AnswerRefusal> {
        let wrong = |text: String| AnswerRefusal::Row { text };
        let Ok(Value::Object(mut row)) = Value::parse(line, LINE_LEN_MAX) else { return Err(wrong("no flat JSON object".to_owned())) };
        let mut take = |name: &str| row.remove(name).ok_or_else(|| wrong(format!("no {name}")));
        let (number, item, received) = (take(ROW_ID)?, take(ITEM)?, take("received_at")?);
        let number = number.as_u64().ok_or_else(|| wrong(ROW_ID.to_owned()))?;
        let item = item.as_u64().ok_or_else(|| wrong(ITEM.to_owned()))?;
        let received = received.as_text().and_then(parse_rfc3339).ok_or_else(|| wrong("received_at".to_owned()))?;
        let given = row.into_iter().map(|(name, value)| Some((name, given(value)?))).collect::<Option<Givens>>();
        let given = given.ok_or_else(|| wrong("a value that no field has".to_owned()))?;
        let record = Record::from_givens(given, received).map_err(|error| wrong(error.to_string()))?;
        Ok(Row { number, item, record })
    }
}

fn given(value: Value) -> Option<Given> {
    Some(match value {
        Value::Text(text) => Given::Text(text),
        Value::Int(number) => Given::Number(i64::try_from(number).ok()?),
        Value::Bool(yes) => Given::Flag(yes),
        Value::List(items) => Given::List(items.iter().map(|item| item.as_text().map(str::to_owned)).collect::<Option<_>>()?),
        Value::Object(_) | Value::Null => return None,
    })
}

/// One `handoverItem`. `is_target`: the order names this identifier.
pub fn handover(item: &HandoverItem<'_>, is_target: impl Fn(&Party) -> bool) -> Result<String, AnswerRefusal> {
    let Body::Traffic(traffic) = item.record.body() else { return Err(AnswerRefusal::NotTraffic) };
    let mut root = Element::new(SPACE, "handoverItem");
    let mut correlation = Element::new(SPACE, "applicationCorrelation");
    put(&mut correlation, SPACE, "applicationLevelID", item.application_id);
    put(&mut correlation, SPACE, "applicationSequenceNumber", &item.number.to_string());
    nest(&mut root, Element::new(SPACE, "header"), [correlation]);

    let mut core = Element::new(SPACE, "coreParameters");
    core.children.push(Node::Element(party("messageSender", std::slice::from_ref(&traffic.sender), Some(is_target(&traffic.sender)))));
    let receivers = traffic.recipients.as_deref().unwrap_or_default();
    if !receivers.is_empty() {
        core.children.push(Node::Element(party("messageReceiver", receivers, None)));
    }
    put(&mut core, SPACE, "timestamp", &seal::catalogue::format_rfc3339(item.record.t_event_ms()));
    if traffic.message_id.is_some() || traffic.size.is_some() {
        let mut binary = Element::new(SPACE, "binaryObject");
        if let Some(id) = &traffic.message_id {
            put(&mut binary, SPACE, "cspDefinedIdentifier", id);
        }
        if let Some(size) = traffic.size {
            put(&mut binary, SPACE, "contentLength", &size.to_string());
        }
        nest(&mut core, Element::new(SPACE, "associatedBinaryData"), [binary]);
    }
    let mut payload = Element::new(SPACE, "payload");
    payload.attributes.push(Attribute { name: Name::new(XSI, "type"), value: "MessagingPayload".to_owned() });
    let replaced = spell(&mut core);
    nest(&mut root, payload, [core, own_part(traffic, replaced)]);
    Ok(write_xml(&root, &[("", SPACE), ("xsi", XSI), ("waarborg", OWN)]))
}

/// STD-84: what XML 1.0 has no spelling for (control characters, U+FFFE, U+FFFF) stands as U+FFFD; how many.
fn spell(element: &mut Element) -> usize {
    let has_spelling = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    let spell_node = |node: &mut Node| match node {
        Node::Element(inner) => spell(inner),
        Node::Text(text) => {
            let count = text.chars().filter(|c| !has_spelling(*c)).count();
            if 0 < count {
                *text = text.replace(|c| !has_spelling(c), "\u{fffd}");
            }
            count
        }
    };
    element.children.iter_mut().map(spell_node).sum()
}

fn put(parent: &mut Element, space: &str, name: &str, text: &str) {
    parent.children.push(Node::Element(Element::with_text(space, name, text)));
}

fn nest<const N: usize>(parent: &mut Element, mut group: Element, inside: [Element; N]) {
    group.children.extend(inside.map(Node::Element));
    parent.children.push(Node::Element(group));
}

fn party(name: &str, parties: &[Party], is_target: Option<bool>) -> Element {
    let mut element = Element::new(SPACE, name);
    let mut identifiers = Element::new(SPACE, "identifiers");
    for party in parties {
        put(&mut identifiers, SPACE, "identifier", &party.text());
    }
    element.children.push(Node::Element(identifiers));
    if let Some(is_target) = is_target {
        put(&mut element, SPACE, "isTargetedParty", &is_target.to_string());
    }
    element
}

/// What ETSI has no element for. Each field of the record type but those above; the compiler names a new one.
/// `replaced`: characters of the part that ETSI has.
fn own_part(traffic: &Traffic, replaced: usize) -> Element {
    let Traffic {
        interaction,
        direction,
        sender: _,
        recipients: _,
        recipients_total,
        part,
        parts,
        membership,
        conversation,
        message_id: _,
        wrapping,
        size: _,
        duration,
        protocol,
        route,
        claimed,
        claimed_implausible,
    } = traffic;
    let mut data = Element::new(SPACE, "xmlData");
    put(&mut data, OWN, "interaction", interaction.word());
    put(&mut data, OWN, "direction", direction.word());
    let texts = [
        ("recipientsTotal", recipients_total.map(|number| number.to_string())),
        ("part", part.map(|number| number.to_string())),
        ("parts", parts.map(|number| number.to_string())),
        ("membership", membership.map(|word| word.word().to_owned())),
        ("conversation", conversation.clone()),
        ("wrapping", wrapping.map(|word| word.word().to_owned())),
        ("duration", duration.map(|seconds| seconds.to_string())),
        ("protocol", protocol.clone()),
        ("route", route.clone()),
        ("claimed", claimed.as_ref().map(|stamp| format!("{} {}", stamp.raw(), stamp.unit()))),
        ("claimedImplausible", claimed_implausible.clone()),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            put(&mut data, OWN, name, &text);
        }
    }
    let replaced = replaced + spell(&mut data);
    if 0 < replaced {
        put(&mut data, OWN, "replaced", &replaced.to_string());
    }
    let mut details = Element::new(SPACE, "schemaDetails");
    put(&mut details, SPACE, "schemaIdentifier", OWN);
    let mut metadata = Element::new(SPACE, "cspDefinedMetadata");
    metadata.children.extend([Node::Element(details), Node::Element(data)]);
    let mut parameters = Element::new(SPACE, "cspDefinedParameters");
    parameters.children.push(Node::Element(metadata));
    parameters
}
