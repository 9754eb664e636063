//! `waarborg-bench [--quick] [--json FILE] [--plots FOLDER] [--only GROUP,…]`: measures and prints a table.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use bench::figure::{Figure, Report, table};
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
    let Some(arguments) = arguments() else {
        let names: Vec<&str> = GROUPS.iter().map(|(name, _)| *name).collect();
        eprintln!("{USAGE}\ngroups: {}", names.join(", "));
        return ExitCode::from(2);
    };
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err((what, error)) => {
            eprintln!("{what}: {error}");
            ExitCode::from(4)
        }
    }
}

/// What was being done, and what went wrong.
type Failed = (String, std::io::Error);

fn run(Arguments { wanted, json, plots }: Arguments) -> Result<(), Failed> {
    let at = |path: &Path| {
        let path = path.display().to_string();
        move |error| (path, error)
    };
    // Where the results go is looked at first: half an hour is not measured for a folder that is not there.
    for folder in plots.iter().map(PathBuf::as_path).chain(json.iter().filter_map(|file| file.parent())) {
        std::fs::create_dir_all(folder).map_err(at(folder))?;
    }
    let mut described = machine::describe();
    let figures = if wanted.groups().count() == 1 { measure(&wanted) } else { measure_apart(&wanted)? };
    described.push(("load afterwards", machine::load()));
    for (what, value) in &described {
        println!("{what}: {value}");
    }
    println!("\n{}", table(&figures, wanted.size));
    let report = Report::new(&described, figures);
    json.map_or(Ok(()), |file| report.write(&file).map_err(at(&file)))?;
    plots.map_or(Ok(()), |folder| draw(&folder, &report.figures).map_err(at(&folder)))
}

/// Each group in a process of its own: what one leaves in memory neither counts for the next nor saves it from fetching its own.
fn measure_apart(wanted: &Wanted) -> Result<Vec<Figure>, Failed> {
    let failed = |what: &str, error| (what.to_owned(), error);
    let folder = tempfile::tempdir().map_err(|error| failed("temporary folder", error))?;
    let program = std::env::current_exe().map_err(|error| failed("this program", error))?;
    let mut figures = Vec::new();
    for (name, _) in wanted.groups() {
        let file = folder.path().join(name);
        let mut command = Command::new(&program);
        command.args(["--only", name, "--json"]).arg(&file).stdout(Stdio::null());
        if wanted.size == Size::Quick {
            command.arg("--quick");
        }
        let status = command.status().map_err(|error| failed(name, error))?;
        if !status.success() {
            return Err(failed(name, std::io::Error::other(status.to_string())));
        }
        figures.extend(Report::read(&file).map_err(|error| failed(name, error))?.figures);
    }
    Ok(figures)
}

/// One drawing for each unit of each group.
fn draw(folder: &Path, figures: &[Figure]) -> std::io::Result<()> {
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
