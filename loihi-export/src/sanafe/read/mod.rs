//! SANA-FE's network files: YAML, and the netlist of its first version.
//!
//! A YAML file has `network` (`groups`, `edges`) and `mappings`. Lists of attributes are maps or lists of maps; of
//! two values of one attribute the later counts. A file is read into a [`SanaFeNetwork`]; whether a chip has the
//! units and cores that it names is seen when it is mapped.

mod attributes;
mod edges;
mod mapping;
mod netlist;

use std::collections::HashMap;

use super::network::{Group, Neuron, NeuronId, SanaFeNetwork};
use crate::cost::yaml::{Document, Ignored, Node, ReadError, range};
use attributes::{Known, NeuronSetting};

/// How many neurons a file may describe: eight times what a chip of Loihi's size holds.
const MAX_NEURONS: u64 = 1 << 20;
/// How many synapses a file may describe.
const MAX_EDGES: u64 = 1 << 25;

/// Reads a network in YAML; `file` is what messages call it. Also tells which attributes have no effect.
///
/// # Errors
/// If it is no YAML, if something is missing or has no meaning, or if it has what this crate does not model.
pub fn read_network(text: &str, file: &str) -> Result<(SanaFeNetwork, Vec<Ignored>), ReadError> {
    let document = Document::read(text, file)?;
    let mut reader = Reader::default();
    reader.file(document.root())?;
    Ok((reader.network, reader.known.ignored))
}

/// Reads a network in the netlist format of SANA-FE's first version.
///
/// # Errors
/// As [`read_network`], and where SANA-FE 2.2.9 refuses its own files (see the page of [`sanafe`](super)).
pub fn read_netlist(text: &str, file: &str) -> Result<(SanaFeNetwork, Vec<Ignored>), ReadError> {
    netlist::read(text, file)
}

/// A network while it is read.
#[derive(Default)]
struct Reader {
    network: SanaFeNetwork,
    known: Known,
    /// For each name of a group, its first neuron and how many it has.
    groups: HashMap<String, (u32, u32)>,
}

impl Reader {
    fn file(&mut self, root: Node) -> Result<(), ReadError> {
        let network = root.require("network", "a network file begins with it")?;
        if let Some(name) = network.get("name") {
            self.network.name = name.string("name")?.trim().to_owned();
        }
        let groups = network.require("groups", "a network needs groups of neurons")?;
        if !groups.is_list() {
            return Err(groups.value_error("groups", "a list of groups"));
        }
        let edges = network.require("edges", "give an empty list if there are none")?;
        for group in groups.items() {
            self.group(group)?;
        }
        self.edges(edges)?;
        self.mappings(root.require("mappings", "say on which core each neuron is")?)
    }

    fn group(&mut self, group: Node) -> Result<(), ReadError> {
        let name = group.require("name", "give the group a name")?;
        let text = name.string("name")?.to_owned();
        let neurons = group.require("neurons", "give the group neurons")?;
        if !neurons.is_list() {
            return Err(neurons.value_error("neurons", "a list"));
        }
        let mut default = NeuronSetting::default();
        if let Some(attributes) = group.get("attributes") {
            self.known.neuron(attributes, &mut default)?;
        }
        // How many neurons there are is how many the list names.
        let mut n = 0;
        let mut entries = Vec::new();
        for item in neurons.items() {
            if item.text().is_some() {
                let (first, last) = index_range(item)?;
                n += u64::from(last - first) + 1;
            }
            for (key, attributes) in item.pairs() {
                let (first, last) = index_range(key)?;
                n += u64::from(last - first) + 1;
                entries.push((key, first, last, attributes));
            }
        }
        let mut of_group = self.add_group(group, name, text, n, &default)?;
        for (key, first, last, attributes) in entries {
            if u64::from(last) >= n {
                let expected = format!("below {n}, which is how many neurons the list names");
                return Err(key.value_error("the number of a neuron", &expected));
            }
            let mut setting = default.clone();
            self.known.neuron(attributes, &mut setting)?;
            for neuron in &mut of_group.neurons[first as usize..=last as usize] {
                setting.apply(neuron);
            }
        }
        self.network.groups.push(of_group);
        Ok(())
    }

    /// Takes up a name for that many neurons, all alike.
    fn add_group(
        &mut self,
        place: Node,
        name: Node,
        text: String,
        n: u64,
        default: &NeuronSetting,
    ) -> Result<Group, ReadError> {
        let before = self.network.n_neurons() as u64;
        if before + n > MAX_NEURONS {
            return Err(ReadError::TooMany {
                place: place.place(),
                what: "the number of neurons".to_owned(),
                value: before + n,
                limit: MAX_NEURONS,
                way_out: "split the network".to_owned(),
            });
        }
        if self.groups.insert(text.clone(), (before as u32, n as u32)).is_some() {
            return Err(name.value_error("the name of a group", "one that no other group has"));
        }
        let mut neuron = Neuron::default();
        default.apply(&mut neuron);
        Ok(Group { name: text, neurons: vec![neuron; n as usize] })
    }

    /// The neuron that `group.number` names.
    fn neuron(&self, place: Node, address: &str) -> Result<NeuronId, ReadError> {
        let (first, n, number) = self.address(place, address)?;
        let number = number.and_then(|number| number.parse::<u32>().ok());
        match number {
            Some(number) if number < n => Ok(NeuronId(first + number)),
            _ => Err(unknown(place, "neuron", address)),
        }
    }

    /// The first neuron of a group, how many it has, and what stands behind the dot.
    fn address<'b>(&self, place: Node, address: &'b str) -> Result<(u32, u32, Option<&'b str>), ReadError> {
        let (group, number) = match address.split_once('.') {
            Some((group, number)) => (group, Some(number)),
            None => (address, None),
        };
        match self.groups.get(group) {
            Some((first, n)) => Ok((*first, *n, number)),
            None => Err(unknown(place, "group", group)),
        }
    }
}

fn unknown(place: Node, what: &'static str, name: &str) -> ReadError {
    ReadError::Unknown { place: place.place(), what, name: name.to_owned(), hint: String::new() }
}

/// The numbers that `3` or `3..5` stands for.
fn index_range(node: Node) -> Result<(u32, u32), ReadError> {
    let field = "the number of a neuron";
    let text = node.string(field)?;
    match range(text) {
        Some(Ok((_, first, last))) => Ok((first, last)),
        Some(Err(expected)) => Err(node.value_error(field, expected)),
        None => {
            let number = node.whole(field, 0, i64::from(u32::MAX - 1))? as u32;
            Ok((number, number))
        }
    }
}
