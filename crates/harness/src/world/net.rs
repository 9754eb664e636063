//! The network between the roles: every message is lost, late, doubled or overtaken as the faults say.

use super::fault::{Link, Trouble};
use crate::chance::Chance;
use std::cell::Cell;

/// Trouble on some links until some time.
#[derive(Clone, Debug, Default)]
pub struct Net {
    troubles: Vec<(Option<Link>, u64, Trouble)>,
    has_struck: Cell<bool>,
}

impl Net {
    /// `link` none: all of them.
    pub fn trouble(&mut self, link: Option<Link>, until: u64, trouble: Trouble) {
        self.troubles.push((link, until, trouble));
    }

    fn on(&self, link: Link, now: u64) -> impl Iterator<Item = Trouble> + '_ {
        let here = move |of: &Option<Link>| of.is_none_or(|of| of == link);
        self.troubles.iter().filter(move |(of, until, _)| now < *until && here(of)).map(|(_, _, trouble)| *trouble)
    }

    /// A message was lost, doubled or late.
    pub fn has_struck(&self) -> bool {
        self.has_struck.get()
    }

    /// When each copy of a message arrives, in seconds from now. None: it is lost. Two messages may overtake each other.
    pub fn carry(&self, link: Link, now: u64, chance: &mut Chance) -> Vec<u64> {
        let usual = chance.below(3);
        let mut copies = vec![usual];
        for trouble in self.on(link, now).collect::<Vec<_>>() {
            match trouble {
                Trouble::Cut => copies.clear(),
                Trouble::Drop { one_in } if chance.one_in(1, one_in.max(1)) => copies.clear(),
                Trouble::Double { one_in } if chance.one_in(1, one_in.max(1)) => copies.push(chance.below(400)),
                Trouble::Delay { most_s } => copies.iter_mut().for_each(|copy| *copy += chance.below(most_s.max(1))),
                Trouble::Drop { .. } | Trouble::Double { .. } => {}
            }
            if copies.is_empty() {
                break;
            }
        }
        self.has_struck.set(self.has_struck.get() || copies != [usual]);
        copies
    }

    /// Whether a question is asked and answered at once, as by a reader of tiles.
    pub fn answers(&self, link: Link, now: u64, chance: &mut Chance) -> bool {
        let answered = self.on(link, now).collect::<Vec<_>>().into_iter().all(|trouble| match trouble {
            Trouble::Cut => false,
            Trouble::Drop { one_in } => !chance.one_in(1, one_in.max(1)),
            Trouble::Double { .. } | Trouble::Delay { .. } => true,
        });
        self.has_struck.set(self.has_struck.get() || !answered);
        answered
    }
}
