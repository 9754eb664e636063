//! CMS SignedData (RFC 5652) and CAdES (ETSI EN 319 122-1), with the content inside or beside.

use super::algorithm::{self, Scheme};
use super::{CERTIFICATES_MAX, Certificate, Coverage, DOCUMENT_MAX, Format, Refusal, SIGNATURES_MAX, Valid};
use std::sync::Arc;
use verify::package::cms::Hash;
use verify::package::der::{self, OCTET_STRING, OID, Reader, SEQUENCE, SET};
use verify::package::{asn1_time, oids};

/// Longest signature without its content.
pub const SIGNATURE_MAX: usize = 1024 * 1024;

/// sha512WithRSAEncryption and its like stand in `oids`; these do not.
const ECDSA_SHA512: &[u8] = b"\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x04";
const ED25519: &[u8] = b"\x06\x03\x2B\x65\x70";

/// Every signature of a CMS file. `beside` is the content of a detached signature, which the CMS must then not hold itself.
pub fn check(bytes: &[u8], beside: Option<&[u8]>) -> Result<Vec<Valid>, Refusal> {
    let content_max = if beside.is_some() { 0 } else { DOCUMENT_MAX };
    if SIGNATURE_MAX + content_max < bytes.len() || beside.is_some_and(|content| DOCUMENT_MAX < content.len()) {
        return Err(Refusal::Size { what: "document" });
    }
    let bytes = super::der::normalised(bytes)?;
    let read = read(&bytes)?;
    // SIG-21: two contents would let one be shown and the other be checked.
    let content = match (read.content, beside) {
        (Some(inside), None) => inside,
        (None, Some(beside)) => beside,
        _ => return Err(Refusal::Content),
    };
    let octets = Arc::new(content.to_vec());
    if read.signers.is_empty() {
        return Err(Refusal::Unsigned);
    }
    read.signers.iter().map(|signer| signer.check(&read, &octets)).collect()
}

/// What a PDF signature needs: over parts of a file that are joined by the caller.
pub(super) fn check_pdf(bytes: &[u8], signed: &[u8], octets: &Arc<Vec<u8>>, coverage: Coverage) -> Result<Valid, Refusal> {
    let bytes = super::der::normalised(bytes)?;
    let read = read(&bytes)?;
    if read.content.is_some() {
        return Err(Refusal::Content);
    }
    let [signer] = &read.signers[..] else { return Err(Refusal::Shape { what: "a PDF signature has one signer" }) };
    let checked = signer.check(&read, &Arc::new(signed.to_vec()))?;
    Ok(Valid { format: Format::Pdf, coverage, octets: octets.clone(), ..checked })
}

struct SignedData<'a> {
    content_type: &'a [u8],
    content: Option<&'a [u8]>,
    certificates: Vec<&'a [u8]>,
    signers: Vec<Signer<'a>>,
}

struct Signer<'a> {
    /// Tag and content of the SignerIdentifier.
    id: der::Element<'a>,
    hash: Hash,
    attributes: &'a [u8],
    scheme: Scheme,
    value: &'a [u8],
}

const NOT_CMS: Refusal = Refusal::Form { what: "not a CMS SignedData" };

fn read(bytes: &[u8]) -> Result<SignedData<'_>, Refusal> {
    let outline = |bytes| {
        let mut info = Reader::new(bytes).enter(SEQUENCE)?;
        info.expect(oids::SIGNED_DATA)?;
        let mut data = info.enter(der::context(0))?.enter(SEQUENCE)?;
        let version = data.number()?;
        (1..=5).contains(&version).then_some(())?;
        data.take(SET)?;
        let mut encapsulated = data.enter(SEQUENCE)?;
        let content_type = encapsulated.take_whole(OID)?;
        let content = match encapsulated.enter(der::context(0)) {
            Some(mut inside) => Some(inside.take(OCTET_STRING)?),
            None => None,
        };
        let certificates = data.enter(der::context(0)).unwrap_or(Reader::new(&[]));
        data.take(der::context(1));
        let signers = data.enter(SET)?;
        data.end()?;
        Some((content_type, content, certificates, signers))
    };
    let (content_type, content, mut list, mut signers) = outline(bytes).ok_or(NOT_CMS)?;
    let mut certificates = Vec::new();
    while !list.is_empty() {
        // Other kinds of certificates than X.509 have other tags; nothing here reads them.
        let element = list.element().ok_or(NOT_CMS)?;
        if element.tag == SEQUENCE {
            certificates.push(element.whole);
        }
        if CERTIFICATES_MAX < certificates.len() {
            return Err(Refusal::Size { what: "certificates" });
        }
    }
    let mut read = Vec::new();
    while !signers.is_empty() {
        if SIGNATURES_MAX <= read.len() {
            return Err(Refusal::Size { what: "signatures" });
        }
        read.push(signer(signers.enter(SEQUENCE).ok_or(NOT_CMS)?)?);
    }
    Ok(SignedData { content_type, content, certificates, signers: read })
}

