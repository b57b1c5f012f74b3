//! What can be known about costs before the first step.
//!
//! The processing delay of a message, its hops, its way through the mesh and the events that it causes depend on its
//! axon alone, so they are worked out once, for each kind of axon and each pair of cores.

use std::collections::HashMap;

use super::architecture::{Architecture, Cost, Direction};
use super::layout::{Axon, Layout, SynapseRun};

/// A layout on a chip, ready to be priced.
#[derive(Debug, Clone)]
pub struct CostPlan {
    pub(crate) cores: Vec<PlannedCore>,
    pub(crate) axons: Vec<PlannedAxon>,
    pub(crate) kinds: Vec<PlannedKind>,
    pub(crate) runs: Vec<SynapseRun>,
    pub(crate) routes: Vec<Route>,
    /// The links of all routes, one route after the other, each filled up to a multiple of four with a link that is none.
    pub(crate) links: Vec<u32>,
    pub(crate) n_links: usize,
    pub(crate) links_per_tile: usize,
    pub(crate) height: usize,
    /// How many messages a link holds.
    pub(crate) link_buffer: f64,
    /// What ending a step takes \[s\].
    pub(crate) sync: f64,
}

#[derive(Debug, Clone)]
pub(crate) struct PlannedCore {
    pub tile: u32,
    /// Its number in its tile.
    pub offset: u32,
    pub hop_energy: [f64; 4],
    pub axon_in: Cost,
    pub axon_out: Cost,
    /// For each neuron its class of soma costs.
    pub class_of: Vec<u8>,
    pub classes: Vec<SomaClass>,
    /// Where all neurons are of one class: the time of so many that are only accessed, added up one by one \[s\].
    pub idle: Vec<f64>,
    /// Energy of a synaptic event by synapse unit and by dendrite unit \[J\].
    pub synapse_energy: Vec<f64>,
    pub dendrite_energy: Vec<f64>,
    /// Where the core's counts of events by unit begin, synapse units before dendrite units.
    pub first_event: usize,
}

/// Neurons whose events cost the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SomaClass {
    pub access: f64,
    pub update: f64,
    pub spike: f64,
    /// Time of a neuron that is only accessed, of one that is updated, of one that fires \[s\].
    pub latency: [f64; 3],
    pub n_neurons: u64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct PlannedAxon {
    /// The time that its messages take at their destination \[s\].
    pub processing: f64,
    pub target: u32,
    pub kind: u32,
    pub route: u32,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct PlannedKind {
    /// The time that a message takes at its destination \[s\].
    pub processing: f64,
    pub n_synapses: u32,
    pub first_run: u32,
    pub n_runs: u32,
}

/// The way from one core to another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route {
    pub hops: u32,
    /// Hops between columns and between rows, and their directions.
    pub x_hops: u32,
    pub y_hops: u32,
    pub x_way: Direction,
    pub y_way: Direction,
    /// The time of the hops if nothing is in the way \[s\].
    pub min_delay: f64,
    /// Links between tiles and one more, and how many messages they hold.
    pub places: f64,
    pub capacity: f64,
    /// What a message on its way adds to each of its links.
    pub share: f64,
    pub first_link: u32,
    pub n_links: u32,
}

/// Why a layout does not fit an architecture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// A core that the chip has not.
    #[error("core {core} of the layout: the chip has {n_cores} cores; map the network again")]
    Core {
        /// The core's number.
        core: u32,
        /// How many there are.
        n_cores: usize,
    },
    /// Cores that are not in order.
    #[error("core {core} comes after core {before} in the layout; add cores in ascending order, each once")]
    Order {
        /// The core.
        core: u32,
        /// The core added before it.
        before: u32,
    },
    /// A unit that a core has not.
    #[error("core {core} has {has} {section} units, and the layout names number {unit}; count units from 0")]
    Unit {
        /// The core's number on the chip.
        core: u32,
        /// Which section.
        section: &'static str,
        /// The unit's number.
        unit: u16,
        /// How many there are.
        has: usize,
    },
    /// A core whose neurons differ more than can be counted apart.
    #[error(
        "core {core} has soma units of more than 256 different costs; give units of one kind the same costs"
    )]
    Classes {
        /// The core's number on the chip.
        core: u32,
    },
    /// An axon of cores that are not in use.
    #[error("axon {axon} leads from core {from} to core {to} of {n_cores} in use; add cores before axons")]
    Axon {
        /// The axon's number.
        axon: usize,
        /// Where it begins.
        from: u32,
        /// Where it ends.
        to: u32,
        /// How many cores are in use.
        n_cores: usize,
    },
}

