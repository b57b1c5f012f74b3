//! Every vector kernel gives the bits of its scalar twin, on random input.

use proptest::prelude::*;
use pulp::Arch;
use rheobase_lif::alpha::AlphaStep;
use rheobase_lif::cond::CondStep;
use rheobase_lif::delta::DeltaStep;
use rheobase_lif::exp::ExpStep;
use rheobase_lif::izhikevich::{Izhikevich, IzhikevichMethod, IzhikevichStep};
use rheobase_lif::{Membrane, SynapticCurrent};
use rheobase_net::PopulationId;

use super::background::AddCounts;
use super::find::{OneMode, ThreeModes, find};
use super::lanes::{BLOCK, Lanes};
use super::plain::Plain;
use crate::job::PerNeuron;
use crate::memory::Spread;
use crate::plan::Part;

const DT: f64 = 0.1;

/// Every instruction set that this machine has, the scalar one first.
pub(crate) fn sets() -> Vec<Arch> {
    let mut sets = vec![Arch::Scalar];
    #[cfg(target_arch = "x86_64")]
    sets.extend(pulp::x86::V3::try_new().map(Arch::V3));
    sets.push(Arch::new());
    sets
}

/// Neurons with everything that a step reads and writes.
#[derive(Debug, Clone)]
struct Neurons {
    u: Vec<f64>,
    ex: Vec<f64>,
    inh: Vec<f64>,
    extra: Vec<f64>,
    membranes: Vec<Membrane>,
    shared: bool,
}

fn neurons() -> impl Strategy<Value = Neurons> {
    let membrane = (5.0..40.0, 100.0..300.0, -200.0..600.0).prop_map(|(tau_m, c_m, i_bias)| Membrane {
        tau_m,
        c_m,
        i_bias,
        ..Membrane::default()
    });
    let neuron = (-30.0..30.0, 0.0..900.0, -900.0..0.0, -20.0..20.0, membrane);
    (prop::collection::vec(neuron, 1..300), prop::bool::ANY).prop_map(|(neurons, shared)| {
        let list =
            |f: fn(&(f64, f64, f64, f64, Membrane)) -> f64| neurons.iter().map(f).collect::<Vec<f64>>();
        Neurons {
            u: list(|n| n.0),
            ex: list(|n| n.1),
            inh: list(|n| n.2),
            extra: list(|n| n.3),
            membranes: neurons.iter().map(|n| n.4).collect(),
            shared,
        }
    })
}

impl Neurons {
    fn each<T: Copy + PartialEq>(&self, f: impl Fn(&Membrane) -> T) -> PerNeuron<T> {
        match self.shared {
            true => PerNeuron::Shared(f(&self.membranes[0])),
            false => PerNeuron::Each(self.membranes.iter().map(f).collect()),
        }
    }

