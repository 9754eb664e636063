//! The reading listener: everybody, plain HTTP, C2SP paths, receipts; for PUBLIC also `POST /statement` (LOG-01, LOG-29).

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use verify::log::tile::Resource;
use verify::log::vkey::VerifierKey;
use verify::statement::{SignedStatement, StatementError};

use super::client::ClientError;
use super::config::LogKind;
use super::proofs::Proofs;
use super::queue::{Admission, Leaf};
use super::shell::{SharedEngine, lock};
use super::store::Store;
use super::tiles::Source;

/// What the handlers share.
#[derive(Clone)]
pub struct Reading {
    pub kind: LogKind,
    pub engine: SharedEngine,
    pub store: Store,
    /// Over the same store.
    pub proofs: std::sync::Arc<Proofs>,
    /// PUBLIC: keys that may publish (LOG-44).
    pub statement_keys: std::sync::Arc<Vec<VerifierKey>>,
}

/// Signature and spelling first, then it may wait for a tick. What a kind says is acted on elsewhere; unknown kinds are stored
/// and shown (LOG-44).
pub fn check_statement(bytes: &[u8], keys: &[VerifierKey]) -> Result<(), StatementError> {
    let keys: Vec<&VerifierKey> = keys.iter().collect();
    SignedStatement::parse(bytes)?.verify(&keys, 1)
}

/// The listener's routes.
pub fn router(reading: Reading) -> Router {
    let mut router = Router::new()
        .route("/checkpoint", get(checkpoint))
        .route("/tile/{*path}", get(tile))
        // LOG-21: no other way to a proof, so no request tells whose case interests whom.
        .route("/receipt/{key}", get(receipt));
    if reading.kind == LogKind::Public {
        router = router.route("/statement", post(statement));
    }
    router.layer(DefaultBodyLimit::max(verify::log::tile::ENTRY_LEN_MAX + 1)).with_state(reading)
}

fn unavailable() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "try again later\n").into_response()
}

fn absent() -> Response {
    (StatusCode::NOT_FOUND, "not here\n").into_response()
}

async fn checkpoint(State(reading): State<Reading>) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "max-age=1")];
    match reading.store.read("checkpoint").await {
        Ok(Some(note)) => (headers, note).into_response(),
        Ok(None) => absent(),
        Err(_) => unavailable(),
    }
}

async fn tile(State(reading): State<Reading>, Path(path): Path<String>) -> Response {
    // LOG-17: our own parser; nothing else of a request reaches the store.
    let Ok(resource) = Resource::parse(&format!("tile/{path}")) else {
        return absent();
    };
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "max-age=31536000, immutable")];
    match reading.store.read(&resource.to_string()).await {
        Ok(Some(bytes)) => (headers, bytes).into_response(),
        Ok(None) => absent(),
        Err(_) => unavailable(),
    }
}

async fn receipt(State(reading): State<Reading>, Path(key): Path<String>) -> Response {
    let index = verify::spelling::from_hex_exact::<32>(&key).and_then(|key| lock(&reading.engine).published_index(&key));
    match index {
        Some(index) => proof_answer(&reading, index).await,
        None => absent(),
    }
}

async fn proof_answer(reading: &Reading, index: u64) -> Response {
    match reading.proofs.make(index).await {
        Ok(Some(proof)) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], proof).into_response(),
        Ok(None) => absent(),
        Err(_) => unavailable(),
    }
}

/// Step 8: the `.tlog-proof` of `index` under the published checkpoint, from tiles; `None` while it is not published. For many,
/// [`Proofs`].
pub async fn make_proof(source: &Source, index: u64) -> Result<Option<Vec<u8>>, ClientError> {
    Proofs::new(source.clone()).make(index).await
}

async fn statement(State(reading): State<Reading>, body: Bytes) -> Response {
    if let Err(refusal) = check_statement(&body, &reading.statement_keys) {
        return (StatusCode::UNPROCESSABLE_ENTITY, format!("LOG-44: {}\n", refusal.code())).into_response();
    }
    let key = seal::merkle::leaf_hash(&body);
    let leaf = Leaf { key, entry: body.to_vec(), urgent: false, dummy: false };
    admitted(lock(&reading.engine).admit(leaf), &key)
}

/// 202 says "queued", never "logged": the receipt says that (LOG-29).
pub fn admitted(admission: Admission, key: &[u8; 32]) -> Response {
    match admission {
        Admission::Queued | Admission::Known => (StatusCode::ACCEPTED, format!("{}\n", verify::spelling::hex(key))).into_response(),
        Admission::Full => unavailable(),
    }
}
