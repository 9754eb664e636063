//! The notice to the person: a letter that anybody can check against the log, without a login (`docs/spec/notice.md`).
//!
//! It opens the leaves of the order and of its intents as far as the person is concerned: the order frame with the fields that
//! may be shown, this person's own scope and identity leaves with their paths, and the log proofs. Whatever is about somebody else
//! stays a hash (NOT-11). Signed by the issuing authority (NOT-08). Personal: who reads it learns whom an order named.

mod check;
mod write;

use std::collections::BTreeMap;

use seal::identity::Salt;

use crate::document::{DocumentError, Reader, Words, Writer, canonical};
use crate::log::note::Signer;
use crate::log::proof::TlogProof;
use crate::order::ScopeItem;
use crate::record::{Digest, Opening};
use crate::spelling::{base64, from_base64, hex};

pub use check::{CheckedNotice, NoticeError};
pub use write::NoticeParts;

/// A field of the order frame: shown with its salt, or its digest alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameField {
    Shown { eta: [u8; 32], value: Vec<u8> },
    Withheld(Digest),
}

/// A leaf of this person in one of the two trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven<T> {
    pub eta: [u8; 32],
    pub index: u64,
    pub size: u64,
    pub path: Vec<Digest>,
    pub leaf: T,
}

/// An identity of this person that an intent asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnIdentity {
    pub salt: Salt,
    pub item: ScopeItem,
}

/// One intent: what it asked for about this person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntentPart {
    pub opening: Opening,
    pub proof: TlogProof,
    pub identities: Vec<Proven<OwnIdentity>>,
}

/// A notice, read and not judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub provider_name: String,
    pub key_id: Digest,
    pub order: Opening,
    pub order_proof: TlogProof,
    pub rho: [u8; 32],
    pub frame: BTreeMap<u16, FrameField>,
    pub scope: Vec<Proven<ScopeItem>>,
    pub intents: Vec<IntentPart>,
    /// What the person can do: remedies, whom to ask.
    pub remedies: String,
}

const HEADER: &str = "waarborg-notice/v1";

/// The code on the letter: 125 bits of D of the order's leaf, five groups of five letters and digits without those that look alike.
///
/// Who has only the paper compares it with the leaf at the letter's index, in any copy of the log.
pub fn code(d: &Digest) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bit = |at: usize| u32::from(d[at / 8] >> (7 - at % 8) & 1);
    let letter = |group: usize| (0..5).fold(0, |value, n| value << 1 | bit(group * 5 + n));
    let letters: Vec<u8> = (0..25).map(|group| ALPHABET[letter(group) as usize]).collect();
    letters.chunks(5).map(|five| String::from_utf8_lossy(five).into_owned()).collect::<Vec<_>>().join("-")
}

/// Reads a code as people type it: case, dashes and spaces do not matter, O is 0, I and L are 1.
pub fn same_code(typed: &str, d: &Digest) -> bool {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase());
        letters
            .map(|c| {
                if c == 'O' {
                    '0'
                } else if c == 'I' || c == 'L' {
                    '1'
                } else {
                    c
                }
            })
            .collect()
    };
    plain(typed) == plain(&code(d))
}

impl Notice {
    /// A person's notice with all its intents stays far below.
    pub const LEN_MAX: usize = 16 << 20;

    /// The text that the authority signs.
    fn to_text(&self) -> String {
        let mut w = Writer::new(HEADER);
        w.line("provider-name", &self.provider_name).line("key", hex(&self.key_id));
        w.bytes("order", &self.order.to_bytes());
        w.bytes("order-proof", &self.order_proof.to_bytes());
        w.bytes("rho", &self.rho);
        for (number, field) in &self.frame {
            match field {
                FrameField::Shown { eta, value } => w.line("shown", format_args!("{number} {} {}", base64(eta), base64(value))),
                FrameField::Withheld(digest) => w.line("withheld", format_args!("{number} {}", base64(digest))),
            };
        }
        self.scope.iter().for_each(|proven| write_proven(&mut w, "scope", proven, &item_text(&proven.leaf)));
        for intent in &self.intents {
            w.bytes("intent", &intent.opening.to_bytes());
            w.bytes("intent-proof", &intent.proof.to_bytes());
            for proven in &intent.identities {
                let leaf = format!("{} {}", base64(&proven.leaf.salt.0), item_text(&proven.leaf.item));
                write_proven(&mut w, "identity", proven, &leaf);
            }
        }
        w.line("remedies", &self.remedies);
        String::from_utf8_lossy(&w.finish()).into_owned()
    }

