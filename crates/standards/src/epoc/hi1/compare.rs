//! STD-69: where the index and the form say different things (etsi.md section 6). Nobody chooses between them but a person.

use super::request_value;
use crate::tree::Position;
use law::received::{Body, DeadlineChoice, Difference, Marked, Order, Place};
use std::collections::BTreeSet;

/// Differences between what the objects say and what the form says. Empty: the index can be believed.
pub(super) fn differences(index: &Body, form: &Body, document: &Position) -> Vec<Difference> {
    let mut found = Differences { found: Vec::new(), document: Place::new(document.line, document.column, "DocumentBody") };
    match (index, form) {
        (Body::Order(index), Body::Order(form)) => found.orders(index, form),
        (Body::FollowUp(index), Body::FollowUp(form)) => {
            if index.kind.value != form.kind.value {
                found.find(
                    "follow-up",
                    format!("{:?}", index.kind.value),
                    &index.kind.place,
                    format!("{:?}", form.kind.value),
                    &form.kind.place,
                );
            }
        }
        // A message whose actions do one thing while its form says another.
        (index, form) if std::mem::discriminant(index) != std::mem::discriminant(form) => {
            let nowhere = Place::default();
            found.find("kind of message", name(index).to_owned(), &nowhere, name(form).to_owned(), &nowhere);
        }
        _ => {}
    }
    found.found
}

fn name(body: &Body) -> &'static str {
    match body {
        Body::Order(_) => "an order",
        Body::NonExecution(_) => "Form 3",
        Body::FollowUp(_) => "Form 5 or 6",
        Body::Withdrawal(_) => "a withdrawal",
    }
}

struct Differences {
    found: Vec<Difference>,
    document: Place,
}

impl Differences {
    fn find(&mut self, what: &str, message: String, at: &Place, form: String, inside: &Place) {
        let inside = if *inside == Place::default() { self.document.clone() } else { inside.clone().in_document(1) };
        self.found.push(Difference { what: what.to_owned(), message: Marked::at(message, at.clone()), form: Marked::at(form, inside) });
    }

    fn sets(&mut self, what: &str, index: BTreeSet<String>, at: &Place, form: BTreeSet<String>, inside: &Place) {
        if index != form {
            let join = |set: BTreeSet<String>| set.into_iter().collect::<Vec<_>>().join(", ");
            self.find(what, join(index), at, join(form), inside);
        }
    }

    fn orders(&mut self, index: &Order, form: &Order) {
        if index.kind.value != form.kind.value {
            self.find(
                "kind of order",
                format!("{:?}", index.kind.value),
                &index.kind.place,
                format!("{:?}", form.kind.value),
                &form.kind.place,
            );
        }
        let (here, there) = (&index.kind.place, &form.kind.place);
        let classes = |order: &Order| order.classes().into_iter().map(|class| class.code().to_owned()).collect();
        let first = |order: &Order, or: &Place| order.requested.first().map_or_else(|| or.clone(), |one| one.class.place.clone());
        self.sets("data category", classes(index), &first(index, here), classes(form), &first(form, there));

        let said: BTreeSet<String> = index.identifiers.iter().map(|one| one.value.value.clone()).collect();
        // Those that no format can say are left out of the index by everyone.
        let meant = form.identifiers.iter().filter_map(|one| request_value(one.kind.value, &one.value.value));
        let meant: BTreeSet<String> = meant.map(|value| value.value.as_str().to_owned()).collect();
        let place = |order: &Order, or: &Place| order.identifiers.first().map_or_else(|| or.clone(), |one| one.value.place.clone());
        self.sets("identifiers", said, &place(index, here), meant, &place(form, there));

        self.deadlines(index, form);
        let emergency = |order: &Order| order.without_validation.as_ref().is_some_and(|said| said.value);
        if emergency(index) != emergency(form) {
            self.find("emergency without validation", emergency(index).to_string(), here, emergency(form).to_string(), there);
        }
        let number = |order: &Order| order.issuing.file_number.as_ref().map_or_else(String::new, |number| number.value.clone());
        if number(index) != number(form) {
            self.find("file number", number(index), here, number(form), there);
        }
        let validated = |order: &Order| order.validating.is_some();
        if validated(index) != validated(form) {
            self.find("validating authority", validated(index).to_string(), here, validated(form).to_string(), there);
        }
        self.times(index, form);
    }

    /// The index says one priority; the form may tick several boxes, of which the shortest is the index's.
    fn deadlines(&mut self, index: &Order, form: &Order) {
        let class = |choice: DeadlineChoice| if choice.is_emergency() { "EIGHT_HOURS" } else { choice.code() };
        let of = |order: &Order| order.deadlines.iter().map(|said| class(said.value).to_owned()).collect::<BTreeSet<String>>();
        self.sets("deadline", of(index), &index.kind.place, of(form), &form.kind.place);
    }

    /// The earliest beginning and the latest end asked for.
    fn times(&mut self, index: &Order, form: &Order) {
        let edges = |order: &Order| {
            let ranges: Vec<_> = order.identifiers.iter().flat_map(|one| order.ranges_of(one)).collect();
            let start = ranges.iter().filter_map(|range| range.value.start.as_ref()?.earliest()).min();
            let end = ranges.iter().filter_map(|range| range.value.end.as_ref()?.earliest()).max();
            (start, end)
        };
        let form_has_class_ranges = form.requested.iter().any(|one| one.range.is_some());
        let (said, meant) = (edges(index), edges(form));
        if said != meant && !form_has_class_ranges {
            let spell = |(start, end): (Option<u64>, Option<u64>)| {
                let one = |at: Option<u64>| {
                    at.map_or_else(|| "open".to_owned(), |at| crate::epoc::pen::spell_moment(&law::received::Moment::Instant(at)))
                };
                format!("{} to {}", one(start), one(end))
            };
            let (at, inside) = (index.kind.place.clone(), form.kind.place.clone());
            self.find("time range", spell(said), &at, spell(meant), &inside);
        }
    }
}
