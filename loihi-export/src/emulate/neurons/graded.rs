//! Models without memory: what arrives in a step is sent in it, or lost.

use super::{Deeds, LANES, Lane, Outcome, lanes};

/// Sends its sum where that is above a threshold.
pub(in crate::emulate) struct Graded {
    vth: Vec<Lane>,
    rectified: bool,
}

impl Graded {
    /// The compartments.
    pub fn new(vth: &[i32], rectified: bool) -> Self {
        Self { vth: lanes(vth.iter().copied(), i32::MAX), rectified }
    }

    /// A block takes a step.
    pub fn step(&self, block: usize, a: &Lane, deeds: &mut Deeds) -> Outcome {
        let vth = &self.vth[block];
        for i in 0..LANES {
            let size = if self.rectified { a[i] } else { a[i].wrapping_abs() };
            deeds.sent[i] = if size > vth[i] { a[i] } else { 0 };
        }
        without_memory(deeds)
    }
}

/// Sends the product of its two inputs.
pub(in crate::emulate) struct Product {
    vth: Vec<Lane>,
    exp: u8,
}

impl Product {
    /// The compartments.
    pub fn new(vth: &[i32], exp: u8) -> Self {
        Self { vth: lanes(vth.iter().copied(), i32::MAX), exp }
    }

    /// A block takes a step.
    pub fn step(&self, block: usize, a: &Lane, second: &Lane, deeds: &mut Deeds) -> Outcome {
        let vth = &self.vth[block];
        for i in 0..LANES {
            let v = a[i].wrapping_mul(second[i]) >> self.exp;
            deeds.sent[i] = if v.wrapping_abs() > vth[i] { v } else { 0 };
        }
        without_memory(deeds)
    }
}

fn without_memory(deeds: &mut Deeds) -> Outcome {
    deeds.updated = deeds.sent;
    let sends = deeds.sent.iter().any(|message| *message != 0);
    Outcome { sends, rests: !sends }
}
