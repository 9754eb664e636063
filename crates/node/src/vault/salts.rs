//! Account salts, and the salt map of each day as it was last published (SEA-04, SEA-52).

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use seal::entropy::Entropy;
use seal::identity::Salt;
use seal::salt_map::{SaltMap, SaltProof, SaltRoot, salt_leaf};
use seal::secret::Secret;
use seal::selector::Selector;
use seal::shred::{DeletionKind, DeletionLeaf};

use super::{Vault, VaultError, empty_log, optional};

/// What the engine gives members about one selector on one day.
pub struct SaltLookup {
    /// Opens the map to who holds it: goes to members with the intent.
    pub day_secret: Secret<32>,
    /// The map that the proofs belong to.
    pub root: SaltRoot,
    /// Every salt that the selector had on that day, with its proof.
    pub found: Vec<(Salt, SaltProof)>,
    /// Proof that it had none.
    pub absence: Option<SaltProof>,
}

impl Vault {
    /// The salt of a selector at a time; drawn when the selector is first seen. Zero for selectors that take none.
    pub fn salt(&self, selector: &Selector, at: u64, entropy: &mut dyn Entropy) -> Result<Salt, VaultError> {
        if !selector.needs_salt() {
            return Ok(Salt::ZERO);
        }
        let mut database = self.database();
        if let Some(salt) = known(&database, selector, at)? {
            return Ok(salt);
        }
        // Looked up again inside the transaction: the engine may have written meanwhile.
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(salt) = known(&transaction, selector, at)? {
            return Ok(salt);
        }
        let salt = insert(&transaction, selector, 0, entropy)?;
        transaction.commit()?;
        Ok(salt)
    }

    /// As [`Vault::salt`], without drawing one.
    pub fn known_salt(&self, selector: &Selector, at: u64) -> Result<Option<Salt>, VaultError> {
        if !selector.needs_salt() {
            return Ok(Some(Salt::ZERO));
        }
        known(&self.database(), selector, at)
    }

    /// SEA-04: from `from` on the number or address belongs to somebody else, under a new salt.
    pub fn new_holder(&self, selector: &Selector, from: u64, entropy: &mut dyn Entropy) -> Result<(), VaultError> {
        let mut database = self.database();
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        insert(&transaction, selector, from, entropy)?;
        transaction.commit()?;
        Ok(())
    }

    /// SEA-51: erases one subject: every salt of the selector, and its name in the salt maps. Its sealed records can no longer be
    /// found by anybody. The leaves stay, so that the published roots stay provable for everybody else. Refused while a hold names the
    /// selector (SEA-68). Backups of the vault must forget too.
    pub fn forget(&self, selector: &Selector, now: u64) -> Result<DeletionLeaf, VaultError> {
        let mut database = self.database();
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let of = params![selector.sel_type(), selector.as_bytes()];
        if self.is_held(&transaction, selector, now)? {
            return Err(VaultError::State("a hold names this subject: it is erased when the hold has ended"));
        }
        let count = transaction.execute("delete from salt where sel_type = ?1 and selector = ?2", of)?;
        let nameless = "update day_salt set sel_type = null, selector = null, salt = null where sel_type = ?1 and selector = ?2";
        transaction.execute(nameless, of)?;
        transaction.commit()?;
        empty_log(&database)?;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Ok(DeletionLeaf { kind: DeletionKind::Salts, provider: self.provider, object: [0; 32], count, time: now })
    }

