//! Synapses, one by one and by the group.
//!
//! `a.0 -> b.1` is one synapse. `a -> b` is many, by its `type`: *dense* connects every neuron of `a` with every one
//! of `b`, sources first, and takes the next entry of its lists for each; *sparse* connects `source_target_pairs`;
//! *conv2d* slides a kernel without padding, and reads its lists as `[row][column][input channel][output channel]`.

use super::super::network::{Edge, NeuronId};
use super::attributes::{EdgeSetting, delay};
use super::{MAX_EDGES, Reader};
use crate::cost::yaml::{Node, ReadError};

/// The sizes of a convolution.
const SIZES: [&str; 8] = [
    "input_height",
    "input_width",
    "input_channels",
    "kernel_height",
    "kernel_width",
    "kernel_count",
    "stride_height",
    "stride_width",
];

/// Weights and delays of many synapses.
#[derive(Default)]
struct Lists {
    weights: Option<Vec<f64>>,
    delays: Option<Vec<u8>>,
}

impl Reader {
    pub(super) fn edges(&mut self, edges: Node) -> Result<(), ReadError> {
        if !edges.is_list() && !edges.is_empty() {
            return Err(edges.value_error("edges", "a list of edges"));
        }
        for item in edges.items() {
            if !item.is_map() {
                return Err(item.value_error("an edge", "source -> target: attributes"));
            }
            for (key, attributes) in item.pairs() {
                let text = key.string("an edge")?;
                let Some((source, target)) = text.split_once("->") else {
                    return Err(key.value_error("an edge", "source -> target"));
                };
                self.edge(key, source.trim(), target.trim(), attributes)?;
            }
        }
        Ok(())
    }

    fn edge(&mut self, key: Node, source: &str, target: &str, attributes: Node) -> Result<(), ReadError> {
        match (source.contains('.'), target.contains('.')) {
            (true, true) => {
                let (source, target) = (self.neuron(key, source)?, self.neuron(key, target)?);
                let EdgeSetting { weight, delay } = self.known.edge(attributes)?;
                self.connect(key, Edge { source, target, weight, delay })
            }
            (false, false) => self.hyperedge(key, source, target, attributes),
            _ => Err(key.value_error("an edge", "between two neurons or between two groups")),
        }
    }

    pub(super) fn connect(&mut self, place: Node, edge: Edge) -> Result<(), ReadError> {
        if self.network.edges.len() as u64 >= MAX_EDGES {
            return Err(too_many(place, self.network.edges.len() as u64 + 1));
        }
        self.network.edges.push(edge);
        Ok(())
    }

    fn hyperedge(&mut self, key: Node, source: &str, target: &str, node: Node) -> Result<(), ReadError> {
        let (from, to) = (self.address(key, source)?, self.address(key, target)?);
        let (from, to) = ((from.0, from.1), (to.0, to.1));
        let mut kind = None;
        let mut lists = Lists::default();
        let mut pairs = None;
        let mut sizes: [Option<usize>; 8] = [None; 8];
        for (name, value) in node.attributes("the attributes of an edge")? {
            match name {
                "type" => kind = Some(value),
                "weight" | "w" => lists.weights = Some(list(value, name, |item| item.number("weight"))?),
                "delay" | "d" => lists.delays = Some(list(value, name, delay)?),
                "source_target_pairs" => pairs = Some(value),
                "synapse" | "dendrite" | "soma" => {
                    self.known.tell(
                        value,
                        name,
                        "SANA-FE passes lists on only from outside of such a section",
                    );
                }
                _ => match SIZES.iter().position(|size| *size == name) {
                    Some(i) => sizes[i] = Some(value.whole(name, 1, 1 << 20)? as usize),
                    None => self.known.tell(value, name, "no unit has such an attribute"),
                },
            }
        }
        let kind = kind.ok_or_else(|| node.missing("type", "dense, sparse or conv2d"))?;
        match kind.text() {
            Some("dense") => self.dense(node, from, to, &lists),
            Some("sparse") => {
                let pairs = pairs.ok_or_else(|| node.missing("source_target_pairs", "say which neurons"))?;
                self.sparse(node, from, to, pairs, &lists)
            }
            Some("conv2d") => self.convolution(node, from, to, sizes, &lists),
            _ => Err(kind.value_error("type", "dense, sparse or conv2d")),
        }
    }

    fn dense(
        &mut self,
        node: Node,
        (first, n): (u32, u32),
        (to, m): (u32, u32),
        lists: &Lists,
    ) -> Result<(), ReadError> {
        let n_edges = u64::from(n) * u64::from(m);
        self.room(node, n_edges)?;
        lists.check(node, n_edges, false)?;
        for entry in 0..n_edges as usize {
            let (source, target) = (entry as u32 / m, entry as u32 % m);
            let EdgeSetting { weight, delay } = lists.at(entry);
            let (source, target) = (NeuronId(first + source), NeuronId(to + target));
            self.network.edges.push(Edge { source, target, weight, delay });
        }
        Ok(())
    }

