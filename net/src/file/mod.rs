//! Files: networks, spike trains, currents, recordings and trained liquids as HDF5, and the reader of other people's HDF5.
//!
//! | format | written by | read by |
//! |---|---|---|
//! | `rheobase-network` | [`write_network`] | [`read_network`] |
//! | `rheobase-spikes` | [`write_spikes`] | [`read_spikes`] |
//! | `rheobase-currents` | [`write_currents`] | [`read_currents`] |
//! | `rheobase-recording` | [`write_recording`], [`RecordingWriter`] | [`read_recording`] |
//! | `rheobase-liquid` | [`write_liquid`] | [`read_liquid`] |
//! | wirings: CSV, JSON or HDF5 | – | [`read_wiring`] |
//!
//! `docs/formats.md` describes every group, dataset and attribute; each format is read by `h5py` in
//! five lines. What is written is read back bit for bit. Files are written beside their target and
//! renamed ([`write_atomically`]), and read as if an enemy had made them ([`Hdf5Reader`]). Large lists
//! lie in the file as in memory, contiguous and uncompressed, so that they move at the disk's speed.
//! A recording can be written while its run goes on, in bounded memory ([`RecordingWriter`]).
//!
//! The key decision: this module alone touches HDF5, by the library `hdf5-pure`, which needs no C.
//! The library is young, so the reader checks every size before the library allocates, meters what
//! it reads, and contains it should it panic.
//!
//! ```
//! use rheobase_net::{SpikeTrain, file};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("spikes.h5");
//! let spikes = SpikeTrain::from_sorted(3, vec![0.5, 0.5, 2.0], vec![0, 2, 1])?;
//! file::write_spikes(&path, &spikes)?;
//! assert_eq!(file::read_spikes(&path)?, spikes);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod attributes;
mod budget;
mod currents;
mod element;
mod error;
mod header;
mod limits;
mod liquid_model;
mod ltc;
mod network;
mod neurons;
mod param;
mod population;
mod projection;
mod reader;
mod recording;
mod sources;
mod spikes;
mod stream;
mod tree;
mod wiring;
mod writer;

pub use attributes::Attributes;
pub use currents::{read_currents, read_currents_bytes, write_currents};
pub use element::Element;
pub use error::FileError;
pub use liquid_model::{read_liquid, read_liquid_bytes, write_liquid};
pub use network::{read_network, read_network_bytes, write_network};
pub use reader::Hdf5Reader;
pub use recording::{read_recording, read_recording_bytes, write_recording};
pub use spikes::{read_spikes, read_spikes_bytes, write_spikes};
pub use stream::{RatesHead, RecordingEnd, RecordingHead, RecordingPosition, RecordingWriter, TracesHead};
pub use tree::{Hdf5Tree, Values, check_format};
pub use wiring::{read_wiring, read_wiring_bytes};
pub use writer::write_atomically;
