//! Gates 9, 10, 11, 14: identifiers, time, capability, addressee.

use super::competence::not_an_order;
use super::{Facts, Finds};
use crate::identifier::{IdentifierFault, canonical};
use crate::received::{Capacity, DataClass, DataRole, Identifier, Marked, Moment, Order, OrderKind, Reason, TimeRange};
use crate::rules::is_free;

/// GAT-09
pub(super) fn identifiers(facts: &Facts) -> Finds {
    let Some(order) = facts.received.order() else { return not_an_order() };
    if order.identifiers.is_empty() {
        return Finds::fail("no person, account or address is named", "er is geen persoon, account of adres genoemd")
            .ground(Reason::Incomplete)
            .mend("name each identifier in Section E", "noem elk kenmerk in sectie E");
    }
    let mut finds = None;
    for identifier in &order.identifiers {
        let value = &identifier.value;
        if !facts.provider.identifier_kinds.contains(&identifier.kind.value) && canonical(identifier).is_ok() {
            let found = Finds::fail(
                format!("{} is no identifier of our services", identifier.kind.value.code()),
                format!("{} is geen kenmerk van onze diensten", identifier.kind.value.code()),
            );
            return found
                .at(&identifier.kind.place)
                .ground(Reason::InsufficientInformation)
                .mend("give an identifier that the service has", "geef een kenmerk dat de dienst kent");
        }
        match canonical(identifier) {
            Ok(name) if facts.provider.flagged.contains(&name) => {
                finds.get_or_insert(
                    Finds::person(
                        "immunity, privilege or press may protect this account: an extra person looks, and the enforcing authority is involved",
                        "immuniteit, verschoningsrecht of pers kan dit account beschermen: een extra persoon kijkt, en de uitvoerende autoriteit wordt betrokken",
                    )
                    .at(&value.place)
                    .ground(Reason::ImmunityOrPress),
                );
            }
            Ok(_) => {}
            Err(IdentifierFault::Range) => {
                finds.get_or_insert(
                    Finds::person(
                        "a range of addresses: who is meant is not specific",
                        "een reeks adressen: wie bedoeld is, is niet specifiek",
                    )
                    .at(&value.place)
                    .ground(Reason::InsufficientInformation)
                    .mend("name single addresses with port and time", "noem afzonderlijke adressen met poort en tijd"),
                );
            }
            Err(fault) => return wrong_identifier(identifier, fault),
        }
    }
    let count = order.identifiers.len();
    finds.unwrap_or_else(|| Finds::pass(format!("{count} named, each one of its kind"), format!("{count} genoemd, elk van zijn soort")))
}

fn wrong_identifier(identifier: &Identifier, fault: IdentifierFault) -> Finds {
    let kind = identifier.kind.value.code();
    let finds = match fault {
        IdentifierFault::Empty => Finds::fail("an identifier is empty", "een kenmerk is leeg"),
        IdentifierFault::NotOne => Finds::fail(
            format!("this {kind} is not one value: nothing is searched by wildcard or list"),
            format!("deze {kind} is niet één waarde: er wordt niet op jokers of lijsten gezocht"),
        ),
        IdentifierFault::Malformed | IdentifierFault::Range => Finds::fail(
            format!("this is not a {kind} in its form, or its check digit is wrong"),
            format!("dit is geen {kind} in de juiste vorm, of het controlecijfer klopt niet"),
        ),
    };
    finds.at(&identifier.value.place).ground(Reason::ManifestErrors).mend("correct the identifier", "verbeter het kenmerk")
}

/// GAT-10
pub(super) fn time_range(facts: &Facts) -> Finds {
    let Some(order) = facts.received.order() else { return not_an_order() };
    if let Some(own) = &order.own
        && own.valid_until <= facts.now
    {
        return Finds::fail("the order's own validity is over", "de geldigheid van het bevel is voorbij").ground(Reason::ManifestErrors);
    }
    for identifier in &order.identifiers {
        for range in order.ranges_of(identifier) {
            if let Some(finds) = wrong_range(facts, order, range) {
                return finds;
            }
        }
        for seen in &identifier.seen_at {
            if matches!(seen.value, Moment::Unzoned(_)) {
                return unzoned(seen);
            }
        }
        let needs = order
            .requested
            .iter()
            .find(|requested| facts.book.time_range.classes.contains(&requested.class.value) && requested.range.is_none());
        let has = !order.ranges_of(identifier).is_empty() || !identifier.seen_at.is_empty();
        if let Some(requested) = needs.filter(|_| !has && order.kind.value != OrderKind::EpocPr) {
            let class = requested.class.value.code();
            return Finds::fail(
                format!("{class} data are asked for without a time range"),
                format!("{class}-gegevens worden gevraagd zonder periode"),
            )
            .at(&identifier.value.place)
            .article(&facts.book.time_range.article, facts.book.time_range.check)
            .ground(Reason::InsufficientInformation)
            .mend("give the beginning and the end", "geef begin en einde");
        }
    }
    for range in order.requested.iter().filter_map(|requested| requested.range.as_ref()) {
        if let Some(finds) = wrong_range(facts, order, range) {
            return finds;
        }
    }
    Finds::pass("closed, and within what is allowed", "gesloten, en binnen wat mag")
}

