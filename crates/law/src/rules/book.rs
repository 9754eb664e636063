//! All rule files together, read strictly and checked against each other.

use std::collections::BTreeMap;

use seal::digest::sha256;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use verify::calendar::Day;
use verify::spelling::hex;

use super::classes::FieldRow;
use super::files::*;
use super::holidays::{Holidays, StateCalendar};
use crate::received::{AuthorityKind, DataClass, DataOption, OrderKind};

/// Why a rule file is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleError {
    /// RUL-01: it does not read: an unknown key, a missing one, a word that is in no list.
    Unreadable { file: String, text: String },
    /// RUL-02: it contradicts itself or another file.
    Contradiction { file: String, text: String },
    /// RUL-02: no file of that name is known, or one that is needed is missing.
    Missing { file: String },
}

impl RuleError {
    pub fn code(&self) -> &'static str {
        match self {
            RuleError::Unreadable { .. } => "RUL-01",
            RuleError::Contradiction { .. } | RuleError::Missing { .. } => "RUL-02",
        }
    }
}

impl std::fmt::Display for RuleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RuleError::Unreadable { file, text } | RuleError::Contradiction { file, text } => {
                write!(f, "{}: {file}: {}", self.code(), text.trim_end())
            }
            RuleError::Missing { file } => write!(f, "{}: {file}: this rule file is missing or not one that is known", self.code()),
        }
    }
}

impl std::error::Error for RuleError {}

/// A national power to order.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Power {
    pub article: String,
    /// Articles for other suspicions with the same contents.
    pub also: Vec<String>,
    pub order: PowerOrder,
    pub ranks_max: u8,
    /// Fields of the catalogue that it reaches; for preservation, none are listed and all may be kept.
    pub fields: Vec<String>,
    pub roles: Vec<AuthorityKind>,
    pub judge: JudgeRule,
    pub future_days_max: u32,
    pub preservation_days_max: Option<u32>,
    pub extensions_max: Option<u32>,
    /// False: refused, with the words below.
    pub served: bool,
    pub en: String,
    pub nl: String,
    pub source: String,
    pub check: bool,
}

/// The powers of one State.
#[derive(Clone, Debug)]
pub struct Powers {
    pub country: String,
    pub powers: Vec<Power>,
    pub serious_interference: SeriousInterference,
}

impl Powers {
    /// RUL-04: by article or one of its siblings, without regard to spaces and case.
    pub fn find(&self, article: &str) -> Option<&Power> {
        let plain = |text: &str| text.to_lowercase().replace([' ', '.'], "").replace("sv", "").replace("art", "");
        let wanted = plain(article);
        self.powers.iter().find(|power| plain(&power.article) == wanted || power.also.iter().any(|also| plain(also) == wanted))
    }
}

/// Which editions of which files: stands under every verdict and deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleVersion {
    /// (name, dated), ascending.
    pub files: Vec<(String, Day)>,
    /// SHA-256 over the texts.
    pub digest: [u8; 32],
}

impl std::fmt::Display for RuleVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, dated) in &self.files {
            write!(f, "{name}@{dated} ")?;
        }
        write!(f, "sha256:{}", hex(&self.digest[..8]))
    }
}

/// Everything that the gates, clocks and counters know of the law.
#[derive(Clone, Debug)]
pub struct RuleBook {
    pub version: RuleVersion,
    pub applies: Applies,
    pub issuers: Vec<IssuerRule>,
    pub without_validation: Vec<WithoutValidation>,
    pub thresholds: Vec<ThresholdRule>,
    pub notification: Notification,
    pub time_range: TimeRangeRule,
    pub linkage: LinkageRule,
    pub delivery: Delivery,
    pub fields: Vec<FieldRow>,
    /// By country.
    pub national: BTreeMap<String, Powers>,
    pub holidays: Holidays,
    /// Every file as it was read, by its name: whoever keeps a life keeps the rules that it was lived under (LIF-15).
    texts: Vec<(String, String)>,
    periods: BTreeMap<PeriodName, Period>,
    gates: BTreeMap<u8, GateArticle>,
}

/// The files in this edition of the program.
const EMBEDDED: &[(&str, &str)] = &[
    ("eu-2023-1543.toml", include_str!("../../rules/eu-2023-1543.toml")),
    ("fields.toml", include_str!("../../rules/fields.toml")),
    ("holidays.toml", include_str!("../../rules/holidays.toml")),
    ("nl-sv.toml", include_str!("../../rules/nl-sv.toml")),
    ("us-sca.toml", include_str!("../../rules/us-sca.toml")),
];

