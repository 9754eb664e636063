//! What people do: the court orders, officers approve, the court takes back. All of it again until it is taken (R7).

use super::cast::{EPOCH, GRACE, PROVIDER, SLOT, signer};
use super::fault::Link;
use super::ideal::Meant;
use super::season::Season;
use super::{Event, World};
use crate::chance::Chance;
use crate::oracle::Ordered;
use crate::traffic::{IP, Story, TRAFFIC};
use node::cases::state::{Case, CaseId, NOT_HELD};
use node::gateway::work::{Input, Request};
use node::gateway::{papers, signatures};
use seal::entropy::SeededEntropy;
use seal::identity::{Category, SlotLen};
use seal::selector::Selector;
use verify::approval::Stage;
use verify::names::{DirectoryId, Instrument, Span};
use verify::order::{OrderDocument, OrderDraft, OrderTerms, ScopeItem};
use verify::policy::Policy;
use verify::record::{DraftRecord, Kind, Record, Value};

/// The body of oversight in the policy's directory.
pub const OVERSEER: &str = "nl.toezicht";
/// No other order of a world has it.
const CANARY_NUMBER: u64 = 1_000;

/// Seconds between two looks of the officers and two tries of a sender.
const PEOPLE: u64 = 60;

/// How an order's life is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plot {
    /// About hours that are over.
    Past,
    /// Sent before its hours are over: served hour by hour.
    Prospective,
    /// The same, and taken back after the first production.
    Withdrawn,
    /// An officer refuses it.
    Refused,
    /// By the police, confirmed by nobody within the world's time.
    Emergency,
    /// By the body of oversight, about its own account.
    Canary,
}

impl Plot {
    /// Whose key signs, and the authority that the order names.
    fn parties(self) -> (&'static str, &'static str) {
        match self {
            Plot::Emergency => ("police", "nl.politie"),
            Plot::Canary => ("overseer", OVERSEER),
            _ => ("court", "nl.om"),
        }
    }
}

pub struct Scripted {
    pub plot: Plot,
    pub sent_at: u64,
    pub document: OrderDocument,
    /// D of its record: the case's id.
    pub d: [u8; 32],
    taken: bool,
    withdrawn: bool,
}

/// What the orders of a world may look like.
#[derive(Clone, Copy, Debug)]
pub struct Wishes {
    pub orders: u64,
    /// First and last hour with data.
    pub first_slot: u64,
    pub last_slot: u64,
    /// Whole hours only, or borders anywhere inside.
    pub partly: bool,
    pub season: Season,
}

fn id(text: &str) -> DirectoryId {
    DirectoryId::parse(text).expect("an id")
}

/// The orders of a seed. `send_from`: when orders about the past may be sent at the earliest.
pub fn write(policy: &Policy, story: &Story, wishes: Wishes, chance: &mut Chance) -> Vec<(Scripted, Meant)> {
    let over = (wishes.last_slot + 1) * SLOT + GRACE;
    let mut script = Vec::new();
    for number in 0..wishes.orders {
        let plot = match chance.below(10) {
            0..=4 => Plot::Past,
            5 | 6 => Plot::Prospective,
            7 => Plot::Withdrawn,
            8 => Plot::Refused,
            _ => Plot::Emergency,
        };
        let sent_at = match plot {
            Plot::Prospective | Plot::Withdrawn => chance.between(wishes.first_slot * SLOT - 1_800, wishes.first_slot * SLOT + SLOT),
            // Once the maps of the hours are public: an order that was seen before them waits for ever (0014), and a slot with late
            // records is closed, and its map told, only after their epoch.
            _ => over + 2 * u64::from(EPOCH) + chance.below(2_400),
        };
        script.push(one(policy, story, wishes, plot, sent_at, number, chance));
    }
    script
}

/// An order about the past, weeks after all others.
pub fn once_more(policy: &Policy, story: &Story, wishes: Wishes, at: u64, number: u64, chance: &mut Chance) -> (Scripted, Meant) {
    one(policy, story, wishes, Plot::Past, at, number, chance)
}

fn hours(wishes: Wishes, chance: &mut Chance) -> (u64, u64) {
    wishes.season.hours_of_an_order(wishes.first_slot, wishes.last_slot, chance).unwrap_or_else(|| {
        let first = chance.between(wishes.first_slot, wishes.last_slot + 1);
        (first, chance.between(first, wishes.last_slot + 1))
    })
}

