//! Related leaves at the gateway: the notice that members wait for, and what is refused at the door.

use super::*;
use node::cases::Digest32;
use node::cases::related::Related;
use verify::names::DirectoryId;
use verify::record::{Parent, SignedRecord};

/// A record that hangs on the order of the scene, with these further values, signed by `signer`.
fn signed(scene: &Scene, kind: Kind, parent: Parent, authority: DirectoryId, more: Vec<Value>, signer: &str) -> Vec<u8> {
    let provider = scene.rules.policy.parts().provider;
    let mut values = vec![Value::Kind(kind), Value::Provider(provider), Value::Parent(parent), Value::Authority(authority)];
    values.extend(more);
    let entropy = &mut SeededEntropy::new([53; 32]);
    let draft = DraftRecord::draw(Record::draw(values, entropy).unwrap(), entropy);
    let signature = scene.good.world.signer(signer).sign_message(&draft.record.message());
    draft.signed(signature.to_vec()).to_bytes()
}

fn authority(scene: &Scene) -> DirectoryId {
    scene.good.order.record().record().authority().unwrap().clone()
}

fn noticed(scene: &Scene) -> Vec<Value> {
    let frame = scene.good.order.record().record().order_frame().unwrap();
    vec![Value::OrderFrame(frame), Value::IdsRoot([2; 32])]
}

fn notice(scene: &Scene, parent: Parent) -> Vec<u8> {
    signed(scene, Kind::Notice, parent, authority(scene), noticed(scene), "prosecutor")
}

impl Run<'_> {
    /// The authority hands its notice in until it is logged; then the batch is taken up again.
    pub(super) fn settle(&mut self, leaf: &Logged, case: CaseId) {
        let is_logged = self.gateway.related().any(|(_, related)| matches!(related, Related::Logged { .. }));
        let document = notice(self.outside.scene, papers::place(leaf));
        self.request(if is_logged { Request::Retry { case, by: "desk".to_owned() } } else { Request::Related(document) });
    }

    /// REL-24 refused before, and the package that went out after it shows why the keys were given all the same.
    pub(super) fn notice_lifted_it(&self) {
        assert!(self.overdue, "nobody refused by REL-24");
        let leaves: Vec<_> = self.gateway.related().collect();
        let [(id, Related::Logged { document, leaf })] = &leaves[..] else { panic!("{leaves:?}") };
        assert_eq!(self.outside.logged[&id.0].0, leaf.index);
        let shown = |bytes: &Vec<u8>| {
            let package = verify::package::RawPackage::read(bytes).unwrap().check().unwrap();
            package.log().related.iter().map(|shown| shown.document.clone()).collect::<Vec<_>>()
        };
        let mut shown: Vec<_> = self.outside.outbox.values().map(shown).collect();
        shown.sort();
        assert_eq!(shown, [vec![], vec![document.0.clone()]]);
    }
}

/// A gateway with the order of the scene in its log.
fn with_order(scene: &Scene) -> (Run<'_>, Parent, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut run = Run::new(scene, Story::Past, Kill::Never, folder.path());
    run.request(Request::Order(scene.good.order.to_bytes()));
    run.settled();
    let parent = papers::place(papers::order_leaf(run.case().unwrap()).unwrap());
    (run, parent, folder)
}

impl Run<'_> {
    fn settled(&mut self) {
        while let Some(input) = self.inputs.pop_front() {
            self.input(input);
        }
    }

    fn hand_in(&mut self, document: Vec<u8>) -> Reply {
        self.request(Request::Related(document));
        self.settled();
        self.replies.last().unwrap().clone()
    }
}

