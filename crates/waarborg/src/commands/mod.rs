//! One module per noun of the command line.

pub mod bench;
pub mod canary;
pub mod case;
pub mod certificate;
pub mod demo;
pub mod desk;
pub mod gateway;
pub mod keys;
pub mod log;
pub mod monitor;
pub mod notice;
pub mod order;
pub mod package;
pub mod policy;
pub mod registry;
pub mod sample;
pub mod sealer;
pub mod secrecy;
pub mod source;
pub mod stats;
pub mod witness;
