//! The cortical microcircuit of Potjans and Diesmann: one square millimeter in eight populations.
//!
//! | name | value | unit | meaning |
//! |---|---|---|---|
//! | v_rest, v_reset, v_th | −65, −65, −50 | mV | |
//! | c_m, tau_m, t_ref | 250, 10, 2 | pF, ms, ms | |
//! | tau_syn | 0.5 | ms | exponential currents of both signs |
//! | v_init | normal, by population | mV | the optimized start, which has next to no transient |
//! | synapses | by pair of populations | | each with random source and target |
//! | weight | normal, w = 87.8 ± 10 % | pA | doubled for L4E → L23E, × −4 from inhibitory neurons |
//! | delay | normal, 1.5 ± 50 % exc, 0.75 ± 50 % inh | ms | in steps of 0.1, at least one |
//! | input | 8 Hz × K_ext a neuron, w, 1.5 ms | | a Poisson train of its own |
//!
//! `w` raises the potential by 0.15 mV at its peak. Scaled down by `s`, the network keeps its rates (van
//! Albada, Helias & Diesmann 2015): neurons × s, synapses × s², inputs × s, weights / √s, and a constant
//! current in place of the mean input that is lost.
//!
//! Sources: Potjans & Diesmann 2014, doi 10.1093/cercor/bhs358, table 5; van Albada et al. 2015,
//! doi 10.1371/journal.pcbi.1004490; the optimized start from the published program
//! (INM-6/microcircuit-PD14-model).

use super::balanced::add_poisson;
use crate::generate::{
    Distribution, Drawn, LifSpec, ModelSpec, NetworkSpec, Normal, PopulationSpec, ProjectionSpec, Rule,
};
use crate::{Receptor, SynapseKind};

/// One of the eight populations at full scale.
struct Cells {
    name: &'static str,
    size: u32,
    /// External synapses a neuron.
    k_ext: f64,
    /// Mean rate \[Hz\] of the full model (van Albada et al. 2015).
    rate_hz: f64,
    /// Mean and deviation of the potential at the start \[mV\].
    v_init: (f64, f64),
    /// The probability of a synapse from each of the eight populations.
    p: [f64; 8],
}

#[rustfmt::skip]
const POPULATIONS: [Cells; 8] = [
    Cells { name: "L23E", size: 20_683, k_ext: 1600.0, rate_hz: 0.971, v_init: (-68.28, 5.36),
            p: [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0] },
    Cells { name: "L23I", size: 5_834, k_ext: 1500.0, rate_hz: 2.868, v_init: (-63.16, 4.57),
            p: [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0] },
    Cells { name: "L4E", size: 21_915, k_ext: 2100.0, rate_hz: 4.746, v_init: (-63.33, 4.74),
            p: [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0] },
    Cells { name: "L4I", size: 5_479, k_ext: 1900.0, rate_hz: 5.396, v_init: (-63.45, 4.94),
            p: [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0] },
    Cells { name: "L5E", size: 4_850, k_ext: 2000.0, rate_hz: 8.142, v_init: (-63.11, 4.94),
            p: [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0] },
    Cells { name: "L5I", size: 1_065, k_ext: 1900.0, rate_hz: 9.078, v_init: (-61.66, 4.55),
            p: [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0] },
    Cells { name: "L6E", size: 14_395, k_ext: 2900.0, rate_hz: 0.991, v_init: (-66.72, 5.46),
            p: [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252] },
    Cells { name: "L6I", size: 2_948, k_ext: 2100.0, rate_hz: 7.523, v_init: (-61.43, 4.48),
            p: [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443] },
];

const C_M: f64 = 250.0;
const TAU_M: f64 = 10.0;
const TAU_SYN: f64 = 0.5;
/// Peak of a postsynaptic potential \[mV\].
const PSP: f64 = 0.15;
/// Rate of an external synapse \[Hz\].
const BACKGROUND_HZ: f64 = 8.0;
/// Inhibitory weights relative to excitatory ones.
const G: f64 = -4.0;
/// The unit of delays \[ms\].
const TICK: f64 = 0.1;

