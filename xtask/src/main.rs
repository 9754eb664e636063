//! `cargo xtask tidy [--bless]`
#![forbid(unsafe_code)]

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let bless = match words.as_slice() {
        ["tidy"] => false,
        ["tidy", "--bless"] => true,
        _ => {
            eprintln!(
                "usage: cargo xtask tidy [--bless]\n  tidy     check the borders and habits of the tree\n  --bless  accept the present third-party closures as golden"
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
