//! The facts of the law, as dated files that a lawyer can correct (`rules/*.toml`), and the strict reader of them.
//!
//! Each entry names its source article; `check = true` marks what nobody has compared with the official text yet. An unknown key, a
//! missing entry or a word outside the lists is refused (RUL-01): a typing error must not quietly become the law.

mod book;
mod classes;
mod files;
mod holidays;

pub(crate) use book::is_free;
pub use book::{Power, Powers, RuleBook, RuleError, RuleVersion};
pub use classes::{ClassRow, Classification, Direction, FieldRow, PurposeRule, Regime};
pub use files::{
    Applies, Delivery, GateArticle, IssuerRule, JudgeRule, LinkageRule, Notification, OrderWord, Period, PeriodName, PowerOrder,
    SeriousInterference, ThresholdRule, TimeRangeRule, Unit, WithoutValidation,
};
pub(crate) use holidays::is_weekend;
pub use holidays::{Holidays, StateCalendar};