fn signer(mut info: Reader<'_>) -> Result<Signer<'_>, Refusal> {
    let shape = Refusal::Shape { what: "SignerInfo" };
    let version = info.number().ok_or(shape.clone())?;
    let id = info.element().ok_or(shape.clone())?;
    let is_known = matches!((version, id.tag), (1, SEQUENCE) | (3, 0x80));
    let algorithm = info.take_whole(SEQUENCE).filter(|_| is_known).ok_or(shape.clone())?;
    let hash = hash(algorithm)?;
    // SIG-20: without signed attributes a signature on a text could be passed off as one on attributes, and the other way.
    let attributes = info.take(der::context(0)).ok_or(Refusal::SignedAttributes { what: "none" })?;
    let scheme = scheme(info.enter(SEQUENCE).ok_or(shape.clone())?, hash)?;
    let value = info.take(OCTET_STRING).ok_or(shape.clone())?;
    // Unsigned attributes: time stamps, archived lists. Anybody could add them, so nothing here is decided by them.
    info.take(der::context(1));
    info.end().ok_or(shape)?;
    Ok(Signer { id, hash, attributes, scheme, value })
}

impl Signer<'_> {
    fn check(&self, data: &SignedData<'_>, content: &Arc<Vec<u8>>) -> Result<Valid, Refusal> {
        let signed = der::element(SET, &[self.attributes]);
        if !der::is_canonical(&signed) {
            return Err(Refusal::SignedAttributes { what: "not in DER" });
        }
        let attributes = attributes(self.attributes).ok_or(Refusal::SignedAttributes { what: "another shape" })?;
        let value_of = |id: &[u8]| attributes.iter().find(|(found, _)| *found == id).map(|(_, value)| *value);
        if value_of(oids::CONTENT_TYPE) != Some(data.content_type) || data.content_type != oids::DATA {
            return Err(Refusal::SignedAttributes { what: "content type" });
        }
        let digest = value_of(oids::MESSAGE_DIGEST).and_then(|value| Reader::new(value).take(OCTET_STRING));
        if digest.ok_or(Refusal::SignedAttributes { what: "message digest" })? != self.hash.of(content) {
            return Err(Refusal::Digest);
        }
        let claimed_time = match value_of(oids::SIGNING_TIME) {
            None => None,
            Some(value) => Some(asn1_time::read(&mut Reader::new(value)).ok_or(Refusal::SignedAttributes { what: "signing time" })?),
        };
        let certificate = self.certificate(&data.certificates)?;
        algorithm::check(&certificate, self.scheme, &signed, self.value)?;
        let is_certificate_signed = match value_of(oids::SIGNING_CERTIFICATE_V2) {
            None => false,
            Some(value) => match names(value, &certificate) {
                Some(true) => true,
                Some(false) => return Err(Refusal::OtherCertificate),
                None => return Err(Refusal::SignedAttributes { what: "signing certificate" }),
            },
        };
        let others = data.certificates.iter().filter(|der| **der != certificate.der()).map(|der| der.to_vec()).collect();
        Ok(Valid {
            format: Format::Cms,
            coverage: Coverage::Whole,
            octets: content.clone(),
            certificate,
            others,
            claimed_time,
            is_certificate_signed,
        })
    }

    /// SIG-06: the one certificate that the identifier names.
    fn certificate(&self, certificates: &[&[u8]]) -> Result<Certificate, Refusal> {
        let is_named = |certificate: &Certificate| match self.id.tag {
            SEQUENCE => certificate.issuer_and_serial() == self.id.whole,
            _ => certificate.key_id() == Some(self.id.content),
        };
        let mut found = certificates.iter().filter_map(|der| Certificate::parse(der)).filter(is_named);
        match (found.next(), found.next()) {
            (Some(certificate), None) => Ok(certificate),
            (None, _) => Err(Refusal::Certificate { what: "no X.509 certificate beside the signature" }),
            (Some(_), Some(_)) => Err(Refusal::Certificate { what: "two certificates of one name and number" }),
        }
    }
}

