//! `adopt`, `judge`, `heads`, `resume` as commands, on a real folder, with the fixture's time for a clock.

#[path = "../../verify/tests/support/mod.rs"]
mod fixture;
#[path = "support/seat.rs"]
mod seat;

use std::io::{Error, ErrorKind, Read, Write};
use std::path::PathBuf;

use fixture::{Good, Plan};
use seal::entropy::SeededEntropy;
use seat::{at, furnish, good};
use trustee::cli::{Exit, Shell, run};
use trustee::disk::{Disk, Folder};
use verify::receipt::Answer;

/// A member's machine.
struct Machine {
    dir: tempfile::TempDir,
    good: Good,
}

struct Call {
    exit: Exit,
    out: Vec<u8>,
    err: String,
}

impl Call {
    fn text(&self) -> String {
        String::from_utf8(self.out.clone()).unwrap()
    }
}

impl Machine {
    fn new(plan: Plan) -> Machine {
        let machine = Machine { dir: tempfile::tempdir().unwrap(), good: good(plan) };
        let folder = Folder::init(&machine.path("state")).unwrap();
        furnish(&folder, &machine.good, &at(machine.good.now - 600));
        folder.erase("policy").unwrap();
        std::fs::write(machine.path("policy.txt"), machine.good.policy.to_bytes()).unwrap();
        std::fs::write(machine.path("bundle.txt"), machine.good.bundle.to_bytes()).unwrap();
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Runs a command; `{name}` in a word is a file of this machine.
    fn run(&self, words: &[&str], input: &[u8]) -> Call {
        self.run_at(words, input, self.good.now)
    }

    fn run_at(&self, words: &[&str], mut input: &[u8], now: u64) -> Call {
        self.run_with(words, &mut input, now)
    }

    fn run_with(&self, words: &[&str], input: &mut dyn Read, now: u64) -> Call {
        let words = self.words(words);
        let mut out = Vec::new();
        let (exit, err) = run_on(&words, input, &mut out, now);
        Call { exit, out, err }
    }

    fn words(&self, words: &[&str]) -> Vec<String> {
        let place = |word: &&str| match word.strip_prefix('{') {
            Some(name) => self.path(name.trim_end_matches('}')).display().to_string(),
            None => (*word).to_owned(),
        };
        words.iter().map(place).collect()
    }

    fn adopt(&self) {
        let call = self.run(&["adopt", "--state", "{state}", "--policy", "{policy.txt}"], b"");
        assert_eq!(call.exit, Exit::Done, "{}", call.err);
    }

    fn judge(&self, more: &[&str], input: &[u8]) -> Call {
        self.run(&[&["judge", "--state", "{state}", "--policy", "{policy.txt}"], more].concat(), input)
    }

    fn answer(&self, call: &Call) -> Answer {
        Answer::parse(&call.out, &self.good.policy).unwrap()
    }
}

/// The program on streams of the test's own.
fn run_on(words: &[String], input: &mut dyn Read, out: &mut dyn Write, now: u64) -> (Exit, String) {
    let (mut err, entropy) = (Vec::new(), &mut SeededEntropy::new([6; 32]));
    let exit = run(words, &mut Shell { out, err: &mut err, input, entropy, clock: &|| at(now) });
    (exit, String::from_utf8(err).unwrap())
}

#[test]
fn tru_07_a_member_judges_by_the_adopted_policy_only() {
    let machine = Machine::new(Plan::default());
    let bundle = machine.good.bundle.to_bytes();
    let call = machine.judge(&[], &bundle);
    assert_eq!((call.exit, call.out.len()), (Exit::NotVerified, 0));
    assert!(call.err.contains("TRU-07"), "{}", call.err);
    let adopted = machine.run(&["adopt", "--state", "{state}", "--policy", "{policy.txt}", "--lang", "nl"], b"");
    assert!(adopted.text().contains("aangenomen") && adopted.text().contains("guardians: 3/5"), "{}", adopted.text());
    let call = machine.judge(&[], &bundle);
    assert_eq!(call.exit, Exit::Done, "{}", call.err);
    assert!(matches!(machine.answer(&call), Answer::Release(_)));
    let audit = machine.run(&["audit", "--state", "{state}"], b"").text();
    assert!(audit.contains("adopted policy") && audit.contains("released 2 identities"), "{audit}");
    // The relay hands over another policy: nothing is judged.
    let other = String::from_utf8(machine.good.policy.to_bytes().to_vec()).unwrap().replace("Fixture", "Friendly");
    std::fs::write(machine.path("policy.txt"), other).unwrap();
    let call = machine.judge(&[], &bundle);
    assert_eq!((call.exit, call.out.len()), (Exit::NotVerified, 0));
}

#[test]
fn tru_08_adopting_a_policy_that_does_not_speak_of_this_member_is_refused() {
    let machine = Machine::new(Plan::default());
    let mut parts = machine.good.policy.parts().clone();
    parts.key.guardians.generation += 1;
    let policy = verify::policy::Policy::from_parts(parts).unwrap();
    std::fs::write(machine.path("policy.txt"), policy.to_bytes()).unwrap();
    let call = machine.run(&["adopt", "--state", "{state}", "--policy", "{policy.txt}"], b"");
    assert_eq!(call.exit, Exit::NotVerified);
    assert!(call.err.contains("TRU-08"));
}

#[test]
fn tru_10_a_refusal_ends_with_1_and_is_signed_a_fault_ends_with_4_and_is_silent() {
    let machine = Machine::new(Plan::default());
    machine.adopt();
    let call = machine.judge(&[], b"nonsense");
    assert_eq!(call.exit, Exit::Refused);
    assert!(matches!(machine.answer(&call), Answer::Refusal(refusal) if refusal.rule == 1));
    // Longer than any bundle: the judge refuses it, and says by which rule.
    let call = machine.judge(&[], &vec![b'x'; verify::bundle::Bundle::LEN_MAX + 2]);
    assert_eq!(call.exit, Exit::Refused);
    assert!(matches!(machine.answer(&call), Answer::Refusal(refusal) if refusal.rule <= 2));
    let call = machine.judge(&["--bundle", "{nowhere}"], b"");
    assert_eq!((call.exit, call.out.len()), (Exit::Fault, 0));
}

#[test]
fn the_heads_say_from_where_to_prove() {
    let machine = Machine::new(Plan::default());
    machine.adopt();
    let before = machine.run(&["heads", "--state", "{state}"], b"").text();
    assert!(before.starts_with("waarborg-heads/v1\nmember guardians 2\n"), "{before}");
    assert!(before.contains("head waarborg.example/orders/2026 18 "), "{before}");
    assert_eq!(machine.judge(&[], &machine.good.bundle.to_bytes()).exit, Exit::Done);
    let after = machine.run(&["heads", "--state", "{state}"], b"").text();
    let size = machine.good.orders.size();
    assert!(after.contains(&format!("head waarborg.example/orders/2026 {size} ")), "{after}");
}

#[test]
fn rel_34_a_person_sees_order_and_identities_side_by_side_and_types_its_numbers() {
    let machine = Machine::new(Plan::default());
    machine.adopt();
    let confirm = ["--bundle", "{bundle.txt}", "--confirm"];
    let call = machine.judge(&confirm, b"yes\n");
    assert_eq!((call.exit, call.out.len()), (Exit::NotVerified, 0));
    for shown in ["phone:+31612345678", "nl.om", "nl.rechtbank", "2026-01-01 10:00:00 .. 2026-01-01 12:00:00", "to be opened: 2 / 2"] {
        assert!(call.err.contains(shown), "{shown}: {}", call.err);
    }
    assert!(call.err.contains("REL-34"));
    assert!(!machine.run(&["audit", "--state", "{state}"], b"").text().contains("+31"), "the log names no selector");
    let numbers = trustee::comparison::confirmation(&machine.good.bundle);
    assert!(call.err.contains(&numbers));
    let dutch = machine.judge(&[&confirm[..], &["--lang", "nl"]].concat(), b"\n");
    assert!(dutch.err.contains("bevolen: ") && dutch.err.contains("te openen: 2 / 2"));
    let call = machine.judge(&confirm, format!("{numbers}\n").as_bytes());
    assert_eq!(call.exit, Exit::Done, "{}", call.err);
    // Without a file there is nowhere to type.
    assert_eq!(machine.judge(&["--confirm"], b"").exit, Exit::Usage);
}

#[test]
fn rel_34_what_the_order_does_not_name_is_shown_apart() {
    let other = fixture::case::scope_item("phone:+31687654321", seal::identity::Category::TRAFFIC, 10, 11);
    let plan = Plan { order: Box::new(move |_, terms| terms.items = vec![other]), ..Plan::default() };
    let machine = Machine::new(plan);
    machine.adopt();
    let call = machine.judge(&["--bundle", "{bundle.txt}", "--confirm"], b"no\n");
    assert!(call.err.contains("NOT IN THE ORDER: 2"), "{}", call.err);
    // And whoever confirms it all the same is stopped by the list.
    let numbers = trustee::comparison::confirmation(&machine.good.bundle);
    let call = machine.judge(&["--bundle", "{bundle.txt}", "--confirm"], numbers.as_bytes());
    assert_eq!(call.exit, Exit::Refused);
    assert!(matches!(machine.answer(&call), Answer::Refusal(refusal) if refusal.rule == 14));
}

#[test]
fn rel_06_two_histories_stop_the_member_until_a_person_resumes() {
    // The member kept a head of the same log and size with another root.
    let size = Plan::default().build().orders.size();
    let plan = Plan {
        kept: Box::new(move |_, kept| {
            let (origin, mut head) =
                kept.heads().map(|(o, h)| (o.clone(), h.clone())).find(|(o, _)| o.as_str() == fixture::world::ORDERS).unwrap();
            (head.size, head.root) = (size, [0x66; 32]);
            kept.apply(&verify::release::KeptChange::Head { origin, head });
        }),
        ..Plan::default()
    };
    let machine = Machine::new(plan);
    machine.adopt();
    let bundle = machine.good.bundle.to_bytes();
    for _ in 0..2 {
        let call = machine.judge(&[], &bundle);
        assert_eq!(call.exit, Exit::Refused);
        assert!(matches!(machine.answer(&call), Answer::Refusal(refusal) if refusal.rule == 6));
    }
    assert!(machine.run(&["show", "--state", "{state}"], b"").text().contains("STOPPED"));
    let evidence = std::fs::read_dir(machine.path("state")).unwrap().flatten();
    assert!(evidence.filter(|entry| entry.file_name().to_string_lossy().starts_with("evidence-")).count() > 0);
    let resumed = machine.run(&["resume", "--state", "{state}", "--reason", "given to all members"], b"");
    assert_eq!(resumed.exit, Exit::Done, "{}", resumed.err);
    assert!(!machine.run(&["show", "--state", "{state}"], b"").text().contains("STOPPED"));
    assert!(machine.run(&["audit", "--state", "{state}"], b"").text().contains("resumed: given to all members"));
}

#[test]
fn sea_49_when_period_and_retention_are_over_all_shares_go_and_the_member_says_so() {
    let machine = Machine::new(Plan::default());
    machine.adopt();
    let (period, end) = (machine.good.policy.parts().key.period.until(), machine.good.policy.key_ends());
    assert!(period < end);
    let key = verify::spelling::hex(&machine.good.policy.key_id().0);
    let destroy = |key: &str, now: u64| {
        let words = ["destroy", "--state", "{state}", "--policy", "{policy.txt}", "--table", "{}", "--key", key];
        machine.run_at(&words, b"", now)
    };
    for (key, now) in [(key.as_str(), period), (&key, end - 1), (&"0".repeat(64), end)] {
        let call = destroy(key, now);
        assert_eq!(call.exit, Exit::NotVerified);
        assert!(call.err.contains("SEA-49"), "{}", call.err);
        assert!(machine.path("state").join("share-1.key").exists());
    }
    for count in ["1 shares", "0 shares"] {
        let call = destroy(&key, end);
        assert_eq!(call.exit, Exit::Done, "{}", call.err);
        assert!(call.text().starts_with(count), "{}", call.text());
    }
    assert!(!machine.path("state").join("share-1.key").exists());
    let bytes = std::fs::read(machine.path("share-deletion-guardians-2.txt")).unwrap();
    let statement = verify::statement::SignedStatement::parse(&bytes).unwrap();
    let own = &machine.good.policy.member(seat::ID).unwrap().receipt_key;
    assert!(statement.verify(&[own], 1).is_ok());
    let call = machine.judge(&[], &machine.good.bundle.to_bytes());
    assert_eq!((call.exit, call.out.len()), (Exit::NotVerified, 0));
}

/// Standard output that takes nothing, or that takes all and fails when it is asked to hand it on.
struct Closed {
    when_written: bool,
}

impl Write for Closed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.when_written { Err(Error::from(ErrorKind::BrokenPipe)) } else { Ok(bytes.len()) }
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Err(Error::from(ErrorKind::BrokenPipe))
    }
}

