//! HTTP/1.1 requests with a time limit and a size limit: the one client of logs and witnesses.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// An answer, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub body: Bytes,
}

/// No answer: refused connection, time limit, too large, broken HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoAnswer(pub String);

#[derive(Clone)]
pub struct Fetch {
    client: Client<HttpConnector, Full<Bytes>>,
    timeout: Duration,
}

impl Fetch {
    pub fn new(timeout: Duration) -> Fetch {
        Fetch { client: Client::builder(TokioExecutor::new()).build_http(), timeout }
    }

    pub async fn get(&self, url: &str, bytes_max: usize) -> Result<Answer, NoAnswer> {
        let request = Request::get(url).body(Full::default());
        self.send(request.map_err(|error| NoAnswer(error.to_string()))?, bytes_max).await
    }

    pub async fn post(&self, url: &str, body: Vec<u8>, bytes_max: usize) -> Result<Answer, NoAnswer> {
        let request = Request::post(url).body(Full::from(body));
        self.send(request.map_err(|error| NoAnswer(error.to_string()))?, bytes_max).await
    }

    async fn send(&self, request: Request<Full<Bytes>>, bytes_max: usize) -> Result<Answer, NoAnswer> {
        let url = request.uri().to_string();
        let exchange = async {
            let response = self.client.request(request).await.map_err(|error| NoAnswer(format!("{url}: {error}")))?;
            let status = response.status().as_u16();
            let header = response.headers().get("content-type").and_then(|value| value.to_str().ok());
            let content_type = header.unwrap_or_default().to_owned();
            let body = Limited::new(response.into_body(), bytes_max).collect().await;
            let body = body.map_err(|error| NoAnswer(format!("{url}: {error}")))?.to_bytes();
            Ok(Answer { status, content_type, body })
        };
        // The limit covers the body too: a peer that sends one byte a second does not hold a tick.
        tokio::time::timeout(self.timeout, exchange).await.unwrap_or_else(|_| Err(NoAnswer(format!("{url}: time limit"))))
    }
}
