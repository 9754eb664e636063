//! The ceremony's mathematics: a committee key by joint-Feldman dealing, and the same key dealt anew to others (SEA-17).
//!
//! Every dealer deals a random polynomial; a share is the sum of what the dealers dealt, and so is the public polynomial.
//! Nobody ever holds the key. A reshare is the same with two differences: a dealer's constant term is its old share, and
//! the sums are weighted with Lagrange's coefficients of the dealers, so the public key stays.
//! No files, no clock, no network: who talks to whom is the trustee's business.

use std::collections::{BTreeMap, BTreeSet};

use crate::committee::{CheckedCommittee, Committee, CommitteeError, Share};
use crate::entropy::Entropy;
use crate::labels;
use crate::points::{G1Point, G2Point, PointError, Scalar, pairings_equal};
use crate::sharing::{Polynomial, lagrange_at_zero, share_fits};

/// Numbers of one ceremony and the hash of all that its members agreed on beforehand.
///
/// Made only by [`Terms::new`], which enforces SEA-10.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    need: u8,
    of: u8,
    context: [u8; 32],
}

/// Why a step of a ceremony was refused, and by whose fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CeremonyError {
    /// SEA-10: 2 <= need <= of <= 64 and more than half.
    BadThreshold { need: u8, of: u8 },
    /// The dealer's polynomial has another degree than the terms say.
    WrongDegree { dealer: u8 },
    /// The dealer did not show that it knows its constant term: it may have chosen it against the others (rogue key).
    NoPossession { dealer: u8 },
    /// In a reshare the dealer's constant term is not its share of the old key.
    NotItsOldShare { dealer: u8 },
    /// SEA-12: the share does not lie on the dealer's public polynomial. Complain.
    WrongShare { dealer: u8 },
    /// The numbers of members or dealers are not 1 to `of`, or not each once (SEA-12: 0 is refused).
    BadNumber { number: u8 },
    /// Fewer dealers than the threshold: they could have agreed on the key among themselves.
    TooFewDealers { got: usize, need: u8 },
    /// Dealings and shares are not of the same dealers.
    NotTheSameDealers,
    /// A sum came out as infinity or zero: a dealer chose against the others.
    Degenerate,
    /// The finished committee does not pass its own checks.
    BadCommittee(CommitteeError),
    /// SEA-11: this member's part of the proof of possession is not by its share.
    WrongPossessionPart { member: u8 },
    /// SEA-11: fewer parts than the threshold.
    TooFewParts { got: usize, need: u8 },
}

impl From<PointError> for CeremonyError {
    fn from(_: PointError) -> Self {
        CeremonyError::Degenerate
    }
}

impl Terms {
    /// Most members of a committee. Every step is at most quadratic in it.
    pub const OF_MAX: u8 = 64;

    /// `need` of `of`, with `context` the hash of cards, provider and numbers.
    pub fn new(need: u8, of: u8, context: [u8; 32]) -> Result<Terms, CeremonyError> {
        // SEA-10
        let majority = u16::from(of) < 2 * u16::from(need);
        if need < 2 || of < need || Self::OF_MAX < of || !majority {
            return Err(CeremonyError::BadThreshold { need, of });
        }
        Ok(Terms { need, of, context })
    }

    /// Threshold.
    pub fn need(&self) -> u8 {
        self.need
    }

    /// Number of members.
    pub fn of(&self) -> u8 {
        self.of
    }

    /// Hash of the terms as the people saw them.
    pub fn context(&self) -> &[u8; 32] {
        &self.context
    }

    /// What a dealer multiplies with its constant term: bound to ceremony and number, so that no proof can be carried over.
    fn possession_point(&self, dealer: u8, constant: &G2Point) -> G1Point {
        let message = [&self.context[..], &[dealer], &constant.to_bytes()[..]].concat();
        G1Point::hash(&message, labels::DEALING_DST)
    }
}

/// What a dealer shows to everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dealing {
    /// A_0 … A_{need-1} = a_k·P2.
    pub commitments: Vec<G2Point>,
    /// a_0 · H(context ‖ dealer ‖ comp(A_0)): the dealer knows its constant term.
    pub possession: G1Point,
}

/// A dealing that everybody can rely on: right degree, possession shown, and in a reshare the right constant term.
///
/// ```compile_fail
/// let forged = seal::ceremony::CheckedDealing { dealer: 1, commitments: vec![] };
/// ```
#[derive(Debug)]
pub struct CheckedDealing {
    dealer: u8,
    commitments: Vec<G2Point>,
}

/// A member's share of the new key before the committee has shown possession. Secret.
///
/// It can make its part of the proof and nothing else: [`Share`] is made from it only with a checked committee.
pub struct UnprovenShare {
    member: u8,
    value: Scalar,
}

/// A share that lies on the dealer's public polynomial. Made only by [`CheckedDealing::receive`].
pub struct CheckedShare {
    dealer: u8,
    member: u8,
    value: Scalar,
}

