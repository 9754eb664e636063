//! Packages whose signature verifies.

use super::Package;

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
