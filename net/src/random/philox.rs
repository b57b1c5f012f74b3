//! Philox4x32-10, the counter-based generator: a block of four words is a function of a counter and a key.
//!
//! Salmon et al. 2011, doi 10.1145/2063384.2063405. Ten rounds of two multiplications each, one after the
//! other, leave a processor waiting; four blocks side by side keep it busy.

/// Blocks that are made at once.
const LANES: usize = 4;
/// Words of that many blocks.
pub(super) const WORDS: usize = 4 * LANES;

/// One block.
pub(super) fn block(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [words] = blocks::<_, ROUNDS>([counter], key);
    words
}

/// The blocks number `first`, `first + 1`, …, one after the other.
pub(super) fn consecutive(first: u64, index: u64, key: [u32; 2]) -> [u32; WORDS] {
    let counters: [[u32; 4]; LANES] =
        std::array::from_fn(|lane| counter(first.wrapping_add(lane as u64), index));
    let mut words = [0; WORDS];
    words.as_chunks_mut().0.copy_from_slice(&blocks::<_, ROUNDS>(counters, key));
    words
}

/// The counter of a block of the stream with this index.
pub(super) fn counter(block: u64, index: u64) -> [u32; 4] {
    [block as u32, (block >> 32) as u32, index as u32, (index >> 32) as u32]
}

/// The block of counter `(block, index)`, of [`QUICK_ROUNDS`] rounds.
pub(super) fn quick(block: u32, index: u32, key: [u32; 2]) -> [u32; 4] {
    let [words] = blocks::<_, QUICK_ROUNDS>([[block, 0, index, 0]], key);
    words
}

/// Sixteen of them for neighboring indices, in pairs: see [`super::Blocks::sixteen`].
#[inline(always)]
pub(super) fn sixteen(block: u32, index: u32, key: [u32; 2]) -> [[u64; 8]; 4] {
    let (mut words, odd) = (eight(block, index, key), eight(block, index.wrapping_add(1), key));
    for (words, odd) in words.iter_mut().zip(odd) {
        words.iter_mut().zip(odd).for_each(|(word, odd)| *word = *word & LOWER | odd << 32);
    }
    words
}

const LOWER: u64 = u32::MAX as u64;

/// The blocks of counters `(block, index)`, `(block, index + 2)` and so on.
///
/// Words stand in lanes of 64 bits, whose upper halves are ignored: so a product needs no widening, and its
/// lower half no narrowing, and a round is six vector instructions. All counters have the same block and
/// zeros beside it, so the first two rounds are half made of what all share.
#[inline(always)]
fn eight(block: u32, index: u32, key: [u32; 2]) -> [[u64; 8]; 4] {
    let wide = |key: [u32; 2]| (u64::from(key[0]), u64::from(key[1]));
    let (first, second) = (wide(key), wide(next_key(key)));
    let mut key = next_key(next_key(key));

    let shared = u64::from(block) * MULTIPLIERS[0];
    let after_both = ((shared >> 32) ^ first.1) * MULTIPLIERS[1];
    let mut counter = [[0; 8]; 4];
    let [c0, c1, c2, c3] = &mut counter;
    for i in 0..8 {
        let own = u64::from(index.wrapping_add(2 * i as u32)) * MULTIPLIERS[1];
        let p0 = ((own >> 32) ^ first.0) * MULTIPLIERS[0];
        (c0[i], c1[i]) = ((after_both >> 32) ^ own ^ second.0, after_both);
        (c2[i], c3[i]) = ((p0 >> 32) ^ shared ^ second.1, p0);
    }
    for _ in 2..QUICK_ROUNDS {
        let (k0, k1) = wide(key);
        for i in 0..8 {
            let p0 = (c0[i] & LOWER) * MULTIPLIERS[0];
            let p1 = (c2[i] & LOWER) * MULTIPLIERS[1];
            (c0[i], c2[i]) = ((p1 >> 32) ^ c1[i] ^ k0, (p0 >> 32) ^ c3[i] ^ k1);
            (c1[i], c3[i]) = (p1, p0);
        }
        key = next_key(key);
    }
    counter
}

#[inline(always)]
fn blocks<const N: usize, const R: usize>(mut counters: [[u32; 4]; N], mut key: [u32; 2]) -> [[u32; 4]; N] {
    for _ in 0..R {
        counters.iter_mut().for_each(|counter| *counter = round(*counter, key));
        key = next_key(key);
    }
    counters
}

const ROUNDS: usize = 10;
const QUICK_ROUNDS: usize = 7;
const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];

#[inline(always)]
fn round(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let p0 = u64::from(counter[0]) * MULTIPLIERS[0];
    let p1 = u64::from(counter[2]) * MULTIPLIERS[1];
    [(p1 >> 32) as u32 ^ counter[1] ^ key[0], p1 as u32, (p0 >> 32) as u32 ^ counter[3] ^ key[1], p0 as u32]
}

#[inline(always)]
fn next_key(key: [u32; 2]) -> [u32; 2] {
    [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of the counters and keys to which Random123 has the answers (`kat_vectors`, philox4x32).
    fn answers<const R: usize>() -> [[u32; 4]; 3] {
        let pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        [([0; 4], [0; 2]), ([u32::MAX; 4], [u32::MAX; 2]), (pi, [0xa409_3822, 0x299f_31d0])]
            .map(|(counter, key)| blocks::<1, R>([counter], key)[0])
    }

    #[test]
    fn philox_gives_its_authors_answers() {
        let of_ten = [
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8],
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        ];
        let of_seven = [
            [0x5f6f_b709, 0x0d89_3f64, 0x4f12_1f81, 0x4f73_0a48],
            [0x5207_ddc2, 0x4516_5e59, 0x4d8e_e751, 0x8c52_f662],
            [0x4dfc_caba, 0x190a_87f0, 0xc473_62ba, 0xb6b5_242a],
        ];
        assert_eq!((answers::<ROUNDS>(), answers::<QUICK_ROUNDS>()), (of_ten, of_seven));
    }

    #[test]
    fn sixteen_blocks_at_once_are_those_one_by_one() {
        let key = [0xa409_3822, 0x299f_31d0];
        for (index, block) in [(0, 0), (7, 1), (u32::MAX - 7, 12_345), (1 << 31, u32::MAX)] {
            let words = sixteen(block, index, key);
            for lane in 0..16 {
                let found = words.map(|words| (words[lane / 2] >> (32 * (lane % 2))) as u32);
                assert_eq!(found, quick(block, index.wrapping_add(lane as u32), key), "lane {lane}");
            }
        }
    }

    #[test]
    fn blocks_side_by_side_are_those_one_by_one() {
        let key = [0xa409_3822, 0x299f_31d0];
        let (first, index) = (u64::from(u32::MAX) - 1, 0x0370_7344_1319_8a2e);
        let words = consecutive(first, index, key);
        for (lane, words) in words.as_chunks().0.iter().enumerate() {
            assert_eq!(*words, block(counter(first + lane as u64, index), key), "lane {lane}");
        }
    }
}
