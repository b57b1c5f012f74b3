//! What is in a trained liquid time-constant network, in numbers.

use rheobase_ltc::cell::{Batch, Cell};
use rheobase_ltc::look::{self, Counted, Of, Operations, TimeConstants};
use rheobase_net::{Channel, Description, LiquidModel};
use serde::Serialize;

use crate::error::Failure;
use crate::liquid_run::{Run, answer_names};
use crate::output::{count, short, table};
use crate::summary::Spread;
use crate::wiring_file::wiring_of;

/// A trained network in numbers.
#[derive(Debug, Serialize)]
pub struct LiquidSummary {
    cell: &'static str,
    inputs: Vec<String>,
    units: usize,
    outputs: usize,
    answers: Vec<String>,
    parameters: usize,
    /// Between units, and from inputs; none of a cell without a wiring.
    synapses: Option<[usize; 2]>,
    /// Of a step.
    operations: Operations,
    blocks: Vec<Block>,
    /// Of the run over data, if there was one.
    activity: Option<Vec<UnitActivity>>,
    description: Description,
}

#[derive(Debug, Serialize)]
struct Block {
    name: String,
    size: usize,
    values: Option<Spread>,
}

/// What a unit did.
#[derive(Debug, Serialize)]
struct UnitActivity {
    state: Option<Spread>,
    /// None of a cell without time constants.
    time_constant: Option<Spread>,
    /// What it cannot leave; the upper one is infinite for a unit without a leak.
    bounds: Option<[f64; 2]>,
    /// Steps after which a change of the state has fallen to 1/e of itself; none if it takes longer than
    /// [`MEMORY_LAGS`].
    memory_steps: Option<usize>,
}

/// How far back the memory of units is followed.
const MEMORY_LAGS: usize = 100;
/// At how many times of a run.
const MEMORY_TIMES: usize = 32;

impl LiquidSummary {
    /// Counts everything, and looks at a run if there is one.
    ///
    /// # Errors
    /// If the run cannot be looked at.
    pub fn of(liquid: &LiquidModel, run: Option<&Run>) -> Result<Self, Failure> {
        let LiquidModel { model, parameters, inputs, description, .. } = liquid;
        let cell = model.cell();
        let block = |block: &rheobase_ltc::cell::ParameterBlock| Block {
            name: block.name.clone(),
            size: block.range.len(),
            values: Spread::of(parameters[block.range.clone()].iter().copied()),
        };
        Ok(Self {
            cell: cell.kind(),
            inputs: inputs.iter().map(|Channel { name, .. }| name.clone()).collect(),
            units: cell.n_state(),
            outputs: cell.n_outputs(),
            answers: answer_names(liquid),
            parameters: parameters.len(),
            synapses: wiring_of(cell).map(|wiring| [wiring.synapses().len(), wiring.sensory().len()]),
            operations: look::operations(cell.as_cell::<Counted>(), model.of_cell(parameters)),
            blocks: model
                .layout()
                .blocks()
                .iter()
                .filter(|block| !block.range.is_empty())
                .map(block)
                .collect(),
            activity: run.map(|run| activity(liquid, run)).transpose()?,
            description: description.clone(),
        })
    }

    /// The tables that people read.
    pub fn to_text(&self) -> String {
        let Self { cell, inputs, units, outputs, answers, parameters, synapses, .. } = self;
        let Operations { functions, multiply_adds, divisions } = self.operations;
        let number = |value: f64| count(value.round() as u64);
        let mut what = vec![
            ("inputs", format!("{}: {}", inputs.len(), listed(inputs))),
            ("units", count(*units as u64)),
            ("outputs", count(*outputs as u64)),
            ("answers", format!("{}: {}", answers.len(), listed(answers))),
            ("parameters", count(*parameters as u64)),
        ];
        if let Some([between, sensory]) = synapses {
            what.push(("synapses between units", count(*between as u64)));
            what.push(("synapses from inputs", count(*sensory as u64)));
        }
        what.push(("sigmoids and the like a step", number(functions)));
        what.push(("multiply-adds a step", number(multiply_adds)));
        what.push(("divisions a step", number(divisions)));
        let what = what.into_iter().map(|(name, value)| vec![name.to_owned(), value]);
        let blocks = self.blocks.iter().map(|Block { name, size, values }| {
            vec![name.clone(), count(*size as u64), Spread::to_text(*values)]
        });
        let Description { generator, seed, version, configuration: _ } = &self.description;
        let mut text = format!(
            "{}\n\n{}",
            table(&format!("trained network of the kind {cell}"), &["what", ""], what),
            table("parameters as trained", &["block", "number", "min / mean / max"], blocks)
        );
        if let Some(activity) = &self.activity {
            let rows = activity.iter().enumerate().map(|(unit, activity)| activity.row(unit));
            let header = ["unit", "state", "time constant", "its bounds", "memory (steps)"];
            text.push_str("\n\n");
            text.push_str(&table("over the data (min / mean / max)", &header, rows));
        }
        if !generator.is_empty() {
            text.push_str(&format!("\n\nmade by {generator} {version}, seed {seed}"));
        }
        text
    }
}

