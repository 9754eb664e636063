//! Two logs in memory that grow day by day, and what a ledger says of them.

use crate::support;
use crate::support::logs::LogSim;
use crate::support::world::{DAY_ZERO, ORDERS, World};
use verify::accountability::{Ledger, Terms};
use verify::calendar::{DAY, Day};
use verify::log::leaf;
use verify::log::note::Signer;
use verify::names::{DirectoryId, Instrument, Span};
use verify::record::*;
use verify::statement::*;

/// 1 January 2026.
pub const D0: u32 = (DAY_ZERO / DAY) as u32;
pub const MAX_SEAL: u32 = 30;

/// Two logs that grow day by day.
pub struct Story {
    pub world: World,
    pub orders: LogSim,
    pub public: Vec<Vec<u8>>,
    pub records: Vec<Option<SignedRecord>>,
    pub counter: u64,
}

impl Story {
    pub fn new() -> Story {
        Story { world: World::new(7), orders: LogSim::new(ORDERS), public: Vec::new(), records: Vec::new(), counter: 0 }
    }

    pub fn record(&mut self, values: Vec<Value>, signer: &str) -> u64 {
        let record = Record::draw(values, &mut self.world.entropy).unwrap();
        let draft = DraftRecord::draw(record, &mut self.world.entropy);
        let signature = self.world.signer(signer).sign_message(&draft.record.message());
        let signed = draft.signed(signature.to_vec());
        self.records.push(Some(signed.clone()));
        self.orders.push(&signed.entry())
    }

    pub fn order(&mut self, kind: Kind, day: u32, notice_due: u32) -> u64 {
        let values = self.order_values(kind, day, notice_due);
        self.record(values, "prosecutor")
    }

    pub fn order_values(&self, kind: Kind, day: u32, notice_due: u32) -> Vec<Value> {
        let year = Span::new(DAY_ZERO, DAY_ZERO + 300 * DAY).unwrap();
        vec![
            Value::Kind(kind),
            Value::Instrument(Instrument::parse("epoc").unwrap()),
            Value::LegalBasis("Article 1".into()),
            Value::Provider(support::world::PROVIDER),
            Value::Categories(vec![seal::identity::Category::IP]),
            Value::Period(Span::new(DAY_ZERO, DAY_ZERO + u64::from(day + 1) * DAY).unwrap()),
            Value::Validity(year),
            Value::SealUntil(DAY_ZERO + 299 * DAY),
            Value::NoticeDue(DAY_ZERO + u64::from(notice_due) * DAY),
            Value::PolicyHash([1; 32]),
            Value::ScopeRoot([2; 32]),
            Value::StatHash,
            Value::Authority(DirectoryId::parse("nl.om").unwrap()),
            Value::OrderFrame([3; 32]),
            Value::IdentityCount([4; 32]),
            Value::OriginalHash([0; 32]),
            Value::Assurance(Assurance::Native),
        ]
    }

    /// The same, attested by two persons.
    pub fn attested(&mut self, kind: Kind) -> u64 {
        let mut names = ["attester-1", "attester-2"].map(|name| (key_digest(self.world.signer(name).vkey().key()), name));
        names.sort();
        let mut values = self.order_values(kind, 0, 20);
        values.retain(|value| !matches!(value, Value::Assurance(_)));
        values.extend([Value::Assurance(Assurance::Attested), Value::Attesters(names.map(|(digest, _)| digest).to_vec())]);
        let record = Record::draw(values, &mut self.world.entropy).unwrap();
        let draft = DraftRecord::draw(record, &mut self.world.entropy);
        let signatures = names.map(|(_, name)| self.world.signer(name).sign_message(&draft.record.message()));
        let signed = draft.signed(attestation_bytes(&signatures));
        self.records.push(Some(signed.clone()));
        self.orders.push(&signed.entry())
    }

    pub fn child(&mut self, kind: Kind, parent: u64, more: Vec<Value>, signer: &str) -> u64 {
        let mut values = vec![
            Value::Kind(kind),
            Value::Provider(support::world::PROVIDER),
            Value::Parent(Parent::new(ORDERS, parent)),
            Value::Authority(DirectoryId::parse("nl.om").unwrap()),
        ];
        values.extend(more);
        self.record(values, signer)
    }

