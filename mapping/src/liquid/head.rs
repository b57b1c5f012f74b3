//! The head: sigma neurons that add up what units send.

use rheobase_ltc::cell::{Cell, Ltc};
use rheobase_net::LiquidModel;

use super::fault::Faults;
use super::{LiquidConfig, LiquidError, LiquidFault, LiquidUnit};

/// The head: an answer is a neuron that adds up the changes of the units' states by ordinary weights of the chip,
/// and is read by the host as `scale · sum + bias`. The cell's output map is part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct LiquidHead {
    /// Number of units that it listens to: the first ones.
    pub n_outputs: u32,
    /// Bits of a weight, its sign included.
    pub weight_bits: u8,
    /// As the chip stores weights of both signs, −256 to 254; `[n_outputs, n_answers]`.
    pub weights: Vec<i32>,
    /// What a unit of every answer's sum is; `[n_answers]`.
    pub scale: Vec<f64>,
    /// What is added; `[n_answers]`.
    pub bias: Vec<f64>,
}

impl LiquidHead {
    /// The answer that a sum is.
    pub fn answer(&self, answer: usize, sum: i32) -> f64 {
        self.scale[answer] * f64::from(sum) + self.bias[answer]
    }
}

/// Puts the head into weights: every answer has a scale of its own.
pub(super) fn quantize(
    liquid: &LiquidModel,
    cell: &Ltc,
    effective: &[f64],
    units: &[LiquidUnit],
    config: &LiquidConfig,
) -> Result<LiquidHead, LiquidError> {
    let Floats { n_answers, weights, bias } = floats(liquid, cell, effective);
    let n_outputs = cell.wiring().n_outputs();
    let most_steps = f64::from((1_u32 << (config.head_bits - 1)) - 1);
    // A weight that may have either sign is stored without its last bit, as one of twice as many bits.
    let step = 1_i32 << (9 - config.head_bits);
    let of_answer = |answer: usize| weights.iter().skip(answer).step_by(n_answers);
    let per_step: Vec<f64> = (0..n_answers)
        .map(|answer| match of_answer(answer).fold(0.0, |most: f64, weight| most.max(weight.abs())) {
            0.0 => 1.0,
            most => most / most_steps,
        })
        .collect();
    let whole = |(k, weight): (usize, &f64)| libm::round(weight / per_step[k % n_answers]) as i32 * step;
    let weights: Vec<i32> = weights.iter().enumerate().map(whole).collect();
    let mut faults = Faults::default();
    for answer in 0..n_answers {
        let terms = weights.iter().skip(answer).step_by(n_answers).zip(units);
        let most = terms.map(|(weight, unit)| {
            let [low, high] = unit.hull().map(f64::from);
            f64::from(weight.abs()) * low.abs().max(high.abs())
        });
        let most: f64 = most.sum();
        if most >= f64::from(i32::MAX) {
            faults.push(LiquidFault::Answer { answer, most });
        }
    }
    faults.end()?;
    let scale = per_step.iter().map(|per_step| per_step / f64::from(step) / config.grid()).collect();
    Ok(LiquidHead { n_outputs: n_outputs as u32, weight_bits: config.head_bits, weights, scale, bias })
}

/// A head that has taken in the cell's output map.
struct Floats {
    n_answers: usize,
    weights: Vec<f64>,
    bias: Vec<f64>,
}

fn floats(liquid: &LiquidModel, cell: &Ltc, effective: &[f64]) -> Floats {
    let n_outputs = cell.wiring().n_outputs();
    let of_cell =
        |name: &str| Cell::<f64>::layout(cell).range(name).map_or(&[][..], |range| &effective[range]);
    let (factor, offset) = (of_cell("output_w"), of_cell("output_b"));
    let number = |list: &[f64], k: usize, default: f64| list.get(k).copied().unwrap_or(default);
    let n_answers = liquid.model.n_answers();
    let of_head = |name: &str| {
        let range = liquid.model.layout().range(name);
        range.map_or(Vec::new(), |range| liquid.parameters[range].to_vec())
    };
    let (mut weights, mut bias) = match liquid.model.has_head() {
        true => (of_head("head.weight"), of_head("head.bias")),
        false => {
            let diagonal = |k: usize| if k / n_answers == k % n_answers { 1.0 } else { 0.0 };
            ((0..n_outputs * n_answers).map(diagonal).collect(), vec![0.0; n_answers])
        }
    };
    for (k, row) in weights.chunks_exact_mut(n_answers).enumerate() {
        for (weight, bias) in row.iter_mut().zip(&mut bias) {
            *bias += *weight * number(offset, k, 0.0);
            *weight *= number(factor, k, 1.0);
        }
    }
    Floats { n_answers, weights, bias }
}
