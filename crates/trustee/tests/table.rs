//! What stands in the way of a step: a table, a folder or an own log that does not take what has to be written, and files of others.
//! The step then ends with a fault or a refusal, and is done when nothing stands in its way any more.

mod support;

use std::path::{Path, PathBuf};

use seal::ceremony::dealt_committee;
use seal::entropy::SeededEntropy;
use seal::hpke;
use seal::signature::SigningKey;
use support::{Call, Room, state};
use trustee::disk::Folder;
use trustee::documents::card::Card;
use trustee::documents::dealing::DealingFile;
use trustee::state::State;
use verify::committee_record::CommitteeRecord;
use verify::log::note::{SignedNote, Signer};
use verify::log::vkey::{KeyKind, KeyName};
use verify::policy::CommitteeName;
use verify::statement::SignedStatement;

/// One thing in the way.
enum Hindrance {
    /// Under this name in the member's folder nothing can be written.
    Folder(&'static str),
    /// The own log takes no line: the last one is torn, and what would take it away cannot be written.
    Log,
    /// Another file lies on the table under this name.
    Table(&'static str),
}

use Hindrance::{Folder as InFolder, Log, Table};

const JUNK: &[u8] = b"somebody else's\n";

/// Puts it in the way, and gives what takes it away again.
fn hinder(room: &Room, member: &str, hindrance: &Hindrance) -> Box<dyn FnOnce()> {
    let passing = |name: &str| -> PathBuf {
        let path = room.path(member).join(format!("{name}.new"));
        std::fs::create_dir(&path).unwrap();
        path
    };
    match hindrance {
        InFolder(name) => {
            let path = passing(name);
            Box::new(move || std::fs::remove_dir(path).unwrap())
        }
        Log => {
            let (path, log) = (passing("audit"), room.path(member).join("audit"));
            let whole = std::fs::read(&log).unwrap();
            std::fs::write(&log, [&whole, &b"7 torn"[..]].concat()).unwrap();
            Box::new(move || {
                assert_eq!(std::fs::read(&log).unwrap(), [&whole, &b"7 torn"[..]].concat(), "nothing behind a torn line");
                std::fs::remove_dir(path).unwrap();
            })
        }
        Table(name) => {
            let path = room.table(name);
            std::fs::write(&path, JUNK).unwrap();
            Box::new(move || {
                assert_eq!(std::fs::read(&path).unwrap(), JUNK, "what others laid down is never overwritten");
                std::fs::remove_file(path).unwrap();
            })
        }
    }
}

/// With each thing in the way alone the step fails and `made` is not there; then it is done.
fn hindered(room: &Room, n: u8, run: impl Fn() -> Call, hindrances: &[Hindrance], made: &str) {
    for hindrance in hindrances {
        let free = hinder(room, &state("approvers", n), hindrance);
        run().refused(4, "fault");
        free();
        assert!(!room.path(made).exists(), "{made}");
    }
    run().done();
    assert!(room.path(made).exists(), "{made}");
}

fn member(room: &Room, n: u8) -> State<Folder> {
    State::open(Folder::look(&room.path(&state("approvers", n))).unwrap()).unwrap()
}

/// Member 2 seals for member 3 what does not open.
fn spoil_share(room: &Room) {
    let dealer = member(room, 2);
    let mut file = DealingFile::parse_signed(&room.read("table/dealing-approvers-2.txt"), dealer.member().receipt_key.key()).unwrap();
    file.shares.insert(3, [0; 80]);
    std::fs::write(room.table("dealing-approvers-2.txt"), file.sign(&dealer.receipt_key().unwrap())).unwrap();
}

#[test]
fn cer_10_rel_25_a_step_that_cannot_be_kept_logged_or_laid_down_is_not_taken() {
    let room = Room::new();
    room.init("approvers", 3);
    room.all("deal", "approvers", &[2, 3], 2, &[]);
    let step = |name: &'static str| {
        let room = &room;
        move || room.step(name, "approvers", 1, 2, &[])
    };
    let way = [InFolder("dealing"), Log, Table("dealing-approvers-1.txt")];
    hindered(&room, 1, step("deal"), &way, "table/dealing-approvers-1.txt");
    room.all("accept", "approvers", &[2, 3], 2, &[]);
    let way = [InFolder("acceptance"), Log, Table("acceptance-approvers-1.txt")];
    hindered(&room, 1, step("accept"), &way, "table/acceptance-approvers-1.txt");
    // CER-14: a stick or a disk that is full does not cost the ceremony: the box key is there until the share is.
    let way = [Table("committee-approvers.txt"), Log, InFolder("committee-0"), InFolder("share-0.key"), InFolder("newest")];
    hindered(&room, 1, step("finish"), &way, "approvers-1/newest");
    assert!(!room.path("approvers-1/box.key").exists());
    room.all("finish", "approvers", &[2, 3], 2, &[]);
}

#[test]
fn cer_13_rel_25_a_complaint_that_cannot_be_logged_or_laid_down_is_told() {
    let room = Room::new();
    room.init("approvers", 3);
    room.all("deal", "approvers", &[1, 2, 3], 2, &[]);
    spoil_share(&room);
    let complain = || room.step("complain", "approvers", 3, 2, &["--against", "2"]);
    let name = "complaint-approvers-3-against-2.txt";
    hindered(&room, 3, complain, &[Log, Table(name)], &format!("table/{name}"));
    assert!(room.run(&["audit", "--state", "approvers-3"]).done().out.contains("complained of dealer 2 in ceremony "));
}

#[test]
fn rel_25_each_step_of_a_ceremony_is_a_line_of_the_own_log() {
    let room = Room::new();
    room.whole_ceremony("approvers", 2, 3);
    let log = room.run(&["audit", "--state", "approvers-2"]).done().out;
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines.len(), 3, "{log}");
    for (line, said) in lines.iter().zip(["dealt ceremony ", "accepted transcript ", "finished generation 0 record "]) {
        assert!(line.contains(said), "{line}");
    }
}

