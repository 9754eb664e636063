//! The folder on a real disk: whole files, one writer, lookers that cannot write.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use trustee::disk::{Disk, Folder, FolderError};

fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    (dir, path)
}

#[test]
fn files_appear_whole_and_are_never_overwritten_by_create() {
    let (_dir, path) = folder();
    let disk = Folder::init(&path).unwrap();
    assert_eq!(disk.read("a").unwrap(), None);
    disk.create("a", b"one").unwrap();
    assert_eq!(disk.create("a", b"two").unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(disk.read("a").unwrap().unwrap(), b"one");
    disk.replace("a", b"three").unwrap();
    disk.append("a", b" four").unwrap();
    assert_eq!(disk.read("a").unwrap().unwrap(), b"three four");
    assert!(disk.append("b", b"x").is_err(), "a log that is not there is not begun");
    disk.erase("a").unwrap();
    disk.erase("a").unwrap();
    assert_eq!(disk.read("a").unwrap(), None);
    let left: Vec<_> = std::fs::read_dir(&path).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["lock"], "no passing names stay behind");
}

#[test]
fn a_file_left_behind_by_a_power_cut_does_not_disturb() {
    let (_dir, path) = folder();
    let disk = Folder::init(&path).unwrap();
    std::fs::write(path.join("a.new"), b"half of someth").unwrap();
    disk.create("a", b"whole").unwrap();
    std::fs::write(path.join("a.new"), b"half of something longer than the next").unwrap();
    disk.replace("a", b"next").unwrap();
    assert_eq!(disk.read("a").unwrap().unwrap(), b"next");
}

#[test]
fn tru_02_init_wants_an_empty_folder() {
    let (dir, path) = folder();
    std::fs::create_dir(&path).unwrap();
    drop(Folder::init(&path).unwrap());
    assert!(matches!(Folder::init(&path), Err(FolderError::NotEmpty)));
    assert!(matches!(Folder::open(&dir.path().join("elsewhere")), Err(FolderError::Missing)));
    assert!(matches!(Folder::look(dir.path()), Err(FolderError::OpenToOthers | FolderError::Missing)));
}

#[test]
fn tru_01_one_writes_others_wait_or_look() {
    let (_dir, path) = folder();
    let disk = Folder::init(&path).unwrap();
    assert!(matches!(Folder::open(&path), Err(FolderError::InUse)));
    let looking = Folder::look(&path).unwrap();
    disk.create("a", b"seen").unwrap();
    assert_eq!(looking.read("a").unwrap().unwrap(), b"seen");
    for refused in [looking.create("b", b""), looking.replace("a", b""), looking.append("a", b""), looking.erase("a")] {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::PermissionDenied);
    }
    assert_eq!(disk.read("a").unwrap().unwrap(), b"seen");
    let begin = Instant::now();
    assert!(matches!(Folder::open_patiently(&path, Duration::from_millis(100)), Err(FolderError::InUse)));
    assert!(Duration::from_millis(80) <= begin.elapsed());
    let waiting = std::thread::spawn(move || Folder::open_patiently(&path, Duration::from_secs(10)).is_ok());
    std::thread::sleep(Duration::from_millis(60));
    drop(disk);
    assert!(waiting.join().unwrap());
}

#[cfg(unix)]
#[test]
fn tru_03_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (_dir, path) = folder();
    let disk = Folder::init(&path).unwrap();
    disk.create("share", b"secret").unwrap();
    disk.replace("kept", b"x").unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&path.join("share")), mode(&path.join("kept"))), (0o700, 0o600, 0o600));
}

/// A folder with one thing in it that is no plain file: every way in which the operating system can refuse, without a broken disk.
fn with_link(name: &str, to: &str) -> (tempfile::TempDir, Folder) {
    let (dir, path) = folder();
    let disk = Folder::init(&path).unwrap();
    std::os::unix::fs::symlink(to, path.join(name)).unwrap();
    (dir, disk)
}

#[test]
fn tru_02_init_touches_nothing_where_it_refuses() {
    use std::os::unix::fs::PermissionsExt;
    let (_dir, path) = folder();
    std::fs::create_dir(&path).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(path.join("diary"), b"of somebody").unwrap();
    assert!(matches!(Folder::init(&path), Err(FolderError::NotEmpty)));
    assert!(!path.join("lock").exists(), "no lock was left in a folder that is not ours");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o755);
    // A file under that name: said as it is, and not taken for a folder that is missing.
    let refused = Folder::init(&path.join("diary"));
    assert!(matches!(refused, Err(FolderError::Fault(error)) if error.kind() == ErrorKind::NotADirectory));
    assert_eq!(std::fs::read(path.join("diary")).unwrap(), b"of somebody");
}

