//! HDF5 files whose large datasets come last and are copied from other files, in bounded memory.
//!
//! The HDF5 library writes a contiguous dataset only from memory. (It can produce one block by block, but
//! only for MATLAB files; and what it can grow on the disk are chunked datasets of one axis.) So a file is
//! made in two parts: the library makes a *skeleton*, in which a large dataset is a placeholder of one
//! element; then four things are changed in the skeleton, and the numbers follow behind its end:
//!
//! | where | what |
//! |---|---|
//! | dataspace message of the dataset | its shape |
//! | layout message of the dataset | address and length of its numbers |
//! | object header of the dataset | its checksum |
//! | superblock | the end of the file, and its checksum |
//!
//! The result is a plain contiguous dataset. Whatever in the skeleton is not as expected is an error
//! ([`FileError::Encode`]) before a byte is written. Cost: one copy of the numbers, in the kernel where it
//! can.
//!
//! Source: the HDF5 file format specification, version 3.0: II.A (superblock), IV.A.1.b (object header
//! version 2), IV.A.2.b (dataspace), IV.A.2.i (data layout).

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use hdf5_pure::{FileBuilder, Layout};

use super::super::FileError;
use super::lookup3::lookup3;

/// A dataset whose numbers are copied from a file of little-endian values.
pub(super) struct Late {
    /// Its path inside the HDF5 file.
    pub(super) object: &'static str,
    /// Its shape; no axis is empty.
    pub(super) shape: Vec<u64>,
    /// Bytes of an element.
    pub(super) element: u64,
    /// Where its numbers are.
    pub(super) source: PathBuf,
}

impl Late {
    fn bytes(&self) -> u64 {
        self.shape.iter().product::<u64>() * self.element
    }
}

/// Writes a skeleton and its late datasets; `path` is the file's name in messages.
pub(super) fn write(
    path: &Path,
    skeleton: FileBuilder,
    late: &[Late],
    sink: &mut File,
) -> Result<(), FileError> {
    let encode = |reason: String| FileError::Encode { file: path.to_owned(), reason };
    let failed = |source| FileError::Write { file: path.to_owned(), source };
    let mut head = skeleton.finish().map_err(|error| encode(error.to_string()))?;
    let places = patch(&mut head, late).map_err(encode)?;
    sink.write_all(&head).map_err(failed)?;
    for (late, place) in late.iter().zip(places) {
        sink.seek(SeekFrom::Start(place.start)).map_err(failed)?;
        let source = File::open(&late.source);
        let source = source.map_err(|source| FileError::Open { file: late.source.clone(), source })?;
        let n = io::copy(&mut source.take(late.bytes()), sink).map_err(failed)?;
        if n != late.bytes() {
            return Err(FileError::SpoolShort { file: late.source.clone(), has: n, needs: late.bytes() });
        }
    }
    verify(late, sink).map_err(encode)
}

/// Makes the placeholders of a skeleton point behind its end; gives the place of every dataset.
fn patch(head: &mut [u8], late: &[Late]) -> Result<Vec<Range<u64>>, String> {
    let read = hdf5_pure::File::from_bytes(head.to_vec()).map_err(|error| error.to_string())?;
    let headers = object_headers(head);
    let mut end = head.len() as u64;
    let mut places = Vec::new();
    for late in late {
        let layout = read.dataset(late.object).and_then(|dataset| dataset.layout());
        let Layout::Contiguous { address: Some(address), .. } = layout.map_err(|error| error.to_string())?
        else {
            return Err(format!("the placeholder of {} is not contiguous", late.object));
        };
        let mut own = headers.iter().filter(|header| header.address == Some(address));
        let (Some(header), None) = (own.next(), own.next()) else {
            return Err(format!("the object header of {} is not found", late.object));
        };
        // Aligned, as a reader that maps the file into memory likes it.
        let start = end.next_multiple_of(8);
        end = start + late.bytes();
        header
            .point(head, &late.shape, start, late.bytes())
            .map_err(|what| format!("{}: {what}", late.object))?;
        places.push(start..end);
    }
    end_of_file(head, end)?;
    Ok(places)
}

/// An object header of version 2 of a contiguous dataset, by the places of what may be changed.
struct ObjectHeader {
    whole: Range<usize>,
    dataspace: Range<usize>,
    layout: Range<usize>,
    /// Where the dataset's numbers are, base of the file as 0.
    address: Option<u64>,
}

const DATASPACE: u8 = 1;
const LAYOUT: u8 = 8;
/// Version (3 or 4, which agree here), class 1, address, length.
const CONTIGUOUS: usize = 18;

