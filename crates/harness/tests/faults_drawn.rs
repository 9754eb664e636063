//! What the worlds of `./test` are drawn from: a kind of fault, or a time of the year, that no seed draws is tested by none.

use harness::world::Plan;
use harness::world::fault::{Attack, Audience, Fails, Forgery, Lie, Link, LogLie, Trouble, What, Which, WitnessLie};
use harness::world::season::Season;
use serde_json::Value;
use std::collections::BTreeSet;

/// As many as a step of `./test` runs.
const SEEDS: u64 = 300;

/// Every variant with its word in a file; one that is missing here does not build.
macro_rules! words { ($($kind:ident: $($variant:ident = $word:literal),*;)*) => {
    $(const _: fn(&$kind) = |value| match value { $($kind::$variant { .. } => (),)* };)*
    const WORDS: &[&str] = &[$($($word),*),*];
} }

words! {
    What: Net = "net", CrashLog = "crash-log", FailLog = "fail-log", GarbleLog = "garble-log", RestoreLog = "restore-log",
        ForgetLog = "forget-log", LieLog = "lie-log", CrashWitness = "crash-witness", CorruptWitness = "corrupt-witness",
        CrashSealer = "crash-sealer", FailSealer = "fail-sealer", KillSealer = "kill-sealer", KillGateway = "kill-gateway",
        CrashTrustee = "crash-trustee", TrusteeAway = "trustee-away", CorruptTrustee = "corrupt-trustee",
        ForgetTrustee = "forget-trustee", CorruptGateway = "corrupt-gateway";
    Link: Cosign = "cosign", SubmitOrders = "submit-orders", SubmitPublic = "submit-public", ReadOrders = "read-orders",
        ReadPublic = "read-public", Trustees = "trustees", Desk = "desk";
    Trouble: Cut = "cut", Drop = "drop", Double = "double", Delay = "delay";
    Which: Orders = "orders", Public = "public";
    Attack: Replay = "replay", Forge = "forge";
    Forgery: OtherOrder = "other-order", OtherIntent = "other-intent", OtherRequester = "other-requester", OtherHead = "other-head",
        OtherPlace = "other-place", NoStatements = "no-statements", NoAnchors = "no-anchors", Bit = "bit";
    LogLie: Fork = "fork", Rollback = "rollback", OtherEntries = "other-entries", Late = "late";
    Audience: Gateway = "gateway", Monitor = "monitor";
    WitnessLie: Cosigns = "cosigns", ClaimsMore = "claims-more", ClaimsInconsistency = "claims-inconsistency", Garbage = "garbage";
    Lie: WrongKeys = "wrong-keys", Noise = "noise", Refuses = "refuses";
    Fails: NotWritten = "not-written", WrittenAnyway = "written-anyway", Torn = "torn";
}

fn words_in(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::String(word) => drop(words.insert(word.clone())),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            words.insert(name.clone());
            words_in(value, words);
        }),
        _ => {}
    }
}

#[test]
fn every_kind_of_fault_is_drawn_by_some_seed() {
    let mut drawn = BTreeSet::new();
    for fault in (0..SEEDS).flat_map(|seed| Plan::of_seed(seed).faults) {
        words_in(&serde_json::to_value(fault).expect("a fault"), &mut drawn);
        assert!(drawn.contains(fault.what.kind()), "{} has another name in a file", fault.what.kind());
    }
    let missing: Vec<_> = WORDS.iter().filter(|word| !drawn.contains(**word)).collect();
    assert!(missing.is_empty(), "no seed below {SEEDS} draws {missing:?}");
    assert!(What::KINDS.iter().all(|kind| WORDS.contains(kind)));
}

#[test]
fn every_season_is_drawn_and_some_world_is_undisturbed() {
    let plans: Vec<Plan> = (0..SEEDS).map(Plan::of_seed).collect();
    for season in Season::ALL {
        let count = plans.iter().filter(|plan| plan.shape.season == season).count();
        assert!(30 <= count, "{count} of {SEEDS} worlds lie in {season:?}");
    }
    assert!(plans.iter().any(|plan| plan.faults.is_empty()));
    assert!(plans.iter().any(|plan| plan.shape.later));
}
