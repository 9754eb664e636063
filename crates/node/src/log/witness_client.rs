//! Asking the witnesses: all in parallel, each with a time limit, each answer judged alone (LOG-75 to LOG-77).

use std::time::Duration;

use futures::future::join_all;
use verify::log::checkpoint::Checkpoint;
use verify::log::note::{NoteSignature, SignedNote};
use verify::log::origin::Origin;
use verify::log::quorum::Window;
use verify::log::tlog_policy::TlogPolicy;
use verify::log::vkey::VerifierKey;
use verify::log::witness::{Request, stored_size, usable_lines};

use super::config::WitnessAddress;
use super::fetch::{Answer, Fetch};
use super::tiles::Source;

/// LOG-77: a longer answer is none.
const ANSWER_BYTES_MAX: usize = 65_536;
/// LOG-77: lines may be this much older than the tick or ahead of our clock, seconds.
const TIME_SLACK_S: u64 = 60;

struct Witness {
    name: String,
    vkey: VerifierKey,
    submission: String,
    monitoring: String,
    /// Size of its last answer; asked with `old` = this.
    stored: u64,
}

/// One witness's part in a tick.
#[derive(Clone, Debug)]
pub enum Heard {
    /// Verified cosignature lines.
    Lines(Vec<NoteSignature>),
    /// Nothing, and why (LOG-76: other 4xx, 5xx, no answer): next tick.
    Nothing(String),
    /// It holds a larger head than ours: stop signing.
    Ahead(u64),
    /// 422, or 409 without the size type: it claims inconsistency. Both notes are kept.
    ClaimsInconsistency { status: u16, body: Vec<u8> },
}

/// What to do with one answer, before any retry. Pure: the table of log.md section 8 is tested against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    Signed,
    /// Its size, at most ours: send the proof from there, once.
    Holds(u64),
    Ahead(u64),
    ClaimsInconsistency,
    Nothing,
}

/// LOG-76: read no meaning into any other status; software of both kinds is deployed (LOG-23).
pub fn meaning(answer: &Answer, our_size: u64) -> Meaning {
    match answer.status {
        200 => Meaning::Signed,
        422 => Meaning::ClaimsInconsistency,
        409 => match stored_size(&answer.content_type, &answer.body) {
            Some(size) if size <= our_size => Meaning::Holds(size),
            Some(size) => Meaning::Ahead(size),
            None => Meaning::ClaimsInconsistency,
        },
        _ => Meaning::Nothing,
    }
}

/// What the witnesses said about a head.
pub struct Round {
    /// In the order of the configuration, by name.
    pub heard: Vec<(String, Heard)>,
}

impl Round {
    pub fn lines(&self) -> Vec<NoteSignature> {
        let of = |heard: &Heard| if let Heard::Lines(lines) = heard { lines.clone() } else { Vec::new() };
        self.heard.iter().flat_map(|(_, heard)| of(heard)).collect()
    }

    pub fn ahead(&self) -> Option<(String, u64)> {
        self.heard.iter().find_map(|(name, heard)| if let Heard::Ahead(size) = heard { Some((name.clone(), *size)) } else { None })
    }
}

/// A configured witness that the policy does not name, or the other way round.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownWitness {
    pub name: String,
}

pub struct WitnessClient {
    witnesses: Vec<Witness>,
    fetch: Fetch,
    source: Source,
    origin: Origin,
}

impl WitnessClient {
    pub fn new(
        addresses: &[WitnessAddress],
        policy: &TlogPolicy,
        origin: Origin,
        source: Source,
        timeout: Duration,
    ) -> Result<WitnessClient, UnknownWitness> {
        let mut witnesses = Vec::new();
        for address in addresses {
            let known = policy.witnesses().iter().find(|witness| witness.name == address.name);
            let vkey = known.ok_or_else(|| UnknownWitness { name: address.name.clone() })?.vkey.clone();
            let submission = address.url.trim_end_matches('/').to_owned();
            let monitoring = address.monitoring_url.as_deref().map_or(submission.clone(), |url| url.trim_end_matches('/').to_owned());
            witnesses.push(Witness { name: address.name.clone(), vkey, submission, monitoring, stored: 0 });
        }
        Ok(WitnessClient { witnesses, fetch: Fetch::new(timeout), source, origin })
    }

