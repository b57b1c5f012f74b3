//! Recordings as files.

use std::path::Path;

use hdf5_pure::{AttrValue, FileBuilder, GroupBuilder};
use ndarray::Array2;

use super::header::{self, Format};
use super::network::{in_order, put_named};
use super::spikes::{put_spikes, spikes};
use super::writer::{self, Place};
use super::{FileError, Hdf5Reader};
use crate::{Counters, NodeRange, ProjectionWeights, Provenance, Rates, Recording, Traces};

const FORMAT: Format = Format { name: "rheobase-recording", version: 1 };

/// Writes a recording as a file of the format `rheobase-recording`, atomically.
///
/// # Errors
/// [`FileError::Text`], [`FileError::Write`], [`FileError::Encode`].
pub fn write_recording(path: &Path, recording: &Recording) -> Result<(), FileError> {
    writer::save(path, content(path, recording)?)
}

/// Reads a recording from a file of the format `rheobase-recording`.
///
/// # Errors
/// [`FileError`].
pub fn read_recording(path: &Path) -> Result<Recording, FileError> {
    from_reader(&Hdf5Reader::open(path)?)
}

/// Reads a recording from a file of the format `rheobase-recording` that is in memory.
///
/// # Errors
/// As [`read_recording`].
pub fn read_recording_bytes(bytes: &[u8]) -> Result<Recording, FileError> {
    from_reader(&Hdf5Reader::from_bytes("the recording", bytes)?)
}

/// The file of a recording.
pub(super) fn content(path: &Path, recording: &Recording) -> Result<FileBuilder, FileError> {
    let Recording { t_start, t_stop, nodes, spikes, traces, rates, final_v, weights, counters, provenance } =
        recording;
    let mut file = FORMAT.begin();
    file.set_attr("t_start_ms", AttrValue::F64(*t_start));
    file.set_attr("t_stop_ms", AttrValue::F64(*t_stop));
    if let Some(final_v) = final_v {
        file.dataset("final_v_mV").with_f64_data(final_v);
    }
    put_group(&mut file, "spikes", |group| {
        put_spikes(group, spikes);
        Ok(())
    })?;
    put_group(&mut file, "populations", |group| put_node_ranges(path, group, nodes))?;
    if let Some(traces) = traces {
        put_group(&mut file, "traces", |group| {
            put_traces(group, traces);
            Ok(())
        })?;
    }
    if let Some(rates) = rates {
        put_group(&mut file, "rates", |group| put_rates(path, group, rates))?;
    }
    if let Some(weights) = weights {
        put_group(&mut file, "weights", |group| put_weights(path, group, weights))?;
    }
    put_group(&mut file, "counters", |group| {
        named_counters(counters).into_iter().for_each(|(name, n)| group.attribute(name, AttrValue::U64(n)));
        Ok(())
    })?;
    put_group(&mut file, "provenance", |group| put_provenance(path, group, provenance))?;
    Ok(file)
}

fn put_group(
    file: &mut FileBuilder,
    name: &str,
    put: impl FnOnce(&mut GroupBuilder) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let mut group = file.create_group(name);
    put(&mut group)?;
    file.add_group(group.finish());
    Ok(())
}

fn from_reader(file: &Hdf5Reader) -> Result<Recording, FileError> {
    FORMAT.check(file)?;
    let attributes = file.attributes("")?;
    let final_v = match file.has_dataset("final_v_mV")? {
        true => Some(file.read_list("final_v_mV")?),
        false => None,
    };
    let traces = match file.has_group("traces")? {
        true => Some(traces(file)?),
        false => None,
    };
    let rates = match file.has_group("rates")? {
        true => Some(rates(file)?),
        false => None,
    };
    let weights = match file.has_group("weights")? {
        true => Some(weights(file)?),
        false => None,
    };
    Ok(Recording {
        t_start: attributes.f64("t_start_ms")?,
        t_stop: attributes.f64("t_stop_ms")?,
        nodes: node_ranges(file)?,
        spikes: spikes(file, "spikes")?,
        traces,
        rates,
        final_v,
        weights,
        counters: counters(file)?,
        provenance: provenance(file)?,
    })
}

fn put_node_ranges(path: &Path, group: &mut GroupBuilder, nodes: &[NodeRange]) -> Result<(), FileError> {
    let (mut firsts, mut sizes, mut sources) = (Vec::new(), Vec::new(), Vec::new());
    for NodeRange { population: _, first, size, is_source } in nodes {
        firsts.push(*first);
        sizes.push(*size);
        sources.push(u8::from(*is_source));
    }
    group.texts(path, "name", nodes.iter().map(|range| range.population.as_str()))?;
    group.dataset("first").with_u32_data(&firsts);
    group.dataset("size").with_u32_data(&sizes);
    group.dataset("is_source").with_u8_data(&sources);
    Ok(())
}

fn node_ranges(file: &Hdf5Reader) -> Result<Vec<NodeRange>, FileError> {
    let names = file.read_texts("populations/name")?;
    let firsts: Vec<u32> = file.read_list("populations/first")?;
    let sizes: Vec<u32> = file.read_list("populations/size")?;
    let sources: Vec<u8> = file.read_list("populations/is_source")?;
    let columns = [
        ("populations/first", firsts.len()),
        ("populations/size", sizes.len()),
        ("populations/is_source", sources.len()),
    ];
    if let Some((path, _)) = columns.into_iter().find(|(_, len)| *len != names.len()) {
        return Err(file.wrong_shape(path, format!("[{}], as populations/name has,", names.len())));
    }
    let ranges = names.into_iter().zip(firsts).zip(sizes).zip(sources);
    let range = |(((population, first), size), is_source): (((String, u32), u32), u8)| NodeRange {
        population,
        first,
        size,
        is_source: is_source != 0,
    };
    Ok(ranges.map(range).collect())
}

