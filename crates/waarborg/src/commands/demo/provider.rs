//! A small messaging provider whose users encrypt end to end with the Olm ratchet (vodozemac, the library of Matrix).
//!
//! The provider relays ciphertext and keeps two files, as a real one would: its message store (ciphertext, which nothing
//! of Waarborg ever reads) and its business records (who, when, to whom, how large), which the sealer follows. The keys
//! live in the `Person` values only; the provider never sees one.

use crate::exit::Failure;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use vodozemac::olm::{Account, OlmMessage, Session, SessionConfig};

/// Text that stands in every message of the demo, so that one search finds any plaintext.
pub const MARKER: &str = "MEET-ME-AT-THE-BRIDGE";

/// One user's device. Its secrets never leave this value.
pub struct Person {
    keys: Account,
    sessions: BTreeMap<String, Session>,
    pub read: Vec<String>,
}

impl Person {
    fn new() -> Person {
        Person { keys: Account::new(), sessions: BTreeMap::new(), read: Vec::new() }
    }
}

/// What the provider keeps of one message, apart from the ciphertext.
pub struct Delivery<'a> {
    pub message_id: String,
    pub from: &'a str,
    pub to: &'a str,
    pub size: usize,
    pub time_ms: u64,
}

/// The relay and its message store.
pub struct Provider {
    people: BTreeMap<String, Person>,
    store: File,
    store_path: PathBuf,
    sent: u64,
}

impl Provider {
    pub fn open(folder: &Path, accounts: &[&str]) -> Result<Provider, Failure> {
        fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
        let store_path = folder.join("message-store.jsonl");
        let store = OpenOptions::new().create(true).append(true).open(&store_path);
        let store = store.map_err(|error| Failure::file(&store_path, &error))?;
        let people = accounts.iter().map(|name| ((*name).to_owned(), Person::new())).collect();
        Ok(Provider { people, store, store_path, sent: 0 })
    }

    /// Encrypts on `from`'s device, relays the ciphertext, decrypts on `to`'s device, and tells what the provider saw.
    pub fn send<'a>(&mut self, from: &'a str, to: &'a str, words: &str, time_ms: u64) -> Result<Delivery<'a>, Failure> {
        let plaintext = format!("{MARKER}: {words}");
        self.introduce(from, to)?;
        let ciphertext = {
            let sender = self.person(from)?;
            let session = sender.sessions.get_mut(to).ok_or_else(|| broken("no session with the recipient"))?;
            session.encrypt(&plaintext).map_err(|error| broken(&error.to_string()))?
        };
        let wire = serde_json::to_string(&ciphertext).map_err(|error| broken(&error.to_string()))?;
        self.sent += 1;
        let message_id = format!("m{:06}", self.sent);
        let line = serde_json::json!({ "id": message_id, "to": to, "ciphertext": wire });
        writeln!(self.store, "{line}").map_err(|error| Failure::file(&self.store_path, &error))?;
        self.deliver(from, to, &ciphertext)?;
        Ok(Delivery { message_id, from, to, size: wire.len(), time_ms })
    }

    /// How many messages each device could read: the proof that the encryption is real and works.
    pub fn read_by(&self, account: &str) -> usize {
        self.people.get(account).map_or(0, |person| person.read.len())
    }

    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// The sender fetches one of the recipient's published one-time keys, as a Matrix client does.
    fn introduce(&mut self, from: &str, to: &str) -> Result<(), Failure> {
        if self.person(from)?.sessions.contains_key(to) {
            return Ok(());
        }
        let (identity_key, one_time_key) = {
            let recipient = self.person(to)?;
            recipient.keys.generate_one_time_keys(1);
            let key = recipient.keys.one_time_keys().values().next().copied().ok_or_else(|| broken("no one-time key"))?;
            recipient.keys.mark_keys_as_published();
            (recipient.keys.curve25519_key(), key)
        };
        let sender = self.person(from)?;
        let session = sender.keys.create_outbound_session(SessionConfig::version_1(), identity_key, one_time_key);
        sender.sessions.insert(to.to_owned(), session.map_err(|error| broken(&error.to_string()))?);
        Ok(())
    }

    fn deliver(&mut self, from: &str, to: &str, message: &OlmMessage) -> Result<(), Failure> {
        let sender_key = self.person(from)?.keys.curve25519_key();
        let recipient = self.person(to)?;
        let plaintext = match (recipient.sessions.get_mut(from), message) {
            (Some(session), message) => match session.decrypt(message) {
                Ok(plaintext) => plaintext,
                // Both sides began at once: the recipient has a session of its own, and this is the first of the other.
                Err(error) => {
                    let OlmMessage::PreKey(first) = message else { return Err(broken(&error.to_string())) };
                    accept(recipient, from, sender_key, first)?
                }
            },
            (None, OlmMessage::PreKey(first)) => accept(recipient, from, sender_key, first)?,
            (None, OlmMessage::Normal(_)) => return Err(broken("a message without a session")),
        };
        recipient.read.push(String::from_utf8_lossy(&plaintext).into_owned());
        Ok(())
    }

    fn person(&mut self, account: &str) -> Result<&mut Person, Failure> {
        self.people.get_mut(account).ok_or_else(|| broken("no such account"))
    }
}

fn accept(
    recipient: &mut Person,
    from: &str,
    sender_key: vodozemac::Curve25519PublicKey,
    first: &vodozemac::olm::PreKeyMessage,
) -> Result<Vec<u8>, Failure> {
    let result = recipient.keys.create_inbound_session(SessionConfig::version_1(), sender_key, first);
    let result = result.map_err(|error| broken(&error.to_string()))?;
    recipient.sessions.insert(from.to_owned(), result.session);
    Ok(result.plaintext)
}

fn broken(what: &str) -> Failure {
    Failure::unavailable(format!("the demo's messaging failed: {what}"), "this is a bug of the demo, please report it")
}

/// Searches every file below `folder` for `needle`; gives the number of bytes looked through and the files that have it.
pub fn search(folder: &Path, needle: &str) -> Result<(u64, Vec<PathBuf>), Failure> {
    let mut bytes = 0;
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(|error| Failure::file(&folder, &error))?;
        for entry in entries.flatten() {
            let path = entry.path();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                // A file that a running process removes between the two calls holds nothing any more.
                let Ok(content) = fs::read(&path) else { continue };
                bytes += content.len() as u64;
                if content.windows(needle.len()).any(|window| window == needle.as_bytes()) {
                    found.push(path);
                }
            }
        }
    }
    found.sort();
    Ok((bytes, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_by_their_recipient_and_stored_unreadably() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut provider = Provider::open(folder.path(), &["@a:demo", "@b:demo"]).expect("opens");
        for n in 0..5 {
            provider.send("@a:demo", "@b:demo", &format!("number {n}"), 1_000 + n).expect("a to b");
            provider.send("@b:demo", "@a:demo", &format!("answer {n}"), 2_000 + n).expect("b to a");
        }
        assert_eq!((provider.read_by("@a:demo"), provider.read_by("@b:demo")), (5, 5));
        let (bytes, found) = search(folder.path(), MARKER).expect("searched");
        assert!(1_000 < bytes && found.is_empty());
        let (_, ids) = search(folder.path(), "m000001").expect("searched");
        assert_eq!(ids.len(), 1, "the search does find what is there");
    }
}
