//! Hints to the processor and the system about memory. They change nothing that a program can see.
//!
//! Synapses lie in gigabytes, and a segment has a few cache lines of them somewhere. Without asking ahead
//! every segment begins with a wait of some hundred cycles, and with pages of 4 KiB with the search for its
//! page as well. Measured on the microcircuit: see the bench report.
#![expect(unsafe_code, reason = "both hints take raw pointers; the gain stands above")]

use std::ops::{Deref, DerefMut, Range};

const LINE: usize = 64;
const LARGE_PAGE: usize = 1 << 21;
/// The hardware finds the rest of a longer run by itself.
const MOST_LINES: usize = 8;

/// Asks for the first cache lines of `values[range]`.
#[inline(always)]
pub(crate) fn prefetch<T>(values: &[T], range: Range<usize>) {
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

/// A list of `n` zeros whose memory the system may give in large pages, when it is touched.
pub(crate) fn zeros<T: Clone + Default>(n: usize) -> Vec<T> {
    let mut values = vec![T::default(); n];
    large_pages(&mut values);
    values
}

/// Zeros that lie in as few large pages as they can, if there are enough of them: what is written all over
/// otherwise wants more pages than the processor keeps in mind.
#[derive(Debug)]
pub(crate) struct Spread {
    values: Vec<f64>,
    range: Range<usize>,
}

impl Spread {
    /// `n` zeros.
    pub fn new(n: usize) -> Self {
        const FEW: usize = 16 << 10;
        let of_page = LARGE_PAGE / size_of::<f64>();
        if n < FEW {
            return Self { values: vec![0.0; n], range: 0..n };
        }
        let values: Vec<f64> = zeros(n.next_multiple_of(of_page) + of_page);
        let start = values.as_ptr() as usize;
        let first = (start.next_multiple_of(LARGE_PAGE) - start) / size_of::<f64>();
        Self { values, range: first..first + n }
    }

    /// These values.
    #[cfg(test)]
    pub fn of(values: &[f64]) -> Self {
        let mut spread = Self::new(values.len());
        spread.copy_from_slice(values);
        spread
    }
}

impl Deref for Spread {
    type Target = [f64];

    #[inline]
    fn deref(&self) -> &[f64] {
        &self.values[self.range.clone()]
    }
}

impl DerefMut for Spread {
    #[inline]
    fn deref_mut(&mut self) -> &mut [f64] {
        &mut self.values[self.range.clone()]
    }
}

/// As [`zeros`], for what is not a number: such a list is written when it is made, and by then the system has
/// to know.
pub(crate) fn defaults<T: Clone + Default>(n: usize) -> Vec<T> {
    let mut values = Vec::with_capacity(n);
    large_pages(values.spare_capacity_mut());
    values.resize(n, T::default());
    values
}

/// Asks for large pages behind values that nobody has touched yet. Where the system does not have them,
/// nothing happens.
fn large_pages<T>(values: &mut [T]) {
    #[cfg(target_os = "linux")]
    {
        let start = values.as_mut_ptr() as usize;
        let (first, end) =
            (start.next_multiple_of(LARGE_PAGE), (start + size_of_val(values)) / LARGE_PAGE * LARGE_PAGE);
        if first < end {
            let at = values.as_mut_ptr().cast::<u8>().wrapping_add(first - start);
            // SAFETY: the range lies inside of the values, and the advice changes none of them.
            let advised =
                unsafe { rustix::mm::madvise(at.cast(), end - first, rustix::mm::Advice::LinuxHugepage) };
            // A system without large pages says so, and it does not matter.
            let _ = advised;
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = values;
}
