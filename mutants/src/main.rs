//! `cargo xtask mutants`: takes the checks of `verify`, `trustee` and `law` away one at a time and asks whether a test notices (TSE-48).
//!
//! All mutants are built at once, into a copy of the tree below `target/mutants`; there each test runs once and splits wherever a
//! check matters. The copy is never the product: what ships has no such switch, and the copy's binaries stay in its own build folder.
#![forbid(unsafe_code)]

mod copy;
mod court;
mod judges;
mod known;
mod report;
mod sites;
mod wrap;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask mutants [--package NAME] [--file PART] [--shard K/N] [--jobs N] [--seconds N] [--list] [--open]
  --package NAME  verify, trustee or law; all without it
  --file PART     only checks in files whose path contains PART
  --shard K/N     every N-th check, beginning with the K-th (1 to N)
  --jobs N        so many tests at once; 1 without it
  --seconds N     leave a check undecided that has cost so many seconds of tests that did not notice; none without it
  --list          print the checks, run nothing
  --open          take on word who died, and what matters in which test, though the tree has changed since; run the rest
exit status: 0 every check is noticed or explained, 1 some are not, 2 usage, 4 unavailable";

/// What the command line asks for.
#[derive(Debug, Default)]
pub struct Asked {
    package: Option<String>,
    file: Option<String>,
    shard: Option<(usize, usize)>,
    jobs: Option<usize>,
    seconds: Option<u64>,
    list: bool,
    open: bool,
}

fn parse(args: &[String]) -> Option<Asked> {
    let mut asked = Asked::default();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--list" => asked.list = true,
            "--open" => asked.open = true,
            "--package" => asked.package = Some(words.next().filter(|name| copy::MUTATED.contains(&name.as_str()))?.clone()),
            "--file" => asked.file = Some(words.next()?.clone()),
            "--jobs" => asked.jobs = Some(words.next()?.parse().ok().filter(|jobs| (1..=64).contains(jobs))?),
            "--seconds" => asked.seconds = Some(words.next()?.parse().ok().filter(|seconds| (1..=86_400).contains(seconds))?),
            "--shard" => {
                let (k, n) = words.next()?.split_once('/')?;
                let (k, n) = (k.parse().ok()?, n.parse().ok()?);
                asked.shard = Some((k, n)).filter(|_| 0 < k && k <= n);
                asked.shard?;
            }
            _ => return None,
        }
    }
    Some(asked)
}

impl Asked {
    fn names(&self, site: &sites::Site) -> bool {
        let in_package = self.package.as_ref().is_none_or(|name| site.file.starts_with(&format!("crates/{name}/")));
        let in_file = self.file.as_ref().is_none_or(|part| site.file.contains(part.as_str()));
        let in_shard = self.shard.is_none_or(|(k, n)| site.id % n == k - 1);
        in_package && in_file && in_shard
    }

    /// Whose tests are asked. Packages are written by `standards`, so most tests of `verify::package` stand there.
    fn judges(&self) -> &'static [&'static str] {
        match self.package.as_deref() {
            Some("law") => &["law"],
            // Nothing below a member knows members.
            Some("trustee") => &["trustee"],
            Some(_) => &["verify", "trustee", "standards"],
            None => &["verify", "trustee", "standards", "law"],
        }
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some(asked) = parse(&args) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    match run(&root, &asked) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("fault: {error}");
            ExitCode::from(4)
        }
    }
}

fn run(root: &Path, asked: &Asked) -> std::io::Result<bool> {
    let root: PathBuf = root.canonicalize()?;
    let place = root.join("target/mutants");
    let copied = copy::make(&root, &place.join("tree"), asked.judges())?;
    let chosen: Vec<&sites::Site> = copied.sites.iter().filter(|site| asked.names(site)).collect();
    if asked.list {
        for site in &chosen {
            println!("{:>4} {}:{} {} [{}] {}", site.id, site.file, site.line, site.function, site.removal.name(), site.code);
        }
        println!("{} checks", chosen.len());
        return Ok(true);
    }
    let known = known::Known::read(&root, &copied.sites)?;
    let judges = judges::all(&place, asked.judges())?;
    let mut report = report::Report::resume(&place, copied.digest, asked.open)?;
    let waiting: BTreeSet<usize> = chosen.iter().filter(|site| !report.has(site)).map(|site| site.id).collect();
    println!("{} checks, {} of them without a verdict; {} tests", chosen.len(), waiting.len(), judges.len());
    let court = court::Court {
        place: &place,
        judges: &judges,
        jobs: asked.jobs.unwrap_or(1),
        sites: &copied.sites,
        digest: copied.digest,
        on_word: asked.open,
        budget_ms: asked.seconds.map(|seconds| seconds * 1_000),
        after: &|report| report.table(&chosen, &known, &root).map(|_| ()),
    };
    court.hear(waiting, &mut report)?;
    report.finish(&chosen, &known, &root)
}