    pub fn extension(&mut self, parent: u64, notice_due: u32) -> u64 {
        let more = vec![
            Value::Court(DirectoryId::parse("nl.rechtbank").unwrap()),
            Value::SealUntil(DAY_ZERO + 299 * DAY),
            Value::NoticeDue(DAY_ZERO + u64::from(notice_due) * DAY),
        ];
        self.child(Kind::Extension, parent, more, "court")
    }

    /// The same record under another r, which nobody signs: one more leaf of it.
    pub fn copy(&mut self, of: u64, r: u8) -> u64 {
        let signed = self.records[of as usize].as_ref().unwrap();
        let again = DraftRecord { record: signed.record().clone(), r: [r; 32] }.signed(signed.signature().to_vec());
        self.records.push(Some(again.clone()));
        self.orders.push(&again.entry())
    }

    pub fn dummy(&mut self) -> u64 {
        self.counter += 1;
        let r = leaf::dummy_r(&[9; 32], self.counter);
        self.records.push(None);
        self.orders.push(&leaf::entry(&leaf::commitment_d(&leaf::dummy_commitment(&r))))
    }

    pub fn say_by(&mut self, statement: Statement, signer: &str) {
        let signed = SignedStatement::sign(statement, &[self.world.signer(signer)]).unwrap();
        self.public.push(signed.to_bytes());
    }

    /// The daily head at the beginning of a day.
    pub fn head(&mut self, day: u32) {
        self.head_of(day, self.orders.size());
    }

    /// A head of an older size, as it may come late.
    pub fn head_of(&mut self, day: u32, size: u64) {
        let time = DAY_ZERO + u64::from(day) * DAY + 5;
        let witnesses: Vec<(&Signer, u64)> = self.world.witnesses().into_iter().map(|w| (w, time)).collect();
        let note = self.orders.note(size, self.world.signer(ORDERS), &witnesses);
        self.say_by(Statement::Head(note), "log-operator");
    }

    pub fn open(&mut self, index: u64) {
        let opening = self.records[index as usize].as_ref().unwrap().opening(&[8, 9]);
        self.say_by(Statement::Open(Open { log: ORDERS.into(), index, opening }), "gateway");
    }

    pub fn show_dummy(&mut self, index: u64, counter: u64) {
        let rows = vec![(index, leaf::dummy_r(&[9; 32], counter))];
        self.say_by(Statement::Dummy(Dummies { log: ORDERS.into(), rows }), "log-operator");
    }

    pub fn renew(&mut self, index: u64, day: u32, signer: &str) {
        self.say_by(Statement::Renew(Renewals { log: ORDERS.into(), rows: vec![(index, Day(D0 + day))] }), signer);
    }

    pub fn ledger_until(&self, until: Option<Day>) -> Ledger {
        self.ledger_under(until, vec![self.world.policy()])
    }

    pub fn ledger_under(&self, until: Option<Day>, policies: Vec<verify::policy::Policy>) -> Ledger {
        self.ledger_with(until, policies, &self.world.policy().parts().orders)
    }

    /// With this tlog-policy as the newest.
    pub fn ledger_with(&self, until: Option<Day>, policies: Vec<verify::policy::Policy>, orders: &str) -> Ledger {
        let mut ledger = Ledger::new(Terms {
            origin: ORDERS.into(),
            orders: verify::log::tlog_policy::TlogPolicy::parse(orders.as_bytes()).unwrap(),
            max_seal_days: MAX_SEAL,
            max_total_seal_days: 90,
            confirm_within: 48 * 3_600,
            policies,
            until,
        });
        self.public.iter().enumerate().for_each(|(index, entry)| ledger.hear_public(index as u64, entry));
        self.orders.entries.iter().enumerate().for_each(|(index, entry)| ledger.hear_order(index as u64, entry));
        ledger
    }

    pub fn ledger(&self) -> Ledger {
        self.ledger_until(None)
    }

    pub fn codes(&self, day: u32) -> Vec<&'static str> {
        self.ledger().faults(Day(D0 + day)).into_iter().map(|fault| fault.code).collect()
    }
}
