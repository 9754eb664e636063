//! The record types: every field that a provider's record may have. There is no other.
//!
//! SEA-07: no field for content, key material or ciphertext. SEA-06: an IP address and a location never stand in one
//! type, so that an order can name the one without the other.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::body::{Fields, record_type};
use super::error::RecordError;
use super::field::{Field, FieldDef, Form, Givens, NUMBER_MAX, Shown};
use super::party::Party;
use super::stamp::Stamp;
use super::wire::{Reader, write_number};
use super::words::*;

record_type! {
    /// What every record has: when it happened, by whose clock, and where it was read.
    Common {
        required t_event: Stamp {
            origin: "the clock named in `clock`",
            en: "When it happened. The slot, and so the order, follows this time; shown normalised as `datetime`.",
            nl: "Wanneer het gebeurde. Het tijdvak, en dus het bevel, volgt deze tijd; genormaliseerd als `datetime`.",
        }
        required clock: Clock {
            origin: "source",
            en: "Whose clock wrote t_event.",
            nl: "Wiens klok t_event schreef.",
        }
        required source: String {
            max: 64, form: Form::Name, origin: "ingest",
            en: "Name of the system that the record was read from.",
            nl: "Naam van het systeem waaruit de vastlegging is gelezen.",
        }
        optional source_row: u64 {
            max: NUMBER_MAX, origin: "source",
            en: "Number of the row in that system, to find doubles and to count on a second path.",
            nl: "Nummer van de rij in dat systeem, om dubbelen te vinden en langs een tweede weg te tellen.",
        }
    }
}

record_type! {
    /// Category 1: one interaction between parties.
    Traffic {
        required interaction: Interaction {
            origin: "source, from a closed list",
            en: "What happened.",
            nl: "Wat er gebeurde.",
        }
        required direction: Direction {
            origin: "ingest",
            en: "Whether this is the sender's or a recipient's copy.",
            nl: "Of dit het exemplaar van de afzender of van een ontvanger is.",
        }
        required sender: Party {
            unit: "kind:value", origin: "source",
            en: "Who sent it.",
            nl: "Wie het verstuurde.",
        }
        optional recipients: Vec<Party> {
            max: 32, unit: "list of kind:value", origin: "source, from membership at that moment",
            en: "Who could receive it at that moment. A recipient's copy names that recipient only.",
            nl: "Wie het op dat moment kon ontvangen. Het exemplaar van een ontvanger noemt alleen die ontvanger.",
        }
        optional recipients_total: u64 {
            max: NUMBER_MAX, unit: "parties", origin: "source",
            en: "Number of recipients of the whole interaction, over all parts.",
            nl: "Aantal ontvangers van de hele interactie, over alle delen.",
        }
        optional part: u64 {
            max: 1_000_000, origin: "ingest",
            en: "Number of this part, from 1, when the recipients do not fit in one record.",
            nl: "Nummer van dit deel, vanaf 1, als de ontvangers niet in een vastlegging passen.",
        }
        optional parts: u64 {
            max: 1_000_000, origin: "ingest",
            en: "Number of parts of the sender's copy.",
            nl: "Aantal delen van het exemplaar van de afzender.",
        }
        optional membership: Membership {
            origin: "source",
            en: "For a change of group membership: which.",
            nl: "Bij een wijziging van groepslidmaatschap: welke.",
        }
        optional conversation: String {
            origin: "source",
            en: "Identifier of the room or thread; never its name.",
            nl: "Kenmerk van de ruimte of draad; nooit de naam.",
        }
        optional message_id: String {
            origin: "source",
            en: "Identifier of the message in the provider's system.",
            nl: "Kenmerk van het bericht in het systeem van de aanbieder.",
        }
        optional wrapping: Wrapping {
            origin: "sender, as labelled by the protocol",
            en: "Whether the protocol marks the content as encrypted.",
            nl: "Of het protocol de inhoud als versleuteld aanmerkt.",
        }
        optional size: u64 {
            max: NUMBER_MAX, unit: "octets", origin: "source",
            en: "Size as transported.",
            nl: "Grootte zoals vervoerd.",
        }
        optional duration: u64 {
            max: 31_622_400, unit: "s", origin: "source",
            en: "Duration of a call.",
            nl: "Duur van een gesprek.",
        }
        optional protocol: String {
            max: 32, form: Form::Name, origin: "source",
            en: "Protocol of the interaction.",
            nl: "Protocol van de interactie.",
        }
        optional route: String {
            origin: "source",
            en: "Server or network that handed it in.",
            nl: "Server of netwerk dat het aanleverde.",
        }
        optional claimed: Stamp {
            origin: "sender: forgeable",
            en: "Time that the sender's side claims; the order is not matched on it.",
            nl: "Tijd die de zijde van de afzender opgeeft; het bevel wordt er niet op vergeleken.",
        }
        optional claimed_implausible: String {
            max: 32, origin: "sender: forgeable",
            en: "Claimed time as given, where it is no plausible time; so a forged time hides nothing.",
            nl: "Opgegeven tijd zoals aangeleverd, als die niet aannemelijk is; zo verbergt een vervalste tijd niets.",
        }
    }
}

