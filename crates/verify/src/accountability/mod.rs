//! Accountability of secrecy: what anyone computes from the two logs alone (log.md section 6, statistics.md).
//!
//! A replay. [`Ledger`] hears every entry of PUBLIC in order, then every entry of ORDERS in order, and believes only what the logs
//! prove: a disclosure counts if it gives the leaf, a `head` dates only under a quorum, a statement of a kind counts under a key
//! that may say it. The order matters: a disclosure is held against its leaf when the leaf is heard.

mod dates;
mod emergencies;
mod faults;
mod renewal;
mod table;

use std::collections::BTreeMap;

use crate::calendar::{DAY, Day};
use crate::log::leaf;
use crate::log::tlog_policy::TlogPolicy;
use crate::log::vkey::VerifierKey;
use crate::names::DirectoryId;
use crate::policy::{Policy, Role};
use crate::record::{Digest, Kind, Opening, Value};
use crate::statement::{EmergencyCount, SignedStatement, Statement, Statistics};

pub use dates::Calendar;
pub use faults::{Fault, Weight};
pub use renewal::{NotRenewed, renewal};
pub use table::{Difference, TableError, compare, end_of};

/// What decides dates, deadlines and who may say what.
pub struct Terms {
    pub origin: String,
    /// tlog-policy of ORDERS: a `head` statement has to be a real, cosigned checkpoint of it.
    pub orders: TlogPolicy,
    /// LOG-47: default 366 days.
    pub max_seal_days: u32,
    /// LOG-50.
    pub max_total_seal_days: u32,
    /// SEA-70, seconds.
    pub confirm_within: u64,
    /// Policies that were in force; empty: nobody's right to say a statement is judged.
    pub policies: Vec<Policy>,
    /// Only what PUBLIC said before the first head of this day: how a year is closed (STA-20).
    pub until: Option<Day>,
}

impl Terms {
    /// The newest first. An older one dates what its witnesses cosigned before they were replaced.
    pub fn orders_policies(&self) -> impl Iterator<Item = &TlogPolicy> {
        std::iter::once(&self.orders).chain(self.policies.iter().rev().map(Policy::orders))
    }

    /// The same of PUBLIC; none without a policy document.
    pub fn public_policies(&self) -> impl Iterator<Item = &TlogPolicy> {
        self.policies.iter().rev().map(Policy::public)
    }

    /// Of the policies that were in force. The newest, given last, decides times and the keys of the log; `None`: there is no policy.
    pub fn of(origin: String, policies: Vec<Policy>, until: Option<Day>) -> Option<Terms> {
        let newest = policies.last()?;
        let (times, orders) = (*newest.times(), newest.orders().clone());
        Some(Terms {
            origin,
            orders,
            max_seal_days: days(times.max_seal),
            max_total_seal_days: days(times.max_total_seal),
            confirm_within: times.confirm_within,
            policies,
            until,
        })
    }
}

/// One disclosure of an index.
#[derive(Clone, Debug)]
struct Disclosure {
    d: Digest,
    /// `None`: shown to be a dummy.
    opening: Option<Box<Opening>>,
    /// STA-20: day of the last `head` before it in PUBLIC.
    day: Option<Day>,
}

impl Disclosure {
    fn hides(&self) -> Option<u8> {
        self.opening.as_deref().and_then(Opening::hides)
    }

    fn is_whole(&self) -> bool {
        self.hides().is_none()
    }
}

/// A deadline moved, and where in PUBLIC that stands.
#[derive(Clone, Copy, Debug)]
struct Renewal {
    to: Day,
    at: u64,
}

