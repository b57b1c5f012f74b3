//! Packed synapses: two or four bytes for the target, none, four or eight for the weight; where weights
//! change, four for the synapse's place in its row, by which a run finds its own.
//!
//! ```text
//! row of a node ─► segments, by kind (so by delay) ─► targets, weights
//! ```
//! Tables are built in two passes over the network: one counts, one writes every row to its place.
//! Both run in parallel over rows, and there is never a second copy of the synapses.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;
use rheobase_net::{Network, PopulationId, Synapses};

use super::kinds::{Kind, KindOf, Store};
use super::layout::Layout;
use crate::SimError;
use crate::memory::{defaults, prefetch, zeros};

/// The synapses from all nodes to the neurons of a shard whose weights are kept in one way.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Segments of node `n`: `row_start[n] .. row_start[n + 1]`; empty if the table is.
    row_start: Vec<u32>,
    /// The segments; one more than there are, so that one ends where the next starts.
    segments: Vec<Head>,
    targets: Targets,
    weights: Weights,
}

/// What a segment is and where its synapses start.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Head {
    pub kind: u32,
    start: u32,
}

/// The lanes of the targets, counted inside their class.
#[derive(Debug)]
pub(crate) enum Targets {
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

impl Targets {
    pub fn len(&self) -> usize {
        match self {
            Self::Narrow(targets) => targets.len(),
            Self::Wide(targets) => targets.len(),
        }
    }
}

impl Default for Targets {
    fn default() -> Self {
        Self::Narrow(Vec::new())
    }
}

/// The weights of the synapses.
#[derive(Debug, Default)]
pub(crate) enum Weights {
    /// They stand in the kinds.
    #[default]
    Shared,
    Single(Vec<f32>),
    Double(Vec<f64>),
    /// They belong to a run; here are the places of the synapses in their rows of the network.
    Plastic(Vec<u32>),
}

impl Table {
    /// The segments of a node.
    #[inline]
    pub fn row(&self, node: u32) -> Range<usize> {
        match self.row_start.is_empty() {
            true => 0..0,
            false => self.row_start[node as usize] as usize..self.row_start[node as usize + 1] as usize,
        }
    }

    /// The segments of a row.
    #[inline]
    pub fn heads(&self, row: Range<usize>) -> &[Head] {
        &self.segments[row]
    }

    /// The kind of a segment, and where its synapses are.
    #[inline]
    pub fn segment(&self, idx: usize) -> (u32, Range<usize>) {
        let (head, next) = (self.segments[idx], self.segments[idx + 1]);
        (head.kind, head.start as usize..next.start as usize)
    }

    /// Asks for a segment ahead of its use.
    #[inline]
    pub fn prefetch(&self, idx: usize) {
        prefetch(&self.segments, idx..idx + 2);
    }

    /// The kind of a segment, and its synapses.
    pub fn synapses<'a>(&'a self, kinds: &'a [Kind], idx: usize) -> (&'a Kind, Segment<'a>) {
        let (kind, synapses) = self.segment(idx);
        let kind = &kinds[kind as usize];
        let weights = match &self.weights {
            Weights::Shared => Chosen::Shared(kind.weight),
            Weights::Single(weights) => Chosen::Single(&weights[synapses.clone()]),
            Weights::Double(weights) => Chosen::Double(&weights[synapses.clone()]),
            Weights::Plastic(_) => unreachable!("whoever runs a network brings the weights that change"),
        };
        (kind, Segment { targets: &self.targets, synapses, weights })
    }

    /// The synapses of a segment with the weights that a run has for the whole table.
    pub fn with_weights<'a>(&'a self, idx: usize, weights: &'a [f64]) -> Segment<'a> {
        let (_, synapses) = self.segment(idx);
        Segment { targets: &self.targets, weights: Chosen::Double(&weights[synapses.clone()]), synapses }
    }

    /// How many segments there are.
    pub fn n_segments(&self) -> usize {
        self.segments.len().saturating_sub(1)
    }