fn unzoned<T>(marked: &Marked<T>) -> Finds {
    Finds::fail("a time without its offset from UTC is not a time", "een tijd zonder afstand tot UTC is geen tijd")
        .at(&marked.place)
        .ground(Reason::InsufficientInformation)
        .mend("write the offset, such as 2026-11-01T08:00:00+01:00", "schrijf de afstand erbij, zoals 2026-11-01T08:00:00+01:00")
}

fn wrong_range(facts: &Facts, order: &Order, range: &Marked<TimeRange>) -> Option<Finds> {
    let (Some(start), Some(end)) = (&range.value.start, &range.value.end) else {
        return Some(
            Finds::fail("the time range is open at one side", "de periode is aan één kant open")
                .at(&range.place)
                .ground(Reason::InsufficientInformation)
                .mend("give the beginning and the end", "geef begin en einde"),
        );
    };
    let (Some(from), Some(until)) = (start.earliest(), end.end()) else { return Some(unzoned(range)) };
    if until <= from {
        return Some(
            Finds::fail("the time range ends before it begins", "de periode eindigt voor zij begint")
                .at(&range.place)
                .ground(Reason::ManifestErrors)
                .mend("correct the times", "verbeter de tijden"),
        );
    }
    if let Some(allowed) = &order.authorised
        && let (Some(first), Some(last)) =
            (allowed.value.start.as_ref().and_then(Moment::earliest), allowed.value.end.as_ref().and_then(Moment::end))
        && !(first <= from && until <= last)
    {
        return Some(
            Finds::fail("the time range reaches outside what was authorised", "de periode gaat buiten wat is toegestaan")
                .at(&range.place)
                .ground(Reason::ManifestErrors)
                .mend("keep it within the authorisation", "blijf binnen de toestemming"),
        );
    }
    future(facts, order, range, until)
}

/// Only data held at the time of receipt; a national article may allow some days of the future.
fn future(facts: &Facts, order: &Order, range: &Marked<TimeRange>, until: u64) -> Option<Finds> {
    // A day that is not over counts as far as it is: what is not stored yet is not handed over.
    let latest = match range.value.end {
        Some(Moment::Day(day)) if day == verify::calendar::Day::containing(facts.received_at) => facts.received_at,
        _ => until,
    };
    let power = order
        .national
        .as_ref()
        .and_then(|national| facts.book.national.get(&national.country.value).and_then(|powers| powers.find(&national.article.value)));
    let days = power.map_or(0, |power| power.future_days_max);
    if latest <= facts.received_at + u64::from(days) * verify::calendar::DAY {
        return None;
    }
    let finds = Finds::fail(
        format!("it reaches into the future; {days} days of it are allowed"),
        format!("het reikt in de toekomst; {days} dagen daarvan zijn toegestaan"),
    );
    let finds = finds.at(&range.place).ground(Reason::NotStored);
    let finds = finds.mend(
        "end the range at the day of the order, or use an article for data of the future",
        "laat de periode eindigen op de dag van het bevel, of gebruik een artikel voor toekomstige gegevens",
    );
    Some(match power {
        Some(power) => finds.article(&power.source, power.check),
        None => finds,
    })
}