/// What PUBLIC said about one ORDERS log, and which of it that log bears out.
pub struct Ledger {
    terms: Terms,
    calendar: Calendar,
    /// Disclosures that no leaf was held against yet, by index.
    said: BTreeMap<u64, Vec<Disclosure>>,
    /// The first disclosure of each index that gives its leaf.
    shown: BTreeMap<u64, Disclosure>,
    renewed: BTreeMap<u64, Vec<Renewal>>,
    defaults: BTreeMap<u64, DirectoryId>,
    counts: Vec<(u64, EmergencyCount)>,
    tables: Vec<Statistics>,
    faults: Vec<Fault>,
    /// Indexes of opened records, by kind.
    by_kind: BTreeMap<Kind, Vec<u64>>,
    /// The same, by the index of their parent and kind.
    by_parent: BTreeMap<(u64, Kind), Vec<u64>>,
    /// Indexes of opened records, by R: r is signed by nobody, so one record can stand under many leaves.
    by_record: BTreeMap<Digest, Vec<u64>>,
    /// Leaves of ORDERS heard.
    size: u64,
    closed: bool,
}

impl Ledger {
    pub fn new(terms: Terms) -> Ledger {
        Ledger {
            terms,
            calendar: Calendar::default(),
            said: BTreeMap::new(),
            shown: BTreeMap::new(),
            renewed: BTreeMap::new(),
            defaults: BTreeMap::new(),
            counts: Vec::new(),
            tables: Vec::new(),
            faults: Vec::new(),
            by_kind: BTreeMap::new(),
            by_parent: BTreeMap::new(),
            by_record: BTreeMap::new(),
            size: 0,
            closed: false,
        }
    }

    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The next entry of PUBLIC. Entries that are no statements are the audit's finding (LOG-44), not this one's.
    pub fn hear_public(&mut self, index: u64, entry: &[u8]) {
        let Ok(signed) = SignedStatement::parse(entry) else { return };
        // A year's own table is published after the year: it is heard to be compared, whatever the cut.
        if let Statement::Statistics(table) = signed.statement()
            && table.log == self.terms.origin
            && self.may_say(index, &signed)
        {
            self.tables.push(table.clone());
        }
        if self.closed {
            return;
        }
        match signed.statement() {
            Statement::Head(note) => self.hear_head(index, note, &signed),
            Statement::Open(open) if open.log == self.terms.origin => {
                let opening = Some(Box::new(open.opening.clone()));
                self.hear_disclosures(index, &signed, vec![(open.index, open.opening.d(), opening)]);
            }
            Statement::Dummy(dummies) if dummies.log == self.terms.origin => {
                let d = |r: &[u8; 32]| leaf::commitment_d(&leaf::dummy_commitment(r));
                let rows = dummies.rows.iter().map(|(index, r)| (*index, d(r), None)).collect();
                self.hear_disclosures(index, &signed, rows);
            }
            // LOG-49: a renewal by anybody else moves nothing.
            Statement::Renew(renewals) if renewals.log == self.terms.origin && self.may_say(index, &signed) => {
                for (leaf, to) in &renewals.rows {
                    self.renewed.entry(*leaf).or_default().push(Renewal { to: *to, at: index });
                }
            }
            Statement::Default(default) if default.log == self.terms.origin && self.may_say(index, &signed) => {
                self.defaults.entry(default.index).or_insert_with(|| default.submitter.clone());
            }
            Statement::EmergencyCount(count) if self.may_say(index, &signed) => self.counts.push((index, count.clone())),
            _ => {}
        }
    }

    fn hear_disclosures(&mut self, at: u64, signed: &SignedStatement, rows: Vec<(u64, Digest, Option<Box<Opening>>)>) {
        // Whoever says it: a disclosure that gives the leaf is one. That the wrong key says it is a fault of its own.
        self.may_say(at, signed);
        let day = self.calendar.last_day();
        for (index, d, opening) in rows {
            self.said.entry(index).or_default().push(Disclosure { d, opening, day });
        }
    }

    /// LOG-44, LOG-49: one of the policies lets these keys say it.
    fn may_say(&mut self, index: u64, signed: &SignedStatement) -> bool {
        let kind = signed.statement().kind();
        let lets = |policy: &Policy| policy.statement_signers(kind).is_some_and(|(keys, need)| signed.verify(&keys, need).is_ok());
        let may = self.terms.policies.is_empty() || self.terms.policies.iter().any(lets);
        if !may {
            let code = if kind == "renew" { "LOG-49" } else { "LOG-44" };
            self.faults.push(Fault::failed(code, format!("statement {index}: {kind} by a key that may not say it")));
        }
        may
    }

