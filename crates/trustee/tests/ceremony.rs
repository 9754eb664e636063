//! Whole ceremonies with the real program: one process a step, files on a table, and everything that can go wrong there.

mod support;

use std::collections::BTreeMap;

use seal::committee::{PublicKey, Share, combine};
use seal::entropy::SystemEntropy;
use seal::hpke;
use seal::identity::{Category, Identity, ProviderId, Salt, Slot, SlotLen};
use seal::points::Scalar;
use seal::secret::Secret;
use seal::selector::Selector;
use support::{PROVIDER, Room, edit, state};
use trustee::disk::Folder;
use trustee::documents::card::Card;
use trustee::documents::complaint::Complaint;
use trustee::documents::dealing::DealingFile;
use trustee::signing::file_hash;
use trustee::state::State;
use verify::committee_record::CommitteeRecord;
use verify::statement::{SignedStatement, Statement};

fn record(bytes: &[u8]) -> CommitteeRecord {
    CommitteeRecord::parse(bytes).unwrap()
}

/// The share out of a member's folder: only a test may look there.
fn share(room: &Room, committee: &str, n: u8, generation: u32, record: &CommitteeRecord) -> Share {
    let bytes = room.read(format!("{}/share-{generation}.key", state(committee, n)));
    let scalar = trustee::key_file::read(&bytes, "waarborg-share/v1", "share").unwrap().expose(Scalar::parse).unwrap();
    Share::new(n, scalar, &record.key.check().unwrap()).unwrap()
}

#[test]
fn tse_20_and_21_two_committees_of_real_processes_open_an_identity() {
    let room = Room::new();
    let a = record(&room.whole_ceremony("approvers", 2, 3));
    let g = record(&room.whole_ceremony("guardians", 3, 5));
    assert_eq!((a.key.need, a.key.of, g.key.need, g.key.of), (2, 3, 3, 5));
    assert_eq!((a.generation, a.members[1].name.as_str()), (0, "Person 2"));
    let (ca, cg) = (a.key.check().unwrap(), g.key.check().unwrap());
    let public = PublicKey::sum(&ca, &cg).unwrap();
    let slot = Slot::new(SlotLen::HOUR, 480_000).unwrap();
    let selector = Selector::from_text("phone:+31612345678").unwrap();
    let id = Identity::new(public.key_id(), ProviderId([7; 16]), Category::TRAFFIC, slot, selector, Salt([9; 16])).unwrap();
    let partials = |committee: &str, record: &CommitteeRecord, members: &[u8]| -> BTreeMap<u8, Vec<_>> {
        let one = |n: &u8| (*n, vec![share(&room, committee, *n, 0, record).partial_key(&id).unwrap().point]);
        members.iter().map(one).collect()
    };
    let pa = partials("approvers", &a, &[1, 3]);
    let opened = |members: &[u8]| {
        let pg = partials("guardians", &g, members);
        combine((&ca, &pa), (&cg, &pg), &public, std::slice::from_ref(&id), &mut SystemEntropy).map(|keys| keys[0].to_bytes())
    };
    assert_eq!(opened(&[1, 2, 3]).unwrap(), opened(&[2, 4, 5]).unwrap());
    assert!(opened(&[2, 4]).is_err());
    // Nothing secret lies on the table, and the box keys are gone (CER-14).
    for n in 1..=3 {
        assert!(!room.path(&state("approvers", n)).join("box.key").exists());
        assert!(!room.path(&state("approvers", n)).join("dealing").exists());
    }
}

#[test]
fn an_absent_member_is_left_out_by_name_and_catches_up_later() {
    let room = Room::new();
    room.init("guardians", 5);
    room.all("deal", "guardians", &[1, 2, 4, 5], 3, &[]);
    // CER-09: never silently.
    let call = room.step("accept", "guardians", 1, 3, &[]).refused(3, "CER-09");
    assert!(call.err.contains("member 3"), "{call:?}");
    room.all("accept", "guardians", &[1, 2, 4, 5], 3, &["--absent", "3"]);
    room.step("finish", "guardians", 1, 3, &[]).refused(3, "CER-12");
    room.all("finish", "guardians", &[1, 2, 4, 5], 3, &["--absent", "3"]);
    let before = room.read("table/committee-guardians.txt");
    // Member 3 comes a day later, with the same files, and gets a share of the same key.
    for step in ["accept", "finish"] {
        room.step(step, "guardians", 3, 3, &["--absent", "3"]).done();
    }
    assert_eq!(room.read("table/committee-guardians.txt"), before);
    share(&room, "guardians", 3, 0, &record(&before));
}

