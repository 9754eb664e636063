//! Memory that stays out of swap and core dumps. The second module with `unsafe` (SEA-23, SEA-83).
//!
//! Three functions of the C library are declared here instead of taking a crate for them (SEA-75). On systems other than
//! Linux only the locking is done; `madvise` has no portable way to leave a core dump.

use std::alloc::Layout;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use zeroize::Zeroize;

#[cfg(unix)]
mod c {
    use std::ffi::{c_int, c_void};
    unsafe extern "C" {
        pub fn mlock(start: *const c_void, len: usize) -> c_int;
        pub fn munlock(start: *const c_void, len: usize) -> c_int;
        #[cfg(target_os = "linux")]
        pub fn madvise(start: *mut c_void, len: usize, advice: c_int) -> c_int;
    }
    #[cfg(target_os = "linux")]
    pub const MADV_DONTDUMP: c_int = 16;
    #[cfg(target_os = "linux")]
    pub const MADV_DODUMP: c_int = 17;
    #[cfg(target_os = "linux")]
    pub const MADV_HUGEPAGE: c_int = 14;
}

/// 64 KiB: a multiple of every page size in use (4, 16 and 64 KiB), so that no neighbour shares a page whose lock or
/// dump flag we change.
const PAGE: usize = 65_536;

/// Whole pages of our own, zeroed at birth and wiped at death.
struct Pages {
    start: NonNull<u8>,
    layout: Layout,
    locked: bool,
    undumped: bool,
}

impl Pages {
    fn new(len: usize, lock: bool) -> Pages {
        let Ok(layout) = Layout::from_size_align(len.max(1).next_multiple_of(PAGE), PAGE) else {
            std::process::abort();
        };
        // Safety: the layout has a non-zero size.
        let Some(start) = NonNull::new(unsafe { std::alloc::alloc_zeroed(layout) }) else { std::alloc::handle_alloc_error(layout) };
        let mut pages = Pages { start, layout, locked: false, undumped: false };
        pages.protect(lock);
        pages
    }

    #[cfg(unix)]
    fn protect(&mut self, lock: bool) {
        let (start, len) = (self.start.as_ptr(), self.layout.size());
        // Safety: the range is our own allocation of whole pages; both calls change flags, not content.
        unsafe {
            self.locked = lock && c::mlock(start.cast(), len) == 0;
            #[cfg(target_os = "linux")]
            {
                self.undumped = c::madvise(start.cast(), len, c::MADV_DONTDUMP) == 0;
            }
        }
    }

    #[cfg(not(unix))]
    fn protect(&mut self, _lock: bool) {}
}

impl Drop for Pages {
    fn drop(&mut self) {
        let (start, len) = (self.start.as_ptr(), self.layout.size());
        // Safety: the allocation is still ours; MaybeUninit octets are valid whatever lies there.
        unsafe { std::slice::from_raw_parts_mut(start.cast::<MaybeUninit<u8>>(), len) }.zeroize();
        #[cfg(unix)]
        // Safety: as in `protect`. The flags must be undone, or the allocator's next user inherits them.
        unsafe {
            if self.locked {
                c::munlock(start.cast(), len);
            }
            #[cfg(target_os = "linux")]
            if self.undumped {
                c::madvise(start.cast(), len, c::MADV_DODUMP);
            }
        }
        // Safety: allocated in `new` with this layout, freed once.
        unsafe { std::alloc::dealloc(start, self.layout) };
    }
}

/// An empty vector for public octets that will be filled soon, asking the system for huge pages: a page fault for each thirteen
/// entries is a sixth of the time of sealing them. A wish; without it the vector is any other.
pub(crate) fn huge_paged(capacity: usize) -> Vec<u8> {
    #[allow(unused_mut)]
    let mut octets: Vec<u8> = Vec::with_capacity(capacity);
    #[cfg(target_os = "linux")]
    {
        let start = octets.as_mut_ptr();
        // From the first whole page on; neighbours share none of what is advised.
        let skip = start.align_offset(PAGE);
        if let Some(len) = octets.capacity().checked_sub(skip).map(|len| len - len % PAGE) {
            // Safety: the range is inside our own allocation; the call changes neither content nor access.
            unsafe { c::madvise(start.add(skip).cast(), len, c::MADV_HUGEPAGE) };
        }
    }
    octets
}

/// One value of plain data in locked memory, outside swap and core dumps, wiped on drop. For r, R, the prepared lines and
/// digits, and W.
///
/// The limit of locked memory (RLIMIT_MEMLOCK) may be too small; then the value is still kept out of dumps and
/// [`Locked::is_locked`] says no. A sealer refuses to start in that case, tests go on.
pub struct Locked<T: Copy + Default + 'static> {
    pages: Pages,
    content: std::marker::PhantomData<T>,
}

