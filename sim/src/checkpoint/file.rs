//! The file around a header and a state, whatever these are.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec::{self, Failure};
use super::{CheckpointError, Kind};

/// Magic, version, and the two lengths.
const PREFIX: usize = 28;
const CHECKSUM: usize = 32;
/// So many bytes are read or written at once.
const BLOCK: usize = 1 << 20;

/// Writes a checkpoint beside its target, forces it to the disk and renames it.
pub(super) fn write(
    path: &Path,
    kind: Kind,
    header: &impl Serialize,
    state: &impl Serialize,
) -> Result<(), CheckpointError> {
    let failed = |source| CheckpointError::Write { file: path.to_owned(), source };
    // Always the same name, so that runs that are killed do not fill the disk with halves.
    let part = beside(path);
    let create = || {
        match fs::remove_file(&part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        File::create_new(&part)
    };
    let mut file = create().map_err(failed)?;
    let written = fill(path, kind, header, state, &mut file)
        .and_then(|()| file.sync_all().and_then(|()| fs::rename(&part, path)).map_err(failed));
    match written {
        Ok(()) => {
            sync_folder(path);
            Ok(())
        }
        Err(error) => {
            // Room for whatever comes next; the first error is the one to tell.
            let _ = fs::remove_file(&part);
            Err(error)
        }
    }
}

/// `run.ckpt.part` for `run.ckpt`.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(".part");
    PathBuf::from(name)
}

/// Forces the renaming to the disk, where the file system can.
fn sync_folder(path: &Path) {
    if cfg!(unix) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let _ = File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all());
    }
}

fn fill(
    path: &Path,
    kind: Kind,
    header: &impl Serialize,
    state: &impl Serialize,
    file: &mut (impl Write + Seek),
) -> Result<(), CheckpointError> {
    let failed = |source| CheckpointError::Write { file: path.to_owned(), source };
    let encoding = |what| {
        move |failure| match failure {
            Failure::Io(source) => CheckpointError::Write { file: path.to_owned(), source },
            Failure::Value(reason) => CheckpointError::Encode { file: path.to_owned(), what, reason },
        }
    };
    let mut head = vec![0; PREFIX];
    codec::encode(header, &mut head).map_err(encoding("header"))?;
    file.write_all(&head).map_err(failed)?;

    let mut sink = BufWriter::with_capacity(BLOCK, Hashing { sink: &mut *file, hash: blake3::Hasher::new() });
    codec::encode(state, &mut sink).map_err(encoding("state"))?;
    let Hashing { hash, .. } = sink.into_inner().map_err(|error| failed(error.into_error()))?;

    let header_len = (head.len() - PREFIX) as u64;
    head[..8].copy_from_slice(&kind.magic);
    head[8..12].copy_from_slice(&kind.version.to_le_bytes());
    head[12..20].copy_from_slice(&header_len.to_le_bytes());
    head[20..PREFIX].copy_from_slice(&hash.count().to_le_bytes());
    file.write_all(&checksum(&head, &hash)).map_err(failed)?;
    // The magic comes last: until then, what is there is no checkpoint.
    file.rewind().and_then(|()| file.write_all(&head[..PREFIX])).map_err(failed)
}

fn checksum(head: &[u8], state: &blake3::Hasher) -> [u8; CHECKSUM] {
    let mut hash = blake3::Hasher::new();
    hash.update(head);
    hash.update(state.finalize().as_bytes());
    *hash.finalize().as_bytes()
}

/// Hashes what is written.
struct Hashing<W> {
    sink: W,
    hash: blake3::Hasher,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.sink.write(bytes)?;
        self.hash.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

/// A checkpoint that is whole: its bytes are those that were written.
pub(super) struct Opened<'a, R, H> {
    path: &'a Path,
    source: R,
    header: H,
    state: (u64, u64),
}

impl<'a, R: Read + Seek, H: DeserializeOwned> Opened<'a, R, H> {
    /// Checks everything that does not depend on the run.
    pub(super) fn new(path: &'a Path, kind: Kind, mut source: R) -> Result<Self, CheckpointError> {
        let file = || path.to_owned();
        let failed = |source| CheckpointError::Read { file: file(), source };
        let has = source.seek(SeekFrom::End(0)).and_then(|len| source.rewind().map(|()| len));
        let has = has.map_err(failed)?;
        let mut prefix = [0; PREFIX];
        let n = PREFIX.min(usize::try_from(has).unwrap_or(PREFIX));
        source.read_exact(&mut prefix[..n]).map_err(failed)?;
        if prefix[..8] != kind.magic {
            return Err(CheckpointError::NotACheckpoint { file: file() });
        }
        let number = |place: std::ops::Range<usize>| {
            prefix[place].iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
        };
        let found = number(8..12) as u32;
        if n >= 12 && found != kind.version {
            return Err(CheckpointError::Version { file: file(), found, known: kind.version });
        }
        let (header_len, state_len) = (number(12..20), number(20..PREFIX));
        let around = (PREFIX + CHECKSUM) as u64;
        let needs = around.saturating_add(header_len).saturating_add(state_len);
        if n < PREFIX || has != needs {
            return Err(CheckpointError::Length { file: file(), has, needs });
        }

        // No length is trusted before this: the file has as many bytes as they say.
        let mut head = prefix.to_vec();
        (&mut source).take(header_len).read_to_end(&mut head).map_err(failed)?;
        let mut state = blake3::Hasher::new();
        state.update_reader((&mut source).take(state_len)).map_err(failed)?;
        let mut stored = [0; CHECKSUM];
        source.read_exact(&mut stored).map_err(failed)?;
        if checksum(&head, &state) != stored {
            return Err(CheckpointError::Checksum { file: file() });
        }
        let header = codec::decode(&head[PREFIX..], header_len)
            .map_err(|reason| CheckpointError::Malformed { file: file(), what: "header", reason })?;
        Ok(Self { path, source, header, state: (head.len() as u64, state_len) })
    }

    /// Decodes the state.
    pub(super) fn state<T: DeserializeOwned>(self) -> Result<(H, T), CheckpointError> {
        let Self { path, mut source, header, state: (start, len) } = self;
        let file = || path.to_owned();
        let failed = |source| CheckpointError::Read { file: file(), source };
        source.seek(SeekFrom::Start(start)).map_err(failed)?;
        let state = codec::decode(BufReader::with_capacity(BLOCK, source), len);
        let state =
            state.map_err(|reason| CheckpointError::Malformed { file: file(), what: "state", reason })?;
        Ok((header, state))
    }

    pub(super) fn header(&self) -> &H {
        &self.header
    }

    pub(super) fn into_header(self) -> H {
        self.header
    }
}
