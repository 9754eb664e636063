//! Synapse without a Synapse: from rows to records, positions, the judgement of what can be read, the grants file.

mod grants;
mod membership;
mod position;
mod reach;
mod records;
mod sqlite;
