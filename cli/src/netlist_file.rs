//! Files of netlists: HDF5, or the JSON twin of a small one.

use std::path::Path;

use rheobase_loihi_export::netlist::{self, ValidNetlist};

use crate::error::{Failure, OrBadInput};
use crate::text_file;

/// Reads a netlist, whichever way it is written.
///
/// # Errors
/// If the file cannot be read, or everything that is wrong with the netlist.
pub fn read(path: &Path) -> Result<ValidNetlist, Failure> {
    if is_json(path) {
        return netlist::from_json(&text_file::read(path)?).or_bad_input_in(path.display());
    }
    netlist::read(path).or_bad_input_in(path.display())
}

/// Whether a file begins as a JSON object does. Whoever reads it says what else is wrong.
pub fn is_json(path: &Path) -> bool {
    let mut first = [0; 64];
    let read = std::fs::File::open(path).and_then(|mut file| std::io::Read::read(&mut file, &mut first));
    let n = read.unwrap_or(0);
    first[..n].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

/// Whether a JSON file says that it is a netlist.
pub fn says_so(path: &Path) -> bool {
    /// What every file of ours has.
    #[derive(serde::Deserialize)]
    struct Head {
        format: String,
    }
    let head = text_file::read(path).ok().and_then(|text| serde_json::from_str::<Head>(&text).ok());
    head.is_some_and(|head| head.format == netlist::FORMAT)
}
