//! A document as it comes in: its verdicts in the form of the gates, and the registry of authorities as the judge of competence.

use crate::table::{Inputs, cases, read};
use law::received::{DataClass, Finding, SignatureLevel};
use law::registry::{Edition, Editions, Registry};
use standards::signature::{Anchor, Asked, Certificate, Intake, Store, TrustedList};
use verify::package::digest::sha256;

fn judged(name: &str, inputs: &Inputs) -> Intake<'static> {
    // An intake looks at the document that it judges; a test may keep it for ever.
    let case = Box::leak(Box::new(cases().into_iter().find(|case| case.name == name).unwrap()));
    Intake::judge(&case.octets, &inputs.store, &inputs.known, inputs.received)
}

fn code(finding: &Finding) -> &str {
    match finding {
        Finding::Yes => "yes",
        Finding::No { code, .. } => code,
        Finding::Unknown { .. } => "unknown",
    }
}

/// The three verdicts of each document stand apart; none is yes because another is.
#[test]
fn sig_16_an_intake_says_what_the_gates_ask() {
    let inputs = Inputs::read();
    for (name, technique, valid, trusted, level) in [
        ("xades.xml", "XAdES", "yes", "yes", SignatureLevel::AdvancedWithQualifiedCertificate),
        ("device.xml", "XML-DSig", "yes", "yes", SignatureLevel::Qualified),
        ("exclusive.xml", "XML-DSig", "yes", "yes", SignatureLevel::AdvancedWithQualifiedCertificate),
        ("not-qualified.xml", "XML-DSig", "yes", "yes", SignatureLevel::Advanced),
        ("cades.p7m", "CAdES", "yes", "yes", SignatureLevel::AdvancedWithQualifiedCertificate),
        ("ber.p7m", "CAdES", "yes", "yes", SignatureLevel::AdvancedWithQualifiedCertificate),
        ("pades.pdf", "PAdES", "yes", "yes", SignatureLevel::AdvancedWithQualifiedCertificate),
        ("rs256.jws", "JWS", "yes", "yes", SignatureLevel::AdvancedWithQualifiedCertificate),
        ("message.jws", "JWS", "yes", "yes", SignatureLevel::AdvancedWithQualifiedCertificate),
        ("revoked.pdf", "PAdES", "yes", "SIG-52", SignatureLevel::Simple),
        ("expired.xml", "XML-DSig", "yes", "SIG-51", SignatureLevel::Simple),
        ("tampered-text.xml", "XML-DSig", "SIG-08", "unknown", SignatureLevel::None),
        ("updated.pdf", "PDF", "SIG-31", "unknown", SignatureLevel::None),
        ("hs256.jws", "JWS", "SIG-05", "unknown", SignatureLevel::None),
    ] {
        let intake = judged(name, &inputs);
        let verdict = &intake.verdicts()[0];
        let found = (verdict.technique.as_str(), code(&verdict.valid), code(&verdict.trusted), verdict.level);
        assert_eq!(found, (technique, valid, trusted, level), "{name}");
        assert_eq!(code(&verdict.competent), "unknown", "{name}: nobody was asked");
    }
    assert!(judged("unsigned.xml", &inputs).verdicts().is_empty());
    let two = judged("two-signers.pdf", &inputs);
    assert_eq!((code(&two.verdicts()[0].valid), code(&two.verdicts()[1].valid)), ("yes", "unknown"));
    assert_ne!(two.verdicts()[0].key_digest, two.verdicts()[1].key_digest);
    let place = judged("exclusive.xml", &inputs).verdicts()[0].place.clone();
    assert!(5 < place.line, "where the signature stands");
    assert!(!String::from_utf8_lossy(judged("exclusive.xml", &inputs).octets()).contains("Signature"));
}

/// SIG-60, SIG-61, SIG-62 with the registry of authorities.
#[test]
fn sig_60_to_62_the_registry_of_authorities_judges_competence() {
    let inputs = Inputs::read();
    let intake = judged("exclusive.xml", &inputs);
    let key: String = intake.verdicts()[0].key_digest.unwrap().iter().map(|b| format!("{b:02x}")).collect();
    let row = |key: &str| {
        format!(
            "name = \"test\"\nwait_hours = 72\n[[authorities]]\nid = \"rechtbank.example\"\nstate = \"XX\"\nname = \"Rechtbank\"\n\
             kind = \"JUDGE_COURT_OR_INVESTIGATING_JUDGE\"\nsigns = [\"SUBSCRIBER\"]\nemergencies = [\"USER_IDENTIFICATION\"]\nkeys = [\"{key}\"]\nfrom = \"2026-01-01\"\nuntil = \"2036-01-01\"\n"
        )
    };
    let editions = |key: &str, logged_at: u64| Editions::new(vec![Edition { registry: Registry::parse(&row(key)).unwrap(), logged_at }]);
    let long_ago = inputs.received - 73 * 3600;
    for (key, logged_at, ask, expected) in [
        (key.as_str(), long_ago, DataClass::Subscriber, "yes"),
        (key.as_str(), long_ago, DataClass::Traffic, "SIG-62"),
        (key.as_str(), inputs.received - 71 * 3600, DataClass::Subscriber, "SIG-61"),
        (&"11".repeat(32), long_ago, DataClass::Subscriber, "SIG-60"),
        // Entered for emergencies only.
        (key.as_str(), long_ago, DataClass::Identification, "SIG-62"),
    ] {
        let mut intake = judged("exclusive.xml", &inputs);
        intake.judge_competence(&editions(key, logged_at), &Asked { classes: vec![ask], is_emergency: false });
        assert_eq!(code(&intake.verdicts()[0].competent), expected);
    }
    let mut urgent = judged("exclusive.xml", &inputs);
    urgent.judge_competence(&editions(&key, long_ago), &Asked { classes: vec![DataClass::Identification], is_emergency: true });
    assert_eq!(code(&urgent.verdicts()[0].competent), "yes");
    // Who is not trusted is not asked about.
    let mut stranger = judged("unknown-root.xml", &inputs);
    stranger.judge_competence(&editions(&key, long_ago), &Asked { classes: vec![DataClass::Subscriber], is_emergency: false });
    assert_eq!(code(&stranger.verdicts()[0].competent), "unknown");
}

