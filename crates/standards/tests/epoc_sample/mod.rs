//! Forms in which every field says something that no other field says.
#![allow(dead_code)]

use law::received::*;
use std::cell::Cell;
use verify::calendar::Day;

thread_local!(static NUMBER: Cell<u32> = const { Cell::new(0) });

fn next() -> u32 {
    NUMBER.with(|number| {
        number.set(number.get() + 1);
        number.get()
    })
}

pub fn at<T>(value: T) -> Marked<T> {
    Marked::at(value, Place::default())
}
pub fn some<T>(value: T) -> Option<Marked<T>> {
    Some(at(value))
}
fn text(what: &str) -> Option<Marked<String>> {
    some(format!("{what} {}", next()))
}
fn instant() -> Moment {
    Moment::Instant(1_780_000_000 + u64::from(next()))
}
fn day() -> Moment {
    Moment::Day(Day(20_000 + next()))
}
fn office() -> Option<Marked<Office>> {
    some(Office { country: "NL".to_owned(), id: format!("office-{}", next()) })
}
fn contact() -> Contact {
    Contact {
        person: text("person"),
        post: text("post"),
        address: text("address"),
        telephone: text("tel"),
        fax: text("fax"),
        email: text("mail"),
        languages: vec![at("nl".to_owned()), at("en".to_owned())],
    }
}
fn head() -> Party {
    Party { name: text("authority"), office: office(), file_number: text("file"), ..Party::default() }
}
fn party(kind: AuthorityKind) -> Party {
    Party {
        kind: some(kind),
        contact: contact(),
        contact_point: Some(contact()),
        signed_on: some(day()),
        signature_text: text("signed"),
        ..head()
    }
}
fn range() -> TimeRange {
    TimeRange { start: Some(instant()), end: Some(Moment::Unzoned("2026-01-02T03:04:05".to_owned())) }
}
fn enforcing() -> Option<EnforcingAuthority> {
    Some(EnforcingAuthority { name: text("enforcing"), office: office(), file_number: text("file"), contact: contact() })
}

/// Form 1 or 2 with everything that the form has.
pub fn order(kind: OrderKind) -> Order {
    NUMBER.with(|number| number.set(0));
    let is_epoc = kind == OrderKind::Epoc;
    let mut order = Order::empty(at(kind));
    order.form_id = some("6f9619ff-8b86-4011-b42d-00c04fc964ff".to_owned());
    order.issuing_state = some("NL".to_owned());
    order.issuing = party(AuthorityKind::Prosecutor);
    order.without_validation = some(true);
    order.validating = Some(party(AuthorityKind::Judge));
    order.addressee = Addressee {
        name: text("addressee"),
        capacity: some(Capacity::LegalRepresentative),
        office: office(),
        contact: contact(),
        file_number: text("file"),
        provider_concerned: text("provider"),
        provider_identifier: text("provider-id"),
        other: text("other"),
    };
    order.identifiers = IdentifierKind::ALL.iter().map(|kind| identifier(*kind)).collect();
    order.time_range = some(range());
    order.requested = DataClass::ALL.iter().map(|class| requested(*class)).collect();
    order.other_information = text("limits");
    order.conditions = Conditions {
        proceedings: Proceedings::ALL.iter().map(|word| at(*word)).collect(),
        offence: text("offence"),
        provision: text("provision"),
        thresholds: Threshold::ALL.iter().map(|word| at(*word)).collect(),
        role: some(DataRole::Processor),
        role_reason: text("why"),
        processor_informs_controller: some(false),
        other: text("other"),
    };
    if is_epoc {
        order.deadlines = DeadlineChoice::ALL.iter().map(|word| at(*word)).collect();
        order.other_deadline = text("deadline");
        order.deadline_remarks = text("remarks");
        order.earlier = EarlierKind::ALL.iter().map(|kind| earlier(*kind)).collect();
        order.notice_delayed = DelayGround::ALL.iter().map(|word| at(*word)).collect();
        order.enforcing = enforcing();
        order.transfer = Transfer { to: TransferTo::ALL.iter().map(|word| at(*word)).collect(), contact: contact(), means: text("means") };
    }
    order
}

fn earlier(kind: EarlierKind) -> EarlierRequest {
    EarlierRequest {
        kind: at(kind),
        authority: text("authority"),
        file_number: text("file"),
        issued_on: some(day()),
        sent_on: some(instant()),
        addressee: text("addressee"),
        addressee_file_number: text("file"),
        other: text("other"),
    }
}

fn identifier(kind: IdentifierKind) -> Identifier {
    Identifier {
        id: text("id"),
        kind: at(kind),
        value: text("value").unwrap(),
        ranges: vec![at(range()), at(range())],
        seen_at: vec![at(instant()), at(day())],
        port: some(443),
        service: text("service"),
        remarks: text("remarks"),
    }
}

fn requested(class: DataClass) -> Requested {
    Requested {
        class: at(class),
        options: DataOption::ALL.iter().filter(|option| option.class() == class).map(|option| at(*option)).collect(),
        other: text("other"),
        range: some(range()),
        identifiers: vec![text("id").unwrap(), text("id").unwrap()],
    }
}

pub fn form_3() -> NonExecution {
    NonExecution {
        certificate: some(OrderKind::EpocPr),
        issuing: head(),
        validating: Some(head()),
        issued_on: some(day()),
        received_on: some(instant()),
        enforcing: enforcing(),
        addressee: text("addressee"),
        addressee_file_number: text("file"),
        reasons: Reason::ALL
            .iter()
            .map(|reason| ReasonGiven { identifier: text("id"), reasons: vec![at(*reason)], explanation: text("because") })
            .collect(),
        conflict: Some(Conflict {
            law_title: text("law"),
            provision: text("provision"),
            nature: NatureOfConflict::ALL.iter().map(|word| at(*word)).collect(),
            nature_other: text("other"),
            why_applicable: text("why"),
            why_conflicting: text("why"),
            link_to_third_country: text("link"),
            consequences: text("consequences"),
            other: text("other"),
        }),
        clarification: text("what"),
        preservation: [true, false]
            .iter()
            .map(|is| PreservationState { identifier: text("id"), is_preserved: at(*is), explanation: text("because") })
            .collect(),
        provider: contact(),
        authorised_person: text("person"),
        signed_on: some(day()),
        signature_text: text("signed"),
    }
}

pub fn follow_up(kind: FollowUpKind) -> FollowUp {
    FollowUp {
        kind: at(kind),
        issuing: head(),
        validating: Some(head()),
        addressee: text("addressee"),
        addressee_office: office(),
        addressee_file_number: text("file"),
        preservation_reference: text("reference"),
        preservation_date: some(day()),
        production_authority: text("authority"),
        production_date: some(day()),
        requested_expiry: some(instant()),
        contact: contact(),
        signed_on: some(day()),
        signature_text: text("signed"),
    }
}

/// Everything but where it stood, as text: readers give places, the samples have none.
pub fn without_places(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("place: Place {") {
        out.push_str(before);
        let end = after.find(" }").unwrap();
        rest = &after[end + 2..];
    }
    out + rest
}
