//! CMS SignedData (RFC 5652) with one signer: what a detached signature and a time-stamp token have in common.

use super::certificate::{Certificate, PublicKey};
use super::der::{self, OCTET_STRING, OID, Reader, SEQUENCE, SET};
use super::digest::{sha256, sha384, sha512};
use super::{Refusal, oids};
use aws_lc_rs::signature as primitive;

/// Longest SignedData: eight certificates and a token fit.
pub const LEN_MAX: usize = 256 * 1024;
const CERTIFICATES_MAX: usize = 8;

/// Digest algorithms that may occur. Packages use SHA-256 only; time-stamp authorities also the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// From an AlgorithmIdentifier: parameters absent or NULL.
    pub fn read(reader: &mut Reader<'_>) -> Option<Hash> {
        let mut algorithm = reader.enter(SEQUENCE)?;
        let hash = match algorithm.take_whole(OID)? {
            oids::SHA256 => Hash::Sha256,
            oids::SHA384 => Hash::Sha384,
            oids::SHA512 => Hash::Sha512,
            _ => return None,
        };
        algorithm.expect(oids::NULL); // may be absent; anything else is left for the end
        algorithm.end()?;
        Some(hash)
    }

    pub fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Hash::Sha256 => sha256(&[bytes]).to_vec(),
            Hash::Sha384 => sha384(bytes).to_vec(),
            Hash::Sha512 => sha512(bytes).to_vec(),
        }
    }
}

/// How the signature value was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Ecdsa,
    RsaPkcs1,
    /// SHA-256, MGF1 with SHA-256, salt of 32 octets.
    RsaPss,
}

/// RSASSA-PSS-params for SHA-256 throughout and a salt of 32 octets. RFC 4055 has two spellings of the hash: parameters
/// NULL, as one must write it, or absent, as one must also read it.
fn pss_parameters(has_null: bool) -> Vec<u8> {
    let hash = if has_null { der::sequence(&[oids::SHA256, oids::NULL]) } else { der::sequence(&[oids::SHA256]) };
    let mask = der::sequence(&[oids::MGF1, &hash]);
    let salt = der::unsigned(&[32]);
    der::sequence(&[
        &der::element(der::context(0), &[&hash]),
        &der::element(der::context(1), &[&mask]),
        &der::element(der::context(2), &[&salt]),
    ])
}

/// A parsed SignedData whose signature has not been checked.
pub struct SignedData {
    file: &'static str,
    /// The encapsulated content; None for a detached signature.
    pub content: Option<Vec<u8>>,
    /// eContentType, whole.
    pub content_type: Vec<u8>,
    /// The signer's certificate, found by issuer and serial number among those inside.
    pub certificate: Certificate,
    pub hash: Hash,
    scheme: Scheme,
    /// (whole identifier, whole single value) in DER order; no identifier twice.
    attributes: Vec<(Vec<u8>, Vec<u8>)>,
    /// The attributes as the signature covers them: with the tag of a SET.
    signed_octets: Vec<u8>,
    signature: Vec<u8>,
}

impl SignedData {
    /// Reads exactly one ContentInfo. `file` names it in refusals. Refuses PKG-40 (DER) and PKG-41 (shape).
    pub fn parse(bytes: &[u8], file: &'static str) -> Result<SignedData, Refusal> {
        if LEN_MAX < bytes.len() {
            return Err(Refusal::Size { what: "a signature" });
        }
        if !der::is_canonical(bytes) {
            return Err(Refusal::Der { file });
        }
        read(bytes, file).ok_or(Refusal::SignatureShape { file, what: "not a SignedData with one signer and known algorithms" })
    }

    /// The single value of a signed attribute, whole.
    pub fn attribute(&self, id: &[u8]) -> Option<&[u8]> {
        self.attributes.iter().find(|(found, _)| found == id).map(|(_, value)| value.as_slice())
    }
    pub fn attribute_count(&self) -> usize {
        self.attributes.len()
    }

    /// PKG-42, PKG-43: content-type and message-digest are those of these octets.
    pub fn check_content(&self, content: &[u8]) -> Result<(), Refusal> {
        let file = self.file;
        if self.attribute(oids::CONTENT_TYPE) != Some(&self.content_type) {
            return Err(Refusal::SignedAttributes { file });
        }
        let claimed = self.attribute(oids::MESSAGE_DIGEST).and_then(|value| Reader::new(value).take(OCTET_STRING));
        if claimed.ok_or(Refusal::SignedAttributes { file })? != self.hash.of(content) {
            return Err(Refusal::MessageDigest { file });
        }
        Ok(())
    }

    /// PKG-44: signing-certificate-v2 has the digest of the certificate that the signature is checked with.
    ///
    /// Without it another certificate on the same key could be put in its place.
    pub fn check_certificate(&self) -> Result<(), Refusal> {
        let file = self.file;
        let value = self.attribute(oids::SIGNING_CERTIFICATE_V2).ok_or(Refusal::SignedAttributes { file })?;
        let is_named = names_certificate(value, &self.certificate).ok_or(Refusal::SignedAttributes { file })?;
        if is_named { Ok(()) } else { Err(Refusal::SigningCertificate { file }) }
    }

