//! X.509 certificates: the few fields that pinning needs. No chain is built and no trust list is read here.

use super::der::{self, BOOLEAN, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, SET};
use super::digest::sha256;
use super::{asn1_time, oids};
use seal::catalogue::is_hidden;

/// Longest certificate.
pub const LEN_MAX: usize = 16 * 1024;

/// What a public key is, with its octets as the signature library takes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// Uncompressed point, 65 octets.
    P256(Vec<u8>),
    /// Uncompressed point, 97 octets.
    P384(Vec<u8>),
    /// RSAPublicKey, DER.
    Rsa(Vec<u8>),
}

/// A parsed certificate. Parsed is not trusted: it is trusted only if its SHA-256 is pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    /// DER of the issuer's Name and of the serial number, both whole: together they name the certificate in CMS.
    pub issuer: Vec<u8>,
    pub serial: Vec<u8>,
    /// Subject as text for people, hidden characters escaped.
    pub subject: String,
    /// Validity, both ends included, seconds since 1970 UTC.
    pub from: u64,
    pub until: u64,
    pub key: PublicKey,
    /// Key usage bits in order of RFC 5280 section 4.2.1.3, bit 0 highest; None without the extension.
    key_usage: Option<u8>,
    /// Extended key usages as whole DER identifiers; None without the extension.
    extended: Option<Vec<Vec<u8>>>,
}

impl Certificate {
    /// From exactly one DER certificate. None: not canonical DER, not version 3, a key of another kind, or too long.
    pub fn parse(bytes: &[u8]) -> Option<Certificate> {
        if LEN_MAX < bytes.len() || !der::is_canonical(bytes) {
            return None;
        }
        let mut outer = Reader::new(bytes).enter(SEQUENCE)?;
        let mut body = outer.enter(SEQUENCE)?;
        outer.take(SEQUENCE)?;
        outer.bits()?;
        outer.end()?;
        let mut version = body.enter(der::context(0))?;
        (version.number()? == 2).then_some(())?;
        version.end()?;
        let serial = body.take_whole(INTEGER)?.to_vec();
        body.take(SEQUENCE)?;
        let issuer = body.take_whole(SEQUENCE)?.to_vec();
        let mut validity = body.enter(SEQUENCE)?;
        let (from, until) = (asn1_time::read(&mut validity)?, asn1_time::read(&mut validity)?);
        validity.end()?;
        let subject = name_text(body.enter(SEQUENCE)?)?;
        let key = public_key(body.enter(SEQUENCE)?)?;
        let mut certificate =
            Certificate { der: bytes.to_vec(), issuer, serial, subject, from, until, key, key_usage: None, extended: None };
        body.take(der::context_primitive(1));
        body.take(der::context_primitive(2));
        if let Some(mut wrapped) = body.enter(der::context(3)) {
            certificate.read_extensions(wrapped.enter(SEQUENCE)?)?;
            wrapped.end()?;
        }
        body.end()?;
        Some(certificate)
    }

    fn read_extensions(&mut self, mut list: Reader<'_>) -> Option<()> {
        while !list.is_empty() {
            let mut extension = list.enter(SEQUENCE)?;
            let id = extension.take_whole(OID)?;
            extension.take(BOOLEAN);
            let value = extension.take(OCTET_STRING)?;
            extension.end()?;
            if id == oids::KEY_USAGE {
                let bits = Reader::new(value).take(der::BIT_STRING)?;
                self.key_usage = Some(bits.get(1).copied().unwrap_or(0));
            } else if id == oids::EXTENDED_KEY_USAGE {
                let mut usages = Reader::new(value).enter(SEQUENCE)?;
                let mut found = Vec::new();
                while !usages.is_empty() {
                    found.push(usages.take_whole(OID)?.to_vec());
                }
                self.extended = Some(found);
            }
        }
        Some(())
    }

    pub fn der(&self) -> &[u8] {
        &self.der
    }
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&[&self.der])
    }
    /// IssuerAndSerialNumber, whole.
    pub fn issuer_and_serial(&self) -> Vec<u8> {
        der::sequence(&[&self.issuer, &self.serial])
    }
    /// digitalSignature or nonRepudiation, or no key usage stated.
    pub fn may_sign(&self) -> bool {
        self.key_usage.is_none_or(|bits| bits & 0b1100_0000 != 0)
    }
    /// keyEncipherment, or no key usage stated.
    pub fn may_receive_keys(&self) -> bool {
        self.key_usage.is_none_or(|bits| bits & 0b0010_0000 != 0)
    }
    /// Time stamping and nothing else (RFC 3161 section 2.3).
    pub fn is_for_time_stamping(&self) -> bool {
        self.extended.as_ref().is_some_and(|usages| usages.len() == 1 && usages[0] == oids::TIME_STAMPING)
    }
    pub fn is_valid_at(&self, seconds: u64) -> bool {
        (self.from..=self.until).contains(&seconds)
    }
}

fn public_key(mut info: Reader<'_>) -> Option<PublicKey> {
    let mut algorithm = info.enter(SEQUENCE)?;
    let id = algorithm.take_whole(OID)?;
    let key = info.bits()?.to_vec();
    info.end()?;
    if id == oids::RSA {
        algorithm.expect(oids::NULL)?;
        algorithm.end()?;
        return Some(PublicKey::Rsa(key));
    }
    (id == oids::EC_PUBLIC_KEY).then_some(())?;
    let curve = algorithm.take_whole(OID)?;
    algorithm.end()?;
    match (curve, key.first(), key.len()) {
        (oids::P256, Some(4), 65) => Some(PublicKey::P256(key)),
        (oids::P384, Some(4), 97) => Some(PublicKey::P384(key)),
        _ => None,
    }
}

/// The values of a Name, joined by commas: `Example Provider, NL`. For display only; nothing is decided by it.
fn name_text(mut name: Reader<'_>) -> Option<String> {
    let mut values = Vec::new();
    while !name.is_empty() {
        let mut set = name.enter(SET)?;
        while !set.is_empty() {
            let mut pair = set.enter(SEQUENCE)?;
            pair.take(OID)?;
            let value = pair.element()?;
            pair.end()?;
            let text = String::from_utf8_lossy(value.content);
            values.push(text.chars().map(|c| if is_hidden(c) { '\u{FFFD}' } else { c }).take(200).collect::<String>());
        }
    }
    // A self-signed certificate often says its organisation twice.
    values.dedup();
    Some(values.join(", "))
}
