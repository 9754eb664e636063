//! A signer's certificate: what is shown of it, what its key may do, whether it says that it is a qualified one.
//!
//! The key itself is read by the library that checks signatures and paths (`algorithm`, `trust`), never here.

use super::refusal::shown;
use verify::package::der::{self, BIT_STRING, BOOLEAN, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, SET};
use verify::package::digest::sha256;
use verify::package::{asn1_time, oids};

/// Longest certificate; some carry long policies and logos.
pub const LEN_MAX: usize = 32 * 1024;

/// id-ce-basicConstraints 2.5.29.19
const BASIC_CONSTRAINTS: &[u8] = b"\x06\x03\x55\x1D\x13";
/// id-pe-qcStatements 1.3.6.1.5.5.7.1.3
const QC_STATEMENTS: &[u8] = b"\x06\x08\x2B\x06\x01\x05\x05\x07\x01\x03";
/// id-etsi-qcs-QcCompliance 0.4.0.1862.1.1
const QC_COMPLIANCE: &[u8] = b"\x06\x06\x04\x00\x8E\x46\x01\x01";
/// id-etsi-qcs-QcType 0.4.0.1862.1.6
const QC_TYPE: &[u8] = b"\x06\x06\x04\x00\x8E\x46\x01\x06";
/// id-etsi-qcs-QcSSCD 0.4.0.1862.1.4
const QC_DEVICE: &[u8] = b"\x06\x06\x04\x00\x8E\x46\x01\x04";
/// id-etsi-qct-esign 0.4.0.1862.1.6.1
const FOR_SIGNATURE: &[u8] = b"\x06\x07\x04\x00\x8E\x46\x01\x06\x01";
/// id-etsi-qct-eseal 0.4.0.1862.1.6.2
const FOR_SEAL: &[u8] = b"\x06\x07\x04\x00\x8E\x46\x01\x06\x02";

/// What a certificate says of itself (ETSI EN 319 412-5). It counts only when a granted service of a trusted list issued it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    QualifiedSignature,
    QualifiedSeal,
    NotQualified,
}

/// A certificate as sent. Read is not trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    subject: Vec<u8>,
    issuer: Vec<u8>,
    serial: Vec<u8>,
    subject_text: String,
    issuer_text: String,
    key_id: Option<Vec<u8>>,
    from: u64,
    until: u64,
    rsa_bits: Option<usize>,
    is_p256: bool,
    key_usage: Option<u8>,
    is_authority: bool,
    quality: Quality,
    has_device: bool,
}

