//! Anything that arrives as an order, by what it is: a form of the EU, or an HI-1 message with or without one inside.

use crate::epoc::{form_of, hi1};
use crate::etsi::message::{Format, Received as Hi1};
use crate::etsi::names;
use crate::etsi::verdict::Setting;
use crate::refusal::{Refusal, Rule};
use crate::tree::{Position, read_xml};
use law::received::Received;

/// STD-08 for what is neither. Verdicts, deviations and differences are in the envelope; signatures are judged elsewhere
/// and added there by the caller.
pub fn read(bytes: &[u8], setting: &Setting) -> Result<Received, Refusal> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    match text.first() {
        Some(b'{') => hi1::from_message(bytes, setting),
        Some(b'<') => {
            let root = read_xml(bytes)?;
            if root.name.space == names::CORE {
                hi1::from_read(Hi1::of(root, Format::Xml)?, bytes, setting)
            } else {
                Ok(form_of(root, bytes)?.0)
            }
        }
        _ => Err(Refusal::new(Rule::NotThisFormat, Position { line: 1, column: 1 }, "")),
    }
}
