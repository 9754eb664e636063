//! A member's answer: `waarborg-release/v1` with the sealed partial keys, or `waarborg-refusal/v1` (sealing.md 3.5, REL-25, REL-28).
//!
//! The receipt is a signed note of its own inside the answer, so that packages can carry it without the keys. `docs/spec/release.md`,
//! RCP-01 to RCP-05.

use std::collections::BTreeSet;

use seal::digest::sha256;
use seal::labels;

use crate::document::{DocumentError, Reader, Writer, canonical, free_text};
use crate::log::checkpoint::Checkpoint;
use crate::log::note::{SignedNote, Signer};
use crate::log::origin::Origin;
use crate::log::vkey::VerifierKey;
use crate::log::{self};
use crate::policy::{CommitteeName, MemberId, Policy};
use crate::record::Digest;
use crate::release::Permit;
use crate::spelling::{from_hex_exact, hex};

/// Why an answer is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiptError {
    /// RCP-01: the spelling.
    Document(DocumentError),
    /// RCP-01: the note around it.
    Note(log::Refusal),
    /// RCP-02: not signed by the receipt key that the policy has for this member.
    NotSigned,
    /// RCP-03: the sealed keys are not those of the receipt, or missing.
    OtherKeys,
    /// RCP-04: receipts that name different heads, orders or intents, or one member twice.
    NotOneCase,
    /// RCP-05: the opened envelope is not for this order, member and these identities.
    OtherEnvelope,
}

impl ReceiptError {
    pub fn code(&self) -> &'static str {
        match self {
            ReceiptError::Document(_) | ReceiptError::Note(_) => "RCP-01",
            ReceiptError::NotSigned => "RCP-02",
            ReceiptError::OtherKeys => "RCP-03",
            ReceiptError::NotOneCase => "RCP-04",
            ReceiptError::OtherEnvelope => "RCP-05",
        }
    }
}

impl std::fmt::Display for ReceiptError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = match self {
            ReceiptError::Document(e) => return write!(f, "RCP-01: {e}"),
            ReceiptError::Note(e) => return write!(f, "RCP-01: {e}"),
            ReceiptError::NotSigned => "not signed by the member's receipt key",
            ReceiptError::OtherKeys => "the sealed keys are not those of the receipt",
            ReceiptError::NotOneCase => "the receipts are not of one case under one head",
            ReceiptError::OtherEnvelope => "the envelope is not for this order, member and these identities",
        };
        write!(f, "{}: {text}", self.code())
    }
}

impl std::error::Error for ReceiptError {}

impl From<DocumentError> for ReceiptError {
    fn from(e: DocumentError) -> ReceiptError {
        ReceiptError::Document(e)
    }
}

impl From<log::Refusal> for ReceiptError {
    fn from(e: log::Refusal) -> ReceiptError {
        ReceiptError::Note(e)
    }
}

/// What a member says it released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseReceipt {
    pub member: MemberId,
    pub time: u64,
    pub is_demo: bool,
    pub head: Checkpoint,
    pub order_d: Digest,
    pub order_index: u64,
    pub intent_d: Digest,
    /// SHA-256 of the sealed partial keys.
    pub sealed_hash: Digest,
}

const RECEIPT: &str = "waarborg-receipt/v1";
const RELEASE: &str = "waarborg-release/v1";
const REFUSAL: &str = "waarborg-refusal/v1";
/// 2^16 identities of 80 octets, the envelope, and the receipt.
const LEN_MAX: usize = 8 << 20;

impl ReleaseReceipt {
    /// What a permit and the sealed keys amount to.
    pub fn of(permit: &Permit, member: MemberId, sealed: &[u8]) -> ReleaseReceipt {
        ReleaseReceipt {
            member,
            time: permit.time(),
            is_demo: permit.is_demo(),
            head: permit.head().clone(),
            order_d: *permit.order_d(),
            order_index: permit.order_index(),
            intent_d: *permit.intent_d(),
            sealed_hash: sha256(&[sealed]),
        }
    }

