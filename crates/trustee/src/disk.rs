//! The state folder as this program writes it: whole files, each write durable before the call returns.
//!
//! Trusted for everything: who can change these files can make a member release twice or forget that it did. Never
//! restore an older copy (docs/operate/trustee.md). Files are readable by their owner only.

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroize;

/// What the state needs of a disk. Two implementations: [`Folder`], and one in the tests that dies at a chosen step.
///
/// After `Ok` the change survives a power cut. After `Err` it may or may not have happened.
pub trait Disk {
    /// The whole file; `None` when there is none.
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>>;
    /// Makes a file that must not exist yet; it appears whole or not at all.
    fn create(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
    /// Replaces a file, or makes it; readers see the old or the new one, never a mixture.
    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
    /// Adds to the end of a file that must exist. A cut write leaves a torn end.
    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
    /// Overwrites with zeros, then removes. Nothing to do when there is no such file.
    fn erase(&self, name: &str) -> io::Result<()>;
}

/// Longest file that is read: ten years of a busy member's journal are a tenth of it.
const READ_MAX: u64 = 256 << 20;
const LOCK: &str = "lock";
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// A folder on a real disk: locked, or only looked at. The lock goes with the value, also when the process is killed.
pub struct Folder {
    path: PathBuf,
    // One process a folder (TRU-01): two judges at once could both find an intent unused. Without it nothing is written.
    lock: Option<File>,
    // Directory entries are durable only after the directory itself was synced.
    dir: RefCell<File>,
}

/// Why a folder could not be opened.
#[derive(Debug)]
pub enum FolderError {
    /// `init` found something there (TRU-02).
    NotEmpty,
    /// There is no such folder; `init` makes one.
    Missing,
    /// Another process of this program works in it (TRU-01).
    InUse,
    /// Others than its owner can read or write it (TRU-03).
    OpenToOthers,
    /// The operating system refused.
    Fault(io::Error),
}

impl From<io::Error> for FolderError {
    fn from(error: io::Error) -> Self {
        FolderError::Fault(error)
    }
}

impl Folder {
    /// Makes the folder. TRU-02: refuses a folder with anything in it.
    pub fn init(path: &Path) -> Result<Folder, FolderError> {
        match std::fs::read_dir(path) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    return Err(FolderError::NotEmpty);
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => std::fs::create_dir_all(path)?,
            Err(error) => return Err(error.into()),
        }
        close_to_others(path)?;
        let lock = own_file(OpenOptions::new().write(true).create_new(true)).open(path.join(LOCK)).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => FolderError::NotEmpty,
            _ => FolderError::Fault(error),
        })?;
        Folder::locked(path, lock)
    }

    /// Opens a folder that `init` made, and waits up to `patience` for another process to leave it.
    pub fn open_patiently(path: &Path, patience: Duration) -> Result<Folder, FolderError> {
        let tries = patience.as_millis() / LOCK_PAUSE.as_millis();
        for _ in 0..tries {
            match Folder::open(path) {
                Err(FolderError::InUse) => std::thread::sleep(LOCK_PAUSE),
                other => return other,
            }
        }
        Folder::open(path)
    }

    /// Opens a folder to look at it, without the lock. Files appear whole, so a judge at work does not disturb; writing fails.
    pub fn look(path: &Path) -> Result<Folder, FolderError> {
        Folder::check(path)?;
        if !path.join(LOCK).exists() {
            return Err(FolderError::Missing);
        }
        Ok(Folder { path: path.to_owned(), lock: None, dir: RefCell::new(File::open(path)?) })
    }

    fn check(path: &Path) -> Result<(), FolderError> {
        if !path.is_dir() {
            return Err(FolderError::Missing);
        }
        if is_open_to_others(path)? {
            return Err(FolderError::OpenToOthers);
        }
        Ok(())
    }

    /// Opens a folder that `init` made.
    pub fn open(path: &Path) -> Result<Folder, FolderError> {
        Folder::check(path)?;
        let lock = OpenOptions::new().write(true).open(path.join(LOCK)).map_err(|error| match error.kind() {
            ErrorKind::NotFound => FolderError::Missing,
            _ => FolderError::Fault(error),
        })?;
        Folder::locked(path, lock)
    }

    fn locked(path: &Path, lock: File) -> Result<Folder, FolderError> {
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Err(FolderError::InUse),
            Err(std::fs::TryLockError::Error(error)) => return Err(error.into()),
        }
        let dir = RefCell::new(File::open(path)?);
        Ok(Folder { path: path.to_owned(), lock: Some(lock), dir })
    }

    fn sync_names(&self) -> io::Result<()> {
        self.dir.borrow().sync_all()
    }

    fn may_write(&self) -> io::Result<()> {
        match self.lock {
            Some(_) => Ok(()),
            None => Err(io::Error::new(ErrorKind::PermissionDenied, "opened for looking only")),
        }
    }

    /// The bytes under a passing name, synced, not yet under their own.
    fn write_aside(&self, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
        self.may_write()?;
        let aside = self.path.join(format!("{name}.new"));
        // A kill in `create` leaves a second name of the whole file here: writing through it would change that file in place. What
        // cannot be removed is refused by the next line.
        let _ = std::fs::remove_file(&aside);
        let mut file = own_file(OpenOptions::new().write(true).create_new(true)).open(&aside)?;
        write_through(&mut file, bytes).map(|()| aside)
    }
}

impl Disk for Folder {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(self.path.join(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let size = file.metadata()?.len();
        if READ_MAX < size {
            return Err(io::Error::new(ErrorKind::FileTooLarge, name.to_owned()));
        }
        // The exact capacity: a growing Vec would leave copies of a key file behind.
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        file.take(READ_MAX).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn create(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let aside = self.write_aside(name, bytes)?;
        // A rename would overwrite; a link refuses an existing name in one step.
        let linked = std::fs::hard_link(&aside, self.path.join(name));
        std::fs::remove_file(&aside).and(linked)?;
        self.sync_names()
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let aside = self.write_aside(name, bytes)?;
        std::fs::rename(&aside, self.path.join(name))?;
        self.sync_names()
    }

    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.may_write()?;
        let mut file = OpenOptions::new().append(true).open(self.path.join(name))?;
        write_through(&mut file, bytes)
    }

    fn erase(&self, name: &str) -> io::Result<()> {
        self.may_write()?;
        let path = self.path.join(name);
        let mut file = match OpenOptions::new().write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        // Helps on disks that write in place; flash keeps copies, which is why the runbook asks for an encrypted disk.
        let length = usize::try_from(file.metadata()?.len()).unwrap_or(0);
        write_through(&mut file, &vec![0; length.min(1 << 20)])?;
        std::fs::remove_file(&path).and_then(|()| self.sync_names())
    }
}

/// The octets are on the disk when this returns.
fn write_through(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()
}

/// Bytes that are overwritten when they go: what a key file held.
pub struct SecretBytes(pub Vec<u8>);

impl Drop for SecretBytes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(unix)]
fn own_file(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(unix)]
fn close_to_others(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn own_file(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(not(unix))]
fn close_to_others(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> io::Result<bool> {
    Ok(false)
}
