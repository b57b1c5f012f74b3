//! Liquid time-constant networks on a chip whose neurons can be programmed.
//!
//! ```text
//! LiquidModel ─ quantize_liquid ► QuantizedLiquid ─ partition, place, check_liquid ► CheckedLiquid
//!             ─ lower_liquid ► Netlist ─ emulate ► answers, messages ─ price ► energy
//! ```
//! [`LtcProgram`] is what a group of units does, in whole numbers alone and from a netlist alone; the emulator
//! ([`crate::emulate`]) runs it beside all other models, with packets, hops and threads as theirs. One step of the
//! chip is one unfold of the cell: a message takes a step from unit to unit, and the cell's unfold reads the
//! states of the unfold before, so the chip's clock does what the cell does, on one core or on many. An input is
//! sent once a step of the cell; an answer is read `unfolds + 1` steps after its input was sent ([`Timing`]).
//!
//! # What the program needs
//!
//! It is written for a core in the manner of Loihi 2, whose neurons are programs and whose spikes carry 32-bit
//! numbers. What is public of that chip names no cost of an instruction and no division, and no program for a
//! synapse; all costs here are assumed ([`Costs`]). Operations, where → is what a message causes:
//!
//! | | reads of records | of the table | multiplications | additions, shifts, comparisons | divisions |
//! |---|---|---|---|---|---|
//! | → a synapse behind it | 1 | 4 | 7 | 18 | 0 |
//! | a unit's step | 1 | 0 | 1 | 6 | 1 |
//!
//! A synapse goes from the conductance at the old value to that at the new one, so it looks into the table twice,
//! two entries each time. A chip that can run programs for neurons only would give every synapse a compartment;
//! 2,000 of them are a quarter of a core.
//!
//! A unit whose sums and state have not changed since it came to rest is not computed: its next state is its
//! state.

mod cost;
mod lower;
mod program;
mod sigmoid;
mod timing;

pub use cost::{Costs, Energy, Every};
pub use lower::lower_liquid;
pub use program::{LtcProgram, Work};
pub use sigmoid::Sigmoid;
pub use timing::{DeltaEncoder, Timing};
