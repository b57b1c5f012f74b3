//! The suite `ltc`: golden vectors of ncps 1.0.1 and of the LTC paper's code.
//!
//! A case is a cell with its parameters, inputs and elapsed times. Its outputs and states must agree to a
//! relative 1e-12, the derivatives of the sum of all squared outputs to 1e-9, by everything that the file
//! has one of; errors are relative to the largest value of an array. Where the file says from what the
//! wiring was drawn, ours of the same seed must be the same.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use rheobase_ltc::cell::ltc::{Constraint, Ltc, LtcConfig, Map};
use rheobase_ltc::cell::{Batch, Cell, record};
use rheobase_ltc::wiring::{AutoNcp, Ncp, Parts, Synapse, UnitKind, Wiring};
use rheobase_ltc::wiring::{auto_ncp, fully_connected, ncp, random};
use rheobase_net::file::Hdf5Reader;
use serde_json::Value;

use super::{Outcome, Verdict};

const VALUES: f64 = 1e-12;
const DERIVATIVES: f64 = 1e-9;

/// Runs every case of a folder, but for those that are skipped.
pub fn run(dir: &Path, is_skipped: impl Fn(&str) -> bool) -> Result<Vec<Outcome>> {
    let entries = std::fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))?;
    let paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    let mut paths: Vec<PathBuf> =
        paths.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "h5")).collect();
    paths.sort();
    ensure!(!paths.is_empty(), "{} has no file that ends in .h5", dir.display());
    let outcome = |path: &PathBuf| {
        let case = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let (verdict, detail) = match () {
            () if is_skipped(&case) => (Verdict::Skipped, "as asked".to_owned()),
            () => match check(path) {
                Ok(Measured::Agrees(detail)) => (Verdict::Passed, detail),
                Ok(Measured::Unsupported(what)) => (Verdict::Unsupported, what),
                Err(error) => (Verdict::Failed, format!("{error:#}")),
            },
        };
        Outcome { case, verdict, detail }
    };
    Ok(paths.iter().map(outcome).collect())
}

enum Measured {
    Agrees(String),
    Unsupported(String),
}

fn check(path: &Path) -> Result<Measured> {
    let file = Hdf5Reader::open(path)?;
    let attributes = file.attributes("/")?;
    let kind = attributes.text("kind")?;
    let is_mixed = file.has_group("lstm_params")?;
    if kind != "ltc" || is_mixed {
        let kind = if is_mixed { format!("{kind} with mixed memory") } else { kind.to_owned() };
        return Ok(Measured::Unsupported(kind));
    }
    let config: Value = serde_json::from_str(attributes.text("config")?).context("attribute config")?;
    let names = Names { official: attributes.text("library")? != "ncps" };
    let wiring = if names.official { dense(&file)? } else { wiring_of(&file)? };
    let drawn = match config.get("wiring") {
        Some(arguments) => compare_drawn(&wiring, arguments)?,
        None => "",
    };
    let cell = Ltc::new(wiring, config_of(&config, names.official)?)?;
    let measured = compare(&file, &cell, names)?;
    Ok(Measured::Agrees(format!("{measured}{drawn}")))
}

/// What the parameters are called in a file.
#[derive(Clone, Copy)]
struct Names {
    /// By the code of the paper, else by ncps.
    official: bool,
}

impl Names {
    fn of(self, block: &str) -> String {
        match (self.official, block) {
            (false, block) => block.to_owned(),
            (true, "w") => "ltc.W".to_owned(),
            (true, "sensory_w") => "ltc.sensory_W".to_owned(),
            (true, "cm") => "ltc.cm_t".to_owned(),
            (true, "input_w" | "input_b") => format!("ltc.sensory_mapping.{block}"),
            (true, block) => format!("ltc.{block}"),
        }
    }
}

/// The wiring that the file has.
fn wiring_of(file: &Hdf5Reader) -> Result<Wiring> {
    let attributes = file.attributes("wiring")?;
    let (n_inputs, n_outputs) = (attributes.u32("input_dim")?, attributes.u32("output_dim")?);
    let units = attributes.u32("units")?;
    let kinds: Vec<UnitKind> = serde_json::from_str(attributes.text("neuron_types")?)?;
    let synapses = synapses_of(file, "wiring/adjacency", units)?;
    let sensory = synapses_of(file, "wiring/sensory_adjacency", units)?;
    Ok(Wiring::new(Parts {
        n_inputs,
        n_outputs,
        layers: vec![(0..units).collect()],
        kinds,
        synapses,
        sensory,
    })?)
}

/// The synapses of a matrix `[source, target]`.
fn synapses_of(file: &Hdf5Reader, dataset: &str, units: u32) -> Result<Vec<Synapse>> {
    let matrix: Vec<i8> = file.read(dataset)?;
    let entries = (0_u32..).zip(matrix).filter(|(_, polarity)| *polarity != 0);
    let synapse = |(k, polarity)| Synapse { target: k % units, source: k / units, polarity };
    Ok(entries.map(synapse).collect())
}

/// Everybody listens to everybody, as in the code of the paper; reversals are among the parameters.
fn dense(file: &Hdf5Reader) -> Result<Wiring> {
    let units = file.shape("h0")?[1] as u32;
    let n_inputs = file.shape("inputs")?[2] as u32;
    Ok(fully_connected(n_inputs, units, units, true, 0)?)
}

/// Draws the wiring again from the arguments of the file.
fn compare_drawn(wiring: &Wiring, arguments: &Value) -> Result<&'static str> {
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
        && drawn.kinds() == wiring.kinds();
    ensure!(is_same, "the wiring drawn from the same arguments is another one");
    Ok(", the same wiring")
}

