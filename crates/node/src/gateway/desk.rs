//! What people do to a case: hand in an order, approve, refuse, withdraw, take a halted case up again.
//! `Ok(None)` means: that had been done before, nothing changes.

use super::answers;
use super::core::Step;
use super::papers::{self, Refused};
use super::rules::Rules;
use super::signatures;
use super::steps;
use crate::cases::happening::Happening;
use crate::cases::state::*;
use crate::cases::understanding::utc;
use crate::cases::{Digest32, Octets};
use seal::entropy::Entropy;
use verify::approval::Stage;

type Taken = Result<Option<Step>, Refused>;

/// Takes an order in: strict parse, the trustees' own checks as far as they can be made now (`precheck`), a number.
pub(super) fn receive(rules: &Rules, document: &[u8], number: u64, now: u64) -> Result<Step, Refused> {
    let order = super::precheck::order(rules, document, now)?;
    let by = order.authority.as_str().to_owned();
    let file = File { id: order.id(), number, received: now, order: Octets(document.to_vec()) };
    Ok(Step::new(Case::Received(Received { file }), Happening::Received, by))
}

/// Approval 1 or 2, whichever the case waits for. The second distinct officer moves it on (REL-33), for a flagged account the third (T28).
pub(super) fn approve(rules: &Rules, case: &Case, document: &[u8], now: u64) -> Taken {
    match case {
        Case::AwaitingApproval(s) => {
            let digest = papers::understanding(&s.file)?;
            let officer = match officer(rules, case, document, Stage::BeforeKeys, digest, &s.approvals, now)? {
                Some(officer) => officer,
                None => return Ok(None),
            };
            let order = papers::parse_order(&s.file.order.0)?;
            let mut approvals = s.approvals.clone();
            approvals.push(Octets(document.to_vec()));
            let what = match approvals.len() {
                1 => Happening::UnderstandingApprovedFirst,
                2 => Happening::UnderstandingApprovedSecond,
                _ => Happening::UnderstandingApprovedThird,
            };
            if approvals.len() < rules.officers(&order) {
                return Ok(Some(Step::new(Case::AwaitingApproval(AwaitingApproval { approvals, ..s.clone() }), what, officer)));
            }
            let mandate = Mandate {
                file: s.file.clone(),
                anchor: s.anchor.clone(),
                leaf: s.leaf.clone(),
                approvals,
                served: Vec::new(),
                next_slot: rules.ends(&order).0,
                owed: Vec::new(),
                withdrawal: None,
            };
            Ok(Some(Step::new(Case::Standing(Standing { mandate }), what, officer)))
        }
        Case::AwaitingRelease(s) => {
            let digest = s.scope.digest(&case.file().id);
            let officer = match officer(rules, case, document, Stage::BeforeDelivery, digest, &s.approvals, now)? {
                Some(officer) => officer,
                None => return Ok(None),
            };
            let document = Octets(document.to_vec());
            let Some(first) = s.approvals.first() else {
                let next = AwaitingRelease { approvals: vec![document], ..s.clone() };
                return Ok(Some(Step::new(Case::AwaitingRelease(next), Happening::ReleaseApprovedFirst, officer)));
            };
            let approvals = [first.clone(), document];
            let next = Packing { asked: s.asked.clone(), scope: s.scope.clone(), approvals, approved: now };
            Ok(Some(Step::new(Case::Packing(next), Happening::ReleaseApprovedSecond, officer)))
        }
        _ if already_given(case, document) => Ok(None),
        other => Err(Refused::new(
            "CASE-03",
            format!("case {} waits for no approval, it is {}", short(&other.file().id), other.word()),
            "waarborg case show tells what it waits for",
        )),
    }
}