    /// The receipt of sealing.md 3.5: label ‖ leaf_index u64 ‖ member u16 ‖ time u64 ‖ SHA-256(sealed partial keys).
    pub fn octets(&self) -> Vec<u8> {
        let (index, member, time) = (self.order_index.to_be_bytes(), self.member.number().to_be_bytes(), self.time.to_be_bytes());
        [labels::RECEIPT, &index, &member, &time, self.sealed_hash.as_slice()].concat()
    }

    fn to_text(&self) -> String {
        let mut w = Writer::new(RECEIPT);
        if self.is_demo {
            w.line("flag", "demo");
        }
        w.line("member", self.member).line("time", self.time);
        w.line("origin", &self.head.origin).line("size", self.head.size).bytes("root", &self.head.root);
        w.bytes("order", &self.order_d).line("order-index", self.order_index).bytes("intent", &self.intent_d);
        w.line("sealed", hex(&self.sealed_hash));
        // The short octets of sealing.md 3.5 are inside what is signed, so both forms have one signature.
        w.bytes("receipt", &self.octets());
        String::from_utf8_lossy(&w.finish()).into_owned()
    }

    fn from_text(text: &str) -> Result<ReleaseReceipt, DocumentError> {
        let mut r = Reader::open(text.as_bytes(), RECEIPT, SignedNote::LEN_MAX)?;
        let is_demo = r.parsed_if("flag", |v| (v == "demo").then_some(()))?.is_some();
        let member = r.parsed("member", member)?;
        let time = r.decimal("time")?;
        let origin = r.parsed("origin", |v| Origin::parse(v).ok())?;
        let head = Checkpoint { origin, size: r.decimal("size")?, root: r.bytes("root")? };
        let receipt = ReleaseReceipt {
            member,
            time,
            is_demo,
            head,
            order_d: r.bytes("order")?,
            order_index: r.decimal("order-index")?,
            intent_d: r.bytes("intent")?,
            sealed_hash: r.parsed("sealed", from_hex_exact::<32>)?,
        };
        r.value("receipt")?;
        r.end()?;
        canonical(text.as_bytes(), receipt.to_text().as_bytes())?;
        Ok(receipt)
    }
}

fn member(value: &str) -> Option<MemberId> {
    let (committee, index) = value.split_once(' ')?;
    let index = crate::spelling::decimal(index).and_then(|n| u8::try_from(n).ok()).filter(|n| *n != 0)?;
    Some(MemberId { committee: CommitteeName::parse(committee)?, index })
}

/// A receipt with its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedReceipt {
    note: SignedNote,
    receipt: ReleaseReceipt,
}

impl SignedReceipt {
    pub fn sign(receipt: ReleaseReceipt, key: &Signer) -> Result<SignedReceipt, ReceiptError> {
        Ok(SignedReceipt { note: key.sign_note(&receipt.to_text())?, receipt })
    }

    pub fn parse(bytes: &[u8]) -> Result<SignedReceipt, ReceiptError> {
        let note = SignedNote::parse(bytes)?;
        let receipt = ReleaseReceipt::from_text(note.text())?;
        Ok(SignedReceipt { note, receipt })
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        self.note.to_bytes()
    }

    pub fn receipt(&self) -> &ReleaseReceipt {
        &self.receipt
    }

    /// RCP-02: the policy's key for this member signed it, and it says `demo` exactly when the policy does (REL-32).
    pub fn verify(&self, policy: &Policy) -> Result<(), ReceiptError> {
        let row = policy.member(self.receipt.member).ok_or(ReceiptError::NotSigned)?;
        signed_by(&self.note, &row.receipt_key)?;
        if self.receipt.is_demo == policy.is_demo() { Ok(()) } else { Err(ReceiptError::NotSigned) }
    }
}

