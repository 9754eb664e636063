//! How every native document is spelled: a first line that names it, then `key value…` lines in one fixed order.
//!
//! `docs/spec/document.md`, rules DOC-01 to DOC-06. A document that carries others does so in parts: a line
//! `part <name> <length>`, exactly that many bytes, a newline. Each document has one parse function; it ends with
//! `canonical`, so that two texts with different hashes never mean the same thing.

use crate::spelling;

/// What is wrong with the spelling of a document. Meaning is judged by the document's own rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentError {
    /// DOC-01: longer than this kind of document may be.
    TooLong { len_max: usize },
    /// DOC-02: the first line is another one.
    WrongHeader { expected: &'static str },
    /// DOC-03: the line that has to stand here is missing; lines are counted from 1, a part counts as one.
    MissingLine { line: u32, key: &'static str },
    /// DOC-04: the line has the right key and a value that is none of its kind.
    BadValue { line: u32, key: &'static str },
    /// DOC-05: something is left over after the last line.
    TrailingBytes { line: u32 },
    /// DOC-06: it reads well and is not spelled the one legal way.
    NotCanonical,
}

impl DocumentError {
    /// The number of the rule that was broken.
    pub fn code(&self) -> &'static str {
        match self {
            DocumentError::TooLong { .. } => "DOC-01",
            DocumentError::WrongHeader { .. } => "DOC-02",
            DocumentError::MissingLine { .. } => "DOC-03",
            DocumentError::BadValue { .. } => "DOC-04",
            DocumentError::TrailingBytes { .. } => "DOC-05",
            DocumentError::NotCanonical => "DOC-06",
        }
    }
}

impl std::fmt::Display for DocumentError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: ", self.code())?;
        match self {
            DocumentError::TooLong { len_max } => write!(f, "the document is longer than {len_max} bytes"),
            DocumentError::WrongHeader { expected } => write!(f, "the first line is not \"{expected}\""),
            DocumentError::MissingLine { line, key } => write!(f, "line {line} should be \"{key} …\""),
            DocumentError::BadValue { line, key } => write!(f, "line {line}: the value of \"{key}\" is not one"),
            DocumentError::TrailingBytes { line } => write!(f, "something is left over from line {line} on"),
            DocumentError::NotCanonical => f.write_str("the document is not in its one legal spelling"),
        }
    }
}

impl std::error::Error for DocumentError {}

/// Takes a document apart, line by line, in the order the caller asks for.
pub struct Reader<'a> {
    rest: &'a [u8],
    line: u32,
}

