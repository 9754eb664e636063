//! Where a package's bytes come from. The reader does no I/O of its own: the caller lends random access.

use super::Refusal;

/// Random access to a container's bytes, so that a package of 100 GB is checked in constant memory.
///
/// A source that changes while it is read is caught: every later read of a checked file compares its SHA-256 again.
pub trait Source {
    /// Length in octets.
    fn size(&self) -> u64;
    /// Fills `into` from offset `at`, wholly or not at all. [`Refusal::Unreadable`] when the storage fails.
    fn read_at(&self, at: u64, into: &mut [u8]) -> Result<(), Refusal>;
}

impl Source for [u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }
    fn read_at(&self, at: u64, into: &mut [u8]) -> Result<(), Refusal> {
        let from = usize::try_from(at).map_err(|_| Refusal::Unreadable)?;
        let to = from.checked_add(into.len()).ok_or(Refusal::Unreadable)?;
        into.copy_from_slice(self.get(from..to).ok_or(Refusal::Unreadable)?);
        Ok(())
    }
}

impl Source for &[u8] {
    fn size(&self) -> u64 {
        (**self).size()
    }
    fn read_at(&self, at: u64, into: &mut [u8]) -> Result<(), Refusal> {
        (**self).read_at(at, into)
    }
}

impl Source for Vec<u8> {
    fn size(&self) -> u64 {
        self.as_slice().size()
    }
    fn read_at(&self, at: u64, into: &mut [u8]) -> Result<(), Refusal> {
        self.as_slice().read_at(at, into)
    }
}
