//! Packages whose structure is sound and whose signature is not: each case breaks one rule of PKG-40 to PKG-48; and
//! every octet of a whole package, changed.

mod container;
mod sample;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use container::{Files, files, structure, zip_in_order};
use verify::package::certificate::Certificate;
use verify::package::der::{self, OCTET_STRING, SET};
use verify::package::digest::{sha256, sha384};
use verify::package::{RawPackage, StampPin, cms, layout, oids};

/// A sound package, and a key with a certificate that the test can bend.
struct Bench {
    files: Files,
    pair: EcdsaKeyPair,
}

/// What a test certificate says; everything else is fixed.
struct Wish {
    from: u64,
    until: u64,
    /// Key usage, content of the BIT STRING.
    usage: [u8; 2],
    serial: u8,
}

const USUAL: Wish = Wish { from: sample::SIGNED - 10, until: sample::SIGNED + 10, usage: [7, 0x80], serial: 1 };

impl Bench {
    fn new() -> Bench {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new()).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref()).unwrap();
        Bench { files: files(&sample::package().0), pair }
    }

    fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.pair.sign(&SystemRandom::new(), bytes).unwrap().as_ref().to_vec()
    }

    /// A certificate whose own signature nobody looks at: it is pinned.
    fn certificate(&self, wish: &Wish) -> Certificate {
        certificate_on(&[oids::EC_PUBLIC_KEY, oids::P256], self.pair.public_key().as_ref(), wish)
    }

    fn manifest(&self) -> &[u8] {
        &self.files[layout::ASIC_MANIFEST]
    }

    /// The verdict on the package with this signature, when this certificate is pinned.
    fn verdict(&self, signature: &[u8], pinned: &Certificate) -> &'static str {
        let mut changed = self.files.clone();
        changed.insert(layout::SIGNATURE.into(), signature.to_vec());
        let bytes = zip_in_order(&changed);
        let package = RawPackage::read(&bytes).unwrap().check().unwrap();
        package.signed_by(&pinned.sha256(), StampPin::NotChecked).err().map_or("accepted", |refusal| refusal.code())
    }

    /// A signature over these attributes.
    fn signature(&self, attributes: &[u8], certificate: &Certificate) -> Vec<u8> {
        cms::encode(attributes, certificate, &[], &der::sequence(&[oids::ECDSA_SHA256]), &self.sign(attributes))
    }

    fn usual(&self, certificate: &Certificate) -> Vec<u8> {
        self.signature(&cms::cades_attributes(self.manifest(), certificate, sample::SIGNED), certificate)
    }
}

fn certificate_on(algorithm: &[&[u8]], key: &[u8], wish: &Wish) -> Certificate {
    use verify::package::asn1_time::encode;
    let name = der::sequence(&[]);
    let scheme = der::sequence(&[oids::ECDSA_SHA256]);
    let key = der::sequence(&[&der::sequence(algorithm), &der::element(der::BIT_STRING, &[&[0], key])]);
    let usage = der::element(der::BIT_STRING, &[&wish.usage]);
    let extension = der::sequence(&[oids::KEY_USAGE, &der::element(OCTET_STRING, &[&usage])]);
    let validity = der::sequence(&[&encode(wish.from), &encode(wish.until)]);
    let version = der::element(der::context(0), &[&der::unsigned(&[2])]);
    let extensions = der::element(der::context(3), &[&der::sequence(&[&extension])]);
    let serial = der::unsigned(&[wish.serial]);
    let body = der::sequence(&[&version, &serial, &scheme, &name, &validity, &name, &key, &extensions]);
    let whole = der::sequence(&[&body, &scheme, &der::element(der::BIT_STRING, &[&[0]])]);
    Certificate::parse(&whole).unwrap()
}

/// The members of the SET of attributes.
fn members(attributes: &[u8]) -> Vec<Vec<u8>> {
    let mut reader = der::Reader::new(attributes).enter(SET).unwrap();
    std::iter::from_fn(|| reader.element().map(|element| element.whole.to_vec())).collect()
}

