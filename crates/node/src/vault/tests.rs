//! The vault against crashes, double use, and time.

use seal::entropy::SeededEntropy;
use seal::identity::{Category, ProviderId, Salt};
use seal::retention::{BucketProof, BucketTree};
use seal::salt_map::SaltRoot;
use seal::selector::Selector;

use super::*;

const DAY: u64 = 20_000;

fn chance() -> SeededEntropy {
    SeededEntropy::new([1; 32])
}

fn vault() -> (tempfile::TempDir, Vault) {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::init(&folder.path().join("vault"), ProviderId([0xaa; 16]), &mut chance()).unwrap();
    (folder, vault)
}

fn account(name: &str) -> Selector {
    Selector::from_text(&format!("account:{name}")).unwrap()
}

#[test]
fn init_refuses_an_existing_vault_and_open_a_missing_one() {
    let (folder, vault) = vault();
    drop(vault);
    let path = folder.path().join("vault");
    assert!(matches!(Vault::init(&path, ProviderId([1; 16]), &mut chance()), Err(VaultError::State(_))));
    assert!(matches!(Vault::open(folder.path()), Err(VaultError::State(_))));
    assert_eq!(Vault::open(&path).unwrap().provider(), ProviderId([0xaa; 16]));
}

#[cfg(unix)]
#[test]
fn everything_in_the_vault_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, vault) = vault();
    vault.retention_for_sealing(Category::IP, DAY, &mut chance()).unwrap();
    let mode = |path: &str| std::fs::metadata(folder.path().join("vault").join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(""), mode("retention"), mode("retention/3")), (0o700, 0o700, 0o700));
    assert_eq!((mode("vault.db"), mode("node.key"), mode("hold.key"), mode("retention/3/20000.key")), (0o600, 0o600, 0o600, 0o600));
}

#[test]
fn sea_20_a_lease_is_never_given_out_twice() {
    let (folder, vault) = vault();
    let mut seen = vec![vault.next_lease().unwrap(), vault.next_lease().unwrap()];
    // Two nodes, and a restart.
    let other = Vault::open(&folder.path().join("vault")).unwrap();
    seen.extend([other.next_lease().unwrap(), vault.next_lease().unwrap()]);
    drop((vault, other));
    seen.push(Vault::open(&folder.path().join("vault")).unwrap().next_lease().unwrap());
    assert_eq!(seen, [1, 2, 3, 4, 5]);
}

#[test]
fn sea_48_a_shredded_key_is_gone_for_good() {
    let (folder, vault) = vault();
    let key = vault.retention_for_sealing(Category::IP, DAY, &mut chance()).unwrap();
    let id = key.id();
    assert_eq!(vault.retention_for_sealing(Category::IP, DAY, &mut chance()).unwrap().id(), id);
    assert_eq!(vault.retention(id).unwrap().unwrap().id(), id);
    assert_ne!(vault.retention_for_sealing(Category::DEVICE, DAY, &mut SeededEntropy::new([2; 32])).unwrap().id(), id);
    let leaf = vault.shred(Category::IP, DAY, 99).unwrap().unwrap();
    assert_eq!(leaf.object, key.commitment());
    assert_eq!(vault.shred(Category::IP, DAY, 100).unwrap(), Some(leaf), "again, the same statement");
    assert!(matches!(vault.retention_for_sealing(Category::IP, DAY, &mut chance()), Err(VaultError::Shredded)));
    assert!(vault.retention(id).unwrap().is_none());
    assert!(!folder.path().join("vault/retention/3/20000.key").exists());
    assert_eq!(vault.shred(Category::LOCATION, DAY, 99).unwrap(), None);
}

#[test]
fn tse_55_shredding_that_a_crash_interrupted_is_finished_at_the_next_start() {
    let (folder, vault) = vault();
    let id = vault.retention_for_sealing(Category::IP, DAY, &mut chance()).unwrap().id();
    // The row is written, the file still stands there: as after kill -9 between the two.
    vault.database().execute("update retention set state = 'shredding', shredded_at = 7", []).unwrap();
    drop(vault);
    let vault = Vault::open(&folder.path().join("vault")).unwrap();
    assert!(vault.retention(id).unwrap().is_none());
    assert!(!folder.path().join("vault/retention/3/20000.key").exists());
    assert_eq!(vault.shred(Category::IP, DAY, 99).unwrap().unwrap().time, 7);
}

#[test]
fn a_key_file_without_its_row_is_taken_up() {
    let (folder, vault) = vault();
    let id = vault.retention_for_sealing(Category::IP, DAY, &mut chance()).unwrap().id();
    vault.database().execute("delete from retention", []).unwrap();
    assert_eq!(vault.retention_for_sealing(Category::IP, DAY, &mut SeededEntropy::new([9; 32])).unwrap().id(), id);
    drop(folder);
}

