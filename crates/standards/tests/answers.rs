//! Answers out: which way, with what written down, in which form.

use law::rules::RuleBook;
use seal::catalogue::*;
use standards::answer::*;
use standards::etsi::approval::DictionaryEntry;
use standards::etsi::core::{EndpointId, Payload, Request};
use standards::etsi::delivery::Delivered;
use standards::etsi::message::{Message, Received};
use standards::etsi::object::Kind;
use standards::etsi::values::*;
use standards::etsi::verdict::{Setting, Verdict, judge};
use standards::tree::read_xml;
use verify::calendar::Day;
use verify::package::digest::Sums;

const MIB_25: u64 = 25 << 20;

fn rules() -> law::rules::Delivery {
    RuleBook::embedded().unwrap().delivery
}

fn about() -> Delivery {
    let endpoint =
        |country, unique| EndpointId { country: IsoCountryCode::parse(country).unwrap(), unique: LongString::parse(unique).unwrap() };
    let uuid = |last: u8| Uuid::parse(&format!("00000000-0000-4000-8000-0000000000{last:02x}")).unwrap();
    Delivery {
        sender: endpoint("NL", "PROVIDER"),
        receiver: endpoint("DE", "PROSECUTOR"),
        transaction: uuid(1),
        at: 1_780_000_000,
        object: uuid(2),
        delivery_id: uuid(3),
        tasks: vec![uuid(4)],
        ldid: Ldid::parse("DE-PROSECUTOR-7"),
        sequence: 1,
        is_last: true,
    }
}

/// Good in all three verdicts, the same when read again, and kept for `interop/etsi.sh`.
fn checked(name: &str, message: &Message) -> Delivered {
    let xml = message.to_xml();
    let (read, verdicts) = judge(&Received::parse(xml.as_bytes()).unwrap(), &Setting::reader());
    assert_eq!(read.as_ref(), Some(message));
    assert_eq!((verdicts.schema, verdicts.dictionary, verdicts.scope), (Verdict::Passed, Verdict::Passed, Verdict::Passed));
    if let Some(folder) = std::env::var_os("ETSI_SAMPLES") {
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.xml")), xml).unwrap();
    }
    let Payload::Request(request) = &message.payload else { panic!() };
    match &request.actions.actions[0].request {
        Request::Deliver(deliver) => {
            assert_eq!(deliver.identifier, deliver.object.base.identifier);
            let Kind::Delivery(body) = &deliver.object.kind else { panic!() };
            body.delivery.clone().unwrap()
        }
        _ => Delivered::Exists(false),
    }
}

#[test]
fn std_80_up_to_25_mb_goes_through_the_system() {
    let (today, days) = (Day(20_000), 30);
    assert_eq!(Route::of(&rules(), MIB_25, today, days), Ok(Route::Push));
    assert_eq!(Route::of(&rules(), MIB_25 + 1, today, days), Ok(Route::Pull { until: Day(20_030) }));
    let octets = vec![7; 1000];
    let small = law::rules::Delivery { push_bytes_max: 999, ..rules() };
    let parcel = Parcel::Push { name: "production-1.asice", octets: &octets };
    assert_eq!(deliver(&small, &about(), &parcel).unwrap_err().code(), "STD-80");
    let Delivered::Binary(data) = checked("push", &deliver(&rules(), &about(), &parcel).unwrap()) else { panic!() };
    assert_eq!((data.data.0, data.content_length), (octets.clone(), Some(1000)));
    let sums = Sums::of(&octets);
    let checksums = data.checksums.unwrap().checksums;
    assert_eq!(checksums[1].checksum.as_str(), verify::spelling::hex(&sums.sha512));
    assert_eq!((checksums[0].checksum_type.as_str(), checksums[1].checksum_type.as_str()), ("SHA-256", "SHA-512"));
}