#[test]
fn cer_09_too_few_dealers_make_no_key() {
    let room = Room::new();
    room.init("guardians", 5);
    room.all("deal", "guardians", &[1, 2], 3, &[]);
    let absent = ["--absent", "3", "--absent", "4", "--absent", "5"];
    room.step("accept", "guardians", 1, 3, &absent).refused(3, "CER-09");
}

#[test]
fn cer_12_who_has_not_accepted_holds_up_the_end() {
    let room = Room::new();
    room.init("approvers", 3);
    room.all("deal", "approvers", &[1, 2, 3], 2, &[]);
    room.all("accept", "approvers", &[1, 2], 2, &[]);
    let call = room.step("finish", "approvers", 1, 2, &[]).refused(3, "CER-12");
    assert!(call.err.contains("member 3"));
    assert!(!room.table("committee-approvers.txt").exists());
    assert!(room.path("approvers-1/box.key").exists(), "nothing is lost by asking too early");
    // What lies there under the own number must be what this member laid down.
    room.step("accept", "approvers", 3, 2, &[]).done();
    std::fs::remove_file(room.table("acceptance-approvers-1.txt")).unwrap();
    room.step("finish", "approvers", 1, 2, &["--absent", "1"]).refused(3, "CER-10");
    room.step("accept", "approvers", 1, 2, &[]).done();
    room.step("finish", "approvers", 1, 2, &[]).done();
}

#[test]
fn cer_02_cards_must_fit_together() {
    let room = Room::new();
    room.init_one("one", "approvers", 1);
    room.step("deal", "approvers", 1, 2, &[]).refused(4, "fault");
    room.init_one("approvers-3", "approvers", 3);
    room.step("deal", "approvers", 3, 2, &[]).refused(3, "CER-02");
    room.init_one("approvers-2", "approvers", 2);
    // CER-03
    for need in [0, 1, 4] {
        room.step("deal", "approvers", 2, need, &[]).refused(3, "CER-03");
    }
    room.step("deal", "approvers", 2, 2, &[]).done();
}

#[test]
fn cer_04_a_card_that_is_not_mine_is_seen() {
    let room = Room::new();
    room.init("approvers", 3);
    // Somebody lays down a card of his own under number 1.
    std::fs::remove_file(room.table("card-approvers-1.txt")).unwrap();
    room.init_one("impostor", "approvers", 1);
    room.step("deal", "approvers", 1, 2, &[]).refused(3, "CER-04");
}

#[test]
fn cer_01_a_changed_card_is_refused_by_all() {
    let room = Room::new();
    room.init("approvers", 3);
    edit(&room.table("card-approvers-2.txt"), |line| line.starts_with("name").then(|| "name Somebody Else".to_owned()));
    room.step("deal", "approvers", 1, 2, &[]).refused(3, "CER-01");
    std::fs::remove_file(room.table("card-approvers-2.txt")).unwrap();
    std::fs::copy(room.table("card-approvers-3.txt"), room.table("card-approvers-2.txt")).unwrap();
    room.step("deal", "approvers", 1, 2, &[]).refused(3, "CER-04");
}

