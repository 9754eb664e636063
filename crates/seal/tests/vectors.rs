//! TSE-13: every value of sections A to I of the known answers, and its list of what must fail.

mod support;

use std::collections::BTreeMap;

use seal::committee::{CheckedCommittee, CombineError, Committee, IdentityKey, KeyError, PublicKey, Share, combine, lagrange_at_zero};
use seal::digest::sha256;
use seal::encapsulate::{EpochSecret, PublicPairing, SharedValue, decapsulate};
use seal::entropy::SeededEntropy;
use seal::epoch::EpochHeader;
use seal::identity::{Category, Identity, ProviderId, Salt, Slot, SlotLen, Suite};
use seal::locator;
use seal::merkle::{self, Hash};
use seal::points::{G1Point, G2Point, Scalar, pairings_equal};
use seal::retention::{BucketTree, RetentionId, RetentionKey, bucket_leaf};
use seal::salt_map::{SaltMap, salt_key, salt_value};
use seal::secret::Secret;
use seal::segment::{Absence, ProvenEntry, Segment, audit};
use seal::selector::Selector;

use support::{Vectors, hex, to_hex};

/// The objects of sections A to E, built from the inputs alone.
struct World {
    v: Vectors,
    guardians: CheckedCommittee,
    guardian_shares: Vec<Share>,
    /// Sections B to F: the one committee alone is P_pub.
    public: PublicKey,
    retention: RetentionKey,
    tree: BucketTree,
}

impl World {
    fn new() -> World {
        let v = Vectors::load();
        let coefficients: Vec<Scalar> = (1u8..=3).map(|k| Scalar::key_gen(&[k; 32], b"WBG1-KAT-COEF")).collect();
        let guardians = committee(&coefficients, 5);
        let share = |index: u8| Share::new(index, evaluate(&coefficients, index), &guardians).unwrap();
        let guardian_shares = (1..=5).map(share).collect();
        let public = PublicKey::of_point(guardians.committee().public);
        let retention = RetentionKey::from_secret(&Secret::new(v.array("W")));
        let tree = BucketTree::compute(&retention, v.number("lease") as u32, v.number("epoch_start"));
        World { v, guardians, guardian_shares, public, retention, tree }
    }

    fn identity(&self, number: u8, public: &PublicKey) -> Identity {
        let v = &self.v;
        let slot = Slot::new(SlotLen::new(v.number("slot_len") as u32).unwrap(), v.number("slot_no")).unwrap();
        let selector = Selector::parse(v.number("sel_type") as u8, v.text(&format!("selector_{number}_utf8")).as_bytes());
        Identity::of_suite(
            Suite::parse(v.number("suite") as u16).unwrap(),
            public.key_id(),
            ProviderId(v.array("provider")),
            Category::new(v.number("category") as u16).unwrap(),
            slot,
            selector.unwrap(),
            Salt(v.array(&format!("salt_{number}"))),
        )
        .unwrap()
    }

    fn r(&self) -> Scalar {
        Scalar::key_gen(&[0x42; 32], b"WBG1-KAT-R")
    }

    fn header(&self, public: &PublicKey) -> EpochHeader {
        let v = &self.v;
        assert_eq!((v.number("flags"), v.number("cover_from"), v.number("cover_to")), (0, 0, 0));
        EpochHeader {
            suite: Suite::GcmSiv,
            key_id: public.key_id(),
            provider: ProviderId(v.array("provider")),
            lease: v.number("lease") as u32,
            start: v.number("epoch_start"),
            end: v.number("epoch_end"),
            cover: None,
            retention_id: RetentionId(v.array("retention_id")),
            u: G2Point::public_of(&self.r()).unwrap(),
            wroot: self.tree.root(),
        }
    }

    fn w(&self, identity: &Identity) -> [u8; 32] {
        *self.tree.proof(&self.retention, identity.bucket()).unwrap().value()
    }

    fn keys(&self, identity: &Identity, z: SharedValue) -> Secret<64> {
        locator::derive_keys(z, &self.w(identity), &self.header(&self.public).hash(), identity)
    }

    fn keys_of(&self, number: u8) -> Secret<64> {
        let identity = self.identity(number, &self.public);
        let (secret, _) = EpochSecret::new(self.r(), &self.public).unwrap();
        self.keys(&identity, secret.pair(&identity))
    }

