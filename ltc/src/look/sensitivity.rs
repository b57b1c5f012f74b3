//! Local sensitivities: what outputs and units listen to, and for how long.
//!
//! Derivatives of a quantity at the end of step `t` are taken back through the steps before it, one step a
//! lag: by the inputs of step `t − lag`, and by the states from which that step began. Those by states tell
//! how long a unit remembers: a state that is forgotten has a derivative of 0.
//!
//! Cost: for every time, quantity and lag a step forward and one back; sixteen times and quantities go side
//! by side, each in the lag that it is at, whatever steps these are.

use rayon::prelude::*;

use crate::Real;
use crate::cell::{Batch, Cell, CellError, LANES, Pull, Step, Taken, record, splat};

/// A quantity whose derivatives are wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum Of {
    /// An output of the cell.
    Output(usize),
    /// A sum of outputs with these weights, such as a linear head makes; `[outputs]`.
    Outputs(Vec<f64>),
    /// A state.
    Unit(usize),
}

/// Derivatives of quantities at some times by what was before.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensitivities {
    /// Number of quantities.
    pub n_of: usize,
    /// Number of lags.
    pub n_lags: usize,
    /// By the inputs of the step `lag` before, lag 0 being the step itself; no number where the run had not
    /// begun. `[times, of, lags, inputs]`
    pub by_inputs: Vec<f64>,
    /// By the states from which the step `lag` before began; no number where the run had not begun.
    /// `[times, of, lags, state]`
    pub by_states: Vec<f64>,
}

/// The derivatives of every quantity at the end of every one of the steps `times` of a run of one sequence.
///
/// # Errors
/// As [`record`](record()), or if there is not one sequence, no lag, or a quantity or time that does not exist.
pub fn sensitivities<R: Real>(
    cell: &dyn Cell<R>,
    parameters: &[R],
    run: &Batch<'_, R>,
    of: &[Of],
    times: &[usize],
    n_lags: usize,
) -> Result<Sensitivities, CellError> {
    check(cell, run, of, times, n_lags)?;
    let mut states = run.initial.to_vec();
    states.extend(record(cell, parameters, run)?.states());
    let run = Run { cell, effective: cell.effective(parameters), batch: *run, states };
    let wanted: Vec<(usize, &Of)> = times.iter().flat_map(|t| of.iter().map(|of| (*t, of))).collect();

    let (n_inputs, n_state) = (cell.n_inputs() * n_lags, cell.n_state() * n_lags);
    let mut by_inputs = vec![f64::NAN; wanted.len() * n_inputs];
    let mut by_states = vec![f64::NAN; wanted.len() * n_state];
    // An empty part is the same as none, and has no chunks.
    let parts = by_inputs.par_chunks_mut((LANES * n_inputs).max(1));
    let parts = parts.zip(by_states.par_chunks_mut((LANES * n_state).max(1)));
    parts.zip(wanted.par_chunks(LANES)).for_each(|((by_inputs, by_states), wanted)| {
        run.back(wanted, n_lags, by_inputs, by_states);
    });
    Ok(Sensitivities { n_of: of.len(), n_lags, by_inputs, by_states })
}

fn check<R: Real>(
    cell: &dyn Cell<R>,
    run: &Batch<'_, R>,
    of: &[Of],
    times: &[usize],
    n_lags: usize,
) -> Result<(), CellError> {
    let argument = |what, value: usize, must| Err(CellError::Argument { what, value: value as f64, must });
    if run.n_samples != 1 {
        return argument("the number of sequences", run.n_samples, "1: look at one after the other");
    }
    if n_lags == 0 {
        return argument("the number of lags", 0, "above 0: lag 0 is the step itself");
    }
    if let Some(t) = times.iter().find(|t| **t >= run.n_steps) {
        return argument("a time", *t, "below the number of steps");
    }
    for of in of {
        match of {
            Of::Output(k) if *k >= cell.n_outputs() => {
                return argument("an output", *k, "below the number of outputs");
            }
            Of::Unit(k) if *k >= cell.n_state() => {
                return argument("a unit", *k, "below the number of state variables");
            }
            Of::Outputs(weights) if weights.len() != cell.n_outputs() => {
                return argument("the number of weights", weights.len(), "the number of outputs");
            }
            Of::Output(_) | Of::Unit(_) | Of::Outputs(_) => {}
        }
    }
    Ok(())
}

