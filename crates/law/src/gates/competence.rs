//! Gates 5 to 8: role × category, offence, validation, emergency.

use super::intake::{answering, authority};
use super::{Facts, Finds};
use crate::received::{AuthorityKind, DataClass, Marked, Order, OrderKind, Purpose, Reason, Requested};
use crate::rules::{Direction, JudgeRule, OrderWord, Power, PowerOrder, Regime};

fn kind_nl(kind: AuthorityKind) -> &'static str {
    match kind {
        AuthorityKind::Judge => "rechter, gerecht of onderzoeksrechter",
        AuthorityKind::Prosecutor => "officier van justitie",
        AuthorityKind::Other => "andere bevoegde autoriteit",
    }
}

fn kind_en(kind: AuthorityKind) -> &'static str {
    match kind {
        AuthorityKind::Judge => "judge, court or investigating judge",
        AuthorityKind::Prosecutor => "public prosecutor",
        AuthorityKind::Other => "other competent authority",
    }
}

pub(super) fn not_an_order() -> Finds {
    Finds::pass("nothing of the kind stands in this form", "dit formulier kent dat niet")
}

/// The kind under which it speaks, and where the form says so. What the registry knows outweighs what the form says.
fn speaker<'o>(facts: &Facts, order: &'o Order) -> Option<(AuthorityKind, Option<&'o Marked<AuthorityKind>>)> {
    let claimed = match &order.validating {
        Some(party) if party.kind.is_some() => party.kind.as_ref(),
        _ => order.issuing.kind.as_ref(),
    };
    let known = authority(facts).map(|authority| authority.kind);
    known.or(claimed.map(|kind| kind.value)).map(|kind| (kind, claimed))
}

/// GAT-05
pub(super) fn role(facts: &Facts) -> Finds {
    let Some(order) = facts.received.order() else { return not_an_order() };
    if order.kind.value == OrderKind::National {
        return national_role(facts, order);
    }
    let Some((kind, claimed)) = speaker(facts, order) else {
        return Finds::fail("the form does not say what the authority is", "het formulier zegt niet wat de autoriteit is")
            .ground(Reason::Incomplete)
            .mend("fill in the type of authority in Section I", "vul in sectie I de soort autoriteit in");
    };
    let place = claimed.map(|claimed| &claimed.place);
    if order.requested.is_empty() {
        return Finds::fail("no data category is asked for", "er wordt geen gegevenscategorie gevraagd")
            .ground(Reason::Incomplete)
            .mend("tick what is asked for in Section F", "kruis in sectie F aan wat wordt gevraagd");
    }
    for requested in &order.requested {
        let class = requested.class.value;
        let Some(rule) = facts.book.issuer(order.kind.value, class) else { continue };
        // Whether the issuer alone suffices is gate 7; here the one who answers for it has to be competent.
        let allowed = if order.validating.is_some() { &rule.may_validate } else { &rule.may_issue };
        let issues_only = order.validating.is_none() && kind == AuthorityKind::Other;
        if !allowed.contains(&kind) && !issues_only {
            return Finds::fail(
                format!("a {} can not order {} data", kind_en(kind), class.code()),
                format!("een {} kan geen {}-gegevens bevelen", kind_nl(kind), class.code()),
            )
            .at_if(place)
            .article(&rule.article, rule.check)
            .ground(Reason::NotCompetent)
            .mend(
                "have a judge, court or investigating judge issue or validate it",
                "laat een rechter, gerecht of onderzoeksrechter het uitvaardigen of valideren",
            );
        }
        if let Some(authority) = authority(facts)
            && !authority.signs.contains(&class)
            && !(order.is_emergency() && authority.emergencies.contains(&class))
        {
            return Finds::fail(
                format!("{} is not entered in the registry for {} data", authority.name, class.code()),
                format!("{} staat niet in het register voor {}-gegevens", authority.name, class.code()),
            )
            .at(&requested.class.place)
            .article(&rule.article, rule.check)
            .ground(Reason::NotCompetent)
            .mend(
                "have the order given by an authority that is competent for it",
                "laat het bevel geven door een autoriteit die ervoor bevoegd is",
            );
        }
    }
    match claimed {
        Some(claimed) if claimed.value != kind => Finds::person(
            format!("the form says {}, the registry {}", kind_en(claimed.value), kind_en(kind)),
            format!("het formulier zegt {}, het register {}", kind_nl(claimed.value), kind_nl(kind)),
        )
        .at(&claimed.place),
        _ => Finds::pass(kind_en(kind), kind_nl(kind)),
    }
}