/// GAT-11
pub(super) fn capability(facts: &Facts) -> Finds {
    let Some(order) = facts.received.order() else { return not_an_order() };
    if let Some(content) = order.requested.iter().find(|requested| requested.class.value == DataClass::Content)
        && order.kind.value != OrderKind::EpocPr
    {
        return Finds::fail(
            "message content is not held in readable form; this system has no record type for it",
            "inhoud van berichten is niet leesbaar voorhanden; dit systeem kent er geen gegevenssoort voor",
        )
        .at(&content.class.place)
        .ground(Reason::NotStored)
        .mend("ask for the other categories only", "vraag alleen de andere categorieën");
    }
    if facts.provider.is_unknown() {
        return Finds::person(
            "what we publish that we can answer is not known here",
            "wat wij publiceren te kunnen beantwoorden is hier niet bekend",
        );
    }
    let options = order.requested.iter().flat_map(|requested| &requested.options);
    if let Some(option) = options.clone().find(|option| !is_free(option.value) && !facts.provider.answers.contains(&option.value))
        && order.kind.value != OrderKind::EpocPr
    {
        return Finds::fail(
            format!("{}: the provider stores no such data", option.value.code()),
            format!("{}: de aanbieder bewaart zulke gegevens niet", option.value.code()),
        )
        .at(&option.place)
        .ground(Reason::NotStored)
        .mend("the provider publishes what it can answer", "de aanbieder publiceert wat hij kan beantwoorden");
    }
    let free = options.clone().find(|option| is_free(option.value)).map(|option| &option.place);
    let text = order.requested.iter().find_map(|requested| requested.other.as_ref()).map(|other| &other.place);
    let text = text.or(order.other_information.as_ref().map(|text| &text.place));
    match free.or(text) {
        Some(place) => Finds::person(
            "free text asks for or limits something: a person reads it",
            "vrije tekst vraagt of beperkt iets: een persoon leest die",
        )
        .at(place),
        None => Finds::pass("everything asked for is among what is published", "alles wat gevraagd is, is gepubliceerd"),
    }
}

/// GAT-14
pub(super) fn addressee(facts: &Facts) -> Finds {
    let Some(order) = facts.received.order() else { return not_an_order() };
    let (addressee, provider) = (&order.addressee, facts.provider);
    if provider.is_unknown() {
        return Finds::person("who we are is not known here", "wie wij zijn is hier niet bekend")
            .at_if(addressee.name.as_ref().map(|name| &name.place));
    }
    let name = addressee.name.as_ref();
    let office = addressee.office.as_ref();
    let named = name.is_some_and(|name| provider.is_called(&name.value));
    let identified = office.is_some_and(|office| provider.is_called(&office.value.id));
    if !named && !identified {
        let place = name.map(|name| &name.place).or(office.map(|office| &office.place));
        return Finds::fail("it is not addressed to this provider", "het is niet aan deze aanbieder gericht")
            .at_if(place)
            .ground(Reason::ServiceNotCovered)
            .mend("send it to the addressee", "zend het naar de geadresseerde");
    }
    if let Some(service) = addressee.provider_concerned.as_ref().filter(|service| !provider.serves(&service.value)) {
        return Finds::fail(
            format!("{} is no service of this provider", service.value),
            format!("{} is geen dienst van deze aanbieder", service.value),
        )
        .at(&service.place)
        .ground(Reason::ServiceNotCovered)
        .mend("name the service that is meant", "noem de bedoelde dienst");
    }
    if let Some(capacity) =
        addressee.capacity.as_ref().filter(|c| c.value == Capacity::AnyEstablishmentInEmergency && !order.is_emergency())
    {
        return Finds::person(
            "addressed to another establishment because of an emergency, and no emergency is stated",
            "wegens spoed aan een andere vestiging gericht, maar er is geen spoed vermeld",
        )
        .at(&capacity.place);
    }
    let Some(role) = &order.conditions.role else {
        return Finds::pass("addressed to us", "aan ons gericht");
    };
    if role.value == DataRole::Processor && order.conditions.role_reason.is_none() {
        return Finds::fail(
            "addressed to the processor, without saying why not to the controller",
            "aan de verwerker gericht, zonder te zeggen waarom niet aan de verantwoordelijke",
        )
        .at(&role.place)
        .ground(Reason::Incomplete)
        .mend("say in Section G why the processor is addressed", "zeg in sectie G waarom de verwerker is aangesproken");
    }
    if role.value != provider.role {
        return Finds::person(
            format!("the form says {}, we are {}", role.value.code(), provider.role.code()),
            format!("het formulier zegt {}, wij zijn {}", role.value.code(), provider.role.code()),
        )
        .at(&role.place)
        .ground(Reason::ManifestErrors);
    }
    Finds::pass("addressed to us, in our role", "aan ons gericht, in onze rol")
}
