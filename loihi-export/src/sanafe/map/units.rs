//! Which core and which units each neuron gets.

use std::collections::{BTreeMap, HashMap};

use super::super::network::{Mapped, Neuron, NeuronId, SanaFeNetwork};
use super::super::soma::{Input, Lif, Plain};
use super::{MapError, MapFault, NONE, Program, Special};
use crate::cost::architecture::{Architecture, DendriteModel, SomaModel, Units};

/// What was chosen for a neuron.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chosen {
    pub core: u32,
    pub slot: u32,
    /// The unit of the synapses onto it.
    pub synapse: u16,
    pub dendrite: u16,
    pub soma: u16,
    pub delays: bool,
    pub is_input: bool,
}

/// Faults found so far.
pub(super) struct Faults<'a> {
    pub network: &'a SanaFeNetwork,
    faults: Vec<MapFault>,
}

impl<'a> Faults<'a> {
    pub fn new(network: &'a SanaFeNetwork) -> Self {
        Self { network, faults: Vec::new() }
    }

    pub fn push(&mut self, fault: MapFault) {
        if self.faults.len() < 100 {
            self.faults.push(fault);
        }
    }

    pub fn unsupported(&mut self, neuron: NeuronId, what: &'static str, way_out: &'static str) {
        let neuron = self.network.name_of(neuron);
        self.push(MapFault::Unsupported { neuron, what, way_out });
    }

    pub fn any(&self) -> bool {
        !self.faults.is_empty()
    }

    pub fn stop(&mut self) -> Result<(), MapError> {
        match self.faults.is_empty() {
            true => Ok(()),
            false => Err(MapError { faults: std::mem::take(&mut self.faults) }),
        }
    }
}

/// The number of every kind of plain neuron, by the bits of what makes it.
#[derive(Default)]
pub(super) struct Kinds {
    numbers: HashMap<[u64; 4], u32>,
}

impl Kinds {
    fn number(&mut self, plain: Plain, kinds: &mut Vec<Plain>) -> u32 {
        let Plain { leak, bias, threshold, reset } = plain;
        *self.numbers.entry([leak, bias, threshold, reset].map(f64::to_bits)).or_insert_with(|| {
            kinds.push(plain);
            kinds.len() as u32 - 1
        })
    }
}

/// The rows of the mapping that count, by core.
pub(super) fn place<'a>(
    network: &'a SanaFeNetwork,
    chip: &Architecture,
    faults: &mut Faults,
) -> BTreeMap<u32, Vec<&'a Mapped>> {
    let n_neurons = network.n_neurons();
    let mut last = vec![NONE; n_neurons];
    for (row, number) in network.mapping.iter().zip(0..) {
        match last.get_mut(row.neuron.0 as usize) {
            Some(last) => *last = number,
            None => {
                faults.push(MapFault::NoNeuron { what: "a mapping", number: row.neuron.0, n_neurons });
            }
        }
    }
    for (neuron, _) in (0..).zip(&last).filter(|(_, row)| **row == NONE) {
        faults.push(MapFault::NotMapped { neuron: network.name_of(NeuronId(neuron)) });
    }
    let mut placed: BTreeMap<u32, Vec<&Mapped>> = BTreeMap::new();
    for (row, number) in network.mapping.iter().zip(0..) {
        if last.get(row.neuron.0 as usize) != Some(&number) {
            continue;
        }
        match chip.core_index(row.tile, row.core) {
            Some(core) => placed.entry(core).or_default().push(row),
            None => faults.push(MapFault::NoCore {
                neuron: network.name_of(row.neuron),
                tile: row.tile,
                core: row.core,
                n_tiles: chip.tiles.len(),
            }),
        }
    }
    placed
}

