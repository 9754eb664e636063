//! Who gets a copy is decided by the members of that moment, compared with a slow oracle.

use std::collections::BTreeSet;

use proptest::prelude::*;
use sources::synapse::rows::*;

use super::records::*;

#[test]
fn members_come_and_go_and_each_message_has_those_of_its_moment() {
    const CAROL: &str = "@carol:waarborg.test";
    let memberships =
        vec![change(1, ALICE, true), change(3, BOB, true), change(5, BOB, false), change(5, CAROL, true), change(7, BOB, true)];
    let events = [2, 4, 6, 8].map(|at| message(at, ALICE)).to_vec();
    let made = made(&answer(events, memberships));
    let sent: Vec<Vec<String>> = copies(&made).into_iter().filter(|c| c.1 == "sent").map(|c| c.2).collect();
    assert_eq!(sent, [vec![], vec![BOB.to_owned()], vec![CAROL.to_owned()], vec![BOB.to_owned(), CAROL.to_owned()]]);
}

#[test]
fn a_member_of_another_room_or_server_gets_no_copy() {
    let mut elsewhere = change(1, BOB, true);
    elsewhere.room_id = "!other:waarborg.test".into();
    let memberships = vec![change(1, ALICE, true), elsewhere, change(2, "@eve:elsewhere.test", true)];
    let made = made(&answer(vec![message(3, ALICE)], memberships));
    assert_eq!(copies(&made), [(format!("account:{ALICE}"), "sent", vec!["@eve:elsewhere.test".to_owned()])]);
}

#[test]
fn a_foreign_sender_has_no_copy_and_a_look_alike_server_is_foreign() {
    for foreign in ["@eve:elsewhere.test", "@eve:xwaarborg.test", "@eve:waarborg.test:8448", "@eve:waarborg.test.evil"] {
        let memberships = vec![change(1, foreign, true), change(2, BOB, true)];
        let made = made(&answer(vec![message(3, foreign)], memberships));
        assert_eq!(copies(&made), [(format!("account:{BOB}"), "received", vec![BOB.to_owned()])], "{foreign}");
    }
}

#[test]
fn a_large_group_is_cut_into_parts_and_nobody_is_left_out() {
    let names: Vec<String> = (0..1_000).map(|n| format!("@{n:0200}:waarborg.test")).collect();
    let mut memberships: Vec<MembershipRow> = names.iter().map(|name| change(1, name, true)).collect();
    memberships.push(change(1, ALICE, true));
    let made = made(&answer(vec![message(3, ALICE)], memberships));
    assert!(made.refused.is_empty());
    let sent: Vec<_> = made.records.iter().map(|i| traffic(&i.record)).filter(|t| t.parts.is_some()).collect();
    let named: BTreeSet<String> = sent.iter().flat_map(|t| t.recipients.iter().flatten()).map(|p| p.value.clone()).collect();
    assert_eq!(named.len(), 1_000);
    assert!(sent.iter().all(|t| t.recipients_total == Some(1_000) && t.parts == Some(sent.len() as u64)));
    let numbers: Vec<u64> = sent.iter().filter_map(|t| t.part).collect();
    assert_eq!(numbers, (1..=sent.len() as u64).collect::<Vec<_>>());
    assert_eq!(made.records.len(), sent.len() + 1_000);
}

proptest! {
    /// T12: the copies are exactly those that a replay of the whole history, written in the plainest way, gives.
    #[test]
    fn t12_copies_equal_the_oracle(
        changes in prop::collection::vec((1i64..40, 0usize..5, any::<bool>()), 0..60),
        messages in prop::collection::btree_set(1i64..40, 1..10),
        sender in 0usize..5,
    ) {
        let user = |n: usize| format!("@user{n}:waarborg.test");
        let memberships: Vec<MembershipRow> =
            changes.iter().map(|(at, who, joined)| change(*at, &user(*who), *joined)).collect();
        let events: Vec<EventRow> = messages.iter().map(|at| message(*at, &user(sender))).collect();
        let made = made(&answer(events, memberships));
        let mut expected = Vec::new();
        for at in &messages {
            let mut members = BTreeSet::new();
            let mut before: Vec<_> = changes.iter().filter(|(when, ..)| when <= at).collect();
            before.sort_by_key(|(when, ..)| *when);
            for (_, who, joined) in before {
                if *joined { members.insert(user(*who)); } else { members.remove(&user(*who)); }
            }
            members.remove(&user(sender));
            expected.push((format!("account:{}", user(sender)), "sent", members.iter().cloned().collect::<Vec<_>>()));
            expected.extend(members.into_iter().map(|m| (format!("account:{m}"), "received", vec![m])));
        }
        prop_assert_eq!(copies(&made), expected);
    }
}
