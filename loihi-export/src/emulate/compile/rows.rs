//! What a packet adds, where and when.

use std::ops::Range;

use super::weights::{self, Action, CURRENT_BITS, Kind};
use crate::emulate::Profile;
use crate::emulate::lanes::LANES;
use crate::emulate::ring::Stretches;
use crate::netlist::{Core, Link, Model};

/// The synapses of a core, by input axon: a row is cut into runs that arrive in one step at one port of one group.
pub(in crate::emulate) struct Rows {
    /// Where every axon's runs begin; `[n_axons + 1]`.
    first: Vec<u32>,
    runs: Vec<Run>,
    synapses: Vec<Synapse>,
    /// Synapses of every axon.
    n_synapses: Vec<u32>,
    /// The longest way from sending to arrival, by ring.
    most_steps: Vec<u8>,
}

/// Synapses of an axon that arrive together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emulate) struct Run {
    /// The ring that they add to.
    pub ring: u32,
    /// Steps from sending to arrival: 0 for a wire, 1 and the delay for all others.
    pub steps: u8,
    /// Whether a message's number counts.
    pub graded: bool,
    /// Bits that the sum of the block is shifted to the right, if it is, and then to the left.
    pub rounding: Option<[u8; 2]>,
    /// The block that the sum is of, where it is rounded; 0 elsewhere.
    pub block: u32,
    /// The synapses.
    pub synapses: Range<u32>,
    /// Where their targets are.
    pub stretches: Stretches,
}

/// A synapse: what it adds to which compartment of the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulate) struct Synapse {
    /// The compartment.
    pub target: u32,
    /// What is added, times the message if that counts.
    pub weight: i32,
}

/// A synapse with what it is sorted by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    axon: u32,
    ring: u32,
    block: u32,
    steps: u8,
    graded: bool,
    rounding: Option<[u8; 2]>,
    target: u32,
    weight: i32,
}

impl Rows {
    /// The rows of a core.
    pub fn new(core: &Core, profile: Profile) -> Self {
        let first_ring = first_rings(core);
        let mut entries = Vec::with_capacity(core.n_synapses());
        // What arrives at a program is no sum: see `programs`.
        for (b, block) in core.blocks.iter().enumerate().filter(|(_, block)| block.link != Link::Ltc) {
            let unit = unit(&core.groups[block.group as usize].model);
            let Action { kind, graded } = weights::action(&block.link, profile);
            // Blocks whose sums are not rounded need not be told apart.
            let (rounding, b) = match kind {
                Kind::Exact => (None, 0),
                Kind::Rounded { shift } => (Some([shift, unit as u8]), b as u32),
            };
            for (row, axon) in block.axon.iter().enumerate() {
                entries.extend(block.row(row).map(|i| Entry {
                    axon: *axon,
                    ring: first_ring[block.group as usize] + u32::from(block.port),
                    block: b,
                    steps: if block.link == Link::Direct { 0 } else { block.delay[i] + 1 },
                    graded,
                    rounding,
                    target: block.target[i],
                    weight: weights::acting(block.weight[i], &block.link, profile, unit),
                }));
            }
        }
        entries.sort_unstable();
        let mut rows = Self::from_sorted(core, &entries, *first_ring.last().expect("one more than groups"));
        for block in core.blocks.iter().filter(|block| block.link == Link::Ltc) {
            for (row, axon) in block.axon.iter().enumerate() {
                rows.n_synapses[*axon as usize] += block.row(row).len() as u32;
            }
        }
        rows
    }

    fn from_sorted(core: &Core, entries: &[Entry], n_rings: u32) -> Self {
        let sizes = ring_sizes(core);
        let n_axons = core.input_axons.len();
        let mut rows = Self {
            first: Vec::with_capacity(n_axons + 1),
            runs: Vec::new(),
            synapses: Vec::with_capacity(entries.len()),
            n_synapses: vec![0; n_axons],
            most_steps: vec![0; n_rings as usize],
        };
        let runs = entries.chunk_by(|a, b| {
            (a.axon, a.ring, a.block, a.steps, a.graded, a.rounding)
                == (b.axon, b.ring, b.block, b.steps, b.graded, b.rounding)
        });
        for run in runs {
            let Entry { axon, ring, block, steps, graded, rounding, .. } = run[0];
            rows.first.resize(axon as usize + 1, rows.runs.len() as u32);
            rows.n_synapses[axon as usize] += run.len() as u32;
            let most = &mut rows.most_steps[ring as usize];
            *most = (*most).max(steps);
            let begin = rows.synapses.len() as u32;
            let per_stretch = LANES * blocks_per_stretch(sizes[ring as usize].div_ceil(LANES));
            let mut stretches = 0;
            for Entry { target, weight, .. } in run {
                stretches |= 1 << (*target as usize / per_stretch);
                rows.synapses.push(Synapse { target: *target, weight: *weight });
            }
            let synapses = begin..rows.synapses.len() as u32;
            rows.runs.push(Run { ring, steps, graded, rounding, block, synapses, stretches });
        }
        rows.first.resize(n_axons + 1, rows.runs.len() as u32);
        rows
    }

    /// The runs of an axon.
    #[inline]
    pub fn runs(&self, axon: u32) -> &[Run] {
        &self.runs[self.first[axon as usize] as usize..self.first[axon as usize + 1] as usize]
    }

    /// The synapses of a run.
    #[inline]
    pub fn synapses(&self, run: &Run) -> &[Synapse] {
        &self.synapses[run.synapses.start as usize..run.synapses.end as usize]
    }

    /// How many synapses an axon has.
    #[inline]
    pub fn n_synapses(&self, axon: u32) -> u64 {
        u64::from(self.n_synapses[axon as usize])
    }

    /// The longest way from sending to arrival at a ring.
    pub fn most_steps(&self, ring: usize) -> u8 {
        self.most_steps[ring]
    }
}

/// Blocks that one bit of [`Stretches`] stands for, in a group of so many.
pub(in crate::emulate) fn blocks_per_stretch(n_blocks: usize) -> usize {
    n_blocks.div_ceil(Stretches::BITS as usize).max(1)
}

/// Bits from what arrives to the number that the model adds.
pub(super) fn unit(model: &Model) -> u32 {
    match model {
        Model::Lif(_) | Model::LifReset { .. } | Model::TernaryLif { .. } => CURRENT_BITS,
        Model::FloatLif(_)
        | Model::GradedVec { .. }
        | Model::Product { .. }
        | Model::Sigma
        | Model::Delta(_)
        | Model::SigmaDelta { .. }
        | Model::Resonator(_)
        | Model::Ltc(_) => 0,
    }
}

/// The first ring of every group, one a port, and their number at last.
fn first_rings(core: &Core) -> Vec<u32> {
    let ports = core.groups.iter().map(|group| u32::from(group.model.n_ports()));
    let mut first = vec![0];
    ports.for_each(|n| first.push(first[first.len() - 1] + n));
    first
}

/// The number of compartments behind every ring.
fn ring_sizes(core: &Core) -> Vec<usize> {
    let sizes = core
        .groups
        .iter()
        .flat_map(|group| std::iter::repeat_n(group.neurons.len(), usize::from(group.model.n_ports())));
    sizes.collect()
}
