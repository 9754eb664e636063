//! `order check`, `answer`, `translate`, `import` and `registry` as a desk uses them, on the samples in the docs.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn sample(name: &str) -> String {
    format!("{}/../../docs/samples/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn waarborg(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_waarborg")).args(args).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn check(file: &str, more: &[&str]) -> (serde_json::Value, i32) {
    let (provider, registry) = (sample("provider.toml"), format!("{}@2026-11-01T00:00:00Z", sample("registry.toml")));
    let mut args = vec!["order", "check", file, "--json", "--provider", &provider, "--registry", &registry];
    args.extend(["--received-at", "2026-11-20T16:10:00Z"]);
    args.extend(more);
    let output = waarborg(&args);
    (serde_json::from_slice(&output.stdout).unwrap(), output.status.code().unwrap())
}

fn verdict(view: &serde_json::Value, gate: u64) -> &str {
    let row = view["gates"].as_array().unwrap().iter().find(|row| row["gate"] == gate).unwrap();
    row["verdict"].as_str().unwrap()
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// The sample letter as an EPOC for subscriber data of a German court.
fn epoc() -> String {
    let letter = std::fs::read_to_string(sample("received.toml")).unwrap();
    let at = letter.find("[national]").unwrap();
    let end = letter.find("[[identifiers]]").unwrap();
    let letter = format!("{}{}", &letter[..at], &letter[end..]);
    letter
        .replace("form = \"national\"", "form = \"EPOC\"\ndeadlines = [\"AS_SOON_AS_POSSIBLE\"]")
        .replace("class = \"TRAFFIC\"", "class = \"SUBSCRIBER\"")
        .replace("[\"TRAFFIC_OTHER\", \"INTERNET_CONNECTION_TIMES\"]", "[\"USER_INFORMATION\"]")
}

#[test]
fn t6_a_letter_waits_for_the_call_back_to_the_registered_number() {
    let folder = tempfile::tempdir().unwrap();
    let letter = write(folder.path(), "letter.toml", &epoc());
    let letter = letter.to_str().unwrap();
    let (view, exit) = check(letter, &[]);
    assert_eq!((verdict(&view, 2), verdict(&view, 4), exit), ("hold", "hold", 0));
    assert_eq!(view["clocks"][0]["deadline_at"], "2026-11-30T23:00:00.000+00:00");
    let (view, exit) = check(letter, &["--called-back", "parket.example,+31205550101,An,Bo"]);
    assert_eq!((view["verdict"].as_str(), exit), (Some("pass"), 0), "{view}");
    let wrong = waarborg(&["order", "check", letter, "--called-back", "parket.example,+31205550101,An,Bo"]);
    assert_eq!(wrong.status.code(), Some(1), "no registry, no call-back");
    // The sample itself asks for traffic data: no call-back mends that.
    let (view, exit) = check(&sample("received.toml"), &["--called-back", "parket.example,+31205550101,An,Bo"]);
    assert_eq!((verdict(&view, 2), exit), ("fail", 3));
}

#[test]
fn an_answer_and_a_translation_are_forms_that_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let letter = write(folder.path(), "letter.toml", &epoc());
    let (form, answer) = (folder.path().join("epoc.xml"), folder.path().join("form3.xml"));
    let done = waarborg(&["order", "translate", letter.to_str().unwrap(), "--out", form.to_str().unwrap()]);
    assert!(done.status.success(), "{done:?}");
    let (view, _) = check(form.to_str().unwrap(), &[]);
    assert!(view["form"].as_str().unwrap().contains("Form 1"), "{view}");
    let shown = std::fs::read_to_string(sample("epoc.xml")).unwrap();
    assert_eq!(std::fs::read_to_string(&form).unwrap(), shown, "the sample that the README checks is this translation");
    assert_eq!((verdict(&view, 1), verdict(&view, 9), verdict(&view, 10)), ("pass", "pass", "pass"), "{view}");
    let out = answer.to_str().unwrap();
    let done = waarborg(&["order", "answer", form.to_str().unwrap(), "--ground", "1=4", "--out", out]);
    assert!(done.status.success(), "{done:?}");
    assert!(std::fs::read_to_string(&answer).unwrap().contains("Form3"));
    let spoken = waarborg(&["order", "answer", form.to_str().unwrap(), "--ground", "4", "--lang", "nl"]);
    assert!(text(&spoken).contains("het hele certificaat: 4 "), "{spoken:?}");
}

