//! The Synapse connector against real servers. Started by `lab/synapse_test.sh`, which sets the environment; without it
//! every test here fails, so that it is never skipped in silence. Built only with the feature `lab`.

mod barrier;
mod oracle;
mod world;
