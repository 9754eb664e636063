//! `waarborg-verify`: what a production package proves, for anyone, offline.
//!
//! Reads files, prints a report, ends. No network, no clock, no configuration; all judgement is in the library.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

use verify::log::proof::TlogProof;
use verify::log::split::Evidence;
use verify::log::tlog_policy::TlogPolicy;
use verify::log::vkey::VerifierKey;
use verify::package::{RawPackage, Refusal, Source, StampPin};
use verify::policy::Policy;
use verify::spelling::{from_hex, hex};
use verify::verdict::{self, Language, PublicTiles, Segments, Signature, Supplies, escape};

/// Each line of examples is run by a test, in a folder that holds these files.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("what the package proves, under the policy that you trust", &["production.asice", "--policy", "policy.txt"]),
    ("the same in Dutch", &["production.asice", "--policy", "policy.txt", "--lang", "nl"]),
    ("every hour and every part, for a program", &["production.asice", "--policy", "policy.txt", "--json"]),
    (
        "with your own copies of segments and of the public log",
        &["production.asice", "--policy", "policy.txt", "--segments", "segments", "--public", "public"],
    ),
    ("without a policy only consistency can be said", &["production.asice"]),
    ("that an entry stands in a log", &["proof", "entry.tlog-proof", "--entry", "entry.hex", "--log-policy", "log-policy.txt"]),
    ("that a log or a witness told two stories", &["split-view", "split-view.txt", "--keys", "keys.txt"]),
];

const DETAILS: &str = "\
Prints for each promise P1 to P10 and each hour exactly one of: proven, attested by NAMES, provider's word.
The trust anchor is --policy FILE. Without it the report says \"internally consistent, signer unknown\" and claims nothing.

  --policy FILE      the policy document that you trust
  --segments DIR     your copies of segments, one file each, named by the epoch hash in hexadecimal
  --public DIR       your copy of the public log: checkpoint and tile/entries/...
  --json             the whole report as one JSON object
  --lang en|nl       language of the report
  proof FILE         a .tlog-proof, with --entry FILE (hexadecimal) and --log-policy FILE
  split-view FILE    evidence of a split view, with --keys FILE (one verifier key a line)

exit status: 0 done, 1 refused, 2 usage, 3 verification failed, 4 unavailable
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = Vec::new();
    let code = match run(&arguments, &mut out) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{}\n  hint: {}", escape(&failure.what), failure.hint);
            failure.code
        }
    };
    // A reader that closed its end has what it wanted.
    let _ = std::io::stdout().write_all(&out);
    ExitCode::from(code)
}

/// An end without a report.
struct Failure {
    code: u8,
    what: String,
    hint: &'static str,
}

fn refused(what: impl std::fmt::Display, hint: &'static str) -> Failure {
    Failure { code: 1, what: format!("refused {what}"), hint }
}

fn usage(what: impl std::fmt::Display) -> Failure {
    Failure { code: 2, what: format!("usage: {what}"), hint: "see waarborg-verify --help" }
}

fn failed(what: impl std::fmt::Display) -> Failure {
    Failure { code: 3, what: format!("verification failed {what}"), hint: "nothing in this file should be relied on" }
}

fn help() -> String {
    let mut text = format!("waarborg-verify PACKAGE [--policy FILE]: what a production package proves.\n\n{DETAILS}\nexamples:\n");
    for (what, arguments) in EXAMPLES {
        text.push_str(&format!("  waarborg-verify {}\n      {what}\n", arguments.join(" ")));
    }
    text
}

#[derive(Default)]
struct Options {
    words: Vec<String>,
    named: Vec<(String, String)>,
    json: bool,
}

