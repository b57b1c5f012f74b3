//! One core.

use std::ops::AddAssign;

use pulp::Arch;

use super::compile::{Mark, Packet, ProgramRow, Rounding, Routes, Rows, Toll, Way, blocks_per_stretch};
use super::lanes::LANES;
use super::neurons::{Deeds, Neurons, Outcome, Waiting};
use super::ring::{Ring, Stretches, add};
use super::{Message, Work};

/// A core: its compartments, what arrives at them, and what happens to packets.
///
/// ```text
/// update(t)     groups take step t where something arrives or is not at rest; messages go to the outboxes
/// deliver(t)    the rows of the packets that were sent in step t are added to what arrives later
/// ```
pub(super) struct CoreState {
    pub number: u32,
    groups: Vec<GroupState>,
    /// For every port of every group.
    rings: Vec<Ring>,
    rows: Rows,
    /// The rows of axons that end at programs; none if there are no programs.
    program_rows: Vec<Vec<ProgramRow>>,
    routes: Routes,
    /// Packets that wait to be delivered: the axon and the message.
    pub inbox: Vec<(u32, i32)>,
    /// Runs whose sums are rounded, until all packets of the step are there; and room for such a sum.
    rounded: Vec<Rounded>,
    sum: Vec<i32>,
    /// The compartments of a group that send, and what; empty between two groups.
    fired: Vec<(u32, i32)>,
    /// Not 0 for compartments that were updated in the step, if anybody wants to know. Those that are not looked at are
    /// at rest, and so what they were in the step before.
    pub updated: Option<Vec<u8>>,
    /// The compartments that sent something in the step.
    pub senders: Vec<u32>,
    /// What was sent in the step.
    pub sent: Vec<Message>,
    /// What was done in the step, and whether anything was.
    pub work: Work,
    pub worked: bool,
}

/// A run that adds to a rounded sum. They are sorted by the sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rounded {
    of: Rounding,
    steps: u8,
    axon: u32,
    /// The run of the axon.
    run: u32,
    value: i32,
}

/// A group of a core.
pub(super) struct GroupState {
    neurons: Neurons,
    /// The node of every compartment.
    nodes: Vec<u32>,
    /// The core's number of the first of them.
    first_compartment: usize,
    /// The rings of the two ports; twice the same where there is one.
    rings: [usize; 2],
    stage: u32,
    /// Resets come every so many steps, at this one of them.
    reset: Option<[u32; 2]>,
    blocks_per_stretch: usize,
    /// The stretches that are not at rest.
    active: Stretches,
    all: Stretches,
}

impl GroupState {
    /// A group at its start, which nobody knows to be at rest.
    pub fn new(
        neurons: Neurons,
        nodes: Vec<u32>,
        first_compartment: usize,
        rings: [usize; 2],
        stage: u32,
        reset: Option<[u32; 2]>,
    ) -> Self {
        let n_blocks = nodes.len().div_ceil(LANES);
        let blocks_per_stretch = blocks_per_stretch(n_blocks);
        let n_stretches = n_blocks.div_ceil(blocks_per_stretch);
        let all = (1_u128 << n_stretches).wrapping_sub(1) as Stretches;
        Self { neurons, nodes, first_compartment, rings, stage, reset, blocks_per_stretch, active: all, all }
    }

    /// The compartments.
    pub fn neurons(&self) -> &Neurons {
        &self.neurons
    }

    fn n_blocks(&self) -> usize {
        self.nodes.len().div_ceil(LANES)
    }
}

impl CoreState {
    /// A core at its start.
    pub fn new(
        number: u32,
        groups: Vec<GroupState>,
        rings: Vec<Ring>,
        rows: Rows,
        program_rows: Vec<Vec<ProgramRow>>,
        routes: Routes,
    ) -> Self {
        let largest = groups.iter().map(GroupState::n_blocks).max().unwrap_or(0);
        Self {
            number,
            groups,
            rings,
            rows,
            program_rows,
            routes,
            inbox: Vec::new(),
            rounded: Vec::new(),
            sum: vec![0; largest.next_power_of_two() * LANES],
            fired: Vec::new(),
            updated: None,
            senders: Vec::new(),
            sent: Vec::new(),
            work: Work::default(),
            worked: false,
        }
    }

    /// From the next step on, notes which compartments are updated.
    pub fn note_updates(&mut self) {
        let n_compartments = self.groups.iter().map(|group| group.nodes.len()).sum();
        self.updated = Some(vec![0; n_compartments]);
    }

    /// Forgets what it did in the step before.
    pub fn forget(&mut self) {
        self.sent.clear();
        self.senders.clear();
        self.work = Work::default();
        self.worked = false;
    }

    /// A group.
    pub fn group(&self, group: u32) -> &GroupState {
        &self.groups[group as usize]
    }

