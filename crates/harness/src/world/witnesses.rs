//! Four witnesses, each with its rows in SQLite. A corrupt one cosigns anything.

use super::World;
use super::cast::{ORDERS, PUBLIC, WITNESSES, signer, witness_name};
use super::fault::Which;
use super::sabotage::Sabotage;
use node::witness::judge::{Answer, Witness};
use node::witness::rows::Rows;
use std::path::PathBuf;
use verify::log::checkpoint::Checkpoint;
use verify::log::origin::Origin;
use verify::log::witness::{Config, Request, Verdict};

pub struct WitnessRole {
    pub short: &'static str,
    folder: PathBuf,
    /// None: the process is down.
    pub process: Option<Witness>,
    pub is_corrupt: bool,
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
        let mut role = WitnessRole { short: WITNESSES[number], folder, process: None, is_corrupt: false };
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

    /// The size this witness holds of an origin.
    pub fn size(&self, origin: &str) -> Option<u64> {
        let row = self.process.as_ref()?.rows.get(origin).ok()??;
        Some(row.stored.size)
    }
}

impl World<'_> {
    /// One request at one witness. What an honest one signs is remembered: it must never contradict itself.
    pub(super) fn witness_answers(&mut self, number: usize, body: &[u8]) -> Option<Answer> {
        let (now, role) = (self.now, &self.witnesses[number]);
        let process = role.process.as_ref()?;
        if role.is_corrupt {
            return cosigned_blindly(process, body, now);
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

/// A corrupt witness keeps no row and asks for no proof.
fn cosigned_blindly(process: &Witness, body: &[u8], now: u64) -> Option<Answer> {
    let request = Request::parse(body).ok()?;
    let head: &Checkpoint = request.head();
    let line = process.signer.cosign(&head.to_text(), now).ok()?;
    let sample = Answer::of(&Verdict::UnknownOrigin);
    Some(Answer { status: 200, body: format!("{}\n", line.to_line().trim_end()), ..sample })
}