    /// LOG-64: the size each witness holds of our origin, `None` without an answer. Only then may anything be signed.
    ///
    /// Monitoring GET first. 404 there is no answer yet, since a witness that knows nothing and one that lost everything look
    /// alike; the committed head is then sent with `old` = its size, and only 409 with a size, or 200, counts.
    pub async fn sizes(&mut self, committed: &[u8]) -> Vec<(String, Option<u64>)> {
        let (fetch, origin) = (&self.fetch, &self.origin);
        let sizes = join_all(self.witnesses.iter().map(|witness| size_of(fetch, origin, witness, committed))).await;
        let mut answers = Vec::new();
        for (witness, size) in self.witnesses.iter_mut().zip(sizes) {
            witness.stored = size.unwrap_or(witness.stored);
            answers.push((witness.name.clone(), size));
        }
        answers
    }

    /// Step 6: lines for `note` from everybody, times inside [tick - 60 s, now + 60 s].
    pub async fn cosign(&mut self, note: &[u8], tick: u64, now: u64) -> Round {
        let window = Window { from: tick.saturating_sub(TIME_SLACK_S), until: now + TIME_SLACK_S };
        let Some(ours) = SignedNote::parse(note).ok().and_then(|note| Some((Checkpoint::of_note(&note).ok()?, note))) else {
            return Round { heard: Vec::new() };
        };
        let (fetch, source) = (&self.fetch, &self.source);
        let asked = self.witnesses.iter().map(|witness| ask(fetch, source, witness, &ours.1, &ours.0, window));
        let answers = join_all(asked).await;
        let mut heard = Vec::new();
        for (witness, (stored, answer)) in self.witnesses.iter_mut().zip(answers) {
            witness.stored = stored;
            heard.push((witness.name.clone(), answer));
        }
        Round { heard }
    }
}

async fn size_of(fetch: &Fetch, origin: &Origin, witness: &Witness, committed: &[u8]) -> Option<u64> {
    let url = format!("{}/{}/checkpoint", witness.monitoring, verify::spelling::hex(&origin.digest()));
    if let Ok(answer) = fetch.get(&url, ANSWER_BYTES_MAX).await
        && answer.status == 200
    {
        let note = SignedNote::parse(&answer.body).ok()?;
        // Only a head that this witness signed says what it holds.
        note.verify(&[&witness.vkey]).ok()?;
        let head = Checkpoint::of_note(&note).ok().filter(|head| head.origin == *origin)?;
        return Some(head.size);
    }
    let note = SignedNote::parse(committed).ok()?;
    let size = Checkpoint::of_note(&note).ok()?.size;
    let request = Request::new(size, Vec::new(), note).ok()?.to_bytes();
    let answer = fetch.post(&format!("{}/add-checkpoint", witness.submission), request, ANSWER_BYTES_MAX).await.ok()?;
    match answer.status {
        200 => Some(size),
        409 => stored_size(&answer.content_type, &answer.body),
        _ => None,
    }
}

/// One witness, with one retry after 409 (LOG-76). Gives its size as far as known, and what it said.
async fn ask(fetch: &Fetch, source: &Source, witness: &Witness, note: &SignedNote, head: &Checkpoint, window: Window) -> (u64, Heard) {
    let mut old = witness.stored.min(head.size);
    for last_try in [false, true] {
        let answer = match send(fetch, source, witness, note, head, old).await {
            Ok(answer) => answer,
            Err(why) => return (old, Heard::Nothing(why)),
        };
        match meaning(&answer, head.size) {
            Meaning::Holds(size) if !last_try => old = size,
            Meaning::Signed => {
                return match usable_lines(&answer.body, note.text(), &witness.vkey, window) {
                    Ok(lines) if !lines.is_empty() => (head.size, Heard::Lines(lines)),
                    _ => (old, Heard::Nothing("200 without a usable line".to_owned())),
                };
            }
            Meaning::Ahead(size) => return (old, Heard::Ahead(size)),
            Meaning::ClaimsInconsistency => {
                return (old, Heard::ClaimsInconsistency { status: answer.status, body: answer.body.to_vec() });
            }
            Meaning::Holds(_) | Meaning::Nothing => return (old, Heard::Nothing(format!("status {}", answer.status))),
        }
    }
    (old, Heard::Nothing("409 twice".to_owned()))
}

async fn send(fetch: &Fetch, source: &Source, witness: &Witness, note: &SignedNote, head: &Checkpoint, old: u64) -> Result<Answer, String> {
    let path = source.consistency(old, head.size).await.map_err(|error| format!("{error:?}"))?;
    let request = Request::new(old, path, note.clone()).map_err(|refusal| refusal.to_string())?;
    let url = format!("{}/add-checkpoint", witness.submission);
    fetch.post(&url, request.to_bytes(), ANSWER_BYTES_MAX).await.map_err(|no| no.0)
}
