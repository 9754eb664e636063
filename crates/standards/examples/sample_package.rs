//! Writes the sample production of the tests into a folder, with its certificate and an encrypted copy, for programs
//! that we did not write: `cargo run -p standards --example sample_package -- FOLDER`.

#[path = "../tests/sample/mod.rs"]
mod sample;

use standards::{delivery, package};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: sample_package FOLDER")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let key = sample::key();
    let path = package::write(sample::draft(), &key, sample::SIGNED, folder)?;
    std::fs::write(folder.join("signer.pem"), key.certificate_pem())?;
    let (certificate, private) = delivery::generate("Example Authority", sample::SIGNED, sample::SIGNED + 86_400 * 365)?;
    std::fs::write(folder.join("recipient.pem"), &certificate)?;
    std::fs::write(folder.join("recipient.key"), private.as_bytes())?;
    let recipient = delivery::Recipient::new(certificate.as_bytes(), &delivery::certificate_sha256(certificate.as_bytes())?)?;
    let envelope = delivery::encrypt(std::fs::read(&path)?, &recipient)?;
    let name = path.file_name().and_then(|name| name.to_str()).ok_or("a name")?;
    delivery::place(&envelope, folder, name)?;
    println!("{}", path.display());
    Ok(())
}
