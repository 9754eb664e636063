//! Segments: audit, presence, absence.

use proptest::prelude::*;
use seal::merkle;
use seal::segment::{Absence, Found, ProofError, ProvenEntry, RUN, RunIndex, Runs, Segment, SegmentError, SegmentLeaf, audit};

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

/// Entries of which no two look alike, in order.
fn many(count: u16) -> Vec<Vec<u8>> {
    let of = |number: u16| {
        let locator = merkle::leaf_hash(&number.to_be_bytes());
        [&locator[..], &80u16.to_be_bytes(), &[number as u8; 80]].concat()
    };
    let mut entries: Vec<Vec<u8>> = (0..count).map(of).collect();
    entries.sort();
    entries
}

/// What runs say of a locator, and how many octets they read for it. `None`: index or segment are not the logged ones.
fn by_runs(index: &[u8], leaf: &SegmentLeaf, octets: &[u8], locator: &[u8; 32]) -> Option<(Found, usize)> {
    let mut read = 0;
    let fetch = |range: std::ops::Range<u64>| {
        let part = octets.get(range.start as usize..range.end as usize).unwrap_or_default();
        read += part.len();
        Ok::<_, ()>(part.to_vec())
    };
    let found = Runs::new(RunIndex::parse(index, leaf)?, fetch).look_up(locator).ok()?;
    Some((found, read))
}

#[test]
fn gwy_60_runs_find_and_prove_what_the_whole_segment_does() {
    for count in [0, 1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 129, 191, 200, 320] {
        let octets = many(count).concat();
        let segment = Segment::parse(octets.clone()).unwrap();
        let (leaf, index) = (segment.leaf([7; 32]), segment.run_index());
        assert_eq!(index.len(), usize::from(count).div_ceil(RUN) * 72 + 8);
        let absent = (0..400u16).map(|number| merkle::leaf_hash(&[3, number as u8, (number >> 8) as u8]));
        let present = (0..usize::from(count)).filter_map(|place| segment.locator(place).copied());
        for locator in present.chain(absent).chain([[0; 32], [255; 32]]) {
            let (found, read) = by_runs(&index, &leaf, &octets, &locator).unwrap();
            assert_eq!(found, segment.look_up(&locator), "{count} entries");
            assert!(read <= 2 * RUN * 114, "{read} octets");
            match found {
                Found::Present(proven) => assert_eq!(proven.verify(&leaf), Ok(())),
                Found::Absent(absence) => assert_eq!(absence.verify(&leaf, &locator), Ok(())),
            }
        }
    }
}

#[test]
fn gwy_60_a_wrong_index_or_run_is_noticed_or_does_no_harm() {
    let octets = many(200).concat();
    let segment = Segment::parse(octets.clone()).unwrap();
    let (leaf, index) = (segment.leaf([7; 32]), segment.run_index());
    let locators: Vec<[u8; 32]> =
        (0..200).filter_map(|place| segment.locator(place).copied()).chain((0..50).map(|n| merkle::leaf_hash(&[n]))).collect();
    let mut noticed = 0;
    for at in 0..index.len() {
        let mut changed = index.clone();
        changed[at] ^= 1 << (at % 8);
        for locator in &locators {
            match by_runs(&changed, &leaf, &octets, locator) {
                None => noticed += 1,
                Some((found, _)) => assert_eq!(found, segment.look_up(locator), "octet {at}"),
            }
        }
    }
    assert!(noticed > 0);
    // An offset that would have gigabytes read, and locators that no search could follow.
    let mut far = index.clone();
    far[4 * 72 - 8..4 * 72].copy_from_slice(&(1u64 << 40).to_be_bytes());
    assert!(RunIndex::parse(&far, &leaf).is_none());
    let mut unsorted = index.clone();
    unsorted[72 + 32..72 + 64].copy_from_slice(&[0; 32]);
    assert!(RunIndex::parse(&unsorted, &leaf).is_none());
    // Rows that change places, a row too few, another segment's index.
    let rows: Vec<&[u8]> = index.chunks(72).collect();
    assert!(RunIndex::parse(&[rows[1], rows[0], rows[2], rows[3], rows[4]].concat(), &leaf).is_none());
    assert!(RunIndex::parse(&index[72..], &leaf).is_none());
    assert!(RunIndex::parse(&Segment::parse(many(199).concat()).unwrap().run_index(), &leaf).is_none());
    // The same entries in a file that holds another ciphertext, an entry less, or entries twice: each run tells.
    for at in (0..octets.len()).step_by(57) {
        let mut changed = octets.clone();
        changed[at] ^= 1;
        let mut refused = 0;
        for locator in &locators {
            match by_runs(&index, &leaf, &changed, locator) {
                None => refused += 1,
                Some((found, _)) => assert_eq!(found, segment.look_up(locator), "octet {at}"),
            }
        }
        assert!(refused > 0, "octet {at}");
    }
}

