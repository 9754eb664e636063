//! The two key ceremonies, as eight people at a table would hold them: each member has a folder of its own, and only
//! the files on the table are shared. No process ever holds a committee's secret.

use super::people::{APPROVERS, GUARDIANS, PROVIDER_ID};
use super::policy;
use super::stage::{Program, Stage};
use crate::exit::Failure;
use verify::calendar::Day;
use verify::committee_record::CommitteeRecord;

/// One committee with its threshold.
struct Committee {
    name: &'static str,
    need: &'static str,
    members: &'static [(&'static str, &'static str)],
}

const COMMITTEES: &[Committee] =
    &[Committee { name: "approvers", need: "2", members: APPROVERS }, Committee { name: "guardians", need: "3", members: GUARDIANS }];

/// Holds both ceremonies; afterwards `ceremony/committee-<name>.txt` stands on the table.
pub fn hold(stage: &Stage) -> Result<(), Failure> {
    stage.folder("ceremony")?;
    let table = stage.word("ceremony");
    for committee in COMMITTEES {
        for (place, (member, organisation)) in committee.members.iter().enumerate() {
            let (state, index) = (stage.word(member), (place + 1).to_string());
            let mut words = vec!["init", "--state", &state, "--committee", committee.name, "--index", &index];
            words.extend(["--name", member, "--organisation", organisation, "--table", &table]);
            first_shown(stage, place, &words)?;
        }
        for step in ["deal", "accept", "finish"] {
            for (place, (member, _)) in committee.members.iter().enumerate() {
                let state = stage.word(member);
                let words = ["ceremony", step, "--state", &state, "--table", &table, "--need", committee.need, "--provider", PROVIDER_ID];
                first_shown(stage, place, &words)?;
            }
        }
        let (need, of) = (committee.need, committee.members.len());
        stage.narrator.good(&match stage.narrator.is_dutch() {
            true => format!("{}: {need} van {of} zijn nodig; ieder heeft een eigen deel, niemand het geheel", committee.name),
            false => format!("{}: {need} of {of} are needed; each holds a share, nobody the whole", committee.name),
        });
    }
    Ok(())
}

/// Every member pins the policy, as a person would after reading it.
pub fn adopt(stage: &Stage) -> Result<(), Failure> {
    let policy = stage.word("policy");
    for (place, (member, _)) in APPROVERS.iter().chain(GUARDIANS).enumerate() {
        first_shown(stage, place, &["adopt", "--state", &stage.word(member), "--policy", &policy])?;
    }
    Ok(())
}

/// Every member signs the statement about its ceremony; the last one's file is complete and goes into PUBLIC (SEA-14).
pub fn publish(stage: &Stage, public_log: &str, today: Day) -> Result<(), Failure> {
    let table = stage.word("ceremony");
    let (from, until) = (policy::days_from(today, -1)?, policy::days_from(today, 90)?);
    for committee in COMMITTEES {
        for (place, (member, _)) in committee.members.iter().enumerate() {
            let state = stage.word(member);
            let words = ["ceremony", "publish", "--state", &state, "--table", &table, "--period-from", &from, "--period-until", &until];
            first_shown(stage, place, &words)?;
        }
        let statement = stage.word(&format!("ceremony/statement-{}.txt", committee.name));
        stage.show(Program::Waarborg, &["log", "publish", &statement, "--log", public_log])?;
    }
    Ok(())
}

/// The receipt keys of all members, which sign the statements above.
pub fn receipt_keys(stage: &Stage) -> Result<Vec<String>, Failure> {
    let mut keys = Vec::new();
    for committee in COMMITTEES {
        let record = stage.read(&format!("ceremony/committee-{}.txt", committee.name))?;
        let record = CommitteeRecord::parse(&record).map_err(|error| Failure::unavailable(error.to_string(), ""))?;
        keys.extend(record.members.iter().map(|member| member.receipt_key.to_string()));
    }
    Ok(keys)
}

/// Shows the command of the first member only: the others type the same.
fn first_shown(stage: &Stage, place: usize, words: &[&str]) -> Result<(), Failure> {
    if place == 0 { stage.show(Program::Trustee, words) } else { stage.quiet(Program::Trustee, words) }.map(|_| ())
}
