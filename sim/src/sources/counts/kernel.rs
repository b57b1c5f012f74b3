//! Counts of groups of sources, in a form that compilers vectorize.

use pulp::NullaryFnOnce;

use super::{Counts, GROUP, Group};

/// Sources whose bits lie in a word of sixteen blocks.
const LANES: usize = 32;

/// Blocks that a group has.
pub(super) const BLOCKS: u32 = 16;

/// One draw; a type of its own and not a closure, whose calls are not always inlined into the vector code.
pub(super) struct Draw<'a> {
    pub counts: &'a Counts,
    /// The first group.
    pub first: u32,
    pub step: u32,
    pub room: &'a mut [Group],
}

/// The lanes whose bits do not decide, and the bits of all.
pub(super) struct Undecided {
    pub which: u32,
    pub drawn: [u16; LANES],
}

impl Draw<'_> {
    /// Draws group after group: `count` makes counts of the words of sixteen blocks, and tells of every word
    /// which lanes are not decided.
    #[inline(always)]
    pub fn groups(self, mut count: impl FnMut([[u64; 8]; 4], &mut [[u16; LANES]; 4]) -> [u32; 4]) {
        let Self { counts, first, step, room } = self;
        for (group, number) in room.iter_mut().zip(first..) {
            let words = counts.blocks.sixteen(number * BLOCKS, step);
            let Some(of_words) = group.as_chunks_mut().0.first_chunk_mut() else { continue };
            let undecided = count(words, of_words);
            for (k, which) in undecided.into_iter().enumerate().filter(|(_, which)| *which != 0) {
                let first = number * GROUP + (k * LANES) as u32;
                counts.decide(step, first, &Undecided { which, drawn: halves(&words[k]) }, &mut of_words[k]);
            }
        }
    }
}

/// The halves of two words in each number, the lowest first.
#[inline(always)]
fn halves(pairs: &[u64; 8]) -> [u16; LANES] {
    let bytes = pairs.map(u64::to_le_bytes);
    let mut halves = [0; LANES];
    for (half, bytes) in halves.iter_mut().zip(bytes.as_flattened().as_chunks().0) {
        *half = u16::from_le_bytes(*bytes);
    }
    halves
}

/// The same order among signed numbers, which AVX2 compares in one instruction.
#[inline(always)]
fn signed(x: u16) -> i16 {
    (x ^ 0x8000).cast_signed()
}

impl NullaryFnOnce for Draw<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Counts { usual, limit, .. } = self.counts;
        self.groups(
            #[inline(always)]
            |words: [[u64; 8]; 4], counts: &mut [[u16; LANES]; 4]| {
                let mut undecided = [0; 4];
                for ((words, counts), undecided) in words.iter().zip(counts).zip(&mut undecided) {
                    let drawn = halves(words).map(signed);
                    let (mut above, mut ties) = ([0_u16; LANES], [0_u16; LANES]);
                    for threshold in usual {
                        let threshold = signed(*threshold);
                        for i in 0..LANES {
                            above[i] += u16::from(drawn[i] > threshold);
                            ties[i] |= u16::from(drawn[i] == threshold);
                        }
                    }
                    let (limit, mut any) = (signed(*limit), 0);
                    for i in 0..LANES {
                        ties[i] |= u16::from(drawn[i] >= limit);
                        any |= ties[i];
                    }
                    if any != 0 {
                        *undecided = (0..LANES).fold(0, |all, i| all | u32::from(ties[i]) << i);
                    }
                    *counts = above;
                }
                undecided
            },
        );
    }
}
