//! How the schema's types are read from the tree and written to it: one declaration for each type gives both ways, for XML
//! and for JSON. The field order of a declaration is the sequence of the schema.

use super::profile::{Types, fits};
use crate::refusal::{Finding, Refusal, Rule};
use crate::tree::{Attribute, Element, JsonForm, Name, Scalar};
use std::collections::VecDeque;

/// Collects everything that breaks the schema, with its path; reading goes on as far as it can.
#[derive(Default)]
pub struct Reader {
    pub(crate) findings: Vec<Finding>,
    path: Vec<String>,
    /// National types that the message's profile defines; none at all without one (STD-13).
    national: Known,
}

/// Which national types are read.
enum Known {
    Of(Types),
    /// What we kept ourselves was judged when it came.
    Kept,
}

impl Default for Known {
    fn default() -> Known {
        Known::Of(Types::default())
    }
}

/// A document with a thousand faults is as refused as one with these.
const FINDINGS_MAX: usize = 64;

impl Reader {
    pub(crate) fn under(types: Types) -> Reader {
        Reader { national: Known::Of(types), ..Reader::default() }
    }
    /// For objects out of our own store.
    pub(crate) fn of_kept() -> Reader {
        Reader { national: Known::Kept, ..Reader::default() }
    }
    pub(crate) fn find(&mut self, rule: Rule, element: &Element, was: &str) {
        if self.findings.len() < FINDINGS_MAX {
            let path = self.path.iter().map(|part| format!("/{part}")).collect();
            self.findings.push(Finding { path, ..Refusal::new(rule, element.at, was) });
        }
    }
    pub(crate) fn within<T>(&mut self, name: &str, read: impl FnOnce(&mut Reader) -> T) -> T {
        self.path.push(name.to_owned());
        let value = read(self);
        self.path.pop();
        value
    }
}

/// The children of one element that have not been read yet.
pub struct Fields<'a> {
    pub(crate) element: &'a Element,
    rest: VecDeque<&'a Element>,
    /// XML: the schema's order holds. JSON: members have none.
    ordered: bool,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(element: &'a Element) -> Fields<'a> {
        Fields { element, rest: element.elements().collect(), ordered: element.json.is_none() }
    }
    pub(crate) fn next(&mut self, space: &str, local: &str) -> Option<&'a Element> {
        let place = if self.ordered {
            self.rest.front().filter(|element| element.name.is(space, local)).map(|_| 0)
        } else {
            self.rest.iter().position(|element| element.name.is(space, local))
        };
        self.rest.remove(place?)
    }
    pub(crate) fn any(&mut self) -> Option<&'a Element> {
        self.rest.pop_front()
    }
    /// STD-10: nothing may be left over.
    pub(crate) fn finish(self, reader: &mut Reader) {
        if let Some(element) = self.rest.front() {
            reader.find(Rule::Unexpected, element, &element.name.local);
        }
    }
}

