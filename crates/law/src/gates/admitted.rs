//! From a report to an order that may be worked on: everything passes, or named persons decided what is theirs to decide.

use super::{GateNumber, GateResult, Report, Verdict};

/// Failing these is nobody's to overlook: the document, its signature, who may order it, and whether it still stands.
const NEVER_DECIDED: &[GateNumber] = &[1, 2, 3, 4, 5, 7, 8, 13];

/// A named person's word on one gate. Every one is logged with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub gate: GateNumber,
    pub person: String,
    pub reason: String,
    pub at: u64,
    /// The report it is about.
    pub original_hash: [u8; 32],
}

/// Why an order is not admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAdmitted {
    /// GAT-19: these gates do not pass and nobody decided, or may decide.
    Open(Vec<GateResult>),
    /// GAT-20: a decision without name or reason, about another document, or about a gate that is nobody's to overlook.
    Decision { gate: GateNumber },
}

impl NotAdmitted {
    pub fn code(&self) -> &'static str {
        match self {
            NotAdmitted::Open(_) => "GAT-19",
            NotAdmitted::Decision { .. } => "GAT-20",
        }
    }
}

/// An order may be worked on. Made by [`admit`] only.
///
/// ```compile_fail
/// let admitted = law::gates::Admitted { original_hash: [0; 32], decisions: Vec::new(), rule_version: String::new() };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    original_hash: [u8; 32],
    decisions: Vec<Decision>,
    rule_version: String,
}

impl Admitted {
    pub fn original_hash(&self) -> &[u8; 32] {
        &self.original_hash
    }

    /// What persons decided; the counters count them as overrides.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    pub fn rule_version(&self) -> &str {
        &self.rule_version
    }
}

/// GAT-19, GAT-20.
pub fn admit(report: &Report, decisions: &[Decision]) -> Result<Admitted, NotAdmitted> {
    for decision in decisions {
        let failed = report.gate(decision.gate).is_some_and(|gate| gate.verdict == Verdict::Fail && NEVER_DECIDED.contains(&gate.number));
        // What waits is not decided either: it comes, or it does not.
        let waits = report.gate(decision.gate).is_some_and(|gate| gate.verdict == Verdict::Hold);
        let unnamed = decision.person.trim().is_empty() || decision.reason.trim().is_empty();
        if failed || waits || unnamed || decision.original_hash != report.original_hash {
            return Err(NotAdmitted::Decision { gate: decision.gate });
        }
    }
    let decided = |gate: &&GateResult| decisions.iter().any(|decision| decision.gate == gate.number);
    let open: Vec<_> = report.open().filter(|gate| !decided(gate)).cloned().collect();
    if !open.is_empty() {
        return Err(NotAdmitted::Open(open));
    }
    let used = decisions.iter().filter(|decision| report.open().any(|gate| gate.number == decision.gate)).cloned().collect();
    Ok(Admitted { original_hash: report.original_hash, decisions: used, rule_version: report.rule_version.clone() })
}
