//! R10: a role's folder put back to an older copy while everybody else went on.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use harness::kills::count::count;
use harness::kills::feed::{Feed, unix_ms};
use harness::kills::house::{GRACE_S, House, SLOT_S};
use harness::kills::orders::{self, Order, Stage};

use crate::{PATIENCE, go_on, go_on_until};

fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

/// Puts `image` in the place of `folder`, which is kept beside it.
fn put_back(image: &Path, folder: &Path) {
    std::fs::rename(folder, folder.with_extension("newer")).unwrap();
    copy(image, folder);
}

/// Takes the image away again.
fn put_newer(folder: &Path) {
    std::fs::remove_dir_all(folder).unwrap();
    std::fs::rename(folder.with_extension("newer"), folder).unwrap();
}

/// A house with orders that are served one after the other.
struct Story {
    house: House,
    orders: Vec<Order>,
    next: u64,
}

impl Story {
    /// Orders everything since the last order, and waits until it is served.
    fn serve(&mut self) {
        let until = (unix_ms() / 1_000).max(self.next + 1).next_multiple_of(SLOT_S);
        while unix_ms() / 1_000 < until + GRACE_S + 2 {
            go_on(&mut self.house, &mut self.orders, 1);
        }
        self.orders.push(Order::sign(&self.house, self.orders.len() as u64 + 1, self.next, until).unwrap());
        self.next = until;
        orders::finish(&mut self.house, &mut self.orders, PATIENCE).unwrap();
    }

    fn kill(&mut self, name: &str) {
        let place = self.house.place(name);
        self.house.services[place].kill();
    }

    fn start(&mut self, name: &str) {
        let place = self.house.place(name);
        self.house.start(place).unwrap();
    }

    fn said(&self, name: &str) -> String {
        self.house.services[self.house.place(name)].said_all()
    }

    /// Starts a service that must end by itself, and gives what it said.
    fn refuses_to_run(&mut self, name: &str) -> String {
        let before = self.said(name).len();
        self.start(name);
        let place = self.house.place(name);
        let status = self.house.services[place].await_end(Duration::from_secs(60));
        let said = self.said(name)[before..].to_owned();
        let status = status.unwrap_or_else(|| panic!("{name} runs on an older copy: {said}"));
        assert_eq!(status.code(), Some(1), "{name} refuses: {said}");
        said
    }

    /// An older witness is led forward by the log: it cosigns again, and never backwards.
    fn witness(&mut self, image: &Path) {
        self.kill("witness-1");
        put_back(image, &self.house.path("witness-1/state"));
        let checkpoint = |house: &House| std::fs::read_to_string(house.path("log-orders/state/checkpoint")).unwrap();
        let stood = checkpoint(&self.house);
        self.start("witness-1");
        go_on_until(&mut self.house, &mut self.orders, "cosigned by witness-1", |house| {
            let newest = checkpoint(house);
            newest != stood && newest.contains("witness-1.demo")
        });
    }

    /// An older log is refused by what its witnesses have cosigned, and recovered from a full copy.
    fn log(&mut self, image: &Path) {
        let state = self.house.path("log-orders/state");
        self.kill("log-orders");
        let newest = std::fs::read(state.join("checkpoint")).unwrap();
        put_back(image, &state);
        let before = std::fs::read(state.join("checkpoint")).unwrap();
        assert_ne!(before, newest);
        let said = self.refuses_to_run("log-orders");
        assert!(said.contains("LOG-64"), "{said}");
        assert_eq!(std::fs::read(state.join("checkpoint")).unwrap(), before, "nothing was published");
        let (config, full) = (self.house.word("log-orders/log.toml"), state.with_extension("newer").display().to_string());
        self.house.waarborg(&["log", "recover", &config, "--copy", &full]).unwrap();
        self.start("log-orders");
    }

    /// A member cannot see it; the gateway does, and leaves it out.
    fn trustee(&mut self, image: &Path) {
        let folder = self.house.path("guardian-1");
        put_back(image, &folder);
        let audit = std::fs::read(folder.join("audit")).unwrap();
        self.serve();
        assert!(self.said("gateway").contains("GWY-42"), "{}", self.said("gateway"));
        assert_eq!(std::fs::read(folder.join("audit")).unwrap(), audit, "it was not asked");
        put_newer(&folder);
    }

    /// A gateway is refused by what its members were shown since: it signs nothing and asks nobody.
    fn gateway(&mut self, image: &Path) {
        self.kill("gateway");
        let folder = self.house.path("provider/gateway/state");
        put_back(image, &folder);
        let audits: Vec<_> = harness::kills::house::TRUSTEES.iter().map(|name| self.house.path(name).join("audit")).collect();
        let before: Vec<_> = audits.iter().map(|path| std::fs::read(path).unwrap()).collect();
        let said = self.refuses_to_run("gateway");
        assert!(said.contains("GWY-43"), "{said}");
        assert_eq!(audits.iter().map(|path| std::fs::read(path).unwrap()).collect::<Vec<_>>(), before, "no member was asked");
        put_newer(&folder);
        self.start("gateway");
    }

    /// A sealer is refused by what PUBLIC knows of it, before it publishes anything.
    fn sealer(&mut self, images: [(&Path, &str); 2]) {
        self.kill("sealer");
        self.kill("gateway");
        images.iter().for_each(|(image, folder)| put_back(image, &self.house.path(folder)));
        let said = self.refuses_to_run("sealer");
        assert!(said.contains("SEA-20"), "{said}");
        assert!(!said.contains("Published"), "{said}");
        images.iter().for_each(|(_, folder)| put_newer(&self.house.path(folder)));
    }
}

#[test]
fn r10_no_role_goes_on_from_an_older_copy_of_its_folder() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::found(&dir.path().join("house")).unwrap();
    let feed = Feed::begin(&house.dir);
    let next = (unix_ms() / 1_000).next_multiple_of(SLOT_S);
    let mut story = Story { house, orders: Vec::new(), next };
    story.serve();
    let images = dir.path().join("images");
    std::fs::create_dir(&images).unwrap();
    let image = |name: &str| images.join(name);
    for (folder, name) in [
        ("witness-1/state", "witness"),
        ("log-orders/state", "log"),
        ("guardian-1", "trustee"),
        ("provider/gateway/state", "gateway"),
        ("provider/vault", "vault"),
        ("provider/segments", "segments"),
    ] {
        for service in ["witness-1", "log-orders", "sealer", "gateway"] {
            story.kill(service);
        }
        copy(&story.house.path(folder), &image(name));
    }
    story.serve();
    story.witness(&image("witness"));
    story.log(&image("log"));
    story.gateway(&image("gateway"));
    story.trustee(&image("trustee"));
    story.sealer([(&image("vault"), "provider/vault"), (&image("segments"), "provider/segments")]);
    drop(feed);
    story.serve();
    assert!(story.orders.iter().all(|order| matches!(order.stage, Stage::Closed { .. })), "{:?}", story.orders);
    let found = count(&story.house, &story.orders).unwrap();
    assert!(found.is_clean() && 0 < found.records, "{found:#?}");
}
