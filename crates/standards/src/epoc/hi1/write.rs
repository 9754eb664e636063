//! A form into its HI-1 actions.

use super::{PRIORITIES, REQUEST_TYPES, SUBTYPES, request_value};
use crate::epoc::{Form, write_form};
use crate::etsi::approval::{ApprovalDetails, ApproverDetails, DictionaryEntry};
use crate::etsi::authorisation::{Authorisation, AuthorisationCsps, AuthorisationFlags};
use crate::etsi::codec::Some1;
use crate::etsi::core::*;
use crate::etsi::document::{Document, DocumentBody};
use crate::etsi::message::{Message, Signatures};
use crate::etsi::notification::{AssociatedStatus, AssociatedStatuses, Notification};
use crate::etsi::object::{Base, Kind, Object};
use crate::etsi::task::*;
use crate::etsi::time::{QualifiedDateTime, QualifiedMicrosecondDateTime, UnixSeconds};
use crate::etsi::values::*;
use law::received::{Body, DataClass, FollowUpKind, Identifier, Moment, NonExecution, Order, OrderKind, Party, Reason, Requested};

/// What stands around the form, and what it does not say itself.
#[derive(Clone, Debug)]
pub struct Envelope {
    pub sender: EndpointId,
    pub receiver: EndpointId,
    pub transaction: Uuid,
    pub at: UnixSeconds,
    /// Until when to preserve (Form 2), or the expiry asked for (Form 6): from the clocks of `law`, never from here.
    pub expiry: Option<UnixSeconds>,
    /// The tasks that Form 3 answers or Forms 5 and 6 act on.
    pub tasks: Vec<Answered>,
}

/// A stored task: the form's id of its identifier, the object, and whether it preserves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub identifier: String,
    pub object: Uuid,
    pub preserves: bool,
}

#[derive(Clone, Debug)]
pub struct Written {
    pub message: Message,
    /// Identifiers that no format of TS 104 144 can say. They are in the form, which travels along.
    pub left: Vec<Left>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    pub kind: law::received::IdentifierKind,
    pub value: String,
}

/// `None`: a body without form, or with a text longer than HI-1 can carry.
pub fn to_message(body: &Body, envelope: &Envelope) -> Option<Written> {
    let form = write_form(body)?;
    let mut maker = Maker { envelope, actions: Vec::new(), left: Vec::new(), seed: form.clone().into_bytes() };
    let about = match body {
        Body::Order(order) => maker.order(order)?,
        Body::NonExecution(answer) => maker.non_execution(answer)?,
        Body::FollowUp(follow_up) => maker.follow_up(follow_up.kind.value)?,
        Body::Withdrawal(_) => return None,
    };
    maker.document(Form::of(body)?, form, about)?;
    let actions = maker.actions.into_iter().zip(0..).map(|(request, identifier)| ActionRequest { identifier, request }).collect();
    let header = Header {
        sender: envelope.sender.clone(),
        receiver: envelope.receiver.clone(),
        transaction: envelope.transaction.clone(),
        timestamp: QualifiedMicrosecondDateTime::from_unix(envelope.at),
        version: Version::of_eu_profile(),
        workflow: None,
    };
    let payload = Payload::Request(RequestPayload { actions: ActionRequests { actions: Some1::new(actions)? } });
    Some(Written { message: Message { header, payload, signatures: Signatures::default() }, left: maker.left })
}

struct Maker<'a> {
    envelope: &'a Envelope,
    actions: Vec<Request>,
    left: Vec<Left>,
    /// Identifiers of objects are made from the form, so that sending it twice names the same ones.
    seed: Vec<u8>,
}

fn short(text: &str) -> Option<ShortString> {
    ShortString::parse(text)
}
fn entry(name: &str, value: &str) -> Option<DictionaryEntry> {
    DictionaryEntry::new(if name.starts_with("EPOC") { "EU" } else { "ETSI" }, name, value)
}
/// A day begins at its midnight in UTC; what has no zone cannot be said.
fn time(moment: &Moment) -> Option<QualifiedDateTime> {
    moment.earliest().map(|at| QualifiedDateTime::from_unix(i64::try_from(at).unwrap_or(i64::MAX)))
}

