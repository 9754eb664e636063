//! One house's campaign: feed, order, kill, start again; then let it come to rest and count. Kills at random, or step by step.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::{Duration, Instant};

use super::Trouble;
use super::count::{Found, count};
use super::feed::{Feed, unix_ms};
use super::house::{GRACE_S, House, SLOT_S};
use super::orders::{self, Order};
use super::steps::Step;
use crate::chance::Chance;

/// Who is killed, and how often beside the others.
const VICTIMS: &[(&str, f64)] = &[
    ("sealer", 4.0),
    ("gateway", 5.0),
    ("log-orders", 3.0),
    ("log-public", 3.0),
    ("witness-1", 0.5),
    ("witness-2", 0.5),
    ("witness-3", 0.5),
    ("witness-4", 0.5),
    ("trustee", 3.0),
];

/// Steps are walked through in order up to here, then again from 1; a process that does not get so far is killed where it is.
const STEPS: u64 = 48;

/// How long a house waits for a process to reach its step, and for trustees to be asked.
const PATIENCE: Duration = Duration::from_secs(4);

/// What a campaign did.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub kills: u64,
    /// At a random moment, by victim.
    pub at_moments: BTreeMap<String, u64>,
    /// At a step: victim and system call.
    pub at_steps: BTreeMap<(String, String), u64>,
    /// How often a process ended by itself after others were killed and was started again.
    pub ended: u64,
    pub orders: u64,
    pub found: Found,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.kills += other.kills;
        self.ended += other.ended;
        self.orders += other.orders;
        self.found.add(other.found);
        for (victim, times) in other.at_moments {
            *self.at_moments.entry(victim).or_default() += times;
        }
        for (place, times) in other.at_steps {
            *self.at_steps.entry(place).or_default() += times;
        }
    }
}

/// A house under fire.
struct Campaign<'a> {
    house: House,
    chance: Chance,
    orders: Vec<Order>,
    /// From here on nothing is ordered yet.
    next: u64,
    next_step: BTreeMap<&'static str, u64>,
    tally: Tally,
    tell: &'a mut dyn FnMut(&Tally),
}

/// Everybody who can be killed.
pub fn victims() -> impl Iterator<Item = &'static str> {
    VICTIMS.iter().map(|(victim, _)| *victim)
}

/// Founds a house in `dir`, kills `kills` times, and counts. `tell` hears of every kill.
pub fn run(dir: &Path, seed: u64, kills: u64, tell: &mut dyn FnMut(&Tally)) -> Result<Tally, Trouble> {
    let (mut campaign, feed) = Campaign::begin(dir, seed, tell)?;
    while campaign.tally.kills < kills {
        campaign.order()?;
        orders::attend(&campaign.house, &mut campaign.orders)?;
        campaign.house.keep_running()?;
        campaign.kill()?;
        campaign.house.keep_running()?;
    }
    campaign.rest(feed)
}

