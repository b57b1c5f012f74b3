//! SANA-FE's architecture YAML.
//!
//! `tile`, `core` and every unit are one map or a list of maps; a name `stem[a..b]` stands for that many alike. A
//! core needs all five sections. Attributes that SANA-FE passes on to a unit that has no use for them are told.

use std::sync::Arc;

use super::{
    Architecture, AxonUnit, Buffer, Core, Cost, DIRECTIONS, DendriteModel, DendriteUnit, SomaModel, SomaUnit,
    SynapseUnit, SyncTable, Tile, Units,
};
use crate::cost::yaml::{Document, Ignored, Node, ReadError, range};

/// How many cores a file may describe: SANA-FE's largest example has 4,096 tiles of one.
const MAX_CORES: u64 = 1 << 20;
/// How many units a section of a core may have.
const MAX_UNITS: u64 = 1 << 16;

/// Attributes that every unit may have and that change neither energy nor time.
const WITHOUT_EFFECT: [&str; 3] = ["log_energy", "log_latency", "update_every_timestep"];

struct Reader {
    ignored: Vec<Ignored>,
}

/// Reads a text.
pub(super) fn read(text: &str, file: &str) -> Result<(Architecture, Vec<Ignored>), ReadError> {
    let document = Document::read(text, file)?;
    let root = document.root();
    let chip = root.require("architecture", "an architecture file begins with it")?;
    let mut reader = Reader { ignored: Vec::new() };
    let architecture = reader.architecture(chip)?;
    Ok((architecture, reader.ignored))
}

impl Reader {
    fn architecture(&mut self, chip: Node) -> Result<Architecture, ReadError> {
        let name = chip.require("name", "give the chip a name")?.string("name")?.to_owned();
        let mesh =
            chip.require("attributes", "width, height and link_buffer_size of the mesh belong there")?;
        let whole = |key: &str, most: i64| -> Result<u32, ReadError> {
            Ok(mesh.require(key, "the mesh needs it")?.whole(key, 1, most)? as u32)
        };
        let (width, height) = (whole("width", 1 << 16)?, whole("height", 1 << 16)?);
        let link_buffer_size = mesh.require("link_buffer_size", "the mesh needs it")?;
        let link_buffer_size = link_buffer_size.whole("link_buffer_size", 0, 1 << 30)? as u32;
        if let Some(topology) = mesh.get("topology")
            && topology.text() != Some("mesh")
        {
            return Err(topology.value_error("topology", "mesh"));
        }
        let known = ["topology", "width", "height", "link_buffer_size", "sync_model", "latency_sync"];
        self.tell(mesh, &known, "the mesh has no such attribute");
        let sync = sync(mesh)?;
        let mut tiles = Vec::new();
        let mut n_cores = 0;
        for tile in entries(chip.require("tile", "a chip needs a tile section")?) {
            self.tile(tile, &mut tiles, &mut n_cores)?;
        }
        let places = u64::from(width) * u64::from(height);
        if tiles.len() as u64 > places {
            return Err(ReadError::TooMany {
                place: chip.place(),
                what: "the number of tiles".to_owned(),
                value: tiles.len() as u64,
                limit: places,
                way_out: format!("a mesh of {width} by {height} has no place for them"),
            });
        }
        Ok(Architecture { name, width, height, link_buffer_size, sync, tiles })
    }

    fn tile(&mut self, tile: Node, tiles: &mut Vec<Tile>, n_cores: &mut u64) -> Result<(), ReadError> {
        let costs = tile.require("attributes", "a tile needs the costs of its hops")?;
        let mut hops = [Cost::default(); 4];
        let mut known = vec!["log_energy".to_owned()];
        for (hop, direction) in hops.iter_mut().zip(DIRECTIONS) {
            let keys = [format!("energy_{direction}_hop"), format!("latency_{direction}_hop")];
            *hop = cost(costs, [&keys[0], &keys[1]])?;
            known.extend(keys);
        }
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        self.tell(costs, &known, "a tile has no such attribute");
        let mut cores = Vec::new();
        for core in entries(tile.require("core", "a tile needs a core section")?) {
            let units = Arc::new(self.units(core)?);
            for name in names(core, MAX_CORES)? {
                cores.push(Core { name, units: Arc::clone(&units) });
            }
        }
        for name in names(tile, MAX_CORES)? {
            *n_cores += cores.len() as u64;
            if *n_cores > MAX_CORES {
                return Err(ReadError::TooMany {
                    place: tile.place(),
                    what: "the number of cores".to_owned(),
                    value: *n_cores,
                    limit: MAX_CORES,
                    way_out: "describe a smaller chip".to_owned(),
                });
            }
            tiles.push(Tile { name, hops, cores: cores.clone() });
        }
        Ok(())
    }

