//! Figures of trained liquid networks: from files to what a figure takes.

use std::path::Path;

use anyhow::anyhow;
use rheobase_ltc::cell::Batch;
use rheobase_ltc::look::{self, Of};
use rheobase_ltc::model::AnyCell;
use rheobase_net::{LiquidModel, file};

use super::rows::Rows;
use super::sensitivity::Sensitivity;
use super::states::States;
use super::time_constants::TimeConstantsFigure;
use super::{Wired, sensitivity, states, time_constants, wiring};
use crate::error::{Failure, OrBadInput};
use crate::liquid_run::{Run, answer_names, input_names};
use crate::wiring_file;

/// More steps than this are looked at by every k-th.
const MOST_TIMES: usize = 400;

/// Draws who listens to whom.
pub fn draw_wiring(input: &Path, output: &Path) -> Result<(), Failure> {
    let known = wiring_file::load(input)?;
    let wired = Wired { wiring: &known.wiring, inputs: &known.inputs, strengths: known.strengths };
    Ok(wiring(&wired, output)?)
}

/// Draws the states of all units and the answers.
pub fn draw_states(model: &LiquidModel, run: &Run, output: &Path) -> Result<(), Failure> {
    let answer_names = answer_names(model);
    let figure = States {
        rows: &units(model.model.cell()),
        edges: &run.edges(),
        states: &run.states,
        answer_names: &answer_names,
        answers: &run.answers,
    };
    Ok(states(&figure, output)?)
}

/// Draws the effective time constants of all units.
pub fn draw_time_constants(model: &LiquidModel, run: &Run, output: &Path) -> Result<(), Failure> {
    let of_cell = model.model.of_cell(&model.parameters);
    let constants = look::time_constants(model.model.cell(), of_cell, &run.inputs, &run.all_states());
    let constants = constants.map_err(anyhow::Error::from)?.ok_or_else(|| {
        let kind = model.model.cell().kind();
        Failure::BadInput(anyhow!(
            "a cell of the kind {kind} has no time constants: its state jumps from input to input"
        ))
    })?;
    let figure =
        TimeConstantsFigure { rows: &units(model.model.cell()), edges: &run.edges(), constants: &constants };
    Ok(time_constants(&figure, output)?)
}

/// Draws what an answer listens to.
pub fn draw_sensitivity(
    model: &LiquidModel,
    run: &Run,
    answer: Option<&str>,
    lags: usize,
    output: &Path,
) -> Result<(), Failure> {
    let names = answer_names(model);
    let answer = match answer {
        None => 0,
        Some(wanted) => names.iter().position(|name| name == wanted).ok_or_else(|| {
            Failure::BadInput(anyhow!("there is no answer {wanted:?}; the model has {}", names.join(", ")))
        })?,
    };
    let cell = model.model.cell();
    let n_steps = run.n_steps();
    let every = n_steps.div_ceil(MOST_TIMES);
    let times: Vec<usize> = (every - 1..n_steps).step_by(every).collect();
    let n_lags = lags.clamp(1, n_steps);
    let initial = vec![0.0; cell.n_state()];
    let batch = Batch {
        n_samples: 1,
        n_steps,
        inputs: &run.inputs,
        elapsed: &run.elapsed,
        initial: &initial,
        keys: None,
    };
    let of_cell = model.model.of_cell(&model.parameters);
    let found = look::sensitivities(cell.as_cell(), of_cell, &batch, &[of(model, answer)], &times, n_lags);
    let found = found.map_err(anyhow::Error::from)?;
    let all = run.edges();
    let edges: Vec<f64> = std::iter::once(0.0).chain(times.iter().map(|t| all[t + 1])).collect();
    let figure = Sensitivity {
        inputs: &Rows::of_inputs(&input_names(model)),
        units: &units(cell),
        answer: &names[answer],
        edges: &edges,
        n_lags,
        by_inputs: &found.by_inputs,
        by_states: &found.by_states,
    };
    Ok(sensitivity(&figure, output)?)
}

/// An answer as the cell's outputs make it.
fn of(model: &LiquidModel, answer: usize) -> Of {
    let model_layout = model.model.layout();
    match model_layout.range("head.weight") {
        None => Of::Output(answer),
        Some(range) => {
            let n_answers = model.model.n_answers();
            Of::Outputs(model.parameters[range].iter().skip(answer).step_by(n_answers).copied().collect())
        }
    }
}

/// The rows of a cell's units. What is behind an LSTM, or over a wiring, has its states in another order.
fn units(cell: &AnyCell) -> Rows {
    match cell {
        AnyCell::Ltc(cell) => Rows::of_wiring(cell.wiring()),
        _ => Rows::of_units(cell.n_state()),
    }
}

/// The model of a file, and what it does with the inputs of another.
pub fn run_of(model: &Path, data: Option<&Path>) -> Result<(LiquidModel, Run), Failure> {
    let model = file::read_liquid(model).or_bad_input()?;
    let data = data.ok_or_else(|| {
        Failure::BadInput(anyhow!("--data is missing: a CSV file of inputs for the model to go over"))
    })?;
    let run = Run::of(&model, data)?;
    Ok((model, run))
}
