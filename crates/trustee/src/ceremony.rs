//! The ceremony over the files on the table: deal, accept, finish, complain. Pure; the commands read and write the files.
//!
//! docs/spec/ceremony.md, rules CER-01 to CER-16. Nothing here trusts the table: every file is signed by the key on its
//! maker's card, names the ceremony's hash, and is checked again by every member.

use std::collections::{BTreeMap, BTreeSet};

use seal::ceremony::{CeremonyError, CheckedDealing, CheckedShare, Kind, UnprovenShare, deal_again, sum_dealings, sum_shares};
use seal::committee::{CheckedCommittee, Share};
use seal::entropy::Entropy;
use seal::hpke;
use seal::points::{G1Point, G2Point, Scalar};
use seal::secret::Secret;
use seal::signature::{SigningKey, VerifyingKey};
use verify::committee_record::{CommitteeRecord, RecordedMember};
use verify::document::Writer;
use verify::spelling::base64;
use zeroize::Zeroize;

use crate::documents::acceptance::Acceptance;
use crate::documents::complaint::Complaint;
use crate::documents::dealing::{DealingFile, SEALED_SHARE};
use crate::documents::terms::{CeremonyTerms, TermsRefusal};
use crate::signing::{FileError, file_hash};

/// Files of one kind on the table, by the number in their name.
pub type Files = BTreeMap<u8, Vec<u8>>;

/// Why a step of the ceremony was refused. Codes are part of the specification and are never reused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CeremonyRefusal {
    /// CER-01: a card is misspelt or not signed by its own key.
    Card { file: String, error: FileError },
    /// CER-02, CER-03: cards or threshold make no committee.
    Terms(TermsRefusal),
    /// CER-04: the card on the table under this number is not this member's.
    WrongCard { member: u8 },
    /// CER-05: made for other cards, another threshold, or on another evening.
    OtherCeremony { member: u8 },
    /// CER-06: misspelt, or not signed by the key that the card names.
    NotByItsMaker { member: u8, error: FileError },
    /// CER-07: everybody can see that this dealing is wrong.
    BadDealing { dealer: u8, error: CeremonyError },
    /// CER-08: the share that this dealer gave to this member does not open or does not fit.
    BadShare { dealer: u8 },
    /// CER-09: this dealer's dealing does not lie on the table, and nobody said that the dealer is absent.
    DealingMissing { dealer: u8 },
    /// CER-09: fewer dealers than could be sure of each other.
    TooFewDealers { got: usize, need: u8 },
    /// CER-10: this member dealt already, for other terms.
    DealtOtherwise,
    /// CER-10: this member accepted already, other dealings.
    AcceptedOtherwise,
    /// CER-11: this member accepted other files; with the dealer whose dealings differ, if one can be told.
    TranscriptsDiffer { member: u8, dealer: Option<u8> },
    /// CER-12: this member has not accepted, and nobody said that it is absent.
    AcceptanceMissing { member: u8 },
    /// CER-12: this member's part of the proof of possession is wrong.
    BadPossessionPart { member: u8 },
    /// CER-12: fewer acceptances than the threshold.
    TooFewAcceptances { got: usize, need: u8 },
    /// CER-13: the share fits; there is nothing to complain of.
    NothingToComplainOf { dealer: u8 },
    /// CER-13: the key is dealt again, so it lives on; enough shown box keys would give it to everybody at the table.
    ComplaintShowsTooMuch { dealer: u8 },
    /// CER-13: this member's box key lies open on the table, so its share would be everybody's.
    Void { member: u8 },
    /// CER-14: the box key of this ceremony is gone; a new card is needed.
    NoBoxKey,
    /// CER-15: to deal a key again one must hold a share of it.
    NoOldShare,
    /// CER-15: the record does not pass its own checks.
    BadRecord,
    /// CER-16: nothing shows that the newer generation exists.
    NotConfirmed,
    /// The pieces do not fit together, by nobody's visible fault.
    Inconsistent(CeremonyError),
}

