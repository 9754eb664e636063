//! Thirty days of one person in one category, 2,880 epochs, out of stores of different size: from the combined keys to records
//! whose presence and absence are proven against the logged leaf of each segment.

use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use seal::committee::IdentityKey;
use seal::epoch::EpochHeader;
use seal::identity::Identity;
use seal::open::open_by;
use seal::retention::{BucketTree, Crown};
use seal::segment::{RunIndex, Runs, SegmentLeaf};

use crate::Size;
use crate::figure::{Bar, Figure};
use crate::machine::Core;
use crate::peers::Table;
use crate::world::{Dice, EPOCH_LEN, LEASE, START, STRAGGLING, World, record, retention, slot};

/// Other people in each epoch; the records of all of them are spread over these.
const OTHERS: u64 = 10;
const PERSON: u64 = 0;
const THREADS: u64 = 2;

/// What the provider and the log hold of an epoch, besides the segments.
struct Sealed {
    start: u64,
    crown: Crown,
    /// Header and leaf in each store, in the stores' order.
    stores: Vec<(EpochHeader, SegmentLeaf)>,
}

pub fn month_of_one_person(size: Size) -> Vec<Figure> {
    let (epochs, sizes) = size.pick((8u64, [800u64, 8_000]), (2_880, [1_000_000, 10_000_000]));
    let world = World::default();
    let folder = tempfile::tempdir().expect("a folder");
    for records in sizes {
        std::fs::create_dir(folder.path().join(records.to_string())).expect("a folder");
    }
    let sealed = seal_all(&world, folder.path(), epochs, &sizes);
    let mut figures = Vec::new();
    let mut times = Vec::new();
    for (number, records) in sizes.iter().enumerate() {
        let Opened { seconds, on_cpu, found } = open_all(&world, folder.path(), *records, number, &sealed);
        assert_eq!(found, epochs, "one record of the person in each epoch");
        let what = format!("{epochs} epochs of one person out of {records} records, from keys to proven records, two cores");
        figures.push(Figure::new("month/opened", what, seconds, "s", Bar::AtMost(2.5)));
        let what = format!("of that, processor time of an epoch on its core, {records} records");
        figures.push(Figure::new("month/core", what, on_cpu * 1_000.0 / epochs as f64, "ms", Bar::Beside));
        times.push(on_cpu);
    }
    figures.push(Figure::new(
        "month/growth",
        "the larger store against the smaller, processor time",
        times[1] / times[0],
        "times",
        Bar::AtMost(1.2),
    ));
    figures.push(table(folder.path(), epochs, sizes[1]));
    figures
}

/// The same epochs for all stores, so that each bucket tree is computed once; two threads.
fn seal_all(world: &World, folder: &Path, epochs: u64, sizes: &[u64]) -> Vec<Sealed> {
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let done = &done;
            scope.spawn(move || {
                for number in (thread..epochs).step_by(THREADS as usize) {
                    let sealed = seal_epoch(world, folder, number, epochs, sizes);
                    done.lock().expect("no thread panics").push(sealed);
                }
            });
        }
    });
    let mut sealed = done.into_inner().expect("no thread panics");
    sealed.sort_by_key(|sealed| sealed.start);
    // Writing the stores back to the disk would otherwise go on beside the opening, and take its cores.
    std::process::Command::new("sync").status().expect("written back");
    sealed
}

fn seal_epoch(world: &World, folder: &Path, number: u64, epochs: u64, sizes: &[u64]) -> Sealed {
    let start = START + number * EPOCH_LEN;
    let retention = retention(start / 86_400);
    let tree = BucketTree::compute(&retention, LEASE, start);
    let record = record(start + 30);
    let others: Vec<Identity> = (1..=OTHERS).map(|n| world.identity(number * OTHERS + n, slot(start))).collect();
    let mut stores = Vec::new();
    for records in sizes {
        let mut epoch = world.open(&retention, &tree, start);
        epoch.seal(&world.identity(PERSON, slot(start)), &record).expect("sealed");
        for n in 1..records / epochs {
            epoch.seal(&others[(n % OTHERS) as usize], &record).expect("sealed");
        }
        let closed = epoch.close();
        let file = folder.join(records.to_string()).join(start.to_string());
        std::fs::write(file.with_extension("runs"), &closed.runs).expect("written");
        std::fs::write(file, &closed.segment).expect("written");
        stores.push((closed.header, closed.leaf));
    }
    Sealed { start, crown: tree.crown(), stores }
}

