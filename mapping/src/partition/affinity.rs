//! A first partition, from a plain graph of who talks to whom.
//!
//! Clusters of neurons keep nearly all the pins of their neurons, so hyperedges make coarse levels as costly
//! as fine ones. A graph does not: its edges between two clusters become one. It knows no budget and counts
//! a source once a synapse, but it tells which neurons belong together, at the cost of a few passes over the
//! synapses. In a small network two neurons that share a source count as well, as hyperedges have it. The
//! budgets come in afterwards, where the neurons themselves are moved.

use std::cmp::Reverse;

use super::noise::Noise;
use super::pins::{LARGE, Pins};
use super::twins::twins;
use crate::Graph;

/// An undirected graph, each edge at both ends.
pub(super) struct Affinity {
    start: Vec<u64>,
    to: Vec<u32>,
    /// Spikes of the sources that one has in the other, both ways.
    weight: Vec<f32>,
    /// Share of the whole, twice: neurons and synapses, each summing to one.
    burden: Vec<f32>,
}

/// Sums by a key, few of many keys at a time.
struct Tally {
    sum: Vec<f32>,
    keys: Vec<u32>,
}

impl Tally {
    fn new(n: usize) -> Self {
        Self { sum: vec![0.0; n], keys: Vec::new() }
    }

    #[inline]
    fn add(&mut self, key: u32, value: f32) {
        let sum = &mut self.sum[key as usize];
        if *sum == 0.0 {
            self.keys.push(key);
        }
        *sum += value;
    }

    fn drain(&mut self) -> impl Iterator<Item = (u32, f32)> {
        self.keys.drain(..).map(|key| (key, std::mem::take(&mut self.sum[key as usize])))
    }
}

/// Who talks to whom, whatever stores it.
trait Neighbors {
    fn n(&self) -> usize;
    fn burden(&self, vertex: u32) -> f32;
    fn each(&self, vertex: u32, call: impl FnMut(u32, f32));
}

/// The neurons themselves.
struct Neurons<'a> {
    graph: &'a Graph,
    pins: &'a Pins,
}

impl Neighbors for Neurons<'_> {
    fn n(&self) -> usize {
        self.graph.n_neurons as usize
    }
    fn burden(&self, vertex: u32) -> f32 {
        1.0 / self.graph.n_neurons as f32
            + self.pins.synapses(vertex) as f32 / (self.graph.target.len() as f32 + 1.0)
    }
    /// Whom a neuron reaches and who reaches it; in a small network all that share a source with it.
    fn each(&self, vertex: u32, mut call: impl FnMut(u32, f32)) {
        let spikes = |source: u32| self.graph.spikes[source as usize] as f32 + 1.0;
        let sources = self.pins.sources(vertex);
        if self.pins.len() > SMALL {
            self.graph.targets(vertex).iter().for_each(|target| call(*target, spikes(vertex)));
            let neurons = sources.iter().filter(|source| **source < self.graph.n_neurons);
            neurons.for_each(|source| call(*source, spikes(*source)));
            return;
        }
        let mut look = |source: u32, share: usize| {
            let targets = self.graph.targets(source);
            let jump = targets.len().div_ceil(LOOKS).max(1);
            let worth = spikes(source) * (share * jump) as f32 / targets.len() as f32;
            let seen = targets.iter().skip((vertex as usize + source as usize) % jump).step_by(jump);
            let itself = (source < self.graph.n_neurons).then_some(&source);
            let others = seen.chain(itself).filter(|other| **other != vertex);
            others.for_each(|other| call(*other, worth));
        };
        look(vertex, 1);
        // Every so many, from another one for every neuron.
        let skip = sources.len().div_ceil(SAMPLES);
        let seen = sources.iter().skip(vertex as usize % skip).step_by(skip);
        seen.filter(|source| **source != vertex).for_each(|source| look(*source, skip));
    }
}

/// Pins of a network in which neurons are alike if they share sources, which takes longer to see than who talks to
/// whom; and how many sources of a neuron, and targets of each, are looked at.
const SMALL: usize = 500_000;
const SAMPLES: usize = 8;
const LOOKS: usize = 96;

impl Neighbors for Affinity {
    fn n(&self) -> usize {
        self.burden.len()
    }
    fn burden(&self, vertex: u32) -> f32 {
        self.burden[vertex as usize]
    }
    fn each(&self, vertex: u32, mut call: impl FnMut(u32, f32)) {
        let row = self.start[vertex as usize] as usize..self.start[vertex as usize + 1] as usize;
        self.to[row.clone()].iter().zip(&self.weight[row]).for_each(|(to, weight)| call(*to, *weight));
    }
}

