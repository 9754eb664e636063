//! What things of the law are called in plain words.

use crate::Say;
use crate::gates::Verdict;
use crate::received::{Body, DataClass, FollowUpKind, OrderKind, Reason, Received};
use crate::rules::PeriodName;

/// What the document is.
pub fn form_name(received: &Received) -> Say {
    let format = received.envelope.format.code();
    let (en, nl) = match &received.body {
        Body::Order(order) => match order.kind.value {
            OrderKind::Epoc => {
                ("European Production Order (EPOC, Form 1)".to_owned(), "Europees verstrekkingsbevel (EPOC, formulier 1)".to_owned())
            }
            OrderKind::EpocPr => {
                ("European Preservation Order (EPOC-PR, Form 2)".to_owned(), "Europees bewaringsbevel (EPOC-PR, formulier 2)".to_owned())
            }
            OrderKind::National => {
                let article = order.national.as_ref().map_or_else(String::new, |n| format!("{} {}", n.country.value, n.article.value));
                (format!("national order {article}"), format!("nationaal bevel {article}"))
            }
        },
        Body::NonExecution(_) => ("Form 3: a provider's answer".to_owned(), "formulier 3: antwoord van een aanbieder".to_owned()),
        Body::FollowUp(form) => match form.kind.value {
            FollowUpKind::SubsequentProduction => (
                "Form 5: a production request follows a preservation".to_owned(),
                "formulier 5: er volgt een verzoek tot verstrekking".to_owned(),
            ),
            FollowUpKind::Extension => {
                ("Form 6: a preservation is extended".to_owned(), "formulier 6: een bewaring wordt verlengd".to_owned())
            }
        },
        Body::Withdrawal(_) => {
            ("withdrawal: stop at once, then check who sent it".to_owned(), "intrekking: stop meteen, ga dan na wie het zond".to_owned())
        }
    };
    Say::new(format!("{en}, {format}"), format!("{nl}, {format}"))
}

pub fn class_name(class: DataClass) -> Say {
    match class {
        DataClass::Subscriber => Say::new("subscriber data", "abonneegegevens"),
        DataClass::Identification => Say::new("data only to identify the user", "gegevens alleen om de gebruiker te identificeren"),
        DataClass::Traffic => Say::new("traffic data", "verkeersgegevens"),
        DataClass::Content => Say::new("content", "inhoud"),
    }
}

pub(super) fn verdict_name(verdict: Verdict) -> Say {
    match verdict {
        Verdict::Pass => Say::new("pass", "open"),
        Verdict::Hold => Say::new("HOLD", "WACHT"),
        Verdict::Person => Say::new("PERSON", "PERSOON"),
        Verdict::Fail => Say::new("FAIL", "DICHT"),
    }
}

pub(super) fn period_name(name: PeriodName) -> Say {
    let (en, nl) = match name {
        PeriodName::Production => ("due", "uiterlijk"),
        PeriodName::Emergency => ("due (8 h)", "uiterlijk 8u"),
        PeriodName::Objection => ("objection", "bezwaar"),
        PeriodName::Clarification => ("answer by", "antwoord"),
        PeriodName::ThirdCountryObjection => ("conflict by", "conflict"),
        PeriodName::Preservation => ("keep until", "bewaar tot"),
        PeriodName::PreservationExtension => ("longer to", "verlengd tot"),
        PeriodName::ExPostValidation => ("validated", "validatie"),
        PeriodName::Recognition => ("recognised", "erkenning"),
    };
    Say::new(en, nl)
}

/// The grounds of Form 3 D.
pub fn reason_name(reason: Reason) -> Say {
    let (en, nl) = match reason {
        Reason::Incomplete => ("the certificate is incomplete", "het certificaat is onvolledig"),
        Reason::ManifestErrors => ("it contains manifest errors", "het bevat kennelijke fouten"),
        Reason::InsufficientInformation => ("it does not contain enough information", "het bevat onvoldoende informatie"),
        Reason::NotStored => ("not stored by or for the provider when it came", "niet opgeslagen door of voor de aanbieder bij ontvangst"),
        Reason::Impossible => {
            ("de facto impossibility not due to the provider", "feitelijke onmogelijkheid buiten toedoen van de aanbieder")
        }
        Reason::NotCompetent => {
            ("not issued or validated by an authority of Article 4", "niet uitgevaardigd of gevalideerd door een autoriteit van artikel 4")
        }
        Reason::OffenceNotCovered => ("the offence is not one of Article 5(4)", "het strafbare feit valt niet onder artikel 5, lid 4"),
        Reason::ServiceNotCovered => ("the service is not covered", "de dienst valt er niet onder"),
        Reason::ImmunityOrPress => {
            ("immunities, privileges, press or expression rules", "immuniteiten, voorrechten, regels van pers of meningsuiting")
        }
        Reason::ThirdCountryConflict => ("it conflicts with the law of a third country", "het botst met het recht van een derde land"),
    };
    Say::new(en, nl)
}
