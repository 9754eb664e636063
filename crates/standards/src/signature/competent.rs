//! The third verdict: the registry lets this signer sign this. Who may sign what is the registry's knowledge, not a codec's.

use super::Trusted;

/// What the registry answers. The caller implements it on its registry of authorities.
pub trait Competences {
    /// What an order asks for: kind of order, category, article. The registry's own type.
    type Ask;
    /// The authority in whose name this signer may sign such an order at [`Trusted::at`].
    fn authority(&self, signer: &Trusted, ask: &Self::Ask) -> Result<String, NotCompetent>;
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotCompetent {
    /// SIG-60: the registry has no authority with this signer.
    Unknown,
    /// SIG-61: the entry is not in force at that time: still in its waiting time, or ended.
    NotInForce { from: u64, until: Option<u64> },
    /// SIG-62: the authority may not order this.
    NotForThis { what: String },
}

impl NotCompetent {
    pub fn code(&self) -> &'static str {
        match self {
            NotCompetent::Unknown => "SIG-60",
            NotCompetent::NotInForce { .. } => "SIG-61",
            NotCompetent::NotForThis { .. } => "SIG-62",
        }
    }
}

/// A trusted signer whom the registry lets sign this. Bound to the signed octets.
///
/// ```compile_fail
/// let forged = standards::signature::Competent { authority: String::new(), octets_sha256: [0; 32] };
/// ```
#[derive(Debug)]
pub struct Competent {
    authority: String,
    octets_sha256: [u8; 32],
}

impl Competent {
    pub fn authority(&self) -> &str {
        &self.authority
    }
    /// Of the octets that the first verdict is about. A verdict about one document is none about another.
    pub fn octets_sha256(&self) -> [u8; 32] {
        self.octets_sha256
    }
}

/// Asks the registry about a signer who is trusted; others cannot be asked about.
pub fn judge_competence<C: Competences>(signer: &Trusted, competences: &C, ask: &C::Ask) -> Result<Competent, NotCompetent> {
    let authority = competences.authority(signer, ask)?;
    Ok(Competent { authority, octets_sha256: signer.octets_sha256() })
}