impl Options {
    const NAMED: [&'static str; 7] = ["--policy", "--segments", "--public", "--lang", "--entry", "--log-policy", "--keys"];

    fn read(arguments: &[String]) -> Result<Options, Failure> {
        let mut options = Options::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--json" if !options.json => options.json = true,
                name if Options::NAMED.contains(&name) && options.value(name).is_none() => {
                    let value = rest.next().ok_or_else(|| usage(format!("{name} needs a value")))?;
                    options.named.push((name.to_owned(), value.clone()));
                }
                name if name.starts_with("--") => return Err(usage(format!("unknown or repeated option {name}"))),
                word => options.words.push(word.to_owned()),
            }
        }
        Ok(options)
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.named.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    fn needed(&self, name: &str) -> Result<&str, Failure> {
        self.value(name).ok_or_else(|| usage(format!("{name} is missing")))
    }

    /// Only these named options make sense here.
    fn only(&self, names: &[&str]) -> Result<(), Failure> {
        match self.named.iter().find(|(name, _)| !names.contains(&name.as_str())) {
            Some((name, _)) => Err(usage(format!("{name} does not belong here"))),
            None => Ok(()),
        }
    }
}

fn run(arguments: &[String], out: &mut Vec<u8>) -> Result<u8, Failure> {
    if arguments.iter().any(|a| a == "--help" || a == "-h") {
        out.extend_from_slice(help().as_bytes());
        return Ok(0);
    }
    let options = Options::read(arguments)?;
    let words: Vec<&str> = options.words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["proof", file] => proof(&options, file, out),
        ["split-view", file] => split_view(&options, file, out),
        [package] => production(&options, package, out),
        _ => Err(usage("one package is needed")),
    }
}

fn read(path: &str) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure {
        code: 4,
        what: format!("unavailable {path}: {error}"),
        hint: "check the path and its permissions",
    })
}

fn production(options: &Options, path: &str, out: &mut Vec<u8>) -> Result<u8, Failure> {
    options.only(&["--policy", "--segments", "--public", "--lang"])?;
    let language = match options.value("--lang") {
        None => Language::English,
        Some(text) => Language::parse(text).ok_or_else(|| usage("--lang is en or nl"))?,
    };
    let policy = match options.value("--policy") {
        None => None,
        Some(file) => Some(Policy::parse(&read(file)?).map_err(|e| refused(e, "ask whoever gave you the policy for the exact file"))?),
    };
    let segments = options.value("--segments").map(|folder| Folder::open(folder)).transpose()?;
    let public = options.value("--public").map(|folder| Folder::open(folder)).transpose()?;
    let supplies = Supplies {
        segments: segments.as_ref().map(|folder| folder as &dyn Segments),
        public: public.as_ref().map(|folder| folder as &dyn PublicTiles),
        threads: std::thread::available_parallelism().map_or(1, usize::from),
    };
    let source = FileSource::open(path)?;
    let report = judge(&source, policy.as_ref(), &supplies)?;
    match options.json {
        true => out.extend_from_slice(&verdict::to_json(&report)),
        false => out.extend_from_slice(verdict::to_text(&report, language).as_bytes()),
    }
    Ok(report.exit_code())
}

fn judge(source: &dyn Source, policy: Option<&Policy>, supplies: &Supplies<'_>) -> Result<verdict::Report, Failure> {
    let not_a_package = |refusal: Refusal| match refusal {
        Refusal::Unreadable => {
            Failure { code: 4, what: "unavailable: the package could not be read".to_owned(), hint: "try again, or copy the file anew" }
        }
        other => refused(other, "this is not a production package"),
    };
    let package = RawPackage::read(source).map_err(not_a_package)?.check().map_err(failed)?;
    match policy {
        None => {
            let package = package.signed_by_anyone().map_err(failed)?;
            let signature = Signature { signer: package.claimed_signer().clone(), stamp: package.stamp().cloned() };
            Ok(verdict::consistent(package.package(), &signature))
        }
        Some(policy) => {
            let package = package.signed_by(&policy.parts().package_certificate, StampPin::NotChecked).map_err(failed)?;
            let signature = Signature { signer: package.signer().clone(), stamp: package.stamp().cloned() };
            Ok(verdict::judge(package.package(), &signature, policy, supplies))
        }
    }
}

