//! Four witnesses, each with its rows in SQLite. A corrupt one cosigns anything, or answers what it likes.

use super::World;
use super::cast::{ORDERS, PUBLIC, WITNESSES, signer, witness_name};
use super::fault::{Which, WitnessLie};
use super::sabotage::Sabotage;
use node::log::witness_client::{Told, read_shown};
use node::witness::judge::{Answer, Witness};
use node::witness::rows::Rows;
use std::path::PathBuf;
use verify::log::Refusal;
use verify::log::checkpoint::Checkpoint;
use verify::log::note::SignedNote;
use verify::log::origin::Origin;
use verify::log::witness::{Config, Request, Verdict};

pub struct WitnessRole {
    pub short: &'static str,
    folder: PathBuf,
    /// None: the process is down.
    pub process: Option<Witness>,
    pub lies: Option<WitnessLie>,
}

fn config() -> Config {
    let logs = [ORDERS, PUBLIC].map(|name| (Origin::parse(name).expect("an origin"), vec![signer(name).vkey().clone()]));
    Config { logs: logs.into() }
}

impl WitnessRole {
    pub fn init(number: usize, folder: PathBuf) -> WitnessRole {
        std::fs::create_dir_all(folder.join("evidence")).expect("a folder");
        let rows = Rows::create(&folder.join("heads.sqlite")).expect("rows");
        [ORDERS, PUBLIC].iter().for_each(|origin| rows.add(origin).expect("a row"));
        drop(rows);
        let mut role = WitnessRole { short: WITNESSES[number], folder, process: None, lies: None };
        role.start();
        role
    }

    /// As after `kill -9`: what the disk holds is what there is.
    pub fn start(&mut self) {
        let rows = Rows::open(&self.folder.join("heads.sqlite")).expect("rows");
        let signer = signer(&witness_name(self.short));
        self.process = Some(Witness { config: config(), rows, signer, evidence: self.folder.join("evidence") });
    }

    pub fn crash(&mut self) {
        self.process = None;
    }

    pub fn is_corrupt(&self) -> bool {
        self.lies.is_some()
    }

    /// What it tells a log that holds so much and asks for its head (LOG-64), by the product's reading of what it shows.
    pub fn told(&self, which: Which, ours: u64) -> Option<Told> {
        let process = self.process.as_ref()?;
        let origin = Origin::parse(which.origin()).expect("an origin");
        let shown = match self.lies {
            None => match process.cosigned(&origin).ok()? {
                Some(shown) => shown,
                // It is sent the head, and answers 409 with nothing.
                None => return Some(Told::Holds(0)),
            },
            Some(WitnessLie::ClaimsMore { by }) => more_under_its_own_line(process, origin.clone(), ours + by),
            Some(_) => return None,
        };
        read_shown(&shown, &origin, process.signer.vkey(), &[signer(which.origin()).vkey().clone()], ours)
    }

    /// The size this witness holds of an origin.
    pub fn size(&self, origin: &str) -> Option<u64> {
        let row = self.process.as_ref()?.rows.get(origin).ok()??;
        Some(row.stored.size)
    }
}

impl World<'_> {
    /// One request at one witness. What an honest one signs is remembered: it must never contradict itself.
    pub(super) fn witness_answers(&mut self, number: usize, body: &[u8]) -> Option<Answer> {
        let now = self.now;
        match &self.witnesses[number] {
            WitnessRole { process: None, .. } => self.bites("crash-witness"),
            WitnessRole { lies: Some(_), .. } => self.bites("corrupt-witness"),
            _ => {}
        }
        let role = &self.witnesses[number];
        let process = role.process.as_ref()?;
        if let Some(lie) = role.lies {
            return lying(lie, process, body, now);
        }
        let answer = match self.sabotage {
            Sabotage::WitnessesSignAnything => cosigned_blindly(process, body, now)?,
            _ => process.add(body, now).ok()?,
        };
        if answer.status == 200 {
            let head = Request::parse(body).ok()?.head().clone();
            let which = if head.origin.as_str() == ORDERS { Which::Orders } else { Which::Public };
            let is_other = !self.seen.is_on_the_one_history(which, &head);
            self.seen.cosigned(number, head);
            if is_other {
                self.check_signers(which);
            }
        }
        Some(answer)
    }
}

fn more_under_its_own_line(process: &Witness, origin: Origin, size: u64) -> Vec<u8> {
    let text = Checkpoint { origin, size, root: [6; 32] }.to_text();
    let line = process.signer.cosign(&text, 1).expect("a line");
    SignedNote::new(text, vec![line]).expect("a note").to_bytes()
}

fn lying(lie: WitnessLie, process: &Witness, body: &[u8], now: u64) -> Option<Answer> {
    let plain = Answer::of(&Verdict::Inconsistent(Refusal::NotText));
    match lie {
        WitnessLie::Cosigns => cosigned_blindly(process, body, now),
        WitnessLie::ClaimsMore { by } => Some(Answer::of(&Verdict::OtherSize { stored: Request::parse(body).ok()?.head().size + by })),
        WitnessLie::ClaimsInconsistency => Some(plain),
        WitnessLie::Garbage => Some(Answer { status: 200, body: "\u{0} nothing".to_owned(), ..plain }),
    }
}

/// A corrupt witness keeps no row and asks for no proof.
fn cosigned_blindly(process: &Witness, body: &[u8], now: u64) -> Option<Answer> {
    let request = Request::parse(body).ok()?;
    let head: &Checkpoint = request.head();
    let line = process.signer.cosign(&head.to_text(), now).ok()?;
    let sample = Answer::of(&Verdict::UnknownOrigin);
    Some(Answer { status: 200, body: format!("{}\n", line.to_line().trim_end()), ..sample })
}
