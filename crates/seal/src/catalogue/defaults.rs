//! What a policy document may start from for each category: purpose, legal basis, retention.
//!
//! Data for a person to review, not law: every legal reference is marked [check] in the dictionary, and a category is
//! sealed only with what the policy document records (SEA-79).

use super::record::RecordType;

/// Suggestions for one category of the policy document.
#[derive(Debug)]
pub struct CategoryDefaults {
    pub title_en: &'static str,
    pub title_nl: &'static str,
    /// Why a provider holds such records at all.
    pub purpose_en: &'static str,
    pub purpose_nl: &'static str,
    /// On what ground the provider keeps them.
    pub basis: &'static str,
    /// Never longer than the source's own retention (SEA-79).
    pub retention_days: u32,
    /// Class in Regulation (EU) 2023/1543, article 3.
    pub eu: &'static str,
    /// Article of the Dutch Code of Criminal Procedure.
    pub nl: &'static str,
    /// Tier of the United States Stored Communications Act.
    pub us: &'static str,
    /// Where regimes differ most; the stricter one applies.
    pub conflict: &'static str,
}

impl RecordType {
    /// The suggestions for this type's category.
    pub fn defaults(self) -> &'static CategoryDefaults {
        match self {
            RecordType::Traffic => &TRAFFIC,
            RecordType::IpSession => &IP_SESSION,
            RecordType::Device => &DEVICE,
            RecordType::Subscriber => &SUBSCRIBER,
            RecordType::Location => &LOCATION,
            RecordType::Identification => &IDENTIFICATION,
        }
    }
}

const SERVICE: &str = "GDPR art. 6(1)(b), ePrivacy Directive art. 6: needed to carry the communication";
const SECURITY: &str = "GDPR art. 6(1)(f), NIS2 art. 21: security of the service";
const CONTRACT: &str = "GDPR art. 6(1)(b): the contract with the subscriber";

const TRAFFIC: CategoryDefaults = CategoryDefaults {
    title_en: "Traffic",
    title_nl: "Verkeersgegevens",
    purpose_en: "delivering messages and calls, finding faults and abuse",
    purpose_nl: "berichten en gesprekken afleveren, storingen en misbruik opsporen",
    basis: SERVICE,
    retention_days: 90,
    eu: "traffic, art. 3(11)",
    nl: "126n (with the investigating judge)",
    us: "calls 2703(c)(2)(C), messages 2703(d)",
    conflict: "toll records: lowest tier in the US, court tier in the EU",
};
const IP_SESSION: CategoryDefaults = CategoryDefaults {
    title_en: "IP address and session",
    title_nl: "IP-adres en sessie",
    purpose_en: "keeping accounts safe: finding misuse of a login",
    purpose_nl: "accounts beveiligen: misbruik van een aanmelding vinden",
    basis: SECURITY,
    retention_days: 28,
    eu: "art. 3(10) when asked only to identify, otherwise traffic, art. 3(11)",
    nl: "126na to identify, otherwise 126n",
    us: "2703(c)(2)(C),(E)",
    conflict: "sessions: subpoena in the US, court tier in the EU; the purpose decides the class",
};
const DEVICE: CategoryDefaults = CategoryDefaults {
    title_en: "Device",
    title_nl: "Apparaat",
    purpose_en: "delivering to the right devices, showing users their devices",
    purpose_nl: "aan de juiste apparaten afleveren, gebruikers hun apparaten tonen",
    basis: SERVICE,
    retention_days: 90,
    eu: "traffic, art. 3(11); subscriber, art. 3(9), if given at registration",
    nl: "126n",
    us: "2703(d)",
    conflict: "class depends on when the device was given",
};
const SUBSCRIBER: CategoryDefaults = CategoryDefaults {
    title_en: "Subscriber",
    title_nl: "Abonnee",
    purpose_en: "the contract with the subscriber",
    purpose_nl: "de overeenkomst met de abonnee",
    basis: CONTRACT,
    retention_days: 365,
    eu: "subscriber, art. 3(9)",
    nl: "126na; birth date 126nc; registration 126n; payment 126nd",
    us: "2703(c)(2)(A)-(F); birth date 2703(d)",
    conflict: "birth_date and payment: subscriber data in the EU, higher in the Netherlands",
};
const LOCATION: CategoryDefaults = CategoryDefaults {
    title_en: "Location",
    title_nl: "Locatie",
    purpose_en: "operating the radio network, emergency calls",
    purpose_nl: "het radionet bedrijven, noodoproepen",
    basis: "GDPR art. 6(1)(b), ePrivacy Directive art. 6 and 9",
    retention_days: 28,
    eu: "traffic, art. 3(11)",
    nl: "126n (with the investigating judge); precise or live stricter",
    us: "warrant (Carpenter)",
    conflict: "location: stricter than traffic in the US and the Netherlands",
};
const IDENTIFICATION: CategoryDefaults = CategoryDefaults {
    title_en: "Identification",
    title_nl: "Identificatie",
    purpose_en: "knowing which account an identifier belongs to",
    purpose_nl: "weten bij welk account een kenmerk hoort",
    basis: CONTRACT,
    retention_days: 180,
    eu: "art. 3(10), sole purpose of identifying",
    nl: "126na",
    us: "2703(c)(2)(E)",
    conflict: "the same facts asked for a pattern are traffic",
};
