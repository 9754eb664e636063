//! The closed set of field kinds: what a field may hold, and its octets, JSON and ingest forms.
//!
//! SEA-07: there is no kind for octets, and no kind whose text is unbounded. A new kind is a change to this file.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::error::RecordError;
use super::party::{Party, PartyKind};
use super::stamp::{Stamp, days_in, format_rfc3339};
use super::wire::{Reader, write_number, write_text};

/// 2^53 - 1: the largest whole number that every JSON reader keeps exactly.
pub const NUMBER_MAX: u64 = (1 << 53) - 1;

/// One row of the data dictionary.
#[derive(Debug)]
pub struct FieldDef {
    /// snake_case, English, stable: the JSON key and the CSV column.
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
    /// Meaning of `max`: octets of a text, largest number, or items of a list.
    pub max: u64,
    pub min: i64,
    pub form: Form,
    pub unit: &'static str,
    /// Whose word the value is: who produced it, or could have chosen it.
    pub origin: &'static str,
    pub en: &'static str,
    pub nl: &'static str,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    Signed,
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    Time,
    Address,
    Party,
    Parties,
}

/// The form that a text must have besides its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Any UTF-8, hostile characters included; kept raw.
    Any,
    /// `[a-z0-9.-]`.
    Name,
    /// A calendar day `YYYY-MM-DD`.
    Day,
}

/// A value on its way out, in the form that JSON and CSV share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    Text(String),
    Number(i64),
    Flag(bool),
    List(Vec<String>),
}

/// A value on its way in, as a source's JSON gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    Text(String),
    Number(i64),
    Flag(bool),
    List(Vec<String>),
}

/// Given values by field name. Each is taken once; what is left over is unknown (CAT-13) or derived (CAT-15).
pub type Givens = BTreeMap<String, Given>;

