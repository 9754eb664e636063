//! What an observer of the whole world has seen, and the invariants that it must fit, checked as things happen.
//!
//! Failure conditions: every `breaks(..)` below, by name. Allowed: an intent used up without a production; a log that stops and says
//! why; a member that refuses; a package that lacks what was sealed after its intent was drawn (it says so). Nondeterminism: package
//! signatures (ECDSA) only, and nothing depends on them.

use super::World;
use super::cast::TICK;
use super::fault::Which;
use super::ideal::{Item, Moment};
use super::invariant::Invariant;
use super::script::Plot;
use super::season::Trips;
use crate::fixture::LogSim;
use node::cases::state::Case;
use node::log::client::Head;
use node::log::peaks::Peaks;
use node::log::state::State;
use node::sealer::commit::{Commit, Done};
use seal::merkle::Hash;
use std::collections::{BTreeMap, BTreeSet};
use verify::log::checkpoint::Checkpoint;
use verify::package::{RawPackage, StampPin};
use verify::policy::{CommitteeName, MemberId};
use verify::receipt::ReleaseAnswer;
use verify::verdict::{self, Signature, Supplies};

/// One release by an honest member.
#[derive(Clone, Debug)]
pub struct Release {
    pub member: MemberId,
    pub at: u64,
    pub order_d: [u8; 32],
    pub intent_d: [u8; 32],
    pub items: BTreeSet<Item>,
    pub orders_head: Vec<u8>,
    pub public_head: Vec<u8>,
    /// The member's own log grew before the answer left.
    pub was_written_down: bool,
}

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub invariant: Invariant,
    pub what: String,
    pub at: u64,
}

pub struct Seen {
    /// The published history of each log, entry by entry, by an observer with eyes of its own.
    pub truth: [LogSim; 2],
    /// Its root at every size.
    roots: [Roots; 2],
    /// Every head that a log's state object stands for.
    signed: [Vec<Checkpoint>; 2],
    /// Of these, what a log's disk lost before it was published: no start can know of it (LOG-64).
    lost: [Vec<Checkpoint>; 2],
    /// Every head that each honest witness cosigned, oldest first.
    cosigned: [Vec<Checkpoint>; 4],
    published: [u64; 2],
    pub releases: Vec<Release>,
    pub handed_out_twice: Vec<String>,
    pub packages: usize,
    pub rows_out: u64,
    pub trips: Trips,
    commits: BTreeMap<u64, Commit>,
    /// When each entry of ORDERS was first published.
    logged_at: BTreeMap<Vec<u8>, u64>,
}

/// The root of every prefix, each computed once.
struct Roots {
    peaks: Peaks,
    at: Vec<Hash>,
}

impl Default for Roots {
    fn default() -> Roots {
        let peaks = Peaks::empty();
        Roots { at: vec![peaks.root()], peaks }
    }
}

impl Roots {
    fn push(&mut self, entry: &[u8]) {
        self.peaks.append(entry);
        self.at.push(self.peaks.root());
    }
}

impl Default for Seen {
    fn default() -> Seen {
        Seen {
            truth: [Which::Orders, Which::Public].map(|which| LogSim::new(which.origin())),
            roots: Default::default(),
            signed: Default::default(),
            lost: Default::default(),
            cosigned: Default::default(),
            published: [0; 2],
            releases: Vec::new(),
            handed_out_twice: Vec::new(),
            packages: 0,
            rows_out: 0,
            trips: Trips::default(),
            commits: BTreeMap::new(),
            logged_at: BTreeMap::new(),
        }
    }
}

impl Seen {
    pub fn cosigned(&mut self, witness: usize, head: Checkpoint) {
        self.cosigned[witness].push(head);
    }

