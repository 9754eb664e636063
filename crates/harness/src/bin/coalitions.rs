//! What coalitions open, by the thousand: `coalitions [--seeds N] [--from N] [--jobs N]` (TSE-70).
//!
//! A seed whose house and model differ is shortened and written to `testdata/coalitions/`, where the tests play it again. Exit status 1
//! if any did.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use harness::coalitions::{Counts, Flaw, Saved, breaks, draw, play, shortened};
use harness::world::cast::Cast;

struct Options {
    from: u64,
    seeds: u64,
    jobs: u64,
}

fn options() -> Result<Options, String> {
    let mut options = Options { from: 0, seeds: 1_000, jobs: 2 };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(format!("{name} needs a value"))?;
        let number: u64 = value.parse().map_err(|_| format!("{name}: not a number"))?;
        match name.as_str() {
            "--from" => options.from = number,
            "--seeds" => options.seeds = number,
            "--jobs" => options.jobs = number.clamp(1, 64),
            _ => return Err(format!("unknown option {name}; known: --from, --seeds (the end), --jobs")),
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("usage: {error}");
            return ExitCode::from(2);
        }
    };
    let (next, began) = (AtomicU64::new(options.from), Instant::now());
    let total = Mutex::new((Counts::default(), 0_u64, 0_u64));
    std::thread::scope(|scope| {
        for _ in 0..options.jobs {
            scope.spawn(|| {
                let cast = Cast::new();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if options.seeds <= seed {
                        return;
                    }
                    one(&cast, seed, &total, began);
                }
            });
        }
    });
    let (counts, lives, broken) = total.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    println!(
        "{lives} lives ({}..{}), {} steps, {} coalitions asked, {} rows opened by them, {broken} differences, {} s",
        options.from,
        options.seeds,
        counts.steps,
        counts.asked,
        counts.opened,
        began.elapsed().as_secs()
    );
    ExitCode::from(u8::from(0 < broken))
}

fn one(cast: &Cast, seed: u64, total: &Mutex<(Counts, u64, u64)>, began: Instant) {
    let steps = draw(seed);
    let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play(cast, seed, &steps, Flaw::None)));
    let is_broken = !matches!(played, Ok(Ok(_)));
    {
        let mut total = total.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Ok(Ok(counts)) = &played {
            total.0.add(counts);
        }
        total.1 += 1;
        total.2 += u64::from(is_broken);
        if total.1.is_multiple_of(100) {
            println!("{} lives in {} s, {} differences", total.1, began.elapsed().as_secs(), total.2);
        }
    }
    if is_broken && breaks(cast, seed, &steps, Flaw::None) {
        let saved = Saved { seed, steps: shortened(cast, seed, &steps, Flaw::None) };
        let path = format!("testdata/coalitions/{seed}.json");
        let done = std::fs::create_dir_all("testdata/coalitions").and_then(|()| std::fs::write(&path, saved.to_text()));
        println!("seed {seed}: {played:?}; shortened to {} steps: {path} {done:?}", saved.steps.len());
    }
}
