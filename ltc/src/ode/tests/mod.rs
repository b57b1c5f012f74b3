//! Tests of solvers: what they converge to, how fast, what they keep, what they refuse.

mod bounds;
mod faults;
mod gradients;
mod inside;
mod orders;
mod past;
mod stiff;

use rand::SeedableRng;
use rand::rngs::SmallRng;

use super::*;
use crate::cell::ltc::LtcConfig;
use crate::cell::{Cell, Ltc};
use crate::field::{Field, Input, LtcField, Relaxation, Relaxing, Sinusoids, Smooth};
use crate::wiring::{Wiring, fully_connected};

/// `y' = Y'(t) + (1 + y²)(Y(t) − y)` with Y = exp(sin t): whoever begins at Y stays there.
struct Follows;

fn target(t: f64) -> f64 {
    t.sin().exp()
}

impl Field<f64> for Follows {
    fn n_state(&self) -> usize {
        1
    }

    fn rate(&self, t: f64, y: &[f64], rate: &mut [f64]) {
        rate[0] = t.cos() * target(t) + (1.0 + y[0] * y[0]) * (target(t) - y[0]);
    }
}

impl Smooth<f64> for Follows {
    fn n_parameters(&self) -> usize {
        0
    }

    fn pull(&self, t: f64, y: &[f64], g: &[f64], by_state: &mut [f64], _: &mut [f64]) -> f64 {
        by_state[0] += g[0] * (2.0 * y[0] * (target(t) - y[0]) - (1.0 + y[0] * y[0]));
        let slope = t.cos() * target(t);
        g[0] * ((t.cos() * t.cos() - t.sin()) * target(t) + (1.0 + y[0] * y[0]) * slope)
    }
}

impl Relaxing<f64> for Follows {
    fn relaxation(&self, t: f64, y: &[f64], relaxation: &mut Relaxation<f64>) {
        let pull = 1.0 + y[0] * y[0];
        relaxation.capacity[0] = 1.0;
        relaxation.drive[0] = t.cos() * target(t) + pull * target(t);
        relaxation.conductance[0] = pull;
    }
}

fn waves(n: usize) -> Sinusoids {
    let of = |f: &dyn Fn(f64) -> f64| (0..n).map(|k| f(k as f64)).collect();
    Sinusoids {
        amplitude: of(&|k| 0.5 + 0.1 * k),
        frequency: of(&|k| 1.0 + 0.37 * k),
        phase: of(&|k| 0.2 * k),
    }
}

/// A network, its parameters and a state to begin from.
fn network(wiring: Wiring, seed: u64) -> (Ltc, Vec<f64>, Vec<f64>) {
    use rand::RngExt;
    let cell = Ltc::new(wiring, LtcConfig::default()).unwrap();
    let mut rng = SmallRng::seed_from_u64(seed);
    let parameters = cell.start(&mut rng);
    let initial = (0..cell.wiring().units()).map(|_| rng.random_range(-1.0..1.0)).collect();
    (cell, parameters, initial)
}

fn dense(units: u32, n_inputs: u32, seed: u64) -> (Ltc, Vec<f64>, Vec<f64>) {
    network(fully_connected(n_inputs, units, units, true, seed).unwrap(), seed)
}

fn field_of(cell: &Ltc, parameters: &[f64], input: impl Input<f64> + 'static) -> LtcField<f64> {
    LtcField::new(cell, parameters, Box::new(input)).unwrap()
}

fn landing<'p>(initial: &'p [f64], times: &'p [f64]) -> Problem<'p, f64> {
    Problem { initial, times, jumps: &[], outputs: Outputs::Landed }
}

fn far(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}
