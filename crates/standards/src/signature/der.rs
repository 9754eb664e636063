//! BER (X.690) made into DER: indefinite lengths, long lengths and strings in pieces occur in CMS of common libraries.
//!
//! Values are kept as they are; only lengths and the pieces of octet strings change. What is DER already comes back unchanged,
//! so the octets of certificates and signed attributes, which signatures cover, stay the same.

use super::Refusal;
use std::borrow::Cow;
use verify::package::der;

const DEPTH_MAX: usize = 32;
/// 25 MiB in pieces of 1,000 octets, as openssl streams them, and some more.
const ELEMENTS_MAX: usize = 100_000;
const OCTET_STRING_IN_PIECES: u8 = 0x24;
const CONSTRUCTED: u8 = 0x20;

/// Exactly one element in DER lengths. Refuses SIG-01 (deeper than 32, more than 100,000 elements) and SIG-02.
pub fn normalised(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Refusal> {
    if der::is_canonical(bytes) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut left = ELEMENTS_MAX;
    let rest = element(bytes, 0, &mut left, &mut out)?;
    if rest.is_empty() { Ok(Cow::Owned(out)) } else { Err(Refusal::Form { what: "octets behind the signature" }) }
}

/// Octets of the first element, however its length is written. None: not BER.
pub fn prefix(bytes: &[u8]) -> Option<usize> {
    let rest = element(bytes, 0, &mut { ELEMENTS_MAX }, &mut Vec::new()).ok()?;
    Some(bytes.len() - rest.len())
}

const NOT_BER: Refusal = Refusal::Form { what: "not BER or DER" };

/// Appends the first element of `bytes`, gives the octets behind it.
fn element<'a>(bytes: &'a [u8], depth: usize, left: &mut usize, out: &mut Vec<u8>) -> Result<&'a [u8], Refusal> {
    if DEPTH_MAX < depth {
        return Err(Refusal::Size { what: "depth" });
    }
    *left = left.checked_sub(1).ok_or(Refusal::Size { what: "elements" })?;
    let (tag, after_tag) = bytes.split_first().ok_or(NOT_BER)?;
    if tag & 0x1F == 0x1F || (*tag == 0 && depth > 0) {
        return Err(NOT_BER);
    }
    let (len, content) = length(after_tag)?;
    let is_constructed = tag & CONSTRUCTED != 0;
    let (mut inside, rest) = match len {
        Some(len) => content.split_at_checked(len).ok_or(NOT_BER)?,
        None if is_constructed => (content, &[][..]),
        None => return Err(NOT_BER),
    };
    if !is_constructed {
        out.extend(der::element(*tag, &[inside]));
        return Ok(rest);
    }
    let mut members = Vec::new();
    let rest = loop {
        match (len, inside) {
            (Some(_), []) => break rest,
            (None, [0, 0, behind @ ..]) => break behind,
            _ => inside = element(inside, depth + 1, left, &mut members)?,
        }
    };
    if *tag == OCTET_STRING_IN_PIECES {
        let joined = joined(&members).ok_or(NOT_BER)?;
        out.extend(der::element(der::OCTET_STRING, &[&joined]));
    } else {
        out.extend(der::element(*tag, &[&members]));
    }
    Ok(rest)
}

/// (length, what follows it); None for the indefinite form.
fn length(bytes: &[u8]) -> Result<(Option<usize>, &[u8]), Refusal> {
    let (first, rest) = bytes.split_first().ok_or(NOT_BER)?;
    match first {
        0..=0x7F => Ok((Some(usize::from(*first)), rest)),
        0x80 => Ok((None, rest)),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x0F)).ok_or(NOT_BER)?;
            Ok((Some(digits.iter().fold(0usize, |n, b| n << 8 | usize::from(*b))), rest))
        }
        _ => Err(NOT_BER),
    }
}

/// The pieces of an octet string, already in DER, as one.
fn joined(members: &[u8]) -> Option<Vec<u8>> {
    let mut reader = der::Reader::new(members);
    let mut out = Vec::new();
    while !reader.is_empty() {
        out.extend_from_slice(reader.take(der::OCTET_STRING)?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indefinite_lengths_and_pieces_become_der() {
        let pieces = [0x24, 0x80, 0x04, 0x01, 0x41, 0x04, 0x81, 0x01, 0x42, 0, 0];
        let outer = [&[0x30, 0x80][..], &pieces, &[0x05, 0x00, 0, 0]].concat();
        assert_eq!(normalised(&outer).unwrap()[..], [0x30, 0x06, 0x04, 0x02, 0x41, 0x42, 0x05, 0x00]);
        let already = normalised(&outer).unwrap();
        assert!(matches!(normalised(&already), Ok(Cow::Borrowed(same)) if same == &already[..]));
    }

    #[test]
    fn sig_01_and_sig_02_hostile_ber_is_refused() {
        assert_eq!(normalised(&[0x30, 0x80].repeat(2000)).unwrap_err().code(), "SIG-01");
        let pieces = [&[0x30, 0x80][..], &[0x04, 0x00].repeat(100_001)].concat();
        assert_eq!(normalised(&pieces).unwrap_err().code(), "SIG-01");
        for bytes in [&[][..], &[0x30], &[0x30, 0x80], &[0x04, 0x80, 0, 0], &[0x30, 0x05, 0x00], &[0x05, 0x00, 0x00], &[0x1F, 0x01, 0x00]] {
            assert_eq!(normalised(bytes).unwrap_err().code(), "SIG-02", "{bytes:?}");
        }
        assert_eq!(normalised(&[0x04, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0]).unwrap_err().code(), "SIG-02");
    }
}
