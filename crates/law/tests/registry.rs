//! RGY-01 to RGY-05: editions, the waiting time (T9), call-back.

use law::received::Office;
use law::registry::{CallBack, Edition, Editions, Registry, RegistryError, Standing};
use verify::names::DirectoryId;

const COURT: &str = r#"
[[authorities]]
id = "rechtbank.example"
state = "NL"
name = "Rechtbank Voorbeeld"
kind = "JUDGE_COURT_OR_INVESTIGATING_JUDGE"
signs = ["SUBSCRIBER", "TRAFFIC"]
call_back = ["+31201234567"]
offices = ["NL:RB-1"]
keys = ["1111111111111111111111111111111111111111111111111111111111111111"]
from = "2026-01-01"
until = "2030-01-01"
"#;

fn registry(hours: u32, rows: &[&str]) -> Registry {
    Registry::parse(&format!("name = \"test\"\nwait_hours = {hours}\n{}", rows.concat())).unwrap()
}

fn edition(hours: u32, rows: &[&str], logged_at: u64) -> Edition {
    Edition { registry: registry(hours, rows), logged_at }
}

const T0: u64 = 1_790_000_000;
const HOUR: u64 = 3_600;

fn id() -> DirectoryId {
    DirectoryId::parse("rechtbank.example").unwrap()
}

#[test]
fn rgy_01_rgy_02_rgy_03_a_registry_reads_strictly() {
    let refused = |text: String| Registry::parse(&text).unwrap_err().code();
    let head = |hours: u32| format!("name = \"test\"\nwait_hours = {hours}\n");
    assert_eq!(refused(head(71) + COURT), "RGY-02");
    assert_eq!(refused(head(72) + COURT + COURT), "RGY-03");
    let other = COURT.replace("rechtbank.example", "andere.example");
    assert_eq!(refused(head(72) + COURT + &other), "RGY-03");
    for (from, to) in [
        ("+31201234567", "020-1234567"),
        ("+31201234567", "+3120123"),
        ("+31201234567", "+3120123456x"),
        ("NL:RB-1", "RB-1"),
        ("NL:RB-1", "NL:"),
        ("NL:RB-1", "nl:RB-1"),
        ("state = \"NL\"", "state = \"nl\""),
        ("state = \"NL\"", "state = \"NLD\""),
        ("1111111", "111111g"),
        ("until = \"2030-01-01\"", "until = \"2026-01-01\""),
        ("call_back", "callback"),
        ("rechtbank.example", "Rechtbank"),
        ("\"TRAFFIC\"", "\"TRAFIC\""),
    ] {
        assert_eq!(refused(head(72) + &COURT.replace(from, to)), "RGY-01", "{from}");
    }
}

#[test]
fn rgy_04_t9_a_new_authority_is_unusable_for_72_hours_and_visible_meanwhile() {
    let editions = Editions::new(vec![edition(72, &[COURT], T0)]);
    assert_eq!(editions.standing(&id(), T0 - 1), Standing::Unknown);
    assert!(matches!(editions.standing(&id(), T0), Standing::Waiting { from, .. } if from == T0 + 72 * HOUR));
    assert!(matches!(editions.standing(&id(), T0 + 72 * HOUR - 1), Standing::Waiting { .. }));
    assert!(matches!(editions.standing(&id(), T0 + 72 * HOUR), Standing::InForce(_)));
    assert!(matches!(editions.by_key(&[0x11; 32], T0 + 72 * HOUR), Standing::InForce(_)));
    assert_eq!(editions.by_key(&[0x12; 32], T0 + 72 * HOUR), Standing::Unknown);
    let office = Office { country: "NL".into(), id: "RB-1".into() };
    assert!(matches!(editions.by_office(&office, T0 + 72 * HOUR), Standing::InForce(_)));
    assert_eq!(editions.standing(&id(), 2_000_000_000), Standing::Unknown, "its time is over");
}

#[test]
fn rgy_04_a_changed_entry_waits_while_the_old_one_holds() {
    let new = COURT.replace("1111111111111111111111111111111111111111111111111111111111111111", &"22".repeat(32));
    let later = T0 + 1_000 * HOUR;
    let editions = Editions::new(vec![edition(72, &[&new], later), edition(72, &[COURT], T0)]);
    assert!(matches!(editions.by_key(&[0x11; 32], later + HOUR), Standing::InForce(_)));
    assert!(matches!(editions.by_key(&[0x22; 32], later + HOUR), Standing::Waiting { from, .. } if from == later + 72 * HOUR));
    assert!(matches!(editions.by_key(&[0x22; 32], later + 72 * HOUR), Standing::InForce(_)));
    assert_eq!(editions.by_key(&[0x11; 32], later + 72 * HOUR), Standing::Unknown);
}

