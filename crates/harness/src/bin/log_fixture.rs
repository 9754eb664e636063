//! Writes the log fixture that outside verifiers check: `log-fixture DIR` (docs/spec/log-interop.md section 1).
//!
//! Deterministic: fixed seeds, fixed times. `good/` must be accepted, every folder of `flipped/` differs from it in one bit and
//! must be refused, `twin/` is another history under the same keys and origin.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use node::log::reading::make_proof;
use node::log::store::Store;
use node::log::tiles::Source;
use node::log::tree::TileTree;
use seal::secret::Secret;
use seal::signature::SigningKey;
use verify::log::checkpoint::Checkpoint;
use verify::log::leaf;
use verify::log::note::{SignedNote, Signer};
use verify::log::origin::Origin;
use verify::log::vkey::{KeyKind, KeyName};
use verify::spelling::{base64, hex};

const ORIGIN: &str = "fixture.example/orders/2027";
const WITNESS: &str = "fixture.example/witness";
/// Partial tiles, an exact tile edge, two and three levels.
const SIZES: [u64; 6] = [1, 5, 256, 300, 1_000, 70_000];
const PROVEN: u64 = 54_321;
const COSIGNED_AT: u64 = 1_798_761_600;
/// From this index on the twin has other entries: after every small checkpoint but 1 and 5.
const TWIN_FROM: u64 = 200;

fn signer(name: &str, kind: KeyKind, seed: u8) -> Signer {
    let key = SigningKey::from_seed(Secret::new([seed; 32])).expect("Cannot fail: any 32 octets are a seed");
    Signer::new(KeyName::parse(name).expect("Cannot fail: a constant that the tests read"), kind, key)
}

fn entry(index: u64, twin: bool) -> Vec<u8> {
    let other = twin && TWIN_FROM <= index;
    let c = seal::digest::sha256(&[b"waarborg log fixture", &[u8::from(other)], &index.to_be_bytes()]);
    leaf::entry(&leaf::commitment_d(&c)).to_vec()
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
    fs::write(path, bytes)
}

fn broken(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(error.to_string())
}

/// One log directory: tiles, bundles, every published checkpoint, the cosigned one, proofs, keys.
fn write_log(dir: &Path, twin: bool) -> io::Result<()> {
    let (log, witness) = (signer(ORIGIN, KeyKind::Ed25519, 1), signer(WITNESS, KeyKind::Cosignature, 2));
    let origin = Origin::parse(ORIGIN).map_err(broken)?;
    let mut tree = TileTree::empty();
    let mut last = None;
    for size in SIZES {
        let batch: Vec<Vec<u8>> = (tree.size()..size).map(|index| entry(index, twin)).collect();
        let (next, files) = tree.extend(&batch);
        for file in files {
            write(&dir.join(file.place.to_string()), &file.bytes)?;
        }
        tree = next;
        let head = Checkpoint { origin: origin.clone(), size, root: tree.root() };
        let note = log.sign_note(&head.to_text()).map_err(broken)?;
        write(&dir.join(format!("checkpoints/{size}")), &note.to_bytes())?;
        last = Some((head, note));
    }
    let (head, note) = last.ok_or_else(|| broken("no sizes"))?;
    let line = witness.cosign(&head.to_text(), COSIGNED_AT).map_err(broken)?;
    let cosigned = SignedNote::new(head.to_text(), note.signatures().iter().cloned().chain([line]).collect()).map_err(broken)?;
    write(&dir.join("checkpoint"), &cosigned.to_bytes())?;
    write(&dir.join("log.vkey"), format!("{}\n", log.vkey()).as_bytes())?;
    write(&dir.join("witness.vkey"), format!("{}\n", witness.vkey()).as_bytes())?;
    let policy = format!("log {}\nwitness w {}\ngroup all 1 w\nquorum all\n", log.vkey(), witness.vkey());
    write(&dir.join("tlog-policy"), policy.as_bytes())
}