fn put_traces(group: &mut GroupBuilder, traces: &Traces) {
    let Traces { nodes, t_first, interval, v } = traces;
    group.attribute("t_first_ms", AttrValue::F64(*t_first));
    group.attribute("interval_ms", AttrValue::F64(*interval));
    group.dataset("node").with_u32_data(nodes);
    put_table(group, "v_mV", v);
}

fn traces(file: &Hdf5Reader) -> Result<Traces, FileError> {
    let attributes = file.attributes("traces")?;
    Ok(Traces {
        nodes: file.read_list("traces/node")?,
        t_first: attributes.f64("t_first_ms")?,
        interval: attributes.f64("interval_ms")?,
        v: table(file, "traces/v_mV")?,
    })
}

fn put_rates(path: &Path, group: &mut GroupBuilder, rates: &Rates) -> Result<(), FileError> {
    let Rates { populations, t_first, bin, hz } = rates;
    group.attribute("t_first_ms", AttrValue::F64(*t_first));
    group.attribute("bin_ms", AttrValue::F64(*bin));
    put_table(group, "hz", hz);
    group.texts(path, "population", populations.iter().map(String::as_str))
}

fn rates(file: &Hdf5Reader) -> Result<Rates, FileError> {
    let attributes = file.attributes("rates")?;
    Ok(Rates {
        populations: file.read_texts("rates/population")?,
        t_first: attributes.f64("t_first_ms")?,
        bin: attributes.f64("bin_ms")?,
        hz: table(file, "rates/hz")?,
    })
}

fn put_weights(
    path: &Path,
    group: &mut GroupBuilder,
    weights: &[ProjectionWeights],
) -> Result<(), FileError> {
    let names = weights.iter().map(|of_projection| of_projection.projection.as_str());
    put_named(path, group, "projection", names, |i, group| {
        group.dataset("weight").with_f64_data(&weights[i].weights);
        Ok(())
    })
}

fn weights(file: &Hdf5Reader) -> Result<Vec<ProjectionWeights>, FileError> {
    let of_projection = |projection: String| {
        let weights = file.read_list(&format!("weights/{projection}/weight"))?;
        Ok(ProjectionWeights { projection, weights })
    };
    in_order(file, "weights")?.into_iter().map(of_projection).collect()
}

fn put_table(group: &mut GroupBuilder, name: &str, table: &Array2<f64>) {
    let shape = [table.nrows() as u64, table.ncols() as u64];
    let rows = table.as_standard_layout();
    let values = rows.as_slice().expect("the standard layout is contiguous");
    group.dataset(name).with_f64_data(values).with_shape(&shape);
}

fn table(file: &Hdf5Reader, path: &str) -> Result<Array2<f64>, FileError> {
    let size = |n: u64| usize::try_from(n).ok();
    let shape = match file.shape(path)?.as_slice() {
        [rows, columns] => size(*rows).zip(size(*columns)),
        _ => None,
    };
    let values = file.read(path)?;
    let table = shape.and_then(|shape| Array2::from_shape_vec(shape, values).ok());
    table.ok_or_else(|| file.wrong_shape(path, "two axes"))
}

fn named_counters(counters: &Counters) -> [(&'static str, u64); 8] {
    let Counters {
        neuron_updates,
        synaptic_events,
        input_events,
        queue_operations,
        group_updates,
        values_sent,
        spikes,
        input_spikes,
    } = *counters;
    [
        ("neuron_updates", neuron_updates),
        ("synaptic_events", synaptic_events),
        ("input_events", input_events),
        ("queue_operations", queue_operations),
        ("group_updates", group_updates),
        ("values_sent", values_sent),
        ("spikes", spikes),
        ("input_spikes", input_spikes),
    ]
}

fn counters(file: &Hdf5Reader) -> Result<Counters, FileError> {
    let attributes = file.attributes("counters")?;
    // Files from before there were groups have none.
    let of_groups = |name| if attributes.has(name) { attributes.u64(name) } else { Ok(0) };
    Ok(Counters {
        neuron_updates: attributes.u64("neuron_updates")?,
        synaptic_events: attributes.u64("synaptic_events")?,
        input_events: attributes.u64("input_events")?,
        queue_operations: attributes.u64("queue_operations")?,
        group_updates: of_groups("group_updates")?,
        values_sent: of_groups("values_sent")?,
        spikes: attributes.u64("spikes")?,
        input_spikes: attributes.u64("input_spikes")?,
    })
}

fn put_provenance(path: &Path, group: &mut GroupBuilder, provenance: &Provenance) -> Result<(), FileError> {
    let Provenance { version, seed, engine, configuration, network } = provenance;
    group.text(path, "version", version)?;
    group.attribute("seed", AttrValue::U64(*seed));
    group.text(path, "engine", engine)?;
    group.text(path, "configuration", configuration)?;
    let mut inner = group.create_group("network");
    header::put_description(path, &mut inner, network)?;
    group.add_group(inner.finish());
    Ok(())
}

fn provenance(file: &Hdf5Reader) -> Result<Provenance, FileError> {
    let attributes = file.attributes("provenance")?;
    Ok(Provenance {
        version: attributes.text("version")?.to_owned(),
        seed: attributes.u64("seed")?,
        engine: attributes.text("engine")?.to_owned(),
        configuration: attributes.text("configuration")?.to_owned(),
        network: header::description(file, "provenance/network")?,
    })
}
