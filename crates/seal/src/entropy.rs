//! Randomness as an argument.

use crate::digest::hmac_sha256;
use zeroize::Zeroize;

/// A source of random octets. Every function that needs chance takes one, so that a run can be repeated.
pub trait Entropy {
    /// Fills `out`. A source that cannot deliver stops the process: there is no safe way to go on without it.
    fn fill(&mut self, out: &mut [u8]);
}

/// The operating system's generator, through aws-lc.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&mut self, out: &mut [u8]) {
        // Predictable keys would be worse than no service: a refused system call ends the process here.
        if aws_lc_rs::rand::fill(out).is_err() {
            std::process::abort();
        }
    }
}

/// Repeatable octets from a seed, for tests and demo worlds **only**: who knows the seed knows every key.
///
/// HMAC-SHA-256 of a running number under the seed.
pub struct SeededEntropy {
    seed: [u8; 32],
    next: u64,
}

impl SeededEntropy {
    pub fn new(seed: [u8; 32]) -> Self {
        SeededEntropy { seed, next: 0 }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&mut self, out: &mut [u8]) {
        for part in out.chunks_mut(32) {
            let mut block = hmac_sha256(&self.seed, &[&self.next.to_be_bytes()]);
            self.next += 1;
            part.copy_from_slice(&block[..part.len()]);
            block.zeroize();
        }
    }
}

impl Drop for SeededEntropy {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeded_entropy_repeats_and_seeds_differ() {
        let draw = |seed| {
            let mut out = [0; 70];
            SeededEntropy::new([seed; 32]).fill(&mut out);
            out
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert_ne!(draw(1)[..32], draw(1)[32..64]);
    }

    #[test]
    fn system_entropy_fills() {
        let mut out = [0; 64];
        SystemEntropy.fill(&mut out);
        assert_ne!(out, [0; 64]);
    }
}
