//! JSON without second meanings (SIG-41), and its canonical form (RFC 8785).
//!
//! A name that stands twice is read differently by different programs; so is a number beyond 53 bits or with a fraction. Both are
//! refused, and the canonical form then needs no rules for floating point.

use crate::signature::Refusal;
use crate::tree::ESCAPES_MAX;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// A JSON value of which there is one reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    Null,
    Bool(bool),
    Integer(i64),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

/// 2^53 - 1: what every reader keeps exactly.
const INTEGER_MAX: i64 = (1 << 53) - 1;
const TWICE: &str = "a name twice";
const NUMBER: &str = "a number that is not a whole one below 2^53";

/// Values of a document. Each takes up to a hundred octets in the tree, however short its text.
const VALUES_MAX: usize = 200_000;

/// Nested at most 127 deep (the library's limit), at most 200,000 values. Commas inside texts count as well: close enough.
pub fn parse(text: &str) -> Result<Json, Refusal> {
    if VALUES_MAX < memchr::memchr_iter(b',', text.as_bytes()).count() {
        return Err(Refusal::Size { what: "values" });
    }
    // STD-06
    if ESCAPES_MAX < memchr::memchr_iter(b'\\', text.as_bytes()).count() {
        return Err(Refusal::Size { what: "escapes" });
    }
    serde_json::from_str(text).map_err(|error| {
        let said = error.to_string();
        match [TWICE, NUMBER].into_iter().find(|what| said.starts_with(what)) {
            Some(what) => Refusal::Json { what },
            None if said.starts_with("recursion limit") => Refusal::Size { what: "depth" },
            None => Refusal::Form { what: "not JSON" },
        }
    })
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(Reading)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        if value.unsigned_abs() <= INTEGER_MAX as u64 { Ok(Json::Integer(value)) } else { Err(E::custom(NUMBER)) }
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        i64::try_from(value).map_err(|_| E::custom(NUMBER)).and_then(|value| self.visit_i64(value))
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<Json, E> {
        Err(E::custom(NUMBER))
    }
    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }
    fn visit_string<E: Error>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Json::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, Json>()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom(TWICE));
            }
        }
        Ok(Json::Object(members))
    }
}

/// RFC 8785: no spaces, names in order of their UTF-16 units.
pub fn canonical(value: &Json) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out);
    out
}

fn write(value: &Json, out: &mut Vec<u8>) {
    match value {
        Json::Null => out.extend(b"null"),
        Json::Bool(true) => out.extend(b"true"),
        Json::Bool(false) => out.extend(b"false"),
        Json::Integer(number) => out.extend(number.to_string().bytes()),
        Json::Text(text) => write_text(text, out),
        Json::List(items) => {
            out.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        Json::Object(members) => {
            let mut sorted: Vec<(&String, &Json)> = members.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push(b'{');
            for (place, (name, item)) in sorted.into_iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write_text(name, out);
                out.push(b':');
                write(item, out);
            }
            out.push(b'}');
        }
    }
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' => out.extend(b"\\\""),
            '\\' => out.extend(b"\\\\"),
            '\u{8}' => out.extend(b"\\b"),
            '\t' => out.extend(b"\\t"),
            '\n' => out.extend(b"\\n"),
            '\u{C}' => out.extend(b"\\f"),
            '\r' => out.extend(b"\\r"),
            c if c < ' ' => out.extend(format!("\\u{:04x}", u32::from(c)).bytes()),
            c => out.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_form_is_that_of_rfc_8785() {
        // Section 3.2.3: the sorting example of the RFC, without its numbers.
        let text = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
            "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#;
        let expected = "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}";
        assert_eq!(String::from_utf8(canonical(&parse(text).unwrap())).unwrap(), expected);
        let text = "{\"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\", \"literals\": [null, true, false, 0, 9007199254740991]}";
        let expected = "{\"literals\":[null,true,false,0,9007199254740991],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(parse(text).map(|v| String::from_utf8(canonical(&v)).unwrap()).unwrap(), expected);
    }

    #[test]
    fn sig_41_json_with_two_readings_is_refused() {
        for (text, code) in [
            ("{\"a\":1,\"a\":1}", "SIG-41"),
            ("{\"a\":1,\"\\u0061\":2}", "SIG-41"),
            ("[9007199254740992]", "SIG-41"),
            ("[1.5]", "SIG-41"),
            ("[1e2]", "SIG-41"),
            ("[-0]", "SIG-41"),
            ("{\"a\":1}x", "SIG-02"),
            ("{'a':1}", "SIG-02"),
            ("[\"\\ud800\"]", "SIG-02"),
        ] {
            assert_eq!(parse(text).unwrap_err().code(), code, "{text}");
        }
        assert_eq!(parse(&"[".repeat(200)).unwrap_err().code(), "SIG-01");
        assert_eq!(parse(&format!("[{}0]", "0,".repeat(200_001))).unwrap_err().code(), "SIG-01");
    }
}
