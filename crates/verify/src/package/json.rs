//! Canonical JSON: the one spelling that packages use, read strictly and written back for comparison.
//!
//! No white space, object keys sorted by their UTF-8 octets and unique, integers only (no fraction, no exponent, no `-0`)
//! within `i64::MIN ..= u64::MAX`. In strings `"` and `\` take a backslash and characters that hide on a screen are
//! `\uXXXX`, nothing else is escaped: the value stays raw for a program and harmless for a terminal (T31). Equal meaning
//! is equal octets, so a digest of the text is a digest of the value (PKG-30). Not RFC 8785, which has short escapes
//! and leaves bidirectional marks as they are.

use seal::catalogue::push_json_text;
use std::collections::BTreeMap;
use std::fmt;

/// Longest document read at once. Rows are read a line at a time and have their own limit.
pub const DOCUMENT_LEN_MAX: usize = 16 * 1024 * 1024;
/// Longest line of a JSONL file, line feed not counted.
pub const LINE_LEN_MAX: usize = 1024 * 1024;
/// Nesting deeper than this is refused: the reader recurses once a level.
pub const DEPTH_MAX: u8 = 32;

/// A JSON value without floating point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Null,
    Bool(bool),
    /// Within `i64::MIN ..= u64::MAX`, which the constructors from integers and the reader guarantee.
    Int(i128),
    Text(String),
    List(Vec<Value>),
    Object(Object),
}

/// An object's members; the order is the canonical one.
pub type Object = BTreeMap<String, Value>;

/// What is wrong with a text that must be canonical JSON (PKG-30).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonError {
    TooLong {
        len_max: usize,
    },
    TooDeep,
    NotUtf8,
    /// Not JSON of this subset at this octet.
    Syntax {
        at: usize,
    },
    /// Valid JSON, but a fraction, an exponent or out of range.
    Number {
        at: usize,
    },
    DuplicateKey {
        at: usize,
    },
    /// Another spelling of the same value: white space, unsorted keys, longer escapes.
    NotCanonical,
    TrailingBytes,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JsonError::TooLong { len_max } => write!(f, "longer than {len_max} octets"),
            JsonError::TooDeep => write!(f, "nested deeper than {DEPTH_MAX}"),
            JsonError::NotUtf8 => write!(f, "not UTF-8"),
            JsonError::Syntax { at } => write!(f, "not JSON at octet {at}"),
            JsonError::Number { at } => write!(f, "not an integer in range at octet {at}"),
            JsonError::DuplicateKey { at } => write!(f, "key twice in one object, before octet {at}"),
            JsonError::NotCanonical => write!(f, "not in canonical form"),
            JsonError::TrailingBytes => write!(f, "bytes after the end"),
        }
    }
}

