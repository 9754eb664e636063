//! Makes the vectors of the native documents from the fixture: one good file each, and for every rule a file in which it alone is broken.

use verify::approval::{Approval, SignedApproval, Stage, before_keys_digest};
use verify::calendar::DAY;
use verify::names::Span;
use verify::order::{OrderDocument, frame_field_digest, frame_octets, frame_values, order_commitment};
use verify::policy::{CommitteeName, MemberId};
use verify::receipt::{RefusalAnswer, ReleaseAnswer, ReleaseReceipt, SignedReceipt};
use verify::record::{DraftRecord, Field, Record, Value};
use verify::release::Judgement;
use verify::spelling::{base64, hex};
use verify::statement::Statement;

use super::loader::Vector;
use super::log_cases::case;
use super::support::breaks::{break_rule, plan};
use super::support::world::{DAY_ZERO, at};
use super::support::{Good, Plan};

/// Every code that a native document can refuse with; each must have a vector.
pub const CODES: &[&str] = &[
    "POL-01", "POL-02", "POL-03", "POL-04", "POL-05", "POL-06", "POL-07", "POL-08", "POL-09", "POL-10", "POL-11", "POL-12", "POL-13",
    "POL-14", "POL-15", "ORD-01", "ORD-02", "ORD-03", "ORD-04", "ORD-05", "ORD-06", "ORD-07", "ORD-08", "INT-01", "INT-02", "INT-03",
    "INT-04", "INT-05", "APR-01", "APR-02", "APR-03", "APR-04", "RCP-01", "RCP-02", "RCP-03", "REL-01", "REL-02", "REL-03", "REL-04",
    "REL-05", "REL-06", "REL-07", "REL-08", "REL-09", "REL-10", "REL-11", "REL-12", "REL-13", "REL-14", "REL-15", "REL-16", "REL-17",
    "REL-18", "REL-19", "REL-20", "REL-21", "REL-22", "REL-23", "REL-24",
];

pub fn all() -> Vec<Vector> {
    let good = Plan::default().build();
    let mut made = policies(&good);
    made.extend(orders(&good));
    made.extend(intents(&good));
    made.extend(statements(&good));
    made.extend(approvals(&good));
    made.extend(answers(&good));
    made.extend(bundles());
    made
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).expect("text")
}

fn line<'t>(text: &'t str, key: &str) -> &'t str {
    text.lines().find(|l| l.starts_with(&format!("{key} "))).expect("the line")
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

fn policies(good: &Good) -> Vec<Vector> {
    let policy = text(good.policy.to_bytes());
    let pops: Vec<&str> = policy.lines().filter(|l| l.starts_with("committee ")).map(|l| l.rsplit(' ').next().expect("a proof")).collect();
    let instruments: Vec<&str> = policy.lines().filter(|l| l.starts_with("instrument ")).collect();
    let police = line(&policy, "authority nl.politie");
    let sealer = line(&policy, "sealer").replacen("sealer ", "gateway ", 1);
    let changed = |from: &str, to: &str| replaced(&policy, from, to);
    let rows = [
        ("leading-zero", "POL-01", "a decimal with a leading zero", changed("tick 300", "tick 0300")),
        (
            "continues-unordered",
            "POL-02",
            "continued policies do not ascend",
            changed("max-seal ", &format!("continues {}\ncontinues {}\nmax-seal ", hex(&[2; 32]), hex(&[1; 32]))),
        ),
        ("freshness", "POL-03", "F is not max(15 min, 3 T)", changed("freshness 900", "freshness 901")),
        ("epoch-no-divisor", "POL-04", "the slot is no multiple of the epoch", changed("epoch-len 900", "epoch-len 700")),
        ("demo-times-without-flag", "POL-04", "a slot of 10 s without the flag demo", changed("slot-len 3600", "slot-len 10")),
        ("limit-zero", "POL-05", "a budget of nothing", changed("limit identities-per-day 100", "limit identities-per-day 0")),
        ("quorum-two-of-four", "POL-06", "two quorums could share no witness", changed("orders group W 3", "orders group W 2")),
        ("possession-of-another", "POL-07", "the proof of possession is the other committee's", changed(pops[0], pops[1])),
        (
            "period-off-slot",
            "POL-08",
            "the key period is not on slot boundaries",
            changed("key-period 1767225600", "key-period 1767225601"),
        ),
        ("retention-nothing", "POL-09", "a category without retention", changed("category 1 traffic 180", "category 1 traffic 0")),
        (
            "instruments-turned",
            "POL-10",
            "instruments do not ascend",
            changed(&instruments.join("\n"), &format!("{}\n{}", instruments[1], instruments[0])),
        ),
        (
            "police-validates",
            "POL-11",
            "police may not validate orders",
            changed(police, &police.replacen(" - 1,3 1,3 ", " 1 1,3 1,3 ", 1)),
        ),
        ("one-attester", "POL-12", "one attester would do", changed("attest-quorum 2", "attest-quorum 1")),
        ("key-twice", "POL-13", "gateway and sealer share a key", changed(line(&policy, "gateway"), &sealer)),
        ("quorum-of-three-of-two", "POL-14", "more policy keys needed than there are", changed("policy-quorum 2", "policy-quorum 3")),
        (
            "delivery-to-nobody",
            "POL-15",
            "a certificate of an authority that is not there",
            changed("delivery-certificate nl.om", "delivery-certificate nl.on"),
        ),
    ];
    let mut made = vec![case("policy", "good", "accepted", "every rule holds", &[], policy.clone())];
    made.extend(rows.map(|(name, code, why, octets)| case("policy", name, &format!("refused {code}"), why, &[], octets)));
    made
}

