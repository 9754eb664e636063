//! Each rule of docs/spec/signatures-in.md has a document that is refused for it.

use crate::table::{Case, Inputs, cases, check, read, verdicts};
use standards::signature::{self as signed, Coverage, Refusal, TrustedList};
use standards::tree::BYTES_MAX;
use verify::package::digest::sha256;

/// Rule, and the cases that fail by it: in the first verdict, or in the second.
const CASES: &[(&str, &[&str])] = &[
    ("SIG-01", &["bomb.pdf", "many-certificates.p7m", "five-signers.p7m"]),
    ("SIG-04", &["unsigned.xml", "unsigned.jws", "unsigned.pdf"]),
    (
        "SIG-05",
        &[
            "sha1-signature.xml",
            "sha1-digest.xml",
            "hmac.xml",
            "sha1.p7m",
            "weak-key.p7m",
            "pss-salt.p7m",
            "hs256.jws",
            "none.jws",
            "sha1-path.xml",
        ],
    ),
    ("SIG-06", &["no-certificate.xml", "no-certificate.p7m", "not-known.jws"]),
    ("SIG-07", &["tampered-info.xml", "tampered-value.p7m", "tampered-value.jws", "tampered-payload.jws", "tampered-message.jws"]),
    ("SIG-08", &["tampered-text.xml", "tampered-attribute.xml", "tampered-time.xml", "tampered-content.p7m", "tampered-text.pdf"]),
    ("SIG-09", &["other-certificate.xml", "tampered-certificate.p7m"]),
    ("SIG-11", &["part-only.xml", "wrapped.xml", "wrapped-object.xml"]),
    ("SIG-12", &["wrapped-twice.xml"]),
    ("SIG-13", &["with-comments.xml", "xpath.xml", "xml-base.xml"]),
    ("SIG-14", &["two-references.xml", "unsigned-properties.xml"]),
    ("SIG-15", &["moved-out.xml"]),
    ("SIG-20", &["no-attributes.p7m", "other-content-type.p7m"]),
    ("SIG-21", &["inside-and-beside.p7s", "nothing-beside.p7m"]),
    ("SIG-30", &["byte-range-late.pdf"]),
    ("SIG-31", &["updated.pdf", "appended.pdf", "byte-range-short.pdf"]),
    ("SIG-32", &["gap-behind.pdf", "gap-text.pdf"]),
    ("SIG-33", &["old-kind.pdf"]),
    ("SIG-34", &["script.pdf", "script-packed.pdf", "packed-otherwise.pdf"]),
    ("SIG-40", &["own-key.jws", "own-address.jws", "unprotected.jws"]),
    ("SIG-41", &["name-twice.jws"]),
    ("SIG-50", &["unknown-root.xml", "self-signed.xml"]),
    ("SIG-51", &["expired.xml"]),
    ("SIG-52", &["revoked.xml", "revoked.p7m", "revoked.jws", "revoked.pdf"]),
    ("SIG-53", &["no-revocation-list.xml", "stale-revocation-list.xml"]),
    (
        "SIG-54",
        &["server-certificate.xml", "encryption-certificate.xml", "authority-certificate.xml", "authority-signer.xml", "server.pdf"],
    ),
    ("SIG-55", &["signed-later.xml", "signed-before-certificate.xml", "signed-later.jws"]),
    ("SIG-56", &["withdrawn-service.xml"]),
];

fn case(name: &str) -> Case {
    cases().into_iter().find(|case| case.name == name).unwrap_or_else(|| panic!("no case {name}"))
}

/// The case's document with other octets.
fn with(case: &Case, octets: Vec<u8>) -> Case {
    Case { octets, ..case.clone() }
}

fn code(case: &Case, inputs: &Inputs) -> &'static str {
    check(case, inputs).map_or_else(|refusal| refusal.code(), |_| "valid")
}

fn xml(text: &str) -> Case {
    with(&case("exclusive.xml"), text.as_bytes().to_vec())
}

#[test]
fn each_rule_refuses_its_cases() {
    let inputs = Inputs::read();
    for (rule, names) in CASES {
        for name in *names {
            let (valid, trust) = verdicts(&case(name), &inputs);
            assert!(valid.contains(rule) || trust.contains(rule), "{name}: {valid} | {trust}, expected {rule}");
        }
    }
}

