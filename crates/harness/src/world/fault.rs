//! What can go wrong, as data: a list from a seed, written to a file when it broke something, shortened, and replayed.

use super::disk::Death;
use crate::chance::Chance;
use serde::{Deserialize, Serialize};
use verify::policy::{CommitteeName, MemberId};

/// Between whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// A log and its witnesses.
    Cosign,
    SubmitOrders,
    SubmitPublic,
    ReadOrders,
    ReadPublic,
    Trustees,
    /// Courts, authorities and officers.
    Desk,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    Cut,
    Drop { one_in: u64 },
    Double { one_in: u64 },
    Delay { most_s: u64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    Orders,
    Public,
}

/// A member by its number (committee in the high octet).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat(pub u16);

impl Seat {
    pub fn id(self) -> MemberId {
        MemberId::from_number(self.0).expect("a member's number")
    }

    pub fn of(id: MemberId) -> Seat {
        Seat(id.number())
    }
}

/// How the corrupt gateway tries to get keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attack {
    /// Every bundle that was ever made, once more, to every member.
    Replay,
    /// The next bundle goes to every member in a forged form first.
    Forge { forgery: Forgery },
}

/// What is wrong with a forged bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forgery {
    /// An order that an officer signed where the court should have.
    OtherOrder,
    /// The intent of another bundle.
    OtherIntent,
    /// The keys are to be sealed to somebody else.
    OtherRequester,
    /// A head of ORDERS on another history, with the corrupt witnesses' lines.
    OtherHead,
    OtherPlace,
    NoStatements,
    NoAnchors,
    /// One bit of the whole.
    Bit {
        at: u32,
    },
}

/// How a log lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogLie {
    /// Two histories: what waits for a place is left out of one of them (a split view with a dropped leaf).
    Fork,
    /// An older state is shown.
    Rollback,
    /// Entries are not those that were signed.
    OtherEntries,
    /// What is handed in is kept back.
    Late,
}

/// Whom it lies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// And, through its bundles, the members.
    Gateway,
    Monitor,
}

/// What a corrupt witness answers a log. Its key is the adversary's in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WitnessLie {
    /// Cosigns whatever it is asked to, at any size.
    Cosigns,
    /// That it holds so many entries more: unsigned in a 409, and under its own line where it is asked for the head.
    ClaimsMore { by: u64 },
    /// That no head extends what it saw (422).
    ClaimsInconsistency,
    /// A 200 with octets that are nothing.
    Garbage,
}

/// How a corrupt member answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lie {
    /// Keys of other identities, under a valid receipt.
    WrongKeys,
    /// Octets that are nothing.
    Noise,
    /// Refuses everything, signed.
    Refuses,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    Net {
        link: Option<Link>,
        for_s: u64,
        trouble: Trouble,
    },
    /// Dies at that write from now, and is started again after a rest.
    CrashLog {
        which: Which,
        write: u64,
        death: Fails,
        rest_s: u64,
    },
    /// A write fails and the process lives.
    FailLog {
        which: Which,
        write: u64,
        death: Fails,
    },
    /// The next object read back has a bit turned over.
    GarbleLog {
        which: Which,
    },
    /// An image of the disk is taken now; after a while the machine dies and is started from the image.
    RestoreLog {
        which: Which,
        after_s: u64,
    },
    /// That write is acknowledged and gone when the machine dies, which it does after a while.
    ForgetLog {
        which: Which,
        write: u64,
        after_s: u64,
    },
    /// The operator lies, with the log's key and the corrupt witnesses.
    LieLog {
        which: Which,
        lie: LogLie,
        to: Audience,
        for_s: u64,
    },
    CrashWitness {
        witness: u8,
        rest_s: u64,
    },
    CorruptWitness {
        witness: u8,
        lie: WitnessLie,
    },
    CrashSealer {
        write: u64,
        death: Fails,
        rest_s: u64,
    },
    FailSealer {
        write: u64,
        death: Fails,
    },
    /// The sealer's process dies after that effect, between two writes.
    KillSealer {
        effect: u64,
        rest_s: u64,
    },
    KillGateway {
        effect: u64,
        rest_s: u64,
    },
    CrashTrustee {
        member: Seat,
        write: u64,
        death: Fails,
        rest_s: u64,
    },
    TrusteeAway {
        member: Seat,
        for_s: u64,
    },
    CorruptTrustee {
        member: Seat,
        lie: Lie,
    },
    /// As `ForgetLog`; what this member promised is no better than its disk, so it counts among the corrupt.
    ForgetTrustee {
        member: Seat,
        write: u64,
        rest_s: u64,
    },
    CorruptGateway {
        attack: Attack,
    },
}