#[test]
fn cer_04_a_member_goes_on_only_with_the_card_that_it_made_last() {
    let room = Room::new();
    room.init("approvers", 3);
    room.all("deal", "approvers", &[1, 2, 3], 2, &[]);
    // As after `ceremony card` for another evening: the same member and keys, another box key on the card, so another card.
    let other = |n: u8| {
        let state = member(&room, n);
        let card = Card::parse(&state.card().unwrap()).unwrap();
        let box_key = hpke::PrivateKey::generate(&mut SeededEntropy::new([9; 32])).public_key().unwrap();
        Card { box_key, ..card }.sign(&state.receipt_key().unwrap())
    };
    let refused = |step: &str, n: u8, more: &[&str]| {
        let (card, path) = (other(n), room.path(&state("approvers", n)).join("card"));
        let own = std::fs::read(&path).unwrap();
        std::fs::write(&path, card).unwrap();
        room.step(step, "approvers", n, 2, more).refused(3, "CER-04");
        std::fs::write(&path, own).unwrap();
    };
    refused("accept", 1, &[]);
    room.all("accept", "approvers", &[1, 2, 3], 2, &[]);
    refused("finish", 1, &[]);
    room.step("finish", "approvers", 1, 2, &[]).done();
    spoil_share(&room);
    refused("complain", 3, &["--against", "2"]);
    room.step("complain", "approvers", 3, 2, &["--against", "2"]).done();
}

#[test]
fn cer_13_what_else_lies_on_the_stick_ends_no_evening() {
    let room = Room::new();
    room.init("approvers", 3);
    room.all("deal", "approvers", &[1, 2, 3], 2, &[]);
    std::fs::create_dir(room.table("System Volume Information")).unwrap();
    let long = vec![b'x'; 64 * 1024 + 1];
    for name in
        ["film.mp4", "minutes.txt", "complaint-approvers-letter.pdf", "complaint-guardians-1-against-2.txt", "dealing-approvers-x.txt"]
    {
        std::fs::write(room.table(name), &long).unwrap();
    }
    std::fs::write(room.table("complaint-approvers-1-against-2.txt"), b"by nobody\n").unwrap();
    std::fs::write(room.table("complaint-approvers-2-against-1.txt"), &long).unwrap();
    std::fs::create_dir(room.table("complaint-approvers-3-against-1.txt")).unwrap();
    std::os::unix::fs::symlink("gone", room.table("complaint-approvers-3-against-2.txt")).unwrap();
    // Opened like a file, it would be an error of the system.
    let _socket = std::os::unix::net::UnixListener::bind(room.table("socket")).unwrap();
    for step in ["accept", "finish"] {
        room.all(step, "approvers", &[1, 2, 3], 2, &[]);
    }
}