#[test]
fn sea_73_keys_expire_after_their_categorys_retention() {
    let (_folder, vault) = vault();
    let mut entropy = chance();
    for (category, day) in [(Category::IP, 10), (Category::IP, 11), (Category::DEVICE, 10), (Category::LOCATION, 1)] {
        vault.retention_for_sealing(category, day, &mut entropy).unwrap();
    }
    let keep = |category| match category {
        Category::IP => Some(5),
        Category::DEVICE => Some(30),
        _ => None,
    };
    assert_eq!(vault.expired(15, keep).unwrap(), []);
    assert_eq!(vault.expired(16, keep).unwrap(), [(Category::IP, 10)]);
    assert_eq!(vault.expired(17, keep).unwrap(), [(Category::IP, 10), (Category::IP, 11)]);
}

#[test]
fn sea_04_a_salt_stays_until_the_number_has_a_new_holder() {
    let (_folder, vault) = vault();
    let mut entropy = chance();
    let anna = account("@anna:b");
    assert_eq!(vault.known_salt(&anna, 100).unwrap(), None);
    let first = vault.salt(&anna, 100, &mut entropy).unwrap();
    assert_ne!(first, Salt::ZERO);
    assert_eq!(vault.salt(&anna, 5_000, &mut entropy).unwrap(), first);
    assert_ne!(vault.salt(&account("@bert:b"), 100, &mut entropy).unwrap(), first);
    vault.new_holder(&anna, 1_000, &mut entropy).unwrap();
    assert_eq!(vault.known_salt(&anna, 999).unwrap(), Some(first));
    assert_ne!(vault.known_salt(&anna, 1_000).unwrap(), Some(first));
    let address = Selector::from_text("ip:192.0.2.1").unwrap();
    assert_eq!(vault.salt(&address, 0, &mut entropy).unwrap(), Salt::ZERO);
}

#[test]
fn sea_52_proofs_are_against_the_last_published_map() {
    let (_folder, vault) = vault();
    let mut entropy = chance();
    let (anna, bert) = (account("@anna:b"), account("@bert:b"));
    let salt = vault.salt(&anna, 0, &mut entropy).unwrap();
    let nothing = SaltRoot { root: [0; 32], count: 0 };
    assert!(vault.salt_lookup(&anna, DAY, &nothing, &mut entropy).unwrap().is_none(), "nothing published");
    vault.note_salts(DAY, &[(anna.clone(), salt)], &mut entropy).unwrap();
    let grown = vault.grown_salt_maps(&[]).unwrap();
    assert_eq!(grown.len(), 1);
    let (day, root) = grown[0];
    assert_eq!((day, root.count), (DAY, 1));
    vault.note_published_map(DAY, &root).unwrap();
    assert_eq!(vault.grown_salt_maps(&[]).unwrap(), []);
    assert_eq!(vault.grown_salt_maps(&[DAY]).unwrap(), [(DAY, root)], "published again before each slot-close, grown or not");

    // Grown, not yet published: proofs stay with the published map.
    let second = vault.salt(&bert, 0, &mut entropy).unwrap();
    vault.note_salts(DAY, &[(anna.clone(), salt), (bert.clone(), second)], &mut entropy).unwrap();
    let of_bert = vault.salt_lookup(&bert, DAY, &root, &mut entropy).unwrap().unwrap();
    assert!(of_bert.found.is_empty());
    assert_eq!(of_bert.absence.unwrap().verify_absence(&root, &of_bert.day_secret, &bert), Ok(()));
    let of_anna = vault.salt_lookup(&anna, DAY, &root, &mut entropy).unwrap().unwrap();
    assert_eq!(of_anna.found[0].1.verify_presence(&root, &of_anna.day_secret, &anna, &salt), Ok(()));
    assert!(of_anna.absence.is_none());

    let grown = vault.grown_salt_maps(&[]).unwrap();
    assert_eq!(grown[0].1.count, 2);
    vault.note_published_map(DAY, &grown[0].1).unwrap();
    let of_bert = vault.salt_lookup(&bert, DAY, &root, &mut entropy).unwrap().unwrap();
    assert!(of_bert.absence.is_some(), "the older map still says what it said (REL-19)");
    let of_bert = vault.salt_lookup(&bert, DAY, &grown[0].1, &mut entropy).unwrap().unwrap();
    assert_eq!(of_bert.found[0].1.verify_presence(&grown[0].1, &of_bert.day_secret, &bert, &second), Ok(()));
    // A day without any selector has a map too, once somebody asks for it.
    let empty = vault.grown_salt_maps(&[DAY + 1]).unwrap();
    assert_eq!((empty[0].0, empty[0].1.count), (DAY + 1, 0));
}

