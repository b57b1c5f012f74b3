//! What of a group is kept in a snapshot.

use serde::{Deserialize, Serialize};

use super::{Groups, Values};
use crate::snapshot::Misfit;

/// The state of a group between two windows. What is on its way to it is sent again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct GroupMoment {
    /// The place of the group among the populations.
    pub population: u32,
    /// Ticks that are done.
    done: u64,
    state: Vec<f64>,
    /// For every input, the trace at its last arrival, and when that was in units of the scheduler.
    traces: Vec<(f64, f64)>,
    /// What its outlet remembers.
    memory: Vec<f64>,
}

impl Groups<'_> {
    /// The states of all groups.
    pub fn save(&self) -> impl Iterator<Item = GroupMoment> + '_ {
        self.groups.iter().map(|group| GroupMoment {
            population: group.plan.population.0,
            done: group.done,
            state: group.stepper.state().to_vec(),
            traces: group.traces.traces.clone(),
            memory: group.outlet.memory.clone(),
        })
    }

    /// Goes on at time `now`, in units of the scheduler, with the states of its groups and the values that may
    /// be on their way. No spike is on its way yet.
    pub fn go_on(&mut self, moments: &[GroupMoment], values: &[Values], now: f64) -> Result<(), Misfit> {
        let pace = self.pace;
        for group in &mut self.groups {
            let population = group.plan.population.0;
            let moment = moments.iter().find(|moment| moment.population == population);
            let moment = moment.ok_or(Misfit("groups"))?;
            let GroupMoment { population: _, done, state, traces, memory } = moment;
            let is_sound = state.len() == group.stepper.state().len()
                && traces.len() == group.traces.traces.len()
                && memory.len() == group.outlet.memory.len()
                && *done <= group.n_ticks
                && group.tick_at(*done) <= now
                && state.iter().chain(memory).all(|x| x.is_finite())
                && traces.iter().all(|(trace, t)| trace.is_finite() && *t <= now);
            Misfit::unless(is_sound, "groups")?;
            group.done = *done;
            group.stepper.go_on(state);
            group.traces.traces.clone_from(traces);
            group.outlet.memory.clone_from(memory);
            let last_tick = group.tick_at(*done);
            let inputs = &mut group.values;
            group.currents.push(values);
            group.currents.go_on(
                |t| pace.is_before(t, last_tick),
                |_, changed| changed.iter().for_each(|(input, value)| inputs[*input as usize] = *value),
            );
        }
        Ok(())
    }
}