    fn read(text: &str) -> Result<Notice, DocumentError> {
        let mut r = Reader::open(text.as_bytes(), HEADER, Notice::LEN_MAX)?;
        let provider_name = r.parsed("provider-name", |v| crate::document::free_text(v, 256))?;
        let key_id = r.parsed("key", crate::spelling::from_hex_exact::<32>)?;
        let order = read_part(&mut r, "order", Opening::parse)?;
        let order_proof = read_part(&mut r, "order-proof", TlogProof::parse)?;
        let rho = r.bytes("rho")?;
        let frame = read_frame(&mut r)?;
        let scope = r.all("scope", |v| read_proven(v, read_item))?;
        let mut intents = Vec::new();
        while r.at("intent") {
            let opening = read_part(&mut r, "intent", Opening::parse)?;
            let proof = read_part(&mut r, "intent-proof", TlogProof::parse)?;
            let identities = r.all("identity", |v| {
                read_proven(v, |w| {
                    let salt = Salt(w.bytes::<16>()?);
                    Some(OwnIdentity { salt, item: read_item(w)? })
                })
            })?;
            intents.push(IntentPart { opening, proof, identities });
        }
        let remedies = r.parsed("remedies", |v| crate::document::free_text(v, 4_096))?;
        r.end()?;
        let notice = Notice { provider_name, key_id, order, order_proof, rho, frame, scope, intents, remedies };
        canonical(text.as_bytes(), notice.to_text().as_bytes())?;
        Ok(notice)
    }

    /// Signs; whose key it is, is judged with the policy (NOT-08).
    pub fn sign(self, authority: &Signer) -> SignedNotice {
        let signature = authority.sign_message(self.to_text().as_bytes());
        SignedNotice { notice: self, signature }
    }
}

/// A notice with its signature, as the person gets it: the last line signs everything above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNotice {
    notice: Notice,
    signature: [u8; 64],
}

impl SignedNotice {
    pub fn parse(bytes: &[u8]) -> Result<SignedNotice, NoticeError> {
        if Notice::LEN_MAX < bytes.len() {
            return Err(DocumentError::TooLong { len_max: Notice::LEN_MAX }.into());
        }
        let unsigned = DocumentError::MissingLine { line: 0, key: "signature" };
        let text = std::str::from_utf8(bytes).map_err(|_| unsigned.clone())?;
        let at = text.rfind("\nsignature ").ok_or(unsigned)? + 1;
        let mut r = Reader::inside(&bytes[at..]);
        let signature = r.bytes::<64>("signature")?;
        r.end()?;
        let signed = SignedNotice { notice: Notice::read(&text[..at])?, signature };
        canonical(bytes, &signed.to_bytes())?;
        Ok(signed)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let signature = Writer::inside().bytes("signature", &self.signature).finish();
        [self.notice.to_text().into_bytes(), signature].concat()
    }

    pub fn notice(&self) -> &Notice {
        &self.notice
    }
}

fn read_part<T, E>(r: &mut Reader<'_>, key: &'static str, parse: impl Fn(&[u8]) -> Result<T, E>) -> Result<T, DocumentError> {
    r.parsed(key, |v| parse(&from_base64(v)?).ok())
}

fn read_frame(r: &mut Reader<'_>) -> Result<BTreeMap<u16, FrameField>, DocumentError> {
    let mut frame = BTreeMap::new();
    loop {
        let (number, field) = if r.at("shown") {
            r.parsed("shown", |v| {
                let mut w = Words::new(v);
                let (number, eta) = (w.small::<u16>()?, w.bytes::<32>()?);
                Some((number, FrameField::Shown { eta, value: from_base64(w.rest()?)? }))
            })?
        } else if r.at("withheld") {
            r.parsed("withheld", |v| {
                let mut w = Words::new(v);
                let row = (w.small::<u16>()?, FrameField::Withheld(w.bytes::<32>()?));
                w.end(row)
            })?
        } else {
            return Ok(frame);
        };
        if frame.last_key_value().is_some_and(|(last, _)| number <= *last) {
            return Err(r.bad("shown"));
        }
        frame.insert(number, field);
    }
}

fn item_text(item: &ScopeItem) -> String {
    let (category, len) = (item.category().number(), item.slot_len().seconds());
    format!("{category} {len} {} {} {}", item.first(), item.last(), item.selector())
}

fn read_item(w: &mut Words<'_>) -> Option<ScopeItem> {
    let category = seal::identity::Category::new(w.small::<u16>()?).ok()?;
    let len = seal::identity::SlotLen::new(w.small::<u32>()?).ok()?;
    let (first, last) = (w.decimal()?, w.decimal()?);
    ScopeItem::new(seal::selector::Selector::from_text(w.rest()?).ok()?, category, len, first, last)
}

fn write_proven<T>(w: &mut Writer, key: &str, proven: &Proven<T>, leaf: &str) {
    let path: Vec<u8> = proven.path.concat();
    // An empty path (the only leaf) still is a word.
    let path = if path.is_empty() { "-".to_owned() } else { base64(&path) };
    w.line(key, format_args!("{} {} {} {path} {leaf}", base64(&proven.eta), proven.index, proven.size));
}

fn read_proven<T>(value: &str, leaf: impl Fn(&mut Words<'_>) -> Option<T>) -> Option<Proven<T>> {
    let mut w = Words::new(value);
    let (eta, index, size) = (w.bytes::<32>()?, w.decimal()?, w.decimal()?);
    let path = match w.word()? {
        "-" => Vec::new(),
        text => from_base64(text)?.chunks(32).map(|hash| hash.try_into().ok()).collect::<Option<Vec<Digest>>>()?,
    };
    Some(Proven { eta, index, size, path, leaf: leaf(&mut w)? })
}
