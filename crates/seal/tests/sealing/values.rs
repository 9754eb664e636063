//! Selectors, identities, points: canonical forms and what is refused.

use proptest::prelude::*;
use seal::identity::{Category, Identity, IdentityError, KeyId, ProviderId, Salt, Slot, SlotLen, Suite};
use seal::points::{G1Point, G2Point, PointError, Scalar};
use seal::selector::{Selector, SelectorError};

use crate::support::hex;

fn any_selector() -> impl Strategy<Value = Selector> {
    prop_oneof![
        "\\+[1-9][0-9]{7,14}".prop_map(|text| Selector::parse(1, text.as_bytes()).unwrap()),
        "[a-z@:.]{1,60}".prop_map(|text| Selector::parse(2, text.as_bytes()).unwrap()),
        any::<[u8; 18]>().prop_map(|octets| Selector::parse(3, &octets).unwrap()),
        "[A-Za-z.+]{1,20}@[a-z]{1,9}\\.example".prop_map(|text| Selector::parse(4, text.as_bytes()).unwrap()),
        any::<[u8; 16]>().prop_map(|octets| Selector::parse(5, &octets).unwrap()),
    ]
}

prop_compose! {
    fn any_identity()(
        suite in prop_oneof![Just(Suite::Gcm), Just(Suite::GcmSiv)],
        key in any::<[u8; 32]>(),
        provider in any::<[u8; 16]>(),
        category in 1u16..0xffff,
        len in prop::sample::select(vec![10u32, 3_600, 21_600]),
        no in 0u64..1 << 40,
        selector in any_selector(),
        salt in 1u8..,
    ) -> Identity {
        let slot = Slot::new(SlotLen::new(len).unwrap(), no).unwrap();
        let salt = if selector.needs_salt() { Salt([salt; 16]) } else { Salt::ZERO };
        Identity::of_suite(suite, KeyId(key), ProviderId(provider), Category::new(category).unwrap(), slot, selector, salt).unwrap()
    }
}

proptest! {
    // TSE-40
    #[test]
    fn sea_05_identities_are_injective(a in any_identity(), b in any_identity(), rest in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(Identity::parse(a.to_bytes()), Ok(a.clone()));
        prop_assert_eq!(a == b, a.to_bytes() == b.to_bytes());
        if a != b {
            prop_assert!(!a.to_bytes().starts_with(b.to_bytes()));
        }
        if let Ok(parsed) = Identity::parse(&rest) {
            prop_assert_eq!(parsed.to_bytes(), &rest[..]);
        }
        for cut in [0, 8, 90, a.to_bytes().len() - 1] {
            prop_assert!(Identity::parse(&a.to_bytes()[..cut]).is_err());
        }
        prop_assert_eq!(Identity::parse(&[a.to_bytes(), &[0]].concat()), Err(IdentityError::Shape));
    }

    // TSE-45
    #[test]
    fn sea_03_text_forms_are_fixed_points(selector in any_selector(), text in "\\PC{0,40}") {
        prop_assert_eq!(Selector::from_text(&selector.to_string()), Ok(selector));
        if let Ok(parsed) = Selector::from_text(&text) {
            prop_assert_eq!(parsed.to_string(), text);
        }
    }
}

#[test]
fn sea_03_non_canonical_selectors_are_refused() {
    let canonical = [
        "phone:+31612345678",
        "account:@an:waarborg.test",
        "account:Zoë",
        "email:An.de.Vries+x@mail.example",
        "email:an@xn--mnchen-3ya.example",
        "ip:192.0.2.1",
        "ip:192.0.2.1:443",
        "ip:2001:db8::1",
        "ip:[2001:db8::1]:443",
        "self-test:000102030405060708090a0b0c0d0e0f",
    ];
    for text in canonical {
        assert_eq!(Selector::from_text(text).map(|selector| selector.to_string()), Ok(text.to_owned()));
    }
    let refused = [
        "phone:31612345678",
        "phone:+31 612345678",
        "phone:+0612345678",
        "phone:+1234567",
        "phone:+1234567890123456",
        "phone:+3161234567a",
        "account:",
        "account:Zoe\u{308}",
        "account:a\nb",
        "email:an@Mail.example",
        "email:an@münchen.example",
        "email:an@",
        "email:@mail.example",
        "email:an",
        "email:an@-a.example",
        "email:an@a-.example",
        "email:an@a..example",
        "email:a n@mail.example",
        "ip:192.0.2.01",
        "ip:192.0.2.1:0",
        "ip:192.0.2.1:0443",
        "ip:192.0.2.1:65536",
        "ip:2001:DB8::1",
        "ip:2001:db8:0:0:0:0:0:1",
        "ip:[2001:db8::1]",
        "ip:[2001:db8::1]:0",
        "ip:[192.0.2.1]:443",
        "ip:::ffff:192.0.2.1",
        "self-test:00010203",
        "self-test:000102030405060708090A0B0C0D0E0F",
    ];
    for text in refused {
        assert_eq!(Selector::from_text(text), Err(SelectorError::NotCanonical), "{text}");
    }
    for text in ["", "phone", "Phone:+31612345678", "imei:1"] {
        assert_eq!(Selector::from_text(text), Err(SelectorError::UnknownType), "{text}");
    }
    assert_eq!(Selector::parse(0, b"x"), Err(SelectorError::UnknownType));
    assert_eq!(Selector::parse(6, b"x"), Err(SelectorError::UnknownType));
    assert_eq!(Selector::parse(2, &[b'a'; 256]), Err(SelectorError::NotCanonical));
    assert_eq!(Selector::parse(2, &[0xff]), Err(SelectorError::NotCanonical));
    assert_eq!(Selector::parse(3, &[0; 17]), Err(SelectorError::NotCanonical));
    assert_eq!(Selector::parse(5, &[0; 17]), Err(SelectorError::NotCanonical));
}

