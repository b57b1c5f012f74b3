//! Measures what a step of a group with liquid time constants costs in the engine, beside the cell alone.
//!
//! ```sh
//! cargo run --release -p rheobase-sim --example groups
//! ```

use std::error::Error;
use std::ops::ControlFlow;
use std::time::Instant;

use rheobase_ltc::cell::Ltc;
use rheobase_ltc::wiring::{AutoNcp, Full, WiringSpec};
use rheobase_net::generate::{
    InputsSpec, LtcSpec, ModelSpec, NetworkSpec, PopulationSpec, ProjectionSpec, Rule, generate,
};
use rheobase_net::{LiquidCell, LtcOutput, LtcPopulation, Model, ValidNetwork, validate};
use rheobase_sim::{Engine, Run, Scheduler, SimConfig};

const INPUTS: u32 = 8;
/// Steps, one a ms.
const STEPS: u32 = 20_000;

/// Eight sources of 50 Hz, the group, and ten neurons that hear it.
fn network(wiring: WiringSpec) -> Result<ValidNetwork, Box<dyn Error>> {
    let group = LtcSpec {
        wiring,
        inputs: InputsSpec::Number(INPUTS),
        config: Default::default(),
        interval: 1.0,
        time_scale: 1.0,
        tau_trace: 10.0.into(),
        v_init: 0.0.into(),
        output: LtcOutput::Current,
    };
    let mut group = PopulationSpec::new("group", 0, ModelSpec::Ltc(group));
    group.size = None;
    let sources = ModelSpec::Poisson { rate_hz: 50.0.into() };
    let spec = NetworkSpec {
        populations: vec![
            PopulationSpec::new("sources", INPUTS, sources),
            group,
            PopulationSpec::new("neurons", 10, ModelSpec::default()),
        ],
        projections: vec![
            ProjectionSpec::new("sources", "group", Rule::OneToOne).with(0.3, 1.0),
            ProjectionSpec::new("group", "neurons", Rule::AllToAll).with(100.0, 1.0),
        ],
        ..NetworkSpec::default()
    };
    Ok(validate(generate(&spec, 1)?)?)
}

/// The best of five runs of some work \[ns a step\].
fn best(mut work: impl FnMut() -> Result<(), Box<dyn Error>>) -> Result<f64, Box<dyn Error>> {
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let clock = Instant::now();
        work()?;
        best = best.min(clock.elapsed().as_secs_f64() / f64::from(STEPS) * 1e9);
    }
    Ok(best)
}

fn main() -> Result<(), Box<dyn Error>> {
    let auto = |units, n_outputs| WiringSpec::AutoNcp(AutoNcp { units, n_outputs, sparsity: 0.5, seed: 1 });
    let full = WiringSpec::Full(Full { units: 64, n_outputs: Some(4), ..Full::default() });
    println!("{:12} {:>10} {:>10} {:>10}", "[ns a step]", "cell", "grid", "event");
    for (name, wiring) in [("ncp 19", auto(19, 2)), ("ncp 64", auto(64, 4)), ("full 64", full)] {
        let network = network(wiring)?;
        let Model::Ltc(LtcPopulation { cell: LiquidCell::Ltc { wiring, config }, parameters, .. }) =
            &network.populations()[1].model
        else {
            return Err("the second population is a group".into());
        };
        let mut stream = Ltc::new(wiring.clone(), config.clone())?.stream(parameters)?;
        let cell = best(|| {
            for step in 0..STEPS {
                stream.step(&[f64::from(step % 7) * 0.2; INPUTS as usize], 1.0)?;
            }
            Ok(())
        })?;
        let [grid, event] = [Scheduler::Grid, Scheduler::Event].map(|scheduler| {
            let engine = Engine::new(&network, &SimConfig { scheduler, ..SimConfig::default() })?;
            let run = Run { duration: f64::from(STEPS), seed: 1, ..Run::default() };
            best(|| {
                engine.run(&run, &mut |_| ControlFlow::Continue(()))?;
                Ok(())
            })
        });
        println!("{name:12} {cell:10.0} {:10.0} {:10.0}", grid?, event?);
    }
    Ok(())
}
