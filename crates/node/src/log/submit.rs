//! The submit listener of ORDERS: mutual TLS, 32 bytes in, 202 out (LOG-29, LOG-30).

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use verify::log::leaf;

use super::late::{self, SharedSubmitters};
use super::queue::{Admission, Leaf};
use super::shell::{SharedEngine, lock};

/// Handshake and each request: a submitter that is slower is somebody holding a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Rate cap of one submitter: so many leaves a tick on average, four ticks' worth at once.
#[derive(Clone, Copy, Debug)]
pub struct RateCap {
    pub leaves_per_tick_max: u32,
    pub tick_interval_s: u64,
}

/// What each submitter has left, in leaf-seconds, so that nothing is rounded away between two ticks.
#[derive(Debug, Default)]
pub struct Allowances {
    left: BTreeMap<[u8; 32], (u64, u64)>,
}

impl Allowances {
    /// Takes one leaf from the submitter's allowance at `now`; false if there is none.
    pub fn take(&mut self, submitter: [u8; 32], now: u64, cap: RateCap) -> bool {
        let leaf = cap.tick_interval_s;
        let full = 4 * u64::from(cap.leaves_per_tick_max) * leaf;
        let (left, since) = self.left.entry(submitter).or_insert((full, now));
        *left = (*left + now.saturating_sub(*since) * u64::from(cap.leaves_per_tick_max)).min(full);
        *since = now;
        if *left < leaf {
            return false;
        }
        *left -= leaf;
        true
    }
}

/// What every connection shares.
pub struct Submit {
    pub engine: SharedEngine,
    pub acceptor: TlsAcceptor,
    pub cap: RateCap,
    pub allowances: Mutex<Allowances>,
    pub submitters: SharedSubmitters,
}

/// Accepts until the task is dropped.
pub async fn serve(listener: TcpListener, submit: Arc<Submit>) {
    loop {
        // An accept that fails (too many open files) must not end the listener, nor spin.
        match listener.accept().await {
            Ok((socket, _)) => drop(tokio::spawn(connection(socket, submit.clone()))),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn connection(socket: TcpStream, submit: Arc<Submit>) {
    let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, submit.acceptor.accept(socket)).await else {
        return;
    };
    let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let Some(submitter) = certificate.map(super::tls::fingerprint) else {
        return;
    };
    let service = service_fn(move |request| {
        let submit = submit.clone();
        async move { Ok::<_, Infallible>(answer(&submit, submitter, request).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service);
    // A connection that breaks is the submitter's to repeat: submissions are idempotent.
    drop(served.await);
}

async fn answer(submit: &Submit, submitter: [u8; 32], request: Request<Incoming>) -> Response<Full<Bytes>> {
    if request.method() != Method::POST || request.uri().path() != "/submit" {
        return reply(StatusCode::NOT_FOUND, "not here\n");
    }
    let urgent = match request.headers().get("x-waarborg-kind").map(|value| value.as_bytes()) {
        None => false,
        Some(b"urgent") => true,
        Some(_) => return reply(StatusCode::BAD_REQUEST, "LOG-29: the kind is urgent or not given\n"),
    };
    let body = tokio::time::timeout(PATIENCE, Limited::new(request.into_body(), 32).collect()).await;
    let Ok(Ok(body)) = body else {
        return reply(StatusCode::BAD_REQUEST, "LOG-29: exactly 32 bytes\n");
    };
    let Ok(c) = <[u8; 32]>::try_from(&body.to_bytes()[..]) else {
        return reply(StatusCode::BAD_REQUEST, "LOG-29: exactly 32 bytes\n");
    };
    if late::lock(&submit.submitters).is_blocked(&submitter) {
        return reply(StatusCode::FORBIDDEN, "LOG-54: leaves of yours are overdue; open them first\n");
    }
    let allowed = submit.allowances.lock().is_ok_and(|mut all| all.take(submitter, super::unix_now(), submit.cap));
    if !allowed {
        return reply(StatusCode::TOO_MANY_REQUESTS, "LOG-29: rate cap, try again next tick\n");
    }
    let leaf = orders_leaf(&c, urgent);
    // LOG-54: before it is admitted, so that no leaf is in the log whose submitter nobody knows. An fsync of one row, at most a few a
    // second by the rate cap.
    if tokio::task::block_in_place(|| late::lock(&submit.submitters).note(leaf.key, submitter)).is_err() {
        return reply(StatusCode::SERVICE_UNAVAILABLE, "try again later\n");
    }
    match lock(&submit.engine).admit(leaf) {
        Admission::Queued | Admission::Known => reply(StatusCode::ACCEPTED, ""),
        Admission::Full => reply(StatusCode::SERVICE_UNAVAILABLE, "try again later\n"),
    }
}

/// LOG-30: D and the entry are computed here, so no byte in ORDERS is chosen by a submitter.
pub fn orders_leaf(c: &[u8; 32], urgent: bool) -> Leaf {
    let d = leaf::commitment_d(c);
    Leaf { key: d, entry: leaf::entry(&d).to_vec(), urgent, dummy: false }
}

fn reply(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_29_the_rate_cap_is_per_submitter_and_fills_again() {
        let (mut all, cap) = (Allowances::default(), RateCap { leaves_per_tick_max: 2, tick_interval_s: 300 });
        assert_eq!((0..20).filter(|_| all.take([1; 32], 1_000, cap)).count(), 8);
        assert!(all.take([2; 32], 1_000, cap));
        assert!(!all.take([1; 32], 1_149, cap));
        assert!(all.take([1; 32], 1_150, cap));
        assert!(!all.take([1; 32], 1_150, cap));
        // A clock that goes back gives nothing.
        assert!(!all.take([1; 32], 5, cap));
    }
}
