//! Three verdicts about one message, each with a sample of ETSI's own that fails only there (etsi.md section 8).

use standards::etsi::core::EndpointId;
use standards::etsi::dictionary::Dictionaries;
use standards::etsi::message::Received;
use standards::etsi::time::QualifiedDateTime;
use standards::etsi::values::*;
use standards::etsi::verdict::{Setting, Verdict, Verdicts, judge};

fn example(name: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/etsi/etsi-103120/examples/xml");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn verdicts(text: &str, setting: &Setting) -> Verdicts {
    judge(&Received::parse(text.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal}")), setting).1
}

fn of(text: &str) -> Verdicts {
    verdicts(text, &Setting::reader())
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.findings().iter().map(|finding| finding.code()).collect()
}

/// A change of the disclosure example that has authorisation and task.
fn changed(from: &str, to: &str) -> Verdicts {
    let text = example("request4-Preservation-Link.xml").replace("2019-12-30", "2019-11-30");
    assert!(text.contains(from), "{from}");
    of(&text.replace(from, to))
}

const NO_TIME: &str = "2019-09-30T12:00:00Z";

#[test]
fn the_dictionaries_are_whole() {
    let (dictionaries, values) = Dictionaries::with_eu_profile().count();
    assert_eq!((dictionaries, values), (35 + 6, 175 + 2 + 3 + 2 + 5 + 3 + 8 + 1));
}

#[test]
fn std_30_request1_fails_its_dictionary() {
    let all = of(&example("request1.xml"));
    assert_eq!(all.schema, Verdict::Passed);
    let found = all.dictionary.findings();
    assert!(found.iter().any(|finding| finding.was == "ETSI/TaskServiceType/DataType1" && finding.code() == "STD-30"), "{found:?}");
    let line = example("request1.xml").lines().nth(found[0].at.line as usize - 1).unwrap().to_owned();
    assert!(line.contains("<task:ServiceType>"), "{line}");
    assert_eq!(codes(&all.scope), ["STD-41"]);
}

#[test]
fn std_32_the_configuration_example_fails_its_dictionary_only() {
    let all = of(&example("response_ee_config.xml"));
    assert_eq!((all.schema, all.scope), (Verdict::Passed, Verdict::Passed));
    let found: Vec<(&str, &str)> = all.dictionary.findings().iter().map(|finding| (finding.code(), finding.was.as_str())).collect();
    assert_eq!(found, [("STD-32", "ACTOR02/PropietaryIdentifier"), ("STD-30", "ETSI/LPWorkflowEndpoint/NewAuthorisation")]);
    let mended = example("response_ee_config.xml")
        .replace(">PropietaryIdentifier<", ">ProprietaryIdentifier<")
        .replace(">NewAuthorisation<", ">NewPreservation<");
    assert_eq!(of(&mended).dictionary, Verdict::Passed);
}

#[test]
fn std_40_the_preservation_link_example_fails_its_scope_only() {
    let all = of(&example("request4-Preservation-Link.xml"));
    assert_eq!((&all.schema, &all.dictionary), (&Verdict::Passed, &Verdict::Passed));
    let found = all.scope.findings();
    assert_eq!((codes(&all.scope), found[0].was.as_str()), (vec!["STD-40"], "2019-12-30T12:00:00Z"));
    let text = example("request4-Preservation-Link.xml");
    assert!(text.lines().nth(found[0].at.line as usize - 1).unwrap().contains("2019-12-30"));
    assert_eq!(changed(NO_TIME, NO_TIME).scope, Verdict::Passed);
    assert_eq!(codes(&changed("<task:StartTime>2019-09-30", "<task:StartTime>2019-09-29").scope), ["STD-40"]);
}

/// A bad value breaks the schema; the other verdicts do not hide it and are not hidden by it.
#[test]
fn std_12_a_trap_fails_the_schema_only() {
    let all = changed("192.0.2.0", "192.0.2.256");
    assert_eq!((codes(&all.schema), &all.dictionary, &all.scope), (vec!["STD-12"], &Verdict::Passed, &Verdict::NotJudged));
    let both = of(&example("request1.xml").replace("192.0.2.0", "192.0.2.256x"));
    assert!(codes(&both.dictionary).contains(&"STD-30"));
}

#[test]
fn std_31_an_entry_belongs_to_its_field() {
    let status = |name: &str, value: &str| {
        format!(
            "<task:Reference>XX-ACTOR01-1234</task:Reference><task:DesiredStatus><common:Owner>ETSI</common:Owner><common:Name>{name}</common:Name><common:Value>{value}</common:Value></task:DesiredStatus>"
        )
    };
    let with = |name: &str, value: &str| changed("<task:Reference>XX-ACTOR01-1234</task:Reference>", &status(name, value));
    assert_eq!(with("LDTaskDesiredStatus", "Disclosed").dictionary, Verdict::Passed);
    assert_eq!(codes(&with("LDTaskStatus", "Disclosed").dictionary), ["STD-31"]);
    assert_eq!(codes(&with("LDTaskDesiredStatus", "Invalid").dictionary), ["STD-30"]);
    assert_eq!(
        codes(&with("TrafficDataAndStoredContentData", "SubscriberData").dictionary),
        ["STD-30"],
        "the converter fault with combined categories"
    );
}

#[test]
fn std_31_nobody_redefines_what_is_etsis() {
    let text = example("response_ee_config.xml").replace("<dictionaries:Owner>ACTOR02<", "<dictionaries:Owner>ETSI<");
    let text = text.replace("<config:FormatOwner>ACTOR02<", "<config:FormatOwner>ETSI<");
    let found = of(&text).dictionary;
    assert!(found.findings().iter().any(|finding| finding.was.contains("LDRequestSubtype")), "{found:?}");
}

#[test]
fn std_33_an_identifier_has_the_form_that_it_names() {
    assert_eq!(codes(&changed("442079460223", "+442079460223").dictionary), ["STD-33"]);
    assert_eq!(codes(&changed(">InternationalE164<", ">E164<").dictionary), ["STD-32"]);
    assert_eq!(codes(&changed(">InternationalE164<", ">MACAddress<").dictionary), ["STD-33"]);
}

/// Removing a name from the table of formats, or all of its check, breaks one of these.
#[test]
fn std_33_every_format_of_ts_103_280_is_known() {
    let schema =
        std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/etsi/etsi-103280/TS_103_280.xsd"))
            .unwrap();
    let names = schema.split("<xs:simpleType name=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let not_identifiers = [
        "ShortString",
        "LongString",
        "ISOCountryCode",
        "UTCDateTime",
        "UTCMicrosecondDateTime",
        "QualifiedDateTime",
        "QualifiedMicrosecondDateTime",
    ];
    for name in names.filter(|name| !not_identifiers.contains(name) && !name.starts_with("WGS84")) {
        assert!(standards::etsi::formats::etsi_format(name).is_some(), "{name}");
    }
    for (name, good, bad) in [
        ("CGI", "204-08-00ff-00ff", "204-08-00FF-00ff"),
        ("ECGI", "204-008-00ff00f", "204-008-00ff00ff"),
        ("NCGI", "204-08-00ff00fff", "20-08-00ff00fff"),
        ("SIPURI", "sip:a@example.com", "tel:1"),
        ("TELURI", "tel:+31", "tel:"),
        ("H323URI", "h323:a", "a"),
        ("IPv4CIDR", "192.0.2.0/24", "192.0.2.0/33"),
        ("IPv6CIDR", "2001:0db8:0000:0000:0000:0000:0000:0000/32", "2001:0db8:0000:0000:0000:0000:0000:0000/129"),
        ("VLANID", "4095", "4096"),
        ("IPProtocol", "255", "256"),
        ("SUCI", "00FF", "0"),
        ("VIN", "1HGCM82633A004352", "1HGCM82633A00435I"),
    ] {
        let check = standards::etsi::formats::etsi_format(name).unwrap();
        assert!(check(good) && !check(bad), "{name}");
    }
}

#[test]
fn std_41_interception_is_refused_and_so_is_everything_else_that_is_not_ours() {
    for name in ["request1.xml", "request6_signed.xml", "mutliple-auth-example-request.xml"] {
        let scope = of(&example(name)).scope;
        assert!(!scope.findings().is_empty() && codes(&scope).iter().all(|code| *code == "STD-41"), "{name}");
        assert!(scope.findings()[0].hint().en.contains("interception goes through"));
    }
    assert_eq!(codes(&changed("task:LDTaskObject", "task:TDTaskObject").scope), ["STD-41"]);
}

fn typed(value: &str) -> Verdicts {
    let details = "<task:RequestDetails>";
    let with = format!(
        "{details}<task:Type><common:Owner>ETSI</common:Owner><common:Name>RequestType</common:Name><common:Value>{value}</common:Value></task:Type>"
    );
    changed(details, &with)
}

#[test]
fn std_42_content_is_out_of_scope() {
    assert_eq!(codes(&typed("StoredContentData").scope), ["STD-42"]);
    assert_eq!(codes(&typed("TrafficDataAndStoredContentData").scope), ["STD-42"]);
    assert_eq!(typed("TrafficData").scope, Verdict::Passed);
    assert_eq!(typed("StoredContentData").dictionary, Verdict::Passed, "a known word, and yet refused");
}

#[test]
fn std_43_a_task_has_an_authorisation_in_the_message_or_on_file() {
    let text = example("request4-Preservation-Link.xml").replace("2019-12-30", "2019-11-30");
    let identifier = "7dbbc880-8750-4d3c-abe7-ea4a17646045";
    let alone = text.replacen(identifier, "00000000-0000-0000-0000-000000000000", 1);
    assert_eq!(codes(&of(&alone).scope), ["STD-43"]);
    let mut setting = Setting::reader();
    let until = |text| QualifiedDateTime::parse(text);
    setting.on_file.push((Uuid::parse(identifier).unwrap(), None, until("2019-12-01T00:00:00Z")));
    assert_eq!(verdicts(&alone, &setting).scope, Verdict::Passed);
    setting.on_file[0].2 = until("2019-10-01T00:00:00Z");
    assert_eq!(codes(&verdicts(&alone, &setting).scope), ["STD-40"]);
}

#[test]
fn std_44_a_task_names_somebody() {
    assert_eq!(codes(&changed("442079460223", " ").scope), ["STD-44"]);
    let lp = example("request8_LPTaskObject.xml");
    let (before, rest) = lp.split_once("<task:RequestValues>").unwrap();
    let (_, after) = rest.split_once("</task:RequestValues>").unwrap();
    assert_eq!(codes(&of(&format!("{before}{after}")).scope), ["STD-44"]);
}

#[test]
fn std_45_a_task_for_another_provider_is_not_ours() {
    let own = |unique: &str| Some(EndpointId { country: IsoCountryCode::parse("XX").unwrap(), unique: LongString::parse(unique).unwrap() });
    let text = example("request4-Preservation-Link.xml").replace("2019-12-30", "2019-11-30");
    let mut setting = Setting { own: own("ACTOR02"), ..Setting::reader() };
    assert_eq!(verdicts(&text, &setting).scope, Verdict::Passed);
    setting.own = own("ACTOR03");
    assert_eq!(codes(&verdicts(&text, &setting).scope), ["STD-45"]);
}

#[test]
fn std_46_an_end_lies_after_its_beginning() {
    let found = changed("<task:EndTime>2019-11-30", "<task:EndTime>2019-09-29").scope;
    assert_eq!(codes(&found), ["STD-46", "STD-40"]);
}

/// Exactly the listed deviations are tolerated, each with what was and what is.
#[test]
fn std_60_to_std_65_deviations_are_tolerated_by_name() {
    let entry = |element: &str, owner: &str, name: &str, value: &str| {
        format!(
            "<{element}><common:Owner>{owner}</common:Owner><common:Name>{name}</common:Name><common:Value>{value}</common:Value></{element}>"
        )
    };
    let reference = "<auth:AuthorisationReference>W000001</auth:AuthorisationReference>";
    let normalised = |verdicts: Verdicts| -> Vec<(&'static str, String)> {
        assert_eq!(verdicts.dictionary, Verdict::Passed);
        verdicts.normalised.into_iter().map(|one| (one.rule, one.now)).collect()
    };
    let auth = |inside: String| changed(reference, &format!("{reference}{inside}"));
    let is = |rule, now: &str| vec![(rule, now.to_owned())];
    let misspelt = auth(entry("auth:AuthorisationDesiredStatus", "ETSI", "AuthorisationDesiredSatus", "SubmittedToCSP"));
    assert_eq!(normalised(misspelt), is("STD-60", "AuthorisationDesiredStatus"));
    assert_eq!(normalised(auth(entry("auth:AuthorisationLegalType", "ETSI", "EPOCLegalType", "EPOC"))), is("STD-65", "EU"));
    assert_eq!(codes(&auth(entry("auth:AuthorisationLegalType", "NL", "EPOCLegalType", "EPOC")).dictionary), ["STD-30"]);
    assert_eq!(
        codes(&auth(entry("auth:AuthorisationDesiredStatus", "ETSI", "AuthorisationDesiredStats", "SubmittedToCSP")).dictionary),
        ["STD-30"]
    );

    let lp = example("request8_LPTaskObject.xml");
    let follow_up = lp.replace("LPTaskDesiredStatus", "LDTaskDesiredStatus").replace(">Preserved<", ">SubsequentProductionRequest<");
    assert_eq!(normalised(of(&follow_up)), is("STD-61", "LPTaskDesiredStatus"));
    let address = changed(">InternationalE164<", ">IPV4Address<");
    assert_eq!(codes(&address.dictionary), ["STD-33"], "the alias is checked like the name");
    let text =
        example("request4-Preservation-Link.xml").replace(">InternationalE164<", ">IPV4Address<").replace("442079460223", "192.0.2.1");
    assert_eq!(normalised(of(&text)), is("STD-62", "IPv4Address"));

    let subtype = |owner: &str, value: &str| {
        let inside = entry("task:RequestSubtype", owner, "EPOCRequestSubtype", value);
        changed("</task:RequestValues>", &format!("</task:RequestValues><task:Subtype>{inside}</task:Subtype>"))
    };
    assert_eq!(normalised(subtype("EU", "USER_INFORMATION")), is("STD-64", "UserInformation"));
    assert_eq!(normalised(subtype("EU", "UserInformation")), []);
    assert_eq!(codes(&subtype("EU", "MAILBOX").dictionary), ["STD-30"]);
}
