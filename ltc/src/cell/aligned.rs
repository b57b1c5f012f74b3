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
}

impl<R: Real> Clone for LaneList<R> {
    fn clone(&self) -> Self {
        let mut list = Self::zeros(self.n);
        list.copy_from_slice(self);
        list
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
