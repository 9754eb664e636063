//! What is sent to one office, when, and what an answer changes. Pure: one line at a time, in the order in which things happened.

use standards::answer::Said;
use standards::etsi::desk::ACTIONS_MAX;
use standards::etsi::values::Uuid;

use crate::gateway::rules::Settings;

/// An object that is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub object: Uuid,
    /// A production goes alone: its message may be as large as the law lets it be.
    pub is_delivery: bool,
    /// It is told no more: its order does not stand, its window ended, or the authority has it already.
    pub is_over: bool,
}

/// A message that is not answered yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    pub transaction: Uuid,
    pub at: u64,
    /// In the order of its actions.
    pub items: Vec<Item>,
    pub tries: u32,
    pub next: u64,
}

/// Of one office: the message under way, and what waits behind it, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub open: Option<Dispatch>,
    pub waiting: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Something was queued, or time passed.
    Look,
    /// The answer to a message, action by action, or why there is none.
    Back { transaction: Uuid, said: Result<Vec<Said>, String> },
}

/// How it ended for one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    Acknowledged,
    /// In the authority's words; it stays there to be got, and a person sees it.
    Refused(String),
    Over,
}

/// Performed in order; all but the last two in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    Open(Dispatch),
    Later { transaction: Uuid, tries: u32, next: u64 },
    End { object: Uuid, ending: Ending },
    Close { transaction: Uuid },
    Send { transaction: Uuid },
    Complain(String),
}

/// Of the objects only: each is in one message in its life, so no two messages have one transaction, and the same message made
/// again after a restart has the same.
fn transaction(items: &[Item]) -> Option<Uuid> {
    let mut parts = vec![&b"waarborg/v1/dispatch\0"[..]];
    parts.extend(items.iter().map(|item| item.object.as_str().as_bytes()));
    crate::desk::deliver::own_uuid(&parts)
}

pub fn handle(now: u64, line: &Line, settings: &Settings, input: Input) -> Vec<Effect> {
    match input {
        Input::Look => look(now, line, settings),
        Input::Back { transaction, said } => match &line.open {
            Some(open) if open.transaction == transaction => back(now, open, settings, said),
            // Answered after it was given up.
            _ => Vec::new(),
        },
    }
}

fn look(now: u64, line: &Line, settings: &Settings) -> Vec<Effect> {
    let mut effects = Vec::new();
    match &line.open {
        // DSK-27: only deliveries are ever over, and they are alone in their message.
        Some(open) if open.items.iter().all(|item| item.is_over) => {
            effects.extend(open.items.iter().map(|item| Effect::End { object: item.object.clone(), ending: Ending::Over }));
            effects.push(Effect::Close { transaction: open.transaction.clone() });
        }
        Some(open) if open.next <= now => {
            effects.extend(try_once(now, open, settings));
            return effects;
        }
        Some(_) => return effects,
        None => {}
    }
    let (over, fresh): (Vec<&Item>, Vec<&Item>) = line.waiting.iter().partition(|item| item.is_over);
    effects.extend(over.into_iter().map(|item| Effect::End { object: item.object.clone(), ending: Ending::Over }));
    let alone = fresh.first().is_some_and(|first| first.is_delivery);
    let together = fresh.iter().take_while(|item| !item.is_delivery).count().min(ACTIONS_MAX);
    let items: Vec<Item> = fresh.into_iter().take(if alone { 1 } else { together }).cloned().collect();
    if let Some(transaction) = transaction(&items).filter(|_| !items.is_empty()) {
        let open = Dispatch { transaction, at: now, items, tries: 0, next: now };
        effects.push(Effect::Open(open.clone()));
        effects.extend(try_once(now, &open, settings));
    }
    effects
}

/// The next time is written down before the message goes out: who is killed meanwhile does not knock again at once.
fn try_once(now: u64, open: &Dispatch, settings: &Settings) -> [Effect; 2] {
    let tries = open.tries.saturating_add(1);
    let next = now.saturating_add(settings.patience(tries));
    let transaction = open.transaction.clone();
    [Effect::Later { transaction: transaction.clone(), tries, next }, Effect::Send { transaction }]
}

fn back(now: u64, open: &Dispatch, settings: &Settings, said: Result<Vec<Said>, String>) -> Vec<Effect> {
    let said = match said {
        Ok(said) => said,
        Err(text) => {
            let next = now.saturating_add(settings.patience(open.tries));
            let later = Effect::Later { transaction: open.transaction.clone(), tries: open.tries, next };
            return vec![later, Effect::Complain(text)];
        }
    };
    let mut effects = Vec::new();
    let mut complaints = Vec::new();
    for (at, item) in open.items.iter().enumerate() {
        // DSK-26: each action for itself; what is refused is refused for good under this transaction, so asking again says nothing new.
        let ending = match said.get(at) {
            Some(Ok(())) => Ending::Acknowledged,
            Some(Err(text)) => Ending::Refused(text.clone()),
            None => Ending::Refused("not answered".to_owned()),
        };
        if let Ending::Refused(text) = &ending {
            complaints.push(Effect::Complain(format!("{}: {text}", item.object.as_str())));
        }
        effects.push(Effect::End { object: item.object.clone(), ending });
    }
    effects.push(Effect::Close { transaction: open.transaction.clone() });
    effects.extend(complaints);
    effects
}
