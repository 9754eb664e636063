//! `waarborg-synapse-reader FILE`: the only process that opens a Synapse's SQLite file. Started by the source, which
//! writes requests to its stdin; see `sources::synapse::sqlite_reader`.
#![forbid(unsafe_code)]

use std::path::Path;
use std::process::ExitCode;

use sources::synapse::sqlite_reader::Database;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(file), None) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: waarborg-synapse-reader FILE\n  hint: it is started by the source, not by hand");
        return ExitCode::from(2);
    };
    let Ok(mut database) = Database::open(Path::new(&file)) else {
        eprintln!("the database cannot be opened read-only");
        return ExitCode::from(4);
    };
    match database.serve(std::io::stdin().lock(), std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(4),
    }
}
