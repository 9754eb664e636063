//! The door of TS 103 120: HTTPS with mutual TLS, one HI1Message in a POST, one in the answer (DSK-10).
//!
//! Who is connected is known by the certificate alone: its SHA-256 stands in the registry of authorities, under an authority that is in
//! force now. Names in the certificate, and whoever issued it, mean nothing here.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use law::registry::Standing;
use seal::entropy::SystemEntropy;
use standards::etsi::core::EndpointId;
use standards::etsi::desk as etsi;
use standards::etsi::message::Format;
use standards::etsi::values::{IsoCountryCode, LongString};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;

use super::core::{Desk, NotTaken};
use super::judging::{ORIGINAL_BYTES_MAX, Setup};
use crate::gateway::shell::now;

/// The desk, for every door. Held for one message at a time: SQLite has one writer.
pub type SharedDesk = Arc<Mutex<Desk>>;

/// A panic inside a transaction rolled it back: what the lock guards is whole.
pub fn lock(desk: &SharedDesk) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Head and body: who is slower holds a connection.
const PATIENCE: Duration = Duration::from_secs(30);
/// A connection, from its handshake to its end: time for a package of 2 GiB on a line of 5 Mbit a second.
const LIFE: Duration = Duration::from_secs(3_600);
/// Messages at work at once, of all and of one authority: 16 of the largest are 256 MiB.
pub const PARALLEL_MAX: usize = 16;
pub const PARALLEL_OF_ONE_MAX: usize = 4;
/// Connections after their handshake, idle ones too, and handshakes at once.
const CONNECTIONS_MAX: usize = 256;
const HANDSHAKES_MAX: usize = 128;
/// What of a package is in memory at once (R9).
const CHUNK_BYTES: usize = 256 << 10;

/// DSK-10: how much one caller may take of the door.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For a handshake: whoever has no certificate of the registry holds a place no longer.
    pub handshake: Duration,
    /// Handshakes at once of one address (IPv6: of one /64), so that one stranger does not keep others from theirs.
    pub handshakes_of_one: usize,
    /// Connections of one certificate.
    pub connections_of_one: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { handshake: Duration::from_secs(5), handshakes_of_one: 32, connections_of_one: 32 }
    }
}

/// What every connection shares.
pub struct Hi1Door {
    desk: SharedDesk,
    setup: Arc<Setup>,
    offer: etsi::Desk,
    acceptor: TlsAcceptor,
    places: Arc<Semaphore>,
    connections: Arc<Semaphore>,
    /// Of each certificate of the registry that was here: places and connections.
    of_one: Mutex<BTreeMap<[u8; 32], Arc<Shares>>>,
    limits: Limits,
    doorstep: Arc<Doorstep>,
    clock: Arc<Clock>,
}

/// What time it is, in POSIX seconds.
pub type Clock = dyn Fn() -> u64 + Send + Sync;

/// What one certificate has of the door.
struct Shares {
    places: Arc<Semaphore>,
    connections: Arc<Semaphore>,
}

/// Who stands at the door without a handshake yet.
#[derive(Default)]
struct Doorstep(Mutex<BTreeMap<IpAddr, usize>>);

/// A place on the doorstep, given back when it is dropped.
struct OnTheStep {
    doorstep: Arc<Doorstep>,
    street: IpAddr,
}

impl Doorstep {
    fn waiting(&self) -> MutexGuard<'_, BTreeMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn step_up(self: &Arc<Doorstep>, from: IpAddr, limits: &Limits) -> Option<OnTheStep> {
        let street = street(from);
        let mut waiting = self.waiting();
        let of_street = waiting.get(&street).copied().unwrap_or(0);
        if limits.handshakes_of_one <= of_street || HANDSHAKES_MAX <= waiting.values().sum() {
            return None;
        }
        waiting.insert(street, of_street + 1);
        Some(OnTheStep { doorstep: Arc::clone(self), street })
    }
}

impl Drop for OnTheStep {
    fn drop(&mut self) {
        let mut waiting = self.doorstep.waiting();
        if let Some(left) = waiting.remove(&self.street).and_then(|count| count.checked_sub(1)).filter(|left| 0 < *left) {
            waiting.insert(self.street, left);
        }
    }
}

/// Whoever has one address of IPv6 has 2^64.
fn street(from: IpAddr) -> IpAddr {
    match from {
        IpAddr::V4(_) => from,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6((v6.to_bits() >> 64 << 64).into()),
        },
    }
}

