//! The sections of Forms 1, 2, 3, 5 and 6, each field once (law.md section 5). Element names that law.md lists were seen in
//! public converters; the others are ours until the Commission's schema can be read \[check].

use super::pen::{Pen, unplaced};
use law::received::*;

/// Names of the sections: Form 2 has the same matter under other letters.
struct Letters {
    identification: &'static str,
    data: &'static str,
    conditions: &'static str,
    issuing: &'static str,
    validating: &'static str,
}

const FORM_1: Letters =
    Letters { identification: "SectionE", data: "SectionF", conditions: "SectionG", issuing: "SectionI", validating: "SectionJ" };
const FORM_2: Letters =
    Letters { identification: "SectionC", data: "SectionD", conditions: "SectionE", issuing: "SectionF", validating: "SectionG" };

pub(super) fn form_1(pen: &mut Pen<'_>, order: &mut Order) {
    pen.text("Id", &mut order.form_id);
    pen.within("SectionA", |pen| section_a(pen, order));
    pen.within("SectionB", |pen| section_b(pen, &mut order.addressee));
    pen.within("SectionC", |pen| deadlines(pen, order));
    pen.within("SectionD", |pen| {
        let make = |place| EarlierRequest {
            kind: Marked::at(EarlierKind::Preserved, place),
            authority: None,
            file_number: None,
            issued_on: None,
            sent_on: None,
            addressee: None,
            addressee_file_number: None,
            other: None,
        };
        pen.list("EarlierRequest", &mut order.earlier, make, earlier);
    });
    pen.within(FORM_1.identification, |pen| identification(pen, order));
    pen.within(FORM_1.data, |pen| data(pen, order));
    pen.within(FORM_1.conditions, |pen| conditions(pen, &mut order.conditions));
    pen.within("SectionH", |pen| pen.words("DelayConditions", &mut order.notice_delayed));
    authorities(pen, order, &FORM_1);
    pen.within("SectionK", |pen| {
        pen.part("EnforcingAuthority", &mut order.enforcing, |_| EnforcingAuthority::default(), enforcing);
    });
    pen.within("SectionL", |pen| pen.within("ToWhomTransferTheData", |pen| transfer(pen, &mut order.transfer)));
}

pub(super) fn form_2(pen: &mut Pen<'_>, order: &mut Order) {
    pen.text("Id", &mut order.form_id);
    pen.within("SectionA", |pen| section_a(pen, order));
    pen.within("SectionB", |pen| section_b(pen, &mut order.addressee));
    pen.within(FORM_2.identification, |pen| identification(pen, order));
    pen.within(FORM_2.data, |pen| data(pen, order));
    pen.within(FORM_2.conditions, |pen| conditions(pen, &mut order.conditions));
    authorities(pen, order, &FORM_2);
}

/// A: State, and name and file number of both authorities. The rest of them stands in I and J.
fn section_a(pen: &mut Pen<'_>, order: &mut Order) {
    pen.text("IssuingState", &mut order.issuing_state);
    pen.within("IssuingAndContactAuthority", |pen| {
        pen.within("IssuingAuthority", |pen| head(pen, &mut order.issuing));
        optional_party(&mut order.validating, |party| pen.within("ValidatingAuthority", |pen| head(pen, party)));
    });
}

/// A validating authority is there when anything of it is said, in A or in J.
fn optional_party(party: &mut Option<Party>, body: impl FnOnce(&mut Party)) {
    let mut inner = party.take().unwrap_or_default();
    body(&mut inner);
    *party = (inner != Party::default()).then_some(inner);
}

fn head(pen: &mut Pen<'_>, party: &mut Party) {
    pen.text("NameOfAuthority", &mut party.name);
    pen.text("FileReference", &mut party.file_number);
    office(pen, &mut party.office);
}

fn office(pen: &mut Pen<'_>, value: &mut Option<Marked<Office>>) {
    let make = |place| Marked::at(Office::default(), place);
    pen.part("AuthorityTechnicalIdentifier", value, make, |pen, office| {
        let said = |text: &mut String| Some(unplaced(std::mem::take(text))).filter(|text| !text.value.is_empty());
        let (mut country, mut id) = (said(&mut office.value.country), said(&mut office.value.id));
        pen.text("Country", &mut country);
        pen.text("NationalId", &mut id);
        let text = |marked: Option<Marked<String>>| marked.map(|marked| marked.value).unwrap_or_default();
        office.value = Office { country: text(country), id: text(id) };
    });
}

