//! Thresholds that move with the spikes of their neurons.

use rheobase_lif::adapt::ThresholdStep;

use crate::job::{Job, PerNeuron};
use crate::plan::Part;

/// The thresholds of a part.
pub(super) struct Thresholds {
    step: PerNeuron<ThresholdStep>,
    /// The adaptive part \[mV\].
    a: Vec<f64>,
    /// The homeostatic part \[mV\].
    b: Vec<f64>,
}

impl Thresholds {
    /// The thresholds of a part, if they move.
    pub fn of(job: &Job<'_>, part: &Part) -> Option<Self> {
        job.reception(part).adapts.then(|| {
            let of_neuron =
                |lif: &rheobase_net::LifPopulation, i| ThresholdStep::new(&lif.adaptation(i), job.dt);
            let zeros = || vec![0.0; part.size as usize];
            Self { step: PerNeuron::of_part(job, part, of_neuron), a: zeros(), b: zeros() }
        })
    }

    /// Takes a step.
    pub fn step(&mut self) {
        let Self { step, a, b } = self;
        for (i, (a, b)) in a.iter_mut().zip(b).enumerate() {
            (*a, *b) = step.get(i).step((*a, *b));
        }
    }

    /// The parts of all thresholds.
    pub fn columns(&mut self) -> [&mut [f64]; 2] {
        let Self { step: _, a, b } = self;
        [a, b]
    }

    /// How far a threshold has moved \[mV\].
    pub fn shift(&self, i: usize) -> f64 {
        self.a[i] + self.b[i]
    }

    /// Neuron `i` has fired.
    pub fn spike(&mut self, i: usize) {
        (self.a[i], self.b[i]) = self.step.get(i).spike((self.a[i], self.b[i]), true);
    }
}
