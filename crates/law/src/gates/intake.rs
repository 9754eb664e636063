//! Gates 1 to 4: the document, its signature, the certificate, the registry.

use super::{Facts, Finds};
use crate::received::{AuthorityKind, DataClass, Finding, Order, OrderKind, Received, SignatureLevel, SignatureVerdict};
use crate::registry::{Authority, CalledBack, Standing};

/// GAT-01. The dictionary verdict and differences between message and form are a person's matter; the schema is not.
pub(super) fn schema(facts: &Facts) -> Finds {
    let envelope = &facts.received.envelope;
    if let Finding::No { code, text, place } = &envelope.schema {
        return Finds::fail(format!("{code}: {text}"), format!("{code}: {text}"))
            .at_if(place.as_ref())
            .ground(crate::received::Reason::ManifestErrors)
            .mend("send it again in the prescribed form", "zend het opnieuw in de voorgeschreven vorm");
    }
    if let Some(difference) = envelope.differences.first() {
        let text =
            |a: &str, b: &str| format!("{}: {a} \"{}\", {b} \"{}\"", difference.what, difference.message.value, difference.form.value);
        return Finds::person(text("the message says", "the form"), text("het bericht zegt", "het formulier"))
            .at(&difference.form.place)
            .mend(
                "say which of the two is meant; the signed form is the order",
                "zeg welke van de twee bedoeld is; het ondertekende formulier is het bevel",
            );
    }
    match (&envelope.schema, &envelope.dictionary) {
        (Finding::Unknown { why }, _) => {
            Finds::person(format!("the form was not checked: {why}"), format!("de vorm is niet gecontroleerd: {why}"))
        }
        (_, Finding::No { code, text, place }) => Finds::person(format!("{code}: {text}"), format!("{code}: {text}"))
            .at_if(place.as_ref())
            .mend("use values of the published dictionaries", "gebruik waarden uit de gepubliceerde woordenlijsten"),
        _ => Finds::pass("it reads", "het is leesbaar"),
    }
}

/// No signature, or one that proves less than who signed.
fn is_weak(signature: &SignatureVerdict) -> bool {
    signature.level < SignatureLevel::AdvancedWithQualifiedCertificate
}

/// What a weakly signed order may still be answered for, after a call-back.
fn call_back_suffices(received: &Received) -> bool {
    received.order().is_some_and(|order: &Order| {
        order.kind.value == OrderKind::EpocPr || order.classes().iter().all(|class| *class <= DataClass::Identification)
    })
}

fn is_about(standing: &Standing, called: &CalledBack) -> bool {
    match standing {
        Standing::InForce(authority) | Standing::Waiting { authority, .. } => authority.id == called.authority().id,
        Standing::Unknown => false,
    }
}

/// A call about another document proves nothing about this one, nor one to somebody else about who signed it.
fn answers_for(facts: &Facts, called: &CalledBack) -> bool {
    called.call().original_hash == facts.received.envelope.original_hash
        && (signers(facts).next().is_none() || signers(facts).any(|(_, standing)| is_about(&standing, called)))
}

fn after_call_back(facts: &Facts, en: &str, nl: &str) -> Finds {
    if facts.received.order().is_some() && !call_back_suffices(facts.received) {
        return Finds::fail(
            format!("{en}; for traffic data a call-back never suffices"),
            format!("{nl}; voor verkeersgegevens volstaat terugbellen nooit"),
        )
        .ground(crate::received::Reason::NotCompetent)
        .mend("sign it with a qualified seal or signature", "onderteken het met een gekwalificeerd zegel of gekwalificeerde handtekening");
    }
    match facts.called_back {
        Some(called) if answers_for(facts, called) && is_about(&sender(facts), called) => Finds::pass(
            format!("{en}; {} was called at its registered number and confirmed it", called.authority().name),
            format!("{nl}; {} is op het geregistreerde nummer gebeld en heeft het bevestigd", called.authority().name),
        ),
        _ => Finds::hold(
            None,
            format!("{en}: call the number in the registry, one person calls, another confirms; never a number in the message"),
            format!("{nl}: bel het nummer in het register, de een belt, een ander bevestigt; nooit een nummer uit het bericht"),
        )
        .mend("sign it with a qualified seal or signature", "onderteken het met een gekwalificeerd zegel of gekwalificeerde handtekening"),
    }
}

