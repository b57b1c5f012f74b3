//! What happened in one step, core by core.
//!
//! An emulator keeps one [`StepActivity`] and fills it again in every step; nothing is allocated once the lists have
//! grown. Cores are those of the [`Layout`](super::Layout), in its order, and neurons are named by their place
//! in their core's list there.

use super::layout::AxonId;

/// What happened in one step.
#[derive(Debug, Clone, Default)]
pub struct StepActivity {
    cores: Vec<CoreActivity>,
}

/// What happened on one core.
///
/// Neurons that are not named were accessed and stayed as they were.
#[derive(Debug, Clone, Default)]
pub struct CoreActivity {
    touched: Vec<Touched>,
    messages: Vec<AxonId>,
}

/// What became of a neuron that was not left as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its state changed.
    Updated,
    /// Its state changed and it fired.
    Fired,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Touched {
    pub neuron: u32,
    pub state: State,
    /// How many of the core's messages are this neuron's.
    pub n_messages: u32,
}

impl StepActivity {
    /// Nothing happened on any of that many cores.
    pub fn new(n_cores: usize) -> Self {
        Self { cores: vec![CoreActivity::default(); n_cores] }
    }

    /// Forgets everything, and keeps the memory.
    pub fn clear(&mut self) {
        for core in &mut self.cores {
            core.touched.clear();
            core.messages.clear();
        }
    }

    /// The cores, in the order of the layout.
    pub fn cores(&self) -> &[CoreActivity] {
        &self.cores
    }

    /// The cores, to be filled.
    pub fn cores_mut(&mut self) -> &mut [CoreActivity] {
        &mut self.cores
    }
}

impl CoreActivity {
    /// A neuron's state changed. Neurons come in ascending order.
    pub fn updated(&mut self, neuron: u32) {
        self.push(neuron, State::Updated, 0);
    }

    /// A neuron fired and sent a message along each of these axons, in this order. Neurons come in ascending order.
    pub fn fired(&mut self, neuron: u32, axons: impl IntoIterator<Item = AxonId>) {
        let before = self.messages.len();
        self.messages.extend(axons);
        let n_messages = (self.messages.len() - before) as u32;
        self.push(neuron, State::Fired, n_messages);
    }

    fn push(&mut self, neuron: u32, state: State, n_messages: u32) {
        let ascending = self.touched.last().is_none_or(|last| last.neuron < neuron);
        debug_assert!(ascending, "neuron {neuron} comes after one that is not before it");
        self.touched.push(Touched { neuron, state, n_messages });
    }

    /// The messages that the core sent, in the order in which it sent them.
    pub fn messages(&self) -> &[AxonId] {
        &self.messages
    }

    /// The neurons that changed, and how.
    pub fn neurons(&self) -> impl Iterator<Item = (u32, State)> {
        self.touched.iter().map(|touched| (touched.neuron, touched.state))
    }

    pub(crate) fn touched(&self) -> &[Touched] {
        &self.touched
    }
}