/// The officer's name; `None` if exactly this document was given before.
fn officer(
    rules: &Rules,
    case: &Case,
    document: &[u8],
    stage: Stage,
    digest: Digest32,
    given: &[Octets],
    now: u64,
) -> Result<Option<String>, Refused> {
    if given.iter().any(|earlier| earlier.0 == document) {
        return Ok(None);
    }
    let officer = signatures::check_approval(rules, document, stage, &case.file().id, &digest, now)?;
    for earlier in given {
        if signatures::officer_of(rules, earlier)? == officer {
            return Err(Refused::new(
                "CASE-04",
                format!("{officer} has already approved case {}; the next approval is another person's", short(&case.file().id)),
                "ask another officer of the policy",
            ));
        }
    }
    Ok(Some(officer))
}

/// A repeated request after its case moved on (R7): the same answer, not an error.
fn already_given(case: &Case, document: &[u8]) -> bool {
    let second = match case {
        Case::Packing(s) => s.approvals.iter().any(|approval| approval.0 == document),
        _ => false,
    };
    second || case.mandate().is_some_and(|mandate| mandate.approvals.iter().any(|approval| approval.0 == document))
}

/// One officer suffices: refusing is as easy as releasing. Nothing that is on its way out can be refused any more.
pub(super) fn refuse(rules: &Rules, case: &Case, document: &[u8], entropy: &mut dyn Entropy) -> Taken {
    let (mandate, officer, reason) = match case {
        Case::AwaitingApproval(s) => {
            let (officer, reason) = signatures::check_refusal(rules, document, &s.file.id)?;
            (bare_mandate(s)?, officer, reason)
        }
        Case::Standing(s) => with(rules, &s.mandate, document)?,
        Case::Preserving(Preserving { mandate })
        | Case::Announcing(Announcing { mandate, .. })
        | Case::Preserved(Preserved { mandate, .. }) => with(rules, mandate, document)?,
        Case::Drafting(s) => with(rules, &s.mandate, document)?,
        Case::Halted(s) => with(rules, &s.mandate, document)?,
        Case::AwaitingRelease(s) => {
            let (_, officer, reason) = with(rules, s.asked.mandate(), document)?;
            let mandate = answers::abandoned(rules, &s.asked, entropy).map_err(bug)?;
            (mandate, officer, reason)
        }
        Case::Closing(s) if is_refused(&s.ending) => return Ok(None),
        Case::Closed(s) if is_refused(&s.ending) => return Ok(None),
        other => {
            return Err(Refused::new(
                "CASE-05",
                format!("case {} cannot be refused while it is {}", short(&other.file().id), other.word()),
                "wait until it asks for people again, or let the court withdraw the order",
            ));
        }
    };
    let (ending, what) = if reason == NOT_HELD {
        if !matches!(case, Case::Halted(Halted { nothing_found: Some(_), .. })) {
            return Err(Refused::new(
                "CASE-16",
                format!("case {} has not shown that nothing ordered is held, it is {}", short(&case.file().id), case.word()),
                "\"not held\" answers a case that is halted by GWY-15; another refusal has another reason code",
            ));
        }
        (Ending::NotHeld, Happening::NotHeld)
    } else {
        (Ending::Refused { reason }, Happening::Refused { reason })
    };
    let mut step = steps::finish(rules, mandate, ending, what, entropy).map_err(bug)?;
    step.by = officer;
    Ok(Some(step))
}

fn is_refused(ending: &Ending) -> bool {
    matches!(ending, Ending::Refused { .. } | Ending::NotHeld)
}

fn with(rules: &Rules, mandate: &Mandate, document: &[u8]) -> Result<(Mandate, String, u16), Refused> {
    let (officer, reason) = signatures::check_refusal(rules, document, &mandate.file.id)?;
    Ok((mandate.clone(), officer, reason))
}

/// A case that ends before anybody approved it: `finish` takes a mandate, this one was never given.
fn bare_mandate(s: &AwaitingApproval) -> Result<Mandate, Refused> {
    Ok(Mandate {
        file: s.file.clone(),
        anchor: s.anchor.clone(),
        leaf: s.leaf.clone(),
        approvals: Vec::new(),
        served: Vec::new(),
        next_slot: 0,
        owed: Vec::new(),
        withdrawal: None,
    })
}