impl CeremonyRefusal {
    /// The rule that was broken.
    pub fn code(&self) -> &'static str {
        match self {
            CeremonyRefusal::Card { .. } => "CER-01",
            CeremonyRefusal::Terms(TermsRefusal::Threshold { .. }) => "CER-03",
            CeremonyRefusal::Terms(_) => "CER-02",
            CeremonyRefusal::WrongCard { .. } => "CER-04",
            CeremonyRefusal::OtherCeremony { .. } => "CER-05",
            CeremonyRefusal::NotByItsMaker { .. } => "CER-06",
            CeremonyRefusal::BadDealing { .. } => "CER-07",
            CeremonyRefusal::BadShare { .. } => "CER-08",
            CeremonyRefusal::DealingMissing { .. } | CeremonyRefusal::TooFewDealers { .. } => "CER-09",
            CeremonyRefusal::DealtOtherwise | CeremonyRefusal::AcceptedOtherwise => "CER-10",
            CeremonyRefusal::TranscriptsDiffer { .. } => "CER-11",
            CeremonyRefusal::AcceptanceMissing { .. }
            | CeremonyRefusal::BadPossessionPart { .. }
            | CeremonyRefusal::TooFewAcceptances { .. }
            | CeremonyRefusal::Inconsistent(_) => "CER-12",
            CeremonyRefusal::NothingToComplainOf { .. } | CeremonyRefusal::ComplaintShowsTooMuch { .. } | CeremonyRefusal::Void { .. } => {
                "CER-13"
            }
            CeremonyRefusal::NoBoxKey => "CER-14",
            CeremonyRefusal::NoOldShare | CeremonyRefusal::BadRecord => "CER-15",
            CeremonyRefusal::NotConfirmed => "CER-16",
        }
    }
}

/// A ceremony whose terms were checked, with what is needed to judge its dealers.
pub struct Ceremony {
    terms: CeremonyTerms,
    // The committee whose key is carried on, checked once.
    old: Option<CheckedCommittee>,
}

/// All dealings that count, checked as far as everybody can.
pub struct Dealings {
    checked: Vec<CheckedDealing>,
    files: BTreeMap<u8, DealingFile>,
    hashes: BTreeMap<u8, [u8; 32]>,
    polynomial: Vec<G2Point>,
    transcript: [u8; 32],
}

impl Dealings {
    /// The hash that people read aloud.
    pub fn transcript(&self) -> &[u8; 32] {
        &self.transcript
    }

    /// Who dealt.
    pub fn dealers(&self) -> impl Iterator<Item = u8> + '_ {
        self.hashes.keys().copied()
    }
}

impl Ceremony {
    /// Checks the record whose key is carried on, if any (CER-15).
    pub fn new(terms: CeremonyTerms) -> Result<Ceremony, CeremonyRefusal> {
        let old = match &terms.from {
            None => None,
            Some(record) => Some(record.key.check().map_err(|_| CeremonyRefusal::BadRecord)?),
        };
        Ok(Ceremony { terms, old })
    }

    /// Cards, threshold, provider.
    pub fn terms(&self) -> &CeremonyTerms {
        &self.terms
    }

    /// Round 1 of a new key: this member's dealing, signed.
    pub fn deal(&self, dealer: u8, key: &SigningKey, entropy: &mut dyn Entropy) -> Result<Vec<u8>, CeremonyRefusal> {
        let dealt = seal::ceremony::deal(&self.terms.terms, dealer, entropy).map_err(CeremonyRefusal::Inconsistent)?;
        self.write_dealing(dealer, dealt, key, entropy)
    }

    /// Round 1 of a key dealt again: `share` is this member's share of the old committee (SEA-17).
    pub fn deal_again(&self, share: &Share, key: &SigningKey, entropy: &mut dyn Entropy) -> Result<Vec<u8>, CeremonyRefusal> {
        let dealt = deal_again(&self.terms.terms, share, entropy).map_err(CeremonyRefusal::Inconsistent)?;
        self.write_dealing(share.index(), dealt, key, entropy)
    }

