//! A sealer's disk that lies: an object that was acknowledged is not there, is there in part, or holds what another one held.
//!
//! Whatever it is, the sealer does not start, or who reads sees it against the logged leaf, or it changes nothing at all. The vault has no
//! such test: it is SQLite's, and an older copy of it has its own (SEA-20).

use super::super::set_back::Known;
use super::*;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Disk {
    Lost,
    Torn,
    /// What stands under this name is what was written under the one before it.
    Stale,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// The sealer says so and does not go on.
    Refused,
    /// Whoever reads sees that it is not what was logged.
    Seen,
    Harmless,
}

/// Folder and name of every object.
fn objects(folder: &std::path::Path) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for kind in ["segments", "headers", "crowns", "runs", "commits", "published"] {
        let names = std::fs::read_dir(folder.join("store").join(kind)).unwrap().flatten();
        let mut names: Vec<String> = names.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        all.extend(names.into_iter().map(|name| (kind.to_owned(), name)));
    }
    all
}

/// False: there is nothing that this lie would change.
fn lies(folder: &std::path::Path, kind: &str, name: &str, before: Option<&str>, disk: Disk) -> bool {
    let place = folder.join("store").join(kind);
    let path = place.join(name);
    let octets = std::fs::read(&path).unwrap();
    match disk {
        Disk::Lost => std::fs::remove_file(path).unwrap(),
        Disk::Torn if octets.is_empty() => return false,
        Disk::Torn => std::fs::write(path, &octets[..octets.len() / 2]).unwrap(),
        Disk::Stale => match before.map(|before| std::fs::read(place.join(before)).unwrap()) {
            Some(other) if other != octets => std::fs::write(path, other).unwrap(),
            _ => return false,
        },
    }
    true
}

/// As the gateway and every auditor read it: the logged leaf decides.
async fn is_seen(store: &SegmentStore, epochs: &[super::super::commit::CommittedEpoch]) -> bool {
    for epoch in epochs {
        let hash = epoch.leaf.epoch_hash;
        let segment = store.segment(&hash).await.unwrap();
        let header = store.header(&hash).await.unwrap().and_then(|octets| SignedStatement::parse(&octets).ok());
        let header = header.is_some_and(|signed| matches!(signed.statement(), Statement::Epoch(header) if header.hash() == hash));
        if !header || segment.is_none_or(|octets| audit(&octets, &epoch.leaf).is_err()) {
            return true;
        }
    }
    false
}

async fn end(folder: &std::path::Path, log: &FakeLog, epochs: &[super::super::commit::CommittedEpoch]) -> End {
    let (vault, store) = (Vault::open(&folder.join("vault")).unwrap(), SegmentStore::local(&folder.join("store")).unwrap());
    let Ok(found) = find(&store, &vault, timing().slot_len()).await else { return End::Refused };
    let signers = Signers { sealer: signer("sealer.test", 3), provider: signer("provider.test", 4) };
    let known = Known::find(&store, &signers, found.recovered.next_slot, PROVIDER).await;
    let Ok(known) = known else { return End::Refused };
    if known.is_set_back(log).await.unwrap() {
        return End::Refused;
    }
    drop(vault);
    if is_seen(&store, epochs).await { End::Seen } else { End::Harmless }
}

#[tokio::test]
async fn r5_a_sealers_disk_that_lies_is_refused_seen_or_changes_nothing() {
    let mut world = World::new(None).await;
    world.run().await;
    let epochs: Vec<_> = world.commits().await.into_iter().flat_map(epochs).collect();
    let all = objects(&world.folder);
    let mut ends: BTreeMap<(String, End), usize> = BTreeMap::new();
    for disk in [Disk::Lost, Disk::Torn, Disk::Stale] {
        for (number, (kind, name)) in all.iter().enumerate() {
            let copy = tempfile::tempdir().unwrap();
            let from = world.folder.join(".");
            assert!(std::process::Command::new("cp").arg("-a").arg(from).arg(copy.path()).status().unwrap().success());
            let before = number.checked_sub(1).map(|at| &all[at]).filter(|(of, _)| of == kind).map(|(_, name)| name.as_str());
            if !lies(copy.path(), kind, name, before, disk) {
                continue;
            }
            let ended = end(copy.path(), &world.log, &epochs).await;
            // One of each kind is opened with every key: what changes nothing changes no record.
            if ended == End::Harmless && !ends.contains_key(&(kind.clone(), ended)) {
                let mut other = World::at(copy.path());
                std::mem::swap(&mut other.log, &mut world.log);
                other.check().await;
                std::mem::swap(&mut other.log, &mut world.log);
            }
            let is_right = match kind.as_str() {
                "commits" => ended == End::Refused,
                "segments" | "headers" => ended == End::Seen,
                // Made again, computed anew, or believed in nothing (GWY-60).
                _ => ended == End::Harmless,
            };
            assert!(is_right, "{disk:?} {kind}/{name}: {ended:?}");
            *ends.entry((kind.clone(), ended)).or_default() += 1;
        }
    }
    assert_eq!(ends.len(), 6, "each kind was lied about: {ends:?}");
}
