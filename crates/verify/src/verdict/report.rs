//! The report as a value.

use super::failure::Failure;

/// The ten promises of the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    OnlyOrdered,
    Trace,
    AllOrdered,
    NotMadeUp,
    NeverContent,
    NoOneAlone,
    Gone,
    Seconds,
    AnyoneChecks,
    PersonHears,
}

impl Promise {
    pub const ALL: [Promise; 10] = [
        Promise::OnlyOrdered,
        Promise::Trace,
        Promise::AllOrdered,
        Promise::NotMadeUp,
        Promise::NeverContent,
        Promise::NoOneAlone,
        Promise::Gone,
        Promise::Seconds,
        Promise::AnyoneChecks,
        Promise::PersonHears,
    ];

    /// `P1` to `P10`.
    pub fn code(self) -> &'static str {
        ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10"][self as usize]
    }
}

/// One of three, never anything else. Ordered from weakest to strongest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing else supports it.
    ProvidersWord,
    /// Signed by the persons or bodies named.
    AttestedBy(Vec<String>),
    /// Follows from public keys and the package alone.
    Proven,
}

/// Why a part of a promise has its verdict. Each has a rule number and a sentence in every language (`words`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Rows are exactly the records of the ordered identities; a competent signer ordered them.
    RowsAreOrdered { signer: String },
    /// The same, ordered by an outside document that attesters compared.
    OrderAttested,
    /// Covered only in part: what else the hour held, and what was cut, nobody but the provider can say.
    TrimmedByProvider,
    /// SEA-79.
    ReadableAtSource { days: u32 },
    /// Order and intent stand in ORDERS under a cosigned head.
    Logged { witnesses: Vec<String> },
    /// Presence, the number of epochs, keys and records follow from the package.
    OpenedAgain,
    /// Nobody fetched a segment, so that nothing else shows that it is sorted.
    SegmentNotFetched { segments: usize },
    /// Auditors fetched every segment.
    SegmentsFetched,
    /// The reader's own copies of the segments are sorted.
    SegmentsAtHand,
    /// That no other late epoch covers the hour.
    LateEpochsUnseen,
    /// PUBLIC was replayed up to the intent.
    PublicReplayed { entries: u64 },
    /// PUBLIC shows a late epoch whose place before or after the intent is open.
    LateEpochUndecided,
    /// PUBLIC shows a header of this hour without a segment.
    EpochWithoutSegment,
    /// The salt map shows that the provider had no such selector that day; that the map is whole is its word.
    NoSuchSelector,
    /// Each salt is proven by its day's map.
    SaltsShown,
    /// The same, by a map that is not shown to have been in PUBLIC before the order, or before the intent for later hours.
    SaltsShownLate,
    /// The salt proofs are not in the package; members checked them.
    SaltsByMembers,
    /// Neither.
    SaltsNotShown,
    /// Committed to PUBLIC before the order existed.
    CommittedBeforeOrder,
    /// An hour that ended later: before the keys were asked for.
    CommittedBeforeIntent,
    /// What is shown of PUBLIC is from after the order.
    ShownOnlyBeforeIntent,
    /// What is shown of PUBLIC is from after the intent.
    NotShownBefore,
    /// Records are of registered types, none with a field for content.
    RegisteredTypes,
    /// Members of both committees signed receipts.
    ReceiptsOfBoth,
    /// No receipts of a threshold of both committees in the package.
    NoReceipts,
    /// The intent asks for no key of this hour.
    NoKeyAsked,
    /// REL-30.
    NotIndependent { holder: String },
    /// Every opened record needed w_b, committed in the header before the first record.
    RetentionLock,
    /// No evidence file, so the lock is not shown.
    LockNotShown,
    /// Past its retention: members saw the hold that kept it, which the package does not carry.
    HeldByMembers,
    /// The same, without receipts of both thresholds.
    HoldNotShown,
    /// From the head that the intent is shown under, which the gateway chose, to the last receipt needed.
    Took { seconds: u64, limit: u64 },
    /// The same, longer than promised.
    TookTooLong { seconds: u64, limit: u64 },
    /// Everything about this hour was checked from the package.
    Checked,
    /// The hour is not covered by evidence.
    NotCheckable,
    /// Notice is due, committed in a logged record.
    NoticeDue { at: u64 },
}

