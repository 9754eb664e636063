//! Reads the table of cases and judges one. `WAARBORG_SIGNATURE_CASES` names another folder than the one in the tree:
//! interop/signatures.sh makes a fresh one with keys of its own.

use standards::signature::{self as signed, Certificate, Coverage, Refusal, Standing, Store, TrustedList, Valid};
use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};
use verify::package::digest::sha256;

/// 2027-01-01: after the cases of the tree were signed, before the certificates end.
const RECEIVED: u64 = 1_798_761_600;

#[derive(Clone)]
pub struct Case {
    pub name: String,
    pub valid: String,
    pub trust: String,
    pub why: String,
    pub octets: Vec<u8>,
}

pub struct Inputs {
    pub store: Store,
    pub known: Vec<Certificate>,
    pub letter: Vec<u8>,
    pub received: u64,
}

pub fn folder() -> PathBuf {
    let own = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/signatures/cases"));
    std::env::var_os("WAARBORG_SIGNATURE_CASES").map_or(own, PathBuf::from)
}

pub fn read(name: &str) -> Vec<u8> {
    let path = folder().join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn cases() -> Vec<Case> {
    let table = String::from_utf8(read("cases.txt")).unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(" | ").collect();
        let [name, valid, trust, _foreign, why] = cells[..] else { panic!("{line}") };
        let [name, valid, trust, why] = [name, valid, trust, why].map(str::to_owned);
        Case { octets: read(&name), name, valid, trust, why }
    };
    table.lines().map(row).collect()
}

impl Inputs {
    pub fn read() -> Inputs {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let received = if std::env::var_os("WAARBORG_SIGNATURE_CASES").is_some() { now } else { RECEIVED };
        let operator = sha256(&[&read("operator.crt")]);
        let list = TrustedList::parse(&read("list.tsl"), &[operator], received).unwrap();
        let mut store = Store::new(list.anchors().to_vec(), Vec::new());
        for name in ["root.crl", "issuing.crl", "withdrawn.crl", "unknown.crl", "stale.crl"] {
            store.add_revocation_list(&read(name)).unwrap();
        }
        store.add_issuer(read("issuing.crt"));
        Inputs { store, known: vec![Certificate::parse(&read("known.crt")).unwrap()], letter: read("letter.txt"), received }
    }
}

pub fn check(case: &Case, inputs: &Inputs) -> Result<Vec<Valid>, Refusal> {
    match case.name.rsplit_once('.').unwrap().1 {
        "xml" => signed::xml::check(&case.octets),
        "p7m" => signed::cms::check(&case.octets, None),
        "p7s" => signed::cms::check(&case.octets, Some(&inputs.letter)),
        "jws" => signed::jws::check(&case.octets, &inputs.known),
        "pdf" => signed::pdf::check(&case.octets),
        _ => Err(Refusal::Unsigned),
    }
}

/// The cells of the table.
pub fn verdicts(case: &Case, inputs: &Inputs) -> (String, String) {
    if case.name.ends_with(".txt") {
        return ("-".to_owned(), "-".to_owned());
    }
    let valid = match check(case, inputs) {
        Ok(valid) => valid,
        Err(refusal) => return (refusal.code().to_owned(), "-".to_owned()),
    };
    let word = |valid: &Valid| if valid.coverage() == Coverage::Whole { "valid" } else { "earlier" };
    let words: Vec<&str> = valid.iter().map(word).collect();
    let trusts: Vec<String> = valid.iter().map(|valid| trust(valid, inputs)).collect();
    assert!(trusts.windows(2).all(|pair| pair[0] == pair[1]), "{}: {trusts:?}", case.name);
    (words.join(" "), trusts[0].clone())
}

fn trust(valid: &Valid, inputs: &Inputs) -> String {
    match signed::judge_trust(valid, &inputs.store, inputs.received) {
        Ok(trusted) => match trusted.standing() {
            Standing::Qualified { .. } => "trusted".to_owned(),
            Standing::Issued { .. } => "issued".to_owned(),
            Standing::Pinned => "pinned".to_owned(),
        },
        Err(reasons) => reasons.iter().map(Refusal::code).collect::<Vec<_>>().join(" "),
    }
}
