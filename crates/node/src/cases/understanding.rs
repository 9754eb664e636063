//! An order as the program understands it, line by line: what two officers compare with the order's own text before they
//! sign (approval 1). The digest they sign covers these lines, so the lines are never translated and never reworded for one
//! case; a change of wording makes open approvals void and is a change of format.

use seal::catalogue::format_rfc3339;
use verify::order::{Scope, ScopeItem};
use verify::record::{Assurance, Record};

/// The lines, without line breaks. Selectors and categories are the order's own; times are UTC.
pub fn lines(record: &Record, scope: &Scope) -> Vec<String> {
    let mut out = Vec::new();
    let mut line = |key: &str, value: String| out.push(format!("{key} {value}"));
    line("kind", format!("{:?}", record.kind()).to_lowercase());
    line("authority", record.authority().map_or_else(String::new, |id| id.as_str().to_owned()));
    if let Some(court) = record.court() {
        line("court", court.as_str().to_owned());
    }
    if let Some(instrument) = record.instrument() {
        line("instrument", instrument.as_str().to_owned());
    }
    if let Some(basis) = record.legal_basis() {
        line("legal-basis", basis.to_owned());
    }
    if let Some(reference) = record.case_ref() {
        line("case-reference", reference.to_owned());
    }
    if let Some(assurance) = record.assurance() {
        line("assurance", if assurance == Assurance::Native { "native" } else { "attested" }.to_owned());
    }
    for (key, span) in [("period", record.period()), ("validity", record.validity())] {
        if let Some(span) = span {
            line(key, format!("{} until {}", utc(span.from()), utc(span.until())));
        }
    }
    if let Some(due) = record.notice_due() {
        line("notice-due", utc(due));
    }
    let mut items: Vec<&ScopeItem> = scope.items().collect();
    items.sort();
    for item in items {
        line("item", item_line(item));
    }
    line("identities", scope.identity_count().to_string());
    out
}

fn item_line(item: &ScopeItem) -> String {
    let (count, len) = (item.count(), item.slot_len().seconds());
    let span = format!("{} until {}", utc(item.start()), utc(item.end()));
    // T31: a selector may hold characters that turn a line around or hide; officers compare what is really there.
    let selector = verify::verdict::escape(&item.selector().to_string());
    format!("{selector} category {} slots {}-{} ({count} of {len} s: {span})", item.category().number(), item.first(), item.last())
}

/// RFC 3339 in UTC, whole seconds; `-` for a time that no calendar shows.
pub fn utc(unix_seconds: u64) -> String {
    let Some(ms) = unix_seconds.checked_mul(1000) else { return "-".to_owned() };
    format_rfc3339(ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use seal::identity::{Category, SlotLen};

    #[test]
    fn t31_a_selector_that_turns_the_line_around_is_shown_as_it_is() {
        let selector = seal::selector::Selector::from_text("account:@a\u{202e}b:example").unwrap();
        let item = ScopeItem::new(selector.clone(), Category::TRAFFIC, SlotLen::HOUR, 1, 1).unwrap();
        assert!(selector.to_string().contains('\u{202e}'), "the raw text has it");
        assert!(!item_line(&item).contains('\u{202e}') && item_line(&item).starts_with("account:@a\\u{202e}b:example "));
    }
}
