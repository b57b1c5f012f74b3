//! Which neurons a shard owns, and in which lanes they stand.
//!
//! Every population is dealt evenly to the shards, so that each of them has its share of the busy ones.
//! Inside a shard, populations whose neurons receive alike are neighbors, a *class*: a spike reaches all
//! of them in one pass.

use std::ops::Range;

use rheobase_net::{LifPopulation, Model, Param, PopulationId, SynapseKind, ValidNetwork};

/// What a spike has to know of its targets: neurons of a class receive weights in the same way, and follow
/// the same equations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reception {
    pub form: Form,
    /// Whether thresholds move.
    pub adapts: bool,
    /// What the neurons of the class share, if all of their parameters are shared.
    pub response: Option<Response>,
}

/// The equations of a neuron.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Delta,
    Exp,
    Alpha,
    Conductance,
    Izhikevich,
}

/// How currents act on the potential.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Response {
    pub tau_m: f64,
    pub c_m: f64,
    pub tau_syn_ex: f64,
    pub tau_syn_in: f64,
}

impl Reception {
    /// How the neurons of a population receive; a source does not, and a group is none of them.
    fn of(model: &Model) -> Option<Self> {
        match model {
            Model::Lif(lif) => Some(Self::of_lif(lif)),
            Model::Izhikevich(_) => Some(Self { form: Form::Izhikevich, adapts: false, response: None }),
            Model::Ltc(_) | Model::SpikeSource(_) | Model::CurrentSource(_) => None,
        }
    }

    fn of_lif(lif: &LifPopulation) -> Self {
        let shared = |param: &Param| match param {
            Param::Shared(value) => Some(*value),
            Param::PerNode(values) => values.first().copied().filter(|one| values.iter().all(|v| v == one)),
        };
        let response = || {
            Some(Response {
                tau_m: shared(&lif.tau_m)?,
                c_m: shared(&lif.c_m)?,
                tau_syn_ex: shared(&lif.tau_syn_ex)?,
                tau_syn_in: shared(&lif.tau_syn_in)?,
            })
        };
        let form = match lif.synapse {
            SynapseKind::Delta => Form::Delta,
            SynapseKind::Exp => Form::Exp,
            SynapseKind::Alpha => Form::Alpha,
            SynapseKind::Conductance => Form::Conductance,
        };
        Self { form, adapts: lif.has_moving_threshold(), response: response() }
    }

    /// Whether a weight's sign only chooses the port.
    pub fn takes_amounts(&self) -> bool {
        self.form == Form::Conductance
    }

    /// Whether what arrives is added to the potential.
    pub fn jumps(&self) -> bool {
        matches!(self.form, Form::Delta | Form::Izhikevich)
    }

    /// Whether excitatory and inhibitory weights are added to the same sum: jumps always are, and
    /// exponential currents with one time constant may be, because they stay proportional.
    pub fn has_one_port(&self) -> bool {
        match self.form {
            Form::Delta | Form::Izhikevich => true,
            Form::Exp => self.response.is_some_and(|r| r.tau_syn_ex == r.tau_syn_in),
            Form::Alpha | Form::Conductance => false,
        }
    }
}

/// The neurons `first .. first + size` of a population, owned by a shard.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub population: PopulationId,
    /// First neuron, counted inside the population.
    pub first: u32,
    pub size: u32,
    /// The node of the first neuron.
    pub first_node: u32,
    /// The lane of the first neuron, counted inside the shard.
    pub first_lane: u32,
    pub class: u16,
}

impl Part {
    /// The lanes of the part.
    pub fn lanes(&self) -> Range<usize> {
        self.lanes_of(&(0..self.size as usize))
    }

    /// The lanes of some neurons, counted inside the part.
    pub fn lanes_of(&self, neurons: &Range<usize>) -> Range<usize> {
        let first = self.first_lane as usize;
        first + neurons.start..first + neurons.end
    }
}

/// Classes, and what every shard owns.
#[derive(Debug)]
pub(crate) struct Layout {
    pub classes: Vec<Reception>,
    /// The class of every population of neurons.
    pub class_of: Vec<Option<u16>>,
    pub shards: Vec<ShardLayout>,
    /// The first neuron of every shard, by population; `[n_populations][n_shards + 1]`.
    pub bounds: Vec<Vec<u32>>,
}

/// What a shard owns.
#[derive(Debug, Clone)]
pub(crate) struct ShardLayout {
    pub parts: Vec<Part>,
    /// The lanes of every class; empty for one that the shard has no neuron of.
    pub classes: Vec<Range<u32>>,
    /// For every population, what to add to a neuron's number to get its lane inside its class.
    pub offset: Vec<i64>,
    pub n_lanes: u32,
}

/// Deals the neurons.
pub(crate) fn deal(network: &ValidNetwork, n_shards: usize) -> Layout {
    let populations = network.populations();
    let mut classes: Vec<Reception> = Vec::new();
    let mut class_of = Vec::with_capacity(populations.len());
    let mut bounds = Vec::with_capacity(populations.len());
    for population in populations {
        let Some(reception) = Reception::of(&population.model) else {
            class_of.push(None);
            bounds.push(vec![0; n_shards + 1]);
            continue;
        };
        let class = classes.iter().position(|known| *known == reception).unwrap_or_else(|| {
            classes.push(reception);
            classes.len() - 1
        });
        class_of.push(Some(class as u16));
        let edge = |shard: usize| (u64::from(population.size) * shard as u64 / n_shards as u64) as u32;
        bounds.push((0..=n_shards).map(edge).collect());
    }
    let shards = (0..n_shards).map(|shard| lay_out(network, shard, &classes, &class_of, &bounds)).collect();
    Layout { classes, class_of, shards, bounds }
}

fn lay_out(
    network: &ValidNetwork,
    shard: usize,
    classes: &[Reception],
    class_of: &[Option<u16>],
    bounds: &[Vec<u32>],
) -> ShardLayout {
    let (mut parts, mut ranges) = (Vec::new(), Vec::with_capacity(classes.len()));
    let mut offset = vec![0; class_of.len()];
    let mut lane = 0;
    for class in 0..classes.len() as u16 {
        let first_lane = lane;
        for (idx, _) in class_of.iter().enumerate().filter(|(_, of)| **of == Some(class)) {
            let (first, end) = (bounds[idx][shard], bounds[idx][shard + 1]);
            offset[idx] = i64::from(lane) - i64::from(first_lane) - i64::from(first);
            if first < end {
                let population = PopulationId(idx as u32);
                let first_node = network.first_node(population).0 + first;
                let size = end - first;
                parts.push(Part { population, first, size, first_node, first_lane: lane, class });
                lane += size;
            }
        }
        ranges.push(first_lane..lane);
    }
    ShardLayout { parts, classes: ranges, offset, n_lanes: lane }
}
