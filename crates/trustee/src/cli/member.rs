//! The commands around a member: make it, look at it.

use std::path::Path;

use verify::calendar::Day;
use verify::policy::{CommitteeName, MemberId};

use super::args::Args;
use super::speech::Language;
use super::table::Table;
use super::{Exit, Failure, Shell, print};
use crate::audit::Audit;
use crate::disk::{Disk, Folder};
use crate::documents::card::{Card, member_number, words};
use crate::state::{State, StateError};

/// Makes a member.
pub fn init(args: &Args, language: Language, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let committee = args.parsed("--committee", CommitteeName::parse)?;
    let index = args.parsed("--index", member_number)?;
    let name = args.parsed("--name", words)?;
    let organisation = args.parsed("--organisation", words)?;
    let table = args.get("--table").map(Table::open).transpose()?;
    let folder = Folder::init(Path::new(args.needed("--state")?))?;
    let id = MemberId { committee, index };
    let journal = [(crate::audit::FILE, crate::audit::empty()), (SEEN, (shell.clock)().to_bytes())];
    let state = State::init(folder, id, &name, &organisation, &journal, shell.entropy)?;
    let card = state.card()?;
    if let Some(table) = table {
        table.lay(&Card::file_name(id), &card)?;
    }
    print(shell.out, &String::from_utf8_lossy(&card));
    print(
        shell.err,
        language.pick(
            "next: lay this card on the table, show who you are, and run: ceremony deal\n",
            "verder: leg deze kaart op tafel, laat zien wie u bent, en doe: ceremony deal\n",
        ),
    );
    Ok(Exit::Done)
}

/// The file of the last time that was kept.
pub const SEEN: &str = "seen";

/// What people may see of a member.
pub fn show(args: &Args, language: Language, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let state = State::open(Folder::look(Path::new(args.needed("--state")?))?)?;
    let member = state.member();
    let mut text = format!("{}\n{}, {}\n{}\n", member.id, member.name, member.organisation, member.receipt_key);
    match state.newest()? {
        None => text.push_str(language.pick("no share yet: a ceremony comes first\n", "nog geen deel: eerst een ceremonie\n")),
        Some(generation) => {
            let (record, committee) = state.record(generation)?;
            state.share(generation, &committee)?;
            text.push_str(&match language {
                Language::English => {
                    format!("share of generation {generation}, {} of {}, checked against its record\n", record.key.need, record.key.of)
                }
                Language::Dutch => {
                    format!("deel van generatie {generation}, {} van {}, gecontroleerd tegen het verslag\n", record.key.need, record.key.of)
                }
            });
        }
    }
    if state.box_key()?.is_some() {
        text.push_str(language.pick("a ceremony is open: there is a box key\n", "er loopt een ceremonie: er is een kistsleutel\n"));
    }
    print(shell.out, &text);
    Ok(Exit::Done)
}

/// The own log.
pub fn audit(args: &Args, _: Language, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let state = State::open(Folder::look(Path::new(args.needed("--state")?))?)?;
    let audit = Audit::open(state.disk())?;
    for entry in audit.entries() {
        print(shell.out, &format!("{:>6}  {}  {}\n", entry.number, moment(entry.time), entry.text));
    }
    Ok(Exit::Done)
}

/// A time as people read it, UTC.
pub fn moment(unix: u64) -> String {
    let second = unix % 86_400;
    format!("{} {:02}:{:02}:{:02}", Day::containing(unix), second / 3600, second / 60 % 60, second % 60)
}

/// The member's state for commands that need the journal too.
pub fn seen(disk: &impl Disk) -> Result<crate::clock::Reading, StateError> {
    let bytes = disk.read(SEEN)?.ok_or(StateError::Missing { file: SEEN.to_owned() })?;
    crate::clock::Reading::parse(&bytes).map_err(|_| StateError::Damaged { file: SEEN.to_owned() })
}
