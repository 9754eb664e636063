//! What ETSI's own examples say is read; what a stranger could send instead is refused, with the number of its rule.

use standards::etsi::core::{Payload, Request};
use standards::etsi::message::{Format, Message, Received};
use standards::etsi::object::Kind;
use standards::etsi::time::*;
use standards::etsi::values::*;
use standards::tree::{BYTES_MAX, read_bounded, read_json, read_xml};
use std::path::PathBuf;

fn examples(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/etsi/etsi-103120/examples").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap())).collect()
}

fn example(name: &str) -> String {
    let all = examples("xml").into_iter().chain(examples("json"));
    String::from_utf8(all.into_iter().find(|(file, _)| file == name).unwrap().1).unwrap()
}

fn message(bytes: &[u8]) -> Message {
    Received::parse(bytes).unwrap().schema().unwrap_or_else(|findings| panic!("{}", findings[0]))
}

#[test]
fn every_example_is_read_and_keeps_its_meaning() {
    let (xml, json) = (examples("xml"), examples("json"));
    assert_eq!((xml.len(), json.len()), (8, 2));
    for (name, bytes) in xml.iter().chain(&json) {
        let read = message(bytes);
        assert_eq!(message(read.to_xml().as_bytes()), read, "{name}");
        match read.to_json() {
            Some(written) => assert_eq!(message(written.as_bytes()), read, "{name}"),
            None => assert!(name.contains("XML-Delivery") || name.contains("signed.xml"), "{name}"),
        }
    }
    assert_eq!(Received::parse(&json[0].1).unwrap().format, Format::Json);
}

/// The same request is published in both spellings; the XML one has one element more.
#[test]
fn json_and_xml_of_one_request_are_one_message() {
    let task = |name: &str| {
        let Payload::Request(payload) = message(example(name).as_bytes()).payload else { panic!() };
        let Request::Create(create) = payload.actions.actions[1].request.clone() else { panic!() };
        let Kind::Disclosure(task) = create.object.kind else { panic!() };
        (create.object.base, task)
    };
    let (xml, json) = (task("request4-Preservation-Link.xml"), task("request4.json"));
    assert_eq!(xml.0, json.0);
    assert_eq!(
        (xml.1.reference, xml.1.request, xml.1.delivery, xml.1.csp),
        (json.1.reference, json.1.request, json.1.delivery, json.1.csp)
    );
}

fn code(xml: &str) -> &'static str {
    read_xml(xml.as_bytes()).map_or_else(|refusal| refusal.code(), |_| "read")
}

fn refused(document: impl AsRef<[u8]>) -> &'static str {
    Received::parse(document.as_ref()).map(|_| "read").unwrap_or_else(|refusal| refusal.code())
}

/// The first schema finding of the example after one change.
fn changed(name: &str, from: &str, to: &str) -> String {
    let text = example(name);
    assert!(text.contains(from), "{from}");
    let received = Received::parse(text.replacen(from, to, 1).as_bytes()).unwrap_or_else(|refusal| panic!("{refusal}"));
    received.schema().map_or_else(|findings| findings[0].code().to_owned(), |_| "valid".to_owned())
}

#[test]
fn std_01_a_body_without_end_stops_at_8_mib() {
    struct Endless(u64);
    impl std::io::Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            into.fill(b' ');
            self.0 += into.len() as u64;
            Ok(into.len())
        }
    }
    let mut body = Endless(0);
    assert_eq!(read_bounded(&mut body).unwrap().unwrap_err().code(), "STD-01");
    assert!(body.0 < 2 * BYTES_MAX as u64, "{}", body.0);
    assert_eq!(refused(vec![b' '; BYTES_MAX + 1]), "STD-08", "what is not even XML is not measured");
    let mut long = b"<a>".to_vec();
    long.resize(BYTES_MAX + 1, b' ');
    assert_eq!(refused(long), "STD-01");
}