    /// For every node its segments.
    pub fn rows(&self) -> impl Iterator<Item = (u32, Range<usize>)> + '_ {
        let rows = self.row_start.windows(2).map(|ends| ends[0] as usize..ends[1] as usize);
        (0..).zip(rows)
    }

    /// Bytes of the whole table.
    pub fn bytes(&self) -> u64 {
        let Self { row_start, segments, targets, weights } = self;
        let targets = match targets {
            Targets::Narrow(targets) => size_of_val(targets.as_slice()),
            Targets::Wide(targets) => size_of_val(targets.as_slice()),
        };
        let weights = match weights {
            Weights::Shared => 0,
            Weights::Single(weights) => size_of_val(weights.as_slice()),
            Weights::Double(weights) => size_of_val(weights.as_slice()),
            Weights::Plastic(places) => size_of_val(places.as_slice()),
        };
        let places = size_of_val(row_start.as_slice()) + size_of_val(segments.as_slice());
        (places + targets + weights) as u64
    }

    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// Of a table of weights that change: the places of the synapses in their rows of the network.
    pub fn places(&self) -> &[u32] {
        match &self.weights {
            Weights::Plastic(places) => places,
            Weights::Shared | Weights::Single(_) | Weights::Double(_) => &[],
        }
    }

    /// How many synapses the segments of a row have.
    #[inline]
    pub fn n_synapses_of(&self, row: Range<usize>) -> usize {
        (self.segments[row.end].start - self.segments[row.start].start) as usize
    }
}

/// The synapses of a segment, one by one.
#[derive(Debug, Clone)]
pub(crate) struct Segment<'a> {
    targets: &'a Targets,
    synapses: Range<usize>,
    weights: Chosen<'a>,
}

/// The weights of a segment.
#[derive(Debug, Clone, Copy)]
enum Chosen<'a> {
    Shared(f64),
    Single(&'a [f32]),
    Double(&'a [f64]),
}

impl Segment<'_> {
    /// Target, counted inside its class, and weight.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.synapses.clone().enumerate().map(|(k, i)| {
            let target = match self.targets {
                Targets::Narrow(targets) => u32::from(targets[i]),
                Targets::Wide(targets) => targets[i],
            };
            let weight = match self.weights {
                Chosen::Shared(weight) => weight,
                Chosen::Single(weights) => f64::from(weights[k]),
                Chosen::Double(weights) => weights[k],
            };
            (target, weight)
        })
    }
}

/// What a row gives to one table.
#[derive(Debug, Clone, Copy, Default)]
struct RowCount {
    synapses: u32,
    segments: u32,
}

/// The tables of every shard, and for every node how many arrivals one of its spikes causes.
pub(crate) struct Tables {
    /// `[n_shards][stores]`
    pub of_shard: Vec<[Table; N_STORES]>,
    pub arrivals: Vec<u32>,
}

/// A projection as the two passes see it.
struct View<'a> {
    synapses: &'a Synapses,
    target: PopulationId,
    kind_of: &'a KindOf,
}

const N_STORES: usize = Store::ALL.len();

/// About so many synapses are the work of one task.
const TASK: u64 = 1 << 18;

/// Builds all tables. `network`'s synapses are freed, population by population, once they are in their
/// tables, if `consume` says so.
pub(crate) fn tables(
    network: &mut Cow<'_, Network>,
    layout: &Layout,
    maps: &[Option<KindOf>],
    n_kinds: usize,
) -> Result<Tables, SimError> {
    let n_shards = layout.shards.len();
    let n_tables = n_shards * N_STORES;
    let n_nodes: usize = network.populations.iter().map(|population| population.size as usize).sum();
    let mut counts = vec![RowCount::default(); n_nodes * n_tables];
    let mut arrivals = vec![0; n_nodes];
    let mut first_node = 0;
    for (idx, population) in network.populations.iter().enumerate() {
        let size = population.size as usize;
        let views = views(network, maps, idx);
        let of_population = first_node * n_tables..(first_node + size) * n_tables;
        let rows_per_task = rows_per_task(&views, size);
        counts[of_population]
            .par_chunks_mut(rows_per_task * n_tables)
            .zip(arrivals[first_node..first_node + size].par_chunks_mut(rows_per_task))
            .enumerate()
            .for_each(|(task, (counts, arrivals))| {
                let mut row = Row::new(layout, n_kinds);
                let rows = counts.chunks_mut(n_tables).zip(arrivals).enumerate();
                for (i, (counts, arrivals)) in rows {
                    *arrivals = row.count(&views, task * rows_per_task + i, counts);
                }
            });
        first_node += size;
    }
    let mut of_shard = Vec::with_capacity(n_shards);
    for shard in 0..n_shards {
        let widest = layout.shards[shard].classes.iter().map(|lanes| lanes.end - lanes.start).max();
        let is_narrow = widest.unwrap_or(0) <= 1 << 16;
        let allocate =
            |store| allocate(&counts, n_tables, shard * N_STORES + store as usize, store, is_narrow);
        let [shared, single, double, plastic] = Store::ALL.map(allocate);
        of_shard.push([shared?, single?, double?, plastic?]);
    }
    fill_all(network, layout, maps, n_kinds, &counts, &mut of_shard);
    Ok(Tables { of_shard, arrivals })
}

