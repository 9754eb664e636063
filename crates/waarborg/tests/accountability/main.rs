//! Accountability to its end, by the commands that people have (log.md section 6, issue of the secrecy of leaves): a gateway keeps what
//! opens its leaves, a year goes by, `log overdue` names what is sealed still, `log openings` opens it, `log overdue` is empty, and
//! anybody recomputes the figures of the year. Real programs, a real case database behind the real door; the clock is the story's.

#[path = "../../../verify/tests/support/mod.rs"]
mod fixture;
mod gateway;
mod logs;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use fixture::world::{DAY_ZERO, ORDERS, PROVIDER};
use fixture::{Good, Plan, Shape};
use logs::{Logs, Shared};
use standards::package::{Action, Content, EvidenceFile, OrderFile, PackageDraft, PackageKey, QueryRun, Row, Table};
use verify::calendar::{DAY, Day};
use verify::names::{DirectoryId, Span};
use verify::record::{DraftRecord, Kind, Parent, Record, SignedRecord, Value};
use verify::statement::{SignedStatement, Statement};

/// 1 January 2026.
const D0: u32 = (DAY_ZERO / DAY) as u32;
/// What a story's first head dates.
const LOGGED: u32 = D0 + 2;
/// `max_seal` of the fixture's policy.
const MAX_SEAL: u32 = 366;
const KEYS: [(&str, &str); 5] = [
    ("gateway.key", "gateway"),
    ("om.key", "prosecutor"),
    ("renewer.key", "renewer"),
    ("auditor.key", "auditor"),
    ("log-operator.key", "log-operator"),
];

/// A folder with every file that the commands name, both logs, and a gateway with one order.
struct House {
    folder: tempfile::TempDir,
    logs: Shared,
    orders: String,
    public: String,
    gateway: gateway::Gateway,
    order: u64,
    /// What the gateway handed in to ORDERS, the order included.
    real: Vec<u64>,
}

/// Records that the gateway signs about its order, and those handed in to it.
struct Papers {
    order: Vec<u8>,
    intent: Vec<u8>,
    release: SignedRecord,
    receipt: SignedRecord,
    outcome: SignedRecord,
    extension: SignedRecord,
    notice: SignedRecord,
}

fn id(text: &str) -> DirectoryId {
    DirectoryId::parse(text).unwrap()
}

fn record(good: &mut Good, kind: Kind, parent: u64, more: Vec<Value>, signer: &str) -> SignedRecord {
    let mut values =
        vec![Value::Kind(kind), Value::Provider(PROVIDER), Value::Parent(Parent::new(ORDERS, parent)), Value::Authority(id("nl.om"))];
    values.extend(more);
    let draft = DraftRecord::draw(Record::draw(values, &mut good.world.entropy).unwrap(), &mut good.world.entropy);
    let signature = good.world.signer(signer).sign_message(&draft.record.message());
    draft.signed(signature.to_vec())
}

fn papers(good: &mut Good) -> Papers {
    let (order, intent) = (good.bundle.order_place.index, good.bundle.intent_place.index);
    let frame = good.order.record().record().order_frame().unwrap();
    let extended = vec![
        Value::Court(id("nl.rechtbank")),
        Value::NoticeDue(DAY_ZERO + 95 * DAY),
        Value::SealUntil(u64::from(LOGGED + MAX_SEAL + 30) * DAY),
    ];
    Papers {
        order: good.order.to_bytes(),
        intent: good.intent.to_bytes(),
        release: record(good, Kind::Release, intent, vec![Value::ReleaseSet([1; 32])], "gateway"),
        receipt: record(good, Kind::Receipt, intent, vec![Value::ReleaseSet([2; 32])], "gateway"),
        outcome: record(good, Kind::Outcome, order, vec![Value::StatHash], "gateway"),
        extension: record(good, Kind::Extension, order, extended, "court"),
        notice: record(good, Kind::Notice, order, vec![Value::OrderFrame(frame), Value::IdsRoot([4; 32])], "prosecutor"),
    }
}