#[test]
fn t11_the_signature_of_the_original_decides_and_each_fault_has_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let letter = write(folder.path(), "letter.toml", &epoc());
    let original = |name: &str| format!("{}/../../testdata/signatures/cases/{name}", env!("CARGO_MANIFEST_DIR"));
    for (name, gate_2, reason) in [
        ("xades.xml", "pass", "XAdES by "),
        ("cades.p7m", "pass", "CAdES by "),
        ("gap-text.pdf", "fail", "SIG-32"),
        ("part-only.xml", "fail", "SIG-11"),
    ] {
        let (view, _) = check(letter.to_str().unwrap(), &["--original", &original(name)]);
        assert_eq!(verdict(&view, 2), gate_2, "{name}: {view}");
        let row = view["gates"].as_array().unwrap().iter().find(|row| row["gate"] == 2).unwrap();
        assert!(row["reason"]["en"].as_str().unwrap().contains(reason), "{name}: {row}");
        // Valid is not trusted, and trusted is not known to the registry.
        assert_ne!(verdict(&view, 4), "pass", "{name}");
    }
}

/// The form travels inside the message and is read there; an answer to the message names its tasks, so the State's system finds them.
#[test]
fn a_translation_and_an_answer_are_messages_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let letter = write(folder.path(), "letter.toml", &epoc());
    let (letter, provider) = (letter.to_str().unwrap(), sample("provider.toml"));
    let nobody = waarborg(&["order", "translate", letter, "--as", "etsi", "--out", &path("nobody.xml")]);
    assert_eq!(nobody.status.code(), Some(2), "who sends it is not made up: {nobody:?}");
    for (shape, name) in [("etsi", "order.xml"), ("etsi-json", "order.json")] {
        let between = ["--sender", "NL:PARKET", "--receiver", "NL:NL-EXAMPLE"];
        let done = waarborg(&[&["order", "translate", letter, "--as", shape, "--out", &path(name)], &between[..]].concat());
        assert!(done.status.success(), "{done:?}");
        let (view, _) = check(&path(name), &[]);
        assert!(view["form"].as_str().unwrap().contains("Form 1"), "{view}");
        assert_eq!((verdict(&view, 1), verdict(&view, 9), verdict(&view, 10)), ("pass", "pass", "pass"), "{view}");
        let answer = path(&format!("answer-{name}"));
        let ground = ["--ground", "1=4", "--provider", &provider];
        let done = waarborg(&[&["order", "answer", &path(name), "--as", shape, "--out", &answer], &ground[..]].concat());
        assert!(done.status.success(), "{done:?}");
        let text = std::fs::read_to_string(&answer).unwrap();
        assert!(text.contains("DisclosureNotAvailable") && text.contains("PARKET"), "{text}");
        let task = std::fs::read_to_string(path(name)).unwrap();
        let task = standards::epoc::hi1::tasks_of(task.as_bytes());
        assert!(!task.is_empty() && task.iter().all(|task| text.contains(task.object.as_str())), "{text}");
    }
}

