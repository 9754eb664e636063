//! PEM (RFC 7468): base64 in lines of 64 between two marks.

use verify::spelling;
use zeroize::Zeroizing;

/// One block.
pub fn encode(label: &str, der: &[u8]) -> String {
    let text = Zeroizing::new(spelling::base64(der));
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        out.extend(line.iter().map(|b| char::from(*b)));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// The contents of all blocks of this label, in order. None: a block without its end, or base64 of another spelling.
///
/// Text outside blocks is skipped, as other programs write comments there.
pub fn decode(label: &str, text: &str) -> Option<Vec<Zeroizing<Vec<u8>>>> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let mut blocks = Vec::new();
    let mut open: Option<Zeroizing<String>> = None;
    for line in text.lines().map(str::trim_end) {
        match &mut open {
            None if line == begin => open = Some(Zeroizing::new(String::new())),
            None => {}
            Some(body) if line == end => {
                blocks.push(Zeroizing::new(spelling::from_base64(body)?));
                open = None;
            }
            Some(body) => body.push_str(line),
        }
    }
    open.is_none().then_some(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back_and_broken_ones_do_not() {
        let der: Vec<u8> = (0..=200).collect();
        let text = format!("a comment\n{}{}", encode("X", &der), encode("Y", &[1]));
        assert_eq!(*decode("X", &text).unwrap()[0], der);
        assert_eq!(decode("Y", &text).unwrap().len(), 1);
        assert!(decode("Z", &text).unwrap().is_empty());
        assert!(decode("X", "-----BEGIN X-----\nAA==\n").is_none());
        assert!(decode("X", "-----BEGIN X-----\nA\n-----END X-----\n").is_none());
    }
}
