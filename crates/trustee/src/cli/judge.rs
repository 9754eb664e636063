//! `judge`, and what belongs around it: heads for the gateway, taking a stop back.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use verify::bundle::Bundle;
use verify::document::Writer;
use verify::policy::Policy;
use verify::spelling::base64;

use super::args::Args;
use super::policy::POLICY_MAX;
use super::speech::Language;
use super::table::read_up_to;
use super::{Exit, Failure, Shell, print};
use crate::adopted;
use crate::comparison::{confirmation, side_by_side};
use crate::disk::Folder;
use crate::issue::{self, IssueError};
use crate::kept::{self, Journal};
use crate::state::State;

/// TRU-01: how long a second bundle waits for the first.
const PATIENCE: Duration = Duration::from_secs(10);

impl From<IssueError> for Failure {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::State(error) => Failure::State(error),
            IssueError::NoShare => Failure::Rule {
                code: "REL-27",
                english: "this member has no share: a ceremony comes first".to_owned(),
                dutch: "dit lid heeft geen deel: eerst een ceremonie".to_owned(),
            },
            IssueError::Bug(what) => Failure::Bug(what),
        }
    }
}

/// Reads a bundle, judges it, answers.
pub fn judge(args: &Args, language: Language, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let given = read_up_to(Path::new(args.needed("--policy")?), POLICY_MAX)?;
    let bundle = read_bundle(args, shell)?;
    let state = State::open(Folder::open_patiently(Path::new(args.needed("--state")?), PATIENCE)?)?;
    let policy = adopted::pinned(&state, &given)?;
    if args.has("--confirm") && !confirmed(&bundle, &policy, language, shell)? {
        let (english, dutch) = ("not confirmed; nothing was judged", "niet bevestigd; er is niets beoordeeld");
        return Err(Failure::Rule { code: "REL-34", english: english.to_owned(), dutch: dutch.to_owned() });
    }
    let reading = (shell.clock)();
    let answer = issue::answer(&state, &policy, &bundle, &reading, shell.entropy)?;
    let written = shell.out.write_all(&answer.bytes).and_then(|()| shell.out.flush());
    written.map_err(|error| Failure::Outside { what: "standard output".to_owned(), error })?;
    Ok(if answer.is_released { Exit::Done } else { Exit::Refused })
}

fn read_bundle(args: &Args, shell: &mut Shell<'_>) -> Result<Vec<u8>, Failure> {
    // One octet more than the judge takes, so that it is the judge who refuses it (REL-02) and signs that.
    let max = Bundle::LEN_MAX as u64 + 1;
    if let Some(file) = args.get("--bundle") {
        return read_up_to(Path::new(file), max);
    }
    if args.has("--confirm") {
        return Err(Failure::Usage("--confirm needs --bundle: standard input is for your answer".to_owned()));
    }
    let mut bytes = Vec::new();
    let read = shell.input.take(max).read_to_end(&mut bytes);
    read.map_err(|error| Failure::Outside { what: "standard input".to_owned(), error })?;
    Ok(bytes)
}

/// REL-34: shows order and identities side by side and takes the typed numbers of the order for a yes.
fn confirmed(bundle: &[u8], policy: &Policy, language: Language, shell: &mut Shell<'_>) -> Result<bool, Failure> {
    let Ok(parsed) = Bundle::parse(bundle) else {
        // Nothing to look at; the judge refuses it by REL-01 or REL-02 and says why.
        return Ok(true);
    };
    print(shell.err, &side_by_side(&parsed, policy, language));
    print(
        shell.err,
        language.pick(
            "\nDoes what would be opened lie wholly in what is ordered? Then type the first two numbers: ",
            "\nLigt wat geopend zou worden geheel binnen het bevel? Typ dan de eerste twee getallen: ",
        ),
    );
    let mut typed = Vec::new();
    let read = shell.input.take(64).read_to_end(&mut typed);
    read.map_err(|error| Failure::Outside { what: "standard input".to_owned(), error })?;
    Ok(String::from_utf8_lossy(&typed).trim() == confirmation(&parsed))
}

/// The stored heads: from which sizes a gateway must prove. Public.
pub fn heads(args: &Args, _: Language, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let state = State::open(Folder::look(Path::new(args.needed("--state")?))?)?;
    let kept = kept::look(state.disk())?;
    let mut writer = Writer::new("waarborg-heads/v1");
    writer.line("member", kept.member());
    for (origin, head) in kept.heads() {
        writer.line("head", format_args!("{origin} {} {}", head.size, base64(&head.root)));
    }
    print(shell.out, &String::from_utf8_lossy(&writer.finish()));
    Ok(Exit::Done)
}

/// Takes a stop back, after a person looked at the evidence (REL-06).
pub fn resume(args: &Args, language: Language, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let reason = args.parsed("--reason", crate::documents::card::words)?;
    let state = State::open(Folder::open(Path::new(args.needed("--state")?))?)?;
    let mut journal = Journal::open(state.disk(), state.member().id, (shell.clock)())?;
    let Some(why) = journal.kept().stopped().map(ToOwned::to_owned) else {
        print(shell.out, language.pick("this member has not stopped\n", "dit lid is niet gestopt\n"));
        return Ok(Exit::Done);
    };
    journal.resume(&reason)?;
    print(
        shell.out,
        &match language {
            Language::English => format!("stopped because: {why}\nresumed; the evidence stays in the folder\n"),
            Language::Dutch => format!("gestopt omdat: {why}\nhervat; het bewijs blijft in de map\n"),
        },
    );
    Ok(Exit::Done)
}
