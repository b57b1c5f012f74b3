//! From a checked description to projections.

use super::check::Resolved;
use super::rules::{self, Ends, Rule, Streams};
use super::sampler::Sampler;
use super::{Distribution, Precision, ProjectionSpec, rows};
use crate::random::{Purpose, Stream};
use crate::{Delays, Population, PopulationId, Projection, Synapses, Weights};

/// Makes the projection `idx`.
pub(super) fn projection(
    spec: &ProjectionSpec,
    idx: usize,
    resolved: &Resolved,
    populations: &[Population],
    seed: u64,
) -> Projection {
    let (source, target) = resolved.ends[idx];
    let ends = Ends {
        n_sources: populations[source].n_senders(),
        n_targets: populations[target].n_ends(),
        same: source == target && populations[target].model.is_neuron(),
        allow_autapses: spec.allow_autapses,
        allow_multapses: spec.allow_multapses,
        source_at: populations[source].positions.as_deref(),
        target_at: populations[target].positions.as_deref(),
    };
    let streams = Streams { seed, projection: idx as u32 };
    let rows::Rows { mut row_start, target: targets } = rules::connect(&spec.rule, &ends, streams);
    let weight = weights(spec, &row_start, streams);
    let delay = delays(spec, &row_start, streams);
    // The units of a group that are no outputs have rows without synapses.
    row_start.resize(resolved.sizes[source] as usize + 1, targets.len() as u64);
    Projection {
        name: spec.full_name(),
        source: PopulationId(source as u32),
        target: PopulationId(target as u32),
        receptor: spec.receptor,
        synapses: Synapses { row_start, target: targets, weight, delay },
        plasticity: spec.plasticity,
    }
}

fn weights(spec: &ProjectionSpec, row_start: &[u64], streams: Streams) -> Weights {
    if let Rule::Explicit(explicit) = &spec.rule
        && let Some(weights) = explicit.weights()
    {
        return match spec.precision {
            Precision::Single => Weights::F32(weights.into_iter().map(|weight| weight as f32).collect()),
            Precision::Double => Weights::F64(weights),
        };
    }
    if let Distribution::Constant(weight) = spec.weight {
        return Weights::Shared(weight);
    }
    let sampler = Sampler::new(&spec.weight);
    let stream = |row| Stream::new(streams.seed, Purpose::Weight, streams.projection, row);
    match spec.precision {
        Precision::Single => Weights::F32(rows::fill(row_start, |row, weights| {
            sampler.fill(&mut stream(row), weights, |weight| weight as f32);
        })),
        Precision::Double => Weights::F64(rows::fill(row_start, |row, weights| {
            sampler.fill(&mut stream(row), weights, |weight| weight);
        })),
    }
}

fn delays(spec: &ProjectionSpec, row_start: &[u64], streams: Streams) -> Delays {
    if let Rule::Explicit(explicit) = &spec.rule
        && let Some(delays) = explicit.delays()
    {
        return Delays::F64(delays);
    }
    if let Distribution::Constant(delay) = spec.delay {
        return Delays::Shared(delay);
    }
    let sampler = Sampler::new(&spec.delay);
    let tick = spec.tick;
    // Half a tick more, cut off, is rounded: cheaper than to ask for it.
    let in_ticks = |delay: f64| ((delay / tick).clamp(1.0, f64::from(u16::MAX)) + 0.5) as u16;
    let n = rows::fill(row_start, |row, delays| {
        let mut stream = Stream::new(streams.seed, Purpose::Delay, streams.projection, row);
        sampler.fill(&mut stream, delays, in_ticks);
    });
    Delays::Ticks { tick, n }
}
