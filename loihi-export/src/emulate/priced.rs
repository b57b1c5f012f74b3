//! What a run costs on a chip, step by step.

use std::ops::Range;

use super::heard::Heard;
use super::run::{Watch, go_through};
use super::seats::{NoSeat, Seat, core_numbers, input_of, seats, soma_of, synapse_of};
use super::{Chip, ChipRun, EmulateConfig, EmulateError, Input, Message};
use crate::cost::architecture::Units;
use crate::cost::{
    Architecture, AxonId, CoreLayout, CostPlan, Layout, LayoutError, Meter, StepActivity, StepCost,
    SynapseRun, Timing,
};
use crate::netlist::{Core, OutputAxons, ValidNetlist};
use crate::sanafe::CoreOrder;

/// How a run is priced.
#[derive(Debug, Clone, PartialEq)]
pub struct Pricing {
    /// What events cost and take.
    pub architecture: Architecture,
    /// How a step is timed.
    pub timing: Timing,
    /// Where sources are.
    pub sources: SourcesAt,
    /// In which order the messages of a neuron leave for several cores. `Detailed` times depend on it, nothing else.
    pub order: CoreOrder,
}

/// Where sources are, and so what their messages cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SourcesAt {
    /// Outside: what brings their messages to the cores, and how long it takes them, is not in the architecture.
    #[default]
    Outside,
    /// At input units of the cores with most room, as [`export::sanafe`](crate::export::sanafe) puts them: their
    /// messages leave a core and go through the mesh as those of neurons do. So what is exported and run by SANA-FE
    /// costs the same, to the last addition.
    Cores,
}

impl Pricing {
    /// With sources outside, and messages in the order of the cores.
    pub fn new(architecture: Architecture, timing: Timing) -> Self {
        Self { architecture, timing, sources: SourcesAt::default(), order: CoreOrder::ascending() }
    }
}

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
    /// Of what neurons did and sent, and sources that are on cores.
    pub cost: StepCost,
    /// Energy of taking in what sources outside sent: axons, weights and inputs of dendrites \[J\].
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
    /// Sources are to be on cores, and there is no room.
    #[error(transparent)]
    Seat(#[from] NoSeat),
}

