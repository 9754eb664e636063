//! The catalogue of record types, from outside: encodings, refusals, times, hostile values, documents.

mod documents;
mod encoding;
mod hostile;
mod refusals;
mod samples;
mod times;