#[test]
fn std_02_only_utf_8_is_read() {
    let text = example("request1.xml");
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(refused(&utf16), "STD-02");
    assert_eq!(refused(text.replace("UTF-8", "ISO-8859-1")), "STD-02");
    assert_eq!(refused(text.replace("\"UTF-8\"", "'utf-16'")), "STD-02");
    assert_eq!(refused([text.as_bytes(), b"\xff"].concat()), "STD-02");
    assert_eq!(refused(text.replace("ACTOR01", "ACT\0OR01")), "STD-02");
    assert_eq!(refused(format!("\u{feff}{text}")), "read");
}

#[test]
fn std_03_no_document_type_and_no_entities() {
    let with = |head: &str, value: &str| {
        let text = example("request1.xml").replace("ACTOR01", value);
        let (declaration, rest) = text.split_once('\n').unwrap();
        format!("{declaration}\n{head}{rest}")
    };
    assert_eq!(refused(with("<!DOCTYPE HI1Message [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>", "&x;")), "STD-03");
    let bomb =
        "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>";
    assert_eq!(refused(with(bomb, "&c;")), "STD-03");
    assert_eq!(refused(with("<!DOCTYPE HI1Message PUBLIC \"-//x//\" \"http://192.0.2.1/x.dtd\">", "x")), "STD-03");
    assert_eq!(refused(with("", "&nbsp;")), "STD-03");
    assert_eq!(refused(with("", "&amp;&lt;&gt;&quot;&apos;&#65;")), "read");
}

#[test]
fn std_04_well_formed_and_no_processing_instructions() {
    let text = example("request1.xml");
    assert_eq!(refused(text.replace("</HI1Message>", "")), "STD-04");
    assert_eq!(refused(text.replace("<Header>", "<Header a='1' a='2'>")), "STD-04");
    assert_eq!(refused(text.replace("<Header>", "<nowhere:Header>")), "STD-04");
    assert_eq!(refused(text.replace("ACTOR01", "&#1;")), "STD-04");
    assert_eq!(refused(format!("{text}<!-- -- -->")), "STD-04");
    assert_eq!(refused(text.replace("<Header>", "<?xml-stylesheet href='http://192.0.2.1/'?><Header>")), "STD-04");
    let inside = text.replacen("<CountryCode>XX", "<CountryCode>X<!-- comment -->X", 1);
    assert_eq!(message(inside.as_bytes()), message(text.as_bytes()), "a comment splits no value");
}

/// Namespaces in XML 1.0, sections 3 to 6. Each of these means another name to another program, or is refused by it.
#[test]
fn std_04_namespaces_are_declared_as_their_recommendation_says() {
    const XML: &str = "http://www.w3.org/XML/1998/namespace";
    const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
    let within = |attributes: &str| {
        let inside = code(&format!("<r xmlns:z='Z'><s t='>' {attributes}></s></r>"));
        assert_eq!(code(&format!("<r {attributes}/>")), inside, "{attributes}");
        inside
    };
    for twice in ["xmlns='' xmlns \t ='ht'", "xmlns='A' xmlns='A'", "xmlns:p='A' xmlns:p\n=\n'B'"] {
        assert_eq!(within(twice), "STD-04", "{twice}");
    }
    assert_eq!(within(&format!("xmlns:xml='{XML}' xmlns:xml='{XML}'")), "STD-04");
    for nothing in ["xmlns:o=''", "xmlns:p=\"\" p:a='' a=''", "xmlns:xml=''", "xmlns:xmlns = ''"] {
        assert_eq!(within(nothing), "STD-04", "{nothing}");
    }
    for reserved in ["xmlns:xml='A'", "xmlns:xmlns='A'", "xmlns:p='A' p:xmlns='B'", "p:xmlns='B'", "xml:xmlns='B'", ":xmlns='B'"] {
        assert_eq!(within(reserved), "STD-04", "{reserved}");
    }
    for space in [XML, &XML.replace('e', "&#101;"), XMLNS] {
        assert_eq!(within(&format!("xmlns:p='{space}'")), "STD-04", "{space} has its own prefix");
        assert_eq!(within(&format!("xmlns='{space}'")), "STD-04", "{space} is never the default");
    }
    assert_eq!(within(&format!("xmlns:xmlns='{XMLNS}'")), "STD-04");
    for equal in ["xmlns:p='A' xmlns:q='A' p:a='' q:a=''", "xmlns:p='A' xmlns:q='&#65;' p:a='' q:a=''", "xml:a='' xml:a=''"] {
        assert_eq!(within(equal), "STD-04", "{equal}");
    }
    for good in ["xmlns=''", "xmlns:p='A' xmlns = 'A' p:a='' a=''", &format!("xmlns:xml='{XML}'"), "a='xmlns:o=\"\" xmlns:o=\"\"'"] {
        assert_eq!(within(good), "read", "{good}");
    }
    for name in ["<:a/>", "<a></:a>", "<r :a='1'/>", "<a:b:c/>", "<xmlns:a/>"] {
        assert_eq!(code(name), "STD-04", "{name}");
    }
    assert_eq!(code("<r><!-- <:a xmlns:o=''/> --><![CDATA[<:a xmlns:o=''/>]]></r>"), "read");
    let place = read_xml(b"<r>\n  <s xmlns:o=''/></r>").unwrap_err().at;
    assert_eq!((place.line, place.column), (2, 3));
}