/// The order with one value of its record changed and the frame made to fit again.
fn with_value(good: &Good, value: Value) -> String {
    let signed = good.order.record();
    let (rho, salts) = good.order.frame_salts();
    let put = |record: &Record, value: Value| -> Record {
        let fields = record
            .fields()
            .values()
            .map(|f| if f.value.id() == value.id() { Field { value: value.clone(), ..f.clone() } } else { f.clone() });
        Record::from_fields(fields.collect()).expect("a record")
    };
    let record = put(signed.record(), value);
    let values = frame_values(&record, good.order.scope());
    let digests = values.iter().map(|(number, octets)| (*number, frame_field_digest(&salts[number], *number, octets))).collect();
    let record = put(&record, Value::OrderFrame(order_commitment(rho, &frame_octets(&digests))));
    let record = DraftRecord { record, r: *signed.r() }.signed(signed.signature().to_vec());
    in_place(&text(&good.order.to_bytes()), &text(&signed.to_bytes()), &text(&record.to_bytes()))
}

/// Another record in the part of a document.
fn in_place(document: &str, old: &str, new: &str) -> String {
    replaced(document, &format!("part record {}\n{old}\n", old.len()), &format!("part record {}\n{new}\n", new.len()))
}

fn orders(good: &Good) -> Vec<Vector> {
    let order = text(&good.order.to_bytes());
    let other = base64(&[7; 32]);
    let of = |key: &str| line(&order, key).to_owned();
    let intent = text(&good.intent.record().to_bytes());
    let period = good.order.record().record().period().expect("a period");
    let late = verify::names::Span::new(period.until(), period.until() + 60).expect("a span");
    let due = good.order.record().record().notice_due().expect("a date");
    let rows = [
        ("left-over", "ORD-01", "a line after the last", format!("{order}more\n")),
        ("of-an-intent", "ORD-02", "the record is an intent", in_place(&order, &text(&good.order.record().to_bytes()), &intent)),
        (
            "other-person",
            "ORD-03",
            "the scope names another number than scope_root",
            replaced(&order, "phone:+31612345678", "phone:+31612345679"),
        ),
        ("other-rho", "ORD-04", "the frame does not give C_ord", replaced(&order, &of("rho"), &format!("rho {other}"))),
        (
            "other-count",
            "ORD-05",
            "the number of identities does not give its commitment",
            replaced(&order, &of("count-salt"), &format!("count-salt {other}")),
        ),
        ("stray-original", "ORD-06", "an original that the record does not name", format!("{order}part original 1\nx\n")),
        ("slots-outside-period", "ORD-07", "slots that the ordered period does not touch", with_value(good, Value::Period(late))),
        ("notice-after-seal", "ORD-08", "notice is due after the seal ends", with_value(good, Value::SealUntil(due - 1))),
    ];
    let mut made = vec![case("order", "good", "accepted", "every hash stands for what is shown", &[], order.clone())];
    made.extend(rows.map(|(name, code, why, octets)| case("order", name, &format!("refused {code}"), why, &[], octets)));
    // It must read; what is refused is what it says.
    made.iter().skip(2).for_each(|v| drop(OrderDocument::parse(&v.payload).expect("reads")));
    made
}

