//! Random messages for the property tests: every field, present and absent, with values at the edges of their types.

use super::codec::{National, Opaque, Some1};
use super::delivery::Embedded;
use super::object::{Base, Kind, Object};
use super::time::*;
use super::values::*;
use crate::tree::{Element, Name, Node};

/// SplitMix64: small, and the same on every machine.
pub struct Source {
    state: u64,
}

impl Source {
    pub fn new(seed: u64) -> Source {
        Source { state: seed }
    }
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
    pub fn below(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }
    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }
    fn hex(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b"0123456789abcdef"[self.below(16)])).collect()
    }
    fn text(&mut self, most: usize) -> String {
        const PARTS: [&str; 14] = ["a", "Zz", " ", "  ", "é", "Ω", "<", "&amp;", "\"", "]]>", "\n", "\t", "𝔘", "0"];
        (0..self.below(most)).map(|_| PARTS[self.below(PARTS.len())]).collect()
    }
}

pub trait Sample: Sized {
    fn sample(source: &mut Source) -> Self;
}

impl<T: Sample + super::codec::Type> Sample for Option<T> {
    fn sample(source: &mut Source) -> Option<T> {
        (source.below(3) != 0).then(|| T::sample(source))
    }
}
impl<T: Sample + super::codec::Type> Sample for Vec<T> {
    fn sample(source: &mut Source) -> Vec<T> {
        (0..source.below(3)).map(|_| T::sample(source)).collect()
    }
}
impl<T: Sample + super::codec::Type> Sample for Some1<T> {
    fn sample(source: &mut Source) -> Some1<T> {
        Some1::new((0..1 + source.below(2)).map(|_| T::sample(source)).collect()).unwrap()
    }
}

macro_rules! samples {
    ($($kind:ty = $make:expr;)*) => { $(
        impl Sample for $kind {
            fn sample(source: &mut Source) -> $kind {
                let make: fn(&mut Source) -> $kind = $make;
                make(source)
            }
        }
    )* };
}

/// One of the texts that the type takes.
fn pick<T>(source: &mut Source, parse: fn(&str) -> Option<T>, texts: &[&str]) -> T {
    let text = texts[source.below(texts.len())];
    parse(text).unwrap_or_else(|| panic!("{text} is no sample"))
}

samples! {
    ShortString = |s| ShortString::parse(&s.text(12)).unwrap();
    LongString = |s| LongString::parse(&s.text(30)).unwrap();
    bool = |s| s.below(2) == 0;
    u64 = |s| s.next() >> s.below(64);
    u16 = |s| s.next() as u16;
    TcpPort = |s| TcpPort::parse(&(2 + s.below(60_000)).to_string()).unwrap();
    Base64 = |s| Base64((0..s.below(40)).map(|_| s.next() as u8).collect());
    Uuid = |s| Uuid::parse(&[8, 4, 4, 4, 12].map(|count| s.hex(count)).join("-")).unwrap();
    Ipv4Address = |s| Ipv4Address::parse(&[0; 4].map(|_: u8| s.below(256).to_string()).join(".")).unwrap();
    Ipv6Address = |s| Ipv6Address::parse(&[0; 8].map(|_: u8| s.hex(4)).join(":")).unwrap();
    InternationalE164 = |s| { let count = 1 + s.below(15); InternationalE164::parse(&s.digits(count)).unwrap() };
    Ldid = |s| pick(s, Ldid::parse, &["XX-ACTOR01-1234", "NL-a-b", "DE----", "AA- - "]);
    Liid = |s| pick(s, Liid::parse, &["LIID1", "~", "0123456789abcdef0123456789abcdef"]);
    IsoCountryCode = |s| pick(s, IsoCountryCode::parse, &["NL", "XX", "EU"]);
    EmailAddress = |s| pick(s, EmailAddress::parse, &["a@b", "desk+1@politie.example", "o'neil@x.example"]);
    InternationalizedEmailAddress = |s| pick(s, InternationalizedEmailAddress::parse, &["é@b", "a@@b", "@a@b"]);
    AnyUri = |s| pick(s, AnyUri::parse, &["https://example.com/a?b=c&d", "ftp://192.0.2.1", "urn:x"]);
    EtsiVersion = |s| pick(s, EtsiVersion::parse, &["V1.23.1", "V1.13.1", "V10.0.0"]);
    LanguageCode = |s| pick(s, LanguageCode::parse, &["nl", "en"]);
    QualifiedDateTime = |s| pick(s, QualifiedDateTime::parse, &["2026-08-18T12:00:00Z", "2024-02-29T23:59:59+14:00", "0001-01-01T00:00:00-05:30", "9999-12-31T24:00:00Z"]);
    QualifiedMicrosecondDateTime = |s| pick(s, QualifiedMicrosecondDateTime::parse, &["2026-08-18T12:00:00.000001Z", "1999-12-31T23:59:59.999999-00:00"]);
    Opaque = |s| Opaque(Element { name: Name::new(super::names::DELIVERY, "schema"), ..foreign(s) });
    Embedded = |s| Embedded(Some1::one(foreign(s)));
    Object = |s| Object { base: Base::sample(s), kind: kind(s) };
}

impl Sample for Option<National> {
    fn sample(_: &mut Source) -> Option<National> {
        None
    }
}

fn kind(source: &mut Source) -> Kind {
    match source.below(6) {
        0 => Kind::Authorisation(Sample::sample(source)),
        1 => Kind::Document(Sample::sample(source)),
        2 => Kind::Notification(Sample::sample(source)),
        3 => Kind::Disclosure(Sample::sample(source)),
        4 => Kind::Preservation(Sample::sample(source)),
        _ => Kind::Delivery(Sample::sample(source)),
    }
}

/// An element of a namespace that is not ours, with what opaque parts may have. Valid against the stub of ETSI's example, because the schema's wildcards are strict.
fn foreign(source: &mut Source) -> Element {
    let mut element = Element::new("http://FooServiceSchema.example.com/schema/v1.1.1/", "FooItem");
    for name in ["item1", "item2", "item3"] {
        let value = ["Foo", "Bar", "Baz"][source.below(3)];
        let inside = Element::with_text("http://FooServiceSchema.example.com/schema/v1.1.1/", name, value);
        element.children.push(Node::Element(inside));
    }
    element
}