fn case(name: &str) -> String {
    format!("{}/../../testdata/signatures/cases/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Trust in the issuers of the cases, as a desk gives it.
fn trust() -> Vec<String> {
    use std::fmt::Write;
    let operator = std::fs::read(case("operator.crt")).unwrap();
    let digest = verify::package::digest::sha256(&[&operator]).iter().fold(String::new(), |mut hex, b| {
        let _ = write!(hex, "{b:02x}");
        hex
    });
    let mut args = vec!["--trusted-list".to_owned(), format!("{}@{digest}", case("list.tsl")), "--issuer".to_owned(), case("issuing.crt")];
    for list in ["root.crl", "issuing.crl"] {
        args.extend(["--revocation-list".to_owned(), case(list)]);
    }
    args
}

/// The letter, its signed original, and a registry whose court has this certificate.
fn signed(folder: &Path, original: &str, key: &str, more: &[String]) -> (serde_json::Value, i32) {
    let letter = write(folder, "letter.toml", &epoc());
    let registry = std::fs::read_to_string(sample("registry.toml")).unwrap();
    let pinned = "0f0e0d0c0b0a09080706050403020100f0e0d0c0b0a090807060504030201000";
    let registry = write(folder, "registry.toml", &registry.replace(pinned, key).replace("2028-01-01", "2099-01-01"));
    let edition = format!("{}@2026-08-18T00:00:00Z", registry.display());
    let (provider, original) = (sample("provider.toml"), case(original));
    let mut args = vec!["order", "check", letter.to_str().unwrap(), "--json", "--provider", &provider, "--registry", &edition];
    args.extend(["--received-at", "2027-01-01T00:00:00Z", "--original", &original]);
    args.extend(more.iter().map(String::as_str));
    let output = waarborg(&args);
    let view = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    (view, output.status.code().unwrap())
}

/// SIG-35 through the command: the outermost signature covers the file, the earlier one a part of it, and counts as no more than that;
/// what was added without a signature refuses the file.
#[test]
fn sig_35_a_signature_over_an_earlier_part_is_not_one_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let (view, _) = signed(folder.path(), "two-signers.pdf", &"00".repeat(32), &trust());
    let row = |at: usize, what: &str| view["signatures"][at][what]["verdict"].as_str().unwrap().to_owned();
    assert_eq!((row(0, "valid"), row(1, "valid")), ("valid".into(), "not checked".into()), "{view}");
    assert!(view["signatures"][1]["valid"]["text"].as_str().unwrap().starts_with("it covers the first "), "{view}");
    // The earlier signer alone is in the registry: the file as a whole is nobody's whom the registry knows.
    let earlier = view["signatures"][1]["key_sha256"].as_str().unwrap();
    let (view, exit) = signed(folder.path(), "two-signers.pdf", earlier, &trust());
    assert_eq!((verdict(&view, 2), verdict(&view, 4), exit), ("pass", "fail", 3), "{view}");
    let (view, exit) = signed(folder.path(), "updated.pdf", earlier, &trust());
    assert_eq!((verdict(&view, 2), exit), ("fail", 3), "{view}");
    assert_eq!(view["signatures"][0]["valid"]["code"], "SIG-31");
}

/// SIG-58 through the command: the SHA-256 that `order check` prints is what the registry pins; a pin alone waits for the call-back.
#[test]
fn sig_58_what_the_registry_pins_is_trusted_and_weak() {
    let folder = tempfile::tempdir().unwrap();
    let (view, _) = signed(folder.path(), "self-signed.xml", &"00".repeat(32), &[]);
    assert_eq!(view["signatures"][0]["trusted"]["code"], "SIG-50", "{view}");
    let key = view["signatures"][0]["key_sha256"].as_str().unwrap();
    let (pinned, exit) = signed(folder.path(), "self-signed.xml", key, &[]);
    assert_eq!((verdict(&pinned, 2), verdict(&pinned, 3), verdict(&pinned, 4), exit), ("pass", "hold", "pass", 0), "{pinned}");
    assert_eq!((&pinned["signatures"][0]["level"], &pinned["signatures"][0]["trusted"]["verdict"]), (&"advanced".into(), &"valid".into()));
    assert_eq!(pinned["signatures"][0]["competent"]["verdict"], "valid");
    // With the list the same kind of order passes without a telephone.
    let (view, _) = signed(folder.path(), "xades.xml", &"00".repeat(32), &trust());
    let key = view["signatures"][0]["key_sha256"].as_str().unwrap();
    let (view, exit) = signed(folder.path(), "xades.xml", key, &trust());
    assert_eq!((verdict(&view, 2), verdict(&view, 3), verdict(&view, 4), exit), ("pass", "pass", "pass", 0), "{view}");
    assert_eq!(view["signatures"][0]["level"], "advanced-with-qualified-certificate");
    let letter = folder.path().join("letter.toml");
    let plain = text(&waarborg(&["order", "check", letter.to_str().unwrap(), "--original", &case("xades.xml"), "--lang", "nl"]));
    assert!(plain.contains(&format!("SHA-256 voor het register: {key}")), "{plain}");
}

#[test]
fn etsi_samples_give_their_verdicts() {
    let example = |name: &str| format!("{}/../../testdata/etsi/etsi-103120/examples/xml/{name}", env!("CARGO_MANIFEST_DIR"));
    // Schema-valid, and its task ends after its authorisation (etsi.md section 8).
    let (view, exit) = check(&example("request4-Preservation-Link.xml"), &[]);
    assert_eq!((verdict(&view, 10), exit), ("fail", 3), "{view}");
    assert_eq!((view["schema_verdict"]["verdict"].as_str(), view["scope_verdict"]["code"].as_str()), (Some("valid"), Some("GAT-10")));
    // Interception is refused in words.
    let refused = waarborg(&["order", "check", &example("request1.xml")]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("STD-41"));
}

#[test]
fn registry_check_and_show() {
    let hash = text(&waarborg(&["registry", "check", &sample("registry.toml")]));
    assert_eq!(hash.trim().len(), 64);
    let edition = format!("{}@2026-11-01T00:00:00Z", sample("registry.toml"));
    let waiting = text(&waarborg(&["registry", "show", &edition, "--at", "2026-11-03T23:59:59Z"]));
    assert!(waiting.contains("rechtbank.example: waits until 2026-11-04T00:00:00"), "{waiting}");
    let standing = text(&waarborg(&["registry", "show", &edition, "--at", "2026-11-04T00:00:00Z", "--lang", "nl"]));
    assert!(standing.contains("rechtbank.example: van kracht") && standing.contains("+31205550100"), "{standing}");
}

#[test]
fn order_sample_is_enough_for_a_first_try() {
    let folder = tempfile::tempdir().unwrap();
    let inside = |args: &[&str]| Command::new(env!("CARGO_BIN_EXE_waarborg")).args(args).current_dir(folder.path()).output().unwrap();
    let printed = text(&inside(&["order", "sample", "first"]));
    let commands: Vec<_> = printed.lines().filter_map(|line| line.strip_prefix("waarborg ")).collect();
    assert_eq!(commands.len(), 3, "{printed}");
    for command in commands {
        let args: Vec<_> = command.split(' ').collect();
        let done = inside(&args);
        // Nobody signed the sample: it waits for a call-back, and no gate fails.
        assert_eq!(done.status.code(), Some(0), "{command}: {}", String::from_utf8_lossy(&done.stderr));
    }
    let again = inside(&["order", "sample", "first", "--lang", "nl"]);
    assert_eq!(again.status.code(), Some(2));
    let said = String::from_utf8(again.stderr).unwrap();
    assert!(said.starts_with("niet begrepen USAGE: first/epoc.xml bestaat al\n  tip: "), "{said}");
}

/// What a desk hands in by mistake is named, and told what to do with, in one sentence and with its code once.
#[test]
fn a_page_for_people_is_to_be_typed_over_and_an_empty_file_is_said_to_be_empty() {
    let folder = tempfile::tempdir().unwrap();
    for (name, octets, said, hint) in [
        ("empty.xml", "", "the file is empty", "ask its sender"),
        ("order.pdf", "%PDF-1.7\n%%EOF\n", "neither a form or message", "--original"),
        ("order.docx", "PK\u{3}\u{4}word", "neither a form or message", "--original"),
        ("order.txt", "Dear provider,", "it does not read", "docs/samples/received.toml"),
    ] {
        let done = waarborg(&["order", "check", write(folder.path(), name, octets).to_str().unwrap()]);
        let told = String::from_utf8(done.stderr).unwrap();
        assert_eq!((done.status.code(), told.matches("TRN-01").count()), (Some(1), 1), "{name}: {told}");
        assert!(told.contains(said) && told.contains(hint), "{name}: {told}");
    }
}

#[test]
fn refusals_are_told_in_dutch() {
    let folder = tempfile::tempdir().unwrap();
    let bomb = folder.path().join("bomb.xml");
    std::fs::write(&bomb, "<!DOCTYPE x [<!ENTITY a \"b\">]><Form1>&a;</Form1>").unwrap();
    let refused = waarborg(&["order", "check", bomb.to_str().unwrap(), "--lang", "nl"]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.starts_with("geweigerd STD-03: een documenttype- of entiteitdeclaratie op 1:"), "{said}");
    assert!(said.contains("tip: geen bevelformaat heeft die"), "{said}");
    let nobody = waarborg(&["order", "check", &sample("epoc.xml"), "--called-back", "parket.example,+31205550101,An,An", "--lang", "nl"]);
    assert!(String::from_utf8(nobody.stderr).unwrap().starts_with("geweigerd RGY-05: "), "a call that nobody confirmed");
    let nothing = waarborg(&["order", "answer", &sample("epoc.xml"), "--ground", "9=4", "--lang", "nl"]);
    let said = String::from_utf8(nothing.stderr).unwrap();
    assert!(said.starts_with("geweigerd ANS-02: het bevel heeft geen kenmerk \"9\"\n  tip: "), "{said}");
}

#[test]
fn std_13_a_national_extension_is_a_persons_to_read() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("order.xml");
    let args = ["order", "translate", &sample("epoc.xml"), "--as", "etsi", "--sender", "NL:PARKET", "--receiver", "NL:NL-EXAMPLE"];
    assert!(waarborg(&[&args[..], &["--out", out.to_str().unwrap()]].concat()).status.success());
    let order = std::fs::read_to_string(&out).unwrap();
    let order = order.replace("Owner>EU</NationalProfileOwner>", "Owner>XX</NationalProfileOwner>");
    let order = order.replace("Version>v1.3.1</NationalProfileVersion>", "Version>v1.0.0</NationalProfileVersion>");
    let at = order.find("AuthorisationObject\"").unwrap();
    let at = at + order[at..].find("<auth:").unwrap();
    let extension = "<NationalHandlingParameters xmlns:xx=\"http://profile.example/xx\" xsi:type=\"xx:XXHandling\"><xx:Remark>only if he is of age</xx:Remark></NationalHandlingParameters>";
    let order = write(folder.path(), "national.xml", &format!("{}{extension}{}", &order[..at], &order[at..]));
    let order = order.to_str().unwrap();
    let refused = waarborg(&["order", "check", order]);
    assert!(String::from_utf8(refused.stderr).unwrap().starts_with("refused STD-13"), "without its profile it is refused");
    let (view, _) = check(order, &["--profile", &sample("national-profile.toml")]);
    assert_eq!(verdict(&view, 1), "person");
    assert!(view["gates"][0]["reason"]["en"].as_str().unwrap().contains("Remark=only if he is of age"), "{view}");
}
