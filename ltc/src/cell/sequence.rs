//! Whole sequences through a cell, forward and back.
//!
//! ```text
//! batch ──groups of LANES samples, in parallel──► step, step, …  ──► outputs, states, and what steps keep
//! derivatives by outputs ──the groups again──► pull, pull, … from the end ──► derivatives by everything
//! ```
//! Lanes without a sample run with zeros, for a time of 1: a unit without capacitance, which training may make,
//! has no derivative at a time of 0. Derivatives by parameters are added over time and lanes
//! by the cell, then over groups, always in the same order: the number of threads changes no bit.

use rayon::prelude::*;

use super::aligned::LaneList;
use super::{Cell, CellError, LANES, Lanes, Masks, Pull, Step, Taken, splat};
use crate::Real;

/// What steps of a group may keep \[bytes\]; more than that is computed again on the way back.
const MOST_KEPT: usize = 32 << 20;

/// Sequences of inputs, all of one length.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'b, R> {
    /// Number of sequences.
    pub n_samples: usize,
    /// Number of steps of each.
    pub n_steps: usize,
    /// `[samples, steps, inputs]`
    pub inputs: &'b [R],
    /// How long every input lasts, ≥ 0; `[samples, steps]`.
    pub elapsed: &'b [R],
    /// The states before the first step; `[samples, state]`.
    pub initial: &'b [R],
    /// In training, a number of every sample that tells its dropout from that of others; `[samples]`. Nothing is
    /// dropped without.
    pub keys: Option<&'b [u64]>,
}

/// Sequences that went through a cell.
pub struct Tape<'c, R: Real> {
    cell: &'c dyn Cell<R>,
    raw: Vec<R>,
    effective: Vec<R>,
    n_samples: usize,
    n_steps: usize,
    groups: Vec<Group<R>>,
}

/// Some samples of a batch.
#[derive(Default)]
struct Group<R: Real> {
    /// `[steps, inputs]`
    inputs: LaneList<R>,
    /// `[steps]`
    elapsed: LaneList<R>,
    /// Those of the samples, in training.
    keys: Option<[u64; LANES]>,
    /// `[steps + 1, state]`
    states: LaneList<R>,
    /// `[steps, outputs]`
    outputs: LaneList<R>,
    /// `[steps, kept]`, or of one step if that would be too much.
    kept: LaneList<R>,
    /// What came of the way back.
    pulled: Pulled<R>,
}

/// The derivatives of a loss.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradients<R> {
    /// By the raw parameters.
    pub parameters: Vec<R>,
    /// `[samples, steps, inputs]`
    pub inputs: Vec<R>,
    /// `[samples, steps]`
    pub elapsed: Vec<R>,
    /// `[samples, state]`
    pub initial: Vec<R>,
}

/// Takes sequences through a cell.
///
/// # Errors
/// If a size does not fit, an elapsed time is negative, or a state becomes infinite or no number.
pub fn record<'c, R: Real>(
    cell: &'c dyn Cell<R>,
    parameters: &[R],
    batch: &Batch<'_, R>,
) -> Result<Tape<'c, R>, CellError> {
    run(cell, parameters, batch, vec![])
}

/// Takes the groups of a batch through a cell, in memory that may be there.
fn run<'c, R: Real>(
    cell: &'c dyn Cell<R>,
    parameters: &[R],
    batch: &Batch<'_, R>,
    mut groups: Vec<Group<R>>,
) -> Result<Tape<'c, R>, CellError> {
    check(cell, parameters, batch)?;
    let effective = cell.effective(parameters);
    groups.resize_with(batch.n_samples.div_ceil(LANES), Group::default);
    groups.par_iter_mut().enumerate().for_each(|(k, group)| {
        group.load(cell, batch, k * LANES);
        (0..batch.n_steps).for_each(|step| group.step(cell, &effective, step));
    });
    let Batch { n_samples, n_steps, .. } = *batch;
    let tape = Tape { cell, raw: parameters.to_vec(), effective, n_samples, n_steps, groups };
    match tape.not_finite() {
        Some(fault) => Err(fault),
        None => Ok(tape),
    }
}

fn check<R: Real>(cell: &dyn Cell<R>, parameters: &[R], batch: &Batch<'_, R>) -> Result<(), CellError> {
    let Batch { n_samples, n_steps, inputs, elapsed, initial, keys } = *batch;
    let sizes = [
        ("the list of parameters", parameters.len(), [cell.layout().n_parameters(), 1, 1]),
        ("the list of inputs", inputs.len(), [n_samples, n_steps, cell.n_inputs()]),
        ("the list of elapsed times", elapsed.len(), [n_samples, n_steps, 1]),
        ("the list of initial states", initial.len(), [n_samples, cell.n_state(), 1]),
        ("the list of keys", keys.map_or(n_samples, <[u64]>::len), [n_samples, 1, 1]),
    ];
    for (what, size, factors) in sizes {
        let expected = factors.iter().product();
        if size != expected {
            let shape = factors.map(|factor| factor.to_string()).join(" × ");
            return Err(CellError::Size { what, size, expected, shape });
        }
    }
    match elapsed.iter().position(|t| !(*t >= R::ZERO && t.is_finite())) {
        Some(k) => {
            let value = elapsed[k].to_f64();
            Err(CellError::Elapsed { sample: k / n_steps, step: k % n_steps, value })
        }
        None => Ok(()),
    }
}

