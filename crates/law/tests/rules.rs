//! RUL-01 to RUL-04: the rule files are read strictly, fit together, and carry what law.md says.

use law::received::{DataOption, Purpose};
use law::rules::{Direction, Regime, RuleBook, RuleError};

fn text(name: &str) -> String {
    std::fs::read_to_string(format!("{}/rules/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn with(name: &str, from: &str, to: &str) -> Result<RuleBook, RuleError> {
    let old = text(name);
    assert!(old.contains(from), "{from} is not in {name}");
    RuleBook::with(&[(name.to_owned(), old.replacen(from, to, 1))])
}

#[test]
fn rul_01_a_typing_error_does_not_become_the_law() {
    for (name, from, to) in [
        ("eu-2023-1543.toml", "[applies]\n", "[applies]\nform = 1\n"),
        ("eu-2023-1543.toml", "may_issue", "may_isue"),
        ("eu-2023-1543.toml", "\"PUBLIC_PROSECUTOR\"", "\"PUBLIC_PROSECUTER\""),
        ("eu-2023-1543.toml", "article = \"Art 4(1)\"\n", ""),
        ("nl-sv.toml", "judge = \"never\"", "judge = \"sometimes\""),
        ("fields.toml", "rank = 1", "rank = \"low\""),
        ("holidays.toml", "2026-01-01", "2026-02-30"),
        ("us-sca.toml", "[[tiers]]", "[[teirs]]"),
    ] {
        let error = with(name, from, to).unwrap_err();
        assert_eq!(error.code(), "RUL-01", "{name} {from}: {error}");
        assert!(error.to_string().contains(name));
    }
}

#[test]
fn rul_02_files_that_contradict_each_other_are_not_taken() {
    for (name, from, to) in [
        ("eu-2023-1543.toml", "name = \"emergency\"", "name = \"production\""),
        ("eu-2023-1543.toml", "count = 10\n", "count = 0\n"),
        ("eu-2023-1543.toml", "title = \"", "title = \"\" #"),
        ("eu-2023-1543.toml", "source = \"", "source = \"\" #"),
        ("holidays.toml", "\"2026-12-25\", \"2026-12-26\"", "\"2026-12-25\", \"2026-12-25\""),
        ("eu-2023-1543.toml", "number = 18", "number = 17"),
        ("eu-2023-1543.toml", "classes = [\"TRAFFIC\", \"CONTENT\"]\nmay", "classes = [\"TRAFFIC\"]\nmay"),
        ("nl-sv.toml", "\"name-and-address\"", "\"name-and-adress\""),
        ("nl-sv.toml", "preservation_days_max = 90\n", ""),
        ("fields.toml", "class = \"2703(d) order\"", "class = \"court order\""),
        ("fields.toml", "purpose = \"PATTERN\"", "purpose = \"IDENTIFY\""),
        ("fields.toml", "field = \"user-name\"", "field = \"account-id\""),
        ("holidays.toml", "year = 2026", "year = 2029"),
        ("holidays.toml", "winter_minutes = 60", "winter_minutes = 6000"),
        ("fields.toml", "options = [\"CONTACT_LIST\"]", "options = []"),
    ] {
        let error = with(name, from, to).unwrap_err();
        assert_eq!(error.code(), "RUL-02", "{name} {from}: {error}");
    }
    let stray = RuleBook::with(&[("eu.toml".to_owned(), String::new())]).unwrap_err();
    assert_eq!(stray, RuleError::Missing { file: "eu.toml".to_owned() });
}

#[test]
fn rul_02_a_lawyer_changes_a_count_and_the_version_tells() {
    let old = RuleBook::embedded().unwrap();
    let new = with("eu-2023-1543.toml", "dated = \"2026-11-22\"", "dated = \"2027-01-01\"").unwrap();
    assert_ne!(old.version, new.version);
    assert!(new.version.to_string().contains("eu-2023-1543@2027-01-01"));
}

#[test]
fn rul_03_the_four_hard_conflicts_are_seen_and_the_stricter_wins() {
    let book = RuleBook::embedded().unwrap();
    for (field, purpose, strictest) in [
        ("device-location", Purpose::Pattern, 3),
        ("session-times", Purpose::Pattern, 3),
        ("call-record", Purpose::Pattern, 3),
        ("contact-list", Purpose::Pattern, 4),
        ("date-of-birth", Purpose::Identify, 2),
        ("payment", Purpose::Identify, 2),
    ] {
        let row = book.field(field).unwrap();
        let classes = row.classify(purpose, Direction::Past, Regime::ALL);
        if field != "device-location" {
            assert!(classes.is_conflict(), "{field}");
        }
        assert_eq!(classes.strictest().unwrap().rank, strictest, "{field}");
    }
    // Location: EU and NL agree with each other; the conflict is inside the tiers, by precision, and stands as its own class in each.
    let location = book.field("device-location").unwrap().classify(Purpose::Pattern, Direction::Past, Regime::ALL);
    assert_eq!(location.rows.iter().map(|row| row.class.as_str()).collect::<Vec<_>>(), ["traffic", "126n with judge", "warrant"]);
}

#[test]
fn rul_03_one_record_has_two_classes_by_its_purpose() {
    let book = RuleBook::embedded().unwrap();
    let row = book.field("ip-port-time").unwrap();
    let class = |purpose| row.classify(purpose, Direction::Past, &[Regime::Eu]).strictest().unwrap().class.clone();
    assert_eq!((class(Purpose::Identify).as_str(), class(Purpose::Pattern).as_str()), ("identification", "traffic"));
    assert_eq!(book.field("password").unwrap().options, []);
    assert_eq!(book.fields_of(DataOption::ContactList).count(), 1);
}

#[test]
fn rul_04_articles_are_found_as_people_write_them() {
    let book = RuleBook::embedded().unwrap();
    let nl = &book.national["NL"];
    for (written, found) in [("126n", "126n"), ("126ui", "126ni"), ("Art. 126na Sv", "126na"), ("126ng(2)", "126ng(2)"), ("126zg", "126m")]
    {
        assert_eq!(nl.find(written).map(|power| power.article.as_str()), Some(found), "{written}");
    }
    assert!(nl.find("126nn").is_none());
}

#[test]
fn rul_02_a_period_that_is_missing_and_a_field_that_stands_twice_are_named() {
    let text_of = |error: RuleError| error.to_string();
    let eu = text("eu-2023-1543.toml");
    let (head, rest) = eu.split_once("[[periods]]\nname = \"recognition\"").unwrap();
    let (_, tail) = rest.split_once("\n\n").unwrap_or((rest, ""));
    let missing = RuleBook::with(&[("eu-2023-1543.toml".to_owned(), format!("{head}{tail}"))]).unwrap_err();
    assert!(text_of(missing).contains("recognition is missing"));
    let twice = with("eu-2023-1543.toml", "name = \"emergency\"", "name = \"production\"").unwrap_err();
    assert!(text_of(twice).contains("stands twice"));
    let field = with("fields.toml", "field = \"user-name\"", "field = \"account-id\"").unwrap_err();
    assert!(text_of(field).contains("account-id stands twice"));
}

#[test]
fn rul_03_bodies_of_law_that_agree_are_no_conflict() {
    let book = RuleBook::embedded().unwrap();
    let row = book.field("name-and-address").unwrap();
    assert!(!row.classify(Purpose::Identify, Direction::Past, &[Regime::Eu, Regime::Nl]).is_conflict());
}

/// Directive 2000/84/EC, both Sundays to the second.
#[test]
fn clk_02_legal_time_changes_on_the_last_sundays_at_one_utc() {
    let book = RuleBook::embedded().unwrap();
    let nl = book.holidays.of("NL").unwrap();
    let (march, october) = (1_774_746_000, 1_792_890_000);
    let hours = |at: u64| nl.offset(at) / 3_600;
    assert_eq!([hours(march - 1), hours(march), hours(october - 1), hours(october)], [1, 2, 2, 1]);
}
