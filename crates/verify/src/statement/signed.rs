//! A statement with its signature lines.

use super::Statement;
use crate::document::DocumentError;
use crate::log::note::{SignedNote, Signer};
use crate::log::vkey::VerifierKey;
use crate::log::{self};

/// Why a statement is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementError {
    /// The note around it.
    Note(log::Refusal),
    /// The text in it.
    Document(DocumentError),
    /// LOG-44: longer than 65,535 bytes.
    TooLong,
    /// LOG-44: fewer keys of those that may say this have signed than must.
    NotSigned { need: u8, got: usize },
}

impl StatementError {
    pub fn code(&self) -> &'static str {
        match self {
            StatementError::Note(e) => e.code(),
            StatementError::Document(e) => e.code(),
            StatementError::TooLong | StatementError::NotSigned { .. } => "LOG-44",
        }
    }
}

impl std::fmt::Display for StatementError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StatementError::Note(e) => e.fmt(f),
            StatementError::Document(e) => e.fmt(f),
            StatementError::TooLong => f.write_str("LOG-44: the statement is longer than 65,535 bytes"),
            StatementError::NotSigned { need, got } => {
                write!(f, "LOG-44: {got} of the {need} keys needed for a statement of this kind signed it")
            }
        }
    }
}

impl std::error::Error for StatementError {}

impl From<log::Refusal> for StatementError {
    fn from(e: log::Refusal) -> StatementError {
        StatementError::Note(e)
    }
}

impl From<DocumentError> for StatementError {
    fn from(e: DocumentError) -> StatementError {
        StatementError::Document(e)
    }
}

/// A statement as it stands in PUBLIC: these bytes are the log's entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedStatement {
    note: SignedNote,
    statement: Statement,
    /// Of the octets, which have one spelling: reading has them at hand, and a judgement asks several times.
    leaf_hash: [u8; 32],
}

impl SignedStatement {
    pub fn parse(bytes: &[u8]) -> Result<SignedStatement, StatementError> {
        if Statement::LEN_MAX < bytes.len() {
            return Err(StatementError::TooLong);
        }
        let note = SignedNote::parse(bytes)?;
        let statement = Statement::parse(note.text())?;
        Ok(SignedStatement { note, statement, leaf_hash: seal::merkle::leaf_hash(bytes) })
    }

    /// Signs; for a statement that several must sign, give them all.
    pub fn sign(statement: Statement, signers: &[&Signer]) -> Result<SignedStatement, StatementError> {
        let text = statement.to_text();
        let lines = signers.iter().map(|s| s.sign(&text)).collect::<Result<Vec<_>, _>>()?;
        let note = SignedNote::new(text, lines)?;
        let bytes = note.to_bytes();
        if Statement::LEN_MAX < bytes.len() {
            return Err(StatementError::TooLong);
        }
        Ok(SignedStatement { note, statement, leaf_hash: seal::merkle::leaf_hash(&bytes) })
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        self.note.to_bytes()
    }

    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    pub fn note(&self) -> &SignedNote {
        &self.note
    }

    /// The hash of this entry as a leaf of PUBLIC.
    pub fn leaf_hash(&self) -> [u8; 32] {
        self.leaf_hash
    }

    /// `need` of these keys signed it; a line of one of them that fails is refused, not passed over (LOG-07).
    pub fn verify(&self, keys: &[&VerifierKey], need: u8) -> Result<(), StatementError> {
        let got = self.note.verify_known(keys)?.len();
        if need == 0 || got < usize::from(need) {
            return Err(StatementError::NotSigned { need, got });
        }
        Ok(())
    }
}
