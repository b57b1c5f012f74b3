//! What is moved: neurons, or clusters of neurons, and the sources that touch them.

use crate::Graph;

/// Vertices that are moved as wholes, and their pins.
///
/// A source has a pin at each of its targets and one at itself, so the cores that hold its pins are those
/// that its hyperedge connects. Invariant: the sources of a vertex ascend.
pub(super) struct Level {
    /// Where the pins of each vertex start; `[n_vertices + 1]`.
    pub start: Vec<u64>,
    /// The sources that touch a vertex.
    pub source: Vec<u32>,
    /// How many pins each of them has there, twice, and one more if it is there itself; none stored if the
    /// vertices are neurons that no source reaches twice.
    pub pins: Option<Vec<u16>>,
    /// Neurons of each vertex; `[n_vertices]`.
    pub size: Vec<u32>,
    /// Synapses that end at each vertex; `[n_vertices]`.
    pub synapses: Vec<u32>,
    /// The vertex of every neuron; `[n_neurons]`.
    pub vertex: Vec<u32>,
}

/// A source that touches a vertex.
#[derive(Clone, Copy)]
pub(super) struct Pin {
    /// The source.
    pub source: u32,
    /// Its pins there.
    pub n: u32,
    /// Whether one of them is the source itself.
    pub own: bool,
}

impl Level {
    /// Every neuron by itself.
    pub fn finest(graph: &Graph) -> Self {
        let n = graph.n_neurons as usize;
        let mut start = vec![0_u64; n + 1];
        for &target in &graph.target {
            start[target as usize + 1] += 1;
        }
        let synapses: Vec<u32> = start[1..].iter().map(|n| *n as u32).collect();
        for vertex in 0..n {
            start[vertex + 1] += start[vertex] + 1;
        }
        let mut source = vec![0_u32; start[n] as usize];
        let mut next: Vec<u64> = start[..n].to_vec();
        for from in 0..graph.n_sources() {
            let mut put = |vertex: u32| {
                source[next[vertex as usize] as usize] = from;
                next[vertex as usize] += 1;
            };
            if from < graph.n_neurons {
                put(from);
            }
            graph.targets(from).iter().for_each(|target| put(*target));
        }
        let level = Self {
            start,
            source,
            pins: None,
            size: vec![1; n],
            synapses,
            vertex: (0..graph.n_neurons).collect(),
        };
        level.merged()
    }

    /// Joins what stands twice: multapses, and neurons that reach themselves.
    fn merged(mut self) -> Self {
        let row =
            |level: &Self, vertex: usize| level.start[vertex] as usize..level.start[vertex + 1] as usize;
        let n = self.size.len();
        if (0..n).all(|vertex| self.source[row(&self, vertex)].windows(2).all(|pair| pair[0] < pair[1])) {
            return self;
        }
        let (mut start, mut source, mut pins) = (vec![0], Vec::new(), Vec::new());
        for vertex in 0..n {
            for group in self.source[row(&self, vertex)].chunk_by(|a, b| a == b) {
                source.push(group[0]);
                pins.push(packed(group.len() as u32, group[0] == vertex as u32));
            }
            start.push(source.len() as u64);
        }
        (self.start, self.source, self.pins) = (start, source, Some(pins));
        self
    }

    /// The number of vertices.
    pub fn n(&self) -> usize {
        self.size.len()
    }

    /// The places of a vertex's pins.
    pub fn range(&self, vertex: u32) -> std::ops::Range<usize> {
        self.start[vertex as usize] as usize..self.start[vertex as usize + 1] as usize
    }

    /// The pins of a vertex.
    pub fn pins(&self, vertex: u32) -> impl Iterator<Item = Pin> {
        self.range(vertex).map(move |i| {
            let source = self.source[i];
            match &self.pins {
                None => Pin { source, n: 1, own: source == vertex },
                Some(pins) => Pin { source, n: u32::from(pins[i] >> 1), own: pins[i] & 1 == 1 },
            }
        })
    }
}

/// Pins of a source at a vertex, as a level stores them.
pub(super) fn packed(n: u32, own: bool) -> u16 {
    u16::try_from(n << 1 | u32::from(own)).expect("checked where the graph comes in")
}
