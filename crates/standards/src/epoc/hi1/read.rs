//! An HI-1 message into the order as received. The form inside is read where there is one; without it the objects speak.

use super::Answered;
use super::{PRIORITIES, REQUEST_TYPES, SUBTYPES, kind_of};
use crate::epoc::{Form, read_form};
use crate::etsi::approval::{ApprovalDetails, DictionaryEntry};
use crate::etsi::authorisation::Authorisation;
use crate::etsi::core::{EndpointId, Payload, Request};
use crate::etsi::dictionary::SUBTYPE_ALIASES;
use crate::etsi::message::{Format, Message, Received as Hi1};
use crate::etsi::object::{Kind, Object};
use crate::etsi::task::{PreservationTask, RequestValues};
use crate::etsi::time::QualifiedDateTime;
use crate::etsi::values::Uuid;
use crate::etsi::verdict::{Setting, judge, object_of, place};
use crate::refusal::{Refusal, Rule};
use crate::tree::Element;
use law::received::*;
use std::cell::RefCell;

/// Reads a message that carries an order, an answer or a follow-up. Its verdicts are in the envelope; a message whose
/// schema is bad, or that is about something else, is refused with its first finding.
pub fn from_message(bytes: &[u8], setting: &Setting) -> Result<Received, Refusal> {
    from_read(Hi1::parse(bytes)?, bytes, setting)
}

/// The same of a message that is read, and its octets.
pub(crate) fn from_read(received: Hi1, bytes: &[u8], setting: &Setting) -> Result<Received, Refusal> {
    let (message, verdicts) = judge(&received, setting);
    let Some(message) = message else {
        let first = verdicts.schema.findings().first().cloned();
        return Err(first.unwrap_or_else(|| Refusal::new(Rule::NotThisFormat, received.root().at, "")));
    };
    let root = received.root();
    let marked = |text: String, at: &Element, path: &str| Marked::at(text, Place::new(at.at.line, at.at.column, path));
    let header = root.child("Header").unwrap_or(root);
    let mut envelope = Envelope {
        format: if received.format == Format::Xml { law::received::Format::EtsiXml } else { law::received::Format::EtsiJson },
        original_hash: verify::package::digest::sha256(&[bytes]),
        transaction: Some(marked(message.header.transaction.as_str().to_owned(), header, "Header/TransactionIdentifier")),
        sender: Some(Marked::at(office(&message.header.sender), Place::new(header.at.line, header.at.column, "Header/SenderIdentifier"))),
        receiver: Some(Marked::at(
            office(&message.header.receiver),
            Place::new(header.at.line, header.at.column, "Header/ReceiverIdentifier"),
        )),
        schema: verdicts.schema.as_law(),
        dictionary: verdicts.dictionary.as_law(),
        signatures: Vec::new(),
        normalised: verdicts.normalised.clone(),
        differences: Vec::new(),
        quarantined: None,
    };
    if let Some(interception) = verdicts.scope.findings().iter().find(|finding| finding.code() == "STD-41") {
        return Err(interception.clone());
    }
    // STD-13: an extension may say anything, also that less is asked: a person reads it.
    envelope.differences.extend(setting.profiles.extensions(root).into_iter().map(|extension| {
        let at = Place::new(extension.at.line, extension.at.column, &extension.name);
        let nothing = Marked::at(String::new(), at.clone());
        Difference { what: format!("national extension {}", extension.name), message: Marked::at(extension.says, at), form: nothing }
    }));
    let reader = Reader { root, message: &message, normalised: RefCell::default() };
    let index = reader.index();
    let form = reader.form()?;
    envelope.normalised.append(&mut reader.normalised.take());
    let body = match (index, form) {
        (index, Some((inside, id))) => {
            // The form is the order. Its places lead into the first document inside the message.
            envelope.schema = worse(envelope.schema, inside.envelope.schema);
            envelope.dictionary = worse(envelope.dictionary, inside.envelope.dictionary);
            envelope.normalised.extend(inside.envelope.normalised);
            envelope.quarantined = inside.envelope.quarantined.map(|place| place.in_document(1));
            if let Some(index) = &index {
                envelope.differences.extend(super::compare::differences(index, &inside.body, &place(root, &id, "").0));
            }
            inside.body
        }
        (Some(index), None) => index,
        (None, None) => return Err(Refusal::new(Rule::NotThisFormat, root.at, "HI1Message without an order")),
    };
    Ok(Received { envelope, body })
}

