//! The shapes of the rule files. Field by field what stands in the TOML; unknown keys are refused everywhere.

use serde::Deserialize;
use verify::calendar::Day;

use crate::received::{AuthorityKind, DataClass, OrderKind, Threshold, words::word_list};

word_list! {
    /// Orders as the rule files name them.
    OrderWord {
        Epoc = "EPOC";
        EpocPr = "EPOC-PR";
    }
}

impl OrderWord {
    pub fn of(kind: OrderKind) -> Option<OrderWord> {
        match kind {
            OrderKind::Epoc => Some(OrderWord::Epoc),
            OrderKind::EpocPr => Some(OrderWord::EpocPr),
            OrderKind::National => None,
        }
    }
}

word_list! {
    Unit {
        Days = "days";
        WorkingDays = "working-days";
        Hours = "hours";
    }
}

word_list! {
    /// Each period of the Regulation that the clocks know.
    PeriodName {
        Production = "production";
        Emergency = "emergency";
        Objection = "objection";
        Clarification = "clarification";
        ThirdCountryObjection = "third-country-objection";
        Preservation = "preservation";
        PreservationExtension = "preservation-extension";
        ExPostValidation = "ex-post-validation";
        Recognition = "recognition";
    }
}

word_list! {
    /// What a national power orders.
    PowerOrder {
        Production = "production";
        Preservation = "preservation";
        Interception = "interception";
        Decryption = "decryption";
    }
}

word_list! {
    /// When a judge has to have allowed it before.
    JudgeRule {
        Never = "never";
        Always = "always";
        /// Where the use is a serious interference: a person decides (HR 5-4-2022).
        Serious = "serious";
    }
}

/// `yyyy-mm-dd` in a rule file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Date(pub Day);

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        let text = String::deserialize(deserializer)?;
        Day::parse(&text).map(Date).ok_or_else(|| serde::de::Error::custom(format!("\"{text}\" is not a day of the form yyyy-mm-dd")))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EuFile {
    pub name: String,
    pub title: String,
    pub dated: Date,
    pub source: String,
    pub applies: Applies,
    pub issuers: Vec<IssuerRule>,
    pub without_validation: Vec<WithoutValidation>,
    pub thresholds: Vec<ThresholdRule>,
    pub notification: Notification,
    pub time_range: TimeRangeRule,
    pub linkage: LinkageRule,
    pub periods: Vec<Period>,
    pub delivery: Delivery,
    pub gates: Vec<GateArticle>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Applies {
    from: Date,
    pub article: String,
    pub check: bool,
}

impl Applies {
    pub fn from(&self) -> Day {
        self.from.0
    }
}

/// Who may issue, and validate, orders for these classes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerRule {
    pub orders: Vec<OrderWord>,
    pub classes: Vec<DataClass>,
    pub may_issue: Vec<AuthorityKind>,
    pub may_validate: Vec<AuthorityKind>,
    pub article: String,
    pub check: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithoutValidation {
    pub orders: Vec<OrderWord>,
    pub classes: Vec<DataClass>,
    pub article: String,
    pub check: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThresholdRule {
    pub orders: Vec<OrderWord>,
    pub classes: Vec<DataClass>,
    pub one_of: Vec<Threshold>,
    pub article: String,
    pub check: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notification {
    pub classes: Vec<DataClass>,
    pub article: String,
    pub check: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeRangeRule {
    pub classes: Vec<DataClass>,
    pub article: String,
    pub check: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkageRule {
    pub window_days: u32,
    pub orders_max: u32,
    pub article: String,
    pub check: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    pub name: PeriodName,
    pub unit: Unit,
    pub count: u32,
    pub article: String,
    pub check: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    pub push_bytes_max: u64,
    pub pull_days_min: u32,
    pub pull_days_max: u32,
    pub article: String,
    pub check: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateArticle {
    pub number: u8,
    pub article: String,
    pub check: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NationalFile {
    pub name: String,
    pub title: String,
    pub dated: Date,
    pub source: String,
    pub country: String,
    pub powers: Vec<super::book::Power>,
    pub serious_interference: SeriousInterference,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriousInterference {
    pub fields: Vec<String>,
    pub en: String,
    pub nl: String,
    pub article: String,
    pub check: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UsFile {
    pub name: String,
    pub title: String,
    pub dated: Date,
    pub source: String,
    pub tiers: Vec<Tier>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tier {
    pub class: String,
    #[serde(rename = "instrument")]
    pub _instrument: String,
    #[serde(rename = "article")]
    pub _article: String,
    #[serde(rename = "check")]
    pub _check: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldsFile {
    pub name: String,
    pub title: String,
    pub dated: Date,
    pub source: String,
    pub fields: Vec<super::classes::FieldRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HolidaysFile {
    pub name: String,
    pub title: String,
    pub dated: Date,
    pub source: String,
    pub states: Vec<super::holidays::StateRow>,
}