#[test]
fn sea_51_a_forgotten_subject_is_gone_and_the_map_still_proves_the_others() {
    let (_folder, vault) = vault();
    let mut entropy = chance();
    let (anna, bert) = (account("@anna:b"), account("@bert:b"));
    let salts = [&anna, &bert].map(|selector| (selector.clone(), vault.salt(selector, 0, &mut entropy).unwrap()));
    vault.note_salts(DAY, &salts, &mut entropy).unwrap();
    let root = vault.grown_salt_maps(&[]).unwrap()[0].1;
    vault.note_published_map(DAY, &root).unwrap();
    let leaf = vault.forget(&anna, 99).unwrap();
    assert_eq!((leaf.kind.number(), leaf.count, leaf.object), (3, 1, [0; 32]));
    assert_eq!(vault.known_salt(&anna, 0).unwrap(), None);
    assert!(vault.salt_lookup(&anna, DAY, &root, &mut entropy).unwrap().unwrap().found.is_empty());
    let of_bert = vault.salt_lookup(&bert, DAY, &root, &mut entropy).unwrap().unwrap();
    assert_eq!(of_bert.root, root);
    assert_eq!(of_bert.found[0].1.verify_presence(&root, &of_bert.day_secret, &bert, &salts[1].1), Ok(()));
    // If the account comes back it is a new subject.
    assert_ne!(vault.salt(&anna, 0, &mut entropy).unwrap(), salts[0].1);
}

/// Whether octets stand anywhere in the files of the database.
fn on_disk(folder: &std::path::Path, octets: &[u8]) -> bool {
    let files = ["vault.db", "vault.db-wal"].map(|name| std::fs::read(folder.join("vault").join(name)));
    files.iter().flatten().any(|file| file.windows(octets.len()).any(|window| window == octets))
}

#[test]
fn sea_51_sea_68_erased_salts_and_values_leave_the_write_ahead_log_too() {
    let (folder, vault) = vault();
    let mut entropy = SeededEntropy::new([4; 32]);
    let anna = account("@anna:b");
    let salt = vault.salt(&anna, 0, &mut entropy).unwrap();
    vault.note_salts(DAY, &[(anna.clone(), salt)], &mut entropy).unwrap();
    let key = vault.retention_for_sealing(Category::IP, DAY, &mut entropy).unwrap();
    let proof = BucketTree::compute(&key, 1, 900).proof(&key, 77).unwrap();
    vault.hold_put(&[held(&proof)], &mut entropy).unwrap();
    let sealed: Vec<u8> = vault.database().query_row("select proof from held", [], |row| row.get(0)).unwrap();
    assert!(on_disk(folder.path(), &salt.0) && on_disk(folder.path(), &sealed[64..]));
    vault.forget(&anna, 99).unwrap();
    assert!(!on_disk(folder.path(), &salt.0));
    vault.hold_drop_expired(500).unwrap();
    assert!(!on_disk(folder.path(), &sealed[64..96]));
}

#[test]
fn sea_46_sea_47_a_day_has_one_key_that_its_id_commits_to_and_that_does_not_print() {
    let (_folder, vault) = vault();
    let key = vault.retention_for_sealing(Category::IP, DAY, &mut chance()).unwrap();
    assert_eq!(key.commitment()[..16], key.id().0);
    let shown = format!("{key:?}");
    key.expose(|octets| assert!(!shown.contains(&verify::spelling::hex(&octets[..4]))));
    let next = vault.retention_for_sealing(Category::IP, DAY + 1, &mut SeededEntropy::new([3; 32])).unwrap();
    assert_ne!(next.id(), key.id());
}

/// An epoch was open with the person's records in it: what it notes when it closes must not bring the name back.
#[test]
fn sea_51_who_is_erased_while_an_epoch_is_open_is_not_named_when_it_closes() {
    let (folder, vault) = vault();
    let mut entropy = SeededEntropy::new([4; 32]);
    let (anna, bob) = (account("@anna:b"), account("@bob:b"));
    let salts = [&anna, &bob].map(|selector| vault.salt(selector, 0, &mut entropy).unwrap());
    vault.forget(&anna, 99).unwrap();
    vault.note_salts(DAY, &[(anna.clone(), salts[0]), (bob.clone(), salts[1])], &mut entropy).unwrap();
    assert_eq!((vault.salts_on(&anna, DAY).unwrap(), vault.salts_on(&bob, DAY).unwrap()), (vec![], vec![salts[1]]));
    assert!(!on_disk(folder.path(), &salts[0].0) && !on_disk(folder.path(), b"@anna:b"));
    let maps = vault.grown_salt_maps(&[DAY]).unwrap();
    assert_eq!(maps[0].1.count, 2, "the leaf stays, for everybody else's proof");
}

fn held(proof: &BucketProof) -> HeldValue {
    HeldValue { hold: [1; 32], epoch: [2; 32], bucket: 77, proof: proof.clone(), expires_at: 500 }
}

