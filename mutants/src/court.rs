//! Which test is asked about which check, and when.
//!
//! First every test runs once and says which checks matter in it, and when. Then each check is asked of the tests in which it matters,
//! the likeliest first: the one that noticed it last time, then those in which little else matters and little is left to do. A check
//! that died is asked no further, so most checks cost the end of one test.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::judges::{self, Judge, Verdict};
use crate::report::{self, Report};
use crate::sites::Site;

/// Where it is kept what matters in which test; of one tree.
const REACH: &str = "reach.txt";
/// What a split costs besides the rest of the test.
const SPLIT_MS: u64 = 5;

/// What matters in one test.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    pub took_ms: u64,
    /// In the test's own thread, after so many milliseconds.
    pub own: BTreeMap<usize, u64>,
    /// In a process or a thread that it starts.
    pub apart: BTreeSet<usize>,
}

impl Reach {
    fn line(&self) -> String {
        let own = self.own.iter().map(|(id, at)| format!("{id}:{at}"));
        let apart = self.apart.iter().map(|id| format!("{id}:"));
        format!("{}\t{}", self.took_ms, own.chain(apart).collect::<Vec<_>>().join(","))
    }

    fn parse(took: &str, list: &str) -> Option<Reach> {
        let mut reach = Reach { took_ms: took.parse().ok()?, ..Reach::default() };
        for item in list.split(',').filter(|item| !item.is_empty()) {
            let (id, at) = item.split_once(':')?;
            match at {
                "" => _ = reach.apart.insert(id.parse().ok()?),
                at => _ = reach.own.insert(id.parse().ok()?, at.parse().ok()?),
            }
        }
        Some(reach)
    }

    /// Milliseconds that asking about this check costs if it is not noticed.
    fn cost(&self, id: usize, whole: bool) -> u64 {
        let at = if whole { 0 } else { self.own.get(&id).copied().unwrap_or(0) };
        SPLIT_MS + self.took_ms.saturating_sub(at)
    }
}

/// A test that may be asked about a check.
#[derive(Debug, Clone, Copy)]
struct Chance {
    judge: usize,
    /// The whole test is run with the check away.
    whole: bool,
    cost_ms: u64,
}

pub struct Court<'a> {
    pub place: &'a Path,
    pub judges: &'a [Judge],
    pub jobs: usize,
    pub sites: &'a [Site],
    pub digest: u64,
    /// What is known of another tree is taken for this one.
    pub on_word: bool,
    /// Milliseconds of tests that a check may cost before it is left undecided.
    pub budget_ms: Option<u64>,
    /// After each round: what is known so far is written down.
    pub after: &'a (dyn Fn(&Report) -> io::Result<()> + Sync),
}

/// What is shared between the threads that run tests.
struct Hearing<'r> {
    waiting: BTreeSet<usize>,
    report: &'r mut Report,
    /// Asked of the whole test after a split was not possible.
    refused_split: BTreeSet<(usize, usize)>,
}

/// Of a lock whose holder panicked.
fn broke<E>(_: E) -> io::Error {
    io::Error::other("a thread broke")
}

