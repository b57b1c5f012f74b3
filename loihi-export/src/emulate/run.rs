//! A whole run.

use std::ops::ControlFlow;

use ndarray::Array2;
use rheobase_net::{Counters, Description, NodeRange, Provenance, Recording, SpikeTrain, Traces};

use super::neurons::Variable;
use super::{Chip, ChipRun, EmulateConfig, EmulateError, Input, Message, StepWork, Work};
use crate::netlist::ValidNetlist;

/// Is told after every step how many are done, and may stop the run there.
pub(super) type Watch<'a> = &'a mut (dyn FnMut(u32) -> ControlFlow<()> + Send);

/// What else wants to see the chip after every step, that before the first one included, and what sources sent in it.
pub(super) type Look<'a> = &'a mut (dyn FnMut(&Chip, &[Message]) + Send);

/// Runs a netlist for so many steps; `watch` is told after every step how many are done, and may stop it there.
///
/// # Errors
/// See [`EmulateError`]; all of them come before the first step.
pub fn emulate(
    netlist: &ValidNetlist,
    input: &Input,
    config: &EmulateConfig,
    watch: Watch<'_>,
) -> Result<ChipRun, EmulateError> {
    go_through(netlist, input, config, None, watch)
}

/// A run, and somebody who looks at the chip after every step and wants to know which compartments are updated.
pub(super) fn go_through(
    netlist: &ValidNetlist,
    input: &Input,
    config: &EmulateConfig,
    mut look: Option<Look<'_>>,
    watch: Watch<'_>,
) -> Result<ChipRun, EmulateError> {
    let (steps, dt) = (config.steps, netlist.origin.dt);
    if !(f64::from(steps) * dt).is_finite() {
        return Err(EmulateError::Time { steps, dt });
    }
    let mut chip = Chip::new(netlist, config.profile, config.threads)?;
    if look.is_some() {
        chip.note_updates();
    }
    let traced = config.traces.iter().map(|node| match chip.main_variable(*node) {
        Some(variable) => Ok((*node, variable)),
        None => {
            Err(EmulateError::Trace { node: *node, n_nodes: *netlist.first_nodes().last().unwrap_or(&0) })
        }
    });
    let mut kept = Kept::new(traced.collect::<Result<_, _>>()?, config.step_table);
    chip.on_its_threads(|chip| {
        let mut ahead = input.messages();
        let mut now: Vec<Message> = Vec::new();
        for step in 0..=config.steps {
            let (due, later) = ahead.split_at(ahead.partition_point(|(at, _)| *at <= step));
            ahead = later;
            now.clear();
            now.extend(due.iter().map(|(_, message)| *message));
            match step {
                // Nothing is before the first step of a run without steps.
                0 if now.is_empty() || config.steps == 0 => continue,
                0 => chip.begin(&now),
                _ => chip.step(&now),
            }
            kept.take(chip);
            if let Some(look) = &mut look {
                look(chip, &now);
            }
            if step > 0 && watch(step).is_break() {
                return;
            }
        }
    });
    Ok(kept.into_run(netlist, input, config, &chip))
}

/// What is kept of a run while it goes on.
struct Kept {
    traced: Vec<(u32, Variable)>,
    step_table: bool,
    /// Steps of the spikes.
    at: Vec<u32>,
    nodes: Vec<u32>,
    messages: Vec<i32>,
    traces: Vec<f64>,
    steps: Vec<StepWork>,
}

impl Kept {
    fn new(traced: Vec<(u32, Variable)>, step_table: bool) -> Self {
        Self {
            traced,
            step_table,
            at: Vec::new(),
            nodes: Vec::new(),
            messages: Vec::new(),
            traces: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// Takes what a step has left.
    fn take(&mut self, chip: &Chip) {
        let step = chip.t();
        for Message { node, value } in chip.sent() {
            self.at.push(step);
            self.nodes.push(*node);
            self.messages.push(*value);
        }
        if self.step_table {
            self.steps.extend(chip.core_work().map(|(core, work)| StepWork { step, core, work }));
        }
        if step > 0 {
            let values = self.traced.iter().map(|(node, variable)| chip.state(*node, *variable));
            self.traces.extend(values.map(|value| value.unwrap_or(f64::NAN)));
        }
    }

    fn into_run(self, netlist: &ValidNetlist, input: &Input, config: &EmulateConfig, chip: &Chip) -> ChipRun {
        let Self { traced, step_table: _, at, nodes, messages, traces, steps } = self;
        let dt = netlist.origin.dt;
        let first_nodes = netlist.first_nodes();
        let n_nodes = *first_nodes.last().expect("one more than populations");
        let times = at.iter().map(|step| f64::from(*step) * dt).collect();
        let spikes = SpikeTrain::from_sorted(n_nodes, times, nodes)
            .expect("steps rise, and the messages of a step are sorted by node");
        let traces = (!traced.is_empty()).then(|| Traces {
            nodes: traced.iter().map(|(node, _)| *node).collect(),
            t_first: dt,
            interval: dt,
            v: Array2::from_shape_vec((traces.len() / traced.len(), traced.len()), traces)
                .expect("every step leaves one value a node"),
        });
        let ranges = netlist.populations.iter().zip(first_nodes).map(|(population, first)| NodeRange {
            population: population.name.clone(),
            first,
            size: population.size,
            is_source: population.source.is_some(),
        });
        let work = chip.work();
        let sent = input.messages().partition_point(|(step, _)| *step <= chip.t());
        let recording = Recording {
            t_start: 0.0,
            t_stop: f64::from(chip.t()) * dt,
            nodes: ranges.collect(),
            spikes,
            traces,
            rates: None,
            final_v: None,
            weights: None,
            counters: counters(work, if chip.t() > 0 { sent as u64 } else { 0 }),
            provenance: Provenance {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                seed: 0,
                engine: format!("chip emulator, profile {}", config.profile),
                configuration: serde_json::to_string(config).expect("it has only names and numbers"),
                network: Description {
                    generator: netlist.origin.made_from.clone(),
                    ..Description::default()
                },
            },
        };
        ChipRun { recording, messages, work, steps }
    }
}

/// The simulator's words for what the chip did.
fn counters(work: Work, input_spikes: u64) -> Counters {
    Counters {
        neuron_updates: work.neuron_updates,
        synaptic_events: work.synaptic_events,
        input_events: work.input_events,
        spikes: work.spikes,
        input_spikes,
        ..Counters::default()
    }
}
