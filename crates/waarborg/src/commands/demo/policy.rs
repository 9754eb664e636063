//! The demo's policy.toml: a small provider, one court, one police unit, times of seconds and therefore the flag `demo`.

use super::people::{AUTHORITY, COURT, Keys, PROVIDER_ID};
use super::stage::{Program, Stage};
use crate::exit::Failure;
use verify::calendar::Day;

const TEMPLATE: &str = include_str!("policy.toml");

/// Writes policy.toml, makes `policy` from it and gives its SHA-256.
pub fn make(stage: &Stage, keys: &Keys, today: Day, traffic_source: &str) -> Result<String, Failure> {
    stage.write("policy.toml", &toml(keys, today, traffic_source)?)?;
    stage.show(Program::Waarborg, &["policy", "make", &stage.word("policy.toml"), "--out", &stage.word("policy")])
}

fn toml(keys: &Keys, today: Day, traffic_source: &str) -> Result<String, Failure> {
    let (from, until, key_until) = (days_from(today, -1)?, days_from(today, 365)?, days_from(today, 90)?);
    let mut text = TEMPLATE.to_owned();
    for (mark, value) in [
        ("provider-id", PROVIDER_ID),
        ("authority-id", AUTHORITY),
        ("court-id", COURT),
        ("engine", &keys.engine),
        ("from", &from),
        ("until", &until),
        ("key-until", &key_until),
        ("traffic-source", traffic_source),
    ] {
        text = text.replace(&format!("@{mark}@"), value);
    }
    for (role, vkey) in keys.all() {
        text = text.replace(&format!("@key:{role}@"), vkey);
    }
    Ok(text)
}

pub fn days_from(today: Day, distance: i64) -> Result<String, Failure> {
    let start = i64::try_from(today.start()).unwrap_or(0) + distance * 86_400;
    let start = u64::try_from(start).map_err(|_| Failure::unavailable("the clock is not set", "set the clock of this machine"))?;
    Ok(Day::containing(start).to_string())
}
