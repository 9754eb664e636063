//! The door of TS 103 120: HTTPS with mutual TLS, one HI1Message in a POST, one in the answer (DSK-10).
//!
//! Who is connected is known by the certificate alone: its SHA-256 stands in the registry of authorities, under an authority that is in
//! force now. Names in the certificate, and whoever issued it, mean nothing here.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use law::registry::Standing;
use seal::entropy::SystemEntropy;
use standards::etsi::core::EndpointId;
use standards::etsi::desk as etsi;
use standards::etsi::message::Format;
use standards::etsi::values::{IsoCountryCode, LongString};
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

/// Handshake, head and body: who is slower holds a connection.
const PATIENCE: Duration = Duration::from_secs(30);
/// Messages at work at once, of all and of one authority: 16 of the largest are 256 MiB.
pub const PARALLEL_MAX: usize = 16;
pub const PARALLEL_OF_ONE_MAX: usize = 4;
/// Connections, idle ones too.
const CONNECTIONS_MAX: usize = 256;

/// What every connection shares.
pub struct Hi1Door {
    desk: SharedDesk,
    setup: Arc<Setup>,
    offer: etsi::Desk,
    acceptor: TlsAcceptor,
    places: Arc<Semaphore>,
    connections: Arc<Semaphore>,
    of_one: Mutex<BTreeMap<[u8; 32], Arc<Semaphore>>>,
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
        }
    }

    /// The authority in force with this certificate: its offices.
    fn offices(&self, certificate: &[u8; 32]) -> Vec<EndpointId> {
        let Standing::InForce(authority) = self.setup.registry.by_key(certificate, now()) else { return Vec::new() };
        let office = |office: &law::received::Office| {
            Some(EndpointId { country: IsoCountryCode::parse(&office.country)?, unique: LongString::parse(&office.id)? })
        };
        authority.offices.iter().filter_map(office).collect()
    }

    fn place(&self, certificate: [u8; 32]) -> Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)> {
        let own = {
            let mut of_one = self.of_one.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            Arc::clone(of_one.entry(certificate).or_insert_with(|| Arc::new(Semaphore::new(PARALLEL_OF_ONE_MAX))))
        };
        Some((own.try_acquire_owned().ok()?, Arc::clone(&self.places).try_acquire_owned().ok()?))
    }
}

/// Accepts until the task is dropped.
pub async fn serve(listener: TcpListener, door: Arc<Hi1Door>) {
    loop {
        // An accept that fails (too many open files) must not end the listener, nor spin.
        match (listener.accept().await, Arc::clone(&door.connections).try_acquire_owned()) {
            (Ok((socket, _)), Ok(place)) => {
                let door = Arc::clone(&door);
                tokio::spawn(async move {
                    connection(socket, door).await;
                    drop(place);
                });
            }
            (Ok(_), Err(_)) => {}
            (Err(_), _) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn connection(socket: TcpStream, door: Arc<Hi1Door>) {
    let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, door.acceptor.accept(socket)).await else { return };
    let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let Some(certificate) = certificate.map(crate::log::tls::fingerprint) else { return };
    let service = service_fn(move |request| {
        let door = Arc::clone(&door);
        async move { Ok::<_, Infallible>(answer(door, certificate, request).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service);
    // A connection that breaks is the sender's to repeat: a transaction is answered as the first time.
    drop(served.await);
}

async fn answer(door: Arc<Hi1Door>, certificate: [u8; 32], request: Request<Incoming>) -> Response<Full<Bytes>> {
    if request.method() != Method::POST {
        return reply(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "POST one HI1Message\n".to_owned());
    }
    // Asked at every message: an authority that left the registry is out, however long its connection lasts.
    let offices = door.offices(&certificate);
    if offices.is_empty() {
        let text = "DSK-10: this certificate belongs to no authority that is in force in the registry\n";
        return reply(StatusCode::FORBIDDEN, "text/plain", text.to_owned());
    }
    let Some(_place) = door.place(certificate) else {
        return reply(StatusCode::SERVICE_UNAVAILABLE, "text/plain", "DSK-10: too many messages at once, try again\n".to_owned());
    };
    let body = tokio::time::timeout(PATIENCE, Limited::new(request.into_body(), ORIGINAL_BYTES_MAX).collect()).await;
    let Ok(Ok(body)) = body else {
        return reply(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", "DSK-10: too large, or too slow\n".to_owned());
    };
    let octets = body.to_bytes();
    let handled = tokio::task::spawn_blocking(move || {
        let mut desk = lock(&door.desk);
        desk.hi1(now(), &door.offer, &offices, &octets, &mut SystemEntropy)
    });
    match handled.await {
        Ok(Ok(answer)) => {
            let kind = if answer.format == Format::Xml { "application/xml" } else { "application/json" };
            reply(StatusCode::OK, kind, answer.text)
        }
        Ok(Err(NotTaken::Refused(refused))) => {
            reply(StatusCode::BAD_REQUEST, "text/plain", format!("{refused}\n  hint: {}\n", refused.hint))
        }
        Ok(Err(NotTaken::Fault(fault))) => {
            eprintln!("desk: {fault}");
            reply(StatusCode::SERVICE_UNAVAILABLE, "text/plain", "FAULT: try again later\n".to_owned())
        }
        Err(error) => {
            eprintln!("desk: bug: {error}");
            reply(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", "BUG: internal error\n".to_owned())
        }
    }
}

fn reply(status: StatusCode, kind: &'static str, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response
}