impl<R: Real> Group<R> {
    /// Takes over samples of a batch, from `first` on.
    fn load(&mut self, cell: &dyn Cell<R>, batch: &Batch<'_, R>, first: usize) {
        let Self { inputs, elapsed, keys, states, outputs, kept, pulled: _ } = self;
        let (n_steps, n_kept, n_state) = (batch.n_steps, cell.n_kept(), cell.n_state());
        let fits = n_kept * n_steps * size_of::<Lanes<R>>() <= MOST_KEPT;
        inputs.set_len(n_steps * cell.n_inputs());
        fill_lanes(batch.inputs, first, inputs);
        elapsed.set_len(n_steps);
        let n = (batch.n_samples - first).min(LANES);
        elapsed.iter_mut().for_each(|lanes| lanes[n..].fill(R::ONE));
        fill_lanes(batch.elapsed, first, elapsed);
        *keys = batch.keys.map(|of_batch| {
            let mut keys = [0; LANES];
            keys[..n].copy_from_slice(&of_batch[first..first + n]);
            keys
        });
        states.set_len((n_steps + 1) * n_state);
        fill_lanes(batch.initial, first, &mut states[..n_state]);
        outputs.set_len(n_steps * cell.n_outputs());
        kept.set_len(n_kept * if fits { n_steps } else { 1 });
    }

    /// Takes a step.
    fn step(&mut self, cell: &dyn Cell<R>, parameters: &[R], step: usize) {
        let Self { inputs, elapsed, keys, states, outputs, kept, pulled: _ } = self;
        let (n_state, n_kept) = (cell.n_state(), cell.n_kept());
        let (before, after) = states.split_at_mut((step + 1) * n_state);
        let kept_at = if kept.len() == n_kept { 0 } else { step * n_kept };
        cell.step(
            parameters,
            Step {
                inputs: part(inputs, step, cell.n_inputs()),
                elapsed: &elapsed[step],
                masks: keys.as_ref().map(|keys| Masks::of_step(keys, step)),
                before: part(before, step, n_state),
                after: &mut after[..n_state],
                outputs: part_mut(outputs, step, cell.n_outputs()),
                kept: &mut kept[kept_at..kept_at + n_kept],
            },
        );
    }
}

impl<'c, R: Real> Tape<'c, R> {
    /// Takes other sequences through the same cell, as [`record`], in the memory of this tape. In training, the
    /// system's making memory may take a third of the time else.
    ///
    /// # Errors
    /// As [`record`].
    pub fn again(self, parameters: &[R], batch: &Batch<'_, R>) -> Result<Self, CellError> {
        run(self.cell, parameters, batch, self.groups)
    }

    /// `[samples, steps, outputs]`
    pub fn outputs(&self) -> Vec<R> {
        let n_values = self.n_steps * self.cell.n_outputs();
        self.rows(n_values, |group| &group.outputs)
    }

    /// The states after every step; `[samples, steps, state]`.
    pub fn states(&self) -> Vec<R> {
        let n_state = self.cell.n_state();
        self.rows(self.n_steps * n_state, |group| &group.states[n_state..])
    }

    /// The derivatives of a loss whose derivatives by the outputs are `by_outputs`; `[samples, steps, outputs]`.
    ///
    /// # Errors
    /// If their number does not fit.
    pub fn pull(&mut self, by_outputs: &[R]) -> Result<Gradients<R>, CellError> {
        let Self { cell, raw, effective, n_samples, n_steps, groups } = self;
        let (cell, n_samples, n_steps) = (*cell, *n_samples, *n_steps);
        let n_values = n_steps * cell.n_outputs();
        if by_outputs.len() != n_samples * n_values {
            return Err(CellError::Size {
                what: "the list of derivatives by outputs",
                size: by_outputs.len(),
                expected: n_samples * n_values,
                shape: format!("{n_samples} × {n_steps} × {}", cell.n_outputs()),
            });
        }
        groups.par_iter_mut().enumerate().for_each(|(k, group)| {
            group.pulled.outputs.set_len(n_values);
            fill_lanes(by_outputs, k * LANES, &mut group.pulled.outputs);
            backward(cell, effective, group);
        });

        let mut gradients = Gradients {
            parameters: vec![R::ZERO; raw.len()],
            inputs: Vec::with_capacity(n_samples * n_steps * cell.n_inputs()),
            elapsed: Vec::with_capacity(n_samples * n_steps),
            initial: Vec::with_capacity(n_samples * cell.n_state()),
        };
        for (k, Group { pulled, .. }) in groups.iter().enumerate() {
            let n = (n_samples - k * LANES).min(LANES);
            cell.add_sums(effective, &pulled.sums, &mut gradients.parameters);
            append(&mut gradients.inputs, &pulled.inputs, n);
            append(&mut gradients.elapsed, &pulled.elapsed, n);
            append(&mut gradients.initial, &pulled.state, n);
        }
        cell.pull_effective(raw, &mut gradients.parameters);
        Ok(gradients)
    }

