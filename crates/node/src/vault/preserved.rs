//! Orders to preserve, as gateway and sealer hand them to each other (SEA-68): whom a hold names, its paper, and the sealer's answer.
//!
//! The gateway writes items and papers, the sealer copies values and signs: it alone has the provider's key. An item without a paper is an
//! interim hold: it keeps what it names until people have signed for it, and nothing that it keeps can be opened on its own.

use rusqlite::{TransactionBehavior, params};
use seal::identity::{Category, Salt};
use seal::merkle::Hash;
use seal::retention::BucketProof;
use seal::selector::Selector;

use super::{Vault, VaultError, empty_log, optional};

/// One named person's records of one category in these seconds, half-open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldItem {
    pub category: Category,
    pub selector: Selector,
    pub from: u64,
    pub until: u64,
}

/// An order to preserve that the sealer has not answered yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldPaper {
    pub hold: Hash,
    /// `waarborg-order/v1` of kind 3.
    pub order: Vec<u8>,
    /// Its `.tlog-proof` in ORDERS.
    pub proof: Vec<u8>,
    pub expires_at: u64,
}

/// What the sealer said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldAnswer {
    Made {
        expires_at: u64,
        copied: u64,
        /// The record of kind 11, signed with the provider's key.
        outcome: Vec<u8>,
    },
    /// The paper does not bear a hold.
    Refused(String),
}

