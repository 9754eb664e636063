//! The story, step by step.

use super::narrator::Narrator;
use super::stage::Stage;
use super::{Args, ceremony, house, people, policy};
use crate::Global;
use crate::exit::{Failure, Outcome};
use std::time::{SystemTime, UNIX_EPOCH};
use verify::calendar::Day;

pub fn tell(args: &Args, global: Global) -> Outcome {
    let narrator = Narrator::new(global.lang);
    let mut stage = Stage::set(&args.dir, args.fresh, narrator)?;
    let now = unix_now()?;
    let today = Day::containing(now);
    let year = today.civil().0;

    stage.narrator.step("Everybody makes keys", "Iedereen maakt sleutels");
    stage.narrator.say(
        "Court, police, provider, two officers, two logs, four witnesses: each in a folder of its own.",
        "Rechtbank, politie, aanbieder, twee functionarissen, twee logboeken, vier getuigen: elk in een eigen map.",
    );
    let keys = people::make_keys(&stage, year)?;
    house::write_log_policies(&stage, &keys)?;

    stage.narrator.step("Two key ceremonies", "Twee sleutelceremonies");
    stage.narrator.say(
        "Three approvers and five guardians each make a share. A key to records needs two of the three AND three of the five.",
        "Drie goedkeurders en vijf hoeders maken elk een deel. Een sleutel vraagt er twee van de drie EN drie van de vijf.",
    );
    ceremony::hold(&stage)?;

    stage.narrator.step("The policy, pinned by everyone", "Het beleid, door iedereen vastgelegd");
    let hash = policy::make(&stage, &keys, today)?;
    stage.narrator.good(&format!("SHA-256 {hash}"));
    ceremony::adopt(&stage)?;

    stage.narrator.step("Witnesses and logs start", "Getuigen en logboeken starten");
    let ports = house::Ports::draw()?;
    house::start_logs(&mut stage, &keys, &ports, year, now)?;
    Ok(())
}

fn unix_now() -> Result<u64, Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map(|elapsed| elapsed.as_secs()).map_err(|_| Failure::unavailable("the clock is not set", "set the clock of this machine"))
}
