//! What we tell authorities by ourselves, at their own systems (DSK-24 to DSK-27): DELIVER for what was produced, CREATE for
//! notifications and documents, over mutual TLS to the address and certificate that the registry has of the authority.
//!
//! An object that is to be told is queued in the transaction that made it; a message is stored before it is sent, and sent again, to the
//! octet and under the same transaction, until it is answered. `core` decides, `line` keeps, `post` sends, `run` is the loop. Whoever has
//! no address in the registry polls, as before, and what is refused or does not arrive is still there for whoever polls.

pub mod core;
pub mod line;
pub mod post;
pub mod run;
