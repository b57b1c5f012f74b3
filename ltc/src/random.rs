//! SplitMix64: a random word is a function of a seed and a number, whoever asks for it, and when.
//!
//! The `n`-th word from a seed is that of Steele, Lea & Flood 2014 (doi 10.1145/2660193.2660195), without those
//! before it: their generator adds a constant at every word and hashes the sum.

/// What is added at every word.
const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// The word number `n` from a seed, counted from 0.
#[inline(always)]
pub fn word(seed: u64, n: u64) -> u64 {
    let z = seed.wrapping_add(n.wrapping_add(1).wrapping_mul(GAMMA));
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A hash of a number: the first word from it.
#[inline(always)]
pub(crate) fn mix(x: u64) -> u64 {
    word(x, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From seed 0 by `java.util.SplittableRandom`, whose authors wrote the article; from 1234567 by Vigna's
    /// `splitmix64.c`, as Rosetta Code lists them.
    #[test]
    fn words_are_those_of_the_authors() {
        let of_zero = [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f];
        let of_other: [u64; 5] = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        of_zero.iter().enumerate().for_each(|(n, expected)| assert_eq!(word(0, n as u64), *expected));
        of_other
            .iter()
            .enumerate()
            .for_each(|(n, expected)| assert_eq!(word(1_234_567, n as u64), *expected));
    }
}
