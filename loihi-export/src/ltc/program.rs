//! What a group of liquid time-constant units does, step by step, in whole numbers.

use serde::{Deserialize, Serialize};

use super::sigmoid::{Sigmoid, shift};
use crate::netlist::{Block, LtcUnits};

/// A group of units while it runs.
///
/// In a step, first everything that arrives is given to [`arrive`](Self::arrive), in any order: sums of whole
/// numbers do not depend on it. Then [`step`](Self::step) takes the units on and says what they send.
#[derive(Debug, Clone)]
pub struct LtcProgram<'n> {
    units: &'n LtcUnits,
    sigmoid: Sigmoid<'n>,
    /// The blocks that end here.
    blocks: Vec<&'n Block>,
    /// What is known of the source of every row; by block.
    known: Vec<Vec<i32>>,
    v: Vec<i32>,
    sent: Vec<i32>,
    /// Σ g erev and Σ g, and with them the leak.
    num: Vec<i64>,
    den: Vec<i64>,
    /// Whether a unit's next state is its state.
    rests: Vec<bool>,
    work: Work,
}

/// What a group has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Work {
    /// Conductances that a message made it compute anew.
    pub synapses: u64,
    /// States that were computed: each a division.
    pub updates: u64,
    /// Values that were sent.
    pub messages: u64,
}

impl std::ops::Add for Work {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            synapses: self.synapses + other.synapses,
            updates: self.updates + other.updates,
            messages: self.messages + other.messages,
        }
    }
}

impl<'n> LtcProgram<'n> {
    /// A group at its start, with all blocks that end at it. They have to be of a valid netlist.
    pub fn new(units: &'n LtcUnits, blocks: Vec<&'n Block>) -> Self {
        let n = units.cm.len();
        let leaks = || units.gleak.iter().map(|gleak| i64::from(*gleak));
        let mut program = Self {
            units,
            sigmoid: Sigmoid::of(units),
            known: blocks.iter().map(|block| vec![0; block.n_rows()]).collect(),
            blocks,
            v: vec![0; n],
            sent: vec![0; n],
            num: leaks().zip(&units.vleak).map(|(gleak, vleak)| gleak * i64::from(*vleak)).collect(),
            den: leaks().zip(&units.cm).map(|(gleak, cm)| gleak + i64::from(*cm)).collect(),
            rests: vec![false; n],
            work: Work::default(),
        };
        // All that is known of sources is 0: the conductances of that are there when a run begins.
        for block in program.blocks.clone() {
            for (target, synapse) in block.target.iter().zip(&block.weight) {
                let synapse = *synapse as usize;
                let g = program.conductance(synapse, 0);
                program.num[*target as usize] += g * i64::from(units.erev[synapse]);
                program.den[*target as usize] += g;
            }
        }
        program
    }

    /// A message arrives at a row of one of the group's blocks: its source has changed by this.
    pub fn arrive(&mut self, block: usize, row: usize, change: i32) {
        let old = self.known[block][row];
        // A sender of another kind may overflow what is known of it, and nothing else.
        let new = old.wrapping_add(change);
        self.known[block][row] = new;
        let of = self.blocks[block];
        let range = of.row(row);
        self.work.synapses += range.len() as u64;
        for i in range {
            let (target, synapse) = (of.target[i] as usize, of.weight[i] as usize);
            let by = self.conductance(synapse, new) - self.conductance(synapse, old);
            if by != 0 {
                self.num[target] += by * i64::from(self.units.erev[synapse]);
                self.den[target] += by;
                self.rests[target] = false;
            }
        }
    }

    /// Takes step `t`; `send` is told the unit, by its place in the group, and by how much it has changed.
    pub fn step(&mut self, t: u32, mut send: impl FnMut(usize, i32)) {
        let LtcUnits { cm, threshold, start, .. } = self.units;
        if t < *start {
            return;
        }
        for (unit, cm) in cm.iter().enumerate() {
            if !self.rests[unit] {
                let v = self.v[unit];
                let new = nearest(i64::from(*cm) * i64::from(v) + self.num[unit], self.den[unit]);
                // A mean of points is a point.
                self.v[unit] = new as i32;
                self.rests[unit] = self.v[unit] == v;
                self.work.updates += 1;
            }
            let change = self.v[unit] - self.sent[unit];
            if change.abs() >= *threshold {
                self.sent[unit] = self.v[unit];
                self.work.messages += 1;
                send(unit, change);
            }
        }
    }

    /// The states; `[n]`.
    pub fn v(&self) -> &[i32] {
        &self.v
    }

    /// What the group has done so far.
    pub fn work(&self) -> Work {
        self.work
    }

    fn conductance(&self, synapse: usize, y: i32) -> i64 {
        let LtcUnits { w, slope, mu, sigmoid_bits, .. } = self.units;
        let open = self.sigmoid.open(y, slope[synapse], mu[synapse]);
        shift(i64::from(w[synapse]) * open, *sigmoid_bits)
    }
}

/// `a / b`, `b > 0`, to the nearest whole number, ties up.
fn nearest(a: i64, b: i64) -> i64 {
    (2 * a + b).div_euclid(2 * b)
}