#[test]
fn cer_04_a_card_that_cannot_be_laid_down_is_told() {
    let room = Room::new();
    let init = |table: &str| {
        let words = ["init", "--state", "new", "--committee", "approvers", "--index", "1", "--name", "A", "--organisation", "B"];
        room.run(&[&words[..], &["--table", table]].concat())
    };
    // No table is no table before anything is made.
    std::fs::write(room.path("file"), b"").unwrap();
    for table in ["file", "nowhere"] {
        init(table).refused(4, "fault");
        assert!(!room.path("new").exists(), "{table}");
    }
    let card = room.table("card-approvers-1.txt");
    std::fs::write(&card, JUNK).unwrap();
    init("table").refused(4, "fault");
    assert_eq!(std::fs::read(&card).unwrap(), JUNK);
    // The member was made all the same, and lays its card down when there is room.
    let again = || room.run(&["ceremony", "card", "--state", "new", "--table", "table"]);
    std::fs::remove_file(&card).unwrap();
    std::fs::create_dir(&card).unwrap();
    again().refused(4, "fault");
    std::fs::remove_dir(&card).unwrap();
    again().done();
    assert_eq!(std::fs::read(&card).unwrap(), room.read("new/card"));
}

fn record(room: &Room) -> CommitteeRecord {
    CommitteeRecord::parse(&room.read("table/committee-approvers.txt")).unwrap()
}

/// Approvers dealt again to others: 1 and 2 go on, `leaver` made room for a newcomer.
fn dealt_again(room: &Room) -> CommitteeRecord {
    room.whole_ceremony("approvers", 2, 3);
    std::fs::rename(room.path("table"), room.path("first")).unwrap();
    std::fs::create_dir(room.path("table")).unwrap();
    for n in 1..=2 {
        room.run(&["ceremony", "card", "--state", &state("approvers", n), "--table", "table"]).done();
    }
    room.init_one("newcomer", "approvers", 3);
    let from = ["--from", "first/committee-approvers.txt"];
    room.all("deal", "approvers", &[1, 2, 3], 2, &from);
    std::fs::rename(room.path("approvers-3"), room.path("leaver")).unwrap();
    std::fs::rename(room.path("newcomer"), room.path("approvers-3")).unwrap();
    room.all("accept", "approvers", &[1, 2, 3], 2, &from);
    // Member 2 has not finished: it has no share of the new generation yet.
    room.all("finish", "approvers", &[1, 3], 2, &from);
    record(room)
}

#[test]
fn cer_16_a_record_alone_destroys_nothing() {
    let room = Room::new();
    let newer = dealt_again(&room);
    let retire = |folder: &str, record: &CommitteeRecord, more: &[&str]| {
        std::fs::write(room.path("record.txt"), record.to_bytes()).unwrap();
        room.run(&[&["ceremony", "retire", "--state", folder, "--record", "record.txt"][..], more].concat())
    };
    let table = ["--table", "table"];
    let (other_key, _) = dealt_committee(2, 3, &mut SeededEntropy::new([2; 32])).unwrap();
    // Anybody can write a polynomial of his own behind the public key: nothing in a record says that its shares exist.
    let (mut own_shares, (strange, _)) = (newer.key.clone(), dealt_committee(2, 3, &mut SeededEntropy::new([3; 32])).unwrap());
    own_shares.polynomial[1] = strange.committee().polynomial[1].clone();
    for (what, record, of_who_goes_on) in [
        ("shares that nobody holds", CommitteeRecord { key: own_shares, ..newer.clone() }, "CER-15"),
        ("another key", CommitteeRecord { key: other_key.committee().clone(), ..newer.clone() }, "CER-15"),
        ("another committee", CommitteeRecord { committee: CommitteeName::Guardians, ..newer.clone() }, "CER-15"),
        ("another provider", CommitteeRecord { provider: [1; 16], ..newer.clone() }, "CER-15"),
        ("another transcript", CommitteeRecord { transcript: [1; 32], ..newer.clone() }, "CER-15"),
        ("a generation that is not there", CommitteeRecord { generation: 2, ..newer.clone() }, "CER-16"),
    ] {
        retire("approvers-1", &record, &table).refused(3, of_who_goes_on);
        let call = retire("leaver", &record, &table);
        assert_eq!((call.code, call.err.contains("CER-15")), (3, true), "{what}: {call:?}");
        for folder in ["approvers-1", "leaver"] {
            assert!(room.path(folder).join("share-0.key").exists(), "{what}");
        }
    }
    retire("approvers-1", &CommitteeRecord::parse(&room.read("first/committee-approvers.txt")).unwrap(), &table).refused(3, "CER-15");
    // Who goes on and has not finished has nothing yet to put in its place, and neither has who names no table.
    retire("approvers-2", &newer, &table).refused(3, "CER-16");
    retire("leaver", &newer, &[]).refused(3, "CER-16");
    // Nor who has the record and lost the share.
    std::fs::rename(room.path("approvers-1/share-1.key"), room.path("lost")).unwrap();
    retire("approvers-1", &newer, &[]).refused(3, "REL-27");
    assert!(room.path("approvers-1/share-0.key").exists());
    // Fewer acceptances than the new committee needs: its shares may not exist.
    for n in [1, 2] {
        std::fs::rename(room.table(&format!("acceptance-approvers-{n}.txt")), room.path(&format!("taken-{n}"))).unwrap();
    }
    retire("leaver", &newer, &table).refused(3, "CER-12");
    std::fs::rename(room.path("taken-1"), room.table("acceptance-approvers-1.txt")).unwrap();
    assert!(room.path("leaver/share-0.key").exists());
    assert!(retire("leaver", &newer, &table).done().out.starts_with("1 older"));
    assert!(!room.path("leaver/share-0.key").exists());
}

