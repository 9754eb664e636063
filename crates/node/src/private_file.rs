//! Files that only their owner may read: keys, case databases, workshop files.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use seal::secret::Secret;

/// Creates an empty file with mode 0600; refuses an existing one.
pub fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Creates a folder with mode 0700; an existing one is kept as it is.
pub fn folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Writes `path` so that it is either absent or whole: a private neighbour is written, synced and renamed over it.
/// An older file of that name is replaced. The folder is synced too, else the rename may not survive a power cut.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    match std::fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&part, path)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// A key of 32 octets, read to where it is wiped: no copy of it stays on the heap. `None`: the file has another length.
pub fn read_key(path: &Path) -> io::Result<Option<Secret<32>>> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() != 32 {
        return Ok(None);
    }
    let mut read = Ok(());
    let key = Secret::fill_with(|key| read = file.read_exact(key));
    read.map(|()| Some(key))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_is_whole_and_private_and_a_left_over_part_is_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(folder.path().join("x.part"), b"half").unwrap();
        write_whole(&path, b"one").unwrap();
        write_whole(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!folder.path().join("x.part").exists());
        assert!(create(&path).is_err());
        assert!(read_key(&path).unwrap().is_none());
        write_whole(&path, &[7; 32]).unwrap();
        assert!(read_key(&path).unwrap().unwrap().equals(&Secret::new([7; 32])));
    }
}
