//! Where something stood in the source, and what was done to be able to read it.

/// A place in the source. Lines and columns count from 1; a column counts characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// 0: the file as received; n: the n-th document inside it (a form in an ETSI message).
    pub document: u16,
    pub line: u32,
    pub column: u32,
    /// The element, such as `SectionI/CaseWithoutValidation`.
    pub path: String,
}

impl Place {
    pub fn new(line: u32, column: u32, path: impl Into<String>) -> Place {
        Place { document: 0, line, column, path: path.into() }
    }

    pub fn in_document(self, document: u16) -> Place {
        Place { document, ..self }
    }
}

/// A value with its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Marked<T> {
    pub value: T,
    pub place: Place,
}

impl<T> Marked<T> {
    pub fn at(value: T, place: Place) -> Marked<T> {
        Marked { value, place }
    }

    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Marked<U> {
        Marked { value: f(self.value), place: self.place }
    }
}

/// A deviation that a reader tolerates and says so (etsi.md section 6): never silent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Normalised {
    /// Number of the rule that allows it.
    pub rule: &'static str,
    pub was: String,
    pub now: String,
    pub place: Place,
}

/// The message (an index) and the form (the order) disagree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is about, such as `data category`.
    pub what: String,
    pub message: Marked<String>,
    pub form: Marked<String>,
}
