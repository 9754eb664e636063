//! DER (X.690), reading and writing: as much as signatures, certificates and envelopes need.
//!
//! [`is_canonical`] is asked first about a whole document and refuses every second spelling (PKG-40); after that
//! [`Reader`] only follows the structure. No part allocates by a length found in the input.

pub const BOOLEAN: u8 = 0x01;
pub const INTEGER: u8 = 0x02;
pub const BIT_STRING: u8 = 0x03;
pub const OCTET_STRING: u8 = 0x04;
pub const NULL: u8 = 0x05;
pub const OID: u8 = 0x06;
pub const UTF8_STRING: u8 = 0x0C;
pub const UTC_TIME: u8 = 0x17;
pub const GENERALIZED_TIME: u8 = 0x18;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;
const CONSTRUCTED: u8 = 0x20;
/// Certificates nest about ten deep, a token about fifteen.
const DEPTH_MAX: u8 = 24;

/// Context-specific, constructed: `[n]` around a structure. `n` at most 30.
pub const fn context(n: u8) -> u8 {
    0xA0 | n
}
/// Context-specific, primitive: `[n] IMPLICIT` of a string.
pub const fn context_primitive(n: u8) -> u8 {
    0x80 | n
}

/// Follows a structure of definite lengths. Every method gives None when the next element is not the wanted one.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

/// One element: tag, content, and the octets of both with the length.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    pub tag: u8,
    pub content: &'a [u8],
    pub whole: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    /// The next element, whatever it is. None at the end, at a high tag number, or at a length that is not the shortest.
    pub fn element(&mut self) -> Option<Element<'a>> {
        let (tag, after_tag) = self.rest.split_first()?;
        if tag & 0x1F == 0x1F {
            return None;
        }
        let (first, mut content) = after_tag.split_first()?;
        let len = match first {
            0..=0x7F => usize::from(*first),
            0x81..=0x84 => {
                let (digits, after) = content.split_at_checked(usize::from(first & 0x0F))?;
                content = after;
                let len = digits.iter().fold(0usize, |n, b| n << 8 | usize::from(*b));
                let has_shorter = len < 0x80 || digits.first() == Some(&0);
                (!has_shorter).then_some(len)?
            }
            _ => return None,
        };
        let (content, rest) = content.split_at_checked(len)?;
        let whole = self.rest.get(..self.rest.len() - rest.len())?;
        self.rest = rest;
        Some(Element { tag: *tag, content, whole })
    }

    /// The content of the next element if it has this tag. Nothing is consumed otherwise.
    pub fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.take_element(tag).map(|element| element.content)
    }
    /// The next element with tag and length if it has this tag.
    pub fn take_whole(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.take_element(tag).map(|element| element.whole)
    }
    /// A reader inside the next element if it has this tag.
    pub fn enter(&mut self, tag: u8) -> Option<Reader<'a>> {
        self.take(tag).map(Reader::new)
    }
    fn take_element(&mut self, tag: u8) -> Option<Element<'a>> {
        let mut ahead = *self;
        let element = ahead.element().filter(|element| element.tag == tag)?;
        *self = ahead;
        Some(element)
    }

    /// The next element must be exactly these octets.
    pub fn expect(&mut self, whole: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(whole)?;
        Some(())
    }
    /// A small INTEGER.
    pub fn number(&mut self) -> Option<u64> {
        let content = self.take(INTEGER)?;
        if 8 < content.len() || content.first().is_none_or(|b| 0x80 <= *b) {
            return None;
        }
        Some(content.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
    }
    /// A BIT STRING of whole octets.
    pub fn bits(&mut self) -> Option<&'a [u8]> {
        self.take(BIT_STRING)?.strip_prefix(&[0])
    }
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
    /// Nothing may be left.
    pub fn end(self) -> Option<()> {
        self.is_empty().then_some(())
    }
}

/// PKG-40: is this exactly one element in distinguished encoding, all the way down?
///
/// Checked: shortest lengths, no indefinite ones, shortest integers, booleans 00 or FF, unused bits zero, object
/// identifiers without padding, members of a SET in ascending order. Octet strings are not looked into.
pub fn is_canonical(bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes);
    reader.element().is_some_and(|element| is_canonical_element(&element, 0)) && reader.is_empty()
}

fn is_canonical_element(element: &Element<'_>, depth: u8) -> bool {
    let content = element.content;
    if element.tag & CONSTRUCTED != 0 {
        return depth < DEPTH_MAX && is_canonical_list(element.tag, content, depth);
    }
    match element.tag {
        BOOLEAN => matches!(content, [0] | [0xFF]),
        INTEGER | 0x0A => match content {
            [] => false,
            [0, second, ..] => 0x80 <= *second,
            [0xFF, second, ..] => *second < 0x80,
            _ => true,
        },
        BIT_STRING => match content {
            [] => false,
            [unused] => *unused == 0,
            [unused, .., last] => *unused < 8 && last.trailing_zeros() >= u32::from(*unused),
        },
        NULL => content.is_empty(),
        OID => is_canonical_oid(content),
        // A SEQUENCE or SET without the constructed bit.
        0x10 | 0x11 => false,
        _ => true,
    }
}

fn is_canonical_oid(content: &[u8]) -> bool {
    let mut is_first_of_arc = true;
    for byte in content {
        if is_first_of_arc && *byte == 0x80 {
            return false;
        }
        is_first_of_arc = *byte < 0x80;
    }
    is_first_of_arc && !content.is_empty()
}

