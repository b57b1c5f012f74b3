//! Wirings from files: lists of synapses as CSV or JSON, and matrices of them in HDF5.
//!
//! Which of them a file is, its first bytes tell: HDF5 has a signature, JSON begins with a brace. All give the
//! same checked [`Wiring`]; motor neurons have the lowest numbers, as in `ncps`.

mod adjacency;
mod edges;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rheobase_ltc::wiring::{UnitKind, Wiring, WiringError};

use super::{FileError, Hdf5Reader};

/// More inputs than this are a mistake in a file.
const MOST_INPUTS: u32 = 1 << 24;
/// A longer text is something else.
const LONGEST_TEXT: u64 = 1 << 30;
const HDF5_SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";

/// Reads a wiring from a CSV, JSON or HDF5 file; `docs/formats.md` describes the three.
///
/// # Errors
/// [`FileError`]; [`FileError::Liquid`] if what the file says is no wiring.
pub fn read_wiring(path: &Path) -> Result<Wiring, FileError> {
    let open = |source| FileError::Open { file: path.to_owned(), source };
    let mut file = File::open(path).map_err(open)?;
    let mut bytes = Vec::new();
    file.by_ref().take(HDF5_SIGNATURE.len() as u64).read_to_end(&mut bytes).map_err(open)?;
    if bytes == HDF5_SIGNATURE {
        return adjacency::wiring(&Hdf5Reader::open(path)?);
    }
    file.take(LONGEST_TEXT + 1).read_to_end(&mut bytes).map_err(open)?;
    Text { path: path.to_owned(), bytes: &bytes }.wiring()
}

/// Reads a wiring from a CSV, JSON or HDF5 file that is in memory.
///
/// # Errors
/// As [`read_wiring`].
pub fn read_wiring_bytes(bytes: &[u8]) -> Result<Wiring, FileError> {
    const NAME: &str = "the wiring file";
    match bytes.starts_with(HDF5_SIGNATURE) {
        true => adjacency::wiring(&Hdf5Reader::from_bytes(NAME, bytes)?),
        false => Text { path: NAME.into(), bytes }.wiring(),
    }
}

/// A text of somebody's.
struct Text<'t> {
    path: PathBuf,
    bytes: &'t [u8],
}

impl Text<'_> {
    fn wiring(&self) -> Result<Wiring, FileError> {
        if self.bytes.len() as u64 > LONGEST_TEXT {
            return Err(self.unusable("its text", format!("it is longer than {LONGEST_TEXT} bytes")));
        }
        let is_json = self.bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
        let wiring = match is_json {
            true => serde_json::from_slice(self.bytes)
                .map_err(|error| self.unusable("its JSON", error.to_string()))?,
            false => self.edges()?,
        };
        sane(wiring).map_err(|reason| self.unusable("its wiring", reason))
    }

    fn unusable(&self, object: impl Into<String>, reason: impl Into<String>) -> FileError {
        FileError::Liquid { file: self.path.clone(), object: object.into(), reason: reason.into() }
    }

    fn wrong(&self, error: &WiringError) -> FileError {
        self.unusable("its wiring", error.to_string())
    }
}

/// What [`Wiring::new`] has no opinion on.
fn sane(wiring: Wiring) -> Result<Wiring, String> {
    if wiring.n_inputs() > MOST_INPUTS as usize {
        return Err(format!("it has {} inputs, and may have {MOST_INPUTS}", wiring.n_inputs()));
    }
    let wrong = (0..)
        .zip(wiring.kinds())
        .find(|(unit, kind)| (*unit < wiring.n_outputs()) != (**kind == UnitKind::Motor));
    match wrong {
        Some((unit, kind)) => Err(format!(
            "unit {unit} is {}, and the motor neurons must be units 0 to {}, the outputs",
            name_of(*kind),
            wiring.n_outputs() - 1
        )),
        None => Ok(wiring),
    }
}

/// Layers, where a file does not name them: inter, command and motor neurons if there are command neurons, and
/// otherwise one.
fn layers(kinds: &[UnitKind]) -> Vec<Vec<u32>> {
    let of = |wanted: UnitKind| -> Vec<u32> {
        (0..).zip(kinds).filter(|(_, kind)| **kind == wanted).map(|(unit, _)| unit).collect()
    };
    match kinds.contains(&UnitKind::Command) {
        true => {
            let layers = [UnitKind::Inter, UnitKind::Command, UnitKind::Motor].map(of);
            layers.into_iter().filter(|layer| !layer.is_empty()).collect()
        }
        false => vec![(0..kinds.len() as u32).collect()],
    }
}

/// What a kind of unit is called in files.
pub(super) fn name_of(kind: UnitKind) -> &'static str {
    match kind {
        UnitKind::Motor => "motor",
        UnitKind::Command => "command",
        UnitKind::Inter => "inter",
    }
}

/// The kind of unit of a name.
pub(super) fn kind_of(name: &str) -> Option<UnitKind> {
    [UnitKind::Motor, UnitKind::Command, UnitKind::Inter].into_iter().find(|kind| name_of(*kind) == name)
}
