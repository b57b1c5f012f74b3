//! How far states of the chip are from those of the float cell.

use serde::{Deserialize, Serialize};

/// How far numbers are off.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Deviation {
    /// The most.
    pub max: f64,
    /// Root mean square.
    pub rms: f64,
}

/// Deviations of states after every unfold of every sequence.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Deviations {
    /// Of every unit, over all time; `[n_units]`.
    pub units: Vec<Deviation>,
    /// After every unfold of a sequence, over all units.
    pub unfolds: Vec<Deviation>,
    /// Of all.
    pub all: Deviation,
}

/// Sums of deviations.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    units: Vec<Sum>,
    unfolds: Vec<Sum>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    n: u64,
    max: f64,
    squares: f64,
}

impl Sum {
    fn add(&mut self, off: f64) {
        *self = Self { n: self.n + 1, max: self.max.max(off.abs()), squares: self.squares + off * off };
    }

    fn deviation(self) -> Deviation {
        Deviation { max: self.max, rms: (self.squares / self.n.max(1) as f64).sqrt() }
    }
}

impl Tally {
    /// Adds one sequence's differences; `[unfolds, units]`.
    pub fn add(&mut self, differences: &[f64], n_units: usize) {
        self.units.resize(n_units, Sum::default());
        let n_unfolds = (differences.len() / n_units).max(self.unfolds.len());
        self.unfolds.resize(n_unfolds, Sum::default());
        for (row, at) in differences.chunks_exact(n_units).zip(&mut self.unfolds) {
            for (off, unit) in row.iter().zip(&mut self.units) {
                at.add(*off);
                unit.add(*off);
            }
        }
    }

    pub fn deviations(self) -> Deviations {
        let all = self.units.iter().fold(Sum::default(), |all, unit| Sum {
            n: all.n + unit.n,
            max: all.max.max(unit.max),
            squares: all.squares + unit.squares,
        });
        let of = |sums: Vec<Sum>| sums.into_iter().map(Sum::deviation).collect();
        Deviations { units: of(self.units), unfolds: of(self.unfolds), all: all.deviation() }
    }
}