macro_rules! kinds { ($($variant:ident = $text:literal,)*) => {
    impl What {
        pub const KINDS: &[&str] = &[$($text),*];

        /// Its name in a file.
        pub fn kind(&self) -> &'static str {
            match self { $(What::$variant { .. } => $text),* }
        }
    }
} }

kinds! {
    Net = "net",
    CrashLog = "crash-log",
    FailLog = "fail-log",
    GarbleLog = "garble-log",
    RestoreLog = "restore-log",
    ForgetLog = "forget-log",
    LieLog = "lie-log",
    CrashWitness = "crash-witness",
    CorruptWitness = "corrupt-witness",
    CrashSealer = "crash-sealer",
    FailSealer = "fail-sealer",
    KillSealer = "kill-sealer",
    KillGateway = "kill-gateway",
    CrashTrustee = "crash-trustee",
    TrusteeAway = "trustee-away",
    CorruptTrustee = "corrupt-trustee",
    ForgetTrustee = "forget-trustee",
    CorruptGateway = "corrupt-gateway",
}

/// As `Death`, in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fails {
    NotWritten,
    WrittenAnyway,
    Torn,
}

impl Fails {
    pub fn death(self) -> Death {
        match self {
            Fails::NotWritten => Death::NotWritten,
            Fails::WrittenAnyway => Death::WrittenAnyway,
            Fails::Torn => Death::Torn,
        }
    }
}

/// One fault, so many seconds after the world began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub at_s: u64,
    pub what: What,
}

/// Most of each kind that the design stands: a quorum of 3 of 4 witnesses, 2 of 3 approvers, 3 of 5 guardians.
pub const CORRUPT_WITNESSES: usize = 1;

/// The faults of a seed. At most thresholds are corrupt: one witness; one approver and two guardians that lie, or any that leak.
pub fn draw(chance: &mut Chance, span_s: u64) -> Vec<Fault> {
    // A sixth of all worlds is undisturbed, so that the plain way stays among the tested ones.
    if chance.one_in(1, 6) {
        return Vec::new();
    }
    let count = chance.between(1, 9);
    let mut corrupt = Corrupt::default();
    let mut faults: Vec<Fault> = Vec::new();
    while (faults.len() as u64) < count {
        let at_s = chance.between(600, span_s);
        faults.extend(one(chance, &mut corrupt).map(|what| Fault { at_s, what }));
    }
    faults.sort_by_key(|fault| fault.at_s);
    faults
}

#[derive(Default)]
struct Corrupt {
    witnesses: usize,
    approvers: usize,
    guardians: usize,
    restored: bool,
}

