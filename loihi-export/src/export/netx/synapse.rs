//! What NetX makes of a layer's weights: `optimize_weight_bits` of lava-dl's `netx/utils.py`, and then what Lava's
//! connection, which is given no sign mode, does with them.
//!
//! The first scales all weights of a layer by the same power of two, so that they fill 8 bits, and gives the
//! exponent that undoes it. The second takes the signs of *each* matrix as it finds them, clips it and cuts the last
//! `k` bits. Both agree on `k` unless a matrix has one sign and the layer has both, or zeros beside weights below 0:
//! then `k` is one less, and if it would be −1, NumPy's shift by it leaves nothing but zeros.

use crate::netlist::Sign;

/// How a layer's weights are scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaling {
    /// The power of two that weights are multiplied by, and sums divided.
    pub scale_bits: u32,
    /// The bits that Lava is told, 0 to 9.
    pub weight_bits: i32,
}

/// Why NetX cannot scale weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// All are 0.
    AllZero,
    /// One is beyond 8 bits and all have its sign.
    Beyond {
        /// Which.
        entry: usize,
        /// What it is.
        weight: i32,
    },
}

/// A matrix as Lava runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The weights, cut.
    pub weights: Vec<i32>,
    /// Their signs.
    pub sign: Sign,
    /// How many of the last bits are cut; below 0 where that leaves nothing.
    pub cut: i32,
}

/// The range that weights of both signs are clipped to.
pub const MIXED: [i32; 2] = [-256, 254];

/// Clips weights of both signs; those of one sign are left alone.
pub fn clip(weights: &mut [i32]) {
    let (mut least, mut most) = range(weights.iter().copied());
    let clip = |weights: &mut [i32]| {
        weights.iter_mut().for_each(|weight| *weight = (*weight).clamp(MIXED[0], MIXED[1]));
        range(weights.iter().copied())
    };
    if most > MIXED[1] && least < 0 {
        most = clip(weights).1;
    }
    if least < MIXED[0] && most > 0 {
        (least, most) = clip(weights);
    }
    debug_assert!(least <= most);
}

/// How weights that are clipped are scaled.
pub fn scaling(weights: impl Iterator<Item = i32> + Clone) -> Result<Scaling, Unfit> {
    let (least, most) = range(weights.clone());
    if (least, most) == (0, 0) {
        return Err(Unfit::AllZero);
    }
    let is_beyond = |weight: &i32| *weight < -256 || *weight > 255;
    if let Some((entry, weight)) = weights.clone().enumerate().find(|(_, weight)| is_beyond(weight)) {
        return Err(Unfit::Beyond { entry, weight });
    }
    let is_signed = most >= 0 && least < 0;
    let scale_bits = if most < 0 {
        log2(256, -least)
    } else if least >= 0 {
        log2(255, most)
    } else {
        let up = if most > 0 { log2(127, most) } else { i32::MAX - 1 };
        up.min(log2(128, -least)) + 1
    };
    let common = (1..=8).rev().find(|n| weights.clone().all(|weight| weight % (1 << n) == 0)).unwrap_or(0);
    let weight_bits = 8 - scale_bits - (common - i32::from(is_signed));
    let scale_bits = u32::try_from(scale_bits).expect("a weight within −256 to 255 is not scaled down");
    Ok(Scaling { scale_bits, weight_bits })
}

/// A matrix of a layer as Lava runs it.
pub fn stored(weights: &[i32], scaling: Scaling) -> Stored {
    let scaled = weights.iter().map(|weight| weight << scaling.scale_bits);
    let (least, most) = range(weights.iter().copied());
    let sign = match (least, most) {
        (0.., _) => Sign::Excitatory,
        (_, ..=0) => Sign::Inhibitory,
        _ => Sign::Mixed,
    };
    let cut = 8 - scaling.weight_bits + i32::from(sign == Sign::Mixed);
    let kept = |weight: i32| match u32::try_from(cut) {
        Ok(cut) => weight >> cut << cut,
        Err(_) => 0,
    };
    let stored = |weight: i32| match sign {
        Sign::Mixed => kept(weight.clamp(-256, 255)),
        Sign::Inhibitory => -kept((-weight).clamp(0, 255)),
        Sign::Excitatory | Sign::Null => kept(weight.clamp(0, 255)),
    };
    Stored { weights: scaled.map(stored).collect(), sign, cut }
}

