//! What a member with its own valid key can still try: each rule of the ceremony alone, on files that are well signed.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use seal::entropy::SeededEntropy;
use seal::hpke;
use seal::points::G1Point;
use seal::secret::Secret;
use seal::signature::SigningKey;
use trustee::ceremony::{Ceremony, CeremonyRefusal, Files, Guilty, makes_new_key, spoken};
use trustee::documents::acceptance::Acceptance;
use trustee::documents::card::{Card, ReadCard};
use trustee::documents::complaint::Complaint;
use trustee::documents::dealing::DealingFile;
use trustee::documents::terms::{CeremonyTerms, TermsRefusal};
use trustee::signing::{FileError, file_hash};
use verify::committee_record::CommitteeRecord;
use verify::log::vkey::{KeyKind, VerifierKey};
use verify::policy::{CommitteeName, MemberId};

const PROVIDER: [u8; 16] = [7; 16];

/// Members in memory, each with its keys.
struct Members {
    keys: Vec<SigningKey>,
    boxes: Vec<hpke::PrivateKey>,
    cards: Vec<ReadCard>,
    entropy: SeededEntropy,
}

fn card(id: MemberId, key: &SigningKey, box_key: &hpke::PrivateKey) -> ReadCard {
    let name = trustee::state::key_name(id, "Person").unwrap();
    let receipt_key = VerifierKey::new(name, KeyKind::Ed25519, key.verifying_key());
    let box_key = box_key.public_key().unwrap();
    let card = Card { member: id, name: "Person".to_owned(), organisation: "Body".to_owned(), receipt_key, box_key };
    ReadCard::parse(&card.sign(key)).unwrap()
}

fn id(index: u8) -> MemberId {
    MemberId { committee: CommitteeName::Guardians, index }
}

impl Members {
    fn new(of: u8, seed: u8) -> Members {
        let mut entropy = SeededEntropy::new([seed; 32]);
        let keys: Vec<_> = (0..of).map(|_| SigningKey::generate(&mut entropy).unwrap()).collect();
        let boxes: Vec<_> = (0..of).map(|_| hpke::PrivateKey::generate(&mut entropy)).collect();
        let cards = (1..=of).zip(keys.iter().zip(&boxes)).map(|(n, (key, box_key))| card(id(n), key, box_key)).collect();
        Members { keys, boxes, cards, entropy }
    }

    fn ceremony(&self, need: u8) -> Ceremony {
        Ceremony::new(CeremonyTerms::new(self.cards.clone(), need, PROVIDER, None).unwrap()).unwrap()
    }

    fn key(&self, n: u8) -> &SigningKey {
        &self.keys[usize::from(n) - 1]
    }

    fn deal(&mut self, ceremony: &Ceremony) -> Files {
        let keys = &self.keys;
        let entropy = &mut self.entropy;
        (1..).zip(keys).map(|(n, key)| (n, ceremony.deal(n, key, entropy).unwrap())).collect()
    }

    fn accept(&self, ceremony: &Ceremony, dealings: &Files) -> Files {
        let dealings = ceremony.dealings(dealings, &BTreeSet::new()).unwrap();
        let one = |n: u8| ceremony.accept(n, self.key(n), &self.boxes[usize::from(n) - 1], &dealings).unwrap();
        (1..=self.keys.len() as u8).map(|n| (n, one(n))).collect()
    }
}

fn nobody() -> BTreeSet<u8> {
    BTreeSet::new()
}

/// Rewrites a member's acceptance and signs it again with its own key.
fn acceptance(members: &Members, files: &mut Files, n: u8, change: impl FnOnce(&mut Acceptance)) {
    let mut file = Acceptance::parse_signed(&files[&n], &members.key(n).verifying_key()).unwrap();
    change(&mut file);
    files.insert(n, file.sign(members.key(n)));
}

fn dealing(members: &Members, files: &mut Files, n: u8, change: impl FnOnce(&mut DealingFile)) {
    let mut file = DealingFile::parse_signed(&files[&n], &members.key(n).verifying_key()).unwrap();
    change(&mut file);
    files.insert(n, file.sign(members.key(n)));
}

