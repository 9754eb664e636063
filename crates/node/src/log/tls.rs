//! Mutual TLS with both certificates pinned by the SHA-256 of their DER (LOG-29).
//!
//! No certificate authority can add a submitter or stand in for the log: an end certificate is either on the list or not, and
//! names and dates in it mean nothing here. The handshake still proves possession of the private key.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

/// SHA-256 of a certificate's DER.
pub fn fingerprint(certificate: &CertificateDer<'_>) -> [u8; 32] {
    seal::digest::sha256(&[certificate])
}

#[derive(Debug)]
struct Pinned {
    fingerprints: Vec<[u8; 32]>,
    provider: Arc<CryptoProvider>,
}

impl Pinned {
    fn new(fingerprints: Vec<[u8; 32]>) -> Pinned {
        Pinned { fingerprints, provider: Arc::new(aws_lc_rs::default_provider()) }
    }

    fn check(&self, certificate: &CertificateDer<'_>) -> Result<(), Error> {
        if self.fingerprints.contains(&fingerprint(certificate)) {
            Ok(())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }
}

/// Both sides ask the same of the other's signature over the handshake. TLS 1.3 only, so that a 1.2 signature never has to be judged.
macro_rules! possession_is_proven {
    () => {
        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Err(Error::General("TLS 1.2 is not offered".to_owned()))
        }
        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            dss: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            verify_tls13_signature(message, certificate, dss, &self.provider.signature_verification_algorithms)
        }
        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.provider.signature_verification_algorithms.supported_schemes()
        }
    };
}

impl ClientCertVerifier for Pinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }
    fn verify_client_cert(&self, end: &CertificateDer<'_>, _: &[CertificateDer<'_>], _: UnixTime) -> Result<ClientCertVerified, Error> {
        self.check(end).map(|()| ClientCertVerified::assertion())
    }
    possession_is_proven!();
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check(end).map(|()| ServerCertVerified::assertion())
    }
    possession_is_proven!();
}

/// Why TLS cannot be set up: a file, or its content.
#[derive(Debug)]
pub struct TlsError(pub String);

fn identity(certificate: &Path, key: &Path) -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), TlsError> {
    let bad = |path: &Path, error: &dyn std::fmt::Display| TlsError(format!("{}: {error}", path.display()));
    let chain = CertificateDer::from_pem_file(certificate).map_err(|error| bad(certificate, &error))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| bad(key, &error))?;
    Ok((chain, private))
}

fn pins(texts: &[String]) -> Result<Vec<[u8; 32]>, TlsError> {
    let parse =
        |text: &String| verify::spelling::from_hex_exact::<32>(text).ok_or_else(|| TlsError(format!("not a SHA-256 in hex: {text}")));
    texts.iter().map(parse).collect()
}

/// The submit listener's side: only clients whose certificate is on the list finish a handshake.
pub fn server(certificate: &Path, key: &Path, clients: &[String]) -> Result<Arc<rustls::ServerConfig>, TlsError> {
    let (chain, private) = identity(certificate, key)?;
    let verifier = Arc::new(Pinned::new(pins(clients)?));
    let config = rustls::ServerConfig::builder_with_provider(verifier.provider.clone())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map(|builder| builder.with_client_cert_verifier(verifier))
        .and_then(|builder| builder.with_single_cert(vec![chain], private));
    config.map(Arc::new).map_err(|error| TlsError(error.to_string()))
}

/// The submitter's side.
pub fn client(certificate: &Path, key: &Path, server: &str) -> Result<Arc<rustls::ClientConfig>, TlsError> {
    let (chain, private) = identity(certificate, key)?;
    let verifier = Arc::new(Pinned::new(pins(&[server.to_owned()])?));
    let config = rustls::ClientConfig::builder_with_provider(verifier.provider.clone())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map(|builder| builder.dangerous().with_custom_certificate_verifier(verifier))
        .and_then(|builder| builder.with_client_auth_cert(vec![chain], private));
    config.map(Arc::new).map_err(|error| TlsError(error.to_string()))
}
