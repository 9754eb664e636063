//! Delivery: a package encrypted to the authority's certificate, and opening it there.
//!
//! CMS AuthEnvelopedData (RFC 5083) with AES-256-GCM (RFC 5084); the content key is transported by RSA-OAEP with SHA-256
//! (parameters of RFC 4055). AES-GCM is offered by aws-lc-rs for whole buffers only, so a delivery is made and opened in
//! memory, about three times its size; larger productions are pulled in parts.

use crate::certificates::{self, Purpose};
use crate::pem;
use crate::place;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{
    OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use std::io;
use std::path::{Path, PathBuf};
use verify::package::Refusal;
use verify::package::certificate::{Certificate, PublicKey};
use verify::package::der::{self, OCTET_STRING, Reader, SEQUENCE, SET};
use verify::package::oids;
use zeroize::Zeroizing;

/// Largest package that is encrypted in one piece: 2 GiB less room for the envelope.
pub const PLAIN_LEN_MAX: usize = (2 << 30) - (1 << 20);
const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;

/// The authority's certificate (RSA, 2048 to 8192 bits), pinned by its SHA-256.
pub struct Recipient {
    certificate: Certificate,
}

impl Recipient {
    /// From PEM or DER. PKG-61: a certificate with another SHA-256 than `pinned` is refused, whoever brought it (T10).
    pub fn new(bytes: &[u8], pinned: &[u8; 32]) -> Result<Recipient, Refusal> {
        let certificate = read_certificate(bytes)?;
        if certificate.sha256() != *pinned {
            return Err(Refusal::OtherRecipient);
        }
        if !certificate.may_receive_keys() {
            return Err(Refusal::EnvelopeShape { what: "the recipient's certificate is not for key encipherment" });
        }
        Ok(Recipient { certificate })
    }
    /// The DER certificate.
    pub fn certificate(&self) -> &[u8] {
        self.certificate.der()
    }
}

/// SHA-256 of a certificate in PEM or DER: the value that the policy pins.
pub fn certificate_sha256(bytes: &[u8]) -> Result<[u8; 32], Refusal> {
    Ok(read_certificate(bytes)?.sha256())
}

fn read_certificate(bytes: &[u8]) -> Result<Certificate, Refusal> {
    let malformed = Refusal::EnvelopeShape { what: "not one certificate with an RSA key" };
    let blocks = std::str::from_utf8(bytes).ok().and_then(|text| pem::decode("CERTIFICATE", text)).unwrap_or_default();
    let certificate = match blocks.as_slice() {
        [] => Certificate::parse(bytes),
        [block] => Certificate::parse(block),
        _ => None,
    };
    certificate.filter(|c| matches!(c.key, PublicKey::Rsa(_))).ok_or(malformed)
}

/// A fresh RSA-3072 key with a self-signed certificate for an authority: (certificate, PKCS #8 private key), both PEM.
/// Validity in seconds since 1970 UTC. Takes about a second.
pub fn generate(organisation: &str, from: u64, until: u64) -> Result<(String, Zeroizing<String>), Refusal> {
    let made = certificates::make(Purpose::Delivery, organisation, from, until);
    let made = made.map_err(|_| Refusal::EnvelopeShape { what: "the key could not be made" })?;
    Ok((made.certificate, made.key))
}

/// SubjectPublicKeyInfo of an RSAPublicKey.
fn key_info(key: &[u8]) -> Vec<u8> {
    der::sequence(&[&der::sequence(&[oids::RSA, oids::NULL]), &der::element(der::BIT_STRING, &[&[0], key])])
}

/// RSAES-OAEP with SHA-256 and MGF1-SHA-256, whole.
fn oaep() -> Vec<u8> {
    let hash = der::sequence(&[oids::SHA256, oids::NULL]);
    let mask = der::sequence(&[oids::MGF1, &hash]);
    let parameters = der::sequence(&[&der::element(der::context(0), &[&hash]), &der::element(der::context(1), &[&mask])]);
    der::sequence(&[oids::RSA_OAEP, &parameters])
}

/// The encrypted package, DER (`.asice.p7m`). The content key is random and forgotten.
pub fn encrypt(mut package: Vec<u8>, recipient: &Recipient) -> Result<Vec<u8>, Refusal> {
    if PLAIN_LEN_MAX < package.len() {
        return Err(Refusal::Size { what: "the package" });
    }
    let failed = Refusal::EnvelopeShape { what: "encryption failed" };
    let PublicKey::Rsa(key) = &recipient.certificate.key else { return Err(failed) };
    let mut content_key = Zeroizing::new([0u8; 32]);
    let mut nonce = [0; NONCE_LEN];
    rand::fill(&mut *content_key).and_then(|()| rand::fill(&mut nonce)).map_err(|_| failed.clone())?;
    let public = PublicEncryptingKey::from_der(&key_info(key)).map_err(|_| failed.clone())?;
    let public = OaepPublicEncryptingKey::new(public).map_err(|_| failed.clone())?;
    let mut transported = vec![0; public.ciphertext_size()];
    public.encrypt(&OAEP_SHA256_MGF1SHA256, &*content_key, &mut transported, None).map_err(|_| failed.clone())?;
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &*content_key).map_err(|_| failed.clone())?);
    let tag = cipher.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut package).map_err(|_| failed)?;
    Ok(encode(&recipient.certificate, &transported, &nonce, &package, tag.as_ref()))
}

