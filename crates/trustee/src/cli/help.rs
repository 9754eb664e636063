//! Every command with its options and examples, as data: the parser reads it, `--help` prints it, tests run the examples.

use super::args::Args;
use super::speech::Language;
use super::{Exit, Failure, Shell, ceremony, destroy, judge, member, policy};

/// One command.
pub struct Command {
    /// Its words: `init`, `ceremony deal`.
    pub words: &'static [&'static str],
    /// What it does, one sentence in English.
    pub english: &'static str,
    /// The same in Dutch.
    pub dutch: &'static str,
    /// Its options.
    pub options: &'static [Opt],
    /// Calls that work, in the order of a ceremony; without the program's name.
    pub examples: &'static [&'static str],
    /// What runs it.
    pub run: fn(&Args, Language, &mut Shell<'_>) -> Result<Exit, Failure>,
}

/// One option.
pub struct Opt {
    /// With its dashes.
    pub name: &'static str,
    /// What stands after it; empty for none.
    pub value: &'static str,
    /// Must be given.
    pub needed: bool,
    /// May be given more than once.
    pub repeats: bool,
    /// English.
    pub english: &'static str,
    /// Dutch.
    pub dutch: &'static str,
}

impl Command {
    /// The words as typed.
    pub fn name(&self) -> String {
        self.words.join(" ")
    }
}

const fn needed(name: &'static str, value: &'static str, english: &'static str, dutch: &'static str) -> Opt {
    Opt { name, value, needed: true, repeats: false, english, dutch }
}

const fn maybe(name: &'static str, value: &'static str, english: &'static str, dutch: &'static str) -> Opt {
    Opt { name, value, needed: false, repeats: false, english, dutch }
}

const STATE: Opt = needed("--state", "DIR", "the member's state folder", "de eigen map van het lid");
const TABLE: Opt = needed("--table", "DIR", "the folder on the table, often a stick", "de map op tafel, vaak een stick");
const NEED: Opt = needed("--need", "T", "how many members must act together", "hoeveel leden samen moeten handelen");
const PROVIDER: Opt =
    needed("--provider", "HEX", "provider id, 32 hexadecimal digits", "kenmerk van de aanbieder, 32 hexadecimale cijfers");
const FROM: Opt = maybe(
    "--from",
    "FILE",
    "record of the committee whose key is dealt again",
    "verslag van de commissie waarvan de sleutel opnieuw wordt verdeeld",
);
const ABSENT: Opt = Opt {
    name: "--absent",
    value: "N",
    needed: false,
    repeats: true,
    english: "a member who is not here, by name of all at the table; may repeat",
    dutch: "een lid dat er niet is, zo besloten door allen aan tafel; mag herhaald worden",
};
const COMMITTEE: Opt = needed("--committee", "NAME", "approvers or guardians", "approvers (goedkeurders) of guardians (bewakers)");
const AGAINST: Opt = needed("--against", "N", "the dealer complained of", "de deler over wie geklaagd wordt");

/// Options of every command.
pub const EVERYWHERE: &[Opt] =
    &[maybe("--lang", "en|nl", "language of the sentences", "taal van de zinnen"), maybe("--help", "", "this text", "deze tekst")];

