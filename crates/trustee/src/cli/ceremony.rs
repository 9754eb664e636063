//! The commands of a ceremony. Each does one step, and says what the people at the table do next.

use std::collections::BTreeSet;
use std::path::Path;

use seal::hpke;
use verify::committee_record::CommitteeRecord;
use verify::policy::CommitteeName;
use verify::spelling::{decimal, from_hex_exact, hex};

use super::args::Args;
use super::speech::Language;
use super::table::{Table, read_file};
use super::{Exit, Failure, Shell, print};
use crate::audit::Audit;
use crate::ceremony::{Ceremony, CeremonyRefusal, Dealings, Guilty, makes_new_key, spoken};
use crate::disk::Folder;
use crate::documents::acceptance::Acceptance;
use crate::documents::card::{Card, member_number};
use crate::documents::complaint::Complaint;
use crate::documents::dealing::DealingFile;
use crate::documents::terms::CeremonyTerms;
use crate::signing::file_hash;
use crate::state::{Laid, State};

/// A member at the table.
struct Seat {
    state: State<Folder>,
    table: Table,
    ceremony: Ceremony,
    committee: CommitteeName,
}

fn open_state(args: &Args) -> Result<State<Folder>, Failure> {
    Ok(State::open(Folder::open(Path::new(args.needed("--state")?))?)?)
}

/// Cards and options to a ceremony. `new_member`: also checks that the own card lies on the table (CER-04).
fn ceremony_of(args: &Args, table: &Table, committee: CommitteeName) -> Result<Ceremony, Failure> {
    let need = args.parsed("--need", |text| decimal(text).and_then(|n| u8::try_from(n).ok()))?;
    let provider = args.parsed("--provider", from_hex_exact::<16>)?;
    let from = match args.get("--from") {
        None => None,
        Some(file) => {
            let bytes = read_file(Path::new(file))?;
            Some(CommitteeRecord::parse(&bytes).map_err(|_| CeremonyRefusal::BadRecord)?)
        }
    };
    ceremony_on(table, committee, need, provider, from)
}

fn ceremony_on(
    table: &Table,
    committee: CommitteeName,
    need: u8,
    provider: [u8; 16],
    from: Option<CommitteeRecord>,
) -> Result<Ceremony, Failure> {
    let cards = table.cards(committee)?;
    let terms = CeremonyTerms::new(cards, need, provider, from).map_err(CeremonyRefusal::Terms)?;
    Ok(Ceremony::new(terms)?)
}

fn sit_down(args: &Args) -> Result<Seat, Failure> {
    let state = open_state(args)?;
    let table = Table::open(args.needed("--table")?)?;
    let committee = state.member().id.committee;
    let ceremony = ceremony_of(args, &table, committee)?;
    Ok(Seat { state, table, ceremony, committee })
}

fn absent(args: &Args) -> Result<BTreeSet<u8>, Failure> {
    let number = |text: &String| member_number(text).ok_or(Failure::Usage(format!("--absent {text} is no member's number")));
    args.all("--absent").iter().map(number).collect()
}

impl Seat {
    fn number(&self) -> u8 {
        self.state.member().id.index
    }

    /// CER-04: the card under this member's number is the one that it made, to the octet.
    fn own_card_lies_there(&self) -> Result<(), Failure> {
        let member = self.number();
        let own = file_hash(&self.state.card()?);
        match self.ceremony.terms().cards.get(&member) {
            Some(read) if read.hash == own => Ok(()),
            _ => Err(CeremonyRefusal::WrongCard { member }.into()),
        }
    }

    /// The box key of the own card. After an interrupted `ceremony card` the two may differ; going on would blame honest dealers.
    fn box_key(&self) -> Result<hpke::PrivateKey, Failure> {
        let box_key = self.state.box_key()?.ok_or(CeremonyRefusal::NoBoxKey)?;
        let on_card = self.ceremony.terms().cards.get(&self.number()).map(|read| read.card.box_key);
        match box_key.public_key() {
            Ok(public) if Some(public) == on_card => Ok(box_key),
            _ => Err(CeremonyRefusal::NoBoxKey.into()),
        }
    }

