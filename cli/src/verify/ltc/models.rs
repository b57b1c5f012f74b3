//! Which cell a file describes, and where its parameters stand in it.

use anyhow::{Context, Result, bail};
use rheobase_ltc::cell::cfc::{Cfc, CfcConfig, Mode, WiredCfc};
use rheobase_ltc::cell::ct_gru::{CtGru, Decay};
use rheobase_ltc::cell::explicit::{Explicit, FiringRate, FiringRateConfig};
use rheobase_ltc::cell::ltc::{Constraint, Ltc, LtcConfig, Map};
use rheobase_ltc::cell::{Cell, ParameterBlock, mixed_memory};
use rheobase_ltc::tableau;
use rheobase_ltc::wiring::{Synapse, Wiring};
use rheobase_net::file::Hdf5Reader;
use serde_json::Value;

use super::wirings::{compare_drawn, dense, wiring_of};

/// A cell of a file.
pub(super) struct Model {
    pub cell: Box<dyn Cell<f64>>,
    /// The elapsed time of every step, where the file has none.
    pub elapsed: Option<f64>,
    pub places: Vec<Place>,
    /// What is to be said of its wiring.
    pub drawn: &'static str,
}

/// Where a block of parameters stands.
pub(super) struct Place {
    /// Of parameters, and of derivatives.
    pub datasets: [String; 2],
    /// Among the parameters of the cell.
    pub range: std::ops::Range<usize>,
    /// Where every one is in the datasets.
    pub at: Vec<usize>,
}

/// The steps of explicit cells in the code of the LTC paper, and how long all of them last.
const EXPLICIT_STEPS: usize = 6;
const EXPLICIT_TIME: f64 = 0.6;

/// The cell of a file; nothing if its kind is unknown.
pub(super) fn model_of(file: &Hdf5Reader) -> Result<Option<Model>> {
    let attributes = file.attributes("/")?;
    let config: Value = serde_json::from_str(attributes.text("config")?).context("attribute config")?;
    let model = match (attributes.text("library")?, attributes.text("kind")?) {
        ("ncps", "ltc") => ncps_ltc(file, &config)?,
        ("ncps", "cfc") => ncps_cfc(file, &config)?,
        ("ncps", "wired_cfc") => ncps_wired_cfc(file, &config)?,
        (_, kind @ ("ltc" | "ltc_ex" | "ltc_rk")) => official_ltc(file, kind)?,
        (_, kind @ ("ctrnn" | "node")) => official_firing_rate(file, kind, &config)?,
        (_, "ctgru") => official_ct_gru(file)?,
        _ => return Ok(None),
    };
    Ok(Some(model))
}

/// Number of inputs, and of state variables.
fn sizes(file: &Hdf5Reader) -> Result<(usize, usize)> {
    Ok((file.shape("inputs")?[2] as usize, file.shape("h0")?[1] as usize))
}

fn ncps_ltc(file: &Hdf5Reader, config: &Value) -> Result<Model> {
    let wiring = wiring_of(file)?;
    let drawn = drawn(&wiring, config)?;
    let cell = Ltc::new(wiring.clone(), config_of(config)?)?;
    let at = |block: &ParameterBlock| (block.name.clone(), at_synapses(&wiring, block));
    ncps(file, cell, at, drawn)
}

fn ncps_cfc(file: &Hdf5Reader, config: &Value) -> Result<Model> {
    let (n_inputs, units) = sizes(file)?;
    let int = |name: &str, default: usize| {
        config.get(name).and_then(Value::as_u64).map_or(default, |value| value as usize)
    };
    let defaults = CfcConfig::default();
    let cfc = CfcConfig {
        mode: mode_of(config)?,
        backbone_layers: int("bl", defaults.backbone_layers),
        backbone_units: int("bu", defaults.backbone_units),
        ..defaults
    };
    ncps(file, Cfc::new(n_inputs, units, cfc)?, in_order, "")
}

fn ncps_wired_cfc(file: &Hdf5Reader, config: &Value) -> Result<Model> {
    let wiring = wiring_of(file)?;
    let drawn = drawn(&wiring, config)?;
    ncps(file, WiredCfc::new(wiring, mode_of(config)?)?, in_order, drawn)
}

/// A cell of ncps, behind an LSTM if the file has one.
fn ncps(
    file: &Hdf5Reader,
    cell: impl Cell<f64> + 'static,
    at: impl Fn(&ParameterBlock) -> (String, Vec<usize>),
    drawn: &'static str,
) -> Result<Model> {
    if !file.has_group("lstm_params")? {
        let places = places(&cell, "params", "grad", at);
        return Ok(Model { cell: Box::new(cell), elapsed: None, places, drawn });
    }
    let of_cell = places(&cell, "params", "grad", at);
    let cell = mixed_memory(cell)?;
    let of_lstm = places(cell.first(), "lstm_params", "grad_lstm", in_order);
    // The parameters of the cell come after those of the LSTM.
    let n_lstm = Cell::<f64>::layout(cell.first()).n_parameters();
    let moved = of_cell.into_iter().map(|place| {
        let range = place.range.start + n_lstm..place.range.end + n_lstm;
        Place { range, ..place }
    });
    let places = of_lstm.into_iter().chain(moved).collect();
    Ok(Model { cell: Box::new(cell), elapsed: None, places, drawn })
}

