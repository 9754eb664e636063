//! Committees: their public keys, shares, partial keys, and the combination to the key of an identity (sections 4, 11).

mod batch;

use std::collections::BTreeMap;

use zeroize::Zeroize;

use crate::bindings as blst;
use crate::digest::sha256;
use crate::entropy::Entropy;
use crate::identity::{Identity, KeyId};
use crate::labels;
use crate::points::{G1Point, G2Point, PointError, Scalar, pairings_equal};

/// Why a committee, a share or a set of partial keys was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitteeError {
    /// Not a majority (SEA-10): `need` must be above half of `of`, and at most `of`.
    NoMajority { need: u8, of: u8 },
    /// The public polynomial has not `need` coefficients, or does not begin with the public key.
    Polynomial,
    /// The proof of possession does not fit (SEA-11).
    Possession,
    /// A point is not valid, or a sum is the point at infinity (SEA-13).
    Point(PointError),
    /// Index 0, or above the number of members (SEA-12).
    Index(u8),
    /// The share does not lie on the public polynomial (SEA-12).
    ShareNotOnPolynomial(u8),
    /// Both committees have the same key, so one of them could act for both (SEA-11).
    SameKey,
}

impl std::fmt::Display for CommitteeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CommitteeError::NoMajority { need, of } => write!(f, "{need} of {of} is no majority"),
            CommitteeError::Polynomial => f.write_str("the public polynomial does not fit the committee"),
            CommitteeError::Possession => f.write_str("the proof of possession does not fit"),
            CommitteeError::Point(error) => error.fmt(f),
            CommitteeError::Index(index) => write!(f, "no member has index {index}"),
            CommitteeError::ShareNotOnPolynomial(index) => write!(f, "share {index} is not on the public polynomial"),
            CommitteeError::SameKey => f.write_str("both committees have the same key"),
        }
    }
}

impl std::error::Error for CommitteeError {}

impl From<PointError> for CommitteeError {
    fn from(error: PointError) -> Self {
        CommitteeError::Point(error)
    }
}

/// A committee as a key record states it. Unchecked: [`Committee::check`] makes it usable. Public.
///
/// A committee of one (1 of 1) passes here; whether policy allows it is the policy's rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committee {
    /// P_c = s_c · P2.
    pub public: G2Point,
    /// A_0 … A_{need-1}; A_0 = `public`.
    pub polynomial: Vec<G2Point>,
    /// s_c · H_PoP(comp(P_c)).
    pub pop: G1Point,
    /// Members needed.
    pub need: u8,
    /// Members in all; their indexes are 1 … `of`.
    pub of: u8,
}

impl Committee {
    /// As many as judged bundles must carry; combining is linear in it.
    pub const OF_MAX: u8 = 64;

    /// The point that a proof of possession multiplies (SEA-11).
    pub fn possession_point(public: &G2Point) -> G1Point {
        G1Point::hash(&public.to_bytes(), labels::POSSESSION_DST)
    }

    /// SEA-10, SEA-11, SEA-13; computes the members' public keys (SEA-12).
    pub fn check(&self) -> Result<CheckedCommittee, CommitteeError> {
        let Committee { need, of, .. } = *self;
        if of < need || Committee::OF_MAX < of || 2 * u16::from(need) <= u16::from(of) {
            return Err(CommitteeError::NoMajority { need, of });
        }
        if self.polynomial.len() != usize::from(need) || self.polynomial.first() != Some(&self.public) {
            return Err(CommitteeError::Polynomial);
        }
        let hashed = Committee::possession_point(&self.public);
        if !pairings_equal(&self.pop, &G2Point::generator(), &hashed, &self.public) {
            return Err(CommitteeError::Possession);
        }
        let members = (1..=of).map(|index| G2Point::evaluate(&self.polynomial, index)).collect::<Result<_, _>>()?;
        Ok(CheckedCommittee { committee: self.clone(), members })
    }
}

