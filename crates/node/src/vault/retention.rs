//! Retention keys: one file a category and day, and rows that say which exist, existed, or are being destroyed.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use rusqlite::params;
use seal::entropy::Entropy;
use seal::epoch::EpochHeader;
use seal::identity::Category;
use seal::retention::{BucketProof, BucketTree, Crown, RetentionId, RetentionKey};
use seal::shred::{DeletionKind, DeletionLeaf, shred};

use super::{Vault, VaultError, optional};
use crate::private_file;

impl Vault {
    /// W of a category and UTC day (days since 1970) for sealing: made when it is first asked for (SEA-46).
    pub fn retention_for_sealing(&self, category: Category, day: u64, entropy: &mut dyn Entropy) -> Result<RetentionKey, VaultError> {
        let state = "select state from retention where category = ?1 and day = ?2";
        let state = optional(self.database().query_row(state, params![category.number(), day], |row| row.get::<_, String>(0)))?;
        match state.as_deref() {
            Some("live") => return self.read(category, day)?.ok_or(VaultError::State("a retention key file is missing")),
            Some(_) => return Err(VaultError::Shredded),
            None => {}
        }
        // The file may stand there from a crash before its row: then nothing was sealed with it, and it is as good as new.
        let key = match self.read(category, day)? {
            Some(key) => key,
            None => {
                let key = RetentionKey::generate(entropy);
                let path = self.path(category, day);
                private_file::folder(&path.with_file_name(""))?;
                key.expose(|octets| private_file::write_whole(&path, octets))?;
                key
            }
        };
        self.database().execute(
            "insert into retention values (?1, ?2, ?3, ?4, 'live', null)",
            params![category.number(), day, &key.id().0[..], &key.commitment()[..]],
        )?;
        Ok(key)
    }

    /// W by the id in an epoch header; `None` when it is destroyed or never was.
    pub fn retention(&self, id: RetentionId) -> Result<Option<RetentionKey>, VaultError> {
        let place = "select category, day from retention where id = ?1 and state = 'live'";
        let place = optional(self.database().query_row(place, [&id.0[..]], |row| Ok((row.get::<_, u16>(0)?, row.get::<_, u64>(1)?))))?;
        let Some((category, day)) = place else { return Ok(None) };
        let category = Category::new(category).map_err(|_| VaultError::State("reserved category"))?;
        let key = self.read(category, day)?.ok_or(VaultError::State("a retention key file is missing"))?;
        if key.id() != id { Err(VaultError::State("a retention key file holds another key")) } else { Ok(Some(key)) }
    }

    /// w_b of an epoch with its path: from the crown in a third of a millisecond, without it by the whole tree.
    pub fn bucket_proof(&self, header: &EpochHeader, bucket: u16, crown: Option<&Crown>) -> Result<Option<BucketProof>, VaultError> {
        let Some(key) = self.retention(header.retention_id)? else { return Ok(None) };
        let short = crown.filter(|crown| crown.root() == header.wroot);
        let proof = match short {
            Some(crown) => crown.proof(&key, header.lease, header.start, bucket),
            None => BucketTree::compute(&key, header.lease, header.start).proof(&key, bucket),
        };
        Ok(proof)
    }

    /// Categories and days whose key is older than `keep_days` allows, days counted from the day of the events (SEA-73).
    pub fn expired(&self, today: u64, keep_days: impl Fn(Category) -> Option<u32>) -> Result<Vec<(Category, u64)>, VaultError> {
        let database = self.database();
        let mut query = database.prepare("select category, day from retention where state = 'live' order by day, category")?;
        let rows = query.query_map([], |row| Ok((row.get::<_, u16>(0)?, row.get::<_, u64>(1)?)))?;
        let mut expired = Vec::new();
        for row in rows {
            let (category, day) = row?;
            let category = Category::new(category).map_err(|_| VaultError::State("reserved category"))?;
            // A category that left the policy keeps its last known keys until a person decides.
            if keep_days(category).is_some_and(|days| day + u64::from(days) < today) {
                expired.push((category, day));
            }
        }
        Ok(expired)
    }

