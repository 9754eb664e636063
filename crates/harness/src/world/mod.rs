//! The whole system in one process from one seed: fake clock, network and disks; real cores, judges, documents and keys.
//!
//! Roles: sealer, both logs, four witnesses, eight trustees, gateway, court, officers; an adversary that is whoever is corrupt.
//! What happens is a list of events in time, drawn from the seed; what goes wrong is a list of faults, which can be shortened.
//! `seen` holds the invariants. A broken one ends the world and says after which event.

mod adversary;
mod canary;
pub mod cast;
pub mod disk;
mod effects;
pub mod fault;
mod gateway;
mod god;
mod happens;
pub mod ideal;
pub(crate) mod interpolation;
pub mod invariant;
mod later;
mod lies;
mod logs;
mod monitor;
mod net;
pub mod sabotage;
pub mod saved;
pub mod script;
mod sealer;
pub mod season;
mod seen;
mod trustees;
mod witnesses;

use crate::chance::Chance;
use crate::traffic::{self, Story};
use cast::{Cast, DAY_ZERO, GRACE, SLOT};
use fault::{Fault, Which};
use ideal::{Clockwork, Ideal};
use sabotage::Sabotage;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use verify::log::vkey::VerifierKey;
use verify::policy::{CommitteeName, MemberId};

use adversary::Adversary;
use gateway::GatewayRole;
use god::God;
use happens::Event;
use lies::Lying;
use logs::LogRole;
use monitor::MonitorRole;
use net::Net;
use script::{Scripted, Wishes};
use sealer::SealerRole;
use season::{Season, Trips};
pub use seen::{Broken, Seen};
use trustees::TrusteeRole;
use witnesses::WitnessRole;

/// Everything that fixes a world.
#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub shape: WorldShape,
    pub faults: Vec<Fault>,
    pub sabotage: Sabotage,
}

/// How large a world is.
#[derive(Clone, Copy, Debug)]
pub struct WorldShape {
    pub persons: u64,
    pub messages: u64,
    /// Hours with data.
    pub hours: u64,
    pub orders: u64,
    pub late_one_in: u64,
    pub season: Season,
    /// Days after 1 January 2026 on which it begins, and the hour.
    pub day: u64,
    pub hour: u64,
    /// The body of oversight has an account of its own, and asks what became of it (SEA-74).
    pub canary: bool,
    /// Weeks later somebody orders again, and after the time of retention nothing opens any more.
    pub later: bool,
}

impl WorldShape {
    /// A few people in two or three hours: cheap enough for hundreds of seeds.
    pub fn small(chance: &mut Chance) -> WorldShape {
        WorldShape {
            persons: chance.between(4, 9),
            messages: chance.between(4, 16),
            hours: chance.between(1, 3),
            orders: chance.between(1, 4),
            late_one_in: *chance.pick(&[0, 0, 6]),
            season: Season::NewYear,
            day: chance.below(3),
            // Some worlds cross midnight.
            hour: *chance.pick(&[8, 12, 21]),
            later: chance.one_in(1, 4),
            canary: false,
        }
    }
}

impl Plan {
    /// The world of a seed, as `worlds --seeds` runs it.
    pub fn of_seed(seed: u64) -> Plan {
        Plan::in_season(seed, Season::draw(&mut Chance::new(seed).fork("season")))
    }

    /// The same, moved to that time of the year.
    pub fn in_season(seed: u64, season: Season) -> Plan {
        let chance = Chance::new(seed);
        let shape = season.moves(WorldShape::small(&mut chance.fork("shape")), &mut chance.fork("moved"));
        let faults = fault::draw(&mut chance.fork("faults"), (shape.hours + 3) * SLOT);
        Plan { seed, shape, faults, sabotage: Sabotage::None }
    }

    /// Undisturbed, with a canary: what arrives late on an honest network is no lie, and would be an alarm.
    pub fn with_canary(seed: u64) -> Plan {
        let mut plan = Plan::undisturbed(seed);
        plan.shape.canary = true;
        plan
    }

    /// The same without faults.
    pub fn undisturbed(seed: u64) -> Plan {
        Plan { faults: Vec::new(), ..Plan::of_seed(seed) }
    }
}

/// What a world came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub broken: Option<Broken>,
    pub events: u64,
    pub orders: usize,
    pub packages: usize,
    pub rows_out: u64,
    pub trips: Trips,
    pub releases: usize,
    /// Rows of the overseer's own account that came back to it.
    pub canary_rows: usize,
    /// A log that stopped because its state is old.
    pub stopped: Vec<String>,
    /// The kinds of fault that did something.
    pub took_effect: BTreeSet<&'static str>,
}

/// How long each role rests after its next death.
#[derive(Default)]
struct Rests {
    log: [u64; 2],
    sealer: u64,
    gateway: u64,
}

pub struct World<'c> {
    cast: &'c Cast,
    plan: Plan,
    sabotage: Sabotage,
    story: Story,
    begin: u64,
    now: u64,
    agenda: BTreeMap<(u64, u64), Event>,
    counter: u64,
    events: u64,
    chance: Chance,
    net: Net,
    logs: [LogRole; 2],
    witnesses: Vec<WitnessRole>,
    sealer: SealerRole,
    gateway: GatewayRole,
    trustees: BTreeMap<MemberId, TrusteeRole>,
    script: Vec<Scripted>,
    statement_keys: Vec<VerifierKey>,
    adversary: Adversary,
    monitor: MonitorRole,
    lies: Vec<Lying>,
    is_later: bool,
    /// Known to the overseer alone.
    canary: Option<String>,
    canary_rows: usize,
    ideal: Ideal,
    god: God,
    seen: Seen,
    rests: Rests,
    effects: BTreeSet<&'static str>,
    broken: Option<Broken>,
    _folder: TempDir,
}

