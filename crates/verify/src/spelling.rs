//! The one legal spelling of numbers and bytes in every text document (LOG-03).
//!
//! Equal meaning must mean equal hash, so each reader here refuses what another writer could have spelled
//! otherwise: a leading zero, a sign, base64 without padding or with stray bits, upper-case hex.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A decimal number: ASCII digits, no sign, no leading zero, at most `u64::MAX` (LOG-03).
pub fn decimal(text: &str) -> Option<u64> {
    let digits = text.as_bytes();
    if digits.is_empty() || (digits.len() > 1 && digits.first() == Some(&b'0')) {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, digit| {
        let value = digit.checked_sub(b'0').filter(|v| *v <= 9)?;
        sum.checked_mul(10)?.checked_add(u64::from(value))
    })
}

/// RFC 4648 section 4, with padding (LOG-03).
pub fn base64(bytes: &[u8]) -> String {
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    push_base64(&mut text, bytes);
    // Cannot lose anything: the alphabet is ASCII.
    String::from_utf8(text).unwrap_or_default()
}

/// [`base64`] behind what `text` holds.
pub fn push_base64(text: &mut Vec<u8>, bytes: &[u8]) {
    let (whole, rest) = bytes.as_chunks::<3>();
    let from = text.len();
    text.resize(from + 4 * whole.len(), 0);
    for (symbols, chunk) in text[from..].as_chunks_mut::<4>().0.iter_mut().zip(whole) {
        *symbols = four(*chunk);
    }
    if !rest.is_empty() {
        let mut last = [0; 3];
        last[..rest.len()].copy_from_slice(rest);
        let mut symbols = four(last);
        symbols[rest.len() + 1..].fill(b'=');
        text.extend_from_slice(&symbols);
    }
}

fn four(three: [u8; 3]) -> [u8; 4] {
    let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
    [18, 12, 6, 0].map(|shift| ALPHABET[(bits >> shift & 63) as usize])
}

/// The bytes of [`base64`]; any other spelling of them is refused, so that two texts never mean the same bytes.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    let symbols = text.as_bytes();
    if symbols.len() % 4 != 0 {
        return None;
    }
    let mut bytes = Vec::with_capacity(symbols.len() / 4 * 3);
    let last = (symbols.len() / 4).saturating_sub(1);
    for (number, quad) in symbols.chunks(4).enumerate() {
        let padding = quad.iter().rev().take_while(|s| **s == b'=').count();
        if 2 < padding || (padding > 0 && number != last) {
            return None;
        }
        let mut bits = 0u32;
        for symbol in &quad[..4 - padding] {
            bits = (bits << 6) | six_bits(*symbol)?;
        }
        bits <<= 6 * padding;
        let word = bits.to_be_bytes();
        // Bits below the last whole byte must be zero, or "Zg==" and "Zh==" would be the same byte.
        if word[4 - padding..].iter().any(|b| *b != 0) {
            return None;
        }
        bytes.extend_from_slice(&word[1..4 - padding]);
    }
    Some(bytes)
}

/// [`from_base64`] of exactly `N` bytes.
pub fn from_base64_exact<const N: usize>(text: &str) -> Option<[u8; N]> {
    // Sizes before work: nothing is decoded that could not fit.
    if text.len() != N.div_ceil(3) * 4 {
        return None;
    }
    from_base64(text)?.try_into().ok()
}

fn six_bits(symbol: u8) -> Option<u32> {
    let value = match symbol {
        b'A'..=b'Z' => symbol - b'A',
        b'a'..=b'z' => symbol - b'a' + 26,
        b'0'..=b'9' => symbol - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).map(|n| char::from(DIGITS[usize::from(n)])).collect()
}

/// The bytes of [`hex`]; upper case is refused.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if digits.len() % 2 != 0 {
        return None;
    }
    digits.chunks(2).map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?)).collect()
}

/// [`from_hex`] of exactly `N` bytes.
pub fn from_hex_exact<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N {
        return None;
    }
    from_hex(text)?.try_into().ok()
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_03_decimals_have_one_spelling() {
        assert_eq!(decimal("0"), Some(0));
        assert_eq!(decimal("18446744073709551615"), Some(u64::MAX));
        for bad in ["", "00", "01", "+1", "-1", " 1", "1 ", "18446744073709551616", "184467440737095516150", "1e3", "٣"] {
            assert_eq!(decimal(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn log_03_base64_is_padded_standard_and_canonical() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
            assert_eq!(from_base64(text).as_deref(), Some(bytes.as_bytes()));
        }
        for bad in ["Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm-_", "Zm9v\n", " Zm9"] {
            assert_eq!(from_base64(bad), None, "{bad:?}");
        }
        assert_eq!(from_base64_exact::<3>("Zm9v"), Some(*b"foo"));
        assert_eq!(from_base64_exact::<2>("Zm9v"), None);
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(from_base64(&base64(&all)), Some(all));
    }

    #[test]
    fn log_03_hex_is_lower_case() {
        assert_eq!(hex(&[0, 0xab, 255]), "00abff");
        assert_eq!(from_hex("00abff"), Some(vec![0, 0xab, 255]));
        for bad in ["0", "AB", "0g"] {
            assert_eq!(from_hex(bad), None);
        }
        assert_eq!(from_hex_exact::<1>("0000"), None);
    }
}