/// A type with child elements.
pub trait Complex: Sized {
    fn read_fields(fields: &mut Fields<'_>, reader: &mut Reader) -> Option<Self>;
    fn write_fields(&self, out: &mut Element);
}

/// A type that an element can have.
pub trait Type: Sized {
    fn read(element: &Element, reader: &mut Reader) -> Option<Self>;
    fn write(&self, out: &mut Element);
    const SCALAR: Scalar;
}

impl<T: Complex> Type for T {
    const SCALAR: Scalar = Scalar::Object;
    fn read(element: &Element, reader: &mut Reader) -> Option<T> {
        if !element.attributes.is_empty() {
            reader.find(Rule::Unexpected, element, &element.attributes[0].name.local);
        }
        read_complex(element, reader, T::read_fields)
    }
    fn write(&self, out: &mut Element) {
        self.write_fields(out);
    }
}

pub(crate) fn read_complex<T>(
    element: &Element,
    reader: &mut Reader,
    read: impl FnOnce(&mut Fields<'_>, &mut Reader) -> Option<T>,
) -> Option<T> {
    let is_scalar = element.json.is_some_and(|form| form.scalar != Scalar::Object);
    if is_scalar || element.children.iter().any(|node| matches!(node, crate::tree::Node::Text(text) if !text.trim().is_empty())) {
        reader.find(Rule::Unexpected, element, &element.text().unwrap_or_default());
        return None;
    }
    let mut fields = Fields::of(element);
    let value = read(&mut fields, reader);
    if value.is_some() {
        fields.finish(reader);
    }
    value
}

/// How often an element may stand: once (`T`), at most once (`Option<T>`), any number of times (`Vec<T>`).
pub trait Slot: Sized {
    fn take(fields: &mut Fields<'_>, space: &str, local: &str, reader: &mut Reader) -> Option<Self>;
    fn put(&self, space: &str, local: &str, out: &mut Element);
}

fn read_one<T: Type>(element: &Element, listed: bool, reader: &mut Reader) -> Option<T> {
    reader.within(&element.name.local, |reader| {
        if element.json.is_some_and(|form| form.listed != listed) {
            reader.find(Rule::Unexpected, element, if listed { "not an array" } else { "an array" });
        }
        T::read(element, reader)
    })
}

fn put_one<T: Type>(value: &T, space: &str, local: &str, listed: bool, out: &mut Element) {
    let mut element = Element::new(space, local);
    element.json = Some(JsonForm { scalar: T::SCALAR, listed });
    value.write(&mut element);
    out.children.push(crate::tree::Node::Element(element));
}

impl<T: Type> Slot for T {
    fn take(fields: &mut Fields<'_>, space: &str, local: &str, reader: &mut Reader) -> Option<T> {
        match fields.next(space, local) {
            Some(element) => read_one(element, false, reader),
            None => {
                reader.find(Rule::Missing, fields.element, local);
                None
            }
        }
    }
    fn put(&self, space: &str, local: &str, out: &mut Element) {
        put_one(self, space, local, false, out);
    }
}

impl<T: Type> Slot for Option<T> {
    fn take(fields: &mut Fields<'_>, space: &str, local: &str, reader: &mut Reader) -> Option<Option<T>> {
        match fields.next(space, local) {
            Some(element) => read_one(element, false, reader).map(Some),
            None => Some(None),
        }
    }
    fn put(&self, space: &str, local: &str, out: &mut Element) {
        if let Some(value) = self {
            put_one(value, space, local, false, out);
        }
    }
}

impl<T: Type> Slot for Vec<T> {
    fn take(fields: &mut Fields<'_>, space: &str, local: &str, reader: &mut Reader) -> Option<Vec<T>> {
        let mut values = Vec::new();
        let mut is_whole = true;
        while let Some(element) = fields.next(space, local) {
            match read_one(element, true, reader) {
                Some(value) => values.push(value),
                None => is_whole = false,
            }
        }
        is_whole.then_some(values)
    }
    fn put(&self, space: &str, local: &str, out: &mut Element) {
        for value in self {
            put_one(value, space, local, true, out);
        }
    }
}

/// At least one, where the schema says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Some1<T>(Vec<T>);

impl<T> Some1<T> {
    pub fn new(values: Vec<T>) -> Option<Some1<T>> {
        (!values.is_empty()).then_some(Some1(values))
    }
    pub fn one(value: T) -> Some1<T> {
        Some1(vec![value])
    }
}
impl<T> std::ops::Deref for Some1<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}
impl<T: Type> Slot for Some1<T> {
    fn take(fields: &mut Fields<'_>, space: &str, local: &str, reader: &mut Reader) -> Option<Some1<T>> {
        let before = reader.findings.len();
        let values = Vec::take(fields, space, local, reader)?;
        if values.is_empty() && reader.findings.len() == before {
            reader.find(Rule::Missing, fields.element, local);
        }
        Some1::new(values)
    }
    fn put(&self, space: &str, local: &str, out: &mut Element) {
        self.0.put(space, local, out);
    }
}

/// A part whose inside the ETSI schema leaves open: kept as it came, never acted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque(pub Element);

impl Type for Opaque {
    const SCALAR: Scalar = Scalar::Object;
    fn read(element: &Element, _: &mut Reader) -> Option<Opaque> {
        Some(Opaque(element.clone()))
    }
    fn write(&self, out: &mut Element) {
        let (name, json) = (out.name.clone(), self.0.json.or(out.json));
        *out = self.0.clone();
        out.name = name;
        out.json = json;
    }
}

/// A national extension: what a loaded profile defines, kept as it came. Nothing acts on it; a person is shown it (STD-13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct National {
    kind: Name,
    inside: Vec<Element>,
}

impl Type for National {
    const SCALAR: Scalar = Scalar::Object;
    fn read(element: &Element, reader: &mut Reader) -> Option<National> {
        let kind = type_name(element).filter(|kind| match &reader.national {
            Known::Of(types) => fits(types, kind, element),
            Known::Kept => true,
        });
        if kind.is_none() {
            reader.find(Rule::UnknownType, element, &element.name.local);
        }
        Some(National { kind: kind?, inside: element.elements().cloned().collect() })
    }
    fn write(&self, out: &mut Element) {
        out.attributes.push(type_attribute(&self.kind.space, &self.kind.local));
        out.children.extend(self.inside.iter().cloned().map(crate::tree::Node::Element));
    }
}

/// `xsi:type` with its namespace: both readers spell it `{namespace}Name`.
pub(crate) fn type_name(element: &Element) -> Option<Name> {
    let (space, local) = element.attribute(super::names::XSI, "type")?.strip_prefix('{')?.split_once('}')?;
    Some(Name::new(space, local))
}

/// JSON's spelling; the writer of XML replaces it by a declared prefix.
pub(crate) fn type_attribute(space: &str, local: &str) -> Attribute {
    Attribute { name: Name::new(super::names::XSI, "type"), value: format!("{{{space}}}{local}") }
}

/// Declares a sequence: `name: Type = "ElementName"` in the namespace.
macro_rules! sequence {
    ($($(#[$doc:meta])* $name:ident in $space:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty = $($in:ident)? $local:literal),* $(,)? })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $($(#[$field_doc])* pub $field: $kind),* }
        impl $crate::etsi::codec::Complex for $name {
            #[allow(unused_variables)]
            fn read_fields(fields: &mut $crate::etsi::codec::Fields<'_>, reader: &mut $crate::etsi::codec::Reader) -> Option<Self> {
                $(let $field = <$kind as $crate::etsi::codec::Slot>::take(
                    fields, $crate::etsi::codec::space!($space $($in)?), $local, reader);)*
                Some($name { $($field: $field?),* })
            }
            #[allow(unused_variables)]
            fn write_fields(&self, out: &mut $crate::tree::Element) {
                $($crate::etsi::codec::Slot::put(&self.$field, $crate::etsi::codec::space!($space $($in)?), $local, out);)*
            }
        }
        #[cfg(test)]
        impl $crate::etsi::sample::Sample for $name {
            #[allow(unused_variables)]
            fn sample(source: &mut $crate::etsi::sample::Source) -> Self {
                $name { $($field: <$kind as $crate::etsi::sample::Sample>::sample(source)),* }
            }
        }
    )* };
}

/// Declares a choice: exactly one of the elements.
macro_rules! choice {
    ($($(#[$doc:meta])* $name:ident in $space:ident { $($variant:ident($kind:ty) = $local:literal),* $(,)? })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name { $($variant($kind)),* }
        impl $crate::etsi::codec::Complex for $name {
            fn read_fields(fields: &mut $crate::etsi::codec::Fields<'_>, reader: &mut $crate::etsi::codec::Reader) -> Option<Self> {
                use $crate::etsi::{codec, names};
                $(if let Some(value) = <Option<$kind> as codec::Slot>::take(fields, names::$space, $local, reader)? {
                    return Some($name::$variant(value));
                })*
                reader.find($crate::refusal::Rule::Missing, fields.element, "one of a choice");
                None
            }
            fn write_fields(&self, out: &mut $crate::tree::Element) {
                match self {
                    $($name::$variant(value) => $crate::etsi::codec::Slot::put(value, $crate::etsi::names::$space, $local, out)),*
                }
            }
        }
        #[cfg(test)]
        impl $crate::etsi::sample::Sample for $name {
            fn sample(source: &mut $crate::etsi::sample::Source) -> Self {
                let makers: &[fn(&mut $crate::etsi::sample::Source) -> $name] =
                    &[$(|source| $name::$variant(<$kind as $crate::etsi::sample::Sample>::sample(source))),*];
                let one = source.below(makers.len());
                makers[one](source)
            }
        }
    )* };
}

macro_rules! space {
    ($space:ident) => {
        $crate::etsi::names::$space
    };
    ($space:ident $other:ident) => {
        $crate::etsi::names::$other
    };
}
pub(crate) use {choice, sequence, space};
