//! What a neuron does in a step.

use std::sync::Arc;

use super::network::{Attributes, ResetMode};

/// A leaky integrate-and-fire neuron of the usual kind: hard reset, nothing below, no memory of its input, and a
/// threshold that rest does not pass. At rest and without input it stays there, so nobody needs to look.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Plain {
    pub leak: f64,
    pub bias: f64,
    pub threshold: f64,
    pub reset: f64,
}

/// A leaky integrate-and-fire neuron with all that it may have, and its state.
#[derive(Debug, Clone)]
pub(super) struct Lif {
    leak: f64,
    input_decay: f64,
    bias: f64,
    threshold: f64,
    reset: f64,
    reset_mode: ResetMode,
    reverse_threshold: f64,
    reverse_reset: f64,
    reverse_reset_mode: ResetMode,
    force_update: bool,
    refractory_delay: i32,
    pub potential: f64,
    current: f64,
    refractory: i32,
}

/// An input unit.
#[derive(Debug, Clone, Default)]
pub(super) struct Input {
    pub spikes: Arc<[bool]>,
    /// A spike every so many steps; none if 0.
    pub every: u64,
    next: usize,
}

/// What came of a neuron's step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Idle,
    Updated,
    Fired,
}

/// Loihi's potentials are multiples of 1/64; the conversion is that of x86, where what does not fit is the least number.
#[inline]
pub(super) fn quantize(v: f64) -> f64 {
    let scaled = v * 64.0;
    let whole = if scaled > -2_147_483_649.0 && scaled < 2_147_483_648.0 { scaled as i32 } else { i32::MIN };
    f64::from(whole) / 64.0
}

impl Plain {
    /// One step from potential `v` with this input; returns the new potential and whether it fired.
    #[inline]
    pub fn step(&self, v: f64, input: f64, is_first: bool) -> (f64, bool) {
        let leaked = if is_first { v } else { v * self.leak };
        let v = quantize(leaked) + self.bias + input;
        let fires = v > self.threshold;
        (if fires { self.reset } else { v }, fires)
    }
}

impl Lif {
    pub fn new(attributes: &Attributes) -> Self {
        let Attributes {
            threshold,
            reverse_threshold,
            reset,
            reverse_reset,
            reset_mode,
            reverse_reset_mode,
            leak_decay,
            input_decay,
            bias,
            potential,
            force_update,
            refractory_delay,
            spikes: _,
            rate: _,
            poisson: _,
        } = attributes;
        Self {
            leak: leak_decay.unwrap_or(1.0),
            input_decay: input_decay.unwrap_or(0.0),
            bias: bias.unwrap_or(0.0),
            threshold: threshold.unwrap_or(0.0),
            reset: reset.unwrap_or(0.0),
            reset_mode: reset_mode.unwrap_or(ResetMode::Hard),
            reverse_threshold: reverse_threshold.unwrap_or(0.0),
            reverse_reset: reverse_reset.unwrap_or(0.0),
            reverse_reset_mode: reverse_reset_mode.unwrap_or(ResetMode::None),
            force_update: force_update.unwrap_or(false),
            refractory_delay: refractory_delay.unwrap_or(0),
            potential: potential.unwrap_or(0.0),
            current: 0.0,
            refractory: 0,
        }
    }

    /// The same neuron as one of the usual kind, if it is.
    pub fn plain(&self) -> Option<Plain> {
        let is_usual = self.input_decay == 0.0
            && self.reset_mode == ResetMode::Hard
            && self.reverse_reset_mode == ResetMode::None
            && !self.force_update
            // The step of the spike counts, so one step is none.
            && self.refractory_delay <= 1
            && self.threshold >= 0.0;
        let Self { leak, bias, threshold, reset, .. } = *self;
        is_usual.then_some(Plain { leak, bias, threshold, reset })
    }

    /// Whether the next step changes nothing if nothing arrives.
    pub fn rests(&self) -> bool {
        let falls = self.reverse_reset_mode != ResetMode::None && 0.0 < self.reverse_threshold;
        self.potential == 0.0
            && self.current == 0.0
            && self.bias == 0.0
            && self.refractory == 0
            && self.threshold >= 0.0
            && !self.force_update
            && !falls
    }

