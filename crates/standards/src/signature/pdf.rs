//! Signed PDF files (ISO 32000-2 section 12.8, PAdES ETSI EN 319 142-1).
//!
//! Nothing here interprets a PDF. A signature covers octets, so it is enough to see that these are all octets of the file but for
//! the signature's own digits: then no viewer, however it reads the file, can show anything that the signer did not sign.

use super::{Coverage, DOCUMENT_MAX, Refusal, SIGNATURES_MAX, Valid, cms};
use std::ops::Range;
use std::sync::Arc;

/// Most that object streams may unpack to.
const UNPACKED_MAX: usize = 16 * 1024 * 1024;

/// Every signature, the outermost first. The first covers the whole file; further ones cover the file as it was before it was
/// added to and signed again, and say so (SIG-35).
pub fn check(file: &[u8]) -> Result<Vec<Valid>, Refusal> {
    if DOCUMENT_MAX < file.len() {
        return Err(Refusal::Size { what: "document" });
    }
    if !file.starts_with(b"%PDF-") {
        return Err(Refusal::Form { what: "not a PDF" });
    }
    let mut found = places(file)?;
    found.sort_by_key(|place| std::cmp::Reverse(place.end));
    let Some(outermost) = found.first() else { return Err(Refusal::Unsigned) };
    if outermost.end != file.len() {
        return Err(Refusal::ChangedAfterSigning { signed: outermost.end, of: file.len() });
    }
    check_active(file)?;
    found.iter().map(|place| place.check(file)).collect()
}

/// Where one signature stands: `file[..gap.start]` and `file[gap.end..end]` are signed.
struct Place {
    gap: Range<usize>,
    end: usize,
}

fn places(file: &[u8]) -> Result<Vec<Place>, Refusal> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = find(file, b"/ByteRange", at) {
        at = next + 10;
        if SIGNATURES_MAX <= found.len() {
            return Err(Refusal::Size { what: "signatures" });
        }
        found.push(place(file, next)?);
    }
    Ok(found)
}

/// SIG-30, SIG-32, SIG-33: the byte range begins at 0 and leaves out one string of digits, which is /Contents of this dictionary.
fn place(file: &[u8], at: usize) -> Result<Place, Refusal> {
    let text = file.get(at + 10..(at + 120).min(file.len())).unwrap_or_default();
    let open = text.iter().position(|b| *b == b'[').filter(|at| text[..*at].iter().all(u8::is_ascii_whitespace));
    let close = text.iter().position(|b| *b == b']');
    let (Some(open), Some(close)) = (open, close) else { return Err(Refusal::ByteRange) };
    let numbers = std::str::from_utf8(text.get(open + 1..close).unwrap_or_default()).map_err(|_| Refusal::ByteRange)?;
    let numbers: Vec<usize> = numbers.split_ascii_whitespace().map_while(|n| n.parse().ok()).collect();
    let [0, first, second, len] = numbers[..] else { return Err(Refusal::ByteRange) };
    let end = second.checked_add(len).filter(|end| *end <= file.len() && first < second).ok_or(Refusal::ByteRange)?;
    if first <= at && at < second || end <= at {
        return Err(Refusal::ByteRange);
    }
    let gap = file.get(first..second).ok_or(Refusal::ByteRange)?;
    let digits = gap.strip_prefix(b"<").and_then(|g| g.strip_suffix(b">")).ok_or(Refusal::Gap)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(Refusal::Gap);
    }
    // The dictionary around both: from the object's beginning to its end.
    let (low, high) = (at.min(first), at.max(second));
    let begin = file.get(..low).and_then(|before| memchr::memmem::rfind(before, b" obj")).ok_or(Refusal::ByteRange)?;
    let until = find(file, b"endobj", high).ok_or(Refusal::ByteRange)?;
    if until > end {
        return Err(Refusal::ByteRange);
    }
    let before = file.get(begin..first).unwrap_or_default();
    let after = file.get(second..until).unwrap_or_default();
    if !before.trim_ascii_end().ends_with(b"/Contents") {
        return Err(Refusal::Gap);
    }
    if [before, after].iter().any(|part| find(part, b"endobj", 0).is_some()) {
        return Err(Refusal::ByteRange);
    }
    let is_known = |part: &[u8]| [&b"/ETSI.CAdES.detached"[..], b"/adbe.pkcs7.detached"].iter().any(|name| find(part, name, 0).is_some());
    if !is_known(before) && !is_known(after) {
        return Err(Refusal::SubFilter);
    }
    Ok(Place { gap: first..second, end })
}

impl Place {
    fn check(&self, file: &[u8]) -> Result<Valid, Refusal> {
        let revision = file.get(..self.end).ok_or(Refusal::ByteRange)?;
        if !revision.trim_ascii_end().ends_with(b"%%EOF") {
            return Err(Refusal::ByteRange);
        }
        let digits = file.get(self.gap.start + 1..self.gap.end - 1).ok_or(Refusal::Gap)?;
        let container = container(digits).ok_or(Refusal::Gap)?;
        let signed = [file.get(..self.gap.start).unwrap_or_default(), file.get(self.gap.end..self.end).unwrap_or_default()].concat();
        let coverage = if self.end == file.len() { Coverage::Whole } else { Coverage::Earlier { signed: self.end, of: file.len() } };
        cms::check_pdf(&container, &signed, &Arc::new(revision.to_vec()), coverage)
    }
}

