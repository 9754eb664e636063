//! A document as it comes in, with all its signatures judged, in the form that the gates read.

use std::sync::Arc;

use super::xml::{self, Limits, Parsed};
use super::{Certificate, Competences, Coverage, Format, NotCompetent, Refusal, Standing, Store, Trusted, Valid};
use super::{cms, judge_competence, judge_trust, jws, pdf};
use crate::tree::with_line_feeds;
use law::received::{DataClass, Finding, Place, Received, SignatureLevel, SignatureVerdict};
use law::registry::{self, Editions};
use verify::package::digest::sha256;

/// What came in and what its signatures are worth.
pub struct Intake<'d> {
    format: Option<Format>,
    document: &'d [u8],
    signed: Option<Arc<Vec<u8>>>,
    original_sha256: [u8; 32],
    verdicts: Vec<SignatureVerdict>,
    trusted: Vec<Option<Trusted>>,
}

impl<'d> Intake<'d> {
    /// Judges a document at the time of receipt. Nothing is refused here: an unsigned or forged document has verdicts too, and the
    /// gates say what follows.
    pub fn judge(document: &'d [u8], store: &Store, known: &[Certificate], received: u64) -> Intake<'d> {
        let format = format_of(document);
        let checked = match format {
            Some(Format::Xml) => xml::check(document),
            Some(Format::Cms) => cms::check(document, None),
            Some(Format::Pdf) => pdf::check(document),
            Some(Format::Jws) => jws::check(document, known),
            None => Err(Refusal::Unsigned),
        };
        let mut intake =
            Intake { format, document, signed: None, original_sha256: sha256(&[document]), verdicts: Vec::new(), trusted: Vec::new() };
        match checked {
            Err(Refusal::Unsigned) => {}
            Err(refusal) => intake.verdicts.extend(format.map(|format| broken(format, &refusal))),
            Ok(valid) => {
                let places = places(format, document);
                // SIG-16: from here on the document is what was signed.
                intake.signed = valid.first().map(Valid::shared);
                for (number, valid) in valid.iter().enumerate() {
                    let place = places.get(number).cloned().unwrap_or_else(|| Place::new(0, 0, "Signature"));
                    let trusted = judge_trust(valid, store, received);
                    intake.verdicts.push(verdict(valid, place, &trusted));
                    intake.trusted.push(trusted.ok());
                }
            }
        }
        intake
    }

    /// How the document is signed, or would be. None: it is of no kind that carries a signature we know.
    pub fn format(&self) -> Option<Format> {
        self.format
    }
    /// SIG-16: what to read the order from. The octets that were signed; of an unsigned or refused document, the document.
    pub fn octets(&self) -> &[u8] {
        self.signed.as_ref().map_or(self.document, |signed| signed)
    }
    pub fn verdicts(&self) -> &[SignatureVerdict] {
        &self.verdicts
    }

    /// The third verdict, when what the order asks for has been read from [`Intake::octets`].
    pub fn judge_competence<C: Competences>(&mut self, competences: &C, ask: &C::Ask) {
        for (verdict, trusted) in self.verdicts.iter_mut().zip(&self.trusted) {
            if let Some(trusted) = trusted {
                verdict.competent = match judge_competence(trusted, competences, ask) {
                    Ok(_) => Finding::Yes,
                    Err(why) => Finding::no(why.code(), why.words().en, Some(verdict.place.clone())),
                };
            }
        }
    }

    /// Puts the hash of what came in, all verdicts, and the registry's third one for what this order asks, around what was read from
    /// [`Intake::octets`].
    pub fn into_received(mut self, received: &mut Received, registry: &Editions) {
        self.judge_competence(registry, &Asked::of(received));
        received.envelope.original_hash = self.original_sha256;
        received.envelope.signatures = self.verdicts;
    }
}

/// By the first octets: a PDF, DER or BER, XML, JSON or a compact JWS. A typed letter or a picture is none of these, and so unsigned: a
/// letter that begins with a digit is not a broken signature.
fn format_of(document: &[u8]) -> Option<Format> {
    let text = document.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(document).trim_ascii();
    match text.first() {
        _ if document.starts_with(b"%PDF-") => Some(Format::Pdf),
        // A SEQUENCE with a length in the long form, or without one; no text goes on like this.
        _ if matches!(document, [0x30, 0x80..=0x84, ..]) => Some(Format::Cms),
        Some(b'<') => Some(Format::Xml),
        Some(b'{') => Some(Format::Jws),
        _ if is_compact(text) => Some(Format::Jws),
        _ => None,
    }
}

/// Three parts of base64url, the first of them a JSON object: `{"`. In pieces without an early end, which the compiler turns into
/// vector instructions: a stranger may send 16 MiB of this.
fn is_compact(text: &[u8]) -> bool {
    let is_one = |b: &u8| b.is_ascii_alphanumeric() | (*b == b'-') | (*b == b'_') | (*b == b'.');
    let all_are = |piece: &[u8]| piece.iter().fold(true, |all, b| all & is_one(b));
    text.starts_with(b"ey") && text.chunks(4096).all(all_are) && text.iter().filter(|b| **b == b'.').count() == 2
}

fn technique(format: Format, is_certificate_signed: bool) -> &'static str {
    match (format, is_certificate_signed) {
        (Format::Xml, true) => "XAdES",
        (Format::Xml, false) => "XML-DSig",
        (Format::Cms, true) => "CAdES",
        (Format::Cms, false) => "CMS",
        (Format::Pdf, true) => "PAdES",
        (Format::Pdf, false) => "PDF",
        (Format::Jws, _) => "JWS",
    }
}

