//! What a run costs on a chip, step by step.

use super::compile::mesh_of;
use super::run::{Watch, go_through};
use super::{Chip, ChipRun, EmulateConfig, EmulateError, Input};
use crate::cost::{
    Architecture, AxonId, CoreLayout, CostPlan, Layout, LayoutError, Meter, StepActivity, StepCost,
    SynapseRun, Timing,
};
use crate::netlist::{Core, ValidNetlist};

/// A run and what every step of it costs.
#[derive(Debug, Clone, PartialEq)]
pub struct PricedRun {
    /// The run.
    pub run: ChipRun,
    /// What its steps cost, from the first one.
    pub steps: Vec<PricedStep>,
}

/// What a step costs.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PricedStep {
    /// Of what neurons did and sent.
    pub cost: StepCost,
    /// Energy of taking in what sources sent: axons, weights and inputs of dendrites \[J\]. What brought it to the
    /// cores, and how long it took them, is not in the architecture.
    pub input: f64,
}

/// Why a run cannot be priced.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PriceError {
    /// It cannot be made.
    #[error(transparent)]
    Emulate(#[from] EmulateError),
    /// The architecture has not what the netlist needs.
    #[error("the architecture \"{architecture}\" does not fit the netlist: {problem}")]
    Layout {
        /// Its name.
        architecture: String,
        /// What is missing.
        problem: LayoutError,
    },
}

/// Runs a netlist as [`emulate`](super::emulate) does, and prices every step: energy by component, and time.
///
/// Every core has one kind of neurons and synapses here, the first units of the architecture's cores. A compartment
/// is updated where its state changes, and accessed in every step.
///
/// # Errors
/// See [`PriceError`]; all of them come before the first step.
pub fn emulate_priced(
    netlist: &ValidNetlist,
    input: &Input,
    config: &EmulateConfig,
    architecture: &Architecture,
    timing: Timing,
    watch: Watch<'_>,
) -> Result<PricedRun, PriceError> {
    let laid = Laid::new(netlist, architecture)?;
    let misfit = |problem| PriceError::Layout { architecture: architecture.name.clone(), problem };
    let plan = CostPlan::new(architecture, &laid.layout).map_err(misfit)?;
    let mut meter = Meter::new(&plan, timing);
    let mut activity = StepActivity::new(netlist.cores.len());
    let mut steps: Vec<PricedStep> = Vec::new();
    // What sources send before the first step counts in it.
    let mut before = 0.0;
    let mut price = |chip: &Chip| {
        let input = laid.input_energy(netlist, chip) + std::mem::take(&mut before);
        if chip.t() == 0 {
            before = input;
            return;
        }
        laid.fill(netlist, chip, &mut activity);
        steps.push(PricedStep { cost: meter.step(&activity), input });
    };
    let run = go_through(netlist, input, config, Some(&mut price), watch)?;
    Ok(PricedRun { run, steps })
}

/// Where the cores of a netlist are in an architecture.
struct Laid {
    layout: Layout,
    /// The place of every core of the netlist in the layout, which goes by the numbers of the architecture.
    place: Vec<usize>,
    /// The first of its axons.
    first_axon: Vec<u32>,
    /// Energies of a packet and of a weight that come in \[J\].
    taking_in: Vec<[f64; 2]>,
}

impl Laid {
    fn new(netlist: &ValidNetlist, architecture: &Architecture) -> Result<Self, PriceError> {
        let mesh = mesh_of(netlist)?;
        // Ours are counted tile by tile with x first, the architecture's with y first.
        let number = |core: &Core| match &mesh {
            Some(mesh) => {
                let [x, y] = mesh.tile(core.core);
                let tile = x * architecture.height + y;
                architecture.core_index(tile, core.core % mesh.cores_per_tile).unwrap_or(u32::MAX)
            }
            None => core.core,
        };
        let numbers: Vec<u32> = netlist.cores.iter().map(number).collect();
        let mut order: Vec<usize> = (0..numbers.len()).collect();
        order.sort_by_key(|i| numbers[*i]);
        let mut place = vec![0; order.len()];
        let mut layout = Layout::default();
        for (at, i) in order.iter().enumerate() {
            place[*i] = at;
            let somas = vec![0; netlist.cores[*i].n_compartments()];
            layout.core(CoreLayout { core: numbers[*i], somas });
        }
        let rows: Vec<Vec<u32>> = netlist.cores.iter().map(row_lengths).collect();
        let mut first_axon = Vec::with_capacity(order.len());
        for (i, core) in netlist.cores.iter().enumerate() {
            first_axon.push(layout.n_axons() as u32);
            for (to, axon) in core.output_axons.core.iter().zip(&core.output_axons.axon) {
                let to = netlist.cores.partition_point(|core| core.core < *to);
                let n = rows[to][*axon as usize];
                let runs = [SynapseRun { synapse: 0, dendrite: 0, n }];
                layout.axon(place[i] as u32, place[to] as u32, if n == 0 { &[] } else { &runs });
            }
        }
        let units = architecture.tiles.iter().flat_map(|tile| &tile.cores).map(|core| &core.units);
        let units: Vec<_> = units.collect();
        let taking_in = numbers.iter().map(|number| {
            units.get(*number as usize).map_or([0.0; 2], |units| {
                let synapse = units.synapses.first().map_or(0.0, |unit| unit.spike.energy);
                let dendrite = units.dendrites.first().map_or(0.0, |unit| unit.update.energy);
                [units.axon_in.message.energy, synapse + dendrite]
            })
        });
        Ok(Self { layout, place, first_axon, taking_in: taking_in.collect() })
    }

    /// What happened in the chip's last step.
    fn fill(&self, netlist: &ValidNetlist, chip: &Chip, activity: &mut StepActivity) {
        activity.clear();
        let mut ordered: Vec<u32> = Vec::new();
        for (i, [changed, senders]) in chip.deeds().enumerate() {
            let core = &mut activity.cores_mut()[self.place[i]];
            ordered.clear();
            ordered.extend(changed.iter().chain(senders));
            ordered.sort_unstable();
            ordered.dedup();
            let mut senders = senders.to_vec();
            senders.sort_unstable();
            let first = &netlist.cores[i].output_axons.first;
            for compartment in &ordered {
                if senders.binary_search(compartment).is_ok() {
                    let axons = first[*compartment as usize]..first[*compartment as usize + 1];
                    core.fired(*compartment, axons.map(|axon| AxonId(self.first_axon[i] + axon)));
                } else {
                    core.updated(*compartment);
                }
            }
        }
    }

    fn input_energy(&self, netlist: &ValidNetlist, chip: &Chip) -> f64 {
        let energies = chip.core_work().map(|(number, work)| {
            let i = netlist.cores.partition_point(|core| core.core < number);
            let [packet, weight] = self.taking_in[i];
            work.input_packets as f64 * packet + work.input_events as f64 * weight
        });
        energies.sum()
    }
}

/// How many synapses every input axon of a core has.
fn row_lengths(core: &Core) -> Vec<u32> {
    let mut lengths = vec![0; core.input_axons.len()];
    for block in &core.blocks {
        for (row, axon) in block.axon.iter().enumerate() {
            lengths[*axon as usize] += block.row(row).len() as u32;
        }
    }
    lengths
}
