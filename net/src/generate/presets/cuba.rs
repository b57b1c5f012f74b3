//! The current-based benchmark of Vogels and Abbott: a balanced network that fires by itself.
//!
//! | name | value | unit | meaning |
//! |---|---|---|---|
//! | v_rest, v_th, v_reset | −49, −50, −60 | mV | rest is above the threshold |
//! | c_m, tau_m | 200, 20 | pF, ms | resistance 100 MΩ |
//! | t_ref | 5 | ms | |
//! | tau_syn_ex, tau_syn_in | 5, 10 | ms | exponential currents |
//! | v_init | uniform in −60…−50 | mV | |
//! | inputs of a neuron | 64 excitatory, 16 inhibitory | | drawn with replacement |
//! | weight | 16.2, −90 | pA | 1.62 and −9 mV at 100 MΩ |
//! | delay | 0.1 | ms | |
//!
//! Source: Vogels & Abbott 2005, doi 10.1523/JNEUROSCI.3508-05.2005, as benchmark 2 of Brette et al. 2007,
//! doi 10.1007/s10827-007-0038-6. There every pair is joined with probability 2 %, which are 80 inputs for
//! 4000 neurons; here the number is the same for every size, so that the dynamics are too.

use super::balanced::Balanced;
use crate::SynapseKind;
use crate::generate::{Distribution, LifSpec, NetworkSpec};

/// The description of the current-based benchmark with `n` neurons.
pub fn cuba(n: u32) -> NetworkSpec {
    let neurons = LifSpec {
        synapse: SynapseKind::Exp,
        tau_m: 20.0.into(),
        c_m: 200.0.into(),
        v_rest: (-49.0).into(),
        v_th: (-50.0).into(),
        v_reset: (-60.0).into(),
        t_ref: 5.0.into(),
        v_init: Some(Distribution::uniform(-60.0, -50.0)),
        tau_syn_ex: 5.0.into(),
        tau_syn_in: 10.0.into(),
        ..LifSpec::default()
    };
    Balanced { n, neurons, in_degree: [64, 16], weight: [16.2, -90.0], delay: 0.1 }.spec()
}
