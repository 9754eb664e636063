//! Segments: audit, presence, absence.

use proptest::prelude::*;
use seal::merkle;
use seal::segment::{Absence, ProofError, ProvenEntry, Segment, SegmentError, SegmentLeaf, audit};

/// An entry with the locator `[first; 32]` and a ciphertext of 80 octets.
fn entry(first: u8) -> Vec<u8> {
    [&[first; 32][..], &80u16.to_be_bytes(), &[first ^ 0xff; 80]].concat()
}

fn segment(firsts: &[u8]) -> (Vec<u8>, Segment, SegmentLeaf) {
    let octets: Vec<u8> = firsts.iter().flat_map(|first| entry(*first)).collect();
    let parsed = Segment::parse(octets.clone()).unwrap();
    let leaf = parsed.leaf([7; 32]);
    (octets, parsed, leaf)
}

#[test]
fn tse_30_the_audit_finds_every_kind_of_wrong_segment() {
    let (octets, _, leaf) = segment(&[1, 3, 5]);
    assert_eq!(audit(&octets, &leaf), Ok(()));
    let of = |firsts: &[u8]| firsts.iter().flat_map(|first| entry(*first)).collect::<Vec<u8>>();
    assert_eq!(audit(&of(&[3, 1, 5]), &leaf), Err(SegmentError::Order { index: 1 }));
    assert_eq!(audit(&of(&[1, 3, 3]), &leaf), Err(SegmentError::Order { index: 2 }));
    assert_eq!(audit(&of(&[1, 3]), &leaf), Err(SegmentError::Count));
    assert_eq!(audit(&octets[..octets.len() - 1], &leaf), Err(SegmentError::Short));
    assert_eq!(audit(&[&octets[..], &[0]].concat(), &leaf), Err(SegmentError::Short));
    assert_eq!(audit(&of(&[1, 3, 6]), &leaf), Err(SegmentError::Ends));
    assert_eq!(audit(&of(&[1, 4, 5]), &leaf), Err(SegmentError::Root));
    assert_eq!(audit(&octets, &SegmentLeaf { n_records: 4, ..leaf }), Err(SegmentError::Count));
    let mut odd = octets.clone();
    odd[33] = 81;
    assert_eq!(audit(&odd, &leaf), Err(SegmentError::EntryLength { index: 0 }));
}

#[test]
fn sea_41_an_empty_segment_has_a_leaf() {
    let (octets, parsed, leaf) = segment(&[]);
    assert!(parsed.is_empty());
    assert_eq!((leaf.n_records, leaf.first, leaf.last, leaf.root), (0, [0; 32], [0; 32], merkle::empty_root()));
    assert_eq!(audit(&octets, &leaf), Ok(()));
    assert_eq!(SegmentLeaf::parse(&leaf.to_bytes()), Ok(leaf));
}

#[test]
fn sea_02_segment_leaves_are_parsed_strictly() {
    let leaf = segment(&[1, 3]).2;
    let octets = leaf.to_bytes();
    assert_eq!(SegmentLeaf::parse(&octets), Ok(leaf));
    assert_eq!(SegmentLeaf::parse(&octets[..143]), Err(SegmentError::Leaf));
    let refused = |leaf: SegmentLeaf| assert_eq!(SegmentLeaf::parse(&leaf.to_bytes()), Err(SegmentError::Leaf));
    refused(SegmentLeaf { n_records: 0, ..leaf });
    refused(SegmentLeaf { n_records: 1, ..leaf });
    refused(SegmentLeaf { first: leaf.last, ..leaf });
    refused(SegmentLeaf { n_records: u64::MAX, ..leaf });
    let mut label = octets;
    label[0] = b'X';
    assert_eq!(SegmentLeaf::parse(&label), Err(SegmentError::Leaf));
}

