//! The forms as HI-1 messages and back; the faults of converters in the wild, each with what happens to it (etsi.md section 6).

mod epoc_sample;

use epoc_sample::{at, follow_up, form_3, order, without_places};
use law::received::*;
use standards::epoc::hi1::{Answered, Envelope, Written, from_message, to_message};
use standards::etsi::core::EndpointId;
use standards::etsi::message::Received as Hi1;
use standards::etsi::values::*;
use standards::etsi::verdict::{Setting, Verdict, judge};

const MAY_2026: i64 = 1_780_000_000;

fn endpoint(country: &str, unique: &str) -> EndpointId {
    EndpointId { country: IsoCountryCode::parse(country).unwrap(), unique: LongString::parse(unique).unwrap() }
}

fn envelope() -> Envelope {
    let task = |number: u8, preserves| Answered {
        identifier: format!("id {number}"),
        object: Uuid::parse(&format!("00000000-0000-4000-8000-0000000000{number:02x}")).unwrap(),
        preserves,
    };
    Envelope {
        sender: endpoint("DE", "PROSECUTOR"),
        receiver: endpoint("NL", "PROVIDER"),
        transaction: Uuid::parse("c02358b2-76cf-4ba4-a8eb-f6436ccaea2e").unwrap(),
        at: MAY_2026,
        expiry: Some(MAY_2026 + 60 * 86_400),
        tasks: vec![task(1, true), task(2, false)],
    }
}

/// Identifiers that HI-1 can say, so that nothing is left out; no content, which has a test of its own.
fn sayable(kind: OrderKind) -> Order {
    let mut order = order(kind);
    let values = [
        (IdentifierKind::Ipv4, "192.0.2.1"),
        (IdentifierKind::Ipv6, "2001:db8::1"),
        (IdentifierKind::IpBlocks, "192.0.2.0/24"),
        (IdentifierKind::Email, "jan@example.com"),
        (IdentifierKind::Phone, "+31 6 1234-5678"),
        (IdentifierKind::Imei, "12345678901234"),
        (IdentifierKind::Mac, "00-1A-2B-3C-4D-5E"),
        (IdentifierKind::UserId, "@jan:example.com"),
        (IdentifierKind::Imsi, "204080123456789"),
    ];
    order.identifiers.truncate(values.len());
    for (identifier, (kind, value)) in order.identifiers.iter_mut().zip(values) {
        let range = TimeRange { start: Some(Moment::Instant(1_770_000_000)), end: Some(Moment::Instant(1_771_000_000)) };
        (identifier.kind, identifier.value, identifier.ranges) = (at(kind), at(value.to_owned()), vec![at(range)]);
    }
    order.requested.retain(|one| one.class.value != DataClass::Content);
    for requested in &mut order.requested {
        (requested.range, requested.identifiers) = (None, Vec::new());
    }
    order.deadlines = vec![at(DeadlineChoice::ThreatToLife)];
    order
}

fn bodies() -> Vec<Body> {
    vec![
        Body::Order(sayable(OrderKind::Epoc)),
        Body::Order(Order { deadlines: Vec::new(), ..sayable(OrderKind::EpocPr) }),
        Body::NonExecution(form_3()),
        Body::FollowUp(follow_up(FollowUpKind::SubsequentProduction)),
        Body::FollowUp(follow_up(FollowUpKind::Extension)),
    ]
}

fn written(body: &Body) -> Written {
    to_message(body, &envelope()).unwrap()
}

fn read(text: &str) -> Received {
    from_message(text.as_bytes(), &Setting::reader()).unwrap_or_else(|refusal| panic!("{refusal}"))
}

#[test]
fn every_form_goes_through_a_message_and_back() {
    for (number, body) in bodies().iter().enumerate() {
        let out = written(body);
        assert_eq!(out.left, []);
        for text in [out.message.to_xml(), out.message.to_json().unwrap()] {
            let back = read(&text);
            assert_eq!(without_places(&back.body), without_places(body), "{number}");
            assert_eq!(back.envelope.differences, [], "{number}: the index says what the form says");
            assert!(back.envelope.schema.is_yes() && back.envelope.dictionary.is_yes(), "{number} {:?}", back.envelope.dictionary);
            assert!(back.envelope.normalised.iter().all(|one| one.rule == "STD-63"), "{:?}", back.envelope.normalised);
            assert_eq!(back.envelope.sender.unwrap().value, Office { country: "DE".to_owned(), id: "PROSECUTOR".to_owned() });
        }
        let (_, verdicts) = judge(&Hi1::parse(out.message.to_xml().as_bytes()).unwrap(), &Setting::reader());
        assert_eq!((verdicts.schema, verdicts.dictionary), (Verdict::Passed, Verdict::Passed), "{number}");
        if let Some(folder) = std::env::var_os("ETSI_SAMPLES") {
            std::fs::write(std::path::Path::new(&folder).join(format!("form-{number}.xml")), out.message.to_xml()).unwrap();
        }
    }
}

