//! Known answers of log.md section 4, and what a record refuses.

use super::*;
use crate::spelling::{from_hex_exact, hex};

fn h(text: &str) -> Digest {
    from_hex_exact(text).unwrap()
}

const SCOPE_ROOT: &str = "217b5f22dcf6fbd905786f5804c737ded010ff7b302f2953173a021ae680cb5a";

fn hashes(fields: &[(u8, Vec<u8>)]) -> Vec<(u8, Digest)> {
    fields.iter().map(|(id, value)| (*id, leaf::field_hash(*id, &[*id; 32], value))).collect()
}

#[test]
fn log_34_known_answer_of_the_order_record() {
    let fields = hashes(&[(1, vec![1]), (5, vec![0xaa; 16]), (16, h(SCOPE_ROOT).to_vec())]);
    assert_eq!(hex(&fields[0].1), "bd2f1be714f96feaa3fbcb83772cfac8afe99ffa1f29294084c293772d903747");
    assert_eq!(hex(&fields[1].1), "bbcb3a2f28f4ce66488528604e7831957182244bb0faf26d831e39ca78e3d9c0");
    assert_eq!(hex(&fields[2].1), "587fcb735acd69ba9820966fb91a8bfb218f0cab874281d52365dadb11fc83cb");
    let root = ascending_root(&fields);
    assert_eq!(hex(&root), "d5ee4f02621559c226e13db05bcb463c7bd3bc4106b04d348cd2a467bc9de9c9");
    let c = leaf::commitment(&[0x42; 32], &root, &[0x99; 64]);
    assert_eq!(hex(&c), "e058e0be211efc5a9418fd8810185e130af31229c80c521a3088d92cc1e153b3");
    let d = leaf::commitment_d(&c);
    assert_eq!(hex(&d), "103c199774ae8c0f5e4cd7e0fffe597b28cf655903a9987e22d4abb63511e24f");
    assert_eq!(hex(&leaf::leaf_hash(&d)), "19c6a91d10442593e56f7efe3285881fd9f571b10f74220a2c015bd1c7dcf85a");
}

#[test]
fn log_34_known_answer_of_the_intent_record() {
    let leaf_of = |eta: u8, octets: &[u8]| {
        let octets = [seal::labels::IDENTITY_LEAF, &[eta; 32], &seal::digest::sha256(&[octets])].concat();
        seal::merkle::leaf_hash(&octets)
    };
    let mut leaves = [leaf_of(0xa1, b"identity-one"), leaf_of(0xa2, b"identity-two")];
    leaves.sort();
    let ids_root = seal::merkle::root(&leaves);
    assert_eq!(hex(&ids_root), "18737f685536aca0cca353b11d7cb19563367c9b52412b63b9db866e3ce3860d");
    let fields = hashes(&[(1, vec![12]), (5, vec![0xaa; 16]), (25, ids_root.to_vec())]);
    assert_eq!(hex(&fields[0].1), "6551f857047229ea54cb9a24ec9dd0b5e8ad3e48e5a44e37f6566ed546934b34");
    assert_eq!(hex(&fields[2].1), "db01fcafa6602d4eab47c8e0ea5c44e902f36f49e25d4f06f3dc8379d508949f");
    let root = ascending_root(&fields);
    assert_eq!(hex(&root), "409ece4d3695f17d71896ab2e8b57a0e3d58e052d99b7c6d07dcd4b3950d0d4c");
    let c = leaf::commitment(&[0x42; 32], &root, &[0x99; 64]);
    assert_eq!(hex(&c), "95382d22c9edbb734d513867fc7b956f7e4e95dee57b1b79fba8c9739464de39");
    assert_eq!(hex(&leaf::commitment_d(&c)), "0da379bd9f0d81b35630a15eab350784e1cac47ded2beee3e6d1a89596bbb22f");
    let leaf = leaf::leaf_hash(&leaf::commitment_d(&c));
    assert_eq!(hex(&leaf), "166ecc65d283bea2fb25faddc36604a9e452664abcf0ab7ef08fd6335a5106e3");
}