impl House {
    /// `logged`: the day of the first head, which dates every leaf.
    fn new(logged: u32) -> House {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let (package_key, _) = PackageKey::generate("Example Messenger", DAY_ZERO, DAY_ZERO + 365 * DAY).unwrap();
        let certificate = package_key.certificate_sha256();
        let mut plan = Plan { policy: Box::new(move |_, parts| parts.package_certificate = certificate), ..Plan::default() };
        plan.order(|_, terms| {
            terms.period = Span::new(terms.period.from() - 60, terms.period.until() + 60).unwrap();
            // In the quarter in which everything is logged (NOT-12).
            terms.notice_due = DAY_ZERO + 80 * DAY;
        });
        let mut good = plan.build();
        let papers = papers(&mut good);
        std::fs::write(at("production.asice"), package(&mut good, &package_key)).unwrap();
        for (file, name) in KEYS {
            std::fs::write(at(file), good.world.key_file(name)).unwrap();
        }
        std::fs::write(at("policy"), good.policy.to_bytes()).unwrap();
        std::fs::write(at("orders.tlog-policy"), &good.policy.parts().orders).unwrap();
        std::fs::write(at("day.secret"), "ab".repeat(32) + "\n").unwrap();
        std::fs::write(at("order.txt"), &papers.order).unwrap();
        std::fs::write(at("extension.record"), papers.extension.to_bytes()).unwrap();
        for epoch in &good.closed {
            let path = at("segments/segments").join(verify::spelling::hex(&epoch.header.hash()));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &epoch.segment).unwrap();
        }
        let order = good.bundle.order_place.index;
        let (policy, public) = (good.policy.to_bytes().to_vec(), good.public.entries.clone());
        let mut logs = Logs::new(good.world, folder.path(), u64::from(logged - 1) * DAY);
        let mut real = Vec::new();
        for entry in &good.orders.entries {
            // The fixture's own fillers are no leaves; a log's dummies can be shown.
            match verify::log::leaf::d_of_entry(entry) {
                Some(_) => real.push(logs.orders.sim.push(entry)),
                None => logs.orders.dummy(),
            }
        }
        for record in [&papers.release, &papers.receipt, &papers.outcome, &papers.extension, &papers.notice] {
            real.push(logs.orders.sim.push(&record.entry()));
        }
        for entry in &public {
            logs.public.sim.push(entry);
        }
        logs.tick();
        logs.day(Day(logged));
        let logs = Arc::new(Mutex::new(logs));
        let (orders, public) = (logs::serve(&logs, |logs| &mut logs.orders), logs::serve(&logs, |logs| &mut logs.public));
        let gateway = gateway::Gateway::start(folder.path(), &papers, &policy, (&orders, &public));
        House { folder, logs, orders, public, gateway, order, real }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command line as people type it; ORDERS, PUBLIC and the gateway go by names.
    fn run(&self, line: &str) -> Output {
        let line = line.replace("ORDERS", &self.orders).replace("PUBLIC", &self.public).replace("GATEWAY", &self.gateway.address);
        run(self.folder.path(), &words(&line))
    }