/// The greatest `s` with `2^s ≤ a / b`; both are above 0.
fn log2(a: i32, b: i32) -> i32 {
    match a >= b {
        true => (a / b).ilog2() as i32,
        // 2^s ≤ a / b < 1 where b ≤ a · 2^−s.
        false => -(1..).find(|s| i64::from(b) <= i64::from(a) << s).unwrap_or(31),
    }
}

fn range(weights: impl Iterator<Item = i32>) -> (i32, i32) {
    weights.fold((i32::MAX, i32::MIN), |(least, most), weight| (least.min(weight), most.max(weight)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What lava-dl 0.6.0 and lava-nc 0.10.0 made of these matrices: the scale, the bits, and the weights after
    /// `optimize_weight_bits` of the one and `determine_sign_mode`, `clip_weights` and `truncate_weights` of the other.
    #[test]
    fn weights_become_those_of_netx() {
        for (weights, scale_bits, weight_bits, expected) in [
            (&[1, 2, 3] as &[i32], 6, 2, vec![64, 128, 192]),
            (&[100, -100, 33] as &[i32], 1, 8, vec![200, -200, 66]),
            (&[200, -3, 5] as &[i32], 0, 9, vec![200, -3, 5]),
            (&[-256, 254, 1] as &[i32], 0, 9, vec![-256, 254, 1]),
            (&[127, -128, 0] as &[i32], 1, 8, vec![254, -256, 0]),
            (&[-1, -1, -1] as &[i32], 8, 0, vec![0, 0, 0]),
            (&[-64, -3, -1] as &[i32], 2, 6, vec![-252, -12, -4]),
            (&[-64, 0, -3] as &[i32], 2, 7, vec![-254, 0, -12]),
            (&[-200, 0, -3] as &[i32], 0, 9, vec![0, 0, 0]),
            (&[-256, -256, -256] as &[i32], 0, 0, vec![0, 0, 0]),
            (&[255, 3, 1] as &[i32], 0, 8, vec![255, 3, 1]),
            (&[128, 64, 0] as &[i32], 0, 2, vec![128, 64, 0]),
            (&[16, -32, 48] as &[i32], 2, 3, vec![64, -128, 192]),
            (&[-255, -1, -2] as &[i32], 0, 8, vec![-255, -1, -2]),
            (&[2, 0, 0] as &[i32], 6, 1, vec![128, 0, 0]),
            (&[-2, 0, 0] as &[i32], 7, 1, vec![-128, 0, 0]),
            (&[64, -64, 32] as &[i32], 1, 3, vec![128, -128, 64]),
            (&[-128, 126, 2] as &[i32], 1, 7, vec![-256, 252, 4]),
            (&[254, -2, 0] as &[i32], 0, 8, vec![254, -2, 0]),
        ] {
            let scaling = scaling(weights.iter().copied()).expect("the weights fit");
            assert_eq!(scaling, Scaling { scale_bits, weight_bits }, "{weights:?}");
            assert_eq!(stored(weights, scaling).weights, expected, "{weights:?}");
        }
    }

    #[test]
    fn what_netx_fails_on_is_told() {
        assert_eq!(scaling([0, 0].into_iter()), Err(Unfit::AllZero));
        assert_eq!(scaling([1, 256].into_iter()), Err(Unfit::Beyond { entry: 1, weight: 256 }));
        let mut weights = [300, -300, 7];
        clip(&mut weights);
        assert_eq!(weights, [254, -256, 7]);
    }
}