#[test]
fn sig_01_what_is_too_large_is_refused_before_it_is_read() {
    let inputs = Inputs::read();
    let nested = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
    let attributes = |n: usize| format!("<a {}/>", (0..n).map(|i| format!("a{i}='' ")).collect::<String>());
    let scopes = |n: usize| format!("<r>{}</r>", (0..n).map(|i| format!("<a xmlns:n{i}='u'/>")).collect::<String>());
    let in_scope = |n: usize| {
        let level = |from: usize| format!("<a {}>", (from..from + 50).map(|i| format!("xmlns:n{i}='u{i}' ")).collect::<String>());
        let levels: Vec<String> = (0..n).map(|i| level(50 * i)).collect();
        // Named in it: else no tree is built whose scopes could be counted.
        format!("{}<Signature/>{}", levels.concat(), "</a>".repeat(n))
    };
    let many = "<a/>".repeat(100_001);
    for (text, what, is_refused) in [
        (nested(64), "depth", false),
        (nested(65), "depth", true),
        (attributes(64), "attributes", false),
        (attributes(65), "attributes", true),
        (scopes(4096), "declarations", false),
        (scopes(4097), "declarations", true),
        (in_scope(2), "namespaces in scope", false),
        (in_scope(3), "namespaces in scope", true),
        (format!("<r a='{}'/>", "x".repeat(250_000)), "tag", false),
        (format!("<r a='{}'/>", "x".repeat(270_000)), "tag", true),
        (format!("<r>{many}</r>"), "elements", true),
        (format!("<r>{}</r>", "<!---->".repeat(50_001)), "comments", true),
        (format!("<r>{}</r>", "&amp;".repeat(20_000)), "references", false),
        (format!("<r>{}</r>", "&amp;".repeat(20_001)), "references", true),
        (format!("<r>{}</r>", " ".repeat(BYTES_MAX - 7)), "octets", false),
        (format!("<r>{}</r>", " ".repeat(BYTES_MAX - 6)), "octets", true),
    ] {
        let expected = if is_refused { "SIG-01" } else { "SIG-04" };
        assert_eq!(code(&xml(&text), &inputs), expected, "{what}");
    }
    let signature = "<ds:Signature xmlns:ds='http://www.w3.org/2000/09/xmldsig#'/>";
    assert_eq!(code(&xml(&format!("<r>{}</r>", signature.repeat(5))), &inputs), "SIG-01");
    assert_ne!(code(&xml(&format!("<r>{}</r>", signature.repeat(4))), &inputs), "SIG-01");
    let base = String::from_utf8(case("exclusive.xml").octets).unwrap();
    let one = base.split_inclusive("</ds:X509Certificate>").next().unwrap().rsplit_once("<ds:X509Certificate>").unwrap().1;
    let certificates = format!("<ds:X509Certificate>{one}").repeat(8);
    assert_eq!(code(&xml(&base.replacen("<ds:X509Data>", &format!("<ds:X509Data>{certificates}"), 1)), &inputs), "SIG-01");

    let cms = case("cades.p7m");
    assert_eq!(code(&with(&cms, vec![0x30; signed::DOCUMENT_MAX + signed::cms::SIGNATURE_MAX + 1]), &inputs), "SIG-01");
    assert_eq!(code(&with(&cms, [0x30, 0x80].repeat(500)), &inputs), "SIG-01");
    let detached = with(&case("cades.p7s"), vec![0x30; signed::cms::SIGNATURE_MAX + 1]);
    assert_eq!(code(&detached, &inputs), "SIG-01");

    let pdf = case("pades.pdf");
    assert_eq!(code(&with(&pdf, vec![b'%'; signed::DOCUMENT_MAX + 1]), &inputs), "SIG-01");
    let jws = case("rs256.jws");
    let long = |len| "x".repeat(len).into_bytes();
    assert_eq!(code(&with(&jws, long(BYTES_MAX)), &inputs), "SIG-02");
    assert_eq!(code(&with(&jws, long(BYTES_MAX + 1)), &inputs), "SIG-01");
    assert_eq!(code(&with(&jws, [b"{\"a\":".to_vec(), b"[".repeat(200)].concat()), &inputs), "SIG-01");
    // "a\/b" is "a/b": read octet by octet, so their number is bounded.
    let escapes = |count| format!("{{\"payload\":\"{}\"}}", "\\/".repeat(count)).into_bytes();
    assert_eq!(code(&with(&jws, escapes(500_001)), &inputs), "SIG-01");
    assert_ne!(code(&with(&jws, escapes(500_000)), &inputs), "SIG-01");
    let five = format!("{{\"payload\":\"\",\"signatures\":[{}]}}", ["{}"; 5].join(","));
    assert_eq!(code(&with(&jws, five.into_bytes()), &inputs), "SIG-01");
    assert_eq!(code(&with(&jws, format!("{}..", "A".repeat(300_000)).into_bytes()), &inputs), "SIG-01");
}

