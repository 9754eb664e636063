//! From an order as received to the terms of native orders: nothing is rounded outward, nothing is left out in silence (IMP-01 to IMP-05).

use std::collections::{BTreeMap, BTreeSet};

use seal::selector::Selector;
use verify::names::{Instrument, Span};

use crate::native;
use crate::received::{DataOption, Moment, Order, OrderKind, TimeRange};

/// Why no native order can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportError {
    /// IMP-01: an identifier under which nothing is sealed.
    NoSelector { identifier: String },
    /// IMP-02: no closed time range.
    NoRange { identifier: String },
    /// IMP-03: boxes that no sealed category answers.
    NothingSealed { options: Vec<&'static str> },
    /// IMP-04: the article is no token of an instrument.
    NoInstrument,
}

impl ImportError {
    pub fn code(&self) -> &'static str {
        match self {
            ImportError::NoSelector { .. } => "IMP-01",
            ImportError::NoRange { .. } => "IMP-02",
            ImportError::NothingSealed { .. } => "IMP-03",
            ImportError::NoInstrument => "IMP-04",
        }
    }
}

impl std::fmt::Display for ImportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: ", self.code())?;
        match self {
            ImportError::NoSelector { identifier } => {
                write!(f, "nothing is sealed under identifiers like \"{}\"", verify::verdict::escape(identifier))
            }
            ImportError::NoRange { identifier } => write!(f, "\"{}\" has no closed time range", verify::verdict::escape(identifier)),
            ImportError::NothingSealed { options } => write!(f, "no sealed category answers {}", options.join(", ")),
            ImportError::NoInstrument => f.write_str("the order names no instrument"),
        }
    }
}

impl std::error::Error for ImportError {}

/// One native order: everything of the received one that has the same time range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeTerms {
    pub instrument: Instrument,
    pub is_emergency: bool,
    pub is_preservation: bool,
    pub period: Span,
    /// (selector, sealed categories), ascending.
    pub items: Vec<(Selector, Vec<u16>)>,
    pub legal_basis: String,
    pub case_reference: Option<String>,
}

/// IMP-01 to IMP-05. Identifiers with different ranges become different orders, since a native order has one period and rows are trimmed
/// to it: in one order with several periods an hour of one person would be opened for another's time.
pub fn terms(order: &Order) -> Result<Vec<NativeTerms>, ImportError> {
    let categories = sealed(order)?;
    let instrument = instrument(order)?;
    let mut by_period: BTreeMap<(u64, u64), BTreeMap<String, (Selector, BTreeSet<u16>)>> = BTreeMap::new();
    for (at, identifier) in order.identifiers.iter().enumerate() {
        let value = || identifier.value.value.clone();
        // IMP-01
        let selector = native::selector(identifier).ok_or_else(|| ImportError::NoSelector { identifier: value() })?;
        let id = identifier.id.as_ref().map_or_else(|| (at + 1).to_string(), |id| id.value.clone());
        for (requested, found) in order.requested.iter().zip(&categories) {
            if !requested.identifiers.is_empty() && !requested.identifiers.iter().any(|named| named.value == id) {
                continue;
            }
            let own: Vec<&TimeRange> = match &requested.range {
                Some(range) => vec![&range.value],
                None => order.ranges_of(identifier).into_iter().map(|range| &range.value).collect(),
            };
            // IMP-02
            let spans = own.into_iter().map(span).collect::<Option<Vec<_>>>().filter(|spans| !spans.is_empty());
            for span in spans.ok_or_else(|| ImportError::NoRange { identifier: value() })? {
                let items = by_period.entry((span.from(), span.until())).or_default();
                let item = items.entry(selector.to_string()).or_insert_with(|| (selector.clone(), BTreeSet::new()));
                item.1.extend(found);
            }
        }
    }
    let provision = order.conditions.provision.as_ref().map(|text| text.value.clone());
    let article = order.national.as_ref().map(|national| format!("Article {}", national.article.value));
    let legal_basis = article.or(provision).unwrap_or_else(|| "Regulation (EU) 2023/1543".to_owned());
    let all = by_period.into_iter().filter_map(|((from, until), items)| {
        Some(NativeTerms {
            instrument: instrument.clone(),
            is_emergency: order.is_emergency(),
            is_preservation: order.kind.value == OrderKind::EpocPr,
            period: Span::new(from, until)?,
            items: items.into_values().map(|(selector, categories)| (selector, categories.into_iter().collect())).collect(),
            legal_basis: legal_basis.clone(),
            case_reference: order.issuing.file_number.as_ref().map(|number| number.value.clone()),
        })
    });
    Ok(all.collect())
}

/// IMP-03: sealed categories of each request; every box has one, or the desk answers it from elsewhere and says so.
fn sealed(order: &Order) -> Result<Vec<BTreeSet<u16>>, ImportError> {
    let options = order.requested.iter().flat_map(|requested| &requested.options).map(|option| option.value);
    let missing: BTreeSet<&'static str> = options.filter(|option| native::categories(*option).is_empty()).map(DataOption::code).collect();
    if !missing.is_empty() || order.requested.iter().all(|requested| requested.options.is_empty()) {
        return Err(ImportError::NothingSealed { options: missing.into_iter().collect() });
    }
    Ok(order
        .requested
        .iter()
        .map(|requested| requested.options.iter().flat_map(|option| native::categories(option.value)).collect())
        .collect())
}

/// IMP-04: `epoc`, `epoc-pr`, `national/nl/126n`.
fn instrument(order: &Order) -> Result<Instrument, ImportError> {
    let text = match (order.kind.value, &order.national) {
        (OrderKind::Epoc, _) => "epoc".to_owned(),
        (OrderKind::EpocPr, _) => "epoc-pr".to_owned(),
        (OrderKind::National, Some(national)) => {
            let article: String = national.article.value.to_lowercase().chars().filter(|c| c.is_ascii_alphanumeric()).collect();
            let article = article.replace("art", "").trim_end_matches("sv").to_owned();
            format!("national/{}/{article}", national.country.value.to_lowercase())
        }
        (OrderKind::National, None) => return Err(ImportError::NoInstrument),
    };
    Instrument::parse(&text).filter(|_| !text.ends_with('/')).ok_or(ImportError::NoInstrument)
}

/// IMP-05: a day is all of it; nothing is rounded outward beyond what the order says.
fn span(range: &TimeRange) -> Option<Span> {
    let from = range.start.as_ref().and_then(Moment::earliest)?;
    let until = range.end.as_ref().and_then(Moment::end)?;
    Span::new(from, until)
}
