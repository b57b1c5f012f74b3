//! LIF with synapses that open exponentially decaying conductances.
//!
//! ```text
//! c_m du/dt = −c_m u/tau_m − Σ_x g_x (u − (e_x − v_rest)) + i_bias + i_inj    u = v − v_rest
//! dg_x/dt   = −g_x/tau_syn_x                                                  x = ex, in
//! on a spike: g_x ← g_x + |w|                              also while refractory
//! u ≥ v_th − v_rest:  spike, u ← v_reset − v_rest, held there for t_ref
//! ```
//!
//! A weight is a jump of a conductance \[nS\]; its sign says of which, so that an inhibitory weight is
//! negative here as in every other model. The conductance of the leak is `c_m / tau_m` (NEST's `g_L`).
//!
//! | name | default | unit | meaning |
//! |---|---|---|---|
//! | `tau_m` | 10 | ms | membrane time constant without input |
//! | `c_m` | 250 | pF | capacitance |
//! | `v_rest`, `v_th`, `v_reset` | −70, −55, −70 | mV | rest, threshold, reset |
//! | `t_ref` | 2 | ms | refractory period |
//! | `i_bias` | 0 | pA | constant current |
//! | `tau_syn_ex`, `tau_syn_in` | – | ms | time constants of the conductances |
//! | `e_ex`, `e_in` | – | mV | reversal potentials |
//!
//! Method on the grid: order 4, see [`CondStep`]; conductances decay exactly. In real-valued time:
//! quadrature of the exact solution to rounding, and crossings that cannot be missed, see [`CondFlow`].
//! Semantics of NEST's `iaf_cond_exp`, which integrates with an adaptive Runge–Kutta–Fehlberg 4(5)
//! and a tolerance of 1e-3; weights that arrive at the end of a step act from the next step on.
//! Meffin, Burkitt & Grayden 2004, doi 10.1023/B:JCNS.0000014108.03012.81; the method: Magnus 1954,
//! doi 10.1002/cpa.3160070404, and Iserles & Nørsett 1999, doi 10.1098/rsta.1999.0362.

mod flow;

pub use flow::{CondFlow, CondState};

use libm::{exp, expm1};

use crate::vexp::{SMALL, mean_exp_neg, mean_exp_neg_of_small};
use crate::{Membrane, SynapticCurrent};

/// The propagators of one neuron for a fixed step.
///
/// In a step the potential obeys `u' = −γ(t) u + b(t)`, a linear equation whose exact solution needs
/// an integral without closed form. The Magnus expansion replaces it by one exponential,
///
/// ```text
/// u ← e^(−Γ) u + B' (1 − e^(−Γ))/Γ       Γ = ∫ γ,  B' = ∫ b + ½ ∬ (γ(s) b(t) − γ(t) b(s)),  s < t
/// ```
///
/// with an error of order `dt⁵` in a step, so of order 4. γ and b are the sums of the three rates
/// r (leak, excitatory, inhibitory) and of rate times reversal potential. So `Γ` is a sum of three
/// integrals in closed form, and the double integral is a sum over pairs of rates
/// `(e_j − e_i) ½ ∬ (r_i(s) r_j(t) − r_j(s) r_i(t))`, of which everything but the conductances is
/// known before the run. A step costs one exponential, and as `e^(−Γ) ≤ 1` it amplifies no error.
/// Measured against [`CondFlow`]: 5e-8 mV after 4 ms in steps of 0.1 ms, 5e-4 mV in steps of 1 ms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CondStep {
    /// The leak's rate, integrated over the step: `dt/tau_m`.
    pub leak: f64,
    /// What a constant current of 1 pA shifts the resting potential by: `tau_m/c_m` \[GΩ\].
    pub r_m: f64,
    /// The excitatory conductance.
    pub ex: ConductanceStep,
    /// The inhibitory conductance.
    pub inh: ConductanceStep,
    /// The double integral for the pair of conductances, with their reversal potentials \[mV/nS²\].
    pub ex_inh: f64,
    /// Threshold, relative to rest \[mV\].
    pub theta: f64,
    /// Reset, relative to rest \[mV\].
    pub reset: f64,
}

/// The propagators of one conductance for a fixed step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConductanceStep {
    /// Decay in a step.
    pub p11: f64,
    /// The rate of a conductance of 1 nS, integrated over the step \[1/nS\].
    pub area: f64,
    /// The double integral for the pair of the leak and a conductance of 1 nS \[1/nS\].
    pub turn: f64,
    /// Reversal potential, relative to rest \[mV\].
    pub e: f64,
}

impl CondStep {
    /// The propagators for a step of `dt` ms.
    pub fn new(membrane: &Membrane, current: &SynapticCurrent, dt: f64) -> Self {
        let Membrane { tau_m, c_m, v_rest, v_th, v_reset, t_ref: _, i_bias: _ } = *membrane;
        let (tau_syn_ex, tau_syn_in) = current.time_constants();
        let (e_ex, e_in) = current.reversals();
        let conductance = |tau_syn: f64, e: f64| ConductanceStep {
            p11: exp(-dt / tau_syn),
            area: -expm1(-dt / tau_syn) * tau_syn / c_m,
            turn: commutator(0.0, 1.0 / tau_syn, dt) / (tau_m * c_m),
            e: e - v_rest,
        };
        Self {
            leak: dt / tau_m,
            r_m: tau_m / c_m,
            ex: conductance(tau_syn_ex, e_ex),
            inh: conductance(tau_syn_in, e_in),
            ex_inh: commutator(1.0 / tau_syn_ex, 1.0 / tau_syn_in, dt) * (e_in - e_ex) / (c_m * c_m),
            theta: v_th - v_rest,
            reset: v_reset - v_rest,
        }
    }

