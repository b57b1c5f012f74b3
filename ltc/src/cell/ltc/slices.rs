//! Synapses as a single sample wants them: vector lanes are units that lie side by side.
//!
//! A slice is 16 or 8 units in a row. A row of a slice has a synapse of each of them, so that one pass over
//! its rows adds the synapses of all, each unit's in the order of its sources. A unit that has none in a row
//! gets one that adds −0, which changes no number. There are two forms of a slice:
//!
//! * *shared*: all synapses of a row come from one source, whose state goes to all lanes; as many rows as
//!   the units have sources together. Dense networks and layers are so.
//! * *own*: every lane has a source of its own; as many rows as the unit with most synapses has.
//!
//! The cheaper one is taken. Cost O(rows), which is that of the synapses where units are like their neighbors.

use super::packed::{Reach, Synapse};
use crate::Real;

/// Units of a wide slice; what has a number a unit is padded to a multiple of it.
pub(super) const WIDE: usize = 16;
/// Units of a narrow slice.
const NARROW: usize = 8;
/// What fetching a state for each lane costs beside a row whose source is shared, measured.
const OWN_COST: f64 = 1.6;

/// The synapses of all units, from one list of sources.
#[derive(Debug, Clone)]
pub(super) struct Slices<R> {
    slices: Vec<Slice>,
    wide: Vec<Row<R, WIDE>>,
    narrow: Vec<Row<R, NARROW>>,
    /// One or [`WIDE`] or [`NARROW`] a row.
    sources: Vec<u32>,
    reach: Reach<R>,
}

#[derive(Debug, Clone, Copy)]
struct Slice {
    first_unit: usize,
    is_wide: bool,
    is_shared: bool,
    first_row: usize,
    n_rows: usize,
    first_source: usize,
}

/// A synapse of every unit of a slice.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
struct Row<R, const W: usize> {
    slope: [R; W],
    shift: [R; W],
    drive: [R; W],
    w: [R; W],
}

impl<R: Real, const W: usize> Row<R, W> {
    /// A row that adds −0 to all.
    fn empty() -> Self {
        Self { slope: [R::ZERO; W], shift: [R::ZERO; W], drive: [-R::ZERO; W], w: [-R::ZERO; W] }
    }

    fn set(&mut self, lane: usize, synapse: &Synapse<R>) {
        self.slope[lane] = synapse.slope;
        self.shift[lane] = synapse.shift;
        self.drive[lane] = synapse.drive;
        self.w[lane] = synapse.w;
    }
}

/// The synapses of a unit with their sources, sorted by them.
pub(super) type OfUnit<R> = Vec<(u32, Synapse<R>)>;

impl<R: Real> Slices<R> {
    /// Those of all units.
    pub fn new(units: &[OfUnit<R>]) -> Self {
        let (mut slices, mut wide, mut narrow, mut sources) = (vec![], vec![], vec![], vec![]);
        for (k, block) in units.chunks(WIDE).enumerate() {
            let halves = block.chunks(NARROW).enumerate();
            // Two narrow rows cost what a wide one does.
            let in_halves: f64 = halves.clone().map(|(_, units)| cost(units).0 / 2.0).sum();
            if cost(block).0 <= in_halves {
                slices.push(push_rows(block, k * WIDE, &mut wide, &mut sources));
            } else {
                let slice_of =
                    |(half, units)| push_rows(units, k * WIDE + half * NARROW, &mut narrow, &mut sources);
                slices.extend(halves.map(slice_of));
            }
        }
        let synapses = units.iter().flatten().map(|(_, synapse)| [synapse.slope, synapse.shift]);
        Self { slices, wide, narrow, sources, reach: Reach::of(synapses) }
    }

    /// Puts `start` + Σ a erev and Σ a of every unit into num and den; all are padded to a multiple of [`WIDE`].
    #[inline(always)]
    pub fn drive(&self, from: &[R], start: [&[R]; 2], driven: [&mut [R]; 2]) {
        match self.reach.has(from) {
            true => self.drive_as::<true>(from, start, driven),
            false => self.drive_as::<false>(from, start, driven),
        }
    }

    #[inline(always)]
    fn drive_as<const IS_WITHIN: bool>(&self, from: &[R], start: [&[R]; 2], driven: [&mut [R]; 2]) {
        let [num, den] = driven;
        for slice in &self.slices {
            let Slice { first_unit, is_wide, is_shared, first_row, n_rows, first_source } = *slice;
            let (rows, sources) = (first_row..first_row + n_rows, &self.sources[first_source..]);
            let start = start.map(|start| &start[first_unit..]);
            let driven = [&mut num[first_unit..], &mut den[first_unit..]];
            match (is_wide, is_shared) {
                (true, true) => {
                    drive_shared::<_, _, IS_WITHIN>(&self.wide[rows], sources, from, start, driven)
                }
                (false, true) => {
                    drive_shared::<_, _, IS_WITHIN>(&self.narrow[rows], sources, from, start, driven)
                }
                (true, false) => drive_own::<_, _, IS_WITHIN>(&self.wide[rows], sources, from, start, driven),
                (false, false) => {
                    drive_own::<_, _, IS_WITHIN>(&self.narrow[rows], sources, from, start, driven)
                }
            }
        }
    }
}

