//! Discrete recurrent cells, which know no time: LSTM, GRU, plain.
//!
//! Alone they are baselines; before or after a cell that knows time ([`Then`](super::Then)) they are its
//! memory or take its observations. Elapsed time changes nothing in them.

mod gru;
mod lstm;
mod plain;

pub use gru::Gru;
pub use lstm::Lstm;
pub use plain::Plain;

use super::CellError;

/// Refuses a cell without inputs or units.
fn check(n_inputs: usize, units: usize) -> Result<(), CellError> {
    for (what, value) in [("the number of inputs", n_inputs), ("the number of units", units)] {
        if value == 0 {
            return Err(CellError::Argument { what, value: 0.0, must: "above 0" });
        }
    }
    Ok(())
}
