//! Finds the few values of many that are at or above a level.

use std::ops::Range;

use pulp::{Arch, NullaryFnOnce};

use super::lanes::BLOCK;

/// A block of values and its level.
pub(super) trait Above {
    /// Whether one of some values is at or above the level, in vector code.
    fn any(&self, range: Range<usize>) -> bool;
}

/// Values `r y`.
pub(super) struct OneMode<'a> {
    pub y: &'a [f64],
    pub r: f64,
    pub gap: f64,
}

impl Above for OneMode<'_> {
    #[inline(always)]
    fn any(&self, range: Range<usize>) -> bool {
        let Self { y, r, gap } = *self;
        y[range].iter().fold(false, |any, y| any | (r * y >= gap))
    }
}

/// Values `r y + c_ex ex + c_in inh`, at the end of a step and of the next.
pub(super) struct ThreeModes<'a> {
    pub y: &'a [f64],
    pub ex: &'a [f64],
    pub inh: &'a [f64],
    /// r, c_ex, c_in.
    pub now: [f64; 3],
    pub next: [f64; 3],
    pub gap: f64,
}

impl Above for ThreeModes<'_> {
    #[inline(always)]
    fn any(&self, range: Range<usize>) -> bool {
        let Self { y, ex, inh, now, next, gap } = *self;
        let values = y[range.clone()].iter().zip(&ex[range.clone()]).zip(&inh[range]);
        let sum = |[r, c_ex, c_in]: [f64; 3], y, ex, inh| r * y + c_ex * ex + c_in * inh;
        values.fold(false, |any, ((y, ex), inh)| {
            any | (sum(now, y, ex, inh) >= gap) | (sum(next, y, ex, inh) >= gap)
        })
    }
}

/// Values of a block that are looked at together when there is something in the block.
const PIECE: usize = 8;

/// Appends the places of the values that are at or above their level, block by block, but for blocks that
/// may be skipped.
pub(super) fn find<A: Above>(
    arch: Arch,
    size: usize,
    skip: impl Fn(usize) -> bool,
    found: &mut Vec<u32>,
    block: impl Fn(Range<usize>) -> A,
) {
    arch.dispatch(Search { size, skip, found, block });
}

/// A type of its own and not a closure, whose calls are not always inlined into the vector code.
struct Search<'a, S, B> {
    size: usize,
    skip: S,
    found: &'a mut Vec<u32>,
    block: B,
}

impl<A: Above, S: Fn(usize) -> bool, B: Fn(Range<usize>) -> A> NullaryFnOnce for Search<'_, S, B> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { size, skip, found, block } = self;
        for start in (0..size).step_by(BLOCK) {
            if skip(start / BLOCK) {
                continue;
            }
            let n = BLOCK.min(size - start);
            let values = block(start..start + n);
            if !values.any(0..n) {
                continue;
            }
            for piece in (0..n).step_by(PIECE) {
                let piece = piece..(piece + PIECE).min(n);
                if values.any(piece.clone()) {
                    let places = piece.filter(|i| values.any(*i..*i + 1));
                    found.extend(places.map(|i| (start + i) as u32));
                }
            }
        }
    }
}