pub(super) trait Field: Sized {
    const KIND: Kind;
    fn check(&self, def: &FieldDef) -> Result<(), RecordError>;
    fn write(&self, out: &mut Vec<u8>);
    fn read(from: &mut Reader<'_>, def: &FieldDef) -> Result<Self, RecordError>;
    fn show(&self, def: &FieldDef, to: &mut BTreeMap<String, Shown>);
    fn take(from: &mut Givens, def: &FieldDef) -> Result<Option<Self>, RecordError>;
}

fn wrong(def: &FieldDef) -> RecordError {
    RecordError::WrongKind { field: def.name }
}

fn take_text(from: &mut Givens, name: &str, def: &FieldDef) -> Result<Option<String>, RecordError> {
    match from.remove(name) {
        None => Ok(None),
        Some(Given::Text(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(def)),
    }
}

fn check_text(text: &str, def: &FieldDef) -> Result<(), RecordError> {
    // CAT-06: absent is absent; an empty text would be a third, ambiguous thing.
    if text.is_empty() {
        return Err(RecordError::Missing { field: def.name });
    }
    // CAT-07
    if text.len() as u64 > def.max {
        return Err(RecordError::FieldTooLong { field: def.name, max: def.max as usize });
    }
    // CAT-16
    let ok = match def.form {
        Form::Any => true,
        Form::Name => text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-')),
        Form::Day => is_day(text),
    };
    if ok { Ok(()) } else { Err(RecordError::BadForm { field: def.name }) }
}

fn is_day(text: &str) -> bool {
    let b = text.as_bytes();
    if b.len() != 10 || b[4] != b'-' || b[7] != b'-' {
        return false;
    }
    let number = |part: &[u8]| part.iter().try_fold(0i64, |n, d| d.is_ascii_digit().then(|| n * 10 + i64::from(d - b'0')));
    match (number(&b[..4]), number(&b[5..7]), number(&b[8..])) {
        (Some(y), Some(m), Some(d)) => (1..=12).contains(&m) && (1..=days_in(y, m)).contains(&d),
        _ => false,
    }
}

impl Field for String {
    const KIND: Kind = Kind::Text;
    fn check(&self, def: &FieldDef) -> Result<(), RecordError> {
        check_text(self, def)
    }
    fn write(&self, out: &mut Vec<u8>) {
        write_text(out, self);
    }
    fn read(from: &mut Reader<'_>, _: &FieldDef) -> Result<Self, RecordError> {
        from.text()
    }
    fn show(&self, def: &FieldDef, to: &mut BTreeMap<String, Shown>) {
        to.insert(def.name.to_owned(), Shown::Text(self.clone()));
    }
    fn take(from: &mut Givens, def: &FieldDef) -> Result<Option<Self>, RecordError> {
        take_text(from, def.name, def)
    }
}

impl Field for u64 {
    const KIND: Kind = Kind::Number;
    fn check(&self, def: &FieldDef) -> Result<(), RecordError> {
        // CAT-08
        if *self <= def.max.min(NUMBER_MAX) { Ok(()) } else { Err(RecordError::OutOfRange { field: def.name }) }
    }
    fn write(&self, out: &mut Vec<u8>) {
        write_number(out, *self);
    }
    fn read(from: &mut Reader<'_>, _: &FieldDef) -> Result<Self, RecordError> {
        from.number()
    }
    fn show(&self, def: &FieldDef, to: &mut BTreeMap<String, Shown>) {
        to.insert(def.name.to_owned(), Shown::Number(i64::try_from(*self).unwrap_or(i64::MAX)));
    }
    fn take(from: &mut Givens, def: &FieldDef) -> Result<Option<Self>, RecordError> {
        match from.remove(def.name) {
            None => Ok(None),
            Some(Given::Number(n)) => u64::try_from(n).map(Some).map_err(|_| RecordError::OutOfRange { field: def.name }),
            Some(_) => Err(wrong(def)),
        }
    }
}

impl Field for i64 {
    const KIND: Kind = Kind::Signed;
    fn check(&self, def: &FieldDef) -> Result<(), RecordError> {
        // CAT-08
        let max = i64::try_from(def.max).unwrap_or(i64::MAX);
        if (def.min..=max).contains(self) { Ok(()) } else { Err(RecordError::OutOfRange { field: def.name }) }
    }
    fn write(&self, out: &mut Vec<u8>) {
        // Sign in the lowest bit, so that small negative numbers stay short.
        write_number(out, ((*self << 1) ^ (*self >> 63)) as u64);
    }
    fn read(from: &mut Reader<'_>, _: &FieldDef) -> Result<Self, RecordError> {
        let n = from.number()?;
        Ok((n >> 1) as i64 ^ -((n & 1) as i64))
    }
    fn show(&self, def: &FieldDef, to: &mut BTreeMap<String, Shown>) {
        to.insert(def.name.to_owned(), Shown::Number(*self));
    }
    fn take(from: &mut Givens, def: &FieldDef) -> Result<Option<Self>, RecordError> {
        match from.remove(def.name) {
            None => Ok(None),
            Some(Given::Number(n)) => Ok(Some(n)),
            Some(_) => Err(wrong(def)),
        }
    }
}

impl Field for bool {
    const KIND: Kind = Kind::Flag;
    fn check(&self, _: &FieldDef) -> Result<(), RecordError> {
        Ok(())
    }
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
    fn read(from: &mut Reader<'_>, _: &FieldDef) -> Result<Self, RecordError> {
        match from.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(RecordError::NotCanonical),
        }
    }
    fn show(&self, def: &FieldDef, to: &mut BTreeMap<String, Shown>) {
        to.insert(def.name.to_owned(), Shown::Flag(*self));
    }
    fn take(from: &mut Givens, def: &FieldDef) -> Result<Option<Self>, RecordError> {
        match from.remove(def.name) {
            None => Ok(None),
            Some(Given::Flag(yes)) => Ok(Some(yes)),
            Some(_) => Err(wrong(def)),
        }
    }
}

impl Field for Stamp {
    const KIND: Kind = Kind::Time;
    fn check(&self, def: &FieldDef) -> Result<(), RecordError> {
        self.ms(def.name).map(|_| ())
    }
    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.unit_octet());
        match self {
            Stamp::Seconds(n) | Stamp::Milliseconds(n) | Stamp::Microseconds(n) | Stamp::Nanoseconds(n) => {
                write_number(out, *n);
            }
            Stamp::Rfc3339(text) => write_text(out, text),
        }
    }
    fn read(from: &mut Reader<'_>, def: &FieldDef) -> Result<Self, RecordError> {
        Ok(match from.byte()? {
            0 => Stamp::Seconds(from.number()?),
            1 => Stamp::Milliseconds(from.number()?),
            2 => Stamp::Microseconds(from.number()?),
            3 => Stamp::Nanoseconds(from.number()?),
            4 => Stamp::Rfc3339(from.text()?),
            _ => return Err(RecordError::UnknownWord { field: def.name }),
        })
    }
    fn show(&self, def: &FieldDef, to: &mut BTreeMap<String, Shown>) {
        to.insert(format!("{}_raw", def.name), Shown::Text(self.raw()));
        to.insert(format!("{}_unit", def.name), Shown::Text(self.unit().to_owned()));
        // t_event is shown as Timesketch's `datetime`. Cannot be absent: `check` has read the time before.
        if let (Ok(ms), true) = (self.ms(def.name), def.name != "t_event") {
            to.insert(def.name.to_owned(), Shown::Text(format_rfc3339(ms)));
        }
    }
    fn take(from: &mut Givens, def: &FieldDef) -> Result<Option<Self>, RecordError> {
        let raw = take_text(from, &format!("{}_raw", def.name), def)?;
        let unit = take_text(from, &format!("{}_unit", def.name), def)?;
        match (raw, unit) {
            (None, None) => Ok(None),
            (Some(raw), Some(unit)) => Stamp::from_raw(&raw, &unit, def.name).map(Some),
            // A time without its unit is a guess, and a unit without its time is nothing.
            _ => Err(RecordError::Missing { field: def.name }),
        }
    }
}

