//! Orders to preserve, as gateway and sealer hand them to each other (SEA-68): whom a hold names, its paper, and the sealer's answer.
//!
//! The gateway writes items and papers, the sealer copies values and signs: it alone has the provider's key. An item without a paper is an
//! interim hold: it keeps what it names until people have signed for it, and nothing that it keeps can be opened on its own.

use rusqlite::{Connection, TransactionBehavior, params};
use seal::entropy::Entropy;
use seal::identity::{Category, Salt};
use seal::merkle::Hash;
use seal::selector::Selector;

use super::{Vault, VaultError, empty_log, hash, optional};

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

impl HoldItem {
    fn to_bytes(&self) -> Vec<u8> {
        let mut octets = self.category.number().to_be_bytes().to_vec();
        octets.extend([self.from.to_be_bytes(), self.until.to_be_bytes()].concat());
        octets.push(self.selector.sel_type());
        octets.extend(self.selector.as_bytes());
        octets
    }

    fn parse(octets: &[u8]) -> Result<HoldItem, VaultError> {
        let broken = VaultError::State("a hold names no selector");
        let (head, selector) = octets.split_at_checked(19).ok_or(broken)?;
        let number = |from: usize| u64::from_be_bytes(std::array::from_fn(|at| head[from + at]));
        let category = Category::new(u16::from_be_bytes([head[0], head[1]])).map_err(|_| VaultError::State("reserved category"))?;
        let selector = Selector::parse(head[18], selector).map_err(|_| VaultError::State("a hold names no selector"))?;
        Ok(HoldItem { category, selector, from: number(2), until: number(10) })
    }
}

impl HoldPaper {
    /// Order, then proof: what is sealed.
    fn papers(&self) -> Vec<u8> {
        let mut octets = (self.order.len() as u64).to_be_bytes().to_vec();
        octets.extend_from_slice(&self.order);
        octets.extend_from_slice(&self.proof);
        octets
    }

    fn parse(hold: Hash, papers: &[u8], expires_at: u64) -> Result<HoldPaper, VaultError> {
        let broken = || VaultError::State("a paper of a hold of wrong length");
        let (length, rest) = papers.split_first_chunk::<8>().ok_or_else(broken)?;
        let length = usize::try_from(u64::from_be_bytes(*length)).map_err(|_| broken())?;
        let (order, proof) = rest.split_at_checked(length).ok_or_else(broken)?;
        Ok(HoldPaper { hold, order: order.to_vec(), proof: proof.to_vec(), expires_at })
    }
}

/// A paper has one place in its hold.
const PAPER: Hash = [0; 32];

impl Vault {
    /// Names whom a hold keeps, until when. Again with another time: the hold ends then, with everything that was copied for it.
    pub fn hold_name(&self, hold: &Hash, items: &[HoldItem], expires_at: u64, entropy: &mut dyn Entropy) -> Result<(), VaultError> {
        let mut database = self.database();
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute("delete from held_item where hold = ?1", [&hold[..]])?;
        for item in items {
            let octets = item.to_bytes();
            let (place, subject) = (self.hold_key.place_of_item(&octets), self.hold_key.place_of_selector(&item.selector));
            let sealed = self.hold_key.seal(hold, &place, &octets, entropy)?;
            transaction.execute(
                "insert or ignore into held_item values (?1, ?2, ?3, ?4, ?5)",
                params![&hold[..], &place[..], &subject[..], sealed, expires_at],
            )?;
        }
        transaction.execute("update held set expires_at = ?2 where hold = ?1", params![&hold[..], expires_at])?;
        transaction.commit()?;
        Ok(())
    }

    /// Whom holds name now, in no order that says anything.
    pub fn hold_items(&self, now: u64) -> Result<Vec<(Hash, HoldItem, u64)>, VaultError> {
        let database = self.database();
        let mut query =
            database.prepare("select hold, place, item, expires_at from held_item where ?1 < expires_at order by hold, place")?;
        let mut rows = query.query([now])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (hold, place) = (hash(row.get(0)?)?, hash(row.get(1)?)?);
            let item = HoldItem::parse(&self.hold_key.open(&hold, &place, &row.get::<_, Vec<u8>>(2)?)?)?;
            found.push((hold, item, row.get(3)?));
        }
        Ok(found)
    }

    /// Whether a hold names the selector now.
    pub(super) fn is_held(&self, database: &Connection, selector: &Selector, now: u64) -> Result<bool, VaultError> {
        let held = "select exists (select 1 from held_item where subject = ?1 and ?2 < expires_at)";
        let subject = self.hold_key.place_of_selector(selector);
        Ok(database.query_row(held, params![&subject[..], now], |row| row.get(0))?)
    }

    /// Ends a hold: its values, whom it named, its paper. The same again is no error.
    pub fn hold_end(&self, hold: &Hash) -> Result<(), VaultError> {
        let mut database = self.database();
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut ended = 0;
        for table in ["held", "held_item", "held_paper"] {
            ended += transaction.execute(&format!("delete from {table} where hold = ?1"), [&hold[..]])?;
        }
        transaction.commit()?;
        if ended != 0 {
            empty_log(&database)?;
        }
        Ok(())
    }

    pub fn hold_has(&self, hold: &Hash, epoch: &Hash, bucket: u16) -> Result<bool, VaultError> {
        let has = "select exists (select 1 from held where hold = ?1 and epoch = ?2 and place = ?3)";
        let place = self.hold_key.place_of_bucket(epoch, bucket);
        Ok(self.database().query_row(has, params![&hold[..], &epoch[..], &place[..]], |row| row.get(0))?)
    }

    /// How many values a hold has.
    pub fn hold_count(&self, hold: &Hash) -> Result<u64, VaultError> {
        Ok(self.database().query_row("select count(*) from held where hold = ?1", [&hold[..]], |row| row.get(0))?)
    }

    /// Hands an order to the sealer, and gives its answer once there is one. Another time than before asks anew; what is held meanwhile
    /// stays held until the time that was answered.
    pub fn hold_ask(&self, paper: &HoldPaper, entropy: &mut dyn Entropy) -> Result<Option<HoldAnswer>, VaultError> {
        let database = self.database();
        let known = "select expires_at, copied, outcome, refused from held_paper where hold = ?1";
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
                let sealed = self.hold_key.seal(&paper.hold, &PAPER, &paper.papers(), entropy)?;
                database.execute(
                    "insert or replace into held_paper values (?1, ?2, ?3, null, null, null)",
                    params![&paper.hold[..], sealed, paper.expires_at],
                )?;
                Ok(None)
            }
        }
    }

    /// Papers that wait for the sealer.
    pub fn hold_asked(&self) -> Result<Vec<HoldPaper>, VaultError> {
        let database = self.database();
        let mut query =
            database.prepare("select hold, paper, expires_at from held_paper where outcome is null and refused is null order by hold")?;
        let rows = query.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?, row.get(2)?)))?;
        let mut found = Vec::new();
        for row in rows {
            let (hold, sealed, expires_at) = row?;
            let hold = hash(hold)?;
            found.push(HoldPaper::parse(hold, &self.hold_key.open(&hold, &PAPER, &sealed)?, expires_at)?);
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
            "update held_paper set copied = ?3, outcome = ?4, refused = ?5 where hold = ?1 and expires_at = ?2",
            params![&paper.hold[..], paper.expires_at, copied, outcome, refused],
        )?;
        let is_asked = "select exists (select 1 from held_paper where hold = ?1)";
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
