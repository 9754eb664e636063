//! The tree is tidy, and each check of `tidy` finds what it is for.

use std::path::{Path, PathBuf};
use xtask::tidy::{SourceFile, check, check_files};

fn file(path: &str, text: &str) -> SourceFile {
    SourceFile { path: PathBuf::from(path), text: text.to_owned() }
}

fn rules_found(files: &[SourceFile]) -> Vec<&'static str> {
    check_files(files).into_iter().map(|finding| finding.rule).collect()
}

#[test]
fn the_tree_is_tidy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let findings = check(&root).expect("the tree can be read");
    let text: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(text.is_empty(), "\n{}\n", text.join("\n"));
}

/// README's first command writes a folder with this machine's paths in it; its second must not mind.
#[test]
fn what_the_demo_left_in_the_tree_is_not_of_the_tree() {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("tidy-after-demo");
    let note = |path: &str| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "a = 1\n").unwrap();
    };
    ["waarborg-demo/provider/gateway.toml", "fuzz/artifacts/x/log.md", "fuzz/Cargo.toml", "docs/waarborg-demo/a.md"]
        .iter()
        .for_each(|path| note(path));
    let read = xtask::tidy::read_tree(&root).unwrap();
    std::fs::remove_dir_all(&root).unwrap();
    let paths: Vec<&Path> = read.iter().map(|file| file.path.as_path()).collect();
    assert_eq!(paths, [Path::new("docs/waarborg-demo/a.md"), Path::new("fuzz/Cargo.toml")]);
}

#[test]
fn a_crossed_border_is_found() {
    let files = [file("crates/seal/Cargo.toml", "[dependencies]\nverify.workspace = true\n")];
    assert!(rules_found(&files).contains(&"border"));
    let fine = [file("crates/verify/Cargo.toml", "[dependencies]\nseal.workspace = true\n")];
    assert_eq!(rules_found(&fine), Vec::<&str>::new());
}

#[test]
fn an_unargued_crate_and_a_member_with_a_version_are_found() {
    let files = [file("crates/trustee/Cargo.toml", "[dependencies]\nserde.workspace = true\n")];
    assert_eq!(rules_found(&files), ["border"]);
    let files = [file("crates/node/Cargo.toml", "[dependencies]\nserde = \"1\"\n")];
    assert_eq!(rules_found(&files), ["border"]);
}

#[test]
fn long_files_and_functions_are_found() {
    let long = format!("#![forbid(unsafe_code)]\n{}", "// a line\n".repeat(600));
    assert_eq!(rules_found(&[file("crates/x/src/lib.rs", &long)]), ["file length"]);
    let body = "    call();\n".repeat(69);
    let function = format!("fn long() {{\n{body}}}\n");
    assert_eq!(rules_found(&[file("crates/x/src/a.rs", &function)]), ["function length"]);
    let short = format!("fn short() {{\n{}}}\n", "    call();\n".repeat(68));
    assert_eq!(rules_found(&[file("crates/x/src/a.rs", &short)]), Vec::<&str>::new());
}

#[test]
fn banned_words_names_and_unsafe_are_found() {
    let ignored = ["#[ign", "ore]\nfn a() {}\n"].concat();
    assert_eq!(rules_found(&[file("crates/x/src/a.rs", &ignored)]), ["banned word"]);
    assert_eq!(rules_found(&[file("crates/x/src/utils.rs", "")]), ["name"]);
    let keyword = ["uns", "afe"].concat();
    assert_eq!(rules_found(&[file("crates/x/src/a.rs", &format!("{keyword} {{ }}\n"))]), ["unsafe"]);
    assert_eq!(rules_found(&[file("crates/x/src/lib.rs", "pub mod a;\n")]), ["unsafe"]);
    assert_eq!(rules_found(&[file("crates/seal/src/memory.rs", &format!("{keyword} {{ }}\n"))]), Vec::<&str>::new());
}

#[test]
fn a_link_to_nowhere_is_found() {
    let files = [file("docs/a.md", "see [b](b.md) and [c](c.md)\n"), file("docs/b.md", "")];
    assert_eq!(rules_found(&files), ["link"]);
}

#[test]
fn a_rule_without_code_or_test_is_found() {
    let spec = file("docs/spec/x.md", "- **XYZ-01** A thing MUST hold.\n");
    assert_eq!(rules_found(std::slice::from_ref(&spec)), ["rule number"]);
    let code = file("crates/x/src/a.rs", "// XYZ-01\n#[cfg(test)]\nfn xyz_01_holds() {}\n");
    assert_eq!(rules_found(&[spec, code]), Vec::<&str>::new());
}

#[test]
fn an_open_rule_is_excused_until_it_is_built() {
    let spec = file("docs/spec/x.md", "- **XYZ-01** A thing MUST hold.\n");
    let open = file("docs/spec/open-rules.md", "| rule | why |\n|---|---|\n| XYZ-01 | reserved |\n");
    assert_eq!(rules_found(&[spec.clone(), open.clone()]), Vec::<&str>::new());
    let code = file("crates/x/src/a.rs", "// XYZ-01\n#[cfg(test)]\nfn xyz_01_holds() {}\n");
    assert_eq!(rules_found(&[spec, open, code]), ["rule number"]);
}

#[test]
fn a_claim_without_its_test_and_an_attack_without_a_line_are_found() {
    let lines: String = (1..=32).map(|number| format!("| T{number} | waits |\n")).collect();
    let page = |text: &str| file("docs/incidents.md", &format!("{lines}{text}"));
    let test = file("crates/x/tests/a.rs", "#[test]\nfn t1_refused() {}\n");
    let good = "[`t1_refused`](../crates/x/tests/a.rs)\n";
    assert_eq!(rules_found(&[page(good), test.clone()]), Vec::<&str>::new());
    assert_eq!(rules_found(&[page("[`t2_gone`](../crates/x/tests/a.rs)\n"), test.clone()]), ["claim"]);
    let short = file("docs/incidents.md", &lines.replace("| T7 |", "| T |"));
    assert_eq!(rules_found(&[short, test]), ["claim"]);
}

#[test]
fn a_package_that_is_installed_and_not_named_is_found_and_the_other_way_round() {
    let script = file("test", "    command -v curl >/dev/null || missing+=(curl)\n    command -v npm || missing+=(nodejs npm)\n");
    let page = |line: &str| file("README.md", line);
    let said = |line: &str| rules_found(&[script.clone(), page(line)]);
    assert_eq!(said("./test   # installs (apt, where missing): nodejs curl npm, and more\n"), Vec::<&str>::new());
    assert_eq!(said("./test   # installs (apt, where missing): nodejs npm, and more\n"), ["installs"]);
    assert_eq!(said("./test   # installs (apt, where missing): nodejs curl npm g++, and more\n"), ["installs"]);
    assert_eq!(said("nothing about it\n"), ["installs"; 3]);
}