/// Standard input that breaks off after some octets.
struct BreaksOff<'a>(&'a [u8]);

impl Read for BreaksOff<'_> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        if self.0.is_empty() { Err(Error::from(ErrorKind::ConnectionReset)) } else { self.0.read(to) }
    }
}

#[test]
fn tru_10_an_answer_that_nobody_took_is_a_fault() {
    for when_written in [true, false] {
        let machine = Machine::new(Plan::default());
        machine.adopt();
        let words = machine.words(&["judge", "--state", "{state}", "--policy", "{policy.txt}"]);
        let bundle = machine.good.bundle.to_bytes();
        let (exit, err) = run_on(&words, &mut &bundle[..], &mut Closed { when_written }, machine.good.now);
        assert_eq!(exit, Exit::Fault);
        assert!(err.contains("standard output"), "{err}");
    }
}

#[test]
fn tru_10_and_rel_34_input_that_breaks_off_is_neither_judged_nor_a_yes() {
    let machine = Machine::new(Plan::default());
    machine.adopt();
    let bundle = machine.good.bundle.to_bytes();
    // Whole as it is, and cut: who reads it cannot know that nothing was to follow.
    for there in [&bundle[..], &bundle[..100]] {
        let judge = ["judge", "--state", "{state}", "--policy", "{policy.txt}"];
        let call = machine.run_with(&judge, &mut BreaksOff(there), machine.good.now);
        assert_eq!((call.exit, call.out.len()), (Exit::Fault, 0));
        assert!(call.err.contains("standard input"), "{}", call.err);
    }
    let confirm = ["judge", "--state", "{state}", "--policy", "{policy.txt}", "--bundle", "{bundle.txt}", "--confirm"];
    let numbers = trustee::comparison::confirmation(&machine.good.bundle);
    let call = machine.run_with(&confirm, &mut BreaksOff(numbers.as_bytes()), machine.good.now);
    assert_eq!((call.exit, call.out.len()), (Exit::Fault, 0));
    assert!(call.err.contains("standard input"), "{}", call.err);
    assert_eq!(machine.run(&["audit", "--state", "{state}"], b"").text().lines().count(), 1, "adopted, and nothing judged");
    assert_eq!(machine.run(&confirm, numbers.as_bytes()).exit, Exit::Done);
}

