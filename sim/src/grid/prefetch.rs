//! Asks the processor for memory ahead of its use.
//!
//! Synapses lie in gigabytes and a segment has a few cache lines of them, so without asking every
//! segment begins with a wait of some hundred cycles.
#![expect(unsafe_code, reason = "a prefetch takes a raw pointer; measured on the microcircuit, see benches")]

use std::ops::Range;

const LINE: usize = 64;
/// The hardware finds the rest of a longer run by itself.
const MOST_LINES: usize = 8;

/// Asks for the first cache lines of `values[range]`. It changes nothing that a program can see.
#[inline(always)]
pub(super) fn range<T>(values: &[T], range: Range<usize>) {
    let Some(values) = values.get(range) else { return };
    let n_bytes = size_of_val(values);
    for line in 0..n_bytes.div_ceil(LINE).min(MOST_LINES) {
        let at = values.as_ptr().cast::<u8>().wrapping_add(line * LINE);
        #[cfg(target_arch = "x86_64")]
        // SAFETY: SSE is part of every x86-64, and a prefetch of any address is allowed.
        unsafe {
            std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(at.cast());
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = at;
    }
}