#[test]
fn a_usual_signature_is_accepted_and_pkg_40_bytes_that_are_not_der_are_refused() {
    let bench = Bench::new();
    let certificate = bench.certificate(&USUAL);
    let good = bench.usual(&certificate);
    assert_eq!(bench.verdict(&good, &certificate), "accepted");
    assert_eq!(bench.verdict(&[], &certificate), "PKG-40");
    assert_eq!(bench.verdict(&[good.as_slice(), &[0]].concat(), &certificate), "PKG-40", "trailing octet");
    assert_eq!(bench.verdict(&good[..good.len() - 1], &certificate), "PKG-40", "cut");
    let mut indefinite = vec![0x30, 0x80];
    indefinite.extend_from_slice(&good[4..]);
    indefinite.extend([0, 0]);
    assert_eq!(bench.verdict(&indefinite, &certificate), "PKG-40", "BER");
    let long = [&[0x30, 0x83, 0], &good[2..]].concat();
    assert_eq!(bench.verdict(&long, &certificate), "PKG-40", "length with a leading zero");
    assert_eq!(bench.verdict(&vec![0; cms::LEN_MAX + 1], &certificate), "PKG-01");
}

#[test]
fn pkg_41_other_shapes_and_algorithms_are_refused() {
    let bench = Bench::new();
    let certificate = bench.certificate(&USUAL);
    let attributes = cms::cades_attributes(bench.manifest(), &certificate, sample::SIGNED);
    let other = bench.certificate(&Wish { serial: 2, ..USUAL });
    let value = bench.sign(&attributes);
    let schemes: [Vec<u8>; 5] = [
        der::sequence(&[oids::ECDSA_SHA384]),
        der::sequence(&[oids::RSA_SHA256, oids::NULL]),
        der::sequence(&[oids::RSA, oids::NULL]),
        der::sequence(&[oids::ECDSA_SHA256, oids::NULL]),
        der::sequence(&[b"\x06\x07\x2A\x86\x48\xCE\x3D\x04\x01"]),
    ];
    for scheme in schemes {
        assert_eq!(bench.verdict(&cms::encode(&attributes, &certificate, &[], &scheme, &value), &certificate), "PKG-41", "{scheme:02X?}");
    }
    let ecdsa = der::sequence(&[oids::ECDSA_SHA256]);
    // Further certificates are allowed; nine certificates, or the signer's twice, are not.
    assert_eq!(bench.verdict(&cms::encode(&attributes, &certificate, &[other.der().to_vec()], &ecdsa, &value), &certificate), "accepted");
    let many = vec![other.der().to_vec(); 8];
    assert_eq!(bench.verdict(&cms::encode(&attributes, &certificate, &many, &ecdsa, &value), &certificate), "PKG-41");
    let twice = [certificate.der().to_vec()];
    assert_eq!(bench.verdict(&cms::encode(&attributes, &certificate, &twice, &ecdsa, &value), &certificate), "PKG-41");
    // The manifest inside the signature, where another reader might take it from.
    let usual = bench.usual(&certificate);
    let detached = der::sequence(&[oids::DATA]);
    let inside = der::sequence(&[oids::DATA, &der::element(der::context(0), &[&der::element(OCTET_STRING, &[bench.manifest()])])]);
    assert_eq!(bench.verdict(&rebuilt(&usual, &detached, &inside), &certificate), "PKG-41");
    // Another version, and another digest announced than used.
    let announced = der::element(SET, &[&der::sequence(&[oids::SHA256])]);
    let other_digest = der::element(SET, &[&der::sequence(&[oids::SHA384])]);
    assert_eq!(bench.verdict(&rebuilt(&usual, &announced, &other_digest), &certificate), "PKG-41");
    let one = [der::unsigned(&[1]), announced.clone()].concat();
    let at = usual.windows(one.len()).position(|window| window == one).unwrap();
    let mut version_3 = usual.clone();
    version_3[at + 2] = 3;
    assert_eq!(bench.verdict(&version_3, &certificate), "PKG-41");
    // An unsigned attribute, which anybody could add.
    let signed_value = der::element(OCTET_STRING, &[&value_of(&usual)]);
    let unsigned = [
        signed_value.as_slice(),
        &der::element(der::context(1), &[&der::sequence(&[oids::SIGNING_TIME, &der::element(SET, &[oids::NULL])])]),
    ]
    .concat();
    assert_eq!(bench.verdict(&rebuilt(&usual, &signed_value, &unsigned), &certificate), "PKG-41");
}

