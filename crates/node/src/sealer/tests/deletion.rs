//! What goes when a retention key is gone, and what a hold keeps.

use super::*;
use crate::vault::HoldItem;

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
    let value = crate::vault::HeldValue { hold, epoch: held, bucket: 7, proof, expires_at: expiry };
    life.hands.vault.hold_put(&[value], &mut *life.hands.entropy).unwrap();
    let exists = async |life: &Life, epoch: &Hash| life.hands.store.segment(epoch).await.unwrap().is_some();
    // The day before both are there; on the day only what is held. SEA-68: nothing goes while an order waits for its hold.
    let paper = crate::vault::HoldPaper { hold: [2; 32], order: Vec::new(), proof: Vec::new(), expires_at: expiry };
    for (days, waits, there) in
        [(30, false, (true, true)), (31, true, (true, true)), (31, false, (false, true)), (60, false, (false, false))]
    {
        let now = T0 + days * 86_400;
        match waits {
            true => assert!(life.hands.vault.hold_ask(&paper, &mut *life.hands.entropy).unwrap().is_none()),
            false => life.hands.vault.hold_answer(&paper, &crate::vault::HoldAnswer::Refused("not borne".into())).unwrap(),
        }
        // The effects of the daily round alone: a tick would close every slot of two months too.
        // A hold over all of time has nothing more to copy than days that were; one whose time is over goes, whoever waits.
        let ever = HoldItem { from: 0, until: 253_402_300_800, ..named(ROWS[0].subjects[0], Category::IP) };
        life.hands.vault.hold_name(&[9; 32], &[ever], now, &mut *life.hands.entropy).unwrap();
        let shredded = life.hands.perform(now, &Effect::Expire { today: now / 86_400 }).await.unwrap();
        assert!(life.hands.vault.hold_items(0).unwrap().is_empty(), "after {days} days, an order waits: {waits}");
        let Some(Input::Shredded(keys)) = shredded else { panic!("another answer") };
        for key in keys {
            life.hands.perform(now, &Effect::NoteShredded(key)).await.unwrap();
        }
        assert_eq!((exists(&life, &gone).await, exists(&life, &held).await), there, "after {days} days, an order waits: {waits}");
    }
    assert!(life.hands.store.header(&gone).await.unwrap().is_some(), "what there was stays known");
}

async fn copy_again(life: &mut Life, now: u64) {
    let hands = &mut life.hands;
    let copied = crate::sealer::holding::copy((&hands.vault, &hands.store), timing().slot_len(), None, now, &mut *hands.entropy);
    copied.await.unwrap();
}

/// One named person of one category in the first slot.
fn named(subject: &str, category: Category) -> HoldItem {
    HoldItem { category, selector: Selector::from_text(subject).unwrap(), from: T0, until: T0 + u64::from(LEN) }
}

#[tokio::test]
async fn sea_68_a_hold_has_the_buckets_of_whom_it_names_and_ends_with_its_time() {
    let mut world = World::new(None).await;
    let mut life = world.live().await;
    let records = vec![salted(&mut life, 0), salted(&mut life, 1)];
    let input = Input::Batch { source: "test".into(), records, position: Position("2".into()), history: false };
    world.turn(&mut life, T0, input).await.unwrap();
    world.turn(&mut life, T0 + 6, tick((T0 + 6) * 1_000)).await.unwrap();
    let category = Category::DEVICE;
    let item = named(ROWS[0].subjects[0], category);
    let (first, second, expiry) = ([1; 32], [2; 32], T0 + 60 * 86_400);
    life.hands.vault.hold_name(&first, std::slice::from_ref(&item), expiry, &mut *life.hands.entropy).unwrap();
    assert!(life.hands.vault.forget(&item.selector, T0).is_err(), "SEA-51: who is held is not erased");
    let day = T0 / 86_400;
    // Twice, as after a death between copying and destroying.
    for _ in 0..2 {
        life.hands.keep_for_holds(day + 31, T0 + 31 * 86_400).await.unwrap();
    }
    let epochs = life.hands.vault.sealed_on(category, day).unwrap();
    let copied = life.hands.vault.hold_count(&first).unwrap();
    assert!(!epochs.is_empty() && copied == epochs.len() as u64, "one bucket an epoch: {copied} of {}", epochs.len());
    life.hands.perform(T0 + 31 * 86_400, &Effect::Expire { today: day + 31 }).await.unwrap();
    let salt = life.hands.vault.salts_on(&item.selector, day).unwrap()[0];
    let slot = Slot::containing(timing().slot_len(), T0);
    let public = life.hands.keys.key(slot).unwrap().clone();
    let identity = Identity::new(public.key_id(), PROVIDER, category, slot, item.selector.clone(), salt).unwrap();
    let (own, now) = (identity.bucket(), T0 + 32 * 86_400);
    let held = |life: &Life, bucket: u16, now: u64| life.hands.vault.hold_get(&epochs[0], bucket, now).unwrap().is_some();
    assert!(held(&life, own, now) && !held(&life, own ^ 1, now));
    // A second order may keep on what the first one kept, and nothing else: the key is gone.
    let other = named(ROWS[1].subjects[1], category);
    life.hands.vault.hold_name(&second, &[item, other], expiry + 1, &mut *life.hands.entropy).unwrap();
    copy_again(&mut life, now).await;
    assert_eq!(life.hands.vault.hold_count(&second).unwrap(), copied);
    // A case that closed while the sealer was copying: nothing of its hold is left.
    let paper = crate::vault::HoldPaper { hold: [3; 32], order: Vec::new(), proof: Vec::new(), expires_at: expiry };
    life.hands.vault.hold_name(&paper.hold, &[named(ROWS[0].subjects[0], category)], expiry, &mut *life.hands.entropy).unwrap();
    copy_again(&mut life, now).await;
    assert_eq!(life.hands.vault.hold_count(&paper.hold).unwrap(), copied);
    life.hands.vault.hold_answer(&paper, &crate::vault::HoldAnswer::Refused("late".into())).unwrap();
    assert_eq!(life.hands.vault.hold_count(&paper.hold).unwrap(), 0);
    life.hands.vault.hold_end(&first).unwrap();
    assert!(held(&life, own, expiry) && !held(&life, own, expiry + 1), "each hold has its own end");
    life.hands.vault.hold_drop_expired(expiry + 1).unwrap();
    assert_eq!(life.hands.vault.hold_count(&second).unwrap(), 0);
    assert!(life.hands.vault.hold_items(0).unwrap().is_empty(), "nor does anybody know whom it named");
}
