//! The faults of a population: its size, its positions, its parameters.

use rheobase_lif::ParamFault;

use super::{Fault, ltc};
use crate::{
    CurrentSource, IzhikevichPopulation, LifPopulation, Model, Param, Population, SpikeSource, SynapseKind,
    Waveform,
};

/// The highest rate of a Poisson source \[Hz\]: 10⁵ spikes in a step of 0.1 ms, more than any sum of trains.
const MAX_RATE_HZ: f64 = 1e9;

/// Finds all faults of a population.
pub(super) fn check(population: &Population, faults: &mut Vec<Fault>) {
    let Population { name, size, model, positions } = population;
    if *size == 0 {
        faults.push(Fault::EmptyPopulation { population: name.clone() });
    }
    let width = |what, len: usize| Fault::Width { population: name.clone(), what, len, size: *size };
    if let Some(positions) = positions {
        if positions.len() != *size as usize {
            faults.push(width("positions", positions.len()));
        }
        if let Some(node) = positions.iter().position(|p| p.iter().any(|x| !x.is_finite())) {
            faults.push(Fault::Position { population: name.clone(), node, position: positions[node] });
        }
    }
    match model {
        Model::Lif(lif) => check_params(population, &lif.params(), |i| lif_faults(lif, i), faults),
        Model::Izhikevich(izhikevich) => {
            let of_node = |i: usize| izhikevich_faults(izhikevich, i);
            check_params(population, &izhikevich.params(), of_node, faults);
        }
        Model::Ltc(group) => ltc::check(population, group, faults),
        Model::SpikeSource(SpikeSource::Poisson { rate_hz }) => {
            let of_node = |i: usize| rate_fault(rate_hz.get(i)).into_iter().collect();
            check_params(population, &[("rate_hz", rate_hz)], of_node, faults);
        }
        Model::SpikeSource(SpikeSource::PoissonSteps { rates }) => {
            check_rates(population, rates, faults);
        }
        Model::SpikeSource(SpikeSource::Train(train)) => {
            if train.n_nodes() != *size {
                faults.push(width("spike trains", train.n_nodes() as usize));
            }
        }
        Model::CurrentSource(CurrentSource::Steps(waveform)) => {
            if waveform.n_channels() != *size {
                faults.push(width("channels", waveform.n_channels() as usize));
            }
        }
        Model::CurrentSource(CurrentSource::Noise { mean, sd, interval }) => {
            let of_node = |i: usize| noise_faults(mean.get(i), sd.get(i), *interval);
            check_params(population, &[("mean", mean), ("sd", sd)], of_node, faults);
        }
        Model::SpikeSource(SpikeSource::External) | Model::CurrentSource(CurrentSource::External) => {}
    }
}