fn section_b(pen: &mut Pen<'_>, addressee: &mut Addressee) {
    pen.within("Addressee", |pen| {
        pen.within("Authority", |pen| {
            pen.text("NameOfAuthority", &mut addressee.name);
            office(pen, &mut addressee.office);
            pen.text("FileReference", &mut addressee.file_number);
            contact(pen, &mut addressee.contact);
        });
        pen.within("ServiceProviderConcerned", |pen| {
            pen.text("Name", &mut addressee.provider_concerned);
            pen.text("TechnicalIdentifier", &mut addressee.provider_identifier);
        });
        pen.text("OtherInformation", &mut addressee.other);
    });
    capacity(pen, &mut addressee.capacity);
}

/// `EmergencyCase` is a box of its own in the XML; designated establishment and legal representative are a choice.
fn capacity(pen: &mut Pen<'_>, capacity: &mut Option<Marked<Capacity>>) {
    let is_emergency = |one: &Marked<Capacity>| one.value == Capacity::AnyEstablishmentInEmergency;
    let mut emergency = capacity.as_ref().filter(|one| is_emergency(one)).map(|one| Marked::at(true, one.place.clone()));
    let mut other = capacity.take().filter(|one| !is_emergency(one));
    pen.word("Capacity", &mut other);
    pen.flag("EmergencyCase", &mut emergency);
    let ticked = emergency.filter(|emergency| emergency.value);
    *capacity = ticked.map(|one| Marked::at(Capacity::AnyEstablishmentInEmergency, one.place)).or(other);
}

/// C. Both ten-day values may arrive together; all are kept, and the gates judge them.
fn deadlines(pen: &mut Pen<'_>, order: &mut Order) {
    pen.within("DataProductionInRelationToDeadline", |pen| {
        let is_days = |one: &Marked<DeadlineChoice>| !one.value.is_emergency();
        let (mut within, mut value): (Vec<_>, Vec<_>) = std::mem::take(&mut order.deadlines).into_iter().partition(is_days);
        pen.words("WithinTenDays", &mut within);
        pen.words("Value", &mut value);
        order.deadlines = within.into_iter().chain(value).collect();
        pen.text("OtherDeadline", &mut order.other_deadline);
        pen.text("AdditionalInformation", &mut order.deadline_remarks);
    });
}

fn earlier(pen: &mut Pen<'_>, request: &mut EarlierRequest) {
    let mut kind = Some(request.kind.clone());
    pen.word("Kind", &mut kind);
    request.kind = kind.unwrap_or_else(|| request.kind.clone());
    pen.text("NameOfAuthority", &mut request.authority);
    pen.text("FileReference", &mut request.file_number);
    pen.moment("DateOfIssue", &mut request.issued_on);
    pen.moment("DateOfTransmission", &mut request.sent_on);
    pen.text("Addressee", &mut request.addressee);
    pen.text("AddresseeFileReference", &mut request.addressee_file_number);
    pen.text("OtherInformation", &mut request.other);
}

fn identification(pen: &mut Pen<'_>, order: &mut Order) {
    pen.within("Evidence", |pen| {
        let make = |place: Place| Identifier {
            id: None,
            kind: Marked::at(IdentifierKind::Other, place.clone()),
            value: Marked::at(String::new(), place),
            ranges: Vec::new(),
            seen_at: Vec::new(),
            port: None,
            service: None,
            remarks: None,
        };
        pen.list("Identifier", &mut order.identifiers, make, identifier);
        pen.one_range("DateTimeRange", &mut order.time_range);
    });
}

fn identifier(pen: &mut Pen<'_>, identifier: &mut Identifier) {
    pen.text("Id", &mut identifier.id);
    let (mut kind, mut value) = (Some(identifier.kind.clone()), Some(identifier.value.clone()).filter(|value| !value.value.is_empty()));
    pen.word("Type", &mut kind);
    pen.text("Value", &mut value);
    identifier.kind = kind.unwrap_or_else(|| identifier.kind.clone());
    identifier.value = value.unwrap_or_else(|| identifier.value.clone());
    pen.ranges("DateTimeRange", &mut identifier.ranges);
    pen.moments("TimeStamp", &mut identifier.seen_at);
    pen.port("Port", &mut identifier.port);
    pen.text("NameOfService", &mut identifier.service);
    pen.text("AdditionalInformation", &mut identifier.remarks);
}