#[test]
fn sig_02_what_is_not_the_format_is_refused() {
    let inputs = Inputs::read();
    for (name, octets) in [
        ("exclusive.xml", &b"<Signature>"[..]),
        ("exclusive.xml", b"<Signature b='1' b='2'/>"),
        ("exclusive.xml", b"<x:Signature/>"),
        ("exclusive.xml", b"<Signature>&#0;</Signature>"),
        ("exclusive.xml", b"Signature"),
        ("exclusive.xml", b"<!-- <a/>"),
        ("cades.p7m", b""),
        ("cades.p7m", b"-----BEGIN CMS-----"),
        ("cades.p7m", &[0x30, 0x00]),
        ("cades.p7m", &[0x30, 0x02, 0x05, 0x00, 0x00]),
        ("rs256.jws", b""),
        ("rs256.jws", b"a.b"),
        ("rs256.jws", b"a.b.c.d"),
        ("rs256.jws", b"{"),
        ("pades.pdf", b"\n%PDF-1.7"),
    ] {
        assert_eq!(code(&with(&case(name), octets.to_vec()), &inputs), "SIG-02", "{name} {}", String::from_utf8_lossy(octets));
    }
}

/// What STD-04 refuses is refused before a signature on it is judged: a canonical form of it would mean something else.
#[test]
fn sig_02_namespaces_and_references_are_those_of_xml() {
    let inputs = Inputs::read();
    let base = String::from_utf8(case("exclusive.xml").octets).unwrap();
    let within = |attributes: &str, text: &str| {
        assert!(base.contains("<empty/>"));
        xml(&base.replacen("<empty/>", &format!("<empty {attributes}>{text}</empty>"), 1))
    };
    for attributes in [
        "xmlns='' xmlns    ='ht'",
        "xmlns:o=''",
        "xmlns:p='A' xmlns:p = 'A'",
        "xmlns:xml='A'",
        "xmlns:xmlns='A'",
        "xmlns:p='http://www.w3.org/XML/1998/namespace'",
        "xmlns:p='http://www.w3.org/2000/xmlns/'",
        "xmlns:p='A' p:xmlns='B'",
        "xmlns:p='A' xmlns:q='A' p:a='' q:a=''",
        ":a=''",
        "a='&#xD800;'",
    ] {
        assert_eq!(code(&within(attributes, ""), &inputs), "SIG-02", "{attributes}");
    }
    assert_eq!(code(&within("", "&#x110000;"), &inputs), "SIG-02");
    assert_eq!(code(&within("", "<:a/>"), &inputs), "SIG-02");
    assert_eq!(code(&within("xmlns:p='A' xmlns='' p:a='&#65;'", ""), &inputs), "SIG-08", "another document, and well-formed");
    let second_mark = format!("\u{feff}\u{feff}{}", base.split_once("?>").unwrap().1.trim_start());
    assert_eq!(code(&xml(&second_mark), &inputs), "SIG-02");
}

/// What stands before the root element is not signed: a style sheet there would show a signed order as another.
#[test]
fn sig_03_nothing_poses_as_the_xml_declaration() {
    let inputs = Inputs::read();
    let base = String::from_utf8(case("exclusive.xml").octets).unwrap();
    let (_, behind) = base.split_once("?>").unwrap();
    for (begin, expected) in [
        ("<?xml version='1.0' standalone='no'?>", "valid"),
        ("<!-- a comment -->", "valid"),
        ("<?xml-stylesheet href='https://example.org/other.xsl' version='1.0'?>", "SIG-03"),
        ("<?xmlx \"1.0\"?>", "SIG-03"),
        ("<?xml version='1.0' encoding='ISO-8859-1' standalone='utf-8'?>", "SIG-03"),
        ("<?xml version='1.1' standalone='1.0'?>", "SIG-03"),
        ("<?xml version='1.0' standalone='1.0'?>", "SIG-02"),
        ("<?xml versiong='1.0'?>", "SIG-02"),
        ("<?xml version='1.0'", "SIG-02"),
    ] {
        assert_eq!(code(&xml(&format!("{begin}{behind}")), &inputs), expected, "{begin}");
    }
}

