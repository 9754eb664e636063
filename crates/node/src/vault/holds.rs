//! Holds: copied retention values of named identities, kept past the destruction of W (SEA-68).

use rusqlite::{Connection, params};
use seal::entropy::Entropy;
use seal::merkle::Hash;
use seal::retention::BucketProof;

use super::{Vault, VaultError, empty_log, optional};

/// A value with its path, for a hold.
pub struct HeldValue {
    pub hold: Hash,
    pub epoch: Hash,
    pub bucket: u16,
    pub proof: BucketProof,
    pub expires_at: u64,
}

impl Vault {
    /// Keeps values until they expire, all or none. The same again is no error.
    pub fn hold_put(&self, values: &[HeldValue], entropy: &mut dyn Entropy) -> Result<(), VaultError> {
        let mut database = self.database();
        let transaction = database.transaction()?;
        for value in values {
            self.put(&transaction, value, entropy)?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn put(&self, database: &Connection, value: &HeldValue, entropy: &mut dyn Entropy) -> Result<(), VaultError> {
        let place = self.hold_key.place_of_bucket(&value.epoch, value.bucket);
        let sealed = self.hold_key.seal(&value.hold, &place, &value.proof.to_bytes(), entropy)?;
        database.execute(
            "insert or replace into held values (?1, ?2, ?3, ?4, ?5)",
            params![&value.hold[..], &value.epoch[..], &place[..], sealed, value.expires_at],
        )?;
        Ok(())
    }

    /// Another key would make what is held look like what is not.
    pub(super) fn check_hold_key(&self) -> Result<(), VaultError> {
        let any = "select hold, place, proof from held union all select hold, place, item from held_item limit 1";
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?));
        let Some((hold, place, sealed)) = optional(self.database().query_row(any, [], row))? else { return Ok(()) };
        self.hold_key.open(&super::hash(hold)?, &super::hash(place)?, &sealed).map(drop)
    }

    /// A held value that has not expired, from whichever hold has it.
    pub fn hold_get(&self, epoch: &Hash, bucket: u16, now: u64) -> Result<Option<BucketProof>, VaultError> {
        let place = self.hold_key.place_of_bucket(epoch, bucket);
        let proof = "select hold, proof from held where epoch = ?1 and place = ?2 and ?3 < expires_at limit 1";
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?));
        let Some((hold, sealed)) = optional(self.database().query_row(proof, params![&epoch[..], &place[..], now], row))? else {
            return Ok(None);
        };
        let octets = self.hold_key.open(&super::hash(hold)?, &place, &sealed)?;
        let octets: [u8; BucketProof::LEN] = octets.try_into().map_err(|_| VaultError::State("held value of wrong length"))?;
        Ok(Some(BucketProof::parse(&octets)))
    }

    /// Destroys what has expired; gives each ended hold with its number of values (SEA-73).
    pub fn hold_drop_expired(&self, now: u64) -> Result<Vec<(Hash, u32)>, VaultError> {
        let database = self.database();
        let ended: Vec<(Vec<u8>, u32)> = {
            let mut query = database.prepare("select hold, count(*) from held where expires_at <= ?1 group by hold")?;
            let rows = query.query_map([now], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        let mut gone = database.execute("delete from held where expires_at <= ?1", [now])?;
        // Whom it named goes with it; a paper stays until its case has ended, and names what stands in the case anyway.
        gone += database.execute("delete from held_item where expires_at <= ?1", [now])?;
        if gone != 0 {
            empty_log(&database)?;
        }
        ended.into_iter().map(|(hold, count)| Ok((super::hash(hold)?, count))).collect()
    }
}
