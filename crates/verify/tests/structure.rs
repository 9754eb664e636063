//! Rules about what this library is not: read from its own text.

use std::path::Path;

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        } else if !path.ends_with("bin") {
            sources(&path, found);
        }
    }
}

#[test]
fn log_02_the_library_asks_nobody() {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(30 < found.len(), "the library has moved");
    for (path, text) in found {
        // Only the program opens files and reads the clock; the library is handed what it judges, and the time.
        for asks in ["std::net", "std::fs", "std::env", "std::process", "SystemTime", "Instant::now", "SystemEntropy"] {
            assert!(!text.contains(asks), "{path} names {asks}");
        }
    }
}

#[test]
fn log_99_the_logs_crates_are_oracles_only() {
    let manifest = include_str!("../Cargo.toml");
    let (product, tests) = manifest.split_once("[dev-dependencies]").unwrap();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/golden/closure");
    for (of_workspace, of_registry) in [("tlog_tiles", "tlog_tiles "), ("signed_note", "signed_note ")] {
        assert!(tests.contains(of_workspace) && !product.contains(of_workspace));
        assert!(!include_str!("../../trustee/Cargo.toml").contains(of_workspace));
        // Nor by way of another crate: `cargo xtask tidy` holds these lists against the real closure.
        for closure in ["verify.txt", "trustee.txt"] {
            let text = std::fs::read_to_string(golden.join(closure)).unwrap();
            assert!(text.contains("blst ") && !text.contains(of_registry), "{closure}");
        }
    }
}
