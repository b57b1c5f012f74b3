//! The bytes of a file, handed to the HDF5 library under a budget.
//!
//! A hostile file can make a parser go in circles: a tree whose nodes point at each other, or
//! thousands of references to one large object. Every step of such a walk reads from the file, so a
//! bound on the reading of one operation bounds its time and its memory.

use std::io::{Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hdf5_pure::{FormatError, Source};

/// Every operation may make this many reads, and one more for every 16 bytes of the file.
const READS: u64 = 200_000;
/// Every operation may read this many bytes, and four times the file.
const BYTES: u64 = 64 << 20;

/// What is left for the operation that is under way.
#[derive(Debug)]
pub(super) struct Budget {
    len: u64,
    reads: AtomicU64,
    bytes: AtomicU64,
}

impl Budget {
    fn new(len: u64) -> Self {
        let budget = Self { len, reads: AtomicU64::new(0), bytes: AtomicU64::new(0) };
        budget.renew();
        budget
    }

    /// The length of the file in bytes.
    pub(super) fn file_len(&self) -> u64 {
        self.len
    }

    /// Begins another operation.
    pub(super) fn renew(&self) {
        self.reads.store(READS + self.len / 16, Ordering::Relaxed);
        self.bytes.store(BYTES.saturating_add(self.len.saturating_mul(4)), Ordering::Relaxed);
    }

    fn spend(&self, bytes: u64) -> Result<(), FormatError> {
        let take = |left: &AtomicU64, n: u64| {
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(n)).is_ok()
        };
        match take(&self.reads, 1) && take(&self.bytes, bytes) {
            true => Ok(()),
            false => Err(FormatError::Source("its parts refer to each other without end".into())),
        }
    }
}

/// A file or a buffer that is read under a [`Budget`].
pub(super) struct Metered<R> {
    bytes: Mutex<R>,
    budget: Arc<Budget>,
}

impl<R: Read + Seek> Metered<R> {
    /// Takes over a file; the budget is shared with the caller, who renews it.
    pub(super) fn new(mut bytes: R) -> std::io::Result<(Self, Arc<Budget>)> {
        let budget = Arc::new(Budget::new(bytes.seek(SeekFrom::End(0))?));
        Ok((Self { bytes: Mutex::new(bytes), budget: Arc::clone(&budget) }, budget))
    }
}

impl<R: Read + Seek> Source for Metered<R> {
    fn len(&self) -> u64 {
        self.budget.len
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), FormatError> {
        self.budget.spend(buf.len() as u64)?;
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes
            .seek(SeekFrom::Start(offset))
            .and_then(|_| bytes.read_exact(buf))
            .map_err(|error| FormatError::Source(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn a_walk_without_end_is_stopped() {
        let (source, budget) = Metered::new(Cursor::new(vec![7; 1600])).unwrap();
        let walk = |n: usize| (0..).take_while(|_| source.read_at(0, &mut vec![0; n]).is_ok()).count() as u64;
        assert_eq!(walk(1), READS + 100);
        budget.renew();
        assert_eq!(walk(1600), BYTES / 1600 + 4);
        assert_eq!(walk(1600), 0);
    }

    #[test]
    fn reading_past_the_end_is_an_error() {
        let (source, _) = Metered::new(Cursor::new(vec![7; 10])).unwrap();
        assert!(source.read_at(9, &mut [0]).is_ok());
        assert!(source.read_at(9, &mut [0, 0]).is_err());
        assert!(source.read_at(u64::MAX, &mut [0]).is_err());
    }
}