fn views<'a>(network: &'a Network, maps: &'a [Option<KindOf>], source: usize) -> Vec<View<'a>> {
    let outgoing = network.projections.iter().zip(maps).filter(|(p, _)| p.source.idx() == source);
    outgoing
        .filter_map(|(projection, map)| {
            let (synapses, target) = (&projection.synapses, projection.target);
            Some(View { synapses, target, kind_of: map.as_ref()? })
        })
        .collect()
}

fn rows_per_task(views: &[View<'_>], n_rows: usize) -> usize {
    let n_synapses: u64 = views.iter().map(|view| view.synapses.len() as u64).sum();
    (TASK * n_rows as u64 / n_synapses.max(1)).clamp(1, n_rows.max(1) as u64) as usize
}

/// Makes a table's arrays from what the rows give to it.
fn allocate(
    counts: &[RowCount],
    n_tables: usize,
    table: usize,
    store: Store,
    is_narrow: bool,
) -> Result<Table, SimError> {
    let of_table = || counts.iter().skip(table).step_by(n_tables);
    let n_synapses: u64 = of_table().map(|count| u64::from(count.synapses)).sum();
    let n_segments: u64 = of_table().map(|count| u64::from(count.segments)).sum();
    if n_synapses == 0 {
        return Ok(Table::default());
    }
    let limit = u64::from(u32::MAX);
    if n_synapses > limit {
        return Err(SimError::PlanTooLarge { what: "synapses in a shard", needed: n_synapses, limit });
    }
    let mut row_start = Vec::with_capacity(counts.len() / n_tables + 1);
    row_start.push(0);
    let mut end = 0;
    row_start.extend(of_table().map(|count| {
        end += count.segments;
        end
    }));
    let (n, n_segments) = (n_synapses as usize, n_segments as usize);
    Ok(Table {
        row_start,
        segments: defaults(n_segments + 1),
        targets: if is_narrow { Targets::Narrow(zeros(n)) } else { Targets::Wide(zeros(n)) },
        weights: match store {
            Store::Shared => Weights::Shared,
            Store::Single => Weights::Single(zeros(n)),
            Store::Double => Weights::Double(zeros(n)),
            Store::Plastic => Weights::Plastic(zeros(n)),
        },
    })
}

/// The part of a table that is not written yet.
struct Rest<'a> {
    segments: &'a mut [Head],
    narrow: &'a mut [u16],
    wide: &'a mut [u32],
    single: &'a mut [f32],
    double: &'a mut [f64],
    places: &'a mut [u32],
    /// The number of the first synapse that is not written yet.
    next: u32,
}

impl<'a> Rest<'a> {
    fn of(table: &'a mut Table) -> Self {
        let (narrow, wide): (&mut [u16], &mut [u32]) = match &mut table.targets {
            Targets::Narrow(targets) => (targets, &mut []),
            Targets::Wide(targets) => (&mut [], targets),
        };
        let (mut single, mut double, mut places): (&mut [f32], &mut [f64], &mut [u32]) = Default::default();
        match &mut table.weights {
            Weights::Shared => {}
            Weights::Single(weights) => single = weights,
            Weights::Double(weights) => double = weights,
            Weights::Plastic(of_row) => places = of_row,
        }
        Self { segments: &mut table.segments, narrow, wide, single, double, places, next: 0 }
    }

