//! A mapping in which every budget is kept.

use rheobase_net::ValidNetwork;

use super::recount::{Count, TrafficCount};
use crate::chip::{Budget, Chip, Mesh, Usage};
use crate::{Activity, Layout};

/// A mapping without faults. Only [`check`](super::check) makes one, so that no later stage has to check again.
#[derive(Debug, Clone)]
pub struct CheckedMapping<'a> {
    network: &'a ValidNetwork,
    layout: &'a Layout,
    activity: &'a Activity,
    chip: &'a Chip,
    mesh: Mesh,
    core: Vec<u32>,
    cores: Vec<CoreUsage>,
    /// Neurons by core, in the order of `cores`, and where each core's begin.
    neurons: Vec<u32>,
    first: Vec<u32>,
    traffic: TrafficCount,
}

/// What a core uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoreUsage {
    /// The core, as the mesh numbers them.
    pub core: u32,
    /// What it uses.
    pub usage: Usage,
}

impl<'a> CheckedMapping<'a> {
    #[expect(clippy::too_many_arguments, reason = "it is all that a mapping is, and has one caller")]
    pub(super) fn new(
        network: &'a ValidNetwork,
        layout: &'a Layout,
        activity: &'a Activity,
        chip: &'a Chip,
        mesh: Mesh,
        core: Vec<u32>,
        core_of_part: &[u32],
        count: Count,
    ) -> Self {
        let Count { usage, fan_in: _, traffic } = count;
        let mut cores: Vec<CoreUsage> =
            core_of_part.iter().zip(usage).map(|(core, usage)| CoreUsage { core: *core, usage }).collect();
        cores.sort_unstable_by_key(|usage| usage.core);
        let mut neurons: Vec<u32> = (0..core.len() as u32).collect();
        neurons.sort_by_key(|neuron| core[*neuron as usize]);
        let mut first = vec![0];
        first.extend(cores.iter().scan(0, |sum, core| {
            *sum += core.usage.compartments as u32;
            Some(*sum)
        }));
        Self { network, layout, activity, chip, mesh, core, cores, neurons, first, traffic }
    }

    /// The network.
    pub fn network(&self) -> &'a ValidNetwork {
        self.network
    }

    /// How its neurons and synapses are laid down.
    pub fn layout(&self) -> &'a Layout {
        self.layout
    }

    /// How often its sources spike.
    pub fn activity(&self) -> &'a Activity {
        self.activity
    }

    /// The chip.
    pub fn chip(&self) -> &'a Chip {
        self.chip
    }

    /// The cores of the board.
    pub fn mesh(&self) -> &Mesh {
        &self.mesh
    }

    /// The core of every neuron; `[n_neurons]`.
    pub fn core_of_neuron(&self) -> &[u32] {
        &self.core
    }

    /// The cores that are in use, rising, and what they use.
    pub fn cores(&self) -> &[CoreUsage] {
        &self.cores
    }

    /// The neurons of a core, rising; none if it is not in use.
    pub fn neurons_of_core(&self, core: u32) -> &[u32] {
        match self.cores.binary_search_by_key(&core, |usage| usage.core) {
            Ok(i) => &self.neurons[self.first[i] as usize..self.first[i + 1] as usize],
            Err(_) => &[],
        }
    }

    /// How full the fullest core is of a budget, from 0 to 1; `None` if the chip does not have it.
    pub fn fullest(&self, budget: Budget) -> Option<(u32, f64)> {
        let limit = self.chip.limit(budget)?;
        let fullest =
            self.cores.iter().max_by_key(|core| (core.usage.of(budget), std::cmp::Reverse(core.core)))?;
        Some((fullest.core, fullest.usage.of(budget) as f64 / limit as f64))
    }

    /// The budget of which the cores in use are fullest on average, which so decides how many are needed.
    pub fn binding(&self) -> Budget {
        let share = |budget: &Budget| {
            let used: u64 = self.cores.iter().map(|core| core.usage.of(*budget)).sum();
            self.chip.limit(*budget).map_or(0.0, |limit| used as f64 / limit as f64)
        };
        Budget::ALL.into_iter().rev().max_by(|a, b| share(a).total_cmp(&share(b))).expect("there are budgets")
    }

    /// What travels between the cores.
    pub fn traffic(&self) -> &TrafficCount {
        &self.traffic
    }
}
