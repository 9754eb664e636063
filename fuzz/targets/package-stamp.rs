//! Time-stamp tokens, replies and ASiC manifests: nothing panics.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = verify::package::stamp::check_token(data);
    let _ = verify::package::stamp::token_of_reply(data);
    let _ = verify::package::asic::AsicManifest::parse(data, "fuzz", "fuzz");
    let _ = verify::package::statement::CompletenessStatement::parse(data);
    let _ = verify::package::queries::parse(data);
    let _ = verify::package::LogFile::parse(data);
});
