//! What lies on the table during a ceremony: cards, dealings, acceptances, complaints. Plain signed text, one kind a file.

pub mod acceptance;
pub mod card;
pub mod complaint;
pub mod dealing;
pub mod terms;
