//! In the copy only: which check is away, and a test that splits at the first place where it would matter.
//!
//! A test runs once with every check in place. Where a check first answers what it would not answer if it were away, the process
//! splits: the child goes on without the check, the parent waits for it and goes on with it. Up to there both are the same run, so
//! nothing is lost, and what a test builds before is built once for all checks.

use std::cell::Cell;
use std::ffi::c_int;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

mod c {
    use std::ffi::{c_int, c_uint};
    unsafe extern "C" {
        pub fn fork() -> c_int;
        pub fn waitpid(pid: c_int, status: *mut c_int, options: c_int) -> c_int;
        pub fn _exit(status: c_int) -> !;
        pub fn alarm(seconds: c_uint) -> c_uint;
        pub fn setpgid(pid: c_int, group: c_int) -> c_int;
        pub fn kill(pid: c_int, signal: c_int) -> c_int;
        pub fn setrlimit(what: c_int, limit: *const [u64; 2]) -> c_int;
    }
    pub const KILL: c_int = 9;
    pub const RLIMIT_CPU: c_int = 0;
    pub const RLIMIT_AS: c_int = 9;
}

/// A mutant may loop for ever, or take all memory: seconds of processor besides what the whole test takes, of waiting, octets. A test
/// whose control takes longer is not split.
const PROCESSOR: u64 = 4;
const WAITING: u32 = 240;
const MEMORY: u64 = 8 << 30;

/// Every check is in place.
const WHOLE: usize = usize::MAX;
/// A child that has every check in place: shows that splitting itself changes nothing.
const CONTROL: usize = usize::MAX - 1;

struct Here {
    cut: AtomicUsize,
    watch: Option<Watch>,
}

struct Watch {
    /// The test, which is its thread's name too.
    test: String,
    asked: Vec<bool>,
    seen: Vec<AtomicBool>,
    /// What was found out: `died N`, `lived N`, `apart N` (it mattered elsewhere than in the test's own thread); where only that is
    /// asked, `at N MS` (after so many milliseconds it mattered first).
    heard: PathBuf,
    /// Only asked what matters, and when: no split.
    only_looks: bool,
    began: Instant,
    /// Seconds of processor that a child may take.
    processor: u64,
    /// The folder for temporary files that this run has for itself.
    files: PathBuf,
    controlled: AtomicBool,
    never_split: AtomicBool,
}

fn here() -> &'static Here {
    static HERE: OnceLock<Here> = OnceLock::new();
    HERE.get_or_init(|| {
        let number = |text: &str| text.parse::<usize>().ok();
        let cut = std::env::var("WAARBORG_CUT").ok().and_then(|text| number(&text));
        let watch = || {
            let test = std::env::var("WAARBORG_TEST").ok()?;
            let asked: Vec<usize> =
                fs::read_to_string(std::env::var_os("WAARBORG_ASKED")?).ok()?.split_whitespace().filter_map(number).collect();
            let count = asked.iter().max().map_or(0, |last| last + 1);
            let is_asked = (0..count).map(|id| asked.binary_search(&id).is_ok()).collect();
            let seen = (0..count).map(|_| AtomicBool::new(false)).collect();
            let heard = PathBuf::from(std::env::var_os("WAARBORG_HEARD")?);
            let files = heard.with_extension("files");
            let (controlled, never_split) = (AtomicBool::new(false), AtomicBool::new(false));
            let only_looks = std::env::var_os("WAARBORG_LOOKS").is_some();
            let took = std::env::var("WAARBORG_TOOK").ok().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
            let (began, processor) = (Instant::now(), PROCESSOR + 3 * took);
            Some(Watch { test, asked: is_asked, seen, heard, files, only_looks, began, processor, controlled, never_split })
        };
        Here { cut: AtomicUsize::new(cut.unwrap_or(WHOLE)), watch: watch() }
    })
}

/// Asked where the answer matters: whether this check is away in this process.
pub fn away(id: usize) -> bool {
    let here = here();
    match here.cut.load(Relaxed) {
        WHOLE => here.watch.as_ref().is_some_and(|watch| watch.matters(here, id)),
        cut => cut == id,
    }
}

/// A condition that is false when it is away.
pub fn never(id: usize, answer: bool) -> bool {
    answer && !away(id)
}

/// A condition that is true when it is away.
pub fn holds(id: usize, answer: bool) -> bool {
    answer || away(id)
}

/// An answer without a value: all is well, or not.
pub trait Answer {
    fn is_no(&self) -> bool;
}

impl<T, E> Answer for Result<T, E> {
    fn is_no(&self) -> bool {
        self.is_err()
    }
}

