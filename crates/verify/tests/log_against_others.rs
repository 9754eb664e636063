//! Our hashing, proofs, paths and notes against tlog_tiles, ct-merkle, signed_note and a tree written straight from RFC 6962.
//! The crates are oracles here and are linked nowhere else below the line (LOG-99).

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use seal::merkle::{self, Hash};
use seal::secret::Secret;
use seal::signature::SigningKey;
use sha2::{Digest, Sha256};
use tlog_tiles::HashReader;
use verify::log::note::{SignedNote, Signer};
use verify::log::quorum::check_extension;
use verify::log::tile::{Resource, resources_between};
use verify::log::vkey::{KeyKind, KeyName};

const SIZE_MAX: usize = 300;

fn entry(i: usize) -> Vec<u8> {
    (i as u32).to_be_bytes().to_vec()
}

/// RFC 6962 section 2.1, as it stands there.
fn naive_root(leaves: &[Vec<u8>]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [one] => Sha256::new().chain_update([0]).chain_update(one).finalize().into(),
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            let (left, right) = (naive_root(&leaves[..split]), naive_root(&leaves[split..]));
            Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
        }
    }
}

struct Stored(Vec<tlog_tiles::Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|i| self.0[*i as usize]).collect())
    }
}

fn ours(hashes: &[tlog_tiles::Hash]) -> Vec<Hash> {
    hashes.iter().map(|h| h.0).collect()
}

/// Section 16 no. 3: all trees to 300, every index, every old size.
#[test]
fn rel_08_and_rel_06_every_proof_of_every_small_tree() {
    let mut stored = Stored(Vec::new());
    let mut other = MemoryBackedTree::<sha2_of_ct_merkle::Sha256, Vec<u8>>::new();
    let (mut entries, mut leaves, mut roots) = (Vec::new(), Vec::new(), vec![merkle::root(&[])]);
    for size in 1..=SIZE_MAX {
        let new = entry(size - 1);
        stored.0.extend(tlog_tiles::stored_hashes((size - 1) as u64, &new, &stored).unwrap());
        other.push(new.clone());
        leaves.push(merkle::leaf_hash(&new));
        entries.push(new);
        let tree = merkle::Tree::new(leaves.clone());
        let root = tree.root();
        assert_eq!(root, naive_root(&entries));
        assert_eq!(root, tlog_tiles::tree_hash(size as u64, &stored).unwrap().0);
        assert_eq!(root.as_slice(), other.root().as_bytes().as_slice());
        roots.push(root);
        for index in 0..size {
            let path = tree.inclusion_path(index).unwrap();
            let theirs = tlog_tiles::prove_record(size as u64, index as u64, &stored).unwrap();
            assert_eq!(path, ours(&theirs), "{index} of {size}");
            assert_eq!(path.concat(), other.prove_inclusion(index).as_bytes());
            merkle::verify_inclusion(index as u64, size as u64, &leaves[index], &path, &root).unwrap();
        }
        for old in 1..size {
            let theirs = ours(&tlog_tiles::prove_tree(size as u64, old as u64, &stored).unwrap());
            assert_eq!(theirs.concat(), other.prove_consistency(size - old).as_bytes(), "{old} to {size}");
            check_extension(old as u64, roots[old], size as u64, root, &theirs).unwrap();
            // Ours is O(n) a proof; every tenth tree is enough to compare all shapes below 300.
            if size % 10 == 0 || size < 40 {
                assert_eq!(theirs, merkle::consistency_path(&leaves, old));
            }
        }
    }
}

/// One octet changed, a hash dropped or added, a neighbour's index: never accepted, whatever the tree.
#[test]
fn rel_08_and_rel_06_no_spoiled_proof_passes() {
    for size in [1usize, 2, 3, 5, 8, 13, 64, 65, 127] {
        let leaves: Vec<Hash> = (0..size).map(|i| merkle::leaf_hash(&entry(i))).collect();
        let root = merkle::root(&leaves);
        for index in 0..size {
            let path = merkle::inclusion_path(&leaves, index);
            let check = |i: usize, n: u64, p: &[Hash], r: &Hash| merkle::verify_inclusion(i as u64, n, &leaves[index], p, r).is_ok();
            assert!(check(index, size as u64, &path, &root));
            assert!(!check(index, size as u64, &[&path[..], &[[0; 32]]].concat(), &root));
            assert!(path.is_empty() || !check(index, size as u64, &path[1..], &root));
            for wrong in (0..size).filter(|w| *w != index) {
                assert!(!check(wrong, size as u64, &path, &root), "{index} as {wrong} of {size}");
            }
            for at in 0..path.len() {
                let mut spoiled = path.clone();
                spoiled[at][31] ^= 1;
                assert!(!check(index, size as u64, &spoiled, &root));
            }
        }
        for old in 1..size {
            let old_root = merkle::root(&leaves[..old]);
            let path = merkle::consistency_path(&leaves, old);
            let check = |o: usize, p: &[Hash]| check_extension(o as u64, old_root, size as u64, root, p).is_ok();
            assert!(check(old, &path));
            assert!(!check(old, &path[1..]) && !check(old, &[&path[..], &[[0; 32]]].concat()));
            for at in 0..path.len() {
                let mut spoiled = path.clone();
                spoiled[at][0] ^= 1;
                assert!(!check(old, &spoiled), "{old} to {size} at {at}");
            }
        }
    }
}

