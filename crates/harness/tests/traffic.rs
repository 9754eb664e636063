//! The generator measures up to published figures, and a seed repeats.

use harness::fixture::world::DAY_ZERO;
use harness::traffic::calibration::measure;
use harness::traffic::{Kind, Shape, tell};

const DAY: u64 = 86_400;

fn sixty_days() -> Shape {
    let (from, until) = (DAY_ZERO + 59 * DAY, DAY_ZERO + 119 * DAY);
    Shape { persons: 1_899, from, until, messages: 59_835, messages_a_login: 8, late_one_in: 0 }
}

#[test]
fn a_story_is_shaped_like_real_traffic() {
    let measures = measure(&tell(7, sixty_days()));
    let bands = [
        ("the busiest hundredth", measures.top_1, 0.12, 0.28),
        ("the busiest tenth", measures.top_10, 0.5, 0.78),
        ("reciprocity", measures.reciprocity, 0.45, 0.8),
        ("burstiness", measures.burstiness, 0.45, 0.85),
        ("never send", measures.never_send, 0.25, 0.40),
        ("night", measures.night, 0.004, 0.03),
        ("evening", measures.evening, 0.14, 0.22),
        ("a weekend day", measures.weekend_day, 0.09, 0.125),
    ];
    for (what, value, least, most) in bands {
        assert!((least..most).contains(&value), "{what}: {value} is not in {least}..{most}; {measures:?}");
    }
}

#[test]
fn a_seed_repeats_and_stories_have_what_orders_trip_over() {
    let shape = Shape { persons: 60, messages: 2_000, late_one_in: 20, ..sixty_days() };
    let story = tell(3, shape);
    assert_eq!(story.rows, tell(3, shape).rows);
    assert_ne!(story.rows, tell(4, shape).rows);
    assert!(story.rows.iter().zip(1..).all(|(row, number)| row.number == number && row.event_ms <= row.arrives_ms));
    let reassigned = &story.reassigned[0];
    let holders = |before: bool| {
        let rows = story.rows.iter().filter(|row| row.subjects.contains(&reassigned.selector));
        let then = rows.filter(|row| (row.event_ms / 1_000 < reassigned.from) == before);
        then.map(|row| row.subjects[0].clone()).collect::<std::collections::BTreeSet<_>>().len()
    };
    assert_eq!((holders(true), holders(false)), (1, 1), "a number has one holder at a time");
    assert!(!story.shared_addresses.is_empty());
    let forwarded = |row: &&harness::traffic::Row| matches!(&row.kind, Kind::Login { trust: "forwarded-header", .. });
    assert!(story.rows.iter().any(|row| forwarded(&row)));
    assert!(story.rows.iter().any(|row| row.event_ms % 3_600_000 == 0), "a row exactly on the border of an hour");
    assert!(story.rows.iter().any(|row| 3_600_000 < row.arrives_ms - row.event_ms), "a late row");
}
