//! Reads HDF5 files that nobody has vouched for.

use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use hdf5_pure::{Dataset, FormatError, Layout};

use super::FileError;
use super::attributes::Attributes;
use super::budget::{Budget, Metered};
use super::element::{Element, Mismatch};
use super::limits;

/// Where the library runs: a hostile file can nest its types some thousand levels deep, and each
/// level is a call on the stack.
const STACK: usize = 64 << 20;

/// An HDF5 file, read defensively.
///
/// Whatever the bytes are, a call returns: it does not panic, does not allocate by a length that the
/// file could not back, and does not walk in circles. The rules:
///
/// - A dataset that is not compressed must fit into the file. A compressed one may be 1032 times the
///   file (the most that deflate can do) and 4 GiB, and may have no more chunks than the file has
///   bytes. Filters other than shuffle, deflate, Fletcher-32 and LZF are refused.
/// - Every call may read a number of bytes that is proportional to the file's length and no more.
/// - The HDF5 library runs on a thread of its own, whose stack holds the deepest nesting that an
///   object header has room for. Should the library panic, that ends there and becomes
///   [`FileError::Malformed`]; the panic's message still goes to the standard error.
///
/// Paths inside the file are written with slashes, from the root: `populations/liquid/tau_m`.
pub struct Hdf5Reader {
    path: PathBuf,
    file: hdf5_pure::File,
    budget: Arc<Budget>,
}

