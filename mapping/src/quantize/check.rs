//! Finds everything of a network that cannot be said in a chip's numbers.

use rheobase_net::{
    LifPopulation, Model, Param, Plasticity, Population, Projection, SynapseKind, ValidNetwork,
};

use super::config::{Parameters, QuantizeConfig};
use super::delays::{beyond, lag, longest};
use super::fault::{QuantizeError, QuantizeFault};
use super::format::{NumberFormat, SignMode};
use super::synapses::sign_of;
use crate::Activity;
use crate::graph::Numbers;

/// All faults that can be told before any number is made.
///
/// # Errors
/// Those of the configuration and the activity, without which the others cannot be found.
pub(super) fn check(
    network: &ValidNetwork,
    format: &NumberFormat,
    activity: &Activity,
    config: &QuantizeConfig,
) -> Result<Vec<QuantizeFault>, QuantizeError> {
    let mut faults = config_faults(format, config);
    let expected = Numbers::of(network).n_sources;
    if activity.0.len() != expected as usize {
        faults.push(QuantizeFault::Activity { found: activity.0.len(), expected });
    }
    if !faults.is_empty() {
        return Err(QuantizeError { faults });
    }
    for population in network.populations() {
        faults.extend(model_fault(population));
        if let Model::Lif(lif) = &population.model {
            faults.extend(parameter_faults(population, lif));
        }
    }
    for population in network.populations() {
        if let Model::Lif(lif) = &population.model {
            faults.extend(refractory_fault(population, lif, format, config.dt));
        }
    }
    for projection in network.projections() {
        faults.extend(plasticity_fault(projection));
        if config.weight_bits == 1 && sign_of(projection, format) == SignMode::Mixed {
            faults.push(QuantizeFault::OneBit { projection: projection.name.clone() });
        }
        if let Model::Lif(lif) = &network.population(projection.target).model {
            faults.extend(delay_faults(projection, lag(lif.synapse), format, config.dt));
        }
    }
    Ok(faults)
}

/// Whether a compartment can have such synapses.
pub(super) fn is_known(synapse: SynapseKind) -> bool {
    match synapse {
        SynapseKind::Delta | SynapseKind::Exp => true,
        SynapseKind::Alpha | SynapseKind::Conductance => false,
    }
}

fn config_faults(format: &NumberFormat, config: &QuantizeConfig) -> Vec<QuantizeFault> {
    let QuantizeConfig {
        dt,
        weight_bits,
        parameters,
        tau_syn_ratio,
        decay_tolerance,
        negative_exponents: _,
        synchrony,
        depth,
        counted,
    } = config;
    let mut faults = Vec::new();
    let mut need = |ok: bool, name, value, must| {
        if !ok {
            faults.push(QuantizeFault::Config { name, value, must });
        }
    };
    for (name, bits, most, must) in [
        ("decay_bits of the chip", format.decay_bits, 15, "from 1 to 15"),
        ("threshold_bits of the chip", format.threshold_bits, 24, "from 1 to 24"),
        ("bias_bits of the chip", format.bias_bits, 15, "from 1 to 15"),
    ] {
        need((1..=most).contains(&bits), name, f64::from(bits), must);
    }
    let shift = f64::from(format.threshold_shift);
    need(
        format.threshold_bits.saturating_add(format.threshold_shift) <= 30,
        "threshold_shift of the chip",
        shift,
        "at most 30 with threshold_bits",
    );
    need(format.bias_exp <= 15, "bias_exp of the chip", f64::from(format.bias_exp), "at most 15");
    let [low, high] = format.weight_exp;
    need(
        low <= high && low >= -30 && high <= 30,
        "weight_exp of the chip",
        f64::from(low),
        "from -30 to 30, the least first",
    );
    let [low, high] = format.refractory;
    need(low >= 1 && low <= high, "refractory of the chip", f64::from(low), "at least 1, the least first");
    let above_0 = |value: f64| value.is_finite() && value > 0.0;
    need(above_0(*dt), "dt", *dt, "finite and above 0 ms");
    need(*tau_syn_ratio >= 1.0, "tau_syn_ratio", *tau_syn_ratio, "at least 1");
    need(above_0(*decay_tolerance), "decay_tolerance", *decay_tolerance, "finite and above 0");
    need(above_0(*synchrony), "synchrony", *synchrony, "finite and above 0");
    need(depth.is_finite() && *depth >= 1.0, "depth", *depth, "finite and at least 1");
    if let Some(counted) = counted {
        need(above_0(*counted), "counted", *counted, "finite and above 0 ms");
    }
    if let Parameters::Groups(n) = parameters {
        need(*n > 0, "parameters.groups", f64::from(*n), "at least 1");
    }
    let usable = |bits: &&u8| (1..=8).contains(*bits);
    if !format.weight_bits.iter().filter(usable).any(|bits| bits == weight_bits) {
        let (bits, allowed) = (*weight_bits, format.weight_bits.clone());
        let nearest = allowed.iter().filter(usable).min_by_key(|allowed| allowed.abs_diff(bits));
        let nearest = nearest.copied().unwrap_or(8);
        faults.push(QuantizeFault::WeightBits { bits, allowed, nearest });
    }
    faults
}

