//! Matrices of synapses in HDF5, as `ncps` has them in memory.

use rheobase_ltc::wiring::{Parts, Synapse, UnitKind, Wiring};

use super::{kind_of, layers, sane};
use crate::file::{FileError, Hdf5Reader};

/// The wiring of a file with matrices.
pub(super) fn wiring(file: &Hdf5Reader) -> Result<Wiring, FileError> {
    let group = match file.has_group("wiring")? {
        true => "wiring",
        false => "",
    };
    let at = |dataset: &str| if group.is_empty() { dataset.to_owned() } else { format!("{group}/{dataset}") };
    let unusable = |object: &str, reason: String| FileError::Liquid {
        file: file.path().to_owned(),
        object: object.to_owned(),
        reason,
    };
    let (units, synapses) = matrix(file, &at("adjacency"))?;
    let (targets, sensory) = matrix(file, &at("sensory_adjacency"))?;
    if targets.1 != units.1 || units.0 != units.1 {
        let reason = format!(
            "the shapes [{}, {}] of adjacency and [{}, {}] of sensory_adjacency do not fit: [units, units] and [inputs, units]",
            units.0, units.1, targets.0, targets.1
        );
        return Err(unusable(&at("sensory_adjacency"), reason));
    }
    let attributes = file.attributes(group)?;
    let n_outputs = match attributes.has("output_dim") {
        true => attributes.u32("output_dim")?,
        false => units.1,
    };
    let kinds = match attributes.has("neuron_types") {
        false => (0..units.1)
            .map(|unit| if unit < n_outputs { UnitKind::Motor } else { UnitKind::Inter })
            .collect(),
        true => {
            let names: Vec<String> =
                serde_json::from_str(attributes.text("neuron_types")?).map_err(|error| {
                    unusable(&at("adjacency"), format!("its attribute \"neuron_types\": {error}"))
                })?;
            if names.len() != units.1 as usize {
                let reason = format!("{} neuron_types for {} units", names.len(), units.1);
                return Err(unusable(&at("adjacency"), reason));
            }
            let kind = |(unit, name): (usize, &String)| {
                kind_of(name).ok_or_else(|| {
                    let reason = format!(
                        "the type of unit {unit} is {name:?}, and must be \"motor\", \"command\" or \"inter\""
                    );
                    unusable(&at("adjacency"), reason)
                })
            };
            names.iter().enumerate().map(kind).collect::<Result<Vec<_>, _>>()?
        }
    };
    let parts = Parts { n_inputs: targets.0, n_outputs, layers: layers(&kinds), kinds, synapses, sensory };
    Wiring::new(parts)
        .map_err(|error| error.to_string())
        .and_then(sane)
        .map_err(|reason| unusable(&at("adjacency"), reason))
}

/// The size of a matrix `[sources, targets]` and its entries other than 0.
fn matrix(file: &Hdf5Reader, path: &str) -> Result<((u32, u32), Vec<Synapse>), FileError> {
    let shape = file.shape(path)?;
    let size = match shape.as_slice() {
        [sources, targets] => u32::try_from(*sources).ok().zip(u32::try_from(*targets).ok()),
        _ => None,
    };
    let (sources, targets) = size.ok_or_else(|| file.wrong_shape(path, "[sources, targets]"))?;
    let values: Vec<i8> = file.read(path)?;
    let synapse = |(place, polarity): (usize, &i8)| Synapse {
        target: (place % targets as usize) as u32,
        source: (place / targets as usize) as u32,
        polarity: *polarity,
    };
    let synapses = values.iter().enumerate().filter(|(_, polarity)| **polarity != 0).map(synapse).collect();
    Ok(((sources, targets), synapses))
}
