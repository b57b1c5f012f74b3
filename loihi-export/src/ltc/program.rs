//! What a group of liquid time-constant units does, step by step, in whole numbers.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::sigmoid::{Sigmoid, shift};
use crate::netlist::{Block, LtcUnits};

/// A group of units while it runs.
///
/// In a step, first comes [`begin`](Self::begin), then everything that arrives is given to
/// [`arrive`](Self::arrive), in any order: sums of whole numbers do not depend on it. Then [`step`](Self::step) takes
/// units on and says what they send.
#[derive(Debug, Clone)]
pub struct LtcProgram {
    units: LtcUnits,
    sigmoid: Sigmoid,
    /// The blocks that end here.
    blocks: Vec<Rows>,
    v: Vec<i32>,
    sent: Vec<i32>,
    /// Σ g erev and Σ g, and with them the leak.
    num: Vec<i64>,
    den: Vec<i64>,
    /// Whether a unit's next state is its state.
    rests: Vec<bool>,
    /// Whether steps are taken already.
    runs: bool,
    work: Work,
}

/// The rows of a block.
#[derive(Debug, Clone)]
struct Rows {
    /// What is known of the source of every row.
    known: Vec<i32>,
    first: Vec<u32>,
    /// Unit and place in the lists of synapses.
    ends: Vec<(u32, u32)>,
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

impl LtcProgram {
    /// A group at its start, with all blocks that end at it. They have to be of a valid netlist.
    pub fn new(units: &LtcUnits, blocks: &[&Block]) -> Self {
        let n = units.cm.len();
        let leaks = || units.gleak.iter().map(|gleak| i64::from(*gleak));
        let rows = |block: &&Block| Rows {
            known: vec![0; block.n_rows()],
            first: block.first.clone(),
            ends: block.target.iter().copied().zip(block.weight.iter().map(|place| *place as u32)).collect(),
        };
        let mut program = Self {
            sigmoid: Sigmoid::of(units),
            blocks: blocks.iter().map(rows).collect(),
            v: vec![0; n],
            sent: vec![0; n],
            num: leaks().zip(&units.vleak).map(|(gleak, vleak)| gleak * i64::from(*vleak)).collect(),
            den: leaks().zip(&units.cm).map(|(gleak, cm)| gleak + i64::from(*cm)).collect(),
            rests: vec![false; n],
            runs: false,
            work: Work::default(),
            units: units.clone(),
        };
        // All that is known of sources is 0: the conductances of that are there when a run begins.
        for (target, synapse) in blocks.iter().flat_map(|block| block.target.iter().zip(&block.weight)) {
            let (target, synapse) = (*target as usize, *synapse as usize);
            let g = program.conductance(synapse, 0);
            program.num[target] += g * i64::from(units.erev[synapse]);
            program.den[target] += g;
        }
        program
    }

    /// Step `t` begins.
    pub fn begin(&mut self, t: u32) {
        self.runs = t >= self.units.start;
    }

    /// A message arrives at a row of one of the group's blocks: its source has changed by this.
    pub fn arrive(&mut self, block: usize, row: usize, change: i32) {
        let Rows { known, first, .. } = &mut self.blocks[block];
        let old = known[row];
        // A sender of another kind may overflow what is known of it, and nothing else.
        let new = old.wrapping_add(change);
        known[row] = new;
        let range = first[row] as usize..first[row + 1] as usize;
        self.work.synapses += range.len() as u64;
        for i in range {
            let (target, synapse) = self.blocks[block].ends[i];
            let (target, synapse) = (target as usize, synapse as usize);
            let by = self.conductance(synapse, new) - self.conductance(synapse, old);
            if by != 0 {
                self.num[target] += by * i64::from(self.units.erev[synapse]);
                self.den[target] += by;
                self.rests[target] = false;
            }
        }
    }

    /// Takes some units through the step; `send` is told the unit and by how much it has changed. Says whether the
    /// same step again would change nothing.
    pub fn step(&mut self, units: Range<usize>, mut send: impl FnMut(usize, i32)) -> bool {
        if !self.runs {
            return false;
        }
        let mut all_rest = true;
        for unit in units {
            if self.rests[unit] {
                continue;
            }
            let v = self.v[unit];
            let new = nearest(i64::from(self.units.cm[unit]) * i64::from(v) + self.num[unit], self.den[unit]);
            // A mean of points is a point.
            self.v[unit] = new as i32;
            self.rests[unit] = self.v[unit] == v;
            all_rest &= self.rests[unit];
            self.work.updates += 1;
            let change = self.v[unit] - self.sent[unit];
            if change.abs() >= self.units.threshold {
                self.sent[unit] = self.v[unit];
                self.work.messages += 1;
                send(unit, change);
            }
        }
        all_rest
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
        let LtcUnits { w, slope, mu, sigmoid_bits, .. } = &self.units;
        let open = self.sigmoid.open(y, slope[synapse], mu[synapse]);
        shift(i64::from(w[synapse]) * open, *sigmoid_bits)
    }
}

/// `a / b`, `b > 0`, to the nearest whole number, ties up.
fn nearest(a: i64, b: i64) -> i64 {
    (2 * a + b).div_euclid(2 * b)
}
