//! What a body of oversight finds with its own eyes: canaries (SEA-74, T20) and samples of segments (T22).

use harness::fixture::Plan as FixturePlan;
use harness::fixture::world::World as Fixture;
use harness::world::cast::Cast;
use harness::world::invariant::Invariant;
use harness::world::sabotage::{CATCHES, Sabotage};
use harness::world::{Plan, run};
use node::log::audit::Grade;
use node::oversight::canary::{Subject, accesses};
use node::oversight::deletion::Deleted;
use node::oversight::sample::{self, Commitment, NoSample, Secret, Told};
use node::segment_store::SegmentStore;
use seal::catalogue::RecordType;
use seal::digest::sha256;
use seal::entropy::SeededEntropy;
use seal::segment::{Segment, SegmentLeaf};
use std::collections::BTreeSet;
use verify::log::note::SignedNote;
use verify::log::proof::TlogProof;
use verify::names::DirectoryId;
use verify::notice::{NoticeParts, SignedNotice};
use verify::policy::{CommitteeName, Policy};
use verify::statement::{ShareDeletion, SignedStatement, Statement};

#[test]
fn sea_74_t20_what_an_honest_sealer_took_in_comes_back_to_the_overseer() {
    let (cast, mut rows) = (Cast::new(), 0);
    for seed in 0..4 {
        let outcome = run(&cast, Plan::with_canary(seed));
        assert_eq!(outcome.broken, None, "seed {seed}");
        rows += outcome.canary_rows;
    }
    assert!(8 <= rows, "canaries that did nothing would show nothing: {rows}");
}

/// The observer with all keys looks away in these worlds: what finds the liar is the overseer's own comparison.
#[test]
fn sea_74_t20_a_sealer_that_passes_people_over_or_seals_them_for_others_is_found() {
    let cast = Cast::new();
    for lie in [Sabotage::SealerPassesOver, Sabotage::SealerMisSeals] {
        let catch = CATCHES.iter().find(|catch| catch.sabotage == lie).expect("a catch");
        let found = catch.first(&cast, 0..6).map(|(_, broken)| broken.invariant);
        assert_eq!(found, Some(Invariant::CanariesComeBack), "{lie:?}");
    }
}

/// T20, end to end: an order of the prosecutor's about an account that is the overseer's, logged, judged and answered like any other. Its letter
/// comes to the overseer, and until it was sent members give that authority nothing more (REL-24).
#[test]
fn ovs_07_t20_a_strangers_order_about_a_canary_shows_by_its_letter() {
    let mut plan = FixturePlan::default();
    plan.order(|_, terms| terms.case_ref = Some("a case that needs a name".into()));
    let good = plan.build();
    assert!(matches!(good.judge(), verify::release::Judgement::Granted(_)), "nothing before the letter tells it from another order");
    let authority = good.order.record().record().authority().unwrap().clone();
    let proof = |place: &verify::bundle::Place| {
        TlogProof::new(place.index, place.path.clone(), SignedNote::parse(&good.bundle.orders_head.note).unwrap())
    };
    let account = good.order.scope().items().next().unwrap().selector().clone();
    let parts = NoticeParts {
        policy: &good.policy,
        order: &good.order,
        order_proof: proof(&good.bundle.order_place),
        intents: vec![(&good.intent, proof(&good.bundle.intent_place))],
        selectors: vec![account],
        withheld: Vec::new(),
        remedies: "You may object within six weeks.".into(),
    };
    let later = harness::fixture::world::DAY_ZERO + 500 * 86_400;
    let signer = good.policy.authority(&authority).unwrap().key.name().to_string();
    let letter = parts.draft(later).unwrap().sign(good.world.signer(&signer));
    let letter = SignedNotice::parse(&letter.to_bytes()).unwrap();
    let checked = letter.check(&good.policy).unwrap();
    let canary = |text: &str| Subject { selector: text.into(), category: RecordType::Traffic };
    let (own, overseer) = (canary("phone:+31612345678"), DirectoryId::parse("nl.toezicht").unwrap());
    // One alarm for one account, in however many categories it is listed.
    let list = [canary("phone:+31611111111"), own.clone(), own];
    let found = accesses(&checked, &list, &overseer);
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].authority, found[0].index), (&authority, good.bundle.order_place.index));
    assert_eq!(accesses(&checked, &list[..1], &overseer), [], "about somebody else");
    assert_eq!(accesses(&checked, &list, &authority), [], "the overseer's own order");
}