#[test]
fn std_04_a_reference_names_a_character() {
    for reference in ["&#xD800;", "&#55296;", "&#x110000;", "&#xFFFFFFFF;", "&#x100000041;", "&#0;"] {
        assert_eq!(code(&format!("<r>{reference}</r>")), "STD-04", "{reference}");
        assert_eq!(code(&format!("<r a='{reference}'/>")), "STD-04", "{reference}");
        assert_eq!(code(&format!("<r><!--{reference}--><![CDATA[{reference}]]></r>")), "read", "{reference}");
    }
    assert_eq!(code("<r a='&#65;&#x1F600;'>&#00065;&#x10FFFD;&amp;#xD800;</r>"), "read");
    assert_eq!(code("\u{feff}<r/>"), "read");
    assert_eq!(code("\u{feff}\u{feff}<r/>"), "STD-04", "the mark is no character of the document");
}

/// The parser reads no value of the declaration. What says one thing to us and another to somebody else is refused.
#[test]
fn std_04_the_xml_declaration_is_one_of_xml_1_0() {
    let code = |text: &str| code(&format!("<?xml{text}?><r/>"));
    for good in [" version=\"1.0\"", "  version = '1.0'\n", " version='1.0' encoding='Utf-8'\tstandalone=\"no\" "] {
        assert_eq!(code(good), "read", "{good}");
    }
    for broken in [
        " versiong=\"UFT-8\"",
        " version='1.1'",
        " version='1.0' standalone='maybe'",
        " version='1.0' standalone='yes' encoding='UTF-8'",
        " version='1.0' encoding='UTF-8' encoding='UTF-16'",
        " version='1.0'encoding='UTF-8'",
        " encoding='UTF-8'",
        " version='1.0\"",
        " version=1.0",
        "",
        " ",
    ] {
        assert_eq!(code(broken), "STD-04", "{broken}");
    }
    for other in ["UTF-8, UTF-16", "ISO-8859-1", ""] {
        assert_eq!(code(&format!(" version='1.0' encoding='{other}' standalone='yes'")), "STD-02", "{other}");
    }
    assert_ne!(code(" version='encoding=utf-8' encoding='UTF-16'"), "read", "the first such word is not the encoding");
}

#[test]
fn std_05_deep_nesting_is_refused() {
    let deep = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
    assert_eq!(read_xml(deep(700_000).as_bytes()).unwrap_err().code(), "STD-05");
    assert_eq!(read_xml(deep(49).as_bytes()).unwrap_err().code(), "STD-05");
    assert!(read_xml(deep(48).as_bytes()).is_ok());
    let json = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    assert_eq!(refused(json(800_000)), "STD-05");
    assert_eq!(refused("[".repeat(1_000_000).replacen('[', "{\"a\":[", 1)), "STD-05");
}

