//! Descriptions of well-known networks, made by functions.

mod balanced;
mod brunel;
mod coba;
mod column;
mod cuba;
mod layered;
mod lsm;
mod pd14;

pub use brunel::brunel_delta;
pub use coba::coba;
pub use column::{
    Background, Channels, ColumnInput, ColumnPlacement, ColumnSpec, PerPair, column, column_grid,
};
pub use cuba::cuba;
pub use layered::{Layer, LayeredSpec, layered};
pub use lsm::{lsm_delta, lsm_exp, lsm_stp};
pub use pd14::{pd14, pd14_reference_rates};
