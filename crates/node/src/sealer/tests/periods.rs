//! One committee key gives way to the next (SEA-16, SEA-81), with late records from across the border, under every crash.

use super::*;
use crate::sealer::periods::KeyPeriods;
use verify::names::Span;

impl World {
    /// What only the committees of that hour's period could put together, and its public half.
    pub(super) fn key_of(&self, slot: Slot) -> (Scalar, PublicKey) {
        let seed = if slot.start() < self.border { 9 } else { 10 };
        let master = Scalar::key_gen(&[seed; 32], b"test");
        let public = PublicKey::of_point(G2Point::public_of(&master).unwrap());
        (master, public)
    }

    pub(super) fn keys(&self) -> KeyPeriods {
        let slot = |at| Slot::containing(timing().slot_len(), at);
        let periods = [(0, self.border, slot(T0)), (self.border, u64::MAX, slot(self.border))];
        let known = periods.into_iter().filter(|(from, _, _)| *from < self.keys_until);
        KeyPeriods::new(known.map(|(from, until, slot)| (Span::new(from, until).unwrap(), self.key_of(slot).1))).unwrap()
    }
}

/// The border lies between the first two slots: the sixth row is the last one before it, and two of the later rows happened before it.
#[tokio::test]
async fn sea_16_sea_81_every_record_is_under_the_key_of_its_own_hour_whatever_crashes() {
    let mut calm = World { border: T0 + u64::from(LEN), ..World::new(None).await };
    calm.run().await;
    calm.check().await;
    let slot = |header: &seal::epoch::EpochHeader| header.cover.map_or(header.start, |cover| cover.from);
    let mut keys = BTreeSet::new();
    for epoch in calm.commits().await.into_iter().flat_map(epochs) {
        let of = calm.key_of(Slot::containing(timing().slot_len(), slot(&epoch.header)));
        assert_eq!(epoch.header.key_id, of.1.key_id());
        if let Some(cover) = epoch.header.cover {
            assert!(cover.to <= calm.border || calm.border <= cover.from, "a late epoch reaches over the border");
        }
        keys.insert((epoch.header.key_id, epoch.header.is_late()));
    }
    assert_eq!(keys.len(), 3, "both keys, and the old one in a late epoch after its time");
    for number in (0..calm.effects).step_by(11) {
        let mut world = World { border: T0 + u64::from(LEN), ..World::new(Some(number)).await };
        world.run().await;
        world.check().await;
    }
}

/// Nobody could open it: better counted than sealed.
#[tokio::test]
async fn sea_16_an_hour_without_a_key_is_refused_and_counted() {
    let end = T0 + u64::from(LEN);
    let mut world = World { border: end, keys_until: end, ..World::new(None).await };
    let mut life = world.live().await;
    for now in T0..T0 + 30 {
        world.second(&mut life, now).await.unwrap();
    }
    let counts = life.sealer.counts();
    let inside = ROWS.iter().filter(|row| row.event < i64::from(LEN)).count() as u64;
    assert_eq!((counts.sealed, counts.refused_period), (inside, ROWS.len() as u64 - inside));
}
