//! Packed synapses, in the order in which a run reads them.
//!
//! ```text
//! row of a node ─► segments, by kind (so by delay) ─► synapses: targets and weights
//! ```
//! Where weights change, a table has the synapse's place in its row in the network beside the target, by
//! which a run finds its own. Tables are made in `build.rs`.

use std::ops::Range;

use super::kinds::Kind;
use super::packed::{Packed, Target, with_packed};
use crate::memory::prefetch;

/// The synapses from all nodes to the neurons of a shard whose weights are kept in one way.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Segments of node `n`: `row_start[n] .. row_start[n + 1]`; empty if the table is.
    pub(super) row_start: Vec<u32>,
    /// The segments; one more than there are, so that one ends where the next starts.
    pub(super) segments: Vec<Head>,
    /// The synapses, of `size` bytes each.
    pub(super) packed: Vec<u8>,
    pub(super) size: usize,
    /// Where weights change, the places of the synapses in their rows of the network.
    pub(super) places: Vec<u32>,
}

/// What a segment is and where its synapses start.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Head {
    pub(super) kind: u32,
    pub(super) start: u32,
}

/// A segment by itself: whoever has it need not look into the table for where its synapses are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub kind: u32,
    start: u32,
    end: u32,
}

impl Span {
    /// Where its synapses are.
    #[inline]
    pub fn synapses(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
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

    /// A segment.
    #[inline]
    pub fn span(&self, idx: usize) -> Span {
        let (head, next) = (self.segments[idx], self.segments[idx + 1]);
        Span { kind: head.kind, start: head.start, end: next.start }
    }

    /// The kind of a segment, and where its synapses are.
    #[inline]
    pub fn segment(&self, idx: usize) -> (u32, Range<usize>) {
        let span = self.span(idx);
        (span.kind, span.synapses())
    }

    /// Asks for where the row of a node is, and for its segments, ahead of their use: the first well before
    /// the second, which reads it.
    #[inline]
    pub fn prefetch_row_start(&self, node: u32) {
        prefetch(&self.row_start, node as usize..node as usize + 2);
    }

    /// See [`Table::prefetch_row_start`].
    #[inline]
    pub fn prefetch_row(&self, node: u32) {
        prefetch(&self.segments, self.row(node));
    }

    /// The segments of a row, with what a delivery wants of them.
    #[inline]
    pub fn spans(&self, row: Range<usize>) -> impl Iterator<Item = Span> + '_ {
        let ends = self.segments[row.start + 1..=row.end].iter().map(|next| next.start);
        self.segments[row].iter().zip(ends).map(|(head, end)| Span {
            kind: head.kind,
            start: head.start,
            end,
        })
    }

    /// The kind of a segment, and its synapses.
    pub fn synapses<'a>(&'a self, kinds: &'a [Kind], idx: usize) -> (&'a Kind, Segment<'a>) {
        let (kind, synapses) = self.segment(idx);
        let kind = &kinds[kind as usize];
        (kind, Segment { packed: self.packed_of(synapses), size: self.size, weight: kind.weight, own: &[] })
    }

    /// The synapses of a segment with the weights that a run has for the whole table.
    pub fn with_weights<'a>(&'a self, idx: usize, weights: &'a [f64]) -> Segment<'a> {
        let (_, synapses) = self.segment(idx);
        let packed = self.packed_of(synapses.clone());
        Segment { packed, size: self.size, weight: f64::NAN, own: &weights[synapses] }
    }

    fn packed_of(&self, synapses: Range<usize>) -> &[u8] {
        &self.packed[synapses.start * self.size..synapses.end * self.size]
    }

    /// The synapses, and how many bytes each takes: what [`with_packed`] cuts.
    #[inline]
    pub fn packed(&self) -> (&[u8], usize) {
        (&self.packed, self.size)
    }

    /// Whether targets take two bytes.
    pub fn is_narrow(&self) -> bool {
        self.size % 4 == 2
    }

    /// How many segments there are.
    pub fn n_segments(&self) -> usize {
        self.segments.len().saturating_sub(1)
    }

    /// How many synapses there are.
    pub fn n_synapses(&self) -> usize {
        self.packed.len() / self.size.max(1)
    }

    /// For every node its segments.
    pub fn rows(&self) -> impl Iterator<Item = (u32, Range<usize>)> + '_ {
        let rows = self.row_start.windows(2).map(|ends| ends[0] as usize..ends[1] as usize);
        (0..).zip(rows)
    }

    /// Bytes of the whole table.
    pub fn bytes(&self) -> u64 {
        let Self { row_start, segments, packed, size: _, places } = self;
        let heads = size_of_val(row_start.as_slice()) + size_of_val(segments.as_slice());
        (heads + size_of_val(packed.as_slice()) + size_of_val(places.as_slice())) as u64
    }

    /// Of a table of weights that change: the places of the synapses in their rows of the network.
    pub fn places(&self) -> &[u32] {
        &self.places
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
    packed: &'a [u8],
    size: usize,
    /// The weight of all, or NaN.
    weight: f64,
    /// The weights that a run has for them, if it does.
    own: &'a [f64],
}

impl Segment<'_> {
    /// Target, counted inside its class, and weight.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        let Self { packed, size, weight, own } = *self;
        let synapse = move |k: usize| {
            with_packed!(packed, size, packed => {
                let (target, own_weight) = target_and_weight(packed[k], weight);
                (target, own.get(k).copied().unwrap_or(own_weight))
            })
        };
        (0..packed.len() / size.max(1)).map(synapse)
    }
}

#[inline(always)]
fn target_and_weight<P: Packed>(synapse: P, of_all: f64) -> (u32, f64) {
    (synapse.target().place() as u32, if P::HAS_WEIGHT { synapse.weight() } else { of_all })
}