/// All object headers of contiguous datasets. A checksum tells a header from a text that begins like one.
fn object_headers(file: &[u8]) -> Vec<ObjectHeader> {
    let starts = (0..file.len()).filter(|at| file[*at..].starts_with(b"OHDR"));
    starts.filter_map(|at| object_header(file, at)).collect()
}

fn object_header(file: &[u8], at: usize) -> Option<ObjectHeader> {
    let (version, flags) = (*file.get(at + 4)?, *file.get(at + 5)?);
    let times = if flags & 0x20 != 0 { 16 } else { 0 };
    let phase = if flags & 0x10 != 0 { 4 } else { 0 };
    let width = 1 << (flags & 3);
    let size_at = at + 6 + times + phase;
    let size = usize::try_from(little_endian(file.get(size_at..size_at + width)?)).ok()?;
    let end = size_at.checked_add(width)?.checked_add(size)?;
    let stored = little_endian(file.get(end..end.checked_add(4)?)?);
    if version != 2 || u64::from(lookup3(&file[at..end])) != stored {
        return None;
    }
    let (mut dataspace, mut layout) = (None, None);
    let prefix = if flags & 0x04 != 0 { 6 } else { 4 };
    let mut message = size_at + width;
    while message + prefix <= end {
        let start = message + prefix;
        let body = start..start + little_endian(&file[message + 1..message + 3]) as usize;
        if body.end > end {
            return None;
        }
        match file[message] {
            DATASPACE => dataspace = Some(body.clone()),
            LAYOUT => layout = Some(body.clone()),
            _ => {}
        }
        message = body.end;
    }
    let layout = layout?;
    let bytes = &file[layout.clone()];
    let is_contiguous = bytes.len() >= CONTIGUOUS && matches!(bytes[..2], [3 | 4, 1]);
    let address = is_contiguous.then(|| little_endian(&bytes[2..10]));
    Some(ObjectHeader { whole: at..end + 4, dataspace: dataspace?, layout, address })
}

impl ObjectHeader {
    /// Gives the dataset another shape, place and length.
    fn point(&self, file: &mut [u8], shape: &[u64], start: u64, bytes: u64) -> Result<(), String> {
        let space = &mut file[self.dataspace.clone()];
        // Version 2, the rank, no largest shape, a simple space.
        if space.len() != 4 + 8 * shape.len() || space[..4] != [2, shape.len() as u8, 0, 1] {
            return Err(format!("its dataspace message is {space:02x?}"));
        }
        for (place, n) in space[4..].chunks_exact_mut(8).zip(shape) {
            place.copy_from_slice(&n.to_le_bytes());
        }
        let layout = &mut file[self.layout.clone()];
        layout[2..10].copy_from_slice(&start.to_le_bytes());
        layout[10..CONTIGUOUS].copy_from_slice(&bytes.to_le_bytes());
        seal(&mut file[self.whole.clone()]);
        Ok(())
    }
}

/// Writes the length of the file into its superblock.
fn end_of_file(file: &mut [u8], end: u64) -> Result<(), String> {
    const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";
    const LEN: usize = 48;
    match file.get_mut(..LEN) {
        // Version 2 or 3, addresses and lengths of 8 bytes, base address 0.
        Some(block)
            if block.starts_with(SIGNATURE)
                && matches!(block[8..11], [2 | 3, 8, 8])
                && block[12..20] == [0; 8] =>
        {
            block[28..36].copy_from_slice(&end.to_le_bytes());
            seal(block);
            Ok(())
        }
        _ => Err("its superblock is not of version 2 or 3".to_owned()),
    }
}

/// Renews the checksum at the end of a block.
fn seal(block: &mut [u8]) {
    let (body, checksum) = block.split_at_mut(block.len() - 4);
    checksum.copy_from_slice(&lookup3(body).to_le_bytes());
}

fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// Reads the headers back with the library, which shares no code with this module.
fn verify(late: &[Late], file: &File) -> Result<(), String> {
    let text = |error: hdf5_pure::Error| error.to_string();
    let source = file.try_clone().map_err(|error| error.to_string())?;
    let source = hdf5_pure::ReadSeekSource::new(source).map_err(|error| error.to_string())?;
    let read = hdf5_pure::File::from_source(source).map_err(text)?;
    for late in late {
        let dataset = read.dataset(late.object).map_err(text)?;
        let (shape, layout) = (dataset.shape().map_err(text)?, dataset.layout().map_err(text)?);
        let whole = matches!(layout, Layout::Contiguous { size, .. } if size == late.bytes());
        if shape != late.shape || !whole {
            return Err(format!("{} came out as {shape:?}, {layout:?}", late.object));
        }
    }
    Ok(())
}