#[test]
fn std_81_a_file_stands_ready_for_10_to_45_days() {
    for (days, is_good) in [(0, false), (9, false), (10, true), (45, true), (46, false)] {
        let route = Route::of(&rules(), MIB_25 + 1, Day(20_000), days);
        assert_eq!(route.is_ok(), is_good, "{days}");
        assert!(route.is_ok_and(|route| route == Route::Pull { until: Day(20_000 + days) }) || !is_good);
    }
    assert_eq!(Route::pull(&rules(), Day(0), 46).unwrap_err().code(), "STD-81");
    let sums = Sums::of(b"package");
    let parcel = |address| Parcel::Pull { name: "production-1.asice", address, sums: &sums, until: Day(20_030) };
    let message = deliver(&rules(), &about(), &parcel("https://provider.example/fetch/1")).unwrap();
    let Delivered::Url(url) = checked("pull", &message) else { panic!() };
    assert_eq!(url.expiry.unwrap().as_str(), "2024-11-04T00:00:00.000000Z", "the end of the last day");
    for bad in ["http://provider.example/1", "https://provider example", "file:///etc/passwd"] {
        assert_eq!(deliver(&rules(), &about(), &parcel(bad)).unwrap_err().code(), "STD-83");
    }
}

fn manifest(files: Vec<File>) -> Manifest {
    Manifest {
        sender: "Provider B.V.".to_owned(),
        recipient: "Staatsanwaltschaft".to_owned(),
        order: "12 Js 34/26".to_owned(),
        order_hash: [9; 32],
        at: 1_780_000_000,
        means: Means::Link { address: "https://provider.example/fetch/1".to_owned(), until: Day(20_030) },
        files,
    }
}

fn file(name: &str) -> File {
    File { name: name.to_owned(), sums: Sums::of(name.as_bytes()) }
}

#[test]
fn std_82_a_manifest_ties_whole_file_names_to_the_order() {
    let json = manifest(vec![file("production-1.asice.p7m"), file("b")]).to_json().unwrap();
    let value: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(value["order"]["reference"], "12 Js 34/26");
    assert_eq!((&value["means"]["type"], &value["means"]["until"]), (&"link".into(), &"2024-11-03".into()));
    assert_eq!(value["at"], "2026-05-28T20:26:40.000+00:00");
    let first = &value["files"][0];
    assert_eq!((&first["name"], &first["size"]), (&"production-1.asice.p7m".into(), &22.into()));
    assert_eq!(first["digests"][1]["algorithm"], "SHA-512");
    assert_eq!(first["digests"][1]["value"].as_str().unwrap().len(), 128);
    for bad in [vec![], vec![file("a"), file("a")], vec![file("")]] {
        assert_eq!(manifest(bad).to_json().unwrap_err().code(), "STD-82");
    }
    if let Some(folder) = std::env::var_os("ETSI_SAMPLES") {
        std::fs::write(std::path::Path::new(&folder).join("manifest.json"), json).unwrap();
    }
}

#[test]
fn std_82_what_goes_around_the_system_is_recorded_in_it() {
    let mut sent = manifest(vec![file("a"), file("bb")]);
    let recorded = sent.transmissions();
    assert_eq!(recorded.len(), 2);
    assert_eq!((recorded[1].file_name.as_str(), recorded[1].file_size, recorded[1].reference.as_str()), ("bb", 2, "12 Js 34/26"));
    sent.means = Means::System { transaction: "t".to_owned() };
    assert!(sent.transmissions().is_empty() && String::from_utf8(sent.to_json().unwrap()).unwrap().contains("\"transaction\""));
    sent.means = Means::Carrier { proof: "RR123".to_owned() };
    assert_eq!(sent.transmissions().len(), 2);
}

#[test]
fn existence_and_notifications_are_messages() {
    assert_eq!(checked("exists", &existence(&about(), true)), Delivered::Exists(true));
    let status = DictionaryEntry::etsi("LDTaskStatus", "DisclosureNotAvailable").unwrap();
    checked("notification", &notify(&about(), status.clone(), "niet aanwezig").unwrap());
    assert_eq!(notify(&about(), status, &"x".repeat(70_000)).unwrap_err().code(), "STD-83");
}

fn party(value: &str) -> Party {
    Party::new(PartyKind::Account, value)
}

fn traffic() -> Traffic {
    Traffic {
        interaction: Interaction::Message,
        direction: Direction::Sent,
        sender: party("@alice:waarborg.test"),
        recipients: Some(vec![party("@bob:waarborg.test"), party("@<carol>")]),
        recipients_total: Some(2),
        part: Some(1),
        parts: Some(1),
        membership: Some(Membership::Join),
        conversation: Some("!room".into()),
        message_id: Some("$event".into()),
        wrapping: Some(Wrapping::Encrypted),
        size: Some(1234),
        duration: Some(5),
        protocol: Some("matrix".into()),
        route: Some("hs1".into()),
        claimed: Some(Stamp::Milliseconds(1_795_296_325_000)),
        claimed_implausible: None,
    }
}

