//! Of two failures the first of the list is the one named, for every pair of rules (release.md section 5).

use verify::release::{Clock, Judgement, judge};

use crate::support::breaks::{break_rule, plan};

const RULES: std::ops::RangeInclusive<u8> = 2..=24;

fn pairs_from(first: std::ops::RangeInclusive<u8>) {
    let mut wrong = Vec::new();
    for a in first {
        for b in a..=*RULES.end() {
            let mut case = plan();
            break_rule(a, &mut case);
            if a != b {
                break_rule(b, &mut case);
            }
            let named = case.build().verdict();
            if named != Some(a) {
                wrong.push(format!("{a} and {b}: {named:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_plan_without_a_break_is_granted() {
    assert_eq!(plan().build().verdict(), None);
}

#[test]
fn the_first_of_two_failures_is_named_rules_2_to_6() {
    pairs_from(2..=6);
}

#[test]
fn the_first_of_two_failures_is_named_rules_7_to_12() {
    pairs_from(7..=12);
}

#[test]
fn the_first_of_two_failures_is_named_rules_13_to_24() {
    pairs_from(13..=24);
}

#[test]
fn a_second_spelling_is_named_before_everything_else() {
    // Rules 1 and 2 are both met while reading; the one that stands first in the octets is named.
    for rule in 3..=*RULES.end() {
        let mut case = plan();
        break_rule(rule, &mut case);
        let good = case.build();
        let bytes = [good.bundle.to_bytes().as_slice(), b"\n"].concat();
        let outcome = judge(&bytes, &good.policy, good.member, &good.kept, Clock::Sure(good.now));
        assert!(matches!(outcome, Judgement::Refused(r) if r.refusal().rule() == 1), "{rule}");
    }
}
