//! One request answered: judged, stored, signed, in this order. No HTTP, no clock: `serve` and the harness call the same.

use std::path::PathBuf;

use verify::log::note::{SignedNote, Signer};
use verify::log::origin::Origin;
use verify::log::refusal::Refusal;
use verify::log::witness::{Config, Request, Stored, Verdict, judge};

use super::rows::{Row, Rows, RowsFault, Swap};

/// A witness with its durable rows.
pub struct Witness {
    pub config: Config,
    pub rows: Rows,
    pub signer: Signer,
    /// Folder for requests that contradict a stored head (LOG-73).
    pub evidence: PathBuf,
}

/// What goes back to the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub content_type: &'static str,
    pub body: String,
}

impl Answer {
    /// Every verdict but 200, whose body is the line.
    pub fn of(verdict: &Verdict) -> Answer {
        let (content_type, body) = verdict.body();
        Answer { status: verdict.status(), content_type, body }
    }
}

impl Witness {
    /// `POST add-checkpoint`. A fault means that nothing was signed; the row may have moved.
    pub fn add(&self, body: &[u8], now: u64) -> Result<Answer, RowsFault> {
        let request = match Request::parse(body) {
            Ok(request) => request,
            Err(refusal) => return Ok(Answer::of(&Verdict::Malformed(refusal))),
        };
        loop {
            let row = self.rows.get(request.head().origin.as_str())?;
            let stored = row.as_ref().map_or(Stored::nothing(), |row| row.stored);
            match judge(stored, &request, &self.config) {
                Verdict::Cosign { old, head } => {
                    // LOG-22: checked and stored in one atomic step, then signed, then answered. Moved: judge the new row.
                    // The time is the row's, which only grows: a larger head at an earlier time would convict us (LOG-87), whatever our clock did.
                    let Swap::Done { time } = self.rows.swap(&old, &head, now, &self.of_the_log(&request).checkpoint.to_bytes())? else {
                        continue;
                    };
                    let line = self.signer.cosign(&head.to_text(), time).map_err(|refusal| RowsFault(refusal.to_string()))?;
                    let body = format!("{}\n", line.to_line().trim_end());
                    return Ok(Answer { status: 200, content_type: "text/plain; charset=utf-8", body });
                }
                verdict => {
                    if matches!(verdict, Verdict::Inconsistent(_)) {
                        self.keep_evidence(&self.of_the_log(&request), row.as_ref())?;
                    }
                    return Ok(Answer::of(&verdict));
                }
            }
        }
    }

    /// A judged request with one line of each of the log's keys. Other lines are anybody's: kept, they would push the log's own off the
    /// head that is shown, and make a new file of each copy of a request.
    fn of_the_log(&self, request: &Request) -> Request {
        let (keys, checkpoint) = (self.config.logs.get(&request.head().origin), &request.checkpoint);
        let line = |key| checkpoint.signatures().iter().find(|line| line.claims(key)).cloned();
        let lines = keys.into_iter().flatten().filter_map(line).collect();
        let own =
            SignedNote::new(checkpoint.text().to_owned(), lines).and_then(|note| Request::new(request.old, request.path.clone(), note));
        own.unwrap_or_else(|_| request.clone())
    }

    /// LOG-73: request and stored note, synced before the answer. Named by the two heads, because a path that fails is anybody's to send:
    /// there are as many files as heads that the log signed.
    fn keep_evidence(&self, request: &Request, row: Option<&Row>) -> Result<(), RowsFault> {
        let stored = row.map_or(&[][..], |row| &row.note);
        let head = seal::digest::sha256(&[request.checkpoint.text().as_bytes()]);
        let id = verify::spelling::hex(&seal::digest::sha256(&[&head, stored]));
        for (part, bytes) in [("request", &request.to_bytes()[..]), ("stored", stored)] {
            let path = self.evidence.join(format!("{id}-{part}"));
            // What stands there is whole, and stays as it is (LOG-88).
            let written = if path.exists() { Ok(()) } else { crate::private_file::write_whole(&path, bytes) };
            written.map_err(|error| RowsFault(format!("{}: {error}", path.display())))?;
        }
        Ok(())
    }

    /// The last cosigned head with log and witness lines. The line is made again with its stored time: Ed25519 gives the same.
    pub fn cosigned(&self, origin: &Origin) -> Result<Option<Vec<u8>>, RowsFault> {
        let Some(row) = self.rows.get(origin.as_str())?.filter(|row| row.time != 0) else {
            return Ok(None);
        };
        let broken = |refusal: Refusal| RowsFault(refusal.to_string());
        let note = SignedNote::parse(&row.note).map_err(broken)?;
        let line = self.signer.cosign(note.text(), row.time).map_err(broken)?;
        // The witness's own line first after the log's: at most 16 are written.
        let lines = note.signatures().iter().take(15).cloned().chain([line]).collect();
        Ok(Some(SignedNote::new(note.text().to_owned(), lines).map_err(broken)?.to_bytes()))
    }
}
