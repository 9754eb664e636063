//! The tests, each run alone: which checks it comes by, how long it takes, and whether it dies when one is away.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::sites::Site;

/// One test of one test program.
#[derive(Debug, Clone)]
struct Judge {
    program: PathBuf,
    folder: PathBuf,
    name: String,
    took: Duration,
    reaches: BTreeSet<usize>,
}

pub struct Judges {
    judges: Vec<Judge>,
    /// By file: the tests that noticed something there, the latest last.
    noticed: Mutex<BTreeMap<String, Vec<usize>>>,
}

/// What became of one mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// This test died.
    Noticed(String),
    /// No test of this many that come by died.
    Survived(usize),
    /// No test comes by.
    NeverReached,
}

/// Whose tests are asked. Packages are written by `standards`, so most tests of `verify::package` stand there.
const JUDGES: &[&str] = &["verify", "trustee", "standards"];
/// What `--quick` allows a test.
const QUICK: Duration = Duration::from_millis(500);
/// A mutant may loop for ever: it gets ten times what the test took, and half a minute.
const PATIENCE: u32 = 10;
const PATIENCE_MORE: Duration = Duration::from_secs(30);

impl Judges {
    /// Builds the copy, and runs each test once to see what it comes by. Kept test by test for the same tree.
    pub fn prepare(place: &Path, digest: u64) -> io::Result<Judges> {
        let programs = build(&place.join("tree"), &place.join("build"))?;
        let file = place.join("reached.txt");
        let head = format!("tree {digest:016x}\n");
        let mut judges = Vec::new();
        match fs::read_to_string(&file) {
            Ok(text) if text.starts_with(&head) => judges = text.lines().skip(1).filter_map(|line| read(line, &programs)).collect(),
            _ => fs::write(&file, head)?,
        }
        let mut waiting = Vec::new();
        for (program, folder) in &programs {
            let names = names(program, folder)?.into_iter();
            waiting.extend(
                names.filter(|name| !judges.iter().any(|j| j.program == *program && j.name == *name)).map(|n| (program, folder, n)),
            );
        }
        println!("{} tests, {} of them to be watched once", judges.len() + waiting.len(), waiting.len());
        let watched = both(&waiting, |number, (program, folder, name)| {
            let judge = observe(program, folder, name, &place.join(format!("reached-{number}")))?;
            OpenOptions::new().append(true).open(&file)?.write_all(judge.line().as_bytes())?;
            Ok(judge)
        })?;
        judges.extend(watched);
        judges.sort_by_key(|judge| judge.took);
        Ok(Judges { judges, noticed: Mutex::default() })
    }

    /// Runs the tests that come by a check without it until one dies: those that noticed others of this file first, then the quick ones.
    ///
    /// `quick`: only tests that take half a second at most; what they do not notice stays undecided.
    pub fn try_without(&self, site: &Site, quick: bool) -> io::Result<Option<Verdict>> {
        let is_asked = |judge: &Judge| judge.reaches.contains(&site.id) && (!quick || judge.took <= QUICK);
        let near: Vec<usize> = (0..self.judges.len()).filter(|number| is_asked(&self.judges[*number])).collect();
        if near.is_empty() {
            return Ok((!quick).then_some(Verdict::NeverReached));
        }
        let noticed_before = self.noticed.lock().map(|map| map.get(&site.file).cloned().unwrap_or_default()).unwrap_or_default();
        let rank = |number: &usize| {
            let names_it = self.judges[*number].name.contains(&site.function);
            let recent = noticed_before.iter().rev().take(10).position(|known| known == number);
            (recent.unwrap_or(usize::MAX), !names_it, *number)
        };
        let mut waiting = near.clone();
        waiting.sort_by_key(rank);
        // Alone at first; later more and more of one program at once, which costs one start for all of them.
        let mut alone = 8;
        while let Some(first) = waiting.first().copied() {
            let many = if 0 < alone { 1 } else { 12 };
            alone -= usize::from(0 < alone);
            let program = &self.judges[first].program;
            let group: Vec<usize> = waiting.iter().filter(|n| self.judges[**n].program == *program).take(many).copied().collect();
            waiting.retain(|number| !group.contains(number));
            let judges: Vec<&Judge> = group.iter().map(|number| &self.judges[*number]).collect();
            if let Some(died) = dies(&judges, site.id)? {
                let who = group.iter().find(|number| died.ends_with(&self.judges[**number].name)).copied();
                if let (Ok(mut map), Some(who)) = (self.noticed.lock(), who) {
                    let known = map.entry(site.file.clone()).or_default();
                    known.retain(|number| *number != who);
                    known.push(who);
                }
                return Ok(Some(Verdict::Noticed(died)));
            }
        }
        Ok((!quick).then_some(Verdict::Survived(near.len())))
    }
}

