//! Files of text that people write: read whole, within a limit.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, anyhow};

use crate::error::{Failure, OrBadInput};

/// Descriptions are written by hand and scores are short; a larger file is something else.
const LARGEST: u64 = 64 << 20;

/// The text of a file.
///
/// # Errors
/// If the file cannot be read, is larger than 64 MiB, or is no text.
pub fn read(path: &Path) -> Result<String, Failure> {
    let name = path.display();
    let file = File::open(path).with_context(|| format!("cannot open {name}")).or_bad_input()?;
    let mut bytes = Vec::new();
    // The length that the system tells may be that of a pipe or a device, which is none.
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {name}"))
        .or_bad_input()?;
    if bytes.len() as u64 > LARGEST {
        let error = anyhow!("{name} has more than {LARGEST} bytes of text: is it the right file?");
        return Err(Failure::BadInput(error));
    }
    String::from_utf8(bytes)
        .map_err(|error| anyhow!("{name} is not text in UTF-8: byte {}", error.utf8_error().valid_up_to()))
        .or_bad_input()
}