#[test]
fn cer_02_every_way_in_which_cards_do_not_fit() {
    let members = Members::new(3, 1);
    let terms = |cards: Vec<ReadCard>| CeremonyTerms::new(cards, 2, PROVIDER, None).err().unwrap();
    assert_eq!(terms(vec![]), TermsRefusal::NoCards);
    let mut cards = members.cards.clone();
    let other = MemberId { committee: CommitteeName::Approvers, index: 3 };
    cards[2] = card(other, members.key(3), &members.boxes[2]);
    assert_eq!(terms(cards), TermsRefusal::OtherCommittee { member: 3 });
    let mut cards = members.cards.clone();
    cards[2] = card(id(2), members.key(3), &members.boxes[2]);
    assert_eq!(terms(cards), TermsRefusal::TwoCards { member: 2 });
    let mut cards = members.cards.clone();
    cards[1] = card(id(4), members.key(2), &members.boxes[1]);
    assert_eq!(terms(cards), TermsRefusal::Missing { member: 2 });
    // One person with two chairs: the same receipt key, or the same box key.
    let mut cards = members.cards.clone();
    cards[2] = card(id(3), members.key(1), &members.boxes[2]);
    assert_eq!(terms(cards), TermsRefusal::SharedKey { first: 1, second: 3 });
    let mut cards = members.cards.clone();
    cards[2] = card(id(3), members.key(3), &members.boxes[1]);
    assert_eq!(terms(cards), TermsRefusal::SharedKey { first: 2, second: 3 });
}

#[test]
fn cer_05_everything_that_people_agreed_on_makes_another_ceremony() {
    let members = Members::new(3, 2);
    let context = |cards: Vec<ReadCard>, need, provider| *CeremonyTerms::new(cards, need, provider, None).unwrap().terms.context();
    let base = context(members.cards.clone(), 2, PROVIDER);
    assert_eq!(base, context(members.cards.iter().rev().cloned().collect(), 2, PROVIDER), "the order of the files is no matter");
    assert_ne!(base, context(members.cards.clone(), 3, PROVIDER));
    assert_ne!(base, context(members.cards.clone(), 2, [8; 16]));
    assert_ne!(base, context(Members::new(3, 3).cards, 2, PROVIDER));
    assert_ne!(base, context(members.cards[..2].to_vec(), 2, PROVIDER));
}

#[test]
fn cer_06_a_member_cannot_speak_under_another_number() {
    let mut members = Members::new(3, 4);
    let ceremony = members.ceremony(2);
    let good = members.deal(&ceremony);
    let mut files = good.clone();
    dealing(&members, &mut files, 3, |file| file.dealer = 2);
    let refused = ceremony.dealings(&files, &nobody()).err().unwrap();
    assert!(matches!(refused, CeremonyRefusal::NotByItsMaker { member: 3, error: FileError::BadSignature }));
    let mut accepted = members.accept(&ceremony, &good);
    acceptance(&members, &mut accepted, 3, |file| file.member = 2);
    let dealings = ceremony.dealings(&good, &nobody()).unwrap();
    let refused = ceremony.outcome(&dealings, &accepted, &nobody()).err().unwrap();
    assert!(matches!(refused, CeremonyRefusal::NotByItsMaker { member: 3, .. }));
}

