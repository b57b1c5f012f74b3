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