/// All commands, in the order in which a member meets them.
pub const COMMANDS: &[Command] = &[
    Command {
        words: &["init"],
        english: "Makes a member's state folder, with new keys, and prints the member's card.",
        dutch: "Maakt de map van een lid, met nieuwe sleutels, en drukt de kaart van het lid af.",
        options: &[
            STATE,
            COMMITTEE,
            needed("--index", "N", "the member's number, from 1", "het nummer van het lid, vanaf 1"),
            needed("--name", "TEXT", "the person", "de persoon"),
            needed("--organisation", "TEXT", "the body for which this person sits", "de instelling namens welke deze persoon zit"),
            maybe("--table", "DIR", "also lay the card on the table", "leg de kaart ook op tafel"),
        ],
        examples: &[
            "init --state anna --committee approvers --index 1 --name \"Anna de Vries\" --organisation \"Rechtbank Amsterdam\" --table stick",
        ],
        run: member::init,
    },
    Command {
        words: &["ceremony", "deal"],
        english: "Round 1: deals secret shares to all members and lays them, sealed, on the table.",
        dutch: "Ronde 1: verdeelt geheime delen onder alle leden en legt ze, verzegeld, op tafel.",
        options: &[STATE, TABLE, NEED, PROVIDER, FROM],
        examples: &["ceremony deal --state anna --table stick --need 2 --provider 00112233445566778899aabbccddeeff"],
        run: ceremony::deal,
    },
    Command {
        words: &["ceremony", "accept"],
        english: "Round 2: checks every dealing, names a dealer who cheated, or signs that all is well.",
        dutch: "Ronde 2: controleert elke verdeling, noemt een deler die bedroog, of tekent dat alles klopt.",
        options: &[STATE, TABLE, NEED, PROVIDER, FROM, ABSENT],
        examples: &["ceremony accept --state anna --table stick --need 2 --provider 00112233445566778899aabbccddeeff"],
        run: ceremony::accept,
    },
    Command {
        words: &["ceremony", "show"],
        english: "Prints members and transcript for reading aloud; needs no state folder.",
        dutch: "Drukt leden en verslagcode af om hardop voor te lezen; heeft geen eigen map nodig.",
        options: &[TABLE, COMMITTEE, NEED, PROVIDER, FROM, ABSENT],
        examples: &["ceremony show --table stick --committee approvers --need 2 --provider 00112233445566778899aabbccddeeff"],
        run: ceremony::show,
    },
    Command {
        words: &["ceremony", "finish"],
        english: "When all have accepted the same: stores this member's share and writes the committee record.",
        dutch: "Als allen hetzelfde aanvaard hebben: bewaart het deel van dit lid en schrijft het commissieverslag.",
        options: &[STATE, TABLE, NEED, PROVIDER, FROM, ABSENT],
        examples: &["ceremony finish --state anna --table stick --need 2 --provider 00112233445566778899aabbccddeeff"],
        run: ceremony::finish,
    },
    Command {
        words: &["ceremony", "complain"],
        english: "Shows everybody that a dealer gave this member a wrong share; ends the ceremony.",
        dutch: "Toont allen dat een deler dit lid een verkeerd deel gaf; beëindigt de ceremonie.",
        options: &[STATE, TABLE, NEED, PROVIDER, FROM, AGAINST],
        examples: &[],
        run: ceremony::complain,
    },
    Command {
        words: &["ceremony", "hear"],
        english: "Judges a complaint that lies on the table; anybody can, without a state folder.",
        dutch: "Beoordeelt een klacht die op tafel ligt; dat kan iedereen, zonder eigen map.",
        options: &[TABLE, COMMITTEE, NEED, PROVIDER, FROM, needed("--member", "N", "who complains", "wie klaagt"), AGAINST],
        examples: &[],
        run: ceremony::hear,
    },
    Command {
        words: &["ceremony", "card"],
        english: "Makes a new card, with a new box key, for a further ceremony.",
        dutch: "Maakt een nieuwe kaart, met een nieuwe kistsleutel, voor een volgende ceremonie.",
        options: &[STATE, TABLE],
        examples: &["ceremony card --state anna --table next-stick"],
        run: ceremony::card,
    },
    Command {
        words: &["ceremony", "retire"],
        english: "Destroys this member's older shares, once the newer committee record is confirmed by all.",
        dutch: "Vernietigt de oudere delen van dit lid, zodra allen het nieuwere commissieverslag bevestigd hebben.",
        options: &[
            STATE,
            needed("--record", "FILE", "the newer committee record", "het nieuwere commissieverslag"),
            maybe("--table", "DIR", "for who left: the stick on which it was dealt", "voor wie vertrok: de stick waarop het is verdeeld"),
        ],
        examples: &[
            "ceremony retire --state anna --record next-stick/committee-approvers.txt",
            "ceremony retire --state bram --record next-stick/committee-approvers.txt --table next-stick",
        ],
        run: ceremony::retire,
    },
    Command {
        words: &["ceremony", "publish"],
        english: "Signs the statement about the ceremony for the PUBLIC log; every member must.",
        dutch: "Tekent de verklaring over de ceremonie voor het PUBLIC-logboek; elk lid moet dat doen.",
        options: &[
            STATE,
            TABLE,
            needed(
                "--period-from",
                "DAY",
                "first day of the key's period (or Unix seconds)",
                "eerste dag van de periode van de sleutel (of Unix-seconden)",
            ),
            needed("--period-until", "DAY", "the day after its last", "de dag na de laatste"),
        ],
        examples: &["ceremony publish --state anna --table stick --period-from 2027-01-01 --period-until 2027-04-01"],
        run: policy::publish,
    },
    Command {
        words: &["adopt"],
        english: "Pins the policy by which this member judges, and shows what it says.",
        dutch: "Legt het beleid vast waarnaar dit lid oordeelt, en toont wat erin staat.",
        options: &[STATE, needed("--policy", "FILE", "the policy document", "het beleidsdocument")],
        examples: &[],
        run: policy::adopt,
    },
    Command {
        words: &["judge"],
        english: "Reads a bundle, checks the whole list REL-01 to REL-25, and answers: sealed partial keys, or a signed refusal.",
        dutch: "Leest een bundel, controleert de hele lijst REL-01 tot REL-25, en antwoordt: verzegelde deelsleutels, of een getekende weigering.",
        options: &[
            STATE,
            needed("--policy", "FILE", "the adopted policy", "het aangenomen beleid"),
            maybe("--bundle", "FILE", "the bundle; else standard input", "de bundel; anders de standaardinvoer"),
            maybe(
                "--confirm",
                "",
                "show order and identities side by side and ask (REL-34)",
                "toon bevel en identiteiten naast elkaar en vraag (REL-34)",
            ),
        ],
        examples: &[],
        run: judge::judge,
    },
    Command {
        words: &["heads"],
        english: "Prints the heads of the logs that this member stored; the gateway proves from there.",
        dutch: "Drukt de logboekstanden af die dit lid bewaarde; vanaf daar levert de gateway bewijs.",
        options: &[STATE],
        examples: &["heads --state anna"],
        run: judge::heads,
    },
    Command {
        words: &["resume"],
        english: "Releases again, after a person looked at the evidence of two histories (REL-06).",
        dutch: "Geeft weer vrij, nadat een mens het bewijs van twee geschiedenissen heeft bekeken (REL-06).",
        options: &[STATE, needed("--reason", "TEXT", "why, for the own log", "waarom, voor het eigen logboek")],
        examples: &["resume --state anna --reason \"evidence given to all members and witnesses\""],
        run: judge::resume,
    },
    Command {
        words: &["destroy"],
        english: "Destroys all shares of this member at the end of the key's period, and signs the statement that says so.",
        dutch: "Vernietigt alle delen van dit lid aan het einde van de periode van de sleutel, en tekent de verklaring daarover.",
        options: &[
            STATE,
            needed("--table", "DIR", "where the statement is laid down", "waar de verklaring wordt neergelegd"),
            needed("--policy", "FILE", "the adopted policy", "het aangenomen beleid"),
            needed("--key", "HEX", "the key's id, typed as a yes: 64 digits", "het kenmerk van de sleutel, getypt als ja: 64 cijfers"),
        ],
        examples: &[],
        run: destroy::destroy,
    },
    Command {
        words: &["show"],
        english: "Shows who this member is and what it keeps, no secrets.",
        dutch: "Toont wie dit lid is en wat het bewaart, geen geheimen.",
        options: &[STATE],
        examples: &["show --state anna", "show --state anna --lang nl"],
        run: member::show,
    },
    Command {
        words: &["audit"],
        english: "Prints this member's own log and checks its chain.",
        dutch: "Drukt het eigen logboek van dit lid af en controleert de keten.",
        options: &[STATE],
        examples: &["audit --state anna"],
        run: member::audit,
    },
];

