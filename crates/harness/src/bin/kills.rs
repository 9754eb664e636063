//! Kills by the thousand: `kills [--times N] [--seed N] [--dir DIR] [--state FILE]`; step by step: `kills --walk N [--from K]`.
//!
//! Houses of real processes, one after the other, each killed some 120 times and counted. Resumable: seed and kills stand in the state
//! file after each house. A house in which something was lost, doubled, unlogged or sealed for ever stays where it is. Exit status 1 if there is
//! one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use harness::kills::campaign::{Tally, run, victims, walk};

/// The demo's policy lets an authority have 50 orders: a house has to be done before.
const KILLS_PER_HOUSE: u64 = 120;

struct Options {
    times: u64,
    /// Every write step from `from` to here, of everybody, instead of kills at random.
    walk: Option<u64>,
    from: u64,
    seed: u64,
    dir: PathBuf,
    state: PathBuf,
}

fn options() -> Result<Options, String> {
    let mut options =
        Options { times: 1_000, walk: None, from: 1, seed: 1, dir: "target/kills".into(), state: "target/kills.state".into() };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(format!("{name} needs a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{name}: not a number"));
        match name.as_str() {
            "--times" => options.times = number()?,
            "--walk" => options.walk = Some(number()?),
            "--from" => options.from = number()?.max(1),
            "--seed" => options.seed = number()?,
            "--dir" => options.dir = value.into(),
            "--state" => options.state = value.into(),
            _ => return Err(format!("unknown option {name}")),
        }
    }
    Ok(options)
}

/// Steps that one house is walked through: each needs a kill before it and one in the middle of it, of nine victims.
const STEPS_PER_HOUSE: u64 = 6;

/// One house for every few steps. It says how far it came, so that `--from` can go on there.
fn walked(options: &Options, last: u64) -> ExitCode {
    let everybody: Vec<&'static str> = victims().collect();
    let mut total = Tally::default();
    for first in (options.from..=last).step_by(STEPS_PER_HOUSE as usize) {
        let until = last.min(first + STEPS_PER_HOUSE - 1);
        let dir = options.dir.join(format!("walk-{first}"));
        let mut tell = |tally: &Tally| eprint!("\rsteps {first} to {until}: {} kills   ", tally.kills);
        let tally = match walk(&dir, &everybody, first..=until, &mut tell) {
            Ok(tally) => tally,
            Err(trouble) => {
                eprintln!("\nsteps {first} to {until}: {trouble}\nit stays in {}", dir.display());
                return ExitCode::FAILURE;
            }
        };
        let at_steps: u64 = tally.at_steps.values().sum();
        println!("\nsteps {first} to {until}: {} kills, {at_steps} of them at a step", tally.kills);
        if !tally.found.is_clean() {
            println!("{:#?}\nit stays in {}", tally.found, dir.display());
            return ExitCode::FAILURE;
        }
        total.add(tally);
        std::fs::remove_dir_all(&dir).ok();
    }
    for ((victim, call), times) in &total.at_steps {
        println!("at a step: {victim}, {call}: {times}");
    }
    println!("kills {}, orders {}, records {}, lost 0, doubled 0, unlogged 0", total.kills, total.orders, total.found.records);
    ExitCode::SUCCESS
}

/// What stands in the state file: the seed of the campaign, the next house, and what was counted so far.
#[derive(Default)]
struct State {
    seed: u64,
    houses: u64,
    numbers: BTreeMap<String, u64>,
}

impl State {
    fn load(path: &Path, seed: u64) -> State {
        let mut state = State { seed, ..State::default() };
        for line in std::fs::read_to_string(path).unwrap_or_default().lines() {
            let Some((name, Ok(number))) = line.rsplit_once(' ').map(|(name, number)| (name, number.parse::<u64>())) else { continue };
            state.numbers.insert(name.to_owned(), number);
        }
        if state.numbers.remove("seed").is_some_and(|earlier| earlier != seed) {
            return State { seed, ..State::default() };
        }
        state.houses = state.numbers.remove("houses").unwrap_or(0);
        state
    }

    fn save(&self, path: &Path) -> std::io::Result<()> {
        let mut text = format!("seed {}\nhouses {}\n", self.seed, self.houses);
        for (name, number) in &self.numbers {
            text.push_str(&format!("{name} {number}\n"));
        }
        std::fs::write(path, text)
    }

    fn kills(&self) -> u64 {
        self.numbers.get("kills").copied().unwrap_or(0)
    }

    fn add(&mut self, tally: &Tally) {
        let found = &tally.found;
        let lengths = [&found.lost, &found.doubled, &found.unlogged, &found.sealed_for_ever].map(|list| list.len() as u64);
        let mut numbers = vec![
            ("kills".to_owned(), tally.kills),
            ("ended by themselves".to_owned(), tally.ended),
            ("orders".to_owned(), tally.orders),
            ("orders refused by REL-17 and ordered anew".to_owned(), found.refused),
            ("packages".to_owned(), found.packages),
            ("records ordered".to_owned(), found.records),
            ("intents released".to_owned(), found.intents),
            ("lost".to_owned(), lengths[0]),
            ("doubled".to_owned(), lengths[1]),
            ("unlogged".to_owned(), lengths[2]),
            ("sealed for ever".to_owned(), lengths[3]),
            ("leaves that the gateway can open".to_owned(), found.openable),
        ];
        numbers.extend(tally.at_moments.iter().map(|(victim, times)| (format!("at a moment: {victim}"), *times)));
        numbers.extend(tally.at_steps.iter().map(|((victim, call), times)| (format!("at a step: {victim}, {call}"), *times)));
        for (name, number) in numbers {
            *self.numbers.entry(name).or_default() += number;
        }
        self.houses += 1;
    }
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("usage: {error}");
            return ExitCode::from(2);
        }
    };
    if let Some(last) = options.walk {
        return walked(&options, last);
    }
    let mut state = State::load(&options.state, options.seed);
    let began = Instant::now();
    while state.kills() < options.times {
        let dir = options.dir.join(format!("house-{}-{}", options.seed, state.houses));
        let wanted = KILLS_PER_HOUSE.min(options.times - state.kills());
        let before = state.kills();
        let mut tell = |tally: &Tally| eprint!("\rhouse {}: {} of {} kills   ", state.houses, before + tally.kills, options.times);
        let tally = match run(&dir, options.seed * 1_000 + state.houses, wanted, &mut tell) {
            Ok(tally) => tally,
            Err(trouble) => {
                eprintln!("\nhouse {}: {trouble}\nit stays in {}", state.houses, dir.display());
                return ExitCode::FAILURE;
            }
        };
        state.add(&tally);
        if let Err(error) = state.save(&options.state) {
            eprintln!("{}: {error}", options.state.display());
            return ExitCode::from(4);
        }
        if !tally.found.is_clean() {
            let found = &tally.found;
            println!(
                "\nlost {:#?}\ndoubled {:#?}\nunlogged {:#?}\nsealed for ever {:#?}\nit stays in {}",
                found.lost,
                found.doubled,
                found.unlogged,
                found.sealed_for_ever,
                dir.display()
            );
            return ExitCode::FAILURE;
        }
        std::fs::remove_dir_all(&dir).ok();
    }
    println!("\nhouses {}, {} s in this run", state.houses, began.elapsed().as_secs());
    for (name, number) in &state.numbers {
        println!("{name}: {number}");
    }
    // A state file that was continued may hold what an earlier run found.
    let found = ["lost", "doubled", "unlogged", "sealed for ever"].iter().any(|name| state.numbers.get(*name) != Some(&0));
    if found { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