impl Affinity {
    /// The graph of some vertices, in their order.
    fn among(&self, vertices: &[u32]) -> Self {
        let mut new = vec![u32::MAX; self.n()];
        vertices.iter().enumerate().for_each(|(to, from)| new[*from as usize] = to as u32);
        let mut n_edges = 0;
        vertices
            .iter()
            .for_each(|v| self.each(*v, |to, _| n_edges += usize::from(new[to as usize] != u32::MAX)));
        let (mut start, mut to, mut weight) =
            (vec![0], Vec::with_capacity(n_edges), Vec::with_capacity(n_edges));
        for &vertex in vertices {
            self.each(vertex, |other, of| {
                if new[other as usize] != u32::MAX {
                    to.push(new[other as usize]);
                    weight.push(of);
                }
            });
            start.push(to.len() as u64);
        }
        let burden = vertices.iter().map(|v| self.burden[*v as usize]).collect();
        Self { start, to, weight, burden }
    }
}

/// Joins every vertex to a cluster, of a burden of at most `most`; gives the cluster of each and their number.
fn cluster(graph: &impl Neighbors, most: f32, noise: &mut Noise) -> (Vec<u32>, usize) {
    let n = graph.n();
    let mut cluster: Vec<u32> = (0..n as u32).collect();
    let mut burden: Vec<f32> = (0..n as u32).map(|v| graph.burden(v)).collect();
    let mut alone = vec![true; n];
    let mut tally = Tally::new(n);
    for vertex in noise.permutation(n) {
        if !alone[vertex as usize] {
            continue;
        }
        graph.each(vertex, |to, weight| tally.add(cluster[to as usize], weight));
        let own = burden[vertex as usize];
        let mut best = (0.0, vertex);
        for (to, weight) in tally.drain() {
            let score = weight / burden[to as usize];
            if to != vertex && burden[to as usize] + own <= most && score > best.0 {
                best = (score, to);
            }
        }
        let to = best.1;
        if to != vertex {
            cluster[vertex as usize] = to;
            burden[to as usize] += own;
            (alone[vertex as usize], alone[to as usize]) = (false, false);
        }
    }
    let mut number = vec![u32::MAX; n];
    let mut count = 0;
    for cluster in &mut cluster {
        let number = &mut number[*cluster as usize];
        if *number == u32::MAX {
            *number = count;
            count += 1;
        }
        *cluster = *number;
    }
    (cluster, count as usize)
}

/// The graph whose vertices are clusters.
fn contract(graph: &impl Neighbors, cluster: &[u32], n: usize) -> Affinity {
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); n];
    cluster.iter().enumerate().for_each(|(vertex, to)| members[*to as usize].push(vertex as u32));
    let (mut start, mut to, mut weight, mut burden) = (vec![0], Vec::new(), Vec::new(), Vec::new());
    let mut tally = Tally::new(n);
    for (own, members) in members.iter().enumerate() {
        for &vertex in members {
            graph.each(vertex, |to, weight| tally.add(cluster[to as usize], weight));
        }
        for (other, sum) in tally.drain().filter(|(other, _)| *other as usize != own) {
            to.push(other);
            weight.push(sum);
        }
        start.push(to.len() as u64);
        burden.push(members.iter().map(|v| graph.burden(*v)).sum());
    }
    Affinity { start, to, weight, burden }
}

/// From hot to cold: sweeps over a level with few clusters.
const HEATS: [f32; 7] = [1.0, 0.7, 0.5, 0.3, 0.1, 0.0, 0.0];

/// Clusters a part that bisection begins with, and in a large network, where each half takes long.
const A_PART: usize = 12;
const LARGE_A_PART: usize = 3;

/// Clusters of neurons, clusters of these, and so on, by heavy edges, until there are few.
pub(super) struct Hierarchy {
    /// The cluster of every vertex of the level below.
    maps: Vec<Vec<u32>>,
    levels: Vec<Affinity>,
    has_twins: bool,
    /// Clusters a part that bisection begins with at least.
    least_a_part: usize,
}