fn encode(recipient: &Certificate, transported: &[u8], nonce: &[u8; NONCE_LEN], content: &[u8], tag: &[u8]) -> Vec<u8> {
    let zero = der::unsigned(&[0]);
    let transport = der::sequence(&[&zero, &recipient.issuer_and_serial(), &oaep(), &der::element(OCTET_STRING, &[transported])]);
    let parameters = der::sequence(&[&der::element(OCTET_STRING, &[nonce]), &der::unsigned(&[TAG_LEN as u8])]);
    let cipher = der::sequence(&[oids::AES256_GCM, &parameters]);
    let content = der::sequence(&[oids::DATA, &cipher, &der::element(der::context_primitive(0), &[content])]);
    let data = der::sequence(&[&zero, &der::element(SET, &[&transport]), &content, &der::element(OCTET_STRING, &[tag])]);
    der::sequence(&[oids::AUTH_ENVELOPED_DATA, &der::element(der::context(0), &[&data])])
}

/// What an envelope holds; everything else in it is fixed.
struct Envelope<'a> {
    issuer_and_serial: &'a [u8],
    transported: &'a [u8],
    nonce: [u8; NONCE_LEN],
    content: &'a [u8],
    tag: [u8; TAG_LEN],
}

/// PKG-60: one recipient, the algorithms above, no attributes, nothing else.
fn read(envelope: &[u8]) -> Option<Envelope<'_>> {
    let mut info = Reader::new(envelope).enter(SEQUENCE)?;
    info.expect(oids::AUTH_ENVELOPED_DATA)?;
    let mut wrapped = info.enter(der::context(0))?;
    info.end()?;
    let mut data = wrapped.enter(SEQUENCE)?;
    wrapped.end()?;
    (data.number()? == 0).then_some(())?;
    let mut recipients = data.enter(SET)?;
    let mut transport = recipients.enter(SEQUENCE)?;
    recipients.end()?;
    (transport.number()? == 0).then_some(())?;
    let issuer_and_serial = transport.take_whole(SEQUENCE)?;
    transport.expect(&oaep())?;
    let transported = transport.take(OCTET_STRING)?;
    transport.end()?;
    let mut encrypted = data.enter(SEQUENCE)?;
    encrypted.expect(oids::DATA)?;
    let mut cipher = encrypted.enter(SEQUENCE)?;
    cipher.expect(oids::AES256_GCM)?;
    let mut parameters = cipher.enter(SEQUENCE)?;
    cipher.end()?;
    let nonce = parameters.take(OCTET_STRING)?.try_into().ok()?;
    (parameters.number()? == TAG_LEN as u64).then_some(())?;
    parameters.end()?;
    let content = encrypted.take(der::context_primitive(0))?;
    encrypted.end()?;
    let tag = data.take(OCTET_STRING)?.try_into().ok()?;
    data.end()?;
    Some(Envelope { issuer_and_serial, transported, nonce, content, tag })
}

/// The package, if the envelope is for this certificate (PEM or DER) and opens with its private key (PKCS #8, PEM).
/// Refuses PKG-40, PKG-60 to PKG-62. What comes out is as hostile as what went in: read it with `RawPackage`.
pub fn decrypt(envelope: &[u8], certificate: &[u8], private_key_pem: &str) -> Result<Vec<u8>, Refusal> {
    if PLAIN_LEN_MAX + (1 << 20) < envelope.len() {
        return Err(Refusal::Size { what: "the envelope" });
    }
    if !der::is_canonical(envelope) {
        return Err(Refusal::Der { file: "the envelope" });
    }
    let certificate = read_certificate(certificate)?;
    let parts = read(envelope).ok_or(Refusal::EnvelopeShape { what: "not AES-256-GCM with RSA-OAEP to one recipient" })?;
    if parts.issuer_and_serial != certificate.issuer_and_serial() {
        return Err(Refusal::OtherRecipient);
    }
    let keys = pem::decode("PRIVATE KEY", private_key_pem).unwrap_or_default();
    let [key] = keys.as_slice() else { return Err(Refusal::EnvelopeShape { what: "not one PKCS #8 private key in PEM" }) };
    open(&parts, key).ok_or(Refusal::EnvelopeOpen)
}

/// PKG-62: one answer for a wrong key and for changed bytes, so that there is nothing to learn from the difference.
fn open(parts: &Envelope<'_>, pkcs8: &[u8]) -> Option<Vec<u8>> {
    let private = OaepPrivateDecryptingKey::new(PrivateDecryptingKey::from_pkcs8(pkcs8).ok()?).ok()?;
    let mut out = Zeroizing::new(vec![0; private.min_output_size()]);
    let content_key = private.decrypt(&OAEP_SHA256_MGF1SHA256, parts.transported, &mut out, None).ok()?;
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, content_key).ok()?);
    let mut plain = vec![0; parts.content.len()];
    let nonce = Nonce::assume_unique_for_key(parts.nonce);
    // Nothing of the plain text is given away before the tag has been compared.
    cipher.open_separate_gather(nonce, Aad::empty(), parts.content, &parts.tag, &mut plain).ok()?;
    Some(plain)
}

/// Writes an envelope as `<package file name>.p7m` into a folder, whole or not at all.
pub fn place(envelope: &[u8], folder: &Path, package_file_name: &str) -> io::Result<PathBuf> {
    place::place(folder, &format!("{package_file_name}.p7m"), |out| out.write_all(envelope), |_| Ok(()))
}
