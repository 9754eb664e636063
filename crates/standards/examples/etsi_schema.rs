//! For `interop/etsi.sh`: our schema verdict on each file, one line each, as the script writes xmllint's.

use standards::etsi::message::Received;
use std::process::ExitCode;

fn main() -> ExitCode {
    for path in std::env::args_os().skip(1).map(std::path::PathBuf::from) {
        let read = std::fs::File::open(&path).and_then(|mut file| standards::tree::read_bounded(&mut file));
        let Ok(bytes) = read else {
            eprintln!("cannot read {}", path.display());
            return ExitCode::from(4);
        };
        let is_valid = bytes.and_then(|bytes| Received::parse(&bytes)).is_ok_and(|received| received.schema().is_ok());
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        println!("{} {name}", if is_valid { "valid" } else { "invalid" });
    }
    ExitCode::SUCCESS
}
