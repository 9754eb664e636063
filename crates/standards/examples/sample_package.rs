//! Writes the sample production of the tests into a folder, with its certificate and an encrypted copy, for programs
//! that we did not write: `cargo run -p standards --example sample_package -- FOLDER`. If the folder has a `tsa.conf`,
//! openssl plays the time-stamp authority. interop/package_sample.sh does all of it.

#[path = "../tests/sample/mod.rs"]
mod sample;

use standards::{delivery, package};
use std::path::Path;
use std::process::Command;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: sample_package FOLDER")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    // A time-stamp authority has only the real clock, so this copy is signed now and not at the sample's own time.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
    let (key, _) = package::PackageKey::generate("Example Provider", now - 60, now + 86_400 * 365)?;
    let mut signed = sample::draft().assemble()?.sign(&key, now)?;
    if folder.join("tsa.conf").exists() {
        let request = signed.stamp_request(now);
        std::fs::write(folder.join("request.tsq"), &request.bytes)?;
        let mut authority = Command::new("openssl");
        authority.args("ts -reply -config tsa.conf -queryfile request.tsq -out reply.tsr".split(' ')).current_dir(folder);
        if !authority.status()?.success() {
            return Err("the time-stamp authority failed".into());
        }
        signed = signed.with_stamp(&request, &std::fs::read(folder.join("reply.tsr"))?)?;
    }
    let path = signed.place(folder)?;
    std::fs::write(folder.join("signer.pem"), key.certificate_pem())?;
    let (certificate, private) = delivery::generate("Example Authority", now - 60, now + 86_400 * 365)?;
    std::fs::write(folder.join("recipient.pem"), &certificate)?;
    std::fs::write(folder.join("recipient.key"), private.as_bytes())?;
    let recipient = delivery::Recipient::new(certificate.as_bytes(), &delivery::certificate_sha256(certificate.as_bytes())?)?;
    let envelope = delivery::encrypt(std::fs::read(&path)?, &recipient)?;
    delivery::place(&envelope, folder, &signed.file_name())?;
    println!("{}", path.display());
    Ok(())
}
