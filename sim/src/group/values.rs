//! The values that groups send, and those of them that may still be on their way or act.

use std::collections::{BTreeMap, VecDeque};

use rheobase_net::ValidNetwork;
use serde::{Deserialize, Serialize};

use crate::plan::Plan;
use crate::snapshot::Misfit;

/// The values of a group from a time on, as its receivers get them after the delay of a synapse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Values {
    /// The place of the group among the populations.
    pub population: u32,
    /// When they are sent \[ms\].
    pub t: f64,
    /// `[n_outputs]`
    pub values: Vec<f64>,
}

/// The values of every group that a checkpoint keeps: from the last on that acts everywhere.
#[derive(Debug, Clone)]
pub(crate) struct History {
    /// What was sent so long ago \[ms\] acts everywhere, also at groups whose last tick was a while ago.
    reach: f64,
    of_group: BTreeMap<u32, VecDeque<Values>>,
}

impl History {
    /// Nothing was sent yet.
    pub fn new(network: &ValidNetwork, plan: &Plan, dt: f64) -> Self {
        let groups = network.populations().iter().filter_map(|population| population.model.as_ltc());
        let longest = groups.map(|ltc| ltc.interval).fold(0.0, f64::max);
        // On a grid a time is rounded to a step, and a value acts from the next step on.
        Self { reach: plan.max_delay + longest + 2.0 * dt, of_group: BTreeMap::new() }
    }

    /// Values are sent, in order of time.
    pub fn push(&mut self, values: &[Values]) {
        for values in values {
            self.of_group.entry(values.population).or_default().push_back(values.clone());
        }
    }

    /// Forgets what others have replaced everywhere.
    pub fn forget(&mut self, t_done: f64) {
        for values in self.of_group.values_mut() {
            while values.get(1).is_some_and(|next| next.t + self.reach < t_done) {
                values.pop_front();
            }
        }
    }

    /// All that is kept, group after group.
    pub fn to_list(&self) -> Vec<Values> {
        self.of_group.values().flatten().cloned().collect()
    }
}

/// Checks that values of a snapshot are of groups of the network, each group's in order of time and until
/// `t_done` \[ms\].
pub(crate) fn check(values: &[Values], network: &ValidNetwork, t_done: f64) -> Result<(), Misfit> {
    let is_sound = |Values { population, t, values }: &Values| {
        let population = network.populations().get(*population as usize);
        let n_outputs = population.and_then(|population| population.model.as_ltc());
        n_outputs.is_some_and(|ltc| !ltc.output.is_spikes() && ltc.cell.n_outputs() == values.len())
            && (0.0..=t_done * (1.0 + 1e-9)).contains(t)
            && values.iter().all(|value| !value.is_nan())
    };
    let in_order = |pair: &[Values]| pair[0].population != pair[1].population || pair[0].t < pair[1].t;
    Misfit::unless(values.iter().all(is_sound) && values.windows(2).all(in_order), "values of groups")
}
