//! Where a source stood, as the sealer kept it, and the pinned schema.
#![no_main]
use sources::source::Position;
use sources::synapse::position::Read;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = sources::synapse::SchemaPin::parse(text);
    let position = Position(text.to_owned());
    if let Ok(mut read) = Read::parse(&position) {
        let _ = read.ask(1_767_225_600_000, 100);
    }
});
