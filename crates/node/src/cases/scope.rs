//! The scope diff: what an opened batch would hand over and what it holds back, per ordered item.
//! Two officers sign its digest (approval 2), so it names the digests of the record files too.

use super::octets::Digest32;
use serde::{Deserialize, Serialize};

/// What one production of an order hands over and keeps back. Counts come from two independent paths that had to agree (T14, T15).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeDiff {
    pub sequence: u32,
    /// One per (selector, category) of the order, in the order's own order; also with zero rows.
    pub items: Vec<ItemDiff>,
    /// SHA-256 of each category's JSON Lines file; the package carries exactly these rows.
    pub records: Vec<(u16, Digest32)>,
}

/// One ordered item in one production.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemDiff {
    pub selector: String,
    pub category: u16,
    pub slots: Vec<SlotDiff>,
}

/// One slot of one item. `rows_held_back` lie in the slot but outside the ordered period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlotDiff {
    pub slot: u64,
    /// The order covers the whole slot; else the trimming inside it is the provider's word.
    pub whole: bool,
    /// The salt map shows "no such selector on that day": nothing was opened.
    pub absent: bool,
    pub epochs: u32,
    pub late_epochs: u32,
    pub rows_out: u64,
    pub rows_held_back: u64,
}

impl ScopeDiff {
    pub fn rows_out(&self) -> u64 {
        self.slots().map(|slot| slot.rows_out).sum()
    }

    pub fn rows_held_back(&self) -> u64 {
        self.slots().map(|slot| slot.rows_held_back).sum()
    }

    fn slots(&self) -> impl Iterator<Item = &SlotDiff> {
        self.items.iter().flat_map(|item| &item.slots)
    }

    /// What approval 2 signs: SHA-256 over a label, the case and the diff's one JSON spelling (field order is the struct's).
    pub fn digest(&self, case: &Digest32) -> Digest32 {
        let json = serde_json::to_vec(self).expect("Cannot fail: numbers and strings only");
        Digest32(seal::digest::sha256(&[&b"waarborg-scope-diff/v1\n"[..], &case.0, &json]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(rows_out: u64) -> ScopeDiff {
        let slot = SlotDiff { slot: 7, whole: false, absent: false, epochs: 2, late_epochs: 0, rows_out, rows_held_back: 3 };
        ScopeDiff {
            sequence: 1,
            items: vec![ItemDiff { selector: "phone:+31612345678".into(), category: 1, slots: vec![slot] }],
            records: vec![(1, Digest32([1; 32]))],
        }
    }

    #[test]
    fn the_digest_names_the_case_and_every_count() {
        let case = Digest32([7; 32]);
        assert_eq!(diff(5).digest(&case), diff(5).digest(&case));
        assert_ne!(diff(5).digest(&case), diff(4).digest(&case));
        assert_ne!(diff(5).digest(&case), diff(5).digest(&Digest32([8; 32])));
        assert_eq!((diff(5).rows_out(), diff(5).rows_held_back()), (5, 3));
    }
}
