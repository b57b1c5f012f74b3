//! How long the LTC equation takes: `cargo run --release -p rheobase-ltc --example ltc_ode`.
//!
//! Dense networks of 19 and 64 units with 8 sinusoid inputs, t from 0 to 10, 11 outputs, doubles, one thread. Prints
//! a line of JSON a case; `benches/peers/ltc_ode.py` runs diffrax on the same networks beside it. Parameters come
//! from a generator of three lines that both have.

use std::error::Error;
use std::time::Instant;

use rheobase_ltc::cell::ltc::{Ltc, LtcConfig, Map};
use rheobase_ltc::field::{LtcField, Sinusoids};
use rheobase_ltc::ode::explicit::{BOSH3, DOP853, DOPRI5, TSIT5};
use rheobase_ltc::ode::{Control, Outputs, Problem, RODAS5P, Solver, Steps, Work, solve};
use rheobase_ltc::wiring::{Synapse, fully_connected};

const RUNS: usize = 31;
const N_INPUTS: usize = 8;

type Method = dyn Solver<f64, LtcField<f64>>;

/// Numbers in [0, 1): a linear congruential generator.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        low + (high - low) * ((self.0 >> 11) as f64 / (1_u64 << 53) as f64)
    }

    fn list(&mut self, n: usize, low: f64, high: f64) -> Vec<f64> {
        (0..n).map(|_| self.next(low, high)).collect()
    }

    fn signs(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| if self.next(0.0, 1.0) < 0.5 { -1.0 } else { 1.0 }).collect()
    }
}

fn network(units: usize) -> Result<(LtcField<f64>, Vec<f64>), Box<dyn Error>> {
    let mut numbers = Numbers(units as u64);
    let wiring = fully_connected(N_INPUTS as u32, units as u32, units as u32, true, 0)?;
    // Matrices are drawn [source, target]; the cell wants synapses by target and source.
    let by_target = |matrix: Vec<f64>, synapses: &[Synapse]| -> Vec<f64> {
        synapses.iter().map(|s| matrix[s.source as usize * units + s.target as usize]).collect()
    };
    let mut parameters = numbers.list(units, 0.001, 1.0);
    parameters.extend(numbers.list(units, -0.2, 0.2));
    parameters.extend(numbers.list(units, 0.4, 0.6));
    for synapses in [wiring.synapses(), wiring.sensory()] {
        let n = synapses.len();
        for (low, high) in [(0.001, 1.0), (3.0, 8.0), (0.3, 0.8)] {
            parameters.extend(by_target(numbers.list(n, low, high), synapses));
        }
        parameters.extend(by_target(numbers.signs(n), synapses));
    }
    let amplitude = numbers.list(N_INPUTS, 0.5, 1.5);
    let frequency = numbers.list(N_INPUTS, 0.5, 3.0);
    let phase = numbers.list(N_INPUTS, 0.0, 6.0);
    let initial = numbers.list(units, -0.5, 0.5);
    let config =
        LtcConfig { input_map: Map::None, output_map: Map::None, epsilon: 0.0, ..LtcConfig::default() };
    let input = Box::new(Sinusoids { amplitude, frequency, phase });
    Ok((LtcField::new(&Ltc::new(wiring, config)?, &parameters, input)?, initial))
}

fn main() -> Result<(), Box<dyn Error>> {
    let times: Vec<f64> = (0..11).map(f64::from).collect();
    for units in [19, 64] {
        let (field, initial) = network(units)?;
        let problem =
            Problem { initial: &initial, times: &times, jumps: &[], outputs: Outputs::Interpolated };
        let run = |solver: &dyn Solver<f64, LtcField<f64>>, rtol: f64, atol: f64| {
            solve(&field, solver, &problem, &Steps::Adaptive(Control::new(rtol, atol)))
        };
        let best = run(&DOP853, 1e-13, 1e-14)?.states;
        let all: [(&str, &Method, f64, f64); 7] = [
            ("bosh3", &BOSH3, 1e-3, 1e-5),
            ("dopri5", &DOPRI5, 1e-3, 1e-5),
            ("dopri5", &DOPRI5, 1e-6, 1e-8),
            ("tsit5", &TSIT5, 1e-6, 1e-8),
            ("dop853", &DOP853, 1e-6, 1e-8),
            ("rodas5p", &RODAS5P, 1e-3, 1e-5),
            ("rodas5p", &RODAS5P, 1e-6, 1e-8),
        ];
        for (name, solver, rtol, atol) in all {
            let mut milliseconds = Vec::new();
            let mut solution = run(solver, rtol, atol)?;
            for _ in 0..RUNS {
                let begin = Instant::now();
                solution = run(solver, rtol, atol)?;
                milliseconds.push(begin.elapsed().as_secs_f64() * 1e3);
            }
            milliseconds.sort_by(f64::total_cmp);
            let error =
                solution.states.iter().zip(&best).fold(0.0_f64, |most, (x, y)| most.max((x - y).abs()));
            let Work { steps, rejected, rates, .. } = solution.work;
            println!(
                "{{\"tool\": \"rheobase\", \"units\": {units}, \"method\": \"{name}\", \"rtol\": {rtol:e}, \"ms\": {:.4}, \
                 \"least_ms\": {:.4}, \"steps\": {}, \"rates\": {rates}, \"error\": {error:.1e}}}",
                milliseconds[RUNS / 2],
                milliseconds[0],
                steps + rejected,
            );
        }
    }
    Ok(())
}
