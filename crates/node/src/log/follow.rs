//! Following a log: what is new is read once, the root is rebuilt from what was kept, and two stories become evidence
//! (log.md section 12, LOG-89, LOG-94).
//!
//! The state file holds the last head that a quorum cosigned with the peaks of its tree, and beside it a newer one that too few
//! did. Trusted: who can change it can make this monitor accept another history. Losing it costs one reading of the whole log.

use seal::merkle::Hash;
use verify::document::{DocumentError, Reader, Writer, canonical};
use verify::log::note::SignedNote;
use verify::log::split::{Conviction, Evidence, Side};
use verify::log::tlog_policy::TlogPolicy;

use super::audit::{Finding, Grade, Promise, judge_entry, judge_head, of_error};
use super::client::{ClientError, Head, LogReader};
use super::peaks::Peaks;
use super::views;

const HEADER: &str = "waarborg-follow/v1";
const LEN_MAX: usize = 128 * 1024;

/// What is kept between two looks: a history, or a head alone, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    history: Option<History>,
    /// The newest head beyond it that the log signed and too few witnesses cosigned. No history, but the log's word: what comes later is
    /// held against it.
    alone: Option<Head>,
    /// When it was looked at last, POSIX seconds.
    pub time: u64,
}

/// The newest head that a quorum cosigned, and the peaks of its tree.
#[derive(Clone, Debug, PartialEq, Eq)]
struct History {
    head: Head,
    peaks: Peaks,
}

impl Followed {
    /// `None`: nothing to keep.
    fn of(history: Option<History>, alone: Option<Head>, time: u64) -> Option<Followed> {
        (history.is_some() || alone.is_some()).then_some(Followed { history, alone, time })
    }

    /// The newest head that a quorum cosigned.
    pub fn witnessed(&self) -> Option<&Head> {
        self.history.as_ref().map(|history| &history.head)
    }

    /// The newest head that the log signed, whoever cosigned it.
    pub fn newest(&self) -> Option<&Head> {
        self.alone.as_ref().or(self.witnessed())
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new(HEADER);
        w.line("time", self.time);
        if let Some(history) = &self.history {
            for peak in history.peaks.hashes() {
                w.bytes("peak", peak);
            }
            w.part("note", &history.head.note);
        }
        if let Some(alone) = &self.alone {
            w.part("alone", &alone.note);
        }
        w.finish()
    }

    pub fn parse(bytes: &[u8]) -> Result<Followed, DocumentError> {
        let mut r = Reader::open(bytes, HEADER, LEN_MAX)?;
        let time = r.decimal("time")?;
        let hashes: Vec<Hash> = r.all("peak", verify::spelling::from_base64_exact::<32>)?;
        let (note, alone) = (r.part_if("note")?.map(<[u8]>::to_vec), r.part_if("alone")?.map(<[u8]>::to_vec));
        let bad = DocumentError::BadValue { line: 2, key: "peak" };
        r.end()?;
        let head = |note: Vec<u8>| Head::parse(&note).map_err(|_| bad.clone());
        let history = match note.map(head).transpose()? {
            Some(head) => {
                let peaks = Peaks::new(head.size, hashes).filter(|peaks| peaks.root() == head.root).ok_or(bad.clone())?;
                Some(History { head, peaks })
            }
            None => None,
        };
        let followed = Followed::of(history, alone.map(head).transpose()?, time).ok_or(bad)?;
        canonical(bytes, &followed.to_bytes())?;
        Ok(followed)
    }
}

/// One look at the log.
#[derive(Debug, Default)]
pub struct Look {
    pub findings: Vec<Finding>,
    /// LOG-88: written before any alarm goes out.
    pub evidence: Vec<(Evidence, Conviction)>,
    /// Signed heads that do not go together and convict nobody yet: kept too, because a third one may.
    pub heads: Vec<Vec<u8>>,
    /// What to keep from now on; `None`: keep what is kept.
    pub next: Option<Followed>,
    /// Entries that were new.
    pub read: u64,
}

impl Look {
    fn say(&mut self, grade: Grade, code: &'static str, what: impl Into<String>) {
        self.findings.push(Finding { grade, code, what: what.into() });
    }
}

