//! The files of a ceremony: one spelling each, and no octet of a signed one can be changed.

mod support;

use seal::signature::SigningKey;
use support::{PROVIDER, Room};
use trustee::disk::Folder;
use trustee::documents::acceptance::Acceptance;
use trustee::documents::card::Card;
use trustee::documents::complaint::Complaint;
use trustee::documents::dealing::DealingFile;
use trustee::signing::{FileError, file_hash, signed};
use trustee::state::State;
use verify::committee_record::CommitteeRecord;

/// A room in which all has been accepted, and nothing finished.
fn accepted() -> Room {
    let room = Room::new();
    room.init("approvers", 3);
    for step in ["deal", "accept"] {
        room.all(step, "approvers", &[1, 2, 3], 2, &[]);
    }
    room
}

/// Every octet of `good` with one bit changed must be refused by `parse`.
fn each_flip_is_refused<T>(good: &[u8], parse: impl Fn(&[u8]) -> Result<T, FileError>) {
    assert!(parse(good).is_ok());
    for at in 0..good.len() {
        let mut changed = good.to_vec();
        changed[at] ^= 1 << (at % 8);
        assert!(parse(&changed).is_err(), "octet {at} of {}", String::from_utf8_lossy(good));
    }
    assert!(parse(&good[..good.len() - 1]).is_err());
    assert!(parse(&[good, b"\n"].concat()).is_err());
    assert!(parse(b"").is_err());
}

#[test]
fn cer_01_and_06_no_octet_of_a_signed_file_can_be_changed() {
    let room = accepted();
    let card = room.read("table/card-approvers-1.txt");
    let key = *Card::parse(&card).unwrap().receipt_key.key();
    each_flip_is_refused(&card, Card::parse);
    let dealing = room.read("table/dealing-approvers-1.txt");
    each_flip_is_refused(&dealing, |bytes| DealingFile::parse_signed(bytes, &key));
    let acceptance = room.read("table/acceptance-approvers-1.txt");
    each_flip_is_refused(&acceptance, |bytes| Acceptance::parse_signed(bytes, &key));
    let state = State::open(Folder::look(&room.path("approvers-1")).unwrap()).unwrap();
    let box_key = state.box_key().unwrap().unwrap().expose(|octets| seal::secret::Secret::new(*octets));
    let complaint = Complaint { ceremony: [1; 32], member: 1, dealer: 2, dealing: [2; 32], box_key };
    let complaint = complaint.sign(&state.receipt_key().unwrap());
    each_flip_is_refused(&complaint, |bytes| Complaint::parse_signed(bytes, &key));
}

#[test]
fn lines_twice_out_of_order_or_left_out_are_refused() {
    let room = accepted();
    let key = *Card::parse(&room.read("table/card-approvers-1.txt")).unwrap().receipt_key.key();
    let text = String::from_utf8(room.read("table/dealing-approvers-1.txt")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for at in 0..lines.len() {
        let (mut without, mut twice, mut swapped) = (lines.clone(), lines.clone(), lines.clone());
        without.remove(at);
        twice.insert(at, lines[at]);
        swapped.swap(at, (at + 1) % lines.len());
        for wrong in [without, twice, swapped] {
            let bytes = wrong.join("\n") + "\n";
            assert!(DealingFile::parse_signed(bytes.as_bytes(), &key).is_err(), "line {at}");
        }
    }
}

/// The text of a signed file without its last line.
fn unsigned(file: &[u8]) -> String {
    let text = std::str::from_utf8(file).unwrap();
    text[..text.trim_end().rfind('\n').unwrap() + 1].to_owned()
}

/// What `parse` says of a text that its maker signed, by rule.
fn rule<T>(text: &str, key: &SigningKey, parse: impl Fn(&[u8]) -> Result<T, FileError>) -> Option<&'static str> {
    match parse(&signed(text.as_bytes().to_vec(), key)) {
        Ok(_) => None,
        Err(FileError::Spelling(error)) => Some(error.code()),
        Err(FileError::BadSignature) => Some("signature"),
    }
}

