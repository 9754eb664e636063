//! What a document from outside may cost before anyone looked at it (STD-01, STD-05, STD-06).
//!
//! The limits are checked by a scan of a few lines before the real parser runs, because XML parsers compare each attribute
//! with each other one of its element and copy namespaces downwards: both are quadratic in what a stranger chooses.

use crate::refusal::{Refusal, Rule};
use crate::tree::{Misdeclared, Position, declaration};
use std::borrow::Cow;
use std::io::Read;

/// 5 MiB. An order with a scanned form of 3.5 MB in base64 fits; records go the other way, through `answer`.
pub const BYTES_MAX: usize = 5 << 20;
/// The deepest place of the ETSI schemas is 15 levels down; opaque parts get the rest.
pub const DEPTH_MAX: usize = 48;
pub const ELEMENTS_MAX: usize = 20_000;
pub const ATTRIBUTES_MAX: usize = 64;
/// References (`&amp;`) in a whole document: resolving millions of them costs more than their length.
pub const REFERENCES_MAX: usize = 20_000;
/// Octets of all texts (from one `<` to the next) that have a reference, together: a parser copies those octet by octet. Prose is shorter, and
/// what is longer (an attached scan in base64) has no references.
pub const REFERENCED_MAX: usize = 1 << 20;
/// Octets of one tag.
pub const TAG_MAX: usize = 256 * 1024;
/// Lines of a document: an attached scan of 3.5 MB in base64 has 62,000.
const LINES_MAX: usize = 100_000;
/// Backslashes in a JSON document: some writers put one before each `/` of base64, every 64th character.
pub const ESCAPES_MAX: usize = 500_000;
/// Namespace declarations in a whole document.
pub const NAMESPACES_MAX: usize = 64;

/// Reads at most `BYTES_MAX` octets and one more; a body of 1 GB costs as much as one of 5 MiB (STD-01).
pub fn read_bounded(from: &mut impl Read) -> std::io::Result<Result<Vec<u8>, Refusal>> {
    let mut bytes = Vec::new();
    from.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(if BYTES_MAX < bytes.len() { Err(Refusal::new(Rule::TooLarge, Position::default(), "")) } else { Ok(bytes) })
}

/// Size, encoding and what no format here may contain; for XML and JSON.
pub(super) fn as_text(bytes: &[u8]) -> Result<&str, Refusal> {
    if BYTES_MAX < bytes.len() {
        return Err(Refusal::new(Rule::TooLarge, Position::default(), ""));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(fault) => {
            let good = std::str::from_utf8(&bytes[..fault.valid_up_to()]).unwrap_or("");
            return Err(Refusal::new(Rule::NotUtf8, position(good, good.len()), ""));
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // A second encoding whose octets are also valid UTF-8 (UTF-16 of ASCII, UTF-7) shows itself by these.
    if let Some(place) = memchr::memchr(0, text.as_bytes()) {
        return Err(Refusal::new(Rule::NotUtf8, position(text, place), ""));
    }
    if LINES_MAX < memchr::memchr_iter(b'\n', text.as_bytes()).count() {
        return Err(Refusal::new(Rule::TooMany, Position::default(), ""));
    }
    Ok(text)
}

/// XML 1.0, 2.11: a line ends with one line feed, whatever ended it. Done at once, it costs a copy; a parser does it octet by octet.
pub fn with_line_feeds(bytes: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\r', bytes).is_none() {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'\r', rest) {
        out.extend_from_slice(&rest[..at]);
        out.push(b'\n');
        rest = &rest[at + 1..];
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

/// Where a document has more references than [`REFERENCES_MAX`], or more text with them than [`REFERENCED_MAX`].
pub fn too_many_references(bytes: &[u8]) -> Option<usize> {
    let (mut count, mut total, mut open, mut first) = (0, 0, 0, None);
    for at in memchr::memchr2_iter(b'<', b'&', bytes).chain([bytes.len()]) {
        if bytes.get(at) == Some(&b'&') {
            count += 1;
            first = first.or(Some(at));
            if REFERENCES_MAX < count {
                return Some(at);
            }
            continue;
        }
        if let Some(place) = first {
            total += at - open;
            if REFERENCED_MAX < total {
                return Some(place);
            }
        }
        (open, first) = (at, None);
    }
    None
}

/// Line and column of an octet offset.
pub(super) fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.bytes().filter(|octet| *octet == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    Position { line: line as u32, column: column as u32 }
}

/// Line numbers for many offsets of one text, without counting from the beginning each time.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Lines<'a> {
        let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|place| place + 1)).collect();
        Lines { text, starts }
    }
    /// A single line of 5 MiB with 20,000 elements must not cost a count from its beginning for each of them: beyond
    /// 4,096 octets the column is counted in octets, which for ASCII is the same.
    pub(super) fn at(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line.saturating_sub(1)];
        let column = match offset - start {
            near if near <= 4096 => self.text.get(start..offset).map_or(near, |part| part.chars().count()),
            far => far,
        };
        Position { line: line as u32, column: column as u32 + 1 }
    }
}