#[test]
fn std_06_too_many_parts_are_refused_before_they_cost() {
    assert_eq!(refused(format!("<a>{}</a>", "<b/>".repeat(60_000))), "STD-06");
    assert_eq!(refused(format!("<a>{}</a>", "<!---->".repeat(60_000))), "STD-06");
    assert_eq!(refused(format!("<a>{}</a>", "&amp;".repeat(20_001))), "STD-06");
    assert_eq!(refused(format!("<a>{}</a>", "<![CDATA[x]]>".repeat(60_000))), "STD-06");
    let long = |before: &str, octets: usize| format!("<a>{before}{}</a>", "x".repeat(octets));
    assert_eq!(refused(long("&amp;", 1 << 20)), "STD-06", "a reference in a long text");
    let several = |count: usize| format!("<a>{}</a>", format!("<b>&amp;{}</b>", "x".repeat(100_000)).repeat(count));
    assert_eq!((refused(several(11)), read_xml(several(10).as_bytes()).is_ok()), ("STD-06", true), "in long texts together");
    assert!(read_xml(long("&amp;", (1 << 20) - 8).as_bytes()).is_ok() && read_xml(long("&amp;<b/>", 2 << 20).as_bytes()).is_ok());
    assert_eq!(refused(long(&"\n".repeat(100_001), 0)), "STD-06");
    assert_eq!(refused(long(&"\r".repeat(100_001), 0)), "STD-06");
    assert_eq!(refused(format!("<a b='{}'/>", "x".repeat(256 << 10))), "STD-06");
    let attributes: String = (0..100_000).map(|number| format!(" a{number}=''")).collect();
    assert_eq!(refused(format!("<a{attributes}/>")), "STD-06");
    let spaces: String = (0..65).map(|number| format!("<a xmlns:p{number} = 'u{number}'/>")).collect();
    assert_eq!(refused(format!("<a>{spaces}</a>")), "STD-06");
    assert_eq!(refused(format!("{{\"a\":[{}1]}}", "1,".repeat(60_000))), "STD-06");
    let escapes = |count: usize| format!("{{\"@xmlns\":\"u\",\"a\":\"{}\"}}", "\\/".repeat(count));
    assert_eq!((refused(escapes(500_001)), read_json(escapes(500_000).as_bytes(), "r").is_ok()), ("STD-06", true));
}

/// XML 1.0, 2.11: whoever sends from another system sends the same text.
#[test]
fn std_04_lines_end_alike_whatever_ends_them() {
    let text = "<a b='1\n2'>\n<c>x\n\ny&#13;\n</c><![CDATA[z\n]]></a>\n";
    let read = |text: &str| {
        let root = read_xml(text.as_bytes()).unwrap();
        standards::tree::write_xml(&root, &[])
    };
    let own = read(text);
    assert!(own.contains("x\n\ny&#13;\n") || own.contains("x\n\ny&#xD;\n"), "{own}");
    assert_eq!((read(&text.replace('\n', "\r\n")), read(&text.replace('\n', "\r"))), (own.clone(), own));
}

#[test]
fn std_07_json_is_strict_and_has_each_member_once() {
    let text = example("request4.json");
    assert_eq!(refused(text.replacen("\"ActionIdentifier\": 0", "\"ActionIdentifier\": 0, \"ActionIdentifier\": 1", 1)), "STD-07");
    assert_eq!(refused(text.replacen("\"ActionIdentifier\": 0", "\"ActionIdentifier\": 00", 1)), "STD-07");
    assert_eq!(refused(text.replacen("\"ActionIdentifier\": 0", "\"ActionIdentifier\": null", 1)), "STD-07");
    assert_eq!(refused(text.replacen("ACTOR01", "\\ud800", 1)), "STD-07");
    for what in ["\\u0000", "\\u0001", "\\b", "\\f", "\\uffff", "\u{fffe}"] {
        assert_eq!(refused(text.replacen("ACTOR01", what, 1)), "STD-07", "{what} has no spelling in XML");
    }
    assert_eq!(refused(text.replacen("\"OwnerIdentifier\"", "\"Owner Identifier\"", 1)), "STD-07", "no name of an element");
    assert_eq!(refused(format!("{text}}}")), "STD-07");
    assert_eq!(refused(text.replacen("ACTOR01", "a\nb", 1)), "STD-07");
    let escaped = text.replacen("ACTOR01", "\\u0041CTOR01", 1);
    assert_eq!(message(escaped.as_bytes()), message(text.as_bytes()));
}

