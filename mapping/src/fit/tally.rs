//! What one pass over the synapses counts.

use rheobase_net::ValidNetwork;

use crate::chip::Chip;

/// What no mapping can change.
#[derive(Debug)]
pub(super) struct Tally {
    /// By neuron, in network order.
    pub neurons: Vec<Alone>,
    /// By source: the neurons, then the spike sources.
    pub sources: Vec<Reach>,
}

/// What a neuron needs of a core that it has for itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Alone {
    /// Synapses that end at it.
    pub fan_in: u32,
    /// Distinct sources of these: input axons.
    pub sources: u32,
    /// Words that these synapses take.
    pub words: u64,
}

/// What a source reaches.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reach {
    /// Its synapses.
    pub synapses: u32,
    /// The distinct neurons where they end.
    pub targets: u32,
    /// Bits of a synapse.
    pub bits: u16,
}

/// All synapses that a source has at one neuron.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bundle {
    pub neuron: u32,
    pub synapses: u32,
    pub bits: u16,
}

impl Tally {
    pub(super) fn of(network: &ValidNetwork, synapse_bits: &[u16], chip: &Chip) -> Self {
        let memory = chip.synapse().memory;
        let mut neurons = vec![Alone::default(); network.n_neurons() as usize];
        let mut sources = Vec::new();
        each_source(network, synapse_bits, |bundles| {
            let mut reach = Reach { targets: bundles.len() as u32, ..Reach::default() };
            for Bundle { neuron, synapses, bits } in bundles {
                let alone = &mut neurons[*neuron as usize];
                alone.fan_in += synapses;
                alone.sources += 1;
                alone.words += memory.words(*synapses, u32::from(*bits));
                reach.synapses += synapses;
                reach.bits = *bits;
            }
            sources.push(reach);
        });
        Self { neurons, sources }
    }
}

/// Calls `visit` with the synapses of every source, neurons first, bundled by the neurons where they end.
pub(super) fn each_source(network: &ValidNetwork, synapse_bits: &[u16], mut visit: impl FnMut(&[Bundle])) {
    let mut first_neuron = Vec::new();
    let mut n = 0;
    for population in network.populations() {
        first_neuron.push(n);
        n += if population.model.is_neuron() { population.size } else { 0 };
    }
    // Where a neuron's bundle is, if the source at hand has one.
    const NONE: u32 = u32::MAX;
    let mut place = vec![NONE; n as usize];
    let mut bundles: Vec<Bundle> = Vec::new();
    for neurons in [true, false] {
        for (idx, population) in network.populations().iter().enumerate() {
            if population.model.is_neuron() != neurons {
                continue;
            }
            let outgoing: Vec<_> = network
                .projections()
                .iter()
                .zip(synapse_bits)
                .filter(|(projection, _)| projection.source.idx() == idx)
                .collect();
            for source in 0..population.size as usize {
                let mut widest = 0;
                for (projection, bits) in &outgoing {
                    let first = first_neuron[projection.target.idx()];
                    for target in &projection.synapses.target[projection.synapses.row(source)] {
                        let neuron = first + target;
                        let place = &mut place[neuron as usize];
                        if *place == NONE {
                            *place = bundles.len() as u32;
                            bundles.push(Bundle { neuron, synapses: 0, bits: 0 });
                        }
                        bundles[*place as usize].synapses += 1;
                        widest = widest.max(**bits);
                    }
                }
                for bundle in &mut bundles {
                    place[bundle.neuron as usize] = NONE;
                    bundle.bits = widest;
                }
                visit(&bundles);
                bundles.clear();
            }
        }
    }
}