impl Vault {
    /// Names whom a hold keeps, until when. Again with another time: the hold ends then, with everything that was copied for it.
    pub fn hold_name(&self, hold: &Hash, items: &[HoldItem], expires_at: u64) -> Result<(), VaultError> {
        let mut database = self.database();
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute("delete from hold_item where hold = ?1", [&hold[..]])?;
        for item in items {
            transaction.execute(
                "insert or ignore into hold_item values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    &hold[..],
                    item.category.number(),
                    item.selector.sel_type(),
                    item.selector.as_bytes(),
                    item.from,
                    item.until,
                    expires_at
                ],
            )?;
        }
        transaction.execute("update hold set expires_at = ?2 where hold = ?1", params![&hold[..], expires_at])?;
        transaction.commit()?;
        Ok(())
    }

    /// Whom holds name now.
    pub fn hold_items(&self, now: u64) -> Result<Vec<(Hash, HoldItem, u64)>, VaultError> {
        let database = self.database();
        let mut query = database.prepare(
            "select hold, category, sel_type, selector, from_second, until_second, expires_at from hold_item where ?1 < expires_at
             order by hold, category, sel_type, selector, from_second",
        )?;
        let mut rows = query.query([now])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let hold = Hash::try_from(row.get::<_, Vec<u8>>(0)?).map_err(|_| VaultError::State("hold id of wrong length"))?;
            let category = Category::new(row.get(1)?).map_err(|_| VaultError::State("reserved category"))?;
            let selector = Selector::parse(row.get(2)?, &row.get::<_, Vec<u8>>(3)?);
            let selector = selector.map_err(|_| VaultError::State("a hold names no selector"))?;
            found.push((hold, HoldItem { category, selector, from: row.get(4)?, until: row.get(5)? }, row.get(6)?));
        }
        Ok(found)
    }

    /// Ends a hold: its values, whom it named, its paper. The same again is no error.
    pub fn hold_end(&self, hold: &Hash) -> Result<(), VaultError> {
        let mut database = self.database();
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut ended = 0;
        for table in ["hold", "hold_item", "hold_paper"] {
            ended += transaction.execute(&format!("delete from {table} where hold = ?1"), [&hold[..]])?;
        }
        transaction.commit()?;
        if ended != 0 {
            empty_log(&database)?;
        }
        Ok(())
    }

    /// Keeps values with their paths for a hold, all or none.
    pub fn hold_put_all(&self, rows: &[(Hash, Hash, u16, BucketProof, u64)]) -> Result<(), VaultError> {
        let mut database = self.database();
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (hold, epoch, bucket, proof, expires_at) in rows {
            transaction.execute(
                "insert or replace into hold values (?1, ?2, ?3, ?4, ?5)",
                params![&hold[..], &epoch[..], bucket, &proof.to_bytes()[..], expires_at],
            )?;
        }
        transaction.commit()?;
        Ok(())
    }

    pub fn hold_has(&self, hold: &Hash, epoch: &Hash, bucket: u16) -> Result<bool, VaultError> {
        let has = "select exists (select 1 from hold where hold = ?1 and epoch = ?2 and bucket = ?3)";
        Ok(self.database().query_row(has, params![&hold[..], &epoch[..], bucket], |row| row.get(0))?)
    }

    /// How many values a hold has.
    pub fn hold_count(&self, hold: &Hash) -> Result<u64, VaultError> {
        Ok(self.database().query_row("select count(*) from hold where hold = ?1", [&hold[..]], |row| row.get(0))?)
    }

    /// Hands an order to the sealer, and gives its answer once there is one. Another time than before asks anew; what is held meanwhile
    /// stays held until the time that was answered.
    pub fn hold_ask(&self, paper: &HoldPaper) -> Result<Option<HoldAnswer>, VaultError> {
        let database = self.database();
        let known = "select expires_at, copied, outcome, refused from hold_paper where hold = ?1";
        let known = database.query_row(known, [&paper.hold[..]], |row| {
            Ok((row.get::<_, u64>(0)?, row.get::<_, Option<u64>>(1)?, row.get::<_, Option<Vec<u8>>>(2)?, row.get::<_, Option<String>>(3)?))
        });
        match optional(known)? {
            Some((expires_at, _, _, Some(refused))) if expires_at == paper.expires_at => Ok(Some(HoldAnswer::Refused(refused))),
            Some((expires_at, Some(copied), Some(outcome), None)) if expires_at == paper.expires_at => {
                Ok(Some(HoldAnswer::Made { expires_at, copied, outcome }))
            }
            Some((expires_at, ..)) if expires_at == paper.expires_at => Ok(None),
            _ => {
                database.execute(
                    "insert or replace into hold_paper values (?1, ?2, ?3, ?4, null, null, null)",
                    params![&paper.hold[..], &paper.order, &paper.proof, paper.expires_at],
                )?;
                Ok(None)
            }
        }
    }

    /// Papers that wait for the sealer.
    pub fn hold_asked(&self) -> Result<Vec<HoldPaper>, VaultError> {
        let database = self.database();
        let mut query = database
            .prepare("select hold, paper, proof, expires_at from hold_paper where outcome is null and refused is null order by hold")?;
        let rows = query.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        let mut found = Vec::new();
        for row in rows {
            let (hold, order, proof, expires_at) = row?;
            let hold = Hash::try_from(hold).map_err(|_| VaultError::State("hold id of wrong length"))?;
            found.push(HoldPaper { hold, order, proof, expires_at });
        }
        Ok(found)
    }

    /// The sealer's answer to exactly this paper: one that was asked anew meanwhile stays unanswered. A case that closed meanwhile ended its
    /// hold, and what was copied since goes too.
    pub fn hold_answer(&self, paper: &HoldPaper, answer: &HoldAnswer) -> Result<(), VaultError> {
        let (copied, outcome, refused) = match answer {
            HoldAnswer::Made { copied, outcome, .. } => (Some(*copied), Some(outcome), None),
            HoldAnswer::Refused(why) => (None, None, Some(why)),
        };
        self.database().execute(
            "update hold_paper set copied = ?3, outcome = ?4, refused = ?5 where hold = ?1 and expires_at = ?2",
            params![&paper.hold[..], paper.expires_at, copied, outcome, refused],
        )?;
        let is_asked = "select exists (select 1 from hold_paper where hold = ?1)";
        let is_asked: bool = self.database().query_row(is_asked, [&paper.hold[..]], |row| row.get(0))?;
        if is_asked { Ok(()) } else { self.hold_end(&paper.hold) }
    }

    /// Epochs that were sealed under the key of this category and day, as far as their segments stand.
    pub fn sealed_on(&self, category: Category, day: u64) -> Result<Vec<Hash>, VaultError> {
        let database = self.database();
        let mut query = database.prepare(
            "select epoch from sealed join retention on retention.id = sealed.retention where category = ?1 and day = ?2 order by epoch",
        )?;
        let rows = query.query_map(params![category.number(), day], |row| row.get::<_, Vec<u8>>(0))?;
        rows.map(|epoch| Hash::try_from(epoch?).map_err(|_| VaultError::State("epoch hash of wrong length"))).collect()
    }

    /// The salts under which a selector's records of a day were sealed: none, if it had no record that day.
    pub fn salts_on(&self, selector: &Selector, day: u64) -> Result<Vec<Salt>, VaultError> {
        if !selector.needs_salt() {
            return Ok(vec![Salt::ZERO]);
        }
        let database = self.database();
        let mut query = database.prepare("select salt from day_salt where day = ?1 and sel_type = ?2 and selector = ?3 order by seq")?;
        let rows = query.query_map(params![day, selector.sel_type(), selector.as_bytes()], |row| row.get::<_, Vec<u8>>(0))?;
        rows.map(|salt| Ok(Salt(salt?.try_into().map_err(|_| VaultError::State("salt of wrong length"))?))).collect()
    }
}
