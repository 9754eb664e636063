//! Key files of logs and witnesses: the private-key line of Go's `x/mod/sumdb/note`, one line.
//!
//! `PRIVATE+KEY+<name>+<hex8 keyID>+<base64(type || seed[32])>`; the keyID is recomputed on reading. Mode 0600.
