//! The attributes that every file begins with: what it is, which version, who wrote it.

use std::path::Path;

use hdf5_pure::{AttrValue, FileBuilder, GroupBuilder};

use super::writer::Place;
use super::{FileError, Hdf5Reader};
use crate::{Description, VERSION};

/// What a file is, and the newest version of it that is read and written.
pub(super) struct Format {
    pub(super) name: &'static str,
    pub(super) version: i64,
}

impl Format {
    /// Begins a file.
    pub(super) fn begin(&self) -> FileBuilder {
        let mut file = FileBuilder::new();
        file.set_attr("format", AttrValue::VarLenString(self.name.to_owned()));
        file.set_attr("version", AttrValue::I64(self.version));
        file.set_attr("made_with", AttrValue::VarLenString(VERSION.to_owned()));
        file
    }

    /// Checks that a file is of this format and not of a later version.
    pub(super) fn check(&self, file: &Hdf5Reader) -> Result<(), FileError> {
        let attributes = file.attributes("")?;
        let found = attributes.text("format").ok();
        if found != Some(self.name) {
            let found = found.map(|found| found.chars().take(80).collect());
            return Err(FileError::Format { file: file.path().to_owned(), found, expected: self.name });
        }
        let version = attributes.i64("version")?;
        if !(1..=self.version).contains(&version) {
            return Err(FileError::Version {
                file: file.path().to_owned(),
                format: self.name,
                found: version,
                newest: self.version,
            });
        }
        Ok(())
    }
}

/// Puts a network's description into its group.
pub(super) fn put_description(
    path: &Path,
    group: &mut GroupBuilder,
    description: &Description,
) -> Result<(), FileError> {
    let Description { generator, seed, version, configuration } = description;
    group.text(path, "generator", generator)?;
    group.attribute("seed", AttrValue::U64(*seed));
    group.text(path, "version", version)?;
    group.text(path, "configuration", configuration)
}

/// Reads a network's description from its group.
pub(super) fn description(file: &Hdf5Reader, group: &str) -> Result<Description, FileError> {
    let attributes = file.attributes(group)?;
    Ok(Description {
        generator: attributes.text("generator")?.to_owned(),
        seed: attributes.u64("seed")?,
        version: attributes.text("version")?.to_owned(),
        configuration: attributes.text("configuration")?.to_owned(),
    })
}
