//! Cases: one order each, its states as types, and the database that keeps them.
