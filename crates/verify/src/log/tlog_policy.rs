//! Policy files: which logs and witnesses count, and how many of them are enough (LOG-25 to LOG-27).
//!
//! The one C2SP format that is not canonical: spaces, tabs, comments and order are free. It is pinned by the SHA-256 of
//! its octets instead (LOG-27), so two spellings are two policies.

use std::collections::{BTreeMap, BTreeSet};

use super::Refusal;
use super::origin::Origin;
use super::vkey::{KeyKind, VerifierKey};
use crate::spelling::decimal;

/// A log that the policy knows: the key's name is its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyLog {
    pub origin: Origin,
    pub vkey: VerifierKey,
    pub url: Option<String>,
}

/// A witness: its name inside this file, its key, where it takes submissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyWitness {
    pub name: String,
    pub vkey: VerifierKey,
    pub url: Option<String>,
}

/// Position in the list of witnesses or of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Voter {
    Witness(usize),
    Group(usize),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    need: usize,
    members: Vec<Voter>,
}

/// A policy file, read and checked. Public; pinned by hash.
///
/// Refused: any two lines with one public key (LOG-26), a witness with a `0x01` key, a log key whose name is no origin,
/// a name used before it is defined or a member of two groups (LOG-25), `quorum none` (LOG-26).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogPolicy {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<Group>,
    quorum: Voter,
    digest: [u8; 32],
}

impl TlogPolicy {
    pub const LEN_MAX: usize = 65_536;
    /// C2SP asks for 32 of each at least (LOG-25); the note's 32 signature lines make more witnesses useless.
    pub const LINES_MAX: usize = 32;

    pub fn parse(bytes: &[u8]) -> Result<TlogPolicy, Refusal> {
        if TlogPolicy::LEN_MAX < bytes.len() {
            return Err(Refusal::PolicyTooLarge);
        }
        if bytes.iter().any(|b| !matches!(b, 0x09 | 0x0a | 0x20..=0x7e | 0x80..=0xff)) {
            return Err(Refusal::BadPolicyOctet);
        }
        // Opaque octets above 0x7F may stand in names, URLs and comments. Ours are UTF-8: they are printed.
        let text = std::str::from_utf8(bytes).map_err(|_| Refusal::BadPolicyOctet)?;
        let mut reader = Reader::default();
        let lines = match text {
            "" => "",
            _ => text.strip_suffix('\n').ok_or(Refusal::NotText)?,
        };
        for (number, line) in lines.split('\n').enumerate() {
            reader.line(number + 1, line)?;
        }
        reader.finish(seal::digest::sha256(&[bytes]))
    }

    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// SHA-256 of the file's octets: what pins it (LOG-27).
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The keys that may sign for this origin: one, or old and new side by side (LOG-96).
    pub fn log_keys(&self, origin: &Origin) -> Vec<&VerifierKey> {
        self.logs.iter().filter(|log| log.origin == *origin).map(|log| &log.vkey).collect()
    }

    /// Whether these witnesses, named by position in [`TlogPolicy::witnesses`], meet the quorum (REL-04).
    pub fn is_met_by(&self, cosigners: &BTreeSet<usize>) -> bool {
        self.agrees(self.quorum, cosigners)
    }

    // Ends: a group's members were all defined before it, so the recursion only goes back in the file.
    /// The smallest number of witnesses that meets the quorum; a witness is a member once only, so the numbers add up.
    pub fn fewest_votes(&self) -> usize {
        self.fewest(self.quorum)
    }

    fn fewest(&self, voter: Voter) -> usize {
        let Voter::Group(position) = voter else { return 1 };
        let Some(group) = self.groups.get(position) else { return usize::MAX };
        let mut costs: Vec<usize> = group.members.iter().map(|member| self.fewest(*member)).collect();
        costs.sort_unstable();
        costs.iter().take(group.need).fold(0, |sum, cost| sum.saturating_add(*cost))
    }

    fn agrees(&self, voter: Voter, cosigners: &BTreeSet<usize>) -> bool {
        match voter {
            Voter::Witness(position) => cosigners.contains(&position),
            Voter::Group(position) => self
                .groups
                .get(position)
                .is_some_and(|group| group.need <= group.members.iter().filter(|m| self.agrees(**m, cosigners)).count()),
        }
    }
}

/// The least k of n operators with which a split view is impossible: 1 + floor(2n / 3) (section 8).
pub fn least_safe_quorum(operators: usize) -> usize {
    1 + 2 * operators / 3
}