    /// Days of which the category has, or had, a key.
    pub fn retention_days(&self, category: Category) -> Result<Vec<u64>, VaultError> {
        let database = self.database();
        let mut query = database.prepare("select day from retention where category = ?1 order by day")?;
        let rows = query.query_map([category.number()], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Destroys W and says what is logged about it (SEA-48). Doing it again gives the same statement; `None`: there never was one.
    pub fn shred(&self, category: Category, day: u64, now: u64) -> Result<Option<DeletionLeaf>, VaultError> {
        self.database().execute(
            "update retention set state = 'shredding', shredded_at = ?3 where category = ?1 and day = ?2 and state = 'live'",
            params![category.number(), day, now],
        )?;
        self.finish_shredding()?;
        let row = "select commitment, shredded_at from retention where category = ?1 and day = ?2 and state in ('gone', 'logged')";
        let row =
            self.database().query_row(row, params![category.number(), day], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, u64>(1)?)));
        let Some((commitment, time)) = optional(row)? else { return Ok(None) };
        let object = commitment.try_into().map_err(|_| VaultError::State("commitment of wrong length"))?;
        Ok(Some(DeletionLeaf { kind: DeletionKind::RetentionKey, provider: self.provider, object, count: 1, time }))
    }

    /// Destroyed keys that no commit of the sealer names yet: (category, day, deletion).
    pub fn unlogged_shreds(&self) -> Result<Vec<(Category, u64, DeletionLeaf)>, VaultError> {
        let rows: Vec<(u16, u64, u64)> = {
            let database = self.database();
            let mut query =
                database.prepare("select category, day, shredded_at from retention where state = 'gone' order by day, category")?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        let mut found = Vec::new();
        for (number, day, time) in rows {
            let category = Category::new(number).map_err(|_| VaultError::State("reserved category"))?;
            if let Some(leaf) = self.shred(category, day, time)? {
                found.push((category, day, leaf));
            }
        }
        Ok(found)
    }

    /// A commit names this destruction.
    pub fn note_shred_logged(&self, category: Category, day: u64) -> Result<(), VaultError> {
        let logged = "update retention set state = 'logged' where category = ?1 and day = ?2 and state = 'gone'";
        self.database().execute(logged, params![category.number(), day])?;
        Ok(())
    }

    /// The second half of shredding, run again at every start: the row said so, now the file goes.
    pub(super) fn finish_shredding(&self) -> Result<(), VaultError> {
        let rows: Vec<(u16, u64)> = {
            let database = self.database();
            let mut query = database.prepare("select category, day from retention where state = 'shredding'")?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        for (category, day) in rows {
            let category = Category::new(category).map_err(|_| VaultError::State("reserved category"))?;
            if let Some(key) = self.read(category, day)? {
                self.erase(category, day)?;
                let _ = shred(key);
            }
            let done = "update retention set state = 'gone' where category = ?1 and day = ?2";
            self.database().execute(done, params![category.number(), day])?;
        }
        Ok(())
    }

    /// Overwrites, then unlinks. On a copying file system or flash the overwriting may miss the old cells; full-disk
    /// encryption below is the answer to that, and the runbook says so.
    fn erase(&self, category: Category, day: u64) -> Result<(), VaultError> {
        let path = self.path(category, day);
        let mut file = OpenOptions::new().write(true).open(&path)?;
        file.write_all(&[0; 32])?;
        file.sync_all()?;
        std::fs::remove_file(&path)?;
        std::fs::File::open(path.with_file_name(""))?.sync_all()?;
        Ok(())
    }

    fn read(&self, category: Category, day: u64) -> Result<Option<RetentionKey>, VaultError> {
        match private_file::read_key(&self.path(category, day)) {
            Ok(Some(key)) => Ok(Some(RetentionKey::from_secret(&key))),
            Ok(None) => Err(VaultError::State("a retention key file has another length")),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn path(&self, category: Category, day: u64) -> PathBuf {
        self.folder.join("retention").join(category.number().to_string()).join(format!("{day}.key"))
    }
}