/// GAT-02. One broken signature beside a good one fails too: someone changed something.
pub(super) fn signature(facts: &Facts) -> Finds {
    let signatures = &facts.received.envelope.signatures;
    for signature in signatures {
        if let Finding::No { code, text, place } = &signature.valid {
            return Finds::fail(
                format!("{code}: the signature of {} is not valid: {text}", signature.signer),
                format!("{code}: de handtekening van {} klopt niet: {text}", signature.signer),
            )
            .at(place.as_ref().unwrap_or(&signature.place))
            .ground(crate::received::Reason::ManifestErrors)
            .mend(
                "sign the document as it is sent and send it again",
                "onderteken het document zoals het verzonden wordt en zend het opnieuw",
            );
        }
    }
    match signatures.iter().find(|signature| signature.valid.is_yes()) {
        Some(signature) => Finds::pass(
            format!("{} by {}", signature.technique, signature.signer),
            format!("{} door {}", signature.technique, signature.signer),
        ),
        None => match signatures.first() {
            Some(signature) => {
                let why = if let Finding::Unknown { why } = &signature.valid { why.as_str() } else { "" };
                Finds::person(format!("the signature was not checked: {why}"), format!("de handtekening is niet gecontroleerd: {why}"))
                    .at(&signature.place)
            }
            None => after_call_back(facts, "it is not signed", "het is niet ondertekend"),
        },
    }
}

/// Whose certificate gate 3 weighs: that of the very authority which gates 4 and 5 take for the sender. A signature over a part only says
/// nothing of the whole (SIG-35), so it lends its strength to none that covers the whole; and neither a stranger's better certificate nor
/// another authority's beside it helps that sender.
fn counted<'f>(facts: &Facts<'f>) -> Vec<&'f SignatureVerdict> {
    let all = || facts.received.envelope.signatures.iter();
    let whole: Vec<_> = all().filter(|signature| signature.valid.is_yes()).collect();
    let whole = if whole.is_empty() { all().collect() } else { whole };
    let own: Vec<_> = match sender(facts) {
        Standing::InForce(authority) | Standing::Waiting { authority, .. } => {
            let is_own = |signature: &&SignatureVerdict| signature.key_digest.is_some_and(|key| authority.keys.contains(&key));
            whole.iter().copied().filter(is_own).collect()
        }
        Standing::Unknown => Vec::new(),
    };
    if own.is_empty() { whole } else { own }
}

/// GAT-03
pub(super) fn certificate(facts: &Facts) -> Finds {
    let signatures = &facts.received.envelope.signatures;
    for signature in signatures {
        if let Finding::No { code, text, place } = &signature.trusted {
            return Finds::fail(format!("{code}: {}: {text}", signature.signer), format!("{code}: {}: {text}", signature.signer))
                .at(place.as_ref().unwrap_or(&signature.place))
                .ground(crate::received::Reason::NotCompetent)
                .mend(
                    "sign with a certificate that is on the EU trusted list at the time of signing",
                    "onderteken met een certificaat dat bij het ondertekenen op de Europese vertrouwenslijst staat",
                );
        }
    }
    let counted = counted(facts);
    let trusted = || counted.iter().filter(|signature| signature.trusted.is_yes());
    if let Some(signature) = trusted().find(|signature| !is_weak(signature)) {
        return Finds::pass(
            format!("{}, trusted at the time of signing", signature.signer),
            format!("{}, vertrouwd bij het ondertekenen", signature.signer),
        );
    }
    if signatures.is_empty() {
        return after_call_back(facts, "there is no certificate", "er is geen certificaat");
    }
    if trusted().next().is_some() {
        return after_call_back(
            facts,
            "the signature is weaker than one with a qualified certificate",
            "de handtekening is zwakker dan een met een gekwalificeerd certificaat",
        );
    }
    Finds::person("whether the certificate is trusted was not found out", "of het certificaat vertrouwd is, is niet vastgesteld")
        .at(&signatures[0].place)
}