impl<'a> Reader<'a> {
    /// Checks the size first (DOC-01), then the first line (DOC-02).
    pub fn open(bytes: &'a [u8], header: &'static str, len_max: usize) -> Result<Reader<'a>, DocumentError> {
        if len_max < bytes.len() {
            return Err(DocumentError::TooLong { len_max });
        }
        let rest = bytes
            .strip_prefix(header.as_bytes())
            .and_then(|r| r.strip_prefix(b"\n"))
            .ok_or(DocumentError::WrongHeader { expected: header })?;
        Ok(Reader { rest, line: 2 })
    }

    /// Reads lines that stand inside something else, without a first line of their own.
    pub fn inside(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes, line: 1 }
    }

    /// Is the next line one of this key?
    pub fn at(&self, key: &str) -> bool {
        let Some(after) = self.rest.strip_prefix(key.as_bytes()) else { return false };
        matches!(after.first(), Some(b' ' | b'\n'))
    }

    /// The value of the next line, which must have this key (DOC-03).
    pub fn value(&mut self, key: &'static str) -> Result<&'a str, DocumentError> {
        let missing = DocumentError::MissingLine { line: self.line, key };
        let len = self.rest.iter().position(|b| *b == b'\n').ok_or(missing.clone())?;
        let text = std::str::from_utf8(&self.rest[..len]).map_err(|_| missing.clone())?;
        let value = text.strip_prefix(key).and_then(|v| v.strip_prefix(' ')).ok_or(missing)?;
        self.rest = &self.rest[len + 1..];
        self.line += 1;
        if value.chars().any(char::is_control) {
            return Err(self.bad(key));
        }
        Ok(value)
    }

    /// The value of the next line if it has this key.
    pub fn value_if(&mut self, key: &'static str) -> Result<Option<&'a str>, DocumentError> {
        if self.at(key) { self.value(key).map(Some) } else { Ok(None) }
    }

    /// The next line's value through a parser; what it refuses is DOC-04.
    pub fn parsed<T>(&mut self, key: &'static str, parse: impl FnOnce(&'a str) -> Option<T>) -> Result<T, DocumentError> {
        let value = self.value(key)?;
        parse(value).ok_or(self.bad(key))
    }

    /// As [`Reader::parsed`], for a line that may be left out.
    pub fn parsed_if<T>(&mut self, key: &'static str, parse: impl FnOnce(&'a str) -> Option<T>) -> Result<Option<T>, DocumentError> {
        if self.at(key) { self.parsed(key, parse).map(Some) } else { Ok(None) }
    }

    /// Every next line of this key.
    pub fn all<T>(&mut self, key: &'static str, parse: impl Fn(&'a str) -> Option<T>) -> Result<Vec<T>, DocumentError> {
        let mut values = Vec::new();
        while self.at(key) {
            values.push(self.parsed(key, &parse)?);
        }
        Ok(values)
    }

    /// A decimal (LOG-03).
    pub fn decimal(&mut self, key: &'static str) -> Result<u64, DocumentError> {
        self.parsed(key, spelling::decimal)
    }

    /// `N` bytes in base64.
    pub fn bytes<const N: usize>(&mut self, key: &'static str) -> Result<[u8; N], DocumentError> {
        self.parsed(key, spelling::from_base64_exact::<N>)
    }

    /// The bytes of the part that must follow here.
    pub fn part(&mut self, name: &'static str) -> Result<&'a [u8], DocumentError> {
        let missing = DocumentError::MissingLine { line: self.line, key: name };
        if !self.at_part(name) {
            return Err(missing);
        }
        let value = self.value("part")?;
        let len = value.strip_prefix(name).and_then(|v| v.strip_prefix(' ')).and_then(spelling::decimal);
        let len = len.and_then(|n| usize::try_from(n).ok()).ok_or(self.bad(name))?;
        // The length is a claim of the sender: nothing is taken, and nothing allocated, beyond what is really there.
        let bytes = self.rest.get(..len).ok_or(self.bad(name))?;
        let after = self.rest.get(len..).and_then(|r| r.strip_prefix(b"\n")).ok_or(self.bad(name))?;
        self.rest = after;
        Ok(bytes)
    }

    /// Is the next line the head of this part?
    pub fn at_part(&self, name: &str) -> bool {
        let after = self.rest.strip_prefix(b"part ").and_then(|r| r.strip_prefix(name.as_bytes()));
        after.is_some_and(|r| r.first() == Some(&b' '))
    }

    /// The bytes of the part if it follows here.
    pub fn part_if(&mut self, name: &'static str) -> Result<Option<&'a [u8]>, DocumentError> {
        if self.at_part(name) { self.part(name).map(Some) } else { Ok(None) }
    }

    /// The error for a value of the line just read.
    pub fn bad(&self, key: &'static str) -> DocumentError {
        DocumentError::BadValue { line: self.line - 1, key }
    }

    /// Nothing is left over (DOC-05).
    pub fn end(self) -> Result<(), DocumentError> {
        if self.rest.is_empty() { Ok(()) } else { Err(DocumentError::TrailingBytes { line: self.line }) }
    }
}

/// DOC-06: the bytes that were read are the bytes that would be written.
pub fn canonical(read: &[u8], written: &[u8]) -> Result<(), DocumentError> {
    if read == written { Ok(()) } else { Err(DocumentError::NotCanonical) }
}

/// Writes a document.
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// A document with this first line.
    pub fn new(header: &str) -> Writer {
        Writer { out: format!("{header}\n").into_bytes() }
    }

    /// Lines without a first line, for use inside something else.
    pub fn inside() -> Writer {
        Writer { out: Vec::new() }
    }

    /// `key value`.
    pub fn line(&mut self, key: &str, value: impl std::fmt::Display) -> &mut Writer {
        self.out.extend_from_slice(format!("{key} {value}\n").as_bytes());
        self
    }

    /// `key base64`.
    pub fn bytes(&mut self, key: &str, value: &[u8]) -> &mut Writer {
        self.line(key, spelling::base64(value))
    }

    /// A whole part.
    pub fn part(&mut self, name: &str, bytes: &[u8]) -> &mut Writer {
        self.line("part", format_args!("{name} {}", bytes.len()));
        self.out.extend_from_slice(bytes);
        self.out.push(b'\n');
        self
    }

    /// Everything written.
    pub fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }
}

/// A value of several words, each parted from the next by exactly one space.
pub struct Words<'a>(Option<&'a str>);

impl<'a> Words<'a> {
    pub fn new(value: &'a str) -> Words<'a> {
        Words(Some(value))
    }

    /// The next word; empty words do not exist.
    pub fn word(&mut self) -> Option<&'a str> {
        let text = self.0?;
        let (word, rest) = match text.split_once(' ') {
            Some((word, rest)) => (word, Some(rest)),
            None => (text, None),
        };
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }

    pub fn decimal(&mut self) -> Option<u64> {
        self.word().and_then(spelling::decimal)
    }

    pub fn small<T: TryFrom<u64>>(&mut self) -> Option<T> {
        self.decimal().and_then(|n| T::try_from(n).ok())
    }

