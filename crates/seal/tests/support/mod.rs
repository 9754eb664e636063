//! The known answers, read from the text file: the Rust code has no second copy of any value (TSE-13).
#![allow(dead_code)]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Key to value; remembers which keys were asked for, so that no value of the file can be forgotten.
pub struct Vectors {
    values: BTreeMap<String, String>,
    used: RefCell<BTreeSet<String>>,
}

impl Vectors {
    pub fn load() -> Vectors {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/vectors/sealing/vectors-sealing.txt");
        let text = std::fs::read_to_string(path).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let pair = |line: &str| line.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned())).unwrap();
        Vectors { values: lines.map(pair).collect(), used: RefCell::default() }
    }

    pub fn text(&self, key: &str) -> &str {
        self.used.borrow_mut().insert(key.to_owned());
        self.values.get(key).unwrap_or_else(|| panic!("no value {key}"))
    }

    pub fn number(&self, key: &str) -> u64 {
        self.text(key).parse().unwrap()
    }

    pub fn octets(&self, key: &str) -> Vec<u8> {
        hex(self.text(key))
    }

    pub fn array<const N: usize>(&self, key: &str) -> [u8; N] {
        self.octets(key).try_into().unwrap_or_else(|_| panic!("{key} has another length"))
    }

    /// Asserts that octets are the value of a key.
    pub fn equal(&self, key: &str, octets: &[u8]) {
        assert_eq!(to_hex(octets), self.text(key), "{key}");
    }

    pub fn unused(&self) -> Vec<&String> {
        self.values.keys().filter(|key| !self.used.borrow().contains(*key)).collect()
    }
}

pub fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2));
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

pub fn to_hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
