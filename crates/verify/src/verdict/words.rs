//! What the report says in words, English and Dutch side by side, so that no sentence exists in one language only.

use super::failure::What;
use super::report::{Promise, Reason, Verdict};

/// The languages of the verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    Dutch,
}

impl Language {
    pub fn parse(text: &str) -> Option<Language> {
        match text {
            "en" => Some(Language::English),
            "nl" => Some(Language::Dutch),
            _ => None,
        }
    }

    pub(super) fn pick<'t>(self, english: &'t str, dutch: &'t str) -> &'t str {
        match self {
            Language::English => english,
            Language::Dutch => dutch,
        }
    }
}

impl Promise {
    pub fn title(self, language: Language) -> &'static str {
        let (english, dutch) = match self {
            Promise::OnlyOrdered => ("only what is ordered", "alleen wat bevolen is"),
            Promise::Trace => ("nothing without a trace", "niets zonder spoor"),
            Promise::AllOrdered => ("all that is ordered", "alles wat bevolen is"),
            Promise::NotMadeUp => ("not made up afterwards", "niet achteraf verzonnen"),
            Promise::NeverContent => ("never content", "nooit inhoud"),
            Promise::NoOneAlone => ("no one alone", "niemand alleen"),
            Promise::Gone => ("gone when its time is over", "weg als de tijd om is"),
            Promise::Seconds => ("in seconds", "in seconden"),
            Promise::AnyoneChecks => ("anyone can check", "iedereen kan het nagaan"),
            Promise::PersonHears => ("the person hears of it", "de betrokkene hoort ervan"),
        };
        language.pick(english, dutch)
    }
}

impl Verdict {
    pub fn words(&self, language: Language) -> String {
        match self {
            Verdict::Proven => language.pick("proven", "bewezen").to_owned(),
            Verdict::AttestedBy(names) => format!("{} {}", language.pick("attested by", "bevestigd door"), names.join(", ")),
            Verdict::ProvidersWord => language.pick("provider's word", "woord van de aanbieder").to_owned(),
        }
    }

    /// One word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Verdict::Proven => "proven",
            Verdict::AttestedBy(_) => "attested",
            Verdict::ProvidersWord => "provider",
        }
    }
}

