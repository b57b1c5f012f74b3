//! What is in a network, in numbers.

use rheobase_net::{
    CurrentSource, Description, LtcOutput, LtcPopulation, Model, Population, Projection, SpikeSource,
    SynapseKind, ValidNetwork,
};
use serde::Serialize;

use crate::output::{count, short, table};

/// A network in numbers.
#[derive(Debug, Serialize)]
pub struct NetworkSummary {
    neurons: u32,
    nodes: u32,
    synapses: u64,
    populations: Vec<PopulationSummary>,
    /// With liquid time constants.
    groups: Vec<GroupSummary>,
    projections: Vec<ProjectionSummary>,
    description: Description,
}

#[derive(Debug, Serialize)]
struct PopulationSummary {
    name: String,
    size: u32,
    model: &'static str,
    first_node: u32,
    has_positions: bool,
}

#[derive(Debug, Serialize)]
struct GroupSummary {
    name: String,
    units: usize,
    /// Inside of it: between units and from inputs.
    synapses: usize,
    parameters: usize,
    inputs: Vec<String>,
    outputs: usize,
    output: String,
    interval_ms: f64,
    /// Units of the cell's time that pass in a step.
    elapsed: f64,
}

impl GroupSummary {
    fn of(population: &Population, ltc: &LtcPopulation) -> Self {
        let LtcPopulation { cell, parameters, inputs, interval, time_scale, tau_trace: _, v_init: _, output } =
            ltc;
        Self {
            name: population.name.clone(),
            units: cell.n_units(),
            synapses: cell.n_synapses(),
            parameters: parameters.len(),
            inputs: inputs.clone(),
            outputs: cell.n_outputs(),
            output: match output {
                LtcOutput::Current => "current".to_owned(),
                LtcOutput::SigmaDelta { threshold } => format!("graded spikes, from {}", short(*threshold)),
                LtcOutput::Crossing { threshold } => format!("spikes, crossing {}", short(*threshold)),
                LtcOutput::Rate { hz_per_unit } => format!("spikes, {} Hz a unit", short(*hz_per_unit)),
            },
            interval_ms: *interval,
            elapsed: interval * time_scale,
        }
    }

    fn table(all: &[Self]) -> String {
        let rows = all.iter().map(|group| {
            vec![
                group.name.clone(),
                count(group.units as u64),
                count(group.synapses as u64),
                count(group.parameters as u64),
                group.inputs.join(", "),
                count(group.outputs as u64),
                group.output.clone(),
                format!("{} ({})", short(group.interval_ms), short(group.elapsed)),
            ]
        });
        let columns = [
            "name",
            "units",
            "synapses",
            "parameters",
            "inputs",
            "outputs",
            "heard as",
            "step (ms, of its time)",
        ];
        table("groups with liquid time constants", &columns, rows)
    }
}

#[derive(Debug, Serialize)]
struct ProjectionSummary {
    name: String,
    source: String,
    target: String,
    synapses: u64,
    out_degree: Option<Spread>,
    in_degree: Option<Spread>,
    /// mV for delta synapses, pA otherwise.
    weight: Option<Spread>,
    delay_ms: Option<Spread>,
}

/// The least, the mean and the greatest of some numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    min: f64,
    mean: f64,
    max: f64,
}

impl Spread {
    /// Of `values`; `None` if there is none.
    pub fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let (mut n, mut sum, mut min, mut max) = (0_u64, 0.0, f64::INFINITY, f64::NEG_INFINITY);
        for value in values {
            n += 1;
            sum += value;
            min = f64::min(min, value);
            max = f64::max(max, value);
        }
        (n > 0).then(|| Self { min, mean: sum / n as f64, max })
    }

    /// Least, mean and greatest; one number if all are the same.
    pub fn to_text(spread: Option<Self>) -> String {
        match spread {
            None => "–".to_owned(),
            Some(Self { min, max, .. }) if min == max => short(min),
            Some(Self { min, mean, max }) => format!("{} / {} / {}", short(min), short(mean), short(max)),
        }
    }
}

impl NetworkSummary {
    /// Counts everything in `O(nodes + synapses)`.
    pub fn of(network: &ValidNetwork) -> Self {
        let populations = network.node_ranges().into_iter().zip(network.populations());
        Self {
            neurons: network.n_neurons(),
            nodes: network.n_nodes(),
            synapses: network.n_synapses(),
            populations: populations
                .map(|(range, population)| PopulationSummary {
                    name: range.population,
                    size: range.size,
                    model: model_name(population),
                    first_node: range.first,
                    has_positions: population.positions.is_some(),
                })
                .collect(),
            groups: network
                .populations()
                .iter()
                .filter_map(|population| Some(GroupSummary::of(population, population.model.as_ltc()?)))
                .collect(),
            projections: network
                .projections()
                .iter()
                .map(|projection| projection_of(network, projection))
                .collect(),
            description: network.network().description.clone(),
        }
    }

