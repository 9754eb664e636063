//! A figure, its bar, and the table of all.

/// What a figure is held against.
#[derive(Clone, Debug)]
pub enum Bar {
    AtLeast(f64),
    AtMost(f64),
    /// A peer's figure, or one that explains another.
    Beside,
}

#[derive(Clone, Debug)]
pub struct Figure {
    /// Group and name, as in `sealing/warm`.
    pub name: &'static str,
    pub what: String,
    pub value: f64,
    pub unit: &'static str,
    pub bar: Bar,
}

impl Figure {
    pub fn new(name: &'static str, what: impl Into<String>, value: f64, unit: &'static str, bar: Bar) -> Figure {
        Figure { name, what: what.into(), value, unit, bar }
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

/// Markdown, readable as it stands.
pub fn table(figures: &[Figure]) -> String {
    let mut out = String::from("| what | figure | bar | |\n|---|---|---|---|\n");
    for figure in figures {
        let value = format!("{} {}", number(figure.value), figure.unit);
        out.push_str(&format!("| {} | {value} | {} | {} |\n", figure.what, figure.bar_text(), figure.verdict()));
    }
    out
}

/// One object: the machine, then each figure by name.
pub fn json(machine: &[(&'static str, String)], figures: &[Figure]) -> String {
    let text = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let machine: Vec<String> = machine.iter().map(|(key, value)| format!("{}:{}", text(key), text(value))).collect();
    let figure = |figure: &Figure| {
        let bar = match figure.bar {
            Bar::AtLeast(bar) => format!(",\"at_least\":{bar}"),
            Bar::AtMost(bar) => format!(",\"at_most\":{bar}"),
            Bar::Beside => String::new(),
        };
        let (name, what, unit) = (text(figure.name), text(&figure.what), text(figure.unit));
        format!("{{\"name\":{name},\"unit\":{unit},\"value\":{}{bar},\"what\":{what}}}", figure.value)
    };
    let figures: Vec<String> = figures.iter().map(figure).collect();
    format!("{{\"schema\":\"waarborg-bench/v1\",\"machine\":{{{}}},\"figures\":[{}]}}\n", machine.join(","), figures.join(","))
}
