//! Neurons as sums of decaying modes: state that nobody has to touch from step to step.
//!
//! Between arrivals the potential of a current-based LIF neuron is
//!
//! ```text
//! u(t) = u∞ + y e^(−t/tau_m) + β_ex a_ex e^(−t/tau_ex) + β_in a_in e^(−t/tau_in)      β_x = tau_m tau_x / (c_m (tau_x − tau_m))
//! ```
//! with constants y, a_ex, a_in. If all neurons share their time constants, the exponentials are three
//! numbers a step for all of them, and a step only *reads*: three products, two sums and a comparison
//! a neuron. What arrives in a phase is divided by the phase's exponentials, so that it counts from
//! there. At the end of an epoch the constants are multiplied by the exponentials and the phase starts
//! at 0, long before numbers become large. Exact like the propagators, to rounding.
//!
//! It pays where arrivals are rare; where every neuron receives something at every step, the propagators
//! do (`plain.rs`). Time constants of membrane and synapse that are nearly equal would cancel: such
//! neurons are left to the propagators as well.

use libm::exp;
use rheobase_lif::Port;

use crate::plan::{Form, Reception, Response};

/// The phase of a class of neurons.
#[derive(Debug, Clone)]
pub(super) struct Modal {
    beta_ex: f64,
    beta_in: f64,
    /// What remains of each mode after 1, 2, … steps of an epoch.
    remains: Vec<Remains>,
    /// What remains of each mode in the current phase.
    pub now: Remains,
    /// What will remain in the next.
    next: Remains,
}

/// What remains of the modes of the potential and of the currents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Remains {
    pub u: f64,
    pub ex: f64,
    pub inh: f64,
}

impl Remains {
    const START: Self = Self { u: 1.0, ex: 1.0, inh: 1.0 };
}

/// Relative difference of time constants below which modes would cancel: two digits are lost at most.
const LEAST_DIFFERENCE: f64 = 0.05;
/// Longest epoch in steps, and in time constants: e⁴⁰ is far from any limit.
const LONGEST_EPOCH: u32 = 256;
const MOST_DECAY: f64 = 40.0;

impl Modal {
    /// The modes of a class, if it is better off with them.
    pub fn new(reception: &Reception, dt: f64) -> Option<Self> {
        let Response { tau_m, c_m, tau_syn_ex, tau_syn_in } = reception.response?;
        let (tau_ex, tau_in) = match reception.form {
            Form::Delta => (f64::INFINITY, f64::INFINITY),
            Form::Exp => (tau_syn_ex, tau_syn_in),
            Form::Alpha | Form::Conductance | Form::Izhikevich => return None,
        };
        let is_near = |tau: f64| (tau - tau_m).abs() < LEAST_DIFFERENCE * tau_m;
        if is_near(tau_ex) || is_near(tau_in) {
            return None;
        }
        let beta = |tau: f64| if tau.is_finite() { tau_m * tau / (c_m * (tau - tau_m)) } else { 0.0 };
        let shortest = tau_m.min(tau_ex).min(tau_in);
        let epoch = (MOST_DECAY * shortest / dt).clamp(1.0, f64::from(LONGEST_EPOCH)) as u32;
        let remains = (1..=epoch).map(|k| {
            let t = f64::from(k) * dt;
            Remains { u: exp(-t / tau_m), ex: exp(-t / tau_ex), inh: exp(-t / tau_in) }
        });
        let remains: Vec<Remains> = remains.collect();
        let (now, next) = (Remains::START, remains[0]);
        Some(Self { beta_ex: beta(tau_ex), beta_in: beta(tau_in), remains, now, next })
    }

    /// Goes on to the end of step `now`. At the end of an epoch it gives the factors by which every
    /// constant is multiplied.
    pub fn advance(&mut self, now: u32) -> Option<Remains> {
        let epoch = self.remains.len();
        let phase = now as usize % epoch;
        self.next = self.remains[phase];
        match phase {
            0 => {
                self.now = Remains::START;
                Some(self.remains[epoch - 1])
            }
            phase => {
                self.now = self.remains[phase - 1];
                None
            }
        }
    }

    /// Whether the neurons have synaptic currents.
    pub fn has_currents(&self) -> bool {
        self.beta_ex != 0.0
    }

    /// The part of the potential that the currents cause, of neurons with these modes \[mV\].
    #[inline(always)]
    pub fn caused(&self) -> (f64, f64) {
        (self.beta_ex * self.now.ex, self.beta_in * self.now.inh)
    }

    /// By what the modes of the potential and of the currents are multiplied at the end of the next step, if
    /// the epoch goes on until then.
    pub fn ahead(&self) -> [f64; 3] {
        [self.next.u, self.beta_ex * self.next.ex, self.beta_in * self.next.inh]
    }

    /// What a jump of 1 mV adds to the mode of the potential.
    pub fn gain_of_jump(&self) -> f64 {
        1.0 / self.now.u
    }

    /// What a weight of 1 pA adds to the mode of its current and to that of the potential.
    pub fn gains(&self, port: Port) -> (f64, f64) {
        let (beta, remains) = match port {
            Port::Excitatory => (self.beta_ex, self.now.ex),
            Port::Inhibitory => (self.beta_in, self.now.inh),
        };
        (1.0 / remains, -beta / self.now.u)
    }
}
