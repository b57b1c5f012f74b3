//! Networks, layouts and chips for tests.
#![allow(dead_code, reason = "every test file takes what it needs")]
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use proptest::prelude::*;
use proptest::sample::Index;
use rheobase_mapping::chip::{Chip, SynapseMemory};
use rheobase_mapping::{Activity, Layout};
use rheobase_net::{
    Delays, LifPopulation, Model, Network, Population, PopulationId, Projection, Receptor, SpikeSource,
    Synapses, ValidNetwork, Weights, validate,
};

/// Budgets of a chip, `u64::MAX` for none.
#[derive(Debug, Clone, Copy)]
pub struct Budgets {
    pub compartments: u64,
    pub input_axons: u64,
    pub output_axons: u64,
    pub synapse_words: u64,
    pub neuron_configs: u64,
    pub fan_in: u64,
    pub memory: SynapseMemory,
}

impl Budgets {
    pub const NONE: Self = Self {
        compartments: u64::MAX,
        input_axons: u64::MAX,
        output_axons: u64::MAX,
        synapse_words: u64::MAX,
        neuron_configs: u64::MAX,
        fan_in: u64::MAX,
        memory: SynapseMemory { word: 16, header: 5, block: 3 },
    };

    /// A chip of 2 × 2 tiles with 3 cores each, with these budgets; 4 index bits, and weights of 2, 4 or 7 bits.
    pub fn chip(&self) -> Chip {
        let line = |name: &str, budget: u64| {
            if budget == u64::MAX { String::new() } else { format!("{name} = {budget}\n") }
        };
        let SynapseMemory { word, header, block } = self.memory;
        let text = format!(
            "name = \"small\"\ntitle = \"a small chip\"\n[core]\ncompartments = {}\n{}{}{}{}{}[synapse]
             word = {word}\nheader = {header}\nblock = {block}\nweight_bits = [2, 4, 7]\nindex_bits = 4
             delay_steps = 7\ndelay_bits = 3\nsign = \"synapse\"\n[neuron]\n[mesh]\ntiles = [2, 2]
             cores_per_tile = 3\nfabric = \"unicast\"\n[hops]\nx = [3.0, 4.1]\ny = [4.25, 6.5]
             chip_x = [32.0, 41.0]\nchip_y = [42.5, 65.0]",
            self.compartments.min(u64::from(u32::MAX) - 1),
            line("input_axons", self.input_axons),
            line("output_axons", self.output_axons),
            line("synapse_words", self.synapse_words),
            line("neuron_configs", self.neuron_configs),
            line("fan_in", self.fan_in),
        );
        Chip::from_toml(&text).unwrap()
    }
}

pub fn neurons(name: &str, size: u32) -> Population {
    let model = Model::Lif(LifPopulation::default());
    Population { name: name.to_owned(), size, model, positions: None }
}

pub fn sources(name: &str, size: u32) -> Population {
    let model = Model::SpikeSource(SpikeSource::External);
    Population { name: name.to_owned(), size, model, positions: None }
}

/// A projection of synapses from node to node, all of one delay \[ms\].
pub fn projection(
    name: &str,
    ends: [u32; 2],
    n_sources: u32,
    edges: &[(u32, u32)],
    delay: f64,
) -> Projection {
    let mut edges = edges.to_vec();
    // Stable, so that targets of a row keep the order in which they are given.
    edges.sort_by_key(|(source, _)| *source);
    let row_start = (0..=n_sources).map(|s| edges.iter().filter(|edge| edge.0 < s).count() as u64).collect();
    let target = edges.iter().map(|edge| edge.1).collect();
    Projection {
        name: name.to_owned(),
        source: PopulationId(ends[0]),
        target: PopulationId(ends[1]),
        receptor: Receptor::BySign,
        synapses: Synapses { row_start, target, weight: Weights::Shared(1.0), delay: Delays::Shared(delay) },
        plasticity: None,
    }
}

pub fn network(populations: Vec<Population>, projections: Vec<Projection>) -> ValidNetwork {
    validate(Network { populations, projections, ..Network::default() }).unwrap()
}

/// A small network with what is needed to map it.
#[derive(Debug, Clone)]
pub struct Case {
    pub network: ValidNetwork,
    pub layout: Layout,
    pub activity: Activity,
}

/// Small networks of one to four populations, of which some are sources that lie between the neurons.
pub fn cases() -> impl Strategy<Value = Case> {
    let populations = prop::collection::vec((any::<bool>(), 1_u32..9), 0..3);
    let edges = prop::collection::vec((any::<Index>(), any::<Index>()), 0..40);
    let projections = prop::collection::vec((any::<Index>(), any::<Index>(), edges, 0_usize..3), 0..6);
    let configs = prop::collection::vec(0_u32..4, 40);
    let spikes = prop::collection::vec(0_u32..20, 40);
    (populations, 1_u32..9, projections, configs, spikes).prop_map(
        |(before, n, projections, config, spikes)| {
            let mut populations: Vec<Population> = Vec::new();
            for (i, (is_source, size)) in before.into_iter().enumerate() {
                let name = format!("p{i}");
                populations.push(if is_source { sources(&name, size) } else { neurons(&name, size) });
            }
            populations.push(neurons("last", n));
            let targets: Vec<usize> =
                (0..populations.len()).filter(|i| populations[*i].model.is_neuron()).collect();
            let mut made = Vec::new();
            let mut synapse_bits = Vec::new();
            for (i, (from, to, edges, width)) in projections.into_iter().enumerate() {
                let (from, to) = (from.index(populations.len()), targets[to.index(targets.len())]);
                let (n_from, n_to) = (populations[from].size, populations[to].size);
                let edges: Vec<(u32, u32)> = edges
                    .iter()
                    .map(|(s, t)| (s.index(n_from as usize) as u32, t.index(n_to as usize) as u32))
                    .collect();
                made.push(projection(
                    &format!("{from}-{to}-{i}"),
                    [from as u32, to as u32],
                    n_from,
                    &edges,
                    1.0,
                ));
                synapse_bits.push([6, 8, 11][width]);
            }
            let network = network(populations, made);
            let layout = Layout { synapse_bits, config: config[..network.n_neurons() as usize].to_vec() };
            let activity = Activity(spikes[..network.n_nodes() as usize].to_vec());
            Case { network, layout, activity }
        },
    )
}

/// Takes a byte of a text away, puts something in front of it or in its place; not inside of a character.
pub fn damage(text: &mut String, (at, what, with): &(Index, u8, String)) -> bool {
    let at = at.index(text.len());
    let whole = text.is_char_boundary(at) && text.is_char_boundary(at + 1);
    match what {
        _ if !whole => {}
        0 => _ = text.remove(at),
        1 => text.insert_str(at, with),
        _ => text.replace_range(at..=at, with),
    }
    whole
}