    /// A state object is on its way to the disk; its signature may leave once it is there.
    pub fn signed_by_log(&mut self, which: Which, state: &[u8]) {
        let head = State::parse(state).ok().and_then(|state| Head::parse(&state.note).ok());
        if let Some(head) = head {
            let origin = self.truth[which as usize].origin.clone();
            self.signed[which as usize].push(Checkpoint { origin, size: head.size, root: head.root });
        }
    }

    /// A log goes on at this size from a disk that was put back: what it had signed beyond, and not published, is lost to it.
    pub fn goes_on_from(&mut self, which: Which, size: u64) {
        let known = size.max(self.published[which as usize]);
        let (kept, lost) = std::mem::take(&mut self.signed[which as usize]).into_iter().partition(|head| head.size <= known);
        self.signed[which as usize] = kept;
        self.lost[which as usize].extend::<Vec<_>>(lost);
    }

    /// The largest head of a log that any honest witness ever cosigned.
    pub fn witnessed(&self, origin: &str) -> u64 {
        let of_log = self.cosigned.iter().flatten().filter(|head| head.origin.as_str() == origin);
        of_log.map(|head| head.size).max().unwrap_or(0)
    }

    /// The same size once more, with another root.
    pub fn signed_aside(&mut self, which: Which) {
        if let Some(head) = self.signed[which as usize].last().cloned() {
            self.signed[which as usize].push(Checkpoint { root: [9; 32], ..head });
        }
    }

    pub fn has_commit(&self, seq: u64) -> bool {
        self.commits.contains_key(&seq)
    }

    pub fn committed(&mut self, commit: Commit) {
        self.commits.insert(commit.seq, commit);
    }

    /// Categories by epoch, for whoever opens with all keys.
    pub fn epochs(&self) -> impl Iterator<Item = &node::sealer::commit::CommittedEpoch> {
        self.commits.values().flat_map(|commit| match &commit.done {
            Done::Epochs(epochs) => &epochs[..],
            _ => &[],
        })
    }

    pub fn holds(&self, which: Which, leaf: &Hash) -> Option<u64> {
        let entries = &self.truth[which as usize].entries;
        entries.iter().position(|entry| seal::merkle::leaf_hash(entry) == *leaf).map(|index| index as u64)
    }

    /// D stands in the published ORDERS.
    pub fn has_leaf(&self, d: &[u8; 32]) -> bool {
        let entry = verify::log::leaf::entry(d);
        self.truth[Which::Orders as usize].entries.iter().any(|have| have[..] == entry)
    }

    /// A head of the public history, as far as that has come; a larger one cannot be judged yet.
    pub fn is_on_the_one_history(&self, which: Which, head: &Checkpoint) -> bool {
        self.roots[which as usize].at.get(head.size as usize).is_none_or(|root| *root == head.root)
    }
}

