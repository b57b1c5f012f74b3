//! A run, step by step.
//!
//! Only neurons that are awake are looked at: those that are not at rest, have a bias, or heard something. All others
//! are accessed on the chip and stay as they are, which the cost model knows without being told.

use super::map::{MAX_DELAY, NONE, Program, Special, Synapse, Synapses};
use super::network::NeuronId;
use super::soma::{Input, Lif, Outcome};
use crate::cost::{AxonId, StepActivity};

/// The state of a program between two steps.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    program: &'a Program,
    step: u64,
    potential: Vec<f64>,
    /// What has arrived for the next step, and for which slots anything has: 1 a byte, so that marking one is a store
    /// that waits for none before it.
    input: Vec<f64>,
    heard: Vec<u8>,
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
        let slots = program.neuron_of.iter().enumerate().filter(|(_, neuron)| **neuron != NONE);
        for (slot, _) in slots {
            let rests = match program.special_of[slot] {
                NONE => {
                    let plain = &program.kinds[program.kind_of[slot] as usize];
                    program.potential[slot] == 0.0 && plain.bias == 0.0
                }
                special => match &program.specials[special as usize] {
                    Special::Lif(lif) => lif.rests(),
                    Special::Input(_) => false,
                },
            };
            if !rests {
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
            heard: vec![0; n],
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
            let heard = gather(&mut self.heard[word * 64..][..64]);
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
                    let plain = &program.kinds[program.kind_of[slot] as usize];
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
        match &self.program.synapses {
            Synapses::Small(synapses) => self.deliver(synapses),
            Synapses::Any(synapses) => self.deliver(synapses),
        }
    }

    fn deliver<W: Copy + Into<f64>>(&mut self, synapses: &[Synapse<W>]) {
        let Self { program, step, input, heard, dendrites, activity, .. } = self;
        for axon in activity.cores().iter().flat_map(|core| core.messages()) {
            let ends = [program.first_synapse[axon.0 as usize], program.first_synapse[axon.0 as usize + 1]];
            let reached = ends[0] as usize..ends[1] as usize;
            let first = program.cores[program.target_of(*axon) as usize].first as usize;
            let synapses = &synapses[reached.clone()];
            let (input, heard) = (&mut input[first..], &mut heard[first..]);
            if program.delays.is_empty() {
                for Synapse { target, weight } in synapses {
                    input[usize::from(*target)] += (*weight).into();
                    heard[usize::from(*target)] = 1;
                }
                continue;
            }
            for (Synapse { target, weight }, delay) in synapses.iter().zip(&program.delays[reached]) {
                let place = usize::from(*target);
                match program.delaying.get(first + place).copied().unwrap_or(NONE) {
                    NONE => {
                        input[place] += (*weight).into();
                        heard[place] = 1;
                    }
                    dendrite => {
                        // What the neuron reads is what the last event found, which may be nothing.
                        let due = dendrites[dendrite as usize].add(*step, *delay, (*weight).into());
                        input[place] = due.unwrap_or(0.0);
                        if due.is_some() {
                            heard[place] = 1;
                        }
                    }
                }
            }
        }
    }
}

/// Which of 64 marks are set, a bit each; takes them off.
#[inline]
fn gather(marks: &mut [u8]) -> u64 {
    let mut bits = 0;
    for (eight, shift) in marks.as_chunks_mut::<8>().0.iter_mut().zip((0..64).step_by(8)) {
        let word = u64::from_le_bytes(*eight);
        if word != 0 {
            // Every product of a mark and a power of two falls onto a bit of its own of the highest byte.
            bits |= (word.wrapping_mul(0x0102_0408_1020_4080) >> 56) << shift;
            *eight = [0; 8];
        }
    }
    bits
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_bits() {
        for pattern in [0_u64, 1, 1 << 63, 0x8000_0000_0000_0001, 0xdead_beef_0123_4567, u64::MAX] {
            let mut marks: Vec<u8> = (0..64).map(|i| (pattern >> i & 1) as u8).collect();
            assert_eq!(gather(&mut marks), pattern);
            assert_eq!(marks, [0; 64]);
        }
    }

    /// By hand: weight 3 with delay 0, seen only because something else arrives a step later.
    #[test]
    fn a_delayed_charge_needs_an_event_to_be_handed_on() {
        let mut dendrite = Dendrite::default();
        assert_eq!(dendrite.add(1, 0, 3.0), None);
        assert_eq!(dendrite.add(2, 1, 5.0), Some(3.0));
        assert_eq!(dendrite.add(2, 0, 1.0), Some(3.0));
        // The charge of 1 was due in step 3, in which nothing arrived.
        assert_eq!(dendrite.add(4, 5, 1.0), Some(5.0));
        assert_eq!(dendrite.add(100, 0, 1.0), None);
    }
}