    fn units(&mut self, core: Node) -> Result<Units, ReadError> {
        let attributes =
            core.require("attributes", "buffer_position and max_neurons_supported belong there")?;
        let buffer = buffer(attributes)?;
        let max_neurons = attributes.require("max_neurons_supported", "a core needs it")?;
        let max_neurons = max_neurons.whole("max_neurons_supported", 1, 1 << 24)? as u32;
        let known = ["buffer_position", "buffer_inside_unit", "max_neurons_supported", "log_energy"];
        self.tell(attributes, &known, "a core has no such attribute");
        let axon_in = self.axon(core, "axon_in", ["energy_message_in", "latency_message_in"])?;
        let synapses = self.synapses(core)?;
        let dendrites = self.dendrites(core)?;
        let somas = self.somas(core)?;
        let axon_out = self.axon(core, "axon_out", ["energy_message_out", "latency_message_out"])?;
        Ok(Units { max_neurons, buffer, axon_in, synapses, dendrites, somas, axon_out })
    }

    /// The one unit of a section that takes or sends messages.
    fn axon(&mut self, core: Node, section: &str, keys: [&str; 2]) -> Result<AxonUnit, ReadError> {
        let node = core.require(section, "a core needs this section")?;
        let mut units = Vec::new();
        for unit in entries(node) {
            let attributes = unit.require("attributes", "a unit needs them")?;
            let message = cost(attributes, keys)?;
            self.tell(attributes, &keys, "this unit has no such attribute");
            units.extend(names(unit, MAX_UNITS)?.into_iter().map(|name| AxonUnit { name, message }));
        }
        let what = format!("more than one {section} unit in a core");
        match units.pop() {
            Some(unit) if units.is_empty() => Ok(unit),
            Some(_) => Err(node.unsupported(&what, "SANA-FE sends all through the first: leave that one")),
            None => Err(node.missing(section, "a core needs one such unit")),
        }
    }

    fn synapses(&mut self, core: Node) -> Result<Vec<SynapseUnit>, ReadError> {
        let keys = ["energy_process_spike", "latency_process_spike"];
        let mut units = Vec::new();
        for unit in entries(core.require("synapse", "a core needs this section")?) {
            let (attributes, model) = self.unit(unit, &keys)?;
            if model.text() != Some("current_based") {
                return Err(model.value_error("model", "current_based"));
            }
            let spike = cost(attributes, keys)?;
            units.extend(names(unit, MAX_UNITS)?.into_iter().map(|name| SynapseUnit { name, spike }));
        }
        at_least_one(core, "synapse", units)
    }

    fn dendrites(&mut self, core: Node) -> Result<Vec<DendriteUnit>, ReadError> {
        let keys = ["energy_update", "latency_update"];
        let mut units = Vec::new();
        for unit in entries(core.require("dendrite", "a core needs this section")?) {
            let (attributes, model) = self.unit(unit, &keys)?;
            let model = match model.text() {
                Some("accumulator") => DendriteModel::Accumulator,
                Some("accumulator_with_delay") => DendriteModel::AccumulatorWithDelay,
                Some("taps") => DendriteModel::Taps,
                _ => {
                    let expected = "accumulator, accumulator_with_delay or taps";
                    return Err(model.value_error("model", expected));
                }
            };
            let update = cost(attributes, keys)?;
            units.extend(names(unit, MAX_UNITS)?.into_iter().map(|name| DendriteUnit {
                name,
                model,
                update,
            }));
        }
        at_least_one(core, "dendrite", units)
    }

    fn somas(&mut self, core: Node) -> Result<Vec<SomaUnit>, ReadError> {
        let keys = [
            "energy_access_neuron",
            "latency_access_neuron",
            "energy_update_neuron",
            "latency_update_neuron",
            "energy_spike_out",
            "latency_spike_out",
        ];
        let mut units = Vec::new();
        for unit in entries(core.require("soma", "a core needs this section")?) {
            let (attributes, model) = self.unit(unit, &keys)?;
            let model = match model.text() {
                Some("leaky_integrate_fire") => SomaModel::LeakyIntegrateFire,
                Some("input") => SomaModel::Input,
                Some("truenorth") => SomaModel::TrueNorth,
                _ => return Err(model.value_error("model", "leaky_integrate_fire, input or truenorth")),
            };
            let access = cost(attributes, [keys[0], keys[1]])?;
            let update = cost(attributes, [keys[2], keys[3]])?;
            let spike = cost(attributes, [keys[4], keys[5]])?;
            let named = |name| SomaUnit { name, model, access, update, spike };
            units.extend(names(unit, MAX_UNITS)?.into_iter().map(named));
        }
        at_least_one(core, "soma", units)
    }