#[test]
fn tru_10_a_file_that_cannot_be_read_or_is_too_long_is_a_fault() {
    let machine = Machine::new(Plan::default());
    machine.adopt();
    // A folder opens like a file, and fails at the first octet.
    let call = machine.judge(&["--bundle", "{state}"], b"");
    assert_eq!((call.exit, call.out.len()), (Exit::Fault, 0));
    let adopt = |length: usize| {
        std::fs::write(machine.path("policy.txt"), vec![b'x'; length]).unwrap();
        machine.run(&["adopt", "--state", "{state}", "--policy", "{policy.txt}"], b"").exit
    };
    assert_eq!(adopt(4 << 20), Exit::NotVerified, "read, and no policy");
    assert_eq!(adopt((4 << 20) + 1), Exit::Fault, "not read");
}

/// The own log takes no further line: its last one is torn, and what would take it away cannot be written.
fn close_log(machine: &Machine) -> impl FnOnce() {
    let (log, passing) = (machine.path("state").join("audit"), machine.path("state").join("audit.new"));
    let torn = [&std::fs::read(&log).unwrap()[..], b"7 torn"].concat();
    std::fs::write(&log, torn).unwrap();
    std::fs::create_dir(&passing).unwrap();
    move || std::fs::remove_dir(passing).unwrap()
}