impl Maker<'_> {
    fn id(&self, what: &str) -> Option<Uuid> {
        let mut octets = verify::package::digest::sha256(&[b"hi1\0", what.as_bytes(), b"\0", &self.seed]);
        octets[6] = 0x50 | octets[6] & 0x0F;
        octets[8] = 0x80 | octets[8] & 0x3F;
        let hex = verify::spelling::hex(&octets[..16]);
        Uuid::parse(&format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]))
    }

    /// Country and owner are the sender's: converters that take the addressee's make the receiver the sender (etsi.md 6).
    fn base(&self, identifier: Uuid, associated: &[Uuid]) -> Option<Base> {
        let associated = (!associated.is_empty()).then(|| AssociatedObjects { objects: associated.to_vec() });
        Some(Base {
            identifier,
            country: Some(self.envelope.sender.country.clone()),
            owner: Some(short(self.envelope.sender.unique.as_str())?),
            generation: None,
            external: None,
            associated,
            last_changed: None,
            national: None,
        })
    }

    fn create(&mut self, base: Base, kind: Kind) {
        self.actions.push(Request::Create(CreateRequest { object: Object { base, kind } }));
    }

    fn order(&mut self, order: &Order) -> Option<Vec<Uuid>> {
        let own = order.form_id.as_ref().and_then(|id| Uuid::parse(&id.value));
        let authorisation = own.or_else(|| self.id("authorisation"))?;
        let body = self.authorisation(order)?;
        let base = self.base(authorisation.clone(), &[])?;
        self.create(base, Kind::Authorisation(body));
        let mut number = 0;
        for identifier in &order.identifiers {
            let Some(value) = request_value(identifier.kind.value, &identifier.value.value) else {
                self.left.push(Left { kind: identifier.kind.value, value: identifier.value.value.clone() });
                continue;
            };
            for (request_type, asked) in groups(order, identifier) {
                number += 1;
                let task_id = self.id(&format!("{}/{number}", authorisation.as_str()))?;
                let kind = self.task(order, identifier, request_type, &asked, value.clone())?;
                let base = Base {
                    external: identifier.id.as_ref().and_then(|id| LongString::parse(&id.value)),
                    ..self.base(task_id, std::slice::from_ref(&authorisation))?
                };
                self.create(base, kind);
            }
        }
        Some(vec![authorisation])
    }

    fn authorisation(&self, order: &Order) -> Option<Authorisation> {
        let is_epoc = order.kind.value == OrderKind::Epoc;
        let shortest = PRIORITIES.iter().rev().find(|(_, choice)| order.deadlines.iter().any(|said| said.value == *choice));
        let mut flags = Vec::new();
        if order.is_emergency() {
            flags.push(entry("AuthorisationFlag", "IsEmergency")?);
        }
        if !order.notice_delayed.is_empty() {
            flags.push(entry("EPOCAuthorisationFlag", "DelayInformingUser")?);
        }
        if order.enforcing.is_some() {
            flags.push(entry("EPOCAuthorisationFlag", "EnforcingAuthorityNotified")?);
        }
        let without_validation = order.without_validation.as_ref().is_some_and(|said| said.value);
        let mut approvals = vec![approval("IssuingAuthority", &order.issuing, is_epoc, without_validation)?];
        if let Some(validating) = &order.validating {
            approvals.push(approval("ValidatingAuthority", validating, is_epoc, false)?);
        }
        let concerned = order.addressee.provider_identifier.as_ref().map_or(self.envelope.receiver.unique.as_str(), |id| &id.value);
        let csp = EndpointId { country: self.envelope.receiver.country.clone(), unique: LongString::parse(concerned)? };
        Some(Authorisation {
            reference: order.issuing.file_number.as_ref().and_then(|number| LongString::parse(&number.value)),
            legal_type: entry("EPOCLegalType", if is_epoc { "EPOC" } else { "EPOCPR" }),
            priority: shortest.and_then(|(value, _)| entry("EPOCPriority", value)),
            status: None,
            desired_status: entry("AuthorisationDesiredStatus", "SubmittedToCSP"),
            timespan: None,
            csps: Some(AuthorisationCsps { csps: Some1::one(csp) }),
            created: None,
            served: None,
            terminated: None,
            approvals,
            invalid_reason: None,
            flags: (!flags.is_empty()).then_some(AuthorisationFlags { flags }),
            manual: None,
            national: None,
            jurisdiction: order.issuing_state.as_ref().and_then(|state| LongString::parse(&state.value)),
            type_of_case: None,
            legal_entity: order.addressee.name.as_ref().and_then(|name| short(&name.value)),
        })
    }

    fn task(&self, order: &Order, identifier: &Identifier, request_type: &str, asked: &[&Requested], value: RequestValue) -> Option<Kind> {
        let range = asked.iter().find_map(|one| one.range.as_ref()).or_else(|| order.ranges_of(identifier).first().copied());
        let edge = |pick: fn(&law::received::TimeRange) -> Option<&Moment>| range.and_then(|range| pick(&range.value)).and_then(time);
        let (start, end) = (edge(|range| range.start.as_ref()), edge(|range| range.end.as_ref()));
        let options = asked.iter().flat_map(|one| &one.options);
        let subtypes = options.filter_map(|option| SUBTYPES.iter().find(|(_, known)| *known == option.value));
        let subtypes: Vec<DictionaryEntry> = subtypes.filter_map(|(name, _)| entry("EPOCRequestSubtype", name)).collect();
        let subtypes = Some1::new(subtypes).map(|subtypes| RequestSubtypes { subtypes });
        let values = Some(RequestValues { values: Some1::one(value) });
        let request_type = entry("RequestType", request_type);
        let csp = Some(self.envelope.receiver.clone());
        if order.kind.value == OrderKind::EpocPr {
            let request = PreservationDetails { request_type, start, end, values, subtypes, target_subtype: None };
            return Some(Kind::Preservation(PreservationTask {
                status: None,
                status_reason: None,
                desired_status: entry("LPTaskDesiredStatus", "AwaitingPreservation"),
                request: Some(request),
                desired_expiration: self.envelope.expiry.map(QualifiedDateTime::from_unix),
                expiration: None,
                csp,
                national: None,
            }));
        }
        let mut observed = identifier.seen_at.iter().filter_map(|moment| time(&moment.value));
        let request = RequestDetails {
            request_type,
            start,
            end,
            observed: observed.next(),
            observed_more: observed.collect(),
            values,
            subtypes,
            target_subtype: None,
        };
        let free: Vec<&str> =
            asked.iter().filter_map(|one| one.other.as_ref()).chain(&order.other_information).map(|text| text.value.as_str()).collect();
        Some(Kind::Disclosure(DisclosureTask {
            reference: None,
            status: None,
            status_reason: None,
            desired_status: entry("LDTaskDesiredStatus", "AwaitingDisclosure"),
            request: Some(request),
            delivery: None,
            approvals: Vec::new(),
            csp,
            handling: None,
            flags: None,
            preservation_references: preservation_references(order),
            national: None,
            deadlines: None,
            manual: if free.is_empty() { None } else { LongString::parse(&free.join("\n")) },
        }))
    }

    fn non_execution(&mut self, answer: &NonExecution) -> Option<Vec<Uuid>> {
        let about_all = answer.reasons.iter().any(|given| given.identifier.is_none());
        let mut statuses = Vec::new();
        for task in &self.envelope.tasks {
            let given = answer.reasons.iter().find(|given| given.identifier.as_ref().is_none_or(|id| id.value == task.identifier));
            let Some(given) = given.filter(|_| {
                about_all || answer.reasons.iter().any(|one| one.identifier.as_ref().is_some_and(|id| id.value == task.identifier))
            }) else {
                continue;
            };
            // The status of the task's own kind: converters write LPTaskStatus for all (etsi.md section 6).
            let (name, unavailable) =
                if task.preserves { ("LPTaskStatus", "PreservationNotAvailable") } else { ("LDTaskStatus", "DisclosureNotAvailable") };
            let is_absent = given.reasons.iter().any(|reason| matches!(reason.value, Reason::NotStored | Reason::Impossible));
            let status = entry(name, if is_absent { unavailable } else { "Invalid" })?;
            let details = given.explanation.as_ref().and_then(|text| LongString::parse(&text.value));
            statuses.push(AssociatedStatus { object: task.object.clone(), status, details });
        }
        let only = |wanted: &[Reason]| answer.reasons.iter().flat_map(|given| &given.reasons).all(|reason| wanted.contains(&reason.value));
        let kind = if answer.clarification.is_some() {
            "ClarificationNeeded"
        } else if only(&[Reason::Impossible, Reason::NotStored]) {
            "DeFactoImpossibility"
        } else {
            "NonExecution"
        };
        let notification = Notification {
            details: answer.clarification.as_ref().and_then(|text| LongString::parse(&text.value)),
            notification_type: entry("EPOCNotificationType", kind),
            is_new: Some(true),
            timestamp: Some(QualifiedDateTime::from_unix(self.envelope.at)),
            statuses: Some1::new(statuses).map(|statuses| AssociatedStatuses { statuses }),
            national: None,
        };
        let about: Vec<Uuid> = self.envelope.tasks.iter().map(|task| task.object.clone()).collect();
        let id = self.id("notification")?;
        let base = self.base(id.clone(), &about)?;
        self.create(base, Kind::Notification(notification));
        Some(vec![id])
    }

    /// Forms 5 and 6 act on every task of the stored preservation order.
    fn follow_up(&mut self, kind: FollowUpKind) -> Option<Vec<Uuid>> {
        let tasks: Vec<Uuid> = self.envelope.tasks.iter().filter(|task| task.preserves).map(|task| task.object.clone()).collect();
        for task in &tasks {
            let is_extension = kind == FollowUpKind::Extension;
            let desired_status = if is_extension { None } else { Some(entry("LPTaskDesiredStatus", "SubsequentProductionRequest")?) };
            let body = PreservationTask {
                status: None,
                status_reason: None,
                desired_status,
                request: None,
                desired_expiration: self.envelope.expiry.filter(|_| is_extension).map(QualifiedDateTime::from_unix),
                expiration: None,
                csp: None,
                national: None,
            };
            let object = Object { base: self.base(task.clone(), &[])?, kind: Kind::Preservation(body) };
            self.actions.push(Request::Update(UpdateRequest { object }));
        }
        Some(tasks)
    }

    fn document(&mut self, form: Form, contents: String, about: Vec<Uuid>) -> Option<()> {
        let contents = contents.into_bytes();
        let checksum = verify::spelling::hex(&verify::package::digest::sha256(&[&contents]));
        let body = DocumentBody {
            contents: Some(Base64(contents)),
            content_type: short("application/xml"),
            checksum: short(&checksum),
            checksum_type: short("SHA-256"),
        };
        let document = Document {
            reference: None,
            name: LongString::parse(&format!("{}.xml", form.name())),
            status: None,
            desired_status: None,
            timespan: None,
            document_type: entry("EPOCDocumentType", form.name()),
            properties: None,
            body: Some(body),
            signatures: Vec::new(),
            invalid_reason: None,
            national: None,
        };
        let base = self.base(self.id("document")?, &about)?;
        self.create(base, Kind::Document(document));
        Some(())
    }
}