    /// PKG-45: the signature value over the signed attributes.
    pub fn check_signature(&self) -> Result<(), Refusal> {
        let refusal = Refusal::SignatureValue { file: self.file };
        use primitive::VerificationAlgorithm;
        let (algorithm, key): (&dyn VerificationAlgorithm, &[u8]) = match (&self.certificate.key, self.scheme, self.hash) {
            (PublicKey::P256(key), Scheme::Ecdsa, Hash::Sha256) => (&primitive::ECDSA_P256_SHA256_ASN1, key),
            (PublicKey::P384(key), Scheme::Ecdsa, Hash::Sha256) => (&primitive::ECDSA_P384_SHA256_ASN1, key),
            (PublicKey::P384(key), Scheme::Ecdsa, Hash::Sha384) => (&primitive::ECDSA_P384_SHA384_ASN1, key),
            (PublicKey::Rsa(key), Scheme::RsaPkcs1, Hash::Sha256) => (&primitive::RSA_PKCS1_2048_8192_SHA256, key),
            (PublicKey::Rsa(key), Scheme::RsaPkcs1, Hash::Sha384) => (&primitive::RSA_PKCS1_2048_8192_SHA384, key),
            (PublicKey::Rsa(key), Scheme::RsaPkcs1, Hash::Sha512) => (&primitive::RSA_PKCS1_2048_8192_SHA512, key),
            (PublicKey::Rsa(key), Scheme::RsaPss, Hash::Sha256) => (&primitive::RSA_PSS_2048_8192_SHA256, key),
            _ => return Err(Refusal::SignatureShape { file: self.file, what: "the algorithm does not fit the key" }),
        };
        primitive::UnparsedPublicKey::new(algorithm, key).verify(&self.signed_octets, &self.signature).map_err(|_| refusal)
    }
}

/// SigningCertificateV2: does its first ESSCertIDv2 name this certificate? None: another shape.
fn names_certificate(value: &[u8], certificate: &Certificate) -> Option<bool> {
    let mut outer = Reader::new(value).enter(SEQUENCE)?;
    let mut list = outer.enter(SEQUENCE)?;
    let mut first = list.enter(SEQUENCE)?;
    // hashAlgorithm is DEFAULT SHA-256, so DER leaves it out for SHA-256.
    let hash = Hash::read(&mut first).unwrap_or(Hash::Sha256);
    let digest = first.take(OCTET_STRING)?;
    Some(digest == hash.of(certificate.der()))
}

fn read(bytes: &[u8], file: &'static str) -> Option<SignedData> {
    let mut info = Reader::new(bytes).enter(SEQUENCE)?;
    info.expect(oids::SIGNED_DATA)?;
    let mut wrapped = info.enter(der::context(0))?;
    info.end()?;
    let mut data = wrapped.enter(SEQUENCE)?;
    wrapped.end()?;
    let version = data.number()?;
    let mut digests = data.enter(SET)?;
    let announced = Hash::read(&mut digests)?;
    digests.end()?;
    let mut encapsulated = data.enter(SEQUENCE)?;
    let content_type = encapsulated.take_whole(OID)?.to_vec();
    let mut content = None;
    if let Some(mut inner) = encapsulated.enter(der::context(0)) {
        content = Some(inner.take(OCTET_STRING)?.to_vec());
        inner.end()?;
    }
    encapsulated.end()?;
    // RFC 5652 section 5.1: version 3 if the content is not id-data.
    (version == if content_type == oids::DATA { 1 } else { 3 }).then_some(())?;
    let mut list = data.enter(der::context(0))?;
    let mut certificates = Vec::new();
    while !list.is_empty() {
        (certificates.len() < CERTIFICATES_MAX).then_some(())?;
        certificates.push(list.take_whole(SEQUENCE)?);
    }
    let mut signers = data.enter(SET)?;
    let signer = signers.enter(SEQUENCE)?;
    signers.end()?;
    data.end()?;
    let signed = read_signer(signer, &certificates, announced)?;
    Some(SignedData { file, content, content_type, ..signed })
}

