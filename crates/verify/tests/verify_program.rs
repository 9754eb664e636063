//! The program itself, on files: every example of its help runs, every exit status has a case (LOG-94).

mod support;

use std::path::Path;
use std::process::{Command, Output};

use seal::catalogue::RecordType;
use standards::package::{Action, Content, EvidenceFile, OrderFile, PackageDraft, PackageKey, QueryRun, Row, Table};
use support::*;
use verify::log::split::{Evidence, Kind, Side};
use verify::names::Span;
use verify::spelling::hex;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_waarborg-verify")).args(arguments).current_dir(folder).output().expect("the program runs")
}

fn status(folder: &Path, arguments: &[&str]) -> i32 {
    run(folder, arguments).status.code().expect("an exit status")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// A production of the good case, written by the writer that gateways use.
fn draft(production: &Production) -> PackageDraft {
    let rows = production.rows.iter().map(|row| Row { item: row.item as u32, record: row.record.clone() });
    let evidence = production.evidence.values().map(|file| EvidenceFile {
        category: RecordType::of_category(file.category).unwrap().slug().to_owned(),
        slot_no: file.slot.no(),
        content: Content::Bytes(file.to_bytes()),
    });
    PackageDraft {
        statement: production.statement.clone(),
        order: vec![OrderFile { name: "order.txt".to_owned(), content: Content::Bytes(production.log.order.document.clone()) }],
        tables: vec![Table { record_type: RecordType::Traffic, rows: rows.collect() }],
        evidence: evidence.collect(),
        queries: vec![QueryRun {
            category: "traffic".to_owned(),
            query_sha256: [9; 32],
            connector: "sealed-segments".to_owned(),
            connector_version: "0.1.0".to_owned(),
            snapshot: "two epochs".to_owned(),
            rows: production.rows.len() as u64,
        }],
        actions: vec![Action { name: "opened".to_owned(), performer: "Example Messenger".to_owned(), from: at(14, 21), until: at(14, 22) }],
        log: production.log.clone(),
    }
}

/// A folder with every file that the examples name.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let (key, _) = PackageKey::generate("Example Messenger", at(0, 0), at(0, 0) + 86_400 * 365).unwrap();
    let certificate = key.certificate_sha256();
    let plan = Plan {
        policy: Box::new(move |_, parts| parts.package_certificate = certificate),
        order: Box::new(|_, terms| terms.period = Span::new(terms.period.from() - 60, terms.period.until() + 60).unwrap()),
        ..Plan::default()
    };
    let mut good = plan.build();
    let production = good.production(Shape::default());
    let put = |name: &str, octets: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, octets).unwrap();
    };
    let package = draft(&production).assemble().unwrap().sign(&key, at(14, 30)).unwrap().to_bytes().unwrap();
    put("production.asice", &package);
    put("policy.txt", good.policy.to_bytes());
    production.segments.iter().for_each(|(hash, octets)| put(&format!("segments/{}", hex(hash)), octets));
    production.public.iter().for_each(|(path, octets)| put(&format!("public/{path}"), octets));
    put("entry.tlog-proof", &production.log.order.proof);
    put("entry.hex", format!("{}\n", hex(&good.order.record().entry())).as_bytes());
    put("log-policy.txt", good.policy.parts().orders.as_bytes());
    let head = |size: u64| {
        let mut twin = LogSim::new(support::world::ORDERS);
        twin.fill(size);
        let note = twin.note(size, good.world.signer(support::world::ORDERS), &[]);
        Side::Note(verify::log::note::SignedNote::parse(&note).unwrap())
    };
    let real = good.orders.note(25, good.world.signer(support::world::ORDERS), &[]);
    let real = Side::Note(verify::log::note::SignedNote::parse(&real).unwrap());
    put("split-view.txt", &Evidence { kind: Kind::SameSize, sides: [head(25), real] }.to_bytes());
    put("keys.txt", format!("{}\n", good.world.signer(support::world::ORDERS).vkey()).as_bytes());
    folder
}

/// The examples as the help prints them.
fn examples(help: &str) -> Vec<Vec<String>> {
    let lines = help.lines().filter_map(|line| line.strip_prefix("  waarborg-verify "));
    lines.map(|line| line.split(' ').map(str::to_owned).collect()).collect()
}

