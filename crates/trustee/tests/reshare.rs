//! A year of one key at the table, with the real program: monthly renewal, a change of members, a lost share, a corrupt dealer, an
//! absent member (SEA-17, CER-09, CER-15, CER-16).

mod support;

use std::collections::BTreeMap;

use seal::committee::{CheckedCommittee, IdentityKey, PublicKey, Share, combine};
use seal::entropy::SystemEntropy;
use seal::hpke;
use seal::identity::{Category, Identity, ProviderId, Salt, Slot, SlotLen};
use seal::points::Scalar;
use seal::selector::Selector;
use support::{Room, edit, state};
use trustee::disk::Folder;
use trustee::documents::card::Card;
use trustee::documents::dealing::DealingFile;
use trustee::state::State;
use verify::committee_record::CommitteeRecord;

/// The two committees as they are now: approvers never change here.
struct Key {
    room: Room,
    approvers: CommitteeRecord,
    guardians: CommitteeRecord,
    /// The key of one identity, by the first shares: every later generation must give the same.
    opened: [u8; 48],
}

fn record(room: &Room, path: &str) -> CommitteeRecord {
    CommitteeRecord::parse(&room.read(path)).unwrap()
}

fn share(room: &Room, folder: &str, n: u8, generation: u32, committee: &CheckedCommittee) -> Option<Share> {
    let bytes = std::fs::read(room.path(folder).join(format!("share-{generation}.key"))).ok()?;
    let scalar = trustee::key_file::read(&bytes, "waarborg-share/v1", "share").unwrap().expose(Scalar::parse).unwrap();
    Share::new(n, scalar, committee).ok()
}

fn identity(public: &PublicKey) -> Identity {
    let slot = Slot::new(SlotLen::HOUR, 480_000).unwrap();
    let selector = Selector::from_text("phone:+31612345678").unwrap();
    Identity::new(public.key_id(), ProviderId([7; 16]), Category::TRAFFIC, slot, selector, Salt([9; 16])).unwrap()
}

impl Key {
    fn new() -> Key {
        let room = Room::new();
        room.whole_ceremony("approvers", 2, 3);
        let approvers = record(&room, "table/committee-approvers.txt");
        room.whole_ceremony("guardians", 3, 5);
        let guardians = record(&room, "table/committee-guardians.txt");
        let mut key = Key { room, approvers, guardians, opened: [0; 48] };
        key.opened = key.open(&[(1, 0), (2, 0), (3, 0)]).unwrap().to_bytes();
        key
    }

    /// Opens with these guardians' shares of these generations; `None` if the combiner refuses.
    fn open(&self, guardians: &[(u8, u32)]) -> Option<IdentityKey> {
        let (a, g) = (self.approvers.key.check().unwrap(), self.guardians.key.check().unwrap());
        let public = PublicKey::sum(&a, &g).unwrap();
        let id = identity(&public);
        let of = |committee: &str, n: u8, generation, checked: &CheckedCommittee| {
            share(&self.room, &state(committee, n), n, generation, checked).map(|share| vec![share.partial_key(&id).unwrap().point])
        };
        let pa: BTreeMap<u8, Vec<_>> = [1, 2].into_iter().map(|n| (n, of("approvers", n, 0, &a).unwrap())).collect();
        let pg: BTreeMap<u8, Vec<_>> =
            guardians.iter().filter_map(|(n, generation)| Some((*n, of("guardians", *n, *generation, &g)?))).collect();
        let keys = combine((&a, &pa), (&g, &pg), &public, std::slice::from_ref(&id), &mut SystemEntropy).ok()?;
        keys.into_iter().next()
    }

    /// Clears the table and lays the cards of those who go on.
    fn new_evening(&self, going_on: &[u8]) {
        let generation = self.guardians.generation;
        std::fs::rename(self.room.path("table"), self.room.path(&format!("table-{generation}"))).unwrap();
        std::fs::create_dir(self.room.path("table")).unwrap();
        for n in going_on {
            self.room.run(&["ceremony", "card", "--state", &state("guardians", *n), "--table", "table"]).done();
        }
    }

    fn from(&self) -> String {
        format!("table-{}/committee-guardians.txt", self.guardians.generation)
    }

    fn all(&self, step: &str, members: &[u8], more: &[&str]) {
        let from = self.from();
        self.room.all(step, "guardians", members, 3, &[&["--from", &from][..], more].concat());
    }

    fn finished(&mut self) {
        let new = record(&self.room, "table/committee-guardians.txt");
        assert_eq!((new.generation, new.key.public), (self.guardians.generation + 1, self.guardians.key.public));
        self.guardians = new;
    }

    fn retire(&self, folder: &str) {
        self.room.run(&["ceremony", "retire", "--state", folder, "--record", "table/committee-guardians.txt"]).done();
    }
}

#[test]
fn sea_17_shares_are_renewed_each_month_and_old_ones_do_not_mix() {
    let mut key = Key::new();
    for month in 1..=2 {
        let everyone = [1, 2, 3, 4, 5];
        key.new_evening(&everyone);
        for step in ["deal", "accept", "finish"] {
            key.all(step, &everyone, &[]);
        }
        key.finished();
        assert_eq!(key.open(&[(2, month), (4, month), (5, month)]).unwrap().to_bytes(), key.opened);
        // A share of last month is none of this month's, though its owner is the same: the combiner will not have it.
        assert!(key.open(&[(2, month), (4, month), (5, month - 1)]).is_none());
        // SEA-17: gone after all have confirmed the new ones.
        for n in everyone {
            key.retire(&state("guardians", n));
            assert!(!key.room.path(&state("guardians", n)).join(format!("share-{}.key", month - 1)).exists());
        }
    }
}

