//! `order attest`: an attester sees the original and its transcription side by side, line for line, and signs that they are the same.
//!
//! What is signed is R of the order (LOG-101), which holds original_hash; trustees judge it by REL-11. Each attester does this alone, with
//! its own key; `order sign --attestation` joins them.

use std::path::{Path, PathBuf};

use node::log::keys;
use serde_json::json;
use verify::document::{DocumentError, Reader, Writer, canonical};
use verify::order::OrderDraft;
use verify::record::key_digest;
use verify::spelling::{base64, hex};
use verify::verdict::escape;

use super::received::bytes_of;
use crate::commands::keys::key_failure;
use crate::exit::{Failure, Outcome};
use crate::words::Word;
use crate::{Global, Lang};

#[derive(clap::Args)]
pub struct Args {
    /// The draft that `order import` made
    order: PathBuf,
    /// Key of one of the attesters that the order names
    #[arg(long)]
    key: Option<PathBuf>,
    /// The beginning of the original's SHA-256, at least 8 digits, as the screen shows it; without it nothing is signed
    #[arg(long)]
    yes: Option<String>,
    /// Put the original there, to be looked at with its own program
    #[arg(long)]
    original_out: Option<PathBuf>,
    /// Where to write the attestation
    #[arg(short, long)]
    out: Option<PathBuf>,
}

const HEADER: &str = "waarborg-attestation/v1";
/// Columns of each half: two halves and a border fit into 120.
const HALF: usize = 56;

/// One attester's signature over one draft.
pub struct Attestation {
    message: [u8; 32],
    original: [u8; 32],
    pub attester: [u8; 32],
    pub signature: [u8; 64],
}

impl Attestation {
    pub fn is_of(&self, draft: &OrderDraft) -> bool {
        self.message == message_digest(draft) && draft.record().original_hash() == Some(self.original)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new(HEADER);
        w.line("message", hex(&self.message)).line("original", hex(&self.original)).line("attester", hex(&self.attester));
        w.line("signature", base64(&self.signature));
        w.finish()
    }

    fn parse(bytes: &[u8]) -> Result<Attestation, DocumentError> {
        let mut r = Reader::open(bytes, HEADER, 4_096)?;
        let digest = verify::spelling::from_hex_exact::<32>;
        let attestation = Attestation {
            message: r.parsed("message", digest)?,
            original: r.parsed("original", digest)?,
            attester: r.parsed("attester", digest)?,
            signature: r.bytes("signature")?,
        };
        r.end()?;
        canonical(bytes, &attestation.to_bytes())?;
        Ok(attestation)
    }
}

fn message_digest(draft: &OrderDraft) -> [u8; 32] {
    verify::package::digest::sha256(&[&draft.record().message()])
}

pub fn read(path: &Path) -> Result<Attestation, Failure> {
    let parsed = Attestation::parse(&bytes_of(path)?);
    parsed.map_err(|error| Failure::refused("LOG-101", format!("{}: {error}", path.display()), "order attest writes such files"))
}

pub fn run(args: &Args, global: Global) -> Outcome {
    let draft = OrderDraft::parse(&bytes_of(&args.order)?).map_err(super::refusal)?;
    draft.check().map_err(super::refusal)?;
    let (Some(original), Some(named)) = (draft.original(), draft.record().attesters()) else {
        return Err(Failure::refused(
            "LOG-100",
            "this draft is not attested: it has no original, or names no attesters",
            "order import makes such drafts",
        ));
    };
    let digest = hex(&verify::package::digest::sha256(&[original]));
    if let Some(out) = &args.original_out {
        super::write_new(out, original)?;
    }
    let lines = node::cases::understanding::lines(draft.record(), draft.scope());
    if global.json {
        println!("{}", json!({ "schema": "waarborg-attest-view/v1", "original_sha256": digest, "lines": lines }));
    } else {
        print!("{}", side_by_side(original, &lines, &digest, global.lang));
    }
    let (Some(key), Some(yes), Some(out)) = (&args.key, &args.yes, &args.out) else {
        if !global.json {
            println!("\n{}", Word::WouldAttest.text(global.lang));
        }
        return Ok(());
    };
    if yes.len() < 8 || !digest.starts_with(yes.as_str()) {
        return Err(Failure::refused(
            "LOG-101",
            "--yes is not the beginning of this original's SHA-256",
            "type at least 8 digits of what the screen shows",
        ));
    }
    let signer = keys::load(key).map_err(|error| key_failure(key, error))?;
    let attester = key_digest(signer.vkey().key());
    if !named.contains(&attester) {
        return Err(Failure::refused("LOG-101", "the order does not name this key as an attester", "order import --attester names them"));
    }
    let original = draft.record().original_hash().unwrap_or_default();
    let attestation =
        Attestation { message: message_digest(&draft), original, attester, signature: signer.sign_message(&draft.record().message()) };
    super::write_new(out, &attestation.to_bytes())
}

/// Left the original as it came, right the order as the system understands it. Nothing is summed up: people compare.
fn side_by_side(original: &[u8], lines: &[String], digest: &str, lang: Lang) -> String {
    let left: Vec<String> = match std::str::from_utf8(original) {
        Ok(text) => text.lines().flat_map(|line| fold(&escape(line))).collect(),
        Err(_) => fold(Word::LookAtOriginal.text(lang)),
    };
    let right: Vec<String> = lines.iter().flat_map(|line| fold(&escape(line))).collect();
    let mut out = format!("SHA-256 {digest}\n{:<HALF$} | {}\n", Word::Original.text(lang), Word::Understood.text(lang));
    out.push_str(&format!("{}-+-{}\n", "-".repeat(HALF), "-".repeat(HALF)));
    let cell = |list: &[String], at: usize| list.get(at).cloned().unwrap_or_default();
    for at in 0..left.len().max(right.len()) {
        out.push_str(format!("{:<HALF$} | {}", cell(&left, at), cell(&right, at)).trim_end());
        out.push('\n');
    }
    out
}

/// Lines of at most half a screen; nothing is cut off.
fn fold(line: &str) -> Vec<String> {
    let all: Vec<char> = line.chars().collect();
    if all.is_empty() { vec![String::new()] } else { all.chunks(HALF).map(|part| part.iter().collect()).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_halves_are_whole_and_nothing_hides() {
        let shown = side_by_side("a\u{202e}b\n".repeat(3).as_bytes(), &["x".repeat(HALF + 1)], "00", Lang::En);
        assert!(!shown.contains('\u{202e}') && shown.contains("a\\u{202e}b"));
        assert!(shown.contains(&format!("| {}\n", "x".repeat(HALF))) && shown.contains("| x\n"));
        assert!(side_by_side(&[0xff], &[], "00", Lang::Nl).contains("origineel"));
    }

    #[test]
    fn an_attestation_has_one_spelling() {
        let one = Attestation { message: [1; 32], original: [2; 32], attester: [3; 32], signature: [4; 64] };
        let bytes = one.to_bytes();
        assert_eq!(Attestation::parse(&bytes).unwrap().signature, [4; 64]);
        assert!(Attestation::parse(&[&bytes[..], b"\n"].concat()).is_err());
    }
}
