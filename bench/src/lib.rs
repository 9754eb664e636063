//! What sealing, opening and logging cost on this machine, beside what others need for the same records (decision 0101).
//!
//! No figure decides a test: a shared machine is noise. Whoever quotes one quotes the machine and the load that stand above it.
#![forbid(unsafe_code)]

pub mod figure;
pub mod log;
pub mod machine;
pub mod opening;
pub mod peers;
pub mod plot;
pub mod sealing;
pub mod timing;
pub mod world;

use figure::Figure;

/// How much work: `Quick` shows in seconds that everything runs; `Full` takes the sizes of the bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    Quick,
    Full,
}

impl Size {
    pub fn pick<T>(self, quick: T, full: T) -> T {
        match self {
            Size::Quick => quick,
            Size::Full => full,
        }
    }
}

/// What to measure.
pub struct Wanted {
    pub size: Size,
    /// Names of groups; all if empty.
    pub only: Vec<String>,
}

type Group = (&'static str, fn(Size) -> Vec<Figure>);

/// In this order: short ones first.
pub const GROUPS: &[Group] = &[
    ("sealing", sealing::warm_and_new_keys),
    ("stored", sealing::stored_octets),
    ("log", log::append_and_prove),
    ("month", opening::month_of_one_person),
    ("timing", timing::report),
    ("million", sealing::a_million_identities),
];

impl Wanted {
    pub fn groups(&self) -> impl Iterator<Item = &'static Group> {
        GROUPS.iter().filter(|(name, _)| self.only.is_empty() || self.only.iter().any(|only| only == name))
    }
}

/// In this process. Where there are several groups, `waarborg-bench` gives each one of its own.
pub fn measure(wanted: &Wanted) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (name, run) in wanted.groups() {
        eprintln!("{name} …");
        figures.extend(run(wanted.size));
    }
    figures
}
