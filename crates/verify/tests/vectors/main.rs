//! Every file of `testdata/vectors` that `verify` judges gives its verdict, the kind of refusal included.
//!
//! The same files drive the second implementation in `interop/`. To add a format: a folder and a line in `FORMATS`.

mod document_cases;
mod documents;
mod loader;
mod log;
mod log_cases;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;

use loader::{Vector, compare_or_write, vectors};

type Judge = fn(&Vector) -> String;

const FORMATS: &[(&str, Judge)] = &[
    ("approval", documents::approval),
    ("bundle", documents::bundle),
    ("checkpoint", log::checkpoint),
    ("cosigned-checkpoint", log::cosigned_checkpoint),
    ("entry-bundle", log::entry_bundle),
    ("intent", documents::intent),
    ("log-path", log::path),
    ("note", log::note),
    ("order", documents::order),
    ("policy", documents::policy),
    ("receipt", documents::receipt),
    ("split-view", log::split_view),
    ("statement", documents::statement),
    ("tlog-policy", log::tlog_policy),
    ("tlog-proof", log::tlog_proof),
    ("vkey", log::vkey),
    ("witness-answer", log::witness_answer),
    ("witness-request", log::witness_request),
];

#[test]
fn vectors_give_their_verdict() {
    let mut wrong = Vec::new();
    for (format, judge) in FORMATS {
        for vector in vectors(format) {
            let verdict = judge(&vector);
            if verdict != vector.expect {
                wrong.push(format!("{format}/{}: {verdict:?}, expected {:?}", vector.case, vector.expect));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn log_vectors_are_as_generated() {
    compare_or_write(&log_cases::all());
}

/// The documents' vectors are kept as they were first made: they say what readers must do, not what our own random numbers give today.
#[test]
fn document_vectors_can_be_made_again() {
    if std::env::var_os("WAARBORG_WRITE_VECTORS").is_some() {
        compare_or_write(&document_cases::all());
    }
}

#[test]
fn every_format_has_a_good_and_a_bad_vector() {
    for (format, _) in FORMATS {
        let verdicts: Vec<String> = vectors(format).into_iter().map(|v| v.expect).collect();
        assert!(verdicts.iter().any(|v| v.starts_with("accepted") || v.starts_with("answer 200")), "{format}");
        assert!(verdicts.iter().any(|v| v.starts_with("refused")), "{format}");
    }
}

#[test]
fn every_refusal_code_has_a_vector() {
    let seen: BTreeSet<String> = FORMATS
        .iter()
        .flat_map(|(format, _)| vectors(format))
        .filter_map(|v| v.expect.strip_prefix("refused ").map(str::to_owned))
        .collect();
    let codes = log_cases::CODES.iter().chain(document_cases::CODES).copied();
    let missing: Vec<&str> = codes.filter(|code| !seen.contains(*code)).collect();
    assert!(missing.is_empty(), "no failing vector for {missing:?}");
}