#[inline(always)]
fn drive_shared<R: Real, const W: usize, const IS_WITHIN: bool>(
    rows: &[Row<R, W>],
    sources: &[u32],
    from: &[R],
    start: [&[R]; 2],
    driven: [&mut [R]; 2],
) {
    let mut sums = start.map(lanes);
    for (row, source) in rows.iter().zip(sources) {
        let u = from[*source as usize];
        add_row::<_, _, IS_WITHIN>(row, &[u; W], &mut sums);
    }
    put(driven, sums);
}

#[inline(always)]
fn drive_own<R: Real, const W: usize, const IS_WITHIN: bool>(
    rows: &[Row<R, W>],
    sources: &[u32],
    from: &[R],
    start: [&[R]; 2],
    driven: [&mut [R]; 2],
) {
    let mut sums = start.map(lanes);
    for (row, sources) in rows.iter().zip(sources.as_chunks::<W>().0) {
        // `map` of an array need not be inlined, and a call puts all vectors into memory.
        let mut u = [R::ZERO; W];
        u.iter_mut().zip(sources).for_each(|(u, source)| *u = from[*source as usize]);
        add_row::<_, _, IS_WITHIN>(row, &u, &mut sums);
    }
    put(driven, sums);
}

#[inline(always)]
fn lanes<R: Real, const W: usize>(values: &[R]) -> [R; W] {
    *values.first_chunk().expect("it is padded")
}

#[inline(always)]
fn put<R: Real, const W: usize>(driven: [&mut [R]; 2], sums: [[R; W]; 2]) {
    for (driven, sums) in driven.into_iter().zip(sums) {
        *driven.first_chunk_mut().expect("it is padded") = sums;
    }
}

#[inline(always)]
fn add_row<R: Real, const W: usize, const IS_WITHIN: bool>(
    row: &Row<R, W>,
    u: &[R; W],
    [num, den]: &mut [[R; W]; 2],
) {
    let Row { slope, shift, drive, w } = row;
    for lane in 0..W {
        let s = Synapse::open::<IS_WITHIN>(slope[lane], shift[lane], u[lane]);
        num[lane] = s.mul_add(drive[lane], num[lane]);
        den[lane] = s.mul_add(w[lane], den[lane]);
    }
}

/// The cost of some units in rows, and whether that is of shared sources.
fn cost<R>(units: &[OfUnit<R>]) -> (f64, bool) {
    let n_shared = all_sources(units).len() as f64;
    let n_own = units.iter().map(Vec::len).max().unwrap_or(0) as f64;
    if n_shared <= OWN_COST * n_own { (n_shared, true) } else { (OWN_COST * n_own, false) }
}

/// The sources of some units, sorted.
fn all_sources<R>(units: &[OfUnit<R>]) -> Vec<u32> {
    let mut sources: Vec<u32> = units.iter().flatten().map(|(source, _)| *source).collect();
    sources.sort_unstable();
    sources.dedup();
    sources
}

/// Appends the rows of a slice.
fn push_rows<R: Real, const W: usize>(
    units: &[OfUnit<R>],
    first_unit: usize,
    rows: &mut Vec<Row<R, W>>,
    sources: &mut Vec<u32>,
) -> Slice {
    let (first_row, first_source) = (rows.len(), sources.len());
    let (_, is_shared) = cost(units);
    let shared = all_sources(units);
    let n_rows = if is_shared { shared.len() } else { units.iter().map(Vec::len).max().unwrap_or(0) };
    rows.resize(first_row + n_rows, Row::empty());
    let rows = &mut rows[first_row..];
    if is_shared {
        for (lane, (source, synapse)) in lanes_of(units) {
            let row = shared.binary_search(source).expect("it is one of all");
            rows[row].set(lane, synapse);
        }
        sources.extend(shared);
    } else {
        sources.resize(first_source + n_rows * W, 0);
        let (sources, _) = sources[first_source..].as_chunks_mut::<W>();
        for (lane, unit) in units.iter().enumerate() {
            for (row, (source, synapse)) in unit.iter().enumerate() {
                rows[row].set(lane, synapse);
                sources[row][lane] = *source;
            }
            // What adds nothing looks at a source of the unit, so that no foreign NaN comes in.
            let own = unit.first().map_or(0, |(source, _)| *source);
            sources[unit.len()..].iter_mut().for_each(|sources| sources[lane] = own);
        }
    }
    Slice { first_unit, is_wide: W == WIDE, is_shared, first_row, n_rows, first_source }
}

/// The synapses of some units, with the lanes that they belong to.
fn lanes_of<R>(units: &[OfUnit<R>]) -> impl Iterator<Item = (usize, &(u32, Synapse<R>))> {
    units.iter().enumerate().flat_map(|(lane, unit)| unit.iter().map(move |synapse| (lane, synapse)))
}
