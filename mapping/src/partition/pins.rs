//! The sources of every neuron, as the search looks at them.

use crate::Graph;

/// The pins of a graph, by neuron.
///
/// A source has a pin at each of its targets and one at itself, so the parts that hold its pins are those
/// that its hyperedge connects. What moves is a vertex: a neuron, or a group of neurons, whose pins of a source
/// are one then. Invariant: the sources of a vertex ascend, each once.
pub(super) struct Pins {
    /// Where those of each vertex start; `[n_vertices + 1]`.
    start: Vec<u64>,
    source: Vec<u32>,
    /// How many pins each source has there, with [`OWN`] if it is there itself; none stored if every one has one
    /// and vertices are neurons.
    n: Option<Vec<u32>>,
    groups: Option<Groups>,
}

/// Pins of a network in which time is what matters.
pub(super) const LARGE: usize = 4_000_000;

/// Marks the pins of a source that lies at the vertex itself.
const OWN: u32 = 1 << 31;

/// Which neurons move together.
struct Groups {
    /// The group of every neuron.
    of: Vec<u32>,
    /// How many neurons a group has.
    n_neurons: Vec<u32>,
}

/// The pins of a source at a vertex.
#[derive(Clone, Copy)]
pub(super) struct Pin {
    /// The source.
    pub source: u32,
    /// Its pins there, > 0.
    pub n: u32,
    /// Whether one of them is the source itself.
    pub own: bool,
}

impl Pin {
    /// The synapses that they are.
    pub fn synapses(&self) -> u32 {
        self.n - u32::from(self.own)
    }
}

impl Pins {
    /// Those of neurons that move alone.
    pub fn of(graph: &Graph) -> Self {
        Self::from(graph, graph.n_neurons as usize, None)
    }

    /// Those of groups of neurons: the group of every neuron, and the number of groups.
    pub fn of_groups(graph: &Graph, of: Vec<u32>, n_groups: usize) -> Self {
        let mut n_neurons = vec![0; n_groups];
        of.iter().for_each(|group| n_neurons[*group as usize] += 1);
        Self::from(graph, n_groups, Some(Groups { of, n_neurons }))
    }

    fn from(graph: &Graph, n_vertices: usize, groups: Option<Groups>) -> Self {
        let vertex =
            |neuron: u32| groups.as_ref().map_or(neuron, |groups| groups.of[neuron as usize]) as usize;
        let mut start = vec![0_u64; n_vertices + 1];
        let own = 0..graph.n_neurons;
        graph.target.iter().copied().chain(own).for_each(|neuron| start[vertex(neuron) + 1] += 1);
        for vertex in 0..n_vertices {
            start[vertex + 1] += start[vertex];
        }
        let mut source = vec![0_u32; start[n_vertices] as usize];
        let mut next: Vec<u64> = start[..n_vertices].to_vec();
        for from in 0..graph.n_sources() {
            let mut put = |neuron: u32| {
                let next = &mut next[vertex(neuron)];
                source[*next as usize] = from;
                *next += 1;
            };
            if from < graph.n_neurons {
                put(from);
            }
            graph.targets(from).iter().for_each(|target| put(*target));
        }
        Self { start, source, n: None, groups }.merged()
    }

    /// Joins what stands twice: multapses, neurons that reach themselves, and pins of a group.
    fn merged(self) -> Self {
        let n = self.n_vertices() as u32;
        let ascends = |vertex| self.sources(vertex).windows(2).all(|pair| pair[0] < pair[1]);
        if self.groups.is_none() && (0..n).all(ascends) {
            return self;
        }
        let (mut start, mut source, mut counts) = (vec![0], Vec::new(), Vec::new());
        for vertex in 0..n {
            for same in self.sources(vertex).chunk_by(|a, b| a == b) {
                source.push(same[0]);
                let own = if self.vertex_of(same[0]) == Some(vertex) { OWN } else { 0 };
                counts.push(same.len() as u32 | own);
            }
            start.push(source.len() as u64);
        }
        Self { start, source, n: Some(counts), groups: self.groups }
    }

    /// The vertex of a source, unless it comes from outside.
    pub fn vertex_of(&self, source: u32) -> Option<u32> {
        match &self.groups {
            Some(groups) => groups.of.get(source as usize).copied(),
            None => Some(source).filter(|source| (*source as usize) < self.n_vertices()),
        }
    }

    /// The number of vertices: what moves.
    pub fn n_vertices(&self) -> usize {
        self.start.len() - 1
    }

    /// The number of neurons of a vertex.
    #[inline]
    pub fn n_neurons(&self, vertex: u32) -> u32 {
        self.groups.as_ref().map_or(1, |groups| groups.n_neurons[vertex as usize])
    }

    /// The part of every vertex, from those of the neurons: that of its last one.
    pub fn of_vertices(&self, part: &[u32]) -> Vec<u32> {
        match &self.groups {
            Some(groups) => {
                let mut of = vec![0; self.n_vertices()];
                groups.of.iter().zip(part).for_each(|(group, part)| of[*group as usize] = *part);
                of
            }
            None => part.to_vec(),
        }
    }

    /// The part of every neuron, from those of the vertices.
    pub fn of_neurons(&self, part: &[u32]) -> Vec<u32> {
        match &self.groups {
            Some(groups) => groups.of.iter().map(|group| part[*group as usize]).collect(),
            None => part.to_vec(),
        }
    }

    /// The number of pins, multapses once.
    pub fn len(&self) -> usize {
        self.source.len()
    }

    /// The sources that touch a vertex, its own included.
    pub fn sources(&self, vertex: u32) -> &[u32] {
        &self.source[self.range(vertex)]
    }

    fn range(&self, vertex: u32) -> std::ops::Range<usize> {
        self.start[vertex as usize] as usize..self.start[vertex as usize + 1] as usize
    }

    /// The pins of a vertex.
    #[inline]
    pub fn at(&self, vertex: u32) -> impl Iterator<Item = Pin> {
        self.range(vertex).map(move |i| {
            let source = self.source[i];
            match &self.n {
                Some(n) => Pin { source, n: n[i] & !OWN, own: n[i] & OWN != 0 },
                None => Pin { source, n: 1, own: source == vertex },
            }
        })
    }

    /// The synapses that end at a vertex.
    pub fn synapses(&self, vertex: u32) -> u32 {
        match &self.n {
            None => self.range(vertex).len() as u32 - 1,
            Some(_) => self.at(vertex).map(|pin| pin.synapses()).sum(),
        }
    }
}
