//! Cells of ncps 1.0.1 and of the LTC paper's code.
//!
//! A case is a cell with its parameters, inputs and elapsed times. Its outputs and states must agree to a
//! relative 1e-12, the derivatives of the sum of all squared outputs to 1e-9, by everything that the file
//! has one of. Where the file says from what the wiring was drawn, ours of the same seed must be the same.

use anyhow::{Context, Result, bail, ensure};
use rheobase_ltc::cell::ltc::{Constraint, Ltc, LtcConfig, Map};
use rheobase_ltc::cell::{Batch, Cell, record};
use rheobase_ltc::wiring::Synapse;
use rheobase_net::file::Hdf5Reader;
use serde_json::Value;

use super::wirings::{compare_drawn, dense, wiring_of};
use super::{Measured, error};

const VALUES: f64 = 1e-12;
const DERIVATIVES: f64 = 1e-9;

/// Runs the cell of a file.
pub(super) fn check(file: &Hdf5Reader) -> Result<Measured> {
    let attributes = file.attributes("/")?;
    let kind = attributes.text("kind")?;
    let is_mixed = file.has_group("lstm_params")?;
    if kind != "ltc" || is_mixed {
        let kind = if is_mixed { format!("{kind} with mixed memory") } else { kind.to_owned() };
        return Ok(Measured::Unsupported(kind));
    }
    let config: Value = serde_json::from_str(attributes.text("config")?).context("attribute config")?;
    let names = Names { official: attributes.text("library")? != "ncps" };
    let wiring = if names.official { dense(file)? } else { wiring_of(file)? };
    let drawn = match config.get("wiring") {
        Some(arguments) => compare_drawn(&wiring, arguments)?,
        None => "",
    };
    let cell = Ltc::new(wiring, config_of(&config, names.official)?)?;
    let measured = compare(file, &cell, names)?;
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
