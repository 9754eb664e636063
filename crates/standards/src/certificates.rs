//! Self-signed certificates where a foreign program needs one: package signing, delivery, mutual TLS.
//!
//! One place for all of them, by rcgen (decision 0042). Real use pins a qualified seal's certificate instead.

use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// Longest organisation name: X.520 allows 64 characters.
const ORGANISATION_LEN_MAX: usize = 64;

/// What a certificate is for; key kind and key usage follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Signs packages: ECDSA P-256, digitalSignature.
    Package,
    /// Packages are encrypted to it: RSA 3072, keyEncipherment. Making one takes about a second.
    Delivery,
    /// One end of the mutual TLS between gateway and log: ECDSA P-256, digitalSignature, both extended usages.
    Tls,
}

impl Purpose {
    /// The certificate's common name.
    fn name(self) -> &'static str {
        match self {
            Purpose::Package => "package signing",
            Purpose::Delivery => "delivery",
            Purpose::Tls => "mutual TLS",
        }
    }
}

/// A fresh key with its certificate.
pub struct Made {
    /// PEM.
    pub certificate: String,
    /// PKCS #8 in PEM. The file's mode 0600 is the caller's.
    pub key: Zeroizing<String>,
    pub der: Vec<u8>,
}

/// Why none was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmade {
    /// The organisation has not 1 to 64 characters, or the validity is empty or out of the calendar.
    Terms,
    /// The library or the system's randomness failed.
    Failed,
}

/// `from` and `until`: seconds since 1970 UTC.
pub fn make(purpose: Purpose, organisation: &str, from: u64, until: u64) -> Result<Made, Unmade> {
    if !(1..=ORGANISATION_LEN_MAX).contains(&organisation.chars().count()) || until <= from {
        return Err(Unmade::Terms);
    }
    let at = |seconds: u64| i64::try_from(seconds).ok().and_then(|s| OffsetDateTime::from_unix_timestamp(s).ok()).ok_or(Unmade::Terms);
    let (not_before, not_after) = (at(from)?, at(until)?);
    let key = match purpose {
        Purpose::Delivery => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_3072),
        Purpose::Package | Purpose::Tls => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
    };
    let key = key.map_err(|_| Unmade::Failed)?;
    let names = if purpose == Purpose::Tls { vec!["localhost".to_owned(), "127.0.0.1".to_owned()] } else { Vec::new() };
    let mut params = CertificateParams::new(names).map_err(|_| Unmade::Failed)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, organisation);
    params.distinguished_name.push(DnType::CommonName, purpose.name());
    (params.not_before, params.not_after) = (not_before, not_after);
    params.key_usages = match purpose {
        Purpose::Delivery => vec![KeyUsagePurpose::KeyEncipherment],
        Purpose::Package | Purpose::Tls => vec![KeyUsagePurpose::DigitalSignature],
    };
    if purpose == Purpose::Tls {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    }
    let made = params.self_signed(&key).map_err(|_| Unmade::Failed)?;
    Ok(Made { certificate: made.pem(), key: Zeroizing::new(key.serialize_pem()), der: made.der().to_vec() })
}