record_type! {
    /// Category 3: use of an account from an address, at the moment it happened. Never a last-seen value (SEA-79).
    IpSession {
        required action: SessionAction {
            origin: "source",
            en: "What was done from the address.",
            nl: "Wat vanaf het adres gebeurde.",
        }
        required account: Party {
            unit: "kind:value", origin: "source",
            en: "The account that was used.",
            nl: "Het gebruikte account.",
        }
        required address: IpAddr {
            unit: "IP address", origin: "as `address_trust` says",
            en: "The address.",
            nl: "Het adres.",
        }
        optional port: u64 {
            max: 65_535, origin: "as `address_trust` says",
            en: "Source port; behind carrier-grade translation the address alone names nobody.",
            nl: "Bronpoort; achter adresvertaling bij de aanbieder wijst het adres alleen niemand aan.",
        }
        required address_trust: AddressTrust {
            origin: "source",
            en: "How the provider knows the address. A forwarded header can be forged.",
            nl: "Hoe de aanbieder het adres kent. Een doorgegeven kopregel kan vervalst zijn.",
        }
        optional session: String {
            max: 64, origin: "source",
            en: "Number of the session; never a token.",
            nl: "Nummer van de sessie; nooit een toegangsbewijs.",
        }
        optional duration: u64 {
            max: 31_622_400, unit: "s", origin: "source",
            en: "Duration, at the end of a session.",
            nl: "Duur, bij het einde van een sessie.",
        }
        optional protocol: String {
            max: 32, form: Form::Name, origin: "source",
            en: "Protocol of the session.",
            nl: "Protocol van de sessie.",
        }
    }
}

record_type! {
    /// Category 4: a device that was registered, changed or removed.
    Device {
        required action: DeviceAction {
            origin: "source",
            en: "What happened to the device.",
            nl: "Wat er met het apparaat gebeurde.",
        }
        required account: Party {
            unit: "kind:value", origin: "source",
            en: "The account that the device belongs to.",
            nl: "Het account waarbij het apparaat hoort.",
        }
        required device: String {
            origin: "device",
            en: "Identifier of the device in the provider's system.",
            nl: "Kenmerk van het apparaat in het systeem van de aanbieder.",
        }
        optional label: String {
            origin: "user: free text",
            en: "Name that the user gave the device.",
            nl: "Naam die de gebruiker het apparaat gaf.",
        }
        optional model: String {
            max: 128, origin: "device",
            en: "Model as the device reports it.",
            nl: "Model zoals het apparaat het meldt.",
        }
        optional system: String {
            max: 128, origin: "device",
            en: "Operating system and version.",
            nl: "Besturingssysteem en versie.",
        }
        optional application: String {
            max: 255, origin: "device",
            en: "Application and version.",
            nl: "Toepassing en versie.",
        }
    }
}

