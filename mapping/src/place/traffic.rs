//! How many packets go from part to part.

use rayon::prelude::*;

use crate::{Graph, Partition};

/// Packets from part to part: a spike travels once to every other part that holds a target.
///
/// A target in the source's own part needs no hop, and spike sources lie on no core, so neither is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traffic {
    /// From the row's part to others.
    sent: Rows,
    /// Between the row's part and others, both directions added.
    shared: Rows,
}

/// A row for every part: others, ascending, with packets > 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Rows {
    start: Vec<usize>,
    part: Vec<u32>,
    packets: Vec<u64>,
}

impl Traffic {
    /// The traffic of a partitioned graph. `O(synapses)`, for parts in parallel.
    ///
    /// # Panics
    /// If the partition is not one of the graph.
    pub fn new(graph: &Graph, partition: &Partition) -> Self {
        assert_eq!(partition.part.len(), graph.n_neurons as usize, "a part for every neuron");
        let n_parts = partition.n_parts as usize;
        let members = members(partition);
        let scratch = || (vec![0_u64; n_parts], vec![u32::MAX; n_parts]);
        let rows: Vec<Vec<(u32, u64)>> = (0..n_parts)
            .into_par_iter()
            .map_init(scratch, |(packets, seen_by), own| {
                let mut others = Vec::new();
                for &source in members.of(own) {
                    let spikes = u64::from(graph.spikes[source as usize]);
                    for &target in graph.targets(source) {
                        let part = partition.part[target as usize];
                        if seen_by[part as usize] == source || part == own as u32 || spikes == 0 {
                            continue;
                        }
                        seen_by[part as usize] = source;
                        if packets[part as usize] == 0 {
                            others.push(part);
                        }
                        packets[part as usize] += spikes;
                    }
                }
                others.sort_unstable();
                others.into_iter().map(|part| (part, std::mem::take(&mut packets[part as usize]))).collect()
            })
            .collect();
        Self::of(Rows::from(rows))
    }

    /// The traffic of a list of packets: source, destination, how many. Packets of the same two parts add up.
    ///
    /// # Panics
    /// If a part is not below `n_parts`.
    pub fn from_packets(n_parts: u32, packets: &[(u32, u32, u64)]) -> Self {
        let mut rows = vec![Vec::new(); n_parts as usize];
        for &(source, destination, packets) in packets {
            assert!(destination < n_parts, "part {destination} of {n_parts}");
            if source != destination && packets > 0 {
                rows[source as usize].push((destination, packets));
            }
        }
        Self::of(Rows::from(rows.into_iter().map(added).collect::<Vec<_>>()))
    }

    /// The traffic of groups of parts: `group` has one for every part.
    pub(super) fn merged(&self, group: &[u32], n_groups: u32) -> Self {
        let of = |part: u32| {
            let sent = self.sent(part);
            sent.map(move |(other, n)| (group[part as usize], group[other as usize], n))
        };
        Self::from_packets(n_groups, &(0..self.n_parts()).flat_map(of).collect::<Vec<_>>())
    }

    fn of(sent: Rows) -> Self {
        let n_parts = sent.start.len() - 1;
        let mut rows = vec![Vec::new(); n_parts];
        for source in 0..n_parts {
            for (destination, packets) in sent.row(source as u32) {
                rows[source].push((destination, packets));
                rows[destination as usize].push((source as u32, packets));
            }
        }
        let shared: Vec<_> = rows.into_iter().map(added).collect();
        Self { sent, shared: Rows::from(shared) }
    }

    /// The number of parts.
    pub fn n_parts(&self) -> u32 {
        self.sent.start.len() as u32 - 1
    }

    /// The parts that a part sends to, ascending, and how many packets.
    pub fn sent(&self, part: u32) -> impl Iterator<Item = (u32, u64)> {
        self.sent.row(part)
    }

    /// The parts that a part sends to or hears from, ascending, and how many packets go either way.
    pub fn shared(&self, part: u32) -> impl Iterator<Item = (u32, u64)> {
        self.shared.row(part)
    }

    /// How many packets go either way between two parts.
    pub fn between(&self, a: u32, b: u32) -> u64 {
        let row = self.shared.start[a as usize]..self.shared.start[a as usize + 1];
        let found = self.shared.part[row.clone()].binary_search(&b);
        found.map_or(0, |i| self.shared.packets[row.start + i])
    }

    /// The number of packets.
    pub fn n_packets(&self) -> u64 {
        self.sent.packets.iter().sum()
    }
}

impl Rows {
    fn row(&self, part: u32) -> impl Iterator<Item = (u32, u64)> {
        let row = self.start[part as usize]..self.start[part as usize + 1];
        self.part[row.clone()].iter().copied().zip(self.packets[row].iter().copied())
    }
}

impl From<Vec<Vec<(u32, u64)>>> for Rows {
    fn from(rows: Vec<Vec<(u32, u64)>>) -> Self {
        let mut all = Self { start: vec![0], ..Self::default() };
        for row in rows {
            all.part.extend(row.iter().map(|entry| entry.0));
            all.packets.extend(row.iter().map(|entry| entry.1));
            all.start.push(all.part.len());
        }
        all
    }
}

/// A row in order, with the entries of one part added.
fn added(mut row: Vec<(u32, u64)>) -> Vec<(u32, u64)> {
    row.sort_unstable();
    row.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    row
}

/// The neurons of every part, ascending.
struct Members {
    start: Vec<usize>,
    neuron: Vec<u32>,
}

impl Members {
    fn of(&self, part: usize) -> &[u32] {
        &self.neuron[self.start[part]..self.start[part + 1]]
    }
}

fn members(partition: &Partition) -> Members {
    let mut start = vec![0; partition.n_parts as usize + 1];
    partition.part.iter().for_each(|part| start[*part as usize + 1] += 1);
    for part in 1..start.len() {
        start[part] += start[part - 1];
    }
    let mut next = start.clone();
    let mut neuron = vec![0; partition.part.len()];
    for (i, part) in (0..).zip(&partition.part) {
        neuron[next[*part as usize]] = i;
        next[*part as usize] += 1;
    }
    Members { start, neuron }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Neuron 0 (3 spikes) reaches 1 twice, 2 and 3; neuron 2 (5 spikes) reaches 0; the source 4 from outside
    /// reaches all.
    #[test]
    fn a_spike_travels_once_to_every_other_part() {
        let graph = Graph {
            n_neurons: 4,
            row_start: vec![0, 4, 4, 5, 5, 9],
            target: vec![1, 1, 2, 3, 0, 0, 1, 2, 3],
            spikes: vec![3, 7, 5, 1, 100],
            synapse_bits: vec![8; 5],
            config: vec![0; 4],
        };
        let traffic = Traffic::new(&graph, &Partition { part: vec![0, 0, 1, 1], n_parts: 2 });
        assert_eq!(traffic, Traffic::from_packets(2, &[(0, 1, 3), (1, 0, 5)]));
        assert_eq!((traffic.between(0, 1), traffic.between(1, 0), traffic.n_packets()), (8, 8, 8));
        let traffic = Traffic::new(&graph, &Partition { part: vec![2, 1, 0, 3], n_parts: 4 });
        assert_eq!(traffic, Traffic::from_packets(4, &[(2, 0, 3), (2, 1, 3), (2, 3, 3), (0, 2, 5)]));
        assert_eq!(traffic.sent(2).collect::<Vec<_>>(), [(0, 3), (1, 3), (3, 3)]);
        assert_eq!(traffic.shared(0).collect::<Vec<_>>(), [(2, 8)]);
        assert_eq!(traffic.between(0, 3), 0);
    }
}
