//! Packed synapses: target and weight side by side, so that a run of them is one stream of memory.
//!
//! | bytes | target | weight |
//! |---|---|---|
//! | 2, 4 | narrow, wide | none: it stands in the kind, or belongs to a run |
//! | 6, 8 | narrow, wide | single precision |
//! | 10, 12 | narrow, wide | double precision |
//!
//! A narrow target takes two bytes, a wide one four; what it is, is the lane of a neuron, counted inside its
//! class. So the number of bytes says what a synapse is.

/// A synapse: so many bytes.
pub(crate) trait Packed: Copy {
    /// How its target is given.
    type Target: Target;
    /// Whether it has a weight of its own.
    const HAS_WEIGHT: bool;

    /// Packs a synapse; `weight` is kept if there is room for it.
    fn pack(lane: u32, weight: f64) -> Self;
    /// The lane of its target.
    fn target(self) -> Self::Target;
    /// Its own weight; 0 if it has none.
    fn weight(self) -> f64;
}

/// The lane of a target.
pub(crate) trait Target: Copy {
    /// Values that any target can be a place of.
    type Values: ?Sized;

    /// The values from a class's first lane on, as far as a target can reach.
    fn reach(values: &mut [f64]) -> &mut Self::Values;

    /// The value of the target.
    fn of(self, values: &mut Self::Values) -> &mut f64;

    /// The place of the target.
    fn place(self) -> usize;
}

/// So many lanes two bytes can tell apart: a class that is addressed by two bytes has as many values behind
/// its first, used or not, and then no target needs a check.
pub(crate) const NARROW: usize = 1 << 16;

impl Target for u16 {
    type Values = [f64; NARROW];

    #[inline(always)]
    fn reach(values: &mut [f64]) -> &mut Self::Values {
        values.first_chunk_mut().expect("lanes reach as far as two bytes do")
    }

    #[inline(always)]
    fn of(self, values: &mut Self::Values) -> &mut f64 {
        &mut values[usize::from(self)]
    }

    #[inline(always)]
    fn place(self) -> usize {
        usize::from(self)
    }
}

impl Target for u32 {
    type Values = [f64];

    #[inline(always)]
    fn reach(values: &mut [f64]) -> &mut Self::Values {
        values
    }

    #[inline(always)]
    fn of(self, values: &mut Self::Values) -> &mut f64 {
        &mut values[self as usize]
    }

    #[inline(always)]
    fn place(self) -> usize {
        self as usize
    }
}

// These are single loads and stores; words of two bytes that are joined would not be.

#[inline(always)]
fn first<const N: usize, const M: usize>(bytes: [u8; N]) -> [u8; M] {
    *bytes.first_chunk().expect("a part is not larger than the whole")
}

#[inline(always)]
fn last<const N: usize, const M: usize>(bytes: [u8; N]) -> [u8; M] {
    *bytes.last_chunk().expect("a part is not larger than the whole")
}

#[inline(always)]
fn join<const N: usize, const M: usize, const L: usize>(target: [u8; N], weight: [u8; M]) -> [u8; L] {
    let mut bytes = [0; L];
    bytes[..N].copy_from_slice(&target);
    bytes[N..].copy_from_slice(&weight);
    bytes
}

impl Packed for [u8; 2] {
    type Target = u16;
    const HAS_WEIGHT: bool = false;

    #[inline(always)]
    fn pack(lane: u32, _weight: f64) -> Self {
        (lane as u16).to_ne_bytes()
    }

    #[inline(always)]
    fn target(self) -> u16 {
        u16::from_ne_bytes(first(self))
    }

    #[inline(always)]
    fn weight(self) -> f64 {
        0.0
    }
}

impl Packed for [u8; 4] {
    type Target = u32;
    const HAS_WEIGHT: bool = false;

    #[inline(always)]
    fn pack(lane: u32, _weight: f64) -> Self {
        lane.to_ne_bytes()
    }

    #[inline(always)]
    fn target(self) -> u32 {
        u32::from_ne_bytes(first(self))
    }

