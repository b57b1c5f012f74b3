//! Data by their name: the vowels of the program, an HDF5 file, or a folder of WAV files.

use std::path::Path;

use anyhow::anyhow;
use rheobase_study::data::{Dataset, japanese_vowels, load_folder, load_hdf5};

use crate::error::{Failure, OrBadInput};

/// The data set that `data` names: `vowels`, an HDF5 file, or a folder with `index.csv`.
///
/// # Errors
/// If there is no such file or it is faulty.
pub fn load(data: &str) -> Result<Dataset, Failure> {
    let path = Path::new(data);
    if data == "vowels" {
        Ok(japanese_vowels())
    } else if path.is_dir() {
        load_folder(path).or_bad_input()
    } else if !path.exists() {
        Err(Failure::BadInput(anyhow!(
            "there are no data {data}: give \"vowels\", an HDF5 file, or a folder of WAV files with index.csv"
        )))
    } else {
        load_hdf5(path).or_bad_input()
    }
}