#[test]
fn cer_05_and_11_an_acceptance_of_something_else_is_refused() {
    let mut members = Members::new(3, 5);
    let ceremony = members.ceremony(2);
    let files = members.deal(&ceremony);
    let good = members.accept(&ceremony, &files);
    let dealings = ceremony.dealings(&files, &nobody()).unwrap();
    assert!(ceremony.outcome(&dealings, &good, &nobody()).is_ok());
    let refused = |change: fn(&mut Acceptance)| {
        let mut accepted = good.clone();
        acceptance(&members, &mut accepted, 2, change);
        ceremony.outcome(&dealings, &accepted, &nobody()).err().unwrap()
    };
    assert_eq!(refused(|file| file.ceremony[0] ^= 1), CeremonyRefusal::OtherCeremony { member: 2 });
    let no_dealer = CeremonyRefusal::TranscriptsDiffer { member: 2, dealer: None };
    assert_eq!(refused(|file| file.transcript[0] ^= 1), no_dealer);
    let dealer_3 = CeremonyRefusal::TranscriptsDiffer { member: 2, dealer: Some(3) };
    assert_eq!(refused(|file| file.dealings.extend([(3, [0; 32])])), dealer_3);
    // SEA-11: a part of the proof that is not by its share.
    let wrong = G1Point::hash(b"anything", b"WRONG");
    let mut accepted = good.clone();
    acceptance(&members, &mut accepted, 2, |file| file.possession = wrong);
    let refused = ceremony.outcome(&dealings, &accepted, &nobody()).err().unwrap();
    assert_eq!(refused, CeremonyRefusal::BadPossessionPart { member: 2 });
}

#[test]
fn cer_12_members_named_absent_may_be_missing_but_not_too_many() {
    let mut members = Members::new(5, 6);
    let ceremony = members.ceremony(3);
    let files = members.deal(&ceremony);
    let mut accepted = members.accept(&ceremony, &files);
    let dealings = ceremony.dealings(&files, &nobody()).unwrap();
    accepted.remove(&4);
    let missing = ceremony.outcome(&dealings, &accepted, &nobody()).err().unwrap();
    assert_eq!(missing, CeremonyRefusal::AcceptanceMissing { member: 4 });
    let (_, with_four) = ceremony.outcome(&dealings, &accepted, &BTreeSet::from([4])).unwrap();
    let (_, with_three) = ceremony.outcome(&dealings, &accepted, &BTreeSet::from([4, 1])).unwrap();
    assert_eq!(with_four.to_bytes(), with_three.to_bytes(), "the record does not depend on who was late");
    let too_few = ceremony.outcome(&dealings, &accepted, &BTreeSet::from([1, 2, 4])).err().unwrap();
    assert_eq!(too_few, CeremonyRefusal::TooFewAcceptances { got: 2, need: 3 });
}

#[test]
fn cer_11_a_dealer_with_two_faces_is_named() {
    let mut members = Members::new(3, 7);
    let ceremony = members.ceremony(2);
    let seen_by_one = members.deal(&ceremony);
    let mut seen_by_two = seen_by_one.clone();
    seen_by_two.insert(3, ceremony.deal(3, &members.keys[2], &mut members.entropy).unwrap());
    let one = ceremony.dealings(&seen_by_one, &nobody()).unwrap();
    let two = ceremony.dealings(&seen_by_two, &nobody()).unwrap();
    assert_ne!(spoken(one.transcript()), spoken(two.transcript()), "the people hear it");
    let mut accepted = members.accept(&ceremony, &seen_by_one);
    accepted.insert(2, ceremony.accept(2, members.key(2), &members.boxes[1], &two).unwrap());
    let refused = ceremony.outcome(&one, &accepted, &nobody()).err().unwrap();
    assert_eq!(refused, CeremonyRefusal::TranscriptsDiffer { member: 2, dealer: Some(3) });
}

