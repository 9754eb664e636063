//! Attacks of docs/spec/threats.md that are about absence: what no line of the product may do.

use std::collections::BTreeSet;
use std::path::Path;
use xtask::tidy::{SourceFile, read_tree};

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Product code: sources of our crates up to their first `#[cfg(test)]`, without test files and the harness.
fn product() -> Vec<SourceFile> {
    let tree = read_tree(&root()).expect("the tree can be read");
    let is_product = |file: &SourceFile| {
        let path = file.path.to_string_lossy().into_owned();
        file.is("rs")
            && path.starts_with("crates/")
            && path.contains("/src/")
            && !path.starts_with("crates/harness")
            && !path.contains("test")
    };
    let mut files: Vec<SourceFile> = tree.into_iter().filter(is_product).collect();
    for file in &mut files {
        let end = file.text.find("#[cfg(test)]").unwrap_or(file.text.len());
        file.text.truncate(end);
    }
    assert!(100 < files.len(), "the product was not found");
    files
}

fn where_used(files: &[SourceFile], words: &str) -> BTreeSet<String> {
    let uses = |file: &&SourceFile| file.text.lines().any(|line| line.contains(words) && !line.trim_start().starts_with("//"));
    files.iter().filter(uses).map(|file| file.path.to_string_lossy().into_owned()).collect()
}

fn only(files: &[SourceFile], words: &str, places: &[&str]) {
    let expected: BTreeSet<String> = places.iter().map(|place| (*place).to_owned()).collect();
    assert_eq!(where_used(files, words), expected, "`{words}` is used elsewhere: is there still no way to data without an order?");
}

/// T19, answers incident 9 (SnapLion: staff looked people up with the tool for orders). Partial keys are made in one function, which
/// takes the judge's permit by value; keys are combined and segments opened by the gateway alone, from those partial keys.
#[test]
fn t19_data_has_one_way_out_and_it_begins_with_a_permit() {
    let files = product();
    only(&files, ".partial_key(", &["crates/trustee/src/issue.rs"]);
    only(&files, "permit: Permit", &["crates/trustee/src/issue.rs", "crates/verify/src/release/mod.rs"]);
    only(&files, "open_identity(", &["crates/node/src/gateway/opening.rs", "crates/seal/src/open.rs"]);
    only(&files, "RecordKeys::recover(", &["crates/seal/src/open.rs"]);
    let issue = files.iter().find(|file| file.path.ends_with("trustee/src/issue.rs")).expect("issue.rs");
    let before = issue.text.find("fn multiply(permit: Permit").expect("the function that takes the permit");
    assert!(before < issue.text.find(".partial_key(").expect("the use of the share"));
    // The permit is made where every rule has passed, and nowhere else; its fields are private to that module.
    only(&files, "Permit {", &["crates/verify/src/release/permit.rs"]);
}
