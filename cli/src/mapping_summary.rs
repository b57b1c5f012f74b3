//! What is in the file of a mapping: as a whole, of a neuron, of a core.

use anyhow::{Context, anyhow};
use rheobase_mapping::chip::{Budget, Chip};
use rheobase_mapping::file::{Core, Held, Made, MappingFile, TrafficTotals};
use serde::Serialize;

use crate::error::{Failure, OrBadInput};
use crate::output::{Output, count, short, table};

/// Answers what is asked of a mapping.
///
/// # Errors
/// If there is no such neuron or core.
pub fn tell(
    output: Output,
    mapping: &MappingFile,
    neuron: Option<&str>,
    core: Option<u32>,
) -> Result<(), Failure> {
    if let Some(text) = neuron {
        let found =
            NeuronAnswer::of(mapping, text).with_context(|| format!("--neuron {text}")).or_bad_input()?;
        return output.answer(&found, || found.to_text());
    }
    if let Some(core) = core {
        let found = CoreAnswer::of(mapping, core).with_context(|| format!("--core {core}")).or_bad_input()?;
        return output.answer(&found, || found.to_text());
    }
    let summary = MappingSummary::of(mapping);
    output.answer(&summary, || summary.to_text())
}

/// The whole mapping.
#[derive(Debug, Serialize)]
struct MappingSummary {
    chip: String,
    title: String,
    chips: [u32; 2],
    /// The network's fingerprint.
    network: String,
    made_with: String,
    made: Made,
    neurons: usize,
    populations: Vec<PopulationSummary>,
    budgets: Vec<BudgetSummary>,
    cores: Vec<Core>,
    traffic: TrafficTotals,
}

#[derive(Debug, Serialize)]
struct PopulationSummary {
    name: String,
    neurons: usize,
    cores: usize,
}

#[derive(Debug, Serialize)]
struct BudgetSummary {
    budget: String,
    limit: u64,
    mean: f64,
    most: f64,
}

impl MappingSummary {
    fn of(mapping: &MappingFile) -> Self {
        let chip = mapping.chip();
        let populations = mapping.populations().iter().map(|population| {
            let mut cores = population.core.clone();
            cores.sort_unstable();
            cores.dedup();
            PopulationSummary {
                name: population.name.clone(),
                neurons: population.core.len(),
                cores: cores.len(),
            }
        });
        let budgets = Budget::ALL.iter().filter_map(|budget| {
            let [mean, most] = mapping.share(&chip, *budget)?;
            Some(BudgetSummary { budget: budget.to_string(), limit: chip.limit(*budget)?, mean, most })
        });
        Self {
            chip: chip.name().to_owned(),
            title: chip.title().to_owned(),
            chips: mapping.mesh().chips,
            network: mapping.network().to_owned(),
            made_with: mapping.made_with().to_owned(),
            made: mapping.made().clone(),
            neurons: mapping.populations().iter().map(|population| population.core.len()).sum(),
            populations: populations.collect(),
            budgets: budgets.collect(),
            cores: mapping.cores().to_vec(),
            traffic: *mapping.traffic(),
        }
    }

    fn to_text(&self) -> String {
        let Self {
            title, chips: [x, y], network, made_with, made, neurons, populations, budgets, cores, ..
        } = self;
        let Made { board, dt_ms, weight_bits, seed, effort, objective: _ } = made;
        let board = board.as_ref().map_or_else(String::new, |board| format!(", board {board}"));
        let populations = populations.iter().map(|PopulationSummary { name, neurons, cores }| {
            vec![name.clone(), count(*neurons as u64), count(*cores as u64)]
        });
        let budgets = budgets.iter().map(|BudgetSummary { budget, limit, mean, most }| {
            let percent = |share: f64| format!("{:.1} %", 100.0 * share);
            vec![budget.clone(), count(*limit), percent(*mean), percent(*most)]
        });
        let of_cores = cores.iter().map(|of| {
            let Core {
                core,
                compartments,
                input_axons,
                output_axons,
                synapse_words,
                neuron_configs: _,
                packets_out,
                packets_in,
            } = *of;
            let used = [compartments, input_axons, output_axons, synapse_words, packets_out, packets_in];
            [core.to_string()].into_iter().chain(used.map(count)).collect()
        });
        let TrafficTotals { packets, packets_from_outside, hops, hop_energy_pj } = self.traffic;
        let columns =
            ["core", "compartments", "input axons", "output axons", "words", "packets out", "packets in"];
        format!(
            "{} neurons on {} cores, {} chip{}{board}: {title}; network {}, {weight_bits}-bit weights, steps of {} ms; \
             made by {made_with}, seed {seed}, effort {}\n\n{}\n\n{}\n\n{}\n\n{} packets between cores, {} from \
             outside; {} hops, {} µJ",
            count(*neurons as u64),
            cores.len(),
            x * y,
            if x * y == 1 { "" } else { "s" },
            network.get(..16).unwrap_or(network),
            short(*dt_ms),
            short(*effort),
            table("populations", &["name", "neurons", "cores"], populations),
            table("budgets of a core", &["budget", "limit", "mean", "most"], budgets),
            table("cores", &columns, of_cores),
            count(packets),
            count(packets_from_outside),
            count(hops),
            short(hop_energy_pj / 1e6)
        )
    }
}

