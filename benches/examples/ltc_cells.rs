//! One thread of an LTC network, timed as `benches/peers/ltc_cells.py` asks: a line of JSON.
//!
//! ```text
//! ltc_cells FOLDER SECONDS
//! ```
//! `FOLDER/case.json` says what to run, and `FOLDER/values.f32` has the numbers, little endian: `gleak`, `vleak`
//! and `cm`, then `w`, `sigma`, `mu` and `erev` of all pairs `[source, target]` of units, the same of inputs and
//! units, the inputs `[samples, steps, inputs]`, and for a training step the head `[classes, units]`, its bias
//! and the labels `[samples, steps]`. What the network gives goes to `FOLDER/ours.f32`, so that the caller can
//! see that it is what the peers give.

use std::error::Error;
use std::path::Path;

use rheobase_ltc::cell::ltc::{Ltc, LtcConfig};
use rheobase_ltc::cell::{Batch, Cell, LANES, Lanes, Step, Tape, record};
use rheobase_ltc::wiring::{Ncp, Wiring, fully_connected, ncp};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, seconds] = &arguments[..] else { return Err("usage: ltc_cells FOLDER SECONDS".into()) };
    let seconds: f64 = seconds.parse()?;
    let folder = Path::new(folder);
    let case: Value = serde_json::from_str(&std::fs::read_to_string(folder.join("case.json"))?)?;
    let number = |name: &str| -> Result<usize> {
        Ok(case[name].as_u64().ok_or(format!("case.json: {name} is no number"))? as usize)
    };
    let (n_inputs, units) = (number("inputs")?, number("units")?);
    let (n_samples, n_steps) = (number("batch")?, number("steps")?);
    let wiring = if case["wiring"] == "ncp19" { ncp19(n_inputs)? } else { dense(n_inputs, units)? };
    let cell = Ltc::new(wiring, LtcConfig::default())?;
    let mut values = Values { rest: read(&folder.join("values.f32"))? };
    let parameters = values.parameters(&cell);
    let inputs = values.take(n_samples * n_steps * n_inputs);
    let (per_step, given) = if case["task"] == "train" {
        let n_classes = number("classes")?;
        let head = Head { weights: values.take(n_classes * units), bias: values.take(n_classes) };
        let labels: Vec<usize> =
            values.take(n_samples * n_steps).iter().map(|label| *label as usize).collect();
        let mut training = Training::new(&cell, parameters, head, inputs, labels, n_samples);
        let losses: Vec<f32> = (0..3).map(|_| training.step()).collect::<Result<_>>()?;
        (median_time(seconds, || training.step().map(drop))?, losses)
    } else if n_samples == 1 {
        let mut stream = cell.stream(&parameters)?;
        let mut states = vec![];
        for inputs in inputs.chunks(n_inputs) {
            stream.step(inputs, 1.0)?;
            states.extend_from_slice(stream.state());
        }
        let time = median_time(seconds, || {
            for inputs in inputs.chunks(n_inputs) {
                stream.step(inputs, 1.0)?;
            }
            Ok(())
        })?;
        (time / n_steps as f64, states)
    } else {
        let (elapsed, initial) = (vec![1.0; n_samples * n_steps], vec![0.0; n_samples * units]);
        let batch =
            Batch { n_samples, n_steps, inputs: &inputs, elapsed: &elapsed, initial: &initial, keys: None };
        let states = record(&cell, &parameters, &batch)?.states();
        let mut groups = Groups::new(&cell, &parameters, &inputs, n_samples, n_steps);
        (median_time(seconds, || groups.run())? / n_steps as f64, states)
    };
    std::fs::write(folder.join("ours.f32"), given.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>())?;
    println!("{}", json!({ "us": per_step * 1e6 }));
    Ok(())
}

fn ncp19(n_inputs: usize) -> Result<Wiring> {
    let ncp19 = Ncp {
        inter: 12,
        command: 6,
        motor: 1,
        sensory_fanout: 4,
        inter_fanout: 4,
        recurrent_command_synapses: 4,
        motor_fanin: 6,
        seed: 22222,
    };
    Ok(ncp(n_inputs as u32, &ncp19)?)
}

fn dense(n_inputs: usize, units: usize) -> Result<Wiring> {
    Ok(fully_connected(n_inputs as u32, units as u32, units as u32, true, 1111)?)
}

