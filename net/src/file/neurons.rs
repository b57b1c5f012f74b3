//! The models of neurons inside a network file.

use std::path::Path;

use hdf5_pure::GroupBuilder;

use super::writer::Place;
use super::{FileError, Hdf5Reader, param};
use crate::{IzhikevichMethod, IzhikevichPopulation, LifPopulation, SynapseKind};

/// Parameters of LIF neurons that version 1 does not have and version 2 may leave out.
const SINCE_VERSION_2: [&str; 8] =
    ["e_ex", "e_in", "syn_ex_init", "syn_in_init", "theta_jump", "tau_theta", "eta_theta", "target_rate"];

/// Puts LIF neurons into their group.
pub(super) fn put_lif(path: &Path, group: &mut GroupBuilder, lif: &LifPopulation) -> Result<(), FileError> {
    group.text(path, "model", "lif")?;
    let synapse = match lif.synapse {
        SynapseKind::Delta => "delta",
        SynapseKind::Exp => "exp",
        SynapseKind::Alpha => "alpha",
        SynapseKind::Conductance => "conductance",
    };
    group.text(path, "synapse", synapse)?;
    lif.params().into_iter().for_each(|(name, param)| param::put(group, name, param));
    Ok(())
}

/// Reads the LIF neurons of a group.
pub(super) fn lif(file: &Hdf5Reader, group: &str) -> Result<LifPopulation, FileError> {
    let attributes = file.attributes(group)?;
    let synapse = match attributes.text("synapse")? {
        "delta" => SynapseKind::Delta,
        "exp" => SynapseKind::Exp,
        "alpha" => SynapseKind::Alpha,
        "conductance" => SynapseKind::Conductance,
        _ => return Err(attributes.refuse("synapse", "\"delta\", \"exp\", \"alpha\" or \"conductance\"")),
    };
    let mut lif = LifPopulation { synapse, ..LifPopulation::default() };
    for (name, value) in lif.params_mut() {
        if !SINCE_VERSION_2.contains(&name) || file.has_dataset(&format!("{group}/{name}"))? {
            *value = param::get(file, group, name)?;
        }
    }
    Ok(lif)
}

/// Puts Izhikevich's neurons into their group.
pub(super) fn put_izhikevich(
    path: &Path,
    group: &mut GroupBuilder,
    izhikevich: &IzhikevichPopulation,
) -> Result<(), FileError> {
    group.text(path, "model", "izhikevich")?;
    let method = match izhikevich.method {
        IzhikevichMethod::Euler => "euler",
        IzhikevichMethod::Rk4 => "rk4",
    };
    group.text(path, "method", method)?;
    izhikevich.params().into_iter().for_each(|(name, param)| param::put(group, name, param));
    Ok(())
}

/// Reads Izhikevich's neurons of a group.
pub(super) fn izhikevich(file: &Hdf5Reader, group: &str) -> Result<IzhikevichPopulation, FileError> {
    let attributes = file.attributes(group)?;
    let method = match attributes.text("method")? {
        "euler" => IzhikevichMethod::Euler,
        "rk4" => IzhikevichMethod::Rk4,
        _ => return Err(attributes.refuse("method", "\"euler\" or \"rk4\"")),
    };
    let mut izhikevich = IzhikevichPopulation { method, ..IzhikevichPopulation::default() };
    for (name, value) in izhikevich.params_mut() {
        *value = param::get(file, group, name)?;
    }
    Ok(izhikevich)
}
