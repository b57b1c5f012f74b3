//! The wirings of the files, and ours of the same seeds.

use anyhow::{Context, Result, bail, ensure};
use rheobase_ltc::wiring::{AutoNcp, Ncp, Parts, Synapse, UnitKind, Wiring};
use rheobase_ltc::wiring::{auto_ncp, fully_connected, ncp, random};
use rheobase_net::file::Hdf5Reader;
use serde_json::Value;

/// The wiring that the file has.
pub(super) fn wiring_of(file: &Hdf5Reader) -> Result<Wiring> {
    let attributes = file.attributes("wiring")?;
    let (n_inputs, n_outputs) = (attributes.u32("input_dim")?, attributes.u32("output_dim")?);
    let units = attributes.u32("units")?;
    let kinds: Vec<UnitKind> = serde_json::from_str(attributes.text("neuron_types")?)?;
    let of = |kind: UnitKind| (0..units).filter(|unit| kinds[*unit as usize] == kind).collect();
    let layers = match attributes.u32("num_layers")? {
        1 => vec![(0..units).collect()],
        _ => [UnitKind::Inter, UnitKind::Command, UnitKind::Motor].map(of).into(),
    };
    let synapses = synapses_of(file, "wiring/adjacency", units)?;
    let sensory = synapses_of(file, "wiring/sensory_adjacency", units)?;
    Ok(Wiring::new(Parts { n_inputs, n_outputs, layers, kinds, synapses, sensory })?)
}

/// The synapses of a matrix `[source, target]`.
fn synapses_of(file: &Hdf5Reader, dataset: &str, units: u32) -> Result<Vec<Synapse>> {
    let matrix: Vec<i8> = file.read(dataset)?;
    let entries = (0_u32..).zip(matrix).filter(|(_, polarity)| *polarity != 0);
    let synapse = |(k, polarity)| Synapse { target: k % units, source: k / units, polarity };
    Ok(entries.map(synapse).collect())
}

/// Everybody listens to everybody, as in the code of the paper; reversals are among the parameters.
pub(super) fn dense(file: &Hdf5Reader) -> Result<Wiring> {
    let units = file.shape("h0")?[1] as u32;
    let n_inputs = file.shape("inputs")?[2] as u32;
    Ok(fully_connected(n_inputs, units, units, true, 0)?)
}

/// Draws the wiring again from the arguments of the file.
pub(super) fn compare_drawn(wiring: &Wiring, arguments: &Value) -> Result<&'static str> {
    let int = |name: &str| arguments.get(name).and_then(Value::as_u64).map(|value| value as u32);
    let need = |name: &str| int(name).with_context(|| format!("config.wiring.{name} is missing"));
    let n_inputs = wiring.n_inputs() as u32;
    let sparsity = arguments.get("sparsity_level").and_then(Value::as_f64);
    let drawn = match arguments.get("type").and_then(Value::as_str) {
        Some("full") => {
            let units = need("units")?;
            let seed = int("erev_init_seed").unwrap_or(1111);
            fully_connected(n_inputs, units, int("output_dim").unwrap_or(units), true, seed.into())?
        }
        Some("random") => {
            let units = need("units")?;
            let n_outputs = int("output_dim").unwrap_or(units);
            random(n_inputs, units, n_outputs, sparsity.unwrap_or(0.0), need("random_seed")?.into())?
        }
        Some("ncp") => {
            let arguments = Ncp {
                inter: need("inter_neurons")?,
                command: need("command_neurons")?,
                motor: need("motor_neurons")?,
                sensory_fanout: need("sensory_fanout")?,
                inter_fanout: need("inter_fanout")?,
                recurrent_command_synapses: need("recurrent_command_synapses")?,
                motor_fanin: need("motor_fanin")?,
                seed: need("seed")?,
            };
            ncp(n_inputs, &arguments)?
        }
        Some("autoncp") => {
            let (units, n_outputs) = (need("units")?, need("output_size")?);
            let sparsity = sparsity.unwrap_or(0.5);
            auto_ncp(n_inputs, &AutoNcp { units, n_outputs, sparsity, seed: need("seed")? })?
        }
        other => bail!("config.wiring.type is {other:?}, and must be full, random, ncp or autoncp"),
    };
    let is_same = drawn.synapses() == wiring.synapses()
        && drawn.sensory() == wiring.sensory()
        && drawn.kinds() == wiring.kinds()
        && drawn.layers() == wiring.layers();
    ensure!(is_same, "the wiring drawn from the same arguments is another one");
    Ok(", the same wiring")
}