#[test]
fn log_94_every_example_of_the_help_runs() {
    let folder = folder();
    let help = run(folder.path(), &["--help"]);
    assert_eq!(help.status.code(), Some(0));
    let short = run(folder.path(), &["-h"]);
    assert_eq!((short.status.code(), short.stdout), (Some(0), help.stdout.clone()));
    let examples = examples(&text(&help));
    assert_eq!(examples.len(), 7);
    for example in examples {
        let arguments: Vec<&str> = example.iter().map(String::as_str).collect();
        let output = run(folder.path(), &arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{example:?}: {}{errors}", text(&output));
        assert!(!output.stdout.is_empty(), "{example:?}");
    }
}

#[test]
fn the_report_of_a_real_package() {
    let folder = folder();
    let report = text(&run(folder.path(), &["production.asice", "--policy", "policy.txt"]));
    for line in [
        "signed by ",
        "P1 only what is ordered",
        "proven; order and intent stand in the log, cosigned by w1, w2, w3, w4 [REL-13]",
        "provider's word; no auditor fetched a segment",
        "attested by Organisation of approver-1, Organisation of approver-2",
    ] {
        assert!(report.contains(line), "{line} in {report}");
    }
    let with = ["production.asice", "--policy", "policy.txt", "--segments", "segments", "--public", "public"];
    let report = text(&run(folder.path(), &with));
    assert!(!report.contains("provider's word"), "{report}");
    let unknown = text(&run(folder.path(), &["production.asice"]));
    assert!(unknown.contains("internally consistent, signer unknown") && !unknown.contains("proven"), "{unknown}");
    assert!(text(&run(folder.path(), &["production.asice", "--policy", "policy.txt", "--lang", "nl"])).contains("bewezen"));
}

#[test]
fn log_94_exit_status_2_is_usage() {
    let folder = folder();
    let p = "production.asice";
    let wrong: [&[&str]; 12] = [
        &[],
        &[p, p],
        &[p, "--polcy", "policy.txt"],
        &[p, "--policy"],
        &[p, "--policy", "policy.txt", "--policy", "policy.txt"],
        &[p, "--json", "--json"],
        &[p, "--lang", "fr"],
        &["proof", "entry.tlog-proof"],
        &["split-view", "split-view.txt", "--keys", "keys.txt", "--lang", "nl"],
        // An option that there is not is no package either; one of another command is not passed over.
        &["--jsn"],
        &[p, "--keys", "keys.txt"],
        &["proof", "entry.tlog-proof", "--entry", "entry.hex", "--log-policy", "log-policy.txt", "--lang", "nl"],
    ];
    for arguments in wrong {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("hint:"), "{arguments:?}");
    }
}

#[test]
fn log_94_exit_status_4_is_unavailable() {
    let folder = folder();
    let p = "production.asice";
    let away: [&[&str]; 4] = [
        &["absent.asice"],
        &[p, "--policy", "absent.txt"],
        &[p, "--policy", "policy.txt", "--segments", "absent"],
        &[p, "--policy", "policy.txt", "--public", "policy.txt"],
    ];
    for arguments in away {
        assert_eq!(status(folder.path(), arguments), 4, "{arguments:?}");
    }
}

#[test]
fn log_94_exit_status_1_is_refused_and_3_is_failed() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let p = "production.asice";
    // 1: not what its name says.
    assert_eq!(status(folder.path(), &["policy.txt"]), 1);
    assert_eq!(status(folder.path(), &[p, "--policy", "keys.txt"]), 1);
    assert_eq!(status(folder.path(), &["proof", "keys.txt", "--entry", "entry.hex", "--log-policy", "log-policy.txt"]), 1);
    assert_eq!(status(folder.path(), &["split-view", "keys.txt", "--keys", "keys.txt"]), 1);
    // 3: it is, and does not hold.
    let octets = std::fs::read(path(p)).unwrap();
    let mut spoiled = octets.clone();
    let middle = spoiled.len() / 2;
    spoiled[middle] ^= 1;
    std::fs::write(path("spoiled.asice"), spoiled).unwrap();
    assert_eq!(status(folder.path(), &["spoiled.asice"]), 3);
    assert_eq!(status(folder.path(), &["spoiled.asice", "--policy", "policy.txt"]), 3);
    // Signed by somebody else than the policy says.
    std::fs::write(path("other.txt"), World::new(7).policy().to_bytes()).unwrap();
    assert_eq!(status(folder.path(), &[p, "--policy", "other.txt"]), 3);
    std::fs::write(path("other.hex"), "00\n").unwrap();
    assert_eq!(status(folder.path(), &["proof", "entry.tlog-proof", "--entry", "other.hex", "--log-policy", "log-policy.txt"]), 3);
    let other_key = format!("{}\n", World::new(9).signer(support::world::ORDERS).vkey());
    std::fs::write(path("other-keys.txt"), other_key).unwrap();
    assert_eq!(status(folder.path(), &["split-view", "split-view.txt", "--keys", "other-keys.txt"]), 3);
    // A copy of a segment that is not the logged one.
    let segment = std::fs::read_dir(path("segments")).unwrap().next().unwrap().unwrap().path();
    std::fs::write(segment, b"").unwrap();
    let output = run(folder.path(), &[p, "--policy", "policy.txt", "--segments", "segments", "--json"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output).contains("\"rule\":\"SEA-44\""));
}