impl CostPlan {
    /// Prepares a layout on a chip.
    ///
    /// # Errors
    /// If the layout names cores or units that the chip has not.
    pub fn new(chip: &Architecture, layout: &Layout) -> Result<Self, LayoutError> {
        let places: Vec<(u32, u32)> = (chip.tiles.iter().zip(0..))
            .flat_map(|(tile, t)| (0..tile.cores.len() as u32).map(move |offset| (t, offset)))
            .collect();
        let mut cores: Vec<PlannedCore> = Vec::with_capacity(layout.cores.len());
        let mut first_event = 0;
        for (i, core) in layout.cores.iter().enumerate() {
            let n_cores = places.len();
            let &(tile, offset) =
                places.get(core.core as usize).ok_or(LayoutError::Core { core: core.core, n_cores })?;
            if let Some(before) = i.checked_sub(1).map(|i| layout.cores[i].core)
                && before >= core.core
            {
                return Err(LayoutError::Order { core: core.core, before });
            }
            let planned = planned_core(chip, core.core, (tile, offset), &core.somas, first_event)?;
            first_event += planned.synapse_energy.len() + planned.dendrite_energy.len();
            cores.push(planned);
        }
        let max_cores = chip.tiles.iter().map(|tile| tile.cores.len()).max().unwrap_or(0);
        let links_per_tile = 4 + max_cores;
        let mut tiles_in_use: Vec<u32> = (layout.cores.iter().zip(&cores))
            .filter(|(core, _)| !core.somas.is_empty())
            .map(|(_, planned)| planned.tile)
            .collect();
        tiles_in_use.dedup();
        let mut plan = Self {
            cores,
            axons: Vec::with_capacity(layout.axons.len()),
            kinds: Vec::new(),
            runs: Vec::new(),
            routes: Vec::new(),
            links: Vec::new(),
            n_links: (chip.width as usize) * (chip.height as usize) * links_per_tile,
            links_per_tile,
            height: chip.height as usize,
            link_buffer: f64::from(chip.link_buffer_size),
            sync: chip.sync.time(tiles_in_use.len() as u32),
        };
        plan.add_axons(chip, layout)?;
        Ok(plan)
    }

    /// How many cores are in use.
    pub fn n_cores(&self) -> usize {
        self.cores.len()
    }

    /// The links of a route in fours.
    #[inline]
    pub(crate) fn links_of(&self, route: &Route) -> &[[u32; 4]] {
        let (first, n) = (route.first_link as usize, route.n_links.next_multiple_of(4) as usize);
        self.links[first..first + n].as_chunks().0
    }

    fn add_axons(&mut self, chip: &Architecture, layout: &Layout) -> Result<(), LayoutError> {
        let n_cores = self.cores.len();
        let mut routes: HashMap<(u32, u32), u32> = HashMap::new();
        // What a message meets is priced at its destination, whose units may differ.
        let mut kinds: HashMap<(u32, usize), u32> = HashMap::new();
        for (i, axon) in layout.axons.iter().enumerate() {
            let Axon { source, target, kind } = *axon;
            if source.max(target) as usize >= n_cores {
                return Err(LayoutError::Axon { axon: i, from: source, to: target, n_cores });
            }
            let units = &units_of(chip, layout.cores[target as usize].core);
            let priced = match kinds.get(&(kind, std::sync::Arc::as_ptr(units) as usize)) {
                Some(priced) => *priced,
                None => {
                    let core = layout.cores[target as usize].core;
                    let priced = self.add_kind(core, units, &layout.kinds[kind as usize])?;
                    kinds.insert((kind, std::sync::Arc::as_ptr(units) as usize), priced);
                    priced
                }
            };
            let route =
                *routes.entry((source, target)).or_insert_with(|| self.add_route(chip, source, target));
            let processing = self.kinds[priced as usize].processing;
            self.axons.push(PlannedAxon { processing, target, kind: priced, route });
        }
        Ok(())
    }

    fn add_kind(
        &mut self,
        core: u32,
        units: &super::architecture::Units,
        runs: &[SynapseRun],
    ) -> Result<u32, LayoutError> {
        let mut processing = units.axon_in.message.latency;
        let mut n_synapses = 0;
        for run in runs {
            let synapse = units.synapses.get(usize::from(run.synapse)).ok_or(LayoutError::Unit {
                core,
                section: "synapse",
                unit: run.synapse,
                has: units.synapses.len(),
            })?;
            let dendrite = units.dendrites.get(usize::from(run.dendrite)).ok_or(LayoutError::Unit {
                core,
                section: "dendrite",
                unit: run.dendrite,
                has: units.dendrites.len(),
            })?;
            let each = synapse.spike.latency + dendrite.update.latency;
            for _ in 0..run.n {
                processing += each;
            }
            n_synapses += run.n;
        }
        let first_run = self.runs.len() as u32;
        self.runs.extend_from_slice(runs);
        self.kinds.push(PlannedKind { processing, n_synapses, first_run, n_runs: runs.len() as u32 });
        Ok(self.kinds.len() as u32 - 1)
    }

