//! One HI-1 message: read once, strictly; written in one spelling.

use super::codec::{Fields, Opaque, Reader, Slot};
use super::core::{Header, Payload};
use super::names;
use super::profile::Profiles;
use crate::refusal::{Finding, Refusal, Rule};
use crate::tree::{self, Element, Position};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub header: Header,
    pub payload: Payload,
    /// What stands behind the payload. Whether it is a good signature is judged on the octets, elsewhere; here it is only kept.
    pub signatures: Signatures,
}

/// The untyped `Signature` (JSON's JWS lives there), XML-DSig, and JSON's `Signatures`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signatures {
    pub untyped: Option<Opaque>,
    pub xml: Option<Opaque>,
    pub json: Option<Opaque>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Xml,
    Json,
}

/// A well-formed HI-1 message whose content nobody has judged yet.
#[derive(Clone, Debug)]
pub struct Received {
    pub(crate) root: Element,
    pub format: Format,
}

impl Received {
    /// STD-01 to STD-08. XML begins with `<`, JSON with `{`.
    pub fn parse(bytes: &[u8]) -> Result<Received, Refusal> {
        let without_mark = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let (root, format) = match without_mark.trim_ascii_start().first() {
            Some(b'<') => (tree::read_xml(bytes)?, Format::Xml),
            Some(b'{') => (tree::read_json(bytes, "HI1Message")?, Format::Json),
            _ if std::str::from_utf8(bytes).is_err() || bytes.contains(&0) => {
                return Err(Refusal::new(Rule::NotUtf8, Position { line: 1, column: 1 }, ""));
            }
            _ => return Err(Refusal::new(Rule::NotThisFormat, Position { line: 1, column: 1 }, "")),
        };
        Received::of(root, format)
    }

    /// STD-08
    pub(crate) fn of(root: Element, format: Format) -> Result<Received, Refusal> {
        if root.name.is(names::CORE, "HI1Message") {
            Ok(Received { root, format })
        } else {
            Err(Refusal::new(Rule::NotThisFormat, root.at, &root.name.local))
        }
    }

    pub fn root(&self) -> &Element {
        &self.root
    }

    /// The schema verdict without any national profile: the message, or everything that breaks the schema (STD-10 to STD-13).
    pub fn schema(&self) -> Result<Message, Vec<Finding>> {
        self.schema_under(&Profiles::default())
    }

    /// The same with the national types of the profile that the header names, if it is loaded.
    pub fn schema_under(&self, profiles: &Profiles) -> Result<Message, Vec<Finding>> {
        let mut reader = Reader::under(profiles.of(&self.root));
        let message = reader.within("HI1Message", |reader| read_message(&self.root, reader));
        message.filter(|_| reader.findings.is_empty()).ok_or(reader.findings)
    }
}

fn read_message(root: &Element, reader: &mut Reader) -> Option<Message> {
    let mut fields = Fields::of(root);
    let header = Slot::take(&mut fields, names::CORE, "Header", reader);
    let payload = Slot::take(&mut fields, names::CORE, "Payload", reader);
    let untyped = <Option<Opaque> as Slot>::take(&mut fields, names::CORE, "Signature", reader)?;
    let xml = <Option<Opaque> as Slot>::take(&mut fields, names::XMLDSIG, "Signature", reader)?;
    let json = <Option<Opaque> as Slot>::take(&mut fields, names::CORE, "Signatures", reader)?;
    fields.finish(reader);
    Some(Message { header: header?, payload: payload?, signatures: Signatures { untyped, xml, json } })
}

impl Message {
    fn to_tree(&self) -> Element {
        let mut root = Element::new(names::CORE, "HI1Message");
        self.header.put(names::CORE, "Header", &mut root);
        self.payload.put(names::CORE, "Payload", &mut root);
        self.signatures.untyped.put(names::CORE, "Signature", &mut root);
        self.signatures.xml.put(names::XMLDSIG, "Signature", &mut root);
        self.signatures.json.put(names::CORE, "Signatures", &mut root);
        root
    }

    pub fn to_xml(&self) -> String {
        tree::write_xml(&self.to_tree(), names::PREFIXES)
    }

    /// `None`: the message carries foreign XML, which JSON cannot.
    pub fn to_json(&self) -> Option<String> {
        tree::write_json(&self.to_tree(), names::PREFIXES)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, Source};
    use super::*;

    fn message(source: &mut Source) -> Message {
        let signatures = Signatures::default();
        let header = Header {
            sender: Sample::sample(source),
            receiver: Sample::sample(source),
            transaction: Sample::sample(source),
            timestamp: Sample::sample(source),
            version: Sample::sample(source),
            workflow: Sample::sample(source),
        };
        Message { header, payload: Payload::sample(source), signatures }
    }

    fn read(bytes: &[u8]) -> Message {
        let received = Received::parse(bytes).unwrap_or_else(|refusal| panic!("{refusal}\n{}", String::from_utf8_lossy(bytes)));
        received.schema().unwrap_or_else(|findings| panic!("{}\n{}", findings[0], String::from_utf8_lossy(bytes)))
    }

    /// What a message means survives both spellings. 500 seeds; the number of a failing one is its own replay.
    #[test]
    fn messages_keep_their_meaning_through_xml_and_json() {
        let (mut in_json, mut in_xml) = (0, 0);
        // For interop/etsi.sh, where xmllint compares them with ETSI's schemas.
        let folder = std::env::var_os("ETSI_SAMPLES").map(std::path::PathBuf::from);
        for seed in 0..500 {
            let original = message(&mut Source::new(seed));
            if let Some(folder) = folder.as_ref().filter(|_| seed < 300) {
                std::fs::write(folder.join(format!("sample-{seed}.xml")), original.to_xml()).unwrap();
            }
            let through_xml = read(original.to_xml().as_bytes());
            assert_eq!(through_xml, original, "seed {seed}");
            in_xml += 1;
            if let Some(json) = original.to_json() {
                assert_eq!(read(json.as_bytes()), original, "seed {seed}");
                assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "seed {seed}");
                in_json += 1;
            }
        }
        assert!(in_xml == 500 && 250 < in_json, "{in_xml} {in_json}");
    }
}
