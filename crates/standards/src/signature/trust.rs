//! The second verdict: somebody pinned vouched for the signer, at that time.
//!
//! Paths, basic constraints, name constraints and revocation lists are the business of webpki, the library that rustls uses; here
//! stands what it leaves out: the signer's key usage, the time of the claim, the service's status, the pinned certificate.

use super::algorithm::PATH_ALGORITHMS;
use super::{CLOCK_DIFFERENCE_MAX, Certificate, Quality, Refusal, Valid};
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use std::time::Duration;
use webpki::{
    CertRevocationList, EndEntityCert, Error, ExpirationPolicy, ExtendedKeyUsageValidator, KeyPurposeIdIter, OwnedCertRevocationList,
    RequiredEkuNotFoundContext, RevocationOptionsBuilder, anchor_from_trusted_cert,
};

/// Somebody who issues certificates to signers, and when they might.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    pub certificate: Vec<u8>,
    /// Name for people: the provider's and the service's.
    pub name: String,
    /// (from, is granted), ascending; before the first entry nothing is granted.
    pub status: Vec<(u64, bool)>,
    /// Does a granted status make its qualified certificates qualified in law (a service of a trusted list)?
    pub is_qualified: bool,
    /// The last second at which the list that names it is in date; none for one that is pinned by hand.
    pub listed_until: Option<u64>,
}

impl Anchor {
    pub fn is_granted_at(&self, seconds: u64) -> bool {
        self.status.iter().rfind(|(from, _)| *from <= seconds).is_some_and(|(_, is_granted)| *is_granted)
    }

    /// SIG-57: asked whenever it is to vouch for somebody, since a list ends while a program runs.
    pub fn is_listed_at(&self, seconds: u64) -> bool {
        self.listed_until.is_none_or(|until| seconds <= until)
    }
}

/// Whom this provider pinned, and the revocation lists it has. Both are given, never fetched.
#[derive(Default)]
pub struct Store {
    anchors: Vec<Anchor>,
    pinned: Vec<[u8; 32]>,
    issuers: Vec<Vec<u8>>,
    lists: Vec<CertRevocationList<'static>>,
}

impl Store {
    /// `anchors` come from trusted lists or are pinned by hand; `pinned` are the SHA-256 of signers' own certificates, from the registry.
    pub fn new(anchors: Vec<Anchor>, pinned: Vec<[u8; 32]>) -> Store {
        Store { anchors, pinned, issuers: Vec::new(), lists: Vec::new() }
    }

    /// A certificate between signer and anchor, for signatures that do not bring it. It vouches for nothing by itself.
    pub fn add_issuer(&mut self, der: Vec<u8>) {
        self.issuers.push(der);
    }

    /// Takes a DER revocation list. Refuses SIG-53 for one that is not readable; its signature is checked when it is used.
    pub fn add_revocation_list(&mut self, der: &[u8]) -> Result<(), Refusal> {
        let list = OwnedCertRevocationList::from_der(der).map_err(|_| Refusal::RevocationUnknown)?;
        self.lists.push(CertRevocationList::Owned(list));
        Ok(())
    }
}

/// What stands behind the signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A qualified certificate, issued by a service that was granted at that time.
    Qualified { quality: Quality, service: String },
    /// Issued by somebody on the list, but not a qualified certificate. Policy decides for what that suffices.
    Issued { by: String },
    /// The registry pins this very certificate.
    Pinned,
}

/// A signer who was trusted when the document was received. Made only by [`judge_trust`].
///
/// ```compile_fail
/// let forged = standards::signature::Trusted { at: 0 };
/// ```
#[derive(Debug)]
pub struct Trusted {
    certificate: Certificate,
    standing: Standing,
    at: u64,
    octets_sha256: [u8; 32],
}

impl Trusted {
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
    pub fn standing(&self) -> &Standing {
        &self.standing
    }
    /// The time that was judged, seconds since 1970 UTC.
    pub fn at(&self) -> u64 {
        self.at
    }
    pub fn octets_sha256(&self) -> [u8; 32] {
        self.octets_sha256
    }
}

