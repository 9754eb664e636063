//! How many orders the desk takes in, judges, stores and receipts, over mutual TLS, with its process killed -9 in the middle.
//!
//! `cargo run --release -p node --example desk_load -- [STEADY_SECONDS] [BURST_SECONDS] [KILLS]`
#![allow(dead_code)] // The tests of the desk use the rest of both modules.

#[path = "../tests/desk/house.rs"]
mod house;
#[path = "../tests/desk/load.rs"]
mod load;

use std::process::Command;

fn main() {
    if let Some(folder) = std::env::var_os("DESK_LOAD_FOLDER") {
        return load::child(folder.as_ref());
    }
    let given: Vec<u32> = std::env::args().skip(1).map(|text| text.parse().expect("a number")).collect();
    let or = |at: usize, usual: u32| given.get(at).copied().unwrap_or(usual);
    let plan =
        load::Plan { steady_per_second: 2, steady_seconds: or(0, 60), burst_per_second: 50, burst_seconds: or(1, 20), kills: or(2, 3) };
    let folder = tempfile::tempdir().expect("a folder");
    let start = |folder: &std::path::Path| {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.env("DESK_LOAD_FOLDER", folder);
        command
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let figures = runtime.block_on(load::run(folder.path(), start, plan));
    println!("{plan:?}\n{figures:?}");
    let bytes = std::fs::metadata(folder.path().join("desk.db")).map_or(0, |data| data.len());
    println!("database: {} octets an order", bytes / u64::from(figures.sent.max(1)));
    assert_eq!((figures.lost, figures.doubled), (0, 0));
}
