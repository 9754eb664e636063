//! Certificates, digests and time-stamp tokens made here, part by part, so that each part can be wrong alone while the signature is right.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use verify::package::certificate::{self, Certificate};
use verify::package::cms::{self, Hash, SignedData};
use verify::package::der::{self, OCTET_STRING, Reader, SET, UTF8_STRING, element, sequence, unsigned};
use verify::package::digest::sha256;
use verify::package::{asn1_time, oids, stamp};

const NOW: u64 = 1_795_291_200;
/// 2.5.4.3, common name.
const COMMON_NAME: &[u8] = b"\x06\x03\x55\x04\x03";
/// 1.3.6.1.5.5.7.3.4
const MAIL_PROTECTION: &[u8] = b"\x06\x08\x2B\x06\x01\x05\x05\x07\x03\x04";

fn parts(list: &[Vec<u8>]) -> Vec<u8> {
    list.concat()
}

fn extension(id: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[id, &element(OCTET_STRING, &[value])])
}

fn key_usage(bits: u8) -> Vec<u8> {
    let unused = if bits == 0 { 0 } else { bits.trailing_zeros() as u8 };
    extension(oids::KEY_USAGE, &element(der::BIT_STRING, &[&[unused, bits]]))
}

fn extended_usages(usages: &[&[u8]]) -> Vec<u8> {
    extension(oids::EXTENDED_KEY_USAGE, &sequence(usages))
}

fn key_info(algorithm: &[&[u8]], key: &[u8]) -> Vec<u8> {
    sequence(&[&sequence(algorithm), &element(der::BIT_STRING, &[&[0], key])])
}

fn name(pair: &[&[u8]]) -> Vec<u8> {
    sequence(&[&element(SET, &[&sequence(pair)])])
}

fn text(text: &str) -> Vec<u8> {
    element(UTF8_STRING, &[text.as_bytes()])
}

/// A certificate in parts. Its own signature is nobody's: certificates are pinned.
#[derive(Clone)]
struct Parts {
    /// Version, serial number, algorithm, issuer, validity, subject, key.
    body: Vec<Vec<u8>>,
    extensions: Vec<Vec<u8>>,
    /// Algorithm and signature, behind the body.
    behind: Vec<Vec<u8>>,
}

impl Parts {
    fn of(point: &[u8], extensions: Vec<Vec<u8>>) -> Parts {
        let scheme = sequence(&[oids::ECDSA_SHA256]);
        let subject = name(&[COMMON_NAME, &text("Time")]);
        let body = vec![
            element(der::context(0), &[&unsigned(&[2])]),
            unsigned(&[7]),
            scheme.clone(),
            subject.clone(),
            sequence(&[&asn1_time::encode(NOW - 100), &asn1_time::encode(NOW + 100)]),
            subject,
            key_info(&[oids::EC_PUBLIC_KEY, oids::P256], point),
        ];
        Parts { body, extensions, behind: vec![scheme, element(der::BIT_STRING, &[&[0]])] }
    }

    fn der(&self) -> Vec<u8> {
        let extensions = element(der::context(3), &[&sequence(&[&parts(&self.extensions)])]);
        sequence(&[&sequence(&[&parts(&self.body), &extensions]), &parts(&self.behind)])
    }

    fn parse(&self) -> Option<Certificate> {
        Certificate::parse(&self.der())
    }
}

/// No key that anybody has; only its form is read.
fn point() -> Vec<u8> {
    [vec![4], vec![7; 64]].concat()
}

