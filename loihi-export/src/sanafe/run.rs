//! A run, step by step.
//!
//! Only neurons that are awake are looked at: those that are not at rest, have a bias, or heard something. All others
//! are accessed on the chip and stay as they are, which the cost model knows without being told.

use super::map::{MAX_DELAY, NONE, Program, Special};
use super::network::NeuronId;
use super::soma::{Input, Lif, Outcome};
use crate::cost::{AxonId, StepActivity};

/// The state of a program between two steps.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    program: &'a Program,
    step: u64,
    potential: Vec<f64>,
    /// What has arrived for the next step, and for which slots anything has, 64 a word.
    input: Vec<f64>,
    heard: Vec<u64>,
    /// Slots that need a look even if nothing arrives.
    awake: Vec<u64>,
    specials: Vec<SpecialState>,
    inputs: Vec<Input>,
    dendrites: Vec<Dendrite>,
    activity: StepActivity,
}

#[derive(Debug, Clone)]
enum SpecialState {
    Lif(Lif),
    Input(u32),
}

/// A dendrite that delays: sums for steps to come, and the one that the neuron reads.
#[derive(Debug, Clone, Copy, Default)]
struct Dendrite {
    sums: [Option<f64>; MAX_DELAY as usize + 1],
    now: Option<f64>,
    step: u64,
}

impl<'a> Run<'a> {
    /// A program before its first step.
    pub fn new(program: &'a Program) -> Self {
        let n = program.neuron_of.len();
        let mut awake = vec![0; n / 64];
        for (slot, neuron) in program.neuron_of.iter().enumerate() {
            let rests = match program.special_of[slot] {
                NONE => program.potential[slot] == 0.0 && program.plain[slot].bias == 0.0,
                special => match &program.specials[special as usize] {
                    Special::Lif(lif) => lif.rests(),
                    Special::Input(_) => false,
                },
            };
            if *neuron != NONE && !rests {
                awake[slot / 64] |= 1 << (slot % 64);
            }
        }
        let specials = program.specials.iter().map(|special| match special {
            Special::Lif(lif) => SpecialState::Lif(lif.clone()),
            Special::Input(unit) => SpecialState::Input(*unit),
        });
        Self {
            program,
            step: 0,
            potential: program.potential.clone(),
            input: vec![0.0; n],
            heard: vec![0; n / 64],
            awake,
            specials: specials.collect(),
            inputs: program.inputs.clone(),
            dendrites: vec![Dendrite::default(); program.n_delaying],
            activity: StepActivity::new(program.cores.len()),
        }
    }

    /// How many steps were made.
    pub fn steps(&self) -> u64 {
        self.step
    }

    /// A neuron's potential after the last step.
    pub fn potential(&self, neuron: NeuronId) -> f64 {
        self.potential[self.program.slot_of[neuron.0 as usize] as usize]
    }

    /// Makes a step and tells what happened in it.
    pub fn step(&mut self) -> &StepActivity {
        self.step += 1;
        self.activity.clear();
        for core in 0..self.program.cores.len() {
            self.neurons(core);
        }
        self.messages();
        &self.activity
    }

    /// What happened in the last step.
    pub fn activity(&self) -> &StepActivity {
        &self.activity
    }

    /// All neurons of a core, in their order.
    fn neurons(&mut self, core: usize) {
        let program = self.program;
        let stretch = program.cores[core];
        let first_word = stretch.first as usize / 64;
        let n_words = (stretch.n as usize).div_ceil(64);
        let is_first = self.step == 1;
        let happened = &mut self.activity.cores_mut()[core];
        for word in first_word..first_word + n_words {
            let heard = std::mem::take(&mut self.heard[word]);
            let mut look = self.awake[word] | heard;
            if look == 0 {
                continue;
            }
            let is_special = program.is_special[word];
            let mut awake = 0;
            while look != 0 {
                let bit = look.trailing_zeros();
                look &= look - 1;
                let slot = word * 64 + bit as usize;
                let input = std::mem::take(&mut self.input[slot]);
                let (outcome, stays_awake) = if is_special >> bit & 1 == 0 {
                    let plain = &program.plain[slot];
                    let (v, fires) = plain.step(self.potential[slot], input, is_first);
                    self.potential[slot] = v;
                    (if fires { Outcome::Fired } else { Outcome::Updated }, v != 0.0 || plain.bias != 0.0)
                } else {
                    match &mut self.specials[program.special_of[slot] as usize] {
                        SpecialState::Lif(lif) => {
                            let arrived = (heard >> bit & 1 == 1).then_some(input);
                            let outcome = lif.step(arrived, is_first);
                            self.potential[slot] = lif.potential;
                            (outcome, !lif.rests())
                        }
                        SpecialState::Input(unit) => (self.inputs[*unit as usize].step(self.step), true),
                    }
                };
                awake |= u64::from(stays_awake) << bit;
                let place = slot as u32 - stretch.first;
                match outcome {
                    Outcome::Idle => {}
                    Outcome::Updated => happened.updated(place),
                    Outcome::Fired => {
                        let axons = program.first_axon[slot]..program.first_axon[slot + 1];
                        happened.fired(place, axons.map(AxonId));
                    }
                }
            }
            self.awake[word] = awake;
        }
    }

    /// All messages, by the cores that sent them.
    fn messages(&mut self) {
        let Self { program, step, input, heard, dendrites, activity, .. } = self;
        let messages = activity.cores().iter().flat_map(|core| core.messages());
        for AxonId(axon) in messages {
            let ends = [program.first_synapse[*axon as usize], program.first_synapse[*axon as usize + 1]];
            let synapses = ends[0] as usize..ends[1] as usize;
            let targets = &program.targets[synapses.clone()];
            let weights = &program.weights[synapses.clone()];
            if program.delays.is_empty() {
                for (target, weight) in targets.iter().zip(weights) {
                    input[*target as usize] += weight;
                    heard[*target as usize / 64] |= 1 << (target % 64);
                }
                continue;
            }
            for ((target, weight), delay) in targets.iter().zip(weights).zip(&program.delays[synapses]) {
                let slot = *target as usize;
                let bit = 1 << (target % 64);
                match program.delaying.get(slot).copied().unwrap_or(NONE) {
                    NONE => {
                        input[slot] += weight;
                        heard[slot / 64] |= bit;
                    }
                    dendrite => {
                        // What the neuron reads is what the last event found, which may be nothing.
                        let due = dendrites[dendrite as usize].add(*step, *delay, *weight);
                        input[slot] = due.unwrap_or(0.0);
                        if due.is_some() {
                            heard[slot / 64] |= bit;
                        }
                    }
                }
            }
        }
    }
}

impl Dendrite {
    /// An event; returns what the neuron reads in the next step.
    fn add(&mut self, step: u64, delay: u8, weight: f64) -> Option<f64> {
        let passed = (step - self.step).min(self.sums.len() as u64 + 1);
        for _ in 0..passed {
            self.now = self.sums[0];
            self.sums.rotate_left(1);
            self.sums[MAX_DELAY as usize] = None;
        }
        self.step = step;
        let sum = &mut self.sums[usize::from(delay)];
        *sum = Some(sum.unwrap_or(0.0) + weight);
        self.now
    }
}