impl Field for IpAddr {
    const KIND: Kind = Kind::Address;
    fn check(&self, def: &FieldDef) -> Result<(), RecordError> {
        match self {
            // ::ffff:1.2.3.4 is 1.2.3.4; two spellings of one address would be two values (CAT-16).
            IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some() => Err(RecordError::BadForm { field: def.name }),
            _ => Ok(()),
        }
    }
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            IpAddr::V4(v4) => {
                out.push(4);
                out.extend_from_slice(&v4.octets());
            }
            IpAddr::V6(v6) => {
                out.push(6);
                out.extend_from_slice(&v6.octets());
            }
        }
    }
    fn read(from: &mut Reader<'_>, def: &FieldDef) -> Result<Self, RecordError> {
        match from.byte()? {
            4 => from.take(4)?.try_into().map(|b: [u8; 4]| IpAddr::from(b)).map_err(|_| RecordError::WrongLength),
            6 => from.take(16)?.try_into().map(|b: [u8; 16]| IpAddr::from(b)).map_err(|_| RecordError::WrongLength),
            _ => Err(RecordError::UnknownWord { field: def.name }),
        }
    }
    fn show(&self, def: &FieldDef, to: &mut BTreeMap<String, Shown>) {
        to.insert(def.name.to_owned(), Shown::Text(self.to_string()));
    }
    fn take(from: &mut Givens, def: &FieldDef) -> Result<Option<Self>, RecordError> {
        let Some(text) = take_text(from, def.name, def)? else { return Ok(None) };
        let address: IpAddr = text.parse().map_err(|_| RecordError::BadForm { field: def.name })?;
        if address.to_string() == text { Ok(Some(address)) } else { Err(RecordError::BadForm { field: def.name }) }
    }
}