impl UnitActivity {
    fn row(&self, unit: usize) -> Vec<String> {
        let Self { state, time_constant, bounds, memory_steps } = self;
        let bounds = bounds.map(|[least, most]| format!("{} to {}", short(least), short(most)));
        let memory = memory_steps.map_or_else(|| format!("over {MEMORY_LAGS}"), |steps| steps.to_string());
        let dash = || "–".to_owned();
        vec![
            unit.to_string(),
            Spread::to_text(*state),
            Spread::to_text(*time_constant),
            bounds.unwrap_or_else(dash),
            memory,
        ]
    }
}

/// Names, or the first of them.
fn listed(names: &[String]) -> String {
    const MOST: usize = 6;
    let first = names.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > MOST { format!("{first}, …") } else { first }
}

fn activity(liquid: &LiquidModel, run: &Run) -> Result<Vec<UnitActivity>, Failure> {
    let (cell, of_cell) = (liquid.model.cell(), liquid.model.of_cell(&liquid.parameters));
    let units = cell.n_state();
    let constants = look::time_constants(cell, of_cell, &run.inputs, &run.all_states());
    let constants = constants.map_err(anyhow::Error::from)?;
    let memory = memory(liquid, run)?;
    let of_unit = |values: &[f64], unit: usize| Spread::of(values.iter().skip(unit).step_by(units).copied());
    Ok((0..units)
        .map(|unit| UnitActivity {
            state: of_unit(&run.states, unit),
            time_constant: constants.as_ref().and_then(|TimeConstants { values, .. }| of_unit(values, unit)),
            bounds: constants.as_ref().map(|constants| [constants.least[unit], constants.most[unit]]),
            memory_steps: memory[unit],
        })
        .collect())
}

/// How long units remember themselves, in steps.
fn memory(liquid: &LiquidModel, run: &Run) -> Result<Vec<Option<usize>>, Failure> {
    let cell = liquid.model.cell();
    let (units, n_steps) = (cell.n_state(), run.n_steps());
    let n_lags = MEMORY_LAGS.min(n_steps);
    // Late ones, so that there is something to look back at.
    let from = (n_lags - 1).min(n_steps - 1);
    let every = (n_steps - from).div_ceil(MEMORY_TIMES);
    let times: Vec<usize> = (from..n_steps).step_by(every).collect();
    let initial = vec![0.0; units];
    let batch = Batch {
        n_samples: 1,
        n_steps,
        inputs: &run.inputs,
        elapsed: &run.elapsed,
        initial: &initial,
        keys: None,
    };
    let of_cell = liquid.model.of_cell(&liquid.parameters);
    let cell: &dyn Cell<f64> = cell.as_cell();
    let mut memory = Vec::with_capacity(units);
    // Some units at a time: of all at once there would be units² derivatives for every time and lag.
    for some in (0..units).collect::<Vec<_>>().chunks(16) {
        let of: Vec<Of> = some.iter().copied().map(Of::Unit).collect();
        let found = look::sensitivities(cell, of_cell, &batch, &of, &times, n_lags);
        let by_states = found.map_err(anyhow::Error::from)?.by_states;
        let remembered = |k: usize, lag: usize| {
            let place = |time: usize| ((time * some.len() + k) * n_lags + lag) * units + some[k];
            let sum: f64 = (0..times.len()).map(|time| by_states[place(time)].abs()).sum();
            sum / times.len() as f64
        };
        // Lag 0 is one step back.
        let forgotten = |k: usize| (0..n_lags).find(|lag| remembered(k, *lag) < (-1.0_f64).exp());
        memory.extend((0..some.len()).map(|k| forgotten(k).map(|lag| lag + 1)));
    }
    Ok(memory)
}
