//! The benchmark liquids: columns just below criticality, driven by Poisson trains.
//!
//! | name | value | unit | meaning |
//! |---|---|---|---|
//! | grid | 15×3×3, 10×10×10, 20×20×25, 40×50×50 | | for 135, 1000, 10,000 and 100,000 neurons |
//! | inhibitory | 20 | % | |
//! | C (EE, EI, IE, II), λ, cutoff | 0.3, 0.2, 0.4, 0.1; 2; 9 | | probability of a synapse |
//! | delay | 1.5 EE, else 0.8 | ms | |
//! | tau_m, c_m | 30; 30,000 | ms, pF | resistance 1 MΩ |
//! | v_rest, v_th, v_reset | 0, 15, 13.5 | mV | |
//! | i_bias | 13,500 | pA | holds the membrane at 13.5 mV |
//! | t_ref | 3 exc, 2 inh | ms | |
//! | v_init | uniform in 13.5…14.9 | mV | |
//! | input | 30 % of the neurons, 5 Hz each, delay 0.1 ms | | |
//!
//! Columns as in Maass, Natschläger & Markram 2002, doi 10.1162/089976602760407955, with smaller weights.

use super::{Background, ColumnInput, ColumnSpec, PerPair, column};
use crate::SynapseKind;
use crate::generate::{Distribution, LifSpec, NetworkSpec};

/// The liquid with exponential currents: tau_syn 3 and 6 ms; weights 4, 8, −19, −19 nA for EE, EI, IE, II;
/// input 18 nA.
pub fn lsm_exp(n: u32) -> NetworkSpec {
    let weight = PerPair { ee: 4e3, ei: 8e3, ie: -19e3, ii: -19e3 };
    liquid(n, SynapseKind::Exp, weight, 18e3)
}

/// The liquid with delta synapses of the same charge: jumps of weight · tau_syn / c_m, which are 0.4, 0.8,
/// −3.8, −3.8 mV, and 1.8 mV for the input.
pub fn lsm_delta(n: u32) -> NetworkSpec {
    let weight = PerPair { ee: 0.4, ei: 0.8, ie: -3.8, ii: -3.8 };
    liquid(n, SynapseKind::Delta, weight, 1.8)
}

fn liquid(n: u32, synapse: SynapseKind, weight: PerPair<f64>, input: f64) -> NetworkSpec {
    let neuron = |t_ref: f64| LifSpec {
        synapse,
        tau_m: 30.0.into(),
        c_m: 30e3.into(),
        v_rest: 0.0.into(),
        v_th: 15.0.into(),
        v_reset: 13.5.into(),
        t_ref: t_ref.into(),
        i_bias: 13.5e3.into(),
        v_init: Some(Distribution::uniform(13.5, 14.9)),
        tau_syn_ex: 3.0.into(),
        tau_syn_in: 6.0.into(),
        ..LifSpec::default()
    };
    let background = Background { fraction: 0.3, rate_hz: 5.0, weight: input, delay: 0.1 };
    column(&ColumnSpec {
        n,
        cutoff: Some(9.0),
        weight: weight.map(Distribution::from),
        exc: neuron(3.0),
        inh: neuron(2.0),
        input: ColumnInput::Background(background),
        ..ColumnSpec::default()
    })
}
