//! Guardian 2 of the fixture's world, with a state folder of its own: what a ceremony and `adopt` would have left behind.
#![allow(dead_code)]

use seal::entropy::SeededEntropy;
use seal::hpke;
use seal::secret::Secret;
use seal::signature::SigningKey;
use trustee::clock::Reading;
use trustee::disk::Disk;
use trustee::documents::card::Card;
use trustee::kept;
use trustee::state::State;
use verify::committee_record::{CommitteeRecord, RecordedMember};
use verify::document::Writer;
use verify::policy::{CommitteeName, MemberId};

use crate::fixture::{Good, Plan};

pub const ID: MemberId = MemberId { committee: CommitteeName::Guardians, index: 2 };
const GENERATION: u32 = 1;

/// The engine's key: the fixture's own is a number whose private key nobody has.
pub fn engine() -> hpke::PrivateKey {
    hpke::PrivateKey::generate(&mut SeededEntropy::new([0xe5; 32]))
}

/// The good case, asked for by an engine that can open the answer.
pub fn good(plan: Plan) -> Good {
    let key = engine().public_key().unwrap().0;
    let (policy, bundle) = (plan.policy, plan.bundle);
    Plan {
        policy: Box::new(move |world, parts| {
            policy(world, parts);
            parts.engine = key;
        }),
        bundle: Box::new(move |world, made| {
            made.requester = key;
            bundle(world, made);
        }),
        ..plan
    }
    .build()
}

/// The world draws its people's keys from one seed, in order; guardian 2 is the eighth.
fn receipt_key() -> SigningKey {
    let mut entropy = SeededEntropy::new([7; 32]);
    (0..8).map(|_| SigningKey::generate(&mut entropy).unwrap()).last().unwrap()
}

/// Writes the member's files. `seen` is the last time that was kept.
pub fn furnish(disk: &impl Disk, good: &Good, seen: &Reading) {
    let key = receipt_key();
    let parts = good.policy.committee_parts(ID.committee);
    let vkey = parts.members[1].receipt_key.clone();
    assert_eq!(*vkey.key(), key.verifying_key(), "the world's people changed their order");
    let box_key = engine().public_key().unwrap();
    let (name, organisation) = ("Bram".to_owned(), "Notary".to_owned());
    let mut member = Writer::new("waarborg-member/v1");
    member.line("committee", ID.committee.as_str()).line("member", ID.index).line("name", &name);
    let member = member.line("organisation", &organisation).line("receipt-key", &vkey).finish();
    let card = Card { member: ID, name, organisation, receipt_key: vkey, box_key }.sign(&key);
    let secret = |kind: &str, line: &str, secret: &Secret<32>| trustee::key_file::write(kind, line, secret).0.clone();
    let share = &good.world.shares[&ID.committee][1];
    let row = |row: &verify::policy::MemberRow| RecordedMember {
        receipt_key: row.receipt_key.clone(),
        name: row.receipt_key.name().to_string(),
        organisation: row.organisation.clone(),
    };
    let record = CommitteeRecord {
        committee: ID.committee,
        provider: good.policy.parts().provider.0,
        generation: GENERATION,
        key: parts.committee.clone(),
        members: parts.members.iter().map(row).collect(),
        transcript: [0x77; 32],
    };
    for (file, bytes) in [
        ("member", member),
        ("receipt.key", secret("waarborg-receipt-key/v1", "seed", key.seed())),
        ("card", card),
        ("committee-1", record.to_bytes()),
        ("share-1.key", secret("waarborg-share/v1", "share", &share.secret().to_secret())),
        ("newest", b"waarborg-newest/v1\ngeneration 1\n".to_vec()),
        ("policy", good.policy.to_bytes().to_vec()),
    ] {
        disk.replace(file, &bytes).unwrap();
    }
    for (file, bytes) in kept::empty_files(&good.kept, seen) {
        disk.replace(file, &bytes).unwrap();
    }
}

/// A reading of the clocks at a time, on a machine that tells nothing about itself.
pub fn at(wall: u64) -> Reading {
    Reading { wall, machine: None }
}

/// The member's state on a disk that was furnished.
pub fn sit<D: Disk>(disk: D) -> State<D> {
    State::open(disk).unwrap()
}
