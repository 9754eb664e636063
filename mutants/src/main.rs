//! `cargo xtask mutants`: takes the checks of `verify` and `trustee` away one at a time and asks whether a test notices (TSE-48).
//!
//! All mutants are built at once, into a copy of the tree below `target/mutants`; there an environment variable chooses the one that
//! is alive. The copy is never the product: what ships has no such switch, and the copy's binaries stay in its own build folder.
#![forbid(unsafe_code)]

mod copy;
mod judges;
mod known;
mod report;
mod sites;
mod wrap;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

const USAGE: &str = "usage: cargo xtask mutants [--package NAME] [--file PART] [--shard K/N] [--list] [--quick] [--open]
  --package NAME  verify or trustee; both without it
  --file PART     only checks in files whose path contains PART
  --shard K/N     every N-th check, beginning with the K-th (1 to N)
  --list          print the checks, run nothing
  --quick         ask only the tests that take half a second at most; what they do not notice stays undecided
  --open          take earlier kills on word, even when the tree has changed since; run the rest
exit status: 0 every check is noticed or explained, 1 some are not, 2 usage, 4 unavailable";

/// What the command line asks for.
#[derive(Debug, Default)]
pub struct Asked {
    package: Option<String>,
    file: Option<String>,
    shard: Option<(usize, usize)>,
    list: bool,
    quick: bool,
    open: bool,
}

fn parse(args: &[String]) -> Option<Asked> {
    let mut asked = Asked::default();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--list" => asked.list = true,
            "--quick" => asked.quick = true,
            "--open" => asked.open = true,
            "--package" => asked.package = Some(words.next().filter(|name| copy::MUTATED.contains(&name.as_str()))?.clone()),
            "--file" => asked.file = Some(words.next()?.clone()),
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
    let copied = copy::make(&root, &place.join("tree"))?;
    let chosen: Vec<&sites::Site> = copied.sites.iter().filter(|site| asked.names(site)).collect();
    if asked.list {
        for site in &chosen {
            println!("{:>4} {}:{} {} [{}] {}", site.id, site.file, site.line, site.function, site.removal.name(), site.code);
        }
        println!("{} checks", chosen.len());
        return Ok(true);
    }
    let known = known::Known::read(&root, &copied.sites)?;
    let judges = judges::Judges::prepare(&place, copied.digest)?;
    let report = report::Report::resume(&place, copied.digest, asked.open)?;
    let waiting: Vec<&&sites::Site> = chosen.iter().filter(|site| !report.has(site)).collect();
    let report = Mutex::new(report);
    judges::both(&waiting, |number, site| {
        let Some(verdict) = judges.try_without(site, asked.quick)? else { return Ok(()) };
        let mut report = report.lock().map_err(|_| std::io::Error::other("a thread broke"))?;
        report.add(site, verdict)?;
        println!("{}/{} {}", number + 1, waiting.len(), report.line(site));
        Ok(())
    })?;
    let report = report.into_inner().map_err(|_| std::io::Error::other("a thread broke"))?;
    report.finish(&chosen, &known, &root)
}
