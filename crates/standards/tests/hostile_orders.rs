//! Damaged orders: whatever a stranger changes, the answer is a value or a refusal with a number, never a panic, and what
//! is accepted means the same when written again. The fuzz targets do the same for longer.

mod epoc_sample;

use epoc_sample::order;
use law::received::{Body, OrderKind};
use standards::epoc::{read_form, write_form};
use standards::etsi::message::Received;
use standards::etsi::verdict::Setting;
use standards::incoming;

struct Chance(u64);

impl Chance {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count
    }
}

fn documents() -> Vec<Vec<u8>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/etsi/etsi-103120/examples");
    let example = |name: &str| std::fs::read(folder.join(name)).unwrap();
    vec![
        example("xml/request4-Preservation-Link.xml"),
        example("xml/request5-XML-Delivery.xml"),
        example("xml/response_ee_config.xml"),
        example("json/request4.json"),
        example("json/request1_signed.json"),
        write_form(&Body::Order(order(OrderKind::Epoc))).unwrap().into_bytes(),
    ]
}

/// Cuts, doubles, swaps and overwrites; half the time a whole piece of another document.
fn damage(documents: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = documents[chance.below(documents.len())].clone();
    for _ in 0..1 + chance.below(3) {
        let at = chance.below(bytes.len());
        let end = (at + 1 + chance.below(40)).min(bytes.len());
        match chance.below(5) {
            0 => drop(bytes.drain(at..end)),
            1 => bytes.extend_from_within(at..end),
            2 => bytes[at] = b"<>&\"'{}[]:,/ =\0\xff9Z"[chance.below(18)],
            3 => {
                let other = &documents[chance.below(documents.len())];
                let from = chance.below(other.len());
                let piece = other[from..(from + 60).min(other.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => bytes[at..end].rotate_left(1),
        }
        if bytes.is_empty() {
            return bytes;
        }
    }
    bytes
}

#[test]
fn damaged_orders_are_refused_by_number_or_keep_their_meaning() {
    let (documents, setting, mut chance) = (documents(), Setting::reader(), Chance(2026));
    let (mut read, mut refused) = (0, 0);
    for round in 0..1500 {
        let bytes = damage(&documents, &mut chance);
        match incoming::read(&bytes, &setting) {
            Err(refusal) => {
                assert!(refusal.code().starts_with("STD-"), "round {round}");
                refused += 1;
            }
            Ok(received) => {
                read += 1;
                if let Some(written) = write_form(&received.body).filter(|_| received.envelope.schema.is_yes()) {
                    let again = read_form(written.as_bytes()).unwrap_or_else(|refusal| panic!("round {round}: {refusal}\n{written}"));
                    assert_eq!(write_form(&again.body).as_deref(), Some(written.as_str()), "round {round}");
                }
            }
        }
        if let Some(message) = Received::parse(&bytes).ok().and_then(|received| received.schema().ok()) {
            let xml = message.to_xml();
            let again = Received::parse(xml.as_bytes()).unwrap_or_else(|refusal| panic!("round {round}: {refusal}\n{xml}")).schema();
            assert_eq!(again.as_ref(), Ok(&message), "round {round}");
        }
    }
    assert!(50 < read && 400 < refused, "{read} read, {refused} refused");
}

#[test]
fn an_order_is_recognised_by_what_it_is() {
    let setting = Setting::reader();
    let formats: Vec<_> = documents()
        .iter()
        .map(|document| {
            incoming::read(document, &setting).map(|received| received.envelope.format.code()).map_err(|refusal| refusal.code())
        })
        .collect();
    // A delivery, a configuration and an interception are HI-1, but nobody's order.
    assert_eq!(formats, [Ok("etsi-xml"), Err("STD-08"), Err("STD-08"), Ok("etsi-json"), Err("STD-41"), Ok("ec-form-xml")]);
    assert_eq!(incoming::read(b"Geachte aanbieder,", &setting).unwrap_err().code(), "STD-08");
}