#[test]
fn tru_07_a_policy_that_could_not_be_logged_or_pinned_is_not_adopted() {
    let machine = Machine::new(Plan::default());
    let adopt = || machine.run(&["adopt", "--state", "{state}", "--policy", "{policy.txt}"], b"").exit;
    let free = close_log(&machine);
    assert_eq!(adopt(), Exit::Fault);
    assert!(!machine.path("state").join("policy").exists(), "the line in the own log comes first");
    free();
    std::fs::create_dir(machine.path("state").join("policy.new")).unwrap();
    assert_eq!(adopt(), Exit::Fault);
    let call = machine.judge(&[], &machine.good.bundle.to_bytes());
    assert!(call.exit == Exit::NotVerified && call.err.contains("TRU-07"), "{}", call.err);
    std::fs::remove_dir(machine.path("state").join("policy.new")).unwrap();
    assert_eq!(adopt(), Exit::Done);
}

#[test]
fn rel_06_a_stop_that_could_not_be_taken_back_stands() {
    let stop = |kept: &mut verify::release::Kept| {
        kept.apply(&verify::release::KeptChange::Stopped { reason: "two histories".to_owned(), evidence: Vec::new() });
    };
    let machine = Machine::new(Plan { kept: Box::new(move |_, kept| stop(kept)), ..Plan::default() });
    let resume = || machine.run(&["resume", "--state", "{state}", "--reason", "seen by all"], b"").exit;
    let stands = || machine.run(&["show", "--state", "{state}"], b"").text().contains("STOPPED: two histories");
    let free = close_log(&machine);
    assert_eq!(resume(), Exit::Fault);
    assert!(stands());
    free();
    std::fs::create_dir(machine.path("state").join("kept.new")).unwrap();
    assert_eq!(resume(), Exit::Fault);
    assert!(stands());
    std::fs::remove_dir(machine.path("state").join("kept.new")).unwrap();
    assert_eq!(resume(), Exit::Done);
    assert!(!stands());
}