fn data(pen: &mut Pen<'_>, order: &mut Order) {
    pen.within("DataCategories", |pen| {
        let mut asked = std::mem::take(&mut order.requested);
        for class in DataClass::ALL {
            let (mut mine, rest): (Vec<_>, Vec<_>) = asked.into_iter().partition(|one: &Requested| one.class.value == *class);
            asked = rest;
            let make = |place| {
                let class = Marked::at(*class, place);
                Requested { class, options: Vec::new(), other: None, range: None, identifiers: Vec::new() }
            };
            let (name, other) = names_of(*class);
            pen.list(name, &mut mine, make, |pen, requested| {
                pen.options("Option", *class, &mut requested.options);
                pen.text(other, &mut requested.other);
                pen.one_range("DateTimeRange", &mut requested.range);
                pen.texts("IdentifierId", &mut requested.identifiers);
            });
            order.requested.append(&mut mine);
        }
    });
    pen.text("OtherInformation", &mut order.other_information);
}

/// The element of a class, and that of its free text.
fn names_of(class: DataClass) -> (&'static str, &'static str) {
    match class {
        DataClass::Subscriber => ("Subscriber", "OtherText"),
        DataClass::Identification => ("UserIdentification", "Other"),
        DataClass::Traffic => ("Traffic", "OtherText"),
        DataClass::Content => ("Content", "OtherText"),
    }
}

fn conditions(pen: &mut Pen<'_>, conditions: &mut Conditions) {
    pen.words("Proceedings", &mut conditions.proceedings);
    pen.text("Offence", &mut conditions.offence);
    pen.text("ApplicableProvision", &mut conditions.provision);
    pen.words("Threshold", &mut conditions.thresholds);
    pen.word("ControllerOrProcessor", &mut conditions.role);
    pen.text("ReasonForProcessor", &mut conditions.role_reason);
    pen.flag("ProcessorInformsController", &mut conditions.processor_informs_controller);
    pen.text("OtherInformation", &mut conditions.other);
}

/// I and J, or F and G of Form 2.
fn authorities(pen: &mut Pen<'_>, order: &mut Order, letters: &Letters) {
    pen.within(letters.issuing, |pen| {
        pen.word("Type", &mut order.issuing.kind);
        pen.flag("CaseWithoutValidation", &mut order.without_validation);
        details(pen, &mut order.issuing);
        pen.within("SignatureOfAuthority", |pen| signature(pen, &mut order.issuing));
    });
    optional_party(&mut order.validating, |validating| {
        pen.within(letters.validating, |pen| {
            pen.word("Type", &mut validating.kind);
            pen.within("Details", |pen| details(pen, validating));
            pen.within("Signature", |pen| signature(pen, validating));
        });
    });
}

/// The name and file number of section A are not repeated when written; both places are read, the later one counts.
fn details(pen: &mut Pen<'_>, party: &mut Party) {
    if pen.is_reading() {
        pen.text("NameOfAuthority", &mut party.name);
        pen.text("FileReference", &mut party.file_number);
    }
    contact(pen, &mut party.contact);
    pen.part("ContactAuthority", &mut party.contact_point, |_| Contact::default(), contact);
}

fn signature(pen: &mut Pen<'_>, party: &mut Party) {
    pen.date("Date", &mut party.signed_on);
    pen.text("Signature", &mut party.signature_text);
}

fn contact(pen: &mut Pen<'_>, contact: &mut Contact) {
    pen.text("NameOfRepresentative", &mut contact.person);
    pen.text("PostHeld", &mut contact.post);
    pen.text("Address", &mut contact.address);
    pen.text("TelNo", &mut contact.telephone);
    pen.text("FaxNo", &mut contact.fax);
    pen.text("Email", &mut contact.email);
    pen.texts("LanguagesToCommunicate", &mut contact.languages);
}

fn enforcing(pen: &mut Pen<'_>, authority: &mut EnforcingAuthority) {
    pen.text("NameOfAuthority", &mut authority.name);
    office(pen, &mut authority.office);
    pen.text("FileReference", &mut authority.file_number);
    contact(pen, &mut authority.contact);
}

fn transfer(pen: &mut Pen<'_>, transfer: &mut Transfer) {
    pen.words("AuthorityCompetences", &mut transfer.to);
    pen.within("Contact", |pen| contact(pen, &mut transfer.contact));
    pen.text("PreferredMeans", &mut transfer.means);
}