/// Looks once. Nothing is kept of a head that is not signed, not consistent, or whose entries do not give its root.
pub async fn look(reader: &LogReader, policy: &TlogPolicy, promise: &Promise, kept: Option<&Followed>, now: u64) -> Look {
    let mut look = Look::default();
    let head = match reader.head().await {
        Ok(head) => head,
        Err(error) => {
            look.findings.push(of_error(&error));
            return look;
        }
    };
    look.findings = judge_head(&head, policy, promise, now);
    if let Err(refusal) = policy.identify(&head.note) {
        look.say(Grade::VerificationFailed, refusal.code(), refusal.to_string());
        // It is followed by nobody; what its lines convict all the same it convicts.
        let heads = kept.into_iter().flat_map(|kept| kept.history.iter().map(|history| &history.head).chain(&kept.alone));
        for earlier in heads {
            convicts(policy, earlier, &head, &mut look);
        }
        return look;
    }
    let is_witnessed = policy.check(&head.note, None).is_ok();
    let (history, alone) = (kept.and_then(|kept| kept.history.as_ref()), kept.and_then(|kept| kept.alone.as_ref()));
    let mut still_alone = None;
    if let Some(alone) = alone {
        match against_alone(reader, policy, alone, &head, &mut look).await {
            Standing::Follows => {}
            Standing::Lags => still_alone = Some(alone.clone()),
            // Of two stories that no quorum cosigned the first stays; a cosigned one goes on, and the other has been told about.
            Standing::Contradicts => {
                look.heads = vec![alone.note.clone(), head.note.clone()];
                if !is_witnessed {
                    return look;
                }
            }
            Standing::Unknown => return look,
        }
    }
    if let Some(history) = history {
        match against(reader, policy, &history.head, &head, &mut look).await {
            Standing::Follows => {}
            standing => {
                if standing == Standing::Contradicts {
                    look.heads = vec![history.head.note.clone(), head.note.clone()];
                }
                return look;
            }
        }
    }
    let is_beyond = history.is_none_or(|history| history.head.size < head.size);
    match grow(reader, promise, history, &head, &mut look).await {
        Ok(peaks) if is_witnessed => look.next = Followed::of(Some(History { head, peaks }), still_alone, now),
        Ok(_) => look.next = Followed::of(history.cloned(), still_alone.or(is_beyond.then_some(head)), now),
        // The log signed it, whoever keeps its entries back: what comes later is held against it.
        Err(error) => {
            look.findings.push(of_error(&error));
            if is_beyond && still_alone.is_none() {
                look.next = Followed::of(history.cloned(), Some(head), now);
            }
        }
    }
    look
}

/// How a published head stands to one that was read before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Follows,
    /// Older, and a part of it as far as can be seen (LOG-59).
    Lags,
    Contradicts,
    /// The log did not answer.
    Unknown,
}

/// A head that is no history has no peaks to grow on: the log has to show that it became one.
async fn against_alone(reader: &LogReader, policy: &TlogPolicy, alone: &Head, head: &Head, look: &mut Look) -> Standing {
    let standing = against(reader, policy, alone, head, look).await;
    if standing != Standing::Follows || head.size <= alone.size {
        return standing;
    }
    match reader.extends(alone, head).await {
        Ok(_) => Standing::Follows,
        Err(ClientError::Inconsistent(_)) => {
            look.say(Grade::Inconsistent, "LOG-16", format!("what the log signed at size {} is no part of size {}", alone.size, head.size));
            Standing::Contradicts
        }
        Err(error) => {
            look.findings.push(of_error(&error));
            Standing::Unknown
        }
    }
}

/// LOG-87: what the policy's keys contradict themselves in between the two. Is it the log? A witness that lies makes no second history.
fn convicts(policy: &TlogPolicy, earlier: &Head, head: &Head, look: &mut Look) -> bool {
    let sides = (SignedNote::parse(&earlier.note), SignedNote::parse(&head.note));
    let (Ok(before), Ok(after)) = sides else { return false };
    let evidence = Evidence::between(&Side::Note(before), &Side::Note(after), &views::keys(policy));
    for (_, conviction) in &evidence {
        let what = format!("{} at {}: {}", conviction.kind.as_str(), conviction.origin, conviction.culprits.join(", "));
        look.say(Grade::Inconsistent, "LOG-87", what);
    }
    let is_log = evidence.iter().any(|(evidence, _)| evidence.kind.convicts_log());
    look.evidence.extend(evidence);
    is_log
}

/// Is the published head one that may follow the earlier one? Its entries are compared later.
async fn against(reader: &LogReader, policy: &TlogPolicy, earlier: &Head, head: &Head, look: &mut Look) -> Standing {
    if earlier.origin != head.origin {
        look.say(Grade::VerificationFailed, "LOG-11", format!("{} is published where {} was", head.origin, earlier.origin));
        return Standing::Contradicts;
    }
    let is_convicted = convicts(policy, earlier, head, look);
    if head.size < earlier.size {
        // LOG-59: a cache may lag; another history may not.
        let (standing, grade) = match is_part_of(reader, head, earlier).await {
            Ok(true) => (Standing::Lags, Grade::Stale),
            Ok(false) => (Standing::Contradicts, Grade::Inconsistent),
            // A copy that lags has not got what would show it: a head as large as the earlier one will.
            Err(_) => (Standing::Lags, Grade::Stale),
        };
        look.say(grade, "LOG-59", format!("size {} is published, {} was", head.size, earlier.size));
        return standing;
    }
    if head.size == earlier.size && head.root != earlier.root && !is_convicted {
        look.say(Grade::Inconsistent, "LOG-16", "one size, two roots");
        return Standing::Contradicts;
    }
    if is_convicted { Standing::Contradicts } else { Standing::Follows }
}

