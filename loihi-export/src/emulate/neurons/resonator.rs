//! Resonate and fire.

use super::{Deeds, LANES, Lane, Outcome, Variable, lanes};
use crate::netlist::Resonator;

/// The largest potential.
const LIMIT: i64 = (1 << 23) - 1;

/// Resonators: real and imaginary part are turned and damped in every step, and spike where the imaginary part comes
/// up through 0 with the real part at the threshold, or, by Izhikevich's rule, where it reaches the threshold itself.
pub(in crate::emulate) struct Resonators {
    blocks: Vec<Block>,
    state_exp: u8,
    decay_bits: u8,
    izhikevich: bool,
}

/// 64 of them.
#[derive(Clone)]
struct Block {
    re: Lane,
    im: Lane,
    sin: Lane,
    cos: Lane,
    threshold: Lane,
}

impl Resonators {
    /// The compartments at their start.
    pub fn new(resonator: &Resonator) -> Self {
        let Resonator { sin_decay, cos_decay, vth, state_exp, decay_bits, izhikevich } = resonator;
        let [sin, cos] = [sin_decay, cos_decay].map(|decay| lanes(decay.iter().copied(), 0));
        let thresholds = lanes(vth.iter().copied(), i32::MAX);
        let block = |((sin, cos), threshold): ((&Lane, &Lane), &Lane)| {
            let zero = [0; LANES];
            Block { re: zero, im: zero, sin: *sin, cos: *cos, threshold: *threshold }
        };
        let blocks = sin.iter().zip(&cos).zip(&thresholds).map(block).collect();
        Self { blocks, state_exp: *state_exp, decay_bits: *decay_bits, izhikevich: *izhikevich }
    }

    /// A block takes a step.
    pub fn step(&mut self, block: usize, a_re: &Lane, a_im: &Lane, deeds: &mut Deeds) -> Outcome {
        let Block { re, im, sin, cos, threshold } = &mut self.blocks[block];
        let bits = self.decay_bits;
        let (mut changes, mut sends) = (0, false);
        for i in 0..LANES {
            let [was_re, was_im] = [re[i], im[i]].map(i64::from);
            let [sin, cos] = [sin[i], cos[i]].map(i64::from);
            let [in_re, in_im] =
                [a_re[i], a_im[i]].map(|a| i64::from(a.wrapping_shl(u32::from(self.state_exp))));
            let turned_re = scale(cos * was_re, bits) - scale(sin * was_im, bits) + in_re;
            let turned_im = scale(sin * was_re, bits) + scale(cos * was_im, bits) + in_im;
            let [mut new_re, mut new_im] = [turned_re, turned_im].map(|x| x.clamp(-LIMIT, LIMIT));
            let threshold = i64::from(threshold[i]);
            let spikes = if self.izhikevich {
                new_im >= threshold
            } else {
                new_re >= threshold && new_im >= 0 && was_im < 0
            };
            if self.izhikevich && spikes {
                (new_re, new_im) = (0, threshold - 1);
            }
            let change = (new_re ^ was_re) | (new_im ^ was_im);
            changes |= change;
            sends |= spikes;
            // Izhikevich's threshold may lie outside of the limits; it is kept in 32 bits.
            (re[i], im[i]) = (new_re as i32, new_im as i32);
            (deeds.sent[i], deeds.updated[i]) = (i32::from(spikes), i32::from(change != 0));
        }
        Outcome { sends, rests: changes == 0 && !sends }
    }

    /// A variable of a compartment.
    pub fn state(&self, variable: Variable, block: usize, lane: usize) -> Option<i32> {
        match variable {
            Variable::Re => Some(self.blocks[block].re[lane]),
            Variable::Im => Some(self.blocks[block].im[lane]),
            Variable::U
            | Variable::V
            | Variable::Sigma
            | Variable::Act
            | Variable::Residue
            | Variable::Error => None,
        }
    }
}

/// `x / 2^bits`, rounded towards 0.
fn scale(x: i64, bits: u8) -> i64 {
    x.signum() * (x.abs() >> bits)
}
