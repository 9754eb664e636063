//! The protected header: a closed list of fields (SIG-40), so that nobody can bring a key of their own.

use super::json::{self, Json};
use crate::signature::algorithm::{self, Scheme};
use crate::signature::refusal::shown;
use crate::signature::xml;
use crate::signature::{CERTIFICATES_MAX, Certificate, Refusal};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use verify::package::cms::Hash;

pub struct Header {
    pub scheme: Scheme,
    pub claimed_time: Option<u64>,
    carried: Vec<Vec<u8>>,
    named: Option<Vec<u8>>,
}

impl Header {
    pub fn parse(bytes: &[u8]) -> Result<Header, Refusal> {
        let text = std::str::from_utf8(bytes).map_err(|_| Refusal::Form { what: "not a JWS header" })?;
        let Json::Object(members) = json::parse(text)? else { return Err(Refusal::Form { what: "not a JWS header" }) };
        let Some(Json::Text(name)) = members.get("alg") else { return Err(Refusal::Algorithm { name: "none stated".to_owned() }) };
        let mut header = Header { scheme: scheme(name)?, claimed_time: None, carried: Vec::new(), named: None };
        for (name, value) in &members {
            match (name.as_str(), value) {
                ("alg" | "typ" | "cty" | "kid", Json::Text(_)) => {}
                ("x5c", Json::List(list)) => header.carried = certificates(list)?,
                ("x5t#S256", Json::Text(digest)) => header.named = Some(URL_SAFE_NO_PAD.decode(digest).map_err(|_| refused(name))?),
                // When it was signed: of JAdES, as text or, since its second edition, as a number.
                ("sigT", Json::Text(time)) => header.claimed_time = Some(xml::seconds(time).ok_or_else(|| refused(name))?),
                ("iat", Json::Integer(time)) => header.claimed_time = Some(u64::try_from(*time).map_err(|_| refused(name))?),
                ("crit", Json::List(list)) if list.iter().all(|l| matches!(l, Json::Text(t) if t == "sigT")) && !list.is_empty() => {}
                // jwk, jku, x5u: a key or an address that the sender chose. b64 and unknown critical fields change what is signed.
                _ => return Err(refused(name)),
            }
        }
        Ok(header)
    }

    /// SIG-06, SIG-09: the first certificate of `x5c`, or the known one that `x5t#S256` names.
    pub fn signer(&self, known: &[Certificate]) -> Result<(Certificate, Vec<Vec<u8>>), Refusal> {
        let is_named = |certificate: &Certificate| self.named.as_ref().is_none_or(|digest| digest[..] == certificate.sha256());
        if let Some((first, others)) = self.carried.split_first() {
            let certificate = Certificate::parse(first).ok_or(Refusal::Certificate { what: "not an X.509 version 3 certificate" })?;
            return if is_named(&certificate) { Ok((certificate, others.to_vec())) } else { Err(Refusal::OtherCertificate) };
        }
        let found = self.named.as_ref().and_then(|_| known.iter().find(|c| is_named(c)));
        let certificate =
            found.ok_or(Refusal::Certificate { what: "no X.509 certificate beside the signature, and none that is known" })?;
        Ok((certificate.clone(), Vec::new()))
    }

    pub fn is_ecdsa(&self) -> bool {
        matches!(self.scheme, Scheme::Ecdsa(_))
    }

    /// RFC 7518 section 3.4: the algorithm fixes the curve, and both numbers have its length.
    pub fn ecdsa_value(&self, certificate: &Certificate, value: &[u8]) -> Result<Vec<u8>, Refusal> {
        let len = match self.scheme {
            Scheme::Ecdsa(Hash::Sha256) => 64,
            Scheme::Ecdsa(Hash::Sha384) => 96,
            _ => 132,
        };
        if (len == 64) != certificate.is_p256() {
            return Err(Refusal::Algorithm { name: "does not fit the certificate's key".to_owned() });
        }
        if value.len() != len {
            return Err(Refusal::Value);
        }
        algorithm::ecdsa_der(value).ok_or(Refusal::Value)
    }
}

fn refused(name: &str) -> Refusal {
    Refusal::Header { name: shown(name) }
}

/// SIG-05: `none` and every secret-key method (HS256) are refused: with a secret key whoever checks could also have signed.
fn scheme(name: &str) -> Result<Scheme, Refusal> {
    Ok(match name {
        "RS256" => Scheme::RsaPkcs1(Hash::Sha256),
        "RS384" => Scheme::RsaPkcs1(Hash::Sha384),
        "RS512" => Scheme::RsaPkcs1(Hash::Sha512),
        "PS256" => Scheme::RsaPss(Hash::Sha256),
        "PS384" => Scheme::RsaPss(Hash::Sha384),
        "PS512" => Scheme::RsaPss(Hash::Sha512),
        "ES256" => Scheme::Ecdsa(Hash::Sha256),
        "ES384" => Scheme::Ecdsa(Hash::Sha384),
        "ES512" => Scheme::Ecdsa(Hash::Sha512),
        "EdDSA" | "Ed25519" => Scheme::Ed25519,
        other => return Err(Refusal::Algorithm { name: shown(other) }),
    })
}

fn certificates(list: &[Json]) -> Result<Vec<Vec<u8>>, Refusal> {
    if CERTIFICATES_MAX < list.len() {
        return Err(Refusal::Size { what: "certificates" });
    }
    let read = |item: &Json| match item {
        Json::Text(text) => STANDARD.decode(text).ok(),
        _ => None,
    };
    list.iter().map(|item| read(item).ok_or_else(|| refused("x5c"))).collect()
}