#[test]
fn cer_05_a_replayed_file_of_another_evening_is_refused() {
    let room = Room::new();
    room.init("approvers", 3);
    room.all("deal", "approvers", &[1, 2, 3], 2, &[]);
    let old = room.read("table/dealing-approvers-2.txt");
    // The evening is broken off; everybody comes again with a new card.
    for n in 1..=3 {
        room.run(&["ceremony", "card", "--state", &state("approvers", n), "--table", "table"]).done();
        std::fs::remove_file(room.table(&format!("dealing-approvers-{n}.txt"))).unwrap();
    }
    room.all("deal", "approvers", &[1, 3], 2, &[]);
    std::fs::write(room.table("dealing-approvers-2.txt"), old).unwrap();
    room.step("accept", "approvers", 1, 2, &[]).refused(3, "CER-05");
    // Another threshold is another ceremony, too.
    std::fs::remove_file(room.table("dealing-approvers-2.txt")).unwrap();
    room.step("deal", "approvers", 2, 3, &[]).done();
    room.step("accept", "approvers", 1, 2, &[]).refused(3, "CER-05");
}

#[test]
fn cer_06_a_file_under_another_name_or_changed_is_refused() {
    let room = Room::new();
    room.init("approvers", 3);
    room.all("deal", "approvers", &[1, 2, 3], 2, &[]);
    let good = room.read("table/dealing-approvers-3.txt");
    std::fs::write(room.table("dealing-approvers-3.txt"), room.read("table/dealing-approvers-2.txt")).unwrap();
    room.step("accept", "approvers", 1, 2, &[]).refused(3, "CER-06");
    std::fs::write(room.table("dealing-approvers-3.txt"), &good).unwrap();
    edit(&room.table("dealing-approvers-3.txt"), |line| line.starts_with("dealer").then(|| "dealer 2".to_owned()));
    let call = room.step("accept", "approvers", 1, 2, &[]).refused(3, "CER-06");
    assert!(call.err.contains("member 3"));
}

#[test]
fn cer_10_nobody_deals_twice_and_a_repeated_call_changes_nothing() {
    let room = Room::new();
    room.init("approvers", 3);
    room.step("deal", "approvers", 1, 2, &[]).done();
    let first = room.read("table/dealing-approvers-1.txt");
    room.step("deal", "approvers", 1, 2, &[]).done();
    assert_eq!(room.read("table/dealing-approvers-1.txt"), first);
    room.step("deal", "approvers", 1, 3, &[]).refused(3, "CER-10");
    // A stick that lost the file gets the same one again.
    std::fs::remove_file(room.table("dealing-approvers-1.txt")).unwrap();
    room.step("deal", "approvers", 1, 2, &[]).done();
    assert_eq!(room.read("table/dealing-approvers-1.txt"), first);
    room.all("deal", "approvers", &[2, 3], 2, &[]);
    room.step("accept", "approvers", 1, 2, &["--absent", "3"]).done();
    room.step("accept", "approvers", 1, 2, &[]).refused(3, "CER-10");
}

#[test]
fn cer_11_members_who_saw_different_dealings_do_not_finish() {
    let room = Room::new();
    room.init("approvers", 3);
    room.all("deal", "approvers", &[1, 2, 3], 2, &[]);
    room.all("accept", "approvers", &[1, 2], 2, &[]);
    room.step("accept", "approvers", 3, 2, &["--absent", "2"]).done();
    let call = room.step("finish", "approvers", 1, 2, &[]).refused(3, "CER-11");
    assert!(call.err.contains("member 3") && call.err.contains("dealer 2"), "{call:?}");
}

/// Member 2 deals honestly but for the share of member 3, which it makes from `spoil`.
fn deal_falsely(room: &Room, spoil: impl FnOnce(&hpke::PublicKey, &[u8]) -> Vec<u8>) {
    let dealer = State::open(Folder::look(&room.path("approvers-2")).unwrap()).unwrap();
    let bytes = room.read("table/dealing-approvers-2.txt");
    let mut file = DealingFile::parse_signed(&bytes, dealer.member().receipt_key.key()).unwrap();
    let card = Card::parse(&room.read("table/card-approvers-3.txt")).unwrap();
    let info = [b"waarborg-share/v1\n", &file.ceremony[..], &[2, 3]].concat();
    file.shares.insert(3, spoil(&card.box_key, &info).try_into().unwrap());
    std::fs::write(room.table("dealing-approvers-2.txt"), file.sign(&dealer.receipt_key().unwrap())).unwrap();
}

