//! A growing file of little-endian numbers, with a checksum of all that was put into it.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::super::FileError;

/// So many bytes are gathered before they are written.
const BLOCK: usize = 1 << 20;

/// A growing file. What cannot be written is kept in memory and tried again with the next write.
pub(super) struct Column {
    path: PathBuf,
    file: File,
    /// What is not yet written.
    pending: Vec<u8>,
    /// Bytes that are written.
    written: u64,
    /// How many of them are forced to the disk, if it was ever done.
    synced: Option<u64>,
    /// Of the bytes that are written.
    hash: blake3::Hasher,
}

/// How far a column was at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    bytes: u64,
    checksum: [u8; 32],
}

impl Column {
    /// Makes an empty column.
    pub(super) fn create(path: PathBuf) -> Result<Self, FileError> {
        let file = File::options().write(true).create_new(true).open(&path);
        let file = file.map_err(|source| FileError::SpoolWrite { file: path.clone(), source })?;
        Ok(Self { path, file, pending: Vec::new(), written: 0, synced: None, hash: blake3::Hasher::new() })
    }

    /// Takes up a column at a mark: checks what is before the mark and cuts off what is behind it.
    pub(super) fn resume(path: PathBuf, mark: &Mark) -> Result<Self, FileError> {
        let open = |source| FileError::Open { file: path.clone(), source };
        let file = File::options().read(true).write(true).open(&path).map_err(open)?;
        let has = file.metadata().map_err(open)?.len();
        if has < mark.bytes {
            return Err(FileError::SpoolShort { file: path, has, needs: mark.bytes });
        }
        let mut hash = blake3::Hasher::new();
        hash.update_reader((&file).take(mark.bytes)).map_err(open)?;
        if hash.count() != mark.bytes || *hash.finalize().as_bytes() != mark.checksum {
            return Err(FileError::SpoolChanged { file: path, bytes: mark.bytes });
        }
        let cut = file.set_len(mark.bytes);
        cut.map_err(|source| FileError::SpoolWrite { file: path.clone(), source })?;
        Ok(Self { path, file, pending: Vec::new(), written: mark.bytes, synced: None, hash })
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The number of all bytes.
    pub(super) fn len(&self) -> u64 {
        self.written + self.pending.len() as u64
    }

    /// Adds values.
    pub(super) fn push<const N: usize>(
        &mut self,
        values: impl IntoIterator<Item = [u8; N]>,
    ) -> Result<(), FileError> {
        for value in values {
            self.pending.extend_from_slice(&value);
            if self.pending.len() >= BLOCK {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Hands everything to the system.
    pub(super) fn flush(&mut self) -> Result<(), FileError> {
        // A write that failed may have gone half way: the place is always set.
        let place = self.file.seek(SeekFrom::Start(self.written));
        let result = place.and_then(|_| self.file.write_all(&self.pending));
        result.map_err(|source| FileError::SpoolWrite { file: self.path.clone(), source })?;
        self.hash.update(&self.pending);
        self.written += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }

    /// Forces everything to the disk and marks the place.
    pub(super) fn mark(&mut self) -> Result<Mark, FileError> {
        self.flush()?;
        // Waiting for the disk is what a mark costs, so what is there already is not waited for.
        let sync = || if self.synced == Some(self.written) { Ok(()) } else { self.file.sync_data() };
        // An open file can be written long after its name is gone.
        let synced = sync().and_then(|()| fs::metadata(&self.path));
        let has = synced.map_err(|source| FileError::SpoolWrite { file: self.path.clone(), source })?.len();
        if has != self.written {
            return Err(FileError::SpoolShort { file: self.path.clone(), has, needs: self.written });
        }
        self.synced = Some(self.written);
        Ok(Mark { bytes: self.written, checksum: *self.hash.finalize().as_bytes() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `/dev/full` answers every write as a full disk does.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_full_disk_refuses_is_kept_and_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut column = Column::create(folder.path().join("a")).unwrap();
        let real =
            std::mem::replace(&mut column.file, File::options().write(true).open("/dev/full").unwrap());
        let numbers = |range: std::ops::Range<u64>| range.map(u64::to_le_bytes);
        let n = BLOCK as u64 / 8;
        let error = column.push(numbers(0..n)).unwrap_err();
        let FileError::SpoolWrite { file, source } = &error else { panic!("{error:?}") };
        assert_eq!((file, source.kind()), (&column.path, std::io::ErrorKind::StorageFull));
        assert_eq!((column.len(), column.written), (n * 8, 0));

        column.file = real;
        column.push(numbers(n..n + 1)).unwrap();
        let mark = column.mark().unwrap();
        let expected: Vec<u8> = numbers(0..n + 1).flatten().collect();
        assert_eq!(fs::read(&column.path).unwrap(), expected);
        assert_eq!(
            mark,
            Mark { bytes: expected.len() as u64, checksum: *blake3::hash(&expected).as_bytes() }
        );
    }
}