#[test]
fn rel_06_empty_and_unchanged_trees_take_the_empty_path_only() {
    let (a, b) = ([1; 32], [2; 32]);
    assert!(check_extension(0, merkle::root(&[]), 5, a, &[]).is_ok());
    assert_eq!(check_extension(0, merkle::root(&[]), 5, a, &[b]).unwrap_err().code(), "REL-06");
    assert!(check_extension(5, a, 5, a, &[]).is_ok());
    assert_eq!(check_extension(5, a, 5, b, &[]).unwrap_err().code(), "REL-06");
    assert_eq!(check_extension(5, a, 5, a, &[b]).unwrap_err().code(), "REL-06");
    assert_eq!(check_extension(6, a, 5, a, &[]).unwrap_err().code(), "REL-06");
    assert_eq!(check_extension(5, a, 9, b, &[a; 64]).unwrap_err().code(), "LOG-24");
}

/// C2SP has `tile/<L>/<N>` and `entries` where tlog_tiles has `tile/8/<L>/<N>` and `data`.
#[test]
fn log_17_paths_and_log_20_new_tiles_agree_with_tlog_tiles() {
    for (old, new) in [(0, 1), (0, 5), (5, 256), (256, 300), (255, 257), (300, 1_000), (1_000, 70_000), (65_535, 65_537), (7, 7)] {
        let ours: Vec<String> = resources_between(old, new).iter().map(Resource::to_string).collect();
        let tiles = tlog_tiles::Tile::new_tiles(8, old, new);
        let mut theirs: Vec<String> = tiles.iter().map(|tile| tile.path().replacen("tile/8/", "tile/", 1)).collect();
        for tile in tiles.iter().filter(|tile| tile.level() == 0) {
            let mut data = *tile;
            data.set_is_data();
            theirs.push(data.path().replacen("tile/8/data/", "tile/entries/", 1));
        }
        let (mut ours_sorted, mut theirs_sorted) = (ours.clone(), theirs);
        ours_sorted.sort();
        theirs_sorted.sort();
        assert_eq!(ours_sorted, theirs_sorted, "{old} to {new}");
        for path in ours {
            assert_eq!(Resource::parse(&path).unwrap().to_string(), path);
        }
    }
}

fn signer() -> Signer {
    Signer::new(KeyName::parse("log.example/orders/2027").unwrap(), KeyKind::Ed25519, SigningKey::from_seed(Secret::new([1; 32])).unwrap())
}

fn they_accept(bytes: &[u8], vkey: &str) -> bool {
    let verifier: Box<dyn signed_note::Verifier> = Box::new(signed_note::StandardVerifier::new(vkey).unwrap());
    let known = signed_note::VerifierList::new(vec![verifier]);
    signed_note::Note::from_bytes(bytes).is_ok_and(|note| note.verify(&known).is_ok())
}

#[test]
fn log_07_signed_note_reads_our_notes_and_we_accept_no_more_than_it_does() {
    let signer = signer();
    let vkey = signer.vkey().to_string();
    let good = signer.sign_note("line one\n\nline two\n").unwrap().to_bytes();
    let we_accept = |bytes: &[u8]| SignedNote::parse(bytes).is_ok_and(|note| note.verify(&[signer.vkey()]).is_ok());
    assert!(we_accept(&good) && they_accept(&good, &vkey));
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut changed = good.clone();
            changed[at] ^= 1 << bit;
            assert!(!we_accept(&changed), "bit {bit} of octet {at}");
        }
        let cut = [&good[..at], &good[at + 1..]].concat();
        let doubled = [&good[..=at], &good[at..]].concat();
        assert!(!we_accept(&cut) || they_accept(&cut, &vkey), "without octet {at}");
        assert!(!we_accept(&doubled) || they_accept(&doubled, &vkey), "octet {at} twice");
    }
}
