//! Weights of plastic synapses against NEST 3.10, which `stdp_nest.py` ran: after every presynaptic spike, in
//! both schedulers, whether the presynaptic spikes are a source's or a neuron's.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use rheobase_net::{LifPopulation, Model, Plasticity, Recording, StdpPair, StdpTriplet, SynapseKind};
use rheobase_sim::{Record, Scheduler, SimConfig};
use serde::Deserialize;
use support::*;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    kind: String,
    dt: f64,
    /// In steps.
    delay: u32,
    /// The weight at the start.
    w: f64,
    rule: serde_json::Value,
    /// When the neurons fire, in steps.
    pre: Vec<u32>,
    post: Vec<u32>,
    /// What every presynaptic spike delivers.
    weights: Vec<f64>,
}

fn cases() -> Vec<Case> {
    serde_json::from_str::<Golden>(include_str!("data/stdp_nest.json")).unwrap().cases
}

impl Case {
    fn rule(&self) -> Plasticity {
        match self.kind.as_str() {
            "pair" => Plasticity::StdpPair(serde_json::from_value::<StdpPair>(self.rule.clone()).unwrap()),
            "triplet" => {
                Plasticity::StdpTriplet(serde_json::from_value::<StdpTriplet>(self.rule.clone()).unwrap())
            }
            kind => panic!("{kind} is no rule"),
        }
    }

    /// Runs to a quarter of a step after `step`, so that no rounding of a time takes a spike out of the run.
    fn run(&self, scheduler: Scheduler, pre_is_neuron: bool, step: u32) -> Recording {
        /// Fires at once when it is driven, and else only adds up what arrives.
        const THRESHOLD: f64 = 1e6;
        let relay = LifPopulation {
            v_th: THRESHOLD.into(),
            tau_m: 1e15.into(),
            t_ref: 0.0.into(),
            ..neuron(SynapseKind::Delta)
        };
        let at = |steps: &[u32], ahead: u32| {
            let spikes = steps.iter().map(|step| (f64::from(step - ahead) * self.dt, 0));
            train(1, &spikes.collect::<Vec<_>>())
        };
        let drive =
            |name, source, target| projection(name, (source, 1), target, &[(0, 0, 2.0 * THRESHOLD, self.dt)]);
        let mut populations = vec![
            population("post", 1, Model::Lif(relay.clone())),
            population("drive of post", 1, at(&self.post, 1)),
        ];
        let mut projections = vec![drive("drive post", 1, 0)];
        if pre_is_neuron {
            populations.push(population("pre", 1, Model::Lif(relay)));
            populations.push(population("drive of pre", 1, at(&self.pre, 1)));
            projections.push(drive("drive pre", 3, 2));
        } else {
            populations.push(population("pre", 1, at(&self.pre, 0)));
        }
        let delay = f64::from(self.delay) * self.dt;
        let mut plastic = projection("plastic", (2, 1), 0, &[(0, 0, self.w, delay)]);
        plastic.plasticity = Some(self.rule());
        projections.push(plastic);
        let record = Record { final_v: true, final_weights: true, ..Record::default() };
        let config = SimConfig { record, ..config(scheduler, self.dt) };
        run(&network(populations, projections), &config, (f64::from(step) + 0.25) * self.dt, 0)
    }
}

fn weight(recording: &Recording) -> f64 {
    let weights = recording.weights.as_ref().unwrap();
    assert_eq!((weights.len(), weights[0].projection.as_str()), (1, "plastic"));
    weights[0].weights[0]
}

#[test]
fn weights_after_every_presynaptic_spike_are_nests() {
    for case in cases() {
        for scheduler in [Scheduler::Grid, Scheduler::Event] {
            for pre_is_neuron in [false, true] {
                // A neuron fires once in a step.
                if pre_is_neuron && case.pre.windows(2).any(|steps| steps[0] == steps[1]) {
                    continue;
                }
                for (k, step) in case.pre.iter().enumerate() {
                    // Of spikes in one step the last one is seen.
                    if case.pre.get(k + 1) == Some(step) {
                        continue;
                    }
                    let found = weight(&case.run(scheduler, pre_is_neuron, *step));
                    let expected = case.weights[k];
                    assert!(
                        (found - expected).abs() <= 1e-12 * expected.abs(),
                        "{}, {scheduler:?}, spike {k}: {found} and not {expected}",
                        case.name
                    );
                }
            }
        }
    }
}

/// After every arrival, the potential is the sum of what has arrived since the last spike of the neuron.
#[test]
fn the_weights_that_are_delivered_are_nests() {
    for case in cases() {
        // In steps of 0.125 ms nothing is rounded, so what arrives with a spike arrives with it in real-valued
        // time as well.
        let schedulers = if case.dt == 0.125 { 2 } else { 1 };
        for scheduler in [Scheduler::Grid, Scheduler::Event].into_iter().take(schedulers) {
            for end in case.pre.iter().map(|step| step + case.delay) {
                let reset = case.post.iter().copied().filter(|step| *step <= end).max().unwrap_or(0);
                let arrivals = case.pre.iter().map(|step| step + case.delay).zip(&case.weights);
                let since: f64 =
                    arrivals.filter(|(t, _)| (reset + 1..=end).contains(t)).map(|(_, weight)| weight).sum();
                let v = case.run(scheduler, false, end).final_v.unwrap()[0];
                assert!((v - since).abs() < 1e-12, "{}, {scheduler:?}, {end}: {v}, not {since}", case.name);
            }
        }
    }
}
