//! From a checked description to populations.

use rayon::prelude::*;

use super::check::Resolved;
use super::sampler::Sampler;
use super::{Distribution, IzhikevichSpec, LifSpec, ModelSpec, NetworkSpec, PopulationSpec, ltc, place};
use crate::random::{Purpose, Stream};
use crate::{
    CurrentSource, IzhikevichPopulation, LifPopulation, Model, Param, Population, SpikeSource, Waveform,
};

/// Makes all populations.
pub(super) fn populations(spec: &NetworkSpec, resolved: &Resolved, seed: u64) -> Vec<Population> {
    let positions = place::positions(spec, &resolved.sizes, seed);
    let each = spec.populations.iter().zip(&resolved.sizes).zip(positions);
    let make = |(part, ((population, size), positions)): (u32, ((&PopulationSpec, &u32), _))| {
        let draw = ParamDraw { seed, part, size: *size };
        let model = model(&population.model, draw);
        Population { name: population.name.clone(), size: *size, model, positions }
    };
    (0..).zip(each).map(make).collect()
}

fn model(spec: &ModelSpec, draw: ParamDraw) -> Model {
    match spec {
        ModelSpec::Lif(spec) => Model::Lif(lif(spec, draw)),
        ModelSpec::Izhikevich(spec) => Model::Izhikevich(izhikevich(spec, draw)),
        ModelSpec::Ltc(spec) => Model::Ltc(ltc::population(spec, draw.seed, draw.part)),
        ModelSpec::Trained(spec) => Model::Ltc(spec.group().expect("the check asks for it")),
        ModelSpec::Poisson { rate_hz } => {
            Model::SpikeSource(SpikeSource::Poisson { rate_hz: draw.param(0, rate_hz) })
        }
        ModelSpec::PoissonSteps { times, rate_hz } => {
            Model::SpikeSource(SpikeSource::PoissonSteps { rates: steps(1, times, rate_hz) })
        }
        ModelSpec::ExternalSpikes => Model::SpikeSource(SpikeSource::External),
        ModelSpec::Dc { amplitude } => {
            let amplitude = draw.param(0, amplitude);
            let row = (0..draw.size as usize).map(|i| amplitude.get(i)).collect();
            Model::CurrentSource(CurrentSource::Steps(waveform(draw.size, vec![0.0], row)))
        }
        ModelSpec::Steps { times, amplitude } => {
            Model::CurrentSource(CurrentSource::Steps(steps(draw.size, times, amplitude)))
        }
        ModelSpec::Noise { mean, sd, interval } => {
            let (mean, sd) = (draw.param(0, mean), draw.param(1, sd));
            Model::CurrentSource(CurrentSource::Noise { mean, sd, interval: *interval })
        }
        ModelSpec::ExternalCurrents => Model::CurrentSource(CurrentSource::External),
    }
}

/// The same steps in `n` channels.
fn steps(n: u32, times: &[f64], values: &[f64]) -> Waveform {
    let rows = values.iter().flat_map(|value| std::iter::repeat_n(*value, n as usize)).collect();
    waveform(n, times.to_vec(), rows)
}

fn waveform(n: u32, times: Vec<f64>, values: Vec<f64>) -> Waveform {
    Waveform::new(n, times, values).expect("the generator checks every waveform before it makes one")
}

/// Whose parameters are drawn.
#[derive(Clone, Copy)]
struct ParamDraw {
    seed: u64,
    part: u32,
    size: u32,
}

impl ParamDraw {
    /// Parameter number `number` of the population.
    fn param(self, number: u64, distribution: &Distribution) -> Param {
        if let Distribution::Constant(value) = distribution {
            return Param::Shared(*value);
        }
        let sampler = Sampler::new(distribution);
        let value = |i: u32| {
            // Sixteen numbers to a node; a model with more goes on above all nodes.
            let index = (number >> 4) << 36 | u64::from(i) << 4 | number & 15;
            sampler.draw(&mut Stream::new(self.seed, Purpose::Parameter, self.part, index))
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

fn izhikevich(spec: &IzhikevichSpec, draw: ParamDraw) -> IzhikevichPopulation {
    let mut population = IzhikevichPopulation { method: spec.method, ..IzhikevichPopulation::default() };
    for (number, ((_, param), (_, distribution))) in
        (0..).zip(population.params_mut().into_iter().zip(spec.params()))
    {
        *param = draw.param(number, &distribution);
    }
    if spec.u_init.is_none() {
        let (b, v_init) = (&population.b, &population.v_init);
        population.u_init = match (b, v_init) {
            (Param::Shared(b), Param::Shared(v)) => Param::Shared(b * v),
            (Param::Shared(_) | Param::PerNode(_), Param::Shared(_) | Param::PerNode(_)) => {
                Param::PerNode((0..draw.size as usize).map(|i| b.get(i) * v_init.get(i)).collect())
            }
        };
    }
    population
}