/// A committee whose majority, polynomial and proof of possession hold. Made only by [`Committee::check`].
///
/// ```compile_fail
/// let forged = seal::committee::CheckedCommittee { committee: todo!(), members: vec![] };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedCommittee {
    committee: Committee,
    members: Vec<G2Point>,
}

impl CheckedCommittee {
    pub fn committee(&self) -> &Committee {
        &self.committee
    }

    pub fn need(&self) -> u8 {
        self.committee.need
    }

    pub fn of(&self) -> u8 {
        self.committee.of
    }

    /// s_i · P2 of one member, index from 1.
    pub fn member_key(&self, index: u8) -> Result<&G2Point, CommitteeError> {
        index.checked_sub(1).and_then(|position| self.members.get(usize::from(position))).ok_or(CommitteeError::Index(index))
    }
}

/// The public key that records are sealed to: the sum of both committees' keys (SEA-09). Public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    point: G2Point,
    key_id: KeyId,
}

impl PublicKey {
    /// P_approvers + P_guardians. Takes checked committees only: without both proofs of possession one committee could
    /// choose its key so that the sum is its own (SEA-11).
    ///
    /// A proof of possession does not say of which committee, so a copied key comes with a copied proof: it is refused here.
    pub fn sum(approvers: &CheckedCommittee, guardians: &CheckedCommittee) -> Result<PublicKey, CommitteeError> {
        if approvers.committee.public == guardians.committee.public {
            return Err(CommitteeError::SameKey);
        }
        let point = approvers.committee.public.add(&guardians.committee.public)?;
        Ok(PublicKey::of_point(point))
    }

    /// A key as one point: for sealing under a policy that has already been judged, and for known answers.
    pub fn of_point(point: G2Point) -> PublicKey {
        let key_id = KeyId(sha256(&[labels::KEY_ID, &point.to_bytes()]));
        PublicKey { point, key_id }
    }

    pub fn point(&self) -> &G2Point {
        &self.point
    }

    pub fn key_id(&self) -> KeyId {
        self.key_id
    }
}

/// A member's share of its committee's key. Secret.
pub struct Share {
    index: u8,
    secret: Scalar,
}

impl Share {
    /// Checks the share against the public polynomial of its committee (SEA-12).
    pub fn new(index: u8, secret: Scalar, committee: &CheckedCommittee) -> Result<Share, CommitteeError> {
        if G2Point::public_of(&secret)? != *committee.member_key(index)? {
            return Err(CommitteeError::ShareNotOnPolynomial(index));
        }
        Ok(Share { index, secret })
    }

    pub fn index(&self) -> u8 {
        self.index
    }

    pub fn secret(&self) -> &Scalar {
        &self.secret
    }

    /// s_i · H1(ID), constant-time (SEA-60). The octets of the identity come from its typed builder (SEA-30, SEA-55).
    pub fn partial_key(&self, identity: &Identity) -> Result<PartialKey, CommitteeError> {
        Ok(PartialKey { member_index: self.index, point: identity.point().multiply(&self.secret)? })
    }
}

/// One member's part of an identity's key. Secret (SEA-57): it tests guesses of the identity.
#[derive(Clone, PartialEq, Eq)]
pub struct PartialKey {
    pub member_index: u8,
    pub point: G1Point,
}

impl Drop for PartialKey {
    fn drop(&mut self) {
        wipe(&mut self.point.0);
    }
}

fn wipe(point: &mut blst::G1Affine) {
    point.x.l.zeroize();
    point.y.l.zeroize();
}

/// The combined key d of one identity, checked against the public key. Secret outside the encrypted package (SEA-57).
///
/// Carries its identity, so that a key cannot be used for another one.
///
/// ```compile_fail
/// let forged = seal::committee::IdentityKey { identity: todo!(), point: todo!() };
/// ```
pub struct IdentityKey {
    identity: Identity,
    point: G1Point,
}