/// Deals: what all may see, and one secret for every member, by number. The polynomial is erased.
pub fn deal(terms: &Terms, dealer: u8, entropy: &mut dyn Entropy) -> Result<(Dealing, BTreeMap<u8, Scalar>), CeremonyError> {
    deal_polynomial(terms, dealer, &Polynomial::random(terms.need, entropy))
}

/// Deals an old share to new members; `old` is the dealer's share of the committee whose key is carried on (SEA-17).
pub fn deal_again(terms: &Terms, old: &Share, entropy: &mut dyn Entropy) -> Result<(Dealing, BTreeMap<u8, Scalar>), CeremonyError> {
    let polynomial = Polynomial::random_with(old.secret().duplicate(), terms.need, entropy);
    deal_polynomial(terms, old.index(), &polynomial)
}

fn deal_polynomial(terms: &Terms, dealer: u8, polynomial: &Polynomial) -> Result<(Dealing, BTreeMap<u8, Scalar>), CeremonyError> {
    if dealer == 0 {
        return Err(CeremonyError::BadNumber { number: dealer });
    }
    let commitments = polynomial.commitments()?;
    let constant = commitments.first().ok_or(CeremonyError::Degenerate)?;
    let possession = polynomial.multiply_with_constant(&terms.possession_point(dealer, constant))?;
    let shares = (1..=terms.of).map(|member| (member, polynomial.at(member))).collect();
    Ok((Dealing { commitments, possession }, shares))
}

impl Dealing {
    /// Checks what everybody can check. `expected` is the dealer's old public share in a reshare, `None` for a new key.
    pub fn check(self, terms: &Terms, dealer: u8, expected: Option<&G2Point>) -> Result<CheckedDealing, CeremonyError> {
        if dealer == 0 {
            return Err(CeremonyError::BadNumber { number: dealer });
        }
        if self.commitments.len() != usize::from(terms.need) {
            return Err(CeremonyError::WrongDegree { dealer });
        }
        let constant = self.commitments.first().ok_or(CeremonyError::WrongDegree { dealer })?;
        // SEA-17: otherwise the dealer would carry on a key of its own choice.
        if expected.is_some_and(|old| old != constant) {
            return Err(CeremonyError::NotItsOldShare { dealer });
        }
        let hashed = terms.possession_point(dealer, constant);
        if !pairings_equal(&self.possession, &G2Point::generator(), &hashed, constant) {
            return Err(CeremonyError::NoPossession { dealer });
        }
        Ok(CheckedDealing { dealer, commitments: self.commitments })
    }
}

impl CheckedDealing {
    /// The dealer's number.
    pub fn dealer(&self) -> u8 {
        self.dealer
    }

    /// SEA-12 for one dealer: takes the share that `member` got, or says that the dealer dealt wrongly.
    pub fn receive(&self, member: u8, share: Scalar) -> Result<CheckedShare, CeremonyError> {
        if !share_fits(&share, member, &self.commitments) {
            return Err(CeremonyError::WrongShare { dealer: self.dealer });
        }
        Ok(CheckedShare { dealer: self.dealer, member, value: share })
    }
}

/// The public polynomial that the dealings sum to.
///
/// For a new key the dealers are members and every weight is 1. For a reshare they are members of the old committee, and
/// weights are Lagrange's coefficients at zero.
pub fn sum_dealings(terms: &Terms, dealings: &[CheckedDealing], kind: Kind) -> Result<Vec<G2Point>, CeremonyError> {
    let weights = weights(terms, dealings.iter().map(|d| d.dealer).collect(), dealings.len(), kind)?;
    (0..usize::from(terms.need))
        .map(|power| {
            let mut sum: Option<G2Point> = None;
            for dealing in dealings {
                let weight = weights.get(&dealing.dealer).ok_or(CeremonyError::NotTheSameDealers)?;
                let commitment = dealing.commitments.get(power).ok_or(CeremonyError::NotTheSameDealers)?;
                let part = commitment.multiply(weight)?;
                sum = Some(match sum {
                    None => part,
                    Some(sum) => sum.add(&part)?,
                });
            }
            sum.ok_or(CeremonyError::Degenerate)
        })
        .collect()
}

/// What a ceremony makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A new key: dealers are members.
    New,
    /// The same key for new shares: dealers are members of a committee with this threshold.
    Again { old_need: u8 },
}

fn weights(terms: &Terms, dealers: BTreeSet<u8>, count: usize, kind: Kind) -> Result<BTreeMap<u8, Scalar>, CeremonyError> {
    let least = match kind {
        Kind::New => terms.need,
        Kind::Again { old_need } => old_need,
    };
    if dealers.len() != count {
        return Err(CeremonyError::NotTheSameDealers);
    }
    if count < usize::from(least) {
        return Err(CeremonyError::TooFewDealers { got: count, need: least });
    }
    match kind {
        Kind::New => {
            if let Some(number) = dealers.iter().find(|d| terms.of < **d) {
                return Err(CeremonyError::BadNumber { number: *number });
            }
            Ok(dealers.into_iter().map(|dealer| (dealer, Scalar::from_u64(1))).collect())
        }
        Kind::Again { .. } => lagrange_at_zero(&dealers).ok_or(CeremonyError::BadNumber { number: 0 }),
    }
}

