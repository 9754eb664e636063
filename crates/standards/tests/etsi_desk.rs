//! The provider's end of HI-1, message by message.

use standards::etsi::approval::DictionaryEntry;
use standards::etsi::config::{CspConfig, TargetingConfigurations};
use standards::etsi::core::*;
use standards::etsi::desk::{Desk, Handled, Store};
use standards::etsi::message::{Message, Received};
use standards::etsi::object::Kind;
use standards::etsi::time::QualifiedDateTime;
use standards::etsi::values::*;
use standards::etsi::verdict::Setting;

const NOW: i64 = 1_780_000_000;
const AUTHORISATION: &str = "7dbbc880-8750-4d3c-abe7-ea4a17646045";
const TASK: &str = "2b36a78b-b628-416d-bd22-404e68a0cd36";

fn endpoint(unique: &str) -> EndpointId {
    EndpointId { country: IsoCountryCode::parse("XX").unwrap(), unique: LongString::parse(unique).unwrap() }
}

fn uuid(text: &str) -> Uuid {
    Uuid::parse(text).unwrap()
}

fn desk() -> Desk {
    let config = CspConfig {
        last_changed: QualifiedDateTime::from_unix(NOW),
        dictionaries: None,
        formats: None,
        targeting: TargetingConfigurations { configurations: Vec::new() },
        li_endpoints: None,
        lp_endpoints: None,
        ld_endpoints: None,
    };
    Desk::new(endpoint("ACTOR02"), config, Setting::reader()).unwrap()
}

/// ETSI's disclosure request, with its times mended: CREATE authorisation, CREATE task.
fn request() -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/etsi/etsi-103120/examples/xml/request4-Preservation-Link.xml");
    std::fs::read_to_string(path).unwrap().replace("2019-12-30", "2019-11-30")
}

/// A message of the same header with other actions, each as XML, and its own transaction.
fn actions(number: u8, actions: &[&str]) -> String {
    let text = request().replace("c02358b2-76cf-4ba4-a8eb-f6436ccaea2e", &format!("c02358b2-76cf-4ba4-a8eb-f6436ccaea{number:02x}"));
    let (before, after) = (text.find("<ActionRequest>").unwrap(), text.rfind("</ActionRequests>").unwrap());
    let all: String = actions
        .iter()
        .enumerate()
        .map(|(number, action)| format!("<ActionRequest><ActionIdentifier>{number}</ActionIdentifier>{action}</ActionRequest>"))
        .collect();
    format!("{}{all}{}", &text[..before], &text[after..])
}

fn say(store: &mut Store, who: &str, text: &str) -> Handled {
    let received = Received::parse(text.as_bytes()).unwrap();
    let mut digest = [0; 32];
    for (place, octet) in text.bytes().enumerate() {
        digest[place % 32] ^= octet.rotate_left((place / 32) as u32 % 8);
    }
    desk().handle(NOW, &endpoint(who), store, &received, digest).unwrap()
}

/// `ok`, or the number at the beginning of each action's error.
fn outcome(handled: &Handled) -> Vec<String> {
    let number = |error: &ErrorInformation| error.description.as_str().split(':').next().unwrap().to_owned();
    match &handled.response.payload {
        Payload::Response(ResponsePayload::Error(error)) => vec![number(error)],
        Payload::Response(ResponsePayload::Actions(actions)) => actions
            .actions
            .iter()
            .map(|one| if let Response::Error(error) = &one.response { number(error) } else { "ok".to_owned() })
            .collect(),
        Payload::Request(_) => panic!(),
    }
}

fn filled() -> Store {
    let mut store = Store::default();
    assert_eq!(outcome(&say(&mut store, "ACTOR01", &request())), ["ok", "ok"]);
    store
}

fn read_back(response: &Message) -> Message {
    Received::parse(response.to_xml().as_bytes()).unwrap().schema().unwrap_or_else(|findings| panic!("{}", findings[0]))
}

fn update(kind: &str, inside: &str) -> String {
    format!(
        "<UPDATE><HI1Object xsi:type=\"{kind}\"><ObjectIdentifier>{}</ObjectIdentifier>{inside}</HI1Object></UPDATE>",
        if kind.starts_with("auth") { AUTHORISATION } else { TASK }
    )
}

fn entry(element: &str, name: &str, value: &str) -> String {
    format!("<{element}><common:Owner>ETSI</common:Owner><common:Name>{name}</common:Name><common:Value>{value}</common:Value></{element}>")
}

