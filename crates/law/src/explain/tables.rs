//! What each body of law calls what is asked for, with the conflicts.

use std::fmt::Write;

use crate::gates::Facts;
use crate::received::Order;
use crate::rules::{Direction, Regime};
use crate::{Language, Say};

/// One row for each field behind a ticked box (RUL-03).
pub fn classes(facts: &Facts, order: &Order, language: Language) -> String {
    let say = |en: &str, nl: &str| Say::new(en, nl).text(language).to_owned();
    let mut rows = Vec::new();
    for requested in &order.requested {
        let stated = order.national.as_ref().and_then(|national| national.purpose.as_ref()).map(|purpose| purpose.value);
        let purpose = stated.unwrap_or_else(|| requested.class.value.purpose());
        for option in &requested.options {
            rows.extend(facts.book.fields_of(option.value).map(|field| (field, purpose)));
        }
    }
    rows.sort_by(|a, b| a.0.field.cmp(&b.0.field));
    rows.dedup_by(|a, b| a.0.field == b.0.field && a.1 == b.1);
    if rows.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", say("What the law calls it", "Hoe de wet het noemt"));
    for (field, purpose) in rows {
        let found = field.classify(purpose, Direction::Past, Regime::ALL);
        let class = |regime| found.of(regime).map_or("-", |row| row.class.as_str());
        let name = match language {
            Language::English => &field.en,
            Language::Dutch => &field.nl,
        };
        let _ = writeln!(out, "  {name}: EU {}, NL {}, US {}", class(Regime::Eu), class(Regime::Nl), class(Regime::Us));
        if let Some(strictest) = found.strictest().filter(|_| found.is_conflict()) {
            let word = say("the strictest holds", "de strengste geldt");
            let _ = writeln!(out, "    ! {word}: {} {} ({})", strictest.regime.code().to_uppercase(), strictest.class, strictest.article);
        }
    }
    out
}