    /// Notes that identities of these selectors were sealed on a day. Durable before the commit that holds their records. Who was erased
    /// meanwhile (SEA-51) is not named again: the leaf alone is noted.
    pub fn note_salts(&self, day: u64, entries: &[(Selector, Salt)], entropy: &mut dyn Entropy) -> Result<(), VaultError> {
        let secret = self.day_secret(day, entropy)?;
        let mut database = self.database();
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (selector, salt) in entries.iter().filter(|(selector, _)| selector.needs_salt()) {
            let leaf = salt_leaf(&secret, selector, salt);
            transaction.execute(
                "insert or ignore into day_salt (day, leaf, sel_type, selector, salt)
                 select ?1, ?2, iif(known, ?3, null), iif(known, ?4, null), iif(known, ?5, null)
                 from (select exists (select 1 from salt where sel_type = ?3 and selector = ?4 and salt = ?5) as known)",
                params![day, &leaf[..], selector.sel_type(), selector.as_bytes(), &salt.0[..]],
            )?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The secret of a day's map, drawn when it is first needed.
    pub fn day_secret(&self, day: u64, entropy: &mut dyn Entropy) -> Result<Secret<32>, VaultError> {
        let database = self.database();
        let mut fresh = [0; 32];
        entropy.fill(&mut fresh);
        database.execute("insert or ignore into day_secret values (?1, ?2)", params![day, &fresh[..]])?;
        let secret: Vec<u8> = database.query_row("select secret from day_secret where day = ?1", [day], |row| row.get(0))?;
        Ok(Secret::new(secret.try_into().map_err(|_| VaultError::State("day secret of wrong length"))?))
    }

    /// Maps that have grown since they were last published, and those of `days`, grown or not: what has to go before the next
    /// `slot-close`. Only a map behind the last segment says who was not there (REL-19).
    pub fn grown_salt_maps(&self, days: &[u64]) -> Result<Vec<(u64, SaltRoot)>, VaultError> {
        let grown: Vec<u64> = {
            let database = self.database();
            let mut query = database.prepare(
                "select day from day_salt group by day
                 having max(seq) > coalesce((select max(last_seq) from published_map p where p.day = day_salt.day), 0)",
            )?;
            let rows = query.query_map([], |row| row.get(0))?;
            rows.collect::<Result<_, _>>()?
        };
        let mut wanted = grown;
        wanted.extend_from_slice(days);
        wanted.sort_unstable();
        wanted.dedup();
        wanted.into_iter().map(|day| Ok((day, self.map(day, u64::MAX >> 1)?.root()))).collect()
    }

    /// Remembers that a map was committed for publication; proofs are made against it from now on.
    pub fn note_published_map(&self, day: u64, root: &SaltRoot) -> Result<(), VaultError> {
        // The map of `leaves` rows is the first `leaves` rows of that day: rows are only ever added.
        let database = self.database();
        let last = "select coalesce(max(seq), 0) from (select seq from day_salt where day = ?1 order by seq limit ?2)";
        let last: i64 = database.query_row(last, params![day, root.count], |row| row.get(0))?;
        let published = "insert or ignore into published_map values (?1, ?2, ?3, ?4)";
        database.execute(published, params![day, root.count, &root.root[..], last])?;
        Ok(())
    }

    /// The salts of a selector on a day with proofs against one published map of that day. `None`: no such map was published.
    pub fn salt_lookup(
        &self,
        selector: &Selector,
        day: u64,
        root: &SaltRoot,
        entropy: &mut dyn Entropy,
    ) -> Result<Option<SaltLookup>, VaultError> {
        let last = "select last_seq from published_map where day = ?1 and leaves = ?2 and root = ?3";
        let last = self.database().query_row(last, params![day, root.count, &root.root[..]], |row| row.get::<_, u64>(0));
        let Some(last_seq) = optional(last)? else { return Ok(None) };
        let root = *root;
        let map = self.map(day, last_seq)?;
        if map.root() != root {
            return Err(VaultError::State("the salt map of that day is no longer the published one"));
        }
        let day_secret = self.day_secret(day, entropy)?;
        let salts: Vec<Salt> = {
            let database = self.database();
            let mut query = database
                .prepare("select salt from day_salt where day = ?1 and sel_type = ?2 and selector = ?3 and seq <= ?4 order by seq")?;
            let rows = query.query_map(params![day, selector.sel_type(), selector.as_bytes(), last_seq], |row| row.get::<_, Vec<u8>>(0))?;
            rows.map(|row| to_salt(row?)).collect::<Result<_, _>>()?
        };
        let found: Vec<(Salt, SaltProof)> =
            salts.into_iter().filter_map(|salt| map.prove_presence(&day_secret, selector, &salt).map(|proof| (salt, proof))).collect();
        let absence = map.prove_absence(&day_secret, selector);
        Ok(Some(SaltLookup { day_secret, root, found, absence }))
    }

    fn map(&self, day: u64, last_seq: u64) -> Result<SaltMap, VaultError> {
        let database = self.database();
        let mut query = database.prepare("select leaf from day_salt where day = ?1 and seq <= ?2")?;
        let rows = query.query_map(params![day, last_seq], |row| row.get::<_, Vec<u8>>(0))?;
        let leaf = |octets: Vec<u8>| octets.try_into().map_err(|_| VaultError::State("salt leaf of wrong length"));
        let leaves: Vec<_> = rows.map(|row| leaf(row?)).collect::<Result<_, _>>()?;
        Ok(SaltMap::of_leaves(leaves))
    }
}

fn known(database: &Connection, selector: &Selector, at: u64) -> Result<Option<Salt>, VaultError> {
    let salt = "select salt from salt where sel_type = ?1 and selector = ?2 and valid_from <= ?3 order by valid_from desc limit 1";
    let at = at.min(i64::MAX as u64);
    let salt = database.query_row(salt, params![selector.sel_type(), selector.as_bytes(), at], |row| row.get::<_, Vec<u8>>(0));
    optional(salt)?.map(to_salt).transpose()
}

fn insert(transaction: &Transaction<'_>, selector: &Selector, from: u64, entropy: &mut dyn Entropy) -> Result<Salt, VaultError> {
    let mut salt = Salt::ZERO;
    while salt == Salt::ZERO {
        entropy.fill(&mut salt.0);
    }
    transaction
        .execute("insert into salt values (?1, ?2, ?3, ?4)", params![selector.sel_type(), selector.as_bytes(), from, &salt.0[..]])?;
    Ok(salt)
}

fn to_salt(octets: Vec<u8>) -> Result<Salt, VaultError> {
    Ok(Salt(octets.try_into().map_err(|_| VaultError::State("salt of wrong length"))?))
}
