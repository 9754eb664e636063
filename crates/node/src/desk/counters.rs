//! The statutory counters, from the desk's own database: one query, then `law::counters` counts (CNT-01 to CNT-06, DSK-15).

use std::collections::BTreeMap;

use law::counters::{Basis, CaseFacts, CountedType, Ending, Every, Row, RowKey, count};
use law::life::{Case as Life, Limit, Outcome};
use law::received::{OrderKind, Reason};

use super::core::{Desk, Loaded, NotTaken};
use super::entry::{Entry, reason};
use super::store::Dated;

impl Desk {
    /// Rows of a year, by the clock of receipt.
    pub fn counters(&mut self, year: u32, every: Every, now: u64) -> Result<BTreeMap<RowKey, Row>, NotTaken> {
        let (mut facts, mut after) = (Vec::new(), 0);
        loop {
            let page = self.heads(after, 1_000)?;
            let Some(last) = page.last() else { break };
            after = last.number;
            for head in page {
                if year_of(head.at) > year {
                    continue;
                }
                if let Some(loaded) = self.load(head.number, now)? {
                    facts.extend(facts_of(&loaded));
                }
            }
        }
        facts.retain(|one| year_of(one.received_at) == year);
        Ok(count(&facts, every))
    }
}

fn year_of(at: u64) -> u32 {
    verify::calendar::Day::containing(at).civil().0
}

/// The order itself, and each Form 5 and 6 that followed it.
fn facts_of(loaded: &Loaded) -> Vec<CaseFacts> {
    let Some(order) = loaded.received.order() else { return Vec::new() };
    let (basis, article, kind) = match (order.kind.value, &order.national) {
        (OrderKind::Epoc, _) => (Basis::EEvidence, String::new(), CountedType::Production),
        (OrderKind::EpocPr, _) => (Basis::EEvidence, String::new(), CountedType::Preservation),
        (OrderKind::National, Some(national)) => (Basis::National, national.article.value.clone(), CountedType::Production),
        (OrderKind::National, None) => (Basis::Other, String::new(), CountedType::Production),
    };
    let decided: Vec<u8> =
        loaded.entries.iter().filter_map(|dated| if let Entry::Decided(one) = &dated.entry { Some(one.gate) } else { None }).collect();
    let own = CaseFacts {
        received_at: loaded.head.at,
        state: order.issuing_state.as_ref().map_or_else(|| "XX".to_owned(), |state| state.value.clone()),
        basis,
        article,
        kind,
        is_emergency: order.is_emergency(),
        classes: order.classes(),
        identifiers: order.identifiers.len() as u64,
        accounts: accounts(&loaded.life),
        ending: ending(loaded),
        // The receipt goes out with the number, which is given on arrival.
        acknowledged_at: Some(loaded.head.at),
        provided_at: first(loaded, |entry| matches!(entry, Entry::Partly { .. } | Entry::Answer { .. })),
        later_not_validated: loaded.life.state() == "validation-refused",
        secrecy_active: !order.notice_delayed.is_empty(),
        linkage_escalations: decided.iter().filter(|gate| **gate == 16).count() as u64,
        overrides: decided.len() as u64,
    };
    let follows = loaded.entries.iter().filter_map(|dated| {
        let kind = match dated.entry {
            Entry::Extend {} => CountedType::Extension,
            Entry::FollowUp { .. } => CountedType::SubsequentProduction,
            _ => return None,
        };
        let at = dated.at;
        Some(CaseFacts { received_at: at, kind, acknowledged_at: Some(at), provided_at: None, ending: Ending::Full, ..own.clone() })
    });
    let follows: Vec<_> = follows.collect();
    std::iter::once(own).chain(follows).collect()
}

fn first(loaded: &Loaded, is: impl Fn(&Entry) -> bool) -> Option<u64> {
    loaded.entries.iter().find(|dated| is(&dated.entry)).map(|dated| dated.at)
}

fn outcomes(life: &Life) -> Option<&BTreeMap<String, Outcome>> {
    match life {
        Life::PartlyProduced(at) => Some(&at.state().outcomes),
        Life::Answered(at) => Some(&at.state().outcomes),
        _ => None,
    }
}

fn accounts(life: &Life) -> u64 {
    outcomes(life).map_or(0, |all| all.values().filter(|one| matches!(one, Outcome::Produced { .. })).count() as u64)
}

fn ending(loaded: &Loaded) -> Ending {
    match &loaded.life {
        Life::Answered(at) if at.state().outcomes.values().all(|one| matches!(one, Outcome::Produced { .. })) => Ending::Full,
        Life::Answered(_) => Ending::Partial,
        Life::NotHeld(_) => Ending::NotHeld,
        Life::Refused(_) | Life::NotEnforced(_) => refused(&loaded.entries),
        Life::Lifted(_) => Ending::Refused(Reason::ThirdCountryConflict),
        Life::Withdrawn(_) | Life::ValidationRefused(_) => Ending::Withdrawn,
        Life::RefusedByEnforcing(_) => Ending::EnforcingRefused { partly: false },
        Life::Recalled(at) => Ending::EnforcingRefused { partly: at.state().limit == Limit::Conditions },
        Life::PreservingForProduction(_) | Life::PreservationEnded(_) => Ending::Full,
        _ => Ending::Open,
    }
}

fn refused(entries: &[Dated]) -> Ending {
    let grounds = entries.iter().rev().find_map(|dated| if let Entry::Refuse { grounds } = &dated.entry { Some(grounds) } else { None });
    let first = grounds.and_then(|grounds| grounds.values().flatten().min()).and_then(|number| reason(*number).ok());
    first.map_or(Ending::NotHeld, Ending::Refused)
}
