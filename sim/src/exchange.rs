//! What shards exchange between two windows: spikes, with the shares of their weights that they deliver.

use rheobase_net::{Counters, ValidNetwork};

use crate::depression::Depression;
use crate::group::{History, Values};
use crate::in_flight::{InFlight, Sent};
use crate::snapshot::{ExchangeMoment, Misfit};
use crate::sources::Sources;

/// The spikes between two windows; `T` is a time \[ms\] or a step.
pub(crate) struct Exchange<'a, T> {
    pub sources: Sources<'a>,
    /// The spikes of the window before.
    pub fired: Sent<T>,
    /// The spikes of the sources that are due in the window.
    pub inputs: Sent<T>,
    in_flight: InFlight<T>,
    /// What groups have sent in the window before.
    pub values: Vec<Values>,
    history: History,
    depression: Depression,
    /// The work that was done, but for what shards count since they were made.
    pub counters: Counters,
    /// The work until the end of the warm-up, if it has ended.
    pub before: Option<Counters>,
    n_nodes: usize,
}

impl<'a, T: Copy> Exchange<'a, T> {
    /// Nothing has fired yet.
    pub fn new(network: &ValidNetwork, sources: Sources<'a>, history: History, warm_up: f64) -> Self {
        let depression = Depression::new(network);
        Self {
            sources,
            fired: Sent::default(),
            inputs: Sent::default(),
            in_flight: InFlight::new(depression.len()),
            values: Vec::new(),
            history,
            depression,
            counters: Counters::default(),
            before: (warm_up == 0.0).then(Counters::default),
            n_nodes: network.n_nodes() as usize,
        }
    }

    /// Finds the shares of the inputs, whose times are `times`.
    pub fn share_inputs(&mut self, times: &[(f64, u32)]) {
        self.depression.shares(times, &mut self.inputs.shares);
    }

    /// Finds the shares of the spikes of a window, whose times are `times`.
    pub fn share_fired(&mut self, times: &[(f64, u32)]) {
        self.depression.shares(times, &mut self.fired.shares);
    }

    /// The spikes of the window before and the inputs are sent, in this order.
    pub fn remember_sent(&mut self) {
        self.in_flight.push(&self.fired);
        self.in_flight.push(&self.inputs);
    }

    /// Takes what the groups of every shard have sent in a window, in order of time.
    pub fn take_values<'s>(&mut self, sent: impl Iterator<Item = &'s mut Vec<Values>>) {
        self.values.clear();
        sent.for_each(|values| self.values.append(values));
        self.values.sort_by(|a, b| a.t.total_cmp(&b.t).then(a.population.cmp(&b.population)));
        self.history.push(&self.values);
    }

    /// Forgets spikes that have arrived everywhere until `t_done` \[ms\], and values that act nowhere any more.
    pub fn forget(&mut self, has_arrived: impl Fn(T) -> bool, t_done: f64) {
        self.in_flight.forget(has_arrived);
        self.history.forget(t_done);
    }

    /// Everything that a checkpoint keeps; `counters` are those of the whole run.
    pub fn moment(&self, counters: Counters) -> ExchangeMoment<T> {
        ExchangeMoment {
            sources: self.sources.moment(),
            fired: self.fired.clone(),
            in_flight: self.in_flight.to_sent(),
            values: self.history.to_list(),
            depression: self.depression.rows(),
            counters,
            before: self.before,
        }
    }

    /// Goes on where a run was; gives the spikes that may be on their way, to be sent again. `may_be` tells
    /// whether a spike may have been fired then.
    pub fn go_on(
        &mut self,
        moment: ExchangeMoment<T>,
        may_be: impl Fn(T) -> bool,
    ) -> Result<Sent<T>, Misfit> {
        let ExchangeMoment { sources, fired, in_flight, values, depression, counters, before } = moment;
        fired.check(self.n_nodes, self.depression.len(), &may_be)?;
        in_flight.check(self.n_nodes, self.depression.len(), &may_be)?;
        self.sources.go_on(sources)?;
        self.depression.go_on(depression)?;
        self.in_flight.push(&in_flight);
        // Shards have them all already.
        self.history.push(&values);
        (self.fired, self.counters, self.before) = (fired, counters, before);
        Ok(in_flight)
    }
}
