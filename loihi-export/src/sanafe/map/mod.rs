//! From a network and a chip to a program: everything that a run needs, laid out for it.
//!
//! Neurons get *slots*: core by core, in the order of the mapping, each core beginning at a multiple of 64, so that a
//! word of 64 bits says something about neurons of one core. Synapses lie axon by axon in the order in which messages meet them.

mod faults;
mod order;
mod synapses;
mod units;

pub use faults::{MapError, MapFault};
pub use order::{CoreOrder, OrderError};

use super::network::{NeuronId, SanaFeNetwork};
use super::soma::{Input, Lif, Plain};
use crate::cost::architecture::{Architecture, Buffer};
use crate::cost::{CoreLayout, CostPlan, Layout};
use units::{Chosen, Faults};

/// The longest delay of a dendrite unit that delays \[steps\].
pub(super) const MAX_DELAY: u8 = 5;
/// How many neurons SANA-FE's units keep.
const UNIT_NEURONS: usize = 1024;
/// How many neurons a synapse can tell apart.
const CORE_NEURONS: u32 = 1 << 16;
/// No slot, no entry.
pub(super) const NONE: u32 = u32::MAX;

/// A network on a chip, ready to run.
#[derive(Debug, Clone)]
pub struct Program {
    pub(super) plan: CostPlan,
    pub(super) cores: Vec<Stretch>,
    /// For each slot its neuron, and the other way round.
    pub(super) neuron_of: Vec<u32>,
    pub(super) slot_of: Vec<u32>,
    /// Neurons of the plain kind, each kind once, for each slot its kind, and its potential before the first step.
    pub(super) kinds: Vec<Plain>,
    pub(super) kind_of: Vec<u32>,
    pub(super) potential: Vec<f64>,
    /// Slots of other kinds, 64 a word, and what they are.
    pub(super) is_special: Vec<u64>,
    pub(super) special_of: Vec<u32>,
    pub(super) specials: Vec<Special>,
    pub(super) inputs: Vec<Input>,
    /// Slots whose dendrites delay, by number; empty if there are none.
    pub(super) delaying: Vec<u32>,
    pub(super) n_delaying: usize,
    /// For each slot its first axon, for each axon its first synapse.
    pub(super) first_axon: Vec<u32>,
    pub(super) first_synapse: Vec<u32>,
    pub(super) synapses: Synapses,
    /// Delays of the synapses; empty if no dendrite delays.
    pub(super) delays: Vec<u8>,
    /// Neurons whose spikes and potentials are recorded, in the order of SANA-FE's records.
    pub(super) logs_spikes: Vec<bool>,
    pub(super) logged_potentials: Vec<NeuronId>,
    pub(super) in_order_of_names: Vec<NeuronId>,
}

/// The slots of a core in use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub first: u32,
    pub n: u32,
    pub tile: u32,
    pub core: u32,
}

/// A neuron that is not of the plain kind.
#[derive(Debug, Clone)]
pub(super) enum Special {
    Lif(Lif),
    /// An input, and its unit's number among the inputs.
    Input(u32),
}

/// All synapses, axon by axon. Streaming them from memory is what most of a step's time goes to.
#[derive(Debug, Clone)]
pub(super) enum Synapses {
    /// All weights are whole and small, as those of a chip are.
    Small(Vec<Synapse<i16>>),
    Any(Vec<Synapse<f64>>),
}

/// A synapse: the place of its target on its core, and what it adds there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Synapse<W> {
    pub target: u16,
    pub weight: W,
}

