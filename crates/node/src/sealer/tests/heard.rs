//! No slot is closed while a source may hold records of it that nobody has read (SEA-42, SEA-81). The sealer runs as it does at a
//! provider's, on the real clock; it ends when a source has been asked often enough, not when time has passed.

use std::sync::Arc;
use std::time::Duration;

use sources::json_lines::{JsonLines, JsonLinesConfig};
use sources::{Batch, Description, Reading, Source, SourceError};
use tokio::sync::Notify;

use super::super::shell::{Event, Running};
use super::*;

/// A file behind a connection that fails as often as told, and that ends the sealer when it is asked for the last time.
struct Scripted {
    file: JsonLines,
    fails: VecDeque<SourceError>,
    /// How often it is still to be asked.
    asks: usize,
    end: Arc<Notify>,
}

impl Source for Scripted {
    fn describe(&self) -> Description {
        self.file.describe()
    }

    fn is_history(&self) -> bool {
        self.file.is_history()
    }

    fn next<'a>(&'a mut self, after: &'a Position, now_ms: u64) -> Reading<'a> {
        self.asks = self.asks.saturating_sub(1);
        if self.asks == 0 {
            self.end.notify_one();
        }
        match self.fails.pop_front() {
            Some(error) => Box::pin(std::future::ready(Err::<Batch, _>(error))),
            None => self.file.next(after, now_ms),
        }
    }
}

/// What a sealer is run with: a store that begins a minute ago, and sources.
struct Play {
    world: World,
    now: u64,
    end: Arc<Notify>,
    sources: BTreeMap<String, Box<dyn Source>>,
}

impl Play {
    async fn new() -> Play {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let world = World::begun(None, now - 60).await;
        Play { world, now, end: Arc::new(Notify::new()), sources: BTreeMap::new() }
    }

    /// A slot whose grace is long over.
    fn slot(&self) -> Slot {
        Slot::containing(timing().slot_len(), self.now - 45)
    }

    fn config(&self, name: &str, history: bool) -> JsonLinesConfig {
        JsonLinesConfig { path: self.world.folder.join(name), dead_letters: self.world.folder.join("dead"), source: name.into(), history }
    }

    /// Adds a source with a line for each event, of which it gives one a batch.
    fn source(&mut self, name: &str, history: bool, events: &[u64], fails: Vec<SourceError>, asks: usize) {
        let path = self.world.folder.join(name);
        let line = |at: &u64| {
            format!(
                r#"{{"category":"device","action":"registered","account":"account:@a:x","device":"D","clock":"server","index":["account:@a:x"],"t_event_raw":"{at}","t_event_unit":"s"}}"#
            ) + "\n"
        };
        std::fs::write(&path, events.iter().map(line).collect::<String>()).unwrap();
        let file = JsonLines::new(self.config(name, history)).with_lines_max(1);
        let source = Scripted { file, fails: fails.into(), asks, end: self.end.clone() };
        self.sources.insert(name.into(), Box::new(source));
    }

    /// Runs until a source ends it. Commits, and what was said while waiting.
    async fn run(&mut self) -> (Vec<Commit>, Vec<String>) {
        let Life { sealer, hands, commits: _commits } = self.world.live().await;
        let waits = Arc::new(Mutex::new(Vec::new()));
        let heard = waits.clone();
        let report = Box::new(move |event| {
            if let Event::Waiting { what } = event {
                heard.lock().unwrap().push(what);
            }
        });
        let (_set_back, is_set_back) = tokio::sync::watch::channel(false);
        let running = Running { sealer, hands, report, poll: Duration::from_millis(1), is_set_back, policy: None };
        running.until(std::mem::take(&mut self.sources), self.end.notified()).await.unwrap();
        let waits = waits.lock().unwrap().clone();
        (self.world.commits().await, waits)
    }
}

fn away() -> SourceError {
    SourceError::Fault("away".into())
}

fn first_close(commits: &[Commit], slot: Slot) -> Option<usize> {
    let closes =
        |commit: &Commit| matches!(&commit.done, Done::Slots { slots, .. } if slots.iter().any(|closed| closed.from == slot.start()));
    commits.iter().position(closes)
}

