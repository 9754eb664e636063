//! The two key ceremonies, as eight people at a table would hold them: each member has a folder of its own, and only
//! the files on the table are shared. No process ever holds a committee's secret.

use super::people::{APPROVERS, GUARDIANS, PROVIDER_ID};
use super::stage::{Program, Stage};
use crate::exit::Failure;

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

/// Shows the command of the first member only: the others type the same.
fn first_shown(stage: &Stage, place: usize, words: &[&str]) -> Result<(), Failure> {
    if place == 0 { stage.show(Program::Trustee, words) } else { stage.quiet(Program::Trustee, words) }.map(|_| ())
}