#[test]
fn sig_03_document_types_instructions_and_other_encodings_are_refused() {
    let inputs = Inputs::read();
    let base = String::from_utf8(case("exclusive.xml").octets).unwrap();
    let begin = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    let after = |text: &str| base.replacen(begin, &format!("{begin}{text}"), 1);
    let bomb = "<!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    for (text, what) in [
        (after("<!DOCTYPE o:Order>"), "document type"),
        (after("<!DOCTYPE a SYSTEM \"file:///etc/passwd\">"), "external entity"),
        (after(bomb), "entity bomb"),
        (after("<?xml-stylesheet href=\"https://example.org/other.xsl\"?>"), "style sheet"),
        (base.replacen("<empty/>", "<empty/><?x?>", 1), "instruction inside"),
        (base.replacen("UTF-8", "UTF-16", 1), "other encoding declared"),
        (base.replacen("UTF-8", "ISO-8859-1", 1), "other encoding declared"),
        (base.replacen("version=\"1.0\"", "version=\"1.1\"", 1), "XML 1.1"),
    ] {
        assert_eq!(code(&xml(&text), &inputs), "SIG-03", "{what}");
    }
    let utf16: Vec<u8> = base.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16 = [vec![0xFF, 0xFE], utf16].concat();
    assert_eq!(code(&with(&case("exclusive.xml"), utf16), &inputs), "SIG-03");
    let latin: Vec<u8> = base.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    assert_eq!(code(&with(&case("exclusive.xml"), latin), &inputs), "SIG-03");
    assert_eq!(code(&with(&case("rs256.jws"), vec![0xFF, 0xFE, b'{', 0]), &inputs), "SIG-03");
}

#[test]
fn sig_10_another_shape_of_the_signature_is_refused() {
    let inputs = Inputs::read();
    let base = String::from_utf8(case("xades.xml").octets).unwrap();
    let changed = |old: &str, new: &str| {
        assert!(base.contains(old), "{old}");
        xml(&base.replacen(old, new, 1))
    };
    for (old, new) in [
        ("<ds:SignatureValue>", "text<ds:SignatureValue>"),
        ("<ds:SignatureValue>", "<ds:SignatureValue><b/>"),
        ("<ds:SignatureValue>", "<ds:SignatureValue>*"),
        ("<ds:SignedInfo>", "<ds:SignedInfo/><ds:SignedInfo>"),
        ("<ds:KeyInfo>", "<ds:Unknown/><ds:KeyInfo>"),
        ("</ds:Reference>", "<ds:More/></ds:Reference>"),
        ("<xades:SigningTime>2", "<xades:SigningTime>x2"),
        ("</xades:QualifyingProperties>", "<xades:SignedProperties/></xades:QualifyingProperties>"),
    ] {
        assert_eq!(code(&changed(old, new), &inputs), "SIG-10", "{new}");
    }
    let jws = case("message.jws");
    let text = String::from_utf8(jws.octets.clone()).unwrap();
    for (old, new) in [("\"Signature\"", "\"Signatures\":[],\"Signature\""), ("\"protected\"", "\"other\"")] {
        let code = code(&with(&jws, text.replacen(old, new, 1).into_bytes()), &inputs);
        assert!(code == "SIG-10" || code == "SIG-40", "{new}: {code}");
    }
}

/// What was checked is what is read: the octets that come back hold nothing that the signature does not cover.
#[test]
fn sig_16_the_signed_octets_come_back() {
    let inputs = Inputs::read();
    let octets = |name: &str| String::from_utf8(check(&case(name), &inputs).unwrap()[0].octets().to_vec()).unwrap();
    let text = octets("comment-splits.xml");
    assert!(text.contains("W000001") && !text.contains("<!--") && !text.contains("Signature") && !text.contains("CDATA"));
    assert!(text.starts_with("<o:Order ") && text.ends_with("</o:Order>"));
    assert_eq!(text, octets("exclusive.xml"));
    assert!(octets("by-identifier.xml").contains("Id=\"order\""));
    assert_eq!(check(&case("cades.p7m"), &inputs).unwrap()[0].octets(), inputs.letter);
    assert!(octets("message.jws").starts_with("{\"Header\":") && !octets("message.jws").contains("Signature"));
    let pdf = case("pades.pdf");
    assert_eq!(check(&pdf, &inputs).unwrap()[0].octets(), pdf.octets);
}

#[test]
fn sig_35_an_earlier_signature_says_what_it_covers() {
    let inputs = Inputs::read();
    let file = case("two-signers.pdf");
    let valid = check(&file, &inputs).unwrap();
    assert_eq!(valid[0].coverage(), Coverage::Whole);
    let Coverage::Earlier { signed, of } = valid[1].coverage() else { panic!("the first signature covers the second") };
    assert_eq!((of, valid[1].octets()), (file.octets.len(), &file.octets[..signed]));
    assert!(signed < of);
}