fn one(policy: &Policy, story: &Story, wishes: Wishes, plot: Plot, sent_at: u64, number: u64, chance: &mut Chance) -> (Scripted, Meant) {
    let (first, last) = hours(wishes, chance);
    let (mut from, mut until) = (first * SLOT, (last + 1) * SLOT);
    if wishes.partly && chance.one_in(1, 2) {
        from += chance.below(SLOT - 1);
        until -= chance.below((until - from).min(SLOT) - 1);
    }
    let mut items = Vec::new();
    for _ in 0..1 + chance.below(2) {
        let (selector, category) = subject(story, wishes.season, chance);
        let ordered = Ordered { selector, category, from, until };
        if !items.contains(&ordered) {
            items.push(ordered);
        }
    }
    let valid = (sent_at - 600, sent_at + 86_400);
    let document = order(policy, plot, &items, (first, last), valid, number);
    let authority = plot.parties().1.to_owned();
    let meant = Meant { items, valid, is_genuine: true, authority, notice_due: notice_due(valid.0 / 86_400 * 86_400, number) };
    let d = document.record().d();
    let scripted = Scripted { plot, sent_at, document, d, taken: false, withdrawn: false };
    (scripted, meant)
}

/// The overseer's order about its own account, once all that is late has come, for whole hours.
pub fn about_canary(policy: &Policy, account: &str, wishes: Wishes) -> (Scripted, Meant) {
    let (from, until) = (wishes.first_slot * SLOT, (wishes.last_slot + 1) * SLOT);
    let sent_at = until + GRACE + 4 * SLOT;
    let items = vec![Ordered { selector: account.to_owned(), category: TRAFFIC, from, until }];
    let valid = (sent_at - 600, sent_at + 86_400);
    let document = order(policy, Plot::Canary, &items, (wishes.first_slot, wishes.last_slot), valid, CANARY_NUMBER);
    let notice_due = notice_due(valid.0 / 86_400 * 86_400, CANARY_NUMBER);
    let meant = Meant { items, valid, is_genuine: true, authority: OVERSEER.to_owned(), notice_due };
    let d = document.record().d();
    (Scripted { plot: Plot::Canary, sent_at, document, d, taken: false, withdrawn: false }, meant)
}

/// A planted person more often than others; a number, an address that many share, somebody who is not here. Where the clocks change
/// also a number that changes hands, and an address with its port.
fn subject(story: &Story, season: Season, chance: &mut Chance) -> (String, u16) {
    if !season.is_usual() {
        match (chance.below(6), story.reassigned.first()) {
            (0 | 1, Some(number)) => return (number.selector.clone(), TRAFFIC),
            (2, _) if !story.ports.is_empty() => return (chance.pick(&story.ports).clone(), IP),
            _ => {}
        }
    }
    match chance.below(12) {
        0..=4 => (story.accounts[chance.below(3) as usize].clone(), TRAFFIC),
        5 | 6 => (chance.pick(&story.accounts).clone(), TRAFFIC),
        7 if !story.phones.is_empty() => (chance.pick(&story.phones).clone(), TRAFFIC),
        8 | 9 => (story.accounts[chance.below(3) as usize].clone(), IP),
        10 if !story.shared_addresses.is_empty() => (chance.pick(&story.shared_addresses).clone(), IP),
        _ => ("account:@nobody:example.org".to_owned(), TRAFFIC),
    }
}

/// Every third order is to be told of soon; all others far later than a world lasts.
fn notice_due(day: u64, number: u64) -> u64 {
    day + if number.is_multiple_of(3) { 86_400 } else { 90 * 86_400 }
}

fn order(policy: &Policy, plot: Plot, items: &[Ordered], slots: (u64, u64), valid: (u64, u64), number: u64) -> OrderDocument {
    let draft = draft(policy, plot, items, slots, valid, number);
    draft.sign(&signer(plot.parties().0)).expect("a signed order")
}

pub fn draft(policy: &Policy, plot: Plot, items: &[Ordered], slots: (u64, u64), valid: (u64, u64), number: u64) -> OrderDraft {
    let (signs, authority) = plot.parties();
    let item = |ordered: &Ordered| {
        let selector = Selector::from_text(&ordered.selector).expect("a selector");
        let category = Category::new(ordered.category).expect("a category");
        ScopeItem::new(selector, category, SlotLen::HOUR, slots.0, slots.1).expect("a scope item")
    };
    let day = valid.0 / 86_400 * 86_400;
    let terms = OrderTerms {
        kind: if plot == Plot::Emergency { Kind::Emergency } else { Kind::Order },
        instrument: Instrument::parse("epoc").expect("a name"),
        court: (signs == "court").then(|| id("nl.rechtbank")),
        legal_basis: "Article 5 Regulation (EU) 2023/1543".to_owned(),
        authority: id(authority),
        provider: PROVIDER,
        period: Span::new(items[0].from, items[0].until).expect("a span"),
        case_ref: Some(format!("2026-{number:03}")),
        validity: Span::new(valid.0, valid.1).expect("a span"),
        seal_until: day + 120 * 86_400,
        notice_due: notice_due(day, number),
        policy_hash: *policy.hash(),
        items: items.iter().map(item).collect(),
        original: None,
        attesters: None,
    };
    let mut seed = [91; 32];
    seed[..8].copy_from_slice(&number.to_be_bytes());
    seed[8..16].copy_from_slice(&valid.0.to_be_bytes());
    OrderDraft::draw(terms, &mut SeededEntropy::new(seed)).expect("a draft")
}

