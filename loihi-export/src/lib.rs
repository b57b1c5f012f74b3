//! From a checked mapping to a netlist, from the netlist to the tools that run it, and a chip in software that
//! gives the same integers.

pub mod cost;
pub mod emulate;
pub mod export;
pub mod ltc;
pub mod netlist;
pub mod sanafe;

mod lower;

pub use lower::lower;
