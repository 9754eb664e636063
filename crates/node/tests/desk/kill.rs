//! The short form of the load, with this test program as the process that is killed.

use std::process::{Command, Stdio};

use crate::load::{Plan, child, run};

/// Not a claim of its own: the process of the test below, when it is started with a folder.
#[test]
fn process() {
    if let Some(folder) = std::env::var_os("DESK_LOAD_FOLDER") {
        child(folder.as_ref());
    }
}

#[test]
fn dsk_16_what_was_receipted_before_a_kill_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let start = |folder: &std::path::Path| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "kill::process"]).env("DESK_LOAD_FOLDER", folder).stdout(Stdio::null());
        command
    };
    let plan = Plan { steady_per_second: 4, steady_seconds: 1, burst_per_second: 20, burst_seconds: 2, kills: 2 };
    let figures = tokio::runtime::Runtime::new().unwrap().block_on(run(folder.path(), start, plan));
    assert_eq!((figures.sent, figures.lost, figures.doubled, figures.kills), (44, 0, 0, 2), "{figures:?}");
}