fn check_lengths(
    population: &Population,
    params: &[(&'static str, &Param)],
    faults: &mut Vec<Fault>,
) -> bool {
    let before = faults.len();
    for (parameter, param) in params {
        if let Param::PerNode(values) = param
            && values.len() != population.size as usize
        {
            let (population, size) = (population.name.clone(), population.size);
            faults.push(Fault::ParamLength { population, parameter, len: values.len(), size });
        }
    }
    faults.len() == before
}

/// Checks the parameters of every node, and reports each faulty parameter once.
fn check_params(
    population: &Population,
    params: &[(&'static str, &Param)],
    of_node: impl Fn(usize) -> Vec<ParamFault>,
    faults: &mut Vec<Fault>,
) {
    if !check_lengths(population, params, faults) {
        return;
    }
    let all_shared = params.iter().all(|(_, param)| matches!(param, Param::Shared(_)));
    let n = if all_shared { population.size.min(1) } else { population.size } as usize;
    let mut found: Vec<(ParamFault, usize, usize)> = Vec::new();
    for node in 0..n {
        for fault in of_node(node) {
            match found.iter_mut().find(|(first, ..)| first.name == fault.name && first.must == fault.must) {
                Some((_, _, others)) => *others += 1,
                None => found.push((fault, node, 0)),
            }
        }
    }
    faults.extend(found.into_iter().map(|(fault, node, others)| Fault::Param {
        population: population.name.clone(),
        node,
        fault,
        others,
    }));
}

/// What is wrong with neuron `i`: the parameters that [`rheobase_lif`] checks, and those of a population.
fn lif_faults(lif: &LifPopulation, i: usize) -> Vec<ParamFault> {
    let mut faults = lif.membrane(i).faults();
    faults.extend(lif.synaptic_current(i).faults());
    faults.extend(not_finite("v_init", lif.v_init.get(i), "mV"));
    for (name, param) in [("syn_ex_init", &lif.syn_ex_init), ("syn_in_init", &lif.syn_in_init)] {
        let value = param.get(i);
        faults.extend(match lif.synapse {
            SynapseKind::Conductance => below_zero(name, value, "nS"),
            SynapseKind::Delta | SynapseKind::Exp | SynapseKind::Alpha => not_finite(name, value, "pA"),
        });
    }
    let renamed = |fault: ParamFault| ParamFault {
        name: if fault.name == "eta" { "eta_theta" } else { fault.name },
        ..fault
    };
    faults.extend(lif.adaptation(i).faults(&lif.membrane(i)).into_iter().map(renamed));
    faults
}

/// What is wrong with neuron `i`.
fn izhikevich_faults(izhikevich: &IzhikevichPopulation, i: usize) -> Vec<ParamFault> {
    let unit = |name| match name {
        "a" | "b" => "1/ms",
        "d" | "u_init" => "mV/ms",
        "i_bias" => "pA",
        _ => "mV",
    };
    let of_param = |(name, param): (&'static str, &Param)| not_finite(name, param.get(i), unit(name));
    let mut faults: Vec<ParamFault> = izhikevich.params().into_iter().filter_map(of_param).collect();
    let (c, v_peak) = (izhikevich.c.get(i), izhikevich.v_peak.get(i));
    if c >= v_peak {
        faults.push(ParamFault { name: "c", value: c, unit: "mV", must: "below v_peak" });
    }
    faults
}

/// What is wrong with a source of noise.
fn noise_faults(mean: f64, sd: f64, interval: f64) -> Vec<ParamFault> {
    let faults = [
        not_finite("mean", mean, "pA"),
        below_zero("sd", sd, "pA"),
        not_positive("interval", interval, "ms"),
    ];
    faults.into_iter().flatten().collect()
}

fn check_rates(population: &Population, rates: &Waveform, faults: &mut Vec<Fault>) {
    let n_channels = rates.n_channels();
    if n_channels != 1 && n_channels != population.size {
        let (what, len, size) = ("channels", n_channels as usize, population.size);
        faults.push(Fault::Width { population: population.name.clone(), what, len, size });
    }
    let found = rates.values().iter().enumerate().filter_map(|(at, rate)| Some((at, rate_fault(*rate)?)));
    let mut found = found.map(|(at, fault)| (at % n_channels as usize, fault));
    if let Some((node, fault)) = found.next() {
        let others = found.count();
        faults.push(Fault::Param { population: population.name.clone(), node, fault, others });
    }
}

fn rate_fault(value: f64) -> Option<ParamFault> {
    let fault = ParamFault { name: "rate_hz", value, unit: "Hz", must: "between 0 and 1e9" };
    (!(0.0..=MAX_RATE_HZ).contains(&value)).then_some(fault)
}

pub(super) fn not_finite(name: &'static str, value: f64, unit: &'static str) -> Option<ParamFault> {
    (!value.is_finite()).then_some(ParamFault { name, value, unit, must: "finite" })
}

pub(super) fn not_positive(name: &'static str, value: f64, unit: &'static str) -> Option<ParamFault> {
    let must = "finite and above 0";
    (!(value.is_finite() && value > 0.0)).then_some(ParamFault { name, value, unit, must })
}

fn below_zero(name: &'static str, value: f64, unit: &'static str) -> Option<ParamFault> {
    let must = "finite and at least 0";
    (!(value.is_finite() && value >= 0.0)).then_some(ParamFault { name, value, unit, must })
}
