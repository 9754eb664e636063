//! TSE-28: everything right but one rule, and the refusal names it. Each test changes one thing of the good case.

mod support;

use support::*;

#[test]
fn the_good_case_is_granted() {
    let good = Plan::default().build();
    match good.judge() {
        verify::release::Judgement::Granted(_) => {}
        verify::release::Judgement::Refused(refused) => panic!("{}", refused.refusal()),
    }
}