    /// The potential at the end of a step, from the potential and the conductances at its start;
    /// `u_inf` is `r_m` times the constant current.
    #[inline(always)]
    pub fn step(&self, u: f64, u_inf: f64, g_ex: f64, g_in: f64) -> f64 {
        let gamma = self.gamma(g_ex, g_in);
        // Both are made and one is chosen, so that a loop over this becomes vector code.
        let (of_small, of_any) = (mean_exp_neg_of_small(gamma), mean_exp_neg(gamma));
        let mean = if gamma <= SMALL { of_small } else { of_any };
        u + self.change(u, u_inf, g_ex, g_in) * mean
    }

    /// [`Self::step`] where [`Self::relaxes_little`].
    #[inline(always)]
    pub fn small_step(&self, u: f64, u_inf: f64, g_ex: f64, g_in: f64) -> f64 {
        u + self.change(u, u_inf, g_ex, g_in) * mean_exp_neg_of_small(self.gamma(g_ex, g_in))
    }

    /// Whether the potential relaxes so little in a step with these conductances that [`Self::small_step`]
    /// will do, as nearly all do in a step of 0.1 ms.
    #[inline(always)]
    pub fn relaxes_little(&self, g_ex: f64, g_in: f64) -> bool {
        self.gamma(g_ex, g_in) <= SMALL
    }

    #[inline(always)]
    fn gamma(&self, g_ex: f64, g_in: f64) -> f64 {
        self.leak + self.ex.area * g_ex + self.inh.area * g_in
    }

    /// What the potential would change by if nothing relaxed meanwhile.
    #[inline(always)]
    fn change(&self, u: f64, u_inf: f64, g_ex: f64, g_in: f64) -> f64 {
        let pull = |c: &ConductanceStep, g: f64| g * (c.area * (c.e - u) + c.turn * (c.e - u_inf));
        let leak = self.leak * (u_inf - u);
        leak + pull(&self.ex, g_ex) + pull(&self.inh, g_in) + self.ex_inh * g_ex * g_in
    }
}

impl ConductanceStep {
    /// The conductance at the end of a step in which weights arrive whose amounts add up to `weight`.
    #[inline(always)]
    pub fn step(&self, g: f64, weight: f64) -> f64 {
        self.p11 * g + weight
    }
}

/// Nodes in (0, 1) and weights of Gauss and Legendre's rule of 8 points: it is exact for polynomials
/// of degree 15 (Abramowitz & Stegun, table 25.4).
const GAUSS: [(f64, f64); 8] = {
    let half = [
        (0.183_434_642_495_649_8, 0.362_683_783_378_362),
        (0.525_532_409_916_329, 0.313_706_645_877_887_3),
        (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
        (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
    ];
    let mut rule = [(0.0, 0.0); 8];
    let mut k = 0;
    while k < 4 {
        let (x, w) = half[k];
        rule[2 * k] = (0.5 - 0.5 * x, 0.5 * w);
        rule[2 * k + 1] = (0.5 + 0.5 * x, 0.5 * w);
        k += 1;
    }
    rule
};

/// `½ ∬ (exp(−a s − b t) − exp(−b s − a t))` over `0 < s < t < dt`.
///
/// The inner integrals have closed forms; the outer one by quadrature, in as many parts as keep it at
/// rounding, up to 256 time constants in a step.
fn commutator(a: f64, b: f64, dt: f64) -> f64 {
    let n = (0.5 * (a + b) * dt).ceil().clamp(1.0, 128.0);
    let part = dt / n;
    let inner = |a: f64, b: f64, t: f64| exp(-b * t) * t * mean_exp_neg(a * t);
    let of_part = |k: i32| {
        let at = |&(x, w): &(f64, f64)| {
            let t = part * (f64::from(k) + x);
            w * (inner(a, b, t) - inner(b, a, t))
        };
        GAUSS.iter().map(at).sum::<f64>()
    };
    0.5 * part * (0..n as i32).map(of_part).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Integrated by hand for a = 0:
    /// `½ ((1 − (1 + x) e^(−x))/b² − (x − 1 + e^(−x))/b²)`, x = b dt.
    #[test]
    fn commutators_match_the_closed_form_and_change_sign_with_their_order() {
        for (b, dt) in [(0.2_f64, 0.1_f64), (1.0, 1.0), (5.0, 0.5), (0.3, 40.0), (8.0, 10.0)] {
            let x = b * dt;
            let expected = 0.5 * ((1.0 - (1.0 + x) * (-x).exp()) - (x - 1.0 + (-x).exp())) / (b * b);
            let found = commutator(0.0, b, dt);
            // The closed form cancels for small x; both are compared on the scale of dt².
            assert!((found - expected).abs() < 1e-15 / (b * b).min(1.0) + 1e-14 * expected.abs(), "{b} {dt}");
            assert_eq!(commutator(b, 0.0, dt), -found);
        }
        assert_eq!(commutator(0.7, 0.7, 2.0), 0.0);
    }
}
