//! TSE-70 and TSE-71: who, of all who could put their heads together, opens what, after every step of a random life of a provider's house.
//!
//! Sealer, vault, segment store and committees are the product's; the model beside them has numbers only. After each step both are
//! asked what every sampled coalition opens, those of section 14 of `sealing.md` among them: one row more or less is a difference.
//!
//! Failure conditions: a difference; an order whose keys do not open what the model gives it. Allowed: nothing else. Not here: who may
//! order at all, which members, logs and judges decide (`world`), and the memory of a running process.

mod house;
mod model;
mod thief;

use crate::chance::Chance;
use crate::world::cast::Cast;
use house::House;
use model::Model;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use thief::Thief;

/// 2 of 3 and 3 of 5 members.
const NEED: (u8, u8) = (2, 3);
/// Days after the day of the event, by category.
const KEEP_DAYS: [u64; 2] = [1, 2];
const SUBJECTS: u8 = 3;
const CATEGORIES: u8 = 2;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// A record about somebody comes in.
    Ingest { subject: u8, category: u8 },
    /// So many half-hours pass: epochs are closed, and on each new day what is past its time is destroyed.
    Pass { halves: u64 },
    /// An order about these hours back from now is answered. In an emergency sooner, never more.
    Order { subject: u8, category: u8, back: u64, emergency: bool },
    /// An order to preserve the hours around now, for so many half-hours.
    Preserve { subject: u8, category: u8, back: u64, halves: u64 },
    /// Everybody who was asked about is told, in the words of the orders: nothing in them opens anything.
    Notice,
    /// A copy of all segments, all headers.
    StealStore,
    /// A copy of all retention keys and of what holds keep.
    StealKeys,
    /// A copy of all salts.
    StealSalts,
    /// SEA-51: a person is erased.
    Erase { subject: u8 },
}

/// Who puts what together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Coalition {
    /// The house as it is now.
    pub store: bool,
    pub keys: bool,
    pub salts: bool,
    /// All that was ever stolen from it.
    pub stolen_store: bool,
    pub stolen_keys: bool,
    pub stolen_salts: bool,
    /// All packages: what the engine had in its memory, and what authorities hold.
    pub packages: bool,
    /// Members of each committee.
    pub approvers: u8,
    pub guardians: u8,
}

impl Coalition {
    pub fn has_both_thresholds(&self) -> bool {
        NEED.0 <= self.approvers && NEED.1 <= self.guardians
    }

    /// The rows of section 14 of `sealing.md` that hold something: sealed things, keys or shares.
    pub fn named() -> Vec<Coalition> {
        let none = Coalition::default();
        let house = Coalition { store: true, keys: true, salts: true, ..none };
        let loot = Coalition { stolen_store: true, stolen_keys: true, stolen_salts: true, ..none };
        let (less, all) = (
            |who: Coalition| Coalition { approvers: NEED.0 - 1, guardians: NEED.1 - 1, ..who },
            |who: Coalition| Coalition { approvers: NEED.0, guardians: NEED.1, ..who },
        );
        vec![
            Coalition { store: true, ..none },
            house,
            Coalition { packages: true, ..none },
            Coalition { packages: true, store: true, ..none },
            less(Coalition { packages: true, ..house }),
            Coalition { approvers: 3, guardians: NEED.1 - 1, ..house },
            Coalition { approvers: NEED.0 - 1, guardians: 5, ..house },
            all(none),
            all(Coalition { salts: true, stolen_salts: true, ..none }),
            all(Coalition { store: true, ..none }),
            all(Coalition { store: true, salts: true, ..none }),
            all(Coalition { store: true, keys: true, ..none }),
            all(house),
            all(Coalition { store: true, salts: true, packages: true, ..none }),
            all(loot),
            all(Coalition { packages: true, ..loot }),
            all(Coalition { packages: true, store: true, keys: true, salts: true, ..loot }),
        ]
    }

    fn draw(chance: &mut Chance) -> Coalition {
        let mut yes = || chance.one_in(1, 2);
        let (store, keys, salts) = (yes(), yes(), yes());
        let (stolen_store, stolen_keys, stolen_salts, packages) = (yes(), yes(), yes(), yes());
        let (approvers, guardians) = (*chance.pick(&[0, 1, 2, 2]), *chance.pick(&[0, 2, 3, 3]));
        Coalition { store, keys, salts, stolen_store, stolen_keys, stolen_salts, packages, approvers, guardians }
    }
}

/// A piece of wrong code, to see that a difference shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    None,
    /// A backup of the retention keys is put back every day.
    KeysComeBack,
    /// What a hold kept stays when it has ended.
    HoldsStay,
    /// Who is erased keeps the salts.
    NobodyIsErased,
    /// The sealer loses every third record.
    RecordsAreLost,
    /// An order is answered for an hour more than it names.
    OrdersReachFurther,
    /// One share is worth two.
    SharesAreWorthMore,
}

/// What a seed came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub steps: u64,
    /// Coalitions that were asked.
    pub asked: u64,
    /// Rows opened, all coalitions together.
    pub opened: u64,
}

