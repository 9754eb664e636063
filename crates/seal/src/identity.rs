//! Identities: what records are sealed under and what a key opens (section 3.1).
//!
//! An identity is built by the typed builder only (SEA-30) and is injective: fixed-length fields and one length-prefixed
//! selector. Identities are never sums of points (SEA-05).

use crate::digest::sha256;
use crate::labels;
use crate::merkle::Hash;
use crate::points::G1Point;
use crate::selector::{Selector, SelectorError};

/// Why an identity or one of its parts was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityError {
    /// Not the length that the selector length demands, or another label.
    Shape,
    /// Suite other than 1 or 2.
    UnknownSuite,
    /// Category 0, or the one reserved for notices.
    ReservedCategory,
    /// Slot length outside 10 s to 6 h, or one that does not divide the day.
    SlotLength,
    /// The slot lies outside of representable time.
    SlotNumber,
    Selector(SelectorError),
    /// An account selector without salt, or a salt where the selector takes none (SEA-04).
    Salt,
}

impl std::fmt::Display for IdentityError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            IdentityError::Shape => "not an identity",
            IdentityError::UnknownSuite => "unknown suite",
            IdentityError::ReservedCategory => "reserved category",
            IdentityError::SlotLength => "slot length not allowed",
            IdentityError::SlotNumber => "slot number out of range",
            IdentityError::Selector(error) => return error.fmt(f),
            IdentityError::Salt => "salt does not fit the selector",
        })
    }
}

impl std::error::Error for IdentityError {}

impl From<SelectorError> for IdentityError {
    fn from(error: SelectorError) -> Self {
        IdentityError::Selector(error)
    }
}

/// Which algorithms seal a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suite {
    /// 0x0001, HKDF-SHA-256 and AES-256-GCM: only where hardware excludes restored snapshots (SEA-35).
    Gcm,
    /// 0x0002, HKDF-SHA-256 and AES-256-GCM-SIV: the default.
    GcmSiv,
}

impl Suite {
    pub fn parse(number: u16) -> Result<Suite, IdentityError> {
        match number {
            1 => Ok(Suite::Gcm),
            2 => Ok(Suite::GcmSiv),
            _ => Err(IdentityError::UnknownSuite),
        }
    }

    pub fn number(self) -> u16 {
        match self {
            Suite::Gcm => 1,
            Suite::GcmSiv => 2,
        }
    }
}

/// The provider, 16 octets fixed by the policy document. Public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProviderId(pub [u8; 16]);

/// SHA-256 over label and public key: names one period's pair of committees. Public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 32]);

/// What kind of records (section 3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Category(u16);

impl Category {
    pub const TRAFFIC: Category = Category(1);
    pub const COUNTERPART: Category = Category(2);
    pub const IP: Category = Category(3);
    pub const DEVICE: Category = Category(4);
    pub const SUBSCRIBER: Category = Category(5);
    pub const LOCATION: Category = Category(6);
    pub const IDENTIFICATION: Category = Category(7);

    /// Any number but 0 and 0xFFFF (notices, not in version 1): new categories come through the policy document (SEA-06).
    pub fn new(number: u16) -> Result<Category, IdentityError> {
        if matches!(number, 0 | 0xffff) { Err(IdentityError::ReservedCategory) } else { Ok(Category(number)) }
    }

    pub fn number(self) -> u16 {
        self.0
    }
}

/// Seconds in a slot: divides the day, 10 s (demo, SEA-78) to 6 h (section 3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SlotLen(u32);

impl SlotLen {
    pub const HOUR: SlotLen = SlotLen(3_600);
    /// The longest: an emergency order must be answered within 8 hours and no key exists before its slot has ended.
    pub const MAX: u32 = 21_600;
    /// The shortest, and only under a demo key.
    pub const MIN: u32 = 10;

    pub fn new(seconds: u32) -> Result<SlotLen, IdentityError> {
        if !(SlotLen::MIN..=SlotLen::MAX).contains(&seconds) || 86_400 % seconds != 0 {
            return Err(IdentityError::SlotLength);
        }
        Ok(SlotLen(seconds))
    }

    pub fn seconds(self) -> u32 {
        self.0
    }
}

/// One slot of time, UTC, aligned at multiples of its length (SEA-08).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    len: SlotLen,
    no: u64,
}

impl Slot {
    /// Start times stay below 2^62 seconds, so that all sums of times fit.
    const START_MAX: u64 = 1 << 62;

    pub fn new(len: SlotLen, no: u64) -> Result<Slot, IdentityError> {
        match no.checked_mul(u64::from(len.0)) {
            Some(start) if start <= Slot::START_MAX => Ok(Slot { len, no }),
            _ => Err(IdentityError::SlotNumber),
        }
    }

    /// The slot that holds a time (times after 2^62 are treated as 2^62).
    pub fn containing(len: SlotLen, unix_seconds: u64) -> Slot {
        Slot { len, no: unix_seconds.min(Slot::START_MAX) / u64::from(len.0) }
    }

    pub fn len(self) -> SlotLen {
        self.len
    }

    pub fn no(self) -> u64 {
        self.no
    }

    /// First second.
    pub fn start(self) -> u64 {
        self.no * u64::from(self.len.0)
    }

    /// First second after the slot.
    pub fn end(self) -> u64 {
        self.start() + u64::from(self.len.0)
    }

    pub fn contains(self, unix_seconds: u64) -> bool {
        (self.start()..self.end()).contains(&unix_seconds)
    }

    pub fn next(self) -> Slot {
        Slot { len: self.len, no: self.no + 1 }
    }

