//! Gates 13, 15, 17 and 18: the answer, before it leaves.

use super::{Execution, Facts, Finds, GateResult, Route, Verdict, course};
use crate::identifier::canonical;
use crate::received::{Identifier, Moment, Order, Reason};

/// Runs the gates of execution. Gate 13 again: an order may have been withdrawn meanwhile.
pub fn judge_execution(facts: &Facts, execution: &Execution) -> Vec<GateResult> {
    let finds = [(13, course::state(facts)), (15, extraction(facts, execution)), (17, route(facts, execution)), (18, logged(execution))];
    finds.into_iter().map(|(number, finds)| finds.named(number, facts)).collect()
}

/// The answer may leave. Made by [`may_leave`] only, from four gates that pass.
///
/// ```compile_fail
/// let leave = law::gates::MayLeave { original_hash: [0; 32] };
/// ```
#[derive(Debug)]
pub struct MayLeave {
    original_hash: [u8; 32],
}

impl MayLeave {
    /// Of the document that is answered.
    pub fn original_hash(&self) -> &[u8; 32] {
        &self.original_hash
    }
}

/// GAT-21: none of the gates of execution is a person's to override.
pub fn may_leave(facts: &Facts, execution: &Execution) -> Result<MayLeave, Vec<GateResult>> {
    let gates = judge_execution(facts, execution);
    if gates.iter().all(|gate| gate.verdict == Verdict::Pass) {
        return Ok(MayLeave { original_hash: facts.received.envelope.original_hash });
    }
    Err(gates.into_iter().filter(|gate| gate.verdict != Verdict::Pass).collect())
}

/// GAT-15: extraction result ⊆ ordered boxes × identifiers × time.
fn extraction(facts: &Facts, execution: &Execution) -> Finds {
    let Some(order) = facts.received.order() else { return super::competence::not_an_order() };
    if let Some(finds) = over_cardinality(order, execution) {
        return finds;
    }
    for item in &execution.extracted {
        let wrong = |en: &str, nl: &str| Finds::fail(format!("{} rows: {en}", item.rows), format!("{} rijen: {nl}", item.rows));
        let Some(identifier) = order.identifiers.iter().find(|identifier| identifier.value.value == item.identifier) else {
            return wrong("of somebody the order does not name", "van iemand die het bevel niet noemt");
        };
        let ordered = order.requested.iter().find(|requested| {
            let names = requested.identifiers.is_empty()
                || identifier.id.as_ref().is_some_and(|id| requested.identifiers.iter().any(|named| named.value == id.value));
            names && requested.options.iter().any(|option| option.value == item.option)
        });
        let Some(requested) = ordered else {
            return wrong("of a kind the order does not ask for", "van een soort die het bevel niet vraagt").at(&identifier.value.place);
        };
        let own = requested.range.iter().collect::<Vec<_>>();
        let ranges = if own.is_empty() { order.ranges_of(identifier) } else { own };
        let Some(span) = item.span else { continue };
        let inside = |start: Option<u64>, end: Option<u64>| {
            start.is_some_and(|from| from <= span.from()) && end.is_some_and(|until| span.until() <= until)
        };
        let fits = ranges
            .iter()
            .any(|range| inside(range.value.start.as_ref().and_then(Moment::earliest), range.value.end.as_ref().and_then(Moment::end)));
        if !fits && !ranges.is_empty() {
            return wrong("from outside the ordered time", "van buiten de bevolen tijd").at(&ranges[0].place);
        }
    }
    Finds::pass("every row is of an ordered person, kind and time", "elke rij is van een bevolen persoon, soort en tijd")
}

/// Hard cap, before anything is compared: as many persons out as were ordered (T12, Vodafone 2014).
fn over_cardinality(order: &Order, execution: &Execution) -> Option<Finds> {
    let persons: std::collections::BTreeSet<_> = execution.extracted.iter().map(|item| item.identifier.as_str()).collect();
    let ordered: std::collections::BTreeSet<_> =
        order.identifiers.iter().filter_map(|identifier: &Identifier| canonical(identifier).ok()).collect();
    let many = order.identifiers.len().max(ordered.len()) < persons.len();
    many.then(|| Finds::fail("more persons come out than were ordered", "er komen meer personen uit dan bevolen"))
}

/// GAT-17
fn route(facts: &Facts, execution: &Execution) -> Finds {
    let rule = &facts.book.delivery;
    let finds = match execution.route {
        Route::Push if rule.push_bytes_max < execution.package_bytes => Finds::fail(
            format!("{} octets are too many to push; offer them with a manifest", execution.package_bytes),
            format!("{} octetten zijn te veel om te zenden; bied ze aan met een manifest", execution.package_bytes),
        ),
        Route::Pull { days } if !(rule.pull_days_min..=rule.pull_days_max).contains(&days) => Finds::fail(
            format!("a pull window of {days} days; {} to {} are allowed", rule.pull_days_min, rule.pull_days_max),
            format!("een ophaalperiode van {days} dagen; {} tot {} mag", rule.pull_days_min, rule.pull_days_max),
        ),
        Route::Push => Finds::pass("pushed through the system", "gezonden door het systeem"),
        Route::Pull { days } => {
            Finds::pass(format!("offered for {days} days, with a manifest"), format!("{days} dagen aangeboden, met een manifest"))
        }
    };
    finds.article(&rule.article, rule.check)
}

/// GAT-18: there is no release without its entry (P2).
fn logged(execution: &Execution) -> Finds {
    match execution.logged {
        Some((index, size)) if index < size => Finds::pass(format!("entry {index} of {size}"), format!("regel {index} van {size}")),
        _ => Finds::fail(
            "the order stands in no cosigned head of the log yet",
            "het bevel staat nog onder geen medeondertekend hoofd van het logboek",
        )
        .ground(Reason::Impossible),
    }
}