impl World<'_> {
    pub(super) fn breaks(&mut self, invariant: Invariant, what: String) {
        let at = self.now;
        self.broken.get_or_insert(Broken { invariant, what, at });
    }

    /// A checkpoint is published: the observer reads it and everything below it.
    pub(super) fn published(&mut self, which: Which, note: &[u8], done: bool) {
        let Ok(head) = Head::parse(note) else { return self.breaks(Invariant::PublishedHeads, "not a head".to_owned()) };
        if !done {
            return;
        }
        if which.policy(self.cast).check(note, None).is_err() {
            return self.breaks(Invariant::PublishedHeads, "published without a quorum (LOG-58)".to_owned());
        }
        if head.size < self.seen.published[which as usize] {
            return self.breaks(Invariant::PublishedHeads, format!("went back to {}", head.size));
        }
        let objects = node::log::store::Store::new(self.logs[which as usize].objects.image());
        let source = node::log::tiles::Source::Store(objects);
        let from = self.seen.truth[which as usize].size();
        for number in from >> 8..head.size.div_ceil(256) {
            let Ok(bundle) = super::block(source.bundle(number, head.size)) else {
                if self.logs[which as usize].is_damaged {
                    return;
                }
                return self.breaks(Invariant::PublishedHeads, format!("entries below {} are not there", head.size));
            };
            for (_, entry) in (number << 8..).zip(bundle).filter(|(index, _)| from <= *index && *index < head.size) {
                if which == Which::Orders {
                    self.seen.logged_at.entry(entry.clone()).or_insert(self.now);
                }
                self.seen.truth[which as usize].push(&entry);
                self.seen.roots[which as usize].push(&entry);
            }
        }
        self.seen.published[which as usize] = head.size;
        if self.seen.truth[which as usize].checkpoint(head.size).root != head.root {
            self.breaks(Invariant::PublishedHeads, format!("the entries do not give the root of size {}", head.size));
        }
        self.check_signers(which);
    }

    /// Nobody honest ever signed another history: neither the log nor a witness, whatever crashed and came back. A witness that a lost
    /// head reached late stays with that one, and signs nothing of the other.
    pub(super) fn check_signers(&mut self, which: Which) {
        let seen = &self.seen;
        let origin = which.origin();
        let two = |head: &&Checkpoint| head.origin.as_str() == origin && !seen.is_on_the_one_history(which, head);
        let log = seen.signed[which as usize].iter().find(two).map(|head| format!("the log, at size {}", head.size));
        let lost = &seen.lost[which as usize];
        let of_witness = |(number, list): (usize, &Vec<Checkpoint>)| {
            let of_log = || list.iter().filter(|head| head.origin.as_str() == origin);
            let forward = of_log().is_sorted_by_key(|head| head.size);
            let other = of_log().find(|head| two(head) && !lost.contains(head));
            let after_lost = of_log().skip_while(|head| !two(head)).find(|head| !two(head));
            let at = other.or(after_lost).map(|head| format!("witness {number}, at size {}", head.size));
            at.or((!forward).then(|| format!("witness {number} went back")))
        };
        let witness = seen.cosigned.iter().enumerate().find_map(of_witness);
        if let Some(what) = log {
            self.breaks(Invariant::OneHistoryOfTheLog, what);
        }
        if let Some(what) = witness {
            self.breaks(Invariant::OneHistoryOfAWitness, what);
        }
    }

    /// An honest member gave keys: the ideal must give them too, under the history that everybody sees, and it is written down.
    pub(super) fn check_release(&mut self, release: Release) {
        let name = release.member.to_string();
        let unreliable = self.trustees.get(&release.member).is_some_and(|role| role.is_unreliable);
        let moment = Moment {
            now: release.at,
            order_is_public: self.seen.has_leaf(&release.order_d),
            intent_is_public: self.seen.has_leaf(&release.intent_d),
        };
        if let Err(why) = self.ideal.gives(&name, &release.order_d, &release.intent_d, &release.items, moment) {
            let invariant = match () {
                () if why.contains("twice") => Invariant::OneReleaseAnIntent,
                () if why.contains("owes") => Invariant::OwingAuthoritiesGetNothing,
                () => Invariant::NoKeyWithoutALoggedOrder,
            };
            // A member on a lying disk keeps its promises as well as that does: it counts among the corrupt.
            if !(unreliable && matches!(invariant, Invariant::OneReleaseAnIntent | Invariant::OwingAuthoritiesGetNothing)) {
                self.breaks(invariant, format!("{name}: {why}"));
            }
        }
        for (which, note) in [(Which::Orders, &release.orders_head), (Which::Public, &release.public_head)] {
            let head = Head::parse(note).ok();
            let origin = self.seen.truth[which as usize].origin.clone();
            let head = head.map(|head| Checkpoint { origin, size: head.size, root: head.root });
            // The member saw a cosigned head; the observer read every published one before it.
            let truth = self.seen.truth[which as usize].size();
            if !head.is_some_and(|head| head.size <= truth && self.seen.is_on_the_one_history(which, &head)) {
                self.breaks(Invariant::KeysUnderTheOneHistory, format!("{name} was shown another {which:?}"));
            }
        }
        if !release.was_written_down && !unreliable {
            self.breaks(Invariant::OwnLogFirst, format!("{name} released without a line in its own log (REL-25)"));
        }
        self.release_is_in_time(&release);
        self.seen.releases.push(release);
    }

    /// A package leaves the house: verified as a stranger would, and compared with the story row for row.
    pub(super) fn package_goes_out(&mut self, name: &str, bytes: &[u8]) {
        self.seen.packages += 1;
        match self.package_rows_are_right(name, bytes) {
            Ok(rows) => self.seen.rows_out += rows,
            Err(what) => self.breaks(Invariant::RowsEqualTheOracle, format!("{name}: {what}")),
        }
        // The verifier would name most wrong answers too; the oracle does not ask it.
        if let Err(what) = self.package_is_sound(name, bytes) {
            self.breaks(Invariant::PackagesVerify, format!("{name}: {what}"));
        }
    }

    /// P8, by a clock of our own: the verifier measures from the head of the release, which cannot be older than its freshness.
    fn release_is_in_time(&mut self, release: &Release) {
        let logged = self.seen.logged_at.get(&verify::log::leaf::entry(&release.intent_d)[..]).copied();
        let emergency = self.script.iter().any(|order| order.d == release.order_d && order.plot == Plot::Emergency);
        let limit = if emergency { 2 } else { 3 } * TICK + 2;
        let took = logged.map_or(0, |logged| release.at - logged);
        if self.plan.faults.is_empty() && limit < took {
            self.breaks(Invariant::ServedInThreeTicks, format!("{}: {took} s after the intent was logged", release.member));
        }
    }

    fn package_is_sound(&mut self, name: &str, bytes: &[u8]) -> Result<(), String> {
        let octets = bytes.to_vec();
        let package = RawPackage::read(&octets).and_then(RawPackage::check).map_err(|refusal| refusal.to_string())?;
        let certificate = self.cast.policy.parts().package_certificate;
        let signed = package.signed_by(&certificate, StampPin::NotChecked).map_err(|refusal| refusal.to_string())?;
        let signature = Signature { signer: signed.signer().clone(), stamp: signed.stamp().cloned() };
        let report = verdict::judge(signed.package(), &signature, &self.cast.policy, &Supplies::none());
        if !report.failures.is_empty() {
            return Err(format!("the verifier says {:?}", report.failures));
        }
        let log = signed.package().log();
        let parse = |document: &[u8]| verify::order::OrderDocument::parse(document).map(|order| order.record().d());
        let order = parse(&log.order.document).map_err(|error| error.to_string())?;
        let intent = verify::intent::IntentDocument::parse(&log.intent.document).map_err(|error| error.to_string())?;
        let intent = intent.record().d();
        if !self.seen.has_leaf(&order) || !self.seen.has_leaf(&intent) {
            return Err("order or intent are not in the public history".to_owned());
        }
        let mut met: BTreeMap<CommitteeName, BTreeSet<u8>> = BTreeMap::new();
        for receipt in &log.receipts {
            let answer = ReleaseAnswer::parse(receipt).map_err(|error| error.to_string())?;
            let member = answer.receipt.receipt().member;
            met.entry(member.committee).or_default().insert(member.index);
        }
        for committee in [CommitteeName::Approvers, CommitteeName::Guardians] {
            let need = usize::from(self.cast.policy.committee_parts(committee).committee.need);
            if met.get(&committee).map_or(0, BTreeSet::len) < need {
                return Err(format!("fewer than {need} receipts of {}", committee.as_str()));
            }
        }
        let approved = self.gateway.cases().any(|case| matches!(case, Case::Delivering(s) if s.package.name == name));
        if approved { Ok(()) } else { Err("nobody approved its delivery".to_owned()) }
    }
}