fn field(value: Value) -> Field {
    Field { salt: [value.id(); 32], value }
}

fn refusal() -> Vec<Field> {
    let id = DirectoryId::parse("nl.om").unwrap();
    let parent = Value::Parent(Parent::new("a.example/orders/2026", 7));
    let values = [Value::Kind(Kind::Refusal), Value::Provider(ProviderId([0xaa; 16])), parent, Value::Authority(id), Value::Reason(7)];
    values.map(field).into()
}

fn code(fields: Vec<Field>) -> Result<(), RecordError> {
    Record::from_fields(fields).map(|_| ())
}

#[test]
fn log_39_a_record_has_exactly_the_fields_of_its_kind() {
    assert_eq!(code(refusal()), Ok(()));
    let without = |at: usize| {
        let mut fields = refusal();
        fields.remove(at);
        code(fields)
    };
    assert_eq!(without(0), Err(RecordError::MissingField { id: 1 }));
    assert_eq!(without(4), Err(RecordError::MissingField { id: 21 }));
    let mut more = refusal();
    more.push(field(Value::OriginalHash([0; 32])));
    assert_eq!(code(more), Err(RecordError::FieldNotOfKind { id: 22 }));
    let mut turned = refusal();
    turned.swap(1, 2);
    assert_eq!(code(turned), Err(RecordError::FieldOrder { id: 5 }));
    let mut twice = refusal();
    twice.insert(1, field(Value::Kind(Kind::Refusal)));
    assert_eq!(code(twice), Err(RecordError::FieldOrder { id: 1 }));
    let many = vec![field(Value::StatHash); 33];
    assert_eq!(code(many), Err(RecordError::TooManyFields));
}

#[test]
fn log_39_each_value_has_one_spelling_and_a_length() {
    let long = field(Value::Attesters((0..=127u8).map(|n| [n; 32]).collect()));
    assert_eq!(code(vec![field(Value::Kind(Kind::Refusal)), long]), Err(RecordError::ValueTooLong { id: 24 }));
    let turned = field(Value::Attesters(vec![[2; 32], [1; 32]]));
    assert_eq!(code(vec![field(Value::Kind(Kind::Refusal)), turned]), Err(RecordError::BadField { id: 24 }));
    for (id, bytes) in [
        (0, vec![]),
        (26, vec![1]),
        (1, vec![7]),
        (1, vec![15]),
        (2, b"EPOC".to_vec()),
        (5, vec![0; 15]),
        (6, vec![0, 1, 0, 1]),
        (6, vec![0xff, 0xff]),
        (7, [5u64.to_be_bytes(), 5u64.to_be_bytes()].concat()),
        (12, 86_401u64.to_be_bytes().to_vec()),
        (17, vec![1; 32]),
        (23, vec![3]),
        (24, vec![0]),
        (8, vec![0, 3, 1, b'+', b'3']),
        (13, vec![0; 31]),
        (4, b"a\nb".to_vec()),
    ] {
        assert_eq!(Value::parse(id, &bytes), None, "field {id}");
    }
}

#[test]
fn log_39_selectors_are_typed_ascending_and_come_back() {
    let list: Vec<Selector> =
        ["phone:+31612345678", "phone:+31687654321", "email:a@b.example"].map(|t| Selector::from_text(t).unwrap()).into();
    let value = Value::Selectors(list.clone());
    assert_eq!(Value::parse(8, &value.to_bytes()), Some(value));
    let mut turned = list;
    turned.swap(0, 1);
    assert_eq!(Value::parse(8, &Value::Selectors(turned).to_bytes()), None);
}

fn signed() -> SignedRecord {
    let record = Record::from_fields(refusal()).unwrap();
    DraftRecord { record, r: [0x42; 32] }.signed(vec![0x99; 64])
}

