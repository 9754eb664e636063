//! `META-INF/waarborg-log.json`: why the keys could be made at all, for a reader without a network.

use super::json::{Value, object};
use super::members::Members;
use super::{Refusal, layout};
use crate::bundle::Anchor;
use crate::spelling;

/// First line of meaning of the document: its name and version.
pub const FORMAT: &str = "waarborg-log/v1";

/// A native document and its proof in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedDocument {
    /// The document: an order, an intent, or a signed PUBLIC statement, as its own format has it.
    pub document: Vec<u8>,
    /// The C2SP `.tlog-proof` of its leaf: index, path, checkpoint, cosignatures.
    pub proof: Vec<u8>,
}

/// Openings and proofs. Everything in it is checked by the format that it carries; here only the shape is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    /// The order's opening and its proof in ORDERS.
    pub order: LoggedDocument,
    /// The intent's opening and its proof in ORDERS.
    pub intent: LoggedDocument,
    /// Openings of related leaves (withdrawals, notices, confirmations), with their proofs.
    pub related: Vec<LoggedDocument>,
    /// PUBLIC statements that the verdict needs beside those in the evidence files: policy, ceremony, salt-map.
    pub statements: Vec<LoggedDocument>,
    /// Heads from before the order, and from before the intent: what was public when, as in the bundle (LOG-46). Their paths lead to
    /// the heads of the proofs above.
    pub order_anchor: Option<Anchor>,
    pub intent_anchor: Option<Anchor>,
    /// Trustees' signed release receipts without partial keys, in member order.
    pub receipts: Vec<Vec<u8>>,
}

impl LoggedDocument {
    fn from_value(value: &Value) -> Option<LoggedDocument> {
        let members = Members::of(value)?;
        Some(LoggedDocument { document: members.octets("document")?, proof: members.octets("proof")? })
    }
    fn to_value(&self) -> Value {
        Value::Object(object([("document", spelling::base64(&self.document).into()), ("proof", spelling::base64(&self.proof).into())]))
    }
}

impl LogFile {
    /// Reads the document. Refuses PKG-30 and PKG-36.
    pub fn parse(bytes: &[u8]) -> Result<LogFile, Refusal> {
        let value = Value::parse_document(bytes).map_err(|error| Refusal::Json { file: layout::LOG_FILE.to_owned(), error })?;
        let shape = Refusal::LogFile { what: "not of the required shape" };
        // Another format and unknown members were not looked at; they show here.
        LogFile::from_value(&value).filter(|file| file.to_value() == value).ok_or(shape)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_value().to_document()
    }

    fn from_value(value: &Value) -> Option<LogFile> {
        let members = Members::of(value)?;
        Some(LogFile {
            order: LoggedDocument::from_value(members.value("order")?)?,
            intent: LoggedDocument::from_value(members.value("intent")?)?,
            related: members.list("related", LoggedDocument::from_value)?,
            statements: members.list("statements", LoggedDocument::from_value)?,
            order_anchor: members.optional("order_anchor", anchor_from)?,
            intent_anchor: members.optional("intent_anchor", anchor_from)?,
            receipts: members.list("receipts", |v| spelling::from_base64(v.as_text()?))?,
        })
    }

    fn to_value(&self) -> Value {
        let list = |documents: &[LoggedDocument]| Value::List(documents.iter().map(LoggedDocument::to_value).collect());
        let mut out = object([
            ("format", FORMAT.into()),
            ("order", self.order.to_value()),
            ("intent", self.intent.to_value()),
            ("related", list(&self.related)),
            ("statements", list(&self.statements)),
            ("receipts", Value::List(self.receipts.iter().map(|receipt| spelling::base64(receipt).into()).collect())),
        ]);
        for (key, anchor) in [("order_anchor", &self.order_anchor), ("intent_anchor", &self.intent_anchor)] {
            if let Some(anchor) = anchor {
                out.insert(key.to_owned(), anchor_value(anchor));
            }
        }
        Value::Object(out)
    }
}

fn anchor_from(value: &Value) -> Option<Anchor> {
    let members = Members::of(value)?;
    let path = |key: &str| members.list(key, |v| spelling::from_base64_exact(v.as_text()?));
    Some(Anchor {
        public: members.octets("public")?,
        public_path: path("public_path")?,
        orders: members.octets("orders")?,
        orders_path: path("orders_path")?,
    })
}

fn anchor_value(anchor: &Anchor) -> Value {
    let path = |hashes: &[[u8; 32]]| Value::List(hashes.iter().map(|hash| spelling::base64(hash).into()).collect());
    Value::Object(object([
        ("public", spelling::base64(&anchor.public).into()),
        ("public_path", path(&anchor.public_path)),
        ("orders", spelling::base64(&anchor.orders).into()),
        ("orders_path", path(&anchor.orders_path)),
    ]))
}