#[derive(Default)]
struct Reader {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<Group>,
    names: BTreeMap<String, Voter>,
    members: BTreeSet<Voter>,
    keys: BTreeSet<[u8; 32]>,
    quorum: Option<Voter>,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) -> Result<(), Refusal> {
        let items: Vec<&str> = line.split([' ', '\t']).filter(|item| !item.is_empty()).collect();
        match items.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", vkey] => self.log(number, vkey, None),
            ["log", vkey, url] => self.log(number, vkey, Some(url)),
            ["witness", name, vkey] => self.witness(number, name, vkey, None),
            ["witness", name, vkey, url] => self.witness(number, name, vkey, Some(url)),
            ["group", name, need, members @ ..] if !members.is_empty() => self.group(number, name, need, members),
            ["quorum", name] => self.quorum(number, name),
            _ => Err(Refusal::BadPolicyLine { line: number }),
        }
    }

    fn key(&mut self, number: usize, text: &str, kind: KeyKind) -> Result<VerifierKey, Refusal> {
        let vkey = VerifierKey::parse(text)?;
        // LOG-26: a 0x01 witness key would verify lines that say nothing about time.
        if vkey.kind() != kind {
            return Err(Refusal::WrongKeyUse { line: number });
        }
        // LOG-26, LOG-13: over the whole file, so that no operator votes twice and no log is its own witness.
        if !self.keys.insert(*vkey.key().as_bytes()) {
            return Err(Refusal::DuplicateKey { line: number });
        }
        Ok(vkey)
    }

    fn log(&mut self, number: usize, vkey: &str, url: Option<&str>) -> Result<(), Refusal> {
        let vkey = self.key(number, vkey, KeyKind::Ed25519)?;
        let origin = Origin::parse(vkey.name().as_str())?;
        self.logs.push(PolicyLog { origin, vkey, url: url.map(str::to_owned) });
        within_limit(self.logs.len())
    }

    fn witness(&mut self, number: usize, name: &str, vkey: &str, url: Option<&str>) -> Result<(), Refusal> {
        let vkey = self.key(number, vkey, KeyKind::Cosignature)?;
        self.define(number, name, Voter::Witness(self.witnesses.len()))?;
        self.witnesses.push(PolicyWitness { name: name.to_owned(), vkey, url: url.map(str::to_owned) });
        within_limit(self.witnesses.len())
    }

    fn group(&mut self, number: usize, name: &str, need: &str, members: &[&str]) -> Result<(), Refusal> {
        let mut voters = Vec::new();
        for member in members {
            let voter = *self.names.get(*member).ok_or(Refusal::UndefinedName { line: number })?;
            // LOG-25: one way only in which a witness can count.
            if !self.members.insert(voter) {
                return Err(Refusal::MemberTwice { line: number });
            }
            voters.push(voter);
        }
        let need = match need {
            "any" => 1,
            "all" => voters.len(),
            count => decimal(count).and_then(|k| usize::try_from(k).ok()).ok_or(Refusal::BadPolicyLine { line: number })?,
        };
        if need < 1 || voters.len() < need {
            return Err(Refusal::BadThreshold { line: number });
        }
        self.define(number, name, Voter::Group(self.groups.len()))?;
        self.groups.push(Group { need, members: voters });
        within_limit(self.groups.len())
    }

    fn quorum(&mut self, number: usize, name: &str) -> Result<(), Refusal> {
        // LOG-26: a policy that asks for no witness would make every split view valid.
        if name == "none" {
            return Err(Refusal::NoQuorum);
        }
        let voter = *self.names.get(name).ok_or(Refusal::UndefinedName { line: number })?;
        match self.quorum.replace(voter) {
            None => Ok(()),
            Some(_) => Err(Refusal::NotOneQuorum),
        }
    }

    fn define(&mut self, number: usize, name: &str, voter: Voter) -> Result<(), Refusal> {
        if name == "none" || self.names.insert(name.to_owned(), voter).is_some() {
            return Err(Refusal::NameTaken { line: number });
        }
        Ok(())
    }

    fn finish(self, digest: [u8; 32]) -> Result<TlogPolicy, Refusal> {
        let quorum = self.quorum.ok_or(Refusal::NotOneQuorum)?;
        Ok(TlogPolicy { logs: self.logs, witnesses: self.witnesses, groups: self.groups, quorum, digest })
    }
}

fn within_limit(count: usize) -> Result<(), Refusal> {
    if TlogPolicy::LINES_MAX < count { Err(Refusal::PolicyTooLarge) } else { Ok(()) }
}