fn signed_by(note: &SignedNote, key: &VerifierKey) -> Result<(), ReceiptError> {
    note.verify(&[key]).map(|_| ()).map_err(|_| ReceiptError::NotSigned)
}

/// `waarborg-release/v1`: the receipt, and the sealed keys unless they were taken out for a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseAnswer {
    pub receipt: SignedReceipt,
    pub sealed: Option<Vec<u8>>,
}

impl ReleaseAnswer {
    pub fn parse(bytes: &[u8]) -> Result<ReleaseAnswer, ReceiptError> {
        let mut r = Reader::open(bytes, RELEASE, LEN_MAX)?;
        let receipt = SignedReceipt::parse(r.part("receipt")?)?;
        let sealed = r.part_if("sealed")?.map(<[u8]>::to_vec);
        r.end()?;
        let answer = ReleaseAnswer { receipt, sealed };
        canonical(bytes, &answer.to_bytes())?;
        Ok(answer)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new(RELEASE);
        w.part("receipt", &self.receipt.to_bytes());
        if let Some(sealed) = &self.sealed {
            w.part("sealed", sealed);
        }
        w.finish()
    }

    /// RCP-02, RCP-03: the receipt is the member's, and these are the keys it speaks of.
    pub fn verify(&self, policy: &Policy) -> Result<&[u8], ReceiptError> {
        self.receipt.verify(policy)?;
        let sealed = self.sealed.as_deref().ok_or(ReceiptError::OtherKeys)?;
        if sha256(&[sealed]) == self.receipt.receipt.sealed_hash { Ok(sealed) } else { Err(ReceiptError::OtherKeys) }
    }

    /// What packages carry.
    pub fn without_keys(&self) -> ReleaseAnswer {
        ReleaseAnswer { receipt: self.receipt.clone(), sealed: None }
    }
}

/// RCP-04 (REL-25): the combiner takes receipts of one order and intent under one head only, each member once, so that a fork would have
/// to cover a whole threshold.
pub fn one_case(receipts: &[&ReleaseReceipt]) -> Result<(), ReceiptError> {
    let mut members = BTreeSet::new();
    let Some(first) = receipts.first() else { return Err(ReceiptError::NotOneCase) };
    for receipt in receipts {
        let same = receipt.head == first.head
            && (receipt.order_d, receipt.order_index, receipt.intent_d) == (first.order_d, first.order_index, first.intent_d);
        if !same || !members.insert(receipt.member) {
            return Err(ReceiptError::NotOneCase);
        }
    }
    Ok(())
}

/// Field 13 of a release record (kind 13): SHA-256 over the SHA-256 of each signed receipt, ascending by member.
pub fn receipts_digest(receipts: &[SignedReceipt]) -> Digest {
    let mut sorted: Vec<&SignedReceipt> = receipts.iter().collect();
    sorted.sort_by_key(|r| r.receipt.member);
    let hashes: Vec<u8> = sorted.iter().flat_map(|r| sha256(&[&r.to_bytes()])).collect();
    sha256(&[&hashes])
}

/// The plaintext of an envelope: leaf_index u64 ‖ member u16 ‖ { SHA-256(ID) ‖ d_i }*. Its octets are secret (SEA-57); who
/// holds the `Vec` zeroises it.
#[derive(PartialEq, Eq)]
pub struct PartialKeys {
    pub leaf_index: u64,
    pub member: MemberId,
    /// (SHA-256(ID), compressed G1 point), in the order of the permit.
    pub keys: Vec<(Digest, [u8; 48])>,
}

