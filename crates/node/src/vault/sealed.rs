//! Which retention key each stored segment was sealed under: what may be deleted when that key is gone (SEA-73).

use rusqlite::params;
use seal::merkle::Hash;
use seal::retention::RetentionId;

use super::{Vault, VaultError};

impl Vault {
    /// Noted before the segment is stored, so that none is ever left that nobody knows. The same again is no error.
    pub fn note_sealed(&self, epoch: &Hash, retention: RetentionId) -> Result<(), VaultError> {
        let note = "insert or ignore into sealed values (?1, ?2)";
        self.database().execute(note, params![&epoch[..], &retention.0[..]])?;
        Ok(())
    }

    /// Epochs whose key is destroyed and said to be, and that no hold needs any more.
    pub fn deletable(&self, now: u64) -> Result<Vec<Hash>, VaultError> {
        let database = self.database();
        let mut query = database.prepare(
            "select epoch from sealed join retention on retention.id = sealed.retention where retention.state = 'logged'
             and not exists (select 1 from held where held.epoch = sealed.epoch and ?1 < held.expires_at)",
        )?;
        let rows = query.query_map([now], |row| row.get::<_, Vec<u8>>(0))?;
        rows.map(|epoch| Hash::try_from(epoch?).map_err(|_| VaultError::State("epoch hash of wrong length"))).collect()
    }

    /// Its segment is deleted.
    pub fn note_deleted(&self, epoch: &Hash) -> Result<(), VaultError> {
        self.database().execute("delete from sealed where epoch = ?1", [&epoch[..]])?;
        Ok(())
    }
}
