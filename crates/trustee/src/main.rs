//! `waarborg-trustee`: clocks, chance and standard streams for [`trustee::cli::run`]. See `waarborg-trustee help`.
#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use seal::entropy::SystemEntropy;
use trustee::cli::{Shell, run};
use trustee::clock::Reading;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let mut shell = Shell {
        out: &mut std::io::stdout(),
        err: &mut std::io::stderr(),
        input: &mut std::io::stdin(),
        entropy: &mut SystemEntropy,
        clock: &read_clocks,
    };
    ExitCode::from(run(&words, &mut shell) as u8)
}

/// REL-05: the wall clock, and the seconds since the machine was started with the number of that start.
fn read_clocks() -> Reading {
    // A wall clock before 1970 reads as 0, which is before every kept time: refused.
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    Reading { wall, machine: machine_seconds() }
}

/// From Linux' own files; on other systems there is only the wall clock and what was kept.
fn machine_seconds() -> Option<(String, u64)> {
    let tells = |file: &str| std::fs::read_to_string(file).ok();
    Reading::of_linux(&tells("/proc/sys/kernel/random/boot_id")?, &tells("/proc/uptime")?)
}