#[test]
fn pkg_41_each_part_of_a_certificate_is_there_and_of_its_kind() {
    type Change = fn(&mut Parts);
    let good = Parts::of(&point(), vec![key_usage(0x80)]);
    assert_eq!(good.parse().unwrap().subject, "Time");
    let cases: [(&str, Change); 13] = [
        ("no algorithm behind the body", |p| drop(p.behind.remove(0))),
        ("no signature behind the body", |p| drop(p.behind.remove(1))),
        ("more behind the signature", |p| p.behind.push(oids::NULL.to_vec())),
        ("no version, which is version 1", |p| drop(p.body.remove(0))),
        ("version 2", |p| p.body[0] = element(der::context(0), &[&unsigned(&[1])])),
        ("version 4", |p| p.body[0] = element(der::context(0), &[&unsigned(&[3])])),
        ("no algorithm inside", |p| drop(p.body.remove(2))),
        ("an RSA key without its NULL", |p| p.body[6] = key_info(&[oids::RSA], &[1])),
        ("an RSA key with two", |p| p.body[6] = key_info(&[oids::RSA, oids::NULL, oids::NULL], &[1])),
        ("a key for agreement only, 1.3.132.1.12", |p| p.body[6] = key_info(&[b"\x06\x05\x2B\x81\x04\x01\x0C", oids::P256], &point())),
        ("a point of another curve", |p| p.body[6] = key_info(&[oids::EC_PUBLIC_KEY, oids::P384], &point())),
        ("a name's value without its type", |p| p.body[5] = name(&[&text("Time")])),
        ("a name's type with two values", |p| p.body[5] = name(&[COMMON_NAME, &text("Time"), &text("Space")])),
    ];
    for (why, change) in cases {
        let mut changed = good.clone();
        change(&mut changed);
        assert!(changed.parse().is_none(), "{why}");
    }
    let mut rsa = good.clone();
    rsa.body[6] = key_info(&[oids::RSA, oids::NULL], &[1]);
    assert!(rsa.parse().is_some());
}

#[test]
fn pkg_40_a_certificate_is_one_element_and_pkg_01_at_most_16_kib() {
    let padded = |len: usize| Parts::of(&point(), vec![key_usage(0x80), extension(COMMON_NAME, &vec![0; len])]);
    let room = certificate::LEN_MAX - padded(1000).der().len();
    let longest = padded(1000 + room);
    assert_eq!(longest.der().len(), certificate::LEN_MAX);
    assert!(longest.parse().is_some());
    assert!(padded(1000 + room + 1).parse().is_none());
    let good = padded(1).der();
    assert!(Certificate::parse(&good).is_some());
    assert!(Certificate::parse(&[good.as_slice(), &[0]].concat()).is_none(), "an octet behind it");
    // A padded integer where nobody looks: in the parameters of the issuer's algorithm.
    let mut parameters = padded(1);
    parameters.behind[0] = sequence(&[oids::ECDSA_SHA256, &[2, 1, 1]]);
    assert!(parameters.parse().is_some());
    parameters.behind[0] = sequence(&[oids::ECDSA_SHA256, &[2, 2, 0, 1]]);
    assert!(parameters.parse().is_none());
}

#[test]
fn pkg_48_and_60_key_usage_says_what_a_certificate_is_for() {
    let of = |extensions: Vec<Vec<u8>>| Parts::of(&point(), extensions).parse().unwrap();
    // digitalSignature, nonRepudiation, keyEncipherment, keyAgreement, keyCertSign, none of them, two of them.
    let table =
        [(0x80, true, false), (0x40, true, false), (0x20, false, true), (0x08, false, false), (0x04, false, false), (0xA0, true, true)];
    for (bits, may_sign, may_receive_keys) in table {
        let certificate = of(vec![key_usage(bits)]);
        assert_eq!((certificate.may_sign(), certificate.may_receive_keys()), (may_sign, may_receive_keys), "{bits:#04x}");
    }
    let unstated = of(vec![]);
    assert!(unstated.may_sign() && unstated.may_receive_keys() && !unstated.is_for_time_stamping());
    let usages: [(&[&[u8]], bool); 4] =
        [(&[oids::TIME_STAMPING], true), (&[oids::TIME_STAMPING, MAIL_PROTECTION], false), (&[MAIL_PROTECTION], false), (&[], false)];
    for (usages, is_for_time_stamping) in usages {
        assert_eq!(of(vec![extended_usages(usages)]).is_for_time_stamping(), is_for_time_stamping, "{usages:02X?}");
    }
}