/// Beside the names and salts of all, nothing in the folder tells whom a hold names or which bucket it keeps, but for its own key.
#[test]
fn t4_a_copy_of_the_database_does_not_tell_whom_holds_name() {
    let (folder, vault) = vault();
    let (anna, key) = (account("@anna:b"), vault.retention_for_sealing(Category::IP, DAY, &mut chance()).unwrap());
    let proof = BucketTree::compute(&key, 1, 900).proof(&key, 77).unwrap();
    let item = HoldItem { category: Category::IP, selector: anna.clone(), from: 10, until: 20 };
    let order = b"order about account:@anna:b".to_vec();
    let paper = HoldPaper { hold: [1; 32], order, proof: b"its proof".to_vec(), expires_at: 500 };
    vault.hold_name(&[1; 32], std::slice::from_ref(&item), 500, &mut chance()).unwrap();
    vault.hold_put(&[held(&proof)], &mut chance()).unwrap();
    assert_eq!(vault.hold_ask(&paper, &mut chance()).unwrap(), None);
    for needle in [&b"@anna:b"[..], proof.value(), &proof.path()[0], &proof.to_bytes()[40..60]] {
        assert!(!on_disk(folder.path(), needle), "{needle:?}");
    }
    let columns: u32 =
        vault.database().query_row("select count(*) from pragma_table_info('held') where name = 'bucket'", [], |row| row.get(0)).unwrap();
    assert_eq!(columns, 0);
    assert_eq!(vault.hold_items(499).unwrap(), [([1; 32], item, 500)]);
    assert_eq!(vault.hold_asked().unwrap(), [paper]);
    assert!(vault.forget(&anna, 499).is_err(), "and who is held is still found by name");
    drop(vault);
    let (path, refused) = (folder.path().join("vault"), |path: &Path| Vault::open(path).err().unwrap().to_string());
    std::fs::write(path.join("hold.key"), [9; 32]).unwrap();
    assert!(refused(&path).contains("does not open with hold.key"), "else what is held would look like what is not");
    std::fs::remove_file(path.join("hold.key")).unwrap();
    assert!(refused(&path).contains("hold.key is not there"));
}

#[test]
fn t4_holds_in_the_clear_of_an_earlier_version_are_neither_kept_nor_thrown_away() {
    let (folder, vault) = vault();
    vault.database().execute_batch("create table hold_item (selector blob); insert into hold_item values ('x')").unwrap();
    drop(vault);
    let path = folder.path().join("vault");
    assert!(Vault::open(&path).err().unwrap().to_string().contains("holds of an earlier version"));
    rusqlite::Connection::open(path.join("vault.db")).unwrap().execute_batch("delete from hold_item").unwrap();
    let vault = Vault::open(&path).unwrap();
    assert!(vault.database().prepare("select * from hold_item").is_err(), "the empty table is gone");
}

#[test]
fn sea_68_a_hold_outlives_w_and_ends_on_its_day() {
    let (_folder, vault) = vault();
    let key = vault.retention_for_sealing(Category::IP, DAY, &mut chance()).unwrap();
    let tree = BucketTree::compute(&key, 1, 900);
    let proof = tree.proof(&key, 77).unwrap();
    vault.hold_put(&[held(&proof)], &mut chance()).unwrap();
    vault.shred(Category::IP, DAY, 99).unwrap();
    assert_eq!(vault.hold_get(&[2; 32], 77, 499).unwrap().unwrap().verify(77, &tree.root()), Ok(()));
    assert!(vault.hold_get(&[2; 32], 78, 499).unwrap().is_none());
    assert!(vault.hold_get(&[2; 32], 77, 500).unwrap().is_none());
    assert_eq!(vault.hold_drop_expired(499).unwrap(), []);
    assert_eq!(vault.hold_drop_expired(500).unwrap(), [([1; 32], 1)]);
    assert_eq!(vault.hold_drop_expired(500).unwrap(), []);
}

#[test]
fn sea_73_a_vault_from_before_the_list_of_segments_gets_one_when_it_is_opened() {
    let (folder, vault) = vault();
    vault.database().execute_batch("drop table sealed").unwrap();
    drop(vault);
    let vault = Vault::open(&folder.path().join("vault")).unwrap();
    assert!(vault.deletable(DAY * 86_400).unwrap().is_empty());
    let retention = vault.retention_for_sealing(Category::IP, DAY, &mut chance()).unwrap().id();
    vault.note_sealed(&[7; 32], retention).unwrap();
    drop(vault);
    // What is listed is not lost by the next opening.
    let vault = Vault::open(&folder.path().join("vault")).unwrap();
    let listed: i64 = vault.database().query_row("select count(*) from sealed", [], |row| row.get(0)).unwrap();
    assert_eq!(listed, 1);
}