#[test]
fn std_58_answers_echo_the_request_and_carry_their_own_time() {
    let handled = say(&mut Store::default(), "ACTOR01", &request());
    let asked = Received::parse(request().as_bytes()).unwrap().schema().unwrap().header;
    let Header { sender, receiver, transaction, timestamp, .. } = handled.response.header.clone();
    assert_eq!((sender, receiver, transaction), (asked.sender, asked.receiver, asked.transaction));
    assert_eq!(timestamp.unix(), NOW);
    assert_eq!(handled.touched, [uuid(AUTHORISATION), uuid(TASK)]);
    assert_eq!(read_back(&handled.response), handled.response);
}

#[test]
fn std_50_the_sender_is_who_is_connected() {
    let mut store = Store::default();
    assert_eq!(outcome(&say(&mut store, "ACTOR03", &request())), ["STD-50"]);
    assert_eq!(store, Store::default(), "nothing is kept of it");
}

#[test]
fn std_51_a_transaction_is_answered_once() {
    let mut store = filled();
    let before = store.clone();
    let again = say(&mut store, "ACTOR01", &request());
    assert_eq!((outcome(&again), again.touched.len()), (vec!["ok".to_owned(), "ok".to_owned()], 0), "the same answer, and nothing happens");
    assert_eq!(outcome(&say(&mut store, "ACTOR01", &request().replace("442079460223", "442079460224"))), ["STD-51"]);
    assert_eq!(store, before);
}

#[test]
fn std_52_what_is_not_yours_does_not_exist() {
    let mut store = filled();
    let get = |id: &str| format!("<GET><Identifier>{id}</Identifier></GET>");
    let (task, unknown) = (get(TASK), get("00000000-0000-0000-0000-000000000000"));
    let own = say(&mut store, "ACTOR01", &actions(1, &[&task, &unknown]));
    assert_eq!(outcome(&own), ["ok", "STD-52"]);
    let other = actions(2, &[&task, &unknown]).replace("ACTOR01", "ACTOR03");
    let answer = say(&mut store, "ACTOR03", &other);
    assert_eq!(outcome(&answer), ["STD-52", "STD-52"]);
    let Payload::Response(ResponsePayload::Actions(actions)) = &answer.response.payload else { panic!() };
    assert_eq!(actions.actions[0].response, actions.actions[1].response, "a stranger cannot tell the two apart");
    let stolen = update("task:LDTaskObject", &entry("task:DesiredStatus", "LDTaskDesiredStatus", "Cancelled"));
    assert_eq!(outcome(&say(&mut store, "ACTOR03", &self::actions(3, &[&stolen]).replace("ACTOR01", "ACTOR03"))), ["STD-52"]);
}

#[test]
fn std_53_an_identifier_is_used_once() {
    let mut store = filled();
    let again = request().replace("c02358b2", "c02358b3");
    assert_eq!(outcome(&say(&mut store, "ACTOR01", &again)), ["STD-53", "STD-53"]);
}

#[test]
fn std_54_the_authority_wishes_and_the_provider_says() {
    let mut store = filled();
    let wish = update("task:LDTaskObject", &entry("task:DesiredStatus", "LDTaskDesiredStatus", "Cancelled"));
    let claim = update("task:LDTaskObject", &entry("task:Status", "LDTaskStatus", "Disclosed"));
    assert_eq!(outcome(&say(&mut store, "ACTOR01", &actions(1, &[&wish, &claim]))), ["ok", "STD-54"]);
    let kind = |store: &Store| store.object(&uuid(TASK)).unwrap().kind.clone();
    let Kind::Disclosure(task) = kind(&store) else { panic!() };
    assert!(task.desired_status.unwrap().is("ETSI", "LDTaskDesiredStatus", "Cancelled") && task.status.is_none());
    let created = request()
        .replace("c02358b2", "c02358b4")
        .replace(TASK, "00000000-0000-0000-0000-000000000001")
        .replace(AUTHORISATION, "00000000-0000-0000-0000-000000000002");
    let created = created.replace(
        "<task:Reference>XX-ACTOR01-1234</task:Reference>",
        &format!("<task:Reference>XX-ACTOR01-1234</task:Reference>{}", entry("task:Status", "LDTaskStatus", "Disclosed")),
    );
    assert_eq!(outcome(&say(&mut store, "ACTOR01", &created)), ["ok", "STD-54"]);
    store.set_status(NOW + 1, &uuid(TASK), DictionaryEntry::etsi("LDTaskStatus", "AwaitingDisclosure").unwrap(), None).unwrap();
    let Kind::Disclosure(task) = kind(&store) else { panic!() };
    assert!(task.status.unwrap().is("ETSI", "LDTaskStatus", "AwaitingDisclosure"));
}

