//! One record of each type, and strategies that make any.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::option;
use proptest::prelude::*;
use seal::catalogue::*;

/// 2026-11-21T21:25:25.994Z, in milliseconds.
pub const EVENT_MS: u64 = 1_795_296_325_994;
pub const RX_MS: u64 = EVENT_MS + 1_250;

pub fn common() -> Common {
    Common { t_event: Stamp::Milliseconds(EVENT_MS), clock: Clock::Server, source: "synapse".into(), source_row: Some(12) }
}

pub fn alice() -> Party {
    Party::new(PartyKind::Account, "@alice:waarborg.test")
}

pub fn bob() -> Party {
    Party::new(PartyKind::Account, "@bob:waarborg.test")
}

/// As Synapse's connector makes it for a message between two people.
pub fn traffic() -> Traffic {
    Traffic {
        interaction: Interaction::Message,
        direction: Direction::Sent,
        sender: alice(),
        recipients: Some(vec![bob()]),
        recipients_total: Some(1),
        part: None,
        parts: None,
        membership: None,
        conversation: Some("!AHf3mniMRdT4UArt60e1eXvf9RF4vKb5T0W8VL3HY_M".into()),
        message_id: Some("$lV0fQzcFThb3B76dWlhxw7IIavnnLMsAzyvYr_rHXDc".into()),
        wrapping: Some(Wrapping::Encrypted),
        size: None,
        duration: None,
        protocol: Some("matrix".into()),
        route: None,
        claimed: Some(Stamp::Milliseconds(EVENT_MS - 29)),
        claimed_implausible: None,
    }
}

pub fn subscriber() -> Subscriber {
    Subscriber {
        action: SubscriberAction::Registered,
        account: alice(),
        account_kind: Some(AccountKind::Person),
        display_name: Some("Alice".into()),
        name: Some("A. Jansen".into()),
        birth_date: Some("1992-02-29".into()),
        postal_address: Some("Kade 1, Utrecht".into()),
        contacts: Some(vec![Party::new(PartyKind::Email, "alice@example.org")]),
        contacts_confirmed: Some(Stamp::Seconds(1_700_000_000)),
        payment: Some("NL00BANK0123456789".into()),
        service: Some("messaging".into()),
        registered: Some(Stamp::Rfc3339("2023-11-14T23:13:20+01:00".into())),
        closed: Some(false),
    }
}

pub fn ip_session() -> IpSession {
    IpSession {
        action: SessionAction::Login,
        account: alice(),
        address: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 78)),
        port: Some(50_123),
        address_trust: AddressTrust::ForwardedHeader,
        session: Some("41".into()),
        duration: Some(60),
        protocol: Some("https".into()),
    }
}

pub fn device() -> Device {
    Device {
        action: DeviceAction::Registered,
        account: alice(),
        device: "ALICEe9d2b67f".into(),
        label: Some("alice-nio".into()),
        model: Some("Fairphone 5".into()),
        system: Some("Android 15".into()),
        application: Some("Element 1.6".into()),
    }
}

pub fn location() -> Location {
    Location {
        account: alice(),
        method: LocationMethod::Cell,
        cell: Some("204-08-1234-56789".into()),
        latitude: Some(-520_907_000),
        longitude: Some(51_214_000),
        accuracy: Some(800),
        azimuth: Some(120),
        device: Some("ALICEe9d2b67f".into()),
    }
}

pub fn identification() -> Identification {
    Identification {
        action: HoldAction::Assigned,
        identifier: Party::new(PartyKind::Ip, "203.0.113.78"),
        holder: alice(),
        until: Some(Stamp::Microseconds(EVENT_MS * 1_000 + 7)),
        port_first: Some(1_024),
        port_last: Some(2_047),
    }
}

pub fn record(body: impl Into<Body>) -> Record {
    Record::new(common(), RX_MS, body).expect("Cannot fail: the samples keep every rule")
}

pub fn one_of_each() -> Vec<Record> {
    vec![record(traffic()), record(ip_session()), record(device()), record(subscriber()), record(location()), record(identification())]
}

/// Text with everything that has hurt a reader somewhere.
pub fn text(max: usize) -> impl Strategy<Value = String> {
    let nasty = prop_oneof![
        any::<char>(),
        prop::sample::select(vec!['\0', '\t', '\r', '\n', '"', '\\', ',', '=', '+', '-', '@', '\u{202e}', '\u{9b}', '\u{feff}']),
    ];
    prop::collection::vec(nasty, 1..=max / 4).prop_map(String::from_iter)
}

pub fn party() -> impl Strategy<Value = Party> {
    (prop::sample::select(PartyKind::ALL.to_vec()), text(255)).prop_map(|(kind, value)| Party { kind, value })
}

