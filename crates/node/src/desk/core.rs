//! Received orders, from the door to their end. Everything that is answered was stored before; everything that is loaded is replayed
//! through `law::life` and judged again; nobody believes a row's word for the state (LIF-15).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use law::clock::{self, Deadline};
use law::gates::History;
use law::life::Case as Life;
use law::received::Received;
use law::registry::CalledBack;
use law::rules::PeriodName;
use rusqlite::{Connection, TransactionBehavior};
use seal::entropy::Entropy;
use serde::{Deserialize, Serialize};

use super::entry::Decided;
use super::judging::{Read, Setup};
use super::store::{self, Books, Dated, DeskFault, Head, Sealing};
use super::work::Work;
use crate::cases::body::BodyKey;
use crate::cases::{Digest32, Octets};
use crate::gateway::papers::Refused;
use crate::gateway::preserving::{Holds, INTERIM};

/// What came, and how.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// `http`, `etsi`, `file`.
    pub door: &'static str,
    /// Whom the door knows it from: `country/unique` of a certificate, or nobody.
    pub sender: String,
    pub original: Vec<u8>,
    /// What a person typed over.
    pub transcription: Option<String>,
    /// The door knows which order it is about (an HI-1 object).
    pub about: Option<u64>,
}

/// As it is sealed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub original: Octets,
    pub transcription: Option<String>,
}

/// What the sender hears (DSK-01).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub number: u64,
    pub received_at: u64,
    pub hash: Digest32,
    pub state: String,
    pub deadline_at: u64,
    pub rule_version: String,
    pub preserves: bool,
}

/// What became of an arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    Order(Receipt),
    /// A withdrawal or a follow-up: `acted`, or a person has to look.
    Paper {
        number: Option<u64>,
        acted: bool,
    },
}

/// Why not.
#[derive(Debug)]
pub enum NotTaken {
    Refused(Refused),
    Fault(DeskFault),
}

impl From<DeskFault> for NotTaken {
    fn from(fault: DeskFault) -> NotTaken {
        NotTaken::Fault(fault)
    }
}

impl From<rusqlite::Error> for NotTaken {
    fn from(error: rusqlite::Error) -> NotTaken {
        NotTaken::Fault(error.into())
    }
}

impl From<Refused> for NotTaken {
    fn from(refused: Refused) -> NotTaken {
        NotTaken::Refused(refused)
    }
}

/// One order as loaded: read, replayed, with what people stated.
pub struct Loaded {
    pub head: Head,
    pub original: Vec<u8>,
    pub received: Received,
    pub life: Life,
    pub entries: Vec<Dated>,
    pub(super) history: History,
    pub(super) called_back: Option<CalledBack>,
    pub(super) decided: Vec<Decided>,
}

/// The open desk: the only writer of its database.
pub struct Desk {
    pub(super) setup: Arc<Setup>,
    pub(super) db: Connection,
    pub(super) sealing: Sealing,
    pub(super) next_number: u64,
    /// Where packages stand ready for who sent an order by TS 103 120.
    pub(super) shelf: Option<super::deliver::Shelf>,
    /// Of today and of every day on which something was kept.
    pub(super) books: Books,
    pub(super) keeper: Option<Arc<Keeper>>,
    /// Interim holds that were ended since the start.
    pub(super) over: BTreeSet<Digest32>,
}

/// The provider's vault, as far as received orders need it.
pub type Keeper = dyn Holds + Send + Sync;

/// The name of the interim hold of a received order; no native order has it, since theirs is the D of a record.
pub fn interim(hash: &Digest32) -> [u8; 32] {
    seal::digest::sha256(&[b"waarborg/v1/desk-interim-hold\0", &hash.0[..]])
}

impl Desk {
    pub fn create(path: &Path, key: BodyKey, setup: Arc<Setup>) -> Result<Desk, DeskFault> {
        store::create(path)?;
        Desk::open(path, key, setup)
    }

    pub fn open(path: &Path, key: BodyKey, setup: Arc<Setup>) -> Result<Desk, DeskFault> {
        let db = store::open(path)?;
        let next_number = store::last_number(&db)? + 1;
        let books = store::keep_book(&db, &setup.book)?;
        Ok(Desk { setup, db, sealing: Sealing::new(key), next_number, books, shelf: None, keeper: None, over: BTreeSet::new() })
    }