    fn add_route(&mut self, chip: &Architecture, source: u32, target: u32) -> u32 {
        let (from, to) = (&self.cores[source as usize], &self.cores[target as usize]);
        let ((x, y), (to_x, to_y)) = (chip.place(from.tile), chip.place(to.tile));
        let (x_hops, y_hops) = (x.abs_diff(to_x), y.abs_diff(to_y));
        let x_way = if x < to_x { Direction::East } else { Direction::West };
        let y_way = if y < to_y { Direction::North } else { Direction::South };
        let hop = |way: Direction| chip.tiles[from.tile as usize].hops[way as usize].latency;
        let mut min_delay = 0.0;
        min_delay += f64::from(x_hops) * hop(x_way);
        min_delay += f64::from(y_hops) * hop(y_way);
        // A message enters by a link of its core and waits in every tile at the link by which it came: along the
        // row first, then along the column.
        let mut arrived = 4 + from.offset;
        let first_link = self.links.len() as u32;
        let mut at = (x, y);
        loop {
            let tile = at.0 as usize * self.height + at.1 as usize;
            self.links.push((tile * self.links_per_tile) as u32 + arrived);
            if at.0 != to_x {
                at.0 = if x < to_x { at.0 + 1 } else { at.0 - 1 };
                arrived = x_way as u32;
            } else if at.1 != to_y {
                at.1 = if y < to_y { at.1 + 1 } else { at.1 - 1 };
                arrived = y_way as u32;
            } else {
                break;
            }
        }
        let n_links = self.links.len() as u32 - first_link;
        self.links.resize(self.links.len().next_multiple_of(4), self.n_links as u32);
        let hops = x_hops + y_hops;
        let places = f64::from(hops) + 1.0;
        let capacity = f64::from(hops + 1) * self.link_buffer;
        let share = 1.0 / (2.0 + f64::from(hops));
        self.routes.push(Route {
            hops,
            x_hops,
            y_hops,
            x_way,
            y_way,
            min_delay,
            places,
            capacity,
            share,
            first_link,
            n_links,
        });
        self.routes.len() as u32 - 1
    }
}

fn units_of(chip: &Architecture, core: u32) -> std::sync::Arc<super::architecture::Units> {
    let mut left = core as usize;
    for tile in &chip.tiles {
        match tile.cores.get(left) {
            Some(core) => return std::sync::Arc::clone(&core.units),
            None => left -= tile.cores.len(),
        }
    }
    unreachable!("the number of the core was checked")
}

fn planned_core(
    chip: &Architecture,
    core: u32,
    (tile, offset): (u32, u32),
    somas: &[u16],
    first_event: usize,
) -> Result<PlannedCore, LayoutError> {
    let place = &chip.tiles[tile as usize];
    let units = &place.cores[offset as usize].units;
    let mut classes: Vec<SomaClass> = Vec::new();
    let mut class_of = Vec::with_capacity(somas.len());
    let mut class_of_unit: HashMap<u16, u8> = HashMap::new();
    for &unit in somas {
        let class = match class_of_unit.get(&unit) {
            Some(class) => *class,
            None => {
                let has = units.somas.len();
                let section = "soma";
                let soma = units.somas.get(usize::from(unit));
                let soma = soma.ok_or(LayoutError::Unit { core, section, unit, has })?;
                let idle = soma.access.latency;
                let updated = idle + soma.update.latency;
                let fired = updated + soma.spike.latency;
                let class = SomaClass {
                    access: soma.access.energy,
                    update: soma.update.energy,
                    spike: soma.spike.energy,
                    latency: [idle, updated, fired],
                    n_neurons: 0,
                };
                let known = classes.iter().position(|known| *known == class);
                let index = known.unwrap_or_else(|| {
                    classes.push(class);
                    classes.len() - 1
                });
                let index = u8::try_from(index).map_err(|_| LayoutError::Classes { core })?;
                class_of_unit.insert(unit, index);
                index
            }
        };
        class_of.push(class);
    }
    for class in &class_of {
        classes[usize::from(*class)].n_neurons += 1;
    }
    let mut idle = Vec::new();
    if let [class] = classes[..] {
        let sums = std::iter::successors(Some(0.0), |sum| Some(sum + class.latency[0]));
        idle.extend(sums.take(somas.len() + 1));
    }
    Ok(PlannedCore {
        idle,
        tile,
        offset,
        hop_energy: place.hops.map(|hop| hop.energy),
        axon_in: units.axon_in.message,
        axon_out: units.axon_out.message,
        class_of,
        classes,
        synapse_energy: units.synapses.iter().map(|unit| unit.spike.energy).collect(),
        dendrite_energy: units.dendrites.iter().map(|unit| unit.update.energy).collect(),
        first_event,
    })
}
