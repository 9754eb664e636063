//! Events, in time; the faults among them; and what must be true at the end.

use super::World;
use super::cast::{EPOCH, SLOT, TICK, WITNESSES};
use super::fault::{Attack, Fault, What, Which};
use super::invariant::Invariant;
use node::cases::state::Case;
use node::gateway::work::{Input, Work};
use node::witness::judge::Answer;
use seal::merkle::Hash;
use verify::policy::MemberId;

pub enum Event {
    Tick(Which),
    StartLog(Which),
    AskWitness {
        which: Which,
        witness: usize,
        round: u64,
        body: Vec<u8>,
    },
    WitnessSays {
        which: Which,
        witness: usize,
        round: u64,
        answer: Answer,
    },
    RoundEnds {
        which: Which,
        round: u64,
    },
    Submitted {
        which: Which,
        key: Hash,
        entry: Vec<u8>,
        urgent: bool,
    },
    StartWitness(usize),
    StartSealer,
    SealerPolls,
    SealerPublishes,
    PublishMore,
    StartGateway,
    GatewayWakes {
        life: u32,
    },
    DeskGets {
        input: Input,
    },
    /// `until`: how long the live task would go on asking before it reports a fault.
    Task {
        life: u32,
        work: Box<Work>,
        until: u64,
    },
    TaskEnds {
        life: u32,
        input: Input,
    },
    BundleAgain {
        member: MemberId,
        bundle: Vec<u8>,
    },
    CourtSends(usize),
    PeopleLook,
    Strikes(Fault),
    Restored(Which),
    Attacks(Attack),
    Foundations(usize),
    MonitorLooks,
    AsksToSignALie(usize),
    LetsGo(Which),
}

impl Event {
    pub fn is_of_the_sealer(&self) -> bool {
        matches!(self, Event::StartSealer | Event::SealerPolls | Event::SealerPublishes | Event::PublishMore)
    }
}

/// Seconds after the last fault within which honest orders are served.
const PATIENCE: u64 = 10 * SLOT;
/// Lies begin after their fault strikes.
const LIES: u64 = 2 * SLOT;

