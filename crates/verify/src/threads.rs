//! Work on several threads. Only the judgement of packages uses it: a member judges on one.

/// The answers in the order of the items, which are cut into as many runs as there are threads.
pub(crate) fn share<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let run = items.len().div_ceil(threads.max(1)).max(1);
    if items.len() <= run {
        return items.iter().map(work).collect();
    }
    std::thread::scope(|scope| {
        let work = &work;
        let handles: Vec<_> = items.chunks(run).map(|run| scope.spawn(move || run.iter().map(work).collect::<Vec<_>>())).collect();
        // A panic in a thread is a bug of ours; it goes on here as it would without threads.
        handles.into_iter().flat_map(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}