impl Certificate {
    /// From exactly one DER certificate, version 3. None: not one, or longer than 32 KiB.
    pub fn parse(bytes: &[u8]) -> Option<Certificate> {
        if LEN_MAX < bytes.len() {
            return None;
        }
        let mut whole = Reader::new(bytes);
        let mut outer = whole.enter(SEQUENCE)?;
        whole.end()?;
        let mut body = outer.enter(SEQUENCE)?;
        outer.take(SEQUENCE)?;
        outer.bits()?;
        outer.end()?;
        (body.enter(der::context(0))?.number()? == 2).then_some(())?;
        let serial = body.take_whole(INTEGER)?.to_vec();
        body.take(SEQUENCE)?;
        let issuer = body.take_whole(SEQUENCE)?.to_vec();
        let mut validity = body.enter(SEQUENCE)?;
        let (from, until) = (asn1_time::read(&mut validity)?, asn1_time::read(&mut validity)?);
        let subject = body.take_whole(SEQUENCE)?.to_vec();
        let (rsa_bits, is_p256) = key_kind(body.enter(SEQUENCE)?)?;
        let mut certificate = Certificate {
            der: bytes.to_vec(),
            subject_text: name_text(&subject)?,
            issuer_text: name_text(&issuer)?,
            subject,
            issuer,
            serial,
            key_id: None,
            from,
            until,
            rsa_bits,
            is_p256,
            key_usage: None,
            is_authority: false,
            quality: Quality::NotQualified,
            has_device: false,
        };
        body.take(der::context_primitive(1));
        body.take(der::context_primitive(2));
        if let Some(mut wrapped) = body.enter(der::context(3)) {
            certificate.read_extensions(wrapped.enter(SEQUENCE)?)?;
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
            match id {
                oids::KEY_USAGE => self.key_usage = Some(Reader::new(value).take(BIT_STRING)?.get(1).copied().unwrap_or(0)),
                BASIC_CONSTRAINTS => self.is_authority = Reader::new(value).enter(SEQUENCE)?.take(BOOLEAN) == Some(&[0xFF]),
                SUBJECT_KEY_ID => self.key_id = Some(Reader::new(value).take(OCTET_STRING)?.to_vec()),
                QC_STATEMENTS => (self.quality, self.has_device) = quality(Reader::new(value).enter(SEQUENCE)?)?,
                _ => {}
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
    /// The subject's names, joined by commas, hidden characters replaced. For people; nothing is decided by it.
    pub fn subject(&self) -> &str {
        &self.subject_text
    }
    pub fn issuer(&self) -> &str {
        &self.issuer_text
    }
    /// Validity, both ends included, seconds since 1970 UTC.
    pub fn validity(&self) -> (u64, u64) {
        (self.from, self.until)
    }
    pub fn is_valid_at(&self, seconds: u64) -> bool {
        (self.from..=self.until).contains(&seconds)
    }
    pub fn quality(&self) -> Quality {
        self.quality
    }
    /// Does it say that its key is in a qualified device? Without one a signature is advanced, with a qualified certificate.
    pub fn has_device(&self) -> bool {
        self.has_device
    }
    /// Does it name itself as its issuer? Then nobody else vouches for it.
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }
    pub(super) fn issuer_and_serial(&self) -> Vec<u8> {
        der::sequence(&[&self.issuer, &self.serial])
    }
    pub(super) fn key_id(&self) -> Option<&[u8]> {
        self.key_id.as_deref()
    }
    pub(super) fn rsa_bits(&self) -> Option<usize> {
        self.rsa_bits
    }
    pub(super) fn is_p256(&self) -> bool {
        self.is_p256
    }
    /// Basic constraints say that it issues certificates.
    pub(super) fn is_authority(&self) -> bool {
        self.is_authority
    }
    /// digitalSignature or nonRepudiation, or no key usage stated.
    pub(super) fn may_sign(&self) -> bool {
        self.key_usage.is_none_or(|bits| bits & 0b1100_0000 != 0)
    }
}

/// id-ce-subjectKeyIdentifier 2.5.29.14
const SUBJECT_KEY_ID: &[u8] = b"\x06\x03\x55\x1D\x0E";

/// (bits of an RSA modulus, is it P-256).
fn key_kind(mut info: Reader<'_>) -> Option<(Option<usize>, bool)> {
    let mut algorithm = info.enter(SEQUENCE)?;
    let id = algorithm.take_whole(OID)?;
    let key = info.bits()?;
    if id != oids::RSA {
        return Some((None, algorithm.take_whole(OID) == Some(oids::P256)));
    }
    let modulus = Reader::new(key).enter(SEQUENCE)?.take(INTEGER)?;
    let digits = modulus.iter().skip_while(|b| **b == 0).copied().collect::<Vec<u8>>();
    let bits = digits.len() * 8 - digits.first().map_or(0, |b| b.leading_zeros() as usize);
    Some((Some(bits), false))
}

/// QCStatements: compliance stated, and for what; whether a device is stated. Without a type a qualified certificate is for signatures (EN 319 412-5, 4.2.3).
fn quality(mut list: Reader<'_>) -> Option<(Quality, bool)> {
    let mut has_device = false;
    let (mut is_qualified, mut for_seal, mut for_signature, mut has_type) = (false, false, false, false);
    while !list.is_empty() {
        let mut statement = list.enter(SEQUENCE)?;
        match statement.take_whole(OID)? {
            QC_COMPLIANCE => is_qualified = true,
            QC_DEVICE => has_device = true,
            QC_TYPE => {
                has_type = true;
                let mut types = statement.enter(SEQUENCE)?;
                while !types.is_empty() {
                    match types.take_whole(OID)? {
                        FOR_SEAL => for_seal = true,
                        FOR_SIGNATURE => for_signature = true,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    let quality = match (is_qualified, has_type, for_signature, for_seal) {
        (true, false, ..) | (true, _, true, _) => Quality::QualifiedSignature,
        (true, _, _, true) => Quality::QualifiedSeal,
        _ => Quality::NotQualified,
    };
    Some((quality, has_device))
}

fn name_text(name: &[u8]) -> Option<String> {
    let mut name = Reader::new(name).enter(SEQUENCE)?;
    let mut values = Vec::new();
    while !name.is_empty() {
        let mut set = name.enter(SET)?;
        while !set.is_empty() {
            let mut pair = set.enter(SEQUENCE)?;
            pair.take(OID)?;
            values.push(shown(&String::from_utf8_lossy(pair.element()?.content)));
        }
    }
    values.dedup();
    Some(values.join(", "))
}
