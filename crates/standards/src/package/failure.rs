//! Why no package was written.

/// The draft cannot become a package. Nothing was written.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// PKG-08: two parts of the draft have one name, or a name is not allowed there.
    Name { name: String },
    /// The finished bytes did not pass the strict reader: parts of the draft contradict each other, or a bug.
    NotReadable(verify::package::Refusal),
    /// A part on disk changed while it was read.
    Changed { name: String },
    /// A key or certificate is not of the required form.
    Key { what: &'static str },
    /// The time-stamp authority's answer does not fit.
    Stamp { what: &'static str },
}

impl Refusal {
    /// The rule of docs/spec/package.md, or `WRITE` for what only a writer can do wrong.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Name { .. } => "PKG-08",
            Refusal::NotReadable(refusal) => refusal.code(),
            Refusal::Changed { .. } | Refusal::Key { .. } | Refusal::Stamp { .. } => "WRITE",
        }
    }
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
impl From<verify::package::Refusal> for Refusal {
    fn from(refusal: verify::package::Refusal) -> Refusal {
        Refusal::NotReadable(refusal)
    }
}
impl From<verify::package::Refusal> for Failure {
    fn from(refusal: verify::package::Refusal) -> Failure {
        Failure::Refused(refusal.into())
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
            Refusal::Name { name } => write!(f, "the name {name:?} is not allowed in a package, or is there twice"),
            Refusal::NotReadable(refusal) => write!(f, "{}: {refusal}", refusal.code()),
            Refusal::Changed { name } => write!(f, "{name} changed while the package was written"),
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
