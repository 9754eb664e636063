//! Holds: copied retention values of named identities, kept past the destruction of W (SEA-68).

use rusqlite::params;
use seal::merkle::Hash;
use seal::retention::BucketProof;

use super::{Vault, VaultError, empty_log, optional};

impl Vault {
    /// Keeps a value with its path until `expires_at`. The same again is no error.
    pub fn hold_put(&self, hold: &Hash, epoch: &Hash, bucket: u16, proof: &BucketProof, expires_at: u64) -> Result<(), VaultError> {
        self.database().execute(
            "insert or replace into hold values (?1, ?2, ?3, ?4, ?5)",
            params![&hold[..], &epoch[..], bucket, &proof.to_bytes()[..], expires_at],
        )?;
        Ok(())
    }

    /// A held value that has not expired, from whichever hold has it.
    pub fn hold_get(&self, epoch: &Hash, bucket: u16, now: u64) -> Result<Option<BucketProof>, VaultError> {
        let proof = "select proof from hold where epoch = ?1 and bucket = ?2 and ?3 < expires_at limit 1";
        let proof = self.database().query_row(proof, params![&epoch[..], bucket, now], |row| row.get::<_, Vec<u8>>(0));
        let Some(octets) = optional(proof)? else { return Ok(None) };
        let octets: [u8; BucketProof::LEN] = octets.try_into().map_err(|_| VaultError::State("held value of wrong length"))?;
        Ok(Some(BucketProof::parse(&octets)))
    }

    /// Destroys what has expired; gives each ended hold with its number of values (SEA-73).
    pub fn hold_drop_expired(&self, now: u64) -> Result<Vec<(Hash, u32)>, VaultError> {
        let database = self.database();
        let ended: Vec<(Vec<u8>, u32)> = {
            let mut query = database.prepare("select hold, count(*) from hold where expires_at <= ?1 group by hold")?;
            let rows = query.query_map([now], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        let mut gone = database.execute("delete from hold where expires_at <= ?1", [now])?;
        // Whom it named goes with it; a paper stays until its case has ended, and names what stands in the case anyway.
        gone += database.execute("delete from hold_item where expires_at <= ?1", [now])?;
        if gone != 0 {
            empty_log(&database)?;
        }
        let to_hash = |octets: Vec<u8>| Hash::try_from(octets).map_err(|_| VaultError::State("hold id of wrong length"));
        ended.into_iter().map(|(hold, count)| Ok((to_hash(hold)?, count))).collect()
    }
}
