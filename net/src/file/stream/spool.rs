//! The folder beside a recording's file that holds it while it grows.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use super::super::{FileError, recording, writer};
use super::{Lists, RatesHead, RecordingEnd, RecordingHead, TracesHead, skeleton};
use crate::{Counters, Rates, Recording, Traces};

/// A recording without any spike, sample or bin: the head in a format that is there already.
const HEAD: &str = "head.h5";
/// The recording that is being put together.
const WHOLE: &str = "whole.h5";

/// A spool that nobody else uses: the file of the head is locked as long as this value lives.
pub(super) struct Spool {
    folder: PathBuf,
    head_checksum: [u8; 32],
    _lock: File,
}

impl Spool {
    /// Makes the spool of a target.
    pub(super) fn create(target: &Path, head: &RecordingHead) -> Result<Self, FileError> {
        let failed = |source| FileError::Write { file: target.to_owned(), source };
        writer::refuse_other_than_file(target).map_err(failed)?;
        let folder = beside(target);
        match fs::create_dir(&folder) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // The lock is asked for only to tell a stopped run from one that goes on.
                lock(&folder)?;
                return Err(FileError::SpoolExists { spool: folder });
            }
            Err(error) => return Err(failed(writer::explain_folder(error))),
        }
        Self::fill(&folder, target, head).inspect_err(|_| {
            // The first error is the one to tell.
            let _ = fs::remove_dir_all(&folder);
        })
    }

    fn fill(folder: &Path, target: &Path, head: &RecordingHead) -> Result<Self, FileError> {
        let nothing = Lists { spikes: false, samples: false, bins: false };
        let (t_stop, counters) = (head.t_start, Counters::default());
        let end = RecordingEnd { t_stop, counters, final_v: None, weights: None };
        let content = recording::content(target, &skeleton(head, &end, &nothing))?;
        let mut bytes = Vec::new();
        writer::emit(target, content, &mut bytes)?;
        let path = folder.join(HEAD);
        let written = File::create_new(&path).and_then(|mut file| {
            file.write_all(&bytes)?;
            file.sync_all()
        });
        written.map_err(|source| FileError::SpoolWrite { file: path, source })?;
        writer::sync_folder(folder);
        let lock = lock(folder)?;
        Ok(Self { folder: folder.to_owned(), head_checksum: *blake3::hash(&bytes).as_bytes(), _lock: lock })
    }

    /// Opens the spool of a target, whose head has this checksum.
    pub(super) fn open(target: &Path, checksum: &[u8; 32]) -> Result<(Self, RecordingHead), FileError> {
        let folder = beside(target);
        let lock = lock(&folder)?;
        let path = folder.join(HEAD);
        let bytes = fs::read(&path).map_err(|source| FileError::Open { file: path.clone(), source })?;
        if blake3::hash(&bytes) != *checksum {
            return Err(FileError::SpoolChanged { file: path, bytes: bytes.len() as u64 });
        }
        let head = head(recording::read_recording_bytes(&bytes)?);
        Ok((Self { folder, head_checksum: *checksum, _lock: lock }, head))
    }

    /// Removes the spool of a target, if there is one and nobody uses it.
    pub(super) fn discard(target: &Path) -> Result<(), FileError> {
        let folder = beside(target);
        match lock(&folder) {
            Ok(_lock) => remove(&folder),
            // A run that was killed before its first byte leaves a folder without a head.
            Err(FileError::SpoolMissing { .. }) if folder.is_dir() => remove(&folder),
            Err(FileError::SpoolMissing { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The place of one of its files.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The checksum of the file that holds the head.
    pub(super) fn head_checksum(&self) -> [u8; 32] {
        self.head_checksum
    }

    /// Fills a file, forces it to the disk and renames it to the target.
    pub(super) fn assemble(
        &self,
        target: &Path,
        fill: impl FnOnce(&mut File) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        let failed = |source| FileError::Write { file: target.to_owned(), source };
        let whole = self.folder.join(WHOLE);
        // Always the same name, so that runs that are killed do not fill the disk with halves.
        let file = File::options().read(true).write(true).create(true).truncate(true).open(&whole);
        let mut file = file.map_err(failed)?;
        let result = fill(&mut file).and_then(|()| {
            file.rewind().and_then(|()| file.sync_all()).map_err(failed)?;
            writer::refuse_other_than_file(target).map_err(failed)?;
            fs::rename(&whole, target).map_err(failed)
        });
        match result {
            Ok(()) => {
                writer::sync_folder(writer::folder_of(target));
                Ok(())
            }
            Err(error) => {
                // Room for whatever comes next; the first error is the one to tell.
                let _ = fs::remove_file(&whole);
                Err(error)
            }
        }
    }

    /// Removes the spool.
    pub(super) fn remove(self) -> Result<(), FileError> {
        remove(&self.folder)
    }
}

fn remove(folder: &Path) -> Result<(), FileError> {
    fs::remove_dir_all(folder).map_err(|source| FileError::SpoolWrite { file: folder.to_owned(), source })
}

/// `run.h5.part` for `run.h5`.
fn beside(target: &Path) -> PathBuf {
    let mut name = OsString::from(target.as_os_str());
    name.push(".part");
    PathBuf::from(name)
}

/// Locks the head of a spool until the file is dropped, which the end of a process does too.
fn lock(folder: &Path) -> Result<File, FileError> {
    let path = folder.join(HEAD);
    let missing = |source| FileError::SpoolMissing { spool: folder.to_owned(), source };
    let file = File::open(&path).map_err(missing)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(FileError::SpoolBusy { spool: folder.to_owned() }),
        // A file system without locks is no reason not to record.
        Err(TryLockError::Error(_)) => Ok(file),
    }
}

fn head(recording: Recording) -> RecordingHead {
    let Recording { t_start, nodes, traces, rates, provenance, .. } = recording;
    RecordingHead {
        t_start,
        nodes,
        traces: traces.map(|Traces { nodes, t_first, interval, v: _ }| TracesHead {
            nodes,
            t_first,
            interval,
        }),
        rates: rates.map(|Rates { populations, t_first, bin, hz: _ }| RatesHead {
            populations,
            t_first,
            bin,
        }),
        provenance,
    }
}
