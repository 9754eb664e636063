//! What was found, kept line by line so that a run can go on where it stopped; at the end `target/mutants.json`.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::judges::Verdict;
use crate::known::Known;
use crate::sites::Site;

pub struct Report {
    file: PathBuf,
    digest: u64,
    verdicts: BTreeMap<String, Verdict>,
}

/// A check keeps its key when lines move.
fn key(site: &Site) -> String {
    format!("{} {} {} {} {}", site.file, site.function, site.removal.name(), site.code, site.occurrence)
}

impl Report {
    /// Verdicts hold for one tree. `take_kills` takes over earlier kills of other trees, on word.
    pub fn resume(place: &Path, digest: u64, take_kills: bool) -> io::Result<Report> {
        let file = place.join("verdicts.txt");
        let mut report = Report { file, digest, verdicts: BTreeMap::new() };
        let text = fs::read_to_string(&report.file).unwrap_or_default();
        for line in text.lines() {
            let parts: Vec<&str> = line.split('\t').collect();
            let [tree, key, verdict] = parts.as_slice() else { continue };
            let same_tree = *tree == format!("{digest:016x}");
            let verdict = match verdict.split_once(' ') {
                Some(("noticed", test)) if same_tree || take_kills => Verdict::Noticed(test.to_owned()),
                _ => continue,
            };
            report.verdicts.insert((*key).to_owned(), verdict);
        }
        Ok(report)
    }

    pub fn has(&self, site: &Site) -> bool {
        self.verdicts.contains_key(&key(site))
    }

    /// Keeps a kill, so that a run that is broken off need not find it again.
    pub fn keep(&mut self, site: &Site, test: String) -> io::Result<()> {
        let mut file = OpenOptions::new().append(true).create(true).open(&self.file)?;
        writeln!(file, "{:016x}\t{}\tnoticed {test}", self.digest, key(site))?;
        self.set(site, Verdict::Noticed(test));
        Ok(())
    }

    pub fn set(&mut self, site: &Site, verdict: Verdict) {
        self.verdicts.insert(key(site), verdict);
    }

    pub fn line(&self, site: &Site) -> String {
        let place = format!("{}:{} {} [{}] {}", site.file, site.line, site.function, site.removal.name(), site.code);
        match self.verdicts.get(&key(site)) {
            Some(Verdict::Noticed(test)) => format!("noticed by {test}: {place}"),
            Some(Verdict::Survived(count)) => format!("SURVIVED {count} tests: {place}"),
            Some(Verdict::NeverMattered) => format!("NEVER MATTERED: {place}"),
            None => format!("not run: {place}"),
        }
    }

    /// Prints the table, writes the JSON; whether every check is noticed or explained.
    pub fn finish(&self, chosen: &[&Site], known: &Known, root: &Path) -> io::Result<bool> {
        let mut table: BTreeMap<String, [usize; 4]> = BTreeMap::new();
        let (mut json, mut open, mut stale) = (Vec::new(), Vec::new(), Vec::new());
        for site in chosen {
            let module = site.file.trim_start_matches("crates/").replace("/src/", "/");
            let module = module.rsplit_once('/').map_or(module.clone(), |(folder, _)| folder.to_owned());
            let row = table.entry(module).or_default();
            row[0] += 1;
            let (verdict, by) = match (self.verdicts.get(&key(site)), known.reason(site)) {
                (Some(Verdict::Noticed(test)), None) => {
                    row[1] += 1;
                    ("noticed", test.as_str())
                }
                (Some(Verdict::Noticed(test)), Some(_)) => {
                    row[1] += 1;
                    stale.push(self.line(site));
                    ("noticed", test.as_str())
                }
                (_, Some(reason)) => {
                    row[2] += 1;
                    ("explained", reason)
                }
                (_, None) => {
                    row[3] += 1;
                    open.push(self.line(site));
                    ("unnoticed", "")
                }
            };
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
        println!("\n| module | checks | noticed | explained | unnoticed |\n|---|---|---|---|---|");
        let mut sum = [0; 4];
        for (module, row) in &table {
            println!("| `{module}` | {} | {} | {} | {} |", row[0], row[1], row[2], row[3]);
            sum.iter_mut().zip(row).for_each(|(total, part)| *total += part);
        }
        println!("| together | {} | {} | {} | {} |\n", sum[0], sum[1], sum[2], sum[3]);
        stale.iter().for_each(|line| println!("explained, yet noticed: {line}"));
        open.iter().for_each(|line| println!("{line}"));
        Ok(open.is_empty())
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
