//! Typed records (stub until the catalogue lands).