/// SIG-32: the CMS, then zeros only. None: something behind it.
fn container(digits: &[u8]) -> Option<Vec<u8>> {
    if 2 * cms::SIGNATURE_MAX < digits.len() || digits.len() % 2 != 0 {
        return None;
    }
    let digit = |b: u8| (b as char).to_digit(16).map(|n| n as u8);
    let octets: Option<Vec<u8>> = digits.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect();
    let mut octets = octets?;
    let len = super::der::prefix(&octets)?;
    let padding = octets.split_at_checked(len)?.1;
    if padding.iter().any(|b| *b != 0) {
        return None;
    }
    octets.truncate(len);
    Some(octets)
}

/// What lets one file look different on another screen, on another day, or after a click.
const ACTIVE: &[&str] = &["/JavaScript", "/OCProperties", "/SubmitForm", "/ImportData", "/RichMedia", "/Launch", "/XFA", "/JS", "/Encrypt"];
/// Shorter names occur in packed data by chance; they are looked for outside of it.
const LONG: usize = 8;

/// SIG-34: refuses active content in the file and in its object streams.
fn check_active(file: &[u8]) -> Result<(), Refusal> {
    let mut left = UNPACKED_MAX;
    let mut at = 0;
    while let Some(open) = next_stream(file, at) {
        let plain = file.get(at..open).unwrap_or_default();
        check_names(plain, 0)?;
        let close = find(file, b"endstream", open).ok_or(Refusal::Form { what: "a stream without its end" })?;
        let data = file.get(open + 6..close).unwrap_or_default();
        check_names(data, LONG)?;
        let dictionary = memchr::memmem::rfind(plain, b" obj").and_then(|from| plain.get(from..)).unwrap_or(plain);
        if has_name(dictionary, b"/ObjStm") {
            let unpacked = unpack(dictionary, data, left)?;
            left -= unpacked.len();
            check_names(&unpacked, 0)?;
        }
        at = close + 9;
    }
    check_names(file.get(at..).unwrap_or_default(), 0)
}

/// The keyword behind a dictionary, at the end of its line; the word in a text is not one.
fn next_stream(file: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let found = find(file, b"stream", at)?;
        let is_line_end = matches!(file.get(found + 6), Some(b'\r' | b'\n'));
        if is_line_end && file.get(from..found)?.trim_ascii_end().ends_with(b">>") {
            return Some(found);
        }
        at = found + 6;
    }
}

fn unpack(dictionary: &[u8], data: &[u8], left: usize) -> Result<Vec<u8>, Refusal> {
    let hidden = Refusal::ActiveContent { name: "objects packed in another way than Flate" };
    if find(dictionary, b"/Filter", 0).is_none() {
        return Ok(data.get(..left.min(data.len())).unwrap_or_default().to_vec());
    }
    let is_flate_alone = has_name(dictionary, b"/FlateDecode")
        && [&b"/DecodeParms"[..], b"/LZWDecode", b"/ASCIIHexDecode", b"/ASCII85Decode", b"/RunLengthDecode", b"/Crypt", b"/F "]
            .iter()
            .all(|name| find(dictionary, name, 0).is_none());
    if !is_flate_alone {
        return Err(hidden);
    }
    let data = data.strip_prefix(b"\r\n").or_else(|| data.strip_prefix(b"\n")).unwrap_or(data);
    match miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(data, left) {
        Ok(unpacked) => Ok(unpacked),
        Err(error) if error.status == miniz_oxide::inflate::TINFLStatus::HasMoreOutput => Err(Refusal::Size { what: "packed objects" }),
        Err(_) => Err(hidden),
    }
}

/// Names may be written with `#41` for `A`, so they are compared spelled out.
fn check_names(part: &[u8], len_min: usize) -> Result<(), Refusal> {
    let spelled_out = if part.contains(&b'#') { spelled_out(part) } else { Vec::new() };
    for name in ACTIVE.iter().filter(|name| len_min <= name.len()) {
        if has_name(part, name.as_bytes()) || has_name(&spelled_out, name.as_bytes()) {
            return Err(Refusal::ActiveContent { name });
        }
    }
    Ok(())
}

fn spelled_out(part: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(part.len());
    let mut rest = part;
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|d| std::str::from_utf8(d).ok()).and_then(|d| u8::from_str_radix(d, 16).ok());
        match (first, digits) {
            (b'#', Some(byte)) => {
                out.push(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            _ => {
                out.push(*first);
                rest = behind;
            }
        }
    }
    out
}

/// Does the name stand here, and not as the beginning of a longer one?
fn has_name(part: &[u8], name: &[u8]) -> bool {
    let mut at = 0;
    while let Some(found) = find(part, name, at) {
        at = found + name.len();
        let is_delimited = part.get(at).is_none_or(|b| b.is_ascii_whitespace() || b"()<>[]{}/%\0".contains(b));
        if is_delimited {
            return true;
        }
    }
    false
}

/// First place of `wanted` at or behind `from`.
fn find(bytes: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    memchr::memmem::find(bytes.get(from..)?, wanted).map(|at| from + at)
}