    fn key_of(&self, number: u8) -> IdentityKey {
        let identity = self.identity(number, &self.public);
        IdentityKey::check(&self.v.array(&format!("d_{number}")), &identity, &self.public).unwrap()
    }

    fn segment(&self) -> Segment {
        let mut entries: BTreeMap<[u8; 32], Vec<u8>> = BTreeMap::new();
        for (number, count) in [(0u8, 5u64), (1, 3)] {
            for i in 0..count {
                let ciphertext = self.v.octets(&format!("C_{number}_{i}"));
                let locator = self.v.array(&format!("L_{number}_{i}"));
                let mut entry = locator.to_vec();
                entry.extend_from_slice(&(ciphertext.len() as u16).to_be_bytes());
                entry.extend_from_slice(&ciphertext);
                entries.insert(locator, entry);
            }
        }
        Segment::parse(entries.into_values().flatten().collect()).unwrap()
    }
}

fn evaluate(coefficients: &[Scalar], index: u8) -> Scalar {
    let x = Scalar::from_u64(u64::from(index));
    coefficients.iter().rev().fold(Scalar::zero(), |sum, a| sum.multiply(&x).add(a))
}

fn committee(coefficients: &[Scalar], of: u8) -> CheckedCommittee {
    let polynomial: Vec<G2Point> = coefficients.iter().map(|a| G2Point::public_of(a).unwrap()).collect();
    let pop = Committee::possession_point(&polynomial[0]).multiply(&coefficients[0]).unwrap();
    let need = polynomial.len() as u8;
    Committee { public: polynomial[0], polynomial, pop, need, of }.check().unwrap()
}

fn scalar_is(v: &Vectors, key: &str, scalar: &Scalar) {
    scalar.to_secret().expose(|octets| v.equal(key, octets));
}

fn coefficients_are(v: &Vectors, number: u8, z: &SharedValue) {
    z.expose(|octets| {
        for (k, coefficient) in octets.chunks(48).enumerate() {
            v.equal(&format!("GT_{number}_coef_{k:02}"), coefficient);
        }
        v.equal(&format!("GT_{number}_sha256"), &sha256(&[octets]));
    });
}

#[test]
fn section_b_committee() {
    let w = World::new();
    for k in 0..3u8 {
        scalar_is(&w.v, &format!("a_{k}"), &Scalar::key_gen(&[k + 1; 32], b"WBG1-KAT-COEF"));
    }
    let committee = w.guardians.committee();
    w.v.equal("P_pub", &committee.public.to_bytes());
    w.v.equal("key_id", &w.public.key_id().0);
    w.v.equal("pop", &committee.pop.to_bytes());
    for share in &w.guardian_shares {
        let index = share.index();
        scalar_is(&w.v, &format!("s_{index}"), share.secret());
        w.v.equal(&format!("P_{index}"), &w.guardians.member_key(index).unwrap().to_bytes());
    }
}

#[test]
fn section_c_epoch() {
    let w = World::new();
    let r = w.r();
    scalar_is(&w.v, "r", &r);
    let z = Scalar::from_u64(0xd201_0000_0001_0000);
    let digit = |k: u8| Scalar::from_u64(u64::from_str_radix(w.v.text(&format!("r_digit_{k}")), 16).unwrap());
    let sum = (0..4).rev().fold(Scalar::zero(), |sum, k| sum.multiply(&z).add(&digit(k)));
    assert!(sum.to_secret().equals(&r.to_secret()));
    w.v.equal("R", &w.public.point().multiply(&r).unwrap().to_bytes());
    w.v.equal("wroot", &w.tree.root());
    let header = w.header(&w.public);
    w.v.equal("U", &header.u.to_bytes());
    w.v.equal("epoch_header", &header.to_bytes());
    assert_eq!(w.v.number("epoch_header_len"), EpochHeader::LEN as u64);
    w.v.equal("epoch_hash", &header.hash());
    assert_eq!(EpochHeader::parse(&w.v.octets("epoch_header")), Ok(header));
}