fn code(reply: Reply) -> String {
    match reply {
        Reply::Refused { code, .. } => code,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn case_14_another_kind_is_no_related_leaf() {
    let scene = scene(Story::Past);
    let (mut run, parent, _folder) = with_order(&scene);
    let court = Value::Court(scene.good.order.record().record().court().unwrap().clone());
    let withdrawal = signed(&scene, Kind::Withdrawal, parent, authority(&scene), vec![court], "court");
    assert_eq!(code(run.hand_in(withdrawal)), "CASE-14");
    assert_eq!(code(run.hand_in(b"nothing".to_vec())), "CASE-14");
    assert_eq!(run.gateway.related().count(), 0);
}

#[test]
fn case_15_a_related_leaf_hangs_on_a_known_order_of_its_authority() {
    let scene = scene(Story::Past);
    let (mut run, parent, _folder) = with_order(&scene);
    let elsewhere = Parent::new("nowhere/orders/2026", 1);
    assert_eq!(code(run.hand_in(notice(&scene, elsewhere))), "CASE-15");
    let police = DirectoryId::parse("nl.politie").unwrap();
    let of_another = signed(&scene, Kind::Notice, parent, police, noticed(&scene), "police");
    assert_eq!(code(run.hand_in(of_another)), "CASE-15");
    assert_eq!(run.gateway.related().count(), 0);
}

#[test]
fn log_43_a_related_leaf_is_signed_by_who_signs_its_kind() {
    let scene = scene(Story::Past);
    let (mut run, parent, _folder) = with_order(&scene);
    let by_the_court = signed(&scene, Kind::Notice, parent, authority(&scene), noticed(&scene), "court");
    assert_eq!(code(run.hand_in(by_the_court)), "LOG-43");
    let court = Value::Court(scene.good.order.record().record().court().unwrap().clone());
    let by_the_prosecutor = signed(&scene, Kind::Confirmation, parent, authority(&scene), vec![court.clone()], "prosecutor");
    assert_eq!(code(run.hand_in(by_the_prosecutor)), "LOG-43");
    assert_eq!(run.gateway.related().count(), 0);
    let confirmation = signed(&scene, Kind::Confirmation, parent, authority(&scene), vec![court], "court");
    assert!(matches!(run.hand_in(confirmation), Reply::Receipt { .. }));
}

#[test]
fn r7_a_related_leaf_handed_in_twice_is_logged_once() {
    let scene = scene(Story::Past);
    let (mut run, parent, _folder) = with_order(&scene);
    let (case, document) = (run.case().unwrap().file().id, notice(&scene, parent));
    assert_eq!(run.hand_in(document.clone()), Reply::Receipt { case, number: 1, state: "submitted" });
    let leaves = run.outside.logged.len();
    assert_eq!(run.hand_in(document.clone()), Reply::Receipt { case, number: 1, state: "logged" });
    assert_eq!(run.outside.logged.len(), leaves);
    let id = Digest32(SignedRecord::parse(&document).unwrap().d());
    // CASE-20: what was stored under another name does not start.
    let (_, related) = run.gateway.related().next().unwrap();
    assert!(node::gateway::recheck::related(&scene.rules, &id, related).is_ok());
    assert_eq!(node::gateway::recheck::related(&scene.rules, &Digest32([1; 32]), related).unwrap_err().code, "CASE-20");
}

#[test]
fn case_18_what_members_would_not_count_is_not_logged() {
    let scene = scene(Story::Past);
    let (mut run, parent, _folder) = with_order(&scene);
    let order = scene.good.order.record().record();
    let of_another = vec![Value::OrderFrame([1; 32]), Value::IdsRoot([2; 32])];
    assert_eq!(code(run.hand_in(signed(&scene, Kind::Notice, parent, authority(&scene), of_another, "prosecutor"))), "CASE-18");
    let extended = |days: u64| {
        let due = order.notice_due().unwrap() + days * 86_400;
        let more = vec![Value::Court(order.court().unwrap().clone()), Value::NoticeDue(due), Value::SealUntil(due)];
        signed(&scene, Kind::Extension, parent, authority(&scene), more, "court")
    };
    assert_eq!(code(run.hand_in(extended(9_000))), "CASE-18", "past the longest total time");
    assert_eq!(run.gateway.related().count(), 0);
    assert!(matches!(run.hand_in(extended(30)), Reply::Receipt { .. }));
    assert!(matches!(run.hand_in(notice(&scene, parent)), Reply::Receipt { .. }));
    // NOT-12: an order whose notice is due in a later quarter.
    let scene = scene_with(Story::Past, |terms| terms.notice_due = DAY_ZERO + 90 * 86_400);
    let (mut run, parent, _folder) = with_order(&scene);
    assert_eq!(code(run.hand_in(notice(&scene, parent))), "CASE-18");
}

#[test]
fn r7_the_same_order_under_another_r_is_the_same_case() {
    let scene = scene(Story::Past);
    let (mut run, _, _folder) = with_order(&scene);
    let (case, leaves) = (run.case().unwrap().file().id, run.outside.logged.len());
    // r is signed by nobody: whoever has the signed order can write another, and it would be another leaf.
    let text = String::from_utf8(scene.good.order.to_bytes()).unwrap();
    let r = text.lines().find(|line| line.starts_with("r ")).unwrap();
    let again = text.replacen(r, &format!("r {}", verify::spelling::base64(&[7; 32])), 1);
    assert_ne!(papers::order_id(again.as_bytes()).unwrap(), case);
    run.request(Request::Order(again.into_bytes()));
    run.settled();
    assert!(matches!(run.replies.last().unwrap(), Reply::Receipt { case: same, .. } if *same == case));
    assert_eq!((run.gateway.cases().count(), run.outside.logged.len()), (1, leaves));
}
