//! How a liquid network is put into whole numbers.

use serde::{Deserialize, Serialize};

/// How a liquid network is put into whole numbers.
///
/// | name | default | unit | meaning |
/// |---|---|---|---|
/// | `state_bits` | 14 | bits | of a state behind the point; inputs, reversals and middles have as many |
/// | `conductance_bits` | 16 | bits | of the sum of all conductances of a unit |
/// | `slope_bits` | 12 | bits | of the steepest slope, its sign included |
/// | `sigmoid_bits` | 16 | bits | of a sigmoid behind the point |
/// | `table_bits` | 7 | bits | the sigmoid is a table of 2^7 + 1 numbers, with lines between them |
/// | `threshold` | 0.002 | | by how much a state has to change before it is sent; 0: by anything |
/// | `input_threshold` | 0.002 | | the same of an input, as synapses see it |
/// | `head_bits` | 8 | bits | of a weight of the head |
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LiquidConfig {
    /// Bits of a state behind the point, 4 to 20.
    pub state_bits: u8,
    /// Bits of the sum of all conductances of a unit, 6 to 24.
    pub conductance_bits: u8,
    /// Bits of the steepest slope, 4 to 16.
    pub slope_bits: u8,
    /// Bits of a sigmoid behind the point, 6 to 20.
    pub sigmoid_bits: u8,
    /// The sigmoid's table has 2^`table_bits` intervals, 2 to 12.
    pub table_bits: u8,
    /// By how much a state has to change before it is sent, ≥ 0.
    pub threshold: f64,
    /// By how much an input has to change before it is sent, ≥ 0.
    pub input_threshold: f64,
    /// Bits of a weight of the head, 2 to 8.
    pub head_bits: u8,
}

impl Default for LiquidConfig {
    fn default() -> Self {
        Self {
            state_bits: 14,
            conductance_bits: 16,
            slope_bits: 12,
            sigmoid_bits: 16,
            table_bits: 7,
            threshold: 0.002,
            input_threshold: 0.002,
            head_bits: 8,
        }
    }
}

impl LiquidConfig {
    /// A threshold in units of the grid, at least 1: every change.
    pub(super) fn in_grid(&self, threshold: f64) -> i32 {
        libm::round(threshold * self.grid()).clamp(1.0, f64::from(1 << super::POINT_BITS)) as i32
    }

    /// Units of the grid in 1.
    pub(super) fn grid(&self) -> f64 {
        f64::from(1_u32 << self.state_bits)
    }
}