/// The help text: of one command, or the list of all.
pub fn text(command: Option<&Command>, language: Language) -> String {
    match command {
        Some(command) => one(command, language),
        None => all(language),
    }
}

fn all(language: Language) -> String {
    let mut text = language
        .pick(
            "waarborg-trustee: one member of a committee. It makes its share at a ceremony and uses it for nothing but `judge`.\n\n",
            "waarborg-trustee: één lid van een commissie. Het maakt zijn deel op een ceremonie en gebruikt het alleen voor `judge`.\n\n",
        )
        .to_owned();
    for command in COMMANDS {
        text.push_str(&format!("  {:<18} {}\n", command.name(), language.pick(command.english, command.dutch)));
    }
    text.push_str(language.pick("\n<command> --help tells more.\n", "\n<opdracht> --help vertelt meer.\n"));
    text.push_str(exits(language));
    text
}

fn one(command: &Command, language: Language) -> String {
    let mut text = format!("waarborg-trustee {}\n{}\n\n", command.name(), language.pick(command.english, command.dutch));
    for option in command.options.iter().chain(EVERYWHERE) {
        let left = format!("{} {}", option.name, option.value);
        let mark = if option.needed { "" } else { language.pick(" (may be left out)", " (mag weg)") };
        text.push_str(&format!("  {left:<20} {}{mark}\n", language.pick(option.english, option.dutch)));
    }
    if !command.examples.is_empty() {
        text.push_str(language.pick("\nexamples:\n", "\nvoorbeelden:\n"));
        for example in command.examples {
            text.push_str(&format!("  waarborg-trustee {example}\n"));
        }
    }
    text.push_str(exits(language));
    text
}

fn exits(language: Language) -> &'static str {
    match language {
        Language::English => "\nexit status: 0 done, 1 refused, 2 usage, 3 does not verify, 4 fault of disk, lock or input\n",
        Language::Dutch => "\nafsluitcode: 0 klaar, 1 geweigerd, 2 verkeerd gebruik, 3 klopt niet, 4 storing van schijf, slot of invoer\n",
    }
}
