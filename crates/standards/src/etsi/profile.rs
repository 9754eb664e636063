//! National profiles: which extensions a State's authorities may put into a message (STD-13).
//!
//! ETSI's schema leaves the type of an extension to the profile. A loaded profile makes it readable, not understood: nothing here acts on
//! it, and because it may limit the order, each one is shown to a person, who decides.

use super::codec::type_name;
use crate::tree::{Element, Name, Position};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One profile, as its file says it (TOML).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// As in the header: NationalProfileOwner and NationalProfileVersion. A message under another profile has none of these types.
    pub owner: String,
    pub version: String,
    pub types: Vec<NationalType>,
}

/// A type with text elements of its own namespace, in any order; nothing inside them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NationalType {
    pub namespace: String,
    pub name: String,
    pub elements: Vec<String>,
}

/// Those that are loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profiles(Vec<Profile>);

/// (namespace, name) to its elements.
pub(crate) type Types = Arc<BTreeMap<(String, String), BTreeSet<String>>>;

/// An extension that stands in a message: where, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    pub at: Position,
    pub name: String,
    pub says: String,
}

impl Profiles {
    pub fn add(&mut self, profile: Profile) {
        self.0.push(profile);
    }

    /// The types that a message may use: those of the profile that its header names.
    pub(crate) fn of(&self, root: &Element) -> Types {
        let version = root.child("Header").and_then(|header| header.child("Version"));
        let said = |name: &str| version.and_then(|version| version.child(name)).and_then(Element::text).unwrap_or_default();
        let (owner, version) = (said("NationalProfileOwner"), said("NationalProfileVersion"));
        let named = self.0.iter().filter(|profile| profile.owner == owner && profile.version == version);
        let types = named.flat_map(|profile| &profile.types);
        Arc::new(types.map(|one| ((one.namespace.clone(), one.name.clone()), one.elements.iter().cloned().collect())).collect())
    }

    /// Every extension of a message, for people.
    pub fn extensions(&self, root: &Element) -> Vec<Extension> {
        let types = self.of(root);
        let mut found = Vec::new();
        root.walk(&mut |element| {
            if let Some(name) = type_name(element)
                && types.contains_key(&(name.space.clone(), name.local.clone()))
            {
                let one = |inner: &Element| format!("{}={}", inner.name.local, inner.text().unwrap_or_default());
                let says: Vec<String> = element.elements().map(one).collect();
                found.push(Extension { at: element.at, name: name.local, says: says.join(", ") });
            }
        });
        found
    }
}

/// Does this element have what its type has, and nothing else?
pub(crate) fn fits(types: &Types, kind: &Name, element: &Element) -> bool {
    let Some(known) = types.get(&(kind.space.clone(), kind.local.clone())) else { return false };
    let is_text = |inner: &Element| inner.attributes.is_empty() && inner.text().is_some();
    let mut seen = BTreeSet::new();
    let fits = |inner: &Element| inner.name.space == kind.space && known.contains(&inner.name.local) && is_text(inner);
    element.attributes.len() == 1 && element.elements().all(|inner| fits(inner) && seen.insert(&inner.name.local))
}
