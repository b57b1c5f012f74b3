//! The sigmoid as a table.
//!
//! It has 2^`table_bits` + 1 numbers, from σ(0) to σ(16) at equal distances, in 2^−`sigmoid_bits`; between two of
//! them a program goes along a line, beyond the last it stays there, and below 0 it takes 1 − σ(−z). Its error is
//! the sum of
//!
//! ```text
//! d²/8 · max|σ''|      of the line over an interval d = 16/2^table_bits;  max|σ''| = 1/(6√3)
//! σ(−16)               beyond the end
//! 2 · ½ · 2^−sigmoid_bits      of the rounded numbers, and of the rounded line between them
//! ¼ · ½ · 2^−z_bits            of the rounded argument; max σ' = ¼
//! ```

use super::LiquidFormat;

/// The table goes to 2^`RANGE_BITS` = 16, where a sigmoid is 1 but for 1.1e-7.
pub const RANGE_BITS: u8 = 4;

/// The numbers of the table.
pub(super) fn of(table_bits: u8, sigmoid_bits: u8) -> Vec<i32> {
    let one = f64::from(1_u32 << sigmoid_bits);
    let step = f64::from(1_u32 << RANGE_BITS) / f64::from(1_u32 << table_bits);
    (0..=1_u32 << table_bits).map(|i| libm::round(one * sigmoid(step * f64::from(i))) as i32).collect()
}

/// By how much the table's answer to a rounded argument can differ from the sigmoid.
pub(super) fn error(format: &LiquidFormat) -> f64 {
    let unit = |bits: u8| 1.0 / f64::from(1_u32 << bits);
    let end = f64::from(1_u32 << RANGE_BITS);
    let interval = end / (format.table.len() - 1) as f64;
    let steepest_change = 1.0 / (6.0 * 3.0_f64.sqrt());
    let argument = if format.slope_shift == 0 { 0.0 } else { unit(format.z_bits) / 8.0 };
    interval * interval / 8.0 * steepest_change + sigmoid(-end) + unit(format.sigmoid_bits) + argument
}

/// 1/(1 + e^−z)
pub(super) fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-z))
}
