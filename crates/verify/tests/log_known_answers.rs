//! Values that stand in the specification or were published by others: nothing here was computed by this program first.

use verify::log::checkpoint::empty_root;
use verify::log::note::SignedNote;
use verify::log::origin::Origin;
use verify::log::tile::{Resource, full_tiles, partial_width};
use verify::log::vkey::{KeyKind, KeyName, VerifierKey};
use verify::log::{cosignature, leaf};
use verify::spelling::{base64, from_base64_exact, from_hex_exact, hex};

fn h(text: &str) -> [u8; 32] {
    from_hex_exact(text).unwrap()
}

/// The salts of section 4: 32 times the field's number.
fn field(id: u8, value: &[u8]) -> (u8, [u8; 32]) {
    (id, leaf::field_hash(id, &[id; 32], value))
}

const R: [u8; 32] = [0x42; 32];
const SIGNATURE: [u8; 64] = [0x99; 64];

#[test]
fn log_37_the_dummy() {
    assert_eq!(hex(&leaf::dummy_record_root()), "95e7697248c01f3bd2fe89035c1e23351d4f1714fcf632a84809c797b8df5b0e");
    let c = leaf::dummy_commitment(&R);
    assert_eq!(hex(&c), "dbbb9bc38b1245939de785c665fbf642ec424662aa9ae442ec7cadec371c857b");
    let d = leaf::commitment_d(&c);
    assert_eq!(hex(&d), "7d06e4d94c82324b98bc52416b9d2c0bf9b711150b42681c65f5388d9a0cfc50");
    assert_eq!(hex(&leaf::leaf_hash(&d)), "2d7ad2139c9abe46c194ba99cb1426d530c4d029cc6ffd38f6ecc628d056e487");
    assert_eq!(leaf::record_root(&[]), Some(leaf::dummy_record_root()));
}

#[test]
fn section_4_order_record() {
    let scope_root = h("217b5f22dcf6fbd905786f5804c737ded010ff7b302f2953173a021ae680cb5a");
    let fields = [field(1, &[1]), field(5, &[0xaa; 16]), field(16, &scope_root)];
    assert_eq!(hex(&fields[0].1), "bd2f1be714f96feaa3fbcb83772cfac8afe99ffa1f29294084c293772d903747");
    assert_eq!(hex(&fields[1].1), "bbcb3a2f28f4ce66488528604e7831957182244bb0faf26d831e39ca78e3d9c0");
    assert_eq!(hex(&fields[2].1), "587fcb735acd69ba9820966fb91a8bfb218f0cab874281d52365dadb11fc83cb");
    let root = leaf::record_root(&fields).unwrap();
    assert_eq!(hex(&root), "d5ee4f02621559c226e13db05bcb463c7bd3bc4106b04d348cd2a467bc9de9c9");
    let c = leaf::commitment(&R, &root, &SIGNATURE);
    assert_eq!(hex(&c), "e058e0be211efc5a9418fd8810185e130af31229c80c521a3088d92cc1e153b3");
    let d = leaf::commitment_d(&c);
    assert_eq!(hex(&d), "103c199774ae8c0f5e4cd7e0fffe597b28cf655903a9987e22d4abb63511e24f");
    assert_eq!(hex(&leaf::leaf_hash(&d)), "19c6a91d10442593e56f7efe3285881fd9f571b10f74220a2c015bd1c7dcf85a");
}

#[test]
fn section_4_intent_record() {
    let ids_root = h("18737f685536aca0cca353b11d7cb19563367c9b52412b63b9db866e3ce3860d");
    let fields = [field(1, &[12]), field(5, &[0xaa; 16]), field(25, &ids_root)];
    assert_eq!(hex(&fields[0].1), "6551f857047229ea54cb9a24ec9dd0b5e8ad3e48e5a44e37f6566ed546934b34");
    assert_eq!(hex(&fields[2].1), "db01fcafa6602d4eab47c8e0ea5c44e902f36f49e25d4f06f3dc8379d508949f");
    let root = leaf::record_root(&fields).unwrap();
    assert_eq!(hex(&root), "409ece4d3695f17d71896ab2e8b57a0e3d58e052d99b7c6d07dcd4b3950d0d4c");
    let c = leaf::commitment(&R, &root, &SIGNATURE);
    assert_eq!(hex(&c), "95382d22c9edbb734d513867fc7b956f7e4e95dee57b1b79fba8c9739464de39");
    let d = leaf::commitment_d(&c);
    assert_eq!(hex(&d), "0da379bd9f0d81b35630a15eab350784e1cac47ded2beee3e6d1a89596bbb22f");
    assert_eq!(hex(&leaf::leaf_hash(&d)), "166ecc65d283bea2fb25faddc36604a9e452664abcf0ab7ef08fd6335a5106e3");
}

