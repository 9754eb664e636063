//! The desk's routes on the gateway's own door, and its configuration.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use node::desk::config::DeskConfig;
use node::http::{Door, serve};
use seal::secret::Secret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::house::*;

const TOKEN: &str = "0707070707070707070707070707070707070707070707070707070707070707";

async fn ask(address: std::net::SocketAddr, method: &str, path: &str, token: &str, body: &str) -> (u16, serde_json::Value) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("{method} {path} HTTP/1.0\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap())
}

/// The registry in force by this machine's clock.
fn house() -> House {
    House::with(crate::load::setup([9; 32]))
}

#[tokio::test(flavor = "multi_thread")]
async fn received_orders_are_for_who_has_the_token() {
    let House { desk, folder, .. } = house();
    let (inbox, _messages) = node::gateway::shell::inbox();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let door = Door::new(inbox, Secret::new([7; 32]), folder.path().to_owned(), Vec::new()).with_desk(Arc::new(Mutex::new(desk)));
    tokio::spawn(serve(door, listener, std::future::pending()));
    let stranger = TOKEN.replace('7', "8");
    for (method, path) in [
        ("POST", "/received"),
        ("POST", "/received/transcribed"),
        ("GET", "/received"),
        ("GET", "/received/overdue"),
        ("GET", "/received/1"),
        ("GET", "/received/1/form-3"),
        ("POST", "/received/1/steps"),
        ("GET", "/received/counters?year=2026"),
    ] {
        assert_eq!(ask(address, method, path, &stranger, "x").await.0, 404, "{method} {path}");
    }
    let (status, receipt) = ask(address, "POST", "/received", TOKEN, &epoc(1)).await;
    assert_eq!((status, receipt["number"].as_u64(), receipt["preserved"].as_bool()), (202, Some(1), Some(true)));
    assert_eq!(ask(address, "POST", "/received", TOKEN, "<x/>").await.0, 422);
    let step = r#"{"by":"An","step":{"do":"refuse","grounds":{"":[4]}}}"#;
    assert_eq!(
        ask(address, "POST", "/received/1/steps", TOKEN, &step.replace("\"An\"", "\" \"")).await.1["code"],
        "DSK-05",
        "nobody is named"
    );
    assert_eq!(ask(address, "POST", "/received/1/steps", TOKEN, step).await.1["state"], "refused");
    let (_, form) = ask(address, "GET", "/received/1/form-3", TOKEN, "").await;
    assert!(form["xml"].as_str().unwrap().contains("Form3"), "{form}");
    let (_, list) = ask(address, "GET", "/received", TOKEN, "").await;
    assert_eq!((list["orders"][0]["state"].as_str(), list["orders"].as_array().unwrap().len()), (Some("refused"), 1));
    let year = receipt["received_at"].as_str().unwrap().get(..4).unwrap().to_owned();
    let (_, counted) = ask(address, "GET", &format!("/received/counters?year={year}"), TOKEN, "").await;
    assert!(counted["text"].as_str().unwrap().starts_with("period,state,basis"), "{counted}");
}

#[test]
fn the_configuration_has_no_word_for_when_an_edition_stood_in_public() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/samples");
    let policy_file = samples.join("gateway.toml");
    let config = node::gateway::config::GatewayConfig::load(&policy_file).unwrap();
    let desk = config.desk.expect("the sample has a desk");
    assert!(desk.registry[0].proof_file.is_absolute() && desk.etsi.is_some());
    let text = "provider_file = \"provider.toml\"\n[[registry]]\nfile = \"registry.toml\"\nlogged_at = \"2026-11-01T00:00:00Z\"\n";
    assert!(toml_desk(text).is_err(), "nobody's word for when it stood in PUBLIC");
    let mut bare = toml_desk("provider_file = \"provider.toml\"\nregistry = []\n").unwrap();
    bare.resolve(&samples);
    assert_eq!(bare.provider_file, PathBuf::from(&samples).join("provider.toml"));
}

fn toml_desk(text: &str) -> Result<DeskConfig, toml::de::Error> {
    toml::from_str(text)
}