impl Hierarchy {
    /// Clusters for partitions into about `n_parts` parts or more.
    pub fn new(graph: &Graph, pins: &Pins, n_parts: u32, noise: &mut Noise) -> Self {
        let few = (24 * n_parts as usize).max(256);
        let most = 2.0 / n_parts as f32 / 10.0;
        let neurons = Neurons { graph, pins };
        let room = |neuron| (most / neurons.burden(neuron)) as usize;
        let twins = twins(graph, pins, room);
        let has_twins = twins.is_some();
        let (map, n) = twins.unwrap_or_else(|| cluster(&neurons, most, noise));
        let mut maps = vec![map];
        let mut levels = vec![contract(&neurons, &maps[0], n)];
        while levels[levels.len() - 1].n() > few {
            let last = &levels[levels.len() - 1];
            let (map, n) = cluster(last, most, noise);
            if n as f32 > 0.95 * last.n() as f32 {
                break;
            }
            let next = contract(last, &map, n);
            maps.push(map);
            levels.push(next);
        }
        let least_a_part = if pins.len() > LARGE { LARGE_A_PART } else { A_PART };
        Self { maps, levels, has_twins, least_a_part }
    }

    /// If its finest clusters are twins: the cluster of every neuron and the number of clusters, at every level,
    /// the coarsest first.
    pub fn of_twins(&self) -> impl Iterator<Item = (Vec<u32>, usize)> {
        let n_levels = if self.has_twins { self.levels.len() } else { 0 };
        (0..n_levels).rev().map(|level| {
            let mut of = self.maps[0].clone();
            for map in &self.maps[1..=level] {
                of.iter_mut().for_each(|cluster| *cluster = map[*cluster as usize]);
            }
            (of, self.levels[level].n())
        })
    }

    /// Splits the neurons into `n_parts` parts of nearly equal burden that talk little to each other.
    ///
    /// Recursive bisection of the coarsest clusters, each half grown from a corner, and moves of clusters on
    /// the way back, level by level.
    pub fn partition(&self, n_parts: u32, seed: u64) -> Vec<u32> {
        let mut noise = Noise::new(seed);
        let enough = |level: &&Affinity| level.n() >= self.least_a_part * n_parts as usize;
        let n_levels = self.levels.len()
            - self.levels.iter().rev().position(|l| enough(&l)).unwrap_or(self.levels.len() - 1);
        let (levels, maps) = (&self.levels[..n_levels], &self.maps[..n_levels]);
        let coarsest = &levels[n_levels - 1];
        let mut part = vec![0; coarsest.n()];
        let all: Vec<u32> = (0..coarsest.n() as u32).collect();
        bisect(coarsest, &all, 0, n_parts, &mut part, &mut noise);
        for (level, map) in levels.iter().zip(maps).rev() {
            let mut sweep = Sweep::new(level, n_parts, &part);
            // Fine levels are nearly right and cost the most.
            let heats: &[f32] = if level.n() > 64 * n_parts as usize { &[0.3, 0.0] } else { &HEATS };
            for &temperature in heats {
                sweep.run(level, &mut part, temperature, &mut noise);
            }
            part = map.iter().map(|cluster| part[*cluster as usize]).collect();
        }
        part
    }
}

/// Splits all vertices of a graph into the parts `first .. first + n_parts`, by halves; `names` are the vertices' names
/// in `part`.
fn bisect(graph: &Affinity, names: &[u32], first: u32, n_parts: u32, part: &mut [u32], noise: &mut Noise) {
    let n = graph.n();
    if n_parts == 1 || n < 2 {
        names.iter().for_each(|name| part[*name as usize] = first);
        return;
    }
    let left = n_parts / 2;
    let whole: f32 = graph.burden.iter().sum();
    let wanted = whole * left as f32 / n_parts as f32;
    let mut side = vec![1_u8; n];
    // A corner: the last that a search from anywhere reaches.
    let mut corner = (noise.word() % n as u64) as u32;
    for _ in 0..2 {
        corner = *reached(graph, corner).last().expect("the start is reached");
    }
    let mut grown = 0.0;
    let mut ties = vec![0.0_f32; n];
    let mut frontier = vec![corner];
    let mut rest = 0..n as u32;
    while grown < wanted {
        let tie = |at: &usize| (ties[frontier[*at] as usize], Reverse(frontier[*at]));
        let by = |a: &usize, b: &usize| tie(a).0.total_cmp(&tie(b).0).then(tie(a).1.cmp(&tie(b).1));
        let next = (0..frontier.len()).max_by(by).map(|at| frontier.swap_remove(at));
        let next = next.or_else(|| rest.find(|v| side[*v as usize] == 1));
        let Some(next) = next else { break };
        side[next as usize] = 0;
        grown += graph.burden[next as usize];
        graph.each(next, |to, weight| {
            if side[to as usize] == 1 {
                if ties[to as usize] == 0.0 && to != corner {
                    frontier.push(to);
                }
                ties[to as usize] += weight / graph.burden[to as usize];
            }
        });
    }
    improve(graph, &mut side, wanted, whole, noise);
    for (which, first, n_parts) in [(0, first, left), (1, first + left, n_parts - left)] {
        let half: Vec<u32> = (0..n as u32).filter(|v| side[*v as usize] == which).collect();
        let names: Vec<u32> = half.iter().map(|v| names[*v as usize]).collect();
        bisect(&graph.among(&half), &names, first, n_parts, part, noise);
    }
}