#[test]
fn log_34_a_record_file_comes_back_and_a_draft_is_no_signed_record() {
    let signed = signed();
    assert_eq!(SignedRecord::parse(&signed.to_bytes()), Ok(signed.clone()));
    let draft = DraftRecord { record: signed.record().clone(), r: [0x42; 32] };
    assert_eq!(DraftRecord::parse(&draft.to_bytes()), Ok(draft.clone()));
    assert_eq!(SignedRecord::parse(&draft.to_bytes()).map_err(|e| e.code()), Err("DOC-03"));
    assert_eq!(DraftRecord::parse(&signed.to_bytes()).map_err(|e| e.code()), Err("LOG-39"));
}

#[test]
fn log_48_an_opening_gives_the_same_leaf_whatever_is_withheld() {
    let signed = signed();
    for withheld in [&[][..], &[21], &[1, 5, 15, 18, 21]] {
        let opening = signed.opening(withheld);
        assert_eq!((opening.d(), opening.leaf_hash()), (signed.d(), signed.leaf_hash()));
        assert_eq!(Opening::parse(&opening.to_bytes()), Ok(opening.clone()));
        assert_eq!(opening.shown(21).is_some(), !withheld.contains(&21));
        assert_eq!(opening.to_bytes().windows(4).any(|w| w == b"AAc="), !withheld.contains(&21), "a withheld value is not in the file");
    }
    let text = String::from_utf8(signed.opening(&[]).to_bytes()).unwrap();
    let turned = text.replacen("field 5 ", "field 26 ", 1);
    assert!(Opening::parse(turned.as_bytes()).is_err());
}

#[test]
fn log_35_salts_are_drawn_one_by_one() {
    let mut entropy = seal::entropy::SeededEntropy::new([1; 32]);
    let values: Vec<Value> = refusal().into_iter().map(|f| f.value).collect();
    let record = Record::draw(values, &mut entropy).unwrap();
    let salts: std::collections::BTreeSet<[u8; 32]> = record.fields().values().map(|f| f.salt).collect();
    let draft = DraftRecord::draw(record, &mut entropy);
    assert_eq!((salts.len(), salts.contains(&draft.r)), (5, false));
}

#[test]
fn log_101_an_attestation_is_exactly_the_named_attesters() {
    use seal::signature::SigningKey;
    let mut entropy = seal::entropy::SeededEntropy::new([2; 32]);
    let mut keys: Vec<SigningKey> = (0..3).map(|_| SigningKey::generate(&mut entropy).unwrap()).collect();
    keys.sort_by_key(|k| key_digest(&k.verifying_key()));
    let public: Vec<_> = keys.iter().map(|k| k.verifying_key()).collect();
    let all: Vec<_> = public.iter().collect();
    let mut fields = refusal();
    fields[0] = field(Value::Kind(Kind::Refusal));
    // The check looks at field 24 alone, so a record of any kind does once its fields are put together by hand.
    fields.push(field(Value::Attesters(public[..2].iter().map(key_digest).collect())));
    let record = Record { kind: Kind::Refusal, fields: fields.into_iter().map(|f| (f.value.id(), f)).collect() };
    let message = record.message();
    let by = |indexes: &[usize]| {
        let list: Vec<[u8; 64]> = indexes.iter().map(|i| keys[*i].sign(&message)).collect();
        DraftRecord { record: record.clone(), r: [0; 32] }.signed(attestation_bytes(&list))
    };
    assert_eq!(by(&[0, 1]).verify_attested(&all, 2), Ok(()));
    for (signers, need) in [(&[0, 1][..], 1), (&[0, 1], 3), (&[1, 0], 2), (&[0, 0], 2), (&[0, 2], 2), (&[0], 2), (&[0, 1, 2], 2)] {
        assert_eq!(by(signers).verify_attested(&all, need), Err(RecordError::BadAttestation), "{signers:?}");
    }
    assert_eq!(by(&[0, 1]).verify_attested(&all[1..], 2), Err(RecordError::BadAttestation), "not in the policy");
    assert_eq!(by(&[0, 1]).verify_native(&public[0]), Err(RecordError::BadSignature));
}