/// Finds the units of a neuron.
pub(super) fn choose(
    row: &Mapped,
    neuron: &Neuron,
    units: &Units,
    slot: u32,
    core: u32,
    faults: &mut Faults,
) -> Chosen {
    let names = row.units.or(&neuron.units);
    // Synapses keep the name that their target had when they were made, which was before the mapping.
    let synapse = neuron.units.or(&row.units).synapse;
    let mut find = |section: &'static str, name: &Option<std::sync::Arc<str>>, has: Vec<&str>| -> u16 {
        let Some(name) = name.as_deref().filter(|name| !name.is_empty()) else {
            return 0;
        };
        match has.iter().position(|unit| *unit == name) {
            Some(unit) => unit as u16,
            None => {
                let neuron = faults.network.name_of(row.neuron);
                let shown = has.iter().take(6).copied().collect::<Vec<_>>().join(", ");
                let more = if has.len() > 6 { ", …" } else { "" };
                faults.push(MapFault::NoUnit { neuron, section, unit: name.to_owned(), has: shown + more });
                0
            }
        }
    };
    let synapse = find("synapse", &synapse, units.synapses.iter().map(|unit| unit.name.as_str()).collect());
    let dendrite =
        find("dendrite", &names.dendrite, units.dendrites.iter().map(|unit| unit.name.as_str()).collect());
    let soma = find("soma", &names.soma, units.somas.iter().map(|unit| unit.name.as_str()).collect());
    let delays = match units.dendrites[usize::from(dendrite)].model {
        DendriteModel::Accumulator => false,
        DendriteModel::AccumulatorWithDelay => true,
        DendriteModel::Taps => {
            faults.unsupported(row.neuron, "a dendrite unit with taps", "use an accumulator");
            false
        }
    };
    let is_input = units.somas[usize::from(soma)].model == SomaModel::Input;
    Chosen { core, slot, synapse, dendrite, soma, delays, is_input }
}

/// Checks that units keep as many neurons as they get.
pub(super) fn check_sizes(
    rows: &[&Mapped],
    somas: &[u16],
    chosen: &[Option<Chosen>],
    units: &Units,
    limit: usize,
    faults: &mut Faults,
) {
    let mut count = |of_units: Vec<u16>, name: &dyn Fn(u16) -> String| {
        let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
        for unit in of_units {
            *counts.entry(unit).or_default() += 1;
        }
        for (unit, n) in counts.into_iter().filter(|(_, n)| *n > limit) {
            let (tile, core) = (rows[0].tile, rows[0].core);
            faults.push(MapFault::FullUnit { unit: name(unit), tile, core, n });
        }
    };
    let dendrites = rows.iter().filter_map(|row| chosen[row.neuron.0 as usize]).map(|choice| choice.dendrite);
    count(dendrites.collect(), &|unit| units.dendrites[usize::from(unit)].name.clone());
    let compartments = somas.iter().filter(|soma| units.somas[usize::from(**soma)].model != SomaModel::Input);
    count(compartments.copied().collect(), &|unit| units.somas[usize::from(unit)].name.clone());
}

impl Program {
    /// Sets up a neuron in its slot. `inputs` has, for each input unit of the core, its number among all inputs.
    #[expect(clippy::too_many_arguments, reason = "one call, and each is another thing")]
    pub(super) fn add_neuron(
        &mut self,
        id: NeuronId,
        neuron: &Neuron,
        slot: u32,
        choice: &Chosen,
        units: &Units,
        inputs: &mut HashMap<u16, u32>,
        kinds: &mut Kinds,
        faults: &mut Faults,
    ) {
        self.neuron_of[slot as usize] = id.0;
        self.slot_of[id.0 as usize] = slot;
        if choice.delays {
            self.delaying.resize(self.neuron_of.len(), NONE);
            self.delaying[slot as usize] = self.n_delaying as u32;
            self.n_delaying += 1;
        }
        let attributes = &neuron.attributes;
        let special = match units.somas[usize::from(choice.soma)].model {
            SomaModel::TrueNorth => {
                faults.unsupported(id, "a TrueNorth soma", "use a leaky_integrate_fire unit");
                return;
            }
            SomaModel::Input => {
                if attributes.poisson.is_some_and(|chance| chance > 0.0) {
                    let way_out = "draw the spikes and give them as a list";
                    faults.unsupported(id, "a Poisson input, whose draws depend on the process", way_out);
                }
                let number = *inputs.entry(choice.soma).or_insert_with(|| {
                    self.inputs.push(Input::default());
                    self.inputs.len() as u32 - 1
                });
                let input = &mut self.inputs[number as usize];
                if let Some(spikes) = &attributes.spikes {
                    input.spikes = spikes.clone();
                }
                if let Some(rate) = attributes.rate {
                    input.every = if rate > 0.0 { (1.0 / rate) as u64 } else { 0 };
                }
                Special::Input(number)
            }
            SomaModel::LeakyIntegrateFire => {
                let lif = Lif::new(attributes);
                self.potential[slot as usize] = lif.potential;
                if let Some(plain) = lif.plain() {
                    self.kind_of[slot as usize] = kinds.number(plain, &mut self.kinds);
                    return;
                }
                Special::Lif(lif)
            }
        };
        self.is_special[slot as usize / 64] |= 1 << (slot % 64);
        self.special_of[slot as usize] = self.specials.len() as u32;
        self.specials.push(special);
    }
}
