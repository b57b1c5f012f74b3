//! What a dataset may claim of a file of a given length, checked before anything is allocated.

use std::path::Path;

use super::FileError;

/// Deflate stores at best 258 bytes in two bits: 1032 to 1 (zlib's technical details).
const DEFLATE: u64 = 1032;
/// The most that a compressed dataset may unpack to \[bytes\].
const UNPACKED: u64 = 4 << 30;

/// HDF5's registered numbers of the filters that are read.
const DEFLATE_FILTER: u16 = 1;
const SHUFFLE_FILTER: u16 = 2;
const FLETCHER32_FILTER: u16 = 3;
const LZF_FILTER: u16 = 32_000;

/// What a dataset's header says about it.
pub(super) struct Claim {
    pub(super) shape: Vec<u64>,
    pub(super) element_size: u64,
    pub(super) chunk_shape: Option<Vec<u64>>,
    pub(super) filters: Vec<u16>,
    pub(super) is_virtual: bool,
}

/// Why a claim is not believed.
#[derive(Debug, PartialEq)]
pub(super) enum Implausible {
    Size { claimed: String, unit: &'static str, limit: u64, basis: &'static str },
    Storage(String),
}

impl Implausible {
    pub(super) fn into_error(self, file: &Path, object: &str) -> FileError {
        let (file, object) = (file.to_owned(), object.to_owned());
        match self {
            Self::Size { claimed, unit, limit, basis } => {
                FileError::TooLarge { file, object, claimed, unit, limit, basis }
            }
            Self::Storage(storage) => FileError::Storage { file, object, storage },
        }
    }
}

/// Checks a claim against the length of the file.
pub(super) fn check(claim: &Claim, file_len: u64) -> Result<(), Implausible> {
    let Claim { shape, element_size, chunk_shape, filters, is_virtual } = claim;
    if *is_virtual {
        return Err(Implausible::Storage("a virtual layout".to_owned()));
    }
    let compressors = filters.iter().filter(|f| matches!(**f, DEFLATE_FILTER | LZF_FILTER)).count();
    let known = |f: &&u16| matches!(**f, DEFLATE_FILTER | SHUFFLE_FILTER | FLETCHER32_FILTER | LZF_FILTER);
    if let Some(filter) = filters.iter().find(|f| !known(f)) {
        return Err(Implausible::Storage(format!("filter {filter}")));
    }
    if compressors > 1 {
        return Err(Implausible::Storage(format!("{compressors} compressors one after the other")));
    }
    let (limit, basis) = match compressors {
        0 => (file_len, "the file's length"),
        _ => (UNPACKED.min(file_len.saturating_mul(DEFLATE)), "the compressed file's length"),
    };
    at_most(volume(shape, *element_size), "bytes", limit, basis)?;
    let Some(chunk) = chunk_shape else { return Ok(()) };
    at_most(volume(chunk, *element_size), "bytes in a chunk", limit, basis)?;
    if chunk.contains(&0) || chunk.len() != shape.len() {
        return Err(Implausible::Storage(format!("chunks of the shape {chunk:?}")));
    }
    let per_axis: Vec<u64> = shape.iter().zip(chunk).map(|(n, c)| n.div_ceil(*c)).collect();
    at_most(volume(&per_axis, 1), "chunks", file_len, "the file's length")
}

/// The product of a shape and a size; 0 if any is.
fn volume(shape: &[u64], size: u64) -> Option<u64> {
    if shape.contains(&0) {
        return Some(0);
    }
    shape.iter().try_fold(size, |product, n| product.checked_mul(*n))
}

fn at_most(
    claimed: Option<u64>,
    unit: &'static str,
    limit: u64,
    basis: &'static str,
) -> Result<(), Implausible> {
    match claimed {
        Some(claimed) if claimed <= limit => Ok(()),
        Some(claimed) => Err(Implausible::Size { claimed: claimed.to_string(), unit, limit, basis }),
        None => Err(Implausible::Size { claimed: "more than 2^64".to_owned(), unit, limit, basis }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(shape: &[u64], chunk_shape: Option<&[u64]>, filters: &[u16]) -> Claim {
        Claim {
            shape: shape.to_vec(),
            element_size: 8,
            chunk_shape: chunk_shape.map(<[u64]>::to_vec),
            filters: filters.to_vec(),
            is_virtual: false,
        }
    }

    #[test]
    fn plain_data_fits_into_the_file() {
        assert_eq!(check(&claim(&[100], None, &[]), 800), Ok(()));
        assert!(check(&claim(&[101], None, &[]), 800).is_err());
        assert!(check(&claim(&[1 << 40, 1 << 40], None, &[]), u64::MAX).is_err());
        assert_eq!(check(&claim(&[0, 1 << 63, 1 << 63], None, &[]), 800), Ok(()));
    }

    #[test]
    fn deflate_expands_at_most_1032_times() {
        let limit = 1000 * 1032 / 8;
        assert_eq!(check(&claim(&[limit], Some(&[limit]), &[2, 1]), 1000), Ok(()));
        assert!(check(&claim(&[limit + 1], Some(&[limit]), &[2, 1]), 1000).is_err());
        assert!(check(&claim(&[limit], Some(&[limit + 1]), &[2, 1]), 1000).is_err());
        assert!(check(&claim(&[limit], Some(&[limit]), &[2]), 1000).is_err());
        let four_gib = (4 << 30) / 8;
        assert_eq!(check(&claim(&[four_gib], Some(&[1 << 20]), &[1]), 1 << 40), Ok(()));
        assert!(check(&claim(&[four_gib + 1], Some(&[1 << 20]), &[1]), 1 << 40).is_err());
    }

    #[test]
    fn chunks_and_filters_are_sane() {
        assert!(check(&claim(&[1001], Some(&[1]), &[1]), 1000).is_err());
        assert!(check(&claim(&[10], Some(&[0]), &[1]), 1000).is_err());
        assert!(check(&claim(&[10], Some(&[5, 5]), &[1]), 1000).is_err());
        assert!(check(&claim(&[10], Some(&[10]), &[1, 1]), 1000).is_err());
        assert!(check(&claim(&[10], Some(&[10]), &[6]), 1000).is_err());
    }
}
