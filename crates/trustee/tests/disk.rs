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