#[test]
fn pkg_41_a_digest_s_parameters_are_absent_or_null() {
    let read = |parts: &[&[u8]]| Hash::read(&mut Reader::new(&sequence(parts)));
    assert_eq!(read(&[oids::SHA256]), Some(Hash::Sha256));
    assert_eq!(read(&[oids::SHA512, oids::NULL]), Some(Hash::Sha512));
    let others: [&[&[u8]]; 5] =
        [&[oids::SHA256, oids::NULL, oids::NULL], &[oids::SHA256, &[2, 1, 0]], &[oids::SHA256, oids::SHA256], &[oids::NULL], &[]];
    for parts in others {
        assert_eq!(read(parts), None, "{parts:02X?}");
    }
}

#[test]
fn pkg_01_a_token_too_long_is_not_looked_into() {
    let code = |bytes: &[u8]| SignedData::parse(bytes, "token").err().unwrap().code();
    assert_eq!(code(&vec![0; cms::LEN_MAX]), "PKG-40");
    assert_eq!(code(&vec![0; cms::LEN_MAX + 1]), "PKG-01");
}

#[test]
fn pkg_50_a_reply_is_a_status_that_grants_and_one_token() {
    let status = |number: u8| sequence(&[&unsigned(&[number])]);
    let token = sequence(&[oids::NULL]);
    let reply = |list: &[&[u8]]| stamp::token_of_reply(&sequence(list));
    assert_eq!(reply(&[&status(0), &token]), Some(token.clone()));
    assert_eq!(reply(&[&status(1), &token]), Some(token.clone()));
    assert_eq!(reply(&[&status(2), &token]), None);
    assert_eq!(reply(&[&status(0)]), None);
    assert_eq!(reply(&[&status(0), &token, oids::NULL]), None, "something behind the token");
}

/// A time-stamp authority of our own: its tokens can be wrong in one place and rightly signed all the same.
struct Authority {
    pair: EcdsaKeyPair,
}

/// What a token says and how.
#[derive(Clone)]
struct Token {
    content_type: Vec<u8>,
    /// TSTInfo: version, policy, imprint, serial number, time.
    info: Vec<Vec<u8>>,
    /// Octets behind the TSTInfo, in the same OCTET STRING.
    tail: Vec<u8>,
    /// Further elements beside that OCTET STRING.
    beside: Vec<u8>,
    version: u8,
    signer_version: u8,
    extensions: Vec<Vec<u8>>,
}

fn imprint(parts: &[&[u8]]) -> Vec<u8> {
    sequence(parts)
}

fn good_token() -> Token {
    let hash = sequence(&[oids::SHA256, oids::NULL]);
    let info = vec![
        unsigned(&[1]),
        b"\x06\x04\x2A\x03\x04\x01".to_vec(),
        imprint(&[&hash, &element(OCTET_STRING, &[&[5; 32]])]),
        unsigned(&[9]),
        element(der::GENERALIZED_TIME, &[b"20261121200000Z"]),
    ];
    Token {
        content_type: oids::TST_INFO.to_vec(),
        info,
        tail: vec![],
        beside: vec![],
        version: 3,
        signer_version: 1,
        extensions: vec![key_usage(0x80), extended_usages(&[oids::TIME_STAMPING])],
    }
}

impl Authority {
    fn new() -> Authority {
        Authority { pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap() }
    }