/// The description of the microcircuit at `scale`, above 0 and at most 1: 77,169 neurons and 298,880,968
/// synapses at 1.
pub fn pd14(scale: f64) -> NetworkSpec {
    let mut network = NetworkSpec::default();
    let size = |cells: &Cells| (f64::from(cells.size) * scale).round() as u32;
    for target in &POPULATIONS {
        let model = ModelSpec::Lif(neurons(target, scale));
        network.populations.push(PopulationSpec::new(target.name, size(target), model));
        for (source, p) in POPULATIONS.iter().zip(target.p) {
            let n = (n_synapses(source, target, p) * scale * scale).round() as u64;
            if n > 0 {
                network.projections.push(projection(source, target, n, scale));
            }
        }
    }
    for target in &POPULATIONS {
        let rate_hz = BACKGROUND_HZ * target.k_ext * scale;
        add_poisson(&mut network, (target.name, size(target)), rate_hz, psc() / scale.sqrt(), 1.5);
    }
    network
}

/// Mean rates \[Hz\] of the populations of the full microcircuit, by name (van Albada et al. 2015).
pub fn pd14_reference_rates() -> [(&'static str, f64); 8] {
    POPULATIONS.each_ref().map(|cells| (cells.name, cells.rate_hz))
}

/// The weight \[pA\] whose postsynaptic potential peaks at [`PSP`].
fn psc() -> f64 {
    let ratio = TAU_M / TAU_SYN;
    let peak = libm::pow(ratio, TAU_M / (TAU_SYN - TAU_M)) - libm::pow(ratio, TAU_SYN / (TAU_SYN - TAU_M));
    PSP / (TAU_M * TAU_SYN / (C_M * (TAU_SYN - TAU_M)) * peak)
}

/// The synapses from `source` to `target` at full scale: so many draws with replacement leave a pair
/// unjoined with probability 1 − p.
///
/// The logarithm is taken of the rounded difference as in the published program: `ln_1p`, which is more
/// exact, would give two synapses more.
fn n_synapses(source: &Cells, target: &Cells, p: f64) -> f64 {
    let pairs = f64::from(source.size) * f64::from(target.size);
    (libm::log(1.0 - p) / libm::log(1.0 - 1.0 / pairs)).round()
}

/// The mean weight \[pA\] from `source` to `target` at full scale.
fn mean_weight(source: &Cells, target: &Cells) -> f64 {
    match (is_excitatory(source), source.name, target.name) {
        (true, "L4E", "L23E") => 2.0 * psc(),
        (true, ..) => psc(),
        (false, ..) => G * psc(),
    }
}

fn is_excitatory(cells: &Cells) -> bool {
    cells.name.ends_with('E')
}

fn neurons(target: &Cells, scale: f64) -> LifSpec {
    let mean_input = |(source, p): (&Cells, f64)| {
        let in_degree = n_synapses(source, target, p) / f64::from(target.size);
        mean_weight(source, target) * in_degree * source.rate_hz
    };
    let recurrent: f64 = POPULATIONS.iter().zip(target.p).map(mean_input).sum();
    let external = psc() * target.k_ext * BACKGROUND_HZ;
    // Rates are in Hz and time constants in ms.
    let lost = 1e-3 * TAU_SYN * (1.0 - scale.sqrt()) * (recurrent + external);
    let (mean, std) = target.v_init;
    LifSpec {
        synapse: SynapseKind::Exp,
        tau_m: TAU_M.into(),
        c_m: C_M.into(),
        v_rest: (-65.0).into(),
        v_th: (-50.0).into(),
        v_reset: (-65.0).into(),
        t_ref: 2.0.into(),
        i_bias: lost.into(),
        v_init: Some(Distribution::normal(mean, std)),
        tau_syn_ex: TAU_SYN.into(),
        tau_syn_in: TAU_SYN.into(),
        ..LifSpec::default()
    }
}

fn projection(source: &Cells, target: &Cells, n: u64, scale: f64) -> ProjectionSpec {
    let mean = mean_weight(source, target) / scale.sqrt();
    // A weight keeps its sign, and a delay is drawn again that would be rounded to none.
    let (min, max, delay, receptor) = match is_excitatory(source) {
        true => (Some(0.0), None, 1.5, Receptor::Excitatory),
        false => (None, Some(0.0), 0.75, Receptor::Inhibitory),
    };
    let weight = Normal { mean, std: 0.1 * mean.abs(), min, max, clip: true };
    let delay = Normal { mean: delay, std: 0.5 * delay, min: Some(0.5 * TICK), max: None, clip: false };
    let projection = ProjectionSpec::new(source.name, target.name, Rule::TotalNumber { n });
    ProjectionSpec {
        tick: TICK,
        receptor,
        allow_autapses: true,
        allow_multapses: true,
        ..projection
            .with(Distribution::Drawn(Drawn::Normal(weight)), Distribution::Drawn(Drawn::Normal(delay)))
    }
}
