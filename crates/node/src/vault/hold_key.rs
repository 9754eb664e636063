//! What holds name and keep is sealed at rest: a copy of the database does not tell who is under order (T4, decision 0157).
//!
//! Honest note, as for the case database: sealer and gateway have to read it, so the key is on their machine too, in a file of its own
//! that the runbook puts on another volume. Whoever has both reads both, and whoever reads the memory of either process.

use seal::digest::{HmacKey, hkdf};
use seal::entropy::Entropy;
use seal::hpke::{self, PrivateKey};
use seal::merkle::Hash;
use seal::secret::Secret;
use seal::selector::Selector;

use super::VaultError;

const INFO: &[u8] = b"waarborg/v1/hold\0";
const PLACES: &[u8] = b"waarborg/v1/hold-place\0";

/// Seals rows, and names the places of rows that have to be found again. No `Debug`, no `Clone`.
pub(crate) struct HoldKey {
    key: PrivateKey,
    /// A bucket's number alone would single a person out, beside the salts of all: rows are found by an HMAC.
    places: HmacKey,
}

impl HoldKey {
    pub(crate) fn new(octets: Secret<32>) -> HoldKey {
        let places = octets.expose(|octets| hkdf::<32>(b"", octets, &[PLACES])).expose(|key| HmacKey::new(key));
        HoldKey { key: PrivateKey::from_bytes(octets), places }
    }

    pub(crate) fn place_of_bucket(&self, epoch: &Hash, bucket: u16) -> Hash {
        self.places.sign(&[b"bucket\0", epoch, &bucket.to_be_bytes()])
    }

    pub(crate) fn place_of_selector(&self, selector: &Selector) -> Hash {
        self.places.sign(&[b"selector\0", &[selector.sel_type()], selector.as_bytes()])
    }

    pub(crate) fn place_of_item(&self, item: &[u8]) -> Hash {
        self.places.sign(&[b"item\0", item])
    }

    pub(crate) fn seal(&self, hold: &Hash, place: &Hash, octets: &[u8], entropy: &mut dyn Entropy) -> Result<Vec<u8>, VaultError> {
        let sealed = self.key.public_key().and_then(|to| hpke::seal(&to, INFO, &[&hold[..], place].concat(), octets, entropy));
        sealed.map_err(|_| VaultError::State("a hold could not be sealed"))
    }

    pub(crate) fn open(&self, hold: &Hash, place: &Hash, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let opened = hpke::open(&self.key, INFO, &[&hold[..], place].concat(), sealed);
        opened.map_err(|_| VaultError::State("a hold does not open with hold.key: it is of another vault, or a row was changed"))
    }
}