/// Judges the signer at the time of receipt, which the provider's own clock gave: what a signer claims about time is not proof.
/// All reasons against are named, not only the first.
pub fn judge_trust(valid: &Valid, store: &Store, received: u64) -> Result<Trusted, Vec<Refusal>> {
    let certificate = valid.certificate();
    let mut reasons = Vec::new();
    let (from, until) = certificate.validity();
    // SIG-51
    if !certificate.is_valid_at(received) {
        reasons.push(Refusal::Validity { from, until });
    }
    // SIG-55
    if let Some(claimed) = valid.claimed_time()
        && (received.saturating_add(CLOCK_DIFFERENCE_MAX) < claimed || !certificate.is_valid_at(claimed))
    {
        reasons.push(Refusal::SigningTime { claimed });
    }
    // SIG-54
    if !certificate.may_sign() {
        reasons.push(Refusal::KeyUsage { what: "key usage" });
    }
    let is_pinned = store.pinned.contains(&certificate.sha256());
    let standing = match standing(valid, store, received) {
        // A pin stands for the path that is missing, never for one that was taken back.
        Err(Refusal::NoPath { .. } | Refusal::RevocationUnknown | Refusal::TrustedList { .. }) if is_pinned => Ok(Standing::Pinned),
        _ if certificate.is_authority() && !is_pinned => {
            // Whoever issues certificates does not sign orders with the same key.
            let usage = Refusal::KeyUsage { what: "basic constraints" };
            if !reasons.iter().any(|reason| reason.code() == usage.code()) {
                reasons.push(usage);
            }
            Err(no_path(certificate))
        }
        Err(Refusal::KeyUsage { .. }) if is_pinned && certificate.is_authority() => Ok(Standing::Pinned),
        found => found,
    };
    match standing {
        Ok(standing) if reasons.is_empty() => {
            Ok(Trusted { certificate: certificate.clone(), standing, at: received, octets_sha256: valid.octets_sha256() })
        }
        Ok(_) => Err(reasons),
        Err(refusal) => {
            // The library says the same about validity once more.
            if !reasons.iter().any(|reason| reason.code() == refusal.code()) {
                reasons.push(refusal);
            }
            Err(reasons)
        }
    }
}

fn no_path(certificate: &Certificate) -> Refusal {
    let issuer = if certificate.is_self_issued() { "itself".to_owned() } else { certificate.issuer().to_owned() };
    Refusal::NoPath { issuer }
}

fn standing(valid: &Valid, store: &Store, received: u64) -> Result<Standing, Refusal> {
    let counts = |anchor: &Anchor| anchor.is_granted_at(received) && anchor.is_listed_at(received);
    let granted: Vec<&Anchor> = store.anchors.iter().filter(|anchor| counts(anchor)).collect();
    match path(valid, &granted, store, received) {
        Ok(anchor) => Ok(match (valid.certificate().quality(), anchor.is_qualified) {
            (quality @ (Quality::QualifiedSignature | Quality::QualifiedSeal), true) => {
                Standing::Qualified { quality, service: anchor.name.clone() }
            }
            _ => Standing::Issued { by: anchor.name.clone() },
        }),
        Err(refusal @ Refusal::NoPath { .. }) => {
            // SIG-56, SIG-57: would it have been all right with a service that was not granted at that time, or with a list in date?
            let others: Vec<&Anchor> = store.anchors.iter().filter(|anchor| !counts(anchor)).collect();
            match path(valid, &others, store, received) {
                Ok(anchor) if !anchor.is_listed_at(received) => Err(Refusal::TrustedList { what: "out of date" }),
                Ok(anchor) => Err(Refusal::ServiceNotGranted { service: anchor.name.clone() }),
                Err(_) => Err(refusal),
            }
        }
        Err(refusal) => Err(refusal),
    }
}

