//! How far a search is, told to whoever watches, who may end it.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

/// Is told from any thread which share of the work is done, and may end it.
pub type Watch<'a> = &'a (dyn Fn(f64) -> ControlFlow<()> + Sync);

/// Work that is counted from several threads.
pub(super) struct Work<'a> {
    watch: Watch<'a>,
    done: AtomicU64,
    total: u64,
}

impl<'a> Work<'a> {
    /// So many swaps are to be proposed.
    pub fn new(watch: Watch<'a>, total: u64) -> Self {
        Self { watch, done: AtomicU64::new(0), total: total.max(1) }
    }

    /// Some more swaps were proposed; whether to go on.
    pub fn did(&self, swaps: u64) -> bool {
        let done = self.done.fetch_add(swaps, Ordering::Relaxed) + swaps;
        (self.watch)((done as f64 / self.total as f64).min(1.0)).is_continue()
    }

    /// Whether to go on.
    pub fn goes_on(&self) -> bool {
        self.did(0)
    }
}
