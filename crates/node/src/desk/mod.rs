//! Received orders: from every door into one database, judged by `law`, moved by people, time and the cases that answer them.
//!
//! `core` is the desk, `store` its database, `entry` what happens to an order, `judging` reads and asks the gates, `hi1` speaks
//! TS 103 120, `wishes` is what updates there ask of orders, `deliver` what is handed over there, `documents` Form 3 and receipt there, `dispatch` what we send to authorities' own systems, `follow` joins an order with the native cases that answer it, `counters` counts, `listen` is the door with mutual TLS.

pub mod config;
pub mod core;
pub mod counters;
pub mod deliver;
pub mod dispatch;
pub mod documents;
pub mod door;
pub mod entry;
pub mod follow;
pub mod hi1;
pub mod judging;
pub mod listen;
pub mod store;
pub mod view;
mod wishes;
mod work;

pub use core::{Arrival, Ask, Desk, Keeper, Loaded, NotTaken, Receipt, Taken};
pub use judging::Setup;
pub use listen::SharedDesk;
