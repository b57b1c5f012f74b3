//! Labeled samples: where they come from, and what is checked before anything uses them.
//!
//! Every loader ends in [`check`], the only maker of a [`Dataset`], so that no later stage has to
//! ask again whether a label is in range or a value is finite.

mod dataset;
mod fault;
mod folder;
mod hdf5;
mod vowels;
mod wav;

pub use dataset::{Audio, Dataset, Draft, Sample, Signal, check};
pub use fault::{Fault, InvalidDataset};
pub use folder::{ClipFault, FolderError, load_folder};
pub use hdf5::{Hdf5Error, hdf5_bytes, load_hdf5};
pub use vowels::japanese_vowels;
pub use wav::{WavError, load_wav, wav_bytes};