#[test]
fn tse_31_absence_is_proven_only_by_the_right_neighbours() {
    let (_, parsed, leaf) = segment(&[10, 20, 30, 40]);
    let at = |index| parsed.prove_presence(index).unwrap();
    let absence = |indexes: &[usize]| Absence { entries: indexes.iter().map(|index| at(*index)).collect() };
    let verify = |indexes: &[usize], locator: u8| absence(indexes).verify(&leaf, &[locator; 32]);
    assert_eq!(verify(&[1, 2], 25), Ok(()));
    assert_eq!(verify(&[0], 5), Ok(()));
    assert_eq!(verify(&[3], 45), Ok(()));
    assert_eq!(verify(&[0, 2], 25), Err(ProofError::NotAdjacent));
    assert_eq!(verify(&[2, 1], 25), Err(ProofError::NotAdjacent));
    assert_eq!(verify(&[0, 1], 25), Err(ProofError::NotBetween));
    assert_eq!(verify(&[1, 2], 20), Err(ProofError::NotBetween), "present on the left");
    assert_eq!(verify(&[1, 2], 30), Err(ProofError::NotBetween), "present on the right");
    assert_eq!(verify(&[0], 15), Err(ProofError::NotBetween));
    assert_eq!(verify(&[3], 35), Err(ProofError::NotBetween));
    assert_eq!(verify(&[0], 10), Err(ProofError::NotBetween));
    assert_eq!(verify(&[1], 15), Err(ProofError::NotAdjacent));
    assert_eq!(verify(&[], 15), Err(ProofError::Neighbours));
    assert_eq!(verify(&[0, 1, 2], 15), Err(ProofError::Neighbours));
    let larger = SegmentLeaf { n_records: 5, ..leaf };
    assert!(matches!(absence(&[3]).verify(&larger, &[45; 32]), Err(ProofError::Merkle(_))), "wrong tree size");
    let empty = segment(&[]).2;
    assert_eq!(Absence { entries: vec![] }.verify(&empty, &[1; 32]), Ok(()));
    let one = segment(&[10]);
    for locator in [5, 15] {
        assert_eq!(one.1.prove_absence(&[locator; 32]).unwrap().verify(&one.2, &[locator; 32]), Ok(()));
    }
    assert_eq!(parsed.prove_absence(&[20; 32]), None);
}

#[test]
fn sea_43_a_changed_entry_is_not_in_the_segment() {
    let (_, parsed, leaf) = segment(&[10, 20, 30]);
    let good = parsed.prove_presence(1).unwrap();
    assert_eq!(good.verify(&leaf), Ok(()));
    for at in [0, 33, 34, 113] {
        let mut changed = good.clone();
        changed.entry[at] ^= 1;
        assert!(changed.verify(&leaf).is_err());
    }
    assert!(ProvenEntry { index: 2, ..good.clone() }.verify(&leaf).is_err());
    assert!(ProvenEntry { index: u64::MAX, ..good.clone() }.verify(&leaf).is_err());
    assert_eq!(ProvenEntry { entry: vec![], ..good }.verify(&leaf), Err(ProofError::Shape));
}

#[test]
fn sea_81_the_slot_root_does_not_depend_on_the_order_given() {
    let leaf = |hash| segment(&[1, 2]).1.leaf([hash; 32]);
    let (a, b, c) = (leaf(1), leaf(2), leaf(3));
    let expected = merkle::root(&[a.leaf_hash(), b.leaf_hash(), c.leaf_hash()]);
    assert_eq!(SegmentLeaf::slot_root(&[c, a, b]), expected);
    assert_eq!(SegmentLeaf::slot_root(&[]), merkle::empty_root());
}

proptest! {
    #[test]
    fn sea_43_every_locator_is_either_present_or_absent(firsts in prop::collection::btree_set(any::<u8>(), 0..40), ask in any::<u8>()) {
        let firsts: Vec<u8> = firsts.into_iter().collect();
        let (_, parsed, leaf) = segment(&firsts);
        let locator = [ask; 32];
        match parsed.find(&locator) {
            Ok(index) => {
                prop_assert_eq!(parsed.prove_presence(index).unwrap().verify(&leaf), Ok(()));
                prop_assert!(parsed.prove_absence(&locator).is_none());
            }
            Err(_) => prop_assert_eq!(parsed.prove_absence(&locator).unwrap().verify(&leaf, &locator), Ok(())),
        }
    }

    #[test]
    fn proven_entries_round_trip_and_arbitrary_octets_do_not_panic(index in 0usize..9, rest in prop::collection::vec(any::<u8>(), 0..200)) {
        let (_, parsed, _) = segment(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
        let proven = parsed.prove_presence(index).unwrap();
        let mut octets = Vec::new();
        proven.write(&mut octets);
        octets.extend_from_slice(&rest);
        let mut cursor = &octets[..];
        prop_assert_eq!(ProvenEntry::read(&mut cursor), Ok(proven));
        prop_assert_eq!(cursor, &rest[..]);
        let _ = ProvenEntry::read(&mut &rest[..]);
        let _ = Segment::parse(rest);
    }
}
