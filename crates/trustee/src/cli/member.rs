//! The commands around a member: make it, look at it.

use std::path::Path;

use verify::policy::{CommitteeName, MemberId};
use verify::release::Kept;

use super::args::Args;
use super::speech::Language;
use super::table::Table;
use super::{Exit, Failure, Shell, print};
use crate::audit::Audit;
use crate::comparison::moment;
use crate::disk::Folder;
use crate::documents::card::{Card, member_number, words};
use crate::kept;
use crate::state::State;

/// Makes a member.
pub fn init(args: &Args, language: Language, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let committee = args.parsed("--committee", CommitteeName::parse)?;
    let index = args.parsed("--index", member_number)?;
    let name = args.parsed("--name", words)?;
    let organisation = args.parsed("--organisation", words)?;
    let table = args.get("--table").map(Table::open).transpose()?;
    let folder = Folder::init(Path::new(args.needed("--state")?))?;
    let id = MemberId { committee, index };
    // TRU-04: the only place where a kept state begins.
    let journal = kept::empty_files(&Kept::at_ceremony(id, shell.entropy), &(shell.clock)());
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
    let kept = kept::look(state.disk())?;
    let accounts = kept.accounts().count();
    text.push_str(&match language {
        Language::English => format!("{} logs seen, {accounts} orders remembered\n", kept.heads().count()),
        Language::Dutch => format!("{} logboeken gezien, {accounts} bevelen onthouden\n", kept.heads().count()),
    });
    if let Some(why) = kept.stopped() {
        text.push_str(&format!("{}: {why}\n", language.pick("STOPPED", "GESTOPT")));
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