    fn rows(&self, n_values: usize, of_group: impl Fn(&Group<R>) -> &[Lanes<R>]) -> Vec<R> {
        let mut values = Vec::with_capacity(self.n_samples * n_values);
        for (k, group) in self.groups.iter().enumerate() {
            append(&mut values, of_group(group), (self.n_samples - k * LANES).min(LANES));
        }
        values
    }

    fn not_finite(&self) -> Option<CellError> {
        let n_state = self.cell.n_state();
        for (k, group) in self.groups.iter().enumerate() {
            let n = (self.n_samples - k * LANES).min(LANES);
            let is_finite = |lanes: &Lanes<R>| lanes[..n].iter().all(|value| value.is_finite());
            let Some(at) = group.states.iter().position(|lanes| !is_finite(lanes)) else { continue };
            let lane = group.states[at].iter().position(|value| !value.is_finite())?;
            return Some(CellError::NotFinite {
                unit: at % n_state,
                sample: k * LANES + lane,
                step: (at / n_state).saturating_sub(1),
                value: group.states[at][lane].to_f64(),
            });
        }
        None
    }
}

/// The derivatives of a group.
#[derive(Default)]
struct Pulled<R: Real> {
    /// By the outputs, which are given.
    outputs: LaneList<R>,
    /// By the parameters, over time.
    sums: LaneList<R>,
    inputs: LaneList<R>,
    elapsed: LaneList<R>,
    state: LaneList<R>,
}

fn backward<R: Real>(cell: &dyn Cell<R>, parameters: &[R], group: &mut Group<R>) {
    let mut pulled = std::mem::take(&mut group.pulled);
    pulled.sums.set_zeros(cell.n_sums());
    pulled.inputs.set_zeros(group.inputs.len());
    pulled.elapsed.set_zeros(group.elapsed.len());
    pulled.state.set_zeros(cell.n_state());
    let (n_inputs, n_state, n_kept) = (cell.n_inputs(), cell.n_state(), cell.n_kept());
    let n_steps = group.elapsed.len();
    let is_kept = group.kept.len() == n_kept * n_steps;
    for step in (0..n_steps).rev() {
        if !is_kept {
            group.step(cell, parameters, step);
        }
        let kept_at = if is_kept { step * n_kept } else { 0 };
        let taken = Taken {
            inputs: part(&group.inputs, step, n_inputs),
            elapsed: &group.elapsed[step],
            masks: group.keys.as_ref().map(|keys| Masks::of_step(keys, step)),
            before: part(&group.states, step, n_state),
            after: part(&group.states, step + 1, n_state),
            kept: &group.kept[kept_at..kept_at + n_kept],
        };
        cell.pull(
            parameters,
            &taken,
            Pull {
                outputs: part(&pulled.outputs, step, cell.n_outputs()),
                state: &mut pulled.state,
                inputs: part_mut(&mut pulled.inputs, step, n_inputs),
                elapsed: &mut pulled.elapsed[step],
                sums: &mut pulled.sums,
            },
        );
    }
    group.pulled = pulled;
}

fn part<R>(lanes: &[Lanes<R>], k: usize, size: usize) -> &[Lanes<R>] {
    &lanes[k * size..(k + 1) * size]
}

fn part_mut<R>(lanes: &mut [Lanes<R>], k: usize, size: usize) -> &mut [Lanes<R>] {
    &mut lanes[k * size..(k + 1) * size]
}

/// Lanes that are turned into rows, or rows into lanes, at a time: what a block reads and writes stays near, while
/// a whole row after the other would go through memory once a lane.
const BLOCK: usize = 64;

/// Puts values `[samples, n]` of the samples from `first` on into `[n]` lanes, zeros where there is no sample.
fn fill_lanes<R: Real>(values: &[R], first: usize, lanes: &mut [Lanes<R>]) {
    let n = lanes.len();
    for (block, lanes) in lanes.chunks_mut(BLOCK).enumerate() {
        lanes.fill(splat(R::ZERO));
        for (lane, row) in values[first * n..].chunks_exact(n).take(LANES).enumerate() {
            lanes.iter_mut().zip(&row[block * BLOCK..]).for_each(|(lanes, value)| lanes[lane] = *value);
        }
    }
}

/// Appends the values of the first `n` lanes as rows.
fn append<R: Real>(rows: &mut Vec<R>, lanes: &[Lanes<R>], n: usize) {
    let begin = rows.len();
    rows.resize(begin + n * lanes.len(), R::ZERO);
    for (block, of_block) in lanes.chunks(BLOCK).enumerate() {
        for (lane, row) in rows[begin..].chunks_exact_mut(lanes.len()).enumerate() {
            row[block * BLOCK..].iter_mut().zip(of_block).for_each(|(value, lanes)| *value = lanes[lane]);
        }
    }
}