impl Counts {
    pub fn add(&mut self, other: &Counts) {
        self.steps += other.steps;
        self.asked += other.asked;
        self.opened += other.opened;
    }
}

/// Steps in a file, so that what once made a difference is played again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// Names the sampled coalitions.
    pub seed: u64,
    pub steps: Vec<Step>,
}

impl Saved {
    pub fn parse(text: &str) -> Result<Saved, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub after: usize,
    pub coalition: Coalition,
    /// Rows that open and must not.
    pub more: BTreeSet<u64>,
    /// Rows that must open and do not.
    pub less: BTreeSet<u64>,
}

/// The steps of a seed: a week at most.
pub fn draw(seed: u64) -> Vec<Step> {
    let chance = &mut Chance::new(seed).fork("coalitions");
    let count = chance.between(10, 36);
    (0..count).map(|_| one(chance)).collect()
}

fn one(chance: &mut Chance) -> Step {
    let (subject, category) = (chance.below(u64::from(SUBJECTS)) as u8, chance.below(u64::from(CATEGORIES)) as u8);
    let back = chance.between(1, 12);
    match chance.below(20) {
        0..=6 => Step::Ingest { subject, category },
        7..=9 => Step::Pass { halves: chance.between(1, 6) },
        10 | 11 => Step::Pass { halves: chance.between(20, 100) },
        12 | 13 => Step::Order { subject, category, back, emergency: chance.one_in(1, 3) },
        14 => Step::Preserve { subject, category, back, halves: chance.between(60, 240) },
        15 => Step::StealStore,
        16 => Step::StealKeys,
        17 => Step::StealSalts,
        18 => Step::Erase { subject },
        _ => Step::Notice,
    }
}

/// Plays the steps in both. `seed` names the coalitions that are sampled beside the named ones.
pub fn play(cast: &Cast, seed: u64, steps: &[Step], flaw: Flaw) -> Result<Counts, Difference> {
    let chance = &mut Chance::new(seed).fork("sampled");
    // The same after every step, so that a shorter list is asked the same.
    let coalitions: Vec<Coalition> = Coalition::named().into_iter().chain((0..16).map(|_| Coalition::draw(chance))).collect();
    let (mut house, mut thief, mut model) = (House::new(cast, flaw), Thief::new(cast, flaw), Model::new(KEEP_DAYS));
    let mut counts = Counts::default();
    for (after, step) in steps.iter().enumerate() {
        apply(step, &mut house, &mut thief, &mut model, counts.steps);
        counts.steps += 1;
        for coalition in &coalitions {
            let (real, ideal) = (thief.opens(&house, coalition), model.opens(coalition));
            counts.asked += 1;
            counts.opened += real.len() as u64;
            if real != ideal {
                let (more, less) = (real.difference(&ideal).copied().collect(), ideal.difference(&real).copied().collect());
                return Err(Difference { after, coalition: *coalition, more, less });
            }
        }
    }
    Ok(counts)
}

fn apply(step: &Step, house: &mut House, thief: &mut Thief, model: &mut Model, number: u64) {
    match *step {
        Step::Ingest { subject, category } => {
            house.ingest(number, subject, category);
            model.comes_in(number, subject, category);
        }
        Step::Pass { halves } => {
            for _ in 0..halves {
                house.half_passes();
                model.half_passes();
            }
        }
        Step::Order { subject, category, back, emergency: _ } => {
            let hours = hours(model.half, back);
            thief.packages.extend(house.answers(subject, category, hours));
            model.is_answered(subject, category, hours);
        }
        Step::Preserve { subject, category, back, halves } => {
            let hours = hours(model.half, back);
            house.preserves(number, subject, category, hours, halves);
            model.is_preserved(subject, category, hours, halves);
        }
        Step::Notice => {}
        Step::StealStore => {
            thief.takes_store(house);
            model.store_is_stolen();
        }
        Step::StealKeys => {
            thief.takes_keys(house);
            model.keys_are_stolen();
        }
        Step::StealSalts => {
            thief.takes_salts(house);
            model.salts_are_stolen();
        }
        Step::Erase { subject } => {
            let done = house.erases(subject);
            assert_eq!(done, model.is_erased(subject), "SEA-68: erased while a hold names the subject, or not although none does");
        }
    }
}

/// Half-open; the hour that is running is the last.
fn hours(half: u64, back: u64) -> (u64, u64) {
    let until = half / 2 + 1;
    (until.saturating_sub(back), until)
}

/// The shortest list that one step fewer would not break.
pub fn shortened(cast: &Cast, seed: u64, steps: &[Step], flaw: Flaw) -> Vec<Step> {
    let mut short = steps.to_vec();
    let mut place = short.len();
    while 0 < place {
        place -= 1;
        let mut fewer = short.clone();
        fewer.remove(place);
        if breaks(cast, seed, &fewer, flaw) {
            short = fewer;
        }
    }
    short
}

/// A difference, or a panic.
pub fn breaks(cast: &Cast, seed: u64, steps: &[Step], flaw: Flaw) -> bool {
    let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play(cast, seed, steps, flaw)));
    !matches!(played, Ok(Ok(_)))
}
