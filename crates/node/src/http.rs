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
/// GWY-54: what a connection may take in all, the package that it fetches included.
const LIFE: Duration = Duration::from_secs(3_600);

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
    life: Duration,
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
            life: LIFE,
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

/// Serves until `shutdown`; what is being answered then is answered still, to who reads it within the patience of this door (GWY-54).
pub async fn serve(door: Door, listener: TcpListener, shutdown: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
    let (patience, life) = (door.patience, door.life);
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
                    let serving = connection(socket, routes.clone(), patience, stopping.clone(), place);
                    tokio::spawn(tokio::time::timeout(life, serving));
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
    drop(tokio::time::timeout(patience, served).await);
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
mod tests;
