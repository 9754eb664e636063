//! The provider's package signing key and its certificate.

use super::Refusal;
use crate::certificates::{self, Purpose, Unmade};
use crate::pem;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use verify::package::certificate::{Certificate, PublicKey};
use verify::package::{cms, der, oids};
use zeroize::Zeroizing;

/// A signing key with its certificate. ECDSA P-256, or RSA for an existing seal. Not `Debug`, not `Clone`; the private
/// key lives in aws-lc-rs, which draws the nonces of ECDSA from the system itself: signatures differ between runs.
pub struct PackageKey {
    key: Private,
    certificate: Certificate,
    chain: Vec<Vec<u8>>,
}

enum Private {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl PackageKey {
    /// A fresh P-256 key with a self-signed certificate for `organisation`, valid between two UNIX times.
    /// Returns the key and the PEM text to keep: private key, then certificate. The file's mode 0600 is the caller's.
    pub fn generate(organisation: &str, from: u64, until: u64) -> Result<(PackageKey, Zeroizing<String>), Refusal> {
        let made = certificates::make(Purpose::Package, organisation, from, until).map_err(|unmade| match unmade {
            Unmade::Terms => Refusal::Key { what: "no organisation of 1 to 64 characters, or no validity" },
            Unmade::Failed => Refusal::Key { what: "the key could not be made" },
        })?;
        let mut text = made.key;
        text.push_str(&made.certificate);
        Ok((PackageKey::from_pem(&text)?, text))
    }

    /// From PEM: a PKCS #8 `PRIVATE KEY` and the signer's `CERTIFICATE`, then its chain if any.
    pub fn from_pem(text: &str) -> Result<PackageKey, Refusal> {
        let malformed = Refusal::Key { what: "not a PKCS #8 key and a certificate in PEM" };
        let keys = pem::decode("PRIVATE KEY", text).ok_or(malformed.clone())?;
        let certificates = pem::decode("CERTIFICATE", text).ok_or(malformed.clone())?;
        let ([key], [certificate, chain @ ..]) = (keys.as_slice(), certificates.as_slice()) else { return Err(malformed) };
        let certificate = Certificate::parse(certificate).ok_or(Refusal::Key { what: "the certificate is not one that packages use" })?;
        let key = match &certificate.key {
            PublicKey::P256(_) => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key).ok().map(Private::Ec),
            PublicKey::Rsa(_) => RsaKeyPair::from_pkcs8(key).ok().map(Private::Rsa),
            PublicKey::P384(_) => None,
        };
        let key = key.ok_or(Refusal::Key { what: "the private key is not of the certificate's kind" })?;
        let is_same = match (&key, &certificate.key) {
            (Private::Ec(pair), PublicKey::P256(point)) => pair.public_key().as_ref() == point,
            (Private::Rsa(pair), PublicKey::Rsa(public)) => pair.public_key().as_ref() == public,
            _ => false,
        };
        if !is_same {
            return Err(Refusal::Key { what: "the certificate belongs to another key" });
        }
        Ok(PackageKey { key, certificate, chain: chain.iter().map(|der| der.to_vec()).collect() })
    }

    /// SHA-256 of the DER certificate: the value that the policy pins.
    pub fn certificate_sha256(&self) -> [u8; 32] {
        self.certificate.sha256()
    }
    /// The DER certificate.
    pub fn certificate(&self) -> &[u8] {
        self.certificate.der()
    }
    /// The certificate in PEM, for `openssl` and for publication.
    pub fn certificate_pem(&self) -> String {
        pem::encode("CERTIFICATE", self.certificate.der())
    }

    /// A detached CAdES-B signature over `content`.
    pub(super) fn sign(&self, content: &[u8], signing_time: u64) -> Result<Vec<u8>, Refusal> {
        if !self.certificate.is_valid_at(signing_time) || !self.certificate.may_sign() {
            return Err(Refusal::Key { what: "the certificate is not valid at the signing time, or not for signing" });
        }
        let attributes = cms::cades_attributes(content, &self.certificate, signing_time);
        let random = SystemRandom::new();
        let failed = Refusal::Key { what: "signing failed" };
        let (scheme, signature) = match &self.key {
            Private::Ec(pair) => {
                let signature = pair.sign(&random, &attributes).map_err(|_| failed)?;
                (der::sequence(&[oids::ECDSA_SHA256]), signature.as_ref().to_vec())
            }
            Private::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, &attributes, &mut signature).map_err(|_| failed)?;
                (der::sequence(&[oids::RSA_SHA256, oids::NULL]), signature)
            }
        };
        Ok(cms::encode(&attributes, &self.certificate, &self.chain, &scheme, &signature))
    }
}