impl<T> Answer for Option<T> {
    fn is_no(&self) -> bool {
        self.is_none()
    }
}

/// The answer, unless it is a refusal and its check is away.
pub fn heed<A: Answer>(id: usize, answer: A) -> Option<A> {
    if answer.is_no() && away(id) { None } else { Some(answer) }
}

/// `yes` instead of a refusal if the check is away.
pub fn well<A: Answer>(id: usize, yes: A, answer: A) -> A {
    if answer.is_no() && away(id) { yes } else { answer }
}

/// How a process came out of a split.
enum Split {
    Child,
    Parent { lived: bool },
}

impl Watch {
    fn matters(&self, here: &Here, id: usize) -> bool {
        if !self.asked.get(id).is_some_and(|asked| *asked) || self.seen[id].swap(true, Relaxed) {
            return false;
        }
        let is_own = std::thread::current().name() == Some(self.test.as_str());
        if !is_own || self.never_split.load(Relaxed) {
            self.say(&format!("apart {id}"));
            return false;
        }
        if self.only_looks {
            self.say(&format!("at {id} {}", self.began.elapsed().as_millis()));
            return false;
        }
        let has_files = fs::read_dir(&self.files).is_ok_and(|mut entries| entries.next().is_some());
        let lived = match self.split(here, id, has_files) {
            Ok(Split::Child) => return true,
            Ok(Split::Parent { lived }) => lived,
            Err(_) => false,
        };
        // A death counts if a child with every check in place lives.
        if !lived && (has_files || !self.controlled.swap(true, Relaxed)) {
            match self.split(here, CONTROL, has_files) {
                Ok(Split::Child) => return false,
                Ok(Split::Parent { lived: true }) => {}
                _ => {
                    self.never_split.store(true, Relaxed);
                    self.say(&format!("apart {id}"));
                    return false;
                }
            }
        }
        self.say(&format!("{} {id}", if lived { "lived" } else { "died" }));
        false
    }

    fn say(&self, what: &str) {
        if let Ok(mut file) = OpenOptions::new().append(true).create(true).open(&self.heard) {
            let _ = file.write_all(format!("{what}\n").as_bytes());
        }
    }

    /// The child works on a copy of the files under the same paths.
    fn split(&self, here: &Here, cut: usize, has_files: bool) -> io::Result<Split> {
        let kept = self.heard.with_extension("kept");
        let folder = std::env::current_dir()?;
        if has_files {
            fs::rename(&self.files, &kept)?;
            copy(&kept, &self.files)?;
        }
        // Safety: the child is this thread alone; the only other one is the test library's, which waits for it.
        let pid = unsafe { c::fork() };
        if pid == 0 {
            become_child(here, cut, self.processor);
            // By its name, which is the copy's now.
            std::env::set_current_dir(folder)?;
            return Ok(Split::Child);
        }
        let mut status: c_int = 1;
        if 0 < pid {
            // Safety: plain calls about our own child.
            unsafe {
                c::waitpid(pid, &mut status, 0);
                c::kill(-pid, c::KILL);
            }
        }
        fs::remove_dir_all(&self.files)?;
        if has_files {
            fs::rename(&kept, &self.files)?
        } else {
            fs::create_dir(&self.files)?
        }
        if pid < 0 { Err(io::Error::last_os_error()) } else { Ok(Split::Parent { lived: status == 0 }) }
    }
}

thread_local!(static END: End = const { End(Cell::new(false)) });

/// The child ends with the test's thread: nobody is left to hear what the test library says of it.
struct End(Cell<bool>);

impl Drop for End {
    fn drop(&mut self) {
        if self.0.get() {
            // Safety: ends the process.
            unsafe { c::_exit(0) }
        }
    }
}

fn become_child(here: &Here, cut: usize, processor: u64) {
    here.cut.store(cut, Relaxed);
    // Safety: plain calls about ourselves; the child has one thread.
    unsafe {
        c::setpgid(0, 0);
        c::setrlimit(c::RLIMIT_CPU, &[processor, processor]);
        c::setrlimit(c::RLIMIT_AS, &[MEMORY, MEMORY]);
        c::alarm(WAITING);
        std::env::set_var("WAARBORG_CUT", cut.to_string());
    }
    // No test here expects a panic: the first one is the verdict.
    std::panic::set_hook(Box::new(|_| unsafe { c::_exit(1) }));
    END.with(|end| end.0.set(true));
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &target)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path())?, target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    fs::set_permissions(to, fs::metadata(from)?.permissions())
}