#[test]
fn pkg_41_a_signature_over_something_else_than_data_or_with_another_digest_is_refused() {
    let bench = Bench::new();
    let certificate = bench.certificate(&USUAL);
    let attribute = |id: &[u8], value: &[u8]| der::sequence(&[id, &der::element(SET, &[value])]);
    let with = |certificate: &Certificate, id: &[u8], value: &[u8]| {
        let good = members(&cms::cades_attributes(bench.manifest(), certificate, sample::SIGNED));
        let others = good.into_iter().filter(|member| !member.windows(id.len()).any(|window| window == id));
        der::set_of(SET, &others.chain([attribute(id, value)]).collect::<Vec<_>>())
    };
    // All of it about a time-stamp token, and rightly signed as one.
    let token = bench.signature(&with(&certificate, oids::CONTENT_TYPE, oids::TST_INFO), &certificate);
    let token = rebuilt(&token, &der::sequence(&[oids::DATA]), &der::sequence(&[oids::TST_INFO]));
    let [one, three] = [1, 3].map(|n| [der::unsigned(&[n]), der::element(SET, &[&der::sequence(&[oids::SHA256])])].concat());
    let at = token.windows(one.len()).position(|window| window == one).unwrap();
    let token = [&token[..at], &three, &token[at + three.len()..]].concat();
    assert!(cms::SignedData::parse(&token, layout::SIGNATURE).is_ok_and(|signed| signed.check_signature().is_ok()));
    assert_eq!(bench.verdict(&token, &certificate), "PKG-41");
    // SHA-384 throughout, on a key of its strength.
    let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).unwrap();
    let strong = certificate_on(&[oids::EC_PUBLIC_KEY, oids::P384], pair.public_key().as_ref(), &USUAL);
    let digest = der::element(OCTET_STRING, &[&sha384(bench.manifest())]);
    let attributes = with(&strong, oids::MESSAGE_DIGEST, &digest);
    let value = pair.sign(&SystemRandom::new(), &attributes).unwrap();
    let other = cms::encode(&attributes, &strong, &[], &der::sequence(&[oids::ECDSA_SHA384]), value.as_ref());
    let other = rebuilt(&other, &der::sequence(&[oids::SHA256]), &der::sequence(&[oids::SHA384]));
    let is_sound = |signed: cms::SignedData| signed.check_signature().is_ok() && signed.check_content(bench.manifest()).is_ok();
    assert!(cms::SignedData::parse(&other, layout::SIGNATURE).is_ok_and(is_sound));
    assert_eq!(bench.verdict(&other, &strong), "PKG-41");
    // Version 3 of the signer, who would be named otherwise.
    let usual = bench.usual(&certificate);
    let signer = [der::unsigned(&[1]), certificate.issuer_and_serial()].concat();
    let at = usual.windows(signer.len()).position(|window| window == signer).unwrap();
    let mut version_3 = usual;
    version_3[at + 2] = 3;
    assert_eq!(bench.verdict(&version_3, &certificate), "PKG-41");
}

/// The signature value: the last element.
fn value_of(signature: &[u8]) -> Vec<u8> {
    let at = (0..signature.len() - 2)
        .rev()
        .find(|at| signature[*at] == OCTET_STRING && at + 2 + usize::from(signature[at + 1]) == signature.len());
    signature[at.unwrap() + 2..].to_vec()
}

/// The structure with one part exchanged and all lengths around it made to fit.
fn rebuilt(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    if bytes == from {
        return to.to_vec();
    }
    let mut reader = der::Reader::new(bytes);
    let mut out = Vec::new();
    while let Some(element) = reader.element() {
        if element.whole == from {
            out.extend_from_slice(to);
        } else if element.tag & 0x20 != 0 {
            out.extend(der::element(element.tag, &[&rebuilt(element.content, from, to)]));
        } else {
            out.extend_from_slice(element.whole);
        }
    }
    out
}