#[test]
fn cer_15_a_reshare_starts_from_a_valid_record_and_keeps_the_key() {
    let mut members = Members::new(3, 8);
    let ceremony = members.ceremony(2);
    let files = members.deal(&ceremony);
    let accepted = members.accept(&ceremony, &files);
    let dealings = ceremony.dealings(&files, &nobody()).unwrap();
    let (committee, record) = ceremony.outcome(&dealings, &accepted, &nobody()).unwrap();
    let share = |n: u8| ceremony.finished_share(n, &members.boxes[usize::from(n) - 1], &dealings, &committee).unwrap();
    let shares: BTreeMap<u8, _> = [1, 3].map(|n| (n, share(n))).into();
    let next = Members::new(4, 9);
    let with = |record: CommitteeRecord| CeremonyTerms::new(next.cards.clone(), 3, PROVIDER, Some(record));
    let mut broken = record.clone();
    broken.key.polynomial.swap(0, 1);
    assert!(matches!(Ceremony::new(with(broken).unwrap()), Err(CeremonyRefusal::BadRecord)));
    let mut foreign = record.clone();
    foreign.provider = [8; 16];
    assert_eq!(with(foreign).err().unwrap(), TermsRefusal::OtherRecord);
    let mut of_others = record.clone();
    of_others.committee = CommitteeName::Approvers;
    assert_eq!(with(of_others).err().unwrap(), TermsRefusal::OtherRecord);
    let again = Ceremony::new(with(record.clone()).unwrap()).unwrap();
    assert!(makes_new_key(&ceremony) && !makes_new_key(&again), "what the people at the table are told");
    let mut entropy = SeededEntropy::new([10; 32]);
    let mut files: Files = Files::new();
    for (n, share) in &shares {
        files.insert(*n, again.deal_again(share, members.key(*n), &mut entropy).unwrap());
    }
    let absent = BTreeSet::from([2]);
    let dealings = again.dealings(&files, &absent).unwrap();
    let accept = |n: u8| again.accept(n, next.key(n), &next.boxes[usize::from(n) - 1], &dealings).unwrap();
    let accepted: Files = (1..=4).map(|n| (n, accept(n))).collect();
    let (_, new) = again.outcome(&dealings, &accepted, &nobody()).unwrap();
    assert_eq!((new.generation, new.key.need, new.key.of), (1, 3, 4));
    assert_eq!((&new.key.public, &new.key.pop), (&record.key.public, &record.key.pop));
    // A dealing signed by a newcomer in the place of an old member.
    let mut forged = files.clone();
    forged.insert(3, again.deal_again(&shares[&3], next.key(3), &mut entropy).unwrap());
    assert!(matches!(again.dealings(&forged, &absent), Err(CeremonyRefusal::NotByItsMaker { member: 3, .. })));
    // A fresh polynomial in the place of the old share.
    let mut fresh = files.clone();
    fresh.insert(3, again.deal(3, members.key(3), &mut entropy).unwrap());
    assert!(matches!(again.dealings(&fresh, &absent), Err(CeremonyRefusal::BadDealing { dealer: 3, .. })));
    // One old member alone is not the old key.
    let alone = again.dealings(&files, &BTreeSet::from([2, 3])).err().unwrap();
    assert_eq!(alone, CeremonyRefusal::TooFewDealers { got: 1, need: 2 });
}

#[test]
fn cer_13_no_box_key_is_shown_when_a_key_is_dealt_again() {
    let mut members = Members::new(3, 12);
    let ceremony = members.ceremony(2);
    let files = members.deal(&ceremony);
    let dealings = ceremony.dealings(&files, &nobody()).unwrap();
    let (committee, record) = ceremony.outcome(&dealings, &members.accept(&ceremony, &files), &nobody()).unwrap();
    let next = Members::new(3, 13);
    let again = Ceremony::new(CeremonyTerms::new(next.cards.clone(), 2, PROVIDER, Some(record)).unwrap()).unwrap();
    let mut entropy = SeededEntropy::new([14; 32]);
    let mut files: Files = Files::new();
    for n in 1..=3 {
        let share = ceremony.finished_share(n, &members.boxes[usize::from(n) - 1], &dealings, &committee).unwrap();
        files.insert(n, again.deal_again(&share, members.key(n), &mut entropy).unwrap());
    }
    // Dealer 3 spoils what it deals to members 1 and 2. Both box keys together would open two points of each old share's polynomial.
    dealing(&members, &mut files, 3, |file| {
        let own = file.shares[&3];
        file.shares.extend([(1, own), (2, own)]);
    });
    for n in [1, 2] {
        let complain = |dealer: u8| again.complain(n, dealer, next.key(n), &next.boxes[usize::from(n) - 1], &files[&dealer]).err().unwrap();
        assert_eq!(complain(3), CeremonyRefusal::ComplaintShowsTooMuch { dealer: 3 });
        assert_eq!(complain(1), CeremonyRefusal::NothingToComplainOf { dealer: 1 });
    }
}