/// Valid signatures of whom the registry knows, in their order.
fn signers<'f>(facts: &Facts<'f>) -> impl Iterator<Item = (&'f SignatureVerdict, Standing<'f>)> {
    let (registry, now) = (facts.registry, facts.now);
    let valid = facts.received.envelope.signatures.iter().filter(|signature| signature.valid.is_yes());
    let known = valid.filter_map(move |signature| Some((signature, registry.by_key(signature.key_digest.as_ref()?, now))));
    known.filter(|(_, standing)| *standing != Standing::Unknown)
}

/// Who sent it according to the registry: by the key that signed, else by the call-back. Where it was validated, whoever may validate
/// answers for it, in whatever order they signed.
pub(super) fn sender<'f>(facts: &Facts<'f>) -> Standing<'f> {
    let is_validated = facts.received.order().is_some_and(|order| order.validating.is_some());
    let may_validate = |standing: &Standing| matches!(standing, Standing::InForce(authority) if authority.kind != AuthorityKind::Other);
    let validator = signers(facts).map(|(_, standing)| standing).find(|standing| is_validated && may_validate(standing));
    if let Some(found) = validator.or_else(|| signers(facts).map(|(_, standing)| standing).next()) {
        return found;
    }
    match facts.called_back {
        Some(called) => facts.registry.standing(&called.authority().id, facts.now),
        None => Standing::Unknown,
    }
}

/// The authority in force that sent it.
pub(super) fn authority<'f>(facts: &Facts<'f>) -> Option<&'f Authority> {
    match sender(facts) {
        Standing::InForce(authority) => Some(authority),
        _ => None,
    }
}

/// Who answers for this document by a strong signature of its own, or by a call-back where that suffices.
pub(super) fn answering<'f>(facts: &Facts<'f>) -> Vec<&'f Authority> {
    let strong = signers(facts).filter(|(signature, _)| signature.trusted.is_yes() && !is_weak(signature)).map(|(_, standing)| standing);
    let called = facts.called_back.filter(|called| call_back_suffices(facts.received) && answers_for(facts, called));
    let called = called.map(|called| facts.registry.standing(&called.authority().id, facts.now));
    let in_force = |standing| if let Standing::InForce(authority) = standing { Some(authority) } else { None };
    strong.chain(called).filter_map(in_force).collect()
}

/// GAT-04. By the key or certificate, never by names, mail domains or telephone numbers in the message (T6, T7).
pub(super) fn directory(facts: &Facts) -> Finds {
    let place = facts.received.envelope.signatures.first().map(|signature| &signature.place);
    match sender(facts) {
        Standing::InForce(authority) => {
            let state = facts.received.order().and_then(|order| order.issuing_state.as_ref());
            match state {
                Some(state) if state.value != authority.state => Finds::fail(
                    format!("{} is an authority of {}, the order says {}", authority.name, authority.state, state.value),
                    format!("{} is een autoriteit van {}, het bevel zegt {}", authority.name, authority.state, state.value),
                )
                .at(&state.place)
                .ground(crate::received::Reason::NotCompetent)
                .mend("correct the issuing State", "verbeter de uitvaardigende staat"),
                _ => Finds::pass(format!("{} ({})", authority.name, authority.id), format!("{} ({})", authority.name, authority.id)),
            }
        }
        Standing::Waiting { authority, from } => Finds::hold(
            Some(from),
            format!("{} is in the registry and in the log, and counts when the waiting time is over", authority.name),
            format!("{} staat in het register en in het logboek, en telt als de wachttijd voorbij is", authority.name),
        )
        .at_if(place),
        Standing::Unknown if facts.received.envelope.signatures.is_empty() && facts.called_back.is_none() => Finds::hold(
            None,
            "who sent it is not known: it is not signed and nobody was called back",
            "wie het zond is niet bekend: niet ondertekend en nog niet teruggebeld",
        ),
        Standing::Unknown => Finds::fail(
            "the signer is in no edition of the registry that is in force",
            "de ondertekenaar staat in geen geldende uitgave van het register",
        )
        .at_if(place)
        .ground(crate::received::Reason::NotCompetent)
        .mend(
            "have your key entered in the provider's registry; it counts 72 hours after it stands in the public log",
            "laat uw sleutel opnemen in het register van de aanbieder; die telt 72 uur nadat hij in het openbare logboek staat",
        ),
    }
}
