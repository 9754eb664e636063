//! The ideal model of TSE-70: what the real system may do, in a hundred lines that use no type and no rule of it.
//!
//! A table of orders as people meant them. Whatever a member releases is held against it, and whatever a package holds against
//! the story's own rows.

use crate::oracle::Ordered;
use std::collections::{BTreeMap, BTreeSet};

/// A digest, as the documents carry it.
pub type Name = [u8; 32];

/// One thing that a key would open: selector, category, hour.
pub type Item = (String, u16, u64);

/// An order as the court meant it.
#[derive(Clone, Debug)]
pub struct Meant {
    pub items: Vec<Ordered>,
    /// Half-open, POSIX seconds: when keys may be given.
    pub valid: (u64, u64),
    /// Signed by who may sign it.
    pub is_genuine: bool,
    pub authority: String,
    /// When the person must have heard of it; a month later its authority gets nothing more (P10).
    pub notice_due: u64,
}

/// Hour length and the wait after an hour's end.
#[derive(Clone, Copy, Debug)]
pub struct Clockwork {
    pub hour: u64,
    pub grace: u64,
}

const MONTH: u64 = 30 * 86_400;

#[derive(Clone, Debug)]
pub struct Ideal {
    clockwork: Clockwork,
    orders: BTreeMap<Name, Meant>,
    /// (intent, member): given how often.
    given: BTreeMap<(Name, String), u32>,
    /// Who gave keys for which orders.
    served: BTreeSet<(String, Name)>,
}

/// What is known of the moment at which a member gave keys.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub now: u64,
    /// Both leaves stand in the history that everybody sees.
    pub order_is_public: bool,
    pub intent_is_public: bool,
}

impl Ideal {
    pub fn new(clockwork: Clockwork) -> Ideal {
        Ideal { clockwork, orders: BTreeMap::new(), given: BTreeMap::new(), served: BTreeSet::new() }
    }

    pub fn court_orders(&mut self, name: Name, meant: Meant) {
        self.orders.insert(name, meant);
    }

    pub fn order(&self, name: &Name) -> Option<&Meant> {
        self.orders.get(name)
    }

    fn owes(&self, meant: &Meant, earlier: &Name, now: u64) -> bool {
        self.orders.get(earlier).is_some_and(|other| other.authority == meant.authority && other.notice_due + MONTH < now)
    }

    /// A member gave keys. `Err`: the ideal would not have.
    pub fn gives<'i>(
        &mut self,
        member: &str,
        order: &Name,
        intent: &Name,
        items: impl IntoIterator<Item = &'i Item>,
        moment: Moment,
    ) -> Result<(), String> {
        let meant = self.orders.get(order).ok_or("no court ordered this")?;
        if !meant.is_genuine {
            return Err("nobody who may sign it signed the order".to_owned());
        }
        if !(meant.valid.0..meant.valid.1).contains(&moment.now) {
            return Err("the order is not valid now".to_owned());
        }
        if !moment.order_is_public || !moment.intent_is_public {
            return Err("order or intent do not stand in the public history".to_owned());
        }
        for (selector, category, hour) in items {
            let (start, end) = (hour * self.clockwork.hour, (hour + 1) * self.clockwork.hour);
            let names = |ordered: &Ordered| {
                ordered.selector == *selector && ordered.category == *category && ordered.from < end && start < ordered.until
            };
            if !meant.items.iter().any(names) {
                return Err(format!("the order does not name category {category} of that selector in hour {hour}"));
            }
            if moment.now < end + self.clockwork.grace {
                return Err(format!("hour {hour} is not over"));
            }
        }
        let before = self.served.iter().filter(|(other, _)| other == member);
        if before.into_iter().any(|(_, other)| self.owes(meant, other, moment.now)) {
            return Err("its authority owes a notice".to_owned());
        }
        self.served.insert((member.to_owned(), *order));
        let count = self.given.entry((*intent, member.to_owned())).or_default();
        *count += 1;
        if 1 < *count {
            return Err("keys were given twice under one intent".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ideal() -> Ideal {
        let mut ideal = Ideal::new(Clockwork { hour: 3_600, grace: 900 });
        let item = Ordered { selector: "a".into(), category: 1, from: 10 * 3_600 + 60, until: 11 * 3_600 };
        ideal.court_orders([1; 32], meant(item));
        ideal
    }

    fn meant(item: Ordered) -> Meant {
        Meant { items: vec![item], valid: (0, 50_000), is_genuine: true, authority: "x".into(), notice_due: 60_000 }
    }

    fn gives(item: (&str, u16, u64), now: u64, public: (bool, bool)) -> Result<(), String> {
        let item = (item.0.to_owned(), item.1, item.2);
        let moment = Moment { now, order_is_public: public.0, intent_is_public: public.1 };
        ideal().gives("m", &[1; 32], &[2; 32], [&item], moment)
    }

    #[test]
    fn tse_70_the_model_permits_exactly_what_is_ordered() {
        assert_eq!(gives(("a", 1, 10), 40_500, (true, true)), Ok(()));
        for (item, now, public) in [
            (("b", 1, 10), 40_500, (true, true)),
            (("a", 3, 10), 40_500, (true, true)),
            (("a", 1, 11), 45_000, (true, true)),
            (("a", 1, 9), 40_500, (true, true)),
            (("a", 1, 10), 40_499, (true, true)),
            (("a", 1, 10), 50_000, (true, true)),
            (("a", 1, 10), 40_500, (false, true)),
            (("a", 1, 10), 40_500, (true, false)),
        ] {
            assert!(gives(item, now, public).is_err(), "{item:?} at {now}");
        }
        let mut twice = ideal();
        let moment = Moment { now: 40_500, order_is_public: true, intent_is_public: true };
        assert_eq!(twice.gives("m", &[1; 32], &[2; 32], [], moment), Ok(()));
        assert_eq!(twice.gives("n", &[1; 32], &[2; 32], [], moment), Ok(()));
        assert!(twice.gives("m", &[1; 32], &[2; 32], [], moment).is_err());
        assert!(twice.gives("m", &[3; 32], &[4; 32], [], moment).is_err(), "an order of nobody");
    }

    #[test]
    fn an_authority_that_owes_a_notice_gets_no_more_from_who_knows() {
        let (mut ideal, item) = (ideal(), Ordered { selector: "a".into(), category: 1, from: 36_000, until: 39_600 });
        let late = Meant { valid: (0, u64::MAX), ..meant(item) };
        ideal.court_orders([3; 32], late.clone());
        ideal.court_orders([4; 32], Meant { authority: "y".into(), ..late });
        let at = |now| Moment { now, order_is_public: true, intent_is_public: true };
        assert_eq!(ideal.gives("m", &[1; 32], &[2; 32], [], at(40_500)), Ok(()));
        assert_eq!(ideal.gives("m", &[3; 32], &[5; 32], [], at(60_000 + MONTH)), Ok(()));
        assert!(ideal.gives("m", &[3; 32], &[6; 32], [], at(60_001 + MONTH)).is_err());
        assert_eq!(ideal.gives("n", &[3; 32], &[6; 32], [], at(60_001 + MONTH)), Ok(()), "it gave nothing before");
        assert_eq!(ideal.gives("m", &[4; 32], &[7; 32], [], at(60_001 + MONTH)), Ok(()), "another authority");
    }
}
