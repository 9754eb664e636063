//! What goes when a retention key is gone, and what a hold keeps.

use super::*;

#[tokio::test]
async fn sea_73_segments_go_with_their_key_but_for_what_a_hold_needs() {
    let mut world = World::new(None).await;
    let mut life = world.live().await;
    let records = vec![salted(&mut life, 0), salted(&mut life, 2)];
    let input = Input::Batch { source: "test".into(), records, position: Position("2".into()), history: false };
    world.turn(&mut life, T0, input).await.unwrap();
    world.turn(&mut life, T0 + 6, tick((T0 + 6) * 1_000)).await.unwrap();
    let sealed = world.commits().await.into_iter().filter_map(|commit| match commit.done {
        Done::Epochs(list) => Some(list),
        _ => None,
    });
    let epochs: Vec<_> = sealed.flatten().map(|epoch| (epoch.header.retention_id, epoch.leaf.epoch_hash)).collect();
    assert_eq!(epochs.len(), 2);
    // A header does not tell its category; the key that it was sealed under does.
    let mut of = |category| {
        let key = life.hands.vault.retention_for_sealing(category, T0 / 86_400, &mut *life.hands.entropy).unwrap();
        epochs.iter().find(|(retention, _)| *retention == key.id()).unwrap().1
    };
    let (held, gone) = (of(Category::LOCATION), of(Category::DEVICE));
    let (hold, expiry) = ([1; 32], T0 + 60 * 86_400);
    let proof = seal::retention::BucketProof::parse(&[0; seal::retention::BucketProof::LEN]);
    life.hands.vault.hold_put(&hold, &held, 7, &proof, expiry).unwrap();
    let exists = async |life: &Life, epoch: &Hash| life.hands.store.segment(epoch).await.unwrap().is_some();
    // The day before both are there; on the day only what is held.
    for (days, there) in [(30, (true, true)), (31, (false, true)), (60, (false, false))] {
        let now = T0 + days * 86_400;
        // The effects of the daily round alone: a tick would close every slot of two months too.
        let shredded = life.hands.perform(now, &Effect::Expire { today: now / 86_400 }).await.unwrap();
        let Some(Input::Shredded(keys)) = shredded else { panic!("another answer") };
        for key in keys {
            life.hands.perform(now, &Effect::NoteShredded(key)).await.unwrap();
        }
        assert_eq!((exists(&life, &gone).await, exists(&life, &held).await), there, "after {days} days");
    }
    assert!(life.hands.store.header(&gone).await.unwrap().is_some(), "what there was stays known");
}