fn epoc() -> String {
    written(&Body::Order(sayable(OrderKind::Epoc))).message.to_xml()
}

/// Without the form, for what the index alone says.
fn index_only(text: &str) -> String {
    let last = text.rfind("<ActionRequest>").unwrap();
    let end = text.rfind("</ActionRequests>").unwrap();
    format!("{}{}", &text[..last], &text[end..])
}

#[test]
fn without_the_form_the_objects_speak() {
    let back = read(&index_only(&epoc()));
    let Body::Order(order) = back.body else { panic!() };
    let form = sayable(OrderKind::Epoc);
    assert_eq!(order.kind.value, OrderKind::Epoc);
    assert_eq!(order.identifiers.len(), form.identifiers.len());
    let values: Vec<&str> = order.identifiers.iter().map(|one| one.value.value.as_str()).collect();
    assert_eq!(values[1], "2001:0db8:0000:0000:0000:0000:0000:0001");
    assert_eq!((values[4], values[6]), ("31612345678", "00:1a:2b:3c:4d:5e"));
    assert_eq!(order.classes(), form.classes());
    assert_eq!(order.requested[0].options.len(), 8);
    assert_eq!(order.issuing.kind.unwrap().value, AuthorityKind::Prosecutor);
    assert_eq!(order.validating.unwrap().kind.unwrap().value, AuthorityKind::Judge);
    assert_eq!(order.deadlines[0].value, DeadlineChoice::ThreatToLife);
    assert!(1 < order.identifiers[0].value.place.line);
}

/// `what` of each difference after one change of the index.
fn differences(from: &str, to: &str) -> Vec<String> {
    let text = epoc();
    assert!(text.contains(from), "{from}");
    read(&text.replace(from, to)).envelope.differences.into_iter().map(|one| one.what).collect()
}

#[test]
fn std_69_an_index_that_disagrees_with_its_form_is_a_persons_decision() {
    // Category picked by if/else: only the first survives.
    let lost = differences("<common:Value>TrafficData</common:Value>", "<common:Value>SubscriberData</common:Value>");
    assert_eq!(lost, ["data category"]);
    // Only the first deadline value; the flag from one section, the priority from another.
    assert_eq!(differences(">EightHours<", ">TenDaysASAP<"), ["deadline"]);
    assert_eq!(differences("<common:ApprovalIsEmergency>true<", "<common:ApprovalIsEmergency>false<"), ["emergency without validation"]);
    assert_eq!(differences(">192.0.2.1<", ">192.0.2.2<"), ["identifiers"]);
    assert_eq!(differences(">2026-02-02T", ">2026-01-02T"), ["time range"]);
    assert_eq!(differences("<common:Value>EPOC</common:Value>", "<common:Value>EPOCPR</common:Value>"), ["kind of order"]);
    let number = epoc().split("<auth:AuthorisationReference>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(
        differences(&format!("<auth:AuthorisationReference>{number}"), "<auth:AuthorisationReference>x").len(),
        0,
        "the approval says it too, and rightly"
    );
    assert_eq!(differences(&format!(">{number}<"), ">x<"), ["file number"]);
    assert_eq!(differences(">ValidatingAuthority<", ">IssuingAuthority<").last().unwrap(), "validating authority");
    // A message that says preserve while its form says produce.
    let form_of_other = epoc().replace(">Form1<", ">Form2<");
    assert_eq!(from_message(form_of_other.as_bytes(), &Setting::reader()).unwrap_err().code(), "STD-08");
    // Both places are given: in the message, and in the form inside it.
    let back = read(&epoc().replace(">EightHours<", ">TenDaysASAP<"));
    let difference = &back.envelope.differences[0];
    assert_eq!((difference.message.place.document, difference.form.place.document), (0, 1));
}

/// etsi.md section 6, the other faults: what is never believed.
#[test]
fn std_69_contacts_and_owners_in_messages_are_not_used() {
    let text = index_only(&epoc());
    let swapped = text.replace("<common:ApproverName>", "<common:ApproverName>x");
    assert!(read(&swapped).order().is_some());
    let owner = read(&text.replace("<OwnerIdentifier>PROSECUTOR<", "<OwnerIdentifier>PROVIDER<"));
    assert_eq!(owner.envelope.sender.unwrap().value.id, "PROSECUTOR");
    let order = read(&text).order().unwrap().clone();
    assert_eq!(order.issuing.contact, Contact::default(), "contacts come from the registry");
}

