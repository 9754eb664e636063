//! One POST of one HI1Message to an authority's system, over TLS 1.3 with both certificates pinned.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper_util::rt::TokioIo;
use law::registry::Endpoint;

/// An answer names actions and errors; it brings nothing.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// For the connection and its handshake.
const CONNECT: Duration = Duration::from_secs(10);
/// For all of it: 34 MB on a line of 5 Mbit a second take a minute.
const WHOLE: Duration = Duration::from_secs(300);

/// Who we are to authorities: the certificate of our own door.
#[derive(Clone, Debug)]
pub struct Post {
    pub certificate_file: PathBuf,
    pub private_key_file: PathBuf,
}

impl Post {
    /// The body of an answer with status 200. Everything else is no answer, and its text is for the operator.
    pub async fn send(&self, endpoint: &Endpoint, message: Vec<u8>) -> Result<Vec<u8>, String> {
        let sent = tokio::time::timeout(WHOLE, self.exchange(endpoint, message)).await;
        sent.unwrap_or_else(|_| Err("time limit".to_owned()))
    }

    async fn exchange(&self, endpoint: &Endpoint, message: Vec<u8>) -> Result<Vec<u8>, String> {
        let pin = verify::spelling::hex(&endpoint.certificate);
        let tls = crate::log::tls::client(&self.certificate_file, &self.private_key_file, &pin).map_err(|error| error.0)?;
        // The name is only sent; what is checked is the pinned certificate.
        let name = rustls::pki_types::ServerName::try_from(endpoint.host.clone()).map_err(|error| error.to_string())?;
        let connected = tokio::time::timeout(CONNECT, async {
            let socket = tokio::net::TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await?;
            tokio_rustls::TlsConnector::from(tls).connect(name, socket).await
        });
        let stream = connected.await.map_err(|_| "no connection in time".to_owned())?.map_err(|error| error.to_string())?;
        let failed = |error: hyper::Error| error.to_string();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
        let driver = tokio::spawn(connection);
        let answer = async {
            let request =
                Request::post(endpoint.path.as_str()).header("host", endpoint.host.as_str()).header("content-type", "application/xml");
            let request = request.body(Full::new(Bytes::from(message))).map_err(|error| error.to_string())?;
            let response = sender.send_request(request).await.map_err(failed)?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await.map_err(|error| error.to_string())?.to_bytes();
            if status == hyper::StatusCode::OK { Ok(body.to_vec()) } else { Err(format!("status {status}")) }
        };
        let answer = answer.await;
        driver.abort();
        answer
    }
}