fn one(chance: &mut Chance, corrupt: &mut Corrupt) -> Option<What> {
    let write = chance.below(30);
    let rest_s = 1 + chance.below(900);
    let death = *chance.pick(&[Fails::NotWritten, Fails::WrittenAnyway, Fails::Torn]);
    let which = *chance.pick(&[Which::Orders, Which::Public]);
    Some(match chance.below(20) {
        0..=2 => network(chance),
        3 => What::CrashLog { which, write, death, rest_s },
        4 => What::FailLog { which, write, death },
        5 => What::GarbleLog { which },
        6 if !corrupt.restored => {
            corrupt.restored = true;
            What::RestoreLog { which, after_s: chance.between(300, 3_000) }
        }
        7 => What::CrashWitness { witness: chance.below(4) as u8, rest_s: rest_s * 2 },
        8 if corrupt.witnesses < CORRUPT_WITNESSES => {
            corrupt.witnesses += 1;
            What::CorruptWitness { witness: chance.below(4) as u8, lie: witness_lie(chance) }
        }
        16 => What::ForgetLog { which, write, after_s: chance.between(300, 3_000) },
        17 | 18 => lie(chance, which),
        9 => What::CrashSealer { write, death, rest_s },
        10 => match chance.one_in(1, 2) {
            true => What::FailSealer { write, death },
            false => What::KillSealer { effect: chance.below(20), rest_s },
        },
        11 => What::KillGateway { effect: chance.below(25), rest_s },
        12 => What::CrashTrustee { member: member(chance), write: chance.below(8), death, rest_s },
        13 => What::TrusteeAway { member: member(chance), for_s: chance.between(300, 7_200) },
        14 => return corrupt_member(chance, corrupt),
        15 => What::CorruptGateway { attack: Attack::Replay },
        _ => What::CorruptGateway { attack: Attack::Forge { forgery: forgery(chance) } },
    })
}

fn lie(chance: &mut Chance, which: Which) -> What {
    let lie = *chance.pick(&[LogLie::Fork, LogLie::Fork, LogLie::Rollback, LogLie::OtherEntries, LogLie::Late]);
    let to = *chance.pick(&[Audience::Gateway, Audience::Monitor]);
    What::LieLog { which, lie, to, for_s: chance.between(700, 3_600) }
}

fn witness_lie(chance: &mut Chance) -> WitnessLie {
    let by = 1 + chance.below(5_000);
    *chance.pick(&[WitnessLie::Cosigns, WitnessLie::ClaimsMore { by }, WitnessLie::ClaimsInconsistency, WitnessLie::Garbage])
}

fn forgery(chance: &mut Chance) -> Forgery {
    let at = chance.next() as u32;
    *chance.pick(&[
        Forgery::OtherOrder,
        Forgery::OtherIntent,
        Forgery::OtherRequester,
        Forgery::OtherHead,
        Forgery::OtherPlace,
        Forgery::NoStatements,
        Forgery::NoAnchors,
        Forgery::Bit { at },
    ])
}

fn network(chance: &mut Chance) -> What {
    let links = [Link::Cosign, Link::SubmitOrders, Link::SubmitPublic, Link::ReadOrders, Link::ReadPublic, Link::Trustees, Link::Desk];
    let link = if chance.one_in(1, 5) { None } else { Some(*chance.pick(&links)) };
    let trouble = match chance.below(4) {
        0 => Trouble::Cut,
        1 => Trouble::Drop { one_in: chance.between(2, 6) },
        2 => Trouble::Double { one_in: chance.between(1, 4) },
        _ => Trouble::Delay { most_s: chance.between(5, 600) },
    };
    What::Net { link, for_s: chance.between(60, 3_600), trouble }
}

fn member(chance: &mut Chance) -> Seat {
    let (committee, of) = *chance.pick(&[(CommitteeName::Approvers, 3), (CommitteeName::Guardians, 5)]);
    Seat::of(MemberId { committee, index: 1 + chance.below(of) as u8 })
}

fn corrupt_member(chance: &mut Chance, corrupt: &mut Corrupt) -> Option<What> {
    let seat = member(chance);
    let (count, most) = match seat.id().committee {
        CommitteeName::Approvers => (&mut corrupt.approvers, 1),
        CommitteeName::Guardians => (&mut corrupt.guardians, 2),
    };
    if most <= *count {
        return None;
    }
    *count += 1;
    if chance.one_in(1, 4) {
        return Some(What::ForgetTrustee { member: seat, write: chance.below(12), rest_s: 1 + chance.below(900) });
    }
    Some(What::CorruptTrustee { member: seat, lie: *chance.pick(&[Lie::WrongKeys, Lie::Noise, Lie::Refuses]) })
}