impl<T: Copy + Default + 'static> Locked<T> {
    /// Builds the value in place, so that no copy of the finished secret passes over the stack.
    pub fn fill_with(fill: impl FnOnce(&mut T)) -> Locked<T> {
        const { assert!(align_of::<T>() <= PAGE) };
        let pages = Pages::new(size_of::<T>(), true);
        let value = pages.start.cast::<T>();
        // Safety: the pages are large and aligned enough for T and belong to nobody else; T is initialised before use.
        unsafe {
            value.write(T::default());
            fill(&mut *value.as_ptr());
        }
        Locked { pages, content: std::marker::PhantomData }
    }

    /// Lends the value for the length of one call.
    pub fn expose<R>(&self, read: impl for<'a> FnOnce(&'a T) -> R) -> R {
        // Safety: initialised in `fill_with`, alive as long as `self`, and only shared references are handed out.
        read(unsafe { self.pages.start.cast::<T>().as_ref() })
    }

    /// Whether the system granted the lock.
    pub fn is_locked(&self) -> bool {
        self.pages.locked
    }
}

// Safety: the value is owned exclusively, and shared access is read-only.
unsafe impl<T: Copy + Default + Send + 'static> Send for Locked<T> {}
unsafe impl<T: Copy + Default + Sync + 'static> Sync for Locked<T> {}

impl<T: Copy + Default + 'static> std::fmt::Debug for Locked<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Locked(..)")
    }
}

/// Growing list of 64-octet keys outside core dumps, wiped on drop: K_loc ‖ K_enc of the live identities. Too many to
/// lock (SEA-23); blocks never move, so no copies are left behind.
#[derive(Default)]
pub struct KeyPool {
    blocks: Vec<Pages>,
    len: usize,
}

impl KeyPool {
    const KEY: usize = 64;
    const PER_BLOCK: usize = PAGE / KeyPool::KEY;

    /// Appends a key and returns its place.
    pub fn push(&mut self, key: &[u8; 64]) -> usize {
        let (block, offset) = KeyPool::place(self.len);
        if block == self.blocks.len() {
            self.blocks.push(Pages::new(PAGE, false));
        }
        // Safety: `offset + 64 <= PAGE` by `place`, and the block is exclusively ours through `&mut self`.
        unsafe {
            let target = self.blocks[block].start.as_ptr().add(offset);
            std::ptr::copy_nonoverlapping(key.as_ptr(), target, KeyPool::KEY);
        }
        self.len += 1;
        self.len - 1
    }

    /// The key at a place that `push` returned; `None` for any other.
    pub fn get(&self, place: usize) -> Option<&[u8; 64]> {
        if self.len <= place {
            return None;
        }
        let (block, offset) = KeyPool::place(place);
        // Safety: written by `push`, inside the block, and not changed while `&self` lives.
        Some(unsafe { &*self.blocks[block].start.as_ptr().add(offset).cast::<[u8; 64]>() })
    }

    fn place(index: usize) -> (usize, usize) {
        (index / KeyPool::PER_BLOCK, index % KeyPool::PER_BLOCK * KeyPool::KEY)
    }
}

// Safety: as for `Locked`.
unsafe impl Send for KeyPool {}
unsafe impl Sync for KeyPool {}

impl std::fmt::Debug for KeyPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyPool(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locked_values_are_built_in_place_and_read_back() {
        let value = Locked::<[u64; 9]>::fill_with(|value| value[8] = 7);
        assert_eq!(value.expose(|value| (value[0], value[8])), (0, 7));
        assert_eq!(format!("{value:?}"), "Locked(..)");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn sea_23_locked_memory_is_locked_and_outside_core_dumps() {
        let value = Locked::<[u64; 4]>::fill_with(|value| value[0] = 1);
        let address = value.expose(|value| std::ptr::from_ref(value) as usize);
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let flags = flags_of(&maps, address);
        assert!(flags.contains(" dd"), "not excluded from core dumps: {flags}");
        assert_eq!(flags.contains(" lo"), value.is_locked(), "{flags}");
    }

    #[cfg(target_os = "linux")]
    fn flags_of(maps: &str, address: usize) -> String {
        let mut inside = false;
        for line in maps.lines() {
            if let Some((from, to)) = line.split(' ').next().and_then(|range| range.split_once('-'))
                && let (Ok(from), Ok(to)) = (usize::from_str_radix(from, 16), usize::from_str_radix(to, 16))
            {
                inside = (from..to).contains(&address);
            } else if inside && line.starts_with("VmFlags:") {
                return line.to_owned();
            }
        }
        String::new()
    }

    #[test]
    fn a_key_pool_keeps_keys_in_place_while_it_grows() {
        let mut pool = KeyPool::default();
        let first = pool.push(&[1; 64]);
        let address = pool.get(first).map(std::ptr::from_ref);
        for number in 0..3_000u32 {
            let mut key = [0; 64];
            key[..4].copy_from_slice(&number.to_be_bytes());
            let place = pool.push(&key);
            assert_eq!(pool.get(place), Some(&key));
        }
        assert_eq!(pool.get(first).map(std::ptr::from_ref), address);
        assert_eq!(pool.get(first), Some(&[1; 64]));
        assert_eq!(pool.get(3_001), None);
    }
}
