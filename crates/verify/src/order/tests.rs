use super::{OrderError, Scope, ScopeItem, scope_leaf};
use seal::identity::{Category, SlotLen};
use seal::merkle;
use seal::selector::Selector;

fn item(selector: &str) -> ScopeItem {
    ScopeItem::new(Selector::from_text(selector).unwrap(), Category::TRAFFIC, SlotLen::HOUR, 490_000, 490_001).unwrap()
}

#[test]
fn log_40_scope_leaves_ascend_strictly_and_their_tree_is_rfc_6962() {
    let items = vec![([1; 32], item("phone:+31612345678")), ([2; 32], item("phone:+31612345679")), ([3; 32], item("account:@a:b"))];
    let scope = Scope::new(items).unwrap();
    let hashes: Vec<_> = scope.salted().iter().map(|(eta, item)| merkle::leaf_hash(&scope_leaf(eta, item))).collect();
    assert!(hashes.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(scope.root(), merkle::root(&hashes));
    for (position, hash) in hashes.iter().enumerate() {
        merkle::verify_inclusion(position as u64, 3, hash, &scope.path(position), &scope.root()).unwrap();
    }
    let mut turned = scope.salted().to_vec();
    turned.swap(0, 1);
    assert_eq!(Scope::unchecked(turned).check(), Err(OrderError::Scope), "the same items in another order");
    let twice = vec![scope.salted()[0].clone(), scope.salted()[0].clone()];
    assert_eq!(Scope::unchecked(twice).check(), Err(OrderError::Scope), "one leaf twice");
}