pub fn stamp() -> impl Strategy<Value = Stamp> {
    PLAUSIBLE_MS.prop_flat_map(|ms| {
        prop_oneof![
            Just(Stamp::Seconds(ms / 1_000)),
            Just(Stamp::Milliseconds(ms)),
            Just(Stamp::Microseconds(ms * 1_000 + 7)),
            Just(Stamp::Nanoseconds(ms * 1_000_000 + 9)),
            Just(Stamp::Rfc3339(format_rfc3339(ms))),
        ]
    })
}

fn short(max: usize) -> impl Strategy<Value = Option<String>> {
    option::of(text(max))
}

pub fn any_common() -> impl Strategy<Value = Common> {
    let clock = prop::sample::select(Clock::ALL.to_vec());
    (stamp(), clock, "[a-z0-9.-]{1,64}", option::of(0..=NUMBER_MAX)).prop_map(|(t_event, clock, source, source_row)| Common {
        t_event,
        clock,
        source,
        source_row,
    })
}

pub fn any_traffic() -> impl Strategy<Value = Traffic> {
    let words = (
        prop::sample::select(Interaction::ALL.to_vec()),
        prop::sample::select(Direction::ALL.to_vec()),
        option::of(prop::sample::select(Membership::ALL.to_vec())),
        option::of(prop::sample::select(Wrapping::ALL.to_vec())),
    );
    let texts = (short(255), short(255), option::of("[a-z0-9.-]{1,32}"), short(255));
    let numbers = (option::of(0..=NUMBER_MAX), option::of(0..=1_000_000u64), option::of(0..=NUMBER_MAX));
    let parties = (party(), option::of(prop::collection::vec(party(), 1..4)));
    (words, texts, numbers, parties, option::of(stamp())).prop_map(|(words, texts, numbers, parties, claimed)| Traffic {
        interaction: words.0,
        direction: words.1,
        sender: parties.0,
        recipients: parties.1,
        recipients_total: numbers.0,
        part: numbers.1,
        parts: numbers.1,
        membership: words.2,
        conversation: texts.0,
        message_id: texts.1,
        wrapping: words.3,
        size: numbers.2,
        duration: numbers.1,
        protocol: texts.2,
        route: texts.3,
        claimed_implausible: None,
        claimed,
    })
}

pub fn any_location() -> impl Strategy<Value = Location> {
    let place = (option::of(-900_000_000..=900_000_000i64), option::of(-1_800_000_000..=1_800_000_000i64));
    let method = prop::sample::select(LocationMethod::ALL.to_vec());
    (party(), method, short(64), place, option::of(0..=359u64), short(255)).prop_map(|(account, method, cell, place, azimuth, device)| {
        Location { account, method, cell, latitude: place.0, longitude: place.1, accuracy: azimuth, azimuth, device }
    })
}

pub fn any_session() -> impl Strategy<Value = IpSession> {
    let address =
        prop_oneof![any::<[u8; 4]>().prop_map(IpAddr::from), any::<[u8; 16]>().prop_map(|octets| IpAddr::V6(Ipv6Addr::from(octets))),]
            .prop_filter("two spellings", |a| !matches!(a, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some()));
    let words = (prop::sample::select(SessionAction::ALL.to_vec()), prop::sample::select(AddressTrust::ALL.to_vec()));
    (words, party(), address, option::of(0..=65_535u64), short(64)).prop_map(|(words, account, address, port, session)| IpSession {
        action: words.0,
        account,
        address,
        port,
        address_trust: words.1,
        session,
        duration: port,
        protocol: None,
    })
}

pub fn any_body() -> impl Strategy<Value = Body> {
    prop_oneof![
        any_traffic().prop_map(Body::from),
        any_location().prop_map(Body::from),
        any_session().prop_map(Body::from),
        (party(), text(255), short(255), short(128)).prop_map(|(account, device, label, model)| {
            Body::from(Device { account, device, label, model, ..super::samples::device() })
        }),
        (party(), short(255), short(512), option::of(stamp())).prop_map(|(account, name, postal_address, registered)| {
            Body::from(Subscriber { account, name, postal_address, registered, ..subscriber() })
        }),
        (party(), party(), option::of(stamp()))
            .prop_map(|(identifier, holder, until)| { Body::from(Identification { identifier, holder, until, ..identification() }) }),
    ]
}

pub fn any_record() -> impl Strategy<Value = Record> {
    (any_common(), PLAUSIBLE_MS, any_body())
        .prop_filter_map("longer than a record may be", |(common, t_rx, body)| Record::new(common, t_rx, body).ok())
}