impl Field for Party {
    const KIND: Kind = Kind::Party;
    fn check(&self, def: &FieldDef) -> Result<(), RecordError> {
        // CAT-12
        if self.value.is_empty() {
            return Err(RecordError::BadParty { field: def.name });
        }
        if self.value.len() > Party::VALUE_LEN_MAX {
            return Err(RecordError::FieldTooLong { field: def.name, max: Party::VALUE_LEN_MAX });
        }
        Ok(())
    }
    fn write(&self, out: &mut Vec<u8>) {
        out.push(PartyKind::ALL.iter().position(|k| *k == self.kind).map_or(u8::MAX, |at| at as u8));
        write_text(out, &self.value);
    }
    fn read(from: &mut Reader<'_>, def: &FieldDef) -> Result<Self, RecordError> {
        let kind = PartyKind::ALL.get(usize::from(from.byte()?));
        let kind = *kind.ok_or(RecordError::BadParty { field: def.name })?;
        Ok(Party { kind, value: from.text()? })
    }
    fn show(&self, def: &FieldDef, to: &mut BTreeMap<String, Shown>) {
        to.insert(def.name.to_owned(), Shown::Text(self.text()));
    }
    fn take(from: &mut Givens, def: &FieldDef) -> Result<Option<Self>, RecordError> {
        take_text(from, def.name, def)?.map(|text| Party::from_text(&text, def.name)).transpose()
    }
}

impl Field for Vec<Party> {
    const KIND: Kind = Kind::Parties;
    fn check(&self, def: &FieldDef) -> Result<(), RecordError> {
        if self.is_empty() {
            return Err(RecordError::Missing { field: def.name });
        }
        if self.len() as u64 > def.max {
            return Err(RecordError::FieldTooLong { field: def.name, max: def.max as usize });
        }
        self.iter().try_for_each(|party| party.check(def))
    }
    fn write(&self, out: &mut Vec<u8>) {
        write_number(out, self.len() as u64);
        self.iter().for_each(|party| party.write(out));
    }
    fn read(from: &mut Reader<'_>, def: &FieldDef) -> Result<Self, RecordError> {
        let len = from.number()?;
        // Reserves nothing: a length of 2^60 ends where the octets end.
        (0..len).map(|_| Party::read(from, def)).collect()
    }
    fn show(&self, def: &FieldDef, to: &mut BTreeMap<String, Shown>) {
        to.insert(def.name.to_owned(), Shown::List(self.iter().map(Party::text).collect()));
    }
    fn take(from: &mut Givens, def: &FieldDef) -> Result<Option<Self>, RecordError> {
        match from.remove(def.name) {
            None => Ok(None),
            Some(Given::List(items)) => items.iter().map(|item| Party::from_text(item, def.name)).collect::<Result<_, _>>().map(Some),
            Some(_) => Err(wrong(def)),
        }
    }
}

/// Declares a closed list of words. The octet in a record is the position in the list: append only.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            pub const WORDS: &'static [&'static str] = &[$($word),+];
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
            pub fn from_word(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$variant),)+ _ => None }
            }
        }

        impl $crate::catalogue::field::Field for $name {
            const KIND: $crate::catalogue::field::Kind = $crate::catalogue::field::Kind::Word($name::WORDS);
            fn check(&self, _: &FieldDef) -> Result<(), RecordError> { Ok(()) }
            fn write(&self, out: &mut Vec<u8>) { out.push(*self as u8); }
            fn read(from: &mut Reader<'_>, def: &FieldDef) -> Result<Self, RecordError> {
                let at = usize::from(from.byte()?);
                $name::ALL.get(at).copied().ok_or(RecordError::UnknownWord { field: def.name })
            }
            fn show(&self, def: &FieldDef, to: &mut BTreeMap<String, Shown>) {
                to.insert(def.name.to_owned(), Shown::Text(self.word().to_owned()));
            }
            fn take(from: &mut Givens, def: &FieldDef) -> Result<Option<Self>, RecordError> {
                match from.remove(def.name) {
                    None => Ok(None),
                    Some(Given::Text(word)) => {
                        // CAT-09
                        $name::from_word(&word).map(Some).ok_or(RecordError::UnknownWord { field: def.name })
                    }
                    Some(_) => Err(RecordError::WrongKind { field: def.name }),
                }
            }
        }
    };
}
pub(super) use words;
