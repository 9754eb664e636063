//! Files from a table nobody trusts: no panic, and a committee record has one spelling.
#![no_main]
use seal::entropy::SeededEntropy;
use seal::signature::SigningKey;
use trustee::documents::acceptance::Acceptance;
use trustee::documents::card::Card;
use trustee::documents::complaint::Complaint;
use trustee::documents::dealing::DealingFile;
use verify::committee_record::CommitteeRecord;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(key) = SigningKey::generate(&mut SeededEntropy::new([1; 32])) else { return };
    let key = key.verifying_key();
    let _ = Card::parse(data);
    let _ = DealingFile::parse_signed(data, &key);
    let _ = Acceptance::parse_signed(data, &key);
    let _ = Complaint::parse_signed(data, &key);
    if let Ok(record) = CommitteeRecord::parse(data) {
        assert_eq!(record.to_bytes(), data);
    }
});
