//! Worlds by the thousand: `worlds [--seeds N] [--from N] [--jobs N] [--state FILE] [--undisturbed]`; `worlds --catches` writes the
//! shortest list of faults with which each piece of wrong code in `sabotage` is caught.
//!
//! Resumable: the next seed stands in the state file. A world that breaks an invariant is shortened and written to
//! `testdata/worlds/`, where the tests play it again. Exit status 1 if any broke.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use harness::world::cast::Cast;
use harness::world::fault::What;
use harness::world::sabotage::{CATCHES, Sabotage};
use harness::world::saved::{CameTo, Saved};
use harness::world::season::Trips;
use harness::world::{Plan, run};

struct Options {
    seeds: u64,
    from: Option<u64>,
    jobs: u64,
    state: String,
    undisturbed: bool,
    catches: bool,
}

fn options() -> Result<Options, String> {
    let mut options =
        Options { seeds: 300, from: None, jobs: 2, state: "target/worlds.state".to_owned(), undisturbed: false, catches: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        if name == "--undisturbed" {
            options.undisturbed = true;
            continue;
        }
        if name == "--catches" {
            options.catches = true;
            continue;
        }
        let value = arguments.next().ok_or(format!("{name} needs a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{name}: not a number"));
        match name.as_str() {
            "--seeds" => options.seeds = number()?,
            "--from" => options.from = Some(number()?),
            "--jobs" => options.jobs = number()?.clamp(1, 64),
            "--state" => options.state = value,
            _ => return Err(format!("unknown option {name}")),
        }
    }
    Ok(options)
}

/// What all threads count.
#[derive(Default)]
struct Tally {
    worlds: u64,
    faults: usize,
    packages: usize,
    rows: u64,
    releases: usize,
    stopped: usize,
    /// In how many worlds faults of a kind did something.
    bit: BTreeMap<&'static str, u64>,
    trips: Trips,
    broken: Vec<String>,
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("usage: {error}");
            return ExitCode::from(2);
        }
    };
    if options.catches {
        return save_catches();
    }
    let saved_at = std::fs::read_to_string(&options.state).ok().and_then(|text| text.trim().parse().ok());
    let from = options.from.or(saved_at).unwrap_or(0);
    let next = AtomicU64::new(from);
    let tally = Mutex::new(Tally::default());
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..options.jobs {
            scope.spawn(|| work(&options, &next, &tally, started));
        }
    });
    let tally = tally.into_inner().unwrap_or_default();
    let _ = std::fs::write(&options.state, format!("{}\n", options.seeds.max(from)));
    println!(
        "{} worlds ({from}..{}), {} faults, {} packages, {} rows equal to the oracle's, {} releases, {} logs rightly stopped, {} broken, {:.0} s",
        tally.worlds,
        options.seeds,
        tally.faults,
        tally.packages,
        tally.rows,
        tally.releases,
        tally.stopped,
        tally.broken.len(),
        started.elapsed().as_secs_f64()
    );
    let bit = What::KINDS.iter().map(|kind| format!("{kind} {}", tally.bit.get(kind).unwrap_or(&0)));
    println!("worlds in which faults did something: {}", bit.collect::<Vec<_>>().join(", "));
    println!("rows of orders over what one trips over: {}", tally.trips);
    tally.broken.iter().for_each(|line| println!("{line}"));
    ExitCode::from(u8::from(!tally.broken.is_empty()))
}

/// Only those that need a fault: what undisturbed worlds show is tested without a list.
fn save_catches() -> ExitCode {
    let cast = Cast::new();
    for catch in CATCHES.iter().filter(|catch| !catch.faults.is_empty()) {
        let Some((plan, _)) = catch.first(&cast, 0..20) else {
            eprintln!("{} is not caught", catch.name());
            continue;
        };
        let mut noisy = plan.clone();
        noisy.faults.splice(0..0, Plan::of_seed(plan.seed + 1).faults);
        let list = if run(&cast, noisy.clone()).broken.is_some_and(|broken| broken.invariant == catch.invariant) { noisy } else { plan };
        let mut short = Saved::of(&list).shortened(&cast);
        short.came_to = Some(CameTo::of(&run(&cast, Plan { sabotage: Sabotage::None, ..short.plan() })));
        let path = format!("testdata/worlds/{}.json", catch.name());
        println!("{path}: {} of {} faults", short.faults.len(), list.faults.len());
        if let Err(error) = std::fs::write(&path, short.to_text()) {
            eprintln!("{path}: {error}");
            return ExitCode::from(1);
        }
    }
    ExitCode::SUCCESS
}

fn work(options: &Options, next: &AtomicU64, tally: &Mutex<Tally>, started: Instant) {
    // Each thread has a cast of its own: folders of paper are not shared between threads.
    let cast = Cast::new();
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if options.seeds <= seed {
            return;
        }
        let plan = if options.undisturbed { Plan::undisturbed(seed) } else { Plan::of_seed(seed) };
        let faults = plan.faults.len();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(&cast, plan.clone())));
        let line = match &outcome {
            Ok(outcome) => outcome.broken.as_ref().map(|broken| format!("seed {seed}: {}: {}", broken.invariant, broken.what)),
            Err(_) => Some(format!("seed {seed}: panicked")),
        };
        if line.is_some() {
            let short = Saved::of(&plan).shortened(&cast);
            let path = format!("testdata/worlds/{seed}.json");
            let _ = std::fs::write(&path, short.to_text());
            eprintln!("{} faults are left in {path}", short.faults.len());
        }
        let Ok(mut tally) = tally.lock() else { return };
        tally.worlds += 1;
        tally.faults += faults;
        if let Ok(outcome) = outcome {
            tally.packages += outcome.packages;
            tally.rows += outcome.rows_out;
            tally.releases += outcome.releases;
            tally.stopped += outcome.stopped.len();
            tally.trips.add(outcome.trips);
            outcome.took_effect.into_iter().for_each(|kind| *tally.bit.entry(kind).or_default() += 1);
        }
        if let Some(line) = line {
            eprintln!("{line}");
            tally.broken.push(line);
        }
        if tally.worlds.is_multiple_of(50) {
            eprintln!("{} worlds in {:.0} s, {} broken", tally.worlds, started.elapsed().as_secs_f64(), tally.broken.len());
            let _ = std::fs::write(&options.state, format!("{seed}\n"));
        }
    }
}