    #[inline(always)]
    fn weight(self) -> f64 {
        0.0
    }
}

impl Packed for [u8; 6] {
    type Target = u16;
    const HAS_WEIGHT: bool = true;

    #[inline(always)]
    fn pack(lane: u32, weight: f64) -> Self {
        join((lane as u16).to_ne_bytes(), (weight as f32).to_ne_bytes())
    }

    #[inline(always)]
    fn target(self) -> u16 {
        u16::from_ne_bytes(first(self))
    }

    #[inline(always)]
    fn weight(self) -> f64 {
        f32::from_ne_bytes(last(self)).into()
    }
}

impl Packed for [u8; 8] {
    type Target = u32;
    const HAS_WEIGHT: bool = true;

    #[inline(always)]
    fn pack(lane: u32, weight: f64) -> Self {
        join(lane.to_ne_bytes(), (weight as f32).to_ne_bytes())
    }

    #[inline(always)]
    fn target(self) -> u32 {
        u32::from_ne_bytes(first(self))
    }

    #[inline(always)]
    fn weight(self) -> f64 {
        f32::from_ne_bytes(last(self)).into()
    }
}

impl Packed for [u8; 10] {
    type Target = u16;
    const HAS_WEIGHT: bool = true;

    #[inline(always)]
    fn pack(lane: u32, weight: f64) -> Self {
        join((lane as u16).to_ne_bytes(), weight.to_ne_bytes())
    }

    #[inline(always)]
    fn target(self) -> u16 {
        u16::from_ne_bytes(first(self))
    }

    #[inline(always)]
    fn weight(self) -> f64 {
        f64::from_ne_bytes(last(self))
    }
}

impl Packed for [u8; 12] {
    type Target = u32;
    const HAS_WEIGHT: bool = true;

    #[inline(always)]
    fn pack(lane: u32, weight: f64) -> Self {
        join(lane.to_ne_bytes(), weight.to_ne_bytes())
    }

    #[inline(always)]
    fn target(self) -> u32 {
        u32::from_ne_bytes(first(self))
    }

    #[inline(always)]
    fn weight(self) -> f64 {
        f64::from_ne_bytes(last(self))
    }
}

/// Evaluates an expression with the bytes of a table cut into its synapses.
macro_rules! with_packed {
    ($bytes:expr, $size:expr, $packed:ident => $value:expr) => {
        with_packed!(as_chunks, $bytes, $size, $packed => $value)
    };
    ($cut:ident, $bytes:expr, $size:expr, $packed:ident => $value:expr) => {
        with_packed!($cut, $bytes, $size, $packed => $value; 2 4 6 8 10 12)
    };
    ($cut:ident, $bytes:expr, $size:expr, $packed:ident => $value:expr; $($n:literal)*) => {
        match $size {
            $($n => {
                let $packed = $bytes.$cut::<$n>().0;
                $value
            })*
            _ => unreachable!("a synapse has two to twelve bytes"),
        }
    };
}
pub(crate) use with_packed;

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip<P: Packed>(lane: u32, weight: f64, expected: f64) {
        let packed = P::pack(lane, weight);
        assert_eq!(packed.target().place(), lane as usize);
        assert_eq!(packed.weight(), if P::HAS_WEIGHT { expected } else { 0.0 });
    }

    #[test]
    fn what_is_packed_comes_out_again() {
        for weight in [0.0, -87.8, 0.1, f64::MIN_POSITIVE, 1e300] {
            let single = f64::from(weight as f32);
            for lane in [0, 1, 65_535] {
                round_trip::<[u8; 2]>(lane, weight, 0.0);
                round_trip::<[u8; 6]>(lane, weight, single);
                round_trip::<[u8; 10]>(lane, weight, weight);
            }
            for lane in [0, 65_536, u32::MAX] {
                round_trip::<[u8; 4]>(lane, weight, 0.0);
                round_trip::<[u8; 8]>(lane, weight, single);
                round_trip::<[u8; 12]>(lane, weight, weight);
            }
        }
    }
}
