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
    /// Keys of our own log: who says that we had signed more has our signature to show.
    log_keys: Vec<VerifierKey>,
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
    /// It shows a larger head than ours that our key signed: stop signing.
    Ahead(u64),
    /// 422, or 409 without the size type: it claims inconsistency. Both notes are kept.
    ClaimsInconsistency { status: u16, body: Vec<u8> },
}

/// What a witness says that it holds of our origin, at start-up (LOG-64).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// At most what we have.
    Holds(u64),
    /// More than we have, with our own signature: our state is old.
    Shown(u64),
    /// More than we have, and nothing of ours to show for it: no answer. A lie of one witness stops no log; of a quorum that saw more, too
    /// few answers remain for us to sign.
    Claimed(u64),
}

/// What a head that a witness shows says of our own. A head without the witness's line says nothing.
pub fn read_shown(note: &[u8], origin: &Origin, witness: &VerifierKey, log_keys: &[VerifierKey], ours: u64) -> Option<Told> {
    let note = SignedNote::parse(note).ok()?;
    note.verify(&[witness]).ok()?;
    let size = Checkpoint::of_note(&note).ok().filter(|head| head.origin == *origin)?.size;
    let is_ours = log_keys.iter().any(|key| note.verify(&[key]).is_ok());
    Some(match (size <= ours, is_ours) {
        (true, _) => Told::Holds(size),
        (false, true) => Told::Shown(size),
        (false, false) => Told::Claimed(size),
    })
}

/// LOG-64: true once so many witnesses told their size that one of them saw any head we ever published. `Err`: one shows a larger one
/// of ours.
///
/// n - k + 1 answers for a k-of-n policy; for any policy: those who are silent cannot be a quorum among themselves.
pub fn may_sign(policy: &TlogPolicy, answers: &[(String, Option<Told>)]) -> Result<bool, (String, u64)> {
    let shows = answers.iter().find_map(|(name, told)| if let Some(Told::Shown(size)) = told { Some((name.clone(), *size)) } else { None });
    if let Some(shows) = shows {
        return Err(shows);
    }
    let holds = |name: &str| answers.iter().any(|(answered, told)| answered == name && matches!(told, Some(Told::Holds(_))));
    let silent = (0..policy.witnesses().len()).filter(|index| !holds(&policy.witnesses()[*index].name)).collect();
    Ok(!policy.is_met_by(&silent))
}

/// What to do with one answer, before any retry. Pure: the table of log.md section 8 is tested against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    Signed,
    /// Its size, at most ours: send the proof from there, once.
    Holds(u64),
    /// A larger size, in a status line that anybody can write: it has to show the head.
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
        let log_keys: Vec<VerifierKey> = policy.log_keys(&origin).into_iter().cloned().collect();
        for address in addresses {
            let known = policy.witnesses().iter().find(|witness| witness.name == address.name);
            let vkey = known.ok_or_else(|| UnknownWitness { name: address.name.clone() })?.vkey.clone();
            let submission = address.url.trim_end_matches('/').to_owned();
            let monitoring = address.monitoring_url.as_deref().map_or(submission.clone(), |url| url.trim_end_matches('/').to_owned());
            let (name, log_keys) = (address.name.clone(), log_keys.clone());
            witnesses.push(Witness { name, vkey, log_keys, submission, monitoring, stored: 0 });
        }
        Ok(WitnessClient { witnesses, fetch: Fetch::new(timeout), source, origin })
    }

    /// LOG-64: the size each witness holds of our origin, `None` without an answer. Only then may anything be signed.
    ///
    /// Monitoring GET first. 404 there is no answer yet, since a witness that knows nothing and one that lost everything look
    /// alike; the committed head is then sent with `old` = its size, and only 409 with a size, or 200, counts.
    pub async fn sizes(&mut self, committed: &[u8]) -> Vec<(String, Option<Told>)> {
        let (fetch, origin) = (&self.fetch, &self.origin);
        let told = join_all(self.witnesses.iter().map(|witness| size_of(fetch, origin, witness, committed))).await;
        let mut answers = Vec::new();
        for (witness, told) in self.witnesses.iter_mut().zip(told) {
            if let Some(Told::Holds(size)) = told {
                witness.stored = size;
            }
            answers.push((witness.name.clone(), told));
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

/// The head that a witness shows, by the monitoring GET.
async fn shown(fetch: &Fetch, origin: &Origin, witness: &Witness, ours: u64) -> Option<Told> {
    let url = format!("{}/{}/checkpoint", witness.monitoring, verify::spelling::hex(&origin.digest()));
    let answer = fetch.get(&url, ANSWER_BYTES_MAX).await.ok().filter(|answer| answer.status == 200)?;
    read_shown(&answer.body, origin, &witness.vkey, &witness.log_keys, ours)
}

async fn size_of(fetch: &Fetch, origin: &Origin, witness: &Witness, committed: &[u8]) -> Option<Told> {
    let note = SignedNote::parse(committed).ok()?;
    let ours = Checkpoint::of_note(&note).ok()?.size;
    if let Some(told) = shown(fetch, origin, witness, ours).await {
        return Some(told);
    }
    let request = Request::new(ours, Vec::new(), note).ok()?.to_bytes();
    let answer = fetch.post(&format!("{}/add-checkpoint", witness.submission), request, ANSWER_BYTES_MAX).await.ok()?;
    match meaning(&answer, ours) {
        Meaning::Signed => Some(Told::Holds(ours)),
        Meaning::Holds(size) => Some(Told::Holds(size)),
        Meaning::Ahead(size) => Some(Told::Claimed(size)),
        Meaning::ClaimsInconsistency | Meaning::Nothing => None,
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
            Meaning::Ahead(size) => {
                // LOG-64: it has to show the head, and our own signature on it.
                return match shown(fetch, &head.origin, witness, head.size).await {
                    Some(Told::Shown(shown)) => (old, Heard::Ahead(shown)),
                    _ => (old, Heard::Nothing(format!("claims {size} leaves and shows no head of ours"))),
                };
            }
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
