//! Test 5: every cell of the table in log.md section 7, then restart: did it go forward, did it stop, is it consistent?

use node::log::client::Head;
use node::log::config::LogKind;
use node::log::shell::lock;
use node::log::submit::orders_leaf;

use crate::faults::{Failure, Operation, Plan};
use crate::world::{World, base};

struct Case {
    operation: Operation,
    prefix: &'static str,
    failure: Failure,
    /// The tick of the fault committed its entries, before or after restart.
    progress: bool,
    stops: bool,
}

const fn case(operation: Operation, prefix: &'static str, failure: Failure, progress: bool, stops: bool) -> Case {
    Case { operation, prefix, failure, progress, stops }
}

use Failure::{NotWritten, WrittenAnyway};
use Operation::{Delete, Get, Put};

const MATRIX: &[Case] = &[
    case(Put, "staging/", NotWritten, false, false),
    case(Put, "staging/", WrittenAnyway, false, false),
    case(Get, "staging/", NotWritten, false, false),
    case(Put, "state/", NotWritten, false, true),
    case(Put, "state/", WrittenAnyway, true, true),
    case(Put, "tile/0/", NotWritten, true, true),
    case(Put, "tile/0/", WrittenAnyway, true, true),
    case(Put, "tile/1/", NotWritten, true, true),
    case(Put, "tile/entries/", NotWritten, true, true),
    case(Put, "tile/entries/", WrittenAnyway, true, true),
    case(Put, "checkpoint", NotWritten, true, false),
    case(Put, "checkpoint", WrittenAnyway, true, false),
    case(Delete, "staging/", NotWritten, true, false),
    case(Delete, "staging/", WrittenAnyway, true, false),
    case(Delete, "tile/", NotWritten, true, false),
    case(Delete, "tile/", WrittenAnyway, true, false),
];

/// Ticks before the fault: the tick of the fault crosses 256 leaves, so it writes full tiles, level 1, and sweeps partials.
const TICKS_BEFORE: u64 = 15;

#[tokio::test(flavor = "multi_thread")]
async fn log_57_every_cell_of_the_table_then_restart() {
    for (number, case) in MATRIX.iter().enumerate() {
        cell(number, case).await;
    }
}

async fn cell(number: usize, case: &Case) {
    let mut world = World::new(LogKind::Orders, 1, 1).await;
    world.config.batch_entries = 17;
    let start = base();
    let mut shell = world.shell(start).await.unwrap();
    assert_eq!(shell.ask_witnesses().await, Ok(true));
    for tick in 0..TICKS_BEFORE {
        shell.tick(start + tick).await.unwrap();
    }
    let before = lock(&shell.engine).size();
    assert_eq!(before, 255, "cell {number}");
    let leaf = orders_leaf(&[9; 32], false);
    let key = leaf.key;
    lock(&shell.engine).admit(leaf.clone());
    world.faulty.fail(Plan { operation: case.operation, prefix: case.prefix, failure: case.failure });
    let now = start + TICKS_BEFORE;
    let outcome = shell.tick(now).await;
    assert!(world.faulty.failed(), "cell {number}: the fault was never met");
    assert_eq!(outcome.is_err(), case.stops, "cell {number} {outcome:?}");
    if case.stops {
        // A stopped engine writes nothing more, whatever it is told.
        let objects = world.objects("state").len();
        shell.tick(now + 1).await.ok();
        assert_eq!(world.objects("state").len(), objects, "cell {number}");
    } else if !case.progress {
        // The leaf waits and enters with the next tick.
        shell.tick(now + 1).await.unwrap();
        assert!(lock(&shell.engine).published_index(&key).is_some(), "cell {number}");
    }
    drop(shell);

    // Restart: the recovery path.
    let mut shell = world.shell(now + 1).await.unwrap_or_else(|error| panic!("cell {number}: {error:?}"));
    let progressed = before < lock(&shell.engine).size();
    assert_eq!(progressed, case.progress || !case.stops, "cell {number}");
    assert_eq!(shell.ask_witnesses().await, Ok(true), "cell {number}");
    shell.resume(now + 1).await.unwrap();
    lock(&shell.engine).admit(leaf);
    shell.tick(now + 2).await.unwrap();
    shell.tick(now + 3).await.unwrap();
    let size = lock(&shell.engine).size();
    assert!(lock(&shell.engine).published_index(&key).is_some(), "cell {number}");
    consistent(&world, number).await;
    assert!(world.objects("staging").is_empty(), "cell {number}: swept");
    let head = Head::parse(&std::fs::read(world.config.state_dir.join("checkpoint")).unwrap()).unwrap();
    assert_eq!(head.size, size, "cell {number}");
    // LOG-20: no partial tile whose full one stands in the published tree.
    assert!(!world.config.state_dir.join("tile/0/000.p").exists(), "cell {number}");
}

/// Everything a reader sees hangs together: policy, entries, root; and the C of the leaf stands once.
async fn consistent(world: &World, number: usize) {
    let reader = node::log::client::LogReader::of(world.source());
    let head = reader.head().await.unwrap();
    world.policy().check(&head.note, None).unwrap_or_else(|refusal| panic!("cell {number}: {refusal}"));
    let mut seen = 0;
    let entry = orders_leaf(&[9; 32], false).entry;
    reader.replay(&head, &mut |_, each| seen += u32::from(each == entry)).await.unwrap_or_else(|e| panic!("cell {number}: {e}"));
    assert_eq!(seen, 1, "cell {number}");
}