    fn dealings(&self, absent: &BTreeSet<u8>) -> Result<Dealings, Failure> {
        let files = self.table.files("dealing", self.committee)?;
        Ok(self.ceremony.dealings(&files, absent)?)
    }

    /// The dealers that an acceptance of this member leaves out. In a reshare dealers are old members and those who accept are
    /// new ones, so at the end `--absent` speaks of the latter only.
    fn left_out_by(&self, acceptance: &[u8]) -> Result<BTreeSet<u8>, Failure> {
        let member = self.number();
        let own = Acceptance::parse_signed(acceptance, self.state.member().receipt_key.key())
            .map_err(|error| CeremonyRefusal::NotByItsMaker { member, error })?;
        let possible = self.ceremony.possible_dealers().into_iter();
        Ok(possible.filter(|dealer| !own.dealings.contains_key(dealer)).collect())
    }

    fn note(&self, shell: &Shell<'_>, text: &str) -> Result<(), Failure> {
        let mut audit = Audit::open(self.state.disk())?;
        let kept = audit.kept();
        Ok(audit.append(self.state.disk(), (shell.clock)().wall, kept, text)?)
    }
}

/// Round 1.
pub fn deal(args: &Args, language: Language, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let seat = sit_down(args)?;
    let context = *seat.ceremony.terms().terms.context();
    let bytes = match seat.state.laid(Laid::Dealing)? {
        // CER-10: after an interruption the same dealing is laid down again, never a second one.
        Some(bytes) => {
            let key = *seat.state.member().receipt_key.key();
            let laid = DealingFile::parse_signed(&bytes, &key).map_err(|_| CeremonyRefusal::DealtOtherwise)?;
            if laid.ceremony != context {
                return Err(CeremonyRefusal::DealtOtherwise.into());
            }
            bytes
        }
        None => {
            let bytes = make_dealing(&seat, shell)?;
            seat.state.lay(Laid::Dealing, &bytes)?;
            seat.note(shell, &format!("dealt ceremony {}", hex(&context)))?;
            bytes
        }
    };
    let name = DealingFile::file_name(seat.committee.as_str(), seat.number());
    seat.table.lay(&name, &bytes)?;
    print(
        shell.out,
        &match language {
            Language::English => format!("{name} lies on the table.\nnext: when all have dealt, each member runs: ceremony accept\n"),
            Language::Dutch => format!("{name} ligt op tafel.\nverder: als allen verdeeld hebben, doet elk lid: ceremony accept\n"),
        },
    );
    Ok(Exit::Done)
}

fn make_dealing(seat: &Seat, shell: &mut Shell<'_>) -> Result<Vec<u8>, Failure> {
    let key = seat.state.receipt_key()?;
    let Some(from) = &seat.ceremony.terms().from else {
        seat.own_card_lies_there()?;
        return Ok(seat.ceremony.deal(seat.number(), &key, shell.entropy)?);
    };
    // CER-15: only the newest generation is dealt again; an older one would bring retired shares back to life.
    if seat.state.newest()? != Some(from.generation) {
        return Err(CeremonyRefusal::NoOldShare.into());
    }
    let (own, committee) = seat.state.record(from.generation)?;
    if own.to_bytes() != from.to_bytes() {
        return Err(CeremonyRefusal::NoOldShare.into());
    }
    let share = seat.state.share(from.generation, &committee)?;
    Ok(seat.ceremony.deal_again(&share, &key, shell.entropy)?)
}

