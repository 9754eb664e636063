//! Failures in two lines: what happened, with its rule; what to do. In both languages.

use seal::ceremony::CeremonyError;

use super::Failure;
use super::speech::Language;
use crate::ceremony::CeremonyRefusal;
use crate::disk::FolderError;
use crate::documents::terms::TermsRefusal;
use crate::state::StateError;

/// What happened and what to do, English and Dutch.
struct Words {
    english: (String, &'static str),
    dutch: (String, &'static str),
}

fn words(english: String, hint: &'static str, dutch: String, raad: &'static str) -> Words {
    Words { english: (english, hint), dutch: (dutch, raad) }
}

/// The two lines of a failure.
pub fn two_lines(failure: &Failure, language: Language) -> String {
    let (code, words) = match failure {
        Failure::Usage(wrong) => ("", usage(wrong)),
        Failure::Ceremony(refusal) => (refusal.code(), ceremony(refusal)),
        Failure::State(error) => state(error),
        Failure::Folder(error) => folder(error),
        Failure::Rule { code, english, dutch } => {
            (*code, words(english.clone(), "see docs/operate/trustee.md", dutch.clone(), "zie docs/operate/trustee.md"))
        }
        Failure::Bug(what) => (
            "BUG",
            words(
                (*what).to_owned(),
                "keep the folder as it is and tell the makers",
                (*what).to_owned(),
                "laat de map zoals ze is en waarschuw de makers",
            ),
        ),
        Failure::Outside { what, error } => ("", outside(what, error)),
    };
    let first = match (failure.exit(), language) {
        (super::Exit::Usage, Language::English) => "usage",
        (super::Exit::Usage, Language::Dutch) => "gebruik",
        (super::Exit::Fault, Language::English) => "fault",
        (super::Exit::Fault, Language::Dutch) => "storing",
        (_, Language::English) => "refused",
        (_, Language::Dutch) => "geweigerd",
    };
    let space = if code.is_empty() { "" } else { " " };
    match language {
        Language::English => format!("{first}{space}{code}: {}\n  hint: {}\n", words.english.0, words.english.1),
        Language::Dutch => format!("{first}{space}{code}: {}\n  raad: {}\n", words.dutch.0, words.dutch.1),
    }
}

fn usage(wrong: &str) -> Words {
    let hint = "waarborg-trustee help";
    words(wrong.to_owned(), hint, wrong.to_owned(), hint)
}

fn outside(what: &str, error: &std::io::Error) -> Words {
    words(
        format!("{what}: {error}"),
        "is the stick in, mounted, and writable? a file that others laid down is never overwritten",
        format!("{what}: {error}"),
        "zit de stick erin en is hij beschrijfbaar? wat een ander neerlegde wordt nooit overschreven",
    )
}

fn state(error: &StateError) -> (&'static str, Words) {
    match error {
        StateError::Missing { file } => (
            "REL-27",
            words(
                format!("the state folder lacks {file}"),
                "a member without its state is resharded; never start from empty and never restore a copy",
                format!("in de eigen map ontbreekt {file}"),
                "een lid zonder zijn map krijgt een nieuw deel; begin nooit leeg en zet nooit een kopie terug",
            ),
        ),
        StateError::Damaged { file } => (
            "REL-27",
            words(
                format!("{file} in the state folder is not as it was written"),
                "keep the folder as it is, tell the others, and be resharded",
                format!("{file} in de eigen map is niet zoals het geschreven is"),
                "laat de map zoals ze is, waarschuw de anderen, en vraag een nieuw deel",
            ),
        ),
        StateError::Fault(error) => (
            "",
            words(
                format!("the disk of the state folder: {error}"),
                "repair the disk, then run the same command again",
                format!("de schijf van de eigen map: {error}"),
                "herstel de schijf en doe dan dezelfde opdracht opnieuw",
            ),
        ),
    }
}

fn folder(error: &FolderError) -> (&'static str, Words) {
    let same = |code, english: &str, hint, dutch: &str, raad| (code, words(english.to_owned(), hint, dutch.to_owned(), raad));
    match error {
        FolderError::NotEmpty => same(
            "TRU-02",
            "there is something in that folder already",
            "init makes a new member in a new folder; it never overwrites one",
            "er staat al iets in die map",
            "init maakt een nieuw lid in een nieuwe map; het overschrijft er nooit een",
        ),
        FolderError::Missing => same(
            "REL-27",
            "there is no state folder",
            "is the disk mounted? a member without its state is resharded",
            "er is geen eigen map",
            "is de schijf aangekoppeld? een lid zonder zijn map krijgt een nieuw deel",
        ),
        FolderError::InUse => same(
            "TRU-01",
            "another process works in this state folder",
            "one at a time: try again when it has ended",
            "een ander proces werkt in deze eigen map",
            "één tegelijk: probeer opnieuw als dat klaar is",
        ),
        FolderError::OpenToOthers => same(
            "TRU-03",
            "others than its owner can read or write the state folder",
            "chmod 700, then find out who did",
            "anderen dan de eigenaar kunnen de eigen map lezen of beschrijven",
            "chmod 700, en zoek daarna uit wie dat kon",
        ),
        FolderError::Fault(error) => state(&StateError::Fault(std::io::Error::from(error.kind()))),
    }
}

fn ceremony(refusal: &CeremonyRefusal) -> Words {
    match refusal {
        CeremonyRefusal::Card { file, error } => words(
            format!("{file}: {error}"),
            "the member lays its card down again, from its own machine",
            format!("{file}: {error}"),
            "het lid legt zijn kaart opnieuw neer, vanaf de eigen machine",
        ),
        CeremonyRefusal::Terms(terms) => terms_words(terms),
        CeremonyRefusal::WrongCard { member } => words(
            format!("the card of member {member} on the table is not the one that this member made"),
            "somebody exchanged a card, or it is from another evening: lay the right one down, or stop",
            format!("de kaart van lid {member} op tafel is niet die van dat lid zelf"),
            "iemand verwisselde een kaart, of ze is van een andere avond: leg de juiste neer, of stop",
        ),
        CeremonyRefusal::OtherCeremony { member } => words(
            format!("the file of member {member} was made for other cards, another threshold or another evening"),
            "compare --need and --provider, take old files off the table, and let that member do its step again",
            format!("het bestand van lid {member} hoort bij andere kaarten, een andere drempel of een andere avond"),
            "vergelijk --need en --provider, neem oude bestanden van tafel, en laat dat lid zijn stap opnieuw doen",
        ),
        CeremonyRefusal::NotByItsMaker { member, error } => words(
            format!("the file of member {member} is not by member {member}: {error}"),
            "it was damaged or exchanged on the table: the member lays it down again",
            format!("het bestand van lid {member} is niet van lid {member}: {error}"),
            "het is beschadigd of verwisseld op tafel: het lid legt het opnieuw neer",
        ),
        CeremonyRefusal::BadDealing { dealer, error } => words(
            format!("dealer {dealer} dealt wrongly, as everybody can see: {}", reason(error)),
            "stop; everybody makes a new card, and the ceremony starts again without this dealer",
            format!("deler {dealer} verdeelde verkeerd, zoals iedereen kan zien: {}", reason(error)),
            "stop; ieder maakt een nieuwe kaart, en de ceremonie begint opnieuw zonder deze deler",
        ),
        CeremonyRefusal::BadShare { dealer } => words(
            format!("dealer {dealer} gave you a share that does not fit"),
            "show it to all with: ceremony complain --against that dealer",
            format!("deler {dealer} gaf u een deel dat niet past"),
            "toon het aan allen met: ceremony complain --against die deler",
        ),
        other => ceremony_gathering(other),
    }
}

/// Who is missing at the table, and who laid down or took something else.
fn ceremony_gathering(refusal: &CeremonyRefusal) -> Words {
    match refusal {
        CeremonyRefusal::DealingMissing { dealer } => words(
            format!("the dealing of member {dealer} does not lie on the table"),
            "wait for it; only if all at the table decide so: --absent, the same for everybody",
            format!("de verdeling van lid {dealer} ligt niet op tafel"),
            "wacht erop; alleen als allen aan tafel dat besluiten: --absent, voor iedereen gelijk",
        ),
        CeremonyRefusal::AcceptanceMissing { member } => words(
            format!("member {member} has not accepted"),
            "wait for it; only if all at the table decide so: --absent, the same for everybody",
            format!("lid {member} heeft niet aanvaard"),
            "wacht erop; alleen als allen aan tafel dat besluiten: --absent, voor iedereen gelijk",
        ),
        CeremonyRefusal::TooFewDealers { got, need } | CeremonyRefusal::TooFewAcceptances { got, need } => words(
            format!("{got} members are too few, {need} are needed"),
            "come together again with more members",
            format!("{got} leden zijn te weinig, er zijn er {need} nodig"),
            "kom opnieuw bijeen met meer leden",
        ),
        CeremonyRefusal::DealtOtherwise | CeremonyRefusal::AcceptedOtherwise => words(
            "you have laid down another file in this ceremony already".to_owned(),
            "compare --need, --provider, --absent and the cards; for a new ceremony make a new card: ceremony card",
            "u hebt in deze ceremonie al een ander bestand neergelegd".to_owned(),
            "vergelijk --need, --provider, --absent en de kaarten; voor een nieuwe ceremonie: ceremony card",
        ),
        CeremonyRefusal::TranscriptsDiffer { member, dealer } => {
            let by = |word: &str| dealer.map_or(String::new(), |dealer| format!("; {word} {dealer}"));
            words(
                format!("member {member} accepted other files than you{}", by("they differ from dealer")),
                "stop: that dealer showed two faces, or somebody exchanged files; compare what each has",
                format!("lid {member} aanvaardde andere bestanden dan u{}", by("ze verschillen van deler")),
                "stop: die deler toonde twee gezichten, of iemand verwisselde bestanden; vergelijk wat ieder heeft",
            )
        }
        other => ceremony_keys(other),
    }
}

/// Shares, box keys and records that are wrong, shown or gone.
fn ceremony_keys(refusal: &CeremonyRefusal) -> Words {
    match refusal {
        CeremonyRefusal::BadPossessionPart { member } => words(
            format!("the part of member {member} in the proof of possession is wrong"),
            "stop; that member does not hold the share it says",
            format!("het aandeel van lid {member} in het bezitsbewijs is verkeerd"),
            "stop; dat lid heeft niet het deel dat het zegt te hebben",
        ),
        CeremonyRefusal::NothingToComplainOf { dealer } => words(
            format!("the share of dealer {dealer} fits"),
            "no complaint was written and nothing was shown",
            format!("het deel van deler {dealer} past"),
            "er is geen klacht geschreven en niets getoond",
        ),
        CeremonyRefusal::ComplaintShowsTooMuch { dealer } => words(
            format!("the share of dealer {dealer} is wrong, but a complaint would show parts of a key that lives on"),
            "say it aloud; then everybody makes a new card, and the key is dealt again with this dealer as --absent",
            format!("het deel van deler {dealer} is verkeerd, maar een klacht zou delen tonen van een sleutel die blijft"),
            "zeg het hardop; dan maakt ieder een nieuwe kaart, en de sleutel wordt opnieuw verdeeld met deze deler als --absent",
        ),
        CeremonyRefusal::Void { member } => words(
            format!("member {member} has shown its box key in a complaint: this ceremony is void"),
            "everybody makes a new card, and the ceremony starts again: ceremony card",
            format!("lid {member} heeft in een klacht zijn kistsleutel getoond: deze ceremonie is nietig"),
            "ieder maakt een nieuwe kaart, en de ceremonie begint opnieuw: ceremony card",
        ),
        CeremonyRefusal::NoBoxKey => words(
            "there is no box key for the card on the table: this ceremony is finished, or the card was not".to_owned(),
            "for a further ceremony: ceremony card",
            "er is geen kistsleutel bij de kaart op tafel: deze ceremonie is af, of de kaart was dat niet".to_owned(),
            "voor een volgende ceremonie: ceremony card",
        ),
        CeremonyRefusal::NotConfirmed => words(
            "nothing shows that the newer shares exist: a share is not destroyed on a record alone".to_owned(),
            "who goes on runs ceremony finish first; who left names the next generation and --table, the stick on which it was dealt",
            "niets toont dat de nieuwere delen bestaan: een deel wordt niet vernietigd op een verslag alleen".to_owned(),
            "wie doorgaat, doet eerst ceremony finish; wie vertrok, noemt de volgende generatie en --table, de stick waarop die is verdeeld",
        ),
        CeremonyRefusal::NoOldShare | CeremonyRefusal::BadRecord => words(
            "this record is not that of a key of which this member holds the newest share".to_owned(),
            "use the newest committee record, as it was written",
            "dit verslag is niet dat van een sleutel waarvan dit lid het nieuwste deel heeft".to_owned(),
            "gebruik het nieuwste commissieverslag, zoals het geschreven is",
        ),
        other => words(
            format!("the pieces do not fit together: {other:?}"),
            "stop and keep all files",
            format!("de stukken passen niet bij elkaar: {other:?}"),
            "stop en bewaar alle bestanden",
        ),
    }
}

fn terms_words(refusal: &TermsRefusal) -> Words {
    let hint = "lay the right cards on the table, one for each member, numbers from 1";
    let raad = "leg de juiste kaarten op tafel, één per lid, genummerd vanaf 1";
    let of = |english: String, dutch: String| words(english, hint, dutch, raad);
    match refusal {
        TermsRefusal::NoCards => of("no cards lie on the table".into(), "er liggen geen kaarten op tafel".into()),
        TermsRefusal::OtherCommittee { member } => {
            of(format!("card {member} is of the other committee"), format!("kaart {member} is van de andere commissie"))
        }
        TermsRefusal::Missing { member } => of(format!("card {member} is missing"), format!("kaart {member} ontbreekt")),
        TermsRefusal::TwoCards { member } => of(format!("two cards are number {member}"), format!("twee kaarten hebben nummer {member}")),
        TermsRefusal::SharedKey { first, second } => of(
            format!("cards {first} and {second} have the same key: one person would hold two shares"),
            format!("kaarten {first} en {second} hebben dezelfde sleutel: één persoon zou twee delen hebben"),
        ),
        TermsRefusal::Threshold { need, of } => words(
            format!("{need} of {of} is no threshold"),
            "more than half of the members, and at least two",
            format!("{need} van {of} is geen drempel"),
            "meer dan de helft van de leden, en ten minste twee",
        ),
        TermsRefusal::OtherRecord => {
            of("the record is of another committee or provider".into(), "het verslag is van een andere commissie of aanbieder".into())
        }
    }
}

fn reason(error: &CeremonyError) -> &'static str {
    match error {
        CeremonyError::WrongDegree { .. } => "another threshold / andere drempel",
        CeremonyError::NoPossession { .. } => "no possession of its term / geen bezit van de eigen term",
        CeremonyError::NotItsOldShare { .. } => "not its old share / niet het eigen oude deel",
        _ => "wrong numbers / verkeerde nummers",
    }
}
