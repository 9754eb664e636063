//! What the law has the provider say in a form, and the receipt, as objects of who sent the order (DSK-28): Form 3 as TS 104 144 maps
//! it, a notification about each task and the form itself as a Document; the receipt as a Document.

use law::answer::{Words, non_execution};
use law::received::{Body, NonExecution, Reason};
use standards::epoc::hi1::{self, Answered, Envelope};
use standards::etsi::core::{AssociatedObjects, EndpointId, Payload, Request};
use standards::etsi::document::{Document, DocumentBody};
use standards::etsi::object::{Base, Kind, Object};
use standards::etsi::time::QualifiedDateTime;
use standards::etsi::values::{Base64, IsoCountryCode, LongString, ShortString, Uuid};

use super::core::{Loaded, receipt};
use super::deliver::endpoint;
use super::dispatch::line::queue;
use super::entry::{Entry, reason};
use super::hi1::{keep, object};
use super::store::{DeskFault, Head};
use super::work::Work;
use crate::gateway::papers::Refused;

/// The order's objects that a form or receipt is about.
struct Filed {
    authorisations: Vec<Uuid>,
    tasks: Vec<Answered>,
}

impl Filed {
    fn all(&self) -> Vec<Uuid> {
        self.authorisations.iter().chain(self.tasks.iter().map(|task| &task.object)).cloned().collect()
    }
}

/// A step that Form 3 tells.
fn is_told(entry: &Entry) -> bool {
    matches!(entry, Entry::Clarify { .. } | Entry::Refuse { .. } | Entry::Conflict { .. } | Entry::NothingHeld {})
}