/// Member `n` shows its box key, or another, in a complaint about dealer 2.
fn complaint(members: &Members, ceremony: [u8; 32], n: u8, box_key: &hpke::PrivateKey, dealing: &[u8]) -> Vec<u8> {
    let box_key = box_key.expose(|octets| Secret::new(*octets));
    Complaint { ceremony, member: n, dealer: 2, dealing: file_hash(dealing), box_key }.sign(members.key(n))
}

#[test]
fn cer_13_a_box_key_that_was_shown_ends_every_ceremony_of_its_card() {
    let mut members = Members::new(3, 15);
    let ceremony = members.ceremony(2);
    let files = members.deal(&ceremony);
    let own = &members.boxes[0];
    let complains = |context: [u8; 32]| complaint(&members, context, 1, own, &files[&2]);
    let here = *ceremony.terms().terms.context();
    let void = Err(CeremonyRefusal::Void { member: 1 });
    assert_eq!(ceremony.not_void(&[]), Ok(()));
    assert_eq!(ceremony.not_void(&[complains(here)]), void);
    // The same cards with another threshold are another ceremony, and the same box keys.
    let other = *members.ceremony(3).terms().terms.context();
    assert_ne!(here, other);
    assert_eq!(ceremony.not_void(&[complains(other)]), void);
    // Neither another key than the card's, nor words that the member did not sign, nor a member of another evening.
    let strange = hpke::PrivateKey::generate(&mut SeededEntropy::new([16; 32]));
    let mut forged = complains(here);
    let at = forged.len() - 20;
    forged[at] ^= 1;
    let stranger = Members::new(3, 17);
    let elsewhere = complaint(&stranger, here, 1, &stranger.boxes[0], &files[&2]);
    assert_eq!(ceremony.not_void(&[complaint(&members, here, 1, &strange, &files[&2]), forged, elsewhere, Vec::new()]), Ok(()));
}

#[test]
fn cer_05_and_13_a_complaint_is_heard_only_in_its_own_ceremony() {
    let mut members = Members::new(3, 18);
    let ceremony = members.ceremony(2);
    let files = members.deal(&ceremony);
    let here = *ceremony.terms().terms.context();
    let other = *members.ceremony(3).terms().terms.context();
    let hear = |context| ceremony.judge_complaint(1, &complaint(&members, context, 1, &members.boxes[0], &files[&2]), &files[&2]);
    assert_eq!(hear(here), Ok(Guilty::Complainer { member: 1 }));
    assert_eq!(hear(other), Err(CeremonyRefusal::OtherCeremony { member: 1 }));
}

#[test]
fn sealed_shares_open_only_in_their_place() {
    let mut members = Members::new(3, 11);
    let ceremony = members.ceremony(2);
    let good = members.deal(&ceremony);
    // Dealer 2 gives member 3's sealed share to member 1: not for member 1's key, so it does not open.
    let mut files = good.clone();
    dealing(&members, &mut files, 2, |file| {
        let third = file.shares[&3];
        file.shares.insert(1, third);
    });
    let dealings = ceremony.dealings(&files, &nobody()).unwrap();
    let refused = ceremony.accept(1, members.key(1), &members.boxes[0], &dealings).err().unwrap();
    assert_eq!(refused, CeremonyRefusal::BadShare { dealer: 2 });
    // Dealer 2 repeats what dealer 3 sealed for member 1: for the right key, but bound to dealer 3.
    let mut files = good.clone();
    let stolen = DealingFile::parse_signed(&good[&3], &members.key(3).verifying_key()).unwrap().shares[&1];
    dealing(&members, &mut files, 2, |file| file.shares.extend([(1, stolen)]));
    let dealings = ceremony.dealings(&files, &nobody()).unwrap();
    let refused = ceremony.accept(1, members.key(1), &members.boxes[0], &dealings).err().unwrap();
    assert_eq!(refused, CeremonyRefusal::BadShare { dealer: 2 });
}
