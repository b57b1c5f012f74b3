//! A neuron as the chip has it, but for the scale of its potential.
//!
//! The chip's neuron rests at 0 and goes back to 0 at a spike; its answers are linear. So three things are free
//! and change nothing: the origin of the potential, which is put to `v_reset`; the leak towards `v_rest`, which
//! from there is a constant current; and the scale. What is left of a neuron is the shape of its answer to a spike,
//! and how high that reaches beside the threshold.

use rheobase_lif::exp::ExpStep;
use rheobase_lif::{Membrane, SynapticCurrent};
use rheobase_net::{LifPopulation, Param, Population};

use super::check::{first_and_others, refractory_steps};
use super::config::{Parameters, QuantizeConfig};
use super::fault::QuantizeFault;
use super::format::NumberFormat;
use super::response::Response;

/// A neuron with the chip's decays, for a scale of 1. A weight `w` becomes `w · scale · gain` weights of the chip,
/// the threshold `scale · threshold`, and all else units of the potential.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Compartment {
    /// Parts of the current that a step takes away, less one.
    pub current_decay: u16,
    /// Parts of the potential that a step takes away.
    pub membrane_decay: u16,
    /// Refractory steps, that of the spike included.
    pub refractory: u8,
    /// The chip's answer to a spike.
    pub chip: Response,
    /// The float network's answers to a spike, excitatory and inhibitory.
    pub float: [Response; 2],
    /// What a weight of 1 adds to the float potential in the first step, as a share of the threshold.
    pub amplitude: [f64; 2],
    /// Weights of the chip for a weight of 1.
    pub gain: [f64; 2],
    /// Threshold.
    pub threshold: f64,
    /// What the constant current adds in a step.
    pub bias: f64,
    /// The constant current's part of the potential in the end, as a share of the threshold.
    pub settled: f64,
    /// Units of the potential for 1 mV.
    pub per_mv: f64,
    /// Potential at the start.
    pub v_init: f64,
}

/// What a neuron is before it gets whole numbers.
struct Float {
    membrane: Membrane,
    v_init: f64,
    /// Threshold above reset \[mV\].
    theta: f64,
    answers: [Response; 2],
    /// Potential \[mV\] that a weight of 1 adds in the first step.
    first: [f64; 2],
    /// Whether what arrives stays for more than a step.
    has_current: bool,
}

impl Float {
    fn new(lif: &LifPopulation, i: usize, dt: f64) -> Self {
        let membrane = lif.membrane(i);
        let (answers, first, has_current) = match lif.synaptic_current(i) {
            SynapticCurrent::Exp { tau_syn_ex, tau_syn_in } => {
                let step = ExpStep::new(&membrane, tau_syn_ex, tau_syn_in, dt);
                let answers = [step.p11_ex, step.p11_in].map(|alpha| Response { alpha, beta: step.p22 });
                (answers, [step.p21_ex, step.p21_in], true)
            }
            // The others are refused before.
            SynapticCurrent::Delta | SynapticCurrent::Alpha { .. } | SynapticCurrent::Cond { .. } => {
                let beta = libm::exp(-dt / membrane.tau_m);
                ([Response { alpha: 0.0, beta }; 2], [1.0; 2], false)
            }
        };
        let theta = membrane.v_th - membrane.v_reset;
        Self { membrane, v_init: lif.v_init.get(i), theta, answers, first, has_current }
    }
}

/// The decays of a step in parts, before they are whole numbers, and the refractory steps.
#[derive(Clone, Copy, PartialEq)]
struct Decays {
    current: f64,
    membrane: f64,
    refractory: f64,
}

