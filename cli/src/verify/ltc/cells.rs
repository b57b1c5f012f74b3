//! Cells of ncps 1.0.1 and of the LTC paper's code.
//!
//! A case is a cell with its parameters, inputs and elapsed times. Its outputs and states must agree to a
//! relative 1e-12, the derivatives of the sum of all squared outputs to 1e-9, by everything that the file
//! has one of. Where the file says from what the wiring was drawn, ours of the same seed must be the same.

use anyhow::{Context, Result, ensure};
use rheobase_ltc::cell::{Batch, record};
use rheobase_net::file::Hdf5Reader;

use super::models::{Model, Place, model_of};
use super::{Measured, error};

const VALUES: f64 = 1e-12;
const DERIVATIVES: f64 = 1e-9;

/// Runs the cell of a file.
pub(super) fn check(file: &Hdf5Reader) -> Result<Measured> {
    match model_of(file)? {
        Some(model) => Ok(Measured::Agrees(compare(file, &model)?)),
        None => Ok(Measured::Unsupported(file.attributes("/")?.text("kind")?.to_owned())),
    }
}

/// Runs a cell and measures how far it is.
fn compare(file: &Hdf5Reader, model: &Model) -> Result<String> {
    let Model { cell, elapsed, places, drawn } = model;
    let shape = file.shape("inputs")?;
    let (n_samples, n_steps) = (shape[0] as usize, shape[1] as usize);
    let read = |dataset: &str| Ok::<Vec<f64>, anyhow::Error>(file.read(dataset)?);
    let inputs = read("inputs")?;
    let elapsed_times = match elapsed {
        Some(elapsed) => vec![*elapsed; n_samples * n_steps],
        None => read("timespans")?,
    };
    // The cell state of an LSTM stands beside the state that the cell shares with it.
    let is_mixed = file.has_group("lstm_params")?;
    let states = |h: &str, c: &str, rows: usize| match is_mixed {
        true => Ok(side_by_side(&read(h)?, &read(c)?, rows)),
        false => read(h),
    };
    let initial = states("h0", "c0", n_samples)?;
    let mut parameters = vec![0.0; cell.layout().n_parameters()];
    for Place { datasets: [dataset, _], range, at } in places {
        let values = read(dataset)?;
        at.iter().zip(&mut parameters[range.clone()]).for_each(|(at, value)| *value = values[*at]);
    }

    let batch =
        Batch { n_samples, n_steps, inputs: &inputs, elapsed: &elapsed_times, initial: &initial, keys: None };
    let mut tape = record(&**cell, &parameters, &batch)?;
    let outputs = tape.outputs();
    let states_after = states("states", "cstates", n_samples * n_steps)?;
    let far = [error(&outputs, &read("outputs")?)?, error(&tape.states(), &states_after)?];
    let values = far.into_iter().fold(0.0, f64::max);
    ensure!(values <= VALUES, "outputs or states are {values:.1e} from the file's, allowed {VALUES:.0e}");

    let by_outputs: Vec<f64> = outputs.iter().map(|output| 2.0 * output).collect();
    let gradients = tape.pull(&by_outputs)?;
    let mut derivatives = 0.0_f64;
    let mut measure = |what: &str, ours: &[f64], theirs: &[f64]| -> Result<()> {
        let far = error(ours, theirs).with_context(|| what.to_owned())?;
        ensure!(far <= DERIVATIVES, "{what} is {far:.1e} from the file's, allowed {DERIVATIVES:.0e}");
        derivatives = derivatives.max(far);
        Ok(())
    };
    measure("grad/inputs", &gradients.inputs, &read("grad/inputs")?)?;
    measure("grad/h0", &gradients.initial, &states("grad/h0", "grad/c0", n_samples)?)?;
    if elapsed.is_none() {
        measure("grad/timespans", &gradients.elapsed, &read("grad/timespans")?)?;
    }
    for Place { datasets: [_, dataset], range, at } in places {
        let all = read(dataset)?;
        let theirs: Vec<f64> = at.iter().map(|at| all[*at]).collect();
        measure(dataset, &gradients.parameters[range.clone()], &theirs)?;
    }
    Ok(format!("values {values:.1e}, derivatives {derivatives:.1e}{drawn}"))
}

/// Two matrices of as many rows, side by side.
fn side_by_side(left: &[f64], right: &[f64], rows: usize) -> Vec<f64> {
    let width = |of: &[f64]| of.len() / rows.max(1);
    let rows = left.chunks(width(left)).zip(right.chunks(width(right)));
    rows.flat_map(|(left, right)| left.iter().chain(right).copied()).collect()
}
