//! Checks about the tree itself: who may depend on whom, how long a file may be, which words stand nowhere.
//!
//! Reads files, changes nothing (`tidy --bless` apart, which rewrites the golden closure files).
#![forbid(unsafe_code)]

pub mod tidy;
