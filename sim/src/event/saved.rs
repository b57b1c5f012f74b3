//! What of the event scheduler is kept in a snapshot, and how it goes on from there.

use rheobase_lif::{Flow, Numbers};

use super::cells::{Cell, Cells};
use super::queue::Crossing;
use super::{AnyCells, Event, ShardState, with_cells};
use crate::group;
use crate::job::Job;
use crate::plan::Part;
use crate::snapshot::{EventMoment, Misfit};
use crate::stdp::{self, LearningState};

/// The numbers of a cell beside its state: its time, the end of its refractory period, when it is due.
const BESIDE: usize = 3;

impl Event<'_> {
    /// Everything that a checkpoint keeps.
    pub fn moment(&mut self, job: &Job<'_>) -> EventMoment {
        let mut moment = EventMoment {
            t_done: self.t_done,
            is_finished: self.is_finished,
            exchange: self.exchange.moment(self.all_counters()),
            learning: self.learning(job),
            populations: vec![Vec::new(); job.network.populations().len()],
            crossings: Vec::new(),
            groups: self.shards.iter().flat_map(|state| state.groups.save()).collect(),
            next_sample: self.shards.iter().map(|state| state.samples.next).max().unwrap_or(1),
        };
        self.shards.iter().for_each(|state| state.save(&mut moment));
        moment.groups.sort_by_key(|group| group.population);
        moment.crossings.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        moment
    }

    fn learning(&mut self, job: &Job<'_>) -> LearningState {
        let learning = self.shards.iter_mut().filter_map(|state| state.learning.as_mut());
        let mut learning: Vec<_> = learning.map(|(learning, _)| learning).collect();
        stdp::state(job.plan, &mut learning, self.t_done)
    }

    /// Goes on from a moment; `self` is at its start.
    pub fn go_on(&mut self, moment: EventMoment, job: &Job<'_>) -> Result<(), Misfit> {
        let duration = job.duration;
        let (t_done, is_finished) = (moment.t_done, moment.is_finished);
        Misfit::unless((0.0..=duration).contains(&t_done), "time")?;
        Misfit::unless(!is_finished || t_done == duration, "time")?;
        group::check(&moment.exchange.values, job.network, t_done)?;
        self.shards.iter_mut().try_for_each(|state| state.go_on(&moment))?;
        let learning = self.shards.iter_mut().filter_map(|state| state.learning.as_mut());
        let mut learning: Vec<_> = learning.map(|(learning, _)| learning).collect();
        stdp::restore(&mut learning, &moment.learning).map_err(|_| Misfit("weights"))?;
        let in_flight = self.exchange.go_on(moment.exchange, |t| (0.0..=t_done).contains(&t))?;
        self.shards.iter_mut().for_each(|state| _ = state.send(&in_flight, t_done));
        (self.t_done, self.is_finished) = (t_done, is_finished);
        Ok(())
    }
}

impl ShardState<'_> {
    /// Adds the state of its neurons to that of the network.
    fn save(&self, moment: &mut EventMoment) {
        for part in &self.shard.parts {
            // Shards come in the order of their neurons.
            let list = &mut moment.populations[part.population.idx()];
            let first = self.shard.place_in_class(part, 0);
            let range = first..first + part.size as usize;
            with_cells!(&self.classes[usize::from(part.class)], cells => cells.save(range, list));
        }
        let node = |crossing: &Crossing| {
            let of_class = &self.classes[usize::from(crossing.class)];
            with_cells!(of_class, cells => cells.nodes[crossing.neuron as usize])
        };
        moment.crossings.extend(self.crossings.iter().map(|crossing| (crossing.t, node(crossing))));
    }

    /// Goes on with the state of its neurons. Nothing is on its way yet.
    fn go_on(&mut self, moment: &EventMoment) -> Result<(), Misfit> {
        self.crossings.clear();
        self.foreseen = 0;
        for part in &self.shard.parts {
            let Part { population, first, size, first_node, class, .. } = *part;
            let list = &moment.populations[population.idx()];
            let place = self.shard.place_in_class(part, 0);
            let cells = &mut self.classes[usize::from(class)];
            with_cells!(cells, cells => cells.go_on(place, first as usize, size as usize, list))?;
            for (t, node) in &moment.crossings {
                Misfit::unless(*t >= moment.t_done, "crossings")?;
                let i = node.wrapping_sub(first_node);
                if i < size {
                    self.crossings.push(Crossing { t: *t, class, neuron: place as u32 + i });
                }
            }
        }
        self.groups.go_on(&moment.groups, &moment.exchange.values, moment.t_done)?;
        // The neurons have what was injected in their state.
        self.currents.push(&moment.exchange.values);
        self.currents.go_on(|t| t < moment.t_done, |_, _| {});
        if !self.samples.traced.is_empty() {
            Misfit::unless(moment.next_sample >= 1, "samples")?;
            self.samples.next = moment.next_sample;
        }
        Ok(())
    }
}

impl<F: Flow> Cells<F> {
    fn save(&self, range: std::ops::Range<usize>, list: &mut Vec<f64>) {
        for Cell { state, t, held_until, due } in &self.cells[range] {
            state.put(list);
            list.extend([*t, *held_until, *due]);
        }
    }

    /// Takes `size` cells from `place` on from the list of a population, from neuron `first` on.
    fn go_on(&mut self, place: usize, first: usize, size: usize, list: &[f64]) -> Result<(), Misfit> {
        let n = F::State::N + BESIDE;
        let cells = self.cells[place..place + size].iter_mut();
        for (cell, i) in cells.zip(first..) {
            let numbers = list.get(i * n..(i + 1) * n).ok_or(Misfit("neurons"))?;
            let (of_state, beside) = numbers.split_at(F::State::N);
            let [t, held_until, due] = *beside else { return Err(Misfit("neurons")) };
            let state = F::State::take(of_state).ok_or(Misfit("neurons"))?;
            let is_sound = of_state.iter().all(|x| x.is_finite()) && t.is_finite();
            Misfit::unless(is_sound && !held_until.is_nan() && !due.is_nan(), "neurons")?;
            *cell = Cell { state, t, held_until, due };
        }
        Ok(())
    }
}