impl Hi1Door {
    pub fn new(desk: SharedDesk, offer: etsi::Desk, tls: Arc<rustls::ServerConfig>) -> Hi1Door {
        let setup = Arc::clone(lock(&desk).setup());
        Hi1Door {
            desk,
            setup,
            offer,
            acceptor: TlsAcceptor::from(tls),
            places: Arc::new(Semaphore::new(PARALLEL_MAX)),
            connections: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
            of_one: Mutex::default(),
            limits: Limits::default(),
            doorstep: Arc::default(),
            clock: Arc::new(now),
        }
    }

    pub fn with_limits(self, limits: Limits) -> Hi1Door {
        Hi1Door { limits, ..self }
    }

    /// By another clock than the machine's, as in a world whose days are made.
    pub fn with_clock(self, clock: Arc<Clock>) -> Hi1Door {
        Hi1Door { clock, ..self }
    }

    /// The authority in force with this certificate: its offices.
    fn offices(&self, certificate: &[u8; 32]) -> Vec<EndpointId> {
        let Standing::InForce(authority) = self.setup.registry.by_key(certificate, (self.clock)()) else { return Vec::new() };
        let office = |office: &law::received::Office| {
            Some(EndpointId { country: IsoCountryCode::parse(&office.country)?, unique: LongString::parse(&office.id)? })
        };
        authority.offices.iter().filter_map(office).collect()
    }

    fn shares(&self, certificate: [u8; 32]) -> Arc<Shares> {
        let mut of_one = self.of_one.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let new = || Shares {
            places: Arc::new(Semaphore::new(PARALLEL_OF_ONE_MAX)),
            connections: Arc::new(Semaphore::new(self.limits.connections_of_one)),
        };
        Arc::clone(of_one.entry(certificate).or_insert_with(|| Arc::new(new())))
    }

    fn place(&self, certificate: [u8; 32]) -> Option<Permits> {
        let own = Arc::clone(&self.shares(certificate).places).try_acquire_owned().ok()?;
        Some([own, Arc::clone(&self.places).try_acquire_owned().ok()?])
    }

    fn connection(&self, certificate: [u8; 32]) -> Option<Permits> {
        let own = Arc::clone(&self.shares(certificate).connections).try_acquire_owned().ok()?;
        Some([own, Arc::clone(&self.connections).try_acquire_owned().ok()?])
    }
}

/// One of one's own, and one of all.
type Permits = [OwnedSemaphorePermit; 2];

