//! From a checked mapping to a netlist, from the netlist to the tools that run it, and a chip in software that
//! gives the same integers.

pub mod emulate;
pub mod ltc;
pub mod netlist;

mod lower;

pub use lower::lower;