/// A member's share: the weighted sum of what the dealers dealt it, checked against the public polynomial (SEA-12).
pub fn sum_shares(
    terms: &Terms,
    polynomial: &[G2Point],
    member: u8,
    shares: Vec<CheckedShare>,
    kind: Kind,
) -> Result<UnprovenShare, CeremonyError> {
    if member == 0 || terms.of < member {
        return Err(CeremonyError::BadNumber { number: member });
    }
    if shares.iter().any(|share| share.member != member) {
        return Err(CeremonyError::BadNumber { number: member });
    }
    let weights = weights(terms, shares.iter().map(|s| s.dealer).collect(), shares.len(), kind)?;
    let mut sum = Scalar::zero();
    for share in &shares {
        let weight = weights.get(&share.dealer).ok_or(CeremonyError::NotTheSameDealers)?;
        sum = sum.add(&share.value.multiply(weight));
    }
    // SEA-12, once more for the sum: other dealings than those of the polynomial end here.
    if !share_fits(&sum, member, polynomial) {
        return Err(CeremonyError::NotTheSameDealers);
    }
    Ok(UnprovenShare { member, value: sum })
}

impl UnprovenShare {
    /// A member's part of the committee's proof of possession: s_i · H_PoP(comp(P_c)) (SEA-11).
    pub fn possession_part(&self, polynomial: &[G2Point]) -> Result<G1Point, CeremonyError> {
        let public = polynomial.first().ok_or(CeremonyError::Degenerate)?;
        Ok(Committee::possession_point(public).multiply(&self.value)?)
    }

    /// The share, once the committee has shown possession (SEA-11, SEA-12).
    pub fn prove(self, committee: &CheckedCommittee) -> Result<Share, CommitteeError> {
        Share::new(self.member, self.value, committee)
    }
}

/// Puts the proof of possession together from at least `need` parts and names who gave a wrong one (SEA-11).
pub fn combine_possession(
    terms: &Terms,
    polynomial: Vec<G2Point>,
    parts: &BTreeMap<u8, G1Point>,
) -> Result<CheckedCommittee, CeremonyError> {
    if parts.len() < usize::from(terms.need) {
        return Err(CeremonyError::TooFewParts { got: parts.len(), need: terms.need });
    }
    let public = *polynomial.first().ok_or(CeremonyError::Degenerate)?;
    let hashed = Committee::possession_point(&public);
    for (member, part) in parts {
        let member = *member;
        if member == 0 || terms.of < member {
            return Err(CeremonyError::BadNumber { number: member });
        }
        let key = G2Point::evaluate(&polynomial, member)?;
        if !pairings_equal(part, &G2Point::generator(), &hashed, &key) {
            return Err(CeremonyError::WrongPossessionPart { member });
        }
    }
    // Always the first `need` parts: the result is unique anyway, and this is the cheapest way to it.
    let chosen: BTreeSet<u8> = parts.keys().copied().take(usize::from(terms.need)).collect();
    let weights = lagrange_at_zero(&chosen).ok_or(CeremonyError::Degenerate)?;
    let mut pop: Option<G1Point> = None;
    for (member, weight) in &weights {
        let part = parts.get(member).ok_or(CeremonyError::Degenerate)?.multiply(weight)?;
        pop = Some(match pop {
            None => part,
            Some(sum) => sum.add(&part)?,
        });
    }
    let pop = pop.ok_or(CeremonyError::Degenerate)?;
    let committee = Committee { public, polynomial, pop, need: terms.need, of: terms.of };
    committee.check().map_err(CeremonyError::BadCommittee)
}

/// A whole ceremony in memory with honest members: for tests, harness and demo worlds. Real committees meet at a table.
pub fn dealt_committee(need: u8, of: u8, entropy: &mut dyn Entropy) -> Result<(CheckedCommittee, Vec<Share>), CeremonyError> {
    let mut context = [0u8; 32];
    entropy.fill(&mut context);
    let terms = Terms::new(need, of, context)?;
    let dealt = (1..=of).map(|dealer| deal(&terms, dealer, entropy)).collect::<Result<Vec<_>, _>>()?;
    let mut dealings = Vec::new();
    let mut received: BTreeMap<u8, Vec<CheckedShare>> = BTreeMap::new();
    for (dealer, (dealing, shares)) in (1..).zip(dealt) {
        let dealing = dealing.check(&terms, dealer, None)?;
        for (member, share) in shares {
            received.entry(member).or_default().push(dealing.receive(member, share)?);
        }
        dealings.push(dealing);
    }
    let polynomial = sum_dealings(&terms, &dealings, Kind::New)?;
    let mut shares = Vec::new();
    let mut parts = BTreeMap::new();
    for (member, got) in received {
        let share = sum_shares(&terms, &polynomial, member, got, Kind::New)?;
        parts.insert(member, share.possession_part(&polynomial)?);
        shares.push(share);
    }
    let committee = combine_possession(&terms, polynomial, &parts)?;
    let shares = shares.into_iter().map(|share| share.prove(&committee)).collect::<Result<_, _>>();
    Ok((committee, shares.map_err(CeremonyError::BadCommittee)?))
}
