//! From a checked mapping to a netlist, from the netlist to the tools that run it, and a chip in software that
//! gives the same integers.
//!
//! ```text
//! CheckedMapping, QuantizedNetwork ─ lower ► ValidNetlist ─ write │ read ─┬─ emulate ► Recording, Work
//!                                                                         ├─ emulate_priced ► and energy, time
//!                                                                         └─ export ► Lava, NetX, SANA-FE, graphs
//! ```
//!
//! The key decision: the netlist file is the contract. [`lower`] is the last that sees a network; [`emulate`],
//! [`export`] and [`cost`] know what the cores hold and nothing else, so whatever they agree about is in the file,
//! and what a tool does with an export can be held to the emulator spike for spike. The emulator is written from
//! the chips' integer rules alone and shares nothing with the simulator.

pub mod cost;
pub mod emulate;
pub mod export;
pub mod ltc;
pub mod netlist;
pub mod sanafe;

mod lower;

pub use lower::lower;