#[test]
fn std_63_an_approval_at_midnight_is_its_day() {
    let back = read(&index_only(&epoc()));
    assert!(back.envelope.normalised.iter().any(|one| one.rule == "STD-63" && one.was.ends_with("T00:00:00Z")));
    assert!(matches!(back.order().unwrap().issuing.signed_on.as_ref().unwrap().value, Moment::Day(_)));
}

#[test]
fn what_no_format_can_say_is_left_to_the_form_and_named() {
    let mut order = sayable(OrderKind::Epoc);
    order.identifiers[0].kind = at(IdentifierKind::IpRange);
    order.identifiers[1].value = at("no address".to_owned());
    let out = written(&Body::Order(order.clone()));
    assert_eq!(out.left.iter().map(|left| left.kind).collect::<Vec<_>>(), [IdentifierKind::IpRange, IdentifierKind::Ipv6]);
    let back = read(&out.message.to_xml());
    assert_eq!(without_places(&back.body), without_places(&Body::Order(order)));
    assert_eq!(back.envelope.differences, []);
}

/// Subscriber and traffic data together have no RequestType: two tasks for one identifier, never one that loses half.
#[test]
fn each_class_of_the_form_has_a_task() {
    let out = written(&Body::Order(sayable(OrderKind::Epoc))).message.to_xml();
    let count = |value: &str| out.matches(&format!("<common:Value>{value}</common:Value>")).count();
    assert_eq!((count("SubscriberDataAndUserIdentifyingData"), count("TrafficData")), (9, 9));
}

#[test]
fn std_42_an_order_for_content_is_read_and_out_of_scope() {
    let mut order = sayable(OrderKind::Epoc);
    order.requested.push(Requested {
        class: at(DataClass::Content),
        options: vec![at(DataOption::Mailbox)],
        other: None,
        range: None,
        identifiers: Vec::new(),
    });
    let text = written(&Body::Order(order)).message.to_xml();
    assert!(read(&text).order().unwrap().classes().contains(&DataClass::Content));
    let (_, verdicts) = judge(&Hi1::parse(text.as_bytes()).unwrap(), &Setting::reader());
    assert!(verdicts.scope.findings().iter().all(|finding| finding.code() == "STD-42") && !verdicts.scope.findings().is_empty());
}

#[test]
fn form_3_gives_each_task_the_status_of_its_own_kind() {
    let mut answer = form_3();
    answer.reasons = vec![
        ReasonGiven { identifier: Some(at("id 1".to_owned())), reasons: vec![at(Reason::NotStored)], explanation: None },
        ReasonGiven { identifier: Some(at("id 2".to_owned())), reasons: vec![at(Reason::ManifestErrors)], explanation: None },
    ];
    let out = to_message(&Body::NonExecution(answer.clone()), &envelope()).unwrap().message.to_xml();
    for name in ["LPTaskStatus</common:Name>", "PreservationNotAvailable", "LDTaskStatus</common:Name>", ">Invalid<"] {
        assert_eq!(out.matches(name).count(), 1, "{name}");
    }
    answer.reasons.truncate(1);
    let one = to_message(&Body::NonExecution(answer), &envelope()).unwrap().message.to_xml();
    assert_eq!(one.matches("<notification:AssociatedObjectStatus>").count(), 1, "the other task is not touched");
}

#[test]
fn forms_5_and_6_act_on_every_stored_task_and_on_no_other() {
    for (kind, field) in [
        (FollowUpKind::SubsequentProduction, "SubsequentProductionRequest"),
        (FollowUpKind::Extension, "DesiredPreservationExpiration>2026-07"),
    ] {
        let out = written(&Body::FollowUp(follow_up(kind))).message.to_xml();
        assert_eq!((out.matches("<UPDATE>").count(), out.matches(field).count()), (1, 1));
        let Body::FollowUp(index) = read(&index_only(&out)).body else { panic!() };
        assert_eq!(index.kind.value, kind);
    }
}

#[test]
fn a_cancelled_authorisation_is_a_withdrawal() {
    let text = index_only(&epoc());
    let first = text.find("</ActionRequest>").unwrap() + "</ActionRequest>".len();
    let alone = format!("{}{}", &text[..first], &text[text.rfind("</ActionRequests>").unwrap()..]);
    let text = alone.replace("CREATE>", "UPDATE>").replace(">SubmittedToCSP<", ">Cancelled<");
    let Body::Withdrawal(withdrawal) = read(&text).body else { panic!() };
    assert_eq!(withdrawal.reference.value, "6f9619ff-8b86-4011-b42d-00c04fc964ff");
}

#[test]
fn std_41_an_interception_message_is_refused_as_a_whole() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/etsi/etsi-103120/examples/xml/request1.xml");
    assert_eq!(from_message(&std::fs::read(path).unwrap(), &Setting::reader()).unwrap_err().code(), "STD-41");
}
