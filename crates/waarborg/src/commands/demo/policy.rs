//! The demo's policy.toml: a small provider, one court, one police unit, times of seconds and therefore the flag `demo`.

use super::people::{AUTHORITY, COURT, Keys, PROVIDER_ID};
use super::stage::{Program, Stage};
use crate::exit::Failure;
use verify::calendar::Day;

/// Writes policy.toml, makes `policy` from it and gives its SHA-256.
pub fn make(stage: &Stage, keys: &Keys, today: Day) -> Result<String, Failure> {
    stage.write("policy.toml", &toml(keys, today)?)?;
    stage.show(Program::Waarborg, &["policy", "make", &stage.word("policy.toml"), "--out", &stage.word("policy")])
}

fn toml(keys: &Keys, today: Day) -> Result<String, Failure> {
    let day = |distance: i64| -> Result<String, Failure> {
        let start = i64::try_from(today.start()).unwrap_or(0) + distance * 86_400;
        let start = u64::try_from(start).map_err(|_| Failure::unavailable("the clock is not set", "set the clock of this machine"))?;
        Ok(Day::containing(start).to_string())
    };
    let (from, until, key_until) = (day(-1)?, day(365)?, day(90)?);
    let key = |role: &str| format!("\"{}\"", keys.vkey(role));
    Ok(format!(
        r#"name = "Demo policy"
provider = "{PROVIDER_ID}"
provider_name = "Demo Messenger"
demo = true
from = "{from}"
until = "{until}"
orders_log_file = "log-orders/tlog-policy"
public_log_file = "log-public/tlog-policy"
approvers_file = "ceremony/committee-approvers.txt"
guardians_file = "ceremony/committee-guardians.txt"
key_from = "{from}"
key_until = "{key_until}"
officers = [{officer_1}, {officer_2}]
gateway = {gateway}
engine = "{engine}"
sealers = [{sealer}]
provider_key = {provider}
auditors = [{auditor}]
log_operators = [{operator}]
renewers = [{renewer}]
package_certificate_file = "provider/gateway/package.crt"

[times]
max_seal_s = 31622400
max_total_seal_s = 94867200
freshness_s = 900
tick_s = 1
batch_leaves = 16
grace_s = 2
slot_s = 10
epoch_s = 5
confirm_within_s = 172800

[limits]
identities_per_intent = 2000
identities_per_day = 20000
identities_per_order = 5000
slots_per_order = 1000
orders_per_authority = 50
emergencies_per_authority = 3
slots_per_selector = 5000
window_s = 2592000

[[categories]]
number = 1
slug = "traffic"
retention_days = 30
purpose = "delivery and fault finding"
legal_basis = "Telecommunicatiewet art. 11.5 [check]"
source_readable_days = 30

[[categories]]
number = 5
slug = "subscriber"
retention_days = 90
purpose = "contract"
legal_basis = "Regulation (EU) 2016/679 art. 6(1)(b) [check]"
source_readable_days = 365

[instruments]
epoc = [1, 5]
"national/nl/126n" = [1]

[directory."{AUTHORITY}"]
unit = "nl.politie-demo.unit-1"
role = "police"
key = {authority}
from = "{from}"
until = "{until}"
requests = [1]

[directory."{COURT}"]
unit = "nl.rechtbank-demo"
role = "court"
key = {court}
from = "{from}"
until = "{until}"
signs = [1, 5]

[attesters]
need = 0
keys = []

[policy_keys]
need = 2
keys = [{policy_1}, {policy_2}, {policy_3}]

[deliveries]
"{AUTHORITY}" = "authority/delivery.crt"
"#,
        officer_1 = key("officer-1"),
        officer_2 = key("officer-2"),
        gateway = key("gateway"),
        engine = keys.engine,
        sealer = key("sealer"),
        provider = key("provider"),
        auditor = key("auditor"),
        operator = key("operator"),
        renewer = key("renewer"),
        authority = key("authority"),
        court = key("court"),
        policy_1 = key("policy-1"),
        policy_2 = key("policy-2"),
        policy_3 = key("policy-3"),
    ))
}