    /// The bits of everything after three steps, of so many neurons at a time.
    fn after(&self, arch: Arch, stretch: usize, mut plain: Plain) -> (Vec<u64>, Vec<bool>) {
        let size = self.u.len() as u32;
        let population = PopulationId(0);
        let part = Part { population, first: 0, size, first_node: 0, first_lane: 0, class: 0 };
        let mut lanes = Lanes {
            u: Spread::of(&self.u),
            ports: [Spread::of(&self.ex), Spread::of(&self.inh)],
            touched: vec![false; self.u.len().div_ceil(BLOCK)],
        };
        let mut over = vec![false; self.u.len().div_ceil(BLOCK)];
        let drive = self.each(|membrane| 1e-3 * membrane.i_bias);
        for _ in 0..3 {
            for start in (0..self.u.len()).step_by(stretch) {
                let neurons = start..start.saturating_add(stretch).min(self.u.len());
                plain.propagate(arch, &part, neurons, &drive, &mut lanes, &mut over);
            }
        }
        let own: Vec<f64> = match plain {
            Plain::Alpha { i_ex, i_in, .. } => i_ex.into_iter().chain(i_in).collect(),
            Plain::Izhikevich { recovery, .. } => recovery,
            Plain::Delta(_) | Plain::ExpSum(_) | Plain::Exp(_) | Plain::Cond(_) => Vec::new(),
        };
        let [ex, inh] = lanes.ports;
        (lanes.u.iter().chain(&*ex).chain(&*inh).chain(&own).map(|x| x.to_bits()).collect(), over)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn propagators(neurons in neurons()) {
        let current = SynapticCurrent::Cond { tau_syn_ex: 5.0, tau_syn_in: 10.0, e_ex: 0.0, e_in: -80.0 };
        let izhikevich = || neurons.each(|m| {
            IzhikevichStep::new(&Izhikevich { a: 0.2 / m.tau_m, ..Izhikevich::default() }, DT)
        });
        let makers: [&dyn Fn() -> Plain; 7] = [
            &|| Plain::Delta(neurons.each(|m| DeltaStep::new(m, DT))),
            &|| Plain::ExpSum(neurons.each(|m| ExpStep::new(m, 0.5, 0.5, DT))),
            &|| Plain::Exp(neurons.each(|m| ExpStep::new(m, 2.0, 6.0, DT))),
            &|| Plain::Cond(neurons.each(|m| CondStep::new(m, &current, DT))),
            &|| Plain::Alpha {
                step: neurons.each(|m| AlphaStep::new(m, 2.0, 6.0, DT)),
                i_ex: neurons.extra.clone(),
                i_in: neurons.extra.clone(),
            },
            &|| Plain::Izhikevich {
                step: izhikevich(),
                method: IzhikevichMethod::Euler,
                recovery: neurons.extra.clone(),
            },
            &|| Plain::Izhikevich {
                step: izhikevich(),
                method: IzhikevichMethod::RungeKutta4,
                recovery: neurons.extra.clone(),
            },
        ];
        for (k, make) in makers.iter().enumerate() {
            let twin = neurons.after(Arch::Scalar, usize::MAX, make());
            for arch in sets() {
                prop_assert_eq!(&neurons.after(arch, BLOCK, make()), &twin, "kernel {}, {:?}", k, arch);
            }
        }
    }

    /// The neurons that are found are those that one comparison after the other finds.
    #[test]
    fn searches(neurons in neurons(), gap in -10.0..40.0_f64, r in 0.5..1.0_f64) {
        let Neurons { u, ex, inh, .. } = &neurons;
        let (now, next) = ([r, 0.01, 0.02], [0.9 * r, 0.009, 0.018]);
        let sum = |c: [f64; 3], i: usize| c[0] * u[i] + c[1] * ex[i] + c[2] * inh[i];
        let places = |is_found: &dyn Fn(usize) -> bool| -> Vec<u32> {
            (0..u.len()).filter(|i| is_found(*i)).map(|i| i as u32).collect()
        };
        let one = places(&|i| r * u[i] >= gap);
        let three = places(&|i| sum(now, i) >= gap || sum(next, i) >= gap);
        for arch in sets() {
            let mut found = Vec::new();
            find(arch, u.len(), |_| false, &mut found, |block| OneMode { y: &u[block], r, gap });
            prop_assert_eq!(&found, &one);
            found.clear();
            find(arch, u.len(), |_| false, &mut found, |block| ThreeModes {
                y: &u[block.clone()],
                ex: &ex[block.clone()],
                inh: &inh[block],
                now,
                next,
                gap,
            });
            prop_assert_eq!(&found, &three);
        }
    }

    #[test]
    fn counts_are_added(values in prop::collection::vec(-1e3..1e3_f64, 1..300), weight in -90.0..90.0_f64) {
        let counts: Vec<u16> = (0..values.len()).map(|i| (i * 7 % 23) as u16).collect();
        let expected: Vec<f64> =
            values.iter().zip(&counts).map(|(value, count)| value + weight * f64::from(*count)).collect();
        for arch in sets() {
            let mut values = values.clone();
            let spikes = arch.dispatch(AddCounts { values: &mut values, counts: &counts, weight });
            prop_assert_eq!(spikes, counts.iter().map(|count| u64::from(*count)).sum::<u64>());
            prop_assert_eq!(&values, &expected);
        }
    }
}
