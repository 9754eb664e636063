//! Gates 12, 13, 16: notification and its hold, the course of the order, how often a person was ordered.

use super::competence::not_an_order;
use super::{Course, EnforcingAnswer, Facts, Finds};
use crate::clock;
use crate::identifier::canonical;
use crate::received::{Body, DeadlineChoice, FollowUpKind, OrderKind, Reason};
use crate::rules::PeriodName;

/// GAT-12
pub(super) fn notification(facts: &Facts) -> Finds {
    let Some(order) = facts.received.order() else { return not_an_order() };
    let rule = &facts.book.notification;
    if order.kind.value != OrderKind::Epoc {
        return Finds::pass("this form knows no notification", "dit formulier kent geen kennisgeving");
    }
    let chosen = |choice| order.deadlines.iter().find(|given| given.value == choice);
    let (soon, after) = (chosen(DeadlineChoice::WithinTenDays), chosen(DeadlineChoice::AtEndOfTenDays));
    let emergency = order.deadlines.iter().any(|choice| choice.value.is_emergency());
    let place = order.deadlines.first().map(|choice| &choice.place);
    if order.deadlines.is_empty() {
        return Finds::person("no deadline is chosen: ten days hold", "er is geen termijn gekozen: tien dagen gelden")
            .ground(Reason::Incomplete)
            .mend("choose a deadline in Section C", "kies een termijn in sectie C");
    }
    let notifiable = order.requested.iter().any(|requested| rule.classes.contains(&requested.class.value));
    if let Some(enforcing) = order.enforcing.as_ref().filter(|_| !notifiable) {
        let place = enforcing.name.as_ref().map(|name| &name.place);
        return Finds::fail(
            "an enforcing authority is notified, and nothing asked for needs that",
            "een uitvoerende autoriteit is in kennis gesteld, en niets van het gevraagde vraagt dat",
        )
        .at_if(place)
        .article(&rule.article, rule.check)
        .ground(Reason::ManifestErrors)
        .mend("leave Section K empty for subscriber and identifying data", "laat sectie K leeg bij abonnee- en identificerende gegevens");
    }
    if soon.is_some() && after.is_some() {
        return Finds::person(
            "both ten-day boxes are ticked: the hold is kept until a person decides",
            "beide vakjes van tien dagen zijn aangekruist: de opschorting geldt tot een persoon beslist",
        )
        .at_if(place)
        .mend("tick one of the two", "kruis een van de twee aan");
    }
    if after.is_some() != order.enforcing.is_some() && !emergency {
        return Finds::fail(
            "the deadline for a notified order and Section K do not agree",
            "de termijn voor een bevel met kennisgeving en sectie K spreken elkaar tegen",
        )
        .at_if(place)
        .article(&rule.article, rule.check)
        .ground(Reason::ManifestErrors)
        .mend("fill in Section K, or choose the deadline without notification", "vul sectie K in, of kies de termijn zonder kennisgeving");
    }
    if emergency && (soon.is_some() || after.is_some()) {
        return Finds::person(
            "an emergency and a ten-day box are both ticked: the shorter clock runs",
            "spoed en een vakje van tien dagen zijn beide aangekruist: de kortste klok loopt",
        )
        .at_if(place);
    }
    if after.is_some() { suspension(facts) } else { Finds::pass("consistent; nothing is suspended", "kloppend; er wordt niets opgeschort") }
}

/// Nothing leaves before day 10 ends, unless the enforcing authority says earlier that it will not refuse.
fn suspension(facts: &Facts) -> Finds {
    match facts.history.enforcing {
        Some(EnforcingAnswer::Consents { .. }) => {
            return Finds::pass("the enforcing authority will not refuse", "de uitvoerende autoriteit weigert niet");
        }
        Some(EnforcingAnswer::Refuses { .. }) => {
            return Finds::fail("the enforcing authority refuses", "de uitvoerende autoriteit weigert").article("Art 12", true);
        }
        None => {}
    }
    let ends =
        clock::start(facts.book, PeriodName::Production, &facts.provider.state, facts.received_at).map(|deadline| deadline.deadline_at);
    match ends {
        Some(ends) if ends <= facts.now => Finds::pass("day 10 is over and nobody refused", "dag 10 is voorbij en niemand heeft geweigerd"),
        _ => Finds::hold(
            ends,
            "nothing leaves before day 10 ends or the enforcing authority says that it will not refuse",
            "er gaat niets uit voor dag 10 voorbij is of de uitvoerende autoriteit zegt niet te weigeren",
        ),
    }
}