/// A letter, a picture or a typed transcription is unsigned; only what can carry a signature can carry a broken one.
#[test]
fn sig_04_a_letter_is_not_a_broken_signature() {
    let inputs = Inputs::read();
    let letters: [&[u8]; 7] =
        [b"Geachte aanbieder,", b"0 bijlagen", b"form = \"national\"", b"a.b.c", b"eyes. and ears. too", b"\xFF\xD8\xFF\xE0 JFIF", b""];
    for letter in letters {
        let intake = Intake::judge(letter, &inputs.store, &inputs.known, inputs.received);
        assert_eq!((intake.format(), intake.verdicts().len(), intake.octets()), (None, 0, letter));
    }
    let broken: [&[u8]; 4] = [&[0x30, 0x80, 0, 0], b"<order>", b"{", b"eyJhbGciOiJub25lIn0.e30."];
    for document in broken {
        let intake = Intake::judge(document, &inputs.store, &inputs.known, inputs.received);
        assert!(!intake.verdicts().iter().any(|verdict| verdict.valid.is_yes()), "{document:?}");
        assert!(intake.format().is_some(), "{document:?}");
    }
}

/// SIG-58: pinned by the registry, or issued by somebody pinned by hand: trusted, and weaker than qualified.
#[test]
fn sig_58_a_pin_is_no_qualified_certificate() {
    let inputs = Inputs::read();
    let key = judged("self-signed.xml", &inputs).verdicts()[0].key_digest.unwrap();
    let case = cases().into_iter().find(|case| case.name == "self-signed.xml").unwrap();
    let intake = Intake::judge(&case.octets, &Store::new(Vec::new(), vec![key]), &[], inputs.received);
    let verdict = &intake.verdicts()[0];
    assert_eq!((code(&verdict.valid), code(&verdict.trusted), verdict.level), ("yes", "yes", SignatureLevel::Advanced));
}

/// SIG-57: a list in date when it was read is asked for its date again at every document.
#[test]
fn sig_57_a_list_that_ended_since_vouches_for_nobody() {
    let inputs = Inputs::read();
    let operator = sha256(&[&read("operator.crt")]);
    let list = TrustedList::parse(&read("list.tsl"), &[operator], inputs.received).unwrap();
    assert!(list.anchors().iter().all(|anchor| anchor.listed_until == Some(list.next_update())));
    for (until, expected) in [(inputs.received, "yes"), (inputs.received - 1, "SIG-57")] {
        let anchors = list.anchors().iter().map(|anchor| Anchor { listed_until: Some(until), ..anchor.clone() }).collect();
        let mut store = Store::new(anchors, Vec::new());
        for list in ["root.crl", "issuing.crl"] {
            store.add_revocation_list(&read(list)).unwrap();
        }
        let case = cases().into_iter().find(|case| case.name == "exclusive.xml").unwrap();
        let intake = Intake::judge(&case.octets, &store, &[], inputs.received);
        assert_eq!(code(&intake.verdicts()[0].trusted), expected);
    }
}

/// SIG-50, SIG-52: a pin stands for a path that is missing, not for a certificate that was taken back.
#[test]
fn sig_50_a_pin_helps_a_stranger_and_no_revoked_signer() {
    let inputs = Inputs::read();
    let operator = sha256(&[&read("operator.crt")]);
    let list = TrustedList::parse(&read("list.tsl"), &[operator], inputs.received).unwrap();
    for (name, expected) in [("self-signed.xml", "yes"), ("unknown-root.xml", "yes"), ("revoked.xml", "SIG-52"), ("expired.xml", "SIG-51")]
    {
        let key = judged(name, &inputs).verdicts()[0].key_digest.unwrap();
        let mut store = Store::new(list.anchors().to_vec(), vec![key]);
        for list in ["root.crl", "issuing.crl"] {
            store.add_revocation_list(&read(list)).unwrap();
        }
        let case = cases().into_iter().find(|case| case.name == name).unwrap();
        let intake = Intake::judge(&case.octets, &store, &[], inputs.received);
        assert_eq!(code(&intake.verdicts()[0].trusted), expected, "{name}");
    }
    assert!(Certificate::parse(&read("known.crt")).is_some_and(|certificate| !certificate.has_device()));
}
