//! The models of sources inside a network file.

use std::path::Path;

use hdf5_pure::{AttrValue, GroupBuilder};

use super::spikes::{put_spikes, spikes};
use super::writer::Place;
use super::{FileError, Hdf5Reader, param};
use crate::{CurrentSource, SpikeSource, Waveform};

/// Puts a source of spikes into its group.
pub(super) fn put_spike_source(
    path: &Path,
    group: &mut GroupBuilder,
    source: &SpikeSource,
) -> Result<(), FileError> {
    group.text(path, "model", "spike_source")?;
    match source {
        SpikeSource::External => group.text(path, "source", "external"),
        SpikeSource::Poisson { rate_hz } => {
            param::put(group, "rate_hz", rate_hz);
            group.text(path, "source", "poisson")
        }
        SpikeSource::PoissonSteps { rates } => {
            put_waveform(group, "rate_hz", rates);
            group.text(path, "source", "poisson_steps")
        }
        SpikeSource::Train(train) => {
            let mut inner = group.create_group("spikes");
            put_spikes(&mut inner, train);
            group.add_group(inner.finish());
            group.text(path, "source", "train")
        }
    }
}

/// Reads a source of spikes.
pub(super) fn spike_source(file: &Hdf5Reader, group: &str) -> Result<SpikeSource, FileError> {
    let attributes = file.attributes(group)?;
    match attributes.text("source")? {
        "external" => Ok(SpikeSource::External),
        "poisson" => Ok(SpikeSource::Poisson { rate_hz: param::get(file, group, "rate_hz")? }),
        "poisson_steps" => Ok(SpikeSource::PoissonSteps { rates: waveform(file, group, "rate_hz")? }),
        "train" => Ok(SpikeSource::Train(spikes(file, &format!("{group}/spikes"))?)),
        _ => {
            let expected = "\"external\", \"poisson\", \"poisson_steps\" or \"train\"";
            Err(attributes.refuse("source", expected))
        }
    }
}

/// Puts a source of currents into its group.
pub(super) fn put_current_source(
    path: &Path,
    group: &mut GroupBuilder,
    source: &CurrentSource,
) -> Result<(), FileError> {
    group.text(path, "model", "current_source")?;
    match source {
        CurrentSource::External => group.text(path, "source", "external"),
        CurrentSource::Steps(steps) => {
            put_waveform(group, "value", steps);
            group.text(path, "source", "steps")
        }
        CurrentSource::Noise { mean, sd, interval } => {
            param::put(group, "mean", mean);
            param::put(group, "sd", sd);
            group.attribute("interval_ms", AttrValue::F64(*interval));
            group.text(path, "source", "noise")
        }
    }
}

/// Reads a source of currents.
pub(super) fn current_source(file: &Hdf5Reader, group: &str) -> Result<CurrentSource, FileError> {
    let attributes = file.attributes(group)?;
    match attributes.text("source")? {
        "external" => Ok(CurrentSource::External),
        "steps" => Ok(CurrentSource::Steps(waveform(file, group, "value")?)),
        "noise" => Ok(CurrentSource::Noise {
            mean: param::get(file, group, "mean")?,
            sd: param::get(file, group, "sd")?,
            interval: attributes.f64("interval_ms")?,
        }),
        _ => Err(attributes.refuse("source", "\"external\", \"steps\" or \"noise\"")),
    }
}

/// Puts a waveform into a group, its values under a name.
pub(super) fn put_waveform(group: &mut GroupBuilder, values: &str, waveform: &Waveform) {
    let shape = [waveform.times().len() as u64, u64::from(waveform.n_channels())];
    group.dataset("t_ms").with_f64_data(waveform.times());
    group.dataset(values).with_f64_data(waveform.values()).with_shape(&shape);
}

/// Reads a waveform from a group.
pub(super) fn waveform(file: &Hdf5Reader, group: &str, values: &str) -> Result<Waveform, FileError> {
    let values = format!("{group}/{values}");
    let n_channels = match file.shape(&values)?.as_slice() {
        [_, n] => u32::try_from(*n).ok(),
        _ => None,
    };
    let n_channels = n_channels.ok_or_else(|| file.wrong_shape(&values, "[times, nodes]"))?;
    let waveform = Waveform::new(n_channels, file.read_list(&format!("{group}/t_ms"))?, file.read(&values)?);
    waveform.map_err(|source| FileError::Waveform {
        file: file.path().to_owned(),
        object: group.to_owned(),
        source,
    })
}