#[test]
fn std_55_an_update_of_another_generation_or_kind_is_stale() {
    let mut store = filled();
    let inside = entry("task:DesiredStatus", "LDTaskDesiredStatus", "Cancelled");
    let of = |generation: u8| update("task:LDTaskObject", &format!("<Generation>{generation}</Generation>{inside}"));
    assert_eq!(outcome(&say(&mut store, "ACTOR01", &actions(1, &[&of(7), &of(0), &of(0), &of(1)]))), ["STD-55", "ok", "STD-55", "ok"]);
    let other = update("task:LPTaskObject", &entry("task:DesiredStatus", "LPTaskDesiredStatus", "Cancelled"));
    assert_eq!(outcome(&say(&mut store, "ACTOR01", &actions(2, &[&other]))), ["STD-55"]);
}

#[test]
fn std_56_what_failed_a_verdict_does_not_enter() {
    let mut store = Store::default();
    let bad = request().replace("2019-11-30", "2019-12-30");
    let handled = say(&mut store, "ACTOR01", &bad);
    assert_eq!((outcome(&handled), handled.touched.len()), (vec!["ok".to_owned(), "STD-56".to_owned()], 1));
    let Payload::Response(ResponsePayload::Actions(actions)) = &handled.response.payload else { panic!() };
    let Response::Error(error) = &actions.actions[1].response else { panic!() };
    assert!(error.description.as_str().starts_with("STD-56: STD-40 ") && error.code == 456, "{}", error.description);
    let word = update("auth:AuthorisationObject", &entry("auth:AuthorisationDesiredStatus", "AuthorisationDesiredStatus", "Gone"));
    assert_eq!(outcome(&say(&mut store, "ACTOR01", &self::actions(1, &[&word]))), ["STD-56"]);
    // Interception, with an authorisation that is good.
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/etsi/etsi-103120/examples/xml/request1.xml");
    let handled = say(&mut Store::default(), "ACTOR01", &std::fs::read_to_string(path).unwrap());
    assert_eq!(outcome(&handled), ["ok", "STD-56"]);
    assert!(format!("{:?}", handled.response).contains("STD-41"));
}

#[test]
fn std_56_a_task_falls_with_its_authorisation() {
    let refused = entry("auth:AuthorisationStatus", "AuthorisationStatus", "Approved");
    let text = request().replace("<auth:AuthorisationTimespan>", &format!("{refused}<auth:AuthorisationTimespan>"));
    assert_eq!(outcome(&say(&mut Store::default(), "ACTOR01", &text)), ["STD-54", "STD-52"]);
}

#[test]
fn std_57_deliveries_and_responses_are_not_the_authoritys_to_send() {
    let deliver = format!(
        "<DELIVER><Identifier>{TASK}</Identifier><HI1Object xsi:type=\"task:LPTaskObject\"><ObjectIdentifier>{TASK}</ObjectIdentifier></HI1Object></DELIVER>"
    );
    assert_eq!(outcome(&say(&mut Store::default(), "ACTOR01", &actions(1, &[&deliver]))), ["STD-57"]);
    let answer = say(&mut Store::default(), "ACTOR01", &request()).response;
    assert_eq!(outcome(&say(&mut Store::default(), "ACTOR01", &answer.to_xml())), ["STD-57"]);
}

#[test]
fn std_59_actions_stand_for_themselves_and_lists_are_filtered() {
    let mut store = filled();
    let list = |inside: &str| format!("<LIST>{inside}</LIST>");
    let kind = |value: &str| list(&entry("ObjectType", "ObjectType", value));
    let all = [
        list(""),
        kind("LDTask"),
        kind("LPTask"),
        list("<MaximumObjectCount>1</MaximumObjectCount>"),
        list("<CountryCode>NL</CountryCode>"),
        list("<LastChanged>2027-01-01T00:00:00Z</LastChanged>"),
        list("<LastChangedTimespan><common:EndTime>2020-01-01T00:00:00Z</common:EndTime></LastChangedTimespan>"),
        list(&entry("Status", "LDTaskStatus", "Disclosed")),
        "<GETCSPCONFIG/>".to_owned(),
        "<GET><Identifier>00000000-0000-0000-0000-000000000000</Identifier></GET>".to_owned(),
    ];
    let handled = say(&mut store, "ACTOR01", &actions(1, &all.each_ref().map(String::as_str)));
    let Payload::Response(ResponsePayload::Actions(answers)) = &handled.response.payload else { panic!() };
    let counts: Vec<usize> = answers
        .actions
        .iter()
        .filter_map(|one| if let Response::List(list) = &one.response { Some(list.records.len()) } else { None })
        .collect();
    assert_eq!(counts, [2, 1, 0, 1, 0, 0, 0, 0]);
    assert!(matches!(answers.actions[8].response, Response::GetCspConfig(_)));
    assert_eq!(outcome(&handled).last().unwrap(), "STD-52");
    assert_eq!(read_back(&handled.response), handled.response);
    let stranger = say(&mut store, "ACTOR03", &actions(2, &[&list("")]).replace("ACTOR01", "ACTOR03"));
    let Payload::Response(ResponsePayload::Actions(answers)) = &stranger.response.payload else { panic!() };
    assert!(matches!(&answers.actions[0].response, Response::List(list) if list.records.is_empty()), "nobody sees another's objects");
}

