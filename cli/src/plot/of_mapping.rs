//! Figures of a mapping: from its file to what a figure takes.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use rheobase_mapping::file::MappingFile;
use rheobase_net::{ValidNetwork, file, validate};

use super::{cores, matrix, mesh};
use crate::error::{Failure, OrBadInput};
use crate::text_file;

/// Reads a mapping.
///
/// # Errors
/// If the file is no mapping.
pub fn read(path: &Path) -> Result<MappingFile, Failure> {
    let text = text_file::read(path)?;
    MappingFile::from_json(&text).or_bad_input_in(path.display())
}

/// Draws everything that there is to draw into a folder, and tells the files.
///
/// # Errors
/// If a file cannot be written.
pub fn draw_all(
    mapping: &MappingFile,
    network: &ValidNetwork,
    folder: &Path,
) -> Result<Vec<PathBuf>, Failure> {
    let mut drawn = vec![folder.join("mesh.png")];
    mesh(mapping, &drawn[0])?;
    if mapping.sent().is_some() {
        drawn.push(folder.join("traffic.png"));
        matrix(mapping, &folder.join("traffic.png"))?;
    }
    if network.populations().iter().any(|p| p.model.is_neuron() && p.positions.is_some()) {
        drawn.push(folder.join("cores.png"));
        cores(mapping, network, &folder.join("cores.png"))?;
    }
    Ok(drawn)
}

/// Draws the mesh.
///
/// # Errors
/// If the input is no mapping or the figure cannot be written.
pub fn draw_mesh(input: &Path, output: &Path) -> Result<(), Failure> {
    Ok(mesh(&read(input)?, output)?)
}

/// Draws who sends to whom.
///
/// # Errors
/// If the input is no mapping, or has no list of packets.
pub fn draw_matrix(input: &Path, output: &Path) -> Result<(), Failure> {
    let mapping = read(input)?;
    if mapping.sent().is_none() {
        let error = anyhow!("{}: more pairs of cores talk than a mapping lists", input.display());
        return Err(Failure::BadInput(error));
    }
    Ok(matrix(&mapping, output)?)
}

/// Draws the neurons of a mapping in space.
///
/// # Errors
/// If the network is missing, is another one, or has no positions.
pub fn draw_cores(input: &Path, network: Option<&Path>, output: &Path) -> Result<(), Failure> {
    let Some(path) = network else {
        let error = anyhow!("a mapping does not say where neurons are: give its network by --network");
        return Err(Failure::BadInput(error));
    };
    let mapping = read(input)?;
    let network = validate(file::read_network(path).or_bad_input()?).or_bad_input_in(path.display())?;
    if !mapping.fits(&network) {
        let (input, path) = (input.display(), path.display());
        let error =
            anyhow!("{input} is a mapping of another network than {path}: give the one that was mapped");
        return Err(Failure::BadInput(error));
    }
    cores(&mapping, &network, output).or_bad_input_in(path.display())
}
