//! Signature cases made by foreign programs (interop/signatures.sh), each with its verdict and the reason for it.

use crate::table::{Case, Inputs, cases, folder, verdicts};

/// SIG-01 to SIG-57: every case of `cases.txt` gives exactly the verdicts that stand there.
#[test]
fn cases_give_their_verdicts() {
    let inputs = Inputs::read();
    let mut wrong = Vec::new();
    let all = cases();
    assert!(60 < all.len(), "the table of cases is cut off");
    for case in &all {
        let (valid, trust) = verdicts(case, &inputs);
        if (valid.as_str(), trust.as_str()) != (case.valid.as_str(), case.trust.as_str()) {
            let Case { name, why, .. } = case;
            wrong.push(format!("{name} ({why}): {valid} | {trust}, expected {} | {}", case.valid, case.trust));
        }
    }
    assert!(wrong.is_empty(), "in {}:\n{}", folder().display(), wrong.join("\n"));
}

/// One octet changed anywhere: never valid over other octets than before.
#[test]
fn no_change_of_one_octet_changes_what_is_signed() {
    let inputs = Inputs::read();
    for name in ["exclusive.xml", "xades.xml", "cades.p7m", "rs256.jws", "message.jws", "pades.pdf"] {
        let case = cases().into_iter().find(|case| case.name == name).unwrap();
        let original = crate::table::check(&case, &inputs).unwrap();
        let len = case.octets.len();
        for at in (0..len).step_by((len / 400).max(1)) {
            let mut changed = Case { octets: case.octets.clone(), ..case.clone() };
            changed.octets[at] ^= 1;
            if let Ok(valid) = crate::table::check(&changed, &inputs) {
                // In a PDF the file comes back, with the digits of the signature inside; they are the only ones that may differ.
                let is_same =
                    if name.ends_with(".pdf") { changed.octets[at].is_ascii_hexdigit() } else { valid[0].octets() == original[0].octets() };
                assert!(is_same, "{name}: octet {at}");
            }
        }
    }
}