impl Value {
    /// A value from text that must be exactly its canonical spelling, nothing before or after.
    pub fn parse(bytes: &[u8], len_max: usize) -> Result<Value, JsonError> {
        if len_max < bytes.len() {
            return Err(JsonError::TooLong { len_max });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
        let mut reader = Reader { bytes, text, at: 0 };
        let value = reader.value(0)?;
        if reader.at != bytes.len() {
            return Err(JsonError::TrailingBytes);
        }
        // The reader already refuses white space; this catches unsorted keys and long escapes in one stroke.
        if value.to_text().as_bytes() != bytes {
            return Err(JsonError::NotCanonical);
        }
        Ok(value)
    }

    /// A whole document: the canonical value and one line feed.
    pub fn parse_document(bytes: &[u8]) -> Result<Value, JsonError> {
        let body = bytes.strip_suffix(b"\n").ok_or(JsonError::NotCanonical)?;
        Value::parse(body, DOCUMENT_LEN_MAX)
    }

    /// The canonical spelling, without a line feed.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// The canonical spelling and one line feed: a `.json` file of a package, or a line of a `.jsonl` file.
    pub fn to_document(&self) -> Vec<u8> {
        let mut out = self.to_text();
        out.push('\n');
        out.into_bytes()
    }

    fn write(&self, out: &mut String) {
        match self {
            Value::Null => out.push_str("null"),
            Value::Bool(true) => out.push_str("true"),
            Value::Bool(false) => out.push_str("false"),
            Value::Int(n) => out.push_str(&n.to_string()),
            Value::Text(text) => push_json_text(out, text),
            Value::List(items) => {
                out.push('[');
                for (n, item) in items.iter().enumerate() {
                    if n != 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Value::Object(members) => {
                out.push('{');
                for (n, (key, value)) in members.iter().enumerate() {
                    if n != 0 {
                        out.push(',');
                    }
                    push_json_text(out, key);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }
    pub fn as_u64(&self) -> Option<u64> {
        if let Value::Int(n) = self { u64::try_from(*n).ok() } else { None }
    }
    pub fn as_i64(&self) -> Option<i64> {
        if let Value::Int(n) = self { i64::try_from(*n).ok() } else { None }
    }
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(b) = self { Some(*b) } else { None }
    }
    pub fn as_list(&self) -> Option<&[Value]> {
        if let Value::List(items) = self { Some(items) } else { None }
    }
    pub fn as_object(&self) -> Option<&Object> {
        if let Value::Object(members) = self { Some(members) } else { None }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}
impl From<bool> for Value {
    fn from(b: bool) -> Value {
        Value::Bool(b)
    }
}
impl From<u64> for Value {
    fn from(n: u64) -> Value {
        Value::Int(n.into())
    }
}
impl From<i64> for Value {
    fn from(n: i64) -> Value {
        Value::Int(n.into())
    }
}
impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Value {
        Value::List(items)
    }
}
impl From<Object> for Value {
    fn from(members: Object) -> Value {
        Value::Object(members)
    }
}

/// An object from (key, value) pairs; a later pair of the same key wins.
pub fn object<const N: usize>(members: [(&str, Value); N]) -> Object {
    members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

struct Reader<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn value(&mut self, depth: u8) -> Result<Value, JsonError> {
        if DEPTH_MAX <= depth {
            return Err(JsonError::TooDeep);
        }
        match self.bytes.get(self.at) {
            Some(b'n') => self.word("null", Value::Null),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'"') => Ok(Value::Text(self.text()?)),
            Some(b'[') => self.list(depth),
            Some(b'{') => self.object(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(JsonError::Syntax { at: self.at }),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, JsonError> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(JsonError::Syntax { at: self.at });
        }
        self.at += word.len();
        Ok(value)
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let from = self.at;
        self.take(b'-');
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if matches!(self.bytes.get(self.at), Some(b'.' | b'e' | b'E')) {
            return Err(JsonError::Number { at: from });
        }
        let number: i128 = self.text[from..self.at].parse().map_err(|_| JsonError::Number { at: from })?;
        if number < i64::MIN.into() || i128::from(u64::MAX) < number {
            return Err(JsonError::Number { at: from });
        }
        Ok(Value::Int(number))
    }

    fn list(&mut self, depth: u8) -> Result<Value, JsonError> {
        self.at += 1;
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.take(b']') {
                return Ok(Value::List(items));
            }
            if !self.take(b',') {
                return Err(JsonError::Syntax { at: self.at });
            }
        }
    }

    fn object(&mut self, depth: u8) -> Result<Value, JsonError> {
        self.at += 1;
        let mut members = Object::new();
        if self.take(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            if self.bytes.get(self.at) != Some(&b'"') {
                return Err(JsonError::Syntax { at: self.at });
            }
            let key = self.text()?;
            if !self.take(b':') {
                return Err(JsonError::Syntax { at: self.at });
            }
            let value = self.value(depth + 1)?;
            if members.insert(key, value).is_some() {
                return Err(JsonError::DuplicateKey { at: self.at });
            }
            if self.take(b'}') {
                return Ok(Value::Object(members));
            }
            if !self.take(b',') {
                return Err(JsonError::Syntax { at: self.at });
            }
        }
    }

    fn text(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let from = self.at;
            while self.bytes.get(self.at).is_some_and(|&b| b != b'"' && b != b'\\' && b' ' <= b) {
                self.at += 1;
            }
            out.push_str(&self.text[from..self.at]);
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                _ => return Err(JsonError::Syntax { at: self.at }),
            }
        }
    }

    /// One escape: `\"`, `\\`, or `\uXXXX` of a hidden character. The short forms are JSON, but not this spelling.
    fn escape(&mut self) -> Result<char, JsonError> {
        let at = self.at;
        let letter = self.bytes.get(at + 1).copied();
        self.at += 2;
        match letter {
            Some(b'"') => Ok('"'),
            Some(b'\\') => Ok('\\'),
            Some(b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Err(JsonError::NotCanonical),
            Some(b'u') => {
                let digits = self.bytes.get(self.at..self.at + 4).and_then(|d| std::str::from_utf8(d).ok());
                let code = digits.and_then(|d| u32::from_str_radix(d, 16).ok()).ok_or(JsonError::Syntax { at })?;
                self.at += 4;
                char::from_u32(code).ok_or(JsonError::NotCanonical)
            }
            _ => Err(JsonError::Syntax { at }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Value, JsonError> {
        Value::parse(text.as_bytes(), 1000)
    }

    #[test]
    fn canonical_texts_come_back_as_they_were() {
        for text in [
            "null",
            "true",
            "[]",
            "{}",
            "-9223372036854775808",
            "18446744073709551615",
            "0",
            r#"{"a":[1,{"b":"\u0000\u0009\"\\é\u202e"}],"b":false}"#,
        ] {
            assert_eq!(parse(text).unwrap().to_text(), text);
        }
    }

    #[test]
    fn pkg_30_other_spellings_are_refused() {
        for text in [
            " 1",
            "1 ",
            "{\"a\": 1}",
            "[1,]",
            "01",
            "-0",
            "+1",
            "\"\\/\"",
            "\"\\u0041\"",
            "\"\\u000A\"",
            "\"\\u001f",
            "nul",
            "{\"b\":1,\"a\":2}",
            "\"\\ud800\\udc00\"",
            "\"a\nb\"",
            "",
            "1\n",
            "{\"a\":1}{}",
            "[1 ,2]",
            "\"\\u+123\"",
            "\"\\n\"",
            "\"\u{202e}\"",
            "\"\\ud800\"",
            "\"\\u202E\"",
            "tru\u{e9}",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse("{\"a\":1,\"a\":1}"), Err(JsonError::DuplicateKey { at: 12 }));
        assert_eq!(parse("{\"b\":1,\"a\":2}"), Err(JsonError::NotCanonical));
        assert_eq!(Value::parse(b"\"\xff\"", 10), Err(JsonError::NotUtf8));
    }

    /// The comparison at the end would refuse these too, but not say where and why.
    #[test]
    fn pkg_30_what_is_wrong_is_named_where_it_stands() {
        let cases = [
            ("{}{}", JsonError::TrailingBytes),
            ("1\n", JsonError::TrailingBytes),
            ("nulx", JsonError::Syntax { at: 0 }),
            ("[1\"a\"]", JsonError::Syntax { at: 2 }),
            ("{\"a\"1}", JsonError::Syntax { at: 4 }),
            ("{\"a\":1\"b\":2}", JsonError::Syntax { at: 6 }),
            ("\"a\nb\"", JsonError::Syntax { at: 2 }),
            ("\"a\\nb\"", JsonError::NotCanonical),
            ("\"a\\xb\"", JsonError::Syntax { at: 2 }),
        ];
        for (text, error) in cases {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn pkg_30_numbers_outside_the_range_are_refused() {
        for text in ["1.0", "1e3", "18446744073709551616", "-9223372036854775809", "-", "99999999999999999999999999999999999999999999"] {
            assert!(matches!(parse(text), Err(JsonError::Number { .. })), "{text}");
        }
    }

    #[test]
    fn pkg_30_depth_and_length_are_bounded() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(&nested(32)).is_ok());
        assert_eq!(parse(&nested(33)), Err(JsonError::TooDeep));
        assert_eq!(parse(&"[".repeat(900)), Err(JsonError::TooDeep));
        assert_eq!(Value::parse(b"[[]]", 3), Err(JsonError::TooLong { len_max: 3 }));
    }

    #[test]
    fn a_document_ends_in_one_line_feed() {
        assert!(Value::parse_document(b"{}\n").is_ok());
        for bytes in [&b"{}"[..], b"{}\n\n", b"{}\r\n"] {
            assert!(Value::parse_document(bytes).is_err());
        }
    }
}
