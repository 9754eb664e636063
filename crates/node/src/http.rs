//! The gateway's door: HTTP on a loopback address. TLS and authentication of machines are a proxy's; orders, approvals and
//! withdrawals carry their own signatures, so handing one in needs no login. Reading cases needs the desk's token.
//!
//! | route | body | answer |
//! |---|---|---|
//! | `POST /orders` | order document | 202 receipt |
//! | `POST /withdrawals` | record of kind 10 | 202 receipt |
//! | `POST /related` | record of kind 4, 5 or 9 | 202 receipt |
//! | `POST /cases/<id>/approvals` · `/refusal` | an officer's signed document | 202 receipt |
//! | `POST /cases/<id>/retry` | nothing; token | 202 receipt |
//! | `GET /cases` | token | 200 JSON |
//! | `GET /cases/<id>` | token, or a pass for this case | 200 JSON |
//! | `GET /records` | token | 200 JSON: what opens leaves that are not open yet |
//! | `GET /productions/<name>` | | 200 the encrypted package |
//! | `GET /health` | | 200 |
//!
//! A request that names another host than this door is refused, whatever it asks (GWY-50): a page in an officer's browser whose name
//! was bound to 127.0.0.1 sends that name along. Past [`PARALLEL_MAX`] requests at work the next is sent away at once (GWY-51), and none
//! keeps its place by arriving slowly (GWY-52).

