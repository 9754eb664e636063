//! The index beside a segment (GWY-60), from whoever holds the store: nothing panics, no range leaves the segment that it claims, and
//! whatever it answers is proven against the logged leaf.
#![no_main]
use seal::merkle::Tree;
use seal::segment::{Found, RUN, RunIndex, Runs, SegmentLeaf};
use std::ops::Range;

/// Octets of one run in the index, and of what follows the last.
const ROW: usize = 72;
const TAIL: usize = 8;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [last_run, asked, rest @ ..] = data else { return };
    let rows = rest.len().saturating_sub(TAIL) / ROW;
    let Some((index, segment)) = rest.split_at_checked(rows.min(4) * ROW + TAIL) else { return };
    // The logged leaf: with its root and its ends, so that the index gets past what a wrong root would stop at once.
    let nodes: Vec<[u8; 32]> = index.chunks_exact(ROW).filter_map(|row| row.first_chunk().copied()).collect();
    let entries = nodes.len().saturating_sub(1) * RUN + usize::from(!nodes.is_empty()) * (1 + usize::from(*last_run) % RUN);
    let end = |at: usize| index.get(at + 32..at + 64).and_then(|octets| octets.first_chunk().copied()).unwrap_or([*asked; 32]);
    let leaf = SegmentLeaf {
        epoch_hash: [7; 32],
        n_records: entries as u64,
        first: end(0),
        last: [0xff; 32],
        root: Tree::new(nodes).root(),
    };
    let Some(parsed) = RunIndex::parse(index, &leaf) else { return };
    let claimed = index.last_chunk::<TAIL>().map_or(0, |octets| u64::from_be_bytes(*octets));
    let fetch = |range: Range<u64>| -> Result<Vec<u8>, ()> {
        assert!(range.start <= range.end && range.end <= claimed, "a range of the segment");
        assert!(range.end - range.start <= 4 << 20, "one run");
        let part = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
        part.and_then(|(from, to)| segment.get(from..to)).map(<[u8]>::to_vec).ok_or(())
    };
    let mut runs = Runs::new(parsed, fetch);
    for locator in [[*asked; 32], end(0), end(ROW)] {
        match runs.look_up(&locator) {
            Ok(Found::Present(proven)) => assert!(proven.verify(&leaf).is_ok(), "proven against the leaf"),
            Ok(Found::Absent(absence)) => assert!(absence.entries.iter().all(|proven| proven.verify(&leaf).is_ok()), "proven against the leaf"),
            Err(_) => {}
        }
    }
});
