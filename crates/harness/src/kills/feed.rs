//! Three people talk all the time; the provider writes a line for each side into the file that the sealer follows. That file is the
//! ground truth.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Trouble;

/// Whose records are ordered; everybody who is in the file.
pub const PEOPLE: &[&str] = &["@alice:demo.example", "@bob:demo.example", "@carol:demo.example"];

/// Relative to the house's folder.
pub const RECORDS: &str = "provider/records.jsonl";

/// What names a record wherever it turns up: message and side.
pub type Name = (String, String);

pub fn unix_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

/// Writes until dropped.
pub struct Feed {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Feed {
    pub fn begin(house: &Path) -> Feed {
        let (stop, path) = (Arc::new(AtomicBool::new(false)), house.join(RECORDS));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || write(&path, &stopped));
        Feed { stop, thread: Some(thread) }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

fn write(path: &PathBuf, stopped: &AtomicBool) {
    let mut number = 0usize;
    while !stopped.load(Ordering::Relaxed) {
        let (from, to) = (PEOPLE[number % 3], PEOPLE[(number + 1 + number / 3 % 2) % 3]);
        number += 1;
        let mut text = String::new();
        for (direction, owner) in [("sent", from), ("received", to)] {
            let line = serde_json::json!({
                "category": "traffic", "index": [format!("account:{owner}")], "clock": "server",
                "t_event_raw": unix_ms().to_string(), "t_event_unit": "ms", "interaction": "message", "direction": direction,
                "sender": format!("account:{from}"), "recipients": [format!("account:{to}")],
                "message_id": format!("k{number:07}"), "wrapping": "encrypted", "size": 100 + number % 900, "protocol": "demo",
            });
            text.push_str(&format!("{line}\n"));
        }
        let file = OpenOptions::new().create(true).append(true).open(path);
        // One write: a reader never sees half a message, and what is not in the file did not happen.
        file.and_then(|mut file| file.write_all(text.as_bytes())).ok();
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Every record of `from_s <= time < until_s`.
pub fn truth(house: &Path, from_s: u64, until_s: u64) -> Result<BTreeMap<Name, u64>, Trouble> {
    let text = std::fs::read_to_string(house.join(RECORDS)).map_err(|error| error.to_string())?;
    let mut truth = BTreeMap::new();
    for line in text.lines() {
        let record: serde_json::Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let time: u64 = record["t_event_raw"].as_str().and_then(|ms| ms.parse().ok()).ok_or("a record without a time")?;
        if (from_s * 1_000..until_s * 1_000).contains(&time) {
            *truth.entry(name(&record)).or_default() += 1;
        }
    }
    Ok(truth)
}

/// The name of a record or of a row.
pub fn name(record: &serde_json::Value) -> Name {
    let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
    (text("message_id"), text("direction"))
}
