//! What arrives at a group, and when.

use super::lanes::{LANES, Lane};

/// The bits of a group's stretches: 64 of them, as few blocks each as there can be.
pub(super) type Stretches = u64;

/// Sums of what arrives at the compartments of a group, by steps to come.
pub(super) struct Ring {
    /// `[slots, blocks]`; a power of two of slots, so that a step finds its own by its last bits.
    sums: Vec<Lane>,
    /// The stretches at which anything arrives; `[slots]`.
    arrived: Vec<Stretches>,
    n_blocks: usize,
    last_slot: u32,
}

impl Ring {
    /// For arrivals up to `most_steps` after the sending.
    pub fn new(n_blocks: usize, most_steps: u8) -> Self {
        let n_slots = (usize::from(most_steps) + 1).next_power_of_two();
        Self {
            sums: vec![[0; LANES]; n_slots * n_blocks],
            arrived: vec![0; n_slots],
            n_blocks,
            last_slot: n_slots as u32 - 1,
        }
    }

    /// The stretches at which something arrives in step `t`.
    pub fn arrived(&self, t: u32) -> Stretches {
        self.arrived[(t & self.last_slot) as usize]
    }

    /// What arrives at a block in step `t`.
    pub fn block(&self, t: u32, block: usize) -> &Lane {
        &self.sums[self.first(t) + block]
    }

    /// The sums of step `t`, to add to, of a row whose targets are in these stretches.
    #[inline]
    pub fn open(&mut self, t: u32, stretches: Stretches) -> &mut [i32] {
        self.arrived[(t & self.last_slot) as usize] |= stretches;
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
        (t & self.last_slot) as usize * self.n_blocks
    }
}