fn record(body: impl Into<Body>) -> Record {
    let common =
        Common { t_event: Stamp::Milliseconds(1_795_296_325_994), clock: Clock::Server, source: "synapse".into(), source_row: None };
    Record::new(common, 1_795_296_327_000, body).unwrap()
}

#[test]
fn std_84_hand_over_items_carry_all_of_a_traffic_record_and_no_way_to_content() {
    let record = record(traffic());
    let item = HandoverItem { record: &record, application_id: "DE-PROSECUTOR-7", number: 3 };
    let xml = handover(&item, |party| party.value.starts_with("@alice")).unwrap();
    let root = read_xml(xml.as_bytes()).unwrap();
    assert!(root.name.is("http://uri.etsi.org/03707/2020/02", "handoverItem"));
    let mut texts = std::collections::BTreeMap::new();
    root.walk(&mut |element| {
        if element.elements().next().is_none() {
            texts.entry(element.name.local.clone()).or_insert_with(Vec::new).push(element.text().unwrap());
        }
    });
    let one = |name: &str| texts[name].join(" ");
    assert_eq!((one("applicationSequenceNumber"), one("isTargetedParty")), ("3".to_owned(), "true".to_owned()));
    assert_eq!(one("identifier"), "account:@alice:waarborg.test account:@bob:waarborg.test account:@<carol>");
    assert_eq!((one("timestamp"), one("contentLength")), ("2026-11-21T21:25:25.994+00:00".to_owned(), "1234".to_owned()));
    // Every field that the record shows in a package stands in the item: 17 leaves beside ETSI's own two and the schema's name.
    let shown = [
        "interaction",
        "direction",
        "recipientsTotal",
        "part",
        "parts",
        "membership",
        "conversation",
        "wrapping",
        "duration",
        "protocol",
        "route",
        "claimed",
    ];
    assert!(shown.iter().all(|name| texts.contains_key(*name)), "{texts:?}");
    assert!(!texts.contains_key("url") && !xml.contains("<url"));
    if let Some(folder) = std::env::var_os("ETSI_SAMPLES") {
        std::fs::write(std::path::Path::new(&folder).join("handover-item.xml.txt"), &xml).unwrap();
        let line = record.json_line();
        std::fs::write(std::path::Path::new(&folder).join("record.jsonl"), format!("{line}\n")).unwrap();
    }
    std_89_a_row_of_a_package_is_that_record(&record);
    // XML 1.0 has no spelling for some characters; a conversation's name may have them, and an identifier.
    let hostile = Traffic { conversation: Some("a\u{1b}[2J\u{ffff}\r\nb".into()), message_id: Some("\u{0}".into()), ..traffic() };
    let record = self::record(hostile);
    let xml = handover(&HandoverItem { record: &record, ..item }, |_| false).unwrap();
    assert!(!xml.contains(['\u{1b}', '\u{0}', '\u{ffff}']), "{xml}");
    assert!(xml.contains("conversation>a\u{fffd}[2J\u{fffd}&#13;\nb</") && xml.contains("Identifier>\u{fffd}</"), "{xml}");
    assert!(xml.contains("<waarborg:replaced>3</waarborg:replaced>") && read_xml(xml.as_bytes()).is_ok(), "{xml}");
    let session = IpSession {
        action: SessionAction::Login,
        account: party("@alice:waarborg.test"),
        address: "192.0.2.1".parse().unwrap(),
        port: None,
        address_trust: AddressTrust::Peer,
        session: None,
        duration: None,
        protocol: None,
    };
    let other = self::record(session);
    let item = HandoverItem { record: &other, ..item };
    assert_eq!(handover(&item, |_| false).unwrap_err().code(), "STD-84");
}

/// A row as a package has it, read back; and what no exporter would have written.
fn std_89_a_row_of_a_package_is_that_record(record: &Record) {
    use verify::package::json::Value;
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let with = |changes: &[(&str, Option<Value>)]| {
        let Value::Object(mut row) = Value::parse(record.json_line().as_bytes(), 1 << 20).unwrap() else { panic!() };
        row.extend([("item".to_owned(), Value::Int(2)), ("row_id".to_owned(), Value::Int(7))]);
        for (name, value) in changes {
            let before = row.remove(*name);
            assert_ne!(before, *value, "{name}");
            row.extend(value.clone().map(|value| ((*name).to_owned(), value)));
        }
        Row::read(Value::Object(row).to_text().as_bytes())
    };
    let row = with(&[]).unwrap();
    assert_eq!((row.item, row.number, row.record.octets()), (2, 7, record.octets()));
    for (name, value) in [
        ("item", None),
        ("row_id", text("7")),
        ("received_at", text("yesterday")),
        ("category", text("content")),
        ("message", text("another sentence")),
        ("body", text("hello")),
        ("url", Some(Value::Null)),
        ("size", Some(Value::Int(-1))),
    ] {
        assert_eq!(with(&[(name, value)]).unwrap_err().code(), "STD-89", "{name}");
    }
    assert_eq!(Row::read(b"[]").unwrap_err().code(), "STD-89");
}