    /// One step.
    pub fn step(&mut self, input: Option<f64>, is_first: bool) -> Outcome {
        let is_updated = self.potential != 0.0 || input.is_some() || self.bias != 0.0 || self.force_update;
        let mut outcome = if is_updated { Outcome::Updated } else { Outcome::Idle };
        if !is_first {
            self.current *= self.input_decay;
            self.potential *= self.leak;
        }
        self.potential = quantize(self.potential);
        if self.refractory <= 0 {
            self.potential += self.bias;
            self.current += input.unwrap_or(0.0);
            self.potential += self.current;
            if self.potential > self.threshold {
                match self.reset_mode {
                    ResetMode::Hard => self.potential = self.reset,
                    ResetMode::Soft => self.potential -= self.threshold,
                    ResetMode::None | ResetMode::Saturate => {}
                }
                self.refractory = self.refractory_delay;
                outcome = Outcome::Fired;
            }
            if self.potential < self.reverse_threshold {
                match self.reverse_reset_mode {
                    ResetMode::Hard => self.potential = self.reverse_reset,
                    ResetMode::Soft => self.potential -= self.reverse_threshold,
                    ResetMode::Saturate => self.potential = self.reverse_threshold,
                    ResetMode::None => {}
                }
            }
        }
        self.refractory = (self.refractory - 1).max(0);
        outcome
    }
}

impl Input {
    /// One step of one of the unit's neurons.
    pub fn step(&mut self, step: u64) -> Outcome {
        let mut fires = self.spikes.get(self.next).copied().unwrap_or(false);
        self.next = (self.next + 1).min(self.spikes.len());
        fires |= self.every > 0 && step.is_multiple_of(self.every);
        if fires { Outcome::Fired } else { Outcome::Idle }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn potentials_are_cut_toward_zero() {
        assert_eq!(quantize(0.7), 44.0 / 64.0);
        assert_eq!(quantize(-0.7), -44.0 / 64.0);
        assert_eq!(quantize(1.0 / 65.0), 0.0);
        assert_eq!(quantize(1e30), f64::from(i32::MIN) / 64.0);
        assert_eq!(quantize(-1e30), f64::from(i32::MIN) / 64.0);
    }

    /// The plain kind is a shorter way to the same numbers.
    #[test]
    fn plain_neurons_do_what_all_do() {
        let attributes = Attributes {
            threshold: Some(1.5),
            leak_decay: Some(0.9),
            reset: Some(0.25),
            bias: Some(0.125),
            ..Attributes::default()
        };
        let mut lif = Lif::new(&attributes);
        let plain = lif.plain().unwrap();
        let mut v = 0.0;
        for step in 0..200 {
            let input = (step % 3 == 0).then_some(f64::from(step % 7) * 0.3 - 0.4);
            let outcome = lif.step(input, step == 0);
            let (next, fires) = plain.step(v, input.unwrap_or(0.0), step == 0);
            v = next;
            assert_eq!((v, fires), (lif.potential, outcome == Outcome::Fired), "step {step}");
        }
    }

    #[test]
    fn a_refractory_neuron_loses_what_arrives() {
        let attributes =
            Attributes { threshold: Some(1.0), refractory_delay: Some(3), ..Attributes::default() };
        let mut lif = Lif::new(&attributes);
        let outcomes: Vec<Outcome> = (0..5).map(|step| lif.step(Some(2.0), step == 0)).collect();
        use Outcome::{Fired, Updated};
        assert_eq!(outcomes, [Fired, Updated, Updated, Fired, Updated]);
    }

    #[test]
    fn neurons_of_one_input_unit_take_turns() {
        let mut input = Input { spikes: Arc::from([true, false, true]), every: 0, next: 0 };
        let outcomes: Vec<bool> = (1..=5).map(|step| input.step(step) == Outcome::Fired).collect();
        assert_eq!(outcomes, [true, false, true, false, false]);
    }
}
