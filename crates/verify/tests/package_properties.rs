//! What must hold of any input to the package's small readers, not only of chosen ones.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use verify::package::der::{self, Reader};
use verify::package::json::Value;
use verify::package::{RawPackage, cms};

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::Text),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        let list = vec(inner.clone(), 0..8).prop_map(Value::List);
        prop_oneof![list, btree_map(any::<String>(), inner, 0..8).prop_map(Value::Object)]
    })
}

proptest! {
    #[test]
    fn pkg_30_every_value_has_one_text_and_no_hidden_character(value in value()) {
        let text = value.to_text();
        prop_assert!(!text.chars().any(seal::catalogue::is_hidden));
        prop_assert_eq!(Value::parse(text.as_bytes(), 1 << 20).unwrap(), value);
    }

    #[test]
    fn pkg_30_what_parses_is_written_the_same(text in "[\\[\\]{}:,\"a0-9\\\\u \n.eE-]{0,24}") {
        if let Ok(value) = Value::parse(text.as_bytes(), 100) {
            prop_assert_eq!(value.to_text(), text);
        }
    }

    #[test]
    fn pkg_40_canonical_elements_are_read_and_written_the_same(tag in prop_oneof![Just(4u8), Just(0x80), Just(0x0C)], content in vec(any::<u8>(), 0..300)) {
        let element = der::element(tag, &[&content]);
        prop_assert!(der::is_canonical(&element));
        prop_assert_eq!(Reader::new(&element).take(tag), Some(content.as_slice()));
        let mut longer = element.clone();
        longer.push(0);
        prop_assert!(!der::is_canonical(&longer) && !der::is_canonical(&element[..element.len() - 1]));
    }

    #[test]
    fn noise_is_refused_without_a_panic(noise in vec(any::<u8>(), 0..400)) {
        prop_assert!(RawPackage::read(&noise).is_err());
        prop_assert!(cms::SignedData::parse(&noise, "noise").is_err());
        let end = [noise.as_slice(), b"PK\x05\x06", &noise.iter().copied().chain([0; 18]).take(18).collect::<Vec<u8>>()].concat();
        prop_assert!(RawPackage::read(&end).is_err());
    }
}