use crate::case_pass::CasePass;
use crate::cases::{CaseId, Digest32};
use crate::gateway::shell::Message;
use crate::gateway::work::{Reply, Request};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{self, DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, Version, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use seal::secret::Secret;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

/// Largest document anyone may send: an order with its attached original.
pub const DOCUMENT_BYTES_MAX: usize = 24 << 20;
/// What of a package is in memory at once (R9).
const CHUNK_BYTES: usize = 256 << 10;

/// Requests at work at once, from their first octet to their answer: 16 of the largest documents are 384 MiB.
pub const PARALLEL_MAX: usize = 16;

/// Connections at once; each may be silent for as long as a request may take to arrive.
const CONNECTIONS_MAX: usize = 256;
/// GWY-52: what a request may take to arrive, its head and then its body.
const PATIENCE: Duration = Duration::from_secs(30);

/// The desk's token, as a request has to carry it: `Authorization: Bearer <64 hexadecimal digits>`.
#[derive(Clone)]
pub struct DeskToken(Arc<Secret<32>>);

impl DeskToken {
    pub fn new(token: Secret<32>) -> DeskToken {
        DeskToken(Arc::new(token))
    }

    /// Compared in constant time.
    pub fn admits(&self, headers: &HeaderMap) -> bool {
        bearer(headers).and_then(Digest32::from_hex).is_some_and(|token| Secret::new(token.0).equals(&self.0))
    }

    /// GWY-53: to this one case, by the token or by a pass for it.
    fn admits_to(&self, headers: &HeaderMap, case: &CaseId, now: u64) -> bool {
        self.admits(headers) || bearer(headers).and_then(CasePass::parse).is_some_and(|pass| pass.admits(&self.0, case, now))
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// What every handler has.
#[derive(Clone)]
pub struct Door {
    inbox: mpsc::Sender<Message>,
    token: DeskToken,
    outbox: PathBuf,
    names: Arc<[String]>,
    places: Arc<Semaphore>,
    patience: Duration,
    desk: Option<crate::desk::SharedDesk>,
}

impl Door {
    /// `names`: host names of the proxy before the door, if it passes them on; loopback needs none.
    pub fn new(inbox: mpsc::Sender<Message>, token: Secret<32>, outbox: PathBuf, names: Vec<String>) -> Door {
        Door {
            inbox,
            token: DeskToken::new(token),
            outbox,
            names: names.into(),
            places: Arc::new(Semaphore::new(PARALLEL_MAX)),
            patience: PATIENCE,
            desk: None,
        }
    }

    /// With the routes of received orders (`desk::door`).
    pub fn with_desk(self, desk: crate::desk::SharedDesk) -> Door {
        Door { desk: Some(desk), ..self }
    }

    /// Does this authority (`host` or `host:port`) mean us?
    fn is_ours(&self, authority: &str) -> bool {
        let host = match authority.strip_prefix('[') {
            Some(rest) => rest.split_once(']').map_or(rest, |(host, _)| host),
            None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
        };
        let loopback = host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        loopback || host.eq_ignore_ascii_case("localhost") || self.names.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

/// GWY-50 to GWY-52. Only HTTP/1.0 may leave the host out, which no browser does.
async fn guard(State(door): State<Door>, request: extract::Request, next: Next) -> Response {
    let host = match request.headers().get(header::HOST) {
        Some(value) => value.to_str().is_ok_and(|authority| door.is_ours(authority)),
        None => request.version() == Version::HTTP_10,
    };
    let target = request.uri().authority().is_none_or(|authority| door.is_ours(authority.as_str()));
    if !(host && target) || 1 < request.headers().get_all(header::HOST).iter().count() {
        let hint = "ask for it by a loopback address, or add the proxy's name to host_names";
        return failed(StatusCode::MISDIRECTED_REQUEST, "GWY-50", "this door goes by another name", hint);
    }
    match door.places.try_acquire() {
        Ok(_place) => match whole(request, door.patience).await {
            Ok(request) => next.run(request).await,
            Err(refused) => refused,
        },
        Err(_) => failed(StatusCode::SERVICE_UNAVAILABLE, "GWY-51", "too many requests at once", "try again later"),
    }
}

/// GWY-52: a request with its whole body, or why there is none. What is sent in drops keeps its place for so long and no longer.
async fn whole(request: extract::Request, patience: Duration) -> Result<extract::Request, Response> {
    let (parts, body) = request.into_parts();
    match tokio::time::timeout(patience, to_bytes(body, DOCUMENT_BYTES_MAX)).await {
        Ok(Ok(octets)) => Ok(extract::Request::from_parts(parts, Body::from(octets))),
        Ok(Err(_)) => Err(failed(StatusCode::PAYLOAD_TOO_LARGE, "GWY-52", "the document is too large, or broke off", "send it whole")),
        Err(_) => Err(failed(StatusCode::REQUEST_TIMEOUT, "GWY-52", "the request did not arrive in time", "send it at once")),
    }
}

/// Serves until `shutdown`; what is being answered then is answered still.
pub async fn serve(door: Door, listener: TcpListener, shutdown: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
    let patience = door.patience;
    let routes = routes(door);
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let (stop, stopping) = watch::channel(false);
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((socket, _)) => {
                if let Ok(place) = Arc::clone(&connections).try_acquire_owned() {
                    tokio::spawn(connection(socket, routes.clone(), patience, stopping.clone(), place));
                }
            }
            // An accept that fails (too many open files) must not end the listener, nor spin.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    stop.send_replace(true);
    // All places back: nobody is being answered any more.
    drop(connections.acquire_many(CONNECTIONS_MAX as u32).await);
    Ok(())
}

async fn connection(
    socket: TcpStream,
    routes: Router,
    patience: Duration,
    mut stopping: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
) {
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(TokioIo::new(socket), TowerToHyperService::new(routes));
    tokio::pin!(served);
    tokio::select! {
        // A connection that breaks is the sender's to repeat.
        _ = &mut served => return,
        _ = stopping.wait_for(|stop| *stop) => {}
    }
    served.as_mut().graceful_shutdown();
    drop(served.await);
}

/// All routes. A route that is not here does not exist; there is no search and no list of persons (T5, T19).
pub fn routes(door: Door) -> Router {
    let received = door.desk.clone().map(|desk| crate::desk::door::routes(desk, door.token.clone()));
    Router::new()
        .route("/orders", post(order))
        .route("/withdrawals", post(withdrawal))
        .route("/related", post(related))
        .route("/cases", get(list))
        .route("/cases/{id}", get(show))
        .route("/cases/{id}/approvals", post(approval))
        .route("/cases/{id}/refusal", post(refusal))
        .route("/cases/{id}/retry", post(retry))
        .route("/records", get(records))
        .route("/productions/{name}", get(production))
        .route("/health", get(|| async { "ok\n" }))
        .merge(received.unwrap_or_default())
        .layer(DefaultBodyLimit::max(DOCUMENT_BYTES_MAX))
        .layer(from_fn_with_state(door.clone(), guard))
        .with_state(door)
}

async fn order(State(door): State<Door>, body: Bytes) -> Response {
    door.request(Request::Order(body.to_vec())).await
}

async fn withdrawal(State(door): State<Door>, body: Bytes) -> Response {
    door.request(Request::Withdrawal(body.to_vec())).await
}

async fn related(State(door): State<Door>, body: Bytes) -> Response {
    door.request(Request::Related(body.to_vec())).await
}

async fn approval(State(door): State<Door>, Path(id): Path<String>, body: Bytes) -> Response {
    match case_id(&id) {
        Some(case) => door.request(Request::Approval { case, document: body.to_vec() }).await,
        None => answer(Reply::Unknown),
    }
}

async fn refusal(State(door): State<Door>, Path(id): Path<String>, body: Bytes) -> Response {
    match case_id(&id) {
        Some(case) => door.request(Request::Refusal { case, document: body.to_vec() }).await,
        None => answer(Reply::Unknown),
    }
}

async fn retry(State(door): State<Door>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    match case_id(&id).filter(|_| door.token.admits(&headers)) {
        Some(case) => door.request(Request::Retry { case, by: "desk".to_owned() }).await,
        None => answer(Reply::Unknown),
    }
}

async fn list(State(door): State<Door>, headers: HeaderMap) -> Response {
    if !door.token.admits(&headers) {
        return answer(Reply::Unknown);
    }
    let (reply, got) = oneshot::channel();
    match door.ask(Message::List { reply }, got).await {
        Some(cases) => json_response(StatusCode::OK, &cases),
        None => unavailable(),
    }
}

async fn show(State(door): State<Door>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let now = crate::gateway::shell::now();
    let Some(case) = case_id(&id).filter(|case| door.token.admits_to(&headers, case, now)) else { return answer(Reply::Unknown) };
    let (reply, got) = oneshot::channel();
    match door.ask(Message::Show { case, reply }, got).await {
        Some(Some(view)) => json_response(StatusCode::OK, &view),
        Some(None) => answer(Reply::Unknown),
        None => unavailable(),
    }
}

/// Values and salts of orders that are secret still: for whoever may read the cases, and nobody else.
async fn records(State(door): State<Door>, headers: HeaderMap) -> Response {
    if !door.token.admits(&headers) {
        return answer(Reply::Unknown);
    }
    let (reply, got) = oneshot::channel();
    match door.ask(Message::Records { reply }, got).await {
        Some(records) => {
            let records: Vec<String> = records.iter().map(|record| verify::spelling::base64(&record.to_bytes())).collect();
            json_response(StatusCode::OK, &json!({ "schema": "waarborg-records/v1", "records": records }))
        }
        None => unavailable(),
    }
}

/// Streams an encrypted package in constant memory. Names are made of `[a-z0-9.-]` by us; anything else is not one of ours.
async fn production(State(door): State<Door>, Path(name): Path<String>) -> Response {
    let ours = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'.';
    if !name.bytes().all(ours) || name.starts_with('.') || !name.ends_with(crate::delivery::SUFFIX) {
        return answer(Reply::Unknown);
    }
    let Ok(file) = tokio::fs::File::open(door.outbox.join(&name)).await else { return answer(Reply::Unknown) };
    let chunks = futures::stream::try_unfold(file, |mut file| async move {
        let mut chunk = vec![0; CHUNK_BYTES];
        let len = file.read(&mut chunk).await?;
        chunk.truncate(len);
        Ok::<_, std::io::Error>((len != 0).then_some((Bytes::from(chunk), file)))
    });
    ([(header::CONTENT_TYPE, "application/pkcs7-mime")], Body::from_stream(chunks)).into_response()
}

impl Door {
    async fn request(&self, request: Request) -> Response {
        let (reply, got) = oneshot::channel();
        match self.ask(Message::Request { request, reply }, got).await {
            Some(reply) => answer(reply),
            None => unavailable(),
        }
    }

    async fn ask<T>(&self, message: Message, got: oneshot::Receiver<T>) -> Option<T> {
        self.inbox.send(message).await.ok()?;
        got.await.ok()
    }
}

fn case_id(text: &str) -> Option<CaseId> {
    Digest32::from_hex(text)
}

/// The one table from reply to status. Absent and forbidden look the same.
fn answer(reply: Reply) -> Response {
    match reply {
        Reply::Receipt { case, number, state } => json_response(
            StatusCode::ACCEPTED,
            &json!({ "schema": "waarborg-case-receipt/v1", "case": case.to_string(), "number": number, "state": state }),
        ),
        Reply::Refused { code, text, hint } => {
            let status = if code == "BUG" { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::UNPROCESSABLE_ENTITY };
            failed(status, &code, &text, &hint)
        }
        Reply::Unknown => failed(StatusCode::NOT_FOUND, "UNKNOWN", "not here, or not for you", "check id and token"),
    }
}

fn unavailable() -> Response {
    failed(StatusCode::SERVICE_UNAVAILABLE, "FAULT", "the gateway is stopping", "try again later")
}

pub(crate) fn failed(status: StatusCode, code: &str, text: &str, hint: &str) -> Response {
    json_response(status, &json!({ "schema": "waarborg-failure/v1", "code": code, "text": text, "hint": hint }))
}

pub(crate) fn json_response(status: StatusCode, body: &Value) -> Response {
    let text = format!("{body}\n");
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}

#[cfg(test)]
mod tests {
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
        for (begin, said) in
            [("POST /orders HTTP/1.0\r\ncontent-length: 9\r\n\r\nhalf", "GWY-52"), ("POST /orders HTTP/1.0\r\ncontent-le", "")]
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
}
