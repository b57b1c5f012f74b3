//! Windows of long series, and which of them are for what.

use rheobase_ltc::train::{Sequences, Targets};
use rheobase_ltc::wiring::numpy::RandomState;

use crate::rates::RatesError;

/// A long series: inputs and targets of every step.
pub(super) struct Series {
    pub n_inputs: usize,
    /// `[rows, inputs]`
    pub inputs: Vec<f32>,
    /// `[rows]`
    pub elapsed: Vec<f32>,
    /// One entry a row.
    pub targets: Targets<f32>,
}

/// A window: a series and its first row.
pub(super) type Window<'s> = (&'s Series, usize);

impl Series {
    pub fn rows(&self) -> usize {
        self.elapsed.len()
    }

    /// All windows of `length`, `stride` apart. As in the scripts of the papers, one that ends with the last
    /// row is left out.
    pub fn windows(&self, length: usize, stride: usize) -> Vec<Window<'_>> {
        (0..self.rows().saturating_sub(length)).step_by(stride.max(1)).map(|first| (self, first)).collect()
    }
}

/// Windows as sequences, every step of which has a target, or the last one alone.
pub(super) fn sequences(
    part: &'static str,
    windows: &[Window<'_>],
    length: usize,
    every_step: bool,
) -> Result<Sequences<f32>, RatesError> {
    let Some((series, _)) = windows.first() else {
        return Err(RatesError::Empty { part, rows: 0, window: length });
    };
    let n_inputs = series.n_inputs;
    let answered =
        |first: usize| if every_step { first..first + length } else { first + length - 1..first + length };
    let mut inputs = Vec::with_capacity(windows.len() * length * n_inputs);
    let mut elapsed = Vec::with_capacity(windows.len() * length);
    let mut targets = match series.targets {
        Targets::Values { n, .. } => Targets::Values { n, values: Vec::new() },
        Targets::Classes { n, .. } => Targets::Classes { n, labels: Vec::new() },
    };
    for (series, first) in windows {
        let rows = *first..first + length;
        inputs.extend(&series.inputs[rows.start * n_inputs..rows.end * n_inputs]);
        elapsed.extend(&series.elapsed[rows]);
        let rows = answered(*first);
        match (&mut targets, &series.targets) {
            (Targets::Values { n, values }, Targets::Values { values: all, .. }) => {
                values.extend(&all[rows.start * *n..rows.end * *n]);
            }
            (Targets::Classes { labels, .. }, Targets::Classes { labels: all, .. }) => {
                labels.extend(&all[rows])
            }
            _ => unreachable!("all series of a task have targets of one kind"),
        }
    }
    let n_samples = windows.len();
    Ok(Sequences {
        n_samples,
        n_steps: length,
        n_inputs,
        inputs,
        elapsed,
        lengths: None,
        every_step,
        targets,
    })
}

/// Items in the order of NumPy's `RandomState(seed).permutation`: the first share of them, the next, the rest.
pub(super) fn split<T: Copy>(items: &[T], seed: u32, shares: [f64; 2]) -> [Vec<T>; 3] {
    let order = RandomState::new(seed).permutation(items.len());
    let [first, second] = shares.map(|share| (share * items.len() as f64) as usize);
    let of = |range: &[usize]| range.iter().map(|k| items[*k]).collect::<Vec<T>>();
    let (head, rest) = order.split_at(first.min(order.len()));
    let (middle, rest) = rest.split_at(second.min(rest.len()));
    [of(head), of(middle), of(rest)]
}

/// Checks the numbers that windows are cut by.
pub(super) fn check(window: usize, stride: usize, shares: &[f64]) -> Result<(), RatesError> {
    for (what, value) in [("window", window), ("stride", stride)] {
        if value == 0 {
            return Err(RatesError::Argument { what, value: 0.0, must: "above 0".to_owned() });
        }
    }
    let total: f64 = shares.iter().sum();
    match shares.iter().all(|share| (0.0..1.0).contains(share)) && total < 1.0 {
        true => Ok(()),
        false => {
            let must = "shares from 0 that leave something to learn from".to_owned();
            Err(RatesError::Argument { what: "valid + test", value: total, must })
        }
    }
}

/// Mean and standard deviation of values, as NumPy's `mean` and `std`; a deviation of 0 is taken for 1.
pub(super) fn mean_and_scale(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count().max(1) as f64;
    let mean = values.clone().sum::<f64>() / n;
    let variance = values.map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
    let scale = variance.sqrt();
    (mean, if scale > 0.0 { scale } else { 1.0 })
}
