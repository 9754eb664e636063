//! The help: its text is a golden file, its examples work.

mod support;

use support::Room;
use trustee::cli::COMMANDS;

/// All help texts, both languages. Replace the golden file with what the test prints when a change is meant.
#[test]
fn help_is_as_agreed() {
    let room = Room::new();
    let mut text = String::new();
    for language in ["en", "nl"] {
        text.push_str(&room.run(&["help", "--lang", language]).done().out);
        for command in COMMANDS {
            let words = [command.words, &["--help", "--lang", language]].concat();
            text.push_str(&format!("\n========\n{}", room.run(&words).done().out));
        }
        text.push_str("\n================\n");
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/golden/help/waarborg-trustee.txt");
    let golden = std::fs::read_to_string(path).unwrap_or_default();
    assert!(text == golden, "{path} differs; the text is now:\n{text}");
}

/// Words of an example, with quotes as a shell reads them.
fn words(example: &str) -> Vec<String> {
    let parts = example.split('"').enumerate();
    let mut words = Vec::new();
    for (number, part) in parts {
        if number % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

fn run(room: &Room, example: &str) {
    let words = words(example);
    let call = room.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(call.code, 0, "waarborg-trustee {example}: {call:?}");
}

/// The example as written is Anna's; Bram and Carla do the same with their own names.
fn all_three(room: &Room, example: &str) {
    run(room, example);
    for (name, index) in [("bram", "2"), ("carla", "3")] {
        run(room, &example.replace("anna", name).replace("--index 1", &format!("--index {index}")).replace("Anna", name));
    }
}

#[test]
fn the_examples_work_in_the_order_of_a_ceremony() {
    let room = Room::new();
    for stick in ["stick", "next-stick"] {
        std::fs::create_dir(room.path(stick)).unwrap();
    }
    let example = |name: &str| COMMANDS.iter().find(|c| c.name() == name).unwrap().examples;
    for name in ["init", "ceremony deal", "ceremony accept", "ceremony show", "ceremony finish", "ceremony publish", "ceremony card"] {
        for example in example(name) {
            if name == "ceremony show" { run(&room, example) } else { all_three(&room, example) }
        }
    }
    // The key is dealt again on the next stick, so that there is something to retire.
    for name in ["ceremony deal", "ceremony accept", "ceremony finish"] {
        let again = example(name)[0].replace("--table stick", "--table next-stick --from stick/committee-approvers.txt");
        all_three(&room, &again);
    }
    for name in ["ceremony retire", "heads", "resume", "show", "audit"] {
        example(name).iter().for_each(|example| run(&room, example));
    }
    // Nobody wrote an example that no test runs.
    let run_here = [
        "init",
        "ceremony deal",
        "ceremony accept",
        "ceremony show",
        "ceremony finish",
        "ceremony publish",
        "ceremony card",
        "ceremony retire",
        "heads",
        "resume",
        "show",
        "audit",
    ];
    for command in COMMANDS.iter().filter(|c| !c.examples.is_empty()) {
        assert!(run_here.contains(&command.name().as_str()), "{}", command.name());
    }
}

#[test]
fn words_that_make_no_command_end_with_2() {
    let room = Room::new();
    for words in [
        &[][..],
        &["release"],
        &["ceremony"],
        &["init"],
        &["show", "--state"],
        &["show", "--state", "a", "--state", "b"],
        &["show", "--stat", "a"],
        &["show", "a"],
        &["init", "--state", "s", "--committee", "judges", "--index", "1", "--name", "A", "--organisation", "B"],
        &["init", "--state", "s", "--committee", "approvers", "--index", "0", "--name", "A", "--organisation", "B"],
        &["init", "--state", "s", "--committee", "approvers", "--index", "1", "--name", "A\nB", "--organisation", "B"],
    ] {
        room.run(words).refused(2, "usage");
        assert!(!room.path("s").exists());
    }
    assert!(room.run(&["release", "--lang", "nl"]).err.starts_with("gebruik: "));
}

#[test]
fn every_way_of_asking_for_help_is_answered() {
    let room = Room::new();
    let all = room.run(&["help"]).done().out;
    for words in [&["--help"][..], &["-h"], &["help", "--help"], &["help", "-h"]] {
        assert_eq!(room.run(words).done().out, all, "{words:?}");
    }
    let one = room.run(&["show", "--help"]).done().out;
    assert_ne!(one, all);
    for words in [&["show", "-h"][..], &["show", "--state", "nowhere", "-h"]] {
        assert_eq!(room.run(words).done().out, one, "{words:?}");
    }
}

#[test]
fn an_option_that_is_needed_is_asked_for_before_anything_is_done() {
    let room = Room::new();
    for command in COMMANDS {
        for missing in command.options.iter().filter(|option| option.needed) {
            let mut words = command.words.to_vec();
            for option in command.options.iter().filter(|option| option.needed && option.name != missing.name) {
                words.extend([option.name, "nowhere"]);
            }
            let call = room.run(&words).refused(2, "usage");
            let asked = format!("\"{}\" needs {} {}", command.name(), missing.name, missing.value);
            assert!(call.err.contains(&asked), "{words:?}: {call:?}");
        }
    }
}

#[test]
fn rel_29_and_sea_18_no_command_uses_a_share_for_anything_else() {
    let names: Vec<String> = COMMANDS.iter().map(|command| command.name()).collect();
    let known = [
        "init",
        "ceremony deal",
        "ceremony accept",
        "ceremony show",
        "ceremony finish",
        "ceremony complain",
        "ceremony hear",
        "ceremony card",
        "ceremony retire",
        "ceremony publish",
        "adopt",
        "judge",
        "heads",
        "resume",
        "destroy",
        "show",
        "audit",
    ];
    // A new command is a new thing that a member does: add it here only after asking what it does with the share.
    assert_eq!(names, known);
    // Only dealing a key again (SEA-17) and `issue` load one.
    let source = |file: &str| std::fs::read_to_string(format!("{}/src/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    assert_eq!(source("issue.rs").matches(".partial_key(").count(), 1);
    for file in
        ["ceremony.rs", "cli/ceremony.rs", "cli/destroy.rs", "cli/judge.rs", "cli/member.rs", "cli/policy.rs", "state.rs", "kept.rs"]
    {
        assert!(!source(file).contains(".partial_key("), "{file}");
    }
}