/// How long it took, by the clock and on the processor (both threads together), and the records found.
struct Opened {
    seconds: f64,
    on_cpu: f64,
    found: u64,
}

/// The store's files were just written, so they come from memory: a cold disk adds its own time.
fn open_all(world: &World, folder: &Path, records: u64, store: usize, sealed: &[Sealed]) -> Opened {
    let key = |sealed: &Sealed| {
        let identity = world.identity(PERSON, slot(sealed.start));
        let octets = identity.point().multiply(&world.secret).expect("not zero").to_bytes();
        IdentityKey::check(&octets, &identity, &world.public).expect("fits")
    };
    // Four epochs have one key.
    let keys: Vec<IdentityKey> = sealed.iter().step_by(4).map(key).collect();
    let folder = folder.join(records.to_string());
    let from = Instant::now();
    let run = sealed.len().div_ceil(THREADS as usize).next_multiple_of(4);
    let (on_cpu, found) = std::thread::scope(|scope| {
        let threads: Vec<_> = sealed
            .chunks(run)
            .zip(keys.chunks(run / 4))
            .map(|(sealed, keys)| {
                let folder = &folder;
                scope.spawn(move || {
                    let core = Core::start();
                    let found: u64 = sealed.iter().zip(0..).map(|(epoch, n)| open_epoch(folder, epoch, &keys[n / 4], store)).sum();
                    (core.seconds(), found)
                })
            })
            .collect();
        let ended = threads.into_iter().map(|thread| thread.join().expect("no thread panics"));
        ended.fold((0.0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    });
    Opened { seconds: from.elapsed().as_secs_f64(), on_cpu, found }
}

fn open_epoch(folder: &Path, epoch: &Sealed, key: &IdentityKey, store: usize) -> u64 {
    let (header, leaf) = &epoch.stores[store];
    let retention = retention(epoch.start / 86_400);
    let bucket = epoch.crown.proof(&retention, LEASE, epoch.start, key.identity().bucket()).expect("a bucket");
    // As the product reads a store on its own machine: the run index, and the runs that the locators lead to.
    let file = folder.join(epoch.start.to_string());
    let index = std::fs::read(file.with_extension("runs")).expect("an index");
    let index = RunIndex::parse(&index, leaf).expect("leads to the logged root");
    let segment = std::fs::File::open(file).expect("a segment");
    let mut runs = Runs::new(index, |range| read_range(&segment, range));
    let opened = open_by(key, header, &bucket, STRAGGLING, |locator| runs.look_up(locator)).expect("opened");
    for record in &opened.records {
        record.proven.verify(leaf).expect("proven");
    }
    // The locator that is absent is the one behind the last record; a stranger derives it again (`verify_opened`).
    assert!(opened.absence.entries.iter().all(|neighbour| neighbour.verify(leaf).is_ok()));
    opened.records.len() as u64
}

fn read_range(file: &std::fs::File, range: std::ops::Range<u64>) -> std::io::Result<Vec<u8>> {
    let mut octets = vec![0; (range.end - range.start) as usize];
    file.read_exact_at(&mut octets, range.start)?;
    Ok(octets)
}

/// The same question to an unsealed table of the larger size.
fn table(folder: &Path, epochs: u64, records: u64) -> Figure {
    let mut table = Table::create(&folder.join("table.db")).expect("a table");
    let mut dice = Dice(4);
    let per_epoch = records / epochs;
    let rows = (0..epochs).flat_map(|number| (0..per_epoch).map(move |n| (number, n)));
    let rows = rows.map(|(number, n)| {
        let start = START + number * EPOCH_LEN;
        let subject = if n == 0 { PERSON } else { number * OTHERS + 1 + dice.below(OTHERS) };
        (subject, slot(start).no(), start)
    });
    let mut line = (0, String::new());
    let rows = rows.map(|(subject, slot, start)| {
        if line.0 != start {
            line = (start, record(start + 30).json_line());
        }
        (subject, slot, line.1.clone())
    });
    table.fill(rows).expect("filled");
    table.index().expect("an index");
    let from = Instant::now();
    let slots = (slot(START).no(), slot(START + epochs * EPOCH_LEN).no() + 1);
    let found = table.of_person(PERSON, slots.0, slots.1).expect("an answer");
    let seconds = from.elapsed().as_secs_f64();
    assert_eq!(found.len() as u64, epochs);
    let what = format!("the same rows from an unsealed SQLite table of {records} records, without any proof");
    Figure::new("month/sqlite", what, seconds, "s", Bar::Beside)
}
