//! Compressed rows, built in parallel with the same result for any number of threads.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;

/// Which source reaches which targets, before weights and delays.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rows {
    /// Where each source's row starts; `[n_sources + 1]`.
    pub(super) row_start: Vec<u64>,
    /// The targets, ascending within a row.
    pub(super) target: Vec<u32>,
}

/// About so many synapses are the work of one task.
const TASK: usize = 1 << 16;
/// So many tasks are done before their results are put in order.
const TASKS_PER_BATCH: u32 = 64;

/// Rows that can be drawn one by one: `row(source, targets)` appends the targets of `source`,
/// ascending. `expected` is the number of synapses, as well as it is known.
///
/// Tasks of many rows are drawn in parallel, a batch at a time, and appended in order: the memory
/// beyond the result is that of one batch.
pub(super) fn by_source(n_sources: u32, expected: f64, row: impl Fn(u32, &mut Vec<u32>) + Sync) -> Rows {
    let mean = expected / f64::from(n_sources);
    let rows_per_task = (TASK as f64 / mean.max(1.0)).clamp(1.0, 1024.0) as u32;
    let mut row_start = Vec::with_capacity(n_sources as usize + 1);
    row_start.push(0);
    let mut target: Vec<u32> = Vec::with_capacity((expected + 5.0 * expected.sqrt()) as usize);
    let task = |first: u32| {
        let (mut ends, mut targets) = (Vec::new(), Vec::new());
        for source in first..n_sources.min(first.saturating_add(rows_per_task)) {
            row(source, &mut targets);
            ends.push(targets.len() as u64);
        }
        (ends, targets)
    };
    let n_tasks = n_sources.div_ceil(rows_per_task);
    for batch in (0..n_tasks).step_by(TASKS_PER_BATCH as usize) {
        let tasks = batch..n_tasks.min(batch + TASKS_PER_BATCH);
        let done: Vec<(Vec<u64>, Vec<u32>)> =
            tasks.into_par_iter().map(|index| task(index * rows_per_task)).collect();
        for (ends, targets) in done {
            let before = target.len() as u64;
            row_start.extend(ends.iter().map(|end| before + end));
            target.extend_from_slice(&targets);
        }
    }
    target.shrink_to_fit();
    Rows { row_start, target }
}

/// Rows of synapses that are drawn target by target: `column(target, sources)` clears `sources` and
/// fills it, and gives the same whenever it is called.
///
/// A counting transpose. The targets are cut into blocks; every block counts its synapses for each
/// source; sums over (source, block) say where each block writes; then every block draws again and
/// writes. Blocks write to different places, so atomic stores serve only to share the list among
/// threads. A row is in the order of the targets, whatever the blocks. `O(sources + synapses)`, and
/// the memory beyond the result is at most eight bytes a synapse in the worst case, next to nothing
/// where rows are long.
pub(super) fn by_target(
    n_sources: u32,
    n_targets: u32,
    n_synapses: u64,
    column: impl Fn(u32, &mut Vec<u32>) + Sync,
) -> Rows {
    const MOST_BLOCKS: u64 = 16;
    let n_blocks = (n_synapses / u64::from(n_sources)).clamp(1, MOST_BLOCKS).min(u64::from(n_targets)) as u32;
    let targets_of = |block: u32| -> Range<u32> {
        let edge = |block: u32| (u64::from(n_targets) * u64::from(block) / u64::from(n_blocks)) as u32;
        edge(block)..edge(block + 1)
    };
    let count = |block: u32| {
        let (mut counts, mut sources) = (vec![0_u64; n_sources as usize], Vec::new());
        for target in targets_of(block) {
            column(target, &mut sources);
            sources.iter().for_each(|source| counts[*source as usize] += 1);
        }
        counts
    };
    let mut cursors: Vec<Vec<u64>> = (0..n_blocks).into_par_iter().map(count).collect();
    let mut row_start = Vec::with_capacity(n_sources as usize + 1);
    let mut end = 0;
    for source in 0..n_sources as usize {
        row_start.push(end);
        for cursor in &mut cursors {
            let start = end;
            end += cursor[source];
            cursor[source] = start;
        }
    }
    row_start.push(end);
    let target: Vec<AtomicU32> = (0..end as usize).into_par_iter().map(|_| AtomicU32::new(0)).collect();
    cursors.par_iter_mut().zip(0..n_blocks).for_each(|(cursor, block)| {
        let mut sources = Vec::new();
        for node in targets_of(block) {
            column(node, &mut sources);
            for source in &sources {
                let at = &mut cursor[*source as usize];
                target[*at as usize].store(node, Ordering::Relaxed);
                *at += 1;
            }
        }
    });
    // The standard library collects this in place: the list is not copied.
    Rows { row_start, target: target.into_iter().map(AtomicU32::into_inner).collect() }
}

/// One value a synapse: `fill(source, values)` fills the values of a row.
pub(super) fn fill<T: Send + Default + Clone>(
    row_start: &[u64],
    fill: impl Fn(u64, &mut [T]) + Sync,
) -> Vec<T> {
    let n_rows = row_start.len() - 1;
    let mut values = vec![T::default(); row_start[n_rows] as usize];
    let mut tasks: Vec<(usize, usize, &mut [T])> = Vec::new();
    let mut rest = values.as_mut_slice();
    let mut first = 0;
    for row in 0..n_rows {
        let len = (row_start[row + 1] - row_start[first]) as usize;
        if len >= TASK || row + 1 == n_rows {
            let (part, after) = rest.split_at_mut(len);
            tasks.push((first, row + 1, part));
            (rest, first) = (after, row + 1);
        }
    }
    tasks.into_par_iter().for_each(|(first, end, mut part)| {
        for row in first..end {
            let (values, after) = part.split_at_mut((row_start[row + 1] - row_start[row]) as usize);
            fill(row as u64, values);
            part = after;
        }
    });
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source s reaches t where s divides t: the same rows, whichever way they are made.
    #[test]
    fn both_ways_make_the_same_rows() {
        let (n_sources, n_targets) = (50, 3000);
        let joined = |source: u32, target: u32| target.is_multiple_of(source + 1);
        let rows = by_source(n_sources, 0.0, |source, targets| {
            targets.extend((0..n_targets).filter(|target| joined(source, *target)));
        });
        let columns = by_target(n_sources, n_targets, rows.target.len() as u64, |target, sources| {
            sources.clear();
            sources.extend((0..n_sources).rev().filter(|source| joined(*source, target)));
        });
        assert_eq!(rows, columns);
        assert_eq!(rows.row_start[1], 3000);
        assert_eq!(rows.row_start[2] - rows.row_start[1], 1500);
    }

    #[test]
    fn fill_visits_every_row_once() {
        let row_start: Vec<u64> = [0, 0, 3, 70_000, 70_000, 140_000, 140_001].into();
        let values =
            fill(&row_start, |row, values: &mut [u64]| values.iter_mut().for_each(|v| *v += row + 1));
        for row in 0..6 {
            let range = row_start[row] as usize..row_start[row + 1] as usize;
            assert!(values[range].iter().all(|value| *value == row as u64 + 1));
        }
    }
}
