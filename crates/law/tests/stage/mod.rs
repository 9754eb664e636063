//! A good EPOC, EPOC-PR and 126n order with everything around them; tests change the smallest thing.
#![allow(dead_code)] // Each test file uses its own part of the stage.

use law::gates::{Facts, History, Provider, Report, Verdict, admit, judge};
use law::received::*;
use law::registry::{CallBack, CalledBack, Edition, Editions, Registry};
use law::rules::RuleBook;
use verify::names::DirectoryId;

/// 2026-11-20 17:10 in the Netherlands.
pub const RECEIVED: u64 = 1_795_191_000;
pub const HOUR: u64 = 3_600;
pub const DAY: u64 = 86_400;
pub const KEY: [u8; 32] = [0x11; 32];

pub fn m<T>(value: T) -> Marked<T> {
    Marked::at(value, Place::new(7, 3, "test"))
}

pub fn text(text: &str) -> Option<Marked<String>> {
    Some(m(text.to_owned()))
}

pub struct Stage {
    pub received: Received,
    pub book: RuleBook,
    pub registry: Editions,
    pub provider: Provider,
    pub history: History,
    pub called_back: Option<CalledBack>,
    pub received_at: u64,
    pub now: u64,
}

const REGISTRY: &str = r#"
name = "test"
wait_hours = 72
[[authorities]]
id = "court.example"
state = "DE"
name = "Amtsgericht Beispiel"
kind = "JUDGE_COURT_OR_INVESTIGATING_JUDGE"
signs = ["SUBSCRIBER", "USER_IDENTIFICATION", "TRAFFIC", "CONTENT"]
call_back = ["+4930123456"]
offices = ["DE:AG-1"]
keys = ["1111111111111111111111111111111111111111111111111111111111111111"]
from = "2026-01-01"
until = "2030-01-01"
[[authorities]]
id = "prosecutor.example"
state = "NL"
name = "Parket Voorbeeld"
kind = "PUBLIC_PROSECUTOR"
signs = ["SUBSCRIBER", "USER_IDENTIFICATION", "TRAFFIC"]
call_back = ["+31201234567"]
keys = ["2222222222222222222222222222222222222222222222222222222222222222"]
from = "2026-01-01"
until = "2030-01-01"
[[authorities]]
id = "police.example"
state = "DE"
name = "Polizei Beispiel"
kind = "OTHER_COMPETENT_AUTHORITY"
signs = ["SUBSCRIBER", "USER_IDENTIFICATION"]
emergencies = ["SUBSCRIBER", "USER_IDENTIFICATION"]
call_back = ["+4930654321"]
keys = ["3333333333333333333333333333333333333333333333333333333333333333"]
from = "2026-01-01"
until = "2030-01-01"
"#;

const PROVIDER: &str = r#"
names = ["Berichten BV"]
identifiers = ["NL-BERICHTEN"]
state = "NL"
services = ["Berichten"]
answers = ["USER_INFORMATION", "REGISTRATION_INFORMATION", "IP_CONNECTION_RECORDS", "INTERNET_CONNECTION_TIMES", "TRAFFIC_OTHER", "INTERNET_BASE_STATION"]
identifier_kinds = ["USER_ID", "PHONE_NUMBER", "EMAIL", "IPV_4", "IPV_6", "IP_ADDRESS_RANGE"]
role = "CONTROLLER"
"#;

pub fn requested(class: DataClass, options: &[DataOption]) -> Requested {
    Requested { class: m(class), options: options.iter().copied().map(m).collect(), other: None, range: None, identifiers: Vec::new() }
}

pub fn identifier(kind: IdentifierKind, value: &str) -> Identifier {
    Identifier {
        id: text("1"),
        kind: m(kind),
        value: m(value.to_owned()),
        ranges: vec![range(RECEIVED - 10 * DAY, RECEIVED - 9 * DAY)],
        seen_at: Vec::new(),
        port: None,
        service: None,
        remarks: None,
    }
}

pub fn range(from: u64, until: u64) -> Marked<TimeRange> {
    m(TimeRange { start: Some(Moment::Instant(from)), end: Some(Moment::Instant(until)) })
}

pub fn signature(key: [u8; 32]) -> SignatureVerdict {
    SignatureVerdict {
        place: Place::new(90, 1, "Signature"),
        technique: "XAdES".into(),
        signer: "CN=test".into(),
        key_digest: Some(key),
        signed_at: Some(RECEIVED - HOUR),
        level: SignatureLevel::Qualified,
        valid: Finding::Yes,
        trusted: Finding::Yes,
        competent: Finding::unknown("not asked"),
    }
}