fn is_canonical_list(tag: u8, content: &[u8], depth: u8) -> bool {
    let is_universal = tag & 0xC0 == 0;
    if is_universal && tag != SEQUENCE && tag != SET {
        return false; // a string in pieces
    }
    let mut reader = Reader::new(content);
    let mut previous: &[u8] = &[];
    while !reader.is_empty() {
        let Some(element) = reader.element() else { return false };
        if tag == SET && element.whole < previous {
            return false;
        }
        previous = element.whole;
        if !is_canonical_element(&element, depth + 1) {
            return false;
        }
    }
    true
}

/// One element from the parts of its content.
pub fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let len: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(len + 6);
    out.push(tag);
    if len < 0x80 {
        out.push(len as u8);
    } else {
        let digits = len.to_be_bytes();
        let digits: Vec<u8> = digits.into_iter().skip_while(|b| *b == 0).collect();
        out.push(0x80 | digits.len() as u8);
        out.extend(digits);
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, parts)
}

/// A SET OF with another tag if it is implicit; members are brought into order.
pub fn set_of(tag: u8, members: &[Vec<u8>]) -> Vec<u8> {
    let mut members: Vec<&[u8]> = members.iter().map(Vec::as_slice).collect();
    members.sort();
    element(tag, &members)
}

/// A non-negative INTEGER from big-endian octets.
pub fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let first = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len());
    let digits = bytes.get(first..).unwrap_or_default();
    let needs_zero = digits.first().is_none_or(|b| 0x80 <= *b);
    element(INTEGER, &[if needs_zero { &[0] } else { &[] }, digits])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_elements_are_canonical() {
        for len in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let inner = element(OCTET_STRING, &[&vec![7; len]]);
            let outer = sequence(&[&inner, &unsigned(&[0, 0, 200]), &set_of(SET, &[vec![5, 0], vec![1, 1, 0xFF]])]);
            assert!(is_canonical(&outer));
            let mut reader = Reader::new(&outer).enter(SEQUENCE).unwrap();
            assert_eq!(reader.take(OCTET_STRING).unwrap().len(), len);
            assert_eq!(reader.number(), Some(200));
        }
    }

    #[test]
    fn pkg_40_second_spellings_are_refused() {
        let cases: [(&[u8], &str); 24] = [
            (&[], "nothing"),
            (&[0x04, 0x81, 0x01, 0x00], "long length for a short one"),
            (&[0x04, 0x82, 0x00, 0x80], "leading zero in a length"),
            (&[0x30, 0x80, 0x00, 0x00], "indefinite length"),
            (&[0x04, 0x02, 0x00], "cut off"),
            (&[0x05, 0x00, 0x00], "trailing octet"),
            (&[0x02, 0x00], "empty integer"),
            (&[0x02, 0x02, 0x00, 0x7F], "padded integer"),
            (&[0x02, 0x02, 0xFF, 0x80], "padded negative integer"),
            (&[0x01, 0x01, 0x01], "boolean 1"),
            (&[0x03, 0x02, 0x01, 0x01], "unused bit set"),
            (&[0x03, 0x02, 0x08, 0x00], "eight unused bits"),
            (&[0x03, 0x00], "bit string without its first octet"),
            (&[0x03, 0x01, 0x01], "unused bits of no octet"),
            (&[0x06, 0x00], "empty identifier"),
            (&[0x06, 0x02, 0x2A, 0x80], "identifier cut in a padded arc"),
            (&[0x06, 0x02, 0x2A, 0x81], "identifier cut in an arc"),
            (&[0x06, 0x03, 0x2A, 0x80, 0x01], "padded arc"),
            (&[0x31, 0x06, 0x02, 0x01, 0x02, 0x02, 0x01, 0x01], "set out of order"),
            (&[0x24, 0x03, 0x04, 0x01, 0x00], "string in pieces"),
            (&[0x10, 0x00], "primitive sequence"),
            (&[0x1F, 0x81, 0x00, 0x00], "high tag number"),
            (&[0x05, 0x01, 0x00], "null with content"),
            (&[0x04, 0x85, 0x01, 0x00, 0x00, 0x00, 0x00], "length of five octets"),
        ];
        for (bytes, why) in cases {
            assert!(!is_canonical(bytes), "{why}");
        }
        let mut nested = vec![5, 0];
        for _ in 0..40 {
            nested = sequence(&[&nested]);
        }
        assert!(!is_canonical(&nested), "too deep");
    }

    #[test]
    fn pkg_40_neighbours_of_second_spellings_are_read() {
        let cases: [(&[u8], &str); 7] = [
            (&[0x02, 0x02, 0x00, 0x80], "128"),
            (&[0x02, 0x02, 0xFF, 0x7F], "-129"),
            (&[0x02, 0x01, 0xFF], "-1"),
            (&[0x03, 0x01, 0x00], "no bits"),
            (&[0x03, 0x02, 0x01, 0x02], "seven bits"),
            (&[0x06, 0x04, 0x2A, 0x81, 0x80, 0x01], "an arc with seven zeros in its midst"),
            (&[0x31, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02], "set in order"),
        ];
        for (bytes, why) in cases {
            assert!(is_canonical(bytes), "{why}");
        }
    }

    #[test]
    fn pkg_41_a_number_is_small_and_not_negative() {
        let number = |content: &[u8]| Reader::new(&element(INTEGER, &[content])).number();
        assert_eq!(number(&[0x7F]), Some(127));
        assert_eq!(number(&[0x7F, 0, 0, 0, 0, 0, 0, 1]), Some((0x7F << 56) + 1));
        // Of nine octets the first would be pushed out; of a negative one the sign lost.
        for content in [&[1, 0, 0, 0, 0, 0, 0, 0, 2][..], &[0xFF], &[0x80, 0], &[]] {
            assert_eq!(number(content), None, "{content:02X?}");
        }
    }
}
