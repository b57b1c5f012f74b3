//! Poisson sources that each feed one neuron: their counts are drawn where they are added.

use pulp::NullaryFnOnce;
use rheobase_lif::Port;

use super::lanes::BLOCK;
use crate::job::Job;
use crate::plan::{Fused, Part};
use crate::sources::{Counts, STEPS};

/// The background of the neurons of a part.
#[derive(Debug)]
pub(super) struct Background {
    weight: f64,
    port: Port,
    /// Delay in steps.
    delay: u32,
    counts: Counts,
    first: u32,
    /// The counts of a few steps, step after step.
    drawn: Vec<u16>,
    /// The block of steps that is drawn.
    block: Option<u32>,
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
                Self {
                    weight,
                    port,
                    delay,
                    counts: Counts::new(job.seed, source.0, mean),
                    first: part.first,
                    drawn: vec![0; (part.size * STEPS) as usize],
                    block: None,
                    spikes: 0,
                }
            })
            .collect()
    }

    /// The weight and the port, and the counts that arrive at the end of step `now`, one a neuron; none
    /// before the first can arrive.
    pub fn arriving(&mut self, now: u32) -> Option<(f64, Port, &[u16])> {
        let Self { weight, port, delay, counts, first, drawn, block, spikes: _ } = self;
        let sent = now.checked_sub(*delay).filter(|sent| *sent > 0)?;
        if *block != Some(sent / STEPS) {
            counts.draw(*first, sent / STEPS, drawn);
            *block = Some(sent / STEPS);
        }
        let n = drawn.len() / STEPS as usize;
        let at = (sent % STEPS) as usize * n;
        Some((*weight, *port, &drawn[at..at + n]))
    }
}

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
        let mut spikes = 0;
        // Blocks, so that sums of 16-bit counts fit 32 bits.
        for (values, counts) in values.chunks_mut(BLOCK).zip(counts.chunks(BLOCK)) {
            let mut of_block = 0_u32;
            for (value, count) in values.iter_mut().zip(counts) {
                *value += weight * f64::from(*count);
                of_block += u32::from(*count);
            }
            spikes += u64::from(of_block);
        }
        spikes
    }
}