impl Hdf5Reader {
    /// Opens a file.
    ///
    /// # Errors
    /// [`FileError::Open`], or [`FileError::Malformed`] if it is not HDF5.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, FileError> {
        let path = path.as_ref();
        let file = File::open(path).and_then(|file| {
            // A folder opens, and then fails to read in a way that says nothing.
            match file.metadata()?.is_dir() {
                true => Err(std::io::ErrorKind::IsADirectory.into()),
                false => Ok(file),
            }
        });
        let file = file.map_err(|source| FileError::Open { file: path.to_owned(), source })?;
        Self::from_source(path.to_owned(), file)
    }

    /// Reads a file that is in memory; `name` stands for it in messages.
    ///
    /// # Errors
    /// [`FileError::Malformed`] if it is not HDF5.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self, FileError> {
        Self::from_source(PathBuf::from(name), Cursor::new(bytes.to_vec()))
    }

    fn from_source<R: Read + Seek + Send + 'static>(path: PathBuf, source: R) -> Result<Self, FileError> {
        let open = |source| FileError::Open { file: path.clone(), source };
        let (metered, budget) = Metered::new(source).map_err(open)?;
        let file = contained(&path, "the header", || Ok(hdf5_pure::File::from_source(metered)))?;
        let file = file.map_err(|error| malformed(&path, "the header", &error))?;
        Ok(Self { path, file, budget })
    }

    /// The file's path, or its name if it is in memory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names of the groups inside a group, in alphabetical order.
    ///
    /// # Errors
    /// [`FileError::Missing`] if there is no such group, or [`FileError::Malformed`].
    pub fn groups(&self, group: &str) -> Result<Vec<String>, FileError> {
        self.names(group, hdf5_pure::Group::groups)
    }

    /// The names of the datasets inside a group, in alphabetical order.
    ///
    /// # Errors
    /// As [`Hdf5Reader::groups`].
    pub fn datasets(&self, group: &str) -> Result<Vec<String>, FileError> {
        self.names(group, hdf5_pure::Group::datasets)
    }

    /// Whether there is a dataset of this path.
    ///
    /// # Errors
    /// [`FileError::Malformed`] if that cannot be told.
    pub fn has_dataset(&self, path: &str) -> Result<bool, FileError> {
        self.present(self.shape(path))
    }

    /// Whether there is a group of this path.
    ///
    /// # Errors
    /// [`FileError::Malformed`] if that cannot be told.
    pub fn has_group(&self, path: &str) -> Result<bool, FileError> {
        self.present(self.call(path, || self.file.group(path).map(drop)))
    }

    /// The attributes of a group or dataset; the root is `""`.
    ///
    /// # Errors
    /// [`FileError::Missing`] if there is no such object, or [`FileError::Malformed`].
    pub fn attributes(&self, path: &str) -> Result<Attributes, FileError> {
        let values = self.call(path, || match self.file.dataset(path) {
            Ok(dataset) => dataset.attrs(),
            Err(hdf5_pure::Error::NotADataset(_)) => self.file.group(path)?.attrs(),
            Err(error) => Err(error),
        })?;
        Ok(Attributes::new(self.path.clone(), path, values))
    }

    /// The shape of a dataset; empty for a scalar.
    ///
    /// # Errors
    /// [`FileError::Missing`] if there is no such dataset, or [`FileError::Malformed`].
    pub fn shape(&self, path: &str) -> Result<Vec<u64>, FileError> {
        self.call(path, || self.file.dataset(path)?.shape())
    }

    /// The name of the type of a dataset's elements: `f64`, `u32`, `string`, ….
    ///
    /// # Errors
    /// As [`Hdf5Reader::shape`].
    pub fn element_type(&self, path: &str) -> Result<String, FileError> {
        self.call(path, || Ok(self.file.dataset(path)?.dtype()?.to_string()))
    }

    /// All numbers of a dataset, row by row.
    ///
    /// # Errors
    /// [`FileError::Missing`], [`FileError::Type`] or [`FileError::Value`] if the numbers cannot be
    /// had as `T` unchanged, [`FileError::TooLarge`], [`FileError::Storage`], [`FileError::Malformed`].
    pub fn read<T: Element>(&self, path: &str) -> Result<Vec<T>, FileError> {
        let dataset = self.plausible(path)?;
        let read = || Ok(T::read(&dataset));
        match self.contained(path, read)? {
            Ok(values) => Ok(values),
            Err(Mismatch::Library(error)) => Err(self.explain(path, &error)),
            Err(Mismatch::Type) => Err(self.wrong_type(path, T::NAME)),
            Err(Mismatch::Value { index, value }) => Err(FileError::Value {
                file: self.path.clone(),
                object: path.to_owned(),
                index,
                value,
                expected: format!("in the range of {}", T::NAME),
            }),
        }
    }

    /// The numbers of a dataset of one axis.
    ///
    /// # Errors
    /// As [`Hdf5Reader::read`], or [`FileError::Shape`].
    pub fn read_list<T: Element>(&self, path: &str) -> Result<Vec<T>, FileError> {
        match self.shape(path)?.len() {
            1 => self.read(path),
            _ => Err(self.wrong_shape(path, "one axis")),
        }
    }

    /// The one number of a scalar dataset.
    ///
    /// # Errors
    /// As [`Hdf5Reader::read`], or [`FileError::Shape`].
    pub fn read_scalar<T: Element>(&self, path: &str) -> Result<T, FileError> {
        match self.read(path)?.as_slice() {
            [value] => Ok(*value),
            _ => Err(self.wrong_shape(path, "a single value")),
        }
    }

    /// The strings of a dataset, of fixed or variable length.
    ///
    /// # Errors
    /// As [`Hdf5Reader::read`].
    pub fn read_texts(&self, path: &str) -> Result<Vec<String>, FileError> {
        use hdf5_pure::{DType, VlenStringReadOptions};
        let dataset = self.plausible(path)?;
        let most = usize::try_from(self.budget.file_len()).unwrap_or(usize::MAX);
        let options = VlenStringReadOptions::new().with_max_elements(most).with_max_payload_bytes(most);
        let texts = self.call(path, || match dataset.dtype()? {
            DType::String => dataset.read_string().map(Some),
            DType::VariableLengthString => dataset.read_vlen_strings(options).map(Some),
            _ => Ok(None),
        })?;
        texts.ok_or_else(|| self.wrong_type(path, "strings"))
    }

    /// The error for a dataset of the wrong shape.
    pub(super) fn wrong_shape(&self, path: &str, expected: impl Into<String>) -> FileError {
        match self.shape(path) {
            Ok(found) => FileError::Shape {
                file: self.path.clone(),
                object: path.to_owned(),
                found,
                expected: expected.into(),
            },
            Err(error) => error,
        }
    }

    /// The error for a dataset of the wrong type.
    pub(super) fn wrong_type(&self, path: &str, expected: &'static str) -> FileError {
        match self.element_type(path) {
            Ok(found) => FileError::Type {
                file: self.path.clone(),
                object: path.to_owned(),
                found: found.chars().take(80).collect(),
                expected,
            },
            Err(error) => error,
        }
    }

    /// Opens a dataset and checks that the file can hold what it claims.
    fn plausible(&self, path: &str) -> Result<Dataset, FileError> {
        let (dataset, claim) = self.call(path, || {
            let dataset = self.file.dataset(path)?;
            let claim = limits::Claim {
                shape: dataset.shape()?,
                element_size: dataset.element_size()?,
                chunk_shape: dataset.chunk_shape()?,
                filters: dataset.filters(),
                is_virtual: matches!(dataset.layout()?, Layout::Virtual),
            };
            Ok((dataset, claim))
        })?;
        limits::check(&claim, self.budget.file_len()).map_err(|fault| fault.into_error(&self.path, path))?;
        Ok(dataset)
    }

    fn names(
        &self,
        group: &str,
        list: fn(&hdf5_pure::Group) -> Result<Vec<String>, hdf5_pure::Error>,
    ) -> Result<Vec<String>, FileError> {
        let mut names = self.call(group, || list(&self.file.group(group)?))?;
        names.sort_unstable();
        Ok(names)
    }

    fn present<T>(&self, found: Result<T, FileError>) -> Result<bool, FileError> {
        match found {
            Ok(_) => Ok(true),
            Err(FileError::Missing { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Runs the library on a fresh budget and explains its errors.
    fn call<T: Send>(
        &self,
        path: &str,
        run: impl FnOnce() -> Result<T, hdf5_pure::Error> + Send,
    ) -> Result<T, FileError> {
        self.contained(path, || Ok(run()))?.map_err(|error| self.explain(path, &error))
    }

    fn contained<T: Send>(
        &self,
        path: &str,
        run: impl FnOnce() -> Result<T, FileError> + Send,
    ) -> Result<T, FileError> {
        self.budget.renew();
        contained(&self.path, path, run)
    }

    fn explain(&self, path: &str, error: &hdf5_pure::Error) -> FileError {
        use hdf5_pure::Error::{Format, NotADataset, NotAGroup};
        match error {
            Format(FormatError::PathNotFound(_)) | NotADataset(_) | NotAGroup(_) => {
                FileError::Missing { file: self.path.clone(), object: object_name(path) }
            }
            // What is sound HDF5 and beyond the library is no damage.
            Format(FormatError::InvalidLayoutVersion(version)) => {
                self.beyond(path, format!("data layout version {version}"))
            }
            Format(FormatError::UnsupportedVersion(version)) => {
                self.beyond(path, format!("superblock version {version}"))
            }
            Format(FormatError::UnsupportedVirtualLayout) => self.beyond(path, "a virtual layout".to_owned()),
            Format(FormatError::UnsupportedExternalStorage) => {
                self.beyond(path, "its data in another file".to_owned())
            }
            error => malformed(&self.path, path, error),
        }
    }

    fn beyond(&self, path: &str, storage: String) -> FileError {
        FileError::Storage { file: self.path.clone(), object: object_name(path), storage }
    }
}

/// The one place where the HDF5 library runs on bytes that may be hostile.
fn contained<T: Send>(
    file: &Path,
    path: &str,
    run: impl FnOnce() -> Result<T, FileError> + Send,
) -> Result<T, FileError> {
    let failed = |reason: &str| FileError::Malformed {
        file: file.to_owned(),
        object: object_name(path),
        reason: reason.to_owned(),
    };
    thread::scope(|scope| {
        let worker = thread::Builder::new().name("hdf5".into()).stack_size(STACK).spawn_scoped(scope, run);
        let worker = worker.map_err(|source| FileError::Open { file: file.to_owned(), source })?;
        worker.join().unwrap_or_else(|_| Err(failed("the HDF5 library gave up on it")))
    })
}

fn malformed(file: &Path, path: &str, error: &hdf5_pure::Error) -> FileError {
    FileError::Malformed { file: file.to_owned(), object: object_name(path), reason: error.to_string() }
}

fn object_name(path: &str) -> String {
    match path {
        "" | "/" => "the root group".to_owned(),
        path => path.to_owned(),
    }
}
