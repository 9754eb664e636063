//! A time-stamping service for the demo, made with openssl where it is installed: a program that we did not write gives the time.

use super::stage::Stage;
use crate::exit::Failure;
use std::path::Path;
use std::process::{Command, Stdio};

const FOLDER: &str = "timestamp-service";

/// Makes the service's key and certificate and gives the gateway's configuration line; nothing without openssl.
pub fn service(stage: &Stage) -> Result<String, Failure> {
    if !openssl(&stage.dir, &["version"]) {
        return Ok(String::new());
    }
    stage.write(&format!("{FOLDER}/extensions"), "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n")?;
    stage.write(&format!("{FOLDER}/serial"), "01\n")?;
    let folder = stage.path(FOLDER);
    let shown = folder.display();
    let config = format!(
        "[tsa]\ndefault_tsa = demo\n[demo]\nserial = {shown}/serial\nsigner_cert = {shown}/tsa.pem\nsigner_key = {shown}/tsa.key\n\
         signer_digest = sha256\ndefault_policy = 1.2.3.4.1\nother_policies = 1.2.3.4.2\ndigests = sha256\naccuracy = secs:1\n\
         ess_cert_id_alg = sha256\n"
    );
    stage.write(&format!("{FOLDER}/tsa.conf"), &config)?;
    let request = ["req", "-newkey", "rsa:3072", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/O=Demo Time/CN=stamps"];
    let certificate =
        ["x509", "-req", "-in", "tsa.csr", "-signkey", "tsa.key", "-days", "365", "-extfile", "extensions", "-out", "tsa.pem"];
    if !openssl(&folder, &request) || !openssl(&folder, &certificate) {
        return Err(Failure::unavailable("openssl made no time-stamping key", "is it version 3 or newer?"));
    }
    Ok(format!("timestamp_argv = [\"openssl\", \"ts\", \"-reply\", \"-config\", \"{shown}/tsa.conf\", \"-queryfile\", \"/dev/stdin\"]\n"))
}

fn openssl(folder: &Path, words: &[&str]) -> bool {
    let mut command = Command::new("openssl");
    let command = command.args(words).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
