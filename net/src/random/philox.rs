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
    let [words] = blocks([counter], key);
    words
}

/// The blocks number `first`, `first + 1`, …, one after the other.
pub(super) fn consecutive(first: u64, index: u64, key: [u32; 2]) -> [u32; WORDS] {
    let counters: [[u32; 4]; LANES] =
        std::array::from_fn(|lane| counter(first.wrapping_add(lane as u64), index));
    let mut words = [0; WORDS];
    words.as_chunks_mut().0.copy_from_slice(&blocks(counters, key));
    words
}

/// The counter of a block of the stream with this index.
pub(super) fn counter(block: u64, index: u64) -> [u32; 4] {
    [block as u32, (block >> 32) as u32, index as u32, (index >> 32) as u32]
}

/// Block `block` of sixteen streams of neighboring indices: word `k` of stream `index + i` at `[k][i]`.
///
/// Words stand in lanes of 64 bits, whose upper halves are ignored: so a product needs no widening, and its
/// lower half no narrowing, and a round is six vector instructions for eight streams.
#[inline(always)]
pub(super) fn neighbors(block: u32, index: u32, mut key: [u32; 2]) -> [[u32; 16]; 4] {
    const LOWER: u64 = u32::MAX as u64;
    let mut counter = [[u64::from(block); 16], [0; 16], [0; 16], [0; 16]];
    counter[2].iter_mut().zip(0..).for_each(|(word, i)| *word = u64::from(index.wrapping_add(i)));
    for _ in 0..ROUNDS {
        let [c0, c1, c2, c3] = &mut counter;
        let (k0, k1) = (u64::from(key[0]), u64::from(key[1]));
        for i in 0..16 {
            let p0 = (c0[i] & LOWER) * MULTIPLIERS[0];
            let p1 = (c2[i] & LOWER) * MULTIPLIERS[1];
            (c0[i], c2[i]) = ((p1 >> 32) ^ c1[i] ^ k0, (p0 >> 32) ^ c3[i] ^ k1);
            (c1[i], c3[i]) = (p1, p0);
        }
        key = next_key(key);
    }
    let mut words = [[0; 16]; 4];
    for (words, lanes) in words.iter_mut().zip(&counter) {
        words.iter_mut().zip(lanes).for_each(|(word, lane)| *word = *lane as u32);
    }
    words
}

#[inline(always)]
fn blocks<const N: usize>(mut counters: [[u32; 4]; N], mut key: [u32; 2]) -> [[u32; 4]; N] {
    for _ in 0..ROUNDS {
        counters.iter_mut().for_each(|counter| *counter = round(*counter, key));
        key = next_key(key);
    }
    counters
}

const ROUNDS: usize = 10;
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

    /// The known answers that come with Random123 (`kat_vectors`, philox4x32 10).
    #[test]
    fn philox_gives_its_authors_answers() {
        let answer = block([0; 4], [0; 2]);
        assert_eq!(answer, [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        let answer = block([u32::MAX; 4], [u32::MAX; 2]);
        assert_eq!(answer, [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        let answer = block([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]);
        assert_eq!(answer, [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]);
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
