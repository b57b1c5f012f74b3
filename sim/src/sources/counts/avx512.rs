//! Counts of groups of sources by instructions of AVX-512 that compilers do not find: comparisons of 32 numbers
//! of 16 bits whose results are counted under a mask, and one look-up for all ties. Half the time of what they
//! make of `kernel.rs`, whose counts these are.

use std::arch::x86_64::__m512i;

use pulp::NullaryFnOnce;
use pulp::x86::V4;

use super::kernel;

/// So many thresholds and the limit are in one register.
pub(super) const MOST_THRESHOLDS: usize = 31;

/// One draw.
pub(super) struct Draw<'a> {
    pub simd: V4,
    pub draw: kernel::Draw<'a>,
}

impl NullaryFnOnce for Draw<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { simd, draw } = self;
        let (f, bw) = (simd.avx512f, simd.avx512bw);
        let counts = draw.counts;
        // By the number of thresholds that a lane is above: the next one.
        let mut next = [counts.limit; MOST_THRESHOLDS + 1];
        next[..counts.usual.len()].copy_from_slice(&counts.usual);
        let next: __m512i = pulp::cast(next);
        let minus_one = f._mm512_set1_epi16(-1);
        draw.groups(
            #[inline(always)]
            |words: [[u64; 8]; 4], of_words: &mut [[u16; 32]; 4]| {
                let drawn: [__m512i; 4] = words.map(pulp::cast);
                let mut above = [f._mm512_setzero_si512(); 4];
                for threshold in &counts.usual {
                    let threshold = f._mm512_set1_epi16(threshold.cast_signed());
                    for (above, drawn) in above.iter_mut().zip(drawn) {
                        let is_above = bw._mm512_cmpgt_epu16_mask(drawn, threshold);
                        *above = bw._mm512_mask_sub_epi16(*above, is_above, *above, minus_one);
                    }
                }
                *of_words = above.map(pulp::cast);
                // Who is not below the next threshold is at it, or over the limit.
                std::array::from_fn(|k| {
                    bw._mm512_cmpge_epu16_mask(drawn[k], bw._mm512_permutexvar_epi16(above[k], next))
                })
            },
        );
    }
}
