//! Times of events and their derivatives, against `odeint_event` of torchdiffeq.
//!
//! y' = A y until y₀ reaches the threshold; the loss is the time plus the sum of all squared states there.

use anyhow::{Result, ensure};
use rheobase_ltc::field::Linear;
use rheobase_ltc::ode::{
    Control, Level, Outputs, Problem, Steps, explicit, pull_continuous, pull_event, solve_until,
};
use rheobase_net::file::Hdf5Reader;

use super::{Measured, error};

const VALUES: f64 = 1e-8;
const DERIVATIVES: f64 = 1e-7;

/// Solves every case of a file until its event, and goes back.
pub fn check(file: &Hdf5Reader) -> Result<Measured> {
    let cases = ["case0", "case1", "case2", "case3"];
    let (mut values, mut derivatives) = (0.0_f64, 0.0_f64);
    for case in cases {
        let read = |name: &str| file.read::<f64>(&format!("{case}/{name}"));
        let attributes = file.attributes(case)?;
        let (event_time, level) = (attributes.f64("event_time")?, attributes.f64("threshold")?);
        let field = Linear { n: 2, a: read("A")? };
        let initial = read("y0")?;
        let steps = Steps::Adaptive(Control::new(1e-12, 1e-13));
        let event = Level { unit: 0, level };
        let times = [0.0, 2.0 * event_time];
        let problem = Problem { initial: &initial, times: &times, jumps: &[], outputs: Outputs::Landed };
        let reached = solve_until(&field, &explicit::DOP853, &problem, &event, &steps)?;
        let (t, state) = (reached.t, &reached.state);
        values = values.max(error(&[t], &[event_time])?).max(error(state, &read("y_event")?)?);

        let by_state: Vec<f64> = state.iter().map(|y| 2.0 * y).collect();
        let at_fixed_time = pull_event(&field, &event, &reached, 1.0, &by_state);
        let problem = Problem { times: &[0.0, t], ..problem };
        let states = [&initial[..], state].concat();
        let by_states = [&[0.0; 2], &at_fixed_time[..]].concat();
        let (gradient, _) =
            pull_continuous(&field, &explicit::DOP853, &problem, &states, &by_states, &steps)?;
        let far =
            [error(&gradient.initial, &read("grad_y0")?)?, error(&gradient.parameters, &read("grad_A")?)?];
        derivatives = far.into_iter().fold(derivatives, f64::max);
    }
    ensure!(values <= VALUES, "times or states are {values:.1e} from the file's, allowed {VALUES:.0e}");
    ensure!(
        derivatives <= DERIVATIVES,
        "derivatives are {derivatives:.1e} from the file's, allowed {DERIVATIVES:.0e}"
    );
    Ok(Measured::Agrees(format!("{} cases, values {values:.1e}, derivatives {derivatives:.1e}", cases.len())))
}
