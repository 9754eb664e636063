//! Secrets: a type without conveniences, wiped when it goes.

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// `N` secret octets. Not printable, not copyable, compared only in constant time; overwritten with zeros on drop.
///
/// A flat array on purpose: a growing vector moves and leaves copies behind. Moving a `Secret` copies its octets on the
/// stack, which no safe Rust can prevent; secrets that must not meet swap or a core dump live in [`crate::memory::Locked`].
pub struct Secret<const N: usize>([u8; N]);

impl<const N: usize> Secret<N> {
    pub fn new(octets: [u8; N]) -> Self {
        Secret(octets)
    }

    /// Fills a new secret in place.
    pub fn fill_with(fill: impl FnOnce(&mut [u8; N])) -> Self {
        let mut secret = Secret([0; N]);
        fill(&mut secret.0);
        secret
    }

    /// Lends the octets for the length of one call.
    pub fn expose<R>(&self, read: impl for<'a> FnOnce(&'a [u8; N]) -> R) -> R {
        read(&self.0)
    }

    /// Equality in constant time.
    pub fn equals(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> std::fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_does_not_print() {
        assert_eq!(format!("{:?}", Secret::new([7; 32])), "Secret(..)");
    }

    #[test]
    fn secrets_compare_by_content() {
        assert!(Secret::new([7; 32]).equals(&Secret::new([7; 32])));
        assert!(!Secret::new([7; 32]).equals(&Secret::new([8; 32])));
    }
}
