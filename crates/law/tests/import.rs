//! IMP-01 to IMP-05: what an outside order becomes as native orders.

mod stage;

use law::import::terms;
use law::received::*;
use stage::*;

#[test]
fn imp_05_an_order_becomes_its_own_period_and_nothing_more() {
    let mut stage = Stage::epoc();
    let found = terms(stage.order()).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].period.from(), found[0].period.until()), (RECEIVED - 10 * DAY, RECEIVED - 9 * DAY));
    assert_eq!(
        found[0].items.iter().map(|(s, c)| (s.to_string(), c.clone())).collect::<Vec<_>>(),
        [("account:@anna:example".into(), vec![1])]
    );
    assert_eq!(found[0].instrument.as_str(), "epoc");
    let day = verify::calendar::Day::parse("2026-11-01").unwrap();
    let days = TimeRange { start: Some(Moment::Day(day)), end: Some(Moment::Day(day)) };
    stage.order().identifiers[0].ranges = vec![m(days)];
    let found = terms(stage.order()).unwrap();
    assert_eq!((found[0].period.from(), found[0].period.until()), (day.start(), day.start() + DAY));
}

#[test]
fn imp_05_other_times_are_other_orders_and_categories_stay_with_their_persons() {
    let mut stage = Stage::epoc();
    let mut second = identifier(IdentifierKind::Phone, "31 6 12345678");
    second.id = text("2");
    second.ranges = vec![range(RECEIVED - 5 * DAY, RECEIVED - 4 * DAY)];
    stage.order().identifiers.push(second);
    let mut sessions = requested(DataClass::Traffic, &[DataOption::ConnectionTimes]);
    sessions.identifiers = vec![m("2".into())];
    stage.order().requested.push(sessions);
    let found = terms(stage.order()).unwrap();
    let rows: Vec<_> = found.iter().flat_map(|t| &t.items).map(|(s, c)| (s.to_string(), c.clone())).collect();
    assert_eq!(found.len(), 2);
    assert_eq!(rows, [("account:@anna:example".to_owned(), vec![1]), ("phone:+31612345678".to_owned(), vec![1, 3])]);
}

#[test]
fn imp_01_to_imp_04_what_can_not_be_written_is_refused() {
    let refused = |change: fn(&mut Order)| {
        let mut stage = Stage::article_126n();
        change(stage.order());
        terms(stage.order()).unwrap_err().code()
    };
    assert_eq!(refused(|o| o.identifiers = vec![identifier(IdentifierKind::Imei, "490154203237518")]), "IMP-01");
    assert_eq!(refused(|o| o.identifiers[0].ranges.clear()), "IMP-02");
    assert_eq!(refused(|o| o.requested[0].options = vec![m(DataOption::Tickets)]), "IMP-03");
    assert_eq!(refused(|o| o.requested[0].options.clear()), "IMP-03");
    assert_eq!(refused(|o| o.national = None), "IMP-04");
    assert_eq!(refused(|o| o.national.as_mut().unwrap().article = m("§".into())), "IMP-04");
    let good = terms(Stage::article_126n().order()).unwrap();
    assert_eq!((good[0].instrument.as_str(), good[0].legal_basis.as_str()), ("national/nl/126n", "Article 126n"));
}

#[test]
fn imp_04_what_kind_of_order_it_becomes() {
    let kinds = |stage: &mut Stage| {
        let terms = terms(stage.order()).unwrap();
        (terms[0].is_preservation, terms[0].is_emergency)
    };
    assert_eq!(kinds(&mut Stage::preservation()), (true, false));
    assert_eq!(kinds(&mut Stage::epoc()), (false, false));
    assert_eq!(kinds(&mut Stage::emergency()), (false, true));
    // The article as people write it is one token.
    let mut stage = Stage::article_126n();
    stage.order().national.as_mut().unwrap().article = m("Art. 126n (1) Sv".into());
    assert_eq!(terms(stage.order()).unwrap()[0].instrument.as_str(), "national/nl/126n1");
}
