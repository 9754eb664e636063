//! REL-34: what the order says and what would be opened, side by side, for a person to look at before a key is made.
//!
//! Nothing here is judged; the list does that afterwards. It is the one place that shows selectors, and it shows them only on
//! the screen of the person who asked with `--confirm`. Every value comes through the strict readers, which take no control
//! characters, so no order can redraw the screen.

use std::collections::BTreeMap;

use seal::identity::Slot;
use verify::bundle::Bundle;
use verify::calendar::Day;
use verify::order::ScopeItem;
use verify::policy::Policy;
use verify::verdict::escape;

use crate::ceremony::spoken;
use crate::cli::Language;

/// The text for one bundle.
pub fn side_by_side(bundle: &Bundle, policy: &Policy, language: Language) -> String {
    let mut text = order_lines(bundle, language);
    let rows = bundle.intent.identities();
    let mut shown = 0;
    for item in bundle.order.scope().items() {
        text.push_str(&item_lines(item, policy, language));
        let mut slots: Vec<Slot> =
            rows.iter().filter(|row| item.names(&row.selector, row.category, row.slot)).map(|row| row.slot).collect();
        slots.sort_by_key(|slot| slot.no());
        shown += slots.len();
        let count = slots.len();
        let opened = language.pick("to be opened", "te openen");
        text.push_str(&format!("    {opened}: {count} / {}\n", item.count()));
        for (from, until) in runs(&slots) {
            text.push_str(&format!("      {} .. {}\n", moment(from), moment(until)));
        }
    }
    if shown != rows.len() {
        let beyond = language.pick("NOT IN THE ORDER", "NIET IN HET BEVEL");
        text.push_str(&format!("\n{beyond}: {}\n", rows.len().saturating_sub(shown)));
        for row in rows.iter().filter(|row| !bundle.order.scope().names(&row.selector, row.category, row.slot)) {
            text.push_str(&format!("    {} {} {}\n", row.selector, row.category.number(), moment(row.slot.start())));
        }
    }
    text.push_str(&format!("\n    {}\n", spoken(&bundle.order.record().d())));
    // T31: readers refuse control characters, but a selector may still turn a line around or hide in it.
    text.lines().map(|line| escape(line) + "\n").collect()
}

/// What the person types to say yes: the first two groups of the order's numbers, so that nobody confirms by habit.
pub fn confirmation(bundle: &Bundle) -> String {
    spoken(&bundle.order.record().d()).split(' ').take(2).collect::<Vec<_>>().join(" ")
}

fn order_lines(bundle: &Bundle, language: Language) -> String {
    let record = bundle.order.record().record();
    let mut lines: BTreeMap<u8, (&str, String)> = BTreeMap::new();
    let mut add = |place, label, value: Option<String>| {
        if let Some(value) = value {
            lines.insert(place, (label, value));
        }
    };
    let span = |span: verify::names::Span| format!("{} .. {}", moment(span.from()), moment(span.until()));
    add(1, language.pick("kind", "soort"), Some(record.kind().number().to_string()));
    add(2, language.pick("authority", "autoriteit"), record.authority().map(ToString::to_string));
    add(3, language.pick("court", "gerecht"), record.court().map(ToString::to_string));
    add(4, language.pick("instrument", "instrument"), record.instrument().map(ToString::to_string));
    add(5, language.pick("legal basis", "grondslag"), record.legal_basis().map(ToOwned::to_owned));
    add(6, language.pick("case", "zaak"), record.case_ref().map(ToOwned::to_owned));
    add(7, language.pick("period", "periode"), record.period().map(span));
    add(8, language.pick("valid", "geldig"), record.validity().map(span));
    add(9, language.pick("notice due", "kennisgeving"), record.notice_due().map(moment));
    lines.values().map(|(label, value)| format!("{label:<14}{value}\n")).collect()
}

fn item_lines(item: &ScopeItem, policy: &Policy, language: Language) -> String {
    let slug = policy.category(item.category()).map_or("?", |category| category.slug.as_str());
    let ordered = language.pick("ordered", "bevolen");
    format!(
        "\n{}  {} ({slug})\n    {ordered}: {} .. {}\n",
        item.selector(),
        item.category().number(),
        moment(item.start()),
        moment(item.end())
    )
}

/// Neighbouring slots as one span of time.
fn runs(slots: &[Slot]) -> Vec<(u64, u64)> {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for slot in slots {
        match runs.last_mut() {
            Some((_, until)) if *until == slot.start() => *until = slot.end(),
            _ => runs.push((slot.start(), slot.end())),
        }
    }
    runs
}

/// A time as people read it, UTC.
pub fn moment(unix: u64) -> String {
    let second = unix % 86_400;
    format!("{} {:02}:{:02}:{:02}", Day::containing(unix), second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use seal::identity::SlotLen;

    #[test]
    fn rel_34_only_what_follows_without_a_gap_is_one_span() {
        let hour = |n: u64| Slot::new(SlotLen::HOUR, 480_000 + n).unwrap();
        let start = |n: u64| hour(n).start();
        assert_eq!(runs(&[]), []);
        assert_eq!(
            runs(&[hour(0), hour(1), hour(3), hour(5), hour(6)]),
            [(start(0), start(2)), (start(3), start(4)), (start(5), start(7))]
        );
    }
}
