//! The signatures of an outside document as the gates want them: valid, trusted, competent, each for itself.

use std::path::{Path, PathBuf};

use law::received::{Finding, Place, SignatureLevel, SignatureVerdict};
use law::registry::{Editions, Standing as InRegistry};
use standards::signature::{
    Anchor, Certificate, Coverage, Format, Refusal, Standing, Store, TrustedList, Valid, cms, judge_trust, jws, pdf, xml,
};
use verify::spelling::from_hex_exact;

use super::received::{bytes_of, now};
use crate::exit::Failure;

/// Whom to trust. Nothing is fetched.
#[derive(clap::Args)]
pub struct Trust {
    /// Certificate (DER) of an issuer that is pinned by hand; what it issued does not count as qualified
    #[arg(long)]
    anchor: Vec<PathBuf>,
    /// National trusted list and the SHA-256 of its operator's certificate: list.xml@<64 hex digits>
    #[arg(long)]
    trusted_list: Vec<String>,
    /// Revocation list (DER)
    #[arg(long)]
    revocation_list: Vec<PathBuf>,
}

impl Trust {
    fn store(&self, pinned: Vec<[u8; 32]>) -> Result<Store, Failure> {
        let refused = |what: &str, refusal: &Refusal| {
            Failure::refused(refusal.code(), format!("{what}: {}", refusal.words().en), refusal.words().hint_en)
        };
        let mut anchors = Vec::new();
        for path in &self.anchor {
            let certificate = bytes_of(path)?;
            anchors.push(Anchor { certificate, name: path.display().to_string(), status: vec![(0, true)], is_qualified: false });
        }
        for text in &self.trusted_list {
            let parts = text.rsplit_once('@').and_then(|(file, pin)| Some((file, from_hex_exact::<32>(pin)?)));
            let (file, pin) = parts.ok_or_else(|| {
                Failure::usage(format!("--trusted-list {text}: which operator?"), "list.xml@<SHA-256 of the operator's certificate>")
            })?;
            let list = TrustedList::parse(&bytes_of(Path::new(file))?, &[pin], now()).map_err(|refusal| refused(file, &refusal))?;
            anchors.extend(list.anchors().iter().cloned());
        }
        let mut store = Store::new(anchors, pinned);
        for path in &self.revocation_list {
            store.add_revocation_list(&bytes_of(path)?).map_err(|refusal| refused(&path.display().to_string(), &refusal))?;
        }
        Ok(store)
    }
}

/// What was signed, and by whom.
#[derive(Default)]
pub struct Signed {
    /// SIG-16: read the order from here. None: it was not signed, or the signature is not valid.
    pub octets: Option<Vec<u8>>,
    pub verdicts: Vec<SignatureVerdict>,
}

/// Every signature of a document of whatever kind. Unsigned is an answer, not a refusal.
pub fn of(bytes: &[u8], trust: &Trust, registry: &Editions, received_at: u64) -> Result<Signed, Failure> {
    let checked = match first_octets(bytes) {
        b"%PDF" => pdf::check(bytes),
        [b'<', ..] => xml::check(bytes),
        [b'{', ..] => jws::check(bytes, &[]),
        [0x30, ..] => cms::check(bytes, None),
        _ => Err(Refusal::Unsigned),
    };
    match checked {
        Err(Refusal::Unsigned) => Ok(Signed { octets: None, verdicts: Vec::new() }),
        Err(refusal) => Ok(Signed { octets: None, verdicts: vec![not_valid(&refusal)] }),
        Ok(signatures) => {
            // What the registry pins is trusted as itself, whoever issued it.
            let known = |valid: &&Valid| !matches!(registry.by_key(&valid.certificate().sha256(), received_at), InRegistry::Unknown);
            let pinned = signatures.iter().filter(known).map(|valid| valid.certificate().sha256()).collect();
            let store = trust.store(pinned)?;
            let verdicts = signatures.iter().map(|valid| verdict(valid, &store, received_at)).collect();
            let octets = signatures.iter().find(|valid| valid.coverage() == Coverage::Whole).map(|valid| valid.octets().to_vec());
            Ok(Signed { octets, verdicts })
        }
    }
}

fn first_octets(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.starts_with(b"%PDF") { &bytes[..4] } else { bytes.trim_ascii_start() }
}

fn not_valid(refusal: &Refusal) -> SignatureVerdict {
    let why = || Finding::unknown("the signature is not valid");
    SignatureVerdict {
        place: Place::new(1, 1, "Signature"),
        technique: "-".into(),
        signer: "-".into(),
        key_digest: None,
        signed_at: None,
        level: SignatureLevel::None,
        valid: Finding::no(refusal.code(), refusal.words().en, None),
        trusted: why(),
        competent: why(),
    }
}

fn verdict(valid: &Valid, store: &Store, received_at: u64) -> SignatureVerdict {
    let certificate: &Certificate = valid.certificate();
    let technique = match valid.format() {
        Format::Xml => "XML-DSig/XAdES",
        Format::Cms => "CMS/CAdES",
        Format::Pdf => "PDF/PAdES",
        Format::Jws => "JWS",
    };
    let (level, trusted) = match judge_trust(valid, store, received_at) {
        Ok(trusted) => match trusted.standing() {
            Standing::Qualified { .. } => (SignatureLevel::AdvancedWithQualifiedCertificate, Finding::Yes),
            Standing::Pinned => (SignatureLevel::Pinned, Finding::Yes),
            Standing::Issued { .. } => (SignatureLevel::Advanced, Finding::Yes),
        },
        Err(reasons) => {
            let text: Vec<_> = reasons.iter().map(|reason| reason.words().en).collect();
            let code = reasons.first().map_or("SIG-50", Refusal::code);
            (SignatureLevel::Advanced, Finding::no(code, text.join(" "), None))
        }
    };
    SignatureVerdict {
        place: Place::new(1, 1, "Signature"),
        technique: technique.into(),
        signer: certificate.subject().to_owned(),
        key_digest: Some(certificate.sha256()),
        signed_at: valid.claimed_time(),
        level,
        valid: Finding::Yes,
        trusted,
        competent: Finding::unknown("judged by gates 4 and 5"),
    }
}