    /// Splits off what some rows will write.
    fn take(&mut self, RowCount { synapses, segments }: RowCount) -> Self {
        fn split<'a, T>(slice: &mut &'a mut [T], n: u32) -> &'a mut [T] {
            let n = (n as usize).min(slice.len());
            let (taken, rest) = std::mem::take(slice).split_at_mut(n);
            *slice = rest;
            taken
        }
        let taken = Self {
            segments: split(&mut self.segments, segments),
            narrow: split(&mut self.narrow, synapses),
            wide: split(&mut self.wide, synapses),
            single: split(&mut self.single, synapses),
            double: split(&mut self.double, synapses),
            places: split(&mut self.places, synapses),
            next: self.next,
        };
        self.next += synapses;
        taken
    }
}

/// Writes every row to its place, in parallel over tasks of many rows.
fn fill_all<'a>(
    network: &mut Cow<'_, Network>,
    layout: &Layout,
    maps: &[Option<KindOf>],
    n_kinds: usize,
    counts: &[RowCount],
    of_shard: &'a mut [[Table; N_STORES]],
) {
    let n_tables = of_shard.len() * N_STORES;
    let mut rest: Vec<Rest<'_>> = of_shard.iter_mut().flatten().map(Rest::of).collect();
    let sum = |counts: &[RowCount]| {
        let mut sums = vec![RowCount::default(); n_tables];
        for row in counts.chunks(n_tables) {
            for (sum, count) in sums.iter_mut().zip(row) {
                sum.synapses += count.synapses;
                sum.segments += count.segments;
            }
        }
        sums
    };
    let take = |rest: &mut [Rest<'a>], counts: &[RowCount]| -> Vec<Rest<'a>> {
        rest.iter_mut().zip(sum(counts)).map(|(rest, sum)| rest.take(sum)).collect()
    };
    let mut first_node = 0;
    let mut populations = Vec::new();
    for (idx, population) in network.populations.iter().enumerate() {
        let size = population.size as usize;
        let counts = &counts[first_node * n_tables..(first_node + size) * n_tables];
        populations.push((idx, counts, take(&mut rest, counts)));
        first_node += size;
    }
    // Small ones first: what is freed behind them makes room for the large ones.
    populations
        .sort_by_key(|(_, counts, _)| counts.iter().map(|count| u64::from(count.synapses)).sum::<u64>());
    for (idx, counts, mut rest) in populations {
        let size = network.populations[idx].size as usize;
        let views = views(network, maps, idx);
        let rows_per_task = rows_per_task(&views, size);
        let mut tasks = Vec::new();
        for first in (0..size).step_by(rows_per_task) {
            let rows = first..size.min(first + rows_per_task);
            let of_rows = &counts[rows.start * n_tables..rows.end * n_tables];
            tasks.push((rows, take(&mut rest, of_rows)));
        }
        tasks.into_par_iter().for_each(|(rows, mut places)| {
            let mut row = Row::new(layout, n_kinds);
            for node in rows {
                row.write(&views, node, &mut places);
            }
        });
        if let Cow::Owned(network) = network {
            let of_source = network.projections.iter_mut().zip(maps).filter(|(p, _)| p.source.idx() == idx);
            for (projection, _) in of_source.filter(|(_, map)| map.is_some()) {
                projection.synapses = nothing(size);
            }
        }
    }
    // A segment ends where the next starts.
    rest.into_iter().for_each(|rest| rest.segments.iter_mut().for_each(|end| end.start = rest.next));
}

/// No synapses of `n_sources` nodes.
fn nothing(n_sources: usize) -> Synapses {
    Synapses {
        row_start: vec![0; n_sources + 1],
        target: Vec::new(),
        weight: rheobase_net::Weights::Shared(0.0),
        delay: rheobase_net::Delays::Shared(1.0),
    }
}

/// Scratch space for one row at a time.
struct Row<'a> {
    layout: &'a Layout,
    /// The synapses of every table: kind, lane, and its weight or its place in the row.
    loose: Vec<Vec<(u32, u32, f64)>>,
    /// How many synapses of every kind a row has, then where they go; zeros between rows.
    places: Vec<u32>,
    sorted: Vec<(u32, u32, f64)>,
}

/// More kinds than this are sorted, not counted.
const MOST_COUNTED_KINDS: usize = 1 << 12;

impl<'a> Row<'a> {
    fn new(layout: &'a Layout, n_kinds: usize) -> Self {
        let n_tables = layout.shards.len() * N_STORES;
        Self {
            layout,
            loose: vec![Vec::new(); n_tables],
            places: vec![0; if n_kinds <= MOST_COUNTED_KINDS { n_kinds } else { 0 }],
            sorted: Vec::new(),
        }
    }

