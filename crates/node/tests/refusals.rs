//! Every code of the desk, of cases and of the gateway has its Dutch, and the table names nothing that is not there.

use std::collections::BTreeSet;
use std::path::Path;

use node::refusals::{dutch, sentence, table};

fn read(folder: &Path, all: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, all);
        } else if path.extension().is_some_and(|end| end == "rs") {
            all.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn sources() -> String {
    let mut all = String::new();
    for folder in ["src", "../waarborg/src"] {
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut all);
    }
    all
}

/// Codes at the beginning of a text of the program.
fn codes(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for family in ["\"DSK-", "\"CASE-", "\"GWY-"] {
        for (at, _) in source.match_indices(family) {
            let code: String = source[at + 1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            if code.ends_with(|c: char| c.is_ascii_digit()) {
                found.insert(code);
            }
        }
    }
    found
}

#[test]
fn every_code_has_its_dutch_and_no_row_is_left_over() {
    let source = sources();
    let codes = codes(&source);
    assert!(40 < codes.len(), "{codes:?}");
    for code in &codes {
        assert!(sentence(code).is_some_and(|text| !text.trim().is_empty()), "{code} has no Dutch sentence: crates/node/refusals-nl.toml");
    }
    let mut whole = BTreeSet::new();
    for row in table() {
        assert!(codes.contains(&row.code), "{}: no program says this code", row.code);
        assert!(whole.insert((row.code.clone(), row.en.clone())), "{} {:?} stands twice", row.code, row.en);
        let pieces: Vec<String> = row.en.iter().flat_map(|en| en.split("{}")).map(|piece| piece.replace('"', "\\\"")).collect();
        for piece in pieces.iter().filter(|piece| 3 < piece.trim().len()) {
            assert!(source.contains(piece.trim()), "{}: no program says {piece:?}", row.code);
        }
        let asked = row.en.as_ref().map_or(0, |en| en.matches("{}").count());
        assert_eq!(row.nl.matches('{').count(), asked, "{}: {}", row.code, row.nl);
    }
}

#[test]
fn a_refusal_is_translated_whole_or_has_its_sentence_and_the_text() {
    let told = |code: &str, text: &str| dutch(code, text).map(|dutch| dutch.text);
    assert_eq!(told("DSK-08", "received order 7 is withdrawn").as_deref(), Some("ontvangen bevel 7 is withdrawn"));
    assert_eq!(told("CASE-02", "3 cases fit \"ab\"").as_deref(), Some("bij \"ab\" passen 3 zaken"));
    assert_eq!(
        told("CASE-04", "An has already approved case 12; the next approval is another person's").as_deref(),
        Some("An heeft zaak 12 al goedgekeurd; de volgende goedkeuring is van een ander mens")
    );
    assert_eq!(told("DSK-05", "says received").as_deref(), Some("deze stap kan hier niet [says received]"));
    assert_eq!(told("DSK-08", "received order 7 is withdrawn, and more").as_deref(), Some("ontvangen bevel 7 is withdrawn, and more"));
    assert_eq!(told("REL-12", "anything"), None, "others have their own");
    assert_eq!(dutch("DSK-05", "nobody is named").unwrap().hint, "zeg wie het doet: --by");
}
