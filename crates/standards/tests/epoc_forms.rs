//! The forms of Regulation (EU) 2023/1543 as XML: every field both ways, and what is not the form's is refused.

mod epoc_sample;

use epoc_sample::{at, follow_up, form_3, order, without_places};
use law::received::*;
use standards::epoc::{Form, read_form, read_form_with_notes, write_form};

fn bodies() -> Vec<Body> {
    vec![
        Body::Order(order(OrderKind::Epoc)),
        Body::Order(order(OrderKind::EpocPr)),
        Body::NonExecution(form_3()),
        Body::FollowUp(follow_up(FollowUpKind::SubsequentProduction)),
        Body::FollowUp(follow_up(FollowUpKind::Extension)),
    ]
}

/// A sample in which a field is empty would prove nothing about it; these may be, by kind.
#[test]
fn every_field_of_every_form_is_kept_both_ways() {
    for body in bodies() {
        let xml = write_form(&body).unwrap();
        let (read, notes) = read_form_with_notes(xml.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal}\n{xml}"));
        assert!(notes.schema.is_empty() && notes.dictionary.is_empty(), "{:?}\n{xml}", notes.schema);
        assert_eq!(without_places(&read.body), without_places(&body), "{xml}");
        assert!(read.envelope.schema.is_yes() && read.envelope.dictionary.is_yes());
        assert_eq!(write_form(&read.body).unwrap(), xml);
        let said = without_places(&body);
        let empty = said.matches("None").count() + said.matches("[]").count();
        let by_kind = match &body {
            Body::Order(order) if order.kind.value == OrderKind::Epoc => 3, // authorised, national, own
            Body::Order(_) => 3 + 2 + 2 + 1 + 2 + 7 + 1,                    // and what Form 2 has not: C, D, H, K, L
            _ => 2 * 11,                                                    // Forms 3, 5 and 6 say of authorities only who and which file
        };
        assert!(empty <= by_kind, "{empty} fields say nothing: {said}");
    }
}

fn form_1() -> String {
    write_form(&Body::Order(order(OrderKind::Epoc))).unwrap()
}

fn changed(from: &str, to: &str) -> (Received, Vec<&'static str>) {
    let xml = form_1();
    assert!(xml.contains(from), "{from}\n{xml}");
    let (read, notes) = read_form_with_notes(xml.replacen(from, to, 1).as_bytes()).unwrap();
    let codes = notes.schema.iter().chain(&notes.dictionary).map(|finding| finding.code()).collect();
    (read, codes)
}

/// The names that public converters use, as law.md lists them, and each in its place.
#[test]
fn the_element_names_seen_in_converters_are_the_ones_we_write() {
    let xml = form_1();
    for name in [
        "<IssuingAndContactAuthority>",
        "<IssuingAuthority>",
        "<eio:NameOfAuthority>",
        "<eio:FileReference>",
        "<SectionB>",
        "<Addressee>",
        "<AuthorityTechnicalIdentifier>",
        "<Country>",
        "<NationalId>",
        "<ServiceProviderConcerned>",
        "<TechnicalIdentifier>",
        "<DataProductionInRelationToDeadline>",
        "<WithinTenDays>AS_SOON_AS_POSSIBLE<",
        "<WithinTenDays>AT_THE_END_OF_TEN_DAYS<",
        "<Value>IMMINENT_THREAT_TO_LIFE<",
        "<Evidence>",
        "<Identifier>",
        "<Type>IPV_4<",
        "<DateTimeRange>",
        "<Start>",
        "<End>",
        "<DataCategories>",
        "<Subscriber>",
        "<Option>USER_INFORMATION<",
        "<OtherText>",
        "<UserIdentification>",
        "<Other>",
        "<Traffic>",
        "<Content>",
        "<OtherInformation>",
        "<SectionH>",
        "<DelayConditions>",
        "<CaseWithoutValidation>true<",
        "<SignatureOfAuthority>",
        "<Date>",
        "<eio:NameOfRepresentative>",
        "<eio:PostHeld>",
        "<eio:Address>",
        "<eio:TelNo>",
        "<eio:FaxNo>",
        "<eio:Email>",
        "<eio:LanguagesToCommunicate>",
        "<ContactAuthority>",
        "<SectionJ>",
        "<Details>",
        "<Signature>",
        "<SectionK>",
        "<EnforcingAuthority>",
        "<ToWhomTransferTheData>",
        "<AuthorityCompetences>ISSUING_AUTHORITY<",
    ] {
        assert!(xml.contains(name), "{name}");
    }
    let emergency = write_form(&Body::Order(Order {
        addressee: Addressee { capacity: Some(at(Capacity::AnyEstablishmentInEmergency)), ..Addressee::default() },
        ..order(OrderKind::Epoc)
    }))
    .unwrap();
    assert!(emergency.contains("<EmergencyCase>true<"));
    let Body::Order(read) = read_form(emergency.as_bytes()).unwrap().body else { panic!() };
    assert_eq!(read.addressee.capacity.unwrap().value, Capacity::AnyEstablishmentInEmergency);
}

