//! Which signature algorithms are taken (SIG-05), and the one place where a signature value meets a key.

use super::{Certificate, Refusal};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use verify::package::cms::Hash;
use verify::package::der;
use webpki::aws_lc_rs as primitive;
use webpki::{EndEntityCert, Error};

/// How a signature value was made. SHA-1, MD5, DSA and every secret-key method are absent: they cannot be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    RsaPkcs1(Hash),
    /// MGF1 with the same hash, salt as long as the hash.
    RsaPss(Hash),
    Ecdsa(Hash),
    Ed25519,
}

/// All that a path of certificates may be signed with.
pub const PATH_ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    primitive::RSA_PKCS1_2048_8192_SHA256,
    primitive::RSA_PKCS1_2048_8192_SHA384,
    primitive::RSA_PKCS1_2048_8192_SHA512,
    primitive::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    primitive::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    primitive::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
    primitive::ECDSA_P256_SHA256,
    primitive::ECDSA_P256_SHA384,
    primitive::ECDSA_P256_SHA512,
    primitive::ECDSA_P384_SHA256,
    primitive::ECDSA_P384_SHA384,
    primitive::ECDSA_P384_SHA512,
    primitive::ECDSA_P521_SHA256,
    primitive::ECDSA_P521_SHA384,
    primitive::ECDSA_P521_SHA512,
    primitive::ED25519,
];

fn candidates(scheme: Scheme) -> Vec<&'static dyn SignatureVerificationAlgorithm> {
    match scheme {
        Scheme::RsaPkcs1(Hash::Sha256) => vec![primitive::RSA_PKCS1_2048_8192_SHA256],
        Scheme::RsaPkcs1(Hash::Sha384) => vec![primitive::RSA_PKCS1_2048_8192_SHA384],
        Scheme::RsaPkcs1(Hash::Sha512) => vec![primitive::RSA_PKCS1_2048_8192_SHA512],
        Scheme::RsaPss(Hash::Sha256) => vec![primitive::RSA_PSS_2048_8192_SHA256_LEGACY_KEY],
        Scheme::RsaPss(Hash::Sha384) => vec![primitive::RSA_PSS_2048_8192_SHA384_LEGACY_KEY],
        Scheme::RsaPss(Hash::Sha512) => vec![primitive::RSA_PSS_2048_8192_SHA512_LEGACY_KEY],
        Scheme::Ecdsa(Hash::Sha256) => vec![primitive::ECDSA_P256_SHA256, primitive::ECDSA_P384_SHA256, primitive::ECDSA_P521_SHA256],
        Scheme::Ecdsa(Hash::Sha384) => vec![primitive::ECDSA_P256_SHA384, primitive::ECDSA_P384_SHA384, primitive::ECDSA_P521_SHA384],
        Scheme::Ecdsa(Hash::Sha512) => vec![primitive::ECDSA_P256_SHA512, primitive::ECDSA_P384_SHA512, primitive::ECDSA_P521_SHA512],
        Scheme::Ed25519 => vec![primitive::ED25519],
    }
}

/// SIG-05, SIG-07: `value` over `message` with the key of `certificate`. ECDSA values are DER here.
pub fn check(certificate: &Certificate, scheme: Scheme, message: &[u8], value: &[u8]) -> Result<(), Refusal> {
    if certificate.rsa_bits().is_some_and(|bits| bits < 2048) {
        return Err(Refusal::Algorithm { name: "RSA below 2048 bits".to_owned() });
    }
    let der = CertificateDer::from(certificate.der());
    let key = EndEntityCert::try_from(&der).map_err(|_| Refusal::Certificate { what: "not an X.509 version 3 certificate" })?;
    for algorithm in candidates(scheme) {
        match key.verify_signature(algorithm, message, value) {
            Ok(()) => return Ok(()),
            Err(Error::InvalidSignatureForPublicKey) => return Err(Refusal::Value),
            Err(_) => {}
        }
    }
    Err(Refusal::Algorithm { name: "does not fit the certificate's key".to_owned() })
}

/// r and s side by side, as XML-DSig and JWS write an ECDSA value, as the DER that the library takes. None: an odd length.
pub fn ecdsa_der(value: &[u8]) -> Option<Vec<u8>> {
    if value.is_empty() || 132 < value.len() || value.len() % 2 != 0 {
        return None;
    }
    let (r, s) = value.split_at(value.len() / 2);
    Some(der::sequence(&[&der::unsigned(r), &der::unsigned(s)]))
}
