//! A hand's breadth of wrong code at a seam between the product and the world. Only tests ask for it.
//!
//! An invariant that no sabotage breaks guards nothing yet: `CATCHES` has one for each, and a test runs them all.

use super::Plan;
use super::cast::Cast;
use super::fault::{Attack, Audience, Fails, Fault, Forgery, Link, LogLie, Trouble, What, Which, WitnessLie};
use super::invariant::Invariant;
use super::seen::Broken;
use node::gateway::production::Production;
use node::sealer::core::Salted;
use seal::selector::Selector;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What is broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sabotage {
    #[default]
    None,
    /// T15: of the rows of an hour one is forgotten, and both counts with it.
    ForgetsARow,
    /// A row stands in the answer twice.
    DoublesARow,
    /// The adversary has a whole threshold of both committees.
    SharesLeak,
    /// Members give keys for whatever their judge refuses.
    MembersBelieve,
    /// Members' folders are set back to the day of the ceremony.
    MembersForget,
    /// Members answer first and write down nothing.
    MembersWriteNothing,
    /// The last octet of an answer is lost.
    AnswersAreTorn,
    /// The package leaves the guardians' receipts out.
    NoGuardians,
    /// The sealer passes over the last record of a batch.
    SealerSkips,
    /// The sealer passes over the records of some people, whoever they are.
    SealerPassesOver,
    /// The sealer seals the records of some people for somebody else.
    SealerMisSeals,
    /// What was packed leaves by a second door, under another name.
    SideDoor,
    /// The log publishes without its witnesses.
    PublishesAlone,
    /// The log's key signs a second root at a size.
    LogSignsAside,
    /// Honest witnesses keep no row and ask for no proof.
    WitnessesSignAnything,
    /// The log does not ask what its witnesses hold when it starts.
    StartsUnasked,
    /// The log takes a witness that holds as much as itself for one that holds more.
    StopsWhenEven,
    /// The log stops for whatever larger size a witness says that it holds.
    BelievesBareClaims,
    /// The monitor does not look.
    MonitorSleeps,
    /// The monitor takes another key for the publishers'.
    MonitorMistrusts,
    /// A package is put into the outbox twice.
    HandsOutTwice,
    /// A copy of the retention keys is put back after their time.
    KeysAreKept,
    /// Members are asked thirteen minutes late, once.
    MembersDawdle,
    /// The sealer stops for good on a write that fails once.
    SealerGivesUp,
    /// No officer ever looks.
    NobodyLooks,
}

/// Which invariant a piece of wrong code breaks, with the faults that bring it out.
pub struct Catch {
    pub invariant: Invariant,
    pub sabotage: Sabotage,
    pub faults: &'static [Fault],
}

const fn quiet(invariant: Invariant, sabotage: Sabotage) -> Catch {
    Catch { invariant, sabotage, faults: &[] }
}

const fn under(invariant: Invariant, sabotage: Sabotage, faults: &'static [Fault]) -> Catch {
    Catch { invariant, sabotage, faults }
}

const fn forged(forgery: Forgery) -> Fault {
    Fault { at_s: 700, what: What::CorruptGateway { attack: Attack::Forge { forgery } } }
}

/// Late enough that every order of a small world has had its keys.
const REPLAY: Fault = Fault { at_s: 7 * 3_600, what: What::CorruptGateway { attack: Attack::Replay } };
const DOUBLES: Fault =
    Fault { at_s: 600, what: What::Net { link: Some(Link::Trustees), for_s: 12 * 3_600, trouble: Trouble::Double { one_in: 1 } } };
const FORK: Fault =
    Fault { at_s: 3_600, what: What::LieLog { which: Which::Orders, lie: LogLie::Fork, to: Audience::Monitor, for_s: 1_800 } };
/// So long that every gateway asks meanwhile.
const LONG_FORK: Fault =
    Fault { at_s: 3_600, what: What::LieLog { which: Which::Orders, lie: LogLie::Fork, to: Audience::Gateway, for_s: 6 * 3_600 } };
const OLD_IMAGE: Fault = Fault { at_s: 3_600, what: What::RestoreLog { which: Which::Orders, after_s: 1_500 } };
const LOG_DIES: Fault =
    Fault { at_s: 3_600, what: What::CrashLog { which: Which::Orders, write: 0, death: Fails::WrittenAnyway, rest_s: 60 } };
const CLAIMS_MORE: Fault = Fault { at_s: 900, what: What::CorruptWitness { witness: 2, lie: WitnessLie::ClaimsMore { by: 100 } } };
const WRITE_FAILS: Fault = Fault { at_s: 3_700, what: What::FailSealer { write: 0, death: Fails::NotWritten } };

