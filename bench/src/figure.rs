//! A figure, its bar, and the table of all.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Size;

/// What a figure is held against: in JSON the member `at_least`, `at_most` or `beside` of its figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bar {
    AtLeast(f64),
    AtMost(f64),
    /// A peer's figure, or one that explains another.
    Beside,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Group and name, as in `sealing/warm`.
    pub name: String,
    pub unit: String,
    pub value: f64,
    #[serde(flatten)]
    pub bar: Bar,
    pub what: String,
}

impl Figure {
    pub fn new(name: &str, what: impl Into<String>, value: f64, unit: &str, bar: Bar) -> Figure {
        Figure { name: name.into(), unit: unit.into(), value, bar, what: what.into() }
    }

    pub fn verdict(&self) -> &'static str {
        let reached = match self.bar {
            Bar::AtLeast(bar) => bar <= self.value,
            Bar::AtMost(bar) => self.value <= bar,
            Bar::Beside => return "",
        };
        if reached { "reached" } else { "MISSED" }
    }

    pub fn bar_text(&self) -> String {
        match self.bar {
            Bar::AtLeast(bar) => format!("at least {}", number(bar)),
            Bar::AtMost(bar) => format!("at most {}", number(bar)),
            Bar::Beside => String::new(),
        }
    }
}

/// Three significant digits, thousands apart.
pub fn number(value: f64) -> String {
    if value < 1_000.0 {
        let decimals = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
        return format!("{value:.decimals$}");
    }
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position != 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Markdown, readable as it stands. A quick run measures too little to be held against a bar.
pub fn table(figures: &[Figure], size: Size) -> String {
    let mut out = String::from("| what | figure | bar | |\n|---|---|---|---|\n");
    for figure in figures {
        let value = format!("{} {}", number(figure.value), figure.unit);
        let held = match figure.bar {
            Bar::Beside => "",
            _ => size.pick("not held: quick", figure.verdict()),
        };
        out.push_str(&format!("| {} | {value} | {} | {held} |\n", figure.what, figure.bar_text()));
    }
    out
}

/// What `--json` writes, schema `waarborg-bench/v1`: the machine's description by key, and the figures in the order of the table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    schema: String,
    pub machine: BTreeMap<String, String>,
    pub figures: Vec<Figure>,
}

impl Report {
    pub fn new(machine: &[(&'static str, String)], figures: Vec<Figure>) -> Report {
        let machine = machine.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        Report { schema: "waarborg-bench/v1".into(), machine, figures }
    }

    pub fn write(&self, file: &Path) -> io::Result<()> {
        std::fs::write(file, serde_json::to_string(self)? + "\n")
    }

    pub fn read(file: &Path) -> io::Result<Report> {
        Ok(serde_json::from_str(&std::fs::read_to_string(file)?)?)
    }
}
