//! `waarborg keys certificate`: self-signed certificates where a foreign program needs one.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use seal::digest::sha256;
use verify::spelling::hex;

use crate::commands::keys::write_new;
use crate::exit::Failure;

/// What a certificate is for.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Purpose {
    /// Signs packages (ECDSA P-256)
    Package,
    /// Packages are encrypted to it (RSA 3072)
    Delivery,
    /// One end of the mutual TLS between gateway and log (ECDSA P-256)
    Tls,
}

/// Writes OUT.crt and OUT.pem, both create-only; gives the SHA-256 of the certificate, which policies and peers pin.
pub fn make(purpose: Purpose, organisation: &str, days: u32, out: &Path) -> Result<String, Failure> {
    let broken = |error: rcgen::Error| Failure::unavailable(format!("certificate: {error}"), "");
    let key = match purpose {
        Purpose::Delivery => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_3072),
        Purpose::Package | Purpose::Tls => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
    };
    let key = key.map_err(broken)?;
    let names = if purpose == Purpose::Tls { vec!["localhost".to_owned(), "127.0.0.1".to_owned()] } else { Vec::new() };
    let mut params = CertificateParams::new(names).map_err(broken)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, organisation);
    params.distinguished_name.push(DnType::CommonName, organisation);
    (params.not_before, params.not_after) = validity(days)?;
    params.key_usages = match purpose {
        Purpose::Delivery => vec![KeyUsagePurpose::KeyEncipherment],
        Purpose::Package | Purpose::Tls => vec![KeyUsagePurpose::DigitalSignature],
    };
    if purpose == Purpose::Tls {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    }
    let made = params.self_signed(&key).map_err(broken)?;
    write_new(&with_ending(out, "pem"), key.serialize_pem().as_bytes())?;
    write_new(&with_ending(out, "crt"), made.pem().as_bytes())?;
    Ok(hex(&sha256(&[made.der()])))
}

fn with_ending(out: &Path, ending: &str) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// From yesterday, so that a receiver whose clock is a little behind accepts it, for so many days.
fn validity(days: u32) -> Result<(time::OffsetDateTime, time::OffsetDateTime), Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    let now = i64::try_from(now).ok().and_then(|seconds| time::OffsetDateTime::from_unix_timestamp(seconds).ok());
    let now = now.ok_or_else(|| Failure::unavailable("the clock is not set", "set the clock of this machine"))?;
    Ok((now - time::Duration::days(1), now + time::Duration::days(i64::from(days))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_of_each_kind_are_made_once() {
        let folder = tempfile::tempdir().unwrap();
        for (name, purpose) in [("a", Purpose::Package), ("b", Purpose::Delivery), ("c", Purpose::Tls)] {
            let out = folder.path().join(name);
            make(purpose, "Body", 30, &out).unwrap();
            assert!(std::fs::read_to_string(with_ending(&out, "crt")).unwrap().contains("BEGIN CERTIFICATE"));
            assert!(make(purpose, "Body", 30, &out).is_err());
        }
    }
}
