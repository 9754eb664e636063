//! Three verdicts about a signature that never stand for each other: valid, trusted at that time, competent for this.

use super::Place;

/// An answer with its reason. `Unknown` is an answer too: nobody looked, or the means were missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    Yes,
    No {
        /// Rule number.
        code: String,
        /// For people, English.
        text: String,
        place: Option<Place>,
    },
    Unknown {
        why: String,
    },
}

impl Finding {
    pub fn no(code: impl Into<String>, text: impl Into<String>, place: Option<Place>) -> Finding {
        Finding::No { code: code.into(), text: text.into(), place }
    }

    pub fn unknown(why: impl Into<String>) -> Finding {
        Finding::Unknown { why: why.into() }
    }

    pub fn is_yes(&self) -> bool {
        *self == Finding::Yes
    }
}

/// What kind of signature it is under eIDAS (Regulation (EU) 910/2014).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignatureLevel {
    /// A picture, a typed name, a mail footer.
    None,
    Simple,
    Advanced,
    /// Qualified certificate on a trusted list, advanced signature.
    AdvancedWithQualifiedCertificate,
    Qualified,
    /// Not of eIDAS: the key stands in the provider's policy, which every trustee checks itself (native orders only). A certificate that the
    /// registry pins is not this: it says who signed, and is as strong as what issued it, so at most [`SignatureLevel::Advanced`].
    Pinned,
}

impl SignatureLevel {
    pub fn code(self) -> &'static str {
        match self {
            SignatureLevel::None => "none",
            SignatureLevel::Simple => "simple",
            SignatureLevel::Advanced => "advanced",
            SignatureLevel::AdvancedWithQualifiedCertificate => "advanced-with-qualified-certificate",
            SignatureLevel::Qualified => "qualified",
            SignatureLevel::Pinned => "pinned-by-policy",
        }
    }
}

/// One signature over the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureVerdict {
    pub place: Place,
    /// XAdES, CAdES, PAdES, JWS, waarborg.
    pub technique: String,
    /// Subject of the certificate or name of the key.
    pub signer: String,
    /// SHA-256 of the certificate, or of the 32-octet public key of a native signature: what the registry pins.
    pub key_digest: Option<[u8; 32]>,
    /// As the signature states it, Unix seconds.
    pub signed_at: Option<u64>,
    pub level: SignatureLevel,
    /// The mathematics: references, digests, signature value; and it covers the whole document.
    pub valid: Finding,
    /// Path, validity and revocation at the time of signing, trusted list.
    pub trusted: Finding,
    /// The signer may order this. Filled in by the registry gate; a reader leaves it unknown.
    pub competent: Finding,
}
