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

use super::packed::Synapse;
use crate::Real;

/// Units of a wide slice; what has a number a unit is padded to a multiple of it.
pub(super) const WIDE: usize = 16;
/// Units of a narrow slice.
const NARROW: usize = 8;
/// What fetching a state for each lane costs beside a row whose source is shared, measured.
const OWN_COST: f64 = 2.0;

/// The synapses of all units, from one list of sources.
#[derive(Debug, Clone)]
pub(super) struct Slices<R> {
    slices: Vec<Slice>,
    wide: Vec<Row<R, WIDE>>,
    narrow: Vec<Row<R, NARROW>>,
    /// One or [`WIDE`] or [`NARROW`] a row.
    sources: Vec<u32>,
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
        slices.retain(|slice| slice.n_rows > 0);
        Self { slices, wide, narrow, sources }
    }

    /// Adds Σ a erev and Σ a of every unit; `num` and `den` are padded to a multiple of [`WIDE`].
    #[inline(always)]
    pub fn add(&self, from: &[R], num: &mut [R], den: &mut [R]) {
        for slice in &self.slices {
            let Slice { first_unit, is_wide, is_shared, first_row, n_rows, first_source } = *slice;
            let rows = first_row..first_row + n_rows;
            let sources = &self.sources[first_source..];
            let (num, den) = (&mut num[first_unit..], &mut den[first_unit..]);
            match (is_wide, is_shared) {
                (true, true) => add_shared(&self.wide[rows], sources, from, num, den),
                (false, true) => add_shared(&self.narrow[rows], sources, from, num, den),
                (true, false) => add_own(&self.wide[rows], sources, from, num, den),
                (false, false) => add_own(&self.narrow[rows], sources, from, num, den),
            }
        }
    }
}

#[inline(always)]
fn add_shared<R: Real, const W: usize>(
    rows: &[Row<R, W>],
    sources: &[u32],
    from: &[R],
    num: &mut [R],
    den: &mut [R],
) {
    let (Some(num), Some(den)) = (num.first_chunk_mut::<W>(), den.first_chunk_mut::<W>()) else { return };
    let (mut num_lanes, mut den_lanes) = (*num, *den);
    for (row, source) in rows.iter().zip(sources) {
        let u = from[*source as usize];
        add_row(row, &[u; W], &mut num_lanes, &mut den_lanes);
    }
    (*num, *den) = (num_lanes, den_lanes);
}

#[inline(always)]
fn add_own<R: Real, const W: usize>(
    rows: &[Row<R, W>],
    sources: &[u32],
    from: &[R],
    num: &mut [R],
    den: &mut [R],
) {
    let (Some(num), Some(den)) = (num.first_chunk_mut::<W>(), den.first_chunk_mut::<W>()) else { return };
    let (mut num_lanes, mut den_lanes) = (*num, *den);
    for (row, sources) in rows.iter().zip(sources.as_chunks::<W>().0) {
        let u = sources.map(|source| from[source as usize]);
        add_row(row, &u, &mut num_lanes, &mut den_lanes);
    }
    (*num, *den) = (num_lanes, den_lanes);
}

#[inline(always)]
fn add_row<R: Real, const W: usize>(row: &Row<R, W>, u: &[R; W], num: &mut [R; W], den: &mut [R; W]) {
    let Row { slope, shift, drive, w } = row;
    for lane in 0..W {
        let s = Synapse::open(slope[lane], shift[lane], u[lane]);
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