    fn write_dealing(
        &self,
        dealer: u8,
        (dealing, shares): (seal::ceremony::Dealing, BTreeMap<u8, Scalar>),
        key: &SigningKey,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, CeremonyRefusal> {
        let mut sealed = BTreeMap::new();
        for (member, share) in shares {
            let card = &self.terms.cards.get(&member).ok_or(CeremonyRefusal::Terms(TermsRefusal::Missing { member }))?.card;
            let info = self.share_info(dealer, member);
            let message = share.to_secret().expose(|octets| hpke::seal(&card.box_key, &info, b"", octets, entropy));
            // Only a card with a point of small order as its box key comes here: its holder could not receive either.
            let message = message.map_err(|_| CeremonyRefusal::WrongCard { member })?;
            let message: [u8; SEALED_SHARE] = message.try_into().map_err(|_| CeremonyRefusal::WrongCard { member })?;
            sealed.insert(member, message);
        }
        Ok(DealingFile { ceremony: *self.context(), dealer, dealing, shares: sealed }.sign(key))
    }

    fn context(&self) -> &[u8; 32] {
        self.terms.terms.context()
    }

    /// Binds a sealed share to ceremony, dealer and member: moved elsewhere it does not open.
    fn share_info(&self, dealer: u8, member: u8) -> Vec<u8> {
        [b"waarborg-share/v1\n", &self.context()[..], &[dealer, member]].concat()
    }

    /// Everyone who may deal: the members, or the members of the old committee.
    pub fn possible_dealers(&self) -> BTreeSet<u8> {
        let of = self.old.as_ref().map_or(self.terms.terms.of(), CheckedCommittee::of);
        (1..=of).collect()
    }

    fn dealer_key(&self, dealer: u8) -> Option<&VerifyingKey> {
        match &self.terms.from {
            None => Some(self.terms.cards.get(&dealer)?.card.receipt_key.key()),
            Some(record) => Some(record.members.get(usize::from(dealer).checked_sub(1)?)?.receipt_key.key()),
        }
    }

    /// Checks what everybody can check of the dealings (CER-05 to CER-07, CER-09).
    pub fn dealings(&self, files: &Files, absent: &BTreeSet<u8>) -> Result<Dealings, CeremonyRefusal> {
        let (mut checked, mut by_dealer, mut hashes) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        for dealer in self.possible_dealers().difference(absent).copied() {
            let bytes = files.get(&dealer).ok_or(CeremonyRefusal::DealingMissing { dealer })?;
            let file = self.read_dealing(dealer, bytes)?;
            checked.push(self.check_dealing(&file)?);
            hashes.insert(dealer, file_hash(bytes));
            by_dealer.insert(dealer, file);
        }
        let polynomial = sum_dealings(&self.terms.terms, &checked, self.terms.kind()).map_err(|error| match error {
            CeremonyError::TooFewDealers { got, need } => CeremonyRefusal::TooFewDealers { got, need },
            other => CeremonyRefusal::Inconsistent(other),
        })?;
        // SEA-17: Lagrange over the old public shares gives the old key, or somebody's arithmetic is not ours.
        if self.terms.from.as_ref().is_some_and(|record| polynomial.first() != Some(&record.key.public)) {
            return Err(CeremonyRefusal::BadRecord);
        }
        let transcript = transcript(self.context(), &hashes);
        Ok(Dealings { checked, files: by_dealer, hashes, polynomial, transcript })
    }

    fn read_dealing(&self, dealer: u8, bytes: &[u8]) -> Result<DealingFile, CeremonyRefusal> {
        let key = self.dealer_key(dealer).ok_or(CeremonyRefusal::DealingMissing { dealer })?;
        let file = DealingFile::parse_signed(bytes, key).map_err(|error| CeremonyRefusal::NotByItsMaker { member: dealer, error })?;
        if file.dealer != dealer {
            return Err(CeremonyRefusal::NotByItsMaker { member: dealer, error: FileError::BadSignature });
        }
        if file.ceremony != *self.context() {
            return Err(CeremonyRefusal::OtherCeremony { member: dealer });
        }
        Ok(file)
    }

    fn check_dealing(&self, file: &DealingFile) -> Result<CheckedDealing, CeremonyRefusal> {
        let dealer = file.dealer;
        let bad = |error| CeremonyRefusal::BadDealing { dealer, error };
        if !file.shares.keys().copied().eq(1..=self.terms.terms.of()) {
            return Err(bad(CeremonyError::NotTheSameDealers));
        }
        let expected = match &self.old {
            None => None,
            Some(old) => Some(old.member_key(dealer).map_err(|_| bad(CeremonyError::BadNumber { number: dealer }))?),
        };
        file.dealing.clone().check(&self.terms.terms, dealer, expected).map_err(bad)
    }

    /// CER-08: opens and checks the share that one dealer gave to `member`.
    fn receive(
        &self,
        member: u8,
        box_key: &hpke::PrivateKey,
        dealing: &CheckedDealing,
        file: &DealingFile,
    ) -> Result<CheckedShare, CeremonyRefusal> {
        let dealer = dealing.dealer();
        let wrong = CeremonyRefusal::BadShare { dealer };
        let sealed = file.shares.get(&member).ok_or(wrong.clone())?;
        let mut opened = hpke::open(box_key, &self.share_info(dealer, member), b"", sealed).map_err(|_| wrong.clone())?;
        let octets = <[u8; 32]>::try_from(opened.as_slice()).map(Secret::new);
        opened.zeroize();
        let share = octets.map_err(|_| wrong.clone())?.expose(Scalar::parse).map_err(|_| wrong.clone())?;
        dealing.receive(member, share).map_err(|_| wrong)
    }

    fn share(&self, member: u8, box_key: &hpke::PrivateKey, dealings: &Dealings) -> Result<UnprovenShare, CeremonyRefusal> {
        let mut shares = Vec::new();
        for dealing in &dealings.checked {
            let file = dealings.files.get(&dealing.dealer()).ok_or(CeremonyRefusal::DealingMissing { dealer: dealing.dealer() })?;
            shares.push(self.receive(member, box_key, dealing, file)?);
        }
        sum_shares(&self.terms.terms, &dealings.polynomial, member, shares, self.terms.kind()).map_err(CeremonyRefusal::Inconsistent)
    }

    /// Round 2: this member's acceptance, signed. Names the dealer of a wrong share (CER-08).
    pub fn accept(
        &self,
        member: u8,
        key: &SigningKey,
        box_key: &hpke::PrivateKey,
        dealings: &Dealings,
    ) -> Result<Vec<u8>, CeremonyRefusal> {
        let share = self.share(member, box_key, dealings)?;
        let possession = share.possession_part(&dealings.polynomial).map_err(CeremonyRefusal::Inconsistent)?;
        let acceptance = Acceptance {
            ceremony: *self.context(),
            member,
            dealings: dealings.hashes.clone(),
            transcript: dealings.transcript,
            possession,
        };
        Ok(acceptance.sign(key))
    }

    /// The public outcome, once every member not named as absent accepted the same (CER-11, CER-12). Needs no secret.
    pub fn outcome(
        &self,
        dealings: &Dealings,
        acceptances: &Files,
        absent: &BTreeSet<u8>,
    ) -> Result<(CheckedCommittee, CommitteeRecord), CeremonyRefusal> {
        let mut parts: BTreeMap<u8, G1Point> = BTreeMap::new();
        for (member, read) in &self.terms.cards {
            let member = *member;
            let Some(bytes) = acceptances.get(&member).filter(|_| !absent.contains(&member)) else {
                if absent.contains(&member) {
                    continue;
                }
                return Err(CeremonyRefusal::AcceptanceMissing { member });
            };
            let acceptance = Acceptance::parse_signed(bytes, read.card.receipt_key.key())
                .map_err(|error| CeremonyRefusal::NotByItsMaker { member, error })?;
            if acceptance.member != member {
                return Err(CeremonyRefusal::NotByItsMaker { member, error: FileError::BadSignature });
            }
            if acceptance.ceremony != *self.context() {
                return Err(CeremonyRefusal::OtherCeremony { member });
            }
            if acceptance.transcript != dealings.transcript || acceptance.dealings != dealings.hashes {
                let dealer = first_difference(&acceptance.dealings, &dealings.hashes);
                return Err(CeremonyRefusal::TranscriptsDiffer { member, dealer });
            }
            parts.insert(member, acceptance.possession);
        }
        let committee = self.combine(dealings, &parts)?;
        let members = self.terms.cards.values().map(|read| RecordedMember {
            receipt_key: read.card.receipt_key.clone(),
            name: read.card.name.clone(),
            organisation: read.card.organisation.clone(),
        });
        let record = CommitteeRecord {
            committee: self.terms.committee,
            provider: self.terms.provider,
            generation: self.terms.generation(),
            key: committee.committee().clone(),
            members: members.collect(),
            transcript: dealings.transcript,
        };
        Ok((committee, record))
    }

    fn combine(&self, dealings: &Dealings, parts: &BTreeMap<u8, G1Point>) -> Result<CheckedCommittee, CeremonyRefusal> {
        let polynomial = dealings.polynomial.clone();
        seal::ceremony::combine_possession(&self.terms.terms, polynomial, parts).map_err(|error| match error {
            CeremonyError::WrongPossessionPart { member } => CeremonyRefusal::BadPossessionPart { member },
            CeremonyError::TooFewParts { got, need } => CeremonyRefusal::TooFewAcceptances { got, need },
            other => CeremonyRefusal::Inconsistent(other),
        })
    }

    /// This member's share under a finished committee, checked once more (SEA-12).
    pub fn finished_share(
        &self,
        member: u8,
        box_key: &hpke::PrivateKey,
        dealings: &Dealings,
        committee: &CheckedCommittee,
    ) -> Result<Share, CeremonyRefusal> {
        let share = self.share(member, box_key, dealings)?;
        share.prove(committee).map_err(|error| CeremonyRefusal::Inconsistent(CeremonyError::BadCommittee(error)))
    }

    /// A complaint about a dealer whose share does not open or fit; refused when it does (CER-13).
    ///
    /// Refused in a reshare: with the box keys of `need` complainers anybody opens `need` points of every dealer's polynomial,
    /// whose constant term is a share of the key that is carried on. One dealer could make them all complain.
    pub fn complain(
        &self,
        member: u8,
        dealer: u8,
        key: &SigningKey,
        box_key: &hpke::PrivateKey,
        dealing: &[u8],
    ) -> Result<Vec<u8>, CeremonyRefusal> {
        let file = self.read_dealing(dealer, dealing)?;
        let checked = self.check_dealing(&file)?;
        if self.receive(member, box_key, &checked, &file).is_ok() {
            return Err(CeremonyRefusal::NothingToComplainOf { dealer });
        }
        if self.old.is_some() {
            return Err(CeremonyRefusal::ComplaintShowsTooMuch { dealer });
        }
        let complaint = Complaint {
            ceremony: *self.context(),
            member,
            dealer,
            dealing: file_hash(dealing),
            box_key: box_key.expose(|octets| Secret::new(*octets)),
        };
        Ok(complaint.sign(key))
    }

    /// CER-13: refuses to go on once a member of this ceremony has shown its box key, justly or not, and whichever ceremony the
    /// complaint names: with another threshold the cards stay, so what was shown there opens what is sealed here. Anything else
    /// that lies there as a complaint is passed over: a stranger must not be able to end an evening.
    pub fn not_void(&self, complaints: &[Vec<u8>]) -> Result<(), CeremonyRefusal> {
        for (member, read) in &self.terms.cards {
            for complaint in complaints.iter().filter_map(|bytes| Complaint::parse_signed(bytes, read.card.receipt_key.key()).ok()) {
                if hpke::PrivateKey::from_bytes(complaint.box_key).public_key() == Ok(read.card.box_key) {
                    return Err(CeremonyRefusal::Void { member: *member });
                }
            }
        }
        Ok(())
    }

    /// Who is right: anybody can tell from complaint, dealing and cards (CER-13).
    pub fn judge_complaint(&self, member: u8, complaint: &[u8], dealing: &[u8]) -> Result<Guilty, CeremonyRefusal> {
        let card = &self.terms.cards.get(&member).ok_or(CeremonyRefusal::WrongCard { member })?.card;
        let complaint =
            Complaint::parse_signed(complaint, card.receipt_key.key()).map_err(|error| CeremonyRefusal::NotByItsMaker { member, error })?;
        if complaint.ceremony != *self.context() || complaint.member != member || complaint.dealing != file_hash(dealing) {
            return Err(CeremonyRefusal::OtherCeremony { member });
        }
        let file = self.read_dealing(complaint.dealer, dealing)?;
        let Ok(checked) = self.check_dealing(&file) else {
            return Ok(Guilty::Dealer { dealer: complaint.dealer });
        };
        let box_key = hpke::PrivateKey::from_bytes(complaint.box_key);
        if box_key.public_key() != Ok(card.box_key) || self.receive(member, &box_key, &checked, &file).is_ok() {
            return Ok(Guilty::Complainer { member });
        }
        Ok(Guilty::Dealer { dealer: complaint.dealer })
    }
}

/// Whom a complaint convicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guilty {
    /// The dealer dealt wrongly.
    Dealer { dealer: u8 },
    /// The complaint is false.
    Complainer { member: u8 },
}