/// Counts tags, depth and attributes of something that claims to be XML. It is no parser: what it miscounts the real
/// parser refuses as not well-formed; it only has to notice what would cost too much.
pub(super) fn scan_xml(text: &str) -> Result<(), Refusal> {
    let bytes = text.as_bytes();
    let refuse = |rule: Rule, place: usize| Err(Refusal::new(rule, position(text, place), ""));
    if let Some(place) = too_many_references(bytes) {
        return refuse(Rule::TooMany, place);
    }
    let mut at = match declaration(text) {
        Ok(end) => end,
        // A reader that believes another encoding reads another text.
        Err(Misdeclared::Encoding) => return refuse(Rule::NotUtf8, 0),
        Err(Misdeclared::Version | Misdeclared::Form) => return refuse(Rule::NotWellFormed, 0),
    };
    let (mut depth, mut elements, mut spaces) = (0_usize, 0_usize, 0_usize);
    while let Some(open) = find(bytes, at, b"<") {
        let rest = &bytes[open..];
        if rest.starts_with(b"<!-") || rest.starts_with(b"<![") {
            // Comments and sections cost a node each, as elements do.
            elements += 1;
            if ELEMENTS_MAX < elements {
                return refuse(Rule::TooMany, open);
            }
        }
        if rest.starts_with(b"<!--") {
            at = find(bytes, open + 4, b"-->").map_or(bytes.len(), |end| end + 3);
        } else if rest.starts_with(b"<![CDATA[") {
            at = find(bytes, open + 9, b"]]>").map_or(bytes.len(), |end| end + 3);
        } else if rest.starts_with(b"<!") {
            return refuse(Rule::Dtd, open);
        } else if rest.starts_with(b"<?") {
            return refuse(Rule::ProcessingInstruction, open);
        } else if rest.starts_with(b"</") {
            depth = depth.saturating_sub(1);
            at = open + 2;
        } else {
            let tag = scan_tag(bytes, open);
            elements += 1;
            depth += 1;
            spaces += tag.namespaces;
            if DEPTH_MAX < depth {
                return refuse(Rule::TooDeep, open);
            }
            if ELEMENTS_MAX < elements || ATTRIBUTES_MAX < tag.attributes || NAMESPACES_MAX < spaces || TAG_MAX < tag.end - open {
                return refuse(Rule::TooMany, open);
            }
            depth -= usize::from(tag.is_empty);
            at = tag.end;
        }
    }
    Ok(())
}

struct Tag {
    attributes: usize,
    namespaces: usize,
    is_empty: bool,
    end: usize,
}

fn scan_tag(bytes: &[u8], open: usize) -> Tag {
    let (mut attributes, mut namespaces, mut at) = (0, 0, open + 1);
    // Everything since the last value, so that `xmlns:a = "…"` with spaces counts as well.
    let mut word = at;
    while let Some(&octet) = bytes.get(at) {
        match octet {
            b'"' | b'\'' => {
                attributes += 1;
                namespaces += usize::from(find(&bytes[..at], word, b"xmlns").is_some());
                at = find(bytes, at + 1, &[octet]).map_or(bytes.len(), |end| end + 1);
                word = at;
                continue;
            }
            b'>' => return Tag { attributes, namespaces, is_empty: bytes[at - 1] == b'/', end: at + 1 },
            _ => {}
        }
        // To the next octet that means something.
        at += 1 + memchr::memchr3(b'"', b'\'', b'>', &bytes[at + 1..]).unwrap_or(bytes.len());
    }
    Tag { attributes, namespaces, is_empty: false, end: bytes.len() }
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes.get(from..)?, what).map(|place| from + place)
}
