//! Sums, and changes of sums.

use super::{Deeds, LANES, Lane, Outcome, Variable, lanes};
use crate::netlist::{Activation, Delta};

/// Sums all that arrives, and sends the sum in every step.
#[derive(Default)]
pub(in crate::emulate) struct Sigma {
    sigma: Vec<Lane>,
}

impl Sigma {
    /// A block takes a step.
    pub fn step(&mut self, block: usize, a: &Lane, deeds: &mut Deeds) -> Outcome {
        // The model has no column from which the group could know how many there are.
        if self.sigma.len() <= block {
            self.sigma.resize(block + 1, [0; LANES]);
        }
        let sigma = &mut self.sigma[block];
        for i in 0..LANES {
            sigma[i] = sigma[i].wrapping_add(a[i]);
        }
        *deeds = Deeds { sent: *sigma, updated: *a };
        let sends = deeds.sent.iter().any(|message| *message != 0);
        Outcome { sends, rests: !sends }
    }

    /// A variable of a compartment.
    pub fn state(&self, variable: Variable, block: usize, lane: usize) -> Option<i32> {
        let sigma = self.sigma.get(block).map_or(0, |sigma| sigma[lane]);
        (variable == Variable::Sigma).then_some(sigma)
    }
}

/// Sends by how much its input, or what it makes of the sum of its inputs, has changed.
pub(in crate::emulate) struct SigmaDelta {
    blocks: Vec<Block>,
    input: Input,
    cum_error: bool,
    state_exp: u8,
}

/// 64 of them.
#[derive(Clone)]
struct Block {
    sigma: Lane,
    act: Lane,
    residue: Lane,
    error: Lane,
    bias: Lane,
    threshold: Lane,
}

/// What is compared from step to step.
#[derive(Debug, Clone, Copy)]
enum Input {
    /// What arrives, shifted by so many bits.
    Arrivals(u8),
    /// The sum of all that has arrived, and the bias.
    Sum(Activation),
}

impl SigmaDelta {
    /// Units that sum.
    pub fn new(delta: &Delta, bias: &[i32], activation: Activation) -> Self {
        Self::of(delta, Some(bias), Input::Sum(activation))
    }

    /// Units that do not.
    pub fn delta(delta: &Delta) -> Self {
        Self::of(delta, None, Input::Arrivals(delta.spike_exp + delta.state_exp))
    }

    fn of(delta: &Delta, bias: Option<&[i32]>, input: Input) -> Self {
        let Delta { vth, spike_exp, state_exp, cum_error } = delta;
        let scaled = |value: &i32| value.wrapping_shl(u32::from(spike_exp + state_exp));
        let none = vec![[0; LANES]; vth.len().div_ceil(LANES)];
        let bias = bias.map_or(none, |bias| lanes(bias.iter().map(scaled), 0));
        // Lanes without a compartment have no bias, so that what they send is 0 whatever the threshold.
        let thresholds = lanes(vth.iter().map(scaled), i32::MAX);
        let block = |(threshold, bias): (&Lane, &Lane)| {
            let zero = [0; LANES];
            Block { sigma: zero, act: zero, residue: zero, error: zero, bias: *bias, threshold: *threshold }
        };
        let blocks = thresholds.iter().zip(&bias).map(block).collect();
        Self { blocks, input, cum_error: *cum_error, state_exp: *state_exp }
    }

    /// A block takes a step.
    pub fn step(&mut self, block: usize, a: &Lane, deeds: &mut Deeds) -> Outcome {
        let Block { sigma, act, residue, error, bias, threshold } = &mut self.blocks[block];
        let Deeds { sent, updated } = deeds;
        let (mut changes, mut sends) = (0, 0);
        for i in 0..LANES {
            let x = match self.input {
                Input::Arrivals(bits) => a[i].wrapping_shl(u32::from(bits)),
                Input::Sum(activation) => {
                    sigma[i] = sigma[i].wrapping_add(a[i]);
                    let x = sigma[i].wrapping_add(bias[i]);
                    match activation {
                        Activation::Unit => x,
                        Activation::Relu => x.max(0),
                    }
                }
            };
            let delta = x.wrapping_sub(act[i]).wrapping_add(residue[i]);
            let compared = if self.cum_error { error[i].wrapping_add(delta) } else { delta };
            let out = if compared.wrapping_abs() >= threshold[i] { delta } else { 0 };
            let left = delta.wrapping_sub(out);
            let mut change = (x ^ act[i]) | (left ^ residue[i]);
            if self.cum_error {
                let after = if out == 0 { compared } else { 0 };
                change |= after ^ error[i];
                error[i] = after;
            }
            (act[i], residue[i], sent[i]) = (x, left, out >> self.state_exp);
            // Where something arrives the sum changes, whatever the activation makes of it.
            updated[i] = change | a[i];
            changes |= updated[i];
            sends |= sent[i];
        }
        Outcome { sends: sends != 0, rests: (changes | sends) == 0 }
    }

    /// A variable of a compartment.
    pub fn state(&self, variable: Variable, block: usize, lane: usize) -> Option<i32> {
        let Block { sigma, act, residue, error, .. } = &self.blocks[block];
        match variable {
            Variable::Sigma => Some(sigma[lane]),
            Variable::Act => Some(act[lane]),
            Variable::Residue => Some(residue[lane]),
            Variable::Error => Some(error[lane]),
            Variable::U | Variable::V | Variable::Re | Variable::Im => None,
        }
    }
}
