//! Injected values: the rows of all sources of currents and of groups, in order of time, made as they are due.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};

use rheobase_net::{CurrentSource, Model, ValidNetwork, Waveform};

use super::noise::{MOST_INTERVALS, Noise};
use crate::group::Values;
use crate::inputs::Bound;
use crate::plan::CurrentLink;

/// The currents into the neurons of a shard, or the values of the inputs of a group.
pub(crate) struct Currents<'a> {
    links: &'a [CurrentLink],
    feeds: Vec<Feed<'a>>,
    /// The next row of every link that has one.
    due: BinaryHeap<Reverse<Due>>,
    /// The links that end in the same part as a link, itself among them.
    siblings: Vec<Vec<usize>>,
    /// What a link injects into each neuron of its part \[pA\]; empty if it has no siblings.
    of_link: Vec<Vec<f64>>,
    /// The neurons of a part whose current changes, and what they all get \[pA\].
    changed: Vec<(u32, f64)>,
}

/// Where the rows of a link come from.
struct Feed<'a> {
    rows: Rows<'a>,
    /// Number of the next row.
    next: u64,
}

enum Rows<'a> {
    Listed(&'a Waveform),
    Noise(Box<Noise>),
    /// What a group has sent and nobody has taken yet.
    Sent {
        /// The number of the first of them.
        first: u64,
        /// When each was sent \[ms\], and what it is.
        rows: VecDeque<(f64, Vec<f64>)>,
    },
}

/// A row that acts from `t` \[ms\] on.
#[derive(Debug, Clone, Copy)]
struct Due {
    t: f64,
    link: usize,
}

impl<'a> Currents<'a> {
    /// The currents of a run through some links, from its beginning; `size` is that of a part.
    pub fn new(
        network: &'a ValidNetwork,
        bound: &Bound<'a>,
        links: &'a [CurrentLink],
        size: impl Fn(u16) -> usize,
        seed: u64,
    ) -> Self {
        let siblings = |link: &CurrentLink| {
            let same = links.iter().enumerate().filter(|(_, other)| other.part == link.part);
            same.map(|(idx, _)| idx).collect()
        };
        let siblings: Vec<Vec<usize>> = links.iter().map(siblings).collect();
        let of_link = links.iter().zip(&siblings);
        let of_link = of_link.map(|(link, all)| vec![0.0; if all.len() > 1 { size(link.part) } else { 0 }]);
        let feed = |link: &CurrentLink| Feed { rows: rows(network, bound, link, seed), next: 0 };
        let mut currents = Self {
            links,
            feeds: links.iter().map(feed).collect(),
            due: BinaryHeap::new(),
            of_link: of_link.collect(),
            siblings,
            changed: Vec::new(),
        };
        (0..links.len()).for_each(|link| currents.await_next(link));
        currents
    }

    /// When the next row acts \[ms\]; infinite if there is none.
    #[inline]
    pub fn next_time(&self) -> f64 {
        self.due.peek().map_or(f64::INFINITY, |Reverse(due)| due.t)
    }

    /// Takes the next row: the part in which it ends, its neurons whose current changes, in their order, and
    /// the current that each of them gets from all links together \[pA\].
    pub fn take(&mut self) -> Option<(u16, &[(u32, f64)])> {
        let Reverse(Due { t: _, link }) = self.due.pop()?;
        let Self { links, feeds, siblings, of_link, changed, .. } = self;
        let CurrentLink { part, synapses, .. } = &links[link];
        let Feed { rows, next } = &mut feeds[link];
        let values = match rows {
            Rows::Listed(waveform) => waveform.row(*next as usize),
            Rows::Noise(noise) => noise.row(*next),
            Rows::Sent { first, rows } => rows[(*next - *first) as usize].1.as_slice(),
        };
        *next += 1;
        changed.clear();
        for of_target in synapses.chunk_by(|a, b| a.1 == b.1) {
            let target = of_target[0].1;
            let current = |(channel, _, weight): &(u32, u32, f64)| weight * values[*channel as usize];
            let mut total: f64 = of_target.iter().map(current).sum();
            if let [_, _, ..] = siblings[link].as_slice() {
                of_link[link][target as usize] = total;
                total = siblings[link].iter().map(|other| of_link[*other][target as usize]).sum();
            }
            changed.push((target, total));
        }
        if let Rows::Sent { first, rows } = rows {
            rows.drain(..(*next - *first) as usize);
            *first = *next;
        }
        self.await_next(link);
        Some((*part, &self.changed))
    }

