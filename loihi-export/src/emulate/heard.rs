//! At which compartments of a core something arrives, whatever it adds up to.
//!
//! The emulator itself adds arrivals up and forgets how many there were; where a run is priced, a compartment whose
//! arrivals cancel each other has had work all the same.

use crate::netlist::{Core, Link};

/// What is on its way to a core's compartments: a bit a compartment and step to come.
pub(super) struct Heard {
    /// For every input axon its first entry in `targets`, and the number of all.
    first: Vec<u32>,
    /// The compartments that a spike reaches, and how many steps later than the next one.
    targets: Vec<(u32, u8)>,
    /// A word is 64 compartments of a step.
    words: usize,
    /// Steps that the ring holds.
    n_steps: usize,
    ring: Vec<u64>,
}

impl Heard {
    /// A core at which nothing has arrived.
    pub fn new(core: &Core) -> Self {
        let first_compartments: Vec<u32> = core
            .groups
            .iter()
            .scan(0, |sum, group| Some(std::mem::replace(sum, *sum + group.neurons.len() as u32)))
            .collect();
        let mut rows: Vec<Vec<(u32, u8)>> = vec![Vec::new(); core.input_axons.len()];
        let mut most = 0;
        // What comes by a wire acts in the step in which it is sent, and whoever it reaches has changed then.
        for block in core.blocks.iter().filter(|block| block.link != Link::Direct) {
            most = most.max(usize::from(block.max_delay()));
            let compartment = first_compartments[block.group as usize];
            for (row, axon) in block.axon.iter().enumerate() {
                let reached = block.row(row).map(|i| (compartment + block.target[i], block.delay[i]));
                rows[*axon as usize].extend(reached);
            }
        }
        let mut first = vec![0];
        let mut targets = Vec::with_capacity(rows.iter().map(Vec::len).sum());
        for row in rows {
            targets.extend(row);
            first.push(targets.len() as u32);
        }
        let (words, n_steps) = (core.n_compartments().div_ceil(64), most + 2);
        Self { first, targets, words, n_steps, ring: vec![0; words * n_steps] }
    }

    /// A message that was sent in step `t` is on its way from this input axon.
    pub fn arrive(&mut self, t: u32, axon: u32) {
        let Self { first, targets, words, n_steps, ring } = self;
        let row = first[axon as usize] as usize..first[axon as usize + 1] as usize;
        for (compartment, delay) in &targets[row] {
            let step = (t as usize + 1 + usize::from(*delay)) % *n_steps;
            ring[step * *words + *compartment as usize / 64] |= 1 << (compartment % 64);
        }
    }

    /// The compartments at which something arrives in step `t`, or that were updated (not 0), or that sent something:
    /// rising, each once. What has arrived in that step is forgotten.
    pub fn or(&mut self, t: u32, updated: &[u8], sent: &[u32]) -> impl Iterator<Item = u32> + '_ {
        let first = t as usize % self.n_steps * self.words;
        let now = &mut self.ring[first..first + self.words];
        for (word, updated) in now.iter_mut().zip(updated.chunks(64)) {
            *word |= (0..).zip(updated).fold(0, |bits, (i, is)| bits | u64::from(*is != 0) << i);
        }
        for compartment in sent {
            now[*compartment as usize / 64] |= 1 << (compartment % 64);
        }
        (0..).step_by(64).zip(now).flat_map(|(first, bits)| Bits { bits: std::mem::take(bits), first })
    }
}

/// The bits that are set, from the lowest.
struct Bits {
    bits: u64,
    first: u32,
}

impl Iterator for Bits {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let bit = (self.bits != 0).then(|| self.bits.trailing_zeros())?;
        self.bits &= self.bits - 1;
        Some(self.first + bit)
    }
}