/// Round 2.
pub fn accept(args: &Args, language: Language, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let seat = sit_down(args)?;
    seat.own_card_lies_there()?;
    seat.ceremony.not_void(&seat.table.complaints()?)?;
    let box_key = seat.box_key()?;
    let dealings = seat.dealings(&absent(args)?)?;
    let key = seat.state.receipt_key()?;
    let bytes = seat.ceremony.accept(seat.number(), &key, &box_key, &dealings)?;
    match seat.state.laid(Laid::Acceptance)? {
        // Ed25519 repeats itself, so the same dealings give the same octets (CER-10).
        Some(before) if before == bytes => {}
        Some(_) => return Err(CeremonyRefusal::AcceptedOtherwise.into()),
        None => {
            seat.state.lay(Laid::Acceptance, &bytes)?;
            seat.note(shell, &format!("accepted transcript {}", hex(dealings.transcript())))?;
        }
    }
    let name = Acceptance::file_name(seat.committee.as_str(), seat.number());
    seat.table.lay(&name, &bytes)?;
    let code = spoken(dealings.transcript());
    print(
        shell.out,
        &match language {
            Language::English => format!(
                "{name} lies on the table.\n\n    {code}\n\n\
                 next: read these numbers aloud. Everybody's must be the same, digit for digit; if not, stop.\n\
                 Then, when all have accepted, each member runs: ceremony finish\n"
            ),
            Language::Dutch => format!(
                "{name} ligt op tafel.\n\n    {code}\n\n\
                 verder: lees deze getallen hardop voor. Bij iedereen moet elk cijfer gelijk zijn; zo niet, stop.\n\
                 Daarna, als allen aanvaard hebben, doet elk lid: ceremony finish\n"
            ),
        },
    );
    Ok(Exit::Done)
}

/// What anybody at the table can see.
pub fn show(args: &Args, language: Language, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let table = Table::open(args.needed("--table")?)?;
    let committee = args.parsed("--committee", CommitteeName::parse)?;
    let ceremony = ceremony_of(args, &table, committee)?;
    let terms = ceremony.terms();
    let (need, of) = (terms.terms.need(), terms.terms.of());
    let mut text = match language {
        Language::English => format!("{}: {need} of {of} must act together\n", committee.as_str()),
        Language::Dutch => format!("{}: {need} van {of} moeten samen handelen\n", committee.as_str()),
    };
    text.push_str(match (makes_new_key(&ceremony), language) {
        (true, Language::English) => "a new key is made\n",
        (true, Language::Dutch) => "er wordt een nieuwe sleutel gemaakt\n",
        (false, Language::English) => "the same key is dealt again; records stay as they are sealed\n",
        (false, Language::Dutch) => "dezelfde sleutel wordt opnieuw verdeeld; gegevens blijven verzegeld zoals ze zijn\n",
    });
    for (number, read) in &terms.cards {
        text.push_str(&format!("  {number}  {}, {}\n", read.card.name, read.card.organisation));
    }
    let absent = absent(args)?;
    let dealings = ceremony.dealings(&table.files("dealing", committee)?, &absent)?;
    let dealers: Vec<String> = dealings.dealers().map(|dealer| dealer.to_string()).collect();
    text.push_str(&format!(
        "{} {}\n\n    {}\n",
        language.pick("dealt by", "verdeeld door"),
        dealers.join(", "),
        spoken(dealings.transcript())
    ));
    print(shell.out, &text);
    Ok(Exit::Done)
}