/// Runs a future that never waits: everything below it is in memory.
pub(crate) fn block<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("nothing in a world waits for anything outside of it"),
    }
}

/// The provider's house asks for a runtime to wait on; it never waits.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_current_thread().build().expect("a runtime"))
}

/// SQLite wants files: in memory where the system has such a folder, so that a world costs no disk.
fn folder() -> TempDir {
    let shared = std::path::Path::new("/dev/shm");
    let made = if shared.is_dir() { tempfile::tempdir_in(shared) } else { tempfile::tempdir() };
    made.expect("a folder")
}

fn statement_keys(cast: &Cast) -> Vec<VerifierKey> {
    let parts = cast.policy.parts();
    let mut keys = vec![parts.provider_key.clone()];
    keys.extend(parts.sealers.iter().chain(&parts.policy_keys.keys).chain(&parts.auditors).cloned());
    for name in [CommitteeName::Approvers, CommitteeName::Guardians] {
        keys.extend(cast.policy.receipt_keys(name).into_iter().cloned());
    }
    keys
}

impl<'c> World<'c> {
    pub fn new(cast: &'c Cast, plan: Plan) -> World<'c> {
        let chance = Chance::new(plan.seed);
        let shape = plan.shape;
        let begin = DAY_ZERO + shape.day * 86_400 + shape.hour * SLOT;
        let (from, until) = (begin + SLOT, begin + (1 + shape.hours) * SLOT);
        let data = traffic::Shape {
            persons: shape.persons,
            from,
            until,
            messages: shape.messages,
            messages_a_login: if shape.season.is_usual() { 4 } else { 2 },
            late_one_in: shape.late_one_in,
        };
        let story = traffic::tell(plan.seed, data);
        let wishes =
            Wishes { orders: shape.orders, first_slot: from / SLOT, last_slot: until / SLOT - 1, partly: true, season: shape.season };
        let mut ideal = Ideal::new(Clockwork { hour: SLOT, grace: GRACE });
        let mut script = Vec::new();
        for (scripted, meant) in script::write(&cast.policy, &story, wishes, &mut chance.fork("orders")) {
            ideal.court_orders(scripted.d, meant);
            script.push(scripted);
        }
        let canary = shape.canary.then(|| canary::account(&story, &mut chance.fork("canary")));
        if let Some(account) = &canary {
            let (scripted, meant) = script::about_canary(&cast.policy, account, wishes);
            ideal.court_orders(scripted.d, meant);
            script.push(scripted);
        }
        let folder = folder();
        let path = folder.path().to_owned();
        let trustees = cast.members.iter().map(|(id, paper)| (*id, TrusteeRole::new(paper.copy()))).collect();
        let mut world = World {
            cast,
            sabotage: plan.sabotage,
            story,
            begin,
            now: begin,
            agenda: BTreeMap::new(),
            counter: 0,
            events: 0,
            chance: chance.fork("network"),
            net: Net::default(),
            logs: [LogRole::init(Which::Orders), LogRole::init(Which::Public)],
            witnesses: (0..4).map(|number| WitnessRole::init(number, path.join(format!("w{number}")))).collect(),
            sealer: SealerRole::init(cast, path.join("sealer"), begin),
            gateway: GatewayRole::init(cast, path.join("gateway")),
            trustees,
            script,
            statement_keys: statement_keys(cast),
            adversary: Adversary::default(),
            monitor: MonitorRole::default(),
            lies: Vec::new(),
            is_later: false,
            canary,
            canary_rows: 0,
            ideal,
            god: God::new(cast),
            seen: Seen::default(),
            rests: Rests::default(),
            effects: BTreeSet::new(),
            broken: None,
            plan,
            _folder: folder,
        };
        world.prepare();
        world
    }

    fn at(&mut self, wait: u64, event: Event) {
        self.counter += 1;
        self.agenda.insert((self.now + wait, self.counter), event);
    }

    fn draw(&mut self) -> [u8; 32] {
        let mut octets = [0; 32];
        octets.chunks_mut(8).for_each(|part| part.copy_from_slice(&self.chance.next().to_be_bytes()));
        octets
    }

    /// To the end, or to the first broken invariant.
    pub fn run(mut self) -> Outcome {
        self.goes_on();
        if self.broken.is_none() {
            self.at_the_end();
        }
        if self.broken.is_none() && self.has_a_later_part() {
            self.weeks_pass();
            self.goes_on();
            self.everything_is_served();
            self.everything_is_gone();
        }
        self.outcome()
    }

    fn goes_on(&mut self) {
        let last = self.end_at();
        while self.broken.is_none() {
            let Some((&(time, _), _)) = self.agenda.first_key_value() else { break };
            if last < time || (self.is_quiet_after() < time && self.all_is_done()) {
                break;
            }
            let Some((_, event)) = self.agenda.pop_first() else { break };
            self.now = time;
            self.events += 1;
            self.happens(event);
        }
    }

    fn outcome(self) -> Outcome {
        let stopped = self.logs.iter().filter_map(|log| log.stopped.clone()).collect();
        Outcome {
            broken: self.broken.clone(),
            events: self.events,
            orders: self.script.len(),
            took_effect: self.took_effect(),
            packages: self.seen.packages,
            rows_out: self.seen.rows_out,
            trips: self.seen.trips,
            releases: self.seen.releases.len(),
            canary_rows: self.canary_rows,
            stopped,
        }
    }
}

/// One world by its plan.
pub fn run(cast: &Cast, plan: Plan) -> Outcome {
    World::new(cast.of(plan.shape.season), plan).run()
}