impl World<'_> {
    /// A court or authority sends its order until it has a receipt.
    pub(super) fn court_sends(&mut self, number: usize) {
        if self.script[number].taken {
            return;
        }
        let document = self.script[number].document.to_bytes();
        self.desk_gets(number as u64, Request::Order(document));
        self.at(5 * PEOPLE, Event::CourtSends(number));
    }

    fn desk_gets(&mut self, from: u64, request: Request) {
        let now = self.now;
        for delay in self.net.carry(Link::Desk, now, &mut self.chance) {
            let input = Input::Request { from, request: request.clone() };
            self.at(delay, Event::DeskGets { input });
        }
    }

    /// An answer of the desk; it can be lost on the way, and the sender asks again.
    pub(super) fn desk_hears(&mut self, to: u64, refused: bool) {
        let now = self.now;
        if self.net.answers(Link::Desk, now, &mut self.chance)
            && let Some(scripted) = self.script.get_mut(to as usize)
            && !refused
        {
            scripted.taken = true;
        }
    }

    /// Two officers look at what waits for them; a third refuses what is to be refused; the court takes back.
    pub(super) fn people_look(&mut self) {
        self.at(PEOPLE, Event::PeopleLook);
        if self.sabotage.is(super::sabotage::Sabotage::NobodyLooks) {
            return;
        }
        let cases: Vec<Case> = self.gateway.cases().cloned().collect();
        for case in cases {
            let id = case.file().id;
            let Some(number) = self.script.iter().position(|scripted| scripted.d == id.0) else { continue };
            let plot = self.script[number].plot;
            let (stage, digest) = match &case {
                Case::AwaitingApproval(_) if plot == Plot::Refused => {
                    self.officer_refuses(id, 12);
                    continue;
                }
                Case::AwaitingApproval(s) => (Stage::BeforeKeys, papers::understanding(&s.file).expect("an order")),
                Case::AwaitingRelease(s) => (Stage::BeforeDelivery, s.scope.digest(&id)),
                // Nobody of that name ever was here: "not held".
                Case::Halted(s) if s.why.iter().any(|why| why.starts_with("GWY-15")) => {
                    self.officer_refuses(id, NOT_HELD);
                    continue;
                }
                Case::Halted(_) => {
                    self.desk_gets(u64::MAX, Request::Retry { case: id, by: "officer-1".to_owned() });
                    continue;
                }
                Case::Standing(s) if plot == Plot::Withdrawn && !s.mandate.served.is_empty() => {
                    let place = papers::place(&s.mandate.leaf);
                    self.court_withdraws(number, place);
                    continue;
                }
                _ => continue,
            };
            for officer in ["officer-1", "officer-2"] {
                let document = signatures::approve(&id, stage, &digest, self.now, &signer(officer)).expect("an approval");
                self.desk_gets(u64::MAX, Request::Approval { case: id, document });
            }
        }
    }

    fn officer_refuses(&mut self, case: CaseId, reason: u16) {
        let refusal = signatures::CaseRefusal { case, reason, time: self.now };
        let document = refusal.sign(&signer("officer-3")).expect("a refusal");
        self.desk_gets(u64::MAX, Request::Refusal { case, document });
    }

    fn court_withdraws(&mut self, number: usize, place: verify::record::Parent) {
        let scripted = &mut self.script[number];
        scripted.withdrawn = true;
        let record = scripted.document.record().record();
        let values = vec![
            Value::Kind(Kind::Withdrawal),
            Value::Provider(PROVIDER),
            Value::Parent(place),
            Value::Authority(record.authority().expect("an authority").clone()),
            Value::Court(record.court().expect("a court").clone()),
        ];
        let entropy = &mut SeededEntropy::new([92; 32]);
        let draft = DraftRecord::draw(Record::draw(values, entropy).expect("a record"), entropy);
        let signature = signer("court").sign_message(&draft.record.message());
        let document = draft.signed(signature.to_vec()).to_bytes();
        self.desk_gets(u64::MAX, Request::Withdrawal(document));
    }
}