impl Work<'_> {
    /// Form 3 of an order that asks, refuses or invokes another law; else of what its gates fail.
    pub fn form_3(&self, loaded: &Loaded, now: u64) -> Result<NonExecution, Refused> {
        let none = || Refused::new("DSK-05", "there is no such received order", "waarborg desk list shows them");
        let order = loaded.received.order().ok_or_else(none)?;
        let mut words = Words { signed_on: Some(now), ..Words::default() };
        for dated in &loaded.entries {
            match &dated.entry {
                Entry::Clarify { question } => words.clarification = Some(question.clone()),
                Entry::Clarified {} => words.clarification = None,
                Entry::Conflict { law } => {
                    words.grounds.entry(String::new()).or_default().push(Reason::ThirdCountryConflict);
                    words.explanation = Some(law.clone());
                }
                Entry::Refuse { grounds } => {
                    for (id, numbers) in grounds {
                        let found = numbers.iter().filter_map(|number| reason(*number).ok());
                        words.grounds.entry(id.clone()).or_default().extend(found);
                    }
                }
                Entry::NothingHeld {} => words.grounds.entry(String::new()).or_default().push(Reason::NotStored),
                _ => {}
            }
        }
        non_execution(order, &self.report(loaded, now), loaded.head.at, words).map_err(|error| {
            let hint = "waarborg desk do NUMBER refuse --ground N, or clarify --text QUESTION";
            Refused::new(error.code(), error.to_string(), hint)
        })
    }

    /// After a step: its Form 3, if it has one and the order came by messages.
    pub fn file_form_3(&mut self, loaded: &Loaded, now: u64) -> Result<(), DeskFault> {
        let head = &loaded.head;
        if head.door != "etsi" || !loaded.entries.last().is_some_and(|dated| is_told(&dated.entry)) {
            return Ok(());
        }
        let form = match self.form_3(loaded, now) {
            Ok(form) => form,
            Err(refused) => {
                // A ground that wants a person's explanation: the step stands, and people write the form.
                eprintln!("desk: received order {}: no Form 3 for its sender: {refused}", head.number);
                return Ok(());
            }
        };
        let filed = self.filed(head)?;
        let Some((sender, receiver, transaction)) = self.parties(head) else { return Ok(()) };
        let about = filed.all();
        let envelope = Envelope { sender, receiver, transaction, at: now as i64, expiry: None, tasks: filed.tasks };
        let Some(written) = hi1::to_message(&Body::NonExecution(form), &envelope) else { return Ok(()) };
        let Payload::Request(request) = written.message.payload else { return Ok(()) };
        for action in request.actions.actions.iter() {
            let Request::Create(create) = &action.request else { continue };
            let mut object = create.object.clone();
            object.base.generation = Some(0);
            object.base.last_changed = Some(QualifiedDateTime::from_unix(now as i64));
            if matches!(object.kind, Kind::Document(_)) {
                let mut objects = about.clone();
                objects.extend(object.associated().iter().cloned());
                object.base.associated = Some(AssociatedObjects { objects });
            }
            self.file(head, &object, now)?;
        }
        Ok(())
    }

    /// The receipt, as `POST /received` gives it.
    pub fn file_receipt(&mut self, head: &Head, now: u64) -> Result<(), DeskFault> {
        let Some((own, _, id)) = self.parties(head) else { return Ok(()) };
        let text = format!("{}\n", super::view::receipt(&receipt(head)));
        let body = DocumentBody {
            checksum: ShortString::parse(&verify::spelling::hex(&seal::digest::sha256(&[text.as_bytes()]))),
            contents: Some(Base64(text.into_bytes())),
            content_type: ShortString::parse("application/json"),
            checksum_type: ShortString::parse("SHA-256"),
        };
        let document = Document {
            reference: LongString::parse(&head.number.to_string()),
            name: LongString::parse("receipt.json"),
            status: None,
            desired_status: None,
            timespan: None,
            document_type: None,
            properties: None,
            body: Some(body),
            signatures: Vec::new(),
            invalid_reason: None,
            national: None,
        };
        let base = Base {
            identifier: id,
            country: Some(own.country),
            owner: ShortString::parse(own.unique.as_str()),
            generation: Some(0),
            external: None,
            associated: Some(AssociatedObjects { objects: self.filed(head)?.all() }),
            last_changed: Some(QualifiedDateTime::from_unix(now as i64)),
            national: None,
        };
        self.file(head, &Object { base, kind: Kind::Document(document) }, now)
    }

    /// Us, who sent the order, and a name that follows from the order alone.
    fn parties(&self, head: &Head) -> Option<(EndpointId, EndpointId, Uuid)> {
        let provider = &self.setup.provider;
        let unique = provider.identifiers.first().or(provider.names.first())?;
        let own = EndpointId { country: IsoCountryCode::parse(&provider.state)?, unique: LongString::parse(unique)? };
        Some((own, endpoint(&head.sender)?, self.sealing.uuid("waarborg/v1/receipt", &verify::spelling::hex(&head.hash.0))?))
    }

    /// Kept once: said again it is what it was.
    fn file(&mut self, head: &Head, object: &Object, now: u64) -> Result<(), DeskFault> {
        if super::hi1::object(self.db, self.sealing, object.base.identifier.as_str())?.is_some() {
            return Ok(());
        }
        keep(self, &head.sender, object, Some(head.number))?;
        queue(self, &head.sender, object, head.number, now)
    }

    fn filed(&self, head: &Head) -> Result<Filed, DeskFault> {
        let select =
            "SELECT id FROM objects WHERE number = ?1 AND owner = ?2 AND kind IN ('Authorisation', 'LDTask', 'LPTask') ORDER BY id";
        let mut query = self.db.prepare_cached(select)?;
        let ids: Vec<String> = query.query_map(rusqlite::params![head.number, head.sender], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut filed = Filed { authorisations: Vec::new(), tasks: Vec::new() };
        for id in ids {
            let Some((_, object, _)) = object(self.db, self.sealing, &id)? else { continue };
            let preserves = match &object.kind {
                Kind::Authorisation(_) => {
                    filed.authorisations.push(object.base.identifier);
                    continue;
                }
                Kind::Preservation(_) => true,
                _ => false,
            };
            let identifier = object.base.external.as_ref().map_or_else(String::new, |external| external.as_str().to_owned());
            filed.tasks.push(Answered { identifier, object: object.base.identifier, preserves });
        }
        Ok(filed)
    }
}

/// Form 3 as EC form XML.
pub fn xml(form: NonExecution) -> Result<String, Refused> {
    standards::epoc::write_form(&Body::NonExecution(form)).ok_or_else(|| Refused::new("ANS-01", "no Form 3 can be written", ""))
}
