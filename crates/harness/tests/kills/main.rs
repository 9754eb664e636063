//! Real processes of the shipped programs, killed, on full disks, and put back to older images (R1, R5, R10 of threats.md).
//!
//! `target/debug/kills --times 1000` does the first by the thousand.

mod full_disk;
mod killed;