fn hear(room: &Room, member: &str, against: &str) -> support::Call {
    let words = ["ceremony", "hear", "--table", "table", "--committee", "approvers", "--need", "2", "--provider", PROVIDER];
    room.run(&[&words[..], &["--member", member, "--against", against]].concat())
}

#[test]
fn cer_08_and_13_a_dealer_of_a_wrong_share_is_named_and_convicted() {
    let wrong_number = |key: &hpke::PublicKey, info: &[u8]| hpke::seal(key, info, b"", &[1; 32], &mut SystemEntropy).unwrap();
    let not_a_scalar = |key: &hpke::PublicKey, info: &[u8]| hpke::seal(key, info, b"", &[0xff; 32], &mut SystemEntropy).unwrap();
    let for_another = |key: &hpke::PublicKey, _: &[u8]| hpke::seal(key, b"other", b"", &[1; 32], &mut SystemEntropy).unwrap();
    let noise = |_: &hpke::PublicKey, _: &[u8]| vec![0; 80];
    type Spoil = fn(&hpke::PublicKey, &[u8]) -> Vec<u8>;
    for spoil in [wrong_number as Spoil, not_a_scalar, for_another, noise] {
        let room = Room::new();
        room.init("approvers", 3);
        room.all("deal", "approvers", &[1, 2, 3], 2, &[]);
        deal_falsely(&room, spoil);
        // Only the victim can see it, and names the dealer.
        room.step("accept", "approvers", 1, 2, &[]).done();
        let call = room.step("accept", "approvers", 3, 2, &[]).refused(3, "CER-08");
        assert!(call.err.contains("dealer 2"), "{call:?}");
        room.step("finish", "approvers", 1, 2, &[]).refused(3, "CER-12");
        // The complaint convinces everybody, without a state folder.
        room.step("complain", "approvers", 3, 2, &["--against", "2"]).done();
        assert!(hear(&room, "3", "2").done().out.contains("dealer 2 dealt wrongly"));
        // Member 3's box key is known to all now: nobody goes on, not even without member 3.
        room.step("accept", "approvers", 2, 2, &[]).refused(3, "CER-13");
        // Whatever it is called once it was copied.
        std::fs::rename(room.table("complaint-approvers-3-against-2.txt"), room.table("New document (2)")).unwrap();
        let call = room.step("finish", "approvers", 1, 2, &["--absent", "3"]).refused(3, "CER-13");
        assert!(call.err.contains("member 3"), "{call:?}");
    }
}

#[test]
fn cer_13_a_false_complaint_convicts_who_complains() {
    let room = Room::new();
    room.init("approvers", 3);
    room.all("deal", "approvers", &[1, 2, 3], 2, &[]);
    room.step("complain", "approvers", 3, 2, &["--against", "2"]).refused(3, "CER-13");
    assert!(!room.table("complaint-approvers-3-against-2.txt").exists(), "no box key was shown");
    // Member 3 writes one by hand: with its true key, then with another.
    let state = State::open(Folder::look(&room.path("approvers-3")).unwrap()).unwrap();
    let dealing = room.read("table/dealing-approvers-2.txt");
    let file =
        DealingFile::parse_signed(&dealing, Card::parse(&room.read("table/card-approvers-2.txt")).unwrap().receipt_key.key()).unwrap();
    let own = state.box_key().unwrap().unwrap();
    for key in [own.expose(|octets| *octets), [5; 32]] {
        let complaint =
            Complaint { ceremony: file.ceremony, member: 3, dealer: 2, dealing: file_hash(&dealing), box_key: Secret::new(key) };
        std::fs::write(room.table("complaint-approvers-3-against-2.txt"), complaint.sign(&state.receipt_key().unwrap())).unwrap();
        assert!(hear(&room, "3", "2").done().out.contains("member 3 accuses without cause"));
    }
    // About another dealing, or signed by somebody else, it is not heard.
    let other = Complaint { ceremony: file.ceremony, member: 3, dealer: 2, dealing: [0; 32], box_key: Secret::new([5; 32]) };
    std::fs::write(room.table("complaint-approvers-3-against-2.txt"), other.sign(&state.receipt_key().unwrap())).unwrap();
    hear(&room, "3", "2").refused(3, "CER-05");
    let for_another =
        Complaint { ceremony: file.ceremony, member: 1, dealer: 2, dealing: file_hash(&dealing), box_key: Secret::new([5; 32]) };
    std::fs::write(room.table("complaint-approvers-3-against-2.txt"), for_another.sign(&state.receipt_key().unwrap())).unwrap();
    hear(&room, "3", "2").refused(3, "CER-05");
    let stranger = State::open(Folder::look(&room.path("approvers-1")).unwrap()).unwrap();
    std::fs::write(room.table("complaint-approvers-3-against-2.txt"), other.sign(&stranger.receipt_key().unwrap())).unwrap();
    hear(&room, "3", "2").refused(3, "CER-06");
}