/// Do the tiles give the smaller head, and lead from it to the larger one?
async fn is_part_of(reader: &LogReader, head: &Head, earlier: &Head) -> Result<bool, ClientError> {
    if reader.tile_root(head.size, head).await? != head.root {
        return Ok(false);
    }
    match reader.extends(head, earlier).await {
        Ok(_) => Ok(true),
        Err(ClientError::Inconsistent(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads what is new, judges each entry, and rebuilds the root on top of the kept peaks: a root that comes out right is a
/// history that extends the kept one.
async fn grow(reader: &LogReader, promise: &Promise, kept: Option<&History>, head: &Head, look: &mut Look) -> Result<Peaks, ClientError> {
    let mut peaks = kept.map_or_else(Peaks::empty, |kept| kept.peaks.clone());
    let from = peaks.size();
    for number in from >> 8..head.size.div_ceil(256) {
        let bundle = reader.source().bundle(number, head.size).await?;
        for (index, entry) in (number << 8..).zip(&bundle).filter(|(index, _)| from <= *index) {
            look.findings.extend(judge_entry(index, entry, promise));
            peaks.append(entry);
        }
    }
    if peaks.size() != head.size || peaks.root() != head.root {
        return Err(ClientError::Inconsistent("the new entries do not extend the tree that was kept"));
    }
    look.read = head.size - from;
    Ok(peaks)
}

/// LOG-89: what a witness holds of this log, at its monitoring prefix, held against what the log shows.
pub async fn look_at_witness(prefix: &str, reader: &LogReader, policy: &TlogPolicy, origin: &str) -> Look {
    let mut look = Look::default();
    let path = verify::spelling::hex(&seal::digest::sha256(&[origin.as_bytes()]));
    let at_witness = LogReader::new(&format!("{}/{path}", prefix.trim_end_matches('/')), std::time::Duration::from_secs(10));
    let held = match at_witness {
        Ok(at_witness) => at_witness.head().await,
        Err(error) => Err(error),
    };
    let (held, shown) = match (held, reader.head().await) {
        (Ok(held), Ok(shown)) => (held, shown),
        (Err(error), _) | (_, Err(error)) => {
            look.findings.push(of_error(&error));
            return look;
        }
    };
    let held = views::View { name: prefix.to_owned(), head: held, reader: None };
    let shown = views::View { name: origin.to_owned(), head: shown, reader: Some(reader.clone()) };
    let compared = views::compare(&[held, shown], policy).await;
    (look.findings, look.evidence) = (compared.findings, compared.evidence);
    look
}

/// Which findings are news: an alarm goes out when something begins, and once more when it is over.
#[derive(Debug, Default)]
pub struct Alarms {
    standing: std::collections::BTreeMap<(&'static str, u8), String>,
}

impl Alarms {
    /// (begun, over) since the last look.
    pub fn since(&mut self, findings: &[Finding]) -> (Vec<Finding>, Vec<&'static str>) {
        let now: std::collections::BTreeMap<_, _> =
            findings.iter().map(|finding| ((finding.code, finding.grade as u8), finding.what.clone())).collect();
        let begun = findings.iter().filter(|finding| !self.standing.contains_key(&(finding.code, finding.grade as u8))).cloned().collect();
        let over = self.standing.keys().filter(|key| !now.contains_key(*key)).map(|(code, _)| *code).collect();
        self.standing = now;
        (begun, over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_94_an_alarm_goes_out_when_something_begins_and_when_it_is_over() {
        let stale = |what: &str| Finding { grade: Grade::Stale, code: "REL-05", what: what.to_owned() };
        let mut alarms = Alarms::default();
        assert_eq!(alarms.since(&[stale("900 s")]).0.len(), 1);
        // The same thing a little older is no news.
        assert_eq!(alarms.since(&[stale("930 s")]), (vec![], vec![]));
        assert_eq!(alarms.since(&[]), (vec![], vec!["REL-05"]));
        assert_eq!(alarms.since(&[stale("900 s")]).0.len(), 1);
    }
}
