//! A minute of conversation between three people, and the business records that the provider writes beside it.

use super::provider::{Delivery, Provider};
use super::stage::Stage;
use crate::exit::Failure;
use std::fs::OpenOptions;
use std::io::Write;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub const ALICE: &str = "@alice:demo.example";
pub const BOB: &str = "@bob:demo.example";
pub const CAROL: &str = "@carol:demo.example";

/// Where the provider's records stand, which the sealer follows.
pub const RECORDS: &str = "provider/records.jsonl";
/// Where they stand after the file has been rotated.
pub const ROTATED: &str = "provider/records.jsonl.1";
/// The provider's folder with the ciphertext.
pub const PROVIDER: &str = "provider/messenger";

/// Who writes to whom, over and over. Carol and Bob talk without Alice: their records must not come out.
const EXCHANGE: &[(&str, &str, &str)] = &[
    (ALICE, BOB, "are you there?"),
    (BOB, ALICE, "yes"),
    (CAROL, BOB, "lunch?"),
    (ALICE, BOB, "tonight at eight"),
    (BOB, CAROL, "one o'clock"),
    (ALICE, CAROL, "happy birthday"),
    (CAROL, ALICE, "thank you"),
];

/// What was said, for the second count at the end.
pub struct Conversation {
    pub provider: Provider,
    /// (time in ms, from, to) of each message.
    pub messages: Vec<(u64, &'static str, &'static str)>,
}

/// Lets the three talk for `span`, a message every quarter of a second.
pub fn talk(stage: &Stage, span: Duration) -> Result<Conversation, Failure> {
    let mut provider = Provider::open(&stage.path(PROVIDER), &[ALICE, BOB, CAROL])?;
    let mut messages = Vec::new();
    let began = Instant::now();
    for (from, to, words) in EXCHANGE.iter().cycle() {
        if span <= began.elapsed() {
            break;
        }
        let delivery = provider.send(from, to, words, unix_ms()?)?;
        write_records(stage, &delivery)?;
        messages.push((delivery.time_ms, *from, *to));
        std::thread::sleep(Duration::from_millis(250));
    }
    Ok(Conversation { provider, messages })
}

/// Puts the file aside, as every tool for rotating logs does; what Bob writes to Carol next goes into a new one.
pub fn rotate(stage: &Stage, conversation: &mut Conversation) -> Result<(), Failure> {
    let path = stage.path(RECORDS);
    std::fs::rename(&path, stage.path(ROTATED)).map_err(|error| Failure::file(&path, &error))?;
    let delivery = conversation.provider.send(BOB, CAROL, "good night", unix_ms()?)?;
    write_records(stage, &delivery)?;
    conversation.messages.push((delivery.time_ms, BOB, CAROL));
    Ok(())
}

/// One line for each side: the sender's copy and the recipient's.
fn write_records(stage: &Stage, delivery: &Delivery<'_>) -> Result<(), Failure> {
    let path = stage.path(RECORDS);
    let mut text = String::new();
    for (direction, owner) in [("sent", delivery.from), ("received", delivery.to)] {
        let line = serde_json::json!({
            "category": "traffic", "index": [format!("account:{owner}")], "clock": "server",
            "t_event_raw": delivery.time_ms.to_string(), "t_event_unit": "ms", "interaction": "message", "direction": direction,
            "sender": format!("account:{}", delivery.from), "recipients": [format!("account:{}", delivery.to)],
            "message_id": delivery.message_id, "wrapping": "encrypted", "size": delivery.size, "protocol": "demo",
        });
        text.push_str(&format!("{line}\n"));
    }
    let file = OpenOptions::new().create(true).append(true).open(&path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| Failure::file(&path, &error))
}

pub fn unix_ms() -> Result<u64, Failure> {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    let ms = elapsed.ok().and_then(|elapsed| u64::try_from(elapsed.as_millis()).ok());
    ms.ok_or_else(|| Failure::unavailable("the clock is not set", "set the clock of this machine"))
}
