//! SANA-FE 2.2.9: a network and an architecture as YAML, so that energy and time can be had from the tool itself.
//!
//! SANA-FE's Loihi neuron is a chip's neuron in floating point: `v` in units of an arriving weight, cut to 1/64 toward
//! zero, which are the chip's own 64 units of `v`. So where a current does not outlast its step (`du` = 4095), nothing
//! is delayed and no sum is rounded, its spikes are those of the netlist, step for step. What it does otherwise is
//! listed as lost, but for the last two:
//!
//! | netlist | SANA-FE |
//! |---|---|
//! | `u ← decay(u) + a`, cut to whole numbers | `u · input_decay + a`, not cut |
//! | weights of an exponent below 0, whose sum is rounded down | exact fractions |
//! | delays | none: its dendrites with delays lose what is due in a step in which nothing arrives |
//! | refractory neurons, whose current goes on | what arrives is lost |
//! | `u` and `v` at the start | `v`, which decays one step less |
//! | resets in intervals | none |
//! | potentials end at ±2²³, and currents wrap there | neither ends |
//! | sources outside of all cores | input units, on cores with most room, so their messages cost hops as well |
//!
//! Sources send what they are given here, because SANA-FE has it in the network's file.
//!
//! Where nothing is lost, energies and times are those of [`emulate_priced`](crate::emulate::emulate_priced) with the
//! same architecture and [`SourcesAt::Cores`](crate::emulate::SourcesAt::Cores).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rheobase_net::file::{FileError, write_atomically};
use serde::Serialize;

use super::names::Names;
use super::{Losses, Lost};
use crate::cost::architecture::Architecture;
use crate::emulate::seats::{SOMA, SYNAPSE, Seat, core_numbers, seats};
use crate::emulate::{EmulateError, Input, NoSeat};
use crate::netlist::{Core, Group, Lif, Link, Model, ValidNetlist, Where};
use crate::sanafe::{
    Attributes, Edge, Mapped, Neuron, NeuronId, SanaFeNetwork, UnitNames, WriteError, write_architecture,
    write_network,
};

/// The units of inputs in [`Architecture::loihi`], which keep one list of spikes each.
const INPUTS: &str = "loihi_inputs";

