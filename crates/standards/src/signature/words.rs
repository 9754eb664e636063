//! What a refusal means for people, and what the sender can do, in English and Dutch.

use super::{NotCompetent, Refusal};

/// One sentence in both languages, then what helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    pub en: &'static str,
    pub nl: &'static str,
    pub hint_en: &'static str,
    pub hint_nl: &'static str,
}

const fn words(en: &'static str, nl: &'static str, hint_en: &'static str, hint_nl: &'static str) -> Words {
    Words { en, nl, hint_en, hint_nl }
}

impl Refusal {
    pub fn words(&self) -> Words {
        match self.code() {
            "SIG-01" | "SIG-02" | "SIG-03" | "SIG-04" | "SIG-05" | "SIG-06" => self.words_of_documents(),
            "SIG-50" | "SIG-51" | "SIG-52" | "SIG-53" | "SIG-54" | "SIG-55" | "SIG-56" | "SIG-57" => self.words_of_trust(),
            _ => self.words_of_signatures(),
        }
    }

    fn words_of_documents(&self) -> Words {
        match self {
            Refusal::Size { .. } => words(
                "The document is larger or deeper than is read.",
                "Het document is groter of dieper genest dan wordt gelezen.",
                "send attachments apart, or a plainer document",
                "stuur bijlagen apart, of een eenvoudiger document",
            ),
            Refusal::Form { .. } => words(
                "The file is not a whole document of this format.",
                "Het bestand is geen volledig document in dit formaat.",
                "send it again from the system that signed it",
                "stuur het opnieuw vanuit het systeem dat het ondertekende",
            ),
            Refusal::Forbidden { .. } => words(
                "The document has something that lets programs read it in two ways.",
                "Het document bevat iets waardoor programma's het verschillend kunnen lezen.",
                "send UTF-8 without document type, entities and processing instructions",
                "stuur UTF-8 zonder documenttype, entiteiten en verwerkingsinstructies",
            ),
            Refusal::Unsigned => words(
                "The document is not signed.",
                "Het document is niet ondertekend.",
                "sign it, or have it confirmed by telephone through the registry's number",
                "onderteken het, of laat het telefonisch bevestigen via het nummer uit het register",
            ),
            Refusal::Algorithm { .. } => words(
                "The signature uses a method that is too weak or proves nobody's identity.",
                "De ondertekening gebruikt een methode die te zwak is of niemands identiteit bewijst.",
                "sign with RSA from 2048 bits, ECDSA or Ed25519, and SHA-256 or longer",
                "onderteken met RSA vanaf 2048 bits, ECDSA of Ed25519, en SHA-256 of langer",
            ),
            _ => words(
                "The signer's certificate is missing or cannot be read.",
                "Het certificaat van de ondertekenaar ontbreekt of is niet leesbaar.",
                "include the X.509 certificate in the signature",
                "neem het X.509-certificaat op in de ondertekening",
            ),
        }
    }

    fn words_of_signatures(&self) -> Words {
        match self {
            Refusal::Value | Refusal::Digest | Refusal::OtherCertificate => words(
                "The document is not what was signed, or not by this certificate.",
                "Het document is niet wat is ondertekend, of niet met dit certificaat.",
                "treat it as forged until the authority confirms it; ask for the original file",
                "behandel het als vervalst tot de autoriteit het bevestigt; vraag het originele bestand",
            ),
            Refusal::ChangedAfterSigning { .. } | Refusal::ByteRange | Refusal::Gap => words(
                "The file holds more than was signed.",
                "Het bestand bevat meer dan is ondertekend.",
                "send the file as it was signed, without anything added",
                "stuur het bestand zoals het is ondertekend, zonder toevoegingen",
            ),
            Refusal::ActiveContent { .. } => words(
                "The PDF can look different from how it was signed.",
                "De PDF kan er anders uitzien dan toen hij werd ondertekend.",
                "send a PDF without scripts, layers and forms of its own",
                "stuur een PDF zonder scripts, lagen en eigen formulieren",
            ),
            Refusal::Reference { .. } | Refusal::DoubleId { .. } | Refusal::References { .. } | Refusal::Place => words(
                "The signature does not cover the whole document.",
                "De ondertekening dekt niet het hele document.",
                "sign the document as a whole; until then treat it as forged",
                "onderteken het document als geheel; behandel het tot dan als vervalst",
            ),
            _ => words(
                "The signature is built in a way that is not accepted.",
                "De ondertekening is opgebouwd op een manier die niet wordt aanvaard.",
                "use a plain XAdES, CAdES, PAdES or JAdES signature of level B",
                "gebruik een gewone XAdES-, CAdES-, PAdES- of JAdES-ondertekening van niveau B",
            ),
        }
    }