#[test]
fn sections_d_and_e_encapsulation_and_records() {
    let w = World::new();
    let (secret, u) = EpochSecret::new(w.r(), &w.public).unwrap();
    for (number, records) in [(0u8, 5u64), (1, 3)] {
        let identity = w.identity(number, &w.public);
        w.v.equal(&format!("id_{number}"), identity.to_bytes());
        assert_eq!(w.v.number(&format!("id_{number}_len")), identity.to_bytes().len() as u64);
        assert_eq!(Identity::parse(identity.to_bytes()), Ok(identity.clone()));
        w.v.equal(&format!("H1_{number}"), &identity.point().to_bytes());
        coefficients_are(&w.v, number, &secret.pair(&identity));
        coefficients_are(&w.v, number, &secret.raise(&PublicPairing::compute(&identity, &w.public).unwrap()));
        coefficients_are(&w.v, number, &decapsulate(&w.key_of(number), &u));
        assert_eq!(w.v.number(&format!("bucket_{number}")), u64::from(identity.bucket()));
        let value = w.w(&identity);
        w.v.equal(&format!("w_{number}"), &value);
        w.v.equal(&format!("wleaf_{number}"), &bucket_leaf(identity.bucket(), &value));
        locator::extract(&secret.pair(&identity), &value).expose(|prk| w.v.equal(&format!("PRK_{number}"), prk));
        let hash = w.header(&w.public).hash();
        let len = (identity.to_bytes().len() as u16).to_be_bytes();
        w.v.equal(&format!("kem_info_{number}"), &[b"WBG1-KEM", &hash[..], &len, identity.to_bytes()].concat());
        let keys = w.keys_of(number);
        keys.expose(|keys| {
            w.v.equal(&format!("K_loc_{number}"), &keys[..32]);
            w.v.equal(&format!("K_enc_{number}"), &keys[32..]);
            for i in 0..records {
                let record = format!("record {i} of identity {number}");
                w.v.equal(&format!("L_{number}_{i}"), &locator::locator(keys, i));
                let sealed = locator::seal(Suite::GcmSiv, keys, i, record.as_bytes()).unwrap();
                w.v.equal(&format!("C_{number}_{i}"), &sealed);
                assert_eq!(locator::open(Suite::GcmSiv, keys, i, &sealed), Ok(record.into_bytes()));
            }
        });
    }
    let proof = w.tree.proof(&w.retention, w.identity(0, &w.public).bucket()).unwrap();
    for (k, step) in proof.path().iter().enumerate() {
        w.v.equal(&format!("wpath_0_step_{k:02}"), step);
    }
    let plaintext = w.v.octets("plaintext_0_0");
    assert_eq!(plaintext[2..24], *b"record 0 of identity 0");
    assert_eq!((plaintext.len(), &plaintext[..2], &plaintext[24..]), (64, &[0, 22][..], &[0; 40][..]));
    w.v.equal("nonce_0_0", &[0; 12]);
}

#[test]
fn sections_d_and_e_partial_keys() {
    let w = World::new();
    for number in [0u8, 1] {
        let identity = w.identity(number, &w.public);
        for share in &w.guardian_shares {
            let partial = share.partial_key(&identity).unwrap();
            assert_eq!(partial.member_index, share.index());
            w.v.equal(&format!("d_{number}_share_{}", share.index()), &partial.point.to_bytes());
        }
        for chosen in [[1u8, 3, 5], [1, 2, 3], [2, 4, 5]] {
            let key = interpolate(&w, &identity, &chosen);
            w.v.equal(&format!("d_{number}"), &key.to_bytes());
        }
    }
    for index in [1u8, 3, 5] {
        let coefficient = lagrange_at_zero(index, &[1, 3, 5]).unwrap();
        scalar_is(&w.v, &format!("lambda_{index}_of_135"), &coefficient);
    }
}

fn interpolate(w: &World, identity: &Identity, chosen: &[u8]) -> G1Point {
    let term = |&index: &u8| {
        let partial = w.guardian_shares[usize::from(index) - 1].partial_key(identity).unwrap();
        partial.point.multiply(&lagrange_at_zero(index, chosen).unwrap()).unwrap()
    };
    chosen.iter().map(term).reduce(|sum, point| sum.add(&point).unwrap()).unwrap()
}

