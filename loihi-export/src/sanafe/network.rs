//! A mapped network as SANA-FE describes it.

use std::sync::Arc;

/// A network of spiking neurons and where they are on a chip.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SanaFeNetwork {
    /// What it is called; may be empty.
    pub name: String,
    /// Its neurons. A [`NeuronId`] counts them group by group.
    pub groups: Vec<Group>,
    /// Its synapses, in the order in which they were made.
    pub edges: Vec<Edge>,
    /// Where its neurons are, in the order in which cores go through them. Of two rows for one neuron the later
    /// counts.
    pub mapping: Vec<Mapped>,
}

/// A neuron by its number, counted group by group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NeuronId(pub u32);

/// Neurons under one name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Group {
    /// The name: no dots, arrows, colons or white space.
    pub name: String,
    /// The neurons.
    pub neurons: Vec<Neuron>,
}

/// A neuron.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Neuron {
    /// The units that it asks for; a core's first unit where it asks for none.
    pub units: UnitNames,
    /// Whether its spikes are recorded.
    pub log_spikes: bool,
    /// Whether its potential is recorded.
    pub log_potential: bool,
    /// What its soma unit is told.
    pub attributes: Attributes,
}

/// Names of units of a core.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnitNames {
    /// The unit of the synapses onto the neuron.
    pub synapse: Option<Arc<str>>,
    /// The dendrite unit.
    pub dendrite: Option<Arc<str>>,
    /// The soma unit.
    pub soma: Option<Arc<str>>,
}

/// What a soma unit may be told about a neuron. A unit takes what it knows, and its defaults for what is not given.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Attributes {
    /// A potential above it is a spike.
    pub threshold: Option<f64>,
    /// A potential below it is reset by `reverse_reset_mode`.
    pub reverse_threshold: Option<f64>,
    /// The potential after a spike, if the reset is hard.
    pub reset: Option<f64>,
    /// The potential after falling below `reverse_threshold`, if that reset is hard.
    pub reverse_reset: Option<f64>,
    /// What a spike does to the potential: hard if not given.
    pub reset_mode: Option<ResetMode>,
    /// What falling below `reverse_threshold` does: nothing if not given.
    pub reverse_reset_mode: Option<ResetMode>,
    /// The part of the potential that is left after a step: 1 if not given.
    pub leak_decay: Option<f64>,
    /// The part of the input current that is left after a step: 0 if not given.
    pub input_decay: Option<f64>,
    /// What is added to the potential in every step.
    pub bias: Option<f64>,
    /// The potential before the first step.
    pub potential: Option<f64>,
    /// Whether every step counts as an update.
    pub force_update: Option<bool>,
    /// Steps in which a neuron that fired takes nothing in, the one in which it fires among them.
    pub refractory_delay: Option<i32>,
    /// An input's spikes: the first entry is for step 1.
    pub spikes: Option<Arc<[bool]>>,
    /// An input's regular spikes per step, one every ⌊1 / rate⌋ steps.
    pub rate: Option<f64>,
    /// An input's chance of a spike in a step.
    pub poisson: Option<f64>,
}

/// What becomes of a potential that passes a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetMode {
    /// It stays.
    None,
    /// The threshold is taken off.
    Soft,
    /// It becomes the reset value.
    Hard,
    /// It becomes the threshold; without effect above the upper threshold.
    Saturate,
}

impl ResetMode {
    /// All modes, and how SANA-FE writes them.
    pub const ALL: [(Self, &str); 4] =
        [(Self::None, "none"), (Self::Soft, "soft"), (Self::Hard, "hard"), (Self::Saturate, "saturate")];
}

/// A synapse.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    /// The neuron that sends.
    pub source: NeuronId,
    /// The neuron that receives.
    pub target: NeuronId,
    /// What one spike adds to the target's current.
    pub weight: f64,
    /// How many steps later than without; only dendrite units with delays heed it.
    pub delay: Option<u8>,
}

/// Where a neuron is.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapped {
    /// The neuron.
    pub neuron: NeuronId,
    /// The tile.
    pub tile: u32,
    /// The core within the tile.
    pub core: u32,
    /// Units that the mapping chooses, before those that the neuron asks for.
    pub units: UnitNames,
}

impl SanaFeNetwork {
    /// How many neurons there are.
    pub fn n_neurons(&self) -> usize {
        self.groups.iter().map(|group| group.neurons.len()).sum()
    }

    /// All neurons, group by group.
    pub fn neurons(&self) -> impl Iterator<Item = &Neuron> {
        self.groups.iter().flat_map(|group| &group.neurons)
    }

    /// What a neuron is called: `group.number`.
    pub fn name_of(&self, neuron: NeuronId) -> String {
        let mut left = neuron.0 as usize;
        for group in &self.groups {
            if left < group.neurons.len() {
                return format!("{}.{left}", group.name);
            }
            left -= group.neurons.len();
        }
        format!("neuron {}", neuron.0)
    }

    /// The neurons in the order of SANA-FE's records: by the bytes of the names of their groups, then by number.
    pub fn in_order_of_names(&self) -> Vec<NeuronId> {
        let mut groups: Vec<(&str, u32, u32)> = Vec::with_capacity(self.groups.len());
        let mut first = 0;
        for group in &self.groups {
            groups.push((&group.name, first, group.neurons.len() as u32));
            first += group.neurons.len() as u32;
        }
        groups.sort_unstable();
        groups.into_iter().flat_map(|(_, first, n)| (first..first + n).map(NeuronId)).collect()
    }
}

impl UnitNames {
    /// These names, and those of another where these have none.
    pub(crate) fn or(&self, other: &Self) -> Self {
        let Self { synapse, dendrite, soma } = other;
        Self {
            synapse: self.synapse.as_ref().or(synapse.as_ref()).cloned(),
            dendrite: self.dendrite.as_ref().or(dendrite.as_ref()).cloned(),
            soma: self.soma.as_ref().or(soma.as_ref()).cloned(),
        }
    }
}

impl Attributes {
    /// Takes over what another says.
    pub(crate) fn set(&mut self, other: &Self) {
        macro_rules! set {
            ($($field:ident),*) => {
                let Self { $($field),* } = other;
                $(if $field.is_some() { self.$field.clone_from($field); })*
            };
        }
        set!(
            threshold,
            reverse_threshold,
            reset,
            reverse_reset,
            reset_mode,
            reverse_reset_mode,
            leak_decay,
            input_decay,
            bias,
            potential,
            force_update,
            refractory_delay,
            spikes,
            rate,
            poisson
        );
    }
}