    /// UTC day number: days since 1970-01-01. A slot lies in exactly one day, because its length divides the day.
    pub fn day(self) -> u64 {
        self.start() / 86_400
    }
}

/// The random salt of an account, or zeros for selectors that take none (SEA-04). Known to the provider, and to members
/// and engine for the identities of an order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Salt(pub [u8; 16]);

impl Salt {
    pub const ZERO: Salt = Salt([0; 16]);
}

impl std::fmt::Debug for Salt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salt(..)")
    }
}

/// Subject, category and slot under one key: what a record is sealed under.
///
/// Layout: label(8) ‖ suite u16 ‖ key_id(32) ‖ provider(16) ‖ category u16 ‖ slot_len u32 ‖ slot_no u64 ‖ sel_type u8 ‖
/// sel_len u16 ‖ selector ‖ salt(16); 91 + sel_len octets.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    suite: Suite,
    key_id: KeyId,
    provider: ProviderId,
    category: Category,
    slot: Slot,
    selector: Selector,
    salt: Salt,
    octets: Vec<u8>,
    /// Of the octets: asked for with each record that is sealed under the identity.
    digest: Hash,
}

impl Identity {
    const FIXED: usize = 91;

    /// An identity of the default suite.
    pub fn new(
        key_id: KeyId,
        provider: ProviderId,
        category: Category,
        slot: Slot,
        selector: Selector,
        salt: Salt,
    ) -> Result<Identity, IdentityError> {
        Identity::of_suite(Suite::GcmSiv, key_id, provider, category, slot, selector, salt)
    }

    pub fn of_suite(
        suite: Suite,
        key_id: KeyId,
        provider: ProviderId,
        category: Category,
        slot: Slot,
        selector: Selector,
        salt: Salt,
    ) -> Result<Identity, IdentityError> {
        // A zero salt on an account would make all its identities guessable; a salt on an address would make them unfindable.
        if selector.needs_salt() == (salt == Salt::ZERO) {
            return Err(IdentityError::Salt);
        }
        let sel_len = u16::try_from(selector.as_bytes().len()).map_err(|_| IdentityError::Shape)?;
        let mut octets = Vec::with_capacity(Identity::FIXED + selector.as_bytes().len());
        octets.extend_from_slice(labels::IDENTITY);
        octets.extend_from_slice(&suite.number().to_be_bytes());
        octets.extend_from_slice(&key_id.0);
        octets.extend_from_slice(&provider.0);
        octets.extend_from_slice(&category.number().to_be_bytes());
        octets.extend_from_slice(&slot.len().seconds().to_be_bytes());
        octets.extend_from_slice(&slot.no().to_be_bytes());
        octets.push(selector.sel_type());
        octets.extend_from_slice(&sel_len.to_be_bytes());
        octets.extend_from_slice(selector.as_bytes());
        octets.extend_from_slice(&salt.0);
        let digest = sha256(&[&octets]);
        Ok(Identity { suite, key_id, provider, category, slot, selector, salt, octets, digest })
    }

    // SEA-02
    pub fn parse(octets: &[u8]) -> Result<Identity, IdentityError> {
        let field = |from: usize, to: usize| octets.get(from..to).ok_or(IdentityError::Shape);
        if field(0, 8)? != labels::IDENTITY {
            return Err(IdentityError::Shape);
        }
        let sel_len = usize::from(u16::from_be_bytes(array(field(73, 75)?)?));
        if octets.len() != Identity::FIXED + sel_len {
            return Err(IdentityError::Shape);
        }
        let suite = Suite::parse(u16::from_be_bytes(array(field(8, 10)?)?))?;
        let key_id = KeyId(array(field(10, 42)?)?);
        let provider = ProviderId(array(field(42, 58)?)?);
        let category = Category::new(u16::from_be_bytes(array(field(58, 60)?)?))?;
        let slot_len = SlotLen::new(u32::from_be_bytes(array(field(60, 64)?)?))?;
        let slot = Slot::new(slot_len, u64::from_be_bytes(array(field(64, 72)?)?))?;
        let selector = Selector::parse(field(72, 73)?[0], field(75, 75 + sel_len)?)?;
        let salt = Salt(array(field(75 + sel_len, 91 + sel_len)?)?);
        Identity::of_suite(suite, key_id, provider, category, slot, selector, salt)
    }

    pub fn to_bytes(&self) -> &[u8] {
        &self.octets
    }

    pub fn suite(&self) -> Suite {
        self.suite
    }

    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    pub fn provider(&self) -> ProviderId {
        self.provider
    }

    pub fn category(&self) -> Category {
        self.category
    }

    pub fn slot(&self) -> Slot {
        self.slot
    }

    pub fn selector(&self) -> &Selector {
        &self.selector
    }

    pub fn salt(&self) -> Salt {
        self.salt
    }

    /// SHA-256 of the octets: names the identity in answers of members.
    pub fn digest(&self) -> Hash {
        self.digest
    }

    /// The retention bucket, from the first two octets of a hash (section 3.1).
    pub fn bucket(&self) -> u16 {
        let hash = sha256(&[labels::BUCKET, &self.octets]);
        u16::from_be_bytes([hash[0], hash[1]])
    }

    /// H1 of the identity. Public to everyone who knows the salt.
    pub fn point(&self) -> G1Point {
        G1Point::hash(&self.octets, labels::IDENTITY_DST)
    }
}

impl std::fmt::Debug for Identity {
    /// Neither selector nor salt: identities name people (TSE-65).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity(category {}, slot {}, ..)", self.category.0, self.slot.no)
    }
}

fn array<const N: usize>(octets: &[u8]) -> Result<[u8; N], IdentityError> {
    octets.try_into().map_err(|_| IdentityError::Shape)
}
