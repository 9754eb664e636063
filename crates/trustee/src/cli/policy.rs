//! Pinning a policy, and the statement about the ceremony: what a member does between the ceremony and the first bundle.

use std::path::Path;

use verify::calendar::Day;
use verify::committee_record::CommitteeRecord;
use verify::log::note::{SignedNote, Signer};
use verify::names::Span;
use verify::policy::{CommitteeName, Policy};
use verify::spelling::{decimal, hex};
use verify::statement::{Ceremony, SignedStatement, Statement};

use super::args::Args;
use super::speech::Language;
use super::table::{Table, read_up_to};
use super::{Exit, Failure, Shell, print};
use crate::adopted::{self, PolicyRefusal};
use crate::audit::Audit;
use crate::ceremony::{CeremonyRefusal, spoken};
use crate::disk::Folder;
use crate::state::State;

/// A policy of some hundred directory entries is below this.
pub const POLICY_MAX: u64 = 4 << 20;

impl From<PolicyRefusal> for Failure {
    fn from(refusal: PolicyRefusal) -> Self {
        let code = refusal.code();
        let (english, dutch) = match refusal {
            PolicyRefusal::State(error) => return Failure::State(error),
            PolicyRefusal::Invalid(error) => (error.to_string(), error.to_string()),
            PolicyRefusal::OtherMember => (
                "the policy does not state this member's receipt key".to_owned(),
                "het beleid noemt de ontvangstsleutel van dit lid niet".to_owned(),
            ),
            PolicyRefusal::OtherCommittee => (
                "the policy states another committee, generation or provider than this member's newest share".to_owned(),
                "het beleid noemt een andere commissie, generatie of aanbieder dan het nieuwste deel van dit lid".to_owned(),
            ),
            PolicyRefusal::NoneAdopted => (
                "no policy was adopted: read it, then run adopt".to_owned(),
                "er is geen beleid aangenomen: lees het, en doe dan adopt".to_owned(),
            ),
            PolicyRefusal::NotAdopted => {
                ("this is not the policy that was adopted".to_owned(), "dit is niet het beleid dat is aangenomen".to_owned())
            }
        };
        Failure::Rule { code, english, dutch }
    }
}

/// Pins a policy.
pub fn adopt(args: &Args, language: Language, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let state = State::open(Folder::open(Path::new(args.needed("--state")?))?)?;
    let bytes = read_up_to(Path::new(args.needed("--policy")?), POLICY_MAX)?;
    let policy = adopted::check(&state, &bytes)?;
    let mut audit = Audit::open(state.disk())?;
    let kept = audit.kept();
    audit.append(state.disk(), (shell.clock)().wall, kept, &format!("adopted policy {}", hex(policy.hash())))?;
    adopted::pin(&state, &policy)?;
    print(shell.out, &summary(&policy, language));
    Ok(Exit::Done)
}

/// What a person must know before anything is released under this policy.
fn summary(policy: &Policy, language: Language) -> String {
    let parts = policy.parts();
    let mut text = format!("{}, {}\n", parts.name, parts.provider_name);
    if policy.is_demo() {
        text.push_str("DEMO\n");
    }
    for name in [CommitteeName::Approvers, CommitteeName::Guardians] {
        let (committee, rows) = (policy.committee(name), &policy.committee_parts(name).members);
        text.push_str(&format!("{}: {}/{}\n", name.as_str(), committee.need(), committee.of()));
        for row in rows {
            text.push_str(&format!("  {}  {}, {}\n", row.index, row.receipt_key.name().as_str(), row.organisation));
        }
    }
    for category in &parts.categories {
        let days = language.pick("days", "dagen");
        text.push_str(&format!(
            "  {} {}: {} {days}, {}\n",
            category.category.number(),
            category.slug,
            category.retention_days,
            category.legal_basis
        ));
    }
    for entry in &parts.directory {
        text.push_str(&format!("  {} {}\n", entry.role.as_str(), entry.id));
    }
    if let Some(alone) = policy.sole_holder() {
        text.push_str(&format!("P6: not independent ({alone})\n"));
    }
    text.push_str(&format!("\n    {}\n\n", spoken(policy.hash())));
    text.push_str(language.pick(
        "adopted. Read these numbers to the other members: everybody's must be the same.\n",
        "aangenomen. Lees deze getallen voor aan de andere leden: bij iedereen moeten ze gelijk zijn.\n",
    ));
    text
}

/// Signs the PUBLIC statement about the ceremony; the last member's file is complete (SEA-14).
pub fn publish(args: &Args, language: Language, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let state = State::open(Folder::open(Path::new(args.needed("--state")?))?)?;
    let table = Table::open(args.needed("--table")?)?;
    let begin = args.parsed("--period-from", moment)?;
    let end = args.parsed("--period-until", moment)?;
    let period = Span::new(begin, end).ok_or(Failure::Usage("--period-until is not after --period-from".to_owned()))?;
    let (record, _) = state.record(state.newest()?.ok_or(CeremonyRefusal::NoOldShare)?)?;
    let text = Statement::Ceremony(statement(&record, period)).to_text();
    let name = format!("statement-{}.txt", record.committee.as_str());
    let unreadable = |_| CeremonyRefusal::BadRecord;
    let mut lines = match table.read_if_there(&name)? {
        None => Vec::new(),
        Some(bytes) => {
            let laid = SignedStatement::parse(&bytes).map_err(|_| CeremonyRefusal::BadRecord)?;
            // Another text is another ceremony or period: signing it would make this member say what it has not seen.
            if laid.note().text() != text {
                return Err(CeremonyRefusal::BadRecord.into());
            }
            laid.note().signatures().to_vec()
        }
    };
    let own = &state.member().receipt_key;
    lines.retain(|line| !line.claims(own));
    let signer = Signer::new(own.name().clone(), own.kind(), state.receipt_key()?);
    lines.push(signer.sign(&text).map_err(unreadable)?);
    let count = lines.len();
    let note = SignedNote::new(text, lines).map_err(unreadable)?;
    let keys: Vec<_> = record.members.iter().map(|member| &member.receipt_key).collect();
    if note.verify_known(&keys).map_err(unreadable)?.len() != count {
        return Err(CeremonyRefusal::BadRecord.into());
    }
    table.put(&name, &note.to_bytes())?;
    let of = record.key.of;
    print(
        shell.out,
        &match language {
            Language::English => {
                format!("{name}: {count} of {of} members have signed; complete when all have. It goes to the PUBLIC log.\n")
            }
            Language::Dutch => {
                format!("{name}: {count} van {of} leden hebben getekend; volledig als allen het deden. Ze gaat naar het PUBLIC-logboek.\n")
            }
        },
    );
    Ok(Exit::Done)
}

/// What the log states of a ceremony.
fn statement(record: &CommitteeRecord, period: Span) -> Ceremony {
    Ceremony {
        committee: record.committee,
        need: record.key.need,
        of: record.key.of,
        generation: record.generation,
        period,
        polynomial: record.key.polynomial.iter().map(|point| point.to_bytes()).collect(),
        possession: record.key.pop.to_bytes(),
        transcript: record.transcript,
        members: record.members.iter().map(|member| member.receipt_key.clone()).collect(),
    }
}

/// A day (its first second, UTC) or Unix seconds.
fn moment(text: &str) -> Option<u64> {
    decimal(text).or_else(|| Some(Day::parse(text)?.start()))
}