/// SEA-49: n - t + 1 of one committee, each under its own key.
#[test]
fn sea_49_a_key_is_dead_when_enough_members_of_one_committee_said_so() {
    let world = overseen();
    let policy = &world.1;
    let period = policy.parts().key.period;
    let said = |committee, index, key_id| Statement::ShareDeletion(ShareDeletion { key_id, committee, index, period });
    let (own, mut public) = (policy.key_id().0, Public::new(&world));
    public.say("approver-2", said(CommitteeName::Approvers, 1, own));
    public.say("approver-1", said(CommitteeName::Approvers, 1, [7; 32]));
    let heard = |public: &Public<'_>| {
        let mut deleted = Deleted::default();
        public.entries.iter().for_each(|entry| deleted.hear(entry, policy));
        [CommitteeName::Approvers, CommitteeName::Guardians]
            .map(|name| deleted.missing(policy, name))
            .into_iter()
            .chain([usize::from(deleted.is_dead(policy))])
            .collect::<Vec<_>>()
    };
    assert_eq!(heard(&public), [2, 3, 0], "nobody says it for another, or of another key");
    for _ in 0..2 {
        public.say("approver-1", said(CommitteeName::Approvers, 1, own));
    }
    public.say("guardian-1", said(CommitteeName::Guardians, 1, own));
    public.say("guardian-2", said(CommitteeName::Guardians, 2, own));
    assert_eq!(heard(&public), [1, 1, 0]);
    public.say("approver-3", said(CommitteeName::Approvers, 3, own));
    assert_eq!(heard(&public), [0, 1, 1]);
}

/// PUBLIC as an overseer hears it.
struct Public<'w> {
    world: &'w Fixture,
    policy: &'w Policy,
    entries: Vec<Vec<u8>>,
}

fn overseen() -> (Fixture, Policy) {
    let world = Fixture::new(3);
    let policy = Policy::from_parts(world.parts.clone()).unwrap();
    (world, policy)
}