#[test]
fn sea_49_shares_go_after_the_line_in_the_own_log_and_the_statement_is_laid_down_or_told() {
    let machine = Machine::new(Plan::default());
    machine.adopt();
    let key = verify::spelling::hex(&machine.good.policy.key_id().0);
    let destroy = || {
        let words = ["destroy", "--state", "{state}", "--policy", "{policy.txt}", "--table", "{}", "--key", &key];
        machine.run_at(&words, b"", machine.good.policy.key_ends()).exit
    };
    let (share, said) = (machine.path("state").join("share-1.key"), machine.path("share-deletion-guardians-2.txt"));
    let free = close_log(&machine);
    assert_eq!(destroy(), Exit::Fault);
    assert!(share.exists() && !said.exists());
    free();
    std::fs::write(&said, b"somebody else's\n").unwrap();
    assert_eq!(destroy(), Exit::Fault);
    assert_eq!(std::fs::read(&said).unwrap(), b"somebody else's\n");
    std::fs::remove_file(&said).unwrap();
    assert_eq!(destroy(), Exit::Done);
    assert!(!share.exists() && said.exists());
}

#[test]
fn rel_34_only_what_lies_beyond_the_order_is_named_as_such() {
    // Ordered is the first of the two hours that would be opened.
    let narrow = fixture::case::scope_item("phone:+31612345678", seal::identity::Category::TRAFFIC, 10, 10);
    let machine = Machine::new(Plan { order: Box::new(move |_, terms| terms.items = vec![narrow]), ..Plan::default() });
    machine.adopt();
    let call = machine.judge(&["--bundle", "{bundle.txt}", "--confirm"], b"no\n");
    assert!(call.err.contains("to be opened: 1 / 1"), "{}", call.err);
    let (_, beyond) = call.err.split_once("NOT IN THE ORDER: 1\n").unwrap();
    assert!(beyond.contains(" 2026-01-01 11:00:00\n") && !beyond.contains(" 2026-01-01 10:00:00\n"), "{beyond}");
}
