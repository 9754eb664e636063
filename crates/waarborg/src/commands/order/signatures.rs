//! Whom to trust about a signature. What is trusted is judged by `standards::signature::Intake`, for this command and for the gateway alike.

use std::path::{Path, PathBuf};

use law::registry::Editions;
use standards::signature::{Anchor, Certificate, Intake, Refusal, Store, TrustedList};
use verify::spelling::from_hex_exact;

use super::received::bytes_of;
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
    /// Certificate (DER) between signer and issuer, for signatures that do not bring it; it vouches for nothing by itself
    #[arg(long)]
    issuer: Vec<PathBuf>,
    /// Certificate (DER) of a signer, for a JWS that names it by its SHA-256 only
    #[arg(long)]
    signer: Vec<PathBuf>,
}

fn refused(what: &str, refusal: &Refusal) -> Failure {
    let words = refusal.words();
    Failure::refused(refusal.code(), format!("{what}: {}", words.en), words.hint_en)
        .in_dutch(format!("{what}: {}", words.nl), words.hint_nl)
}

impl Trust {
    /// Every signature of a document of whatever kind, judged at the time of receipt. Unsigned is an answer, not a refusal. What the
    /// registry pins is trusted as itself, whoever issued it.
    pub fn judge<'d>(&self, document: &'d [u8], registry: &Editions, received_at: u64) -> Result<Intake<'d>, Failure> {
        let store = self.store(registry.keys(received_at), received_at)?;
        let signer = |path: &PathBuf| {
            Certificate::parse(&bytes_of(path)?)
                .ok_or_else(|| Failure::usage(format!("{}: not a certificate in DER", path.display()), "openssl x509 -outform DER"))
        };
        let signers = self.signer.iter().map(signer).collect::<Result<Vec<_>, _>>()?;
        Ok(Intake::judge(document, &store, &signers, received_at))
    }

    /// Lists are judged at the time of receipt, as signers are: whoever looks back gives the lists of that day.
    fn store(&self, pinned: Vec<[u8; 32]>, received_at: u64) -> Result<Store, Failure> {
        let mut anchors = Vec::new();
        for path in &self.anchor {
            let certificate = bytes_of(path)?;
            anchors.push(Anchor {
                certificate,
                name: path.display().to_string(),
                status: vec![(0, true)],
                is_qualified: false,
                listed_until: None,
            });
        }
        for text in &self.trusted_list {
            let parts = text.rsplit_once('@').and_then(|(file, pin)| Some((file, from_hex_exact::<32>(pin)?)));
            let (file, pin) = parts.ok_or_else(|| {
                Failure::usage(format!("--trusted-list {text}: which operator?"), "list.xml@<SHA-256 of the operator's certificate>")
            })?;
            let list = TrustedList::parse(&bytes_of(Path::new(file))?, &[pin], received_at).map_err(|refusal| refused(file, &refusal))?;
            anchors.extend(list.anchors().iter().cloned());
        }
        let mut store = Store::new(anchors, pinned);
        for path in &self.issuer {
            store.add_issuer(bytes_of(path)?);
        }
        for path in &self.revocation_list {
            store.add_revocation_list(&bytes_of(path)?).map_err(|refusal| refused(&path.display().to_string(), &refusal))?;
        }
        Ok(store)
    }
}