#[test]
fn tse_44_a_leaver_a_lost_share_a_corrupt_dealer_and_an_absent_member_in_one_evening() {
    let mut key = Key::new();
    // Member 4 lost its folder, member 5 leaves; both seats are taken by new folders that hold no share.
    std::fs::remove_dir_all(key.room.path("guardians-4")).unwrap();
    key.new_evening(&[1, 2, 3]);
    key.room.init_one("guardians-4", "guardians", 4);
    key.room.init_one("newcomer", "guardians", 5);
    // Whoever holds no share cannot deal it again.
    let from = key.from();
    key.room.step("deal", "guardians", 4, 3, &["--from", &from]).refused(3, "CER-15");
    // Three old shares are left besides the leaver's: of dealers 1, 2, 3 and 5 one may be left out.
    key.all("deal", &[1, 2, 3, 5], &[]);
    std::fs::rename(key.room.path("guardians-5"), key.room.path("leaver")).unwrap();
    std::fs::rename(key.room.path("newcomer"), key.room.path("guardians-5")).unwrap();
    spoil_dealing(&key.room, 2, 4);
    // Only the victim can see it. In a reshare nobody shows a box key for it (CER-13): the dealer is named aloud.
    // Seat 4 has nobody who could deal: that too is said by all with the same words (CER-09).
    key.room.step("accept", "guardians", 4, 3, &["--from", &from]).refused(3, "CER-09");
    let call = key.room.step("accept", "guardians", 4, 3, &["--from", &from, "--absent", "4"]).refused(3, "CER-08");
    assert!(call.err.contains("dealer 2"), "{call:?}");
    key.room.step("complain", "guardians", 4, 3, &["--from", &from, "--against", "2"]).refused(3, "CER-13");
    assert!(!key.room.table("complaint-guardians-4-against-2.txt").exists());
    // All leave dealer 2 out, with the same words; member 3 went home after dealing and accepts later.
    let without = ["--absent", "2", "--absent", "4"];
    key.all("accept", &[1, 2, 4, 5], &without);
    key.room.step("finish", "guardians", 1, 3, &["--from", &from]).refused(3, "CER-12");
    key.all("finish", &[1, 4, 5], &["--absent", "3"]);
    key.finished();
    assert_eq!(key.open(&[(1, 1), (4, 1), (5, 1)]).unwrap().to_bytes(), key.opened, "two new hands and an old one open");
    let late = [&["--from", &from][..], &without].concat();
    key.room.step("accept", "guardians", 3, 3, &late).done();
    key.room.step("finish", "guardians", 3, 3, &["--from", &from]).done();
    assert_eq!(key.open(&[(3, 1), (4, 1), (5, 1)]).unwrap().to_bytes(), key.opened);
    // The leaver's share is of no use with new ones, and goes.
    assert!(share(&key.room, "leaver", 5, 0, &key.guardians.key.check().unwrap()).is_none());
    // CER-16: a record alone destroys nothing; the table shows that the old members dealt it and the new ones accepted.
    let retire = |folder: &str, more: &[&str]| {
        key.room.run(&[&["ceremony", "retire", "--state", folder, "--record", "table/committee-guardians.txt"][..], more].concat())
    };
    retire("leaver", &[]).refused(3, "CER-16");
    assert!(key.room.path("leaver/share-0.key").exists());
    retire("leaver", &["--table", "table"]).done();
    assert!(!key.room.path("leaver/share-0.key").exists());
    // CER-09: with fewer dealers than the threshold there is no new generation at all.
    key.new_evening(&[1, 2, 3, 4, 5]);
    key.all("deal", &[1, 3], &[]);
    let from = key.from();
    let absent = ["--from", &from, "--absent", "2", "--absent", "4", "--absent", "5"];
    key.room.step("accept", "guardians", 1, 3, &absent).refused(3, "CER-09");
}

/// The dealer deals one member a share that is not on its polynomial, and signs it.
fn spoil_dealing(room: &Room, dealer: u8, victim: u8) {
    let own = State::open(Folder::look(&room.path(&state("guardians", dealer))).unwrap()).unwrap();
    let name = format!("dealing-guardians-{dealer}.txt");
    let mut file = DealingFile::parse_signed(&room.read(format!("table/{name}")), own.member().receipt_key.key()).unwrap();
    let card = Card::parse(&room.read(format!("table/card-guardians-{victim}.txt"))).unwrap();
    let info = [b"waarborg-share/v1\n", &file.ceremony[..], &[dealer, victim]].concat();
    let wrong = hpke::seal(&card.box_key, &info, b"", &[1; 32], &mut SystemEntropy).unwrap();
    file.shares.insert(victim, wrong.try_into().unwrap());
    std::fs::write(room.table(&name), file.sign(&own.receipt_key().unwrap())).unwrap();
}

#[test]
fn cer_15_a_record_that_was_changed_deals_nothing_again() {
    let key = Key::new();
    key.new_evening(&[1, 2, 3, 4, 5]);
    let from = key.from();
    edit(&key.room.path(&from), |line| line.starts_with("generation ").then(|| "generation 7".to_owned()));
    key.room.step("deal", "guardians", 1, 3, &["--from", &from]).refused(3, "CER-15");
}