    /// The tables that people read.
    pub fn to_text(&self) -> String {
        let populations = self.populations.iter().map(|population| {
            let place = if population.has_positions { "yes" } else { "no" };
            let (size, first) = (count(population.size.into()), population.first_node.to_string());
            vec![population.name.clone(), size, population.model.to_owned(), first, place.to_owned()]
        });
        let projections = self.projections.iter().map(|projection| {
            let degrees =
                [projection.out_degree, projection.in_degree, projection.weight, projection.delay_ms];
            let mut row = vec![projection.name.clone(), count(projection.synapses)];
            row.extend(degrees.map(Spread::to_text));
            row
        });
        let Description { generator, seed, version, configuration: _ } = &self.description;
        let origin = if generator.is_empty() { "an unnamed maker" } else { generator };
        let groups = match self.groups.as_slice() {
            [] => String::new(),
            groups => format!("\n\n{}", GroupSummary::table(groups)),
        };
        format!(
            "{} neurons, {} synapses; made by {origin} {version}, seed {seed}\n\n{}{groups}\n\n{}",
            count(self.neurons.into()),
            count(self.synapses),
            table("populations", &["name", "nodes", "model", "first node", "in space"], populations),
            table(
                "projections (min / mean / max)",
                &["name", "synapses", "out-degree", "in-degree", "weight", "delay (ms)"],
                projections
            )
        )
    }
}

fn projection_of(network: &ValidNetwork, projection: &Projection) -> ProjectionSummary {
    let Projection { name, source, target, receptor: _, synapses, plasticity: _ } = projection;
    let (source, target) = (network.population(*source), network.population(*target));
    let n = synapses.len();
    ProjectionSummary {
        name: name.clone(),
        source: source.name.clone(),
        target: target.name.clone(),
        synapses: n as u64,
        out_degree: Spread::of(
            synapses
                .row_start
                .windows(2)
                .take(source.n_senders() as usize)
                .map(|row| (row[1] - row[0]) as f64),
        ),
        in_degree: in_degrees(&synapses.target, target.n_ends()),
        weight: Spread::of((0..n).map(|i| synapses.weight.get(i))),
        delay_ms: Spread::of((0..n).map(|i| synapses.delay.get(i))),
    }
}

/// The synapses of every node of a population of `size`, the targets of its synapses being `targets`.
fn in_degrees(targets: &[u32], size: u32) -> Option<Spread> {
    if targets.len() >= size as usize {
        let mut degrees = vec![0_u64; size as usize];
        targets.iter().for_each(|node| degrees[*node as usize] += 1);
        return Spread::of(degrees.into_iter().map(|degree| degree as f64));
    }
    // Some have none. A file of a few bytes can name billions of nodes, so only the others are counted.
    let mut targets = targets.to_vec();
    targets.sort_unstable();
    let max = targets.chunk_by(|a, b| a == b).map(<[u32]>::len).max().unwrap_or(0) as f64;
    Some(Spread { min: 0.0, mean: targets.len() as f64 / f64::from(size), max })
}

fn model_name(population: &Population) -> &'static str {
    match &population.model {
        Model::Lif(lif) => match lif.synapse {
            SynapseKind::Delta => "lif, delta",
            SynapseKind::Exp => "lif, exponential",
            SynapseKind::Alpha => "lif, alpha",
            SynapseKind::Conductance => "lif, conductance",
        },
        Model::Izhikevich(_) => "izhikevich",
        Model::Ltc(_) => "ltc",
        Model::SpikeSource(SpikeSource::External) => "spikes, external",
        Model::SpikeSource(SpikeSource::Poisson { .. }) => "spikes, Poisson",
        Model::SpikeSource(SpikeSource::PoissonSteps { .. }) => "spikes, Poisson of a changing rate",
        Model::SpikeSource(SpikeSource::Train(_)) => "spikes, stored",
        Model::CurrentSource(CurrentSource::External) => "current, external",
        Model::CurrentSource(CurrentSource::Steps(_)) => "current, stored",
        Model::CurrentSource(CurrentSource::Noise { .. }) => "current, noise",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_that_of_its_numbers() {
        let spread = Spread::of([3.0, 1.0, 5.0].into_iter());
        assert_eq!(spread, Some(Spread { min: 1.0, mean: 3.0, max: 5.0 }));
        let few = in_degrees(&[7, 2, 7], u32::MAX - 1);
        assert_eq!(few, Some(Spread { min: 0.0, mean: 3.0 / f64::from(u32::MAX - 1), max: 2.0 }));
        assert_eq!(in_degrees(&[1, 0, 1], 2), Some(Spread { min: 1.0, mean: 1.5, max: 2.0 }));
        assert_eq!(Spread::to_text(spread), "1 / 3 / 5");
        assert_eq!(Spread::to_text(Spread::of([2.0; 4].into_iter())), "2");
        assert_eq!(Spread::to_text(Spread::of(std::iter::empty())), "–");
    }
}