#[test]
fn tru_03_and_rel_27_neither_opened_nor_looked_at() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, path) = folder();
    drop(Folder::init(&path).unwrap());
    let mode = |path: &std::path::Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    for open in [0o750, 0o705, 0o720, 0o701] {
        mode(&path, open);
        assert!(matches!(Folder::open(&path), Err(FolderError::OpenToOthers)), "{open:o}");
        assert!(matches!(Folder::look(&path), Err(FolderError::OpenToOthers)), "{open:o}");
    }
    mode(&path, 0o700);
    assert!(Folder::open(&path).is_ok() && Folder::look(&path).is_ok());
    // Closed to others, but `init` never made it.
    let other = dir.path().join("other");
    std::fs::create_dir(&other).unwrap();
    mode(&other, 0o700);
    assert!(matches!(Folder::open(&other), Err(FolderError::Missing)));
    assert!(matches!(Folder::look(&other), Err(FolderError::Missing)));
}

#[test]
fn rel_25_what_the_disk_did_not_take_is_told() {
    // Nothing fits on the one; the other takes everything and cannot say that it kept it.
    let (_dir, disk) = with_link("full", "/dev/full");
    assert_eq!(disk.append("full", b"line").unwrap_err().kind(), ErrorKind::StorageFull);
    let (_dir, disk) = with_link("null", "/dev/null");
    assert!(disk.append("null", b"line").is_err());
    assert!(disk.erase("null").is_err(), "zeros that were not kept");
    assert!(disk.read("null").unwrap().is_some(), "and so it was not taken away");
    disk.create("plain", b"one").unwrap();
    disk.append("plain", b" two").unwrap();
    disk.erase("plain").unwrap();
}

#[test]
fn rel_25_a_name_that_cannot_be_written_is_told() {
    let (dir, path) = folder();
    let disk = Folder::init(&path).unwrap();
    // A folder in the place of the file, and one in the place of its passing name.
    for name in ["a", "b.new"] {
        std::fs::create_dir(path.join(name)).unwrap();
    }
    assert!(disk.replace("a", b"x").is_err());
    assert!(disk.create("a", b"x").is_err());
    assert!(disk.erase("a").is_err());
    for refused in [disk.replace("b", b"x"), disk.create("b", b"x")] {
        assert!(refused.is_err());
    }
    assert_eq!(disk.read("b").unwrap(), None);
    drop(dir);
}

#[test]
fn rel_27_a_file_that_cannot_be_read_is_not_one_that_is_missing() {
    let (_dir, disk) = with_link("loop", "loop");
    assert!(disk.read("loop").is_err(), "only a name that is not there reads as nothing");
    assert!(disk.erase("loop").is_err(), "and only such a one is erased already");
    assert_eq!(disk.read("nothing").unwrap(), None);
    disk.erase("nothing").unwrap();
    let (_dir, path) = folder();
    let disk = Folder::init(&path).unwrap();
    std::fs::create_dir(path.join("folder")).unwrap();
    assert!(disk.read("folder").is_err());
}

#[test]
fn rel_27_a_file_longer_than_any_that_is_written_is_not_read() {
    let (_dir, path) = folder();
    let disk = Folder::init(&path).unwrap();
    let long = std::fs::File::create(path.join("kept")).unwrap();
    long.set_len((256 << 20) + 1).unwrap();
    assert_eq!(disk.read("kept").unwrap_err().kind(), ErrorKind::FileTooLarge);
    long.set_len(3).unwrap();
    assert_eq!(disk.read("kept").unwrap().unwrap(), [0; 3]);
}

#[test]
fn cer_10_a_kill_between_the_two_names_of_a_new_file_costs_nothing_later() {
    let (_dir, path) = folder();
    let disk = Folder::init(&path).unwrap();
    disk.create("dealing", b"first").unwrap();
    // `create` was killed after the file had its name and before it lost the passing one.
    let killed = || std::fs::hard_link(path.join("dealing"), path.join("dealing.new")).unwrap();
    killed();
    assert_eq!(disk.create("dealing", b"second").unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(disk.read("dealing").unwrap().unwrap(), b"first", "what lies there is not written through its second name");
    killed();
    // Replaced by renaming: who has the old file open goes on reading the old one.
    let before = std::fs::File::open(path.join("dealing")).unwrap();
    disk.replace("dealing", b"third").unwrap();
    assert_eq!(std::io::read_to_string(before).unwrap(), "first");
    assert_eq!(disk.read("dealing").unwrap().unwrap(), b"third");
    assert!(!path.join("dealing.new").exists());
}
