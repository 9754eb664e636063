//! What auditors say of samples (OVS-03, OVS-05): what is taken is said again with the same meaning.
#![no_main]
use node::oversight::sample::{Commitment, Secret};
use verify::statement::Statement;

fn text(statement: Statement) -> String {
    let Statement::Unknown { text, .. } = statement else { panic!("a kind of its own") };
    text
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(said) = std::str::from_utf8(data) else { return };
    if let Some(commitment) = Commitment::parse(said) {
        assert!((1..=100_000).contains(&commitment.segments) && (1..=366).contains(&commitment.heads), "OVS-03");
        assert_eq!(Commitment::parse(&text(commitment.statement())), Some(commitment));
    }
    if let Some(secret) = Secret::parse_reveal(said) {
        assert_eq!(Secret::parse_reveal(&text(secret.reveal())).map(|again| again.0), Some(secret.0));
    }
});
