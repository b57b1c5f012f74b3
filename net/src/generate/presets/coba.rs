//! The conductance-based benchmark of Vogels and Abbott.
//!
//! | name | value | unit | meaning |
//! |---|---|---|---|
//! | v_rest, v_th, v_reset | −60, −50, −60 | mV | |
//! | e_ex, e_in | 0, −80 | mV | reversal potentials |
//! | c_m, tau_m | 200, 20 | pF, ms | leak conductance 10 nS |
//! | t_ref | 5 | ms | |
//! | tau_syn_ex, tau_syn_in | 5, 10 | ms | exponential conductances |
//! | v_init | normal(−65, 5), set to −80…−50.01 beyond | mV | |
//! | syn_ex_init | normal(40, 15), 0 where that is below | nS | |
//! | syn_in_init | normal(200, 120), 0 where that is below | nS | |
//! | inputs of a neuron | 64 excitatory, 16 inhibitory | | drawn with replacement |
//! | weight | 6, −67 | nS | the sign chooses the conductance |
//! | delay | 0.1 | ms | |
//!
//! The conductances at the start kick the network into its activity, which goes on by itself.
//!
//! Source: Vogels & Abbott 2005, doi 10.1523/JNEUROSCI.3508-05.2005, as benchmark 1 of Brette et al. 2007,
//! doi 10.1007/s10827-007-0038-6; the numbers of inputs as in [`cuba`](super::cuba()).

use super::balanced::Balanced;
use crate::SynapseKind;
use crate::generate::{Distribution, Drawn, LifSpec, NetworkSpec, Normal};

/// The description of the conductance-based benchmark with `n` neurons.
pub fn coba(n: u32) -> NetworkSpec {
    let clipped = |mean, std, min, max| {
        Distribution::Drawn(Drawn::Normal(Normal { mean, std, min: Some(min), max, clip: true }))
    };
    let neurons = LifSpec {
        synapse: SynapseKind::Conductance,
        tau_m: 20.0.into(),
        c_m: 200.0.into(),
        v_rest: (-60.0).into(),
        v_th: (-50.0).into(),
        v_reset: (-60.0).into(),
        t_ref: 5.0.into(),
        v_init: Some(clipped(-65.0, 5.0, -80.0, Some(-50.01))),
        tau_syn_ex: 5.0.into(),
        tau_syn_in: 10.0.into(),
        e_ex: 0.0.into(),
        e_in: (-80.0).into(),
        syn_ex_init: clipped(40.0, 15.0, 0.0, None),
        syn_in_init: clipped(200.0, 120.0, 0.0, None),
        ..LifSpec::default()
    };
    Balanced { n, neurons, in_degree: [64, 16], weight: [6.0, -67.0], delay: 0.1 }.spec()
}