/// The neurons of a population. `load` is the sum of squares of what all spikes bring to each of the two currents,
/// in the population's own weights.
/// Its time constants have no [`faults`].
///
/// # Errors
/// [`QuantizeFault::Extreme`] if the numbers of a neuron are none.
pub(super) fn compartments(
    population: &Population,
    lif: &LifPopulation,
    load: [f64; 2],
    format: &NumberFormat,
    config: &QuantizeConfig,
) -> Result<Vec<Compartment>, QuantizeFault> {
    let n = population.size as usize;
    let all_shared = lif.params().iter().all(|(_, param)| matches!(param, Param::Shared(_)));
    let made = if all_shared { n.min(1) } else { n };
    let floats: Vec<Float> = (0..made).map(|i| Float::new(lif, i, config.dt)).collect();
    let mut last: Option<([f64; 2], f64)> = None;
    let mut decays: Vec<Decays> = Vec::with_capacity(made);
    for float in &floats {
        let alphas = float.answers.map(|answer| answer.alpha);
        // Where all neurons have the same currents, the first one chooses for all.
        let current = match last {
            Some((of, current)) if of == alphas => current,
            _ => current_decay(float, load, format),
        };
        last = Some((alphas, current));
        let membrane = (1.0 - float.answers[0].beta) * format.decay_parts();
        let refractory = refractory_steps(float.membrane.t_ref, config.dt);
        decays.push(Decays { current, membrane, refractory });
    }
    if let Parameters::Groups(groups) = config.parameters {
        group(&mut decays, groups as usize);
    }
    let one = |(float, decays): (&Float, &Decays)| compartment(float, *decays, load, format, config);
    let mut made: Vec<Compartment> = floats.iter().zip(&decays).map(one).collect();
    let is_none = |i: usize| {
        let Compartment { amplitude, gain, threshold, bias, per_mv, v_init, .. } = made[i];
        let sizes = [amplitude[0], amplitude[1], gain[0], gain[1], threshold, per_mv];
        sizes.iter().any(|size| !size.is_normal()) || !(bias + v_init).is_finite()
    };
    if let Some((node, others)) = first_and_others(made.len(), is_none) {
        return Err(QuantizeFault::Extreme { population: population.name.clone(), node, others });
    }
    made.resize(n, made[0]);
    Ok(made)
}

fn compartment(
    float: &Float,
    decays: Decays,
    load: [f64; 2],
    format: &NumberFormat,
    config: &QuantizeConfig,
) -> Compartment {
    let parts = format.decay_parts();
    // A current keeps a part at least, so that it has a time constant.
    let current = if float.has_current { whole(decays.current, parts) } else { parts };
    let membrane = whole(decays.membrane, parts);
    let chip = Response { alpha: 1.0 - current / parts, beta: 1.0 - membrane / parts };
    let Membrane { tau_m, c_m, v_rest, v_reset, i_bias, .. } = float.membrane;
    // Potential \[mV\] above reset where the neuron would settle.
    let settled = v_rest - v_reset + tau_m / c_m * i_bias;
    let amplitude = float.first.map(|first| first / float.theta);
    let towards = [0, 1].map(|port| amplitude[port] * chip.gain_towards(float.answers[port]));
    let unit = match config.parameters {
        // A scale of 1: a weight of the chip for a weight of 1.
        Parameters::PerNeuron => 1.0 / towards[usize::from(load[0] == 0.0 && load[1] > 0.0)],
        // A scale of 1: a threshold of 1.
        Parameters::Groups(_) => 1.0,
    };
    let per_mv = format.unit() * unit / float.theta;
    Compartment {
        current_decay: current as u16 - 1,
        membrane_decay: membrane as u16,
        refractory: decays.refractory.round() as u8,
        chip,
        float: float.answers,
        amplitude,
        gain: towards.map(|gain| gain * unit),
        threshold: unit,
        bias: (1.0 - chip.beta) * settled * per_mv,
        settled: settled / float.theta,
        per_mv,
        v_init: (float.v_init - v_reset) * per_mv,
    }
}

/// A decay as a whole number of parts that leaves something and takes something.
fn whole(decay: f64, parts: f64) -> f64 {
    decay.round().clamp(1.0, parts - 1.0)
}

/// The decay, in parts, of the one current that does what two do: of all whole numbers between them, the one with
/// the least squared difference of the potential, weighted by what arrives.
fn current_decay(float: &Float, load: [f64; 2], format: &NumberFormat) -> f64 {
    let parts = format.decay_parts();
    let [ex, inh] = float.answers.map(|answer| (1.0 - answer.alpha) * parts);
    if !float.has_current {
        return parts;
    }
    if load[1] == 0.0 || ex == inh {
        return ex;
    }
    if load[0] == 0.0 {
        return inh;
    }
    let energy = [0, 1].map(|port| load[port] * float.first[port].powi(2) * float.answers[port].square());
    let loss = |decay: f64| {
        let chip = Response { alpha: 1.0 - decay / parts, beta: float.answers[0].beta };
        energy[0] * chip.residual(float.answers[0]) + energy[1] * chip.residual(float.answers[1])
    };
    let (low, high) = (ex.min(inh).round().max(1.0), ex.max(inh).round().min(parts - 1.0));
    let decays = (low as u32..=high as u32).map(f64::from);
    decays.min_by(|a, b| loss(*a).total_cmp(&loss(*b))).unwrap_or(low)
}

