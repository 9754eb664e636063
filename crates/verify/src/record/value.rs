//! The 25 fields of a record and what each may hold (log.md section 4).

use seal::identity::{Category, ProviderId};
use seal::selector::Selector;

use crate::document::free_text;
use crate::names::{DirectoryId, Instrument, Span};

use super::Kind;

/// A SHA-256 value.
pub type Digest = [u8; 32];

/// How the record of an order is vouched for (field 23, LOG-100).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assurance {
    /// The competent court or authority signed the record itself.
    Native,
    /// k approvers compared the record with an outside document and signed that.
    Attested,
}

/// Which leaf a record hangs on (field 15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parent {
    /// SHA-256 of the origin's text.
    pub origin_hash: Digest,
    pub index: u64,
}

impl Parent {
    pub fn new(origin: &str, index: u64) -> Parent {
        Parent { origin_hash: seal::digest::sha256(&[origin.as_bytes()]), index }
    }
}

/// One field's value. The variant is the field number; [`Value::to_bytes`] is what is hashed into H_i.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// 1.
    Kind(Kind),
    /// 2: the legal instrument.
    Instrument(Instrument),
    /// 3.
    Court(DirectoryId),
    /// 4: an article.
    LegalBasis(String),
    /// 5.
    Provider(ProviderId),
    /// 6: strictly ascending.
    Categories(Vec<Category>),
    /// 7: the ordered time.
    Period(Span),
    /// 8: strictly ascending; never in a public opening.
    Selectors(Vec<Selector>),
    /// 9: never in a public opening unless the court says so.
    CaseRef(String),
    /// 10: when the order may be used.
    Validity(Span),
    /// 11.
    SealUntil(u64),
    /// 12: 00:00 UTC of the day.
    NoticeDue(u64),
    /// 13.
    ReleaseSet(Digest),
    /// 14.
    PolicyHash(Digest),
    /// 15.
    Parent(Parent),
    /// 16.
    ScopeRoot(Digest),
    /// 17: 32 zero octets, nothing else (REL-31).
    StatHash,
    /// 18.
    Authority(DirectoryId),
    /// 19: C_ord.
    OrderFrame(Digest),
    /// 20.
    IdentityCount(Digest),
    /// 21.
    Reason(u16),
    /// 22: zeros if there is no outside document.
    OriginalHash(Digest),
    /// 23.
    Assurance(Assurance),
    /// 24: digests of the attesters' keys, strictly ascending.
    Attesters(Vec<Digest>),
    /// 25.
    IdsRoot(Digest),
}

impl Value {
    /// LOG-39.
    pub const LEN_MAX: usize = 4_096;

    /// The field number.
    pub fn id(&self) -> u8 {
        match self {
            Value::Kind(_) => 1,
            Value::Instrument(_) => 2,
            Value::Court(_) => 3,
            Value::LegalBasis(_) => 4,
            Value::Provider(_) => 5,
            Value::Categories(_) => 6,
            Value::Period(_) => 7,
            Value::Selectors(_) => 8,
            Value::CaseRef(_) => 9,
            Value::Validity(_) => 10,
            Value::SealUntil(_) => 11,
            Value::NoticeDue(_) => 12,
            Value::ReleaseSet(_) => 13,
            Value::PolicyHash(_) => 14,
            Value::Parent(_) => 15,
            Value::ScopeRoot(_) => 16,
            Value::StatHash => 17,
            Value::Authority(_) => 18,
            Value::OrderFrame(_) => 19,
            Value::IdentityCount(_) => 20,
            Value::Reason(_) => 21,
            Value::OriginalHash(_) => 22,
            Value::Assurance(_) => 23,
            Value::Attesters(_) => 24,
            Value::IdsRoot(_) => 25,
        }
    }

    /// Reads the value of field `id`; `None` for an unknown id or anything but the one spelling of a value (LOG-39).
    pub fn parse(id: u8, bytes: &[u8]) -> Option<Value> {
        if Value::LEN_MAX < bytes.len() {
            return None;
        }
        let value = match id {
            1 => Value::Kind(Kind::from_number(*exactly::<1>(bytes)?.first()?)?),
            2 => Value::Instrument(Instrument::parse(text(bytes)?)?),
            3 => Value::Court(DirectoryId::parse(text(bytes)?)?),
            4 => Value::LegalBasis(free_text(text(bytes)?, 1_024)?),
            5 => Value::Provider(ProviderId(exactly(bytes)?)),
            6 => Value::Categories(categories(bytes)?),
            7 => Value::Period(span(bytes)?),
            8 => Value::Selectors(selectors(bytes)?),
            9 => Value::CaseRef(free_text(text(bytes)?, 256)?),
            10 => Value::Validity(span(bytes)?),
            11 => Value::SealUntil(u64::from_be_bytes(exactly(bytes)?)),
            12 => Value::NoticeDue(Some(u64::from_be_bytes(exactly(bytes)?)).filter(|t| t % 86_400 == 0)?),
            13 => Value::ReleaseSet(exactly(bytes)?),
            14 => Value::PolicyHash(exactly(bytes)?),
            15 => {
                let (origin_hash, index) = bytes.split_first_chunk::<32>()?;
                Value::Parent(Parent { origin_hash: *origin_hash, index: u64::from_be_bytes(exactly(index)?) })
            }
            16 => Value::ScopeRoot(exactly(bytes)?),
            17 => (exactly::<32>(bytes)? == [0; 32]).then_some(Value::StatHash)?,
            18 => Value::Authority(DirectoryId::parse(text(bytes)?)?),
            19 => Value::OrderFrame(exactly(bytes)?),
            20 => Value::IdentityCount(exactly(bytes)?),
            21 => Value::Reason(u16::from_be_bytes(exactly(bytes)?)),
            22 => Value::OriginalHash(exactly(bytes)?),
            23 => Value::Assurance(match exactly::<1>(bytes)? {
                [1] => Assurance::Native,
                [2] => Assurance::Attested,
                _ => return None,
            }),
            24 => Value::Attesters(attesters(bytes)?),
            25 => Value::IdsRoot(exactly(bytes)?),
            _ => return None,
        };
        Some(value)
    }

