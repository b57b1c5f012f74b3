//! Checks a network and finds all of its faults at once.

mod fault;

use std::collections::HashMap;

use rayon::prelude::*;
use rheobase_lif::ParamFault;

pub use fault::{Fault, InvalidNetwork};

use crate::{
    CurrentSource, Delays, Model, Network, NodeId, NodeRange, Param, Population, PopulationId, Projection,
    SpikeSource, Weights,
};

/// A network without faults. Only [`validate`] makes one, so that no later stage has to check again.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidNetwork {
    network: Network,
    /// First node of every population, and the number of all nodes at the end.
    first_node: Vec<u32>,
}

/// The highest rate of a Poisson source \[Hz\]: 10⁵ spikes in a step of 0.1 ms, more than any sum of trains.
const MAX_RATE_HZ: f64 = 1e9;

/// Checks everything that can be wrong with a network, in `O(nodes + synapses)`.
///
/// # Errors
/// All faults at once; faults of the same kind in one list are counted, and the first is shown.
pub fn validate(network: Network) -> Result<ValidNetwork, InvalidNetwork> {
    let mut faults = Vec::new();
    check_names(&network, &mut faults);
    let n_nodes: u64 = network.populations.iter().map(|population| u64::from(population.size)).sum();
    if n_nodes > u64::from(u32::MAX) {
        faults.push(Fault::TooManyNodes { n_nodes });
    }
    for population in &network.populations {
        check_population(population, &mut faults);
    }
    for projection in &network.projections {
        check_projection(&network, projection, &mut faults);
    }
    if !faults.is_empty() {
        return Err(InvalidNetwork { faults });
    }
    let mut first_node = vec![0];
    for population in &network.populations {
        first_node.push(first_node[first_node.len() - 1] + population.size);
    }
    Ok(ValidNetwork { network, first_node })
}

fn check_names(network: &Network, faults: &mut Vec<Fault>) {
    if network.populations.is_empty() {
        faults.push(Fault::NoPopulation);
    }
    let populations = network.populations.iter().map(|population| &population.name);
    let projections = network.projections.iter().map(|projection| &projection.name);
    let mut check = |thing, names: &mut dyn Iterator<Item = &String>| {
        let mut seen: HashMap<&String, u32> = HashMap::new();
        for name in names {
            let count = seen.entry(name).or_default();
            *count += 1;
            if *count == 2 {
                faults.push(Fault::Name { thing, name: name.clone(), problem: "is used twice" });
            }
            if name.is_empty() || name.chars().any(|c| c == '/' || c.is_control()) {
                faults.push(Fault::Name { thing, name: name.clone(), problem: "cannot be used" });
            }
        }
    };
    check("population", &mut { populations });
    check("projection", &mut { projections });
}

fn check_population(population: &Population, faults: &mut Vec<Fault>) {
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
        Model::Lif(lif) => {
            if check_lengths(population, &lif.params(), faults) {
                let of_node = |i: usize| {
                    let mut faults = lif.membrane(i).faults();
                    faults.extend(lif.synaptic_current(i).faults());
                    let v_init = lif.v_init.get(i);
                    if !v_init.is_finite() {
                        faults.push(ParamFault { name: "v_init", value: v_init, unit: "mV", must: "finite" });
                    }
                    faults
                };
                check_params(population, all_shared(&lif.params()), of_node, faults);
            }
        }
        Model::SpikeSource(SpikeSource::Poisson { rate_hz }) => {
            if check_lengths(population, &[("rate_hz", rate_hz)], faults) {
                let of_node = |i: usize| {
                    let value = rate_hz.get(i);
                    let fault = ParamFault { name: "rate_hz", value, unit: "Hz", must: "between 0 and 1e9" };
                    if (0.0..=MAX_RATE_HZ).contains(&value) { Vec::new() } else { vec![fault] }
                };
                check_params(population, all_shared(&[("rate_hz", rate_hz)]), of_node, faults);
            }
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
        Model::SpikeSource(SpikeSource::External) | Model::CurrentSource(CurrentSource::External) => {}
    }
}

