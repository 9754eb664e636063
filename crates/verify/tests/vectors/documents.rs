//! Judges of the native documents: what each file says alone, or under the policy in its headers.

use verify::approval::{SignedApproval, Stage, two_persons};
use verify::intent::IntentDocument;
use verify::order::OrderDocument;
use verify::policy::{CommitteeName, MemberId, Policy};
use verify::receipt::Answer;
use verify::release::{Clock, Judgement, Kept, Member, judge};
use verify::spelling::{decimal, from_base64, from_hex_exact};
use verify::statement::SignedStatement;

use crate::loader::Vector;

fn said<T>(outcome: Result<T, &'static str>) -> String {
    match outcome {
        Ok(_) => "accepted".to_owned(),
        Err(code) => format!("refused {code}"),
    }
}

fn policy_of(vector: &Vector) -> Policy {
    let octets = from_base64(vector.one("policy").expect("a policy")).expect("base64");
    Policy::parse(&octets).expect("the policy of the vector")
}

pub fn policy(vector: &Vector) -> String {
    said(Policy::parse(&vector.payload).map_err(|e| e.code()))
}

pub fn order(vector: &Vector) -> String {
    let read = OrderDocument::parse(&vector.payload).map_err(|e| e.code());
    said(read.and_then(|order| order.check().map(|_| ()).map_err(|e| e.code())))
}

pub fn intent(vector: &Vector) -> String {
    let key_id = seal::identity::KeyId(from_hex_exact(vector.one("key").expect("a key")).expect("hex"));
    let read = IntentDocument::parse(&vector.payload).map_err(|e| e.code());
    said(read.and_then(|intent| intent.check(key_id).map(|_| ()).map_err(|e| e.code())))
}

pub fn statement(vector: &Vector) -> String {
    said(SignedStatement::parse(&vector.payload).map_err(|e| e.code()))
}

pub fn receipt(vector: &Vector) -> String {
    said(Answer::parse(&vector.payload, &policy_of(vector)).map_err(|e| e.code()))
}

/// The payload is the second approval; the first, of another officer, stands in the headers.
pub fn approval(vector: &Vector) -> String {
    let read = |octets: &[u8]| SignedApproval::parse(octets).map_err(|e| e.code());
    let first = read(&from_base64(vector.one("first").expect("the first")).expect("base64")).expect("reads");
    let digest = |name: &str| from_hex_exact::<32>(vector.one(name).expect("a digest")).expect("hex");
    let judged = read(&vector.payload).and_then(|second| {
        let both = [first, second];
        two_persons(&both, &policy_of(vector), Stage::BeforeKeys, &digest("order"), &digest("digest"), None).map_err(|e| e.code())
    });
    said(judged)
}

/// A member's answer: the rule that refuses, or that a key may be used.
pub fn bundle(vector: &Vector) -> String {
    let kept = Kept::parse(&from_base64(vector.one("kept").expect("a state")).expect("base64")).expect("the state");
    let id = MemberId { committee: CommitteeName::Guardians, index: 2 };
    let now = vector.one("now").and_then(decimal).expect("a time");
    match judge(&vector.payload, &policy_of(vector), Member { id, generation: 1 }, &kept, Clock::Sure(now)) {
        Judgement::Granted(_) => "accepted".to_owned(),
        Judgement::Refused(refused) => format!("refused {}", refused.refusal().code()),
    }
}