fn read(path: &Path) -> Result<Vec<f32>> {
    let bytes = std::fs::read(path)?;
    Ok(bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
}

/// Numbers that are taken from the front.
struct Values {
    rest: Vec<f32>,
}

impl Values {
    fn take(&mut self, n: usize) -> Vec<f32> {
        let rest = self.rest.split_off(n);
        std::mem::replace(&mut self.rest, rest)
    }

    /// The parameters of a cell, in its order.
    fn parameters(&mut self, cell: &Ltc) -> Vec<f32> {
        let (n_inputs, units) = (cell.wiring().n_inputs(), cell.wiring().units());
        let mut parameters = self.take(3 * units);
        for (synapses, n_sources) in [(cell.wiring().synapses(), units), (cell.wiring().sensory(), n_inputs)]
        {
            for _ in ["w", "sigma", "mu", "erev"] {
                let block = self.take(n_sources * units);
                let of = |synapse: &rheobase_ltc::wiring::Synapse| {
                    block[synapse.source as usize * units + synapse.target as usize]
                };
                parameters.extend(synapses.iter().map(of));
            }
        }
        for (n, value) in [(n_inputs, 1.0), (n_inputs, 0.0)] {
            parameters.extend(std::iter::repeat_n(value, n));
        }
        for value in [1.0, 0.0] {
            parameters.extend(std::iter::repeat_n(value, cell.wiring().n_outputs()));
        }
        parameters
    }
}

/// The CPU time of a call \[s\]: the median of blocks, of which there are at least five.
fn median_time(seconds: f64, mut call: impl FnMut() -> Result<()>) -> Result<f64> {
    let begin = cpu_time();
    let mut n_calls = 0;
    while n_calls == 0 || cpu_time() - begin < seconds / 20.0 {
        call()?;
        n_calls += 1;
    }
    let (begin, mut blocks) = (cpu_time(), vec![]);
    while blocks.len() < 5 || cpu_time() - begin < seconds {
        let before = cpu_time();
        for _ in 0..n_calls {
            call()?;
        }
        blocks.push((cpu_time() - before) / f64::from(n_calls));
    }
    blocks.sort_by(f64::total_cmp);
    Ok(blocks[blocks.len() / 2])
}

fn cpu_time() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Samples that go through a cell in groups, from state to state, without a tape.
struct Groups<'c> {
    cell: &'c Ltc,
    parameters: Vec<f32>,
    /// Of every group `[steps, inputs]`.
    inputs: Vec<Vec<Lanes<f32>>>,
    /// Of every group, before and after a step.
    states: Vec<[Vec<Lanes<f32>>; 2]>,
    outputs: Vec<Lanes<f32>>,
    kept: Vec<Lanes<f32>>,
}

impl<'c> Groups<'c> {
    fn new(cell: &'c Ltc, raw: &[f32], inputs: &[f32], n_samples: usize, n_steps: usize) -> Self {
        let zeros = |n: usize| vec![[0.0; LANES]; n];
        let per_sample = n_steps * cell.wiring().n_inputs();
        let mut groups = vec![zeros(per_sample); n_samples.div_ceil(LANES)];
        for (sample, inputs) in inputs.chunks(per_sample).enumerate() {
            let group = &mut groups[sample / LANES];
            group.iter_mut().zip(inputs).for_each(|(lanes, x)| lanes[sample % LANES] = *x);
        }
        let units = cell.wiring().units();
        Self {
            cell,
            parameters: cell.effective(raw),
            states: groups.iter().map(|_| [zeros(units), zeros(units)]).collect(),
            inputs: groups,
            outputs: zeros(cell.wiring().n_outputs()),
            kept: zeros(Cell::<f32>::n_kept(cell)),
        }
    }

    fn run(&mut self) -> Result<()> {
        let Self { cell, parameters, inputs, states, outputs, kept } = self;
        for (inputs, [before, after]) in inputs.iter().zip(states) {
            for inputs in inputs.chunks(cell.wiring().n_inputs()) {
                let step = Step { inputs, elapsed: &[1.0; LANES], masks: None, before, after, outputs, kept };
                cell.step(parameters, step);
                std::mem::swap(before, after);
            }
        }
        Ok(())
    }
}

/// A linear layer from the states to the logits of classes.
struct Head {
    /// `[classes, units]`
    weights: Vec<f32>,
    bias: Vec<f32>,
}