/// Founds a house in `dir` and kills each of these victims at each of these write steps, once before the step and once with it done by
/// half: every place where a process can be between two things that it does to files, one after the other (R1).
pub fn walk(dir: &Path, victims: &[&'static str], steps: RangeInclusive<u64>, tell: &mut dyn FnMut(&Tally)) -> Result<Tally, Trouble> {
    let (mut campaign, feed) = Campaign::begin(dir, *steps.start(), tell)?;
    for number in steps {
        for (victim, torn) in victims.iter().flat_map(|victim| [(*victim, false), (*victim, true)]) {
            campaign.order()?;
            orders::attend(&campaign.house, &mut campaign.orders)?;
            campaign.house.keep_running()?;
            campaign.late_deaths();
            campaign.at_step(victim, Step { number, torn })?;
            (campaign.tell)(&campaign.tally);
        }
    }
    campaign.late_deaths();
    campaign.rest(feed)
}

impl<'a> Campaign<'a> {
    fn begin(dir: &Path, seed: u64, tell: &'a mut dyn FnMut(&Tally)) -> Result<(Campaign<'a>, Feed), Trouble> {
        let house = House::found(dir)?;
        let feed = Feed::begin(&house.dir);
        let next = (unix_ms() / 1_000).next_multiple_of(SLOT_S);
        let chance = Chance::new(seed);
        // Where the walk through the steps begins: another place in each house, so that many houses see them all.
        let first_step = 1 + seed * 7 % STEPS;
        let next_step = victims().map(|victim| (victim, first_step)).collect();
        Ok((Campaign { house, chance, orders: Vec::new(), next, next_step, tally: Tally::default(), tell }, feed))
    }

    /// Signs an order for what is over and not yet ordered; at most two are open at a time.
    fn order(&mut self) -> Result<(), Trouble> {
        let over = (unix_ms() / 1_000).saturating_sub(GRACE_S + 2) / SLOT_S * SLOT_S;
        let open = self.orders.iter().filter(|order| !order.is_closed()).count();
        if self.next < over && open < 2 {
            self.sign(over)?;
        }
        Ok(())
    }

    fn sign(&mut self, until: u64) -> Result<(), Trouble> {
        let number = self.orders.len() as u64 + 1;
        self.orders.push(Order::sign(&self.house, number, self.next, until)?);
        self.next = until;
        Ok(())
    }

    fn kill(&mut self) -> Result<(), Trouble> {
        self.late_deaths();
        let weights: Vec<f64> = VICTIMS.iter().map(|(_, weight)| *weight).collect();
        let victim = VICTIMS[self.chance.weighted(&weights)].0;
        let at_step = self.chance.one_in(1, 2);
        match (victim, at_step) {
            (_, true) => {
                let step = self.step(victim);
                self.at_step(victim, step)?;
            }
            ("trustee", false) => self.trustee_at_moment()?,
            (_, false) => self.service_at_moment(victim)?,
        }
        (self.tell)(&self.tally);
        Ok(())
    }

    /// Some were armed earlier and got to their step since.
    fn late_deaths(&mut self) {
        for victim in victims() {
            if let Some(call) = self.house.steps.died_at(victim) {
                self.noted_step(victim, call);
            }
        }
    }

    fn at_step(&mut self, victim: &'static str, step: Step) -> Result<(), Trouble> {
        if victim == "trustee" { self.trustee_at_step(step) } else { self.service_at_step(victim, step) }
    }

    fn noted_moment(&mut self, victim: &str) {
        self.tally.kills += 1;
        *self.tally.at_moments.entry(victim.to_owned()).or_default() += 1;
    }

    fn noted_step(&mut self, victim: &str, call: String) {
        self.tally.kills += 1;
        *self.tally.at_steps.entry((victim.to_owned(), call)).or_default() += 1;
    }

    fn service_at_moment(&mut self, victim: &'static str) -> Result<(), Trouble> {
        let place = self.house.place(victim);
        std::thread::sleep(Duration::from_millis(self.chance.below(700)));
        if self.house.services[place].kill() {
            self.noted_moment(victim);
        }
        // Some stay away for a while, so that others meet a house without them.
        std::thread::sleep(Duration::from_millis(self.chance.below(10).pow(3)));
        self.house.start(place)
    }

    /// Ends the process to start it with its step; that first end is a kill at a moment, and counts as one.
    fn service_at_step(&mut self, victim: &'static str, step: Step) -> Result<(), Trouble> {
        self.house.steps.arm(victim, step)?;
        let place = self.house.place(victim);
        if self.house.services[place].kill() {
            self.noted_moment(victim);
        }
        self.house.start(place)?;
        let began = Instant::now();
        // Late steps come late.
        while began.elapsed() < PATIENCE + Duration::from_secs(step.number / 8) {
            if self.house.services[place].end().is_some() {
                match self.house.steps.died_at(victim) {
                    Some(call) => self.noted_step(victim, call),
                    // By itself, such as a log without a quorum.
                    None => self.tally.ended += 1,
                }
                self.house.steps.disarm(victim);
                return self.house.start(place);
            }
            orders::attend(&self.house, &mut self.orders)?;
            std::thread::sleep(Duration::from_millis(20));
        }
        // It did not get so far: it lives on, armed, and may die there later; counted then.
        Ok(())
    }

    fn step(&mut self, victim: &'static str) -> Step {
        let next = self.next_step.entry(victim).or_insert(1);
        let number = *next;
        *next = number % STEPS + 1;
        Step { number, torn: self.chance.one_in(1, 2) }
    }

    fn trustee_at_moment(&mut self) -> Result<(), Trouble> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let judging = self.house.judging();
            if !judging.is_empty() {
                // Late enough for some to be at work, early enough for them to be there.
                std::thread::sleep(Duration::from_millis(self.chance.below(60)));
                let id = *self.chance.pick(&judging);
                if self.house.judging().contains(&id) {
                    let killed = std::process::Command::new("kill").args(["-9", &id.to_string()]).status();
                    if killed.is_ok_and(|status| status.success()) {
                        self.noted_moment("trustee");
                    }
                }
                return Ok(());
            }
            orders::attend(&self.house, &mut self.orders)?;
            self.order()?;
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    fn trustee_at_step(&mut self, step: Step) -> Result<(), Trouble> {
        self.house.steps.arm("trustee", step)?;
        let began = Instant::now();
        while began.elapsed() < 2 * PATIENCE {
            if let Some(call) = self.house.steps.died_at("trustee") {
                self.noted_step("trustee", call);
                return Ok(());
            }
            orders::attend(&self.house, &mut self.orders)?;
            self.order()?;
            std::thread::sleep(Duration::from_millis(50));
        }
        self.house.steps.disarm("trustee");
        Ok(())
    }

    /// Nobody kills any more: everything that is still to be ordered is ordered, served, and counted.
    fn rest(mut self, feed: Feed) -> Result<Tally, Trouble> {
        // A service that is still armed would die in peace.
        for place in 0..self.house.services.len() {
            self.house.services[place].kill();
            self.house.steps.disarm(self.house.services[place].name);
            self.house.start(place)?;
        }
        self.house.steps.disarm("trustee");
        drop(feed);
        let until = (unix_ms() / 1_000).next_multiple_of(SLOT_S);
        while unix_ms() / 1_000 < until + GRACE_S + 2 {
            self.house.keep_running()?;
            orders::attend(&self.house, &mut self.orders)?;
            std::thread::sleep(Duration::from_millis(200));
        }
        self.sign(until)?;
        orders::finish(&mut self.house, &mut self.orders, Duration::from_secs(300))?;
        self.tally.orders = self.orders.len() as u64;
        self.tally.ended += self.house.services.iter().map(|service| service.ended).sum::<u64>();
        self.tally.found = count(&self.house, &self.orders)?;
        Ok(self.tally)
    }
}