    pub fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.word().and_then(spelling::from_base64_exact::<N>)
    }

    pub fn hex<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.word().and_then(spelling::from_hex_exact::<N>)
    }

    /// All that is left, spaces included: free text stands last on its line.
    pub fn rest(&mut self) -> Option<&'a str> {
        self.0.take().filter(|t| !t.is_empty())
    }

    /// Nothing is left.
    pub fn end<T>(self, value: T) -> Option<T> {
        self.0.is_none().then_some(value)
    }
}

/// Text that people read: 1 to `len_max` bytes, no control characters, no space at an end.
pub fn free_text(text: &str, len_max: usize) -> Option<String> {
    let fits = !text.is_empty() && text.len() <= len_max && text.trim() == text;
    // Characters that turn the direction of reading could make a clerk read another order than the one signed.
    let plain = !text.chars().any(|c| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
    (fits && plain).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_lines(bytes: &[u8]) -> Result<(u64, Vec<u8>), DocumentError> {
        let mut r = Reader::open(bytes, "waarborg-test/v1", 64)?;
        let size = r.decimal("size")?;
        let inner = r.part("inner")?.to_vec();
        r.end()?;
        let written = Writer::new("waarborg-test/v1").line("size", size).part("inner", &inner).finish();
        canonical(bytes, &written)?;
        Ok((size, inner))
    }

    #[test]
    fn doc_01_to_06_each_misspelling_is_named() {
        assert_eq!(two_lines(b"waarborg-test/v1\nsize 7\npart inner 2\na\n\n"), Ok((7, b"a\n".to_vec())));
        let code = |text: &str| two_lines(text.as_bytes()).map_err(|e| e.code()).err();
        assert_eq!(code(&"x".repeat(65)), Some("DOC-01"));
        assert_eq!(code("waarborg-test/v2\nsize 7\n"), Some("DOC-02"));
        assert_eq!(code("waarborg-test/v1\npart inner 0\n\n"), Some("DOC-03"));
        assert_eq!(code("waarborg-test/v1\nsize 7\n"), Some("DOC-03"));
        assert_eq!(code("waarborg-test/v1\nsize 07\npart inner 0\n\n"), Some("DOC-04"));
        assert_eq!(code("waarborg-test/v1\nsize 7\npart inner 9\na\n"), Some("DOC-04"));
        assert_eq!(code("waarborg-test/v1\nsize 7\npart inner 1\nab\n"), Some("DOC-04"));
        assert_eq!(code("waarborg-test/v1\nsize 7\npart inner 0\n\nx"), Some("DOC-05"));
        assert_eq!(code("waarborg-test/v1\nsize 7\npart outer 0\n\n"), Some("DOC-03"), "a part of another name");
        assert_eq!(code("waarborg-test/v1\nsize 7\npart inners 0\n\n"), Some("DOC-03"));
        assert_eq!(canonical(b"a", b"b").map_err(|e| e.code()), Err("DOC-06"));
    }

    #[test]
    fn doc_03_a_part_is_known_by_its_whole_name() {
        let at = |text: &[u8]| Reader::inside(text).at_part("inner");
        assert!(at(b"part inner 0\n\n"));
        assert!(!at(b"part inners 0\n\n") && !at(b"part inner\n\n") && !at(b"part outer 0\n\n") && !at(b"inner 0\n"));
    }

    #[test]
    fn doc_04_a_value_is_one_line_of_printable_text() {
        let value = |text: &'static str| Reader::inside(text.as_bytes()).value("key");
        assert_eq!(value("key two words\n"), Ok("two words"));
        for text in ["key a\tb\n", "key a\rb\n", "key \u{7f}\n", "key \u{85}\n"] {
            assert_eq!(value(text), Err(DocumentError::BadValue { line: 1, key: "key" }), "{text:?}");
        }
    }

    #[test]
    fn words_are_parted_by_exactly_one_space() {
        let mut nothing = Words::new("a ");
        assert_eq!((nothing.word(), nothing.rest()), (Some("a"), None), "a space behind which nothing stands");
        let mut more = Words::new("a b");
        assert_eq!((more.word(), more.end(())), (Some("a"), None), "a word is left");
        let mut w = Words::new("a 7 rest of it");
        assert_eq!((w.word(), w.decimal(), w.rest()), (Some("a"), Some(7), Some("rest of it")));
        assert!(w.end(()).is_some());
        let mut w = Words::new("a  b");
        assert_eq!((w.word(), w.word()), (Some("a"), None));
        assert_eq!(free_text("ok text", 10).as_deref(), Some("ok text"));
        for bad in ["", " a", "a\u{7}", "a\u{202e}b", "much too long"] {
            assert_eq!(free_text(bad, 10), None, "{bad:?}");
        }
    }
}