impl Reason {
    /// The rule that the verdict follows from.
    pub fn rule(&self) -> &'static str {
        match self {
            Reason::RowsAreOrdered { .. } | Reason::OpenedAgain | Reason::RetentionLock | Reason::Checked => "SEA-65",
            Reason::OrderAttested => "LOG-101",
            Reason::TrimmedByProvider | Reason::LockNotShown | Reason::NotCheckable => "SEA-64",
            Reason::ReadableAtSource { .. } => "SEA-79",
            Reason::Logged { .. } => "REL-13",
            Reason::SegmentNotFetched { .. } | Reason::SegmentsFetched | Reason::SegmentsAtHand => "SEA-44",
            Reason::EpochWithoutSegment => "SEA-81",
            Reason::NoKeyAsked => "REL-14",
            Reason::LateEpochsUnseen | Reason::PublicReplayed { .. } | Reason::LateEpochUndecided => "SEA-63",
            Reason::NoSuchSelector => "SEA-52",
            Reason::CommittedBeforeOrder | Reason::CommittedBeforeIntent => "LOG-46",
            Reason::ShownOnlyBeforeIntent | Reason::NotShownBefore => "LOG-46",
            Reason::SaltsShown | Reason::SaltsShownLate | Reason::SaltsByMembers | Reason::SaltsNotShown => "REL-19",
            Reason::HeldByMembers | Reason::HoldNotShown => "REL-18",
            Reason::RegisteredTypes => "SEA-07",
            Reason::ReceiptsOfBoth | Reason::NoReceipts => "SEA-09",
            Reason::NotIndependent { .. } => "REL-30",
            Reason::Took { .. } | Reason::TookTooLong { .. } => "LOG-102",
            Reason::NoticeDue { .. } => "LOG-52",
        }
    }

    /// The sentence, without the numbers and names that differ from hour to hour.
    pub fn words(&self, language: Language) -> String {
        if let Some((english, dutch)) = self.fixed_words() {
            return language.pick(english, dutch).to_owned();
        }
        match (self, language) {
            (Reason::RowsAreOrdered { signer }, Language::English) => {
                format!("the rows are exactly the records of the persons named, ordered by {signer}")
            }
            (Reason::RowsAreOrdered { signer }, Language::Dutch) => {
                format!("de rijen zijn precies de gegevens van de genoemde personen, bevolen door {signer}")
            }
            (Reason::ReadableAtSource { days }, Language::English) => format!("also readable at the source for {days} days"),
            (Reason::ReadableAtSource { days }, Language::Dutch) => format!("ook {days} dagen leesbaar bij de bron"),
            (Reason::Logged { witnesses }, Language::English) => {
                format!("order and intent stand in the log, cosigned by {}", witnesses.join(", "))
            }
            (Reason::Logged { witnesses }, Language::Dutch) => {
                format!("bevel en voornemen staan in het logboek, medeondertekend door {}", witnesses.join(", "))
            }
            (Reason::NotIndependent { holder }, Language::English) => format!("{holder} alone holds both thresholds"),
            (Reason::NotIndependent { holder }, Language::Dutch) => format!("{holder} haalt beide drempels alleen"),
            (Reason::Took { seconds, limit }, Language::English) => {
                format!("{seconds} s from the log head that shows the intent to the last key, promised {limit} s")
            }
            (Reason::Took { seconds, limit }, Language::Dutch) => {
                format!("{seconds} s van de stand van het logboek die het voornemen toont tot de laatste sleutel, beloofd {limit} s")
            }
            (Reason::TookTooLong { seconds, limit }, Language::English) => {
                format!("not kept: {seconds} s from the log head that shows the intent to the last key, promised {limit} s")
            }
            (Reason::TookTooLong { seconds, limit }, Language::Dutch) => {
                format!(
                    "niet gehaald: {seconds} s van de stand van het logboek die het voornemen toont tot de laatste sleutel, beloofd {limit} s"
                )
            }
            (Reason::NoticeDue { at }, Language::English) => {
                format!("notice is due on {}, a date in the logged order", super::render::day(*at))
            }
            (Reason::NoticeDue { at }, Language::Dutch) => {
                format!("kennisgeving moet op {} gebeuren, een datum in het gelogde bevel", super::render::day(*at))
            }
            _ => String::new(),
        }
    }

    fn fixed_words(&self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Reason::OrderAttested => (
                "approvers compared the outside document with the order and signed",
                "goedkeurders vergeleken het externe stuk met het bevel en tekenden",
            ),
            Reason::TrimmedByProvider => (
                "the order covers this hour in part: inside it the trimming is the provider's word",
                "het bevel dekt dit uur deels: wat erbinnen is weggelaten, is het woord van de aanbieder",
            ),
            Reason::OpenedAgain => (
                "opened again from the package: keys, records, number of epochs",
                "opnieuw geopend uit het pakket: sleutels, gegevens, aantal epochs",
            ),
            Reason::SegmentNotFetched { .. } => (
                "no auditor fetched a segment: that nothing else is in it is the provider's word",
                "geen controleur haalde een segment op: dat er niets anders in staat, is het woord van de aanbieder",
            ),
            Reason::SegmentsFetched => {
                ("auditors fetched the segments and found them sorted", "controleurs haalden de segmenten op en vonden ze gesorteerd")
            }
            Reason::SegmentsAtHand => (
                "your copies of the segments are sorted and the logged ones",
                "uw kopieën van de segmenten zijn gesorteerd en die uit het logboek",
            ),
            Reason::LateEpochsUnseen => (
                "that no other late epoch covers this hour is the provider's word (--public DIR checks it)",
                "dat geen andere late epoch dit uur dekt, is het woord van de aanbieder (--public DIR gaat het na)",
            ),
            Reason::PublicReplayed { .. } => ("PUBLIC was replayed: no other late epoch", "PUBLIC is nagespeeld: geen andere late epoch"),
            Reason::LateEpochUndecided => (
                "PUBLIC shows a late epoch that may or may not have been closed before the intent",
                "PUBLIC toont een late epoch die misschien voor het voornemen is gesloten",
            ),
            Reason::EpochWithoutSegment => (
                "PUBLIC shows an epoch of this hour that nothing closed: that it held nothing ordered is the provider's word",
                "PUBLIC toont een epoch van dit uur die niets afsloot: dat daar niets bevolens in stond, is het woord van de aanbieder",
            ),
            Reason::NoSuchSelector => (
                "the salt map shows no such selector that day; that the map is whole is the provider's word",
                "de zoutkaart toont die dag geen zo'n kenmerk; dat de kaart volledig is, is het woord van de aanbieder",
            ),
            _ => return self.words_of_whole(),
        })
    }

    /// What is not about opened records.
    fn words_of_whole(&self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Reason::SaltsShown => ("the salts are those of the day's salt map", "de zouten zijn die van de zoutkaart van die dag"),
            Reason::SaltsShownLate => (
                "the salt map is not shown to have been in the public log before: that no earlier one differs is the provider's word",
                "niet getoond dat de zoutkaart eerder in het openbare logboek stond: dat geen eerdere afwijkt is het woord van de aanbieder",
            ),
            Reason::SaltsByMembers => (
                "the salt proofs are not in the package; members checked them",
                "de zoutbewijzen zitten niet in het pakket; leden gingen ze na",
            ),
            Reason::SaltsNotShown => ("nothing shows the salts of the persons", "niets toont de zouten van de personen"),
            Reason::CommittedBeforeOrder => {
                ("in the public log before the order existed", "in het openbare logboek voor het bevel bestond")
            }
            Reason::CommittedBeforeIntent => {
                ("in the public log before the keys were asked for", "in het openbare logboek voor de sleutels werden gevraagd")
            }
            Reason::ShownOnlyBeforeIntent => (
                "shown in the public log before the keys were asked for, not before the order",
                "getoond in het openbare logboek voor de sleutels werden gevraagd, niet voor het bevel",
            ),
            Reason::NotShownBefore => {
                ("not shown to have been in the public log before", "niet getoond dat het eerder in het openbare logboek stond")
            }
            Reason::RegisteredTypes => (
                "every row is of a registered type without a field for content",
                "elke rij is van een geregistreerde soort zonder veld voor inhoud",
            ),
            Reason::ReceiptsOfBoth => {
                ("members of both committees signed that they released", "leden van beide commissies tekenden dat zij vrijgaven")
            }
            Reason::NoKeyAsked => (
                "no key was asked for in this hour: that nothing ordered is held of it is the provider's word",
                "voor dit uur is geen sleutel gevraagd: dat er niets bevolens van bewaard is, is het woord van de aanbieder",
            ),
            Reason::NoReceipts => {
                ("no receipts of both thresholds in the package", "geen ontvangstbewijzen van beide drempels in het pakket")
            }
            Reason::RetentionLock => (
                "opened only with retention values committed before the first record: without them nobody opens it",
                "alleen geopend met bewaarwaarden die voor de eerste rij vastlagen: zonder die opent niemand het",
            ),
            Reason::LockNotShown => ("no evidence for this hour shows the retention lock", "geen bewijs voor dit uur toont het bewaarslot"),
            Reason::HeldByMembers => (
                "past its retention; members of both committees saw the order to preserve that kept it",
                "over zijn bewaartermijn heen; leden van beide commissies zagen het bewaringsbevel dat het behield",
            ),
            Reason::HoldNotShown => {
                ("past its retention, and nothing shows what kept it", "over zijn bewaartermijn heen, en niets toont wat het behield")
            }
            Reason::Checked => ("checked from the package and the policy alone", "nagegaan met alleen pakket en beleid"),
            Reason::NotCheckable => ("no evidence for an hour covered in part", "geen bewijs voor een deels gedekt uur"),
            _ => return None,
        })
    }
}

