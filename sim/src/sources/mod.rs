//! What the sources send: spikes and currents, in order of time.

mod counts;
mod currents;
mod noise;
mod poisson;

use rheobase_net::{Model, PopulationId, SpikeSource, SpikeTrain, ValidNetwork};
use serde::{Deserialize, Serialize};

use crate::snapshot::Misfit;
pub(crate) use counts::{BackgroundSpikes, Counts, Group, groups_of};
pub(crate) use currents::Currents;
pub(crate) use noise::MOST_INTERVALS;
use poisson::{PoissonMoment, PoissonSource};

/// How many Poisson spikes are drawn ahead, on average.
const DRAWN_AHEAD: f64 = 4096.0;

/// Gives the spikes of all sources in order of time, then node.
pub(crate) struct Sources<'a> {
    trains: Vec<Cursor<'a>>,
    poisson: Vec<PoissonSource<'a>>,
    /// Length of time \[ms\] that is drawn at once.
    chunk: f64,
    /// Spikes that are drawn and not given yet, sorted, from `next` on.
    drawn: Vec<(f64, u32)>,
    next: usize,
    /// All spikes until then are drawn.
    drawn_until: f64,
}

struct Cursor<'a> {
    first_node: u32,
    train: &'a SpikeTrain,
    next: usize,
}

/// How far the sources are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SourcesMoment {
    /// How many spikes of every list were given.
    trains: Vec<u64>,
    /// Every Poisson source that is not silent for ever.
    poisson: Vec<PoissonMoment>,
    /// Spikes that are drawn and not given yet.
    drawn: Vec<(f64, u32)>,
    drawn_until: f64,
}

impl<'a> Sources<'a> {
    /// The sources of a network, but for the populations `elsewhere`, whose spikes are drawn where they
    /// arrive; `trains` are those that are lists.
    pub fn new(
        network: &'a ValidNetwork,
        trains: &[(PopulationId, &'a SpikeTrain)],
        elsewhere: &[PopulationId],
        seed: u64,
    ) -> Self {
        let first_node = |id| network.first_node(id).0;
        let cursors = trains.iter().map(|(id, train)| Cursor { first_node: first_node(*id), train, next: 0 });
        let mut poisson = Vec::new();
        for (idx, population) in network.populations().iter().enumerate() {
            if elsewhere.contains(&PopulationId(idx as u32)) {
                continue;
            }
            let id = PopulationId(idx as u32);
            let first = first_node(id);
            let of_population = (0..population.size).filter_map(|i| match &population.model {
                Model::SpikeSource(SpikeSource::Poisson { rate_hz }) => {
                    PoissonSource::constant(seed, id, first, i, rate_hz.get(i as usize))
                }
                Model::SpikeSource(SpikeSource::PoissonSteps { rates }) => {
                    PoissonSource::steps(seed, id, first, i, rates)
                }
                Model::SpikeSource(SpikeSource::External | SpikeSource::Train(_))
                | Model::CurrentSource(_)
                | Model::Lif(_)
                | Model::Izhikevich(_)
                | Model::Ltc(_) => None,
            });
            poisson.extend(of_population);
        }
        let per_ms: f64 = poisson.iter().map(PoissonSource::largest_rate).sum();
        let chunk = if per_ms > 0.0 { DRAWN_AHEAD / per_ms } else { f64::INFINITY };
        let (drawn, next) = (Vec::new(), 0);
        Self { trains: cursors.collect(), poisson, chunk, drawn, next, drawn_until: 0.0 }
    }

    /// How far the sources are.
    pub fn moment(&self) -> SourcesMoment {
        let Self { trains, poisson, chunk: _, drawn, next, drawn_until } = self;
        SourcesMoment {
            trains: trains.iter().map(|cursor| cursor.next as u64).collect(),
            poisson: poisson.iter().map(PoissonSource::moment).collect(),
            drawn: drawn[*next..].to_vec(),
            drawn_until: *drawn_until,
        }
    }

    /// Goes on where the sources were; `self` is at its start.
    pub fn go_on(&mut self, moment: SourcesMoment) -> Result<(), Misfit> {
        let SourcesMoment { trains, poisson, drawn, drawn_until } = moment;
        let is_given = |(cursor, next): (&Cursor<'_>, &u64)| *next <= cursor.train.len() as u64;
        let is_source = |node: u32| self.poisson.binary_search_by_key(&node, |source| source.node).is_ok();
        let fits = trains.len() == self.trains.len()
            && self.trains.iter().zip(&trains).all(is_given)
            && drawn.iter().all(|(t, node)| t.is_finite() && is_source(*node))
            && drawn_until >= 0.0;
        Misfit::unless(fits, "sources")?;
        self.trains.iter_mut().zip(trains).for_each(|(cursor, next)| cursor.next = next as usize);
        // Sources that have fallen silent are not there.
        let is_left = |node: u32| poisson.binary_search_by_key(&node, |moment| moment.node).is_ok();
        self.poisson.retain(|source| is_left(source.node));
        Misfit::unless(self.poisson.len() == poisson.len(), "sources")?;
        self.poisson.iter_mut().zip(poisson).try_for_each(|(source, moment)| source.go_on(&moment))?;
        (self.drawn, self.next, self.drawn_until) = (drawn, 0, drawn_until);
        Ok(())
    }

    /// The time of the next spike \[ms\]; infinite if there is none.
    pub fn next_time(&mut self) -> f64 {
        let listed = self.trains.iter().filter_map(|cursor| cursor.train.times().get(cursor.next));
        let listed = listed.copied().fold(f64::INFINITY, f64::min);
        while self.next == self.drawn.len() && !self.poisson.is_empty() && self.drawn_until <= listed {
            self.draw_chunk();
        }
        let drawn = self.drawn.get(self.next).map_or(f64::INFINITY, |spike| spike.0);
        listed.min(drawn)
    }

    /// Takes all spikes before `t`, in order, into `out`; `inclusive` takes those at `t` as well.
    pub fn take_before(&mut self, t: f64, inclusive: bool, out: &mut Vec<(f64, u32)>) {
        out.clear();
        let due = |time: f64| time < t || (inclusive && time == t);
        for cursor in &mut self.trains {
            while let Some(time) = cursor.train.times().get(cursor.next).filter(|time| due(**time)) {
                out.push((*time, cursor.first_node + cursor.train.nodes()[cursor.next]));
                cursor.next += 1;
            }
        }
        loop {
            while self.next < self.drawn.len() && due(self.drawn[self.next].0) {
                out.push(self.drawn[self.next]);
                self.next += 1;
            }
            if self.next < self.drawn.len() || self.poisson.is_empty() || self.drawn_until > t {
                break;
            }
            self.draw_chunk();
        }
        let in_order = |a: &(f64, u32), b: &(f64, u32)| a <= b;
        if !out.is_sorted_by(in_order) {
            out.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        }
    }

    /// Draws the next chunk of time; its bounds change no spike.
    fn draw_chunk(&mut self) {
        self.drawn.drain(..self.next);
        self.next = 0;
        // Nothing is drawn while all sources are silent.
        let earliest = self.poisson.iter().map(|source| source.t).fold(f64::INFINITY, f64::min);
        let until = self.drawn_until.max(earliest) + self.chunk;
        let old = self.drawn.len();
        for source in &mut self.poisson {
            while source.t <= until && source.t < f64::INFINITY {
                self.drawn.push((source.t, source.node));
                source.advance();
            }
        }
        self.poisson.retain(|source| source.t < f64::INFINITY);
        self.drawn[old..].sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        self.drawn_until = until;
    }
}