impl IdentityKey {
    /// Checks e(d, P2) = e(H1(ID), P_pub) for a key that somebody shows (SEA-65).
    pub fn check(octets: &[u8; 48], identity: &Identity, public: &PublicKey) -> Result<IdentityKey, KeyError> {
        let point = G1Point::parse(octets).map_err(KeyError::Point)?;
        if identity.key_id() != public.key_id() {
            return Err(KeyError::OtherPublicKey);
        }
        if !pairings_equal(&point, &G2Point::generator(), &identity.point(), public.point()) {
            return Err(KeyError::DoesNotFit);
        }
        Ok(IdentityKey { identity: identity.clone(), point })
    }

    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// 48 octets, for the evidence file.
    pub fn to_bytes(&self) -> [u8; 48] {
        self.point.to_bytes()
    }

    pub(crate) fn point(&self) -> &G1Point {
        &self.point
    }
}

impl Drop for IdentityKey {
    fn drop(&mut self) {
        wipe(&mut self.point.0);
    }
}

impl std::fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IdentityKey({:?}, ..)", self.identity)
    }
}

pub use batch::WrongKey;

/// Why a shown key was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    Point(PointError),
    /// The identity names another public key.
    OtherPublicKey,
    /// e(d, P2) is not e(H1(ID), P_pub).
    DoesNotFit,
}

impl std::fmt::Display for KeyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            KeyError::Point(error) => error.fmt(f),
            KeyError::OtherPublicKey => f.write_str("the identity belongs to another public key"),
            KeyError::DoesNotFit => f.write_str("the key does not fit the identity and the public key"),
        }
    }
}

impl std::error::Error for KeyError {}

/// Members whose partial keys do not fit their public keys, by index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Culprits {
    pub approvers: Vec<u8>,
    pub guardians: Vec<u8>,
}

/// Why partial keys could not be combined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CombineError {
    /// Fewer members of one committee than it needs.
    TooFew { got: usize, need: u8 },
    /// An index that no member has.
    Index(u8),
    /// A member gave another number of partial keys than there are identities.
    Count(u8),
    /// An identity under another public key than the sum of these committees.
    OtherPublicKey,
    /// The combination failed and these members are the reason (SEA-62).
    Culprits(Culprits),
    /// Every partial key fits and the sum does not: the committees do not make up the public key.
    CommitteesDoNotSum,
}

impl std::fmt::Display for CombineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CombineError::TooFew { got, need } => write!(f, "partial keys of {got} members, {need} needed"),
            CombineError::Index(index) => write!(f, "no member has index {index}"),
            CombineError::Count(index) => write!(f, "member {index} gave another number of partial keys"),
            CombineError::OtherPublicKey => f.write_str("an identity belongs to another public key"),
            CombineError::Culprits(who) => {
                write!(f, "partial keys do not fit: approvers {:?}, guardians {:?}", who.approvers, who.guardians)
            }
            CombineError::CommitteesDoNotSum => f.write_str("the committees do not make up the public key"),
        }
    }
}

impl std::error::Error for CombineError {}

/// Partial keys of one committee: member index to one point for each identity, in the order of the identities.
pub type Partials = BTreeMap<u8, Vec<G1Point>>;