#[test]
fn rgy_04_what_is_left_out_holds_no_more_at_once_and_the_wait_is_not_shortened() {
    let editions = Editions::new(vec![edition(72, &[COURT], T0), edition(72, &[], T0 + 100 * HOUR)]);
    assert!(matches!(editions.standing(&id(), T0 + 100 * HOUR - 1), Standing::InForce(_)));
    assert_eq!(editions.standing(&id(), T0 + 100 * HOUR), Standing::Unknown);
    // Back again: it waits again.
    let editions =
        Editions::new(vec![edition(72, &[COURT], T0), edition(72, &[], T0 + 100 * HOUR), edition(72, &[COURT], T0 + 101 * HOUR)]);
    assert!(matches!(editions.standing(&id(), T0 + 102 * HOUR), Standing::Waiting { .. }));
    let editions = Editions::new(vec![edition(240, &[COURT], T0), edition(72, &[COURT], T0 + HOUR)]);
    assert!(matches!(editions.standing(&id(), T0 + 100 * HOUR), Standing::Waiting { .. }));
}

#[test]
fn rgy_05_a_call_back_needs_the_registered_number_and_two_persons() {
    let editions = Editions::new(vec![edition(72, &[COURT], T0)]);
    let now = T0 + 73 * HOUR;
    let call = |number: &str, by: &str, confirmed: &str| CallBack {
        number: number.into(),
        called_by: by.into(),
        confirmed_by: confirmed.into(),
        at: now,
        original_hash: [7; 32],
    };
    assert!(editions.called_back(&id(), call("+31201234567", "an", "bo"), now).is_ok());
    let refused = |call, now| editions.called_back(&id(), call, now).unwrap_err();
    assert_eq!(refused(call("+31207654321", "an", "bo"), now), RegistryError::NumberNotRegistered);
    assert_eq!(refused(call("+31201234567", "an", " An"), now), RegistryError::OnePerson);
    assert_eq!(refused(call("+31201234567", "an", ""), now), RegistryError::OnePerson);
    assert_eq!(refused(call("+31201234567", "an", "bo"), T0 + HOUR), RegistryError::NotInForce);
}

#[test]
fn rgy_06_an_edition_counts_with_the_statement_that_names_it() {
    let one = registry(72, &[COURT]);
    let notice = one.notice();
    assert_eq!(one.clone().logged(&notice, T0).unwrap().logged_at, T0);
    let mut other = notice.clone();
    other.registry_hash[0] ^= 1;
    assert_eq!(one.clone().logged(&other, T0).unwrap_err().code(), "RGY-06");
    let shorter = verify::statement::RegistryNotice { wait_hours: 71, ..notice };
    assert_eq!(one.logged(&shorter, T0).unwrap_err(), RegistryError::OtherEdition);
}

#[test]
fn rgy_04_only_keys_of_those_in_force_or_waiting_are_known() {
    let other =
        COURT.replace("rechtbank.example", "andere.example").replace("NL:RB-1", "NL:RB-2").replace(&"1".repeat(64), &"22".repeat(32));
    let later = T0 + 100 * HOUR;
    let editions = Editions::new(vec![edition(72, &[COURT], T0), edition(72, &[&other], later)]);
    assert_eq!(editions.keys(T0 - 1), Vec::<[u8; 32]>::new());
    assert_eq!(editions.keys(T0), [[0x11; 32]], "it waits");
    assert_eq!(editions.keys(later - 1), [[0x11; 32]], "the second edition is not logged yet");
    assert_eq!(editions.keys(later), [[0x22; 32]], "the first is left out of the second");
    assert_eq!(editions.by_key(&[0x22; 32], later - 1), Standing::Unknown);
    assert!(matches!(editions.by_key(&[0x22; 32], later), Standing::Waiting { from, .. } if from == later + 72 * HOUR));
}