impl World<'_> {
    pub(super) fn prepare(&mut self) {
        for which in [Which::Orders, Which::Public] {
            self.start_log(which);
            let first = TICK - self.now % TICK;
            self.at(first, Event::Tick(which));
        }
        self.start_sealer();
        self.start_gateway();
        self.at(1, Event::Foundations(0));
        self.at(30, Event::SealerPolls);
        self.at(40, Event::SealerPublishes);
        self.at(50, Event::PeopleLook);
        self.at(310, Event::MonitorLooks);
        for number in 0..self.script.len() {
            let wait = self.script[number].sent_at.saturating_sub(self.now);
            self.at(wait, Event::CourtSends(number));
        }
        for fault in self.plan.faults.clone() {
            self.at(fault.at_s, Event::Strikes(fault));
        }
    }

    pub(super) fn happens(&mut self, event: Event) {
        match event {
            Event::Tick(which) => self.log_tick(which),
            Event::StartLog(which) => self.start_log(which),
            Event::AskWitness { which, witness, round, body } => self.witness_is_asked(which, witness, round, &body),
            Event::WitnessSays { which, witness, round, answer } => self.witness_said(which, witness, round, answer),
            Event::RoundEnds { which, round } => self.round_ends(which, round),
            Event::Submitted { which, key, entry, urgent } => self.log_is_given(which, key, entry, urgent),
            Event::StartWitness(number) => self.witnesses[number].start(),
            Event::StartSealer => self.start_sealer(),
            Event::SealerPolls => self.sealer_polls(),
            Event::SealerPublishes => {
                self.at(45, Event::SealerPublishes);
                self.sealer_publishes();
            }
            Event::PublishMore => self.sealer_publishes(),
            Event::StartGateway => self.start_gateway(),
            Event::GatewayWakes { life } if life == self.gateway.life => self.gateway_input(Input::Wake),
            Event::DeskGets { input } => self.gateway_input(input),
            Event::Task { life, work, until } => self.task_runs(life, work, until),
            Event::TaskEnds { life, input } if life == self.gateway.life => self.gateway_input(input),
            Event::BundleAgain { member, bundle } => self.bundle_again(member, &bundle),
            Event::CourtSends(number) => self.court_sends(number),
            Event::PeopleLook => self.people_look(),
            Event::Strikes(fault) => self.strikes(fault.what),
            Event::Restored(which) => self.log_is_killed(which, 5),
            Event::Attacks(attack) => self.attack(attack),
            Event::Foundations(number) => self.lay_foundation(number),
            Event::MonitorLooks => self.monitor_looks(),
            Event::AsksToSignALie(number) => self.lie_is_to_be_signed(number),
            Event::LetsGo(which) => self.log_lets_go(which),
            Event::GatewayWakes { .. } | Event::TaskEnds { .. } => {}
        }
    }

    /// Policy and ceremonies go to PUBLIC before anything else, until they stand there.
    fn lay_foundation(&mut self, number: usize) {
        let Some(statement) = self.cast.foundations.get(number).cloned() else { return };
        let next = match self.logs[Which::Public as usize].published(&seal::merkle::leaf_hash(&statement)) {
            Some(_) => number + 1,
            None => {
                self.submit_statement(&statement);
                number
            }
        };
        self.at(if next == number { 60 } else { 0 }, Event::Foundations(next));
    }

    fn strikes(&mut self, what: What) {
        let now = self.now;
        match what {
            What::Net { link, for_s, trouble } => self.net.trouble(link, now + for_s, trouble),
            What::CrashLog { which, write, death, rest_s } => {
                self.rests.log[which as usize] = rest_s;
                self.logs[which as usize].objects.dies_at(write, death.death());
            }
            What::FailLog { which, write, death } => self.logs[which as usize].objects.fails_at(write, death.death()),
            What::GarbleLog { which } => self.logs[which as usize].objects.garbles_next_read(),
            What::RestoreLog { which, after_s } => {
                let role = &mut self.logs[which as usize];
                role.image = Some(role.objects.image());
                self.at(after_s, Event::Restored(which));
            }
            What::ForgetLog { which, write, after_s } => {
                self.logs[which as usize].objects.forgets_at(write);
                self.at(after_s, Event::Restored(which));
            }
            What::LieLog { which, lie, to, for_s } => self.log_lies(which, lie, to, for_s),
            What::CrashWitness { witness, rest_s } => {
                self.witnesses[usize::from(witness)].crash();
                self.at(rest_s, Event::StartWitness(usize::from(witness)));
            }
            What::CorruptWitness { witness, lie } => self.witnesses[usize::from(witness)].lies = Some(lie),
            What::CrashSealer { write, death, rest_s } => {
                self.rests.sealer = rest_s;
                self.sealer.objects.dies_at(write, death.death());
            }
            What::FailSealer { write, death } => self.sealer.objects.fails_at(write, death.death()),
            What::KillSealer { effect, rest_s } => {
                self.rests.sealer = rest_s;
                self.sealer.dies_after_effect = Some(effect);
            }
            What::KillGateway { effect, rest_s } => {
                self.rests.gateway = rest_s;
                self.gateway.dies_after_effect = Some(effect);
            }
            What::CrashTrustee { member, write, death, rest_s } => self.member_dies_at(member.id(), write, death.death(), rest_s),
            What::TrusteeAway { member, for_s } => {
                if let Some(role) = self.trustees.get_mut(&member.id()) {
                    role.away_until = now + for_s;
                }
            }
            What::CorruptTrustee { member, lie } => {
                if let Some(role) = self.trustees.get_mut(&member.id()) {
                    role.lie = Some(lie);
                }
            }
            What::ForgetTrustee { member, write, rest_s } => self.member_forgets_from(member.id(), write, rest_s),
            What::CorruptGateway { attack } => self.at(0, Event::Attacks(attack)),
        }
    }

    /// The time after which the world may end as soon as everything is done.
    pub(super) fn is_quiet_after(&self) -> u64 {
        let sent = self.script.iter().map(|scripted| scripted.sent_at).max().unwrap_or(0);
        let struck = self.plan.faults.iter().map(|fault| self.begin + fault.at_s).max().unwrap_or(0);
        // The last row to arrive opens an epoch, which ends, and is told.
        let arrives = self.story.rows.iter().map(|row| row.arrives_ms / 1_000).max().unwrap_or(0);
        let data = (arrives + 2 * u64::from(EPOCH)).max(self.begin + (self.plan.shape.hours + 2) * SLOT);
        if self.is_later {
            return sent;
        }
        // A lie is found at the next look after it was told.
        let lied = self.lies.iter().map(|lying| lying.until + 4 * TICK).max().unwrap_or(0);
        sent.max(struck).max(data).max(lied)
    }

    pub(super) fn end_at(&self) -> u64 {
        self.is_quiet_after() + if self.is_later { 3 * SLOT } else { PATIENCE + LIES }
    }

    /// A log that stopped because its state is old, or whose disk lost what it had promised, waits for people: nothing can be
    /// served, and nothing has to be.
    pub(super) fn stands_still(&self) -> bool {
        self.logs.iter().any(|log| log.stopped.is_some() || log.is_damaged)
    }

    pub(super) fn all_is_done(&self) -> bool {
        let written = self.rows_written() == self.story.rows.len();
        let sealed = self.is_later || (written && self.sealer.has_published());
        let stopped = self.logs.iter().any(|log| log.stopped.is_some());
        sealed && (stopped || self.script.iter().all(|order| self.is_closed(&order.d)))
    }

    fn is_closed(&self, d: &[u8; 32]) -> bool {
        self.gateway.cases().any(|case| case.file().id.0 == *d && matches!(case, Case::Closed(_)))
    }

    pub(super) fn at_the_end(&mut self) {
        if let Some(why) = self.sealer.refused.clone() {
            return self.breaks(Invariant::RolesGoOn, format!("the sealer refuses to work: {why}"));
        }
        // What must never be, before what must be in time.
        self.monitor_looks_once_more();
        self.lies_are_found();
        self.leaves_of_closed_cases();
        self.canary_comes_back();
        if !self.stands_still() {
            self.nothing_is_lost_or_doubled();
        }
        for which in [Which::Orders, Which::Public] {
            self.check_signers(which);
        }
        if let Some(name) = self.seen.handed_out_twice.first() {
            let what = format!("{name} went out twice");
            self.breaks(Invariant::OneProductionABatch, what);
        }
        for ((name, _), manifests) in self.gateway.packed.clone() {
            if manifests.iter().any(|manifest| *manifest != manifests[0]) {
                self.breaks(Invariant::OneProductionABatch, format!("{name} was packed differently"));
            }
        }
        self.fewer_than_threshold_learn_nothing();
        self.everything_is_served();
    }

    /// Liveness: with faults over and thresholds honest, every order has its end.
    pub(super) fn everything_is_served(&mut self) {
        if self.stands_still() {
            return;
        }
        for number in 0..self.script.len() {
            let (d, plot) = (self.script[number].d, self.script[number].plot);
            if self.is_closed(&d) || self.is_last_of_all(number) {
                continue;
            }
            let state = self.gateway.cases().find(|case| case.file().id.0 == d).map_or("not taken in", |case| case.word());
            let last = self.gateway.complaints.last().cloned().unwrap_or_default();
            self.breaks(Invariant::HonestOrdersAreServed, format!("order {number} ({plot:?}) is {state}; last complaint: {last}"));
        }
    }

    /// Every production has its release and its receipt in ORDERS; every closed case its last leaf (P2).
    fn leaves_of_closed_cases(&mut self) {
        let closed: Vec<_> =
            self.gateway.cases().filter_map(|case| if let Case::Closed(s) = case { Some(s.clone()) } else { None }).collect();
        for case in closed {
            let mut missing = Vec::new();
            for record in &case.leaves.records {
                let d = verify::record::SignedRecord::parse(&record.0).map(|record| record.d());
                missing.extend(d.ok().filter(|d| !self.seen.has_leaf(d)).map(|_| "a last leaf of a case"));
            }
            let size = self.seen.truth[Which::Orders as usize].size();
            for served in &case.served {
                missing.extend((size <= served.release_index.max(served.receipt_index)).then_some("release or receipt of a production"));
            }
            if let Some(what) = missing.first() {
                self.breaks(Invariant::EveryOpeningIsInTheLog, format!("{what} is not in the public history"));
            }
        }
        // What left the house belongs to a case that says so.
        let known: Vec<String> = self
            .gateway
            .cases()
            .flat_map(|case| match case {
                Case::Closed(s) => s.served.iter().map(|served| served.package.name.clone()).collect::<Vec<_>>(),
                Case::Closing(s) => s.served.iter().map(|served| served.package.name.clone()).collect(),
                other => {
                    let served = other.mandate().map(|mandate| mandate.served.iter().map(|served| served.package.name.clone()).collect());
                    let mut served: Vec<String> = served.unwrap_or_default();
                    served.extend(match other {
                        Case::Delivering(s) => Some(s.package.name.clone()),
                        Case::Reporting(s) => Some(s.package.name.clone()),
                        _ => None,
                    });
                    served
                }
            })
            .collect();
        let stray = self.gateway.outbox.keys().find(|name| !known.contains(name)).cloned();
        if let Some(name) = stray {
            self.breaks(Invariant::EveryOpeningIsInTheLog, format!("{name} went out and no case knows of it"));
        }
    }

    /// R10: a log that begins to sign holds at least what every honest witness holds that can be asked.
    pub(super) fn restored_logs_refuse(&mut self, which: Which) {
        let role = &self.logs[which as usize];
        let ours = role.engine.as_ref().map_or(0, |engine| engine.size());
        let ahead = self.witnesses.iter().filter(|witness| !witness.is_corrupt()).filter_map(|witness| witness.size(which.origin()));
        let witnessed = ahead.collect::<Vec<_>>();
        // A quorum answered; one that could not be asked may hold more, and will not cosign what comes.
        if WITNESSES.len() - 1 <= witnessed.iter().filter(|size| ours < **size).count() {
            self.breaks(Invariant::RestoredLogsRefuse, format!("{which:?} goes on at {ours}, witnesses hold {witnessed:?}"));
        }
    }

    /// R10, the other way: what excuses a world from serving anybody must be a disk that was put back, and a witness that knows.
    pub(super) fn logs_stop_for_a_reason(&mut self, which: Which) {
        let role = &self.logs[which as usize];
        let (ours, witnessed) = (role.engine.as_ref().map_or(0, |engine| engine.size()), self.seen.witnessed(which.origin()));
        if !role.was_put_back() || witnessed <= ours {
            let disk = if role.was_put_back() { "was put back" } else { "was never put back" };
            self.breaks(Invariant::LogsStopForAReason, format!("{which:?} stops at {ours}, witnesses hold {witnessed}, its disk {disk}"));
        }
    }
}