impl RuleBook {
    /// The rules in this edition of the program.
    pub fn embedded() -> Result<RuleBook, RuleError> {
        RuleBook::with(&[])
    }

    /// The same with some files replaced by a lawyer's (file name, text).
    pub fn with(replaced: &[(String, String)]) -> Result<RuleBook, RuleError> {
        if let Some((file, _)) = replaced.iter().find(|(file, _)| !EMBEDDED.iter().any(|(known, _)| known == file)) {
            return Err(RuleError::Missing { file: file.clone() });
        }
        let text_of = |name: &str| {
            let own = replaced.iter().find(|(file, _)| file == name).map(|(_, text)| text.as_str());
            own.or_else(|| EMBEDDED.iter().find(|(file, _)| *file == name).map(|(_, text)| *text)).unwrap_or("")
        };
        let eu: EuFile = read("eu-2023-1543.toml", text_of("eu-2023-1543.toml"))?;
        let fields: FieldsFile = read("fields.toml", text_of("fields.toml"))?;
        let holidays: HolidaysFile = read("holidays.toml", text_of("holidays.toml"))?;
        let nl: NationalFile = read("nl-sv.toml", text_of("nl-sv.toml"))?;
        let us: UsFile = read("us-sca.toml", text_of("us-sca.toml"))?;
        let mut files: Vec<_> = [
            (&eu.name, eu.dated),
            (&fields.name, fields.dated),
            (&holidays.name, holidays.dated),
            (&nl.name, nl.dated),
            (&us.name, us.dated),
        ]
        .map(|(name, dated)| (name.clone(), dated.0))
        .into();
        files.sort();
        for (source, name) in [(&eu.source, &eu.title), (&fields.source, &fields.title), (&holidays.source, &holidays.title)]
            .into_iter()
            .chain([(&nl.source, &nl.title), (&us.source, &us.title)])
        {
            if source.is_empty() || name.is_empty() {
                return Err(contradiction(name, "a rule file names its title and its source".to_owned()));
            }
        }
        let texts: Vec<&[u8]> = EMBEDDED.iter().map(|(name, _)| text_of(name).as_bytes()).collect();
        check_fields(&fields.fields, &us.tiers)?;
        check_powers(&nl, &fields.fields)?;
        let version = RuleVersion { files, digest: sha256(&texts) };
        let national = Powers { country: nl.country.clone(), powers: nl.powers, serious_interference: nl.serious_interference };
        let texts = EMBEDDED.iter().map(|(name, _)| ((*name).to_owned(), text_of(name).to_owned())).collect();
        let book = RuleBook::assemble(eu, fields.fields, holidays, national, version)?;
        Ok(RuleBook { texts, ..book })
    }

    /// The files of this book, for [`RuleBook::with`].
    pub fn texts(&self) -> &[(String, String)] {
        &self.texts
    }

    fn assemble(
        eu: EuFile,
        fields: Vec<FieldRow>,
        holidays: HolidaysFile,
        national: Powers,
        version: RuleVersion,
    ) -> Result<RuleBook, RuleError> {
        let file = "eu-2023-1543.toml";
        let mut periods = BTreeMap::new();
        for period in eu.periods {
            let name = period.name;
            if period.count == 0 || periods.insert(name, period).is_some() {
                return Err(contradiction(file, format!("period {} is zero or stands twice", name.code())));
            }
        }
        if let Some(missing) = PeriodName::ALL.iter().find(|name| !periods.contains_key(name)) {
            return Err(contradiction(file, format!("period {} is missing", missing.code())));
        }
        let gates: BTreeMap<u8, GateArticle> = eu.gates.into_iter().map(|gate| (gate.number, gate)).collect();
        if !gates.keys().copied().eq(1..=18) {
            return Err(contradiction(file, "each gate 1 to 18 has exactly one article".to_owned()));
        }
        for order in OrderWord::ALL {
            for class in DataClass::ALL {
                let rules = eu.issuers.iter().filter(|rule| rule.orders.contains(order) && rule.classes.contains(class)).count();
                if rules != 1 {
                    return Err(contradiction(file, format!("{} and {} have {rules} issuer rules", order.code(), class.code())));
                }
            }
        }
        let mut states = BTreeMap::new();
        for row in holidays.states {
            let calendar = StateCalendar::from_row(row).map_err(|text| contradiction("holidays.toml", text))?;
            states.insert(calendar.state.clone(), calendar);
        }
        Ok(RuleBook {
            version,
            applies: eu.applies,
            issuers: eu.issuers,
            without_validation: eu.without_validation,
            thresholds: eu.thresholds,
            notification: eu.notification,
            time_range: eu.time_range,
            linkage: eu.linkage,
            delivery: eu.delivery,
            fields,
            national: BTreeMap::from([(national.country.clone(), national)]),
            holidays: Holidays { states },
            texts: Vec::new(),
            periods,
            gates,
        })
    }