#[test]
fn std_07_json_declares_namespaces_as_xml_does() {
    let code = |text: &str| read_json(text.as_bytes(), "r").map_or_else(|refusal| refusal.code(), |_| "read");
    assert_eq!(code(r#"{"@xmlns":"A","@xmlns:p":"B","p:a":{"p:b":"c"}}"#), "read");
    assert_eq!(code(r#"{"@xmlns":"A","p:a":{}}"#), "STD-04", "a prefix that nobody declares");
    for declaration in [
        r#""@xmlns:p":"""#,
        r#""@xmlns:p":1"#,
        r#""@xmlnsp":"B""#,
        r#""@xmlns:":"B""#,
        r#""@xmlns:p:q":"B""#,
        r#""@xmlns:xml":"B""#,
        r#""@xmlns:xmlns":"B""#,
        r#""@xmlns:p":"http://www.w3.org/XML/1998/namespace""#,
        r#""@xmlns:p":"http://www.w3.org/2000/xmlns/""#,
        r#""a":{"@xmlns":"B"}"#,
    ] {
        assert_eq!(code(&format!(r#"{{"@xmlns":"A",{declaration}}}"#)), "STD-07", "{declaration}");
    }
    assert_eq!(code(r#"{"@xmlns":"http://www.w3.org/XML/1998/namespace"}"#), "STD-07");
    assert_eq!(code(r#"{"@xmlns":"A","@xmlns":"A"}"#), "STD-07");
    assert_eq!(code(r#"{"@xmlns":"A","a":{"@xmlns:p":"B"}}"#), "STD-04", "declared nowhere but at the message");
}

/// Our parser and serde_json agree on what is JSON, but for what TS 103 120 has not: null, lists in lists, a member twice.
#[test]
fn std_07_a_second_parser_agrees() {
    let documents = [r#"{"a":1,"b":["x",true]}"#, r#""\u00e9\n\ud83d\ude00""#, "-0.5e+3", "{}", r#"[{"a":{}} , 10]"#, "false"];
    let octets = b"{}[]:,\"\\ab019-+.eEu \ntrnl";
    let mut state = 7_u64;
    let mut below = |count: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % count
    };
    let (mut both, mut neither) = (0, 0);
    for _ in 0..100_000 {
        let mut value = documents[below(documents.len())].as_bytes().to_vec();
        for _ in 0..below(3) {
            let place = below(value.len());
            value[place] = octets[below(octets.len())];
        }
        let text = format!("{{\"@xmlns\":\"u\",\"k\":{}}}", String::from_utf8(value).unwrap());
        let other = serde_json::from_str::<serde_json::Value>(&text).is_ok();
        let ours = read_json(text.as_bytes(), "r").is_ok();
        assert!(other || !ours, "only we read {text}");
        both += usize::from(ours && other);
        neither += usize::from(!ours && !other);
    }
    assert!(10_000 < both && 10_000 < neither, "{both} {neither}");
}

#[test]
fn std_08_other_documents_are_no_order() {
    assert_eq!(refused("Dear provider, please hand over"), "STD-08");
    assert_eq!(refused("<svg xmlns='http://www.w3.org/2000/svg'/>"), "STD-08");
    assert_eq!(refused(example("request1.xml").replace("2019/10/Core", "2099/10/Core")), "STD-08");
    assert_eq!(refused("{\"@xmlns\": \"http://example.com/\"}"), "STD-08");
    assert_eq!(refused(""), "STD-08");
}

#[test]
fn std_10_what_the_schema_has_not_is_found() {
    let xml = |from: &str, to: &str| changed("request4-Preservation-Link.xml", from, to);
    assert_eq!(xml("<OwnerIdentifier>ACTOR01</OwnerIdentifier>", "<OwnerIdentifier>ACTOR01</OwnerIdentifier><Owner>x</Owner>"), "STD-10");
    assert_eq!(xml("<Header>", "<Header mustUnderstand='1'>"), "STD-10");
    assert_eq!(xml("<Header>", "<Header>text"), "STD-10");
    let swapped = xml(
        "<CountryCode>XX</CountryCode>\n                            <OwnerIdentifier>ACTOR01</OwnerIdentifier>",
        "<OwnerIdentifier>ACTOR01</OwnerIdentifier><CountryCode>XX</CountryCode>",
    );
    assert_eq!(swapped, "STD-10", "XML has an order");
    assert_eq!(changed("request4.json", "\"ActionIdentifier\": 0,", "\"ActionIdentifier\": 0, \"Note\": \"x\","), "STD-10");
    assert_eq!(
        changed(
            "request4.json",
            "[\n                    \"7dbbc880-8750-4d3c-abe7-ea4a17646045\"\n                  ]",
            "\"7dbbc880-8750-4d3c-abe7-ea4a17646045\""
        ),
        "STD-10"
    );
}

#[test]
fn std_11_what_is_required_is_there() {
    assert_eq!(changed("request1.xml", "<ActionIdentifier>0</ActionIdentifier>", ""), "STD-11");
    let choice = changed("request4-Preservation-Link.xml", "<task:IPv4Address>192.0.2.0</task:IPv4Address>", "");
    assert_eq!(choice, "STD-11");
}

#[test]
fn std_12_a_finding_has_its_place_path_and_value() {
    let text = example("request4-Preservation-Link.xml").replacen("2019-12-30T12:00:00Z", "2019-12-32T12:00:00Z", 1);
    let findings = Received::parse(text.as_bytes()).unwrap().schema().unwrap_err();
    assert_eq!(findings.len(), 1);
    let line = text.lines().nth(findings[0].at.line as usize - 1).unwrap();
    assert!(line.contains("2019-12-32"), "{line}");
    assert_eq!(findings[0].at.column as usize, line.find('<').unwrap() + 1);
    assert!(findings[0].path.ends_with("/HI1Object/RequestDetails/EndTime"), "{}", findings[0].path);
    assert_eq!((findings[0].code(), findings[0].was.as_str()), ("STD-12", "2019-12-32T12:00:00Z"));
    assert_eq!(changed("request4.json", "\"ActionIdentifier\": 0", "\"ActionIdentifier\": \"0\""), "STD-12", "a number is a number");
}

/// etsi.md section 5, each trap with what falls into it.
#[test]
fn std_12_the_traps_of_ts_103_280() {
    macro_rules! trap {
        ($type:ident: good $($good:expr),+; bad $($bad:expr),+) => {
            $(assert!($type::parse(&$good).is_some(), "{} {}", stringify!($type), $good);)+
            $(assert!($type::parse(&$bad).is_none(), "{} {}", stringify!($type), $bad);)+
        };
    }
    trap!(Uuid: good "c02358b2-76cf-4ba4-a8eb-f6436ccaea2e"; bad "C02358B2-76CF-4BA4-A8EB-F6436CCAEA2E", "c02358b276cf4ba4a8ebf6436ccaea2e", "");
    trap!(MacAddress: good "00:1a:2b:3c:4d:5e"; bad "00:1A:2B:3C:4D:5E", "00-1a-2b-3c-4d-5e", "00:1a:2b:3c:4d:5e:6f");
    trap!(Eui64: good "00:1a:2b:3c:4d:5e:6f:70"; bad "00:1a:2b:3c:4d:5e", "00:1A:2b:3c:4d:5e:6f:70");
    trap!(Ipv6Address: good "2001:0db8:0000:0000:0000:0000:0000:0001"; bad "2001:db8::1", "2001:0DB8:0000:0000:0000:0000:0000:0001", "::");
    trap!(Ipv4Address: good "192.0.2.0", "010.0.0.1"; bad "256.0.0.1", "1.2.3", "1.2.3.4.5", "0001.2.3.4", "1.2.3.+4");
    assert_eq!(Ipv4Address::parse("010.0.0.1").unwrap().octets(), [10, 0, 0, 1], "decimal, not octal");
    assert_eq!(Ipv4Address::parse("010.000.0.1").unwrap().to_string(), "10.0.0.1");
    trap!(Imei: good "12345678901234"; bad "123456789012345", "1234567890123", "1234567890123x");
    trap!(ImeiCheckDigit: good "123456789012345"; bad "12345678901234", "1234567890123456");
    trap!(ImeiSv: good "1234567890123456"; bad "123456789012345");
    trap!(InternationalE164: good "442079460223", "1"; bad "+442079460223", "", "1234567890123456", "١٢");
    trap!(QualifiedDateTime: good "2026-08-18T12:00:00Z", "2026-08-18T12:00:00+02:00", "2024-02-29T00:00:00Z";
        bad "2026-08-18T12:00:00", "2026-08-18T12:00:00.0Z", "2026-08-18", "2026-02-29T00:00:00Z", "2026-08-18T25:00:00Z", "2026-08-18T12:00:00+15:00", "2026-08-18t12:00:00z", "0000-01-01T00:00:00Z");
    trap!(QualifiedMicrosecondDateTime: good "2026-08-18T12:00:00.000000Z"; bad "2026-08-18T12:00:00Z", "2026-08-18T12:00:00.000Z", "2026-08-18T12:00:00.0000000Z");
    trap!(UtcDateTime: good "2026-08-18T12:00:00Z"; bad "2026-08-18T12:00:00+00:00");
    trap!(UtcMicrosecondDateTime: good "2026-08-18T12:00:00.000001Z"; bad "2026-08-18T12:00:00.000001+00:00", "2026-08-18T12:00:00Z");
    trap!(Ldid: good "XX-ACTOR01-1234", "NL-a-b-c"; bad "xx-a-b", "XX-a", "XX--b", "XX-a-", "XXa-b-c", "XX-a\n-b");
    trap!(Liid: good "LIID1", "0123456789abcdef0123456789"; bad "", "LI ID", "0123456789ABCDEF0123456789", "0123456789abcdef0123456789abcdef0123456789abcdef012");
    trap!(IsoCountryCode: good "NL", "XX"; bad "nl", "NLD", "N1");
    trap!(EmailAddress: good "a.b+c@politie.example"; bad "é@b.nl", "a@b@c", "a@-b.nl", "a@b-.nl", "a b@c.nl", "@b.nl", "a@");
    trap!(InternationalizedEmailAddress: good "Όνομα@example.com", "a@b@c"; bad "@b", "a@", "ab");
    trap!(ShortString: good "x".repeat(255), "é".repeat(255); bad "x".repeat(256));
    trap!(LongString: good "x".repeat(65_535); bad "x".repeat(65_536));
    trap!(LatitudeDecimal: good "N52.370216"; bad "52.370216", "N5.370216", "N52.37", "E52.370216");
    trap!(LongitudeDecimal: good "E004.895168"; bad "E04.895168", "E4.895168", "N004.895168");
    trap!(LatitudeAngular: good "N522212.10"; bad "N52.370216", "N522212.1");
    trap!(LongitudeAngular: good "E0045342.60"; bad "E045342.60");
    trap!(TcpPort: good "2", "65535"; bad "1", "0", "65536");
    trap!(EtsiVersion: good "V1.23.1"; bad "1.23.1", "V1.23", "v1.23.1");
    assert!(ServiceAccessIdentifier::parse("anything at all").is_some());
    assert_eq!(QualifiedDateTime::parse("1970-01-01T01:00:00+01:00").unwrap().unix(), 0);
    assert_eq!(QualifiedDateTime::from_unix(951_827_696).as_str(), "2000-02-29T12:34:56Z");
    assert_eq!(QualifiedMicrosecondDateTime::from_unix(-1).as_str(), "1969-12-31T23:59:59.000000Z");
}

#[test]
fn std_13_types_need_a_loaded_schema() {
    assert_eq!(changed("request8_LPTaskObject.xml", "task:LPTaskObject", "task:LXTaskObject"), "STD-13");
    assert_eq!(changed("request8_LPTaskObject.xml", "xsi:type=\"task:LPTaskObject\"", ""), "STD-13");
    let braces = "xsi:type=\"{http://uri.etsi.org/03120/common/2020/09/Task}LPTaskObject\"";
    assert_eq!(changed("request8_LPTaskObject.xml", "xsi:type=\"task:LPTaskObject\"", braces), "STD-13", "JSON's spelling is not XML's");
    let national = "<task:DesiredPreservationExpiration>2023-06-30T12:00:00Z</task:DesiredPreservationExpiration>";
    let extended =
        format!("{national}<task:NationalLPTaskingParameters><task:CountryCode>NL</task:CountryCode></task:NationalLPTaskingParameters>");
    assert_eq!(changed("request8_LPTaskObject.xml", national, &extended), "STD-13");
    assert_eq!(changed("request4.json", "Task}LDTaskObject", "Task}LDTaskObjects"), "STD-13");
}

#[test]
fn std_13_a_national_extension_is_read_under_the_profile_that_the_header_names() {
    use standards::etsi::profile::{NationalType, Profile, Profiles};
    let national = "<task:DesiredPreservationExpiration>2023-06-30T12:00:00Z</task:DesiredPreservationExpiration>";
    let with = |inside: &str| {
        let parameters = format!(
            "<task:NationalLPTaskingParameters xmlns:xx=\"http://profile.example/xx\" xsi:type=\"xx:XXHandling\">{inside}</task:NationalLPTaskingParameters>"
        );
        example("request8_LPTaskObject.xml").replace(national, &format!("{national}{parameters}"))
    };
    let good = with("<xx:Unit>7</xx:Unit><xx:Remark>only if he is of age</xx:Remark>");
    let received = Received::parse(good.as_bytes()).unwrap();
    let said = |name: &str| {
        let (from, to) = (format!("<{name}>"), format!("</{name}>"));
        let at = good.find(&from).unwrap() + from.len();
        good[at..at + good[at..].find(&to).unwrap()].to_owned()
    };
    let types = vec![NationalType {
        namespace: "http://profile.example/xx".into(),
        name: "XXHandling".into(),
        elements: vec!["Unit".into(), "Remark".into()],
    }];
    let profile = Profile { owner: said("NationalProfileOwner"), version: said("NationalProfileVersion"), types };
    let profiles = |profile: Profile| {
        let mut profiles = Profiles::default();
        profiles.add(profile);
        profiles
    };
    let loaded = profiles(profile.clone());
    let message = received.schema_under(&loaded).unwrap_or_else(|findings| panic!("{}", findings[0]));
    assert_eq!(loaded.extensions(received.root())[0].says, "Unit=7, Remark=only if he is of age");
    // Written and read again it is the same; JSON has no spelling for foreign elements.
    let again = |octets: &str| Received::parse(octets.as_bytes()).unwrap().schema_under(&loaded).unwrap();
    assert_eq!(again(&message.to_xml()), message);
    assert!(message.to_json().is_none_or(|json| again(&json) == message));
    let first = |text: &str, profiles: &Profiles| Received::parse(text.as_bytes()).unwrap().schema_under(profiles).unwrap_err()[0].code();
    assert_eq!(first(&good, &Profiles::default()), "STD-13", "no profile is loaded");
    for (what, other) in [
        ("another State's", Profile { owner: "YY".into(), ..profile.clone() }),
        ("another version", Profile { version: "v9.9.9".into(), ..profile.clone() }),
        ("without this type", Profile { types: Vec::new(), ..profile.clone() }),
    ] {
        assert_eq!(first(&good, &profiles(other)), "STD-13", "{what}");
    }
    for inside in [
        "<xx:Other>7</xx:Other>",
        "<Unit>7</Unit>",
        "<xx:Unit>7</xx:Unit><xx:Unit>8</xx:Unit>",
        "<xx:Unit><xx:Remark>7</xx:Remark></xx:Unit>",
        "<xx:Unit more=\"1\">7</xx:Unit>",
    ] {
        assert_eq!(first(&with(inside), &loaded), "STD-13", "{inside}");
    }
}