/// GAT-13. The same transaction, or the same document again, is one order (R7).
pub(super) fn state(facts: &Facts) -> Finds {
    let envelope = &facts.received.envelope;
    if let Body::FollowUp(form) = &facts.received.body {
        let reference = form.preservation_reference.as_ref();
        let Some(until) = reference.and_then(|reference| facts.history.preservations.get(&reference.value)) else {
            return Finds::fail(
                "it follows up a preservation order that we do not have",
                "het volgt op een bewaringsbevel dat wij niet hebben",
            )
            .at_if(reference.map(|reference| &reference.place))
            .ground(Reason::InsufficientInformation)
            .mend("give the reference of the EPOC-PR", "geef het kenmerk van de EPOC-PR");
        };
        if *until <= facts.received_at {
            return Finds::fail("that preservation had ended when this came", "die bewaring was voorbij toen dit kwam")
                .at_if(reference.map(|reference| &reference.place))
                .ground(Reason::NotStored);
        }
        let longer = form.requested_expiry.as_ref().filter(|_| form.kind.value == FollowUpKind::Extension);
        let days = facts.book.period(PeriodName::PreservationExtension).map_or(0, |period| u64::from(period.count));
        if let Some(asked) = longer.filter(|asked| asked.value.end().is_none_or(|end| until + (days + 1) * verify::calendar::DAY < end)) {
            return Finds::person(
                format!("an expiry beyond {days} days on the existing one is asked for"),
                format!("er wordt een einde gevraagd dat meer dan {days} dagen na het bestaande ligt"),
            )
            .at(&asked.place);
        }
        return Finds::pass("the preservation it follows up runs", "de bewaring waarop het volgt loopt");
    }
    let by_hash = verify::spelling::hex(&envelope.original_hash);
    let keys = envelope.transaction.iter().map(|transaction| &transaction.value).chain([&by_hash]);
    let course = keys.filter_map(|key| facts.history.orders.get(key)).find(|course| **course != Course::Open);
    let place = envelope.transaction.as_ref().map(|transaction| &transaction.place);
    let (en, nl) = match course {
        None => return Finds::pass("open", "open"),
        Some(Course::Withdrawn) => ("the order was withdrawn", "het bevel is ingetrokken"),
        Some(Course::Refused) => ("the order was refused before", "het bevel is eerder geweigerd"),
        Some(Course::Expired) => ("the order has expired", "het bevel is verlopen"),
        Some(Course::Executed | Course::Open) => {
            ("the order was answered before: the same answer holds", "het bevel is eerder beantwoord: hetzelfde antwoord geldt")
        }
    };
    Finds::fail(en, nl).at_if(place)
}

/// GAT-16. The counter is per person: spellings of one identifier count together.
pub(super) fn linkage(facts: &Facts) -> Finds {
    let Some(order) = facts.received.order() else { return not_an_order() };
    let rule = &facts.book.linkage;
    let since = facts.received_at.saturating_sub(u64::from(rule.window_days) * verify::calendar::DAY);
    let mut most = 0;
    for identifier in &order.identifiers {
        let Ok(person) = canonical(identifier) else { continue };
        let times = facts.history.linkage.get(&person).map_or(&[][..], Vec::as_slice);
        let count = 1 + times.iter().filter(|at| since <= **at && **at <= facts.received_at).count();
        if usize::try_from(rule.orders_max).is_ok_and(|max| max < count) {
            return Finds::person(
                format!(
                    "order number {count} for this person in {} days: a pattern of a life may be drawn from them together",
                    rule.window_days
                ),
                format!(
                    "bevel nummer {count} voor deze persoon in {} dagen: samen kunnen ze het patroon van een leven tonen",
                    rule.window_days
                ),
            )
            .at(&identifier.value.place)
            .article(&rule.article, rule.check)
            .mend("have a court review the orders together", "laat een rechter de bevelen samen toetsen");
        }
        most = most.max(count);
    }
    Finds::pass(
        format!("at most order number {most} for one person in {} days", rule.window_days),
        format!("hoogstens bevel nummer {most} voor één persoon in {} dagen", rule.window_days),
    )
}