/// A network in training: mean cross entropy over all steps of all samples, Adam.
struct Training<'c> {
    cell: &'c Ltc,
    parameters: Vec<f32>,
    head: Head,
    inputs: Vec<f32>,
    labels: Vec<usize>,
    n_samples: usize,
    /// Means of gradients and of their squares: of the cell, of the head's weights, of its bias.
    moments: [[Vec<f32>; 2]; 3],
    n_taken: i32,
    /// Of the last step, for its memory.
    tape: Option<Tape<'c, f32>>,
}

impl<'c> Training<'c> {
    fn new(
        cell: &'c Ltc,
        parameters: Vec<f32>,
        head: Head,
        inputs: Vec<f32>,
        labels: Vec<usize>,
        n_samples: usize,
    ) -> Self {
        let sizes = [parameters.len(), head.weights.len(), head.bias.len()];
        let moments = sizes.map(|n| [vec![0.0; n], vec![0.0; n]]);
        Self { cell, parameters, head, inputs, labels, n_samples, moments, n_taken: 0, tape: None }
    }

    /// Takes a step and gives the loss before it.
    fn step(&mut self) -> Result<f32> {
        let Self { cell, parameters, head, inputs, labels, n_samples, moments, n_taken, tape } = self;
        let (units, n_values) = (cell.wiring().units(), labels.len());
        let n_steps = n_values / *n_samples;
        let (elapsed, initial) = (vec![1.0; n_values], vec![0.0; *n_samples * units]);
        let batch = Batch {
            n_samples: *n_samples,
            n_steps,
            inputs,
            elapsed: &elapsed,
            initial: &initial,
            keys: None,
        };
        let mut recorded = match tape.take() {
            Some(tape) => tape.again(parameters, &batch)?,
            None => record(*cell, parameters, &batch)?,
        };
        let outputs = recorded.outputs();
        let mut by_outputs = vec![0.0; outputs.len()];
        let mut by_weights = vec![0.0; head.weights.len()];
        let mut by_bias = vec![0.0; head.bias.len()];
        let mut loss = 0.0;
        let rows = outputs.chunks_exact(units).zip(by_outputs.chunks_exact_mut(units)).zip(&*labels);
        for ((x, by_x), label) in rows {
            let mut p: Vec<f32> = head.bias.clone();
            for (p, w) in p.iter_mut().zip(head.weights.chunks_exact(units)) {
                *p += dot(w, x);
            }
            let largest = p.iter().copied().fold(f32::MIN, f32::max);
            p.iter_mut().for_each(|p| *p = (*p - largest).exp());
            let sum: f32 = p.iter().sum();
            loss -= (p[*label] / sum).ln() / n_values as f32;
            for (class, p) in p.iter().enumerate() {
                let by = (p / sum - f32::from(u8::from(class == *label))) / n_values as f32;
                by_bias[class] += by;
                let weights = &head.weights[class * units..][..units];
                let by_weights = &mut by_weights[class * units..][..units];
                for k in 0..units {
                    by_x[k] += by * weights[k];
                    by_weights[k] += by * x[k];
                }
            }
        }
        let gradients = recorded.pull(&by_outputs)?;
        *tape = Some(recorded);
        *n_taken += 1;
        let all = [
            (&mut *parameters, &gradients.parameters),
            (&mut head.weights, &by_weights),
            (&mut head.bias, &by_bias),
        ];
        for ((values, gradients), [means, squares]) in all.into_iter().zip(moments) {
            adam(values, gradients, means, squares, *n_taken);
        }
        Ok(loss)
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; 8];
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        (0..8).for_each(|k| sums[k] += a[k] * b[k]);
    }
    sums.iter().sum()
}

fn adam(values: &mut [f32], gradients: &[f32], means: &mut [f32], squares: &mut [f32], n_taken: i32) {
    let (rate, first, second) = (0.01, 0.9_f32, 0.999_f32);
    let (of_first, of_second) = (1.0 - first.powi(n_taken), 1.0 - second.powi(n_taken));
    for (((value, gradient), mean), square) in values.iter_mut().zip(gradients).zip(means).zip(squares) {
        *mean = first * *mean + (1.0 - first) * gradient;
        *square = second * *square + (1.0 - second) * gradient * gradient;
        *value -= rate * (*mean / of_first) / ((*square / of_second).sqrt() + 1e-8);
    }
}