#[test]
fn gwy_60_an_index_that_sends_elsewhere_gives_no_absence() {
    let octets = many(200).concat();
    let segment = Segment::parse(octets.clone()).unwrap();
    let (leaf, index) = (segment.leaf([7; 32]), segment.run_index());
    // The first locator of run 1 is pulled down below the last entry of run 0, which then is looked for in run 1.
    let last_of_first = *segment.locator(RUN - 1).unwrap();
    let mut changed = index.clone();
    changed[72 + 32..72 + 64].copy_from_slice(&last_of_first);
    assert!(RunIndex::parse(&changed, &leaf).is_some(), "nodes and offsets are the segment's own");
    assert_eq!(by_runs(&changed, &leaf, &octets, &last_of_first), None);
    // And pushed up above the first entry of run 1, which then is looked for in run 0 and would stand right of its end.
    let first_of_second = *segment.locator(RUN).unwrap();
    let mut changed = index;
    changed[72 + 32..72 + 64].copy_from_slice(segment.locator(RUN + 1).unwrap());
    assert_eq!(by_runs(&changed, &leaf, &octets, &first_of_second), None);
}

/// The logged leaf itself may be wrong: whoever reads by runs stops where whoever reads the whole would, as far as it reads.
#[test]
fn gwy_60_runs_that_a_wrong_leaf_stands_for_are_refused() {
    let entries = many(128);
    let octets = entries.concat();
    let segment = Segment::parse(octets.clone()).unwrap();
    let (leaf, index) = (segment.leaf([7; 32]), segment.run_index());
    let first = |entry: &[u8]| <[u8; 32]>::try_from(&entry[..32]).unwrap();
    let (in_first, in_last) = (first(&entries[5]), first(&entries[100]));
    assert!(by_runs(&index, &leaf, &octets, &in_first).is_some() && by_runs(&index, &leaf, &octets, &in_last).is_some());
    // Fewer entries than the tree has.
    let fewer = SegmentLeaf { n_records: 100, ..leaf };
    assert!(RunIndex::parse(&index, &fewer).is_some() && audit(&octets, &fewer).is_err());
    assert_eq!(by_runs(&index, &fewer, &octets, &in_last), None);
    // Another last locator, another first.
    let longer = SegmentLeaf { last: [255; 32], ..leaf };
    assert_eq!(by_runs(&index, &longer, &octets, &in_last), None);
    assert!(RunIndex::parse(&index, &SegmentLeaf { first: [0; 32], ..leaf }).is_none());
    // An entry of the second run stands at the end of the first: each run is in order, the whole is not.
    let mut moved = entries.clone();
    let out_of_place = moved.remove(100);
    moved.insert(RUN - 1, out_of_place);
    let runs: Vec<Segment> = moved.chunks(RUN).map(|run| Segment::parse(run.concat()).unwrap()).collect();
    let root = merkle::node_hash(&runs[0].root(), &runs[1].root());
    let row = |run: &Segment, entry: &[u8], offset: usize| [&run.root()[..], &entry[..32], &(offset as u64).to_be_bytes()].concat();
    let length = (octets.len() as u64).to_be_bytes().to_vec();
    let index = [row(&runs[0], &moved[0], 0), row(&runs[1], &moved[RUN], RUN * 114), length].concat();
    let (leaf, octets) = (SegmentLeaf { root, ..leaf }, moved.concat());
    assert!(RunIndex::parse(&index, &leaf).is_some() && audit(&octets, &leaf).is_err());
    assert_eq!(by_runs(&index, &leaf, &octets, &in_first), None);
}