/// Puts a network onto a chip.
///
/// # Errors
/// If neurons are on no core, cores hold too many of them or lack a unit that they ask for, or a unit is one that this
/// crate does not model; all faults at once, up to a hundred.
pub fn map(network: &SanaFeNetwork, chip: &Architecture, order: &CoreOrder) -> Result<Program, MapError> {
    let mut faults = Faults::new(network);
    let placed = units::place(network, chip, &mut faults);
    faults.stop()?;
    let mut program = Program::empty(network);
    let mut layout = Layout::default();
    let mut chosen: Vec<Option<Chosen>> = vec![None; network.n_neurons()];
    let neurons: Vec<_> = network.neurons().collect();
    let mut kinds = units::Kinds::default();
    for (core, rows) in &placed {
        let (tile, offset) = (rows[0].tile, rows[0].core);
        let units = &chip.tiles[tile as usize].cores[offset as usize].units;
        if units.buffer != Buffer::BeforeSoma {
            let what = "a core whose buffer is not before the soma";
            faults.unsupported(rows[0].neuron, what, "use buffer_position: soma without buffer_inside_unit");
        }
        let limit = units.max_neurons.min(CORE_NEURONS);
        if rows.len() > limit as usize {
            let n = rows.len();
            faults.push(MapFault::TooManyNeurons { tile, core: offset, n, limit });
        }
        let first = program.open_core(tile, offset, rows.len());
        let core_in_use = layout.cores().len() as u32;
        let mut somas = Vec::with_capacity(rows.len());
        let mut inputs_of_units = std::collections::HashMap::new();
        for (i, row) in rows.iter().enumerate() {
            let neuron = neurons[row.neuron.0 as usize];
            let slot = first + i as u32;
            let choice = units::choose(row, neuron, units, slot, core_in_use, &mut faults);
            program.add_neuron(
                row.neuron,
                neuron,
                slot,
                &choice,
                units,
                &mut inputs_of_units,
                &mut kinds,
                &mut faults,
            );
            somas.push(choice.soma);
            chosen[row.neuron.0 as usize] = Some(choice);
        }
        units::check_sizes(rows, &somas, &chosen, units, UNIT_NEURONS, &mut faults);
        layout.core(CoreLayout { core: *core, somas });
    }
    faults.stop()?;
    let chosen: Vec<Chosen> = chosen.into_iter().flatten().collect();
    let ranks: Vec<u64> = layout.cores().iter().map(|core| order.rank(core.core)).collect();
    synapses::lay(network, chip, &chosen, &ranks, &mut program, &mut layout, &mut faults);
    faults.stop()?;
    program.plan = CostPlan::new(chip, &layout).expect("cores and units were looked up in the chip");
    Ok(program)
}

impl Program {
    fn empty(network: &SanaFeNetwork) -> Self {
        let in_order_of_names = network.in_order_of_names();
        let neurons: Vec<_> = network.neurons().collect();
        let is_logged = |neuron: &&NeuronId| neurons[neuron.0 as usize].log_potential;
        Self {
            plan: CostPlan::new(&no_chip(), &Layout::default()).expect("nothing fits every chip"),
            cores: Vec::new(),
            neuron_of: Vec::new(),
            slot_of: vec![NONE; neurons.len()],
            kinds: Vec::new(),
            kind_of: Vec::new(),
            potential: Vec::new(),
            is_special: Vec::new(),
            special_of: Vec::new(),
            specials: Vec::new(),
            inputs: Vec::new(),
            delaying: Vec::new(),
            n_delaying: 0,
            first_axon: Vec::new(),
            first_synapse: Vec::new(),
            synapses: Synapses::Small(Vec::new()),
            delays: Vec::new(),
            logs_spikes: neurons.iter().map(|neuron| neuron.log_spikes).collect(),
            logged_potentials: in_order_of_names.iter().filter(is_logged).copied().collect(),
            in_order_of_names,
        }
    }

    /// Makes slots for a core's neurons; returns the first.
    fn open_core(&mut self, tile: u32, core: u32, n: usize) -> u32 {
        let first = self.neuron_of.len();
        let end = first + n.next_multiple_of(64);
        self.neuron_of.resize(end, NONE);
        self.kind_of.resize(end, 0);
        self.potential.resize(end, 0.0);
        self.special_of.resize(end, NONE);
        self.is_special.resize(end / 64, 0);
        self.cores.push(Stretch { first: first as u32, n: n as u32, tile, core });
        first as u32
    }

    /// What a run costs is worked out from this.
    pub fn plan(&self) -> &CostPlan {
        &self.plan
    }

    /// How many synapses there are.
    pub fn n_synapses(&self) -> usize {
        self.synapses.len()
    }

    /// Tile and core within the tile of a core in use, by its number in the plan.
    pub fn place_of(&self, core: u32) -> (u32, u32) {
        let stretch = self.cores[core as usize];
        (stretch.tile, stretch.core)
    }

    /// The neuron at a place of a core in use.
    pub fn neuron_at(&self, core: u32, place: u32) -> NeuronId {
        NeuronId(self.neuron_of[(self.cores[core as usize].first + place) as usize])
    }

    /// The core in use that an axon leads to.
    pub fn target_of(&self, axon: crate::cost::AxonId) -> u32 {
        self.plan.axons[axon.0 as usize].target
    }

    /// Neurons whose potentials are recorded, in the order of SANA-FE's records.
    pub fn logged_potentials(&self) -> &[NeuronId] {
        &self.logged_potentials
    }
}

impl Synapses {
    pub fn len(&self) -> usize {
        match self {
            Self::Small(synapses) => synapses.len(),
            Self::Any(synapses) => synapses.len(),
        }
    }
}

fn no_chip() -> Architecture {
    Architecture {
        name: String::new(),
        width: 1,
        height: 1,
        link_buffer_size: 1,
        sync: crate::cost::architecture::SyncTable(Vec::new()),
        tiles: Vec::new(),
    }
}