#[test]
fn std_85_a_message_has_at_most_64_actions() {
    let get = format!("<GET><Identifier>{TASK}</Identifier></GET>");
    let mut store = filled();
    assert_eq!(outcome(&say(&mut store, "ACTOR01", &actions(1, &[get.as_str(); 64]))).len(), 64);
    assert_eq!(outcome(&say(&mut store, "ACTOR01", &actions(2, &[get.as_str(); 65]))), ["STD-85"]);
}

#[test]
fn std_86_an_answer_is_full_at_16_mib() {
    use standards::etsi::delivery::{BinaryData, Delivered, DeliveryObject};
    use standards::etsi::object::{Base, Object};
    let large = |id: &str| {
        let data = Base64(vec![7; 9 << 20]);
        let data = BinaryData {
            data,
            content_type: None,
            checksum: None,
            checksum_type: None,
            checksums: None,
            original_filename: None,
            content_length: None,
        };
        let body = DeliveryObject {
            reference: None,
            delivery_id: None,
            sequence_number: None,
            is_last: None,
            manifest: None,
            delivery: Some(Delivered::Binary(data)),
            status: None,
            desired_status: None,
            encryption: None,
        };
        let base = Base {
            identifier: uuid(id),
            country: None,
            owner: None,
            generation: None,
            external: None,
            associated: None,
            last_changed: None,
            national: None,
        };
        Object { base, kind: Kind::Delivery(body) }
    };
    let ids = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"];
    let mut store = filled();
    ids.iter().for_each(|id| store.put("XX/ACTOR01".to_owned(), large(id)));
    let get = ids.map(|id| format!("<GET><Identifier>{id}</Identifier></GET>"));
    let small = format!("<GET><Identifier>{TASK}</Identifier></GET>");
    assert_eq!(outcome(&say(&mut store, "ACTOR01", &actions(1, &[&get[0], &get[1], &small]))), ["ok", "STD-86", "ok"]);
    assert_eq!(outcome(&say(&mut store, "ACTOR01", &actions(2, &[&get[1]]))), ["ok"]);
    // One that nobody put the octets into, because they would not fit beside others.
    store.withhold(uuid(ids[0]));
    assert_eq!(outcome(&say(&mut store, "ACTOR01", &actions(3, &[&get[0], &small]))), ["STD-86", "ok"]);
}

#[test]
fn std_42_content_and_std_41_interception_are_not_offered() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/etsi/etsi-103120/examples/xml/response_ee_config.xml");
    let text = std::fs::read_to_string(path).unwrap();
    let offer = |text: &str| {
        let message = Received::parse(text.as_bytes()).unwrap().schema().unwrap();
        let Payload::Response(ResponsePayload::Actions(answers)) = message.payload else { panic!() };
        let Response::GetCspConfig(config) = answers.actions[0].response.clone() else { panic!() };
        Desk::new(endpoint("ACTOR02"), config, Setting::reader()).map(|_| "offered").unwrap_or_else(|rule| rule.code())
    };
    assert_eq!(offer(&text), "STD-42", "ETSI's example offers StoredContentData");
    let without = text.replace(">StoredContentData<", ">SubscriberData<");
    assert_eq!(offer(&without), "offered");
    let endpoint = entry("config:LIWorkflowEndpoint", "LIWorkflowEndpoint", "NewAuthorisation");
    let li = format!(
        "<SupportedLIWorkflowEndpoints><config:SupportedLIWorkflowEndpoint>{endpoint}<config:URL>https://x.example</config:URL></config:SupportedLIWorkflowEndpoint></SupportedLIWorkflowEndpoints>"
    );
    assert_eq!(offer(&without.replace("<SupportedLIWorkflowEndpoints/>", &li)), "STD-41");
    let service = format!(
        "<config:AssociatedLIServiceTypes>{}</config:AssociatedLIServiceTypes>",
        entry("common:DictionaryEntry", "TaskServiceType", "x")
    );
    assert_eq!(offer(&without.replacen("<config:AssociatedLIServiceTypes/>", &service, 1)), "STD-41");
}