fn model_fault(population: &Population) -> Option<QuantizeFault> {
    let (what, instead) = match &population.model {
        Model::SpikeSource(_) => return None,
        Model::Lif(lif) => match lif.synapse {
            SynapseKind::Delta | SynapseKind::Exp => return None,
            SynapseKind::Alpha => (
                "alpha currents",
                "the nearest is exp, with twice the tau_syn and the weights times e/2, which has the same charge and mean time",
            ),
            SynapseKind::Conductance => (
                "conductances",
                "the nearest is exp, with weights times the distance from the reversal potential to the mean potential [pA = nS · mV]",
            ),
        },
        Model::Izhikevich(_) => ("Izhikevich's neurons", "the nearest is a population of lif"),
        Model::Ltc(_) => (
            "units with liquid time constants",
            "keep the group off the chip, and give its spikes as a source of spikes",
        ),
        Model::CurrentSource(_) => (
            "sources of current",
            "the nearest is i_bias for a constant current, and a source of spikes for one that changes",
        ),
    };
    Some(QuantizeFault::Model { population: population.name.clone(), what, instead: instead.to_owned() })
}

/// Parameters that have to be 0.
fn parameter_faults(population: &Population, lif: &LifPopulation) -> Vec<QuantizeFault> {
    let fixed = "leave it at 0, and choose v_th for the rate that is wanted";
    let start = "start from 0, or let the network warm up";
    let mut zeros =
        vec![("theta_jump", &lif.theta_jump, "mV", fixed), ("eta_theta", &lif.eta_theta, "mV", fixed)];
    if lif.synapse == SynapseKind::Exp {
        zeros.extend([
            ("syn_ex_init", &lif.syn_ex_init, "pA", start),
            ("syn_in_init", &lif.syn_in_init, "pA", start),
        ]);
    }
    let fault = |(name, param, unit, instead): (_, &Param, _, _)| {
        let (node, others) = first_and_others(population.size as usize, |i| param.get(i) != 0.0)?;
        let (population, value) = (population.name.clone(), param.get(node));
        Some(QuantizeFault::Parameter { population, node, name, value, unit, instead, others })
    };
    zeros.into_iter().filter_map(fault).collect()
}

fn refractory_fault(
    population: &Population,
    lif: &LifPopulation,
    format: &NumberFormat,
    dt: f64,
) -> Option<QuantizeFault> {
    let [min, max] = format.refractory;
    let steps = |i: usize| refractory_steps(lif.t_ref.get(i), dt);
    let is_bad = |i: usize| !(f64::from(min)..=f64::from(max)).contains(&steps(i));
    let (node, others) = first_and_others(population.size as usize, is_bad)?;
    let (t_ref, steps) = (lif.t_ref.get(node), steps(node));
    let nearest = (steps.clamp(f64::from(min), f64::from(max)) - 1.0) * dt;
    let population = population.name.clone();
    Some(QuantizeFault::Refractory { population, node, t_ref, steps, dt, min, max, nearest, others })
}

/// The steps of a refractory period, that of the spike included.
pub(super) fn refractory_steps(t_ref: f64, dt: f64) -> f64 {
    1.0 + (t_ref / dt).round()
}

fn plasticity_fault(projection: &Projection) -> Option<QuantizeFault> {
    let rule = match projection.plasticity? {
        Plasticity::Tsodyks(_) => "tsodyks",
        Plasticity::StdpPair(_) => "stdp_pair",
        Plasticity::StdpTriplet(_) => "stdp_triplet",
    };
    Some(QuantizeFault::Plastic { projection: projection.name.clone(), rule })
}

fn delay_faults(projection: &Projection, lag: u8, format: &NumberFormat, dt: f64) -> Vec<QuantizeFault> {
    let delays = &projection.synapses.delay;
    // A delay that all share is looked at once, if there is a synapse at all.
    let n = match delays.stored() {
        Some(n) => n,
        None => projection.synapses.len().min(1),
    };
    let name = || projection.name.clone();
    let mut faults = Vec::new();
    if let Some((synapse, others)) = first_and_others(n, |i| delays.get(i) < dt * (1.0 - 1e-9)) {
        let delay = delays.get(synapse);
        faults.push(QuantizeFault::ShortDelay { projection: name(), synapse, delay, dt, others });
    }
    let limit = format.delay;
    let is_long = |i: usize| beyond(delays.get(i), lag, dt) > f64::from(limit);
    if let Some((_, others)) = first_and_others(n, is_long) {
        // The longest of all says what would fit.
        let synapse = (0..n).max_by(|a, b| delays.get(*a).total_cmp(&delays.get(*b))).unwrap_or(0);
        let delay = delays.get(synapse);
        let steps = beyond(delay, lag, dt);
        let nearest = longest(limit, lag) * dt;
        let way_out = if nearest > 0.0 {
            format!(
                "the longest that can be is {nearest} ms, or use a dt of {} ms",
                delay / longest(limit, lag)
            )
        } else {
            "use delta synapses, which act a step earlier, or a chip with delays".to_owned()
        };
        faults.push(QuantizeFault::LongDelay {
            projection: name(),
            synapse,
            delay,
            steps,
            dt,
            limit,
            way_out,
            others,
        });
    }
    faults
}

/// The first of `n` that is bad, and how many more are.
pub(super) fn first_and_others(n: usize, bad: impl Fn(usize) -> bool) -> Option<(usize, usize)> {
    let first = (0..n).find(|i| bad(*i))?;
    Some((first, (first + 1..n).filter(|i| bad(*i)).count()))
}
