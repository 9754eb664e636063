//! The digests that packages use, and a running sum of all of a file at once.

use super::crc::Crc32;
use aws_lc_rs::digest::{Context, SHA256, SHA384, SHA512, digest};

/// SHA-256 of a text in parts.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    take(context.finish().as_ref())
}

/// SHA-384 and SHA-512 occur in time stamps only.
pub fn sha384(bytes: &[u8]) -> [u8; 48] {
    take(digest(&SHA384, bytes).as_ref())
}

pub fn sha512(bytes: &[u8]) -> [u8; 64] {
    take(digest(&SHA512, bytes).as_ref())
}

/// The digest's octets as an array. The lengths are those of the algorithms, so nothing is cut or padded.
fn take<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    for (to, from) in out.iter_mut().zip(bytes) {
        *to = *from;
    }
    out
}

/// A running SHA-256.
pub struct Sha256(Context);

impl Sha256 {
    pub fn new() -> Sha256 {
        Sha256(Context::new(&SHA256))
    }
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    pub fn finish(self) -> [u8; 32] {
        take(self.0.finish().as_ref())
    }
}

impl Default for Sha256 {
    fn default() -> Sha256 {
        Sha256::new()
    }
}

/// What is known of a file's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sums {
    pub size: u64,
    pub crc: u32,
    pub sha256: [u8; 32],
    pub sha512: [u8; 64],
}

impl Sums {
    pub fn of(bytes: &[u8]) -> Sums {
        let mut running = RunningSums::new();
        running.update(bytes);
        running.finish()
    }
}

/// Sums of a file that is read in pieces.
pub struct RunningSums {
    size: u64,
    crc: Crc32,
    sha256: Context,
    sha512: Context,
}

impl RunningSums {
    pub fn new() -> RunningSums {
        RunningSums { size: 0, crc: Crc32::new(), sha256: Context::new(&SHA256), sha512: Context::new(&SHA512) }
    }
    pub fn update(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        self.crc.update(bytes);
        self.sha256.update(bytes);
        self.sha512.update(bytes);
    }
    pub fn finish(self) -> Sums {
        Sums {
            size: self.size,
            crc: self.crc.finish(),
            sha256: take(self.sha256.finish().as_ref()),
            sha512: take(self.sha512.finish().as_ref()),
        }
    }
}

impl Default for RunningSums {
    fn default() -> RunningSums {
        RunningSums::new()
    }
}
