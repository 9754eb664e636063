//! How each log format is judged: payload and headers in, one line of verdict out.

use verify::log::checkpoint::Checkpoint;
use verify::log::leaf;
use verify::log::note::SignedNote;
use verify::log::proof::TlogProof;
use verify::log::quorum::Window;
use verify::log::split::Evidence;
use verify::log::tile::{self, Resource};
use verify::log::tlog_policy::TlogPolicy;
use verify::log::vkey::VerifierKey;
use verify::log::witness::{self, Config, Request, Stored, Verdict};
use verify::log::{Refusal, origin::Origin};
use verify::spelling::{from_base64_exact, from_hex};

use super::loader::Vector;

fn verdict<T>(result: Result<T, Refusal>, accepted: impl FnOnce(T) -> String) -> String {
    match result {
        Ok(value) => accepted(value),
        Err(refusal) => format!("refused {}", refusal.code()),
    }
}

fn plain<T>(_: T) -> String {
    "accepted".to_owned()
}

/// The payload as text without its last newline, which belongs to the file.
fn line(vector: &Vector) -> &str {
    let text = std::str::from_utf8(&vector.payload).expect("text");
    text.strip_suffix('\n').unwrap_or(text)
}

fn keys(vector: &Vector) -> Vec<VerifierKey> {
    vector.all("key").map(|text| VerifierKey::parse(text).expect("key header")).collect()
}

fn policy(vector: &Vector) -> TlogPolicy {
    let text: String = vector.all("policy").map(|line| format!("{line}\n")).collect();
    TlogPolicy::parse(text.as_bytes()).expect("policy headers")
}

fn window(vector: &Vector) -> Option<Window> {
    Some(Window { from: vector.number("from")?, until: vector.number("until")? })
}

pub fn vkey(vector: &Vector) -> String {
    verdict(VerifierKey::parse(line(vector)), |key| {
        assert_eq!(key.to_string(), line(vector));
        "accepted".to_owned()
    })
}

pub fn note(vector: &Vector) -> String {
    let keys = keys(vector);
    verdict(SignedNote::parse(&vector.payload).and_then(|note| note.verify(&keys.iter().collect::<Vec<_>>())), plain)
}

pub fn checkpoint(vector: &Vector) -> String {
    let text = String::from_utf8(vector.payload.clone()).expect("text");
    verdict(Checkpoint::parse(&text), plain)
}

pub fn cosigned_checkpoint(vector: &Vector) -> String {
    verdict(policy(vector).check(&vector.payload, window(vector)), |head| format!("accepted {} {}", head.not_before(), head.not_after()))
}

pub fn tlog_policy(vector: &Vector) -> String {
    verdict(TlogPolicy::parse(&vector.payload), plain)
}

pub fn tlog_proof(vector: &Vector) -> String {
    let entry = from_hex(vector.one("entry").expect("entry")).expect("hexadecimal");
    let leaf_hash = seal::merkle::leaf_hash(&entry);
    if let Some(d) = leaf::d_of_entry(&entry) {
        assert_eq!(leaf::leaf_hash(&d), leaf_hash);
    }
    let proof = TlogProof::parse(&vector.payload);
    verdict(proof.and_then(|proof| proof.verify(leaf_hash, &policy(vector), window(vector))), plain)
}

pub fn path(vector: &Vector) -> String {
    verdict(Resource::parse(line(vector)), |resource| {
        assert_eq!(resource.to_string(), line(vector));
        "accepted".to_owned()
    })
}

pub fn entry_bundle(vector: &Vector) -> String {
    let width = vector.number("width").expect("width") as u16;
    verdict(tile::entries(&vector.payload, width), |entries| {
        assert_eq!(tile::bundle(&entries).as_deref(), Some(vector.payload.as_slice()));
        "accepted".to_owned()
    })
}

pub fn witness_request(vector: &Vector) -> String {
    let request = match Request::parse(&vector.payload) {
        Ok(request) => request,
        Err(refusal) => return format!("refused {}", refusal.code()),
    };
    let mut config = Config::default();
    for key in keys(vector) {
        let origin = Origin::parse(key.name().as_str()).expect("origin");
        config.logs.entry(origin).or_default().push(key);
    }
    let stored = match vector.one("stored") {
        None => Stored::nothing(),
        Some(text) => {
            let (size, root) = text.split_once(' ').expect("size and root");
            Stored { size: size.parse().expect("size"), root: from_base64_exact(root).expect("root") }
        }
    };
    let verdict = witness::judge(stored, &request, &config);
    match &verdict {
        Verdict::OtherSize { .. } => format!("answer {} {}", verdict.status(), verdict.body().1.trim_end()),
        _ => format!("answer {}", verdict.status()),
    }
}

pub fn witness_answer(vector: &Vector) -> String {
    let keys = keys(vector);
    let text: String = vector.all("checkpoint").map(|line| format!("{line}\n")).collect();
    let window = window(vector).expect("window");
    verdict(witness::usable_lines(&vector.payload, &text, &keys[0], window), |lines| format!("accepted {}", lines.len()))
}

pub fn split_view(vector: &Vector) -> String {
    verdict(Evidence::parse(&vector.payload).and_then(|e| e.judge(&keys(vector))), |conviction| {
        format!("accepted {} {}", conviction.origin, conviction.culprits.join(" "))
    })
}
