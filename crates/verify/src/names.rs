//! The short names that documents use for offices and instruments: a narrow alphabet, so that no two look alike.

/// Who an office is in the policy's directory: `[a-z0-9.-]{1,64}`, such as `nl.rechtbank-amsterdam`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DirectoryId(String);

impl DirectoryId {
    pub const LEN_MAX: usize = 64;

    pub fn parse(text: &str) -> Option<DirectoryId> {
        let narrow = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
        let fits = (1..=DirectoryId::LEN_MAX).contains(&text.len());
        (fits && text.bytes().all(narrow)).then(|| DirectoryId(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for DirectoryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The legal instrument of an order (field 2): `[a-z0-9./-]{1,64}`, such as `epoc` or `national/nl/126n`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instrument(String);

impl Instrument {
    pub const LEN_MAX: usize = 64;

    pub fn parse(text: &str) -> Option<Instrument> {
        let narrow = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'/');
        let fits = (1..=Instrument::LEN_MAX).contains(&text.len());
        (fits && text.bytes().all(narrow)).then(|| Instrument(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Instrument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A half-open span of Unix seconds, from < until.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    from: u64,
    until: u64,
}

impl Span {
    pub fn new(from: u64, until: u64) -> Option<Span> {
        (from < until).then_some(Span { from, until })
    }

    pub fn from(self) -> u64 {
        self.from
    }

    pub fn until(self) -> u64 {
        self.until
    }

    pub fn covers(self, unix_seconds: u64) -> bool {
        self.from <= unix_seconds && unix_seconds < self.until
    }

    /// Does the other span lie inside this one?
    pub fn holds(self, from: u64, until: u64) -> bool {
        self.from <= from && until <= self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_a_narrow_alphabet() {
        assert!(DirectoryId::parse("nl.om-amsterdam").is_some());
        assert!(Instrument::parse("national/nl/126n").is_some());
        for bad in ["", "NL", "a b", "a/b", "é", &"a".repeat(65)] {
            assert!(DirectoryId::parse(bad).is_none(), "{bad}");
        }
        assert!(Instrument::parse("a_b").is_none());
        assert!(Span::new(5, 5).is_none());
    }
}