    /// Counts what a row gives to every table, and the kinds that it has in all.
    fn count(&mut self, views: &[View<'_>], node: usize, counts: &mut [RowCount]) -> u32 {
        self.gather(views, node);
        let (mut all, mut kinds) = (Vec::new(), Vec::new());
        for (loose, count) in self.loose.iter_mut().zip(counts) {
            count.synapses = loose.len() as u32;
            kinds.clear();
            kinds.extend(loose.drain(..).map(|synapse| synapse.0));
            kinds.dedup();
            if !kinds.is_sorted() {
                kinds.sort_unstable();
                kinds.dedup();
            }
            count.segments = kinds.len() as u32;
            all.extend_from_slice(&kinds);
        }
        all.sort_unstable();
        all.dedup();
        all.len() as u32
    }

    /// Deals the synapses of a row to the tables.
    fn gather(&mut self, views: &[View<'_>], node: usize) {
        for View { synapses, target, kind_of } in views {
            let bounds = &self.layout.bounds[target.idx()];
            let mut shard = 0;
            let row = synapses.row(node);
            for i in row.clone() {
                let neuron = synapses.target[i];
                shard = shard_of(bounds, shard, neuron);
                let (kind, kept) = kind_of.get(synapses, row.start, i);
                let lane = (i64::from(neuron) + self.layout.shards[shard].offset[target.idx()]) as u32;
                self.loose[shard * N_STORES + kind_of.store as usize].push((kind, lane, kept));
            }
        }
    }

    /// Writes a row.
    fn write(&mut self, views: &[View<'_>], node: usize, places: &mut [Rest<'_>]) {
        self.gather(views, node);
        for (table, place) in places.iter_mut().enumerate() {
            self.sort(table);
            let row = &self.sorted;
            let n_segments = row.chunk_by(|a, b| a.0 == b.0).count() as u32;
            let mut place = place.take(RowCount { synapses: row.len() as u32, segments: n_segments });
            place.write(row);
        }
    }

    /// Sorts a table's synapses by kind; those of a kind keep their order.
    fn sort(&mut self, table: usize) {
        let Self { loose, places, sorted, .. } = self;
        let loose = &mut loose[table];
        sorted.clear();
        if loose.is_sorted_by_key(|synapse| synapse.0) {
            sorted.extend_from_slice(loose);
        } else if places.is_empty() {
            sorted.extend_from_slice(loose);
            sorted.sort_by_key(|synapse| synapse.0);
        } else {
            loose.iter().for_each(|synapse| places[synapse.0 as usize] += 1);
            let mut end = 0;
            for place in places.iter_mut() {
                end += std::mem::replace(place, end);
            }
            sorted.resize(loose.len(), (0, 0, 0.0));
            for synapse in loose.iter() {
                let place = &mut places[synapse.0 as usize];
                sorted[*place as usize] = *synapse;
                *place += 1;
            }
            places.fill(0);
        }
        loose.clear();
    }
}

impl Rest<'_> {
    fn write(&mut self, row: &[(u32, u32, f64)]) {
        let mut at = self.next;
        for (k, segment) in row.chunk_by(|a, b| a.0 == b.0).enumerate() {
            self.segments[k] = Head { kind: segment[0].0, start: at };
            at += segment.len() as u32;
        }
        self.narrow.iter_mut().zip(row).for_each(|(to, (_, lane, _))| *to = *lane as u16);
        self.wide.iter_mut().zip(row).for_each(|(to, (_, lane, _))| *to = *lane);
        self.single.iter_mut().zip(row).for_each(|(to, (.., weight))| *to = *weight as f32);
        self.double.iter_mut().zip(row).for_each(|(to, (.., weight))| *to = *weight);
        self.places.iter_mut().zip(row).for_each(|(to, (.., place))| *to = *place as u32);
    }
}

/// The shard that owns a neuron, `near` being that of the neuron before.
#[inline]
fn shard_of(bounds: &[u32], near: usize, neuron: u32) -> usize {
    if neuron >= bounds[near] && neuron < bounds[near + 1] {
        near
    } else {
        bounds.partition_point(|bound| *bound <= neuron) - 1
    }
}
