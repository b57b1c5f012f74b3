//! The neurons of a class in real-valued time: touched when something arrives or a crossing is due.

use rheobase_lif::{Flow, Port};

use super::queue::{Crossing, Crossings};
use crate::job::PerNeuron;
use crate::plan::Segment;

/// The neurons of a class.
pub(crate) struct Cells<F: Flow> {
    pub class: u16,
    /// The node of every neuron.
    pub nodes: Vec<u32>,
    pub flow: PerNeuron<F>,
    /// Refractory period \[ms\].
    pub t_ref: PerNeuron<f64>,
    pub cells: Vec<Cell<F::State>>,
    pub updates: u64,
}

/// One neuron.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell<S> {
    pub state: S,
    /// The time of the state \[ms\].
    pub t: f64,
    /// Until then, and then itself, the neuron is refractory \[ms\].
    pub held_until: f64,
    /// When the neuron fires if nothing arrives \[ms\]; infinite for never.
    pub due: f64,
}

/// Where crossings and spikes go.
pub(crate) struct Outlet<'a> {
    pub crossings: &'a mut Crossings,
    /// Time, node.
    pub fired: &'a mut Vec<(f64, u32)>,
    /// Crossings after the end of the run are of no interest.
    pub t_stop: f64,
    /// Crossings that were put into the heap.
    pub foreseen: u64,
}

impl<F: Flow> Cells<F> {
    /// Looks ahead to the first crossing of every neuron.
    pub fn start(&mut self, outlet: &mut Outlet<'_>) {
        for (i, cell) in self.cells.iter_mut().enumerate() {
            cell.foresee(&self.flow.get(i), (self.class, i as u32, self.nodes[i]), outlet);
        }
    }

    /// The weights of a segment arrive at `t`. With `settle`, and that is whenever nothing else arrives
    /// at the same time, the neurons are also asked whether they fire.
    #[inline]
    pub fn deliver(
        &mut self,
        t: f64,
        port: Port,
        segment: &Segment<'_>,
        share: f64,
        settle: bool,
        outlet: &mut Outlet<'_>,
    ) {
        let Self { class, nodes, flow, t_ref, cells, updates } = self;
        let mut synapses = segment.iter().peekable();
        while let Some((target, weight)) = synapses.next() {
            let i = target as usize;
            let (flow, cell) = (flow.get(i), &mut cells[i]);
            *updates += u64::from(cell.t < t);
            cell.receive(&flow, t, port, share * weight);
            // Two synapses of one neuron with one delay arrive as one.
            let is_last = synapses.peek().is_none_or(|(next, _)| *next != target);
            if settle && is_last {
                let t_ref = t_ref.get(i);
                cell.settle(&flow, t, t_ref, (*class, target, nodes[i]), outlet);
            }
        }
    }

    /// Asks neurons at which something arrived at `t` whether they fire.
    pub fn settle(&mut self, t: f64, segment: &Segment<'_>, outlet: &mut Outlet<'_>) {
        let Self { class, nodes, flow, t_ref, cells, updates: _ } = self;
        for (target, _) in segment.iter() {
            let i = target as usize;
            let name = (*class, target, nodes[i]);
            cells[i].settle(&flow.get(i), t, t_ref.get(i), name, outlet);
        }
    }

    /// The crossing of a neuron is due: it fires, unless something has arrived since it was foreseen.
    pub fn cross(&mut self, crossing: Crossing, outlet: &mut Outlet<'_>) {
        let Crossing { t, class, neuron } = crossing;
        let i = neuron as usize;
        let (flow, cell) = (self.flow.get(i), &mut self.cells[i]);
        if cell.due == t {
            self.updates += 1;
            cell.advance(&flow, t);
            cell.fire(&flow, t, self.t_ref.get(i), (class, neuron, self.nodes[i]), outlet);
        }
    }

    /// The injected current of a neuron changes at `t` to `current` \[pA\].
    pub fn inject(&mut self, t: f64, i: usize, current: f64, outlet: &mut Outlet<'_>) {
        let (flow, cell) = (self.flow.get(i), &mut self.cells[i]);
        self.updates += u64::from(cell.t < t);
        cell.advance(&flow, t);
        flow.inject(&mut cell.state, current);
        let name = (self.class, i as u32, self.nodes[i]);
        cell.settle(&flow, t, self.t_ref.get(i), name, outlet);
    }

    /// The potential of a neuron at `t`, not before the time of its state \[mV\].
    pub fn v(&self, i: usize, t: f64) -> f64 {
        let (flow, mut cell) = (self.flow.get(i), self.cells[i]);
        cell.advance(&flow, t);
        flow.v(&cell.state)
    }
}

/// A neuron's class, its index there, and its node.
type Name = (u16, u32, u32);

impl<S: Copy> Cell<S> {
    #[inline]
    fn advance<F: Flow<State = S>>(&mut self, flow: &F, t: f64) {
        if self.t < self.held_until {
            flow.advance_refractory(&mut self.state, t.min(self.held_until) - self.t);
            self.t = t.min(self.held_until);
        }
        if self.t < t {
            flow.advance(&mut self.state, t - self.t);
            self.t = t;
        }
    }

    #[inline]
    fn receive<F: Flow<State = S>>(&mut self, flow: &F, t: f64, port: Port, weight: f64) {
        self.advance(flow, t);
        if t <= self.held_until {
            flow.receive_refractory(&mut self.state, port, weight);
        } else {
            flow.receive(&mut self.state, port, weight);
        }
    }

    /// Fires, or foresees when.
    #[inline]
    fn settle<F: Flow<State = S>>(
        &mut self,
        flow: &F,
        t: f64,
        t_ref: f64,
        name: Name,
        outlet: &mut Outlet<'_>,
    ) {
        if t > self.held_until && flow.is_over(&self.state) {
            self.fire(flow, t, t_ref, name, outlet);
        } else {
            self.foresee(flow, name, outlet);
        }
    }

    fn fire<F: Flow<State = S>>(
        &mut self,
        flow: &F,
        t: f64,
        t_ref: f64,
        name: Name,
        outlet: &mut Outlet<'_>,
    ) {
        outlet.fired.push((t, name.2));
        flow.reset(&mut self.state);
        self.held_until = t + t_ref;
        self.foresee(flow, name, outlet);
    }

    /// Looks ahead to the next crossing, from the end of the refractory period if there is one.
    #[inline]
    fn foresee<F: Flow<State = S>>(&mut self, flow: &F, (class, neuron, _): Name, outlet: &mut Outlet<'_>) {
        let (mut state, mut from) = (self.state, self.t);
        if self.t < self.held_until {
            flow.advance_refractory(&mut state, self.held_until - self.t);
            from = self.held_until;
        }
        let ahead = flow.next_crossing(&state, outlet.t_stop - from);
        let due = ahead.map_or(f64::INFINITY, |ahead| from + ahead);
        if due != self.due {
            self.due = due;
            if due < f64::INFINITY {
                outlet.foreseen += 1;
                outlet.crossings.push(Crossing { t: due, class, neuron });
            }
        }
    }
}