pub const CATCHES: &[Catch] = &[
    under(Invariant::NoKeyWithoutALoggedOrder, Sabotage::MembersBelieve, &[forged(Forgery::OtherOrder)]),
    under(Invariant::OneReleaseAnIntent, Sabotage::MembersForget, &[DOUBLES]),
    under(Invariant::OneReleaseAnIntent, Sabotage::MembersBelieve, &[REPLAY]),
    under(Invariant::KeysUnderTheOneHistory, Sabotage::MembersBelieve, &[forged(Forgery::OtherHead)]),
    quiet(Invariant::OwnLogFirst, Sabotage::MembersWriteNothing),
    quiet(Invariant::AnswersOpen, Sabotage::AnswersAreTorn),
    under(Invariant::AnswersOpen, Sabotage::MembersBelieve, &[forged(Forgery::OtherRequester)]),
    quiet(Invariant::RowsEqualTheOracle, Sabotage::ForgetsARow),
    quiet(Invariant::RowsEqualTheOracle, Sabotage::DoublesARow),
    quiet(Invariant::PackagesVerify, Sabotage::NoGuardians),
    quiet(Invariant::NoRecordLostOrDoubled, Sabotage::SealerSkips),
    quiet(Invariant::CanariesComeBack, Sabotage::SealerPassesOver),
    quiet(Invariant::CanariesComeBack, Sabotage::SealerMisSeals),
    quiet(Invariant::EveryOpeningIsInTheLog, Sabotage::SideDoor),
    quiet(Invariant::PublishedHeads, Sabotage::PublishesAlone),
    quiet(Invariant::OneHistoryOfTheLog, Sabotage::LogSignsAside),
    under(Invariant::OneHistoryOfAWitness, Sabotage::WitnessesSignAnything, &[FORK]),
    under(Invariant::RestoredLogsRefuse, Sabotage::StartsUnasked, &[OLD_IMAGE]),
    under(Invariant::LogsStopForAReason, Sabotage::StopsWhenEven, &[LOG_DIES]),
    under(Invariant::LogsStopForAReason, Sabotage::BelievesBareClaims, &[CLAIMS_MORE]),
    under(Invariant::LyingLogsAreFound, Sabotage::MonitorSleeps, &[LONG_FORK]),
    quiet(Invariant::NoFalseAlarm, Sabotage::MonitorMistrusts),
    quiet(Invariant::FewerThanThresholdLearnNothing, Sabotage::SharesLeak),
    quiet(Invariant::OneProductionABatch, Sabotage::HandsOutTwice),
    quiet(Invariant::GoneInTime, Sabotage::KeysAreKept),
    quiet(Invariant::ServedInThreeTicks, Sabotage::MembersDawdle),
    quiet(Invariant::OwingAuthoritiesGetNothing, Sabotage::MembersForget),
    under(Invariant::RolesGoOn, Sabotage::SealerGivesUp, &[WRITE_FAILS]),
    quiet(Invariant::HonestOrdersAreServed, Sabotage::NobodyLooks),
];

impl Catch {
    /// The first of these seeds in which its invariant is the first that breaks, without other faults.
    pub fn first(&self, cast: &Cast, seeds: Range<u64>) -> Option<(Plan, Broken)> {
        let mut plans = seeds.map(|seed| self.plan(seed));
        plans.find_map(|plan| {
            let broken = super::run(cast, plan.clone()).broken.filter(|broken| broken.invariant == self.invariant);
            broken.map(|broken| (plan, broken))
        })
    }

    /// `members-believe-one-release-an-intent`: a file's name.
    pub fn name(&self) -> String {
        let sabotage = serde_json::to_string(&self.sabotage).unwrap_or_default();
        format!("{}-{}", sabotage.trim_matches('"'), self.invariant)
    }

    pub fn plan(&self, seed: u64) -> Plan {
        let mut plan = Plan { sabotage: self.sabotage, faults: self.faults.to_vec(), ..Plan::undisturbed(seed) };
        plan.shape.canary |= self.invariant == Invariant::CanariesComeBack;
        plan.shape.later |= matches!(self.invariant, Invariant::GoneInTime | Invariant::OwingAuthoritiesGetNothing);
        plan
    }
}

impl Sabotage {
    pub fn is(self, other: Sabotage) -> bool {
        self == other
    }

    /// The observer with all keys looks away: what a lying sealer does must be found by the overseer, with what an overseer has.
    pub fn is_left_to_the_overseer(self) -> bool {
        matches!(self, Sabotage::SealerPassesOver | Sabotage::SealerMisSeals)
    }

    /// Between opening and packing.
    pub fn production(self, mut production: Production) -> Production {
        let Some(item) = production.items.iter_mut().find(|item| !item.rows.is_empty()) else { return production };
        match self {
            Sabotage::ForgetsARow => drop(item.rows.pop()),
            Sabotage::DoublesARow => item.rows.push(item.rows[0].clone()),
            _ => return production,
        }
        // A consistent liar: the counts follow.
        let delta = |count: &mut u64| *count = if self == Sabotage::ForgetsARow { count.saturating_sub(1) } else { *count + 1 };
        let slot = item.diff.slots.iter_mut().find(|slot| 0 < slot.rows_out);
        if let Some(slot) = slot {
            delta(&mut slot.rows_out);
        }
        for diff in &mut production.scope.items {
            if diff.selector == item.diff.selector && diff.category == item.diff.category {
                *diff = item.diff.clone();
            }
        }
        production
    }
}

impl Sabotage {
    /// Between reading and sealing.
    pub fn at_the_sealer(self, records: &mut Vec<Salted>) {
        match self {
            Sabotage::SealerSkips => drop(records.pop()),
            Sabotage::SealerPassesOver => {
                records.iter_mut().for_each(|record| record.subjects.retain(|(selector, _)| !is_wronged(selector)));
                records.retain(|record| !record.subjects.is_empty());
            }
            Sabotage::SealerMisSeals => {
                let wronged = records.iter_mut().flat_map(|record| &mut record.subjects).filter(|(selector, _)| is_wronged(selector));
                let decoy = Selector::from_text("account:@decoy:example.org").expect("a selector");
                wronged.for_each(|(selector, _)| *selector = decoy.clone());
            }
            _ => {}
        }
    }
}

/// One person in two: a liar who knew the canaries would spare them.
fn is_wronged(selector: &Selector) -> bool {
    seal::digest::sha256(&[selector.to_string().as_bytes()])[0] & 1 == 1
}
