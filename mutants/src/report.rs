//! What was found, kept line by line so that a run can go on where it stopped; at the end `target/mutants.json`.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::judges::Verdict;
use crate::known::Known;
use crate::sites::Site;

pub struct Report {
    file: PathBuf,
    digest: u64,
    verdicts: BTreeMap<String, Verdict>,
    /// The tests of this tree that did not notice, and the milliseconds that they took.
    lives: BTreeMap<String, BTreeMap<String, u64>>,
    /// The test that noticed last time, of whatever tree.
    hints: BTreeMap<String, String>,
}

/// For each module: checks, noticed, explained, unnoticed, undecided.
#[derive(Default)]
pub struct Table {
    modules: BTreeMap<String, [usize; 5]>,
    stale: Vec<String>,
    open: Vec<String>,
}

/// A check keeps its key when lines move.
pub fn key(site: &Site) -> String {
    format!("{} {} {} {} {}", site.file, site.function, site.removal.name(), site.code, site.occurrence)
}

impl Report {
    /// Verdicts hold for one tree. `take_kills` takes over earlier kills of other trees, on word.
    pub fn resume(place: &Path, digest: u64, take_kills: bool) -> io::Result<Report> {
        let file = place.join("verdicts.txt");
        let (verdicts, lives, hints) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut report = Report { file, digest, verdicts, lives, hints };
        let text = fs::read_to_string(&report.file).unwrap_or_default();
        for line in text.lines() {
            let parts: Vec<&str> = line.split('\t').collect();
            let [tree, key, verdict] = parts.as_slice() else { continue };
            let same_tree = *tree == format!("{digest:016x}");
            match verdict.split_once(' ') {
                Some(("noticed", test)) => {
                    report.hints.insert((*key).to_owned(), test.to_owned());
                    if same_tree || take_kills {
                        report.verdicts.insert((*key).to_owned(), Verdict::Noticed(test.to_owned()));
                    }
                }
                Some(("lived", rest)) if same_tree => {
                    let Some((ms, test)) = rest.split_once(' ').and_then(|(ms, test)| Some((ms.parse().ok()?, test))) else { continue };
                    report.lives.entry((*key).to_owned()).or_default().insert(test.to_owned(), ms);
                }
                _ => {}
            }
        }
        Ok(report)
    }

    pub fn has(&self, site: &Site) -> bool {
        self.verdicts.contains_key(&key(site))
    }

    pub fn hint(&self, site: &Site) -> Option<&str> {
        self.hints.get(&key(site)).map(String::as_str)
    }

    pub fn has_lived(&self, site: &Site, test: &str) -> bool {
        self.lives.get(&key(site)).is_some_and(|tests| tests.contains_key(test))
    }

    /// So many tests did not notice.
    pub fn lived(&self, site: &Site) -> usize {
        self.lives.get(&key(site)).map_or(0, BTreeMap::len)
    }

    pub fn spent_ms(&self, site: &Site) -> u64 {
        self.lives.get(&key(site)).map_or(0, |tests| tests.values().sum())
    }

    /// Kept, so that a run that is broken off need not find it again.
    pub fn keep_death(&mut self, site: &Site, test: &str) -> io::Result<()> {
        self.keep(site, &format!("noticed {test}"))?;
        self.set(site, Verdict::Noticed(test.to_owned()));
        Ok(())
    }

    pub fn keep_life(&mut self, site: &Site, test: &str, took: Duration) -> io::Result<()> {
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.keep(site, &format!("lived {ms} {test}"))?;
        self.lives.entry(key(site)).or_default().insert(test.to_owned(), ms);
        Ok(())
    }

    fn keep(&self, site: &Site, what: &str) -> io::Result<()> {
        let mut file = OpenOptions::new().append(true).create(true).open(&self.file)?;
        writeln!(file, "{:016x}\t{}\t{what}", self.digest, key(site))
    }

    pub fn set(&mut self, site: &Site, verdict: Verdict) {
        self.verdicts.insert(key(site), verdict);
    }

    pub fn line(&self, site: &Site) -> String {
        let place = format!("{}:{} {} [{}] {}", site.file, site.line, site.function, site.removal.name(), site.code);
        match self.verdicts.get(&key(site)) {
            Some(Verdict::Noticed(test)) => format!("noticed by {test}: {place}"),
            Some(Verdict::Survived(0)) => format!("NEVER MATTERED: {place}"),
            Some(Verdict::Survived(count)) => format!("SURVIVED {count} tests: {place}"),
            Some(Verdict::Undecided { lived, rest }) => format!("undecided, {lived} tests did not notice, {rest} not asked: {place}"),
            None => format!("not run: {place}"),
        }
    }

    /// Prints the table and what is open, writes the JSON; whether every check is noticed or explained.
    pub fn finish(&self, chosen: &[&Site], known: &Known, root: &Path) -> io::Result<bool> {
        let table = self.table(chosen, known, root)?;
        println!("\n| module | checks | noticed | explained | unnoticed | undecided |\n|---|---|---|---|---|---|");
        let mut sum = [0; 5];
        for (module, row) in &table.modules {
            println!("| `{module}` | {} | {} | {} | {} | {} |", row[0], row[1], row[2], row[3], row[4]);
            sum.iter_mut().zip(row).for_each(|(total, part)| *total += part);
        }
        println!("| together | {} | {} | {} | {} | {} |\n", sum[0], sum[1], sum[2], sum[3], sum[4]);
        table.stale.iter().for_each(|line| println!("explained, yet noticed: {line}"));
        table.open.iter().for_each(|line| println!("{line}"));
        Ok(table.open.is_empty())
    }

    /// What is known so far, written to `target/mutants.json` as well.
    pub fn table(&self, chosen: &[&Site], known: &Known, root: &Path) -> io::Result<Table> {
        let (mut table, mut json) = (Table::default(), Vec::new());
        for site in chosen {
            let module = site.file.trim_start_matches("crates/").replace("/src/", "/");
            let module = module.rsplit_once('/').map_or(module.clone(), |(folder, _)| folder.to_owned());
            let row = table.modules.entry(module).or_default();
            row[0] += 1;
            let (column, verdict, by) = match (self.verdicts.get(&key(site)), known.reason(site)) {
                (Some(Verdict::Noticed(test)), reason) => {
                    table.stale.extend(reason.map(|_| self.line(site)));
                    (1, "noticed", test.as_str())
                }
                (_, Some(reason)) => (2, "explained", reason),
                (Some(Verdict::Survived(_)), None) => (3, "unnoticed", ""),
                (_, None) => (4, "undecided", ""),
            };
            row[column] += 1;
            if 2 < column {
                table.open.push(self.line(site));
            }
            json.push(format!(
                "  {{\"file\": {}, \"line\": {}, \"function\": {}, \"removal\": {}, \"check\": {}, \"verdict\": {}, \"by\": {}}}",
                quoted(&site.file),
                site.line,
                quoted(&site.function),
                quoted(site.removal.name()),
                quoted(&site.code),
                quoted(verdict),
                quoted(by)
            ));
        }
        fs::write(root.join("target/mutants.json"), format!("[\n{}\n]\n", json.join(",\n")))?;
        Ok(table)
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
