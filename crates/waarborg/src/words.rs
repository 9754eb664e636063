//! What people read, in English and Dutch, in one table. Codes, document lines and JSON are not translated: they are signed,
//! compared or parsed.

use crate::Lang;

macro_rules! words {
    ($($name:ident = $en:literal, $nl:literal;)*) => {
        /// A phrase of the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Word { $($name),* }

        impl Word {
            #[cfg(test)]
            pub const ALL: &[Word] = &[$(Word::$name),*];

            pub fn text(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Word::$name, Lang::En) => $en, (Word::$name, Lang::Nl) => $nl,)*
                }
            }
        }
    };
}

words! {
    Understood = "what the system understood", "wat het systeem heeft begrepen";
    OrderId = "order", "bevel";
    Unsigned = "nobody has signed this order yet", "dit bevel is nog door niemand ondertekend";
    SignedBy = "signed by", "ondertekend door";
    SignedUnknown = "signed; by whom is shown with --policy", "ondertekend; door wie blijkt met --policy";
    Drafted = "order drafted", "bevel opgesteld";
    Signed = "order signed", "bevel ondertekend";
    Withdrawn = "withdrawal signed", "intrekking ondertekend";
    Sent = "received by the provider", "ontvangen door de aanbieder";
    Receipt = "receipt number", "ontvangstnummer";
    Case = "case", "zaak";
    State = "state", "stand";
    Received = "received", "ontvangen";
    WaitsFor = "waits for", "wacht op";
    WaitsApproval1 = "approval 1: two officers compare the order with what was understood", "goedkeuring 1: twee functionarissen vergelijken het bevel met wat is begrepen";
    WaitsApproval2 = "approval 2: two officers look at the rows that would go out", "goedkeuring 2: twee functionarissen bekijken de rijen die eruit zouden gaan";
    WaitsPeople = "people: it is halted", "mensen: de zaak ligt stil";
    WaitsMachine = "logs, trustees or time; nobody has to do anything", "logboeken, bewaarders of tijd; niemand hoeft iets te doen";
    WaitsNothing = "nothing, it is closed", "niets, de zaak is gesloten";
    Officers = "approved by", "goedgekeurd door";
    ThreeOfficers = "an account is flagged: three officers approve", "een account is gemarkeerd: drie functionarissen keuren goed";
    ScopeDiff = "scope difference", "verschil tussen bevel en uitkomst";
    RowsOut = "rows out", "rijen eruit";
    RowsHeld = "rows held back (inside an ordered slot, outside the ordered period)", "rijen achtergehouden (binnen een bevolen tijdvak, buiten de bevolen periode)";
    NoSelector = "no such selector on that day", "die dag bestond dit kenmerk niet";
    Whole = "covered wholly, evidence goes along", "geheel gedekt, het bewijs gaat mee";
    Partly = "covered partly: the trimming inside it is the provider's word", "deels gedekt: wat erbinnen is weggelaten, is het woord van de aanbieder";
    Productions = "productions", "verstrekkingen";
    History = "history", "verloop";
    Approved = "approved", "goedgekeurd";
    Refused = "refused", "geweigerd";
    WouldSign = "this would be signed; add --yes with the case's id to sign it", "dit zou worden ondertekend; voeg --yes met het zaaknummer toe om te ondertekenen";
    Form3Written = "Form 3 written", "formulier 3 geschreven";
    Opened = "package opened", "pakket geopend";
    HandoverItems = "hand-over items", "overdrachtsitems";
    GatewayAt = "gateway listens on", "gateway luistert op";
    Ready = "ready", "gereed";
    Original = "the original as it came", "het origineel zoals het kwam";
    WouldAttest = "compare both halves; --key, --out and --yes with the first digits of the SHA-256 sign that they say the same", "vergelijk beide helften; --key, --out en --yes met de eerste tekens van de SHA-256 ondertekenen dat ze hetzelfde zeggen";
    LookAtOriginal = "the original is no text: --original-out FILE, and look at it with its own program", "het origineel is geen tekst: --original-out BESTAND, en bekijk het met zijn eigen programma";
    InForce = "in force", "van kracht";
    Waits = "waits until", "wacht tot";
    NotInForce = "not in force", "niet van kracht";
    CallBack = "call back at", "terugbellen op";
    NoCases = "no cases", "geen zaken";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_there_in_both_languages_and_differs() {
        for word in Word::ALL {
            assert!(!word.text(Lang::En).is_empty() && !word.text(Lang::Nl).is_empty());
            assert_ne!(word.text(Lang::En), word.text(Lang::Nl), "{word:?}");
        }
    }
}
