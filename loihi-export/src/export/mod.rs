//! Netlists for other tools: one file a format, a free function each.
//!
//! | format | made by | lossy |
//! |---|---|---|
//! | Lava 0.10: data and a Python program that runs them | [`lava::write`] | no; what Lava cannot run is refused |
//! | NetX of lava-dl 0.6, a chain of layers | [`netx::write`], read by [`netx::read`] | [`netx`] says what |
//! | SANA-FE 2.2.9, network and chip as YAML | [`sanafe::write`] | [`sanafe`] says what |
//! | GraphML and DOT, of cores or of neurons | [`graph`] | they are pictures |
//! | JSON | [`to_json`](crate::netlist::to_json) | no |
//!
//! The key decision: an export is the netlist's behavior or an error. Where a format cannot carry something, a
//! function lists all of it as [`Lost`] before anything is written, and the caller decides.

pub mod graph;
pub mod lava;
mod names;
pub mod netx;
pub mod sanafe;

use std::fmt::Display;

use serde::Serialize;

use crate::netlist::Sign;

/// One kind of thing that a format cannot carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{what} ({first}{})", others(.count))]
pub struct Lost {
    /// What is lost, and what the tool does in its place.
    pub what: String,
    /// The first of them.
    pub first: String,
    /// How many there are.
    pub count: usize,
}

fn others(count: &usize) -> String {
    match count.saturating_sub(1) {
        0 => String::new(),
        n => format!(", and {n} more"),
    }
}

/// What is lost, gathered by kind in the order in which it is found.
#[derive(Debug, Default)]
struct Losses(Vec<Lost>);

impl Losses {
    fn add(&mut self, what: &str, first: impl Display) {
        match self.0.iter_mut().find(|lost| lost.what == what) {
            Some(lost) => lost.count += 1,
            None => self.0.push(Lost { what: what.to_owned(), first: first.to_string(), count: 1 }),
        }
    }
}

/// The most faults that a message tells.
const MOST: usize = 20;

/// One fault, or all of them under a heading.
fn all_of(heading: &str, faults: &[impl Display]) -> String {
    match faults {
        [fault] => format!("{heading}: {fault}"),
        faults => {
            let told: String = faults.iter().take(MOST).map(|fault| format!("\n  - {fault}")).collect();
            let more = match faults.len().saturating_sub(MOST) {
                0 => String::new(),
                n => format!("\n  (and {n} more)"),
            };
            format!("{heading}:{told}{more}")
        }
    }
}

/// A weight as the chip stores it: clipped to the range of its sign, without its last bits.
fn stored_weight(weight: i32, bits: u8, sign: Sign) -> i32 {
    let cut = 8 - i32::from(bits) + i32::from(sign == Sign::Mixed);
    let kept = |weight: i32| weight >> cut << cut;
    match sign {
        Sign::Mixed => kept(weight.clamp(-256, 255)),
        Sign::Inhibitory => -kept(-weight.clamp(-255, 0)),
        Sign::Excitatory | Sign::Null => kept(weight.clamp(0, 255)),
    }
}