/// The tasks that a message creates, for answers and follow-ups that name them; none if it is no such message.
pub fn tasks_of(bytes: &[u8]) -> Vec<Answered> {
    let Some(message) = Hi1::parse(bytes).ok().and_then(|received| received.schema().ok()) else { return Vec::new() };
    let Payload::Request(payload) = &message.payload else { return Vec::new() };
    let created = payload.actions.actions.iter().filter_map(|action| match &action.request {
        Request::Create(create) => Some(&create.object),
        _ => None,
    });
    let tasks = created.filter_map(|object| {
        let preserves = match &object.kind {
            Kind::Disclosure(_) => false,
            Kind::Preservation(_) => true,
            _ => return None,
        };
        // Where a task does not say which identifier of the form it is about, only what is said of all of them reaches it.
        let identifier = object.base.external.as_ref().map_or_else(String::new, |id| id.as_str().to_owned());
        Some(Answered { identifier, object: object.base.identifier.clone(), preserves })
    });
    tasks.collect()
}

/// What each UPDATE of a message asks of its object; none: nothing that is understood here, so a person looks.
pub fn wishes(received: &Hi1, message: &Message) -> Vec<(Uuid, Option<Body>)> {
    let reader = Reader { root: received.root(), message, normalised: RefCell::default() };
    let updates = reader.requests().iter().filter_map(|action| match &action.request {
        Request::Update(update) => Some((update.object.base.identifier.clone(), reader.update(&update.object))),
        _ => None,
    });
    updates.collect()
}

/// A verdict that was made twice is the worse of the two.
fn worse(one: Finding, other: Finding) -> Finding {
    if one.is_yes() { other } else { one }
}

fn office(endpoint: &EndpointId) -> Office {
    Office { country: endpoint.country.as_str().to_owned(), id: endpoint.unique.as_str().to_owned() }
}

struct Reader<'a> {
    root: &'a Element,
    message: &'a Message,
    normalised: RefCell<Vec<Normalised>>,
}