    /// The attributes and the model of a unit, after what it may not have.
    fn unit<'a>(&mut self, unit: Node<'a>, keys: &[&str]) -> Result<(Node<'a>, Node<'a>), ReadError> {
        let attributes = unit.require("attributes", "a unit needs a model and its costs")?;
        for (key, what) in [("plugin", "a unit from a plug-in"), ("noise", "noise from a file")] {
            if let Some(node) = attributes.get(key) {
                return Err(node.unsupported(what, "use a unit that is built in, without it"));
            }
        }
        let known: Vec<&str> = keys.iter().copied().chain(["model"]).chain(WITHOUT_EFFECT).collect();
        self.tell(attributes, &known, "this unit has no such attribute");
        Ok((attributes, attributes.require("model", "a unit needs a model")?))
    }

    fn tell(&mut self, map: Node, known: &[&str], why: &'static str) {
        for (key, _) in map.pairs() {
            let name = key.text().unwrap_or("a key that is no text");
            if !known.contains(&name) {
                self.ignored.push(key.ignored(name, why));
            }
        }
    }
}

/// The maps of a section that is one map or a list of them.
fn entries(section: Node) -> Vec<Node> {
    if section.is_list() { section.items().collect() } else { vec![section] }
}

/// The names that an entry stands for.
fn names(entry: Node, limit: u64) -> Result<Vec<String>, ReadError> {
    let node = entry.require("name", "give it a name")?;
    let name = node.string("name")?;
    let Some(range) = range(name) else {
        return Ok(vec![name.to_owned()]);
    };
    let (stem, first, last) = range.map_err(|expected| node.value_error("name", expected))?;
    let n = u64::from(last - first) + 1;
    if n > limit {
        return Err(ReadError::TooMany {
            place: node.place(),
            what: format!("the number of {stem}"),
            value: n,
            limit,
            way_out: "give a shorter range".to_owned(),
        });
    }
    Ok((first..=last).map(|i| format!("{stem}[{i}]")).collect())
}

/// An energy and a time, named by two attributes.
fn cost(attributes: Node, [energy, latency]: [&str; 2]) -> Result<Cost, ReadError> {
    let amount =
        |key: &str| attributes.require(key, "every event has its costs, zero if need be")?.amount(key);
    Ok(Cost { energy: amount(energy)?, latency: amount(latency)? })
}

fn at_least_one<T>(core: Node, section: &str, units: Vec<T>) -> Result<Vec<T>, ReadError> {
    match units.len() as u64 {
        0 => Err(core.missing(section, "a core needs one such unit")),
        n if n > MAX_UNITS => Err(ReadError::TooMany {
            place: core.place(),
            what: format!("the number of {section} units of a core"),
            value: n,
            limit: MAX_UNITS,
            way_out: "describe fewer units".to_owned(),
        }),
        _ => Ok(units),
    }
}

fn buffer(attributes: Node) -> Result<Buffer, ReadError> {
    let inside =
        attributes.get("buffer_inside_unit").map_or(Ok(false), |node| node.truth("buffer_inside_unit"))?;
    let position = attributes.require("buffer_position", "a core needs it")?;
    match (position.text(), inside) {
        (Some("dendrite"), false) => Ok(Buffer::BeforeDendrite),
        (Some("dendrite"), true) => Ok(Buffer::InsideDendrite),
        (Some("soma"), false) => Ok(Buffer::BeforeSoma),
        (Some("soma"), true) => Ok(Buffer::InsideSoma),
        (Some("axon_out"), _) => Ok(Buffer::BeforeAxonOut),
        _ => Err(position.value_error("buffer_position", "dendrite, soma or axon_out")),
    }
}

