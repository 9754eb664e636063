//! The end of a key: a member destroys its shares and says so in public (SEA-49).

use std::path::Path;

use verify::log::note::Signer;
use verify::spelling::{from_hex_exact, hex};
use verify::statement::{ShareDeletion, SignedStatement, Statement};

use super::args::Args;
use super::policy::POLICY_MAX;
use super::speech::Language;
use super::table::{Table, read_up_to};
use super::{Exit, Failure, Shell, print};
use crate::adopted;
use crate::audit::Audit;
use crate::disk::Folder;
use crate::state::State;

/// Destroys every generation. From n - t + 1 members on, the key is dead for everybody.
///
/// May be repeated after an interruption: the statement is signed only when no share is left.
pub fn destroy(args: &Args, language: Language, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let given = read_up_to(Path::new(args.needed("--policy")?), POLICY_MAX)?;
    let typed = args.parsed("--key", from_hex_exact::<32>)?;
    let table = Table::open(args.needed("--table")?)?;
    let state = State::open(Folder::open(Path::new(args.needed("--state")?))?)?;
    let policy = adopted::pinned(&state, &given)?;
    let (key_id, period, now) = (policy.key_id().0, policy.parts().key.period, (shell.clock)().wall);
    if typed != key_id {
        let (english, dutch) = ("that is another key than the policy's", "dat is een andere sleutel dan die van het beleid");
        return Err(Failure::Rule { code: "SEA-49", english: english.to_owned(), dutch: dutch.to_owned() });
    }
    // Earlier it would shred, for everybody, hours that are still kept, and holds that still stand (SEA-68).
    if now < policy.key_ends() {
        let english = "the period of this key and the longest retention after it have not ended";
        let dutch = "de periode van deze sleutel en de langste bewaartermijn erna zijn niet voorbij";
        return Err(Failure::Rule { code: "SEA-49", english: english.to_owned(), dutch: dutch.to_owned() });
    }
    let mut audit = Audit::open(state.disk())?;
    let kept = audit.kept();
    audit.append(state.disk(), now, kept, &format!("destroying all shares of key {}", hex(&key_id)))?;
    let generation = state.newest()?.map_or(0, |newest| newest.saturating_add(1));
    let count = state.erase_shares_before(generation)?;
    let id = state.member().id;
    let said = ShareDeletion { key_id, committee: id.committee, index: id.index, period };
    let own = &state.member().receipt_key;
    let signer = Signer::new(own.name().clone(), own.kind(), state.receipt_key()?);
    let statement = SignedStatement::sign(Statement::ShareDeletion(said), &[&signer]);
    let statement = statement.map_err(|_| Failure::Bug("the statement about a destroyed share cannot be written"))?;
    let name = format!("share-deletion-{}-{}.txt", id.committee.as_str(), id.index);
    table.lay(&name, &statement.to_bytes())?;
    print(
        shell.out,
        &match language {
            Language::English => format!("{count} shares destroyed. {name} goes to the PUBLIC log; then erase the disk.\n"),
            Language::Dutch => format!("{count} delen vernietigd. {name} gaat naar het PUBLIC-logboek; wis daarna de schijf.\n"),
        },
    );
    Ok(Exit::Done)
}
