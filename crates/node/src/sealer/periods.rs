//! Which committee key an hour is sealed under: that of the period in which its slot lies, also for what arrives after the border
//! (SEA-16, SEA-81). What is sealed under another one can be opened by nobody (REL-20), so an hour without a key is refused and counted.

use seal::committee::PublicKey;
use seal::identity::Slot;
use verify::names::Span;
use verify::policy::Policy;

/// Committee keys by period, ascending and apart from each other.
#[derive(Clone, Debug)]
pub struct KeyPeriods {
    list: Vec<(Span, PublicKey)>,
}

impl KeyPeriods {
    /// The keys of these policies: the one in force first, and those of the periods before and after it.
    pub fn of(policies: &[Policy]) -> Result<KeyPeriods, &'static str> {
        let Some(first) = policies.first() else { return Err("no policy names a key") };
        let same = |other: &Policy| {
            let lengths = |policy: &Policy| (policy.times().slot_len, policy.times().epoch_len, policy.times().grace);
            other.parts().provider == first.parts().provider && lengths(other) == lengths(first)
        };
        if !policies.iter().all(same) {
            return Err("SEA-16: a further policy is another provider's, or has slots and epochs of other lengths");
        }
        KeyPeriods::new(policies.iter().map(|policy| (policy.parts().key.period, policy.public_key().clone())))
    }

    pub fn new(periods: impl IntoIterator<Item = (Span, PublicKey)>) -> Result<KeyPeriods, &'static str> {
        let mut list: Vec<(Span, PublicKey)> = periods.into_iter().collect();
        list.sort_by_key(|(period, _)| period.from());
        // Two policies of one period have one key: a renewed policy is no new ceremony.
        list.dedup_by(|later, earlier| later.0 == earlier.0 && later.1 == earlier.1);
        match list.windows(2).all(|pair| pair[0].0.until() <= pair[1].0.from()) {
            true => Ok(KeyPeriods { list }),
            false => Err("SEA-16: two key periods overlap; an hour would have two keys"),
        }
    }

    fn find(&self, slot: Slot) -> Option<&(Span, PublicKey)> {
        self.list.iter().find(|(period, _)| period.holds(slot.start(), slot.end()))
    }

    pub fn key(&self, slot: Slot) -> Option<&PublicKey> {
        self.find(slot).map(|(_, key)| key)
    }

    /// Do both slots have the same key? A late epoch has one, so it covers slots of one period only.
    pub fn is_one_period(&self, one: Slot, other: Slot) -> bool {
        self.find(one).is_some_and(|(period, _)| period.holds(other.start(), other.end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seal::points::{G2Point, Scalar};

    fn key(seed: u8) -> PublicKey {
        PublicKey::of_point(G2Point::public_of(&Scalar::key_gen(&[seed; 32], b"test")).unwrap())
    }

    fn slot(number: u64) -> Slot {
        Slot::new(seal::identity::SlotLen::HOUR, number).unwrap()
    }

    #[test]
    fn sea_16_each_hour_has_the_key_of_its_period_and_none_has_two() {
        let span = |from: u64, until: u64| Span::new(from * 3_600, until * 3_600).unwrap();
        let keys = KeyPeriods::new([(span(20, 30), key(2)), (span(10, 20), key(1)), (span(10, 20), key(1))]).unwrap();
        for (number, expected) in [(9, None), (10, Some(1)), (19, Some(1)), (20, Some(2)), (29, Some(2)), (30, None)] {
            assert_eq!(keys.key(slot(number)), expected.map(key).as_ref(), "hour {number}");
        }
        assert!(keys.is_one_period(slot(10), slot(19)) && !keys.is_one_period(slot(19), slot(20)) && !keys.is_one_period(slot(9), slot(9)));
        assert!(KeyPeriods::new([(span(10, 20), key(1)), (span(19, 30), key(2))]).is_err());
        assert!(KeyPeriods::new([(span(10, 20), key(1)), (span(10, 20), key(2))]).is_err());
    }
}
