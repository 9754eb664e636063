//! What an order names: (selector, category, slots), one line each, with a salt of its own.

use seal::digest::sha256;
use seal::identity::{Category, Slot, SlotLen};
use seal::labels;
use seal::merkle;
use seal::selector::Selector;

use super::OrderError;
use crate::document::{DocumentError, Reader, Words, Writer};
use crate::record::Digest;
use crate::spelling::base64;

/// One selector in one category over a run of slots. An order lists what it names; nothing widens it later (SEA-53).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScopeItem {
    selector: Selector,
    category: Category,
    len: SlotLen,
    first: u64,
    last: u64,
}

impl ScopeItem {
    /// Slots `first` to `last`, both included; at most 2^20 of them.
    pub fn new(selector: Selector, category: Category, len: SlotLen, first: u64, last: u64) -> Option<ScopeItem> {
        let run = last.checked_sub(first)?;
        // Both ends are slots of representable time, so that start() and end() cannot overflow anywhere.
        Slot::new(len, first).and_then(|_| Slot::new(len, last)).ok()?;
        (run < 1 << 20).then_some(ScopeItem { selector, category, len, first, last })
    }

    pub fn selector(&self) -> &Selector {
        &self.selector
    }

    pub fn category(&self) -> Category {
        self.category
    }

    pub fn slot_len(&self) -> SlotLen {
        self.len
    }

    pub fn first(&self) -> u64 {
        self.first
    }

    pub fn last(&self) -> u64 {
        self.last
    }

    /// How many slots.
    pub fn count(&self) -> u64 {
        self.last - self.first + 1
    }

    /// First second of the first slot.
    pub fn start(&self) -> u64 {
        self.first * u64::from(self.len.seconds())
    }

    /// First second after the last slot.
    pub fn end(&self) -> u64 {
        (self.last + 1) * u64::from(self.len.seconds())
    }

    /// Does it name this selector in this category and slot?
    pub fn names(&self, selector: &Selector, category: Category, slot: Slot) -> bool {
        let same = self.selector == *selector && self.category == category && self.len == slot.len();
        same && self.first <= slot.no() && slot.no() <= self.last
    }

    /// Does it reach into an item that begins no earlier?
    fn reaches_into(&self, next: &ScopeItem) -> bool {
        self.selector == next.selector && self.category == next.category && next.start() < self.end()
    }

    /// sel_type u8 ‖ sel_len u16 ‖ selector ‖ category u16 ‖ slot_len u32 ‖ first u64 ‖ last u64 (sealing.md 3.5).
    pub fn to_bytes(&self) -> Vec<u8> {
        let octets = self.selector.as_bytes();
        let mut out = vec![self.selector.sel_type()];
        out.extend_from_slice(&(octets.len() as u16).to_be_bytes());
        out.extend_from_slice(octets);
        out.extend_from_slice(&self.category.number().to_be_bytes());
        out.extend_from_slice(&self.len.seconds().to_be_bytes());
        out.extend_from_slice(&self.first.to_be_bytes());
        out.extend_from_slice(&self.last.to_be_bytes());
        out
    }
}

/// The leaf of one scope item (without the tree's own prefix).
pub fn scope_leaf(eta: &[u8; 32], item: &ScopeItem) -> Vec<u8> {
    [labels::SCOPE_LEAF, eta.as_slice(), &sha256(&[&item.to_bytes()])].concat()
}

/// All items of an order with their salts, strictly ascending by leaf hash (LOG-40), no two overlapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    items: Vec<([u8; 32], ScopeItem)>,
}

impl Scope {
    /// Items of one order.
    pub const ITEMS_MAX: usize = 4_096;

    /// Puts the items into their one order.
    pub fn new(mut items: Vec<([u8; 32], ScopeItem)>) -> Result<Scope, OrderError> {
        items.sort_by_key(|(eta, item)| merkle::leaf_hash(&scope_leaf(eta, item)));
        let scope = Scope { items };
        scope.check()?;
        Ok(scope)
    }

    pub(super) fn unchecked(items: Vec<([u8; 32], ScopeItem)>) -> Scope {
        Scope { items }
    }

    pub fn items(&self) -> impl Iterator<Item = &ScopeItem> {
        self.items.iter().map(|(_, item)| item)
    }

    /// With their η, for notices.
    pub fn salted(&self) -> &[([u8; 32], ScopeItem)] {
        &self.items
    }

    fn leaf_hashes(&self) -> Vec<Digest> {
        self.items.iter().map(|(eta, item)| merkle::leaf_hash(&scope_leaf(eta, item))).collect()
    }

    /// scope_root, field 16.
    pub fn root(&self) -> Digest {
        merkle::root(&self.leaf_hashes())
    }

    /// The path of item `position`, for a notice.
    pub fn path(&self, position: usize) -> Vec<Digest> {
        merkle::inclusion_path(&self.leaf_hashes(), position)
    }

    /// ORD-03.
    pub fn check(&self) -> Result<(), OrderError> {
        let shape = !self.items.is_empty() && self.items.len() <= Scope::ITEMS_MAX;
        if !shape || !self.leaf_hashes().is_sorted_by(|a, b| a < b) {
            return Err(OrderError::Scope);
        }
        // Sorted by selector, category and start, only neighbours can overlap.
        let mut sorted: Vec<&ScopeItem> = self.items().collect();
        sorted.sort_by(|a, b| (&a.selector, a.category, a.start()).cmp(&(&b.selector, b.category, b.start())));
        if sorted.windows(2).any(|pair| pair[0].reaches_into(pair[1])) {
            return Err(OrderError::Scope);
        }
        Ok(())
    }

    /// Number of (selector, category, slot).
    pub fn identity_count(&self) -> u64 {
        self.items().map(ScopeItem::count).sum()
    }

    /// Does any item name it?
    pub fn names(&self, selector: &Selector, category: Category, slot: Slot) -> bool {
        self.items().any(|item| item.names(selector, category, slot))
    }

    /// Strictly ascending.
    pub fn categories(&self) -> Vec<Category> {
        let set: std::collections::BTreeSet<Category> = self.items().map(ScopeItem::category).collect();
        set.into_iter().collect()
    }

    /// In the order of field 8.
    pub fn selectors(&self) -> Vec<Selector> {
        let mut list: Vec<Selector> = self.items().map(|i| i.selector.clone()).collect();
        list.sort_by(|a, b| (a.sel_type(), a.as_bytes()).cmp(&(b.sel_type(), b.as_bytes())));
        list.dedup();
        list
    }

    pub(super) fn write(&self, w: &mut Writer) {
        for (eta, item) in &self.items {
            let (category, len) = (item.category.number(), item.len.seconds());
            let run = format!("{category} {len} {} {}", item.first, item.last);
            w.line("scope", format_args!("{} {run} {}", base64(eta), item.selector));
        }
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Scope, DocumentError> {
        let items = r.all("scope", |v| {
            let mut w = Words::new(v);
            let eta = w.bytes::<32>()?;
            let category = Category::new(w.small::<u16>()?).ok()?;
            let len = SlotLen::new(w.small::<u32>()?).ok()?;
            let (first, last) = (w.decimal()?, w.decimal()?);
            let selector = Selector::from_text(w.rest()?).ok()?;
            Some((eta, ScopeItem::new(selector, category, len, first, last)?))
        })?;
        Ok(Scope::unchecked(items))
    }
}
