//! A world in a file: its seed and its faults, so that what broke once is played again.

use super::cast::Cast;
use super::fault::Fault;
use super::sabotage::Sabotage;
use super::season::Season;
use super::{Outcome, Plan, run};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    pub seed: u64,
    #[serde(default, skip_serializing_if = "Season::is_usual")]
    pub season: Season,
    /// What it once broke, for people.
    #[serde(default)]
    pub broke: String,
    pub faults: Vec<Fault>,
    /// The wrong code under which it broke, if it needed that: without it the world must hold.
    #[serde(default)]
    pub sabotage: Sabotage,
    /// Without the wrong code. None: it was found and not mended yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came_to: Option<CameTo>,
}

/// What a world came to when somebody last looked. When figures are drawn anew a list may meet nothing any more, and pass for that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CameTo {
    pub orders: usize,
    pub releases: usize,
    /// Kinds of fault that did something.
    pub took_effect: BTreeSet<String>,
}

impl CameTo {
    pub fn of(outcome: &Outcome) -> CameTo {
        let took_effect = outcome.took_effect.iter().map(|kind| (*kind).to_owned()).collect();
        CameTo { orders: outcome.orders, releases: outcome.releases, took_effect }
    }
}

impl Saved {
    pub fn of(plan: &Plan) -> Saved {
        Saved {
            seed: plan.seed,
            season: plan.shape.season,
            broke: String::new(),
            faults: plan.faults.clone(),
            sabotage: plan.sabotage,
            came_to: None,
        }
    }

    pub fn parse(text: &str) -> Result<Saved, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    pub fn plan(&self) -> Plan {
        Plan { faults: self.faults.clone(), sabotage: self.sabotage, ..Plan::in_season(self.seed, self.season) }
    }

    /// The shortest list that one fault fewer would not break: faults are left out one after the other, for as long as the same
    /// invariant breaks (or the same panic comes).
    pub fn shortened(&self, cast: &Cast) -> Saved {
        let mut short = self.clone();
        let Some(name) = short.breaks(cast) else { return short };
        let mut place = 0;
        while place < short.faults.len() {
            let mut fewer = short.clone();
            fewer.faults.remove(place);
            match fewer.breaks(cast) {
                Some(other) if other == name => short = fewer,
                _ => place += 1,
            }
        }
        short.broke = name;
        short
    }

    /// What breaks when it is played, by name.
    pub fn breaks(&self, cast: &Cast) -> Option<String> {
        let plan = self.plan();
        let outcome: Result<Outcome, _> = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(cast, plan)));
        match outcome {
            Ok(outcome) => outcome.broken.map(|broken| broken.invariant.to_string()),
            Err(_) => Some("a panic".to_owned()),
        }
    }
}