impl Court<'_> {
    /// Gives every check that waits a verdict, as far as the budget goes.
    pub fn hear(&self, waiting: BTreeSet<usize>, report: &mut Report) -> io::Result<()> {
        let reach = self.reach()?;
        let mut chances = self.chances(&waiting, &reach, report);
        (self.after)(report)?;
        let began = Instant::now();
        let all = Mutex::new(Hearing { waiting, report, refused_split: BTreeSet::new() });
        for round in 1.. {
            let (own, whole) = self.next(&mut chances, &all, round)?;
            if own.is_empty() && whole.is_empty() {
                break;
            }
            let mut own: Vec<(usize, BTreeSet<usize>)> = own.into_iter().collect();
            own.sort_by_key(|(judge, asked)| reach[*judge].took_ms / (1 + asked.len() as u64));
            judges::each(&own, self.jobs, |number, (judge, asked)| self.split(&all, number, (*judge, reach[*judge].took_ms), asked))?;
            let refused = std::mem::take(&mut all.lock().map_err(broke)?.refused_split);
            let whole: Vec<(usize, usize)> = whole.into_iter().chain(refused).collect();
            judges::each(&whole, self.jobs, |number, (id, judge)| self.whole(&all, number, *id, *judge))?;
            let all = all.lock().map_err(broke)?;
            (self.after)(all.report)?;
            let left = all.waiting.len();
            let (tests, minutes) = (own.len() + whole.len(), began.elapsed().as_secs_f32() / 60.0);
            println!("round {round}: {tests} runs; {left} checks left after {minutes:.1} minutes");
        }
        let mut all = all.into_inner().map_err(broke)?;
        for id in std::mem::take(&mut all.waiting) {
            let (site, rest) = (&self.sites[id], chances.get(&id).map_or(0, Vec::len));
            let lived = all.report.lived(site);
            all.report.set(site, if 0 < rest { Verdict::Undecided { lived, rest } } else { Verdict::Survived(lived) });
        }
        Ok(())
    }

    /// What is known from earlier: of this tree, or, on word, of the last one, whose checks had other numbers.
    fn known(&self) -> io::Result<HashMap<String, Reach>> {
        let mine = format!("{:016x}", self.digest);
        let numbered = |tree: &str| self.place.join(format!("sites-{tree}.txt"));
        let keys: Vec<String> = self.sites.iter().map(report::key).collect();
        fs::write(numbered(&mine), keys.join("\n"))?;
        let now: HashMap<&str, usize> = keys.iter().enumerate().map(|(id, key)| (key.as_str(), id)).collect();
        let mut moved: HashMap<String, Vec<Option<usize>>> = HashMap::new();
        let mut known = HashMap::new();
        for line in fs::read_to_string(self.place.join(REACH)).unwrap_or_default().lines() {
            let parts: Vec<&str> = line.split('\t').collect();
            let [tree, name, took, list] = parts.as_slice() else { continue };
            if *tree != mine && !self.on_word {
                continue;
            }
            let moved = moved.entry((*tree).to_owned()).or_insert_with(|| {
                let text = fs::read_to_string(numbered(tree)).unwrap_or_default();
                text.lines().map(|key| now.get(key).copied()).collect()
            });
            let to_now = |id: usize| moved.get(id).copied().flatten();
            if let Some(reach) = Reach::parse(took, list) {
                let own = reach.own.into_iter().filter_map(|(id, at)| Some((to_now(id)?, at))).collect();
                let apart = reach.apart.into_iter().filter_map(to_now).collect();
                known.insert((*name).to_owned(), Reach { took_ms: reach.took_ms, own, apart });
            }
        }
        Ok(known)
    }

    /// Every test once, with every check in place, unless that is known.
    fn reach(&self) -> io::Result<Vec<Reach>> {
        let file = self.place.join(REACH);
        let mine = format!("{:016x}", self.digest);
        let known = self.known()?;
        let asked: BTreeSet<usize> = self.sites.iter().map(|site| site.id).collect();
        let out = Mutex::new(fs::OpenOptions::new().append(true).create(true).open(&file)?);
        let found = Mutex::new(vec![Reach::default(); self.judges.len()]);
        judges::each(self.judges, self.jobs, |number, judge| {
            let reach = match known.get(&judge.name()) {
                Some(reach) => reach.clone(),
                None => {
                    let reach = judge.look(self.place, number, &asked)?;
                    writeln!(out.lock().map_err(broke)?, "{mine}\t{}\t{}", judge.name(), reach.line())?;
                    reach
                }
            };
            found.lock().map_err(broke)?[number] = reach;
            Ok(())
        })?;
        let reach = found.into_inner().map_err(broke)?;
        let seconds: u64 = reach.iter().map(|reach| reach.took_ms).sum::<u64>() / 1_000;
        println!("{} tests take {seconds} s with every check in place", reach.len());
        Ok(reach)
    }

    /// For each check the tests in which it matters and that were not asked yet, the likeliest last.
    fn chances(&self, waiting: &BTreeSet<usize>, reach: &[Reach], report: &Report) -> BTreeMap<usize, Vec<Chance>> {
        let mut chances = BTreeMap::new();
        for id in waiting {
            let site = &self.sites[*id];
            let mut rated: Vec<(u64, Chance)> = Vec::new();
            for (number, reach) in reach.iter().enumerate() {
                let whole = !reach.own.contains_key(id);
                let name = self.judges[number].name();
                if (whole && !reach.apart.contains(id)) || report.has_lived(site, &name) {
                    continue;
                }
                let cost_ms = reach.cost(*id, whole);
                let others = (reach.own.len() + reach.apart.len()).max(3) as u64;
                let rate = others * (cost_ms + reach.took_ms / 20) / kinship(site, &name);
                let rate = if report.hint(site) == Some(name.as_str()) { 0 } else { rate };
                rated.push((rate, Chance { judge: number, whole, cost_ms }));
            }
            rated.sort_by_key(|(rate, chance)| std::cmp::Reverse((*rate, chance.judge)));
            chances.insert(*id, rated.into_iter().map(|(_, chance)| chance).collect());
        }
        chances
    }

    /// The next tests of each check that still waits: one in the first rounds, then more and more.
    #[allow(clippy::type_complexity)]
    fn next(
        &self,
        chances: &mut BTreeMap<usize, Vec<Chance>>,
        all: &Mutex<Hearing>,
        round: usize,
    ) -> io::Result<(BTreeMap<usize, BTreeSet<usize>>, BTreeSet<(usize, usize)>)> {
        let all = all.lock().map_err(broke)?;
        let (mut own, mut whole): (BTreeMap<usize, BTreeSet<usize>>, BTreeSet<_>) = Default::default();
        for id in &all.waiting {
            let Some(mine) = chances.get_mut(id) else { continue };
            let spent = all.report.spent_ms(&self.sites[*id]);
            let mut left = self.budget_ms.map_or(u64::MAX, |budget| budget.saturating_sub(spent));
            for _ in 0..round.div_ceil(2) {
                let Some(chance) = mine.pop_if(|chance| chance.cost_ms <= left) else { break };
                left -= chance.cost_ms;
                match chance.whole {
                    true => _ = whole.insert((*id, chance.judge)),
                    false => _ = own.entry(chance.judge).or_default().insert(*id),
                }
            }
        }
        Ok((own, whole))
    }

    /// One run that splits wherever one of those asked about matters.
    fn split(&self, all: &Mutex<Hearing>, number: usize, (judge, took_ms): (usize, u64), asked: &BTreeSet<usize>) -> io::Result<()> {
        let asked: BTreeSet<usize> = all.lock().map_err(broke)?.waiting.intersection(asked).copied().collect();
        if asked.is_empty() {
            return Ok(());
        }
        let (heard, name) = (self.judges[judge].hear(self.place, number, &asked, took_ms)?, self.judges[judge].name());
        let mut all = all.lock().map_err(broke)?;
        for id in &heard.died {
            all.waiting.remove(id);
            all.report.keep_death(&self.sites[*id], &name)?;
        }
        let each = heard.took / u32::try_from(asked.len()).unwrap_or(1);
        for id in &heard.lived {
            all.report.keep_life(&self.sites[*id], &name, each)?;
        }
        let (died, lived) = (heard.died.len(), heard.lived.len());
        all.refused_split.extend(heard.apart.iter().map(|id| (*id, judge)));
        println!("{name}: {died} noticed, {lived} not, of {} in {:.1} s", asked.len(), heard.took.as_secs_f32());
        Ok(())
    }

    /// A whole run without the check.
    fn whole(&self, all: &Mutex<Hearing>, number: usize, id: usize, judge: usize) -> io::Result<()> {
        if !all.lock().map_err(broke)?.waiting.contains(&id) {
            return Ok(());
        }
        let (began, judge) = (Instant::now(), &self.judges[judge]);
        let died = judge.dies_without(self.place, number, id)?;
        let mut all = all.lock().map_err(broke)?;
        if died {
            all.waiting.remove(&id);
            return all.report.keep_death(&self.sites[id], &judge.name());
        }
        all.report.keep_life(&self.sites[id], &judge.name(), began.elapsed().max(Duration::from_millis(1)))
    }
}

/// A test that has words of the check's place in its name is likelier to notice: 1, 4, 9.
fn kinship(site: &Site, test: &str) -> u64 {
    let words = |text: &str| -> BTreeSet<String> {
        let parts =
            text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| 2 <= word.len() && !["crates", "src", "rs"].contains(word));
        parts.map(|word| word.trim_end_matches('s').to_owned()).collect()
    };
    let shared = words(&format!("{} {}", site.file, site.function)).intersection(&words(test)).count() as u64;
    (1 + shared) * (1 + shared)
}

/// The folder that one run has for itself.
pub fn of_run(place: &Path, number: usize, ending: &str) -> PathBuf {
    place.join(format!("run-{number}.{ending}"))
}
