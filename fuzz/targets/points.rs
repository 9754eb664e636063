//! Compressed points and scalars: what parses has one spelling.
#![no_main]
use seal::points::{G1Point, G2Point, Scalar};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Some(octets) = data.first_chunk::<48>()
        && let Ok(point) = G1Point::parse(octets)
    {
        assert_eq!(point.to_bytes(), *octets);
    }
    if let Some(octets) = data.first_chunk::<96>()
        && let Ok(point) = G2Point::parse(octets)
    {
        assert_eq!(point.to_bytes(), *octets);
    }
    if let Some(octets) = data.first_chunk::<32>()
        && let Ok(scalar) = Scalar::parse(octets)
    {
        scalar.to_secret().expose(|again| assert_eq!(again, octets));
    }
});
