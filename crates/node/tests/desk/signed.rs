//! What a signature at the desk is worth, and for which octets.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use node::desk::{Arrival, Ask};
use rcgen::{CertificateParams, KeyPair, PKCS_ED25519, SigningKey};
use seal::entropy::SystemEntropy;

use crate::house::*;

/// Somebody with a certificate of their own.
struct Pen {
    key: KeyPair,
    certificate: Vec<u8>,
}

impl Pen {
    fn new() -> Pen {
        let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let made = CertificateParams::new(vec!["parket.example".to_owned()]).unwrap().self_signed(&key).unwrap();
        Pen { certificate: made.der().to_vec(), key }
    }

    fn digest(&self) -> [u8; 32] {
        seal::digest::sha256(&[&self.certificate])
    }

    /// A compact JWS over these octets.
    fn sign(&self, octets: &str) -> String {
        let header = format!("{{\"alg\":\"EdDSA\",\"x5c\":[\"{}\"]}}", STANDARD.encode(&self.certificate));
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(octets));
        let value = self.key.sign(message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(value))
    }
}

/// The prosecutor's pen, and a desk whose registry knows it.
fn house() -> (Pen, House) {
    let pen = Pen::new();
    let house = House::with(setup(&[pen.digest()]));
    (pen, house)
}

#[test]
fn trn_04_what_somebody_typed_is_under_nobodys_signature() {
    let (pen, mut house) = house();
    let signed = house.desk.setup().read(pen.sign(&epoc(1)).as_bytes(), None, house.now).unwrap().received;
    assert_eq!(house.desk.setup().signer(&signed, house.now).map(|id| id.to_string()).as_deref(), Some("parket.example"));
    // Another order typed beside a signed one.
    let typed = preservation();
    for original in [pen.sign(&epoc(2)), epoc(3)] {
        let arrival = Arrival {
            door: "http",
            sender: String::new(),
            original: original.clone().into(),
            transcription: Some(typed.clone()),
            about: None,
        };
        let read = house.desk.setup().read(original.as_bytes(), Some(&typed), house.now);
        assert_eq!(refused(house.desk.take_in(house.now, &arrival, read, &mut SystemEntropy)), "TRN-04");
    }
    // A signed picture of a letter: nobody's machine compares the two, so a person calls back.
    let read = house.desk.setup().read(pen.sign("a scanned letter").as_bytes(), Some(&typed), house.now).unwrap().received;
    assert!(read.envelope.signatures.is_empty(), "{:?}", read.envelope.signatures);
}

#[test]
fn dsk_01_other_octets_around_what_was_signed_are_no_other_order() {
    let (pen, mut house) = house();
    let text = pen.sign(&epoc(1));
    // A stranger's signature over a copy, sent first, does not take the place of the order.
    let stranger = house.order(&Pen::new().sign(&epoc(1)));
    let receipt = house.order(&text);
    assert_ne!(receipt.number, stranger.number);
    assert_eq!(house.act(receipt.number, Ask::Withdraw {}).unwrap(), "withdrawn");
    let again = house.order(&format!("{text}\n"));
    assert_eq!((again.number, again.state.as_str()), (receipt.number, "withdrawn"), "it does not come in anew");
    let (message, value) = text.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    let json = format!("{{\"payload\":\"{payload}\",\"protected\":\"{header}\", \"signature\":\"{value}\"}}");
    assert_eq!(house.order(&json).number, receipt.number, "another packing of the same signature");
    assert_ne!(house.order(&pen.sign(&epoc(2))).number, receipt.number, "another content is another order");
    assert_eq!(house.desk.heads(0, 10).unwrap().len(), 3);
}
