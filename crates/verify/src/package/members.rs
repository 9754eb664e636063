//! Reading the members of a JSON object into fields. None: absent or of another kind.

use super::json::{Object, Value};
use crate::spelling;
use seal::catalogue::{is_hidden, parse_rfc3339};

/// The members of one object. Unknown members are found by the caller: it writes what it read and compares.
pub struct Members<'a>(&'a Object);

impl<'a> Members<'a> {
    pub fn of(value: &'a Value) -> Option<Members<'a>> {
        value.as_object().map(Members)
    }
    pub fn value(&self, key: &str) -> Option<&'a Value> {
        self.0.get(key)
    }
    pub fn text(&self, key: &str) -> Option<String> {
        self.value(key)?.as_text().map(str::to_owned)
    }
    pub fn number(&self, key: &str) -> Option<u64> {
        self.value(key)?.as_u64()
    }
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.value(key)?.as_bool()
    }
    /// 32 octets in lower-case hex.
    pub fn hash(&self, key: &str) -> Option<[u8; 32]> {
        spelling::from_hex_exact(self.value(key)?.as_text()?)
    }
    /// Base64 text.
    pub fn octets(&self, key: &str) -> Option<Vec<u8>> {
        spelling::from_base64(self.value(key)?.as_text()?)
    }
    /// RFC 3339 text of a whole second, in seconds since 1970 UTC.
    pub fn time(&self, key: &str) -> Option<u64> {
        let ms = parse_rfc3339(self.value(key)?.as_text()?)?;
        (ms % 1000 == 0).then_some(ms / 1000)
    }
    pub fn list<T>(&self, key: &str, read: impl Fn(&'a Value) -> Option<T>) -> Option<Vec<T>> {
        self.value(key)?.as_list()?.iter().map(read).collect()
    }
    /// Some(None) if the member is absent; None if it is there and wrong.
    pub fn optional<T>(&self, key: &str, read: impl Fn(&'a Value) -> Option<T>) -> Option<Option<T>> {
        match self.value(key) {
            None => Some(None),
            Some(value) => read(value).map(Some),
        }
    }
}

/// A text for people: 1 to 500 characters, none hidden, no space at an end (it is also a line of bag-info.txt).
pub fn is_plain(text: &str) -> bool {
    (1..=500).contains(&text.chars().count()) && !text.chars().any(is_hidden) && text.trim() == text
}

#[cfg(test)]
mod tests {
    use super::super::json::object;
    use super::*;

    #[test]
    fn pkg_34_a_time_is_of_whole_seconds_with_an_offset() {
        let time = |text: &str| Members::of(&Value::Object(object([("at", text.into())]))).unwrap().time("at");
        assert_eq!(time("2026-11-21T20:00:00.000+00:00"), Some(1_795_291_200));
        for text in ["2026-11-21T20:00:00.001+00:00", "2026-11-21T20:00:00.999+00:00", "2026-11-21T20:00:00.000", "2026-11-21", ""] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