fn assert_closed_behind_its_records(commits: &[Commit], slot: Slot, records: u64) {
    let sealed: u64 = commits.iter().cloned().flat_map(epochs).map(|epoch| epoch.leaf.n_records).sum();
    assert_eq!(sealed, records, "sealed");
    let late = commits.iter().rposition(|commit| !epochs(commit.clone()).is_empty());
    let closed = first_close(commits, slot);
    assert!(closed.is_some() && late < closed, "the last epoch in commit {late:?}, the slot closed in {closed:?}");
}

/// A backlog: what is unread behind the first batch is older than what was read.
#[tokio::test]
async fn sea_42_a_slot_is_not_closed_while_a_source_has_more() {
    let mut play = Play::new().await;
    let slot = play.slot();
    play.source("file", false, &[slot.end() + 1, slot.start()], Vec::new(), 3);
    let (commits, _) = play.run().await;
    assert_closed_behind_its_records(&commits, slot, 2);
}

/// A database that is away for longer than the grace.
#[tokio::test]
async fn sea_42_a_slot_is_not_closed_while_a_source_does_not_answer() {
    let mut play = Play::new().await;
    let slot = play.slot();
    // One that answers does not speak for one that does not.
    play.source("other", false, &[], Vec::new(), usize::MAX);
    play.source("file", false, &[slot.start()], vec![away(), away(), away()], 5);
    let (commits, _) = play.run().await;
    assert_closed_behind_its_records(&commits, slot, 1);
}

/// SEA-80: an import is late anyway, and may take weeks or lie where nobody finds it.
#[tokio::test]
async fn sea_80_no_slot_waits_for_an_import_of_history() {
    let mut play = Play::new().await;
    let slot = play.slot();
    play.source("import", true, &[slot.start() - 86_400, slot.start() - 86_399, slot.start() - 86_398], Vec::new(), 2);
    play.source("lost", true, &[], vec![away(), away(), away()], usize::MAX);
    play.source("refused", true, &[], vec![SourceError::Refusal { code: "SRC-06", reason: String::new() }], usize::MAX);
    let (commits, _) = play.run().await;
    assert!(first_close(&commits, slot).is_some());
}

/// What a rule keeps from being read is unread all the same, until a person has looked; and that is said.
#[tokio::test]
async fn sea_42_a_source_that_a_rule_stopped_holds_the_slots_and_says_so() {
    let mut play = Play::new().await;
    let slot = play.slot();
    play.source("other", false, &[], Vec::new(), 4);
    play.source("file", false, &[slot.start()], vec![SourceError::Refusal { code: "SRC-14", reason: String::new() }], usize::MAX);
    let (commits, waits) = play.run().await;
    assert_eq!(first_close(&commits, slot), None);
    assert_eq!(waits, ["no slot is closed: source file is stopped by SRC-14 and unread"], "once a minute, not once a round");
}

/// What `waarborg source position` tells: a file may be deleted when a commit stands behind it, and a rotation loses nothing.
#[tokio::test]
async fn src_06_a_rotated_file_is_needed_until_a_commit_stands_behind_it() {
    let mut play = Play::new().await;
    let slot = play.slot();
    play.source("file", false, &[slot.start(), slot.start() + 1], Vec::new(), 4);
    play.run().await;
    let rotated = play.world.folder.join("file.1");
    std::fs::rename(play.world.folder.join("file"), &rotated).unwrap();
    play.source("file", false, &[slot.start() + 2], Vec::new(), 4);
    let behind = async |play: &Play| {
        let sealed = super::super::sealed_positions(&play.world.store()).await.unwrap();
        JsonLines::new(play.config("file", false)).place(&sealed["file"]).unwrap().behind
    };
    assert!(behind(&play).await.is_empty(), "nothing of the new file is sealed");
    let (commits, _) = play.run().await;
    assert_eq!(behind(&play).await, [rotated]);
    let sealed: u64 = commits.into_iter().flat_map(epochs).map(|epoch| epoch.leaf.n_records).sum();
    assert_eq!(sealed, 3);
}
