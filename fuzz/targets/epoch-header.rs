//! Epoch headers. A fuzzer finds no point of the subgroup, so a good U is set into inputs of the right length.
#![no_main]
use seal::epoch::EpochHeader;
use seal::points::G2Point;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let round = |octets: &[u8]| {
        if let Ok(header) = EpochHeader::parse(octets) {
            assert_eq!(header.to_bytes(), octets, "what parses has one spelling");
        }
    };
    round(data);
    if data.len() == EpochHeader::LEN {
        let mut octets = data.to_vec();
        octets[112..208].copy_from_slice(&G2Point::generator().to_bytes());
        round(&octets);
    }
});
