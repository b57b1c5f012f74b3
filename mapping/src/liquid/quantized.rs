//! A liquid network in whole numbers.

use super::LiquidHead;

/// A liquid network in whole numbers. Only [`quantize_liquid`](super::quantize_liquid) makes one.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct QuantizedLiquid {
    /// Number of inputs.
    pub n_inputs: u32,
    /// What a step of the chip means, in the model's own unit of time.
    pub dt: f64,
    /// What its numbers mean.
    pub format: LiquidFormat,
    /// The units, in the order of the cell.
    pub units: Vec<LiquidUnit>,
    /// The head.
    pub head: LiquidHead,
    /// By how much one step of a unit can be off at most: see [`bound`](super::bound); `[n_units]`.
    pub bound: Vec<f64>,
    /// What the host makes of a (scaled) input before it sends it, `w x + b`; `[n_inputs]` pairs.
    pub input_map: Vec<[f64; 2]>,
}

/// What the numbers of a quantized liquid network mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiquidFormat {
    /// Steps of the chip for a step of the cell.
    pub unfolds: u32,
    /// Points are in 2^−`state_bits`.
    pub state_bits: u8,
    /// Slopes are in 2^−`slope_fraction`.
    pub slope_fraction: i32,
    /// Bits by which the product of a slope and a difference of points is shifted, to nearest.
    pub slope_shift: u8,
    /// Arguments of sigmoids are in 2^−`z_bits`.
    pub z_bits: u8,
    /// Sigmoids are in 2^−`sigmoid_bits`.
    pub sigmoid_bits: u8,
    /// The sigmoid from 0 to 16; `[2^table_bits + 1]`.
    pub table: Vec<i32>,
    /// By how much a state has to change before it is sent.
    pub threshold: i32,
    /// By how much an input has to change before it is sent.
    pub input_threshold: i32,
    /// All conductances of a unit sum to at most 2^`conductance_bits`.
    pub conductance_bits: u8,
    /// Bits of a slope.
    pub slope_bits: u8,
}

/// A unit. Its conductances are in a scale of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiquidUnit {
    /// Capacitance over the time of an unfold, a conductance; ≥ 1.
    pub cm: i32,
    /// Leak conductance.
    pub gleak: i32,
    /// Reversal of the leak.
    pub vleak: i32,
    /// Its synapses, first those from units and then those from inputs, by source.
    pub synapses: Vec<LiquidSynapse>,
}

/// A synapse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiquidSynapse {
    /// Where it comes from.
    pub source: SourceNode,
    /// Its largest conductance.
    pub w: i32,
    /// Slope of its sigmoid.
    pub slope: i32,
    /// Middle of its sigmoid.
    pub mu: i32,
    /// Its reversal.
    pub erev: i32,
}

/// Where a synapse comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceNode {
    /// A unit.
    Unit(u32),
    /// An input.
    Input(u32),
}

impl QuantizedLiquid {
    /// Number of units.
    pub fn n_units(&self) -> u32 {
        self.units.len() as u32
    }

    /// Number of answers.
    pub fn n_answers(&self) -> u32 {
        self.head.scale.len() as u32
    }

    /// Number of synapses of units.
    pub fn n_synapses(&self) -> usize {
        self.units.iter().map(|unit| unit.synapses.len()).sum()
    }

    /// The value that is sent for an input, as it comes from the task (scaled).
    pub fn input(&self, input: usize, x: f64) -> i32 {
        let [w, b] = self.input_map[input];
        let most = f64::from((1_i32 << super::POINT_BITS) - 1);
        let grid = f64::from(1_u32 << self.format.state_bits);
        libm::round((w * x + b) * grid).clamp(-most, most) as i32
    }

    /// The state that a number of the grid is.
    pub fn state(&self, v: i32) -> f64 {
        f64::from(v) / f64::from(1_u32 << self.format.state_bits)
    }

    /// Bits of the table in the memory of every core.
    pub fn table_bits(&self) -> u64 {
        self.format.table.len() as u64 * u64::from(self.format.sigmoid_bits)
    }

    /// Bits of a synapse of a unit, but for the number of its target: conductance, slope, middle, reversal.
    pub fn synapse_bits(&self) -> u32 {
        let widest = |number: fn(&LiquidSynapse) -> i32| {
            let numbers = self.units.iter().flat_map(|unit| &unit.synapses).map(number);
            let most = numbers.map(i32::unsigned_abs).max().unwrap_or(0);
            u32::BITS - most.leading_zeros() + 1
        };
        let LiquidFormat { conductance_bits, slope_bits, .. } = self.format;
        u32::from(conductance_bits) + u32::from(slope_bits) + widest(|s| s.mu) + widest(|s| s.erev)
    }

    /// Bits that the sum of a unit can take, sign and rounding included: of conductances times points.
    pub fn sum_bits(&self) -> u32 {
        let of = |unit: &LiquidUnit| {
            let conductance: i64 = unit.conductance();
            let [low, high] = unit.hull();
            let most = conductance.unsigned_abs() * u64::from(low.unsigned_abs().max(high.unsigned_abs()));
            u64::BITS - most.leading_zeros() + 2
        };
        self.units.iter().map(of).max().unwrap_or(0)
    }
}

impl LiquidUnit {
    /// Between which points its state stays: 0, where it starts, and all reversals.
    pub fn hull(&self) -> [i32; 2] {
        let points = self.synapses.iter().map(|synapse| synapse.erev).chain([self.vleak]);
        points.fold([0, 0], |[low, high], point| [low.min(point), high.max(point)])
    }

    /// The most that all its conductances can sum to.
    pub fn conductance(&self) -> i64 {
        let synapses: i64 = self.synapses.iter().map(|synapse| i64::from(synapse.w)).sum();
        i64::from(self.cm) + i64::from(self.gleak) + synapses
    }
}
