//! Key files: two lines of text around 32 secret octets, read and written without leaving copies of them behind.
//!
//! Hexadecimal, because it can be decoded in place; the general decoders return vectors, which are freed without being wiped.

use seal::secret::Secret;

use crate::disk::SecretBytes;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// `<header>\n<key> <64 digits>\n`.
pub fn write(header: &str, key: &str, secret: &Secret<32>) -> SecretBytes {
    // The exact capacity: a growing Vec would move and leave a copy.
    let mut bytes = Vec::with_capacity(header.len() + key.len() + 67);
    bytes.extend_from_slice(header.as_bytes());
    bytes.push(b'\n');
    bytes.extend_from_slice(key.as_bytes());
    bytes.push(b' ');
    secret.expose(|octets| {
        for octet in octets {
            bytes.push(DIGITS[usize::from(octet >> 4)]);
            bytes.push(DIGITS[usize::from(octet & 15)]);
        }
    });
    bytes.push(b'\n');
    SecretBytes(bytes)
}

/// Reads what [`write`] wrote; any other spelling is `None`.
pub fn read(bytes: &[u8], header: &str, key: &str) -> Option<Secret<32>> {
    let rest = bytes.strip_prefix(header.as_bytes())?.strip_prefix(b"\n")?;
    let digits = rest.strip_prefix(key.as_bytes())?.strip_prefix(b" ")?.strip_suffix(b"\n")?;
    if digits.len() != 64 {
        return None;
    }
    let mut all_digits = true;
    let secret = Secret::fill_with(|out: &mut [u8; 32]| {
        for (octet, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
            match (nibble(pair.first()), nibble(pair.get(1))) {
                (Some(high), Some(low)) => *octet = (high << 4) | low,
                _ => all_digits = false,
            }
        }
    });
    all_digits.then_some(secret)
}

fn nibble(digit: Option<&u8>) -> Option<u8> {
    match *digit? {
        digit @ b'0'..=b'9' => Some(digit - b'0'),
        digit @ b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_has_one_spelling() {
        let octets: [u8; 32] = std::array::from_fn(|n| n as u8 * 7);
        let file = write("waarborg-x/v1", "key", &Secret::new(octets));
        assert_eq!(file.0.len(), file.0.capacity());
        assert!(read(&file.0, "waarborg-x/v1", "key").unwrap().equals(&Secret::new(octets)));
        assert!(read(&file.0, "waarborg-y/v1", "key").is_none());
        assert!(read(&file.0, "waarborg-x/v1", "seed").is_none());
        for at in 0..file.0.len() {
            let mut changed = file.0.clone();
            changed[at] = changed[at].to_ascii_uppercase() ^ if changed[at].is_ascii_lowercase() { 0 } else { 0x40 };
            let same = read(&changed, "waarborg-x/v1", "key").is_some_and(|key| key.equals(&Secret::new(octets)));
            assert!(!same, "octet {at}");
        }
        assert!(read(&file.0[..file.0.len() - 1], "waarborg-x/v1", "key").is_none());
        assert!(read(&[&file.0[..], b"\n"].concat(), "waarborg-x/v1", "key").is_none());
    }
}