/// Why a netlist cannot be exported to SANA-FE.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SanaFeError {
    /// Neurons or synapses are of a kind that SANA-FE's Loihi has not.
    #[error("{place} has {what}, and SANA-FE's Loihi has LIF neurons and weights: export to Lava or JSON")]
    Kind {
        /// Where.
        place: Where,
        /// What is there.
        what: &'static str,
    },
    /// There are more cores or nodes than the chip has room for.
    #[error(
        "SANA-FE's Loihi has {cores} cores of {neurons} neurons, and there is no room for {what}: map onto fewer cores"
    )]
    NoRoom {
        /// Its cores.
        cores: usize,
        /// Neurons of a core.
        neurons: u32,
        /// For what.
        what: String,
    },
    /// The file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The cores have no room for the sources.
    #[error(transparent)]
    Seat(#[from] NoSeat),
    /// The chip of the netlist is none.
    #[error(transparent)]
    Chip(#[from] EmulateError),
    /// The network has no way to be written.
    #[error(transparent)]
    Network(#[from] WriteError),
    /// Something would be lost.
    #[error("{}", super::all_of("SANA-FE cannot carry all of this network (--allow-lossy writes it without)", .0))]
    Lossy(Vec<Lost>),
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    /// The network and where its neurons are.
    pub network: PathBuf,
    /// The chip.
    pub architecture: PathBuf,
    /// What was lost.
    pub lost: Vec<Lost>,
}

/// Writes the network to `path`, and [`Architecture::loihi`] beside it with `.arch` before its ending, atomically.
/// `input` is what sources send in `steps` steps.
///
/// # Errors
/// [`SanaFeError`]; [`SanaFeError::Lossy`] if something would be lost and may not.
pub fn write(
    path: &Path,
    netlist: &ValidNetlist,
    input: &Input,
    steps: u32,
    allow_lossy: bool,
) -> Result<Written, SanaFeError> {
    let chip = Architecture::loihi();
    let (network, lost) = network(netlist, input, steps, &chip)?;
    if !lost.is_empty() && !allow_lossy {
        return Err(SanaFeError::Lossy(lost));
    }
    let text = write_network(&network)?;
    let ending = path.extension().map_or("yaml".into(), |ending| ending.to_string_lossy().into_owned());
    let architecture = path.with_extension(format!("arch.{ending}"));
    write_text(&architecture, &write_architecture(&chip))?;
    write_text(path, &text)?;
    Ok(Written { network: path.to_owned(), architecture, lost })
}

/// A netlist as a network of SANA-FE on a chip that has the units of [`Architecture::loihi`], and what is lost.
///
/// # Errors
/// [`SanaFeError::Kind`], [`SanaFeError::NoRoom`].
pub fn network(
    netlist: &ValidNetlist,
    input: &Input,
    steps: u32,
    chip: &Architecture,
) -> Result<(SanaFeNetwork, Vec<Lost>), SanaFeError> {
    let mut losses = Losses::default();
    let mut names = Names::of(netlist);
    let group = |population: &crate::netlist::Population| crate::sanafe::Group {
        name: names.unique(&population.name),
        neurons: vec![Neuron { log_spikes: true, ..Neuron::default() }; population.size as usize],
    };
    let mut network =
        SanaFeNetwork { groups: netlist.populations.iter().map(group).collect(), ..Default::default() };
    let rooms = Rooms::of(netlist, chip)?;
    for (core, number) in netlist.cores.iter().zip(&rooms.numbers) {
        for (g, group) in core.groups.iter().enumerate() {
            neurons(netlist, core, g, group, rooms.address(*number), &mut network, &mut losses)?;
        }
    }
    sources(netlist, input, steps, &mut network, &rooms, &mut losses)?;
    let first_nodes = netlist.first_nodes();
    for core in &netlist.cores {
        edges(core, &first_nodes, &mut network, &mut losses)?;
    }
    Ok((network, losses.0))
}

/// Where the cores of the netlist are, and how many neurons each has.
struct Rooms<'a> {
    chip: &'a Architecture,
    /// The chip's number of every core of the netlist.
    numbers: Vec<u32>,
}

impl<'a> Rooms<'a> {
    /// A core for every core of the netlist: the one of its place in the mesh, if the chip has all of these, or the next.
    fn of(netlist: &ValidNetlist, chip: &'a Architecture) -> Result<Self, SanaFeError> {
        let (n_cores, n) = (chip.n_cores(), netlist.cores.len());
        let most = chip.tiles.iter().flat_map(|tile| &tile.cores).map(|core| core.units.max_neurons).min();
        let most = most.unwrap_or(0);
        let no_room = |what: String| SanaFeError::NoRoom { cores: n_cores, neurons: most, what };
        if n > n_cores {
            return Err(no_room(format!("{n} cores")));
        }
        let full = netlist.cores.iter().find(|core| core.n_compartments() > most as usize);
        if let Some(core) = full {
            return Err(no_room(format!("the {} neurons of core {}", core.n_compartments(), core.core)));
        }
        let placed = core_numbers(netlist, chip)?.into_iter().collect::<Option<Vec<u32>>>();
        Ok(Self { chip, numbers: placed.unwrap_or_else(|| (0..n as u32).collect()) })
    }

    /// The address of a core by its number.
    fn address(&self, number: u32) -> (u32, u32) {
        self.chip.core_place(number).expect("the chip has the core")
    }
}

fn neurons(
    netlist: &ValidNetlist,
    core: &Core,
    g: usize,
    group: &Group,
    (tile, core_idx): (u32, u32),
    network: &mut SanaFeNetwork,
    losses: &mut Losses,
) -> Result<(), SanaFeError> {
    let place = Where::Group(core.core, g);
    let lif = match &group.model {
        Model::Lif(lif) => lif,
        Model::LifReset { lif, .. } => {
            losses.add("resets in intervals, which SANA-FE has not", &place);
            lif
        }
        other => return Err(SanaFeError::Kind { place, what: other.name() }),
    };
    let first = netlist.first_nodes()[group.population as usize];
    for (i, neuron) in group.neurons.iter().enumerate() {
        let at = format!("{place}, entry {i}");
        let of = &mut network.groups[group.population as usize].neurons[*neuron as usize];
        of.attributes = attributes(lif, i, &at, losses);
        of.units = UnitNames { synapse: Some(SYNAPSE.into()), soma: Some(SOMA.into()), dendrite: None };
        let units = UnitNames::default();
        network.mapping.push(Mapped { neuron: NeuronId(first + neuron), tile, core: core_idx, units });
    }
    Ok(())
}

fn attributes(lif: &Lif, i: usize, at: &str, losses: &mut Losses) -> Attributes {
    let Lif { du, dv, vth, bias_mant, bias_exp, refractory, u, v, v_min: _, v_max: _ } = lif;
    let bias = match bias_exp[i] {
        exp @ 0.. => i64::from(bias_mant[i]) << exp,
        exp => i64::from(bias_mant[i]) >> -exp,
    };
    if du[i] != 4095 {
        losses.add("the cut of decaying currents to whole numbers: SANA-FE's are fractions", at);
        if refractory[i] > 1 {
            losses.add("currents of refractory neurons, which take nothing in", at);
        }
    }
    if u[i] != 0 || v[i] != 0 && dv[i] != 0 {
        losses.add("currents at the start, and one step of decay of potentials at the start", at);
    }
    Attributes {
        threshold: Some(f64::from(vth[i])),
        reset: Some(0.0),
        leak_decay: Some(f64::from(4096 - dv[i]) / 4096.0),
        input_decay: Some(f64::from(4095 - du[i]) / 4096.0),
        bias: Some(bias as f64 / 64.0),
        potential: (v[i] != 0).then(|| f64::from(v[i]) / 64.0),
        refractory_delay: (refractory[i] > 1).then_some(refractory[i]),
        ..Attributes::default()
    }
}

/// Inputs with lists of spikes, on cores with most room, each at a unit of its own.
fn sources(
    netlist: &ValidNetlist,
    input: &Input,
    steps: u32,
    network: &mut SanaFeNetwork,
    rooms: &Rooms<'_>,
    losses: &mut Losses,
) -> Result<(), SanaFeError> {
    let first_nodes = netlist.first_nodes();
    let n_nodes = *first_nodes.last().expect("one more than populations") as usize;
    let mut sent = vec![Vec::new(); n_nodes];
    for (step, message) in input.messages().iter().filter(|(step, _)| *step <= steps) {
        match step.checked_sub(1) {
            Some(step) => sent[message.node as usize].push(step as usize),
            None => losses.add("spikes of step 0, before the first one", format!("node {}", message.node)),
        }
    }
    let seats = seats(netlist, rooms.chip, &rooms.numbers)?;
    for (p, seats) in seats.iter().enumerate() {
        for (node, Seat { core, unit }) in seats.iter().enumerate() {
            let id = first_nodes[p] + node as u32;
            let mut spikes = vec![false; steps as usize];
            sent[id as usize].iter().for_each(|step| spikes[*step] = true);
            let of = &mut network.groups[p].neurons[node];
            of.attributes.spikes = Some(Arc::from(spikes));
            of.units.soma = Some(format!("{INPUTS}[{unit}]").into());
            let (tile, core) = rooms.address(*core);
            let units = UnitNames::default();
            network.mapping.push(Mapped { neuron: NeuronId(id), tile, core, units });
        }
    }
    Ok(())
}

fn edges(
    core: &Core,
    first_nodes: &[u32],
    network: &mut SanaFeNetwork,
    losses: &mut Losses,
) -> Result<(), SanaFeError> {
    for (b, block) in core.blocks.iter().enumerate() {
        let place = Where::Block(core.core, b);
        let (exp, bits, sign) = match block.link {
            Link::Weights { weight_exp, weight_bits, sign, message_bits: _ } => {
                (weight_exp, weight_bits, sign)
            }
            Link::Scaled => {
                return Err(SanaFeError::Kind { place, what: "weights that are scaled beforehand" });
            }
            Link::Direct => return Err(SanaFeError::Kind { place, what: "a wire without weights" }),
            Link::Float { .. } => return Err(SanaFeError::Kind { place, what: "floating-point weights" }),
            Link::Ltc => return Err(SanaFeError::Kind { place, what: "synapses of liquid units" }),
        };
        let group = &core.groups[block.group as usize];
        let first = first_nodes[group.population as usize];
        for (row, axon) in block.axon.iter().enumerate() {
            let (p, node) =
                (core.input_axons.population[*axon as usize], core.input_axons.node[*axon as usize]);
            let source = NeuronId(first_nodes[p as usize] + node);
            for i in block.row(row) {
                let at = || format!("{place}, entry {i}");
                let stored = super::stored_weight(block.weight[i], bits, sign);
                let weight = f64::from(stored) * f64::from(exp).exp2();
                if weight.fract() != 0.0 {
                    losses.add("the rounding of sums by an exponent below 0: SANA-FE adds fractions", at());
                }
                if block.delay[i] > 0 {
                    losses.add("delays: spikes arrive in the next step", at());
                }
                let target = NeuronId(first + group.neurons[block.target[i] as usize]);
                network.edges.push(Edge { source, target, weight, delay: None });
            }
        }
    }
    Ok(())
}

fn write_text(path: &Path, text: &str) -> Result<(), FileError> {
    write_atomically(path, |file| {
        let failed = |source| FileError::Write { file: path.to_owned(), source };
        std::io::Write::write_all(file, text.as_bytes()).map_err(failed)
    })
}
