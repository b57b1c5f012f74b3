//! From the synapses of a network to packed tables.
//!
//! Two passes over the network: one counts, one writes every row to its place. Both run in parallel over
//! rows, and there is never a second copy of the synapses.

use std::borrow::Cow;

use rayon::prelude::*;
use rheobase_net::{Network, PopulationId, Synapses};

use super::kinds::{KindOf, Store};
use super::layout::Layout;
use super::packed::{NARROW, Packed, with_packed};
use super::table::{Head, Table};
use crate::SimError;
use crate::memory::{defaults, zeros};

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
        let is_narrow = widest.unwrap_or(0) as usize <= NARROW;
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
    let of_weight = match store {
        Store::Shared | Store::Plastic => 0,
        Store::Single => 4,
        Store::Double => 8,
    };
    let size = if is_narrow { 2 } else { 4 } + of_weight;
    let n = n_synapses as usize;
    Ok(Table {
        row_start,
        segments: defaults(n_segments as usize + 1),
        packed: zeros(n * size),
        size,
        places: if store == Store::Plastic { zeros(n) } else { Vec::new() },
    })
}

/// The part of a table that is not written yet.
struct Rest<'a> {
    segments: &'a mut [Head],
    packed: &'a mut [u8],
    size: usize,
    places: &'a mut [u32],
    /// The number of the first synapse that is not written yet.
    next: u32,
}

impl<'a> Rest<'a> {
    fn of(table: &'a mut Table) -> Self {
        let Table { row_start: _, segments, packed, size, places } = table;
        Self { segments, packed, size: *size, places, next: 0 }
    }

    /// Splits off what some rows will write.
    fn take(&mut self, RowCount { synapses, segments }: RowCount) -> Self {
        fn split<'a, T>(slice: &mut &'a mut [T], n: usize) -> &'a mut [T] {
            let n = n.min(slice.len());
            let (taken, rest) = std::mem::take(slice).split_at_mut(n);
            *slice = rest;
            taken
        }
        let taken = Self {
            segments: split(&mut self.segments, segments as usize),
            packed: split(&mut self.packed, synapses as usize * self.size),
            size: self.size,
            places: split(&mut self.places, synapses as usize),
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
        if !self.packed.is_empty() {
            with_packed!(as_chunks_mut, self.packed, self.size, packed => pack(packed, row));
        }
        self.places.iter_mut().zip(row).for_each(|(to, (.., place))| *to = *place as u32);
    }
}

fn pack<P: Packed>(packed: &mut [P], row: &[(u32, u32, f64)]) {
    packed.iter_mut().zip(row).for_each(|(to, (_, lane, weight))| *to = P::pack(*lane, *weight));
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