/// Hash over terms and dealings: one value that stands for all that was public before the acceptances.
fn transcript(context: &[u8; 32], hashes: &BTreeMap<u8, [u8; 32]>) -> [u8; 32] {
    let mut writer = Writer::new("waarborg-transcript/v1");
    writer.bytes("ceremony", context);
    for (dealer, hash) in hashes {
        writer.line("dealing", format_args!("{dealer} {}", base64(hash)));
    }
    file_hash(&writer.finish())
}

fn first_difference(a: &BTreeMap<u8, [u8; 32]>, b: &BTreeMap<u8, [u8; 32]>) -> Option<u8> {
    let dealers: BTreeSet<u8> = a.keys().chain(b.keys()).copied().collect();
    dealers.into_iter().find(|dealer| a.get(dealer) != b.get(dealer))
}

/// The transcript for reading aloud: eight groups of five digits, 132 bits, the same in every language.
pub fn spoken(transcript: &[u8; 32]) -> String {
    let groups = transcript.chunks_exact(4).map(|four| {
        let number = four.iter().fold(0u32, |sum, octet| (sum << 8) | u32::from(*octet));
        format!("{:05}", number % 100_000)
    });
    groups.collect::<Vec<_>>().join(" ")
}

/// Whether the ceremony makes a new key.
pub fn makes_new_key(ceremony: &Ceremony) -> bool {
    ceremony.terms.kind() == Kind::New
}