    fn sparse(
        &mut self,
        node: Node,
        (first, n): (u32, u32),
        (to, m): (u32, u32),
        pairs: Node,
        lists: &Lists,
    ) -> Result<(), ReadError> {
        let expected = "a list of [source, target]";
        let mut ends = Vec::new();
        for pair in pairs.items() {
            let numbers: Vec<Node> = pair.items().collect();
            let [source, target] = numbers[..] else {
                return Err(pair.value_error("source_target_pairs", expected));
            };
            let source = source.whole("the source of a pair", 0, i64::from(n) - 1)? as u32;
            let target = target.whole("the target of a pair", 0, i64::from(m) - 1)? as u32;
            ends.push((NeuronId(first + source), NeuronId(to + target)));
        }
        self.room(node, ends.len() as u64)?;
        lists.check(node, ends.len() as u64, true)?;
        for (entry, (source, target)) in ends.into_iter().enumerate() {
            let EdgeSetting { weight, delay } = lists.at(entry);
            self.network.edges.push(Edge { source, target, weight, delay });
        }
        Ok(())
    }

    fn convolution(
        &mut self,
        node: Node,
        (first, n): (u32, u32),
        (to, m): (u32, u32),
        sizes: [Option<usize>; 8],
        lists: &Lists,
    ) -> Result<(), ReadError> {
        if let Some(missing) = sizes.iter().position(Option::is_none) {
            return Err(node.missing(SIZES[missing], "a convolution needs all its sizes"));
        }
        let [height, width, inputs, rows, columns, outputs, down, right] =
            sizes.map(|size| size.unwrap_or(1));
        if rows > height || columns > width {
            let what = format!("a kernel of {rows} by {columns} on an input of {height} by {width}");
            return Err(node.unsupported(&what, "there is no padding: take a smaller kernel"));
        }
        let (out_height, out_width) = ((height - rows) / down + 1, (width - columns) / right + 1);
        let volume =
            |a: usize, b: usize, c: usize| (a as u64).saturating_mul(b as u64).saturating_mul(c as u64);
        for (what, has, needs) in [
            ("source", n, volume(inputs, height, width)),
            ("target", m, volume(outputs, out_height, out_width)),
        ] {
            if u64::from(has) != needs {
                let what =
                    format!("a convolution of {needs} {what} neurons between groups where it has {has}");
                return Err(node.unsupported(&what, "make sizes and groups fit"));
            }
        }
        let kernel = volume(rows, columns, inputs).saturating_mul(outputs as u64);
        lists.check(node, kernel, false)?;
        self.room(node, u64::from(m).saturating_mul(volume(inputs, rows, columns)))?;
        for target in 0..m as usize {
            let (output, at) = (target / (out_height * out_width), target % (out_height * out_width));
            let (top, left) = (at / out_width * down, at % out_width * right);
            for input in 0..inputs {
                for row in 0..rows {
                    for column in 0..columns {
                        let source = (input * height + top + row) * width + left + column;
                        let entry = ((row * columns + column) * inputs + input) * outputs + output;
                        let EdgeSetting { weight, delay } = lists.at(entry);
                        let source = NeuronId(first + source as u32);
                        self.network.edges.push(Edge {
                            source,
                            target: NeuronId(to + target as u32),
                            weight,
                            delay,
                        });
                    }
                }
            }
        }
        Ok(())
    }

    fn room(&self, node: Node, more: u64) -> Result<(), ReadError> {
        let n = (self.network.edges.len() as u64).saturating_add(more);
        if n > MAX_EDGES { Err(too_many(node, n)) } else { Ok(()) }
    }
}

impl Lists {
    /// Checks that there is an entry for each of `n`, and no more if the number has to be exact.
    fn check(&self, node: Node, n: u64, is_exact: bool) -> Result<(), ReadError> {
        if self.weights.is_none() {
            return Err(node.missing("weight", "give a list with an entry for each synapse"));
        }
        let lengths =
            [("weight", self.weights.as_ref().map(Vec::len)), ("delay", self.delays.as_ref().map(Vec::len))];
        for (name, length) in lengths {
            let Some(length) = length else { continue };
            if (length as u64) < n || (is_exact && length as u64 != n) {
                let what = format!("a list {name} of {length} entries for {n} synapses");
                return Err(node.unsupported(&what, "give an entry for each"));
            }
        }
        Ok(())
    }

    fn at(&self, entry: usize) -> EdgeSetting {
        EdgeSetting {
            weight: self.weights.as_ref().map_or(0.0, |weights| weights[entry]),
            delay: self.delays.as_ref().map(|delays| delays[entry]),
        }
    }
}

fn list<T>(
    node: Node,
    name: &str,
    entry: impl Fn(Node) -> Result<T, ReadError>,
) -> Result<Vec<T>, ReadError> {
    match node.is_list() {
        true => node.items().map(entry).collect(),
        false => Err(node.value_error(name, "a list with an entry for each synapse")),
    }
}

fn too_many(node: Node, value: u64) -> ReadError {
    ReadError::TooMany {
        place: node.place(),
        what: "the number of synapses".to_owned(),
        value,
        limit: MAX_EDGES,
        way_out: "split the network".to_owned(),
    }
}
