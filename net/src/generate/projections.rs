//! From a checked description to projections.

use super::check::Resolved;
use super::rules::{self, Ends, Rule, Streams};
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
        n_sources: resolved.sizes[source],
        n_targets: resolved.sizes[target],
        same: source == target,
        allow_autapses: spec.allow_autapses,
        allow_multapses: spec.allow_multapses,
        source_at: populations[source].positions.as_deref(),
        target_at: populations[target].positions.as_deref(),
    };
    let streams = Streams { seed, projection: idx as u32 };
    let rows::Rows { row_start, target: targets } = rules::connect(&spec.rule, &ends, streams);
    let weight = weights(spec, &row_start, streams);
    let delay = delays(spec, &row_start, streams);
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
    let sample = spec.weight.sampler();
    let stream = |row| Stream::new(streams.seed, Purpose::Weight, streams.projection, row);
    match spec.precision {
        Precision::Single => Weights::F32(rows::fill(row_start, |row, weights| {
            let mut stream = stream(row);
            weights.iter_mut().for_each(|weight| *weight = sample(&mut stream) as f32);
        })),
        Precision::Double => Weights::F64(rows::fill(row_start, |row, weights| {
            let mut stream = stream(row);
            weights.iter_mut().for_each(|weight| *weight = sample(&mut stream));
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
    let sample = spec.delay.sampler();
    let tick = spec.tick;
    let n = rows::fill(row_start, |row, delays| {
        let mut stream = Stream::new(streams.seed, Purpose::Delay, streams.projection, row);
        let mut ticks = || (sample(&mut stream) / tick).round().clamp(1.0, f64::from(u16::MAX)) as u16;
        delays.iter_mut().for_each(|delay| *delay = ticks());
    });
    Delays::Ticks { tick, n }
}
