//! `rheobase man`: the manual pages.

use std::path::PathBuf;

use anyhow::Context;
use clap::CommandFactory;

use crate::error::Failure;

/// Write the manual pages into a folder
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  rheobase man ~/.local/share/man/man1
  man rheobase-simulate")]
pub struct Args {
    /// The folder, which is made if it is not there
    folder: PathBuf,
}

/// Writes a page for the command and one for each verb.
///
/// # Errors
/// If the folder cannot be written.
pub fn run(args: &Args) -> Result<(), Failure> {
    let folder = &args.folder;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    clap_mangen::generate_to(crate::Cli::command(), folder)
        .with_context(|| format!("cannot write into {}", folder.display()))?;
    Ok(())
}
