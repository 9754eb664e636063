//! Orders to preserve at the gateway: what the sealer has to have signed before its hold is logged (SEA-68).

use super::*;
use node::gateway::rules::Rules;
use seal::identity::ProviderId;
use verify::log::note::Signer;
use verify::record::{DraftRecord, Parent, Record, Value};
use verify::release::hold_digest;

fn scene_to_preserve() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(|| Scene::new(|plan| plan.order = Box::new(|_, terms| terms.kind = Kind::Preservation)))
}

fn outcome(rules: &Rules, parent: Parent, signer: &Signer, (expires_at, copied): (u64, u64), claimed: u64) -> HoldMade {
    let entropy = &mut SeededEntropy::new([62; 32]);
    let provider: ProviderId = rules.policy.parts().provider;
    let values = vec![
        Value::StatHash,
        Value::ReleaseSet(hold_digest(expires_at, copied)),
        Value::Kind(Kind::Outcome),
        Value::Provider(provider),
        Value::Parent(parent),
        Value::Authority(verify::names::DirectoryId::parse("nl.om").unwrap()),
    ];
    let draft = DraftRecord::draw(Record::draw(values, entropy).unwrap(), entropy);
    let signature = signer.sign_message(&draft.record.message());
    HoldMade { expires_at, copied: claimed, outcome: Octets(draft.signed(signature.to_vec()).to_bytes()) }
}

#[test]
fn gwy_21_a_hold_is_what_the_sealer_signed_for_this_order() {
    let scene = scene_to_preserve();
    let gateway = Gateway::new(Arc::clone(&scene.rules), [], []);
    let outside = Outside::new(scene, at(13, 54), |_| 0);
    let mut desk = Desk { outside, gateway, entropy: SeededEntropy::new([61; 32]), reply: None, complaints: Vec::new(), kept: Vec::new() };
    assert!(matches!(desk.request(Request::Order(scene.good.order.to_bytes())), Some(Reply::Receipt { .. })));
    let [Effect::Keep { case, order, until }] = &desk.kept[..1] else { panic!("{:?}", desk.kept) };
    assert_eq!((*case, &order.0, *until), (desk.id(), &scene.good.order.to_bytes(), at(13, 54) + 10 * 86_400));
    let validity = papers::parse_order(&scene.good.order.to_bytes()).unwrap().validity;
    let expires_at = validity.1;
    let people = &scene.good.world;
    let (provider, gateway) = (people.signer("provider"), people.signer("stranger"));
    let mut parent = Parent::new("nowhere/orders/2026", 1);
    let approve = |desk: &mut Desk, officer: &str, made: &dyn Fn(Parent) -> HoldMade, parent: &mut Parent| {
        let digest = papers::understanding(desk.case().file()).unwrap();
        let document = desk.approval(officer, Stage::BeforeKeys, &digest, desk.outside.now);
        let input = Input::Request { from: 0, request: Request::Approval { case: desk.id(), document } };
        let mut parents = Vec::new();
        desk.drive(vec![input], |_, task| {
            let Task::Hold { leaf, .. } = task else { return None };
            parents.push(papers::place(leaf));
            // Once it stands nothing new is said.
            Some(Ok(Done::Held((parents.len() == 1).then(|| made(papers::place(leaf))))))
        });
        if let Some(last) = parents.pop() {
            *parent = last;
        }
    };
    approve(&mut desk, "officer-1", &|parent| outcome(&scene.rules, parent, provider, (expires_at, 2), 2), &mut parent);
    // Another key, another number, a time beyond the order: the sealer is asked again.
    approve(&mut desk, "officer-2", &|parent| outcome(&scene.rules, parent, gateway, (expires_at, 2), 2), &mut parent);
    assert_eq!(desk.case().word(), "preserving");
    assert!(desk.complaints.last().unwrap().contains("GWY-21"), "{:?}", desk.complaints);
    let wrong: [(HoldMade, &str); 3] = [
        (outcome(&scene.rules, parent, provider, (expires_at, 2), 3), "another number"),
        (outcome(&scene.rules, parent, provider, (expires_at + 1, 2), 2), "longer than the order"),
        (outcome(&scene.rules, Parent::new("nowhere/orders/2026", 1), provider, (expires_at, 2), 2), "another order"),
    ];
    let again = |desk: &mut Desk, made: HoldMade| {
        desk.outside.now += 600;
        let mut first = Some(made);
        desk.drive(vec![Input::Wake], |_, task| matches!(task, Task::Hold { .. }).then(|| Ok(Done::Held(first.take()))));
    };
    for (made, what) in wrong {
        let complaints = desk.complaints.len();
        again(&mut desk, made);
        assert_eq!((desk.case().word(), desk.complaints.len()), ("preserving", complaints + 1), "{what}");
    }
    again(&mut desk, outcome(&scene.rules, parent, provider, (expires_at, 2), 2));
    assert_eq!(desk.case().word(), "preserved", "{:?}", desk.complaints);
    assert!(recheck::case(&scene.rules, &desk.case()).is_ok());
    let Case::Preserved(mut s) = desk.case() else { panic!() };
    s.hold.made.copied = 3;
    assert_eq!(recheck::case(&scene.rules, &Case::Preserved(s)).unwrap_err().code, "GWY-21");
}

/// The sealer refuses a paper that no member would count: the case ends, and nothing is kept.
#[test]
fn gwy_21_a_paper_that_the_sealer_refuses_ends_the_case() {
    let scene = scene_to_preserve();
    let gateway = Gateway::new(Arc::clone(&scene.rules), [], []);
    let outside = Outside::new(scene, at(13, 54), |_| 0);
    let mut desk = Desk { outside, gateway, entropy: SeededEntropy::new([61; 32]), reply: None, complaints: Vec::new(), kept: Vec::new() };
    desk.request(Request::Order(scene.good.order.to_bytes()));
    desk.approve("officer-1");
    let digest = papers::understanding(desk.case().file()).unwrap();
    let document = desk.approval("officer-2", Stage::BeforeKeys, &digest, desk.outside.now);
    let input = Input::Request { from: 0, request: Request::Approval { case: desk.id(), document } };
    desk.drive(vec![input], |_, task| {
        let refused = || Done::Stopped { code: "GWY-21".into(), text: "no order to preserve".into() };
        matches!(task, Task::Hold { .. }).then(|| Ok(refused()))
    });
    assert_eq!(desk.case().word(), "closed");
    assert!(matches!(desk.kept.last(), Some(Effect::EndHold { .. })), "{:?}", desk.kept);
}
