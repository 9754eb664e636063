//! The desk of received orders: every rule of docs/spec/desk.md, on the samples of docs/samples.

mod deliver;
mod dispatch;
mod documents;
mod door;
mod house;
mod joined;
mod kill;
mod life;
mod load;
mod senders;
mod signed;
mod tls;
mod wishes;