/// SIG-50 to SIG-54: a path to one of these, with every certificate on it covered by a current revocation list.
fn path<'s>(valid: &Valid, anchors: &[&'s Anchor], store: &Store, received: u64) -> Result<&'s Anchor, Refusal> {
    let certificate = valid.certificate();
    let ders: Vec<CertificateDer<'_>> = anchors.iter().map(|a| CertificateDer::from(a.certificate.as_slice())).collect();
    let roots: Vec<TrustAnchor<'_>> = ders.iter().filter_map(|der| anchor_from_trusted_cert(der).ok()).collect();
    let between: Vec<CertificateDer<'_>> =
        valid.others().iter().chain(&store.issuers).map(|der| CertificateDer::from(der.as_slice())).collect();
    let der = CertificateDer::from(certificate.der());
    let signer = EndEntityCert::try_from(&der).map_err(|error| refusal(&error, certificate))?;
    let at = UnixTime::since_unix_epoch(Duration::from_secs(received));
    let lists: Vec<&CertRevocationList<'_>> = store.lists.iter().collect();
    let judge = |revocation| signer.verify_for_usage(PATH_ALGORITHMS, &roots, &between, at, Signing, revocation, None);
    let found = match RevocationOptionsBuilder::new(&lists) {
        Ok(options) => judge(Some(options.with_expiration_policy(ExpirationPolicy::Enforce).build())),
        // Without any list the path is still judged, so that the first thing wrong is the first thing said.
        Err(_) => judge(None).and(Err(Error::UnknownRevocationStatus)),
    };
    let found = found.map_err(|error| refusal(&error, certificate))?;
    let is_it = |anchor: &&&Anchor| {
        let der = CertificateDer::from(anchor.certificate.as_slice());
        anchor_from_trusted_cert(&der).is_ok_and(|root| {
            root.subject == found.anchor().subject && root.subject_public_key_info == found.anchor().subject_public_key_info
        })
    };
    anchors.iter().find(is_it).copied().ok_or_else(|| no_path(certificate))
}

fn refusal(error: &Error, certificate: &Certificate) -> Refusal {
    let (from, until) = certificate.validity();
    match error {
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } | Error::InvalidCertValidity => Refusal::Validity { from, until },
        Error::CertRevoked => Refusal::Revoked,
        Error::UnknownRevocationStatus | Error::CrlExpired { .. } | Error::InvalidCrlSignatureForPublicKey | Error::IssuerNotCrlSigner => {
            Refusal::RevocationUnknown
        }
        Error::RequiredEkuNotFoundContext(_) => Refusal::KeyUsage { what: "extended key usage" },
        Error::CaUsedAsEndEntity | Error::EndEntityUsedAsCa | Error::PathLenConstraintViolated => {
            Refusal::KeyUsage { what: "basic constraints" }
        }
        Error::UnsupportedSignatureAlgorithmContext(_) | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            Refusal::Algorithm { name: "in a certificate of the path".to_owned() }
        }
        _ => no_path(certificate),
    }
}

/// Extended key usages of people and bodies who sign: e-mail, documents, or a person's own identification. A certificate of a web
/// server, of code or of a time-stamp service signs no orders (T11).
#[derive(Clone, Copy)]
struct Signing;

/// emailProtection, clientAuth, documentSigning (RFC 9336), and those of two document programs.
const SIGNING_PURPOSES: &[&[usize]] = &[
    &[1, 3, 6, 1, 5, 5, 7, 3, 4],
    &[1, 3, 6, 1, 5, 5, 7, 3, 2],
    &[1, 3, 6, 1, 5, 5, 7, 3, 36],
    &[1, 2, 840, 113_583, 1, 1, 5],
    &[1, 3, 6, 1, 4, 1, 311, 10, 3, 12],
];

impl ExtendedKeyUsageValidator for Signing {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        let mut present = Vec::new();
        for purpose in purposes {
            present.push(purpose?.to_decoded_oid());
        }
        if present.is_empty() || present.iter().any(|purpose| SIGNING_PURPOSES.contains(&purpose.as_slice())) {
            return Ok(());
        }
        let required = webpki::KeyUsage::client_auth();
        Err(Error::RequiredEkuNotFoundContext(RequiredEkuNotFoundContext { required, present }))
    }
}