    fn token(&self, token: &Token) -> Vec<u8> {
        let certificate = Parts::of(self.pair.public_key().as_ref(), token.extensions.clone()).parse().unwrap();
        let content = [sequence(&[&parts(&token.info)]), token.tail.clone()].concat();
        let hash = sequence(&[oids::SHA256]);
        let attribute = |id: &[u8], value: &[u8]| sequence(&[id, &element(SET, &[value])]);
        let named = sequence(&[&sequence(&[&sequence(&[&element(OCTET_STRING, &[&certificate.sha256()])])])]);
        let list = [
            attribute(oids::CONTENT_TYPE, &token.content_type),
            attribute(oids::MESSAGE_DIGEST, &element(OCTET_STRING, &[&sha256(&[&content])])),
            attribute(oids::SIGNING_CERTIFICATE_V2, &named),
        ];
        let signature = self.pair.sign(&SystemRandom::new(), &der::set_of(SET, &list)).unwrap();
        let signer = sequence(&[
            &unsigned(&[token.signer_version]),
            &certificate.issuer_and_serial(),
            &hash,
            &der::set_of(der::context(0), &list),
            &sequence(&[oids::ECDSA_SHA256]),
            &element(OCTET_STRING, &[signature.as_ref()]),
        ]);
        let inside = element(der::context(0), &[&element(OCTET_STRING, &[&content]), &token.beside]);
        let data = sequence(&[
            &unsigned(&[token.version]),
            &element(SET, &[&hash]),
            &sequence(&[&token.content_type, &inside]),
            &element(der::context(0), &[certificate.der()]),
            &element(SET, &[&signer]),
        ]);
        sequence(&[oids::SIGNED_DATA, &element(der::context(0), &[&data])])
    }
}

#[test]
fn pkg_40_to_48_each_part_of_a_token_is_there_and_of_its_kind() {
    type Change = fn(&mut Token);
    let authority = Authority::new();
    let verdict = |token: &Token| stamp::check_token(&authority.token(token)).err().map_or("accepted", |refusal| refusal.code());
    let (info, _) = stamp::check_token(&authority.token(&good_token())).ok().unwrap();
    assert_eq!((info.imprint, info.time, info.nonce), ([5; 32], NOW, None));
    let cases: [(&str, Change, &str); 19] = [
        ("all as it should be", |_| {}, "accepted"),
        ("with a nonce", |t| t.info.push(unsigned(&[8])), "accepted"),
        ("version 2", |t| t.info[0] = unsigned(&[2]), "PKG-41"),
        ("no policy", |t| drop(t.info.remove(1)), "PKG-41"),
        ("SHA-384 of as few octets", |t| t.info[2] = imprint(&[&sequence(&[oids::SHA384]), &element(OCTET_STRING, &[&[5; 32]])]), "PKG-41"),
        ("a shorter imprint", |t| t.info[2] = imprint(&[&sequence(&[oids::SHA256]), &element(OCTET_STRING, &[&[5; 31]])]), "PKG-41"),
        (
            "more behind the imprint",
            |t| t.info[2] = imprint(&[&sequence(&[oids::SHA256]), &element(OCTET_STRING, &[&[5; 32]]), oids::NULL]),
            "PKG-41",
        ),
        ("no serial number", |t| drop(t.info.remove(3)), "PKG-41"),
        ("no time", |t| drop(t.info.remove(4)), "PKG-41"),
        ("something that has no place", |t| t.info.push(oids::NULL.to_vec()), "PKG-41"),
        ("an octet behind the info", |t| t.tail = vec![0], "PKG-40"),
        ("another info behind the info", |t| t.tail = sequence(&[&parts(&t.info)]), "PKG-40"),
        ("another element beside the content", |t| t.beside = oids::NULL.to_vec(), "PKG-41"),
        ("a signer by key identifier", |t| t.signer_version = 3, "PKG-41"),
        (
            "a signed text that is no token",
            |t| {
                t.content_type = oids::DATA.to_vec();
                t.version = 1;
            },
            "PKG-41",
        ),
        ("a key that receives keys", |t| t.extensions[0] = key_usage(0x20), "PKG-48"),
        ("a key that states no usage", |t| drop(t.extensions.remove(0)), "accepted"),
        ("a key for mail as well", |t| t.extensions[1] = extended_usages(&[oids::TIME_STAMPING, MAIL_PROTECTION]), "PKG-48"),
        ("a key for anything", |t| drop(t.extensions.remove(1)), "PKG-48"),
    ];
    for (why, change, expected) in cases {
        let mut token = good_token();
        change(&mut token);
        assert_eq!(verdict(&token), expected, "{why}");
    }
}
