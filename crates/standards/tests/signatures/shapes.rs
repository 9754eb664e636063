//! Documents that differ from a good one by the one thing that a rule is about. Each dies of that rule, although a later one would
//! also refuse it: the code tells which check it was.

use crate::table::{Case, Inputs, cases, check};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use standards::signature::xml::{Canonical, Limits, Method, Parsed};

fn case(name: &str) -> Case {
    cases().into_iter().find(|case| case.name == name).unwrap()
}

fn code(name: &str, octets: Vec<u8>) -> &'static str {
    check(&Case { octets, ..case(name) }, &Inputs::read()).map_or_else(|refusal| refusal.code(), |_| "valid")
}

/// The code of an XML case with the first `old` replaced.
fn changed(name: &str, old: &str, new: &str) -> &'static str {
    let text = String::from_utf8(case(name).octets).unwrap();
    assert!(text.contains(old), "{name}: {old}");
    code(name, text.replacen(old, new, 1).into_bytes())
}

#[test]
fn sig_11_signed_properties_are_named_by_their_own_identifier() {
    assert_eq!(changed("xades.xml", "URI=\"#properties-1\"", "URI=\"#order\""), "SIG-11");
    assert_eq!(changed("by-identifier.xml", "URI=\"#order\"", "URI=\"#part\""), "SIG-11");
    assert_eq!(changed("by-identifier.xml", "URI=\"#order\"", "URI=\"https://example.org/order\""), "SIG-11");
    assert_eq!(changed("by-identifier.xml", "URI=\"#order\"", "URI=\"#xpointer(/)\""), "SIG-11");
    assert_eq!(changed("by-identifier.xml", "URI=\"#order\"", ""), "SIG-11");
}

#[test]
fn sig_13_transforms_are_the_listed_ones_in_their_order() {
    let enveloped = "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>";
    let exclusive = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>";
    assert_eq!(changed("exclusive.xml", enveloped, ""), "SIG-13");
    assert_eq!(changed("exclusive.xml", &[enveloped, exclusive].concat(), &[exclusive, enveloped].concat()), "SIG-13");
    assert_eq!(changed("exclusive.xml", exclusive, &exclusive.repeat(2)), "SIG-13");
    for other in ["http://www.w3.org/TR/1999/REC-xslt-19991116", "http://www.w3.org/2000/09/xmldsig#base64", ""] {
        assert_eq!(changed("exclusive.xml", exclusive, &format!("<ds:Transform Algorithm=\"{other}\"/>")), "SIG-13", "{other}");
    }
    let properties = format!("Type=\"http://uri.etsi.org/01903#SignedProperties\"><ds:Transforms>{exclusive}");
    let widened = properties.replace(exclusive, &[enveloped, exclusive].concat());
    assert_eq!(changed("xades.xml", &properties, &widened), "SIG-13");
    // The one XPath, but its prefix means something else.
    let (open, close) = ("<ds:XPath>", "</ds:XPath>");
    let text = String::from_utf8(case("without-signatures.xml").octets).unwrap();
    let open_other = "<d:XPath xmlns:d=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:ds=\"urn:x\">";
    let other = text.replacen(open, open_other, 1).replacen(close, "</d:XPath>", 1);
    assert_eq!(code("exclusive.xml", other.into_bytes()), "SIG-13");
}

#[test]
fn sig_01_a_canonical_form_that_grows_is_refused() {
    // `>` becomes `&gt;`: 12 and 20 MiB of canonical form, of which an order may have 16.
    assert_eq!(changed("exclusive.xml", "W000001", &">".repeat(3 * 1024 * 1024)), "SIG-08");
    assert_eq!(changed("exclusive.xml", "W000001", &">".repeat(5 * 1024 * 1024)), "SIG-01");
}

/// The tree counts no more than 65,535 octets of a name; two names that begin alike would be one in the canonical form.
#[test]
fn sig_08_a_name_of_any_length_is_written_whole() {
    let long = "b".repeat(65_540);
    let texts = [format!("<r {long}x=\"1\" {long}y=\"2\"></r>"), format!("<r xmlns:{long}=\"u\" {long}:z=\"3\"></r>")];
    for text in texts {
        let spaced = text.replace("=\"", "\n = \"");
        let parsed = Parsed::parse(spaced.as_bytes(), Limits::ORDER).unwrap();
        for method in [Method::Inclusive10, Method::Exclusive(Vec::new())] {
            let written = Canonical::of(&parsed, parsed.tree.root_element(), &method, &[]).unwrap();
            assert!(written == text.as_bytes(), "{method:?}: {} octets instead of {}", written.len(), text.len());
        }
    }
}