impl What {
    pub fn words(&self, language: Language) -> String {
        if let What::Inner { part, text } = self {
            return format!("{part}: {text}");
        }
        let (english, dutch) = self.fixed_words();
        language.pick(english, dutch).to_owned()
    }

    fn fixed_words(&self) -> (&'static str, &'static str) {
        self.of_order().or_else(|| self.of_evidence()).unwrap_or(("", ""))
    }

    fn of_order(&self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            What::DemoMismatch => {
                ("package and policy do not agree on being a demonstration", "pakket en beleid zijn het niet eens over demonstratie")
            }
            What::OtherOrder => ("the statement names another order", "de verklaring noemt een ander bevel"),
            What::OtherIntent => ("the statement names another intent", "de verklaring noemt een ander voornemen"),
            What::OriginalMissing => {
                ("the original that was attested is not in the package", "het origineel dat is bevestigd zit niet in het pakket")
            }
            What::ReceiptOfOther => {
                ("a receipt is of another order, intent or member", "een ontvangstbewijs is van een ander bevel, voornemen of lid")
            }
            _ => return None,
        })
    }

    fn of_evidence(&self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            What::EvidenceTooMuch => {
                ("evidence for an hour that the order covers only in part", "bewijs voor een uur dat het bevel maar deels dekt")
            }
            What::EvidenceOfOthers => (
                "the evidence is not of exactly the ordered identities and hour",
                "het bewijs is niet van precies de bevolen identiteiten en dit uur",
            ),
            What::EvidenceMissing => {
                ("no evidence for an hour that the order covers wholly", "geen bewijs voor een uur dat het bevel geheel dekt")
            }
            What::KeyDoesNotFit => {
                ("a key does not fit the committees' public key", "een sleutel past niet bij de openbare sleutel van de commissies")
            }
            What::EpochCount => ("another number of epochs than stated", "een ander aantal epochs dan verklaard"),
            What::LateEpochMissing => (
                "a late epoch that was closed before the intent is not shown",
                "een late epoch die voor het voornemen was gesloten, ontbreekt",
            ),
            What::SecondSlotClose => {
                ("the slot-close shown is not the first one of the hour", "de getoonde uursluiting is niet de eerste van het uur")
            }
            What::SegmentUncounted => (
                "a segment of the hour stood in PUBLIC before its slot-close, which does not count it",
                "een segment van het uur stond in PUBLIC vóór de uursluiting, die het niet meetelt",
            ),
            What::SlotsOfOthers => {
                ("the hours answered are not those of order and intent", "de beantwoorde uren zijn niet die van bevel en voornemen")
            }
            What::ItemsOfOthers => {
                ("the items answered are not those of the order", "de beantwoorde onderdelen zijn niet die van het bevel")
            }
            What::RowsDiffer => {
                ("the rows are not exactly the records of the evidence", "de rijen zijn niet precies de gegevens van het bewijs")
            }
            What::RowWithoutKey => (
                "a row of somebody for whom no key was asked in that hour",
                "een rij van iemand voor wie in dat uur geen sleutel is gevraagd",
            ),
            What::RowOutside => ("a row outside the order", "een rij buiten het bevel"),
            What::HeldBack => {
                ("rows held back although every hour is covered wholly", "rijen achtergehouden terwijl elk uur geheel is gedekt")
            }
            What::SourceDiffers => {
                ("policy and statement differ on what the source keeps", "beleid en verklaring verschillen over wat de bron bewaart")
            }
            What::PublicIncomplete => (
                "the copy of PUBLIC is not whole or ends before the intent",
                "de kopie van PUBLIC is niet volledig of eindigt voor het voornemen",
            ),
            _ => return None,
        })
    }
}