fn config_of(config: &Value, official: bool) -> Result<LtcConfig> {
    let defaults = LtcConfig::default();
    if official {
        // One unit of time an unfold, no epsilon, no map of outputs.
        return Ok(LtcConfig { output_map: Map::None, epsilon: 0.0, ..defaults });
    }
    let options = config.get("kw").cloned().unwrap_or(Value::Null);
    let map = |name: &str| match options.get(name) {
        None => Ok(Map::Affine),
        Some(Value::Null) => Ok(Map::None),
        Some(Value::String(map)) if map == "linear" => Ok(Map::Linear),
        Some(Value::String(map)) if map == "affine" => Ok(Map::Affine),
        Some(other) => bail!("config.kw.{name} is {other}, and must be affine, linear or null"),
    };
    let is_softplus = options.get("implicit_param_constraints").and_then(Value::as_bool).unwrap_or(false);
    let unfolds = options.get("ode_unfolds").and_then(Value::as_u64);
    Ok(LtcConfig {
        unfolds: unfolds.map_or(defaults.unfolds, |unfolds| unfolds as usize),
        input_map: map("input_mapping")?,
        output_map: map("output_mapping")?,
        constraint: if is_softplus { Constraint::Softplus } else { Constraint::Clipped },
        ..defaults
    })
}

/// Runs the cell of a file and measures how far it is.
fn compare(file: &Hdf5Reader, cell: &Ltc, names: Names) -> Result<String> {
    let cell: &dyn Cell<f64> = cell;
    let [n_samples, n_steps] = [0, 1].map(|axis| file.shape("inputs").map(|shape| shape[axis] as usize));
    let (n_samples, n_steps) = (n_samples?, n_steps?);
    let read = |dataset: &str| Ok::<Vec<f64>, anyhow::Error>(file.read(dataset)?);
    let (inputs, initial) = (read("inputs")?, read("h0")?);
    let elapsed = if names.official {
        vec![LtcConfig::default().unfolds as f64; n_samples * n_steps]
    } else {
        read("timespans")?
    };
    let places = Places::of(file, cell, names)?;
    let mut parameters = vec![0.0; cell.layout().n_parameters()];
    for Place { dataset, range, at } in &places.0 {
        let values = read(&format!("params/{dataset}"))?;
        at.iter().zip(&mut parameters[range.clone()]).for_each(|(at, value)| *value = values[*at]);
    }

    let batch = Batch { n_samples, n_steps, inputs: &inputs, elapsed: &elapsed, initial: &initial };
    let mut tape = record(cell, &parameters, &batch)?;
    let outputs = tape.outputs();
    let far = [error(&outputs, &read("outputs")?)?, error(&tape.states(), &read("states")?)?];
    let values = far.into_iter().fold(0.0, f64::max);
    ensure!(values <= VALUES, "outputs or states are {values:.1e} from the file's, allowed {VALUES:.0e}");

    let by_outputs: Vec<f64> = outputs.iter().map(|output| 2.0 * output).collect();
    let gradients = tape.pull(&by_outputs)?;
    let mut derivatives = 0.0_f64;
    let mut measure = |what: &str, ours: &[f64], theirs: &[f64]| -> Result<()> {
        let far = error(ours, theirs).with_context(|| what.to_owned())?;
        ensure!(far <= DERIVATIVES, "grad/{what} is {far:.1e} from the file's, allowed {DERIVATIVES:.0e}");
        derivatives = derivatives.max(far);
        Ok(())
    };
    measure("inputs", &gradients.inputs, &read("grad/inputs")?)?;
    measure("h0", &gradients.initial, &read("grad/h0")?)?;
    if !names.official {
        measure("timespans", &gradients.elapsed, &read("grad/timespans")?)?;
    }
    for Place { dataset, range, at } in &places.0 {
        let all = read(&format!("grad/{dataset}"))?;
        let theirs: Vec<f64> = at.iter().map(|at| all[*at]).collect();
        measure(dataset, &gradients.parameters[range.clone()], &theirs)?;
    }
    Ok(format!("values {values:.1e}, derivatives {derivatives:.1e}"))
}

/// Where the parameters of a cell stand in a file.
struct Places(Vec<Place>);

struct Place {
    dataset: String,
    range: std::ops::Range<usize>,
    /// Where every one is in the dataset.
    at: Vec<usize>,
}

impl Places {
    fn of(file: &Hdf5Reader, cell: &dyn Cell<f64>, names: Names) -> Result<Self> {
        let wiring = if names.official { dense(file)? } else { wiring_of(file)? };
        let units = wiring.units();
        let flat = |synapse: &Synapse| synapse.source as usize * units + synapse.target as usize;
        let place = |block: &rheobase_ltc::cell::ParameterBlock| {
            let at = match block.name.as_str() {
                "w" | "sigma" | "mu" | "erev" => wiring.synapses().iter().map(flat).collect(),
                name if name.starts_with("sensory_") => wiring.sensory().iter().map(flat).collect(),
                _ => (0..block.range.len()).collect(),
            };
            Place { dataset: names.of(&block.name), range: block.range.clone(), at }
        };
        let blocks = cell.layout().blocks().iter().filter(|block| !block.range.is_empty());
        Ok(Self(blocks.map(place).collect()))
    }
}

/// The largest difference, relative to the largest value.
fn error(ours: &[f64], theirs: &[f64]) -> Result<f64> {
    ensure!(ours.len() == theirs.len(), "{} values, and {} in the file", ours.len(), theirs.len());
    let largest = theirs.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let difference = ours.iter().zip(theirs).map(|(x, y)| (x - y).abs());
    // A difference that is no number must not look like none.
    let difference =
        difference.fold(0.0, |most: f64, x| if x.is_nan() { f64::INFINITY } else { most.max(x) });
    Ok(if difference == 0.0 { 0.0 } else { difference / largest })
}