/// One part of a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub verdict: Verdict,
    pub reason: Reason,
}

impl Part {
    pub fn proven(reason: Reason) -> Part {
        Part { verdict: Verdict::Proven, reason }
    }

    pub fn attested(names: Vec<String>, reason: Reason) -> Part {
        Part { verdict: Verdict::AttestedBy(names), reason }
    }

    pub fn word(reason: Reason) -> Part {
        Part { verdict: Verdict::ProvidersWord, reason }
    }
}

/// A promise for one hour: its parts. Has at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    first: Part,
    more: Vec<Part>,
}

impl Cell {
    pub fn new(first: Part, more: Vec<Part>) -> Cell {
        Cell { first, more }
    }

    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        [&self.first].into_iter().chain(&self.more)
    }

    fn rank(verdict: &Verdict) -> u8 {
        match verdict {
            Verdict::ProvidersWord => 0,
            Verdict::AttestedBy(_) => 1,
            Verdict::Proven => 2,
        }
    }

    /// The weakest part decides; of equals the first, whose reason is printed.
    pub fn weakest(&self) -> &Part {
        self.more.iter().fold(&self.first, |weakest, part| match Cell::rank(&part.verdict) < Cell::rank(&weakest.verdict) {
            true => part,
            false => weakest,
        })
    }

    /// The weakest verdict; if several parts are attested, by all of their names.
    pub fn verdict(&self) -> Verdict {
        let weakest = &self.weakest().verdict;
        if !matches!(weakest, Verdict::AttestedBy(_)) {
            return weakest.clone();
        }
        let mut names: Vec<String> = Vec::new();
        for part in self.parts() {
            if let Verdict::AttestedBy(more) = &part.verdict {
                names.extend(more.iter().filter(|name| !names.contains(name)).cloned().collect::<Vec<_>>());
            }
        }
        Verdict::AttestedBy(names)
    }
}

/// What something is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Package,
    Slot { category: String, start: u64, end: u64 },
}

/// One hour of one category: a cell for each promise, P1 to P10.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotReport {
    pub category: String,
    /// Unix seconds, half-open.
    pub start: u64,
    pub end: u64,
    pub is_covered_wholly: bool,
    pub cells: [Cell; 10],
}

/// Whom the reader trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A pinned policy.
    Policy { name: String, hash: [u8; 32], provider: String },
    /// None: nothing but consistency can be said.
    Nobody,
}

/// The outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub trust: Trust,
    pub demo: bool,
    pub production: String,
    /// Subject of the signing certificate; pinned only under a policy.
    pub signer: String,
    /// The time of a time stamp, and whether its authority is pinned.
    pub stamp: Option<(u64, bool)>,
    /// `P6: not independent`: the organisation that alone holds both thresholds (REL-30).
    pub sole_holder: Option<String>,
    /// The attesters of an attested order, and the digest of its original.
    pub attested: Option<(Vec<String>, [u8; 32])>,
    /// The cosigned tick of the intent, at which all times are judged.
    pub judged_at: Option<u64>,
    /// Rows in the package.
    pub rows: u64,
    /// In the order of category and time. Empty without a policy, and after a failure.
    pub slots: Vec<SlotReport>,
    /// What contradicts itself or the policy. If there is any, nothing is claimed.
    pub failures: Vec<Failure>,
}

impl Report {
    /// LOG-94: 0 ok, 3 verification failed.
    pub fn exit_code(&self) -> u8 {
        if self.failures.is_empty() { 0 } else { 3 }
    }
}