/// The `.tlog-proof` of one entry and one consistency proof, made by the node's own prover from these tiles.
async fn write_proofs(dir: &Path, twin: bool) -> io::Result<()> {
    let source = Source::Store(Store::local(dir).map_err(|fault| broken(fault.what))?);
    let proof = make_proof(&source, PROVEN).await.map_err(broken)?.ok_or_else(|| broken("not published"))?;
    write(&dir.join("entry.tlog-proof"), &proof)?;
    write(&dir.join("entry.hex"), format!("{}\n", hex(&entry(PROVEN, twin))).as_bytes())?;
    let path = source.consistency(1_000, 70_000).await.map_err(broken)?;
    let lines: String = path.iter().map(|hash| format!("{}\n", base64(hash))).collect();
    write(&dir.join("consistency-1000-70000"), lines.as_bytes())
}

/// A copy of `good` in hard links, but for one file with one bit changed.
fn write_flipped(good: &Path, to: &Path, file: &str, change: impl Fn(&mut Vec<u8>)) -> io::Result<()> {
    link_tree(good, to)?;
    let path = to.join(file);
    let mut bytes = fs::read(&path)?;
    let own = bytes.clone();
    change(&mut bytes);
    if bytes == own {
        return Err(broken(format!("{file}: nothing was changed")));
    }
    fs::remove_file(&path)?;
    fs::write(path, bytes)
}

fn link_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() { link_tree(&entry.path(), &target)? } else { fs::hard_link(entry.path(), target)? }
    }
    Ok(())
}

fn flip(at: usize) -> impl Fn(&mut Vec<u8>) {
    move |bytes| bytes[at] ^= 1
}

/// Flips a bit inside the base64 payload that ends `back` characters before the end of line `line`, keeping it base64.
fn flip_base64(line: usize, back: usize) -> impl Fn(&mut Vec<u8>) {
    move |bytes| {
        let end = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).nth(line).unwrap_or(0);
        let at = end - back;
        // The low bit of a sextet, far from the padding: A and B, 0 and 1 of the alphabet, and so on.
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        if let Some(value) = alphabet.iter().position(|known| *known == bytes[at]) {
            bytes[at] = alphabet[value ^ 1];
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let Some(dir) = std::env::args().nth(1).map(PathBuf::from) else {
        eprintln!("usage: log-fixture DIR");
        std::process::exit(2);
    };
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    let (good, twin) = (dir.join("good"), dir.join("twin"));
    for (log, is_twin) in [(&good, false), (&twin, true)] {
        write_log(log, is_twin)?;
        write_proofs(log, is_twin).await?;
    }
    let copy = |name: &str| dir.join("flipped").join(name);
    write_flipped(&good, &copy("tile-0"), "tile/0/211", flip(1_234))?;
    write_flipped(&good, &copy("tile-1"), "tile/1/000", flip(777))?;
    write_flipped(&good, &copy("tile-2-partial"), "tile/2/000.p/1", flip(5))?;
    write_flipped(&good, &copy("tile-0-partial"), "tile/0/273.p/112", flip(64))?;
    // Entry 3 of the bundle, past its two length octets; and one octet of a length.
    write_flipped(&good, &copy("entry-in-bundle"), "tile/entries/001", flip(3 * 51 + 2 + 20))?;
    write_flipped(&good, &copy("bundle-length"), "tile/entries/002", flip(51 + 1))?;
    write_flipped(&good, &copy("entry"), "entry.hex", |bytes| bytes[70] = if bytes[70] == b'0' { b'1' } else { b'0' })?;
    // Line 0 is the header, 1 the index, 2 and up the hashes.
    write_flipped(&good, &copy("proof-hash"), "entry.tlog-proof", flip_base64(4, 20))?;
    write_flipped(&good, &copy("consistency-hash"), "consistency-1000-70000", flip_base64(2, 20))?;
    // A checkpoint: three lines, a blank one, then the log's line and the witness's.
    for size in SIZES {
        write_flipped(&good, &copy(&format!("log-signature-{size}")), &format!("checkpoints/{size}"), flip_base64(4, 30))?;
    }
    write_flipped(&good, &copy("log-signature-published"), "checkpoint", flip_base64(4, 30))?;
    write_flipped(&good, &copy("cosignature"), "checkpoint", flip_base64(5, 30))?;
    // The first octets of the payload are the key id, then eight of time, of which the last is the seconds.
    write_flipped(&good, &copy("cosignature-time"), "checkpoint", flip_base64(5, 89))?;
    write_flipped(&good, &copy("root"), "checkpoint", flip_base64(2, 20))?;
    println!("{}", dir.display());
    Ok(())
}
