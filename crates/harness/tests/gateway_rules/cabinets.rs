//! Cabinets that answer one thing wrongly: what a production does about it.

use node::cases::Case;
use node::gateway::opening::{Cabinet, Unopened};
use node::gateway::production::{Production, Unproduced};
use node::gateway::work::Fault;
use seal::epoch::EpochHeader;
use seal::retention::BucketProof;

use super::{Desk, scene, world};

#[derive(Default)]
struct Broken {
    segment: Option<Option<Vec<u8>>>,
    /// What the run index is made into, and what becomes of each part that is read.
    runs: Option<fn(Vec<u8>) -> Vec<u8>>,
    part: Option<fn(Vec<u8>) -> Option<Vec<u8>>>,
    shredded: bool,
    /// The retention value of another epoch.
    mixed_up: bool,
}

impl Cabinet for Broken {
    fn segment(&self, epoch: &[u8; 32]) -> Result<Option<Vec<u8>>, Fault> {
        match &self.segment {
            Some(answer) => Ok(answer.clone()),
            None => world::cabinet(scene()).segment(epoch),
        }
    }

    fn runs(&self, epoch: &[u8; 32]) -> Result<Option<Vec<u8>>, Fault> {
        let good = world::cabinet(scene()).runs(epoch)?;
        Ok(good.map(|octets| self.runs.map_or(octets.clone(), |change| change(octets))))
    }

    fn part(&self, epoch: &[u8; 32], range: std::ops::Range<u64>) -> Result<Option<Vec<u8>>, Fault> {
        let good = world::cabinet(scene()).part(epoch, range)?;
        Ok(good.and_then(|octets| self.part.map_or(Some(octets.clone()), |change| change(octets))))
    }

    fn bucket(&self, header: &EpochHeader, bucket: u16) -> Result<Option<BucketProof>, Fault> {
        let other = scene().good.closed.iter().map(|epoch| &epoch.header).find(|other| *other != header);
        match (self.shredded, other.filter(|_| self.mixed_up)) {
            (true, _) => Ok(None),
            (false, other) => world::cabinet(scene()).bucket(other.unwrap_or(header), bucket),
        }
    }
}

fn opened(broken: &Broken) -> Result<Production, Unproduced> {
    let desk = Desk::opened();
    let Case::AwaitingRelease(s) = desk.case() else { panic!() };
    desk.outside.open_with(&s.asked, broken)
}

fn stop(broken: Broken) -> &'static str {
    match opened(&broken) {
        Err(Unproduced::Unopened(Unopened::Stop(stop))) => stop.code(),
        other => panic!("{:?}", other.map(|production| production.scope)),
    }
}

/// Octet 40: in an index the first locator, in an entry the ciphertext.
fn spoilt(mut octets: Vec<u8>) -> Vec<u8> {
    octets[40] ^= 1;
    octets
}

#[test]
fn gwy_11_gwy_12_gwy_13_a_production_with_a_hole_stops() {
    let hole = |segment| Broken { segment: Some(segment), part: Some(|_| None), ..Broken::default() };
    assert_eq!(stop(hole(None)), "GWY-11");
    assert_eq!(stop(hole(Some(Vec::new()))), "GWY-12");
    assert_eq!(stop(Broken { shredded: true, ..Broken::default() }), "GWY-13");
}

#[test]
fn gwy_14_an_identity_that_does_not_open_stops_the_production() {
    assert_eq!(stop(Broken { mixed_up: true, ..Broken::default() }), "GWY-14");
}

#[test]
fn gwy_60_what_runs_do_not_give_is_read_from_the_whole_segment() {
    let lines = |broken: Broken| {
        let production = opened(&broken).map_err(|_| "stopped").unwrap();
        let parts = |(_, opening): &(Vec<_>, node::gateway::opening::SlotOpening)| {
            let parts = opening.epochs.iter().flat_map(|epoch| epoch.parts.iter().flatten());
            parts.map(|(_, opened)| format!("{opened:?}")).collect::<Vec<String>>()
        };
        production.slots.values().flat_map(parts).collect::<Vec<String>>()
    };
    let unread = || Broken { segment: Some(None), ..Broken::default() };
    let whole = lines(Broken { runs: Some(|_| Vec::new()), ..Broken::default() });
    assert!(!whole.is_empty());
    assert_eq!(lines(unread()), whole, "by runs alone, no segment is read whole");
    assert_eq!(lines(Broken { runs: Some(spoilt), ..Broken::default() }), whole, "an index that sends elsewhere");
    assert_eq!(lines(Broken { part: Some(|_| None), ..Broken::default() }), whole, "a part that is not there");
    assert_eq!(lines(Broken { part: Some(|octets| Some(spoilt(octets))), ..Broken::default() }), whole, "a part that was read wrongly");
    // What is spoilt and cannot be read whole gives no answer.
    assert_eq!(stop(Broken { part: Some(|octets| Some(spoilt(octets))), ..unread() }), "GWY-11");
    let empty = Broken { segment: Some(Some(Vec::new())), ..Broken::default() };
    assert_eq!(stop(Broken { part: Some(|octets| Some(spoilt(octets))), ..empty }), "GWY-12");
}
