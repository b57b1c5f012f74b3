//! What arrives at a group, and when.

use super::lanes::{LANES, Lane};

/// The bits of a group's stretches: 64 of them, as few blocks each as there can be.
pub(super) type Stretches = u64;

/// A synapse: where it adds what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Synapse {
    /// The place in the ring, counted from the step of the sending: see [`Ring::place`].
    pub place: u32,
    /// What is added, times the message if that counts.
    pub weight: i32,
}

/// Sums of what arrives at the compartments of a group, by steps to come.
///
/// Slots and their widths are powers of two, and a step's slot begins where the last bits of its number say. So a
/// synapse's place is one number, whatever its delay, and the whole row of an axon is one loop.
pub(super) struct Ring {
    /// `[slots, blocks of a slot]`
    sums: Vec<Lane>,
    /// The stretches at which anything arrives; `[slots]`.
    arrived: Vec<Stretches>,
    n_blocks: usize,
    /// Blocks of a slot: those of the group, and unused ones up to a power of two.
    width: usize,
    last_slot: u32,
}

impl Ring {
    /// For arrivals up to `most_steps` after the sending.
    pub fn new(n_blocks: usize, most_steps: u8) -> Self {
        let n_slots = (usize::from(most_steps) + 1).next_power_of_two();
        let width = width(n_blocks);
        Self {
            sums: vec![[0; LANES]; n_slots * width],
            arrived: vec![0; n_slots],
            n_blocks,
            width,
            last_slot: n_slots as u32 - 1,
        }
    }

    /// The place of a compartment so many steps after the sending, in a group of so many blocks.
    pub fn place(n_blocks: usize, steps: u8, compartment: u32) -> u32 {
        u32::from(steps).wrapping_mul((width(n_blocks) * LANES) as u32).wrapping_add(compartment)
    }

    /// The stretches at which something arrives in step `t`.
    pub fn arrived(&self, t: u32) -> Stretches {
        self.arrived[(t & self.last_slot) as usize]
    }

    /// Notes that something arrives at these stretches in step `t`.
    #[inline]
    pub fn mark(&mut self, t: u32, stretches: Stretches) {
        self.arrived[(t & self.last_slot) as usize] |= stretches;
    }

    /// What arrives at a block in step `t`.
    pub fn block(&self, t: u32, block: usize) -> &Lane {
        &self.sums[self.first(t) + block]
    }

    /// Adds a row that is sent in step `t`, times a factor.
    #[inline]
    pub fn add(&mut self, t: u32, synapses: &[Synapse], factor: i32) {
        let first = self.first(t) * LANES;
        add(self.sums.as_flattened_mut(), first, synapses, factor);
    }

    /// The sums of step `t`, to add to.
    pub fn slot(&mut self, t: u32) -> &mut [i32] {
        let first = self.first(t);
        self.sums[first..first + self.n_blocks].as_flattened_mut()
    }

    /// Makes room in the slot of step `t`, which is over, for a later one.
    pub fn clear(&mut self, t: u32, blocks_per_stretch: usize) {
        let mut arrived = std::mem::take(&mut self.arrived[(t & self.last_slot) as usize]);
        let first = self.first(t);
        while arrived != 0 {
            let begin = arrived.trailing_zeros() as usize * blocks_per_stretch;
            let end = (begin + blocks_per_stretch).min(self.n_blocks);
            self.sums[first + begin..first + end].fill([0; LANES]);
            arrived &= arrived - 1;
        }
    }

    fn first(&self, t: u32) -> usize {
        (t & self.last_slot) as usize * self.width
    }
}

/// Blocks of a slot.
fn width(n_blocks: usize) -> usize {
    n_blocks.next_power_of_two()
}

/// Adds synapses to sums from `first` on, round and round; their number is a power of two. Whatever the order, the
/// bits are the same.
#[inline]
pub(super) fn add(sums: &mut [i32], first: usize, synapses: &[Synapse], factor: i32) {
    // So that the compiler sees that no place is beyond the end.
    let Some(last) = sums.len().checked_sub(1) else { return };
    if factor == 1 {
        for Synapse { place, weight } in synapses {
            let sum = &mut sums[(first + *place as usize) & last];
            *sum = sum.wrapping_add(*weight);
        }
    } else {
        for Synapse { place, weight } in synapses {
            let sum = &mut sums[(first + *place as usize) & last];
            *sum = sum.wrapping_add(weight.wrapping_mul(factor));
        }
    }
}