    /// What its programs have done so far.
    pub fn programs(&self) -> impl Iterator<Item = crate::ltc::Work> + '_ {
        self.groups.iter().filter_map(|group| group.neurons.program())
    }

    /// The groups of a stage take step `t`, and their messages go to the outboxes of the shards.
    pub fn update(&mut self, arch: Arch, t: u32, stage: u32, outboxes: &mut [Vec<Packet>]) {
        let Self { groups, rings, routes, fired, updated, senders, sent, work, worked, .. } = self;
        for group in groups.iter_mut().filter(|group| group.stage == stage) {
            let is_due = |[interval, at]: [u32; 2]| t % interval == at;
            if group.reset.is_some_and(is_due) && group.neurons.reset() {
                group.active = group.all;
            }
            let arrived = group.rings.map(|ring| rings[ring].arrived(t));
            let told = if group.neurons.take_messages(t) { group.all } else { 0 };
            let arrived = arrived[0] | arrived[1] | told;
            if group.active | arrived == 0 {
                continue;
            }
            *worked = true;
            work.neuron_updates += group.update(arch, t, arrived, rings, fired, updated.as_deref_mut());
            group.rings.into_iter().for_each(|ring| rings[ring].clear(t, group.blocks_per_stretch));
            for (compartment, value) in fired.drain(..) {
                sent.push(Message { node: group.nodes[compartment as usize], value });
                let sender = group.first_compartment + compartment as usize;
                senders.push(sender as u32);
                for Way { shard, core, axon } in routes.ways(sender) {
                    outboxes[*shard as usize].push(Packet { core: *core, axon: *axon, value });
                }
                work.spikes += 1;
                *work += routes.toll(sender);
            }
        }
    }

    /// The packets of the inbox, which were sent in step `t`, arrive at their rows.
    pub fn deliver(&mut self, t: u32, by_sources: bool) {
        let Self { groups, rings, rows, program_rows, inbox, rounded, work, .. } = self;
        self.worked = true;
        let mut events = 0;
        let n_packets = inbox.len() as u64;
        for (axon, value) in inbox.drain(..) {
            events += rows.n_synapses(axon);
            for ProgramRow { group, block, row } in program_rows.get(axon as usize).into_iter().flatten() {
                let message = Waiting { due: t.wrapping_add(1), block: *block, row: *row, change: value };
                groups[*group as usize].neurons.tell(message);
            }
            for (i, run) in (0..).zip(rows.runs(axon)) {
                let marks = rows.marks(run);
                if let Some(of) = run.rounding {
                    let sums = marks.iter().map(|mark| mark.steps);
                    rounded.extend(sums.map(|steps| Rounded { of, steps, axon, run: i, value }));
                    continue;
                }
                let ring = &mut rings[run.ring as usize];
                for Mark { steps, stretches } in marks {
                    ring.mark(t.wrapping_add(u32::from(*steps)), *stretches);
                }
                ring.add(t, rows.synapses(run), if run.graded { value } else { 1 });
            }
        }
        if by_sources {
            work.input_packets += n_packets;
            work.input_events += events;
        } else {
            work.synaptic_events += events;
        }
        if !self.rounded.is_empty() {
            self.round(t);
        }
    }

    /// Sums up what blocks with rounded sums add, one sum for every block and delay, and rounds them.
    fn round(&mut self, t: u32) {
        let Self { rings, rows, rounded, sum, .. } = self;
        rounded.sort_unstable();
        for parts in rounded.chunk_by(|a, b| (a.of, a.steps) == (b.of, b.steps)) {
            let Rounded { of: Rounding { block: _, right, left }, steps, .. } = parts[0];
            let arrival = t.wrapping_add(u32::from(steps));
            let mut ring = 0;
            for Rounded { axon, run, value, .. } in parts {
                let run = &rows.runs(*axon)[*run as usize];
                ring = run.ring as usize;
                rows.marks(run).iter().for_each(|mark| rings[ring].mark(arrival, mark.stretches));
                add(sum, 0, rows.synapses(run), if run.graded { *value } else { 1 });
            }
            for (target, sum) in rings[ring].slot(arrival).iter_mut().zip(&mut *sum) {
                *target = target.wrapping_add((*sum >> right) << left);
                *sum = 0;
            }
        }
        rounded.clear();
    }
}

impl GroupState {
    /// Takes step `t` where something has arrived or is not at rest; says how many compartments did, which of them
    /// send what, and, by their number on the core, whether they were updated.
    fn update(
        &mut self,
        arch: Arch,
        t: u32,
        arrived: Stretches,
        rings: &[Ring],
        fired: &mut Vec<(u32, i32)>,
        mut updated: Option<&mut [u8]>,
    ) -> u64 {
        let (n, n_blocks) = (self.nodes.len(), self.n_blocks());
        let mut due = self.active | arrived;
        let mut updates = 0;
        let mut deeds = Deeds { sent: [0; LANES], updated: [0; LANES] };
        self.active = arrived;
        while due != 0 {
            let stretch = due.trailing_zeros() as usize;
            due &= due - 1;
            let first = stretch * self.blocks_per_stretch;
            for block in first..(first + self.blocks_per_stretch).min(n_blocks) {
                let arrivals = self.rings.map(|ring| rings[ring].block(t, block));
                let Outcome { sends, rests } = self.neurons.step(arch, block, arrivals, &mut deeds);
                self.active |= Stretches::from(!rests) << stretch;
                let n_here = (n - block * LANES).min(LANES);
                updates += n_here as u64;
                if let Some(updated) = &mut updated {
                    let first = self.first_compartment + block * LANES;
                    let here = &mut updated[first..first + n_here];
                    here.iter_mut().zip(&deeds.updated).for_each(|(is, of)| *is = u8::from(*of != 0));
                }
                if sends {
                    let messages = (block as u32 * LANES as u32..).zip(&deeds.sent);
                    fired.extend(messages.filter(|(_, value)| **value != 0).map(|(i, value)| (i, *value)));
                }
            }
        }
        updates
    }
}

impl AddAssign<&Toll> for Work {
    fn add_assign(&mut self, toll: &Toll) {
        let Toll { packets, own_packets, hops, chip_hops } = toll;
        self.packets += packets;
        self.own_packets += own_packets;
        for axis in 0..2 {
            self.hops[axis] += hops[axis];
            self.chip_hops[axis] += chip_hops[axis];
        }
    }
}