/// Combines the partial keys of both committees to one key for each identity (SEA-62).
///
/// Uses the first `need` members of each. Checks all results in one batch with fresh 128-bit coefficients; only when that
/// fails, every used member is checked, and the ones whose partial keys are wrong are named. Remove them and call again.
pub fn combine(
    approvers: (&CheckedCommittee, &Partials),
    guardians: (&CheckedCommittee, &Partials),
    public: &PublicKey,
    identities: &[Identity],
    entropy: &mut dyn Entropy,
) -> Result<Vec<IdentityKey>, CombineError> {
    if identities.iter().any(|identity| identity.key_id() != public.key_id()) {
        return Err(CombineError::OtherPublicKey);
    }
    let a = Chosen::new(approvers.0, approvers.1, identities.len())?;
    let g = Chosen::new(guardians.0, guardians.1, identities.len())?;
    let hashes: Vec<blst::G1Affine> = identities.iter().map(|identity| identity.point().0).collect();
    let mut keys: Vec<blst::G1Affine> = (0..identities.len()).map(|k| blst::g1_add(&a.committee_key(k), &g.committee_key(k))).collect();
    let fit = batch::fits(&keys, &hashes, public.point(), &batch::drawn(keys.len(), entropy));
    let pairs = identities.iter().zip(&keys);
    let found = fit.then(|| pairs.map(|(identity, key)| IdentityKey { identity: identity.clone(), point: G1Point(*key) }).collect());
    // The vector is freed without being wiped, and an `IdentityKey` wipes only itself (SEA-66).
    keys.iter_mut().for_each(wipe);
    if let Some(found) = found {
        return Ok(found);
    }
    let culprits = Culprits { approvers: a.culprits(&hashes, entropy), guardians: g.culprits(&hashes, entropy) };
    if culprits == Culprits::default() {
        return Err(CombineError::CommitteesDoNotSum);
    }
    Err(CombineError::Culprits(culprits))
}

/// The members whose partial keys are used, with their Lagrange coefficients at zero.
struct Chosen<'a> {
    committee: &'a CheckedCommittee,
    members: Vec<(u8, Scalar, &'a [G1Point])>,
}

impl<'a> Chosen<'a> {
    fn new(committee: &'a CheckedCommittee, partials: &'a Partials, count: usize) -> Result<Self, CombineError> {
        for (&index, points) in partials {
            committee.member_key(index).map_err(|_| CombineError::Index(index))?;
            if points.len() != count {
                return Err(CombineError::Count(index));
            }
        }
        let need = committee.need();
        if partials.len() < usize::from(need) {
            return Err(CombineError::TooFew { got: partials.len(), need });
        }
        let indexes: Vec<u8> = partials.keys().copied().take(usize::from(need)).collect();
        let mut members = Vec::with_capacity(indexes.len());
        for (&index, points) in partials.iter().take(indexes.len()) {
            let coefficient = lagrange_at_zero(index, &indexes).ok_or(CombineError::Index(index))?;
            members.push((index, coefficient, points.as_slice()));
        }
        Ok(Chosen { committee, members })
    }

    /// Σ λ_i · d_i of identity k. May be any point: the batch check follows.
    fn committee_key(&self, k: usize) -> blst::G1Affine {
        self.members.iter().fold(blst::G1Affine::default(), |sum, (_, coefficient, points)| {
            blst::g1_add(&sum, &blst::g1_multiply(&points[k].0, &coefficient.0))
        })
    }

    fn culprits(&self, hashes: &[blst::G1Affine], entropy: &mut dyn Entropy) -> Vec<u8> {
        let wrong = |(index, _, points): &&(u8, Scalar, &[G1Point])| {
            let points: Vec<blst::G1Affine> = points.iter().map(|point| point.0).collect();
            !self.committee.member_key(*index).is_ok_and(|key| batch::fits(&points, hashes, key, &batch::drawn(points.len(), entropy)))
        };
        self.members.iter().filter(wrong).map(|(index, ..)| *index).collect()
    }
}

/// Π (j / (j - i)) over the other indexes; `None` for index 0 or a repeated index.
pub fn lagrange_at_zero(index: u8, indexes: &[u8]) -> Option<Scalar> {
    let number = |value: u8| Scalar::from_u64(u64::from(value));
    let mut product = Scalar::from_u64(1);
    if index == 0 || indexes.iter().filter(|&&other| other == index).count() != 1 {
        return None;
    }
    for &other in indexes.iter().filter(|&&other| other != index) {
        let difference = number(other).subtract(&number(index)).inverse()?;
        product = product.multiply(&number(other)).multiply(&difference);
    }
    Some(product)
}