fn proof(options: &Options, file: &str, out: &mut Vec<u8>) -> Result<u8, Failure> {
    options.only(&["--entry", "--log-policy"])?;
    let shape = "the file is not what its name says";
    let policy = TlogPolicy::parse(&read(options.needed("--log-policy")?)?).map_err(|e| refused(e, shape))?;
    let entry = String::from_utf8(read(options.needed("--entry")?)?).ok().and_then(|text| from_hex(text.trim_end()));
    let entry = entry.ok_or_else(|| refused("the entry is not hexadecimal", shape))?;
    let proof = TlogProof::parse(&read(file)?).map_err(|e| refused(e, shape))?;
    let logged = proof.verify(seal::merkle::leaf_hash(&entry), &policy, None).map_err(failed)?;
    let votes: Vec<&str> = logged.head().votes().iter().map(|vote| vote.witness.as_str()).collect();
    let head = logged.head().head();
    let line = format!(
        "entry {} of {} stands in the log at size {}, cosigned by {}",
        logged.leaf().index(),
        head.origin,
        head.size,
        votes.join(", ")
    );
    out.extend_from_slice(format!("{}\n", escape(&line)).as_bytes());
    Ok(0)
}

/// LOG-88.
fn split_view(options: &Options, file: &str, out: &mut Vec<u8>) -> Result<u8, Failure> {
    options.only(&["--keys"])?;
    let shape = "the file is not what its name says";
    let text = String::from_utf8(read(options.needed("--keys")?)?).map_err(|_| refused("the keys are not text", shape))?;
    let keys = text.lines().map(VerifierKey::parse).collect::<Result<Vec<_>, _>>().map_err(|e| refused(e, shape))?;
    let evidence = Evidence::parse(&read(file)?).map_err(|e| refused(e, shape))?;
    let conviction = evidence.judge(&keys).map_err(failed)?;
    let line = format!("{} of {} is proven: {}", conviction.kind.as_str(), conviction.origin, conviction.culprits.join(", "));
    out.extend_from_slice(format!("{}\n", escape(&line)).as_bytes());
    Ok(0)
}

/// A package on disk. The reader compares digests again, so a file that changes meanwhile is caught.
struct FileSource {
    file: Mutex<File>,
    size: u64,
}

impl FileSource {
    fn open(path: &str) -> Result<FileSource, Failure> {
        let open = || -> std::io::Result<FileSource> {
            let file = File::open(path)?;
            let size = file.metadata()?.len();
            Ok(FileSource { file: Mutex::new(file), size })
        };
        open().map_err(|error| Failure {
            code: 4,
            what: format!("unavailable {path}: {error}"),
            hint: "check the path and its permissions",
        })
    }
}

impl Source for FileSource {
    fn size(&self) -> u64 {
        self.size
    }
    fn read_at(&self, at: u64, into: &mut [u8]) -> Result<(), Refusal> {
        let mut file = self.file.lock().map_err(|_| Refusal::Unreadable)?;
        file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(into)).map_err(|_| Refusal::Unreadable)
    }
}

/// The reader's own copies. Paths are made by the library from numbers and digests; none comes from the package.
struct Folder(PathBuf);

impl Folder {
    fn open(path: &str) -> Result<Folder, Failure> {
        match Path::new(path).is_dir() {
            true => Ok(Folder(PathBuf::from(path))),
            false => {
                Err(Failure { code: 4, what: format!("unavailable {path}: not a folder"), hint: "check the path and its permissions" })
            }
        }
    }
}

impl Segments for Folder {
    fn segment(&self, epoch_hash: &[u8; 32]) -> Option<Vec<u8>> {
        std::fs::read(self.0.join(hex(epoch_hash))).ok()
    }
}

impl PublicTiles for Folder {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        std::fs::read(self.0.join(path)).ok()
    }
}
