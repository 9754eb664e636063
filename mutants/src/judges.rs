//! The tests, each in a process of its own: what it notices when checks are away.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::court::{Reach, of_run};

/// One test of one test program.
#[derive(Debug, Clone)]
pub struct Judge {
    program: PathBuf,
    folder: PathBuf,
    name: String,
}

/// What became of one mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// This test died.
    Noticed(String),
    /// In this many tests something was answered otherwise, and none of them died; in none, it never mattered.
    Survived(usize),
    /// As many did not notice it, and the rest was not asked: the budget was spent.
    Undecided { lived: usize, rest: usize },
}

/// What one test says of the checks that were asked about.
#[derive(Debug, Default)]
pub struct Heard {
    pub died: Vec<usize>,
    pub lived: Vec<usize>,
    /// It mattered in a process or a thread of the test's own: only the whole test can tell.
    pub apart: BTreeSet<usize>,
    pub took: Duration,
}

/// A mutant may wait for ever.
const PATIENCE: Duration = Duration::from_secs(240);

/// The tests of these crates, built in the copy.
pub fn all(place: &Path, crates: &[&str]) -> io::Result<Vec<Judge>> {
    let mut judges = Vec::new();
    for (program, folder) in build(&place.join("tree"), &place.join("build"), crates)? {
        for name in names(&program, &folder)? {
            judges.push(Judge { program: program.clone(), folder: folder.clone(), name });
        }
    }
    Ok(judges)
}

/// (test program, folder it runs in).
fn build(tree: &Path, target: &Path, crates: &[&str]) -> io::Result<Vec<(PathBuf, PathBuf)>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let packages = crates.iter().flat_map(|name| ["--package", name]);
    let output = Command::new(cargo)
        .current_dir(tree)
        .envs([("CARGO_PROFILE_DEV_DEBUG", "false"), ("CARGO_INCREMENTAL", "0")])
        .env("CARGO_TARGET_DIR", target)
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

impl Judge {
    pub fn name(&self) -> String {
        let file = self.program.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let stem = file.rsplit_once('-').map_or(file.clone(), |(stem, _)| stem.to_owned());
        format!("{stem}: {}", self.name)
    }

    /// One run with every check in place, which splits wherever one of those asked about matters.
    /// `took_ms`: how long it takes without a split.
    pub fn hear(&self, place: &Path, number: usize, asked: &BTreeSet<usize>, took_ms: u64) -> io::Result<Heard> {
        let began = Instant::now();
        let Ok(lines) = self.watched(place, number, asked, &[("WAARBORG_TOOK", &took_ms.div_ceil(1_000).to_string())]) else {
            println!("{}: splitting disturbs it", self.name());
            return Ok(Heard { apart: asked.clone(), took: began.elapsed(), ..Heard::default() });
        };
        let mut heard = Heard { took: began.elapsed(), ..Heard::default() };
        for line in lines {
            match line.split_once(' ').and_then(|(what, id)| Some((what, id.parse().ok()?))) {
                Some(("died", id)) => heard.died.push(id),
                Some(("lived", id)) => heard.lived.push(id),
                Some(("apart", id)) => _ = heard.apart.insert(id),
                _ => return Err(io::Error::other(format!("{}: unreadable: {line}", self.name()))),
            }
        }
        // What mattered in the test's own thread was answered there.
        heard.apart.retain(|id| !heard.died.contains(id) && !heard.lived.contains(id));
        Ok(heard)
    }

    /// One run that says what matters in it, and when.
    pub fn look(&self, place: &Path, number: usize, asked: &BTreeSet<usize>) -> io::Result<Reach> {
        let began = Instant::now();
        let lines = self.watched(place, number, asked, &[("WAARBORG_LOOKS", "1")])?;
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut reach = Reach { took_ms, ..Reach::default() };
        for line in lines {
            let words: Vec<&str> = line.split(' ').collect();
            let number = |word: &str| word.parse().map_err(|_| io::Error::other(format!("{}: unreadable: {line}", self.name())));
            match words.as_slice() {
                ["at", id, ms] => _ = reach.own.insert(number(id)?, number(ms)? as u64),
                ["apart", id] => _ = reach.apart.insert(number(id)?),
                _ => return Err(io::Error::other(format!("{}: unreadable: {line}", self.name()))),
            }
        }
        reach.apart.retain(|id| !reach.own.contains_key(id));
        Ok(reach)
    }

    /// A run with every check in place, and the lines that it left.
    fn watched(&self, place: &Path, number: usize, asked: &BTreeSet<usize>, more: &[(&str, &str)]) -> io::Result<Vec<String>> {
        let (question, answer) = (of_run(place, number, "asked"), of_run(place, number, "heard"));
        let numbers: Vec<String> = asked.iter().map(usize::to_string).collect();
        fs::write(&question, numbers.join("\n"))?;
        fs::write(&answer, "")?;
        let mut command = self.command(place, number)?;
        command.env("WAARBORG_TEST", &self.name).env("WAARBORG_ASKED", &question).env("WAARBORG_HEARD", &answer);
        let output = command.envs(more.iter().copied()).output()?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stdout);
            return Err(io::Error::other(format!("{} fails with every check in place:\n{text}", self.name())));
        }
        let lines = fs::read_to_string(&answer)?.lines().map(str::to_owned).collect();
        fs::remove_file(question)?;
        fs::remove_file(answer)?;
        let _ = fs::remove_dir_all(of_run(place, number, "files"));
        Ok(lines)
    }

    /// The whole test with one check away: whether it dies.
    pub fn dies_without(&self, place: &Path, number: usize, id: usize) -> io::Result<bool> {
        let mut command = self.command(place, number)?;
        command.env("WAARBORG_CUT", id.to_string()).stdout(Stdio::piped()).stderr(Stdio::null());
        Ok(!wait(command.spawn()?)?)
    }

    fn command(&self, place: &Path, number: usize) -> io::Result<Command> {
        let files = of_run(place, number, "files");
        let _ = fs::remove_dir_all(&files);
        fs::create_dir_all(&files)?;
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).args(["--exact", &self.name, "--test-threads", "1"]);
        command.env("TMPDIR", files).env("PROPTEST_MAX_SHRINK_ITERS", "0").env("PROPTEST_RNG_SEED", "1");
        Ok(command)
    }
}

/// Does the same with every item, in so many threads; the first fault ends it.
pub fn each<T: Sync>(items: &[T], jobs: usize, work: impl Fn(usize, &T) -> io::Result<()> + Sync) -> io::Result<()> {
    let next = AtomicUsize::new(0);
    let fault = Mutex::new(None);
    let hand = || {
        while let Some((number, item)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|n| Some((n, items.get(n)?))) {
            if let Err(error) = work(number, item) {
                next.store(items.len(), Ordering::Relaxed);
                if let Ok(mut fault) = fault.lock() {
                    fault.get_or_insert(error);
                }
            }
        }
    };
    std::thread::scope(|scope| (0..jobs).for_each(|_| _ = scope.spawn(hand)));
    fault.into_inner().ok().flatten().map_or(Ok(()), Err)
}

/// Success, or not if it had to be stopped.
fn wait(mut child: Child) -> io::Result<bool> {
    let mut stdout = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut octets = Vec::new();
        if let Some(stdout) = &mut stdout {
            let _ = stdout.read_to_end(&mut octets);
        }
    });
    let until = Instant::now() + PATIENCE;
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            let _ = reader.join();
            return Ok(status.success());
        }
        if until < Instant::now() {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}