fn power<'f>(facts: &Facts<'f>, order: &Order) -> Result<&'f Power, Finds> {
    let Some(national) = &order.national else {
        return Err(Finds::fail("a national order names its article", "een nationaal bevel noemt zijn artikel")
            .ground(Reason::Incomplete)
            .mend("name the article", "noem het artikel"));
    };
    let powers = facts.book.national.get(&national.country.value);
    powers.and_then(|powers| powers.find(&national.article.value)).ok_or_else(|| {
        Finds::person(
            format!("no rule file knows {} {}", national.country.value, national.article.value),
            format!("geen regelbestand kent {} {}", national.country.value, national.article.value),
        )
        .at(&national.article.place)
    })
}

fn purpose_of(order: &Order, requested: &Requested) -> Purpose {
    let stated = order.national.as_ref().and_then(|national| national.purpose.as_ref()).map(|purpose| purpose.value);
    // Without a word on it, the stricter reading holds.
    stated.unwrap_or(requested.class.value.purpose())
}

/// The field × purpose × direction of a national order against its article (RUL-03).
fn national_role(facts: &Facts, order: &Order) -> Finds {
    let power = match power(facts, order) {
        Ok(power) => power,
        Err(finds) => return finds,
    };
    let Some(national) = &order.national else { return not_an_order() };
    let here = |finds: Finds| finds.article(&power.source, power.check);
    if !power.served || matches!(power.order, PowerOrder::Interception | PowerOrder::Decryption) {
        return here(Finds::fail(power.en.clone(), power.nl.clone()).at(&national.article.place).ground(Reason::NotStored));
    }
    if let Some((kind, claimed)) = speaker(facts, order)
        && !power.roles.contains(&kind)
    {
        return here(
            Finds::fail(
                format!("a {} can not order under Article {}", kind_en(kind), power.article),
                format!("een {} kan niet vorderen onder artikel {}", kind_nl(kind), power.article),
            )
            .at_if(claimed.map(|claimed| &claimed.place))
            .ground(Reason::NotCompetent)
            .mend("have the competent officer order it", "laat de bevoegde functionaris het vorderen"),
        );
    }
    if power.order == PowerOrder::Preservation {
        return here(Finds::pass(power.en.clone(), power.nl.clone()));
    }
    let mut serious = None;
    for requested in &order.requested {
        let purpose = purpose_of(order, requested);
        for option in &requested.options {
            for field in facts.book.fields_of(option.value) {
                let direction = if national.future_until.is_some() { Direction::Future } else { Direction::Past };
                let own = field.classify(purpose, direction, &[Regime::Nl]);
                let rank = own.strictest().map_or(9, |row| row.rank);
                if !power.fields.contains(&field.field) || power.ranks_max < rank {
                    continue;
                }
                let weighs = facts
                    .book
                    .national
                    .get(&national.country.value)
                    .is_some_and(|powers| powers.serious_interference.fields.contains(&field.field));
                if weighs && 1 < rank {
                    serious = Some((field, option));
                }
            }
            let reached = |purpose| {
                facts.book.fields_of(option.value).any(|field| {
                    let rank = field.classify(purpose, Direction::Past, &[Regime::Nl]).strictest().map_or(9, |row| row.rank);
                    power.fields.contains(&field.field) && rank <= power.ranks_max
                })
            };
            if !crate::rules::is_free(option.value) && !reached(purpose) {
                return here(
                    Finds::fail(
                        format!("{} can not be ordered under Article {} ({})", option.value.code(), power.article, power.en),
                        format!("{} kan niet worden gevorderd onder artikel {} ({})", option.value.code(), power.article, power.nl),
                    )
                    .at(&option.place)
                    .ground(Reason::NotCompetent)
                    .mend("order it under the article that covers it", "vorder het onder het artikel dat het dekt"),
                );
            }
        }
    }
    judge_reference(facts, order, power, serious.is_some())
}