impl Reader<'_> {
    fn requests(&self) -> &[crate::etsi::core::ActionRequest] {
        match &self.message.payload {
            Payload::Request(payload) => &payload.actions.actions,
            Payload::Response(_) => &[],
        }
    }

    fn objects(&self) -> impl Iterator<Item = &Object> {
        self.requests().iter().filter_map(|action| object_of(&action.request))
    }

    /// STD-87: the first authorisation of a message is its order; what is associated with another one only is no part of it.
    fn is_of_the_order(&self, object: &Object) -> bool {
        let mut authorisations = self.requests().iter().filter_map(|action| match &action.request {
            Request::Create(create) if matches!(create.object.kind, Kind::Authorisation(_)) => Some(&create.object.base.identifier),
            _ => None,
        });
        let Some(own) = authorisations.next() else { return true };
        let named = object.associated();
        named.contains(own) || !authorisations.any(|other| named.contains(other))
    }

    fn mark<T>(&self, value: T, object: &Object, field: &str) -> Marked<T> {
        let (at, path) = place(self.root, object.base.identifier.as_str(), field);
        Marked::at(value, Place::new(at.line, at.column, path))
    }

    /// The first document that is one of the forms, read. A form of the wrong kind, or one that cannot be read, is refused:
    /// acting on the index alone would be acting on something that nobody signed.
    fn form(&self) -> Result<Option<(Received, String)>, Refusal> {
        for object in self.objects() {
            let Kind::Document(document) = &object.kind else { continue };
            if !self.is_of_the_order(object) {
                continue;
            }
            let Some(kind) = document.document_type.as_ref().filter(|kind| kind.name.as_str() == "EPOCDocumentType") else { continue };
            let Some(contents) = document.body.as_ref().and_then(|body| body.contents.as_ref()) else { continue };
            let is_xml =
                document.body.as_ref().and_then(|body| body.content_type.as_ref()).is_none_or(|kind| kind.as_str().ends_with("xml"));
            if !is_xml {
                continue;
            }
            let read = read_form(&contents.0)?;
            if Form::of(&read.body).map(Form::name) != Some(kind.value.as_str()) {
                let (at, path) = place(self.root, object.base.identifier.as_str(), "DocumentType");
                return Err(Refusal { path, ..Refusal::new(Rule::NotThisFormat, at, kind.value.as_str()) });
            }
            return Ok(Some((read, object.base.identifier.as_str().to_owned())));
        }
        Ok(None)
    }

    /// What the objects say.
    fn index(&self) -> Option<Body> {
        for action in self.requests() {
            match &action.request {
                Request::Create(create) => {
                    if let Kind::Authorisation(authorisation) = &create.object.kind {
                        return Some(Body::Order(self.order(&create.object, authorisation)));
                    }
                }
                Request::Update(update) => {
                    if let Some(body) = self.update(&update.object) {
                        return Some(body);
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn update(&self, object: &Object) -> Option<Body> {
        match &object.kind {
            Kind::Authorisation(authorisation) => {
                let desired = authorisation.desired_status.as_ref()?;
                (desired.value.as_str() == "Cancelled").then(|| {
                    let identifier = object.base.identifier.as_str().to_owned();
                    let reason = authorisation
                        .manual
                        .as_ref()
                        .map(|text| self.mark(text.as_str().to_owned(), object, "AuthorisationManualInformation"));
                    let reference = self.mark(identifier, object, "ObjectIdentifier");
                    Body::Withdrawal(Withdrawal { reference, issuing: Party::default(), reason, at: None })
                })
            }
            Kind::Preservation(task) => self.follow_up(object, task),
            _ => None,
        }
    }

    fn follow_up(&self, object: &Object, task: &PreservationTask) -> Option<Body> {
        let desired = task.desired_status.as_ref().map(|status| status.value.as_str());
        let kind = match (desired, &task.desired_expiration) {
            (Some("SubsequentProductionRequest"), _) => self.mark(FollowUpKind::SubsequentProduction, object, "DesiredStatus"),
            (_, Some(_)) => self.mark(FollowUpKind::Extension, object, "DesiredPreservationExpiration"),
            _ => return None,
        };
        let mut form = FollowUp::empty(kind);
        form.requested_expiry =
            task.desired_expiration.as_ref().and_then(|at| Some(self.mark(moment(at)?, object, "DesiredPreservationExpiration")));
        Some(Body::FollowUp(form))
    }

    fn order(&self, object: &Object, authorisation: &Authorisation) -> Order {
        let legal =
            authorisation.legal_type.as_ref().filter(|entry| entry.name.as_str() == "EPOCLegalType").map(|entry| entry.value.as_str());
        let preserves = self.objects().any(|other| matches!(other.kind, Kind::Preservation(_)) && self.is_of_the_order(other));
        let kind = match legal {
            Some("EPOC") => OrderKind::Epoc,
            Some("EPOCPR") => OrderKind::EpocPr,
            _ => OrderKind::National,
        };
        let text = |value: &Option<crate::etsi::values::LongString>, field: &str| {
            value.as_ref().map(|text| self.mark(text.as_str().to_owned(), object, field))
        };
        let mut order = Order::empty(self.mark(kind, object, "AuthorisationLegalType"));
        order.form_id = Some(self.mark(object.base.identifier.as_str().to_owned(), object, "ObjectIdentifier"));
        order.issuing_state = text(&authorisation.jurisdiction, "AuthorisationJurisdiction");
        order.issuing.file_number = text(&authorisation.reference, "AuthorisationReference");
        self.approvals(object, authorisation, &mut order);
        let priority = authorisation.priority.as_ref().map(|entry| entry.value.as_str());
        // "EightHours" does not say which threat; the person's comes first, and the form says it.
        if let Some((_, choice)) = PRIORITIES.iter().find(|(value, _)| Some(*value) == priority) {
            order.deadlines.push(self.mark(*choice, object, "AuthorisationPriority"));
        }
        order.addressee.name =
            authorisation.legal_entity.as_ref().map(|name| self.mark(name.as_str().to_owned(), object, "AuthorisationLegalEntity"));
        let concerned = authorisation.csps.as_ref().and_then(|csps| csps.csps.first());
        order.addressee.provider_identifier = concerned.map(|csp| self.mark(csp.unique.as_str().to_owned(), object, "AuthorisationCSPID"));
        if let Some(span) = &authorisation.timespan {
            let range = TimeRange { start: span.start.as_ref().and_then(moment), end: span.end.as_ref().and_then(moment) };
            order.authorised = Some(self.mark(range, object, "AuthorisationTimespan"));
        }
        if kind == OrderKind::National {
            // Of the sender, not of the object: converters fill the object's from the addressee (etsi.md section 6).
            let country = self.message.header.sender.country.as_str().to_owned();
            let article = authorisation.manual.as_ref().map_or_else(String::new, |manual| manual.as_str().to_owned());
            order.national = Some(National {
                country: self.mark(country, object, "CountryCode"),
                article: self.mark(article, object, "AuthorisationManualInformation"),
                purpose: None,
                judge_reference: None,
                future_until: None,
            });
        }
        for task in self.objects().filter(|task| self.is_of_the_order(task)) {
            match &task.kind {
                Kind::Disclosure(body) if !preserves || kind != OrderKind::EpocPr => {
                    if let Some(request) = &body.request {
                        let edges = [request.start.as_ref(), request.end.as_ref()];
                        let seen = request.observed.iter().chain(&request.observed_more).filter_map(moment);
                        let seen = seen.map(|at| self.mark(at, task, "ObservedTime")).collect();
                        self.identifiers(task, request.values.as_ref(), edges, seen, &mut order);
                        self.requested(task, request.request_type.as_ref(), request.subtypes.as_ref(), &mut order);
                    }
                }
                Kind::Preservation(body) => {
                    if let Some(request) = &body.request {
                        self.identifiers(
                            task,
                            request.values.as_ref(),
                            [request.start.as_ref(), request.end.as_ref()],
                            Vec::new(),
                            &mut order,
                        );
                        self.requested(task, request.request_type.as_ref(), request.subtypes.as_ref(), &mut order);
                    }
                }
                _ => {}
            }
        }
        order
    }

    fn approvals(&self, object: &Object, authorisation: &Authorisation, order: &mut Order) {
        for approval in &authorisation.approvals {
            let is_validating = approval.approval_type.as_ref().is_some_and(|kind| kind.as_str() == "ValidatingAuthority");
            let party = if is_validating { order.validating.get_or_insert_with(Party::default) } else { &mut order.issuing };
            self.approval(object, approval, party);
            if !is_validating && approval.is_emergency == Some(true) {
                order.without_validation = Some(self.mark(true, object, "ApprovalIsEmergency"));
            }
        }
    }

    /// Contact details are left out: converters swap those of the two authorities, and only the registry's count.
    fn approval(&self, object: &Object, approval: &ApprovalDetails, party: &mut Party) {
        let approver = approval.approver.as_ref();
        party.name = approver.and_then(|one| one.name.as_ref()).map(|name| self.mark(name.as_str().to_owned(), object, "ApproverName"));
        if let Some(reference) = &approval.reference {
            party.file_number = Some(self.mark(reference.as_str().to_owned(), object, "ApprovalReference"));
        }
        let kind = approver.and_then(|one| one.role.as_ref()).and_then(|role| match role.as_str() {
            "PublicProsecutor" => Some(AuthorityKind::Prosecutor),
            "JudgeCourtOrInvestigatingJudge" => Some(AuthorityKind::Judge),
            "OtherCompetentAuthority" => Some(AuthorityKind::Other),
            _ => None,
        });
        party.kind = kind.map(|kind| self.mark(kind, object, "ApproverRole"));
        // STD-63 in this spelling: a midnight may be a date that lost its zone, so only its day is kept.
        party.signed_on = approval.timestamp.as_ref().and_then(|time| {
            let at = moment(time)?;
            let day = at.day().filter(|day| at == Moment::Instant(day.start()));
            let said = self.mark(day.map_or(at, Moment::Day), object, "ApprovalTimestamp");
            if let Some(day) = day {
                let (was, now) = (time.as_str().to_owned(), day.to_string());
                self.normalised.borrow_mut().push(Normalised { rule: "STD-63", was, now, place: said.place.clone() });
            }
            Some(said)
        });
    }

    fn identifiers(
        &self,
        task: &Object,
        values: Option<&RequestValues>,
        edges: [Option<&QualifiedDateTime>; 2],
        seen_at: Vec<Marked<Moment>>,
        order: &mut Order,
    ) {
        let [start, end] = edges.map(|edge| edge.and_then(moment));
        let has_range = start.is_some() || end.is_some();
        let ranges: Vec<_> = has_range.then(|| self.mark(TimeRange { start, end }, task, "StartTime")).into_iter().collect();
        for value in values.iter().flat_map(|values| values.values.iter()) {
            let kind = kind_of(&value.format);
            // Two tasks for one identifier, one for each group of classes, name one person.
            if order
                .identifiers
                .iter()
                .any(|known| known.kind.value == kind && known.value.value == value.value.as_str() && known.ranges.len() == ranges.len())
            {
                continue;
            }
            order.identifiers.push(Identifier {
                id: task.base.external.as_ref().map(|id| self.mark(id.as_str().to_owned(), task, "ExternalIdentifier")),
                kind: self.mark(kind, task, "FormatName"),
                value: self.mark(value.value.as_str().to_owned(), task, "Value"),
                ranges: ranges.clone(),
                seen_at: seen_at.clone(),
                port: None,
                service: None,
                remarks: None,
            });
        }
    }

    fn requested(
        &self,
        task: &Object,
        kind: Option<&DictionaryEntry>,
        subtypes: Option<&crate::etsi::task::RequestSubtypes>,
        order: &mut Order,
    ) {
        let is_known = |kind: &&DictionaryEntry| kind.owner.as_str() == "ETSI" && kind.name.as_str() == "RequestType";
        let Some((_, classes)) = kind.filter(is_known).and_then(|kind| REQUEST_TYPES.iter().find(|(name, _)| *name == kind.value.as_str()))
        else {
            return;
        };
        for class in *classes {
            let place = match order.requested.iter().position(|one| one.class.value == *class) {
                Some(place) => place,
                None => {
                    let class = self.mark(*class, task, "Type");
                    order.requested.push(Requested { class, options: Vec::new(), other: None, range: None, identifiers: Vec::new() });
                    order.requested.len() - 1
                }
            };
            for subtype in subtypes.iter().flat_map(|subtypes| subtypes.subtypes.iter()) {
                let said = subtype.value.as_str();
                let name = SUBTYPE_ALIASES.iter().find(|(was, _)| *was == said).map_or(said, |(_, now)| now);
                let option = SUBTYPES.iter().find(|(known, option)| *known == name && option.class() == *class);
                let requested = &mut order.requested[place];
                if let Some((_, option)) = option
                    && requested.options.iter().all(|known| known.value != *option)
                {
                    requested.options.push(self.mark(*option, task, "RequestSubtype"));
                }
            }
        }
    }
}

/// An instant before 1970 is no time of an order.
fn moment(time: &QualifiedDateTime) -> Option<Moment> {
    u64::try_from(time.unix()).ok().map(Moment::Instant)
}
