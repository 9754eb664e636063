//! JWS (RFC 7515) and JAdES basics (ETSI TS 119 182-1): compact, JSON with its payload, and the form inside a TS 103 120 message.

mod header;
mod json;

use super::{Certificate, Coverage, Format, Refusal, SIGNATURES_MAX, Valid, algorithm};
use crate::tree::BYTES_MAX;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use header::Header;
use json::Json;
use std::sync::Arc;

/// Longest protected header: eight certificates fit.
const HEADER_MAX: usize = 256 * 1024;

/// Every signature. `known` are certificates of the registry: a header may name one by its SHA-256 instead of carrying it.
///
/// A TS 103 120 message carries `Signature{protected, signature}` and is itself the payload: its members but for `Signature`, in
/// the canonical form of RFC 8785.
pub fn check(bytes: &[u8], known: &[Certificate]) -> Result<Vec<Valid>, Refusal> {
    if BYTES_MAX < bytes.len() {
        return Err(Refusal::Size { what: "document" });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::Forbidden { what: "an encoding other than UTF-8" })?.trim_ascii();
    if !text.starts_with('{') {
        return compact(text, known);
    }
    let Json::Object(mut members) = json::parse(text)? else { return Err(Refusal::Form { what: "not a JSON object" }) };
    if let Some(signature) = members.remove("Signature") {
        if members.contains_key("Signatures") {
            return Err(Refusal::Shape { what: "Signature and Signatures" });
        }
        let octets = json::canonical(&Json::Object(members));
        let payload = URL_SAFE_NO_PAD.encode(&octets);
        return Ok(vec![one(signature, &payload, &Arc::new(octets), known)?]);
    }
    let Some(Json::Text(payload)) = members.remove("payload") else { return Err(Refusal::Unsigned) };
    let octets = Arc::new(decode(&payload)?);
    let signatures = match members.remove("signatures") {
        None => return Ok(vec![one(Json::Object(members), &payload, &octets, known)?]),
        Some(Json::List(signatures)) if members.is_empty() => signatures,
        Some(_) => return Err(Refusal::Shape { what: "signatures" }),
    };
    match signatures.len() {
        0 => Err(Refusal::Unsigned),
        1..=SIGNATURES_MAX => signatures.into_iter().map(|signature| one(signature, &payload, &octets, known)).collect(),
        _ => Err(Refusal::Size { what: "signatures" }),
    }
}

fn compact(text: &str, known: &[Certificate]) -> Result<Vec<Valid>, Refusal> {
    let parts: Vec<&str> = text.splitn(4, '.').collect();
    let [protected, payload, value] = parts[..] else { return Err(Refusal::Form { what: "not a JWS" }) };
    Ok(vec![verify(protected, payload, value, &Arc::new(decode(payload)?), known)?])
}

/// SIG-40: nothing beside `protected` and `signature`; an unprotected header is not covered by the signature.
fn one(signature: Json, payload: &str, octets: &Arc<Vec<u8>>, known: &[Certificate]) -> Result<Valid, Refusal> {
    let Json::Object(mut members) = signature else { return Err(Refusal::Shape { what: "signature" }) };
    let (protected, value) = (members.remove("protected"), members.remove("signature"));
    if let Some((name, _)) = members.pop_first() {
        return Err(Refusal::Header { name: super::refusal::shown(&name) });
    }
    let (Some(Json::Text(protected)), Some(Json::Text(value))) = (protected, value) else {
        return Err(Refusal::Shape { what: "protected and signature" });
    };
    verify(&protected, payload, &value, octets, known)
}

fn verify(protected: &str, payload: &str, value: &str, octets: &Arc<Vec<u8>>, known: &[Certificate]) -> Result<Valid, Refusal> {
    if HEADER_MAX < protected.len() {
        return Err(Refusal::Size { what: "header" });
    }
    let header = Header::parse(&decode(protected)?)?;
    let (certificate, others) = header.signer(known)?;
    let mut value = decode(value)?;
    if header.is_ecdsa() {
        value = header.ecdsa_value(&certificate, &value)?;
    }
    let message = [protected.as_bytes(), b".", payload.as_bytes()].concat();
    algorithm::check(&certificate, header.scheme, &message, &value)?;
    Ok(Valid {
        format: Format::Jws,
        coverage: Coverage::Whole,
        octets: octets.clone(),
        certificate,
        others,
        claimed_time: header.claimed_time,
        // Whether carried or named by its digest, it stands in the protected header.
        is_certificate_signed: true,
    })
}

/// Base64url without padding, the one spelling.
fn decode(text: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Refusal::Form { what: "not base64url" })
}
