//! The crate `sigsum` 0.3.0, which we did not write, verifies a log of ours: same tile code, same signer, same cosigner, in
//! Sigsum's form (128-byte leaves, origin `sigsum.org/v1/tree/<key hash>`), with k-of-n policies.

use node::log::store::Store;
use node::log::tiles::Source;
use node::log::tree::TileTree;
use seal::digest::sha256;
use seal::secret::Secret;
use seal::signature::SigningKey;
use sigsum::{Hash, Policy, PublicKey, SigsumSignature, verify};
use verify::log::note::{NoteSignature, Signer};
use verify::log::vkey::{KeyKind, KeyName};
use verify::spelling::{base64, hex};

const SIZE: u64 = 700;
const INDEX: u64 = 300;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(Secret::new([seed; 32])).unwrap()
}

fn signer(name: &str, kind: KeyKind, seed: u8) -> Signer {
    Signer::new(KeyName::parse(name).unwrap(), kind, key(seed))
}

/// checksum || leaf signature || key hash.
fn leaf(message: &[u8; 32]) -> Vec<u8> {
    let (submitter, checksum) = (key(1), sha256(&[message]));
    let signature = submitter.sign(&[b"sigsum.org/v1/tree-leaf\0".as_slice(), &checksum].concat());
    [&checksum[..], &signature, &sha256(&[submitter.verifying_key().as_bytes()])].concat()
}

fn message(index: u64) -> [u8; 32] {
    sha256(&[b"message", &index.to_be_bytes()])
}

fn key_hash(signer: &Signer) -> String {
    hex(&sha256(&[signer.vkey().key().as_bytes()]))
}

/// The proof in Sigsum's text form, with one cosignature.
async fn proof(log: &Signer, witness: &Signer) -> String {
    let dir = tempfile::tempdir().unwrap();
    let entries: Vec<Vec<u8>> = (0..SIZE).map(|index| leaf(&message(index))).collect();
    let (tree, files) = TileTree::empty().extend(&entries);
    let store = Store::local(dir.path()).unwrap();
    for file in files {
        store.keep(&file.place.to_string(), &file.bytes).await.unwrap();
    }
    let path = Source::Store(store).inclusion(INDEX, SIZE).await.unwrap();
    let text = format!("sigsum.org/v1/tree/{}\n{SIZE}\n{}\n", key_hash(log), base64(&tree.root()));
    let signature = log.sign(&text).unwrap();
    let cosignature: NoteSignature = witness.cosign(&text, 1_798_761_600).unwrap();
    let (leaf_bytes, mut proof) = (leaf(&message(INDEX)), String::new());
    proof.push_str(&format!("version=2\nlog={}\nleaf={} {}\n\n", key_hash(log), hex(&leaf_bytes[96..]), hex(&leaf_bytes[32..96])));
    proof.push_str(&format!("size={SIZE}\nroot_hash={}\nsignature={}\n", hex(&tree.root()), hex(signature.payload())));
    proof.push_str(&format!("cosignature={} 1798761600 {}\n\n", key_hash(witness), hex(&cosignature.payload()[8..])));
    proof.push_str(&format!("leaf_index={INDEX}\n"));
    path.iter().for_each(|hash| proof.push_str(&format!("node_hash={}\n", hex(hash))));
    proof
}

#[tokio::test]
async fn log_13_sigsum_accepts_our_log_line_cosignature_and_proof_and_refuses_changes() {
    let log = signer("log", KeyKind::Ed25519, 2);
    let (one, two) = (signer("w1", KeyKind::Cosignature, 3), signer("w2", KeyKind::Cosignature, 4));
    let public = |signer: &Signer| hex(signer.vkey().key().as_bytes());
    let policy = |quorum: &str| {
        let text = format!("log {}\nwitness w1 {}\nwitness w2 {}\n{quorum}\n", public(&log), public(&one), public(&two));
        Policy::parse(&text).unwrap()
    };
    let single = policy("quorum w1");
    let signers = [PublicKey::from(*key(1).verifying_key().as_bytes())];
    let judge = |proof: &str, index: u64, policy: &Policy| match SigsumSignature::from_ascii(proof) {
        Ok(parsed) => verify(&Hash::from(message(index)), &parsed, &signers, policy).is_ok(),
        Err(_) => false,
    };
    let good = proof(&log, &one).await;
    assert!(judge(&good, INDEX, &single));
    // Other data; two of two with one cosignature; a witness that the quorum does not name.
    assert!(!judge(&good, INDEX + 1, &single));
    assert!(!judge(&good, INDEX, &policy("group all all w1 w2\nquorum all")));
    assert!(judge(&good, INDEX, &policy("group some any w1 w2\nquorum some")));
    assert!(!judge(&proof(&log, &two).await, INDEX, &single));
    // One hexadecimal digit changed in any line that carries hashes or signatures.
    for (number, line) in good.lines().enumerate().filter(|(_, line)| 64 < line.len()) {
        let digit = line.chars().last().unwrap();
        let changed = format!("{}{}", &line[..line.len() - 1], if digit == '0' { '1' } else { '0' });
        let flipped: Vec<&str> = good.lines().enumerate().map(|(at, own)| if at == number { &changed[..] } else { own }).collect();
        assert!(!judge(&format!("{}\n", flipped.join("\n")), INDEX, &single), "line {number}");
    }
}