/// SEA-71: stops further slots at once. A package on its way out cannot be recalled; it is finished and logged, then nothing more.
pub(super) fn withdraw(rules: &Rules, case: &Case, document: &[u8], now: u64, entropy: &mut dyn Entropy) -> Taken {
    let mandate = match case {
        Case::Closing(s) if is_withdrawn(&s.ending) => return Ok(None),
        Case::Closed(s) if is_withdrawn(&s.ending) => return Ok(None),
        Case::Received(_) | Case::Submitted(_) | Case::Closing(_) | Case::Closed(_) => {
            return Err(Refused::new(
                "CASE-06",
                format!("case {} is {}, there is nothing to withdraw", short(&case.file().id), case.word()),
                "",
            ));
        }
        Case::AwaitingApproval(s) => bare_mandate(s)?,
        Case::Asking(s) => answers::abandoned(rules, s, entropy).map_err(bug)?,
        Case::Opening(s) => answers::abandoned(rules, &s.asked, entropy).map_err(bug)?,
        Case::AwaitingRelease(s) => answers::abandoned(rules, &s.asked, entropy).map_err(bug)?,
        Case::Packing(s) => answers::abandoned(rules, &s.asked, entropy).map_err(bug)?,
        other => other.mandate().ok_or_else(|| bug("no mandate"))?.clone(),
    };
    let signer = papers::check_withdrawal(rules, &mandate, document, now)?;
    let document = Octets(document.to_vec());
    let what = Happening::Withdrawn;
    let on_its_way = |mut mandate: Mandate| {
        if mandate.withdrawal.is_some() {
            return None;
        }
        mandate.withdrawal = Some(document.clone());
        Some(mandate)
    };
    match case {
        Case::Delivering(s) => {
            Ok(on_its_way(s.mandate.clone()).map(|mandate| Step::new(Case::Delivering(Delivering { mandate, ..s.clone() }), what, signer)))
        }
        Case::Reporting(s) => {
            Ok(on_its_way(s.mandate.clone()).map(|mandate| Step::new(Case::Reporting(Reporting { mandate, ..s.clone() }), what, signer)))
        }
        _ => {
            let mut step = steps::finish(rules, mandate, Ending::Withdrawn { document }, what, entropy).map_err(bug)?;
            step.by = signer;
            Ok(Some(step))
        }
    }
}

fn is_withdrawn(ending: &Ending) -> bool {
    matches!(ending, Ending::Withdrawn { .. })
}

/// A halted batch gets a new intent: the old one may have been used (REL-15). Who was not found is looked for again with growing
/// patience: only another salt map can change the answer.
pub(super) fn retry(rules: &Rules, case: &Case, by: &str, now: u64) -> Taken {
    let Case::Halted(s) = case else {
        return Err(Refused::new("CASE-07", format!("case {} is not halted", short(&case.file().id)), "nothing is to be done"));
    };
    let again = s.nothing_found.map_or(0, |since| since.saturating_add(rules.settings.patience(s.batch.attempt)));
    if now < again {
        return Err(Refused::new(
            "CASE-17",
            format!("case {} was looked through at {}, and nobody was found", short(&case.file().id), utc(s.nothing_found.unwrap_or(0))),
            format!("look again from {} on, or answer it: waarborg case not-held", utc(again)),
        ));
    }
    let batch = Batch { attempt: s.batch.attempt + 1, ..s.batch };
    let next = Drafting { mandate: s.mandate.clone(), batch };
    Ok(Some(Step::new(Case::Drafting(next), Happening::TakenUpAgain, by)))
}

/// The first twelve characters of a case id, enough for people.
pub fn short(id: &CaseId) -> String {
    let mut text = id.to_string();
    text.truncate(12);
    text
}

/// Our own stored documents no longer read: nothing the caller can do.
fn bug(error: impl std::fmt::Debug) -> Refused {
    Refused::new("BUG", format!("the case contradicts itself: {error:?}"), "keep the database and report this")
}
