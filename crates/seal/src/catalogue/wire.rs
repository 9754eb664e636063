//! The octets of a record: minimal base-128 numbers and length-prefixed text, nothing else.
//!
//! Fixed-width numbers would be simpler, but a typical record holds a dozen small ones, and a sealed record shall
//! not be much larger than its JSON line (the test `a_sealed_traffic_record_is_not_much_larger_than_its_json_line`).

use super::error::RecordError;

/// Appends `n` in base 128, low digits first, the high bit saying that more follow.
pub(super) fn write_number(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push((n as u8 & 0x7f) | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// Appends the length in octets and the text.
pub(super) fn write_text(out: &mut Vec<u8>, text: &str) {
    write_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Reads what the writers wrote. That there is one spelling only is checked once, for the whole record.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    pub(super) fn byte(&mut self) -> Result<u8, RecordError> {
        let (first, rest) = self.rest.split_first().ok_or(RecordError::WrongLength)?;
        self.rest = rest;
        Ok(*first)
    }

    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], RecordError> {
        // CAT-03
        let (head, rest) = self.rest.split_at_checked(len).ok_or(RecordError::WrongLength)?;
        self.rest = rest;
        Ok(head)
    }

    /// Longer spellings of a number are not found here: the whole record is written again and compared (CAT-04).
    pub(super) fn number(&mut self) -> Result<u64, RecordError> {
        let mut n = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(n);
            }
        }
        Err(RecordError::NotCanonical)
    }

    pub(super) fn text(&mut self) -> Result<String, RecordError> {
        let len = usize::try_from(self.number()?).map_err(|_| RecordError::WrongLength)?;
        let bytes = self.take(len)?;
        // CAT-05
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| RecordError::NotUtf8)
    }

    pub(super) fn end(&self) -> Result<(), RecordError> {
        if self.rest.is_empty() { Ok(()) } else { Err(RecordError::WrongLength) }
    }
}
