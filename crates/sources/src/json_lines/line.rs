//! One line: a flat JSON object in the catalogue's own form plus `index`, the selectors it is sealed under.

use std::fmt;

use seal::catalogue::{Given, Givens, Record};
use seal::selector::Selector;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::source::Indexed;

/// Longest line with its end: four times the longest record, as JSON escapes a character in up to six octets.
pub const LINE_LEN_MAX: usize = 32_768;

/// Most selectors of one record: sender and a handful of recipients; one sealed copy each.
pub const SELECTORS_MAX: usize = 32;

/// Why a line is not a record: the rule and safe text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineError {
    pub code: &'static str,
    pub reason: String,
}

/// Reads one line without its line end. `source` is the name that the records carry; a line may leave it out.
pub fn parse(line: &[u8], source: &str, t_rx_ms: u64) -> Result<Indexed, LineError> {
    let refuse = |code, reason: &str| LineError { code, reason: reason.into() };
    // SRC-02
    if line.len() > LINE_LEN_MAX {
        return Err(refuse("SRC-02", "the line is too long"));
    }
    // SRC-01. The parser's own message quotes the line; only its place is shown.
    let object: Object = serde_json::from_slice(line)
        .map_err(|e| refuse("SRC-01", &format!("not a flat object of texts, whole numbers, yes/no and lists, at column {}", e.column())))?;
    let mut given = object.0;
    let selectors = selectors(given.remove("index")).map_err(|reason| refuse("SRC-03", reason))?;
    match given.get("source") {
        None => {
            given.insert("source".into(), Given::Text(source.to_owned()));
        }
        Some(Given::Text(name)) if name == source => {}
        // SRC-07: one source must not speak in another's name.
        Some(_) => return Err(refuse("SRC-07", "the line names another source")),
    }
    let record = Record::from_givens(given, t_rx_ms).map_err(|error| LineError { code: error.code(), reason: error.to_string() })?;
    Ok(Indexed { record, selectors })
}

/// SRC-03, SEA-03: 1 to 32 canonical selectors, none twice.
fn selectors(index: Option<Given>) -> Result<Vec<Selector>, &'static str> {
    let Some(Given::List(texts)) = index else { return Err("index, the list of selectors, is missing") };
    if texts.is_empty() || texts.len() > SELECTORS_MAX {
        return Err("index must have 1 to 32 selectors");
    }
    let mut selectors: Vec<Selector> = Vec::with_capacity(texts.len());
    for text in &texts {
        let selector = Selector::from_text(text).map_err(|_| "a selector is not canonical")?;
        if selectors.contains(&selector) {
            return Err("a selector stands twice");
        }
        selectors.push(selector);
    }
    Ok(selectors)
}

/// A JSON object that keeps every rule that `serde_json::Value` would overlook: no key twice, no fraction, no null, no
/// nesting.
struct Object(Givens);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Object, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Object;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut givens = Givens::new();
                while let Some((key, Scalar(value))) = map.next_entry::<String, Scalar>()? {
                    if givens.insert(key, value).is_some() {
                        return Err(serde::de::Error::custom("a key stands twice"));
                    }
                }
                Ok(Object(givens))
            }
        }
        from.deserialize_map(Keys)
    }
}

struct Scalar(Given);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Scalar, D::Error> {
        struct Values;
        impl<'de> Visitor<'de> for Values {
            type Value = Scalar;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a whole number, yes/no or a list of texts")
            }
            fn visit_bool<E>(self, yes: bool) -> Result<Scalar, E> {
                Ok(Scalar(Given::Flag(yes)))
            }
            fn visit_i64<E>(self, n: i64) -> Result<Scalar, E> {
                Ok(Scalar(Given::Number(n)))
            }
            fn visit_u64<E: serde::de::Error>(self, n: u64) -> Result<Scalar, E> {
                i64::try_from(n).map(|n| Scalar(Given::Number(n))).map_err(|_| E::custom("number too large"))
            }
            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar(Given::Text(text.to_owned())))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element::<String>()? {
                    items.push(item);
                }
                Ok(Scalar(Given::List(items)))
            }
        }
        from.deserialize_any(Values)
    }
}
