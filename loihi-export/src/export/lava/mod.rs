//! Lava 0.10: a data file, and a Python program that builds its processes and runs them.
//!
//! Every core has a process for each of its groups of neurons, and one for each block of synapses, so that what
//! runs in Lava is the partitioned network, with the sums and roundings of the cores. The program (`loader.py`) is
//! the same for all networks; what differs lies in the data file, as arrays of NumPy and a plan in JSON.
//!
//! Nothing is lost or changed. What Lava cannot run is refused: weights and neurons that are not integers,
//! nengo-loihi's scaled weights, and resets or two thresholds together with a refractory period. Neurons that are
//! only refractory, which Lava's fixed-point models are not, get a process that the program brings.

mod connection;
mod plan;
mod process;

use std::io::{BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use ndarray::{Array1, aview1};
use ndarray_npy::{NpzWriter, WriteNpzError};
use rheobase_net::file::{FileError, write_atomically};
use serde::Serialize;

use self::connection::Synapses;
use self::plan::Plan;
use crate::netlist::{ValidNetlist, Where};

/// Packages that the program needs, and that a program of the same name would stand in the way of.
const PACKAGES: [&str; 4] = ["lava", "numpy", "scipy", "h5py"];
/// The program, but for two names.
const LOADER: &str = include_str!("loader.py");

/// Why a netlist cannot be exported to Lava.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LavaError {
    /// Lava has not what the netlist has; all of it is told.
    #[error("{}", super::all_of("Lava cannot run this netlist", .0))]
    NotInLava(Vec<NotInLava>),
    /// The program's name is no Python file's.
    #[error(
        "{} is no name for a Python program of ours: give one that ends with .py, without quotes, and not that of a \
         package which the program needs",
        .0.display()
    )]
    Name(PathBuf),
    /// A file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The arrays cannot be written.
    #[error("cannot write {}", file.display())]
    Arrays {
        /// The file.
        file: PathBuf,
        /// What the writer says.
        source: WriteNpzError,
    },
}

/// Something that Lava has not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place} has {what}")]
pub struct NotInLava {
    /// Where it is.
    pub place: Where,
    /// What it is, and the way out.
    pub what: &'static str,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    /// The program.
    pub script: PathBuf,
    /// Its data.
    pub data: PathBuf,
    /// How many processes of neurons and sources there are.
    pub processes: usize,
    /// How many processes of synapses.
    pub connections: usize,
    /// How many neurons have a refractory period, for which the program brings a process of its own.
    pub refractory: usize,
}

/// Writes the program `script`, and its data beside it under the same name, both atomically.
///
/// # Errors
/// [`LavaError`].
pub fn write(script: &Path, netlist: &ValidNetlist) -> Result<Written, LavaError> {
    let (data, script_name, data_name) = names(script).ok_or_else(|| LavaError::Name(script.to_owned()))?;
    let plan = plan::of(netlist).map_err(LavaError::NotInLava)?;
    write_atomically(&data, |file| {
        let failed = |source| LavaError::Arrays { file: data.clone(), source };
        let mut sink = write_arrays(&plan, BufWriter::new(file)).map_err(failed)?;
        sink.flush().map_err(|source| LavaError::File(FileError::Write { file: data.clone(), source }))
    })?;
    let program = LOADER.replace("@SCRIPT@", &script_name).replace("@DATA@", &data_name);
    write_atomically(script, |file| {
        let failed = |source| FileError::Write { file: script.to_owned(), source };
        file.write_all(program.as_bytes()).map_err(failed)
    })?;
    Ok(Written {
        script: script.to_owned(),
        data,
        processes: plan.processes.len(),
        connections: plan.connections.len(),
        refractory: plan.n_refractory(),
    })
}

/// The path of the data, and both names as the program says them.
fn names(script: &Path) -> Option<(PathBuf, String, String)> {
    let data = script.with_extension("npz");
    let name = |path: &Path| Some(path.file_name()?.to_str()?.to_owned());
    let (script_name, data_name) = (name(script)?, name(&data)?);
    let is_python = script.extension().is_some_and(|extension| extension == "py");
    let is_plain = !script_name.contains(|c: char| c == '"' || c == '\\' || c.is_control());
    let is_free = !PACKAGES.iter().any(|package| script_name == format!("{package}.py"));
    (is_python && is_plain && is_free).then_some((data, script_name, data_name))
}

fn write_arrays<W: Write + Seek>(plan: &Plan, sink: W) -> Result<W, WriteNpzError> {
    let mut npz = NpzWriter::new_compressed(sink);
    let text = serde_json::to_vec(plan).expect("a plan has only texts, numbers and lists of these");
    npz.add_array("plan", &Array1::from(text))?;
    for process in &plan.processes {
        for (list, values) in &process.columns {
            npz.add_array(format!("processes/{}/{list}", process.name), &aview1(values))?;
        }
    }
    for connection in &plan.connections {
        let Synapses { post, pre, weight, delay } = &connection.synapses;
        let of = |list: &str| format!("connections/{}/{list}", connection.name);
        npz.add_array(of("post"), &aview1(post))?;
        npz.add_array(of("pre"), &aview1(pre))?;
        npz.add_array(of("weight"), &aview1(weight))?;
        npz.add_array(of("delay"), &aview1(delay))?;
    }
    npz.finish()
}
