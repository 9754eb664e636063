//! Weeks later: an authority that owes a notice orders again (P10), and the time of what was sealed is over (P7).
//!
//! The sealer rests meanwhile: nobody sends messages, and hours without records would cost a world all its time.

use super::cast::SLOT;
use super::happens::Event;
use super::invariant::Invariant;
use super::sabotage::Sabotage;
use super::script::{self, Wishes};
use super::{World, cast};
use node::sealer::core::Input;
use node::vault::Vault;
use std::collections::BTreeMap;
use std::path::Path;

const DAY: u64 = 86_400;
/// A notice of the first days is overdue then: due after one day, late after thirty more (NOT-03).
const WEEKS: u64 = 34 * DAY;

impl World<'_> {
    /// A world that ends well goes on for those who have to remember.
    pub(super) fn has_a_later_part(&self) -> bool {
        self.plan.shape.later && !self.stands_still() && !self.is_later
    }

    pub(super) fn weeks_pass(&mut self) {
        let then = self.begin + WEEKS;
        let passed = then - self.now;
        self.is_later = true;
        self.sealer.crash();
        self.agenda = std::mem::take(&mut self.agenda)
            .into_iter()
            .filter(|(_, event)| !event.is_of_the_sealer())
            .map(|((time, number), event)| ((time + passed, number), event))
            .collect();
        self.now = then;
        if self.sabotage.is(Sabotage::MembersForget) {
            self.members_forget();
        }
        let from = self.begin + SLOT;
        let last_slot = (from + self.plan.shape.hours * SLOT) / SLOT - 1;
        let wishes = Wishes { orders: 1, first_slot: from / SLOT, last_slot, partly: false, season: self.plan.shape.season };
        let number = self.script.len() as u64;
        let mut chance = crate::chance::Chance::new(self.plan.seed).fork("later");
        let (scripted, meant) = script::once_more(&self.cast.policy, &self.story, wishes, then + 900, number, &mut chance);
        self.ideal.court_orders(scripted.d, meant);
        self.at(900, Event::CourtSends(self.script.len()));
        self.script.push(scripted);
    }

    /// The order of weeks later need not be served: its authority may owe a notice, and the sealer that would say of a day who had
    /// no records rests.
    pub(super) fn is_last_of_all(&self, number: usize) -> bool {
        self.is_later && number + 1 == self.script.len()
    }

    /// P7: the sealer wakes up after the time of everything that it ever sealed.
    pub(super) fn everything_is_gone(&mut self) {
        let kept = self.sabotage.is(Sabotage::KeysAreKept).then(|| files(&self.sealer.vault_path()));
        self.now = self.begin + (u64::from(cast::RETENTION_DAYS) + 3) * DAY;
        self.sealer.crash();
        self.start_sealer();
        self.sealer_turn(Input::Tick { read_from_ms: self.now * 1_000 });
        if let Some(why) = self.sealer.refused.clone() {
            return self.breaks(Invariant::RolesGoOn, format!("the sealer refuses to work: {why}"));
        }
        self.sealer.crash();
        for (name, bytes) in kept.into_iter().flatten() {
            std::fs::write(self.sealer.vault_path().join(name), bytes).expect("a file");
        }
        let Ok(vault) = Vault::open(&self.sealer.vault_path()) else { return };
        let opens = |epoch: &&node::sealer::commit::CommittedEpoch| !matches!(vault.bucket_proof(&epoch.header, 0, None), Ok(None));
        let count = self.seen.epochs().filter(opens).count();
        if 0 < count {
            self.breaks(Invariant::GoneInTime, format!("{count} epochs have their retention key"));
        }
    }
}

/// A backup of a folder, and of the folders in it.
fn files(folder: &Path) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder").flatten() {
            let path = entry.path();
            match path.is_dir() {
                true => waiting.push(path),
                false => {
                    let name = path.strip_prefix(folder).expect("below it").to_owned();
                    found.insert(name, std::fs::read(&path).expect("a file"));
                }
            }
        }
    }
    found
}
