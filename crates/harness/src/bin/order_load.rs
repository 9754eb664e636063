//! `order-load [STEADY_SECONDS] [BURST_SECONDS] [KILLS] [TICK_SECONDS LEAVES]`: orders into real processes, two a second (171,000 a
//! day), then 50 a second with the gateway killed with -9. ORDERS has the demo's beat, 16 leaves a second, or the one that is given.
//! Exit status 1 if an order is lost, doubled or unlogged.

use std::path::Path;
use std::process::ExitCode;

use harness::kills::house::House;
use harness::kills::load::{Plan, run};

fn main() -> ExitCode {
    let given: Result<Vec<u64>, _> = std::env::args().skip(1).map(|text| text.parse()).collect();
    let Ok(given) = given else {
        eprintln!("usage: order-load [STEADY_SECONDS] [BURST_SECONDS] [KILLS] [TICK_SECONDS LEAVES]");
        return ExitCode::from(2);
    };
    let or = |at: usize, usual: u64| given.get(at).copied().unwrap_or(usual);
    let plan = Plan { steady_per_second: 2, steady_seconds: or(0, 60), burst_per_second: 50, burst_seconds: or(1, 20), kills: or(2, 3) };
    let found = House::found(Path::new("target/order-load")).and_then(|mut house| {
        if let (Some(tick_s), Some(leaves)) = (given.get(3), given.get(4)) {
            house.set_beat(*tick_s, *leaves)?;
        }
        run(&mut house, plan)
    });
    match found {
        Ok(figures) => {
            println!("{plan:?}\n{figures:#?}");
            if figures.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}