#[test]
fn section_f_segment() {
    let w = World::new();
    let segment = w.segment();
    let octets: Vec<u8> = (0..segment.len()).flat_map(|index| segment.entry(index).unwrap().to_vec()).collect();
    assert_eq!(w.v.number("segment_len"), octets.len() as u64);
    w.v.equal("segment_sha256", &sha256(&[&octets]));
    for index in 0..segment.len() {
        let name = w.v.text(&format!("segment_entry_{index}_is"));
        w.v.equal(name, segment.locator(index).unwrap());
        w.v.equal(&format!("segment_leaf_hash_{index}"), &merkle::leaf_hash(segment.entry(index).unwrap()));
    }
    let leaf = segment.leaf(w.v.array("epoch_hash"));
    w.v.equal("segment_root", &leaf.root);
    w.v.equal("segment_leaf", &leaf.to_bytes());
    assert_eq!(w.v.number("segment_leaf_len"), leaf.to_bytes().len() as u64);
    assert_eq!(audit(&octets, &leaf), Ok(()));

    let present = segment.prove_presence(segment.find(&w.v.array("L_0_0")).unwrap()).unwrap();
    path_is(&w.v, "inclusion_L_0_0", &present);
    assert_eq!(present.verify(&leaf), Ok(()));

    let absent: [u8; 32] = w.v.array("L_0_5_absent");
    assert_eq!(w.keys_of(0).expose(|keys| locator::locator(keys, 5)), absent);
    let absence = segment.prove_absence(&absent).unwrap();
    assert_eq!(w.v.number("absence_L_0_5_tree_size"), leaf.n_records);
    let Absence { entries } = &absence;
    assert_eq!(w.v.number("absence_L_0_5_left_index"), entries[0].index);
    assert_eq!(w.v.number("absence_L_0_5_right_index"), entries[1].index);
    path_is(&w.v, "absence_L_0_5_left", &entries[0]);
    path_is(&w.v, "absence_L_0_5_right", &entries[1]);
    assert_eq!(absence.verify(&leaf, &absent), Ok(()));
}

fn path_is(v: &Vectors, name: &str, proven: &ProvenEntry) {
    for (k, step) in proven.path.iter().enumerate() {
        v.equal(&format!("{name}_step_{k}"), step);
    }
}

#[test]
fn section_g_key_sum() {
    let w = World::new();
    let court = [Scalar::key_gen(&[0x77; 32], b"COURT")];
    let approvers = committee(&court, 1);
    scalar_is(&w.v, "s_approvers", &court[0]);
    w.v.equal("P_approvers", &approvers.committee().public.to_bytes());
    w.v.equal("pop_approvers", &approvers.committee().pop.to_bytes());
    let public = PublicKey::sum(&approvers, &w.guardians).unwrap();
    w.v.equal("sum_P_pub", &public.point().to_bytes());
    w.v.equal("sum_key_id", &public.key_id().0);
    let header = w.header(&public);
    w.v.equal("sum_epoch_header", &header.to_bytes());
    w.v.equal("sum_epoch_hash", &header.hash());
    let identity = w.identity(0, &public);
    w.v.equal("sum_id_0", identity.to_bytes());
    w.v.equal("sum_H1_0", &identity.point().to_bytes());
    assert_eq!(w.v.number("sum_bucket_0"), u64::from(identity.bucket()));
    let value = w.w(&identity);
    w.v.equal("sum_w_0", &value);

    let share = Share::new(1, court[0].duplicate(), &approvers).unwrap();
    let from_approvers = BTreeMap::from([(1, vec![share.partial_key(&identity).unwrap().point])]);
    let from_guardians: BTreeMap<u8, Vec<G1Point>> =
        w.guardian_shares[1..4].iter().map(|share| (share.index(), vec![share.partial_key(&identity).unwrap().point])).collect();
    w.v.equal("sum_d_approvers", &from_approvers[&1][0].to_bytes());
    w.v.equal("sum_d_guardians", &interpolate(&w, &identity, &[1, 2, 3]).to_bytes());
    let keys = combine(
        (&approvers, &from_approvers),
        (&w.guardians, &from_guardians),
        &public,
        std::slice::from_ref(&identity),
        &mut SeededEntropy::new([1; 32]),
    )
    .unwrap();
    w.v.equal("sum_d", &keys[0].to_bytes());

    let z = decapsulate(&keys[0], &header.u);
    z.expose(|octets| w.v.equal("sum_GT_0_sha256", &sha256(&[octets])));
    locator::extract(&z, &value).expose(|prk| w.v.equal("sum_PRK_0", prk));
    locator::derive_keys(z, &value, &header.hash(), &identity).expose(|keys| {
        w.v.equal("sum_K_loc_0", &keys[..32]);
        w.v.equal("sum_K_enc_0", &keys[32..]);
        w.v.equal("sum_L_0_0", &locator::locator(keys, 0));
        w.v.equal("sum_C_0_0", &locator::seal(Suite::GcmSiv, keys, 0, b"record 0 of identity 0").unwrap());
    });
    // TSE-21: one committee alone, and the key of section D, open nothing.
    for name in ["sum_d_guardians", "sum_d_approvers", "d_0"] {
        let answer = IdentityKey::check(&w.v.array(name), &identity, &public);
        assert_eq!(answer.unwrap_err(), KeyError::DoesNotFit, "{name}");
    }
}

