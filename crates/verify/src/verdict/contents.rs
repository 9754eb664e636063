//! What is judged, and what the reader may have besides.

use crate::package::statement::CompletenessStatement;
use crate::package::{self, LogFile, Package, Signer, TimeStamp};

/// The parts of a package that its proofs rest on. [`Package`] is one; tests make others, to change one part at a time.
pub trait Contents {
    fn statement(&self) -> &CompletenessStatement;
    fn log(&self) -> &LogFile;
    /// Names of the evidence files.
    fn evidence(&self) -> Vec<String>;
    /// SHA-256 of each file in `data/order/`.
    fn orders(&self) -> Vec<[u8; 32]>;
    /// Rows of a category.
    fn rows(&self, category: &str) -> Option<u64>;
    /// A whole file; its digest was checked.
    fn file(&self, name: &str, len_max: usize) -> Result<Vec<u8>, package::Refusal>;
}

impl Contents for Package<'_> {
    fn statement(&self) -> &CompletenessStatement {
        Package::statement(self)
    }
    fn log(&self) -> &LogFile {
        Package::log(self)
    }
    fn evidence(&self) -> Vec<String> {
        Package::evidence(self)
    }
    fn orders(&self) -> Vec<[u8; 32]> {
        Package::orders(self).iter().filter_map(|name| self.digest(name)).collect()
    }
    fn rows(&self, category: &str) -> Option<u64> {
        Package::rows(self, category)
    }
    fn file(&self, name: &str, len_max: usize) -> Result<Vec<u8>, package::Refusal> {
        Package::file(self, name, len_max)
    }
}

/// The package's signature, already verified by `package`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub signer: Signer,
    pub stamp: Option<TimeStamp>,
}

/// Copies of segments (`--segments DIR`).
pub trait Segments: Sync {
    /// The octets of the segment of this epoch; none if there is no copy.
    fn segment(&self, epoch_hash: &[u8; 32]) -> Option<Vec<u8>>;
}

/// A copy of PUBLIC (`--public DIR`): its checkpoint and bundles by their C2SP paths.
pub trait PublicTiles {
    fn read(&self, path: &str) -> Option<Vec<u8>>;
}

/// What the reader has besides the package. Threads: how many may work at once, at least one.
#[derive(Clone, Copy)]
pub struct Supplies<'a> {
    pub segments: Option<&'a dyn Segments>,
    pub public: Option<&'a dyn PublicTiles>,
    pub threads: usize,
}

impl Supplies<'_> {
    pub fn none() -> Supplies<'static> {
        Supplies { segments: None, public: None, threads: 1 }
    }
}
