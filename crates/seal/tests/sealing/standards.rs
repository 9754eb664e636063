//! Published vectors and second implementations (TSE-03 to TSE-05).

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use hmac::Mac;
use proptest::prelude::*;
use seal::digest::{hkdf, hkdf_expand, hkdf_extract, hmac_sha256, sha256};
use seal::entropy::{Entropy, SeededEntropy};
use seal::identity::Suite;
use seal::locator;
use seal::merkle::{self, Hash, MerkleError};
use sha2::Digest;

use crate::support::{hex, to_hex};

#[test]
fn tse_03_rfc_5869() {
    // A.1
    let prk = hkdf_extract(&hex("000102030405060708090a0b0c"), &[0x0b; 22]);
    prk.expose(|prk| assert_eq!(to_hex(prk), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"));
    let okm = hkdf_expand::<42>(&prk, &[&hex("f0f1f2f3f4f5f6f7f8f9")]);
    okm.expose(|okm| {
        assert_eq!(to_hex(okm), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    });
    // A.2, longer inputs; the information in two parts.
    let (ikm, salt, info): (Vec<u8>, Vec<u8>, Vec<u8>) = ((0..0x50).collect(), (0x60..=0xaf).collect(), (0xb0..=0xff).collect());
    hkdf::<82>(&salt, &ikm, &[&info[..7], &info[7..]]).expose(|okm| {
        assert_eq!(
            to_hex(okm),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
        );
    });
    // A.3, no salt and no information.
    hkdf::<42>(&[], &[0x0b; 22], &[]).expose(|okm| {
        assert_eq!(to_hex(okm), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
    });
}

/// RFC 8452 has no vector with our nonce layout and associated data, so its answers fix the library's cipher and the
/// differential test below our use of it.
#[test]
fn tse_04_rfc_8452_c2() {
    use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
    let seal = |key: &str, nonce: &str, aad: &str, plaintext: &str| {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, &hex(key)).unwrap());
        let mut buffer = hex(plaintext);
        let nonce = Nonce::try_assume_unique_for_key(&hex(nonce)).unwrap();
        key.seal_in_place_append_tag(nonce, Aad::from(hex(aad)), &mut buffer).unwrap();
        to_hex(&buffer)
    };
    let (key, nonce) = ("0100000000000000000000000000000000000000000000000000000000000000", "030000000000000000000000");
    assert_eq!(seal(key, nonce, "", ""), "07f5f4169bbf55a8400cd47ea6fd400f");
    assert_eq!(seal(key, nonce, "", "0100000000000000"), "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28");
    assert_eq!(seal(key, nonce, "", "010000000000000000000000"), "9aab2aeb3faa0a34aea8e2b18ca50da9ae6559e48fd10f6e5c9ca17e");
    // C.3, counter wrap.
    assert_eq!(
        seal(
            "0000000000000000000000000000000000000000000000000000000000000000",
            "000000000000000000000000",
            "",
            "000000000000000000000000000000004db923dc793ee6497c76dcc03a98e108"
        ),
        "f3f80f2cf0cb2dd9c5984fcda908456cc537703b5ba70324a6793a7bf218d3eaffffffff000000000000000000000000"
    );
}

proptest! {
    #[test]
    fn digests_agree_with_second_implementations(key in prop::collection::vec(any::<u8>(), 0..200), parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 0..4)) {
        let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let whole = parts.concat();
        prop_assert_eq!(sha256(&slices), <[u8; 32]>::from(sha2::Sha256::digest(&whole)));
        let mut mac = <hmac::Hmac<sha2::Sha256> as Mac>::new_from_slice(&key).unwrap();
        mac.update(&whole);
        prop_assert_eq!(hmac_sha256(&key, &slices), <[u8; 32]>::from(mac.finalize().into_bytes()));
        let mut expected = [0; 100];
        hkdf::Hkdf::<sha2::Sha256>::new(Some(&key), &whole).expand(b"info", &mut expected).unwrap();
        hkdf::<100>(&key, &whole, &[b"in", b"fo"]).expose(|okm| assert_eq!(okm, &expected));
    }

    #[test]
    fn tse_04_ciphertexts_agree_with_a_second_implementation(seed in any::<[u8; 32]>(), counter in 0..1u64 << 32, record in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut keys = [0; 64];
        SeededEntropy::new(seed).fill(&mut keys);
        let mut plaintext = (record.len() as u16).to_be_bytes().to_vec();
        plaintext.extend_from_slice(&record);
        plaintext.resize(plaintext.len().next_multiple_of(64), 0);
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&counter.to_be_bytes());
        let cipher = aes_gcm_siv::Aes256GcmSiv::new_from_slice(&keys[32..]).unwrap();
        let expected = cipher.encrypt(&nonce.into(), Payload { msg: &plaintext, aad: b"WBG1-R" }).unwrap();
        prop_assert_eq!(locator::seal(Suite::GcmSiv, &keys, counter, &record).unwrap(), expected);
    }

    // TSE-05
    #[test]
    fn rfc_6962_proofs_hold_for_every_size_and_index(size in 1usize..70, index in 0usize..70, old in 0usize..70) {
        let leaves: Vec<Hash> = (0..size as u64).map(|n| merkle::leaf_hash(&n.to_be_bytes())).collect();
        let root = merkle::root(&leaves);
        prop_assert_eq!(root, recursive_root(&leaves));
        let index = index % size;
        let path = merkle::inclusion_path(&leaves, index);
        let check = |index: u64, size: u64, path: &[Hash]| merkle::verify_inclusion(index, size, &leaves[index as usize % leaves.len()], path, &root);
        prop_assert_eq!(check(index as u64, size as u64, &path), Ok(()));
        let mut longer = path.clone();
        longer.push([0; 32]);
        prop_assert_eq!(check(index as u64, size as u64, &longer), Err(MerkleError::PathLength));
        if let Some((_, shorter)) = path.split_last() {
            prop_assert_eq!(check(index as u64, size as u64, shorter), Err(MerkleError::PathLength));
            let mut changed = path.clone();
            changed[0][5] ^= 1;
            prop_assert_eq!(check(index as u64, size as u64, &changed), Err(MerkleError::WrongRoot));
        }
        prop_assert_eq!(check(size as u64, size as u64, &path), Err(MerkleError::IndexOutside));

        let old = old % (size + 1);
        let old_root = recursive_root(&leaves[..old]);
        let path = merkle::consistency_path(&leaves, old);
        let verify = |old: usize, old_root: &Hash, path: &[Hash]| merkle::verify_consistency(old as u64, old_root, size as u64, &root, path);
        prop_assert_eq!(verify(old, &old_root, &path), Ok(()));
        if 0 < old && old < size {
            prop_assert!(verify(old, &[1; 32], &path).is_err());
            prop_assert!(verify(old, &old_root, &path[1..]).is_err());
            let mut longer = path.clone();
            longer.push([0; 32]);
            prop_assert!(verify(old, &old_root, &longer).is_err());
        } else {
            prop_assert!(verify(old, &[1; 32], &path).is_err());
            prop_assert_eq!(verify(old, &old_root, &[[0; 32]]), Err(MerkleError::PathLength));
        }
    }
}

/// RFC 6962 section 2.1, word for word.
fn recursive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => <[u8; 32]>::from(sha2::Sha256::digest([])),
        [only] => *only,
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            let (left, right) = (recursive_root(&leaves[..split]), recursive_root(&leaves[split..]));
            <[u8; 32]>::from(sha2::Sha256::digest([&[1][..], &left, &right].concat()))
        }
    }
}