impl<'w> Public<'w> {
    fn new((world, policy): &'w (Fixture, Policy)) -> Public<'w> {
        Public { world, policy, entries: Vec::new() }
    }

    fn say(&mut self, who: &str, statement: Statement) {
        self.entries.push(SignedStatement::sign(statement, &[self.world.signer(who)]).unwrap().to_bytes());
    }

    /// A daily head, whatever is in it.
    fn head(&mut self, number: u64) {
        let note = self.world.signer("log-operator").sign_note(&format!("head {number}\n")).unwrap().to_bytes();
        self.say("log-operator", Statement::Head(note));
    }

    fn segments(&mut self, numbers: std::ops::Range<u8>) {
        numbers.for_each(|number| self.say("sealer", Statement::Segment(leaf(number).1)));
    }

    fn told(&self) -> Told {
        let mut told = Told::default();
        (0..).zip(&self.entries).for_each(|(index, entry)| told.hear(index, entry, self.policy));
        told
    }
}

/// A segment of two entries, and its leaf.
fn leaf(number: u8) -> (Vec<u8>, SegmentLeaf) {
    let entry = |locator: u8| {
        let mut entry = vec![locator; 32];
        entry.extend_from_slice(&80u16.to_be_bytes());
        entry.resize(32 + 2 + 80, number);
        entry
    };
    let octets = [entry(1), entry(2)].concat();
    let leaf = Segment::parse(octets.clone()).unwrap().leaf(sha256(&[&[number]]));
    (octets, leaf)
}

fn secret(number: u64) -> Secret {
    Secret(sha256(&[&number.to_be_bytes()]))
}

/// What the log holds around one sample: segments before, a commitment, segments, a head, segments after.
fn around(public: &mut Public<'_>, secret: &Secret, segments: u32, head: u64) {
    public.segments(0..10);
    public.say("auditor", Commitment::new(secret, segments, 1).unwrap().statement());
    public.segments(10..40);
    public.head(head);
    public.segments(40..50);
}

#[test]
fn ovs_03_ovs_04_t22_the_sample_hangs_on_what_neither_side_chose() {
    let world = overseen();
    let sample = |secret: &Secret, head: u64| {
        let mut public = Public::new(&world);
        around(&mut public, secret, 8, head);
        let drawn = public.told().drawn(secret).unwrap();
        assert_eq!(drawn.told, 10..41);
        drawn.leaves.iter().map(|leaf| leaf.digest()).collect::<BTreeSet<_>>()
    };
    let among: BTreeSet<_> = (10..40).map(|number| leaf(number).1.digest()).collect();
    let first = sample(&secret(1), 1);
    assert_eq!((first.len(), first.is_subset(&among)), (8, true), "of what was told between commitment and head");
    assert_eq!(first, sample(&secret(1), 1), "anybody recomputes it");
    // Who knows only the head, or only the secret, knows nothing: every segment is drawn about as often as every other.
    let mut times = vec![0u32; 40];
    for number in 0..300u64 {
        let drawn = if number % 2 == 0 { sample(&secret(number), 1) } else { sample(&secret(1), number) };
        (10..40).filter(|number| drawn.contains(&leaf(*number as u8).1.digest())).for_each(|number| times[number] += 1);
    }
    // 300 draws of 8 in 30: 80 each, standard deviation 7.7.
    assert!(times[10..].iter().all(|times| (45..=115).contains(times)), "{times:?}");
}

#[test]
fn ovs_03_ovs_04_t22_no_sample_without_a_commitment_before_and_a_head_after() {
    let world = overseen();
    let mut public = Public::new(&world);
    public.segments(0..5);
    public.head(1);
    assert_eq!(public.told().drawn(&secret(1)), Err(NoSample::NotCommitted));
    // Somebody who is no auditor commits to nothing.
    public.say("sealer", Commitment::new(&secret(1), 3, 2).unwrap().statement());
    assert_eq!(public.told().drawn(&secret(1)), Err(NoSample::NotCommitted));
    public.say("auditor", Commitment::new(&secret(1), 3, 2).unwrap().statement());
    // Said again later, when the auditor has seen more, it draws nothing else.
    let again = public.told().drawn(&secret(1));
    assert_eq!(again, Err(NoSample::TooEarly { heads: 2 }), "a head before the commitment does not count");
    public.segments(5..9);
    public.head(2);
    assert_eq!(public.told().drawn(&secret(1)), Err(NoSample::TooEarly { heads: 1 }));
    public.head(3);
    let drawn = public.told().drawn(&secret(1)).unwrap();
    public.say("auditor", Commitment::new(&secret(1), 1, 1).unwrap().statement());
    public.head(4);
    assert_eq!(public.told().drawn(&secret(1)).unwrap(), drawn);
    assert_eq!(public.told().drawn(&secret(2)), Err(NoSample::NotCommitted));
    assert!(Commitment::new(&secret(1), 0, 1).is_none() && Commitment::new(&secret(1), 1, 0).is_none());
}

#[tokio::test]
async fn ovs_05_ovs_06_t22_a_bad_segment_in_the_sample_is_found_and_silence_is_too() {
    let world = overseen();
    let mut public = Public::new(&world);
    around(&mut public, &secret(1), 30, 1);
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("segments")).unwrap();
    for number in 10..40 {
        let (mut octets, leaf) = leaf(number);
        // Two entries in the wrong order; another that is not there.
        match number {
            20 => octets.rotate_left(32 + 2 + 80),
            21 => continue,
            _ => {}
        }
        std::fs::write(folder.path().join("segments").join(verify::spelling::hex(&leaf.epoch_hash)), octets).unwrap();
    }
    let codes = |told: &Told| told.findings().into_iter().map(|finding| (finding.grade, finding.code)).collect::<Vec<_>>();
    assert_eq!(codes(&public.told()), [(Grade::Overdue, "OVS-05")], "the auditor says nothing");
    let drawn = public.told().drawn(&secret(1)).unwrap();
    let read = sample::read(&SegmentStore::local(folder.path()).unwrap(), &drawn).await.unwrap();
    let mut found: Vec<_> = read.findings.iter().map(|finding| finding.code).collect();
    found.sort_unstable();
    assert_eq!((read.sorted.len(), found), (28, vec!["SEA-44", "SEA-63"]));
    public.say("auditor", Statement::SegmentSorted(read.sorted.clone()));
    public.say("auditor", secret(1).reveal());
    assert_eq!(codes(&public.told()), [(Grade::VerificationFailed, "OVS-06"); 2]);
    let all: BTreeSet<_> = (10..40).map(|number| leaf(number).1.digest()).collect();
    public.say("auditor", Statement::SegmentSorted(all.into_iter().collect()));
    assert_eq!(codes(&public.told()), []);
    assert_eq!(public.told().counts(), (1, 1));
}

/// The secret is worth hiding: with it and the head the sample is known.
#[test]
fn ovs_03_the_commitment_shows_nothing_of_the_secret() {
    let drawn = Secret::draw(&mut SeededEntropy::new([4; 32]));
    let text = Commitment::new(&drawn, 5, 1).unwrap().statement().to_text();
    assert!(!text.contains(&verify::spelling::hex(&drawn.0)));
    assert_ne!(drawn.commitment(), sha256(&[&drawn.0]));
    assert_ne!(drawn.commitment(), Secret::draw(&mut SeededEntropy::new([5; 32])).commitment());
}