/// The end.
pub fn finish(args: &Args, language: Language, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let seat = sit_down(args)?;
    seat.own_card_lies_there()?;
    seat.ceremony.not_void(&seat.table.complaints()?)?;
    let absent = absent(args)?;
    let accepted = seat.table.files("acceptance", seat.committee)?;
    let own = seat.state.laid(Laid::Acceptance)?.ok_or(CeremonyRefusal::AcceptanceMissing { member: seat.number() })?;
    if accepted.get(&seat.number()) != Some(&own) {
        return Err(CeremonyRefusal::AcceptedOtherwise.into());
    }
    let dealings = seat.dealings(&seat.left_out_by(&own)?)?;
    let (committee, record) = seat.ceremony.outcome(&dealings, &accepted, &absent)?;
    let box_key = seat.box_key()?;
    let share = seat.ceremony.finished_share(seat.number(), &box_key, &dealings, &committee)?;
    let bytes = record.to_bytes();
    let name = format!("committee-{}.txt", seat.committee.as_str());
    // Before the box key goes: a stick that is full must not cost the ceremony.
    seat.table.lay(&name, &bytes)?;
    seat.note(shell, &format!("finished generation {} record {}", record.generation, hex(&file_hash(&bytes))))?;
    seat.state.store_share(&record, &share)?;
    print(
        shell.out,
        &match language {
            Language::English => format!(
                "{name} lies on the table, the same for everybody. The share is stored; the box key is erased.\n\n    {}\n\n\
                 next: the record goes into the policy document. Take the stick out; nothing on it is secret.\n",
                spoken(&file_hash(&bytes))
            ),
            Language::Dutch => format!(
                "{name} ligt op tafel, voor iedereen gelijk. Het deel is bewaard; de kistsleutel is gewist.\n\n    {}\n\n\
                 verder: het verslag gaat in het beleidsdocument. Neem de stick eruit; er staat niets geheims op.\n",
                spoken(&file_hash(&bytes))
            ),
        },
    );
    Ok(Exit::Done)
}

/// A complaint.
pub fn complain(args: &Args, language: Language, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let seat = sit_down(args)?;
    seat.own_card_lies_there()?;
    let dealer = args.parsed("--against", member_number)?;
    let box_key = seat.box_key()?;
    let dealing = seat.table.read(&DealingFile::file_name(seat.committee.as_str(), dealer))?;
    let complaint = seat.ceremony.complain(seat.number(), dealer, &seat.state.receipt_key()?, &box_key, &dealing)?;
    seat.note(shell, &format!("complained of dealer {dealer} in ceremony {}", hex(seat.ceremony.terms().terms.context())))?;
    let name = Complaint::file_name(seat.committee.as_str(), seat.number(), dealer);
    seat.table.lay(&name, &complaint)?;
    print(
        shell.out,
        &match language {
            Language::English => format!(
                "{name} lies on the table. This ceremony is void.\n\
                 next: anybody judges it with: ceremony hear. Then everybody makes a new card (ceremony card) and you start again\n\
                 without whoever cheated.\n"
            ),
            Language::Dutch => format!(
                "{name} ligt op tafel. Deze ceremonie is nietig.\n\
                 verder: iedereen beoordeelt haar met: ceremony hear. Daarna maakt ieder een nieuwe kaart (ceremony card) en\n\
                 begint u opnieuw, zonder wie bedroog.\n"
            ),
        },
    );
    Ok(Exit::Done)
}

/// Judges a complaint.
pub fn hear(args: &Args, language: Language, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let table = Table::open(args.needed("--table")?)?;
    let committee = args.parsed("--committee", CommitteeName::parse)?;
    let ceremony = ceremony_of(args, &table, committee)?;
    let member = args.parsed("--member", member_number)?;
    let dealer = args.parsed("--against", member_number)?;
    let complaint = table.read(&Complaint::file_name(committee.as_str(), member, dealer))?;
    let dealing = table.read(&DealingFile::file_name(committee.as_str(), dealer))?;
    let text = match (ceremony.judge_complaint(member, &complaint, &dealing)?, language) {
        (Guilty::Dealer { dealer }, Language::English) => format!("the complaint is right: dealer {dealer} dealt wrongly\n"),
        (Guilty::Dealer { dealer }, Language::Dutch) => format!("de klacht is terecht: deler {dealer} verdeelde verkeerd\n"),
        (Guilty::Complainer { member }, Language::English) => format!("the complaint is false: member {member} accuses without cause\n"),
        (Guilty::Complainer { member }, Language::Dutch) => format!("de klacht is vals: lid {member} beschuldigt zonder grond\n"),
    };
    print(shell.out, &text);
    Ok(Exit::Done)
}