#[test]
fn cer_16_the_line_in_the_own_log_comes_before_the_share_goes() {
    let room = Room::new();
    let newer = dealt_again(&room);
    std::fs::write(room.path("record.txt"), newer.to_bytes()).unwrap();
    let retire = || room.run(&["ceremony", "retire", "--state", "approvers-1", "--record", "record.txt"]);
    let share = room.path("approvers-1/share-0.key");
    let free = hinder(&room, "approvers-1", &Log);
    retire().refused(4, "fault");
    assert!(share.exists());
    free();
    assert!(retire().done().out.starts_with("1 older"));
    assert!(!share.exists());
    let log = room.run(&["audit", "--state", "approvers-1"]).done().out;
    assert_eq!(log.matches("destroying shares before generation 1").count(), 1, "{log}");
}

/// The statement on the table with one more line, by a key that is no member's.
fn with_a_strangers_line(path: &Path) -> Vec<u8> {
    let laid = SignedStatement::parse(&std::fs::read(path).unwrap()).unwrap();
    let key = SigningKey::generate(&mut SeededEntropy::new([4; 32])).unwrap();
    let stranger = Signer::new(KeyName::parse("approvers-9/stranger").unwrap(), KeyKind::Ed25519, key);
    let (text, mut lines) = (laid.note().text().to_owned(), laid.note().signatures().to_vec());
    lines.push(stranger.sign(&text).unwrap());
    SignedNote::new(text, lines).unwrap().to_bytes()
}

#[test]
fn sea_14_a_member_adds_its_name_only_to_what_members_said_of_this_ceremony() {
    let room = Room::new();
    room.whole_ceremony("approvers", 2, 3);
    let publish = |n: u8, until: &str| {
        let words = ["ceremony", "publish", "--state", &state("approvers", n), "--table", "table", "--period-from", "2027-01-01"];
        room.run(&[&words[..], &["--period-until", until]].concat())
    };
    let name = room.table("statement-approvers.txt");
    // Nothing lies there, and nothing can be laid there.
    std::os::unix::fs::symlink("nowhere/at-all", &name).unwrap();
    publish(1, "2027-04-01").refused(4, "fault");
    std::fs::remove_file(&name).unwrap();
    assert!(publish(1, "2027-04-01").done().out.contains("1 of 3"));
    let good = std::fs::read(&name).unwrap();
    // Another period: not even where only the own line would be lost.
    publish(1, "2028-04-01").refused(3, "CER-15");
    assert_eq!(std::fs::read(&name).unwrap(), good);
    // A line by nobody who is a member, rightly signed.
    std::fs::write(&name, with_a_strangers_line(&name)).unwrap();
    publish(2, "2027-04-01").refused(3, "CER-15");
    std::fs::write(&name, good).unwrap();
    assert!(publish(2, "2027-04-01").done().out.contains("2 of 3"));
}