#[test]
fn cer_01_the_makers_signature_makes_no_other_spelling_right() {
    let room = accepted();
    let state = State::open(Folder::look(&room.path("approvers-1")).unwrap()).unwrap();
    let (key, public) = (state.receipt_key().unwrap(), *state.member().receipt_key.key());
    let box_key = state.box_key().unwrap().unwrap().expose(|octets| seal::secret::Secret::new(*octets));
    let complaint = Complaint { ceremony: [1; 32], member: 1, dealer: 2, dealing: [2; 32], box_key }.sign(&key);
    type Parse = Box<dyn Fn(&[u8]) -> Result<(), FileError>>;
    let kinds: [(Vec<u8>, Parse); 4] = [
        (room.read("table/card-approvers-1.txt"), Box::new(|bytes| Card::parse(bytes).map(drop))),
        (room.read("table/dealing-approvers-1.txt"), Box::new(move |bytes| DealingFile::parse_signed(bytes, &public).map(drop))),
        (room.read("table/acceptance-approvers-1.txt"), Box::new(move |bytes| Acceptance::parse_signed(bytes, &public).map(drop))),
        (complaint, Box::new(move |bytes| Complaint::parse_signed(bytes, &public).map(drop))),
    ];
    for (file, parse) in &kinds {
        let text = unsigned(file);
        assert_eq!(rule(&text, &key, parse), None);
        // A line more, before or behind the signature that stands there already.
        assert_eq!(rule(&format!("{text}remark hello\n"), &key, parse), Some("DOC-03"), "{text}");
        assert_eq!(rule(std::str::from_utf8(file).unwrap(), &key, parse), Some("DOC-05"), "{text}");
    }
    // Lines of one kind in another order read the same.
    for ((file, parse), kind) in kinds.iter().zip(["", "share ", "dealing "]).skip(1) {
        let text = unsigned(file);
        let mut lines: Vec<&str> = text.lines().collect();
        let first = lines.iter().position(|line| line.starts_with(kind)).unwrap();
        lines.swap(first, first + 1);
        assert_eq!(rule(&(lines.join("\n") + "\n"), &key, parse), Some("DOC-06"), "{kind}");
    }
    // The number of a power is a word, though its value is only counted.
    let (file, parse) = &kinds[1];
    for (number, code) in [("commitment  ", "DOC-04"), ("commitment ", "DOC-04"), ("commitment 7 ", "DOC-06")] {
        assert_eq!(rule(&unsigned(file).replacen("commitment 0 ", number, 1), &key, parse), Some(code), "{number}");
    }
}

#[test]
fn the_record_reads_back_and_names_its_members() {
    let room = accepted();
    room.all("finish", "approvers", &[1, 2, 3], 2, &[]);
    let bytes = room.read("table/committee-approvers.txt");
    let record = CommitteeRecord::parse(&bytes).unwrap();
    assert_eq!(record.to_bytes(), bytes);
    assert_eq!(verify::spelling::hex(&record.provider), PROVIDER);
    let parts = record.to_policy();
    assert_eq!((parts.generation, parts.members.len(), parts.members[2].index), (0, 3, 3));
    assert_eq!(parts.members[0].organisation, "Body 1 of the approvers");
    for (from, to) in [("need 2", "need 3"), ("of 3", "of 4"), ("generation 0", "generation 00"), ("member 2", "member 4")] {
        let changed = String::from_utf8(bytes.clone()).unwrap().replacen(from, to, 1);
        let refused = CommitteeRecord::parse(changed.as_bytes()).is_err_and(|_| true)
            || CommitteeRecord::parse(changed.as_bytes()).is_ok_and(|record| record.key.check().is_err());
        assert!(refused, "{from}");
    }
    assert_ne!(file_hash(&bytes), file_hash(b""));
}

#[test]
fn words_that_steer_a_screen_are_refused() {
    let room = Room::new();
    for name in ["", " Anna", "An\u{202e}na", "An\u{1b}[2Jna", &"x".repeat(129)] {
        let words = ["init", "--state", "s", "--committee", "approvers", "--index", "1", "--organisation", "Body", "--name", name];
        room.run(&words).refused(2, "usage");
    }
}