record_type! {
    /// Category 5: who an account belongs to. Never a password or another means of authentication.
    Subscriber {
        required action: SubscriberAction {
            origin: "source",
            en: "Why this record was made.",
            nl: "Waarom deze vastlegging is gemaakt.",
        }
        required account: Party {
            unit: "kind:value", origin: "source",
            en: "The account.",
            nl: "Het account.",
        }
        optional account_kind: AccountKind {
            origin: "source",
            en: "Kind of account.",
            nl: "Soort account.",
        }
        optional display_name: String {
            max: 1_024, origin: "user: free text",
            en: "Name that the user shows to others.",
            nl: "Naam die de gebruiker aan anderen toont.",
        }
        optional name: String {
            origin: "user or contract",
            en: "Name of the person in the contract.",
            nl: "Naam van de persoon in de overeenkomst.",
        }
        optional birth_date: String {
            max: 10, form: Form::Day, unit: "YYYY-MM-DD", origin: "user or contract",
            en: "Date of birth.",
            nl: "Geboortedatum.",
        }
        optional postal_address: String {
            max: 512, origin: "user or contract",
            en: "Postal address.",
            nl: "Postadres.",
        }
        optional contacts: Vec<Party> {
            max: 8, unit: "list of kind:value", origin: "user, confirmed where `contacts_confirmed` says so",
            en: "Telephone numbers and e-mail addresses of the holder.",
            nl: "Telefoonnummers en e-mailadressen van de houder.",
        }
        optional contacts_confirmed: Stamp {
            origin: "source",
            en: "When the provider confirmed the contact.",
            nl: "Wanneer de aanbieder het contactgegeven bevestigde.",
        }
        optional payment: String {
            origin: "user or contract",
            en: "Means of payment, for example an account number.",
            nl: "Betaalwijze, bijvoorbeeld een rekeningnummer.",
        }
        optional service: String {
            origin: "source",
            en: "Type of service.",
            nl: "Soort dienst.",
        }
        optional registered: Stamp {
            origin: "source",
            en: "When the account was registered.",
            nl: "Wanneer het account is geregistreerd.",
        }
        optional closed: bool {
            origin: "source",
            en: "Whether the account is closed.",
            nl: "Of het account is gesloten.",
        }
    }
}

record_type! {
    /// Category 6: where a device was, as the provider's network or service recorded it.
    Location {
        required account: Party {
            unit: "kind:value", origin: "source",
            en: "The account or number that was located.",
            nl: "Het account of nummer waarvan de plaats is bepaald.",
        }
        required method: LocationMethod {
            origin: "source",
            en: "How the place was determined.",
            nl: "Hoe de plaats is bepaald.",
        }
        optional cell: String {
            max: 64, origin: "source",
            en: "Identifier of the radio cell.",
            nl: "Kenmerk van de radiocel.",
        }
        optional latitude: i64 {
            min: -900_000_000, max: 900_000_000, unit: "1e-7 degree, WGS 84", origin: "source",
            en: "Latitude, north positive.",
            nl: "Breedte, noord positief.",
        }
        optional longitude: i64 {
            min: -1_800_000_000, max: 1_800_000_000, unit: "1e-7 degree, WGS 84", origin: "source",
            en: "Longitude, east positive.",
            nl: "Lengte, oost positief.",
        }
        optional accuracy: u64 {
            max: 40_000_000, unit: "m", origin: "source",
            en: "Radius within which the place lies.",
            nl: "Straal waarbinnen de plaats ligt.",
        }
        optional azimuth: u64 {
            max: 359, unit: "degree", origin: "source",
            en: "Direction of the antenna.",
            nl: "Richting van de antenne.",
        }
        optional device: String {
            origin: "device",
            en: "Identifier of the device.",
            nl: "Kenmerk van het apparaat.",
        }
    }
}

record_type! {
    /// Category 7: who held an identifier at a time, and nothing else (sole-purpose view).
    Identification {
        required action: HoldAction {
            origin: "source",
            en: "What happened to the assignment.",
            nl: "Wat er met de toewijzing gebeurde.",
        }
        required identifier: Party {
            unit: "kind:value", origin: "source",
            en: "The identifier: a number, an e-mail address, an IP address.",
            nl: "Het kenmerk: een nummer, een e-mailadres, een IP-adres.",
        }
        required holder: Party {
            unit: "kind:value", origin: "source",
            en: "The account that held it from t_event on.",
            nl: "Het account dat het vanaf t_event had.",
        }
        optional until: Stamp {
            origin: "source",
            en: "When the assignment ended, if the source knows.",
            nl: "Wanneer de toewijzing eindigde, als de bron dat weet.",
        }
        optional port_first: u64 {
            max: 65_535, origin: "source",
            en: "First port of a shared address.",
            nl: "Eerste poort van een gedeeld adres.",
        }
        optional port_last: u64 {
            max: 65_535, origin: "source",
            en: "Last port of a shared address.",
            nl: "Laatste poort van een gedeeld adres.",
        }
    }
}