/// 126n with more than identification and no reference of the investigating judge: a person looks, it is not refused by machine.
fn judge_reference(facts: &Facts, order: &Order, power: &Power, serious: bool) -> Finds {
    let Some(national) = &order.national else { return not_an_order() };
    let by_judge = authority(facts).is_some_and(|authority| authority.kind == AuthorityKind::Judge);
    if national.judge_reference.is_some() || by_judge {
        return Finds::pass(power.en.clone(), power.nl.clone()).article(&power.source, power.check);
    }
    match power.judge {
        JudgeRule::Always => Finds::fail(
            "a written authorisation of the investigating judge is needed",
            "een schriftelijke machtiging van de rechter-commissaris is nodig",
        )
        .at(&national.article.place)
        .article(&power.source, power.check)
        .ground(Reason::NotCompetent)
        .mend("give the reference of the authorisation", "vermeld het kenmerk van de machtiging"),
        JudgeRule::Serious if serious => {
            let words = facts.book.national.get(&national.country.value).map(|powers| &powers.serious_interference);
            let (en, nl, article, check) =
                words.map_or(("", "", "", true), |w| (w.en.as_str(), w.nl.as_str(), w.article.as_str(), w.check));
            Finds::person(en, nl).at(&national.article.place).article(article, check).mend(
                "give the reference of the authorisation, or say why the interference is not serious",
                "vermeld het kenmerk van de machtiging, of zeg waarom de inmenging niet ernstig is",
            )
        }
        _ => Finds::pass(power.en.clone(), power.nl.clone()).article(&power.source, power.check),
    }
}

/// GAT-06. Necessary, not sufficient: a named court still decides (C-178/22).
pub(super) fn threshold(facts: &Facts) -> Finds {
    let Some(order) = facts.received.order() else { return not_an_order() };
    let Some(word) = OrderWord::of(order.kind.value) else {
        return Finds::pass("the article itself sets the threshold", "het artikel zelf stelt de drempel");
    };
    for requested in &order.requested {
        let class = requested.class.value;
        let Some(rule) = facts.book.thresholds.iter().find(|rule| rule.orders.contains(&word) && rule.classes.contains(&class)) else {
            continue;
        };
        if !order.conditions.thresholds.iter().any(|given| rule.one_of.contains(&given.value)) {
            return Finds::fail(
                format!("{} data need an offence with at least three years, or one of the listed ones, and no box says so", class.code()),
                format!("{}-gegevens vragen een feit met minstens drie jaar, of een van de genoemde, en geen vakje zegt dat", class.code()),
            )
            .at(&requested.class.place)
            .article(&rule.article, rule.check)
            .ground(Reason::OffenceNotCovered)
            .mend("tick in Section G which condition is met", "kruis in sectie G aan aan welke voorwaarde is voldaan");
        }
    }
    match (&order.conditions.offence, &order.conditions.provision) {
        (None, None) => Finds::fail("no offence and no provision is named", "er is geen strafbaar feit en geen bepaling genoemd")
            .ground(Reason::Incomplete)
            .mend("name the offence and its provision in Section G", "noem in sectie G het feit en de bepaling"),
        _ => Finds::pass("the offence and its condition are named", "het feit en de voorwaarde zijn genoemd"),
    }
}

/// GAT-07
pub(super) fn validation(facts: &Facts) -> Finds {
    let Some(order) = facts.received.order() else { return not_an_order() };
    // Either suffices: leaving the type out of the form takes nobody out of the registry.
    let known = authority(facts).map(|authority| authority.kind);
    if ![known, order.issuer_kind()].contains(&Some(AuthorityKind::Other)) {
        return Finds::pass("the issuing authority needs no validation", "de uitvaardigende autoriteit heeft geen validatie nodig");
    }
    if order.kind.value == OrderKind::National {
        return Finds::pass("national law decides who orders (gate 5)", "het nationale recht bepaalt wie vordert (poort 5)");
    }
    if order.without_validation.as_ref().is_some_and(|tick| tick.value) {
        return Finds::pass(
            "without prior validation, by the emergency exception (gate 8)",
            "zonder voorafgaande validatie, op grond van de uitzondering voor spoed (poort 8)",
        );
    }
    let place = order.issuing.kind.as_ref().map(|kind| &kind.place);
    let Some(kind) = order.validating.as_ref().and_then(|party| party.kind.as_ref()) else {
        return Finds::fail(
            "another competent authority issued it and nobody validated it",
            "een andere bevoegde autoriteit vaardigde het uit en niemand heeft het gevalideerd",
        )
        .at_if(place)
        .ground(Reason::NotCompetent)
        .mend("have it validated (Section J)", "laat het valideren (sectie J)");
    };
    for class in order.classes() {
        if let Some(rule) = facts.book.issuer(order.kind.value, class)
            && !rule.may_validate.contains(&kind.value)
        {
            return Finds::fail(
                format!("a {} can not validate an order for {} data", kind_en(kind.value), class.code()),
                format!("een {} kan geen bevel voor {}-gegevens valideren", kind_nl(kind.value), class.code()),
            )
            .at(&kind.place)
            .article(&rule.article, rule.check)
            .ground(Reason::NotCompetent)
            .mend(
                "have it validated by a judge, court or investigating judge",
                "laat het valideren door een rechter, gerecht of onderzoeksrechter",
            );
        }
    }
    validated(facts, order, kind)
}

