//! The declaration of a record type: one table from which its struct, octets, JSON form and dictionary row follow.

use std::collections::BTreeMap;

use super::error::RecordError;
use super::field::{FieldDef, Form, Givens, Kind, Shown};
use super::wire::Reader;

impl FieldDef {
    /// What a row means where it says nothing.
    pub(super) const BASE: FieldDef =
        FieldDef { name: "", kind: Kind::Text, required: false, max: 255, min: 0, form: Form::Any, unit: "", origin: "", en: "", nl: "" };
}

/// A set of fields with its table. Implemented only by [`record_type`], only in this module's siblings.
pub(super) trait Fields: Sized {
    const FIELDS: &'static [FieldDef];
    fn check(&self) -> Result<(), RecordError>;
    fn write(&self, out: &mut Vec<u8>);
    fn read(from: &mut Reader<'_>) -> Result<Self, RecordError>;
    fn show(&self, to: &mut BTreeMap<String, Shown>);
    fn take(from: &mut Givens) -> Result<Self, RecordError>;
}

macro_rules! record_type {
    (@type required $ty:ty) => { $ty };
    (@type optional $ty:ty) => { Option<$ty> };
    (@required required) => { true };
    (@required optional) => { false };
    (@each required $value:expr, |$v:ident| $do:expr) => {{ let $v = $value; $do }};
    (@each optional $value:expr, |$v:ident| $do:expr) => { if let Some($v) = $value { $do } };
    (@bit required $value:expr, $bits:ident, $at:ident) => {};
    (@bit optional $value:expr, $bits:ident, $at:ident) => {
        if $value.is_some() { $bits |= 1 << $at; }
        $at += 1;
    };
    (@read required $ty:ty, $from:ident, $def:expr, $bits:ident) => { <$ty as Field>::read($from, $def)? };
    (@read optional $ty:ty, $from:ident, $def:expr, $bits:ident) => {{
        let present = $bits & 1 == 1;
        $bits >>= 1;
        if present { Some(<$ty as Field>::read($from, $def)?) } else { None }
    }};
    (@take required $ty:ty, $from:ident, $def:expr) => {
        // CAT-06
        <$ty as Field>::take($from, $def)?.ok_or(RecordError::Missing { field: $def.name })?
    };
    (@take optional $ty:ty, $from:ident, $def:expr) => { <$ty as Field>::take($from, $def)? };

    ($(#[$meta:meta])* $name:ident {
        $( $need:ident $field:ident : $ty:ty { $($key:ident : $value:expr),* $(,)? } )+
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $( pub $field: record_type!(@type $need $ty), )+ }

        impl Fields for $name {
            const FIELDS: &'static [FieldDef] = &[$( FieldDef {
                name: stringify!($field),
                kind: <$ty as Field>::KIND,
                required: record_type!(@required $need),
                $($key: $value,)*
                ..FieldDef::BASE
            } ),+];

            fn check(&self) -> Result<(), RecordError> {
                let mut defs = Self::FIELDS.iter();
                $( if let Some(def) = defs.next() {
                    record_type!(@each $need &self.$field, |v| Field::check(v, def)?);
                } )+
                Ok(())
            }

            #[allow(unused_mut, unused_assignments, unused_variables)]
            fn write(&self, out: &mut Vec<u8>) {
                let (mut bits, mut at) = (0u64, 0u32);
                $( record_type!(@bit $need self.$field, bits, at); )+
                write_number(out, bits);
                $( record_type!(@each $need &self.$field, |v| Field::write(v, out)); )+
            }

            #[allow(unused_mut, unused_assignments, unused_variables)]
            fn read(from: &mut Reader<'_>) -> Result<Self, RecordError> {
                let mut bits = from.number()?;
                let mut defs = Self::FIELDS.iter();
                Ok($name { $( $field: match defs.next() {
                    Some(def) => record_type!(@read $need $ty, from, def, bits),
                    None => return Err(RecordError::UnknownType),
                }, )+ })
            }

            fn show(&self, to: &mut BTreeMap<String, Shown>) {
                let mut defs = Self::FIELDS.iter();
                $( if let Some(def) = defs.next() {
                    record_type!(@each $need &self.$field, |v| Field::show(v, def, to));
                } )+
            }

            fn take(from: &mut Givens) -> Result<Self, RecordError> {
                let mut defs = Self::FIELDS.iter();
                Ok($name { $( $field: match defs.next() {
                    Some(def) => record_type!(@take $need $ty, from, def),
                    None => return Err(RecordError::UnknownType),
                }, )+ })
            }
        }
    };
}
pub(super) use record_type;
