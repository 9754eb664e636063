//! The shell around the core: one loop that owns core and case database, and performs the effects in order.
//!
//! Tasks run beside the loop and bring their answers back as inputs. A store that fails ends the loop: memory would be ahead of
//! the disk, and the restart reads what really is there.

use super::core::Gateway;
use super::emergencies;
use super::live::Live;
use super::view;
use super::work::{Done, Effect, Fault, Input, Reply, Request, Task};
use crate::cases::store::{CaseStore, StoreError};
use crate::cases::{Case, CaseId, Digest32};
use crate::desk::NotTaken;
use crate::desk::listen::{SharedDesk, lock};
use seal::entropy::SystemEntropy;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, oneshot};
use verify::record::SignedRecord;
use verify::statement::EmergencyCount;

/// What the door (HTTP) hands to the loop.
pub enum Message {
    Request {
        request: Request,
        reply: oneshot::Sender<Reply>,
    },
    List {
        reply: oneshot::Sender<serde_json::Value>,
    },
    Show {
        case: CaseId,
        reply: oneshot::Sender<Option<serde_json::Value>>,
    },
    /// The records that answer for leaves which PUBLIC does not open yet.
    Records {
        reply: oneshot::Sender<Vec<SignedRecord>>,
    },
    /// Looked up for whoever asked for the records.
    Opened {
        found: Vec<Digest32>,
        reply: oneshot::Sender<Vec<SignedRecord>>,
    },
    /// What of the emergencies is to be published (LOG-103).
    Emergencies {
        reply: oneshot::Sender<EmergencyCount>,
    },
    /// From a task.
    Back(Input),
}

/// Requests and answers waiting for the loop; more wait at the door.
const INBOX_MAX: usize = 1024;

/// The loop's inbox, to be made before anything that sends to it.
pub fn inbox() -> (mpsc::Sender<Message>, mpsc::Receiver<Message>) {
    mpsc::channel(INBOX_MAX)
}

pub struct Shell {
    core: Gateway,
    store: CaseStore,
    live: Arc<Live>,
    back: mpsc::Sender<Message>,
    waiting: BTreeMap<u64, oneshot::Sender<Reply>>,
    next_request: u64,
    wake: Option<u64>,
    /// Received orders, if this gateway has a desk for them.
    desk: Option<SharedDesk>,
}

impl Shell {
    pub fn new(core: Gateway, store: CaseStore, live: Arc<Live>, back: mpsc::Sender<Message>) -> Shell {
        Shell { core, store, live, back, waiting: BTreeMap::new(), next_request: 0, wake: None, desk: None }
    }

    /// With a desk: attested orders go on only while their received order stands (DSK-08), and what cases do moves it (DSK-09).
    pub fn with_desk(self, desk: SharedDesk) -> Shell {
        Shell { desk: Some(desk), ..self }
    }

    /// Runs until `shutdown`, or until the case database fails.
    pub async fn run(mut self, mut inbox: mpsc::Receiver<Message>, shutdown: impl Future<Output = ()>) -> Result<(), StoreError> {
        // A gateway that was killed between a case's step and the desk's note of it makes the note now.
        let cases: Vec<_> = self.core.cases().map(|(_, case)| case.clone()).collect();
        cases.iter().try_for_each(|case| self.follow(case))?;
        self.input(Input::Start)?;
        tokio::pin!(shutdown);
        loop {
            let sleep = self.wake.map(|at| Duration::from_secs(at.saturating_sub(now()))).unwrap_or(Duration::from_secs(3600));
            tokio::select! {
                () = &mut shutdown => return Ok(()),
                () = tokio::time::sleep(sleep) => {
                    self.wake = None;
                    self.input(Input::Wake)?;
                }
                message = inbox.recv() => match message {
                    Some(message) => self.message(message)?,
                    None => return Ok(()),
                },
            }
        }
    }

    fn message(&mut self, message: Message) -> Result<(), StoreError> {
        match message {
            Message::Request { request, reply } => {
                if let Some(refused) = self.is_stopped(&request)? {
                    let _ = reply.send(refused);
                    return Ok(());
                }
                let from = self.next_request;
                self.next_request += 1;
                self.waiting.insert(from, reply);
                self.input(Input::Request { from, request })?;
            }
            Message::List { reply } => {
                let _ = reply.send(view::list(&self.core));
            }
            Message::Show { case, reply } => {
                let events = self.store.events(&case)?;
                let _ = reply.send(self.core.case(&case).map(|found| view::show(self.core.rules(), found, &events)));
            }
            Message::Records { reply } => self.look_for_openings(reply)?,
            Message::Opened { found, reply } => {
                self.store.opened(&found, now())?;
                let _ = reply.send(self.store.records()?);
            }
            Message::Emergencies { reply } => {
                let cases = self.core.cases().map(|(_, case)| case);
                let related = self.core.related().map(|(_, related)| related);
                let _ = reply.send(emergencies::count(self.core.rules(), cases, related, now()));
            }
            Message::Back(input) => self.input(input)?,
        }
        Ok(())
    }