/// Where a neuron is.
#[derive(Debug, Serialize)]
struct NeuronAnswer {
    population: String,
    neuron: u32,
    core: u32,
    chip: u32,
    /// On the board, along x and y.
    tile: [u32; 2],
    /// Neurons that share the core.
    shares_with: u64,
}

impl NeuronAnswer {
    fn of(mapping: &MappingFile, text: &str) -> anyhow::Result<Self> {
        let (name, neuron) = text.rsplit_once(':').context("give population and neuron, as exc:17")?;
        let neuron: u32 =
            neuron.parse().with_context(|| format!("{neuron:?} is not the number of a neuron"))?;
        let populations = mapping.populations();
        let population =
            populations.iter().find(|population| population.name == name).with_context(|| {
                let names: Vec<&str> =
                    populations.iter().map(|population| population.name.as_str()).collect();
                format!("there is no population \"{name}\"; the mapping has {}", names.join(", "))
            })?;
        let core = *population.core.get(neuron as usize).with_context(|| {
            format!("population \"{name}\" has the neurons 0 to {}", population.core.len().saturating_sub(1))
        })?;
        let mesh = mapping.mesh();
        let shares_with = mapping.core(core).map_or(0, |core| core.compartments.saturating_sub(1));
        let population = name.to_owned();
        Ok(Self { population, neuron, core, chip: mesh.chip(core), tile: mesh.tile(core), shares_with })
    }

    fn to_text(&self) -> String {
        let Self { population, neuron, core, chip, tile: [x, y], shares_with } = self;
        format!(
            "neuron {neuron} of \"{population}\" is on core {core} (chip {chip}, tile {x}, {y} of the board), with {} others",
            count(*shares_with)
        )
    }
}

/// What a core holds.
#[derive(Debug, Serialize)]
struct CoreAnswer {
    core: u32,
    chip: u32,
    /// On the board, along x and y.
    tile: [u32; 2],
    populations: Vec<HeldPopulation>,
    budgets: Vec<CoreBudget>,
    packets_out: u64,
    packets_in: u64,
}

#[derive(Debug, Serialize)]
struct HeldPopulation {
    name: String,
    neurons: u64,
    /// Neurons from and to, both included.
    ranges: Vec<[u32; 2]>,
}

#[derive(Debug, Serialize)]
struct CoreBudget {
    budget: String,
    used: u64,
    limit: Option<u64>,
}

impl CoreAnswer {
    fn of(mapping: &MappingFile, core: u32) -> anyhow::Result<Self> {
        let mesh = mapping.mesh();
        let used = mapping.core(core).ok_or_else(|| match core < mesh.n_cores() {
            true => anyhow!(
                "no neuron is on it; {} of the board's {} cores are in use",
                mapping.cores().len(),
                mesh.n_cores()
            ),
            false => anyhow!("the board has the cores 0 to {}", mesh.n_cores() - 1),
        })?;
        let chip: Chip = mapping.chip();
        let budget = |budget: &Budget| CoreBudget {
            budget: budget.to_string(),
            used: used.usage().of(*budget),
            limit: chip.limit(*budget),
        };
        let held = |held: Held<'_>| HeldPopulation {
            name: held.population.to_owned(),
            neurons: held.ranges.iter().map(|range| u64::from(range.end() - range.start()) + 1).sum(),
            ranges: held.ranges.iter().map(|range| [*range.start(), *range.end()]).collect(),
        };
        Ok(Self {
            core,
            chip: mesh.chip(core),
            tile: mesh.tile(core),
            populations: mapping.held(core).into_iter().map(held).collect(),
            budgets: Budget::ALL.iter().map(budget).collect(),
            packets_out: used.packets_out,
            packets_in: used.packets_in,
        })
    }

    fn to_text(&self) -> String {
        let Self { core, chip, tile: [x, y], populations, budgets, packets_out, packets_in } = self;
        let populations = populations.iter().map(|HeldPopulation { name, neurons, ranges }| {
            vec![name.clone(), count(*neurons), listed(ranges)]
        });
        let budgets = budgets.iter().map(|CoreBudget { budget, used, limit }| {
            let share = limit.map(|limit| format!("{:.1} %", 100.0 * *used as f64 / limit as f64));
            let dash = || "–".to_owned();
            vec![budget.clone(), count(*used), limit.map_or_else(dash, count), share.unwrap_or_else(dash)]
        });
        format!(
            "core {core}: chip {chip}, tile {x}, {y} of the board\n\n{}\n\n{}\n\n{} packets to other cores, {} from them",
            table("what it holds", &["population", "number", "neurons"], populations),
            table("what it uses", &["budget", "used", "limit", ""], budgets),
            count(*packets_out),
            count(*packets_in)
        )
    }
}

/// Ranges, or the first of them.
fn listed(ranges: &[[u32; 2]]) -> String {
    const MOST: usize = 8;
    let told = |[from, to]: &[u32; 2]| if from == to { from.to_string() } else { format!("{from}–{to}") };
    let first = ranges.iter().take(MOST).map(told).collect::<Vec<_>>().join(", ");
    match ranges.len().saturating_sub(MOST) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
