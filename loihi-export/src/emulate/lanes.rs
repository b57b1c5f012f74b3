//! Compartments side by side.

/// Compartments that take their steps together.
pub(super) const LANES: usize = 64;

/// A number of each of them.
pub(super) type Lane = [i32; LANES];

/// A column of a group: its values 64 by 64, and `padding` behind the last.
pub(super) fn lanes(values: impl IntoIterator<Item = i32>, padding: i32) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    for (i, value) in values.into_iter().enumerate() {
        if i.is_multiple_of(LANES) {
            lanes.push([padding; LANES]);
        }
        lanes[i / LANES][i % LANES] = value;
    }
    lanes
}

/// What is left of `x` after a step: `sign(x) · ((|x| · m) >> 12)`, rounded towards 0.
///
/// The product has up to 44 bits. `|x| = 4096 h + l` makes two of it, `h m` and `l m`, that fit into 32 bits, so
/// that it goes sixteen at a time.
#[inline(always)]
pub(super) fn decay(x: i32, m: u32) -> i32 {
    let magnitude = x.unsigned_abs();
    let (high, low) = (magnitude >> 12, magnitude & 0xfff);
    let kept = high.wrapping_mul(m).wrapping_add(low.wrapping_mul(m) >> 12) as i32;
    let sign = x >> 31;
    (kept ^ sign).wrapping_sub(sign)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of_the_page(x: i32, m: u32) -> i32 {
        let x = i64::from(x);
        (x.signum() * ((x.abs() * i64::from(m)) >> 12)) as i32
    }

    proptest! {
        #[test]
        fn a_decay_in_two_halves_is_that_of_64_bits(x: i32, m in 0..=4096_u32) {
            prop_assert_eq!(decay(x, m), of_the_page(x, m));
        }
    }

    #[test]
    fn a_decay_of_the_largest_numbers_fits() {
        for x in [i32::MIN, i32::MIN + 1, -1, 0, 1, 4095, 4096, i32::MAX] {
            for m in [0, 1, 4095, 4096] {
                assert_eq!(decay(x, m), of_the_page(x, m), "{x} {m}");
            }
        }
    }

    #[test]
    fn a_column_is_padded() {
        let column = lanes(0..70, -1);
        assert_eq!((column.len(), column[1][5], column[1][6], column[1][63]), (2, 69, -1, -1));
        assert!(lanes([], 0).is_empty());
    }
}
