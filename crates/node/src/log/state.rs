//! State objects: the log's only truth about itself, create-only, chained by hash (log.md section 7).
//!
//! Trusted: who can change `state/` can make us sign two histories. Back it up apart; never restore an older copy (LOG-61).
//! Creating `state/<seq>` is the commit point: on files and on S3 alike only one writer can (LOG-55).

use seal::digest::sha256;

/// A state object is at most 4 KiB of lines and one signed checkpoint.
const BYTES_MAX: usize = 8_192;

/// One committed tick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub seq: u64,
    /// SHA-256 of the object before; zeros for seq 0.
    pub prev: [u8; 32],
    pub inception_unix_s: u64,
    /// Nominal time of the tick; strictly increases (LOG-59).
    pub time: u64,
    /// Name of the staging object below `staging/`; `none` for seq 0.
    pub staging: String,
    /// Checkpoint with the log's line.
    pub note: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateError {
    TooLong,
    NotText,
    Line { line: u8 },
    NotCanonical,
}

impl State {
    /// `state/<20 digits>`.
    pub fn path(seq: u64) -> String {
        format!("state/{seq:020}")
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let State { seq, prev, inception_unix_s, time, staging, note } = self;
        let prev = hex(prev);
        let head = format!("waarborg-state/v1\nseq {seq}\nprev {prev}\ninception {inception_unix_s}\ntime {time}\nstaging {staging}\n\n");
        [head.as_bytes(), note].concat()
    }

    pub fn parse(bytes: &[u8]) -> Result<State, StateError> {
        if BYTES_MAX < bytes.len() {
            return Err(StateError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| StateError::NotText)?;
        let (head, note) = text.split_once("\n\n").ok_or(StateError::Line { line: 7 })?;
        let mut lines = head.split('\n');
        if lines.next() != Some("waarborg-state/v1") {
            return Err(StateError::Line { line: 1 });
        }
        let mut value = |line: u8, key: &str| {
            let found = lines.next().and_then(|text| text.strip_prefix(key)).and_then(|text| text.strip_prefix(' '));
            found.ok_or(StateError::Line { line })
        };
        let state = State {
            seq: value(2, "seq")?.parse().map_err(|_| StateError::Line { line: 2 })?,
            prev: unhex(value(3, "prev")?).ok_or(StateError::Line { line: 3 })?,
            inception_unix_s: value(4, "inception")?.parse().map_err(|_| StateError::Line { line: 4 })?,
            time: value(5, "time")?.parse().map_err(|_| StateError::Line { line: 5 })?,
            staging: value(6, "staging")?.to_owned(),
            note: note.as_bytes().to_vec(),
        };
        // One spelling, so that the chain's hashes mean one thing.
        if state.to_bytes() != bytes { Err(StateError::NotCanonical) } else { Ok(state) }
    }

    /// What the next object names as `prev`.
    pub fn hash(&self) -> [u8; 32] {
        sha256(&[&self.to_bytes()])
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 32 bytes from 64 lower-case hex digits.
pub fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 || digits.iter().any(|d| !matches!(d, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        State { seq: 7, prev: [3; 32], inception_unix_s: 1, time: 600, staging: "16-ab".into(), note: b"o\n1\nx\n\nline\n".to_vec() }
    }

    #[test]
    fn a_state_object_has_one_spelling() {
        let bytes = state().to_bytes();
        assert_eq!(State::parse(&bytes), Ok(state()));
        let text = String::from_utf8(bytes).unwrap();
        for (from, to, error) in [
            ("seq 7", "seq 07", StateError::NotCanonical),
            ("state/v1", "state/v2", StateError::Line { line: 1 }),
            ("prev 03", "prev zz", StateError::Line { line: 3 }),
            ("time 600", "time +600", StateError::NotCanonical),
            ("staging 16", "Staging 16", StateError::Line { line: 6 }),
        ] {
            assert_eq!(State::parse(text.replace(from, to).as_bytes()), Err(error), "{to}");
        }
        assert_eq!(State::path(7), "state/00000000000000000007");
    }
}