fn intents(good: &Good) -> Vec<Vector> {
    let intent = text(&good.intent.to_bytes());
    let key = [("key", hex(&good.policy.key_id().0))];
    let without = |name: &str| replaced(&intent, &format!("{}\n", line(&intent, name)), "");
    let order = text(&good.order.record().to_bytes());
    let rows = [
        ("left-over", "INT-01", "a line after the last", format!("{intent}more\n")),
        ("of-an-order", "INT-02", "the record is an order", in_place(&intent, &text(&good.intent.record().to_bytes()), &order)),
        ("identity-missing", "INT-03", "an identity of ids_root is not shown", without("identity")),
        ("segment-missing", "INT-04", "a segment of release_set is not shown", without("release")),
        ("day-without-secret", "INT-05", "a salt proof for a day without its secret", without("day")),
    ];
    let mut made = vec![case("intent", "good", "accepted", "both roots are recomputed", &key, intent.clone())];
    made.extend(rows.map(|(name, code, why, octets)| case("intent", name, &format!("refused {code}"), why, &key, octets)));
    made
}

fn statements(good: &Good) -> Vec<Vector> {
    let mut made = Vec::new();
    let mut kinds = std::collections::BTreeSet::new();
    for part in &good.bundle.statements {
        let kind = part.statement.statement().kind().to_owned();
        if kinds.insert(kind.clone()) {
            made.push(case("statement", &kind, "accepted", "as it stands in PUBLIC", &[], part.statement.to_bytes()));
        }
    }
    let of = |kind: &str| {
        text(&good.bundle.statements.iter().find(|s| s.statement.statement().kind() == kind).expect("one").statement.to_bytes())
    };
    let close = of("slot-close");
    let rows = [
        ("other-kind-of-text", "DOC-02", "the first line is another", replaced(&close, "waarborg-public/v1", "waarborg-public/v2")),
        ("line-missing", "DOC-03", "no root", replaced(&close, &format!("{}\n", line(&close, "root")), "")),
        ("count-with-sign", "DOC-04", "a decimal with a sign", replaced(&close, "epochs 1", "epochs +1")),
        ("left-over", "DOC-05", "a line after the last", replaced(&close, "\n\n", "\nmore 1\n\n")),
    ];
    made.extend(rows.map(|(name, code, why, octets)| case("statement", name, &format!("refused {code}"), why, &[], octets)));
    made
}

fn approvals(good: &Good) -> Vec<Vector> {
    let (order_d, intent_d) = (good.order.record().d(), good.intent.record().d());
    let digest = before_keys_digest(&order_d, &intent_d);
    let by = |officer: &str, stage: Stage, digest: [u8; 32]| {
        let approval = Approval { stage, order_d, digest, time: good.now };
        SignedApproval::sign(approval, good.world.signer(officer)).expect("signed").to_bytes()
    };
    let first = by("officer-1", Stage::BeforeKeys, digest);
    let headers =
        [("policy", base64(good.policy.to_bytes())), ("order", hex(&order_d)), ("digest", hex(&digest)), ("first", base64(&first))];
    let second = by("officer-2", Stage::BeforeKeys, digest);
    let rows = [
        ("good", "accepted", "two officers approve the same", second.clone()),
        ("misspelled", "refused APR-01", "a line too many", replaced(&text(&second), "\n\n", "\nmore 1\n\n").into_bytes()),
        ("stranger", "refused APR-02", "not an officer", by("stranger", Stage::BeforeKeys, digest)),
        ("other-stage", "refused APR-03", "an approval of the delivery", by("officer-2", Stage::BeforeDelivery, digest)),
        ("other-intent", "refused APR-03", "an approval of something else", by("officer-2", Stage::BeforeKeys, [1; 32])),
        ("same-person", "refused APR-04", "one person twice", first.clone()),
    ];
    rows.map(|(name, expect, why, octets)| case("approval", name, expect, why, &headers, octets)).into()
}

