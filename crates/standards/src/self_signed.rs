//! Self-signed X.509 certificates for package signing and for receiving deliveries.
//!
//! Written on `verify`'s DER writer: the one form we need is thirty lines, a certificate library brings a parser, a
//! calendar and PEM along. Real use replaces these certificates by a qualified seal's.

use verify::package::der::{self, BIT_STRING, BOOLEAN, OCTET_STRING, SEQUENCE, SET, UTF8_STRING};
use verify::package::{asn1_time, oids};

/// id-at-organizationName 2.5.4.10
const ORGANISATION: &[u8] = b"\x06\x03\x55\x04\x0A";
/// id-at-commonName 2.5.4.3
const COMMON_NAME: &[u8] = b"\x06\x03\x55\x04\x03";
/// id-ce-basicConstraints 2.5.29.19
const BASIC_CONSTRAINTS: &[u8] = b"\x06\x03\x55\x1D\x13";

/// What the certificate is for: one bit of its key usage.
#[derive(Clone, Copy)]
pub enum Use {
    /// digitalSignature
    Sign,
    /// keyEncipherment
    ReceiveKeys,
}

/// What a certificate says.
pub struct Subject<'a> {
    pub organisation: &'a str,
    /// What this key is: `package signing`, `delivery`.
    pub purpose: &'a str,
    /// Validity in seconds since 1970 UTC, both ends included.
    pub from: u64,
    pub until: u64,
    pub usage: Use,
    /// Random, 16 octets.
    pub serial: [u8; 16],
}

/// The DER certificate. `key_info` is the whole SubjectPublicKeyInfo, `scheme` the whole AlgorithmIdentifier that
/// `sign` makes signatures of. None if signing fails.
pub fn certificate(subject: &Subject<'_>, key_info: &[u8], scheme: &[u8], sign: impl FnOnce(&[u8]) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    let attribute = |id: &[u8], text: &str| {
        let pair = der::sequence(&[id, &der::element(UTF8_STRING, &[text.as_bytes()])]);
        der::element(SET, &[&pair])
    };
    let name = der::sequence(&[&attribute(ORGANISATION, subject.organisation), &attribute(COMMON_NAME, subject.purpose)]);
    let bits: &[u8] = match subject.usage {
        Use::Sign => &[7, 0b1000_0000],
        Use::ReceiveKeys => &[5, 0b0010_0000],
    };
    let extension =
        |id: &[u8], value: &[u8]| der::sequence(&[id, &der::element(BOOLEAN, &[&[0xFF]]), &der::element(OCTET_STRING, &[value])]);
    let extensions = der::sequence(&[
        &extension(BASIC_CONSTRAINTS, &der::element(SEQUENCE, &[])),
        &extension(oids::KEY_USAGE, &der::element(BIT_STRING, &[bits])),
    ]);
    // The highest bit cleared, the lowest set: positive and not zero.
    let mut serial = subject.serial;
    serial[0] &= 0x7F;
    serial[15] |= 1;
    let body = der::sequence(&[
        &der::element(der::context(0), &[&der::unsigned(&[2])]),
        &der::unsigned(&serial),
        scheme,
        &name,
        &der::sequence(&[&asn1_time::encode(subject.from), &asn1_time::encode(subject.until)]),
        &name,
        key_info,
        &der::element(der::context(3), &[&extensions]),
    ]);
    let signature = sign(&body)?;
    Some(der::sequence(&[&body, scheme, &der::element(BIT_STRING, &[&[0], &signature])]))
}