/// A new card.
pub fn card(args: &Args, language: Language, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let state = open_state(args)?;
    let table = Table::open(args.needed("--table")?)?;
    let card = state.make_card(shell.entropy)?;
    let name = Card::file_name(state.member().id);
    table.put(&name, &card)?;
    print(
        shell.out,
        &match language {
            Language::English => format!("{name} lies on the table, with a new box key.\nnext: when all cards lie there: ceremony deal\n"),
            Language::Dutch => {
                format!("{name} ligt op tafel, met een nieuwe kistsleutel.\nverder: als alle kaarten er liggen: ceremony deal\n")
            }
        },
    );
    Ok(Exit::Done)
}

/// Destroys older shares (SEA-17).
pub fn retire(args: &Args, language: Language, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let state = open_state(args)?;
    let bytes = read_file(Path::new(args.needed("--record")?))?;
    let record = CommitteeRecord::parse(&bytes).map_err(|_| CeremonyRefusal::BadRecord)?;
    let newest = state.newest()?.ok_or(CeremonyRefusal::NoOldShare)?;
    // CER-16: nobody destroys a share on a piece of paper. Anybody can write a record of this key with numbers of his own.
    if record.generation <= newest {
        holds_newer_share(&state, &record)?;
    } else {
        let table = Table::open(args.get("--table").ok_or(CeremonyRefusal::NotConfirmed)?)?;
        left_the_committee(&state, &table, newest, &record)?;
    }
    let mut audit = Audit::open(state.disk())?;
    let kept = audit.kept();
    let text = format!("destroying shares before generation {}, record {}", record.generation, hex(&file_hash(&bytes)));
    audit.append(state.disk(), (shell.clock)().wall, kept, &text)?;
    let count = state.erase_shares_before(record.generation)?;
    print(
        shell.out,
        &match language {
            Language::English => format!("{count} older shares destroyed\n"),
            Language::Dutch => format!("{count} oudere delen vernietigd\n"),
        },
    );
    Ok(Exit::Done)
}

/// Who goes on: its own record of that generation is this one, and it has the share.
fn holds_newer_share(state: &State<Folder>, record: &CommitteeRecord) -> Result<(), Failure> {
    let (own, committee) = state.record(record.generation)?;
    if own.to_bytes() != record.to_bytes() || record.generation == 0 {
        return Err(CeremonyRefusal::BadRecord.into());
    }
    state.share(record.generation, &committee)?;
    Ok(())
}

/// Who left: the table shows that members of the committee it knows dealt this generation, and that its members accepted it.
fn left_the_committee(state: &State<Folder>, table: &Table, newest: u32, record: &CommitteeRecord) -> Result<(), Failure> {
    let (own, _) = state.record(newest)?;
    let goes_on = record.members.iter().any(|member| member.receipt_key.key() == state.member().receipt_key.key());
    // Who goes on finishes first.
    if goes_on {
        return Err(CeremonyRefusal::NotConfirmed.into());
    }
    let committee = own.committee;
    let ceremony = ceremony_on(table, committee, record.key.need, own.provider, Some(own))?;
    let accepted = table.files("acceptance", committee)?;
    let cards = &ceremony.terms().cards;
    let absent = cards.keys().filter(|member| !accepted.contains_key(member)).copied().collect();
    let (member, first) = accepted.first_key_value().ok_or(CeremonyRefusal::NotConfirmed)?;
    let card = cards.get(member).ok_or(CeremonyRefusal::NotConfirmed)?;
    let first = Acceptance::parse_signed(first, card.card.receipt_key.key())
        .map_err(|error| CeremonyRefusal::NotByItsMaker { member: *member, error })?;
    let left_out = ceremony.possible_dealers().into_iter().filter(|dealer| !first.dealings.contains_key(dealer)).collect();
    let dealings = ceremony.dealings(&table.files("dealing", committee)?, &left_out)?;
    let (_, made) = ceremony.outcome(&dealings, &accepted, &absent)?;
    if made.to_bytes() == record.to_bytes() { Ok(()) } else { Err(CeremonyRefusal::BadRecord.into()) }
}
