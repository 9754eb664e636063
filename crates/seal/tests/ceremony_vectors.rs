//! A whole ceremony and a reshare as numbers: the same file is recomputed by `interop/py/ceremony_reference.py` (py_ecc), which
//! shares no code with us (TSE-14).

use std::collections::BTreeMap;
use std::fmt::Write;

use seal::ceremony::*;
use seal::committee::{CheckedCommittee, Share};
use seal::entropy::SeededEntropy;
use seal::points::Scalar;

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        write!(text, "{octet:02x}").unwrap();
        text
    })
}

fn scalar(value: &Scalar) -> String {
    value.to_secret().expose(|octets| hex(octets))
}

/// Runs one ceremony over dealings already made and writes every number down.
fn write_down(
    text: &mut String,
    name: &str,
    terms: &Terms,
    kind: Kind,
    dealt: Vec<(u8, Dealing, BTreeMap<u8, Scalar>, Option<seal::points::G2Point>)>,
) -> (CheckedCommittee, Vec<Share>) {
    let mut line = |key: String, value: String| writeln!(text, "{name}_{key}={value}").unwrap();
    line("need".into(), terms.need().to_string());
    line("of".into(), terms.of().to_string());
    line("context".into(), hex(terms.context()));
    let dealers: Vec<String> = dealt.iter().map(|(dealer, ..)| dealer.to_string()).collect();
    line("dealers".into(), dealers.join(","));
    let (mut dealings, mut received) = (Vec::new(), BTreeMap::<u8, Vec<CheckedShare>>::new());
    for (dealer, dealing, shares, expected) in dealt {
        for (power, point) in dealing.commitments.iter().enumerate() {
            line(format!("dealer_{dealer}_commitment_{power}"), hex(&point.to_bytes()));
        }
        line(format!("dealer_{dealer}_possession"), hex(&dealing.possession.to_bytes()));
        let dealing = dealing.check(terms, dealer, expected.as_ref()).unwrap();
        for (member, share) in shares {
            line(format!("dealer_{dealer}_share_{member}"), scalar(&share));
            received.entry(member).or_default().push(dealing.receive(member, share).unwrap());
        }
        dealings.push(dealing);
    }
    let polynomial = sum_dealings(terms, &dealings, kind).unwrap();
    for (power, point) in polynomial.iter().enumerate() {
        line(format!("polynomial_{power}"), hex(&point.to_bytes()));
    }
    let (mut parts, mut unproven) = (BTreeMap::new(), Vec::new());
    for (member, got) in received {
        let share = sum_shares(terms, &polynomial, member, got, kind).unwrap();
        let part = share.possession_part(&polynomial).unwrap();
        line(format!("part_{member}"), hex(&part.to_bytes()));
        parts.insert(member, part);
        unproven.push(share);
    }
    let committee = combine_possession(terms, polynomial, &parts).unwrap();
    line("possession".into(), hex(&committee.committee().pop.to_bytes()));
    let shares: Vec<Share> = unproven.into_iter().map(|share| share.prove(&committee).unwrap()).collect();
    for share in &shares {
        line(format!("share_{}", share.index()), scalar(share.secret()));
    }
    (committee, shares)
}

fn numbers() -> String {
    let mut entropy = SeededEntropy::new([0xce; 32]);
    let mut text = String::from(
        "# A ceremony of three (2 needed), then the same key dealt again by members 1 and 3 to four (3 needed).\n\
         # Scalars 32 octets big-endian, points compressed. Written by crates/seal/tests/ceremony_vectors.rs, recomputed by\n\
         # interop/py/ceremony_reference.py. Layouts: docs/spec/ceremony.md.\n",
    );
    let terms = Terms::new(2, 3, [0x11; 32]).unwrap();
    let dealt = (1..=3).map(|dealer| {
        let (dealing, shares) = deal(&terms, dealer, &mut entropy).unwrap();
        (dealer, dealing, shares, None)
    });
    let (old, shares) = write_down(&mut text, "new", &terms, Kind::New, dealt.collect());
    let terms = Terms::new(3, 4, [0x22; 32]).unwrap();
    let dealt = [0, 2].map(|place: usize| {
        let share = &shares[place];
        let (dealing, dealt) = deal_again(&terms, share, &mut entropy).unwrap();
        (share.index(), dealing, dealt, Some(*old.member_key(share.index()).unwrap()))
    });
    write_down(&mut text, "again", &terms, Kind::Again { old_need: 2 }, dealt.into_iter().collect());
    text
}

#[test]
fn tse_14_the_ceremony_gives_the_numbers_that_the_reference_recomputes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/vectors/ceremony/two-of-three-then-three-of-four.txt");
    let known = std::fs::read_to_string(path).unwrap_or_default();
    let now = numbers();
    assert!(known == now, "{path} differs; the numbers are now:\n{now}");
}
