//! Leaky integrate and fire, as Lava and nengo-loihi do it.

use pulp::{Arch, NullaryFnOnce};

use super::{Deeds, LANES, Lane, Outcome, Variable, lanes};
use crate::emulate::Profile;
use crate::emulate::lanes::decay;
use crate::netlist::Lif;

/// The largest current, 2²³, and what is taken from one above it.
const U_LIMIT: i32 = 1 << 23;
const U_SPAN: i32 = 1 << 24;
/// Bits of nengo-loihi's sum of arrivals, and of its currents, beside the sign.
const ARRIVAL_BITS: u32 = 21;
const CURRENT_BITS: u32 = 23;

/// LIF compartments, those with resets and those with two thresholds.
pub(in crate::emulate) struct LifGroup {
    blocks: Vec<Block>,
    v_min: i32,
    v_max: i32,
    kernel: Kernel,
}

/// 64 of them.
#[derive(Clone)]
struct Block {
    u: Lane,
    v: Lane,
    /// Steps for which the potential is still held.
    held: Lane,
    /// What is left of a current after a step, in 1 / 4096.
    keeps_u: Lane,
    keeps_v: Lane,
    bias: Lane,
    threshold: Lane,
    /// The lower threshold of those that have two.
    threshold_lo: Lane,
    /// Steps for which a spike holds the potential.
    holds: Lane,
}

/// Which of the loops is theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kernel {
    nengo: bool,
    ternary: bool,
    holds: bool,
}

impl LifGroup {
    /// The compartments at their start.
    pub fn new(lif: &Lif, vth_lo: Option<&[i32]>, profile: Profile) -> Self {
        let Lif { du, dv, vth, bias_mant, bias_exp, refractory, u, v, v_min, v_max } = lif;
        let bias = bias_mant.iter().zip(bias_exp).map(|(mantissa, exponent)| shift(*mantissa, *exponent));
        let thresholds = |vth: &[i32], none| lanes(vth.iter().map(|vth| vth << 6), none);
        let kernel = Kernel {
            nengo: profile == Profile::NengoLoihi11,
            ternary: vth_lo.is_some(),
            holds: refractory.iter().any(|steps| *steps > 1),
        };
        let columns = [
            lanes(u.iter().copied(), 0),
            lanes(v.iter().copied(), 0),
            lanes(du.iter().map(|du| 4095 - du), 0),
            lanes(dv.iter().map(|dv| 4096 - dv), 0),
            lanes(bias, 0),
            // Lanes without a compartment never reach these.
            thresholds(vth, i32::MAX),
            vth_lo.map_or_else(
                || vec![[i32::MIN; LANES]; vth.len().div_ceil(LANES)],
                |vth| thresholds(vth, i32::MIN),
            ),
            lanes(refractory.iter().map(|steps| steps - 1), 0),
        ];
        let block = |k: usize| {
            let [u, v, keeps_u, keeps_v, bias, threshold, threshold_lo, holds] =
                std::array::from_fn(|column| columns[column][k]);
            Block { u, v, held: [0; LANES], keeps_u, keeps_v, bias, threshold, threshold_lo, holds }
        };
        let blocks = (0..columns[0].len()).map(block).collect();
        Self { blocks, v_min: *v_min, v_max: *v_max, kernel }
    }

    /// A block takes a step.
    #[inline]
    pub fn step(&mut self, arch: Arch, block: usize, a: &Lane, deeds: &mut Deeds) -> Outcome {
        let (block, limits) = (&mut self.blocks[block], [self.v_min, self.v_max]);
        let Kernel { nengo, ternary, holds } = self.kernel;
        match (nengo, ternary, holds) {
            (false, false, false) => arch.dispatch(Step::<false, false, false> { block, a, deeds, limits }),
            (false, false, true) => arch.dispatch(Step::<false, false, true> { block, a, deeds, limits }),
            (false, true, false) => arch.dispatch(Step::<false, true, false> { block, a, deeds, limits }),
            (false, true, true) => arch.dispatch(Step::<false, true, true> { block, a, deeds, limits }),
            // nengo-loihi has one threshold.
            (true, _, false) => arch.dispatch(Step::<true, false, false> { block, a, deeds, limits }),
            (true, _, true) => arch.dispatch(Step::<true, false, true> { block, a, deeds, limits }),
        }
    }

