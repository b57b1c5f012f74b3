//! Poisson sources that each feed one neuron: their counts are drawn where they are added.

use std::ops::Range;

use pulp::NullaryFnOnce;
use rheobase_lif::Port;

use super::lanes::BLOCK;
use crate::job::Job;
use crate::plan::{Fused, Part};
use crate::sources::{Counts, Group, groups_of};

/// The background of the neurons of a part.
#[derive(Debug)]
pub(super) struct Background {
    pub weight: f64,
    pub port: Port,
    /// Delay in steps.
    delay: u32,
    counts: Counts,
    first: u32,
    /// Spikes that have arrived.
    pub spikes: u64,
}

impl Background {
    /// The backgrounds of a part.
    pub fn of(job: &Job<'_>, part: &Part) -> Vec<Self> {
        let of_part = job.plan.fused.iter().filter(|fused| fused.target == part.population);
        of_part
            .map(|fused| {
                let Fused { source, target: _, mean, weight, port, delay } = *fused;
                let counts = Counts::new(job.seed, source.0, mean);
                Self { weight, port, delay, counts, first: part.first, spikes: 0 }
            })
            .collect()
    }

    /// Draws the counts that arrive at the end of step `now` at some neurons of the part; none before the
    /// first can arrive.
    pub fn arriving<'a>(&self, now: u32, neurons: &Range<usize>, room: &'a mut Room) -> Option<&'a [u16]> {
        let sent = now.checked_sub(self.delay).filter(|sent| *sent > 0)?;
        let source = |neuron: usize| self.first + neuron as u32;
        Some(self.counts.draw(source(neurons.start)..source(neurons.end), sent, room))
    }
}

/// So many neurons take a step and their background together, while they lie in the nearest cache.
pub(super) const STRETCH: usize = 8 * BLOCK;

/// Room for the counts of a stretch.
pub(super) type Room = [Group; groups_of(STRETCH)];

/// Adds `weight` times the counts to the values, and says how many spikes that are.
pub(super) struct AddCounts<'a> {
    pub values: &'a mut [f64],
    pub counts: &'a [u16],
    pub weight: f64,
}

impl NullaryFnOnce for AddCounts<'_> {
    type Output = u64;

    #[inline(always)]
    fn call(self) -> u64 {
        let Self { values, counts, weight } = self;
        // Sums of so few counts of 16 bits fit 32 bits.
        debug_assert!(counts.len() <= STRETCH);
        let mut spikes = 0_u32;
        for (value, count) in values.iter_mut().zip(counts) {
            *value += weight * f64::from(*count);
            spikes += u32::from(*count);
        }
        spikes.into()
    }
}
