//! The desk's routes on the gateway's own door. All need the desk's token: what arrives here comes by people's hands (mail, portal,
//! letter); authorities' machines have the door of TS 103 120.
//!
//! | route | body | answer |
//! |---|---|---|
//! | `POST /received` | the document as it came | 202 receipt |
//! | `POST /received/transcribed` | JSON: original (base64), transcription | 202 receipt |
//! | `GET /received?after=N` · `GET /received/overdue` | | 200 JSON |
//! | `GET /received/<n>?lang=nl` | | 200 JSON, with everything in plain words |
//! | `GET /received/<n>/form-3` | | 200 JSON: Form 3 as EC form XML, from the gates or the refusal |
//! | `POST /received/<n>/steps` | JSON: by, and what is done | 202 |
//! | `GET /received/counters?year=&every=&format=` | | 200 JSON around CSV or JSON |

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use base64::Engine;
use seal::entropy::SystemEntropy;
use serde::Deserialize;
use serde_json::{Value, json};

use super::core::{Arrival, Ask, Desk, NotTaken, Taken};
use super::listen::{SharedDesk, lock};
use super::view;
use crate::gateway::papers::Refused;
use crate::gateway::shell::now;
use crate::http::{DeskToken, failed, json_response};

#[derive(Clone)]
struct Own {
    desk: SharedDesk,
    token: DeskToken,
}

/// Routes that need nothing of the rest of the door but its token.
pub fn routes<S: Clone + Send + Sync + 'static>(desk: SharedDesk, token: DeskToken) -> Router<S> {
    Router::new()
        .route("/received", post(take).get(list))
        .route("/received/transcribed", post(take_transcribed))
        .route("/received/overdue", get(overdue))
        .route("/received/counters", get(counters))
        .route("/received/{number}", get(show))
        .route("/received/{number}/form-3", get(form_3))
        .route("/received/{number}/steps", post(step))
        .with_state(Own { desk, token })
}

impl Own {
    /// On a thread of its own: judging takes milliseconds and storing waits for the disk.
    async fn work(
        self,
        headers: HeaderMap,
        status: StatusCode,
        work: impl FnOnce(&SharedDesk) -> Result<Value, NotTaken> + Send + 'static,
    ) -> Response {
        if !self.token.admits(&headers) {
            return failed(StatusCode::NOT_FOUND, "UNKNOWN", "not here, or not for you", "check number and token");
        }
        match tokio::task::spawn_blocking(move || work(&self.desk)).await {
            Ok(Ok(value)) => json_response(status, &value),
            Ok(Err(NotTaken::Refused(Refused { code, text, hint }))) => failed(StatusCode::UNPROCESSABLE_ENTITY, &code, &text, &hint),
            Ok(Err(NotTaken::Fault(fault))) => {
                eprintln!("desk: {fault}");
                failed(StatusCode::SERVICE_UNAVAILABLE, "FAULT", "the desk's database failed", "see the gateway's log")
            }
            Err(error) => {
                eprintln!("desk: bug: {error}");
                failed(StatusCode::INTERNAL_SERVER_ERROR, "BUG", "internal error", "see the gateway's log")
            }
        }
    }
}

async fn take(State(own): State<Own>, headers: HeaderMap, body: Bytes) -> Response {
    own.work(headers, StatusCode::ACCEPTED, move |desk| taken(desk, body.to_vec(), None)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Transcribed {
    original: String,
    transcription: String,
}

async fn take_transcribed(State(own): State<Own>, headers: HeaderMap, body: Bytes) -> Response {
    own.work(headers, StatusCode::ACCEPTED, move |desk| {
        let wrong = || Refused::new("TRN-01", "not original and transcription", "waarborg desk take FILE --original FILE sends both");
        let both: Transcribed = serde_json::from_slice(&body).map_err(|_| wrong())?;
        let original = base64::engine::general_purpose::STANDARD.decode(both.original).map_err(|_| wrong())?;
        taken(desk, original, Some(both.transcription))
    })
    .await
}

fn taken(desk: &SharedDesk, original: Vec<u8>, transcription: Option<String>) -> Result<Value, NotTaken> {
    let now = now();
    let setup = Arc::clone(lock(desk).setup());
    // Signatures are judged before the lock: a large PDF holds up nobody else.
    let read = setup.read(&original, transcription.as_deref(), now);
    let arrival = Arrival { door: "http", sender: String::new(), original, transcription, about: None };
    let taken = lock(desk).take_in(now, &arrival, read, &mut SystemEntropy)?;
    Ok(match taken {
        Taken::Order(receipt) => view::receipt(&receipt),
        Taken::Paper { number, acted } => json!({ "schema": "waarborg-desk-paper/v1", "number": number, "acted": acted }),
    })
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: u64,
}

async fn list(State(own): State<Own>, headers: HeaderMap, Query(After { after }): Query<After>) -> Response {
    own.work(headers, StatusCode::OK, move |desk| {
        let desk = lock(desk);
        let heads = desk.heads(after, view::PAGE)?;
        Ok(view::list(&desk, &heads, now())?)
    })
    .await
}

async fn overdue(State(own): State<Own>, headers: HeaderMap) -> Response {
    own.work(headers, StatusCode::OK, move |desk| {
        let desk = lock(desk);
        let heads = desk.overdue(now())?;
        Ok(view::list(&desk, &heads, now())?)
    })
    .await
}

#[derive(Deserialize)]
struct Lang {
    #[serde(default)]
    lang: String,
}

async fn show(State(own): State<Own>, headers: HeaderMap, Path(number): Path<u64>, Query(Lang { lang }): Query<Lang>) -> Response {
    let language = if lang == "nl" { law::Language::Dutch } else { law::Language::English };
    own.work(headers, StatusCode::OK, move |desk| view::show(&mut lock(desk), number, now(), language)).await
}

async fn form_3(State(own): State<Own>, headers: HeaderMap, Path(number): Path<u64>) -> Response {
    own.work(headers, StatusCode::OK, move |desk| view::form_3(&mut lock(desk), number, now())).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    by: String,
    step: Ask,
}

async fn step(State(own): State<Own>, headers: HeaderMap, Path(number): Path<u64>, body: Bytes) -> Response {
    own.work(headers, StatusCode::ACCEPTED, move |desk| {
        let wrong = |error: serde_json::Error| Refused::new("DSK-05", error.to_string(), "waarborg desk do names the steps");
        let Step { by, step } = serde_json::from_slice(&body).map_err(wrong)?;
        if by.trim().is_empty() {
            return Err(Refused::new("DSK-05", "nobody is named", "say who does it: --by").into());
        }
        let head = lock(desk).act(now(), number, by.trim(), step, &mut SystemEntropy)?;
        Ok(view::head(&head, now()))
    })
    .await
}

#[derive(Deserialize)]
struct Count {
    year: u32,
    #[serde(default)]
    every: String,
    #[serde(default)]
    format: String,
}

async fn counters(State(own): State<Own>, headers: HeaderMap, Query(Count { year, every, format }): Query<Count>) -> Response {
    use law::counters::{Every, csv, json};
    own.work(headers, StatusCode::OK, move |desk| {
        let every = if every == "half-year" { Every::HalfYear } else { Every::Year };
        let mut desk: std::sync::MutexGuard<'_, Desk> = lock(desk);
        let rows = desk.counters(year, every, now())?;
        let text = if format == "json" { json(&rows, &desk.setup().book.version.to_string()) } else { csv(&rows) };
        Ok(json!({ "schema": "waarborg-desk-counters/v1", "text": text }))
    })
    .await
}