#[test]
fn section_h_small_hashes() {
    let v = Vectors::load();
    let frame = sha256(&[v.text("order_utf8").as_bytes()]);
    v.equal("C_ord", &sha256(&[seal::labels::ORDER_COMMITMENT, &v.octets("rho"), &frame]));
    let day_secret = Secret::new(v.array("day_secret"));
    let mut entries = Vec::new();
    let mut scope_leaves: Vec<Hash> = Vec::new();
    for number in [0u8, 1] {
        let selector = Selector::parse(1, v.text(&format!("selector_{number}_utf8")).as_bytes()).unwrap();
        let salt = Salt(v.array(&format!("salt_{number}")));
        v.equal(&format!("salt_key_{number}"), &salt_key(&day_secret, &selector));
        v.equal(&format!("salt_leaf_{number}"), &salt_value(&selector, &salt));
        entries.push((selector, salt));
        let item = v.octets(&format!("scope_item_{number}"));
        let leaf = [seal::labels::SCOPE_LEAF, &[0x33 + number; 32], &sha256(&[&item])].concat();
        v.equal(&format!("scope_leaf_{number}"), &leaf);
        scope_leaves.push(merkle::leaf_hash(&leaf));
    }
    let map = SaltMap::build(&day_secret, entries.iter().map(|(selector, salt)| (selector, salt)));
    v.equal("salt_map_root", &map.root().root);
    scope_leaves.sort_unstable();
    v.equal("scope_root", &merkle::root(&scope_leaves));
}

#[test]
fn section_i_external_anchors() {
    let v = Vectors::load();
    let dst = v.text("rfc9380_J91_dst_utf8").as_bytes().to_vec();
    let empty = G1Point::hash(v.text("rfc9380_J91_msg").as_bytes(), &dst).coordinates();
    v.equal("rfc9380_J91_x", &empty[..48]);
    v.equal("rfc9380_J91_y", &empty[48..]);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/vectors/sealing/rfc9380-j91.txt");
    let rest = std::fs::read_to_string(path).unwrap();
    // TSE-01
    for line in rest.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(' ').collect();
        let message = match fields[0] {
            "q128" => format!("q128_{}", "q".repeat(128)),
            "a512" => format!("a512_{}", "a".repeat(512)),
            short => short.to_owned(),
        };
        assert_eq!(to_hex(&G1Point::hash(message.as_bytes(), &dst).coordinates()), fields[1..].concat(), "{message}");
    }
    v.equal("pairing_generators_sha256", &sha256(&[&seal::encapsulate::generator_pairing()]));
    // TSE-10: drand quicknet, a foreign network's signature.
    let key = G2Point::parse(&v.array("drand_quicknet_public_key")).unwrap();
    let signature = G1Point::parse(&v.array("drand_quicknet_signature")).unwrap();
    let message = sha256(&[&v.number("drand_quicknet_round").to_be_bytes()]);
    let hashed = G1Point::hash(&message, v.text("drand_quicknet_dst_utf8").as_bytes());
    assert!(pairings_equal(&signature, &G2Point::generator(), &hashed, &key));
    assert!(!pairings_equal(&signature, &G2Point::generator(), &G1Point::hash(b"", &dst), &key));
}

#[test]
fn tse_20_two_of_three_shares_do_not_open() {
    let w = World::new();
    let identity = w.identity(0, &w.public);
    let wrong = interpolate(&w, &identity, &[1, 3]);
    w.v.equal("d_0_from_shares_1_3_INVALID", &wrong.to_bytes());
    assert_eq!(IdentityKey::check(&wrong.to_bytes(), &identity, &w.public).unwrap_err(), KeyError::DoesNotFit);
    let two: BTreeMap<u8, Vec<G1Point>> =
        [1u8, 3].map(|index| (index, vec![w.guardian_shares[usize::from(index) - 1].partial_key(&identity).unwrap().point])).into();
    let answer = combine((&w.guardians, &two), (&w.guardians, &two), &w.public, &[identity], &mut SeededEntropy::new([1; 32]));
    assert_eq!(answer.unwrap_err(), CombineError::TooFew { got: 2, need: 3 });
}

