//! The closed word lists. The position of a word is its octet in a record: append only, never reorder.

use std::collections::BTreeMap;

use super::error::RecordError;
use super::field::{FieldDef, Given, Givens, Shown, words};
use super::wire::Reader;

words! {
    /// Whose clock wrote `t_event`, the time that the slot and therefore the order follow.
    Clock {
        /// The provider's own server.
        Server = "server",
        /// The sending client or a foreign server: forgeable.
        Sender = "sender",
        /// The ingest node itself, for a state that it observed.
        Ingest = "ingest",
    }
}
words! {
    /// Whose copy of the interaction this is (SEA-38).
    Direction { Sent = "sent", Received = "received" }
}
words! {
    /// What happened. Closed, because the type text of an open protocol is chosen by the client and could carry content.
    Interaction {
        Message = "message",
        Call = "call",
        CallAttempt = "call-attempt",
        Membership = "membership",
        Settings = "settings",
        Other = "other",
    }
}
words! {
    /// What became of a membership.
    Membership { Join = "join", Leave = "leave", Invite = "invite", Ban = "ban", Knock = "knock" }
}
words! {
    /// The form in which the content travelled. Nothing of the content itself.
    Wrapping { Encrypted = "encrypted", Plain = "plain", Unknown = "unknown" }
}
words! {
    /// What was done from an address.
    SessionAction {
        Registration = "registration",
        Login = "login",
        Logout = "logout",
        Connect = "connect",
        Disconnect = "disconnect",
        Refused = "refused",
    }
}
words! {
    /// How the provider came to know the address, and so how far it can be trusted.
    AddressTrust { Peer = "peer", ForwardedHeader = "forwarded-header", Translated = "translated", Claimed = "claimed" }
}
words! {
    /// What happened to a device. `keys-stored`: the server stored the encryption keys of the device; that they exist, never the keys.
    DeviceAction {
        Registered = "registered",
        Renamed = "renamed",
        Removed = "removed",
        Observed = "observed",
        KeysStored = "keys-stored",
    }
}
words! {
    /// Why a subscriber record was made.
    SubscriberAction {
        Registered = "registered",
        Changed = "changed",
        /// The monthly copy of the current state.
        Observed = "observed",
        Closed = "closed",
    }
}
words! {
    /// Whose account it is.
    AccountKind { Person = "person", Guest = "guest", Service = "service", Staff = "staff", Unknown = "unknown" }
}
words! {
    /// How a place was determined.
    LocationMethod { Cell = "cell", Satellite = "satellite", Wifi = "wifi", Address = "address", Unknown = "unknown" }
}
words! {
    /// What happened to an assignment of an identifier.
    HoldAction { Assigned = "assigned", Released = "released", Observed = "observed" }
}
