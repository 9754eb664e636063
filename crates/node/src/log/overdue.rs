//! Accountability of secrecy: every ORDERS leaf is opened, shown to be a dummy, or renewed in time (LOG-45 to LOG-50).
//!
//! A replay of both logs; anyone can compute it. What is judged here is presence and hashing; who may sign a statement is the
//! policy's matter and judged before by the caller's `audit` of PUBLIC.

use std::collections::BTreeMap;

use seal::merkle::Hash;
use verify::calendar::Day;
use verify::log::leaf;
use verify::log::tlog_policy::TlogPolicy;
use verify::record::{Kind, Opening, Value};
use verify::statement::{SignedStatement, Statement};

use super::audit::{Finding, Grade};
use super::client::{ClientError, LogReader};

/// What decides deadlines.
pub struct Terms {
    pub orders_origin: String,
    /// tlog-policy of ORDERS, so that a `head` statement is a real, cosigned checkpoint of it.
    pub orders_policy: TlogPolicy,
    /// LOG-47: default 366 days.
    pub max_seal_days: u32,
}

/// What PUBLIC says about ORDERS, in the order of PUBLIC.
#[derive(Debug, Default)]
struct Said {
    /// Day of a `head`, size it covers.
    heads: Vec<(Day, u64)>,
    /// D that the disclosure of an index gives.
    disclosed: BTreeMap<u64, Vec<Hash>>,
    renewed: BTreeMap<u64, Day>,
    /// (kind, parent index) of every opened record that has a parent (LOG-50).
    children: Vec<(Kind, u64)>,
}

/// Findings on `today`: overdue indexes, disclosures that do not match their leaf, renewals without an opened extension.
pub async fn overdue(orders: &LogReader, public: &LogReader, terms: &Terms, today: Day) -> Result<Vec<Finding>, ClientError> {
    let mut said = Said::default();
    let public_head = public.head().await?;
    public.replay(&public_head, &mut |_, entry| said.hear(entry, terms)).await?;
    let orders_head = orders.head().await?;
    let mut findings = Vec::new();
    orders
        .replay(&orders_head, &mut |index, entry| {
            findings.extend(said.judge(index, entry, terms, today));
        })
        .await?;
    Ok(findings)
}

impl Said {
    fn hear(&mut self, entry: &[u8], terms: &Terms) {
        // Entries that are no statements are the audit's finding (LOG-44), not this one's.
        let Ok(signed) = SignedStatement::parse(entry) else { return };
        match signed.statement() {
            Statement::Head(note) => self.hear_head(note, terms),
            Statement::Open(open) if open.log == terms.orders_origin => {
                self.disclosed.entry(open.index).or_default().push(open.opening.d());
                self.children.extend(parent_of(&open.opening, &terms.orders_origin));
            }
            Statement::Dummy(dummies) if dummies.log == terms.orders_origin => {
                for (index, r) in &dummies.rows {
                    self.disclosed.entry(*index).or_default().push(leaf::commitment_d(&leaf::dummy_commitment(r)));
                }
            }
            Statement::Renew(renewals) if renewals.log == terms.orders_origin => {
                for (index, day) in &renewals.rows {
                    let later = self.renewed.entry(*index).or_insert(*day);
                    *later = (*later).max(*day);
                }
            }
            _ => {}
        }
    }

    /// LOG-45: the day is that of the quorum; a head that the policy's witnesses did not cosign dates nothing.
    fn hear_head(&mut self, note: &[u8], terms: &Terms) {
        let Ok(witnessed) = terms.orders_policy.check(note, None) else { return };
        if witnessed.head().origin.as_str() == terms.orders_origin {
            self.heads.push((Day::containing(witnessed.not_before()), witnessed.head().size));
        }
    }

    /// Day of the first head that covers the index.
    fn day_of(&self, index: u64) -> Option<Day> {
        self.heads.iter().filter(|(_, size)| index < *size).map(|(day, _)| *day).min()
    }