#[test]
fn std_63_a_midnight_without_zone_is_the_day_it_was() {
    let xml = form_1();
    let day = xml.split("<Date>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let (read, codes) = changed(&format!("<Date>{day}"), &format!("<Date>{day}T00:00:00"));
    assert_eq!((codes, read.envelope.normalised[0].rule, read.envelope.normalised[0].now.as_str()), (vec![], "STD-63", day.as_str()));
    let Body::Order(order) = &read.body else { panic!() };
    assert!(matches!(order.issuing.signed_on.as_ref().unwrap().value, Moment::Day(_)));
    let (read, _) = changed(&format!("<Date>{day}"), &format!("<Date>{day}T00:00:01"));
    let Body::Order(order) = &read.body else { panic!() };
    assert!(matches!(order.issuing.signed_on.as_ref().unwrap().value, Moment::Unzoned(_)), "any other time without zone stays one");
}

#[test]
fn std_66_and_std_67_other_spellings_are_recorded() {
    let (read, codes) = changed("EPOC-FORM-1#", "EPOC-FORM_1#");
    assert_eq!((codes, read.envelope.normalised[0].rule), (vec![], "STD-66"));
    let (read, codes) = changed("JUDGE_COURT_OR_INVESTIGATING_JUDGE", "JUDGE");
    assert_eq!((codes, read.envelope.normalised[0].rule), (vec![], "STD-67"));
    let Body::Order(order) = &read.body else { panic!() };
    assert_eq!(order.validating.as_ref().unwrap().kind.as_ref().unwrap().value, AuthorityKind::Judge);
    assert_eq!(changed("JUDGE_COURT_OR_INVESTIGATING_JUDGE", "POLICE_OFFICER").1, ["STD-71"]);
    assert!(read_form(form_1().replace("EPOC-FORM-1#", "EPOC-FORM-9#").as_bytes()).is_err_and(|refusal| refusal.code() == "STD-08"));
}

#[test]
fn std_68_section_m_is_quarantined_and_no_word_of_it_is_kept() {
    let secret = "SECRETCASESUMMARY";
    for inside in ["", "<DataCategories>"] {
        let to = format!("<SectionM><Summary kind='{secret}'>{secret}</Summary>{secret}</SectionM>");
        let at = if inside.is_empty() { "<SectionK>" } else { inside };
        let (read, codes) = changed(at, &if inside.is_empty() { format!("{to}{at}") } else { format!("{at}{to}") });
        assert!(read.envelope.quarantined.as_ref().is_some_and(|place| 1 < place.line));
        assert_eq!(codes, [] as [&str; 0]);
        assert!(!format!("{read:?}").contains(secret));
    }
    assert_eq!(changed("<SectionK>", "<SectionK>").0.envelope.quarantined, None);
}

#[test]
fn std_70_nothing_unknown_is_passed_over() {
    assert_eq!(changed("<SectionK>", "<SectionZ><a>b</a></SectionZ><SectionK>").1, ["STD-70"]);
    assert_eq!(changed("<SectionK>", "<SectionK>words").1, ["STD-70"]);
    assert_eq!(
        changed("<IssuingState>NL</IssuingState>", "<IssuingState>NL</IssuingState><IssuingState>DE</IssuingState>").1,
        ["STD-70"],
        "once is once"
    );
    assert_eq!(
        changed("<IssuingState>NL</IssuingState>", "<IssuingState xmlns='urn:x'>NL</IssuingState>").1,
        ["STD-70"],
        "another namespace"
    );
    let (read, _) = changed("<SectionK>", "<SectionZ/><SectionK>");
    let Finding::No { code, place: Some(place), .. } = read.envelope.schema else { panic!() };
    assert!(code == "STD-70" && 1 < place.line);
}

#[test]
fn std_71_codes_stand_in_their_lists() {
    assert_eq!(changed("<Option>USER_INFORMATION<", "<Option>PASSWORDS<").1, ["STD-71"]);
    assert_eq!(changed("<Option>USER_INFORMATION<", "<Option>MAILBOX<").1, ["STD-71"], "content is no subscriber data");
    assert_eq!(changed("<Type>IPV_4<", "<Type>ipv_4<").1, ["STD-71"]);
}

#[test]
fn std_72_values_have_their_form() {
    assert_eq!(changed("<Port>443<", "<Port>70000<").1, ["STD-72"]);
    assert_eq!(changed("<CaseWithoutValidation>true<", "<CaseWithoutValidation>yes<").1, ["STD-72"]);
    assert_eq!(changed("<DateOfIssue>2", "<DateOfIssue>x2").1, ["STD-72"]);
    let state = |len: usize| changed("<IssuingState>NL<", &format!("<IssuingState>{}<", "N".repeat(len))).1;
    assert_eq!(state(65_536), Vec::<&str>::new(), "what states there are is the law's question");
    assert_eq!(state(65_537), ["STD-72"]);
    assert_eq!(
        changed("<IssuingState>NL<", "<IssuingState> <").1,
        ["STD-72"],
        "an empty field says nothing, and does not pass for one that is absent"
    );
}

#[test]
fn places_lead_into_the_source() {
    let xml = form_1();
    let (read, _) = read_form_with_notes(xml.as_bytes()).unwrap();
    let Body::Order(order) = &read.body else { panic!() };
    let place = &order.issuing.kind.as_ref().unwrap().place;
    let line = xml.lines().nth(place.line as usize - 1).unwrap();
    assert_eq!(line.find("<Type>").unwrap() + 1, place.column as usize);
    assert_eq!(place.path, "SectionI/Type");
}

#[test]
fn what_has_no_form_is_not_written() {
    assert_eq!(write_form(&Body::Order(order(OrderKind::National))), None);
    assert_eq!(Form::of(&Body::FollowUp(follow_up(FollowUpKind::Extension))), Some(Form::Extension));
}
