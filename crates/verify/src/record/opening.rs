//! What is shown of a record: fields with salt and value, or their hash alone.

use std::collections::BTreeMap;

use super::{Digest, RecordError, SignedRecord, Value, ascending_root};
use crate::document::{DocumentError, Reader, Words, Writer};
use crate::log::leaf;
use crate::spelling::{base64, from_base64};

/// One field of an opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpeningLine {
    Shown { salt: [u8; 32], value: Value },
    Withheld { hash: Digest },
}

/// A leaf opened, wholly or in part. It recomputes to the same leaf whatever is withheld (LOG-48).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    r: [u8; 32],
    signature: Vec<u8>,
    lines: BTreeMap<u8, OpeningLine>,
}

/// Fields that no public opening shows, and fields that each shows (the table of log.md section 4).
const NEVER_PUBLIC: [u8; 2] = [8, 9];
const ALWAYS_PUBLIC: [u8; 11] = [1, 10, 11, 12, 15, 17, 18, 19, 22, 23, 24];

impl SignedRecord {
    /// What PUBLIC shows of it (kind `open`): selectors and case reference never, and `withheld` besides, by policy.
    ///
    /// `Err`: a field that every public opening shows was to be withheld (LOG-47: else nobody could count).
    pub fn public_opening(&self, withheld: &[u8]) -> Result<Opening, u8> {
        match withheld.iter().find(|id| ALWAYS_PUBLIC.contains(id)) {
            Some(id) => Err(*id),
            None => Ok(self.opening(&[withheld, &NEVER_PUBLIC].concat())),
        }
    }
}

impl Opening {
    pub(super) fn of(signed: &SignedRecord, withheld: &[u8]) -> Opening {
        let lines = signed.record().fields().iter().map(|(id, field)| {
            let line = if withheld.contains(id) {
                OpeningLine::Withheld { hash: leaf::field_hash(*id, &field.salt, &field.value.to_bytes()) }
            } else {
                OpeningLine::Shown { salt: field.salt, value: field.value.clone() }
            };
            (*id, line)
        });
        Opening { r: *signed.r(), signature: signed.signature().to_vec(), lines: lines.collect() }
    }

    pub fn r(&self) -> &[u8; 32] {
        &self.r
    }

    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    pub fn lines(&self) -> &BTreeMap<u8, OpeningLine> {
        &self.lines
    }

    /// The value of a field that is shown.
    pub fn shown(&self, id: u8) -> Option<&Value> {
        match self.lines.get(&id) {
            Some(OpeningLine::Shown { value, .. }) => Some(value),
            _ => None,
        }
    }

    /// The first field that every public opening shows and this one does not (LOG-47).
    pub fn hides(&self) -> Option<u8> {
        ALWAYS_PUBLIC.into_iter().find(|id| match self.lines.get(id) {
            Some(line) => matches!(line, OpeningLine::Withheld { .. }),
            // A record without a kind is none.
            None => *id == 1,
        })
    }

    /// R.
    pub fn record_hash(&self) -> Digest {
        let hashes: Vec<(u8, Digest)> = self
            .lines
            .iter()
            .map(|(id, line)| match line {
                OpeningLine::Shown { salt, value } => (*id, leaf::field_hash(*id, salt, &value.to_bytes())),
                OpeningLine::Withheld { hash } => (*id, *hash),
            })
            .collect();
        ascending_root(&hashes)
    }

    /// D.
    pub fn d(&self) -> Digest {
        leaf::commitment_d(&leaf::commitment(&self.r, &self.record_hash(), &self.signature))
    }

    /// The 49 bytes of the leaf.
    pub fn entry(&self) -> [u8; 49] {
        leaf::entry(&self.d())
    }

    pub fn leaf_hash(&self) -> Digest {
        seal::merkle::leaf_hash(&self.entry())
    }

    /// Lines `r`, `order-signature`, then ids ascending `field` or `hash` (log.md section 5, `open`).
    pub(crate) fn write(&self, w: &mut Writer) {
        w.bytes("r", &self.r).bytes("order-signature", &self.signature);
        for (id, line) in &self.lines {
            match line {
                OpeningLine::Shown { salt, value } => w.line("field", format_args!("{id} {} {}", base64(salt), base64(&value.to_bytes()))),
                OpeningLine::Withheld { hash } => w.line("hash", format_args!("{id} {}", base64(hash))),
            };
        }
    }

    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Opening, DocumentError> {
        let key = r.bytes::<32>("r")?;
        let signature = r.parsed("order-signature", from_base64)?;
        let mut lines = BTreeMap::new();
        loop {
            let (id, line) = if r.at("field") {
                r.parsed("field", |v| {
                    let mut w = Words::new(v);
                    let (id, salt) = (w.small::<u8>()?, w.bytes::<32>()?);
                    let value = Value::parse(id, &from_base64(w.rest()?)?)?;
                    Some((id, OpeningLine::Shown { salt, value }))
                })?
            } else if r.at("hash") {
                r.parsed("hash", |v| {
                    let mut w = Words::new(v);
                    let row = (w.small::<u8>()?, OpeningLine::Withheld { hash: w.bytes::<32>()? });
                    w.end(row)
                })?
            } else {
                break;
            };
            let ascending = lines.last_key_value().is_none_or(|(last, _)| *last < id);
            if !ascending || !(1..=25).contains(&id) {
                return Err(r.bad("field"));
            }
            lines.insert(id, line);
        }
        if lines.is_empty() {
            return Err(r.bad("field"));
        }
        Ok(Opening { r: key, signature, lines })
    }

    const HEADER: &'static str = "waarborg-opening/v1";

    /// As a file of its own: in packages, in notices.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new(Opening::HEADER);
        self.write(&mut w);
        w.finish()
    }

    pub fn parse(bytes: &[u8]) -> Result<Opening, RecordError> {
        let mut r = Reader::open(bytes, Opening::HEADER, super::RECORD_LEN_MAX)?;
        let opening = Opening::read(&mut r)?;
        r.end()?;
        crate::document::canonical(bytes, &opening.to_bytes())?;
        Ok(opening)
    }
}