/// A delivery and a notification in one request of ours, and an authority's words about them.
#[test]
fn std_88_an_answer_counts_for_each_action_if_it_is_one_to_this_request() {
    use standards::etsi::codec::Some1;
    use standards::etsi::core::*;
    use standards::etsi::desk::ActionError;
    use standards::etsi::message::Signatures;
    let about = about();
    let delivery = delivery(&rules(), &about, &Parcel::Push { name: "a.asice.p7m", octets: b"octets" }, None).unwrap();
    let status = DictionaryEntry::etsi("LDTaskStatus", "Disclosed").unwrap();
    let told = notify(&Delivery { object: Uuid::parse("00000000-0000-4000-8000-000000000009").unwrap(), ..about.clone() }, status, "told")
        .unwrap();
    let Payload::Request(told) = told.payload else { panic!() };
    let Request::Create(told) = told.actions.actions[0].request.clone() else { panic!() };
    let parties =
        Parties { sender: about.sender.clone(), receiver: about.receiver.clone(), transaction: about.transaction.clone(), at: about.at };
    let objects = vec![delivery.clone(), told.object.clone()];
    assert!(request(&parties, Vec::new()).is_none());
    let request = request(&parties, objects).unwrap();
    checked("request-of-ours", &request);
    let expected = Expected::of(&request);

    let done = |number: u64, response: Response| ActionResponse { identifier: number, response };
    let delivered = || Response::Deliver(DeliverResponse { identifier: delivery.base.identifier.clone() });
    let created = || Response::Create(ObjectResponse { identifier: told.object.base.identifier.clone(), object: None });
    let of = |header: Header, payload: Payload| Message { header, payload, signatures: Signatures::default() }.to_xml();
    let response = |header: &Header, all: Vec<ActionResponse>| {
        let actions = ResponsePayload::Actions(ActionResponses { actions: Some1::new(all).unwrap() });
        of(header.clone(), Payload::Response(actions))
    };
    let own = &request.header;
    let words = |text: String| -> Vec<bool> { expected.read(text.as_bytes()).unwrap().iter().map(Result::is_ok).collect() };
    assert_eq!(words(response(own, vec![done(0, delivered()), done(1, created())])), [true, true]);
    assert_eq!(words(response(own, vec![done(1, created()), done(0, delivered())])), [true, true], "in any order");
    let error = || Response::Error(ActionError::Refused.information("no"));
    assert_eq!(words(response(own, vec![done(0, error()), done(1, created())])), [false, true]);
    assert_eq!(words(response(own, vec![done(0, delivered())])), [true, false], "not answered is not taken");
    assert_eq!(words(response(own, vec![done(0, delivered()), done(0, error()), done(1, created())])), [false, true], "answered twice");
    assert_eq!(words(response(own, vec![done(0, created()), done(1, delivered())])), [false, false], "as other actions");
    let other = Response::Deliver(DeliverResponse { identifier: told.object.base.identifier.clone() });
    assert_eq!(words(response(own, vec![done(0, other), done(1, created())])), [false, true], "about another object");
    let all = of(own.clone(), Payload::Response(ResponsePayload::Error(ActionError::Refused.information("no"))));
    assert_eq!(words(all), [false, false]);

    let transaction = Header { transaction: about.object.clone(), ..own.clone() };
    let swapped = Header { sender: own.receiver.clone(), receiver: own.sender.clone(), ..own.clone() };
    for header in [transaction, swapped] {
        assert!(expected.read(response(&header, vec![done(0, delivered()), done(1, created())]).as_bytes()).is_err());
    }
    assert!(expected.read(request.to_xml().as_bytes()).is_err(), "its own request");
    assert!(expected.read(b"<html/>").is_err() && expected.read(b"").is_err());
}