/// (whole identifier, whole single value); None: another shape, or one of them twice.
fn attributes(list: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut list = Reader::new(list);
    let mut found: Vec<(&[u8], &[u8])> = Vec::new();
    while !list.is_empty() {
        let mut attribute = list.enter(SEQUENCE)?;
        let id = attribute.take_whole(OID)?;
        let mut values = attribute.enter(SET)?;
        attribute.end()?;
        let value = values.element()?.whole;
        let is_one_of_ours = [oids::CONTENT_TYPE, oids::MESSAGE_DIGEST, oids::SIGNING_TIME, oids::SIGNING_CERTIFICATE_V2].contains(&id);
        if is_one_of_ours && (!values.is_empty() || found.iter().any(|(other, _)| *other == id)) {
            return None;
        }
        found.push((id, value));
    }
    Some(found)
}

/// Does the first ESSCertIDv2 name this certificate? None: another shape or hash.
fn names(value: &[u8], certificate: &Certificate) -> Option<bool> {
    let mut first = Reader::new(value).enter(SEQUENCE)?.enter(SEQUENCE)?.enter(SEQUENCE)?;
    let hash = match first.take_whole(SEQUENCE) {
        // DEFAULT SHA-256.
        None => Hash::Sha256,
        Some(algorithm) => hash(algorithm).ok()?,
    };
    Some(first.take(OCTET_STRING)? == hash.of(certificate.der()))
}

fn hash(algorithm: &[u8]) -> Result<Hash, Refusal> {
    Hash::read(&mut Reader::new(algorithm)).ok_or(Refusal::Algorithm { name: "a digest other than SHA-256, SHA-384, SHA-512".to_owned() })
}

fn scheme(mut algorithm: Reader<'_>, hash: Hash) -> Result<Scheme, Refusal> {
    let unknown = Refusal::Algorithm { name: "a signature algorithm that is not on the list".to_owned() };
    let (scheme, fixed) = match algorithm.take_whole(OID).ok_or(unknown.clone())? {
        oids::RSA => (Scheme::RsaPkcs1(hash), hash),
        oids::RSA_SHA256 => (Scheme::RsaPkcs1(Hash::Sha256), Hash::Sha256),
        oids::RSA_SHA384 => (Scheme::RsaPkcs1(Hash::Sha384), Hash::Sha384),
        oids::RSA_SHA512 => (Scheme::RsaPkcs1(Hash::Sha512), Hash::Sha512),
        oids::ECDSA_SHA256 => (Scheme::Ecdsa(Hash::Sha256), Hash::Sha256),
        oids::ECDSA_SHA384 => (Scheme::Ecdsa(Hash::Sha384), Hash::Sha384),
        ECDSA_SHA512 => (Scheme::Ecdsa(Hash::Sha512), Hash::Sha512),
        ED25519 => (Scheme::Ed25519, hash),
        oids::RSA_PSS => {
            let stated = algorithm.enter(SEQUENCE).and_then(|mut parameters| {
                let stated = Hash::read(&mut parameters.enter(der::context(0))?)?;
                let mut mask = parameters.enter(der::context(1))?.enter(SEQUENCE)?;
                mask.expect(oids::MGF1)?;
                (Hash::read(&mut mask)? == stated).then_some(())?;
                let salt = parameters.enter(der::context(2))?.number()?;
                (salt == stated.of(&[]).len() as u64).then_some(stated)
            });
            let stated = stated.ok_or(unknown.clone())?;
            (Scheme::RsaPss(stated), stated)
        }
        _ => return Err(unknown),
    };
    if fixed == hash { Ok(scheme) } else { Err(unknown) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SIG-06: where two certificates have the name and number that a signer is known by, none is taken.
    #[test]
    fn sig_06_two_certificates_of_one_name_are_none() {
        let der: &[u8] = include_bytes!("../../../../testdata/signatures/cases/known.crt");
        let name = Certificate::parse(der).unwrap().issuer_and_serial();
        let id = Reader::new(&name).element().unwrap();
        let signer = Signer { id, hash: Hash::Sha256, attributes: &[], scheme: Scheme::Ed25519, value: &[] };
        assert!(signer.certificate(&[der]).is_ok());
        assert_eq!(signer.certificate(&[der, der]).unwrap_err().code(), "SIG-06");
        assert_eq!(signer.certificate(&[]).unwrap_err().code(), "SIG-06");
    }
}