    /// Sets current and potential to 0 and says whether that changed anything.
    pub fn reset(&mut self) -> bool {
        let mut before = 0;
        for Block { u, v, .. } in &mut self.blocks {
            before |= u.iter().chain(v.iter()).fold(0, |bits, value| bits | value);
            (*u, *v) = ([0; LANES], [0; LANES]);
        }
        before != 0
    }

    /// A variable of a compartment.
    pub fn state(&self, variable: Variable, block: usize, lane: usize) -> Option<i32> {
        match variable {
            Variable::U => Some(self.blocks[block].u[lane]),
            Variable::V => Some(self.blocks[block].v[lane]),
            Variable::Sigma
            | Variable::Act
            | Variable::Residue
            | Variable::Error
            | Variable::Re
            | Variable::Im => None,
        }
    }
}

/// A mantissa and its exponent; below 0, down.
pub(super) fn shift(mantissa: i32, exponent: i32) -> i32 {
    if exponent >= 0 { mantissa.wrapping_shl(exponent as u32) } else { mantissa >> -exponent }
}

/// One step of 64 compartments; a type of its own and not a closure, whose calls are not always inlined into the
/// vector code.
struct Step<'a, const NENGO: bool, const TERNARY: bool, const HOLDS: bool> {
    block: &'a mut Block,
    /// What arrives, in units of the current.
    a: &'a Lane,
    deeds: &'a mut Deeds,
    limits: [i32; 2],
}

impl<const NENGO: bool, const TERNARY: bool, const HOLDS: bool> NullaryFnOnce
    for Step<'_, NENGO, TERNARY, HOLDS>
{
    type Output = Outcome;

    #[inline(always)]
    fn call(self) -> Outcome {
        let Self { block, a, deeds, limits: [v_min, v_max] } = self;
        let Deeds { sent, updated } = deeds;
        let Block { u, v, held, keeps_u, keeps_v, bias, threshold, threshold_lo, holds } = block;
        let (mut changes, mut sends) = (0, 0);
        for i in 0..LANES {
            let (current, drive) = if NENGO {
                let arrival = wrap::<ARRIVAL_BITS>(a[i]);
                let current = wrap::<CURRENT_BITS>(decay(u[i], keeps_u[i] as u32).wrapping_add(arrival));
                (current, wrap::<CURRENT_BITS>(current.wrapping_add(bias[i])))
            } else {
                let current = wrap_once(decay(u[i], keeps_u[i] as u32).wrapping_add(a[i]));
                (current, current.wrapping_add(bias[i]))
            };
            let free = decay(v[i], keeps_v[i] as u32).wrapping_add(drive).clamp(v_min, v_max);
            let potential = if HOLDS && held[i] > 0 { 0 } else { free };
            let over = i32::from(potential > threshold[i]);
            let message = if TERNARY { over - i32::from(potential < threshold_lo[i]) } else { over };
            let after = if message != 0 { 0 } else { potential };
            let mut change = (current ^ u[i]) | (after ^ v[i]);
            if HOLDS {
                // Whoever was held in this step, or will be in the next, is not at rest.
                change |= held[i];
                held[i] = if message != 0 { holds[i] } else { (held[i] - 1).max(0) };
                change |= held[i];
            }
            updated[i] = v[i] | bias[i] | current;
            (u[i], v[i], sent[i]) = (current, after, message);
            changes |= change;
            sends |= message;
        }
        Outcome { sends: sends != 0, rests: (changes | sends) == 0 }
    }
}

/// Lava's wrap: one, into (−2²³, 2²³].
#[inline(always)]
fn wrap_once(u: i32) -> i32 {
    let u = if u > U_LIMIT { u - U_SPAN } else { u };
    if u <= -U_LIMIT { u.wrapping_add(U_SPAN) } else { u }
}

/// Two's complement of so many bits and a sign.
#[inline(always)]
fn wrap<const BITS: u32>(x: i32) -> i32 {
    (x << (31 - BITS)) >> (31 - BITS)
}
