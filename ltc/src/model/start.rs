//! What parameters start from, and the range that they are held in.
//!
//! The LTC cell of `ncps` and that of the LTC paper's code are the same synapses with other starts:
//!
//! | parameter | `library` (ncps) | `paper` |
//! |---|---|---|
//! | `gleak` | U(0.001, 1), ≥ 0 | 1, in \[1e-5, 1000\] |
//! | `cm` | U(0.4, 0.6), ≥ 0 | 0.5, in \[1e-6, 1000\] |
//! | `w`, `sensory_w` | U(0.001, 1), ≥ 0 | U(0.01, 1), in \[1e-5, 1000\] |
//! | `erev`, `sensory_erev` | the wiring's polarities | +1 or −1, equally likely, of every seed anew |
//!
//! All else is the same. Other cells have one start.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::AnyCell;
use crate::Real;

/// Where parameters come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// As the cell's library draws and holds them.
    #[default]
    Library,
    /// As the code of the LTC paper draws and holds those of an LTC cell.
    Paper,
}

/// The largest value that the paper's code allows.
const MOST: f64 = 1000.0;

pub(super) fn cell<R: Real>(cell: &AnyCell, start: Start, rng: &mut impl Rng) -> Vec<R> {
    let mut parameters: Vec<R> = cell.start(rng);
    if start == Start::Library || cell.kind() != "ltc" {
        return parameters;
    }
    for block in cell.layout().blocks() {
        let values = &mut parameters[block.range.clone()];
        match block.name.as_str() {
            "gleak" => values.fill(R::ONE),
            "cm" => values.fill(R::of(0.5)),
            "w" | "sensory_w" => values.iter_mut().for_each(|w| *w = R::of(rng.random_range(0.01..1.0))),
            "erev" | "sensory_erev" => {
                let sign = |is_positive: bool| if is_positive { R::ONE } else { -R::ONE };
                values.iter_mut().for_each(|erev| *erev = sign(rng.random_bool(0.5)));
            }
            _ => {}
        }
    }
    parameters
}

pub(super) fn clip<R: Real>(cell: &AnyCell, start: Start, raw: &mut [R]) {
    if start == Start::Library || cell.kind() != "ltc" {
        return cell.clip(raw);
    }
    for block in cell.layout().blocks() {
        let least = match block.name.as_str() {
            "gleak" | "w" | "sensory_w" => 1e-5,
            "cm" => 1e-6,
            _ => continue,
        };
        raw[block.range.clone()].iter_mut().for_each(|x| *x = x.larger(R::of(least)).smaller(R::of(MOST)));
    }
}