/// Makes the decays of neurons alike: they are sorted by the membrane's, dealt into groups of equal size, and get
/// their group's mean.
fn group(decays: &mut [Decays], groups: usize) {
    let mut order: Vec<usize> = (0..decays.len()).collect();
    order.sort_by(|a, b| decays[*a].membrane.total_cmp(&decays[*b].membrane).then(a.cmp(b)));
    let groups = groups.min(decays.len()).max(1);
    for g in 0..groups {
        let members = &order[g * order.len() / groups..(g + 1) * order.len() / groups];
        let mean = |of: fn(&Decays) -> f64| {
            members.iter().map(|i| of(&decays[*i])).sum::<f64>() / members.len() as f64
        };
        let mean = Decays {
            current: mean(|decays| decays.current),
            membrane: mean(|decays| decays.membrane),
            refractory: mean(|decays| decays.refractory).round(),
        };
        members.iter().for_each(|i| decays[*i] = mean);
    }
}

/// Time constants that are rounded too much, or too far apart. `O(neurons)`.
pub(super) fn faults(
    population: &Population,
    lif: &LifPopulation,
    load: [f64; 2],
    format: &NumberFormat,
    config: &QuantizeConfig,
) -> Vec<QuantizeFault> {
    let (dt, parts, n) = (config.dt, format.decay_parts(), population.size as usize);
    let name = || population.name.clone();
    let mut faults = Vec::new();
    let is_exp = matches!(lif.synaptic_current(0), SynapticCurrent::Exp { .. });
    let taus = |i: usize| [lif.tau_syn_ex.get(i), lif.tau_syn_in.get(i)];
    let are_two = |i: usize| is_exp && load[0] > 0.0 && load[1] > 0.0 && taus(i)[0] != taus(i)[1];
    let ratio = |i: usize| taus(i)[0].max(taus(i)[1]) / taus(i)[0].min(taus(i)[1]);
    let is_far = |i: usize| are_two(i) && ratio(i) > config.tau_syn_ratio * (1.0 + 1e-12);
    if let Some((node, others)) = first_and_others(n, is_far) {
        let ([tau_ex, tau_in], ratio) = (taus(node), ratio(node));
        let decay = current_decay(&Float::new(lif, node, dt), load, format);
        let nearest = tau_of(decay, parts, dt);
        let population = name();
        faults.push(QuantizeFault::TauSyn { population, node, tau_ex, tau_in, nearest, ratio, others });
    }
    let mut decay = |parameter, is_used: &dyn Fn(usize) -> bool, tau: &dyn Fn(usize) -> f64| {
        let decay = |i: usize| -libm::expm1(-dt / tau(i)) * parts;
        let error = |i: usize| (whole(decay(i), parts) / decay(i) - 1.0).abs();
        let is_bad = |i: usize| is_used(i) && error(i) > config.decay_tolerance;
        let Some((node, others)) = first_and_others(n, is_bad) else { return };
        let enough = -tau(node) * libm::log1p(-(0.5 / config.decay_tolerance / parts).min(0.5));
        faults.push(QuantizeFault::Decay {
            population: name(),
            node,
            name: parameter,
            tau: tau(node),
            dt,
            decay: decay(node),
            parts,
            tolerance: config.decay_tolerance,
            nearest: tau_of(whole(decay(node), parts), parts, dt),
            enough,
            error: error(node),
            others,
        });
    };
    decay("tau_m", &|_| true, &|i| lif.tau_m.get(i));
    decay("tau_syn_ex", &|i| is_exp && load[0] > 0.0 && !are_two(i), &|i| taus(i)[0]);
    decay("tau_syn_in", &|_| is_exp && load[1] > 0.0 && load[0] == 0.0, &|i| taus(i)[1]);
    faults
}

/// The time constant \[ms\] of a decay of so many parts in a step.
pub(super) fn tau_of(decay: f64, parts: f64, dt: f64) -> f64 {
    -dt / libm::log1p(-decay / parts)
}