fn broken(format: Format, refusal: &Refusal) -> SignatureVerdict {
    let place = Place::new(0, 0, "Signature");
    SignatureVerdict {
        technique: technique(format, false).to_owned(),
        signer: "?".to_owned(),
        key_digest: None,
        signed_at: None,
        level: SignatureLevel::None,
        valid: Finding::no(refusal.code(), refusal.words().en, Some(place.clone())),
        trusted: Finding::unknown("the signature is not valid"),
        competent: Finding::unknown("the signature is not valid"),
        place,
    }
}

fn verdict(valid: &Valid, place: Place, trusted: &Result<Trusted, Vec<Refusal>>) -> SignatureVerdict {
    let certificate = valid.certificate();
    let level = match trusted.as_ref().map(Trusted::standing) {
        Ok(Standing::Qualified { .. }) if certificate.has_device() => SignatureLevel::Qualified,
        Ok(Standing::Qualified { .. }) => SignatureLevel::AdvancedWithQualifiedCertificate,
        // SIG-58: a pin in the registry says whose certificate it is, not that anybody qualified issued it (gate 3): traffic data need more.
        Ok(Standing::Issued { .. } | Standing::Pinned) => SignatureLevel::Advanced,
        Err(_) => SignatureLevel::Simple,
    };
    let trusted_finding = match trusted {
        Ok(_) => Finding::Yes,
        Err(reasons) => {
            let texts: Vec<String> = reasons.iter().map(|reason| format!("{} {}", reason.code(), reason.words().en)).collect();
            Finding::no(reasons.first().map_or("SIG-50", Refusal::code), texts.join(" "), Some(place.clone()))
        }
    };
    SignatureVerdict {
        technique: technique(valid.format(), valid.is_certificate_signed()).to_owned(),
        signer: certificate.subject().to_owned(),
        key_digest: Some(certificate.sha256()),
        signed_at: valid.claimed_time(),
        level,
        valid: match valid.coverage() {
            Coverage::Whole => Finding::Yes,
            // SIG-35: good, but not for all that is shown.
            Coverage::Earlier { signed, of } => Finding::unknown(format!("it covers the first {signed} of {of} octets")),
        },
        trusted: trusted_finding,
        competent: Finding::unknown("not asked yet"),
        place,
    }
}

/// Where the signatures of an XML document stand in it.
fn places(format: Option<Format>, document: &[u8]) -> Vec<Place> {
    if format != Some(Format::Xml) {
        return Vec::new();
    }
    let document = with_line_feeds(document);
    let Ok(parsed) = Parsed::parse(&document, Limits::ORDER) else { return Vec::new() };
    let found = xml::signatures(&parsed);
    let at = found.iter().map(|node| parsed.tree.text_pos_at(node.range().start));
    at.map(|at| Place::new(at.row, at.col, "Signature")).collect()
}

/// What an order asks of its signer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub classes: Vec<DataClass>,
    /// The registry may allow an authority more then.
    pub is_emergency: bool,
}

impl Asked {
    /// By what was read; a follow-up asks for nothing by itself.
    pub fn of(received: &Received) -> Asked {
        received.order().map_or_else(Asked::default, |order| Asked { classes: order.classes(), is_emergency: order.is_emergency() })
    }
}

/// The registry of authorities answers by the certificate.
impl Competences for Editions {
    type Ask = Asked;

    fn authority(&self, signer: &Trusted, ask: &Asked) -> Result<String, NotCompetent> {
        match self.by_key(&signer.certificate().sha256(), signer.at()) {
            registry::Standing::Unknown => Err(NotCompetent::Unknown),
            registry::Standing::Waiting { from, .. } => Err(NotCompetent::NotInForce { from, until: None }),
            registry::Standing::InForce(authority) => {
                let may = |class: &DataClass| authority.signs.contains(class) || ask.is_emergency && authority.emergencies.contains(class);
                match ask.classes.iter().find(|class| !may(class)) {
                    Some(class) => Err(NotCompetent::NotForThis { what: class.code().to_owned() }),
                    None => Ok(authority.id.to_string()),
                }
            }
        }
    }
}