/// SignerInfo version 1. No unsigned attributes: anybody could add them unseen.
fn read_signer(mut signer: Reader<'_>, certificates: &[&[u8]], announced: Hash) -> Option<SignedData> {
    (signer.number()? == 1).then_some(())?;
    let issuer_and_serial = signer.take_whole(SEQUENCE)?;
    let hash = Hash::read(&mut signer)?;
    (hash == announced).then_some(())?;
    let attributes = signer.take(der::context(0))?;
    let scheme = read_scheme(signer.enter(SEQUENCE)?, hash)?;
    let signature = signer.take(OCTET_STRING)?.to_vec();
    signer.end()?;
    let mut found =
        certificates.iter().filter_map(|bytes| Certificate::parse(bytes)).filter(|c| c.issuer_and_serial() == issuer_and_serial);
    let certificate = found.next()?;
    found.next().is_none().then_some(())?;
    let signed_octets = der::element(SET, &[attributes]);
    // Read as a SET this also checks the order of the members, which the implicit tag hid.
    der::is_canonical(&signed_octets).then_some(())?;
    let attributes = read_attributes(Reader::new(attributes))?;
    Some(SignedData { file: "", content: None, content_type: Vec::new(), certificate, hash, scheme, attributes, signed_octets, signature })
}

fn read_attributes(mut list: Reader<'_>) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut attributes: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    while !list.is_empty() {
        let mut attribute = list.enter(SEQUENCE)?;
        let id = attribute.take_whole(OID)?.to_vec();
        let mut values = attribute.enter(SET)?;
        attribute.end()?;
        let value = values.element()?.whole.to_vec();
        values.end()?;
        attributes.iter().all(|(other, _)| *other != id).then_some(())?;
        attributes.push((id, value));
    }
    Some(attributes)
}

fn read_scheme(mut algorithm: Reader<'_>, hash: Hash) -> Option<Scheme> {
    let id = algorithm.take_whole(OID)?;
    let (scheme, is_fixed_to) = match id {
        oids::ECDSA_SHA256 => (Scheme::Ecdsa, Some(Hash::Sha256)),
        oids::ECDSA_SHA384 => (Scheme::Ecdsa, Some(Hash::Sha384)),
        oids::RSA => (Scheme::RsaPkcs1, None),
        oids::RSA_SHA256 => (Scheme::RsaPkcs1, Some(Hash::Sha256)),
        oids::RSA_SHA384 => (Scheme::RsaPkcs1, Some(Hash::Sha384)),
        oids::RSA_SHA512 => (Scheme::RsaPkcs1, Some(Hash::Sha512)),
        oids::RSA_PSS => (Scheme::RsaPss, Some(Hash::Sha256)),
        _ => return None,
    };
    is_fixed_to.is_none_or(|fixed| fixed == hash).then_some(())?;
    match scheme {
        Scheme::Ecdsa => {}
        Scheme::RsaPkcs1 => algorithm.expect(oids::NULL)?,
        Scheme::RsaPss => algorithm.expect(&pss_parameters(true)).or_else(|| algorithm.expect(&pss_parameters(false)))?,
    }
    algorithm.end()?;
    Some(scheme)
}

/// Attributes of a CAdES-B signature over `content`, as the SET that is signed (tag 0x31).
pub fn cades_attributes(content: &[u8], certificate: &Certificate, signing_time: u64) -> Vec<u8> {
    let digest = der::element(OCTET_STRING, &[&sha256(&[content])]);
    let certificate_id = der::sequence(&[&der::element(OCTET_STRING, &[&certificate.sha256()])]);
    let certificate_ids = der::sequence(&[&der::sequence(&[&certificate_id])]);
    let attribute = |id: &[u8], value: &[u8]| der::sequence(&[id, &der::element(SET, &[value])]);
    der::set_of(
        SET,
        &[
            attribute(oids::CONTENT_TYPE, oids::DATA),
            attribute(oids::MESSAGE_DIGEST, &digest),
            attribute(oids::SIGNING_TIME, &super::asn1_time::encode(signing_time)),
            attribute(oids::SIGNING_CERTIFICATE_V2, &certificate_ids),
        ],
    )
}

/// A detached SignedData over the attributes of [`cades_attributes`]. `chain` are further certificates for the reader.
///
/// `scheme` is the whole AlgorithmIdentifier of the signature.
pub fn encode(attributes: &[u8], certificate: &Certificate, chain: &[Vec<u8>], scheme: &[u8], signature: &[u8]) -> Vec<u8> {
    let sha256 = der::sequence(&[oids::SHA256]);
    let mut implicit = attributes.to_vec();
    if let Some(tag) = implicit.first_mut() {
        *tag = der::context(0);
    }
    let signer = der::sequence(&[
        &der::unsigned(&[1]),
        &certificate.issuer_and_serial(),
        &sha256,
        &implicit,
        scheme,
        &der::element(OCTET_STRING, &[signature]),
    ]);
    let certificates: Vec<Vec<u8>> = std::iter::once(certificate.der().to_vec()).chain(chain.iter().cloned()).collect();
    let data = der::sequence(&[
        &der::unsigned(&[1]),
        &der::element(SET, &[&sha256]),
        &der::sequence(&[oids::DATA]),
        &der::set_of(der::context(0), &certificates),
        &der::element(SET, &[&signer]),
    ]);
    der::sequence(&[oids::SIGNED_DATA, &der::element(der::context(0), &[&data])])
}
