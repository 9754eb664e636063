//! Seeded chance for data and faults: one small generator, so that a seed gives the same run on every machine.
//!
//! SplitMix64. Not for keys: those come from `seal::entropy::SeededEntropy`.

/// A stream of numbers that one seed fixes.
#[derive(Clone, Debug)]
pub struct Chance {
    state: u64,
}

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance { state: seed ^ 0x5741_4152_424f_5247 }
    }

    /// A stream of its own for one purpose: what is drawn there does not move what is drawn here.
    pub fn fork(&self, purpose: &str) -> Chance {
        let mut fork = Chance { state: self.state };
        for octet in purpose.bytes() {
            fork.state = fork.next() ^ u64::from(octet);
        }
        fork
    }

    #[expect(clippy::should_implement_trait, reason = "a generator of numbers has no end")]
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// 0 to `bound` - 1; 0 for a bound of 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // 2^-64 times the bound of bias: nothing here rests on it.
        (u128::from(self.next()) * u128::from(bound) >> 64) as u64
    }

    /// `from` to `until` - 1.
    pub fn between(&mut self, from: u64, until: u64) -> u64 {
        from + self.below(until.saturating_sub(from))
    }

    /// True `parts` times in `of`.
    pub fn one_in(&mut self, parts: u64, of: u64) -> bool {
        self.below(of) < parts
    }

    /// 0 <= x < 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u64) as usize]
    }

    /// The index of a weight, as often as it weighs.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut at = self.unit() * weights.iter().sum::<f64>();
        for (index, weight) in weights.iter().enumerate() {
            if at < *weight {
                return index;
            }
            at -= weight;
        }
        weights.len() - 1
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn a_seed_repeats_and_a_fork_disturbs_nothing() {
        let draw = |seed| {
            let mut chance = Chance::new(seed);
            (0..5).map(|_| chance.next()).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        let chance = Chance::new(1);
        assert_ne!(chance.fork("a").next(), chance.fork("b").next());
        assert_eq!(chance.clone().next(), draw(1)[0]);
    }

    #[test]
    fn numbers_stay_below_their_bound() {
        let mut chance = Chance::new(3);
        for bound in [1, 2, 7, 1 << 40] {
            assert!((0..1_000).all(|_| chance.below(bound) < bound));
        }
        assert_eq!(chance.weighted(&[0.0, 1.0, 0.0]), 1);
    }
}