#[test]
fn pkg_42_and_43_signed_attributes_must_be_the_four_and_fit_the_manifest() {
    let bench = Bench::new();
    let certificate = bench.certificate(&USUAL);
    let good = members(&cms::cades_attributes(bench.manifest(), &certificate, sample::SIGNED));
    assert_eq!(good.len(), 4);
    for missing in 0..4 {
        let mut fewer = good.clone();
        fewer.remove(missing);
        assert_eq!(bench.verdict(&bench.signature(&der::set_of(SET, &fewer), &certificate), &certificate), "PKG-42", "without {missing}");
    }
    let attribute = |id: &[u8], value: &[u8]| der::sequence(&[id, &der::element(SET, &[value])]);
    let mut more = good.clone();
    more.push(attribute(b"\x06\x03\x55\x04\x03", oids::NULL));
    assert_eq!(bench.verdict(&bench.signature(&der::set_of(SET, &more), &certificate), &certificate), "PKG-42", "a fifth");
    // One of another content, in place of the right one.
    let with = |id: &[u8], value: &[u8]| {
        let others = good.iter().filter(|member| !member.windows(id.len()).any(|window| window == id)).cloned();
        let changed: Vec<Vec<u8>> = others.chain([attribute(id, value)]).collect();
        bench.verdict(&bench.signature(&der::set_of(SET, &changed), &certificate), &certificate)
    };
    assert_eq!(with(oids::CONTENT_TYPE, oids::TST_INFO), "PKG-42");
    assert_eq!(with(oids::SIGNING_TIME, oids::NULL), "PKG-42");
    assert_eq!(with(oids::MESSAGE_DIGEST, oids::NULL), "PKG-42");
    assert_eq!(with(oids::MESSAGE_DIGEST, &der::element(OCTET_STRING, &[&sha256(&[b"another manifest"])])), "PKG-43");
    let mut twice = good.clone();
    twice.push(good[0].clone());
    assert_eq!(bench.verdict(&bench.signature(&der::set_of(SET, &twice), &certificate), &certificate), "PKG-41", "one twice");
    let mut unordered = good.clone();
    unordered.reverse();
    let parts: Vec<&[u8]> = unordered.iter().map(Vec::as_slice).collect();
    assert_eq!(bench.verdict(&bench.signature(&der::element(SET, &parts), &certificate), &certificate), "PKG-41", "order");
}

#[test]
fn pkg_44_another_certificate_on_the_same_key_is_refused() {
    let bench = Bench::new();
    let (certificate, other) = (bench.certificate(&USUAL), bench.certificate(&Wish { serial: 2, ..USUAL }));
    let attributes = cms::cades_attributes(bench.manifest(), &certificate, sample::SIGNED);
    // Signed as `certificate`, shown as `other`: the value verifies, the attribute does not fit.
    assert_eq!(bench.verdict(&bench.signature(&attributes, &other), &other), "PKG-44");
}

#[test]
fn pkg_45_a_signature_by_another_key_or_over_other_bytes_is_refused() {
    let (bench, stranger) = (Bench::new(), Bench::new());
    let certificate = bench.certificate(&USUAL);
    let attributes = cms::cades_attributes(bench.manifest(), &certificate, sample::SIGNED);
    let ecdsa = der::sequence(&[oids::ECDSA_SHA256]);
    let values = [stranger.sign(&attributes), bench.sign(b"other"), bench.sign(bench.manifest()), vec![], vec![0; 64]];
    for value in values {
        assert_eq!(bench.verdict(&cms::encode(&attributes, &certificate, &[], &ecdsa, &value), &certificate), "PKG-45");
    }
}

#[test]
fn pkg_47_and_48_validity_and_key_usage_are_looked_at() {
    let bench = Bench::new();
    let wishes = [
        (Wish { from: sample::SIGNED + 1, ..USUAL }, "PKG-47"),
        (Wish { until: sample::SIGNED - 1, ..USUAL }, "PKG-47"),
        (Wish { from: sample::SIGNED, until: sample::SIGNED, ..USUAL }, "accepted"),
        (Wish { usage: [5, 0x20], ..USUAL }, "PKG-48"),
        (Wish { usage: [2, 0x04], ..USUAL }, "PKG-48"),
        (Wish { usage: [6, 0x40], ..USUAL }, "accepted"),
    ];
    for (number, (wish, expected)) in wishes.into_iter().enumerate() {
        let certificate = bench.certificate(&wish);
        assert_eq!(bench.verdict(&bench.usual(&certificate), &certificate), expected, "case {number}");
    }
}

#[test]
fn every_changed_octet_of_a_package_is_noticed() {
    let (good, pinned, _) = sample::package();
    let accepted = |bytes: &Vec<u8>| {
        RawPackage::read(bytes).and_then(|raw| raw.check()).and_then(|p| p.signed_by(&pinned, StampPin::NotChecked).map(|_| ())).is_ok()
    };
    assert!(accepted(&good));
    // Every octet of the headers and the signature, every 61st of the rest.
    let signature = files(&good)[layout::SIGNATURE].clone();
    let at = good.windows(signature.len()).position(|window| window == signature).unwrap();
    let dense = (0..200).chain(at - 60..at + signature.len() + 10).chain(good.len() - 300..good.len());
    for place in dense.chain((0..good.len()).step_by(61)) {
        let mut changed = good.clone();
        changed[place] ^= 1 << (place % 8);
        assert!(!accepted(&changed), "octet {place}");
    }
    for cut in (0..good.len()).step_by(997) {
        assert!(structure(&good[..cut]).is_err(), "cut at {cut}");
    }
}

