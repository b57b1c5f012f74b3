//! What sources send.

use rheobase_net::SpikeTrain;

use super::Message;
use crate::netlist::Netlist;

/// What the sources of a netlist send, by step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Input {
    /// Rising by step, then by node; one message a node and step.
    messages: Vec<(u32, Message)>,
    merged: usize,
}

/// What one source population sends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Signal<'a> {
    /// Spikes: one at the time `t` \[ms\] is sent in step `round(t / dt)`, with the message 1. Step 0 is before the
    /// first one, so that what is sent in it arrives from step 1 on.
    Spikes(&'a SpikeTrain),
    /// Messages, `[steps][nodes]`: row `t`, counted from 0, is sent in step `t + 1`; 0 is no message.
    Table(&'a [Vec<i32>]),
}

/// What is wrong with an input.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// There is no such source.
    #[error("the netlist has no source \"{population}\"; its sources are: {known}")]
    NoSuchSource {
        /// The name.
        population: String,
        /// Those that there are.
        known: String,
    },
    /// A source has two inputs.
    #[error("the source \"{population}\" has two inputs: join them into one")]
    Twice {
        /// The source.
        population: String,
    },
    /// The input is of another number of nodes.
    #[error("the input of \"{population}\" has {nodes} nodes, and the source {expected}")]
    Nodes {
        /// The source.
        population: String,
        /// Nodes of the input.
        nodes: usize,
        /// Nodes of the source.
        expected: u32,
    },
    /// A spike is at a time that is in no step.
    #[error(
        "the input of \"{population}\" has a spike at {time} ms, and steps of {dt} ms are from 0 to {}",
        u32::MAX
    )]
    Time {
        /// The source.
        population: String,
        /// The time \[ms\].
        time: f64,
        /// The step \[ms\].
        dt: f64,
    },
    /// There are more rows than steps.
    #[error("the input of \"{population}\" has {rows} rows, and there are at most {} steps", u32::MAX)]
    Rows {
        /// The source.
        population: String,
        /// The rows.
        rows: usize,
    },
}

impl Input {
    /// The messages of the sources that are named; others send nothing.
    ///
    /// # Errors
    /// The first [`InputError`] that is found.
    pub fn new(netlist: &Netlist, signals: &[(&str, Signal<'_>)]) -> Result<Self, InputError> {
        let first_nodes = netlist.first_nodes();
        let mut messages = Vec::new();
        for (i, (name, signal)) in signals.iter().enumerate() {
            let population = (*name).to_owned();
            if signals[..i].iter().any(|(other, _)| other == name) {
                return Err(InputError::Twice { population });
            }
            let sources: Vec<_> = netlist
                .populations
                .iter()
                .zip(first_nodes.iter().copied())
                .filter(|(population, _)| population.source.is_some())
                .collect();
            let Some((source, first)) = sources.iter().find(|(source, _)| source.name == *name) else {
                let known: Vec<_> =
                    sources.iter().map(|(source, _)| format!("\"{}\"", source.name)).collect();
                return Err(InputError::NoSuchSource { population, known: known.join(", ") });
            };
            let expected = source.size;
            match signal {
                Signal::Spikes(train) if train.n_nodes() != expected => {
                    let nodes = train.n_nodes() as usize;
                    return Err(InputError::Nodes { population, nodes, expected });
                }
                Signal::Spikes(train) => {
                    for (time, node) in train.iter() {
                        let dt = netlist.origin.dt;
                        let step = (time / dt).round();
                        if !(0.0..=f64::from(u32::MAX)).contains(&step) {
                            return Err(InputError::Time { population, time, dt });
                        }
                        messages.push((step as u32, Message { node: *first + node, value: 1 }));
                    }
                }
                Signal::Table(rows) => {
                    if u32::try_from(rows.len()).is_err() {
                        return Err(InputError::Rows { population, rows: rows.len() });
                    }
                    for (row, step) in rows.iter().zip(1..) {
                        if row.len() != expected as usize {
                            return Err(InputError::Nodes { population, nodes: row.len(), expected });
                        }
                        let sent = row.iter().zip(*first..).filter(|(value, _)| **value != 0);
                        messages.extend(sent.map(|(value, node)| (step, Message { node, value: *value })));
                    }
                }
            }
        }
        messages.sort_by_key(|(step, message)| (*step, message.node));
        let n = messages.len();
        messages.dedup_by_key(|(step, message)| (*step, message.node));
        Ok(Self { merged: n - messages.len(), messages })
    }

    /// Spikes that fell into a step in which their node had sent one already, and so were lost: a source sends one
    /// message a step.
    pub fn merged(&self) -> usize {
        self.merged
    }

    /// Messages in all.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether nothing is sent.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// All messages with their steps, in order.
    pub fn messages(&self) -> &[(u32, Message)] {
        &self.messages
    }
}