/// Section J is whoever filled in the form; that somebody validated it is seen from who answers for it.
fn validated(facts: &Facts, order: &Order, kind: &Marked<AuthorityKind>) -> Finds {
    let answering = answering(facts);
    let by = |class: DataClass| {
        let rule = facts.book.issuer(order.kind.value, class)?;
        answering.iter().copied().find(|authority| rule.may_validate.contains(&authority.kind))
    };
    let classes = order.classes();
    match classes.iter().copied().find(|class| by(*class).is_none()) {
        Some(_) => Finds::hold(
            None,
            format!("Section J names a {}, and no authority that may validate signed it or confirmed it by telephone", kind_en(kind.value)),
            format!(
                "sectie J noemt een {}, en geen autoriteit die mag valideren heeft het ondertekend of telefonisch bevestigd",
                kind_nl(kind.value)
            ),
        )
        .at(&kind.place)
        .ground(Reason::NotCompetent)
        .mend("have the validating authority sign it", "laat de validerende autoriteit het ondertekenen"),
        None => {
            let names = classes.iter().find_map(|class| by(*class)).map_or("", |authority| authority.name.as_str());
            Finds::pass(format!("validated by {names}"), format!("gevalideerd door {names}"))
        }
    }
}

/// GAT-08
pub(super) fn emergency(facts: &Facts) -> Finds {
    let Some(order) = facts.received.order() else { return not_an_order() };
    let Some(tick) = order.without_validation.as_ref().filter(|tick| tick.value) else {
        return Finds::pass("the exception is not used", "de uitzondering wordt niet gebruikt");
    };
    let word = OrderWord::of(order.kind.value);
    let rule = facts.book.without_validation.iter().find(|rule| word.is_some_and(|word| rule.orders.contains(&word)));
    let Some(rule) = rule else {
        return Finds::fail("national orders know no such exception here", "nationale bevelen kennen deze uitzondering hier niet")
            .at(&tick.place)
            .ground(Reason::NotCompetent);
    };
    if let Some(class) = order.classes().into_iter().find(|class| !rule.classes.contains(class)) {
        return Finds::fail(
            format!("an order for {} data always needs validation before it is sent", class.code()),
            format!("een bevel voor {}-gegevens moet altijd vooraf zijn gevalideerd", class.code()),
        )
        .at(&tick.place)
        .article(&rule.article, rule.check)
        .ground(Reason::NotCompetent)
        .mend(
            "have it validated, or ask for subscriber and identifying data only",
            "laat het valideren, of vraag alleen abonnee- en identificerende gegevens",
        );
    }
    // A preservation order has no deadlines section: the tick itself states the emergency.
    if order.kind.value == OrderKind::Epoc && !order.deadlines.iter().any(|choice| choice.value.is_emergency()) {
        return Finds::fail("validation is left out, yet no emergency is stated", "validatie ontbreekt, maar er is geen spoed vermeld")
            .at(&tick.place)
            .article(&rule.article, rule.check)
            .ground(Reason::ManifestErrors)
            .mend(
                "state the emergency in Section C, or have the order validated",
                "vermeld de spoed in sectie C, of laat het bevel valideren",
            );
    }
    Finds::pass("an emergency, for data that allow it", "spoed, voor gegevens waarvoor het mag").article(&rule.article, rule.check)
}