    /// LOG-45: the day is that of the quorum; a head that the policy's witnesses did not cosign dates nothing. Nor does one that
    /// somebody else than the log's operator says: any statement key could show an old one when it pleases.
    fn hear_head(&mut self, at: u64, note: &[u8], signed: &SignedStatement) {
        let Some(witnessed) = self.terms.orders_policies().find_map(|policy| policy.check(note, None).ok()) else { return };
        if witnessed.head().origin.as_str() != self.terms.origin || !self.may_say(at, signed) {
            return;
        }
        let day = Day::containing(witnessed.not_before());
        self.closed = self.terms.until.is_some_and(|until| until <= day);
        if !self.closed {
            self.calendar.push(day, witnessed.head().size, at);
        }
    }

    /// The next entry of ORDERS, after all of PUBLIC.
    pub fn hear_order(&mut self, index: u64, entry: &[u8]) {
        self.size = self.size.max(index + 1);
        let Some(said) = self.said.remove(&index) else { return };
        let d = leaf::d_of_entry(entry);
        let (open, hiding): (Vec<_>, Vec<_>) =
            said.into_iter().filter(|disclosure| Some(disclosure.d) == d).partition(Disclosure::is_whole);
        // LOG-47: who hides what everybody counts has not opened; the index stays sealed, and gets overdue.
        for field in hiding.iter().filter_map(Disclosure::hides) {
            self.faults
                .push(Fault::failed("LOG-47", format!("index {index}: an opening that hides field {field}, which every opening shows")));
        }
        if open.is_empty() && !hiding.is_empty() {
            return;
        }
        match open.into_iter().next() {
            Some(disclosure) => {
                if let Some(opening) = &disclosure.opening
                    && !self.is_signed_rightly(opening)
                {
                    self.faults.push(Fault::failed("LOG-43", format!("index {index}: not signed by one who may sign its kind")));
                }
                self.file(index, disclosure);
            }
            None => self.faults.push(Fault::failed("LOG-48", format!("index {index}: no disclosure gives its leaf"))),
        }
    }

    /// LOG-43, LOG-48: the signature over R is by a key of the kind's signers in one of the policies.
    fn is_signed_rightly(&self, opening: &Opening) -> bool {
        let Some(Value::Kind(kind)) = opening.shown(1) else { return false };
        self.terms.policies.is_empty() || self.terms.policies.iter().any(|policy| signs_kind(policy, *kind, opening))
    }

    fn file(&mut self, index: u64, disclosure: Disclosure) {
        if let Some(opening) = &disclosure.opening
            && let Some(Value::Kind(kind)) = opening.shown(1)
        {
            self.by_kind.entry(*kind).or_default().push(index);
            self.by_record.entry(opening.record_hash()).or_default().push(index);
            let here = seal::digest::sha256(&[self.terms.origin.as_bytes()]);
            if let Some(Value::Parent(parent)) = opening.shown(15)
                && parent.origin_hash == here
            {
                self.by_parent.entry((parent.index, *kind)).or_default().push(index);
            }
        }
        self.shown.insert(index, disclosure);
    }

    fn opening(&self, index: u64) -> Option<&Opening> {
        self.shown.get(&index)?.opening.as_deref()
    }

    /// Opened records of a kind with their index, ascending.
    fn opened_of(&self, kind: Kind) -> impl Iterator<Item = (u64, &Opening)> {
        let list = self.by_kind.get(&kind).map_or(&[][..], Vec::as_slice);
        list.iter().filter_map(|index| Some((*index, self.opening(*index)?)))
    }

    /// Leaves of one record, ascending: this one alone where it was logged once.
    fn copies(&self, opening: &Opening) -> &[u64] {
        self.by_record.get(&opening.record_hash()).map_or(&[][..], Vec::as_slice)
    }

    /// Opened orders of a kind, each once however many leaves it has, at the first of them.
    fn orders_of(&self, kind: Kind) -> impl Iterator<Item = (u64, &Opening)> {
        self.opened_of(kind).filter(|(index, opening)| self.copies(opening).first() == Some(index))
    }