fn official_ltc(file: &Hdf5Reader, kind: &str) -> Result<Model> {
    let wiring = dense(file)?;
    let defaults = LtcConfig::default();
    let unfolds = defaults.unfolds as f64;
    // No epsilon, no map of outputs; the semi-implicit one takes a unit of time an unfold.
    let config = LtcConfig { output_map: Map::None, epsilon: 0.0, ..defaults };
    let ltc = Ltc::new(wiring.clone(), config)?;
    let at = |block: &ParameterBlock| {
        let name = match block.name.as_str() {
            "w" => "ltc.W".to_owned(),
            "sensory_w" => "ltc.sensory_W".to_owned(),
            "cm" => "ltc.cm_t".to_owned(),
            name @ ("input_w" | "input_b") => format!("ltc.sensory_mapping.{name}"),
            name => format!("ltc.{name}"),
        };
        (name, at_synapses(&wiring, block))
    };
    let places = places(&ltc, "params", "grad", at);
    let explicit = |ltc, method| Explicit::new(ltc, method, EXPLICIT_STEPS, None);
    let (cell, elapsed): (Box<dyn Cell<f64>>, f64) = match kind {
        "ltc_ex" => (Box::new(explicit(ltc, &tableau::EULER)?), EXPLICIT_TIME),
        "ltc_rk" => (Box::new(explicit(ltc, &tableau::RK4)?), EXPLICIT_TIME),
        _ => (Box::new(ltc), unfolds),
    };
    Ok(Model { cell, elapsed: Some(elapsed), places, drawn: "" })
}

fn official_firing_rate(file: &Hdf5Reader, kind: &str, config: &Value) -> Result<Model> {
    let (n_inputs, units) = sizes(file)?;
    let feedback = config.get("global_feedback").and_then(Value::as_bool).unwrap_or(true);
    let clip = config.get("cell_clip").and_then(Value::as_f64);
    let (scope, method, of_kind) = match kind {
        "ctrnn" => ("CTRNN", &tableau::EULER, FiringRateConfig::ct_rnn()),
        _ => ("NODE", &tableau::RK4, FiringRateConfig::neural_ode()),
    };
    let field = FiringRate::new(n_inputs, units, FiringRateConfig { feedback, ..of_kind })?;
    let cell = Explicit::new(field, method, EXPLICIT_STEPS, clip)?;
    // Their matrix is [inputs and state, units].
    let at = |block: &ParameterBlock| match block.name.as_str() {
        "bias" => (format!("{scope}.RNN.bias_step"), (0..units).collect()),
        "input_w" => (format!("{scope}.RNN.W_step"), turned(units, 0..n_inputs)),
        _ => (format!("{scope}.RNN.W_step"), turned(units, n_inputs..n_inputs + units)),
    };
    let places = places(&cell, "params", "grad", at);
    Ok(Model { cell: Box::new(cell), elapsed: Some(EXPLICIT_TIME), places, drawn: "" })
}

fn official_ct_gru(file: &Hdf5Reader) -> Result<Model> {
    let (n_inputs, n_state) = sizes(file)?;
    let units = file.shape("outputs")?[2] as usize;
    let cell = CtGru::new(n_inputs, units, n_state / units, Decay::AsPublished)?;
    let at = |block: &ParameterBlock| {
        let n = block.range.len();
        let matrix = |rows: usize| turned(rows, 0..n_inputs + units);
        let (name, at) = match block.name.as_str() {
            "tau_r.weight" => ("tau_r.kernel", matrix(n_state)),
            "tau_s.weight" => ("tau_s.kernel", matrix(n_state)),
            "signal.weight" => ("W_detect_signal", matrix(units)),
            "signal.bias" => ("bias_detect_signal", (0..n).collect()),
            name => (name, (0..n).collect()),
        };
        (format!("CTGRU.Gates.{name}"), at)
    };
    let places = places(&cell, "params", "grad", at);
    // Their decay knows no time.
    Ok(Model { cell: Box::new(cell), elapsed: Some(1.0), places, drawn: "" })
}

/// The places of all blocks of a cell.
fn places(
    cell: &dyn Cell<f64>,
    parameters: &str,
    derivatives: &str,
    at: impl Fn(&ParameterBlock) -> (String, Vec<usize>),
) -> Vec<Place> {
    let place = |block: &ParameterBlock| {
        let (name, at) = at(block);
        let datasets = [parameters, derivatives].map(|group| format!("{group}/{name}"));
        Place { datasets, range: block.range.clone(), at }
    };
    cell.layout().blocks().iter().filter(|block| !block.range.is_empty()).map(place).collect()
}

/// The block as it is.
fn in_order(block: &ParameterBlock) -> (String, Vec<usize>) {
    (block.name.clone(), (0..block.range.len()).collect())
}

/// A matrix `[units, sources]` in one that is `[all sources, units]`.
fn turned(units: usize, sources: std::ops::Range<usize>) -> Vec<usize> {
    (0..units).flat_map(|unit| sources.clone().map(move |source| source * units + unit)).collect()
}

/// A list of synapses in a matrix `[source, target]`; other blocks as they are.
fn at_synapses(wiring: &Wiring, block: &ParameterBlock) -> Vec<usize> {
    let units = wiring.units();
    let flat = |synapse: &Synapse| synapse.source as usize * units + synapse.target as usize;
    match block.name.as_str() {
        "w" | "sigma" | "mu" | "erev" => wiring.synapses().iter().map(flat).collect(),
        name if name.starts_with("sensory_") => wiring.sensory().iter().map(flat).collect(),
        _ => (0..block.range.len()).collect(),
    }
}

fn drawn(wiring: &Wiring, config: &Value) -> Result<&'static str> {
    config.get("wiring").map_or(Ok(""), |arguments| compare_drawn(wiring, arguments))
}

fn mode_of(config: &Value) -> Result<Mode> {
    let mode = config.get("mode").cloned().context("config.mode is missing")?;
    serde_json::from_value(mode).context("config.mode")
}

fn config_of(config: &Value) -> Result<LtcConfig> {
    let defaults = LtcConfig::default();
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
