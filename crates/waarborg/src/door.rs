//! The client of the gateway's door: one HTTP/1.0 request a connection, plain text, loopback or a proxy's address.
//!
//! HTTP/1.0 on purpose: the answer ends with the connection, so no chunked coding has to be read.

use crate::exit::{Exit, Failure};
use node::case_pass::CasePass;
use node::cases::CaseId;
use seal::secret::Secret;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Answers of the door are JSON of one case at most.
const ANSWER_BYTES_MAX: u64 = 64 << 20;
const LIMIT: Duration = Duration::from_secs(30);

/// Which gateway, and the token: what every command of the desk is told.
#[derive(clap::Args)]
pub struct Address {
    /// The gateway's address
    #[arg(long, default_value = "http://127.0.0.1:8110", global = true)]
    gateway: String,
    /// File with the desk's token, or with a pass for one case
    #[arg(long, global = true)]
    token: Option<PathBuf>,
}

impl Address {
    pub fn door(&self) -> Result<Door, Failure> {
        Door::new(&self.gateway, self.token.as_deref())
    }

    /// The desk's own token, of which passes are made.
    pub fn desk_token(&self) -> Result<Secret<32>, Failure> {
        let path = self.token.as_deref().ok_or_else(|| Failure::usage("a pass is made of the desk's token", "--token FILE"))?;
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
        let octets = verify::spelling::from_hex_exact::<32>(text.trim());
        octets
            .map(Secret::new)
            .ok_or_else(|| Failure::usage(format!("{} is not a desk's token", path.display()), "waarborg keys token makes one"))
    }
}

/// Where the gateway is, and the desk's token if there is one.
pub struct Door {
    authority: String,
    token: Option<String>,
}

impl Door {
    /// `url`: `http://127.0.0.1:8110`, nothing after it.
    pub fn new(url: &str, token_file: Option<&Path>) -> Result<Door, Failure> {
        let bad = || {
            Failure::usage(format!("{url} is not an address of the form http://host:port"), "the gateway prints its address when it starts")
        };
        let authority = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/')).ok_or_else(bad)?;
        if authority.is_empty() || authority.contains('/') {
            return Err(bad());
        }
        let token = match token_file {
            Some(path) => Some(std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?.trim().to_owned()),
            None => None,
        };
        Ok(Door { authority: authority.to_owned(), token })
    }

    /// The one case that the pass is for, if it is a pass.
    pub fn pass_case(&self) -> Option<CaseId> {
        self.token.as_deref().and_then(CasePass::parse).map(|pass| pass.case())
    }

    pub fn post(&self, path: &str, body: &[u8]) -> Result<Value, Failure> {
        self.json("POST", path, body)
    }

    pub fn get(&self, path: &str) -> Result<Value, Failure> {
        self.json("GET", path, &[])
    }

    fn json(&self, method: &str, path: &str, body: &[u8]) -> Result<Value, Failure> {
        let (status, body) = self.exchange(method, path, body)?;
        if !(200..300).contains(&status) {
            return Err(failure(status, &body));
        }
        serde_json::from_slice(&body)
            .map_err(|_| Failure::unavailable("the gateway's answer is not JSON", "is this the gateway's address?"))
    }

    fn exchange(&self, method: &str, path: &str, body: &[u8]) -> Result<(u16, Vec<u8>), Failure> {
        let away = |error: std::io::Error| Failure::unavailable(format!("{}: {error}", self.authority), "does the gateway run there?");
        let mut stream = TcpStream::connect(&self.authority).map_err(away)?;
        stream.set_read_timeout(Some(LIMIT)).and_then(|()| stream.set_write_timeout(Some(LIMIT))).map_err(away)?;
        let token = self.token.as_ref().map_or(String::new(), |token| format!("Authorization: Bearer {token}\r\n"));
        let head = format!("{method} {path} HTTP/1.0\r\nHost: {}\r\n{token}Content-Length: {}\r\n\r\n", self.authority, body.len());
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).map_err(away)?;
        let mut answer = Vec::new();
        stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).map_err(away)?;
        parse(&answer).ok_or_else(|| Failure::unavailable("the answer is not HTTP", "is this the gateway's address?"))
    }
}

fn parse(answer: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let status = head.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
    Some((status, answer[end + 4..].to_vec()))
}

/// The gateway's own words where it has some.
fn failure(status: u16, body: &[u8]) -> Failure {
    let said: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let text = |key: &str| said[key].as_str().unwrap_or_default().to_owned();
    match status {
        422 => Failure::refused(&text("code"), text("text"), text("hint")),
        404 => Failure::refused("UNKNOWN", text("text"), text("hint")),
        _ if text("code").starts_with("GWY-") => Failure::new(Exit::Unavailable, &text("code"), text("text"), text("hint")),
        413 => Failure::usage("the document is too large for the gateway", ""),
        _ => Failure::unavailable(format!("the gateway answered {status}: {}", text("text")), text("hint")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_status_and_body() {
        let answer = b"HTTP/1.1 202 Accepted\r\ncontent-type: x\r\n\r\n{}\n";
        assert_eq!(parse(answer), Some((202, b"{}\n".to_vec())));
        assert_eq!(parse(b"SSH-2.0"), None);
    }

    use crate::Lang;

    #[test]
    fn a_refusal_keeps_its_code() {
        let failure = failure(422, br#"{"code":"REL-12","text":"t","hint":"h"}"#);
        assert_eq!(failure, Failure::refused("REL-12", "t", "h"));
        let failure = super::failure(503, br#"{"code":"GWY-51","text":"too many requests at once","hint":"try again later"}"#);
        assert_eq!((failure.exit, failure.lines(Lang::Nl).contains("te veel vragen tegelijk")), (Exit::Unavailable, true));
    }
}