/// What a search from `start` reaches, in its order.
fn reached(graph: &Affinity, start: u32) -> Vec<u32> {
    let mut seen = vec![false; graph.n()];
    let mut order = vec![start];
    seen[start as usize] = true;
    let mut at = 0;
    while at < order.len() {
        graph.each(order[at], |to, _| {
            if !std::mem::replace(&mut seen[to as usize], true) {
                order.push(to);
            }
        });
        at += 1;
    }
    order
}

/// Moves vertices between two sides while the cut falls, with a little heat at first.
fn improve(graph: &Affinity, side: &mut [u8], wanted: f32, whole: f32, noise: &mut Noise) {
    let on_zero = side.iter().zip(&graph.burden).filter(|(side, _)| **side == 0);
    let mut zero: f32 = on_zero.map(|(_, burden)| burden).sum();
    let slack = 0.02 * whole;
    for temperature in [1.0, 0.8, 0.6, 0.4, 0.2, 0.1, 0.0, 0.0] {
        for vertex in noise.permutation(graph.n()) {
            let own = side[vertex as usize];
            let mut ties = [0.0_f32; 2];
            graph.each(vertex, |to, weight| ties[side[to as usize] as usize] += weight);
            let burden = graph.burden[vertex as usize];
            let after = if own == 0 { zero - burden } else { zero + burden };
            let worse = (after - wanted).abs() > (zero - wanted).abs();
            if worse && (after - wanted).abs() > slack {
                continue;
            }
            let gain = ties[1 - own as usize] - ties[own as usize];
            let scale = temperature * 0.1 * (ties[0] + ties[1]);
            if gain > scale * noise.log_uniform() {
                side[vertex as usize] = 1 - own;
                zero = after;
            }
        }
    }
}

/// Moves of single vertices among all parts.
struct Sweep {
    load: Vec<f32>,
    tally: Tally,
}

impl Sweep {
    fn new(graph: &Affinity, n_parts: u32, part: &[u32]) -> Self {
        let mut load = vec![0.0; n_parts as usize];
        part.iter().zip(&graph.burden).for_each(|(part, burden)| load[*part as usize] += burden);
        Self { load, tally: Tally::new(n_parts as usize) }
    }

    fn run(&mut self, graph: &Affinity, part: &mut [u32], temperature: f32, noise: &mut Noise) {
        let most = 2.0 / self.load.len() as f32 * 1.05;
        for vertex in noise.permutation(graph.n()) {
            let own = part[vertex as usize];
            let burden = graph.burden[vertex as usize];
            let mut here = 0.0;
            let mut all = 0.0;
            graph.each(vertex, |to, weight| {
                let to = part[to as usize];
                all += weight;
                if to == own { here += weight } else { self.tally.add(to, weight) }
            });
            let too_full = self.load[own as usize] > most;
            let mut best = (here + temperature * 0.1 * all * -noise.log_uniform().max(-4.0), own);
            if too_full {
                best.0 = 0.0;
            }
            for (to, weight) in self.tally.drain() {
                let fits = self.load[to as usize] + burden <= most;
                let noisy = weight + temperature * 0.1 * all * -noise.log_uniform().max(-4.0);
                if fits && noisy > best.0 {
                    best = (noisy, to);
                }
            }
            if best.1 != own {
                self.load[own as usize] -= burden;
                self.load[best.1 as usize] += burden;
                part[vertex as usize] = best.1;
            }
        }
    }
}
