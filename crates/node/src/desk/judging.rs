//! What a received order is judged by, and reading one. Pure: no disk, no clock.

use law::gates::{Facts, History, Provider};
use law::received::{Body, Received};
use law::registry::{CallBack, CalledBack, Editions, Standing};
use law::rules::RuleBook;
use standards::etsi::verdict::Setting;
use standards::signature::{Intake, Store as Trust};
use verify::names::DirectoryId;

use super::entry::Called;
use crate::cases::Digest32;
use crate::gateway::papers::Refused;

/// Facts of the law, who may order, who we are, whom we trust.
pub struct Setup {
    pub book: RuleBook,
    pub registry: Editions,
    pub provider: Provider,
    pub trust: Trust,
    pub etsi: Setting,
}

/// An order as read, and SHA-256 of the octets that it was read from: what its signatures cover (SIG-16).
pub struct Read {
    pub received: Received,
    pub covered: Digest32,
}

/// Largest document that is read as an order.
pub const ORIGINAL_BYTES_MAX: usize = 16 << 20;

impl Setup {
    /// Signatures first, then the order from what was signed (SIG-16). `transcription`: what a person typed over from `original`.
    pub fn read(&self, original: &[u8], transcription: Option<&str>, received_at: u64) -> Result<Read, Refused> {
        if ORIGINAL_BYTES_MAX < original.len() {
            return Err(Refused::new("ORD-01", format!("larger than {ORIGINAL_BYTES_MAX} octets"), "send it in parts"));
        }
        let intake = Intake::judge(original, &self.trust, &[], received_at);
        let by_machine = || standards::incoming::read(intake.octets(), &self.etsi);
        // TRN-04: what a person typed is under nobody's signature, so the original's verdicts are left out.
        let typed = match (transcription, intake.format()) {
            (Some(_), Some(_)) if by_machine().is_ok() => return Err(readable()),
            (Some(text), _) => Some(text),
            // Of no kind that carries a signature: typed over, or nothing that is read here.
            (None, None) => Some(std::str::from_utf8(original).map_err(|_| neither())?),
            (None, Some(_)) => None,
        };
        if let Some(text) = typed {
            return Ok(Read { received: transcribed(text, original)?, covered: Digest32::of(original) });
        }
        let mut received = by_machine().map_err(|refusal| Refused::new(refusal.code(), refusal.to_string(), refusal.hint().en))?;
        let covered = Digest32::of(intake.octets());
        intake.into_received(&mut received, &self.registry);
        Ok(Read { received, covered })
    }

    pub fn facts<'f>(
        &'f self,
        received: &'f Received,
        history: &'f History,
        called_back: Option<&'f CalledBack>,
        (received_at, now): (u64, u64),
    ) -> Facts<'f> {
        let Setup { book, registry, provider, .. } = self;
        Facts { received, book, registry, provider, history, called_back, received_at, now }
    }

    /// RGY-05, at the time of the call.
    pub fn called_back(&self, called: &Called, original_hash: [u8; 32]) -> Result<CalledBack, Refused> {
        let unknown = || Refused::new("RGY-05", "the authority has no such id", "waarborg registry show tells ids and numbers");
        let id = DirectoryId::parse(&called.authority).ok_or_else(unknown)?;
        let Called { number, called_by, confirmed_by, at, .. } = called.clone();
        let call = CallBack { number, called_by, confirmed_by, at, original_hash };
        let refused = |error: law::registry::RegistryError| {
            Refused::new(error.code(), error.to_string(), "call the number in the registry; one person calls, another confirms")
        };
        self.registry.called_back(&id, call, called.at).map_err(refused)
    }

    /// The authority in force whose key signed a document and is valid, trusted.
    pub fn signer(&self, received: &Received, now: u64) -> Option<DirectoryId> {
        let good = received.envelope.signatures.iter().filter(|one| one.valid.is_yes() && one.trusted.is_yes());
        let found = good.filter_map(|one| one.key_digest.as_ref()).find_map(|key| match self.registry.by_key(key, now) {
            Standing::InForce(authority) => Some(authority.id.clone()),
            Standing::Waiting { .. } | Standing::Unknown => None,
        });
        // One that does not hold beside one that does: somebody changed something.
        found.filter(|_| received.envelope.signatures.iter().all(|one| one.valid.is_yes()))
    }
}

fn neither() -> Refused {
    let text = "this is neither a form or message nor a transcription";
    Refused::new("TRN-01", text, "type it over (docs/samples/received.toml) and hand in both")
}

/// TRN-04
fn readable() -> Refused {
    let text = "the original reads by itself: what it says is what was signed, not what somebody typed beside it";
    Refused::new("TRN-04", text, "hand in the original without a transcription")
}

fn transcribed(text: &str, original: &[u8]) -> Result<Received, Refused> {
    let hash = verify::package::digest::sha256(&[original]);
    law::transcription::read(text, hash).map_err(|error| Refused::new(error.code(), error.to_string(), "docs/samples/received.toml"))
}

/// DSK-01: each trusted signature with what it covers. Of trusted ones only: whoever signs a copy of another's order with a key of their
/// own must not take its place.
pub fn signed(read: &Read) -> impl Iterator<Item = String> {
    let good = read.received.envelope.signatures.iter().filter(|one| one.valid.is_yes() && one.trusted.is_yes());
    good.filter_map(|one| one.key_digest.as_ref()).map(|key| format!("{} {}", verify::spelling::hex(key), read.covered))
}

/// References by which later papers name an order: file number, id of the form, transaction.
pub fn references(received: &Received) -> Vec<String> {
    let Body::Order(order) = &received.body else { return Vec::new() };
    let own = [&order.issuing.file_number, &order.form_id, &received.envelope.transaction];
    let validating = order.validating.as_ref().and_then(|party| party.file_number.as_ref());
    let mut found: Vec<String> = own.into_iter().flatten().chain(validating).map(|said| said.value.trim().to_owned()).collect();
    found.retain(|reference| !reference.is_empty());
    found.sort();
    found.dedup();
    found
}

/// Which order a later paper is about, in its own words.
pub fn about(received: &Received) -> Option<&str> {
    match &received.body {
        Body::Withdrawal(form) => Some(form.reference.value.trim()),
        Body::FollowUp(form) => form.preservation_reference.as_ref().map(|said| said.value.trim()),
        Body::Order(_) | Body::NonExecution(_) => None,
    }
}

/// The persons that an order names, each in one spelling (GAT-16).
pub fn persons(received: &Received) -> Vec<String> {
    let identifiers = received.order().map_or(&[][..], |order| &order.identifiers);
    let mut found: Vec<String> = identifiers.iter().filter_map(|one| law::identifier::canonical(one).ok()).collect();
    found.sort();
    found.dedup();
    found
}