    fn ok(&self, line: &str) -> String {
        let output = self.run(line);
        assert_eq!(output.status.code(), Some(0), "{line}: {}{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }

    /// The indexes that `log overdue` names on a day, with the rule.
    fn overdue(&self, today: u32) -> Vec<(String, u64)> {
        let output = self.run(&format!("log overdue --orders ORDERS --public PUBLIC --policy policy --today {}", Day(today)));
        let findings: Vec<(String, u64)> = text(&output.stdout).lines().map(finding).collect();
        let expected = if findings.is_empty() { 0 } else { 13 };
        assert_eq!(output.status.code(), Some(expected), "{findings:?} {}", text(&output.stderr));
        findings
    }

    /// Writes what is due on a day, and publishes it by hand.
    fn openings(&self, today: u32) -> String {
        let out = format!("openings-{today}");
        let line = "log openings --gateway GATEWAY --token desk.token --orders ORDERS --public PUBLIC --policy policy --key gateway.key \
                    --day-secret day.secret";
        let told = self.ok(&format!("{line} --today {} -o {out}", Day(today)));
        for entry in std::fs::read_dir(self.at(&out)).unwrap() {
            self.ok(&format!("log publish {} --log PUBLIC", entry.unwrap().path().display()));
        }
        told
    }

    fn day(&self, day: u32) {
        self.logs.lock().unwrap().day(Day(day));
    }
}

fn finding(line: &str) -> (String, u64) {
    let finding: serde_json::Value = serde_json::from_str(line).unwrap();
    let what = finding["what"].as_str().unwrap();
    let index = what.strip_prefix("index ").and_then(|rest| rest.split(':').next()).and_then(|index| index.parse().ok());
    (finding["code"].as_str().unwrap().to_owned(), index.unwrap_or_else(|| panic!("{what}")))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Parted by spaces; between quotes they stay.
fn words(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, part) in line.split('"').enumerate() {
        match number % 2 {
            0 => found.extend(part.split_whitespace().map(str::to_owned)),
            _ => found.push(part.to_owned()),
        }
    }
    found
}

fn run(folder: &Path, words: &[String]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_waarborg")).args(words).current_dir(folder).output().unwrap()
}

/// The production of the good case, written by the writer that gateways use.
fn package(good: &mut Good, key: &PackageKey) -> Vec<u8> {
    let production = good.production(Shape::default());
    let rows = production.rows.iter().map(|row| Row { item: row.item as u32, record: row.record.clone() });
    let evidence = production.evidence.values().map(|file| EvidenceFile {
        category: "traffic".to_owned(),
        slot_no: file.slot.no(),
        content: Content::Bytes(file.to_bytes()),
    });
    let at = DAY_ZERO + 14 * 3_600;
    let draft = PackageDraft {
        statement: production.statement.clone(),
        order: vec![OrderFile { name: "order.txt".to_owned(), content: Content::Bytes(production.log.order.document.clone()) }],
        tables: vec![Table { record_type: seal::catalogue::RecordType::Traffic, rows: rows.collect() }],
        evidence: evidence.collect(),
        queries: vec![QueryRun {
            category: "traffic".to_owned(),
            query_sha256: [9; 32],
            connector: "sealed-segments".to_owned(),
            connector_version: "0.1.0".to_owned(),
            snapshot: "two epochs".to_owned(),
            rows: production.rows.len() as u64,
        }],
        actions: vec![Action { name: "opened".to_owned(), performer: "Example Messenger".to_owned(), from: at, until: at + 60 }],
        log: production.log.clone(),
    };
    draft.assemble().unwrap().sign(key, at + 60).unwrap().to_bytes().unwrap()
}

#[test]
fn log_47_a_served_order_is_opened_when_its_time_comes_and_its_year_is_recounted() {
    let house = House::new(LOGGED);
    let deadline = LOGGED + MAX_SEAL;
    // Half a year later nothing is due, and nothing is opened.
    house.day(D0 + 180);
    assert_eq!(house.overdue(D0 + 180), []);
    let both = house.run("log openings --orders orders --public public --policy policy --key gateway.key --day-secret day.secret -o no --today 2030-01-01 --publish PUBLIC");
    assert_eq!(both.status.code(), Some(2), "nobody opens by a wrong day in one step");
    assert_eq!(house.openings(D0 + 180), "0 to be opened, 0 open, 7 later, 0 not in this log\n");
    // The court extended the order; who renews is shown that, and the deadline moves (LOG-49).
    house.ok(&format!("log renew extension.record --origin {ORDERS} --policy policy --key renewer.key -o renew.txt"));
    house.ok("log publish renew.txt --log PUBLIC");
    house.day(deadline + 1);
    let late = house.overdue(deadline + 1);
    let size = house.logs.lock().unwrap().orders.sim.size();
    assert_eq!(late.len() as u64, size - 1, "every leaf but the renewed order's: {late:?}");
    assert!(late.iter().all(|(code, index)| code == "LOG-47" && *index != house.order));
    // The operator shows its dummies, the gateway opens its leaves.
    std::fs::write(house.at("orders.toml"), orders_toml()).unwrap();
    std::fs::create_dir(house.at("dummies")).unwrap();
    std::fs::write(house.at(&format!("dummies/{}.key", Day(D0))), "d0".repeat(32) + "\n").unwrap();
    let due = format!("--day-secret day.secret --public PUBLIC --policy policy --today {}", Day(deadline + 1));
    let dummies = house.ok(&format!("log disclose orders.toml --from 0 --to {size} --key log-operator.key {due} -o shown"));
    assert_eq!(dummies, format!("{} dummies\n", size - house.real.len() as u64));
    house.ok("log publish shown/dummy-0000.txt --log PUBLIC");
    assert_eq!(house.overdue(deadline + 1).len(), house.real.len() - 1);
    assert_eq!(house.openings(deadline + 1), "6 to be opened, 0 open, 1 later, 0 not in this log\n");
    assert_eq!(house.overdue(deadline + 1), []);
    // What stands opened is not handed out again, and the gateway has dropped it: its values and salts are public or nobody's.
    assert_eq!(house.openings(deadline + 1), "0 to be opened, 0 open, 1 later, 0 not in this log\n");
    assert_eq!(house.gateway.records(), 1);
    // The renewed order's own time comes.
    house.day(deadline + 31);
    assert_eq!(house.overdue(deadline + 31), [("LOG-47".to_owned(), house.order)]);
    assert_eq!(house.openings(deadline + 31), "1 to be opened, 0 open, 0 later, 0 not in this log\n");
    assert_eq!(house.overdue(deadline + 31), []);
    let opened = std::fs::read_to_string(house.at(&format!("openings-{}/open-{}.txt", deadline + 31, house.order))).unwrap();
    assert!(!opened.contains("\nfield 8 ") && !opened.contains("\nfield 9 "), "selectors and case reference: {opened}");
    year(&house);
}

/// STA-19 to STA-22: the operator's table, recomputed by anybody from copies of the two logs.
fn year(house: &House) {
    house.ok("stats make --year 2027 --orders ORDERS --public PUBLIC --policy policy --key log-operator.key -o 2027.txt");
    let verify = "stats verify --year 2027 --orders orders --public public --policy policy --today";
    let missing = house.run(&format!("{verify} 2028-02-15"));
    assert_eq!(missing.status.code(), Some(3), "STA-22: no table a month after the year");
    house.ok("log publish 2027.txt --log PUBLIC");
    let told = house.ok(&format!("{verify} 2028-02-15"));
    for row in ["orders nl.om order epoc 1 native 2026 1", "outcomes nl.om order answered 1", "leaves receipt 1", "disclosed openings 7"] {
        assert!(told.lines().any(|line| line == row), "{row}: {told}");
    }
    // A table that says one order less is a public fault.
    let said = SignedStatement::parse(&std::fs::read(house.at("2027.txt")).unwrap()).unwrap();
    let Statement::Statistics(mut table) = said.statement().clone() else { panic!("no table") };
    table.openings -= 1;
    let lie = SignedStatement::sign(Statement::Statistics(table), &[house.logs.lock().unwrap().world.signer("log-operator")]).unwrap();
    std::fs::write(house.at("lie.txt"), lie.to_bytes()).unwrap();
    assert_eq!(house.run(&format!("{verify} 2028-02-15 --statement lie.txt")).status.code(), Some(3));
}

fn orders_toml() -> String {
    format!(
        "kind = \"orders\"\norigin = \"{ORDERS}\"\ninception_unix_s = {DAY_ZERO}\nstate_dir = \"orders\"\nsigning_key_file = \"orders.key\"\n\
         tlog_policy_file = \"orders.tlog-policy\"\ntick_interval_s = 300\nbatch_entries = {}\nwitness_timeout_ms = 20000\n\
         listen = \"127.0.0.1:0\"\ndummy_keys_dir = \"dummies\"\nwitnesses = []\n",
        logs::BATCH
    )
}

/// The examples as the help of a command prints them.
fn examples(folder: &Path, command: &str) -> Vec<String> {
    let help = run(folder, &[command.to_owned(), "--help".to_owned()]);
    text(&help.stdout).lines().filter_map(|line| line.strip_prefix("  waarborg ")).map(str::to_owned).collect()
}

/// In the order in which the help has them, each in the folder that the ones before it left. Addresses are the test's own.
#[test]
fn every_example_of_log_notice_and_stats_runs_as_it_is_written() {
    // `log follow` and `stats verify` judge by today's clock.
    let today = Day::containing(node::log::unix_now());
    let house = House::new(today.0);
    {
        let mut logs = house.logs.lock().unwrap();
        logs.now = node::log::unix_now();
        logs.tick();
    }
    std::os::unix::fs::symlink(house.folder.path(), house.at("copy")).unwrap();
    let d = verify::order::OrderDocument::parse(&std::fs::read(house.at("order.txt")).unwrap()).unwrap().record().d();
    let own = |line: &str| {
        let line = line.replace("http://127.0.0.1:8101", "ORDERS").replace("http://127.0.0.1:8102", "PUBLIC");
        let line = line.replace("http://127.0.0.1:8110", "GATEWAY").replace("--index 4711", &format!("--index {}", house.order));
        line.replace("7K3QX-...", &verify::notice::code(&d)).replace("2027", &today.civil().0.to_string())
    };
    let mut run = 0;
    for command in ["log", "notice", "stats"] {
        let examples = examples(house.folder.path(), command);
        assert!(3 <= examples.len() || command == "stats" && examples.len() == 2, "{command}: {examples:?}");
        for example in examples {
            house.ok(&own(&example));
            run += 1;
        }
    }
    assert_eq!(run, 12);
    let letter = std::fs::read_to_string(house.at("letter/letter.txt")).unwrap();
    assert!(letter.contains("phone:+31612345678") && !letter.contains("+31687654321"), "{letter}");
    let sorted: Vec<_> = std::fs::read_dir(house.at("sorted")).unwrap().collect();
    assert_eq!(sorted.len(), 1);
}

#[test]
fn not_19_a_letter_with_a_wrong_code_or_another_index_is_told_apart() {
    let house = House::new(LOGGED);
    let make = "notice make --package production.asice --selector phone:+31612345678 --orders ORDERS --policy policy --key om.key";
    let code = house.ok(&format!("{make} --remedies \"Object within six weeks.\" -o letter"));
    let code = code.trim();
    house.ok(&format!("notice code {code} --index {} --orders ORDERS", house.order));
    // The directory of a copy does as well as the address.
    house.ok(&format!("notice open letter/notice.txt --policy policy --orders orders --code {code}"));
    let wrong = |line: &str| house.run(line).status.code();
    assert_eq!(wrong(&format!("notice code {code} --index {} --orders ORDERS", house.order + 1)), Some(3));
    // Another first letter in any case: d is new in each run.
    let other_code = format!("{}{}", if code.starts_with('7') { '8' } else { '7' }, &code[1..]);
    assert_eq!(wrong(&format!("notice open letter/notice.txt --policy policy --code {other_code}")), Some(3));
    let before = std::fs::read(house.at("letter/notice.txt")).unwrap();
    assert_ne!(wrong(&format!("{make} --remedies x -o letter")), Some(0), "a letter is never overwritten");
    assert_eq!(std::fs::read(house.at("letter/notice.txt")).unwrap(), before);
    let other = make.replace("om.key", "renewer.key");
    assert_eq!(wrong(&format!("{other} --remedies x -o other")), Some(3), "NOT-08");
}

#[test]
fn log_49_only_who_may_renews_and_only_on_an_extension() {
    let house = House::new(LOGGED);
    let renew = |paper: &str, key: &str| {
        house.run(&format!("log renew {paper} --origin {ORDERS} --policy policy --key {key} -o no.txt")).status.code()
    };
    assert_eq!(renew("order.txt", "renewer.key"), Some(1), "no extension");
    assert_eq!(renew("extension.record", "gateway.key"), Some(1), "not the renewal key");
    assert!(!house.at("no.txt").exists());
}

#[test]
fn log_48_what_is_not_in_the_log_or_is_shown_by_another_log_is_not_opened() {
    let house = House::new(LOGGED);
    let open = |more: &str| house.run(&format!("log open order.txt --policy policy --key gateway.key -o open.txt {more}"));
    assert_eq!(open("--log PUBLIC").status.code(), Some(1), "not in this log");
    assert_eq!(open("--log ORDERS --withhold 12").status.code(), Some(1), "the due date stands in every opening");
    assert_eq!(open("--log ORDERS").status.code(), Some(0));
    // Under a policy whose witnesses did not cosign these heads, nothing is opened at all.
    let stranger = fixture::World::new(8);
    std::fs::write(house.at("other.policy"), stranger.policy().to_bytes()).unwrap();
    let line = "log openings --gateway GATEWAY --token desk.token --orders ORDERS --public PUBLIC --policy other.policy --key gateway.key \
                --day-secret day.secret -o none";
    assert_eq!(house.run(line).status.code(), Some(3));
    assert!(!house.at("none").exists());
}
