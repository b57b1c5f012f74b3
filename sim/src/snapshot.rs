//! The whole state of a run between two windows.
//!
//! Everything is in the order of the network, population after population and neuron after neuron, and
//! nothing in the order of shards: a run goes on with any number of them. What can be drawn or found again
//! from the network, the seed and the time alone is left out: synapses, counts of backgrounds, injected
//! currents, calendars (spikes on their way are sent again).
//!
//! The meaning of the numbers depends on the network and the configuration: whoever keeps a snapshot keeps
//! with it which they were ([`checkpoint`](crate::checkpoint)).

use rheobase_net::Counters;
use serde::{Deserialize, Serialize};

use crate::depression::Row;
use crate::group::{GroupMoment, Values};
use crate::in_flight::Sent;
use crate::record::OpenBins;
use crate::sources::SourcesMoment;
use crate::stdp::LearningState;

/// The whole state of a run between two windows: enough for [`Engine::resume`](crate::Engine::resume).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Which scheduler ran, and why it was chosen.
    pub(crate) engine: String,
    pub(crate) rates: Option<OpenBins>,
    /// How many samples of the traces were taken.
    pub(crate) n_samples: u64,
    pub(crate) moment: Moment,
}

/// The state of a scheduler.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Moment {
    Grid(GridMoment),
    Event(EventMoment),
}

/// The state of the grid scheduler at the end of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct GridMoment {
    /// The step.
    pub done: u32,
    pub exchange: ExchangeMoment<u32>,
    /// For every population the values that its model has, one list of all neurons each; none for groups
    /// and sources.
    pub populations: Vec<Vec<Vec<f64>>>,
    /// Refractory neurons: the last step in which they are, node; in order.
    pub held: Vec<(u32, u32)>,
    pub learning: LearningState,
    /// In the order of the network.
    pub groups: Vec<GroupMoment>,
}

/// The state of the event scheduler at the end of a window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct EventMoment {
    /// The end of the window \[ms\].
    pub t_done: f64,
    /// Whether the run has ended: the last window takes what is due at the very end.
    pub is_finished: bool,
    pub exchange: ExchangeMoment<f64>,
    /// For every population the numbers of its neurons, neuron after neuron; none for groups and
    /// sources.
    pub populations: Vec<Vec<f64>>,
    /// Crossings that are foreseen, or were until something arrived: time, node; in order.
    pub crossings: Vec<(f64, u32)>,
    /// The number of the next sample of the traces.
    pub next_sample: u64,
    pub learning: LearningState,
    /// In the order of the network.
    pub groups: Vec<GroupMoment>,
}

/// What shards exchange, and the work that was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExchangeMoment<T> {
    pub sources: SourcesMoment,
    /// The spikes of the last window, which are not sent yet.
    pub fired: Sent<T>,
    /// Spikes that may be on their way.
    pub in_flight: Sent<T>,
    /// What groups have sent, from the last on that acts everywhere.
    pub values: Vec<Values>,
    /// The rows of all projections with short-term plasticity.
    pub depression: Vec<Vec<Row>>,
    pub counters: Counters,
    /// The work until the end of the warm-up, if it has ended.
    pub before: Option<Counters>,
}

/// Something in a snapshot that does not fit to the network, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Misfit(pub &'static str);

impl Misfit {
    /// An error unless something fits.
    pub fn unless(fits: bool, what: &'static str) -> Result<(), Self> {
        if fits { Ok(()) } else { Err(Self(what)) }
    }
}

impl<T: Copy> Sent<T> {
    /// Checks that the spikes are of nodes of the network, at times that may be, with all of their shares.
    pub fn check(&self, n_nodes: usize, n_shares: usize, may_be: impl Fn(T) -> bool) -> Result<(), Misfit> {
        let Self { spikes, shares } = self;
        let good = |(t, node): &(T, u32)| (*node as usize) < n_nodes && may_be(*t);
        let lengths = spikes.len().checked_mul(n_shares) == Some(shares.len());
        Misfit::unless(lengths && spikes.iter().all(good) && shares.iter().all(|s| s.is_finite()), "spikes")
    }
}