#[test]
fn tse_22_the_key_of_one_identity_fits_no_other() {
    let w = World::new();
    let d: [u8; 48] = w.v.array("d_0");
    let this = w.identity(0, &w.public);
    let changed = |suite, key_id, provider, category, slot: Slot| {
        let (selector, salt) = (this.selector().clone(), this.salt());
        Identity::of_suite(suite, key_id, provider, category, slot, selector, salt).unwrap()
    };
    let (suite, key, provider, category, slot) = (this.suite(), this.key_id(), this.provider(), this.category(), this.slot());
    assert!(IdentityKey::check(&d, &changed(suite, key, provider, category, slot), &w.public).is_ok());
    let others = [
        w.identity(1, &w.public),
        changed(suite, key, provider, category, slot.next()),
        changed(Suite::Gcm, key, provider, category, slot),
        changed(suite, key, ProviderId([0xab; 16]), category, slot),
        changed(suite, key, provider, Category::IP, slot),
    ];
    for other in others {
        assert_eq!(IdentityKey::check(&d, &other, &w.public).unwrap_err(), KeyError::DoesNotFit);
    }
    let foreign = changed(suite, seal::identity::KeyId([1; 32]), provider, category, slot);
    assert_eq!(IdentityKey::check(&d, &foreign, &w.public).unwrap_err(), KeyError::OtherPublicKey);
}

#[test]
fn tse_23_another_retention_value_finds_nothing() {
    let w = World::new();
    let identity = w.identity(0, &w.public);
    let header = w.header(&w.public);
    let (lease, start, bucket) = (header.lease, header.start, identity.bucket());
    let first: [u8; 32] = w.v.array("L_0_0");
    let value = |lease, start, bucket| w.retention.bucket_value(lease, start, bucket).expose(|value| *value);
    let locator_under = |value: [u8; 32]| {
        let z = decapsulate(&w.key_of(0), &header.u);
        locator::derive_keys(z, &value, &header.hash(), &identity).expose(|keys| locator::locator(keys, 0))
    };
    assert_eq!(locator_under(value(lease, start, bucket)), first);
    let wrong =
        [[0; 32], w.v.array("W"), value(lease, start, bucket ^ 1), value(lease + 1, start, bucket), value(lease, start + 900, bucket)];
    for wrong in wrong {
        assert_ne!(locator_under(wrong), first);
        let proof = w.tree.proof(&w.retention, bucket).unwrap();
        let forged = seal::retention::BucketProof::new(wrong, *proof.path());
        assert!(forged.verify(bucket, &header.wroot).is_err());
    }
    let proof = w.tree.proof(&w.retention, bucket).unwrap();
    assert_eq!(proof.verify(bucket, &header.wroot), Ok(()));
    assert!(proof.verify(bucket ^ 1, &header.wroot).is_err(), "read for another bucket");
    for step in 0..16 {
        let mut path = *proof.path();
        path[step][0] ^= 1;
        assert!(seal::retention::BucketProof::new(*proof.value(), path).verify(bucket, &header.wroot).is_err());
    }
}

#[test]
fn tse_24_the_first_ciphertext_opens_only_as_itself() {
    let w = World::new();
    let ciphertext = w.v.octets("C_0_0");
    let open = |number, counter, octets: &[u8]| w.keys_of(number).expose(|keys| locator::open(Suite::GcmSiv, keys, counter, octets));
    assert!(open(0, 0, &ciphertext).is_ok());
    assert!(open(0, 1, &ciphertext).is_err());
    assert!(open(1, 0, &ciphertext).is_err());
    w.keys_of(0).expose(|keys| {
        for bit in 0..ciphertext.len() * 8 {
            let mut flipped = ciphertext.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(locator::open(Suite::GcmSiv, keys, 0, &flipped).is_err());
        }
    });
}

/// No value of the file is forgotten: the keys that the tests above ask for, by pattern, are all there are.
#[test]
fn every_value_is_asked_for() {
    let source = include_str!("vectors.rs");
    let v = Vectors::load();
    for key in v.unused() {
        // Section J belongs to the statistics, which version 1 does not ship.
        if key == "stat_H" {
            continue;
        }
        // The literal part before the first running number.
        let stem: String = key.chars().take_while(|c| !c.is_ascii_digit()).collect();
        assert!(source.contains(stem.trim_end_matches('_')), "{key}");
    }
    assert_eq!(hex("00ff"), [0, 255]);
}