    /// With the provider's vault: what arrives is kept at once (DSK-17).
    pub fn with_keeper(self, keeper: Arc<Keeper>) -> Desk {
        Desk { keeper: Some(keeper), ..self }
    }

    pub fn setup(&self) -> &Arc<Setup> {
        &self.setup
    }

    /// Takes a document in: the whole of it in one transaction, and nothing is answered before that (DSK-01, DSK-16). `read`: by
    /// [`Setup::read`], which needs no lock.
    pub fn take_in(
        &mut self,
        now: u64,
        arrival: &Arrival,
        read: Result<Read, Refused>,
        entropy: &mut dyn Entropy,
    ) -> Result<Taken, NotTaken> {
        let setup = Arc::clone(&self.setup);
        let next = self.next_number;
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut work = Work { db: &tx, setup: &setup, sealing: &self.sealing, books: &self.books, keeper: self.keeper.as_deref(), entropy };
        let taken = work.arrival(now, next, arrival, read);
        match taken {
            Err(NotTaken::Fault(fault)) => Err(NotTaken::Fault(fault)),
            taken => {
                // A refusal is stored too: its row is all that stays of a document that does not read (DSK-03).
                tx.commit()?;
                if let Ok(Taken::Order(receipt)) = &taken {
                    self.next_number = self.next_number.max(receipt.number + 1);
                }
                taken
            }
        }
    }

    /// One statement or step by a person of the desk, and what follows from it by itself.
    pub fn act(&mut self, now: u64, number: u64, by: &str, ask: Ask, entropy: &mut dyn Entropy) -> Result<Head, NotTaken> {
        let setup = Arc::clone(&self.setup);
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut work = Work { db: &tx, setup: &setup, sealing: &self.sealing, books: &self.books, keeper: self.keeper.as_deref(), entropy };
        let loaded = work.load(number, now)?.ok_or_else(unknown)?;
        let entry = work.entry(&loaded, ask, now)?;
        let loaded = work.enter(loaded, entry, by, now)?;
        let head = work.settle(loaded, None, now)?.head;
        tx.commit()?;
        Ok(head)
    }

    /// What time brings: holds that lapse, preservations that end. Gives the orders that moved (DSK-06).
    pub fn tick(&mut self, now: u64, entropy: &mut dyn Entropy) -> Result<Vec<u64>, DeskFault> {
        let setup = Arc::clone(&self.setup);
        let due = store::overdue(&self.db, now)?;
        let mut moved = Vec::new();
        for head in due {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut work =
                Work { db: &tx, setup: &setup, sealing: &self.sealing, books: &self.books, keeper: self.keeper.as_deref(), entropy };
            let settled = match work.load(head.number, now) {
                Ok(Some(loaded)) => work.settle(loaded, None, now),
                Ok(None) => continue,
                Err(error) => Err(error),
            };
            let after = settled.map_err(|error| match error {
                NotTaken::Fault(fault) => fault,
                NotTaken::Refused(refused) => DeskFault::Row { number: head.number, text: refused.to_string() },
            })?;
            tx.commit()?;
            if after.head.version != head.version {
                moved.push(head.number);
            }
        }
        self.end_interim(now)?;
        Ok(moved)
    }

    /// DSK-17: an order that is over keeps nothing. Its own clock ends an interim hold anyway.
    fn end_interim(&mut self, now: u64) -> Result<(), DeskFault> {
        let Some(keeper) = &self.keeper else { return Ok(()) };
        for hash in store::ended_since(&self.db, now.saturating_sub(INTERIM))? {
            if !self.over.contains(&hash) {
                keeper.end_hold(&interim(&hash)).map_err(|fault| DeskFault::Vault(fault.0))?;
                self.over.insert(hash);
            }
        }
        Ok(())
    }

    pub fn heads(&self, after: u64, most: u32) -> Result<Vec<Head>, DeskFault> {
        store::heads(&self.db, after, most)
    }

    pub fn overdue(&self, now: u64) -> Result<Vec<Head>, DeskFault> {
        store::overdue(&self.db, now)
    }

