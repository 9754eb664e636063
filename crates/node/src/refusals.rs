//! Refusals of DSK, CASE and GWY in Dutch, from one table (`refusals-nl.toml`). Their own texts are English, because they also stand in
//! logs and in answers to machines; whoever shows one to a person looks here.

use std::sync::LazyLock;

use serde::Deserialize;

/// What a person reads, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dutch {
    pub text: String,
    pub hint: String,
}

/// One row of the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub code: String,
    /// The English text that it translates, `{}` for what varies. None: the sentence of the code.
    pub en: Option<String>,
    /// `{}` takes the next part that varies, `{2}` the second.
    pub nl: String,
    pub hint: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    refusal: Vec<Row>,
}

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
    // Cannot fail: the file is part of the program, and a test reads it.
    toml::from_str::<File>(include_str!("../refusals-nl.toml")).map(|file| file.refusal).unwrap_or_default()
});

pub fn table() -> &'static [Row] {
    &TABLE
}

/// The sentence of a code, whatever varies.
pub fn sentence(code: &str) -> Option<&'static str> {
    TABLE.iter().find(|row| row.code == code && row.en.is_none()).map(|row| row.nl.as_str())
}

/// A refusal in Dutch: translated whole where the table has its text, else the sentence of its code with the text behind it.
pub fn dutch(code: &str, text: &str) -> Option<Dutch> {
    let own = TABLE.iter().filter(|row| row.code == code);
    let whole = own.clone().find_map(|row| {
        let parts = varying(row.en.as_ref()?, text)?;
        Some(Dutch { text: filled(&row.nl, &parts), hint: row.hint.clone() })
    });
    whole.or_else(|| {
        let row = own.clone().find(|row| row.en.is_none())?;
        Some(Dutch { text: format!("{} [{text}]", row.nl), hint: row.hint.clone() })
    })
}

/// What stands in `text` where `template` has `{}`; none: it is another text.
fn varying<'t>(template: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut pieces = template.split("{}");
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let mut parts = Vec::new();
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        // The last piece stands at the end; one in between where it is first met.
        let at = if pieces.peek().is_none() { rest.strip_suffix(piece)?.len() } else { rest.find(piece)? };
        parts.push(&rest[..at]);
        rest = &rest[at + piece.len()..];
    }
    rest.is_empty().then_some(parts)
}

fn filled(template: &str, parts: &[&str]) -> String {
    let mut out = String::new();
    let (mut rest, mut next) = (template, parts.iter());
    while let Some((before, after)) = rest.split_once('{') {
        let Some((which, behind)) = after.split_once('}') else { break };
        let chosen =
            if which.is_empty() { next.next() } else { which.parse::<usize>().ok().and_then(|number| parts.get(number.checked_sub(1)?)) };
        out.push_str(before);
        out.push_str(chosen.copied().unwrap_or_default());
        rest = behind;
    }
    out.push_str(rest);
    out
}
