//! Descriptions of well-known networks, made by functions.

mod column;
mod layered;
mod lsm;

pub use column::{
    Background, Channels, ColumnInput, ColumnPlacement, ColumnSpec, PerPair, column, column_grid,
};
pub use layered::{Layer, LayeredSpec, layered};
pub use lsm::{lsm_delta, lsm_exp};
