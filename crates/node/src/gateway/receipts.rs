//! Members' answers as documents: signature, place, heads, intent (RCP-01 to RCP-04, REL-25).

use super::answers::{Said, member_id};
use super::papers::parse_order;
use super::rules::Rules;
use super::steps::Unusable;
use crate::cases::Octets;
use crate::cases::state::Asking;
use verify::intent::IntentDocument;
use verify::log::checkpoint::Checkpoint;
use verify::log::note::SignedNote;
use verify::receipt::{Answer, ReleaseAnswer, ReleaseReceipt, SignedReceipt};

/// Judges one answer. An answer of a member under another head than the one all were asked under is refused here, so that a
/// fork of the log would have to cover a whole threshold (REL-25).
pub(super) fn check(rules: &Rules, asking: &Asking, member: &str, document: &Octets) -> Said {
    let Some(id) = member_id(rules, member) else {
        return Said::Unusable(format!("{member} is no member of the policy"));
    };
    let answer = match Answer::parse(&document.0, &rules.policy) {
        Ok(answer) => answer,
        Err(error) => return Said::Unusable(error.to_string()),
    };
    let (said_by, said) = match &answer {
        Answer::Release(release) => (release.receipt.receipt().member, Said::Released),
        Answer::Refusal(refusal) => (refusal.member, Said::Refused(format!("REL-{:02}", refusal.rule))),
    };
    if said_by != id {
        return Said::Unusable(format!("the answer of {member} is signed by {said_by}"));
    }
    let Answer::Release(release) = &answer else { return said };
    match is_of(asking, release.receipt.receipt()) {
        Ok(true) => said,
        Ok(false) => Said::Unusable("RCP-04: the receipt names another head, order or intent".to_owned()),
        Err(Unusable::Document(text)) => Said::Unusable(text),
        Err(_) => Said::Unusable("RCP-04".to_owned()),
    }
}

fn is_of(asking: &Asking, receipt: &ReleaseReceipt) -> Result<bool, Unusable> {
    let head = Checkpoint::of_note(&SignedNote::parse(&asking.heads.orders.0)?)?;
    let order = parse_order(&asking.mandate().file.order.0)?;
    let intent = IntentDocument::parse(&asking.soaked.intended.intent.0)?;
    let same_case = (receipt.order_d, receipt.intent_d) == (order.d, intent.record().d());
    Ok(same_case && receipt.head == head && receipt.order_index == asking.mandate().leaf.index)
}

/// The signed receipts of a case's kept answers.
pub(super) fn signed(asking: &Asking) -> Result<Vec<SignedReceipt>, Unusable> {
    asking.answers.values().map(|document| Ok(ReleaseAnswer::parse(&document.0)?.receipt)).collect()
}
