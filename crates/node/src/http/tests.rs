//! The door, with a gateway behind it that takes everything.

use super::*;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Notify;

const TOKEN: [u8; 32] = [7; 32];

/// A door whose loop answers every request with a receipt for case 01…, and refuses documents that begin with `!`.
async fn door(outbox: &std::path::Path) -> std::net::SocketAddr {
    door_with(outbox, Arc::new(Notify::new()), Arc::new(Notify::new())).await
}

async fn door_with(outbox: &std::path::Path, full: Arc<Notify>, go_on: Arc<Notify>) -> std::net::SocketAddr {
    let (inbox, mut messages) = crate::gateway::shell::inbox();
    tokio::spawn(async move {
        // Documents that begin with `?` wait until there are as many as the door lets in, and the test says go on.
        let mut waiting = Vec::new();
        let receipt = || Reply::Receipt { case: Digest32([1; 32]), number: 1, state: "received" };
        while let Some(message) = messages.recv().await {
            match message {
                Message::Request { request: Request::Order(bytes), reply } if bytes.starts_with(b"?") => {
                    waiting.push(reply);
                    if waiting.len() == PARALLEL_MAX {
                        full.notify_one();
                        go_on.notified().await;
                        waiting.drain(..).for_each(|reply| drop(reply.send(receipt())));
                    }
                }
                Message::Request { request: Request::Order(bytes), reply } if bytes.starts_with(b"!") => {
                    let refused = Reply::Refused { code: "ORD-01".into(), text: "no order".into(), hint: "send one".into() };
                    let _ = reply.send(refused);
                }
                Message::Request { reply, .. } => drop(reply.send(receipt())),
                Message::List { reply } => drop(reply.send(json!({ "cases": [] }))),
                Message::Show { case, reply } => drop(reply.send((case.0[0] < 3).then(|| json!({ "id": case.to_string() })))),
                Message::Records { reply } | Message::Opened { reply, .. } => drop(reply.send(Vec::new())),
                Message::Emergencies { .. } | Message::Back(_) => {}
            }
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let door = Door::new(inbox, Secret::new(TOKEN), outbox.to_owned(), vec!["desk.example".to_owned()]);
    tokio::spawn(serve(door, listener, std::future::pending()));
    address
}

async fn ask(address: std::net::SocketAddr, method: &str, path: &str, token: Option<&str>, body: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let token = token.map_or(String::new(), |token| format!("authorization: Bearer {token}\r\n"));
    let head = format!("{method} {path} HTTP/1.0\r\n{token}content-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    // The door may answer before it has read a body that is too long.
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    (answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0), answer)
}

#[tokio::test]
async fn orders_need_no_login_and_refusals_keep_their_code() {
    let folder = tempfile::tempdir().unwrap();
    let address = door(folder.path()).await;
    assert_eq!(ask(address, "POST", "/orders", None, b"order").await.0, 202);
    let (status, answer) = ask(address, "POST", "/orders", None, b"!").await;
    assert_eq!(status, 422);
    assert!(answer.contains("ORD-01") && answer.contains("send one"));
}

#[tokio::test]
async fn gwy_50_another_hosts_name_is_sent_away() {
    let folder = tempfile::tempdir().unwrap();
    let address = door(folder.path()).await;
    let status = async |head: &str| {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.get(9..12).unwrap_or_default().to_owned()
    };
    for ours in ["127.0.0.1:8110", "127.0.0.1", "[::1]:8110", "localhost:1", "Desk.Example", "desk.example:443"] {
        assert_eq!(status(&format!("GET /health HTTP/1.1\r\nhost: {ours}\r\n")).await, "200", "{ours}");
    }
    for other in ["evil.example", "evil.example:8110", "127.0.0.1.evil.example", "10.0.0.1:8110", "[::2]:8110", ""] {
        assert_eq!(status(&format!("GET /health HTTP/1.1\r\nhost: {other}\r\n")).await, "421", "{other}");
    }
    assert_eq!(status("GET /health HTTP/1.1\r\n").await, "421", "only HTTP/1.0 may leave it out");
    assert_eq!(status("GET /health HTTP/1.0\r\n").await, "200");
    assert_eq!(status("GET http://evil.example/health HTTP/1.1\r\nhost: 127.0.0.1\r\n").await, "421");
    assert_eq!(status("GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nhost: evil.example\r\n").await, "421");
}

#[tokio::test]
async fn gwy_51_past_the_limit_the_next_request_is_sent_away_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (full, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let address = door_with(folder.path(), Arc::clone(&full), Arc::clone(&go_on)).await;
    let waiting: Vec<_> = (0..PARALLEL_MAX).map(|_| tokio::spawn(ask(address, "POST", "/orders", None, b"?"))).collect();
    full.notified().await;
    let (status, answer) = ask(address, "GET", "/health", None, b"").await;
    assert!(status == 503 && answer.contains("GWY-51"), "{answer}");
    go_on.notify_one();
    for asked in waiting {
        assert_eq!(asked.await.unwrap().0, 202, "whoever was let in is served");
    }
    assert_eq!(ask(address, "GET", "/health", None, b"").await.0, 200, "and then there is room again");
}

#[tokio::test]
async fn t5_cases_are_not_there_without_the_token() {
    let folder = tempfile::tempdir().unwrap();
    let address = door(folder.path()).await;
    let right = Digest32(TOKEN).to_string();
    let wrong = Digest32([8; 32]).to_string();
    let case = Digest32([1; 32]).to_string();
    for path in ["/cases".to_owned(), format!("/cases/{case}"), "/records".to_owned()] {
        assert_eq!(ask(address, "GET", &path, None, b"").await.0, 404);
        assert_eq!(ask(address, "GET", &path, Some(&wrong), b"").await.0, 404);
    }
    assert_eq!(ask(address, "GET", "/cases", Some(&right), b"").await.0, 200);
    assert_eq!(ask(address, "GET", "/records", Some(&right), b"").await.0, 200);
    assert_eq!(ask(address, "POST", &format!("/cases/{case}/retry"), None, b"").await.0, 404);
    // Absent and forbidden look the same.
    let absent = ask(address, "GET", &format!("/cases/{}", Digest32([9; 32])), Some(&right), b"").await;
    let forbidden = ask(address, "GET", &format!("/cases/{case}"), None, b"").await;
    let body = |answer: &str| answer.split("\r\n\r\n").nth(1).map(str::to_owned);
    assert_eq!((absent.0, body(&absent.1)), (forbidden.0, body(&forbidden.1)));
}

#[tokio::test]
async fn gwy_53_t5_a_stolen_pass_opens_its_own_case_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let address = door(folder.path()).await;
    let (own, other) = (Digest32([1; 32]), Digest32([2; 32]));
    let until = crate::gateway::shell::now() + 3_600;
    let pass = CasePass::issue(&Secret::new(TOKEN), own, until).to_text();
    assert_eq!(ask(address, "GET", &format!("/cases/{own}"), Some(&pass), b"").await.0, 200);
    let right = Digest32(TOKEN).to_string();
    assert_eq!(ask(address, "GET", &format!("/cases/{other}"), Some(&right), b"").await.0, 200, "it is there");
    for path in [format!("/cases/{other}"), "/cases".to_owned(), "/records".to_owned()] {
        assert_eq!(ask(address, "GET", &path, Some(&pass), b"").await.0, 404, "{path}");
    }
    assert_eq!(ask(address, "POST", &format!("/cases/{own}/retry"), Some(&pass), b"").await.0, 404, "it looks, it does not act");
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, format!("Bearer {pass}").parse().unwrap());
    assert!(!DeskToken::new(Secret::new(TOKEN)).admits(&headers), "nor does any route of received orders know it");
    let over = CasePass::issue(&Secret::new(TOKEN), own, 1).to_text();
    assert_eq!(ask(address, "GET", &format!("/cases/{own}"), Some(&over), b"").await.0, 404);
}

#[tokio::test]
async fn gwy_52_a_request_that_does_not_arrive_gives_its_place_back() {
    let folder = tempfile::tempdir().unwrap();
    let (inbox, mut messages) = crate::gateway::shell::inbox();
    tokio::spawn(async move {
        while let Some(message) = messages.recv().await {
            drop(message);
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let door = Door::new(inbox, Secret::new(TOKEN), folder.path().to_owned(), Vec::new());
    tokio::spawn(serve(Door { patience: Duration::from_millis(50), ..door }, listener, std::future::pending()));
    // As many as there are places, each with half a body, and then as many with half a head.
    for (begin, said) in [("POST /orders HTTP/1.0\r\ncontent-length: 9\r\n\r\nhalf", "GWY-52"), ("POST /orders HTTP/1.0\r\ncontent-le", "")]
    {
        let mut slow = Vec::new();
        for _ in 0..PARALLEL_MAX {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(begin.as_bytes()).await.unwrap();
            slow.push(stream);
        }
        for mut stream in slow {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.contains(said) && !answer.contains("503"), "{answer}");
        }
    }
    assert_eq!(ask(address, "GET", "/health", None, b"").await.0, 200, "there is room for others");
}

/// Asks for a package that no buffer of the system holds whole, and reads nothing of it.
async fn slow_reader(address: std::net::SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let asked = "GET /productions/production-1.asice.p7m HTTP/1.1\r\nhost: localhost\r\n\r\n";
    stream.write_all(asked.as_bytes()).await.unwrap();
    stream.readable().await.unwrap();
    stream
}

const LARGE: u64 = 64 << 20;

fn with_a_large_package(folder: &std::path::Path) -> Door {
    std::fs::File::create(folder.join("production-1.asice.p7m")).unwrap().set_len(LARGE).unwrap();
    let (inbox, _) = crate::gateway::shell::inbox();
    Door::new(inbox, Secret::new(TOKEN), folder.to_owned(), Vec::new())
}

#[tokio::test]
async fn gwy_54_who_does_not_read_its_answer_loses_its_connection() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let door = Door { life: Duration::from_millis(200), ..with_a_large_package(folder.path()) };
    tokio::spawn(serve(door, listener, std::future::pending()));
    let mut slow = slow_reader(address).await;
    let (mut chunk, mut got) = (vec![0; 64 << 10], 0);
    // So slowly that the whole would take ten seconds: every pause lets the door look at its clock.
    while let Ok(len @ 1..) = slow.read(&mut chunk).await {
        got += len as u64;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(got < LARGE, "cut off: {got}");
}

#[tokio::test]
async fn gwy_54_who_does_not_read_its_answer_keeps_no_gateway_from_stopping() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let door = Door { patience: Duration::from_secs(1), ..with_a_large_package(folder.path()) };
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(door, listener, async move { drop(stopped.await) }));
    let slow = slow_reader(address).await;
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(120), serving).await.expect("the gateway stops").unwrap().unwrap();
    drop(slow);
}

#[tokio::test]
async fn t19_there_is_no_route_but_these_and_no_way_out_of_the_outbox() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = folder.path().join("outbox");
    std::fs::create_dir(&outbox).unwrap();
    std::fs::write(outbox.join("production-1.asice.p7m"), b"sealed").unwrap();
    std::fs::write(folder.path().join("secret.asice.p7m"), b"secret").unwrap();
    let address = door(&outbox).await;
    let (status, answer) = ask(address, "GET", "/productions/production-1.asice.p7m", None, b"").await;
    assert!(status == 200 && answer.ends_with("sealed"));
    for path in
        ["/productions/..%2Fsecret.asice.p7m", "/productions/.hidden.asice.p7m", "/productions/cases.db", "/search", "/persons", "/"]
    {
        assert_eq!(ask(address, "GET", path, None, b"").await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn a_document_past_the_limit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let address = door(folder.path()).await;
    assert_eq!(ask(address, "POST", "/orders", None, &vec![b'x'; DOCUMENT_BYTES_MAX + 1]).await.0, 413);
}