/// Accepts until the task is dropped.
pub async fn serve(listener: TcpListener, door: Arc<Hi1Door>) {
    loop {
        // An accept that fails (too many open files) must not end the listener, nor spin.
        match listener.accept().await {
            Ok((socket, from)) => {
                if let Some(standing) = door.doorstep.step_up(from.ip(), &door.limits) {
                    tokio::spawn(connection(socket, Arc::clone(&door), standing));
                }
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn connection(socket: TcpStream, door: Arc<Hi1Door>, standing: OnTheStep) {
    let Ok(Ok(stream)) = tokio::time::timeout(door.limits.handshake, door.acceptor.accept(socket)).await else { return };
    let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let Some(certificate) = certificate.map(crate::log::tls::fingerprint) else { return };
    let Some(_connection) = door.connection(certificate) else { return };
    drop(standing);
    let service = service_fn(move |request| {
        let door = Arc::clone(&door);
        async move { Ok::<_, Infallible>(answer(door, certificate, request).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service);
    // A connection that breaks is the sender's to repeat: a transaction is answered as the first time.
    drop(tokio::time::timeout(LIFE, served).await);
}

async fn answer(door: Arc<Hi1Door>, certificate: [u8; 32], request: Request<Incoming>) -> Response<Body> {
    // Asked at every message: an authority that left the registry is out, however long its connection lasts.
    let offices = door.offices(&certificate);
    if offices.is_empty() {
        let text = "DSK-10: this certificate belongs to no authority that is in force in the registry\n";
        return plain(StatusCode::FORBIDDEN, text);
    }
    let Some(permits) = door.place(certificate) else {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "DSK-10: too many messages at once, try again\n");
    };
    match *request.method() {
        Method::POST => message(door, offices, request, permits).await,
        Method::GET => package(door, offices, request.uri().path(), permits).await,
        _ => plain(StatusCode::METHOD_NOT_ALLOWED, "POST one HI1Message\n"),
    }
}

async fn message(door: Arc<Hi1Door>, offices: Vec<EndpointId>, request: Request<Incoming>, permits: Permits) -> Response<Body> {
    let body = tokio::time::timeout(PATIENCE, Limited::new(request.into_body(), ORIGINAL_BYTES_MAX).collect()).await;
    let Ok(Ok(body)) = body else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "DSK-10: too large, or too slow\n");
    };
    let octets = body.to_bytes();
    let handled = tokio::task::spawn_blocking(move || {
        let mut desk = lock(&door.desk);
        desk.hi1((door.clock)(), &door.offer, &offices, &octets, &mut SystemEntropy)
    });
    match handled.await {
        Ok(Ok(answer)) => {
            let kind = if answer.format == Format::Xml { "application/xml" } else { "application/json" };
            let text = Bytes::from(answer.text);
            reply(StatusCode::OK, kind, text.len() as u64, Source::Text(text), Some(permits))
        }
        Ok(Err(NotTaken::Refused(refused))) => plain(StatusCode::BAD_REQUEST, &format!("{refused}\n  hint: {}\n", refused.hint)),
        Ok(Err(NotTaken::Fault(fault))) => {
            eprintln!("desk: {fault}");
            plain(StatusCode::SERVICE_UNAVAILABLE, "FAULT: try again later\n")
        }
        Err(error) => {
            eprintln!("desk: bug: {error}");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "BUG: internal error\n")
        }
    }
}

/// DSK-22: a package that is too large to push, for who sent the order. Everything else is not there.
async fn package(door: Arc<Hi1Door>, offices: Vec<EndpointId>, path: &str, permits: Permits) -> Response<Body> {
    let absent = || plain(StatusCode::NOT_FOUND, "DSK-22: no such delivery, not yours, or not to be fetched any more\n");
    let Some(identifier) = path.strip_prefix(super::deliver::ROUTE).map(str::to_owned) else { return absent() };
    let found = tokio::task::spawn_blocking(move || lock(&door.desk).fetch((door.clock)(), &offices, &identifier)).await;
    let fetch = match found {
        Ok(Ok(Some(fetch))) => fetch,
        Ok(Ok(None)) => return absent(),
        Ok(Err(fault)) => {
            eprintln!("desk: {fault}");
            return plain(StatusCode::SERVICE_UNAVAILABLE, "FAULT: try again later\n");
        }
        Err(error) => {
            eprintln!("desk: bug: {error}");
            return plain(StatusCode::INTERNAL_SERVER_ERROR, "BUG: internal error\n");
        }
    };
    match tokio::fs::File::open(&fetch.path).await {
        Ok(file) => reply(StatusCode::OK, "application/pkcs7-mime", fetch.size, Source::File(file), Some(permits)),
        Err(error) => {
            eprintln!("desk: {}: {error}", fetch.path.display());
            plain(StatusCode::SERVICE_UNAVAILABLE, "FAULT: try again later\n")
        }
    }
}

type Body = UnsyncBoxBody<Bytes, std::io::Error>;

/// What is left of an answer.
enum Source {
    Text(Bytes),
    File(tokio::fs::File),
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let text = Bytes::copy_from_slice(text.as_bytes());
    reply(status, "text/plain", text.len() as u64, Source::Text(text), None)
}

/// The places are given back when the last octet went out, not when the answer was made: a slow reader holds its own.
fn reply(status: StatusCode, kind: &'static str, size: u64, source: Source, permits: Option<Permits>) -> Response<Body> {
    let chunks = futures::stream::try_unfold((source, permits), |(source, permits)| async move {
        let (chunk, source) = match source {
            Source::Text(text) => (text, Source::Text(Bytes::new())),
            Source::File(mut file) => {
                let mut chunk = vec![0; CHUNK_BYTES];
                let len = file.read(&mut chunk).await?;
                chunk.truncate(len);
                (Bytes::from(chunk), Source::File(file))
            }
        };
        Ok::<_, std::io::Error>((!chunk.is_empty()).then_some((Frame::data(chunk), (source, permits))))
    });
    let mut response = Response::new(StreamBody::new(chunks).boxed_unsync());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CONTENT_LENGTH, size.into());
    response
}