    /// PUBLIC is read first: what stands opened there is not handed out again, and its values and salts go.
    fn look_for_openings(&self, reply: oneshot::Sender<Vec<SignedRecord>>) -> Result<(), StoreError> {
        let kept: Vec<Digest32> = self.store.records()?.iter().map(|record| Digest32(record.d())).collect();
        let (live, back) = (Arc::clone(&self.live), self.back.clone());
        tokio::spawn(async move {
            // A log that is away loses nothing: whoever opens looks into PUBLIC too.
            let found = live.logs.opened(&live.rules, &kept).await.unwrap_or_else(|fault| {
                eprintln!("gateway: records: {}", fault.0);
                Vec::new()
            });
            let _ = back.send(Message::Opened { found, reply }).await;
        });
        Ok(())
    }

    /// DSK-08. What only stops a case is never stopped.
    fn is_stopped(&self, request: &Request) -> Result<Option<Reply>, StoreError> {
        let Some(desk) = &self.desk else { return Ok(None) };
        let order = match request {
            Request::Order(document) => Some(document.as_slice()),
            Request::Approval { case, .. } | Request::Retry { case, .. } => self.core.case(case).map(|case| &case.file().order.0[..]),
            _ => None,
        };
        let Some(order) = order else { return Ok(None) };
        match tokio::task::block_in_place(|| lock(desk).may_go_on(order)) {
            Ok(()) => Ok(None),
            Err(NotTaken::Refused(refused)) => Ok(Some(Reply::Refused { code: refused.code, text: refused.text, hint: refused.hint })),
            Err(NotTaken::Fault(fault)) => Err(StoreError::Desk(fault.to_string())),
        }
    }

    /// DSK-08: what was withdrawn stops also what runs.
    fn stops(&self, case: &CaseId) -> Result<Option<Done>, StoreError> {
        let (Some(desk), Some(case)) = (&self.desk, self.core.case(case)) else { return Ok(None) };
        tokio::task::block_in_place(|| lock(desk).stops(case)).map_err(|fault| StoreError::Desk(fault.to_string()))
    }

    /// A hold ends when the received order that it was attested from does not stand any more.
    fn hold_until(&self, order: &[u8], until: u64) -> Result<u64, StoreError> {
        let Some(desk) = &self.desk else { return Ok(until) };
        let ends = tokio::task::block_in_place(|| lock(desk).preserves_until(order, now()));
        Ok(ends.map_err(|fault| StoreError::Desk(fault.to_string()))?.map_or(until, |ends| ends.min(until)))
    }

    /// A vault that fails ends the loop as a store does: what came in is kept after the restart.
    fn vault(&self, act: impl FnOnce(&Live) -> Result<(), Fault>) -> Result<(), StoreError> {
        tokio::task::block_in_place(|| act(&self.live)).map_err(|fault| StoreError::Vault(fault.0))
    }

    fn follow(&self, case: &Case) -> Result<(), StoreError> {
        let Some(desk) = &self.desk else { return Ok(()) };
        let followed = tokio::task::block_in_place(|| lock(desk).follow(now(), case, &mut SystemEntropy));
        followed.map(drop).map_err(|fault| StoreError::Desk(fault.to_string()))
    }

    fn input(&mut self, input: Input) -> Result<(), StoreError> {
        for effect in self.core.handle(now(), input, &mut SystemEntropy) {
            self.perform(effect)?;
        }
        Ok(())
    }

    fn perform(&mut self, effect: Effect) -> Result<(), StoreError> {
        match effect {
            // An fsync, not a sleep: the loop is the only writer and nothing may overtake it.
            Effect::Store(change) => {
                tokio::task::block_in_place(|| self.store.apply(&change, &mut SystemEntropy))?;
                self.follow(&change.case)?;
            }
            Effect::StoreRelated(change) => tokio::task::block_in_place(|| self.store.apply_related(&change, &mut SystemEntropy))?,
            Effect::Reply { to, reply } => {
                if let Some(waiting) = self.waiting.remove(&to) {
                    // The caller may be gone; it asks again and hears the same (R7).
                    let _ = waiting.send(reply);
                }
            }
            Effect::Keep { case, order, until } => self.vault(|live| live.keep(&case, &order, until))?,
            Effect::EndHold { case } => self.vault(|live| live.end_hold(&case))?,
            Effect::Work(mut work) => {
                if let Task::Hold { order, until, .. } = &mut work.task {
                    *until = self.hold_until(&order.0, *until)?;
                }
                let (live, back) = (Arc::clone(&self.live), self.back.clone());
                let stopped = self.stops(&work.case)?;
                tokio::spawn(async move {
                    let (case, version) = (work.case, work.version);
                    if let Some(done) = stopped {
                        let _ = back.send(Message::Back(Input::Done { case, version, done })).await;
                        return;
                    }
                    // A task of its own: if it panics, its case hears of a fault and is tried again, instead of waiting for ever.
                    let input = match tokio::spawn(async move { live.perform(*work).await }).await {
                        Ok(Ok(done)) => Input::Done { case, version, done },
                        Ok(Err(fault)) => Input::Failed { case, version, fault: fault.0 },
                        Err(error) => Input::Failed { case, version, fault: format!("bug: {error}") },
                    };
                    let _ = back.send(Message::Back(input)).await;
                });
            }
            Effect::Erase { case } => self.live.erase(&case),
            Effect::Complain { case, text } => eprintln!("gateway: case {}: {text}", super::desk::short(&case)),
            Effect::WakeAt(at) => self.wake = Some(self.wake.map_or(at, |earlier| earlier.min(at))),
        }
        Ok(())
    }
}

/// POSIX seconds by the system's clock; before 1970 there are no orders.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