/// A run of one sequence.
struct Run<'r, R: Real> {
    cell: &'r dyn Cell<R>,
    effective: Vec<R>,
    batch: Batch<'r, R>,
    /// Before the first step and after every one; `[steps + 1, state]`.
    states: Vec<R>,
}

impl<R: Real> Run<'_, R> {
    /// Goes back from up to [`LANES`] times, each with its quantity: `[wanted, lags, …]`.
    fn back(&self, wanted: &[(usize, &Of)], n_lags: usize, by_inputs: &mut [f64], by_states: &mut [f64]) {
        let cell = self.cell;
        let (n_inputs, n_state) = (cell.n_inputs(), cell.n_state());
        let zeros = |n: usize| vec![splat(R::ZERO); n];
        let (mut inputs, mut elapsed) = (zeros(n_inputs), splat(R::ZERO));
        let (mut before, mut after) = (zeros(n_state), zeros(n_state));
        let (mut outputs, mut kept) = (zeros(cell.n_outputs()), zeros(cell.n_kept()));
        let (mut by_outputs, mut state) = (zeros(cell.n_outputs()), zeros(n_state));
        let (mut pulled, mut by_elapsed) = (zeros(n_inputs), splat(R::ZERO));
        let mut sums = zeros(cell.n_sums());
        for (lane, (_, of)) in wanted.iter().enumerate() {
            match of {
                Of::Output(k) => by_outputs[*k][lane] = R::ONE,
                Of::Outputs(weights) => {
                    by_outputs.iter_mut().zip(weights).for_each(|(by, w)| by[lane] = R::of(*w));
                }
                Of::Unit(k) => state[*k][lane] = R::ONE,
            }
        }
        for lag in 0..n_lags {
            for (lane, (t, _)) in wanted.iter().enumerate().filter(|(_, (t, _))| *t >= lag) {
                let step = t - lag;
                elapsed[lane] = self.batch.elapsed[step];
                let row = self.batch.inputs[step * n_inputs..].iter();
                inputs.iter_mut().zip(row).for_each(|(lanes, x)| lanes[lane] = *x);
                let row = self.states[step * n_state..].iter();
                before.iter_mut().zip(row).for_each(|(lanes, v)| lanes[lane] = *v);
            }
            let step = Step {
                inputs: &inputs,
                elapsed: &elapsed,
                masks: None,
                before: &before,
                after: &mut after,
                outputs: &mut outputs,
                kept: &mut kept,
            };
            cell.step(&self.effective, step);
            let taken = Taken {
                inputs: &inputs,
                elapsed: &elapsed,
                masks: None,
                before: &before,
                after: &after,
                kept: &kept,
            };
            let pull = Pull {
                outputs: &by_outputs,
                state: &mut state,
                inputs: &mut pulled,
                elapsed: &mut by_elapsed,
                sums: &mut sums,
            };
            cell.pull(&self.effective, &taken, pull);
            // Only the last step has the output that is asked for.
            by_outputs.fill(splat(R::ZERO));
            for lane in (0..wanted.len()).filter(|lane| wanted[*lane].0 >= lag) {
                let to = &mut by_inputs[(lane * n_lags + lag) * n_inputs..];
                to.iter_mut().zip(&pulled).for_each(|(to, lanes)| *to = lanes[lane].to_f64());
                let to = &mut by_states[(lane * n_lags + lag) * n_state..];
                to.iter_mut().zip(&state).for_each(|(to, lanes)| *to = lanes[lane].to_f64());
            }
        }
    }
}
