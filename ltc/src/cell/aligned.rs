//! Numbers of all lanes, that begin at a line of the cache.
//!
//! A vector that lies in two lines costs two accesses, and the way back adds to five of them for a synapse. An
//! allocation begins anywhere, so the list begins a little later.

use std::ops::{Deref, DerefMut};

use super::{LANES, Lanes};
use crate::Real;

/// Bytes of a line.
const LINE: usize = 64;

/// A list of [`Lanes`].
#[derive(Debug)]
pub(crate) struct LaneList<R> {
    numbers: Vec<R>,
    first: usize,
    n: usize,
}

impl<R: Real> LaneList<R> {
    /// So many zeros.
    pub fn zeros(n: usize) -> Self {
        let numbers = vec![R::ZERO; n * LANES + LINE / size_of::<R>()];
        // This may say that it cannot; then everything is right, and slower.
        let first = numbers.as_ptr().align_offset(LINE).min(LINE / size_of::<R>());
        Self { numbers, first, n }
    }

    /// Makes it so long, with any numbers in it; memory is asked for only if it has to grow.
    pub fn set_len(&mut self, n: usize) {
        if n * LANES <= self.numbers.len() - self.first {
            self.n = n;
        } else {
            *self = Self::zeros(n);
        }
    }

    /// Makes it so many zeros.
    pub fn set_zeros(&mut self, n: usize) {
        self.set_len(n);
        self.fill([R::ZERO; LANES]);
    }
}

impl<R: Real> Default for LaneList<R> {
    fn default() -> Self {
        Self::zeros(0)
    }
}

impl<R> Deref for LaneList<R> {
    type Target = [Lanes<R>];

    fn deref(&self) -> &[Lanes<R>] {
        self.numbers[self.first..self.first + self.n * LANES].as_chunks().0
    }
}

impl<R> DerefMut for LaneList<R> {
    fn deref_mut(&mut self) -> &mut [Lanes<R>] {
        self.numbers[self.first..self.first + self.n * LANES].as_chunks_mut().0
    }
}
