//! The sources of every neuron, as the search looks at them.

use crate::Graph;

/// The pins of a graph, by neuron.
///
/// A source has a pin at each of its targets and one at itself, so the parts that hold its pins are those
/// that its hyperedge connects. Invariant: the sources of a neuron ascend, each once.
pub(super) struct Pins {
    /// Where those of each neuron start; `[n_neurons + 1]`.
    start: Vec<u64>,
    source: Vec<u32>,
    /// How many pins each source has there; none stored if every one has one.
    n: Option<Vec<u16>>,
}

/// The pins of a source at a neuron.
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
    pub fn of(graph: &Graph) -> Self {
        let n = graph.n_neurons as usize;
        let mut start = vec![0_u64; n + 1];
        for &target in &graph.target {
            start[target as usize + 1] += 1;
        }
        for neuron in 0..n {
            start[neuron + 1] += start[neuron] + 1;
        }
        let mut source = vec![0_u32; start[n] as usize];
        let mut next: Vec<u64> = start[..n].to_vec();
        for from in 0..graph.n_sources() {
            let mut put = |neuron: u32| {
                source[next[neuron as usize] as usize] = from;
                next[neuron as usize] += 1;
            };
            if from < graph.n_neurons {
                put(from);
            }
            graph.targets(from).iter().for_each(|target| put(*target));
        }
        Self { start, source, n: None }.merged()
    }

    /// Joins what stands twice: multapses, and neurons that reach themselves.
    fn merged(self) -> Self {
        let n = self.n_neurons() as u32;
        if (0..n).all(|neuron| self.sources(neuron).windows(2).all(|pair| pair[0] < pair[1])) {
            return self;
        }
        let (mut start, mut source, mut counts) = (vec![0], Vec::new(), Vec::new());
        for neuron in 0..n {
            for same in self.sources(neuron).chunk_by(|a, b| a == b) {
                source.push(same[0]);
                counts.push(u16::try_from(same.len()).expect("rows were checked to be short"));
            }
            start.push(source.len() as u64);
        }
        Self { start, source, n: Some(counts) }
    }

    /// The number of neurons.
    pub fn n_neurons(&self) -> usize {
        self.start.len() - 1
    }

    /// The number of pins, multapses once.
    pub fn len(&self) -> usize {
        self.source.len()
    }

    /// The sources that touch a neuron, itself included.
    pub fn sources(&self, neuron: u32) -> &[u32] {
        &self.source[self.range(neuron)]
    }

    fn range(&self, neuron: u32) -> std::ops::Range<usize> {
        self.start[neuron as usize] as usize..self.start[neuron as usize + 1] as usize
    }

    /// The pins of a neuron.
    pub fn at(&self, neuron: u32) -> impl Iterator<Item = Pin> {
        self.range(neuron).map(move |i| {
            let source = self.source[i];
            let n = self.n.as_ref().map_or(1, |n| u32::from(n[i]));
            Pin { source, n, own: source == neuron }
        })
    }

    /// The synapses that end at a neuron.
    pub fn synapses(&self, neuron: u32) -> u32 {
        match &self.n {
            None => self.range(neuron).len() as u32 - 1,
            Some(_) => self.at(neuron).map(|pin| pin.synapses()).sum(),
        }
    }
}