fn file_name(program: &Path) -> String {
    program.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

fn stem(program: &Path) -> String {
    let name = file_name(program);
    name.rsplit_once('-').map_or(name.clone(), |(stem, _)| stem.to_owned())
}

/// (test program, folder it runs in).
fn build(tree: &Path, target: &Path) -> io::Result<Vec<(PathBuf, PathBuf)>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let packages = JUDGES.iter().flat_map(|name| ["--package", name]);
    let output = Command::new(cargo)
        .current_dir(tree)
        .env("CARGO_TARGET_DIR", target)
        // Built once and run thousands of times.
        .envs([("CARGO_PROFILE_DEV_OPT_LEVEL", "1"), ("CARGO_PROFILE_DEV_DEBUG", "0")])
        .args(["test", "--locked", "--no-run", "--message-format", "json-render-diagnostics"])
        .args(packages)
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other("the copy does not build"));
    }
    let mut programs = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let is_test = line.contains("\"profile\":{") && line.contains("\"test\":true}");
        let Some(program) = is_test.then(|| field(line, "\"executable\":\"")).flatten() else { continue };
        let Some(folder) = field(line, "\"manifest_path\":\"").and_then(|path| Path::new(path).parent()) else { continue };
        programs.push((PathBuf::from(program), folder.to_owned()));
    }
    Ok(programs)
}

/// Cargo's messages are one JSON object a line; paths with quotes or backslashes are not ours.
fn field<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let from = line.find(key)? + key.len();
    line[from..].split('"').next()
}

fn names(program: &Path, folder: &Path) -> io::Result<Vec<String>> {
    let output = Command::new(program).current_dir(folder).args(["--list", "--format", "terse"]).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
}

fn observe(program: &Path, folder: &Path, name: &str, file: &Path) -> io::Result<Judge> {
    let _ = fs::remove_file(file);
    let began = Instant::now();
    let output = Command::new(program).current_dir(folder).env("WAARBORG_REACHED", file).args(["--exact", name]).output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!("{name} of {} fails with every check in place", stem(program))));
    }
    let took = began.elapsed();
    let text = fs::read_to_string(file).unwrap_or_default();
    let _ = fs::remove_file(file);
    let reaches = text.lines().filter_map(|line| line.parse().ok()).collect();
    Ok(Judge { program: program.to_owned(), folder: folder.to_owned(), name: name.to_owned(), took, reaches })
}

impl Judge {
    fn line(&self) -> String {
        let reaches: Vec<String> = self.reaches.iter().map(usize::to_string).collect();
        format!("{}\t{}\t{}\t{}\n", file_name(&self.program), self.name, self.took.as_millis(), reaches.join(" "))
    }
}

fn read(line: &str, programs: &[(PathBuf, PathBuf)]) -> Option<Judge> {
    let mut parts = line.split('\t');
    let (program, name, took, reaches) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let (program, folder) = programs.iter().find(|(path, _)| file_name(path) == program)?;
    Some(Judge {
        program: program.clone(),
        folder: folder.clone(),
        name: name.to_owned(),
        took: Duration::from_millis(took.parse().ok()?),
        reaches: reaches.split_whitespace().filter_map(|word| word.parse().ok()).collect(),
    })
}

/// Does the same with every item, two at a time; the first fault ends it.
pub fn both<T: Sync, R: Send>(items: &[T], work: impl Fn(usize, &T) -> io::Result<R> + Sync) -> io::Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let hand = || -> io::Result<Vec<R>> {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(number) else { return Ok(done) };
            done.push(work(number, item)?);
        }
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(hand);
        let mut done = hand()?;
        done.extend(other.join().map_err(|_| io::Error::other("a thread broke"))??);
        Ok(done)
    })
}

/// Runs tests of one program with a check away; the name of one that died.
fn dies(group: &[&Judge], id: usize) -> io::Result<Option<String>> {
    let Some(first) = group.first() else { return Ok(None) };
    let took: Duration = group.iter().map(|judge| judge.took).sum();
    let child = Command::new(&first.program)
        .current_dir(&first.folder)
        .env("WAARBORG_CUT", id.to_string())
        .arg("--exact")
        .args(group.iter().map(|judge| &judge.name))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let Some((ok, text)) = wait(child, took * PATIENCE + PATIENCE_MORE)? else {
        return Ok(Some(format!("{}: does not end", stem(&first.program))));
    };
    if ok {
        return Ok(None);
    }
    let failed = text.lines().find_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
    let name = failed.map_or_else(|| first.name.clone(), str::to_owned);
    Ok(Some(format!("{}: {name}", stem(&first.program))))
}

/// Success and output, or nothing if it had to be stopped.
fn wait(mut child: Child, patience: Duration) -> io::Result<Option<(bool, String)>> {
    let mut stdout = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut octets = Vec::new();
        if let Some(stdout) = &mut stdout {
            let _ = stdout.read_to_end(&mut octets);
        }
        String::from_utf8_lossy(&octets).into_owned()
    });
    let until = Instant::now() + patience;
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some((status.success(), reader.join().unwrap_or_default())));
        }
        if until < Instant::now() {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}