#[test]
fn tse_65_selectors_salts_and_identities_do_not_print() {
    let selector = Selector::from_text("account:@secret:example").unwrap();
    let slot = Slot::containing(SlotLen::HOUR, 0);
    let identity = Identity::new(KeyId([0; 32]), ProviderId([0; 16]), Category::IP, slot, selector.clone(), Salt([0x5a; 16])).unwrap();
    let shown = format!("{selector:?} {identity:?} {:?}", identity.salt());
    assert!(!shown.contains("secret") && !shown.contains("5a") && !shown.contains("90"), "{shown}");
}

#[test]
fn sea_04_salt_and_selector_must_fit() {
    let slot = Slot::containing(SlotLen::HOUR, 0);
    let of = |selector: &str, salt| {
        let selector = Selector::from_text(selector).unwrap();
        Identity::new(KeyId([0; 32]), ProviderId([0; 16]), Category::IP, slot, selector, salt).err()
    };
    assert_eq!(of("account:@a:b", Salt::ZERO), Some(IdentityError::Salt));
    assert_eq!(of("ip:192.0.2.1", Salt([1; 16])), Some(IdentityError::Salt));
    assert_eq!(of("account:@a:b", Salt([1; 16])), None);
    assert_eq!(of("ip:192.0.2.1", Salt::ZERO), None);
}

#[test]
fn categories_slots_and_suites_have_limits() {
    assert_eq!(Category::new(0), Err(IdentityError::ReservedCategory));
    assert_eq!(Category::new(0xffff), Err(IdentityError::ReservedCategory));
    for seconds in [0, 9, 7, 21_601, 43_200, 86_400, 11] {
        assert_eq!(SlotLen::new(seconds), Err(IdentityError::SlotLength), "{seconds}");
    }
    assert_eq!(Slot::new(SlotLen::HOUR, u64::MAX), Err(IdentityError::SlotNumber));
    assert_eq!(Slot::new(SlotLen::HOUR, 1 << 60), Err(IdentityError::SlotNumber));
    assert_eq!(Suite::parse(0), Err(IdentityError::UnknownSuite));
    assert_eq!(Suite::parse(3), Err(IdentityError::UnknownSuite));
}

#[test]
fn tse_27_bad_points_and_scalars_are_refused() {
    let mut infinity = [0; 48];
    infinity[0] = 0xc0;
    assert_eq!(G1Point::parse(&infinity), Err(PointError::Infinity));
    assert_eq!(G1Point::parse(&[0; 48]), Err(PointError::NotCanonical));
    assert_eq!(G1Point::parse(&[0xff; 48]), Err(PointError::NotCanonical));
    // Infinity with a stray bit, and a point with x not below p.
    infinity[47] = 1;
    assert_eq!(G1Point::parse(&infinity), Err(PointError::NotCanonical));
    let outside = points_outside_the_subgroup();
    assert!(outside.contains(&PointError::OutsideSubgroup));
    assert!(!outside.contains(&PointError::Infinity));
    let mut infinity = [0; 96];
    infinity[0] = 0xc0;
    assert_eq!(G2Point::parse(&infinity), Err(PointError::Infinity));
    let order = hex("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001");
    assert_eq!(Scalar::parse(&order.try_into().unwrap()).err(), Some(PointError::BadScalar));
    assert_eq!(Scalar::parse(&[0; 32]).err(), Some(PointError::BadScalar));
    assert_eq!(Scalar::parse(&[0xff; 32]).err(), Some(PointError::BadScalar));
    assert_eq!(G1Point::generator().multiply(&Scalar::zero()), Err(PointError::Infinity));
    assert_eq!(G2Point::public_of(&Scalar::zero()), Err(PointError::Infinity));
}

/// Small x coordinates: about half are on the curve, and nearly none of these is in the subgroup.
fn points_outside_the_subgroup() -> Vec<PointError> {
    let point = |x: u8| {
        let mut octets = [0; 48];
        (octets[0], octets[47]) = (0x80, x);
        G1Point::parse(&octets)
    };
    (0..64).filter_map(|x| point(x).err()).collect()
}
