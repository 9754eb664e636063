//! What `waarborg case` says of a gateway that shows nonsense, and of cases that go another way (CASE-11 to CASE-13): the real
//! program, against a door that lies.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

const ID: &str = "0101010101010101010101010101010101010101010101010101010101010101";

/// A door that shows this view of one case, once.
fn shown(view: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut octet = [0];
            stream.read_exact(&mut octet).unwrap();
            request.extend(octet);
        }
        assert!(request.starts_with(format!("GET /cases/{ID} ").as_bytes()));
        stream.write_all(format!("HTTP/1.0 200 OK\r\n\r\n{view}").as_bytes()).unwrap();
    });
    format!("http://{address}")
}

fn case(command: &[&str], view: String) -> (Option<i32>, String) {
    let gateway = shown(view);
    let mut run = Command::new(env!("CARGO_BIN_EXE_waarborg"));
    let done = run.args(["case", command[0], ID]).args(&command[1..]).args(["--gateway", &gateway]).output().unwrap();
    (done.status.code(), String::from_utf8(done.stderr).unwrap() + &String::from_utf8(done.stdout).unwrap())
}

#[test]
fn case_11_a_case_that_does_not_hang_together_is_not_shown() {
    let vector = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/vectors/order/good.txt")).unwrap();
    let (_, good) = vector.split_once("\n\n").unwrap();
    let good = verify::spelling::base64(good.as_bytes());
    for (order, why) in [("AAAA", "no order"), (good.as_str(), "the order of another case")] {
        let (status, text) = case(&["show"], format!(r#"{{"id":"{ID}","state":"standing","order":"{order}"}}"#));
        assert!(status == Some(3) && text.contains("CASE-11"), "{why}: {text}");
    }
    let (_, text) = case(&["show"], format!(r#"{{"id":"{ID}","state":"standing","order":"{good}"}}"#));
    assert!(text.contains("the order is another one"), "{text}");
}

#[test]
fn case_12_a_case_that_closed_in_another_way_than_was_waited_for() {
    let closed = || format!(r#"{{"id":"{ID}","state":"closed","waits_for":"nothing","events":[]}}"#);
    let (status, text) = case(&["watch", "--until", "awaiting-release"], closed());
    assert!(status == Some(1) && text.contains("CASE-12"), "{text}");
    assert_eq!(case(&["watch", "--until", "closed"], closed()).0, Some(0));
}

#[test]
fn case_13_a_halted_case_says_why() {
    let halted = format!(r#"{{"id":"{ID}","state":"halted","waits_for":"people","events":[],"why":["GWY-11: gone"]}}"#);
    let (status, text) = case(&["watch", "--until", "closed"], halted);
    assert!(status == Some(1) && text.contains("CASE-13") && text.contains("GWY-11: gone"), "{text}");
}

#[test]
fn history_is_told_in_the_readers_language() {
    let view = || {
        let coded = r#"{"event":"slots-closed","production":2,"at":0,"what":"words of the gateway","by":"log"}"#;
        let earlier = r#"{"event":"earlier","text":"the intent is in the log","at":0,"what":"the intent is in the log","by":"log"}"#;
        let of_a_later_gateway = r#"{"event":"evaporated","at":0,"what":"it evaporated","by":"gateway"}"#;
        let why = r#""why":["GWY-11: segment 00 is away"]"#;
        format!(r#"{{"id":"{ID}","state":"halted","waits_for":"people","events":[{coded},{earlier},{of_a_later_gateway}],{why}}}"#)
    };
    let (_, dutch) = case(&["watch", "--lang", "nl", "--until", "closed"], view());
    for words in ["de tijdvakken van verstrekking 2 zijn gesloten [logboek]", "the intent is in the log", "it evaporated [gateway]"] {
        assert!(dutch.contains(words), "{words}: {dutch}");
    }
    assert!(dutch.contains("de opslag mist een segment dat PUBLIC noemt [GWY-11: segment 00 is away]"), "{dutch}");
    let (_, english) = case(&["watch", "--until", "closed"], view());
    assert!(english.contains("the slots of production 2 are closed [log]") && !english.contains("mist een"), "{english}");
}
