//! Whole runs, and what is recorded of them.

use super::map::Program;
use super::network::NeuronId;
use super::run::Run;
use crate::cost::{MessageTimes, Meter, State, StepCost, Timing};

/// What to run and what to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunConfig {
    /// How many steps.
    pub steps: u64,
    /// How time is modeled.
    pub timing: Timing,
    /// Whether spikes are kept.
    pub spikes: bool,
    /// Whether potentials are kept.
    pub potentials: bool,
    /// Whether messages are kept.
    pub messages: bool,
}

/// What was recorded.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recording {
    /// Step (from 1) and neuron of every spike of neurons that log them, in the order of SANA-FE's records.
    pub spikes: Vec<(u64, NeuronId)>,
    /// Potentials of neurons that log them, see [`Program::logged_potentials`], one row a step.
    pub potentials: Vec<Vec<f64>>,
    /// What each step cost.
    pub costs: Vec<StepCost>,
    /// What all steps cost.
    pub total: StepCost,
    /// Messages, in the order of their making, and behind those of a step what closes the lists of its cores.
    pub messages: Vec<MessageRecord>,
}

/// A message of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MessageRecord {
    /// The step, from 1.
    pub step: u64,
    /// Its number in the run, from 0; nothing for what closes a core's list.
    pub number: Option<u64>,
    /// The neuron that sent it.
    pub neuron: NeuronId,
    /// When it was where.
    pub times: MessageTimes,
}

/// Runs a program.
pub fn simulate(program: &Program, config: &RunConfig) -> Recording {
    let RunConfig { steps, timing, spikes, potentials, messages } = *config;
    let mut run = Run::new(program);
    let mut meter = Meter::new(program.plan(), timing);
    let mut recording = Recording::default();
    let mut times = Vec::new();
    let mut n_messages = 0;
    let mut rank = vec![0_u32; program.in_order_of_names.len()];
    for (neuron, place) in program.in_order_of_names.iter().zip(0..) {
        rank[neuron.0 as usize] = place;
    }
    let mut fired: Vec<NeuronId> = Vec::new();
    for step in 1..=steps {
        let activity = run.step();
        let cost = match messages {
            false => meter.step(activity),
            true => meter.step_with_messages(activity, &mut times),
        };
        recording.costs.push(cost);
        recording.total += cost;
        for times in times.iter().filter(|_| messages) {
            let number = times.axon.map(|_| n_messages);
            n_messages += u64::from(number.is_some());
            let neuron = program.neuron_at(times.core, times.neuron);
            recording.messages.push(MessageRecord { step, number, neuron, times: *times });
        }
        if spikes {
            fired.clear();
            for (core, happened) in activity.cores().iter().enumerate() {
                let who = happened.neurons().filter(|(_, state)| *state == State::Fired);
                let who = who.map(|(place, _)| program.neuron_at(core as u32, place));
                fired.extend(who.filter(|neuron| program.logs_spikes[neuron.0 as usize]));
            }
            fired.sort_by_key(|neuron| rank[neuron.0 as usize]);
            recording.spikes.extend(fired.iter().map(|neuron| (step, *neuron)));
        }
        if potentials {
            let row = program.logged_potentials.iter().map(|neuron| run.potential(*neuron));
            recording.potentials.push(row.collect());
        }
    }
    recording
}