/// Swaps the last occurrence of some octets.
fn last_replaced(name: &str, old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut octets = case(name).octets;
    let at = octets.windows(old.len()).rposition(|window| window == old).unwrap();
    octets.splice(at..at + old.len(), new.iter().copied());
    octets
}

#[test]
fn sig_20_signed_attributes_are_those_of_the_content_and_in_der() {
    let data = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01";
    assert_eq!(code("cades.p7m", last_replaced("cades.p7m", data, b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02")), "SIG-20");
    // The first two attributes, the other way round.
    let octets = case("cades.p7m").octets;
    let content_type = [b"\x30\x18\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x09\x03".as_slice(), b"\x31\x0B", data].concat();
    let at = octets.windows(content_type.len()).position(|window| window == content_type).unwrap();
    let (first, rest) = octets[at..].split_at(content_type.len());
    let (second, behind) = rest.split_at(usize::from(rest[1]) + 2);
    assert_eq!(code("cades.p7m", [&octets[..at], second, first, behind].concat()), "SIG-20");
    // Signing time twice, in place of the content type's name.
    let twice = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x09\x04";
    let digest_name = last_replaced("cades.p7m", twice, b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x09\x05");
    assert_eq!(code("cades.p7m", digest_name), "SIG-20");
}

#[test]
fn sig_05_digest_and_signature_algorithm_fit() {
    let sha256 = b"\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x02";
    assert_eq!(code("ecdsa.p7m", last_replaced("ecdsa.p7m", sha256, b"\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x03")), "SIG-05");
}

/// A small file; `{r}` is where its byte range stands.
fn pdf(template: &str, digits: &str, range: impl Fn(usize, usize, usize) -> String) -> Vec<u8> {
    let with = |numbers: &str| template.replace("{c}", &format!("<{digits}>")).replace("{r}", &format!("/ByteRange [{numbers:<40}]"));
    let empty = with("");
    let first = empty.find(&format!("<{digits}>")).unwrap();
    with(&range(first, first + digits.len() + 2, empty.len())).into_bytes()
}

#[test]
fn sig_30_to_34_what_a_byte_range_leaves_out() {
    let whole = |first: usize, second: usize, len: usize| format!("0 {first} {second} {}", len - second);
    let good = "%PDF-1.7\n1 0 obj<</Contents {c}/SubFilter/ETSI.CAdES.detached {r}>>endobj\n%%EOF\n";
    // Everything about the file is right; the signature is not one.
    assert_eq!(code("pades.pdf", pdf(good, "3000", whole)), "SIG-02");
    let refused = |template: &str, expected: &str| assert_eq!(code("pades.pdf", pdf(template, "3000", whole)), expected, "{template}");
    refused("%PDF-1.7\n1 0 obj<</Contents {c}>>endobj\n2 0 obj<</SubFilter/ETSI.CAdES.detached {r}>>endobj\n%%EOF\n", "SIG-30");
    refused("%PDF-1.7\n1 0 obj<</SubFilter/ETSI.CAdES.detached {r}>>endobj\n2 0 obj<</Contents {c}>>endobj\n%%EOF\n", "SIG-30");
    refused("%PDF-1.7\n1 0 obj<</SubFilter/ETSI.CAdES.detached {r}/Other {c}>>endobj\n%%EOF\n", "SIG-32");
    refused("%PDF-1.7\n1 0 obj<</SubFilter/ETSI.RFC3161 {r}/Contents {c}>>endobj\n%%EOF\n", "SIG-33");
    refused("%PDF-1.7\n1 0 obj<</SubFilter/ETSI.CAdES.detached {r}/Contents {c}>>endobj\n", "SIG-30");
    refused("%PDF-1.7\n1 0 obj<</SubFilter/ETSI.CAdES.detached {r}/Contents {c}>>\n%%EOF\n", "SIG-30");
    for active in
        ["/JavaScript ", "/J#61vaScript ", "/JS(x)", "/Encrypt 3 0 R", "<<>>\nstream\n/JavaScript \nendstream", "<</X[/OCProperties]>>"]
    {
        refused(&good.replace("endobj", &format!("endobj {active}")), "SIG-34");
    }
    refused(&good.replace("{r}", "{r}{r}{r}{r}{r}"), "SIG-01");
    refused(&good.replace("{r}", "{r}{r}{r}{r}"), "SIG-02");
    // A longer name, a word in a text, and packed octets that only look like a short name are none of these.
    for harmless in ["/JSON ", "(a stream of /x)", "<<>>\nstream\n/JS x\nendstream"] {
        refused(&good.replace("endobj", &format!("endobj {harmless}")), "SIG-02");
    }
    let range = |expected: &str, digits: &str, numbers: &dyn Fn(usize, usize, usize) -> String| {
        assert_eq!(code("pades.pdf", pdf(good, digits, numbers)), expected, "{}", numbers(1, 2, 3));
    };
    range("SIG-32", "30 0", &whole);
    range("SIG-32", "300", &whole);
    range("SIG-32", "300041", &whole);
    range("SIG-02", "30000000", &whole);
    range("SIG-32", "3000", &|first, second, len| format!("0 {} {second} {}", first - 1, len - second));
    range("SIG-32", "3000", &|first, second, len| format!("0 {first} {} {}", second + 1, len - second - 1));
    range("SIG-30", "3000", &|first, second, len| format!("0 {first} {second} {}", len - second + 1));
    range("SIG-31", "3000", &|first, second, len| format!("0 {first} {second} {}", len - second - 1));
    range("SIG-30", "3000", &|first, second, len| format!("0 {second} {first} {}", len - first));
    range("SIG-30", "3000", &|first, second, len| format!("0 {first} {second} {} 0 0", len - second));
    range("SIG-30", "3000", &|first, second, _| format!("0 {first} {second} {}", usize::MAX));
}

/// SIG-21: a CMS with its own content in the place of a PDF signature.
#[test]
fn sig_21_a_pdf_signature_has_no_content_of_its_own() {
    let digits: String = case("cades.p7m").octets.iter().map(|b| format!("{b:02x}")).collect();
    let whole = |first: usize, second: usize, len: usize| format!("0 {first} {second} {}", len - second);
    let template = "%PDF-1.7\n1 0 obj<</Contents {c}/SubFilter/ETSI.CAdES.detached {r}>>endobj\n%%EOF\n";
    assert_eq!(code("pades.pdf", pdf(template, &digits, whole)), "SIG-21");
}

#[test]
fn sig_40_headers_and_members_are_the_listed_ones() {
    let jws = |header: &str| format!("{}..AA", URL_SAFE_NO_PAD.encode(header)).into_bytes();
    for (header, expected) in [
        (r#"{"alg":"RS256","crit":["b64"],"b64":false}"#, "SIG-40"),
        (r#"{"alg":"RS256","crit":["b64"]}"#, "SIG-40"),
        (r#"{"alg":"RS256","crit":[]}"#, "SIG-40"),
        (r#"{"alg":"RS256","crit":["sigT"],"sigT":"2026-11-22T00:00:00Z"}"#, "SIG-06"),
        (r#"{"alg":"RS256","sigT":"2026-11-22T00:00:00"}"#, "SIG-40"),
        (r#"{"alg":"RS256","x5u":"https://example.org"}"#, "SIG-40"),
        (r#"{"alg":"RS256","zip":"DEF"}"#, "SIG-40"),
        (r#"{"alg":"RS256","x5c":["*"]}"#, "SIG-40"),
        (r#"{"alg":"RS256","x5c":["AA=="]}"#, "SIG-06"),
        (r#"{"alg":"RS256","x5c":["","","","","","","","",""]}"#, "SIG-01"),
        (r#"{"alg":["RS256"]}"#, "SIG-05"),
        (r#"{"alg":"HS512"}"#, "SIG-05"),
        (r#"{"typ":"JOSE"}"#, "SIG-05"),
        ("[]", "SIG-02"),
    ] {
        assert_eq!(code("rs256.jws", jws(header)), expected, "{header}");
    }
    let certificate = base64::engine::general_purpose::STANDARD.encode(crate::table::read("known.crt"));
    let header = format!(r#"{{"alg":"ES256","x5c":["{certificate}"],"x5t#S256":"AAAA"}}"#);
    assert_eq!(code("rs256.jws", jws(&header)), "SIG-09");
    let general = r#"{"payload":"","signatures":[{}],"protected":"x"}"#;
    assert_eq!(code("rs256.jws", general.into()), "SIG-10");
    let text = String::from_utf8(case("message.jws").octets).unwrap();
    assert_eq!(code("message.jws", text.replacen("\"Signature\"", "\"Signatures\": [], \"Signature\"", 1).into_bytes()), "SIG-10");
}

/// RFC 7518 section 3.4: both numbers have the length of the curve; longer spellings of the same value are refused.
#[test]
fn sig_07_an_ecdsa_value_has_one_spelling() {
    let text = String::from_utf8(case("es256.jws").octets).unwrap();
    let (signed, value) = text.rsplit_once('.').unwrap();
    let value = URL_SAFE_NO_PAD.decode(value).unwrap();
    let padded = [&[0], &value[..32], &[0], &value[32..]].concat();
    assert_eq!(code("es256.jws", format!("{signed}.{}", URL_SAFE_NO_PAD.encode(padded)).into_bytes()), "SIG-07");
    assert_eq!(code("es256.jws", format!("{signed}.").into_bytes()), "SIG-07");
}