    /// Puts what groups have sent on its way, in order of time.
    pub fn push(&mut self, values: &[Values]) {
        for link in 0..self.links.len() {
            let source = self.links[link].source.0;
            let Feed { rows: Rows::Sent { first, rows }, next } = &mut self.feeds[link] else { continue };
            let is_waiting = *first + rows.len() as u64 > *next;
            let sent = values.iter().filter(|values| values.population == source);
            rows.extend(sent.map(|Values { population: _, t, values }| (*t, values.clone())));
            if !is_waiting {
                self.await_next(link);
            }
        }
    }

    /// Goes to the first row of every link that does not act yet; `acts` says whether a row that acts from a
    /// time on does. The last row that acts of every link is given once more, in the form of
    /// [`Currents::take`]: then every neuron has got what it gets from all links together.
    pub fn go_on(&mut self, acts: impl Fn(f64) -> bool, mut inject: impl FnMut(u16, &[(u32, f64)])) {
        for link in 0..self.links.len() {
            let n_acting = self.count_acting(link, &acts);
            self.feeds[link].next = n_acting;
            if let Some(last) = n_acting.checked_sub(1) {
                self.feeds[link].next = last;
                self.due.clear();
                self.await_next(link);
                if let Some((part, changed)) = self.take() {
                    inject(part, changed);
                }
            }
        }
        self.due.clear();
        (0..self.links.len()).for_each(|link| self.await_next(link));
    }

    /// How many rows of a link act.
    fn count_acting(&self, link: usize, acts: impl Fn(f64) -> bool) -> u64 {
        let delay = self.links[link].delay;
        match &self.feeds[link].rows {
            Rows::Listed(waveform) => waveform.times().partition_point(|t| acts(t + delay)) as u64,
            Rows::Sent { first, rows } => first + rows.partition_point(|(t, _)| acts(t + delay)) as u64,
            Rows::Noise(noise) => {
                let (mut n, mut end) = (0, MOST_INTERVALS as u64 + 1);
                while n < end {
                    let middle = n + (end - n) / 2;
                    if acts(middle as f64 * noise.interval + delay) { n = middle + 1 } else { end = middle }
                }
                n
            }
        }
    }

    /// Puts the next row of a link into the heap.
    fn await_next(&mut self, link: usize) {
        let Feed { rows, next } = &self.feeds[link];
        let t = match rows {
            Rows::Listed(waveform) => waveform.times().get(*next as usize).copied(),
            Rows::Noise(noise) => Some(*next as f64 * noise.interval),
            Rows::Sent { first, rows } => rows.get((*next - *first) as usize).map(|(t, _)| *t),
        };
        if let Some(t) = t {
            self.due.push(Reverse(Due { t: t + self.links[link].delay, link }));
        }
    }
}

fn rows<'a>(network: &'a ValidNetwork, bound: &Bound<'a>, link: &CurrentLink, seed: u64) -> Rows<'a> {
    if let Model::CurrentSource(CurrentSource::Noise { mean, sd, interval }) =
        &network.population(link.source).model
    {
        let channels = || link.synapses.iter().map(|(channel, ..)| *channel);
        let channels = channels().min().unwrap_or(0)..channels().max().map_or(0, |last| last + 1);
        return Rows::Noise(Box::new(Noise::new(seed, link.source, channels, mean, sd, *interval)));
    }
    if network.population(link.source).model.as_ltc().is_some() {
        return Rows::Sent { first: 0, rows: VecDeque::new() };
    }
    let of_source = bound.waveforms.iter().find(|(id, _)| *id == link.source);
    Rows::Listed(of_source.expect("binding gave every current source its waveform").1)
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        self.t.total_cmp(&other.t).then(self.link.cmp(&other.link))
    }
}