#[test]
fn rgy_04_an_entry_begins_on_its_day_and_a_changed_one_before_its_edition_is_nothing() {
    // T0 is 21 September 2026.
    let future = COURT.replace("from = \"2026-01-01\"", "from = \"2026-10-01\"");
    let editions = Editions::new(vec![edition(72, &[&future], T0)]);
    let begins = 1_790_812_800;
    assert_eq!(editions.standing(&id(), begins - 1), Standing::Unknown);
    assert!(matches!(editions.standing(&id(), begins), Standing::InForce(_)));
    // Two changes logged, one to come: only what is logged is looked at.
    let with = |key: &str| COURT.replace(&"1".repeat(64), &key.repeat(32));
    let at = |hours: u64| T0 + hours * HOUR;
    let editions =
        Editions::new(vec![edition(72, &[COURT], T0), edition(72, &[&with("22")], at(100)), edition(72, &[&with("33")], at(110))]);
    assert!(matches!(editions.by_key(&[0x22; 32], at(105)), Standing::Waiting { from, .. } if from == at(172)));
    assert_eq!(editions.by_key(&[0x33; 32], at(105)), Standing::Unknown);
    assert_eq!(editions.by_key(&[0x22; 32], at(115)), Standing::Unknown, "taken back before it ever held");
    assert!(matches!(editions.by_key(&[0x33; 32], at(115)), Standing::Waiting { from, .. } if from == at(182)));
    assert!(matches!(editions.by_key(&[0x11; 32], at(115)), Standing::InForce(_)));
}

#[test]
fn rgy_05_whom_to_call_is_found_by_name_and_state() {
    let editions = Editions::new(vec![edition(72, &[COURT], T0)]);
    let now = T0 + 73 * HOUR;
    assert!(matches!(editions.by_name(" rechtbank VOORBEELD", "NL", now), Standing::InForce(found) if found.id == id()));
    assert_eq!(editions.by_name("Rechtbank Voorbeeld", "BE", now), Standing::Unknown);
    assert_eq!(editions.by_name("Rechtbank", "NL", now), Standing::Unknown);
    let office = |country: &str, id: &str| editions.by_office(&Office { country: country.into(), id: id.into() }, now);
    assert_eq!(office("BE", "RB-1"), Standing::Unknown);
    assert_eq!(office("NL", "RB-2"), Standing::Unknown);
    let call =
        CallBack { number: "+31201234567".into(), called_by: " ".into(), confirmed_by: "bo".into(), at: now, original_hash: [7; 32] };
    assert_eq!(editions.called_back(&id(), call, now).unwrap_err(), RegistryError::OnePerson);
}

#[test]
fn rgy_04_a_key_is_whose_the_logged_editions_say() {
    // An edition that is not logged yet moves the key to another authority.
    let other = COURT.replace("rechtbank.example", "andere.example").replace("NL:RB-1", "NL:RB-2");
    let later = T0 + 100 * HOUR;
    let editions = Editions::new(vec![edition(72, &[COURT], T0), edition(72, &[&other], later)]);
    assert!(matches!(editions.by_key(&[0x11; 32], later - 1), Standing::InForce(found) if found.id == id()));
    // A key that was replaced while its entry still waited is nobody's.
    let replaced = COURT.replace(&"1".repeat(64), &"22".repeat(32));
    let editions = Editions::new(vec![edition(72, &[COURT], T0), edition(72, &[&replaced], T0 + 10 * HOUR)]);
    assert!(matches!(editions.by_key(&[0x22; 32], T0 + 20 * HOUR), Standing::Waiting { .. }));
    assert_eq!(editions.by_key(&[0x11; 32], T0 + 20 * HOUR), Standing::Unknown);
}

#[test]
fn rgy_07_where_an_authority_takes_deliveries_is_an_address_and_a_certificate() {
    let with = |address: &str, pin: &str| {
        COURT.replace("from =", &format!("deliver = {{ address = \"{address}\", certificate_sha256 = \"{pin}\" }}\nfrom ="))
    };
    let read = |address: &str, pin: &str| Registry::parse(&format!("name = \"test\"\nwait_hours = 72\n{}", with(address, pin)));
    let pin = "22".repeat(32);
    for (address, told) in [
        ("https://hi1.example", "https://hi1.example:443/"),
        ("https://hi1.example/103120/v1", "https://hi1.example:443/103120/v1"),
        ("https://10.0.0.1:8443/hi1", "https://10.0.0.1:8443/hi1"),
    ] {
        let found = read(address, &pin).unwrap().authorities[0].deliver.clone().unwrap();
        assert_eq!(found.to_string(), format!("{told} ({pin})"));
        assert_eq!(found.certificate, [0x22; 32]);
    }
    for address in [
        "http://hi1.example",
        "https://",
        "https://:8443",
        "https://hi1.example:0",
        "https://hi1.example:08443",
        "https://hi1.example:99999",
        "https://user@hi1.example",
        "https://hi1.example/?a=b",
        "https://hi1.example/#a",
        "https://hi1 example",
        "https://[::1]:8443",
    ] {
        assert_eq!(read(address, &pin).unwrap_err().code(), "RGY-07", "{address}");
    }
    assert_eq!(read("https://hi1.example", "22").unwrap_err().code(), "RGY-07");
    assert_eq!(registry(72, &[COURT]).authorities[0].deliver, None, "without one it polls");
}
