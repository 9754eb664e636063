//! `waarborg-bench [--quick] [--json FILE] [--plots FOLDER] [--only GROUP,…]`: measures and prints a table.
#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;

use bench::figure::{Figure, json, table};
use bench::{GROUPS, Size, Wanted, machine, measure, plot};

const USAGE: &str = "usage: waarborg-bench [--quick] [--json FILE] [--plots FOLDER] [--only GROUP,...]";

struct Arguments {
    wanted: Wanted,
    json: Option<PathBuf>,
    plots: Option<PathBuf>,
}

fn arguments() -> Option<Arguments> {
    let mut parsed = Arguments { wanted: Wanted { size: Size::Full, only: Vec::new() }, json: None, plots: None };
    let mut rest = std::env::args().skip(1);
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--quick" => parsed.wanted.size = Size::Quick,
            "--json" => parsed.json = Some(rest.next()?.into()),
            "--plots" => parsed.plots = Some(rest.next()?.into()),
            "--only" => parsed.wanted.only = rest.next()?.split(',').map(str::to_owned).collect(),
            _ => return None,
        }
    }
    let known = |name: &String| GROUPS.iter().any(|(group, _)| group == name);
    parsed.wanted.only.iter().all(known).then_some(parsed)
}

fn main() -> ExitCode {
    let Some(Arguments { wanted, json: json_file, plots }) = arguments() else {
        let names: Vec<&str> = GROUPS.iter().map(|(name, _)| *name).collect();
        eprintln!("{USAGE}\ngroups: {}", names.join(", "));
        return ExitCode::from(2);
    };
    let mut described = machine::describe();
    let figures = measure(&wanted);
    described.push(("load afterwards", machine::load()));
    for (what, value) in &described {
        println!("{what}: {value}");
    }
    println!("\n{}", table(&figures));
    let written = json_file.map_or(Ok(()), |file| std::fs::write(file, json(&described, &figures)));
    let written = written.and_then(|()| plots.map_or(Ok(()), |folder| draw(&folder, &figures)));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(4)
        }
    }
}

/// One drawing for each unit of each group.
fn draw(folder: &std::path::Path, figures: &[Figure]) -> std::io::Result<()> {
    let drawings =
        [("sealing", "records/s", "Sealing on one core, records in a second"), ("month", "s", "Thirty days of one person, seconds")];
    for (group, unit, title) in drawings {
        let of = |figure: &&Figure| {
            figure.unit == unit && (figure.name.starts_with(group) || (group == "sealing" && figure.name.starts_with("million")))
        };
        let chosen: Vec<&Figure> = figures.iter().filter(of).collect();
        if !chosen.is_empty() {
            std::fs::write(folder.join(format!("bench-{group}.svg")), plot::bars(title, &chosen))?;
        }
    }
    Ok(())
}
