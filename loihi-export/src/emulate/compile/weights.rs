//! What weights are on the chip.

use crate::emulate::Profile;
use crate::netlist::{Link, Sign};

/// Bits by which a weight and what arrives are shifted to become a current.
pub(super) const CURRENT_BITS: u32 = 6;
/// brian2-loihi's largest weight: 21 bits of which the last six are 0.
const BRIAN_LIMIT: i64 = (1 << 21) - (1 << 6);

/// How the weights of a block act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Action {
    pub kind: Kind,
    /// Whether a message's number counts, or only that there is one.
    pub graded: bool,
}

/// What a weight adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The number that was made of it beforehand.
    Exact,
    /// Its share of a sum that is rounded down when it is shifted right by so many bits.
    Rounded {
        /// The bits.
        shift: u8,
    },
}

/// How a block's weights act at a profile.
pub(super) fn action(link: &Link, profile: Profile) -> Action {
    match link {
        Link::Weights { weight_exp, weight_bits: _, sign: _, message_bits } => {
            let kind = match (profile, u8::try_from(-i16::from(*weight_exp))) {
                (Profile::Lava010, Ok(shift @ 1..)) => Kind::Rounded { shift },
                (Profile::Lava010 | Profile::NengoLoihi11 | Profile::Brian2Loihi05, _) => Kind::Exact,
            };
            Action { kind, graded: *message_bits > 0 }
        }
        Link::Scaled | Link::Float { .. } => Action { kind: Kind::Exact, graded: false },
        Link::Direct | Link::Ltc => Action { kind: Kind::Exact, graded: true },
    }
}

/// What a weight adds to the sum of its target, or to the sum that is rounded; `unit` are the bits from what arrives
/// to the current.
pub(super) fn acting(weight: i32, link: &Link, profile: Profile, unit: u32) -> i32 {
    match link {
        Link::Weights { weight_exp, weight_bits, sign, message_bits: _ } => {
            let stored = stored(weight, *weight_bits, *sign, profile);
            match (profile, action(link, profile).kind) {
                (_, Kind::Rounded { .. }) => stored,
                // The sum may be shifted as well as every part of it: both wrap at 32 bits.
                (Profile::Lava010, Kind::Exact) => {
                    let bits = weight_exp.unsigned_abs() as u32 + unit;
                    if bits < 32 { stored.wrapping_shl(bits) } else { 0 }
                }
                (Profile::NengoLoihi11, Kind::Exact) => (scaled(stored, *weight_exp) << unit) as i32,
                (Profile::Brian2Loihi05, Kind::Exact) => {
                    (scaled(stored, *weight_exp) << unit).clamp(-BRIAN_LIMIT, BRIAN_LIMIT) as i32
                }
            }
        }
        Link::Scaled | Link::Float { .. } => weight,
        // A program has its own numbers, and this is the place of one.
        Link::Ltc => weight,
        Link::Direct => 1 << unit,
    }
}

/// The weight as it is stored: clipped to what its sign allows, and cut to its bits.
fn stored(weight: i32, weight_bits: u8, sign: Sign, profile: Profile) -> i32 {
    let (least, flips, lost) = match sign {
        Sign::Mixed => (-256, false, 9 - u32::from(weight_bits)),
        Sign::Excitatory | Sign::Null => (0, false, 8 - u32::from(weight_bits)),
        Sign::Inhibitory => (0, true, 8 - u32::from(weight_bits)),
    };
    let magnitude = if flips { weight.wrapping_neg() } else { weight }.clamp(least, 255);
    let cut = match profile {
        Profile::Lava010 | Profile::NengoLoihi11 => (magnitude >> lost) << lost,
        Profile::Brian2Loihi05 => magnitude / (1 << lost) * (1 << lost),
    };
    if flips { -cut } else { cut }
}

/// `weight · 2^exp`, down.
fn scaled(weight: i32, exp: i8) -> i64 {
    let weight = i64::from(weight);
    if exp >= 0 { weight << exp } else { weight >> -exp }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAVA: Profile = Profile::Lava010;

    #[test]
    fn a_weight_is_clipped_by_its_sign_and_cut_to_its_bits() {
        // From the page of the chip: mixed weights lose one bit more, towards −∞; inhibitory ones as their
        // magnitudes.
        for (weight, bits, sign, expected) in [
            (-1, 8, Sign::Mixed, -2),
            (255, 8, Sign::Mixed, 254),
            (-300, 8, Sign::Mixed, -256),
            (255, 8, Sign::Excitatory, 255),
            (-3, 8, Sign::Excitatory, 0),
            (-3, 8, Sign::Null, 0),
            (-255, 8, Sign::Inhibitory, -255),
            (5, 8, Sign::Inhibitory, 0),
            (-7, 6, Sign::Inhibitory, -4),
            (-5, 7, Sign::Mixed, -8),
        ] {
            assert_eq!(stored(weight, bits, sign, LAVA), expected, "{weight} {bits} {sign:?}");
        }
        assert_eq!(stored(-5, 7, Sign::Mixed, Profile::Brian2Loihi05), -4);
    }

    #[test]
    fn exponents_shift_sums_in_lava_and_weights_elsewhere() {
        let link =
            |weight_exp| Link::Weights { weight_exp, weight_bits: 8, sign: Sign::Mixed, message_bits: 0 };
        assert_eq!(action(&link(-2), LAVA).kind, Kind::Rounded { shift: 2 });
        assert_eq!(action(&link(-2), Profile::NengoLoihi11).kind, Kind::Exact);
        assert_eq!(acting(6, &link(-2), LAVA, 6), 6);
        assert_eq!(acting(6, &link(2), LAVA, 6), 6 << 8);
        assert_eq!(acting(-6, &link(-2), Profile::NengoLoihi11, 6), -2 * 64);
        assert_eq!(acting(254, &link(7), Profile::Brian2Loihi05, 6), 254 << 13);
        assert_eq!(acting(-256, &link(7), Profile::Brian2Loihi05, 6), -((1 << 21) - 64));
    }
}