    /// Opened children of an order under any of its leaves.
    fn children_of_order<'s>(&'s self, order: &Opening, kind: Kind) -> impl Iterator<Item = (u64, &'s Opening)> + use<'s> {
        self.copies(order).iter().flat_map(move |index| self.children(*index, kind))
    }

    /// Opened children of this kind, ascending.
    fn children(&self, parent: u64, kind: Kind) -> impl Iterator<Item = (u64, &Opening)> {
        let list = self.by_parent.get(&(parent, kind)).map_or(&[][..], Vec::as_slice);
        list.iter().filter_map(|index| Some((*index, self.opening(*index)?)))
    }

    /// Leaves that may hold anything still: neither disclosed nor overdue on `today`, ascending.
    fn sealed(&self, today: Day) -> Vec<u64> {
        let hidden = (0..self.size).filter(|index| !self.shown.contains_key(index));
        hidden.filter(|index| self.deadline(*index).is_none_or(|due| today <= due)).collect()
    }

    /// LOG-47: the day up to which `index` may stay sealed; `None` while no head covers it.
    pub fn deadline(&self, index: u64) -> Option<Day> {
        let day = self.calendar.day_of(index)?;
        let renewed = self.renewed.get(&index).into_iter().flatten().map(|renewal| renewal.to).max();
        // LOG-50: renewing ends; a renewal past that moves the deadline to the end only.
        let last = Day(day.0.saturating_add(self.terms.max_total_seal_days));
        Some(Day(day.0.saturating_add(self.terms.max_seal_days)).max(renewed.unwrap_or(day).min(last)))
    }

    /// Indexes past their deadline on `today` without an opening or a dummy, ascending, with the day they were due (LOG-47).
    pub fn overdue(&self, today: Day) -> Vec<(u64, Day)> {
        let hidden = (0..self.size).filter(|index| !self.shown.contains_key(index));
        hidden.filter_map(|index| Some((index, self.deadline(index)?))).filter(|(_, due)| *due < today).collect()
    }

    /// Is the index opened, or shown to be a dummy?
    pub fn is_disclosed(&self, index: u64) -> bool {
        self.shown.contains_key(&index)
    }

    /// Who was named for an overdue index (LOG-54).
    pub fn named_for(&self, index: u64) -> Option<&DirectoryId> {
        self.defaults.get(&index)
    }
}

/// Whole days that hold `seconds`.
fn days(seconds: u64) -> u32 {
    u32::try_from(seconds.div_ceil(DAY)).unwrap_or(u32::MAX)
}

fn signs_kind(policy: &Policy, kind: Kind, opening: &Opening) -> bool {
    let parts = policy.parts();
    let native = |key: &VerifierKey| opening.verify_native(key.key()).is_ok();
    let offices = |may: fn(Role) -> bool| parts.directory.iter().any(|entry| may(entry.role) && native(&entry.key));
    let attesters: Vec<_> = parts.attesters.keys.iter().map(VerifierKey::key).collect();
    let attested = || opening.verify_attested(&attesters, parts.attesters.need);
    match kind {
        // SEA-74: the body of oversight signs orders about accounts of its own, where the policy lets it (LOG-100).
        Kind::Order => offices(|role| role != Role::Police) || attested().is_ok(),
        Kind::Preservation => offices(|role| matches!(role, Role::Court | Role::Prosecutor)) || attested().is_ok(),
        Kind::Emergency | Kind::Notice | Kind::Withdrawal => offices(|_| true) || attested().is_ok(),
        Kind::Extension | Kind::Confirmation => offices(|role| matches!(role, Role::Court | Role::Prosecutor)),
        Kind::Refusal | Kind::Outcome => native(&parts.gateway) || native(&parts.provider_key) || members_sign(policy, opening),
        Kind::Intent | Kind::Release | Kind::Receipt => native(&parts.gateway),
        Kind::Consensual => true,
    }
}

fn members_sign(policy: &Policy, opening: &Opening) -> bool {
    use crate::policy::CommitteeName::{Approvers, Guardians};
    let members = [Approvers, Guardians].into_iter().flat_map(|name| policy.receipt_keys(name));
    members.into_iter().any(|key| opening.verify_native(key.key()).is_ok())
}