    pub fn head(&self, number: u64) -> Result<Option<Head>, DeskFault> {
        store::by_number(&self.db, number)
    }

    pub fn by_hash(&self, hash: &Digest32) -> Result<Option<Head>, DeskFault> {
        store::by_hash(&self.db, hash)
    }

    /// Read, replayed and judged again.
    pub fn load(&mut self, number: u64, now: u64) -> Result<Option<Loaded>, NotTaken> {
        let setup = Arc::clone(&self.setup);
        let entropy = &mut seal::entropy::SystemEntropy;
        Work { db: &self.db, setup: &setup, sealing: &self.sealing, books: &self.books, keeper: self.keeper.as_deref(), entropy }
            .load(number, now)
    }

    /// (time, door, octets, code) of what was refused at the door, newest first.
    pub fn refusals(&self, most: u32) -> Result<Vec<(u64, String, u64, String)>, DeskFault> {
        let mut query = self.db.prepare_cached("SELECT at, door, octets, code FROM refusals ORDER BY seq DESC LIMIT ?1")?;
        let rows = query.query_map([most], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Papers about orders that wait for a person: (time, digest, order).
    pub fn papers(&self) -> Result<Vec<(u64, Digest32, Option<u64>)>, DeskFault> {
        let mut query = self.db.prepare_cached("SELECT at, hash, number FROM papers WHERE acted = 0 ORDER BY at")?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, Digest32(row.get(1)?), row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

pub(super) fn unknown() -> NotTaken {
    NotTaken::Refused(Refused::new("DSK-05", "there is no such received order", "waarborg desk list shows them"))
}

/// What a person of the desk states or does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, tag = "do", rename_all = "kebab-case")]
pub enum Ask {
    CalledBack { authority: String, number: String, called_by: String, confirmed_by: String },
    Decide { gate: u8, person: String, reason: String },
    EnforcingConsents {},
    EnforcingRefuses { grounds: String },
    Clarify { question: String },
    Clarified {},
    Refuse { grounds: BTreeMap<String, Vec<u8>> },
    Conflict { law: String },
    Uphold {},
    Lift {},
    NothingHeld {},
    Withdraw {},
    Object { deletes: bool, grounds: String },
    ValidationRefused {},
    Enforce {},
    Recognise { deadline_at: u64 },
    Dispute { grounds: String },
    Decline {},
    Extend {},
    FollowUp { production: String },
    Produced {},
}

pub(super) fn receipt(head: &Head) -> Receipt {
    Receipt {
        number: head.number,
        received_at: head.at,
        hash: head.hash,
        state: head.state.clone(),
        deadline_at: head.deadline_at,
        rule_version: head.rule_version.clone(),
        preserves: head.preserves,
    }
}

pub(super) fn first_clock(life: &Life) -> Option<&Deadline> {
    match life {
        Life::Received(at) => Some(&at.state().clock),
        _ => None,
    }
}

/// The clock that runs in this state, ours or the authority's; none: nothing is waited for, or no law sets a time.
pub fn current_clock(life: &Life) -> Option<&Deadline> {
    match life {
        Life::Received(at) => Some(&at.state().clock),
        Life::Clarifying(at) => Some(&at.state().answer_due),
        Life::OnHold(at) => Some(&at.state().clock),
        Life::Producing(at) => Some(&at.state().clock),
        Life::PartlyProduced(at) => Some(&at.state().clock),
        Life::Enforcing(at) => Some(&at.state().decision_due),
        Life::Preserving(at) => Some(&at.state().until),
        _ => None,
    }
}

/// All clocks of an order as the rules have them today, for the desk's screen.
pub fn clocks(setup: &Setup, loaded: &Loaded) -> Vec<Deadline> {
    let mut names = vec![];
    if !loaded.life.file().is_preservation && !loaded.life.file().is_emergency {
        names.push(PeriodName::ThirdCountryObjection);
    }
    if loaded.life.file().is_emergency && loaded.life.file().is_notified {
        names.push(PeriodName::Objection);
    }
    let state = &setup.provider.state;
    let others = names.into_iter().filter_map(|name| clock::start(&setup.book, name, state, loaded.head.at));
    current_clock(&loaded.life).cloned().into_iter().chain(others).collect()
}
