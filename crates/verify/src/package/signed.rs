//! Packages whose signature verifies.

use super::asic::AsicManifest;
use super::cms::{self, Hash, SignedData};
use super::der::Reader;
use super::{Package, Refusal, asn1_time, layout, oids, stamp};

/// Who signed, as the certificate says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// SHA-256 of the DER certificate.
    pub certificate: [u8; 32],
    /// The certificate's subject, control and bidi characters escaped.
    pub subject: String,
    /// Claimed by the signer, seconds since 1970 UTC.
    pub signing_time: u64,
}

/// How a time stamp's authority is judged. There is no European trust list in this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StampPin {
    /// The policy names the SHA-256 of the authority's certificate: another one is refused (PKG-52).
    Certificate([u8; 32]),
    /// No certificate is named: the report says "not checked against a trust list".
    NotChecked,
}

/// A time-stamp token (RFC 3161) that verifies and covers the ASiC manifest and the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeStamp {
    /// Seconds since 1970 UTC.
    pub time: u64,
    /// SHA-256 of the authority's DER certificate.
    pub certificate: [u8; 32],
    pub subject: String,
    /// False: "not checked against a trust list".
    pub is_pinned: bool,
}

/// A checked package signed by the certificate that the policy pins. Made only by [`Package::signed_by`].
///
/// ```compile_fail
/// fn forged<'a>(package: verify::package::Package<'a>, signer: verify::package::Signer) -> verify::package::SignedPackage<'a> {
///     verify::package::SignedPackage { package, signer, stamp: None }
/// }
/// ```
pub struct SignedPackage<'a> {
    pub(super) package: Package<'a>,
    pub(super) signer: Signer,
    pub(super) stamp: Option<TimeStamp>,
}

impl<'a> SignedPackage<'a> {
    pub fn package(&self) -> &Package<'a> {
        &self.package
    }
    pub fn signer(&self) -> &Signer {
        &self.signer
    }
    pub fn stamp(&self) -> Option<&TimeStamp> {
        self.stamp.as_ref()
    }
}

/// A checked package with a valid signature of an unknown signer: all that can be said without a policy.
pub struct ConsistentPackage<'a> {
    pub(super) package: Package<'a>,
    pub(super) signer: Signer,
    pub(super) stamp: Option<TimeStamp>,
}

impl<'a> ConsistentPackage<'a> {
    pub fn package(&self) -> &Package<'a> {
        &self.package
    }
    pub fn claimed_signer(&self) -> &Signer {
        &self.signer
    }
    pub fn stamp(&self) -> Option<&TimeStamp> {
        self.stamp.as_ref()
    }
}

/// The signature over the manifest, by whoever's certificate is inside (PKG-40 to PKG-45, PKG-47, PKG-48), and the stamp.
fn check(package: &Package<'_>, stamp: StampPin) -> Result<(Signer, Option<TimeStamp>), Refusal> {
    let file = layout::SIGNATURE;
    let manifest = package.file(layout::ASIC_MANIFEST, usize::MAX)?;
    let signed = SignedData::parse(&package.file(file, cms::LEN_MAX)?, file)?;
    if signed.content.is_some() || signed.content_type != oids::DATA || signed.hash != Hash::Sha256 {
        return Err(Refusal::SignatureShape { file, what: "not a detached signature with SHA-256" });
    }
    // PKG-42: content-type, message-digest, signing-certificate-v2 (asked for below), signing-time, and no other.
    let mut value = Reader::new(signed.attribute(oids::SIGNING_TIME).unwrap_or_default());
    let signing_time = asn1_time::read(&mut value).filter(|_| signed.attribute_count() == 4);
    let signing_time = signing_time.ok_or(Refusal::SignedAttributes { file })?;
    signed.check_content(&manifest)?;
    signed.check_certificate()?;
    signed.check_signature()?;
    if !signed.certificate.is_valid_at(signing_time) {
        return Err(Refusal::SigningTime { file });
    }
    if !signed.certificate.may_sign() {
        return Err(Refusal::KeyUsage { file });
    }
    let stamp = check_stamp(package, signing_time, stamp)?;
    Ok((Signer { certificate: signed.certificate.sha256(), subject: signed.certificate.subject, signing_time }, stamp))
}

fn check_stamp(package: &Package<'_>, signing_time: u64, pin: StampPin) -> Result<Option<TimeStamp>, Refusal> {
    if !package.has_stamp() {
        return Ok(None);
    }
    let manifest = package.file(layout::STAMP_MANIFEST, AsicManifest::len_max(2))?;
    let token = package.file(layout::STAMP, cms::LEN_MAX)?;
    stamp::check(&manifest, &token, package.manifest_digest(), package.signature_digest(), signing_time, pin).map(Some)
}

pub(super) fn by_pinned<'a>(package: Package<'a>, certificate: &[u8; 32], stamp: StampPin) -> Result<SignedPackage<'a>, Refusal> {
    let (signer, stamp) = check(&package, stamp)?;
    // PKG-46
    if signer.certificate != *certificate {
        return Err(Refusal::SignerNotPinned { certificate: signer.certificate });
    }
    Ok(SignedPackage { package, signer, stamp })
}

pub(super) fn by_anyone(package: Package<'_>) -> Result<ConsistentPackage<'_>, Refusal> {
    let (signer, stamp) = check(&package, StampPin::NotChecked)?;
    Ok(ConsistentPackage { package, signer, stamp })
}