/// HMAC written out over another SHA-256: padded key, inner and outer hash.
fn hmac_by_hand(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(octet, key)| *octet ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

#[test]
fn log_38_the_commitment_is_hmac_under_r_over_record_and_signature() {
    use sha2::{Digest, Sha256};
    let by_hand = |r: &[u8; 32], root: &[u8; 32], signature: &[u8]| {
        let message = [root.as_slice(), Sha256::digest(signature).as_slice()].concat();
        hmac_by_hand(r, &message)
    };
    for (r, root, signature) in [(R, [1; 32], SIGNATURE), ([1; 32], [1; 32], SIGNATURE), (R, [2; 32], SIGNATURE), (R, [1; 32], [0; 64])] {
        assert_eq!(leaf::commitment(&r, &root, &signature), by_hand(&r, &root, &signature));
    }
}

#[test]
fn log_36_every_entry_is_49_octets_and_nothing_but_d_differs() {
    let (a, b) = (leaf::entry(&[1; 32]), leaf::entry(&[2; 32]));
    assert_eq!((a.len(), &a[..17]), (leaf::ENTRY_LEN, b"waarborg-leaf/v1\n".as_slice()));
    assert_eq!(a[..17], b[..17]);
    assert_eq!(leaf::d_of_entry(&a), Some([1; 32]));
    assert_eq!(leaf::d_of_entry(&a[..48]), None);
    assert_eq!(leaf::d_of_entry(&[0; 49]), None);
}

#[test]
fn log_34_the_signed_message_and_log_39_the_order_of_fields() {
    assert_eq!(leaf::signed_message(&[7; 32]), [b"waarborg-order/v1\n".as_slice(), &[7; 32]].concat());
    assert_eq!(leaf::record_root(&[(5, [0; 32]), (1, [0; 32])]), None);
    assert_eq!(leaf::record_root(&[(1, [0; 32]), (1, [0; 32])]), None);
    assert!(leaf::record_root(&(0..32).map(|i| (i, [0; 32])).collect::<Vec<_>>()).is_some());
    assert!(leaf::record_root(&(0..33).map(|i| (i, [0; 32])).collect::<Vec<_>>()).is_none());
}

#[test]
fn log_33_dummies_differ_and_depend_on_day_and_counter() {
    assert_ne!(leaf::dummy_r(&[1; 32], 0), leaf::dummy_r(&[1; 32], 1));
    assert_ne!(leaf::dummy_r(&[1; 32], 0), leaf::dummy_r(&[2; 32], 0));
}

/// The one verifiable example in the text of C2SP signed-note.
#[test]
fn the_example_of_signed_note() {
    let key = VerifierKey::parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").unwrap();
    let note = SignedNote::parse("This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n".as_bytes()).unwrap();
    assert_eq!(note.text(), "This is an example message.\n");
    assert_eq!(note.verify(&[&key]).unwrap().len(), 1);
}

/// C2SP issue 99, the corrected checkpoint. Its origin has Sigsum's form, which LOG-11 does not take: signature and lines are checked.
#[test]
fn the_checkpoint_of_c2sp_issue_99() {
    let origin = "sigsum.org/v1/tree/e796172b92befd62d9dc67e41c2f5bc9d3100a3023b20b1ca40288dd1c679e69";
    let public = h("66e0b858e462a609e66fe71370c816d8846ff103d5499a22a7fec37fdbc424a7");
    let key = seal::signature::VerifyingKey::parse(&public).unwrap();
    let vkey = VerifierKey::new(KeyName::parse(origin).unwrap(), KeyKind::Ed25519, key);
    let text = format!("{origin}\n10\nHA5HAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    let line = format!("\u{2014} {origin} gJ2ho0n8F8olcerUF1FFdv235A/5as/coWrpLrtE7ovMeP5whgwouYExowG/lTznxu6OUGjjt5yJQ6bXtTcf718MqAQ=\n");
    let note = SignedNote::parse(format!("{text}\n{line}").as_bytes()).unwrap();
    assert_eq!(note.verify(&[&vkey]).unwrap().len(), 1);
    assert!(from_base64_exact::<32>("HA5HAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").is_some());
    assert_eq!(Origin::parse(origin).unwrap_err().code(), "LOG-11");
    // The first form of that issue had the key hash wrong: to us an unknown key.
    let wrong = SignedNote::parse(format!("{text}\n{}", line.replace("gJ2ho0", "pOZUn0")).as_bytes()).unwrap();
    assert_eq!(wrong.verify(&[&vkey]).unwrap_err().code(), "LOG-07");
}

#[test]
fn log_10_the_empty_root() {
    assert_eq!(base64(&empty_root()), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

#[test]
fn log_17_and_log_18_the_examples_of_the_text() {
    assert_eq!(Resource::Tile { level: 0, number: 1_234_067, width: 256 }.to_string(), "tile/0/x001/x234/067");
    let widths = |size| (0..4).map(|level| (full_tiles(size, level), partial_width(size, level))).collect::<Vec<_>>();
    assert_eq!(widths(70_000), [(273, 112), (1, 17), (0, 1), (0, 0)]);
    assert_eq!(widths(256), [(1, 0), (0, 1), (0, 0), (0, 0)]);
    assert_eq!(partial_width(u64::MAX, 63), 0);
}

/// Section 2.3, the reserved `0x06` message, octet by octet.
#[test]
fn log_14_the_subtree_message() {
    let origin = Origin::parse("a.example/orders/2027").unwrap();
    let message = cosignature::subtree_message(&KeyName::parse("w").unwrap(), 5, &origin, 0, 7, &[9; 32]);
    let expected = [
        b"\x73\x75\x62\x74\x72\x65\x65\x2F\x76\x31\x0A\x00".as_slice(),
        b"\x01w",
        &5u64.to_be_bytes(),
        b"\x15a.example/orders/2027",
        &0u64.to_be_bytes(),
        &7u64.to_be_bytes(),
        &[9; 32],
    ]
    .concat();
    assert_eq!(message, expected);
}

/// RFC 4648 section 10.
#[test]
fn log_03_base64_is_that_of_rfc_4648() {
    let vectors =
        [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy")];
    for (octets, text) in vectors {
        assert_eq!(base64(octets.as_bytes()), text);
        assert_eq!(verify::spelling::from_base64(text).as_deref(), Some(octets.as_bytes()));
    }
}