fn answers(good: &Good) -> Vec<Vector> {
    let Judgement::Granted(pending) = good.judge() else { panic!("refused") };
    let permit = pending.store(|_| Ok::<(), ()>(())).expect("stored");
    let member = MemberId { committee: CommitteeName::Guardians, index: 2 };
    let answer = |key: &str, sealed: Option<&[u8]>| {
        let receipt = ReleaseReceipt::of(&permit, member, b"sealed");
        let receipt = SignedReceipt::sign(receipt, good.world.signer(key)).expect("signed");
        ReleaseAnswer { receipt, sealed: sealed.map(<[u8]>::to_vec) }.to_bytes()
    };
    let refusal =
        RefusalAnswer { member, time: good.now, bundle: [1; 32], order_d: None, rule: 17, text: "the slot is not over".to_owned() };
    let refused = |key: &str| refusal.sign(good.world.signer(key)).expect("signed");
    let policy = [("policy", base64(good.policy.to_bytes()))];
    let right = answer("guardian-2", Some(b"sealed"));
    let rows = [
        ("good", "accepted", "a release", right.clone()),
        ("good-refusal", "accepted", "a signed refusal", refused("guardian-2")),
        ("misspelled", "refused RCP-01", "octets left over", [right.as_slice(), b"\n"].concat()),
        ("another-member", "refused RCP-02", "signed by another member", answer("guardian-3", Some(b"sealed"))),
        ("refusal-forged", "refused RCP-02", "a refusal signed by another member", refused("guardian-3")),
        ("other-keys", "refused RCP-03", "the sealed keys are others", answer("guardian-2", Some(b"Sealed"))),
        ("no-keys", "refused RCP-03", "the form for packages", answer("guardian-2", None)),
    ];
    rows.map(|(name, expect, why, octets)| case("receipt", name, expect, why, &policy, octets)).into()
}

fn bundles() -> Vec<Vector> {
    let headers =
        |good: &Good| [("policy", base64(good.policy.to_bytes())), ("kept", base64(&good.kept.to_bytes())), ("now", good.now.to_string())];
    let good = plan().build();
    let mut made = vec![case("bundle", "good", "accepted", "every rule holds", &headers(&good), good.bundle.to_bytes())];
    let twice = [good.bundle.to_bytes().as_slice(), b"\n"].concat();
    made.push(case("bundle", "rel-01", "refused REL-01", "all right but rule 1", &headers(&good), twice));
    for rule in 2..=24 {
        let mut broken = plan();
        break_rule(rule, &mut broken);
        let good = broken.build();
        let (name, expect, why) = (format!("rel-{rule:02}"), format!("refused REL-{rule:02}"), format!("all right but rule {rule}"));
        made.push(case("bundle", &name, &expect, &why, &headers(&good), good.bundle.to_bytes()));
    }
    for (name, expect, why, change) in OTHER_BREAKS {
        let mut broken = plan();
        change(&mut broken);
        let good = broken.build();
        made.push(case("bundle", name, expect, why, &headers(&good), good.bundle.to_bytes()));
    }
    made
}

type Break = (&'static str, &'static str, &'static str, fn(&mut Plan));

/// Second reasons of a rule that need a file of their own.
const OTHER_BREAKS: &[Break] = &[
    ("rel-10-dated-back", "refused REL-10", "in force when the order began, no longer when it is first seen", |p| {
        p.policy(|_, policy| policy.directory[2].in_force = Span::new(DAY_ZERO - 30 * DAY, at(14, 0)).expect("as planned"));
    }),
    ("rel-10-new-key", "refused REL-10", "in force for less than the 72 hours that a new key waits", |p| {
        p.policy(|_, policy| policy.directory[2].in_force = Span::new(at(13, 50) - 3 * DAY + 1, DAY_ZERO + 365 * DAY).expect("as planned"));
    }),
    ("rel-12-sealed-too-long", "refused REL-12", "sealed for a second longer than max_seal from the first tick on", |p| {
        p.order(|_, t| t.seal_until = at(14, 20) + 2 * DAY + 366 * DAY + 1);
    }),
    ("rel-19-young-map", "refused REL-19", "the salt map of a slot that was over before the order came after it", |p| {
        p.later = |statement| matches!(statement, Statement::SaltMap(_));
    }),
];
