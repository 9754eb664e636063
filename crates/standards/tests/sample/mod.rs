//! A small production: two categories, three items, two slots covered wholly and one in part, hostile values.

use seal::catalogue::{Clock, Common, Device, Party, PartyKind, Record, RecordType, Stamp, Traffic};
