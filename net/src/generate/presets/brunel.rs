//! Brunel's sparse random network with delta synapses, inhibition-dominated and driven by Poisson trains.
//!
//! | name | value | unit | meaning |
//! |---|---|---|---|
//! | v_rest, v_reset, v_init, v_th | 0, 0, 0, 20 | mV | |
//! | tau_m, t_ref | 20, 2 | ms | |
//! | inputs of a neuron | a tenth of either kind | | C_E and C_I, drawn with replacement |
//! | weight | J = 0.1, −g J = −0.5 | mV | g = 5 |
//! | delay | 1.5 | ms | of all synapses |
//! | input | 20,000 Hz a neuron, weight J | | η = 2 times the rate that reaches the threshold |
//!
//! The rate that reaches the threshold is `v_th / (J C_E tau_m)` for each of `C_E` trains; their sum does
//! not depend on `C_E`, and is one train here.
//!
//! Source: Brunel 2000, doi 10.1023/A:1008925309027, figure 8C; the numbers are those of NEST's example
//! `brunel_delta_nest`.

use super::balanced::{Balanced, add_poisson};
use crate::SynapseKind;
use crate::generate::{LifSpec, NetworkSpec};

/// The description of Brunel's network with `n` neurons; 12,500 are usual.
pub fn brunel_delta(n: u32) -> NetworkSpec {
    const J: f64 = 0.1;
    const G: f64 = 5.0;
    const ETA: f64 = 2.0;
    let (v_th, tau_m, delay) = (20.0, 20.0, 1.5);
    let neurons = LifSpec {
        synapse: SynapseKind::Delta,
        tau_m: tau_m.into(),
        v_rest: 0.0.into(),
        v_th: v_th.into(),
        v_reset: 0.0.into(),
        t_ref: 2.0.into(),
        v_init: Some(0.0.into()),
        ..LifSpec::default()
    };
    let sizes = Balanced::sizes(n);
    let in_degree = sizes.map(|size| size / 10);
    let mut network = Balanced { n, neurons, in_degree, weight: [J, -G * J], delay }.spec();
    let rate_hz = 1000.0 * ETA * v_th / (J * tau_m);
    for (kind, size) in ["exc", "inh"].into_iter().zip(sizes) {
        add_poisson(&mut network, (kind, size), rate_hz, J, delay);
    }
    network
}