    /// None never happens: a book without one of the periods is not made.
    pub fn period(&self, name: PeriodName) -> Option<&Period> {
        self.periods.get(&name)
    }

    pub fn gate(&self, number: u8) -> Option<&GateArticle> {
        self.gates.get(&number)
    }

    /// Who may issue this.
    pub fn issuer(&self, kind: OrderKind, class: DataClass) -> Option<&IssuerRule> {
        let word = OrderWord::of(kind)?;
        self.issuers.iter().find(|rule| rule.orders.contains(&word) && rule.classes.contains(&class))
    }

    /// Fields that a box of the forms asks for.
    pub fn fields_of(&self, option: DataOption) -> impl Iterator<Item = &FieldRow> {
        self.fields.iter().filter(move |row| row.options.contains(&option))
    }

    pub fn field(&self, name: &str) -> Option<&FieldRow> {
        self.fields.iter().find(|row| row.field == name)
    }
}

fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, RuleError> {
    toml::from_str(text).map_err(|error| RuleError::Unreadable { file: file.to_owned(), text: error.to_string() })
}

fn contradiction(file: &str, text: String) -> RuleError {
    RuleError::Contradiction { file: file.to_owned(), text }
}

/// Every field has exactly one class for each body of law, purpose and direction, and its US class is a tier.
fn check_fields(fields: &[FieldRow], tiers: &[Tier]) -> Result<(), RuleError> {
    use super::classes::{Direction, Regime};
    use crate::received::Purpose;
    let file = "fields.toml";
    for (at, field) in fields.iter().enumerate() {
        if fields[..at].iter().any(|other| other.field == field.field) {
            return Err(contradiction(file, format!("{} stands twice", field.field)));
        }
        for regime in Regime::ALL {
            for purpose in Purpose::ALL {
                for direction in [Direction::Past, Direction::Future] {
                    let rows = field.classify(*purpose, direction, &[*regime]).rows.len();
                    if rows != 1 {
                        let text = format!("{} has {rows} classes for {} {}", field.field, regime.code(), purpose.code());
                        return Err(contradiction(file, text));
                    }
                }
            }
        }
        let unknown = field.classes.iter().find(|row| row.regime == Regime::Us && !tiers.iter().any(|tier| tier.class == row.class));
        if let Some(row) = unknown {
            return Err(contradiction(file, format!("{}: \"{}\" is no tier of us-sca.toml", field.field, row.class)));
        }
    }
    match DataOption::ALL.iter().find(|option| !is_free(**option) && !fields.iter().any(|field| field.options.contains(option))) {
        Some(option) => Err(contradiction(file, format!("no field stands under {}", option.code()))),
        None => Ok(()),
    }
}

/// Boxes with free text only: a person reads them.
pub(crate) fn is_free(option: DataOption) -> bool {
    matches!(option, DataOption::SubscriberOther | DataOption::IdentificationOther)
}

fn check_powers(nl: &NationalFile, fields: &[FieldRow]) -> Result<(), RuleError> {
    let file = "nl-sv.toml";
    let known = |name: &String| fields.iter().any(|field| field.field == *name);
    for power in &nl.powers {
        if let Some(unknown) = power.fields.iter().find(|name| !known(name)) {
            return Err(contradiction(file, format!("{}: {unknown} is not in fields.toml", power.article)));
        }
        if (power.order == PowerOrder::Preservation) != power.preservation_days_max.is_some() {
            return Err(contradiction(file, format!("{}: preservation has a longest time, other orders have none", power.article)));
        }
    }
    match nl.serious_interference.fields.iter().find(|name| !known(name)) {
        Some(unknown) => Err(contradiction(file, format!("serious_interference: {unknown} is not in fields.toml"))),
        None => Ok(()),
    }
}