    fn judge(&self, index: u64, entry: &[u8], terms: &Terms, today: Day) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut say = |grade, code, what| findings.push(Finding { grade, code, what });
        let disclosed = self.disclosed.get(&index);
        let d = leaf::d_of_entry(entry);
        let matches = disclosed.is_some_and(|all| all.iter().any(|shown| Some(*shown) == d));
        if disclosed.is_some() && !matches {
            say(Grade::VerificationFailed, "LOG-48", format!("index {index}: no disclosure gives its leaf"));
        }
        let renewed = self.renewed.get(&index);
        if matches {
            let extended = self.children.iter().any(|(kind, parent)| *kind == Kind::Extension && *parent == index);
            if renewed.is_some() && !extended {
                say(Grade::VerificationFailed, "LOG-50", format!("index {index}: renewed without an opened extension"));
            }
            return findings;
        }
        // Not dated yet: no head covers it, so no deadline runs.
        if let Some(day) = self.day_of(index) {
            let deadline = Day(day.0 + terms.max_seal_days).max(renewed.copied().unwrap_or(day));
            if deadline < today {
                say(Grade::Overdue, "LOG-47", format!("index {index}: due {deadline}"));
            }
        }
        findings
    }
}

/// Kind and parent index of an opened record whose parent stands in this ORDERS log.
fn parent_of(opening: &Opening, orders_origin: &str) -> Option<(Kind, u64)> {
    let (Some(Value::Kind(kind)), Some(Value::Parent(parent))) = (opening.shown(1), opening.shown(15)) else { return None };
    let here = parent.origin_hash == seal::digest::sha256(&[orders_origin.as_bytes()]);
    here.then_some((*kind, parent.index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use seal::secret::Secret;
    use seal::signature::SigningKey;
    use verify::log::note::Signer;
    use verify::log::vkey::{KeyKind, KeyName};

    fn terms() -> Terms {
        let signer = |name: &str, kind, seed: u8| {
            Signer::new(KeyName::parse(name).unwrap(), kind, SigningKey::from_seed(Secret::new([seed; 32])).unwrap())
        };
        let (log, witness) = (signer("log.example/orders/2027", KeyKind::Ed25519, 1), signer("w.example", KeyKind::Cosignature, 2));
        let policy = format!("log {}\nwitness w {}\nquorum w\n", log.vkey(), witness.vkey());
        let orders_policy = TlogPolicy::parse(policy.as_bytes()).unwrap();
        Terms { orders_origin: "log.example/orders/2027".into(), orders_policy, max_seal_days: 366 }
    }

    fn codes(said: &Said, index: u64, day: u32) -> Vec<&'static str> {
        said.judge(index, &leaf::entry(&[7; 32]), &terms(), Day(day)).iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn log_47_the_deadline_runs_from_the_first_head_that_covers_the_index() {
        let said = Said { heads: vec![(Day(100), 10), (Day(101), 20)], ..Said::default() };
        assert_eq!((codes(&said, 9, 466), codes(&said, 9, 467)), (vec![], vec!["LOG-47"]));
        assert_eq!((codes(&said, 10, 467), codes(&said, 10, 468)), (vec![], vec!["LOG-47"]));
        // No head covers it: no deadline runs yet.
        assert_eq!(codes(&said, 20, 9_999), Vec::<&str>::new());
    }

    #[test]
    fn log_50_a_renewal_moves_the_deadline_and_needs_an_opened_extension_at_the_opening() {
        let mut said = Said { heads: vec![(Day(100), 10)], ..Said::default() };
        said.renewed.insert(3, Day(900));
        assert_eq!((codes(&said, 3, 900), codes(&said, 3, 901)), (vec![], vec!["LOG-47"]));
        // A renewal to an earlier day moves nothing forward.
        said.renewed.insert(4, Day(200));
        assert_eq!(codes(&said, 4, 466), Vec::<&str>::new());
        said.disclosed.insert(3, vec![[7; 32]]);
        assert_eq!(codes(&said, 3, 901), ["LOG-50"]);
        said.children.push((Kind::Extension, 4));
        assert_eq!(codes(&said, 3, 901), ["LOG-50"]);
        said.children.push((Kind::Extension, 3));
        assert_eq!(codes(&said, 3, 901), Vec::<&str>::new());
    }
}
