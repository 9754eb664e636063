//! `order translate` and `order answer -o`: a body as EC form XML, or in a message of TS 103 120, XML or JSON.

use std::path::{Path, PathBuf};

use law::explain::deadlines;
use law::received::{Body, FollowUpKind, Office, OrderKind};
use seal::entropy::{Entropy, SystemEntropy};
use standards::epoc::hi1::{self, Answered};
use standards::etsi::core::EndpointId;
use standards::etsi::values::{IsoCountryCode, LongString, Uuid};

use super::received::{Context, Loaded, bytes_of, load, now, time};
use crate::exit::{Failure, Outcome};

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Shape {
    /// The form alone, as XML
    EcForm,
    /// A message of ETSI TS 103 120 with the form inside, as XML
    Etsi,
    /// The same as JSON
    EtsiJson,
}

/// As what, and what a message says around a form.
#[derive(clap::Args)]
pub struct Writing {
    /// What is written
    #[arg(long = "as", value_enum, default_value = "ec-form")]
    shape: Shape,
    /// Who sends the message: State and identifier, as in NL:NL-EXAMPLE; default: who is named in the order
    #[arg(long)]
    sender: Option<String>,
    /// Who receives it; default: who is named in the order
    #[arg(long)]
    receiver: Option<String>,
    /// Its transaction (UUID), to write the same message again; default: a new one
    #[arg(long)]
    transaction: Option<String>,
    /// Form 6: until when to preserve (RFC 3339)
    #[arg(long)]
    expiry: Option<String>,
    /// Forms 5 and 6: the message with the preservation order whose tasks they act on
    #[arg(long)]
    about: Option<PathBuf>,
}

/// Between forms: an order of whatever kind as a form or message.
pub fn translate(file: &Path, context: &Context, writing: &Writing, out: &Path) -> Outcome {
    let loaded = load(file, context)?;
    let order = loaded.received.order();
    let envelope = &loaded.received.envelope;
    let office = |own: Option<&Office>| own.map(|office| (office.country.clone(), office.id.clone()));
    let sender = office(envelope.sender.as_ref().or(order.and_then(|order| order.issuing.office.as_ref())).map(|office| &office.value));
    let receiver =
        office(envelope.receiver.as_ref().or(order.and_then(|order| order.addressee.office.as_ref())).map(|office| &office.value));
    writing.write(&loaded, &loaded.received.body, Between { sender, receiver }, out)
}

/// Who speaks to whom where no option says it: (State, identifier).
pub struct Between {
    pub sender: Option<(String, String)>,
    pub receiver: Option<(String, String)>,
}

impl Between {
    /// An answer goes back to where the order came from.
    pub fn back(loaded: &Loaded) -> Between {
        let order = loaded.received.order();
        let envelope = &loaded.received.envelope;
        let office = |office: &Office| (office.country.clone(), office.id.clone());
        let to = envelope.sender.as_ref().or(order.and_then(|order| order.issuing.office.as_ref()));
        Between { sender: loaded.own_office(), receiver: to.map(|to| office(&to.value)) }
    }
}

impl Writing {
    pub fn write(&self, loaded: &Loaded, body: &Body, between: Between, out: &Path) -> Outcome {
        let no_form =
            || Failure::refused("STD-60", "a national order or a withdrawal has no EU form", "order import makes native orders of it");
        if self.shape == Shape::EcForm {
            let xml = standards::epoc::write_form(body).ok_or_else(no_form)?;
            return super::write_new(out, xml.as_bytes());
        }
        let envelope = hi1::Envelope {
            sender: endpoint("--sender", self.sender.as_deref(), between.sender)?,
            receiver: endpoint("--receiver", self.receiver.as_deref(), between.receiver)?,
            transaction: self.transaction()?,
            at: i64::try_from(now()).unwrap_or(i64::MAX),
            expiry: self.expiry(loaded, body)?,
            tasks: self.tasks(loaded, body)?,
        };
        let written = hi1::to_message(body, &envelope).ok_or_else(no_form)?;
        for left in &written.left {
            eprintln!(
                "note: {} {} has no format in TS 104 144; it stands in the form inside",
                left.kind.code(),
                verify::verdict::escape(&left.value)
            );
        }
        let text = match self.shape {
            Shape::EtsiJson => written.message.to_json().ok_or_else(no_form)?,
            _ => written.message.to_xml(),
        };
        super::write_new(out, text.as_bytes())
    }

    fn transaction(&self) -> Result<Uuid, Failure> {
        let text = match &self.transaction {
            Some(text) => text.clone(),
            None => {
                let mut octets = [0; 16];
                SystemEntropy.fill(&mut octets);
                // Version 4 of RFC 9562: random.
                octets[6] = 0x40 | octets[6] & 0x0F;
                octets[8] = 0x80 | octets[8] & 0x3F;
                let hex = verify::spelling::hex(&octets);
                format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
            }
        };
        Uuid::parse(&text).ok_or_else(|| Failure::usage(format!("--transaction {text} is not a UUID in lower case"), ""))
    }

    /// Of a preservation order by its clock; of an extension by what the authority asks, which nobody can compute from the form.
    fn expiry(&self, loaded: &Loaded, body: &Body) -> Result<Option<i64>, Failure> {
        let seconds = match (&self.expiry, body) {
            (Some(text), _) => Some(time(text)?),
            (None, Body::Order(order)) if order.kind.value == OrderKind::EpocPr => {
                deadlines(&loaded.facts()).first().map(|deadline| deadline.deadline_at)
            }
            (None, Body::FollowUp(form)) if form.kind.value == FollowUpKind::Extension => {
                return Err(Failure::usage("until when is it to be preserved?", "--expiry 2026-12-31T23:00:00Z"));
            }
            _ => None,
        };
        Ok(seconds.and_then(|seconds| i64::try_from(seconds).ok()))
    }

    /// What the body is about: of an answer the tasks of the message that is answered, of Forms 5 and 6 those of the stored order.
    fn tasks(&self, loaded: &Loaded, body: &Body) -> Result<Vec<Answered>, Failure> {
        let tasks = match (body, &self.about) {
            (Body::Order(_) | Body::Withdrawal(_), _) => return Ok(Vec::new()),
            (_, Some(about)) => hi1::tasks_of(&bytes_of(about)?),
            (_, None) => hi1::tasks_of(loaded.source.as_deref().unwrap_or_default().as_bytes()),
        };
        // An answer to a form that came without a message names no task: there is none.
        let acts = matches!(body, Body::FollowUp(_));
        if acts && !tasks.iter().any(|task| task.preserves) {
            return Err(Failure::usage("on which tasks does it act?", "--about FILE, the message with the preservation order"));
        }
        Ok(tasks)
    }
}

fn endpoint(option: &str, given: Option<&str>, named: Option<(String, String)>) -> Result<EndpointId, Failure> {
    let hint = "a State and an identifier, as in NL:NL-EXAMPLE";
    let given = given.and_then(|text| text.split_once(':')).map(|(country, id)| (country.to_owned(), id.to_owned()));
    let (country, id) =
        given.or(named).ok_or_else(|| Failure::usage(format!("{option} is missing, and the order does not name it"), hint))?;
    match (IsoCountryCode::parse(&country), LongString::parse(&id)) {
        (Some(country), Some(unique)) if !id.is_empty() => Ok(EndpointId { country, unique }),
        _ => Err(Failure::usage(format!("{option} {country}:{id} names nobody"), hint)),
    }
}
