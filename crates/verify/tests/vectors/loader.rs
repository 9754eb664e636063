//! Reads and writes `testdata/vectors/<format>/<case>.txt`: header lines, a blank line, the payload.
//!
//! Headers: `expect:` the verdict, `why:` one line for people, then what the judgement needs besides the payload.
//! `payload: hex` says that the payload is hexadecimal; otherwise it is the octets after the blank line as they stand.

use std::path::PathBuf;

use verify::spelling::{from_hex, hex};

pub struct Vector {
    pub format: String,
    pub case: String,
    pub expect: String,
    pub headers: Vec<(String, String)>,
    pub payload: Vec<u8>,
}

impl Vector {
    /// All headers of this name, in order.
    pub fn all<'v>(&'v self, name: &'v str) -> impl Iterator<Item = &'v str> + 'v {
        self.headers.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The one header of this name.
    pub fn one<'v>(&'v self, name: &'v str) -> Option<&'v str> {
        let mut found = self.all(name);
        let first = found.next();
        assert!(found.next().is_none(), "{}/{}: header {name} stands twice", self.format, self.case);
        first
    }

    pub fn number(&self, name: &str) -> Option<u64> {
        self.one(name).map(|text| verify::spelling::decimal(text).unwrap_or_else(|| panic!("{}: {name}", self.case)))
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("expect: {}\n", self.expect);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\n"));
        }
        // Octets that a checkout could change (no last newline, no UTF-8, carriage returns) travel as hexadecimal.
        let plain = std::str::from_utf8(&self.payload).is_ok_and(|t| t.ends_with('\n') && !t.contains('\r'));
        match plain {
            true => [format!("{text}\n").as_bytes(), &self.payload].concat(),
            false => format!("{text}payload: hex\n\n{}\n", hex(&self.payload)).into_bytes(),
        }
    }

    fn parse(format: &str, case: &str, bytes: &[u8]) -> Vector {
        let split = bytes.windows(2).position(|w| w == b"\n\n").unwrap_or_else(|| panic!("{case}: no blank line"));
        let head = std::str::from_utf8(&bytes[..split]).unwrap_or_else(|_| panic!("{case}: header"));
        let mut headers: Vec<(String, String)> = head
            .split('\n')
            .map(|line| line.split_once(": ").unwrap_or_else(|| panic!("{case}: header line {line:?}")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        assert_eq!(headers[0].0, "expect", "{case}: the verdict stands first");
        let expect = headers.remove(0).1;
        let mut payload = bytes[split + 2..].to_vec();
        if let Some(at) = headers.iter().position(|h| h.0 == "payload") {
            assert_eq!(headers.remove(at).1, "hex", "{case}");
            let text = String::from_utf8(payload).expect("hexadecimal");
            payload = from_hex(text.trim_end()).unwrap_or_else(|| panic!("{case}: hexadecimal"));
        }
        Vector { format: format.to_owned(), case: case.to_owned(), expect, headers, payload }
    }
}

pub fn folder(format: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/vectors").join(format)
}

/// All vectors of a format, by name. Panics on a file that is no vector: test data, not input.
pub fn vectors(format: &str) -> Vec<Vector> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder(format))
        .unwrap_or_else(|e| panic!("testdata/vectors/{format}: {e}"))
        .map(|entry| entry.expect("readable folder").path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    paths.sort();
    let read = |path: &PathBuf| std::fs::read(path).expect("readable vector");
    paths.iter().map(|p| Vector::parse(format, &p.file_stem().expect("name").to_string_lossy(), &read(p))).collect()
}

/// Compares the files of generated vectors with what the generator makes; with `WAARBORG_WRITE_VECTORS=1` writes them.
/// The generator stays beside its output, so that a vector can be read as "this, but for that one change".
pub fn compare_or_write(made: &[Vector]) {
    let write = std::env::var_os("WAARBORG_WRITE_VECTORS").is_some();
    let mut differing = Vec::new();
    for vector in made {
        let path = folder(&vector.format).join(format!("{}.txt", vector.case));
        if write {
            std::fs::create_dir_all(folder(&vector.format)).expect("folder");
            std::fs::write(&path, vector.to_bytes()).expect("write");
        } else if std::fs::read(&path).ok() != Some(vector.to_bytes()) {
            differing.push(format!("{}/{}", vector.format, vector.case));
        }
    }
    assert!(differing.is_empty(), "not as generated (WAARBORG_WRITE_VECTORS=1 writes them): {differing:?}");
}