    /// The octets that go into H_i.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Value::Kind(kind) => vec![kind.number()],
            Value::Instrument(name) => name.as_str().as_bytes().to_vec(),
            Value::Court(id) | Value::Authority(id) => id.as_str().as_bytes().to_vec(),
            Value::LegalBasis(text) | Value::CaseRef(text) => text.as_bytes().to_vec(),
            Value::Provider(id) => id.0.to_vec(),
            Value::Categories(list) => list.iter().flat_map(|c| c.number().to_be_bytes()).collect(),
            Value::Period(span) | Value::Validity(span) => [span.from().to_be_bytes(), span.until().to_be_bytes()].concat(),
            Value::Selectors(list) => list.iter().flat_map(selector_octets).collect(),
            Value::SealUntil(time) | Value::NoticeDue(time) => time.to_be_bytes().to_vec(),
            Value::ReleaseSet(hash) | Value::PolicyHash(hash) | Value::ScopeRoot(hash) => hash.to_vec(),
            Value::OrderFrame(hash) | Value::IdentityCount(hash) | Value::OriginalHash(hash) => hash.to_vec(),
            Value::IdsRoot(hash) => hash.to_vec(),
            Value::Parent(parent) => [parent.origin_hash.as_slice(), &parent.index.to_be_bytes()].concat(),
            Value::StatHash => vec![0; 32],
            Value::Reason(code) => code.to_be_bytes().to_vec(),
            Value::Assurance(Assurance::Native) => vec![1],
            Value::Assurance(Assurance::Attested) => vec![2],
            Value::Attesters(list) => {
                // Cannot be cut: LEN_MAX allows 127 digests, and `Record` refuses longer values.
                let mut bytes = vec![list.len() as u8];
                list.iter().for_each(|digest| bytes.extend_from_slice(digest));
                bytes
            }
        }
    }
}

/// One selector in field 8: u16 length, then type octet and canonical octets. The type is inside, because a telephone
/// number and an account may be spelled alike (decision 0011).
fn selector_octets(selector: &Selector) -> Vec<u8> {
    let octets = selector.as_bytes();
    let len = octets.len() as u16 + 1;
    [len.to_be_bytes().as_slice(), &[selector.sel_type()], octets].concat()
}

fn selectors(bytes: &[u8]) -> Option<Vec<Selector>> {
    let (mut rest, mut list, mut last) = (bytes, Vec::new(), Vec::new());
    while !rest.is_empty() {
        let (len, after) = rest.split_first_chunk::<2>()?;
        let (octets, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
        let (sel_type, canonical) = octets.split_first()?;
        if octets <= last.as_slice() {
            return None;
        }
        list.push(Selector::parse(*sel_type, canonical).ok()?);
        last = octets.to_vec();
        rest = after;
    }
    (!list.is_empty()).then_some(list)
}

fn categories(bytes: &[u8]) -> Option<Vec<Category>> {
    if !bytes.len().is_multiple_of(2) || bytes.is_empty() {
        return None;
    }
    let numbers = bytes.chunks_exact(2).map(|c| u16::from_be_bytes([c[0], c[1]]));
    let list: Option<Vec<Category>> = numbers.map(|n| Category::new(n).ok()).collect();
    list.filter(|l| l.windows(2).all(|w| w[0] < w[1]))
}

fn attesters(bytes: &[u8]) -> Option<Vec<Digest>> {
    let (count, rest) = bytes.split_first()?;
    if rest.len() != usize::from(*count) * 32 || *count == 0 {
        return None;
    }
    let list: Option<Vec<Digest>> = rest.chunks_exact(32).map(|d| d.try_into().ok()).collect();
    list.filter(|l| l.windows(2).all(|w| w[0] < w[1]))
}

fn span(bytes: &[u8]) -> Option<Span> {
    let octets = exactly::<16>(bytes)?;
    let (from, until) = octets.split_at(8);
    Span::new(u64::from_be_bytes(exactly(from)?), u64::from_be_bytes(exactly(until)?))
}

fn exactly<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}