/// Runs a netlist as [`emulate`](super::emulate) does, and prices every step: energy by component, and time.
///
/// Neurons are at the units `loihi_lif` and `loihi_sparse_synapse` of their cores, or the first ones where there are
/// none of that name. A compartment is accessed in every step. It is updated in a step in which it has a potential, a
/// bias or a current, or something arrives, which is SANA-FE's rule but for currents that outlast their step: SANA-FE
/// does not count a neuron that has nothing else.
///
/// # Errors
/// See [`PriceError`]; all of them come before the first step.
pub fn emulate_priced(
    netlist: &ValidNetlist,
    input: &Input,
    config: &EmulateConfig,
    pricing: &Pricing,
    watch: Watch<'_>,
) -> Result<PricedRun, PriceError> {
    let Pricing { architecture, timing, sources: _, order: _ } = pricing;
    let mut laid = Laid::new(netlist, pricing)?;
    let misfit = |problem| PriceError::Layout { architecture: architecture.name.clone(), problem };
    let plan = CostPlan::new(architecture, &laid.layout).map_err(misfit)?;
    let mut meter = Meter::new(&plan, *timing);
    let mut activity = StepActivity::new(laid.layout.cores().len());
    let mut steps: Vec<PricedStep> = Vec::new();
    // What sources send before the first step counts in it.
    let mut before = 0.0;
    let mut price = |chip: &Chip, messages: &[Message]| {
        let input = laid.input_energy(netlist, chip) + std::mem::take(&mut before);
        if chip.t() == 0 {
            before = input;
        } else {
            laid.fill(netlist, chip, messages, &mut activity);
            steps.push(PricedStep { cost: meter.step(&activity), input });
        }
        laid.arrive(netlist, chip, messages);
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
    /// The first node of every population.
    first_nodes: Vec<u32>,
    /// Every source's node that is on a core, by population.
    sources: Vec<Vec<Seated>>,
    /// What has arrived at every core's compartments.
    heard: Vec<Heard>,
    /// Energies of a packet and of a weight that come in from outside \[J\].
    taking_in: Vec<[f64; 2]>,
}

/// A node of a source on a core.
struct Seated {
    /// The core's place in the layout.
    place: usize,
    /// The node's place among the core's neurons.
    neuron: u32,
    axons: Range<u32>,
}

impl Laid {
    fn new(netlist: &ValidNetlist, pricing: &Pricing) -> Result<Self, PriceError> {
        let Pricing { architecture, timing: _, sources, order } = pricing;
        let numbers = core_numbers(netlist, architecture)?;
        // What the architecture has not is refused when the layout is planned.
        let numbers: Vec<u32> = numbers.into_iter().map(|number| number.unwrap_or(u32::MAX)).collect();
        let units: Vec<&Units> =
            architecture.tiles.iter().flat_map(|tile| &tile.cores).map(|core| core.units.as_ref()).collect();
        let units_of = |number: u32| units.get(number as usize).copied();
        let seats = match sources {
            SourcesAt::Outside => vec![Vec::new(); netlist.populations.len()],
            SourcesAt::Cores => seats(netlist, architecture, &numbers)?,
        };
        let mut in_use: Vec<u32> = numbers.clone();
        in_use.extend(seats.iter().flatten().map(|seat| seat.core));
        in_use.sort_unstable();
        in_use.dedup();
        let place_of = |number: u32| in_use.partition_point(|known| *known < number);
        let place: Vec<usize> = numbers.iter().map(|number| place_of(*number)).collect();
        let mut somas: Vec<Vec<u16>> = vec![Vec::new(); in_use.len()];
        for ((core, number), place) in netlist.cores.iter().zip(&numbers).zip(&place) {
            somas[*place] = vec![units_of(*number).map_or(0, soma_of); core.n_compartments()];
        }
        // The axons of a sender, in the order in which its messages leave.
        let rows: Vec<Vec<u32>> = netlist.cores.iter().map(row_lengths).collect();
        let mut layout = Layout::default();
        let mut lay = |from: usize, axons: &OutputAxons, sender: usize| -> Range<u32> {
            let first = layout.n_axons() as u32;
            let mut ends: Vec<(usize, u32)> =
                axons.of(sender).map(|(to, axon)| (core_of(netlist, to), axon)).collect();
            ends.sort_by_key(|(to, _)| order.rank(numbers[*to]));
            for (to, axon) in ends {
                let n = rows[to][axon as usize];
                let synapse = units_of(numbers[to]).map_or(0, synapse_of);
                let runs = [SynapseRun { synapse, dendrite: 0, n }];
                layout.axon(from as u32, place[to] as u32, if n == 0 { &[] } else { &runs });
            }
            first..layout.n_axons() as u32
        };
        let mut first_axon = Vec::with_capacity(netlist.cores.len());
        for (core, place) in netlist.cores.iter().zip(&place) {
            let laid: Vec<Range<u32>> =
                (0..core.n_compartments()).map(|sender| lay(*place, &core.output_axons, sender)).collect();
            first_axon.push(laid.first().map_or(0, |axons| axons.start));
        }
        let mut seated = Vec::with_capacity(seats.len());
        for (population, seats) in netlist.populations.iter().zip(&seats) {
            let mut of_population = Vec::with_capacity(seats.len());
            for (node, Seat { core, unit }) in seats.iter().enumerate() {
                let place = place_of(*core);
                let axons = population.source.as_ref().map_or(0..0, |axons| lay(place, axons, node));
                let neuron = somas[place].len() as u32;
                somas[place].push(units_of(*core).map_or(0, |units| input_of(units, *unit)));
                of_population.push(Seated { place, neuron, axons });
            }
            seated.push(of_population);
        }
        for (core, somas) in in_use.iter().zip(somas) {
            layout.core(CoreLayout { core: *core, somas });
        }
        let taking_in = numbers.iter().map(|number| match (sources, units_of(*number)) {
            (SourcesAt::Outside, Some(units)) => {
                let synapse =
                    units.synapses.get(usize::from(synapse_of(units))).map_or(0.0, |unit| unit.spike.energy);
                let dendrite = units.dendrites.first().map_or(0.0, |unit| unit.update.energy);
                [units.axon_in.message.energy, synapse + dendrite]
            }
            (SourcesAt::Cores, _) | (_, None) => [0.0; 2],
        });
        Ok(Self {
            taking_in: taking_in.collect(),
            layout,
            place,
            first_axon,
            first_nodes: netlist.first_nodes(),
            sources: seated,
            heard: netlist.cores.iter().map(Heard::new).collect(),
        })
    }

    /// What happened in the chip's last step, in which sources sent these messages.
    fn fill(
        &mut self,
        netlist: &ValidNetlist,
        chip: &Chip,
        messages: &[Message],
        activity: &mut StepActivity,
    ) {
        activity.clear();
        let mut senders: Vec<u32> = Vec::new();
        for (i, (updated, sent)) in chip.deeds().enumerate() {
            let core = &mut activity.cores_mut()[self.place[i]];
            senders.clear();
            senders.extend(sent);
            senders.sort_unstable();
            let first = &netlist.cores[i].output_axons.first;
            for compartment in self.heard[i].or(chip.t(), updated, sent) {
                if senders.binary_search(&compartment).is_ok() {
                    let axons = first[compartment as usize]..first[compartment as usize + 1];
                    core.fired(compartment, axons.map(|axon| AxonId(self.first_axon[i] + axon)));
                } else {
                    core.updated(compartment);
                }
            }
        }
        // They come behind the compartments of their cores, in the order of their nodes.
        for (population, node) in self.nodes_of(messages) {
            if let Some(Seated { place, neuron, axons }) = self.sources[population].get(node) {
                activity.cores_mut()[*place].fired(*neuron, axons.clone().map(AxonId));
            }
        }
    }

    /// What was sent in the chip's last step is on its way to compartments.
    fn arrive(&mut self, netlist: &ValidNetlist, chip: &Chip, messages: &[Message]) {
        let t = chip.t();
        for (i, (_, sent)) in chip.deeds().enumerate() {
            for sender in sent {
                for (to, axon) in netlist.cores[i].output_axons.of(*sender as usize) {
                    self.heard[core_of(netlist, to)].arrive(t, axon);
                }
            }
        }
        for (population, node) in self.nodes_of(messages) {
            for (to, axon) in netlist.populations[population].source.iter().flat_map(|axons| axons.of(node)) {
                self.heard[core_of(netlist, to)].arrive(t, axon);
            }
        }
    }

    /// The population and the node in it that messages are of.
    fn nodes_of(&self, messages: &[Message]) -> Vec<(usize, usize)> {
        let of = |message: &Message| {
            let population = self.first_nodes.partition_point(|first| *first <= message.node) - 1;
            (population, (message.node - self.first_nodes[population]) as usize)
        };
        let last = self.first_nodes.last().copied().unwrap_or(0);
        messages.iter().filter(|message| message.node < last).map(of).collect()
    }

    fn input_energy(&self, netlist: &ValidNetlist, chip: &Chip) -> f64 {
        let energies = chip.core_work().map(|(number, work)| {
            let [packet, weight] = self.taking_in[core_of(netlist, number)];
            work.input_packets as f64 * packet + work.input_events as f64 * weight
        });
        energies.sum()
    }
}

/// The place of a core in the netlist's list.
fn core_of(netlist: &ValidNetlist, number: u32) -> usize {
    netlist.cores.partition_point(|core| core.core < number)
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