#[test]
fn cer_07_a_dealing_that_is_visibly_wrong_is_refused_by_all() {
    let room = Room::new();
    room.init("approvers", 3);
    room.all("deal", "approvers", &[1, 2, 3], 2, &[]);
    let dealer = State::open(Folder::look(&room.path("approvers-2")).unwrap()).unwrap();
    let key = *dealer.member().receipt_key.key();
    let honest = DealingFile::parse_signed(&room.read("table/dealing-approvers-2.txt"), &key).unwrap();
    let lay = |file: &DealingFile| {
        std::fs::write(room.table("dealing-approvers-2.txt"), file.sign(&dealer.receipt_key().unwrap())).unwrap();
        let call = room.step("accept", "approvers", 1, 2, &[]).refused(3, "CER-07");
        assert!(call.err.contains("dealer 2"), "{call:?}");
    };
    let mut file = honest.clone();
    file.dealing.commitments.push(file.dealing.commitments[0]);
    lay(&file);
    let mut file = honest.clone();
    file.dealing.commitments.swap(0, 1);
    lay(&file);
    let mut file = honest.clone();
    file.shares.remove(&3);
    lay(&file);
    let mut file = honest.clone();
    file.shares.insert(4, [0; 80]);
    lay(&file);
    let first = DealingFile::parse_signed(
        &room.read("table/dealing-approvers-1.txt"),
        Card::parse(&room.read("table/card-approvers-1.txt")).unwrap().receipt_key.key(),
    )
    .unwrap();
    // TSE-26 in small: commitments whose constant term the dealer does not know.
    let mut file = honest;
    file.dealing = first.dealing;
    lay(&file);
}

#[test]
fn the_spoken_transcript_is_the_same_for_all_and_in_both_languages() {
    let room = Room::new();
    room.init("approvers", 3);
    room.all("deal", "approvers", &[1, 2, 3], 2, &[]);
    let code = |text: &str| text.lines().find(|line| line.starts_with("    ")).unwrap().trim().to_owned();
    let english = room.step("accept", "approvers", 1, 2, &[]).done();
    let dutch = room.step("accept", "approvers", 2, 2, &["--lang", "nl"]).done();
    assert!(dutch.out.contains("hardop") && english.out.contains("aloud"));
    assert_eq!(code(&english.out), code(&dutch.out));
    assert_eq!(code(&english.out).split(' ').filter(|group| group.len() == 5).count(), 8);
    let show = ["ceremony", "show", "--table", "table", "--committee", "approvers", "--need", "2", "--provider", PROVIDER];
    let shown = room.run(&show).done();
    assert_eq!(code(&shown.out), code(&english.out));
    assert!(shown.out.contains("Person 3, Body 3 of the approvers"));
}

#[test]
fn tru_02_init_never_overwrites_a_member() {
    let room = Room::new();
    room.init("approvers", 1);
    let words = ["init", "--state", "approvers-1", "--committee", "approvers", "--index", "1", "--name", "X", "--organisation", "Y"];
    room.run(&words).refused(3, "TRU-02");
}

