//! `cargo xtask tidy [--bless]`, `cargo xtask mutants …`
#![forbid(unsafe_code)]

use std::path::Path;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let bless = match words.as_slice() {
        ["tidy"] => false,
        ["tidy", "--bless"] => true,
        ["mutants", rest @ ..] => return mutants(rest),
        _ => {
            eprintln!(
                "usage: cargo xtask tidy [--bless]\n       cargo xtask mutants [--help]\n  tidy     check the borders and habits of the tree\n  --bless  accept the present third-party closures as golden\n  mutants  take the checks of verify, trustee and law away one at a time"
            );
            return ExitCode::from(2);
        }
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    if bless && let Err(error) = xtask::tidy::closure::bless(&root) {
        eprintln!("fault: {error}");
        return ExitCode::from(4);
    }
    match xtask::tidy::check(&root) {
        Err(error) => {
            eprintln!("fault: {error}");
            ExitCode::from(4)
        }
        Ok(findings) if findings.is_empty() => {
            println!("tidy: nothing found");
            ExitCode::SUCCESS
        }
        Ok(findings) => {
            for finding in &findings {
                println!("{finding}");
            }
            println!("tidy: {} findings", findings.len());
            ExitCode::from(1)
        }
    }
}

/// A workspace of its own, so that its parser of Rust is built only where it is wanted.
fn mutants(args: &[&str]) -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .env("CARGO_TARGET_DIR", root.join("target/mutants/tool"))
        .args(["run", "--quiet", "--locked", "--manifest-path"])
        .arg(root.join("mutants/Cargo.toml"))
        .arg("--")
        .args(args)
        .status();
    match status.map(|status| status.code()) {
        Ok(Some(code)) => ExitCode::from(u8::try_from(code).unwrap_or(4)),
        Ok(None) => ExitCode::from(4),
        Err(error) => {
            eprintln!("fault: {error}");
            ExitCode::from(4)
        }
    }
}