impl PartialKeys {
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(10 + 80 * self.keys.len());
        out.extend_from_slice(&self.leaf_index.to_be_bytes());
        out.extend_from_slice(&self.member.number().to_be_bytes());
        for (digest, point) in &self.keys {
            out.extend_from_slice(digest);
            out.extend_from_slice(point);
        }
        out
    }

    /// RCP-05: only for the order, the member and exactly the identities that were asked for, in their order.
    pub fn decode(octets: &[u8], leaf_index: u64, member: MemberId, identities: &[Digest]) -> Result<PartialKeys, ReceiptError> {
        let other = ReceiptError::OtherEnvelope;
        let (index, rest) = octets.split_first_chunk::<8>().ok_or(other.clone())?;
        let (number, rows) = rest.split_first_chunk::<2>().ok_or(other.clone())?;
        let head = u64::from_be_bytes(*index) == leaf_index && u16::from_be_bytes(*number) == member.number();
        if !head || rows.len() != 80 * identities.len() {
            return Err(other);
        }
        let mut keys = Vec::with_capacity(identities.len());
        for (row, asked) in rows.chunks_exact(80).zip(identities) {
            let (digest, point) = row.split_first_chunk::<32>().ok_or(other.clone())?;
            if digest != asked {
                return Err(other);
            }
            keys.push((*digest, point.try_into().map_err(|_| other.clone())?));
        }
        Ok(PartialKeys { leaf_index, member, keys })
    }
}

impl std::fmt::Debug for PartialKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PartialKeys({}, {} keys)", self.member, self.keys.len())
    }
}

/// REL-28: a member's refusal, signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalAnswer {
    pub member: MemberId,
    pub time: u64,
    /// SHA-256 of the bundle's octets.
    pub bundle: Digest,
    /// D of the order, if the bundle read at all.
    pub order_d: Option<Digest>,
    /// 1 to 25.
    pub rule: u8,
    pub text: String,
}

impl RefusalAnswer {
    fn to_text(&self) -> String {
        let mut w = Writer::new(REFUSAL);
        w.line("member", self.member).line("time", self.time).bytes("bundle", &self.bundle);
        if let Some(d) = &self.order_d {
            w.bytes("order", d);
        }
        w.line("rule", format_args!("REL-{:02}", self.rule)).line("text", &self.text);
        String::from_utf8_lossy(&w.finish()).into_owned()
    }

    fn from_text(text: &str) -> Result<RefusalAnswer, DocumentError> {
        let mut r = Reader::open(text.as_bytes(), REFUSAL, SignedNote::LEN_MAX)?;
        let answer = RefusalAnswer {
            member: r.parsed("member", member)?,
            time: r.decimal("time")?,
            bundle: r.bytes("bundle")?,
            order_d: if r.at("order") { Some(r.bytes("order")?) } else { None },
            rule: r.parsed("rule", |v| (1..=25).find(|n| v == format!("REL-{n:02}")))?,
            text: r.parsed("text", |v| free_text(v, 1_024))?,
        };
        r.end()?;
        canonical(text.as_bytes(), answer.to_text().as_bytes())?;
        Ok(answer)
    }

    /// The octets a member answers with.
    pub fn sign(&self, key: &Signer) -> Result<Vec<u8>, ReceiptError> {
        Ok(key.sign_note(&self.to_text())?.to_bytes())
    }
}

/// What came back from a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Release(ReleaseAnswer),
    Refusal(RefusalAnswer),
}

impl Answer {
    /// Reads an answer and checks that its member, by the policy's key, gave it.
    pub fn parse(bytes: &[u8], policy: &Policy) -> Result<Answer, ReceiptError> {
        if !bytes.starts_with(REFUSAL.as_bytes()) {
            let answer = ReleaseAnswer::parse(bytes)?;
            answer.verify(policy)?;
            return Ok(Answer::Release(answer));
        }
        let note = SignedNote::parse(bytes)?;
        let refusal = RefusalAnswer::from_text(note.text())?;
        let row = policy.member(refusal.member).ok_or(ReceiptError::NotSigned)?;
        signed_by(&note, &row.receipt_key)?;
        Ok(Answer::Refusal(refusal))
    }
}
