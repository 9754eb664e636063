//! Why no package was written.

/// The draft cannot become a package. Nothing was written.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A name given by the caller is not allowed in a package (PKG-04, PKG-08).
    Name { name: String },
    /// Two parts of the draft have one name.
    Twice { name: String },
    /// A row lacks a mandatory key, has a column that its schema lacks, or a time without offset.
    Row { category: String, row: usize, what: &'static str },
    /// Counts, categories or slots of the statement do not fit the tables or the evidence.
    Statement { what: &'static str },
    /// The finished bytes did not pass our own reader: a bug, caught before anybody got the file.
    NotReadable(verify::package::Refusal),
    /// A key, certificate or time-stamp response is not of the required form.
    Key { what: &'static str },
    Stamp { what: &'static str },
}

/// Refused by a rule, or our surroundings failed.
#[derive(Debug)]
pub enum Failure {
    Refused(Refusal),
    Fault(std::io::Error),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::Refused(refusal)
    }
}
impl From<std::io::Error> for Failure {
    fn from(fault: std::io::Error) -> Failure {
        Failure::Fault(fault)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refusal::Name { name } => write!(f, "the name {name:?} is not allowed in a package"),
            Refusal::Twice { name } => write!(f, "{name} would be there twice"),
            Refusal::Row { category, row, what } => write!(f, "row {row} of {category}: {what}"),
            Refusal::Statement { what } => write!(f, "the completeness statement does not fit: {what}"),
            Refusal::NotReadable(refusal) => write!(f, "{}: {refusal}", refusal.code()),
            Refusal::Key { what } => write!(f, "package key: {what}"),
            Refusal::Stamp { what } => write!(f, "time stamp: {what}"),
        }
    }
}
impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Refused(refusal) => refusal.fmt(f),
            Failure::Fault(fault) => write!(f, "writing the package: {fault}"),
        }
    }
}
impl std::error::Error for Refusal {}
impl std::error::Error for Failure {}