fn envelope() -> Envelope {
    Envelope {
        format: Format::EcFormXml,
        original_hash: [9; 32],
        transaction: text("6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
        sender: None,
        receiver: None,
        schema: Finding::Yes,
        dictionary: Finding::Yes,
        signatures: vec![signature(KEY)],
        normalised: Vec::new(),
        differences: Vec::new(),
        quarantined: None,
    }
}

/// EPOC of a German court for traffic data, without notification.
fn epoc() -> Order {
    let mut order = Order::empty(m(OrderKind::Epoc));
    order.issuing_state = text("DE");
    order.issuing.kind = Some(m(AuthorityKind::Judge));
    order.issuing.name = text("Amtsgericht Beispiel");
    order.issuing.file_number = text("12 Gs 34/26");
    order.addressee.name = text("Berichten BV");
    order.addressee.provider_concerned = text("Berichten");
    order.deadlines = vec![m(DeadlineChoice::WithinTenDays)];
    order.identifiers = vec![identifier(IdentifierKind::UserId, "@anna:example")];
    order.requested = vec![requested(DataClass::Traffic, &[DataOption::TrafficOther])];
    order.conditions.offence = text("fraud");
    order.conditions.provision = text("263 StGB");
    order.conditions.thresholds = vec![m(Threshold::ThreeYears)];
    order.conditions.role = Some(m(DataRole::Controller));
    order
}

impl Stage {
    pub fn epoc() -> Stage {
        let provider = Provider::parse(PROVIDER).unwrap();
        let registry = Registry::parse(REGISTRY).unwrap();
        Stage {
            received: Received { envelope: envelope(), body: Body::Order(epoc()) },
            book: RuleBook::embedded().unwrap(),
            registry: Editions::new(vec![Edition { registry, logged_at: RECEIVED - 100 * DAY }]),
            provider,
            history: History::default(),
            called_back: None,
            received_at: RECEIVED,
            now: RECEIVED + 60,
        }
    }

    /// For subscriber data only, of the police, validated by a prosecutor's kind: what a low threshold looks like.
    pub fn subscriber() -> Stage {
        let mut stage = Stage::epoc();
        stage.order().requested = vec![requested(DataClass::Subscriber, &[DataOption::UserInformation])];
        stage.order().conditions.thresholds.clear();
        stage
    }

    /// An emergency without validation, of the police, for identifying data.
    pub fn emergency() -> Stage {
        let mut stage = Stage::subscriber();
        stage.received.envelope.signatures = vec![signature([0x33; 32])];
        let order = stage.order();
        order.issuing.kind = Some(m(AuthorityKind::Other));
        order.without_validation = Some(m(true));
        order.deadlines = vec![m(DeadlineChoice::ThreatToLife)];
        stage
    }

    /// 126n Sv of a Dutch prosecutor, with the reference of the investigating judge.
    pub fn article_126n() -> Stage {
        let mut stage = Stage::epoc();
        stage.received.envelope.signatures = vec![signature([0x22; 32])];
        let order = stage.order();
        order.kind = m(OrderKind::National);
        order.issuing_state = text("NL");
        order.issuing.kind = Some(m(AuthorityKind::Prosecutor));
        order.conditions.thresholds.clear();
        order.deadlines.clear();
        order.national = Some(National {
            country: m("NL".into()),
            article: m("126n".into()),
            purpose: Some(m(Purpose::Pattern)),
            judge_reference: text("RC 26/123"),
            future_until: None,
        });
        stage
    }

    /// EPOC-PR of a German court.
    pub fn preservation() -> Stage {
        let mut stage = Stage::epoc();
        let order = stage.order();
        order.kind = m(OrderKind::EpocPr);
        order.deadlines.clear();
        stage
    }

    /// Form 6 on a preservation order that runs.
    pub fn extension() -> Stage {
        let mut stage = Stage::epoc();
        let mut form = FollowUp::empty(m(FollowUpKind::Extension));
        form.preservation_reference = text("PR-1");
        stage.received.body = Body::FollowUp(form);
        stage.history.preservations.insert("PR-1".into(), RECEIVED + 5 * DAY);
        stage
    }

    pub fn order(&mut self) -> &mut Order {
        match &mut self.received.body {
            Body::Order(order) => order,
            _ => panic!("the stage holds no order"),
        }
    }

    pub fn call_back(&mut self, id: &str, number: &str) {
        let call = CallBack {
            number: number.into(),
            called_by: "An".into(),
            confirmed_by: "Bo".into(),
            at: self.now,
            original_hash: self.received.envelope.original_hash,
        };
        let id = DirectoryId::parse(id).unwrap();
        self.called_back = Some(self.registry.called_back(&id, call, self.now).unwrap());
    }

    pub fn facts(&self) -> Facts<'_> {
        Facts {
            received: &self.received,
            book: &self.book,
            registry: &self.registry,
            provider: &self.provider,
            history: &self.history,
            called_back: self.called_back.as_ref(),
            received_at: self.received_at,
            now: self.now,
        }
    }

    pub fn report(&self) -> Report {
        judge(&self.facts())
    }
}

/// Changes the stage; exactly this gate says exactly this.
pub fn only(number: u8, verdict: Verdict, mut stage: Stage, change: impl FnOnce(&mut Stage)) -> Stage {
    let before: Vec<_> = stage.report().open().map(ToString::to_string).collect();
    assert!(before.is_empty(), "the stage is not good: {before:?}");
    change(&mut stage);
    let report = stage.report();
    let open: Vec<_> = report.open().map(|gate| (gate.number, gate.verdict)).collect();
    let told: Vec<_> = report.open().map(ToString::to_string).collect();
    assert_eq!(open, [(number, verdict)], "{told:?}");
    assert!(!report.gate(number).unwrap().reason.nl.is_empty() && !report.gate(number).unwrap().article.is_empty());
    assert!(admit(&report, &[]).is_err());
    stage
}