#[test]
fn rel_27_a_folder_without_its_files_is_refused() {
    let room = Room::new();
    room.whole_ceremony("approvers", 2, 3);
    room.run(&["show", "--state", "nowhere"]).refused(4, "REL-27");
    for file in ["member", "receipt.key", "card", "audit", "kept", "share-0.key", "committee-0"] {
        let path = room.path("approvers-1").join(file);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let command = if file == "audit" { "audit" } else { "show" };
        room.run(&[command, "--state", "approvers-1"]).refused(3, "REL-27");
        // A changed octet is as bad as a missing file.
        let mut changed = bytes.clone();
        let at = changed.len() / 2;
        changed[at] ^= 1;
        std::fs::write(&path, &changed).unwrap();
        room.run(&[command, "--state", "approvers-1"]).refused(3, "REL-27");
        std::fs::write(&path, bytes).unwrap();
    }
    room.run(&["show", "--state", "approvers-1"]).done();
}

#[test]
fn tru_03_a_folder_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let room = Room::new();
    room.init("approvers", 1);
    std::fs::set_permissions(room.path("approvers-1"), std::fs::Permissions::from_mode(0o750)).unwrap();
    room.run(&["show", "--state", "approvers-1"]).refused(3, "TRU-03");
}

#[test]
fn tse_44_a_key_is_dealt_again_to_other_members_and_old_shares_are_destroyed() {
    let room = Room::new();
    let old = record(&room.whole_ceremony("guardians", 3, 5));
    std::fs::rename(room.path("table"), room.path("first")).unwrap();
    std::fs::create_dir(room.path("table")).unwrap();
    // Members 1 to 4 go on, 5 leaves, a sixth body comes in its place; 2 is not here this evening.
    for n in 1..=4 {
        room.run(&["ceremony", "card", "--state", &state("guardians", n), "--table", "table"]).done();
    }
    room.init_one("newcomer", "guardians", 5);
    let from = ["--from", "first/committee-guardians.txt"];
    room.all("deal", "guardians", &[1, 3, 4, 5], 3, &from);
    std::fs::rename(room.path("guardians-5"), room.path("leaver")).unwrap();
    std::fs::rename(room.path("newcomer"), room.path("guardians-5")).unwrap();
    // Old member 2 dealt nothing; new member 2 comes late. The two say different things.
    let more = [&from[..], &["--absent", "2"]].concat();
    room.all("accept", "guardians", &[1, 3, 4, 5], 3, &more);
    room.step("finish", "guardians", 1, 3, &from).refused(3, "CER-12");
    room.step("accept", "guardians", 2, 3, &more).done();
    room.all("finish", "guardians", &[1, 2, 3, 4, 5], 3, &from);
    let new = record(&room.read("table/committee-guardians.txt"));
    assert_eq!(new.generation, 1);
    assert_eq!(new.key.public, old.key.public);
    assert_eq!(new.key.pop, old.key.pop);
    assert_ne!(new.key.polynomial[1], old.key.polynomial[1]);
    for n in 1..=5 {
        share(&room, "guardians", n, 1, &new);
    }
    // CER-16
    for state in ["guardians-1", "leaver"] {
        let call =
            room.run(&["ceremony", "retire", "--state", state, "--record", "table/committee-guardians.txt", "--table", "table"]).done();
        assert!(call.out.starts_with("1 older"), "{call:?}");
        assert!(!room.path(state).join("share-0.key").exists());
    }
    room.run(&["ceremony", "retire", "--state", "guardians-3", "--record", "first/committee-guardians.txt"]).refused(3, "CER-15");
    // CER-15: a retired generation is not dealt again.
    room.step("deal", "guardians", 3, 3, &from).refused(3, "CER-15");
    // Nor one that says something else than what this member stored, though it is of the newest generation.
    let changed = room.path("changed.txt");
    std::fs::copy(room.table("committee-guardians.txt"), &changed).unwrap();
    edit(&changed, |line| line.starts_with("name ").then(|| "name Somebody".to_owned()));
    room.step("deal", "guardians", 3, 3, &["--from", "changed.txt"]).refused(3, "CER-15");
    // CER-16: a record without its proof of possession destroys nothing.
    let dealing = String::from_utf8(room.read("table/dealing-guardians-3.txt")).unwrap();
    let foreign = dealing.lines().find(|line| line.starts_with("possession ")).unwrap().to_owned();
    edit(&changed, |line| line.starts_with("possession ").then(|| foreign.clone()));
    room.run(&["ceremony", "retire", "--state", "guardians-3", "--record", "changed.txt"]).refused(3, "CER-15");
    assert!(room.path("guardians-3/share-0.key").exists());
}

