//! Shells: the cells around a cell, the likeliest first.

use super::Distance;
use super::cells::Cells;
use crate::generate::draw::Skip;
use crate::random::Stream;

/// The offsets of the cells that a source may reach, by falling bound.
#[derive(Debug)]
pub(super) struct Shells {
    shells: Vec<Shell>,
    /// How many slots of a cell are visited.
    n_slots: u32,
}

/// One offset.
#[derive(Debug, Clone, Copy)]
struct Shell {
    offset: [i32; 3],
    /// No pair of points at this offset has a higher probability.
    bound: f64,
    skip: Skip,
}

impl Shells {
    /// The most offsets that are looked at: their table should stay in the cache.
    const MOST: f64 = (1 << 19) as f64;

    /// The offsets of a rule over these cells; `None` if they are too many.
    pub(super) fn new(rule: &Distance, cells: &Cells) -> Option<Self> {
        // exp(−745) is the last that is above 0.
        let reach = rule.cutoff().min(27.3 * rule.lambda);
        let radius: [i32; 3] = std::array::from_fn(|axis| {
            let (low, high) = cells.spread[axis];
            let spread = low.abs().max(high.abs());
            let cells_away = ((reach + spread) / cells.side[axis]).ceil().min(f64::from(i32::MAX));
            (cells_away as i32).min(cells.n[axis] - 1)
        });
        if radius.iter().map(|r| 2.0 * f64::from(*r) + 1.0).product::<f64>() > 4.0 * Self::MOST {
            return None;
        }
        let mut shells = Vec::new();
        for z in -radius[2]..=radius[2] {
            for y in -radius[1]..=radius[1] {
                for x in -radius[0]..=radius[0] {
                    let offset = [x, y, z];
                    let bound = bound(rule, cells, offset);
                    if bound > 0.0 {
                        shells.push(Shell { offset, bound, skip: Skip::new(bound) });
                    }
                }
            }
        }
        if shells.len() as f64 > Self::MOST {
            return None;
        }
        // A stable sort: equal bounds stay in the order of the loops above.
        shells.sort_by(|a, b| b.bound.total_cmp(&a.bound));
        Some(Self { shells, n_slots: 0 })
    }

    /// How many slots a source reaches on average for one slot a cell, at most.
    pub(super) fn reached(&self) -> f64 {
        self.shells.iter().map(|shell| shell.bound).sum()
    }

    /// How many slots a source reaches on average, at most.
    #[cfg(test)]
    pub(super) fn reached_slots(&self) -> f64 {
        self.reached() * f64::from(self.n_slots)
    }

    /// The same shells with so many slots a cell.
    pub(super) fn with_slots(self, n_slots: u32) -> Self {
        Self { n_slots, ..self }
    }

    /// Calls `at(stream, offset, slot, bound)` for slots that are reached: each for itself, with the
    /// probability `bound`, which is no less than the highest of its cell.
    #[inline]
    pub(super) fn reach(&self, stream: &mut Stream, mut at: impl FnMut(&mut Stream, [i32; 3], u32, f64)) {
        let Some(mut last) = self.shells.first() else { return };
        let n_slots = u64::from(self.n_slots);
        let end = (self.shells.len() as u64 * n_slots) as f64;
        let mut place = last.skip.draw(stream);
        while place < end {
            let (shell, slot) = match n_slots {
                1 => (place as u64, 0),
                n => (place as u64 / n, place as u64 % n),
            };
            let shell = &self.shells[shell as usize];
            at(stream, shell.offset, slot as u32, last.bound);
            last = shell;
            place += 1.0 + last.skip.draw(stream);
        }
    }
}

/// The highest probability of a pair whose cells are `offset` apart.
fn bound(rule: &Distance, cells: &Cells, offset: [i32; 3]) -> f64 {
    let nearest2: f64 = (0..3)
        .map(|axis| {
            let away = f64::from(offset[axis]) * cells.side[axis];
            let (low, high) = (away + cells.spread[axis].0, away + cells.spread[axis].1);
            // A little nearer than computed, so that rounding cannot put a pair beyond its bound.
            let nearest = if low > 0.0 { low } else { (-high).max(0.0) } - 1e-9 * cells.side[axis];
            nearest.max(0.0).powi(2)
        })
        .sum();
    rule.probability(nearest2)
}