fn all_shared(params: &[(&'static str, &Param)]) -> bool {
    params.iter().all(|(_, param)| matches!(param, Param::Shared(_)))
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
    all_shared: bool,
    of_node: impl Fn(usize) -> Vec<ParamFault>,
    faults: &mut Vec<Fault>,
) {
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

fn check_projection(network: &Network, projection: &Projection, faults: &mut Vec<Fault>) {
    let Projection { name, source, target, receptor: _, synapses, plasticity } = projection;
    if let Some(plasticity) = plasticity {
        let plasticity = plasticity.clone();
        faults.push(Fault::UnknownPlasticity { projection: name.clone(), plasticity });
    }
    let n = network.populations.len();
    let mut population = |end, id: PopulationId| {
        let population = network.populations.get(id.idx());
        if population.is_none() {
            faults.push(Fault::DanglingPopulation { projection: name.clone(), end, idx: id.0, n });
        }
        population
    };
    let (source, target) = (population("source", *source), population("target", *target));
    let n_synapses = synapses.len();
    let mut length = |what, len: Option<usize>| {
        if let Some(len) = len
            && len != n_synapses
        {
            faults.push(Fault::SynapseLength { projection: name.clone(), what, len, n_synapses });
        }
    };
    length("weights", synapses.weight.stored());
    length("delays", synapses.delay.stored());
    if let Some(source) = source {
        check_rows(projection, source, faults);
    }
    if let Some(target) = target {
        if !matches!(target.model, Model::Lif(_)) {
            let (projection, population) = (name.clone(), target.name.clone());
            faults.push(Fault::TargetIsSource { projection, population });
        }
        let dangling = first_and_others(&synapses.target, |node| *node >= target.size);
        faults.extend(dangling.map(|(synapse, others)| Fault::DanglingTarget {
            projection: name.clone(),
            synapse,
            target: synapses.target[synapse],
            population: target.name.clone(),
            size: target.size,
            others,
        }));
    }
    let bad_weight = match &synapses.weight {
        Weights::Shared(weight) => first_and_others(&[*weight], |weight| !weight.is_finite()),
        Weights::F32(weights) => first_and_others(weights, |weight| !weight.is_finite()),
        Weights::F64(weights) => first_and_others(weights, |weight| !weight.is_finite()),
    };
    faults.extend(bad_weight.map(|(synapse, others)| Fault::Weight {
        projection: name.clone(),
        synapse,
        weight: synapses.weight.get(synapse),
        others,
    }));
    let is_current = source.is_some_and(|source| matches!(source.model, Model::CurrentSource(_)));
    check_delays(projection, is_current, faults);
}

fn check_rows(projection: &Projection, source: &Population, faults: &mut Vec<Fault>) {
    let rows = &projection.synapses.row_start;
    let n_synapses = projection.synapses.len();
    let problem = if rows.len() != source.size as usize + 1 {
        let size = source.size;
        format!("{} row starts for {size} sources: give one a source and the end of the last row", rows.len())
    } else if rows[0] != 0 {
        format!("the first row starts at {} and must start at 0", rows[0])
    } else if rows[rows.len() - 1] != n_synapses as u64 {
        format!("the last row ends at {} and there are {n_synapses} synapses", rows[rows.len() - 1])
    } else if let Some(row) = (1..rows.len()).find(|row| rows[*row] < rows[row - 1]) {
        format!(
            "row {row} starts at {} and the row before it at {}: row starts never fall",
            rows[row],
            rows[row - 1]
        )
    } else {
        return;
    };
    faults.push(Fault::Rows { projection: projection.name.clone(), problem });
}

fn check_delays(projection: &Projection, is_current: bool, faults: &mut Vec<Fault>) {
    let must = if is_current { "at least 0" } else { "above 0" };
    let allowed = move |delay: f64| delay.is_finite() && (delay > 0.0 || (is_current && delay == 0.0));
    let bad = match &projection.synapses.delay {
        Delays::Shared(delay) => first_and_others(&[*delay], |delay| !allowed(*delay)),
        Delays::Ticks { tick, n } => first_and_others(n, |n| !allowed(f64::from(*n) * tick)),
        Delays::F64(delays) => first_and_others(delays, |delay| !allowed(*delay)),
    };
    faults.extend(bad.map(|(synapse, others)| Fault::Delay {
        projection: projection.name.clone(),
        synapse,
        delay: projection.synapses.delay.get(synapse),
        must,
        others,
    }));
}

/// The first element that is bad, and how many more are.
fn first_and_others<T: Sync>(values: &[T], bad: impl Fn(&T) -> bool + Sync) -> Option<(usize, usize)> {
    const CHUNK: usize = 1 << 16;
    let count = |chunk: &[T]| chunk.iter().filter(|value| bad(value)).count();
    let n: usize = values.par_chunks(CHUNK).map(count).sum();
    if n == 0 {
        return None;
    }
    values.iter().position(bad).map(|first| (first, n - 1))
}

impl ValidNetwork {
    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Gives the network back, to be changed and validated again.
    pub fn into_network(self) -> Network {
        self.network
    }

    /// The populations.
    pub fn populations(&self) -> &[Population] {
        &self.network.populations
    }

    /// The projections.
    pub fn projections(&self) -> &[Projection] {
        &self.network.projections
    }

    /// A population by its id.
    pub fn population(&self, id: PopulationId) -> &Population {
        &self.network.populations[id.idx()]
    }

    /// The population of that name.
    pub fn population_named(&self, name: &str) -> Option<PopulationId> {
        let idx = self.network.populations.iter().position(|population| population.name == name)?;
        Some(PopulationId(idx as u32))
    }

    /// The first node of a population.
    pub fn first_node(&self, id: PopulationId) -> NodeId {
        NodeId(self.first_node[id.idx()])
    }

    /// The number of all nodes: neurons and sources.
    pub fn n_nodes(&self) -> u32 {
        self.first_node[self.first_node.len() - 1]
    }

    /// The number of neurons.
    pub fn n_neurons(&self) -> u32 {
        let neurons =
            self.populations().iter().filter(|population| matches!(population.model, Model::Lif(_)));
        neurons.map(|population| population.size).sum()
    }

    /// The number of synapses.
    pub fn n_synapses(&self) -> u64 {
        self.projections().iter().map(|projection| projection.synapses.len() as u64).sum()
    }

    /// The populations as ranges of nodes.
    pub fn node_ranges(&self) -> Vec<NodeRange> {
        let range = |(population, first): (&Population, &u32)| NodeRange {
            population: population.name.clone(),
            first: *first,
            size: population.size,
            is_source: !matches!(population.model, Model::Lif(_)),
        };
        self.populations().iter().zip(&self.first_node).map(range).collect()
    }
}