/// The same DER with one thing otherwise, and where: `+` one more NULL at the end of a structure, `*` its last member twice, `=` another
/// element instead of this one, `-` without it.
fn variants(whole: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut out = Vec::new();
    walk(whole, String::new(), &|changed| changed, &mut out);
    out
}

fn walk(whole: &[u8], place: String, around: &dyn Fn(Vec<u8>) -> Vec<u8>, out: &mut Vec<(String, Vec<u8>)>) {
    const NULL: &[u8] = &[5, 0];
    let tag = whole[0];
    out.push((format!("{place}="), around(if tag == NULL[0] { vec![2, 1, 0] } else { NULL.to_vec() })));
    if tag & 0x20 == 0 {
        return;
    }
    let mut reader = der::Reader::new(whole).enter(tag).unwrap();
    let members: Vec<Vec<u8>> = std::iter::from_fn(|| reader.element().map(|e| e.whole.to_vec())).collect();
    let joined = |members: &[Vec<u8>]| der::element(tag, &members.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let more = |last: &[u8]| joined(&[members.clone(), vec![last.to_vec()]].concat());
    out.push((format!("{place}+"), around(more(NULL))));
    out.extend(members.last().map(|last| (format!("{place}*"), around(more(last)))));
    for (number, member) in members.iter().enumerate() {
        let with = |changed: Vec<u8>| {
            let mut members = members.clone();
            members[number] = changed;
            around(joined(&members))
        };
        walk(member, format!("{place}{number}."), &with, out);
        let others: Vec<Vec<u8>> = members.iter().enumerate().filter(|(n, _)| *n != number).map(|(_, member)| member.clone()).collect();
        out.push((format!("{place}{number}.-"), around(joined(&others))));
    }
}

/// PKG-41 by structure alone: what a reader lets pass is what it does not have to know, and that is named here.
#[test]
fn pkg_40_and_41_nothing_stands_in_a_signature_that_nobody_reads() {
    let bench = Bench::new();
    let certificate = bench.certificate(&USUAL);
    let accepted = |whole: &[u8], reads: &dyn Fn(&[u8]) -> bool| -> Vec<String> {
        assert!(reads(whole));
        variants(whole).into_iter().filter(|(_, changed)| reads(changed)).map(|(place, _)| place).collect()
    };
    let certificates = accepted(certificate.der(), &|bytes| Certificate::parse(bytes).is_some());
    // Both names of the algorithm of the issuer's signature, which nobody checks (the certificate is pinned); the issuer's name; the last
    // extension twice, which says the same; and no extension, which says nothing.
    let unread = ["0.2.+", "0.2.*", "0.2.0.=", "0.2.0.-", "0.3.+", "0.7.0.*", "0.7.0.0.-", "0.7.-", "1.+", "1.*", "1.0.=", "1.0.-"];
    assert_eq!(certificates, unread);
    let signature = accepted(&bench.usual(&certificate), &|bytes| cms::SignedData::parse(bytes, layout::SIGNATURE).is_ok());
    // The same in the certificate (1.0.3.0); parameters of SHA-256, which may be NULL; attributes, which are asked for when the content is
    // compared, and their single values (1.0), which are compared whole or read then.
    let read_elsewhere = |place: &String| {
        let in_certificate = place.strip_prefix("1.0.3.0.").is_some_and(|inside| certificates.iter().any(|known| known == inside));
        let in_attribute = place.strip_prefix("1.0.4.0.3.").and_then(|inside| inside.split_once('.'));
        let is_asked_for = in_attribute.is_some_and(|(_, inside)| inside == "-" || inside.starts_with("1.0."));
        in_certificate || is_asked_for || ["1.0.1.0.+", "1.0.4.0.2.+"].contains(&place.as_str())
    };
    let rest: Vec<String> = signature.into_iter().filter(|place| !read_elsewhere(place)).collect();
    assert!(rest.is_empty(), "{rest:?}");
}
