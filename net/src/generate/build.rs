//! From a checked description to populations and projections.

use rayon::prelude::*;

use super::check::Resolved;
use super::rules::{self, Ends, Rule, Streams};
use super::spec::{LifSpec, ModelSpec, NetworkSpec, Precision, ProjectionSpec};
use super::{Distribution, place, rows};
use crate::random::{Purpose, Stream};
use crate::{
    CurrentSource, Delays, LifPopulation, Model, Param, Population, PopulationId, Projection, SpikeSource,
    Synapses, Weights,
};

/// Makes all populations.
pub(super) fn populations(spec: &NetworkSpec, resolved: &Resolved, seed: u64) -> Vec<Population> {
    let positions = place::positions(spec, &resolved.sizes, seed);
    let each = spec.populations.iter().zip(&resolved.sizes).zip(positions);
    let make = |(part, ((population, size), positions)): (u32, ((&super::PopulationSpec, &u32), _))| {
        let draw = ParamDraw { seed, part, size: *size };
        let model = match &population.model {
            ModelSpec::Lif(spec) => Model::Lif(lif(spec, draw)),
            ModelSpec::Poisson { rate_hz } => {
                Model::SpikeSource(SpikeSource::Poisson { rate_hz: draw.param(0, rate_hz) })
            }
            ModelSpec::ExternalSpikes => Model::SpikeSource(SpikeSource::External),
            ModelSpec::ExternalCurrents => Model::CurrentSource(CurrentSource::External),
        };
        Population { name: population.name.clone(), size: *size, model, positions }
    };
    (0..).zip(each).map(make).collect()
}

/// Whose parameters are drawn.
#[derive(Clone, Copy)]
struct ParamDraw {
    seed: u64,
    part: u32,
    size: u32,
}

impl ParamDraw {
    /// Parameter number `number` (< 16) of the population.
    fn param(self, number: u64, distribution: &Distribution) -> Param {
        if let Distribution::Constant(value) = distribution {
            return Param::Shared(*value);
        }
        let sample = distribution.sampler();
        let value = |i: u32| {
            let index = u64::from(i) << 4 | number;
            sample(&mut Stream::new(self.seed, Purpose::Parameter, self.part, index))
        };
        Param::PerNode((0..self.size).into_par_iter().map(value).collect())
    }
}

fn lif(spec: &LifSpec, draw: ParamDraw) -> LifPopulation {
    let mut population = LifPopulation { synapse: spec.synapse, ..LifPopulation::default() };
    for (number, ((_, param), (_, distribution))) in
        (0..).zip(population.params_mut().into_iter().zip(spec.params()))
    {
        *param = draw.param(number, &distribution);
    }
    if spec.v_init.is_none() {
        population.v_init = population.v_rest.clone();
    }
    population
}

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
        plasticity: None,
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
