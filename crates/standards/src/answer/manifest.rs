//! Which way a package goes, and what has to be written down of it: Implementing Regulation (EU) 2025/1550. The figures are
//! data of `law` (`delivery` in `eu-2023-1543.toml`), with their article and their \[check].

use super::AnswerRefusal;
use law::rules::Delivery as Rules;
use std::collections::BTreeSet;
use verify::calendar::Day;
use verify::package::digest::Sums;
use verify::package::json::{Value, object};
use verify::spelling;

/// Through the system, or fetched from the provider until the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    Push,
    Pull { until: Day },
}

impl Route {
    /// STD-80: what the system carries goes through it; only what is larger is fetched.
    pub fn of(rules: &Rules, size: u64, today: Day, days: u32) -> Result<Route, AnswerRefusal> {
        if size <= rules.push_bytes_max { Ok(Route::Push) } else { Route::pull(rules, today, days) }
    }

    /// Also for a small file, where Art 19(5) gives a reason. STD-81: 10 to 45 days.
    pub fn pull(rules: &Rules, today: Day, days: u32) -> Result<Route, AnswerRefusal> {
        let (least, most) = (rules.pull_days_min, rules.pull_days_max);
        if (least..=most).contains(&days) {
            Ok(Route::Pull { until: Day(today.0.saturating_add(days)) })
        } else {
            Err(AnswerRefusal::Window { days, least, most })
        }
    }
}

/// One file by its full name.
#[derive(Clone, Debug)]
pub struct File {
    pub name: String,
    pub sums: Sums,
}

/// How it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Means {
    /// Through the system.
    System { transaction: String },
    /// An address at the provider; the credentials go another way.
    Link { address: String, until: Day },
    /// By post or the like, with the number of the proof of delivery.
    Carrier { proof: String },
}

/// Everything that ties the files to the order, and lets the recipient establish that they are what was sent.
#[derive(Clone, Debug)]
pub struct Manifest {
    pub sender: String,
    pub recipient: String,
    /// File number of the order, and its hash.
    pub order: String,
    pub order_hash: [u8; 32],
    /// Unix seconds: sent, or made available.
    pub at: u64,
    pub means: Means,
    pub files: Vec<File>,
}

/// Art 19(6): what the system itself must record of a transmission that went around it. One for each file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmission {
    pub reference: String,
    pub at: u64,
    pub sender: String,
    pub recipient: String,
    pub file_name: String,
    pub file_size: u64,
}

impl Manifest {
    /// STD-82, then canonical JSON. Two digests of each file, each with its algorithm: one may become weak.
    pub fn to_json(&self) -> Result<Vec<u8>, AnswerRefusal> {
        let names: BTreeSet<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
        if self.files.is_empty() || names.len() != self.files.len() || names.contains("") {
            return Err(AnswerRefusal::Files);
        }
        let means = match &self.means {
            Means::System { transaction } => object([("type", "system".into()), ("transaction", transaction.as_str().into())]),
            Means::Link { address, until } => {
                object([("type", "link".into()), ("address", address.as_str().into()), ("until", until.to_string().as_str().into())])
            }
            Means::Carrier { proof } => object([("type", "carrier".into()), ("proof_of_delivery", proof.as_str().into())]),
        };
        let files = self.files.iter().map(|file| {
            let digest = |algorithm: &str, octets: &[u8]| {
                Value::Object(object([("algorithm", algorithm.into()), ("value", spelling::hex(octets).as_str().into())]))
            };
            let digests = vec![digest("SHA-256", &file.sums.sha256), digest("SHA-512", &file.sums.sha512)];
            let size = Value::Int(i128::from(file.sums.size));
            Value::Object(object([("name", file.name.as_str().into()), ("size", size), ("digests", Value::List(digests))]))
        });
        let order = object([("reference", self.order.as_str().into()), ("sha256", spelling::hex(&self.order_hash).as_str().into())]);
        let all = object([
            ("format", "waarborg-transmission/v1".into()),
            ("sender", self.sender.as_str().into()),
            ("recipient", self.recipient.as_str().into()),
            ("order", Value::Object(order)),
            ("at", seal::catalogue::format_rfc3339(self.at.saturating_mul(1000)).as_str().into()),
            ("means", Value::Object(means)),
            ("files", Value::List(files.collect())),
        ]);
        Ok(Value::Object(all).to_document())
    }

    /// For the system's own record; nothing for what went through the system, which has it already.
    pub fn transmissions(&self) -> Vec<Transmission> {
        if matches!(self.means, Means::System { .. }) {
            return Vec::new();
        }
        let one = |file: &File| Transmission {
            reference: self.order.clone(),
            at: self.at,
            sender: self.sender.clone(),
            recipient: self.recipient.clone(),
            file_name: file.name.clone(),
            file_size: file.sums.size,
        };
        self.files.iter().map(one).collect()
    }
}
