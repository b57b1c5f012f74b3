//! Whether a file can be written, asked before the work that makes its content.

use std::path::Path;

use anyhow::{Context, anyhow};

use crate::error::{Failure, OrBadInput};

/// Checks that a file can be made at `path`, by making one beside it and taking it away again.
///
/// # Errors
/// If the folder is not there, cannot be written, or a folder stands in the file's place.
pub fn check(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return Err(Failure::BadInput(anyhow!("{} is a folder: give the name of a file", path.display())));
    }
    if path.exists() && !path.is_file() {
        let error = anyhow!("cannot write {}: it is a device, not a file: give another name", path.display());
        return Err(Failure::BadInput(error));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        let error = anyhow!("cannot write {}: there is no folder {}", path.display(), folder.display());
        return Err(Failure::BadInput(error));
    }
    tempfile::tempfile_in(folder)
        .with_context(|| format!("cannot write {}", path.display()))
        .or_bad_input()?;
    Ok(())
}

/// Checks that `output` is not the file `input`, which it would replace.
///
/// # Errors
/// If both are the same file.
pub fn is_not(output: &Path, input: &Path) -> Result<(), Failure> {
    match (output.canonicalize(), input.canonicalize()) {
        (Ok(one), Ok(other)) if one == other => Err(Failure::BadInput(anyhow!(
            "{} is the input, and would be replaced by the output: give --output another name",
            output.display()
        ))),
        // A file that is not there yet is no input.
        _ => Ok(()),
    }
}