/// The classes asked for this identifier, joined as far as a RequestType can say it.
fn groups<'a>(order: &'a Order, identifier: &Identifier) -> Vec<(&'static str, Vec<&'a Requested>)> {
    let is_meant = |one: &&Requested| {
        one.identifiers.is_empty() || one.identifiers.iter().any(|id| identifier.id.as_ref().is_some_and(|own| own.value == id.value))
    };
    let mut left: Vec<&Requested> = order.requested.iter().filter(is_meant).collect();
    let mut groups = Vec::new();
    for (request_type, classes) in REQUEST_TYPES {
        let asks = |class: &DataClass| left.iter().any(|one| one.class.value == *class);
        if classes.iter().all(asks) {
            let (mine, rest) = left.into_iter().partition(|one| classes.contains(&one.class.value));
            left = rest;
            groups.push((*request_type, mine));
        }
    }
    groups
}

fn approval(kind: &str, party: &Party, has_time: bool, is_emergency: bool) -> Option<ApprovalDetails> {
    use law::received::AuthorityKind;
    let role = party.kind.as_ref().map(|kind| match kind.value {
        AuthorityKind::Judge => "JudgeCourtOrInvestigatingJudge",
        AuthorityKind::Prosecutor => "PublicProsecutor",
        AuthorityKind::Other => "OtherCompetentAuthority",
    });
    let approver = ApproverDetails {
        name: party.name.as_ref().and_then(|name| LongString::parse(&name.value)),
        role: role.and_then(LongString::parse),
        identity: None,
        contacts: Vec::new(),
    };
    Some(ApprovalDetails {
        approval_type: LongString::parse(kind),
        description: None,
        reference: party.file_number.as_ref().and_then(|number| LongString::parse(&number.value)),
        approver: Some(approver),
        timestamp: party.signed_on.as_ref().filter(|_| has_time).and_then(|moment| time(&moment.value)),
        is_emergency: is_emergency.then_some(true),
        signature: None,
        national: None,
    })
}

/// D: what was preserved before.
fn preservation_references(order: &Order) -> Option<PreservationReferences> {
    let references = order.earlier.iter().filter_map(|earlier| {
        Some(PreservationReference {
            value: LongString::parse(&earlier.file_number.as_ref()?.value)?,
            nature: LongString::parse(earlier.kind.value.code()),
            transmitted: earlier.sent_on.as_ref().and_then(|moment| time(&moment.value)),
        })
    });
    Some1::new(references.collect()).map(|references| PreservationReferences { references })
}
