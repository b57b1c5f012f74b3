//! What a packet adds, where and when.

use std::ops::Range;

use super::weights::{self, Action, CURRENT_BITS, Kind};
use crate::emulate::Profile;
use crate::emulate::lanes::LANES;
use crate::emulate::ring::{Ring, Stretches, Synapse};
use crate::netlist::{Core, Link, Model};

/// The synapses of a core, by input axon: a row is cut into runs that add to one port of one group.
pub(in crate::emulate) struct Rows {
    /// Where every axon's runs begin; `[n_axons + 1]`.
    first: Vec<u32>,
    runs: Vec<Run>,
    marks: Vec<Mark>,
    synapses: Vec<Synapse>,
    /// Synapses of every axon.
    n_synapses: Vec<u32>,
    /// The longest way from sending to arrival, by ring.
    most_steps: Vec<u8>,
}

/// Synapses of an axon at one port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emulate) struct Run {
    /// The ring that they add to.
    pub ring: u32,
    /// Whether a message's number counts.
    pub graded: bool,
    /// The sum that they are part of, if it is rounded. Then they have one delay, and their places are compartments.
    pub rounding: Option<Rounding>,
    synapses: Range<u32>,
    marks: Range<u32>,
}

/// A sum that is rounded: that of a block's synapses of one delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::emulate) struct Rounding {
    /// The block.
    pub block: u32,
    /// Bits that the sum is shifted to the right.
    pub right: u8,
    /// Bits that it is then shifted to the left.
    pub left: u8,
}

/// When and where synapses of a run arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulate) struct Mark {
    /// Steps from sending to arrival: 0 for a wire, 1 and the delay for all others.
    pub steps: u8,
    /// Where the targets are.
    pub stretches: Stretches,
}

/// A synapse with what it is sorted by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    axon: u32,
    ring: u32,
    graded: bool,
    rounding: Option<Rounding>,
    steps: u8,
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
            let rounding = match kind {
                Kind::Exact => None,
                Kind::Rounded { shift } => Some(Rounding { block: b as u32, right: shift, left: unit as u8 }),
            };
            for (row, axon) in block.axon.iter().enumerate() {
                entries.extend(block.row(row).map(|i| Entry {
                    axon: *axon,
                    ring: first_ring[block.group as usize] + u32::from(block.port),
                    graded,
                    rounding,
                    steps: if block.link == Link::Direct { 0 } else { block.delay[i] + 1 },
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
        let sizes = ring_blocks(core);
        let n_axons = core.input_axons.len();
        let mut rows = Self {
            first: Vec::with_capacity(n_axons + 1),
            runs: Vec::new(),
            marks: Vec::new(),
            synapses: Vec::with_capacity(entries.len()),
            n_synapses: vec![0; n_axons],
            most_steps: vec![0; n_rings as usize],
        };
        let runs = entries.chunk_by(|a, b| {
            let is_one_sum = a.rounding.is_none() || a.steps == b.steps;
            (a.axon, a.ring, a.graded, a.rounding) == (b.axon, b.ring, b.graded, b.rounding) && is_one_sum
        });
        for run in runs {
            let Entry { axon, ring, graded, rounding, .. } = run[0];
            rows.first.resize(axon as usize + 1, rows.runs.len() as u32);
            rows.n_synapses[axon as usize] += run.len() as u32;
            let begin = [rows.synapses.len() as u32, rows.marks.len() as u32];
            for part in run.chunk_by(|a, b| a.steps == b.steps) {
                rows.part(part, sizes[ring as usize]);
            }
            let synapses = begin[0]..rows.synapses.len() as u32;
            let marks = begin[1]..rows.marks.len() as u32;
            rows.runs.push(Run { ring, graded, rounding, synapses, marks });
        }
        rows.first.resize(n_axons + 1, rows.runs.len() as u32);
        rows
    }

    /// Adds synapses that arrive together at a group of so many blocks.
    fn part(&mut self, part: &[Entry], n_blocks: usize) {
        let Entry { ring, steps, .. } = part[0];
        let most = &mut self.most_steps[ring as usize];
        *most = (*most).max(steps);
        let per_stretch = LANES * blocks_per_stretch(n_blocks);
        let mut stretches = 0;
        for Entry { target, weight, rounding, .. } in part {
            stretches |= 1 << (*target as usize / per_stretch);
            let place = if rounding.is_some() { *target } else { Ring::place(n_blocks, steps, *target) };
            self.synapses.push(Synapse { place, weight: *weight });
        }
        self.marks.push(Mark { steps, stretches });
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

    /// When and where the synapses of a run arrive.
    #[inline]
    pub fn marks(&self, run: &Run) -> &[Mark] {
        &self.marks[run.marks.start as usize..run.marks.end as usize]
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

/// The number of blocks behind every ring.
fn ring_blocks(core: &Core) -> Vec<usize> {
    let blocks = core.groups.iter().flat_map(|group| {
        let n_blocks = group.neurons.len().div_ceil(LANES);
        std::iter::repeat_n(n_blocks, usize::from(group.model.n_ports()))
    });
    blocks.collect()
}
