//! The overseer's notes. The first octet chooses the category. What is taken could be a row of it, and without an answer it is an alarm.
#![no_main]
use node::oversight::canary::{Asked, Fault, Sent, judge};
use seal::catalogue::RecordType;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((chosen, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let category = RecordType::ALL[usize::from(*chosen) % RecordType::ALL.len()];
    let sent: Vec<Sent> = text.lines().filter_map(|line| Sent::parse(line, category).ok()).collect();
    for note in &sent {
        assert!(note.fields.keys().all(|name| category.columns().contains(name)), "OVS-01");
    }
    let Some(first) = sent.first() else { return };
    let from = first.at_ms / 1_000;
    let asked = Asked { from, until: from.saturating_add(3_600), tolerance_ms: 60_000 };
    assert_eq!(judge(&sent, &[], asked), [Fault::Unanswered { from, until: asked.until }], "OVS-02");
});
