//! What must be true of every world after every step (promises P1 to P10), each by its name.
//!
//! `sabotage` has at least one piece of wrong code for each that breaks it, and a test runs them all.

use std::fmt;

macro_rules! invariants { ($($(#[doc = $what:literal])+ $name:ident = $text:literal;)*) => {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Invariant { $($(#[doc = $what])+ $name,)* }

    impl Invariant {
        pub const ALL: &[Invariant] = &[$(Invariant::$name),*];

        pub fn as_str(self) -> &'static str {
            match self { $(Invariant::$name => $text),* }
        }
    }
} }

invariants! {
    /// P1, P2: keys are given for what a logged order of somebody competent names, while it is valid, after the hour is over.
    NoKeyWithoutALoggedOrder = "no-key-without-a-logged-order";
    /// A member gives keys once for an intent (REL-15).
    OneReleaseAnIntent = "one-release-an-intent";
    /// P2: every head under which keys were given is of the history that everybody sees.
    KeysUnderTheOneHistory = "keys-under-the-one-history";
    /// A member's own log grows before its answer leaves (REL-25).
    OwnLogFirst = "own-log-first";
    /// What an honest member answers is what the engine can open, and a bundle was the question.
    AnswersOpen = "answers-open";
    /// P1, P3, P4: the package holds the ordered rows that were public before the intent, counted twice, and nothing else.
    RowsEqualTheOracle = "rows-equal-the-oracle";
    /// P5, P9: a stranger's verifier finds no fault and gives every promise of every hour its verdict.
    PackagesVerify = "packages-verify";
    /// P3: every row that was written down is sealed once for each of its subjects, and nothing is sealed for nobody.
    NoRecordLostOrDoubled = "no-record-lost-or-doubled";
    /// SEA-74, T20: what the overseer's own account sent comes back under the overseer's order, all of it and nothing else.
    CanariesComeBack = "canaries-come-back";
    /// P2: what left the house has its leaves in ORDERS and its case.
    EveryOpeningIsInTheLog = "every-opening-is-in-the-log";
    /// Published heads have their quorum, grow, and have their entries below them.
    PublishedHeads = "published-heads";
    /// The log signs one history, whatever crashed and came back.
    OneHistoryOfTheLog = "one-history-of-the-log";
    /// An honest witness cosigns one history, forward.
    OneHistoryOfAWitness = "one-history-of-a-witness";
    /// R10: started from an older image, a log signs nothing while a witness remembers more.
    RestoredLogsRefuse = "restored-logs-refuse";
    /// R10: a log stops for people only after its own disk was put back, and while a witness remembers more: nothing is left unserved on
    /// the word of a log that merely gave up.
    LogsStopForAReason = "logs-stop-for-a-reason";
    /// A log that shows two histories, goes back or shows other entries is found by the monitor, with evidence where two heads convict.
    LyingLogsAreFound = "lying-logs-are-found";
    /// An honest log is not accused.
    NoFalseAlarm = "no-false-alarm";
    /// P6: fewer than a threshold of one committee, all of the other and every answer that went by give no key.
    FewerThanThresholdLearnNothing = "fewer-than-threshold-learn-nothing";
    /// R7: a batch of an order is produced once and in one form.
    OneProductionABatch = "one-production-a-batch";
    /// P7: when a day's time is over, nothing opens it, with all shares, all salts and everything stored.
    GoneInTime = "gone-in-time";
    /// P8: undisturbed, at most three ticks from intent to keys; two in an emergency.
    ServedInThreeTicks = "served-in-three-ticks";
    /// P10: an authority that owes a person a notice gets no keys.
    OwingAuthoritiesGetNothing = "owing-authorities-get-nothing";
    /// No role gives up over what passes.
    RolesGoOn = "roles-go-on";
    /// Once faults are over and thresholds honest, every order has its end.
    HonestOrdersAreServed = "honest-orders-are-served";
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