#[test]
fn tru_01_one_process_works_in_a_folder_and_anybody_may_look() {
    let room = Room::new();
    room.init("approvers", 1);
    let held = Folder::open(&room.path("approvers-1")).unwrap();
    room.run(&["ceremony", "card", "--state", "approvers-1", "--table", "table"]).refused(4, "TRU-01");
    room.run(&["show", "--state", "approvers-1"]).done();
    room.run(&["heads", "--state", "approvers-1"]).done();
    drop(held);
    // Another test's program that is just being born holds our lock too, for as long as the system lets it wait for its own image.
    let began = std::time::Instant::now();
    let card = loop {
        let card = room.run(&["ceremony", "card", "--state", "approvers-1", "--table", "table"]);
        if !card.err.contains("TRU-01") {
            break card;
        }
        assert!(began.elapsed().as_secs() < 60, "the lock is never free");
    };
    card.done();
}

#[test]
fn sea_14_every_member_signs_the_statement_for_the_log() {
    let room = Room::new();
    let made = record(&room.whole_ceremony("approvers", 2, 3));
    let publish = |n: u8, until: &str| {
        let words = ["ceremony", "publish", "--state", &state("approvers", n), "--table", "table", "--period-from", "2027-01-01"];
        room.run(&[&words[..], &["--period-until", until]].concat())
    };
    for (n, count) in [(1, "1 of 3"), (1, "1 of 3"), (2, "2 of 3"), (3, "3 of 3")] {
        assert!(publish(n, "2027-04-01").done().out.contains(count));
    }
    // A line that is not by its member: nobody adds a name under it.
    let name = room.table("statement-approvers.txt");
    let good = std::fs::read_to_string(&name).unwrap();
    let (head, tail) = good.split_at(good.len() - 12);
    std::fs::write(&name, format!("{head}{}", tail.replacen(|c: char| c.is_ascii_alphanumeric(), "/", 1))).unwrap();
    publish(1, "2027-04-01").refused(3, "CER-15");
    std::fs::write(&name, good).unwrap();
    // Another period is another statement: nobody signs it under the others' names.
    publish(1, "2028-04-01").refused(3, "CER-15");
    let statement = SignedStatement::parse(&room.read("table/statement-approvers.txt")).unwrap();
    let keys: Vec<_> = made.members.iter().map(|member| &member.receipt_key).collect();
    assert!(statement.verify(&keys, 3).is_ok());
    let Statement::Ceremony(said) = statement.statement() else { panic!("another kind") };
    assert_eq!((said.transcript, said.polynomial[0]), (made.transcript, made.key.public.to_bytes()));
}

#[test]
fn cer_14_a_box_key_that_is_not_of_the_card_accuses_nobody() {
    let room = Room::new();
    room.init("approvers", 3);
    room.all("deal", "approvers", &[1, 2, 3], 2, &[]);
    // As after a `ceremony card` that was cut off between key and card.
    std::fs::copy(room.path("approvers-1/box.key"), room.path("approvers-3/box.key")).unwrap();
    room.step("accept", "approvers", 3, 2, &[]).refused(3, "CER-14");
    room.step("complain", "approvers", 3, 2, &["--against", "2"]).refused(3, "CER-14");
    room.all("accept", "approvers", &[1, 2], 2, &[]);
    room.all("finish", "approvers", &[1, 2], 2, &["--absent", "3"]);
    room.step("accept", "approvers", 1, 2, &[]).refused(3, "CER-14");
}
