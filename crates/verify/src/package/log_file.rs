//! `META-INF/waarborg-log.json`: why the keys could be made at all, for a reader without a network.

/// A native document and its proof in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The document: an order, an intent, or a signed PUBLIC statement, as its own format has it.
    pub document: Vec<u8>,
    /// The C2SP `.tlog-proof` of its leaf: index, path, checkpoint, cosignatures.
    pub proof: Vec<u8>,
}

/// Openings and proofs. Everything in it is checked by the format that it carries; here only the shape is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    /// The order's opening and its proof in ORDERS.
    pub order: Logged,
    /// The intent's opening and its proof in ORDERS.
    pub intent: Logged,
    /// Openings of related leaves (withdrawals, notices, confirmations), with their proofs.
    pub related: Vec<Logged>,
    /// PUBLIC statements that the verdict needs beside those in the evidence files: policy, ceremony, salt-map.
    pub statements: Vec<Logged>,
    /// Trustees' signed release receipts (`waarborg-release/v1` without partial keys), in member order.
    pub receipts: Vec<Vec<u8>>,
}