/// What it takes to end a step: one number, or a table by the number of tiles.
fn sync(mesh: Node) -> Result<SyncTable, ReadError> {
    let field = "latency_sync";
    let latency = mesh.get(field);
    match mesh.get("sync_model").map(|model| (model, model.text())) {
        None | Some((_, Some("fixed"))) => {
            let time = latency.map_or(Ok(0.0), |node| node.amount(field))?;
            Ok(SyncTable(vec![(0, time)]))
        }
        Some((_, Some("table"))) => {
            let table = mesh.require(field, "the sync model \"table\" needs it")?;
            let mut entries = Vec::new();
            for (i, item) in table.items().enumerate() {
                entries.push((i as u32, item.amount(field)?));
            }
            for (tiles, time) in table.pairs() {
                entries.push((tiles.whole("a number of tiles", 0, 1 << 30)? as u32, time.amount(field)?));
            }
            if table.text().is_some() {
                entries.push((0, table.amount(field)?));
            }
            entries.sort_by_key(|(tiles, _)| *tiles);
            // Of two entries for one number the later counts.
            entries.reverse();
            entries.dedup_by_key(|(tiles, _)| *tiles);
            entries.reverse();
            match entries.is_empty() {
                false => Ok(SyncTable(entries)),
                true => Err(table.value_error(field, "at least one time")),
            }
        }
        Some((model, _)) => Err(model.value_error("sync_model", "fixed or table")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "\
architecture:
  name: small
  attributes: {topology: mesh, width: 2, height: 1, link_buffer_size: 4, latency_sync: 1.0e-6}
  tile:
    name: tile[0..1]
    attributes:
      {energy_north_hop: 1.0e-12, latency_north_hop: 1.0e-9, energy_east_hop: 2.0e-12, latency_east_hop: 2.0e-9,
       energy_south_hop: 3.0e-12, latency_south_hop: 3.0e-9, energy_west_hop: 4.0e-12, latency_west_hop: 4.0e-9}
    core:
      - name: core[0..2]
        attributes: {buffer_position: soma, max_neurons_supported: 64}
        axon_in: {name: in, attributes: {energy_message_in: 0.0, latency_message_in: 5.0e-9}}
        synapse:
          - {name: s, attributes: {model: current_based, energy_process_spike: 6.0e-12, latency_process_spike: 7.0e-9}}
        dendrite:
          - {name: d, attributes: {model: accumulator, energy_update: 0.0, latency_update: 0.0}}
        soma:
          - name: lif[0..3]
            attributes:
              {model: leaky_integrate_fire, energy_access_neuron: 1.0e-12, latency_access_neuron: 1.0e-9,
               energy_update_neuron: 2.0e-12, latency_update_neuron: 2.0e-9, energy_spike_out: 3.0e-12,
               latency_spike_out: 3.0e-9}
        axon_out: {name: out, attributes: {energy_message_out: 8.0e-12, latency_message_out: 9.0e-9}}
";

    fn said(text: &str) -> String {
        read(text, "chip.yaml").err().map(|e| e.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_small_chip_is_what_its_file_says() {
        let (chip, ignored) = read(SMALL, "chip.yaml").unwrap();
        assert_eq!(ignored, []);
        assert_eq!((chip.tiles.len(), chip.n_cores()), (2, 6));
        assert_eq!(chip.tiles[1].name, "tile[1]");
        assert_eq!(chip.tiles[1].hops[3], Cost { energy: 4.0e-12, latency: 4.0e-9 });
        let units = &chip.tiles[1].cores[2].units;
        assert_eq!(units.buffer, Buffer::BeforeSoma);
        assert_eq!(units.somas.len(), 4);
        assert_eq!(units.somas[3].name, "lif[3]");
        assert_eq!(units.axon_out.message, Cost { energy: 8.0e-12, latency: 9.0e-9 });
        assert_eq!(chip.sync, SyncTable(vec![(0, 1.0e-6)]));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let changed = |from: &str, to: &str| said(&SMALL.replace(from, to));
        let text = changed("energy_update: 0.0", "energy_update: none");
        assert_eq!(text, "chip.yaml:16: energy_update is \"none\", and has to be a finite number");
        let text = changed("latency_message_out: 9.0e-9", "latency: 9.0e-9");
        assert!(text.starts_with("chip.yaml:23: latency_message_out is missing"), "{text}");
        let text = changed("tile[0..1]", "tile[0..2]");
        assert!(text.contains("the number of tiles is 3, and 2 is the most"), "{text}");
        assert!(changed("tile[0..1]", "tile[0..4000000000]").contains("the most"));
        assert!(changed("core[0..2]", "core[2..0]").contains("a range"));
        assert!(changed("model: accumulator", "model: tree").contains("accumulator_with_delay"));
        assert!(changed("model: accumulator", "plugin: a.so, model: tree").contains("plug-in"));
        assert!(changed("width: 2", "width: 0").contains("from 1"));
        assert!(changed("7.0e-9", "-7.0e-9").contains("≥ 0"));
    }

    #[test]
    fn attributes_without_an_effect_are_told() {
        let text = SMALL.replace("energy_update: 0.0", "energy_update: 0.0, memory: 5, log_energy: true");
        let (_, ignored) = read(&text, "chip.yaml").unwrap();
        assert_eq!(ignored.len(), 1);
        assert_eq!(ignored[0].to_string(), "line 16: memory has no effect: this unit has no such attribute");
    }

    #[test]
    fn a_table_of_sync_times_is_a_list_or_a_map() {
        let read = |latency: &str| {
            let to = format!("sync_model: table, latency_sync: {latency}");
            read(&SMALL.replace("latency_sync: 1.0e-6", &to), "f").map(|(chip, _)| chip.sync)
        };
        assert_eq!(read("[1.0, 2.0]").unwrap(), SyncTable(vec![(0, 1.0), (1, 2.0)]));
        assert_eq!(read("{4: 2.0, 1: 1.0}").unwrap(), SyncTable(vec![(1, 1.0), (4, 2.0)]));
        assert!(read("[]").is_err());
    }
}
