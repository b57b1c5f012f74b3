//! Writes files that are either whole or not there.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use hdf5_pure::{AttrValue, DatasetBuilder, FileBuilder, GroupBuilder};

use super::FileError;

/// Writes a file beside its target, forces it to the disk and renames it: whatever happens, the
/// target is the old file or the whole new one, and nothing else is left behind.
///
/// # Errors
/// [`FileError::Write`] if the folder is missing or not writable, the disk is full, or the target is
/// something other than a file; any error of `fill`.
pub fn write_atomically<E: From<FileError>>(
    path: &Path,
    fill: impl FnOnce(&mut File) -> Result<(), E>,
) -> Result<(), E> {
    let failed = |source| FileError::Write { file: path.to_owned(), source };
    refuse_other_than_file(path).map_err(failed)?;
    let folder = folder_of(path);
    let mut temporary = temporary_file(folder).map_err(failed)?;
    fill(temporary.as_file_mut())?;
    temporary.as_file().sync_all().map_err(failed)?;
    temporary.persist(path).map_err(|error| failed(error.error))?;
    sync_folder(folder);
    Ok(())
}

/// Refuses a target that a rename would replace by a file: a device, a pipe, a folder.
pub(super) fn refuse_other_than_file(path: &Path) -> io::Result<()> {
    match fs::metadata(path).is_ok_and(|target| !target.is_file()) {
        true => {
            let reason = "it exists and is not a file; give another name";
            Err(io::Error::new(io::ErrorKind::AlreadyExists, reason))
        }
        false => Ok(()),
    }
}

/// The folder that a file is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Forces the names in a folder to the disk, where the system can: a rename is done by then, and not every
/// file system knows the call.
pub(super) fn sync_folder(folder: &Path) {
    if cfg!(unix) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

/// Says of a failure to make something in a folder what is to be done.
pub(super) fn explain_folder(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::NotFound => io::Error::new(error.kind(), "there is no such folder; make it first"),
        // The library's message names the temporary file, which says nothing to the caller.
        kind => io::Error::new(kind, kind.to_string()),
    }
}

/// A file that is removed when it is dropped, with the permissions of any other file.
fn temporary_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".rheobase-").suffix(".part");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder).map_err(explain_folder)
}

/// Writes an HDF5 file atomically.
pub(super) fn save(path: &Path, content: FileBuilder) -> Result<(), FileError> {
    write_atomically(path, |file| emit(path, content, file))
}

/// Writes an HDF5 file to any sink, front to back.
pub(super) fn emit(path: &Path, content: FileBuilder, sink: impl Write) -> Result<(), FileError> {
    content.finish_to(sink).map_err(|error| match error {
        hdf5_pure::Error::Io(source) => FileError::Write { file: path.to_owned(), source },
        error => FileError::Encode { file: path.to_owned(), reason: error.to_string() },
    })
}

/// Something that attributes and datasets are put into: a group, or the file itself.
pub(super) trait Place {
    fn attribute(&mut self, name: &str, value: AttrValue);
    fn dataset(&mut self, name: &str) -> &mut DatasetBuilder;

    /// Puts a string attribute, of variable length so that `h5py` gives a `str`.
    fn text(&mut self, path: &Path, name: &'static str, text: &str) -> Result<(), FileError> {
        check_text(path, name, text)?;
        self.attribute(name, AttrValue::VarLenString(text.to_owned()));
        Ok(())
    }

    /// Puts a list of strings.
    fn texts<'a>(
        &mut self,
        path: &Path,
        name: &'static str,
        texts: impl Iterator<Item = &'a str>,
    ) -> Result<(), FileError>
    where
        Self: Sized,
    {
        let texts: Vec<&str> = texts.collect();
        texts.iter().try_for_each(|text| check_text(path, name, text))?;
        self.dataset(name).with_vlen_strings(&texts);
        Ok(())
    }
}

impl Place for FileBuilder {
    fn attribute(&mut self, name: &str, value: AttrValue) {
        self.set_attr(name, value);
    }

    fn dataset(&mut self, name: &str) -> &mut DatasetBuilder {
        self.create_dataset(name)
    }
}

impl Place for GroupBuilder {
    fn attribute(&mut self, name: &str, value: AttrValue) {
        self.set_attr(name, value);
    }

    fn dataset(&mut self, name: &str) -> &mut DatasetBuilder {
        self.create_dataset(name)
    }
}

/// HDF5 ends a string at its first NUL.
pub(super) fn check_text(path: &Path, thing: &'static str, text: &str) -> Result<(), FileError> {
    match text.contains('\0') {
        false => Ok(()),
        true => Err(FileError::Text {
            file: path.to_owned(),
            thing,
            text: text.to_owned(),
            problem: "has a NUL character, which HDF5 cannot hold: remove it",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_whole_file_replaces_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        for text in ["old", "another"] {
            write_atomically(&path, |file| {
                file.write_all(text.as_bytes()).unwrap();
                Ok::<(), FileError>(())
            })
            .unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    /// `/dev/full` answers every write as a full disk does.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.h5");
        fs::write(&path, "old").unwrap();
        let error = write_atomically(&path, |file| {
            file.write_all(b"half of it").unwrap();
            let mut content = FileBuilder::new();
            content.create_dataset("x").with_f64_data(&[0.0; 10_000]);
            emit(&path, content, File::options().write(true).open("/dev/full").unwrap())
        })
        .unwrap_err();
        let FileError::Write { file, source } = &error else { panic!("{error:?}") };
        assert_eq!((file, source.kind()), (&path, io::ErrorKind::StorageFull));
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(folder.path()), ["a.h5"]);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let write = |path: &Path| {
            let error = write_atomically(path, |_| Ok::<(), FileError>(())).unwrap_err();
            format!("{error}: {}", std::error::Error::source(&error).unwrap())
        };
        let missing = write(&folder.path().join("missing/a.h5"));
        assert!(missing.contains("missing/a.h5") && missing.contains("no such folder"), "{missing}");
        let under_a_file = write(&file.join("a.h5"));
        assert!(
            under_a_file.contains("file/a.h5") && under_a_file.contains("not a directory"),
            "{under_a_file}"
        );
        let a_folder = write(folder.path());
        assert!(a_folder.contains("not a file"), "{a_folder}");
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_those_of_any_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (plain, ours) = (folder.path().join("plain"), folder.path().join("ours"));
        fs::write(&plain, "").unwrap();
        write_atomically(&ours, |_| Ok::<(), FileError>(())).unwrap();
        let mode = |path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&plain));
    }
}
