//! Rules about what does not exist, and about the shape of things.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;
use seal::committee::IdentityKey;
use seal::digest::sha256;
use seal::encapsulate::SharedValue;
use seal::identity::Suite;
use seal::locator;
use seal::open::RecordKeys;
use seal::points::Scalar;
use seal::secret::Secret;

use crate::support::to_hex;
use crate::world::{START, World, slot};

fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

#[test]
fn sea_01_the_known_answers_of_suite_2_never_change() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/vectors/sealing/vectors-sealing.txt");
    let digest = to_hex(&sha256(&[&std::fs::read(path).unwrap()]));
    assert_eq!(digest, VECTORS_SHA256);
}

const VECTORS_SHA256: &str = "a6d7a3b3644b2e58329883887f4ab55884ab1addc252385646958e5108511d3d";

#[test]
fn sea_24_sea_82_the_documentation_says_what_an_open_epoch_and_a_disclosed_value_cost() {
    assert!(include_str!("../../src/encapsulate.rs").contains("opens every record of the epoch (SEA-24)"));
    assert!(include_str!("../../src/retention.rs").contains("1/65,536 of the identities of one epoch"));
}

#[test]
fn sea_29_sea_66_keys_and_shared_values_are_wiped_when_they_go() {
    assert!(std::mem::needs_drop::<SharedValue>());
    assert!(std::mem::needs_drop::<IdentityKey>());
    assert!(std::mem::needs_drop::<RecordKeys<'static>>());
    assert!(std::mem::needs_drop::<Scalar>());
    assert!(std::mem::needs_drop::<Secret<32>>());
}

#[test]
fn sea_30_encapsulation_takes_no_octets_and_no_points_of_identities() {
    let source = include_str!("../../src/encapsulate.rs");
    for signature in source.split("pub fn ").skip(1).map(|rest| rest.split('{').next().unwrap()) {
        assert!(!signature.contains("G1Point") && !signature.contains("&[u8]"), "{signature}");
    }
}

proptest! {
    #[test]
    fn sea_31_locators_are_whole_and_never_repeat(a in any::<[u8; 32]>(), b in any::<[u8; 32]>(), i in any::<u32>(), j in any::<u32>()) {
        let keys = |first: [u8; 32]| {
            let mut keys = [0; 64];
            keys[..32].copy_from_slice(&first);
            keys
        };
        let of = |first, counter: u32| locator::locator(&keys(first), u64::from(counter));
        prop_assert_eq!(of(a, i) == of(b, j), a == b && i == j);
        prop_assert_eq!(of(a, i).len(), 32);
    }

    #[test]
    fn sea_45_only_size_buckets_of_64_octets_show(len in 0usize..1_000) {
        let sealed = locator::seal(Suite::GcmSiv, &[1; 64], 0, &vec![7; len]).unwrap();
        prop_assert_eq!(sealed.len() % 64, 16);
        prop_assert_eq!(sealed.len(), (len + 2).div_ceil(64) * 64 + 16);
    }
}

#[test]
fn sea_35_the_default_suite_shows_only_equality_when_a_counter_repeats() {
    let world = World::new();
    assert_eq!(world.identity(0, slot(START)).suite(), Suite::GcmSiv);
    assert_eq!(world.open(world.live(START)).epoch.header().suite, Suite::GcmSiv);
    let seal = |text: &[u8]| locator::seal(Suite::GcmSiv, &[1; 64], 0, text).unwrap();
    assert_eq!(seal(b"same"), seal(b"same"));
    let (one, two) = (seal(b"record one"), seal(b"record two"));
    let equal = one.iter().zip(&two).filter(|(a, b)| a == b).count();
    // Under suite 1 all but three of the 64 plaintext octets would agree; here chance lets about one in 256.
    assert!(equal < 8, "{equal} octets agree");
}

#[test]
fn sea_75_four_dependencies_and_no_more() {
    let manifest = include_str!("../../Cargo.toml");
    let section = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let names: BTreeSet<&str> =
        section.lines().filter_map(|line| line.split(['.', ' ', '=']).next()).filter(|name| !name.is_empty()).collect();
    assert_eq!(names, BTreeSet::from(["aws-lc-rs", "blst", "subtle", "zeroize"]));
}

#[test]
fn sea_83_unsafe_stands_in_two_modules() {
    let with: BTreeSet<String> = sources()
        .into_iter()
        .filter(|(_, text)| text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains("unsafe ")))
        .map(|(path, _)| path.rsplit('/').next().unwrap().to_owned())
        .collect();
    assert_eq!(with, BTreeSet::from(["bindings.rs".to_owned(), "memory.rs".to_owned()]));
}
