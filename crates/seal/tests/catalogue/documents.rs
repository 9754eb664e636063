//! The dictionary and the schemas in the tree are what the code says.

use std::path::PathBuf;

use seal::catalogue::*;

use super::samples::*;

/// Compares, or writes when `WAARBORG_BLESS` is set.
fn compare(path: &str, is: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    if std::env::var_os("WAARBORG_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, is).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == is, "{} differs from the code: WAARBORG_BLESS=1 cargo test -p seal --test catalogue", path.display());
}

#[test]
fn the_dictionary_in_docs_is_made_from_the_code() {
    compare("docs/catalogue.md", &markdown());
}

#[test]
fn the_schemas_in_docs_are_made_from_the_code() {
    for record_type in RecordType::ALL {
        compare(&format!("docs/schema/{}.schema.json", record_type.slug()), &json_schema(record_type));
    }
}

#[test]
fn every_schema_is_json_and_knows_every_key_of_its_line() {
    for record in one_of_each() {
        let schema: serde_json::Value = serde_json::from_str(&json_schema(record.record_type())).unwrap();
        let properties = schema["properties"].as_object().unwrap();
        let shown = record.shown();
        for key in shown.keys() {
            assert!(properties.contains_key(key), "{key}");
        }
        for key in schema["required"].as_array().unwrap() {
            assert!(shown.contains_key(key.as_str().unwrap()), "{key}");
        }
    }
}

#[test]
fn every_field_and_category_is_explained_in_both_languages() {
    for record_type in RecordType::ALL {
        for def in record_type.fields() {
            assert!(def.en.ends_with('.') && def.nl.ends_with('.') && !def.origin.is_empty(), "{}", def.name);
            assert_ne!(def.en, def.nl);
        }
        let d = record_type.defaults();
        assert!(!d.purpose_en.is_empty() && !d.purpose_nl.is_empty() && !d.basis.is_empty() && d.retention_days > 0);
    }
}