    fn words_of_trust(&self) -> Words {
        match self {
            Refusal::NoPath { .. } => words(
                "Nobody on the trusted list vouches for the signer.",
                "Niemand op de vertrouwenslijst staat in voor de ondertekenaar.",
                "sign with a qualified certificate, or have this one registered",
                "onderteken met een gekwalificeerd certificaat, of laat dit registreren",
            ),
            Refusal::Validity { .. } => words(
                "The signer's certificate was not valid when the document was received.",
                "Het certificaat van de ondertekenaar was niet geldig bij ontvangst.",
                "sign again with a valid certificate",
                "onderteken opnieuw met een geldig certificaat",
            ),
            Refusal::Revoked => words(
                "The signer's certificate has been revoked.",
                "Het certificaat van de ondertekenaar is ingetrokken.",
                "call the authority through the registry's number; the key may be stolen",
                "bel de autoriteit via het nummer uit het register; de sleutel kan gestolen zijn",
            ),
            Refusal::RevocationUnknown => words(
                "It is not known whether the signer's certificate was revoked.",
                "Het is niet bekend of het certificaat van de ondertekenaar is ingetrokken.",
                "the provider fetches a current revocation list of the issuer",
                "de aanbieder haalt een actuele intrekkingslijst van de uitgever op",
            ),
            Refusal::KeyUsage { .. } => words(
                "The certificate is for something else than signing documents.",
                "Het certificaat is voor iets anders dan het ondertekenen van documenten.",
                "sign with a certificate for signatures or seals",
                "onderteken met een certificaat voor handtekeningen of zegels",
            ),
            Refusal::SigningTime { .. } => words(
                "The stated signing time cannot be right.",
                "De opgegeven tijd van ondertekening kan niet kloppen.",
                "check the clock of the signing system and sign again",
                "controleer de klok van het ondertekeningssysteem en onderteken opnieuw",
            ),
            Refusal::ServiceNotGranted { .. } => words(
                "The service that issued the certificate was not granted at that time.",
                "De dienst die het certificaat uitgaf, was toen niet toegelaten.",
                "sign with a certificate of a granted service",
                "onderteken met een certificaat van een toegelaten dienst",
            ),
            _ => words(
                "The trusted list is not usable.",
                "De vertrouwenslijst is niet bruikbaar.",
                "import the current list and check its operator's certificate",
                "importeer de actuele lijst en controleer het certificaat van de beheerder",
            ),
        }
    }
}

impl NotCompetent {
    pub fn words(&self) -> Words {
        match self {
            NotCompetent::Unknown => words(
                "The registry does not know this signer.",
                "Het register kent deze ondertekenaar niet.",
                "have the authority registered; an entry holds after its waiting time",
                "laat de autoriteit registreren; een inschrijving geldt na de wachttijd",
            ),
            NotCompetent::NotInForce { .. } => words(
                "The registry's entry of this signer is not in force.",
                "De inschrijving van deze ondertekenaar geldt niet op dit moment.",
                "wait until the entry is in force, or sign with a key that is",
                "wacht tot de inschrijving geldt, of onderteken met een sleutel die geldt",
            ),
            NotCompetent::NotForThis { .. } => words(
                "This authority may not order this.",
                "Deze autoriteit mag dit niet vorderen.",
                "have the order issued or validated by a competent authority",
                "laat de vordering uitvaardigen of bekrachtigen door een bevoegde autoriteit",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_speaks_of_what_it_is_about() {
        let cases = [
            (Refusal::Unsigned, "not signed"),
            (Refusal::Digest, "not what was signed"),
            (Refusal::ChangedAfterSigning { signed: 1, of: 2 }, "more than was signed"),
            (Refusal::Reference { uri: String::new() }, "whole document"),
            (Refusal::SubFilter, "not accepted"),
            (Refusal::Revoked, "revoked"),
            (Refusal::NoPath { issuer: String::new() }, "vouches"),
            (Refusal::Certificate { what: "" }, "certificate is missing"),
        ];
        for (refusal, part) in cases {
            assert!(refusal.words().en.contains(part), "{refusal:?}: {:?}", refusal.words());
        }
        assert!(NotCompetent::Unknown.words().nl.contains("kent deze ondertekenaar niet"));
    }
}