pub(super) fn form_3(pen: &mut Pen<'_>, form: &mut NonExecution) {
    pen.within("SectionA", |pen| certificate(pen, &mut form.certificate));
    pen.within("SectionB", |pen| {
        pen.within("IssuingAuthority", |pen| head(pen, &mut form.issuing));
        pen.part("ValidatingAuthority", &mut form.validating, |_| Party::default(), head);
        pen.moment("DateOfIssue", &mut form.issued_on);
        pen.moment("DateOfReceipt", &mut form.received_on);
        pen.part("EnforcingAuthority", &mut form.enforcing, |_| EnforcingAuthority::default(), enforcing);
    });
    pen.within("SectionC", |pen| {
        pen.text("Addressee", &mut form.addressee);
        pen.text("AddresseeFileReference", &mut form.addressee_file_number);
    });
    pen.within("SectionD", |pen| {
        let make = |_| ReasonGiven { identifier: None, reasons: Vec::new(), explanation: None };
        pen.list("NonExecutionReason", &mut form.reasons, make, |pen, given| {
            pen.text("IdentifierId", &mut given.identifier);
            pen.within("Reasons", |pen| pen.words("Reason", &mut given.reasons));
            pen.text("ExplanationOrOtherReason", &mut given.explanation);
        });
    });
    pen.part("SectionE", &mut form.conflict, |_| Conflict::default(), conflict);
    pen.within("SectionF", |pen| pen.text("InformationRequiredFromIssuingAuthority", &mut form.clarification));
    pen.within("SectionG", |pen| {
        let make = |place| PreservationState { identifier: None, is_preserved: Marked::at(false, place), explanation: None };
        pen.list("PreservationOfData", &mut form.preservation, make, |pen, state| {
            pen.text("IdentifierId", &mut state.identifier);
            let mut is_preserved = Some(state.is_preserved.clone());
            pen.flag("Preserved", &mut is_preserved);
            state.is_preserved = is_preserved.unwrap_or_else(|| state.is_preserved.clone());
            pen.text("Explanation", &mut state.explanation);
        });
    });
    pen.within("SectionH", |pen| {
        contact(pen, &mut form.provider);
        pen.text("AuthorisedPerson", &mut form.authorised_person);
        pen.date("Date", &mut form.signed_on);
        pen.text("Signature", &mut form.signature_text);
    });
}

/// A of Form 3: what is answered.
fn certificate(pen: &mut Pen<'_>, value: &mut Option<Marked<OrderKind>>) {
    for (name, kind) in [("EPOC", OrderKind::Epoc), ("EPOC-PR", OrderKind::EpocPr)] {
        let mut ticked = value.as_ref().filter(|one| one.value == kind).map(|one| Marked::at(true, one.place.clone()));
        pen.flag(name, &mut ticked);
        if let Some(ticked) = ticked.filter(|ticked| ticked.value) {
            *value = Some(Marked::at(kind, ticked.place));
        }
    }
}

fn conflict(pen: &mut Pen<'_>, conflict: &mut Conflict) {
    pen.text("TitleOfLaw", &mut conflict.law_title);
    pen.text("Provision", &mut conflict.provision);
    pen.words("NatureOfConflictingObligations", &mut conflict.nature);
    pen.text("OtherNature", &mut conflict.nature_other);
    pen.text("WhyApplicable", &mut conflict.why_applicable);
    pen.text("WhyConflicting", &mut conflict.why_conflicting);
    pen.text("LinkToThirdCountry", &mut conflict.link_to_third_country);
    pen.text("Consequences", &mut conflict.consequences);
    pen.text("OtherInformation", &mut conflict.other);
}

/// Forms 5 and 6 differ in what they do, not in what they say.
pub(super) fn follow_up(pen: &mut Pen<'_>, form: &mut FollowUp) {
    pen.within("SectionA", |pen| {
        pen.within("IssuingAuthority", |pen| head(pen, &mut form.issuing));
        pen.part("ValidatingAuthority", &mut form.validating, |_| Party::default(), head);
    });
    pen.within("SectionB", |pen| {
        pen.text("Addressee", &mut form.addressee);
        office(pen, &mut form.addressee_office);
        pen.text("AddresseeFileReference", &mut form.addressee_file_number);
    });
    pen.within("SectionC", |pen| {
        pen.text("FileReference", &mut form.preservation_reference);
        pen.moment("DateOfIssue", &mut form.preservation_date);
        pen.text("ProductionAuthority", &mut form.production_authority);
        pen.moment("ProductionDate", &mut form.production_date);
        pen.moment("RequestedExpiry", &mut form.requested_expiry);
    });
    pen.within("SectionD", |pen| {
        contact(pen, &mut form.contact);
        pen.date("Date", &mut form.signed_on);
        pen.text("Signature", &mut form.signature_text);
    });
}