#[test]
fn sig_53_an_unreadable_revocation_list_is_refused() {
    let mut store = signed::Store::default();
    assert_eq!(store.add_revocation_list(b"not a list").unwrap_err().code(), "SIG-53");
    assert_eq!(store.add_revocation_list(&read("issuing.crl")), Ok(()));
}

#[test]
fn sig_57_a_trusted_list_counts_only_from_its_operator_and_in_date() {
    let inputs = Inputs::read();
    let (list, operator) = (read("list.tsl"), sha256(&[&read("operator.crt")]));
    let parsed = TrustedList::parse(&list, &[operator], inputs.received).unwrap();
    assert_eq!((parsed.territory(), parsed.sequence(), parsed.anchors().len()), ("XX", 7, 4));
    let refused = |list: &[u8], operators: &[[u8; 32]], now: u64| TrustedList::parse(list, operators, now).unwrap_err().code();
    assert_eq!(refused(&list, &[], inputs.received), "SIG-57");
    assert_eq!(refused(&list, &[sha256(&[&read("known.crt")])], inputs.received), "SIG-57");
    // 2035-07-01: over. 2026-01-15: before it was issued. The operator's certificate is valid on both days.
    assert_eq!(refused(&list, &[operator], 2_066_860_800), "SIG-57");
    assert_eq!(refused(&list, &[operator], 1_768_435_200), "SIG-57");
    let expired = sha256(&[&read("expired.crt")]);
    assert_eq!(refused(&read("expired-operator.tsl"), &[expired], inputs.received), "SIG-57");
    assert_eq!(refused(&read("version-4.tsl"), &[operator], inputs.received), "SIG-57");
    assert_eq!(refused(&read("two-operators.tsl"), &[operator], inputs.received), "SIG-57");
    let text = String::from_utf8(list).unwrap();
    assert_eq!(refused(text.replace("withdrawn", "granted").as_bytes(), &[operator], inputs.received), "SIG-08");
    // Another document of the operator is not a list.
    let order = case("exclusive.xml");
    let signer = sha256(&[check(&order, &inputs).unwrap()[0].certificate().der()]);
    assert_eq!(refused(&order.octets, &[signer], inputs.received), "SIG-57");
}

/// ETSI's signed example is valid; its certificate is its own issuer and expired in 2024 (etsi.md section 4).
#[test]
fn etsi_example_is_valid_and_its_signer_is_not_trusted() {
    let example = include_bytes!("../../../../testdata/signatures/etsi/request6_signed.xml");
    let valid = signed::xml::check(example).unwrap();
    assert!(!valid[0].is_certificate_signed());
    let inputs = Inputs::read();
    let reasons = signed::judge_trust(&valid[0], &inputs.store, inputs.received).unwrap_err();
    assert_eq!(reasons.iter().map(Refusal::code).collect::<Vec<_>>(), ["SIG-51", "SIG-54", "SIG-50"]);
    // Even pinned it is over.
    let store = signed::Store::new(Vec::new(), vec![valid[0].certificate().sha256()]);
    assert_eq!(signed::judge_trust(&valid[0], &store, inputs.received).unwrap_err()[0].code(), "SIG-51");
    let standing = signed::judge_trust(&valid[0], &store, 1_700_000_000).unwrap().standing().clone();
    assert_eq!(standing, signed::Standing::Pinned);

    let text = std::str::from_utf8(example).unwrap();
    for (old, new, code) in [
        ("W000001", "W000002", "SIG-08"),
        ("LIID1", "LIID2", "SIG-08"),
        ("Όνομα", "Ονομα", "SIG-08"),
        ("BKNi7EVM", "BKNi7EVN", "SIG-08"),
        ("IXfVbsG3", "IXfVbsG4", "SIG-07"),
        ("<ds:Reference URI=\"\">", "<ds:Reference URI=\"#x\">", "SIG-11"),
        ("#rsa-sha256", "#rsa-sha1", "SIG-05"),
        ("MIIC/zCC", "MIIC/zCD", "SIG-06"),
    ] {
        assert!(text.contains(old));
        assert_eq!(signed::xml::check(text.replacen(old, new, 1).as_bytes()).unwrap_err().code(), code, "{new}");
    }
    let json = include_bytes!("../../../../testdata/signatures/etsi/request1_signed.json");
    assert_eq!(signed::jws::check(json, &[]).unwrap_err().code(), "SIG-05");
}
